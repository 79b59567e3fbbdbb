"""Outranking: pairwise comparison of units by the weight of the criteria on which each is ahead."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._util.types import Array

__all__ = ["EVEN", "copeland", "outranking_matrix", "signs"]


# Weights that add up to one half in exact arithmetic may miss it by rounding.
EVEN = 1e-12


def outranking_matrix(
    x: Array,
    weights: Array,
    *,
    applicable: NDArray[np.bool_] | None = None,
    min_overlap: float = 0.0,
    tie: float = 0.0,
) -> Array:
    """Return the share of weight on which each row lies above each other row.

    Parameters
    ----------
    x
        (n, k) values, higher is more; NaN where missing.
    weights
        (k,) weights >= 0, not all 0.
    applicable
        (n, k) False where a criterion does not apply to a row; all True if None.
    min_overlap
        Pairs that have in common less than this share (0-1) of the weight that applies to both are not
        compared.
    tie
        Values that differ by no more than this are tied.

    Returns
    -------
    ndarray
        (n, n): ``o[i, j]`` in 0-1, ``o[j, i] = 1 - o[i, j]``, ties half to each; the diagonal is 0; NaN
        where a pair is not compared.

    Notes
    -----
    A pair is compared on the criteria that both rows have, their weights rescaled to 1. COINr lets a
    missing value lose to whichever row comes *later*, so that its result depends on the order of rows;
    without missing values the two agree.

    References
    ----------
    Munda and Nardo (2009), Applied Economics 41(12), 1513-1523; OECD/JRC (2008), Handbook, step 6
    (multi-criteria approach); COINr, ``outrankMatrix`` (Becker et al. 2022).

    Examples
    --------
    >>> x = np.array([[1.0, 2, 1], [2, 1, 3], [3, 4, 2]])
    >>> outranking_matrix(x, np.array([1.0, 2, 1])).tolist()
    [[0.0, 0.5, 0.0], [0.5, 0.0, 0.25], [1.0, 0.75, 0.0]]
    """
    share = np.asarray(weights, float) / np.sum(weights)
    above, common = np.zeros((len(x), len(x))), np.zeros((len(x), len(x)))
    applies = (np.ones(np.shape(x)) if applicable is None else applicable).astype(float)
    shared = (applies * share) @ applies.T
    for column, weight in zip(np.asarray(x, float).T, share, strict=True):
        with np.errstate(invalid="ignore", over="ignore"):
            gap = column[:, None] - column[None, :]
            comparable = ~np.isnan(gap)
            wins = np.where(np.abs(gap) <= tie, 0.5, gap > 0)
        above += np.where(comparable, weight * wins, 0.0)
        common += weight * comparable
    compared = (common > 0) & (common >= min_overlap * shared - EVEN)
    with np.errstate(invalid="ignore", divide="ignore"):
        out: Array = np.where(compared, above / common, np.nan)
    np.fill_diagonal(out, 0.0)
    return out


def copeland(matrix: Array) -> Array:
    """Return the number of rows each row outranks less the number that outrank it.

    More than half of the weight counts +1, less than half -1; half, and pairs not compared, 0.

    References
    ----------
    Copeland (1951), A reasonable social welfare function; Saari and Merlin (1996), Economic Theory 8,
    51-76; COINr, ``copeland``.

    Examples
    --------
    >>> x = np.array([[1.0, 2, 1], [2, 1, 3], [3, 4, 2], [4, 3, 5], [5, 6, 4]])
    >>> copeland(outranking_matrix(x, np.array([1.0, 2, 1]))).tolist()
    [-3.0, -3.0, 1.0, 1.0, 4.0]
    """
    out: Array = signs(matrix).sum(axis=1)
    return out


def signs(matrix: Array) -> Array:
    """Return 1 where a row outranks the column's, -1 where it is outranked, 0 where neither or not compared."""
    lead = np.nan_to_num(matrix - 0.5)
    np.fill_diagonal(lead, 0.0)
    out: Array = np.where(np.abs(lead) <= EVEN, 0.0, np.sign(lead))
    return out
