"""``dsr-risk reversals``."""

from __future__ import annotations

import click

from .._util.faces import plots
from ..analysis.what_if import reversals
from ._verbs import score_parameter, table_command

__all__ = ["command"]

command = table_command(
    reversals,
    score_parameter(),
    click.Option(
        ["--norm"],
        type=click.Choice(["l1", "l2", "linf"]),
        default="l1",
        show_default=True,
        help="How a change is measured.",
    ),
    picture=lambda result, subject: plots().reversals(
        result, title=f"{subject}: pairs whose order is least certain"
    ),
    text="Give for each pair of countries the smallest change of weights that reverses it.",
)
