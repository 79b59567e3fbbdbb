"""``dsr-risk snapshot``."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from ..data.snapshot import bundled_folder, snapshot_facts
from ..snapshot import Folder, build, changes

__all__ = ["command"]


@click.group(name="snapshot", short_help="Build the bundled data anew from publishers' files.")
def command() -> None:
    """Build the bundled data anew, from the same files or from newer ones.

    \b
    dsr-risk snapshot build INPUTS_DIR --out new
    dsr-risk compare --data new/snapshot.csv --before-data bundled
    """


@command.command(name="build")
@click.argument(
    "folders", nargs=-1, required=True, metavar="INPUTS_DIR...", type=click.Path(path_type=Path)
)
@click.option(
    "--out", "-o", metavar="DIR", type=click.Path(path_type=Path), help="The folder to write to."
)
@click.option(
    "--check",
    is_flag=True,
    help="Only compare with the bundled snapshot; exit code 1 if they differ.",
)
@click.option(
    "--edition",
    type=click.IntRange(2000, 2100),
    metavar="YEAR",
    help="The year of the edition. [default: that of the bundle]",
)
def build_command(
    folders: tuple[Path, ...], out: Path | None, check: bool, edition: int | None
) -> None:
    """Build snapshot.csv, countries.csv, snapshot.json and starter/data_protection.csv.

    The files of the publishers are found by name in INPUTS_DIR and in the folders below it; docs/data.md
    lists them. Newer files keep their names and columns; a file of another format is refused with its name.
    An optional editions.csv (file, retrieved) gives the date of each newer file.

    \b
    dsr-risk snapshot build inputs --out new --edition 2027
    dsr-risk snapshot build inputs --check
    dsr-risk score --data new/snapshot.csv
    """
    if check == (out is not None):
        raise click.UsageError(
            "give --out DIR to write the files, or --check to compare with the bundle"
        )
    folder = Folder(*folders)
    chosen = edition or int(snapshot_facts()["edition"])
    if out is not None:
        for line in build(folder, out, edition=chosen):
            click.echo(f"note: {line}", err=True)
        click.echo(
            f"{out}: snapshot.csv, countries.csv, snapshot.json, starter/data_protection.csv",
            err=True,
        )
        return
    with tempfile.TemporaryDirectory() as target:
        build(folder, Path(target), edition=chosen)
        differ = changes(Path(target), bundled_folder())
    click.echo("\n".join(differ) or "equal: the bundled snapshot is what the source files give")
    raise SystemExit(1 if differ else 0)
