"""Rank-based scores: what counts is the order. New data are placed between the stored values."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from .._util.types import Array
from ._columns import count
from .normalisation import Normaliser
from .treatment import Learned

__all__ = ["Borda", "PercentileRank", "Rank"]


class _Ranked(Normaliser):
    """A share that depends on the ascending rank in risk; learned as the empirical distribution.

    The learned ``knots`` (n, k) are the distinct values in ascending order of risk (``sign * x``), padded
    with NaN, and ``shares`` what each is worth. A new value takes the linear interpolation between its
    neighbours, the end's value beyond the ends: monotone, and the reference itself comes back exactly.
    """

    ties: Literal["min", "average"] = "min"

    def _share(self, rank: Array, observed: Array, units: int) -> Array:
        raise TypeError(f"{type(self).__name__} gives no `_share`")

    def fit(self, x: Array, sign: int) -> Learned:
        """Return the distinct values of each column and their shares."""
        ordered = np.sort(sign * x, axis=0)
        n, observed = len(ordered), count(x)
        position = np.arange(n)[:, None]
        new = np.ones(ordered.shape, bool)
        new[1:] = ordered[1:] != ordered[:-1]
        new &= ~np.isnan(ordered)
        first = np.where(new, position, n)
        # The next group of ties starts where this one ends.
        after = np.minimum.accumulate(np.vstack([first[1:], np.full((1, x.shape[1]), n)])[::-1])
        last = np.minimum(after[::-1], observed) if n else first
        rank = position + 1.0 if self.ties == "min" else (position + 1 + last) / 2
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = self._share(np.broadcast_to(rank, ordered.shape), observed, n)
        order = np.argsort(~new, axis=0, kind="stable")
        keep = np.take_along_axis(new, order, axis=0)
        return {
            "knots": np.where(keep, np.take_along_axis(ordered, order, axis=0), np.nan),
            "shares": np.where(keep, np.take_along_axis(shares, order, axis=0), np.nan),
        }

    def apply(self, x: Array, sign: int, learned: Learned) -> Array:
        """Return the interpolated share; NaN for a column with fewer than two distinct values."""
        out = np.full(x.shape, np.nan)
        for column in range(x.shape[1]):
            knots = learned["knots"][:, column]
            size = int((~np.isnan(knots)).sum())
            if size > 1:
                shares = learned["shares"][:size, column]
                out[:, column] = np.interp(sign * x[:, column], knots[:size], shares)
        return np.where(np.isnan(x), np.nan, out)


class Rank(_Ranked):
    """rank / n: the ascending rank in risk among the n reference units with a value.

    Ties take the smallest rank (``ties: min``) or the average. The riskiest unit has 1, the safest 1 / n.

    Notes
    -----
    COINr's ``n_rank`` is n times this, ties "min". Compind averages ties whatever its argument says.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5 (ranking).

    Examples
    --------
    >>> x = np.array([[3.0], [1], [np.nan], [4], [1], [5]])
    >>> (5 * Rank().apply(x, 1, Rank().fit(x, 1))).ravel().tolist()
    [3.0, 1.0, nan, 4.0, 1.0, 5.0]
    """

    name: ClassVar[str] = "rank"

    def _share(self, rank: Array, observed: Array, units: int) -> Array:
        return rank / observed


class PercentileRank(_Ranked):
    """(rank - 1) / (n - 1): the share of the other reference units that are less risky.

    Ties take the smallest rank (``ties: min``) or the average; n counts units with a value.

    Notes
    -----
    COINr's ``n_prank``, ties "min".

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5 (ranking).

    Examples
    --------
    >>> x = np.array([[3.0], [1], [np.nan], [4], [1], [5]])
    >>> PercentileRank().apply(x, 1, PercentileRank().fit(x, 1)).ravel().tolist()
    [0.5, 0.0, nan, 0.75, 0.0, 1.0]
    """

    name: ClassVar[str] = "percentile_rank"

    def _share(self, rank: Array, observed: Array, units: int) -> Array:
        return (rank - 1) / (observed - 1)


class Borda(_Ranked):
    """(rank - 1) / (units - 1): Borda points, one for each less risky unit, over the most there can be.

    `units` counts every reference unit, also those without a value: unlike the percentile rank, beating
    everybody in a column that few have is worth less. Ties take the smallest rank or the average.

    Notes
    -----
    COINr's ``n_borda`` (points) is (units - 1) times this, ties "min"; Borda himself shares the points of
    a tie (``ties: average``).

    References
    ----------
    Borda, J.-C. de (1781), Memoire sur les elections au scrutin, Histoire de l'Academie royale des
    sciences.

    Examples
    --------
    >>> x = np.array([[3.0], [1], [np.nan], [4], [1], [5]])
    >>> (5 * Borda().apply(x, 1, Borda().fit(x, 1))).ravel().tolist()
    [2.0, 0.0, nan, 3.0, 0.0, 4.0]
    """

    name: ClassVar[str] = "borda"

    def _share(self, rank: Array, observed: Array, units: int) -> Array:
        return (rank - 1) / np.float64(units - 1)
