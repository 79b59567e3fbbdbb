"""Rounding puts no group outside its children, nor beside an end of the scale where its parent has a pole."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from tests.helpers import group, indicator

TURNED = {"method": "mirrored", "of": {"method": "geometric", "offset": 0}}
INNER = ["arithmetic", "harmonic", {"method": "geometric", "offset": 0}, "mean_min"]
DATA = pd.DataFrame(
    {"a": [100, 50, 20.0], "b": [100, 40, 10.0], "c": [30, 60, 80.0]}, index=["PAK", "KEN", "LAO"]
).rename_axis("iso3")


def spec(inner: object, first: float, second: float, above: object = TURNED) -> dict[str, object]:
    below = group("g", indicator("a", first), indicator("b", second), aggregation=inner, weight=0.5)
    return {"name": "own", "scores": [group("risk", below, indicator("c"), aggregation=above)]}


@pytest.mark.parametrize("inner", INNER, ids=str)
@pytest.mark.parametrize(("first", "second"), [(1.7, 2.8), (1.5, 3.0), (2.0, 1.0)])
def test_children_at_the_worst_value_give_exactly_it_in_the_score_and_in_draws(
    inner: object, first: float, second: float
) -> None:
    scores = dr.score(spec(inner, first, second), DATA)
    assert scores.evaluated.loc["PAK", "g"] == 100.0
    assert scores.values.loc["PAK", "risk"] == 100.0
    compiled = scores.model.compile()(DATA[["a", "b", "c"]].to_numpy())
    np.testing.assert_allclose(compiled[:, 0], scores.values["risk"], rtol=0, atol=1e-9)
    draws = dr.uncertainty(scores, draws=16, factors={}).sample("risk")
    np.testing.assert_allclose(
        draws, np.broadcast_to(scores.values["risk"], draws.shape), rtol=0, atol=1e-9
    )


@pytest.mark.parametrize("inner", INNER, ids=str)
def test_children_at_the_floor_give_exactly_it_in_draws(inner: object) -> None:
    above = {"method": "geometric", "offset": 0}
    scores = dr.score(spec(inner, 1.7, 2.8, above), 100 - DATA)
    draws = dr.uncertainty(scores, draws=16, factors={}).sample("risk")
    assert (np.asarray(draws)[:, 0] == scores.values.loc["PAK", "risk"]).all()
    assert scores.values.loc["PAK", "risk"] == 0.0
