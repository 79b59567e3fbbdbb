"""``dsr-risk elasticities``."""

from __future__ import annotations

from typing import Any

import click

from .._util.faces import plots
from ..analysis.what_if import elasticities
from ._loading import load_scores
from ._options import inputs, output, score_option
from ._plots import draw, plotted
from ._shared import check_out, emit, facts_of, fitting, named, show_year

__all__ = ["command"]


@click.command(name="elasticities", short_help="How a score answers to every value and weight.")
@click.argument("country")
@inputs
@score_option()
@output
@plotted
def command(
    country: str,
    score: str | None,
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
    show_year(scores)
    frame = elasticities(scores, country, score=score)
    name = scores.data.names_of([scores.data.unit_of(country)])[0]
    title = f"{name}, {score or scores.names[0]}: elasticities"
    draw(lambda: plots().elasticities(frame, title=title))
    emit(
        frame,
        facts_of(scores),
        out=out,
        form=form,
        people=lambda width: fitting(frame, width, ""),
        about={"country": named(scores, country), "score": score or scores.names[0]},
    )
