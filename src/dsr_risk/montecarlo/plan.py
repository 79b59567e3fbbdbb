"""The batched evaluation of a tree: many draws of weights, as few passes over memory as possible.

The values are those of ``kernel.evaluate`` (tests hold them equal to 1e-12). What makes it fast: a run of
equal means collapses to one matrix product with effective weights, and what no draw changes is computed
once. Arrays are (nodes, draws, units), so that each node's values lie together.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._util.types import Array, Index, Mask
from ..methods.aggregation import Arithmetic, Geometric, Harmonic, Mean, Power
from ..scoring.kernel import Branch, Tree

__all__ = ["Plan", "Scratch", "span"]

Span = Index | slice

KNOWN = (Arithmetic, Geometric, Harmonic, Power)
"""Means whose g and inverse are written out here, to work in place."""

CHUNK = 128
"""Draws taken through all stages at once, so that what one leaves is still in cache for the next."""


class Scratch:
    """Working arrays kept from one block to the next, so that no block pays for fresh memory."""

    def __init__(self) -> None:
        self._held: dict[Any, NDArray[Any]] = {}

    def get(self, name: Any, shape: tuple[int, ...], dtype: Any = np.float64) -> NDArray[Any]:
        """An array of that shape with any content."""
        size = math.prod(shape)
        held = self._held.get((name, dtype))
        if held is None or held.size < size:
            held = self._held[name, dtype] = np.empty(size, dtype)
        return held[:size].reshape(shape)


@dataclass(frozen=True, eq=False)
class Stage:
    """One group: what is added up for it.

    ``mean`` says whether it is a quasi-arithmetic mean. ``leaves`` are the leaf nodes whose terms enter
    one matrix product, ``groups`` the group nodes whose terms are added one by one. ``steps`` says how
    weights go down to them: a group, its children, which rows of the effective weights the children
    that end there fill, and those children. ``terms`` (leaves, units) are the leaves' terms where no
    draw changes them; the masks (children, units) say which are present, None where all are; ``absent``
    (units,) marks units without a value.
    """

    branch: Branch
    mean: bool
    leaves: Index
    groups: tuple[int, ...]
    steps: tuple[tuple[int, Span, Span, Span], ...]
    absent: Mask
    terms: Array | None
    leaf_mask: Array | None
    group_mask: Array | None
    lifted: bool


class Plan:
    """The stages of one tree for the wanted nodes.

    Parameters
    ----------
    tree
        The compiled framework.
    has_value
        (n, N) which nodes are scored.
    leaves
        (n, L) leaves on the scale where no draw changes them, or None where they come with each run.
    wanted
        Nodes whose values are asked for, in the order they are returned.
    apart
        Groups whose aggregator changes from draw to draw: they are never merged with their parent.
    """

    def __init__(
        self,
        tree: Tree,
        has_value: Mask,
        leaves: Array | None,
        wanted: Sequence[int],
        apart: frozenset[int] = frozenset(),
    ) -> None:
        self.tree, self.has_value, self.wanted, self.apart = tree, has_value, tuple(wanted), apart
        self.units = has_value.shape[0]
        self._branches = {branch.node: branch for branch in tree.branches}
        self.fixed = None if leaves is None else np.ascontiguousarray(leaves.T)
        stages: dict[int, Stage] = {}
        for node in self.wanted:
            self._add(node, stages)
        # Children come before parents in the numbering of nodes.
        self.stages = tuple(stages[node] for node in sorted(stages))

    def _add(self, node: int, stages: dict[int, Stage]) -> None:
        if node < self.tree.leaves or node in stages:
            return
        stages[node] = self._stage(self._branches[node])
        for below in stages[node].groups:
            self._add(below, stages)

    def _complete(self, branch: Branch, rows: Mask) -> bool:
        return bool(self.has_value[np.ix_(rows, branch.children)].all())

    def _stage(self, branch: Branch) -> Stage:
        rows = self.has_value[:, branch.node]
        mean = isinstance(branch.aggregator, Mean)
        complete = mean and self._complete(branch, rows)
        leaves: list[int] = []
        groups: list[int] = []
        steps: list[tuple[int, list[int], list[int]]] = []

        def descend(at: Branch) -> None:
            ends = []
            for child in at.children:
                below = self._branches.get(int(child))
                if below is None:
                    leaves.append(int(child))
                    ends.append(int(child))
                elif complete and self._merges(branch, below, rows):
                    descend(below)
                else:
                    groups.append(int(child))
                    ends.append(int(child))
            steps.append((at.node, at.children.tolist(), ends))

        descend(branch)
        steps.reverse()
        place = {node: row for row, node in enumerate([*leaves, *groups])}
        filled = tuple(
            (node, span(children), span([place[one] for one in ends]), span(ends))
            for node, children, ends in steps
        )
        leaf = np.array(leaves, np.intp)
        absent = ~rows
        leaf_mask = group_mask = None
        if not complete:
            leaf_mask = np.ascontiguousarray(self.has_value[:, leaf].T, float)
            group_mask = np.ascontiguousarray(self.has_value[:, groups].T, float)
        terms, lifted = None, False
        if self.fixed is not None and mean:
            own = self.fixed[leaf]
            lifted = complete and not groups and self._lifts(branch)
            if lifted:
                own = _raised(self._branches[int(self.tree.parent[branch.node])], own)
            terms = self._terms(branch, own, rows if complete else leaf_mask)
        return Stage(
            branch, mean, leaf, tuple(groups), filled, absent, terms, leaf_mask, group_mask, lifted
        )

    def _lifts(self, branch: Branch) -> bool:
        """Whether a group's value is only asked for by a parent that lifts it.

        A weighted mean of lifted values is the lifted mean, so its leaves may be lifted once instead.
        """
        above = self._branches.get(int(self.tree.parent[branch.node]))
        return (
            above is not None
            and above.slope != 1
            and isinstance(above.aggregator, Mean)
            and isinstance(branch.aggregator, Arithmetic)
            and branch.node not in self.wanted
            and not {branch.node, above.node} & self.apart
        )

    def _merges(self, branch: Branch, below: Branch, rows: Mask) -> bool:
        return (
            branch.node not in self.apart
            and below.node not in self.apart
            and below.aggregator == branch.aggregator
            and (below.intercept, below.slope) == (branch.intercept, branch.slope)
            and self._complete(below, rows)
        )

    @staticmethod
    def _terms(branch: Branch, leaves: Array, here: Array | Mask | None) -> Array:
        """The mean's terms of leaves, 0 where they play no part (a product with 0 would keep a NaN)."""
        terms = branch.aggregator.g(_raised(branch, leaves))  # type: ignore[attr-defined]
        if here is not None:
            terms = np.where(np.asarray(here, bool), terms, 0.0)
        return np.ascontiguousarray(terms)

    # -- running --------------------------------------------------------------------------------

    def run(
        self,
        weights: Array,
        scratch: Scratch,
        *,
        leaves: Array | None = None,
        changed: Mapping[int, Branch] | None = None,
        out: Array | None = None,
    ) -> Array:
        """The wanted nodes' values, (wanted, draws, units); NaN where a node has no value.

        Parameters
        ----------
        weights
            (N, draws) weights among siblings.
        leaves
            (draws, L, n) leaves of each draw, where the plan holds none.
        changed
            Branches to use instead of the tree's (their aggregator takes arrays (draws, 1)).
        """
        draws = weights.shape[1]
        out = np.empty((len(self.wanted), draws, self.units)) if out is None else out
        shares = self.shares(weights, scratch)
        size = draws if len(self.stages) < 2 or changed or leaves is not None else CHUNK
        for start in range(0, draws, max(1, size)):
            rows = slice(start, start + size)
            some = {node: one[:, rows] for node, one in shares.items()}
            self._chunk(weights[:, rows], some, scratch, leaves, changed or {}, out[:, rows])
        for row, node in enumerate(self.wanted):
            if node < self.tree.leaves:
                out[row] = self.fixed[node] if leaves is None else leaves[:, node]  # type: ignore[index]
            missing = ~self.has_value[:, node]
            if missing.any():
                out[row][:, missing] = np.nan
        return out

    def shares(self, weights: Array, scratch: Scratch) -> dict[int, Array]:
        """By group the effective weights (leaves + groups, draws) of what enters its stage."""
        totals: dict[int, Array] = {}
        with np.errstate(invalid="ignore", divide="ignore"):
            return {
                stage.branch.node: self._shares(stage, weights, totals, scratch)
                for stage in self.stages
                if stage.mean
            }

    def _chunk(
        self,
        weights: Array,
        shares: Mapping[int, Array],
        scratch: Scratch,
        leaves: Array | None,
        changed: Mapping[int, Branch],
        out: Array,
    ) -> None:
        draws = weights.shape[1]
        values: dict[int, Array] = {}
        places = {node: row for row, node in enumerate(self.wanted)}
        lifted: set[int] = set()
        # What is not asked for is computed where its parent will turn it into a term, in place.
        own = {
            node: scratch.get(("terms", stage.branch.node), (len(stage.groups), draws, self.units))[
                row
            ]
            for stage in self.stages
            for row, node in enumerate(stage.groups)
        }
        with np.errstate(invalid="ignore", divide="ignore"):
            for stage in self.stages:
                node = stage.branch.node
                target = out[places[node]] if node in places else own[node]
                branch = changed.get(node, stage.branch)
                if stage.mean:
                    self._mean(stage, branch, shares[node], leaves, values, lifted, target, scratch)
                else:
                    self._other(stage, branch, weights, leaves, values, target)
                values[node] = target
                if stage.lifted and leaves is None:
                    lifted.add(node)

    def _mean(
        self,
        stage: Stage,
        branch: Branch,
        shares: Array,
        leaves: Array | None,
        values: Mapping[int, Array],
        lifted: Collection[int],
        target: Array,
        scratch: Scratch,
    ) -> None:
        draws = shares.shape[1]
        count = len(stage.leaves)
        if count:
            _products(self._leaf_terms(stage, branch, leaves, scratch), shares[:count], target)
        bottom = None
        if stage.leaf_mask is not None and stage.group_mask is not None:
            bottom = scratch.get("bottom", (draws, self.units))
            every = np.concatenate([stage.leaf_mask, stage.group_mask])
            np.matmul(shares.T, every, out=bottom)
        if stage.groups:
            shape = (len(stage.groups), draws, self.units)
            terms = scratch.get(("terms", stage.branch.node), shape)
            for row, node in enumerate(stage.groups):
                _term(branch, values[node], node in lifted, terms[row])
                if stage.group_mask is not None and not stage.group_mask[row].all():
                    here = stage.group_mask[row].astype(bool)
                    np.copyto(terms[row], 0.0, where=~(here & (shares[count + row] > 0)[:, None]))
            if count:
                target += np.einsum("jk,jkn->kn", shares[count:], terms)
            else:
                np.einsum("jk,jkn->kn", shares, terms, out=target)
        if bottom is not None:
            target /= bottom
        _lower(branch, target)

    def _leaf_terms(
        self, stage: Stage, branch: Branch, leaves: Array | None, scratch: Scratch
    ) -> Array:
        """(leaves, n) terms for every draw, or (draws, leaves, n) where they differ."""
        if leaves is None and stage.terms is not None and branch is stage.branch:
            return stage.terms
        here = stage.leaf_mask if stage.leaf_mask is not None else ~stage.absent
        own = self.fixed[None, stage.leaves] if leaves is None else _rows(leaves, stage.leaves)  # type: ignore[index]
        terms = branch.aggregator.g(_raised(branch, own))  # type: ignore[attr-defined]
        return terms if np.all(here) else np.where(np.asarray(here, bool), terms, 0.0)

    def _shares(
        self, stage: Stage, weights: Array, totals: dict[int, Array], scratch: Scratch
    ) -> Array:
        """(leaves + groups, draws) weights of what enters a stage; they add up to one."""
        count = len(stage.leaves) + len(stage.groups)
        out = scratch.get(("shares", stage.branch.node), (count, weights.shape[1]))
        scale: dict[int, Array] = {}
        top = stage.branch.node
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

    def _other(
        self,
        stage: Stage,
        branch: Branch,
        weights: Array,
        leaves: Array | None,
        values: Mapping[int, Array],
        target: Array,
    ) -> None:
        """An aggregator that is no mean: its own rule, as in the kernel."""
        parts = []
        for child in branch.children:
            if child >= self.tree.leaves:
                parts.append(values[int(child)])
            elif leaves is not None:
                parts.append(leaves[:, child])
            else:
                parts.append(np.broadcast_to(self.fixed[child], target.shape))  # type: ignore[index]
        present = np.ascontiguousarray(self.has_value[:, branch.children].T)
        lifted = np.stack([branch.raise_up(one) for one in parts])
        found = branch.aggregator.combine(lifted, weights[branch.children][:, :, None], present)
        target[...] = branch.bring_down(found)


