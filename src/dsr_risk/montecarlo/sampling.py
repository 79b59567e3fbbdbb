"""Points of the unit cube and streams of random numbers, each block on its own."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import numpy as np

from .._util.types import Array

__all__ = ["Points", "Sampling", "stream"]

Sampling = Literal["sobol", "random"]
POINTS = "points of the unit cube"
MOST_SOBOL = 21201
"""The dimensions that scipy's table of direction numbers serves (Joe and Kuo 2008)."""


def stream(seed: int, name: str, block: int, copy: int = 0) -> np.random.Generator:
    """Return the counter-based stream of one name in one block (Philox, Salmon et al. 2011).

    Examples
    --------
    >>> bool(stream(0, "gci.data", 3).random() == stream(0, "gci.data", 3).random())
    True
    >>> bool(stream(0, "gci.data", 3).random() == stream(0, "gci.data", 4).random())
    False
    """
    key = np.random.SeedSequence(seed).generate_state(2, np.uint64)
    word = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
    return np.random.Generator(np.random.Philox(key=key, counter=[0, copy, word, block]))


class Points:
    """Points of the unit cube in blocks of fixed size, any block at any time.

    ``sobol`` takes consecutive segments of one scrambled Sobol' sequence (Owen-type scrambling by
    Matousek 1998, as in scipy); ``random`` an own stream for each block.
    """

    def __init__(self, dimension: int, size: int, seed: int, sampling: Sampling) -> None:
        self.dimension, self.size, self.seed = dimension, size, seed
        self.sampling = "random" if dimension > MOST_SOBOL else sampling
        self._next = -1
        self._source: Any = None

    def block(self, number: int) -> Array:
        """Return (size, dimension) points of one block."""
        if self.dimension == 0:
            return np.empty((self.size, 0))
        if self.sampling == "random":
            # Columns are read one by one, so they are what lies together in memory.
            return stream(self.seed, POINTS, number).random((self.dimension, self.size)).T
        return self._sobol(number)

    def _sobol(self, number: int) -> Array:
        # Loading scipy.stats takes longer than loading the rest of the package.
        from scipy.stats import qmc

        if self._next != number or self._source is None:
            scramble = np.random.default_rng(np.random.SeedSequence([self.seed, 0x50B0]))
            self._source = qmc.Sobol(self.dimension, scramble=True, seed=scramble)
            if number:
                self._source.fast_forward(number * self.size)
        self._next = number + 1
        return np.asarray(self._source.random(self.size))
