"""``dsr-risk explain``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from .._util.display import render, table_of
from ..analysis.explain import explain
from ..output.tables import page_of_table
from ._loading import load_scores
from ._options import gathered, inputs, output, score_option
from ._plots import draw, plotted
from ._shared import READ, check_out, emit, facts_of, show_year

__all__ = ["command"]


@dataclass(frozen=True)
class Asked:
    """Options of the command."""

    against: str
    score: str | None
    year: int | None
    parts: bool


@click.command(name="explain", short_help="A country's scores, indicator by indicator.")
@click.argument("country")
@click.option(
    "--against",
    "-a",
    default="median",
    show_default=True,
    metavar="WHAT",
    help="`median` profile, `floor` of the scale, a country, or COUNTRY:YEAR.",
)
@score_option("One headline score. [default: all]")
@click.option("--year", type=int, metavar="YEAR", help="The year of a panel. [default: latest]")
@click.option(
    "--parts", is_flag=True, help="Split derived indicators to the parts they are computed from."
)
@inputs
@output
@plotted
@gathered(Asked)
def command(
    options: Asked,
    country: str,
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """Explain COUNTRY's scores: the points of every node against a baseline, adding up to the gap.

    \b
    dsr-risk explain Pakistan
    dsr-risk explain PAK --against Kenya --score dependency
    dsr-risk explain PAK --against Kenya --parts --format csv
    """
    check_out(out, given)
    scores = load_scores(**given)
    show_year(scores, options.year)
    name, _, when = options.against.partition(":")
    baseline = (name, int(when)) if when.isdigit() else options.against
    explanation = explain(scores, country, against=baseline, score=options.score, year=options.year)
    draw(explanation, score=options.score)
    title = f"{explanation.country} against {explanation.against}"
    facts = facts_of(scores)
    view, lines = explanation._to_read()
    facts |= {"title": title, "notes": [*facts["notes"], *lines, *explanation.notes]}
    rows = explanation.parts() if options.parts else explanation.with_context()

    def people(width: int) -> str:
        if options.parts:
            return render(table_of(rows), "plain", title, width)
        return explanation.text(width)

    about = {"country": explanation.country, "against": explanation.against}
    kind = (Path(out).suffix.lower() if out else form) or ""
    emit(
        view if kind in READ and not options.parts else rows,
        facts,
        out=out,
        form=form,
        people=people,
        page=page_of_table(view, facts) if kind == ".xlsx" and not options.parts else None,
        about=about,
    )
