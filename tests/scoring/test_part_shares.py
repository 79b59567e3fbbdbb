"""Contributions split to the parts of derived indicators: hand values, sums, and what stays unsplit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from tests.helpers import framework, group, indicator, run

CODES = ["KEN", "PAK", "LAO", "SRB"]


def made(operation: dict[str, Any], **fields: Any) -> dr.Framework:
    derived = indicator("both", derived=operation, **fields)
    return framework(
        group("risk", derived, indicator("other")),
        context=[indicator("adoption"), indicator("gap")],
    )


DATA = pd.DataFrame(
    {
        "adoption": [0.5, 0.2, 0.0, np.nan],
        "gap": [80.0, 60.0, 50.0, 30.0],
        "other": [10.0, 20, 30, 40],
    },
    index=pd.Index(CODES, name="iso3"),
)


def test_a_product_is_shared_equally_by_its_parts() -> None:
    scores = dr.score(made({"method": "product", "of": ["adoption", "gap"]}), DATA)
    found = scores.contributions("risk", level="part")
    assert list(found) == ["both", "both.adoption", "both.gap", "other"]
    # .5 x 80 is 40, and half of it counts: 10 points a part.
    np.testing.assert_allclose(found.loc["KEN"].to_numpy(), [np.nan, 10, 10, 5])
    # A product of 0 has no distance to share: it stays with the indicator.
    np.testing.assert_allclose(found.loc["LAO"].to_numpy(), [0, np.nan, np.nan, 15])
    assert np.isnan(found.loc["SRB", ["both", "both.adoption", "both.gap"]]).all()


def test_a_weighted_sum_is_shared_by_its_weights() -> None:
    operation = {"method": "weighted_sum", "of": ["adoption", "gap"], "weights": [10, 0.5]}
    found = dr.score(made(operation), DATA).contributions("risk", level="part")
    # 10 x .5 + .5 x 80 = 45.
    np.testing.assert_allclose(found.loc["KEN"].to_numpy(), [2.5, 20, 5])


@pytest.mark.parametrize("method", ["product", "sum", "difference", "minimum", "maximum", "ratio"])
@pytest.mark.parametrize("missing", ["share_weight", {"method": "regression"}])
def test_parts_add_up_to_the_score(method: str, missing: Any) -> None:
    fw = made({"method": method, "of": ["gap", "adoption"]}).replace({"defaults.missing": missing})
    scores = dr.score(fw, DATA)
    total = scores.contributions("risk", level="part").sum(axis=1)
    np.testing.assert_allclose(total, scores.values["risk"], atol=1e-9)


@pytest.mark.slow
def test_the_bundled_scores_are_split_exactly() -> None:
    scores = dr.score()
    for name in scores.names:
        parts = scores.contributions(name, level="part")
        whole = scores.contributions(name)
        np.testing.assert_allclose(parts.sum(axis=1), whole.sum(axis=1), atol=1e-9)
    product = [column for column in parts if str(column).startswith("adoption_x_safeguards_gap")]
    np.testing.assert_allclose(
        parts[product].sum(axis=1, min_count=1), whole["adoption_x_safeguards_gap"], atol=1e-9
    )


def test_an_indicator_whose_parts_at_zero_are_not_its_floor_stays_whole() -> None:
    safer = made({"method": "product", "of": ["adoption", "gap"]}, higher_is="safer")
    assert list(dr.score(safer, DATA).contributions("risk", level="part")) == ["both", "other"]
    ratio = made({"method": "ratio", "of": ["gap", "adoption"]})
    assert list(dr.score(ratio, DATA).contributions("risk", level="part")) == ["both", "other"]


def test_an_explanation_against_the_floor_has_the_same_parts() -> None:
    scores = dr.score(made({"method": "product", "of": ["adoption", "gap"]}), DATA)
    rows = dr.explain(scores, "KEN", against="floor").parts().set_index("part")
    assert rows.loc["adoption", "points"] == pytest.approx(10)
    assert rows.loc["gap", "raw"] == 80
    assert rows["points"].sum() == pytest.approx(scores.values.loc["KEN", "risk"])


@pytest.mark.slow
def test_the_command_splits_against_the_floor() -> None:
    done = run(
        "explain",
        "Kenya",
        "--score",
        "security",
        "--against",
        "floor",
        "--parts",
        "--format",
        "csv",
    )
    assert done.returncode == 0, done.stderr
    assert "adoption_x_safeguards_gap,surveillance_adoption" in done.stdout


def test_an_unknown_level_is_an_error() -> None:
    scores = dr.score(made({"method": "product", "of": ["adoption", "gap"]}), DATA)
    level: Any = "parts"
    with pytest.raises(dr.UnknownNameError, match="did you mean `part`"):
        scores.contributions("risk", level=level)
