"""Weighting: the weights of a group's children, given or learned."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ..method import Method

__all__ = ["DataQuality", "Equal", "Given", "Weighter"]

Array = NDArray[np.float64]


class Weighter(Method):
    """Weights of the k children of one group, learned once on the reference set.

    A plug-in gives ``fit(values, given, quality)``: `values` (units, k) are the children's scores with
    NaN for missing, `given` (k,) the weights written in the framework, `quality` (k,) the mean
    confidence of the cells behind each child in 0-1 (missing cells count 0). It returns k weights >= 0,
    not all zero; only their ratios matter. Set ``reads_values = False`` where `values` is not used.
    """

    family: ClassVar[str] = "weighting"
    reads_values: ClassVar[bool] = True

    def fit(self, values: Array, given: Array, quality: Array) -> Array:
        """The weights."""
        raise TypeError(f"{type(self).__name__} gives no `fit`")


class Given(Weighter):
    """The weights written in the framework.

    References
    ----------
    OECD/JRC (2008), Handbook, step 6 (participatory weights).
    """

    name: ClassVar[str] = "given"
    reads_values: ClassVar[bool] = False

    def fit(self, values: Array, given: Array, quality: Array) -> Array:
        """The given weights."""
        return given


class Equal(Weighter):
    """The same weight for every child.

    References
    ----------
    OECD/JRC (2008), Handbook, step 6 (equal weighting).
    """

    name: ClassVar[str] = "equal"
    reads_values: ClassVar[bool] = False

    def fit(self, values: Array, given: Array, quality: Array) -> Array:
        """One for each; a child given weight 0 keeps it, for it was taken out on purpose."""
        return np.where(given > 0, 1.0, 0.0)


class DataQuality(Weighter):
    """The given weights times the quality of the data behind each child.

    Quality is the mean over the reference units of the cell's confidence (high 1, medium 2/3, low 1/3,
    unknown as high), counting a missing cell as 0 and leaving out cells that are not applicable.

    References
    ----------
    OECD/JRC (2008), Handbook, step 6: "less weight to indicators with lower data quality".
    """

    name: ClassVar[str] = "data_quality"
    reads_values: ClassVar[bool] = False

    def fit(self, values: Array, given: Array, quality: Array) -> Array:
        """Given weights times quality."""
        return given * quality
