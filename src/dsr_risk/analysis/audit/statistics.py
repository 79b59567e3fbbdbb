"""Statistics of composite indicators on plain arrays: correlation, alpha, PCA, main effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.interpolate import BSpline

from ..._util.types import Array

__all__ = [
    "Components",
    "Pairs",
    "correlation_ratio",
    "cronbach",
    "effective_weights",
    "pairwise",
    "pca",
]


ENOUGH = 10
"""Fewer common values than this are not judged."""

_SEGMENTS, _DEGREE = 10, 3
_GCV_CAUTION = 1.4


@dataclass(frozen=True)
class Pairs:
    """Pairwise-complete statistics of k columns, all (k, k).

    ``r`` is Pearson's correlation, ``covariance`` with n - 1, ``n`` the common values and ``p`` the
    two-sided p-value of r = 0; NaN where a pair has fewer than 3 common values or no spread.
    """

    r: Array
    covariance: Array
    n: NDArray[np.int64]
    p: Array


def pairwise(x: Array) -> Pairs:
    """Return correlations of the columns of `x` (n, k), every pair over the rows where both are known.

    References
    ----------
    Pearson correlation and Student's t test of it, as R's ``cor(use = "pairwise")``.

    Examples
    --------
    >>> x = np.array([[1.0, 2], [2, 1], [3, 4], [4, np.nan], [5, 6]])
    >>> pairwise(x).r.round(3).tolist(), pairwise(x).n.tolist()
    ([[1.0, 0.902], [0.902, 1.0]], [[5, 4], [4, 4]])
    """
    observed = ~np.isnan(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.where(observed, x, 0.0).sum(axis=0) / observed.sum(axis=0)
        centred = np.where(observed, x - centre, 0.0)
        seen = observed.astype(float)
        n = seen.T @ seen
        sums = centred.T @ seen
        products = centred.T @ centred - sums * sums.T / n
        squares = np.square(centred).T @ seen - np.square(sums) / n
        covariance = products / (n - 1)
        r = products / np.sqrt(squares * squares.T)
        flat = np.square(centred).T @ seen
        level = squares <= 1e-14 * np.where(flat > 0, flat, 1.0)
    judged = (n >= 3) & ~(level | level.T)
    r = np.where(judged, np.clip(r, -1.0, 1.0), np.nan)
    covariance = np.where(n >= 2, covariance, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = np.abs(r) * np.sqrt((n - 2) / (1 - np.square(r)))
        p = np.where(judged, 2 * scipy.special.stdtr(np.maximum(n - 2, 1), -t), np.nan)
    return Pairs(r, covariance, n.astype(np.int64), p)


def cronbach(x: Array, *, standardised: bool = False) -> float:
    """Return Cronbach's alpha of the k columns of `x` (n, k), over pairwise-complete covariances.

    ``alpha = k^2 * mean off-diagonal covariance / sum of all covariances``. Raw alpha depends on the
    units of the columns; `standardised` takes correlations instead. NaN for fewer than 2 columns or
    a pair that cannot be correlated. At most 1 (correlations times standard deviations are taken where
    pairwise covariances would give more); negative where the columns contradict each other.

    References
    ----------
    Cronbach, L. J. (1951), Psychometrika 16(3), 297-334; OECD/JRC (2008), Handbook, section 4.2.

    Examples
    --------
    >>> x = np.array([[1.0, 2, 1], [2, 1, 3], [3, 4, 2], [4, 3, 5], [5, 6, 4]])
    >>> round(cronbach(x), 10)
    0.8375634518
    """
    k = x.shape[1]
    if k < 2:
        return float("nan")
    pairs = pairwise(x)
    if standardised:
        return _alpha(pairs.r)
    alpha = _alpha(pairs.covariance)
    if alpha > 1:
        # Covariances over different rows need not fit the variances: correlations times deviations do.
        size = np.sqrt(np.diag(pairs.covariance))
        alpha = _alpha(pairs.r * np.outer(size, size))
    return alpha


def _alpha(matrix: Array) -> float:
    """Return Cronbach's alpha of a covariance matrix (k, k)."""
    k, total = len(matrix), matrix.sum()
    between = (total - np.trace(matrix)) / (k * (k - 1))
    return float(k * k * between / total) if total > 0 else float("nan")


