"""The interval, the bounds and the estimated cells of every country of an audit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...scoring.marks import estimated_share
from ...scoring.printed import bounds_width
from ..uncertainty.result import Uncertainty
from .case import Case

__all__ = ["country_table"]


def country_table(case: Case, drawn: Uncertainty) -> pd.DataFrame:
    """Return a row for every country with the score, the widest interval first.

    ``interval_width`` is that of the 90 % interval in points when only missing cells vary, ``bounds_width`` that
    of the hard bounds (NaN where there are none); ``coverage`` and ``estimated_share`` are shares of the
    applicable weight.
    """
    scores = case.scores
    ends = drawn.scores(case.name).reindex(scores.data.units)
    width = (ends["q95"] - ends["q05"]).to_numpy(float)
    # Quantiles are exact to a class; where nothing varies the width is 0.
    width = np.where(ends["sd"].to_numpy(float) <= 1e-9, 0.0, width)
    out = pd.DataFrame(
        {
            "interval_width": width,
            "bounds_width": bounds_width(scores, case.name),
            "coverage": scores._headline(case.name).coverage,
            "estimated_share": estimated_share(scores, case.name),
        },
        index=scores.data.units,
    ).iloc[case.rows]
    return out.sort_values("interval_width", ascending=False, kind="stable")
