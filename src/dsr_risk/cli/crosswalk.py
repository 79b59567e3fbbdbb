"""``dsr-risk crosswalk``."""

from __future__ import annotations

from typing import Any

import click

from .._util.faces import plots
from ..data.nouns import noun
from ..output.crosswalk import crosswalk
from ._loading import load_scores
from ._options import inputs, output
from ._plots import draw, plotted
from ._selection import selected, selection_options
from ._shared import check_out, emit, facts_of, fitting

__all__ = ["command"]


@click.command(name="crosswalk", short_help="Who is scored, who is left out and why.")
@inputs
@click.option("--year", type=int, metavar="YEAR", help="One year of a panel.")
@selection_options
@click.option("--all", "every", is_flag=True, help="List scored countries too.")
@output
@plotted
def command(
    year: int | None,
    every: bool,
    chosen: dict[str, Any],
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """List countries without a score, with the reason, what is lacking and what does not apply.

    \b
    dsr-risk crosswalk
    dsr-risk crosswalk --all --out crosswalk.csv
    """
    check_out(out, given)
    scores = selected(load_scores(**given, year=year), chosen)
    frame = crosswalk(scores)
    draw(lambda: plots().crosswalk(frame))
    shown = frame if every else frame[~frame["scored"]]
    caption = f"{len(shown)} of {len(frame)} rows: a {noun(scores.data)} and a score each."
    brief = [name for name in ("country", "score", "reason") if name in shown]
    emit(
        shown,
        facts_of(scores),
        out=out,
        form=form,
        people=lambda width: fitting(shown[brief], width, caption),
    )
