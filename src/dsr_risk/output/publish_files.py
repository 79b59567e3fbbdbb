"""A table to publish as a file: text formats, Word, Excel, JSON, CSV, Parquet."""

from __future__ import annotations

import importlib
import json
import textwrap
from collections.abc import Callable
from contextlib import ExitStack
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from .._util.atomic import atomic
from ..errors import DataError, MissingExtraError
from .publish_word import word
from .tables import spreadsheet_safe

if TYPE_CHECKING:
    from .publication import Publication

__all__ = ["FORMAT", "SUFFIXES", "check", "save", "table_schema"]

FORMAT = "dsr-risk table 1"
"""What a JSON table says it is; ``table_schema`` describes it."""
METADATA = b"dsr_risk"
"""The key of title, notes and sources in the metadata of a Parquet file."""


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
        kind = f"`{path.suffix}`" if path.suffix else "a name without a suffix"
        raise DataError(
            f"{path}: {kind} is no format of tables; expected one of {', '.join(SUFFIXES)}"
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
    frame, _ = spreadsheet_safe(table.records().reset_index())
    frame.to_csv(path, sep=separator, decimal=decimal, lineterminator="\n", index=False)


def _data(table: Publication, path: Path, decimal: str) -> None:
    frame = table.records().reset_index()
    plain = frame.astype(object).where(frame.notna(), None)
    rows = [
        {key: value.item() if hasattr(value, "item") else value for key, value in row.items()}
        for row in plain.to_dict("records")
    ]
    path.write_text(_json({"format": FORMAT} | table.manifest() | {"rows": rows}), encoding="utf-8")


def _parquet(table: Publication, path: Path, decimal: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    made = pa.Table.from_pandas(table.records())
    held = json.dumps(table.manifest(), ensure_ascii=False, allow_nan=False)
    pq.write_table(
        made.replace_schema_metadata({**(made.schema.metadata or {}), METADATA: held}), path
    )


def _excel(table: Publication, path: Path, decimal: str) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), options)
    sheet = book.add_worksheet("table")
    frame, names = table.frame(), list(table.headings)
    numeric = [kind.kind in "fi" for kind in frame.dtypes]
    sheet.write_string(0, 0, table.title, book.add_format({"bold": True, "font_size": 13}))
    top = {"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"}
    headers = [book.add_format(top | look) for look in ({"indent": 1}, {"align": "right"})]
    headers.append(book.add_format(top))
    for column, text in enumerate(table.headings.values()):
        sheet.write_string(2, column, text, headers[numeric[column] if column else 2])
    _cells(book, sheet, table)
    last = 2 + len(frame)
    widths = _set_up(book, sheet, table, last)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    row, colon = last + 2, table.words["colon"]
    lines = list(table.notes)
    for title, rows in table.left_out(decimal):
        lines += [f"{title}{colon}", *(f"{name}{colon} {why}" for name, why in rows)]
    for line in [*lines, table.sources_line()]:
        _note(sheet, row, line, widths, wrapped)
        row += 1
    sheet.print_area(0, 0, row - 1, len(names) - 1)
    book.close()


def _cells(book: Any, sheet: Any, table: Publication) -> None:
    """Write the rows: numbers with full precision and a format of one decimal, texts as text."""
    frame, names, texts = table.frame(), list(table.headings), table.rows()
    score = book.add_format({"num_format": "0.0"})
    share = book.add_format({"num_format": "0.00"})
    word = book.add_format({"indent": 1})
    none = book.add_format({"align": "right"})
    for number in range(len(frame)):
        values: list[Any] = frame.iloc[number].tolist()
        for column, (name, value) in enumerate(zip(names, values, strict=True)):
            at = (3 + number, column)
            if isinstance(value, str):
                sheet.write_string(*at, texts[number][column], None if column == 0 else word)
            elif pd.isna(value):
                number_column = frame.dtypes.iloc[column].kind in "fi"
                sheet.write_string(*at, texts[number][column], none if number_column else word)
            elif isinstance(value, float):
                is_share = name.endswith(("_coverage", "_estimated_share"))
                sheet.write_number(*at, value, share if is_share else score)
            else:
                sheet.write_number(*at, int(value))


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
                text = table.word(str(band)).replace('"', '""')
                rule = {"type": "cell", "criteria": "==", "value": f'"{text}"', "format": shade}
                sheet.conditional_format(3, column, last, column, rule)
    headers = zip(table.headings.values(), widths, strict=True)
    sheet.set_row(
        2, 16 * max(len(textwrap.wrap(heading, max(6, width - 2))) for heading, width in headers)
    )
    sheet.autofilter(2, 0, last, len(names) - 1)
    sheet.freeze_panes(3, 1)
    sheet.set_paper(9)
    if sum(widths) > 130:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    page = table.words["page"].format(page="&P", pages="&N")
    sheet.set_footer(f"&L&F&R{page}")
    return widths


NEEDS = {
    ".html": ("great_tables", "tables", "great_tables"),
    ".tex": ("great_tables", "tables", "great_tables"),
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
    ".docx": word,
    ".xlsx": _excel,
    ".json": _data,
    ".parquet": _parquet,
}
