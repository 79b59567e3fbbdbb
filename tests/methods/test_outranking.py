"""Outranking: COINr's numbers where nothing is missing, and no row order where something is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from dsr_risk.methods.outranking import EVEN, copeland, outranking_matrix
from tests.methods.method_cases import NAN, frozen

ABC = frozen([[1, 2, 1], [2, 1, 3], [3, 4, 2], [4, 3, 5], [5, 6, 4]])


def test_copeland_scores_and_dominance_of_a_coinr_run() -> None:
    found = outranking_matrix(ABC, np.array([1.0, 2, 1]))
    assert copeland(found).tolist() == [-3, -3, 1, 1, 4]
    assert int((found >= 1 - EVEN).sum()) == 6


@settings(deadline=None)
@given(
    hnp.arrays(float, (6, 3), elements=st.sampled_from([NAN, 0.0, 1.0, 2.0])),
    st.permutations(range(6)),
)
def test_the_order_of_rows_does_not_matter_with_missing_values(x: np.ndarray, order) -> None:
    weights = np.array([0.2, 0.3, 0.5])
    one, two = (outranking_matrix(frozen(part), weights) for part in (x, x[order]))
    assert np.array_equal(one[np.ix_(order, order)], two, equal_nan=True)
    assert np.array_equal(copeland(one)[order], copeland(two))
    both = one + one.T + np.eye(6)
    assert np.nanmax(np.abs(both - 1), initial=0) < 1e-12


def test_comparisons_with_a_missing_value_leave_the_weight_to_the_others() -> None:
    found = outranking_matrix(frozen([[1.0, NAN, 5.0], [2.0, 9.0, 5.0]]), np.array([1.0, 7.0, 1.0]))
    assert found[0, 1] == pytest.approx(0.25)
    assert found[1, 0] == pytest.approx(0.75)


def test_units_without_a_common_criterion_are_not_compared() -> None:
    found = outranking_matrix(frozen([[1.0, NAN], [NAN, 2.0], [0.0, 0.0]]), np.ones(2))
    assert np.isnan(found[0, 1])
    assert np.isnan(found[1, 0])
    assert copeland(found).tolist() == [1, 1, -2]


def test_small_differences_may_count_as_ties() -> None:
    x = frozen([[50.0, 10.0], [51.0, 30.0]])
    assert outranking_matrix(x, np.ones(2))[1, 0] == 1
    assert outranking_matrix(x, np.ones(2), tie=2)[1, 0] == 0.75


@pytest.mark.parametrize("value", [1e-300, 1e300, -1.7e308])
def test_the_size_of_values_does_not_matter(value: float) -> None:
    found = outranking_matrix(frozen([[value, 1.0], [0.0, 1.0], [1.7e308, 2.0]]), np.ones(2))
    assert found[0, 1] == (0.75 if value > 0 else 0.25)
    assert copeland(found)[2] == 2


@pytest.mark.parametrize("rows", [0, 1])
def test_nobody_to_compare_with(rows: int) -> None:
    found = outranking_matrix(np.ones((rows, 2)), np.ones(2))
    assert copeland(found).tolist() == [0.0] * rows
