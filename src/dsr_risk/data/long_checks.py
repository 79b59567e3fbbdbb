"""Checks of a long table: its columns, its words and its numbers."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from ..errors import DataError, did_you_mean
from .column_names import LABELS
from .countries import to_iso3
from .evidence import CONFIDENCE, LONG_COLUMNS
from .table import Table

__all__ = ["cell_name", "check_cells", "check_columns"]


WORDS = {
    "confidence": tuple(CONFIDENCE),
    "claim": ("confirmed", "probable", "alleged", "denied", "refuted"),
    "flag": ("observed", "imputed", "treated"),
}


OF_RECORDS = frozenset({"supplier", "origin", "layer", "mean"})
"""Columns of tables of ``records`` that are near to names of a long table, and are none of them."""


MISTYPED = 0.75
"""The likeness from which on a name may be one of a long table, mistyped."""


def check_columns(table: Table, names: dict[str, str]) -> None:
    """Refuse a table without values; report columns that a long table does not have."""
    if {"record", "contribution"} <= set(names) and "value" not in names:
        table.problems.add(
            "a trace holds what each record contributes to an indicator, not the indicator: call the function of "
            "`records` without `_trace`"
        )
        table.problems.raise_as(DataError)
    if "value" not in names:
        table.problems.add(
            "no column `value`: a long table has `iso3`, `indicator` and `value`; "
            + did_you_mean("value", names)
        )
        table.problems.raise_as(DataError)
    for folded, name in names.items():
        if name == table.key or folded in LONG_COLUMNS or folded in LABELS:
            continue
        near = difflib.get_close_matches(folded, LONG_COLUMNS, n=1, cutoff=MISTYPED)
        if folded in OF_RECORDS or not near:
            table.log.ignore(name, "no column of a long table")
        else:
            table.problems.add(
                f"unknown column `{name}` in a long table: rename it, use `note`, or remove it; "
                + did_you_mean(name, LONG_COLUMNS)
            )


def check_cells(table: Table, cells: pd.DataFrame) -> None:
    """Add a problem for every cell whose words or numbers break a rule."""

    def say(mask: Any, text: Callable[[int], str]) -> None:
        table.add(
            np.flatnonzero(np.asarray(mask)),
            lambda row: f"{cell_name(table, cells, row)}: {text(row)}",
        )

    _check_words(cells, say)
    _check_numbers(cells, say)


def _check_words(cells: pd.DataFrame, say: Callable[[Any, Callable[[int], str]], None]) -> None:
    say(cells["indicator"] == "", lambda row: "the indicator is empty; name it")
    for name, words in WORDS.items():
        if name in cells:
            say(
                ~cells[name].isin(["", *words]),
                lambda row, name=name, words=words: (  # type: ignore[misc]
                    f"`{name}` is '{cells[name][row]}'; expected one of {', '.join(words)}, or nothing"
                ),
            )
    if "reason" in cells:
        say(
            (cells["reason"] != "") & cells["value"].notna(),
            lambda row: (
                f"has a value, {cells['value'][row]:g}, and a reason why it has none; keep one"
            ),
        )
    if "focal" in cells:
        origin = cells["focal"].to_numpy(dtype=object)
        say(
            (origin != "") & (to_iso3(origin) != origin),
            lambda row: (
                f"`focal` is '{origin[row]}'; expected the ISO 3166 alpha-3 code of a country"
            ),
        )


def _check_numbers(cells: pd.DataFrame, say: Callable[[Any, Callable[[int], str]], None]) -> None:
    if "std_error" in cells:
        say(
            cells["std_error"] < 0,
            lambda row: f"`std_error` is {cells['std_error'][row]:g}; must be >= 0",
        )
    crossed = pd.Series(False, cells.index)
    if {"lower", "upper"} <= set(cells):
        crossed = cells["lower"] > cells["upper"]
        say(
            crossed,
            lambda row: f"`lower` {cells['lower'][row]:g} is above `upper` {cells['upper'][row]:g}",
        )
    for bound, outside in (("lower", np.less), ("upper", np.greater)):
        if bound in cells:
            say(
                outside(cells["value"], cells[bound]) & ~crossed,
                lambda row, bound=bound: (  # type: ignore[misc]
                    f"the value {cells['value'][row]:g} lies outside its own `{bound}`, "
                    f"{cells[bound][row]:g}; correct one of the two"
                ),
            )
    if "chosen" in cells:
        say(
            ~cells["chosen"].isin([0, 1]) & cells["chosen"].notna(),
            lambda row: (
                f"`chosen` is {cells['chosen'][row]}; must be 1 (used), 0 (kept beside it) or empty"
            ),
        )


def cell_name(table: Table, cells: pd.DataFrame, row: int) -> str:
    """Return how messages name a cell: its row and its indicator."""
    return f"{table.row_name(row)}, `{cells['indicator'][row]}`"
