"""Outranking: COINr's numbers where nothing is missing, and no row order where something is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from method_cases import NAN, frozen

from dsr_risk.methods.outranking import outranking

ABC = frozen([[1, 2, 1], [2, 1, 3], [3, 4, 2], [4, 3, 5], [5, 6, 4]])


def test_copeland_scores_and_dominance_of_a_coinr_run() -> None:
    found = outranking(ABC, np.array([1.0, 2, 1]))
    assert found.copeland.tolist() == [-3, -3, 1, 1, 4]
    assert found.dominant_pairs == 6
    assert found.dominant_share == pytest.approx(0.6)


@settings(deadline=None)
@given(
    hnp.arrays(float, (6, 3), elements=st.sampled_from([NAN, 0.0, 1.0, 2.0])),
    st.permutations(range(6)),
)
def test_the_order_of_rows_does_not_matter_with_missing_values(x: np.ndarray, order) -> None:
    weights = np.array([0.2, 0.3, 0.5])
    one, two = outranking(frozen(x), weights), outranking(frozen(x[order]), weights)
    assert np.array_equal(one.matrix[np.ix_(order, order)], two.matrix, equal_nan=True)
    assert np.array_equal(one.copeland[order], two.copeland)
    assert one.dominant_pairs == two.dominant_pairs
    both = one.matrix + one.matrix.T + np.eye(6)
    assert np.nanmax(np.abs(both - 1), initial=0) < 1e-12


def test_comparisons_with_a_missing_value_leave_the_weight_to_the_others() -> None:
    x = frozen([[1.0, NAN, 5.0], [2.0, 9.0, 5.0]])
    found = outranking(x, np.array([1.0, 7.0, 1.0]))
    assert found.matrix[0, 1] == pytest.approx(0.25)
    assert found.matrix[1, 0] == pytest.approx(0.75)


def test_units_without_a_common_criterion_are_not_compared() -> None:
    found = outranking(frozen([[1.0, NAN], [NAN, 2.0], [0.0, 0.0]]), np.ones(2))
    assert np.isnan(found.matrix[0, 1])
    assert np.isnan(found.matrix[1, 0])
    assert found.copeland.tolist() == [1, 1, -2]
    assert found.dominant_share == 1


def test_small_differences_may_count_as_ties() -> None:
    x = frozen([[50.0, 10.0], [51.0, 30.0]])
    assert outranking(x, np.ones(2)).matrix[1, 0] == 1
    assert outranking(x, np.ones(2), indifference=2).matrix[1, 0] == 0.75


@pytest.mark.parametrize("rows", [0, 1])
def test_nobody_to_compare_with(rows: int) -> None:
    found = outranking(np.ones((rows, 2)), np.ones(2))
    assert found.copeland.tolist() == [0.0] * rows
    assert np.isnan(found.dominant_share)
