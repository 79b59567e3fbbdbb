"""The one evaluator: a framework compiled to arrays, and the batched kernel over it.

Arrays in, arrays out, no pandas. A plain score is a batch of one draw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._util.frozen import Frozen
from .._util.types import Array, Mask
from ..framework.definition import Framework, Group
from ..methods.aggregation import Aggregator

__all__ = ["Branch", "Scorable", "Tree", "compile_tree", "coverage", "evaluate", "hard_bounds"]

TOLERANCE = 1e-12


@dataclass(frozen=True)
class Branch(Frozen):
    """One group: its node index, its children's, its aggregator and the lift that it asks for."""

    node: int
    children: NDArray[np.intp]
    aggregator: Aggregator
    intercept: float
    slope: float
    min_coverage: float

    @property
    def _stays(self) -> bool:
        """Whether the lift changes nothing; a slope of 1 alone may still shift the scale."""
        return self.slope == 1 and self.intercept == 0

    def raise_up(self, x: Array) -> Array:
        """Scores to the lifted scale on which the aggregator works."""
        return x if self._stays else self.intercept + self.slope * x

    def bring_down(self, x: Array) -> Array:
        """Values of the lifted scale back to scores."""
        return x if self._stays else (x - self.intercept) / self.slope


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
    """The arrays of a framework."""
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


def evaluate(
    tree: Tree,
    leaves: Array,
    weights: Array,
    has_value: Mask,
) -> Array:
    """Every node's value for every draw and country.

    Parameters
    ----------
    tree
        The compiled framework.
    leaves
        (n, L) or (draws, n, L) normalised leaves on the framework's scale; NaN where missing.
    weights
        (N,) or (draws, N) weights among siblings, any positive scale.
    has_value
        (n, N) which nodes are scored (from `coverage`), the same for every draw.

    Returns
    -------
    ndarray
        (draws, n, N), NaN where a node has no value. The weight of a child without a value is shared
        among its siblings.
    """
    leaves = leaves if leaves.ndim == 3 else leaves[None]
    weights = np.atleast_2d(weights)
    draws = max(leaves.shape[0], weights.shape[0])
    units = leaves.shape[1]
    present = np.ascontiguousarray(has_value.T)
    out = np.empty((len(tree.names), draws, units))
    out[: tree.leaves] = np.moveaxis(leaves, -1, 0)
    out[: tree.leaves][
        ~np.broadcast_to(present[: tree.leaves, None], (tree.leaves, draws, units))
    ] = np.nan
    for branch in tree.branches:
        out[branch.node] = _combine(branch, out, weights, present)
    return np.moveaxis(out, 0, -1)


def _combine(branch: Branch, out: Array, weights: Array, present: Mask) -> Array:
    below = branch.children
    values = [branch.raise_up(out[child]) for child in below]
    with np.errstate(invalid="ignore", divide="ignore"):
        combined = branch.aggregator.combine(values, weights.T[below][:, :, None], present[below])
        value = branch.bring_down(combined)
    return np.where(present[branch.node], value, np.nan)


def hard_bounds(
    tree: Tree,
    leaves: Array,
    weights: Array,
    scorable: Scorable,
    low: Array | None = None,
    high: Array | None = None,
) -> tuple[Array, Array]:
    """The lowest and highest value each node could take, whatever the missing cells are.

    ``low`` and ``high`` (n, L) narrow a missing leaf to the interval it is known to lie in (a censored
    value); NaN, or no array, means the whole scale. Only leaves that reach a node count as known for
    it (for a node without a value, all observed ones); leaves that are not applicable stay out. Returns
    two (n, N) arrays, NaN where nothing applies.

    Under arithmetic means the width is ``length of scale * (1 - coverage)``.
    """
    applies = scorable.applicable
    bottom, top = tree.scale
    known_low = _filled(leaves, low, bottom, applies[:, : tree.leaves])
    known_high = _filled(leaves, high, top, applies[:, : tree.leaves])
    results = []
    unknown = np.full_like(leaves, np.nan)
    for known, end, narrowed in ((known_low, bottom, low), (known_high, top, high)):
        nothing = _filled(unknown, narrowed, end, applies[:, : tree.leaves])
        blank = _every_node(tree, nothing, weights, applies)
        seen = _every_node(tree, known, weights, applies)
        out = seen.copy()
        reach = seen.copy()
        for branch in tree.branches:
            out[branch.node] = _combine(branch, reach, weights[None], applies.T)
            lost = applies[:, branch.node] & ~scorable.has_value[:, branch.node]
            # Nothing below a group without a value is known to its parent.
            reach[branch.node] = np.where(lost, blank[branch.node], out[branch.node])
            out[branch.node] = np.where(lost, seen[branch.node], out[branch.node])
        results.append(out[:, 0].T)
    return results[0], results[1]


def _every_node(tree: Tree, leaves: Array, weights: Array, applies: Mask) -> Array:
    """(N, 1, n) values of all nodes where every applicable leaf has one."""
    out = np.empty((len(tree.names), 1, leaves.shape[0]))
    out[: tree.leaves, 0] = leaves.T
    for branch in tree.branches:
        out[branch.node] = _combine(branch, out, weights[None], applies.T)
    return out


def _filled(leaves: Array, narrowed: Array | None, end: float, applies: Mask) -> Array:
    fill = end if narrowed is None else np.where(np.isnan(narrowed), end, narrowed)
    return np.where(applies, np.where(np.isnan(leaves), fill, leaves), np.nan)
