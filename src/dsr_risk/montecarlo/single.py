"""Draws of weights in single precision: values, ranks and bins of one block in a few compiled loops.

What is held in single precision is the distance of a value from the one as written, not the value: distances
are small, and their rounding is smaller by as much.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._util.scratch import Scratch
from .._util.types import Array, Index
from ..scoring.kernel import Plan
from ..scoring.ranking import MOST_BITS, TIE
from ..scoring.stages import Stage
from ..scoring.tree import Span
from .counts import NUDGE, CountSpec, DrawCounts
from .design import Design
from .ranks import Ranks

__all__ = ["Single", "single_form"]

Singles = NDArray[np.float32]

CHUNK = 512
"""Draws counted at once: what stays in a core's cache."""

SCORE_BITS = 24
"""The bits of a key that a number of single precision can fill."""

QUANTA = 4
"""How far rounding may move two keys against each other."""


@dataclass(frozen=True, eq=False)
class _Node:
    """A node that is counted, the units that have it, their values, and (indicators, m) terms less these.

    ``ways`` are how weights go down to its indicators, as ``share_out`` takes them.
    """

    ways: tuple[Index, ...]
    columns: Index
    centre: Array
    terms: Singles


class _Block(NamedTuple):
    """Distances (draws, m) of one node in one block, their moments and extremes (m,); 0 is among these."""

    away: Singles
    total: Array
    square: Array
    low: Singles
    high: Singles


class Single:
    """Draws of weights of a framework whose counted nodes are weighted means of values that no draw changes."""

    def __init__(self, design: Design, spec: CountSpec, plan: Plan) -> None:
        self.runner, self.spec = design.runners[0], spec
        stage_of = {stage.group_node.node: stage for stage in plan.stages}
        self.nodes: list[_Node] = []
        for row, node in enumerate(plan.wanted):
            columns, centre = spec.columns[row], spec.centre[row, spec.columns[row]]
            terms: Any = stage_of[node].terms
            away = np.asarray(terms[:, columns] - centre, np.float32)
            self.nodes.append(
                _Node(_ways(stage_of[node]), columns, centre, np.ascontiguousarray(away))
            )

    def count(self, u: Array, counts: DrawCounts, scratch: Scratch) -> bool:
        """Count the draws u (draws, dimension) of one block; False, with nothing counted, where it cannot."""
        from ._numba_single import add_moments, share_out

        blocks = [self._empty(row, len(u), scratch) for row in range(len(self.nodes))]
        weights = self.runner.weights(u.T, scratch, np.float32)
        for node, block in zip(self.nodes, blocks, strict=True):
            shares = scratch.get("shares", (len(node.terms), len(u)), np.float32)
            share_out(weights, node.ways, shares)
            for start in range(0, len(u), CHUNK):
                rows = slice(start, start + CHUNK)
                np.matmul(shares[:, rows].T, node.terms, out=block.away[rows])
                add_moments(block.away[rows], *block[1:])
        if not all(self._countable(row, block) for row, block in enumerate(blocks)):
            return False
        counts.seen[0] += len(u)
        for row, block in enumerate(blocks):
            columns = self.nodes[row].columns
            counts.count[row, columns] += len(u)
            counts.total[row, columns] += block.total
            counts.square[row, columns] += block.square
            if self.spec.bins:
                self._count_bins(row, block.away, counts)
        for number, score in enumerate(self.spec.scores):
            for units in score.groups:
                ranks = self._ranks(score.row, units, blocks[score.row], scratch)
                counts.add_ranks(number, units, ranks)
        return True

    def _empty(self, row: int, draws: int, scratch: Scratch) -> _Block:
        """Return the block of one node before its draws."""
        units = len(self.nodes[row].columns)
        away = scratch.get(("away", row), (draws, units), np.float32)
        total, square = np.zeros(units), np.zeros(units)
        return _Block(away, total, square, np.zeros(units, np.float32), np.zeros(units, np.float32))

    def _countable(self, row: int, block: _Block) -> bool:
        """Tell whether every value is a number and lies inside the bins."""
        spec, centre = self.spec, self.nodes[row].centre
        if not np.isfinite(block.total).all():
            return False
        if not spec.bins:
            return True
        width = spec.width[row]
        inside = (centre + block.low).min() >= spec.low[row] - NUDGE / 2 * width
        # A rounding error above the last edge is in the bin of the upper end all the same.
        return bool(
            inside and (centre + block.high).max() < spec.low[row] + width * (spec.bins + 0.5)
        )

    def _count_bins(self, row: int, away: Singles, counts: DrawCounts) -> None:
        from ._numba_single import count_bins

        rate, starts = 1 / self.spec.width[row], self.spec.starts[row]
        count_bins(away, rate, starts, counts.bins[row].reshape(-1))

    def _ranks(self, row: int, units: Index, block: _Block, scratch: Scratch) -> Ranks:
        """Count the ranks of some units that are ranked together."""
        from ._numba import bits_of, count_sorted
        from ._numba_single import make_keys

        node, spec = self.nodes[row], self.spec
        draws, m = len(block.away), len(units)
        at = np.searchsorted(node.columns, units)
        x = block.away
        if m < x.shape[1]:
            x = scratch.get("group", (draws, m), np.float32)
            np.take(block.away, at, axis=1, out=x, mode="clip")
        centre = node.centre[at]
        base, top = (centre + block.low[at]).min(), (centre + block.high[at]).max()
        bits = max(1, (m - 1).bit_length())
        steps = (1 << min(SCORE_BITS, 32 - bits)) - 2 * QUANTA
        size = steps / max(top - base, TIE * spec.length)
        starts = np.rint((centre - base) * size).astype(np.int32) + np.int32(QUANTA)
        close = min((int(TIE * spec.length * size) + 2 + QUANTA) << bits, (1 << 32) - 1)
        out = np.zeros((m + 1, m), np.uint16 if draws < 1 << 16 else np.uint32)
        above = np.zeros((m, m) if spec.pairs else (0, 0), np.int64)
        rows_at_once = draws if spec.pairs else CHUNK
        keys = scratch.get("keys", (min(rows_at_once, draws), m), np.uint32)
        for start in range(0, draws, rows_at_once):
            part = x[start : start + rows_at_once]
            some = keys[: len(part)]
            make_keys(part, starts, np.float32(size), bits, some)
            some.sort(axis=1)
            limits = (close, TIE * spec.length)
            count_sorted(part, centre, some, limits, out, bits_of(m), above)
        return Ranks(out, above if spec.pairs else None)


