"""``dsr-risk reversal``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click

from ..analysis.what_if import reversal
from ._loading import load_scores
from ._options import gathered, inputs, output, score_option
from ._plots import draw, plotted
from ._shared import check_out, emit, fitting, lines_of, manifest_of, named, show_notes, show_year

__all__ = ["command"]


@dataclass(frozen=True)
class Asked:
    """Options of the command."""

    country: str
    other: str
    norm: Any
    group: str | None
    break_even: bool
    score: str | None


@click.command(name="reversal", short_help="The change of weights that makes two countries swap.")
@click.argument("country")
@click.argument("other")
@click.option(
    "--norm",
    type=click.Choice(["l1", "l2", "linf"]),
    default="l1",
    show_default=True,
    help="How a change of weights is measured.",
)
@click.option("--group", metavar="NAME", help="Only the local weights of this group change.")
@click.option("--break-even", is_flag=True, help="The weight of each pillar at which they tie.")
@inputs
@score_option()
@output
@plotted
@gathered(Asked)
def command(
    asked: Asked,
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """Find the smallest change of weights that makes COUNTRY and OTHER swap, or prove that none does.

    \b
    dsr-risk reversal Pakistan Kenya
    dsr-risk reversal Pakistan Kenya --group dependency --norm l2
    """
    check_out(out, given)
    scores = load_scores(**given)
    show_year(scores)
    result = reversal(
        scores, asked.country, asked.other, score=asked.score, norm=asked.norm, group=asked.group
    )
    show_notes(result.notes)
    draw(result)
    frame = result.break_even if asked.break_even else result.table()
    emit(
        frame,
        manifest_of(scores, result),
        out=out,
        form=form,
        people=lambda width: fitting(frame, width, "\n".join(lines_of(result))),
        about={"country": named(scores, asked.country), "other": named(scores, asked.other)},
    )
