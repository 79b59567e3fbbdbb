"""Compiled loops for counting and for errors of cells; the optional extra `fast` (numba)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._util.compiled import compiled, inlined

__all__ = [
    "FastStream",
    "bits_of",
    "count_bins",
    "count_sorted",
    "make_keys",
    "moments_and_ends",
]

ROWS = 4
"""Draws added up at once, so that sums are read and written once for all of them."""


@compiled
def moments_and_ends(x: Any, centre: Any, total: Any, square: Any) -> Any:
    """Add up distances from the centre and their squares; return the smallest and the largest value.

    A value that is not finite leaves a total that is not finite.
    """
    draws, units = x.shape
    low, high = np.full(units, np.inf), np.full(units, -np.inf)
    even = draws // ROWS * ROWS
    for row in range(0, even, ROWS):
        for unit in range(units):
            a, b = x[row, unit] - centre[unit], x[row + 1, unit] - centre[unit]
            c, d = x[row + 2, unit] - centre[unit], x[row + 3, unit] - centre[unit]
            total[unit] += (a + b) + (c + d)
            square[unit] += (a * a + b * b) + (c * c + d * d)
        # A loop of its own: with four results a loop is not vectorised.
        for unit in range(units):
            a, b, c, d = x[row, unit], x[row + 1, unit], x[row + 2, unit], x[row + 3, unit]
            least, most = (a, b) if a < b else (b, a)
            other, others = (c, d) if c < d else (d, c)
            least = other if other < least else least  # noqa: FURB136 - as in `_extremes`
            most = others if others > most else most  # noqa: FURB136
            low[unit] = least if least < low[unit] else low[unit]  # noqa: FURB136
            high[unit] = most if most > high[unit] else high[unit]  # noqa: FURB136
    for row in range(even, draws):
        for unit in range(units):
            value = x[row, unit]
            away = value - centre[unit]
            total[unit] += away
            square[unit] += away * away
            low[unit] = value if value < low[unit] else low[unit]  # noqa: FURB136
            high[unit] = value if value > high[unit] else high[unit]  # noqa: FURB136
    return low.min(), high.max()


@compiled
def count_bins(x: Any, centre: Any, rate: float, starts: Any, bins: Any) -> None:
    """Count values into bins."""
    draws, units = x.shape
    for row in range(draws):
        for unit in range(units):
            away = x[row, unit] - centre[unit]
            bins[np.int64(away * rate + starts[unit])] += 1


@compiled
def make_keys(x: Any, base: float, size: float, bits: int, keys: Any) -> None:
    """Write scores as integers with the column number in the low bits."""
    draws, units = x.shape
    for row in range(draws):
        for unit in range(units):
            steps = np.uint32(np.int32((x[row, unit] - base) * size))
            keys[row, unit] = (steps << np.uint32(bits)) | np.uint32(unit)


@compiled
def count_sorted(  # noqa: C901 - one compiled loop
    x: Any, centre: Any, keys: Any, limits: Any, out: Any, bits: Any, above: Any
) -> None:
    """Count the ranks that sorted keys give; where two are too close, by the scores and the tie rule.

    Scores are `x` and the `centre` of their column together; `limits` are the least gap of two keys that is
    not too close, and the largest distance of two scores that are tied.
    Unless it is empty, `above` (units, units) receives how often the row ranks before the column; `bits` are
    the marks of ``bits_of``. Which units rank below each is marked by a bit a unit, and carry-save adders
    add one bit of all units of a word at once; level l of the counters is worth 2 to the l (Harley and Seal;
    Warren, H. S. (2013), Hacker's Delight, 2nd ed., section 5-1).
    """
    draws, units = keys.shape
    close, tie = limits
    mask = _low_bits(units)
    order, ranks = np.empty(units, np.uint32), np.empty(units, np.int64)
    levels = 2
    while (draws if above.size else 0) >> levels:
        levels += 1
    counters = np.zeros((levels, units, bits.shape[1]), np.uint64)
    waiting, spare = np.zeros_like(counters), np.zeros((3, units, bits.shape[1]), np.uint64)
    waits = np.zeros(levels, np.bool_)
    for row in range(draws):
        least = np.uint32(4294967295)
        for index in range(1, units):
            gap = keys[row, index] - keys[row, index - 1]
            least = min(least, np.uint32(gap))
        marks = spare[2] if waits[0] else waiting[0]
        if least >= close:
            for index in range(units):
                out[units - index, keys[row, index] & mask] += 1
            if above.size:
                _mark_below(keys[row], mask, bits, marks)
        else:
            _rank_exactly(x[row], centre, keys[row], tie, order, ranks)
            for index in range(units):
                out[ranks[index], order[index]] += 1
            if above.size:
                _mark_below_ranks(order, ranks, bits, marks)
        if above.size:
            _carry(counters, waiting, waits, spare)
    if above.size:
        _add_up(counters, waiting, waits, above)


@compiled
def _low_bits(units: int) -> Any:
    """Return the bits of a key that hold the unit."""
    mask = np.uint32(1)
    while mask < units:
        mask <<= np.uint32(1)
    return mask - np.uint32(1)


@compiled
def _rank_exactly(x: Any, centre: Any, keys: Any, tie: float, order: Any, ranks: Any) -> None:
    """Put nearly sorted units in order of their scores, then let tied neighbours share a rank."""
    units = len(order)
    mask = _low_bits(units)
    scores = x + centre
    for index in range(units):
        unit = keys[index] & mask
        at = index
        while at > 0 and scores[order[at - 1]] > scores[unit]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = unit
    rank = 1
    for index in range(units - 1, -1, -1):
        if index < units - 1 and scores[order[index + 1]] - scores[order[index]] > tie:
            rank = units - index
        ranks[index] = rank


@compiled
def _mark_below(keys: Any, mask: Any, bits: Any, below: Any) -> None:
    """Mark which units rank below each, where none are tied and the units are in ascending order."""
    for word in range(0, below.shape[1], QUAD):
        # Variables, not an array: what is stored by the word would be loaded by four.
        a = b = c = d = np.uint64(0)
        some, marks = below[:, word : word + QUAD], bits[:, word : word + QUAD]
        for index in range(len(keys)):
            unit = keys[index] & mask
            some[unit, 0], some[unit, 1], some[unit, 2], some[unit, 3] = a, b, c, d
            a |= marks[unit, 0]
            b |= marks[unit, 1]
            c |= marks[unit, 2]
            d |= marks[unit, 3]


@compiled
def _mark_below_ranks(order: Any, ranks: Any, bits: Any, below: Any) -> None:
    """Mark which units rank below each, of units in ascending order of which some are tied."""
    seen = np.zeros(below.shape[1], np.uint64)
    start = 0
    for index in range(len(order)):
        if ranks[index] != ranks[start]:
            for at in range(start, index):
                seen |= bits[order[at]]
            start = index
        below[order[index]] = seen


QUAD = 4
"""Words of marks that are handled at once."""


@lru_cache(maxsize=16)
def bits_of(units: int) -> NDArray[np.uint64]:
    """Return (units, words) the mark of every unit: one bit of all words, whose number divides by `QUAD`."""
    out = np.zeros((units, QUAD * -(-units // (64 * QUAD))), np.uint64)
    unit = np.arange(units)
    out[unit, unit // 64] = np.uint64(1) << (unit % 64).astype(np.uint64)
    return out


@compiled
def _carry(counters: Any, waiting: Any, waits: Any, spare: Any) -> None:
    """Take in new marks: two that wait for a level make one for the next.

    The new marks are in ``waiting[0]`` if none waited there, else in ``spare[2]``.
    """
    level = 0
    coming = spare[2]
    while waits[level]:
        target = spare[level % 2] if waits[level + 1] else waiting[level + 1]
        _add_two(
            counters[level].reshape(-1),
            waiting[level].reshape(-1),
            coming.reshape(-1),
            target.reshape(-1),
        )
        waits[level] = False
        coming, level = target, level + 1
    waits[level] = True


@compiled
def _add_up(counters: Any, waiting: Any, waits: Any, above: Any) -> None:
    """Turn the counters of marks to counts."""
    levels, units, words = counters.shape
    counts = np.empty(64 * words, np.int64)
    for unit in range(units):
        counts[:] = 0
        for level in range(levels):
            _spread(counters[level, unit], np.int64(1 << level), counts)
            if waits[level]:
                _spread(waiting[level, unit], np.int64(1 << level), counts)
        for other in range(units):
            above[unit, other] += counts[other]


@compiled
def _add_two(counter: Any, first: Any, other: Any, carry: Any) -> None:
    """Add two marks to a counter of one bit a unit; write what it cannot hold to `carry`."""
    for word in range(len(counter)):
        odd = counter[word] ^ first[word]
        both = counter[word] & first[word]
        carry[word] = both | (odd & other[word])
        counter[word] = odd ^ other[word]


@compiled
def _spread(marks: Any, worth: Any, counts: Any) -> None:
    """Add `worth` to the count of every unit whose bit is set."""
    for word in range(len(marks)):
        bits = marks[word]
        if bits == 0:
            continue
        for bit in range(64):
            counts[64 * word + bit] += worth * np.int64((bits >> np.uint64(bit)) & np.uint64(1))


RUNS = 16
STRIPE = 1024
"""Counters turned to numbers at once, one step after the other, so that each step is vectorised."""


@compiled
def _normals(key0: int, key1: int, word2: int, word3: int, out: Any) -> None:
    """Write standard normals by counter: Philox4x32-10, then Box and Muller (1958) in single precision."""
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


@compiled
def _philox(key0: int, key1: int, counter: int, word2: int, word3: int, out: Any) -> None:
    """Draw 4 x 1024 random words of consecutive counters (Salmon et al. 2011)."""
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


@inlined
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


@inlined
def _radius(word: Any) -> Any:
    """Return the root of twice the exponential variate that a random word makes."""
    # Half a word: the conversion of signed numbers is the fast one.
    half = np.float32(np.int32(word >> np.uint32(1)))
    share = (half + np.float32(0.5)) * np.float32(4.656612873e-10)
    return np.sqrt(np.float32(-2) * _log(share))


@inlined
def _turned(word: Any) -> Any:
    """Return sine and cosine of the random angle that a word makes (Cephes), without a branch."""
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


@compiled
def add_errors(noise: Any, size: Any, base: Any) -> None:
    """Turn standard numbers (draws, k, n) to values with errors of the sizes given, in place."""
    draws, rows, units = noise.shape
    for draw in range(draws):
        for row in range(rows):
            for unit in range(units):
                noise[draw, row, unit] = noise[draw, row, unit] * size[row, unit] + base[row, unit]


@compiled
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


@inlined
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
