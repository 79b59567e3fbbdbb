"""Data files, long or wide: .csv .tsv .parquet .xlsx .json; read strictly, written whole."""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import DataError, MissingExtraError, Problems
from .assemble import assemble
from .dataset import Data
from .table import RowNames

__all__ = ["read_data", "read_table"]

HEAD = 65_536
LONGEST_HEADER = 20_000


def read_data(
    path: str | os.PathLike[str], *, edition: int | None = None, sheet: str | None = None
) -> Data:
    r"""Data from a file, long or wide (.csv, .tsv, .parquet, .xlsx, .json); see ``as_data`` for the shapes.

    Countries are names or codes in any common form. `edition` reads a long file as a snapshot of that
    year. `sheet` names the sheet of a workbook that has several. Parquet and Excel files need the extras
    `parquet` and `excel`.

    Raises
    ------
    DataError
        With every problem of the file, each located by row, column and country.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "mine.csv"
    >>> _ = path.write_text("country,gci\nPakistan,64.88\nSouth Korea,98.5\n")
    >>> read_data(path).values["gci"].to_dict()
    {'PAK': 64.88, 'KOR': 98.5}
    """
    target = Path(path)
    problems = Problems(str(target))
    frame, rows = _read(target, sheet, problems)
    return assemble(frame, edition=edition, origin=str(target), rows=rows, problems=problems)


def read_table(path: Path, *, sheet: str | None = None) -> pd.DataFrame:
    """The table in a file as it stands, cells of text files as text.

    Raises
    ------
    DataError
        For a file that is absent, empty, or not what its suffix says.
    """
    problems = Problems(str(path))
    frame, _ = _read(path, sheet, problems)
    problems.raise_as(DataError)
    return frame


def _read(path: Path, sheet: str | None, problems: Problems) -> tuple[pd.DataFrame, RowNames]:
    """The table in a file, what its rows are called, and the cells that cannot be used as problems."""
    if path.is_dir():
        raise DataError(f"{path}: is a folder; name the file in it")
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise DataError(
            f"{path}: `{path.suffix}` is not a data format; expected one of {', '.join(_READERS)}"
        )
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except OSError as broken:
        raise DataError(f"{path}: cannot be read: {broken.strerror}") from None
    if not head:
        raise DataError(f"{path}: the file is empty; expected a header and at least one row")
    if sheet is not None and path.suffix.lower() != ".xlsx":
        raise DataError(f"{path}: only .xlsx files have sheets, received sheet '{sheet}'")
    return reader(path, head, sheet, problems)


def _delimited(
    path: Path, head: bytes, sheet: str | None, problems: Problems
) -> tuple[pd.DataFrame, RowNames]:
    text = _decoded(path, head, whole=False)
    if not text.strip():
        raise DataError(f"{path}: the file is blank; expected a header and at least one row")
    header = text.lstrip("\r\n").splitlines()[0]
    if (
        "\x00" in text
        or len(header) > LONGEST_HEADER
        or (not header.isprintable() and "\t" not in header)
    ):
        raise DataError(f"{path}: not a table of text; is this really a `{path.suffix}` file?")
    comma = (
        "\t"
        if path.suffix.lower() == ".tsv"
        else ";"
        if ";" in header and "," not in header
        else ","
    )
    whole = _decoded(path, path.read_bytes(), whole=True)
    rows = _checked_rows(path, whole, comma)
    frame: pd.DataFrame = pd.read_csv(
        io.StringIO(whole), sep=comma, dtype=str, keep_default_na=False, skipinitialspace=True
    )
    return frame, rows


def _checked_rows(path: Path, text: str, comma: str) -> RowNames:
    """What rows are called: as a spreadsheet counts, and by line where cells of several lines differ.

    Refuses what pandas would mend in silence: columns of one name, rows cut short or too long.
    """
    problems = Problems(str(path))
    reader = csv.reader(io.StringIO(text), delimiter=comma, skipinitialspace=True)
    header: list[str] | None = None
    listed: list[str] = []
    line = 1
    try:
        for number, row in enumerate(reader, start=1):
            if row and header is None:
                header = [name.strip() for name in row]
                for name in sorted({name for name in header if header.count(name) > 1}):
                    problems.add(f"column `{name}` is there {header.count(name)} times; keep one")
            elif row and header is not None:
                listed.append(str(number) if number == line else f"{number} (line {line})")
                if len(row) != len(header):
                    problems.add(
                        f"row {listed[-1]}: {len(row)} cells, and the header has {len(header)}; a cell "
                        "that holds the separator needs quotes"
                    )
            line = reader.line_num + 1
    except csv.Error as broken:
        kind = path.suffix[1:].upper()
        raise DataError(
            f"{path}: not readable as {kind}: row {reader.line_num}: {broken}"
        ) from None
    problems.raise_as(DataError)
    return RowNames(listed=listed)


