"""Data: values and evidence of units, and how they are read."""

import lazy_loader

# Public names and their modules are listed in `__init__.pyi`. The readers of tables are imported when they are
# used: that takes longer than to load the bundled data.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
