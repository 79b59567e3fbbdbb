"""Cells that differ from draw to draw, where every other indicator is the same in all draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .._util.scratch import Scratch
from .._util.types import Array, Index, Mask
from ..methods._classed import ClassedDraws

__all__ = ["CellsOfStage", "CellsOnScale"]

CellsOnScale = Callable[[slice], Array]
"""The cells on the scale (c, draws) of some of the draws; the array may be overwritten."""


@dataclass(frozen=True, eq=False)
class CellsOfStage:
    """The drawn cells whose terms enter one weighted sum.

    The first cells of all units come first, in the order ``units``, then the second cells of those units that have
    two, and so on.

    Attributes
    ----------
    cells
        (k,) which cells.
    rows
        (k,) the row of each among the indicators of the sum.
    units
        (u,) the units that have a cell, those with the most cells first.
    counts
        How many units have a first cell, a second one, ...
    """

    cells: Index
    rows: Index
    units: Index
    counts: tuple[int, ...]

    @classmethod
    def of(cls, indicators: Index, units: Index, members: Index, present: Mask) -> CellsOfStage:
        """Choose the cells (c,) of the indicators `members` of a sum, where `present` (members, n)."""
        row_of = np.full(max(indicators.max(initial=-1), members.max(initial=-1)) + 1, -1)
        row_of[members] = np.arange(len(members))
        row = row_of[indicators]
        cells = np.flatnonzero((row >= 0) & present[row, units] if len(members) else row >= 0)
        cells = cells[np.argsort(units[cells], kind="stable")]
        own, first, count = np.unique(units[cells], return_index=True, return_counts=True)
        most = np.argsort(-count, kind="stable")
        counts = [int((count > depth).sum()) for depth in range(int(count.max(initial=0)))]
        order = [first[most[:size]] + depth for depth, size in enumerate(counts)]
        cells = cells[np.concatenate([np.empty(0, np.intp), *order])]
        return cls(cells, row[cells], own[most], tuple(counts))

    def totals(
        self,
        draws: ClassedDraws,
        shares: Array,
        terms: Callable[[Array], Array],
        out: Array,
        scratch: Scratch,
    ) -> None:
        """Set `out` (u, draws) to the sums of `terms` of cells drawn by class times shares (indicators, draws).

        As ``add`` sums them, column by column: what is computed on the way stays in the cache of a processor.
        """
        out[...] = 0.0
        order = np.argsort(self.cells)
        cells, rows = self.cells[order], self.rows[order]
        place = np.concatenate([np.arange(count) for count in self.counts])[order]
        for own, values in draws.by_column(scratch):
            part = slice(*np.searchsorted(cells, [own.start, own.stop]).tolist())
            if part.start == part.stop:
                continue
            some = part.stop - part.start < len(values)
            term = terms(values[cells[part] - own.start] if some else values)
            weighted = scratch.get("weighted terms of cells", term.shape)
            out[place[part]] += np.multiply(term, shares[rows[part.start]], out=weighted)

    def add(self, terms: Array, shares: Array, out: Array) -> None:
        """Add terms (k, draws), which may be overwritten, times shares (indicators, draws) to sums (draws, n)."""
        if not self.counts:
            return
        terms *= np.take(shares, self.rows, axis=0)
        start = len(self.units)
        total = terms[:start]
        for count in self.counts[1:]:
            total[:count] += terms[start : start + count]
            start += count
        out[:, self.units] += total.T
