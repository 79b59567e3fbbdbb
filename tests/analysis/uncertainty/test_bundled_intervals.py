"""Scores of the bundled framework lie inside their own intervals; what is not known widens these."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.data.countries import country_table
from dsr_risk.factors import Revision
from dsr_risk.scoring.scores import Scores

SCORES = ("dependency", "security")


@pytest.fixture(scope="module")
def scores(bundled: Scores) -> Scores:
    return bundled


@pytest.fixture(scope="module")
def only_missing(scores: Scores) -> dr.Uncertainty:
    return dr.uncertainty(scores, draws=1024, factors={}, seed=3)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCORES)
def test_uncertainty_holds_every_score_and_rank_when_only_missing_cells_vary(
    only_missing: dr.Uncertainty, name: str
) -> None:
    table = only_missing.table(name).dropna(subset=[name])
    assert len(table) > 150
    for part in ("", "_rank"):
        value, low, high = (table[f"{name}{part}{end}"] for end in ("", "_low", "_high"))
        assert (value >= low - 1e-9).all()
        assert (value <= high + 1e-9).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", SCORES)
def test_uncertainty_gives_every_incomplete_country_an_interval_wider_than_zero(
    scores: Scores, only_missing: dr.Uncertainty, name: str
) -> None:
    below = [
        place
        for place, indicator in enumerate(scores.framework.indicators)
        if scores.framework.score_of(indicator.name) == name
    ]
    # Portugal's gap in safeguards is 0, so its product is known without its adoption.
    known = scores._state.cells.high - scores._state.cells.low <= 1e-9
    incomplete = (scores._state.cells.estimated & ~known)[:, below].any(axis=1)
    table = only_missing.table(name).reindex(scores.data.units)
    width = (table[f"{name}_high"] - table[f"{name}_low"]).to_numpy()
    printed = ~np.isnan(table[name].to_numpy())
    assert (incomplete & printed).sum() > 50
    assert (width[incomplete & printed] > 0).all()
    assert (width[~incomplete & printed] == 0).all()


def test_uncertainty_draws_an_interval_out_to_a_score_in_a_thin_tail() -> None:
    # One of 30 donors is at 0, the others at 100: the mean 96.7 lies below the 5 % quantile.
    values = [0.0, *[100.0] * 29, np.nan]
    data = pd.DataFrame(
        {"a": values, "b": np.linspace(0, 100, 31)}, index=country_table().index[:31]
    )
    last = data.index[-1]
    goalposts = {"method": "goalposts", "low": 0, "high": 100}
    framework = dr.Framework(
        name="two",
        defaults={"missing": {"method": "hot_deck"}, "normalisation": goalposts, "min_coverage": 0},
        scores=[{"name": "risk", "children": [{"name": "a", "higher_is": "riskier"}]}],
        context=[{"name": "b", "higher_is": "riskier"}],
    )
    found = dr.uncertainty(framework, data, draws=2048, seed=1)
    row = found.table("risk").loc[last]
    assert row["risk"] == pytest.approx(100 * 29 / 30)
    assert row["risk_low"] == pytest.approx(row["risk"])
    assert row["risk_high"] == 100
    assert found.scores("risk", quantiles=(0.05,)).loc[last, "q05"] == 100
    assert any(
        "risk score of 1 of 31 units lies beyond the 5 or 95 %" in one for one in found.notes
    )


@pytest.mark.slow
def test_uncertainty_holds_every_score_with_the_factors_of_the_framework(scores: Scores) -> None:
    found = dr.uncertainty(scores, draws=1024, seed=3)
    for name in SCORES:
        plain = found.scores(name, quantiles=(0.05, 0.95))
        plain = plain[found.table(name)[name].reindex(plain.index).notna()]
        outside = (plain["value"] < plain["q05"]) | (plain["value"] > plain["q95"])
        assert outside.mean() <= 0.01
    assert not any("lies outside" in note for note in found.notes)


def test_factors_of_the_bundled_framework_are_revisions_and_the_model_of_missing_cells() -> None:
    factors = dr.load_framework().factors
    assert isinstance(factors["*.data"], Revision)
    assert factors["*.data"].rounding == {"imports_focal_share": 1}
    assert factors["*.missing"].name == "imputed"
    assert not any(one.name == "peers" for one in dr.load_framework("dsr-full").factors.values())


def test_replace_drops_a_rounding_unit_with_its_indicator() -> None:
    neutral = dr.load_framework().replace({"imports_focal_share": None})
    data_errors = neutral.factors["*.data"]
    assert isinstance(data_errors, Revision)
    assert data_errors.rounding == {}


@pytest.mark.slow
def test_revision_leaves_ordinal_codes_as_they_are(scores: Scores) -> None:
    observed = ~scores._state.cells.estimated[:, scores._state.tree.index["cybercrime_law"]]
    found = dr.uncertainty(scores, draws=64, factors={"*.data": {"method": "revision"}})
    sd = found.scores("cybercrime_law")["sd"].to_numpy()[observed]
    assert (sd[~np.isnan(sd)] < 1e-6).all()
