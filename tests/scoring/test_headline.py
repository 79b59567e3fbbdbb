"""Why a headline score is missing."""

import numpy as np
import pandas as pd

import dsr_risk as dr
from tests.helpers import framework, group, leaf


def test_reason_without_any_observed_indicator():
    fw = framework(group("risk", leaf("a"), leaf("b", weight=0.0)), defaults={"min_coverage": 0})
    data = pd.DataFrame({"a": [1.0, 2.0, np.nan, np.nan], "b": [1.0, 2.0, np.nan, 3.0]},
                        index=["PAK", "KEN", "NGA", "GHA"])  # fmt: skip
    reason = dr.score(fw, data).reason["risk"]
    assert reason.tolist() == ["", "", "no indicator observed", "no indicator observed"]
