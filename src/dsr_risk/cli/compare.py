"""``dsr-risk compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..analysis.compare.comparison import compare
from ..errors import DataError
from ._plots import draw, plotted
from ._shared import check_out, emit, facts_of, fitting, inputs, load_scores, output

__all__ = ["command"]

BUNDLED = "bundled"
"""Names the bundled snapshot where a file is expected."""


@click.command(name="compare", short_help="What moved between two sets of scores.")
@inputs
@click.option(
    "--before-data", metavar="FILE", help="The data before; `bundled`. [default: the same]"
)
@click.option("--before-framework", metavar="F", help="The framework before. [default: the same]")
@click.option("--before-preset", metavar="NAME", help="A preset of the framework before.")
@click.option("--years", nargs=2, type=int, metavar="FROM TO", help="Two years of a panel.")
@click.option(
    "--score", "-s", "head", metavar="NAME", help="A headline score. [default: the first]"
)
@output
@plotted
def command(
    before_data: str | None,
    before_framework: str | None,
    before_preset: str | None,
    years: tuple[int, int] | None,
    head: str | None,
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """Compare two years, editions or frameworks: every move, split into data, coverage, reference, method.

    \b
    dsr-risk compare --data panel.csv --years 2019 2021
    dsr-risk compare --data new.csv --before-data old.csv
    dsr-risk compare --data new/snapshot.csv --before-data bundled
    dsr-risk compare --preset power_mean --before-framework dsr
    """
    if not (before_data or before_framework or before_preset or years):
        raise DataError(
            "nothing to compare with: give --years, --before-data, --before-framework or --before-preset"
        )
    check_out(out, given | {"before-data": before_data})
    after = load_scores(**given)
    changed = {"data": before_data, "framework": before_framework, "preset": before_preset}
    if before_framework:
        changed["preset"] = before_preset or ""
    before = after
    if before_data or before_framework or before_preset:
        asked = given | {key: value for key, value in changed.items() if value is not None}
        if before_data == BUNDLED and not Path(BUNDLED).exists():
            asked["data"] = None
        before = load_scores(**asked)
    found = compare(before, after, years=years)
    draw(found, score=head)
    frame = found.table(head)
    emit(
        frame,
        facts_of(after) | {"before": facts_of(before)},
        out=out,
        form=form,
        people=lambda width: fitting(frame, width, repr(found).split("\n")[0]),
    )
