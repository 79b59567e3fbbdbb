"""Scenarios and their ranges on a selection, on a year of a panel, and without a model of missing cells."""

from __future__ import annotations

import pandas as pd
import pytest

import dsr_risk as dr

FEW = ["PAK", "KEN", "SRB"]
PANEL = {
    "name": "case",
    "scores": [{"name": "risk", "children": [
        {"name": "debt", "higher_is": "riskier", "weight": 2}, {"name": "gci", "higher_is": "safer"},
    ]}],
    "factors": {
        "*.weights": {"method": "spread", "share": 0.2},
        "risk.aggregation": {"method": "choice", "options": ["as_written", {"method": "power", "p": 2}]},
    },
}  # fmt: skip


def panel() -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "iso3": ["KEN", "PAK", "LAO", "AUT"],
            "debt": [10.0, 30.0, 80.0, 55.0],
            "gci": [50.0, 40.0, 20.0, 70.0],
        }
    )
    return pd.concat([frame.assign(year=2020), frame.assign(year=2021, debt=frame["debt"] + 3)])


@pytest.mark.slow
def test_ranges_of_a_selection_are_those_of_all_scores(scores: dr.Scores) -> None:
    chosen = scores.select(countries=FEW)
    found = dr.scenario(chosen, "incident_shock", countries=["SRB"])
    whole = dr.scenario(scores, "incident_shock", countries=["SRB"])
    pd.testing.assert_frame_equal(found.table(), whole.table())
    pd.testing.assert_frame_equal(found.ranges(draws=32), whole.ranges(draws=32))


def test_ranks_of_a_selection_move_among_all_countries(scores: dr.Scores) -> None:
    found = dr.scenario(
        scores.select(countries=FEW),
        {"levers": [{"lever": "incident_shock", "count": 9}]},
        countries=["SRB"],
    )
    row = found.table("security").loc["SRB"]
    assert row["rank_before"] == scores.rank.loc["SRB", "security"]
    assert row["rank_after"] < row["rank_before"]
    assert found.table().index.unique().tolist() == ["SRB"]


def test_groups_and_files_touch_only_what_is_selected(scores: dr.Scores) -> None:
    chosen = scores.select(countries=["SRB", "POL", "ZMB"])
    assert set(dr.scenario(chosen, "incident_shock", countries="all").table().index) == {
        "SRB",
        "POL",
        "ZMB",
    }
    assert set(dr.scenario(chosen, "debt_relief").table().index) == {"ZMB"}


def test_a_scenario_of_other_countries_says_who_is_selected(scores: dr.Scores) -> None:
    with pytest.raises(
        dr.UnknownNameError, match="no country of `incident_shock` is in the selection"
    ):
        dr.scenario(scores.select(countries=FEW), "incident_shock", countries=["POL"])


def test_ranks_and_ranges_of_a_year_of_a_panel() -> None:
    found = dr.scenario(dr.score(PANEL, panel()), {"KEN": {"debt": 90}})
    row = found.table().loc["KEN"]
    assert (row["rank_before"], row["rank_after"]) == (4, 2)
    ranges = found.ranges(draws=32)
    assert (ranges["change_low"] > 0).all()
    assert (ranges["change_low"] < ranges["change_high"]).all()


@pytest.mark.slow
def test_ranges_without_a_model_of_missing_cells_come_from_the_other_factors() -> None:
    framework = dr.load_framework().replace({"defaults.missing": "share_weight"})
    found = dr.scenario(dr.score(framework), "debt_relief", countries=["ZMB"])
    row = found.ranges(draws=64).set_index("score").loc["dependency"]
    assert row["change_low"] < row["change"] < row["change_high"] < 0
