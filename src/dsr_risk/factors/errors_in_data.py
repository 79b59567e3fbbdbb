"""Errors of the data: every cell of every draw, from a stream of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from ..methods._base import Number
from ._base import Array, Factor, Kind

__all__ = [
    "Cells",
    "Confidence",
    "DataFactor",
    "Interval",
    "Misclassified",
    "Noise",
    "StandardError",
    "UnderReported",
]

Positive = Annotated[Number, Field(gt=0)]
Share = Annotated[Number, Field(ge=0, le=1)]


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells a data factor acts on: k indicators by n units, all arrays (k, n).

    ``values`` are raw (divided by their denominator), NaN where missing; ``std_error``, ``low`` and
    ``high`` on the same scale, NaN where not stated; ``grade`` 3 high, 2 medium, 1 low, 0 unstated;
    ``source`` numbers the sources from 0; ``length`` (k,) is the observed range; ``ordinal`` the codes
    of each indicator; ``within`` (k, 2) its plausible range, infinite where none is given.
    """

    names: tuple[str, ...]
    values: Array
    std_error: Array
    low: Array
    high: Array
    grade: NDArray[np.intp]
    source: NDArray[np.intp]
    length: Array
    ordinal: tuple[tuple[float, ...] | None, ...]
    within: Array


Noise = tuple[Array, ...]
"""Random arrays whose first axis is the draw and whose second is the indicator."""


class DataFactor(Factor):
    """Errors of cells, in two steps, so that one draw's errors do not depend on any other choice.

    ``noise(rng, draws, cells)`` makes what is random; ``perturb(x, noise, cells)`` turns values
    (draws, k, n), or (1, k, n) for the same values in every draw, into drawn ones. Neither its
    arguments nor its noise survive: both may be overwritten. Drawn values are then held inside the
    indicator's plausible range.
    """

    kind: ClassVar[Kind] = "data"

    def noise(self, rng: np.random.Generator, draws: int, cells: Cells) -> Noise:
        """Random arrays, draws first."""
        raise TypeError(f"{type(self).__name__} gives no `noise`")

    def perturb(self, x: Array, noise: Noise, cells: Cells) -> Array:
        """Drawn values from x."""
        raise TypeError(f"{type(self).__name__} gives no `perturb`")

    def complaints_about(self, cells: Cells) -> list[str]:
        """Why it cannot act on these cells, one line a reason."""
        return []


class StandardError(DataFactor):
    """Normal errors: ``relative`` to the value, ``absolute`` in raw units, or as the data state them.

    With neither, each cell's ``std_error`` is used and a cell without one has no error.
    ``correlation`` is that of the errors of two cells from the same source, in a draw and an indicator.

    References
    ----------
    JCGM 101:2008, Supplement 1 to the GUM, 6.4.7; Saisana, Saltelli and Tarantola (2005), J. R. Stat.
    Soc. A 168(2), 307-323.
    """

    name: ClassVar[str] = "standard_error"

    relative: Annotated[Number, Field(ge=0)] | None = None
    absolute: Annotated[Number, Field(ge=0)] | None = None
    correlation: Share = 0.0

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.relative is not None and self.absolute is not None:
            raise ValueError("give `relative` or `absolute`, not both")
        return self

    def size_of(self, cells: Cells) -> Array:
        """Return the standard error of every cell, 0 where none is known."""
        if self.absolute is not None:
            return np.full(cells.values.shape, self.absolute)
        if self.relative is not None:
            return np.nan_to_num(np.abs(cells.values) * self.relative)
        return np.nan_to_num(cells.std_error)

    def noise(self, rng: np.random.Generator, draws: int, cells: Cells) -> Noise:
        """Return standard normals, correlated within sources as asked."""
        rows, units = cells.values.shape
        out = rng.standard_normal((draws, rows, units))
        if self.correlation:
            count = int(cells.source.max(initial=0)) + 1
            common = rng.standard_normal((draws, rows, count))
            shared = np.take_along_axis(common, cells.source[None], axis=2)
            out *= np.sqrt(1 - self.correlation)
            out += np.sqrt(self.correlation) * shared
        return (out,)

    def perturb(self, x: Array, noise: Noise, cells: Cells) -> Array:
        """Values plus normal errors."""
        (out,) = noise
        out *= self.size_of(cells)
        out += x
        return out

    def complaints_about(self, cells: Cells) -> list[str]:
        """Negative standard errors, or none at all."""
        if self.absolute is not None or self.relative is not None:
            return []
        lines = [
            f"`{cells.names[row]}`: a standard error is negative, received {cells.std_error[row].min():g}"
            for row in np.flatnonzero((cells.std_error < 0).any(axis=1))
        ]
        if np.isnan(cells.std_error).all():
            lines.append(
                "no cell states a standard error; give `relative` or `absolute`, or a column "
                "`std_error` in the data"
            )
        return lines


