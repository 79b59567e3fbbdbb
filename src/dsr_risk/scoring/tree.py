"""Compile a framework to arrays, and decide which nodes have a value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .._util.frozen import Frozen
from .._util.types import Array, Index, Mask
from ..framework.definition import Framework
from ..framework.nodes import Group
from ..methods.aggregation import Aggregator, Parameter, along
from ..methods.group_values import GivenGroup, ScaledGroup
from ..methods.rounded import Rounded
from ..methods.wrapping import Wrapping

__all__ = ["GroupNode", "Entries", "Scorable", "Span", "Tree", "compile_tree", "coverage", "span"]

POLE = 1e-9
"""How near to zero the end of a raised scale is at zero."""


@dataclass(frozen=True)
class GroupNode(Frozen):
    """One group: its node index, its children's, its aggregator and the raised scale that it uses.

    ``intercept`` and ``slope`` are numbers, or arrays (draws,) where a parameter of the aggregator varies.
    """

    node: int
    children: NDArray[np.intp]
    aggregator: Aggregator
    intercept: Parameter
    slope: Parameter
    min_coverage: float
    min_children: int = 0

    @cached_property
    def stays(self) -> bool:
        """True if the raised scale is the scale itself; a slope of 1 alone may still shift the scale."""
        return bool(np.all(self.slope == 1) and np.all(self.intercept == 0))

    @property
    def linear(self) -> bool:
        """True if the value is the weighted sum of the children's; a mean of a plug-in may say so as well."""
        return bool(self.aggregator.sums and self.aggregator.affine)

    def raise_up(self, x: Array) -> Array:
        """Raise scores to the scale on which the aggregator works."""
        if self.stays:
            return x
        return np.asarray(along(self.intercept, x) + along(self.slope, x) * x)

    def bring_down(self, x: Array) -> Array:
        """Return values of the raised scale to scores."""
        if self.stays:
            return x
        return np.asarray((x - along(self.intercept, x)) / along(self.slope, x))


Span = Index | slice
"""Indices, as a slice where they are neighbours: what it selects is then no copy."""


@dataclass(frozen=True, eq=False)
class Entries(Frozen):
    """The terms of the sum of a group: indicators, groups, and how weights go down to them.

    ``steps`` are a group, its children, which rows of the effective weights the children that end there
    fill, and those children; groups come before those below them.
    """

    indicators: Index
    groups: Index
    steps: tuple[tuple[int, Span, Span, Span], ...]

    @classmethod
    def of(
        cls,
        indicators: Sequence[int],
        groups: Sequence[int],
        steps: Iterable[tuple[int, Sequence[int], Sequence[int]]],
    ) -> Entries:
        """Return the entries, given for each step the group, its children, and those that end there."""
        row_of = {node: row for row, node in enumerate([*indicators, *groups])}
        spans = tuple(
            (node, span(children), span([row_of[end] for end in ends]), span(ends))
            for node, children, ends in steps
        )
        return cls(np.array(indicators, np.intp), np.array(groups, np.intp), spans)


def span(indices: Sequence[int] | Index) -> Span:
    """Return places as a slice where they are neighbours."""
    listed = indices.tolist() if isinstance(indices, np.ndarray) else list(indices)
    if listed and listed == list(range(listed[0], listed[0] + len(listed))):
        return slice(listed[0], listed[0] + len(listed))
    return np.array(listed, np.intp)


@dataclass(frozen=True)
class Tree(Frozen):
    """A framework as arrays: nodes 0..L-1 are the indicators, then groups, children before parents.

    ``weights`` (N,) holds each node's weight among its siblings as written; ``group_nodes`` the groups in
    the order they are evaluated; ``headlines`` the headline nodes.
    """

    names: tuple[str, ...]
    n_indicators: int
    weights: Array
    group_nodes: tuple[GroupNode, ...]
    headlines: tuple[int, ...]
    parent: NDArray[np.intp]
    scale: tuple[float, float]

    @cached_property
    def index(self) -> dict[str, int]:
        """The index of every node by name."""
        return {name: index for index, name in enumerate(self.names)}

    @cached_property
    def entries_of_groups(self) -> dict[int, Entries]:
        """The terms of the sum of every group where none is opened: its children."""
        out = {}
        for group_node in self.group_nodes:
            children = group_node.children.tolist()
            indicators = [child for child in children if child < self.n_indicators]
            groups = [child for child in children if child >= self.n_indicators]
            out[group_node.node] = Entries.of(
                indicators, groups, [(group_node.node, children, children)]
            )
        return out

    @cached_property
    def poles(self) -> dict[int, tuple[float, ...]]:
        """The ends of the scale beside which the last digit of a group decides about its parent, by group."""
        return {group_node.node: self._poles_above(group_node) for group_node in self.group_nodes}

    def _poles_above(self, group_node: GroupNode) -> tuple[float, ...]:
        """Return the ends of the scale at which the parent of a group has no value, or an infinite slope.

        Beside such an end the last digit of the group's value decides about its parent.
        """
        above = next((b for b in self.group_nodes if b.node == self.parent[group_node.node]), None)
        if above is None:
            return ()
        aggregator: Aggregator = above.aggregator
        intercept, slope = above.intercept, above.slope
        while isinstance(aggregator, Wrapping):
            aggregator = aggregator.inner
            intercept, slope = aggregator.affine_map(*self.scale)
        if aggregator.affine:
            return ()
        return tuple(end for end in self.scale if np.min(intercept + slope * end) <= POLE)


