"""The methods of a family by name; modules of this package are imported when one of their names is asked for."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from importlib import import_module
from typing import Generic, TypeVar, overload

__all__ = ["Registry"]

T = TypeVar("T")
D = TypeVar("D")

# A session uses few of the methods: importing all of them takes longer than scoring the bundled data.
MODULES = {
    "aggregation": {
        "means": ("arithmetic", "geometric", "harmonic", "power"),
        "mirrored": ("mirrored", "product"),
        "noncompensatory": ("minimum", "maximum", "median", "owa", "mean_min"),
        "mazziotta": ("mazziotta_pareto", "adjusted_mazziotta_pareto"),
    },
    "treatment": {
        "treatment": ("none",),
        "transforms": ("log", "log_gii", "log1p", "signed_log"),
        "winsorising": ("winsorise",),
        "gate": ("gate",),
        "power_transforms": ("box_cox", "yeo_johnson"),
    },
    "missing": {
        "imputation": ("share_weight",),
        "central": ("constant", "hot_deck", "mean", "median"),
        "neighbours": ("siblings", "knn"),
        "regression": ("regression",),
        "matching": ("matching",),
        "panel": ("last", "linear"),
    },
    "weighting": {
        "weighting": ("given", "equal", "data_quality"),
        "correlation_weights": (
            "pca", "factor", "correlation_balanced", "information_maximising",
        ),
        "dea": ("benefit_of_the_doubt",),
        "dispersion": ("entropy", "standard_deviation", "critic", "merec"),
        "expert": ("budget_allocation", "ahp"),
    },
    "normalisation": {
        "normalisation": ("minmax", "goalposts"),
        "curves": ("piecewise", "logistic"),
        "distances": (
            "distance_to_maximum", "distance_to_target", "distance_to_reference",
            "fraction_of_maximum",
        ),
        "ranks": ("rank", "percentile_rank", "borda"),
        "standardisation": ("zscore", "robust", "scaled"),
    },
    "derived": {
        "derived": (
            "product", "ratio", "per_head", "share", "weighted_sum", "sum", "difference", "minimum", "maximum",
        ),
        "derived_single": (
            "power", "reciprocal", "root", "logarithm", "change", "threshold", "first_available",
        ),
    },
}  # fmt: skip
"""Of every family the modules that hold its methods, and their names."""


class Registry(dict[str, T], Generic[T]):
    """Methods by name, those of this package first; a name or a listing imports the modules it needs."""

    def __init__(self, family: str) -> None:
        super().__init__()
        self._module = {
            name: module for module, names in MODULES.get(family, {}).items() for name in names
        }

    def _import(self, name: object) -> None:
        """Import the module that holds a method which is not registered yet."""
        if isinstance(name, str) and not super().__contains__(name) and name in self._module:
            import_module(f".{self._module[name]}", __package__)

    def _import_all(self) -> None:
        for name in self._module:
            self._import(name)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self._module

    def __getitem__(self, name: str) -> T:
        self._import(name)
        return super().__getitem__(name)

    @overload
    def get(self, name: str, default: None = None, /) -> T | None: ...
    @overload
    def get(self, name: str, default: T, /) -> T: ...
    @overload
    def get(self, name: str, default: D, /) -> T | D: ...
    def get(self, name: str, default: object = None, /) -> object:
        """Return the method of a name, or `default`."""
        self._import(name)
        return super().get(name, default)

    def __iter__(self) -> Iterator[str]:
        self._import_all()
        own = [name for name in self._module if super(Registry, self).__contains__(name)]
        further = [name for name in super().__iter__() if name not in self._module]
        return iter([*own, *further])

    def __len__(self) -> int:
        self._import_all()
        return super().__len__()

    def keys(self) -> KeysView[str]:  # type: ignore[override]
        """Return all names."""
        return KeysView(self)

    def values(self) -> ValuesView[T]:  # type: ignore[override]
        """Return all methods."""
        return ValuesView(self)

    def items(self) -> ItemsView[str, T]:  # type: ignore[override]
        """Return all names and methods."""
        return ItemsView(self)
