"""Analyses of frameworks that are small, derived or by class: a table or an answer, no broken shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import dsr_risk as dr

GOALPOSTS = {"method": "goalposts", "low": 0, "high": 100}


def indicator(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "higher_is": "riskier", "normalisation": GOALPOSTS, **more}


def units_framework(*children: dict[str, Any], **more: Any) -> dict[str, Any]:
    scores = [{"name": "risk", "children": list(children), "min_coverage": 0}]
    return {"name": "m", "units": "any", "scores": scores, **more}


def test_weight_swings_of_one_indicator_is_an_empty_table() -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 3]}, index=list("uvw"))
    found = dr.weight_swings(units_framework(indicator("a")), frame)
    assert found.empty
    assert {"node", "change", "weight", "unit", "value", "gap"} <= set(found.columns)


def test_screen_data_counts_the_parts_of_a_derived_indicator() -> None:
    parts = [{"name": name, "higher_is": "riskier", "plausible": [0, 100]} for name in "ab"]
    product = {"method": "product", "of": ["a", "b"], "scale": 0.01}
    fw = units_framework(
        indicator("ab", derived=product), indicator("c"), indicator("d", weight=0), context=parts
    )
    frame = pd.DataFrame(
        {"a": [np.nan, 50, 20], "b": [10, 40, 10], "c": [90, 60, np.nan], "d": [1, np.nan, np.nan]},
        index=list("uvw"),
    )
    found = dr.screen_data(fw, frame)
    assert found["available"].tolist() == [2, 3, 2]
    assert found["applicable"].tolist() == [3, 3, 3]


def test_value_of_information_takes_goalposts_by_class() -> None:
    low = {"Low income": 0, "Lower middle income": 5, "Upper middle income": 10, "High income": 20}
    posts = {"method": "goalposts", "low": low, "high": 90, "by": "income_group"}
    children = [
        {"name": "x", "higher_is": "riskier", "normalisation": posts},
        {"name": "y", "higher_is": "riskier"},
    ]
    fw = {"name": "m", "scores": [{"name": "risk", "children": children}]}
    frame = pd.DataFrame(
        {"x": [10, 60, 30, 40, 70.0], "y": [20, 80, np.nan, 60, 10]},
        index=["PAK", "KEN", "POL", "BRA", "ETH"],
    )
    factors = {"*.data": {"method": "standard_error", "relative": 0.1}}
    scores = dr.score(fw, frame)
    known = dr.value_of_information(scores, "PAK", draws=64, factors=factors)
    drawn = dr.uncertainty(scores, draws=64, factors=factors).table()
    low_, high = drawn.loc["PAK", ["risk_low", "risk_high"]]
    assert known.widths["risk"][0] > 0
    assert abs(known.widths["risk"][0] - (high - low_)) < 1.5


def test_compare_takes_units_of_any_kind() -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, 1, 2]}, index=list("uvw"))
    scores = dr.score(units_framework(indicator("a"), indicator("b")), frame)
    assert (dr.compare(scores, scores).table()["change"] == 0).all()
