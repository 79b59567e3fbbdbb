"""Findings on missing cells, errors and intervals of the first edition, each a test of the right value.

| finding | right value | test |
|---|---|---|
| 1 least-observed countries have no interval | width above 0 | tests/analysis/uncertainty/test_bundled_intervals.py |
| 2 a score outside what its cells allow | inside hard bounds | test_every_score_lies_between_its_hard_bounds |
| 2a hard bounds ignore observed cells of suppressed groups | Bulgaria 3.6 wide | test_bounds_of_bulgaria_use_every_observed_cell |
| 2b small known shares drop a country | scored | test_countries_with_censored_cells_are_scored |
| 3 scores outside their own interval | 0 of all | tests/analysis/uncertainty/test_bundled_intervals.py |
| 3 first places by unseen cells | none in the ten highest | tests/framework/test_default_scores.py |
| 3 evidence at its estimate moves a score | no change | test_evidence_at_its_estimate_changes_no_score |
| 3 evidence above its estimate lowers a score | never | test_evidence_above_its_estimate_lowers_no_score |
| 4a a product above its factor | at most the gap, draws and bounds | test_no_draw_of_the_product_is_above_the_gap |
| 4b draws below a proven floor | none | test_no_draw_lies_below_a_proven_floor |
| 4c a stated standard error is ignored | drawn from it | test_a_stated_standard_error_is_drawn |
| 6 value of information contradicts uncertainty | equal | tests/analysis/test_value_of_information.py |
| 7 intervals of few records collapse | wider than 0 | tests/records/test_shares.py, tests/records/test_suppliers.py |
"""

from __future__ import annotations

import numpy as np
import pytest

import dsr_risk as dr
from tests.first_edition import first_scores

DRAWS = 128
MISSING = {"*.missing": {"method": "imputed"}}


@pytest.fixture(scope="module")
def scores(bundled: dr.Scores) -> dr.Scores:
    return bundled


@pytest.fixture(scope="module")
def missing(scores: dr.Scores) -> dr.Uncertainty:
    return dr.uncertainty(scores, draws=DRAWS, factors=MISSING, nodes="all")


@pytest.mark.parametrize("edition", ["first", "second"])
def test_every_score_lies_between_its_hard_bounds(scores: dr.Scores, edition: str) -> None:
    found = first_scores() if edition == "first" else scores
    for name in found.names:
        value, low, high = (
            frame[name] for frame in (found.evaluated, found.minimum, found.maximum)
        )
        known = value.notna() & low.notna() & high.notna()
        assert known.sum() > 150
        assert (value >= low - 1e-9)[known].all()
        assert (value <= high + 1e-9)[known].all()


def test_bounds_of_bulgaria_use_every_observed_cell() -> None:
    found = first_scores()
    low, high = (frame.loc["BGR", "dependency"] for frame in (found.minimum, found.maximum))
    assert high - low == pytest.approx(3.6, abs=0.05)
    assert low == pytest.approx(10.04, abs=0.05)
    assert low <= found.values.loc["BGR", "dependency"] <= high


def test_countries_with_censored_cells_are_scored(scores: dr.Scores) -> None:
    some = scores.values.loc[["BEL", "CYP", "FRA", "HRV", "LTU", "LUX", "LVA", "BGR"], "dependency"]
    assert some.notna().all()


@pytest.mark.parametrize("country", ["TKM", "UZB", "BHS", "NOR"])
def test_evidence_at_its_estimate_changes_no_score(scores: dr.Scores, country: str) -> None:
    columns = [node.name for node in scores.framework.indicators if node.derived is None]
    row = scores.imputed.loc[country, columns]
    indicator = row.index[row][0]
    value = float(scores.estimated.loc[country, indicator])
    after = scores.model.score(scores.data.replace({country: {indicator: value}}))
    own = {name for name in scores.names if scores.framework.score_of(indicator) == name}
    # Other cells of the country may be estimated anew from what is now known.
    assert after.normalised.loc[country, indicator] == pytest.approx(
        scores.normalised.loc[country, indicator], abs=1e-6
    )
    for name in own:
        assert after.evaluated.loc[country, name] == pytest.approx(
            scores.evaluated.loc[country, name], abs=0.5
        )


def test_evidence_above_its_estimate_lowers_no_score(scores: dr.Scores) -> None:
    adoption = scores.data.replace({"TKM": {"surveillance_adoption": 1.0}})
    after = scores.model.score(adoption)
    assert np.isnan(scores.data.values.loc["TKM", "surveillance_adoption"])
    assert after.values.loc["TKM", "security"] >= scores.values.loc["TKM", "security"]


def test_no_draw_of_the_product_is_above_the_gap(
    scores: dr.Scores, missing: dr.Uncertainty
) -> None:
    product, gap = (
        missing.sample(name) * scores.framework[name].normalisation.high / 100
        for name in ("adoption_x_safeguards_gap", "safeguards_gap")
    )
    assert np.nanmax(product) > 10
    assert np.nanmax(product - gap) <= 1e-9
    posts = scores.framework["adoption_x_safeguards_gap"].normalisation
    observed = scores.raw["safeguards_gap"].dropna()
    highest = scores.maximum["adoption_x_safeguards_gap"].reindex(observed.index)
    assert (highest <= 100 * observed / posts.high + 1e-9)[highest.notna()].all()


@pytest.mark.slow
def test_no_draw_lies_below_a_proven_floor(scores: dr.Scores) -> None:
    found = dr.uncertainty(
        scores, draws=DRAWS, nodes="all",
        factors={"import_partner_hhi.data": {"method": "standard_error", "relative": 0.1}},
    )  # fmt: skip
    sample = found.sample("import_partner_hhi")
    floor = scores.normalised["import_partner_hhi"].reindex(found.units).to_numpy()
    cells = scores.data.evidence.query("indicator == 'import_partner_hhi' and lower == value")
    rows = np.isin([str(unit) for unit in found.units], cells["iso3"])
    assert rows.sum() > 200
    scored = rows & ~np.isnan(sample).any(axis=0)
    assert scored.sum() > 200
    assert (sample >= floor - 1e-9)[:, scored].all()
    assert (sample > floor + 1e-3)[:, scored].any()


@pytest.mark.slow
def test_a_stated_standard_error_is_drawn(scores: dr.Scores) -> None:
    errors = {"*.data": scores.framework.factors["*.data"]}
    found = dr.uncertainty(scores, draws=512, nodes="all", factors=errors)
    table = found.scores("incident_rate")
    cells = scores.data.evidence.query("indicator == 'incident_rate'").set_index("iso3")
    cells = cells.reindex(table.index)
    # A country in the middle of the scale, where no goalpost cuts the draws off.
    inside = table["value"].between(30, 60)
    low, high = (
        scores._pipeline.indicator(
            scores._state.tree.index["incident_rate"],
            cells[end].to_numpy(float), np.arange(len(cells)),
        ) for end in ("lower", "upper")
    )  # fmt: skip
    stated = (high - low)[inside]
    drawn = (table["q95"] - table["q05"])[inside]
    assert inside.sum() > 10
    ratio = drawn / stated
    assert ratio.median() > 0.8
    assert ratio.max() <= 1 + 1e-9
