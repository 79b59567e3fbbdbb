"""Points of a scrambled Sobol' sequence, any block of them at any time."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .._util.types import Array

__all__ = ["SobolPoints"]

BITS = 30
Words = NDArray[np.uint32]


class SobolPoints:
    """The points of ``scipy.stats.qmc.Sobol(dimension, scramble=True, seed=rng)``, without loading scipy.stats.

    Point i is the shift with the scrambled direction numbers of the bits of i's Gray code taken off and on
    (exclusive or), so no point needs those before it.

    References
    ----------
    Bratley, P. and Fox, B. L. (1988), Algorithm 659, ACM TOMS 14(1), 88-100; Antonov, I. A. and Saleev, V. M.
    (1979), USSR Comput. Maths. Math. Phys. 19, 252-256 (Gray code); Matousek, J. (1998), J. of Complexity 14,
    527-556 (scrambling); Joe, S. and Kuo, F. Y. (2008), SIAM J. Sci. Comput. 30(5), 2635-2654 (direction
    numbers, those that scipy ships).
    """

    def __init__(self, dimension: int, rng: np.random.Generator) -> None:
        rng = rng.spawn(1)[0]
        bits = rng.integers(2, size=(dimension, BITS), dtype=np.uint32)
        self._shift = _words(bits[:, ::-1])
        lower = np.tril(rng.integers(2, size=(dimension, BITS, BITS), dtype=np.uint32))
        lower[:, np.arange(BITS), np.arange(BITS)] = 1
        # (dimension, direction numbers, bits), the highest bit first; single precision counts bits exactly.
        plain = _bits(_directions(dimension)).astype(np.float32)
        mixed = np.matmul(plain, lower.astype(np.float32).transpose(0, 2, 1))
        self._directions = _words(mixed.astype(np.uint32) & 1)
        self._first: Words = np.zeros((dimension, 0), np.uint32)

    def block(self, number: int, size: int) -> Array:
        """(size, dimension) points from `number` times `size` on; each dimension lies together in memory."""
        start = number * size
        if start + size > 1 << BITS:
            raise ValueError(f"a Sobol' sequence has at most 2**{BITS} points")
        if size & (size - 1):
            words = self._gray(start, size)
        else:
            if self._first.shape[1] != size:
                self._first = self._gray(0, size)
            # The bits of the block's number and those of a row in it do not overlap.
            words = self._gray(start, 1) ^ self._first
        return np.asarray((words ^ self._shift[:, None]).T * 2.0**-BITS)

    def _gray(self, start: int, size: int) -> Words:
        """(dimension, size) exclusive or of the direction numbers of each row's Gray code."""
        index = np.arange(start, start + size, dtype=np.uint32)
        code = index ^ (index >> np.uint32(1))
        out = np.zeros((len(self._directions), size), np.uint32)
        for bit in range(int(code.max(initial=0)).bit_length()):
            own = (code >> np.uint32(bit)) & np.uint32(1)
            out ^= own * self._directions[:, bit, None]
        return out


def _directions(dimension: int) -> Words:
    """(dimension, BITS) direction numbers, the first with the highest bit."""
    polynomials, first = _direction_numbers()
    polynomial = polynomials[:dimension]
    out = np.ones((dimension, BITS), np.int64)
    out[1:, : first.shape[1]] = first[1:dimension]
    degree = np.array([int(value).bit_length() - 1 for value in polynomial])
    for m in np.unique(degree[1:]).tolist():
        rows = np.flatnonzero(degree == m)
        rows = rows[rows > 0]
        for j in range(m, BITS):
            new = out[rows, j - m]
            for k in range(m):
                inside = (polynomial[rows] >> (m - 1 - k)) & 1
                new = new ^ (inside * (out[rows, j - k - 1] << (k + 1)))
            out[rows, j] = new
    return np.asarray(out << np.arange(BITS - 1, -1, -1), np.uint32)


@cache
def _direction_numbers() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Primitive polynomials (21201,) and first direction numbers (21201, 18), from the file that scipy ships."""
    spec = find_spec("scipy")
    file = Path(str(spec and spec.origin)).parent / "stats" / "_sobol_direction_numbers.npz"
    with np.load(file) as numbers:
        return numbers["poly"].astype(np.int64), numbers["vinit"].astype(np.int64)


def _bits(words: Words) -> Words:
    """(..., BITS) bits of words, the highest first."""
    return (words[..., None] >> np.arange(BITS - 1, -1, -1, dtype=np.uint32)) & np.uint32(1)


def _words(bits: Words) -> Words:
    """Words of bits (..., BITS), the highest first."""
    power = np.uint32(1) << np.arange(BITS - 1, -1, -1, dtype=np.uint32)
    return np.asarray((bits * power).sum(axis=-1), np.uint32)
