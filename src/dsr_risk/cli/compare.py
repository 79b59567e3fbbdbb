"""``dsr-risk compare``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ..analysis.compare.comparison import compare
from ..errors import DataError
from ._loading import load_scores
from ._options import gathered, inputs, output, score_option
from ._plots import draw, plotted
from ._shared import check_out, emit, facts_of, fitting, lines_of

__all__ = ["command"]

BUNDLED = "bundled"
"""Names the bundled snapshot where a file is expected."""


@dataclass(frozen=True)
class Before:
    """The inputs of the scores before, where they differ."""

    before_data: str | None
    before_framework: str | None
    before_preset: str | None

    @property
    def any(self) -> bool:
        """True if any input differs."""
        return bool(self.before_data or self.before_framework or self.before_preset)

    def inputs(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of the scores before: those `given`, changed."""
        preset = self.before_preset
        if self.before_framework:
            preset = preset or ""
        changed = {"data": self.before_data, "framework": self.before_framework, "preset": preset}
        out = dict(given) | {key: value for key, value in changed.items() if value is not None}
        if self.before_data == BUNDLED and not Path(BUNDLED).exists():
            out["data"] = None
        return out


@click.command(name="compare", short_help="What moved between two sets of scores.")
@inputs
@click.option(
    "--before-data", metavar="FILE", help="The data before; `bundled`. [default: the same]"
)
@click.option("--before-framework", metavar="F", help="The framework before. [default: the same]")
@click.option("--before-preset", metavar="NAME", help="A preset of the framework before.")
@click.option("--years", nargs=2, type=int, metavar="FROM TO", help="Two years of a panel.")
@score_option()
@output
@plotted
@gathered(Before)
def command(
    earlier: Before,
    years: tuple[int, int] | None,
    score: str | None,
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
    if not (earlier.any or years):
        raise DataError(
            "nothing to compare with: give --years, --before-data, --before-framework or --before-preset"
        )
    check_out(out, given | {"before-data": earlier.before_data})
    after = load_scores(**given)
    before = load_scores(**earlier.inputs(given)) if earlier.any else after
    comparison = compare(before, after, years=years)
    draw(comparison, score=score)
    frame = comparison.table(score)
    emit(
        frame,
        facts_of(after) | {"before": facts_of(before)},
        out=out,
        form=form,
        people=lambda width: fitting(frame, width, lines_of(comparison)[0]),
        about={"score": score or comparison.scores[0]},
    )
