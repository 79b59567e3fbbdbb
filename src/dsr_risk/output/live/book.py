"""One file of sheets: formats, cells that are text whatever they hold, formulas with the value Python found."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import MissingExtraError
from ..sheets import NOT_IN_EXCEL
from .layout import FIRST, LEAD, Layout

__all__ = ["Book", "header_height", "plain"]

FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "note": {"italic": True, "font_color": "#444444"},
    "header": {
        "bold": True,
        "bg_color": "#E8EAED",
        "bottom": 1,
        "text_wrap": True,
        "valign": "top",
    },
    "text": {},
    "wrap": {"text_wrap": True, "valign": "top"},
    "bold": {"bold": True},
    "input": {"bg_color": "#FFF2CC", "border": 1, "border_color": "#D6B656"},
    "absent": {"bg_color": "#FBE3D6", "border": 1, "border_color": "#E0B8A0"},
    "censored": {"bg_color": "#E1D5E7", "border": 1, "border_color": "#9673A6"},
    "away": {"bg_color": "#EEEEEE", "font_color": "#777777"},
    "estimate": {"bg_color": "#FBE3D6", "italic": True, "num_format": "0.0##"},
    "value": {"num_format": "0.00", "bg_color": "#F3F3F3"},
    "points": {"num_format": "0.0"},
    "estimated": {"bg_color": "#FBE3D6", "italic": True, "num_format": "0.0"},
    "two": {"num_format": "0.00"},
    "many": {"num_format": "0.0###"},
    "whole": {"num_format": "0"},
    "big": {"num_format": "0.0", "bold": True, "font_size": 12},
}
POINTS = ("value", "points", "estimated", "big")
"""Formats of points of the scale."""
SAFE = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}


def plain(text: object) -> str:
    """Return text as a cell can hold it: control characters replaced, at most 32,000 characters."""
    return NOT_IN_EXCEL.sub("\ufffd", "" if text is None else str(text))[:32_000]


def header_height(names: list[str], width: int) -> int:
    """Return the height in points of a row of headings in columns of a width: names have no spaces to break at."""
    return 15 * max((-(-len(name) // max(1, width - 3)) for name in names), default=1)


class Book:
    """A workbook that is being written.

    Text goes in as text: nothing that comes from data or a framework can become a formula.
    """

    def __init__(self, path: Path, layout: Layout, decimals: int = 1) -> None:
        try:
            import xlsxwriter
            from xlsxwriter.worksheet import Worksheet
        except ImportError:
            raise MissingExtraError.of(
                "XlsxWriter", extra="excel", purpose="writing a workbook"
            ) from None

        class Plain(Worksheet):  # type: ignore[misc]
            """A sheet whose formulas are written as they are: none uses a function newer than Excel 2007."""

            def _prepare_formula(self, formula: str, _expand: bool = False) -> str:
                return formula.removeprefix("=")

        self._sheet = Plain
        # Made in memory: a full disk then breaks one write, not a half-closed archive.
        self._path, self._memory = path, io.BytesIO()
        self.book = xlsxwriter.Workbook(self._memory, SAFE)
        self.layout = layout
        # A scale of 0-1 needs more decimals than one of 0-100, for which the formats are written.
        more = "0" * (decimals - 1)
        self.formats = {
            name: self.book.add_format(
                {**spec, "num_format": f"{spec['num_format']}{more}"}
                if name in POINTS and more
                else spec
            )
            for name, spec in FORMATS.items()
        }
        self.notes: list[str] = []

    def sheet(self, name: str, title: str, note: str, *, colour: str = "#7F7F7F") -> Any:
        """Add a sheet with its title and what it holds; print set-up on A4."""
        sheet = self.book.add_worksheet(name, worksheet_class=self._sheet)
        sheet.set_tab_color(colour)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&F&C&A&RPage &P of &N")
        self.text(sheet, 0, 0, title, "title")
        self.text(sheet, 1, 0, note, "note")
        return sheet

    def units(self, name: str, title: str, note: str, *, colour: str = "#7F7F7F") -> Any:
        """Add a sheet with a row a unit: country, code, year."""
        sheet = self.sheet(name, title, note, colour=colour)
        for column, label in enumerate(("Country", "Code", "Year")):
            self.text(sheet, FIRST - 1, column, self.layout.said(label), "header")
        for index, key in enumerate(self.layout.keys):
            for column, text in enumerate(key):
                if text:
                    sheet.write_string(FIRST + index, column, plain(text))
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 7)
        sheet.set_column(2, 2, 6, None, {"hidden": not self.layout.scores.data.is_panel})
        sheet.freeze_panes(FIRST, LEAD)
        sheet.repeat_rows(FIRST - 1)
        sheet.repeat_columns(0, 1)
        return sheet

    def text(self, sheet: Any, row: int, column: int, text: object, kind: str = "text") -> None:
        """Write text as text."""
        sheet.write_string(row, column, plain(text), self.formats[kind])

    def number(self, sheet: Any, row: int, column: int, x: float, kind: str = "many") -> None:
        """Write a number; nothing but the format where it is missing or infinite."""
        if np.isfinite(x):
            sheet.write_number(row, column, float(x), self.formats[kind])
        else:
            sheet.write_blank(row, column, None, self.formats[kind])

    def formula(
        self, sheet: Any, row: int, column: int, formula: str, value: Any, kind: str = "points"
    ) -> None:
        """Write a formula with the value that Python found for it."""
        if isinstance(value, str):
            shown: Any = value
        else:
            shown = float(value) if value is not None and np.isfinite(value) else ""
        sheet.write_formula(row, column, f"={formula}", self.formats[kind], shown)

    def close(self) -> None:
        """Write the file."""
        self.book.close()
        self._path.write_bytes(self._memory.getvalue())
