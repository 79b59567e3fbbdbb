"""Standardised scores: z, robust z, and unclipped rescaling. They are not bounded."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from .._util.types import Array
from ..errors import DataError
from ._base import Number
from ._columns import highest, lowest, mean, quantile, spread
from .normalisation import Bound, Bounded, Normaliser, resolved
from .treatment import Learned

__all__ = ["Robust", "Scaled", "ZScore"]

Positive = Annotated[Number, Field(gt=0)]

# The consistency factor that makes the median absolute deviation estimate a normal's sd.
_MAD_TO_SD = 1.4826022185056018


class ZScore(Normaliser):
    """(x - mean) / sd of the reference set, turned so that higher is riskier, put on a scale of points.

    ``mean`` and ``sd`` are what a z of 0 and one z are worth on a scale of 0-100:
    ``score = mean + sd * z``. The default, 50 and 10, is the T score. Not bounded: a score may leave the
    scale. The standard deviation has ``n - ddof`` in the denominator: 1 for a sample, the default, or 0
    where the reference set is all there is.

    Notes
    -----
    COINr's ``n_zscore`` is ``{method: zscore, mean: 0, sd: 1}`` on a scale of 0-100; Mazziotta and Pareto
    take mean 100 and sd 10.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5 (standardisation).

    Examples
    --------
    >>> x = np.array([[3.0], [1], [np.nan], [4], [1], [5]])
    >>> z = ZScore(mean=0, sd=1)
    >>> (100 * z.apply(x, 1, z.fit(x, 1))).ravel().round(6).tolist()
    [0.111803, -1.006231, nan, 0.67082, -1.006231, 1.229837]
    """

    name: ClassVar[str] = "zscore"
    bounded: ClassVar[bool] = False

    mean: Number = 50.0
    sd: Positive = 10.0
    ddof: Literal[0, 1] = 1

    def fit(self, x: Array, sign: int) -> Learned:
        """Return the mean and standard deviation of each column."""
        return {"mean": mean(x), "sd": spread(x, self.ddof)}

    def apply(self, x: Array, sign: int, learned: Learned) -> Array:
        """Return the share of the scale, unclipped; NaN for a column without spread."""
        return _points(x, sign, learned["mean"], learned["sd"], self.mean, self.sd)


class Robust(Normaliser):
    """(x - median) / (1.4826 MAD): a z score that half of the units being odd does not move.

    MAD is the median absolute deviation from the median. ``mean`` and ``sd`` as in `zscore`. Not bounded.

    Raises
    ------
    DataError
        On fitting, if more than half of a column's values are the same, so that its MAD is 0.

    References
    ----------
    Iglewicz, B. and Hoaglin, D. C. (1993), How to Detect and Handle Outliers, ASQC; Huber, P. J. (1981),
    Robust Statistics, Wiley.

    Examples
    --------
    >>> x = np.array([[1.0], [2], [3], [4], [100]])
    >>> robust = Robust()
    >>> (100 * robust.apply(x, 1, robust.fit(x, 1))).ravel().round(3).tolist()
    [36.51, 43.255, 50.0, 56.745, 704.255]
    """

    name: ClassVar[str] = "robust"
    bounded: ClassVar[bool] = False

    mean: Number = 50.0
    sd: Positive = 10.0

    def fit(self, x: Array, sign: int) -> Learned:
        """Return the median and the scaled MAD of each column."""
        middle = quantile(x, 0.5)
        mad = quantile(np.abs(x - middle), 0.5)
        flat = (mad == 0) & (lowest(x) < highest(x))
        if flat.any():
            column = int(np.flatnonzero(flat)[0])
            raise DataError(
                f"normalisation `robust`: more than half of the values of column {column + 1} of "
                f"{len(flat)} are {middle[column]:g}, so its median absolute deviation is 0; use `zscore` or "
                "`minmax`"
            )
        return {"median": middle, "mad": np.where(mad > 0, _MAD_TO_SD * mad, np.nan)}

    def apply(self, x: Array, sign: int, learned: Learned) -> Array:
        """Return the share of the scale, unclipped; NaN for a column without spread."""
        return _points(x, sign, learned["median"], learned["mad"], self.mean, self.sd)


class Scaled(Bounded):
    """(x - low) / (high - low) without clipping, `low` and `high` raw numbers or percentiles (``p95``).

    Where higher is safer the fraction is reversed. Not bounded: that is what tells it from `goalposts`.

    Notes
    -----
    COINr's ``n_scaled`` with ``npara`` (low, high); its bounds are negated and swapped for a negative
    direction, which gives the reversed fraction.

    References
    ----------
    Dutta, S., Lanvin, B. and Wunsch-Vincent, S. (eds., 2020), Global Innovation Index, appendix IV.

    Examples
    --------
    >>> x = np.array([[-10.0], [50], [120]])
    >>> (100 * Scaled().apply(x, 1, Scaled().fit(x, 1))).ravel().tolist()
    [-10.0, 50.0, 120.0]
    """

    name: ClassVar[str] = "scaled"
    bounded: ClassVar[bool] = False

    low: Bound = 0.0
    high: Bound = 100.0

    def fit(self, x: Array, sign: int) -> Learned:
        """Return the bounds of each column, percentiles resolved."""
        return {"low": resolved(self.low, x), "high": resolved(self.high, x)}

    def apply(self, x: Array, sign: int, learned: Learned) -> Array:
        """Return the unclipped fraction; NaN where the bounds do not enclose a range."""
        low, high = learned["low"], learned["high"]
        start = low if sign > 0 else high
        length = np.where(high > low, high - low, np.nan)
        return sign * (x - start) / length


def _points(x: Array, sign: int, centre: Array, unit: Array, mean: float, sd: float) -> Array:
    unit = np.where(unit > 0, unit, np.nan)
    return (mean + sd * (sign * (x - centre) / unit)) / 100
