"""``dsr-risk check``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from .._util.display import counted
from .._util.documents import LARGEST, read_document
from ..data.dataset import Data
from ..data.snapshot import load_data
from ..errors import DataError, DsrRiskError, NotScorableError, Problems
from ..framework.definition import Framework
from ..framework.files import load_framework
from ..scoring.column_checks import check_plausible
from ..scoring.fitting import fit_and_score
from ..scoring.model import Model
from ..scoring.prepare import columns_of, data_for
from ..scoring.scores import Scores
from ._loading import asked_framework, laid_over, read_asked
from ._options import gathered, kind_options, reading_options
from ._workers import asked

__all__ = ["command"]

CONFIGS = (".yaml", ".yml", ".toml")


def _reading(function: Any) -> Any:
    for option in reversed(reading_options()):
        function = option(function)
    return function


def _end(bad: int, count: int) -> None:
    """End with exit code 2 if any file is bad; of several, say how many."""
    if bad and count > 1:
        click.echo(f"{bad} of {count} files have problems", err=True)
    if bad:
        sys.exit(2)


@dataclass(frozen=True)
class Asked:
    """Options of the command."""

    framework: str
    preset: str | None
    focal: str | None
    model: str | None
    update: tuple[str, ...]
    kind: str | None
    settings: tuple[str, ...]
    tables: tuple[str, ...]


@click.command(name="check", short_help="Check files before you use them.")
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option(
    "--framework",
    "-f",
    default="dsr",
    help="What data are checked against. [default: the one among FILE, else dsr]",
)
@click.option("--preset", metavar="NAME", help="A preset of that framework.")
@click.option("--focal", metavar="ISO3", help="The state whose suppliers are studied, or `none`.")
@click.option(
    "--model", metavar="FILE", help="Check data against a saved model, on the scale it learned."
)
@click.option(
    "--update",
    multiple=True,
    metavar="FILE",
    help="Your cells or columns, checked as laid over each data FILE. [without FILE: over the bundled data]",
)
@_reading
@click.option(
    "--kind",
    metavar="KIND",
    help="A publisher's file, or records, of that kind (`dsr-risk records` lists them).",
)
@kind_options
@gathered(Asked)
def command(
    options: Asked,
    files: tuple[str, ...],
    **reading: Any,
) -> None:
    """Check framework files (.yaml .toml .json), saved models and data files; exit code 2 if any is bad.

    Data are checked against --framework, or the one framework file among FILE: countries, indicators,
    numbers, plausible ranges, coverage.
    With --update, cells and columns are checked as `score --update` takes them.
    With --kind, files are read as a publisher ships them, and every row left out is counted; or
    records are turned into that indicator, and every bad record is reported.
    """
    if not files and not options.update:
        raise click.UsageError("name the files to check")
    if options.kind is not None:
        if options.update:
            raise DataError("--update lays cells over data: leave it out, or leave --kind out")
        _check_kinds(options.kind, files, reading["sheet"], options.settings, options.tables)
        return
    if options.settings or options.tables:
        raise DataError("--set and --by-country are options of a --kind: name the kind")
    learned = None if options.model is None else Model.load(options.model)
    beside = None if asked("framework") else _beside(files)
    wanted = (
        learned.framework
        if learned
        else asked_framework(beside or options.framework, options.preset, options.focal)
    )
    reading["units"] = reading["units"] or wanted.units
    reading["indicators"] = columns_of(wanted)
    against = Against(wanted, learned, reading, options.update)
    data = [name for name in files if Path(name).suffix.lower() not in CONFIGS]
    targets: list[str | None] = [*files] if data or not options.update else [*files, None]
    bad = 0
    for name in targets:
        try:
            click.echo(f"{name or ', '.join(options.update)}: ok: {_check(name, against)}")
        except DsrRiskError as error:
            bad += 1
            click.echo(f"error: {error}", err=True)
    _end(bad, len(targets))


def _beside(files: tuple[str, ...]) -> str | None:
    """Return the framework file among those checked: data beside it are meant for it. None if it is not clear."""
    configs = [name for name in files if Path(name).suffix.lower() in CONFIGS]
    try:
        return configs[0] if len(configs) == 1 and load_framework(configs[0]) else None
    except DsrRiskError:
        return None  # said when its turn comes


@dataclass(frozen=True)
class Against:
    """The framework that data files are checked against, and how they are read."""

    framework: Framework
    model: Model | None
    reading: dict[str, Any]
    update: tuple[str, ...]


def _check(name: str | None, against: Against) -> str:
    """Return what a file holds; without a name, what the bundled data hold with the updates over them."""
    if name is None:
        return _scored(load_data(), "the bundled data", against, strict=False)
    path = Path(name)
    if path.suffix.lower() in CONFIGS:
        return _described(load_framework(path))
    if path.suffix.lower() == ".json" and path.is_file() and path.stat().st_size <= LARGEST:
        raw = read_document(path, DataError)
        if isinstance(raw, dict) and "$defs" in raw:
            return "the JSON schema of framework files, for editors"
        if isinstance(raw, dict) and "learned" in raw:
            return f"model of {_described(Model.load(path).framework)}"
        if isinstance(raw, dict) and "data" not in raw:
            return _described(Framework.from_dict(raw, str(path)))
    data = data_for(against.framework, lambda: read_asked(path, against.reading), strict=True)
    return _scored(data, str(path), against)


def _laid_over(data: Data, origin: str, against: Against) -> tuple[Data, list[str]]:
    """Return data with the updates laid over them, and how many cells of each are used."""
    lines = []
    for path in against.update:
        over = read_asked(path, against.reading)
        _check_cells(over, against.framework, path)
        data = laid_over(data, over, against.framework, path)
        given = over.values.stack()
        after = data.values.stack().reindex(given.index)
        used = int(np.count_nonzero(after.to_numpy() == given.to_numpy()))
        older = "" if used == len(given) else "; the others are older than those of the data"
        lines.append(f"{path}: {used:,} of {counted(len(given), 'cell')} used over {origin}{older}")
        lines += over.reading.lines()
    return data, lines


def _check_cells(over: Data, framework: Framework, path: str) -> None:
    """Raise for the cells of an update that are not plausible, those that are too old to be used among them."""
    columns = {indicator.data_column: indicator for indicator in framework.inputs}
    # A column with a denominator is plausible after the division: that is checked where it is scored.
    plain = [
        name for name, node in columns.items() if name in over.columns and node.denominator is None
    ]
    problems = Problems(path)
    check_plausible(over, tuple(columns[name] for name in plain), over._matrix(plain), problems)
    problems.raise_as(DataError)


def _scored(data: Data, origin: str, against: Against, *, strict: bool = True) -> str:
    """Return how many units are scored from data with the updates laid over them."""
    framework = against.framework
    data, laid = _laid_over(data, origin, against)
    if against.model is None:
        scores = fit_and_score(framework, data, strict=strict)
    else:
        scores = against.model.score(data, strict=strict)
    # Not `scores.values`: a frame of every node of a large table takes as long as parsing it.
    counts = {name: int((~np.isnan(scores._headline(name).score)).sum()) for name in scores.names}
    if not any(counts.values()):
        raise NotScorableError(f"{origin}: nothing is scored", _why_nothing(scores))
    scored = ", ".join(f"{name} {count}" for name, count in counts.items())
    lines = [
        f"data of {len(data)} units against `{framework.name}`; scored: {scored}",
        *laid,
        *data.reading.lines(),
        *scores.notes,
    ]
    return "\n  note: ".join(lines)


def _why_nothing(scores: Scores) -> list[str]:
    """Return why no unit has a headline score: the reasons, each with its number of units."""
    lines = [*scores.data.reading.lines(), *scores.notes]
    for name in scores.names:
        counts = scores.reason[name].value_counts()
        lines += [
            f"`{name}`, {count} of {len(scores.data)} units: {reason}"
            for reason, count in counts.head(3).items()
        ]
        if len(counts) > 3:
            lines.append(
                f"`{name}`: {len(counts) - 3} more reasons (`dsr-risk score --format csv` lists them)"
            )
    return lines


def _check_kinds(
    kind: str,
    files: tuple[str, ...],
    sheet: str | None,
    settings: tuple[str, ...],
    tables: tuple[str, ...],
) -> None:
    """Read every file as of that kind; for COINr both together."""
    # Imported here: records and their readers take longer to import than the rest.
    from ._kinds import check_kind, options_of

    check_kind(kind)
    given = settings if sheet is None else (*settings, f"sheet={sheet}")
    options = options_of(kind, given, tables)
    bad = 0
    for part in [files] if kind == "coinr" else [(path,) for path in files]:
        try:
            click.echo(f"{', '.join(part)}: ok: {_of_kind(kind, part, options)}")
        except DsrRiskError as error:
            bad += len(part)
            click.echo(f"error: {error}", err=True)
    _end(bad, len(files))


def _of_kind(kind: str, files: tuple[str, ...], options: dict[str, object]) -> str:
    from .. import readers
    from ._kinds import from_files, indicators
    from .records import read_coin

    if kind == "coinr":
        coin = read_coin(files)
        return f"{coin!r}\n  {_described(Framework.from_dict(coin.framework, files[0]))}"
    if kind in indicators():
        table, _ = from_files(kind, files, options)
        names = table["indicator"].nunique() if "indicator" in table else 1
        return f"{names} indicators of {table['iso3'].nunique():,} countries, {len(table):,} values"
    return readers.read(kind, *files, **options).summary()


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
