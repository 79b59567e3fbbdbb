"""Derived indicators: registered operations on other indicators, computed after missing cells are estimated."""

from __future__ import annotations

import itertools
from math import factorial
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from pydantic import BeforeValidator, model_validator

from .._util.types import Array
from ._base import Method, Number

__all__ = [
    "Derived",
    "Difference",
    "DerivedMaximum",
    "DerivedMinimum",
    "PerHead",
    "Product",
    "Ratio",
    "Share",
    "Sum",
    "WeightedSum",
]

MOST_PARTS = 10


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")
"""Values beyond the range of floats are infinite or unknown, without a warning."""


class Derived(Method):
    """An operation on the columns named by ``of``, times ``scale``.

    ``evaluate(parts)`` takes parts (p, ...), one row for each name in ``of``, in batches of any shape, and
    returns values (...). A value is NaN where a part is missing or the operation is not defined.
    ``bounds(low, high)`` returns the least and the greatest value (..., each) that parts between `low` and
    `high` (p, ...) can give. ``split(parts, base)`` returns what each part adds (p, ...) to the difference
    between two profiles: the rows add up to ``evaluate(parts) - evaluate(base)`` exactly. Linear operations
    have one such split; all others take the Shapley value, the mean over every order in which parts can
    change.

    References
    ----------
    Shapley, L. S. (1953), A value for n-person games, Annals of Mathematics Studies 28; Shorrocks, A. F.
    (2013), Decomposition procedures for distributional analysis, J. of Economic Inequality 11, 99-126;
    Moore, R. E. (1966), Interval Analysis, Prentice-Hall (bounds).

    Examples
    --------
    >>> method = Derived.parse({"method": "product", "of": ["adoption", "gap"]})
    >>> method.evaluate(np.array([[2.0], [3.0]])).tolist()
    [6.0]
    >>> low, high = method.bounds(np.array([[1.0], [3.0]]), np.array([[2.0], [4.0]]))
    >>> low.tolist(), high.tolist()
    ([3.0], [8.0])
    >>> method.split(np.array([[2.0], [3.0]]), np.array([[1.0], [3.0]])).ravel().tolist()
    [3.0, 0.0]
    """

    family: ClassVar[str] = "derived"
    parts: ClassVar[tuple[int, int]] = (1, MOST_PARTS)
    """The least and the greatest number of parts."""
    linear: ClassVar[bool] = False
    """True if the value is a weighted sum of the parts, so that the split does not depend on an order."""

    of: Annotated[
        tuple[str, ...],
        BeforeValidator(_one_or_more, json_schema_input_type=str | tuple[str, ...]),
    ]
    scale: Number = 1.0

    @model_validator(mode="after")
    def _number_of_parts(self) -> Self:
        least, most = self.parts
        if not least <= len(self.of) <= most:
            wanted = f"{least}" if least == most else f"{least} to {most}"
            raise ValueError(f"`of` needs {wanted} columns, received {len(self.of)}")
        return self

    def evaluate(self, parts: Array) -> Array:
        """Return values (...) of parts (p, ...).

        Parameters
        ----------
        parts
            (p, ...) the parts, one row for each name in ``of``; NaN for missing.

        Returns
        -------
        array
            (...) values; NaN where the operation is not defined.
        """
        x = np.asarray(parts, float)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            out = self.scale * np.asarray(self._value(x), float)
        return np.where(np.isfinite(out), out, np.nan)

    def _value(self, x: Array) -> Array:
        raise TypeError(f"{type(self).__name__} gives no `_value`")

    def apply(self, parts: Array) -> Array:
        """Return `evaluate`.

        Parameters
        ----------
        parts
            (p, ...) the parts, as of `evaluate`.

        Returns
        -------
        array
            (...) values; NaN where the operation is not defined.
        """
        return self.evaluate(parts)

    @quiet
    def bounds(self, low: Array, high: Array) -> tuple[Array, Array]:
        """Return the least and the greatest value of parts between bounds (p, ...), NaN where unknown.

        Parameters
        ----------
        low, high
            (p, ...) bounds of the parts; NaN where unknown, infinite where there is none.

        Returns
        -------
        tuple of array
            Lower and upper bounds (...).
        """
        ends = np.stack([np.asarray(low, float), np.asarray(high, float)])
        unknown = np.isnan(self._lacking(ends[0])) | np.isnan(self._lacking(ends[1]))
        corners = [
            self._limit(np.stack([ends[top, part] for part, top in enumerate(corner)]))
            for corner in itertools.product((0, 1), repeat=len(self.of))
        ]
        corners += self._turning(ends[0], ends[1])
        values = np.stack(corners)
        none = unknown | np.isnan(values).all(axis=0)
        least = np.where(none, np.nan, np.fmin.reduce(values, axis=0))
        return least, np.where(none, np.nan, np.fmax.reduce(values, axis=0))

    def _limit(self, x: Array) -> Array:
        """Return values of parts that may be infinite."""
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            return self.scale * np.asarray(self._value(x), float)

    def _lacking(self, end: Array) -> Array:
        """Return NaN where a bound that is needed is missing."""
        return np.asarray(end.sum(axis=0))

    def _turning(self, low: Array, high: Array) -> list[Array]:
        """Return values inside the bounds that may lie beyond all corners."""
        return []

    @quiet
    def split(self, parts: Array, base: Array) -> Array:
        """Return what each part adds (p, ...) to the difference between `parts` and `base`.

        Parameters
        ----------
        parts, base
            (p, ...) the parts in the two profiles.

        Returns
        -------
        array
            (p, ...); they add up to the difference of the two values.
        """
        x, b = np.asarray(parts, float), np.asarray(base, float)
        count = len(x)
        values = {}
        for corner in itertools.product((False, True), repeat=count):
            values[corner] = self.evaluate(
                np.stack([x[part] if is_moved else b[part] for part, is_moved in enumerate(corner)])
            )
        out = np.zeros(x.shape)
        for corner, value in values.items():
            size = sum(corner)
            for part in range(count):
                if corner[part]:
                    without = (*corner[:part], False, *corner[part + 1 :])
                    weight = factorial(size - 1) * factorial(count - size) / factorial(count)
                    out[part] += weight * (value - values[without])
        return out


