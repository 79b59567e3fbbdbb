"""The example indices reproduce published or hand-computed values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from tests.folders import ROOT

FOLDER = ROOT / "examples" / "indices"
# UNDP, Human Development Report 2021/22, table 1, HDI 2021.
PUBLISHED = {
    "CHE": 0.962,
    "NOR": 0.961,
    "ISL": 0.959,
    "SRB": 0.802,
    "KEN": 0.575,
    "PAK": 0.544,
    "TCD": 0.394,
    "NER": 0.400,
}


def scores(name: str) -> dr.Scores:
    return dr.score(dr.load_framework(FOLDER / f"{name}.yaml"), FOLDER / f"{name}.csv")


def figures(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv", index_col="iso3")


def printed(name: str, score: str) -> pd.Series:
    return scores(name).table()[score].reindex(figures(name).index)


def test_hdi_like_index_gives_the_published_values() -> None:
    found = printed("hdi_like", "development")
    for code, value in PUBLISHED.items():
        # Inputs are published with one decimal.
        assert found[code] / 100 == pytest.approx(value, abs=0.0015)


def test_inform_like_index_is_the_formula_by_hand() -> None:
    x = figures("inform_like")
    hazard = 100 - np.sqrt((100 - 100 * x["incident_rate"]) * (100 - x["safeguards_gap"]))
    capacity = 100 - np.sqrt(x["gci"] * x["ncsi"])
    expected = np.cbrt(hazard * (x["import_partner_hhi"] / 0.5 * 100) * capacity)
    np.testing.assert_allclose(printed("inform_like", "risk"), expected, rtol=1e-9)


def test_product_index_is_the_product_of_its_parts() -> None:
    x = figures("product")
    adoption = x["surveillance_adoption"].fillna(x["surveillance_adoption"].mean())
    expected = adoption * x["safeguards_gap"]
    np.testing.assert_allclose(
        printed("product", "risk").dropna(), expected[printed("product", "risk").notna()]
    )


def test_ratio_index_is_the_ratio_of_its_parts() -> None:
    x = figures("ratio")
    expected = np.minimum(100 * x["external_debt_usd"] / x["gdp_usd"] / 1.2, 100)
    np.testing.assert_allclose(printed("ratio", "debt"), expected)


def test_scaled_index_is_the_mean_times_the_share() -> None:
    x = figures("scaled")
    mean = (x["external_debt_gni"] / 1.2 + x["debt_service_exports"] / 0.4) / 2
    expected = mean * x["focal_share_debt_service"]
    np.testing.assert_allclose(printed("scaled", "burden"), expected, rtol=1e-12)
    points = scores("scaled").contributions("burden").loc["PAK"]
    assert points["focal_share_debt_service"] == pytest.approx(expected["PAK"] / 2)


def test_regional_means_fill_the_goals_that_are_missing() -> None:
    x = figures("regional_means")
    africa = x["digital_capacity"].reindex(["KEN", "ETH", "NGA", "ZAF", "GHA", "SEN"]).mean()
    goals = [
        100 - africa,
        x.loc["NER", "external_debt_gni"] / 1.2,
        x.loc["NER", "import_partner_hhi"] * 200,
    ]
    assert printed("regional_means", "goals")["NER"] == pytest.approx(np.mean(goals))
