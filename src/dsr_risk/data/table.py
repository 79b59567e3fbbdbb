"""A table being read: its rows by name in messages, its cells as numbers, its problems so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import DataError, Problems

__all__ = ["COUNTRY_NAMES", "LABELS", "RowNames", "Table", "is_empty", "named", "numbers"]

COUNTRY_NAMES = (
    "iso3", "iso3c", "iso_3", "iso_a3", "alpha3", "alpha-3", "iso", "country_code", "country code",
    "countrycode", "ucode", "iso2", "country", "country_name", "country name", "economy", "nation",
)  # fmt: skip
LABELS = frozenset(
    {*COUNTRY_NAMES, "name", "uname", "region", "subregion", "income", "income_group"}
)
MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "null", "none", "..", "–"})
LISTED = 1000
SHOWN = 3


@dataclass(frozen=True)
class RowNames:
    """What rows are called in messages: a word, and a number counted from `first` or listed."""

    first: int = 1
    word: str = "row"
    listed: Sequence[str] = ()

    def number(self, row: int) -> str:
        """The number of a row, as its reader counts."""
        return self.listed[row] if self.listed else str(row + self.first)

    def of(self, row: int) -> str:
        """One row in words."""
        return f"{self.word} {self.number(row)}"

    def all_of(self, rows: Iterable[int]) -> str:
        """Several rows in words."""
        return f"{self.word}s {', '.join(self.number(row) for row in rows)}"


@dataclass
class Table:
    """A table being read: the frame, what to call its rows, and the problems found so far."""

    frame: pd.DataFrame
    origin: str
    rows: RowNames
    problems: Problems
    country: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, object))
    year: NDArray[np.float64] | None = None
    undated: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))

    def place(self, row: int) -> str:
        """How a row is called in messages: its number, and its country where known."""
        who = f" ({self.country[row]})" if row < len(self.country) and self.country[row] else ""
        return f"{self.rows.of(row)}{who}"

    def refuse(self, partial: Callable[[], object]) -> None:
        """Raise with every problem found, and with what could be read; do nothing if there is none."""
        try:
            self.problems.raise_as(DataError)
        except DataError as error:
            error.partial = partial()
            raise

    def add(self, rows: NDArray[np.intp], say: Any) -> None:
        """One problem a row, said by `say(row)`; a very long list is summed up."""
        self.problems.extend(say(int(row)) for row in rows[:LISTED])
        if len(rows) > LISTED:
            self.problems.add(f"... and {len(rows) - LISTED:,} more rows with the same problem")


def named(frame: pd.DataFrame, name: str) -> str | None:
    """The column of that name, whatever its case; None if there is none."""
    return next((one for one in frame.columns if one.casefold() == name), None)


def numbers(
    table: Table, column: pd.Series[Any], name: str, *, instead: str = ""
) -> NDArray[np.float64]:
    """A column as float64; text and infinities are problems, words for missing are NaN.

    A column that holds words throughout is one problem, and `instead` what can be done about it.
    """
    if column.dtype.kind in "fiu":
        out = column.to_numpy(dtype=float)
    else:
        raw = column.astype(object).where(column.notna(), "").to_numpy(dtype=object)
        text = np.array([str(one).strip() for one in raw], dtype=object)
        out = pd.to_numeric(pd.Series(text), errors="coerce").to_numpy(dtype=float, copy=True)
        parsed = ~np.isnan(out)
        # pandas says what is a number; its fast parser may miss the last bit that Python's does not.
        out[parsed] = text[parsed].astype(float)
        out[~parsed] = [_overflow(one) for one in text[~parsed]]
        bad = np.isnan(out) & ~np.isin([one.casefold() for one in text], list(MISSING_WORDS))
        if instead and bad.sum() > 1 and np.isnan(out).all():
            words = ", ".join(f"'{_cut(one)}'" for one in dict.fromkeys(text[bad][:SHOWN]))
            table.problems.add(f"column `{name}` holds text and no number ({words}...): {instead}")
            return out
        table.add(
            np.flatnonzero(bad),
            lambda row: (
                f"{table.place(row)}, column `{name}`: '{_cut(str(text[row]))}' is not a number; "
                "write digits with a decimal point, or leave it empty if unknown"
            ),
        )
    infinite = np.flatnonzero(np.isinf(out))
    table.add(
        infinite,
        lambda row: (
            f"{table.place(row)}, column `{name}`: {out[row]} is infinite; "
            "leave it empty if unknown"
        ),
    )
    return np.where(np.isinf(out), np.nan, out)


def is_empty(column: pd.Series[Any]) -> NDArray[np.bool_]:
    """Which cells hold nothing, or a word for missing."""
    words = column.astype(object).where(column.notna(), "").astype(str).str.strip().str.casefold()
    return np.asarray(words.isin(list(MISSING_WORDS)))


def _overflow(text: str) -> float:
    """Infinity for digits too large for float64, which pandas 2 calls no number; else NaN."""
    try:
        value = float(text) if text else np.nan
    except ValueError:
        return np.nan
    return value if np.isinf(value) else np.nan


def _cut(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
