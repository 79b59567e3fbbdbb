"""Hard bounds hold the score and its draws where cells stay missing and where they become known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from tests.helpers import IDENTITY, group, indicator

UNITS = pd.Index(["PAK", "KEN", "LAO"], name="iso3")


def bounds(spec: Mapping[str, object], data: pd.DataFrame) -> list[float]:
    """Score, hard bounds and the ends of its draws of the first unit."""
    scores = dr.score(spec, data.set_index(UNITS))
    row: Any = scores.table(details=True).loc["PAK"]
    draws = np.asarray(dr.uncertainty(scores, draws=16, factors={}).sample("risk"))[:, 0]
    low, high = row["risk_min"], row["risk_max"]
    assert low - 1e-9 <= draws.min() <= draws.max() <= high + 1e-9
    return [float(row["risk"]), float(low), float(high)]


def few(second: float, b: float) -> list[float]:
    inner = group("g", indicator("a"), indicator("b", second), min_children=2)
    spec = {"name": "own", "scores": [group("risk", inner, indicator("c"), min_coverage=0)]}
    data = pd.DataFrame({"a": [90, 50, 20.0], "b": [b, 40, 60], "c": [30, 60, 80.0]})
    return bounds(spec, data)


def test_bounds_of_a_group_with_too_few_children_hold_the_score_without_it() -> None:
    # Without g the score is c; with b known g lies in [45, 95] and the score in [37.5, 62.5].
    assert few(1.0, np.nan) == pytest.approx([30.0, 30.0, 62.5])


def test_bounds_of_a_group_that_never_has_enough_children_leave_it_out() -> None:
    assert few(0.0, 10.0) == pytest.approx([30.0, 30.0, 30.0])


def test_bounds_of_a_derived_indicator_that_shares_its_weight_hold_the_score() -> None:
    product = {"method": "product", "of": ["a", "b"], "scale": 0.01}
    ab = {"name": "ab", "higher_is": "riskier", "derived": product, "normalisation": IDENTITY}
    spec = {
        "name": "own",
        "scores": [group("risk", ab, indicator("c"), min_coverage=0)],
        "context": [
            {"name": name, "higher_is": "riskier", "plausible": [0, 100]} for name in ("a", "b")
        ],
    }
    data = pd.DataFrame({"a": [np.nan, 50, 20.0], "b": [10, 40, 10.0], "c": [90, 60, 80.0]})
    # The product lies in [0, 10]: (0 + 90) / 2 = 45 at the least, c alone at the most.
    assert bounds(spec, data) == pytest.approx([90.0, 45.0, 90.0])
