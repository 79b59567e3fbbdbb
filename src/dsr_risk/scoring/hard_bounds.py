"""What missing, imputed and doubtful cells leave open: hard bounds and reliability of every node."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .._util.types import Array
from ..data.dataset import CONFIDENCE
from .kernel import hard_bounds

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
    low, high = scores.bounds or (None, None)
    known = np.where(scores.imputed.to_numpy(), np.nan, scores.normalised_array)
    least, most = hard_bounds(tree, known, weights, scorable, low, high)
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
