"""Draws of derived indicators: errors are those of the parts, and the operation holds in every draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.montecarlo import compile_design
from dsr_risk.montecarlo.drawing import Key

COUNTRIES = ["KEN", "PAK", "SRB", "LAO", "AGO", "ZMB", "MYS", "BRA", "PER", "NPL"]


def framework(operation: str = "product", **missing: Any) -> dr.Framework:
    return dr.load_framework(
        {
            "name": "parts",
            "title": "Parts",
            "focal": None,
            "defaults": {
                "normalisation": {"method": "goalposts", "low": 0, "high": 100},
                "missing": missing or {"method": "share_weight"},
            },
            "scores": [
                {
                    "name": "risk",
                    "children": [
                        {"name": "gap", "higher_is": "riskier"},
                        {
                            "name": "both",
                            "higher_is": "riskier",
                            "derived": {"method": operation, "of": ["adoption", "gap"]},
                        },
                        {"name": "other", "higher_is": "safer"},
                    ],
                }
            ],
            "context": [
                {"name": "adoption", "higher_is": "riskier", "plausible": [0, 1]},
                {"name": "idle", "higher_is": "riskier"},
            ],
        }
    )


def data(*, gaps: bool = False) -> dr.Data:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "gap": rng.uniform(20, 80, 10),
            "adoption": rng.uniform(0.2, 0.6, 10),
            "other": rng.uniform(10, 90, 10),
        },
        index=pd.Index(COUNTRIES, name="iso3"),
    )
    if gaps:
        frame.iloc[1, 1] = frame.iloc[4, 0] = frame.iloc[7, 0] = frame.iloc[7, 1] = np.nan
    return dr.as_data(frame)


def columns_and_indicators(
    design: Any, size: int = 64
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return the drawn columns and the drawn indicators (draws, n) by name."""
    key = Key(3, 1, {})
    changing = design.runners[0].changing
    read = design.drawing.read(0, changing)
    # Arrays of noise are overwritten.
    noise = design.drawing.noise(key, design.block_size, size)
    x = design.drawing.raw(0, read, noise, slice(0, size), size, key, design.block_size)
    noise = design.drawing.noise(key, design.block_size, size)
    raw = design.raw(0, noise, slice(0, size), size, key)
    names = [indicator.name for indicator in design.framework.indicators]
    inputs = [column.name for column in design.framework.inputs]
    return (
        {inputs[column]: x[:, row] for row, column in enumerate(read)},
        {names[indicator]: raw[:, row] for row, indicator in enumerate(changing)},
    )


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["product", "sum", "difference", "ratio", "minimum"])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("place", ["*.data", "risk.data", "both.data", "adoption.data", "gap.data"])
def test_a_drawn_derived_indicator_is_its_operation_on_the_drawn_parts(
    operation: str, gaps: bool, place: str
) -> None:
    missing = {"method": "regression"} if gaps else {}
    design = compile_design(
        framework(operation, **missing),
        data(gaps=gaps),
        {place: {"method": "standard_error", "relative": 0.2}},
    )
    columns, indicators = columns_and_indicators(design)
    both: Any = design.framework["both"]
    operate = both.derived.evaluate
    np.testing.assert_array_equal(
        indicators["both"], operate(np.stack([columns["adoption"], columns["gap"]]))
    )
    moved = {name for name, drawn in columns.items() if (np.ptp(drawn, axis=0) > 0).all()}
    wanted = {
        "*.data": {"gap", "adoption", "other"},
        "risk.data": {"gap", "adoption", "other"},
        "both.data": {"gap", "adoption"},
        "adoption.data": {"adoption"},
        "gap.data": {"gap"},
    }[place]
    assert moved == wanted
    if "gap" in indicators:
        np.testing.assert_array_equal(indicators["gap"], columns["gap"])


def test_the_interval_of_a_product_with_one_part_in_error_is_that_of_the_part() -> None:
    fw, given = framework(), data()
    u = dr.uncertainty(
        fw,
        given,
        draws=20_000,
        factors={"adoption.data": {"method": "standard_error", "absolute": 0.05}},
    )
    table = u.scores().loc[COUNTRIES]
    gap = given.values["gap"].to_numpy()
    # A third of the score is adoption x gap: its 90 % interval is 2 x 1.645 standard errors of 0.05 x gap.
    wanted = 2 * 1.6449 * 0.05 * gap / 3
    np.testing.assert_allclose(table["q95"] - table["q05"], wanted, rtol=0.03)


def test_no_part_of_a_drawn_product_lies_outside_its_plausible_range() -> None:
    design = compile_design(
        framework(), data(), {"adoption.data": {"method": "standard_error", "absolute": 1.0}}
    )
    columns, indicators = columns_and_indicators(design)
    assert columns["adoption"].min() >= 0
    assert columns["adoption"].max() <= 1
    assert (indicators["both"] <= data().values["gap"].to_numpy() + 1e-12).all()


def test_donors_fill_the_parts_of_a_product() -> None:
    design = compile_design(
        framework(), data(gaps=True), {"*.missing": {"method": "peers", "by": "none"}}
    )
    columns, indicators = columns_and_indicators(design)
    np.testing.assert_array_equal(indicators["both"], columns["adoption"] * columns["gap"])
    assert not np.isnan(indicators["both"]).any()
    known = data(gaps=True).values["adoption"].dropna()
    assert set(columns["adoption"][:, 1]) <= set(known)


@pytest.mark.slow
def test_draws_of_parts_do_not_depend_on_workers() -> None:
    from concurrent.futures import ThreadPoolExecutor

    given, factors = data(gaps=True), {"*.data": {"method": "standard_error", "relative": 0.2}}
    fw = framework(method="regression")
    alone = dr.uncertainty(fw, given, draws=40_000, factors=factors)
    with ThreadPoolExecutor(3) as executor:
        spread = dr.uncertainty(fw, given, draws=40_000, factors=factors, executor=executor)
    pd.testing.assert_frame_equal(alone.table(), spread.table(), check_exact=True)


def test_a_factor_on_a_part_goes_with_the_last_indicator_that_uses_it() -> None:
    plain = framework().replace(
        {
            "factors": {
                "adoption.data": {"method": "standard_error", "relative": 0.1},
                "gap.data": {"method": "revision", "rounding": {"gap": 1.0}},
            }
        }
    )
    assert set(plain.factors) == {"adoption.data", "gap.data"}
    assert set(plain.replace({"both": None}).factors) == {"gap.data"}


def test_an_error_on_a_context_column_that_no_indicator_uses_is_refused() -> None:
    fw = framework()
    with pytest.raises(dr.FrameworkError, match="no node `idle`"):
        compile_design(fw, data(), {"idle.data": {"method": "standard_error", "relative": 0.1}})


def test_a_product_with_an_observed_part_of_zero_is_known() -> None:
    frame = data(gaps=True).values
    frame.loc["LAO", "gap"], frame.loc["LAO", "adoption"] = 0.0, np.nan
    scores = dr.score(framework(method="regression"), dr.as_data(frame))
    table = scores.table(details=True)
    assert table.loc["LAO", "risk_estimated_share"] == 0
    assert table.loc["LAO", "risk_coverage"] == 1
    assert table.loc["LAO", "risk_min"] == table.loc["LAO", "risk_max"] == table.loc["LAO", "risk"]
    # Any other part leaves the product unknown.
    assert table.loc["PAK", "risk_estimated_share"] == pytest.approx(1 / 3)
    u = dr.uncertainty(scores, draws=500, factors={"*.missing": {"method": "imputed"}})
    own = u.scores().loc["LAO"]
    assert own["sd"] == 0
