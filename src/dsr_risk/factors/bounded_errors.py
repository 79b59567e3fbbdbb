"""Errors between bounds: of stated intervals, of codes taken for another, of events not reported."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from ..methods._base import Number
from ._base import Array
from .errors_in_data import Cells, DataFactor, Noise, Share

__all__ = ["Interval", "Misclassified", "UnderReported"]


class Interval(DataFactor):
    """Uniform between the bounds that the data state (``lower``, ``upper``); censored cells included.

    A cell without both bounds keeps its value.

    References
    ----------
    JCGM 101:2008, Supplement 1 to the GUM, 6.4.2.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> low, high = np.array([[5.0]]), np.array([[15.0]])
    >>> cells = SimpleNamespace(low=low, high=high, bottom=low, top=high)  # as of `Cells`
    >>> Interval().perturb(np.array([[[10.0]]]), (np.array([[[0.25]]]),), cells).tolist()
    [[[7.5]]]
    """

    name: ClassVar[str] = "interval"

    def noise(self, rng: np.random.Generator, draws: int, cells: Cells) -> Noise:
        """Return unit numbers."""
        return (rng.random((draws, *cells.values.shape)),)

    def perturb(self, x: Array, noise: Noise, cells: Cells) -> Array:
        """Return a uniform value where both bounds are known."""
        observed = np.isfinite(cells.low) & np.isfinite(cells.high)
        low, high = (np.where(observed, end, np.nan) for end in (cells.bottom, cells.top))
        drawn = low + noise[0] * (high - low)
        return np.where(observed, drawn, x)

    def complaints_about(self, cells: Cells) -> list[str]:
        """Return what is wrong: no cell with both bounds, or bounds in the wrong order."""
        if not (np.isfinite(cells.low) & np.isfinite(cells.high)).any():
            return ["no cell states both a `lower` and an `upper` bound"]
        return [
            f"`{cells.names[row]}`: a lower bound is above its upper bound"
            for row in np.flatnonzero((cells.low > cells.high).any(axis=1))
        ]


class Misclassified(DataFactor):
    """Ordinal codes taken for another with a given probability: a neighbour, or any other code.

    References
    ----------
    Gustafson, P. (2003), Measurement Error and Misclassification in Statistics and Epidemiology.

    Examples
    --------
    >>> factor = Misclassified(probability=0.1)
    >>> factor.moves((0, 1, 2)), factor.moves(None)
    (True, False)
    """

    name: ClassVar[str] = "misclassified"

    probability: Share
    to: Literal["neighbour", "any"] = "neighbour"

    def moves(self, ordinal: Sequence[float] | None) -> bool:
        """Return whether there is more than one code."""
        return ordinal is not None and len(ordinal) > 1

    def noise(self, rng: np.random.Generator, draws: int, cells: Cells) -> Noise:
        """Return unit numbers: whether a code is wrong, and which code it becomes."""
        shape = (draws, *cells.values.shape)
        return rng.random(shape), rng.random(shape)

    def perturb(self, x: Array, noise: Noise, cells: Cells) -> Array:
        """Return codes, some replaced."""
        out = np.array(np.broadcast_to(x, noise[0].shape))
        for row, codes in enumerate(cells.ordinal):
            if codes is None or len(codes) < 2:
                continue
            scale = np.sort(np.array(codes, float))
            # The nearest code: another factor may have moved the value off it.
            category = np.searchsorted((scale[1:] + scale[:-1]) / 2, out[:, row], side="left")
            wrong, move = noise[0][:, row] < self.probability, noise[1][:, row]
            if self.to == "neighbour":
                other = category + np.where(move < 0.5, -1, 1)
                other = np.where(other < 0, 1, np.where(other >= len(scale), category - 1, other))
            else:
                other = np.minimum((move * (len(scale) - 1)).astype(np.intp), len(scale) - 2)
                other = other + (other >= category)
            drawn = scale[np.where(wrong, other, category)]
            out[:, row] = np.where(np.isnan(out[:, row]), np.nan, drawn)
        return out

    def complaints_about(self, cells: Cells) -> list[str]:
        """Return what is wrong: no indicator with codes."""
        if any(codes is not None and len(codes) > 1 for codes in cells.ordinal):
            return []
        return ["no indicator there has `ordinal` codes; list them in the framework"]


class UnderReported(DataFactor):
    """Counts of which only a share is reported, uniform between `low` and `high`: value / share.

    ``shared`` gives every unit of a draw the same share.

    References
    ----------
    Winkelmann, R. (1996), Econometrics Journal 7(2), on under-reported counts; the thinning model.

    Examples
    --------
    >>> UnderReported(low=0.5).perturb(np.array([[[10.0]]]), (np.array([[[0.8]]]),), None).tolist()
    [[[12.5]]]
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
        """Return values divided by the share that is reported."""
        return np.asarray(x / noise[0])
