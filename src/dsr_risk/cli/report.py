"""``dsr-risk report``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ..analysis.scenario.analysis import scenario
from ..analysis.scenario.definition import bundled_names
from ..analysis.scenario.result import ScenarioResult
from ..analysis.sensitivity.analysis import sensitivity
from ..analysis.uncertainty.analysis import uncertainty
from ..errors import DataError
from ..pages.report import check_page, report
from ..scoring.scores import Scores
from ._loading import load_scores, no_model
from ._options import gathered, inputs
from ._selection import selected, selection_options
from ._shared import check_out, show_year
from ._workers import draws_option, draws_options, workers_of

__all__ = ["command"]

BUNDLED = "bundled"
"""Names the bundled snapshot, or all bundled scenarios, where a file or a name is expected."""


@dataclass(frozen=True)
class Asked:
    """The parts of the page beside the scores."""

    year: int | None
    draws: int
    n: int | None
    seed: int
    workers: int
    scenarios: tuple[str, ...]
    before_data: str | None
    before_framework: str | None


@click.command(name="report", short_help="An interactive page, in one HTML file.")
@inputs
@click.option("--year", type=int, metavar="YEAR", help="One year of a panel. [default: latest]")
@selection_options
@draws_option("Put intervals of N draws in the page")
@click.option(
    "--sensitivity",
    "n",
    type=int,
    metavar="N",
    help="Put effects of factors in the page, from N base rows (a power of two).",
)
@draws_options
@click.option(
    "--scenario",
    "scenarios",
    multiple=True,
    metavar="NAME",
    help="Show a scenario a country (repeatable); `bundled` for all bundled ones.",
)
@click.option(
    "--before-data", metavar="FILE", help="Show what changed since these data; `bundled`."
)
@click.option("--before-framework", metavar="F", help="Show what changed since this framework.")
@click.option("--out", "-o", required=True, metavar="FILE", help="The .html file to write.")
@gathered(Asked)
def command(asked: Asked, chosen: dict[str, Any], out: str, **given: Any) -> None:
    """Write a report page; weights, goalposts and aggregation can be moved in it.

    \b
    dsr-risk report --out report.html
    dsr-risk report --draws 10000 --sensitivity 1024 --scenario bundled --out report.html
    dsr-risk report --region Africa --out africa.html
    dsr-risk report --data new.csv --before-data bundled --out report.html
    """
    check_out(out, given | {"before-data": asked.before_data}, table=False)
    check_page(Path(out))
    if asked.n is not None and (asked.n < 1 or asked.n & (asked.n - 1)):
        raise DataError(
            f"--sensitivity must be a power of two, for example 1024, received {asked.n}"
        )
    if asked.draws or asked.n is not None:
        no_model(given)
    scores = selected(load_scores(**given, year=asked.year), chosen)
    show_year(scores)
    before = _before(asked, given, chosen)
    results = _scenarios(scores, asked.scenarios)
    drawn = effects = None
    with workers_of(asked.workers) as executor:
        made: dict[str, Any] = {
            "seed": asked.seed,
            "executor": executor,
            "progress": sys.stderr.isatty() or None,
        }
        if asked.draws:
            drawn = uncertainty(scores, draws=asked.draws, **made)
        if asked.n is not None:
            effects = sensitivity(scores, n=asked.n, **made)
    page = report(
        scores, out, uncertainty=drawn, sensitivity=effects, scenarios=results, before=before
    )
    click.echo(f"{page}: report page", err=True)


def _scenarios(scores: Scores, names: tuple[str, ...]) -> list[ScenarioResult]:
    wanted: list[str] = []
    for name in names:
        wanted += bundled_names() if name == BUNDLED else [name]
    return [scenario(scores, name) for name in dict.fromkeys(wanted)]


def _before(asked: Asked, given: dict[str, Any], chosen: dict[str, Any]) -> Scores | None:
    """Return the scores of the edition before, None where none is asked for."""
    if asked.before_data is None and asked.before_framework is None:
        return None
    changed = dict(given)
    if asked.before_data is not None:
        bundled = asked.before_data == BUNDLED and not Path(BUNDLED).exists()
        changed["data"] = None if bundled else asked.before_data
    if asked.before_framework is not None:
        changed |= {"framework": asked.before_framework, "preset": None}
    return selected(load_scores(**changed), chosen)
