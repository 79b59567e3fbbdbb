"""Standard normal deviates from a table, for draws that need very many of them."""

from __future__ import annotations

from functools import cache
from math import prod

import numpy as np
from numpy.typing import NDArray

from .scratch import Scratch

__all__ = ["StandardNormals", "standard_normals"]

_BITS = 16
_WORDS = 4096
"""Words of 64 random bits that are looked up at once: few enough to stay in the cache of a processor."""


class StandardNormals:
    """Independent standard normal deviates in single precision, 16 random bits each.

    Each is one of 65,536 equally probable values: the means of as many equal parts of the normal
    distribution, scaled to variance 1. The largest is 4.4. The bits are of SFC64, seeded by `rng`. About
    eight times as quick as ``Generator.standard_normal`` with Philox.

    References
    ----------
    Devroye, L. (1986), Non-Uniform Random Variate Generation, Springer, sections II.2 (inversion) and
    III.2 (table look-up); Doty-Humphrey, C. (2010), PractRand (SFC64).
    """

    def __init__(self, rng: np.random.Generator) -> None:
        seed = rng.integers(0, 2**63, 4, dtype=np.uint64)
        self._source = np.random.SFC64(np.random.SeedSequence(seed.tolist()))
        self._left: NDArray[np.uint16] = np.empty(0, "<u2")
        self._scratch = Scratch()

    def draw(self, *shape: int) -> NDArray[np.float32]:
        """Return the next deviates, in an array that the next call uses again.

        In several calls they are the same as in one.
        """
        size, table = prod(shape), _table()
        out = self._scratch.get("deviates", (size,), np.float32)
        # `take` is twice as quick with indices of its own kind; all are in the table.
        index = self._scratch.get("index", (min(size, _WORDS * 64 // _BITS),), np.intp)
        done = 0
        while done < size:
            if not len(self._left):
                words = self._source.random_raw(min(_WORDS, -(-(size - done) * _BITS // 64)))
                self._left = np.asarray(words, "<u8").view("<u2")
            count = min(len(self._left), size - done)
            index[:count] = self._left[:count]
            np.take(table, index[:count], out=out[done : done + count], mode="clip")
            self._left, done = self._left[count:], done + count
        return out.reshape(shape)


def standard_normals(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return ``StandardNormals`` of one shape."""
    return StandardNormals(rng).draw(*shape)


@cache
def _table() -> NDArray[np.float32]:
    """Return the means of 65,536 equally probable parts of the normal distribution, variance 1."""
    from scipy.special import ndtri

    count = 1 << _BITS
    edges = ndtri(np.arange(1, count) / count)
    density = np.exp(-np.square(edges) / 2) / np.sqrt(2 * np.pi)
    means = -np.diff(density, prepend=0.0, append=0.0) * count
    return np.asarray(means / np.sqrt(np.square(means).mean()), np.float32)
