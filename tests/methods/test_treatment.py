"""Treatments against closed forms, COINr and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats

from dsr_risk.errors import DataError
from dsr_risk.methods import Treatment
from dsr_risk.methods.moments import passes
from tests.folders import REFERENCE
from tests.methods.method_cases import (
    NAN,
    columns,
    frozen,
    reference_table,
)

OUTLIERS = frozen([*range(1, 11), 30, 100])[:, None]


def treated(spec, x) -> np.ndarray:
    method = Treatment.parse(spec)
    return method.apply(x, method.fit(x))[:, 0]


def test_winsorising_stops_as_soon_as_the_column_passes() -> None:
    assert treated("winsorise", OUTLIERS).tolist() == [*range(1, 11), 30, 30]
    x = frozen([1, 1.2, 1.1, 0.9, 1, 1.05, 0.95, 8, 9, 50, 200, 1000])[:, None]
    method = Treatment.parse("winsorise")
    row = method.details(x, method.fit(x))[0]
    assert treated("winsorise", x).tolist() == [*x[:-1, 0], 200]
    assert row["moved"] == 1
    assert row["skew_after"] == pytest.approx(1.923404983, rel=1e-9)
    assert row["kurt_after"] == pytest.approx(2.239161972, rel=1e-9)
    assert row["passes"]


def test_tied_points_move_together_and_count_each() -> None:
    x = frozen([*([0.0] * 30), 1, 2, 90, 90, 90, 90])[:, None]
    method = Treatment.parse({"method": "winsorise", "winmax": 1, "kurtosis": 0.1, "skewness": 0.1})
    row = method.details(x, method.fit(x))[0]
    assert row["moved"] == 4
    assert treated(method, x).max() == 2


def test_winsorising_leaves_two_distinct_values() -> None:
    x = frozen([*([0.0] * 30), 1])[:, None]
    assert not passes(x).any()
    assert treated("winsorise", x).tolist() == x[:, 0].tolist()


def test_forced_winsorising_may_cut_both_tails() -> None:
    x = frozen([-50, 1, 2, 3, 4, 5, 60])[:, None]
    spec = {"method": "winsorise", "winmax": 4, "force": True}
    assert treated(spec, x).tolist() == [2, 2, 2, 3, 4, 4, 4]


def test_new_data_are_clipped_to_the_learned_bounds_and_only_there() -> None:
    method = Treatment.parse("winsorise")
    learned = method.fit(OUTLIERS)
    new = frozen([[500.0], [-500.0], [NAN]])
    assert np.array_equal(method.apply(new, learned), [[30.0], [-500.0], [NAN]], equal_nan=True)


def test_the_three_logarithms_of_coinr() -> None:
    x = frozen([2, 3, 5, 9, 30])[:, None]
    golden = [-1.272965676, 0.2468600779, 1.187843422, 1.985130862, 3.342154841]
    assert treated("log", x) == pytest.approx(golden, rel=1e-9)
    assert treated({"method": "log", "offset": 1, "of": "unit"}, x) == pytest.approx(
        np.log(x[:, 0] - 2 + 1)
    )
    plus = {"method": "log", "tail": "skewed"}
    assert treated(plus, x) == pytest.approx(golden, rel=1e-9)
    assert treated(plus, -x) == pytest.approx(-np.array(golden), rel=1e-9)


def test_the_gii_logarithm_is_what_its_formula_says() -> None:
    x = frozen([2, 3, 5, 9, 30])[:, None]
    expected = np.log((30 - 1) * (x[:, 0] - 2) / 28 + 1)
    assert treated("log_gii", x) == pytest.approx(expected)
    with pytest.raises(DataError, match="needs a maximum above 1; column 1 of 1 has 0.5"):
        treated("log_gii", frozen([[0.1], [0.5]]))


def test_signed_and_shifted_logarithms() -> None:
    x = frozen([-20, 0, 90])[:, None]
    spec = {"method": "signed_log", "unit": 10}
    assert treated(spec, x) == pytest.approx([-np.log(3), 0, np.log(10)])
    assert treated({"method": "log1p", "unit": 10}, x[1:]) == pytest.approx([0, np.log(10)])
    with pytest.raises(DataError, match="no negative value"):
        treated("log1p", x)


def test_box_cox_with_a_given_power_equals_coinrs() -> None:
    x = frozen([2, 3, 5, 9, 30])[:, None]
    shifted = x[:, 0] - 2 + 1
    assert treated({"method": "box_cox", "power": 0}, x) == pytest.approx(np.log(shifted))
    assert treated({"method": "box_cox", "power": 2}, x) == pytest.approx((shifted**2 - 1) / 2)
    plain = {"method": "box_cox", "power": 2, "shift": "none"}
    assert treated(plain, x) == pytest.approx((x[:, 0] ** 2 - 1) / 2)
    with pytest.raises(DataError, match="values above 0"):
        treated(plain, x - 5)


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(columns(rows=(8, 20), missing=False))
def test_fitted_powers_are_at_least_as_likely_as_scipys(x: np.ndarray) -> None:
    for name, likelihood, fit in (
        ("box_cox", stats.boxcox_llf, stats.boxcox_normmax),
        ("yeo_johnson", stats.yeojohnson_llf, stats.yeojohnson_normmax),
    ):
        power = Treatment.parse(name).fit(x)["power"]
        for column, ours in zip(x.T, power, strict=True):
            y = column - column.min() + 1 if name == "box_cox" else column
            theirs = float(fit(y, method="mle") if name == "box_cox" else fit(y))
            if abs(theirs) < 5:
                assert likelihood(ours, y) >= likelihood(theirs, y) - 1e-8


@pytest.mark.parametrize(("name", "skewed"), [("box_cox", 1), ("yeo_johnson", -1)])
def test_a_fitted_power_takes_the_skew_out(name: str, skewed: int) -> None:
    x = skewed * np.random.default_rng(1).lognormal(size=(200, 1))
    before, after = stats.skew(x[:, 0]), stats.skew(treated(name, x))
    assert abs(before) > 2
    assert abs(after) < 0.3


def test_the_gate_leaves_alone_what_passes() -> None:
    x = frozen([2, 3, 5, 9, 30])[:, None]
    assert treated("gate", x).tolist() == x[:, 0].tolist()
    forced = {"method": "gate", "first": {"method": "winsorise", "force": True}}
    assert treated(forced, x).tolist() == x[:, 0].tolist()


def test_the_gate_takes_the_logarithm_of_the_original_where_winsorising_fails() -> None:
    x = frozen(np.exp(2 * np.arange(0.0, 12.0)))[:, None]
    first = {"method": "winsorise", "winmax": 1}
    gate = Treatment.parse({"method": "gate", "first": first, "kurtosis": 1})
    assert gate.details(x, gate.fit(x))[0]["stage"] == "log"
    assert treated(gate, x) == pytest.approx(treated("log", x))
    both = gate.model_copy(update={"combine": True})
    once = frozen(treated(first, x))[:, None]
    assert treated(both, x) == pytest.approx(treated("log", once))


def test_a_gate_mixes_columns_at_different_stages() -> None:
    steep = np.exp(2 * np.arange(0.0, 12.0))
    x = frozen(np.column_stack([np.arange(12), OUTLIERS[:, 0], steep]))
    first = {"method": "winsorise", "winmax": 1}
    gate = Treatment.parse({"method": "gate", "first": first, "kurtosis": 1})
    learned = gate.fit(x)
    assert [row["stage"] for row in gate.details(x, learned)] == ["none", "winsorise", "log"]
    assert gate.apply(x, learned)[:, 0].tolist() == list(range(12))
    assert gate.apply(x, learned)[:, 1].tolist() == treated("winsorise", OUTLIERS).tolist()


def test_asem_columns_are_treated_as_coinr_treats_them() -> None:
    names, x = reference_table("asem_imputed.csv")
    theirs = reference_table("asem_treated.csv")[1]
    gate = Treatment.parse("gate")
    learned = gate.fit(frozen(x))
    assert gate.apply(x, learned) == pytest.approx(theirs, rel=1e-9)
    lines = (REFERENCE / "asem_treat_details.csv").read_text(encoding="utf-8").splitlines()[1:]
    found = dict(zip(names, gate.details(x, learned), strict=True))
    assert len(lines) == len(names)
    for line in lines:
        code, passed, skewed, tailed, moved, _, skew_after, kurt_after = (
            cell.strip('"') for cell in line.split(",")
        )
        row = found[code]
        assert (row["stage"] == "none") == (passed == "TRUE")
        assert row["skew_before"] == pytest.approx(float(skewed), rel=1e-9)
        assert row["kurt_before"] == pytest.approx(float(tailed), rel=1e-9)
        if passed == "FALSE":
            assert len(row["points"]) == int(moved)
            assert row["skew_after"] == pytest.approx(float(skew_after), rel=1e-9)
            assert row["kurt_after"] == pytest.approx(float(kurt_after), rel=1e-9)
