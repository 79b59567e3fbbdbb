"""One run of pick-freeze evaluations: which rows are evaluated, and what is summed of them.

Rows come in chunks of fixed size, each with random numbers of its own; a chunk's sums do not depend on
any other chunk, so they can be made anywhere and are added in order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .._util.types import Array, Index, Mask
from .bootstrap import block_counts, block_totals
from .dependence import Copula, exchanged
from .shapley import EXACT, exact_parts, permuted_parts
from .sums import Sums

__all__ = ["Evaluate", "Layout", "Request", "Run", "Shapley"]

Shapley = Literal["exact", "permutation", "none"]

HELD = 1 << 25
"""Outputs that one chunk may hold at once."""

CUBE = 32
"""Evaluations of all subsets that a base row costs at most, on average: of more players not every row has
all its subsets evaluated. A row with all of them says more, since every pair of subsets counts."""

SLAB = 64
"""Outputs whose Shapley effects are taken at once: working copies stay small."""

TASKS = 16
"""Tasks that a run is cut into, however many workers there are."""


@dataclass(frozen=True, eq=False)
class Request:
    """Points (m, dimension) to evaluate, and which streams are drawn from their second realisation."""

    u: Array
    streams: frozenset[str]


Evaluate = Callable[[Sequence[Request], int], Array]
"""(requests, number of the chunk) -> outputs (requests, m, T), which are only read until the next call."""


@dataclass(frozen=True, eq=False)
class Layout:
    """The columns that are exchanged.

    ``columns`` and ``streams`` say for each factor what it owns; ``sets`` are the factors exchanged
    together for first-order and total effects, single factors first; ``players`` share the Shapley effects.
    """

    dimension: int
    columns: tuple[tuple[int, ...], ...]
    streams: tuple[tuple[str, ...], ...]
    sets: tuple[frozenset[int], ...]
    players: tuple[frozenset[int], ...]
    shapley: Shapley
    copula: Copula | None = None

    @cached_property
    def symmetric(self) -> bool:
        """True if no correlation crosses players, so that exchanging is swapping."""
        return self.copula is None or all(self.closed(player) for player in self.players)

    @property
    def whole(self) -> tuple[bool, ...]:
        """True if each set holds every factor, so that it explains all of the variance."""
        return tuple(len(members) == len(self.columns) for members in self.sets)

    def closed(self, members: frozenset[int]) -> bool:
        """Tell whether no correlation crosses the edge of this set of factors."""
        if self.copula is None:
            return True
        inside = self.mask(members)[self.copula.columns]
        return not self.copula.correlation[np.ix_(inside, ~inside)].any()

    def mask(self, members: frozenset[int]) -> Mask:
        """Return (dimension,) the columns of some factors."""
        out = np.zeros(self.dimension, bool)
        for member in members:
            out[list(self.columns[member])] = True
        return out

    def copies(self, members: frozenset[int]) -> frozenset[str]:
        """Return the streams of some factors."""
        return frozenset(name for member in members for name in self.streams[member])

    @cached_property
    def subsets(self) -> tuple[frozenset[int], ...]:
        """The factors of every subset of players, numbered by bits."""
        return tuple(
            frozenset().union(
                *(player for index, player in enumerate(self.players) if number >> index & 1)
            )
            for number in range(1 << len(self.players))
        )

    @property
    def kept(self) -> int:
        """The number of output arrays that a chunk holds at once."""
        if self.shapley == "exact":
            return len(self.sets) + (1 << len(self.players)) + 2
        walk = len(self.players) + 1 if self.shapley == "permutation" else 0
        return len(self.sets) + walk + 2

    def wanted(self, *, cube: bool) -> list[frozenset[int]]:
        """List what is exchanged in a base row, each once: nothing, everything, the sets, all subsets."""
        every = [frozenset[int](), frozenset(range(len(self.columns))), *self.sets]
        if cube:
            every += self.subsets
        return list(dict.fromkeys(every))


@dataclass(frozen=True, eq=False)
class Run:
    """A layout with its sample: n base rows in chunks, resamples, a seed.

    ``points(number)`` gives a chunk's (m, 2 dimension) points, ``centre`` (T,) is what outputs are taken
    about.
    """

    layout: Layout
    n: int
    chunk: int
    resamples: int
    seed: int
    centre: Array

    @staticmethod
    def chunk_for(layout: Layout, outputs: int, least: int, most: int, n: int) -> int:
        """Return rows a chunk: a power of two that makes enough tasks and keeps what each holds small."""
        wanted = max(least, n // TASKS, 1)
        fits = max(1, HELD // max(1, layout.kept * outputs))
        small = min(max(wanted, 8), most, max(fits, 8))
        return 1 << (int(small).bit_length() - 1)

    @cached_property
    def sizes(self) -> list[int]:
        """The rows of every chunk."""
        full, rest = divmod(self.n, self.chunk)
        return [self.chunk] * full + ([rest] if rest else [])

    @cached_property
    def cubes(self) -> frozenset[int]:
        """The chunks whose rows have all subsets evaluated, evenly spread."""
        if self.layout.shapley != "exact":
            return frozenset()
        apart = max(1, (1 << len(self.layout.players)) // CUBE)
        return frozenset(range(0, len(self.sizes), apart))

    @property
    def evaluations(self) -> int:
        """The number of evaluations of the run."""
        layout = self.layout
        walk = len(layout.players) - 1 if layout.shapley == "permutation" else 0
        plain = len(layout.wanted(cube=False)) + walk
        rows_of_cube = len(layout.wanted(cube=True)) if self.cubes else plain
        return sum(
            rows * (rows_of_cube if number in self.cubes else plain)
            for number, rows in enumerate(self.sizes)
        )

    @cached_property
    def tasks(self) -> list[range]:
        """Runs of chunks, each one piece of work; the same whatever the number of workers."""
        count = len(self.sizes)
        size = -(-count // TASKS)
        return [range(start, min(start + size, count)) for start in range(0, count, size)]

    @cached_property
    def _totals(self) -> NDArray[np.int64]:
        return block_totals(self._rng("resampled rows"), self.sizes, self.resamples)

    def _rng(self, purpose: str, number: int = 0) -> np.random.Generator:
        words = {"resampled rows": 1, "resamples": 2, "orders": 3}
        return np.random.default_rng(
            np.random.SeedSequence([self.seed, 0x5A1E, words[purpose], number])
        )

    def empty(self) -> Sums:
        """Return sums of no rows."""
        layout = self.layout
        return Sums.empty(self.resamples, len(self.centre), len(layout.sets), len(layout.players))

    def add_chunk(self, number: int, points: Array, evaluate: Evaluate, out: Sums) -> None:
        """Add the sums of one chunk from its points (m, 2 dimension)."""
        layout, d = self.layout, self.layout.dimension
        a, b = points[:, :d], points[:, d:]
        m = len(points)
        counts = block_counts(self._rng("resamples", number), self._totals[:, number], m)
        cube = number in self.cubes
        wanted = layout.wanted(cube=cube)
        orders = self._orders(number, m)
        requests = [self._request(a, b, members) for members in wanted]
        requests += self._walk(a, b, orders)
        y = evaluate(requests, number)
        index = {members: row for row, members in enumerate(wanted)}
        second = y[1] - self.centre
        out.add_base(counts, y[0] - self.centre, second)
        work = np.empty((m, 2, y.shape[2]))
        for row, members in enumerate(layout.sets):
            out.add_set(row, counts, y[0], second, y[index[members]], work)
        shared = cube or layout.shapley == "permutation"
        for start in range(0, y.shape[2] if shared else 0, SLAB):
            slab = slice(start, start + SLAB)
            for row, part in enumerate(self._parts(y[:, :, slab], index, orders)):
                out.add_shares(row, counts, part, slab)

    def _request(self, a: Array, b: Array, members: frozenset[int]) -> Request:
        mask = self.layout.mask(members)
        return Request(exchanged(a, b, mask, self.layout.copula), self.layout.copies(members))

    def _parts(self, y: Array, index: dict[frozenset[int], int], orders: Index) -> Array:
        """Return (players, m, T) what each player adds to the variance, row by row."""
        layout = self.layout
        if layout.shapley == "exact":
            rows = [index[members] for members in layout.subsets]
            return exact_parts(y[rows], symmetric=layout.symmetric)
        steps = len(layout.players) - 1
        walk = np.concatenate([y[:1], y[len(y) - steps :], y[1:2]])
        return permuted_parts(walk, orders, symmetric=layout.symmetric)

    # -- random orders --------------------------------------------------------------------------

    def _orders(self, number: int, m: int) -> Index:
        """Return (m, g) the orders in which players are exchanged.

        Teams with streams have the same places in all orders of a chunk, since a stream's realisation
        is chosen for a whole evaluation; places and all else are uniform.
        """
        g = len(self.layout.players)
        rng = self._rng("orders", number)
        if self.layout.shapley != "permutation":
            return np.empty((m, 0), np.intp)
        common = rng.permutation(g)
        fixed = np.array([bool(self.layout.copies(self.layout.players[index])) for index in common])
        free = common[~fixed]
        out = np.tile(common, (m, 1))
        out[:, ~fixed] = rng.permuted(np.tile(free, (m, 1)), axis=1)
        return np.asarray(out, np.intp)

    def _walk(self, a: Array, b: Array, orders: Index) -> list[Request]:
        """Return the steps strictly between A and B."""
        layout = self.layout
        if layout.shapley != "permutation":
            return []
        masks = np.array([layout.mask(player) for player in layout.players])
        streams = [layout.copies(player) for player in layout.players]
        inside = np.zeros((len(a), layout.dimension), bool)
        taken: frozenset[str] = frozenset()
        out = []
        for step in range(len(layout.players) - 1):
            inside = inside | masks[orders[:, step]]
            taken |= streams[orders[0, step]]
            out.append(Request(exchanged(a, b, inside, layout.copula), taken))
        return out


def shapley_for(players: int) -> Shapley:
    """Return all subsets for up to 8 players, random orders for more."""
    return "exact" if players <= EXACT else "permutation"
