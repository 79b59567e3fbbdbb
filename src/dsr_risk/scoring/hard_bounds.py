"""Compute hard bounds and reliability of every node, given missing, estimated and low-confidence cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .._util.types import Array
from ..data.dataset import CONFIDENCE
from .kernel import evaluate
from .tree import coverage

if TYPE_CHECKING:
    from .scores import Scores

__all__ = ["bounds_of", "reliability_of"]


def bounds_of(scores: Scores) -> tuple[Array, Array]:
    """Compute the lowest and highest value (n, N) of every node, whatever the unobserved cells are.

    Every observed indicator is used. An estimated indicator is as unknown as a missing one; it lies between
    its own bounds (a censored cell, or a derived one whose parts are bounded) or anywhere on the scale. NaN
    where there is no bound: something unknown is normalised without one, or the ends say nothing of what
    lies between.

    A missing indicator may become known, or may stay missing while its siblings share its weight, as in the
    score: the bounds hold the value in both cases. They differ where a group has too few children
    (``min_children``), or where bounds of a missing indicator exclude what its siblings say.
    """
    framework, tree, weights, scorable = (
        scores.framework,
        scores._state.tree,
        scores._state.weights,
        scores._state.scorable,
    )
    observed = np.where(scores._state.cells.estimated, np.nan, scores._state.normalised)
    # Whether a node has a value once every indicator that applies has one.
    every = np.ones(observed.shape)
    full = coverage(tree, weights, every, scores._state.cells.applicable).has_value
    ends = []
    for narrowed, end in zip(
        (scores._state.cells.low, scores._state.cells.high), tree.scale, strict=True
    ):
        fill = np.where(np.isnan(narrowed), end, narrowed)
        indicators = np.where(np.isnan(observed), fill, observed)
        both = (evaluate(tree, indicators, weights, has)[0] for has in (full, scorable.has_value))
        ends.append(tuple(both))
    least, most = np.fmin(*ends[0]), np.fmax(*ends[1])
    applies = scorable.applicable
    least, most = np.where(applies, least, np.nan), np.where(applies, most, np.nan)
    default = framework.defaults.normalisation
    bounded = [(indicator.normalisation or default).bounded for indicator in framework.indicators]
    endless = np.zeros(least.shape, bool)
    inside = slice(tree.n_indicators)
    unknown = np.isnan(observed) & scorable.applicable[:, inside]
    endless[:, inside] = unknown & ~np.array(bounded)
    for group_node in tree.group_nodes:
        below = group_node.children
        open_ = endless[:, below]
        if not group_node.aggregator.monotone:
            open_ = open_ | (least[:, below] != most[:, below])
        counts = (weights[below] > 0) & scorable.applicable[:, below]
        endless[:, group_node.node] = (open_ & counts).any(axis=1)
    return np.where(endless, np.nan, least), np.where(endless, np.nan, most)


def reliability_of(scores: Scores) -> Array:
    """Compute coverage (n, N) with every cell counted by its confidence.

    An estimated cell counts 0, or as one of low confidence where the framework counts it as observed; a
    censored one in proportion to what its bounds exclude; a derived one as its least reliable part.
    """
    framework, tree, scorable = scores.framework, scores._state.tree, scores._state.scorable
    confidence = scores.data.confidence([indicator.data_column for indicator in framework.inputs])
    layout = scores._state.prepared.layout
    grades = np.column_stack(
        [confidence[:, list(layout.sources(i))].min(axis=1) for i in range(tree.n_indicators)]
    )
    grades = grades * scores._state.cells.observed
    if framework.defaults.imputed_counts:
        grades = np.where(scores._state.cells.estimated, np.fmax(grades, CONFIDENCE["low"]), grades)
    inside = slice(tree.n_indicators)
    observed = ~np.isnan(scores._state.normalised) & scorable.applicable[:, inside]
    out = np.zeros(scorable.applicable.shape)
    out[:, inside] = np.where(observed, grades, 0.0)
    for group_node in tree.group_nodes:
        below = group_node.children
        w = scores._state.weights[below] * scorable.applicable[:, below]
        live = (w > 0) & scorable.has_value[:, below]
        reach = out[:, below] * scorable.has_value[:, below]
        out[:, group_node.node] = group_node.aggregator.covered(w.T, reach.T, live.T)
    return out
