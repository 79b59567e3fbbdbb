"""Whole numbers that tell the cells of a long table apart, found without a table of hashes where that is slow."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .._util.types import Counts

__all__ = ["all_different", "distinct", "key_of"]


SPAN = 10_000
"""Whole numbers of at most this span, such as years, are numbered by their distance from the least."""


DENSE = 8
"""Numbers below this many times their count are marked one by one, which is quicker than a table of hashes."""


def all_different(cells: pd.DataFrame) -> bool:
    """Tell whether every row is about another cell: then none repeats another and none contests it."""
    return len(distinct(*key_of(cells, "iso3", "unit_year", "indicator"))) == len(cells)


def key_of(cells: pd.DataFrame, *names: str) -> tuple[Counts, int]:
    """Return whole numbers below a size that are the same where the cells of `names` are."""
    key, size = np.zeros(len(cells), np.int64), 1
    for name in names:
        codes, count = _codes(cells, name)
        key, size = key * count + codes, size * count
    return key, size


def distinct(key: Counts, size: int) -> Counts:
    """Return the numbers that occur among whole numbers below `size`."""
    if size > DENSE * (len(key) + SPAN):
        return np.asarray(pd.unique(key))
    occurs = np.zeros(size, bool)
    occurs[key] = True
    return np.flatnonzero(occurs)


def _codes(cells: pd.DataFrame, name: str) -> tuple[Counts, int]:
    """Return whole numbers below a count that are the same where the cells of a column are."""
    column = cells[name]
    if column.dtype.kind in "iu" and len(column):
        low, high = int(column.min()), int(column.max())
        if high - low < SPAN:
            return column.to_numpy(dtype=np.int64) - low, high - low + 1
    codes, unique = pd.factorize(column, use_na_sentinel=False)
    return codes, len(unique)
