"""What a cell moves, derived indicators included: every analysis of cells agrees with a scenario."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from tests.helpers import IDENTITY, framework, group, indicator

pytestmark = pytest.mark.slow

SECURITY = "security"


def derived(name: str, *parts: str, **fields: object) -> dict[str, object]:
    """The product of two parts on 0-100."""
    return indicator(
        name, derived={"method": "product", "of": list(parts), "scale": 0.01}, **fields
    )


NESTED = framework(
    group(
        "risk",
        indicator("a"),
        derived("abc", "ab", "c"),
        indicator("d"),
    ),
    context=[
        {"name": "b", "higher_is": "riskier", "plausible": [0, 100], "column": "b_in_the_data"},
        {"name": "c", "higher_is": "riskier", "plausible": [0, 100]},
        {
            "name": "ab",
            "higher_is": "riskier",
            "derived": {"method": "product", "of": ["a", "b"], "scale": 0.01},
            "normalisation": IDENTITY,
        },
    ],
)
TABLE = pd.DataFrame(
    {
        "a": [60.0, 20.0, 90.0],
        "b_in_the_data": [70.0, 40.0, 10.0],
        "c": [80.0, 50.0, 30.0],
        "d": [10.0, 60.0, 40.0],
    },
    index=pd.Index(["PAK", "KEN", "LAO"], name="iso3"),
)


def after(scores: dr.Scores, country: str, cells: dict[str, float], score: str) -> float:
    """The score after a scenario that sets cells."""
    return float(dr.scenario(scores, {country: cells}).table(score)["after"].iloc[0])


@pytest.mark.parametrize("country", ["PAK", "KEN", "SRB"])
def test_elasticities_are_the_slopes_of_a_scenario(bundled: dr.Scores, country: str) -> None:
    table = dr.elasticities(bundled, country, score=SECURITY)
    for name in ("safeguards_gap", "surveillance_adoption"):
        value = table.at[name, "raw"]
        lower = after(bundled, country, {name: 0.999 * value}, SECURITY)
        slope = (bundled.values.at[country, SECURITY] - lower) / (0.001 * value)
        assert table.at[name, "left"] == pytest.approx(slope, rel=1e-6)
    assert table.at["safeguards_gap", "left"] > table.at["safeguards_gap", "by_value"]


def test_elasticities_through_derived_of_derived_are_closed_forms() -> None:
    scores = dr.score(NESTED, TABLE)
    table = dr.elasticities(scores, "PAK")
    # risk = (a + a b c / 10^4 + d) / 3
    assert table.at["a", "left"] == pytest.approx((1 + 0.70 * 0.80) / 3, rel=1e-6)
    assert table.at["b", "right"] == pytest.approx(0.60 * 0.80 / 3, rel=1e-6)
    assert table.at["c", "left"] == pytest.approx(0.60 * 0.70 / 3, rel=1e-6)
    assert table.at["b", "elasticity"] == pytest.approx(
        table.at["b", "left"] * 70 / scores.values.at["PAK", "risk"], rel=1e-6
    )


def test_elasticities_equal_the_gradient_of_the_compiled_model(bundled: dr.Scores) -> None:
    table = dr.elasticities(bundled, "PAK", score=SECURITY)
    compiled = bundled.model.compile(missing="share_weight")
    data = bundled.data.values.loc["PAK"].reindex(compiled.columns).to_numpy(float)
    slopes = pd.Series(
        compiled.gradient(data)[list(compiled.names).index(SECURITY)], compiled.columns
    )
    for name in ("safeguards_gap", "surveillance_adoption", "gci_2024", "ncsi_2026"):
        mean = table.loc[name, ["left", "right"]].mean()
        assert slopes[name] == pytest.approx(mean, rel=1e-5)


@pytest.mark.parametrize(
    ("country", "target"), [("PAK", {"rank": 100}), ("BEN", 14.0), ("KEN", 20.0)]
)
def test_a_pathway_reaches_its_target_as_a_scenario_does(
    bundled: dr.Scores, country: str, target: object
) -> None:
    found = dr.pathway(bundled, country, target, score=SECURITY)
    cells = {str(name): float(row["after"]) for name, row in found.table().iterrows()}
    assert after(bundled, country, cells, SECURITY) == pytest.approx(found.reached, abs=1e-6)
    assert found.reached <= found.target + 1e-6
    assert found.table()["effect"].sum() == pytest.approx(found.reached - found.start, abs=1e-6)
    assert "adoption_x_safeguards_gap" not in found._rows.index
    assert not found.exact


def test_a_pathway_takes_the_way_that_a_derived_indicator_makes_cheaper(bundled: dr.Scores) -> None:
    found = dr.pathway(bundled, "PAK", {"rank": 100}, score=SECURITY)
    # Safeguards move two indicators of which one is worth .16, the other .187 points a point.
    assert found.table().index.tolist() == ["safeguards_gap"]
    assert found.cost == pytest.approx(26.61, abs=0.01)


def test_a_part_that_is_no_indicator_can_be_the_action() -> None:
    scores = dr.score(NESTED, TABLE)
    found = dr.pathway(scores, "PAK", 30.0, actions={"actionable": ["b"]})
    # risk = (60 + .48 b + 10) / 3
    assert found.table().at["b", "after"] == pytest.approx((90 - 70) / 0.48, abs=1e-5)
    assert found.cost == pytest.approx(70 - (90 - 70) / 0.48, abs=1e-5)
    assert after(scores, "PAK", {"b_in_the_data": found.table().at["b", "after"]}, "risk") == (
        pytest.approx(30.0, abs=1e-6)
    )


@pytest.mark.parametrize("country", ["PAK", "KEN"])
def test_fragility_changes_cells_as_a_scenario_does(bundled: dr.Scores, country: str) -> None:
    table = dr.fragility(bundled, country, score=SECURITY, top=20).table()
    cells = table[(table["kind"] == "data") & ~table["change"].str.startswith("estimated")]
    assert {"safeguards_gap", "surveillance_adoption", "data_protection_level"} <= set(
        cells["node"]
    )
    assert "adoption_x_safeguards_gap" not in set(cells["node"])
    for row in cells.itertuples():
        start, _, rest = row.change.partition(" to ")
        raw = bundled.data.values.at[country, row.node]
        changed = float(rest.split()[0])
        if bundled.framework[row.node].ordinal is None:
            changed = raw * round(changed / float(start), 2)
        else:
            assert changed in bundled.framework[row.node].ordinal
        expected = after(bundled, country, {row.node: changed}, SECURITY)
        assert row.score == pytest.approx(expected, abs=1e-6)


def test_a_pathway_moves_codes_to_codes(bundled: dr.Scores) -> None:
    codes = bundled.framework["data_protection_level"].ordinal
    found = dr.pathway(
        bundled, "PAK", 37.0, score=SECURITY, actions={"actionable": ["data_protection_level"]}
    )
    # 2 points a level: 41.24 - 3 * 2 = 35.24 is the first at or below 37.
    assert found.table().at["data_protection_level", "after"] == 3
    assert 3 in codes
    assert found.reached == pytest.approx(found.start - 6.0)
    mixed = dr.pathway(
        bundled,
        "PAK",
        37.5,
        score=SECURITY,
        actions={"actionable": ["data_protection_level", "ncsi_2026"], "costs": {"ncsi_2026": 3.0}},
    )
    # Two levels save 4 points at a cost of 40; one level and 16.6 points of the other would cost 69.7.
    assert mixed.table()["after"].to_dict() == {"data_protection_level": 2.0}
    assert mixed.cost == pytest.approx(40.0)


def test_a_scenario_lists_the_indicators_that_follow_a_cell(bundled: dr.Scores) -> None:
    found = dr.scenario(bundled, {"PAK": {"safeguards_gap": "-10"}})
    moved = found.moved().set_index("indicator")
    assert found.table(SECURITY)["moved"].iloc[0] == len(moved) == 2
    gap = moved.loc["safeguards_gap"]
    before = bundled.values.at["PAK", "safeguards_gap"]
    assert (gap["points_before"], gap["points_after"]) == pytest.approx((before, before - 10))
    product = moved.loc["adoption_x_safeguards_gap"]
    assert product["status"] == "derived"
    assert product["points_before"] == pytest.approx(
        bundled.values.at["PAK", "adoption_x_safeguards_gap"]
    )


def test_a_scenario_of_a_part_two_levels_below_moves_the_indicator() -> None:
    found = dr.scenario(dr.score(NESTED, TABLE), {"PAK": {"b_in_the_data": 0.0}})
    assert found.table("risk")["after"].iloc[0] == pytest.approx((60 + 0 + 10) / 3)
    moved = found.moved().set_index("indicator")
    assert moved.at["abc", "points_before"] == pytest.approx(60 * 0.7 * 0.8)
    assert moved.at["b_in_the_data", "status"] == "scored"
    assert np.isnan(moved.at["b_in_the_data", "points_before"])
