"""Columns of tables are plain numbers that formulas of other libraries accept."""

from __future__ import annotations

import numpy as np
import pytest

import dsr_risk as dr

PLAIN = ("float64", "Int64", "int64")


@pytest.mark.slow
def test_numbers_of_a_score_table_are_float64_or_int64() -> None:
    for details in (False, True):
        numbers = dr.score().table(details=details).select_dtypes("number")
        assert {str(kind) for kind in numbers.dtypes} <= {*PLAIN}


@pytest.mark.slow
def test_a_formula_of_statsmodels_takes_scores_and_ranks_as_they_are() -> None:
    smf = pytest.importorskip("statsmodels.formula.api")
    table = dr.score().table()
    fitted = smf.ols("security ~ dependency + C(dependency_band)", table).fit()
    known = table[["security", "dependency"]].notna().all(axis=1)
    assert fitted.nobs == known.sum()
    ranked = smf.ols("security ~ dependency_rank", table.dropna(subset="dependency_rank")).fit()
    assert np.isfinite(ranked.params["dependency_rank"])
