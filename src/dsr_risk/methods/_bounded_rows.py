"""Rows with bounded cells: what the bounds say of the other missing cells of their row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import NamedTuple, Protocol

import numpy as np
from scipy.special import chdtri, ndtr, ndtri, stdtr, stdtrit

from .._util.types import Array, Index, Mask

__all__ = [
    "BoundedRows",
    "Joint",
    "Points",
    "bounded_rows",
    "condensed",
    "inside",
    "normal_score",
    "residual_factors",
    "student_value",
]


class Joint(Protocol):
    """The joint distribution of cells of the same row; ``first`` and ``other`` are broadcast cell numbers."""

    def correlation(self, first: Index, other: Index) -> Array:
        """Return the correlation of draws."""
        ...

    def covariance(self, first: Index, other: Index) -> Array:
        """Return the covariance of latent values in the model itself, which predicts by it."""
        ...


FEW, MANY = 256, 1024
"""Points at which the joint distribution of a row is evaluated, with one and with several bounded cells."""
SWEEPS = 10
"""Gibbs sweeps of rows with several bounded cells, after a start inside the bounds."""
LEAST_EXCLUDED = 0.01
"""Bounds that exclude less of the probability of their cell say nothing of other cells."""
_MOST = 1 << 21
"""Points times cells that are held at once."""
_GRID = np.linspace(-4, 4, 65)


class Points(NamedTuple):
    """Equally probable points of the joint distribution of rows.

    Attributes
    ----------
    score
        (N, r, q) normal scores of the bounded cells.
    share
        (N, 2) shares for the other cells and for their residual variances, which differ from draw to draw.
    """

    score: Array
    share: Array


@dataclass(frozen=True, eq=False)
class BoundedRows:
    r"""Rows that have equally many bounded cells and equally many others, as normal scores.

    Given the bounded cells K of its row, another missing cell has

    .. math:: z_j | z_K \sim N\left(R_{jK} R_{KK}^{-1} z_K,\; 1 - R_{jK} R_{KK}^{-1} R_{Kj}\right),

    and the bounded cells have the multivariate normal distribution with correlation R cut to their bounds. The
    mean of a latent value of the others is the model's prediction at the mean of the bounded ones: an observation
    of that mean would leave it as it is.

    Attributes
    ----------
    bounded, others
        (r, q) and (r, p) the cells.
    limits
        (2, r, q) bounds as normal scores.
    correlation
        (r, q, q) of the bounded cells.
    slopes
        (r, p, q) regression of the others on the bounded cells.
    left
        (r, p) standard deviation of the others, given the bounded cells.
    latent_slopes
        (r, p, q) regression of latent values, by which the model predicts where the bounded cells are observed.

    References
    ----------
    Genz, A. (1992), Numerical computation of multivariate normal probabilities, J. of Computational and
    Graphical Statistics 1(2), 141-149 (cells one after the other, with weights); Genz, A. and Bretz, F. (2009),
    Computation of Multivariate Normal and t Probabilities, Springer, section 4.2.2 (Richtmyer lattice with the
    baker's transformation); Robert, C. P. (1995), Simulation of truncated normal variables, Statistics and
    Computing 5, 121-125 (Gibbs sampler); Gilks, W. R. and Berzuini, C. (2001), Following a moving target, JRSS
    B 63(1), 127-146 (resampling by weights, then moves).
    """

    bounded: Index
    others: Index
    limits: Array
    correlation: Array
    slopes: Array
    left: Array
    latent_slopes: Array

    @cached_property
    def points(self) -> Points:
        """Points of the joint distribution, the same for every row that has the same distribution."""
        q = self.bounded.shape[1]
        share = _lattice(FEW if q == 1 else MANY, q + 2)
        score, weight = self._one_after_another(share[:, None, :-2])
        if q > 1:
            score = self._moved(_resampled(score, weight))
        return Points(score, share[:, -2:])

    def draw(self, rng: np.random.Generator, score: Array) -> Array:
        """Return normal scores (r, q, m) inside the bounds, from such (r, q, m) of the uncut distribution.

        Several bounded cells of a row take one of the row's points.
        """
        rows, q, m = score.shape
        if q == 1:
            low, high = self.limits[..., None]
            return inside(low, high, ndtr(score))
        chosen = rng.integers(MANY, size=(m, rows))
        drawn = self.points.score[chosen, np.arange(rows)]
        return np.asarray(drawn.transpose(1, 2, 0))

    def _one_after_another(self, share: Array) -> tuple[Array, Array]:
        """Return normal scores (n, r, q) inside the bounds, from shares (n, 1, q), and weights (n, r)."""
        root = np.linalg.cholesky(self.correlation)
        rows, q = self.bounded.shape
        independent = np.empty((len(share), rows, q))
        weight = np.ones((len(share), rows))
        for cell in range(q):
            centre = (independent[..., :cell] * root[:, cell, :cell]).sum(axis=-1)
            low, high = ((limit[:, cell] - centre) / root[:, cell, cell] for limit in self.limits)
            independent[..., cell] = inside(low, high, share[..., cell])
            weight *= _between(low, high)
        score = np.einsum("nri,rji->nrj", independent, root)
        return np.clip(score, *self.limits), weight

    def _moved(self, score: Array) -> Array:
        """Return normal scores (n, r, q) after sweeps of the Gibbs sampler, with the same lots for all rows."""
        rng, out = np.random.default_rng(0), np.array(score)
        precision = np.linalg.inv(self.correlation)
        for _ in range(SWEEPS):
            for cell in range(out.shape[-1]):
                own = precision[:, cell, cell]
                pull = (out * precision[:, cell]).sum(axis=-1) - own * out[..., cell]
                centre, sd = -pull / own, 1 / np.sqrt(own)
                low, high = ((limit[:, cell] - centre) / sd for limit in self.limits)
                out[..., cell] = centre + sd * inside(low, high, rng.random((len(out), 1)))
        return np.clip(out, *self.limits)


def _resampled(score: Array, weight: Array) -> Array:
    """Return equally probable scores (n, r, q): each as often as its weight (n, r) says."""
    total = np.cumsum(weight, axis=0)
    count = len(weight)
    lot = (np.arange(count) + 0.5) / count
    out = np.array(score)
    for row in range(weight.shape[1]):
        if total[-1, row] > 0:
            chosen = np.searchsorted(total[:, row], lot * total[-1, row])
            out[:, row] = score[chosen, row]
    return out


def bounded_rows(
    rows: Index, limits: Array, has_bounds: Mask, skipped: Mask, joint: Joint
) -> Iterator[BoundedRows]:
    """Yield the rows that have a bounded cell that says something of others.

    Parameters
    ----------
    rows
        (c,) the row of each cell.
    limits
        (2, c) bounds as normal scores.
    has_bounds
        (c,) bounded cells that say something.
    skipped
        (c,) cells that are neither.
    joint
        How cells of the same row vary together.
    """
    inside_rows = np.isin(rows, rows[has_bounds]) & ~skipped
    cells = np.flatnonzero(inside_rows)
    # Bounded cells first in each row.
    cells = cells[np.lexsort((cells, ~has_bounds[cells], rows[cells]))]
    _, first, count = np.unique(rows[cells], return_index=True, return_counts=True)
    bounded = np.add.reduceat(has_bounds[cells].astype(np.intp), first) if len(cells) else count
    for q, total in np.unique(np.stack([bounded, count]), axis=1).T.tolist():
        start = first[(bounded == q) & (count == total)]
        for part in np.array_split(start, -(-len(start) * total * MANY // _MOST)):
            table = cells[part[:, None] + np.arange(total)]
            yield _rows_of(table[:, :q], table[:, q:], limits, joint)


def _rows_of(bounded: Index, others: Index, limits: Array, joint: Joint) -> BoundedRows:
    among, across = _blocks(joint.correlation, bounded, others)
    slopes = _solved(among, across)
    left = np.sqrt(np.maximum(1 - (slopes * across).sum(axis=-1), 1e-12))
    latent = _solved(*_blocks(joint.covariance, bounded, others))
    return BoundedRows(bounded, others, limits[:, bounded], among, slopes, left, latent)


def _blocks(
    entries: Callable[[Index, Index], Array], bounded: Index, others: Index
) -> tuple[Array, Array]:
    """Return the entries among bounded cells (r, q, q) and of others with these (r, p, q)."""
    among = entries(bounded[:, :, None], bounded[:, None, :])
    # Cells that are almost the same have no inverse.
    among = among + 1e-9 * np.eye(bounded.shape[1])
    return among, entries(others[:, :, None], bounded[:, None, :])


def _solved(among: Array, across: Array) -> Array:
    """Return regression slopes (r, p, q)."""
    return np.asarray(np.linalg.solve(among, across.transpose(0, 2, 1)).transpose(0, 2, 1))


@cache
def _lattice(points: int, dimensions: int) -> Array:
    """Return shares (N, d) of the Richtmyer lattice with the baker's transformation."""
    number = np.arange(2, 20 * dimensions)
    primes = number[(number[:, None] % number == 0).sum(axis=1) == 1]
    step = np.sqrt(primes[:dimensions])
    share = np.abs(2 * np.mod(np.arange(1, points + 1)[:, None] * step, 1.0) - 1)
    return np.asarray(np.clip(share, 0.5 / points, 1 - 0.5 / points))


def residual_factors(freedom: Array, share: Array) -> Array:
    """Return by how much the residual sd differs from its estimate (n, k), at shares (n,).

    Interpolated between 65 exact quantiles, which are slow to find.
    """
    at = ndtri(share)
    columns = [np.exp(np.interp(at, _GRID, _log_factors(float(number)))) for number in freedom]
    return np.stack(columns, axis=1)


@lru_cache(maxsize=512)
def _log_factors(freedom: float) -> Array:
    if np.isinf(freedom):
        return np.zeros(len(_GRID))
    return np.asarray(np.log(freedom / chdtri(freedom, ndtr(_GRID))) / 2)


def inside(low: Array, high: Array, share: Array) -> Array:
    """Return normal scores at shares of the probability between two scores."""
    # Probabilities are exact in the lower tail: limits above the centre are mirrored.
    mirrored = low > 0
    low, high = np.where(mirrored, -high, low), np.where(mirrored, -low, high)
    share = np.where(mirrored, 1 - share, share)
    first = ndtr(low)
    out = np.clip(ndtri(first + share * (ndtr(high) - first)), low, high)
    return np.where(mirrored, -out, out)


def _between(low: Array, high: Array) -> Array:
    """Return the probability between two normal scores."""
    mirrored = low > 0
    return np.asarray(ndtr(np.where(mirrored, -low, high)) - ndtr(np.where(mirrored, -high, low)))


def normal_score(freedom: Array, value: Array) -> Array:
    """Return the normal scores (...,) of values of t distributions."""
    below = stdtr(freedom, -np.abs(value))
    with np.errstate(divide="ignore"):
        score = np.where(np.isinf(freedom), -np.abs(value), ndtri(below))
    return np.asarray(np.copysign(score, value))


def student_value(freedom: Array, score: Array) -> Array:
    """Return the values (...,) of t distributions at normal scores."""
    away = stdtrit(freedom, ndtr(-np.abs(score)))
    away = np.where(np.isinf(freedom), -np.abs(score), away)
    return np.asarray(np.copysign(away, score))


def condensed(values: Array, count: int) -> Array:
    """Return `count` equally probable values (count, c) with the mean of equally probable ones (n, c)."""
    ordered = np.sort(values, axis=0)
    return np.asarray(ordered.reshape(count, -1, values.shape[1]).mean(axis=1))
