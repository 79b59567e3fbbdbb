"""Draws of cells that state what is known of them: bounds, a standard error, a floor, censoring."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.montecarlo import compile_design
from dsr_risk.montecarlo.drawing import Key
from tests.helpers import framework, group, indicator

DRAWS = 4000
DEFAULTS: dict[str, dict[str, Any]] = {
    "standard_error": {"method": "standard_error", "relative": 0.2},
    "revision": {"method": "revision"},
    "confidence": {"method": "confidence", "high": 0.1, "medium": 0.2, "low": 0.3, "unstated": 0.2},
}
CELLS = pd.DataFrame(
    # iso3, value, lower, upper, std_error
    [
        ("KEN", 97.0, 95.0, 110.0, np.nan),  # bounds beyond the plausible range
        ("PAK", 40.0, 35.0, 60.0, np.nan),  # bounds around the value
        ("LAO", 30.0, 30.0, 50.0, np.nan),  # a floor
        ("SRB", 98.0, np.nan, np.nan, 5.0),  # a standard error near the ceiling
        ("AGO", 50.0, 48.0, 90.0, 4.0),  # a standard error and bounds
        ("ZMB", np.nan, 10.0, 20.0, np.nan),  # censored
        ("BRA", 60.0, np.nan, np.nan, np.nan),  # nothing stated
        ("PER", 70.0, 70.0, 70.0, np.nan),  # bounds that meet: certain
    ],
    columns=["iso3", "value", "lower", "upper", "std_error"],
)


def design(factor: dict[str, Any]) -> Any:
    other = CELLS[["iso3"]].assign(indicator="b", value=np.linspace(10, 90, len(CELLS)))
    data = dr.as_data(pd.concat([CELLS.assign(indicator="a"), other], ignore_index=True))
    fw = framework(group("risk", indicator("a", plausible=[0, 100]), indicator("b")))
    return compile_design(fw, data, {"a.data": factor})


def drawn(made: Any) -> pd.DataFrame:
    rows, size = [], made.block_size
    for block in range(-(-DRAWS // size)):
        key = Key(0, block, {})
        noise = made.drawing.noise(key, size, size)
        rows.append(made.raw(0, noise, slice(0, size), size, key)[:, 0])
    return pd.DataFrame(np.concatenate(rows)[:DRAWS], columns=list(made.data.iso3))


@pytest.mark.parametrize("name", list(DEFAULTS))
def test_no_draw_lies_outside_what_is_known(name: str) -> None:
    x = drawn(design(DEFAULTS[name]))
    ends: Any = CELLS.set_index("iso3")
    low = ends["lower"].fillna(0.0)
    high = ends["upper"].fillna(100.0).clip(upper=100.0)
    for code in x:
        assert x[code].min() >= low[code] - 1e-9, code
        assert x[code].max() <= high[code] + 1e-9, code


@pytest.mark.parametrize("name", list(DEFAULTS))
def test_bounds_around_a_value_are_uniform_and_cut_to_the_plausible_range(name: str) -> None:
    x = drawn(design(DEFAULTS[name]))
    for code, low, high in (("KEN", 95, 100), ("PAK", 35, 60), ("LAO", 30, 50), ("ZMB", 10, 20)):
        wanted = low + (high - low) * np.array([0.1, 0.5, 0.9])
        found = np.quantile(x[code], [0.1, 0.5, 0.9])
        # Three standard errors of a quantile of 4,000 uniform numbers: 2.4 % of the length.
        np.testing.assert_allclose(found, wanted, atol=0.025 * (high - low), err_msg=str(code))
        # No value gathers at an end.
        assert (x[code] == low).sum() + (x[code] == high).sum() <= 1


@pytest.mark.parametrize("name", list(DEFAULTS))
def test_a_standard_error_is_drawn_at_its_size_and_a_certain_cell_stays(name: str) -> None:
    x = drawn(design(DEFAULTS[name]))
    # Below 98 nothing is reflected but the part that passes 100.
    assert x["SRB"].max() <= 100
    assert x["SRB"].mean() < 98
    assert x["AGO"].min() >= 48
    assert x["AGO"].std() < 5
    assert (x["PER"] == 70).all()
    assert x["BRA"].std() > 1


def test_the_method_interval_is_cut_to_the_plausible_range() -> None:
    x = drawn(design({"method": "interval"}))
    assert x["KEN"].between(95, 100).all()
    assert np.median(x["KEN"]) == pytest.approx(97.5, abs=0.15)
    assert (x["BRA"] == 60).all()


def test_scores_of_values_beyond_the_goalposts_stay_on_the_scale() -> None:
    made = design({"method": "revision"})
    scores = made.evaluate_block(np.empty((200, 0)), nodes=["a", "risk"])
    assert np.nanmax(scores) <= 100
    assert np.nanmin(scores) >= 0
