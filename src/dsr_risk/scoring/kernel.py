"""The one evaluator: every node's value for many draws of weights, indicators and parameters at once.

A plain score is a batch of one draw; uncertainty, sensitivity and the value of information are batches of
many. What makes it fast: a run of equal means collapses to one matrix product with effective weights, and
what no draw changes is computed once. Inside, arrays are (nodes, draws, units), so that each node's values
lie together. No method is named here: a mean brings its own steps (`Mean.g_into`, `Mean.inverse_into`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

import numpy as np

from .._util.scratch import Scratch
from .._util.types import Array, Index, Mask
from ..methods._classed import ClassedDraws
from .drawn_cells import CellsOfStage, CellsOnScale
from .stages import (
    Chunk,
    Stage,
    add_products,
    lower_into,
    mean_of,
    raised_values,
    rows_of,
    write_term,
)
from .tree import Entries, GroupNode, Tree

__all__ = ["Plan", "evaluate"]


ROUNDING = 1e-12
"""The share of the scale by which rounding may put a value beside an end of it."""

CHUNK = 128
"""Draws taken through all stages at once, so that what one leaves is still in cache for the next."""


class Plan:
    """The stages of one tree for the wanted nodes.

    Parameters
    ----------
    tree
        The compiled framework.
    has_value
        (n, N) which nodes are scored.
    indicators
        (n, L) values of indicators on the scale where no draw changes them, or None where they come with each run.
    wanted
        Nodes whose values are asked for, in the order they are returned.
    apart
        Groups whose aggregator changes from draw to draw: they are never merged with their parent.
    drawn
        The indicators and units (c,) of cells that come with each run, all others being `indicators`; see
        ``takes_cells``.
    published
        Whether every value must be the same to the last digit whatever other units there are, and lie
        between its smallest and largest child. It needs every node in `wanted`, and is slower: a draw
        may differ in its last digits.
    """

    def __init__(
        self,
        tree: Tree,
        has_value: Mask,
        indicators: Array | None,
        wanted: Sequence[int],
        apart: frozenset[int] = frozenset(),
        *,
        drawn: tuple[Index, Index] | None = None,
        published: bool = False,
    ) -> None:
        self.tree, self.has_value, self.wanted, self.apart = tree, has_value, tuple(wanted), apart
        self.published, self._drawn = published, drawn
        self.units = has_value.shape[0]
        self._group_nodes = {group_node.node: group_node for group_node in tree.group_nodes}
        self.fixed = None if indicators is None else np.ascontiguousarray(indicators.T)
        stages: dict[int, Stage] = {}
        for node in self.wanted:
            self._add(node, stages)
        # Children come before parents in the numbering of nodes.
        self.stages = tuple(stages[node] for node in sorted(stages))

    def _add(self, node: int, stages: dict[int, Stage]) -> None:
        if node < self.tree.n_indicators or node in stages:
            return
        stages[node] = self._stage(self._group_nodes[node])
        for below in stages[node].groups:
            self._add(below, stages)

    def _complete(self, group_node: GroupNode, rows: Mask) -> bool:
        return bool(self.has_value[np.ix_(rows, group_node.children)].all())

    def _stage(self, group_node: GroupNode) -> Stage:
        rows = self.has_value[:, group_node.node]
        sums = group_node.aggregator.sums
        complete = sums and not self.published and self._complete(group_node, rows)
        entries = (
            self._merged(group_node, rows)
            if complete
            else self.tree.entries_of_groups[group_node.node]
        )
        indicator, groups = entries.indicators, entries.groups
        absent = ~rows
        indicator_mask = None if complete else self._mask(indicator)
        group_mask = None if complete else self._mask(groups)
        terms, raised = None, False
        if self.fixed is not None and sums:
            values = self.fixed[indicator]
            raised = complete and not len(groups) and self._is_raised(group_node)
            if raised:
                values = raised_values(self._above(group_node), values)
            terms = self._terms(group_node, values, rows if complete else indicator_mask)
        cells = None
        if self._drawn is not None:
            present_units = np.broadcast_to(
                rows if indicator_mask is None else indicator_mask > 0, indicator.shape + rows.shape
            )
            cells = CellsOfStage.of(*self._drawn, indicator, present_units)
            if terms is not None:
                terms[cells.rows, self._drawn[1][cells.cells]] = 0.0
        return Stage(
            group_node,
            sums,
            indicator,
            tuple(groups.tolist()),
            entries.steps,
            absent,
            terms,
            indicator_mask,
            group_mask,
            raised,
            group_node.stays and group_node.aggregator.requires_positive(),
            self.tree.poles[group_node.node],
            cells,
        )

    def _mask(self, nodes: Index) -> Array:
        """Return (nodes, units) 1 where a node has a value, 0 elsewhere."""
        return np.ascontiguousarray(self.has_value[:, nodes].T, float)

    @property
    def takes_cells(self) -> bool:
        """True if drawn cells enter weighted sums only, all of finite terms, and are not asked for themselves."""
        return min(self.wanted, default=0) >= self.tree.n_indicators and not any(
            stage.cells is not None
            and len(stage.cells.cells)
            and (stage.infinite or not stage.sums)
            for stage in self.stages
        )

    def _merged(self, group_node: GroupNode, rows: Mask) -> Entries:
        """Return what enters a stage where groups below that merge with it are opened.

        `rows` are the units that have the group.
        """
        indicators: list[int] = []
        groups: list[int] = []
        steps: list[tuple[int, list[int], list[int]]] = []

        def descend(at: GroupNode) -> None:
            ends = []
            for child in at.children.tolist():
                below = self._group_nodes.get(child)
                if below is not None and self._merges(group_node, below, rows):
                    descend(below)
                else:
                    (indicators if below is None else groups).append(child)
                    ends.append(child)
            steps.append((at.node, at.children.tolist(), ends))

        descend(group_node)
        return Entries.of(indicators, groups, steps[::-1])

    def _above(self, group_node: GroupNode) -> GroupNode | None:
        return self._group_nodes.get(int(self.tree.parent[group_node.node]))

    def _is_raised(self, group_node: GroupNode) -> bool:
        """Tell whether a group's value is used only by a parent that raises the scale.

        A weighted mean of raised values is the raised mean, so its indicators may be raised once instead.
        """
        above = self._above(group_node)
        return (
            above is not None
            and not above.stays
            and above.aggregator.sums
            and group_node.aggregator.affine
            and group_node.node not in self.wanted
            and not self.tree.poles[group_node.node]
            and not {group_node.node, above.node} & self.apart
        )

    def _merges(self, group_node: GroupNode, below: GroupNode, rows: Mask) -> bool:
        return (
            group_node.node not in self.apart
            and below.node not in self.apart
            and below.aggregator == group_node.aggregator
            and (below.intercept, below.slope) == (group_node.intercept, group_node.slope)
            and self._complete(below, rows)
        )

    @staticmethod
    def _terms(group_node: GroupNode, indicators: Array, present: Array | Mask | None) -> Array:
        """Return the mean's terms of indicators, 0 where they play no part (a product with 0 would keep a NaN)."""
        terms = mean_of(group_node).g(raised_values(group_node, indicators))
        if present is not None and not np.all(present):
            terms = np.where(np.asarray(present, bool), terms, 0.0)
        return np.ascontiguousarray(terms)

    # -- running --------------------------------------------------------------------------------

    def run(
        self,
        weights: Array,
        scratch: Scratch,
        *,
        indicators: Array | None = None,
        cells: CellsOnScale | ClassedDraws | None = None,
        changed: Mapping[int, GroupNode] | None = None,
        out: Array | None = None,
        fast: bool = False,
    ) -> Array:
        """Return the wanted nodes' values, (wanted, draws, units); NaN where a node has no value.

        Parameters
        ----------
        weights
            (N, draws) weights among siblings.
        indicators
            (draws, L, n) indicators of each draw, where the plan holds none.
        cells
            The drawn cells of each draw, or these by class, where the plan has such.
        changed
            Groups to use instead of the tree's (their aggregator takes arrays (draws, 1)).
        fast
            Whether means are evaluated in compiled loops (extra `fast`) where they have such; last digits
            may differ then.
        """
        draws = weights.shape[1]
        out = np.empty((len(self.wanted), draws, self.units)) if out is None else out
        for row, node in enumerate(self.wanted):
            if node < self.tree.n_indicators:
                out[row] = self._fixed[node] if indicators is None else indicators[:, node]
        shares = self.shares(weights, scratch)
        whole = len(self.stages) < 2 or changed or indicators is not None
        size = draws if whole and cells is None else CHUNK
        totals = self._totals(cells, shares, scratch) if isinstance(cells, ClassedDraws) else {}
        for start in range(0, draws, max(1, size)):
            rows = slice(start, start + size)
            part = {node: share[:, rows] for node, share in shares.items()}
            own = cells(rows) if callable(cells) else indicators
            summed = {node: total[:, rows] for node, total in totals.items()}
            chunk = Chunk(own, scratch, summed, fast)
            self._chunk(weights[:, rows], part, chunk, changed or {}, out[:, rows])
        complete = np.asarray(self.has_value.all(axis=0))
        for row, node in enumerate(self.wanted):
            if not complete[node]:
                out[row][:, ~self.has_value[:, node]] = np.nan
        return out

    def shares(self, weights: Array, scratch: Scratch) -> dict[int, Array]:
        """Return by group the effective weights (indicators + groups, draws) of what enters its stage."""
        totals: dict[int, Array] = {}
        with np.errstate(invalid="ignore", divide="ignore"):
            return {
                stage.group_node.node: self._shares(stage, weights, totals, scratch)
                for stage in self.stages
                if stage.sums
            }

    def _chunk(
        self,
        weights: Array,
        shares: Mapping[int, Array],
        chunk: Chunk,
        changed: Mapping[int, GroupNode],
        out: Array,
    ) -> None:
        """Evaluate some draws."""
        draws = weights.shape[1]
        row_of = {node: row for row, node in enumerate(self.wanted)}
        # What is not asked for is computed where its parent will turn it into a term, in place.
        values_of = {
            node: chunk.scratch.get(
                ("terms", stage.group_node.node), (len(stage.groups), draws, self.units)
            )[row]
            for stage in self.stages
            for row, node in enumerate(stage.groups)
        }
        with np.errstate(invalid="ignore", divide="ignore"):
            for stage in self.stages:
                node = stage.group_node.node
                target = out[row_of[node]] if node in row_of else values_of[node]
                group_node = changed.get(node, stage.group_node)
                if stage.sums:
                    self._mean(stage, group_node, shares[node], chunk, target)
                else:
                    self._other(group_node, weights, chunk, target)
                chunk.values[node] = target
                if self.published and group_node.aggregator.rounds:
                    self._held(group_node, weights, out, target)
                elif stage.poles:
                    self._settled(target, stage.poles)
                if stage.raised and (chunk.indicators is None or stage.cells is not None):
                    chunk.raised.add(node)

    def _mean(
        self, stage: Stage, group_node: GroupNode, shares: Array, chunk: Chunk, target: Array
    ) -> None:
        draws, scratch = shares.shape[1], chunk.scratch
        count = len(stage.indicators)
        if count:
            fixed = stage.cells is not None
            terms = self._indicator_terms(stage, group_node, None if fixed else chunk.indicators)
            add_products(terms, shares[:count], target, infinite=stage.infinite)
            self._add_cells(stage, chunk, shares, target)
        bottom = self._bottom(stage, shares, scratch)
        if stage.groups:
            shape = (len(stage.groups), draws, self.units)
            terms = scratch.get(("terms", stage.group_node.node), shape)
            for row, node in enumerate(stage.groups):
                raised = node in chunk.raised
                write_term(group_node, chunk.values[node], raised, terms[row], fast=chunk.fast)
                if stage.group_mask is not None and not stage.group_mask[row].all():
                    present = stage.group_mask[row].astype(bool)
                    np.copyto(
                        terms[row], 0.0, where=~(present & (shares[count + row] > 0)[:, None])
                    )
            if stage.infinite or draws == 1:
                if not count:
                    target[...] = 0.0
                # As in `add_products`, child by child.
                for share, term in zip(shares[count:, :, None], terms, strict=True):
                    target += np.where(share > 0, share * term, 0.0)
            elif count:
                target += np.einsum("jk,jkn->kn", shares[count:], terms)
            else:
                np.einsum("jk,jkn->kn", shares, terms, out=target)
        if bottom is not None:
            target /= bottom
        lower_into(group_node, target, fast=chunk.fast)

    @staticmethod
    def _bottom(stage: Stage, shares: Array, scratch: Scratch) -> Array | None:
        """Return the sum (draws, n) of the weights that are present, None where all are and add up to one."""
        if stage.indicator_mask is None or stage.group_mask is None:
            return None
        present = np.concatenate([stage.indicator_mask, stage.group_mask])
        if shares.shape[1] == 1 and present.all():
            return np.add.accumulate(shares)[-1:]
        bottom = scratch.get("bottom", (shares.shape[1], present.shape[1]))
        add_products(present, shares, bottom)
        return bottom

    def _indicator_terms(
        self, stage: Stage, group_node: GroupNode, indicators: Array | None
    ) -> Array:
        """Return (indicators, n) terms for every draw, or (draws, indicators, n) where they differ."""
        if indicators is None and stage.terms is not None and group_node is stage.group_node:
            return stage.terms
        present = stage.indicator_mask if stage.indicator_mask is not None else ~stage.absent
        values = (
            self._fixed[None, stage.indicators]
            if indicators is None
            else rows_of(indicators, stage.indicators)
        )
        terms = mean_of(group_node).g(raised_values(group_node, values))
        return terms if np.all(present) else np.where(np.asarray(present, bool), terms, 0.0)

    def _add_cells(self, stage: Stage, chunk: Chunk, shares: Array, target: Array) -> None:
        """Add the terms of drawn cells, if a stage has such, to its sums in place."""
        total = chunk.totals.get(stage.group_node.node)
        if stage.cells is not None and total is not None:
            target[:, stage.cells.units] += total.T
        elif stage.cells is not None and chunk.indicators is not None:
            drawn = np.take(chunk.indicators, stage.cells.cells, axis=0)
            stage.cells.add(self._cell_terms(stage, drawn), shares, target)

    def _cell_terms(self, stage: Stage, x: Array) -> Array:
        """Return the terms of drawn cells (c, draws) of a stage."""
        if stage.raised:
            x = raised_values(self._above(stage.group_node), x)
        return np.asarray(mean_of(stage.group_node).g(raised_values(stage.group_node, x)))

    def _totals(
        self, cells: ClassedDraws, shares: Mapping[int, Array], scratch: Scratch
    ) -> dict[int, Array]:
        """Return by group the weighted sums (units with drawn cells, draws) of the terms of drawn cells."""
        out, draws = {}, cells.classes.shape[1]
        with np.errstate(invalid="ignore", divide="ignore"):
            for stage in self.stages:
                if stage.cells is not None and stage.cells.counts:
                    node = stage.group_node.node
                    out[node] = scratch.get(
                        ("cells of a group", node), (len(stage.cells.units), draws)
                    )
                    terms = partial(self._cell_terms, stage)
                    stage.cells.totals(cells, shares[node], terms, out[node], scratch)
        return out

    def _shares(
        self, stage: Stage, weights: Array, totals: dict[int, Array], scratch: Scratch
    ) -> Array:
        """Return (indicators + groups, draws) weights of what enters a stage; they add up to one."""
        count = len(stage.indicators) + len(stage.groups)
        out = scratch.get(("shares", stage.group_node.node), (count, weights.shape[1]))
        scale: dict[int, Array] = {}
        top = stage.group_node.node
        for node, children, rows, ends in stage.steps:
            total = totals.get(node)
            if total is None:
                total = totals[node] = np.add.reduce(weights[children], axis=0)
            share = 1 / total
            if node != top:
                share *= weights[node]
                share *= scale[int(self.tree.parent[node])]
            scale[node] = share
            if isinstance(rows, slice):
                np.multiply(weights[ends], share, out=out[rows])
            else:
                out[rows] = weights[ends] * share
        return out

    def _other(self, group_node: GroupNode, weights: Array, chunk: Chunk, target: Array) -> None:
        """Combine by the aggregator's own rule, where its value is no weighted sum of terms."""
        parts = [self._child(int(child), chunk) for child in group_node.children]
        present = np.ascontiguousarray(self.has_value[:, group_node.children].T)
        raised = np.stack([np.broadcast_to(group_node.raise_up(x), target.shape) for x in parts])
        combined = group_node.aggregator.combine(
            raised, weights[group_node.children][:, :, None], present
        )
        target[...] = group_node.bring_down(combined)

    def _child(self, child: int, chunk: Chunk) -> Array:
        """Return (draws, n) or (n,) values of one child."""
        if child >= self.tree.n_indicators:
            return chunk.values[child]
        # Where cells are drawn, no indicator with one is a child here.
        fixed = chunk.indicators is None or self._drawn is not None
        return self._fixed[child] if fixed else cast("Array", chunk.indicators)[:, child]

    @property
    def _fixed(self) -> Array:
        return cast("Array", self.fixed)

    def _held(self, group_node: GroupNode, weights: Array, nodes: Array, target: Array) -> None:
        """Hold a group's values between its smallest and its largest child, in place.

        `nodes` (N, draws, n) has the values of every node below it.
        """
        children = group_node.children
        parts = nodes[children]
        live = self.has_value[:, children].T[:, None] & (weights[children] > 0)[:, :, None]
        low, high = (parts, parts) if live.all() else _with_ends(parts, live)
        np.maximum(target, low.min(axis=0), out=target)
        np.minimum(target, high.max(axis=0), out=target)

    def _settled(self, y: Array, ends: tuple[float, ...]) -> None:
        """Put values a rounding error beside an end of the scale on it, in place."""
        floor, top = self.tree.scale
        room = ROUNDING * (top - floor)
        for end in ends:
            # A missing value is in no comparison, and most blocks have no value near an end.
            near = y < end + room if end == floor else y > end - room
            if near.any():
                y[near & (np.abs(y - end) < room)] = end


