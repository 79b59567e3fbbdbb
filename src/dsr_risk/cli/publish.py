"""``dsr-risk publish``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..output.publish_files import check, with_facts
from ._loading import load_scores
from ._options import FORMS, gathered, inputs
from ._plots import draw, plotted
from ._shared import check_out, command_line, show_year
from ._tables import TableOptions, published, show, table_options, write

__all__ = ["command"]


@click.command(name="publish", short_help="A table to publish, in a file of any format.")
@inputs
@click.option("--year", type=int, metavar="YEAR", help="The year of a panel. [default: latest]")
@click.option(
    "--country", multiple=True, metavar="NAME", help="Only this country or group (repeatable)."
)
@table_options
@click.option(
    "--out",
    "-o",
    metavar="FILE",
    help="Write FILE (.csv .tsv .txt .md .html .tex .docx .xlsx .json .parquet).",
)
@click.option(
    "--format",
    "form",
    type=click.Choice((*FORMS, "latex")),
    default="table",
    show_default=True,
    help="What to print; csv, tsv and json hold full precision.",
)
@plotted
@gathered(TableOptions)
def command(
    asked: TableOptions,
    out: str | None,
    year: int | None,
    country: tuple[str, ...],
    form: str,
    **given: Any,
) -> None:
    """Publish scores: few columns, marks, notes and sources, the same in every format.

    \b
    dsr-risk publish --out scores.docx
    dsr-risk publish --format markdown
    dsr-risk publish --sort security --top 20 --region Africa --language fr
    """
    if out is not None:
        check_out(out, given, table=False)
        check(Path(out))
    scores = load_scores(**given, year=year)
    show_year(scores)
    if country:
        scores = scores.select(countries=country)
    table = with_facts(published(scores, asked), {"command": command_line()})
    rows = list(table.frame().index)
    score = asked.sort if asked.sort in scores.names else None
    draw(scores, score=score, countries=list(map(str, rows)))
    if out is None:
        show(table, asked, form)
    else:
        write(table, asked, out)
