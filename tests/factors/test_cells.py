"""Errors of cells: their sizes, their bounds, and errors that cells state themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import dsr_risk as dr
from dsr_risk.factors import DataFactor, Revision, Spread, StandardError
from dsr_risk.montecarlo import compile_design
from dsr_risk.montecarlo.drawn_indicators import perturbed
from tests.factors.test_factors import made_cells

FACTORS: list[Any] = [
    {"method": "standard_error", "relative": 0.5},
    {"method": "standard_error", "absolute": 30},
    {"method": "confidence", "high": 0.5, "medium": 0.6, "low": 0.9, "unstated": 0.9},
    {"method": "revision", "high": 0.5, "per_year": 0.5},
    {"method": "under_reported", "low": 0.3},
]


def drawn(factor: Any, cells: Any, draws: int = 4000) -> np.ndarray:
    """(draws, units) values of the one indicator of these cells."""
    noise = factor.noise(np.random.default_rng(0), draws, cells)
    observed = ~np.isnan(cells.values)
    return perturbed(factor, cells.values[None], noise, cells, observed)[:, 0]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), stated=st.booleans())
@pytest.mark.parametrize("spec", FACTORS, ids=lambda spec: spec["method"])
def test_no_draw_lies_outside_the_bounds_of_its_cell(spec: Any, seed: int, stated: bool) -> None:
    rng = np.random.default_rng(seed)
    values = rng.uniform(1, 90, (1, 5))
    low, high = values - rng.uniform(0, 20, (1, 5)), values + rng.uniform(0, 20, (1, 5))
    low[0, 1], high[0, 2], low[0, 3] = np.nan, np.nan, values[0, 3]
    cells = made_cells(
        values=values,
        low=low,
        high=high,
        std_error=np.full((1, 5), 8.0 if stated else np.nan),
        within=np.array([[0.0, 100.0]]),
        age=np.full((1, 5), 3.0),
    )
    x = drawn(DataFactor.parse(spec), cells, 400)
    assert (x >= np.fmax(low, 0) - 1e-12).all()
    assert (x <= np.fmin(high, 100) + 1e-12).all()


def test_the_error_of_a_floor_goes_one_way_only() -> None:
    values = np.array([[10.0, 20.0, 30.0, 40.0, 50.0]])
    x = drawn(StandardError(relative=0.1), made_cells(values=values, low=values))
    assert (x >= values).all()
    np.testing.assert_allclose(
        x.mean(axis=0), values[0] * (1 + 0.1 * np.sqrt(2 / np.pi)), rtol=0.01
    )


def test_a_cell_that_states_its_error_is_drawn_from_it_and_not_from_a_default() -> None:
    stated = np.array([[1.0, np.nan, np.nan, np.nan, np.nan]])
    low = np.array([[np.nan, 15.0, np.nan, np.nan, np.nan]])
    cells = made_cells(std_error=stated, low=low, high=low + 20)
    for spec in FACTORS[:4]:
        x = drawn(DataFactor.parse(spec), cells, 20_000)
        assert x[:, 0].std() == pytest.approx(1, rel=0.03), spec
        assert x[:, 1].mean() == pytest.approx(25, rel=0.02), spec
        assert x[:, 1].std() == pytest.approx(20 / np.sqrt(12), rel=0.03), spec


def test_revision_size_adds_grade_age_and_rounding() -> None:
    factor = Revision(
        high=0.03, medium=0.1, low=0.2, unstated=0.1, per_year=0.04, rounding={"x": 1}
    )
    cells = made_cells(age=np.array([[1.0, 0, 0, 0, 4]]))
    size = factor.size_of(cells)[0]
    assert size[0] == pytest.approx(np.sqrt(10**2 * (0.03**2 + 0.04**2) + 1 / 12))
    assert size[1] == pytest.approx(np.sqrt(20**2 * 0.1**2 + 1 / 12))
    assert size[4] == pytest.approx(np.sqrt(50**2 * (0.1**2 + 4 * 0.04**2) + 1 / 12))
    assert drawn(factor, cells, 20_000)[:, 4].std() == pytest.approx(size[4], rel=0.03)


def test_revision_correlates_within_a_source_and_a_shared_denominator() -> None:
    two = {
        name: np.repeat(value, 2, axis=0) if isinstance(value, np.ndarray) else value * 2
        for name, value in vars(made_cells()).items()
    }
    two |= {"names": ("x", "y"), "denominator": ("gdp", "gdp"), "within": np.full((2, 2), np.nan)}
    cells = made_cells(**two)
    for factor, pair in (
        (Revision(correlation=0.5), ((0, 0), (0, 1))),
        (Revision(denominator_correlation=0.5), ((0, 0), (1, 0))),
    ):
        (noise,) = factor.noise(np.random.default_rng(0), 20_000, cells)
        (a, b), (c, d) = pair
        assert np.corrcoef(noise[:, a, b], noise[:, c, d])[0, 1] == pytest.approx(0.5, abs=0.03)
        assert noise.std() == pytest.approx(1, rel=0.02)


def test_revision_refuses_a_rounding_unit_of_no_indicator() -> None:
    (line,) = Revision(rounding={"xx": 1}).complaints_about(made_cells())
    assert "`rounding` names `xx`" in line
    assert "did you mean `x`" in line


def test_spread_of_shares_stays_within_its_share_after_sharing_out() -> None:
    u = np.random.default_rng(0).random((4, 5000))
    given_weights = np.array([4.0, 3.0, 2.0, 1.0])
    nominal = given_weights[:, None] / 10
    shares = Spread(share=0.25, of="shares").draw(u, given_weights, tuple("abcd"))
    np.testing.assert_allclose(shares.sum(axis=0), 1, rtol=1e-12)
    assert (np.abs(shares / nominal - 1) <= 0.25 + 1e-12).all()
    relative = Spread(share=0.25).draw(u, given_weights, tuple("abcd"))
    assert (np.abs(relative / relative.sum(axis=0) / nominal - 1) > 0.25).any()


def scale() -> dr.Framework:
    """An index of 0-100 beside a rate whose upper goalpost is judgement."""
    post = {"method": "goalposts", "low": 0}
    indicator = {"higher_is": "riskier"}
    return dr.Framework(
        name="scale",
        scores=[{"name": "s", "children": [
            {"name": "a", **indicator, "plausible": [0, 100], "normalisation": {**post, "high": 100}},
            {"name": "b", **indicator, "plausible": [0, 500], "normalisation": {**post, "high": 40}},
        ]}],
    )  # fmt: skip


def test_goalposts_that_are_ends_of_a_closed_scale_stay_where_they_are() -> None:
    frame = pd.DataFrame({"a": [10.0, 90, 40], "b": [5.0, 30, 80]}, ["KEN", "PAK", "UGA"])
    move = {"method": "uniform", "share": 0.1}
    design = compile_design(scale(), frame, {"*.goalposts": move})
    assert design.layout.column_names == ("*.goalposts",)
    values = design.evaluate_block(np.array([[0.0], [1.0]]), nodes=["a", "b"])
    np.testing.assert_allclose(values[:, :, 0], np.tile([10.0, 90, 40], (2, 1)))
    np.testing.assert_allclose(values[:, 0, 1], [100 * 5 / 36, 100 * 5 / 44])
    every = compile_design(scale(), frame, {"*.goalposts": {**move, "closed_ends": "move"}})
    assert every.dimension == 4
    named = compile_design(scale(), frame, {"a.goalposts": move})
    assert named.layout.column_names == ("a.goalposts: a low", "a.goalposts: a high")