def _raised(branch: Branch, x: Array) -> Array:
    """Scores to the scale a mean works on; for the known means up to the slope, which they pass through.

    They are homogeneous: M(a + b x) = b M(a / b + x), so only a / b is added before and taken off after.
    """
    if type(branch.aggregator) not in KNOWN:
        return np.asarray(branch.raise_up(x))
    return x if branch.slope == 1 else np.asarray(x + branch.intercept / branch.slope)


def _term(branch: Branch, x: Array, lifted: bool, out: Array) -> None:
    """The mean's term of a value x into `out`, which may be x itself."""
    mean = branch.aggregator
    if type(mean) not in KNOWN:
        out[...] = mean.g(x if lifted else branch.raise_up(x))  # type: ignore[attr-defined]
        return
    if not lifted and branch.slope != 1:
        x = np.add(x, branch.intercept / branch.slope, out=out)
    if isinstance(mean, Geometric):
        np.log(x, out=out)
    elif isinstance(mean, Harmonic):
        np.divide(1, x, out=out)
    elif isinstance(mean, Power) and mean.p == 2:
        np.square(x, out=out)
    elif isinstance(mean, Power):
        np.power(x, mean.p, out=out)
    elif x is not out:
        np.copyto(out, x)


def _lower(branch: Branch, y: Array) -> None:
    """From a mean of terms to the value, in place where the mean is a known one."""
    mean = branch.aggregator
    if type(mean) not in KNOWN:
        y[...] = branch.bring_down(mean.inverse(y))  # type: ignore[attr-defined]
        return
    if isinstance(mean, Geometric):
        np.exp(y, out=y)
    elif isinstance(mean, Harmonic):
        np.divide(1, y, out=y)
    elif isinstance(mean, Power) and mean.p == 2:
        np.sqrt(y, out=y)
    elif isinstance(mean, Power):
        np.power(y, 1 / mean.p, out=y)
    if branch.slope != 1:
        np.subtract(y, branch.intercept / branch.slope, out=y)


def span(places: Sequence[int] | Index) -> Span:
    """Places as a slice where they are neighbours: what it selects is then no copy."""
    found = np.array(places, np.intp)
    if len(found) and (np.diff(found) == 1).all():
        return slice(int(found[0]), int(found[-1]) + 1)
    return found


def _rows(leaves: Array, places: Index) -> Array:
    """Some leaves of every draw, without a copy where they are neighbours."""
    if len(places) and (np.diff(places) == 1).all():
        return leaves[:, places[0] : places[-1] + 1]
    return leaves[:, places]


def _products(terms: Array, shares: Array, out: Array) -> None:
    """Weighted sums of terms (leaves, n) or (draws, leaves, n) with shares (leaves, draws)."""
    if terms.ndim == 2:
        np.matmul(shares.T, terms, out=out)
    else:
        np.matmul(shares.T[:, None, :], terms, out=out[:, None, :])
