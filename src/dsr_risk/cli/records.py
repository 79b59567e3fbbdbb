"""``dsr-risk records``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pandas as pd

from .. import __version__, readers
from .._util.atomic import atomic
from .._util.display import render
from .._util.faces import plots
from ..data.snapshot import bundled_folder
from ..data.starter import STARTER_TABLES, starter_table
from ..errors import DataError
from ..framework.definition import Framework
from ..output.tables import write_table
from ._kinds import check_kind, from_files, indicators, options_of
from ._options import gathered, kind_options, output
from ._plots import asked_for, draw, plotted
from ._shared import check_out, command_line, emit, fitting

__all__ = ["command"]

PICTURES = ("supplier_shares",)
"""Kinds whose table has a picture."""


@dataclass(frozen=True)
class Asked:
    """Options of the command."""

    kind: str | None
    files: tuple[str, ...]
    settings: tuple[str, ...]
    tables: tuple[str, ...]
    left_out: str | None
    trace: str | None
    framework: str | None


@click.command(name="records", short_help="Publishers' files to records, records to indicators.")
@click.argument("kind", required=False)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@kind_options
@click.option(
    "--left-out", metavar="FILE", help="Source: also write the rows left out, each with its reason."
)
@click.option("--trace", metavar="FILE", help="Indicator: also write what each record contributes.")
@click.option("--framework", metavar="FILE", help="coinr: also write the framework, as .yaml.")
@output
@plotted
@gathered(Asked)
def command(
    asked: Asked,
    out: str | None,
    form: str | None,
) -> None:
    """Read a publisher's FILEs into tidy records, or turn records into an indicator.

    KIND is a source (aiddata_gcdf, world_bank, ...) or an indicator (supplier_concentration, ...);
    without one the kinds are listed. Starter tables (laws, control_lists, data_protection) ship: each row has
    the page it was checked against.

    \b
    dsr-risk records aiddata_gcdf AidDatasGlobalChineseDevelopmentFinanceDataset_v3.0.xlsx --out loans.csv
    dsr-risk records supplier_concentration contracts.csv --set amount=usd --out concentration.csv
    dsr-risk records incident_rate incidents.csv --by-country population=people.csv
    dsr-risk records laws --out laws.csv
    dsr-risk records legal_exposure contracts.csv --by-country laws=laws.csv
    dsr-risk records coinr iMeta.csv iData.csv --framework mine.yaml --out mine.csv
    """
    _check_picture(asked.kind)
    if asked.kind is None:
        click.echo(_listed())
        return
    if asked.kind in STARTER_TABLES:
        if asked.files:
            raise DataError(f"{asked.kind}: is a table that ships and takes no file")
        table = starter_table(asked.kind)
        emit(
            table,
            {"title": f"Records: {asked.kind}", "table": asked.kind},
            out=out,
            form=form,
            people=lambda width: _for_people(table, width),
        )
        return
    check_kind(asked.kind)
    files = asked.files or _bundled_records(asked.kind)
    _check_extras(
        asked.kind,
        {"--left-out": asked.left_out, "--trace": asked.trace, "--framework": asked.framework},
    )
    for target in (out, asked.left_out, asked.trace):
        check_out(target, {f"input {name}": name for name in files})
    options = options_of(asked.kind, asked.settings, asked.tables)
    if asked.kind == "coinr":
        frame, facts = _coin(files, asked.framework)
    elif asked.kind in indicators():
        frame, facts = _indicator(asked.kind, files, options, asked.trace)
    else:
        frame, facts = _read(asked.kind, files, options, asked.left_out)
    if asked.kind in PICTURES:
        draw(lambda: _shares(frame))
    facts |= {"title": f"Records: {asked.kind}", "dsr_risk": __version__, "command": command_line()}
    emit(frame, facts, out=out, form=form, people=lambda width: _for_people(frame, width))


def _bundled_records(kind: str) -> tuple[str, ...]:
    """Return the file of records that ships for a kind, named on stderr."""
    if kind != "data_protection_gap":
        raise DataError(f"{kind}: no file given")
    path = bundled_folder() / "starter" / "data_protection.csv"
    click.echo(
        f"no file given: the starter table of {len(starter_table('data_protection'))} instruments",
        err=True,
    )
    return (str(path),)


def _check_picture(kind: str | None) -> None:
    if asked_for() and kind not in PICTURES:
        raise DataError(
            f"{kind or 'the list of kinds'} has no picture; --plot is for {PICTURES[0]}"
        )


def _shares(frame: pd.DataFrame) -> Any:
    """Draw the shares of suppliers, of the newest year where there are several."""
    newest = frame[frame["year"] == frame["year"].max()] if "year" in frame else frame
    return plots().supplier_shares(newest, unit=str(frame.columns[0]), share="value")


def _check_extras(kind: str, given: dict[str, str | None]) -> None:
    takes = (
        "--framework" if kind == "coinr" else "--trace" if kind in indicators() else "--left-out"
    )
    for option, value in given.items():
        if value is not None and option != takes:
            raise DataError(f"{kind} has no {option}; it has {takes}")


def _read(
    kind: str, files: tuple[str, ...], options: dict[str, object], left_out: str | None
) -> tuple[pd.DataFrame, dict[str, object]]:
    reading = readers.read(kind, *files, **options)
    click.echo(reading.summary(), err=True)
    if left_out is not None:
        write_table(reading.left_out, left_out)
    return reading.records, {"evidence": dict(reading.evidence), "files": list(files)}


def _indicator(
    kind: str, files: tuple[str, ...], options: dict[str, object], trace: str | None
) -> tuple[pd.DataFrame, dict[str, object]]:
    table, parts = from_files(kind, files, options, trace=trace is not None)
    if trace is not None and parts is not None:
        write_table(parts, trace)
    return table, {"indicator": kind, "files": list(files)}


def _coin(files: tuple[str, ...], framework: str | None) -> tuple[pd.DataFrame, dict[str, object]]:
    coin = read_coin(files)
    click.echo(repr(coin), err=True)
    if framework is not None:
        text = Framework.from_dict(coin.framework, files[0]).to_yaml()
        with atomic(Path(framework)) as temporary:
            temporary.write_text(text, encoding="utf-8")
    return coin.data.reset_index(), {"denominators": coin.denominators, "files": list(files)}


def read_coin(files: tuple[str, ...]) -> readers.Coin:
    """Return COINr's two tables."""
    if len(files) != 2:
        raise DataError(f"coinr: expected two files, iMeta and iData, received {len(files)}")
    return readers.coinr(*files)


def _for_people(frame: pd.DataFrame, width: int) -> str:
    shown = frame.head(40).dropna(axis=1, how="all").reset_index(drop=True)
    text = fitting(shown, width)
    return text if len(frame) <= 40 else f"{text}\n{len(frame) - 40:,} more rows"


def _listed() -> str:
    rows = [("source", *kind) for kind in readers.kinds().items()]
    rows.append(("source", "coinr", (readers.coinr.__doc__ or "").splitlines()[0]))
    rows += [("indicator", *kind) for kind in indicators().items()]
    rows += [("starter table", *kind) for kind in STARTER_TABLES.items()]
    return render(pd.DataFrame(rows, columns=["takes", "kind", "gives"]), "plain", width=100)
