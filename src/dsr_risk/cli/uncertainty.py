"""``dsr-risk uncertainty``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pandas as pd

from .._util.checks import headline_name, one_of
from ..analysis.uncertainty.analysis import Uncertainty, uncertainty
from ..analysis.uncertainty.tables import printed_intervals
from ..data.nouns import name_column
from ..errors import DataError
from ._loading import load_scores, no_model, one_year
from ._options import gathered, inputs, output
from ._plots import draw, plotted
from ._selection import selected, selection_options
from ._shared import check_out, emit, facts_of, fitting, show_notes
from ._workers import draws_options, spec_of, workers_of

__all__ = ["command"]

VIEWS = (
    "table",
    "scores",
    "ranks",
    "bands",
    "acceptability",
    "riskier",
    "rank-sets",
    "groups",
    "errors",
)


@dataclass(frozen=True)
class Asked:
    """Options of the command."""

    year: int | None
    draws: int
    seed: int
    workers: int
    precision: float | None
    score: str | None
    view: str
    checkpoint: str | None
    save_draws: str | None
    engine: Any


@click.command(name="uncertainty", short_help="Intervals beside scores and ranks.")
@inputs
@click.option("--year", type=int, metavar="YEAR", help="One year of a panel.")
@selection_options
@click.option("--draws", type=int, default=10_000, show_default=True, help="How many draws.")
@draws_options
@click.option("--precision", type=float, metavar="POINTS", help="Draw until errors are below this.")
@click.option(
    "--score",
    "-s",
    metavar="NAME",
    help="A headline score; with --view scores any node. [default: the first]",
)
@click.option(
    "--view",
    type=click.Choice(VIEWS),
    default="table",
    show_default=True,
    help="The score table with intervals, or one figure for every country.",
)
@click.option("--checkpoint", metavar="FILE", help="Save to FILE while drawing, and go on from it.")
@click.option(
    "--save-draws", metavar="FILE", help="Write every draw of the headline scores (.parquet)."
)
@click.option(
    "--engine",
    type=click.Choice(["numpy", "numba", "numba32"]),
    default="numpy",
    show_default=True,
    help="Compiled loops need the extra `fast`; numba32 counts in single precision.",
)
@output
@plotted
@gathered(Asked)
def command(
    asked: Asked,
    chosen: dict[str, Any],
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """Draw what the framework's factors leave open, and say what it does to every score and rank.

    \b
    dsr-risk uncertainty --draws 20000 --seed 1 --workers 2 --out intervals.csv
    dsr-risk uncertainty --view bands --score security
    """
    check_out(out, given)
    check_out(asked.save_draws, given)
    if asked.save_draws is not None and Path(asked.save_draws).suffix.lower() != ".parquet":
        raise DataError(f"--save-draws: expected a .parquet file, received {asked.save_draws}")
    no_model(given)
    every = selected(load_scores(**given), chosen)
    scores = every if asked.year is None else every.select(year=asked.year)
    if asked.view != "scores":
        headline_name(asked.score, every.names)
    elif asked.score is not None:
        one_of("score", asked.score, every._state.tree.names)
    with workers_of(asked.workers) as executor:
        # All years are drawn: the scale is learned from all of them, as it is for the scores.
        result = uncertainty(
            every,
            draws=asked.draws,
            seed=asked.seed,
            executor=executor,
            precision=asked.precision,
            checkpoint=asked.checkpoint,
            engine=asked.engine,
            pairs=asked.view in ("riskier", "groups"),
            progress=sys.stderr.isatty() or None,
        )
    show_notes(note for note in result.notes if note not in every.notes)
    if asked.save_draws is not None:
        result.to_parquet(asked.save_draws)
    draw(result, score=asked.score if asked.score in every.names else None)
    frame = _viewed(result, asked.view, asked.score, asked.year)
    emit(
        frame,
        facts_of(scores) | _facts(result, asked.precision),
        out=out,
        form=form,
        people=lambda width: _for_people(result, frame, asked.view, asked.score, width),
    )


def _viewed(result: Uncertainty, view: str, score: str | None, year: int | None) -> pd.DataFrame:
    if view == "groups":
        return _groups(result, score, year)
    return one_year(getattr(result, view.replace("-", "_"))(score), year)


def _groups(result: Uncertainty, score: str | None, year: int | None) -> pd.DataFrame:
    """Return one row a group and member: neighbours in the ranking that cannot be separated."""
    runs = result.groups(score)
    units = pd.Index([unit for run in runs for unit in run], tupleize_cols=False)
    if result.units.nlevels > 1:
        units = pd.MultiIndex.from_tuples(list(units), names=result.units.names)
    else:
        units = units.rename(result.units.name)
    frame = pd.DataFrame(
        {
            "group": [number for number, run in enumerate(runs, start=1) for _ in run],
            **name_column(result.as_written.data, units.get_level_values(0)),
            "rank": result.as_written.rank[score or result.names[0]].reindex(units).to_numpy(),
        },
        index=units,
    )
    frame = one_year(frame, year)
    return frame.assign(group=pd.factorize(frame["group"])[0] + 1)


def _facts(result: Uncertainty, precision: float | None) -> dict[str, Any]:
    return {
        "draws": result.draws,
        "seed": result.seed,
        "sampling": result.sampling,
        "engine": result.engine,
        "precision": precision,
        "monte_carlo_error": result.worst_error,
        "failed_draws": int(result.failed.sum()),
        "undefined_draws": int(result.undefined.to_numpy().sum()),
        "factors": spec_of(result.factors),
    }


def _for_people(
    result: Uncertainty, frame: pd.DataFrame, view: str, score: str | None, width: int
) -> str:
    if view != "table":
        return fitting(frame, width)
    caption, text = printed_intervals(result._counts, score or result.names[0], frame)
    return fitting(text, width, caption)
