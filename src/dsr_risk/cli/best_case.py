"""``dsr-risk best-case``."""

from __future__ import annotations

import click

from .._util.faces import plots
from ..analysis.best_case import best_case
from ._verbs import score_parameter, table_command, year_parameter

__all__ = ["command"]

command = table_command(
    best_case,
    score_parameter(),
    year_parameter(),
    click.Option(
        ["--min-share"],
        type=float,
        default=0.0,
        show_default=True,
        help="The least share of a weight, 0-1.",
    ),
    click.Option(["--max-share"], type=float, default=1.0, show_default=True, help="The most."),
    selection=True,
    picture=lambda result, subject: plots().best_case(
        result,
        title=f"{subject}: distance from the safest, with the weights that suit each country best",
    ),
    text="Measure every country from the safest ones, with the weights that suit it best (benefit of the doubt).",
)
