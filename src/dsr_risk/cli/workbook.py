"""``dsr-risk workbook``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..output.live.write import check_workbook, workbook
from ._shared import check_out, inputs, load_scores

__all__ = ["command"]


@click.command(name="workbook", short_help="A workbook with live formulas.")
@click.argument("out", metavar="FILE")
@inputs
def command(out: str, **given: Any) -> None:
    """Write FILE (.xlsx) with live formulas, one sheet a step.

    \b
    dsr-risk workbook scores.xlsx
    """
    check_out(out, given, table=False)
    check_workbook(Path(out))
    target = workbook(load_scores(**given), out)
    click.echo(f"{target}: written", err=True)
