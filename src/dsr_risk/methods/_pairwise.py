"""Covariances and correlations over the units that two columns have in common."""

from __future__ import annotations

import numpy as np

from .._util.types import Array
from ._columns import deviations, spread

__all__ = ["correlations"]


_LEAST = 3


def correlations(x: Array) -> Array:
    """Return pairwise complete Pearson correlations (k, k); NaN with under 3 shared units or a constant."""
    # Moments about the column mean, on a common size, so that little cancels.
    size = spread(x, ddof=0)
    d = deviations(x) / np.where(size > 0, size, 1.0)
    seen = ~np.isnan(d)
    z, present = np.where(seen, d, 0.0), seen.astype(float)
    n = present.T @ present
    sums = z.T @ present
    with np.errstate(invalid="ignore", divide="ignore"):
        n = np.where(n >= _LEAST, n, np.nan)
        cov = z.T @ z - sums * sums.T / n
        var = np.square(z).T @ present - np.square(sums) / n
        # What is left of a column that is constant over the shared units is rounding.
        var = np.where(var < 1e-13 * n, np.nan, var)
        r = np.clip(cov / np.sqrt(var * var.T), -1.0, 1.0)
    return np.where(np.eye(len(r)) * ~np.isnan(r) > 0, 1.0, (r + r.T) / 2)
