"""A small run of the calibration of estimates, against its bars and its page."""

from __future__ import annotations

import re
import runpy
from typing import Any

import pytest

from tests.folders import ROOT

PAGE = ROOT / "docs" / "calibration.md"


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "benchmarks" / "calibration.py"))


@pytest.mark.slow
@pytest.mark.parametrize(("score", "most"), [("dependency", 0.55), ("security", 0.9)])
def test_estimates_are_nearer_than_weight_sharing(
    script: dict[str, Any], score: str, most: float
) -> None:
    table = script["first_edition"]()
    rows = script["held_out"](
        table, {"method": "regression"}, "regression", score, "random", repeats=3, draws=200
    )
    found = script["summary"](rows)
    assert found["ratio"] <= most
    # 60 to 90 cases: the nominal 0.90 within two and a half standard errors.
    assert found["coverage"] >= 0.80
    printed = re.search(
        rf"## {score.capitalize()}.*?\| random \| regression \| \d+ \| \S+ \| (\S+) ",
        PAGE.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    assert printed is not None
    assert found["error"] == pytest.approx(float(printed[1]), rel=0.35)
