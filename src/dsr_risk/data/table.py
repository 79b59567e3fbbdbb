"""A table while it is read: row names for messages, cells as numbers, problems so far."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype

from .._util.checks import as_float
from .._util.types import Array, Index, Labels, Mask
from ..errors import DataError, Problems
from .marks import (
    FLAGGED_GAP,
    FLAGS,
    Marks,
    is_missing,
    looks_numeric,
    missing_words,
    percent_cells,
    question_codes,
    to_floats,
    without_codes,
)
from .reading import Asked, Log, cut, few
from .spelling import spelled
from .years import is_date

__all__ = [
    "RowNames",
    "Table",
    "is_empty",
    "named",
    "noted",
    "numbers",
    "questioned",
    "texts_of",
    "written",
]

LISTED = 1
REPEATED = 10_000
"""Rows that one cause lists in full; further rows are counted."""


@dataclass(frozen=True)
class RowNames:
    """What rows are called in messages: a word, and a number counted from `first` or listed.

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
        """What cells without a source are cited as: the name of the file, without its folder."""
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


def numbers(table: Table, column: pd.Series[Any], name: str, *, instead: str = "") -> Array:
    """Return a column as float64; text and infinities are problems, words for missing are NaN.

    Marks of decimals and thousands are those of the table. A column that holds words throughout is
    one problem, and `instead` says what can be done about it.
    """
    if column.dtype.kind in "fiu":
        out = column.to_numpy(dtype=float)
    else:
        texts = texts_of(column)
        out = to_floats(texts, table.marks)
        typed = np.array([isinstance(cell, int | float) for cell in column], bool)
        out[typed] = [as_float(cell) for cell in column[typed]]
        words = missing_words(table.asked)
        missing = np.array([is_missing(text, words) for text in texts], bool)
        out[missing] = np.nan
        bad = np.isnan(out) & ~missing
        if table.marks.unclear:
            bad &= ~np.array([looks_numeric(text) for text in texts], bool)
        if instead and bad.sum() > 1 and np.isnan(out).all():
            shown = ", ".join(f"'{cut(text)}'" for text in dict.fromkeys(texts[bad][:3]))
            table.problems.add(
                f"column `{cut(name)}` holds text and no number ({shown}...): {instead}"
            )
            return out
        table.add(
            np.flatnonzero(bad),
            lambda row: (
                f"{table.row_name(row)}, column `{cut(name)}`: '{cut(str(texts[row]))}' is not a number; "
                + _way_out(str(texts[row]))
            ),
        )
        _percent(table, texts, out, name)
        _spellings(table, texts, out, name)
    table.add(
        np.flatnonzero(np.isinf(out)),
        lambda row: (
            f"{table.row_name(row)}, column `{cut(name)}`: {out[row]} is infinite; "
            "leave it empty if unknown"
        ),
    )
    return without_codes(np.where(np.isinf(out), np.nan, out), table.asked, table.log)


