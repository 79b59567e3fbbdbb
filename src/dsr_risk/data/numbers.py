"""The cells of a column as numbers; what is none is a problem."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from .._util.checks import as_float
from .._util.types import Array, Labels
from .around import flag_of, report_around
from .marks import is_missing, looks_numeric, missing_words, to_floats, without_codes
from .reading import cut
from .table import Table, texts_of
from .years import is_date

__all__ = ["numbers"]


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
        _keep_flags(table, texts, name)
        report_around(table, column, texts, out, name)
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


def _keep_flags(table: Table, texts: Labels, name: str) -> None:
    """Keep the marks behind numbers, and the flags of gaps, as notes of their cells."""
    notes = {text: flag_of(text, table.marks) for text in dict.fromkeys(texts)}
    if any(notes.values()):
        table.notes[name] = np.array([notes[text] for text in texts], dtype=object)
