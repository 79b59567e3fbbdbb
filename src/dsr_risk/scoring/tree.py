"""Compile a framework to arrays, and decide which nodes have a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._util.frozen import Frozen
from .._util.types import Array, Mask
from ..framework.definition import Framework, Group
from ..methods.aggregation import Aggregator, Parameter, along

__all__ = ["Branch", "Scorable", "Tree", "compile_tree", "coverage"]

TOLERANCE = 1e-12


@dataclass(frozen=True)
class Branch(Frozen):
    """One group: its node index, its children's, its aggregator and the lift that it asks for.

    ``intercept`` and ``slope`` are numbers, or arrays (draws,) where a parameter of the aggregator varies.
    """

    node: int
    children: NDArray[np.intp]
    aggregator: Aggregator
    intercept: Parameter
    slope: Parameter
    min_coverage: float

    @property
    def stays(self) -> bool:
        """Whether the lift changes nothing; a slope of 1 alone may still shift the scale."""
        return bool(np.all(self.slope == 1) and np.all(self.intercept == 0))

    def raise_up(self, x: Array) -> Array:
        """Raise scores to the lifted scale on which the aggregator works."""
        if self.stays:
            return x
        return np.asarray(along(self.intercept, x) + along(self.slope, x) * x)

    def bring_down(self, x: Array) -> Array:
        """Bring values of the lifted scale back to scores."""
        if self.stays:
            return x
        return np.asarray((x - along(self.intercept, x)) / along(self.slope, x))


@dataclass(frozen=True)
class Tree(Frozen):
    """A framework as arrays: nodes 0..L-1 are the leaves, then groups, children before parents.

    ``weights`` (N,) holds each node's weight among its siblings as written; ``branches`` the groups in
    the order they are evaluated; ``heads`` the headline nodes.
    """

    names: tuple[str, ...]
    leaves: int
    weights: Array
    branches: tuple[Branch, ...]
    heads: tuple[int, ...]
    parent: NDArray[np.intp]
    scale: tuple[float, float]

    @property
    def index(self) -> dict[str, int]:
        """The index of every node by name."""
        return {name: place for place, name in enumerate(self.names)}


def compile_tree(framework: Framework) -> Tree:
    """Compile a framework to arrays."""
    leaves = [node.name for node in framework.indicators]
    groups: list[Group] = []

    def visit(group: Group) -> None:
        for child in group.children:
            if isinstance(child, Group):
                visit(child)
        groups.append(group)

    for score in framework.scores:
        visit(score)
    names = (*leaves, *(group.name for group in groups))
    place = {name: index for index, name in enumerate(names)}
    lower, upper = framework.scale
    parent = np.full(len(names), -1, np.intp)
    weights = np.array([framework[name].weight for name in names], float)
    branches = []
    for group in groups:
        children = np.array([place[child.name] for child in group.children], np.intp)
        parent[children] = place[group.name]
        aggregator = group.aggregation or framework.defaults.aggregation
        share = group.min_coverage
        branches.append(
            Branch(
                place[group.name],
                children,
                aggregator,
                *aggregator.lift(lower, upper),
                framework.defaults.min_coverage if share is None else share,
            )
        )
    heads = tuple(place[score.name] for score in framework.scores)
    return Tree(names, len(leaves), weights, tuple(branches), heads, parent, (lower, upper))


@dataclass(frozen=True)
class Scorable(Frozen):
    """Which nodes have a value, decided once at nominal weights and kept for every draw.

    All arrays are (countries, nodes). ``reaching`` is the share of the applicable weight below a node
    that is observed and reaches it; ``seen`` the same before groups under their ``min_coverage`` are
    left out; ``coverage`` what reaches a node that has a value, and what is seen below one that has
    none; ``has_value`` whether the node is scored; ``applicable`` whether anything below it is.
    """

    coverage: Array
    reaching: Array
    seen: Array
    has_value: Mask
    applicable: Mask


def coverage(
    tree: Tree,
    weights: Array,
    observed: Mask,
    applicable: Mask | None = None,
    imputed: Mask | None = None,
) -> Scorable:
    """Coverage of every node and whether it is scorable.

    Parameters
    ----------
    tree
        The compiled framework.
    weights
        (N,) nominal weights among siblings.
    observed
        (n, L) whether each leaf has a value.
    applicable
        (n, L) False where a leaf leaves weights and denominator; all True if None.
    imputed
        (n, L) True where a leaf that is not observed has a value all the same: it is aggregated and
        does not count in coverage; none if None.

    Notes
    -----
    A leaf's coverage is 1 if observed, else 0. A group's is the weighted mean over its applicable
    children, a child group below its own ``min_coverage`` counting 0: leaves that do not reach a node
    do not count in its coverage.
    """
    units, nodes = observed.shape[0], len(tree.names)
    if applicable is None:
        applicable = np.ones_like(observed)
    if units > 1 and bool(observed.all()) and bool(applicable.all()):
        # Nothing is missing, so that every unit is like the first.
        one = coverage(tree, weights, observed[:1], applicable[:1])
        whole = (units, nodes)
        return Scorable(
            np.broadcast_to(one.coverage, whole),
            np.broadcast_to(one.reaching, whole),
            np.broadcast_to(one.seen, whole),
            np.broadcast_to(one.has_value, whole),
            np.broadcast_to(one.applicable, whole),
        )
    share = np.zeros((nodes, units))
    seen = np.zeros((nodes, units))
    value = np.zeros((nodes, units), bool)
    applies = np.zeros((nodes, units), bool)
    share[: tree.leaves] = seen[: tree.leaves] = (observed & applicable).T
    filled = observed if imputed is None else observed | imputed
    value[: tree.leaves] = (filled & applicable).T
    applies[: tree.leaves] = (applicable & (weights[: tree.leaves] > 0)).T
    for branch in tree.branches:
        below = branch.children
        w = weights[below][:, None] * applies[below]
        total = w.sum(axis=0)
        applies[branch.node] = total > 0
        with np.errstate(invalid="ignore", divide="ignore"):
            reaching = np.where(
                total > 0, (w * share[below] * value[below]).sum(axis=0) / total, 0.0
            )
            seen[branch.node] = np.where(total > 0, (w * seen[below]).sum(axis=0) / total, 0.0)
        share[branch.node] = reaching
        enough = reaching >= branch.min_coverage - TOLERANCE
        value[branch.node] = enough & ((w > 0) & value[below]).any(axis=0)
    return Scorable(np.where(value, share, seen).T, share.T, seen.T, value.T, applies.T)
