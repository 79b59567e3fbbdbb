"""Every lever: sign, side effects and what it says where it moves nothing."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import dsr_risk as dr
from dsr_risk.analysis.scenario.changes import changed
from dsr_risk.analysis.scenario.layer_shares import Holder, LayerShares
from dsr_risk.data.units import row_of
from tests.analysis.scenario.cases import SHARES, full_scores
from tests.helpers import framework, group

THREE = LayerShares.of(
    "CHN",
    [Holder("Huawei", "CHN", 0.5), Holder("Nokia", "FIN", 0.3), Holder("Ericsson", "SWE", 0.2)],
)
CELLS = LayerShares("CHN", None, 0.5, 0.38)


@pytest.fixture(scope="module")
def full() -> dr.Scores:
    return full_scores()


def moves(
    scores: dr.Scores, country: str, lever: dict[str, Any], **options: Any
) -> dict[str, float]:
    """The change of each headline."""
    table = dr.scenario(scores, {"levers": [lever]}, countries=[country], **options).table()
    return dict(zip(table["score"], table["change"], strict=True))


# -- arithmetic of shares ---------------------------------------------------------------------------


@pytest.mark.parametrize("shares", [THREE, CELLS], ids=["records", "cells"])
def test_a_ban_lowers_the_focal_share_and_raises_the_concentration(shares: LayerShares) -> None:
    after = shares.capped(["CHN"], 0.0)
    assert after.focal_share == pytest.approx(0.0)
    assert after.hhi == pytest.approx(0.52)


@pytest.mark.parametrize("shares", [THREE, CELLS], ids=["records", "cells"])
def test_a_cap_shares_the_excess_out_pro_rata(shares: LayerShares) -> None:
    after = shares.capped(["CHN"], 0.4)
    assert after.focal_share == pytest.approx(0.4)
    assert after.hhi == pytest.approx(0.3472)


def test_half_of_the_largest_goes_to_the_smallest() -> None:
    after = THREE.swapped(THREE.holders[0], THREE.holders[2], 0.25)  # type: ignore[index]
    assert [one.share for one in after.holders or ()] == pytest.approx([0.25, 0.3, 0.45])
    assert after.hhi == pytest.approx(0.355)
    cells = CELLS.swapped(Holder("CHN", "CHN", 0.5), Holder("SWE", "SWE", 0.2), 0.25)
    assert cells.hhi == pytest.approx(0.355)


@pytest.mark.parametrize("shares", [THREE, CELLS], ids=["records", "cells"])
def test_a_newcomer_takes_from_all_others(shares: LayerShares) -> None:
    after = shares.entered(Holder("Samsung", "KOR", 0.15))
    assert after.focal_share == pytest.approx(0.425)
    assert after.hhi == pytest.approx(0.85**2 * 0.38 + 0.15**2)


def test_shares_that_are_none_are_refused() -> None:
    with pytest.raises(dr.DataError, match="add up to at most 1"):
        LayerShares.of("CHN", [Holder("a", "CHN", 0.7), Holder("b", "SWE", 0.7)])


@pytest.mark.parametrize(
    ("change", "after"), [("+10", 70.0), ("-5 %", 57.0), ("*1.5", 90.0), ("/2", 30.0), (70, 70.0)]
)
def test_a_change_as_people_write_it(change: Any, after: float) -> None:
    assert changed(60.0, change) == pytest.approx(after)


# -- phasing ----------------------------------------------------------------------------------------


def test_phasing_takes_its_share_of_the_years(full: dr.Scores) -> None:
    # 60 to 0 over five years: 36 after two, 0 after seven.
    from dsr_risk.analysis.scenario.levers import CellChange
    from dsr_risk.analysis.scenario.record_set import RecordSet
    from dsr_risk.analysis.scenario.sheet import Sheet

    lever = CellChange(cells={"digital_capacity": 0.0}, years=5.0)
    for t, expected in ((2, 36.0), (7, 0.0)):
        sheet = Sheet(full, {}, RecordSet())
        row = row_of(full.data, "SRB")
        assert sheet.value(row, "digital_capacity") == 60.0
        lever.apply(sheet, row, t)
        assert sheet.value(row, "digital_capacity") == pytest.approx(expected)


# -- the thirteen levers, on records of three countries ----------------------------------------------


@pytest.mark.parametrize("cap", [0.0, 0.35])
def test_restrict_hrv_lowers_both_scores_of_kenya(full: dr.Scores, cap: float) -> None:
    lever = {"lever": "restrict_hrv", "cap": cap}
    found = dr.scenario(full, {"levers": [lever]}, countries=["KEN"], shares=SHARES)
    change = found.table().set_index("score")["change"]
    assert change["dependency"] < 0
    assert change["security"] < -5
    moved = found.moved().set_index("indicator")
    assert moved.loc["ran_focal_share", "after"] == pytest.approx(cap)
    expected = 0.52 if cap == 0 else 0.35**2 + (0.65 / 0.5) ** 2 * 0.13
    assert moved.loc["ran_supplier_hhi", "after"] == pytest.approx(expected)
    assert "stranded base" in " ".join(found.notes)
    if cap == 0:
        effects = found.effects("dependency").set_index("indicator")
        assert effects.loc["ran_supplier_hhi", "against"]
        assert not effects.loc["ran_focal_share", "against"]
        assert moved.loc["qualified_supplier_scarcity", "after"] == pytest.approx(1 / 3)


def test_supplier_swap_lowers_the_focal_share_and_may_raise_the_concentration(
    full: dr.Scores,
) -> None:
    lever = {
        "lever": "supplier_swap",
        "layer": "ran",
        "from": "Huawei",
        "to": "Nokia",
        "share": 0.5,
    }
    found = dr.scenario(full, {"levers": [lever]}, countries=["KEN"], shares=SHARES)
    change = found.table().set_index("score")["change"]
    assert change["dependency"] < 0
    assert change["security"] < 0
    moved = found.moved().set_index("indicator")
    assert moved.loc["ran_supplier_hhi", "after"] > moved.loc["ran_supplier_hhi", "before"]
    inside = dr.scenario(
        full, {"levers": [{**lever, "to": "ZTE"}]}, countries=["KEN"], shares=SHARES
    )
    assert "itself of the focal origin" in " ".join(inside.notes)


def test_new_entrant_lowers_both(full: dr.Scores) -> None:
    found = moves(full, "KEN", {"lever": "new_entrant", "share": 0.15}, shares=SHARES)
    assert found["dependency"] < 0
    assert found["security"] < 0
    dearer = {"lever": "new_entrant", "share": 0.15, "price_gap": 0.5}
    assert moves(full, "KEN", dearer, shares=SHARES)["security"] > found["security"]


def test_a_haircut_lowers_dependency_and_nothing_else(full: dr.Scores) -> None:
    found = moves(full, "PAK", {"lever": "debt_renegotiation", "haircut": 0.2})
    assert found["dependency"] < 0
    assert found["security"] == 0


def test_a_haircut_on_ratios_alone() -> None:
    # Debt 5 of GNI 50 is 10 %; a haircut of 20 % leaves 8 %, which is 32 on goalposts 0-25.
    scores = full_scores()
    bare = dr.score(
        scores.framework,
        scores.data.values.drop(columns=["gdp_usd", "external_debt_usd"]).assign(
            debt_to_focal_gni=[10.0, 5.0, 9.0]
        ),
    )
    lever = {"lever": "debt_renegotiation", "haircut": 0.2}
    found = dr.scenario(bare, {"levers": [lever]}, countries=["KEN"])
    moved = found.moved().set_index("indicator")
    assert moved.loc["debt_to_focal_gni", "after"] == pytest.approx(8.0)
    assert moved.loc["debt_to_focal_gni", "points_after"] == pytest.approx(32.0)


def test_a_new_loan_of_the_focal_lender_raises_dependency(full: dr.Scores) -> None:
    lever = {"lever": "new_loan_package", "amount": 1e9, "digital_share": 0.3}
    assert moves(full, "KEN", lever)["dependency"] > 0
    other = dr.scenario(
        full, {"levers": [{**lever, "creditor": "World Bank"}]}, countries=["KEN"]
    ).moved()
    moved = other.set_index("indicator")
    # The focal share falls, debt and its service rise.
    assert moved.loc["focal_share_external_debt", "after"] < 0.18
    assert "focal_digital_finance_gdp" not in moved.index


def test_sanction_supplier_raises_security_and_dependency(full: dr.Scores) -> None:
    found = moves(full, "SRB", {"lever": "sanction_supplier"}, shares=SHARES)
    assert found["security"] > 0
    assert found["dependency"] > 0


def test_decoupling_without_records_of_origin_says_so(full: dr.Scores) -> None:
    lever = {"lever": "decoupling", "remove": ["USA"]}
    found = dr.scenario(full, {"levers": [lever]}, countries=["SRB"])
    assert found.table()["change"].eq(0).all()
    assert "moves nothing here: no share of USA known in Serbia" in set(found.nothing()["reason"])


def test_standards_adoption_raises_dependency_only(full: dr.Scores) -> None:
    found = moves(full, "SRB", {"lever": "standards_adoption", "uptake": 0.2})
    assert found["dependency"] > 1
    assert found["security"] == 0


def test_data_protection_reform_lowers_security_only(full: dr.Scores) -> None:
    found = moves(full, "PAK", {"lever": "dp_reform", "law": True, "authority": True})
    assert found["security"] == pytest.approx(-4.0, abs=0.5)
    assert found["dependency"] == 0


def test_digital_assistance_lowers_both_and_saturates(full: dr.Scores) -> None:
    weak = moves(full, "PAK", {"lever": "digital_assistance", "uptake": 0.2})
    strong = moves(full, "SRB", {"lever": "digital_assistance", "uptake": 0.2})
    assert weak["security"] < strong["security"] < 0
    assert weak["dependency"] < 0
    kept = {"lever": "digital_assistance", "gci": 10}
    assert moves(full, "SRB", kept)["security"] == 0


def test_takeover_and_divestment_cross_the_line_of_control(full: dr.Scores) -> None:
    assert moves(full, "PAK", {"lever": "takeover", "stake": 0.4, "before": 0.2})["dependency"] > 0
    lever = {"lever": "takeover", "stake": 0.2486, "before": 0.3033, "firm": "Paytm"}
    found = dr.scenario(full, {"levers": [lever]}, countries=["PAK"])
    assert found.table().set_index("score").loc["dependency", "change"] < 0
    assert "Paytm goes below the line of 25%" in " ".join(found.notes)


def test_takeover_with_a_date_moves_nothing_before_it(full: dr.Scores) -> None:
    dated = dr.score(full.framework, dataclasses.replace(full.data, edition=2024))
    lever = {"lever": "takeover", "stake": 0.4, "before": 0.2, "date": 2026, "years": 2}
    found = dr.scenario(dated, {"levers": [lever]}, countries=["PAK"])
    path = found.path()["dependency"].to_numpy()
    assert len(path) == 5
    assert path[0] == path[1] == path[2]
    assert path[2] < path[3] < path[4]
    assert path[4] == found.after.values.loc["PAK", "dependency"]
    assert "the stake changes hands in 2026" in " ".join(found.notes)
    early = dr.scenario(dated, {"levers": [lever]}, countries=["PAK"], years=1)
    assert early.table("dependency")["change"].item() == 0


def test_an_incident_raises_security_only(full: dr.Scores) -> None:
    found = moves(full, "SRB", {"lever": "incident_shock"})
    assert found["security"] > 0
    assert found["dependency"] == 0


def test_a_rollout_raises_security_and_a_moratorium_lowers_it(full: dr.Scores) -> None:
    assert moves(full, "KEN", {"lever": "safe_city_rollout"})["security"] > 0
    assert moves(full, "KEN", {"lever": "safe_city_rollout", "moratorium": True})["security"] < 0


# -- on the bundled data ------------------------------------------------------------------------------


def test_incidents_weigh_more_in_a_small_country_and_decay(scores: dr.Scores) -> None:
    small = moves(scores, "SRB", {"lever": "incident_shock"})["security"]
    poland = moves(scores, "POL", {"lever": "incident_shock"})["security"]
    assert small > poland > 0
    five = moves(scores, "SRB", {"lever": "incident_shock", "count": 5})["security"]
    assert five > small
    half = {"lever": "incident_shock", "half_life": 2.0}
    assert 0 < moves(scores, "SRB", half, years=4.0)["security"] < small
    assert moves(scores, "SRB", {"lever": "incident_shock", "claim": "refuted"})["security"] == 0


def test_the_lender_decides_what_a_loan_does(scores: dr.Scores) -> None:
    loan = {"lever": "new_loan_package", "amount": 1e9, "digital_share": 0.3}
    chinese = moves(scores, "SRB", loan)["dependency"]
    other = moves(scores, "SRB", {**loan, "creditor": "World Bank"})["dependency"]
    assert chinese > 1
    assert abs(other) < chinese / 5


def test_a_swap_of_imports_by_cells(scores: dr.Scores) -> None:
    lever = {
        "lever": "supplier_swap",
        "layer": "imports",
        "from": "CHN",
        "to": "ITA",
        "points": 0.05,
    }
    found = dr.scenario(scores, {"levers": [lever]}, countries=["SRB"])
    assert found.table().set_index("score").loc["dependency", "change"] < 0
    moved = found.moved().set_index("indicator")
    change = moved["after"] - moved["before"]
    assert change["imports_focal_share"] == pytest.approx(-5.0)
    assert "is not known and taken as 0" in " ".join(found.notes)


def test_decoupling_of_south_korea(scores: dr.Scores) -> None:
    found = dr.scenario(scores, "decoupling", countries=["South Korea"])
    moved = found.moved().set_index("indicator")
    assert moved.loc["imports_focal_share", "after"] == 0
    assert found.table().set_index("score").loc["dependency", "change"] < -5


def test_a_rollout_and_a_moratorium_by_cells(scores: dr.Scores) -> None:
    assert moves(scores, "SRB", {"lever": "safe_city_rollout"})["security"] > 0
    lever = {"lever": "safe_city_rollout", "moratorium": True}
    assert moves(scores, "KAZ", lever)["security"] < 0


def test_a_first_piece_of_evidence_never_lowers_a_score(scores: dr.Scores) -> None:
    without = scores.data._matrix(["surveillance_adoption"])[:, 0]
    scored = scores.values["security"].notna().to_numpy()
    codes = [str(code) for code in scores.data.iso3[np.isnan(without) & scored]]
    table = dr.scenario(
        scores, {"levers": [{"lever": "safe_city_rollout", "techniques": 4}]}, countries=codes
    ).table("security")
    assert (table["change"] >= -1e-9).all()


def test_assistance_to_given_levels(scores: dr.Scores) -> None:
    lever = {"lever": "digital_assistance", "capacity": 30, "gci": 45, "ncsi": 45}
    found = moves(scores, "ETH", lever)
    assert found["security"] < -1


def test_roles_of_a_framework_of_ones_own() -> None:
    fw = framework(
        group(
            "risk",
            {"name": "mine", "higher_is": "riskier", "normalisation": {"method": "goalposts", "low": 0, "high": 1}},
            {"name": "other", "higher_is": "riskier", "normalisation": {"method": "goalposts", "low": 0, "high": 1}},
        )
    )  # fmt: skip
    import pandas as pd

    frame = pd.DataFrame(
        {"mine": [0.5, 0.2], "other": [0.1, 0.9]}, index=pd.Index(["KEN", "POL"], name="iso3")
    )
    scores = dr.score(fw.replace({"focal": "CHN"}), frame)
    spec = {"levers": [{"lever": "decoupling"}], "roles": {"imports.focal_share": "mine"}}
    found = dr.scenario(scores, spec, countries=["KEN"])
    assert found.table()["change"].tolist() == pytest.approx([-25.0])
    declared = scores.framework.replace({"mine.role": "imports.focal_share"})
    same = dr.scenario(
        dr.score(declared, frame), {"levers": [{"lever": "decoupling"}]}, countries="KEN"
    )
    assert same.table()["change"].equals(found.table()["change"])
    with pytest.raises(dr.UnknownNameError, match="did you mean `imports.focal_share`"):
        dr.scenario(scores, {**spec, "roles": {"import.focal_share": "mine"}}, countries=["KEN"])


def test_incidents_are_added_to_the_bundled_rate_with_its_own_prior():
    """A Gamma-Poisson rate is (k + a) / (m + b): k more incidents add k / (m + b)."""
    scores = dr.score()
    found = dr.scenario(
        scores, {"levers": [{"lever": "incident_shock", "count": 5}]}, countries=["SRB"]
    )
    before, after = (
        one.data.cell("SRB", "incident_rate")["value"] for one in (scores, found.after)
    )
    people = scores.data.cell("SRB", "population")["value"] / 1e6
    assert after - before == pytest.approx(5 / (people + 1.11738), rel=1e-6)


def test_kit_raises_cyber_capacity_alone(bundled: dr.Scores) -> None:
    lever = {"lever": "digital_assistance", "kit": 0.5}
    found = dr.scenario(bundled, {"levers": [lever]}, countries=["ETH"])
    moved = found.moved().set_index("indicator")
    assert set(moved.index) <= {"gci_2024", "ncsi_2026"}
    row = row_of(bundled.data, "ETH")
    (before,) = bundled.data._matrix(["gci_2024"])[row]
    assert moved.loc["gci_2024", "after"] == pytest.approx(before + (100 - before) / 2)
    assert found.table("security")["change"].item() < 0


def test_an_incident_beyond_the_goalpost_and_an_unknown_partner_say_so(bundled: dr.Scores) -> None:
    shock = dr.scenario(bundled, {"levers": [{"lever": "incident_shock"}]}, countries=["Estonia"])
    assert shock.table("security")["reason"].item() == "beyond the goalpost: incident_rate"
    lever = {"lever": "decoupling", "remove": "USA"}
    left = dr.scenario(bundled, {"levers": [lever]}, countries=["Mexico"])
    assert "no share of USA known in Mexico" in left.table("dependency")["reason"].item()


def test_a_haircut_raises_no_dependency_where_commitments_fall_with_it(bundled: dr.Scores) -> None:
    lever = {"lever": "debt_renegotiation", "haircut": 0.2}
    found = dr.scenario(bundled, {"levers": [lever]}, countries=["Zambia", "Pakistan", "Laos"])
    assert (found.table("dependency")["change"] < 0).all()
    assert "focal_commitments_usd" in set(found.moved()["indicator"])
