"""Ranks of many draws at once: 1 is most risk, ties as in `ranking.rank_descending`.

Scores are turned into 32-bit keys, the high bits the score and the low bits the country, and keys are
sorted as plain integers; that is several times faster than sorting with an index. Draws in which two
scores are too close for the key to tell apart, or tied, are ranked again by the exact rule, so every
rank is exact.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._util.types import Array, Counts, Mask
from ..scoring.kernel import Scratch
from ..scoring.ranking import TIE

__all__ = ["count_exactly", "count_ranks", "each_row", "ranks_of", "repeated"]

Whole = NDArray[np.integer[Any]]

STRIP = 8
"""Countries compared with all others at once."""

MOST_BITS = 10
"""More countries than 2 to this power leave too few bits of a key for the score."""


def ranks_of(x: Array, length: float) -> Array:
    """(draws, m) ranks of scores x (draws, m); NaN is not ranked.

    Examples
    --------
    >>> ranks_of(np.array([[10.0, 30.0, np.nan, 30.0, 20.0]]), 100.0).tolist()
    [[4.0, 1.0, nan, 1.0, 3.0]]
    """
    order = np.argsort(-x, axis=1)
    ordered = np.take_along_axis(x, order, axis=1)
    apart = np.ones(x.shape, bool)
    with np.errstate(invalid="ignore"):
        apart[:, 1:] = ordered[:, :-1] - ordered[:, 1:] > TIE * length
    start = np.maximum.accumulate(np.where(apart, np.arange(x.shape[1]), 0), axis=1)
    out = np.empty(x.shape)
    np.put_along_axis(out, order, np.where(np.isnan(ordered), np.nan, start + 1.0), axis=1)
    return out


def count_ranks(
    x: Array,
    length: float,
    scratch: Scratch,
    out: Whole,
    above: Counts | None = None,
    later: list[Array] | None = None,
    ends: tuple[float, float] | None = None,
    *,
    fast: bool = False,
) -> None:
    """Count the ranks of m countries in x (draws, m).

    Adds to out (m + 1, m), row r column c, how often country c has rank r (row 0 is of no account), and
    to above (m, m), if given, how often the row's country ranks before the column's. With `later`, and
    without `above`, draws that need the exact rule are put there to be counted together. `ends` are
    the smallest and largest score, if known; with `fast` compiled loops do the counting.
    """
    m = x.shape[1]
    bits = max(1, int(m - 1).bit_length())
    if ends is None:
        ends = (float(x.min()), float(x.max())) if x.size else (0.0, 0.0)
    low, high = ends
    if not np.isfinite(high - low) or high <= low or m < 2 or bits > MOST_BITS:
        count_exactly(x, length, scratch, out, above)
        return
    base = min(low, 0.0) if low < high / 2 else low
    if fast and above is None:
        _count_compiled(x, base, high, bits, length, scratch, out)
        return
    keys = _keys(x, base, high, bits, scratch)
    keys.sort(axis=1)
    close = _closeness(base, high, bits, length)
    doubtful = _too_close(keys, close, scratch)
    np.bitwise_and(keys, np.uint32((1 << bits) - 1), out=keys)
    again = None
    if doubtful is not None and (later is None or above is not None):
        again = ranks_of(x[doubtful], length).astype(np.int64)
    if above is not None:
        tied = again is not None and bool((np.diff(np.sort(again, axis=1), axis=1) == 0).any())
        _count_pairs(_scattered(keys, doubtful, again, scratch), tied, scratch, above)
    # Ascending position p is rank m - p.
    each_row(np.add, keys, _numbers(m)[1])
    cell = scratch.get("cell", keys.shape, np.int64)
    np.copyto(cell, keys)
    if again is not None:
        cell[doubtful] = again * m + np.arange(m)
    elif doubtful is not None and later is not None:
        cell[doubtful] = 0
        later.append(x[doubtful])
    np.add.at(out.reshape(-1), cell.reshape(-1), out.dtype.type(1))


def _count_compiled(
    x: Array,
    base: float,
    high: float,
    bits: int,
    length: float,
    scratch: Scratch,
    out: Whole,
) -> None:
    """The same by compiled loops around the same sort."""
    from ._numba import count_sorted, make_keys

    keys = scratch.get("keys", x.shape, np.uint32)
    make_keys(x, base, ((1 << (32 - bits)) - 1) / (high - base), bits, keys)
    keys.sort(axis=1)
    count_sorted(x, keys, bits, _closeness(base, high, bits, length), TIE * length, out)


def _closeness(base: float, high: float, bits: int, length: float) -> int:
    """The smallest gap of two keys that certainly is no tie."""
    # A quantum is (high - base) / 2^(32 - bits); further apart than this many quanta is no tie.
    quantum = (high - base) / (1 << (32 - bits))
    return min((int(min(TIE * length / quantum, 2.0**31)) + 2) << bits, (1 << 32) - 1)


def _too_close(keys: NDArray[np.uint32], close: int, scratch: Scratch) -> Mask | None:
    """Draws in which two neighbours among the sorted keys (draws, m) are too close; None if none is."""
    draws, m = keys.shape
    flat = keys.reshape(-1)
    # One pass over all draws in a row; where one draw meets the next, the gap means nothing.
    gaps = scratch.get("gaps", (flat.size - 1,), np.uint32)
    np.subtract(flat[1:], flat[:-1], out=gaps)
    if int(gaps.min()) >= close:
        return None
    place = np.flatnonzero(gaps < close)
    out = np.zeros(draws, bool)
    out[place[place % m != m - 1] // m] = True
    return out


def _keys(x: Array, base: float, high: float, bits: int, scratch: Scratch) -> NDArray[np.uint32]:
    """Scores as integers with the column number in the low bits, (draws, m)."""
    # The sign bit must stay free: the conversion to signed integers is the fast one.
    size = ((1 << (32 - bits)) - 1) / (high - base)
    away = x if base == 0 else np.subtract(x, base, out=scratch.get("away", x.shape))
    whole = scratch.get("whole", x.shape, np.int32)
    np.multiply(away, size, out=whole, casting="unsafe")
    keys = whole.view(np.uint32)
    np.left_shift(keys, np.uint32(bits), out=keys)
    each_row(np.bitwise_or, keys, _numbers(x.shape[1])[0])
    return keys


@lru_cache(maxsize=16)
def _numbers(m: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The numbers of m countries, and the first cell of the rank of every ascending position."""
    columns = np.arange(m, dtype=np.uint32)
    return repeated(columns), repeated((m - columns) * np.uint32(m))


