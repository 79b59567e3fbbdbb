"""Sheets of workbooks (.xlsx, .xlsm, .ods, .xls) to rows of cells."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from ..errors import DataError, DsrRiskError, MissingExtraError, Problems
from .compound import is_sound
from .formats import codes_in_use, meaning_of
from .hidden import Hidden, column_number, report_hidden
from .reading import Log, cut, few
from .sheet_formats import MARKS_OF_ODS, fill_merged, ods_formats, xlsx_formats
from .text import Rows

__all__ = ["WORKBOOKS", "workbook_rows"]

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
WRITTEN = {"table", "print", "manifest"}
"""Sheets of a workbook that this library writes; the first holds the data."""
LIVE = {"Framework", "Raw", "Filled", "Levels"}
"""Sheets of a workbook with live formulas; `Raw` holds the data."""
LARGEST = 2_000_000_000
"""Bytes of a whole file, unpacked."""
LARGEST_PART = 50_000_000
LARGEST_PARTS = {"sharedStrings.xml": 400_000_000, "content.xml": 800_000_000}
"""Bytes of a part that is held in memory whole: texts of cells, and tables of OpenDocument."""
OLD = (
    "an old workbook (.xls): its number formats and hidden rows are not seen, and a cell shown as "
    "45 % is read as 0.45; save it as .xlsx if it has any"
)
"""The note of a workbook of Excel before 2007."""
MOST_CELLS = 20_000_000
MOST_ROWS = 1_048_576
"""Rows of a sheet of .xlsx."""
"""Cells between the first and the last of a sheet, empty ones included."""
LONGEST_TAG = 400
"""Bytes of a tag that two blocks of a part may share."""
_REFERENCE = re.compile(rb'<c [^<>]*?r="([A-Z]{1,3})(\d{1,7})"')


def workbook_rows(path: Path, sheet: str | None, problems: Problems, log: Log) -> Rows:
    """Read one sheet: the one named, else the only one with cells.

    Merged cells hold their value in every cell. Percent formats are honoured: a cell shown as 87.01 %
    is 87.01. Error cells and formulas without a result are problems.

    Raises
    ------
    DataError
        For a damaged or oversized workbook, an unknown sheet, or several sheets with cells.
    MissingExtraError
        Without the extra `excel`.
    """
    try:
        import python_calamine as calamine
    except ImportError:
        raise MissingExtraError.of(
            "python-calamine", extra="excel", purpose=f"reading {path.suffix} files"
        ) from None
    if path.suffix.lower() == ".xls" and path.read_bytes()[:200].lstrip()[:1] == b"<":
        raise DataError(
            f"{path}: this is a web page, not a table; open it and save it as .xlsx or .csv"
        )
    facts = _checked_archive(path)
    named = ".xlsx" if path.suffix.lower() == ".xlsm" else path.suffix.lower()
    if facts.kind != named:
        log.fact("kind", f"an {facts.kind} workbook named {path.suffix}")
    with _readable(path):
        book = (
            calamine.CalamineWorkbook.from_path(path)
            if facts.kind == named
            else calamine.CalamineWorkbook.from_filelike(BytesIO(path.read_bytes()))
        )
        name = _chosen(path, book, sheet, log)
        at = book.sheet_names.index(name)
        far = facts.spread(at)
        cells = _sparse_cells(path, name) if far else _cells(book.get_sheet_by_name(name), log)
        hidden = facts.hidden_in(at)
        if facts.formats and facts.kind == ".xlsx":
            xlsx_formats(path, name, cells, problems, log)
        if facts.marked:
            hidden = ods_formats(path, name, cells, log)
    if facts.kind == ".xls":
        log.note(OLD)
    report_hidden(hidden, cells, log)
    filled = [
        (str(number), row) for number, row in enumerate(cells, start=1) if any(map(_full, row))
    ]
    return Rows([row for _, row in filled], [number for number, _ in filled])


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Raise one error for whatever the libraries raise on a damaged workbook."""
    try:
        yield
    except DsrRiskError:
        raise
    except BaseException as broken:
        # Compiled readers raise their panics outside of `Exception`.
        if not isinstance(broken, Exception) and type(broken).__name__ != "PanicException":
            raise
        cause = cut(str(broken), 120) or type(broken).__name__
        raise DataError(
            f"{path}: not readable as an .{path.suffix[1:]} workbook: {cause}"
        ) from None


def _full(cell: object) -> bool:
    return cell is not None and cell != ""


