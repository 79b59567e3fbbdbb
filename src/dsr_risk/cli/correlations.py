"""``dsr-risk correlations``."""

from __future__ import annotations

from typing import Any, get_args

import click

from .._util.faces import plots
from ..output.correlations import METHODS, correlations
from ..scoring.scores import Level
from ._loading import load_scores
from ._options import inputs, output
from ._plots import draw, plotted
from ._selection import selected, selection_options
from ._shared import check_out, emit, facts_of, fitting

__all__ = ["command"]


@click.command(
    name="correlations", short_help="Correlation matrix of scores, pillars or indicators."
)
@inputs
@click.option("--year", type=int, metavar="YEAR", help="One year of a panel.")
@click.option(
    "--level",
    type=click.Choice(get_args(Level)),
    default="pillar",
    show_default=True,
    help="Beside the headline scores: pillars, indicators or every node.",
)
@click.option("--method", type=click.Choice(METHODS), default=METHODS[0], show_default=True)
@selection_options
@output
@plotted
def command(
    year: int | None,
    level: Level,
    method: Any,
    chosen: dict[str, Any],
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """Give the correlation matrix of headline scores and the nodes of a level, over the countries selected.

    \b
    dsr-risk correlations --level indicator --method spearman --out correlations.xlsx
    """
    check_out(out, given)
    scores = selected(load_scores(**given, year=year), chosen)
    frame = correlations(scores, level=level, method=method)
    draw(lambda: plots().correlation(frame, method=method))
    emit(
        frame.reset_index(),
        facts_of(scores),
        out=out,
        form=form,
        people=lambda width: fitting(frame, width, f"{method} correlation over countries"),
    )