def _with_ends(parts: Array, live: Mask) -> tuple[Array, Array]:
    """Return values for the smallest and the largest of those that are live."""
    return np.where(live, parts, np.inf), np.where(live, parts, -np.inf)


def evaluate(
    tree: Tree, indicators: Array, weights: Array, has_value: Mask, plan: Plan | None = None
) -> Array:
    """Evaluate every node for every draw and country.

    Parameters
    ----------
    tree
        The compiled framework.
    indicators
        (n, L) or (draws, n, L) normalised indicators on the framework's scale; NaN where missing.
    weights
        (N,) or (draws, N) weights among siblings, any positive scale.
    has_value
        (n, N) which nodes are scored (from `coverage`), the same for every draw.
    plan
        The plan of `has_value` for every node, if it is made already; its indicators come with each run.

    Returns
    -------
    ndarray
        (draws, n, N), NaN where a node has no value. The weight of a child without a value is shared
        among its siblings.
    """
    weights = np.atleast_2d(weights).T
    single = indicators.ndim == 2 or len(indicators) == 1
    if not single and weights.shape[1] == 1:
        weights = np.repeat(weights, len(indicators), axis=1)
    drawn = None
    if plan is not None or not single:
        drawn = np.ascontiguousarray(
            np.swapaxes(indicators.reshape(-1, *indicators.shape[-2:]), 1, 2)
        )
    if plan is None:
        fixed = indicators.reshape(indicators.shape[-2:]) if single else None
        plan = Plan(tree, has_value, fixed, range(len(tree.names)), published=True)
    values = plan.run(np.ascontiguousarray(weights), Scratch(), indicators=drawn)
    return np.moveaxis(values, 0, -1)
