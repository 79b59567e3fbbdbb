"""Treatment of outliers and skewed distributions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..method import Method

__all__ = ["Learned", "NoTreatment", "Treatment"]

Array = NDArray[np.float64]
Learned = Mapping[str, Array]
"""What a method learned from the reference set: named arrays, one entry a column."""


class Treatment(Method):
    """Changes raw columns before they are normalised; learned once, re-applied to new data.

    ``fit(x)`` takes the reference columns (units, k), NaN for missing, and returns named arrays;
    ``apply(x, learned)`` treats any columns with them.
    """

    family: ClassVar[str] = "treatment"

    def fit(self, x: Array) -> Learned:
        """What is learned from the reference columns."""
        return {}

    def apply(self, x: Array, learned: Learned) -> Array:
        """The treated columns."""
        raise TypeError(f"{type(self).__name__} gives no `apply`")


class NoTreatment(Treatment):
    """Columns pass through unchanged.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 5.
    """

    name: ClassVar[str] = "none"

    def apply(self, x: Array, learned: Learned) -> Array:
        """The columns as they are."""
        return x