def compile_tree(framework: Framework) -> Tree:
    """Compile a framework to arrays."""
    indicators = [node.name for node in framework.indicators]
    groups: list[Group] = []

    def visit(group: Group) -> None:
        for child in group.children:
            if isinstance(child, Group):
                visit(child)
        groups.append(group)

    for score in framework.scores:
        visit(score)
    names = (*indicators, *(group.name for group in groups))
    index_of = {name: index for index, name in enumerate(names)}
    lower, upper = framework.scale
    parent = np.full(len(names), -1, np.intp)
    weights = np.array([framework[name].weight for name in names], float)
    group_nodes = []
    for group in groups:
        children = np.array([index_of[child.name] for child in group.children], np.intp)
        parent[children] = index_of[group.name]
        aggregator = _special(group, group.aggregation or framework.defaults.aggregation, framework)
        if group.rounding is not None:
            aggregator = Rounded(of=aggregator, digits=group.rounding, scale=(lower, upper))
        share = group.min_coverage
        group_nodes.append(
            GroupNode(
                index_of[group.name],
                children,
                aggregator,
                *aggregator.affine_map(lower, upper),
                framework.defaults.min_coverage if share is None else share,
                group.min_children or 0,
            )
        )
    headlines = tuple(index_of[score.name] for score in framework.scores)
    return Tree(
        names, len(indicators), weights, tuple(group_nodes), headlines, parent, (lower, upper)
    )


def _special(group: Group, aggregator: Aggregator, framework: Framework) -> Aggregator:
    """Return the aggregation of a group in which one child scales the others or stands for them."""
    names = [child.name for child in group.children]
    if group.scaled_by is not None:
        at = names.index(group.scaled_by)
        return ScaledGroup(of=aggregator, at=at, scale=framework.scale)
    if group.value is not None:
        at, least = names.index(group.value), max(group.min_children or 1, 1)
        return GivenGroup(of=aggregator, at=at, scale=framework.scale, least=least)
    return aggregator


@dataclass(frozen=True)
class Scorable(Frozen):
    """Coverage of every node and whether it can be evaluated; every array is (countries, nodes).

    Attributes
    ----------
    coverage
        Share of the applicable weight below a node that is observed (0-1).
    has_value
        Whether the node is evaluated: something below it is observed or estimated. How much is observed
        decides what is printed, never what is evaluated.
    applicable
        Whether anything below the node applies.
    """

    coverage: Array
    has_value: Mask
    applicable: Mask

    def repeated(self, units: int) -> Scorable:
        """Return the same for many units like its only one."""
        shape = (units, self.coverage.shape[1])
        return Scorable(
            np.broadcast_to(self.coverage, shape),
            np.broadcast_to(self.has_value, shape),
            np.broadcast_to(self.applicable, shape),
        )


def coverage(
    tree: Tree,
    weights: Array,
    observed: Array | Mask,
    applicable: Mask | None = None,
    imputed: Mask | None = None,
) -> Scorable:
    """Compute the coverage of every node, and whether it has a value.

    Parameters
    ----------
    tree
        The compiled framework.
    weights
        (N,) nominal weights among siblings.
    observed
        (n, L) how much of each indicator is observed: 1 or True for a value, 0 for none, between them for
        a censored cell, whose bounds exclude a part of the scale.
    applicable
        (n, L) False where an indicator leaves weights and denominator; all True if None.
    imputed
        (n, L) True where an indicator has a value that is not observed: it is aggregated and counts in
        coverage as `observed` says; none if None.

    Notes
    -----
    A group's coverage is the weighted mean over its applicable children. A group has a value if a child
    of a weight above 0 has one, and at least ``min_children`` have one; its aggregation may have another
    rule (``covered``, ``has_value``).
    """
    units, nodes = observed.shape[0], len(tree.names)
    if applicable is None:
        applicable = np.ones(observed.shape, bool)
    if units > 1 and bool((observed == 1).all()) and bool(applicable.all()):
        # Nothing is missing, so that every unit is like the first.
        return coverage(tree, weights, observed[:1], applicable[:1]).repeated(units)
    share = np.zeros((nodes, units))
    value = np.zeros((nodes, units), bool)
    applies = np.zeros((nodes, units), bool)
    share[: tree.n_indicators] = np.where(applicable, observed, 0.0).T
    present = observed > 0 if imputed is None else (observed > 0) | imputed
    value[: tree.n_indicators] = (present & applicable).T
    applies[: tree.n_indicators] = (applicable & (weights[: tree.n_indicators] > 0)).T
    for group_node in tree.group_nodes:
        below = group_node.children
        w = weights[below][:, None] * applies[below]
        applies[group_node.node] = (w > 0).any(axis=0)
        live = (w > 0) & value[below]
        share[group_node.node] = group_node.aggregator.covered(w, share[below], live)
        value[group_node.node] = group_node.aggregator.has_value(live, group_node.min_children)
    return Scorable(share.T, value.T, applies.T)
