"""Uncertain numbers: parameters of methods and goalposts, from columns of the unit cube."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from ..methods._base import Number
from ._base import Array, Factor, Kind

__all__ = ["ParameterFactor", "Triangular", "Uniform"]


class ParameterFactor(Factor):
    """A number that varies: a method's parameter, or goalposts by a share of their distance.

    ``closed_ends`` says whether a factor on the goalposts of several indicators also moves those that are
    an end of the indicator's own scale (its ``plausible`` range): a scale of 0-100 ends at 100 whatever
    anybody thinks. A factor that names one indicator moves both of its goalposts.

    Examples
    --------
    >>> factor = Factor.parse({"method": "uniform", "share": 0.2})
    >>> factor.draw(np.array([0.0, 1.0]), nominal=40.0).tolist(), factor.shift(np.array([0.0, 1.0])).tolist()
    ([32.0, 48.0], [-0.2, 0.2])
    """

    kind: ClassVar[Kind] = "parameter"

    closed_ends: Literal["keep", "move"] = "keep"

    def draw(self, u: Array, nominal: float) -> Array:
        """Return the number for each unit number; `nominal` is the one written.

        Parameters
        ----------
        u
            (draws,) numbers in 0-1.
        nominal
            The number written in the framework.

        Returns
        -------
        array
            (draws,) values of the parameter.
        """
        raise TypeError(f"{type(self).__name__} gives no `draw`")

    def shift(self, u: Array) -> Array:
        """Return a relative change, for targets that have no single number of their own.

        Parameters
        ----------
        u
            (draws,) numbers in 0-1.

        Returns
        -------
        ndarray
            (draws,) changes as shares: 0.1 is ten percent up.
        """
        raise TypeError(f"{type(self).__name__} gives no `shift`")


class Uniform(ParameterFactor):
    """Uniform between `low` and `high`, or within plus or minus `share` of what is written.

    References
    ----------
    JCGM 101:2008, Supplement 1 to the GUM, 6.4.2 (rectangular distributions).

    Examples
    --------
    >>> Uniform(share=0.2).draw(np.array([0.0, 0.5, 1.0]), 40.0).tolist()
    [32.0, 40.0, 48.0]
    """

    name: ClassVar[str] = "uniform"

    low: Number | None = None
    high: Number | None = None
    share: Annotated[Number, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.share is not None and self.low is None and self.high is None:
            return self
        if self.share is None and self.low is not None and self.high is not None:
            if self.low < self.high:
                return self
            raise ValueError(f"`low` must be below `high`, received {self.low:g} and {self.high:g}")
        raise ValueError("give `low` and `high`, or `share`")

    def draw(self, u: Array, nominal: float) -> Array:
        """Return values that are linear in u."""
        if self.share is not None:
            return nominal * (1 + self.share * (2 * u - 1))
        low, high = float(self.low or 0), float(self.high or 0)
        return low + u * (high - low)

    def shift(self, u: Array) -> Array:
        """Return values that are linear in u around 0."""
        if self.share is None:
            raise ValueError("a target without a number of its own needs `share`")
        return np.asarray(self.share * (2 * u - 1))


class Triangular(ParameterFactor):
    """Triangular between `low` and `high` with its peak at `mode` (what is written, if not given).

    References
    ----------
    JCGM 101:2008, Supplement 1 to the GUM, 6.4.5.

    Examples
    --------
    >>> Triangular(low=0, high=4, mode=2).draw(np.array([0.0, 0.125, 0.5, 1.0]), 2.0).tolist()
    [0.0, 1.0, 2.0, 4.0]
    """

    name: ClassVar[str] = "triangular"

    low: Number
    high: Number
    mode: Number | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        mode = self.low if self.mode is None else self.mode
        if not self.low <= mode <= self.high or self.low == self.high:
            raise ValueError(
                f"expected low <= mode <= high, received {self.low:g}, {mode:g}, {self.high:g}"
            )
        return self

    def draw(self, u: Array, nominal: float) -> Array:
        """Return the inverse of the triangular distribution function."""
        mode = float(np.clip(nominal if self.mode is None else self.mode, self.low, self.high))
        return triangle(u, self.low, mode, self.high)


def triangle(u: Array, low: float | Array, mode: float | Array, high: float | Array) -> Array:
    """Return quantiles of triangular distributions."""
    width = np.asarray(high) - low
    with np.errstate(invalid="ignore", divide="ignore"):
        peak = np.where(width > 0, (np.asarray(mode) - low) / width, 0.5)
    left = low + np.sqrt(u * width * (np.asarray(mode) - low))
    right = high - np.sqrt((1 - u) * width * (np.asarray(high) - mode))
    return np.where(u < peak, left, right)
