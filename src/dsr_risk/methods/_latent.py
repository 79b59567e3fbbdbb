"""Normal scores: columns on the scale of a standard normal variable, and the way back."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from .._util.types import Array

__all__ = ["from_scores", "score_knots", "to_scores"]


def score_knots(x: Array) -> tuple[Array, Array]:
    r"""Return the knots of each column's quantile function: normal scores and values, both (q, k).

    The i-th of n ordered values sits at the normal score :math:`\Phi^{-1}((i - 1/2) / n)`. A value that
    occurs more than once has its first and its last score. Columns with fewer knots repeat their last.

    References
    ----------
    Hazen, A. (1914), Trans. ASCE 77, 1539-1640 (plotting position); Conover, W. J. (1999), Practical
    Nonparametric Statistics, 3rd ed., Wiley, section 5.10 (normal scores).
    """
    n, columns = x.shape
    depth = max(n, 1)
    scores, values = np.full((depth, columns), np.nan), np.full((depth, columns), np.nan)
    for column in range(columns):
        seen = np.sort(x[~np.isnan(x[:, column]), column])
        if not seen.size:
            continue
        place = ndtri((np.arange(seen.size) + 0.5) / seen.size)
        edge = np.ones(seen.size, bool)
        edge[1:-1] = (seen[1:-1] != seen[:-2]) | (seen[1:-1] != seen[2:])
        size = int(edge.sum())
        scores[:size, column], values[:size, column] = place[edge], seen[edge]
        scores[size:, column], values[size:, column] = place[-1], seen[-1]
    return scores, values


def to_scores(x: Array, scores: Array, values: Array) -> Array:
    """Return the normal scores (..., k) of values; a repeated value has the middle of its scores."""
    out = np.full(x.shape, np.nan)
    for column in range(x.shape[-1]):
        level, own = scores[:, column], values[:, column]
        if np.isnan(own[0]):
            continue
        first = np.concatenate([[True], own[1:] != own[:-1]])
        last = np.concatenate([own[1:] != own[:-1], [True]])
        middle = (level[first] + level[last]) / 2
        seen = ~np.isnan(x[..., column])
        out[seen, column] = np.interp(x[seen, column], own[first], middle)
    return out


def from_scores(z: Array, scores: Array, values: Array) -> Array:
    """Return the values (...,) of normal scores of one column, knots (q,)."""
    return np.asarray(np.interp(z, scores, values))