class _Archive:
    """The facts in the parts of a workbook, before it is read."""

    def __init__(self) -> None:
        self.kind = ".xlsx"
        self.formats = False
        self.marked = False
        self.sheets: list[_Sheet] = []

    def spread(self, index: int) -> bool:
        """Tell whether a few cells lie so far apart that a dense table would not fit in memory."""
        if index >= len(self.sheets):
            return any(sheet.area > MOST_CELLS for sheet in self.sheets)
        area = self.sheets[index].area
        return area > MOST_CELLS and area > 50 * self.sheets[index].count

    def hidden_in(self, index: int) -> Hidden:
        """Return the hidden rows and columns of a sheet."""
        return self.sheets[index].hidden if index < len(self.sheets) else Hidden()


@dataclass
class _Sheet:
    """The area that the cells of a sheet span, how many cells there are, and what is hidden."""

    area: int = 0
    count: int = 0
    hidden: Hidden = field(default_factory=Hidden)


def _checked_archive(path: Path) -> _Archive:
    """Check sizes, and look whether the formats of cells matter."""
    facts = _Archive()
    with path.open("rb") as file:
        opening = file.read(2)
    if opening != b"PK":
        facts.kind = ".xls"
        if opening == b"\xd0\xcf" and not is_sound(path.read_bytes()):
            raise DataError(f"{path}: not readable as an .xls workbook: damaged")
        return facts
    try:
        with zipfile.ZipFile(path) as archive:
            total = sum(part.file_size for part in archive.infolist())
            if total > LARGEST or total > 2000 * max(path.stat().st_size, 1) > 100_000_000:
                raise DataError(f"{path}: unpacks to {total:,} bytes; a data table is far smaller")
            _check_parts(path, archive)
            _look_into(path, archive, facts)
    except DataError:
        raise
    except (
        zipfile.BadZipFile,
        KeyError,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
    ) as broken:
        kind = path.suffix[1:]
        raise DataError(
            f"{path}: not an .{kind} workbook (it is not a zip archive, or damaged: {cut(str(broken), 80)})"
        ) from None
    except Exception as broken:  # noqa: BLE001 - zlib.error and its kin of a damaged archive
        raise DataError(
            f"{path}: not readable as an .{path.suffix[1:]} workbook: {cut(str(broken), 80)}"
        ) from None
    return facts


def _look_into(path: Path, archive: zipfile.ZipFile, facts: _Archive) -> None:
    """Take the formats of cells and the sizes of sheets from the parts of a workbook."""
    names = set(archive.namelist())
    if "content.xml" in names and "xl/workbook.xml" not in names:
        facts.kind = ".ods"
    if "xl/styles.xml" in names:
        codes = codes_in_use(archive.read("xl/styles.xml"))
        facts.formats = any(any(meaning_of(code)) for code in codes)
    parts = _parts(archive)
    scanned = {part: _scanned(archive, part, facts) for part in names.intersection(parts)}
    facts.sheets = [scanned.get(part, _Sheet()) for part in parts]
    if "content.xml" in names:
        content = archive.read("content.xml")
        facts.marked = any(mark in content for mark in MARKS_OF_ODS)
        if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content:
            raise DataError(f"{path}: the workbook declares entities; save it anew")


