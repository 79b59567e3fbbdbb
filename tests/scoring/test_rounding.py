"""Group values rounded at a level: hand-computed values, draws, contributions, files, bad input."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from tests.helpers import framework, group, indicator

POSTS = {"method": "goalposts", "low": 0, "high": 10}
DATA = pd.DataFrame(
    {"a": [3.2, 8.0, 1.0], "b": [4.1, 7.5, 1.1], "c": [5.0, 2.0, 9.9]}, index=["KEN", "PAK", "LAO"]
)


def rounded(**options: object) -> dr.Framework:
    inner = group(
        "inner",
        indicator("a", normalisation=POSTS),
        indicator("b", normalisation=POSTS),
        **{"rounding": 0, **options},
    )
    return framework(
        group("risk", inner, indicator("c", normalisation=POSTS), rounding=1),
        scale=[0, 10],
        bands={"low": 0},
    )


def test_rounding_rounds_half_up_before_the_value_enters_its_parent() -> None:
    scores = dr.score(rounded(), DATA)
    # a, b: (3.2 + 4.1) / 2 = 3.65 -> 4; (8 + 7.5) / 2 = 7.75 -> 8; 1.05 -> 1.
    assert scores.values.loc[DATA.index, "inner"].tolist() == [4.0, 8.0, 1.0]
    # (4 + 5) / 2 = 4.5; (8 + 2) / 2 = 5.0; (1 + 9.9) / 2 = 5.45 -> 5.5 (half up).
    assert scores.values.loc[DATA.index, "risk"].tolist() == [4.5, 5.0, 5.5]


def test_rounding_of_a_geometric_mean_is_that_of_its_value() -> None:
    scores = dr.score(rounded(aggregation={"method": "geometric", "offset": 0}, rounding=2), DATA)
    expected = [3.62, 7.75, 1.05]  # sqrt(3.2 * 4.1) = 3.6222, sqrt(60) = 7.7460, sqrt(1.1) = 1.0488
    np.testing.assert_allclose(scores.values.loc[DATA.index, "inner"], expected, atol=1e-12)


@pytest.mark.parametrize("mean", ["arithmetic", {"method": "geometric", "offset": 0}, "product"])
def test_contributions_add_up_to_a_rounded_score(mean: object) -> None:
    scores = dr.score(rounded(aggregation=mean), DATA)
    parts = scores.contributions("risk")
    np.testing.assert_allclose(parts.sum(axis=1), scores.values["risk"], atol=1e-12)


def test_explanation_between_two_rounded_profiles_adds_up_as_one_term() -> None:
    scores = dr.score(rounded(), DATA)
    table = dr.explain(scores, "KEN", against="PAK").table()
    points = table.set_index("node")["points"]
    assert points["risk"] == pytest.approx(4.5 - 5.0, abs=1e-12)
    assert points[["inner", "a", "b", "c"]].isna().all()


@pytest.mark.slow
def test_draws_are_rounded_and_equal_the_score_without_factors() -> None:
    fw = rounded()
    assert np.ptp(dr.uncertainty(fw, DATA, draws=32, factors={}).sample("risk"), axis=0).max() == 0
    factors = {"*.data": {"method": "standard_error", "absolute": 0.4}}
    drawn = dr.uncertainty(fw, DATA, draws=256, factors=factors).sample("risk")
    np.testing.assert_allclose(drawn * 10, np.round(drawn * 10), atol=1e-9)
    assert np.ptp(drawn[:, 0]) > 0.5
    power = fw.replace({"inner.aggregation": {"method": "power", "p": 1.0}})
    moved = {"inner.aggregation.p": {"method": "uniform", "low": 0.5, "high": 3}}
    some = dr.uncertainty(power, DATA, draws=32, factors=moved).sample("risk")
    np.testing.assert_allclose(some * 10, np.round(some * 10), atol=1e-9)


def test_hard_bounds_of_a_rounded_score_are_rounded() -> None:
    data = DATA.copy()
    data.loc["KEN", "a"] = np.nan
    scores = dr.score(rounded().replace({"defaults.min_coverage": 0}), data)
    # inner lies between 4.1 / 2 -> 2 and 14.1 / 2 = 7.05 -> 7.
    assert (scores.minimum.loc["KEN", "inner"], scores.maximum.loc["KEN", "inner"]) == (2.0, 7.0)
    assert scores.maximum.loc["KEN", "risk"] == 6.0


@pytest.mark.slow
def test_rounding_survives_files_and_models_and_the_command_line(tmp_path: Path) -> None:
    fw = rounded()
    fw.save(tmp_path / "fw.yaml")
    assert dr.load_framework(tmp_path / "fw.yaml") == fw
    model = dr.fit(fw, DATA)
    again = dr.Model.load(model.save(tmp_path / "model.json"))
    pd.testing.assert_frame_equal(again.score(DATA).values, model.score(DATA).values)
    DATA.rename_axis("iso3").to_csv(tmp_path / "data.csv")
    command = [sys.executable, "-m", "dsr_risk", "check", tmp_path / "data.csv"]
    done = subprocess.run(
        [*map(str, command), "--framework", str(tmp_path / "fw.yaml")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("digits", [-1, 1.5, "two", 13])
def test_a_rounding_that_is_no_number_of_digits_is_refused_with_its_place(digits: object) -> None:
    with pytest.raises(dr.FrameworkError, match="rounding"):
        rounded(rounding=digits)


@pytest.mark.filterwarnings("error")
def test_contributions_of_a_rounded_power_mean_with_a_child_at_the_floor_warn_of_nothing() -> None:
    fw = rounded(aggregation={"method": "power", "p": 0.5})
    data = DATA.assign(a=[0.0, 8.0, 1.0], b=[2.0, 0.0, np.nan])
    scores = dr.score(fw, data)
    parts = scores.contributions("risk").sum(axis=1)
    np.testing.assert_allclose(parts, scores.values["risk"], atol=1e-9)
