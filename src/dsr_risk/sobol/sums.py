"""Running sums of pick-freeze products, for all outputs and all bootstrap resamples at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from .._util.types import Array

__all__ = ["Sums"]

TILE = 512
ROWS = 64
PRODUCTS = 1 << 18
"""Multiplications in one matrix product: it stays in the first cache, and a BLAS library does not split it
over threads, which would wait for each other whenever something else runs on the machine."""


def add_product(counts: Array, work: Array, out: Array) -> None:
    """Add counts (R, m) @ work (m, T) to out (R, T), in small tiles."""
    height, columns = len(counts), work.shape[1]
    width = max(8, PRODUCTS // (height * ROWS) // 8 * 8)
    even = columns // width * width
    product = np.empty((height, columns))
    tiles = product[:, :even].reshape(height, -1, width).transpose(1, 0, 2)
    for start in range(0, work.shape[0], ROWS):
        part = np.ascontiguousarray(counts[:, start : start + ROWS])
        rows = work[start : start + ROWS]
        if even:
            inner = rows[:, :even].reshape(len(rows), -1, width).transpose(1, 0, 2)
            np.matmul(part, inner, out=tiles)
        if even < columns:
            np.matmul(part, rows[:, even:], out=product[:, even:])
        out += product


@dataclass(eq=False)
class Sums:
    """Sums over base rows; two of them add up. Outputs are taken about a fixed ``centre``.

    R counts the resamples, row 0 being the sample itself; T outputs, K exchanged sets, G players.
    With a = y(A), b = y(B) and c = y(A with the set from B):

    rows
        Base rows seen.
    base
        (R + 1, 2, T) sums of a + b and of a^2 + b^2.
    start
        (T,) sum of a.
    products
        (K, R + 1, 2, T) sums of b (c - a) and of (c - a)^2.
    drift
        (K, T) sums of c - a.
    shares
        (G, R + 1, T) sums of each player's part of the variance.
    """

    rows: int
    base: Array
    start: Array
    products: Array
    drift: Array
    shares: Array

    @classmethod
    def empty(cls, resamples: int, outputs: int, sets: int, players: int) -> Sums:
        """Return sums of no row."""
        return cls(
            0,
            np.zeros((resamples + 1, 2, outputs)),
            np.zeros(outputs),
            np.zeros((sets, resamples + 1, 2, outputs)),
            np.zeros((sets, outputs)),
            np.zeros((players, resamples + 1, outputs)),
        )

    def add(self, other: Sums) -> None:
        """Add the sums of other rows."""
        self.rows += other.rows
        for part in fields(self)[1:]:
            mine = getattr(self, part.name)
            mine += getattr(other, part.name)

    def add_base(self, counts: Array, a: Array, b: Array) -> None:
        """Add rows of a and b (m, T), already centred; counts (R + 1, m)."""
        self.rows += len(a)
        self.start += a.sum(axis=0)
        add_product(counts, a + b, self.base[:, 0])
        add_product(counts, a * a + b * b, self.base[:, 1])

    def add_set(
        self, number: int, counts: Array, a: Array, b: Array, c: Array, work: Array | None = None
    ) -> None:
        """Add rows of c (m, T) for one exchanged set; a and c about the same centre, b about ours."""
        rows, outputs = a.shape
        work = np.empty((rows, 2, outputs)) if work is None else work[:rows]
        # The second half holds the difference until it is squared in place.
        change = work[:, 1]
        np.subtract(c, a, out=change)
        self.drift[number] += change.sum(axis=0)
        np.multiply(b, change, out=work[:, 0])
        np.multiply(change, change, out=change)
        into = self.products[number].reshape(len(counts), 2 * outputs)
        add_product(counts, work.reshape(rows, 2 * outputs), into)

    def add_shares(self, number: int, counts: Array, part: Array, columns: slice) -> None:
        """Add rows (m, some outputs) of one player's part of the variance."""
        add_product(counts, part, self.shares[number][:, columns])

    def point(self) -> Sums:
        """Return the same sums without the resamples."""
        return Sums(
            self.rows,
            self.base[:1].copy(),
            self.start.copy(),
            self.products[:, :1].copy(),
            self.drift.copy(),
            self.shares[:, :1].copy(),
        )

    @classmethod
    def of(cls, a: Any, b: Any, exchanged: Iterable[Any], counts: Array, centre: Array) -> Sums:
        """Return the sums of whole arrays: a, b (n, T) and one (n, T) for each set; in tiles of rows."""
        exchanged = list(exchanged)
        out = cls.empty(len(counts) - 1, a.shape[1], len(exchanged), 0)
        work = np.empty((min(TILE, len(a)), 2, a.shape[1]))
        for start in range(0, len(a), TILE):
            rows = slice(start, start + TILE)
            part = np.ascontiguousarray(counts[:, rows])
            first, second = a[rows] - centre, b[rows] - centre
            out.add_base(part, first, second)
            for number, c in enumerate(exchanged):
                out.add_set(number, part, a[rows], second, c[rows], work)
        return out
