"""``dsr-risk uncertainty``."""

from __future__ import annotations

import sys
from typing import Any

import click
import pandas as pd

from ..uncertainty import Uncertainty, uncertainty
from ._shared import check_out, emit, facts_of, fitting, inputs, load_scores, output, show_notes
from ._workers import draws_options, workers_of

__all__ = ["command"]

VIEWS = ("table", "scores", "ranks", "bands", "acceptability", "riskier", "rank-sets", "groups")


@click.command(name="uncertainty", short_help="Intervals beside scores and ranks.")
@inputs
@click.option("--year", type=int, metavar="YEAR", help="One year of a panel.")
@click.option("--draws", type=int, default=10_000, show_default=True, help="How many draws.")
@draws_options
@click.option("--precision", type=float, metavar="POINTS", help="Draw until errors are below this.")
@click.option(
    "--score", "-s", "head", metavar="NAME", help="A headline score. [default: the first]"
)
@click.option(
    "--view", type=click.Choice(VIEWS), default="table", show_default=True,
    help="The score table with intervals, or one figure for every country.",
)  # fmt: skip
@click.option("--checkpoint", metavar="FILE", help="Save to FILE while drawing, and go on from it.")
@output
def command(
    year: int | None,
    draws: int,
    seed: int,
    workers: int,
    precision: float | None,
    head: str | None,
    view: str,
    checkpoint: str | None,
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    r"""Draw what the framework's factors leave open, and say what it does to every score and rank.

    \b
    dsr-risk uncertainty --draws 20000 --seed 1 --workers 2 --out intervals.csv
    dsr-risk uncertainty --view bands --score security
    """
    check_out(out, given)
    scores = load_scores(year=year, **given)
    with workers_of(workers) as executor:
        found = uncertainty(
            scores.framework,
            scores.data,
            draws=draws,
            seed=seed,
            executor=executor,
            precision=precision,
            checkpoint=checkpoint,
            pairs=view in ("riskier", "groups"),
            progress=sys.stderr.isatty() or None,
        )
    show_notes(one for one in found.notes if one not in scores.notes)
    frame = found.table() if view == "table" else getattr(found, view.replace("-", "_"))(head)
    facts = facts_of(scores) | {"draws": found.draws, "seed": seed}
    emit(
        frame,
        facts,
        out=out,
        form=form,
        people=lambda width: _for_people(found, frame, view, width),
    )


def _for_people(found: Uncertainty, frame: pd.DataFrame, view: str, width: int) -> str:
    if view != "table":
        return fitting(frame, width)
    caption, text = found._shown()
    return fitting(text, width, caption)
