"""Bootstrap of rows as a matrix of counts, made block by block."""

from __future__ import annotations

import numpy as np

from .._util.types import Array, Counts

__all__ = ["block_counts", "block_totals", "counts"]


def block_totals(rng: np.random.Generator, sizes: list[int], resamples: int) -> Counts:
    """Return (resamples, blocks) how many of the resampled rows fall into each block of rows.

    Examples
    --------
    >>> totals = block_totals(np.random.default_rng(0), [4, 4, 2], 3)
    >>> totals.sum(axis=1).tolist()
    [10, 10, 10]
    """
    rows = np.array(sizes, float)
    return np.asarray(rng.multinomial(int(rows.sum()), rows / rows.sum(), size=resamples))


def block_counts(rng: np.random.Generator, totals: Counts, rows: int) -> Array:
    """Return (1 + resamples, rows) how often each row of one block is drawn; row 0 is the sample itself.

    Together with `block_totals` the rows of every resample are drawn with replacement from all rows:
    a multinomial split first over blocks and then within them is a multinomial over rows.

    Examples
    --------
    >>> block_counts(np.random.default_rng(0), np.array([3, 5]), 4).sum(axis=1).tolist()
    [4.0, 3.0, 5.0]
    """
    out = np.ones((1 + len(totals), rows))
    out[1:] = rng.multinomial(totals, np.full(rows, 1 / rows))
    return out


def counts(rows: int, resamples: int, seed: int = 0) -> Array:
    """Return (1 + resamples, rows) counts of a joint bootstrap of whole rows; row 0 is the sample itself.

    A sum over a resample is then a matrix product, for all outputs at once.

    References
    ----------
    Efron, B. and Tibshirani, R. (1993), An Introduction to the Bootstrap; Archer, G., Saltelli, A. and
    Sobol', I. M. (1997), J. Stat. Comput. Simul. 58(2), 99-120, for sensitivity indices.
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0xB007]))
    picked = rng.integers(0, rows, size=(resamples, rows))
    picked += np.arange(resamples)[:, None] * rows
    drawn = np.bincount(picked.reshape(-1), minlength=resamples * rows).reshape(resamples, rows)
    return np.concatenate([np.ones((1, rows)), drawn])
