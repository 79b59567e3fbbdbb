"""One headline of some scores as arrays: its units, its groups, the admissible weights of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..._util.frozen import Frozen
from ..._util.types import Array, Index, Labels, Mask
from ...data.nouns import noun
from ...errors import NotScorableError
from ...methods.aggregation import Mean
from ...scoring.ranking import TIE
from ...scoring.scores import Scores
from ...scoring.tree import GroupNode
from .local_sets import LocalSet
from .weight_sets import WeightSet, local_sets

__all__ = ["Case", "case_of"]


@dataclass(frozen=True, eq=False)
class Case(Frozen):
    """Units that have one headline score, and what weights may do to it.

    ``rows`` (n,) are their rows in the scores; ``values`` (n, N) node values and ``present`` (n, N) which
    nodes have one; ``bases`` (n,) numbers units that are ranked together alike. Of a selection all units
    that were scored together are here, since ranks are among them; ``asked`` (n,) marks those selected.
    """

    scores: Scores
    name: str
    headline: int
    rows: Index
    bases: Index
    group_nodes: tuple[GroupNode, ...]
    sets: dict[int, LocalSet]
    values: Array
    present: Mask
    asked: Mask

    @property
    def countries(self) -> Labels:
        """(n,) ISO 3166 alpha-3 codes."""
        return np.asarray(self.scores.data.iso3[self.rows])

    @property
    def value(self) -> Array:
        """(n,) the headline score at nominal weights."""
        return np.asarray(self.values[:, self.headline])

    @property
    def tie(self) -> float:
        """The largest difference of two scores that count as tied."""
        lower, upper = self.scores._state.tree.scale
        return TIE * (upper - lower)

    def children(self, group_node: GroupNode) -> Index:
        """Return the children of a group that have a weight above 0."""
        return group_node.children[self.scores._state.weights[group_node.children] > 0]

    @cached_property
    def patterns(self) -> dict[int, Index]:
        """For each group a number (n,) of which of its children are present, equal where they are the same."""
        out = {}
        for group_node in self.group_nodes:
            present = self.present[:, self.children(group_node)]
            out[int(group_node.node)] = np.asarray(
                np.unique(present, axis=0, return_inverse=True)[1], np.intp
            ).reshape(-1)
        return out

    @cached_property
    def linear(self) -> bool:
        """True if every group below the headline is an arithmetic mean."""
        return all(is_linear(group_node) for group_node in self.group_nodes)

    def complete(self) -> Mask:
        """Return (n,) whether a unit has a value at every node of weight above 0."""
        out = np.ones(len(self.rows), bool)
        for group_node in self.group_nodes:
            out &= self.present[:, self.children(group_node)].all(axis=1)
        return out


def is_linear(group_node: GroupNode) -> bool:
    """Tell whether a group's value is the weighted sum of its children's."""
    return group_node.linear


def is_mean(group_node: GroupNode) -> bool:
    """Tell whether a group's value is a quasi-arithmetic mean of its children's."""
    return isinstance(group_node.aggregator, Mean)


def case_of(scores: Scores, score: str | None, weights: WeightSet, year: int | None) -> Case:
    """Return the units of one year that have a headline score.

    Raises
    ------
    NotScorableError
        If fewer than 2 units have the score.
    """
    name = scores._named(score)
    if scores.data.is_panel or year is not None:
        scores = scores.select(year=scores.data.years[-1] if year is None else year)
    chosen, total = scores, len(scores.data)
    scores, kept = chosen._whole or (chosen, np.arange(total))
    tree = scores._state.tree
    headline = tree.index[name]
    years = scores.data._year_groups
    together = np.isin(years, years[kept]) & ~np.isnan(scores._values[:, headline])
    rows = np.flatnonzero(together)
    asked = np.isin(rows, kept)
    if len(rows) < 2 or not asked.any():
        raise NotScorableError(
            f"{int(asked.sum())} of {total} {noun(chosen.data, many=True)} have a `{name}` score; a comparison "
            "needs at least 2. `scores.reason` says why the others have none"
        )
    inside = {headline}
    for group_node in reversed(tree.group_nodes):
        if group_node.node in inside:
            inside.update(int(child) for child in group_node.children)
    group_nodes = tuple(group_node for group_node in tree.group_nodes if group_node.node in inside)
    every = local_sets(weights, scores)
    return Case(
        scores,
        name,
        headline,
        rows,
        scores._headline(name).groups[rows],
        group_nodes,
        {int(group_node.node): every[int(group_node.node)] for group_node in group_nodes},
        scores._state.evaluated[rows],
        scores._state.scorable.has_value[rows] & ~np.isnan(scores._state.evaluated[rows]),
        asked,
    )
