"""Country risk scores: transparent, decomposable, with their uncertainty.

Higher is more risk, scores are on 0-100, rank 1 is most risk.

Examples
--------
>>> import dsr_risk as dr
>>> scores = dr.score()                       # the bundled framework on the bundled data
>>> explanation = dr.explain(scores, "Pakistan")
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the `as` says to type checkers that the name is public
    from . import readers as readers, records as records
    from ._api import fit as fit, score as score
    from ._assemble import as_data as as_data
    from .audit import Audit as Audit, audit as audit
    from .bounds import best_case as best_case
    from .compare import Comparison as Comparison, compare as compare
    from .configs import (
        bundled_frameworks as bundled_frameworks,
        load_framework as load_framework,
        save_framework as save_framework,
    )
    from .data import Data as Data
    from .data_files import read_data as read_data
    from .datasets import load_data as load_data
    from .errors import (
        DataError as DataError,
        DsrRiskError as DsrRiskError,
        FrameworkError as FrameworkError,
        MissingExtraError as MissingExtraError,
        NotScorableError as NotScorableError,
        UnknownNameError as UnknownNameError,
    )
    from .explain import Explanation as Explanation, explain as explain
    from .framework import Framework as Framework, Group as Group, Indicator as Indicator
    from .information import (
        ValueOfInformation as ValueOfInformation,
        value_of_information as value_of_information,
    )
    from .manifest import manifest as manifest
    from .model import Model as Model
    from .outranking import Outranking as Outranking, outranking as outranking
    from .panel import Replay as Replay, as_of as as_of, replay as replay, trends as trends
    from .scores import Scores as Scores
    from .screening import denomination_hints as denomination_hints, screen as screen
    from .sensitivity import (
        Sensitivity as Sensitivity,
        given_data as given_data,
        leave_one_out as leave_one_out,
        sensitivity as sensitivity,
        tornado as tornado,
        weight_swings as weight_swings,
    )
    from .tables import write_table as write_table
    from .uncertainty import Uncertainty as Uncertainty, uncertainty as uncertainty

__version__ = "0.1.0"

# Every public name and the module it lives in; loaded when first asked for, so that importing the
# package, and `dsr-risk --help`, cost next to nothing (Scientific Python SPEC 1, lazy loading).
_HOMES = {
    "_api": ("fit", "score"),
    "_assemble": ("as_data",),
    "audit": ("Audit", "audit"),
    "bounds": ("best_case",),
    "compare": ("Comparison", "compare"),
    "configs": ("bundled_frameworks", "load_framework", "save_framework"),
    "data": ("Data",),
    "data_files": ("read_data",),
    "datasets": ("load_data",),
    "errors": (
        "DataError",
        "DsrRiskError",
        "FrameworkError",
        "MissingExtraError",
        "NotScorableError",
        "UnknownNameError",
    ),
    "explain": ("Explanation", "explain"),
    "framework": ("Framework", "Group", "Indicator"),
    "information": ("ValueOfInformation", "value_of_information"),
    "manifest": ("manifest",),
    "model": ("Model",),
    "outranking": ("Outranking", "outranking"),
    "panel": ("Replay", "as_of", "replay", "trends"),
    "scores": ("Scores",),
    "screening": ("denomination_hints", "screen"),
    "sensitivity": (
        "Sensitivity",
        "given_data",
        "leave_one_out",
        "sensitivity",
        "tornado",
        "weight_swings",
    ),
    "tables": ("write_table",),
    "uncertainty": ("Uncertainty", "uncertainty"),
}
_MODULES = ("readers", "records")
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [  # noqa: PLE0604 - the names are the literals above
    "__version__",
    *_HOME,
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f".{name}", __name__)
    if name not in _HOME:
        raise AttributeError(f"module 'dsr_risk' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})


class _Package(ModuleType):
    """Keeps `dsr_risk.explain` the function where the import system would bind the submodule."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
