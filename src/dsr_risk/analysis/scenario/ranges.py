"""Ranges of a change under what a framework leaves open, with common random numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..._util.types import Array, Index
from ...scoring.scores import Scores
from ..uncertainty import Uncertainty, uncertainty

__all__ = ["change_ranges", "drawn"]


def drawn(scores: Scores, draws: int, seed: int) -> Uncertainty:
    """Draw the scores, with what every scenario of one seed has in common."""
    return uncertainty(
        scores.framework, scores.data, draws=draws, seed=seed, nodes="score", pairs=False, bins=0
    )


def change_ranges(
    before: Scores,
    after: Scores,
    rows: Index,
    options: tuple[int, int, float],
    base: dict[str, Array] | None = None,
) -> pd.DataFrame:
    """Intervals of after less before, draw by draw; see ``ScenarioResult.ranges``."""
    draws, seed, level = options
    second = drawn(after, draws, seed)
    first = None if base is not None else drawn(before, draws, seed)
    tail = 100 * (1 - level) / 2
    parts = []
    for name in before.names:
        start = base[name] if base is not None else first.sample(name)  # type: ignore[union-attr]
        shift = second.sample(name)[:, rows] - start[:, rows]
        with np.errstate(invalid="ignore"):
            low, high = np.nanpercentile(shift, [tail, 100 - tail], axis=0)
            falls = np.where(np.isnan(shift).all(axis=0), np.nan, (shift < -1e-9).mean(axis=0))
        parts.append(
            pd.DataFrame(
                {
                    "score": name,
                    "change": (
                        after.values_array[rows, after.tree.index[name]]
                        - before.values_array[rows, before.tree.index[name]]
                    ),
                    "change_low": low,
                    "change_high": high,
                    "falls": falls,
                },
                index=pd.Index([str(code) for code in before.data.iso3[rows]], name="iso3"),
            )
        )
    return pd.concat(parts)
