"""Years as columns: `gci 2019, gci 2020`, or plain years; turned into rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from .column_names import COUNTRY_NAMES, INDICATOR_NAMES, LABELS
from .facts import bundled_names
from .marks import looks_numeric
from .reading import Log
from .table import RowNames
from .years import is_date, year_of

__all__ = ["YEAR", "is_blank", "looks_numeric_value", "spans_of_years", "stem_of", "years_as_rows"]

YEAR = re.compile(
    r"(?:YR|Y|FY|CY|X)?[ _.]?((?:19|20)\d{2})(?:\.0)?(?:\s*\[YR\d{4}\])?", re.IGNORECASE
)
"""Names of columns that are years, as programs and publishers write them."""
_NAME_YEAR = re.compile(
    r"(.*\S)[\s_,.:(\[-]+(?:YR|Y|FY|X)?((?:19|20)\d{2})[)\]]?|(.*[^\W\d_])((?:19|20)\d{2})",
    re.IGNORECASE,
)
_YEAR_NAME = re.compile(r"X?((?:19|20)\d{2})[\s_,.:-]+(\D.*)")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_SPAN = re.compile(
    r"(?:FY)?\s*(?:19|20)\d{2}\s*(?:[-/\u2013]\s*\d{2,4}|[- ]?[QMSH]\d{1,2})"
    r"|FY[ _']?\d{2}(?:[-/\u2013]\d{2})?|(?:0\d|[1-9]\d)/\d{2}|[QMSH]\d{1,2}[ -](?:19|20)\d{2}"
    r"|"
    + _MONTH
    + r"[ ._'/-]*(?:(?:19|20)\d{2}|\d{2})|(?:19|20)\d{2}[ ._/-]*"
    + _MONTH
    + r"|(?:19|20)\d{2}[-/.](?:0?[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])[-/.](?:19|20)\d{2}"
    r"|(?:19|20)\d{2} ?(?:\((?:e|f|p|est|proj|prov|prel|forecast|estimate|projection)\.?\)|[efp])",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(.*\S)[\s_,.:(\[-]+\d+[)\]]?|(.*[^\W\d_])\d+")


def is_blank(cell: object) -> bool:
    """Tell whether a cell holds nothing but spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def looks_numeric_value(cell: object) -> bool:
    """Tell whether a cell is a number, or a text that is one in some spelling."""
    return isinstance(cell, int | float) or looks_numeric(str(cell or ""))


def years_as_rows(
    frame: pd.DataFrame,
    rows: RowNames,
    log: Log,
    named_by: tuple[str, str],
    whole: Collection[str] = (),
) -> tuple[pd.DataFrame, RowNames]:
    """Turn columns of years into rows: `gci 2019, gci 2020`, or plain years beside `indicator`.

    Names in `whole` are those of indicators, whatever they hold.

    `named_by` is the file's name, which names the indicator of plain years without a column `indicator`, and
    the column of identifiers where units are no countries.
    """
    stem, key = named_by
    names = [str(name) for name in frame.columns]
    folded = [name.casefold() for name in names]
    columns = _year_columns(names, {*bundled_names(), *whole}) or _only_year(frame, names)
    if not columns or "year" in folded:
        return frame, rows
    indicator = next((folded.index(name) for name in INDICATOR_NAMES if name in folded), None)
    keys = [
        column
        for column, name in enumerate(folded)
        if name in (*COUNTRY_NAMES, "entity", "code") or names[column] == key
    ]
    meant: dict[int, tuple[str, int | None]] = {
        column: (base or (stem if indicator is None else ""), year)
        for column, (base, year) in columns.items()
    }
    with_names = any(base for base, _ in columns.values())
    for column in _other_columns(frame, {*columns, *keys, indicator}):
        # A name that holds one year alone stays whole: `gci_2024` is an edition of its own.
        if with_names and _of_numbers(frame, column):
            dated = _name_and_year(names[column])
            meant[column] = (names[column], dated[1] if dated else None)
        else:
            log.ignore(names[column], "beside columns of years")
    long = _one_row_a_cell(frame, keys, meant, indicator)
    span = sorted({year for _, year in columns.values()})
    named_by_file = indicator is None and {name for name, _ in meant.values()} == {stem}
    remark = f", as indicator `{stem}`" if named_by_file else ""
    log.note(f"columns of years, {span[0]} to {span[-1]}, are read as rows{remark}")
    return long, rows.taken(long.pop("_row"))


