"""``dsr-risk fragility``."""

from __future__ import annotations

from typing import Any

import click

from ..analysis.what_if import fragility
from ._loading import load_scores
from ._options import inputs, output, score_option
from ._plots import draw, plotted
from ._shared import check_out, emit, fitting, lines_of, manifest_of, named, show_year

__all__ = ["command"]


@click.command(name="fragility", short_help="The changes that would move a country most.")
@click.argument("country")
@click.option(
    "--spread",
    type=float,
    default=0.25,
    show_default=True,
    metavar="SHARE",
    help="How far a weight is changed.",
)
@click.option(
    "--top", type=int, default=3, show_default=True, metavar="N", help="Changes of each kind."
)
@inputs
@score_option()
@output
@plotted
def command(
    country: str,
    spread: float,
    top: int,
    score: str | None,
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """Say how fragile the rank of COUNTRY is: the changes of weights and data that move it most.

    \b
    dsr-risk fragility Kenya --score security
    """
    check_out(out, given)
    scores = load_scores(**given)
    show_year(scores)
    result = fragility(scores, country, score=score, spread=spread, top=top)
    frame = result.table()
    draw(result)
    emit(
        frame,
        manifest_of(scores, result),
        out=out,
        form=form,
        people=lambda width: fitting(frame, width, "\n".join(lines_of(result))),
        about={"country": named(scores, country), "score": score or scores.names[0]},
    )
