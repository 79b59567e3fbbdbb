"""Winsorisation, point by point, until a column passes the skewness and kurtosis rule."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from .._util.types import Array, Mask
from ._base import Number
from ._columns import highest, lowest
from .moments import kurt, passes, skew
from .treatment import Learned, Treatment

__all__ = ["Winsorise", "clipped"]

Threshold = Annotated[Number, Field(gt=0)]


class Winsorise(Treatment):
    """Pulls the extreme values in to the next one, a value at a time, until the column passes.

    While the column fails (``|skew| >= skewness`` and ``kurt >= kurtosis``) and fewer than ``winmax``
    points were moved, all points at the maximum (at the minimum, where the skew is negative) take the
    next distinct value. ``winmax: null`` sets no limit; ``force`` goes on to `winmax` whether or not the
    column passes. What is learned are the bounds, so that new data are clipped to them.

    Notes
    -----
    Tied points move together, so that the count may pass `winmax`, as in COINr's ``winsorise`` (1.1.14),
    which this equals. Unlike it, two distinct values always remain (COINr goes on to a constant and
    stops with an error). With `force` the tail that is cut may flip from one end to the other, for which
    a bound on each side is learned; a `gate` never hands over a column that passes, forced or not.

    References
    ----------
    Tukey, J. W. (1962), The future of data analysis, Annals of Mathematical Statistics 33(1), 1-67;
    OECD/JRC (2008), Handbook, step 5; Becker, W. et al. (2022), COINr, JOSS 7(78), 4567.

    Examples
    --------
    >>> x = np.array([*range(1, 11), 30, 100], float)[:, None]
    >>> treatment = Winsorise()
    >>> treatment.apply(x, treatment.fit(x))[-3:, 0].tolist()
    [10.0, 30.0, 30.0]
    """

    name: ClassVar[str] = "winsorise"

    winmax: Annotated[int, Field(gt=0, strict=True)] | None = 5
    skewness: Threshold = 2.0
    kurtosis: Threshold = 3.5
    force: bool = False

    def fit(self, x: Array) -> Learned:
        """Return the bounds of each column, NaN where nothing is cut."""
        low, high = np.full(x.shape[1], np.nan), np.full(x.shape[1], np.nan)
        limit = np.inf if self.winmax is None else self.winmax
        work = x
        while True:
            moved = (x > high).sum(axis=0) + (x < low).sum(axis=0)
            top, bottom = highest(work), lowest(work)
            inner = np.where((work < top) & (work > bottom), work, np.nan)
            open_ = ~np.isnan(highest(inner)) & (moved < limit)
            todo = open_ & (self.force | ~passes(work, self.skewness, self.kurtosis))
            if not todo.any():
                return {"low": low, "high": high}
            up = skew(work) >= 0
            high = np.where(todo & up, highest(inner), high)
            low = np.where(todo & ~up, lowest(inner), low)
            work = clipped(x, low, high)

    def apply(self, x: Array, learned: Learned) -> Array:
        """Return the columns clipped to the learned bounds."""
        return clipped(x, learned["low"], learned["high"])

    def unfinished(self, x: Array, learned: Learned) -> Mask:
        """Tell which columns still fail: `winmax` was reached, or two distinct values are left."""
        return ~passes(self.apply(x, learned), self.skewness, self.kurtosis)

    def details(self, x: Array, learned: Learned) -> list[dict[str, Any]]:
        """Return stage, rows moved and their number, with skewness and kurtosis before and after."""
        return [
            {**row, "moved": len(row["points"]), **moments}
            for row, moments in zip(
                super().details(x, learned),
                described(x, self.apply(x, learned), self.skewness, self.kurtosis),
                strict=True,
            )
        ]


def clipped(x: Array, low: Array, high: Array) -> Array:
    """Return `x` within bounds, where NaN is no bound and a missing value stays missing."""
    return np.where(x > high, high, np.where(x < low, low, x))


def described(
    before: Array, after: Array, skewness: float, kurtosis: float
) -> list[dict[str, Any]]:
    """Return moments of each column before and after, and whether it passes in the end."""
    columns = (skew(before), kurt(before), skew(after), kurt(after))
    names = ("skew_before", "kurt_before", "skew_after", "kurt_after")
    good = passes(after, skewness, kurtosis)
    return [
        {**dict(zip(names, map(float, row), strict=True)), "passes": bool(ok)}
        for row, ok in zip(np.transpose(columns), good, strict=True)
    ]
