"""What is counted of the draws, against the draws themselves: no bins, odd bands, partial scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dsr_risk as dr
from dsr_risk._util.scratch import Scratch
from dsr_risk.montecarlo.counts import CountSpec, DrawCounts, RankedScore
from tests.montecarlo.montecarlo_cases import made_data, made_framework

WEIGHTS = {"*.weights": {"method": "spread", "share": 0.5}}


def test_uncertainty_without_bins_keeps_moments_and_no_quantiles_or_bands() -> None:
    found = dr.uncertainty(made_framework(), made_data(), draws=700, factors=WEIGHTS, bins=0)
    sample, table = found.sample(), found.scores()
    np.testing.assert_allclose(table["mean"], sample.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(table["sd"], sample.std(axis=0, ddof=1), rtol=1e-9)
    assert table["median"].isna().all()
    assert found.bands().isna().all(axis=None)
    assert found.errors()["sd"].isna().all()


@pytest.mark.parametrize(
    ("scale", "bands", "bins"),
    [
        ((0, 100), {"low": 0, "mid": 33.3, "high": 51.7}, 1000),
        ((0, 100), {"low": 0, "mid": 45, "high": 55}, 7),
        ((1, 7), {"low": 1, "mid": 3.5, "high": 4.2}, 1000),
        ((-50, 50), {"low": -50, "mid": -5, "high": 5}, 10),
        # All bands start where a bin does; none does, though it would on a scale from 0; one of two does.
        ((-50, 50), {"low": -50, "mid": -10, "high": 10}, 10),
        ((1, 11), {"low": 1, "mid": 4, "high": 6.5}, 4),
        ((0, 100), {"low": 0, "mid": 45, "high": 50}, 10),
    ],
)
def test_bands_on_any_scale_and_between_bins_are_the_shares_of_the_draws(
    scale: tuple[float, float], bands: dict[str, float], bins: int
) -> None:
    framework = made_framework(scale=scale, bands=bands)
    found = dr.uncertainty(framework, made_data(), draws=900, factors=WEIGHTS, bins=bins)
    sample, table = found.sample(), found.bands()
    edges = [*bands.values(), np.inf]
    for number, label in enumerate(bands):
        inside = (sample >= edges[number]) & (sample < edges[number + 1])
        np.testing.assert_allclose(table[label], inside.mean(axis=0), atol=1e-12)
    assert 0 < table["high"].mean() < 1


def test_a_score_within_a_tie_of_the_start_of_a_band_is_in_the_band() -> None:
    score = float(dr.score(made_framework(), made_data()).values["risk"].iloc[0])
    bands = {"low": 0, "high": score + 1e-10}
    framework, data = made_framework(bands=bands), made_data()
    still = {"risk.weights": {"method": "spread", "share": 1e-15}}
    table = dr.uncertainty(framework, data, draws=64, factors=still, bins=7).bands()
    nominal = dr.score(framework, data)
    row = nominal.values.index[0]
    assert nominal.band.loc[row, "risk"] == "high"
    assert table.loc[row, "high"] == 1


def test_quantiles_of_units_that_some_options_do_not_score_are_those_of_the_other_draws() -> None:
    framework, frame = made_framework(), made_data().values
    second = [name for name in frame.columns if framework.parents[name] in ("g2", "g3")]
    frame.loc[frame.index[:3], second] = np.nan
    factors = {**WEIGHTS, "risk.min_children": {"method": "choice", "options": [1, 2]}}
    found = dr.uncertainty(framework, frame, draws=2000, factors=factors)
    sample, table = found.sample(), found.scores()
    lost = np.isnan(sample).any(axis=0)
    assert lost.sum() == 3
    np.testing.assert_allclose(table["scored"], (~np.isnan(sample)).mean(axis=0))
    np.testing.assert_allclose(table["mean"], np.nanmean(sample, axis=0), rtol=1e-9)
    for column, share in (("q05", 0.05), ("median", 0.5), ("q95", 0.95)):
        exact = np.nanquantile(sample, share, axis=0, method="inverted_cdf")
        np.testing.assert_allclose(table[column], exact, atol=0.11)


def spec(fast: bool) -> CountSpec:
    """Two units and one score on bins from 10 to 20, so that values may lie on either side."""
    units = np.arange(2)
    return CountSpec(
        nodes=("s",),
        scores=(RankedScore(0, (units,)),),
        columns=(units,),
        centre=np.zeros((1, 2)),
        low=np.array([10.0]),
        width=np.array([1.0]),
        bins=10,
        bands=np.array([12.5]),
        length=100.0,
        pairs=False,
        expected=(np.ones((1, 2), bool),),
        fast=fast,
    )


@pytest.mark.slow
@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize(
    "values", [[[5.0, 15.5]], [[15.5, 25.0]], [[5.0, 25.0]], [[11.2, 19.9], [-1e9, 1e9]]]
)
def test_values_outside_the_bins_count_in_the_bins_at_the_ends(values: Any, fast: bool) -> None:
    if fast:
        pytest.importorskip("numba")
    x = np.array(values)
    counts = DrawCounts.empty(spec(fast))
    # Guard cells beside the bins would show a write outside them.
    counts.count_block(spec(fast), x[None].copy(), np.zeros(len(x), np.intp), Scratch())
    place = np.clip(np.floor(x - 10), 0, 10).astype(int)
    expected = np.zeros((2, 11), int)
    for row in place:
        expected[0, row[0]] += 1
        expected[1, row[1]] += 1
    np.testing.assert_array_equal(counts.bins[0], expected)
    np.testing.assert_allclose(counts.total[0], x.sum(axis=0))
    assert counts.bins.sum() == x.size
