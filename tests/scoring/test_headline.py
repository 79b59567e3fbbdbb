"""Why a headline score is missing."""

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from tests.helpers import framework, group, indicator


def test_reason_without_any_observed_indicator():
    fw = framework(
        group("risk", indicator("a"), indicator("b", weight=0.0)), defaults={"min_coverage": 0}
    )
    data = pd.DataFrame({"a": [1.0, 2.0, np.nan, np.nan], "b": [1.0, 2.0, np.nan, 3.0]},
                        index=["PAK", "KEN", "NGA", "GHA"])  # fmt: skip
    reason = dr.score(fw, data).reason["risk"]
    assert reason.tolist() == ["", "", "no indicator observed", "no indicator observed"]


def test_a_child_of_weight_0_gives_its_group_no_value_and_is_no_child_of_min_children():
    inner = group("g", indicator("a"), indicator("b", weight=0.0))
    pair = group("h", indicator("d"), indicator("e"), indicator("f", weight=0.0), min_children=2)
    fw = framework(group("risk", inner, pair, indicator("c")), defaults={"min_coverage": 0})
    columns = {"a": [np.nan, 20, 30], "b": [90.0, 20, 30], "c": [50.0, 20, 30],
               "d": [10.0, 20, 30], "e": [np.nan, 20, 30], "f": [10.0, 20, 30]}  # fmt: skip
    scores = dr.score(fw, pd.DataFrame(columns, index=["PAK", "KEN", "NGA"]))
    assert scores.evaluated.loc["PAK", ["g", "h"]].isna().all()
    assert scores.evaluated.loc["PAK", "risk"] == pytest.approx(50)


def test_an_empty_band_is_none_in_all_scores_and_in_a_selection() -> None:
    scores = dr.score()
    unscored = scores.data.iso3[scores.values["security"].isna().to_numpy()]
    for shown in (scores, scores.select(countries=[unscored[0], "KEN"])):
        band = shown.band["security"]
        assert band[unscored[0]] is None
        assert isinstance(band["KEN"], str)
        assert shown.basis.loc[unscored[0], "security"] is None
