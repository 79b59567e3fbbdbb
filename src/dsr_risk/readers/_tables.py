"""Tables as publishers ship them: found inside text, workbooks and archives, read as text."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from dsr_risk.errors import DataError, MissingExtraError, did_you_mean

# Publishers put titles, dates and licences above the header; none uses more lines than this.
PREAMBLE = 30
WORKBOOK = (".xlsx", ".xlsm")

Form = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Table:
    """A table read as text: canonical columns, index = row number in the file."""

    frame: pd.DataFrame
    name: str
    sheet: str
    header: tuple[str, ...]
    form: int


@dataclass(frozen=True)
class _Asked:
    """What a reader asks of a file."""

    forms: list[Form]
    optional: Form
    sheet: str
    extra: str | None
    known: str


def key(name: object) -> str:
    """A column name without case, spaces and punctuation: `Recipient ISO-3` is `recipientiso3`."""
    return re.sub(r"[^0-9a-z]+", "", str(name).casefold())


def known_file(path: str | Path) -> Path:
    """The path, if it exists and is not empty."""
    place = Path(path)
    if not place.exists():
        raise DataError(f"{place}: no such file or folder")
    if place.is_file() and not place.stat().st_size:
        raise DataError(f"{place.name}: the file is empty; download it again")
    return place


def complain_of_kind(name: str, start: bytes, wanted: str) -> None:
    """Say what a file is when it cannot be the one asked for."""
    told = {
        b"\xd0\xcf\x11\xe0": "an old binary workbook; save it as .xlsx or .csv first",
        b"%PDF": "a PDF document",
        b"\x89PNG": "a picture",
        b"\x1f\x8b": "a gzip archive; unpack it first",
        b"version https://git-lfs": "a Git LFS pointer, not the data; fetch the file itself",
    }
    for magic, what in told.items():
        if start.startswith(magic):
            raise DataError(f"{name}: expected {wanted}, received {what}")
    text = start.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise DataError(
            f"{name}: expected {wanted}, received a web page (a failed download?); "
            "download the file itself"
        )
    if wanted.startswith("a table") and text[:1] in (b"{", b"["):
        raise DataError(f"{name}: expected {wanted}, received JSON")


@contextmanager
def opened(path: Path, wanted: str, member: str = "") -> Iterator[tuple[str, BinaryIO]]:
    """The file, or the one member of an archive that matches; yields its name and bytes."""
    if zipfile.is_zipfile(path) and path.suffix.lower() not in WORKBOOK:
        with zipfile.ZipFile(path) as archive:
            found = _member(path, archive, member)
            with archive.open(found) as stream:
                yield f"{path.name}/{found}", io.BytesIO(stream.read())
        return
    with path.open("rb") as stream:
        complain_of_kind(path.name, stream.read(64), wanted)
        stream.seek(0)
        yield path.name, stream


def _member(path: Path, archive: zipfile.ZipFile, pattern: str) -> str:
    names = [one for one in archive.namelist() if not one.endswith("/") and "__MACOSX" not in one]
    tables = [one for one in names if one.lower().endswith((".csv", ".tsv", ".txt", ".xlsx"))]
    data = [one for one in tables if not re.search(r"metadata|readme|codebook", one, re.IGNORECASE)]
    found = [one for one in data if re.search(pattern, Path(one).name, re.IGNORECASE)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"`{one}`" for one in names[:8])
    problem = "no member fits" if not found else f"{len(found)} members fit"
    raise DataError(f"{path.name}: {problem}; unpack the archive and name one file of {listed}")


def _sample(start: bytes) -> str:
    """The beginning of a file as text, whatever it breaks off in."""
    if encoding_of(start[:4]).startswith("utf-16"):
        return start.decode(encoding_of(start[:4]), errors="ignore")
    return decoded(start[: start.rfind(b"\n") + 1] or start)


def encoding_of(start: bytes) -> str:
    """The encoding a file announces, or UTF-8."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if start[1:2] == b"\0" and start[3:4] == b"\0":
        return "utf-16-le"
    return "utf-8-sig"


def decoded(content: bytes) -> str:
    """Text of any usual encoding; a line that is not UTF-8 is read as Windows Latin."""
    encoding = encoding_of(content[:4])
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        return "\n".join(_line(one) for one in lines)


