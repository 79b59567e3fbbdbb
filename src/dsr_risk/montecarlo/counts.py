"""Counts and moments of many draws: they add up, and their size does not grow with the draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from .._util.scratch import Scratch
from .._util.types import Array, Counts, Index, Mask
from ..scoring.ranking import TIE, each_row, repeated
from .ranks import Ranks, count_exactly, count_ranks

__all__ = ["ARRAYS", "NUDGE", "RankedScore", "CountSpec", "DrawCounts"]


TILE, FEW_UNITS = 512, 512
"""Draws counted at once, twice as many of so few units: their working arrays stay in cache."""

NUDGE = 1e-6
"""The part of a bin that is added to values, so that rounding does not put one below its edge."""

ARRAYS = ("seen", "failed", "count", "total", "square", "bins", "ranks", "bands", "above", "apart")
"""The arrays in which two counts add up."""

SPARSE = ("bins", "ranks", "above", "apart")
"""Counts that are mostly 0 and travel between processes as such."""


class Undecided(NamedTuple):
    """Scores (draws, m) of one group of a headline score, whose ranks need the exact rule."""

    score: int
    group: int
    values: Array


class Moments(NamedTuple):
    """Sums over some draws of one node: distances from the centre (m,), their squares, and the extremes.

    The extremes are NaN where a value is not finite.
    """

    total: Array
    square: Array
    ends: tuple[float, float]


@dataclass(frozen=True, eq=False)
class RankedScore:
    """A headline score: its row among the nodes counted, and the groups of units ranked together."""

    row: int
    groups: tuple[Index, ...]


@dataclass(frozen=True, eq=False)
class CountSpec:
    """The layout of the counts, the same for every block.

    ``columns`` are, for each node, the units that have a value in some draw; ``centre`` (nodes, n) is
    what moments are taken about. Values are binned from ``low`` (nodes,) in ``bins`` bins of ``width``
    (nodes,), and one more for the upper end; not at all if there are none. ``bands`` are the lower ends
    of all bands but the first. Scores within 1e-9 of ``length`` are tied. ``expected`` says by variant
    which (nodes, n) have a value in every draw, but where an operation is not defined.
    With ``fast`` compiled loops do the counting, with ``single`` in single precision where they can.
    """

    nodes: tuple[str, ...]
    scores: tuple[RankedScore, ...]
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
    single: bool = False

    @property
    def units(self) -> int:
        """The number of units."""
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
            (repeated(centre), repeated(two)) for centre, two in zip(centres, starts, strict=True)
        )

    def __getstate__(self) -> dict[str, Any]:
        # What is cached is made again where it is needed.
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @cached_property
    def bands_in_bins(self) -> bool:
        """True if every band starts where a bin does, so that bins tell bands."""
        if not self.bins:
            return False
        rows = [score.row for score in self.scores]
        edge = (self.bands - self.low[rows][:, None]) / self.width[rows][:, None]
        inside = (edge >= 0) & (edge <= self.bins)
        return bool((inside & (np.abs(edge - np.rint(edge)) < NUDGE / 10)).all())


@dataclass(eq=False)
class DrawCounts:
    """The running counts of one spec; two of them add up.

    ``seen`` draws by variant (variants,), and those of them that ``failed``: no unit had a value. For every
    node (nodes, n): ``count`` of values, ``total`` and ``square`` of their distances from the centre, and
    ``bins`` (nodes, n, bins + 1). For every headline score: ``ranks`` (scores, n + 1, n), row r is rank r;
    ``bands`` (scores, bands, n), how often
    each lower end was reached; ``above`` (scores, n, n), how often the row's unit ranked before
    the column's, and ``apart`` (scores, n, n), in how many draws that score both by their variant one of them
    had no value.
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
    apart: Counts

    @classmethod
    def empty(cls, spec: CountSpec) -> DrawCounts:
        """Return the counts of no draws."""
        nodes, n, headlines = len(spec.nodes), spec.units, len(spec.scores)
        return cls(
            np.zeros(len(spec.expected), np.int64),
            np.zeros(len(spec.expected), np.int64),
            np.zeros((nodes, n), np.int64),
            np.zeros((nodes, n)),
            np.zeros((nodes, n)),
            np.zeros((nodes, n, spec.bins + 1 if spec.bins else 0), np.int64),
            np.zeros((headlines, n + 1, n), np.int64),
            np.zeros((headlines, len(spec.bands), n), np.int64),
            np.zeros((headlines if spec.pairs else 0, n, n), np.int64),
            np.zeros((headlines if spec.pairs else 0, n, n), np.int64),
        )

    @property
    def draws(self) -> int:
        """Draws seen, failed ones included."""
        return sum(self.seen.tolist())

    def add(self, other: DrawCounts) -> None:
        """Add the counts of another counts of the same spec."""
        for name in ARRAYS:
            mine = getattr(self, name)
            mine += getattr(other, name)

    def __getstate__(self) -> dict[str, Any]:
        arrays = {name: getattr(self, name) for name in ARRAYS}
        return {name: _packed(array) if name in SPARSE else array for name, array in arrays.items()}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, _unpacked(value) if name in SPARSE else value)

    # -- counting -------------------------------------------------------------------------------

    def count_block(
        self, spec: CountSpec, values: Array, which: Index, scratch: Scratch
    ) -> list[Undecided]:
        """Count the values (nodes, draws, n) of one block; `which` (draws,) is each draw's variant.

        `values` is modified in place. A unit without a finite value in a draw has none there, and every other
        unit is counted; a draw in which no unit has a value has failed and is in no other count. Returns the
        draws whose ranks need the exact rule, for ``settle``.
        """
        self.seen += np.bincount(which, minlength=len(self.seen))
        undecided: list[Undecided] = []
        size = TILE if spec.units > FEW_UNITS else 2 * TILE
        for start in range(0, len(which), size):
            tile = slice(start, start + size)
            undecided += self._tile(spec, values[:, tile], which[tile], scratch)
        return undecided

    def settle(self, spec: CountSpec, undecided: Sequence[Undecided], scratch: Scratch) -> None:
        """Count the ranks of undecided draws by the exact rule."""
        together: dict[tuple[int, int], list[Array]] = {}
        for part in undecided:
            together.setdefault((part.score, part.group), []).append(part.values)
        for (score, group), parts in together.items():
            units = spec.scores[score].groups[group]
            self.add_ranks(score, units, count_exactly(np.concatenate(parts), spec.length, scratch))

    def add_ranks(self, score: int, units: Index, ranks: Ranks) -> None:
        """Add the counts of the ranks of some units of a headline score."""
        m = len(units)
        if m == self.ranks.shape[2]:
            self.ranks[score] += ranks.counts
            if ranks.above is not None:
                self.above[score] += ranks.above
            return
        self.ranks[score][: m + 1, units] += ranks.counts
        if ranks.above is not None:
            self.above[score][np.ix_(units, units)] += ranks.above

    def _tile(
        self, spec: CountSpec, values: Array, which: Index, scratch: Scratch
    ) -> list[Undecided]:
        parts = [
            _columns(values[row], columns, scratch, row) for row, columns in enumerate(spec.columns)
        ]
        moments = [_moments(x, row, spec) for row, x in enumerate(parts)] if spec.fast else []
        ends = [part.ends for part in moments] if spec.fast else [_ends(x) for x in parts]
        clean = all(np.isfinite(low) and np.isfinite(high) for low, high in ends)
        if not clean:
            values, which = self._defined(spec, values, which)
            parts = [
                _columns(values[row], columns, scratch, row)
                for row, columns in enumerate(spec.columns)
            ]
        undecided: list[Undecided] = []
        for number, score in enumerate(spec.scores):
            row_ends = ends[score.row] if clean else None
            undecided += self._ranks(number, values, parts[score.row], row_ends, spec, scratch)
            if spec.bins and not spec.bands_in_bins:
                self._bands(number, parts[score.row], spec, scratch)
        # Last, because values become distances from the centre in place.
        for row, x in enumerate(parts):
            if clean and spec.fast and self._compiled(row, x, moments[row], spec):
                continue
            each_row(np.subtract, x, spec.rows[row][0])
            if clean:
                self._whole(row, x, ends[row], spec, scratch)
            else:
                self._partial(row, x, spec)
        return undecided

    def _defined(self, spec: CountSpec, values: Array, which: Index) -> tuple[Array, Index]:
        """Return the draws in which some unit has a value, NaN where one is not finite, and their variants."""
        values[~np.isfinite(values)] = np.nan
        good = ~np.isnan(values[[score.row for score in spec.scores]]).all(axis=(0, 2))
        if not good.all():
            self.failed += np.bincount(which[~good], minlength=len(self.failed))
            values, which = values[:, good], which[good]
        if spec.pairs:
            for number, score in enumerate(spec.scores):
                scored = np.stack([expected[score.row] for expected in spec.expected])[which]
                defined = scored & ~np.isnan(values[score.row])
                if (defined != scored).any():
                    scored, defined = scored.astype(float), defined.astype(float)
                    both = scored.T @ scored - defined.T @ defined
                    self.apart[number] += np.rint(both).astype(np.int64)
        return values, which

    def _compiled(self, row: int, x: Array, moments: Moments, spec: CountSpec) -> bool:
        """Add moments, and count bins by a compiled loop; False where values lie outside the bins."""
        from ._numba import count_bins

        columns, bins, ends = spec.columns[row], spec.bins, moments.ends
        room = NUDGE / 2 * spec.width[row] if bins else 0.0
        if bins and not (
            ends[0] >= spec.low[row] - room
            and ends[1] <= spec.low[row] + spec.width[row] * bins + room
        ):
            return False
        if bins:
            centre, into = spec.centre[row, columns], self.bins[row].reshape(-1)
            count_bins(x, centre, 1 / spec.width[row], spec.starts[row], into)
        self.count[row, columns] += len(x)
        self.total[row, columns] += moments.total
        self.square[row, columns] += moments.square
        return True

    def _whole(
        self, row: int, away: Array, ends: tuple[float, float], spec: CountSpec, scratch: Scratch
    ) -> None:
        """Count moments and bins of values that are all there, given as distances from the centre."""
        columns = spec.columns[row]
        self.count[row, columns] += len(away)
        self.total[row, columns] += np.einsum("kn->n", away)
        self.square[row, columns] += np.einsum("kn,kn->n", away, away)
        if not spec.bins:
            return
        width, room = spec.width[row], NUDGE / 2 * spec.width[row]
        if ends[0] < spec.low[row] - room:
            self._binned(row, away, spec)
            return
        if ends[1] > spec.low[row] + width * spec.bins + room:
            self._binned(row, away, spec)
            return
        cell = scratch.get("cell", away.shape, np.int64)
        np.multiply(away, 1 / width, out=away)
        each_row(np.add, away, spec.rows[row][1])
        np.copyto(cell, away, casting="unsafe")
        np.add.at(self.bins[row].reshape(-1), cell.reshape(-1), 1)

    def _partial(self, row: int, away: Array, spec: CountSpec) -> None:
        """Count draws where some units have no value in some variants."""
        columns, observed = spec.columns[row], ~np.isnan(away)
        self.count[row, columns] += observed.sum(axis=0)
        kept = np.where(observed, away, 0.0)
        self.total[row, columns] += np.einsum("kn->n", kept)
        self.square[row, columns] += np.einsum("kn,kn->n", kept, kept)
        if spec.bins:
            self._binned(row, away, spec)

    def _binned(self, row: int, away: Array, spec: CountSpec) -> None:
        """Count bins of values that may be missing, or lie outside: those count in the bins at the ends."""
        columns, observed = spec.columns[row], ~np.isnan(away)
        offset = (spec.centre[row, columns] - spec.low[row]) / spec.width[row] + NUDGE
        scaled = np.clip(away / spec.width[row] + offset, 0, spec.bins)
        cell = np.where(observed, scaled, 0).astype(np.int64) + columns * (spec.bins + 1)
        np.add.at(self.bins[row].reshape(-1), cell[observed], 1)

    def _bands(self, number: int, x: Array, spec: CountSpec, scratch: Scratch) -> None:
        columns = spec.columns[spec.scores[number].row]
        mask = scratch.get("here", x.shape, bool)
        for band, start in enumerate(spec.bands):
            # A score within a tie of a band's start has reached it, as in the ranking.
            np.greater_equal(x, start - TIE * spec.length, out=mask)
            self.bands[number, band, columns] += _true_columns(mask)

    def _ranks(
        self,
        number: int,
        values: Array,
        x: Array,
        ends: tuple[float, float] | None,
        spec: CountSpec,
        scratch: Scratch,
    ) -> list[Undecided]:
        score, undecided = spec.scores[number], []
        for index, units in enumerate(score.groups):
            is_all = len(units) == x.shape[1]
            scored = x if is_all else _columns(values[score.row], units, scratch, "group")
            ranks = count_ranks(
                scored,
                spec.length,
                scratch,
                pairs=spec.pairs,
                ends=ends if is_all else None,
                fast=spec.fast,
            )
            self.add_ranks(number, units, ranks)
            if ranks.undecided is not None:
                undecided.append(Undecided(number, index, ranks.undecided))
        return undecided

    def reached(self, spec: CountSpec, number: int) -> Counts:
        """Return (bands, n) the number of times that each band's start was reached or passed."""
        if not spec.bands_in_bins:
            return np.asarray(self.bands[number])
        row = spec.scores[number].row
        first = np.rint((spec.bands - spec.low[row]) / spec.width[row]).astype(np.intp)
        passed = np.cumsum(self.bins[row][:, ::-1], axis=1)[:, ::-1]
        return np.asarray(passed[:, first].T)


