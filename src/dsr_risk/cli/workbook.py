"""``dsr-risk workbook``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..errors import UnknownNameError
from ..output.live.write import check_workbook, workbook
from ._loading import load_scores
from ._options import inputs
from ._selection import selected, selection_options
from ._shared import check_out

__all__ = ["command"]


@click.command(name="workbook", short_help="A workbook with live formulas.")
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--out", "-o", metavar="FILE", help="The .xlsx file to write, as FILE alone.")
@inputs
@selection_options
def command(file: str | None, out: str | None, chosen: dict[str, Any], **given: Any) -> None:
    """Write FILE (.xlsx) with live formulas, one sheet a step.

    \b
    dsr-risk workbook scores.xlsx
    dsr-risk workbook --data mine.csv --out scores.xlsx
    dsr-risk workbook --region Africa --out africa.xlsx
    """
    if (file is None) == (out is None):
        received = "none" if file is None else f"{file} and --out {out}"
        raise UnknownNameError(
            f"name the file to write once, as FILE or with --out FILE; received {received}"
        )
    target = str(out if file is None else file)
    check_out(target, given, table=False)
    check_workbook(Path(target))
    written = workbook(selected(load_scores(**given), chosen), target)
    click.echo(f"{written}: workbook with live formulas", err=True)
