"""Slopes of a group: points of its value for one point of each child."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .._util.types import Array, Mask
from ..methods.aggregation import Mean
from ..methods.rounded import Rounded
from .tree import Branch

__all__ = ["local_slopes"]

STEP = 1e-6
"""The step of quotients, as a share of the scale."""


def local_slopes(
    branch: Branch, x: Array, weights: Array, live: Mask, scale: tuple[float, float]
) -> Array:
    """Return points (k, n) of a group for one point of each child; 0 for a child that does not count.

    A mean is differentiated by its formula, ``dM/dx_i = w_i g'(x_i) / g'(M)``; any other rule, and a mean where
    its formula has no finite slope, by central quotients. A rounded value is a step function: the slopes are
    those of the value before it is rounded.

    Parameters
    ----------
    branch
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
    if isinstance(branch.aggregator, Rounded):
        inner = branch.aggregator.inner
        intercept, slope = inner.affine_map(*scale)
        branch = replace(branch, aggregator=inner, intercept=intercept, slope=slope)
    mean = branch.aggregator
    if isinstance(mean, Mean):
        by_formula = _of_mean(branch, mean, x, weights, live)
        if np.isfinite(by_formula[live]).all():
            return np.where(live, by_formula, 0.0)
    return np.where(live, _quotients(branch, x, weights, live, scale), 0.0)


def _of_mean(branch: Branch, mean: Mean, x: Array, weights: Array, live: Mask) -> Array:
    raised = np.where(live, branch.raise_up(x), branch.raise_up(np.ones(1)))
    with np.errstate(all="ignore"):
        share = np.where(live, weights[:, None], 0.0)
        share = share / share.sum(axis=0)
        value = mean.combine(raised[:, None, :], weights[:, None, None], live)[0]
        return np.asarray(share * mean.derivative(raised) / mean.derivative(value))


def _quotients(
    branch: Branch, x: Array, weights: Array, live: Mask, scale: tuple[float, float]
) -> Array:
    step = STEP * (scale[1] - scale[0])
    out = np.empty(x.shape)
    for child in range(len(x)):
        ends = []
        for sign in (1.0, -1.0):
            moved = np.array(x)
            moved[child] += sign * step
            with np.errstate(all="ignore"):
                value = branch.aggregator.combine(
                    branch.raise_up(moved)[:, None, :], weights[:, None, None], live
                )
            ends.append(branch.bring_down(value[0]))
        out[child] = (ends[0] - ends[1]) / (2 * step)
    return out
