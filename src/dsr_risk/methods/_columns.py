"""Column statistics that skip missing values and say nothing (NaN) where there are none."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from .._util.types import Array, Index

__all__ = [
    "by_column",
    "count",
    "deviations",
    "highest",
    "lowest",
    "magnitude",
    "mean",
    "quantile",
    "spread",
]


_HUGE = 1e100


def by_column(columns: Index) -> Iterator[tuple[int, Index]]:
    """Yield every column that occurs among cells (c,), with the indices of its cells in order."""
    order = np.argsort(columns, kind="stable")
    ordered = columns[order]
    edges = np.flatnonzero(np.diff(ordered, prepend=-1, append=-1))
    for start, stop in itertools.pairwise(edges):
        yield int(ordered[start]), order[start:stop]


def count(x: Array) -> Array:
    """Return observed values of each column."""
    return np.asarray((~np.isnan(x)).sum(axis=0), float)


def lowest(x: Array) -> Array:
    """Return the smallest value of each column."""
    return np.asarray(np.fmin.reduce(x, axis=0, initial=np.nan))


def highest(x: Array) -> Array:
    """Return the largest value of each column."""
    return np.asarray(np.fmax.reduce(x, axis=0, initial=np.nan))


def magnitude(x: Array) -> Array:
    """Return a power of two near the largest value of each column where squares would overflow or vanish, else 1.

    Columns over it lose no digit, and ordinary ones keep every bit.
    """
    largest = np.fmax.reduce(np.abs(x), axis=0, initial=0.0)
    odd = (largest > _HUGE) | ((largest > 0) & (largest < 1 / _HUGE))
    return np.where(odd, np.exp2(np.clip(np.frexp(largest)[1], -1021, 1022)), 1.0)


def mean(x: Array) -> Array:
    """Return the mean of each column; exact for a constant one."""
    n, unit = count(x), magnitude(x)
    x = x / unit
    with np.errstate(invalid="ignore", divide="ignore"):
        first = np.nansum(x, axis=0) / n
        # A second pass takes out the rounding of the first, so that a constant leaves no deviations.
        return np.asarray(unit * (first + np.nansum(x - first, axis=0) / n))


def deviations(x: Array) -> Array:
    """Return distances from the column mean, exactly 0 in a constant column; NaN stays."""
    low, high = lowest(x), highest(x)
    return np.where(low == high, np.where(np.isnan(x), np.nan, 0.0), x - mean(x))


def spread(x: Array, ddof: int = 1) -> Array:
    """Return the standard deviation of each column; NaN with `ddof` values or fewer."""
    n, d = count(x), deviations(x)
    unit = magnitude(d)
    with np.errstate(invalid="ignore", divide="ignore"):
        deviation = unit * np.sqrt(np.nansum(np.square(d / unit), axis=0) / (n - ddof))
    return np.where(n > ddof, deviation, np.nan)


def quantile(x: Array, share: float) -> Array:
    """Return the quantile of each column with linear interpolation (type 7 of Hyndman and Fan 1996)."""
    n = count(x).astype(np.intp)
    if not x.shape[0]:
        return np.full(x.shape[1], np.nan)
    ordered = np.sort(x, axis=0)
    position = np.maximum(n - 1, 0) * share
    below = np.floor(position).astype(np.intp)
    above = np.minimum(below + 1, np.maximum(n - 1, 0))
    columns = np.arange(x.shape[1])
    low, high = ordered[below, columns], ordered[above, columns]
    return np.asarray(low + (position - below) * (high - low))
