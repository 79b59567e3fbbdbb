"""``dsr-risk screen-data``."""

from __future__ import annotations

import click

from ..analysis.screening import screen_data
from ._verbs import table_command

__all__ = ["command"]

command = table_command(
    screen_data,
    click.Option(
        ["--min-available"],
        type=float,
        default=2 / 3,
        help="The least share of available cells, 0-1. [default: 2/3]",
    ),
    click.Option(
        ["--min-nonzero"],
        type=float,
        default=0.05,
        show_default=True,
        help="The least share of cells that are not 0.",
    ),
    text="List each country's and indicator's share of available and of non-zero data.",
    scored=False,
)
