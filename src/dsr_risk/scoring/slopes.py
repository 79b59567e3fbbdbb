"""Slopes of a group: points of its value for one point of each child."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .._util.types import Array, Mask
from ..methods.aggregation import Mean
from ..methods.rounded import Rounded
from .tree import GroupNode

__all__ = ["local_slopes"]

STEP = 1e-6
"""The step of quotients, as a share of the scale."""


def local_slopes(
    group_node: GroupNode, x: Array, weights: Array, live: Mask, scale: tuple[float, float]
) -> Array:
    """Return points (k, n) of a group for one point of each child; 0 for a child that does not count.

    A mean is differentiated by its formula, ``dM/dx_i = w_i g'(x_i) / g'(M)``; any other rule, and a mean where
    its formula has no finite slope, by central quotients. A rounded value is a step function: the slopes are
    those of the value before it is rounded.

    Parameters
    ----------
    group_node
        The group.
    x
        (k, n) values of its children on the scale; NaN where there is none.
    weights
        (k,) weights of the children.
    live
        (k, n) which children count.
    scale
        The ends of the scale.
    """
    if isinstance(group_node.aggregator, Rounded):
        inner = group_node.aggregator.inner
        intercept, slope = inner.affine_map(*scale)
        group_node = replace(group_node, aggregator=inner, intercept=intercept, slope=slope)
    mean = group_node.aggregator
    if isinstance(mean, Mean):
        by_formula = _of_mean(group_node, mean, x, weights, live)
        if np.isfinite(by_formula[live]).all():
            return np.where(live, by_formula, 0.0)
    return np.where(live, _quotients(group_node, x, weights, live, scale), 0.0)


def _of_mean(group_node: GroupNode, mean: Mean, x: Array, weights: Array, live: Mask) -> Array:
    raised = np.where(live, group_node.raise_up(x), group_node.raise_up(np.ones(1)))
    with np.errstate(all="ignore"):
        share = np.where(live, weights[:, None], 0.0)
        share = share / share.sum(axis=0)
        value = mean.combine(raised[:, None, :], weights[:, None, None], live)[0]
        return np.asarray(share * mean.derivative(raised) / mean.derivative(value))


def _quotients(
    group_node: GroupNode, x: Array, weights: Array, live: Mask, scale: tuple[float, float]
) -> Array:
    step = STEP * (scale[1] - scale[0])
    out = np.empty(x.shape)
    for child in range(len(x)):
        ends = []
        for sign in (1.0, -1.0):
            moved = np.array(x)
            moved[child] += sign * step
            with np.errstate(all="ignore"):
                value = group_node.aggregator.combine(
                    group_node.raise_up(moved)[:, None, :], weights[:, None, None], live
                )
            ends.append(group_node.bring_down(value[0]))
        out[child] = (ends[0] - ends[1]) / (2 * step)
    return out
