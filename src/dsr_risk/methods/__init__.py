"""The methods of the handbook, family by family; numpy and scipy only."""

import lazy_loader

from .._util.renamed import old_names

RENAMED = {"MultipleImputation": "MatchingImputation", "NoImputation": "ShareWeight"}

# Public names and their modules are listed in `__init__.pyi`; a module is imported when one of its names is used.
_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__getattr__ = old_names(__name__, RENAMED, _load)
