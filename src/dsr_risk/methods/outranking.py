"""Outranking: pairwise comparison of units by the weight of the criteria on which each is ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Outranking", "outranking"]

Array = NDArray[np.float64]

# Weights that add up to one half in exact arithmetic may miss it by rounding.
_HALF = 1e-12


@dataclass(frozen=True, eq=False)
class Outranking:
    """The pairwise comparisons of n units; higher means riskier, as in the scores.

    Attributes
    ----------
    matrix
        (n, n) share of the comparable weight on which the row's unit is riskier than the column's, half
        for ties; 0 on the diagonal, NaN where two units have no criterion in common.
    copeland
        (n,) units it is riskier than by majority, minus those that are riskier than it.
    dominance
        (n, n) whether the row's unit is riskier on everything comparable.
    dominant_pairs
        How many pairs are settled unanimously.
    dominant_share
        The same as a share of the pairs that can be compared.
    """

    matrix: Array
    copeland: Array
    dominance: NDArray[np.bool_]
    dominant_pairs: int
    dominant_share: float


def outranking(values: Array, weights: Array, *, indifference: float = 0.0) -> Outranking:
    """Compare every pair of units by the weighted majority of criteria.

    Parameters
    ----------
    values
        (n, k) scores on k criteria, NaN for missing.
    weights
        (k,) weights, >= 0; only ratios matter.
    indifference
        Differences up to this many points count as a tie.

    Notes
    -----
    A criterion that one of two units lacks is left out of their comparison and the weights of the others
    are scaled to one. COINr's ``outrankMatrix`` (1.1.14) gives that weight to the unit in the later row,
    so that its result depends on the order of rows; without missing values both are the same. Its
    ``copeland`` scores +1 above one half, -1 below, 0 at one half, as here.

    References
    ----------
    Munda, G. (2008), Social Multi-Criteria Evaluation for a Sustainable Economy, Springer; Copeland, A.
    H. (1951), A reasonable social welfare function, University of Michigan; OECD/JRC (2008), Handbook,
    step 6 (multi-criteria approach).

    Examples
    --------
    >>> found = outranking(np.array([[3.0, 1.0], [2.0, 2.0], [1.0, 0.0]]), np.array([2.0, 1.0]))
    >>> found.copeland.tolist(), found.dominant_pairs
    ([2.0, 0.0, -2.0], 2)
    """
    x = np.asarray(values, float)
    n = len(x)
    ahead, common = np.zeros((n, n)), np.zeros((n, n))
    with np.errstate(invalid="ignore"):
        for column, weight in zip(x.T, np.asarray(weights, float), strict=True):
            gap = column[:, None] - column[None]
            known = ~np.isnan(gap)
            points = np.where(gap > indifference, 1.0, np.where(gap < -indifference, 0.0, 0.5))
            ahead += weight * np.where(known, points, 0.0)
            common += weight * known
    with np.errstate(invalid="ignore", divide="ignore"):
        matrix = ahead / common
    np.fill_diagonal(matrix, 0.0)
    off = ~np.eye(n, dtype=bool)
    wins = np.where(matrix > 0.5 + _HALF, 1.0, np.where(matrix < 0.5 - _HALF, -1.0, 0.0)) * off
    dominance = (matrix >= 1 - _HALF) & off
    pairs = int(dominance.sum())
    comparable = int((~np.isnan(matrix) & off).sum()) // 2
    return Outranking(
        matrix,
        np.asarray(wins.sum(axis=1)),
        dominance,
        pairs,
        pairs / comparable if comparable else float("nan"),
    )
