"""First-order and total Sobol' indices from pick-freeze outputs, for many outputs at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .._util.types import Array
from .bootstrap import counts
from .sums import Sums

__all__ = ["Effects", "Indices", "effects_of", "sobol_indices", "uncentred_first_order"]


@dataclass(frozen=True, eq=False)
class Effects:
    """The effects computed from sums, for every resample: row 0 of the second axis is the sample itself.

    ``first`` and ``total`` (K, R + 1, T), ``shapley`` (G, R + 1, T): shares of the variance, NaN where
    an output does not vary. ``variance`` (R + 1, T), ``mean`` (T,).
    """

    first: Array
    total: Array
    shapley: Array
    variance: Array
    mean: Array


@dataclass(frozen=True, eq=False)
class Indices:
    """First-order and total indices (d, T) with the standard errors of their joint bootstrap."""

    first: Array
    total: Array
    first_error: Array
    total_error: Array
    variance: Array


def effects_of(
    sums: Sums,
    centre: Array,
    *,
    whole: Sequence[bool] = (),
    singles: int | None = None,
    tiny: Array | float = 0.0,
) -> Effects:
    """Return indices from sums about `centre`.

    Parameters
    ----------
    sums
        What was summed.
    centre
        (T,) what was subtracted from the outputs.
    whole
        Whether each set holds every factor: then its first-order and total effects are 1, without error.
    singles
        How many of the sets, from the first, enter the overall mean; all of them if None.
    tiny
        A variance not above this counts as none.

    Notes
    -----
    V = variance of y(A) and y(B) together (divisor 2 n). First order: mean of b (c - a) / V with outputs
    centred by the mean of all rows (Saltelli et al. 2010, table 2 (b); Sobol' et al. 2007 for the
    centring, without which the estimate is drowned in noise where the mean is large). Total: mean of
    (a - c)^2 / (2 V) (Jansen 1999). Shapley effects are divided by their sum, which also estimates V.
    """
    n = max(sums.rows, 1)
    every = len(sums.drift) if singles is None else singles
    total = sums.base[0, 0] + every * sums.start + sums.drift[:every].sum(axis=0)
    away = total / (n * (every + 2))
    variance = sums.base[:, 1] / (2 * n) - (sums.base[:, 0] / (2 * n)) ** 2
    share_sum = sums.shares.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        divisor = np.where(variance > tiny, variance, np.nan)
        first = (sums.products[:, :, 0] - away * sums.drift[:, None]) / n / divisor
        jansen = sums.products[:, :, 1] / (2 * n) / divisor
        shapley = sums.shares / np.where(np.isnan(divisor) | (share_sum <= 0), np.nan, share_sum)
    for index in np.flatnonzero(whole):
        for effect in (first, jansen):
            effect[index] = np.where(np.isnan(effect[index]), np.nan, 1.0)
    return Effects(first, jansen, shapley, variance, centre + away)


def standard_error(replicates: Array) -> Array:
    """Return (k, T) standard deviation over resamples (k, R + 1, T), row 0 left out; NaN where undefined."""
    drawn = replicates[:, 1:]
    observed = ~np.isnan(drawn)
    count = observed.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(observed, drawn, 0.0).sum(axis=1) / count
        away = np.where(observed, drawn - mean[:, None], 0.0)
        out = np.sqrt((away * away).sum(axis=1) / np.where(count > 1, count - 1, np.nan))
    return np.where(np.isnan(replicates[:, 0]), np.nan, out)


def sobol_indices(
    a: ArrayLike, b: ArrayLike, ab: ArrayLike, *, resamples: int = 100, seed: int = 0
) -> Indices:
    """Return first-order and total indices of outputs that were computed elsewhere.

    Parameters
    ----------
    a, b
        (n,) or (n, T) outputs at the rows of two independent samples A and B.
    ab
        (d, n) or (d, n, T) outputs at A with one input's column taken from B.
    resamples
        Bootstrap resamples of whole rows, the same for every index and output.
    seed
        0 is a seed.

    Returns
    -------
    Indices
        Arrays (d,) or (d, T); equal to SALib's ``sobol.analyze`` on the same outputs.

    Raises
    ------
    ValueError
        If the shapes do not belong together, or a value is not finite.

    References
    ----------
    Saltelli, A. et al. (2010), Comput. Phys. Commun. 181(2), 259-270 (first order); Jansen, M. J. W.
    (1999), Comput. Phys. Commun. 117, 35-43 (total); Archer et al. (1997) for the bootstrap.

    Examples
    --------
    >>> from dsr_risk.sobol import saltelli_points
    >>> A, B = saltelli_points(2, 4096)
    >>> y = lambda x: 0.8 * x[:, 0] + 0.2 * x[:, 1]
    >>> AB = [np.column_stack([B[:, 0], A[:, 1]]), np.column_stack([A[:, 0], B[:, 1]])]
    >>> result = sobol_indices(y(A), y(B), [y(x) for x in AB])
    >>> result.total.round(2).tolist()
    [0.94, 0.06]
    """
    first, second, each = (np.asarray(array, float) for array in (a, b, ab))
    alone = first.ndim == 1
    if alone:
        first, second, each = first[:, None], second[:, None], each[..., None]
    if first.ndim != 2 or first.shape != second.shape or each.shape[1:] != first.shape:
        raise ValueError(
            "`a` and `b` must be (n, T) and `ab` (d, n, T), received "
            f"{np.shape(a)}, {np.shape(b)} and {np.shape(ab)}"
        )
    centre = (first.mean(axis=0) + second.mean(axis=0)) / 2
    sums = Sums.of(first, second, each, counts(len(first), resamples, seed), centre)
    if not (np.isfinite(centre).all() and np.isfinite(sums.drift).all()):
        raise ValueError("outputs must be finite; some are NaN or infinite")
    scale = np.abs(centre) * 1e-12
    effects = effects_of(sums, centre, tiny=scale * scale)
    out = Indices(
        effects.first[:, 0],
        effects.total[:, 0],
        standard_error(effects.first),
        standard_error(effects.total),
        effects.variance[0],
    )
    return Indices(*(np.asarray(part)[..., 0] for part in vars(out).values())) if alone else out


def uncentred_first_order(a: ArrayLike, b: ArrayLike, ab: ArrayLike) -> Array:
    """Return first-order indices as COINr 1.1.14 computes them, for comparison only.

    ``mean(b (ab - a)) / V`` without centring and with V of divisor 2 n - 1. Where the mean of the output
    is large against its spread the estimate is mostly noise: with y = x1 + 2 x2 + 50 and n = 128 its
    standard deviation is about 4 and 10, that of `sobol_indices` below 0.1.

    Examples
    --------
    >>> uncentred_first_order([1, 2, 3, 4], [2, 1, 4, 3], [[1.5, 2.5, 2, 4], [3, 2, 1, 5]]).tolist()
    [-0.4375, -0.175]
    """
    first, second = np.asarray(a, float), np.asarray(b, float)
    variance = np.var(np.concatenate([first, second]), axis=0, ddof=1)
    return np.asarray(np.mean(second * (np.asarray(ab, float) - first), axis=1) / variance)
