"""Moment-independent sensitivity of the draws of an uncertainty analysis, in one call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dsr_risk as dr
from dsr_risk.scoring.ranking import ranks_of
from tests.montecarlo.montecarlo_cases import made_data, made_framework

DRAWN: dict[str, Any] = {
    "*.weights": {"method": "spread", "share": 0.3},
    "*.goalposts": {"method": "uniform", "share": 0.1},
    "risk.aggregation": {"method": "choice", "options": ["arithmetic", "geometric", "harmonic"]},
    "*.data": {"method": "standard_error", "relative": 0.02},
}


@pytest.mark.slow
def test_existing_draws_are_made_again_with_their_inputs() -> None:
    drawn = dr.uncertainty(
        made_framework(indicators=6, groups=2), made_data(), draws=2048, factors=DRAWN
    )
    inputs = drawn.inputs()
    assert inputs.shape == (2048, drawn._counts.design.dimension)
    assert {"risk.aggregation", "*.weights: i0", "*.goalposts: i5 high"} <= set(inputs.columns)
    assert set(inputs["risk.aggregation"]) == {0.0, 1.0, 2.0}
    code = str(drawn.units[4])
    for quantity, y in (
        ("score", drawn.sample()[:, 4]),
        ("rank", ranks_of(drawn.sample(), 100.0)[:, 4]),
    ):
        found = dr.sensitivity_from_draws(
            drawn, method="pawn", quantity=quantity, targets=[code], resamples=5
        )
        plain = dr.sensitivity_from_draws(inputs, y, method="pawn", resamples=5)
        np.testing.assert_array_equal(
            found.loc[plain.index, code].to_numpy(), plain["y0"].to_numpy()
        )
        # Errors of single cells have no number of their own to be known by.
        assert found.loc["*.data"].isna().all()
    every = dr.sensitivity_from_draws(drawn, "p0", method="pawn", resamples=2)
    assert every.columns.get_level_values(0).nunique() == 30


@pytest.mark.slow
def test_draws_that_do_not_serve_are_refused_with_the_reason(
    fw: dr.Framework, data: dr.Data
) -> None:
    drawn = dr.uncertainty(fw, data, draws=256)
    asks: list[tuple[dict[str, Any], str]] = [
        ({"y": "securty"}, "did you mean `security`"),
        ({"y": "gci", "quantity": "rank"}, "unknown node `gci`"),
        ({"targets": ["Pakstan"]}, "did you mean `Pakistan`"),
        ({"targets": ["China"]}, "has no value"),
        ({"quantity": "place"}, "known: `score`, `rank`"),
        ({"y": np.zeros(3)}, "name of a node"),
    ]
    for asked, words in asks:
        with pytest.raises(dr.DsrRiskError, match=words):
            dr.sensitivity_from_draws(drawn, **asked)
    cells = dr.uncertainty(fw, data, draws=64, factors={"*.missing": {"method": "peers"}})
    with pytest.raises(dr.DataError, match="numbers of its own"):
        dr.sensitivity_from_draws(cells)
    with pytest.raises(dr.DataError, match="must be the outputs"):
        dr.sensitivity_from_draws(np.zeros((300, 2)))


def test_a_country_that_some_choices_leave_out_has_no_measure(
    fw: dr.Framework, data: dr.Data
) -> None:
    focal = {"focal": {"method": "choice", "options": ["CHN", "USA"]}}
    drawn = dr.uncertainty(fw, data, draws=512, factors=focal)
    found = dr.sensitivity_from_draws(drawn, "security", method="pawn", targets=["CHN", "DEU"])
    assert found["CHN"].isna().all(axis=None)
