"""Slopes of a group: points of its value for one point of each child."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .._util.types import Array, Mask
from ..methods.aggregation import Mean
from ..methods.rounded import Rounded
from .tree import GroupNode

__all__ = ["chained", "local_sides", "local_slopes"]

STEP = 1e-6
"""The step of quotients, as a share of the scale."""

FINER = 1e-3
"""A second, finer step, as a share of the first: a quotient that grows with it has no finite limit."""

GROWN = 1.2
"""How much it then grows at least. A group on a pole grows by 1000 to the power of a share of weight."""

SMOOTH = 1e-3
"""Quotients of both sides that differ by less, relatively, are those of a smooth curve."""


def local_slopes(
    group_node: GroupNode, x: Array, weights: Array, live: Mask, scale: tuple[float, float]
) -> Array:
    """Return points (k, n) of a group for one point of each child; 0 for a child that does not count.

    The mean of both sides; at an end of the scale the side that lies inside. Parameters are those of
    ``local_sides``.
    """
    up, down = local_sides(group_node, x, weights, live, scale)
    if up is down:
        return up
    step = STEP * (scale[1] - scale[0])
    with np.errstate(invalid="ignore"):
        inside = np.where(x > scale[1] - step, down, (up + down) / 2)
        return np.where(x < scale[0] + step, up, inside)


def local_sides(
    group_node: GroupNode, x: Array, weights: Array, live: Mask, scale: tuple[float, float]
) -> tuple[Array, Array]:
    """Return points (k, n) of a group for one point more and one point less of each child.

    A mean is differentiated by its formula, ``dM/dx_i = w_i g'(x_i) / g'(M)``, one array for both sides; any
    other rule, and a mean where its formula has no finite slope, by quotients of each side. 0 for a child that
    does not count, infinite at a pole. A rounded value is a step function: the slopes are those of the value
    before it is rounded.

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
    step = STEP * (scale[1] - scale[0])
    if not isinstance(mean, Mean):
        up, down = _quotients(group_node, x, weights, live, step)
        return np.where(live, up, 0.0), np.where(live, down, 0.0)
    by_formula = _of_mean(group_node, mean, x, weights, live)
    finite = np.isfinite(by_formula)
    if finite[live].all():
        both = np.where(live, by_formula, 0.0)
        return both, both
    sides = (
        np.where(finite, by_formula, _limit(coarse, fine))
        for coarse, fine in zip(
            _quotients(group_node, x, weights, live, step),
            _quotients(group_node, x, weights, live, step * FINER),
            strict=True,
        )
    )
    up, down = (np.where(live, side, 0.0) for side in sides)
    return up, down


def chained(slope: Array, by: Array) -> Array:
    """Return the product of slopes along the tree: 0 times an infinite slope is 0."""
    with np.errstate(invalid="ignore"):
        return np.where((slope == 0) | (by == 0), 0.0, slope * by)


def _limit(coarse: Array, fine: Array) -> Array:
    """Return the quotients, infinite where they have no value or grow as the step gets finer."""
    with np.errstate(invalid="ignore"):
        bounded = np.abs(fine) <= GROWN * np.abs(coarse) + SMOOTH
    return np.where(bounded, coarse, np.inf)


def _of_mean(group_node: GroupNode, mean: Mean, x: Array, weights: Array, live: Mask) -> Array:
    raised = np.where(live, group_node.raise_up(x), group_node.raise_up(np.ones(1)))
    with np.errstate(all="ignore"):
        share = np.where(live, weights[:, None], 0.0)
        share = share / share.sum(axis=0)
        value = mean.combine(raised[:, None, :], weights[:, None, None], live)[0]
        return np.asarray(share * mean.derivative(raised) / mean.derivative(value))


def _quotients(
    group_node: GroupNode, x: Array, weights: Array, live: Mask, step: float
) -> tuple[Array, Array]:
    """Return (k, n) quotients over a step up and a step down; one number where the curve is smooth."""

    def value(points: Array) -> Array:
        raised = group_node.raise_up(points)[:, None, :]
        with np.errstate(all="ignore"):
            combined = group_node.aggregator.combine(raised, weights[:, None, None], live)
        return np.asarray(group_node.bring_down(combined[0]))

    centre, up, down = value(np.array(x)), np.empty(x.shape), np.empty(x.shape)
    for child in range(len(x)):
        more, less = np.array(x), np.array(x)
        more[child] += step
        less[child] -= step
        up[child], down[child] = (value(more) - centre) / step, (centre - value(less)) / step
    with np.errstate(invalid="ignore"):
        smooth = np.abs(up - down) <= SMOOTH * (np.abs(up) + np.abs(down))
        both = (up + down) / 2
    return np.where(smooth, both, up), np.where(smooth, both, down)
