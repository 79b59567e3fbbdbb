"""Every verb uses the framework's own factors and the one model of missing cells."""

from __future__ import annotations

import numpy as np
import pytest

import dsr_risk as dr
from dsr_risk.analysis.panel import replay
from dsr_risk.scoring.scores import Scores


@pytest.fixture(scope="module")
def scores(bundled: Scores) -> Scores:
    return bundled


@pytest.mark.slow
def test_sensitivity_and_uncertainty_vary_the_same_factors(scores: Scores) -> None:
    run = dr.uncertainty(scores, draws=32, nodes="score")
    found = dr.sensitivity(scores, n=8, resamples=2, nodes="score")
    assert found.factors == tuple(run.factors) == tuple(scores.framework.factors)
    assert run.factors["*.missing"].name == "imputed"


def test_sensitivity_without_factors_is_about_missing_cells_alone(scores: Scores) -> None:
    found = dr.sensitivity(scores, n=16, resamples=2, nodes="score", factors={})
    assert found.factors == ("*.missing",)
    first = found.first.xs("dependency", level="node", axis=1)
    complete = ~scores._state.cells.estimated[:, : scores._state.tree.n_indicators].any(axis=1)
    assert complete.any()
    assert np.isfinite(first.to_numpy()).any()


@pytest.mark.slow
def test_compare_finds_no_change_where_an_estimate_is_observed(scores: Scores) -> None:
    indicator = scores._state.tree.index["ncsi_2026"]
    # A country that misses nothing else: no other estimate moves.
    alone = scores._state.cells.estimated[:, indicator] & (
        scores._state.prepared.missing.sum(axis=1) == 1
    )
    row = int(np.flatnonzero(alone)[0])
    code, value = scores.data.iso3[row], float(scores.estimated["ncsi_2026"].iloc[row])
    after = scores.model.score(scores.data.replace({code: {"ncsi_2026": value}}))
    moved = dr.compare(scores, after).table("security")
    assert moved["change"].abs().max() < 1e-6
    assert after.coverage.loc[code, "security"] > scores.coverage.loc[code, "security"]


@pytest.mark.slow
def test_replay_of_the_last_edition_has_the_estimates_of_the_framework(scores: Scores) -> None:
    edition = max(scores.data.years)
    again = replay(scores, years=edition).scores[edition]
    np.testing.assert_allclose(again._state.evaluated, scores._state.evaluated, atol=1e-9)
    assert (again._state.cells.estimated == scores._state.cells.estimated).all()
