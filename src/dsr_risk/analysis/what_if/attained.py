"""Weights at which two units tie where the gap between them is no linear form of the weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..._util.types import Array
from .nearest import nearest

__all__ = ["attained"]

STEPS = 30
HALVINGS = 50
NUDGE = 1e-6


def attained(gap: Callable[[Array], Array], weights: Array, norm: str, tie: float) -> Array | None:
    """Return weights near the given ones at which the gap is closed, None where none were found.

    Parameters
    ----------
    gap
        Gaps (draws,) of weights (draws, k), each adding up to one.
    weights
        (k,) weights with a gap above 0.
    norm
        How change is measured: ``l1``, ``l2`` or ``linf``.
    tie
        How small a gap counts as closed.

    Returns
    -------
    ndarray or None
        Weights on the simplex with a gap of at most `tie`: their distance bounds the smallest change from
        above.

    Notes
    -----
    The gap is made linear at the weights reached, the nearest weights of the linear form are found exactly,
    and so on (sequential linear programming); the way to every weighting reached, and to every single child,
    is searched for its first tie by bisection.

    References
    ----------
    Griffith, R. E. and Stewart, R. A. (1961), A nonlinear programming technique for the optimization of
    continuous processing systems, Management Science 7(4), 379-392.
    """
    k = len(weights)
    ends = [np.eye(k)[index] for index in range(k)]
    at = weights
    for _ in range(STEPS):
        value = float(_safe(gap, at[None])[0])
        steps = (1 - NUDGE) * at + NUDGE * np.eye(k)
        around = _safe(gap, steps)
        if not (np.isfinite(value) and np.isfinite(around).all()):
            break
        slope = (around - value) / NUDGE
        reached = nearest(weights, slope, -value - tie / 2, norm)
        if reached is None:
            reached = (at + np.eye(k)[int(np.argmin(slope))]) / 2
        ends.append(reached)
        if np.abs(reached - at).max() < 1e-12:
            break
        at = reached
    ways = np.array(ends)
    ways = ways[_safe(gap, ways) <= tie]
    if not len(ways):
        return None
    tied = _first_ties(gap, weights, ways, tie)
    sizes = {
        "l1": np.abs(tied - weights).sum(axis=1),
        "l2": np.sqrt(np.square(tied - weights).sum(axis=1)),
        "linf": np.abs(tied - weights).max(axis=1),
    }[norm]
    return np.asarray(tied[int(np.argmin(sizes))])


def _safe(gap: Callable[[Array], Array], weights: Array) -> Array:
    """Return the gaps, infinite where a unit has no value at all under the weights."""
    with np.errstate(invalid="ignore", divide="ignore"):
        value = gap(weights)
    return np.where(np.isnan(value), np.inf, value)


def _first_ties(gap: Callable[[Array], Array], weights: Array, ways: Array, tie: float) -> Array:
    """Bisect the way from the weights to each end (m, k) for the step at which the gap closes."""
    low, high = np.zeros(len(ways)), np.ones(len(ways))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        closed = _safe(gap, weights + middle[:, None] * (ways - weights)) <= tie
        high, low = np.where(closed, middle, high), np.where(closed, low, middle)
    return np.asarray(weights + high[:, None] * (ways - weights))
