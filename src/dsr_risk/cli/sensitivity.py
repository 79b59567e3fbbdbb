"""``dsr-risk sensitivity``."""

from __future__ import annotations

import sys
from typing import Any

import click
import pandas as pd

from ..countries import country_iso3
from ..sensitivity import Sensitivity, sensitivity
from ._shared import check_out, emit, facts_of, fitting, inputs, load_scores, output, show_notes
from ._workers import draws_options, workers_of

__all__ = ["command"]

MOST = 60


@click.command(name="sensitivity", short_help="Which factor moves which score.")
@inputs
@click.option("--year", type=int, metavar="YEAR", help="One year of a panel.")
@click.option(
    "-n", "n", type=int, default=1024, show_default=True, help="Base rows, a power of two."
)
@draws_options
@click.option("--resamples", type=int, default=100, show_default=True, help="Of the bootstrap.")
@click.option("--by-kind", is_flag=True, help="Group factors by kind: weights, choices, data, ...")
@click.option("--country", metavar="NAME", help="Only the effects on this country.")
@output
def command(
    year: int | None,
    n: int,
    seed: int,
    workers: int,
    resamples: int,
    by_kind: bool,
    country: str | None,
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    r"""First-order, total and Shapley effects of every factor on every score, rank and node.

    \b
    dsr-risk sensitivity --country Pakistan
    dsr-risk sensitivity -n 4096 --workers 2 --out effects.csv
    """
    check_out(out, given)
    unit = None if country is None else country_iso3(country)
    scores = load_scores(year=year, **given)
    with workers_of(workers) as executor:
        found = sensitivity(
            scores.framework,
            scores.data,
            n=n,
            seed=seed,
            executor=executor,
            resamples=resamples,
            groups="kind" if by_kind else None,
            progress=sys.stderr.isatty() or None,
        )
    show_notes(one for one in found.notes if one not in scores.notes)
    frame = found.tidy()
    if unit is not None:
        frame = frame[frame["unit"].astype(str).str.startswith(unit)].reset_index(drop=True)
    facts = facts_of(scores) | {"n": n, "seed": seed}
    emit(
        frame,
        facts,
        out=out,
        form=form,
        people=lambda width: _for_people(found, frame, unit, width),
    )


def _for_people(found: Sensitivity, frame: pd.DataFrame, unit: str | None, width: int) -> str:
    if unit is None:
        caption, text = found._shown()
        return fitting(text, width, caption)
    keys = ["quantity", "node", "factor"]
    wide = frame.pivot_table("value", keys, "effect", sort=False)
    scored = wide.head(MOST)
    return fitting(scored.reset_index(), width)
