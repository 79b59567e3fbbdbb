"""Exchanging inputs between two samples: columns as they are, or drawn given the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .._util.types import Array, Mask

__all__ = ["Copula", "exchanged"]

EDGE = 2.0**-40


class Copula:
    """A Gaussian copula over some columns of the unit cube; all other columns are independent.

    Parameters
    ----------
    columns
        The columns it joins.
    correlation
        (k, k) correlation of their normal scores; positive definite.

    Notes
    -----
    Normal scores z_u given the others are z_u of a fresh sample plus the regression of the difference of
    the others (conditioning by kriging, Matheron): with ``correlation`` the identity, a plain exchange.

    References
    ----------
    Song, E., Nelson, B. L. and Staum, J. (2016), SIAM/ASA J. Uncertainty Quantification 4(1), 1060-1083
    (conditional sampling); Nelsen, R. B. (2006), An Introduction to Copulas.
    """

    def __init__(self, columns: Sequence[int], correlation: Array) -> None:
        self.columns = np.array(columns, np.intp)
        self.correlation = np.asarray(correlation, float)
        try:
            self.root = np.linalg.cholesky(self.correlation)
        except np.linalg.LinAlgError:
            least = float(np.linalg.eigvalsh(self.correlation)[0])
            raise ValueError(
                "the correlations do not go together: their matrix must be positive definite, its "
                f"smallest eigenvalue is {least:.3g}; make some of them weaker"
            ) from None

    def scores(self, u: Array) -> Array:
        """Return (m, k) joint normal scores from independent columns of u (m, dimension)."""
        # Loading scipy.special takes as long as loading the rest of the package.
        from scipy.special import ndtri

        inside = np.clip(u[:, self.columns], EDGE, 1 - EDGE)
        return np.asarray(ndtri(inside) @ self.root.T)

    def given(self, old: Array, new: Array, inside: Mask) -> Array:
        """Return (m, k) scores with the columns `inside` (k,) drawn anew given the others of `old`."""
        out = np.where(inside, new, old)
        rest = ~inside
        if inside.any() and rest.any():
            r = self.correlation
            slopes = np.linalg.solve(r[np.ix_(rest, rest)], r[np.ix_(rest, inside)])
            out[:, inside] += (old[:, rest] - new[:, rest]) @ slopes
        return out

    def to_unit(self, z: Array) -> Array:
        """Return normal scores to unit numbers."""
        from scipy.special import ndtr

        return np.asarray(np.clip(ndtr(z), 0.0, 1 - EDGE))


def exchanged(a: Array, b: Array, inside: Mask, copula: Copula | None) -> Array:
    """Return a with some columns from B; with a copula, its columns are drawn given those kept.

    Parameters
    ----------
    a, b
        (m, dimension) independent points of the unit cube.
    inside
        (dimension,), or (m, dimension) where rows differ: which columns are exchanged.

    Examples
    --------
    >>> exchanged(np.zeros((1, 3)), np.ones((1, 3)), np.array([True, False, True]), None).tolist()
    [[1.0, 0.0, 1.0]]
    """
    out = np.where(inside, b, a)
    if copula is None:
        return out
    old, new = copula.scores(a), copula.scores(b)
    moved = np.broadcast_to(inside, a.shape)[:, copula.columns]
    z = np.empty_like(old)
    patterns, which = np.unique(moved, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        rows = which.reshape(-1) == number
        z[rows] = copula.given(old[rows], new[rows], pattern)
    out[:, copula.columns] = copula.to_unit(z)
    return out