def _ways(stage: Stage) -> tuple[Index, ...]:
    """Return how weights go down in a stage, as ``share_out`` takes it; groups come before those below them."""
    nodes = [node for node, *_ in stage.steps]
    children = [_index(part) for _, part, _, _ in stage.steps]
    rows = [_index(part) for _, _, part, _ in stage.steps]
    ends = [_index(part) for _, _, _, part in stage.steps]
    above = {child: index for index, part in enumerate(children) for child in part}
    lists = (
        [above.get(node, -1) for node in nodes],
        nodes,
        _starts(children),
        itertools.chain(*children),
        _starts(ends),
        itertools.chain(*ends),
        itertools.chain(*rows),
    )
    return tuple(np.array(list(part), np.intp) for part in lists)


def _index(span: Span) -> list[int]:
    """Return the numbers that a slice or an array stands for."""
    return list(range(span.start, span.stop)) if isinstance(span, slice) else [*map(int, span)]


def _starts(lists: list[list[int]]) -> list[int]:
    return [0, *itertools.accumulate(map(len, lists))]


def single_form(design: Design, spec: CountSpec) -> Single | None:
    """Return the form in single precision, or None where values are to be computed in double precision.

    It is for one variant of which only weights are drawn, nodes that are arithmetic means without gaps below
    them, and groups of 2 to 1,024 units that are ranked together.
    """
    runner = design.runners[0]
    if (
        not spec.single
        or len(design.variants) > 1
        or design.streams
        or runner.steps
        or runner.tree_numbers
        or (spec.bins and not spec.bands_in_bins)
    ):
        return None
    sizes = [len(units) for score in spec.scores for units in score.groups]
    if not sizes or min(sizes) < 2 or max(sizes) > 1 << MOST_BITS:
        return None
    plan = runner.plan(tuple(runner.variant.tree.index[name] for name in spec.nodes))
    stage_of = {stage.group_node.node: stage for stage in plan.stages}
    stages = [stage_of.get(node) for node in plan.wanted]
    return Single(design, spec, plan) if all(map(_is_linear, stages)) else None


def _is_linear(stage: Stage | None) -> bool:
    return (
        stage is not None
        and stage.sums
        and stage.group_node.aggregator.affine
        and stage.group_node.stays
        and not stage.groups
        and not stage.raised
        and stage.indicator_mask is None
        and stage.terms is not None
        and bool(np.isfinite(stage.terms).all())
    )
