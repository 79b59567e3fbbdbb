"""The gap between two units as a function of weights: a linear form where it is one, else by evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..._util.types import Array, Index, Mask
from ...errors import UnknownNameError, did_you_mean
from ...methods.aggregation import Mean
from ...scoring.kernel import evaluate
from ...scoring.scores import Scores
from ...scoring.tree import GroupNode
from .profile import effective_weights, groups_below, is_linear, paths

__all__ = ["WeightGap", "generated_gap", "weight_gap"]


@dataclass(frozen=True, eq=False)
class WeightGap:
    """The gap of one headline between two rows as a function of weights (k,) of some nodes.

    ``group`` is the group whose local weights vary, None for effective indicator weights.
    """

    scores: Scores
    name: str
    rows: tuple[int, int]
    group: GroupNode | None
    nodes: Index
    weights: Array

    @cached_property
    def group_nodes(self) -> tuple[GroupNode, ...]:
        """Groups of the headline, children before parents."""
        return groups_below(self.scores, self.name)

    @cached_property
    def present(self) -> Mask:
        """(2, N) True where a node of one of the two units has a value."""
        rows = list(self.rows)
        return np.asarray(
            self.scores._state.scorable.has_value[rows]
            & ~np.isnan(self.scores._state.evaluated[rows])
        )

    @cached_property
    def values(self) -> Array:
        """(2, N) node values at the given weights."""
        return np.asarray(self.scores._state.evaluated[list(self.rows)])

    def __call__(self, weights: Array) -> Array:
        """Return the gaps (draws,) under weights (draws, k), by evaluation of the tree."""
        scores = self.scores
        local = np.repeat(np.array(scores._state.weights, float)[None], len(weights), axis=0)
        if self.group is not None:
            local[:, self.nodes] = weights
        else:
            sums = np.zeros_like(local)
            sums[:, self.nodes] = weights
            for group_node in self.group_nodes:
                total = sums[:, group_node.children].sum(axis=1)
                sums[:, group_node.node] = total
                # A group without weight counts nothing; its own weights must still be weights.
                local[:, group_node.children] = np.where(
                    total[:, None] > 0, sums[:, group_node.children], local[:, group_node.children]
                )
        rows = list(self.rows)
        values = evaluate(
            scores._state.tree,
            scores._state.normalised[rows],
            local,
            scores._state.scorable.has_value[rows],
        )[:, :, scores._state.tree.index[self.name]]
        return np.asarray(values[:, 0] - values[:, 1])

    @cached_property
    def linear(self) -> Array | None:
        """Coefficients (k,) of a linear form that is above 0 where the gap is, None where there is none.

        Missing children that both units lack have the coefficient 0: their weight is shared by the others in
        both alike.
        """
        return self._of_group(self.group) if self.group is not None else self._of_indicators()

    def _alike(self, group_node: GroupNode) -> bool:
        children = group_node.children[self.scores._state.weights[group_node.children] > 0]
        return bool((self.present[0, children] == self.present[1, children]).all())

    def _of_indicators(self) -> Array | None:
        """Return the form of effective weights: complete units under one and the same mean throughout."""
        if not self.present[:, self.nodes].all():
            return None
        first, second = self.values[:, self.nodes]
        if is_linear(self.group_nodes):
            return np.asarray(first - second)
        top = self.group_nodes[-1]
        same = all(
            group_node.aggregator == top.aggregator
            and group_node.intercept == top.intercept
            and group_node.slope == top.slope
            for group_node in self.group_nodes
        )
        if not same or not isinstance(top.aggregator, Mean):
            return None
        gap = generated_gap(top, first, second, self.scores._state.tree.scale)
        return gap if np.isfinite(gap).all() else None

    def _of_group(self, group: GroupNode) -> Array | None:
        """Return the form of a group's local weights, what is above it held fixed."""
        if not self._alike(group):
            return None
        present = self.present[0, self.nodes]
        first, second = (np.where(present, row, 0.0) for row in self.values[:, self.nodes])
        scale, headline = self.scores._state.tree.scale, self.scores._state.tree.index[self.name]
        if int(group.node) == headline:
            if not isinstance(group.aggregator, Mean):
                return None
            differences = np.where(present, generated_gap(group, first, second, scale), 0.0)
            return differences if np.isfinite(differences).all() else None
        if not is_linear(self.group_nodes):
            return None
        reach = [self._reach(int(group.node), unit) for unit in (0, 1)]
        total = self.weights[present].sum()
        means = [float(self.weights @ row) / total for row in (first, second)]
        gap = float(self.values[0, headline] - self.values[1, headline])
        rest = gap - reach[0] * means[0] + reach[1] * means[1]
        return np.where(present, reach[0] * first - reach[1] * second + rest, 0.0)

    def _reach(self, node: int, unit: int) -> float:
        """Return the share of the headline that a node has in a unit, weights of missing children shared."""
        share = np.zeros(len(self.scores._state.tree.names))
        share[self.scores._state.tree.index[self.name]] = 1.0
        for group_node in reversed(self.group_nodes):
            weight = (
                self.scores._state.weights[group_node.children]
                * self.present[unit, group_node.children]
            )
            if weight.sum() > 0:
                share[group_node.children] = share[group_node.node] * weight / weight.sum()
        return float(share[node])


def weight_gap(scores: Scores, name: str, rows: tuple[int, int], group: str | None) -> WeightGap:
    """Return the gap between two rows as a function of weights.

    Raises
    ------
    UnknownNameError
        For a group that the headline does not have.
    """
    if group is None:
        nodes = paths(scores, name)
        weights = effective_weights(scores, name)[nodes]
        return WeightGap(scores, name, rows, None, nodes, weights / weights.sum())
    names = {
        scores._state.tree.names[group_node.node]: group_node
        for group_node in groups_below(scores, name)
    }
    if group not in names:
        raise UnknownNameError(f"no group `{group}` in {name}; {did_you_mean(group, names)}")
    group_node = names[group]
    nodes = group_node.children[scores._state.weights[group_node.children] > 0]
    weights = np.asarray(scores._state.weights[nodes], float)
    return WeightGap(scores, name, rows, group_node, nodes, weights / weights.sum())


def generated_gap(group_node: GroupNode, a: Array, b: Array, scale: tuple[float, float]) -> Array:
    """Return gaps of generated values, which compare as the means do."""
    mean = group_node.aggregator
    if not isinstance(mean, Mean):
        raise TypeError(f"aggregation `{mean.name}` has no generator")
    ends = mean.g(group_node.raise_up(np.array([0.75 * scale[0] + 0.25 * scale[1], scale[1]])))
    sign = 1.0 if ends[1] >= ends[0] else -1.0
    with np.errstate(all="ignore"):
        return np.asarray(sign * (mean.g(group_node.raise_up(a)) - mean.g(group_node.raise_up(b))))
