"""Goalposts on a bent path: through given points, or along a logistic curve."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from .._util.types import Array
from ..errors import DataError
from ._base import Number
from .normalisation import Bounded, Normaliser, resolved
from .treatment import Learned

__all__ = ["Logistic", "Piecewise"]


class Piecewise(Normaliser):
    """Straight lines through given points: thresholds of law or practice become points of the scale.

    ``at`` are raw values in ascending order, ``shares`` the share of the scale (0-1, never falling) that
    each is worth where higher is riskier; where higher is safer the share is 1 minus it, as in
    `goalposts`. Beyond the ends the end's share holds.

    References
    ----------
    OECD/JRC (2008), Handbook, step 5 (categorical scales), made continuous; Keeney, R. L. and Raiffa, H.
    (1976), Decisions with Multiple Objectives, Wiley (value functions).

    Examples
    --------
    >>> debt_service = Piecewise(at=(0, 10, 15, 21), shares=(0, 0.3, 0.6, 1))
    >>> x = np.array([[5.0], [15], [40]])
    >>> debt_service.apply(x, 1, {}).ravel().tolist()
    [0.15, 0.6, 1.0]
    """

    name: ClassVar[str] = "piecewise"

    at: Annotated[tuple[Number, ...], Field(min_length=2)]
    shares: Annotated[tuple[Number, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _is_a_path(self) -> Self:
        if len(self.at) != len(self.shares):
            raise ValueError(
                f"`at` and `shares` must be equally long, received {len(self.at)} and "
                f"{len(self.shares)}"
            )
        if (np.diff(self.at) <= 0).any():
            raise ValueError(f"`at` must ascend, received {list(self.at)}")
        if (np.diff(self.shares) < 0).any() or min(self.shares) < 0 or max(self.shares) > 1:
            raise ValueError(
                f"`shares` must lie in 0-1 and never fall, received {list(self.shares)}; say the direction "
                "with `higher_is`"
            )
        return self

    @property
    def learns(self) -> bool:
        """False: the points are given."""
        return False

    def fit(self, x: Array, sign: int) -> Learned:
        """Return nothing."""
        return {}

    def apply(self, x: Array, sign: int, learned: Learned) -> Array:
        """Return the interpolated share."""
        share = np.where(np.isnan(x), np.nan, np.interp(x, self.at, self.shares))
        return share if sign > 0 else 1 - share


class Logistic(Bounded):
    r"""A logistic curve: differences count most in the middle and fade out at both ends.

    .. math:: 1 / (1 + \exp(-s (x - m))), \quad m = (low + high) / 2

    with the slope *s* such that `low` is worth ``tail`` and `high` 1 - ``tail`` (0.05 and 0.95). ``low`` and
    ``high`` are raw values or percentiles (``p5``). Where higher is safer the share is reversed.

    References
    ----------
    Verhulst, P.-F. (1838), Notice sur la loi que la population suit dans son accroissement,
    Correspondance mathematique et physique 10, 113-121; as a value function: Stewart, T. J. and Janssen,
    R. (2013), Integrated value function construction, Int. Trans. in Operational Research 20, 559-578.

    Examples
    --------
    >>> curve = Logistic(low=0, high=100)
    >>> x = np.array([[0.0], [50], [100]])
    >>> curve.apply(x, 1, curve.fit(x, 1)).ravel().round(6).tolist()
    [0.05, 0.5, 0.95]
    """

    name: ClassVar[str] = "logistic"

    tail: Annotated[Number, Field(gt=0, lt=0.5)] = 0.05

    def fit(self, x: Array, sign: int) -> Learned:
        """Return the bounds of each column, percentiles resolved."""
        low, high = resolved(self.low, x), resolved(self.high, x)
        mixed = isinstance(self.low, float) or isinstance(self.high, float)
        if mixed and (low >= high).any():
            column = int(np.flatnonzero(low >= high)[0])
            raise DataError(
                f"normalisation `logistic`: `low` ({self.low}) is not below `high` ({self.high}) in column "
                f"{column + 1} of {len(low)}: {low[column]:g} and {high[column]:g}"
            )
        return {"low": low, "high": high}

    def apply(self, x: Array, sign: int, learned: Learned) -> Array:
        """Return the share on the curve; NaN where the bounds do not enclose a range."""
        low, high = learned["low"], learned["high"]
        length = np.where(high > low, high - low, np.nan)
        steep = 2 * np.log((1 - self.tail) / self.tail) / length
        # Beyond 700 the exponential overflows and the curve has reached its end.
        power = np.clip(-sign * steep * (x - (low + high) / 2), -700, 700)
        return np.asarray(1 / (1 + np.exp(power)))
