"""``dsr-risk value-of-information``."""

from __future__ import annotations

import click

from ..analysis.value_of_information import value_of_information
from ._verbs import COUNTRY, score_parameter, table_command, year_parameter

__all__ = ["command"]

command = table_command(
    value_of_information,
    COUNTRY,
    score_parameter(),
    year_parameter(),
    click.Option(["--draws"], type=int, default=512, show_default=True, help="Iterations."),
    click.Option(["--seed"], type=int, default=0, show_default=True, help="0 is a seed."),
    click.Option(
        ["--confidence-level"], type=float, default=0.9, show_default=True, help="Of intervals."
    ),
    picture=lambda result, _: result.plot(),
    text="List the cells of COUNTRY by how much knowing them would narrow its intervals.",
)
