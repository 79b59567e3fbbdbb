"""Count how often every unit has every rank, and how often it ranks before every other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._util.scratch import Scratch
from .._util.types import Array, Counts, Index, Mask
from ..scoring.ranking import (
    TIE,
    KeyRange,
    Order,
    closeness,
    each_row,
    key_range,
    order_of,
    ranks_of,
    repeated,
)

__all__ = ["Ranks", "count_exactly", "count_ranks"]

_EVEN, _ONES = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0001000100010001)

STRIP = 8
"""Units compared with others at once."""

MOST = 8 * 255
"""Draws compared at once: eight to a word, the sums of whose bytes do not overflow."""


@dataclass(frozen=True, eq=False)
class Ranks:
    """Counts of ranks in some draws of m units.

    ``counts`` (m + 1, m): row r column c is how often unit c had rank r (row 0 is unused). ``above``
    (m, m): how often the row's unit ranked before the column's, None if pairs were not counted.
    ``undecided`` (k, m): the scores of draws that need the exact rule (`count_exactly`) and are in no
    count yet, None if there are none.
    """

    counts: NDArray[np.integer[Any]]
    above: Counts | None = None
    undecided: Array | None = None


def count_ranks(
    x: Array,
    length: float,
    scratch: Scratch,
    *,
    pairs: bool = False,
    ends: tuple[float, float] | None = None,
    fast: bool = False,
) -> Ranks:
    """Count the ranks of the scores x (draws, m), on a scale of `length`.

    Without `pairs`, draws with ties are handed back as ``undecided``, to be counted together. `ends` are
    the smallest and the largest score, if known; with `fast` compiled loops do the counting.
    """
    draws, m = x.shape
    span = key_range(x, ends)
    if span is None:
        return count_exactly(x, length, scratch, pairs=pairs)
    if fast:
        return _count_compiled(x, span, length, scratch, pairs=pairs)
    order = order_of(x, length, scratch, ends)
    if order is None:
        return count_exactly(x, length, scratch, pairs=pairs)
    units, undecided = order
    exact = above = None
    if pairs:
        if undecided is not None:
            exact = ranks_of(x[undecided], length).astype(np.int64)
        ties = exact is not None and bool((np.diff(np.sort(exact, axis=1), axis=1) == 0).any())
        above = _count_pairs(_scattered(order, exact, scratch), ties, scratch)
    # Ascending position p is rank m - p.
    each_row(np.add, units, _first_cells(m))
    cell = scratch.get("cell", units.shape, np.int64)
    np.copyto(cell, units)
    if undecided is not None:
        cell[undecided] = 0 if exact is None else exact * m + np.arange(m)
    # 16 bits stay in a core's cache.
    out = np.zeros((m + 1, m), np.uint16 if draws < 1 << 16 else np.int64)
    np.add.at(out.reshape(-1), cell.reshape(-1), out.dtype.type(1))
    out[0] = 0
    return Ranks(out, above, x[undecided] if undecided is not None and not pairs else None)


def count_exactly(x: Array, length: float, scratch: Scratch, *, pairs: bool = False) -> Ranks:
    """Count the same by the ranking rule itself; x may hold NaN."""
    ranks = ranks_of(x, length)
    ranked = ~np.isnan(ranks)
    columns = np.broadcast_to(np.arange(x.shape[1]), x.shape)[ranked]
    out = np.zeros((x.shape[1] + 1, x.shape[1]), np.int64)
    np.add.at(out, (ranks[ranked].astype(np.intp), columns), 1)
    above = None
    if pairs:
        above = _count_pairs(ranks.astype(np.uint16).T if ranked.all() else ranks.T, True, scratch)
    return Ranks(out, above)


def _count_compiled(
    x: Array, span: KeyRange, length: float, scratch: Scratch, *, pairs: bool
) -> Ranks:
    """Count by compiled loops around the same sort."""
    from ._numba import bits_of, count_sorted, make_keys

    m = x.shape[1]
    keys = scratch.get("keys", x.shape, np.uint32)
    size = ((1 << (32 - span.bits)) - 1) / (span.high - span.base)
    make_keys(x, span.base, size, span.bits, keys)
    keys.sort(axis=1)
    out = np.zeros((m + 1, m), np.uint16 if len(x) < 1 << 16 else np.uint32)
    above = np.zeros((m, m) if pairs else (0, 0), np.int64)
    limits = (closeness(span, length), TIE * length)
    count_sorted(x, np.zeros(m), keys, limits, out, bits_of(m), above)
    return Ranks(out, above if pairs else None)


@lru_cache(maxsize=16)
def _first_cells(m: int) -> NDArray[np.uint32]:
    """Return the first cell of the rank of every ascending position."""
    return repeated((m - np.arange(m, dtype=np.uint32)) * np.uint32(m))


def _scattered(order: Order, exact: Counts | None, scratch: Scratch) -> NDArray[Any]:
    """Return (m, draws) ranks from the units in ascending order of their scores."""
    draws, m = order.units.shape
    ranks = scratch.get("ranks", (m, draws), np.uint8 if m < 256 else np.uint16)
    cell = scratch.get("cell", (draws, m), np.int64)
    np.multiply(order.units, draws, out=cell)
    cell += np.arange(draws)[:, None]
    ranks.reshape(-1)[cell] = np.arange(m, 0, -1).astype(ranks.dtype)
    if order.undecided is not None and exact is not None:
        ranks[:, order.undecided] = exact.T
    return ranks


def _count_pairs(ranks: NDArray[Any], ties: bool, scratch: Scratch) -> Counts:
    """Count in how many draws the row's rank is below the column's (m, m), from ranks (m, draws).

    Units are in order of their best rank. A unit is compared only with the units whose best rank is not above
    its own worst rank: in every draw it ranks before all the others.
    """
    m, draws = ranks.shape
    partial = bool(ranks.dtype == np.float64)
    units, stops = np.arange(m), np.full(m, m)
    if not partial:
        best = ranks.min(axis=1)
        units = np.argsort(best, kind="stable")
        stops = np.searchsorted(best[units], ranks.max(axis=1)[units], side="right")
    # Whole words; in what is added no rank is before another.
    across = scratch.get("across", (m, -(-draws // 8) * 8), ranks.dtype)
    across[:, :draws] = ranks[units]
    across[:, draws:] = 0
    before = _compared(np.less, across, stops, scratch)
    beyond = np.arange(m) >= stops[:, None]
    before[beyond] = draws
    if ties or partial:
        after = _compared(np.greater, across, stops, scratch)
        after[beyond] = 0
    else:
        after = draws - before
    inverse = np.argsort(units)
    return np.where(_upper(m), before, after.T)[inverse][:, inverse]


def _compared(compare: np.ufunc, across: NDArray[Any], stops: Index, scratch: Scratch) -> Counts:
    """Count in how many draws the comparison holds between row and column (m, m), up to the row's stop."""
    m, width = across.shape
    out = np.zeros((m, m), np.int64)
    for start in range(0, width, MOST):
        part = across[:, start : start + MOST]
        sums = np.zeros((m, m), np.uint64)
        for first in range(0, m, STRIP):
            last = min(first + STRIP, m)
            stop = int(stops[first:last].max())
            mask = scratch.get("pair", (last - first, stop - first, part.shape[1]), bool)
            compare(part[first:last, None], part[None, first:stop], out=mask)
            # Eight draws at a time; `einsum` adds up short rows in half the time of `add.reduce`.
            np.einsum("...k->...", mask.view(np.uint64), out=sums[first:last, first:stop])
        # Bytes add up to 16-bit lanes, and these by a product whose highest lane is the sum of all four.
        lanes = (sums & _EVEN) + ((sums >> np.uint64(8)) & _EVEN)
        lanes *= _ONES
        lanes >>= np.uint64(48)
        out += lanes.view(np.int64)
    return out


@lru_cache(maxsize=16)
def _upper(m: int) -> Mask:
    """Return the entries (m, m) on and above the diagonal."""
    return np.triu(np.ones((m, m), bool))
