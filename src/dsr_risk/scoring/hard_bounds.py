"""Compute hard bounds and reliability of every node, given missing, imputed and low-confidence cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .._util.types import Array
from ..data.dataset import CONFIDENCE
from .kernel import evaluate

if TYPE_CHECKING:
    from .scores import Scores

__all__ = ["bounds_of", "reliability_of"]


def bounds_of(scores: Scores) -> tuple[Array, Array]:
    """Lowest and highest value (n, N) of every node, what is unknown at its best and at its worst.

    An imputed leaf is a guess: it is as unknown as a missing one. NaN where there is no bound: something
    unknown is normalised without one, or the ends say nothing of what lies between.
    """
    framework, tree, weights, scorable = (
        scores.framework, scores.tree, scores.weights, scores.scorable
    )  # fmt: skip
    known = np.where(scores.imputed.to_numpy(), np.nan, scores.normalised_array)
    least, most = _ends(scores, known)
    default = framework.defaults.normalisation
    bounded = [(leaf.normalisation or default).bounded for leaf in framework.indicators]
    endless = np.zeros(least.shape, bool)
    inside = slice(tree.leaves)
    unknown = np.isnan(known) & scorable.applicable[:, inside]
    endless[:, inside] = unknown & ~np.array(bounded)
    for branch in tree.branches:
        below = branch.children
        open_ = endless[:, below]
        if not branch.aggregator.monotone:
            open_ = open_ | (least[:, below] != most[:, below])
        counts = (weights[below] > 0) & scorable.applicable[:, below]
        endless[:, branch.node] = (open_ & counts).any(axis=1)
    return np.where(endless, np.nan, least), np.where(endless, np.nan, most)


def reliability_of(scores: Scores) -> Array:
    """(n, N) coverage with every cell counted by its confidence.

    An imputed cell counts 0, or as one of low confidence where the framework counts it as observed.
    """
    framework, tree, scorable = scores.framework, scores.tree, scores.scorable
    grades = scores.data.confidence([leaf.data_column for leaf in framework.indicators])
    guess = CONFIDENCE["low"] if framework.defaults.imputed_counts else 0.0
    grades = np.where(scores.imputed.to_numpy(), guess, grades)
    inside = slice(tree.leaves)
    known = ~np.isnan(scores.normalised_array) & scorable.applicable[:, inside]
    out = np.zeros(scorable.applicable.shape)
    out[:, inside] = np.where(known, grades, 0.0)
    for branch in tree.branches:
        below = branch.children
        w = scores.weights[below] * scorable.applicable[:, below]
        reach = out[:, below] * scorable.has_value[:, below]
        with np.errstate(invalid="ignore"):
            out[:, branch.node] = np.nan_to_num((w * reach).sum(axis=1) / w.sum(axis=1))
    return out


def _ends(scores: Scores, known: Array) -> tuple[Array, Array]:
    """(n, N) values with every unknown indicator at its lowest and at its highest.

    A censored indicator lies between its bounds, any other unknown one anywhere on the scale. Indicators
    that do not apply stay out. Only indicators that reach a node count as known for it (for a node
    without a value, all observed ones). Under arithmetic means the width is the length of the scale times
    (1 - coverage).
    """
    tree, scorable = scores.tree, scores.scorable
    applies = scorable.applicable
    lost = applies & ~scorable.has_value
    lost[:, : tree.leaves] = False
    # How many groups without a value each node lies below, itself counted.
    depth = lost.astype(np.intp)
    for node in range(len(tree.names) - 1, -1, -1):
        if tree.parent[node] >= 0:
            depth[:, node] += depth[:, tree.parent[node]]
    ends = []
    for end, narrowed in zip(tree.scale, scores.bounds or (None, None), strict=True):
        fill = end if narrowed is None else np.where(np.isnan(narrowed), end, narrowed)
        leaves = np.where(np.isnan(known), fill, known)
        seen = evaluate(tree, leaves, scores.weights, applies)[0]
        out = seen
        for level in range(int(depth.max(initial=0))):
            # Nothing below a group without a value is known to its parent.
            reached = np.where(depth[:, : tree.leaves] > level, fill, leaves)
            values = evaluate(tree, reached, scores.weights, applies)[0]
            out = np.where(~lost & (depth == level), values, out)
        ends.append(out)
    return ends[0], ends[1]
