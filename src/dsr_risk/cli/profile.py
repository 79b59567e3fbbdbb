"""``dsr-risk profile``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ..analysis.uncertainty.analysis import uncertainty
from ..pages.country_profile import profile
from ..pages.profile_files import check_profile
from ._loading import load_scores, no_model
from ._options import inputs
from ._plots import draw, plotted
from ._shared import check_out, show_year
from ._workers import asked, draws_option, workers_of

__all__ = ["command"]

DRAWS = 1000


@click.command(name="profile", short_help="Two pages on a country, or several side by side.")
@click.argument("countries", nargs=-1, required=True, metavar="COUNTRY...")
@inputs
@click.option("--year", type=int, metavar="YEAR", help="One year of a panel. [default: latest]")
@draws_option("Draws behind the intervals", DRAWS)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draws.")
@click.option("--out", "-o", metavar="FILE", help="Write FILE (.html .pdf .docx .md).")
@plotted
def command(
    countries: tuple[str, ...],
    year: int | None,
    draws: int,
    seed: int,
    out: str | None,
    **given: Any,
) -> None:
    """Write a profile of a country: scores, peers, drivers, panels of indicators, facts.

    \b
    dsr-risk profile Pakistan --out pakistan.html
    dsr-risk profile PAK KEN --draws 0
    """
    if out is not None:
        check_out(out, given, table=False)
        check_profile(Path(out))
    if draws and given.get("model") is not None:
        if asked("draws"):
            no_model(given)
        draws = 0
    scores = load_scores(**given, year=year)
    show_year(scores)
    drawn = None
    if draws:
        with workers_of(1) as executor:
            progress = sys.stderr.isatty() or None
            drawn = uncertainty(
                scores, draws=draws, seed=seed, executor=executor, progress=progress
            )
    page = profile(scores, list(countries), uncertainty=drawn)
    draw(page)
    if out is None:
        click.echo(page.text("markdown"), nl=False)
    else:
        click.echo(f"{page.save(out)}: profile of {', '.join(page.countries)}", err=True)
