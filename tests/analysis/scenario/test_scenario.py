"""Scenarios as data: bundled files, laws, attribution, stress tests, the command, bad input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.analysis.scenario.definition import as_scenario, bundled_names
from tests.analysis.scenario.cases import SHARES, full_scores
from tests.helpers import run

BUNDLED = (
    "data_protection_reform", "debt_relief", "decoupling", "digital_assistance", "eu_toolbox",
    "incident_wave", "new_package", "safe_city_rollout",
)  # fmt: skip

FULL = dr.load_framework("dsr-full")
GCI, NCSI = (
    next(one for one in names if one in FULL)
    for names in (("gci", "gci_2024"), ("ncsi", "ncsi_2026"))
)


def test_eight_scenarios_are_bundled_with_title_source_and_rationale() -> None:
    assert tuple(sorted(bundled_names())) == BUNDLED
    for name in BUNDLED:
        found = as_scenario(name)
        assert found.title
        assert found.source
        assert found.rationale
        assert found.expected
        assert dr.Scenario.from_dict(found.to_dict(), name) == found


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_scenario_has_its_expected_signs(name: str, bundled: dr.Scores) -> None:
    found = dr.scenario(bundled, name)
    table = found.table()
    for headline, sign in found.scenario.expected.items():
        change = table.loc[table["score"] == headline, "change"].dropna()
        assert len(change)
        if sign == "none":
            assert (change == 0).all(), headline
            reasons = table.loc[table["score"] == headline, "reason"]
            assert reasons.str.startswith(("moves nothing here:", "beyond the goalpost")).all()
        elif sign == "up":
            assert (change > 0).all(), headline
        elif sign == "down":
            assert (change < 0).all(), headline


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
def test_countries_that_are_not_touched_stay_bit_identical(name: str, bundled: dr.Scores) -> None:
    before = bundled._values.copy()
    found = dr.scenario(bundled, name)
    touched = np.isin(bundled.data.iso3, found.table().index.unique())
    assert np.array_equal(found.after._values[~touched], bundled._values[~touched], equal_nan=True)
    assert np.array_equal(bundled._values, before, equal_nan=True)
    assert found.after.rank.shape == bundled.rank.shape


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
def test_effects_by_indicator_add_up_to_the_change(name: str, bundled: dr.Scores) -> None:
    found = dr.scenario(bundled, name)
    for headline in bundled.names:
        effects = found.effects(headline).groupby("iso3")["points"].sum()
        table = found.table(headline)["change"].dropna()
        for code, change in table.items():
            assert effects.get(code, 0.0) == pytest.approx(change, abs=1e-7)


def test_an_empty_scenario_changes_nothing(scores: dr.Scores) -> None:
    for spec in ({}, {"levers": []}, {"title": "nothing", "levers": [], "cells": {}}):
        found = dr.scenario(scores, spec)
        assert found.after is scores
        assert found.moved().empty
    same = dr.scenario(scores, {"PAK": {"safeguards_gap": "+0"}})
    assert np.array_equal(same.after._values, scores._values, equal_nan=True)
    assert "already" in same.nothing()["reason"].item()


def test_cells_changed_by_hand(scores: dr.Scores) -> None:
    found = dr.scenario(scores, {"PAK": {"safeguards_gap": "-10"}, "Kenya": {"safeguards_gap": 1}})
    moved = found.moved().set_index("iso3")
    assert moved.loc["PAK", "after"] == pytest.approx(moved.loc["PAK", "before"] - 10)
    assert moved.loc["KEN", "after"] == 1
    assert (found.table("security")["change"] < 0).all()


def test_levers_combine_and_their_attribution_is_exact(scores: dr.Scores) -> None:
    spec = {
        "countries": ["SRB", "KEN"],
        "levers": [
            {"lever": "new_loan_package", "amount": 1e9, "digital_share": 0.3},
            {"lever": "debt_renegotiation", "haircut": 0.3},
            {"lever": "digital_assistance", "uptake": 0.2, "countries": ["KEN"]},
        ],
    }
    found = dr.scenario(scores, spec)
    parts = found.attribution()
    for headline in scores.names:
        total = parts.groupby("iso3")[headline].sum()
        change = found.table(headline)["change"]
        assert total.reindex(change.index).to_numpy() == pytest.approx(change.to_numpy(), abs=1e-9)
    assert set(parts.loc[parts["iso3"] == "SRB", "lever"]) == {
        "new_loan_package",
        "debt_renegotiation",
    }


def test_phasing_by_year_ends_at_the_full_effect(scores: dr.Scores) -> None:
    found = dr.scenario(scores, "digital_assistance", countries=["ETH"])
    path = found.path()
    assert path.index.get_level_values("year").tolist() == [0, 1, 2, 3, 4, 5]
    security = path["security"].to_numpy()
    assert security[0] == scores.values.loc["ETH", "security"]
    assert (np.diff(security) < 0).all()
    assert security[-1] == pytest.approx(found.table("security")["after"].item())
    part = dr.scenario(scores, "digital_assistance", countries=["ETH"], years=2)
    assert part.table("security")["after"].item() == pytest.approx(security[2])


@pytest.mark.parametrize("group", ["EU", "ASEAN", "BRI", "Sub-Saharan Africa", "Low income"])
def test_groups_of_countries(group: str, scores: dr.Scores) -> None:
    found = dr.scenario(scores, {"levers": [{"lever": "incident_shock"}]}, countries=group)
    assert found.table("security").shape[0] > 5


@pytest.mark.slow
def test_ranges_with_common_random_numbers(scores: dr.Scores) -> None:
    found = dr.scenario(scores, "incident_shock", countries=["SRB", "POL"])
    ranges = found.ranges(draws=64)
    security = ranges[ranges["score"] == "security"]
    assert (security["change_low"] <= security["change"] + 5).all()
    assert (security["change_low"] <= security["change_high"]).all()
    assert (security["falls"] == 0).all()
    dependency = ranges[ranges["score"] == "dependency"]
    assert dependency[["change", "change_low", "change_high"]].eq(0).all().all()
    assert found.ranges(draws=64).equals(ranges)


def test_a_stress_test_names_the_worst_case(scores: dr.Scores) -> None:
    found = dr.stress_test(
        scores, ["incident_wave", "digital_assistance"], countries=["KEN", "POL"]
    )
    worst = found.worst("security")
    assert worst["scenario"].eq("incident_wave").all()
    assert found.matrix("security").shape == (2, 2)
    assert set(found.table()["scenario"]) == {"incident_wave", "digital_assistance"}
    with pytest.raises(dr.DataError, match="two scenarios are named"):
        dr.stress_test(scores, ["incident_wave", "incident_wave"])


def test_estimated_cells_that_no_lever_touches_keep_their_estimate() -> None:
    scores = full_scores()
    values = scores.data.values
    values.loc["PAK", NCSI] = np.nan
    key = "missing" if "missing" in dr.Indicator.model_fields else "imputation"
    fw = scores.framework.replace({f"{NCSI}.{key}": {"method": "mean"}})
    filled = dr.score(fw, values)
    found = dr.scenario(filled, {"PAK": {GCI: "+10"}})
    before = filled.estimated.loc["PAK", NCSI]
    assert found.after.estimated.loc["PAK", NCSI] == before
    moved = dr.scenario(
        filled, {"levers": [{"lever": "digital_assistance", "ncsi": "+5"}]}, countries="PAK"
    )
    row = moved.moved().set_index("indicator").loc[NCSI]
    assert row["status"] == "estimated"
    assert row["before"] == before
    assert row["after"] == pytest.approx(before + 5)


def test_records_of_shares_decide_over_cells() -> None:
    scores = full_scores()
    lever = {"lever": "decoupling", "remove": ["FIN"], "layers": ["ran"]}
    found = dr.scenario(scores, {"levers": [lever]}, countries=["KEN"], shares=SHARES)
    moved = found.moved().set_index("indicator")
    assert moved.loc["ran_focal_share", "after"] == pytest.approx(0.5 / 0.7)
    without = dr.scenario(scores, {"levers": [lever]}, countries=["KEN"])
    assert without.moved().empty


BAD: list[tuple[Any, dict[str, Any], str]] = [
    ("eu_tolbox", {}, "no scenario `eu_tolbox`; did you mean `eu_toolbox`"),
    ("eu_toolbox", {"countries": ["Polnd"]}, "did you mean `Poland`"),
    ("eu_toolbox", {"countries": ["ASAEN"]}, "or the group: did you mean `ASEAN`"),
    ({"levers": [{"lever": "restrict_hvr"}]}, {}, "did you mean `restrict_hrv`"),
    ({"levers": [{"lever": "restrict_hrv", "cpa": 0}]}, {}, "no parameter `cpa`; did you mean `cap`"),
    ({"levers": [{"lever": "restrict_hrv", "cap": 1.5}]}, {}, "must lie in 0-1, received 1.5"),
    ({"levers": [{"lever": "restrict_hrv", "set": ["Huwei"]}]}, {}, "did you mean `Huawei`"),
    ({"levers": [{"lever": "debt_renegotiation", "haircut": 1.2}]}, {}, "must lie in 0-1"),
    (
        {"levers": [{"lever": "debt_renegotiation", "haircut": 0.2, "creditor": "Wrld Bank"}]},
        {},
        "no creditor `Wrld Bank`; did you mean `World Bank`",
    ),
    ({"levers": [{"lever": "debt_renegotiation"}]}, {"countries": "PAK"}, "changes nothing"),
    ({"levers": [{"lever": "new_entrant"}]}, {}, "needs `share`"),
    ({"levers": [{"lever": "new_entrant", "share": 0.1, "layer": "rna"}]}, {}, "did you mean `ran`"),
    ({"levers": [{"lever": "incident_shock"}]}, {}, "no country named"),
    ({"lvers": [], "title": "x"}, {}, "unknown key `lvers`; did you mean `levers`"),
    ({"title": "x"}, {}, "changes nothing"),
    ({"PAK": {"safeguard_gap": "+1"}}, {}, "no indicator `safeguard_gap` in the data; did you mean"),
    ({"PAK": {"safeguards_gap": "__import__('os')"}}, {}, "expected a number, or a change"),
    ({"PAK": {"safeguards_gap": True}}, {}, "expected a number, or a change"),
    ({"Pakstan": {"gci": 1}}, {}, "did you mean `Pakistan`"),
    (7, {}, "expected a scenario by name"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "options", "said"), BAD, ids=lambda one: str(one)[:40])
def test_a_wrong_scenario_is_one_clear_error(
    spec: Any, options: dict[str, Any], said: str, scores: dr.Scores
) -> None:
    with pytest.raises(dr.DsrRiskError) as error:
        dr.scenario(scores, spec, **options)
    assert said in str(error.value)


def test_wrong_records_of_shares() -> None:
    scores = full_scores()
    lever = {"levers": [{"lever": "restrict_hrv"}]}
    for frame, said in (
        (SHARES.drop(columns="share"), "no column `share`"),
        (SHARES.assign(share=2.0), "no number in 0-1"),
        (SHARES.assign(iso3="Atlantis"), "is not known"),
    ):
        with pytest.raises(dr.DataError, match=said):
            dr.scenario(scores, lever, countries="KEN", shares=frame)


@pytest.mark.slow
def test_the_command_runs_a_scenario_and_writes_its_table(tmp_path: Path) -> None:
    out = tmp_path / "toolbox.csv"
    done = run("scenario", "incident_wave", "--country", "Estonia", "--out", out)
    assert done.returncode == 0, done.stderr
    frame = pd.read_csv(out)
    assert frame["iso3"].unique().tolist() == ["EST"]
    done = run("scenario", "--set", "PAK.safeguards_gap=-10", "--moved")
    assert done.returncode == 0, done.stderr
    assert "safeguards_gap" in done.stdout
    listed = run("scenario", "--list")
    assert "eu_toolbox" in listed.stdout
    stressed = run("scenario", "incident_wave", "digital_assistance", "--country", "Kenya")
    assert stressed.returncode == 0, stressed.stderr
    assert "digital_assistance" in stressed.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("levers: [{lever: restrict_hrv}]\ncod: 1\n", "unknown key `cod`"),
        ("levers: !!python/object/apply:os.system ['true']\n", "tag"),
        ("levers: [{lever: debt_renegotiation, haircut: 1.5}]\n", "must lie in 0-1"),
    ],
)
def test_a_wrong_file_ends_with_2_and_writes_nothing(tmp_path: Path, text: str, said: str) -> None:
    path, out = tmp_path / "mine.yaml", tmp_path / "out.csv"
    path.write_text(text, encoding="utf-8")
    done = run("scenario", path, "--country", "Kenya", "--out", out)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_a_value_between_codes_moves_to_the_nearest_code_and_says_so(bundled: dr.Scores) -> None:
    result = dr.scenario(bundled, {"KEN": {"data_protection_level": 2.6}})
    said = " ".join(result.notes)
    assert "2.6 is none of its codes 0, 1, 2, 3, 4, 5; 3 is used" in said
    assert "plausible" not in said


def test_a_derived_indicator_is_changed_by_its_parts_only(bundled: dr.Scores) -> None:
    with pytest.raises(
        dr.DataError, match="is computed from `surveillance_adoption`, `safeguards_gap`"
    ):
        dr.scenario(bundled, {"PAK": {"adoption_x_safeguards_gap": 9}})


def test_countries_that_nothing_moves_are_noted_with_the_reason(bundled: dr.Scores) -> None:
    toolbox = dr.scenario(bundled, "eu_toolbox")
    assert (
        "EST, LTU, PRT, ROU, SWE: moves nothing here: no vendor shares of radio networks in the data"
        in toolbox.notes
    )
    assert len(toolbox.notes) > 6
    assert f"note: {len(toolbox.notes) - 6} more notes in `notes`" in str(toolbox)
    wave = dr.scenario(bundled, "incident_wave", countries=["Estonia", "Serbia"])
    assert [note for note in wave.notes if "moves" in note or "goalpost" in note] == [
        "EST: beyond the goalpost: incident_rate"
    ]
