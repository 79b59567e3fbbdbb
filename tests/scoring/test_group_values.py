"""Groups scaled by an indicator and groups whose value an indicator gives: hand-computed values and laws."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import dsr_risk as dr
from dsr_risk.scoring.decomposition import decompose
from tests.helpers import framework, group, indicator

POSTS = {"method": "goalposts", "low": 0, "high": 100}
CODES = ["KEN", "PAK", "LAO", "SRB"]


def scored(name: str, **options: Any) -> Any:
    return indicator(name, normalisation=POSTS, **options)


def scaled(aggregation: Any = "arithmetic", **options: Any) -> dr.Framework:
    inner = group(
        "hazard",
        scored("flood", weight=2),
        scored("drought"),
        scored("exposure"),
        aggregation=aggregation,
        scaled_by="exposure",
        weight=3,
        **options,
    )
    return framework(group("risk", inner, scored("other")), defaults={"min_coverage": 0.0})


def stands_for(**options: Any) -> dr.Framework:
    inner = group(
        "capacity",
        scored("law"),
        scored("staff", weight=3),
        scored("published"),
        value="published",
        **options,
    )
    return framework(group("risk", inner, scored("other")), defaults={"min_coverage": 0.0})


def table(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.Index(CODES, name="iso3"))


HAZARD = table(
    flood=[60.0, 90.0, 30.0, 60.0],
    drought=[30.0, 0.0, np.nan, 30.0],
    exposure=[50.0, 100.0, 40.0, np.nan],
    other=[10.0, 20.0, 30.0, 40.0],
)
CAPACITY = table(
    law=[20.0, np.nan, 40.0, np.nan],
    staff=[60.0, np.nan, np.nan, np.nan],
    published=[99.0, 70.0, 80.0, np.nan],
    other=[10.0, 20.0, 30.0, 40.0],
)


def test_a_scaled_group_is_the_mean_of_the_others_times_the_share() -> None:
    scores = dr.score(scaled(), HAZARD)
    hazard = scores.values["hazard"]
    # (2 x 60 + 30) / 3 x .5; (2 x 90 + 0) / 3 x 1; 30 x .4; no exposure, no value.
    np.testing.assert_allclose(hazard, [25.0, 60.0, 12.0, np.nan])
    np.testing.assert_allclose(
        scores.values["risk"], [(3 * 25 + 10) / 4, (3 * 60 + 20) / 4, (3 * 12 + 30) / 4, 40.0]
    )


def test_a_scaled_group_works_on_the_scale_of_the_framework() -> None:
    fw = scaled().replace({"scale": [1, 10]})
    scores = dr.score(fw, HAZARD)
    # 50 of 100 is 5.5 of 1 to 10, a share of .5; the mean of flood and drought is 50.
    assert scores.values.loc["KEN", "hazard"] == pytest.approx(1 + (1 + 9 * 0.5 - 1) * 0.5)


def test_a_group_takes_the_given_value_where_its_parts_are_missing() -> None:
    scores = dr.score(stands_for(), CAPACITY)
    # (20 + 3 x 60) / 4; the given 70; law alone; nothing.
    np.testing.assert_allclose(scores.values["capacity"], [50.0, 70.0, 40.0, np.nan])
    two = dr.score(stands_for(min_children=2), CAPACITY)
    np.testing.assert_allclose(two.values["capacity"], [50.0, 70.0, 80.0, np.nan])
    covered = two._state.scorable.coverage[:, two._state.tree.index["capacity"]]
    np.testing.assert_allclose(covered, [1, 1, 1, 0])


def test_a_group_value_is_estimated_where_parts_and_given_value_are_missing() -> None:
    fw = stands_for().replace({"published.missing": {"method": "mean"}})
    scores = dr.score(fw, CAPACITY)
    assert scores.values.loc["SRB", "capacity"] == pytest.approx((99 + 70 + 80) / 3)
    assert scores.values.loc["PAK", "capacity"] == 70


@pytest.mark.parametrize(
    ("fw", "data"),
    [
        (scaled(), HAZARD),
        (scaled("geometric"), HAZARD),
        (scaled({"method": "power", "p": 2}), HAZARD),
        (scaled(rounding=1), HAZARD),
        (scaled("minimum"), HAZARD),
        (stands_for(), CAPACITY),
        (stands_for(min_children=2, rounding=0), CAPACITY),
    ],
)
def test_contributions_add_up_to_the_score(fw: dr.Framework, data: pd.DataFrame) -> None:
    scores = dr.score(fw, data)
    total = scores.contributions("risk").sum(axis=1)
    np.testing.assert_allclose(total, scores.values["risk"], atol=1e-9)


def test_the_floor_split_gives_the_scaling_child_half() -> None:
    points = dr.score(scaled(), HAZARD).contributions("risk").loc["KEN"]
    # 25 points of hazard at 3/4 of the weight: half to exposure, the rest 120 to 30.
    assert points["exposure"] == pytest.approx(0.75 * 12.5)
    assert points["flood"] == pytest.approx(0.75 * 12.5 * 120 / 150)
    assert points["drought"] == pytest.approx(0.75 * 12.5 * 30 / 150)


@pytest.mark.slow
@pytest.mark.parametrize("aggregation", ["arithmetic", "geometric", {"method": "power", "p": 2}])
@settings(max_examples=20, deadline=None)
@given(values=st.lists(st.floats(0, 100), min_size=8, max_size=8))
def test_the_gap_of_two_scaled_countries_is_split_exactly(
    aggregation: Any, values: list[float]
) -> None:
    frame = pd.DataFrame(
        np.reshape(values, (2, 4)),
        columns=list(HAZARD),
        index=pd.Index(["KEN", "PAK"], name="iso3"),
    )
    scores = dr.score(scaled(aggregation), frame)
    state = scores._state
    tree, values_of = state.tree, state.evaluated
    headline = tree.index["risk"]
    split = decompose(tree, headline, state.weights, values_of[[0]], values_of[[1]])
    gap = values_of[0, headline] - values_of[1, headline]
    assert not split.unsplit[0, tree.index["hazard"]]
    assert split.points[0, : tree.n_indicators].sum() == pytest.approx(gap, abs=1e-7)


@settings(max_examples=25, deadline=None)
@given(
    values=st.lists(st.floats(0, 100), min_size=4, max_size=4),
    child=st.sampled_from(["flood", "drought", "exposure"]),
    more=st.floats(0, 50),
)
def test_a_higher_child_never_lowers_a_scaled_group(
    values: list[float], child: str, more: float
) -> None:
    frame = pd.DataFrame([values, values], columns=list(HAZARD), index=["KEN", "PAK"])
    higher: Any = frame.loc["PAK", child]
    frame.loc["PAK", child] = min(100.0, higher + more)
    found = dr.score(scaled(), frame).values["risk"]
    assert found["PAK"] >= found["KEN"] - 1e-9


@pytest.mark.parametrize(("fw", "data"), [(scaled(), HAZARD), (stands_for(), CAPACITY)])
def test_draws_without_factors_equal_the_score(fw: dr.Framework, data: pd.DataFrame) -> None:
    from dsr_risk.montecarlo import compile_design

    design = compile_design(fw, data, {"risk.weights": {"method": "spread", "share": 0.2}})
    drawn = design.evaluate_block(np.full((3, design.dimension), 0.5), nodes=["risk"])
    np.testing.assert_allclose(
        drawn[:, :, 0], np.tile(dr.score(fw, data).values["risk"], (3, 1)), rtol=1e-12
    )


def test_every_draw_of_a_scaled_group_follows_its_drawn_children() -> None:
    from dsr_risk.montecarlo import compile_design

    data = HAZARD.iloc[:2]
    factors = {"*.data": {"method": "standard_error", "relative": 0.05}}
    design = compile_design(scaled(), data, factors)
    names = ["flood", "drought", "exposure", "hazard"]
    flood, drought, exposure, hazard = np.moveaxis(
        design.evaluate_block(np.empty((50, 0)), nodes=names), -1, 0
    )
    np.testing.assert_allclose(hazard, (2 * flood + drought) / 3 * exposure / 100, rtol=1e-12)
    assert np.ptp(hazard[:, 0]) > 0


@pytest.mark.parametrize(("fw", "data"), [(scaled(), HAZARD), (stands_for(), CAPACITY)])
def test_scores_lie_inside_their_hard_bounds(fw: dr.Framework, data: pd.DataFrame) -> None:
    found = dr.score(fw, data).table(details=True)
    assert (found["risk_min"] <= found["risk"] + 1e-9).all()
    assert (found["risk_max"] >= found["risk"] - 1e-9).all()


@pytest.mark.slow
def test_the_fields_go_through_files(tmp_path: Path) -> None:
    for fw, data in ((scaled(), HAZARD), (stands_for(), CAPACITY)):
        for ending in ("yaml", "json"):
            path = tmp_path / f"{fw.name}.{ending}"
            fw.save(path)
            assert dr.load_framework(path) == fw
        data.to_csv(tmp_path / "data.csv")
        out = subprocess.run(
            [sys.executable, "-m", "dsr_risk", "score", "-f", str(path), "--data",
             str(tmp_path / "data.csv"), "--level", "all"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert out.startswith("iso3")
        model = dr.fit(fw, data)
        model.save(tmp_path / "model.json")
        again = dr.Model.load(tmp_path / "model.json").score(data)
        pd.testing.assert_frame_equal(again.values, dr.score(fw, data).values)


def test_a_workbook_has_a_formula_of_the_scaled_group(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    dr.workbook(dr.score(scaled(), HAZARD), tmp_path / "scores.xlsx")
    rows = openpyxl.load_workbook(tmp_path / "scores.xlsx")["Framework"].iter_rows(values_only=True)
    text = " ".join(str(value) for row in rows for value in row if value)
    assert "scaled by" in text
    assert "has no formula here" not in text


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"scaled_by": "flod"},
            "`scaled_by` names `flod`, which is no indicator among its children; did you mean",
        ),
        ({"value": "other"}, "`value` names `other`, which is no indicator among its children"),
        ({"scaled_by": "flood", "value": "drought"}, "give `scaled_by` or `value`, not both"),
    ],
)
def test_a_wrong_child_is_one_clear_error(fields: dict[str, str], message: str) -> None:
    inner = group("hazard", scored("flood"), scored("drought"), **fields)
    with pytest.raises(dr.FrameworkError) as error:
        framework(group("risk", inner, scored("other")))
    assert message in str(error.value)
    assert len(error.value.problems) == 1


def test_a_group_an_only_child_and_a_child_without_weight_are_refused() -> None:
    deep = group("inner", scored("flood"))
    for child, message in (
        (group("hazard", deep, scored("drought"), scaled_by="inner"), "which is a group"),
        (group("hazard", scored("flood"), scaled_by="flood"), "its only child"),
        (
            group("hazard", scored("flood", weight=0), scored("drought"), value="flood"),
            "whose weight is 0",
        ),
    ):
        with pytest.raises(dr.FrameworkError, match=message):
            framework(group("risk", child, scored("other")))
