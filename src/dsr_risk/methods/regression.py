"""Imputation by regression on the other columns, deterministic or with draws (multiple imputation)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from .._util.types import Array, Index
from ._columns import mean, spread
from ._pairwise import correlations
from .imputation import Context, Imputer
from .treatment import Learned

__all__ = ["MultipleImputation", "RegressionImputation"]

Whole = Annotated[int, Field(ge=1, strict=True)]

_CYCLES = 30
_SETTLED = 1e-10
_PER_PREDICTOR = 5
_ROUNDS = 15
# Keeps the equations of columns that repeat each other, and are missing together, solvable.
_DAMPED = 1 - 1e-6


class RegressionImputation(Imputer):
    r"""The least squares prediction from the columns that are most correlated with the missing one.

    For each column up to ``predictors`` others are chosen by absolute correlation (pairwise complete),
    one for every 5 values of the column; with none it is the column's mean. Where a unit lacks a predictor
    too, its regression is solved together with the first. Draws add what the prediction does not know: the
    coefficients and the residual variance are drawn from their posterior, then a residual,

    .. math:: \sigma_*^2 = s^2 \nu / \chi^2_\nu, \quad \beta_* \sim N(\hat\beta, \sigma_*^2 (X'X)^{-1}),
        \quad y_* \sim N(X \beta_*, \sigma_*^2)

    Notes
    -----
    With complete predictors this is ordinary least squares on the units that have the column. With
    missing ones the coefficients are learned with predictors at their own predictions; what is not known
    of these enters draws through chained equations (15 rounds from random observed values), not through
    the coefficients.

    References
    ----------
    Rubin, D. B. (1987), Multiple Imputation for Nonresponse in Surveys, Wiley, pp. 166-167; van Buuren,
    S., Boshuizen, H. C. and Knook, D. L. (1999), Statistics in Medicine 18, 681-694; OECD/JRC (2008),
    Handbook, step 3.

    Examples
    --------
    >>> a = np.arange(12.0)
    >>> x = np.column_stack([a, 3 + 2 * a])
    >>> x[11, 1] = np.nan
    >>> where = Context(np.array(list("ABCDEFGHIJKL"), object))
    >>> method = RegressionImputation()
    >>> round(method.apply(x, where, method.fit(x, where))[11, 1].item(), 9)
    25.0
    """

    name: ClassVar[str] = "regression"
    stochastic: ClassVar[bool] = True

    predictors: Whole = 5

    def fit(self, x: Array, context: Context) -> Learned:
        """Coefficients, posterior scale and residuals of each column's regression, standardised."""
        centre, size = mean(x), spread(x)
        size = np.where(size > 0, size, np.nan)
        z = (x - centre) / size
        which = _predictors(z, self.predictors)
        filled = np.where(np.isnan(z), 0.0, z)
        learned: dict[str, Array] = {}
        for _ in range(_CYCLES):
            before = filled
            learned = _regressions(z, before, which)
            filled = _expected(z, which, learned["beta"])
            if not z.size or np.abs(filled - before).max() < _SETTLED:
                break
        fits = _predict(filled, which, learned["beta"])
        return {
            "mean": centre,
            "sd": size,
            "which": which,
            **learned,
            "donor": z,
            "fit": np.where(np.isnan(z), np.nan, fits),
        }

    def apply(self, x: Array, context: Context, learned: Learned) -> Array:
        """The columns with predictions in missing cells."""
        z = (x - learned["mean"]) / learned["sd"]
        filled = _expected(z, learned["which"], learned["beta"])
        return np.where(np.isnan(x), _raw(filled, learned), x)

    def draws(
        self, x: Array, context: Context, learned: Learned, rng: np.random.Generator, m: int
    ) -> Array:
        """Filled copies from the posterior predictive distribution."""
        missing, which = np.isnan(x), learned["which"]
        z = (x - learned["mean"]) / learned["sd"]
        # (k, m, n): the draws of one column lie together.
        filled = np.repeat(np.where(np.isnan(z), 0.0, z).T[:, None], m, axis=1)
        beta, residual = _posterior(learned, rng, m)
        rows = {
            int(one): np.flatnonzero(missing[:, one]) for one in np.flatnonzero(missing.any(axis=0))
        }
        _scatter(filled, rows, learned["donor"], rng)
        for _ in range(_rounds(list(rows), which)):
            for column, own in rows.items():
                guess = _guess(filled, own, which[:, column], beta[..., column])
                filled[column][:, own] = self._drawn(guess, column, residual, learned, rng)
        return np.where(missing, _raw(np.moveaxis(filled, 0, -1), learned), x)

    def _drawn(
        self, guess: Array, column: int, residual: Array, learned: Learned, rng: np.random.Generator
    ) -> Array:
        """Values for guesses (m, rows) of a column, standardised."""
        return guess + residual[:, column, None] * rng.standard_normal(guess.shape)


class MultipleImputation(RegressionImputation):
    """Multiple imputation: draws whose spread is what is not known about the missing cells.

    ``model: matching`` (predictive mean matching) draws the coefficients from their posterior and then
    takes the observed value of one of the ``donors`` reference units whose prediction is nearest, so that
    imputed values are values that occur; ``model: normal`` draws from the normal regression model. A
    plain score uses the prediction of `regression`; with ``factors: {"*.missing": imputed}`` an uncertainty
    analysis uses the draws, and says so where imputed values would stand still.

    References
    ----------
    Rubin, D. B. (1987), Multiple Imputation for Nonresponse in Surveys, Wiley; Little, R. J. A. (1988),
    Missing-data adjustments in large surveys, JBES 6(3), 287-296; van Buuren, S. and
    Groothuis-Oudshoorn, K. (2011), mice, J. of Statistical Software 45(3).

    Examples
    --------
    >>> a = np.arange(12.0)
    >>> x = np.column_stack([a, np.square(a)])
    >>> x[6, 1] = np.nan
    >>> where = Context(np.array(list("ABCDEFGHIJKL"), object))
    >>> method = MultipleImputation()
    >>> draws = method.draws(x, where, method.fit(x, where), np.random.default_rng(0), 100)
    >>> set(draws[:, 6, 1].round(6).tolist()) <= {float(one) for one in np.square(a)}
    True
    """

    name: ClassVar[str] = "multiple"

    model: Literal["matching", "normal"] = "matching"
    donors: Whole = 5

    def _drawn(
        self, guess: Array, column: int, residual: Array, learned: Learned, rng: np.random.Generator
    ) -> Array:
        """Values for guesses (m, rows) of a column, standardised: of donors, or with a residual."""
        fits, values = learned["fit"][:, column], learned["donor"][:, column]
        known = ~np.isnan(fits)
        if self.model == "normal" or not known.any():
            return super()._drawn(guess, column, residual, learned, rng)
        order = np.lexsort((values[known], fits[known]))
        fits, values = fits[known][order], values[known][order]
        wide = min(2 * self.donors, len(fits))
        start = np.searchsorted(fits, guess) - wide // 2
        window = np.clip(start, 0, len(fits) - wide)[..., None] + np.arange(wide)
        away = np.abs(fits[window] - guess[..., None])
        picked = np.argsort(away, axis=-1, kind="stable")
        lot = rng.integers(min(self.donors, wide), size=guess.shape)
        chosen = np.take_along_axis(picked, lot[..., None], axis=-1)
        return np.asarray(values[np.take_along_axis(window, chosen, axis=-1)[..., 0]])


def _predictors(z: Array, most: int) -> Array:
    """(most, k) the columns that predict each column, by absolute correlation; NaN for none."""
    columns = z.shape[1]
    strength = np.abs(np.nan_to_num(correlations(z)))
    np.fill_diagonal(strength, 0.0)
    order = np.argsort(-strength, axis=0, kind="stable")[:most]
    room = (~np.isnan(z)).sum(axis=0) // _PER_PREDICTOR
    strong = np.take_along_axis(strength, order, axis=0) > 0
    kept = strong & (np.arange(len(order))[:, None] < room)
    out = np.full((most, columns), np.nan)
    out[: len(order)] = np.where(kept, order, np.nan)
    return out


def _regressions(z: Array, filled: Array, which: Array) -> dict[str, Array]:
    """Least squares of every column on its predictors over the units that have it."""
    width, columns = len(which) + 1, z.shape[1]
    beta, root = np.zeros((width, columns)), np.zeros((width, width, columns))
    residual, freedom = np.zeros(columns), np.zeros(columns)
    for column in range(columns):
        rows = ~np.isnan(z[:, column])
        used = which[:, column]
        used = used[~np.isnan(used)].astype(np.intp)
        design = np.column_stack([np.ones(rows.sum()), filled[np.ix_(rows, used)]])
        if not len(design):
            continue
        # By the pseudo-inverse, so that columns that repeat each other share what they predict.
        inverse = np.linalg.pinv(design, rcond=1e-10)
        size = len(used) + 1
        beta[:size, column] = inverse @ z[rows, column]
        gap = z[rows, column] - design @ beta[:size, column]
        freedom[column] = max(len(design) - np.linalg.matrix_rank(design), 0)
        if freedom[column]:
            residual[column] = np.sqrt(np.square(gap).sum() / freedom[column])
        u, s, _ = np.linalg.svd(inverse @ inverse.T)
        root[:size, :size, column] = u * np.sqrt(s)
    return {"beta": beta, "root": root, "residual": residual, "freedom": freedom}


def _column(filled: Array, which: Array, beta: Array) -> Array:
    """Predictions (..., n) of one column from filled (..., n, k) with beta (..., 1 + p)."""
    used = ~np.isnan(which)
    x = filled[..., which[used].astype(np.intp)]
    slopes = beta[..., 1:][..., used]
    return np.asarray(beta[..., :1] + (x * slopes[..., None, :]).sum(axis=-1))


def _guess(filled: Array, rows: Index, which: Array, beta: Array) -> Array:
    """Predictions (m, rows) of one column from filled (k, m, n) with beta (m, 1 + p)."""
    out = np.repeat(beta[:, :1], len(rows), axis=1)
    for place, slope in zip(which, beta[:, 1:].T, strict=True):
        if not np.isnan(place):
            out += slope[:, None] * filled[int(place)][:, rows]
    return out


def _predict(filled: Array, which: Array, beta: Array) -> Array:
    out = np.empty_like(filled)
    for column in range(filled.shape[1]):
        out[:, column] = _column(filled, which[:, column], beta[:, column])
    return out


def _expected(z: Array, which: Array, beta: Array) -> Array:
    """Columns with every missing cell where all regressions agree: one linear system a row."""
    columns = z.shape[1]
    slopes = np.zeros((columns, columns))
    for row, place in enumerate(which):
        used = np.flatnonzero(~np.isnan(place))
        slopes[place[used].astype(np.intp), used] = beta[row + 1, used]
    missing = np.isnan(z)
    filled = np.where(missing, 0.0, z)
    known = np.where(missing, beta[0] + filled @ slopes, filled)
    tied = _DAMPED * slopes.T * (missing[:, :, None] & missing[:, None, :])
    return np.asarray(np.linalg.solve(np.eye(columns) - tied, known[..., None])[..., 0])


def _rounds(gaps: list[int], which: Array) -> int:
    """One round where no predictor of a gap has gaps itself."""
    used = which[:, gaps]
    return _ROUNDS if np.isin(used[~np.isnan(used)].astype(np.intp), gaps).any() else 1


def _scatter(
    filled: Array, rows: Mapping[int, Index], donors: Array, rng: np.random.Generator
) -> None:
    """Start chains from observed values drawn at random, wider than where they end."""
    for column, own in rows.items():
        values = donors[:, column]
        values = values[~np.isnan(values)]
        if values.size:
            filled[column][:, own] = rng.choice(values, size=(filled.shape[1], len(own)))


def _posterior(learned: Learned, rng: np.random.Generator, m: int) -> tuple[Array, Array]:
    """Draws of coefficients (m, 1 + p, k) and residual standard deviations (m, k)."""
    freedom = learned["freedom"]
    chi = rng.chisquare(np.maximum(freedom, 1), size=(m, len(freedom)))
    residual = learned["residual"] * np.sqrt(np.maximum(freedom, 1) / chi)
    noise = rng.standard_normal((m, *learned["beta"].shape))
    moved = np.einsum("pqk,mqk->mpk", learned["root"], noise)
    return learned["beta"] + residual[:, None] * moved, residual


def _raw(filled: Array, learned: Learned) -> Array:
    """Back to raw units; a column without spread takes its only value."""
    size = np.where(np.isnan(learned["sd"]), 0.0, learned["sd"])
    return np.asarray(learned["mean"] + size * filled)
