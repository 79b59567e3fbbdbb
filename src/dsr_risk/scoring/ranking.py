"""Rank scores: 1 is most risk, ties share the smaller rank, NaN stays NaN. Everything that ranks calls it.

Many draws are ranked by sorting integers: scores are turned into 32-bit keys, the high bits the score and
the low bits the unit, which sorts several times faster than an index. Draws in which two scores are tied,
or too close for the keys to tell apart, are ranked by the exact rule, so every rank is exact.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._util.scratch import Scratch
from .._util.types import Array, Mask

__all__ = [
    "TIE",
    "KeyRange",
    "Order",
    "closeness",
    "each_row",
    "key_range",
    "order_of",
    "rank_descending",
    "ranks_of",
    "repeated",
]

TIE = 1e-9
"""Two scores closer than this share of the scale are tied."""

MOST_BITS = 10
"""More units than 2 to this power leave too few bits of a key for the score."""


def rank_descending(
    values: Array, groups: NDArray[np.intp] | None = None, *, length: float = 100.0
) -> Array:
    """Rank (n,) values from the highest down, within groups if given; NaN is not ranked.

    Neighbours in the order that differ by no more than 1e-9 of the scale's `length` are tied and share
    the smaller rank (1, 2, 2, 4).

    Examples
    --------
    >>> rank_descending(np.array([10.0, 30.0, np.nan, 30.0, 20.0])).tolist()
    [4.0, 1.0, nan, 1.0, 3.0]
    """
    if groups is None:
        return np.asarray(ranks_of(values[None], length)[0])
    out = np.full(values.shape, np.nan)
    for label in np.unique(groups):
        members = np.flatnonzero(groups == label)
        out[members] = ranks_of(values[None, members], length)[0]
    return out


def ranks_of(x: Array, length: float, scratch: Scratch | None = None) -> Array:
    """Rank the m scores of every draw, x (draws, m), from the highest down; NaN is not ranked.

    With `scratch` the ranks live there and last until its next use.

    Examples
    --------
    >>> ranks_of(np.array([[10.0, 30.0, np.nan, 30.0, 20.0]]), 100.0).tolist()
    [[4.0, 1.0, nan, 1.0, 3.0]]
    """
    order = None if scratch is None else order_of(x, length, scratch)
    if scratch is None or order is None:
        return _exact_ranks(x, length)
    draws, m = x.shape
    cell = scratch.get("rank cell", x.shape, np.int64)
    np.add(order.units, np.arange(0, draws * m, m)[:, None], out=cell)
    # Ascending position p is rank m - p.
    descending = scratch.get("rank numbers", x.shape)
    descending[...] = np.arange(m, 0, -1)
    out = scratch.get("ranks of draws", x.shape)
    out.reshape(-1)[cell.reshape(-1)] = descending.reshape(-1)
    if order.undecided is not None:
        out[order.undecided] = _exact_ranks(x[order.undecided], length)
    return np.asarray(out)


def _exact_ranks(x: Array, length: float) -> Array:
    order = np.argsort(-x, axis=1)
    ordered = np.take_along_axis(x, order, axis=1)
    apart = np.ones(x.shape, bool)
    with np.errstate(invalid="ignore"):
        apart[:, 1:] = ordered[:, :-1] - ordered[:, 1:] > TIE * length
    start = np.maximum.accumulate(np.where(apart, np.arange(x.shape[1]), 0), axis=1)
    out = np.empty(x.shape)
    np.put_along_axis(out, order, np.where(np.isnan(ordered), np.nan, start + 1.0), axis=1)
    return out


# -- order by integer keys ----------------------------------------------------------------------


class Order(NamedTuple):
    """Units (draws, m) in ascending order of their scores, and the draws that need the exact rule."""

    units: NDArray[np.uint32]
    undecided: Mask | None


class KeyRange(NamedTuple):
    """The map from scores to keys: the score of key 0, the highest score, and the bits of a unit."""

    base: float
    high: float
    bits: int


def key_range(x: Array, ends: tuple[float, float] | None = None) -> KeyRange | None:
    """Return the range of the keys of scores x (draws, m), or None where keys cannot order them.

    `ends` are the smallest and the largest score, if known.
    """
    m = x.shape[1]
    bits = max(1, int(m - 1).bit_length())
    if m < 2 or bits > MOST_BITS or not x.size:
        return None
    low, high = (float(x.min()), float(x.max())) if ends is None else ends
    if not np.isfinite(high - low) or high <= low:
        return None
    return KeyRange(min(low, 0.0) if low < high / 2 else low, high, bits)


def order_of(
    x: Array, length: float, scratch: Scratch, ends: tuple[float, float] | None = None
) -> Order | None:
    """Order the units of every draw by their scores x (draws, m); None where keys cannot."""
    span = key_range(x, ends)
    if span is None:
        return None
    keys = _keys(x, span, scratch)
    keys.sort(axis=1)
    undecided = _too_close(keys, closeness(span, length), scratch)
    np.bitwise_and(keys, np.uint32((1 << span.bits) - 1), out=keys)
    return Order(keys, undecided)


def closeness(span: KeyRange, length: float) -> int:
    """Return the smallest gap of two keys that certainly is no tie."""
    # A quantum is (high - base) / 2^(32 - bits); further apart than this many quanta is no tie.
    quantum = (span.high - span.base) / (1 << (32 - span.bits))
    return min((int(min(TIE * length / quantum, 2.0**31)) + 2) << span.bits, (1 << 32) - 1)


def _too_close(keys: NDArray[np.uint32], close: int, scratch: Scratch) -> Mask | None:
    """Mark the draws in which two neighbours among the sorted keys (draws, m) are too close."""
    draws, m = keys.shape
    flat = keys.reshape(-1)
    # One pass over all draws in a row; where one draw meets the next, the gap means nothing.
    gaps = scratch.get("gaps", (flat.size - 1,), np.uint32)
    np.subtract(flat[1:], flat[:-1], out=gaps)
    if int(gaps.min()) >= close:
        return None
    index = np.flatnonzero(gaps < close)
    out = np.zeros(draws, bool)
    out[index[index % m != m - 1] // m] = True
    return out


def _keys(x: Array, span: KeyRange, scratch: Scratch) -> NDArray[np.uint32]:
    """Turn scores into integers with the column number in the low bits, (draws, m)."""
    # The sign bit must stay free: the conversion to signed integers is the fast one.
    size = ((1 << (32 - span.bits)) - 1) / (span.high - span.base)
    away = x if span.base == 0 else np.subtract(x, span.base, out=scratch.get("away", x.shape))
    steps = scratch.get("whole", x.shape, np.int32)
    np.multiply(away, size, out=steps, casting="unsafe")
    keys = steps.view(np.uint32)
    np.left_shift(keys, np.uint32(span.bits), out=keys)
    each_row(np.bitwise_or, keys, _columns(x.shape[1]))
    return keys


@lru_cache(maxsize=16)
def _columns(m: int) -> NDArray[np.uint32]:
    return repeated(np.arange(m, dtype=np.uint32))


# -- one row applied to every row of a block, without numpy's buffer ------------------------------

LEAST = 3 << 12
"""Numbers a loop should run over at least: above numpy's buffer of 8192, through which it copies a row that
is broadcast. At 200 units this halves the time."""


def repeated(row: NDArray[Any]) -> NDArray[Any]:
    """Return (times, m) a row as ``each_row`` takes it, as often as makes a long loop."""
    return np.tile(row, (max(1, -(-LEAST // max(1, len(row)))), 1))


def each_row(function: np.ufunc, x: NDArray[Any], rows: NDArray[Any]) -> None:
    """Call ``function(x, row, out=x)`` for every row of x (draws, m), the row ``repeated``."""
    times = len(rows)
    even = len(x) // times * times if x.flags.c_contiguous else 0
    if even:
        folded = x[:even].reshape(-1, rows.size)
        function(folded, rows.reshape(-1), out=folded)
    if even < len(x):
        function(x[even:], rows[0], out=x[even:])
