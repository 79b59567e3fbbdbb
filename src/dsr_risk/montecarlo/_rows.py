"""One row applied to every row of a block, without numpy's buffer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["each_row", "repeated"]

LEAST = 3 << 12
"""Numbers a loop should run over at least: above numpy's buffer of 8192, through which it copies a row that
is broadcast. At 200 countries this halves the time."""


def repeated(row: NDArray[Any]) -> NDArray[Any]:
    """(times, m) a row as ``each_row`` takes it, as often as makes a long loop."""
    return np.tile(row, (max(1, -(-LEAST // max(1, len(row)))), 1))


def each_row(function: np.ufunc, x: NDArray[Any], rows: NDArray[Any]) -> None:
    """``function(x, row, out=x)`` for every row of x (draws, m), the row ``repeated``."""
    times = len(rows)
    whole = len(x) // times * times if x.flags.c_contiguous else 0
    if whole:
        folded = x[:whole].reshape(-1, rows.size)
        function(folded, rows.reshape(-1), out=folded)
    if whole < len(x):
        function(x[whole:], rows[0], out=x[whole:])
