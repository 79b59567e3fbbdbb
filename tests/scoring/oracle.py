"""Plain, slow evaluation and ranking, written from the definitions: what the fast ones are held against."""

from __future__ import annotations

from typing import Any

import numpy as np

from dsr_risk.methods import Mean
from dsr_risk.scoring.tree import GroupNode, Tree


def plain_ranks(values: np.ndarray, length: float = 100.0) -> np.ndarray:
    """Ranks of one draw: 1 is the highest, neighbours within 1e-9 of the scale share the smaller rank."""
    out = np.full(len(values), np.nan)
    known = sorted((value, index) for index, value in enumerate(values) if not np.isnan(value))
    rank, before = 0, np.inf
    for position, (value, index) in enumerate(reversed(known), start=1):
        if before - value > 1e-9 * length:
            rank = position
        out[index], before = rank, value
    return out


def plain_values(
    tree: Tree,
    indicators: np.ndarray,
    weights: np.ndarray,
    has_value: np.ndarray,
    below: np.ndarray | None = None,
) -> np.ndarray:
    """(n, N) every node's value, unit by unit and node by node.

    With `below` (n, N) every group combines the values given there: groups apart, so that the last digits of a
    child are not multiplied by a slope that has no bound (a root, a logarithm or a reciprocal near 0).
    """
    out = np.full((len(indicators), len(tree.names)), np.nan)
    below = out if below is None else below
    for unit in range(len(indicators)):
        for indicator in range(tree.n_indicators):
            if has_value[unit, indicator]:
                out[unit, indicator] = indicators[unit, indicator]
        for group_node in tree.group_nodes:
            if has_value[unit, group_node.node]:
                children = [
                    int(c) for c in group_node.children if has_value[unit, c] and weights[c] > 0
                ]
                out[unit, group_node.node] = plain_group(
                    group_node, [below[unit, c] for c in children], [weights[c] for c in children]
                )
    return out


def plain_group(group_node: GroupNode, x: list[float], w: list[float]) -> float:
    """One group's value from its children that have one."""
    raised = [float(group_node.intercept) + float(group_node.slope) * value for value in x]
    return (_combined(group_node.aggregator, raised, w) - float(group_node.intercept)) / float(
        group_node.slope
    )


def _combined(aggregator: Any, x: list[float], w: list[float]) -> float:
    if not isinstance(aggregator, Mean):
        column = np.array(x)[:, None]
        return float(
            aggregator.combine(column, np.array(w)[:, None], np.ones(column.shape, bool))[0]
        )
    # Over the largest child, so that no power overflows: M(c x) = c M(x) for homogeneous means.
    size = max(x) if aggregator.homogeneous and max(x) > 0 else 1.0
    with np.errstate(divide="ignore"):
        terms = [
            weight * float(aggregator.g(np.array(value / size)))
            for value, weight in zip(x, w, strict=True)
        ]
        return size * float(aggregator.inverse(np.array(sum(terms) / sum(w))))
