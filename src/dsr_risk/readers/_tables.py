"""Tables as publishers ship them: found inside text, workbooks and archives, read as text."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from dsr_risk.errors import DataError, MissingExtraError, did_you_mean
from dsr_risk.readers._files import decoded, encoding_of, known_file, opened, sample

# Publishers put titles, dates and licences above the header; none uses more lines than this.
PREAMBLE = 30
CHUNK = 100_000

Form = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Table:
    """A table read as text: canonical columns, index = row number in the file.

    ``skipped`` holds what `only` passed over: the value of that column, by row number.
    """

    frame: pd.DataFrame
    name: str
    sheet: str
    header: tuple[str, ...]
    form: int
    skipped: pd.Series


@dataclass(frozen=True)
class _Asked:
    """What a reader asks of a file."""

    forms: list[Form]
    optional: Form
    sheet: str
    extra: str | None
    known: str
    only: tuple[str, Collection[str]] | None


def key(name: object) -> str:
    """A column name without case, spaces and punctuation: `Recipient ISO-3` is `recipientiso3`."""
    return re.sub(r"[^0-9a-z]+", "", str(name).casefold())


def _found(keys: set[str], form: Form) -> float:
    return sum(any(key(one) in keys for one in names) for names in form.values()) / len(form)


def find_header(lines: Iterable[list[str]], forms: Sequence[Form]) -> tuple[float, int, list[str]]:
    """The first row that has every column of a form, or else the one that has most of them."""
    best, place, header = -1.0, 0, list[str]()
    for number, cells in zip(range(PREAMBLE), lines, strict=False):
        keys = {key(one) for one in cells}
        score = max(_found(keys, form) for form in forms)
        if score > best:
            best, place, header = score, number, [one.strip() for one in cells]
        if score == 1:
            break
    return best, place, header


def choose(name: str, header: Sequence[str], asked: _Asked) -> tuple[int, dict[str, str]]:
    """Which form a header has, and column of the file -> our name; all that is missing is said."""
    by_key: dict[str, str] = {}
    for column in header:
        by_key.setdefault(key(column), column)
    shares = [_found(set(by_key), form) for form in asked.forms]
    number = shares.index(max(shares))
    wanted = asked.forms[number]
    chosen: dict[str, str] = {}
    missing: list[str] = []
    for ours, names in {**wanted, **asked.optional}.items():
        found = next((by_key[key(one)] for one in names if key(one) in by_key), None)
        if found is not None and found not in chosen:
            chosen[found] = ours
        elif ours in wanted and found is None:
            missing.append(names[0])
    if missing:
        lines = [f"column `{one}` is missing{_near(one, header)}" for one in missing]
        given = ", ".join(f"`{one}`" for one in header[:12] if one) or "none"
        lines.append(f"columns of the file: {given}{', ...' if len(header) > 12 else ''}")
        raise DataError(f"{name}: not a known edition of {asked.known}", lines)
    return number, chosen


def _near(name: str, header: Sequence[str]) -> str:
    told = did_you_mean(name, [one for one in header if one], listed=0)
    return f"; {told}" if told.startswith("did") else ""


def read_table(
    path: str | Path,
    wanted: Form | Sequence[Form],
    optional: Form | None = None,
    *,
    sheet: str = "",
    member: str = "",
    extra: str | None = None,
    only: tuple[str, Collection[str]] | None = None,
    known: str,
) -> Table:
    """A table of text from .csv, .tsv, .xlsx or an archive that holds one.

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
    place = known_file(path)
    if place.is_dir():
        raise DataError(f"{place.name}: expected a table, received a folder")
    forms = [wanted] if isinstance(wanted, Mapping) else list(wanted)
    asked = _Asked(forms, optional or {}, sheet, extra, known, only)
    with opened(place, "a table (.csv or .xlsx)", member) as (name, stream):
        start = stream.read(4096)
        stream.seek(0)
        if start.startswith(b"PK"):
            return _workbook(name, stream, asked)
        if b"\0" in start and not encoding_of(start).startswith("utf-16"):
            raise DataError(f"{name}: expected a table (.csv or .xlsx), received binary data")
        return _delimited(name, stream, asked)


