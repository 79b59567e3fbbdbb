"""Multiple imputation all the way into intervals; cells nobody can fill; imputed values that stand still."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import dsr_risk as dr
from dsr_risk.montecarlo import compile_design
from dsr_risk.scoring.prepare import prepare
from tests.helpers import filled_copies
from tests.montecarlo.montecarlo_cases import made_data, made_framework

CODES = [
    "KEN", "PAK", "LAO", "UGA", "GHA", "ZMB", "ZWE", "PER", "CHL", "BRA",
    "MEX", "IND", "NGA", "EGY", "MAR", "TUN", "DEU", "FRA", "POL", "ESP",
]  # fmt: skip
DRAWN = {"*.missing": "imputed"}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Four related columns of twenty countries; KEN lacks one value and PAK two."""
    rng = np.random.default_rng(0)
    common = rng.normal(size=20)
    columns = {name: 50 + 10 * (0.8 * common + 0.6 * rng.normal(size=20)) for name in "abcd"}
    found = pd.DataFrame(columns, index=CODES)
    found.loc["KEN", "a"] = found.loc["PAK", "b"] = found.loc["PAK", "c"] = np.nan
    return found


def made(imputation: object, factors: dict[str, Any] | None = None) -> dr.Framework:
    children = [{"name": name, "higher_is": "riskier"} for name in "abcd"]
    return dr.Framework.from_dict(
        {
            "name": "case",
            "defaults": {"missing": imputation},
            "scores": [{"name": "risk", "children": children}],
            "factors": factors or {},
        }
    )


