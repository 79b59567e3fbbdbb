"""Raw to denominated to imputed: what is filled, what is flagged, and what counts as observed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.scoring.prepare import prepare
from tests.helpers import filled_copies

NAN = np.nan
ROWS = ["KEN", "PAK", "LAO", "AUT"]


def indicator(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "higher_is": "riskier",
        "normalisation": {"method": "goalposts", "low": 0, "high": 100},
        **more,
    }


def risk(*indicators: dict[str, Any], min_coverage: float = 0.5, **more: Any) -> dr.Framework:
    score = {"name": "risk", "min_coverage": min_coverage, "children": list(indicators)}
    return dr.Framework(name="case", scores=[score], **more)


def frame(index: list[str] | None = None, **columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns, index=index or ROWS)


MEANS = {"defaults": {"missing": "mean"}}
GAPS = frame(a=[10, 30, NAN, 20], b=[40, NAN, NAN, 60], c=[50, 70, 90, 30])


def test_a_denominator_is_scaled_before_it_divides() -> None:
    fw = risk(indicator("debt", denominator="gdp", scale_factor=1000))
    scores = dr.score(fw, frame(debt=[5, 4, 3, 2], gdp=[100, 200, 1000, 500]))
    assert scores.raw["debt"].tolist() == [5, 4, 3, 2]
    np.testing.assert_allclose(scores.denominated["debt"], [50, 20, 3, 4], rtol=1e-15)
    np.testing.assert_allclose(scores.values["risk"], [50, 20, 3, 4], rtol=1e-15)


def test_without_its_denominator_a_value_is_missing() -> None:
    fw = risk(indicator("debt", denominator="gdp"), indicator("b"), min_coverage=0)
    scores = dr.score(fw, frame(debt=[5, 4, 3, 2], gdp=[1, NAN, 1, 1], b=[1, 2, 3, 4]))
    assert np.isnan(scores.denominated.loc["PAK", "debt"])
    assert scores.values.loc["PAK", "risk"] == 2


def test_the_bounds_of_a_censored_value_are_divided_too() -> None:
    cells = pd.DataFrame(
        {
            "iso3": ["KEN", "PAK", "LAO", "KEN", "PAK", "LAO"],
            "indicator": ["debt"] * 3 + ["gdp"] * 3,
            "value": [10.0, 24, NAN, 2, 4, 5],
            "upper": [NAN, NAN, 50, NAN, NAN, NAN],
            "lower": [NAN, NAN, 10, NAN, NAN, NAN],
        }
    )
    scores = dr.score(risk(indicator("debt", denominator="gdp"), min_coverage=0), cells)
    assert scores.minimum.loc["LAO", "debt"] == 2
    assert scores.maximum.loc["LAO", "debt"] == 10


def test_a_scale_factor_without_a_denominator_is_refused() -> None:
    with pytest.raises(dr.FrameworkError, match="`scale_factor` scales a denominator"):
        risk(indicator("debt", scale_factor=1000))


def test_imputed_cells_are_filled_flagged_and_counted_apart() -> None:
    scores = dr.score(risk(indicator("a"), indicator("b"), indicator("c"), **MEANS), GAPS)
    np.testing.assert_allclose(scores.estimated["a"], [10, 30, 20, 20])
    np.testing.assert_allclose(scores.estimated["b"], [40, 50, 50, 60])
    assert scores.raw["a"].isna().tolist() == [False, False, True, False]
    assert scores.imputed.to_numpy().sum() == 3
    assert scores.imputed.loc["LAO"].tolist() == [True, True, False]
    shown = scores.table(details=True).loc[ROWS]
    assert shown["observed"].tolist() == [3, 2, 1, 3]
    assert shown["estimated"].tolist() == [0, 1, 2, 0]
    assert scores.values.loc["PAK", "risk"] == pytest.approx(50)


def test_an_imputed_cell_does_not_count_as_observed_unless_the_framework_says_so() -> None:
    fw = risk(indicator("a"), indicator("b"), indicator("c"), **MEANS)
    scores = dr.score(fw, GAPS)
    np.testing.assert_allclose(scores.coverage["risk"], [1, 2 / 3, 1 / 3, 1])
    assert np.isnan(scores.values.loc["LAO", "risk"])
    assert scores.reason.loc["LAO", "risk"].startswith("coverage 0.33 below 0.50")
    counted = dr.score(fw.replace({"defaults.imputed_counts": True}), GAPS)
    np.testing.assert_allclose(counted.coverage["risk"], 1)
    assert counted.values.loc["LAO", "risk"] == pytest.approx((20 + 50 + 90) / 3)


def test_a_country_with_nothing_but_imputed_values_has_a_score_only_at_no_minimum() -> None:
    empty = GAPS.copy()
    empty.loc["LAO"] = NAN
    for least, scored in ((0.0, True), (0.01, False)):
        fw = risk(indicator("a"), indicator("b"), indicator("c"), min_coverage=least, **MEANS)
        scores = dr.score(fw, empty)
        assert scores.coverage.loc["LAO", "risk"] == 0
        assert np.isfinite(scores.values.loc["LAO", "risk"]) == scored


def test_hard_bounds_take_an_imputed_value_as_unknown() -> None:
    for counts in (False, True):
        fw = risk(indicator("a"), indicator("b"), indicator("c"), min_coverage=0, **MEANS)
        fw = fw.replace({"defaults.imputed_counts": counts})
        scores = dr.score(fw, GAPS)
        width = scores.maximum["risk"] - scores.minimum["risk"]
        np.testing.assert_allclose(width, [0, 100 / 3, 200 / 3, 0], atol=1e-9)
        assert (scores.values["risk"] >= scores.minimum["risk"]).all()
        assert (scores.values["risk"] <= scores.maximum["risk"]).all()


def test_reliability_counts_imputed_cells_as_nothing_or_as_low() -> None:
    fw = risk(indicator("a"), indicator("b"), indicator("c"), **MEANS)
    np.testing.assert_allclose(dr.score(fw, GAPS).reliability["risk"], [1, 2 / 3, 1 / 3, 1])
    counted = dr.score(fw.replace({"defaults.imputed_counts": True}), GAPS)
    np.testing.assert_allclose(counted.reliability["risk"], [1, 7 / 9, 5 / 9, 1])


def test_new_data_are_filled_with_what_the_reference_taught() -> None:
    model = dr.fit(risk(indicator("a"), indicator("b"), indicator("c"), **MEANS), GAPS)
    new = model.score(frame(["BRA", "CHL"], a=[90, NAN], b=[90, 90], c=[90, 90]))
    assert new.estimated.loc["CHL", "a"] == 20


def test_an_indicator_may_ask_for_another_imputer_than_the_default() -> None:
    fw = risk(indicator("a", missing="share_weight"), indicator("b"), indicator("c"), **MEANS)
    scores = dr.score(fw, GAPS)
    assert np.isnan(scores.estimated.loc["LAO", "a"])
    assert scores.estimated.loc["LAO", "b"] == 50


def test_peers_of_the_framework_group_countries() -> None:
    fw = risk(
        indicator("a", missing={"method": "mean", "by": "peers"}),
        indicator("c"),
        peers={"near": ["KEN", "LAO"], "far": ["PAK", "AUT"]},
    )
    assert dr.score(fw, GAPS).estimated["a"].tolist() == [10, 30, 10, 20]


@pytest.mark.parametrize(
    ("peers", "said"),
    [
        ({"near": ["Kenya"]}, "expected ISO 3166 alpha-3 codes, received 'Kenya'"),
        ({"near": ["KEN"], "far": ["KEN"]}, "a country has one group; received KEN in two"),
        ("region", "expected named lists"),
    ],
)
def test_peers_that_are_no_groups_are_refused(peers: Any, said: str) -> None:
    with pytest.raises(dr.FrameworkError, match=said):
        risk(indicator("a"), peers=peers)


def test_what_is_not_applicable_is_never_filled_nor_learned_from() -> None:
    cells = pd.DataFrame(
        {
            "iso3": ["KEN", "PAK", "LAO", "AUT"] * 2,
            "indicator": ["a"] * 4 + ["b"] * 4,
            "value": [10.0, 30, NAN, NAN, 1, 2, 3, 4],
            "reason": ["", "", "outside_register", "", "", "", "", ""],
        }
    )
    scores = dr.score(risk(indicator("a"), indicator("b"), **MEANS), cells)
    assert np.isnan(scores.estimated.loc["LAO", "a"])
    assert scores.estimated.loc["AUT", "a"] == 20
    assert scores.basis["risk"].loc["LAO"] == "partial"


def test_a_filled_censored_value_stays_within_its_bounds() -> None:
    cells = pd.DataFrame(
        {
            "iso3": ["KEN", "PAK", "LAO", "AUT"],
            "indicator": "a",
            "value": [10.0, 30, NAN, NAN],
            "lower": [NAN, NAN, 0, 25],
            "upper": [NAN, NAN, 5, 60],
        }
    )
    scores = dr.score(risk(indicator("a"), min_coverage=0, **MEANS), cells)
    # Donors inside the bounds; where there are none, any value between them.
    assert scores.estimated["a"].loc[["LAO", "AUT"]].tolist() == [2.5, 30]
    assert scores.imputed["a"].tolist() == [False, False, True, True]


def test_a_filled_value_stays_plausible() -> None:
    fw = risk(
        indicator("a", plausible=[0, 40], missing={"method": "constant", "value": 99}),
        indicator("c"),
    )
    assert dr.score(fw, GAPS.drop(columns="b")).estimated.loc["LAO", "a"] == 40


def test_a_focal_country_teaches_nothing() -> None:
    data = frame(["KEN", "PAK", "LAO", "CHN"], a=[10, 30, NAN, 1000])
    scores = dr.score(risk(indicator("a"), focal="CHN", min_coverage=0, **MEANS), data)
    assert scores.estimated.loc["LAO", "a"] == 20


def test_values_imputed_before_they_came_are_flagged_and_do_not_count() -> None:
    cells = pd.DataFrame(
        {
            "iso3": ["KEN", "PAK", "LAO"] * 2,
            "indicator": ["a"] * 3 + ["b"] * 3,
            "value": [10.0, 30, 50, 1, 2, 3],
            "flag": ["", "imputed", "observed", "", "", ""],
        }
    )
    scores = dr.score(risk(indicator("a"), indicator("b")), cells)
    assert scores.imputed["a"].tolist() == [False, True, False]
    assert scores.coverage["risk"].tolist() == [1, 0.5, 1]
    assert scores.values.loc["PAK", "risk"] == 16


def test_draws_of_the_imputed_leave_what_is_observed_alone() -> None:
    rng = np.random.default_rng(1)
    columns = {name: rng.gamma(2, 8, 30) for name in "abc"}
    data = pd.DataFrame(columns, index=list(dr.load_data().countries[:30]))
    data.iloc[::5, 0] = NAN
    fw = risk(indicator("a"), indicator("b"), indicator("c"), defaults={"missing": "regression"})
    model = dr.fit(fw, data)
    prepared = prepare(fw, data)
    draws = filled_copies(prepared, model._imputations, np.random.default_rng(0), 7)
    seen = data.notna().to_numpy()
    assert draws.shape == (7, 30, 3)
    assert (draws[:, seen] == data.to_numpy()[seen]).all()
    assert (draws[:, ~seen].std(axis=0) > 0).all()
    again = filled_copies(prepared, model._imputations, np.random.default_rng(0), 7)
    assert np.array_equal(draws, again)
    single = dr.fit(fw.replace({"defaults.missing": "median"}), data)
    same = filled_copies(prepared, single._imputations, np.random.default_rng(0), 3)
    assert (same == same[0]).all()


def test_a_model_whose_imputers_were_changed_by_hand_is_refused(tmp_path: Any) -> None:
    path = tmp_path / "model.json"
    text = (
        dr.fit(risk(indicator("a"), indicator("b"), indicator("c"), **MEANS), GAPS)
        .save(path)
        .read_text(encoding="utf-8")
    )
    path.write_text(
        text.replace('"method": "mean",\n   "design"', '"method": "median",\n   "design"')
    )
    with pytest.raises(dr.FrameworkError, match="damaged"):
        dr.Model.load(path)


def test_tables_of_nodes_name_the_imputed_indicators_to_the_exported_file(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"a": [1, NAN, 3, 5], "b": [NAN, NAN, 5.0, 6], "c": [1.0, 2, 4, 8]}, index=ROWS
    )
    children = [{"name": name, "higher_is": "riskier"} for name in "abc"]
    fw = dr.Framework(scores=[{"name": "risk", "min_coverage": 0, "children": children}])
    plain = dr.score(fw.replace({"b.weight": 0}), frame)
    assert (plain.table("indicator")["estimated_indicators"] == "").all()
    scores = dr.score(fw.replace({"a.missing": "median", "b.missing": "siblings"}), frame)
    expected = {"KEN": "b", "PAK": "a; b", "LAO": "", "AUT": ""}
    for level in ("pillar", "indicator", "all"):
        path = dr.write_table(scores.table(level), tmp_path / f"{level}.csv", manifest={})
        written = pd.read_csv(path, index_col="iso3", keep_default_na=False)
        assert written["estimated_indicators"].to_dict() == expected
    ones = scores.imputed.apply(lambda row: "; ".join(row.index[row]), axis=1)
    assert ones.to_dict() == written["estimated_indicators"].to_dict()


def test_a_denominator_of_zero_is_one_problem_whatever_it_divides() -> None:
    children = [{"name": name, "higher_is": "riskier", "denominator": "gdp"} for name in "ab"]
    fw = {"name": "own", "scores": [{"name": "risk", "children": children}]}
    table = pd.DataFrame(
        {"iso3": ["KEN", "PAK", "LAO"], "a": [1.0, 2, 3], "b": [3.0, 5, 9], "gdp": [5.0, 0, 8]}
    )
    with pytest.raises(dr.DataError) as caught:
        dr.score(fw, table)
    (problem,) = caught.value.problems
    assert (
        problem == "PAK: `gdp` is 0, and `a`, `b` are divided by it; it must be above 0, or empty"
    )


def test_an_operation_that_is_not_defined_is_noted() -> None:
    fw = {
        "name": "own",
        "scores": [
            {
                "name": "risk",
                "children": [
                    {"name": "a", "higher_is": "riskier"},
                    {
                        "name": "r",
                        "higher_is": "riskier",
                        "derived": {"method": "ratio", "of": ["a", "gdp"]},
                    },
                ],
            }
        ],
        "context": [{"name": "gdp", "higher_is": "safer"}],
    }
    table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "a": [1.0, 2, 3], "gdp": [5.0, 0, 8]})
    scores = dr.score(fw, table)
    note = "`r`: `ratio` is not defined for 1 unit (PAK); it counts as not applicable there"
    assert scores.notes == (note,)
    assert scores.basis["risk"].to_dict() == {"KEN": "full", "PAK": "partial", "LAO": "full"}
    assert not dr.score(fw, table.assign(gdp=[5.0, np.nan, 8])).notes


def test_a_class_without_members_is_refused_with_the_name_of_the_column() -> None:
    children = [{"name": name, "higher_is": "riskier"} for name in "ab"]
    missing = {"method": "hot_deck", "by": "region", "least": 1, "otherwise": "refuse"}
    fw = {
        "name": "own",
        "defaults": {"missing": missing},
        "scores": [{"name": "risk", "children": children}],
    }
    table = pd.DataFrame({"iso3": ["KEN", "PAK", "BRA"], "a": [1.0, 2, 3], "b": [3.0, 5, np.nan]})
    with pytest.raises(
        dr.DataError, match="`region=Americas` of BRA has 0 values of `b`, expected"
    ):
        dr.score(fw, table)
