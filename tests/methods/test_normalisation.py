"""Normalisations against closed forms and against COINr."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from dsr_risk.errors import DataError, FrameworkError
from dsr_risk.methods import Normaliser
from tests.folders import REFERENCE
from tests.methods.method_cases import NAN, frozen, reference_table

X = frozen([3, 1, NAN, 4, 1, 5])[:, None]


def shares(spec, x=X, sign=1) -> list[float]:
    method = Normaliser.parse(spec)
    return method.apply(x, sign, method.fit(x, sign)).ravel()


def same(found, expected) -> bool:
    return np.allclose(found, expected, rtol=1e-11, atol=1e-12, equal_nan=True)


def test_golden_values_of_a_coinr_run() -> None:
    z = [0.111803398875, -1.00623058987, NAN, 0.67082039325, -1.00623058987, 1.22983738762]
    assert same(100 * shares({"method": "zscore", "mean": 0, "sd": 1}), z)
    assert same(shares("percentile_rank"), [0.5, 0, NAN, 0.75, 0, 1])
    assert same(5 * shares("borda"), [2, 0, NAN, 3, 0, 4])
    assert same(100 * shares("minmax"), [50, 0, NAN, 75, 0, 100])
    target = [0.571428571429, 0, NAN, 0.857142857143, 0, 1]
    assert same(shares({"method": "distance_to_target", "target": 4.5}), target)
    posts = {"method": "goalposts", "low": 2, "high": 4}
    assert same(10 * shares(posts), [5, 0, NAN, 10, 0, 10])
    assert same(10 * shares(posts, sign=-1), [5, 10, NAN, 0, 10, 0])


def test_ranks_run_from_one_to_the_number_of_values() -> None:
    assert same(5 * shares("rank"), [3, 1, NAN, 4, 1, 5])
    assert same(5 * shares({"method": "rank", "ties": "average"}), [3, 1.5, NAN, 4, 1.5, 5])
    assert same(5 * shares("rank", sign=-1), [3, 4, NAN, 2, 4, 1])


def test_a_z_score_is_worth_its_points_on_a_scale_of_100() -> None:
    assert same(100 * shares("zscore"), 50 + 10 * (X.ravel() - 2.8) / np.nanstd(X, ddof=1))
    assert same(shares("zscore", sign=-1) + shares("zscore"), np.where(np.isnan(X.ravel()), NAN, 1))


def test_micro_example_11_the_z_score_of_a_whole_population() -> None:
    x = frozen([2, 4, 6])[:, None]
    z = 100 * shares({"method": "zscore", "mean": 0, "sd": 1, "ddof": 0}, x)
    assert z[-1] == pytest.approx(1.224745, abs=5e-7)
    assert same(z, [-2 / 1.632993161855452, 0, 2 / 1.632993161855452])


def test_robust_scores_use_the_median_and_its_absolute_deviation() -> None:
    x = frozen([1, 2, 3, 4, 100])[:, None]
    z = (x.ravel() - 3) / (1.482602218505602 * 1)
    assert same(100 * shares("robust", x), 50 + 10 * z)


def test_robust_refuses_a_column_that_is_mostly_one_value() -> None:
    x = frozen([7, 7, 7, 7, 100])[:, None]
    with pytest.raises(DataError, match="more than half of the values of column 1 of 1 are 7"):
        shares("robust", x)


def test_a_goal_has_no_risk_and_a_ceiling_all_of_it() -> None:
    x = frozen([10, 20, 50])[:, None]
    assert same(shares({"method": "distance_to_target", "target": 60}, x), [0, 0.2, 0.8])
    goal = {"method": "distance_to_target", "target": 0, "target_is": "goal"}
    assert same(shares(goal, x), [0.2, 0.4, 1])
    # Where higher is safer the goal lies above: 60 is reached by nobody, 50 is nearest.
    goal = {"method": "distance_to_target", "target": 60, "target_is": "goal"}
    assert same(shares(goal, x, -1), [1, 0.8, 0.2])


def test_a_target_on_the_wrong_side_is_refused() -> None:
    x = frozen([10, 20, 50])[:, None]
    with pytest.raises(DataError, match=r"the end \(5\) of column 1 of 1 is not beyond"):
        shares({"method": "distance_to_target", "target": 5}, x)


def test_a_capped_target_cuts_only_beyond_it() -> None:
    method = Normaliser.parse({"method": "distance_to_target", "target": 30})
    learned = method.fit(frozen([[10], [20]]), 1)
    assert same(method.apply(frozen([[0], [40]]), 1, learned).ravel(), [-0.5, 1])
    free = Normaliser.parse({"method": "distance_to_target", "target": 30, "cap": False})
    assert same(free.apply(frozen([[40]]), 1, learned).ravel(), [1.5])


def test_distance_to_a_reference_may_pass_one_unless_capped() -> None:
    x = frozen([1, 3, 5])[:, None]
    near = {"method": "distance_to_reference", "reference": 3}
    assert same(shares(near, x), [0, 1, 2])
    assert same(shares({**near, "cap": True}, x), [0, 1, 1])
    assert same(shares(near, x, -1), [2, 1, 0])


def test_a_fraction_of_the_maximum_is_reversed_where_higher_is_safer() -> None:
    x = frozen([1, 2, 4])[:, None]
    assert same(shares("fraction_of_maximum", x), [0.25, 0.5, 1])
    assert same(shares("fraction_of_maximum", x, -1), [0.75, 0.5, 0])
    with pytest.raises(DataError, match="needs a maximum above 0; column 1 of 1 has -1"):
        shares("fraction_of_maximum", -x)


def test_scaled_values_leave_the_scale_and_goalposts_do_not() -> None:
    x = frozen([-5, 5, 20])[:, None]
    assert same(shares({"method": "scaled", "low": 0, "high": 10}, x), [-0.5, 0.5, 2])
    assert same(shares({"method": "goalposts", "low": 0, "high": 10}, x), [0, 0.5, 1])
    assert same(shares({"method": "scaled", "low": 0, "high": 10}, x, -1), [1.5, 0.5, -1])


def test_curves_bend_the_way_between_the_goalposts() -> None:
    x = frozen([1, 10, 100])[:, None]
    posts = {"method": "goalposts", "low": 1, "high": 100}
    assert same(shares({**posts, "curve": "log"}, x), [0, 0.5, 1])
    expected = (np.log([2, 11, 101]) - np.log(2)) / np.log(101 / 2)
    assert same(shares({**posts, "curve": "log1p"}, x), expected)


def test_a_logarithm_of_a_percentile_that_is_not_positive_is_refused() -> None:
    with pytest.raises(DataError, match="`curve: log` needs `low` > 0"):
        shares({"method": "goalposts", "low": "p0", "high": 9, "curve": "log"}, X - 1)


def test_piecewise_lines_pass_through_their_points() -> None:
    spec = {"method": "piecewise", "at": [0, 10, 20], "shares": [0.1, 0.5, 0.9]}
    x = frozen([-5, 5, 15, 99])[:, None]
    assert same(shares(spec, x), [0.1, 0.3, 0.7, 0.9])
    assert same(shares(spec, x, -1), [0.9, 0.7, 0.3, 0.1])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"at": [0, 1], "shares": [0, 0.5, 1]}, "must be equally long, received 2 and 3"),
        ({"at": [0, 0], "shares": [0, 1]}, "`at` must ascend"),
        ({"at": [0, 1], "shares": [1, 0]}, "must lie in 0-1 and never fall"),
    ],
)
def test_a_broken_path_is_refused(wrong: dict, message: str) -> None:
    with pytest.raises(FrameworkError, match=message):
        Normaliser.parse({"method": "piecewise", **wrong})


def test_a_logistic_curve_is_symmetric_and_never_ends() -> None:
    spec = {"method": "logistic", "low": 20, "high": 80, "tail": 0.1}
    x = frozen([-1e9, 20, 50, 80, 1e9])[:, None]
    assert same(shares(spec, x), [0, 0.1, 0.5, 0.9, 1])
    assert same(shares(spec, x, -1), [1, 0.9, 0.5, 0.1, 0])


@pytest.mark.parametrize(
    ("table", "spec", "unit"),
    [
        ("asem_norm_minmax_0_100.csv", "minmax", 100),
        ("asem_norm_minmax_0_100.csv", "distance_to_maximum", 100),
        ("asem_norm_zscore_0_1.csv", {"method": "zscore", "mean": 0, "sd": 1}, 100),
        ("asem_norm_borda.csv", "borda", 50),
        ("asem_norm_borda.csv", "percentile_rank", 50),
    ],
)
def test_asem_columns_equal_coinrs(table: str, spec, unit: float) -> None:
    names, x = reference_table("asem_treated.csv")
    with (REFERENCE / "asem_iMeta.csv").open(encoding="utf-8", newline="") as file:
        direction = {row["iCode"]: row["Direction"] for row in csv.DictReader(file)}
    theirs = reference_table(table)[1]
    method = Normaliser.parse(spec)
    for place, name in enumerate(names):
        sign = int(float(direction[name]))
        column = x[:, [place]]
        ours = unit * method.apply(column, sign, method.fit(column, sign))
        assert ours[:, 0] == pytest.approx(theirs[:, place], rel=1e-9, abs=1e-12, nan_ok=True), name
