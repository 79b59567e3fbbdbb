"""Normalisation: raw columns to the common risk scale, where a higher value is more risk."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainValidator, WithJsonSchema, model_validator

from .._util.frozen import Fixed
from .._util.types import Array, Labels
from ..errors import DataError, FrameworkError
from ._base import Method
from ._columns import highest, lowest, quantile
from .treatment import Learned

__all__ = [
    "Bound",
    "Bounded",
    "Classes",
    "Goalposts",
    "MinMax",
    "Normaliser",
    "between",
    "resolved",
]


class Normaliser(Method):
    """Maps raw columns to a share of the scale, learned once and re-applied to new data.

    ``fit(x, sign)`` takes reference columns (units, k), NaN for missing, and `sign` (+1 where higher is
    riskier, -1 where higher is safer), and returns named arrays whose last axis is the column.
    ``apply(x, sign, learned)`` returns risk as a fraction of the scale: 0 its lower and 1 its upper end,
    so that on a scale of 0-100 a score is 100 times the fraction. It never falls as x moves toward risk.
    ``learns`` says whether anything is learned: only then is a constant column an error (and NaN here).
    ``bounded`` says whether every fraction lies in 0-1.

    Examples
    --------
    >>> method = Normaliser.parse({"method": "goalposts", "low": 0, "high": 40})
    >>> x = np.array([[10.0], [np.nan], [60.0]])
    >>> method.apply(x, -1, method.fit(x, -1)).ravel().tolist()  # 1 - 10 / 40, and cut off at 0
    [0.75, nan, 0.0]
    >>> method.straighten(x[0]).tolist(), method.bend(x[0]).tolist()
    ([10.0], [10.0])
    """

    family: ClassVar[str] = "normalisation"
    bounded: ClassVar[bool] = True
    """True if every result lies in 0-1."""
    extremes: ClassVar[bool] = False
    """True if `low` and `high` are learned, and are the smallest and the largest reference value."""
    carried: ClassVar[frozenset[str]] = frozenset()
    """Parameters that `fit` returns under their own name, so that a draw may replace them there."""

    @property
    def linear(self) -> bool:
        """True if the fraction is a straight line from `low` to `high`, cut off at 0 and 1."""
        return False

    @property
    def grouping(self) -> str | None:
        """The classes of units by which `low` and `high` differ, None where they are the same for all."""
        return None

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that have bounds of their own."""
        return ()

    def of_units(self, learned: Learned, labels: Labels) -> Learned:
        """Return `low` and `high` (units, k) by the class of every unit, NaN for a unit without a bound.

        Parameters
        ----------
        learned
            What `fit` returned.
        labels
            (units,) the class of each unit.

        Returns
        -------
        dict
            ``low`` and ``high``, each (units, k).
        """
        raise TypeError(f"{type(self).__name__} gives no `of_units`")

    def straighten(self, x: Array) -> Array:
        """Map raw values to where the distance from `low` to `high` is measured.

        Parameters
        ----------
        x
            Raw values, of any shape.

        Returns
        -------
        array
            Of the shape of `x`.
        """
        return x

    def bend(self, x: Array) -> Array:
        """Map back what `straighten` maps.

        Parameters
        ----------
        x
            Straightened values, of any shape.

        Returns
        -------
        array
            Of the shape of `x`.
        """
        return x

    @property
    def learns(self) -> bool:
        """True if `fit` reads the data."""
        return True

    def fit(self, x: Array, sign: int) -> Learned:
        """Return what is learned from the reference columns.

        Parameters
        ----------
        x
            (units, k) reference columns, NaN for missing.
        sign
            +1 where higher is riskier, -1 where it is safer.

        Returns
        -------
        dict
            Named float64 arrays, as ``apply`` takes them.

        Raises
        ------
        DataError
            If a column leaves the method no range, such as a target at or before its start.
        """
        raise TypeError(f"{type(self).__name__} gives no `fit`")

    def apply(self, x: Array, sign: int, learned: Learned) -> Array:
        """Return risk as a fraction of the scale.

        Parameters
        ----------
        x
            (units, k) columns in the order of those that `fit` saw, NaN for missing.
        sign
            +1 where higher is riskier, -1 where it is safer.
        learned
            What `fit` returned.

        Returns
        -------
        ndarray
            (units, k) fractions, 0 least and 1 most risk; NaN for missing.
        """
        raise TypeError(f"{type(self).__name__} gives no `apply`")


class MinMax(Normaliser):
    """(x - min) / (max - min) with the reference set's extremes, clipped to the scale for new data.

    COINr's ``n_minmax`` and ``n_dist2max`` on the reference set; neither has new data.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5 (min-max).

    Examples
    --------
    >>> x = np.array([[3.0], [1], [np.nan], [5]])
    >>> MinMax().apply(x, -1, MinMax().fit(x, -1)).ravel().tolist()
    [0.5, 1.0, nan, 0.0]
    """

    name: ClassVar[str] = "minmax"
    extremes: ClassVar[bool] = True

    @property
    def linear(self) -> bool:
        """True."""
        return True

    def fit(self, x: Array, sign: int) -> Learned:
        """Return the extremes of each column."""
        return {"low": lowest(x), "high": highest(x)}

    def apply(self, x: Array, sign: int, learned: Learned) -> Array:
        """Return the clipped fraction, reversed where higher is safer."""
        return between(x, learned["low"], learned["high"], sign)


