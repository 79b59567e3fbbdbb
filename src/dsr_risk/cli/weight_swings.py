"""``dsr-risk weight-swings``."""

from __future__ import annotations

import click

from .._util.faces import plots
from ..analysis.sensitivity import weight_swings
from ._verbs import table_command

__all__ = ["command"]

command = table_command(
    weight_swings,
    click.Option(
        ["--share"],
        type=float,
        default=0.25,
        show_default=True,
        help="How far a weight goes up and down, 0-1.",
    ),
    click.Option(["--score", "-s"], metavar="NAME", help="A headline score. [default: all]"),
    picture=lambda result, _: plots().weight_swings(result),
    text="Move each weight up and down alone: rank shifts.",
)
