"""Contributions of derived indicators split to the parts that they are computed from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import dsr_risk as dr
from tests.helpers import run

NAN = float("nan")
POSTS = {"method": "goalposts", "low": 0, "high": 100}


def spec(operation: dict[str, object]) -> dict[str, object]:
    derived = {"name": "d", "higher_is": "riskier", "derived": operation, "normalisation": POSTS}
    other = {"name": "z", "higher_is": "riskier", "normalisation": POSTS}
    context = [{"name": name, "higher_is": "riskier", "missing": "mean"} for name in ("x", "y")]
    return {
        "name": "own", "context": context, "defaults": {"min_coverage": 0},
        "scores": [{"name": "risk", "children": [derived, other]}],
    }  # fmt: skip


DATA = pd.DataFrame(
    {"x": [2.0, 6, 4, 8, NAN], "y": [10.0, 5, 4, 10, 5], "z": [10.0, 20, 30, 40, 50]},
    index=pd.Index(["KEN", "PAK", "DEU", "FRA", "BRA"], name="iso3"),
)


def parts_of(operation: dict[str, object], country: str, against: str) -> pd.DataFrame:
    scores = dr.score(spec(operation), DATA)
    found = dr.explain(scores, country, against=against)
    parts = found.parts("risk")
    assert parts["points"].sum() == pytest.approx(found.gaps["risk"][2], abs=1e-12)
    whole = found.contributions("risk")
    sums = parts.groupby("node")["points"].sum()
    assert all(sums[node] == pytest.approx(points, abs=1e-12) for node, points in whole.items())
    return parts.set_index(["node", "part"])


def test_a_product_is_split_by_the_mean_over_both_orders() -> None:
    found = parts_of({"method": "product", "of": ["x", "y"]}, "PAK", "KEN")
    # 30 against 20 raw: x adds (6 - 2) (10 + 5) / 2 = 30, y (5 - 10) (2 + 6) / 2 = -20; half weight.
    assert found.loc[("d", "x"), "points"] == pytest.approx(15)
    assert found.loc[("d", "y"), "points"] == pytest.approx(-10)
    assert found.loc[("z", ""), "points"] == pytest.approx(5)
    assert found["is_split"].tolist() == [True, True, False]
    assert found.loc[("d", "x"), ["raw", "raw_baseline"]].tolist() == [6, 2]


def test_a_ratio_is_split_by_the_mean_over_both_orders() -> None:
    found = parts_of({"method": "ratio", "of": ["x", "y"], "scale": 10}, "PAK", "KEN")
    by_x = 10 * ((6 - 2) / 10 + (6 - 2) / 5) / 2
    by_y = 10 * ((2 / 5 - 2 / 10) + (6 / 5 - 6 / 10)) / 2
    assert found.loc[("d", "x"), "points"] == pytest.approx(by_x / 2)
    assert found.loc[("d", "y"), "points"] == pytest.approx(by_y / 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    "operation",
    [{"method": "sum", "of": ["x", "y"]}, {"method": "minimum", "of": ["x", "y"]},
     {"method": "weighted_sum", "of": ["x", "y"], "weights": [2, 3]},
     {"method": "power", "of": "x", "exponent": 2}],
    ids=lambda one: one["method"],
)  # fmt: skip
def test_every_operation_adds_up_and_a_missing_part_is_at_its_estimate(operation) -> None:
    for country, against in (("PAK", "KEN"), ("BRA", "KEN"), ("DEU", "BRA"), ("FRA", "median")):
        parts_of(operation, country, against)


def test_against_the_median_profile_a_row_holds_what_medians_of_parts_differ() -> None:
    data = DATA.assign(y=[10.0, 5, 4, 10, 9])
    scores = dr.score(spec({"method": "product", "of": ["x", "y"]}), data)
    found = dr.explain(scores, "FRA", against="median")
    parts = found.parts("risk").set_index("part")["points"]
    # The median of x is 5 and that of y 9; the products are 20, 30, 16, 80 and 45.
    assert parts["(medians)"] == pytest.approx((5 * 9 - 30) / 2)
    assert parts.sum() == pytest.approx(found.gaps["risk"][2])


def test_without_a_difference_the_indicator_stays_whole() -> None:
    data = DATA.assign(x=[2.0, 4, 4, 8, 3], y=[10.0, 5, 4, 10, 5])
    scores = dr.score(spec({"method": "product", "of": ["x", "y"]}), data)
    found = dr.explain(scores, "PAK", against="KEN").parts()
    assert found["part"].tolist() == ["", ""]


@pytest.mark.slow
def test_bundled_explanations_split_surveillance_to_adoption_and_gap_and_add_up() -> None:
    scores = dr.score()
    for country in ("PAK", "BGR", "KIR"):
        for against in ("median", "KEN"):
            found = dr.explain(scores, country, against=against)
            for name, (_, _, gap) in found.gaps.items():
                parts = found.parts(name)
                assert parts["points"].sum() == pytest.approx(gap, abs=1e-9)
            if "security" in found.gaps:
                split = found.parts("security").query("node == 'adoption_x_safeguards_gap'")
                assert {"surveillance_adoption", "safeguards_gap"} <= set(split["part"])


@pytest.mark.slow
def test_the_command_line_writes_the_parts(tmp_path: Path) -> None:
    done = run("explain", "PAK", "--against", "KEN", "--parts", "--out", tmp_path / "p.csv")
    assert done.returncode == 0, done.stderr
    found = pd.read_csv(tmp_path / "p.csv", keep_default_na=False)
    assert "surveillance_adoption" in set(found["part"])
    with pytest.raises(dr.UnknownNameError, match="unknown headline score `risk`"):
        dr.explain(dr.score(), "PAK").parts("risk")