LARGEST = 1e100
_PERCENTILE = r"p(?:\d{1,2}(?:\.\d+)?|100)"


def _bound(value: object) -> float | str:
    if isinstance(value, str) and re.fullmatch(_PERCENTILE, value):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST:
        return float(value)
    raise ValueError(
        "expected a number up to 1e100, or a percentile of the reference set such as `p95`"
    )


Bound = Annotated[
    float | str,
    PlainValidator(_bound),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": _PERCENTILE}]}),
]


class Classes(Fixed):
    """Bounds by class: a fixed mapping that can be hashed."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


def _bounds(value: object) -> float | str | Classes:
    if not isinstance(value, Mapping):
        return _bound(value)
    if not value:
        raise ValueError("expected a number for every class")
    out = {}
    for label, bound in value.items():
        number = None if isinstance(bound, str) else _bound(bound)
        if not isinstance(label, str) or number is None:
            raise ValueError(
                f"expected a number for every class, received {bound!r} for {label!r}; a percentile of a "
                "class is not possible"
            )
        out[label] = number
    return Classes(out)


_NUMBERS = {"type": "object", "additionalProperties": {"type": "number"}}
BoundOrClasses = Annotated[
    float | str | Classes,
    PlainValidator(_bounds),
    WithJsonSchema(
        {"anyOf": [{"type": "number"}, {"type": "string", "pattern": _PERCENTILE}, _NUMBERS]}
    ),
]

_CURVES: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "linear": (lambda x: x, lambda x: x),
    "log": (np.log, np.exp),
    "log1p": (np.log1p, np.expm1),
}
"""How the distance between goalposts is measured, and the way back."""
_ABOVE = {"log": 0.0, "log1p": -1.0}


class Bounded(Normaliser):
    """A normaliser between two raw values, or percentiles of the reference set written ``p95``.

    Raises
    ------
    ValueError
        If `low` is not below `high`.
    """

    low: Bound
    high: Bound

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if isinstance(self.low, float) and isinstance(self.high, float) and self.low >= self.high:
            raise ValueError(f"`low` must be below `high`, received {self.low:g} and {self.high:g}")
        return self

    @property
    def learns(self) -> bool:
        """True if a bound is a percentile."""
        return isinstance(self.low, str) or isinstance(self.high, str)


class Goalposts(Bounded):
    """(x - low) / (high - low), clipped: fixed goalposts in raw units, whatever the direction.

    ``low`` and ``high`` are raw values (low < high), or percentiles of the reference set written
    ``p95``. ``curve="log1p"`` measures the distance on log(1 + x), for counts and rates with a long tail,
    ``curve="log"`` on log x, for incomes. Where higher is safer the fraction is reversed. COINr's
    ``n_goalposts`` is the linear one.

    ``by`` names classes of countries (``income_group``, ``region``, ``subregion``, or ``peers`` of the
    framework) whose bounds differ: ``low`` or ``high`` or both are then a mapping of a number for every
    class, :math:`(x - l_c)/(h_c - l_c)`. A country without a class has no value.

    Raises
    ------
    DataError
        On fitting, if a percentile is not in the domain of the curve, or both bounds are the same;
        if a class has no bound or no country.

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
    carried: ClassVar[frozenset[str]] = frozenset({"low", "high"})

    low: BoundOrClasses  # type: ignore[assignment]
    high: BoundOrClasses  # type: ignore[assignment]
    curve: Literal["linear", "log", "log1p"] = "linear"
    by: Literal["income_group", "income", "region", "subregion", "peers"] | None = None

    @model_validator(mode="after")
    def _by_class(self) -> Self:
        tables = [bound for bound in (self.low, self.high) if isinstance(bound, Classes)]
        if self.by is None and tables:
            raise ValueError("bounds by class need `by`: income_group, region, subregion or peers")
        if self.by is None:
            return self
        if not tables:
            raise ValueError(
                f"`by: {self.by}` needs `low` or `high` as a mapping of a number for every class"
            )
        if any(isinstance(bound, str) for bound in (self.low, self.high)):
            raise ValueError("with `by` a bound is a number or a mapping, never a percentile")
        odd = sorted(set(tables[0]) ^ set(tables[-1]))
        if odd:
            raise ValueError(
                f"class `{odd[0]}` has only one of `low` and `high`; give both for every class"
            )
        for label in tables[0]:
            try:
                type(self)(
                    low=self._of(self.low, label), high=self._of(self.high, label), curve=self.curve
                )
            except FrameworkError as error:
                raise ValueError(f"class `{label}`: {error.message}") from None
        return self

    @staticmethod
    def _of(bound: float | str | Classes, label: str) -> float:
        """Return the bound of a class; only of bounds that are numbers."""
        return float(bound[label] if isinstance(bound, Classes) else bound)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that have bounds, none where the bounds are the same for all units."""
        tables = [bound for bound in (self.low, self.high) if isinstance(bound, Classes)]
        return tuple(sorted(tables[0])) if tables else ()

    @property
    def grouping(self) -> str | None:
        """The classes of units by which the bounds differ."""
        return self.by

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if isinstance(self.low, float) and isinstance(self.high, float) and self.low >= self.high:
            raise ValueError(
                f"goalposts in the wrong order: `low` must be below `high`, received {self.low:g} and "
                f"{self.high:g}; write them in raw units and say the direction with `higher_is`"
            )
        if (
            isinstance(self.low, float)
            and isinstance(self.high, float)
            and self.high - self.low < 1e-100
        ):
            raise ValueError(
                f"goalposts must be at least 1e-100 apart, received {self.low:g} and {self.high:g}"
            )
        above = _ABOVE.get(self.curve)
        if above is not None and isinstance(self.low, float) and self.low <= above:
            raise ValueError(
                f"`curve: {self.curve}` needs `low` > {above:g}, received {self.low:g}"
            )
        return self

    @property
    def linear(self) -> bool:
        """True on the linear curve, with the same bounds for all units."""
        return self.curve == "linear" and self.by is None

    def straighten(self, x: Array) -> Array:
        """Map raw values to the curve."""
        return _CURVES[self.curve][0](x)

    def bend(self, x: Array) -> Array:
        """Map values on the curve back to raw ones."""
        return _CURVES[self.curve][1](x)

    def fit(self, x: Array, sign: int) -> Learned:
        """Return the bounds of each column, percentiles resolved; by class `lows` and `highs` (classes, k)."""
        if self.by is not None:
            return {
                name: np.array([[self._of(bound, label)] * x.shape[1] for label in self.classes])
                for name, bound in (("lows", self.low), ("highs", self.high))
            }
        if isinstance(self.low, Classes) or isinstance(self.high, Classes):
            raise TypeError("bounds by class without `by`")
        low, high = resolved(self.low, x), resolved(self.high, x)
        above = _ABOVE.get(self.curve, -np.inf)
        _refuse(low, low <= above, f"`curve: {self.curve}` needs `low` > {above:g}")
        # Where both ends are percentiles a constant column is the engine's to name.
        if isinstance(self.low, float) or isinstance(self.high, float):
            _refuse(low, low >= high, f"`low` ({self.low}) is not below `high` ({self.high})")
        return {"low": low, "high": high}

    def apply(self, x: Array, sign: int, learned: Learned) -> Array:
        """Return the clipped fraction on the curve, reversed where higher is safer."""
        if self.by is not None and "low" not in learned:
            # The classes of the units are not known.
            return np.full(x.shape, np.nan)
        if self.curve != "linear":
            x = np.maximum(x, learned["low"])
        low, high = self.straighten(learned["low"]), self.straighten(learned["high"])
        return between(self.straighten(x), low, high, sign)

    def of_units(self, learned: Learned, labels: Labels) -> Learned:
        """Return `low` and `high` (units, k) by the class of every unit, NaN for a unit without a bound."""
        number = {label: index for index, label in enumerate(self.classes)}
        rows = np.array([number.get(label, len(number)) for label in labels], np.intp)
        return {
            short: np.vstack([learned[name], np.full((1, learned[name].shape[1]), np.nan)])[rows]
            for short, name in (("low", "lows"), ("high", "highs"))
        }


def units_needed(bound: object) -> int:
    """Return how many values a percentile needs so that the outermost unit is not the percentile.

    Examples
    --------
    >>> units_needed("p95"), units_needed("p50"), units_needed(10.0)
    (20, 2, 0)
    """
    if not isinstance(bound, str):
        return 0
    tail = min(float(bound[1:]), 100 - float(bound[1:]))
    return math.ceil(100 / tail - 1e-9) if tail > 0 else 0


def resolved(bound: float | str, x: Array) -> Array:
    """Return the bound of every column: the number, or the percentile of the column."""
    if isinstance(bound, float):
        return np.full(x.shape[1], bound)
    return quantile(x, float(bound[1:]) / 100)


def _refuse(values: Array, bad: NDArray[np.bool_], rule: str) -> None:
    if bad.any():
        column = int(np.flatnonzero(bad)[0])
        raise DataError(
            f"normalisation `goalposts`: {rule}; in column {column + 1} of {len(bad)} `low` is "
            f"{values[column]:g} on the reference set"
        )


def between(x: Array, low: Array, high: Array, sign: int) -> Array:
    """Return (x - low) / (high - low) clipped to 0-1, one minus it for a negative sign."""
    start, end = (low, high) if sign > 0 else (high, low)
    with np.errstate(invalid="ignore", divide="ignore"):
        out: Array = np.subtract(x, start)
        out /= end - start
    np.clip(out, 0.0, 1.0, out=out)
    # Adding 0 turns the -0.0 of a reversed division into 0.0.
    out += 0.0
    return out
