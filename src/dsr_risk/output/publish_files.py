"""A table to publish as a file: text formats, Word, Excel, JSON, CSV, Parquet."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from contextlib import ExitStack
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from .._util.atomic import atomic
from ..errors import DataError, MissingExtraError
from .tables import spreadsheet_safe

if TYPE_CHECKING:
    from .publish import Publication

__all__ = ["FORMAT", "SUFFIXES", "check", "save", "table_schema"]

FORMAT = "dsr-risk table 1"
"""What a JSON table says it is; ``table_schema`` describes it."""


def table_schema() -> dict[str, Any]:
    """Return the JSON schema of published JSON tables.

    Examples
    --------
    >>> table_schema()["title"]
    'A published table of dsr-risk'
    """
    text = (resources.files(__package__) / "table.schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def check(path: Path) -> None:
    """Raise the error for a path that cannot be written, before any work is done."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(
            f"{path}: `{path.suffix}` is no format of tables; expected one of {', '.join(SUFFIXES)}"
        )
    if not path.parent.is_dir():
        raise DataError(f"{path}: no folder `{path.parent}`; make it first")
    if suffix in NEEDS:
        library, extra, name = NEEDS[suffix]
        try:
            importlib.import_module(library)
        except ImportError:
            raise MissingExtraError.of(
                name, extra=extra, purpose=f"writing {suffix} files"
            ) from None


def save(table: Publication, path: Path, decimal: str) -> Path:
    """Write the table in the format of the suffix; return the path."""
    check(path)
    suffix = path.suffix.lower()
    with ExitStack() as stack:
        # Both are finished before either is put in its place.
        if suffix in (".csv", ".parquet"):
            beside = stack.enter_context(atomic(path.with_name(f"{path.name}.manifest.json")))
            beside.write_text(_json(table.manifest()), encoding="utf-8")
        SUFFIXES[suffix](table, stack.enter_context(atomic(path)), decimal)
    return path


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _text(form: str) -> Callable[[Publication, Path, str], None]:
    def write(table: Publication, path: Path, decimal: str) -> None:
        path.write_text(table.text(form, decimal=decimal), encoding="utf-8")

    return write


def _csv(table: Publication, path: Path, decimal: str) -> None:
    separator = ";" if decimal == "," else ","
    marked = table.frame().assign(marks=table.marks())
    frame, _ = spreadsheet_safe(marked.reset_index())
    frame.to_csv(path, sep=separator, decimal=decimal, lineterminator="\n", index=False)


def _data(table: Publication, path: Path, decimal: str) -> None:
    frame = table.frame().reset_index()
    frame["marks"] = table.marks()
    plain = frame.astype(object).where(frame.notna(), None)
    rows = [
        {key: value.item() if hasattr(value, "item") else value for key, value in row.items()}
        for row in plain.to_dict("records")
    ]
    path.write_text(_json({"format": FORMAT} | table.manifest() | {"rows": rows}), encoding="utf-8")


def _parquet(table: Publication, path: Path, decimal: str) -> None:
    table.frame().assign(marks=table.marks()).to_parquet(path, engine="pyarrow")


def _word(table: Publication, path: Path, decimal: str) -> None:
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.oxml import OxmlElement
    from docx.shared import Mm, Pt

    page = docx.Document()
    section = page.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(15)
    page.styles["Normal"].font.size = Pt(9)
    page.add_heading(table.title, level=1)
    rows = [list(table.headings.values()), *table.rows(decimal)]
    grid = page.add_table(rows=len(rows), cols=len(rows[0]), style="Light List Accent 1")
    cells = grid._cells
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            cells[number * len(row) + column].text = text
    # The first row is repeated on every page.
    properties = grid.rows[0]._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))
    for note in table.notes:
        page.add_paragraph(note)
    if table.not_scored:
        page.add_heading(table.words["not_scored"], level=2)
        for name, why in table.not_scored:
            page.add_paragraph(f"{name}: {why}", style="List Bullet")
    page.add_paragraph(f"{table.words['sources']}: {'; '.join(table.sources)}.")
    page.save(str(path))


