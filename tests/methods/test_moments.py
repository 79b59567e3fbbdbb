"""Skewness, kurtosis and the pass rule."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats

from dsr_risk.methods.moments import kurt, passes, skew
from tests.folders import REFERENCE
from tests.methods.method_cases import (
    NAN,
    columns,
    frozen,
    reference_table,
)

OUTLIERS = frozen([*range(1, 11), 30, 100])[:, None]


def test_moments_equal_those_of_a_coinr_run() -> None:
    assert skew(OUTLIERS)[0] == pytest.approx(3.06324103424, rel=1e-11)
    assert kurt(OUTLIERS)[0] == pytest.approx(9.74139083457, rel=1e-11)
    few = frozen([2, 3, 5, 9, 30])[:, None]
    assert skew(few)[0] == pytest.approx(1.956909192, rel=1e-9)
    assert kurt(few)[0] == pytest.approx(3.909355608, rel=1e-9)


@pytest.mark.slow
@settings(deadline=None)
@given(columns(rows=(5, 12)))
def test_moments_equal_scipys_bias_corrected_ones(x: np.ndarray) -> None:
    for column, asymmetry, tails in zip(x.T, skew(x), kurt(x), strict=True):
        seen = column[~np.isnan(column)]
        assert asymmetry == pytest.approx(stats.skew(seen, bias=False), rel=1e-6, abs=1e-6)
        if len(seen) > 3:
            assert tails == pytest.approx(stats.kurtosis(seen, bias=False), rel=1e-6, abs=1e-6)


def test_moments_need_three_and_four_values_and_a_spread() -> None:
    x = frozen([[1.0, 1, 7], [2, 2, 7], [NAN, 4, 7], [NAN, NAN, 7]])
    assert np.isnan(skew(x)).tolist() == [True, False, True]
    assert np.isnan(kurt(x)).all()
    assert np.isnan(kurt(frozen([[0.1]] * 9))).all()


def test_a_column_fails_only_if_both_moments_do() -> None:
    few = frozen([2, 3, 5, 9, 30])[:, None]
    assert passes(few).all()
    assert not passes(OUTLIERS).any()
    assert passes(OUTLIERS, skewness=4).all()
    assert passes(OUTLIERS, kurtosis=10).all()
    # The limits themselves fail.
    assert not passes(OUTLIERS, skewness=skew(OUTLIERS)[0], kurtosis=kurt(OUTLIERS)[0]).any()


def test_moments_of_the_asem_indicators_equal_coinrs() -> None:
    for name in ("raw", "treated"):
        lines = (REFERENCE / f"asem_stats_{name}.csv").read_text(encoding="utf-8")
        rows = [[cell.strip('"') for cell in line.split(",")] for line in lines.splitlines()]
        place = {label: number for number, label in enumerate(rows[0])}
        # COINr computes the statistics on the raw data before it divides, and after treatment.
        head, x = reference_table({"raw": "asem_raw.csv", "treated": "asem_treated.csv"}[name])
        found = dict(zip(head, zip(skew(x), kurt(x), strict=True), strict=True))
        for row in rows[1:]:
            theirs = [float(row[place[label]]) for label in ("Skew", "Kurt")]
            assert found[row[0]] == pytest.approx(theirs, rel=1e-9)
