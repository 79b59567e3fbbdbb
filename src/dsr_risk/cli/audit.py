"""``dsr-risk audit``."""

from __future__ import annotations

import sys
import textwrap
from typing import Any

import click

from ..analysis.audit.audit import audit
from ._loading import load_scores
from ._options import inputs, output, score_option
from ._plots import draw, plotted
from ._selection import selected, selection_options
from ._shared import check_out, emit, facts_of

__all__ = ["command"]


@click.command(name="audit", short_help="A statistical audit of the index.")
@inputs
@click.option("--year", type=int, metavar="YEAR", help="One year of a panel. [default: latest]")
@score_option("One headline score. [default: all]")
@click.option(
    "--fail-on",
    type=click.Choice(["fail", "warn", "never"]),
    default="never",
    show_default=True,
    help="Exit with code 1 where a finding is this bad or worse.",
)
@selection_options
@output
@plotted
def command(
    year: int | None,
    score: str | None,
    fail_on: Any,
    chosen: dict[str, Any],
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """Audit the scores as the JRC does: every check with its figure, its limit and the limit's source.

    With a selection the checks are made over the countries selected.

    \b
    dsr-risk audit
    dsr-risk audit --fail-on fail --out findings.csv
    """
    check_out(out, given)
    scores = selected(load_scores(**given), chosen)
    result = audit(scores, score=score, year=year)
    draw(result, score=score)

    def people(width: int) -> str:
        lines = [result._shown()[0]]
        for finding in result.findings:
            if finding.verdict != "pass":
                start = f"{finding.verdict.upper()} {finding.score} {finding.check}: "
                lines.append(
                    textwrap.fill(start + finding.message, width, subsequent_indent="     ")
                )
        return "\n".join(
            [*lines, "--format csv lists every finding with its limit, source and advice."]
        )

    emit(result.table(), facts_of(scores), out=out, form=form, people=people)
    if fail_on != "never":
        sys.exit(result.exit_code(fail_on))
