"""Scrambled Sobol' points without scipy.stats, loading which takes longer than loading pandas."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import scipy
from numpy.typing import NDArray

from .types import Array

__all__ = ["SobolPoints"]


BITS = 30
MOST = 1 << BITS
"""Points that one sequence has."""
PURPOSE = 0x50B0
"""What keeps these random numbers apart from others of the same seed."""
TABLE = Path(scipy.__file__).parent / "stats" / "_sobol_direction_numbers.npz"
"""The direction numbers of Joe and Kuo that scipy comes with."""


class SobolPoints:
    """A scrambled Sobol' sequence; any part of it at any time, the same numbers as scipy.stats.qmc.Sobol.

    Scrambled by a random lower triangular matrix for each dimension and a random shift.

    Parameters
    ----------
    dimension
        At most 21,201.
    seed
        Of the scrambling.

    References
    ----------
    Joe, S. and Kuo, F. Y. (2008), SIAM J. Sci. Comput. 30(5), 2635-2654; Antonov, I. A. and Saleev, V. M. (1979),
    USSR Comput. Math. Math. Phys. 19(1), 252-256, for the order by Gray code; Matousek, J. (1998), J. Complexity
    14(4), 527-556, for the scrambling.

    Examples
    --------
    >>> points = SobolPoints(2, seed=0).points(0, 4)
    >>> points.shape, np.sort(points // 0.25, axis=0).tolist()
    ((4, 2), [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    """

    def __init__(self, dimension: int, seed: int) -> None:
        # As scipy seeds a sequence that is given a generator.
        sequence = np.random.SeedSequence([seed, PURPOSE]).spawn(1)[0]
        rng = np.random.default_rng(sequence)
        shift = rng.integers(2, size=(dimension, BITS), dtype=np.uint32)
        matrix = np.tril(rng.integers(2, size=(dimension, BITS, BITS), dtype=np.uint32))
        self._shift = shift @ (np.uint32(1) << np.arange(BITS, dtype=np.uint32))
        self._directions = _scrambled(_directions(dimension), matrix)
        self._tables: dict[int, NDArray[np.uint32]] = {}

    def points(self, start: int, size: int) -> Array:
        """Return (size, dimension) points from number `start` on; each dimension lies together in memory.

        Raises
        ------
        ValueError
            Beyond the last point of the sequence.
        """
        if start + size > MOST:
            raise ValueError(
                f"a Sobol' sequence has {MOST:,} points, asked for {start + size:,}; draw fewer, or "
                'use `sampling="random"`'
            )
        out = np.empty((len(self._shift), size))
        low = max(0, int(size - 1).bit_length())
        done = 0
        while done < size:
            high, first = divmod(start + done, 1 << low)
            count = min((1 << low) - first, size - done)
            part = self._table(low)[:, first : first + count] ^ self._base(high, low)[:, None]
            # Of signed numbers the conversion is the fast one.
            np.multiply(part.view(np.int32), 1 / MOST, out=out[:, done : done + count])
            done += count
        return out.T

    def _base(self, high: int, low: int) -> NDArray[np.uint32]:
        """Return (dimension,) what the bits of a point's number above the lowest `low` make of the shift."""
        code = (high ^ (high >> 1)) << low
        if low and high & 1:
            code ^= 1 << (low - 1)
        out = self._shift.copy()
        for bit in range(BITS):
            if code >> bit & 1:
                out ^= self._directions[:, bit]
        return out

    def _table(self, low: int) -> NDArray[np.uint32]:
        """Return (dimension, 2**low) what the lowest bits of a point's number add, in the order of numbers."""
        if low not in self._tables:
            table = np.zeros((len(self._shift), 1), np.uint32)
            for bit in range(low):
                # A Gray code goes through the smaller one forwards, then backwards with one more bit.
                table = np.hstack([table, table[:, ::-1] ^ self._directions[:, bit, None]])
            self._tables[low] = table
        return self._tables[low]


@lru_cache(maxsize=1)
def _table_of_directions() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    with np.load(TABLE, allow_pickle=False) as saved:
        return saved["poly"].astype(np.uint32), saved["vinit"].astype(np.uint32)


def _directions(dimension: int) -> NDArray[np.uint32]:
    """Return (dimension, bits) direction numbers (Bratley and Fox 1988, section 2)."""
    polynomials, first = (part[:dimension] for part in _table_of_directions())
    out = np.ones((dimension, BITS), np.uint32)
    degrees = np.array([int(number).bit_length() - 1 for number in polynomials], np.intp)
    for degree in np.unique(degrees[degrees > 0]).tolist():
        rows = np.flatnonzero(degrees == degree)
        part = np.zeros((len(rows), BITS), np.uint32)
        part[:, :degree] = first[rows, :degree]
        for column in range(degree, BITS):
            value = part[:, column - degree].copy()
            for back in range(1, degree + 1):
                has_term = (polynomials[rows] >> np.uint32(degree - back)) & np.uint32(1)
                value ^= has_term * (part[:, column - back] << np.uint32(back))
            part[:, column] = value
        out[rows] = part
    return out << np.arange(BITS - 1, -1, -1, dtype=np.uint32)


def _scrambled(directions: NDArray[np.uint32], matrix: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Multiply the bits of every direction number with its dimension's matrix, modulo 2."""
    places = np.arange(BITS - 1, -1, -1, dtype=np.uint32)
    bits = ((directions[:, :, None] >> places) & np.uint32(1)).astype(np.float32)
    matrix[:, np.arange(BITS), np.arange(BITS)] = 1
    # Sums of at most 30 ones are exact in single precision.
    product = bits @ np.swapaxes(matrix, 1, 2).astype(np.float32)
    return np.asarray(
        ((product.astype(np.uint32) & np.uint32(1)) << places).sum(axis=2, dtype=np.uint32)
    )
