"""Intervals of draws beside the table of scores."""

from __future__ import annotations

import sys

import pandas as pd

from ..analysis.uncertainty.analysis import Uncertainty, uncertainty
from ..output.publish import intervals_of
from ..scoring.scores import Scores
from ._loading import one_year
from ._workers import workers_of

__all__ = ["drawn", "with_intervals"]


def with_intervals(table: pd.DataFrame, drawn: Uncertainty, year: int | None) -> pd.DataFrame:
    """Return the table with the central 90 % of draws beside every headline score and rank."""
    out = table.copy()
    columns = one_year(intervals_of(drawn), year).reindex(table.index)
    for name in drawn.names:
        for column in (name, f"{name}_rank", f"{name}_band"):
            ends = [f"{column}_low", f"{column}_high", f"{column}_probability"]
            for offset, label in enumerate((end for end in ends if end in columns), start=1):
                out.insert(list(out.columns).index(column) + offset, label, columns[label])
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
