"""The methods of the handbook, family by family; numpy and scipy only."""

import lazy_loader

# Public names and their modules are listed in `__init__.pyi`; a module is imported when one of its names is used.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
