"""A set of weights as linear constraints on effective weights: for solvers, and for proofs in tests."""

from __future__ import annotations

import numpy as np

from ..._util.types import Array, Index
from .case import Case
from .local_sets import BoxShares, LocalSet, Ordered, RelativeWeights

__all__ = ["indicator_columns", "weight_programme"]


def indicator_columns(case: Case) -> Index:
    """Return the n_indicators of a weight above 0 below the headline score."""
    n_indicators = case.scores._state.tree.n_indicators
    nodes = [int(node) for group_node in case.group_nodes for node in case.children(group_node)]
    return np.array(sorted(node for node in nodes if node < n_indicators), np.intp)


def weight_programme(case: Case) -> tuple[Array, Array, Array, int]:
    """Return constraints ``low <= A x <= high`` on the weights of all nodes, products down the tree.

    Returns
    -------
    tuple
        A (m, v), low and high (m,), and v. Columns 0..N-1 are the nodes; one more for each group of
        ``relative`` weights holds its scale. All variables lie in 0-1.

    Notes
    -----
    With W a node's product of local weights and W_p its parent's, shares in [l, h] are
    ``l W_p <= W <= h W_p`` and siblings add up to W_p (Charnes and Cooper 1962).
    """
    nodes = len(case.scores._state.tree.names)
    scaled = [
        int(group_node.node)
        for group_node in case.group_nodes
        if isinstance(case.sets[int(group_node.node)], RelativeWeights)
    ]
    width = nodes + len(scaled)
    rows: list[Array] = []
    low: list[float] = []
    high: list[float] = []

    def add(entries: dict[int, float], bottom: float, top: float) -> None:
        row = np.zeros(width)
        for column, value in entries.items():
            row[column] += value
        rows.append(row)
        low.append(bottom)
        high.append(top)

    add({case.headline: 1.0}, 1.0, 1.0)
    for group_node in case.group_nodes:
        node = int(group_node.node)
        children = [int(child) for child in case.children(group_node)]
        add({**dict.fromkeys(children, 1.0), node: -1.0}, 0.0, 0.0)
        scale = nodes + scaled.index(node) if node in scaled else node
        for entries in _ends(case.sets[node], children, scale):
            add(entries, 0.0, np.inf)
    return np.array(rows), np.array(low), np.array(high), width


def _ends(inside: LocalSet, children: list[int], scale: int) -> list[dict[int, float]]:
    """Return linear forms of the group's weights that must not be negative."""
    if isinstance(inside, Ordered):
        return [
            {first: 1.0, second: -1.0}
            for index, first in enumerate(children)
            for other, second in enumerate(children)
            if inside.classes[index] < inside.classes[other]
        ]
    if not isinstance(inside, BoxShares | RelativeWeights):
        raise TypeError(f"no linear form of {type(inside).__name__}")
    out: list[dict[int, float]] = []
    size = 1.0
    if isinstance(inside, RelativeWeights):
        # The scale of raw weights is free: it is chosen so that its variable stays within 0-1.
        size = 1 / inside.low.sum() if inside.low.sum() > 0 else 1 / inside.high.min()
    for child, low, high in zip(children, inside.low * size, inside.high * size, strict=True):
        out += [{child: 1.0, scale: -float(low)}, {child: -1.0, scale: float(high)}]
    return out
