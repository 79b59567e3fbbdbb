"""Imputation of missing cells: the contract, and what it may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from .._util.types import Array, Labels
from ._base import Method
from .treatment import Learned

__all__ = ["Context", "Imputer", "NoImputation"]


@dataclass(frozen=True, eq=False)
class Context:
    """What an imputer may know about the n rows and k columns beside their values.

    Attributes
    ----------
    countries
        (n,) ISO3 code of each row.
    years
        (n,) year of each row, or None where the data have one year only.
    groups
        Labels of the rows by name of the grouping (``region``, ``income``), each (n,); None or an empty
        string where a row has no label.
    siblings
        For each column the indices of the columns with the same parent (itself included or not).
    signs
        (k,) +1 where a higher value is riskier, -1 where it is safer.
    """

    countries: Labels
    years: NDArray[np.intp] | None = None
    groups: Mapping[str, Labels] = field(default_factory=dict)
    siblings: tuple[NDArray[np.intp], ...] = ()
    signs: Array = field(default_factory=lambda: np.empty(0))


class Imputer(Method):
    """Fills missing cells of raw columns; what it filled is flagged all the way to the tables.

    ``fit(x, context)`` takes all reference columns (n, k), NaN for missing, and returns named float64
    arrays whose last axis is the column (NaN where nothing could be learned); ``apply(x, context,
    learned)`` returns a copy of x with NaN filled where the method can and every other cell as it was.
    The engine takes from it the columns that ask for this imputer. ``draws(x, context, learned, rng, m)``
    gives m filled copies (m, n, k) whose spread is the uncertainty of the imputation, where
    ``stochastic`` is True; otherwise m times the same.

    Group labels are part of a learned name: ``region=Africa``.
    """

    family: ClassVar[str] = "imputation"
    stochastic: ClassVar[bool] = False
    """Whether `draws` differ, that is whether the uncertainty of imputation is represented."""
    reads_years: ClassVar[bool] = False
    """Whether a cell is filled from other years of the data at hand, so that a year alone says less."""

    def fit(self, x: Array, context: Context) -> Learned:
        """What is learned from the reference columns."""
        return {}

    def apply(self, x: Array, context: Context, learned: Learned) -> Array:
        """The columns with missing cells filled where the method can."""
        raise TypeError(f"{type(self).__name__} gives no `apply`")

    def draws(
        self, x: Array, context: Context, learned: Learned, rng: np.random.Generator, m: int
    ) -> Array:
        """Filled copies, (m, n, k)."""
        return np.repeat(self.apply(x, context, learned)[None], m, axis=0)


class NoImputation(Imputer):
    """Missing stays missing: the weight is shared among the observed siblings.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3.
    """

    name: ClassVar[str] = "none"

    def apply(self, x: Array, context: Context, learned: Learned) -> Array:
        """A copy of the columns as they are."""
        return x.copy()