def _delimited(name: str, stream: BinaryIO, asked: _Asked) -> Table:
    start = stream.read(1 << 20)
    stream.seek(0)
    text = sample(start).removeprefix("\ufeff")
    delimiter = _delimiter(text)
    try:
        lines = csv.reader(io.StringIO(text), delimiter=delimiter)
        _, place, header = find_header(lines, asked.forms)
    except csv.Error as broken:
        raise DataError(f"{name}: not a table: {broken}") from None
    form, chosen = choose(name, header, asked)
    keep = _kept(header, chosen, asked.extra)
    names = [chosen.get(header[at], header[at]) for at in keep]
    options = _csv_options(delimiter, place, len(header), keep)
    try:
        frame, skipped = _gathered(stream, options, names, place, asked)
    except (pd.errors.ParserError, UnicodeError) as broken:
        raise DataError(f"{name}: not a table: {str(broken).strip()}") from None
    return Table(frame, name, "", tuple(header), form, skipped)


def _delimiter(text: str) -> str:
    lines = text.splitlines()[:PREAMBLE]
    return max("\t,;|", key=lambda one: max((line.count(one) for line in lines), default=0))


def _kept(header: list[str], chosen: Mapping[str, str], extra: str | None) -> list[int]:
    seen: set[str] = set()
    keep = []
    for place, column in enumerate(header):
        known = column in chosen or (extra is not None and re.fullmatch(extra, column))
        if known and column not in seen:
            keep.append(place)
            seen.add(column)
    return keep


def _csv_options(delimiter: str, place: int, width: int, keep: list[int]) -> dict[str, Any]:
    return {
        "sep": delimiter,
        "dtype": str,
        "keep_default_na": False,
        "na_values": [],
        "header": None,
        "skiprows": place + 1,
        "usecols": keep,
        "names": range(width),
        "index_col": False,
        "skip_blank_lines": False,
        "on_bad_lines": "error",
        "chunksize": CHUNK,
    }


def _gathered(
    stream: BinaryIO, options: dict[str, Any], names: list[str], place: int, asked: _Asked
) -> tuple[pd.DataFrame, pd.Series]:
    """All pieces of a delimited file, each cleaned and cut before the next is read."""
    encoding = encoding_of(stream.read(4))
    stream.seek(0)
    try:
        with pd.read_csv(stream, encoding=encoding, **options) as chunks:
            pieces = [_cleaned(one, names, place, options["usecols"], asked) for one in chunks]
    except UnicodeDecodeError:
        stream.seek(0)
        with pd.read_csv(io.StringIO(decoded(stream.read())), **options) as chunks:
            pieces = [_cleaned(one, names, place, options["usecols"], asked) for one in chunks]
    except pd.errors.EmptyDataError:
        pieces = []
    if not pieces:
        empty = pd.DataFrame({one: pd.Series(dtype="object") for one in names})
        return empty, pd.Series(dtype="object")
    frames, skipped = zip(*pieces, strict=True)
    return pd.concat(frames), pd.concat(skipped)


def _cleaned(
    frame: pd.DataFrame, names: list[str], place: int, keep: list[int], asked: _Asked
) -> tuple[pd.DataFrame, pd.Series]:
    """Stripped text under our names and the file's row numbers, without the empty rows."""
    frame = frame[keep].set_axis(names, axis=1)
    frame.index = frame.index + place + 2
    skipped = pd.Series(dtype="object")
    if asked.only is not None and asked.only[0] in frame:
        column, values = asked.only
        wanted = frame[column].str.strip().isin(set(values))
        skipped, frame = frame.loc[~wanted, column], frame[wanted]
    frame = frame.fillna("").apply(lambda column: column.str.strip())
    filled = (frame != "").any(axis=1)
    return frame[filled], skipped


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
        raise DataError(f"{name}: not a readable workbook: {broken}") from None
    named = [one for one in book.sheetnames if re.search(asked.sheet, one, re.IGNORECASE)]
    found = {one: find_header(_rows(book[one]), asked.forms) for one in named or book.sheetnames}
    if not found:
        raise DataError(f"{name}: the workbook has no sheet")
    title = max(found, key=lambda one: found[one][0])
    _, place, header = found[title]
    form, chosen = choose(f"{name}, sheet `{title}`", header, asked)
    keep = _kept(header, chosen, asked.extra)
    body = [
        [row[at] if at < len(row) else "" for at in keep]
        for row in islice(_rows(book[title]), place + 1, None)
    ]
    names = [chosen.get(header[at], header[at]) for at in keep]
    everything = list(range(len(keep)))
    frame = pd.DataFrame(body, columns=everything, dtype=str)
    frame, skipped = _cleaned(frame, names, place, everything, asked)
    return Table(frame, name, title, tuple(header), form, skipped)


def _rows(sheet: Any) -> Iterator[list[str]]:
    if not hasattr(sheet, "reset_dimensions"):
        return  # a chart has no rows
    sheet.reset_dimensions()  # some exporters write a wrong size, and rows would be lost
    for row in sheet.iter_rows(values_only=True):
        yield ["" if one is None else str(one) for one in row]
