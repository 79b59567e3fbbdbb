"""The fast evaluation against the one evaluator, draw by draw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dsr_risk as dr
from dsr_risk.montecarlo import compile_design
from dsr_risk.montecarlo.drawing import Key
from dsr_risk.scoring.kernel import evaluate
from tests.montecarlo.montecarlo_cases import made_data, made_framework

POWER = {"method": "power", "p": 2}
TREES: dict[str, dict[str, Any]] = {
    "arithmetic": {},
    "geometric throughout": dict(top="geometric", middle="geometric", bottom=("geometric",)),
    "geometric at the top": dict(top="geometric"),
    "mixed": dict(top="geometric", middle=POWER, bottom=("arithmetic", "geometric", POWER)),
    "harmonic below": dict(bottom=("harmonic",), middle="geometric"),
    "no mean in the middle": dict(middle="median", bottom=("maximum", "arithmetic")),
}


def kernel_values(design: Any, u: Any) -> Any:
    """Every draw by `kernel.evaluate`, weights alone varying."""
    out = []
    for row in u:
        runner = design.runners[design.layout.variant_of(row[None])[0]]
        weights = np.array(runner.variant.weights)
        for move in runner.moves:
            drawn = move.factor.draw(row[move.columns][:, None], move.given, move.names)
            weights[move.nodes] = drawn[:, 0]
        scores = runner.variant.scores
        out.append(
            evaluate(scores._state.tree, scores._state.normalised, weights, runner.has_value)[0]
        )
    return np.array(out)


@pytest.mark.slow
@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize("tree", TREES)
def test_many_draws_at_once_equal_the_kernel_one_by_one(tree: str, missing: float) -> None:
    framework = made_framework(**TREES[tree])
    design = compile_design(
        framework, made_data(missing=missing), {"*.weights": {"method": "spread", "share": 0.5}}
    )
    u = design.points(0).block(0)[:40]
    found, expected = design.evaluate_block(u), kernel_values(design, u)
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    # 1e-12 of the scale.
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10, equal_nan=True)
    assert np.nanmax(np.abs(found - expected)) < 1e-12 * 100


def test_choices_switching_by_draw_equal_the_kernel() -> None:
    design = compile_design(
        made_framework(),
        made_data(missing=0.2),
        {
            "*.weights": {"method": "dirichlet", "concentration": 20},
            "*.aggregation": {"method": "choice", "options": ["arithmetic", "geometric", POWER]},
            "defaults.normalisation": {"method": "choice", "options": ["minmax", "zscore", "rank"]},
        },
    )
    assert len(design.variants) == 9
    u = design.points(3).block(0)[:60]
    found, expected = design.evaluate_block(u), kernel_values(design, u)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-10, equal_nan=True)
    assert len(np.unique(design.layout.variant_of(u))) > 6


@pytest.mark.parametrize("tree", TREES)
def test_without_factors_every_draw_is_the_score(tree: str) -> None:
    framework = made_framework(**TREES[tree], min_coverage=0.6)
    data = made_data(missing=0.3)
    found = dr.uncertainty(framework, data, draws=50, factors={})
    scores = dr.score(framework, data)
    for name in ("risk", "p0", "g1", "i3"):
        got = found.scores(name)
        np.testing.assert_allclose(got["value"], scores.values[name], rtol=0, atol=1e-10)
        for column in ("mean", "q05", "median", "q95"):
            # What is not printed is evaluated and drawn all the same.
            np.testing.assert_allclose(got[column], scores.evaluated[name], rtol=0, atol=1e-10)
        assert (got["sd"].dropna() == 0).all() or np.nanmax(got["sd"]) < 1e-12
    ranks = found.ranks()
    for column in ("rank", "q05", "q95"):
        np.testing.assert_array_equal(ranks[column], scores.rank["risk"].to_numpy(float))


def test_without_factors_the_bundled_scores_come_back_with_basis_and_focal(
    fw: dr.Framework, data: dr.Data, scores: dr.Scores
) -> None:
    found = dr.uncertainty(fw, data, draws=20, factors={})
    # Estimated cells are drawn whatever is declared.
    complete = np.ones(len(data), bool)
    complete[scores._state.estimates.rows] = False
    assert 50 < complete.sum() < len(data)
    for name in scores.names:
        got = found.scores(name)[complete]
        expected = scores.evaluated[name][complete]
        np.testing.assert_allclose(got["median"], expected, rtol=0, atol=1e-10)
        assert (np.nan_to_num(got["sd"]) < 1e-12).all()
        bands = found.bands(name)
        for code, band in scores.band[name][complete].items():
            if isinstance(band, str):
                assert bands.loc[code, band] == 1
    assert np.isnan(found.scores("dependency").loc["CHN", "median"])


def test_parameters_drawn_equal_frameworks_written_with_them() -> None:
    framework = made_framework(
        top=POWER, normalisation={"method": "goalposts", "low": 0, "high": 100}
    )
    data = made_data()
    design = compile_design(
        framework,
        data,
        {
            "risk.aggregation.p": {"method": "uniform", "low": -2, "high": 4},
            "i3.normalisation.high": {"method": "triangular", "low": 90, "high": 130},
        },
    )
    u = design.points(0).block(0)[:12]
    found = design.evaluate_block(u, nodes=["risk", "i3"])
    drawn = design.factors["i3.normalisation.high"].draw(u[:, 1], 100.0)
    for row in range(len(u)):
        written = framework.replace(
            {
                "risk.aggregation": {"method": "power", "p": float(-2 + 6 * u[row, 0])},
                "i3.normalisation": {"method": "goalposts", "low": 0, "high": float(drawn[row])},
            }
        )
        values = dr.score(written, data).values[["risk", "i3"]]
        np.testing.assert_allclose(found[row], values, rtol=1e-12)


def test_a_parameter_that_is_refitted_equals_frameworks_written_with_it() -> None:
    framework = made_framework(normalisation={"method": "zscore", "sd": 10.0})
    data = made_data()
    design = compile_design(
        framework, data, {"i3.normalisation.sd": {"method": "uniform", "share": 0.3}}
    )
    u = np.array([[0.1], [0.9]])
    found = design.evaluate_block(u, nodes=["risk"])
    for row, value in enumerate(10 * (1 + 0.3 * (2 * u[:, 0] - 1))):
        written = framework.replace({"i3.normalisation": {"method": "zscore", "sd": float(value)}})
        np.testing.assert_allclose(
            found[row, :, 0], dr.score(written, data).values["risk"], rtol=1e-12
        )


def test_drawn_data_are_scored_on_the_fixed_scale_or_learned_from_anew() -> None:
    framework, data = made_framework(), made_data()
    factors = {"*.data": {"method": "standard_error", "relative": 0.1}}
    for reference in ("fixed", "refit"):
        design = compile_design(framework, data, factors, reference=reference)
        u = np.empty((3, 0))
        values = design.evaluate_block(u, seed=1, block=2, nodes=["risk"])
        key = Key(1, 2, {})
        noise = design.drawing.noise(key, design.block_size, 3)
        raw = design.raw(0, noise, slice(0, 3), 3, key)
        model = dr.fit(framework, data)
        for row in range(3):
            frame = data.values
            frame.loc[:, :] = raw[row].T
            drawn = dr.as_data(frame)
            scores = (model if reference == "fixed" else dr.fit(framework, drawn)).score(drawn)
            np.testing.assert_allclose(values[row, :, 0], scores.values["risk"], rtol=1e-12)
        assert np.std(raw[:, 0, 0]) > 0


def test_the_order_of_countries_does_not_matter() -> None:
    framework, data = made_framework(), made_data(missing=0.2)
    factors = {"*.weights": {"method": "spread", "share": 0.3}}
    one = dr.uncertainty(framework, data, draws=300, factors=factors)
    other = dr.uncertainty(
        framework, dr.as_data(data.values.iloc[::-1]), draws=300, factors=factors
    )
    for name in ("scores", "ranks"):
        a, b = getattr(one, name)(), getattr(other, name)()
        np.testing.assert_allclose(a, b.loc[a.index], rtol=0, atol=1e-9)