class Interval(DataFactor):
    """Uniform between the bounds that the data state (``lower``, ``upper``); censored cells included.

    A cell without both bounds keeps its value.

    References
    ----------
    JCGM 101:2008, Supplement 1 to the GUM, 6.4.2.
    """

    name: ClassVar[str] = "interval"

    def noise(self, rng: np.random.Generator, draws: int, cells: Cells) -> Noise:
        """Return unit numbers."""
        return (rng.random((draws, *cells.values.shape)),)

    def perturb(self, x: Array, noise: Noise, cells: Cells) -> Array:
        """Return a uniform value where both bounds are known."""
        known = np.isfinite(cells.low) & np.isfinite(cells.high)
        drawn = cells.low + noise[0] * (cells.high - cells.low)
        return np.where(known, drawn, x)

    def complaints_about(self, cells: Cells) -> list[str]:
        """No bounds at all, or bounds in the wrong order."""
        if not (np.isfinite(cells.low) & np.isfinite(cells.high)).any():
            return ["no cell states both a `lower` and an `upper` bound"]
        return [
            f"`{cells.names[row]}`: a lower bound is above its upper bound"
            for row in np.flatnonzero((cells.low > cells.high).any(axis=1))
        ]


class Confidence(DataFactor):
    """Triangular errors by confidence grade: half widths for cells graded high, medium and low.

    Half widths are shares of the value, or with ``of="range"`` of the indicator's observed range. A
    cell without a grade counts as `unstated`.

    References
    ----------
    Judgement turned into triangular distributions: JCGM 101:2008, 6.4.5.
    """

    name: ClassVar[str] = "confidence"

    high: Annotated[Number, Field(ge=0)]
    medium: Annotated[Number, Field(ge=0)]
    low: Annotated[Number, Field(ge=0)]
    unstated: Annotated[Number, Field(ge=0)] = 0.0
    of: Literal["value", "range"] = "value"

    def noise(self, rng: np.random.Generator, draws: int, cells: Cells) -> Noise:
        """Triangular numbers between -1 and 1: the difference of two unit numbers."""
        out = rng.random((draws, *cells.values.shape))
        out -= rng.random(out.shape)
        return (out,)

    def perturb(self, x: Array, noise: Noise, cells: Cells) -> Array:
        """Values plus symmetric triangular errors."""
        half = np.array([self.unstated, self.low, self.medium, self.high])[cells.grade]
        size = np.abs(cells.values) if self.of == "value" else cells.length[:, None]
        (out,) = noise
        out *= np.nan_to_num(half * size)
        out += x
        return out


class Misclassified(DataFactor):
    """Ordinal codes taken for another with a given probability: a neighbour, or any other code.

    References
    ----------
    Gustafson, P. (2003), Measurement Error and Misclassification in Statistics and Epidemiology.
    """

    name: ClassVar[str] = "misclassified"

    probability: Share
    to: Literal["neighbour", "any"] = "neighbour"

    def noise(self, rng: np.random.Generator, draws: int, cells: Cells) -> Noise:
        """Return unit numbers: whether a code is wrong, and which code it becomes."""
        shape = (draws, *cells.values.shape)
        return rng.random(shape), rng.random(shape)

    def perturb(self, x: Array, noise: Noise, cells: Cells) -> Array:
        """Codes, some replaced."""
        out = np.array(np.broadcast_to(x, noise[0].shape))
        for row, codes in enumerate(cells.ordinal):
            if codes is None or len(codes) < 2:
                continue
            scale = np.sort(np.array(codes, float))
            # The nearest code: another factor may have moved the value off it.
            here = np.searchsorted((scale[1:] + scale[:-1]) / 2, out[:, row], side="left")
            wrong, move = noise[0][:, row] < self.probability, noise[1][:, row]
            if self.to == "neighbour":
                there = here + np.where(move < 0.5, -1, 1)
                there = np.where(there < 0, 1, np.where(there >= len(scale), here - 1, there))
            else:
                there = np.minimum((move * (len(scale) - 1)).astype(np.intp), len(scale) - 2)
                there = there + (there >= here)
            drawn = scale[np.where(wrong, there, here)]
            out[:, row] = np.where(np.isnan(out[:, row]), np.nan, drawn)
        return out

    def complaints_about(self, cells: Cells) -> list[str]:
        """No indicator with codes."""
        if any(codes is not None and len(codes) > 1 for codes in cells.ordinal):
            return []
        return ["no indicator there has `ordinal` codes; list them in the framework"]


class UnderReported(DataFactor):
    """Counts of which only a share is reported, uniform between `low` and `high`: value / share.

    ``shared`` gives every unit of a draw the same share.

    References
    ----------
    Winkelmann, R. (1996), Econometrics Journal 7(2), on under-reported counts; the thinning model.
    """

    name: ClassVar[str] = "under_reported"

    low: Annotated[Number, Field(gt=0, le=1)]
    high: Annotated[Number, Field(gt=0, le=1)] = 1.0
    shared: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"`low` must be below `high`, received {self.low:g} and {self.high:g}")
        return self

    def noise(self, rng: np.random.Generator, draws: int, cells: Cells) -> Noise:
        """Return the shares reported."""
        rows, units = cells.values.shape
        u = rng.random((draws, rows, 1 if self.shared else units))
        return (self.low + u * (self.high - self.low),)

    def perturb(self, x: Array, noise: Noise, cells: Cells) -> Array:
        """Values divided by the share that is reported."""
        return np.asarray(x / noise[0])
