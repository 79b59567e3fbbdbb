"""The formats of the cells of a sheet: percent, currencies and units; errors and formulas never computed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import Element, iterparse

from .._util.display import counted
from ..errors import MissingExtraError, Problems
from .formats import Formatted, meaning_of
from .hidden import Hidden
from .reading import Log, cut, few

__all__ = ["MARKS_OF_ODS", "fill_merged", "ods_formats", "xlsx_formats"]

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
MARKS_OF_ODS = (
    b'value-type="percentage"', b'value-type="currency"', b'visibility="collapse"', b'visibility="filter"',
    b"<table:covered-table-cell",
)  # fmt: skip
"""What tells that formats of cells, merged cells or what is hidden matter in an OpenDocument table."""
LARGEST_MERGED = 100_000
"""Cells that one value is written into at most; larger areas are decoration."""
_Area = tuple[tuple[int, int], tuple[int, int]]

WIDEST = 1000
"""Cells that one cell of an OpenDocument table is repeated to at most; more are the rest of an empty row."""


def xlsx_formats(
    path: Path, name: str, cells: list[list[object]], problems: Problems, log: Log
) -> None:
    """Mark cells with the percent sign or unit of their format; report errors and formulas never computed."""
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise MissingExtraError.of(
            "openpyxl", extra="excel", purpose="reading .xlsx files"
        ) from None
    percent: list[str] = []
    # The library that reads formats looks at the name of a file, not at what it is.
    book = load_workbook(BytesIO(path.read_bytes()), read_only=True)
    try:
        sheet = book[name]
        sheet.reset_dimensions()
        # A row number beyond the cells, in a damaged file, is not counted up to.
        for row in sheet.iter_rows(max_row=max(len(cells), 1)):
            for cell in row:
                if cell.value is None:
                    continue
                at, column = cell.row - 1, cell.column - 1
                value = cells[at][column] if at < len(cells) and column < len(cells[at]) else None
                if cell.data_type == "e" or (cell.data_type == "f" and value in (None, "")):
                    kind = "the error" if cell.data_type == "e" else "a formula without a result,"
                    problems.add(
                        f"row {cell.row}, column {cell.column_letter}: {kind} {cut(str(cell.value))}; "
                        "put a value in its place, or leave it empty if unknown"
                    )
                elif isinstance(value, int | float):
                    percents, unit = meaning_of(str(cell.number_format))
                    if percents:
                        cells[at][column] = _as_percent(value)
                        percent.append(f"{cell.column_letter}{cell.row}")
                    elif unit:
                        cells[at][column] = Formatted(value, unit)
    finally:
        book.close()
    _report_percent(percent, log)


def ods_formats(path: Path, name: str, cells: list[list[object]], log: Log) -> Hidden:
    """Mark cells of an .ods sheet with their percent sign or currency; return what is hidden."""
    percent: list[str] = []
    hidden = Hidden()
    merged: list[_Area] = []
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as stream:
        at = column = -1
        wide = 0
        inside = False
        # Entities were refused before; expat bounds the rest.
        for event, node in iterparse(stream, events=("start", "end")):  # noqa: S314
            if node.tag == f"{_TABLE}table":
                inside = event == "start" and node.get(f"{_TABLE}name") == name
            elif not inside:
                continue
            elif node.tag == f"{_TABLE}table-column" and event == "end":
                count = int(node.get(f"{_TABLE}number-columns-repeated", 1))
                if _is_hidden(node):
                    hidden.columns.add((wide + 1, wide + count))
                wide += count
            elif node.tag == f"{_TABLE}table-row" and event == "start":
                at, column = at + 1, -1
            elif node.tag == f"{_TABLE}table-row":
                count = int(node.get(f"{_TABLE}number-rows-repeated", 1))
                if _is_hidden(node):
                    hidden.rows.update(range(at + 1, at + 1 + min(count, len(cells))))
                at += count - 1
                node.clear()
            elif node.tag in _CELLS and event == "end":
                count = int(node.get(f"{_TABLE}number-columns-repeated", 1))
                columns = range(column + 1, column + 1 + min(count, WIDEST))
                percent += _mark(node, cells, at, columns)
                merged += _spanned(node, at, column + 1)
                column += count
    fill_merged(cells, merged, log)
    _report_percent(percent, log)
    return hidden


def fill_merged(rows: list[list[object]], areas: Iterable[_Area], log: Log) -> None:
    """Write the value of merged cells into every cell that they cover; areas are first and last (row, column)."""
    filled = 0
    for (top, left), (bottom, right) in areas:
        size = (bottom - top + 1) * (right - left + 1)
        if not 1 < size <= LARGEST_MERGED or top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        if value in (None, ""):
            continue
        for row in rows[top : bottom + 1]:
            for column in range(left, min(right + 1, len(row))):
                if row[column] in (None, ""):
                    row[column] = value
        filled += 1
    if filled:
        log.note(f"{counted(filled, 'merged cell')}: every cell covered has the value")


def _is_hidden(node: Element) -> bool:
    return node.get(f"{_TABLE}visibility") in ("collapse", "filter")


def _spanned(node: Element, at: int, column: int) -> list[_Area]:
    """Return the area of a merged cell; nothing for other cells."""
    rows, columns = (
        int(node.get(f"{_TABLE}number-{name}-spanned", 1)) for name in ("rows", "columns")
    )
    return [((at, column), (at + rows - 1, column + columns - 1))] if rows * columns > 1 else []


def _mark(node: Element, cells: list[list[object]], at: int, columns: range) -> list[str]:
    """Mark the cells of a row that one cell of OpenDocument stands for; return the percent cells."""
    kind = node.get(f"{_OFFICE}value-type")
    if kind not in ("percentage", "currency") or at >= len(cells):
        return []
    done = []
    row = cells[at]
    for column in columns[: max(0, len(row) - columns.start)]:
        value = row[column]
        if not isinstance(value, int | float):
            continue
        if kind == "percentage":
            row[column] = _as_percent(value)
            done.append(f"row {at + 1} column {column + 1}")
        elif currency := node.get(f"{_OFFICE}currency"):
            row[column] = Formatted(value, currency)
    return done


def _as_percent(value: float) -> str:
    """Return a share as percent: a cell shown as 87.01 % is 87.01."""
    return f"{round(100 * float(value), 10)!r}%"


def _report_percent(percent: list[str], log: Log) -> None:
    if percent:
        log.note(
            f"{counted(len(percent), 'cell')} with a percent format read as percent: {few(percent)}"
        )
