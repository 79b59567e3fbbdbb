"""Tables as sheets of a workbook: one to print, with title, words, colours and notes, and one of data."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from .._util.display import MISSING

__all__ = ["NOT_IN_EXCEL", "Column", "Page", "columns_of", "write_book"]

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
MADE = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook has no time zone
"""The date of every workbook: the same table gives the same bytes."""
NOT_IN_EXCEL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST = 32_767
"""Characters that a cell holds."""
HEADER = 2
"""The row of headings below the title, from 0."""
LINE, HIGHEST = 15, 409
"""Points of a line, and of a row at most."""
PRINTED = 9
"""Columns of data that are printed: the country, two headline scores with rank and band, the grade."""
MOST_PAGES, COUNTRIES = 6, 250
"""Pages at most of a page of so many rows; the sheets of data and of facts beside it take one each."""
WIDEST, LANDSCAPE, PAPER = 34, 130, 220
"""Characters of a column at most; of a table above which its page is landscape; of a page that can be read."""


@dataclass(frozen=True)
class Column:
    """A column of a sheet to print.

    Attributes
    ----------
    heading : str
        Its heading in words.
    cells : sequence
        Numbers, texts, and None where there is none.
    decimals : int or None
        Decimals of its numbers; None for three significant digits.
    width : int
        Width in characters.
    coloured : bool
        Whether its texts have the colours of the page.
    """

    heading: str
    cells: Sequence[Any]
    decimals: int | None = None
    width: int = 12
    coloured: bool = False

    @property
    def numeric(self) -> bool:
        """True if it holds numbers, or nothing."""
        return not any(isinstance(cell, str) for cell in self.cells)


@dataclass(frozen=True)
class Page:
    """A sheet to print: a title, columns, and notes below them."""

    title: str
    columns: Sequence[Column]
    notes: Sequence[str]
    colours: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    footer: str = "Page &P of &N"


def write_book(
    path: Path,
    page: Page | None,
    data: pd.DataFrame | None = None,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Write a workbook: the data on sheet `table`, the page on sheet `print`, the facts on sheet `manifest`.

    Without data the page is the sheet `table`. The page is the sheet that a reader sees first.
    """
    import xlsxwriter

    # A workbook is made in memory: a full disk then breaks one write, not a half-closed archive.
    memory = io.BytesIO()
    book = xlsxwriter.Workbook(memory, OPTIONS)
    book.set_properties({"created": MADE, "title": _text(page.title if page else "")[:255]})
    if data is not None:
        _data_sheet(book, data, printed=page is None)
    if page is not None:
        _page_sheet(book, "table" if data is None else "print", page)
    if facts:
        _facts_sheet(book, facts)
    book.close()
    path.write_bytes(memory.getvalue())


def columns_of(frame: pd.DataFrame, headings: Sequence[str]) -> tuple[list[Column], int]:
    """Return the columns of a frame that fit on a page, and how many do not.

    Columns that say nothing go first, as on a terminal, then the last ones.
    """
    columns = []
    for position, text in enumerate(headings):
        cells = [_shown(cell) for cell in frame.iloc[:, position].tolist()]
        longest = max(map(_length, cells), default=0)
        width = max(10, min(WIDEST, max(longest, *map(len, text.split(" "))) + 3))
        columns.append(Column(text, cells, width=width))
    total = len(columns)
    idle = [column for column in columns if len(column.cells) > 1 and not any(column.cells)]
    while len(columns) > 3 and sum(column.width for column in columns) > PAPER:
        gone = idle.pop() if idle else columns[-1]
        columns = [column for column in columns if column is not gone]
    return columns, total - len(columns)


def _plain(cell: Any) -> Any:
    """Return a cell as text, number, bool or None."""
    cell = cell.item() if hasattr(cell, "item") else cell
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, float) and not math.isfinite(cell):
        return None if math.isnan(cell) else str(cell)
    return cell if isinstance(cell, bool | int | float) else _text(cell)


def _shown(cell: Any) -> Any:
    """Return a cell as it is read: a text, a number, or None."""
    plain = _plain(cell)
    return ("yes" if plain else "no") if isinstance(plain, bool) else plain


def _text(text: object) -> str:
    """Return a text without control characters, which a workbook cannot hold."""
    return NOT_IN_EXCEL.sub("\ufffd", str(text))[:LONGEST]


def _length(cell: Any) -> int:
    """Return about how many characters a cell takes."""
    if isinstance(cell, float):
        return len(f"{cell:,.1f}") if abs(cell) >= 10 else 6
    return 0 if cell is None else len(str(cell))


def _number_format(value: float, decimals: int | None) -> str:
    if decimals is None:
        size = abs(value)
        decimals = 0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 0.1 or size == 0 else 4
        return "#,##0" if decimals == 0 else "#,##0." + "0" * decimals
    return "0." + "0" * decimals if decimals else "0"


