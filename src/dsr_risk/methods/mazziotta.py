"""The Mazziotta-Pareto indices: the mean, with a penalty for unbalance among the children."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np

from .._util.types import Array, Mask
from .aggregation import Aggregator
from .noncompensatory import Compensation, children_first, live_shares

__all__ = ["AdjustedMazziottaPareto", "MazziottaPareto"]


class _Penalised(Aggregator):
    """M plus or minus S2 / M, with S2 the weighted variance of the children."""

    attribution: ClassVar[Literal["exact", "none"]] = "exact"

    penalty: Literal["add", "subtract"] = "add"

    @property
    def compensation(self) -> Compensation:
        """Risk is kept where the penalty is added, hidden where it is subtracted."""
        return "risk-keeping" if self.penalty == "add" else "risk-hiding"

    def combine(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the penalised mean of the present children."""
        x, w = live_shares(values, weights, present)
        mean, shares = self._parts(x, w)
        value = mean + np.where(np.isnan(x), 0.0, shares).sum(axis=0)
        return np.where(np.isnan(x).all(axis=0), np.nan, value)

    def attribute(self, values: Array, weights: Array, floor: float = 0.0) -> Array | None:
        """Split exactly: ``w_i (x_i - f)``, and each child's own term of the penalty, ``w_i (x_i - M)2 / M``."""
        x, w = children_first(values, weights)
        return np.where(np.isnan(x), np.nan, w * (x - floor) + self._parts(x, w)[1]).T

    def _parts(self, x: Array, w: Array) -> tuple[Array, Array]:
        """Return the mean, and each child's term of the penalty."""
        mean = np.where(np.isnan(x), 0.0, w * x).sum(axis=0)
        square = w * np.square(x - mean)
        with np.errstate(invalid="ignore", divide="ignore"):
            term = square * self._correction(w) / np.where(mean > 0, mean, np.nan)
        sign = 1.0 if self.penalty == "add" else -1.0
        return mean, sign * np.where(square == 0, 0.0, term)

    def _correction(self, w: Array) -> Array:
        raise TypeError(f"{type(self).__name__} gives no `_correction`")


class MazziottaPareto(_Penalised):
    r"""The Mazziotta-Pareto index: :math:`M (1 \pm cv^2) = M \pm S^2 / M`, S with n - 1.

    Meant for children on a z scale with mean 100 and sd 10 (``normalisation: {method: zscore, mean: 100,
    sd: 10}``). ``penalty: add`` where high is bad, as on a risk scale; ``subtract`` where high is good.
    Not a mean: on a scale with zero it may leave the range of its children and fall where a low child
    rises. NaN where M <= 0 and the children differ. Exact attribution: each child's weighted value and
    its own term of the variance.

    Notes
    -----
    Compind's ``ci_mpi``. Weighted here, with the variance corrected by 1 / (1 - sum of squared weights),
    which is n / (n - 1) for equal weights.

    References
    ----------
    De Muro, P., Mazziotta, M. and Pareto, A. (2011), Composite indices of development and poverty: an
    application to MDGs, Social Indicators Research 104(1), 1-18.

    Examples
    --------
    >>> x, ones, here = np.array([[110.0], [90.0]]), np.ones((2, 1)), np.ones((2, 1), bool)
    >>> MazziottaPareto().combine(x, ones, here).tolist()
    [102.0]
    """

    name: ClassVar[str] = "mazziotta_pareto"

    @property
    def monotone(self) -> bool:
        """False."""
        return False

    @property
    def inside(self) -> bool:
        """False."""
        return False

    def _correction(self, w: Array) -> Array:
        return np.asarray(1 / (1 - np.square(w).sum(axis=0)))


class AdjustedMazziottaPareto(_Penalised):
    r"""The adjusted Mazziotta-Pareto index: :math:`M \pm S \cdot cv` on 70-130, S with n.

    The scale is mapped to 70-130 and the result mapped back; give the children fixed goalposts for scores
    that compare over time. ``penalty: add`` where high is bad, as on a risk scale (then a higher child
    never lowers the index); ``subtract`` where high is good. Always between the smallest and the largest
    child. Exact attribution: each child's weighted value and its own term of the variance.

    Notes
    -----
    Compind's ``ci_ampi`` gives 70 + 60 times the share of the scale, rounded to 3 decimals, and
    overwrites its ``penalty`` inside. With "subtract" a very high child may lower the index when it
    rises, which follows from the formula.

    References
    ----------
    Mazziotta, M. and Pareto, A. (2016), On a generalized non-compensatory composite index for measuring
    socio-economic phenomena, Social Indicators Research 127(3), 983-1003.

    Examples
    --------
    >>> index = AdjustedMazziottaPareto(penalty="subtract")
    >>> x, ones, here = np.array([[110.0], [90.0]]), np.ones((2, 1)), np.ones((2, 1), bool)
    >>> index.affine_map(0, 100), index.combine(x, ones, here).tolist()
    ((70.0, 0.6), [99.0])
    """

    name: ClassVar[str] = "adjusted_mazziotta_pareto"

    @property
    def monotone(self) -> bool:
        """True where the penalty is added."""
        return self.penalty == "add"

    def affine_map(self, lower: float, upper: float) -> tuple[float, float]:
        """Return the map of the scale to 70-130."""
        slope = 60 / (upper - lower)
        return 70 - slope * lower, slope

    def _correction(self, w: Array) -> Array:
        return np.ones(np.shape(w)[1:])