def _one_row_a_cell(
    frame: pd.DataFrame,
    keys: list[int],
    meant: dict[int, tuple[str, int | None]],
    indicator: int | None,
) -> pd.DataFrame:
    """Return the cells of the columns in `meant` below each other, with their row of the frame as ``_row``.

    `meant` says of which indicator and year a column is; one without a name has that of the column `indicator`.
    """
    height, row = len(frame), np.tile(np.arange(len(frame)), len(meant))
    names, years = zip(*meant.values(), strict=True)
    named = np.repeat(np.array(names, dtype=object), height)
    if indicator is not None:
        own = frame.iloc[:, indicator].to_numpy(dtype=object)[row]
        named = np.where(named == "", own, named)
    long = frame.iloc[row, keys].reset_index(drop=True)
    long = long.assign(
        indicator=named,
        year=np.repeat(np.array(years, dtype=object), height),
        value=frame.iloc[:, list(meant)].to_numpy(dtype=object).ravel(order="F"),
        _row=row,
    )
    filled = np.array([not is_blank(cell) for cell in long["value"]], bool)
    # A country without any value stays, as missing.
    filled |= ~long["_row"].isin(long["_row"][filled]) & ~long["_row"].duplicated()
    return long[filled].reset_index(drop=True)


def _other_columns(frame: pd.DataFrame, used: set[int | None]) -> list[int]:
    """Return the columns that are neither in use nor labels of countries."""
    return [
        column
        for column, name in enumerate(frame.columns)
        if column not in used and str(name).casefold() not in LABELS
    ]


def _of_numbers(frame: pd.DataFrame, column: int) -> bool:
    return bool(frame.iloc[:, column].map(_numeric_or_blank).all())


def _only_year(frame: pd.DataFrame, names: list[str]) -> dict[int, tuple[str, int]]:
    """Return the one column that is a year, if no other column but the country's has numbers."""
    years = [column for column, name in enumerate(names) if YEAR.fullmatch(name)]
    others = _other_columns(frame, set(years))
    if len(years) != 1 or any(_has_numbers(frame, column) for column in others):
        return {}
    match = YEAR.fullmatch(names[years[0]])
    return {years[0]: ("", int(match[1]))} if match else {}


def _has_numbers(frame: pd.DataFrame, column: int) -> bool:
    return any(looks_numeric_value(cell) for cell in frame.iloc[:, column])


def _year_columns(names: list[str], whole: Collection[str]) -> dict[int, tuple[str, int]]:
    """Return the columns that are years, with the indicator their name holds and the year."""
    years = {
        column: ("", int(match[1]))
        for column, name in enumerate(names)
        if (match := YEAR.fullmatch(name))
    }
    if len(years) > 1:
        return years
    dates = _dates(names)
    if len(set(dates.values())) == len(dates) > 1:
        return {column: ("", year) for column, year in dates.items()}
    named = {
        column: parts
        for column, name in enumerate(names)
        if name.casefold() not in COUNTRY_NAMES and (parts := _name_and_year(name))
    }
    # Names of the bundled data are whole: `gci_2020` and `gci_2024` are two indicators there.
    dated = {base for column, (base, _) in named.items() if names[column] not in whole}
    counts = Counter(base for base, _ in named.values() if base in dated)
    # `item_1, ..., item_2000` are numbered, not dated.
    numbered = {
        (match[1] or match[2]).strip(" _,.:([-")
        for name in names
        if (match := _NUMBERED.fullmatch(name)) and not _name_and_year(name)
    }
    return {
        column: parts
        for column, parts in named.items()
        if counts[parts[0]] > 1 and parts[0] not in numbered
    }


def _name_and_year(name: str) -> tuple[str, int] | None:
    """Return the indicator and the year in a name: `gci_2020`, `gci2020`, `2020 gci`; None if there is no year."""
    if match := _NAME_YEAR.fullmatch(name):
        return (match[1] or match[3]).strip(" _,.:([-"), int(match[2] or match[4])
    if match := _YEAR_NAME.fullmatch(name):
        return match[2].strip(), int(match[1])
    return None


def _dates(names: list[str]) -> dict[int, int]:
    """Return the columns whose names are full dates, with their years."""
    return {at: year_of(name) or 0 for at, name in enumerate(names) if is_date(name)}


def spans_of_years(names: list[str]) -> list[str]:
    """Return the names of columns that are spans or parts of years (`2019/20`, `2020Q1`), if there are several."""
    spans = [name for name in names if _SPAN.fullmatch(name.strip())]
    dates = _dates(names)
    if len(set(dates.values())) < len(dates):
        spans += [names[column] for column in dates]
    years = any(YEAR.fullmatch(name) for name in names)
    return spans if len(spans) > 1 or years else []


def stem_of(path: Path) -> str:
    """Return the name of an indicator after the name of its file."""
    return re.sub(r"[^0-9a-z]+", "_", path.stem.casefold()).strip("_") or "value"


def _numeric_or_blank(cell: object) -> bool:
    return is_blank(cell) or looks_numeric_value(cell)
