"""``dsr-risk scenario``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from ..analysis.scenario import levers, scenario, scenarios, stress_test
from ..analysis.scenario.definition import as_scenario
from ..analysis.scenario.record_files import files_of
from ..data.files import read_table
from ..errors import DataError
from ..scoring.scores import Scores
from ._loading import load_scores
from ._options import gathered, inputs, output, score_option
from ._plots import draw, plotted
from ._shared import (
    check_out,
    emit,
    facts_of,
    fitting,
    lines_of,
    manifest_of,
    show_notes,
    show_year,
)
from ._workers import asked as asked_for, draws_option

__all__ = ["command"]

VIEWS = ("moved", "effects", "attribution", "nothing", "path", "worst")


@dataclass(frozen=True)
class Asked:
    """Options of the command."""

    names: tuple[str, ...]
    countries: tuple[str, ...]
    cells: tuple[str, ...]
    years: float | None
    shares: str | None
    loans: str | None
    incidents: str | None
    score: str | None
    moved: bool
    effects: bool
    attribution: bool
    nothing: bool
    path: bool
    worst: bool
    draws: int
    seed: int
    listed: bool
    shown: bool

    @property
    def view(self) -> str | None:
        """The one table that is asked for instead of scores before and after."""
        return next((name for name in VIEWS if getattr(self, name)), None)

    def check(self, count: int) -> None:
        """Refuse options that cannot be used together, given how many scenarios there are."""
        views = [f"--{name}" for name in VIEWS if getattr(self, name)]
        views += ["--draws"] if self.draws else []
        if len(views) > 1:
            raise DataError(f"{' and '.join(views)} are different tables: ask for one at a time")
        if count > 1 and views and views != ["--worst"]:
            raise DataError(
                f"{views[0]} is about one scenario, received {count}: name one, or use --worst"
            )
        if count == 1 and self.worst:
            raise DataError("--worst compares several scenarios: name two or more")
        if not self.draws and asked_for("seed"):
            raise DataError("--seed is for draws: give --draws N")


@click.command(name="scenario", short_help="What a policy would do to scores.")
@inputs
@click.argument("names", nargs=-1, metavar="[SCENARIO]...")
@click.option(
    "--country",
    "-c",
    "countries",
    multiple=True,
    metavar="NAME",
    help="A country or group (EU, ASEAN, BRI, a region, an income class, all); may be repeated.",
)
@click.option(
    "--set",
    "cells",
    multiple=True,
    metavar="COUNTRY.COLUMN=CHANGE",
    help="A cell by hand, as PAK.safeguards_gap=-10; may be repeated.",
)
@click.option(
    "--years", type=float, metavar="T", help="Years from the start. [default: full effect]"
)
@click.option(
    "--shares", metavar="FILE", help="Records of shares: iso3, layer, holder, share, origin."
)
@click.option(
    "--loans",
    metavar="FILE",
    help="Records of loans: iso3, usd, year, creditor_iso3, maturity, grace, rate.",
)
@click.option(
    "--incidents", metavar="FILE", help="Records of incidents: iso3, severity, claim, year."
)
@score_option("One headline score. [default: all]")
@click.option("--moved", is_flag=True, help="Every indicator that moved.")
@click.option("--effects", is_flag=True, help="Points by indicator.")
@click.option("--attribution", is_flag=True, help="Points by lever.")
@click.option("--nothing", is_flag=True, help="What could not move, and why.")
@click.option("--path", is_flag=True, help="Scores year by year.")
@click.option("--worst", is_flag=True, help="The worst scenario of each country.")
@draws_option("Intervals of the change from N draws")
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Of the draws.")
@click.option("--list", "listed", is_flag=True, help="The bundled scenarios.")
@click.option("--levers", "shown", is_flag=True, help="The levers and their parameters.")
@output
@plotted
@gathered(Asked)
def command(
    asked: Asked,
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """Run one scenario (or several: a stress test): a bundled name, a file, a lever, or cells by hand.

    \b
    dsr-risk scenario eu_toolbox --country Poland
    dsr-risk scenario --set PAK.safeguards_gap=-10
    dsr-risk scenario debt_relief incident_wave --country BRI --worst
    """
    files = {"shares": asked.shares, "loans": asked.loans, "incidents": asked.incidents}
    check_out(out, given | files | {name: name for name in asked.names})
    if asked.listed or asked.shown:
        frame = scenarios() if asked.listed else levers()
        emit(frame, {}, out=out, form=form, people=lambda width: fitting(frame, width))
        return
    named = [as_scenario(name) for name in asked.names]
    for case in named:
        check_out(
            out, {f"records of {case.name}: {k}": v for k, v in files_of(case.records).items()}
        )
    wanted: list[Any] = [*named, *([_cells(asked.cells)] if asked.cells else [])]
    if not wanted:
        raise DataError("no scenario: name one (see --list), a file, a lever, or give --set")
    asked.check(len(wanted))
    options: dict[str, Any] = {
        "countries": asked.countries or None,
        "years": asked.years,
        "records": {
            kind: read_table(Path(path)) for kind, path in files.items() if path is not None
        }
        or None,
    }
    scores = load_scores(**given)
    show_year(scores)
    table, facts, caption = _result(scores, wanted, options, asked)
    emit(
        table,
        facts | {"scenarios": [getattr(case, "name", str(case)) for case in wanted]},
        out=out,
        form=form,
        people=lambda width: fitting(table, width, caption),
    )


def _table(result: Any, view: str | None, score: str | None, draws: int, seed: int) -> pd.DataFrame:
    if draws:
        ranges: pd.DataFrame = result.ranges(draws=draws, seed=seed)
        return ranges if score is None else ranges[ranges["score"] == score]
    if view is None:
        return result.table(score)  # type: ignore[no-any-return]
    if view == "effects":
        return result.effects(score)  # type: ignore[no-any-return]
    if view == "path" and result.years is not None:
        return result.path(int(np.ceil(result.years)))  # type: ignore[no-any-return]
    return getattr(result, view)()  # type: ignore[no-any-return]


def _cells(pairs: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return cells as typed: COUNTRY.COLUMN=CHANGE."""
    out: dict[str, dict[str, Any]] = {}
    for text in pairs:
        cell, equals, change = text.partition("=")
        country, dot, column = cell.partition(".")
        if not (equals and dot and country and column and change):
            raise DataError(
                f"--set: expected COUNTRY.COLUMN=CHANGE as PAK.safeguards_gap=-10, received {text!r}"
            )
        try:
            value: Any = change if change[0] in "+-" else float(change)
        except ValueError:
            value = change
        out.setdefault(country, {})[column] = value
    return out


def _result(
    scores: Scores, wanted: list[Any], options: Mapping[str, Any], asked: Asked
) -> tuple[pd.DataFrame, dict[str, Any], str]:
    """Return the table that was asked for, its manifest, and the lines above it."""
    if len(wanted) > 1:
        tested = stress_test(scores, wanted, **options)
        draw(tested, score=asked.score)
        table = tested.worst(asked.score) if asked.view == "worst" else tested.table(asked.score)
        titles = "; ".join(getattr(case, "title", "cells by hand") for case in wanted)
        title = f"Scenarios: {titles}"
        if asked.view == "worst":
            title = f"The worst for {asked.score or scores.names[0]} of each country. {title}"
        return table, facts_of(scores) | {"title": title}, title
    result = scenario(scores, wanted[0], **options)
    show_notes(result.notes)
    draw(result, score=asked.score)
    table = _table(result, asked.view, asked.score, asked.draws, asked.seed)
    return table, manifest_of(scores, result), "\n".join(lines_of(result))
