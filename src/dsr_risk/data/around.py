"""Signs around numbers, dropped with a note: percent signs, currencies, units, footnote marks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from .._util.display import counted
from .._util.types import Array, Index, Labels, Mask
from .formats import Formatted
from .marks import FLAGGED_GAP, FLAGS, Marks, percent_cells
from .reading import cut, few
from .spelling import currency_of, spelled
from .table import Table

__all__ = ["flag_of", "report_around"]

_NOTHING_AROUND = re.compile(r"[-+0-9.,% ]*(?:[eE][-+]?\d+)?")
OF_CELLS = frozenset({"value", "std_error", "lower", "upper"})
"""Columns of a long table that hold numbers of several indicators."""


def report_around(
    table: Table, column: pd.Series[Any], texts: Labels, values: Array, name: str
) -> None:
    """Report what stands around the numbers of a column and was dropped.

    A column, or an indicator of a long table, in several currencies or units is a problem, and so are
    percentages among shares of 0 to 1.
    """
    percent = percent_cells(texts)
    odd = np.array([_NOTHING_AROUND.fullmatch(text) is None for text in texts], bool)
    odd &= ~np.isnan(values)
    _report_marks(table, texts[odd], name)
    units = _units(column, texts, odd)
    if not percent.any() and not (units != "").any():
        return
    before = len(table.problems.lines)
    for label, rows in _by_indicator(table, name):
        numbers = rows[~np.isnan(values[rows])]
        _check_shares(table, (texts, values, percent), numbers, label)
        _check_units(table, np.where(percent, "%", units), numbers, label)
    if len(table.problems.lines) == before:
        _report_dropped(table, percent, units[~np.isnan(values)], name)


def _report_dropped(table: Table, percent: Mask, units: Labels, name: str) -> None:
    count = int(percent.sum())
    if count:
        table.log.note(
            f"column `{cut(name)}`: {count:,} of {len(units):,} values have a percent sign and are read as "
            "percent (45% is 45)"
        )
    counts = Counter(units[units != ""])
    for unit, number in counts.most_common(4):
        share = "" if number == len(units) else f" ({number:,} of {len(units):,} values)"
        kind = "currency" if currency_of(unit) else "unit"
        table.log.note(f"column `{cut(name)}`: the {kind} {cut(unit)} is dropped{share}")


def _by_indicator(table: Table, name: str) -> Iterator[tuple[str, Index]]:
    """Yield the rows that must agree, and what they are called: a column, or each indicator of a long table."""
    label = f"column `{cut(name)}`"
    indicator = next((key for key in table.frame if str(key).casefold() == "indicator"), None)
    if indicator is None or name not in OF_CELLS:
        yield label, np.arange(len(table.frame))
        return
    codes, unique = pd.factorize(table.frame[indicator])
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(len(unique) + 1))
    for at, text in enumerate(unique):
        yield f"{label} of `{cut(str(text))}`", order[ends[at] : ends[at + 1]]


def _units(column: pd.Series[Any], texts: Labels, odd: Mask) -> Labels:
    """Return the currency or unit of every cell: as written, or as its number format says."""
    units = np.full(len(texts), "", object)
    for row, cell in enumerate(column):
        if type(cell) is Formatted:
            units[row] = cell.unit
    currencies = {text: spelled(text).currency for text in dict.fromkeys(texts[odd])}
    for index in np.flatnonzero(odd):
        units[index] = units[index] or currencies[texts[index]]
    return units


def _check_units(table: Table, units: Labels, rows: Index, label: str) -> None:
    """Add a problem for numbers in several currencies or units."""
    first: dict[str, int] = {}
    for row in rows:
        if units[row]:
            first.setdefault(currency_of(units[row]) or units[row], int(row))
    if len(first) < 2:
        return
    shown = ", ".join(f"{cut(str(units[row]))} in {table.rows.of(row)}" for row in first.values())
    money = all(currency_of(unit) for unit in first)
    what = "amounts in several currencies" if money else "values in several units"
    table.problems.add(f"{label}: {what} ({cut(shown, 120)}); convert them to one")


def _check_shares(table: Table, cells: tuple[Labels, Array, Mask], rows: Index, label: str) -> None:
    """Add a problem for percentages among shares of 0 to 1."""
    texts, values, percent = cells
    marked = rows[percent[rows]]
    sizes, others = np.abs(values[marked]), np.abs(values[rows[~percent[rows]]])
    if not len(sizes) or not len(others) or (sizes <= 1).all():
        return
    if (others <= 1).all() or (np.median(others) <= 1 < np.median(sizes)):
        row = int(marked[0])
        table.problems.add(
            f"{table.row_name(row)}, {label}: '{texts[row]}' is a percentage among shares of 0 to 1; "
            "write all cells in one unit"
        )


def _report_marks(table: Table, odd: Labels, name: str) -> None:
    """Report footnote marks and numbers in brackets."""
    shown = {text: spelled(text, table.marks.flags) for text in dict.fromkeys(odd)}
    marked = [text for text, cell in shown.items() if cell.footnote]
    if marked:
        counts = Counter(mark for text in odd if (mark := shown[text].footnote))
        each = ", ".join(f"{mark} {count:,}" for mark, count in counts.most_common(8))
        table.log.note(
            f"column `{cut(name)}`: footnote marks of {counted(counts.total(), 'cell')} are not part of the "
            "numbers: "
            f"{few(marked)} ({each}), kept as notes"
        )
    bracketed = [text for text, cell in shown.items() if cell.brackets]
    if bracketed:
        table.log.note(
            f"column `{cut(name)}`: numbers in brackets are read as negative: {few(bracketed)}"
        )


def flag_of(text: str, marks: Marks) -> str:
    """Return what the mark in a cell is as a note; empty where there is none."""
    if not text or _NOTHING_AROUND.fullmatch(text):
        return ""
    gap = FLAGGED_GAP.fullmatch(text)
    mark = (text if gap else spelled(text, marks.flags).footnote).strip(": ()[]")
    return f"{'flag' if FLAGS.issuperset(mark) else 'footnote mark'} {mark}" if mark else ""
