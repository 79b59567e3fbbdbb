"""``dsr-risk stakeholders``."""

from __future__ import annotations

from typing import Any

import click

from ..analysis.what_if import stakeholders
from ._loading import load_scores
from ._options import inputs, output, score_option
from ._plots import draw, plotted
from ._shared import check_out, emit, fitting, lines_of, manifest_of, show_year

__all__ = ["command"]


@click.command(name="stakeholders", short_help="Several weight sets side by side.")
@click.argument("weights", metavar="FILE")
@click.option(
    "--method",
    type=click.Choice(["borda", "copeland", "mean_score"]),
    default="borda",
    show_default=True,
    help="How the compromise is made.",
)
@inputs
@score_option()
@output
@plotted
def command(
    weights: str,
    method: Any,
    score: str | None,
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """Rank countries under the weight sets of FILE ({name: {node: weight}}) and find the compromise.

    \b
    dsr-risk stakeholders weights.yaml --score dependency
    """
    check_out(out, given | {"weights": weights})
    scores = load_scores(**given)
    show_year(scores)
    result = stakeholders(scores, weights, score=score, method=method)
    frame = result.table()
    draw(result)
    emit(
        frame,
        manifest_of(scores, result),
        out=out,
        form=form,
        people=lambda width: fitting(frame, width, "\n".join(lines_of(result))),
    )
