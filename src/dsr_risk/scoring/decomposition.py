"""Exact additive decomposition of the gap between two profiles, node by node, by secant slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._util.frozen import Frozen
from .._util.types import Array, Mask
from ..methods.aggregation import Mean
from .tree import GroupNode, Tree

__all__ = ["Decomposition", "decompose"]

# Rounding in a child's own split is multiplied by its slope: above this one it would show.
STEEPEST = 1e4
NOTHING = 1e-12


@dataclass(frozen=True)
class Decomposition(Frozen):
    """Contributions of every node below one headline score, in points.

    ``points`` (n, N) is each node's contribution to the gap at the headline, NaN where a node plays no
    part; children add up to their parent, and the headline's entry is the gap. ``taken_alone`` (n, N)
    marks nodes that had no value in one of the profiles only and took their parent's there: their
    contribution is what *not* knowing them did. ``unsplit`` (n, N) marks groups whose contribution is
    one term, because their aggregation has no exact split between these profiles.

    The terms of a gap are the indicators with points, and the groups that stand in or are not split:
    together they add up to it.
    """

    points: Array
    taken_alone: Mask
    unsplit: Mask

    def terms(self, n_indicators: int) -> Mask:
        """Return (n, N) which nodes are terms of the gap; the first `n_indicators` nodes are the indicators."""
        out = self.taken_alone | self.unsplit
        out[:, :n_indicators] = True
        return out & ~np.isnan(self.points)


@dataclass(frozen=True)
class _Work:
    """Two profiles and what the walk down the tree fills in."""

    weights: Array
    profile: Array
    baseline: Array
    factor: Array
    points: Array
    taken_alone: Mask
    unsplit: Mask


def decompose(
    tree: Tree,
    headline: int,
    weights: Array,
    profile: Array,
    baseline: Array,
) -> Decomposition:
    """Split ``profile[:, headline] - baseline[:, headline]`` into contributions of every node below it.

    Parameters
    ----------
    tree
        The compiled framework.
    headline
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

    An aggregation that is no such mean is split by its own ``attribute``, which measures from the floor
    of the scale: so only where the baseline is the floor, with the same values missing. Between other
    profiles it is split by its own ``between``, if it has one. Elsewhere the node is one term
    (``unsplit``) and nothing below it has points. So is a mean whose two values meet at 0 where its slope
    is 0 (a power mean with p > 1 of children on both sides of zero).
    """
    work = _Work(
        weights,
        profile,
        baseline,
        np.full(profile.shape, np.nan),
        np.full(profile.shape, np.nan),
        np.zeros(profile.shape, bool),
        np.zeros(profile.shape, bool),
    )
    both = ~np.isnan(profile[:, headline]) & ~np.isnan(baseline[:, headline])
    work.factor[both, headline] = 1.0
    work.points[:, headline] = profile[:, headline] - baseline[:, headline]
    lower, upper = tree.scale
    for group_node in reversed(tree.group_nodes):
        if np.isnan(work.factor[:, group_node.node]).all():
            continue
        if isinstance(group_node.aggregator, Mean):
            _split_mean(group_node, group_node.aggregator, work)
        else:
            _split_other(group_node, work, lower, upper - lower)
    return Decomposition(work.points, work.taken_alone, work.unsplit)


def _split_mean(group_node: GroupNode, mean: Mean, work: _Work) -> None:
    node, below = group_node.node, group_node.children
    x, b = work.profile[:, below], work.baseline[:, below]
    whole_x, whole_b = work.profile[:, [node]], work.baseline[:, [node]]
    above = work.factor[:, [node]]
    no_x, no_b = np.isnan(x), np.isnan(b)
    live = ~(no_x & no_b) & ~np.isnan(above) & (work.weights[below] > 0)
    w = work.weights[below] * live
    with np.errstate(invalid="ignore", divide="ignore"):
        w = w / w.sum(axis=1, keepdims=True)
        x, b = np.where(no_x, whole_x, x), np.where(no_b, whole_b, b)
        raised = (group_node.raise_up(array) for array in (x, b, whole_x, whole_b))
        part = above * mean.shares(w, *raised)
        gap = x - b
        # Where nothing moved nothing is contributed, even if the slope there is infinite.
        work.points[:, below] = np.where(live, np.where(gap == 0, 0.0, part * gap), np.nan)
    alone = no_x | no_b
    # Means that meet where the slope of g is 0 have no split: children apart would get infinite shares.
    lost = np.asarray((live & ~np.isfinite(work.points[:, below])).any(axis=1))
    live &= ~lost[:, None]
    work.points[np.ix_(lost, below)] = np.nan
    work.unsplit[:, node] |= lost
    work.taken_alone[:, below] = live & alone
    # An infinite slope is that of a child that did not move: nothing below it did.
    work.factor[:, below] = np.where(live & ~alone, np.where(np.isinf(part), 0.0, part), np.nan)


def _split_other(group_node: GroupNode, work: _Work, floor: float, length: float) -> None:
    """Write the aggregator's own split where the baseline is the floor, else the node as one term."""
    node, below = group_node.node, group_node.children
    x, b = work.profile[:, below], work.baseline[:, below]
    above = work.factor[:, [node]]
    reached = ~np.isnan(above[:, 0])
    raised = float(group_node.raise_up(np.array(floor)))
    parts = group_node.aggregator.attribute(group_node.raise_up(x), work.weights[below], raised)
    split = group_node.aggregator.between(x, b, work.weights[below])
    splits = np.zeros(len(x), bool)
    if parts is not None:
        from_floor = ((b == floor) | (np.isnan(b) & np.isnan(x))).all(axis=1)
        splits = reached & from_floor & (work.baseline[:, node] == floor)
        parts = np.where(splits[:, None], parts / group_node.slope, np.nan)
        gap = x - floor
        if split is not None:
            rest = reached & ~splits & ~np.isnan(split).all(axis=1)
            parts = np.where(rest[:, None], split, parts)
            gap = np.where(rest[:, None], x - b, gap)
            splits |= rest
        work.points[:, below] = above * parts
        # A child at the floor that contributes all the same (a penalty) cannot pass it further down.
        lost = np.abs(parts) > STEEPEST * np.abs(gap)
        matters = np.abs(parts) > NOTHING * length
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(gap == 0, 0.0, parts / gap)
        work.factor[:, below] = above * np.where(lost, np.where(matters, np.nan, 0.0), share)
        work.unsplit[:, below] = splits[:, None] & lost & matters
    work.unsplit[:, node] |= reached & ~splits
