"""What a method does beyond its name is in the notes of the scores."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr

COUNTRIES = [
    "KEN",
    "PAK",
    "LAO",
    "VNM",
    "THA",
    "ETH",
    "ZMB",
    "NGA",
    "GHA",
    "EGY",
    "MAR",
    "TUN",
    "UGA",
    "TZA",
    "RWA",
    "SEN",
    "MLI",
    "BEN",
    "TGO",
    "CMR",
    "GAB",
    "AGO",
    "MOZ",
    "MWI",
]
LONG_TAIL = [*range(1, 23), 3000.0, 10_000.0]


def framework(**defaults):
    children = [{"name": name, "higher_is": "riskier"} for name in ("a", "b")]
    return {
        "name": "own",
        "defaults": defaults,
        "scores": [{"name": "risk", "children": children}],
    }


def table(**columns):
    return pd.DataFrame({"iso3": COUNTRIES, "a": LONG_TAIL, "b": np.arange(24.0)} | columns)


@pytest.mark.parametrize(
    ("treatment", "left"),
    [
        ({"method": "winsorise", "winmax": 1}, True),
        ({"method": "winsorise", "winmax": 2}, False),
        ({"method": "gate", "first": {"method": "winsorise", "winmax": 1}, "second": "none"}, True),
        ("gate", False),
        ("none", False),
    ],
)
def test_a_treatment_that_misses_its_own_limits_is_noted_by_the_fit_and_by_a_saved_model(
    treatment, left, tmp_path
) -> None:
    model = dr.fit(framework(treatment=treatment), table())
    name = treatment if isinstance(treatment, str) else treatment["method"]
    expected = (f"treatment `{name}` leaves skewness and kurtosis above its limits: `a`",) * left
    loaded = dr.Model.load(model.save(tmp_path / "model.json"))
    for one in (model, loaded):
        assert one.score(table()).notes == expected
        assert one.score(table().head(1)).notes == expected


def test_a_weight_of_0_that_was_learned_is_noted_and_one_that_was_given_is_not() -> None:
    children = [
        {"name": "a", "higher_is": "riskier"},
        {"name": "b", "higher_is": "riskier"},
        {"name": "c", "higher_is": "riskier", "weight": 0},
    ]
    scores = [{"name": "risk", "weighting": "entropy", "children": [*children]}]
    shares = table(b=np.tile([0.0, 1.0], 12), c=np.arange(24.0))
    assert dr.score({"name": "own", "scores": scores}, shares).notes == ()
    # Seen for two units that are alike, a group has the same value for both: no spread, no weight.
    groups = [
        {"name": "mixed", "children": children[:2]},
        {"name": "c", "higher_is": "riskier", "weight": 1},
    ]
    scores = [{"name": "risk", "weighting": "standard_deviation", "children": groups}]
    flat = pd.DataFrame({"iso3": ["KEN", "PAK"], "a": [0.0, 1], "b": [1.0, 0], "c": [0.0, 1]})
    assert dr.score({"name": "own", "scores": scores}, flat).notes == (
        "`risk`: weighting `standard_deviation` gives weight 0 to `mixed`",
    )


@pytest.mark.parametrize("treatment", ["none", "log", "log_gii", "log1p", "box_cox", "signed_log"])
def test_new_values_beyond_the_reference_set_are_noted(treatment) -> None:
    model = dr.fit(framework(treatment=treatment), table())
    note = "values outside the range of the reference set count as its nearest end: `a` (1)"
    for value, said in ((0.5, True), (20_000.0, True), (1.0, False), (10_000.0, False)):
        assert model.score(table(a=[value, *LONG_TAIL[1:]])).notes == (note,) * said


def test_a_treatment_that_cuts_new_values_is_noted_under_a_normalisation_that_does_not() -> None:
    goalposts = {"method": "goalposts", "low": -10, "high": 20}
    for treatment, cut in (("log1p", -0.5), ("box_cox", 0.5), ("log", 0.5), ("log_gii", 0.5)):
        model = dr.fit(framework(treatment=treatment, normalisation=goalposts), table())
        new = model.score(table(a=[cut, *LONG_TAIL[1:]]))
        assert "`a` (1)" in " ".join(new.notes), treatment
        assert model.score(table(a=[20_000.0, *LONG_TAIL[1:]])).notes == (), treatment


def test_countries_that_are_not_scored_and_cells_that_are_missing_are_no_values_beyond() -> None:
    plan = framework() | {"focal": "CHN"}
    model = dr.fit(plan, table())
    china = pd.DataFrame({"iso3": ["CHN"], "a": [1e9], "b": [1.0]})
    missing = table(a=[np.nan, *LONG_TAIL[1:]])
    assert not any("outside the range" in note for note in model.score(missing).notes)
    assert not any(
        "outside the range" in note for note in model.score(pd.concat([table(), china])).notes
    )
