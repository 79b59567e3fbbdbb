"""Distribution functions of scipy.special, without the rest of that package.

Loading all of scipy.special takes as long as scoring the bundled data: it loads every module of numpy to
support other arrays. The compiled functions alone take a tenth of that.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import scipy

__all__ = ["chdtri", "gammaincinv", "gammaln", "ndtr", "ndtri", "stdtr", "stdtrit"]

PACKAGE = "scipy.special"
COMPILED = "scipy.special._ufuncs"


def compiled_functions() -> ModuleType:
    """Return the module of scipy's compiled functions; all of scipy.special where it is laid out otherwise."""
    if PACKAGE in sys.modules:
        return importlib.import_module(PACKAGE)
    # What stands for the package while the module inside it is loaded. Another thread that gets hold of it
    # finds the whole package behind it.
    stand_in = ModuleType(PACKAGE)
    stand_in.__path__ = [str(Path(scipy.__file__).parent / "special")]
    stand_in.__dict__["__getattr__"] = _in_package
    sys.modules[PACKAGE] = stand_in
    try:
        return importlib.import_module(COMPILED)
    except ImportError:
        return importlib.import_module(_without(stand_in))
    finally:
        _without(stand_in)


def _without(stand_in: ModuleType) -> str:
    """Remove what stands for the package; return the package's name."""
    if sys.modules.get(PACKAGE) is stand_in:
        del sys.modules[PACKAGE]
    return PACKAGE


def _in_package(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    if not hasattr(sys.modules.get(PACKAGE), "__file__"):
        sys.modules.pop(PACKAGE, None)
    return getattr(importlib.import_module(PACKAGE), name)


if TYPE_CHECKING:
    from scipy.special import chdtri, gammaincinv, gammaln, ndtr, ndtri, stdtr, stdtrit
else:
    _functions = compiled_functions()
    chdtri = _functions.chdtri
    gammaincinv, gammaln = _functions.gammaincinv, _functions.gammaln
    ndtr, ndtri = _functions.ndtr, _functions.ndtri
    stdtr, stdtrit = _functions.stdtr, _functions.stdtrit
