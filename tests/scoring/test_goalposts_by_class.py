"""Goalposts that differ by class of country: score, draws, bounds, what-if, files and errors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

import dsr_risk as dr
from tests.helpers import run

NAN = float("nan")
LOW = {"High income": 0, "Upper middle income": 0, "Lower middle income": 5, "Low income": 10}
HIGH = {
    "High income": 50,
    "Upper middle income": 100,
    "Lower middle income": 105,
    "Low income": 110,
}
CLASS = {
    "DEU": "High income", "FRA": "High income", "BRA": "Upper middle income", "KEN": "Lower middle income",
    "PAK": "Lower middle income", "ETH": "Low income", "MWI": "Low income",
}  # fmt: skip
DATA = pd.DataFrame(
    {"a": [25.0, 60, 30, NAN, 55, 60, 5], "b": [10.0, 20, 30, 40, 55, 60, 70]},
    index=pd.Index(list(CLASS), name="iso3"),
)


def posts(**changes: object) -> dict[str, object]:
    return {"method": "goalposts", "by": "income_group", "low": LOW, "high": HIGH} | changes


def spec(**fields: object) -> dict[str, object]:
    indicators = [
        {"name": "a", "higher_is": "riskier", "normalisation": posts()},
        {"name": "b", "higher_is": "safer", "normalisation": {"method": "goalposts", "low": 0, "high": 100}},
    ]  # fmt: skip
    defaults = {"min_coverage": 0, "missing": "mean"}
    return {
        "name": "own",
        "defaults": defaults,
        "scores": [{"name": "risk", "children": indicators}],
    } | fields


def by_hand(country: str, a: float) -> float:
    low, high = LOW[CLASS[country]], HIGH[CLASS[country]]
    return 100 * min(max((a - low) / (high - low), 0.0), 1.0)


def test_each_country_is_measured_between_the_goalposts_of_its_class() -> None:
    scores = dr.score(spec(), DATA)
    filled = DATA["a"].fillna(DATA["a"].mean())
    wanted = [by_hand(country, value) for country, value in filled.items()]
    known = DATA["a"].notna()
    np.testing.assert_allclose(scores.normalised["a"][known], np.array(wanted)[known], atol=1e-12)
    np.testing.assert_allclose(
        scores.values["risk"], (scores.normalised["a"] + 100 - DATA["b"]) / 2, atol=1e-12
    )
    np.testing.assert_allclose(
        scores.contributions("risk").sum(axis=1), scores.values["risk"], atol=1e-9
    )


def test_an_end_may_be_the_same_for_all_classes_and_a_curve_may_be_bent() -> None:
    method = posts(low=1, high={one: 10 * high for one, high in HIGH.items()}, curve="log")
    scores = dr.score(dr.load_framework(spec()).replace({"a.normalisation": method}), DATA)
    wanted = 100 * np.log(25) / np.log(500)
    assert scores.normalised.loc["DEU", "a"] == pytest.approx(wanted)


def test_a_row_alone_a_saved_model_and_a_selection_score_as_in_the_table(tmp_path: Path) -> None:
    model = dr.fit(spec(), DATA)
    whole = model.score(DATA)
    again = dr.Model.load(model.save(tmp_path / "m.json"))
    for country in CLASS:
        alone = again.score(DATA.loc[[country]]).values.loc[country]
        np.testing.assert_allclose(alone, whole.values.loc[country], rtol=0, atol=1e-12)
    some = whole.select(countries=["ETH", "DEU"])
    assert some.estimated.equals(whole.estimated.loc[some.data.units])
    assert dr.explain(some, "ETH", against="DEU").gaps["risk"][2] == pytest.approx(
        whole.values.loc["ETH", "risk"] - whole.values.loc["DEU", "risk"]
    )


def test_framework_files_keep_the_bounds_of_classes(tmp_path: Path) -> None:
    fw = dr.load_framework(spec())
    for suffix in ("yaml", "json", "toml"):
        again = dr.load_framework(fw.save(tmp_path / f"f.{suffix}"))
        assert again == fw
        assert again.fingerprint == fw.fingerprint
    assert hash(fw["a"].normalisation) == hash(dr.load_framework(fw.to_dict())["a"].normalisation)


def test_without_factors_every_draw_is_the_score_and_missing_draws_average_to_it() -> None:
    scores = dr.score(spec(), DATA)
    plain = dr.score(spec(defaults={"min_coverage": 0}), DATA)
    still = dr.uncertainty(plain, draws=8, factors={})
    table = still.table().reindex(CLASS)
    for end in ("risk_low", "risk_high"):
        np.testing.assert_allclose(table[end], plain.values["risk"], atol=1e-9)
    # `mean` is no distribution: a stochastic method has draws whose mean is the score.
    fw = dr.load_framework(spec()).replace({"defaults.missing": {"method": "hot_deck"}})
    drawn = dr.uncertainty(fw, DATA, draws=4096, factors={"*.missing": {"method": "imputed"}})
    own = dr.score(fw, DATA).values.loc["KEN", "risk"]
    assert drawn.scores("risk").loc["KEN", "mean"] == pytest.approx(own, abs=1.5)
    assert scores.imputed.loc["KEN", "a"]


def test_errors_of_data_are_drawn_in_raw_units_and_then_put_between_the_goalposts() -> None:
    data = DATA.drop(index="KEN")
    for reference in ("fixed", "refit"):
        found = dr.uncertainty(
            spec(), data, draws=4096, seed=1, reference=reference,
            factors={"a.data": {"method": "standard_error", "absolute": 2.0}},
        ).table()  # fmt: skip
        # DEU: 2 of 50 raw units are 4 points of the indicator and 2 of the score; BRA: 2 of 100.
        for country, points in (("DEU", 2.0), ("BRA", 1.0), ("PAK", 1.0)):
            width = found.loc[country, "risk_high"] - found.loc[country, "risk_low"]
            assert width == pytest.approx(2 * 1.645 * points, rel=0.08)


def test_goalposts_that_move_keep_the_goalposts_of_classes_apart() -> None:
    data = DATA.drop(index="KEN")
    found = dr.uncertainty(
        spec(), data, draws=512, factors={"a.goalposts": {"method": "uniform", "share": 0.1}}
    ).table()
    scores = dr.score(spec(), data)
    for country in ("DEU", "BRA", "PAK"):
        assert found.loc[country, "risk_low"] < scores.values.loc[country, "risk"]
        assert found.loc[country, "risk_high"] > scores.values.loc[country, "risk"]


def test_sensitivity_gives_the_whole_variance_to_the_factor_that_varies() -> None:
    data = DATA.drop(index="KEN")
    found = dr.sensitivity(
        spec(), data, n=256, factors={"a.data": {"method": "standard_error", "absolute": 2.0},
                                      "b.data": {"method": "standard_error", "absolute": 1e-6}},
    ).table()  # fmt: skip
    assert found["total"].max() == pytest.approx(1.0, abs=0.05)


def test_hard_bounds_use_the_class_of_a_censored_cell() -> None:
    cells = DATA.reset_index().melt("iso3", var_name="indicator").assign(lower=NAN, upper=NAN)
    row = (cells["iso3"] == "KEN") & (cells["indicator"] == "a")
    cells.loc[row, ["lower", "upper"]] = [15.0, 25.0]
    scores = dr.score(spec(defaults={"min_coverage": 0}), cells)
    assert scores.minimum.loc["KEN", "a"] == pytest.approx(10)
    assert scores.maximum.loc["KEN", "a"] == pytest.approx(20)
    assert 10 <= scores.normalised.loc["KEN", "a"] <= 20


def test_scenarios_pathways_and_elasticities_use_the_class_of_the_country() -> None:
    data = DATA.drop(index="KEN")
    scores = dr.score(spec(), data)
    moved = dr.scenario(scores, {"DEU": {"a": "+10"}, "BRA": {"a": "+10"}}).after.values["risk"]
    change = moved - scores.values["risk"]
    assert change["DEU"] == pytest.approx(10)
    assert change["BRA"] == pytest.approx(5)
    assert change.drop(["DEU", "BRA"]).eq(0).all()
    slopes = dr.elasticities(scores, "DEU")
    assert slopes.loc["a", "right"] == pytest.approx(1.0)
    path = dr.pathway(scores, "DEU", target=60)
    assert path.reached == pytest.approx(60, abs=1e-6)


def test_a_country_without_a_class_has_no_value_there_and_a_reason() -> None:
    data = pd.concat([DATA, pd.DataFrame({"a": [7.0], "b": [NAN]}, index=["COK"])])
    data.index.name = "iso3"
    scores = dr.score(spec(defaults={"min_coverage": 0.5}), data)
    assert np.isnan(scores.normalised.loc["COK", "a"])
    assert (
        scores.reason.loc["COK", "risk"] == "no indicator observed, no class in income_group for a"
    )
    data.loc["COK", "b"] = 20.0
    scores = dr.score(spec(defaults={"min_coverage": 0.5}), data)
    table = dr.explain(scores, "COK").table().set_index("node")
    assert table.loc["a", "status"] == "no class"
    assert scores.coverage.loc["COK", "risk"] == pytest.approx(0.5)
    assert [scores.minimum.loc["COK", "a"], scores.maximum.loc["COK", "a"]] == [0, 100]


def test_a_workbook_holds_the_goalposts_of_classes_as_inputs(tmp_path: Path) -> None:
    scores = dr.score(spec(), DATA)
    book = load_workbook(dr.workbook(scores, tmp_path / "w.xlsx"))
    classes = {row[1] for row in book["Classes"].iter_rows(min_row=7, values_only=True)}
    assert "High income" in classes
    formulas = [
        str(row[0]) for row in book["Normalised"].iter_rows(min_row=7, min_col=4, values_only=True)
    ]
    assert any("Classes!" in formula for formula in formulas)


def test_a_compiled_model_is_refused_for_an_array_has_no_classes() -> None:
    model = dr.fit(spec(), DATA)
    with pytest.raises(dr.FrameworkError, match="`a` goes by income_group"):
        model.compile()
    assert np.isnan(model.score(DATA.to_numpy()).normalised["a"]).all()


def test_peers_of_the_framework_are_classes() -> None:
    peers = {"north": ["DEU", "FRA"], "south": ["BRA", "KEN", "PAK", "ETH", "MWI"]}
    fw = dr.load_framework(spec(peers=peers)).replace(
        {"a.normalisation": posts(by="peers", low=0, high={"north": 50, "south": 200})}
    )
    scores = dr.score(fw, DATA)
    assert scores.normalised.loc[["DEU", "PAK"], "a"].tolist() == pytest.approx([50, 27.5])


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (posts(low={**LOW, "High incom": 0}, high={**HIGH, "High incom": 9}),
         "unknown class `High incom`; did you mean `High income`"),
        (posts(low={"High income": 0}, high={"High income": 9}),
         "no bound in `low` and `high` for the class `Low income`"),
        (posts(by="region", low={"Antarctica": 0}, high={"Antarctica": 1}), "unknown class `Antarctica`"),
    ],
)  # fmt: skip
def test_classes_that_do_not_fit_the_data_are_one_clear_error(method, words) -> None:
    fw = dr.load_framework(spec()).replace({"a.normalisation": method})
    with pytest.raises(dr.DataError) as caught:
        dr.score(fw, DATA)
    assert words in str(caught.value)
    assert len(caught.value.problems) == 1


def test_a_class_without_countries_is_an_error_of_fitting_and_not_of_scoring() -> None:
    rich = DATA.loc[["DEU", "FRA"]].fillna(1.0)
    with pytest.raises(dr.DataError, match="no country of the data is of the class `Low income`"):
        dr.score(spec(), rich)
    assert dr.fit(spec(), DATA).score(rich).values["risk"].notna().all()


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (posts(by=None), "bounds by class need `by`"),
        (posts(low=0, high=9), "needs `low` or `high` as a mapping"),
        (posts(low={"High income": 0}), "class `Low income` has only one of `low` and `high`"),
        (posts(low=dict.fromkeys(HIGH, 200)), "class `High income`: goalposts: goalposts in the wrong order"),
        (posts(low="p5"), "never a percentile"),
        (posts(low=dict.fromkeys(HIGH, "p5")), "a percentile of a class is not possible"),
        (posts(by="continent"), "income_group"),
        (posts(curve="log"), "class `High income`: goalposts: `curve: log` needs `low` > 0"),
    ],
)  # fmt: skip
def test_bounds_by_class_that_cannot_be_are_refused(method, words) -> None:
    with pytest.raises(dr.FrameworkError) as caught:
        dr.load_framework(spec()).replace({"a.normalisation": method})
    assert words in str(caught.value)


@pytest.mark.slow
def test_the_command_line_scores_a_framework_file_with_bounds_by_class(tmp_path: Path) -> None:
    dr.load_framework(spec()).save(tmp_path / "f.yaml")
    DATA.to_csv(tmp_path / "d.csv")
    done = run(
        "score", "-f", tmp_path / "f.yaml", "-d", tmp_path / "d.csv", "--out", tmp_path / "o.json"
    )
    assert done.returncode == 0, done.stderr
    table = json.loads((tmp_path / "o.json").read_text())
    rows = {row["iso3"]: row["risk"] for row in table["rows"]}
    assert rows["DEU"] == pytest.approx(70)
