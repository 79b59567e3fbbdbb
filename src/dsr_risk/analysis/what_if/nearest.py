"""The nearest weights on the simplex that bring a weighted sum down to a target, in three norms."""

from __future__ import annotations

import numpy as np

from ..._util.types import Array

__all__ = ["NORMS", "distances", "nearest"]

NORMS = ("l1", "l2", "linf")
STEPS = 200
HALVINGS = 48


def nearest(weights: Array, d: Array, target: float, norm: str) -> Array | None:
    """Return the weights w >= 0 adding up to one with ``d . w <= target`` that lie nearest.

    Parameters
    ----------
    weights
        (k,) weights adding up to one.
    d
        (k,) coefficients.
    target
        The sum to come down to.
    norm
        ``l1`` (sum of absolute changes), ``l2`` (Euclid) or ``linf`` (largest change).

    Returns
    -------
    ndarray or None
        None where no weights reach it: the smallest coefficient is above the target.

    Notes
    -----
    L1 is a transport: weight goes from the largest coefficients to the smallest, an exact greedy optimum.
    L2 is the projection ``max(0, w - a d - b)`` with a, b from the conditions of Karush, Kuhn and Tucker.
    L-infinity is a continuous knapsack for a given step, whose smallest feasible step is bisected.

    References
    ----------
    Held, M., Wolfe, P. and Crowder, H. P. (1974), Mathematical Programming 6, 62-88 (projection on the
    simplex); Dantzig, G. B. (1957), Operations Research 5(2), 266-288 (knapsack).

    Examples
    --------
    >>> nearest(np.array([0.5, 0.5]), np.array([40.0, -38.0]), 0.0, "l1").round(6).tolist()
    [0.487179, 0.512821]
    """
    if weights @ d <= target:
        return weights.copy()
    if d.min() > target:
        return None
    if norm == "l1":
        return _transport(weights, d, target)
    if norm == "l2":
        return _projection(weights, d, target)
    return _smallest_step(weights, d, target)


def _transport(weights: Array, d: Array, target: float) -> Array:
    out = weights.copy()
    taker = int(np.argmin(d))
    lack = float(weights @ d - target)
    for giver in np.argsort(-d, kind="stable"):
        gain = float(d[giver] - d[taker])
        if gain <= 0 or lack <= 0:
            break
        moved = min(float(out[giver]), lack / gain)
        out[giver] -= moved
        out[taker] += moved
        lack -= moved * gain
    return out


def _simplex(v: Array) -> Array:
    """Return the nearest point of the simplex to v."""
    ranked = -np.sort(-v)
    level = (np.cumsum(ranked) - 1) / np.arange(1, len(v) + 1)
    last = int(np.flatnonzero(ranked > level)[-1])
    return np.asarray(np.maximum(v - level[last], 0.0))


def _projection(weights: Array, d: Array, target: float) -> Array:
    high = 1.0
    scale = max(float(np.abs(d).max()), 1e-300)
    for _ in range(STEPS):
        if _simplex(weights - high / scale * d) @ d <= target:
            break
        high *= 2
    low = 0.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        if _simplex(weights - middle / scale * d) @ d <= target:
            high = middle
        else:
            low = middle
    return _simplex(weights - high / scale * d)


def _step(weights: Array, d: Array, size: float) -> Array:
    """Return the weights within `size` of the given ones whose weighted sum is smallest."""
    least = np.maximum(weights - size, 0.0)
    room = 1.0 - least.sum()
    order = np.argsort(d, kind="stable")
    width = (weights + size - least)[order]
    filled = np.clip(room - (np.cumsum(width) - width), 0.0, width)
    out = least.copy()
    out[order] += filled
    return out


def _smallest_step(weights: Array, d: Array, target: float) -> Array:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _step(weights, d, middle) @ d <= target:
            high = middle
        else:
            low = middle
    return _step(weights, d, high)


def distances(weights: Array, d: Array, norm: str) -> Array:
    """Return the smallest change (pairs,) that brings each sum to zero; NaN where none does.

    Parameters
    ----------
    weights
        (k,) weights adding up to one.
    d
        (k, pairs) coefficients, each with a weighted sum above 0.
    norm
        ``l1``, ``l2`` or ``linf``.
    """
    if norm == "l2":
        return _projections(weights, d)
    order = np.argsort(-d, axis=0, kind="stable")
    ranked = np.take_along_axis(d, order, axis=0)
    held = weights[order]
    lack = weights @ d
    if norm == "l1":
        gain = ranked - ranked[-1]
        done = np.cumsum(held * gain, axis=0)
        before = done - held * gain
        with np.errstate(invalid="ignore", divide="ignore"):
            part = np.clip((lack - before) / (held * gain), 0.0, 1.0)
        moved = np.where(gain > 0, np.nan_to_num(part) * held, 0.0).sum(axis=0)
        return np.where(ranked[-1] <= 0, 2 * moved, np.nan)
    low, high = np.zeros(d.shape[1]), np.ones(d.shape[1])
    ranked, held = ranked[::-1], held[::-1]
    for _ in range(45):
        size = (low + high) / 2
        least = np.maximum(held - size, 0.0)
        width = held + size - least
        room = 1.0 - least.sum(axis=0)
        filled = np.clip(room - (np.cumsum(width, axis=0) - width), 0.0, width)
        reached = ((least + filled) * ranked).sum(axis=0) <= 0
        high, low = np.where(reached, size, high), np.where(reached, low, size)
    return np.where(ranked[0] <= 0, high, np.nan)


def _projections(weights: Array, d: Array) -> Array:
    """Return Euclidean distances to half-spaces: in closed form where no weight meets 0, else by bisection."""
    lack = weights @ d
    apart = d - d.mean(axis=0)
    square = (apart**2).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        out = lack / np.sqrt(square)
        moved = weights[:, None] - lack / square * apart
    stuck = np.flatnonzero(~(moved >= 0).all(axis=0) & (d.min(axis=0) <= 0))
    if len(stuck):
        out[stuck] = _bisected(weights, d[:, stuck])
    return np.where(d.min(axis=0) <= 0, out, np.nan)


def _bisected(weights: Array, d: Array) -> Array:
    scale = np.abs(d).max(axis=0)
    low, high = np.zeros(d.shape[1]), np.full(d.shape[1], 1.0)
    for _ in range(STEPS):
        short = (_simplexes(weights[:, None] - high / scale * d) * d).sum(axis=0) > 0
        if not short.any():
            break
        high = np.where(short, 2 * high, high)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        reached = (_simplexes(weights[:, None] - middle / scale * d) * d).sum(axis=0) <= 0
        high, low = np.where(reached, middle, high), np.where(reached, low, middle)
    points = _simplexes(weights[:, None] - high / scale * d)
    return np.asarray(np.sqrt(np.square(points - weights[:, None]).sum(axis=0)))


def _simplexes(v: Array) -> Array:
    """Return the nearest point of the simplex to every column of v (k, m)."""
    ranked = -np.sort(-v, axis=0)
    ranks = np.arange(1, len(v) + 1)[:, None]
    level = (np.cumsum(ranked, axis=0) - 1) / ranks
    last = (ranked > level).sum(axis=0) - 1
    return np.maximum(v - np.take_along_axis(level, last[None], axis=0), 0.0)
