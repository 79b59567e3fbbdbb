"""Small simulations with a fixed seed: intervals hold the truth about as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from dsr_risk.records.rates import shrunk_rates
from dsr_risk.records.sampling import hhi_interval

MARKETS = {
    0.05: np.full(20, 0.05),
    0.285: np.array([0.45, 0.2, 0.15, 0.1, 0.1]),
    0.485: np.array([0.65, 0.25, 0.1]),
    0.9038: np.array([0.95, 0.03, 0.02]),
}


@pytest.mark.parametrize("truth", MARKETS)
@pytest.mark.parametrize("records", [2, 4, 10, 30])
def test_hhi_interval_covers_in_markets_of_few_and_of_many(truth: float, records: int) -> None:
    market, rng = MARKETS[truth], np.random.default_rng(records)
    supplier = rng.choice(len(market), p=market, size=(1000, records))
    weight = np.exp(rng.normal(size=(1000, records)))
    weight /= weight.sum(axis=1, keepdims=True)
    share = np.stack([(weight * (supplier == i)).sum(axis=1) for i in range(len(market))], axis=1)
    _, lower, upper = hhi_interval(
        (share**2).sum(axis=1), (share**3).sum(axis=1), 1 / (weight**2).sum(axis=1), 0.9
    )
    inside = (lower <= (market**2).sum()) & ((market**2).sum() <= upper)
    assert inside.mean() >= 0.86


@pytest.mark.slow
@pytest.mark.parametrize(
    ("countries", "mean", "prior"), [(15, 1.0, 1.0), (15, 0.3, 0.5), (60, 0.3, 2.0)]
)
def test_shrunk_rates_intervals_cover_though_the_prior_is_estimated(
    countries: int, mean: float, prior: float
) -> None:
    rng = np.random.default_rng(3)
    inside = []
    for _ in range(1800 // countries):
        size = rng.lognormal(1.5, 1.5, countries)
        rate = rng.gamma(mean * prior, 1 / prior, countries)
        events = rng.poisson(rate * size)
        if not events.any():
            continue
        fit = shrunk_rates(events, size, confidence_level=0.9)
        inside.append((fit.lower <= rate) & (rate <= fit.upper))
    assert 0.85 <= np.mean(inside) <= 0.96


def test_shrunk_rates_of_alike_countries_have_an_interval() -> None:
    fit = shrunk_rates([2, 2, 2], [1.0, 1.0, 1.0])
    assert (fit.lower < 1.2).all()
    assert (fit.upper > 3.0).all()


def test_hhi_interval_has_the_standard_error_of_hoeffding_where_records_are_many() -> None:
    index, cubes, records = 0.4, 0.2, 200.0
    variance = (4 * (records - 2) * (cubes - index**2) + 2 * index * (1 - index)) / (
        records * (records - 1)
    )
    deviation, lower, upper = hhi_interval(index, cubes, records, 0.90)
    assert deviation == pytest.approx(np.sqrt(variance), rel=0.02)
    assert (upper - lower) / 2 == pytest.approx(1.645 * np.sqrt(variance), rel=0.05)
