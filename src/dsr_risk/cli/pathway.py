"""``dsr-risk pathway``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from .._util.documents import read_document
from ..analysis.what_if import pathway
from ..errors import DataError
from ._loading import load_scores
from ._options import gathered, inputs, output, score_option
from ._plots import draw, plotted
from ._shared import check_out, emit, fitting, lines_of, manifest_of, named, show_notes, show_year
from ._streams import only_own_output

__all__ = ["command"]


@dataclass(frozen=True)
class Asked:
    """Options of the command."""

    actions: str | None
    best: int | None
    score: str | None


@click.command(name="pathway", short_help="The cheapest way to a target.")
@click.argument("country")
@click.argument("target")
@click.option("--actions", metavar="FILE", help="What may change, at what cost, how far.")
@click.option("--best", type=int, metavar="N", help="The N most effective indicators instead.")
@inputs
@score_option()
@output
@plotted
@gathered(Asked)
def command(
    options: Asked,
    country: str,
    target: str,
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """Find the cheapest change of indicators that brings COUNTRY to TARGET: a score, a band, or rank:60.

    \b
    dsr-risk pathway Pakistan 35 --score security
    dsr-risk pathway Pakistan rank:100
    dsr-risk pathway Pakistan guarded --actions actions.yaml
    """
    check_out(out, given | {"actions": options.actions})
    scores = load_scores(**given)
    show_year(scores)
    wanted = None if options.actions is None else read_document(Path(options.actions), DataError)
    with only_own_output():
        result = pathway(scores, country, _target(target), score=options.score, actions=wanted)
    show_notes(result.notes)
    draw(result)
    frame = result.table() if options.best is None else result.best(options.best)
    emit(
        frame,
        manifest_of(scores, result),
        out=out,
        form=form,
        people=lambda width: fitting(frame, width, "\n".join(lines_of(result))),
        about={
            "country": named(scores, country),
            "score": options.score or scores.names[0],
            "target": target,
        },
    )


def _target(text: str) -> Any:
    """Return a target as typed: a number, rank:N, or a band."""
    word, colon, number = text.partition(":")
    if word == "rank" and colon and number.isdigit():
        return {"rank": int(number)}
    try:
        return float(text)
    except ValueError:
        return text
