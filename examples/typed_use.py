"""Types that a user's own code sees: `mypy --strict examples/typed_use.py`."""

from __future__ import annotations

from typing import assert_type

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import dsr_risk as dr


def main() -> None:
    """Score countries and firms, and keep the types."""
    framework = dr.load_framework()
    assert_type(framework, dr.Framework)
    scores = dr.score(framework, dr.load_data())
    assert_type(scores, dr.Scores)
    assert_type(scores.table(), pd.DataFrame)
    assert_type(dr.explain(scores, "PAK", against="KEN"), dr.Explanation)
    drawn = dr.uncertainty(scores, draws=64)
    assert_type(drawn, dr.Uncertainty)
    assert_type(drawn.to_draws_frame(), pd.DataFrame)
    assert_type(dr.sensitivity(scores, n=16), dr.Sensitivity)
    assert_type(dr.robustness(scores, spread=0.25), dr.Robustness)
    assert_type(dr.compare(scores, scores), dr.Comparison)
    assert_type(dr.audit(scores), dr.Audit)
    assert_type(dr.outranking(scores), dr.Outranking)
    assert_type(dr.publish(scores), dr.Publication)
    assert_type(dr.profile(scores, "PAK"), dr.Profile)
    assert_type(dr.fragility(scores, "PAK"), dr.Fragility)
    assert_type(dr.scenario(scores, "eu_toolbox"), dr.ScenarioResult)
    assert_type(dr.leave_one_out(scores), pd.DataFrame)
    model = dr.fit(framework)
    assert_type(model, dr.Model)
    compiled = model.compile(missing="share_weight")
    assert_type(compiled, dr.Compiled)
    rows = np.full((1, len(model.columns)), np.nan)
    assert_type(compiled(rows), NDArray[np.float64])
    assert_type(model.score(rows), dr.Scores)
    firms = dr.as_data(pd.DataFrame({"firm": ["a"], "debt": [1.0]}), units="any")
    assert_type(firms, dr.Data)


if __name__ == "__main__":
    main()
