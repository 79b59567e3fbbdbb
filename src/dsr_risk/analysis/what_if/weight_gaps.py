"""How the gap between two units depends on weights: as a linear form where it is one, else by evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..._util.types import Array, Index, Mask
from ...errors import UnknownNameError, did_you_mean
from ...methods.aggregation import Mean
from ...scoring.kernel import evaluate
from ...scoring.scores import Scores
from ...scoring.tree import Branch
from .profile import branches_below, effective_weights, is_linear, paths

__all__ = ["WeightGap", "generated_gap", "weight_gap"]


@dataclass(frozen=True, eq=False)
class WeightGap:
    """The gap of one headline between two rows as a function of weights (k,) of some nodes.

    ``group`` is the group whose local weights vary, None for effective indicator weights.
    """

    scores: Scores
    name: str
    rows: tuple[int, int]
    group: Branch | None
    nodes: Index
    weights: Array

    @cached_property
    def branches(self) -> tuple[Branch, ...]:
        """Groups of the headline, children before parents."""
        return branches_below(self.scores, self.name)

    @cached_property
    def present(self) -> Mask:
        """(2, N) which nodes of the two units have a value."""
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
            for branch in self.branches:
                total = sums[:, branch.children].sum(axis=1)
                sums[:, branch.node] = total
                # A group without weight counts nothing; its own weights must still be weights.
                local[:, branch.children] = np.where(
                    total[:, None] > 0, sums[:, branch.children], local[:, branch.children]
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

    def _alike(self, branch: Branch) -> bool:
        children = branch.children[self.scores._state.weights[branch.children] > 0]
        return bool((self.present[0, children] == self.present[1, children]).all())

    def _of_indicators(self) -> Array | None:
        """Return the form of effective weights: complete units under one and the same mean throughout."""
        if not self.present[:, self.nodes].all():
            return None
        first, second = self.values[:, self.nodes]
        if is_linear(self.branches):
            return np.asarray(first - second)
        top = self.branches[-1]
        same = all(
            branch.aggregator == top.aggregator
            and branch.intercept == top.intercept
            and branch.slope == top.slope
            for branch in self.branches
        )
        if not same or not isinstance(top.aggregator, Mean):
            return None
        gap = generated_gap(top, first, second, self.scores._state.tree.scale)
        return gap if np.isfinite(gap).all() else None

    def _of_group(self, group: Branch) -> Array | None:
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
        if not is_linear(self.branches):
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
        for branch in reversed(self.branches):
            weight = (
                self.scores._state.weights[branch.children] * self.present[unit, branch.children]
            )
            if weight.sum() > 0:
                share[branch.children] = share[branch.node] * weight / weight.sum()
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
        scores._state.tree.names[branch.node]: branch for branch in branches_below(scores, name)
    }
    if group not in names:
        raise UnknownNameError(f"no group `{group}` in {name}; {did_you_mean(group, names)}")
    branch = names[group]
    nodes = branch.children[scores._state.weights[branch.children] > 0]
    weights = np.asarray(scores._state.weights[nodes], float)
    return WeightGap(scores, name, rows, branch, nodes, weights / weights.sum())


def generated_gap(branch: Branch, a: Array, b: Array, scale: tuple[float, float]) -> Array:
    """Return gaps of generated values, which compare as the means do."""
    mean = branch.aggregator
    if not isinstance(mean, Mean):
        raise TypeError(f"aggregation `{mean.name}` has no generator")
    ends = mean.g(branch.raise_up(np.array([0.75 * scale[0] + 0.25 * scale[1], scale[1]])))
    sign = 1.0 if ends[1] >= ends[0] else -1.0
    with np.errstate(all="ignore"):
        return np.asarray(sign * (mean.g(branch.raise_up(a)) - mean.g(branch.raise_up(b))))
