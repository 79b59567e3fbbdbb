"""Edges of goalposts: what is learned, equal bounds, and columns of which only some are refused."""

from __future__ import annotations

import numpy as np
import pytest

from dsr_risk.errors import DataError, FrameworkError
from dsr_risk.methods import Normaliser


def goalposts(low: object, high: object, **more: object) -> Normaliser:
    return Normaliser.parse({"method": "goalposts", "low": low, "high": high, **more})


@pytest.mark.parametrize(
    ("low", "high", "learns"),
    [(0, 10, False), ("p5", 10, True), (0, "p95", True), ("p5", "p95", True)],
)
def test_learns_with_any_percentile(low: object, high: object, learns: bool) -> None:
    assert goalposts(low, high).learns is learns


def test_equal_numbers_are_refused() -> None:
    with pytest.raises(FrameworkError, match="wrong order.*received 5 and 5"):
        goalposts(5, 5)


@pytest.mark.parametrize("method", ["scaled", "logistic"])
def test_equal_bounds_of_any_bounded_method_are_refused(method: str) -> None:
    with pytest.raises(FrameworkError, match="`low` must be below `high`, received 5 and 5"):
        Normaliser.parse({"method": method, "low": 5, "high": 5})


@pytest.mark.parametrize(("curve", "low"), [("log", 0), ("log", -1), ("log1p", -1), ("log1p", -2)])
def test_a_low_end_outside_the_curve_is_refused(curve: str, low: float) -> None:
    with pytest.raises(FrameworkError, match=f"`curve: {curve}` needs `low` >"):
        goalposts(low, 10, curve=curve)


def test_one_column_of_two_outside_the_curve_is_refused() -> None:
    x = np.column_stack([np.linspace(1, 9, 9), np.linspace(-4, 4, 9)])
    with pytest.raises(DataError, match="`curve: log` needs `low` > 0"):
        goalposts("p0", 10, curve="log").fit(x, 1)
    assert goalposts("p0", 10, curve="log").fit(x[:, :1], 1) is not None


def test_a_percentile_that_reaches_the_number_is_refused_in_any_column() -> None:
    x = np.column_stack([np.linspace(1, 9, 9), np.full(9, 10.0)])
    with pytest.raises(DataError):
        goalposts("p50", 10).fit(x, 1)
