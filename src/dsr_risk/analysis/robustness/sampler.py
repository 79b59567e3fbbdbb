"""Weightings drawn from a certified set."""

from __future__ import annotations

import numpy as np

from ..._util.types import Array
from .case import Case

__all__ = ["sample_weights"]


def sample_weights(case: Case, draws: int, seed: int) -> Array:
    """Return (draws, N) local weights of every node, siblings adding up to one in every group of the headline.

    Each group's shares are independent of the other groups'. Nodes outside the headline keep their
    nominal weights.
    """
    weights = np.repeat(np.asarray(case.scores._state.weights, float)[None], draws, axis=0)
    for group_node in case.group_nodes:
        rng = np.random.default_rng([seed, int(group_node.node)])
        children = case.children(group_node)
        weights[:, children] = case.sets[int(group_node.node)].sample(rng, draws)
    return weights