@dataclass(frozen=True)
class Components:
    """Principal components of standardised columns, largest first.

    ``eigenvalues`` (k,), ``loadings`` (k, k) one unit eigenvector a column, signed so that it sums to
    at least 0, ``rows`` the complete rows used (0: the pairwise-complete correlations were).
    """

    eigenvalues: Array
    loadings: Array
    rows: int

    @property
    def dimensions(self) -> int:
        """Components with an eigenvalue above 1 (Kaiser's criterion)."""
        return int((self.eigenvalues > 1 + 1e-9).sum())

    @property
    def first(self) -> float:
        """The share of the variance that the first component explains."""
        return float(self.eigenvalues[0] / self.eigenvalues.sum())


def pca(x: Array) -> Components | None:
    """Return principal components of the correlations of the columns of `x` (n, k).

    Rows with a missing value are left out; where fewer than 10 rows, or 3 for every column, are
    complete, the pairwise-complete correlations are taken instead (their smallest eigenvalues may be
    below 0 and count 0). None where a pair cannot be correlated.

    References
    ----------
    OECD/JRC (2008), Handbook, section 4.1; Kaiser, H. F. (1960), Educational and Psychological
    Measurement 20, 141-151. Signs are fixed by the sum of the loadings, where R's ``prcomp`` leaves
    them arbitrary.

    Examples
    --------
    >>> x = np.array([[1.0, 2, 1], [2, 1, 3], [3, 4, 2], [4, 3, 5], [5, 6, 4]])
    >>> pca(x).loadings[:, 0].round(6).tolist()
    [0.655035, 0.538632, 0.529911]
    """
    complete = x[~np.isnan(x).any(axis=1)]
    enough = len(complete) >= max(ENOUGH, 3 * x.shape[1]) or len(complete) == len(x)
    r = pairwise(complete if enough else x).r
    if not len(r) or np.isnan(r).any():
        return None
    eigenvalues, vectors = np.linalg.eigh(r)
    vectors = vectors[:, ::-1] * np.where(vectors[:, ::-1].sum(axis=0) < 0, -1.0, 1.0)
    return Components(np.maximum(eigenvalues[::-1], 0.0), vectors, len(complete) if enough else 0)


def correlation_ratio(x: Array, y: Array) -> float:
    """Return the share of the variance of `y` that `x` alone explains, whatever the shape of the relation.

    ``S = var(E[y | x]) / var(y)``: 0 where x says nothing, 1 where it says all. ``E[y | x]`` is a
    penalised cubic spline (ten segments, second differences) on x or on its ranks, whichever predicts
    better, smoothness and choice by generalised cross-validation with degrees of freedom counted
    1.4-fold; for fewer than 5 distinct values of x it is the mean of each. Rows missing either are
    left out; NaN below 10 rows or without spread.

    Notes
    -----
    For a linear relation it is the squared correlation. It is unchanged by adding to, or multiplying,
    either argument.

    References
    ----------
    Paruolo, Saisana and Saltelli (2013), J. R. Stat. Soc. A 176(3), 609-634 (the main effect, with
    penalised cubic splines); Eilers and Marx (1996), Statistical Science 11(2), 89-121; Kim and Gu
    (2004), J. R. Stat. Soc. B 66(2), 337-356 (the factor 1.4).

    Examples
    --------
    >>> x = np.linspace(-1, 1, 101)
    >>> correlation_ratio(x, 3 * x + 2) > 0.9999, correlation_ratio(x, x**2) > 0.99
    (True, True)
    """
    pair = _in_order(x, y)
    return float("nan") if pair is None else float(_effects(pair[0], pair[1][:, None])[0])


def chance_level(x: Array, y: Array, *, permutations: int = 99, seed: int = 0) -> float:
    """Return the `correlation_ratio` that 95 % of indicators without any influence stay below.

    It is the quantile over random orders of `y` beside `x`: a main effect below it has no power, since a useless
    indicator reaches it by chance. With few units it is far above 0. NaN where the ratio is.

    References
    ----------
    Fisher, R. A. (1935), The Design of Experiments, section 21; Good, P. (2005), Permutation, Parametric and
    Bootstrap Tests of Hypotheses, 3rd ed., chapter 3.

    Examples
    --------
    >>> x, y = np.random.default_rng(1).normal(size=(2, 200))
    >>> bool(chance_level(x[:20], y[:20]) > chance_level(x, y) > 0)
    True
    """
    pair = _in_order(x, y)
    if pair is None:
        return float("nan")
    rng = np.random.default_rng(seed)
    orders = rng.permuted(np.tile(pair[1], (permutations, 1)), axis=1).T
    return float(np.quantile(_effects(pair[0], orders), 0.95))


