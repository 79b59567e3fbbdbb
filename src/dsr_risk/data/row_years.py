"""The year of every row, read from a column of years, dates or marked years."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from .._util.types import Array, Mask
from .marks import is_missing, looks_numeric, missing_words
from .numbers import numbers
from .reading import cut, few
from .table import Table, is_empty, named, texts_of
from .years import year_of

__all__ = ["take_years"]


_PART = re.compile(
    r"(?:FY|AY)?\s*[12]\d{3}\s*(?:[-/\u2013]\s*\d{1,4}|[QMSHW-]\s*\d{1,2})"
    r"|(?:Q\d|[A-Za-z]{3,9})[ -]?[12]\d{3}",
    re.IGNORECASE,
)


OLDEST, LATEST = 1700, 2200
"""Years of the common calendar that data are about."""


def take_years(table: Table) -> str | None:
    """Read the column of years where there is one; return its name."""
    year_column = named(table.frame, "year")
    if year_column is not None and len(table.frame) and is_empty(table.frame[year_column]).all():
        table.log.ignore(year_column, "empty")
        table.frame = table.frame.drop(columns=year_column)
        year_column = None
    if year_column is not None:
        table.year = _years(table, table.frame[year_column])
    elif table.asked.panel:
        table.problems.add(
            "it is to be read as a panel and has no column of years: add a column `year`, or read it as a "
            "snapshot"
        )
    return year_column


def _years(table: Table, column: pd.Series[Any]) -> Array:
    """Return the years, NaN where there is none."""
    unread = np.zeros(len(column), bool)
    if column.dtype.kind not in "fiu":
        column, unread = _plain_years(table, column)
    years = numbers(table, column, "year")
    table.undated = np.isnan(years) & is_empty(column) & ~unread
    odd = np.flatnonzero(~np.isnan(years) & ((years % 1 != 0) | (years < 1000) | (years > 2999)))
    table.add(odd, lambda row: f"{table.row_name(row)}: year {years[row]:.15g} is not a year")
    years[odd] = np.nan
    other = years[(years < OLDEST) | (years > LATEST)]
    if len(other):
        first, last = f"{other.min():.0f}", f"{other.max():.0f}"
        span = f"year {first}" if first == last else f"years {first} to {last}"
        table.log.note(
            f"{span}: years of another calendar (Buddhist, Islamic, Persian) are not converted"
        )
    return years


def _plain_years(table: Table, column: pd.Series[Any]) -> tuple[pd.Series[Any], Mask]:
    """Return years in place of dates and marked years, and which cells are spans or parts: problems."""
    texts = texts_of(column)
    words = missing_words(table.asked)
    dates: dict[str, int] = {}
    for text in dict.fromkeys(texts):
        year = None if is_missing(text, words) else year_of(text)
        if year is not None and text not in (str(year), f"{year}.0"):
            dates[text] = year
    shown = [text for text, year in dates.items() if text != f"{year},0"]
    if shown:
        table.log.note(f"`year` holds dates or marked years, read as their year: {few(shown)}")
    parts = [
        row
        for row, text in enumerate(texts)
        if text not in dates and _PART.fullmatch(text) and not looks_numeric(text)
    ]
    table.add(
        np.array(parts, np.intp),
        lambda row: (
            f"{table.rows.of(row)}: '{cut(texts[row])}' is a span or a part of a year; give each row one year"
        ),
    )
    unread = np.zeros(len(texts), bool)
    unread[parts] = True
    plain = [
        "" if part else dates.get(text, text) for text, part in zip(texts, unread, strict=True)
    ]
    return pd.Series(plain, dtype=object), unread
