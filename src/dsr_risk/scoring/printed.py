"""The nodes that are printed: enough is observed, or the hard bounds are narrow enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .._util.types import Array, Mask
from ..framework.definition import Framework

if TYPE_CHECKING:
    from .scores import Scores

__all__ = ["bounds_width", "limits_of", "printed_nodes"]

TOLERANCE = 1e-12


def printed_nodes(scores: Scores) -> Mask:
    """Return (n, N) the nodes that are printed."""
    out = np.array(scores._state.scorable.has_value, order="F")
    group_nodes = scores._state.tree.group_nodes
    shares = scores._state.scorable.coverage[:, [group_node.node for group_node in group_nodes]]
    if (
        shares >= np.array([group_node.min_coverage for group_node in group_nodes]) - TOLERANCE
    ).all():
        return out
    for group_node in group_nodes:
        share = scores._state.scorable.coverage[:, group_node.node]
        name = scores._state.tree.names[group_node.node]
        least, most = limits_of(scores.framework, name)
        enough = share >= least - TOLERANCE
        if most is not None and not enough.all():
            enough |= bounds_width(scores, name) <= most + TOLERANCE
        out[:, group_node.node] &= enough
    return out


def limits_of(framework: Framework, name: str) -> tuple[float, float | None]:
    """Return the least coverage and the widest hard bounds with which a group is printed."""
    group, defaults = framework[name], framework.defaults
    least = getattr(group, "min_coverage", None)
    most = getattr(group, "max_width", None)
    return (
        defaults.min_coverage if least is None else least,
        defaults.max_width if most is None else most,
    )


def bounds_width(scores: Scores, name: str) -> Array:
    """Return how far apart the hard bounds of a node are, (n,); the whole scale where there are none."""
    node = scores._node_index(name)
    lower, upper = scores._state.tree.scale
    low, high = scores._hard[0][:, node], scores._hard[1][:, node]
    return np.where(np.isnan(low) | np.isnan(high), upper - lower, high - low)
