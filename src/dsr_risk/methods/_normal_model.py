"""The multivariate normal model of incomplete columns: its fit, and its conditional distributions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .._util.types import Array, Index, Mask

__all__ = [
    "Conditional",
    "conditional",
    "diagonal_given",
    "fit_normal",
    "leverage",
    "local_residual",
    "regressions",
]

_CYCLES = 25
_SETTLED = 1e-3
_LEAST_FREEDOM = 3.0
_MOST_LEVERAGE = 0.9
_NEARBY = 0.4
_POOLED = 5.0


@dataclass(frozen=True, eq=False)
class Conditional:
    """Rows given what is observed of them.

    Attributes
    ----------
    filled
        (n, p) rows with missing entries at their conditional mean.
    places
        (n, q) the missing columns of each row, padded with 0.
    valid
        (n, q) False for padding.
    covariance
        (n, q, q) conditional covariance of the missing entries, 0 in padding.
    """

    filled: Array
    places: Index
    valid: Mask
    covariance: Array


def conditional(z: Array, mu: Array, precision: Array) -> Conditional:
    r"""Return the conditional distribution of missing entries, from the precision matrix.

    .. math:: E(z_M | z_O) = \mu_M - P_{MM}^{-1} P_{MO} (z_O - \mu_O), \quad Var(z_M | z_O) = P_{MM}^{-1}

    References
    ----------
    Rue, H. and Held, L. (2005), Gaussian Markov Random Fields, Chapman and Hall, theorem 2.3.
    """
    missing = np.isnan(z)
    count = missing.sum(axis=1)
    depth = int(count.max(initial=0))
    places = np.argsort(~missing, axis=1, kind="stable")[:, :depth]
    valid = np.arange(depth) < count[:, None]
    centred = np.where(missing, 0.0, z - mu)
    filled = np.where(missing, 0.0, z)
    if not depth:
        return Conditional(filled, places, valid, np.zeros((len(z), 0, 0)))
    patterns, which = np.unique(missing, axis=0, return_inverse=True)
    which = which.ravel()
    first = np.zeros(len(patterns), np.intp)
    first[which[::-1]] = np.arange(len(z))[::-1]
    own, held = places[first], valid[first]
    both = held[:, :, None] & held[:, None, :]
    block = np.where(both, precision[own[:, :, None], own[:, None, :]], np.eye(depth))
    inverse = np.linalg.inv(block)
    inverse = np.where(both, (inverse + inverse.transpose(0, 2, 1)) / 2, 0.0)
    pull = np.where(valid, np.take_along_axis(centred @ precision, places, axis=1), 0.0)
    guess = -np.matmul(inverse[which], pull[..., None])[..., 0]
    rows = np.nonzero(valid)[0]
    filled[rows, places[valid]] = (mu[places] + guess)[valid]
    return Conditional(filled, places, valid, inverse[which])


def fit_normal(z: Array, ridge: float) -> tuple[Array, Array]:
    r"""Return the mean (p,) and the precision matrix (p, p) of rows z (n, p), NaN for missing.

    The mode of the posterior with a ridge prior worth `ridge` rows whose columns are uncorrelated with
    variance one, by expectation and maximisation:

    .. math:: \Sigma = \frac{\sum_i E[(z_i - \mu)(z_i - \mu)' | z_{i,O}] + \kappa I}{n + \kappa}

    References
    ----------
    Schafer, J. L. (1997), Analysis of Incomplete Multivariate Data, Chapman and Hall, sections 5.2.3
    (ridge prior) and 5.3 (EM); Dempster, A. P., Laird, N. M. and Rubin, D. B. (1977), JRSS B 39, 1-38.
    """
    n, p = z.shape
    mu, sigma = np.zeros(p), np.eye(p)
    unit = np.eye(p)
    precision = unit
    for _ in range(_CYCLES):
        found = conditional(z, mu, precision)
        mu = found.filled.sum(axis=0) / (n + ridge)
        centred = found.filled - mu
        total = centred.T @ centred + ridge * unit
        depth = found.places.shape[1]
        if depth:
            flat = (found.places[:, :, None] * p + found.places[:, None, :]).ravel()
            total += np.bincount(flat, found.covariance.ravel(), minlength=p * p).reshape(p, p)
        fresh = total / (n + ridge)
        moved = np.abs(fresh - sigma).max(initial=0.0)
        sigma = fresh
        precision = np.linalg.inv(sigma)
        precision = (precision + precision.T) / 2
        if moved < _SETTLED:
            break
    return mu, precision


def regressions(
    z: Array, mu: Array, precision: Array, columns: int, ridge: float
) -> dict[str, Array]:
    r"""Return what the regression of each of the first `columns` on all others leaves unknown.

    ``root`` (p + 1, p + 1, k) is a root of :math:`(X'X + \kappa I)^{-1}` over the rows that have the column,
    intercept first; ``noise`` (k,) the model's residual variance; ``residual`` (k,) the factor by which the
    standard deviation of residuals differs from the model's; ``fit`` and ``square`` (n, k) the prediction and the
    squared residual, in units of the model's variance, of every observed entry; ``freedom`` (k,) the degrees of
    freedom that are left. Residuals are of the conditional mean given the other observed entries of the row,
    divided by one minus their leverage.

    References
    ----------
    MacKinnon, J. G. and White, H. (1985), J. of Econometrics 29, 305-325 (leverage correction HC2); Hastie, T.,
    Tibshirani, R. and Friedman, J. (2009), Elements of Statistical Learning, 2nd ed., section 3.4.1
    (degrees of freedom of ridge regression).
    """
    given = conditional(z, mu, precision)
    design = np.column_stack([np.ones(len(z)), given.filled])
    seen = ~np.isnan(z[:, :columns])
    root = _roots(design, seen, ridge)
    gap = ((given.filled - mu) @ precision)[:, :columns]
    inside = diagonal_given(given, precision)[:, :columns]
    variance = 1 / np.maximum(inside, 1e-12)
    noise = 1 / np.diag(precision)[:columns]
    # (n, k): leverage of every row in every regression.
    reach = np.square(np.einsum("np,pqk->knq", design, root, optimize=True)).sum(axis=2).T
    share = np.where(seen, reach, 0.0)
    lost = np.minimum(noise * share / variance, _MOST_LEVERAGE)
    square = np.where(seen, np.square(gap) * variance / (1 - lost), 0.0)
    count = seen.sum(axis=0)
    enough = count >= _LEAST_FREEDOM
    residual = np.where(enough, np.sqrt(square.sum(axis=0) / np.maximum(count, 1)), 1.0)
    return {
        "root": root,
        "noise": noise,
        "residual": residual,
        "fit": np.where(seen, z[:, :columns] - gap * variance, np.nan),
        "square": np.where(seen & enough, square, np.nan),
        "freedom": np.maximum(count - share.sum(axis=0), _LEAST_FREEDOM),
    }


def leverage(design: Array, rows: Index, columns: Index, learned: Mapping[str, Array]) -> Array:
    """Return the leverage (c,) of cells in the regression of their column."""
    out = np.zeros(len(rows))
    for column in np.unique(columns):
        here = columns == column
        reach = design[rows[here]] @ learned["root"][..., column]
        out[here] = np.square(reach).sum(axis=1)
    return out


def local_residual(guess: Array, columns: Index, learned: Mapping[str, Array]) -> Array:
    r"""Return the residual factor (c,) of cells near their prediction.

    The squared residuals of the column's observed entries are averaged with Gaussian weights in the distance
    between predictions; the average of all entries counts as five entries more, so that few near entries decide
    little.

    References
    ----------
    Fan, J. and Yao, Q. (1998), Efficient estimation of conditional variance functions, Biometrika 85(3),
    645-660.
    """
    out = learned["residual"][columns]
    for column in np.unique(columns):
        here = columns == column
        square, fit = learned["square"][:, column], learned["fit"][:, column]
        seen = ~np.isnan(square)
        if seen.any():
            away = (guess[here][:, None] - fit[seen]) / _NEARBY
            weight = np.exp(-np.square(away) / 2)
            pooled = _POOLED * square[seen].mean()
            local = (weight @ square[seen] + pooled) / (weight.sum(axis=1) + _POOLED)
            out[here] = np.sqrt(local)
    return out


def _roots(design: Array, seen: Mask, ridge: float) -> Array:
    """Return a root (p, p, k) of each column's inverse cross product, nothing for the column itself."""
    width, columns = design.shape[1], seen.shape[1]
    square = np.matmul(design.T * seen.T[:, None, :], design)
    square += ridge * np.eye(width)
    square[:, 0, 0] -= ridge * (1 - 1e-6)
    own = np.arange(columns)
    square[own, own + 1, :] = 0.0
    square[own, :, own + 1] = 0.0
    square[own, own + 1, own + 1] = 1.0
    lower = np.linalg.cholesky(square)
    root = np.linalg.inv(lower).transpose(0, 2, 1)
    root[own, own + 1, own + 1] = 0.0
    return np.asarray(np.moveaxis(root, 0, -1))


def diagonal_given(given: Conditional, precision: Array) -> Array:
    """Return the diagonal (n, p) of the precision of each row's observed entries."""
    whole = np.broadcast_to(np.diag(precision), given.filled.shape)
    if not given.places.shape[1]:
        return whole
    beside = np.where(given.valid[:, :, None], precision[given.places], 0.0)
    return np.asarray(whole - (beside * np.matmul(given.covariance, beside)).sum(axis=1))
