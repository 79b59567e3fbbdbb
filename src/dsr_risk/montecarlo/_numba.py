"""Compiled loops for counting and for errors of cells; the optional extra `fast` (numba)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import MissingExtraError

try:
    from numba import njit
except ImportError:
    raise MissingExtraError.of("numba", extra="fast", purpose='`engine="numba"`') from None

__all__ = [
    "FastStream",
    "LANES",
    "count_bins",
    "count_pairs",
    "count_sorted",
    "make_keys",
    "moments_and_ends",
]

_compiled = njit(nogil=True, cache=True, error_model="numpy")


@_compiled
def moments_and_ends(x: Any, centre: Any, total: Any, square: Any) -> Any:
    """Add up distances from the centre and their squares; return the smallest and the largest value.

    A value that is not finite leaves a total that is not finite.
    """
    draws, units = x.shape
    low, high = np.full(units, np.inf), np.full(units, -np.inf)
    for row in range(draws):
        for unit in range(units):
            away = x[row, unit] - centre[unit]
            total[unit] += away
            square[unit] += away * away
        # A loop of its own: with four results a loop is not vectorised.
        for unit in range(units):
            value = x[row, unit]
            low[unit] = value if value < low[unit] else low[unit]  # noqa: FURB136 - as in `_extremes`
            high[unit] = value if value > high[unit] else high[unit]  # noqa: FURB136
    return low.min(), high.max()


@_compiled
def count_bins(x: Any, centre: Any, rate: float, starts: Any, bins: Any) -> None:
    """Count values into bins."""
    draws, units = x.shape
    for row in range(draws):
        for unit in range(units):
            away = x[row, unit] - centre[unit]
            bins[np.int64(away * rate + starts[unit])] += 1


@_compiled
def make_keys(x: Any, base: float, size: float, bits: int, keys: Any) -> None:
    """Scores as integers with the column number in the low bits."""
    draws, units = x.shape
    for row in range(draws):
        for unit in range(units):
            steps = np.uint32(np.int32((x[row, unit] - base) * size))
            keys[row, unit] = (steps << np.uint32(bits)) | np.uint32(unit)


@_compiled
def count_sorted(
    x: Any, keys: Any, bits: int, close: int, tie: float, out: Any, ranks: Any
) -> bool:
    """Count the ranks that sorted keys give; where two are too close, by the scores and the tie rule.

    The ranks are stored in `ranks` (draws, units) too, unless it is empty. Return whether any two
    scores are tied.
    """
    draws, units = keys.shape
    kept, tied = ranks.size > 0, False
    mask = np.uint32((1 << bits) - 1)
    order = np.empty(units, np.uint32)
    for row in range(draws):
        least = np.uint32(4294967295)
        for index in range(1, units):
            gap = keys[row, index] - keys[row, index - 1]
            least = min(least, np.uint32(gap))
        if least >= close:
            for index in range(units):
                out[units - index, keys[row, index] & mask] += 1
            if kept:
                for index in range(units):
                    ranks[row, keys[row, index] & mask] = units - index
        else:
            tied |= _count_exactly(x[row], keys[row], mask, tie, order, out, ranks[row : row + 1])
    return tied


@_compiled
def _count_exactly(
    x: Any, keys: Any, mask: Any, tie: float, order: Any, out: Any, ranks: Any
) -> bool:
    """Put nearly sorted units in order of their scores, then let tied neighbours share a rank.

    Return whether any do.
    """
    units = len(order)
    for index in range(units):
        unit = keys[index] & mask
        at = index
        while at > 0 and x[order[at - 1]] > x[unit]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = unit
    rank, tied = 1, False
    for index in range(units - 1, -1, -1):
        if index < units - 1 and x[order[index + 1]] - x[order[index]] > tie:
            rank = units - index
        tied |= rank != units - index
        out[rank, order[index]] += 1
        if ranks.size:
            ranks[0, order[index]] = rank
    return tied


LANES = 128
"""Draws compared at once."""

BYTE = 255
"""Comparisons that a counter of eight bits holds."""

EVEN, ONES = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0001000100010001)


@_compiled
def count_pairs(across: Any, draws: int, ties: bool, out: Any) -> None:
    """Add to `out` (units, units) how often the row's rank is below the column's.

    `across` (units, width) are the ranks of `draws` draws, filled up with zeros to a multiple of `LANES`.
    """
    units, width = across.shape
    counter = np.empty(LANES, np.uint8)
    words = counter.view(np.uint64)
    for unit in range(units - 1):
        for other in range(unit + 1, units):
            below, equal = 0, 0
            for start in range(0, width, BYTE * LANES):
                stop = min(start + BYTE * LANES, width)
                counter[:] = 0
                for at in range(start, stop, LANES):
                    _add_below(
                        across[unit, at : at + LANES], across[other, at : at + LANES], counter
                    )
                below += _sum_of(words)
                if ties:
                    counter[:] = 0
                    for at in range(start, stop, LANES):
                        _add_equal(
                            across[unit, at : at + LANES], across[other, at : at + LANES], counter
                        )
                    equal += _sum_of(words)
            out[unit, other] += below
            # The zeros that fill up are equal.
            out[other, unit] += draws - below - (equal - (width - draws) if ties else 0)


@_compiled
def _add_below(first: Any, other: Any, counter: Any) -> None:
    """Count where the first is smaller; a conditional value, which is vectorised."""
    for lane in range(len(counter)):
        counter[lane] = counter[lane] + np.uint8(1) if first[lane] < other[lane] else counter[lane]


@_compiled
def _add_equal(first: Any, other: Any, counter: Any) -> None:
    """Count where both are equal."""
    for lane in range(len(counter)):
        counter[lane] = counter[lane] + np.uint8(1) if first[lane] == other[lane] else counter[lane]


@_compiled
def _sum_of(words: Any) -> Any:
    """Return the sum of bytes, eight at a time: four 16-bit lanes, added up by a product."""
    total = np.uint64(0)
    for word in words:
        lanes = (word & EVEN) + ((word >> np.uint64(8)) & EVEN)
        total += (lanes * ONES) >> np.uint64(48)
    return np.int64(total)


RUNS = 16
STRIPE = 1024
"""Counters turned to numbers at once, one step after the other, so that each step is vectorised."""


@_compiled
def _normals(key0: int, key1: int, word2: int, word3: int, out: Any) -> None:
    """Return standard normals by counter: Philox4x32-10, then Box and Muller (1958) in single precision."""
    words = np.empty(4 * STRIPE, np.uint32)
    # Single precision is turned to double on its own: mixed, a vector would hold half as many.
    single = np.empty(4 * STRIPE, np.float32)
    size, half = len(out), 2 * STRIPE
    start, counter = 0, 0
    while start < size:
        _philox(key0, key1, counter, word2, word3, words)
        for index in range(half):
            radius = _radius(words[index])
            sine, cosine = _turned(words[half + index])
            single[index] = radius * cosine
            single[half + index] = radius * sine
        stop = min(start + 4 * STRIPE, size)
        for index in range(stop - start):
            out[start + index] = single[index]
        start, counter = stop, counter + STRIPE


@_compiled
def _philox(key0: int, key1: int, counter: int, word2: int, word3: int, out: Any) -> None:
    """4 x 1024 random words of consecutive counters (Salmon et al. 2011)."""
    low = np.uint64(0xFFFFFFFF)
    for index in range(STRIPE):
        a, b = np.uint64(counter + index) & low, np.uint64(counter + index) >> np.uint64(32)
        c, d = np.uint64(word2), np.uint64(word3)
        k, m = np.uint64(key0), np.uint64(key1)
        for _ in range(10):
            first = np.uint64(0xD2511F53) * a
            second = np.uint64(0xCD9E8D57) * c
            a = (second >> np.uint64(32)) ^ b ^ k
            b = second & low
            c = (first >> np.uint64(32)) ^ d ^ m
            d = first & low
            k = (k + np.uint64(0x9E3779B9)) & low
            m = (m + np.uint64(0xBB67AE85)) & low
        out[index] = a
        out[STRIPE + index] = b
        out[2 * STRIPE + index] = c
        out[3 * STRIPE + index] = d


@njit(inline="always", error_model="numpy")
def _log(x: Any) -> Any:
    """Return the logarithm of a normal single-precision number (Cephes), without a branch."""
    bits = np.float32(x).view(np.int32)
    exponent = np.float32((bits >> 23) - 126)
    part = np.int32((bits & 0x007FFFFF) | 0x3F000000).view(np.float32)
    low = part < np.float32(0.70710678)
    exponent = exponent - np.float32(1) if low else exponent
    part = part + part - np.float32(1) if low else part - np.float32(1)
    square = part * part
    p = np.float32(7.0376836292e-2)
    p = p * part + np.float32(-1.1514610310e-1)
    p = p * part + np.float32(1.1676998740e-1)
    p = p * part + np.float32(-1.2420140846e-1)
    p = p * part + np.float32(1.4249322787e-1)
    p = p * part + np.float32(-1.6668057665e-1)
    p = p * part + np.float32(2.0000714765e-1)
    p = p * part + np.float32(-2.4999993993e-1)
    p = p * part + np.float32(3.3333331174e-1)
    result = part * square * p - np.float32(0.5) * square + part
    return result + exponent * np.float32(0.6931471806)


@njit(inline="always", error_model="numpy")
def _radius(word: Any) -> Any:
    """Return the root of twice the exponential variate that a random word makes."""
    # Half a word: the conversion of signed numbers is the fast one.
    half = np.float32(np.int32(word >> np.uint32(1)))
    share = (half + np.float32(0.5)) * np.float32(4.656612873e-10)
    return np.sqrt(np.float32(-2) * _log(share))


@njit(inline="always", error_model="numpy")
def _turned(word: Any) -> Any:
    """Sine and cosine of the random angle that a word makes (Cephes), without a branch."""
    ahead = np.uint32(word + np.uint32(0x20000000))
    quarter = np.int32(ahead >> np.uint32(30))
    rest = np.int32(np.int32(ahead & np.uint32(0x3FFFFFFF)) - np.int32(0x20000000))
    angle = np.float32(rest) * np.float32(1.4629180793e-9)
    square = angle * angle
    s = np.float32(-1.9515295891e-4) * square + np.float32(8.3321608736e-3)
    s = s * square + np.float32(-1.6666654611e-1)
    s = s * square * angle + angle
    c = np.float32(2.443315711809948e-5) * square + np.float32(-1.388731625493765e-3)
    c = c * square + np.float32(4.166664568298827e-2)
    c = c * square * square - np.float32(0.5) * square + np.float32(1)
    odd = (quarter & 1) == 1
    sine = c if odd else s
    cosine = s if odd else c
    sine = -sine if quarter > 1 else sine
    cosine = -cosine if np.int32(quarter + 1) & 2 else cosine
    return sine, cosine


class FastStream:
    """A stream of random numbers whose normals come from compiled loops; the rest is numpy's."""

    def __init__(self, plain: np.random.Generator) -> None:
        self._plain = plain
        self._made = 0
        self._words = plain.integers(0, 1 << 32, 3, dtype=np.uint64).tolist()

    def standard_normal(self, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """Return standard normals in single precision, held in double."""
        out = np.empty(math.prod(shape))
        key0, key1, word = self._words
        _normals(key0, key1, word, self._made, out)
        self._made += 1
        return out.reshape(shape)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


@_compiled
def add_errors(noise: Any, size: Any, base: Any) -> None:
    """Return standard numbers (draws, k, n) to values with errors of the sizes given, in place."""
    draws, rows, units = noise.shape
    for draw in range(draws):
        for row in range(rows):
            for unit in range(units):
                noise[draw, row, unit] = noise[draw, row, unit] * size[row, unit] + base[row, unit]


@_compiled
def scale_rows(
    x: Any, start: Any, end: Any, sign: Any, keep: Any, lower: float, upper: float
) -> None:
    """Put raw rows (draws, k, n) on the scale, in place: the compiled loop of ``linear_columns``.

    A row lies between its `start` and `end`, or, where `sign` is that of its direction and not 0, between the
    extremes of its own kept units.
    """
    draws, rows, units = x.shape
    length = upper - lower
    is_whole = keep.all()
    lows, highs = np.empty(RUNS), np.empty(RUNS)
    for draw in range(draws):
        for row in range(rows):
            values = x[draw, row]
            first, last = start[row], end[row]
            if sign[row] != 0:
                low, high = _extremes(values if is_whole else values[keep], lows, highs)
                first, last = (low, high) if sign[row] > 0 else (high, low)
            rate = length / (last - first)
            for unit in range(units):
                value = (values[unit] - first) * rate
                value = 0.0 if value < 0.0 else value  # noqa: FURB136 - NaN must stay NaN
                value = length if value > length else value  # noqa: FURB136
                values[unit] = value + lower


@njit(inline="always", error_model="numpy")
def _extremes(x: Any, lows: Any, highs: Any) -> Any:
    """Return the smallest and largest number, NaN left out; in lanes, for a single run is not vectorised."""
    lows[:] = np.inf
    highs[:] = -np.inf
    even = len(x) // RUNS * RUNS
    for first in range(0, even, RUNS):
        for lane in range(RUNS):
            value = x[first + lane]
            lows[lane] = value if value < lows[lane] else lows[lane]  # noqa: FURB136
            highs[lane] = value if value > highs[lane] else highs[lane]  # noqa: FURB136
    low, high = np.inf, -np.inf
    for index in range(even, len(x)):
        low = x[index] if x[index] < low else low  # noqa: FURB136
        high = x[index] if x[index] > high else high  # noqa: FURB136
    for lane in range(RUNS):
        low, high = min(low, lows[lane]), max(high, highs[lane])
    return low, high
