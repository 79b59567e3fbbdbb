"""``dsr-risk elasticities``."""

from __future__ import annotations

from typing import Any

import click

from ..analysis.what_if import elasticities
from ._shared import check_out, emit, facts_of, fitting, inputs, load_scores, output

__all__ = ["command"]


@click.command(name="elasticities", short_help="How a score answers to every value and weight.")
@click.argument("country")
@inputs
@click.option(
    "--score", "-s", "head", metavar="NAME", help="A headline score. [default: the first]"
)
@output
def command(
    country: str,
    head: str | None,
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """Give the derivative of COUNTRY's score by every raw value and weight, from both sides.

    \b
    dsr-risk elasticities Kenya --score security
    """
    check_out(out, given)
    scores = load_scores(**given)
    frame = elasticities(scores, country, score=head)
    emit(
        frame,
        facts_of(scores),
        out=out,
        form=form,
        people=lambda width: fitting(frame, width, ""),
    )
