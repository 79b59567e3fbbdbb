"""Data files, long or wide, whatever program wrote them; read with a report of how."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypedDict, Unpack

import pandas as pd

from .._util.arguments import typed
from .._util.checks import a_path, check_options
from ..errors import DataError, MissingExtraError, Problems
from .assemble import assemble
from .countries import to_iso3
from .dataset import Data
from .identifiers import COUNTRY, check_units
from .layout import frame_of
from .plain import plain_table
from .published import of_world_bank
from .reading import Asked, Log, cut
from .sheets import LARGEST, WORKBOOKS, workbook_rows
from .table import RowNames
from .text import decoded, delimited, report_separator, rows_in_quotes, separator_of

__all__ = ["TABLE_FORMAT", "read_data", "read_table"]


class _Part(NamedTuple):
    """The sheet of a workbook, or the encoding of a text; None where the file tells."""

    sheet: str | None = None
    encoding: str | None = None


class Marks(TypedDict, total=False):
    """Options of how the cells of a file are written; see ``read_data``."""

    decimal: str | None
    thousands: str | None
    missing: str | float | Iterable[object] | None
    encoding: str | None
    only: Mapping[str, object] | None
    indicators: str | Iterable[str] | None


@typed
def read_data(
    path: str | os.PathLike[str],
    *,
    sheet: str | None = None,
    edition: int | None = None,
    panel: bool | None = None,
    units: str | None = None,
    **marks: Unpack[Marks],
) -> Data:
    r"""Read data from a file, long or wide; see ``as_data`` for the shapes.

    Formats: .csv, .tsv, .txt, .xlsx, .xlsm, .xls, .ods, .parquet, .json. Separator, encoding, decimal and
    thousands marks, titles above the header, notes below it and years as columns are recognised; what
    was recognised is in ``data.reading``. Workbooks and Parquet need the extras `excel` and `parquet`.

    Parameters
    ----------
    path
        The file.
    sheet
        The sheet of a workbook that has several with cells.
    edition
        Read the table as a snapshot of this year: each cell is the newest value not later.
    panel
        Whether units are (country, year). By default a panel is what repeats most cells over years.
    units
        ``country`` (the default): names and codes of countries. ``any``: regions, firms or anything else
        with an identifier; see ``as_data``. Any other text names the column of identifiers.
    decimal, thousands
        The decimal mark (``.`` or ``,``) and the thousands mark, where the file leaves them open.
    missing
        Cells that mean "missing" beside the usual words, such as ``-999``; an empty list says that
        such numbers are numbers.
    encoding
        The encoding of a text file, such as ``cp850`` or ``mac_roman``. By default UTF-8, UTF-16 and
        UTF-32 are tried, then what the bytes look like, else Windows-1252.
    only
        Columns of the file, each with the value of the rows that are read, such as ``{"sex": "T"}``: for
        tables with several rows for a country and year.
    indicators
        Names of your indicators: columns named so are no years of one indicator, as ``debt_2019`` and
        ``debt_2020`` are else. ``score(framework, "mine.csv")`` gives those of the framework.

    Returns
    -------
    Data
        The table, read and checked; ``reading`` reports how.

    Raises
    ------
    DataError
        With every problem of the file, one line a cause, each located by row, column and country.
    ArgumentError
        For an option that there is not.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "mine.csv"
    >>> _ = path.write_text("My table\ncountry;gci\nPakistan;64,88\nSouth Korea;98,5\n")
    >>> data = read_data(path)
    >>> data.values["gci"].to_dict()
    {'PAK': 64.88, 'KOR': 98.5}
    >>> print(data.reading)
    read as: separated by semicolons, decimal comma
    1 row above the header skipped: 'My table'
    """
    check_options(read_data, Marks, marks)
    a_path("path", path)
    encoding = marks.pop("encoding", None)
    target = Path(path)
    # A file name that is no UTF-8 cannot be written into tables: it is shown with a replacement mark.
    origin = os.fsencode(target).decode("utf-8", "replace")
    asked = Asked.of(
        edition=edition,
        panel=panel,
        units=check_units(COUNTRY if units is None else units),
        **marks,
    )
    problems, log = Problems(origin), Log(origin)
    frame, rows = _read(target, _Part(sheet, encoding), problems, log)
    return assemble(frame, origin=origin, rows=rows, problems=problems, asked=asked, log=log)


def read_table(path: Path, *, sheet: str | None = None) -> pd.DataFrame:
    """Return the table in a file as it stands, cells of text files as text.

    Raises
    ------
    DataError
        For a file that is absent, empty, or not what its suffix says.
    """
    problems = Problems(str(path))
    frame, _ = _read(path, _Part(sheet), problems, Log(str(path)))
    problems.raise_as(DataError)
    return frame


def _read(path: Path, part: _Part, problems: Problems, log: Log) -> tuple[pd.DataFrame, RowNames]:
    """Return the table in a file, what its rows are called, and unusable cells as problems."""
    suffix = path.suffix.lower()
    opening = _opening(path)
    if part.sheet is not None and suffix not in WORKBOOKS:
        raise DataError(f"{path}: only workbooks have sheets, received sheet '{cut(part.sheet)}'")
    if part.encoding is not None and (suffix in WORKBOOKS or suffix == ".parquet"):
        raise DataError(
            f"{path}: only texts have an encoding, received encoding '{cut(part.encoding)}'"
        )
    try:
        return _READERS[suffix](path, opening, part, problems, log)
    except (OSError, MemoryError) as broken:
        cause = getattr(broken, "strerror", None) or "not enough memory"
        raise DataError(f"{path}: cannot be read: {cause}") from None


def _opening(path: Path) -> bytes:
    """Return the first bytes of a data file; raise DataError where it is none that can be read."""
    try:
        if path.parts and re.fullmatch(
            r"(?:https?|ftps?|s3|gs|file):", path.parts[0], re.IGNORECASE
        ):
            raise DataError(f"{path}: an address, not a file; download it and name the file")
        if path.is_dir():
            raise DataError(f"{path}: is a folder; name the file in it")
        if not path.suffix and not path.exists():
            raise DataError(f"{path}: no such file; name a data file ({', '.join(_READERS)})")
        if path.suffix.lower() not in _READERS:
            raise DataError(
                f"{path}: `{path.suffix}` is not a data format; expected one of {', '.join(_READERS)}"
            )
        if not path.is_file():
            kind = "not a file" if path.exists() else "no such file"
            raise DataError(f"{path}: {kind}")
        with path.open("rb") as file:
            opening = file.read(4096)
    except DataError:
        raise
    except (OSError, ValueError) as broken:
        cause = getattr(broken, "strerror", None) or broken
        raise DataError(f"{path}: cannot be read: {cause}") from None
    if not opening:
        raise DataError(f"{path}: the file is empty; expected a header and at least one row")
    return opening


def _delimited(
    path: Path, opening: bytes, part: _Part, problems: Problems, log: Log
) -> tuple[pd.DataFrame, RowNames]:
    if opening[:2] == b"PK":
        raise DataError(f"{path}: not a table of text but a workbook or an archive; name it .xlsx")
    if opening[:4] == b"\xd0\xcf\x11\xe0":
        raise DataError(f"{path}: not a table of text but an old workbook; name it .xls")
    text = decoded(path, path.read_bytes(), log, part.encoding)
    if text.lstrip("\ufeff \r\n\t")[:1] in ("{", "[") and _is_json(text):
        raise DataError(f"{path}: this is JSON, not a table of text; name it .json")
    text = rows_in_quotes(text)
    separator = separator_of(text, path.suffix.lower())
    plain = plain_table(text, separator)
    if plain is not None:
        report_separator(separator, path.suffix.lower(), log)
        return plain, RowNames(first=2)
    rows = delimited(path, text, log)
    return frame_of(path, rows, problems, log)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _workbook(
    path: Path, opening: bytes, part: _Part, problems: Problems, log: Log
) -> tuple[pd.DataFrame, RowNames]:
    if path.suffix.lower() == ".xls" and opening[:2] not in _BOOKS:
        # Publishers name tables of text so, that a spreadsheet opens them.
        log.fact("text", "a table of text named .xls")
        return _delimited(path, opening, _Part(), problems, log)
    if (
        opening[:2] != b"PK"
        and opening[:4] != b"\xd0\xcf\x11\xe0"
        and path.suffix.lower() != ".xls"
    ):
        raise DataError(f"{path}: not an {path.suffix} workbook (it is not a zip archive)")
    rows = workbook_rows(path, part.sheet, problems, log)
    return frame_of(path, rows, problems, log)


def _json(
    path: Path, opening: bytes, part: _Part, problems: Problems, log: Log
) -> tuple[pd.DataFrame, RowNames]:
    text = decoded(path, path.read_bytes(), log, part.encoding).removeprefix("\ufeff")
    if text.lstrip()[:1] not in ("[", "{"):
        raise DataError(f"{path}: not JSON: expected a list of records, received {opening[:20]!r}")
    load = partial(
        json.loads, object_pairs_hook=partial(_once, problems=problems), parse_int=_whole
    )
    lines = text.splitlines()
    try:
        if len(lines) > 1 and all(
            line.startswith("{") and line.rstrip().endswith("}") for line in lines if line
        ):
            raw = [load(line) for line in lines if line]
            log.fact("json", "JSON lines")
        else:
            raw = load(text)
    except (ValueError, RecursionError) as broken:
        cause = "nested too deeply" if isinstance(broken, RecursionError) else str(broken)
        raise DataError(f"{path}: not readable as JSON: {cut(cause, 120)}") from None
    records = _records(of_world_bank(raw, log))
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise DataError(
            f'{path}: expected a list of records, as in [{{"iso3": "PAK", "gci": 64.9}}], '
            f"received {type(raw).__name__}"
        )
    if "\\ud" in text.casefold():
        _refuse_surrogates(path, records)
    return _plain_cells(path, pd.DataFrame.from_records(records)), RowNames(word="record")


def _whole(digits: str) -> int | float:
    """Return a whole number of JSON; one beyond the range of floats is infinite."""
    return int(digits) if len(digits) < 300 else float(digits)


def _records(raw: object) -> object:
    """Return the records of a document: a list, a published table, or one of pandas, by columns or with `data`."""
    if not isinstance(raw, dict):
        return raw
    if raw.get("format") == TABLE_FORMAT:
        return raw.get("rows")
    columns, data = raw.get("columns"), raw.get("data")
    if isinstance(columns, list) and isinstance(data, list):
        if all(isinstance(row, list) and len(row) == len(columns) for row in data):
            return [dict(zip(map(str, columns), row, strict=True)) for row in data]
        return data
    if data is None and raw and all(isinstance(row, dict) for row in raw.values()):
        codes = to_iso3(raw)
        if sum(code is not None for code in codes) >= 0.8 * len(raw):
            return [{"country": name, **row} for name, row in raw.items()]
    if data is None and len(raw) > 1:
        parts = [list(part.values()) if isinstance(part, dict) else part for part in raw.values()]
        keys = {tuple(part) for part in raw.values() if isinstance(part, dict)}
        if (
            all(isinstance(part, list) for part in parts)
            and len({len(part) for part in parts}) == 1
            and len(keys) < 2
        ):
            return [dict(zip(raw, row, strict=True)) for row in zip(*parts, strict=True)]
    return data


def _refuse_surrogates(path: Path, records: list[dict[str, Any]]) -> None:
    """Refuse records with half a character, which is no text."""
    for row, record in enumerate(records, start=1):
        for name, cell in record.items():
            if not _encodable(name) or (isinstance(cell, str) and not _encodable(cell)):
                raise DataError(
                    f"{path}: record {row}, column {cut(ascii(name))}: not text (a lone surrogate)"
                )


def _plain_cells(path: Path, frame: pd.DataFrame) -> pd.DataFrame:
    """Check that columns are text and cells are texts, numbers or empty, and that texts are text."""
    for index, (name, dtype) in enumerate(zip(frame.columns, frame.dtypes, strict=True)):
        if dtype.kind in "fiub":
            continue
        if not _encodable(str(name)):
            raise DataError(
                f"{path}: the name of column {index + 1} is not text (a lone surrogate)"
            )
        for row, cell in enumerate(frame.iloc[:, index].tolist()):
            if isinstance(cell, dict | list | tuple | set) or type(cell).__name__ == "ndarray":
                raise DataError(
                    f"{path}: record {row + 1}, column `{cut(str(name))}`: holds a {type(cell).__name__}; "
                    "expected a text or a number"
                )
    return frame


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _once(pairs: list[tuple[str, Any]], problems: Problems) -> dict[str, Any]:
    """Return a record as a dict; a key given twice is a problem."""
    record = dict(pairs)
    if len(record) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        shown = cut(json.dumps(dict(pairs[:2])), 60)
        problems.extend(
            f"the record {shown} gives `{cut(key)}` {count} times; keep one"
            for key, count in counts.items()
            if count > 1
        )
    return record


def _parquet(
    path: Path, opening: bytes, part: _Part, problems: Problems, log: Log
) -> tuple[pd.DataFrame, RowNames]:
    if opening[:4] != b"PAR1":
        raise DataError(f"{path}: not a Parquet file (it does not start with PAR1)")
    try:
        import pyarrow as pa  # noqa: F401
    except ImportError:
        raise MissingExtraError.of(
            "pyarrow", extra="parquet", purpose="reading .parquet files"
        ) from None
    try:
        _check_size(path)
        frame = pd.read_parquet(path, engine="pyarrow")
    except DataError:
        raise
    except Exception as broken:  # noqa: BLE001 - damaged metadata raises errors of every kind
        lines = str(broken).splitlines() or [type(broken).__name__]
        raise DataError(f"{path}: not readable as Parquet: {cut(lines[0], 120)}") from None
    return _plain_cells(path, frame), RowNames(word="record")


TABLE_FORMAT = "dsr-risk table 1"
"""What a published table in JSON says it is; its records are its ``rows``."""
MOST_CELLS = 50_000_000
"""Cells of a Parquet file."""


def _check_size(path: Path) -> None:
    """Refuse a Parquet file that is small and unpacks to more cells than fit in memory."""
    from pyarrow.parquet import read_metadata

    facts = read_metadata(path)
    cells, size = facts.num_rows * facts.num_columns, 0
    for group in range(facts.num_row_groups):
        size += facts.row_group(group).total_byte_size
    if cells > MOST_CELLS or size > LARGEST:
        raise DataError(
            f"{path}: unpacks to {facts.num_rows:,} rows of {facts.num_columns:,} columns; a data table is far "
            "smaller"
        )


_BOOKS = (b"PK", b"\xd0\xcf", b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08")
"""How workbooks begin: archives, compound files, and those of Excel before 1997."""
_Reader = Callable[[Path, bytes, _Part, Problems, Log], tuple[pd.DataFrame, RowNames]]

_READERS: dict[str, _Reader] = {
    ".csv": _delimited,
    ".tsv": _delimited,
    ".txt": _delimited,
    ".parquet": _parquet,
    **dict.fromkeys(WORKBOOKS, _workbook),
    ".json": _json,
}
