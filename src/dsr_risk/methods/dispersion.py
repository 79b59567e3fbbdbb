"""Weights from how much each child tells units apart: entropy, standard deviation, CRITIC, MEREC."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from .._util.types import Array
from ._base import Number
from ._columns import count, lowest, mean, spread
from ._pairwise import correlations
from .weighting import Learner

__all__ = ["Critic", "Entropy", "Merec", "StandardDeviation"]


class Entropy(Learner):
    r"""Shannon entropy: a child whose values are spread unevenly over the units weighs more.

    .. math:: w_j \propto 1 + \frac{1}{\ln n_j} \sum_i p_{ij} \ln p_{ij}, \quad p_{ij} = x_{ij} / \sum_i x_{ij}

    over the :math:`n_j` units with a value. A constant child has weight 0, as in the source. The result
    depends on where zero is: a shift of the scale changes it.

    Raises
    ------
    NotScorableError
        If values are negative, or every child is constant.

    References
    ----------
    Shannon, C. E. (1948), Bell System Technical Journal 27, 379-423; Zeleny, M. (1982), Multiple Criteria
    Decision Making, McGraw-Hill, chapter 7.

    Examples
    --------
    >>> x = np.array([[1.0, 5.0, 2.0], [9.0, 5.0, 4.0]])
    >>> weights = Entropy().fit(x, np.ones(3), np.ones(3))
    >>> (weights / weights.sum()).round(4).tolist()
    [0.8667, 0.0, 0.1333]
    """

    name: ClassVar[str] = "entropy"

    def learn(self, values: Array, given: Array) -> Array:
        """Return the degrees of diversification."""
        self.refuse(lowest(values) < 0, "has negative values, and shares need values >= 0")
        with np.errstate(invalid="ignore", divide="ignore"):
            p = values / np.nansum(values, axis=0)
            terms = np.where(p > 0, p * np.log(p), 0.0)
            diversity = 1 + terms.sum(axis=0) / np.log(count(values))
        return np.where(spread(values) > 0, np.maximum(diversity, 0.0), 0.0)


class StandardDeviation(Learner):
    """Weights in proportion to the standard deviation (n - 1) of each child's scores.

    A constant child has weight 0, as in the source. Children should share a scale, as they do here.

    References
    ----------
    Diakoulaki, D., Mavrotas, G. and Papayannakis, L. (1995), Determining objective weights in multiple
    criteria problems: the CRITIC method, Computers and Operations Research 22(7), 763-770.

    Examples
    --------
    >>> x = np.array([[0.0, 10.0], [100.0, 60.0]])
    >>> weights = StandardDeviation().fit(x, np.ones(2), np.ones(2))
    >>> (weights / weights.sum()).round(4).tolist()
    [0.6667, 0.3333]
    """

    name: ClassVar[str] = "standard_deviation"

    def learn(self, values: Array, given: Array) -> Array:
        """Return the standard deviations."""
        return spread(values)


class Critic(Learner):
    r"""CRITIC: the standard deviation times the conflict with the other children.

    .. math:: w_j \propto s_j \sum_k (1 - r_{jk})

    r is Pearson's, over the units that have both values. A constant child has weight 0.

    Raises
    ------
    NotScorableError
        If all children are perfectly correlated, so that none has information of its own, or two share
        fewer than 3 units.

    Notes
    -----
    The source rescales every criterion to 0-1 by its own extremes first; here children are on the scale
    of the framework already, which is the same under `minmax`.

    References
    ----------
    Diakoulaki, D., Mavrotas, G. and Papayannakis, L. (1995), Computers and Operations Research 22(7),
    763-770.

    Examples
    --------
    >>> x = np.array([[0.0, 0.0, 100.0], [50.0, 50.0, 0.0], [100.0, 100.0, 50.0]])
    >>> weights = Critic().fit(x, np.ones(3), np.ones(3))
    >>> (weights / weights.sum()).round(4).tolist()
    [0.25, 0.25, 0.5]
    """

    name: ClassVar[str] = "critic"

    def learn(self, values: Array, given: Array) -> Array:
        """Return standard deviation times conflict."""
        deviation = spread(values)
        varied = deviation > 0
        if varied.sum() < 2:
            return deviation
        r = correlations(values)
        unknown = np.isnan(r) & np.outer(varied, varied)
        self.refuse(unknown, "share fewer than 3 units, or are constant over those they share")
        # A correlation of one leaves rounding where the source has zero.
        conflict = np.where(1 - r > 1e-12, 1 - r, 0.0).sum(axis=0)
        return np.asarray(deviation * conflict)


class Merec(Learner):
    r"""MEREC: how much the performance of the units changes when a child is removed.

    .. math:: w_j \propto \sum_i |S_{i(-j)} - S_i|, \quad
        S_i = \ln\left(1 + \frac{1}{m} \sum_k |\ln n_{ik}|\right), \quad n_{ik} = \min_i x_{ik} / x_{ik}

    Values must be above 0: ``offset`` (in points) is added first. With missing values m counts the
    children a unit has, and the sum over units becomes a mean.

    Raises
    ------
    NotScorableError
        If a value plus `offset` is not above 0, or every child is constant.

    References
    ----------
    Keshavarz-Ghorabaee, M. et al. (2021), Determination of objective weights using a new method based on
    the removal effects of criteria (MEREC), Symmetry 13(4), 525.

    Examples
    --------
    >>> x = np.array([[1.0, 5.0], [10.0, 5.0]])
    >>> Merec(offset=0).fit(x, np.ones(2), np.ones(2)).round(4).tolist()
    [0.383, 0.0]
    """

    name: ClassVar[str] = "merec"

    offset: Annotated[Number, Field(ge=0)] = 1.0

    def learn(self, values: Array, given: Array) -> Array:
        """Return the mean removal effects."""
        x = values + self.offset
        self.refuse(lowest(x) <= 0, "has values that are not above 0; give an `offset`")
        seen = ~np.isnan(x)
        m = np.maximum(seen.sum(axis=1, keepdims=True), 1)
        logs = np.where(seen, np.abs(np.log(lowest(x) / x)), 0.0)
        total = logs.sum(axis=1, keepdims=True)
        effect = np.abs(np.log1p(np.maximum(total - logs, 0.0) / m) - np.log1p(total / m))
        return np.asarray(mean(np.where(seen, effect, np.nan)))
