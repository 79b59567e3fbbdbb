"""Bounded cells inform the other missing cells of their row: against draws that are thrown away, and laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from dsr_risk.methods import Imputer
from dsr_risk.methods.imputation import Context
from tests.methods.method_cases import NAN, context, part_of

BOTH = {"method": "regression", "scale": "raw"}


def with_bounds(x: np.ndarray, cells: dict[tuple[int, int], tuple[float, float]]) -> Context:
    """A context in which some cells have bounds."""
    low, high = np.full(x.shape, NAN), np.full(x.shape, NAN)
    for cell, (first, last) in cells.items():
        low[cell], high[cell] = first, last
    return replace(context(*x.shape), low=low, high=high)


def correlated(seed: int, n: int = 300, k: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 50 + 10 * rng.normal(size=(n, k)) @ (np.eye(k) + 0.6 * rng.normal(size=(k, k)))


@pytest.mark.slow
@pytest.mark.parametrize("bounded_cells", [1, 2])
def test_bounds_inform_the_other_cells_of_their_row(bounded_cells: int) -> None:
    x = correlated(3)
    x[0, :3] = NAN
    method = Imputer.parse(BOTH)
    plain = with_bounds(x, {})
    learned = method.fit(x, plain)
    # The spread of the model everywhere: else draws are wider or narrower than its slopes say.
    learned = {**learned, "square": np.where(np.isnan(learned["square"]), NAN, 1.0)}
    free = method.draws(x, plain, learned, np.random.default_rng(0), 200_000)[:, 0, :3]
    low, high = np.quantile(free, [0.7, 0.95], axis=0)
    cells = {(0, column): (low[column], high[column]) for column in range(bounded_cells)}
    where = with_bounds(x, cells)
    kept = free[((free >= low) & (free <= high))[:, :bounded_cells].all(axis=1)]
    found = method.predict(x, where, learned)[0, :3]
    room = 6 * kept.std(axis=0) / len(kept) ** 0.5 + 0.02 * free.std(axis=0)
    assert (np.abs(found - kept.mean(axis=0)) <= room).all()
    assert (np.abs(found - free.mean(axis=0)) > 2 * room).any()
    drawn = method.draws(x, where, learned, np.random.default_rng(1), 40_000)[:, 0, :3]
    assert drawn.std(axis=0) == pytest.approx(kept.std(axis=0), rel=0.06)
    assert np.corrcoef(drawn.T) == pytest.approx(np.corrcoef(kept.T), abs=0.06)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), bounds=st.booleans(), column=st.integers(0, 2))
def test_a_cell_observed_at_its_estimate_leaves_the_others_as_they_are(
    seed: int, bounds: bool, column: int
) -> None:
    x = correlated(seed, 60)
    x[0, :3] = NAN
    method = Imputer.parse(BOTH)
    cells = {(0, column): (45.0, 60.0)} if bounds else {}
    where = with_bounds(x, cells)
    learned = method.fit(x, where)
    before = method.predict(x, where, learned)
    observed = x.copy()
    observed[0, column] = before[0, column]
    after = method.predict(observed, where, learned)
    # The model is linear in raw units: the law is exact.
    assert after[0] == pytest.approx(before[0], abs=1e-6)


def test_a_row_with_bounds_is_filled_as_in_the_panel() -> None:
    x = correlated(1, 40)
    x[:9, :3] = NAN
    x[3, 0], x[5, 1] = 50.0, 40.0
    cells = {(row, column): (50.0, 55.0 + row) for row in range(3) for column in range(row + 1)}
    cells |= {(6, 0): (30.0, 70.0), (7, 2): (-1e3, 52.0)}
    where = with_bounds(x, cells)
    method = Imputer.parse("regression")
    learned = method.fit(x, where)
    whole = method.predict(x, where, learned)
    for row in range(9):
        assert where.low is not None
        assert where.high is not None
        alone = replace(
            part_of(where, np.array([row])), low=where.low[[row]], high=where.high[[row]]
        )
        found = method.predict(x[[row]], alone, learned)
        assert found[0] == pytest.approx(whole[row], abs=1e-9)


def test_a_multiplier_leaves_the_bounds_of_other_columns_alone() -> None:
    x = correlated(2, 80)
    x[0, :2] = NAN
    where = replace(with_bounds(x, {(0, 0): (60.0, 65.0)}), own=np.array([1]))
    plain, method = (
        Imputer.parse({**BOTH, **more}) for more in ({}, {"delta": {"low": 0.5, "high": 0.5}})
    )
    learned = plain.fit(x, where)
    half = method.predict(x, where, learned)[0, 1]
    assert half == pytest.approx(plain.predict(x, where, learned)[0, 1] / 2)