def _check_parts(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse parts that are held in memory whole and are larger than those of any table."""
    for part in archive.infolist():
        kind = part.filename.partition("/")[2] or part.filename
        if part.filename.startswith("xl/worksheets/") or not kind.endswith(".xml"):
            continue
        limit = LARGEST_PARTS.get(kind, LARGEST_PART)
        if part.file_size > limit:
            raise DataError(
                f"{path}: its part {cut(part.filename)} unpacks to {part.file_size:,} bytes; that of a data table "
                "is far smaller"
            )


def _parts(archive: zipfile.ZipFile) -> list[str]:
    """Return the parts of the sheets of a workbook in their order; in that of their numbers if it tells none."""
    try:
        links = archive.read("xl/_rels/workbook.xml.rels")
        targets = {}
        for link in re.findall(rb"<(?:\w+:)?Relationship\s[^<>]*>", links):
            attributes = {
                name: re.search(rb'\b%s="([^"]*)"' % name, link) for name in (b"Id", b"Target")
            }
            if all(attributes.values()):
                key, target = (match[1].decode() for match in attributes.values() if match)
                targets[key] = target[1:] if target.startswith("/") else f"xl/{target}"
        sheets = re.findall(
            rb'<(?:\w+:)?sheet\s[^<>]*?:id="([^"]*)"', archive.read("xl/workbook.xml")
        )
        return [targets[key.decode()] for key in sheets]
    except (KeyError, UnicodeDecodeError):
        numbered = [
            name
            for name in archive.namelist()
            if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)
        ]
        return sorted(numbered, key=lambda name: int(re.sub(r"\D", "", name)))


def _scanned(archive: zipfile.ZipFile, part: str, facts: _Archive) -> _Sheet:
    """Return what the part of a sheet says before it is read."""
    sheet = _Sheet()
    width = height = 0
    rest = b""
    with archive.open(part) as stream:
        while block := stream.read(1 << 20):
            block = rest + block
            for column, row in _REFERENCE.findall(block):
                sheet.count += 1
                height = max(height, int(row))
                width = max(width, column_number(column))
            if not facts.formats:
                facts.formats = b't="e"' in block or b"<f" in block
            sheet.hidden.find_in(block)
            rest = block[-LONGEST_TAG:]
    sheet.area = width * height
    return sheet


def _chosen(path: Path, book: Any, sheet: str | None, log: Log) -> str:
    name = _one_of(path, book, sheet, log)
    if name in _hidden(book):
        log.note(f"sheet '{cut(name)}' is hidden in its workbook")
    return name


def _one_of(path: Path, book: Any, sheet: str | None, log: Log) -> str:
    names = list(book.sheet_names)
    if sheet is not None:
        if sheet not in names:
            raise DataError(f"{path}: no sheet '{cut(sheet)}'; it has {few(names, 8)}")
        return sheet
    if len(names) == 1:
        return str(names[0])
    used = [name for name in names if _has_cells(book, name)]
    if len(used) == 1:
        log.fact("sheet", f"sheet '{cut(used[0])}' (the other sheets hold no table)")
        return str(used[0])
    seen = [name for name in used if name not in _hidden(book)]
    if len(seen) == 1:
        log.fact("sheet", f"sheet '{cut(seen[0])}' (the other sheets are hidden)")
        return str(seen[0])
    data = [name for name in used if name.strip().casefold() == "data"]
    if set(used) <= WRITTEN and "table" in used:
        data = ["table"]
    if len(data) == 1:
        log.fact("sheet", f"sheet '{cut(data[0])}' of {len(used)}")
        return str(data[0])
    if not used:
        raise DataError(f"{path}: all {len(names)} sheets are empty")
    if set(used) >= LIVE:
        raise DataError(
            f"{path}: a workbook with live formulas; give the data that it was made from, or `sheet` 'Raw' (marks "
            "n/a and bounds are not read)"
        )
    raise DataError(
        f"{path}: has {len(used)} sheets ({', '.join(cut(name) for name in used[:12])}); name the one to "
        "read (`sheet`)"
    )


def _hidden(book: Any) -> set[str]:
    """Return the names of sheets that a reader of the workbook does not see."""
    metadata = getattr(book, "sheets_metadata", ())
    return {sheet.name for sheet in metadata if not str(sheet.visible).endswith("Visible")}


def _has_cells(book: Any, name: str) -> bool:
    try:
        return bool(book.get_sheet_by_name(name).total_height > 0)
    except Exception:  # noqa: BLE001 - a chart is no table
        return False


def _cells(sheet: Any, log: Log) -> list[list[object]]:
    """Return the cells, merged ones filled, rows counted from the top of the sheet."""
    rows: list[list[object]] = [
        [_plain(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)
    ]
    fill_merged(rows, sheet.merged_cell_ranges or [], log)
    return rows


def _plain(cell: object) -> object:
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, dt.date | dt.time | dt.timedelta):
        return str(cell)
    if isinstance(cell, bool):
        return str(cell)
    return None if cell == "" else cell


def _sparse_cells(path: Path, name: str) -> list[list[object]]:
    """Return the rows of a sheet whose few cells lie far apart, empty rows and ends left out."""
    from openpyxl import load_workbook

    stream = BytesIO(path.read_bytes())
    book = load_workbook(stream, read_only=True, data_only=True)
    try:
        sheet = book[name]
        sheet.reset_dimensions()
        rows: list[list[object]] = []
        for cells in sheet.iter_rows(values_only=True, max_row=MOST_ROWS):
            row = list(cells)
            while row and not _full(row[-1]):
                row.pop()
            rows.append([_plain(cell) for cell in row])
        return rows
    finally:
        book.close()
