"""Weights from the correlations among children: components, factors, balance, information."""

from __future__ import annotations

import itertools
from typing import Annotated, ClassVar, Literal

import numpy as np
import scipy
from pydantic import Field

from .._util.types import Array
from ..errors import NotScorableError
from ._base import Number
from ._columns import spread
from ._pairwise import correlations
from .weighting import Learner

__all__ = ["CorrelationBalanced", "Factor", "InformationMaximising", "Pca"]


_SAME = 1e-9
_HEAVY = 1e4


class _Correlated(Learner):
    """A method that needs a correlation for every pair of children."""

    def correlated(self, values: Array) -> Array:
        """Return the correlations, every one of them known."""
        self.refuse(~(spread(values) > 0), "is constant, so that it correlates with nothing")
        r = correlations(values)
        self.refuse(np.isnan(r), "share fewer than 3 units, or are constant over those they share")
        return r

    def first_component(self, r: Array) -> Array:
        """Return the leading eigenvector, turned so that its sum is positive."""
        sizes, vectors = np.linalg.eigh(r)
        if sizes[-1] - sizes[-2] < _SAME:
            raise NotScorableError(
                f"weighting `{self.name}`: no first component stands out (the children are uncorrelated); "
                "use `equal`"
            )
        first = vectors[:, -1]
        return np.asarray(first * (1.0 if first.sum() >= 0 else -1.0))

    def no_negative(self, loadings: Array) -> Array:
        """Return the loadings, none of which may run against the others; rounding is cut to 0."""
        self.refuse(loadings < -_SAME, "runs against the other children in the first component")
        return np.maximum(loadings, 0.0)


class Pca(_Correlated):
    """First principal component: each child's share in the variance of the component.

    ``use: squared`` takes the squared loadings, which sum to one; ``use: loadings`` the loadings
    themselves, the sign fixed so that they add up to more than 0. Correlations are pairwise complete.

    Raises
    ------
    NotScorableError
        If a child is constant, children are uncorrelated, or with ``loadings`` one of them is negative:
        that child runs against the others, and a negative weight would turn its direction round.

    Notes
    -----
    COINr's ``get_PCA`` takes raw loadings as weights, with the arbitrary sign of the eigenvector (all
    may be negative) and without squaring them, on complete rows only.

    References
    ----------
    Pearson, K. (1901), Philosophical Magazine 2, 559-572; OECD/JRC (2008), Handbook, step 6 (weights
    based on principal components).

    Examples
    --------
    >>> x = np.array([[1, 2, 1], [2, 1, 3], [3, 4, 2], [4, 3, 5], [5, 6, 4.0]])
    >>> Pca(use="loadings").fit(x, np.ones(3), np.ones(3)).round(8).tolist()
    [0.65503451, 0.53863221, 0.5299105]
    """

    name: ClassVar[str] = "pca"

    use: Literal["squared", "loadings"] = "squared"

    def learn(self, values: Array, given: Array) -> Array:
        """Return the loadings of the first component, squared or not."""
        loadings = self.first_component(self.correlated(values))
        return np.square(loadings) if self.use == "squared" else self.no_negative(loadings)


class Factor(_Correlated):
    """Factor weights after Nicoletti: the squared loading of each child on the factor it belongs to.

    Principal components with an eigenvalue above ``eigenvalue`` (at least one) are rotated by varimax
    with Kaiser's normalisation; each child weighs the share of the factor's variance that is its own,
    times the share of all retained variance that is the factor's.

    Raises
    ------
    NotScorableError
        If a child is constant or two share too few units.

    References
    ----------
    Nicoletti, G., Scarpetta, S. and Boylaud, O. (2000), OECD Economics Department Working Paper 226;
    Kaiser, H. F. (1958), The varimax criterion, Psychometrika 23, 187-200; OECD/JRC (2008), Handbook,
    step 6.

    Examples
    --------
    >>> x = np.array([[1, 2, 1], [2, 1, 3], [3, 4, 2], [4, 3, 5], [5, 6, 4.0]])
    >>> weights = Factor().fit(x, np.ones(3), np.ones(3))
    >>> (weights / weights.sum()).round(4).tolist()
    [0.4291, 0.2901, 0.2808]
    """

    name: ClassVar[str] = "factor"

    eigenvalue: Annotated[Number, Field(gt=0)] = 1.0

    def learn(self, values: Array, given: Array) -> Array:
        """Return the largest squared loading of each child."""
        sizes, vectors = np.linalg.eigh(self.correlated(values))
        kept = sizes > self.eigenvalue
        kept[-1] = True
        loadings = vectors[:, kept] * np.sqrt(sizes[kept])
        return np.asarray(np.square(_varimax(loadings)).max(axis=1))


def _varimax(loadings: Array) -> Array:
    """Return the loadings rotated plane by plane until each child loads on few factors (Kaiser 1958)."""
    size = np.sqrt(np.square(loadings).sum(axis=1, keepdims=True))
    out = loadings / np.where(size > 0, size, 1.0)
    count, factors = out.shape
    for _ in range(500):
        widest = 0.0
        for first, two in itertools.combinations(range(factors), 2):
            x, y = out[:, first], out[:, two]
            u, v = np.square(x) - np.square(y), 2 * x * y
            top = 2 * (count * (u @ v) - u.sum() * v.sum())
            bottom = count * (u @ u - v @ v) - (u.sum() ** 2 - v.sum() ** 2)
            angle = np.arctan2(top, bottom) / 4
            turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
            out[:, [first, two]] = out[:, [first, two]] @ turn
            widest = max(widest, abs(angle))
        if widest < 1e-14:
            break
    return np.asarray(out * size)


