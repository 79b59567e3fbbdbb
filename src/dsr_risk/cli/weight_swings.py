"""``dsr-risk weight-swings``."""

from __future__ import annotations

import click
import pandas as pd

from .._util.faces import plots
from ..analysis.sensitivity import weight_swings
from ._verbs import score_parameter, table_command

__all__ = ["command"]


def _largest(table: pd.DataFrame) -> pd.DataFrame:
    """Return for every node, change and score the row of the country that moves most."""
    moved = table["gap"].abs()
    groups = [table[name] for name in ("node", "change", "score")]
    rows = moved.groupby(groups, sort=False).idxmax().dropna()
    return table.loc[rows, ["node", "change", "unit", "gap", "score", "weight", "value"]]


command = table_command(
    weight_swings,
    click.Option(
        ["--share"],
        type=float,
        default=0.25,
        show_default=True,
        help="How far a weight goes up and down, 0-1.",
    ),
    score_parameter("A headline score. [default: all]"),
    brief=_largest,
    selection=True,
    picture=lambda result, _: plots().weight_swings(result),
    text="Move each weight up and down alone: rank shifts.\n\n"
    "A terminal shows the country that moves most; other formats have all.",
)
