"""Tornado, weights up and down, nodes left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk import readers
from dsr_risk.analysis.sensitivity.one_at_a_time import leave_one_out, tornado, weight_swings
from tests.analysis.sensitivity.sensitivity_cases import frame, framework, indicator, reference
from tests.folders import REFERENCE


def value(found: pd.DataFrame, node: str, change: str, unit: str) -> pd.Series:
    rows = found[(found["node"] == node) & (found["change"] == change) & (found["unit"] == unit)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_a_weight_of_50_percent_raised_to_60_scales_the_others_to_24_and_16() -> None:
    fw = framework(indicator("a", 0.5), indicator("b", 0.3), indicator("c", 0.2))
    scores = dr.score(fw, frame(a=[80, 0], b=[40, 100], c=[60, 50]))
    up = value(weight_swings(scores, share=0.2), "a", "+", "PAK")
    assert up["weight"] == pytest.approx(0.6)
    assert up["value"] == pytest.approx(67.2)
    assert up["gap"] == pytest.approx((80 - 64) / (1 - 0.5) * 0.1)


def test_a_weight_of_50_percent_lowered_to_45_reverses_two_countries() -> None:
    fw = framework(indicator("x", 1), indicator("y", 1))
    scores = dr.score(fw, frame(x=[90, 50], y=[10, 48]))
    assert scores.values["risk"].tolist() == pytest.approx([50, 49])
    found = weight_swings(scores, share=0.1)
    assert value(found, "x", "-", "PAK")["value"] == pytest.approx(46)
    assert value(found, "x", "-", "KEN")["value"] == pytest.approx(48.9)


def test_a_swing_above_the_whole_weight_stops_at_the_whole() -> None:
    fw = framework(indicator("x", 9), indicator("y", 1))
    found = weight_swings(dr.score(fw, frame(x=[90, 50], y=[10, 48])), share=1.0)
    assert value(found, "x", "+", "PAK")["value"] == pytest.approx(90)


def test_a_tornado_shows_each_factor_alone_at_its_tails() -> None:
    fw = framework(indicator("a", 0.5), indicator("b", 0.3), indicator("c", 0.2), focal=None)
    data = frame(a=[80, 0], b=[40, 100], c=[60, 50])
    found = tornado(
        fw,
        data,
        "PAK",
        confidence_level=1,
        factors={
            "a.normalisation.high": {"method": "uniform", "low": 90, "high": 110},
            "risk.aggregation": {"method": "choice", "options": ["arithmetic", "geometric"]},
        },
    )
    goalpost = found.loc["a.normalisation.high"]
    # On 0-90 an 80 scores 88.9, on 0-110 72.7; the grid stops half a step before both ends.
    assert goalpost["low"] == pytest.approx(64 + 0.5 * (80 / 1.1 - 80), abs=0.1)
    assert goalpost["high"] == pytest.approx(64 + 0.5 * (80 / 0.9 - 80), abs=0.1)
    other = dr.score(fw.replace({"risk.aggregation": "geometric"}), data).values.loc["PAK", "risk"]
    assert found.loc["risk.aggregation", ["low", "high"]].tolist() == pytest.approx([other, 64])
    assert found["nominal"].tolist() == pytest.approx([64, 64])
    assert found["width"].is_monotonic_decreasing


def test_a_tornado_names_what_is_not_there() -> None:
    fw = framework(indicator("a"), indicator("b"))
    data, factors = (
        frame(a=[80, 0], b=[40, 100]),
        {"risk.weights": {"method": "spread", "share": 0.1}},
    )
    with pytest.raises(dr.UnknownNameError, match="no data for FRA"):
        tornado(fw, data, "France", factors=factors)
    with pytest.raises(dr.UnknownNameError, match="did you mean `risk`"):
        tornado(fw, data, "PAK", score="rik", factors=factors)
    with pytest.raises(dr.FrameworkError, match="no factors"):
        tornado(fw, data, "PAK")
    with pytest.raises(dr.DataError, match="received 5"):
        tornado(fw, data, "PAK", factors=factors, confidence_level=5)


def test_leaving_out_a_node_is_scoring_the_framework_without_it() -> None:
    fw = framework(indicator("a", 5), indicator("b", 3), indicator("c", 2))
    data = frame(a=[80, 20, 50, 60], b=[40, 90, 10, 65], c=[60, 30, 70, 61])
    found = leave_one_out(dr.score(fw, data))
    without = dr.score(framework(indicator("b", 3), indicator("c", 2)), data[["b", "c"]])
    shift = (without.rank["risk"] - dr.score(fw, data).rank["risk"]).abs()
    assert found.loc["a", "mean_shift"] == pytest.approx(shift.mean())
    assert found.loc["a", "max_shift"] == shift.max()
    gap = (without.values["risk"] - dr.score(fw, data).values["risk"]).abs().mean()
    assert found.loc["a", "mean_gap"] == pytest.approx(gap)


def test_leaving_out_the_only_node_loses_every_score() -> None:
    found = leave_one_out(dr.score(framework(indicator("a")), frame(a=[80, 20])))
    assert found.loc["a", "lost"] == 2
    assert np.isnan(found.loc["a", "mean_shift"])


@pytest.mark.slow
def test_removing_each_group_of_the_asem_example_shifts_ranks_as_in_coinr() -> None:
    reference("asem_iMeta.csv")  # skips where the tables are absent
    folder = REFERENCE
    coin = readers.coinr(folder / "asem_iMeta.csv", folder / "asem_iData.csv")
    plain = dict(coin.framework)
    group = coin.groups["EurAsia_group"]
    plain["peers"] = {name: sorted(group.index[group == name]) for name in sorted(group.unique())}
    plain["defaults"] = plain["defaults"] | {
        "missing": {"method": "mean", "by": "peers"},
        "treatment": "gate",
    }
    found = leave_one_out(dr.score(dr.Framework.from_dict(plain), coin.data))
    want = {
        "Physical": 1.5294,
        "ConEcFin": 2.6275,
        "Political": 2.9020,
        "Instit": 1.1765,
        "P2P": 1.6863,
        "Environ": 3.0980,
        "Social": 3.9608,
        "SusEcFin": 2.6275,
    }
    for name, shift in want.items():
        assert found.loc[name, "mean_shift"] == pytest.approx(shift, abs=5e-5)


def test_tornado_ranks_among_printed_scores_only() -> None:
    frame = pd.DataFrame(
        {"a": [1.0, 2, 3, 9, 10], "b": [1.0, 2, 3, np.nan, np.nan]}, index=list("uvwxy")
    )
    children = [{"name": name, "higher_is": "riskier"} for name in "ab"]
    spec = {
        "name": "m",
        "units": "any",
        "scores": [{"name": "risk", "children": children, "min_coverage": 0.9}],
    }
    scores = dr.score(spec, frame)
    factors = {"*.weights": {"method": "spread", "share": 0.25}}
    row = dr.tornado(scores, "w", factors=factors).iloc[0]
    assert row[["rank_low", "rank_high", "rank_nominal"]].tolist() == [1, 1, 1]
    with pytest.raises(dr.NotScorableError, match="x has no risk score"):
        dr.tornado(scores, "x", factors=factors)


def test_weight_swings_of_one_score_are_those_rows_of_all(bundled: dr.Scores) -> None:
    every = weight_swings(bundled)
    for name in bundled.names:
        rows = every[every["score"] == name].reset_index(drop=True)
        pd.testing.assert_frame_equal(weight_swings(bundled, score=name), rows)
    with pytest.raises(dr.UnknownNameError, match="did you mean `security`"):
        weight_swings(bundled, score="securty")
