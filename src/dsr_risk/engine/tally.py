"""What is kept of many draws: counts and moments that add up, of a size that draws do not change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .plan import Scratch
from .ranks import count_ranks

__all__ = ["Head", "Ledger", "Tally"]

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
Index = NDArray[np.intp]
Mask = NDArray[np.bool_]

TILE = 512
"""Draws counted at once: their working arrays stay in a core's cache."""

SPARSE = ("bins", "ranks", "above")
"""Counts that are mostly 0 and travel between processes as such."""


@dataclass(frozen=True, eq=False)
class Head:
    """A headline score: its row among the nodes counted, and the groups of units ranked together."""

    row: int
    groups: tuple[Index, ...]


@dataclass(frozen=True, eq=False)
class Ledger:
    """What is counted, the same for every block.

    ``columns`` are, for each node, the units that have a value in some draw; ``centre`` (nodes, n) is
    what moments are taken about. Values are binned from ``low`` (nodes,) in ``bins`` bins of ``width``
    (nodes,), and one more for the upper end. ``bands`` are the lower ends of all bands but the first.
    Scores within 1e-9 of ``length`` are tied. ``expected`` says by variant which (nodes, n) must have a
    value in every draw.
    """

    nodes: tuple[str, ...]
    heads: tuple[Head, ...]
    columns: tuple[Index, ...]
    centre: Array
    low: Array
    width: Array
    bins: int
    bands: Array
    length: float
    pairs: bool
    expected: tuple[Mask, ...]

    @property
    def units(self) -> int:
        """How many units there are."""
        return int(self.centre.shape[1])


@dataclass(eq=False)
class Tally:
    """The running counts of one ledger; two of them add up.

    ``seen`` and ``failed`` (variants,) draws. For every node (nodes, n): ``count`` of values, ``total``
    and ``square`` of their distances from the centre, and ``bins`` (nodes, n, bins + 1). For every
    headline score: ``ranks`` (heads, n + 1, n), row r is rank r; ``bands`` (heads, bands, n), how often
    each lower end was reached; ``above`` (heads, n, n), how often the row's unit ranked before
    the column's.
    """

    seen: Counts
    failed: Counts
    count: Counts
    total: Array
    square: Array
    bins: Counts
    ranks: Counts
    bands: Counts
    above: Counts

    @classmethod
    def empty(cls, ledger: Ledger) -> Tally:
        """Nothing counted yet."""
        nodes, n, heads = len(ledger.nodes), ledger.units, len(ledger.heads)
        return cls(
            np.zeros(len(ledger.expected), np.int64),
            np.zeros(len(ledger.expected), np.int64),
            np.zeros((nodes, n), np.int64),
            np.zeros((nodes, n)),
            np.zeros((nodes, n)),
            np.zeros((nodes, n, ledger.bins + 1), np.int64),
            np.zeros((heads, n + 1, n), np.int64),
            np.zeros((heads, len(ledger.bands), n), np.int64),
            np.zeros((heads if ledger.pairs else 0, n, n), np.int64),
        )

    @property
    def draws(self) -> int:
        """Draws seen, failed ones included."""
        return sum(self.seen.tolist())

    def add(self, other: Tally) -> None:
        """Add the counts of another tally of the same ledger."""
        for part in fields(self):
            mine = getattr(self, part.name)
            mine += getattr(other, part.name)

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = {}
        for part in fields(self):
            array = getattr(self, part.name)
            state[part.name] = _packed(array) if part.name in SPARSE else array
        return state

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, _unpacked(value) if name in SPARSE else value)

    # -- counting -------------------------------------------------------------------------------

    def count_block(self, ledger: Ledger, values: Array, which: Index, scratch: Scratch) -> None:
        """Count the values (nodes, draws, n) of one block; `which` (draws,) is each draw's variant.

        A draw in which some unit has no finite value where one is expected has failed: it is counted as
        such and in nothing else.
        """
        self.seen += np.bincount(which, minlength=len(self.seen))
        for start in range(0, len(which), TILE):
            self._tile(
                ledger, values[:, start : start + TILE], which[start : start + TILE], scratch
            )

    def _tile(self, ledger: Ledger, values: Array, which: Index, scratch: Scratch) -> None:
        parts = [
            _columns(values[row], columns, scratch, row)
            for row, columns in enumerate(ledger.columns)
        ]
        if not all(np.isfinite(x.sum()) for x in parts):
            good = _good(ledger, parts, which)
            self.failed += np.bincount(which[~good], minlength=len(self.failed))
            if not good.all():
                values, parts = values[:, good], [x[good] for x in parts]
        for row, x in enumerate(parts):
            self._moments(row, x, ledger, scratch)
            self._histogram(row, x, ledger, scratch)
        for number, head in enumerate(ledger.heads):
            self._ranks(number, head, values, parts, ledger, scratch)
            x, columns = parts[head.row], ledger.columns[head.row]
            here = scratch.get("here", x.shape, bool)
            for band, start in enumerate(ledger.bands):
                np.greater_equal(x, start, out=here)
                self.bands[number, band, columns] += _true_columns(here)

    def _moments(self, row: int, x: Array, ledger: Ledger, scratch: Scratch) -> None:
        columns = ledger.columns[row]
        away = scratch.get("away", x.shape)
        np.subtract(x, ledger.centre[row, columns], out=away)
        total = np.ones(len(x)) @ away
        if np.isnan(total).any():
            known = ~np.isnan(away)
            self.count[row, columns] += known.sum(axis=0)
            np.copyto(away, 0.0, where=~known)
            total = np.ones(len(x)) @ away
        else:
            self.count[row, columns] += len(x)
        self.total[row, columns] += total
        self.square[row, columns] += np.einsum("kn,kn->n", away, away)

    def _histogram(self, row: int, x: Array, ledger: Ledger, scratch: Scratch) -> None:
        starts = ledger.columns[row] * (ledger.bins + 1)
        scaled, cell = scratch.get("away", x.shape), scratch.get("cell", x.shape, np.int64)
        np.subtract(x, ledger.low[row], out=scaled)
        np.multiply(scaled, 1 / ledger.width[row], out=scaled)
        into = self.bins[row].reshape(-1)
        if scaled.size and scaled.min() >= 0 and scaled.max() < ledger.bins + 1:
            np.copyto(cell, scaled, casting="unsafe")
            np.add(cell, starts, out=cell)
            np.add.at(into, cell.reshape(-1), 1)
            return
        known = ~np.isnan(scaled)
        np.clip(scaled, 0, ledger.bins, out=scaled)
        np.copyto(scaled, 0.0, where=~known)
        np.copyto(cell, scaled, casting="unsafe")
        np.add(cell, starts, out=cell)
        np.add.at(into, cell[known], 1)

    def _ranks(
        self,
        number: int,
        head: Head,
        values: Array,
        parts: Sequence[Array],
        ledger: Ledger,
        scratch: Scratch,
    ) -> None:
        columns = ledger.columns[head.row]
        for group in head.groups:
            m = len(group)
            alone = m == len(columns)
            x = parts[head.row] if alone else _columns(values[head.row], group, scratch, "group")
            found = scratch.get("found", (m + 1, m), np.int64)
            above = scratch.get("before", (m, m), np.int64) if ledger.pairs else None
            found[...] = 0
            if above is not None:
                above[...] = 0
            count_ranks(x, ledger.length, scratch, found, above)
            self.ranks[number][: m + 1, group] += found
            if above is not None:
                self.above[number][np.ix_(group, group)] += above


