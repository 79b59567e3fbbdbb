"""Scores: micro-examples by arithmetic, missing shares, bounds, ranks, bands, bases, any shape of tree."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.data.countries import country_table
from tests.helpers import COUNTRIES, frame, framework, group, indicator, model_of, same, scored

W = (0.5, 0.3, 0.2)
THREE = tuple(indicator(name, weight) for name, weight in zip("abc", W, strict=True))
FOCAL_COLUMNS = (
    "imports_focal_share", "focal_digital_projects", "focal_digital_finance_gdp",
    "focal_commitments_gdp", "focal_commitments_external_debt",
)  # fmt: skip


def risk(*children: object, **fields: object) -> dr.Framework:
    return framework(group("risk", *children, **fields))  # type: ignore[arg-type]


def value(scores: dr.Scores, node: str = "risk", row: int = 0) -> float:
    return float(scores.values[node].iloc[row])


def on_1_to_100(mean: object) -> dr.Framework:
    """Three indicators on [1, 100], where no mean needs an offset."""
    posts = {"method": "goalposts", "low": 1, "high": 100}
    indicators = [indicator(n, w, normalisation=posts) for n, w in zip("abc", W, strict=True)]
    bands = {"low": 1, "high": 60}
    return framework(group("risk", *indicators, aggregation=mean), scale=[1, 100], bands=bands)


# -- micro-examples of DOMAIN.md (d) ----------------------------------------------------------------


def test_micro_example_9_goalposts_clip_at_both_ends() -> None:
    posts = {"method": "goalposts", "low": 0, "high": 25}
    fw = risk(indicator("debt", normalisation=posts))
    scores = dr.fit(fw, frame({"debt": [0, 25]})).score(frame({"debt": [12.5, 30, -1]}))
    assert scores.values["risk"].tolist() == [50.0, 100.0, 0.0]
    hhi = risk(indicator("hhi", normalisation={"method": "goalposts", "low": 0.2, "high": 1.0}))
    scores = dr.fit(hhi, frame({"hhi": [0, 1]})).score(frame({"hhi": [0.38]}))
    assert value(scores) == pytest.approx(22.5, abs=1e-12)


def test_micro_example_10_a_safer_indicator_is_reversed() -> None:
    gci = risk(indicator("gci", higher_is="safer"))
    assert value(scored(gci, [95])) == pytest.approx(5, abs=1e-12)
    assert value(scored(gci, [38])) == pytest.approx(62, abs=1e-12)


def test_micro_example_16_and_31_debt_on_its_goalposts() -> None:
    fw = dr.load_framework("dsr-full")
    debt = framework(
        group("risk", fw["debt_to_focal_gni"].model_dump(exclude_defaults=True)), focal="CHN"
    )
    model = dr.fit(debt, frame({"debt_to_focal_gni": [0, 25]}))
    got = model.score(frame({"debt_to_focal_gni": [10, 8, 13.62, 38.92]})).values["risk"]
    np.testing.assert_allclose(got, [40, 32, 54.48, 100], atol=1e-12)


@pytest.mark.parametrize(
    ("mean", "expected"),
    [
        ("arithmetic", 64),
        ({"method": "geometric", "offset": 0}, 61.346987),
        ({"method": "power", "p": 2}, 66.332496),
        ({"method": "harmonic", "offset": 0}, 58.536585),
    ],
)
def test_micro_example_18_means_of_80_40_60(mean: object, expected: float) -> None:
    assert value(scored(on_1_to_100(mean), [80, 40, 60])) == pytest.approx(expected, abs=5e-7)


def test_micro_example_18_the_order_of_the_means() -> None:
    means = ["harmonic", "geometric", "arithmetic", {"method": "power", "p": 2}]
    got = [value(scored(risk(*THREE, aggregation=mean), [80, 40, 60])) for mean in means]
    got.append(value(scored(risk(*THREE, aggregation={"method": "power", "p": 100}), [80, 40, 60])))
    assert got == sorted(got)
    assert got[-1] == pytest.approx(80 * 0.5**0.01)


def test_micro_example_19_a_missing_middle_shares_its_weight_and_the_bounds_are_30_wide() -> None:
    scores = scored(risk(*THREE), [80, None, 60])
    assert value(scores) == pytest.approx(74.285714, abs=5e-7)
    assert scores.coverage["risk"].iloc[0] == pytest.approx(0.7)
    assert scores.minimum["risk"].iloc[0] == pytest.approx(52)
    assert scores.maximum["risk"].iloc[0] == pytest.approx(82)


def test_micro_example_20_one_weight_at_a_time() -> None:
    fw = risk(*THREE)
    moved = fw.replace({"a.weight": 0.6, "b.weight": 0.24, "c.weight": 0.16})
    assert value(scored(moved, [80, 40, 60])) == pytest.approx(67.2, abs=1e-12)
    step = 1e-6
    moved = fw.replace(
        {f"{n}.weight": w * (1 - step / 0.5) for n, w in zip("bc", W[1:], strict=True)}
        | {"a.weight": 0.5 + step}
    )
    assert (value(scored(moved, [80, 40, 60])) - 64) / step == pytest.approx(32, abs=1e-6)


def test_micro_example_21_a_rank_reversal_and_its_break_even_weight() -> None:
    def at(w: float) -> dr.Scores:
        return scored(risk(indicator("a", w), indicator("b", 1 - w)), [90, 10], [50, 48])

    assert at(0.5).values["risk"].tolist() == pytest.approx([50, 49])
    assert at(0.45).values["risk"].tolist() == pytest.approx([46, 48.9])
    assert at(0.5).rank["risk"].tolist() == [1, 2]
    assert at(0.45).rank["risk"].tolist() == [2, 1]
    assert at(38 / 78).rank["risk"].tolist() == [1, 1]


def test_micro_example_25_contributions_are_40_12_12() -> None:
    scores = scored(risk(*THREE), [80, 40, 60])
    assert scores.contributions("risk").iloc[0].tolist() == pytest.approx([40, 12, 12])


@pytest.mark.parametrize(
    "mean", ["arithmetic", "geometric", "harmonic", {"method": "power", "p": 3}]
)
def test_micro_example_28_identity_checks(mean: object) -> None:
    fw = risk(
        *THREE[:2],
        group("inner", *[indicator(n) for n in "de"], aggregation=mean),
        aggregation=mean,
    )
    scores = scored(fw, [0] * 4, [100] * 4)
    np.testing.assert_allclose(scores.values.iloc[0], 0, atol=1e-9)
    np.testing.assert_allclose(scores.values.iloc[1], 100, atol=1e-9)
    once = value(scored(fw, [80, 40, 60, 20]))
    scaled = fw.replace({"a.weight": 5, "b.weight": 3, "inner.weight": 10})
    assert value(scored(scaled, [80, 40, 60, 20])) == pytest.approx(once, abs=1e-12)
    twin = risk(
        indicator("a", 0.25), indicator("a2", 0.25), THREE[1],
        group("inner", *[indicator(n) for n in "de"], aggregation=mean), aggregation=mean,
    )  # fmt: skip
    assert value(scored(twin, [80, 80, 40, 60, 20])) == pytest.approx(once, abs=1e-12)


# -- formulas of the design -------------------------------------------------------------------------


def test_a_power_mean_with_a_large_p_comes_near_the_largest_child_and_never_overflows() -> None:
    scores = scored(risk(*THREE, aggregation={"method": "power", "p": 400}), [80, 40, 100])
    assert value(scores) == pytest.approx(100 * 0.2 ** (1 / 400), rel=1e-9)


def test_the_offset_keeps_both_ends_and_a_zero_does_not_annihilate() -> None:
    fw = risk(indicator("a"), indicator("b"), aggregation={"method": "geometric", "offset": 1})
    scores = scored(fw, [0, 100], [90, 10], [0, 0])

    def up(x: float) -> float:
        return x + 1 - x / 100

    expected = [(np.sqrt(up(a) * up(b)) - 1) / 0.99 for a, b in ((0, 100), (90, 10), (0, 0))]
    np.testing.assert_allclose(scores.values["risk"], expected, atol=1e-12)
    assert 0 < scores.values["risk"].iloc[0] < 50


def test_the_plain_geometric_mean_of_90_and_10_hides_risk_and_a_power_mean_keeps_it() -> None:
    plain = on_1_to_100({"method": "geometric", "offset": 0}).replace({"c": None, "b.weight": 0.5})
    assert value(scored(plain, [90, 10])) == pytest.approx(30)
    power = risk(indicator("a"), indicator("b"), aggregation={"method": "power", "p": 2})
    assert value(scored(power, [90, 10])) == pytest.approx(np.sqrt(4100))


@pytest.mark.parametrize("weights", [(0.33, 0.56), (0.1, 0.7), (0.25, 0.4), (0.61, 0.17)])
def test_a_group_at_the_floor_does_not_round_below_it_and_spoil_the_mean_above(
    weights: tuple[float, float],
) -> None:
    raised = {"method": "geometric", "offset": 7}
    inner = group("inner", *[indicator(n, w) for n, w in zip("ab", weights, strict=True)],
                  aggregation=raised)  # fmt: skip
    scores = scored(
        risk(inner, indicator("c"), aggregation={"method": "power", "p": 0.5}), [0, 0, 0]
    )
    assert value(scores, "inner") >= 0
    assert value(scores) == pytest.approx(0, abs=1e-9)


def test_a_plain_geometric_mean_on_a_scale_from_zero_gives_zero_for_a_zero_child() -> None:
    fw = risk(indicator("a"), indicator("b"), aggregation={"method": "geometric", "offset": 0})
    assert value(scored(fw, [0, 100])) == 0


def test_log1p_goalposts_measure_on_the_logarithm() -> None:
    posts = {"method": "goalposts", "low": 0, "high": 75, "curve": "log1p"}
    fw = risk(indicator("a", normalisation=posts))
    scores = dr.fit(fw, frame({"a": [0, 75]})).score(frame({"a": [0, 10, 75, 1000]}))
    expected = [0, 100 * np.log(11) / np.log(76), 100, 100]
    np.testing.assert_allclose(scores.values["risk"], expected, atol=1e-12)


def test_a_percentile_goalpost_is_learned_once_and_held_for_new_data() -> None:
    fw = risk(indicator("a", normalisation={"method": "goalposts", "low": 0, "high": "p50"}))
    model = dr.fit(fw, frame({"a": [0, 10, 20, 30, 40]}))
    assert model.score(frame({"a": [5.0]})).values["risk"].iloc[0] == pytest.approx(25)
    assert model.score(frame({"a": [5.0, 1000]})).values["risk"].tolist() == pytest.approx(
        [25, 100]
    )


def test_minmax_is_learned_on_the_reference_and_new_data_are_clipped_to_it() -> None:
    fw = risk(indicator("a", normalisation="minmax"))
    model = dr.fit(fw, frame({"a": [10, 30]}))
    got = model.score(frame({"a": [5, 15, 40]})).values["risk"]
    assert got.tolist() == pytest.approx([0, 25, 100])


# -- coverage and absence ---------------------------------------------------------------------------


def test_a_node_below_its_min_coverage_has_no_value_and_says_why() -> None:
    fw = risk(*THREE, min_coverage=0.6)
    scores = scored(fw, [None, 40, 60], [80, None, None], [80, 40, None])
    assert scores.values["risk"].isna().tolist() == [True, True, False]
    assert scores.reason["risk"].tolist()[2] == ""
    assert "0.50" in scores.reason["risk"].iloc[0]
    assert "0.60" in scores.reason["risk"].iloc[0]


def test_coverage_exactly_at_the_threshold_is_enough() -> None:
    fw = risk(indicator("a", 0.1), indicator("b", 0.2), indicator("c", 0.7), min_coverage=0.3)
    assert not np.isnan(value(scored(fw, [10, 20, None])))


def test_a_group_that_is_not_printed_is_evaluated_all_the_same() -> None:
    inner = group("inner", indicator("c", 0.4), indicator("d", 0.6), weight=0.5, min_coverage=0.5)
    scores = scored(risk(indicator("a", 0.5), inner, min_coverage=0.5), [80, 20, None])
    assert np.isnan(value(scores, "inner"))
    # What is observed in it counts: .5 x 80 + .5 x 20.
    assert value(scores) == 50
    assert scores.coverage["risk"].iloc[0] == pytest.approx(0.7)
    # Hard bounds use every observed indicator: only d is open, .3 of the weight.
    assert (scores.minimum["risk"].iloc[0], scores.maximum["risk"].iloc[0]) == pytest.approx(
        (44, 74)
    )


def long_cells(
    *cells: tuple[str, str, float | None, str, float | None, float | None],
) -> pd.DataFrame:
    return pd.DataFrame(cells, columns=["iso3", "indicator", "value", "reason", "lower", "upper"])


def absent_of_each_kind() -> pd.DataFrame:
    full = [
        ("LAO", name, x, "", None, None) for name, x in zip("abc", (10.0, 20.0, 30.0), strict=True)
    ]
    out = [
        ("KEN", name, x, "", None, None) for name, x in zip("abc", (90.0, 95.0, 99.0), strict=True)
    ]
    for code in ("PAK", "GHA", "UGA"):
        out += [(code, "a", 80.0, "", None, None), (code, "c", 60.0, "", None, None)]
    out += [("GHA", "b", None, "outside_register", None, None), ("UGA", "b", None, "", 10.0, 30.0)]
    return long_cells(*full, *out)


def test_missing_not_applicable_and_censored_change_a_score_each_in_its_own_way() -> None:
    table = dr.score(risk(*THREE), absent_of_each_kind()).table(details=True)
    for code in ("PAK", "GHA"):
        assert table.loc[code, "risk"] == pytest.approx(52 / 0.7)
    # Missing: counts against coverage, anything from best to worst is possible.
    assert table.loc["PAK", "risk_coverage"] == pytest.approx(0.7)
    assert table.loc["PAK", ["risk_min", "risk_max"]].tolist() == pytest.approx([52, 82])
    assert table.loc["PAK", "risk_basis"] == "full"
    # Not applicable: leaves weights and coverage altogether; partial basis.
    assert table.loc["GHA", "risk_coverage"] == 1
    assert table.loc["GHA", ["risk_min", "risk_max"]].tolist() == pytest.approx([52 / 0.7] * 2)
    assert table.loc["GHA", "risk_basis"] == "partial"
    # Censored: not observed, but known to lie between its bounds.
    # It enters in the middle of its bounds, 20, and counts as far as they exclude the scale: .8 of .3.
    assert table.loc["UGA", "risk"] == pytest.approx(58)
    assert table.loc["UGA", "risk_observed"] == pytest.approx(58)
    assert table.loc["UGA", "risk_coverage"] == pytest.approx(0.94)
    assert table.loc["UGA", ["risk_min", "risk_max"]].tolist() == pytest.approx([55, 61])
    assert table.loc["UGA", "risk_basis"] == "full"


def test_a_partial_basis_is_ranked_within_itself() -> None:
    table = dr.score(risk(*THREE), absent_of_each_kind()).table(details=True)
    assert table["risk_rank"].to_dict() == {"KEN": 1, "PAK": 2, "UGA": 3, "LAO": 4, "GHA": 1}


def test_a_censored_value_of_a_safer_indicator_bounds_risk_the_other_way() -> None:
    fw = risk(indicator("a"), indicator("b", higher_is="safer"))
    cells = long_cells(
        ("PAK", "a", 50.0, "", None, None), ("PAK", "b", None, "", 80.0, None),
        ("KEN", "a", 0.0, "", None, None), ("KEN", "b", 0.0, "", None, None),
        ("GHA", "a", 100.0, "", None, None), ("GHA", "b", 100.0, "", None, None),
    )  # fmt: skip
    table = dr.score(fw, cells).table(details=True)
    assert table.loc["PAK", ["risk_min", "risk_max"]].tolist() == pytest.approx([25, 35])


def test_a_bound_of_a_censored_cell_narrows_a_suppressed_group_too() -> None:
    inner = group("inner", indicator("b"), indicator("c"), min_coverage=0.9)
    fw = risk(indicator("a"), inner, min_coverage=0.5)
    cells = long_cells(
        ("PAK", "a", 50.0, "", None, None), ("PAK", "b", 50.0, "", None, None),
        ("PAK", "c", None, "", 0.0, 20.0),
        *[("KEN", name, 0.0, "", None, None) for name in "abc"],
        *[("GHA", name, 100.0, "", None, None) for name in "abc"],
    )  # fmt: skip
    table = dr.score(fw, cells).table(details=True)
    low, high = table.loc["PAK", ["risk_min", "risk_max"]]
    assert low == pytest.approx((50 + (50 + 0) / 2) / 2)
    assert high == pytest.approx((50 + (50 + 20) / 2) / 2)


def test_a_country_to_which_nothing_applies_has_no_score_and_says_so() -> None:
    cells = absent_of_each_kind()
    away = long_cells(*[("PER", name, None, "landlocked", None, None) for name in "abc"])
    both = pd.DataFrame([*cells.to_dict("records"), *away.to_dict("records")])
    table = dr.score(risk(*THREE), both).table(details=True)
    assert np.isnan(table.loc["PER", "risk"])
    assert table.loc["PER", "risk_reason"].startswith("not applicable")
    assert pd.isna(table.loc["PER", "risk_min"])


def test_every_country_given_is_in_the_table_scored_or_not() -> None:
    fw = risk(indicator("a"), indicator("b"))
    table = scored(fw, [10, 20], [None, None], [30, 40]).table(details=True)
    assert set(table.index) == set(COUNTRIES[:3])
    assert pd.isna(table.loc[COUNTRIES[1], "risk_rank"])
    assert table.index[-1] == COUNTRIES[1]


# -- ranks, bands, grades ---------------------------------------------------------------------------


def test_ties_share_the_smaller_rank_and_the_next_rank_is_skipped() -> None:
    scores = scored(risk(indicator("a")), [50], [70], [50], [70 + 5e-8], [20])
    assert scores.rank["risk"].tolist() == [3, 1, 3, 1, 5]


def test_a_difference_of_more_than_a_billionth_of_the_scale_is_no_tie() -> None:
    assert scored(risk(indicator("a")), [70], [70 + 5e-7]).rank["risk"].tolist() == [2, 1]


def test_ranks_within_region_and_income_group_count_only_its_countries() -> None:
    scores = scored(risk(indicator("a")), *[[x] for x in (10, 90, 50, 70, 30, 20, 80, 60, 40, 5)])
    table = scores.table(details=True)
    for column in ("region", "income"):
        for _, part in table.groupby(column):
            expected = part["risk"].rank(ascending=False, method="min")
            assert part[f"risk_rank_{column}"].astype(float).tolist() == expected.tolist()
    assert table["region"].nunique() > 2
    assert table["income"].nunique() > 2


def test_bands_begin_at_their_lower_end() -> None:
    edges = [0, 19.999, 20, 39.999, 40, 59.999, 60, 79.999, 80, 100]
    scores = scored(risk(indicator("a")), *[[x] for x in edges])
    assert scores.band["risk"].tolist() == [
        "low", "low", "guarded", "guarded", "elevated", "elevated", "high", "high", "severe",
        "severe",
    ]  # fmt: skip


@pytest.mark.parametrize("mean", ["arithmetic", "geometric", {"method": "power", "p": 2}])
@pytest.mark.parametrize(
    "weights", [(0.1, 0.2, 0.7), (0.7, 0.7, 0.7), (0.3, 0.35, 0.35), (1, 3, 1)]
)
def test_rounding_errors_do_not_move_a_score_at_the_edge_into_the_band_below(
    mean: object, weights: tuple[float, ...]
) -> None:
    indicators = [indicator(name, weight) for name, weight in zip("abc", weights, strict=True)]
    edges = (20.0, 40.0, 60.0, 80.0)
    scores = scored(risk(*indicators, aggregation=mean), *[[edge] * 3 for edge in edges])
    assert scores.band["risk"].tolist() == ["guarded", "elevated", "high", "severe"]


def test_grades_follow_coverage_and_there_is_none_without_a_score() -> None:
    indicators = [indicator(f"x{place}", 0.05) for place in range(20)]
    rows = [[50] * known + [None] * (20 - known) for known in (20, 17, 16, 14, 13, 12, 11)]
    scores = scored(risk(*indicators, min_coverage=0.6), *rows)
    assert scores.grade["risk"].tolist() == ["A", "A", "B", "B", "C", "C", "n/a"]


@pytest.mark.slow
def test_table_has_the_columns_to_publish_and_details_on_request() -> None:
    scores = dr.score()
    short, full = scores.table(), scores.table(details=True)
    headlines = [f"{name}{part}" for name in scores.names for part in ("", "_rank", "_band")]
    assert list(short.columns) == ["country", *headlines, "grade"]
    assert list(full.columns)[: short.shape[1]] == list(short.columns)
    pd.testing.assert_frame_equal(full[short.columns], short)
    assert {"coverage", "dependency_min", "dependency_max", "security_reason"} <= set(full)
    assert full.equals(scores.table("score", details=True))


def test_table_gives_the_grade_of_every_headline_once_where_they_agree() -> None:
    columns = {"a": [1.0, 2, 3], "b": [3.0, np.nan, 5], "c": [1.0, 2, np.nan]}
    fw = framework(
        group("risk", indicator("a"), indicator("b")),
        group("other", indicator("c")),
        defaults={"min_coverage": 0.5},
    )
    table = dr.score(fw, pd.DataFrame({"iso3": ["KEN", "PAK", "UGA"], **columns})).table()
    assert table["grade"].to_dict() == {"KEN": "A", "PAK": "–/A", "UGA": "A/–"}


@pytest.mark.slow
def test_marks_are_printed_beside_the_country() -> None:
    scores = dr.score()
    partial = scores.basis["dependency"] == "partial"
    iceland = scores.select(countries=["ISL"])
    assert partial["ISL"]
    assert "Iceland ★" in repr(iceland)
    assert iceland.table()["country"].tolist() == ["Iceland"]


def test_the_number_of_observed_indicators_stands_in_the_table() -> None:
    table = scored(risk(*THREE), [1, 2, 3], [1, None, 3]).table(details=True)
    assert table["observed"].to_dict() == {COUNTRIES[0]: 3, COUNTRIES[1]: 2}
    assert (table["indicators"] == 3).all()


# -- shapes -----------------------------------------------------------------------------------------


def test_an_uneven_tree_of_any_depth_with_three_headlines() -> None:
    deep = group(
        "d1",
        group("d2", group("d3", group("d4", indicator("e"), indicator("f", 3)))),
        indicator("g"),
    )
    fw = framework(
        group("first", indicator("a"), deep),
        group("second", indicator("b")),
        group("third", indicator("c"), group("t1", indicator("d"), weight=3)),
    )
    scores = scored(fw, [10, 20, 40, 80, 50, 30, 70])
    # Indicators in the order written: a, e, f, g, b, c, d.
    got = scores.values.iloc[0]
    assert [node.name for node in fw.indicators] == ["a", "e", "f", "g", "b", "c", "d"]
    assert got["d4"] == got["d3"] == got["d2"] == pytest.approx(35)
    assert got["d1"] == pytest.approx((35 + 80) / 2)
    assert got["first"] == pytest.approx((10 + 57.5) / 2)
    assert got["second"] == 50
    assert got["third"] == pytest.approx((30 + 3 * 70) / 4)
    table = scores.table(details=True)
    for name in ("first", "second", "third"):
        assert {name, f"{name}_rank", f"{name}_band"} <= set(table)


def test_each_node_takes_its_own_mean() -> None:
    inner = group("inner", indicator("b"), indicator("c"), aggregation={"method": "power", "p": 2})
    scores = scored(risk(indicator("a"), inner, aggregation="harmonic"), [50, 30, 40])
    assert value(scores, "inner") == pytest.approx(np.sqrt(1250))

    def up(x: float) -> float:
        return x + 1 - x / 100

    expected = (2 / (1 / up(50) + 1 / up(np.sqrt(1250))) - 1) / 0.99
    assert value(scores) == pytest.approx(expected, abs=1e-12)


def test_levels_of_the_table_show_pillars_indicators_or_every_node(scores: dr.Scores) -> None:
    pillars = {"technology_supply", "finance", "lack_of_alternatives", "data_security_incidents",
               "surveillance", "lack_of_cyber_capacity"}  # fmt: skip
    assert pillars <= set(scores.table(level="pillar"))
    assert "goods" not in scores.table(level="pillar")
    assert {"gci", "incident_rate"} <= set(scores.table(level="indicator"))
    assert {"goods", "gci"} | pillars <= set(scores.table(level="all"))


# -- panels -----------------------------------------------------------------------------------------


def panel() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "iso3": ["PAK", "PAK", "KEN", "KEN", "GHA"],
            "year": [2019, 2020, 2019, 2020, 2020],
            "a": [10.0, 90.0, 50.0, 20.0, 0.0],
            "b": [30.0, 60.0, 40.0, 100.0, 0.0],
        }
    )


def test_countries_are_ranked_within_their_year() -> None:
    scores = dr.score(risk(indicator("a"), indicator("b")), panel())
    assert scores.rank["risk"].to_dict() == {
        ("PAK", 2019): 2, ("KEN", 2019): 1, ("PAK", 2020): 1, ("KEN", 2020): 2, ("GHA", 2020): 3,
    }  # fmt: skip


def test_a_year_selected_is_indexed_by_country_alone() -> None:
    scores = dr.score(risk(indicator("a"), indicator("b")), panel())
    one = scores.select(year=2019)
    assert one.values.index.name == "iso3"
    assert one.values["risk"].to_dict() == {"PAK": 20.0, "KEN": 45.0}


# -- the bundled data -------------------------------------------------------------------------------


def test_the_bundled_data_score_as_many_countries_as_promised(scores: dr.Scores) -> None:
    table = scores.table(details=True)
    both = table[table["dependency"].notna() & table["security"].notna()]
    basis = both[["dependency_basis", "security_basis"]].eq("full").all(axis=1)
    assert basis.sum() >= 110
    assert (~basis).sum() >= 30
    assert {"POL", "DEU"} <= set(both.index[~basis])
    for name in ("dependency", "security"):
        assert both[name].between(0, 100).all()
        assert (both[f"{name}_coverage"] >= 0.6 - 1e-12).all()
        assert (both[f"{name}_min"] <= both[name] + 1e-9).all()
        assert (both[name] <= both[f"{name}_max"] + 1e-9).all()
    assert (both["sources"] != "").all()
    assert (both["data_years"] != "").all()


def test_each_source_is_listed_once(scores: dr.Scores, data: dr.Data) -> None:
    table = scores.table(details=True)
    for code in ("PAK", "KEN", "POL"):
        listed = table.loc[code, "sources"].split("; ")
        assert len(listed) == len(set(listed)), code


def test_the_focal_state_and_its_parts_are_not_scored(scores: dr.Scores) -> None:
    table = scores.table(details=True)
    for code in ("CHN", "HKG", "MAC"):
        assert table.loc[code, ["dependency", "security"]].isna().all()
        assert table.loc[code, "dependency_reason"] == "focal"
        assert pd.isna(table.loc[code, "dependency_rank"])


@pytest.mark.parametrize("focal", ["USA", None])
def test_no_dependency_is_printed_where_the_focal_columns_say_nothing(
    fw: dr.Framework, data: dr.Data, focal: str | None
) -> None:
    scores = dr.score(fw.replace({"focal": focal}), data)
    assert scores.values["dependency"].dropna().to_dict() == {}
    assert scores.coverage.loc["PAK", "dependency"] == pytest.approx(0.355)
    said = " ".join(scores.notes)
    for name in FOCAL_COLUMNS:
        assert name in said
    assert scores.values.loc["CHN", "security"] > 0
    assert scores.values["security"].notna().sum() > 150
    if focal:
        assert np.isnan(scores.values.loc["USA", "security"])


def test_every_preset_scores_the_bundled_data(fw: dr.Framework, data: dr.Data) -> None:
    for preset in fw.presets:
        scores = dr.score(fw.preset(preset), data)
        assert scores.values["dependency"].notna().sum() > 100, preset


def test_any_indicator_with_siblings_can_be_dropped_and_the_bundled_data_still_score(
    fw: dr.Framework, data: dr.Data
) -> None:
    for node in fw.indicators:
        if len(fw[fw.parents[node.name] or ""].children) > 1:
            scores = dr.score(fw.replace({node.name: None}), data)
            assert scores.values["security"].notna().sum() > 100, node.name


def test_the_equal_preset_gives_the_mean_of_means(fw: dr.Framework, data: dr.Data) -> None:
    scores = dr.score(fw.preset("equal"), data)
    nodes = scores.values.loc["PAK"]
    expected = nodes[["technology_supply", "finance", "lack_of_alternatives"]].mean()
    assert nodes["dependency"] == pytest.approx(expected, abs=1e-9)


def test_the_data_quality_preset_weighs_by_confidence_and_presence(
    fw: dr.Framework, data: dr.Data
) -> None:
    scores = dr.score(fw.preset("data_quality"), data)
    keep = [code for code in data.iso3 if code not in ("CHN", "HKG", "MAC")]
    grade = {"high": 1.0, "medium": 2 / 3, "low": 1 / 3}
    quality = {}
    for name in ("gci", "ncsi"):
        cells = data.evidence.query("indicator == @name and iso3 in @keep and value.notna()")
        quality[name] = cells["confidence"].map(grade).sum() / len(keep)
    a, b = fw["gci"].weight * quality["gci"], fw["ncsi"].weight * quality["ncsi"]
    nodes = scores.values.loc["PAK"]
    expected = (a * nodes["gci"] + b * nodes["ncsi"]) / (a + b)
    assert nodes["lack_of_cyber_capacity"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.slow
def test_a_bundled_name_stands_for_its_framework() -> None:
    data = dr.load_data()
    same(dr.score("dsr", data), dr.score(dr.load_framework("dsr"), data))
    with pytest.raises(dr.DsrRiskError, match="did you mean `dsr-full`"):
        dr.fit("dsr-ful", data)


# -- models -----------------------------------------------------------------------------------------


def test_a_model_scores_a_new_country_on_the_old_scale() -> None:
    model = model_of(risk(indicator("a", normalisation="minmax"), indicator("b")))
    alone = model.score(frame({"a": [25.0], "b": [75.0]}))
    assert value(alone) == 50


def test_a_model_saved_and_loaded_scores_to_the_last_bit(
    tmp_path: object, fw: dr.Framework, data: dr.Data
) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "model.json"
    model = dr.fit(fw.preset("data_quality"), data)
    text = model.save(path).read_text(encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
    again = dr.Model.load(path)
    assert again.to_json() == text
    left, right = model.score(data), again.score(data)
    np.testing.assert_array_equal(left._values, right._values)
    pd.testing.assert_frame_equal(left.table(), right.table())


def test_a_model_whose_framework_was_edited_by_hand_is_refused(
    tmp_path: object, fw: dr.Framework, data: dr.Data
) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "model.json"
    text = dr.fit(fw, data).to_json()
    path.write_text(text.replace('"weight": 0.35', '"weight": 0.45'))
    with pytest.raises(dr.FrameworkError, match="fingerprint"):
        dr.Model.load(path)
    path.write_text(text[: len(text) // 2])
    with pytest.raises(dr.FrameworkError, match=r"model\.json"):
        dr.Model.load(path)


def test_a_model_whose_weights_or_learned_values_were_edited_is_refused(
    tmp_path: Path, fw: dr.Framework, data: dr.Data
) -> None:
    plain = dr.fit(fw, data).to_dict()
    for part in ("weights", "learned", "reference"):
        changed = json.loads(json.dumps(plain))
        name = next(iter(changed[part]))
        changed[part][name] = -3
        path = tmp_path / f"{part}.json"
        path.write_text(json.dumps(changed))
        with pytest.raises(dr.FrameworkError, match="damaged, or changed by hand"):
            dr.Model.load(path)


def test_empty_and_constant_columns_are_errors_that_name_them() -> None:
    fw = risk(
        indicator("a"), indicator("b"), indicator("c", normalisation="minmax"), indicator("d")
    )
    with pytest.raises(dr.DataError) as caught:
        dr.score(fw, frame({"a": [1, 2], "b": [None, None], "c": [7, 7], "d": [7, 7]}))
    said = caught.value.problems
    assert len(said) == 2
    for line, words in zip(said, (("`b`", "empty"), ("`c`", "constant", "7")), strict=True):
        assert all(word in line for word in words), line


def test_results_are_read_only_and_frames_are_copies(scores: dr.Scores) -> None:
    before = scores.values.loc["PAK", "security"]
    for one in (scores.values, scores.contributions("security")):
        one.loc["PAK", :] = -1.0
    assert scores.values.loc["PAK", "security"] == before
    with pytest.raises(ValueError, match="read-only"):
        scores._values[0, 0] = 1.0


def test_displays_are_plain_html_and_markdown_of_one_table(scores: dr.Scores) -> None:
    plain, page, text = repr(scores), scores._repr_html_(), scores._repr_markdown_()
    for one in (plain, page, text):
        assert "Laos" in one
        assert "234" in one
    assert page.count("<table") == 1
    nasty = dr.score(
        framework(group("risk", indicator("a")), title="<script>alert(1)</script>"),
        frame({"a": [1, 2]}),
    )
    assert "<script>" not in nasty._repr_html_()


def test_the_caption_says_the_scale_that_the_scores_are_on() -> None:
    data = pd.DataFrame({"iso3": ["KEN", "PAK"], "a": [1.0, 2.0]})
    for scale, said in (([0, 100], "0-100,"), ([1, 100], "1-100,"), ([-5, 5], "-5 to 5,")):
        fw = framework(group("risk", indicator("a")), scale=scale)
        assert f"Scores {said}" in repr(dr.score(fw, data))


def test_a_scored_country_below_every_grade_has_none() -> None:
    data = pd.DataFrame({"iso3": ["KEN", "PAK", "UGA"], "a": [1.0, 2, 3], "b": [3.0, np.nan, 5]})
    scores = dr.score(framework(group("risk", indicator("a"), indicator("b"))), data)
    assert scores.values["risk"].notna().all()
    assert scores.grade["risk"].to_dict() == {"KEN": "A", "PAK": "n/a", "UGA": "A"}


def test_countries_whose_aggregation_has_no_value_are_counted_with_that_reason() -> None:
    from dsr_risk.cli._score_text import for_people
    from dsr_risk.cli.score import Asked

    indicators = [indicator(name, normalisation="zscore") for name in "ab"]
    fw = risk(*indicators, aggregation="geometric")
    codes = ["KEN", "PAK", "UGA", "GHA", "PER", "CHL"]
    data = pd.DataFrame({"iso3": codes, "a": np.arange(6.0), "b": np.arange(6.0) ** 2})
    far = data.assign(a=data["a"] - 900, b=data["b"] - 900)
    scores = dr.fit(fw, data).score(far)
    assert scores.reason["risk"].str.startswith("undefined").all()
    asked = Asked(None, "score", False, (), None, None, None, 0, 1)
    text = for_people(scores, scores.table(details=True), asked, 80, None)
    assert "6 of 6: 6 whose aggregation has no value" in text


@pytest.mark.parametrize(
    ("old", "said"), [("low", "`minimum`"), ("high", "`maximum`"), ("values_array", "internal")]
)
def test_an_attribute_of_version_0_1_says_what_to_use(old: str, said: str) -> None:
    scores = scored(risk(*THREE), [1, 2, 3])
    assert not hasattr(scores, old)
    with pytest.raises(AttributeError, match=said):
        getattr(scores, old)


def test_learned_weights_have_the_names_of_their_nodes() -> None:
    children = (indicator("a"), indicator("b"), indicator("c", weight=2))
    fw = framework(group("risk", group("g", *children, weighting="equal"), indicator("d")))
    columns = {name: [1.0, 2 + place] for place, name in enumerate("abcd")}
    data = pd.DataFrame({"iso3": ["KEN", "PAK"], **columns})
    weights = dr.fit(fw, data).weights
    assert weights.index.name == "node"
    assert list(weights.index) == [node.name for node in fw.nodes]
    assert weights["a"] == weights["b"] == weights["c"] > 0


@pytest.mark.slow
def test_select_by_region_and_income_keeps_scores_and_ranks() -> None:
    bundled = dr.score()
    some = bundled.select(region="africa", income=["Low income"])
    places = country_table().loc[list(some.data.iso3)]
    assert set(places["region"]) == {"Africa"}
    assert set(places["income"]) == {"Low income"}
    whole = bundled.table(details=True).loc[some.table().index]
    pd.testing.assert_frame_equal(some.table(details=True), whole)
    with pytest.raises(dr.UnknownNameError, match="unknown region `Afrika`; did you mean `Africa`"):
        bundled.select(region="Afrika")
    with pytest.raises(dr.UnknownNameError, match="no unit fulfils the conditions together"):
        bundled.select(region="Africa", countries=["Japan"])
    with pytest.raises(dr.UnknownNameError, match="no country of the data has region `Asia`; they"):
        bundled.select(countries=["Kenya", "Ghana"]).select(region="Asia")
