"""Main effects against chance, and what is known of every country."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.analysis.audit.statistics import chance_level, correlation_ratio
from tests.helpers import framework, group, indicator


@pytest.mark.slow
def test_chance_level_is_passed_by_about_one_useless_indicator_in_twenty() -> None:
    rng = np.random.default_rng(3)
    for n in (15, 60):
        x, y = rng.normal(size=(2, 200, n))
        passed = np.mean(
            [correlation_ratio(a, b) > chance_level(a, b) for a, b in zip(x, y, strict=True)]
        )
        # 200 trials: three standard errors of .05.
        assert passed == pytest.approx(0.05, abs=0.05)


def test_chance_level_falls_with_the_number_of_countries_and_needs_spread() -> None:
    x, y = np.random.default_rng(0).normal(size=(2, 400))
    levels = [chance_level(x[:n], y[:n]) for n in (15, 60, 400)]
    assert levels[0] > levels[1] > levels[2] > 0
    assert np.isnan(chance_level(np.ones(50), y[:50]))
    assert np.isnan(chance_level(x[:5], y[:5]))


def test_an_indicator_that_is_no_better_than_chance_is_silent() -> None:
    rng = np.random.default_rng(1)
    codes = list(dr.load_data().iso3[:40])
    frame = pd.DataFrame(rng.uniform(0, 100, (40, 3)), columns=list("abc"), index=codes)
    fw = framework(group("risk", indicator("a", 6), indicator("b", 6), indicator("c", 0.05)))
    found = dr.audit(dr.score(fw, frame))
    table = found.table()
    silent = table[(table["check"] == "silent") & (table["verdict"] == "warn")]
    assert silent["nodes"].tolist() == ["c"]
    assert "no more than chance gives" in silent["message"].item()
    importance = found.detail("importance")
    assert (
        importance.loc[["a", "b"], "main_effect"] > importance.loc[["a", "b"], "by_chance"]
    ).all()


@pytest.mark.slow
def test_countries_have_the_width_of_their_interval_and_their_estimated_share() -> None:
    scores = dr.score()
    table = dr.audit(scores, score="security").detail("countries")
    whole = scores.table(details=True)
    np.testing.assert_array_equal(
        table["estimated_share"], whole.loc[table.index, "security_estimated_share"]
    )
    none = table["estimated_share"] == 0
    assert (table.loc[none & (table["coverage"] == 1), "interval_width"] == 0).all()
    assert (table.loc[~none, "interval_width"] > 0).all()
    assert (table["interval_width"] <= table["bounds_width"] + 0.2).all()
    assert table["interval_width"].is_monotonic_decreasing
