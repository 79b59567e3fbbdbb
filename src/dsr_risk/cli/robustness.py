"""``dsr-risk robustness``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click

from ..analysis.robustness import robustness
from ..errors import UnknownNameError
from ._loading import load_scores
from ._options import gathered, inputs, output, score_option
from ._plots import draw, plotted
from ._shared import check_out, emit, fitting, lines_of, manifest_of, show_notes, show_year
from ._streams import only_own_output

__all__ = ["command"]


@dataclass(frozen=True)
class Asked:
    """Options of the command."""

    year: int | None
    score: str | None
    weights: str
    spread: float | None
    top: int | None
    country: str | None
    gaps: bool
    time_limit: float


@click.command(name="robustness", short_help="What holds for every weighting of a set.")
@inputs
@click.option("--year", type=int, metavar="YEAR", help="One year of a panel. [default: latest]")
@score_option()
@click.option(
    "--weights",
    "-w",
    default="shares",
    metavar="SET",
    help="shares, relative, order, or a file (.yaml .json .toml) of a weight set. [default: shares]",
)
@click.option(
    "--spread",
    type=float,
    metavar="SHARE",
    help="How far each weight may differ, 0-1. [default: 0.25]",
)
@click.option("--top", type=int, metavar="K", help="Only countries that may be among the first K.")
@click.option("--country", metavar="NAME", help="Exact best and worst rank of one country.")
@click.option("--gaps", is_flag=True, help="The largest gap of every pair of countries, in points.")
@click.option(
    "--time-limit",
    type=float,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="For each search of an exact rank.",
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
    """Certify score intervals, dominance and rank intervals over a whole set of weights.

    \b
    dsr-risk robustness --spread 0.25
    dsr-risk robustness --weights order --top 10
    dsr-risk robustness --country Pakistan
    """
    check_out(out, given | {"weights": asked.weights})
    views = {"--country": asked.country, "--top": asked.top, "--gaps": asked.gaps or None}
    chosen = [name for name, value in views.items() if value is not None]
    if len(chosen) > 1:
        raise UnknownNameError(
            f"{' and '.join(chosen)} are different tables: ask for one at a time"
        )
    scores = load_scores(**given)
    show_year(scores, asked.year)
    result = robustness(
        scores, score=asked.score, spread=asked.spread, weights=asked.weights, year=asked.year
    )
    show_notes(result.notes)
    draw(result, countries=None if asked.country is None else [asked.country])
    if asked.country is not None:
        with only_own_output():
            frame = result.rank_range(asked.country, time_limit=asked.time_limit)
        frame.insert(0, "unit", scores.data.unit_of(asked.country))
        frame.insert(1, "score", result.score)
    elif asked.top is not None:
        frame = result.top(asked.top)
    else:
        frame = result.gaps if asked.gaps else result.table()
    emit(
        frame,
        manifest_of(scores, result) | {"weights": result.weights.words},
        out=out,
        form=form,
        people=lambda width: fitting(frame, width, "\n".join(lines_of(result))),
    )
