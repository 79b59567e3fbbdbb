"""Logarithms and exponentials in compiled loops against numpy; skipped where numba is not installed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

pytest.importorskip("numba", reason="numba (extra `fast`) is not installed")

from dsr_risk.methods import Aggregator, Mean
from dsr_risk.methods._logarithms import exp_into, log_into
from tests.methods.method_cases import AGGREGATORS, each

ANY = st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=True)
MEANS = [spec for spec in AGGREGATORS if isinstance(Aggregator.parse(spec), Mean)]
FUNCTIONS = [(log_into, np.log), (exp_into, np.exp)]


@pytest.mark.parametrize("span", [(-690, 690), (-1, 1), (-1e-6, 1e-6)])
def test_results_are_numpy_s_to_the_last_digits(span: tuple[float, float]) -> None:
    y = np.random.default_rng(0).uniform(*span, 100_003)
    x, out = np.exp(y), np.empty_like(y)
    log_into(x, out)
    np.testing.assert_allclose(out, np.log(x), rtol=4e-16, atol=0)
    exp_into(y, out)
    np.testing.assert_allclose(out, np.exp(y), rtol=4e-16, atol=0)


@pytest.mark.parametrize(("into", "numpys"), FUNCTIONS)
@given(x=arrays(float, st.integers(0, 9), elements=ANY))
def test_any_number_has_the_value_of_numpy(
    into: Callable[..., None], numpys: Callable[..., np.ndarray], x: np.ndarray
) -> None:
    out = np.empty_like(x)
    with np.errstate(all="ignore"):
        into(x, out)
        np.testing.assert_allclose(out, numpys(x), rtol=4e-16, atol=0)
        into(x, x)
    np.testing.assert_array_equal(x, out)


@pytest.mark.parametrize(("into", "numpys"), FUNCTIONS)
def test_rows_apart_in_memory_are_taken_as_well(
    into: Callable[..., None], numpys: Callable[..., np.ndarray]
) -> None:
    whole = np.full((4, 6), 2.0)
    into(whole[:, ::2], whole[:, ::2])
    np.testing.assert_allclose(whole[:, ::2], numpys(np.full((4, 3), 2.0)), rtol=4e-16)
    assert (whole[:, 1::2] == 2).all()


@each(Aggregator, MEANS)
def test_compiled_terms_and_inverses_are_those_of_every_mean(method: Mean) -> None:
    x = np.random.default_rng(1).uniform(1, 100, (3, 50))
    terms, compiled = np.empty_like(x), np.empty_like(x)
    method.g_into(x, terms)
    method.compiled_g_into(x, compiled)
    np.testing.assert_allclose(compiled, terms, rtol=1e-15, atol=0)
    method.inverse_into(terms, terms)
    method.compiled_inverse_into(compiled, compiled)
    np.testing.assert_allclose(compiled, terms, rtol=1e-14, atol=0)
