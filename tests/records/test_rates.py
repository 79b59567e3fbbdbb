"""Rates of rare events and diffusion curves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

from dsr_risk.errors import DataError
from dsr_risk.records import logistic_diffusion, shrunk_rates
from dsr_risk.records.rates import rate_interval, recency
from dsr_risk.records.surveillance import unseen_kinds

EVENTS = st.lists(
    st.tuples(st.integers(0, 200), st.floats(0.05, 500.0)), min_size=1, max_size=15
).filter(lambda rows: any(count for count, _ in rows))


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(EVENTS)
def test_a_shrunken_rate_lies_between_the_raw_and_the_pooled_rate(rows: list) -> None:
    count, size = (np.array(one, dtype=float) for one in zip(*rows, strict=True))
    fit = shrunk_rates(count, size)
    raw = count / size
    low, high = np.minimum(raw, fit.pooled), np.maximum(raw, fit.pooled)
    assert (fit.rate >= low - 1e-9 * high).all()
    assert (fit.rate <= high + 1e-9 * high).all()
    assert (fit.lower <= fit.rate).all()
    assert (fit.rate <= fit.upper).all()


def test_small_countries_are_drawn_further_than_large_ones() -> None:
    fit = shrunk_rates([10, 1000, 5, 400], [1.0, 100.0, 5.0, 400.0])
    assert fit.weight[0] < fit.weight[1]
    assert (np.argsort(fit.weight) == np.argsort([1.0, 100.0, 5.0, 400.0])).all()


def test_countries_that_differ_by_chance_alone_share_one_rate() -> None:
    fit = shrunk_rates([2, 2, 2], [1.0, 1.0, 1.0])
    assert fit.rate.tolist() == [2, 2, 2]
    assert np.isinf(fit.prior_exposure)


@pytest.mark.slow
def test_the_prior_is_found_again_from_many_countries() -> None:
    rng = np.random.default_rng(4)
    size = rng.uniform(5, 50, 4000)
    rate = rng.gamma(3.0, 1 / 1.5, 4000)  # mean 2, prior exposure 1.5
    fit = shrunk_rates(rng.poisson(rate * size), size)
    assert fit.pooled == pytest.approx(2, rel=0.05)
    assert fit.prior_exposure == pytest.approx(1.5, rel=0.1)
    inside = (fit.lower <= rate) & (rate <= fit.upper)
    assert inside.mean() == pytest.approx(0.90, abs=0.015)


def test_equal_weights_give_the_exact_poisson_limits() -> None:
    count = np.array([0.0, 1.0, 7.0])
    low, high = rate_interval(count, count, np.ones(3), np.ones(3))
    assert np.allclose(low[1:], stats.chi2.ppf(0.05, 2 * count[1:]) / 2)
    assert np.allclose(high, stats.chi2.ppf(0.95, 2 * count + 2) / 2)
    assert low[0] == 0


def test_weight_halves_every_half_life() -> None:
    assert recency([0, 4], 2).tolist() == [1, 0.25]
    with pytest.raises(DataError, match="half_life must be above 0"):
        recency([1], 0)


def test_rates_need_exposure_and_events() -> None:
    with pytest.raises(DataError, match="above 0"):
        shrunk_rates([1], [0])
    with pytest.raises(DataError, match="no event"):
        shrunk_rates([0, 0], [1, 2])


@pytest.mark.parametrize("speed", [0.3, 0.8])
def test_a_logistic_curve_is_found_again(speed: float) -> None:
    years = np.arange(2000, 2031)
    middle = np.array([2012.0, 2016.5])
    most = 1_000_000
    curve = np.round(most / (1 + np.exp(-speed * (years - middle[:, None]))))
    fit = logistic_diffusion(years, curve, [most, most])
    assert np.allclose(fit.speed, speed, rtol=0.02)
    assert np.allclose(fit.midpoint, middle, atol=0.1)
    assert np.allclose(fit.at(2014), curve[:, 14] / most, atol=0.01)


def test_too_few_years_give_no_curve_and_impossible_counts_are_refused() -> None:
    assert np.isnan(logistic_diffusion([2019, 2020], [[0, 1]], [3]).speed[0])
    with pytest.raises(DataError, match="cannot fall"):
        logistic_diffusion([1, 2], [[2, 1]], [3])
    with pytest.raises(DataError, match="ceiling"):
        logistic_diffusion([1, 2], [[2, 5]], [3])


def test_no_kind_seen_once_means_none_unseen() -> None:
    assert unseen_kinds(np.array([0.0]), np.array([3.0]), np.array([6.0])).tolist() == [0]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [1e60, 1e308, 1e-60, 5e-324])
def test_rates_of_figures_beyond_any_count_are_refused(size: float) -> None:
    with pytest.raises(DataError, match="from 1e-50 to 1e\\+50"):
        shrunk_rates([1.0, 3.0], [size, 2.0])
    with pytest.raises(DataError, match="from 1e-50 to 1e\\+50"):
        shrunk_rates([size, 3.0], [1.0, 2.0])
    assert np.isfinite(shrunk_rates([1e40, 0.0], [1e-40, 2.0]).rate).all()
