"""Derived indicators made of one indicator, or of the first that has a value."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from .._util.types import Array
from ._base import Number
from .derived import MOST_PARTS, Derived, quiet

__all__ = [
    "Change",
    "DerivedPower",
    "FirstAvailable",
    "Logarithm",
    "Reciprocal",
    "Root",
    "Threshold",
]


class DerivedPower(Derived):
    """The part to the power ``exponent``; NaN for a negative part unless the exponent is whole.

    References
    ----------
    Tukey, J. W. (1957), On the comparative anatomy of transformations, Annals of Mathematical Statistics 28,
    602-632.

    Examples
    --------
    >>> DerivedPower(of="a", exponent=2).evaluate(np.array([[3.0]])).tolist()
    [9.0]
    """

    name: ClassVar[str] = "power"
    parts: ClassVar[tuple[int, int]] = (1, 1)

    exponent: Number

    def _value(self, x: Array) -> Array:
        return np.asarray(np.power(x[0], self.exponent))

    def _turning(self, low: Array, high: Array) -> list[Array]:
        crosses = (low[0] <= 0) & (high[0] >= 0)
        if self.exponent >= 0:
            zero = 0.0 if self.exponent else self.scale
            return [np.where(crosses, zero, np.nan)]
        is_whole = float(self.exponent).is_integer()
        odd = is_whole and int(self.exponent) % 2 == 1
        top = np.inf * np.sign(self.scale or 1.0)
        below = -top if odd else np.nan
        return [np.where(crosses, top, np.nan), np.where(crosses & (low[0] < 0), below, np.nan)]


class Reciprocal(DerivedPower):
    """One divided by the part; NaN where the part is zero.

    References
    ----------
    Tukey, J. W. (1957), Annals of Mathematical Statistics 28, 602-632 (exponent -1).

    Examples
    --------
    >>> Reciprocal(of="hhi").evaluate(np.array([[0.25, 0.0]])).tolist()
    [4.0, nan]
    """

    name: ClassVar[str] = "reciprocal"

    exponent: Literal[-1] = -1


class Root(Derived):
    """The root of the part; NaN below zero.

    References
    ----------
    Tukey, J. W. (1957), Annals of Mathematical Statistics 28, 602-632 (exponent 1 / degree).

    Examples
    --------
    >>> Root(of="area").evaluate(np.array([[9.0]])).tolist()
    [3.0]
    """

    name: ClassVar[str] = "root"
    parts: ClassVar[tuple[int, int]] = (1, 1)

    degree: Annotated[Number, Field(gt=0)] = 2.0

    def _value(self, x: Array) -> Array:
        return np.where(x[0] >= 0, np.power(np.maximum(x[0], 0.0), 1 / self.degree), np.nan)

    def _turning(self, low: Array, high: Array) -> list[Array]:
        return [np.where((low[0] <= 0) & (high[0] >= 0), 0.0, np.nan)]


class Logarithm(Derived):
    """The logarithm of the part plus ``offset``, natural or to ``base``; NaN where it is not defined.

    References
    ----------
    Tukey, J. W. (1957), Annals of Mathematical Statistics 28, 602-632; OECD/JRC (2008), Handbook, step 5.

    Examples
    --------
    >>> Logarithm(of="gdp", base=10).evaluate(np.array([[100.0, 0.0]])).tolist()
    [2.0, nan]
    """

    name: ClassVar[str] = "logarithm"
    parts: ClassVar[tuple[int, int]] = (1, 1)

    base: Annotated[Number, Field(gt=1)] | None = None
    offset: Number = 0.0

    def _value(self, x: Array) -> Array:
        value = x[0] + self.offset
        out = np.where(value > 0, np.log(np.where(value > 0, value, 1.0)), np.nan)
        return out if self.base is None else out / np.log(self.base)

    def _turning(self, low: Array, high: Array) -> list[Array]:
        crosses = (low[0] + self.offset <= 0) & (high[0] + self.offset > 0)
        return [np.where(crosses, -np.inf * np.sign(self.scale or 1.0), np.nan)]


class Change(Derived):
    """The change from the second part (earlier) to the first (later), a year.

    ``kind`` is the ``difference`` in the unit of the parts, the ``relative`` change (later / earlier - 1) or the
    compound growth ``rate``; the first two are divided by ``years``. Relative changes need an earlier value
    above zero and a later one not below zero.

    References
    ----------
    Becker, W. et al. (2022), COINr, JOSS 7(78), 4567 (compound growth rate and trends).

    Examples
    --------
    >>> parts = np.array([[121.0], [100.0]])
    >>> round(Change(of=["y2022", "y2020"], years=2, kind="rate").evaluate(parts).item(), 9)
    0.1
    >>> Change(of=["y2022", "y2020"], years=2).evaluate(parts).tolist()
    [10.5]
    """

    name: ClassVar[str] = "change"
    parts: ClassVar[tuple[int, int]] = (2, 2)

    years: Annotated[Number, Field(gt=0)]
    kind: Literal["difference", "relative", "rate"] = "difference"

    def _value(self, x: Array) -> Array:
        later, earlier = x
        if self.kind == "difference":
            return np.asarray((later - earlier) / self.years)
        ratio = np.where((earlier > 0) & (later >= 0), later / earlier, np.nan)
        if self.kind == "relative":
            return np.asarray((ratio - 1) / self.years)
        return np.asarray(np.power(ratio, 1 / self.years) - 1)

    def _turning(self, low: Array, high: Array) -> list[Array]:
        if self.kind == "difference":
            return []
        least = -1 / self.years if self.kind == "relative" else -1.0
        zero = (low[0] <= 0) & (high[0] >= 0) & (high[1] > 0)
        open_ = (low[1] <= 0) & (high[1] > 0) & (high[0] >= 0)
        return [
            np.where(zero, self.scale * least, np.nan),
            np.where(open_, np.inf * np.sign(self.scale or 1.0), np.nan),
        ]


class Threshold(Derived):
    """One of two values: ``above`` where the part is at least ``at``, else ``below``.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5 (indicators above or below a
    reference).

    Examples
    --------
    >>> Threshold(of="debt", at=55).evaluate(np.array([[54.9, 55.0, np.nan]])).tolist()
    [0.0, 1.0, nan]
    """

    name: ClassVar[str] = "threshold"
    parts: ClassVar[tuple[int, int]] = (1, 1)

    at: Number
    above: Number = 1.0
    below: Number = 0.0

    def _value(self, x: Array) -> Array:
        out = np.where(x[0] >= self.at, self.above, self.below)
        return np.where(np.isnan(x[0]), np.nan, out)


class FirstAvailable(Derived):
    """The first part that is not missing.

    The whole difference between two profiles is the part's that gives the value.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3 (cold deck: another source).

    Examples
    --------
    >>> FirstAvailable(of=["own", "other"]).evaluate(np.array([[np.nan, 1.0], [2.0, 3.0]])).tolist()
    [2.0, 1.0]
    """

    name: ClassVar[str] = "first_available"
    parts: ClassVar[tuple[int, int]] = (1, MOST_PARTS)

    def _value(self, x: Array) -> Array:
        out = x[-1]
        for part in x[-2::-1]:
            out = np.where(np.isnan(part), out, part)
        return np.asarray(out)

    @quiet
    def bounds(self, low: Array, high: Array) -> tuple[Array, Array]:
        """Return the bounds of the first part that has both."""
        low, high = np.asarray(low, float), np.asarray(high, float)
        either = np.isnan(low) | np.isnan(high)
        ends = [self.scale * self._value(np.where(either, np.nan, bound)) for bound in (low, high)]
        return np.minimum(*ends), np.maximum(*ends)

    @quiet
    def split(self, parts: Array, base: Array) -> Array:
        """Return what each part adds (p, ...) to the difference between `parts` and `base`."""
        x = np.asarray(parts, float)
        moved = self.evaluate(x) - self.evaluate(base)
        first = np.argmax(~np.isnan(x), axis=0)
        return np.where(np.arange(len(x)).reshape(-1, *[1] * first.ndim) == first, moved, 0.0)
