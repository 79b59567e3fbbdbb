"""Laws of every normalisation and treatment: order, direction, columns, rows, new data, odd columns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from dsr_risk.methods import Normaliser, Treatment
from tests.methods.method_cases import (
    LEARN_THEIR_BOUNDS,
    NAN,
    columns,
    degenerate,
    each,
    fitted,
    frozen,
)

SIGNS = st.sampled_from([1, -1])


def close(a: np.ndarray, b: np.ndarray, tolerance: float = 1e-12) -> bool:
    return np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)


@pytest.mark.slow
@each(Normaliser)
@settings(max_examples=15, deadline=None)
@given(x=columns(low=1), sign=SIGNS)
def test_a_normalised_column_rises_with_risk(method: Normaliser, x: np.ndarray, sign: int) -> None:
    x = frozen(x)
    learned, _ = fitted(method, x, sign)
    if learned is None:
        return
    new = frozen(np.linspace(-300, 400, 50)[:, None] * np.ones(2))
    for columns_ in (np.sort(x, axis=0), new):
        share = method.apply(columns_, sign, learned)
        assert (np.isnan(share) == np.isnan(columns_)).all()
        steps = np.diff(share, axis=0)
        assert np.nanmin(sign * steps, initial=0) >= -1e-12
        if method.bounded:
            assert np.nanmin(share) >= 0
            assert np.nanmax(share) <= 1


@pytest.mark.slow
@each(Normaliser)
@settings(max_examples=10, deadline=None)
@given(x=columns(low=1), sign=SIGNS, seed=st.integers(0, 99))
def test_rows_and_columns_are_normalised_each_for_itself(
    method: Normaliser, x: np.ndarray, sign: int, seed: int
) -> None:
    x = frozen(x)
    learned, _ = fitted(method, x, sign)
    if learned is None:
        return
    whole = method.apply(x, sign, learned)
    order = np.random.default_rng(seed).permutation(len(x))
    shuffled = method.fit(x[order], sign)
    assert close(method.apply(x[order], sign, shuffled), whole[order])
    assert close(method.apply(x[:1], sign, learned), whole[:1])
    for column in range(2):
        alone = method.fit(x[:, [column]], sign)
        assert close(method.apply(x[:, [column]], sign, alone)[:, 0], whole[:, column])
        one = {name: values[..., [column]] for name, values in learned.items()}
        assert close(method.apply(x[:, [column]], sign, one)[:, 0], whole[:, column])


@pytest.mark.slow
@each(Normaliser, LEARN_THEIR_BOUNDS)
@settings(max_examples=10, deadline=None)
@given(x=columns(), sign=SIGNS, scale=st.sampled_from([1e-3, 0.5, 7, 1e4]))
def test_units_of_measurement_do_not_matter_to_learned_bounds(
    method: Normaliser, x: np.ndarray, sign: int, scale: float
) -> None:
    learned, _ = fitted(method, x, sign)
    moved = scale * x + 13 * scale
    again, _ = fitted(method, moved, sign)
    if learned is None or again is None:
        return
    before, after = method.apply(x, sign, learned), method.apply(moved, sign, again)
    assert close(before, after, 1e-9)


@pytest.mark.slow
@each(Normaliser, [*LEARN_THEIR_BOUNDS[:-2], {"method": "logistic", "low": "p5", "high": "p95"}])
@settings(max_examples=10, deadline=None)
@given(x=columns())
def test_safer_is_riskier_turned_round(method: Normaliser, x: np.ndarray) -> None:
    learned, _ = fitted(method, x, -1)
    if learned is not None:
        turned = method.apply(-x, 1, method.fit(-x, 1))
        assert close(method.apply(x, -1, learned), turned, 1e-9)


@each(Normaliser)
@pytest.mark.parametrize("sign", [1, -1])
@degenerate
def test_an_odd_column_is_named_or_left_without_a_value(
    method: Normaliser, sign: int, x: np.ndarray
) -> None:
    x = frozen(x)
    learned, complaint = fitted(method, x, sign)
    if learned is None:
        assert method.name in complaint
        return
    share = method.apply(x, sign, learned)
    assert share.shape == x.shape
    assert np.isnan(share[np.isnan(x)]).all()
    if not method.learns:
        assert np.isfinite(share[~np.isnan(x)]).all()


@pytest.mark.slow
@each(Treatment)
@settings(max_examples=15, deadline=None)
@given(x=columns(low=1))
def test_treatment_keeps_the_order_and_the_gaps(method: Treatment, x: np.ndarray) -> None:
    x = frozen(x)
    learned, _ = fitted(method, x)
    if learned is None:
        return
    new = frozen(np.linspace(-300, 400, 50)[:, None] * np.ones(2))
    for columns_ in (np.sort(x, axis=0), new):
        treated = method.apply(columns_, learned)
        assert (np.isnan(treated) == np.isnan(columns_)).all()
        assert np.isfinite(treated[~np.isnan(columns_)]).all()
        steps = np.diff(treated, axis=0)
        size = np.nanmax(np.abs(treated)) + 1
        assert np.nanmin(steps, initial=0) >= -1e-12 * size


@pytest.mark.slow
@each(Treatment)
@settings(max_examples=10, deadline=None)
@given(x=columns(low=1), seed=st.integers(0, 99))
def test_rows_and_columns_are_treated_each_for_itself(
    method: Treatment, x: np.ndarray, seed: int
) -> None:
    x = frozen(x)
    learned, _ = fitted(method, x)
    if learned is None:
        return
    whole = method.apply(x, learned)
    order = np.random.default_rng(seed).permutation(len(x))
    assert close(method.apply(x[order], method.fit(x[order])), whole[order])
    assert close(method.apply(x[:1], learned), whole[:1])
    for column in range(2):
        alone = method.fit(x[:, [column]])
        assert close(method.apply(x[:, [column]], alone)[:, 0], whole[:, column], 1e-9)
        one = {name: values[..., [column]] for name, values in learned.items()}
        assert close(method.apply(x[:, [column]], one)[:, 0], whole[:, column])


@pytest.mark.slow
@each(Treatment)
@degenerate
def test_treatment_survives_odd_columns(method: Treatment, x: np.ndarray) -> None:
    x = frozen(x)
    learned, complaint = fitted(method, x)
    if learned is None:
        assert method.name in complaint
        return
    treated = method.apply(x, learned)
    assert treated.shape == x.shape
    assert (np.isnan(treated) == np.isnan(x)).all()
    assert len(method.details(x, learned)) == x.shape[1]


@pytest.mark.slow
@each(Treatment)
@settings(max_examples=10, deadline=None)
@given(x=columns(low=1))
def test_details_name_the_rows_that_changed(method: Treatment, x: np.ndarray) -> None:
    learned, _ = fitted(method, x)
    if learned is None:
        return
    treated = method.apply(x, learned)
    for column, row in enumerate(method.details(x, learned)):
        changed = ~np.isnan(x[:, column]) & (treated[:, column] != x[:, column])
        assert row["points"] == np.flatnonzero(changed).tolist()
        if changed.any():
            assert row["stage"] != "none"


def test_new_values_take_the_place_between_the_stored_ones() -> None:
    method = Normaliser.parse("percentile_rank")
    learned = method.fit(frozen([[10.0], [20], [40], [NAN]]), 1)
    new = frozen([[5.0], [10], [15], [30], [99]])
    assert method.apply(new, 1, learned).ravel().tolist() == [0, 0, 0.25, 0.75, 1]


BORN = np.exp(np.random.default_rng(0).normal(size=(20, 2)))


@each(Normaliser, LEARN_THEIR_BOUNDS)
@pytest.mark.parametrize("exponent", [997, -997, 600, -600])
def test_huge_and_tiny_units_leave_normalised_values_alone(
    method: Normaliser, exponent: int
) -> None:
    # A power of two, about 1e300, 1e-300, 1e180 and 1e-180, so that no digit changes.
    x = frozen(np.ldexp(BORN, exponent))
    usual = method.apply(BORN, 1, method.fit(BORN, 1))
    assert close(method.apply(x, 1, method.fit(x, 1)), usual)


@pytest.mark.slow
@each(Treatment)
@pytest.mark.parametrize("exponent", [997, 600])
@pytest.mark.parametrize("signs", [(1, 1), (-1, -1), (1, -1)])
def test_huge_values_are_treated_without_overflow(
    method: Treatment, exponent: int, signs: tuple[int, int]
) -> None:
    # Positive, negative and both kinds of values in each column.
    x = frozen(np.ldexp(np.concatenate([sign * BORN for sign in signs]), exponent))
    learned, complaint = fitted(method, x)
    if learned is None:
        assert method.name in complaint
        return
    treated = method.apply(x, learned)
    assert np.isfinite(treated).all()
    for before, after in zip(x.T, treated.T, strict=True):
        steps = np.diff(after[np.argsort(before, kind="stable")])
        assert steps.min() >= -1e-12 * np.abs(after).max()
        assert len(np.unique(after)) > 2