def _decoded(path: Path, raw: bytes, *, whole: bool) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        # The first block may end in the middle of a character.
        if not whole and broken.start >= len(raw) - 3:
            return raw[: broken.start].decode("utf-8-sig")
        raise DataError(
            f"{path}: not text in UTF-8 (byte {broken.start}); save it as CSV UTF-8, "
            f"if this really is a `{path.suffix}` file"
        ) from None


def _json(
    path: Path, head: bytes, sheet: str | None, problems: Problems
) -> tuple[pd.DataFrame, RowNames]:
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"[", b"{"):
        raise DataError(f"{path}: not JSON: expected a list of records, received {head[:20]!r}")
    try:
        raw = json.loads(
            _decoded(path, path.read_bytes(), whole=True),
            object_pairs_hook=partial(_once, problems=problems),
        )
    except (ValueError, RecursionError) as broken:
        raise DataError(f"{path}: not readable as JSON: {broken}") from None
    records = raw.get("data") if isinstance(raw, dict) else raw
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise DataError(
            f'{path}: expected a list of records, as in [{{"iso3": "PAK", "gci": 64.9}}], '
            f"received {type(raw).__name__}"
        )
    return pd.DataFrame.from_records(records), RowNames(word="record")


def _once(pairs: list[tuple[str, Any]], problems: Problems) -> dict[str, Any]:
    """A record as a dict; a key given twice is a problem."""
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        shown = json.dumps(dict(pairs[:2]), ensure_ascii=False)
        problems.extend(
            f"the record {shown[:60]}... gives `{key}` {count} times; keep one"
            for key, count in counts.items()
            if count > 1
        )
    return found


def _parquet(
    path: Path, head: bytes, sheet: str | None, problems: Problems
) -> tuple[pd.DataFrame, RowNames]:
    if head[:4] != b"PAR1":
        raise DataError(f"{path}: not a Parquet file (it does not start with PAR1)")
    try:
        import pyarrow as pa
    except ImportError:
        raise MissingExtraError.of(
            "pyarrow", extra="parquet", purpose="reading .parquet files"
        ) from None
    try:
        return pd.read_parquet(path, engine="pyarrow"), RowNames(word="record")
    except (pa.ArrowException, OSError) as broken:
        raise DataError(f"{path}: not readable as Parquet: {str(broken).splitlines()[0]}") from None


def _excel(
    path: Path, head: bytes, sheet: str | None, problems: Problems
) -> tuple[pd.DataFrame, RowNames]:
    if head[:2] != b"PK":
        raise DataError(f"{path}: not an .xlsx workbook (it is not a zip archive)")
    try:
        import openpyxl  # noqa: F401
    except ImportError:
        raise MissingExtraError.of(
            "openpyxl", extra="excel", purpose="reading .xlsx files"
        ) from None
    try:
        with pd.ExcelFile(path, engine="openpyxl") as book:
            names = [str(name) for name in book.sheet_names]
            if sheet is None and len(names) > 1:
                raise DataError(
                    f"{path}: has {len(names)} sheets ({', '.join(names)}); name the one to read (`sheet`)"
                )
            if sheet is not None and sheet not in names:
                raise DataError(f"{path}: no sheet '{sheet}'; it has {', '.join(names)}")
            name = sheet or names[0]
            frame = pd.read_excel(
                book, sheet_name=name, dtype=object, keep_default_na=False, na_values=[""]
            )
        _unusable_cells(path, name, frame, problems)
        return frame, RowNames(first=2)
    except DataError:
        raise
    except Exception as broken:  # noqa: BLE001 - openpyxl and zipfile raise many kinds for a damaged workbook
        raise DataError(f"{path}: not readable as an .xlsx workbook: {broken}") from None


def _unusable_cells(path: Path, sheet: str, frame: pd.DataFrame, problems: Problems) -> None:
    """Errors and formulas never computed: pandas reads both as empty, and they are not."""
    from openpyxl import load_workbook

    empty = frame.isna().to_numpy()
    if not empty.any():
        return
    book = load_workbook(path, read_only=True)
    try:
        for row, cells in enumerate(book[sheet].iter_rows(min_row=2)):
            for place, cell in enumerate(cells[: empty.shape[1]]):
                if row < len(empty) and empty[row, place] and cell.data_type in ("e", "f"):
                    kind = "the error" if cell.data_type == "e" else "a formula without a result,"
                    problems.add(
                        f"row {row + 2}, column `{frame.columns[place]}`: {kind} {str(cell.value)[:40]}; "
                        "put a value in its place, or leave it empty if unknown"
                    )
    finally:
        book.close()


_READERS: dict[
    str, Callable[[Path, bytes, str | None, Problems], tuple[pd.DataFrame, RowNames]]
] = {
    ".csv": _delimited,
    ".tsv": _delimited,
    ".parquet": _parquet,
    ".xlsx": _excel,
    ".json": _json,
}