class Product(Derived):
    """The product of the parts.

    With shares as parts it is never above its smallest part: risk = exposure x vulnerability.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6; UNDRO (1980), Natural Disasters and
    Vulnerability Analysis (risk as a product).

    Examples
    --------
    >>> method = Product(of=["adoption", "gap"], scale=0.01)
    >>> method.evaluate(np.array([[50.0], [80.0]])).tolist()
    [40.0]
    >>> method.split(np.array([[50.0], [80.0]]), np.array([[40.0], [80.0]])).ravel().tolist()
    [8.0, 0.0]
    """

    name: ClassVar[str] = "product"
    parts: ClassVar[tuple[int, int]] = (2, MOST_PARTS)

    def _value(self, x: Array) -> Array:
        return np.asarray(np.prod(x, axis=0))

    def _limit(self, x: Array) -> Array:
        """Return zero where a part is exactly zero, whatever bounds the other parts."""
        out = super()._limit(x)
        return np.where((x == 0).any(axis=0), 0.0, out)


class Ratio(Derived):
    """The first part divided by the second; NaN where the second is zero.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 2 (scaling by a size variable).

    Examples
    --------
    >>> Ratio(of=["debt", "income"], scale=100).evaluate(np.array([[5.0, 5], [50, 0]])).tolist()
    [10.0, nan]
    """

    name: ClassVar[str] = "ratio"
    parts: ClassVar[tuple[int, int]] = (2, 2)

    def _value(self, x: Array) -> Array:
        return np.asarray(x[0] / x[1])

    def _turning(self, low: Array, high: Array) -> list[Array]:
        crosses = (low[1] <= 0) & (high[1] >= 0)
        return [np.where(crosses, np.inf, np.nan), np.where(crosses, -np.inf, np.nan)]


class PerHead(Ratio):
    """The first part divided by the second, a population; NaN where the population is not above zero.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 2 (scaling by a size variable).

    Examples
    --------
    >>> method = PerHead(of=["incidents", "population"], scale=1e6)
    >>> method.evaluate(np.array([[5.0], [2.5e6]])).tolist()
    [2.0]
    """

    name: ClassVar[str] = "per_head"

    def _value(self, x: Array) -> Array:
        return np.where(x[1] > 0, x[0] / x[1], np.nan)

    def _turning(self, low: Array, high: Array) -> list[Array]:
        # As the population goes to zero: to infinity on the side of the first part.
        open_ = low[1] <= 0
        return [
            np.where(open_ & (low[0] < 0), -np.inf * np.sign(self.scale or 1.0), np.nan),
            np.where(open_ & (high[0] > 0), np.inf * np.sign(self.scale or 1.0), np.nan),
        ]