class CorrelationBalanced(_Correlated):
    r"""Weights under which each child's correlation with the index has the share that was asked for.

    The given weights are read as *importance*: with t their shares, it solves

    .. math:: r_j / \sum_k r_k = t_j, \quad r_j = corr(x_j, \sum_k w_k x_k)

    which is linear: with R the correlations of the children, :math:`w_j s_j \propto R^{-1} t`. Where that
    needs a negative weight it gives the weights >= 0 nearest to the target (least squares in shares);
    children it cannot make room for then have weight 0.

    Raises
    ------
    NotScorableError
        If a child is constant or two share too few units.

    Notes
    -----
    COINr's ``get_opt_weights`` searches the same by Nelder-Mead from the targets and stops at a relative
    tolerance of 0.1, often well before the optimum.

    References
    ----------
    Becker, W., Saisana, M., Paruolo, P. and Vandecasteele, I. (2017), Weights and importance in composite
    indicators: closing the gap, Ecological Indicators 80, 12-22.

    Examples
    --------
    >>> x = np.array([[0, 90, 20], [50, 40, 10], [30, 80, 60], [90, 70, 20], [60, 10, 90.0]])
    >>> weights = CorrelationBalanced().fit(x, np.ones(3), np.ones(3))
    >>> r = [np.corrcoef(x @ weights, column)[0, 1] for column in x.T]
    >>> (r / np.sum(r)).round(6).tolist()
    [0.333333, 0.333333, 0.333333]
    """

    name: ClassVar[str] = "correlation_balanced"

    def learn(self, values: Array, given: Array) -> Array:
        """Return the balancing weights."""
        r, target = self.correlated(values), given / given.sum()
        if np.linalg.cond(r) < 1e10:
            solution = np.linalg.solve(r, target)
        else:
            solution = np.linalg.lstsq(r, target, rcond=1e-10)[0]
            solution = (
                solution if np.allclose(r @ solution, target, atol=1e-9) else -np.ones(len(r))
            )
        if (solution < 0).any():
            # Shares of correlations are linear in the weights once these are scaled so that the
            # correlations sum to one: a heavily weighted row holds them to it.
            rows = np.vstack([r, _HEAVY * r.sum(axis=0)])
            solution = _on_support(
                r, target, scipy.optimize.nnls(rows, np.append(target, _HEAVY))[0]
            )
        return np.asarray(solution / spread(values))


def _on_support(r: Array, target: Array, near: Array) -> Array:
    """Return the least squares of positive weights, held to a sum of one exactly instead of by a heavy row."""
    support = near > 0
    if not support.any():
        return near
    a, total = r[:, support], r.sum(axis=0)[support]
    tied = np.block([[a.T @ a, total[:, None]], [total[None], np.zeros((1, 1))]])
    exact = np.linalg.lstsq(tied, np.append(a.T @ target, 1.0), rcond=1e-12)[0][:-1]
    if (exact < 0).any():
        return near
    out = np.zeros(len(r))
    out[support] = exact
    return out


class InformationMaximising(_Correlated):
    r"""Weights under which the index is as correlated with its children as it can be.

    ``measure: correlation`` maximises the sum of the correlations of the children with the index. The
    maximum has a closed form, :math:`w_j \propto 1 / s_j`: equal weights on standardised children.
    ``measure: squared`` maximises the sum of squared correlations (the variance of the children that the
    index explains): the first principal component's loadings over :math:`s_j`.

    Raises
    ------
    NotScorableError
        If a child is constant; with ``squared`` also if a loading is negative, or children are
        uncorrelated.

    Notes
    -----
    COINr's "infomax" searches the sum of correlations by Nelder-Mead with a relative tolerance of 0.1.

    References
    ----------
    Becker, W., Saisana, M., Paruolo, P. and Vandecasteele, I. (2017), Ecological Indicators 80, 12-22.
    The closed form is the Cauchy-Schwarz inequality in the covariance's inner product.

    Examples
    --------
    >>> x = np.array([[0.0, 10.0], [100.0, 60.0], [0.0, 60.0]])
    >>> weights = InformationMaximising().fit(x, np.ones(2), np.ones(2))
    >>> (weights / weights.sum()).round(4).tolist()
    [0.3333, 0.6667]
    """

    name: ClassVar[str] = "information_maximising"

    measure: Literal["correlation", "squared"] = "correlation"

    def learn(self, values: Array, given: Array) -> Array:
        """Return the weights with the highest (squared) correlations."""
        size = spread(values)
        if self.measure == "correlation":
            self.refuse(~(size > 0), "is constant, so that it correlates with nothing")
            return np.asarray(1 / size)
        loadings = self.first_component(self.correlated(values))
        return self.no_negative(loadings) / size
