"""Normal scores: columns on the scale of a standard normal variable, and the way back."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.special import ndtri

from .._util.types import Array, Index

__all__ = ["Knots", "score_knots", "to_scores"]

_MANY = 1 << 13
"""Points from which a table of classes is quicker than a search."""
_CLASSES = 1 << 14
_CYCLES = 100
"""Times that cells with bounds are shared out anew."""
_LEAST = 1e-6
"""Values that occur less often than this are none."""


def score_knots(
    x: Array, low: Array | None = None, high: Array | None = None
) -> tuple[Array, Array]:
    r"""Return the knots of each column's quantile function: normal scores and values, both (q, k).

    The i-th of n ordered values sits at the normal score :math:`\Phi^{-1}((i - 1/2) / n)`. A value that
    occurs more than once has its first and its last score. Missing values known to lie between `low` and
    `high` (n, k) add their share to the values between these, so that a column of which only the high
    values are known has these at high scores. Columns with fewer knots repeat their last.

    References
    ----------
    Hazen, A. (1914), Trans. ASCE 77, 1539-1640 (plotting position); Conover, W. J. (1999), Practical
    Nonparametric Statistics, 3rd ed., Wiley, section 5.10 (normal scores); Turnbull, B. W. (1976), The
    empirical distribution function with arbitrarily grouped, censored and truncated data, JRSS B 38, 290-295.
    """
    scores, values = _plain_knots(x)
    if low is None or high is None:
        return scores, values
    censored = np.isnan(x) & (np.isfinite(low) | np.isfinite(high))
    knots = {}
    for column in np.flatnonzero(censored.any(axis=0) & ~np.isnan(x).all(axis=0)).tolist():
        own, cells = x[:, column], censored[:, column]
        seen, count = np.unique(own[~np.isnan(own)], return_counts=True)
        bounds = np.stack([low[cells, column], high[cells, column]])
        knots[column] = _knots(*_with_bounded(seen, count.astype(float), bounds))
    depth = max([len(scores), *(len(score) for score, _ in knots.values())])
    more = ((0, depth - len(scores)), (0, 0))
    scores, values = np.pad(scores, more, mode="edge"), np.pad(values, more, mode="edge")
    for column, (score, value) in knots.items():
        last = np.minimum(np.arange(depth), len(score) - 1)
        scores[:, column], values[:, column] = score[last], value[last]
    return scores, values


def _plain_knots(x: Array) -> tuple[Array, Array]:
    """Return the knots (q, k) of columns without bounds, all at once; NaN for a column without values."""
    values = np.sort(x, axis=0) if len(x) else np.full((1, x.shape[1]), np.nan)
    count = (~np.isnan(values)).sum(axis=0)
    row = np.arange(len(values))[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = np.asarray(ndtri((row + 0.5) / count))
    changes = values[1:] != values[:-1]
    edge = np.ones(values.shape, bool)
    edge[1:-1] = changes[:-1] | changes[1:]
    edge &= row < count
    # The knots of a column come first, then its last one again.
    order = np.argsort(~edge, axis=0, kind="stable")
    chosen = np.take_along_axis(order, np.minimum(row, np.maximum(edge.sum(axis=0) - 1, 0)), axis=0)
    scores = np.where(count > 0, np.take_along_axis(scores, chosen, axis=0), np.nan)
    return scores, np.take_along_axis(values, chosen, axis=0)


def _knots(values: Array, weight: Array) -> tuple[Array, Array]:
    """Return scores and values (q,) of ordered values (v,) that occur `weight` times (v,)."""
    last = np.cumsum(weight)
    first = last - weight
    total = last[-1] if len(last) else 1.0
    middle, top = np.where(weight > 1, first + 0.5, first + weight / 2), last - 0.5
    ranks = np.stack([middle, top], axis=1)
    kept = np.stack([np.ones(len(weight), bool), weight > 1], axis=1)
    score = np.asarray(ndtri(ranks[kept] / total))
    return score, np.repeat(values, 1 + (weight > 1))


def _with_bounded(seen: Array, count: Array, bounds: Array) -> tuple[Array, Array]:
    """Return ordered values (v,) and how often each occurs, cells between `bounds` (2, c) shared out to them.

    A cell with no value between its bounds adds its finite bounds as values. Of several shares that fit,
    those by which every cell is shared out as all are together.
    """
    if not bounds.shape[1]:
        return seen, count
    (low, high), cells = np.unique(bounds, axis=1, return_counts=True)
    empty = np.searchsorted(seen, low, "left") == np.searchsorted(seen, high, "right")
    ends = np.concatenate([low[empty], high[empty]])
    values = np.union1d(seen, ends[np.isfinite(ends)])
    fixed = np.zeros(len(values))
    fixed[np.searchsorted(values, seen)] = count
    inside = (values >= low[:, None]) & (values <= high[:, None])
    share = fixed + inside.T @ (cells / inside.sum(axis=1))
    for _ in range(_CYCLES):
        part = inside * share
        share = fixed + (part * (cells / part.sum(axis=1))[:, None]).sum(axis=0)
    kept = share > _LEAST
    return values[kept], share[kept]


def to_scores(x: Array, scores: Array, values: Array) -> Array:
    """Return the normal scores (..., k) of values; a repeated value has the middle of its scores."""
    row = np.arange(len(values))[:, None]
    changes = values[1:] != values[:-1]
    edge = np.ones((1, values.shape[1]), bool)
    first = np.maximum.accumulate(np.where(np.concatenate([edge, changes]), row, 0), axis=0)
    ends = np.where(np.concatenate([changes, edge]), row, len(values))
    last = np.minimum.accumulate(ends[::-1], axis=0)[::-1]
    middle = np.take_along_axis(scores, first, axis=0) + np.take_along_axis(scores, last, axis=0)
    middle /= 2
    out = np.full(x.shape, np.nan)
    for column in np.flatnonzero(~np.isnan(values[0])):
        out[..., column] = np.interp(x[..., column], values[:, column], middle[:, column])
    return out


class Knots:
    """A piecewise linear function of one variable, constant beyond its ends, for many points at once.

    The same numbers as ``np.interp``. Where no two knots share one of at most 16,384 equal classes, a point
    finds its piece from its class, without a search.

    Parameters
    ----------
    scores, values
        (q,) the knots, scores in order; the last knot may be repeated.
    """

    def __init__(self, scores: Array, values: Array) -> None:
        self.scores, self.values = scores, values

    def __call__(self, z: Array) -> Array:
        """Return the values (...,) at points z."""
        if z.size < _MANY or self._classes is None:
            return np.asarray(np.interp(z, self.scores, self.values))
        score, value, slope, piece, scale = self._classes
        x = np.clip(z, score[0], score[-2])
        at = piece[((x - score[0]) * scale).astype(np.intp)]
        at += x >= score[at + 1]
        x -= score[at]
        x *= slope[at]
        x += value[at]
        return np.asarray(x)

    def classes(self, count: int) -> tuple[float, float, Array]:
        """Return lower end, width and values (count,) of equal classes of points.

        A class has the value at its middle; the first and the last have those of the first and last knot.
        """
        first, last = float(self.scores[0]), float(self.scores[-1])
        width = (last - first) / count or 1.0
        values = np.interp(first + width * (np.arange(count) + 0.5), self.scores, self.values)
        values[0], values[-1] = self.values[0], self.values[-1]
        return first, width, np.asarray(values)

    @cached_property
    def _classes(self) -> tuple[Array, Array, Array, Index, float] | None:
        """Knots with an infinite one at the end, values, slopes, the first piece of each class, classes a unit."""
        count = len(self.scores)
        while count > 1 and self.scores[count - 2] == self.scores[-1]:
            count -= 1
        score, value = self.scores[:count], self.values[:count]
        length = score[-1] - score[0]
        gap = np.diff(score).min(initial=np.inf)
        if count < 2 or not np.isfinite(length) or not gap * _CLASSES > 2 * length:
            return None
        classes = 1 << int(np.ceil(np.log2(2 * length / gap)))
        scale = classes / length
        # Of class k the piece of its lower end, by the arithmetic that finds the class of a point.
        class_of = ((score - score[0]) * scale).astype(np.intp)
        piece = np.searchsorted(class_of, np.arange(classes + 1), side="left") - 1
        return (
            np.append(score, np.inf),
            value,
            np.append(np.diff(value) / np.diff(score), 0.0),
            np.maximum(piece, 0),
            float(scale),
        )
