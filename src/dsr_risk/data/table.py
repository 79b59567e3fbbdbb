"""A table while it is read: row names for messages, cells as numbers, problems so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype

from .._util.types import Array, Index, Labels, Mask
from ..errors import DataError, Problems
from .marks import (
    Marks,
    is_missing,
    missing_words,
    question_codes,
)
from .reading import Asked, Log, cut

__all__ = [
    "RowNames",
    "Table",
    "is_empty",
    "named",
    "noted",
    "questioned",
    "texts_of",
    "written",
]

LISTED = 1
REPEATED = 10_000
"""Rows that one cause lists in full; further rows are counted."""


@dataclass(frozen=True)
class RowNames:
    """The names of rows in messages: a word, and a number counted from `first` or listed.

    `places` are their places in the table as it was read, where they are not counted from 0.
    """

    first: int = 1
    word: str = "row"
    listed: Sequence[str] = ()
    places: Sequence[int] = ()

    def taken(self, rows: Iterable[int]) -> RowNames:
        """Return the names of some of the rows, in the order given."""
        at = [int(row) for row in rows]
        return RowNames(
            word=self.word,
            listed=[self.number(row) for row in at],
            places=[self.place(row) for row in at],
        )

    def place(self, row: int) -> int:
        """Return where a row was in the table as it was read, before rows were left out or turned."""
        return self.places[row] if self.places else row

    def number(self, row: int) -> str:
        """Return the number of a row, as its reader counts."""
        return self.listed[row] if self.listed else str(row + self.first)

    def of(self, row: int) -> str:
        """Return one row in words."""
        return f"{self.word} {self.number(row)}"

    def all_of(self, rows: Iterable[int]) -> str:
        """Return several rows in words, the first ten of them."""
        # A row of columns of years is several rows of cells.
        numbers = list(dict.fromkeys(self.number(row) for row in rows))
        more = f" and {len(numbers) - 10:,} more" if len(numbers) > 10 else ""
        return f"{self.word}{'s' * (len(numbers) > 1)} {', '.join(numbers[:10])}{more}"


@dataclass
class Table:
    """A table being read: the frame, what to call its rows, and the problems found so far.

    `given` is the frame before columns were left out. By column, `notes` holds what was written around numbers and
    `own_years` the years of cells. By row, `scales` is what values are multiplied by, and `last_years` the year
    after which they are estimates.
    """

    frame: pd.DataFrame
    origin: str
    rows: RowNames
    problems: Problems
    country: Labels = field(default_factory=lambda: np.empty(0, object))
    key: str = ""
    given: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: dict[str, Labels] = field(default_factory=dict)
    own_years: dict[str, Array] = field(default_factory=dict)
    scales: Array | None = None
    last_years: Array | None = None
    lists_groups: bool = False
    year: Array | None = None
    undated: Mask = field(default_factory=lambda: np.empty(0, bool))
    asked: Asked = field(default_factory=Asked)
    log: Log = field(default_factory=lambda: Log(""))
    marks: Marks = field(default_factory=Marks)

    @property
    def source(self) -> str:
        """The source of cells that state none: the name of the file, without its folder."""
        return Path(self.origin).name or self.origin

    @property
    def unit_name(self) -> str:
        """The name of the index: ``iso3``, or ``id`` for units that are no countries."""
        return "iso3" if self.asked.units == "country" else "id"

    def row_name(self, row: int) -> str:
        """Return how a row is called in messages: its number, and its country where known."""
        who = (
            f" ({self.country[row]})"
            if row < len(self.country) and self.country[row] is not None
            else ""
        )
        return f"{self.rows.of(row)}{who}"

    def refuse(self, partial: Callable[[], object]) -> None:
        """Raise with every problem found, and with what could be read; do nothing if there is none."""
        try:
            self.problems.raise_as(DataError)
        except DataError as error:
            error.partial = partial()
            raise

    def add(self, rows: Index, say: Callable[[int], str]) -> None:
        """Add one cause as one line: the first row, and for several their count and the first ten others."""
        if len(rows) <= LISTED:
            self.problems.extend(say(int(row)) for row in rows)
            return
        rest = self.rows.all_of(int(row) for row in rows[1:11])
        more = f" and {len(rows) - 11:,} more" if len(rows) > 11 else ""
        self.problems.add(
            f"{say(int(rows[0]))} ({len(rows):,} {self.rows.word}s with the same problem: also {rest}{more})"
        )


def named(frame: pd.DataFrame, name: str) -> str | None:
    """Return the column of that name in any case; None if there is none."""
    return next((column for column in frame.columns if column.casefold() == name), None)


def texts_of(column: pd.Series[Any]) -> Labels:
    """Return the cells as stripped texts; empty where there is none."""
    if len(column) > REPEATED and infer_dtype(column, skipna=True) == "string":
        # Names of countries and indicators repeat: each is stripped once.
        codes, unique = pd.factorize(column)
        labels = np.array([*(str(cell).strip() for cell in unique), ""], dtype=object)
        return labels[codes]
    # Arrays, not columns: tables of thousands of columns are read one by one.
    cells = column.to_numpy(dtype=object)
    pairs = zip(cells, pd.isna(cells), strict=True)
    return np.array(
        [
            "" if missing else (cell if type(cell) is str else str(cell)).strip()
            for cell, missing in pairs
        ],
        dtype=object,
    )


def text_column(column: pd.Series[Any] | Labels) -> pd.Series[Any]:
    """Return the cells as a column of stripped texts; texts that repeat are converted once."""
    if len(column) <= REPEATED or infer_dtype(column, skipna=True) != "string":
        return pd.Series(texts_of(pd.Series(column)))
    codes, unique = pd.factorize(column)
    labels = pd.Series([*(str(cell).strip() for cell in unique), ""])
    return pd.Series(labels.array.take(np.where(codes < 0, len(unique), codes)))


def written(column: pd.Series[Any]) -> dict[str, None]:
    """Return the texts of a column; cells that are numbers have no marks to read."""
    if not any(isinstance(cell, int | float) for cell in column):
        return dict.fromkeys(texts_of(column))
    return dict.fromkeys(cell.strip() for cell in column if isinstance(cell, str))


def noted(notes: Any, more: Labels) -> Labels:
    """Return notes with further ones behind them."""
    if notes is None:
        return more
    pairs = zip(texts_of(pd.Series(notes)), more, strict=True)
    return np.array(["; ".join(filter(None, pair)) for pair in pairs], dtype=object)


def questioned(table: Table, values: Array, name: str, rows: Index | None = None) -> None:
    """Add a problem for numbers that look like codes for a missing value; `rows` are their rows, if not all."""

    def row_name(at: int) -> str:
        return table.row_name(at if rows is None else int(rows[at]))

    question_codes(values, cut(name), table.asked, table.problems, row_name)


def is_empty(column: pd.Series[Any]) -> Mask:
    """Return which cells hold nothing, or a word for missing."""
    if column.dtype.kind in "fiu":
        return column.isna().to_numpy()
    words = missing_words(Asked())
    return np.array([is_missing(text, words) for text in texts_of(column)], bool)
