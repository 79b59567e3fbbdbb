"""``dsr-risk denomination-hints``."""

from __future__ import annotations

import click

from ..analysis.screening import denomination_hints
from ._verbs import table_command

__all__ = ["command"]

command = table_command(
    denomination_hints,
    click.Option(
        ["--by"],
        multiple=True,
        metavar="COLUMN",
        help="Measures of size (repeatable). [default: those of the data]",
    ),
    click.Option(
        ["--threshold"],
        type=float,
        default=0.6,
        show_default=True,
        help="The least rank correlation, 0-1.",
    ),
    text="List indicators that follow population, GDP or another measure of size.",
    scored=False,
)
