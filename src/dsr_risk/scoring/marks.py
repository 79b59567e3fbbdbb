"""Marks beside a score: partial basis, large estimated share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .._util.types import Array, Labels
from .headline import PARTIAL

if TYPE_CHECKING:
    from .scores import Scores

__all__ = ["ESTIMATED_MARK", "LARGE_SHARE", "PARTIAL_MARK", "all_marks", "estimated_share", "marks"]

PARTIAL_MARK, ESTIMATED_MARK = "★", "◊"
LARGE_SHARE = 0.25
"""Estimated share of the weight of a score above which the score is marked."""


def estimated_share(scores: Scores, score: str | None = None) -> Array:
    """Return for every unit the share (0-1) of the applicable weight below a score that is estimated.

    Parameters
    ----------
    scores
        The scores.
    score
        A headline score, the first one if None.

    Returns
    -------
    array
        (units,), NaN where the score is not printed.
    """
    name = scores._named(score)
    tree, applies = scores._state.tree, scores._state.scorable.applicable
    share = np.zeros(applies.shape)
    share[:, : tree.n_indicators] = scores._state.cells.estimated
    for group_node in tree.group_nodes:
        below = group_node.children
        w = scores._state.weights[below] * applies[:, below]
        live = (w > 0) & scores._state.scorable.has_value[:, below]
        share[:, group_node.node] = group_node.aggregator.covered(w.T, share[:, below].T, live.T)
    return np.where(np.isnan(scores._headline(name).score), np.nan, share[:, tree.index[name]])


def marks(scores: Scores, score: str | None = None) -> Labels:
    """Return for every unit the marks of a score: ★ partial basis, ◊ large estimated share, or ""."""
    partial = np.asarray(scores._headline(score).basis == PARTIAL)
    estimated = estimated_share(scores, score) > LARGE_SHARE
    text = np.where(partial, PARTIAL_MARK, "").astype(object)
    return np.asarray(text + np.where(estimated, ESTIMATED_MARK, "").astype(object), dtype=object)


def all_marks(scores: Scores) -> Labels:
    """Return for every unit the marks of all its headline scores, each mark once."""
    out = np.full(len(scores.data), "", dtype=object)
    for name in scores.names:
        both = zip(out, marks(scores, name), strict=True)
        out = np.array(["".join(dict.fromkeys(a + b)) for a, b in both], dtype=object)
    return out
