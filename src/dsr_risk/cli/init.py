"""``dsr-risk init``."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import click
import numpy as np

from .._util.atomic import atomic, make_folder
from ..data.dataset import Data
from ..data.snapshot import load_data
from ..errors import DataError
from ..framework.definition import Framework
from ..framework.files import framework_schema, load_framework
from ..output.tables import as_text
from ..output.template import write_template
from ..scoring.auxiliary import auxiliary_columns
from ..scoring.column_checks import required

__all__ = ["command"]


@click.command(name="init", short_help="Start a folder to work in.")
@click.argument("folder", metavar="DIR", required=False)
@click.option(
    "--framework", "-f", default="dsr", show_default=True, help="The framework to start from."
)
@click.option(
    "--wide",
    metavar="FILE",
    help="Write one workbook to fill in instead: a row a country, units, sources, drop-down lists (.xlsx).",
)
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
def command(folder: str | None, framework: str, wide: str | None, force: bool) -> None:
    """Start DIR with a framework, its data and its schema, ready to edit and score.

    \b
    dsr-risk init mine
    dsr-risk init --wide countries.xlsx
    """
    if (folder is None) == (wide is None):
        raise DataError("name a folder to start, or a workbook with --wide FILE: one of the two")
    loaded = load_framework(framework)
    if wide is not None:
        _wide(loaded, Path(wide), force)
        return
    _folder(loaded, Path(folder or "."), force)


def _wide(framework: Framework, path: Path, force: bool) -> None:
    """Write the workbook to fill in."""
    if path.exists() and not force:
        raise DataError(f"{path}: already there; choose another name, or --force")
    click.echo(str(write_template(framework, load_data(), path)))
    click.echo(
        f"\nFill in the sheet `data`, then:\n  dsr-risk check -f {framework.name} {path}\n"
        f"  dsr-risk score -f {framework.name} --data {path}"
    )


def _folder(framework: Framework, target: Path, force: bool) -> None:
    """Write framework, schema and data into a folder."""
    cells, other, lacking = _cells(framework, load_data())
    texts = {
        "framework.yaml": f"# yaml-language-server: $schema=./framework.schema.json\n{framework.to_yaml()}",
        "framework.schema.json": json.dumps(framework_schema(), indent=1) + "\n",
        "data.csv": cells,
    }
    existing = [name for name in texts if (target / name).exists()]
    if existing and not force:
        raise DataError(
            f"{target}: {', '.join(existing)} already there; choose another folder, or --force"
        )
    make_folder(target)
    for name, text in texts.items():
        with atomic(target / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
        click.echo(f"{target / name}")
    if other:
        click.echo(f"note: bundled in another unit, left out: {', '.join(other)}", err=True)
    if lacking:
        click.echo(
            f"note: {len(lacking)} of {len(framework.indicators)} indicators have no bundled data; data.csv "
            f"needs yours before it can be scored: {', '.join(lacking)}",
            err=True,
        )
    tree, table = (shlex.quote(str(target / name)) for name in ("framework.yaml", "data.csv"))
    click.echo(
        f"\nEdit them, then:\n  dsr-risk check {tree} {table}\n"
        f"  dsr-risk score --framework {tree} --data {table}"
    )


def _cells(framework: Framework, data: Data) -> tuple[str, list[str], list[str]]:
    """Return the long format with sources and reasons, columns of another unit, and empty required columns."""
    read = {
        indicator.data_column: indicator for indicator in (*framework.context, *framework.inputs)
    }
    divisors = {indicator.denominator for indicator in framework.inputs if indicator.denominator}
    cells = data.to_long()
    cells = cells[cells["indicator"].isin({*read, *divisors, *auxiliary_columns(framework)})]
    other = []
    for name, indicator in read.items():
        low, high = indicator.plausible or (-np.inf, np.inf)
        values = cells.loc[cells["indicator"] == name, "value"]
        if ((values < low) | (values > high)).any():
            other.append(name)
    cells = cells[~cells["indicator"].isin(other)]
    given = set(cells["indicator"])
    lacking = [
        indicator.name for indicator in required(framework) if indicator.data_column not in given
    ]
    return as_text(cells, "csv"), other, lacking
