"""``dsr-risk replay``."""

from __future__ import annotations

import click

from ..analysis.panel import replay
from ._verbs import table_command

__all__ = ["command"]

command = table_command(
    replay,
    click.Option(
        ["--years"], multiple=True, type=int, metavar="YEAR", help="Only these years (repeatable)."
    ),
    picture=lambda result, _: result.plot(),
    text="Score each year with what was known then: data up to that year, learned anew.",
    scored=False,
)