_BOUND = re.compile(
    r"(?:[<>\u2264\u2265~\u2248]|less than|more than|under|over|up to|about|ca\.?)\s*\d.*",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\d[\d., ]*\s*(?:-|\u2013|to)\s*\d[\d., ]*%?")
_MAGNITUDE = re.compile(
    r"\D{0,3}\d[\d., ]*\s*(?:k|m|b|bn|mn|mio|mrd|tn|thousand|million|billion|trillion|lakh|crore)\.?",
    re.IGNORECASE,
)


_MARKED = re.compile(r"[-+]?\d[\d., ]*[a-z]{1,3}", re.IGNORECASE)


def _way_out(text: str) -> str:
    """Return what can be done about a cell that is no number."""
    if _BOUND.fullmatch(text):
        return "it is a bound: leave it empty and give `lower` or `upper` in a long table"
    if _RANGE.fullmatch(text):
        return "it is a range: leave it empty and give `lower` and `upper` in a long table"
    if _MAGNITUDE.fullmatch(text):
        return "write the whole number, without the magnitude; a footnote mark goes into brackets: 86 (b)"
    if _MARKED.fullmatch(text):
        return "a footnote mark goes into brackets: 86 (b)"
    if is_date(text):
        return "it is a date: a spreadsheet may have made one of a number such as 1.5; type it anew"
    return (
        "write digits with a decimal point, leave it empty if unknown, or name it with `missing` if it means that"
        if re.fullmatch(r"(?!#)\D{1,30}", text)
        else "write digits with a decimal point, or leave it empty if unknown"
    )


_NOTHING_AROUND = re.compile(r"[-+0-9.,% ]*(?:[eE][-+]?\d+)?")


def _spellings(table: Table, texts: Labels, values: Array, name: str) -> None:
    """Report what stands around numbers and was dropped; several currencies are a problem."""
    _keep_flags(table, texts, name)
    odd = [text for text in texts[~np.isnan(values)] if not _NOTHING_AROUND.fullmatch(text)]
    shown = {text: spelled(text, table.marks.flags) for text in dict.fromkeys(odd)}
    marked = [text for text, cell in shown.items() if cell.footnote]
    if marked:
        counts = Counter(mark for text in odd if (mark := shown[text].footnote))
        each = ", ".join(f"{mark} {count:,}" for mark, count in counts.most_common(8))
        table.log.note(
            f"column `{cut(name)}`: footnote marks of {counts.total():,} cells are not part of the numbers: "
            f"{few(marked)} ({each}), kept as notes"
        )
    bracketed = [text for text, cell in shown.items() if cell.brackets]
    if bracketed:
        table.log.note(
            f"column `{cut(name)}`: numbers in brackets are read as negative: {few(bracketed)}"
        )
    currencies = sorted({cell.currency for cell in shown.values()} - {""})
    if len(currencies) > 1:
        table.problems.add(
            f"column `{cut(name)}`: amounts in several currencies ({', '.join(currencies)}); convert them to one"
        )
    elif currencies:
        table.log.note(f"column `{cut(name)}`: the currency {currencies[0]} is dropped")


def _keep_flags(table: Table, texts: Labels, name: str) -> None:
    """Keep the marks behind numbers, and the flags of gaps, as notes of their cells."""
    notes = {text: _flag_of(text, table.marks) for text in dict.fromkeys(texts)}
    if any(notes.values()):
        table.notes[name] = np.array([notes[text] for text in texts], dtype=object)


def _flag_of(text: str, marks: Marks) -> str:
    """Return what the mark in a cell is as a note; empty where there is none."""
    if not text or _NOTHING_AROUND.fullmatch(text):
        return ""
    gap = FLAGGED_GAP.fullmatch(text)
    mark = (text if gap else spelled(text, marks.flags).footnote).strip(": ()[]")
    return f"{'flag' if FLAGS.issuperset(mark) else 'footnote mark'} {mark}" if mark else ""


def noted(notes: Any, more: Labels) -> Labels:
    """Return notes with further ones behind them."""
    if notes is None:
        return more
    pairs = zip(texts_of(pd.Series(notes)), more, strict=True)
    return np.array(["; ".join(filter(None, pair)) for pair in pairs], dtype=object)


def _percent(table: Table, texts: Labels, values: Array, name: str) -> None:
    """Report cells with a percent sign; beside shares of 0 to 1 their unit is a problem."""
    percent = percent_cells(texts)
    if not percent.any():
        return
    others = values[~percent & ~np.isnan(values)]
    if len(others) and (np.abs(others) <= 1).all() and (np.abs(values[percent]) > 1).any():
        row = int(np.flatnonzero(percent)[0])
        table.problems.add(
            f"{table.row_name(row)}, column `{cut(name)}`: '{texts[row]}' is a percentage among shares of 0 to 1; "
            "write all cells in one unit"
        )
        return
    count, numbers = int(percent.sum()), int((~np.isnan(values)).sum())
    table.log.note(
        f"column `{cut(name)}`: {count:,} of {numbers:,} values have a percent sign and are read as percent "
        "(45% is 45)"
    )


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
