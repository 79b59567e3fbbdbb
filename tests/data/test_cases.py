"""Right values of cases that no other test states."""

from __future__ import annotations

import pandas as pd
import pytest

import dsr_risk as dr


def test_a_constant_column_with_fixed_goalposts_is_scored() -> None:
    posts = {"method": "goalposts", "low": 0, "high": 100}
    children = [{"name": name, "higher_is": "riskier", "normalisation": posts} for name in "ab"]
    frame = pd.DataFrame({"iso3": ["KEN", "GHA", "PAK"], "a": [40.0, 50, 60], "b": [90.0, 90, 90]})
    scores = dr.score({"name": "mine", "scores": [{"name": "risk", "children": children}]}, frame)
    assert scores.values["risk"].to_dict() == pytest.approx({"KEN": 65, "GHA": 70, "PAK": 75})
