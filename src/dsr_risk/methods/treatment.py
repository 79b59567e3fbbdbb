"""Treatment of outliers and skewed distributions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from .._util.types import Array, Mask
from ._base import Method

__all__ = ["Learned", "NoTreatment", "Treatment"]

Learned = Mapping[str, Array]
"""What a method learned from the reference set: named float64 arrays whose last axis is the column.

An entry may be NaN: nothing learned for that column, no bound on that side, or the padding of a column
with fewer entries than its neighbours.
"""


class Treatment(Method):
    """Changes raw columns before they are normalised; learned once, re-applied to new data.

    ``fit(x)`` takes the reference columns (units, k), NaN for missing, and returns named arrays;
    ``apply(x, learned)`` treats any columns with them, increasing in every value. ``details(x, learned)``
    says for each reference column what was done, for a table.

    Examples
    --------
    >>> method = Treatment.parse("log1p")
    >>> x = np.array([[0.0], [np.e - 1]])
    >>> learned = method.fit(x)
    >>> method.apply(x, learned).round(6).ravel().tolist(), method.details(x, learned)
    ([0.0, 1.0], [{'stage': 'log1p', 'points': [1]}])
    """

    family: ClassVar[str] = "treatment"
    changes: ClassVar[bool] = True
    """True if any value is ever changed."""

    def fit(self, x: Array) -> Learned:
        """Return what is learned from the reference columns.

        Parameters
        ----------
        x
            (units, k) reference columns, NaN for missing.

        Returns
        -------
        mapping of str to ndarray
            Named float64 arrays whose last axis is the column; NaN where nothing was learned.

        Raises
        ------
        DataError
            If a column has a value that the method cannot treat, such as one below 0 under ``log1p``.
        """
        return {}

    def apply(self, x: Array, learned: Learned) -> Array:
        """Return the treated columns.

        Parameters
        ----------
        x
            (units, k) columns in the order of those that `fit` saw, NaN for missing.
        learned
            What `fit` returned.

        Returns
        -------
        array
            (units, k) treated values, NaN for missing.
        """
        raise TypeError(f"{type(self).__name__} gives no `apply`")

    def ends(self, learned: Learned) -> tuple[Array | float, Array | float]:
        """Return the lowest and highest value (k,) that `apply` tells apart from those beyond it.

        Parameters
        ----------
        learned
            What `fit` returned.

        Returns
        -------
        tuple of array or float
            Two ends in raw units, infinite where new values are never cut.
        """
        return -np.inf, np.inf

    def unfinished(self, x: Array, learned: Learned) -> Mask:
        """Tell which reference columns (k,) still fail the method's own rule after treatment.

        Parameters
        ----------
        x
            (units, k) reference columns.
        learned
            What `fit` returned.

        Returns
        -------
        array of bool
            (k,) all False for a method without such a rule.
        """
        return np.zeros(x.shape[1], bool)

    def details(self, x: Array, learned: Learned) -> list[dict[str, Any]]:
        """Return for each column of x: `stage` (what was done, "none" if nothing) and `points` (which rows).

        Parameters
        ----------
        x
            (units, k) reference columns.
        learned
            What `fit` returned.

        Returns
        -------
        list of dict
            A mapping a column.
        """
        treated = self.apply(x, learned)
        changed = ~np.isnan(x) & (treated != x)
        return [
            {"stage": self.name if any_ else "none", "points": np.flatnonzero(rows).tolist()}
            for any_, rows in zip(changed.any(axis=0), changed.T, strict=True)
        ]


class NoTreatment(Treatment):
    """Columns pass through unchanged.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5.

    Examples
    --------
    >>> NoTreatment().apply(np.array([[3.0], [np.nan]]), {}).ravel().tolist()
    [3.0, nan]
    """

    name: ClassVar[str] = "none"
    changes: ClassVar[bool] = False

    def apply(self, x: Array, learned: Learned) -> Array:
        """Return the columns as they are."""
        return x