def _ends(x: Array) -> tuple[float, float]:
    return (float(x.min()), float(x.max())) if x.size else (0.0, 0.0)


def _moments(x: Array, row: int, spec: CountSpec) -> Moments:
    """Return the moments and the extremes of one node's values by a compiled loop."""
    from ._numba import moments_and_ends

    total, square = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    if not x.size:
        return Moments(total, square, (0.0, 0.0))
    low, high = moments_and_ends(x, spec.centre[row, spec.columns[row]], total, square)
    if not np.isfinite(total).all():
        low = high = np.nan
    return Moments(total, square, (float(low), float(high)))


def _columns(x: Array, columns: Index, scratch: Scratch, name: Any) -> Array:
    """Return some columns of x (draws, n); x itself where they are all."""
    if len(columns) == x.shape[1]:
        return x
    out = scratch.get(("columns", name), (len(x), len(columns)))
    np.take(x, columns, axis=1, out=out, mode="clip")
    return out


def _true_columns(mask: Mask) -> Counts:
    """Return the number of True entries of each column; bytes are added, 128 rows before one overflows."""
    even = len(mask) // 128 * 128
    trues: Counts = mask[even:].sum(axis=0, dtype=np.int64)
    if even:
        blocks = mask[:even].view(np.uint8).reshape(-1, 128, mask.shape[1])
        trues += blocks.sum(axis=1, dtype=np.uint8).sum(axis=0, dtype=np.int64)
    return trues


def _packed(array: Counts) -> tuple[Any, ...]:
    where = np.flatnonzero(array)
    return array.shape, where, array.reshape(-1)[where]


def _unpacked(packed: tuple[Any, ...]) -> Counts:
    shape, where, values = packed
    out = np.zeros(int(np.prod(shape)), np.int64)
    out[where] = values
    return np.asarray(out.reshape(shape))
