"""A table to publish as a file: text formats, Word, Excel, JSON, CSV, Parquet."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from .._util.atomic import atomic
from ..errors import DataError, MissingExtraError
from .numbers import ESTIMATED, decimals_of
from .publish_word import word
from .sheets import Column, Page, write_book
from .tables import records_of, spreadsheet_safe

if TYPE_CHECKING:
    from .publication import Publication

__all__ = [
    "DATA",
    "SUFFIXES",
    "WITH_MANIFEST",
    "check",
    "json_text",
    "page_of",
    "save",
    "table_schema",
    "with_facts",
]

METADATA = b"dsr_risk"
"""The key of title, notes and sources in the metadata of a Parquet file."""


WITH_MANIFEST = (".csv", ".tsv", ".parquet")
"""Formats whose title, notes and sources stand in ``NAME.manifest.json`` beside them."""
DATA = (*WITH_MANIFEST, ".json")
"""Formats of data: they hold the countries without a score too."""


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


def with_facts(table: Publication, facts: Mapping[str, Any]) -> Publication:
    """Return the table with more facts in its manifest, such as the command that made it."""
    return replace(table, _manifest=table._manifest | dict(facts))


def save(table: Publication, path: Path, decimal: str) -> Path:
    """Write the table in the format of the suffix; return the path."""
    check(path)
    suffix = path.suffix.lower()
    with ExitStack() as stack:
        # Both are finished before either is put in its place.
        if suffix in WITH_MANIFEST:
            beside = stack.enter_context(atomic(path.with_name(f"{path.name}.manifest.json")))
            beside.write_text(_json(table.manifest()), encoding="utf-8")
        SUFFIXES[suffix](table, stack.enter_context(atomic(path)), decimal)
    return path


def json_text(table: Publication) -> str:
    """Return the table as JSON text; ``table_schema`` describes it."""
    # Imported here: the readers of tables take longer to import than most tables take to write.
    from ..data.files import TABLE_FORMAT

    rows = records_of(table.records().reset_index())
    return _json({"format": TABLE_FORMAT} | table.manifest() | {"rows": rows})


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _text(form: str) -> Callable[[Publication, Path, str], None]:
    def write(table: Publication, path: Path, decimal: str) -> None:
        path.write_text(table.text(form, decimal=decimal), encoding="utf-8")

    return write


def _separated(separator: str) -> Callable[[Publication, Path, str], None]:
    def write(table: Publication, path: Path, decimal: str) -> None:
        mark = ";" if separator == decimal else separator
        frame, _ = spreadsheet_safe(table.records().reset_index())
        frame.to_csv(path, sep=mark, decimal=decimal, lineterminator="\n", index=False)

    return write


def _data(table: Publication, path: Path, decimal: str) -> None:
    path.write_text(json_text(table), encoding="utf-8")


def _parquet(table: Publication, path: Path, decimal: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    made = pa.Table.from_pandas(table.records())
    held = json.dumps(table.manifest(), ensure_ascii=False, allow_nan=False)
    pq.write_table(
        made.replace_schema_metadata({**(made.schema.metadata or {}), METADATA: held}), path
    )


def _excel(table: Publication, path: Path, decimal: str) -> None:
    write_book(path, page_of(table, decimal))


def page_of(table: Publication, decimal: str = ".") -> Page:
    """Return the table as a sheet to print: numbers with full precision, texts in words, bands coloured."""
    frame, texts = table.frame(), list(zip(*table.rows(decimal), strict=True))
    columns = [
        _column(
            name,
            text,
            frame.iloc[:, position],
            # Cells hold numbers without a mark, so that this column names those that are estimated.
            list(frame[name] if name == ESTIMATED else texts[position]),
            first=position == 0,
            points=table._decimals,
        )
        for position, (name, text) in enumerate(table.headings.items())
    ]
    bands = {
        str(band) for name in table.headings if _is_band(name) for band in frame[name].dropna()
    }
    colours = {
        table.word(band): (table.band_colour(band), table.band_ink(band)) for band in sorted(bands)
    }
    lines, colon = list(table.notes), table.words["colon"]
    for title, rows in table.left_out(decimal):
        lines += [f"{title}{colon}", *(f"{name}{colon} {why}" for name, why in rows)]
    footer = table.words["page"].format(page="&P", pages="&N")
    return Page(table.title, columns, [*lines, table.sources_line()], colours, footer)


def _is_band(name: str) -> bool:
    return name.endswith("_band")


def _column(
    name: str, heading: str, cells: pd.Series[Any], texts: list[str], *, first: bool, points: int
) -> Column:
    """Return a column of the sheet: its numbers as numbers, all else as the text of the table."""
    numeric = cells.dtype.kind in "fi"
    values = [None if pd.isna(cell) else cell for cell in cells.tolist()] if numeric else texts
    longest = max((len(text) for text in texts), default=0)
    width = 26 if first else 12 if numeric else min(34, max(13, longest + 2))
    return Column(heading, values, decimals_of(name, points), width, _is_band(name))


NEEDS = {
    ".html": ("great_tables", "tables", "great_tables"),
    ".tex": ("great_tables", "tables", "great_tables"),
    ".docx": ("docx", "tables", "python-docx"),
    ".xlsx": ("xlsxwriter", "excel", "XlsxWriter"),
    ".parquet": ("pyarrow", "parquet", "pyarrow"),
}
SUFFIXES: dict[str, Callable[[Publication, Path, str], None]] = {
    ".csv": _separated(","),
    ".tsv": _separated("\t"),
    ".txt": _text("plain"),
    ".md": _text("markdown"),
    ".html": _text("html"),
    ".tex": _text("latex"),
    ".docx": word,
    ".xlsx": _excel,
    ".json": _data,
    ".parquet": _parquet,
}