def _columns(x: Array, columns: Index, scratch: Scratch, name: Any) -> Array:
    """Some columns of x (draws, n); x itself where they are all."""
    if len(columns) == x.shape[1]:
        return x
    out = scratch.get(("columns", name), (len(x), len(columns)))
    np.take(x, columns, axis=1, out=out, mode="clip")
    return out


def _good(ledger: Ledger, parts: Sequence[Array], which: Index) -> Mask:
    """Which draws have a finite value wherever one is expected."""
    good = np.ones(len(which), bool)
    for number in np.unique(which):
        rows = np.flatnonzero(which == number)
        for row, columns in enumerate(ledger.columns):
            need = ledger.expected[number][row, columns]
            good[rows] &= (np.isfinite(parts[row][rows]) | ~need).all(axis=1)
    return good


def _true_columns(here: Mask) -> Counts:
    """How many entries of each column are True; bytes are added, 128 rows before one overflows."""
    whole = len(here) // 128 * 128
    found: Counts = here[whole:].sum(axis=0, dtype=np.int64)
    if whole:
        blocks = here[:whole].view(np.uint8).reshape(-1, 128, here.shape[1])
        found += blocks.sum(axis=1, dtype=np.uint8).sum(axis=0, dtype=np.int64)
    return found


def _packed(array: Counts) -> tuple[Any, ...]:
    where = np.flatnonzero(array)
    return array.shape, where, array.reshape(-1)[where]


def _unpacked(packed: tuple[Any, ...]) -> Counts:
    shape, where, found = packed
    out = np.zeros(int(np.prod(shape)), np.int64)
    out[where] = found
    return np.asarray(out.reshape(shape))
