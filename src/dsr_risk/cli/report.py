"""``dsr-risk report``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ..analysis.uncertainty.analysis import uncertainty
from ..pages.report import check_page, report
from ._shared import check_out, inputs, load_scores, no_model
from ._workers import workers_of

__all__ = ["command"]


@click.command(name="report", short_help="A page that answers, in one HTML file.")
@inputs
@click.option("--year", type=int, metavar="YEAR", help="One year of a panel. [default: latest]")
@click.option("--draws", type=int, metavar="N", help="Put intervals of N draws in the page.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draws.")
@click.option("--out", "-o", required=True, metavar="FILE", help="The .html file to write.")
def command(year: int | None, draws: int | None, seed: int, out: str, **given: Any) -> None:
    """Write a report page: findings, map, scores, countries; weights can be moved in it.

    \b
    dsr-risk report --out report.html
    dsr-risk report --draws 10000 --out report.html
    """
    check_out(out, given, table=False)
    check_page(Path(out))
    if draws is not None:
        no_model(given)
    scores = load_scores(**given, year=year)
    drawn = None
    if draws is not None:
        with workers_of(1) as executor:
            progress = sys.stderr.isatty() or None
            drawn = uncertainty(
                scores, draws=draws, seed=seed, executor=executor, progress=progress
            )
    click.echo(f"{report(scores, out, uncertainty=drawn)}: report page", err=True)
