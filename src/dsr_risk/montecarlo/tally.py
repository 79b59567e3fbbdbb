"""What is kept of many draws: counts and moments that add up, of a size that draws do not change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._util.types import Array, Counts, Index, Mask
from ..scoring.kernel import Scratch
from .ranks import count_exactly, count_ranks, each_row, repeated

__all__ = ["ARRAYS", "Head", "Ledger", "Tally"]


TILE = 512
"""Draws counted at once: their working arrays stay in a core's cache."""

MOST = np.iinfo(np.uint16).max
"""Draws whose ranks are counted in 16 bits, which stay in a core's cache, before they are added up."""

NUDGE = 1e-6
"""The part of a bin by which values are lifted, so that rounding does not put one below its edge."""

ARRAYS = ("seen", "failed", "count", "total", "square", "bins", "ranks", "bands", "above")
"""What two tallies add up in."""

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
    (nodes,), and one more for the upper end; not at all if there are none. ``bands`` are the lower ends
    of all bands but the first. Scores within 1e-9 of ``length`` are tied. ``expected`` says by variant
    which (nodes, n) must have a value in every draw. With ``fast`` compiled loops do the counting.
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
    fast: bool = False

    @property
    def units(self) -> int:
        """How many units there are."""
        return int(self.centre.shape[1])

    @cached_property
    def starts(self) -> tuple[Array, ...]:
        """By node, what added to a distance from the centre, in bins, gives the place among all bins."""
        out = []
        for row, columns in enumerate(self.columns):
            offset = (self.centre[row, columns] - self.low[row]) / self.width[row]
            out.append(offset + columns * (self.bins + 1) + NUDGE)
        return tuple(out)

    @cached_property
    def rows(self) -> tuple[tuple[Array, Array], ...]:
        """By node what is taken off its values, and what ``starts`` adds, for every row of a block."""
        centres = [self.centre[row, columns] for row, columns in enumerate(self.columns)]
        starts = self.starts if self.bins else centres
        return tuple(
            (repeated(one), repeated(two)) for one, two in zip(centres, starts, strict=True)
        )

    def __getstate__(self) -> dict[str, Any]:
        # What is cached is made again where it is needed.
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @cached_property
    def bands_in_bins(self) -> bool:
        """Whether every band starts where a bin does, so that bins tell bands."""
        if not self.bins:
            return False
        rows = [head.row for head in self.heads]
        place = (self.bands - self.low[rows][:, None]) / self.width[rows][:, None]
        inside = (place >= 0) & (place <= self.bins)
        return bool((inside & (np.abs(place - np.rint(place)) < NUDGE / 10)).all())


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
    _later: dict[tuple[int, int], list[Array]] = field(default_factory=dict)
    _fresh: dict[int, NDArray[np.uint16]] = field(default_factory=dict)
    _held: int = 0

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
            np.zeros((nodes, n, ledger.bins + 1 if ledger.bins else 0), np.int64),
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
        for name in ARRAYS:
            mine = getattr(self, name)
            mine += getattr(other, name)

    def __getstate__(self) -> dict[str, Any]:
        arrays = {name: getattr(self, name) for name in ARRAYS}
        return {name: _packed(one) if name in SPARSE else one for name, one in arrays.items()}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, _unpacked(value) if name in SPARSE else value)
        self._later, self._fresh, self._held = {}, {}, 0

    # -- counting -------------------------------------------------------------------------------

    def count_block(self, ledger: Ledger, values: Array, which: Index, scratch: Scratch) -> None:
        """Count the values (nodes, draws, n) of one block; `which` (draws,) is each draw's variant.

        The values are used up: their array is worked in.

        A draw in which some unit has no finite value where one is expected has failed: it is counted as
        such and in nothing else. Draws whose ranks need the exact rule wait for ``settle``.
        """
        self.seen += np.bincount(which, minlength=len(self.seen))
        for start in range(0, len(which), TILE):
            self._tile(
                ledger, values[:, start : start + TILE], which[start : start + TILE], scratch
            )

    def settle(self, ledger: Ledger, scratch: Scratch) -> None:
        """Count the draws that waited for the exact ranking rule."""
        for (number, place), waiting in self._later.items():
            if waiting:
                group = ledger.heads[number].groups[place]
                found = np.zeros((len(group) + 1, len(group)), np.int64)
                count_exactly(np.concatenate(waiting), ledger.length, scratch, found)
                self.ranks[number][: len(group) + 1, group] += found
        self._later = {}
        self._gather()
        self.ranks[:, 0] = 0

    def _gather(self) -> None:
        """Add the ranks counted in 16 bits to the others."""
        for number, fresh in self._fresh.items():
            self.ranks[number] += fresh
            fresh[...] = 0
        self._held = 0

    def _tile(self, ledger: Ledger, values: Array, which: Index, scratch: Scratch) -> None:
        if self._held + len(which) > MOST:
            self._gather()
        self._held += len(which)
        parts = [
            _columns(values[row], columns, scratch, row)
            for row, columns in enumerate(ledger.columns)
        ]
        ends = [_ends(x) for x in parts]
        clean = all(np.isfinite(low) and np.isfinite(high) for low, high in ends)
        if not clean:
            good = _good(ledger, parts, which)
            self.failed += np.bincount(which[~good], minlength=len(self.failed))
            if not good.all():
                values, parts = values[:, good], [x[good] for x in parts]
        for number, head in enumerate(ledger.heads):
            known = ends[head.row] if clean else None
            self._ranks(number, head, values, parts, known, ledger, scratch)
            if ledger.bins and not ledger.bands_in_bins:
                self._bands(number, parts[head.row], head, ledger, scratch)
        # Last, because values become distances from the centre in place.
        for row, x in enumerate(parts):
            if clean and ledger.fast and self._compiled(row, x, ends[row], ledger):
                continue
            each_row(np.subtract, x, ledger.rows[row][0])
            if clean:
                self._whole(row, x, ends[row], ledger, scratch)
            else:
                self._partial(row, x, ledger)

    def _compiled(self, row: int, x: Array, ends: tuple[float, float], ledger: Ledger) -> bool:
        """Moments and bins by compiled loops; False where values lie outside the bins."""
        from ._numba import moments_and_bins

        columns, bins = ledger.columns[row], ledger.bins
        room = NUDGE / 2 * ledger.width[row] if bins else 0.0
        if bins and not (
            ends[0] >= ledger.low[row] - room
            and ends[1] <= ledger.low[row] + ledger.width[row] * bins + room
        ):
            return False
        total, square = np.zeros(len(columns)), np.zeros(len(columns))
        starts = ledger.starts[row] if bins else total
        rate = 1 / ledger.width[row] if bins else 0.0
        into = self.bins[row].reshape(-1)
        moments_and_bins(x, ledger.centre[row, columns], rate, starts, total, square, into)
        self.count[row, columns] += len(x)
        self.total[row, columns] += total
        self.square[row, columns] += square
        return True

    def _whole(
        self, row: int, away: Array, ends: tuple[float, float], ledger: Ledger, scratch: Scratch
    ) -> None:
        """Moments and bins of values that are all there, given as distances from the centre."""
        columns = ledger.columns[row]
        self.count[row, columns] += len(away)
        self.total[row, columns] += np.einsum("kn->n", away)
        self.square[row, columns] += np.einsum("kn,kn->n", away, away)
        if not ledger.bins:
            return
        width, room = ledger.width[row], NUDGE / 2 * ledger.width[row]
        if ends[0] < ledger.low[row] - room:
            self._binned(row, away, ledger)
            return
        if ends[1] > ledger.low[row] + width * ledger.bins + room:
            self._binned(row, away, ledger)
            return
        cell = scratch.get("cell", away.shape, np.int64)
        np.multiply(away, 1 / width, out=away)
        each_row(np.add, away, ledger.rows[row][1])
        np.copyto(cell, away, casting="unsafe")
        np.add.at(self.bins[row].reshape(-1), cell.reshape(-1), 1)

    def _partial(self, row: int, away: Array, ledger: Ledger) -> None:
        """The same where some units have no value in some variants."""
        columns, known = ledger.columns[row], ~np.isnan(away)
        self.count[row, columns] += known.sum(axis=0)
        kept = np.where(known, away, 0.0)
        self.total[row, columns] += np.einsum("kn->n", kept)
        self.square[row, columns] += np.einsum("kn,kn->n", kept, kept)
        if ledger.bins:
            self._binned(row, away, ledger)

    def _binned(self, row: int, away: Array, ledger: Ledger) -> None:
        """Bins of values that may be missing, or lie outside: those count in the bins at the ends."""
        columns, known = ledger.columns[row], ~np.isnan(away)
        offset = (ledger.centre[row, columns] - ledger.low[row]) / ledger.width[row] + NUDGE
        scaled = np.clip(away / ledger.width[row] + offset, 0, ledger.bins)
        cell = np.where(known, scaled, 0).astype(np.int64) + columns * (ledger.bins + 1)
        np.add.at(self.bins[row].reshape(-1), cell[known], 1)

    def _bands(self, number: int, x: Array, head: Head, ledger: Ledger, scratch: Scratch) -> None:
        columns, here = ledger.columns[head.row], scratch.get("here", x.shape, bool)
        for band, start in enumerate(ledger.bands):
            # A score within a tie of a band's start has reached it, as in the ranking.
            np.greater_equal(x, start - NUDGE * ledger.length / 1000, out=here)
            self.bands[number, band, columns] += _true_columns(here)

    def _ranks(
        self,
        number: int,
        head: Head,
        values: Array,
        parts: Sequence[Array],
        ends: tuple[float, float] | None,
        ledger: Ledger,
        scratch: Scratch,
    ) -> None:
        columns = ledger.columns[head.row]
        for place, group in enumerate(head.groups):
            m = len(group)
            later = self._later.setdefault((number, place), [])
            if m == ledger.units:
                above = self.above[number] if ledger.pairs else None
                if number not in self._fresh:
                    self._fresh[number] = np.zeros(self.ranks[number].shape, np.uint16)
                out = self._fresh[number]
                x = parts[head.row]
                count_ranks(x, ledger.length, scratch, out, above, later, ends, fast=ledger.fast)
                continue
            alone = m == len(columns)
            x = parts[head.row] if alone else _columns(values[head.row], group, scratch, "group")
            found = scratch.get("found", (m + 1, m), np.int64)
            above = scratch.get("before", (m, m), np.int64) if ledger.pairs else None
            found[...] = 0
            if above is not None:
                above[...] = 0
            count_ranks(x, ledger.length, scratch, found, above, later, fast=ledger.fast)
            self.ranks[number][: m + 1, group] += found
            if above is not None:
                self.above[number][np.ix_(group, group)] += above

    def reached(self, ledger: Ledger, number: int) -> Counts:
        """(bands, n) how often each band's start was reached or passed."""
        if not ledger.bands_in_bins:
            return np.asarray(self.bands[number])
        row = ledger.heads[number].row
        first = np.rint((ledger.bands - ledger.low[row]) / ledger.width[row]).astype(np.intp)
        passed = np.cumsum(self.bins[row][:, ::-1], axis=1)[:, ::-1]
        return np.asarray(passed[:, first].T)


def _ends(x: Array) -> tuple[float, float]:
    return (float(x.min()), float(x.max())) if x.size else (0.0, 0.0)


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
