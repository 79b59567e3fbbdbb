"""``dsr-risk publish``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ..output.publish import publish
from ..output.publish_files import check
from ._shared import check_out, gathered, inputs, load_scores, terminal_width

__all__ = ["command"]


@dataclass(frozen=True)
class Asked:
    """Options of the command."""

    year: int | None
    columns: str | None
    sort: str | None
    top: int | None
    region: tuple[str, ...]
    income: tuple[str, ...]
    language: str
    decimal_comma: bool


@click.command(name="publish", short_help="A table to publish, in a file of any format.")
@inputs
@click.option("--year", type=int, metavar="YEAR", help="The year of a panel. [default: latest]")
@click.option("--columns", metavar="A,B", help="`details`, or names of columns. [default: short]")
@click.option("--sort", metavar="COLUMN", help="[default: the first headline score]")
@click.option("--top", type=int, metavar="N", help="Only the first N rows.")
@click.option("--region", multiple=True, metavar="NAME", help="Only this region (repeatable).")
@click.option("--income", multiple=True, metavar="NAME", help="Only this group (repeatable).")
@click.option("--language", default="en", show_default=True, help="en, fr or pl.")
@click.option("--decimal-comma", is_flag=True, help="Write 1,5 for 1.5.")
@click.option(
    "--out", "-o", metavar="FILE",
    help="Write FILE (.csv .txt .md .html .tex .docx .xlsx .json .parquet).",
)  # fmt: skip
@gathered(Asked)
def command(
    asked: Asked,
    out: str | None,
    **given: Any,
) -> None:
    """Publish scores: few columns, marks, notes and sources, the same in every format.

    \b
    dsr-risk publish --out scores.docx
    dsr-risk publish --sort security --top 20 --region Africa --language fr
    """
    if out is not None:
        check_out(out, given, table=False)
        check(Path(out))
    table = publish(
        load_scores(**given, year=asked.year),
        columns=asked.columns.split(",")
        if asked.columns and asked.columns != "details"
        else asked.columns,
        sort=asked.sort,
        top=asked.top,
        region=asked.region or None,
        income=asked.income or None,
        language=asked.language,
    )
    decimal = "," if asked.decimal_comma else "."
    if out is None:
        click.echo(table.text(decimal=decimal, width=terminal_width()), nl=False)
    else:
        click.echo(f"{table.save(out, decimal=decimal)}: {len(table.frame())} rows", err=True)
