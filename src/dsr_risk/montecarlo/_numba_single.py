"""Compiled loops for draws in single precision; the optional extra `fast` (numba)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._util.compiled import compiled, inlined

__all__ = ["add_moments", "count_bins", "make_keys", "share_out"]


ROWS = 8
"""Draws added up in single precision before they join a sum in double precision."""


@inlined
def _less(a: Any, b: Any) -> Any:
    return a if a < b else b  # noqa: FURB136 - `min` is not vectorised


@inlined
def _more(a: Any, b: Any) -> Any:
    return a if a > b else b  # noqa: FURB136 - `max` is not vectorised


@compiled
def add_moments(x: Any, total: Any, square: Any, low: Any, high: Any) -> None:
    """Add up distances (draws, m) and their squares; lower `low` and raise `high` to their extremes.

    A distance that is not finite leaves a total that is not finite.
    """
    draws, units = x.shape
    even = draws // ROWS * ROWS
    for row in range(0, even, ROWS):
        r0, r1, r2, r3 = x[row], x[row + 1], x[row + 2], x[row + 3]
        r4, r5, r6, r7 = x[row + 4], x[row + 5], x[row + 6], x[row + 7]
        for unit in range(units):
            a, b, c, d = r0[unit], r1[unit], r2[unit], r3[unit]
            e, f, g, h = r4[unit], r5[unit], r6[unit], r7[unit]
            total[unit] += ((a + b) + (c + d)) + ((e + f) + (g + h))
            square[unit] += ((a * a + b * b) + (c * c + d * d)) + (
                (e * e + f * f) + (g * g + h * h)
            )
        # A loop of its own: with four results a loop is not vectorised.
        for unit in range(units):
            a, b, c, d = r0[unit], r1[unit], r2[unit], r3[unit]
            e, f, g, h = r4[unit], r5[unit], r6[unit], r7[unit]
            least = _less(_less(_less(a, b), _less(c, d)), _less(_less(e, f), _less(g, h)))
            most = _more(_more(_more(a, b), _more(c, d)), _more(_more(e, f), _more(g, h)))
            low[unit] = _less(least, low[unit])
            high[unit] = _more(most, high[unit])
    for row in range(even, draws):
        for unit in range(units):
            value = x[row, unit]
            total[unit] += value
            square[unit] += value * value
            low[unit] = _less(value, low[unit])
            high[unit] = _more(value, high[unit])


@compiled
def make_keys(x: Any, starts: Any, size: Any, bits: int, keys: Any) -> None:
    """Write distances as integers on the scale of `starts`, with the column number in the low bits."""
    draws, units = x.shape
    for row in range(draws):
        for unit in range(units):
            steps = np.uint32(np.int32(x[row, unit] * size) + starts[unit])
            keys[row, unit] = (steps << np.uint32(bits)) | np.uint32(unit)


@compiled
def count_bins(x: Any, rate: float, starts: Any, bins: Any) -> None:
    """Count distances (draws, m) into bins."""
    draws, units = x.shape
    cells = np.empty(units, np.int32)
    for row in range(draws):
        # Loops of their own: the first is vectorised.
        for unit in range(units):
            cells[unit] = np.int32(np.float64(x[row, unit]) * rate + starts[unit])
        for unit in range(units):
            bins[np.uint32(cells[unit])] += 1


@compiled
def share_out(weights: Any, ways: Any, out: Any) -> None:
    """Write the effective weights (indicators, draws) of weights (nodes, draws), group by group from the top.

    `ways` are lists of one number a group (the place of its parent, its node, where its children start), its
    children, where its indicators start, these, and their rows of `out`.
    """
    parents, nodes, first_child, children, first_end, ends, rows = ways
    draws = weights.shape[1]
    scale = np.empty((len(nodes), draws), np.float32)
    for step in range(len(nodes)):
        own = scale[step]
        own[:] = 0
        for child in children[first_child[step] : first_child[step + 1]]:
            for draw in range(draws):
                own[draw] += weights[child, draw]
        if parents[step] < 0:
            for draw in range(draws):
                own[draw] = np.float32(1) / own[draw]
        else:
            above, weight = scale[parents[step]], weights[nodes[step]]
            for draw in range(draws):
                own[draw] = weight[draw] * above[draw] / own[draw]
        for index in range(first_end[step], first_end[step + 1]):
            weight, target = weights[ends[index]], out[rows[index]]
            for draw in range(draws):
                target[draw] = weight[draw] * own[draw]
