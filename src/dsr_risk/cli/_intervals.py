"""Intervals of draws beside the table of scores."""

from __future__ import annotations

import sys

import pandas as pd

from ..analysis.uncertainty.analysis import Uncertainty, uncertainty
from ..scoring.scores import Scores
from ._shared import one_year
from ._workers import workers_of

__all__ = ["drawn", "with_intervals"]


def with_intervals(table: pd.DataFrame, drawn: Uncertainty, year: int | None) -> pd.DataFrame:
    """Return the table with the central 90 % of draws beside every headline score and rank."""
    out = table.copy()
    for name in drawn.names:
        intervals = one_year(drawn.table(name), year).reindex(table.index)
        beside = {
            name: {part: intervals[part] for part in (f"{name}_low", f"{name}_high")},
            f"{name}_rank": {
                part: intervals[part] for part in (f"{name}_rank_low", f"{name}_rank_high")
            },
            f"{name}_band": {f"{name}_band_probability": intervals[f"{name}_band_probability"]},
        }
        for column, values in beside.items():
            for offset, (label, drawn_values) in enumerate(values.items(), start=1):
                out.insert(list(out.columns).index(column) + offset, label, drawn_values)
    return out


def drawn(scores: Scores, draws: int, seed: int, workers: int) -> Uncertainty:
    """Draw all years of the scores in worker processes, with a progress bar on a terminal."""
    # Intervals stand beside headline scores only: nodes below them are not counted.
    with workers_of(workers) as executor:
        return uncertainty(
            scores,
            nodes="score",
            draws=draws,
            seed=seed,
            executor=executor,
            pairs=False,
            progress=sys.stderr.isatty() or None,
        )