@pytest.mark.parametrize("imputation", ["matching", "regression"])
def test_the_spread_of_imputations_is_the_spread_of_scores(
    imputation: str, frame: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(yaml.safe_dump(made(imputation, DRAWN).to_dict()), encoding="utf-8")
    fw = dr.load_framework(path)
    found = dr.uncertainty(fw, frame, draws=4000, seed=0)
    model = dr.fit(fw, frame)
    filled = filled_copies(prepare(fw, frame), model._imputations, np.random.default_rng(1), 4000)
    by_hand = np.stack([model._pipeline.transform(one)[1].mean(axis=1) for one in filled])
    sd = found.scores("risk")["sd"]
    np.testing.assert_allclose(sd.iloc[:2], by_hand.std(axis=0)[:2], rtol=0.08)
    assert sd.iloc[0] > 3
    assert sd.iloc[1] > sd.iloc[0]
    assert (sd.iloc[2:] < 1e-9).all()
    assert not any("not vary between draws" in note for note in found.notes)


@pytest.mark.parametrize("imputation", ["knn", "last"])
def test_a_cell_that_no_imputation_can_fill_stays_missing_in_every_draw(
    imputation: str, frame: pd.DataFrame
) -> None:
    # PAK has two columns and neighbours need three; a snapshot has no other years.
    fw = made(imputation, DRAWN)
    found = dr.uncertainty(fw, frame, draws=200, seed=0)
    plain = dr.score(fw, frame).values["risk"]
    assert (found.failed == 0).all()
    table = found.scores("risk")
    assert table.loc["PAK", "mean"] == pytest.approx(plain["PAK"])
    assert (table["scored"] == 1).all()
    assert (table.loc["KEN", "sd"] > 1) == (imputation == "knn")


@pytest.mark.parametrize("factors", [{}, DRAWN])
def test_imputed_values_that_stand_still_are_said_to(
    factors: dict[str, Any], frame: pd.DataFrame
) -> None:
    found = dr.uncertainty(
        made({"method": "constant", "value": 50}, factors), frame, draws=16, seed=0
    )
    assert any(
        note.startswith("estimated values that do not vary between draws: 3.")
        for note in found.notes
    )


def test_peers_for_imputed_cells_leave_nothing_to_say(frame: pd.DataFrame) -> None:
    fw = made("mean", {"*.missing": "peers"})
    found = dr.uncertainty(fw, frame, draws=64, seed=0)
    assert found.scores("risk").loc["KEN", "sd"] > 1
    assert found.notes == ()


PREDICTIVE = ["regression", "hot_deck", "knn", "matching"]


@pytest.mark.slow
@pytest.mark.parametrize("method", PREDICTIVE)
def test_the_score_is_the_mean_of_its_draws_and_hard_bounds_hold_every_one(method: str) -> None:
    posts = {"method": "goalposts", "low": 0, "high": 100}
    fw = made_framework(normalisation=posts).replace({"defaults.missing": method})
    data = made_data(40, missing=0.2)
    scores, draws = dr.score(fw, data), 4096
    # Nothing is declared: missing cells are drawn all the same.
    found = dr.uncertainty(fw, data, draws=draws, factors={})
    table, sample = found.scores("risk"), found.sample("risk")
    error = np.maximum(table["sd"] / np.sqrt(draws), 1e-9)
    assert (np.abs(table["mean"] - scores.values["risk"]) < 4.5 * error).all()
    incomplete = data.values.isna().any(axis=1)
    assert (table.loc[incomplete, "sd"] > 0.1).all()
    assert (table.loc[~incomplete, "sd"] < 1e-9).all()
    assert (sample >= scores.minimum["risk"].to_numpy() - 1e-9).all()
    assert (sample <= scores.maximum["risk"].to_numpy() + 1e-9).all()


def test_what_min_coverage_suppresses_is_drawn_and_not_ranked() -> None:
    fw = made_framework(min_coverage=0.7).replace({"defaults.missing": "hot_deck"})
    data = made_data(30, missing=0.3)
    scores = dr.score(fw, data)
    hidden = scores.values["risk"].isna()
    assert 0 < hidden.sum() < 30
    found = dr.uncertainty(fw, data, draws=512, factors={})
    assert (found.scores("risk").loc[hidden, "sd"] > 0.5).all()
    ranks = found.ranks("risk")
    assert ranks.loc[hidden, "median"].isna().all()
    assert ranks["q95"].max() <= (~hidden).sum()


def test_estimated_cells_are_a_factor_of_the_sensitivity_analysis() -> None:
    fw = made_framework().replace({"defaults.missing": "regression"})
    data = made_data(20, missing=0.2)
    found = dr.sensitivity(
        fw, data, n=64, factors={"*.weights": {"method": "spread", "share": 0.2}}
    )
    assert found.factors == ("*.weights", "*.missing")


def test_an_explicit_factor_of_missing_cells_takes_the_place_of_the_model() -> None:
    fw = made_framework().replace({"defaults.missing": "regression"})
    factors = {"*.missing": {"method": "peers"}}
    found = dr.uncertainty(fw, made_data(20, missing=0.2), draws=64, factors=factors)
    still = dr.uncertainty(fw, made_data(20), draws=64, factors={})
    assert (still.scores("risk")["sd"] < 1e-9).all()
    assert found.scores("risk")["sd"].max() > 0.5


def test_cells_whose_siblings_share_the_weight_are_said_to_be_in_no_interval(
    frame: pd.DataFrame,
) -> None:
    factors = {"*.weights": {"method": "spread", "share": 0.2}}
    shared = dr.uncertainty(made("share_weight", factors), frame, draws=64)
    (note,) = shared.notes
    assert note.startswith("3 missing cells have no estimate: siblings share their weight")
    assert note in repr(shared)
    drawn = dr.uncertainty(made("share_weight", {**factors, "*.missing": "peers"}), frame, draws=64)
    assert drawn.notes == ()
    assert dr.uncertainty(made("share_weight", factors), frame.dropna(), draws=64).notes == ()


@pytest.mark.parametrize(
    "methods",
    [
        {},
        {"top": "geometric"},
        {"middle": {"method": "power", "p": 2}, "bottom": ("arithmetic", "geometric")},
        {"bottom": ("arithmetic", "harmonic", "minimum")},
    ],
)
@pytest.mark.parametrize("missing", ["regression", "hot_deck"])
def test_values_of_drawn_cells_alone_are_those_of_whole_indicators(
    methods: dict[str, Any], missing: str
) -> None:
    fw = made_framework(**methods).replace({"defaults.missing": {"method": missing}})
    scores = dr.score(fw, made_data(40, 12, missing=0.2))
    design = compile_design(scores, factors={"*.weights": {"method": "spread", "share": 0.25}})
    u = design.points(3).block(0)
    groups = design.nodes[12:]
    alone = design.evaluate_block(u, seed=3, nodes=groups)
    # With an indicator among the nodes every indicator of every draw is made.
    whole = design.evaluate_block(u, seed=3, nodes=[*groups, "i0"])[..., :-1]
    np.testing.assert_allclose(alone, whole, rtol=1e-12, equal_nan=True)
    assert np.nanmax(np.ptp(alone[:, :, 0], axis=0)) > 1
    if not methods:
        cells = design.drawing.cells_alone(0)
        assert cells is not None
        assert design.runners[0].takes_cells(tuple(range(12, len(design.nodes))), cells)


def test_draws_by_class_are_the_draws() -> None:
    fw = made_framework().replace({"defaults.missing": {"method": "regression"}})
    sampler = dr.score(fw, made_data(40, 12, missing=0.2))._sampler
    assert sampler.by_class
    classed = sampler.classed(np.random.default_rng(7), 200)
    drawn = sampler.draw(np.random.default_rng(7), 200)
    assert np.array_equal(classed.values().T, drawn)
    assert np.array_equal(classed.of_draws(slice(20, 50)).values().T, drawn[20:50])
    assert len(np.unique(drawn)) > 200


@pytest.mark.parametrize("plausible", [None, [0, 100]])
def test_cells_are_drawn_beside_a_group_that_is_no_sum(
    plausible: list[int] | None, frame: pd.DataFrame
) -> None:
    def group(name: str, aggregation: str, members: str) -> dict[str, Any]:
        children = [{"name": one, "higher_is": "riskier"} for one in members]
        return {"name": name, "aggregation": aggregation, "children": children}

    groups = [group("sum", "arithmetic", "ab"), group("worst", "maximum", "de")]
    fw = dr.Framework(
        name="case",
        defaults={
            "missing": {"method": "regression"},
            "normalisation": {"method": "goalposts", "low": 0, "high": 100},
        },
        scores=[{"name": "risk", "children": groups}],
    ).replace({"a.plausible": plausible, "b.plausible": plausible})
    scores = dr.score(fw, frame.assign(e=frame["c"].fillna(0.0)).drop(columns="c"))
    # Bounds are not drawn by class.
    assert scores._sampler.by_class == (plausible is None)
    found = dr.uncertainty(scores, draws=4000, factors=DRAWN, nodes="score").scores("risk")
    assert found["mean"].to_numpy() == pytest.approx(found["value"].to_numpy(), abs=0.2)
    assert found["sd"].iloc[0] > 1
    assert (found["sd"].iloc[2:] < 1e-9).all()


@pytest.mark.slow
def test_derived_indicators_of_drawn_cells_alone_are_those_of_whole_indicators() -> None:
    design = compile_design(factors={"*.weights": {"method": "spread", "share": 0.25}})
    u = design.points(0).block(0)[:64]
    alone = design.evaluate_block(u, nodes=["dependency", "security"])
    indicator = design.nodes[0]
    whole = design.evaluate_block(u, nodes=["dependency", "security", indicator])[..., :-1]
    np.testing.assert_allclose(alone, whole, rtol=1e-12, equal_nan=True)


def test_misclassified_codes_draw_only_columns_with_codes() -> None:
    design = compile_design(factors={"*.data": {"method": "misclassified", "probability": 0.1}})
    codes = {column.name for column in design.framework.inputs if column.ordinal}
    assert set(design.cells("*.data").names) == codes


@pytest.mark.parametrize("method", ["share_weight", {"method": "constant", "value": 50}])
def test_censored_cells_are_drawn_under_any_method_and_not_said_to_stand_still(method: Any) -> None:
    cells = pd.DataFrame(
        {
            "iso3": ["KEN", "PAK", "LAO"] * 2,
            "indicator": ["a"] * 3 + ["b"] * 3,
            "value": [np.nan, 20, 30, 40, 50, 90],
            "lower": [10.0, *[np.nan] * 5],
            "upper": [60.0, *[np.nan] * 5],
        }
    )
    children = [{"name": name, "higher_is": "riskier"} for name in "ab"]
    fw = {
        "name": "own",
        "defaults": {"missing": method},
        "scores": [{"name": "risk", "children": children}],
    }
    found = dr.uncertainty(fw, cells, draws=64, seed=0)
    varies = bool(found.scores("risk").loc["KEN", "sd"] > 1)
    assert varies != any("do not vary between draws" in note for note in found.notes)
    assert varies == (method == "share_weight")
