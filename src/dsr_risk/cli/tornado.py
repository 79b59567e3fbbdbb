"""``dsr-risk tornado``."""

from __future__ import annotations

import click

from .._util.faces import plots
from ..analysis.sensitivity import tornado
from ._verbs import COUNTRY, score_parameter, table_command, year_parameter

__all__ = ["command"]

command = table_command(
    tornado,
    COUNTRY,
    score_parameter(),
    year_parameter(),
    click.Option(["--seed"], type=int, default=0, show_default=True, help="0 is a seed."),
    picture=lambda result, subject: plots().tornado(result, title=f"{subject}: each factor alone"),
    text="Let each uncertain factor vary alone: how far it moves COUNTRY's scores.",
)
