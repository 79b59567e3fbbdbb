"""Distances: to the maximum, to a target, to a reference value; fractions of the maximum."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from .._util.types import Array
from ..errors import DataError
from ._base import Number
from ._columns import highest, lowest
from .normalisation import Bound, MinMax, Normaliser, resolved
from .treatment import Learned

__all__ = ["DistanceToMaximum", "DistanceToReference", "DistanceToTarget", "FractionOfMaximum"]


class DistanceToMaximum(MinMax):
    """1 - (max - x) / (max - min): the distance to the riskiest unit. The same numbers as `minmax`.

    COINr's ``n_dist2max``.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5 (distance to the leader).

    Examples
    --------
    >>> method, x = DistanceToMaximum(), np.array([[1.0], [2.0], [5.0]])
    >>> method.apply(x, 1, method.fit(x, 1)).ravel().tolist()
    [0.0, 0.25, 1.0]
    """

    name: ClassVar[str] = "distance_to_maximum"


class _Distance(Normaliser):
    """The way from the safest reference value to an end in raw units, capped there or not."""

    def _end(self) -> float | str:
        raise TypeError(f"{type(self).__name__} gives no end")

    def fit(self, x: Array, sign: int) -> Learned:
        """Return the extremes of each column and its end; an end at or before the start is refused."""
        low, high = lowest(x), highest(x)
        end = resolved(self._end(), x)
        start = low if sign > 0 else high
        wrong = (sign * (end - start) <= 0) & (low < high)
        if wrong.any():
            column = int(np.flatnonzero(wrong)[0])
            raise DataError(
                f"normalisation `{self.name}`: the end ({end[column]:g}) of column {column + 1} of "
                f"{len(wrong)} is not beyond its safest value ({start[column]:g})"
            )
        return {"low": low, "high": high, "end": end}

    def _way(self, x: Array, start: Array, end: Array, capped: bool) -> Array:
        length = np.where(end == start, np.nan, end - start)
        share = (x - start) / length
        return np.where(share > 1, 1.0, share) if capped else share


class DistanceToTarget(_Distance):
    """The share of the way from the safest reference value to a target in raw units.

    With ``target_is: ceiling`` the target is where risk is full: (x - min) / (target - min), or
    (max - x) / (max - target) where higher is safer. With ``target_is: goal`` it is where there is none:
    (x - target) / (max - target), or (target - x) / (target - min). ``cap`` stops at the ends that the
    target sets: at 1 for a ceiling, at 0 for a goal. New data beyond the other end are not capped.

    Raises
    ------
    DataError
        On fitting, if the target is not beyond the reference value it is measured from.

    Notes
    -----
    The ceiling is COINr's ``n_dist2targ``, whose composites grow toward the target; its ``cap_max``
    caps only above 1, as here, and is off by default there.

    References
    ----------
    OECD/JRC (2008), Handbook, step 5 (distance to a reference); EPI, Environmental Performance Index
    (2006), proximity-to-target.

    Examples
    --------
    >>> x = np.array([[3.0], [1], [np.nan], [4], [1], [5]])
    >>> way = DistanceToTarget(target=4.5)
    >>> way.apply(x, 1, way.fit(x, 1)).ravel().round(6).tolist()
    [0.571429, 0.0, nan, 0.857143, 0.0, 1.0]
    """

    name: ClassVar[str] = "distance_to_target"
    bounded: ClassVar[bool] = False

    target: Number
    target_is: Literal["ceiling", "goal"] = "ceiling"
    cap: bool = True

    def _end(self) -> float:
        return self.target

    def fit(self, x: Array, sign: int) -> Learned:
        """Return the extremes of each column; a target on the wrong side of them is refused."""
        return super().fit(x, sign if self.target_is == "ceiling" else -sign)

    def apply(self, x: Array, sign: int, learned: Learned) -> Array:
        """Return the share of the way."""
        if self.target_is == "goal":
            sign = -sign
        start = learned["low"] if sign > 0 else learned["high"]
        way = self._way(x, start, learned["end"], self.cap)
        return 1 - way if self.target_is == "goal" else way


class DistanceToReference(_Distance):
    """1 - (reference - x) / (reference - min): how near a reference value, 1 being there.

    ``reference`` is a raw number or a percentile of the reference set (``p50`` the median unit). Where
    higher is safer, everything is turned round first. May exceed 1 unless ``cap``.

    Raises
    ------
    DataError
        On fitting, if the reference is not riskier than the safest value.

    Notes
    -----
    COINr's ``n_dist2ref``, which names a unit; give that unit's value.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5 (distance to a reference).

    Examples
    --------
    >>> x = np.array([[1.0], [3], [5]])
    >>> near = DistanceToReference(reference="p50")
    >>> near.apply(x, 1, near.fit(x, 1)).ravel().tolist()
    [0.0, 1.0, 2.0]
    """

    name: ClassVar[str] = "distance_to_reference"
    bounded: ClassVar[bool] = False

    reference: Bound
    cap: bool = False

    def _end(self) -> float | str:
        return self.reference

    def apply(self, x: Array, sign: int, learned: Learned) -> Array:
        """Return the share of the way."""
        start = learned["low"] if sign > 0 else learned["high"]
        return self._way(x, start, learned["end"], self.cap)


class FractionOfMaximum(Normaliser):
    """x / max of the reference set; 1 - x / max where higher is safer.

    Not bounded for new data, nor for negative values.

    Raises
    ------
    DataError
        On fitting, if a column's maximum is not above 0.

    Notes
    -----
    COINr's ``n_fracmax`` for columns where higher is riskier. For the others COINr divides negated data by
    their negative maximum, which turns the order round; ProMCDA's 1 - x / max is used here.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5.

    Examples
    --------
    >>> x = np.array([[1.0], [4]])
    >>> FractionOfMaximum().apply(x, 1, FractionOfMaximum().fit(x, 1)).ravel().tolist()
    [0.25, 1.0]
    """

    name: ClassVar[str] = "fraction_of_maximum"
    bounded: ClassVar[bool] = False

    def fit(self, x: Array, sign: int) -> Learned:
        """Return the maximum of each column."""
        high = highest(x)
        if (high <= 0).any():
            column = int(np.flatnonzero(high <= 0)[0])
            raise DataError(
                f"normalisation `{self.name}` needs a maximum above 0; column {column + 1} of "
                f"{len(high)} has {high[column]:g}"
            )
        return {"high": high}

    def apply(self, x: Array, sign: int, learned: Learned) -> Array:
        """Return the fraction, unclipped."""
        share = x / learned["high"]
        return share if sign > 0 else 1 - share
