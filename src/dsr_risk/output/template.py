"""A workbook to fill in: one row a country, one column an indicator, with units, sources and choices."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .._util.atomic import atomic
from ..data.countries import country_table
from ..data.dataset import Data
from ..errors import DataError, MissingExtraError
from ..framework.definition import Framework
from ..framework.nodes import Indicator
from ..scoring.auxiliary import auxiliary_columns

__all__ = ["write_template"]

HEADINGS = ("indicator", "label", "unit", "higher is", "lowest", "highest", "source", "rationale")


def write_template(framework: Framework, data: Data, path: Path) -> Path:
    """Write a wide workbook for a framework, filled with the values of `data`.

    Sheet ``data`` is what ``read_data`` reads: names, a row of units, and one row a country, its name
    chosen from a list and its values checked against the plausible range. Sheet ``indicators`` gives
    label, unit, direction, range and source; sheet ``countries`` every name and code.

    Raises
    ------
    DataError
        For another suffix than .xlsx, or a place that cannot be written to.
    MissingExtraError
        Without the extra `excel`.
    """
    if path.suffix.lower() != ".xlsx":
        raise DataError(f"{path}: a template is an .xlsx workbook, received `{path.suffix}`")
    try:
        from openpyxl import Workbook
        from openpyxl.styles import Font
    except ImportError:
        raise MissingExtraError.of(
            "openpyxl", extra="excel", purpose="writing .xlsx files"
        ) from None
    names = country_table()["name"].dropna()
    names = names[names.index != framework.focal]
    columns = _columns(framework, data)
    book = Workbook()
    _data_sheet(book.active, columns, data, names)
    about = book.create_sheet("indicators")
    about.append(list(HEADINGS))
    for column, node in columns.items():
        if node is None:
            about.append([column, "used to estimate missing cells, or as a denominator"])
            continue
        bounds = node.plausible or (None, None)
        about.append(
            [column, node.title, node.unit, node.higher_is, *bounds, node.source, node.rationale]
        )
    countries = book.create_sheet("countries")
    countries.append(["name", "iso3"])
    for code, name in names.items():
        countries.append([name, code])
    for sheet in book.worksheets:
        sheet.freeze_panes = "B3" if sheet.title == "data" else "A2"
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.column_dimensions["A"].width = 28
    memory = io.BytesIO()
    book.save(memory)
    with atomic(path) as temporary:
        temporary.write_bytes(memory.getvalue())
    return path


def _columns(framework: Framework, data: Data) -> dict[str, Indicator | None]:
    """Return the columns that a score needs: indicators, denominators, context and auxiliary columns."""
    columns: dict[str, Indicator | None] = {node.data_column: node for node in framework.inputs}
    others = [node.denominator for node in framework.inputs if node.denominator]
    for name in (*others, *sorted(auxiliary_columns(framework))):
        if name in data.columns:
            columns.setdefault(name, None)
    return columns


def _data_sheet(
    sheet: Any, columns: Mapping[str, Indicator | None], data: Data, names: pd.Series[Any]
) -> None:
    """Fill the sheet of values: names, units, countries, and the checks of the cells."""
    from openpyxl.worksheet.datavalidation import DataValidation

    sheet.title = "data"
    sheet.append(["country", *columns])
    sheet.append(
        [None, *(node.unit or "number" if node else "number" for node in columns.values())]
    )
    rows = dict(zip(data.iso3, data._matrix(list(columns)), strict=True))
    empty = np.full(len(columns), np.nan)
    for code, name in names.items():
        cells = rows.get(code, empty)
        sheet.append([name, *(None if np.isnan(cell) else float(cell) for cell in cells)])
    last = sheet.max_row + 200
    choice = DataValidation(
        type="list", formula1=f"=countries!$A$2:$A${len(names) + 1}", allow_blank=True
    )
    choice.errorTitle, choice.error = "country", "Choose a name of the sheet `countries`."
    choice.add(f"A3:A{last}")
    sheet.add_data_validation(choice)
    for index, (column, node) in enumerate(columns.items(), start=2):
        if node is None or node.plausible is None:
            continue
        low, high = node.plausible
        letter = sheet.cell(1, index).column_letter
        check = DataValidation(
            type="decimal",
            operator="between",
            formula1=repr(float(low)),
            formula2=repr(float(high)),
            allow_blank=True,
        )
        check.errorTitle = column[:30]
        check.error = f"A number from {low:g} to {high:g} ({node.unit or 'no unit'}), or empty."
        check.add(f"{letter}3:{letter}{last}")
        sheet.add_data_validation(check)
