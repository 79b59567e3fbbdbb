"""Marks beside a score: partial basis, large estimated share."""

from __future__ import annotations

import numpy as np

from .._util.types import Array, Labels
from ..scoring.scores import Scores
from ..scoring.standing import PARTIAL

__all__ = ["ESTIMATED_MARK", "LARGE_SHARE", "PARTIAL_MARK", "estimated_share", "marks"]

PARTIAL_MARK, ESTIMATED_MARK = "★", "◊"
LARGE_SHARE = 0.25
"""Estimated share of the weight of a score above which the score is marked."""


def estimated_share(scores: Scores, score: str | None = None) -> Array:
    """Return for every unit the share (0-1) of the weight behind a score that is estimated.

    Parameters
    ----------
    scores
        The scores.
    score
        A headline score, the first one if None.

    Returns
    -------
    array
        Over the indicators below the score that have a value; NaN where none has.
    """
    name = scores.headline(score)
    framework = scores.framework
    weights = np.array(
        [
            framework.effective_weights[leaf] if framework.score_of(leaf) == name else 0.0
            for leaf in scores.tree.names[: scores.tree.leaves]
        ]
    )
    here = ~np.isnan(scores.normalised_array)
    known = here @ weights
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known > 0, (here & scores.imputed.to_numpy()) @ weights / known, np.nan)


def marks(scores: Scores, score: str | None = None) -> Labels:
    """Return for every unit the marks of a score: ★ partial basis, ◊ large estimated share, or ""."""
    standing = scores.standing(score)
    partial = np.asarray(standing.basis == PARTIAL)
    estimated = (estimated_share(scores, score) > LARGE_SHARE) & ~np.isnan(standing.score)
    text = np.where(partial, PARTIAL_MARK, "").astype(object)
    return np.asarray(text + np.where(estimated, ESTIMATED_MARK, "").astype(object), dtype=object)
