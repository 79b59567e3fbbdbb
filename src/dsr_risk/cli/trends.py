"""``dsr-risk trends``."""

from __future__ import annotations

import click

from .._util.faces import plots
from ..analysis.panel import trends
from ._verbs import table_command

__all__ = ["command"]

command = table_command(
    trends,
    click.Option(
        ["--confidence-level"],
        type=float,
        default=0.9,
        show_default=True,
        help="Of the test of a trend.",
    ),
    click.Option(
        ["--per"],
        type=float,
        default=1.0,
        show_default=True,
        help="Years that a growth rate is about.",
    ),
    text="Give each series of a panel its growth rate and the Mann-Kendall test of a trend.",
    scored=False,
    picture=lambda result, _: plots().trends(result),
)
