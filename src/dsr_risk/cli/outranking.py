"""``dsr-risk outranking``."""

from __future__ import annotations

from typing import Any

import click

from ..analysis.outranking import outranking
from ._loading import load_scores
from ._options import inputs, output, score_option
from ._plots import draw, plotted
from ._selection import selected, selection_options
from ._shared import check_out, emit, facts_of, fitting, show_year

__all__ = ["command"]


@click.command(name="outranking", short_help="Rank countries pair by pair.")
@inputs
@click.option("--year", type=int, metavar="YEAR", help="One year of a panel. [default: latest]")
@score_option()
@click.option(
    "--level",
    type=click.Choice(["indicator", "pillar"]),
    default="indicator",
    show_default=True,
    help="What countries are compared on.",
)
@selection_options
@output
@plotted
def command(
    year: int | None,
    score: str | None,
    level: Any,
    chosen: dict[str, Any],
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """Rank countries by how many others they are riskier than, on more than half of the weight.

    All countries are compared; a selection chooses the rows that are shown.
    """
    check_out(out, given)
    scores = load_scores(**given)
    show_year(scores, year)
    shown = selected(scores, chosen).data.iso3
    result = outranking(scores, score=score, level=level, year=year)
    draw(result, top=40)
    table = result.table()
    frame = table[table.index.isin(shown)]
    emit(
        frame,
        facts_of(scores),
        out=out,
        form=form,
        people=lambda width: fitting(frame, width),
    )