def _line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        # Windows-1252 leaves five bytes undefined; Latin-1 defines them all.
        return line.decode("cp1252", errors="ignore") or line.decode("latin-1")


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
    known : str
        The source and its editions, for the message when the file is none of them.
    """
    place = known_file(path)
    if place.is_dir():
        raise DataError(f"{place.name}: expected a table, received a folder")
    forms = [wanted] if isinstance(wanted, Mapping) else list(wanted)
    asked = _Asked(forms, optional or {}, sheet, extra, known)
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
    text = _sample(start).removeprefix("\ufeff")
    delimiter = _delimiter(text)
    try:
        lines = csv.reader(io.StringIO(text), delimiter=delimiter)
        _, place, header = find_header(lines, asked.forms)
    except csv.Error as broken:
        raise DataError(f"{name}: not a table: {broken}") from None
    form, chosen = choose(name, header, asked)
    keep = _kept(header, chosen, asked.extra)
    frame = _read_csv(name, stream, delimiter, place, len(header), keep)
    return _table(frame, Table(frame, name, "", tuple(header), form), place, keep, chosen)


def _table(
    frame: pd.DataFrame, table: Table, place: int, keep: list[int], chosen: Mapping[str, str]
) -> Table:
    frame.columns = pd.Index([chosen.get(table.header[at], table.header[at]) for at in keep])
    frame.index = pd.RangeIndex(place + 2, place + 2 + len(frame))
    return replace(table, frame=_unblanked(frame))


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


def _read_csv(
    name: str, stream: BinaryIO, delimiter: str, place: int, width: int, keep: list[int]
) -> pd.DataFrame:
    options: dict[str, Any] = {
        "sep": delimiter,
        "dtype": "object",
        "keep_default_na": False,
        "na_values": [],
        "header": None,
        "skiprows": place + 1,
        "usecols": keep,
        "names": range(width),
        "index_col": False,
        "skip_blank_lines": False,
        "on_bad_lines": "error",
        "low_memory": False,
    }
    encoding = encoding_of(stream.read(4))
    stream.seek(0)
    try:
        try:
            frame = pd.read_csv(stream, encoding=encoding, **options)
        except UnicodeDecodeError:
            stream.seek(0)
            frame = pd.read_csv(io.StringIO(decoded(stream.read())), **options)
    except pd.errors.EmptyDataError:
        frame = pd.DataFrame({one: pd.Series(dtype="object") for one in keep})
    except (pd.errors.ParserError, UnicodeError) as broken:
        raise DataError(f"{name}: not a table: {str(broken).strip()}") from None
    kept: pd.DataFrame = frame[keep]
    return kept


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
    frame = pd.DataFrame(body, columns=range(len(keep)), dtype="object")
    return _table(frame, Table(frame, name, title, tuple(header), form), place, keep, chosen)


def _rows(sheet: Any) -> Iterator[list[str]]:
    if not hasattr(sheet, "reset_dimensions"):
        return  # a chart has no rows
    sheet.reset_dimensions()  # some exporters write a wrong size, and rows would be lost
    for row in sheet.iter_rows(values_only=True):
        yield ["" if one is None else str(one) for one in row]


def _unblanked(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the empty lines at the end and between; all other rows keep their number."""
    filled = pd.Series(False, index=frame.index)
    for column in frame.columns:
        frame[column] = frame[column].fillna("").astype(str).str.strip()
        filled |= frame[column].ne("")
    return frame[filled]


def read_json(path: Path) -> Any:
    """One JSON document of a file."""
    return parse_json(path.name, path.read_bytes())


def parse_json(name: str, content: bytes) -> Any:
    """One JSON document; a DataError that says where it breaks."""
    complain_of_kind(name, content[:64], "JSON")
    try:
        return json.loads(decoded(content).removeprefix("\ufeff"))
    except ValueError as broken:
        raise DataError(f"{name}: expected JSON, received something else: {broken}") from None


def json_files(path: str | Path, folder: str = "") -> Iterator[tuple[str, bytes]]:
    """Every .json file of a folder, archive or single file: name and bytes, in order of name."""
    place = known_file(path)
    if place.is_file() and zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive:
            names = sorted(one for one in archive.namelist() if one.lower().endswith(".json"))
            for one in names:
                yield one, archive.read(one)
    elif place.is_file():
        yield place.name, place.read_bytes()
    else:
        inner = place / folder if folder and (place / folder).is_dir() else place
        for file in sorted(inner.rglob("*.json")):
            yield str(file.relative_to(place)), file.read_bytes()
