"""One headline score under audit: its scored countries, indicators and groups."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..._util.types import Array
from ...data.nouns import noun
from ...errors import NotScorableError
from ...framework.nodes import Group
from ...methods.aggregation import Aggregator
from ...scoring.scores import Scores
from ...scoring.tree import GroupNode
from .statistics import effective_weights

__all__ = ["Case"]

FEWEST = 3


@dataclass(frozen=True, eq=False)
class Case:
    """The part of one year's scores that belongs to one headline score.

    Everything is taken over the countries that have the score, and over nodes with some weight.
    """

    scores: Scores
    name: str

    def __post_init__(self) -> None:
        if len(self.rows) < FEWEST:
            data = self.scores.data
            raise NotScorableError(
                f"{len(self.rows)} of {len(data)} {noun(data, many=True)} have a `{self.name}` score; an "
                f"audit needs at least {FEWEST}. `scores.reason` says why the others have none"
            )

    @cached_property
    def headline(self) -> int:
        """The node of the headline score."""
        return self.scores._state.tree.index[self.name]

    @cached_property
    def rows(self) -> NDArray[np.intp]:
        """The units that have the score."""
        return np.flatnonzero(~np.isnan(self.scores._values[:, self.headline]))

    @cached_property
    def countries(self) -> NDArray[np.object_]:
        """The ISO code of every row."""
        return self.scores.data.iso3[self.rows]

    @cached_property
    def effective(self) -> Array:
        """(N,) effective weights, learned weights included."""
        return effective_weights(self.scores._state.tree.parent, self.scores._state.weights)

    @cached_property
    def inside(self) -> NDArray[np.intp]:
        """The nodes below the headline that have some weight, indicators first."""
        tree = self.scores._state.tree
        top = np.arange(len(tree.names))
        while (tree.parent[top] >= 0).any():
            top = np.where(tree.parent[top] >= 0, tree.parent[top], top)
        chosen = (
            (top == self.headline) & (np.arange(len(top)) != self.headline) & (self.effective > 0)
        )
        return np.flatnonzero(chosen)

    @cached_property
    def indicators(self) -> NDArray[np.intp]:
        """The indicators."""
        return self.inside[self.inside < self.scores._state.tree.n_indicators]

    @cached_property
    def group_nodes(self) -> tuple[tuple[GroupNode, NDArray[np.intp]], ...]:
        """Every group with its children that have some weight, the headline last."""
        groups = [
            (group_node, group_node.children[self.effective[group_node.children] > 0])
            for group_node in self.scores._state.tree.group_nodes
            if group_node.node == self.headline or group_node.node in self.inside
        ]
        return tuple((group_node, children) for group_node, children in groups if len(children))

    @cached_property
    def pillars(self) -> NDArray[np.intp]:
        """The children of the headline."""
        return next(
            children
            for group_node, children in self.group_nodes
            if group_node.node == self.headline
        )

    def pillar_of(self, index: int) -> int:
        """Return the pillar of a node: the child of the headline that is the node or an ancestor of it."""
        parent = self.scores._state.tree.parent
        while parent[index] != self.headline:
            index = int(parent[index])
        return index

    def names(self, nodes: NDArray[np.intp]) -> tuple[str, ...]:
        """Return the names of nodes."""
        return tuple(self.scores._state.tree.names[index] for index in nodes)

    def values(self, nodes: NDArray[np.intp]) -> Array:
        """Return (rows, places) values on the scale, NaN where a node has none."""
        return self.scores._state.evaluated[np.ix_(self.rows, nodes)]

    @cached_property
    def observed(self) -> NDArray[np.bool_]:
        """(rows, indicators) True where an indicator was observed; an imputed value was not."""
        cells = np.ix_(self.rows, self.indicators)
        has_value = self.scores._state.scorable.has_value[cells]
        filled = self.scores._imputed
        return np.asarray(has_value if filled is None else has_value & ~filled[cells])

    def aggregator(self, group_node: GroupNode) -> Aggregator:
        """Return the mean of a group."""
        framework = self.scores.framework
        node = framework[self.scores._state.tree.names[group_node.node]]
        written = node.aggregation if isinstance(node, Group) else None
        return written or framework.defaults.aggregation

    @cached_property
    def score(self) -> Array:
        """(rows,) the headline score."""
        return np.asarray(self.scores._values[self.rows, self.headline])

    @cached_property
    def applies(self) -> NDArray[np.bool_]:
        """(rows, indicators) True where an indicator applies."""
        return self.scores._state.scorable.applicable[np.ix_(self.rows, self.indicators)]