def _excel(table: Publication, path: Path, decimal: str) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), options)
    sheet = book.add_worksheet("table")
    head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
    bold = book.add_format({"bold": True, "font_size": 13})
    frame, names = table.frame(), list(table.headings)
    sheet.write_string(0, 0, table.title, bold)
    for column, text in enumerate(table.headings.values()):
        sheet.write_string(2, column, text, head)
    formats = {
        "": book.add_format({"num_format": "0.0"}),
        "share": book.add_format({"num_format": "0.00"}),
    }
    texts = table.rows()
    for number in range(len(frame)):
        values: list[Any] = frame.iloc[number].tolist()
        for column, (name, value) in enumerate(zip(names, values, strict=True)):
            if pd.isna(value) or isinstance(value, str):
                sheet.write_string(3 + number, column, texts[number][column])
            elif isinstance(value, float):
                share = name.endswith(("_coverage", "_estimated_share"))
                sheet.write_number(3 + number, column, value, formats["share" if share else ""])
            else:
                sheet.write_number(3 + number, column, int(value))
    last = 2 + len(frame)
    widths = _set_up(book, sheet, table, last)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    row = last + 2
    left = [f"{name}: {why}" for name, why in table.not_scored]
    if left:
        left.insert(0, f"{table.words['not_scored']}:")
    for line in [*table.notes, *left, f"{table.words['sources']}: {'; '.join(table.sources)}."]:
        _note(sheet, row, line, widths, wrapped)
        row += 1
    sheet.print_area(0, 0, row - 1, len(names) - 1)
    book.close()


def _note(sheet: Any, row: int, line: str, widths: list[int], wrapped: Any) -> None:
    """Write a line over all columns, wrapped, so that it makes no page wider."""
    if len(widths) > 1:
        sheet.merge_range(row, 0, row, len(widths) - 1, "", wrapped)
    sheet.write_string(row, 0, line, wrapped)
    sheet.set_row(row, 15 * max(1, -(-len(line) // max(20, sum(widths)))))


def _set_up(book: Any, sheet: Any, table: Publication, last: int) -> list[int]:
    """Set widths, band colours, filter, frozen panes and print options; return the widths."""
    names = list(table.headings)
    widths = []
    for column, name in enumerate(names):
        width = 26 if column == 0 else 13 if name.endswith(("_band", "_basis")) else 12
        widths.append(20 if name in ("region", "income") else width)
        sheet.set_column(column, column, widths[-1])
        if name.endswith("_band"):
            for band in dict.fromkeys(table.frame()[name].dropna()):
                colour = table.band_colour(band)
                shade = book.add_format({"bg_color": colour, "font_color": table.band_ink(band)})
                rule = {"type": "cell", "criteria": "==", "value": f'"{band}"', "format": shade}
                sheet.conditional_format(3, column, last, column, rule)
    sheet.set_row(2, 48)
    sheet.autofilter(2, 0, last, len(names) - 1)
    sheet.freeze_panes(3, 1)
    sheet.set_paper(9)
    if sum(widths) > 110:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    sheet.set_footer("&L&F&RPage &P of &N")
    return widths


NEEDS = {
    ".docx": ("docx", "tables", "python-docx"),
    ".xlsx": ("xlsxwriter", "excel", "XlsxWriter"),
    ".parquet": ("pyarrow", "parquet", "pyarrow"),
}
SUFFIXES: dict[str, Callable[[Publication, Path, str], None]] = {
    ".csv": _csv,
    ".txt": _text("plain"),
    ".md": _text("markdown"),
    ".html": _text("html"),
    ".tex": _text("latex"),
    ".docx": _word,
    ".xlsx": _excel,
    ".json": _data,
    ".parquet": _parquet,
}