def _in_order(x: Array, y: Array) -> tuple[Array, Array] | None:
    """Return the rows that have both, y centred and scaled; None where there are too few or no spread."""
    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both], y[both]
    if len(x) < ENOUGH or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    # Sums taken in one order, so that the order of the rows leaves no trace.
    order = np.lexsort((y, x))
    x, y = x[order], y[order]
    return x, (y - y.mean()) / np.abs(y - y.mean()).max()


def _effects(x: Array, y: Array) -> Array:
    """Return the main effect (m,) of sorted x on each centred column of y (n, m)."""
    values, groups = np.unique(x, return_inverse=True)
    counts = np.bincount(groups)
    if len(values) < 5:
        sums = np.zeros((len(values), y.shape[1]))
        np.add.at(sums, groups, y)
        fitted = (sums / counts[:, None])[groups]
    else:
        middle = np.cumsum(counts) - (counts + 1) / 2
        unit = (x - values[0]) / (values[-1] - values[0])
        ranks = (middle[groups] - middle[0]) / (middle[-1] - middle[0])
        (plain, by_value), (other, by_rank) = (_smooth(x, y) for x in (unit, ranks))
        fitted = np.where(plain <= other, by_value, by_rank)
    return np.asarray(np.minimum(1.0, fitted.var(axis=0) / y.var(axis=0)))


def _smooth(x: Array, y: Array) -> tuple[Array, Array]:
    """Return penalised splines of centred columns `y` (n, m) on `x` in 0-1 and their cross-validation errors (m,).

    The smoothness of each column is the one with the smallest error.
    """
    knots = np.arange(-_DEGREE, _SEGMENTS + _DEGREE + 1) / _SEGMENTS
    basis = BSpline.design_matrix(np.clip(x, 0.0, 1.0), knots, _DEGREE).toarray()
    differences = np.diff(np.eye(basis.shape[1]), 2, axis=0)
    penalty = differences.T @ differences
    gram = basis.T @ basis
    # Segments without data leave the basis singular; a trace of the penalty closes the gap.
    ridge = 1e-7 * np.trace(gram) / np.trace(penalty)
    rough, vectors = scipy.linalg.eigh(penalty, gram + ridge * penalty)
    rough = np.clip(rough, 0.0, 1 / ridge)
    loads = vectors.T @ (basis.T @ y)
    grid = np.concatenate(([0.0], ridge * np.logspace(0, 14, 57)))
    shrink = 1 / (1 + grid[:, None] * rough)
    kept = 1 - ridge * rough
    square = np.square(loads)
    misfit = np.square(y).sum(axis=0) - 2 * shrink @ square + (np.square(shrink) * kept) @ square
    freedom = (kept * shrink).sum(axis=1)
    spare = len(y) - _GCV_CAUTION * freedom
    divisor = np.where(spare > 0, spare, 1.0)[:, None]
    gcv = np.where(spare[:, None] > 0, np.maximum(misfit, 0.0) / np.square(divisor), np.inf)
    best = np.argmin(gcv, axis=0)
    return gcv.min(axis=0), np.asarray(basis @ (vectors @ (loads * shrink[best].T)))


def effective_weights(parent: NDArray[np.intp], weights: Array) -> Array:
    """Return the product of weight shares from the top down to every node (N,).

    `parent` (N,) is the index of each node's parent, -1 at the top; `weights` (N,) the weights among
    siblings. A top node has 1.

    References
    ----------
    COINr, ``get_effweights`` (Becker et al. 2022, JOSS 7(78), 4567).

    Examples
    --------
    >>> effective_weights(np.array([2, 2, -1]), np.array([1.0, 3.0, 1.0])).tolist()
    [0.25, 0.75, 1.0]
    """
    inner = parent >= 0
    totals = np.bincount(parent[inner], weights[inner], minlength=len(parent))
    share = np.ones(len(parent))
    with np.errstate(invalid="ignore", divide="ignore"):
        share[inner] = weights[inner] / totals[parent[inner]]
    out, above = share.copy(), parent.copy()
    while (above >= 0).any():
        step = above >= 0
        out[step] *= share[above[step]]
        above[step] = parent[above[step]]
    return np.nan_to_num(out)
