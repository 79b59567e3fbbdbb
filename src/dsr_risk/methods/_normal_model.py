"""The multivariate normal model of incomplete columns: its fit, and its conditional distributions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from .._util.types import Array, Index, Mask
from ._columns import by_column

__all__ = [
    "Censored",
    "Conditional",
    "Patterns",
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
_STEP = 4
"""Rows are grouped by their number of missing entries, this many numbers to a group."""
_LEAST_PROBABILITY = 1e-12
_SMALL = 8
"""Triangular matrices up to this size are inverted at once."""


@dataclass(frozen=True, eq=False)
class Conditional:
    """Rows given what is observed of them.

    Attributes
    ----------
    filled
        (n, p) rows with missing entries at their conditional mean.
    slots
        (n, q) the missing columns of each row, padded with 0.
    valid
        (n, q) False for padding.
    covariance
        (n, q, q) conditional covariance of the missing entries, 0 in padding.
    """

    filled: Array
    missing_columns: Index
    valid: Mask
    covariance: Array


@dataclass(frozen=True, eq=False)
class _Depth:
    """Rows whose patterns have about as many missing entries, so that their blocks are inverted together.

    Attributes
    ----------
    rows
        (r,) the rows.
    pattern
        (r,) the pattern of each row, among the u patterns here.
    count
        (u,) rows of each pattern.
    flat
        (u, q, q) index of each block entry in the flat precision matrix, behind which a 0 and a 1 follow for
        what is beside and on the diagonal of padding.
    half
        (u, q, q) 1/2 for entries, 0 for padding.
    missing
        (r, q) index of each missing entry in the flat rows; padding is an observed entry.
    valid
        (r, q) 1 for missing entries, 0 for padding.
    """

    rows: Index
    pattern: Index
    count: Array
    flat: Index
    half: Array
    missing: Index
    valid: Array

    def covariance(self, entries: Array) -> Array:
        """Return the conditional covariance (u, q, q) of each pattern's missing entries, 0 in padding.

        `entries` are those of the precision matrix, then 0 and 1.
        """
        inverse = np.linalg.inv(entries.take(self.flat))
        out = inverse + inverse.transpose(0, 2, 1)
        out *= self.half
        return np.asarray(out)

    def guess(self, pull: Array, covariance: Array) -> Array:
        """Return how far (r, q) the means of missing entries lie from the column means, 0 in padding."""
        of_missing = pull.take(self.missing)
        of_missing *= self.valid
        # Rows are in the order of their patterns.
        own = covariance if len(covariance) == len(self.rows) else covariance[self.pattern]
        return np.asarray(-np.matmul(own, of_missing[..., None])[..., 0])


class Patterns:
    """The missing entries of rows, grouped by pattern once for any number of conditional distributions."""

    def __init__(self, missing: Mask) -> None:
        self.columns = missing.shape[1]
        self.missing = missing
        count = missing.sum(axis=1)
        self.depth = int(count.max(initial=0))
        self.missing_columns: Index = np.argsort(~missing, axis=1, kind="stable")[:, : self.depth]
        self.valid: Mask = np.arange(self.depth) < count[:, None]
        class_of = -(-count // _STEP)
        self.depths = tuple(
            self._depth(np.flatnonzero(class_of == number))
            for number in np.unique(class_of[count > 0])
        )

    def _depth(self, rows: Index) -> _Depth:
        p = self.columns
        depth = int(self.valid[rows].sum(axis=1).max())
        packed = np.packbits(self.missing[rows], axis=1)
        names = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
        _, first, pattern, count = np.unique(
            names, return_index=True, return_inverse=True, return_counts=True
        )
        columns_of, held = (
            self.missing_columns[rows[first], :depth],
            self.valid[rows[first], :depth],
        )
        both = held[:, :, None] & held[:, None, :]
        flat = columns_of[:, :, None] * p + columns_of[:, None, :]
        order = np.argsort(pattern.ravel(), kind="stable")
        rows = rows[order]
        return _Depth(
            rows=rows,
            pattern=pattern.ravel()[order],
            count=count.astype(float),
            flat=np.where(both, flat, p * p + np.eye(depth, dtype=np.intp)),
            half=both / 2,
            missing=rows[:, None] * p + self.missing_columns[rows, :depth],
            valid=self.valid[rows, :depth].astype(float),
        )


def conditional(
    z: Array, mu: Array, precision: Array, patterns: Patterns | None = None
) -> Conditional:
    r"""Return the conditional distribution of missing entries, from the precision matrix.

    .. math:: E(z_M | z_O) = \mu_M - P_{MM}^{-1} P_{MO} (z_O - \mu_O), \quad Var(z_M | z_O) = P_{MM}^{-1}

    References
    ----------
    Rue, H. and Held, L. (2005), Gaussian Markov Random Fields, Chapman and Hall, theorem 2.3.
    """
    patterns = Patterns(np.isnan(z)) if patterns is None else patterns
    filled = np.ascontiguousarray(np.where(patterns.missing, mu, z))
    covariance = np.zeros((len(z), patterns.depth, patterns.depth))
    pull, entries = (filled - mu) @ precision, _entries(precision)
    for part in patterns.depths:
        inverse = part.covariance(entries)
        q = inverse.shape[1]
        covariance[part.rows, :q, :q] = inverse[part.pattern]
        filled.ravel()[part.missing] += part.guess(pull, inverse)
    return Conditional(filled, patterns.missing_columns, patterns.valid, covariance)


def fit_normal(
    z: Array, ridge: float, patterns: Patterns | None = None, censored: Censored | None = None
) -> tuple[Array, Array]:
    r"""Return the mean (p,) and the precision matrix (p, p) of rows z (n, p), NaN for missing.

    The posterior with a ridge prior worth `ridge` rows whose columns are uncorrelated with variance one, by
    at most 25 cycles of expectation and maximisation:

    .. math:: \Sigma = \frac{\sum_i E[(z_i - \mu)(z_i - \mu)' | z_{i,O}] + \kappa I}{n + \kappa}

    The first cycle starts at the prior, where missing entries are uncorrelated with observed ones. Entries that
    are `censored` have their expectations inside their bounds.

    References
    ----------
    Tobin, J. (1958), Econometrica 26, 24-36 (limited dependent variables);
    Schafer, J. L. (1997), Analysis of Incomplete Multivariate Data, Chapman and Hall, sections 5.2.3
    (ridge prior) and 5.3 (EM); Dempster, A. P., Laird, N. M. and Rubin, D. B. (1977), JRSS B 39, 1-38.
    """
    n, p = z.shape
    patterns = Patterns(np.isnan(z)) if patterns is None else patterns
    missing = patterns.missing
    mu, sigma, precision = np.zeros(p), np.eye(p), np.eye(p)
    for cycle in range(_CYCLES):
        filled = np.ascontiguousarray(np.where(missing, mu, z))
        spare = np.zeros((p, p)) if cycle else np.diag(missing.sum(axis=0).astype(float))
        if cycle:
            pull, entries = (filled - mu) @ precision, _entries(precision)
            for part in patterns.depths:
                inverse = part.covariance(entries)
                filled.ravel()[part.missing] += part.guess(pull, inverse)
                if len(part.count) < len(part.rows):
                    inverse *= part.count[:, None, None]
                added = np.bincount(part.flat.ravel(), inverse.ravel(), minlength=p * p + 2)
                spare += added[: p * p].reshape(p, p)
            if censored is not None:
                spare += censored.expect(filled, mu, precision)
        mu = filled.sum(axis=0) / (n + ridge)
        centred = filled - mu
        fresh = (centred.T @ centred + ridge * np.eye(p) + spare) / (n + ridge)
        moved = np.abs(fresh - sigma).max(initial=0.0)
        sigma = fresh
        precision = np.linalg.inv(sigma)
        precision = (precision + precision.T) / 2
        if moved < _SETTLED:
            break
    return mu, precision


def _entries(precision: Array) -> Array:
    """Return the entries (p * p + 2,) of a precision matrix, then 0 and 1."""
    return np.concatenate([precision.ravel(), [0.0, 1.0]])


class Censored:
    """Rows with missing entries that lie between bounds, and what the bounds say of all entries of these rows.

    Parameters
    ----------
    z
        (n, p) rows, NaN for missing.
    low, high
        (n, p) bounds of missing entries, infinite where there are none.
    """

    def __init__(self, z: Array, low: Array, high: Array) -> None:
        bounded = np.isnan(z) & (np.isfinite(low) | np.isfinite(high))
        self.rows = np.flatnonzero(bounded.any(axis=1))
        self._z = z[self.rows]
        self._patterns = Patterns(np.isnan(self._z))
        slots = self._patterns.missing_columns
        self._bounded = np.take_along_axis(bounded[self.rows], slots, axis=1) & self._patterns.valid
        self._low = np.take_along_axis(low[self.rows], slots, axis=1)
        self._high = np.take_along_axis(high[self.rows], slots, axis=1)

    def expect(self, filled: Array, mu: Array, precision: Array) -> Array:
        """Set the missing entries of the rows in `filled` (n, p) to their means; return what covariances change.

        One bound after the other, those that exclude most first: the distribution that each leaves is taken
        as normal with the same mean and covariance, which is exact for the first.

        References
        ----------
        Maybeck, P. S. (1982), Stochastic Models, Estimation, and Control 2, Academic Press, chapter 12
        (assumed density filter).
        """
        given = conditional(self._z, mu, precision, self._patterns)
        slots, row = self._patterns.missing_columns, np.arange(len(self.rows))
        mean = np.take_along_axis(given.filled, slots, axis=1)
        covariance = np.array(given.covariance)
        diagonal = np.where(self._bounded, np.einsum("rqq->rq", covariance), 1.0)
        inside = _inside(self._low, self._high, mean, np.sqrt(diagonal))[2]
        order = np.argsort(np.where(self._bounded, inside, 2.0), axis=1, kind="stable")
        for turn in range(int(self._bounded.sum(axis=1).max(initial=0))):
            slot = order[:, turn]
            bounded = self._bounded[row, slot]
            slopes = covariance[row, :, slot]
            variance = np.where(bounded, slopes[row, slot], 1.0)
            limits = self._low[row, slot], self._high[row, slot]
            moved, left, _ = _inside(*limits, mean[row, slot], np.sqrt(variance))
            slopes = np.where(bounded[:, None], slopes / variance[:, None], 0.0)
            mean += slopes * (moved - mean[row, slot])[:, None]
            lost = np.where(bounded, variance - left, 0.0)
            covariance -= lost[:, None, None] * slopes[:, :, None] * slopes[:, None, :]
        valid = self._patterns.valid
        number, slot = np.nonzero(valid)
        filled[self.rows[number], slots[number, slot]] = mean[number, slot]
        p = filled.shape[1]
        flat = slots[:, :, None] * p + slots[:, None, :]
        change = (covariance - given.covariance) * (valid[:, :, None] & valid[:, None, :])
        added = np.bincount(flat.ravel(), change.ravel(), minlength=p * p)
        return added.reshape(p, p).astype(float)


def _inside(low: Array, high: Array, mean: Array, sd: Array) -> tuple[Array, Array, Array]:
    """Return mean, variance and probability (...,) of normal variables between bounds.

    Where that is hardly possible the mean is the nearest bound.

    References
    ----------
    Johnson, N. L., Kotz, S. and Balakrishnan, N. (1994), Continuous Univariate Distributions 1, section 10.1.
    """
    a, b = (low - mean) / sd, (high - mean) / sd
    # Probabilities are exact in the lower tail: limits above the centre are mirrored.
    mirrored = a > 0
    first, last = np.where(mirrored, -b, a), np.where(mirrored, -a, b)
    share = ndtr(last) - ndtr(first)
    possible = share > _LEAST_PROBABILITY
    size = np.where(possible, share, 1.0)
    density = [np.exp(-np.square(end) / 2) / np.sqrt(2 * np.pi) for end in (first, last)]
    edge = [np.where(np.isfinite(end), end, 0.0) for end in (first, last)]
    away = (density[0] - density[1]) / size
    left = 1 + (edge[0] * density[0] - edge[1] * density[1]) / size - np.square(away)
    away = np.where(possible, away, np.clip(0.0, first, last))
    away, left = np.clip(away, first, last), np.clip(np.where(possible, left, 0.0), 0.0, 1.0)
    return mean + sd * np.where(mirrored, -away, away), np.square(sd) * left, share


def regressions(
    z: Array, given: Conditional, model: Mapping[str, Array], columns: int, ridge: float
) -> dict[str, Array]:
    r"""Return what the regression of each of the first `columns` on all others leaves unknown.

    `given` are the rows z (n, p) given what is observed of them, by the ``mu`` and ``precision`` of `model`.

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
    mu, precision = model["mu"], model["precision"]
    design = np.column_stack([np.ones(len(z)), given.filled])
    seen = ~np.isnan(z[:, :columns])
    root = _roots(design, seen, ridge)
    gap = ((given.filled - mu) @ precision)[:, :columns]
    inside = diagonal_given(given, precision)[:, :columns]
    variance = 1 / np.maximum(inside, 1e-12)
    noise = 1 / np.diag(precision)[:columns]
    # (n, k): leverage of every row in every regression.
    reach = np.matmul(design, np.moveaxis(root, -1, 0))
    share = np.where(seen, np.einsum("knq,knq->nk", reach, reach), 0.0)
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
    # Each root apart in memory: products of matrices that lie scattered are slow.
    roots = np.moveaxis(learned["root"], -1, 0)
    if len(rows) > roots.shape[-1]:
        roots = np.ascontiguousarray(roots)
    for column, cells in by_column(columns):
        reach = design[rows[cells]] @ np.ascontiguousarray(roots[column])
        out[cells] = np.square(reach).sum(axis=1)
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
    for column, cells in by_column(columns):
        square, fit = learned["square"][:, column], learned["fit"][:, column]
        seen = ~np.isnan(square)
        square, fit = square[seen], fit[seen]
        if len(square):
            weight = guess[cells][:, None] - fit
            weight *= weight
            weight *= -0.5 / _NEARBY**2
            np.exp(weight, out=weight)
            pooled = _POOLED * square.mean()
            local = (weight @ square + pooled) / (weight.sum(axis=1) + _POOLED)
            out[cells] = np.sqrt(local)
    return out


def _roots(design: Array, seen: Mask, ridge: float) -> Array:
    """Return a root (p, p, k) of each column's inverse cross product, nothing for the column itself."""
    square = _cross_products(design, seen)
    square += ridge * np.eye(design.shape[1])
    square[:, 0, 0] -= ridge * (1 - 1e-6)
    index = np.arange(seen.shape[1])
    square[index, index + 1, :] = 0.0
    square[index, :, index + 1] = 0.0
    square[index, index + 1, index + 1] = 1.0
    lower = np.asarray(np.linalg.cholesky(square), float)
    root = _inverse_of_lower(lower).transpose(0, 2, 1)
    root[index, index + 1, index + 1] = 0.0
    return np.asarray(np.moveaxis(root, 0, -1))


def _inverse_of_lower(lower: Array) -> Array:
    """Return the inverses of lower triangular matrices (k, p, p), block by block."""
    size = lower.shape[-1]
    if size <= _SMALL:
        return np.asarray(np.tril(np.linalg.inv(lower)))
    half = size // 2
    out = np.zeros(lower.shape)
    first = out[:, :half, :half] = _inverse_of_lower(lower[:, :half, :half])
    last = out[:, half:, half:] = _inverse_of_lower(lower[:, half:, half:])
    out[:, half:, :half] = -(last @ lower[:, half:, :half] @ first)
    return out


def _cross_products(design: Array, seen: Mask) -> Array:
    """Return X'X (k, p, p) over the rows that have each column.

    Rows without the column are taken from the product of all rows where these are the fewer.
    """
    every = design.T @ design
    out = np.empty((seen.shape[1], *every.shape))
    for column, rows in enumerate(seen.T):
        if 2 * rows.sum() > len(rows):
            other = design[~rows]
            out[column] = every - other.T @ other
        else:
            observed = design[rows]
            out[column] = observed.T @ observed
    return out


def diagonal_given(given: Conditional, precision: Array) -> Array:
    """Return the diagonal (n, p) of the precision of each row's observed entries."""
    diagonal = np.broadcast_to(np.diag(precision), given.filled.shape)
    if not given.missing_columns.shape[1]:
        return diagonal
    beside = np.where(given.valid[:, :, None], precision[given.missing_columns], 0.0)
    return np.asarray(diagonal - (beside * np.matmul(given.covariance, beside)).sum(axis=1))
