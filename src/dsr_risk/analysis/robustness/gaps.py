"""Score intervals and largest gaps over a set of weights, by recursion down the tree; no solver.

Local weights of different groups are independent and never negative. So the largest value of a mean is
that of its children's largest values over the group's own weights, and the largest gap between two units
is that of their largest gaps at the children. Inside one group both are a continuous knapsack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from ..._util.types import Array, Index, Mask
from ...methods.aggregation import Mean
from ...scoring.tree import GroupNode
from .case import Case, is_linear, is_mean

__all__ = ["Gaps", "intervals", "largest_gaps"]

LARGEST_BLOCK = 6_000_000
GRID = 65


def intervals(case: Case) -> tuple[Array, Array]:
    """Return smallest and largest value (n, N) of every node over the set; exact for trees of means.

    A group whose aggregation is no mean is bounded by its children where it lies between them, else by
    the scale.
    """
    low, high = case.values.copy(), case.values.copy()
    for group_node in case.group_nodes:
        children = case.children(group_node)
        observed = case.present[:, children].T
        first, last = low[:, children].T, high[:, children].T
        least, most = _between(case, group_node, first, last, observed)
        present = case.present[:, group_node.node]
        low[:, group_node.node] = np.where(present, least, np.nan)
        high[:, group_node.node] = np.where(present, most, np.nan)
    return low, high


def _between(
    case: Case, group_node: GroupNode, first: Array, last: Array, present: Mask
) -> tuple[Array, Array]:
    inside = case.sets[int(group_node.node)]
    floor = np.where(present, first, np.inf).min(axis=0)
    ceiling = np.where(present, last, -np.inf).max(axis=0)
    if not is_mean(group_node):
        if group_node.aggregator.inside:
            return floor, ceiling
        lower, upper = case.scores._state.tree.scale
        return np.full(len(floor), lower), np.full(len(floor), upper)
    if is_linear(group_node):
        return inside.smallest(first, present), inside.largest(last, present)
    sign = _direction(group_node, case.scores._state.tree.scale)
    with np.errstate(all="ignore"):
        least = _value(
            group_node, sign, inside.smallest(_generated(group_node, sign, first), present)
        )
        most = _value(group_node, sign, inside.largest(_generated(group_node, sign, last), present))
    least = np.where(np.isnan(least), floor, np.maximum(least, floor))
    return least, np.where(np.isnan(most), ceiling, np.minimum(most, ceiling))


def _direction(group_node: GroupNode, scale: tuple[float, float]) -> float:
    """Return +1 where the generator rises, -1 where it falls; generated values then always rise."""
    lower, upper = scale
    mean = cast("Mean", group_node.aggregator)
    ends = group_node.raise_up(np.array([lower + 0.25 * (upper - lower), upper]))
    first, last = mean.g(ends)
    return 1.0 if last >= first else -1.0


def _generated(group_node: GroupNode, sign: float, x: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(sign * cast("Mean", group_node.aggregator).g(group_node.raise_up(x)))


def _value(group_node: GroupNode, sign: float, y: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(
            group_node.bring_down(cast("Mean", group_node.aggregator).inverse(sign * y))
        )


@dataclass(frozen=True, eq=False)
class Gaps:
    """For each ordered pair of units, what weights can do at most to the first above the second.

    ``most`` (n, n) is the largest possible score of the row's unit minus that of the column's; ``exact``
    whether some admissible weighting attains it (else it is an upper bound); ``sign`` (n, n) a number
    with the sign of the largest possible gap, where only that is exact.
    """

    low: Array
    high: Array
    most: Array
    exact: Mask
    sign: Array
    sign_exact: Mask

    @property
    def least(self) -> Array:
        """(n, n) the smallest possible gap, minus the largest one of the pair turned round."""
        return -self.most.T


def largest_gaps(case: Case) -> Gaps:
    """Return largest gap of every ordered pair of units, blocks of rows at a time."""
    low, high = intervals(case)
    n = len(case.rows)
    widest = max(len(group_node.children) for group_node in case.group_nodes)
    size = max(1, LARGEST_BLOCK // max(1, n * widest))
    most, sign = np.empty((n, n)), np.empty((n, n))
    exact, sign_exact = np.empty((n, n), bool), np.empty((n, n), bool)
    for start in range(0, n, size):
        part = np.arange(start, min(start + size, n))
        most[part], exact[part], sign[part], sign_exact[part] = _block(case, low, high, part)
    np.fill_diagonal(most, 0.0)
    np.fill_diagonal(sign, 0.0)
    return Gaps(low, high, most, exact, sign, sign_exact)


def _block(case: Case, low: Array, high: Array, part: Index) -> tuple[Array, Mask, Array, Mask]:
    """Return the pairs of some rows against every unit."""
    n_indicators = case.scores._state.tree.n_indicators
    gaps: dict[int, Array] = {}
    exact: dict[int, Mask] = {}
    sign, sign_exact = np.empty(0), np.empty(0, bool)
    for group_node in case.group_nodes:
        children = [int(child) for child in case.children(group_node)]
        for child in children:
            if child < n_indicators:
                x = case.values[:, child]
                gaps[child] = x[part, None] - x[None]
                exact[child] = np.ones(gaps[child].shape, bool)
        node = int(group_node.node)
        same = case.patterns[node][part, None] == case.patterns[node][None]
        outer = high[part, node][:, None] - low[None, :, node]
        present = case.present[:, children].T[:, part, None] & same[None]
        if is_linear(group_node):
            stacked = np.stack([gaps[child] for child in children])
            value = case.sets[node].largest(stacked, present)
            gaps[node] = np.where(same, np.fmin(value, outer), outer)
            exact[node] = same & np.stack(
                [exact[child] | ~present[index] for index, child in enumerate(children)]
            ).all(axis=0)
            sign, sign_exact = gaps[node], exact[node]
        else:
            sign, sign_exact, gaps[node] = _curved(
                case, group_node, (low, high), part, (children, present, same, outer)
            )
            # A single admissible weighting leaves nothing open.
            alone = high[:, node] == low[:, node]
            exact[node] = same & alone[part, None] & alone[None]
        for child in children:
            del gaps[child], exact[child]
    return gaps[case.headline], exact[case.headline], sign, sign_exact


def _curved(
    case: Case,
    group_node: GroupNode,
    ends: tuple[Array, Array],
    part: Index,
    pairs: tuple[list[int], Mask, Mask, Array],
) -> tuple[Array, Mask, Array]:
    """Return the sign of the largest gap, whether it is exact, and a bound of the gap, under another mean.

    Two means compare as the weighted sums of their generated children do.
    """
    low, high = ends
    children, present, same, outer = pairs
    if not is_mean(group_node):
        return outer, np.zeros(outer.shape, bool), outer
    scale = case.scores._state.tree.scale
    direction = _direction(group_node, scale)
    first = _generated(group_node, direction, high[part][:, children])
    second = _generated(group_node, direction, low[:, children])
    with np.errstate(invalid="ignore"):
        stacked = first.T[:, :, None] - second.T[:, None]
    usable = same & np.where(present, np.isfinite(stacked), True).all(axis=0)
    raised = case.sets[int(group_node.node)].largest(np.where(present, stacked, 0.0), present)
    fixed = (high[:, children] == low[:, children]) | ~case.present[:, children]
    certain = fixed.all(axis=1)
    sign_exact = usable & certain[part, None] & certain[None]
    node = int(group_node.node)
    shifted = _shift(group_node, direction, (low[:, node], high[:, node]), raised, scale)
    bound = np.where(usable, np.fmin(outer, shifted), outer)
    return np.where(usable, raised, outer), sign_exact, bound


def _shift(
    group_node: GroupNode,
    direction: float,
    ends: tuple[Array, Array],
    raised: Array,
    scale: tuple[float, float],
) -> Array:
    """Return the largest gap in points that a gap of generated values allows, whatever the second unit's mean.

    It is largest at one end of the second unit's interval where the generator's slope only rises or only
    falls; elsewhere there is no bound but the sign.
    """
    bend = _bend(group_node, scale)
    nothing = np.where(raised > 0, np.inf, 0.0)
    if bend == 0:
        return nothing
    end = np.where((raised > 0) == (bend > 0), ends[0][None], ends[1][None])
    with np.errstate(all="ignore"):
        shift = _value(group_node, direction, _generated(group_node, direction, end) + raised) - end
    return np.where(np.sign(shift) == np.sign(raised), shift, nothing)


def _bend(group_node: GroupNode, scale: tuple[float, float]) -> int:
    """Return 1 where the generator's slope only rises, -1 where it only falls, 0 where neither is so."""
    lower, upper = scale
    grid = group_node.raise_up(np.linspace(lower, upper, GRID)[1:-1])
    with np.errstate(all="ignore"):
        steps = np.diff(np.abs(cast("Mean", group_node.aggregator).derivative(grid)))
    return 1 if bool((steps >= 0).all()) else -1 if bool((steps <= 0).all()) else 0
