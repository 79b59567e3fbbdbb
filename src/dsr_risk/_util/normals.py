"""Standard normal deviates from a table, for draws that need very many of them."""

from __future__ import annotations

from functools import cache
from math import prod

import numpy as np
from numpy.typing import NDArray

__all__ = ["standard_normals"]

_BITS = 16


def standard_normals(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return independent standard normal deviates in single precision, 16 random bits each.

    Each is one of 65,536 equally probable values: the means of as many equal parts of the normal
    distribution, scaled to variance 1. The largest is 4.4. The bits are of SFC64, seeded by `rng`. About
    eight times as quick as ``Generator.standard_normal`` with Philox.

    References
    ----------
    Devroye, L. (1986), Non-Uniform Random Variate Generation, Springer, sections II.2 (inversion) and
    III.2 (table look-up); Doty-Humphrey, C. (2010), PractRand (SFC64).
    """
    size = prod(shape)
    seed = rng.integers(0, 2**63, 4, dtype=np.uint64)
    words = np.random.SFC64(np.random.SeedSequence(seed.tolist())).random_raw(
        -(-size * _BITS // 64)
    )
    # `take` is twice as quick with indices of its own kind.
    index = np.asarray(words, "<u8").view("<u2")[:size].astype(np.intp)
    return np.take(_table(), index).reshape(shape)


@cache
def _table() -> NDArray[np.float32]:
    """Return the means of 65,536 equally probable parts of the normal distribution, variance 1."""
    from .special import ndtri

    count = 1 << _BITS
    edges = ndtri(np.arange(1, count) / count)
    density = np.exp(-np.square(edges) / 2) / np.sqrt(2 * np.pi)
    means = -np.diff(density, prepend=0.0, append=0.0) * count
    return np.asarray(means / np.sqrt(np.square(means).mean()), np.float32)
