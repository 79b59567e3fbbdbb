"""Missing cells by regression on the other columns and on auxiliary columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from .._util.normals import StandardNormals
from .._util.scratch import Scratch
from .._util.types import Array, Index
from ._columns import by_column, mean, spread
from ._latent import score_knots, to_scores
from ._latent_scale import Scale
from ._normal_cells import NormalCells
from ._normal_model import (
    Censored,
    Conditional,
    Patterns,
    conditional,
    diagonal_given,
    fit_normal,
    leverage,
    local_residual,
    regressions,
)
from ._predictive import Predictive
from .imputation import Context, Imputer, bounds_of, check_auxiliary
from .treatment import Learned

__all__ = ["RegressionImputation", "conditional_means"]

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class RegressionImputation(Imputer):
    r"""Bayesian ridge regression of each missing cell on everything observed of its row.

    All columns and the ``auxiliary`` columns follow one multivariate normal model, on the scale of normal
    scores (``scale: ranks``, a Gaussian copula: draws stay inside the observed range of the column, shares
    stay shares and counts stay counts) or in raw units (``scale: raw``). A ridge prior worth ``ridge`` rows
    pulls correlations to zero. A missing cell has a Student t distribution around its conditional mean,

    .. math:: z_{ij} \sim t_{\nu_j}\left(\hat z_{ij},\; C_{ij} - v_j + s_j^2 v_j (1 + h_{ij})\right),

    with conditional variance :math:`C`, variance :math:`v_j` given all other columns, leverage :math:`h` of the
    row among the rows that have the column, and the residual variance :math:`v_j s_j^2` estimated from residuals
    with :math:`\nu_j` degrees of freedom, those of units with a similar prediction most. Cells with bounds are
    learned from too (a Tobit model): the quantiles of their column share them out to the values between their
    bounds, and the normal model takes their expectations inside. Draws
    draw the residual variance, the coefficients (shared by all rows) and the residuals (correlated within a
    row). Bounds cut the distribution of their cell, and the other missing cells of the row follow: their
    distribution is the conditional one given the bounded cells, over the truncated normal distribution of
    these (``BoundedRows``).

    Raises
    ------
    DataError
        If an auxiliary column is constant or missing everywhere.

    References
    ----------
    Tobin, J. (1958), Estimation of relationships for limited dependent variables, Econometrica 26, 24-36;
    Rubin, D. B. (1987), Multiple Imputation for Nonresponse in Surveys, Wiley, pp. 166-167; Little, R. J. A.
    and Rubin, D. B. (2002), Statistical Analysis with Missing Data, 2nd ed., Wiley, chapter 11; Schafer, J. L.
    (1997), Analysis of Incomplete Multivariate Data, Chapman and Hall, chapter 5; Genz, A. (1992), Numerical
    computation of multivariate normal probabilities, J. of Computational and Graphical Statistics 1(2),
    141-149; Robert, C. P. (1995), Simulation of truncated normal variables, Statistics and Computing 5,
    121-125; Hoff, P. D. (2007), Extending the rank likelihood for semiparametric copula estimation, Annals of
    Applied Statistics 1(1), 265-283; Zhao, Y. and Udell, M. (2020), Missing value imputation for mixed data
    via Gaussian copula, KDD.

    Examples
    --------
    >>> a = np.arange(40.0)
    >>> x = np.column_stack([a, 3 + 2 * a])
    >>> x[20, 1] = np.nan
    >>> where = Context(np.array([f"C{row}" for row in range(40)], object))
    >>> method = RegressionImputation(ridge=0.01)
    >>> round(method.predict(x, where, method.fit(x, where))[20, 1].item())
    43
    """

    name: ClassVar[str] = "regression"
    stochastic: ClassVar[bool] = True
    least_known: ClassVar[int] = 3  # a spread and a residual cannot be learned from fewer

    scale: Literal["ranks", "raw"] = "ranks"
    ridge: Positive = 5.0

    def fit(self, x: Array, context: Context) -> Learned:
        """Return the scale of each column, the normal model, and the precision of each regression."""
        extra = context.design(len(x))
        check_auxiliary(self.name, extra, context.auxiliary_names)
        both = np.column_stack([x, extra])
        bounds = _own_bounds(x, context, extra.shape[1])
        learned: dict[str, Array] = {}
        if self.scale == "ranks":
            learned["scores"], learned["values"] = score_knots(both, *bounds)
            both = to_scores(both, learned["scores"], learned["values"])
        learned["centre"], learned["size"] = mean(both), np.nan_to_num(spread(both))
        z = _standard(both, learned)
        patterns = Patterns(np.isnan(z))
        censored = Censored(z, *_latent_bounds(bounds, learned)) if bounds else None
        mu, precision = fit_normal(z, self.ridge, patterns, censored)
        learned |= {"mu": mu, "precision": precision}
        given = conditional(z, mu, precision, patterns)
        context.made[self.name] = x, mu, precision, given
        return learned | regressions(z, given, learned, x.shape[1], self.ridge)

    def _latent(self, x: Array, context: Context, learned: Learned) -> Array:
        """Return scored and auxiliary columns on the scale of the model."""
        both = np.column_stack([x, context.design(len(x))])
        if self.scale == "ranks":
            both = to_scores(both, learned["scores"], learned["values"])
        return _standard(both, learned)

    def _given(self, x: Array, context: Context, learned: Learned) -> Conditional:
        """Return the rows given what is observed of them, as computed in the fit if it was on these rows."""
        mu, precision = learned["mu"], learned["precision"]
        made = context.made.get(self.name)
        if made is not None and made[0] is x and made[1] is mu and made[2] is precision:
            given: Conditional = made[3]
            return given
        return conditional(self._latent(x, context, learned), mu, precision)

    def _bounded(
        self, x: Array, contexts: Sequence[Context], learned: Learned
    ) -> tuple[Predictive, ...]:
        first = self._predictive(x, contexts[0], learned)
        if not isinstance(first, NormalCells):
            return super()._bounded(x, contexts, learned)
        bounds = (bounds_of(x, context) for context in contexts[1:])
        cells = first.rows, first.columns
        return first, *(first.with_bounds(low[cells], high[cells]) for low, high in bounds)

    def _predictive(self, x: Array, context: Context, learned: Learned) -> Predictive:
        given = self._given(x, context, learned)
        wanted = given.valid & (given.missing_columns < x.shape[1])
        rows, slot = np.nonzero(wanted)
        columns = given.missing_columns[rows, slot]
        learnable = np.flatnonzero(~np.isnan(learned["centre"][columns]))
        # Column by column, as the draws are made.
        learnable = learnable[np.argsort(columns[learnable], kind="stable")]
        rows, slot, columns = rows[learnable], slot[learnable], columns[learnable]
        design = np.column_stack([np.ones(len(x)), given.filled])
        low, high = bounds_of(x, context)
        centre, noise = given.filled[rows, columns], learned["noise"][columns]
        variance = given.covariance[rows, slot, slot]
        of_coefficients = noise * leverage(design, rows, columns, learned)
        # Residuals say how large the noise is, not what other missing columns leave unknown.
        factor = np.square(local_residual(centre, columns, learned))
        unknown = np.maximum(variance - noise, 0.0) + factor * (noise + of_coefficients)
        sd = np.sqrt(variance + of_coefficients)
        residuals = _Residuals(given, rows, columns, slot, design, learned, sd)
        return NormalCells(
            rows=rows,
            columns=columns,
            scale=Scale.of(learned, columns),
            centre=centre,
            spread=np.sqrt(unknown),
            freedom=learned["freedom"][columns],
            bounds=np.stack([low[rows, columns], high[rows, columns]]),
            noise=residuals,
            joint=residuals,
        )


def _own_bounds(x: Array, context: Context, extra: int) -> tuple[Array, ...]:
    """Return the bounds (n, k + extra) of cells with bounds of their own, infinite elsewhere; () without any."""
    if context.low is None or context.high is None:
        return ()
    own = np.isnan(x) & ~(np.isnan(context.low) & np.isnan(context.high))
    if not own.any():
        return ()
    low, high = bounds_of(x, context)
    more = np.full((len(x), extra), np.inf)
    return (
        np.column_stack([np.where(own, low, -np.inf), -more]),
        np.column_stack([np.where(own, high, np.inf), more]),
    )


def _latent_bounds(bounds: tuple[Array, ...], learned: Learned) -> list[Array]:
    """Return bounds (n, p) as latent values; some value of the scale lies between them."""
    rows, columns = np.nonzero(np.isfinite(bounds[0]) | np.isfinite(bounds[1]))
    scale, out = Scale.of(learned, columns), []
    for upper, bound in enumerate(bounds):
        latent = np.array(bound)
        latent[rows, columns] = scale.latent(bound[rows, columns], upper == 1)
        out.append(latent)
    return out


def _standard(both: Array, learned: Learned) -> Array:
    """Return columns with mean 0 and variance 1; a column without spread is 0."""
    size = np.where(learned["size"] > 0, learned["size"], 1.0)
    return np.asarray((both - learned["centre"]) / size)


def conditional_means(z: Array, learned: Learned, columns: int) -> Array:
    """Return the mean (n, columns) of each entry given the other observed entries of its row."""
    mu, precision = learned["mu"], learned["precision"]
    given = conditional(z, mu, precision)
    gap = ((given.filled - mu) @ precision)[:, :columns]
    inside = np.maximum(diagonal_given(given, precision)[:, :columns], 1e-12)
    return np.where(
        np.isnan(z[:, :columns]), given.filled[:, :columns], z[:, :columns] - gap / inside
    )


@dataclass(frozen=True, eq=False)
class _Residuals:
    """Draws of residuals and of coefficients times predictors, in units of each cell's standard deviation.

    Attributes
    ----------
    given
        The rows given what is observed of them.
    rows, columns, slot
        (c,) the cells, column by column, and their index among the missing entries of their row.
    design
        (n, p) an intercept and the completed rows.
    learned
        What the method learned.
    sd
        (c,) standard deviations.
    """

    given: Conditional
    rows: Index
    columns: Index
    slot: Index
    design: Array
    learned: Learned
    sd: Array

    def correlation(self, first: Index, other: Index) -> Array:
        """Return the correlation (...,) of the draws of cells with other cells of the same rows."""
        out = self.covariance(first, other) / (self.sd[first] * self.sd[other])
        return np.where(first == other, 1.0, out)

    def covariance(self, first: Index, other: Index) -> Array:
        """Return the conditional covariance (...,) of latent values, coefficients taken as known."""
        return self.given.covariance[self.rows[first], self.slot[first], self.slot[other]]

    @cached_property
    def _residuals(self) -> tuple[tuple[NDArray[np.float32], Index, Index], ...]:
        """Roots (r, q, q) of the covariances of rows with q cells, by q; their cells, and places in r * q."""
        rows, number = np.unique(self.rows, return_inverse=True)
        number = number.ravel()
        depth = np.zeros(len(rows), np.intp)
        np.maximum.at(depth, number, self.slot + 1)
        size = np.ones((len(rows), int(depth.max(initial=0))))
        size[number, self.slot] = self.sd
        place = np.empty(len(rows), np.intp)
        out: list[tuple[NDArray[np.float32], Index, Index]] = []
        for count in np.unique(depth):
            chosen = np.flatnonzero(depth == count)
            block = self.given.covariance[rows[chosen], :count, :count] + 1e-12 * np.eye(count)
            root = np.linalg.cholesky(block) / size[chosen, :count, None]
            place[chosen] = count * np.arange(len(chosen))
            cells = np.flatnonzero(depth[number] == count)
            places = place[number[cells]] + self.slot[cells]
            order = np.argsort(places)
            out.append((root.astype(np.float32), cells[order], places[order]))
        return tuple(out)

    @cached_property
    def _coefficients(self) -> tuple[tuple[slice, NDArray[np.float32]], ...]:
        """By column: its cells, and a root (k, k) of the covariance of their coefficients times predictors."""
        out: list[tuple[slice, NDArray[np.float32]]] = []
        for column, cells in by_column(self.columns):
            root = np.sqrt(self.learned["noise"][column]) * self.learned["root"][..., column]
            reach = self.design[self.rows[cells]] @ root / self.sd[cells, None]
            # The triangular factor of an orthogonal decomposition is a root that needs fewer normals.
            upper = np.asarray(np.linalg.qr(reach.T, mode="r"), np.float32)
            out.append((slice(cells[0], cells[-1] + 1), upper.T))
        return tuple(out)

    def __call__(self, rng: np.random.Generator, m: int) -> NDArray[np.float32]:
        """Return draws (c, m)."""
        normals, scratch = StandardNormals(rng), Scratch()
        out = np.empty((len(self.rows), m), np.float32)
        for root, cells, places in self._residuals:
            shape = (*root.shape[:2], m)
            drawn = scratch.get("drawn", shape, np.float32)
            np.matmul(root, normals.draw(*shape), out=drawn)
            by_place = drawn.reshape(-1, m)
            out[cells] = by_place if len(places) == len(by_place) else by_place[places]
        for of_column, root in self._coefficients:
            drawn = scratch.get("drawn", (len(root), m), np.float32)
            out[of_column] += np.matmul(root, normals.draw(root.shape[1], m), out=drawn)
        return out
