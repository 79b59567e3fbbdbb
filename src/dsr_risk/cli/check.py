"""``dsr-risk check``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from .. import model as _model, readers
from .._documents import LARGEST, read_document
from .._prepare import data_for
from ..configs import load_framework
from ..data_files import read_data
from ..errors import DataError, DsrRiskError
from ..framework import Framework
from ..model import Model
from ._shared import asked_framework
from .records import check_options

__all__ = ["command"]

CONFIGS = (".yaml", ".yml", ".toml")


@click.command(name="check", short_help="Check files before you use them.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--framework", "-f", default="dsr", show_default=True, help="What data are checked against."
)
@click.option("--preset", metavar="NAME", help="A preset of that framework.")
@click.option("--focal", metavar="ISO3", help="The state whose suppliers are studied, or `none`.")
@click.option(
    "--model", metavar="FILE", help="Check data against a saved model, on the scale it learned."
)
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook that has several.")
@click.option("--edition", type=int, metavar="YEAR", help="Read long data as a snapshot of a year.")
@click.option(
    "--kind", metavar="KIND", help="A publisher's file of that kind (`dsr-risk records`)."
)
def command(
    files: tuple[str, ...],
    framework: str,
    preset: str | None,
    focal: str | None,
    model: str | None,
    sheet: str | None,
    edition: int | None,
    kind: str | None,
) -> None:
    """Check framework files (.yaml .toml .json), saved models and data files; exit code 2 if any is bad.

    Data are checked against --framework: countries, indicators, numbers, plausible ranges, coverage.
    With --kind, files are read as a publisher ships them, and every row left out is counted.
    """
    learned = None if model is None else Model.from_json(model)
    wanted = learned.framework if learned else asked_framework(framework, preset, focal)
    against = Against(wanted, learned, sheet, edition)
    bad = 0
    for name in files:
        try:
            said = _check(Path(name), against) if kind is None else _publisher(kind, name, sheet)
            click.echo(f"{name}: ok: {said}")
        except DsrRiskError as error:
            bad += 1
            click.echo(f"error: {error}", err=True)
    if bad:
        click.echo(f"{bad} of {len(files)} files have problems", err=True)
        sys.exit(2)


@dataclass(frozen=True)
class Against:
    """What data files are checked against, and how they are read."""

    framework: Framework
    model: Model | None
    sheet: str | None
    edition: int | None


def _check(path: Path, against: Against) -> str:
    if path.suffix.lower() in CONFIGS:
        return _described(load_framework(path))
    if path.suffix.lower() == ".json" and path.is_file() and path.stat().st_size <= LARGEST:
        raw = read_document(path, DataError)
        if isinstance(raw, dict) and "learned" in raw:
            return f"model of {_described(Model.from_json(path).framework)}"
        if isinstance(raw, dict) and "data" not in raw:
            return _described(Framework.from_dict(raw, str(path)))
    framework = against.framework
    data = data_for(
        framework,
        lambda: read_data(path, sheet=against.sheet, edition=against.edition),
        strict=True,
    )
    fitted = against.model or _model.fit(framework, data, strict=True)
    scores = fitted.score(data, strict=True)
    counts = ", ".join(f"{name} {scores.values[name].notna().sum()}" for name in scores.names)
    lines = [
        f"data of {len(data)} units against `{framework.name}`; scored: {counts}",
        *scores.notes,
    ]
    return "\n  note: ".join(lines)


def _publisher(kind: str, name: str, sheet: str | None) -> str:
    options = {} if sheet is None else {"sheet": sheet}
    check_options(kind, options)
    return readers.read(kind, name, **options).summary()


def _described(framework: Framework) -> str:
    for name in framework.presets:
        framework.preset(name)
    lines = [
        f"framework `{framework.name}`, {len(framework.indicators)} indicators, "
        f"fingerprint {framework.fingerprint}"
    ]
    lines += [
        f"the weights below `{group}` add up to {total:g}; they count as ratios"
        for group, total in framework.weight_totals.items()
        if abs(total - 1) > 1e-9
    ]
    return "\n  note: ".join(lines)
