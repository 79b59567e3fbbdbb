"""Targets: scores, ranks, nodes and the mean rank shift, as columns computed from evaluated nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..._util.scratch import Scratch
from ..._util.types import Array, Index
from ...montecarlo import Design
from ...montecarlo.design import Nodes
from ...scoring.ranking import ranks_of

__all__ = ["ALL_UNITS", "Nodes", "Targets", "targets_of", "unit_labels"]

ALL_UNITS = "all"
"""The label of a target that stands for all units together."""

LEVELS = ["quantity", "node", "unit"]


@dataclass(frozen=True, eq=False)
class Block:
    """Neighbouring columns of one quantity of one node: which units they are."""

    quantity: str
    node: str
    row: int
    units: Index
    start: int

    @property
    def columns(self) -> slice:
        """Its columns."""
        return slice(self.start, self.start + len(self.units))


@dataclass(frozen=True, eq=False)
class Targets:
    """The columns that are analysed: blocks of columns, one column a unit, then one mean rank shift a headline.

    ``nodes`` are evaluated, headline scores first. ``ranked`` lists for each headline the groups of units
    ranked together; ``nominal`` (scores, n) the ranks as written. ``tiny`` (columns,) is the variance
    below which a column counts as constant.
    """

    nodes: tuple[str, ...]
    headlines: int
    blocks: tuple[Block, ...]
    ranked: tuple[tuple[Index, ...], ...]
    nominal: Array
    length: float
    labels: tuple[str, ...]
    undefined: tuple[tuple[str, str, int, str], ...]

    @property
    def count(self) -> int:
        """The number of columns."""
        return sum(len(block.units) for block in self.blocks) + self.headlines

    @property
    def tiny(self) -> Array:
        """(columns,) the variance of rounding: (1e-9 of the scale) squared for values, 0 for ranks."""
        out = np.zeros(self.count)
        for block in self.blocks:
            if block.quantity != "rank":
                out[block.columns] = (1e-9 * self.length) ** 2
        return out

    def index(self) -> pd.MultiIndex:
        """Return the name of every column."""
        rows = [
            (block.quantity, block.node, self.labels[unit])
            for block in self.blocks
            for unit in block.units
        ]
        rows += [("shift", headline, ALL_UNITS) for headline in self.nodes[: self.headlines]]
        return pd.MultiIndex.from_tuples(rows, names=LEVELS)

    def columns(self, values: Array, scratch: Scratch, out: Array) -> None:
        """Fill out (draws, columns) from values (nodes, draws, n)."""
        ranks = [
            self._ranks(headline, values[headline], scratch) for headline in range(self.headlines)
        ]
        for block in self.blocks:
            source = ranks[block.row] if block.quantity == "rank" else values[block.row]
            out[:, block.columns] = _picked(source, block.units)
        for headline in range(self.headlines):
            units = self._shifting(headline)
            away = _picked(ranks[headline], units) - self.nominal[headline, units]
            np.abs(away, out=away)
            out[:, self.count - self.headlines + headline] = (
                away.mean(axis=1) if units.size else np.nan
            )

    def _shifting(self, headline: int) -> Index:
        block = next(
            block for block in self.blocks if block.quantity == "rank" and block.row == headline
        )
        return np.asarray(block.units[~np.isnan(self.nominal[headline, block.units])])

    def _ranks(self, headline: int, x: Array, scratch: Scratch) -> Array:
        out = scratch.get(("ranks of", headline), x.shape)
        if sum(len(group) for group in self.ranked[headline]) < x.shape[1]:
            out[...] = np.nan
        for group in self.ranked[headline]:
            ranks = ranks_of(_picked(x, group), self.length, scratch)
            if len(group) == x.shape[1]:
                out[...] = ranks
            else:
                out[:, group] = ranks
        return out


def _picked(x: Array, units: Index) -> Array:
    """Return some columns of x (draws, n); x itself where they are all."""
    return x if len(units) == x.shape[1] else x[:, units]


def unit_labels(design: Design) -> tuple[str, ...]:
    """Return a word for every unit: its code, with the year in a panel."""
    if design.data.is_panel:
        return tuple(f"{iso3} {year}" for iso3, year in design.data.units)
    return tuple(str(code) for code in design.data.iso3)


def targets_of(design: Design, nodes: Nodes) -> Targets:
    """Return the columns of a design: units that have a value under every combination of choices."""
    names, headlines = design.nodes_of(nodes), len(design.headlines)
    expected = design.expected(names)
    every, ever = np.all(expected, axis=0), np.any(expected, axis=0)
    for row in range(headlines):
        # How much is observed decides what is printed, not what is drawn.
        printed = design.printed(names[row])
        every[row] &= printed
        ever[row] &= printed
    blocks: list[Block] = []
    undefined: list[tuple[str, str, int, str]] = []
    start = 0
    for row, name in enumerate(names):
        for quantity in ("score", "rank") if row < headlines else ("node",):
            units = np.flatnonzero(every[row])
            blocks.append(Block(quantity, name, row, units, start))
            start += len(units)
            undefined += [
                (quantity, name, int(unit), _why(design, name, bool(ever[row, unit])))
                for unit in np.flatnonzero(~every[row])
            ]
    nominal = np.full((headlines, len(design.data)), np.nan)
    ranked = []
    lower, upper = design.nominal._state.tree.scale
    for headline, name in enumerate(design.headlines):
        label = design.rank_groups(name)
        scored = np.flatnonzero(ever[headline])
        groups = tuple(scored[label[scored] == number] for number in np.unique(label[scored]))
        ranked.append(groups)
        values = design.nominal._values[:, design.nominal._state.tree.index[name]]
        for group in groups:
            nominal[headline, group] = ranks_of(values[None, group], upper - lower)[0]
    return Targets(
        names,
        headlines,
        tuple(blocks),
        tuple(ranked),
        nominal,
        upper - lower,
        unit_labels(design),
        tuple(undefined),
    )


def _why(design: Design, node: str, sometimes: bool) -> str:
    if sometimes:
        return f"`{node}` has no value here under some of the choices"
    return f"`{node}` has no value here"
