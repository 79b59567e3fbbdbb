"""Normalisation: raw columns to the common risk scale, where a higher value is more risk."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainValidator, WithJsonSchema, model_validator

from ..method import Method
from .treatment import Learned

__all__ = ["Goalposts", "MinMax", "Normaliser"]

Array = NDArray[np.float64]


class Normaliser(Method):
    """Maps raw columns to a share of the scale, learned once and re-applied to new data.

    ``fit(x, sign)`` takes reference columns (units, k), NaN for missing, and `sign` (+1 where higher is
    riskier, -1 where higher is safer), and returns named arrays of k entries. ``apply(x, sign, learned)``
    returns risk as a fraction of the scale: 0 its lower and 1 its upper end. ``learns`` says whether
    anything is learned: only then is a constant column an error.
    """

    family: ClassVar[str] = "normalisation"
    bounded: ClassVar[bool] = True
    """Whether every result lies in 0-1."""

    @property
    def learns(self) -> bool:
        """Whether `fit` reads the data."""
        return True

    def fit(self, x: Array, sign: int) -> Learned:
        """What is learned from the reference columns."""
        raise TypeError(f"{type(self).__name__} gives no `fit`")

    def apply(self, x: Array, sign: int, learned: Learned) -> Array:
        """Risk as a fraction of the scale."""
        raise TypeError(f"{type(self).__name__} gives no `apply`")


class MinMax(Normaliser):
    """(x - min) / (max - min) with the reference set's extremes, clipped to the scale for new data.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5 (min-max).
    """

    name: ClassVar[str] = "minmax"

    def fit(self, x: Array, sign: int) -> Learned:
        """The extremes of each column."""
        return {"low": np.fmin.reduce(x, axis=0), "high": np.fmax.reduce(x, axis=0)}

    def apply(self, x: Array, sign: int, learned: Learned) -> Array:
        """The clipped fraction, reversed where higher is safer."""
        return between(x, learned["low"], learned["high"], sign)


_PERCENTILE = r"p(?:\d{1,2}(?:\.\d+)?|100)"


def _bound(value: object) -> float | str:
    if isinstance(value, str) and re.fullmatch(_PERCENTILE, value):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and np.isfinite(value):
        return float(value)
    raise ValueError("expected a number, or a percentile of the reference set such as `p95`")


Bound = Annotated[
    float | str,
    PlainValidator(_bound),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": _PERCENTILE}]}),
]

_CURVES: dict[str, Callable[[Array], Array]] = {"linear": lambda x: x, "log1p": np.log1p}


class Goalposts(Normaliser):
    """(x - low) / (high - low), clipped: fixed goalposts in raw units, whatever the direction.

    ``low`` and ``high`` are raw values (low < high), or percentiles of the reference set written
    ``p95``. ``curve="log1p"`` measures the distance on log(1 + x), for counts and rates with a long tail.
    Where higher is safer the fraction is reversed.

    References
    ----------
    UNDP (1990-), Human Development Report, technical notes (goalposts); OECD/JRC (2008), step 5.

    Examples
    --------
    >>> posts = Goalposts(low=0, high=25)
    >>> x = np.array([[12.5], [30.0], [-1.0]])
    >>> (100 * posts.apply(x, 1, posts.fit(x, 1))).ravel().tolist()
    [50.0, 100.0, 0.0]
    """

    name: ClassVar[str] = "goalposts"

    low: Bound
    high: Bound
    curve: Literal["linear", "log1p"] = "linear"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if isinstance(self.low, float) and isinstance(self.high, float) and self.low >= self.high:
            raise ValueError(
                f"goalposts in the wrong order: `low` must be below `high`, received {self.low:g} and "
                f"{self.high:g}; write them in raw units and say the direction with `higher_is`"
            )
        if self.curve == "log1p" and isinstance(self.low, float) and self.low <= -1:
            raise ValueError(f"`curve: log1p` needs `low` > -1, received {self.low:g}")
        return self

    @property
    def learns(self) -> bool:
        """Whether a bound is a percentile."""
        return isinstance(self.low, str) or isinstance(self.high, str)

    def fit(self, x: Array, sign: int) -> Learned:
        """The bounds of each column, percentiles resolved."""
        return {
            "low": np.full(x.shape[1], 0.0) + self._bound(self.low, x),
            "high": np.full(x.shape[1], 0.0) + self._bound(self.high, x),
        }

    def apply(self, x: Array, sign: int, learned: Learned) -> Array:
        """The clipped fraction on the curve, reversed where higher is safer."""
        bend = _CURVES[self.curve]
        if self.curve == "log1p":
            x = np.maximum(x, learned["low"])
        return between(bend(x), bend(learned["low"]), bend(learned["high"]), sign)

    @staticmethod
    def _bound(bound: float | str, x: Array) -> float | Array:
        if isinstance(bound, float):
            return bound
        return np.asarray(np.nanpercentile(x, float(bound[1:]), axis=0))


def between(x: Array, low: Array, high: Array, sign: int) -> Array:
    """(x - low) / (high - low) clipped to 0-1, one minus it for a negative sign."""
    start, end = (low, high) if sign > 0 else (high, low)
    with np.errstate(invalid="ignore", divide="ignore"):
        out = (x - start) / (end - start)
    return np.clip(out, 0.0, 1.0, out=out)
