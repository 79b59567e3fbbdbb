"""Explanations: every node's points add up exactly, with raw value, source and year beside each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.analysis.explanation import _difference
from tests.first_edition import first_framework
from tests.helpers import COUNTRIES, ROUNDING, frame, framework, group, indicator, scored

THREE = (indicator("a", 0.5), indicator("b", 0.3), indicator("c", 0.2))


def adds_up(explanation: dr.Explanation, fw: dr.Framework) -> None:
    """Children add up to their parent at every node, and terms to the gap."""
    for name, (mine, base, gap) in explanation.gaps.items():
        assert gap == pytest.approx(mine - base, abs=1e-12)
        assert explanation.contributions(name).sum() == pytest.approx(gap, abs=ROUNDING)
        rows = explanation.table(name).set_index("node")
        assert rows.loc[name, "points"] == pytest.approx(gap, abs=ROUNDING)
        for node in fw.nodes:
            if node.name not in rows.index or not hasattr(node, "children"):
                continue
            below = rows.loc[[child.name for child in node.children], "points"]
            if below.notna().any():
                points = rows.loc[node.name, "points"]
                assert below.sum() == pytest.approx(points, abs=ROUNDING), node.name


def test_the_check_of_the_design_with_a_missing_term() -> None:
    scores = scored(framework(group("risk", *THREE)), [80, None, 60], [40, 90, 50])
    explanation = dr.explain(scores, COUNTRIES[0], against=COUNTRIES[1])
    mine, base, gap = explanation.gaps["risk"]
    assert (mine, base) == pytest.approx((52 / 0.7, 57))
    assert gap == pytest.approx(17.2857, abs=5e-5)
    points = explanation.contributions("risk")
    assert points.to_dict() == pytest.approx(
        {"a": 0.5 * 40, "b": 0.3 * (52 / 0.7 - 90), "c": 0.2 * 10}
    )
    rows = explanation.table().set_index("node")
    assert rows.loc["b", "status"] == "missing"
    assert rows["stands_in"].to_dict() == {"risk": False, "a": False, "b": True, "c": False}


def test_a_child_missing_in_both_is_dropped_and_its_weight_is_shared() -> None:
    scores = scored(framework(group("risk", *THREE)), [80, None, 60], [40, None, 50])
    points = dr.explain(scores, COUNTRIES[0], against=COUNTRIES[1]).contributions("risk")
    assert points.to_dict() == pytest.approx({"a": 5 / 7 * 40, "c": 2 / 7 * 10})


def test_a_group_under_min_coverage_is_split_like_any_other() -> None:
    inner = group("inner", indicator("b"), indicator("c", 3), weight=1)
    fw = framework(group("risk", indicator("a"), inner))
    scores = scored(fw, [80, 90, None], [40, 60, 20])
    explanation = dr.explain(scores, COUNTRIES[0], against=COUNTRIES[1])
    points = explanation.contributions("risk")
    # `min_coverage` hides a group in tables only: c takes the group's own 90, its term is 0.75 * (90 - 20).
    expected = {"a": 0.5 * 40, "b": 0.5 * 0.25 * (90 - 60), "c": 0.5 * 0.75 * (90 - 20)}
    assert points.to_dict() == pytest.approx(expected)
    adds_up(explanation, fw)


def test_the_logarithmic_mean_divides_a_geometric_gap() -> None:
    indicators = [
        indicator(n, w, normalisation={"method": "goalposts", "low": 1, "high": 100})
        for n, w in (("a", 0.6), ("b", 0.4))
    ]
    fw = framework(
        group("risk", *indicators, aggregation={"method": "geometric", "offset": 0}),
        scale=[1, 100],
        bands={"all": 1},
    )
    x, b = np.array([80.0, 20.0]), np.array([10.0, 50.0])
    scores = scored(fw, x, b)
    w = np.array([0.6, 0.4])
    top, bottom = np.exp(w @ np.log(x)), np.exp(w @ np.log(b))
    share = (top - bottom) / (np.log(top) - np.log(bottom))  # Ang (2004), LMDI
    expected = w * np.log(x / b) * share
    got = dr.explain(scores, COUNTRIES[0], against=COUNTRIES[1]).contributions("risk")
    assert got.tolist() == pytest.approx(expected.tolist(), abs=1e-9)


@pytest.mark.parametrize("mean", ["geometric", "harmonic", {"method": "power", "p": 2}])
def test_profiles_that_differ_by_almost_nothing_still_add_up(mean: object) -> None:
    fw = framework(group("risk", *THREE, aggregation=mean))
    scores = scored(fw, [50 + 3e-10, 40, 60 - 1e-10], [50, 40 + 2e-10, 60])
    explanation = dr.explain(scores, COUNTRIES[0], against=COUNTRIES[1])
    gap = explanation.gaps["risk"][2]
    points = explanation.contributions("risk")
    assert abs(points.sum() - gap) < 1e-13
    assert points["a"] > 0 > points["b"]


@pytest.mark.parametrize(
    "mean", ["arithmetic", "geometric", "harmonic", {"method": "power", "p": 3}]
)
def test_against_the_floor_the_points_are_the_score_itself(mean: object) -> None:
    fw = framework(group("risk", *THREE, aggregation=mean))
    scores = scored(fw, [80, None, 60], [0, 0, 0], [0, 100, 0])
    rows = scores.contributions("risk").sum(axis=1)
    np.testing.assert_allclose(rows, scores.values["risk"], atol=ROUNDING)
    floor = dr.explain(scores, COUNTRIES[0], against="floor")
    assert floor.gaps["risk"][1] == 0
    assert floor.contributions("risk").sum() == pytest.approx(scores.values["risk"].iloc[0])


@pytest.mark.slow
@pytest.mark.parametrize("against", ["median", "floor", "Kenya", "Germany"])
@pytest.mark.parametrize("preset", [None, "power_mean"])
def test_bundled_countries_add_up_at_every_node(
    against: str, preset: str | None, scores: dr.Scores, data: dr.Data
) -> None:
    if preset:
        scores = dr.score(first_framework().preset(preset), data)
    for country in ("Pakistan", "Poland", "LAO", "Mongolia", "CUB"):
        adds_up(dr.explain(scores, country, against=against), scores.framework)


def test_contributions_of_every_country_sum_to_its_scores(scores: dr.Scores) -> None:
    for name in scores.names:
        for level in ("indicator", "pillar"):
            rows = scores.contributions(name, level=level)  # type: ignore[arg-type]
            known = scores.values[name].notna()
            np.testing.assert_allclose(
                rows[known].sum(axis=1), scores.values.loc[known, name], atol=ROUNDING
            )
            assert rows[~known].isna().all(axis=None)


def test_every_point_has_its_raw_value_source_and_year_beside_it(
    scores: dr.Scores, data: dr.Data
) -> None:
    rows = dr.explain(scores, "Pakistan").table(level="indicator")
    assert len(rows) == 13
    for _, row in rows.iterrows():
        cell = data.cell("PAK", row["node"])
        assert row["raw"] == cell["value"]
        assert row["source"] == cell["source"]
        assert row["year"] == cell["year"]
        assert row["licence"] == cell["licence"]


def test_the_median_profile_is_the_median_of_the_scored_countries(
    scores: dr.Scores, data: dr.Data
) -> None:
    rows = dr.explain(scores, "Pakistan").table("security").set_index("node")
    keep = [code for code in data.iso3 if code not in ("CHN", "HKG", "MAC")]
    expected = data.values.loc[keep, "gci"].median()
    assert rows.loc["gci", "raw_baseline"] == pytest.approx(expected)
    assert rows.loc["gci", "baseline"] == pytest.approx(100 - expected)


def test_another_year_of_the_same_country_is_a_baseline() -> None:
    table = pd.DataFrame(
        {"iso3": ["PAK", "PAK", "KEN", "KEN"], "year": [2019, 2020] * 2,
         "a": [10.0, 90.0, 50.0, 20.0], "b": [30.0, 60.0, 40.0, 100.0]}
    )  # fmt: skip
    scores = dr.score(framework(group("risk", indicator("a"), indicator("b"))), table)
    explanation = dr.explain(scores, "PAK", against=("PAK", 2019))
    assert explanation.gaps["risk"] == pytest.approx((75, 20, 55))
    assert explanation.contributions("risk").to_dict() == pytest.approx({"a": 40, "b": 15})
    assert "2019" in repr(explanation)
    assert dr.explain(scores, "PAK", against="KEN", year=2019).gaps["risk"][1] == 45
    with pytest.raises(dr.UnknownNameError, match="2018"):
        dr.explain(scores, "PAK", against=("PAK", 2018))


def test_a_country_against_itself_has_no_gap(scores: dr.Scores) -> None:
    explanation = dr.explain(scores, "PAK", against="Pakistan")
    assert {gap for *_, gap in explanation.gaps.values()} == {0.0}
    assert (explanation.contributions("dependency") == 0).all()


def test_a_country_without_any_score_says_why(scores: dr.Scores) -> None:
    with pytest.raises(dr.NotScorableError, match=r"China \(CHN\).*focal"):
        dr.explain(scores, "China")
    with pytest.raises(dr.NotScorableError, match=r"Cuba.*dependency.*0\.57.*0\.60"):
        dr.explain(scores, "Cuba", score="dependency")


def test_a_headline_left_out_of_an_explanation_is_said_with_its_reason(scores: dr.Scores) -> None:
    explanation = dr.explain(scores, "Cuba")
    assert list(explanation.gaps) == ["security"]
    for shown in (explanation.text(80), repr(explanation), explanation.to_markdown()):
        assert "dependency" in shown
        assert "0.57" in shown


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"country": "Pakstan"}, "did you mean `Pakistan`"),
        ({"country": "PAK", "against": "Kenia"}, "did you mean `Kenya`"),
        ({"country": "PAK", "score": "secuirty"}, "did you mean `security`"),
        ({"country": "PAK", "year": 1999}, "1999"),
    ],
)
def test_what_does_not_exist_is_named_with_the_nearest(
    given: dict[str, object], said: str, scores: dr.Scores
) -> None:
    with pytest.raises(dr.UnknownNameError, match=said):
        dr.explain(scores, **given)  # type: ignore[arg-type]


def test_with_context_adds_a_row_for_every_fact_and_no_points(scores: dr.Scores) -> None:
    explanation = dr.explain(scores, "Poland", score="security")
    rows = explanation.with_context()
    facts = rows[rows["status"] == "context"]
    assert facts["node"].tolist() == explanation.context["name"].tolist()
    assert facts["points"].isna().all()
    assert facts["source"].ne("").all()
    pd.testing.assert_frame_equal(rows.iloc[: -len(facts)], explanation.table())


def test_context_rows_keep_the_whole_evidence_of_their_cells(
    scores: dr.Scores, data: dr.Data
) -> None:
    facts = dr.explain(scores, "Serbia").with_context().query("status == 'context'")
    cells = data.to_long()
    cells = cells[cells["iso3"] == "SRB"].set_index("indicator")
    columns = [scores.framework[name].data_column for name in facts["node"]]
    for field in ("source", "publisher", "licence", "confidence", "claim", "note"):
        stated = cells.loc[columns, field].fillna("").astype(str).tolist()
        assert facts[field].tolist() == stated, field
    assert facts["licence"].ne("").all()


def test_text_says_the_claim_and_the_note_of_a_fact() -> None:
    cell = {"year": 2018, "source": "press", "claim": "alleged", "note": "denied by AU"}
    long = pd.DataFrame(
        [
            {"iso3": code, "indicator": name, "value": value, **(cell if name == "size" else {})}
            for code, value in zip(COUNTRIES[:3], (10.0, 30.0, 50.0), strict=True)
            for name in ("a", "b", "size")
        ]
    )
    tree = framework(group("s", indicator("a"), indicator("b")), context=[indicator("size")])
    text = dr.explain(dr.score(tree, long), COUNTRIES[0]).text(width=200)
    assert "(2018, press); alleged; denied by AU" in text


def test_context_of_data_without_evidence_has_no_year() -> None:
    """A table of bare values states no year: the fact is shown, its year is missing."""
    tree = framework(group("s", indicator("a"), indicator("b")), context=[indicator("size")])
    data = frame({"a": [10.0, 30.0], "b": [20.0, 60.0], "size": [1.0, 2.0]})
    explanation = dr.explain(dr.score(tree, data), COUNTRIES[0])
    assert explanation.context["year"].isna().all()
    facts = explanation.with_context().query("status == 'context'")
    assert facts["raw"].tolist() == [1.0]
    assert facts["year"].isna().all()


def test_text_shows_context_facts_and_says_how_many_more_there_are(scores: dr.Scores) -> None:
    explanation = dr.explain(scores, "Pakistan", score="security")
    text = explanation.text()
    assert "Context, not scored:" in text
    assert "- Landing of the PEACE cable: yes (2022, " in text
    more = len(explanation.context) - 12
    assert f"and {more} facts more" in text


def test_context_facts_are_shown_with_source_and_never_scored(
    scores: dr.Scores, data: dr.Data
) -> None:
    context = dr.explain(scores, "Poland").context
    row = context.set_index("name").loc["ran4g_share_focal_vendors"]
    assert row["value"] == 60
    assert row["source"]
    assert row["year"]
    changed = data.replace({"POL": {"ran4g_share_focal_vendors": 1.0}})
    after = dr.score(scores.framework, changed).values.loc["POL", list(scores.names)]
    assert after.tolist() == scores.values.loc["POL", list(scores.names)].tolist()


def test_the_text_fits_the_width_asked_for(scores: dr.Scores) -> None:
    for width in (80, 100):
        for country in ("Pakistan", "Poland"):
            text = dr.explain(scores, country).text(width)
            assert max(map(len, text.splitlines())) <= width


@pytest.mark.slow
def test_explain_suggests_a_baseline_for_a_typing_error() -> None:
    with pytest.raises(dr.UnknownNameError, match="did you mean `median`"):
        dr.explain(dr.score(), "Kenya", against="medain")


@pytest.mark.parametrize(
    ("score", "base", "text"),
    [
        (41.24, 27.22, "41.24 - 27.22 = +14.02"),
        (27.8355, 27.8515, "27.8355 - 27.8515 = -0.0160"),
        (50.0, 50.0, "50.00 - 50.00 = +0.00"),
        (np.nan, 50.0, "nan - 50.00 = –"),
    ],
)
def test_a_printed_difference_is_that_of_the_printed_numbers(score, base, text):
    assert _difference(score, base, score - base) == text


@pytest.mark.parametrize("width", [40, 69, 70, 80, 120])
def test_an_explanation_keeps_its_width_and_says_which_columns_went(bundled, width):
    text = dr.explain(bundled, "SRB").text(width)
    assert max(len(line) for line in text.splitlines()) <= width
    heading = next(line for line in text.splitlines() if line.startswith("node"))
    assert ("raw" in heading) == (width >= 70)
    assert ("need 70 columns" in " ".join(text.split())) == (width < 70)
    assert ("unit" in heading) == (width >= 110)


def test_groups_that_have_no_split_between_two_profiles_are_said_to() -> None:
    children = [{"name": name, "higher_is": "riskier"} for name in "ab"]
    group = {"name": "p", "aggregation": "maximum", "children": children}
    fw = {
        "name": "own",
        "scores": [{"name": "risk", "children": [group, {"name": "c", "higher_is": "riskier"}]}],
    }
    frame = pd.DataFrame(
        {"iso3": ["KEN", "PAK", "LAO"], "a": [1.0, 2, 3], "b": [9.0, 5, 1], "c": [1.0, 5, 2]}
    )
    result = dr.explain(dr.score(fw, frame), "KEN", against="PAK")
    note = "risk: points of p are one term: no exact split over the children between these profiles"
    assert result.notes == (note,)
    assert "points of p are one term" in repr(result)
    gap = result.gaps["risk"][2]
    assert result.contributions("risk").sum() == pytest.approx(gap, abs=1e-9)
    flat = dr.explain(
        dr.score(dr.load_framework(fw).replace({"p.aggregation": "arithmetic"}), frame), "KEN"
    )
    assert flat.notes == ()
