"""Tables as publishers ship them: found inside text, workbooks and archives, read as text."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, TypedDict, Unpack

import pandas as pd

from ..errors import DataError, MissingExtraError, did_you_mean
from ._files import encoding_of, existing_file, opened, text_lines

# Publishers put titles, dates and licences above the header; none uses more lines than this.
PREAMBLE = 30
CHUNK = 100_000

Form = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Table:
    """A table read as text: canonical columns, index = row number in the file.

    ``skipped`` holds what `only` passed over: the value of that column, by row number; ``ragged``
    the rows with more fields than the header, whose values cannot be assigned to columns.
    """

    frame: pd.DataFrame
    name: str
    sheet: str
    header: tuple[str, ...]
    form: int
    skipped: pd.Series
    ragged: pd.Series


@dataclass(frozen=True)
class _Asked:
    """The requirements of a reader on a file."""

    forms: list[Form]
    optional: Form
    sheet: str
    extra: str | None
    source: str
    only: tuple[str, Collection[str]] | None


@dataclass(frozen=True)
class _Sheet:
    """Rows with a header found among the first: how good it is, where, and the rows below."""

    title: str
    share: float
    header_row: int
    header: list[str]
    below: Iterator[list[str]]

    @classmethod
    def of(cls, title: str, rows: Iterator[list[str]], asked: _Asked) -> _Sheet:
        """Find the header among the first rows."""
        opening = list(islice(rows, PREAMBLE))
        share, row, header = find_header(opening, asked.forms)
        return cls(title, share, row, header, chain(opening[row + 1 :], rows))


def key(name: object) -> str:
    """Return a column name without case, spaces and punctuation: `Recipient ISO-3` is `recipientiso3`."""
    return re.sub(r"[^0-9a-z]+", "", str(name).casefold())


def _share_present(keys: set[str], form: Form) -> float:
    return sum(any(key(name) in keys for name in names) for names in form.values()) / len(form)


def find_header(lines: Iterable[list[str]], forms: Sequence[Form]) -> tuple[float, int, list[str]]:
    """Return the first row that has every column of a form, or else the one that has most of them."""
    best, row, header = -1.0, 0, list[str]()
    for number, cells in enumerate(lines):
        keys = {key(cell) for cell in cells}
        score = max(_share_present(keys, form) for form in forms)
        if score > best:
            best, row, header = score, number, [cell.strip() for cell in cells]
        if score == 1:
            break
    return best, row, header


def choose(name: str, header: Sequence[str], asked: _Asked) -> tuple[int, dict[str, str]]:
    """Return the form of a header, and column of the file -> our name; the error lists all missing columns."""
    by_key: dict[str, str] = {}
    for column in header:
        by_key.setdefault(key(column), column)
    shares = [_share_present(set(by_key), form) for form in asked.forms]
    number = shares.index(max(shares))
    wanted = asked.forms[number]
    chosen: dict[str, str] = {}
    missing: list[str] = []
    for ours, names in {**wanted, **asked.optional}.items():
        match = next((by_key[key(name)] for name in names if key(name) in by_key), None)
        if match is not None and match not in chosen:
            chosen[match] = ours
        elif ours in wanted and match is None:
            missing.append(names[0])
    if missing:
        lines = [f"column `{name}` is missing{_near(name, header)}" for name in missing]
        given = ", ".join(f"`{name}`" for name in header[:12] if name) or "none"
        lines.append(f"columns of the file: {given}{', ...' if len(header) > 12 else ''}")
        raise DataError(f"{name}: not a known edition of {asked.source}", lines)
    return number, chosen


def _near(name: str, header: Sequence[str]) -> str:
    help_ = did_you_mean(name, [name for name in header if name], listed=0)
    return f"; {help_}" if help_.startswith("did") else ""


class Where(TypedDict, total=False):
    """The part of a file that is read; see ``read_table``."""

    sheet: str
    member: str
    extra: str | None
    only: tuple[str, Collection[str]] | None


def read_table(
    path: str | Path,
    wanted: Form | Sequence[Form],
    optional: Form | None = None,
    *,
    source: str,
    **where: Unpack[Where],
) -> Table:
    """Return a table of text from .csv, .tsv, .xlsx or an archive that holds one.

    Parameters
    ----------
    wanted, optional : mapping
        Our column name -> the names publishers have given it; order, case, spaces and punctuation
        of the file's columns do not matter. Several mappings are alternative forms of the file.
    sheet, member : str
        Regular expressions for the sheet of a workbook and the member of an archive.
    extra : str, optional
        Regular expression: further columns to keep, under their own names.
    only : (str, collection), optional
        Our column and the values to keep; other rows are passed over while reading.
    known : str
        The source and its editions, for the message when the file is none of them.
    """
    file = existing_file(path)
    if file.is_dir():
        raise DataError(f"{file.name}: expected a table, received a folder")
    forms = [wanted] if isinstance(wanted, Mapping) else list(wanted)
    sheet, extra, only = where.get("sheet", ""), where.get("extra"), where.get("only")
    asked = _Asked(forms, optional or {}, sheet, extra, source, only)
    kind = "a table (.csv or .xlsx)"
    with opened(file, kind, where.get("member", "")) as (name, stream):
        start = stream.read(4096)
        stream.seek(0)
        if start.startswith(b"PK"):
            return _workbook(name, stream, asked)
        if b"\0" in start and not encoding_of(start).startswith("utf-16"):
            raise DataError(f"{name}: expected a table (.csv or .xlsx), received binary data")
        sheet_ = _Sheet.of("", _text_rows(name, stream), asked)
        return _gathered(name, sheet_, asked, ragged=True)


def _text_rows(name: str, stream: BinaryIO) -> Iterator[list[str]]:
    lines = text_lines(stream)
    opening = list(islice(lines, PREAMBLE))
    delimiter = max(
        "\t,;|", key=lambda mark: max((line.count(mark) for line in opening), default=0)
    )
    rows = csv.reader(chain(opening, lines), delimiter=delimiter, strict=True)
    number = 0
    while True:
        try:
            row = next(rows, None)
        except csv.Error as broken:
            raise DataError(f"{name}: not a table: row {number + 1}: {broken}") from None
        if row is None:
            return
        number += 1
        yield row


def _workbook(name: str, stream: BinaryIO, asked: _Asked) -> Table:
    try:
        import openpyxl
    except ImportError:
        raise MissingExtraError.of(
            "openpyxl", extra="excel", purpose="reading .xlsx files"
        ) from None
    try:
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
    except (KeyError, OSError, ValueError, zipfile.BadZipFile) as broken:
        raise DataError(f"{name}: not a readable workbook or archive: {broken}") from None
    named = [
        sheet_name
        for sheet_name in book.sheetnames
        if re.search(asked.sheet, sheet_name, re.IGNORECASE)
    ]
    sheets = [_Sheet.of(name, _cells(book[name]), asked) for name in named or book.sheetnames]
    if not sheets:
        raise DataError(f"{name}: the workbook has no sheet")
    best = max(sheets, key=lambda sheet: sheet.share)
    return _gathered(f"{name}, sheet `{best.title}`", best, asked, ragged=False)


def _cells(sheet: Any) -> Iterator[list[str]]:
    if not hasattr(sheet, "reset_dimensions"):
        return  # a chart has no rows
    sheet.reset_dimensions()  # some exporters write a wrong size, and rows would be lost
    for row in sheet.iter_rows(values_only=True):
        yield ["" if cell is None else str(cell) for cell in row]


def _gathered(name: str, sheet: _Sheet, asked: _Asked, *, ragged: bool) -> Table:
    """Return the rows below the header as a frame of the columns chosen, in pieces to save memory."""
    form, chosen = choose(name, sheet.header, asked)
    keep = _kept(sheet.header, chosen, asked.extra)
    names = [chosen.get(sheet.header[at], sheet.header[at]) for at in keep]
    column, values = asked.only or ("", ())
    only = names.index(column) if column in names else None
    wanted, width, longest = frozenset(values), len(sheet.header), max(keep) + 1
    aside: dict[str, dict[int, str]] = {"skipped": {}, "ragged": {}}
    pieces: list[pd.DataFrame] = []
    body: dict[int, list[str]] = {}
    for number, row in enumerate(sheet.below, start=sheet.header_row + 2):
        if ragged and len(row) > width and any(cell.strip() for cell in row[width:]):
            aside["ragged"][number] = ", ".join(row)
            continue
        cells = row if len(row) >= longest else [*row, *[""] * (longest - len(row))]
        record = [cells[at].strip() for at in keep]
        if only is not None and record[only] not in wanted:
            aside["skipped"][number] = record[only]
        elif any(record):
            body[number] = record
        if len(body) == CHUNK:
            pieces.append(_frame(body, names))
            body = {}
    frame = pd.concat([*pieces, _frame(body, names)]) if pieces else _frame(body, names)
    left = {name: pd.Series(rows, dtype="object") for name, rows in aside.items()}
    return Table(frame, name, sheet.title, tuple(sheet.header), form, **left)


def _frame(body: dict[int, list[str]], names: list[str]) -> pd.DataFrame:
    return pd.DataFrame(list(body.values()), index=list(body), columns=names, dtype=str)


def _kept(header: list[str], chosen: Mapping[str, str], extra: str | None) -> list[int]:
    seen: set[str] = set()
    keep = []
    for index, column in enumerate(header):
        wanted_ = column in chosen or (extra is not None and re.fullmatch(extra, column))
        if wanted_ and column not in seen:
            keep.append(index)
            seen.add(column)
    return keep