class _Formats:
    """Formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book, self._made = book, {}  # type: ignore[var-annotated]

    def __call__(self, **look: Any) -> Any:
        key = tuple(sorted(look.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(look)
        return self._made[key]


def _page_sheet(book: Any, name: str, page: Page) -> None:
    """Write title, headings, rows and notes, and set widths, filter, frozen panes and print options."""
    sheet, formats = book.add_worksheet(name), _Formats(book)
    sheet.write_string(0, 0, _text(page.title), formats(bold=True, font_size=13))
    rows = len(page.columns[0].cells)
    last = HEADER + rows
    for position, column in enumerate(page.columns):
        _column(sheet, formats, position, column)
        if column.coloured:
            _colours(sheet, formats, position, last, page)
    deepest = max(_lines(column.heading, column.width) for column in page.columns)
    sheet.set_row(HEADER, 16 * deepest)
    for row in range(rows):
        cells = ((column.cells[row], column.width) for column in page.columns)
        deep = max(_lines(cell, width) for cell, width in cells)
        if deep > 1:
            sheet.set_row(HEADER + 1 + row, min(HIGHEST, LINE * deep))
    width = sum(column.width for column in page.columns)
    at = last + 2
    for note in page.notes:
        _note(sheet, at, _text(note), formats, (len(page.columns), width))
        at += 1
    sheet.autofilter(HEADER, 0, last, len(page.columns) - 1)
    sheet.freeze_panes(HEADER + 1, 1)
    sheet.set_paper(9)
    if width > LANDSCAPE:
        sheet.set_landscape()
    # Rows of all countries take few pages, however wide the table; panels take as many as they need.
    sheet.fit_to_pages(1, MOST_PAGES if rows <= COUNTRIES else 0)
    sheet.repeat_rows(HEADER)
    sheet.set_footer(f"&L&F&R{page.footer}")
    sheet.print_area(0, 0, at - 1, len(page.columns) - 1)
    sheet.activate()


def _column(sheet: Any, formats: _Formats, position: int, column: Column) -> None:
    """Write a column: numbers with full precision and a format, texts as text."""
    sheet.set_column(position, position, column.width)
    indent = {"align": "left", "indent": 1} if position else {}
    side = {"align": "right"} if column.numeric else indent
    dash = formats(**side, valign="top")
    top = formats(bold=True, text_wrap=True, bottom=1, valign="top", **side)
    sheet.write_string(HEADER, position, _text(column.heading), top)
    wraps = {"text_wrap": True, "valign": "top"}
    for row, cell in enumerate(column.cells, start=HEADER + 1):
        if cell is None:
            sheet.write_string(row, position, MISSING, dash)
        elif isinstance(cell, str):
            long = wraps if len(cell) > column.width else {"valign": "top"}
            sheet.write_string(row, position, cell, formats(**side, **long))
        elif isinstance(cell, int):
            sheet.write_number(row, position, cell, formats(valign="top"))
        else:
            look = _number_format(cell, column.decimals)
            sheet.write_number(row, position, cell, formats(num_format=look, valign="top"))


def _colours(sheet: Any, formats: _Formats, position: int, last: int, page: Page) -> None:
    """Colour the texts of a column."""
    for text, (fill, ink) in page.colours.items():
        quoted = text.replace('"', '""')
        rule = {"type": "cell", "criteria": "==", "value": f'"{quoted}"'}
        rule["format"] = formats(bg_color=fill, font_color=ink)
        sheet.conditional_format(HEADER + 1, position, last, position, rule)


def _lines(cell: Any, width: int) -> int:
    """Return how many lines a cell takes in a column; numbers take one."""
    if not isinstance(cell, str) or len(cell) <= width:
        return 1
    return max(1, len(textwrap.wrap(cell, max(6, width - 2))))


def _note(sheet: Any, row: int, text: str, formats: _Formats, over: tuple[int, int]) -> None:
    """Write a line over all columns, wrapped, so that it makes no page wider."""
    columns, width = over
    wrapped = formats(text_wrap=True, valign="top")
    if columns > 1:
        sheet.merge_range(row, 0, row, columns - 1, "", wrapped)
    sheet.write_string(row, 0, text, wrapped)
    sheet.set_row(row, min(HIGHEST, LINE * max(1, -(-len(text) // max(20, width)))))


def _data_sheet(book: Any, frame: pd.DataFrame, *, printed: bool) -> None:
    """Write the columns with their names for programs in the first row.

    The first columns are printed, on one page where there is a sheet to print beside it.
    """
    sheet, formats = book.add_worksheet("table"), _Formats(book)
    top = formats(bold=True, text_wrap=True, bottom=1, valign="top")
    for position, name in enumerate(frame.columns):
        cells = [_plain(cell) for cell in frame.iloc[:, position].tolist()]
        longest = max((len(cell) for cell in cells if isinstance(cell, str)), default=0)
        sheet.set_column(position, position, max(12, min(32, longest + 2)))
        sheet.write_string(0, position, _text(name), top)
        for row, cell in enumerate(cells, start=1):
            if isinstance(cell, str):
                sheet.write_string(row, position, cell)
            elif isinstance(cell, bool):
                sheet.write_boolean(row, position, cell)
            elif cell is not None:
                look = formats(num_format=_number_format(cell, None))
                sheet.write_number(row, position, cell, look if isinstance(cell, float) else None)
    sheet.set_row(0, 32)
    if len(frame):
        sheet.autofilter(0, 0, len(frame), max(0, frame.shape[1] - 1))
    sheet.freeze_panes(1, 1)
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0 if printed else 1)
    sheet.print_area(0, 0, len(frame), max(0, min(frame.shape[1], PRINTED) - 1))


def _facts_sheet(book: Any, facts: Mapping[str, str]) -> None:
    """Write what the table was made from, an item a row."""
    sheet = book.add_worksheet("manifest")
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 90)
    for row, (item, value) in enumerate([("item", "value"), *facts.items()]):
        sheet.write_string(row, 0, _text(item), wrapped)
        sheet.write_string(row, 1, _text(value), wrapped)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1)
