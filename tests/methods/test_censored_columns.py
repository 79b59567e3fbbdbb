"""Cells with bounds are learned from: the quantiles of their column, and the normal model (Tobit)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import truncnorm

from dsr_risk.methods import Context, Imputer
from dsr_risk.methods._latent import score_knots
from dsr_risk.methods._normal_model import Censored, _inside, fit_normal


def context(low: np.ndarray, high: np.ndarray) -> Context:
    codes = np.array([f"C{row}" for row in range(len(low))], object)
    return Context(codes, low=low, high=high)


def censored_table(seed: int, n: int = 200) -> tuple[np.ndarray, ...]:
    """Columns of which the lowest two fifths of the first are only known to be low, and the true values."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, 3))
    truth = np.exp(0.8 * z[:, 0] + 0.4 * z[:, 1] + 0.4 * rng.normal(size=n))
    cut, lost = np.quantile(truth, 0.4), rng.random(n) < 0.3
    low_ones = (truth < cut) & ~lost
    x = np.column_stack([np.where(lost | low_ones, np.nan, truth), z])
    low, high = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    low[low_ones, 0], high[low_ones, 0] = 0.0, cut
    return x, low, high, truth, lost


@pytest.mark.parametrize("scale", ["ranks", "raw"])
def test_censored_cells_bring_estimates_of_missing_ones_nearer(scale: str) -> None:
    method = Imputer.parse({"method": "regression", "scale": scale})
    error, bias = [], []
    for seed in range(4):
        x, low, high, truth, lost = censored_table(seed)
        known = context(low, high)
        unknown = context(np.full(x.shape, np.nan), np.full(x.shape, np.nan))
        filled = [
            method.predict(x, known, method.fit(x, learned_from))[lost, 0]
            for learned_from in (known, unknown)
        ]
        error.append([np.abs(one - truth[lost]).mean() for one in filled])
        bias.append([(one - truth[lost]).mean() for one in filled])
    assert np.mean(error, axis=0)[0] < 0.95 * np.mean(error, axis=0)[1]
    assert abs(np.mean(bias, axis=0)[0]) < 0.6 * abs(np.mean(bias, axis=0)[1])


def test_the_model_of_a_censored_column_is_that_of_the_whole_column() -> None:
    rng = np.random.default_rng(1)
    z = rng.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], size=4000)
    seen = np.array(z)
    seen[z[:, 0] < 0, 0] = np.nan
    low = np.full(seen.shape, -np.inf)
    high = np.where(np.isnan(seen), 0.0, np.inf)
    mu, precision = fit_normal(seen, 1.0, censored=Censored(seen, low, high))
    covariance = np.linalg.inv(precision)
    np.testing.assert_allclose(mu, 0, atol=0.05)
    np.testing.assert_allclose(covariance, [[1, 0.8], [0.8, 1]], atol=0.06)
    # Without the bounds the observed half stands for the whole.
    alone = fit_normal(seen, 1.0)[0]
    assert alone[0] > 0.2


def test_two_bounded_cells_of_a_row_do_not_depend_on_the_order_of_columns() -> None:
    rng = np.random.default_rng(2)
    z = rng.normal(size=(60, 1)) + 0.7 * rng.normal(size=(60, 4))
    z[:10, :2], z[5:15, 2] = np.nan, np.nan
    low = np.where(np.isnan(z), -1.0, -np.inf)
    high = np.where(np.isnan(z), rng.uniform(-0.5, 1, z.shape), np.inf)
    order = np.array([2, 0, 3, 1])
    mu, precision = fit_normal(z, 5.0, censored=Censored(z, low, high))
    ends = low[:, order], high[:, order]
    other, turned = fit_normal(z[:, order], 5.0, censored=Censored(z[:, order], *ends))
    np.testing.assert_allclose(other, mu[order], atol=1e-9)
    np.testing.assert_allclose(turned, precision[np.ix_(order, order)], atol=1e-7)


def test_knots_share_cells_with_bounds_out_to_the_values_between() -> None:
    x = np.array([[2.0], [4.0], [6.0], [np.nan], [np.nan], [np.nan]])
    low = np.array([[np.nan], [np.nan], [np.nan], [0.0], [0.0], [-np.inf]])
    high = np.array([[np.nan], [np.nan], [np.nan], [1.0], [1.0], [4.0]])
    scores, values = (part[:, 0] for part in score_knots(x, np.nan_to_num(low, nan=-np.inf),
                                                         np.nan_to_num(high, nan=np.inf)))  # fmt: skip
    # Two cells lie in 0-1, where no value is; the third is below 4: of 4 values, one half each at 0 and 1.
    total = 6.0
    share = 1 / 4
    weight = np.array([1 + share, 1 + share, 1 + share, 1 + share, 1.0])
    last = np.cumsum(weight)
    assert sorted(set(values.tolist())) == [0, 1, 2, 4, 6]
    np.testing.assert_allclose(scores[values == 6], ndtri((last[-1] - 0.5) / total), atol=1e-6)
    np.testing.assert_allclose(
        scores[values == 2], ndtri(np.array([last[1] + 0.5, last[2] - 0.5]) / total), atol=1e-6
    )


def test_knots_without_bounds_are_those_of_the_values() -> None:
    x = np.array([[3.0], [1.0], [1.0], [np.nan]])
    open_ = np.full(x.shape, np.inf)
    for one, other in zip(score_knots(x), score_knots(x, -open_, open_), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(("low", "high"), [(-1.0, 2.0), (1.5, np.inf), (-np.inf, -3.0), (4.0, 5.0)])
def test_moments_between_bounds_are_those_of_the_truncated_normal(low: float, high: float) -> None:
    mean, variance, share = _inside(*(np.array([one]) for one in (low, high, 0.5, 2.0)))
    law = truncnorm((low - 0.5) / 2, (high - 0.5) / 2, loc=0.5, scale=2.0)
    assert mean[0] == pytest.approx(law.mean(), abs=1e-7)
    assert variance[0] == pytest.approx(law.var(), abs=1e-6)
    assert 0 < share[0] < 1


def test_bounds_that_are_hardly_possible_give_the_nearest_bound() -> None:
    mean, variance, _ = _inside(*(np.array([one]) for one in (60.0, 61.0, 0.0, 1.0)))
    assert (mean[0], variance[0]) == (60.0, 0.0)