def count_exactly(
    x: Array, length: float, scratch: Scratch, out: Whole, above: Counts | None = None
) -> None:
    """The same as `count_ranks`, by the ranking rule itself."""
    ranks = ranks_of(x, length)
    known = ~np.isnan(ranks)
    columns = np.broadcast_to(np.arange(x.shape[1]), x.shape)[known]
    np.add.at(out, (ranks[known].astype(np.intp), columns), out.dtype.type(1))
    if above is not None:
        if known.all():
            ranks = ranks.astype(np.uint16)
        _count_pairs(ranks, True, scratch, above)


def _scattered(
    countries: NDArray[np.uint32], doubtful: Mask | None, again: Counts | None, scratch: Scratch
) -> NDArray[Any]:
    """(draws, m) ranks from the countries in ascending order of their scores."""
    draws, m = countries.shape
    ranks = scratch.get("ranks", (draws, m), np.uint8 if m < 256 else np.uint16)
    cell = scratch.get("cell", (draws, m), np.int64)
    np.add(countries, np.arange(0, draws * m, m)[:, None], out=cell)
    ranks.reshape(-1)[cell] = np.arange(m, 0, -1).astype(ranks.dtype)
    if doubtful is not None and again is not None:
        ranks[doubtful] = again
    return ranks


def _count_pairs(ranks: NDArray[Any], ties: bool, scratch: Scratch, above: Counts) -> None:
    """Add to above (m, m) how often the row's rank is below the column's in ranks (draws, m)."""
    draws, m = ranks.shape
    width = -(-draws // 8) * 8
    across = scratch.get("across", (m, width), ranks.dtype)
    across[:, :draws] = ranks.T
    across[:, draws:] = 0
    partial = bool(ranks.dtype == np.float64)
    for first in range(0, m, STRIP):
        some, rest = across[first : first + STRIP, None], across[None, first:]
        shape = (len(some), m - first, width)
        here = scratch.get("pair", shape, bool)
        before = _true(np.less(some, rest, out=here))
        above[first : first + STRIP, first:] += before
        both = ties or partial
        after = _true(np.greater(some, rest, out=here)) if both else draws - before
        # Among the strip's own countries `before` has said it all.
        above[first + STRIP :, first : first + STRIP] += after[:, STRIP:].T


def _true(here: Mask) -> Counts:
    """How many entries are True along the last axis, eight at a time: 255 words overflow no byte."""
    words = here.view(np.uint64)
    found = np.zeros(here.shape[:-1], np.int64)
    for start in range(0, words.shape[-1], 255):
        sums = np.add.reduce(words[..., start : start + 255], axis=-1)
        found += sums.view(np.uint8).reshape(*sums.shape, 8).sum(axis=-1, dtype=np.int64)
    return found


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
