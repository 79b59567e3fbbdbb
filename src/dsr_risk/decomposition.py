"""Exact additive decomposition of the gap between two profiles, node by node, by secant slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .kernel import Branch, Tree

__all__ = ["Decomposition", "decompose"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Decomposition:
    """Contributions of every node below one headline score, in points.

    ``points`` (n, N) is each node's contribution to the gap at the headline, NaN where a node plays no
    part; children add up to their parent, and the headline's entry is the gap. ``standing_in`` (n, N)
    marks nodes that had no value in one of the profiles only and took their parent's there: their
    contribution is what *not* knowing them did.
    """

    points: Array
    standing_in: Mask


def decompose(
    tree: Tree,
    head: int,
    weights: Array,
    profile: Array,
    baseline: Array,
) -> Decomposition:
    """Split ``profile[:, head] - baseline[:, head]`` into contributions of every node below it.

    Parameters
    ----------
    tree
        The compiled framework.
    head
        The node whose gap is split.
    weights
        (N,) weights among siblings.
    profile, baseline
        (n, N) node values of the two profiles, NaN where a node has no value.

    Notes
    -----
    For a quasi-arithmetic mean M with generator g and secant slope s, child i contributes
    ``w_i * s(x_i, b_i) / s(M(x), M(b)) * (x_i - b_i)``, which sums to ``M(x) - M(b)`` without residual;
    slopes multiply down the tree. For g = log this is the logarithmic-mean Divisia index (Ang 2004,
    Energy Policy 32, 1131-1139). A child without a value in one profile takes the node's own value
    there; without a value in both it is dropped and the weights are shared over the rest.
    """
    points = np.full(profile.shape, np.nan)
    standing_in = np.zeros(profile.shape, bool)
    factor = np.full(profile.shape, np.nan)
    both = ~np.isnan(profile[:, head]) & ~np.isnan(baseline[:, head])
    factor[both, head] = 1.0
    points[:, head] = profile[:, head] - baseline[:, head]
    for branch in reversed(tree.branches):
        if not np.isnan(factor[:, branch.node]).all():
            _split(branch, weights, profile, baseline, factor, points, standing_in)
    return Decomposition(points, standing_in)


def _split(
    branch: Branch,
    weights: Array,
    profile: Array,
    baseline: Array,
    factor: Array,
    points: Array,
    standing_in: Mask,
) -> None:
    node, below = branch.node, branch.children
    x, b = profile[:, below], baseline[:, below]
    whole_x, whole_b = profile[:, [node]], baseline[:, [node]]
    no_x, no_b = np.isnan(x), np.isnan(b)
    live = ~(no_x & no_b) & ~np.isnan(factor[:, [node]]) & (weights[below] > 0)
    w = weights[below] * live
    with np.errstate(invalid="ignore", divide="ignore"):
        w = w / w.sum(axis=1, keepdims=True)
        x, b = np.where(no_x, whole_x, x), np.where(no_b, whole_b, b)
        slope = branch.mean.secant(branch.raise_up(x), branch.raise_up(b))
        steepness = branch.mean.secant(branch.raise_up(whole_x), branch.raise_up(whole_b))
        ratio = np.where(slope == steepness, 1.0, slope / steepness)
        part = factor[:, [node]] * w * ratio
        gap = x - b
        # Where nothing moved nothing is contributed, even if the slope there is infinite.
        points[:, below] = np.where(live, np.where(gap == 0, 0.0, part * gap), np.nan)
    alone = no_x | no_b
    standing_in[:, below] = live & alone
    factor[:, below] = np.where(live & ~alone, part, np.nan)
