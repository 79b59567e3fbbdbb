"""Scores at an end of the scale lie in their intervals; scores that are no mean of their draws are named."""

from __future__ import annotations

import numpy as np
import pandas as pd

import dsr_risk as dr
from tests.helpers import group, indicator

UNITS = pd.Index(["PAK", "KEN", "LAO", "GHA", "PER", "VNM"], name="iso3")
WEIGHTS = {"*.weights": {"method": "spread", "share": 0.25}}
ERRORS = {"*.data": {"method": "standard_error", "relative": 0.001}}


def test_a_score_at_the_floor_lies_in_its_interval() -> None:
    data = pd.DataFrame(
        {"a": [0.01, 50, 20, 30, 80, 100.0], "b": [0.01, 40, 10, 60, 90, 100.0]}, index=UNITS
    )
    goalposts = {"method": "goalposts", "low": 0.01, "high": 100}
    indicators = [indicator(name, normalisation=goalposts) for name in ("a", "b")]
    scores = dr.score({"name": "own", "scores": [group("risk", *indicators)]}, data)
    result = dr.uncertainty(scores, draws=512, factors={**WEIGHTS, **ERRORS})
    low, high = result._counts.interval(0, 0.05)
    value = scores.values["risk"].to_numpy()
    assert value[0] == 0.0
    assert (low <= value).all()
    assert (value <= high).all()


def notes(aggregation: str) -> list[str]:
    data = pd.DataFrame(
        {"a": [np.nan, 50, 20, 30, 80, 90.0], "b": [10, 40, 10, 60, 90, 20.0]}, index=UNITS
    )
    inner = group("g", indicator("a", missing="hot_deck"), indicator("b"), aggregation=aggregation)
    spec = {"name": "own", "scores": [group("risk", inner, indicator("b2"))]}
    scores = dr.score(spec, data.assign(b2=data["b"]))
    found = dr.uncertainty(scores, draws=64, factors=WEIGHTS).notes
    return [note for note in found if "not the mean of its draws" in note]


def test_a_score_with_estimates_under_a_maximum_is_said_not_to_be_the_mean_of_its_draws() -> None:
    assert notes("arithmetic") == []
    (note,) = notes("maximum")
    assert "the risk score of 1 of 6 units" in note
    assert "`g` (maximum)" in note
