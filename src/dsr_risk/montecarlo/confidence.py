"""Simultaneous confidence sets of ranks under errors of the data, and groups that are not separated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .._util.types import Array, Index, Mask

__all__ = ["RankSets", "alike", "rank_sets"]


@dataclass(frozen=True, eq=False)
class RankSets:
    """For each of m scores the lowest and highest rank in its set, and which pairs are separated.

    ``riskier`` (m, m) is True where the row's true score is above the column's with the confidence
    asked for, jointly over all pairs.
    """

    low: Index
    high: Index
    riskier: Mask


def rank_sets(theta: Array, draws: Array, level: float, *, tie: float = 0.0) -> RankSets:
    """Return confidence sets that cover all true ranks at once with probability `level`.

    Parameters
    ----------
    theta
        (m,) scores as estimated.
    draws
        (B, m) scores drawn with the errors of the data only; their spread stands for that of the
        sampling distribution. Where they do not lie about theta (counts known to be under-reported),
        two scores are separated only if they are by theta and by the mean of draws alike. A score may have
        no value (NaN) in some draws, which then say nothing of it.
    level
        Joint confidence, such as 0.9.
    tie
        Scores without any error are separated where they differ by more than this.

    References
    ----------
    Mogstad, M., Romano, J. P., Shaikh, A. M. and Wilhelm, D. (2024), Inference for Ranks with
    Applications to Mobility across Neighbourhoods and Academic Achievement across Countries, Review of
    Economic Studies 91(1), 476-518: for every ordered pair, whether the one is above the other is tested
    with a studentised maximum and step-down, and a rank's set counts who is certainly above and below.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> theta = np.array([60.0, 40.0, 39.0])
    >>> sets = rank_sets(theta, theta + rng.standard_normal((2000, 3)), 0.9)
    >>> sets.low.tolist(), sets.high.tolist()
    ([1, 2, 2], [1, 3, 3])
    """
    whole = not np.isnan(draws).any()
    centre = draws.mean(axis=0) if whole else np.nanmean(draws, axis=0)
    away = draws - centre
    variance = _variances(away)
    # What rounding leaves of two scores that move as one is no error.
    size = np.sqrt(np.where(variance > 1e-20 * np.maximum(1.0, theta.max() ** 2), variance, 0.0))
    gap = theta[:, None] - theta[None, :]
    certain = (size == 0) & (gap > tie)
    gap = np.minimum(gap, centre[:, None] - centre[None, :])
    # Ordered pairs whose first is not yet known to be above; a pair told apart one way stays open the
    # other way, as the joint error of all tests needs it.
    open_ = size > 0
    while open_.any():
        limit = float(np.quantile(_largest(away, size, open_), level, method="higher"))
        new = open_ & (gap > limit * size)
        if not new.any():
            break
        open_ &= ~new
    riskier = certain | ((size > 0) & ~open_)
    above, below = riskier.sum(axis=0), riskier.sum(axis=1)
    return RankSets(above + 1, len(theta) - below, riskier)


def _variances(away: Array) -> Array:
    """Return the variances (m, m) of differences, over draws with both values; infinite with less than two."""
    defined = ~np.isnan(away)
    if defined.all():
        covariance = np.atleast_2d(np.cov(away, rowvar=False))
        spread = np.diag(covariance)
        return np.asarray(spread[:, None] + spread[None, :] - 2 * covariance)
    x, seen = np.where(defined, away, 0.0), defined.astype(float)
    square, count = np.square(x).T @ seen, seen.T @ seen
    total = square + square.T - 2 * x.T @ x
    return np.where(count > 1, total / np.maximum(count - 1, 1), np.inf)


def _largest(away: Array, size: Array, open_: Mask) -> Array:
    """Return the largest studentised difference of each draw over the ordered pairs still open, row by row."""
    out = np.zeros(len(away))
    later = np.arange(away.shape[1])
    larger = np.fmax if np.isnan(away).any() else np.maximum
    for row in later:
        ahead, back = open_[row] & (later > row), open_[:, row] & (later > row)
        for columns, sign in ((ahead & back, 0), (ahead & ~back, 1), (back & ~ahead, -1)):
            if columns.any():
                gaps = (away[:, [row]] - away[:, columns]) / size[row, columns]
                gaps = np.abs(gaps, out=gaps) if sign == 0 else gaps * sign
                larger(out, larger.reduce(gaps, axis=1), out=out)
    return out


def alike(order: Index, apart: Mask) -> list[Index]:
    """Return the largest runs of neighbours in `order` in which no two are separated (m, m)."""
    runs: list[tuple[int, int]] = []
    for start in range(len(order)):
        stop = start + 1
        while stop < len(order) and not apart[order[start:stop], order[stop]].any():
            stop += 1
        if not runs or stop > runs[-1][1]:
            runs.append((start, stop))
    return [order[start:stop] for start, stop in runs]