class Share(Derived):
    """The first part divided by the sum of all parts, itself included; parts are not below zero.

    References
    ----------
    Aitchison, J. (1986), The Statistical Analysis of Compositional Data, Chapman and Hall (closure).

    Examples
    --------
    >>> Share(of=["focal", "others"], scale=100).evaluate(np.array([[1.0], [3.0]])).tolist()
    [25.0]
    """

    name: ClassVar[str] = "share"
    parts: ClassVar[tuple[int, int]] = (2, MOST_PARTS)

    def _value(self, x: Array) -> Array:
        total = x.sum(axis=0)
        return np.where((x >= 0).all(axis=0) & (total > 0), x[0] / total, np.nan)

    @quiet
    def bounds(self, low: Array, high: Array) -> tuple[Array, Array]:
        """Return the least and the greatest value of parts between bounds (p, ...), NaN where unknown."""
        # Below zero there is no share.
        return super().bounds(np.where(np.asarray(high) >= 0, np.maximum(low, 0.0), low), high)

    def _turning(self, low: Array, high: Array) -> list[Array]:
        # Where all parts may be zero, the share may be anything.
        any_ = (low <= 0).all(axis=0)
        return [np.where(any_, 0.0, np.nan), np.where(any_, self.scale, np.nan)]


class WeightedSum(Derived):
    """The sum of the parts, each times its weight.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6 (linear aggregation).

    Examples
    --------
    >>> WeightedSum(of=["a", "b"], weights=[2, -1]).evaluate(np.array([[3.0], [1.0]])).tolist()
    [5.0]
    """

    name: ClassVar[str] = "weighted_sum"
    parts: ClassVar[tuple[int, int]] = (1, 1000)
    linear: ClassVar[bool] = True

    weights: tuple[Number, ...]

    @model_validator(mode="after")
    def _one_weight_a_part(self) -> Self:
        if len(self.weights) != len(self.of):
            raise ValueError(
                f"`weights` needs one number for each of the {len(self.of)} columns in `of`, "
                f"received {len(self.weights)}"
            )
        return self

    def _slopes(self) -> Array:
        return np.array(self.weights, float)

    def _value(self, x: Array) -> Array:
        return np.tensordot(self._slopes(), x, axes=1)

    @quiet
    def bounds(self, low: Array, high: Array) -> tuple[Array, Array]:
        """Return the least and the greatest value of parts between bounds (p, ...), NaN where unknown."""
        low, high = np.asarray(low, float), np.asarray(high, float)
        slope = (self.scale * self._slopes()).reshape(-1, *[1] * (low.ndim - 1))
        with np.errstate(invalid="ignore"):
            ends = np.where(slope == 0, 0.0, slope * low), np.where(slope == 0, 0.0, slope * high)
            return np.minimum(*ends).sum(axis=0), np.maximum(*ends).sum(axis=0)

    @quiet
    def split(self, parts: Array, base: Array) -> Array:
        """Return what each part adds (p, ...) to the difference between `parts` and `base`."""
        moved = np.asarray(parts, float) - np.asarray(base, float)
        return np.asarray(
            (self.scale * self._slopes()).reshape(-1, *[1] * (moved.ndim - 1)) * moved
        )


class Sum(WeightedSum):
    """The sum of the parts.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6 (linear aggregation).

    Examples
    --------
    >>> Sum(of=["a", "b"]).evaluate(np.array([[3.0, 1], [1.0, np.nan]])).tolist()
    [4.0, nan]
    """

    name: ClassVar[str] = "sum"

    weights: tuple[Number, ...] = ()

    @model_validator(mode="after")
    def _one_weight_a_part(self) -> Self:
        if self.weights:
            raise ValueError("`weights` belongs to `weighted_sum`; take it out")
        return self

    def _slopes(self) -> Array:
        return np.ones(len(self.of))


class Difference(Sum):
    """The first part less the second.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6 (linear aggregation).

    Examples
    --------
    >>> Difference(of=["exports", "imports"]).evaluate(np.array([[3.0], [1.0]])).tolist()
    [2.0]
    """

    name: ClassVar[str] = "difference"
    parts: ClassVar[tuple[int, int]] = (2, 2)

    def _slopes(self) -> Array:
        return np.array([1.0, -1.0])


class DerivedMinimum(Derived):
    """The smallest part.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6 (non-compensatory aggregation).

    Examples
    --------
    >>> DerivedMinimum(of=["a", "b"]).evaluate(np.array([[3.0], [1.0]])).tolist()
    [1.0]
    """

    name: ClassVar[str] = "minimum"

    def _value(self, x: Array) -> Array:
        return np.asarray(x.min(axis=0))


class DerivedMaximum(Derived):
    """The largest part.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6 (non-compensatory aggregation).

    Examples
    --------
    >>> DerivedMaximum(of=["a", "b"]).evaluate(np.array([[3.0], [1.0]])).tolist()
    [3.0]
    """

    name: ClassVar[str] = "maximum"

    def _value(self, x: Array) -> Array:
        return np.asarray(x.max(axis=0))
