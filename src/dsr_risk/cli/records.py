"""``dsr-risk records``."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import click
import pandas as pd
import yaml

from .. import __version__, readers, records
from .._display import render
from ..data_files import read_table
from ..errors import DataError, Problems, UnknownNameError, did_you_mean
from ..tables import write_table
from ._shared import check_out, emit, fitting, output, said_command

__all__ = ["check_options", "command"]


@click.command(name="records", short_help="Publishers' files to records, records to indicators.")
@click.argument("kind", required=False)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE",
    help="An option of the reader or indicator, such as `focal=USA` or `value=amount` (repeatable).",
)  # fmt: skip
@click.option(
    "--by-country", "tables", multiple=True, metavar="NAME=FILE",
    help="A table of country and value, such as `population=people.csv` (repeatable).",
)  # fmt: skip
@click.option(
    "--left-out", metavar="FILE", help="Also write the rows left out, each with its reason."
)
@output
def command(
    kind: str | None,
    files: tuple[str, ...],
    settings: tuple[str, ...],
    tables: tuple[str, ...],
    left_out: str | None,
    out: str | None,
    form: str | None,
) -> None:
    r"""Read a publisher's FILEs into tidy records, or turn records into an indicator.

    KIND is a source (aiddata_gcdf, world_bank, ...) or an indicator (supplier_concentration, ...);
    without one the kinds are listed.

    \b
    dsr-risk records aiddata_gcdf AidDatasGlobalChineseDevelopmentFinanceDataset_v3.0.xlsx --out loans.csv
    dsr-risk records supplier_concentration contracts.csv --set value=usd --out concentration.csv
    dsr-risk records incident_rate incidents.csv --by-country population=people.csv
    """
    if kind is None:
        click.echo(_listed())
        return
    for target in (out, left_out):
        check_out(target)
    options = {**_settings(settings), **{name: _by_country(path) for name, path in _pairs(tables)}}
    if kind in (readers.kinds() | indicators()):
        check_options(kind, options)
    if kind in readers.kinds():
        frame, facts = _read(kind, files, options, left_out)
    elif kind in indicators():
        frame, facts = _indicator(kind, files, options)
    else:
        known = [*readers.kinds(), *indicators()]
        raise UnknownNameError(f"no kind of records `{kind}`; {did_you_mean(kind, known)}")
    facts |= {"dsr_risk": __version__, "command": said_command()}
    emit(frame, facts, out=out, form=form, people=lambda width: _for_people(frame, width))


def indicators() -> dict[str, str]:
    """The functions of ``dsr_risk.records`` that take a frame of records, each with its first line."""
    found = {name: getattr(records, name) for name in records.__all__}
    return {
        name: (inspect.getdoc(one) or "").splitlines()[0]
        for name, one in found.items()
        if inspect.isfunction(one) and "trace" in inspect.signature(one).parameters
    }


def _read(
    kind: str, files: tuple[str, ...], options: dict[str, Any], left_out: str | None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    reading = readers.read(kind, *files, **options)
    click.echo(reading.summary(), err=True)
    if left_out is not None:
        write_table(reading.left_out, left_out)
    return reading.records, {"evidence": dict(reading.evidence), "files": list(files)}


def _indicator(
    kind: str, files: tuple[str, ...], options: dict[str, Any]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    if not files:
        raise DataError(f"{kind}: no file given; expected a table of records")
    frame = pd.concat([_records(Path(name)) for name in files], ignore_index=True)
    result = getattr(records, kind)(frame, **options)
    table = result[0] if isinstance(result, tuple) else result
    return table, {"indicator": kind, "files": list(files)}


def check_options(kind: str, options: dict[str, Any]) -> None:
    """An option that is unknown or absent is said before any file is read."""
    target = getattr(records, kind, None) or getattr(readers, kind)
    known = inspect.signature(target).parameters
    unknown = [name for name in options if name not in known]
    if unknown:
        raise UnknownNameError(
            f"{kind} has no option `{unknown[0]}`; {did_you_mean(unknown[0], list(known)[1:])}"
        )
    absent = [
        name
        for name, one in list(known.items())[1:]
        if one.default is inspect.Parameter.empty
        and one.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        and name not in options
    ]
    if absent:
        raise DataError(
            f"{kind} needs `{absent[0]}`: give --by-country {absent[0]}=FILE, or --set {absent[0]}=VALUE"
        )


def _settings(settings: tuple[str, ...]) -> dict[str, Any]:
    """Options as typed; the value is read as YAML, so that 3, true and [a, b] mean what they say."""
    return {name: yaml.safe_load(value) for name, value in _pairs(settings)}


def _pairs(given: tuple[str, ...]) -> list[tuple[str, str]]:
    problems = Problems("options")
    out = []
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or not name:
            problems.add(f"expected NAME=VALUE, received '{one}'")
        out.append((name.replace("-", "_"), value))
    problems.raise_as(DataError)
    return out


def _records(path: Path) -> pd.DataFrame:
    """A table of records, columns of numbers as numbers."""
    frame = read_table(path)
    for name in frame.columns:
        column = frame[name].replace("", None)
        numbers = pd.to_numeric(column, errors="coerce")
        whole = bool((numbers.notna() == column.notna()).all()) and bool(numbers.notna().any())
        frame[name] = numbers if whole else column
    return frame


def _by_country(path: str) -> pd.Series[float]:
    frame = _records(Path(path))
    if frame.shape[1] != 2:
        raise DataError(
            f"{path}: expected two columns, the country and its value, received {frame.shape[1]}"
        )
    return frame.set_index(frame.columns[0])[frame.columns[1]]


def _for_people(frame: pd.DataFrame, width: int) -> str:
    shown = frame.head(40).dropna(axis=1, how="all").reset_index(drop=True)
    text = fitting(shown, width)
    return text if len(frame) <= 40 else f"{text}\n{len(frame) - 40:,} more rows"


def _listed() -> str:
    rows = [("source", *one) for one in readers.kinds().items()]
    rows += [("indicator", *one) for one in indicators().items()]
    return render(pd.DataFrame(rows, columns=["takes", "kind", "gives"]), "plain", width=100)
