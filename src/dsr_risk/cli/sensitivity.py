"""``dsr-risk sensitivity``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import click
import pandas as pd

from .._util.checks import headline_name
from ..analysis.sensitivity.analysis import sensitivity
from ..analysis.sensitivity.one_at_a_time import leave_one_out, tornado
from ..analysis.sensitivity.result import Sensitivity
from ..analysis.value_of_information import value_of_information
from ..errors import UnknownNameError
from ..plots.analyses import convergence, tornado as tornado_plot
from ..scoring.scores import Scores
from ._loading import load_scores, no_model
from ._options import gathered, inputs, output, score_option
from ._plots import draw, plotted
from ._shared import check_out, emit, facts_of, fitting, show_notes
from ._workers import draws_options, spec_of, workers_of

__all__ = ["command"]

MOST = 60
VIEWS = ("effects", "convergence", "tornado", "leave-one-out", "information")
ONE_COUNTRY = ("convergence", "tornado", "information")


@dataclass(frozen=True)
class Asked:
    """Options of the command."""

    year: int | None
    n: int
    seed: int
    workers: int
    resamples: int
    by_kind: bool
    country: str | None
    score: str | None
    view: str


@click.command(name="sensitivity", short_help="Which factor moves which score.")
@inputs
@click.option("--year", type=int, metavar="YEAR", help="One year of a panel.")
@click.option(
    "-n",
    "--n",
    "--draws",
    "n",
    type=int,
    default=1024,
    show_default=True,
    help="Base rows, a power of two (`--draws` is the name of version 0.1).",
)
@draws_options
@click.option("--resamples", type=int, default=100, show_default=True, help="Of the bootstrap.")
@click.option("--by-kind", is_flag=True, help="Group factors by kind: weights, choices, data, ...")
@click.option("--country", metavar="NAME", help="Only the effects on this country.")
@score_option("Only this headline score.")
@click.option(
    "--view",
    type=click.Choice(VIEWS),
    default="effects",
    show_default=True,
    help="Effects of factors; how they settle; each factor alone; each node left out; which cells of a "
    "country are worth knowing.",
)
@output
@plotted
@gathered(Asked)
def command(
    asked: Asked,
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """Compute first-order, total and Shapley effects of every factor on every score, rank and node.

    \b
    dsr-risk sensitivity --country Pakistan
    dsr-risk sensitivity -n 4096 --workers 2 --out effects.csv
    dsr-risk sensitivity --view information --country Benin --score security
    """
    check_out(out, given)
    no_model(given)
    if asked.country is None and asked.view in ONE_COUNTRY:
        raise UnknownNameError(f"--view {asked.view} is about one country: give --country NAME")
    every = load_scores(**given)
    scores = every if asked.year is None else every.select(year=asked.year)
    unit = None if asked.country is None else scores.data.unit_of(asked.country)
    headline_name(asked.score, every.names)
    if unit is not None and unit not in set(scores.data.iso3):
        raise UnknownNameError(f"no data for {unit}")
    if asked.view in ("effects", "convergence"):
        frame, made, people = _of_all_factors(every, asked, unit)
    else:
        frame = _one_at_a_time(every, asked.view, unit or "", asked.score, asked.year, asked.seed)
        made, people = {}, partial(fitting, frame)
        draw(partial(_one_at_a_time_plot, frame, asked.view))
    made = {"seed": asked.seed, "factors": spec_of(every.framework.factors)} | made
    emit(frame, facts_of(scores) | made, out=out, form=form, people=people)


def _of_all_factors(
    every: Scores, asked: Asked, unit: str | None
) -> tuple[pd.DataFrame, dict[str, Any], Callable[[int], str]]:
    """Return the effects of all factors or how they settle, the facts of the run, and the text of a table."""
    with workers_of(asked.workers) as executor:
        # All years are drawn: the scale is learned from all of them, as it is for the scores.
        result = sensitivity(
            every,
            n=asked.n,
            seed=asked.seed,
            executor=executor,
            resamples=asked.resamples,
            groups="kind" if asked.by_kind else None,
            progress=sys.stderr.isatty() or None,
        )
    show_notes(note for note in result.notes if note not in every.notes)
    made = {
        "n": asked.n,
        "evaluations": result.evaluations,
        "resamples": asked.resamples,
        "shapley": result.shapley_method,
        "sampling": result.sampling,
    }
    if asked.view == "convergence":
        draw(partial(convergence, result, unit, asked.score))
        frame = _convergence(result, unit, asked.score, asked.year)
        return frame, made, partial(fitting, frame)
    draw(result, country=unit, score=asked.score)
    frame = _effects(result, unit, asked.score, asked.year)
    return frame, made, partial(_for_people, result, frame, unit, asked.score)


def _one_at_a_time_plot(frame: pd.DataFrame, view: str) -> Any:
    if view != "tornado":
        raise UnknownNameError(
            f"--view {view} has no picture; --plot draws effects, convergence, tornado"
        )
    return tornado_plot(frame)


def _effects(
    result: Sensitivity, unit: str | None, score: str | None, year: int | None
) -> pd.DataFrame:
    frame = result.tidy()
    label = frame["unit"].astype(str)
    keep = pd.Series(True, index=frame.index)
    if score is not None:
        keep &= frame["node"] == score
    if year is not None and label.str.contains(" ").any():
        keep &= label.str.endswith(f" {year}")
    if unit is not None:
        keep &= label.str.split(" ").str[0] == unit
        if not keep.any():
            why = next(
                (reason for key, reason in result.reasons.items() if key[2].startswith(unit)), ""
            )
            raise UnknownNameError(f"no effects on {unit}: {why}")
    return frame[keep].reset_index(drop=True)


def _convergence(
    result: Sensitivity, unit: str | None, score: str | None, year: int | None
) -> pd.DataFrame:
    wide = result.convergence(unit, score, year=year)
    return wide.melt(ignore_index=False, value_name="value").reset_index()


def _one_at_a_time(
    scores: Scores, view: str, unit: str, score: str | None, year: int | None, seed: int
) -> pd.DataFrame:
    if view == "tornado":
        return tornado(scores, unit, score=score, year=year, seed=seed)
    if view == "leave-one-out":
        return leave_one_out(scores if year is None else scores.select(year=year), score=score)
    return value_of_information(scores, unit, score=score, year=year, seed=seed).table()


def _for_people(
    result: Sensitivity, frame: pd.DataFrame, unit: str | None, score: str | None, width: int
) -> str:
    if unit is None:
        caption, text = result._shown()
        if score is not None:
            text = text[text["score"] == score].reset_index(drop=True)
        return fitting(text, width, caption)
    keys = ["quantity", "node", "factor"]
    wide = frame.pivot_table("value", keys, "effect", sort=False)
    scored = wide.head(MOST)
    return fitting(scored.reset_index(), width)
