"""Screening of units, hints of size, and best-case bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.analysis.best_case import best_case
from dsr_risk.analysis.screening import denomination_hints, screen_data
from tests.first_edition import first_data

NAN = np.nan
ROWS = ["KEN", "PAK", "LAO", "AUT"]
FRAME = pd.DataFrame(
    {"a": [1.0, 0, NAN, 4], "b": [2.0, 0, NAN, 0], "c": [3.0, 5, 1, NAN]}, index=ROWS
)


def framework(*names: str, **more: Any) -> dr.Framework:
    children = [{"name": name, "higher_is": "riskier"} for name in names]
    return dr.Framework(name="case", scores=[{"name": "risk", "children": children}], **more)


def test_units_are_kept_at_equality_and_left_out_below() -> None:
    found = screen_data(framework("a", "b", "c"), FRAME, min_available=2 / 3, min_nonzero=1 / 3)
    assert found["available"].tolist() == [3, 3, 1, 2]
    np.testing.assert_allclose(found["available_share"], [1, 1, 1 / 3, 2 / 3])
    np.testing.assert_allclose(found["nonzero_share"], [1, 1 / 3, 1, 1 / 2])
    assert found["kept"].tolist() == [True, True, False, True]
    assert found["reason"].tolist()[2] == "0.33 of the indicators available, below 0.67"


def test_too_many_zeros_leave_a_unit_out() -> None:
    found = screen_data(framework("a", "b", "c"), FRAME, min_nonzero=0.5)
    assert found.loc["PAK", "reason"] == "0.33 of the values are not zero, below 0.50"


def test_screening_counts_raw_cells_whatever_is_imputed() -> None:
    fw = framework("a", "b", "c", defaults={"missing": "mean"})
    plain = screen_data(framework("a", "b", "c"), FRAME)
    pd.testing.assert_frame_equal(screen_data(fw, FRAME), plain)


def test_what_is_not_applicable_leaves_the_denominator() -> None:
    cells = pd.DataFrame(
        {
            "iso3": ["KEN", "KEN", "PAK", "PAK"],
            "indicator": ["a", "b"] * 2,
            "value": [1.0, 2, NAN, 4],
            "reason": ["", "", "outside_register", ""],
        }
    )
    found = screen_data(framework("a", "b"), cells)
    assert found.loc["PAK", ["available", "applicable"]].tolist() == [1, 1]
    assert found.loc["PAK", "kept"]


def test_the_focal_country_is_left_out_as_such() -> None:
    fw = framework("a", "b", "c", focal="PAK")
    assert screen_data(fw, FRAME).loc["PAK", "reason"] == "focal"


def test_the_kept_countries_select_data() -> None:
    found = screen_data(framework("a", "b", "c"), FRAME)
    data = dr.as_data(FRAME).select(countries=found.index[found["kept"]])
    assert list(data.units) == ["KEN", "PAK", "AUT"]


@pytest.mark.parametrize("share", [-0.1, 1.1, NAN])
def test_a_share_outside_0_to_1_is_refused(share: float) -> None:
    with pytest.raises(dr.DataError, match="`min_available` must be a number from 0 to 1"):
        screen_data(framework("a"), FRAME, min_available=share)


def test_hints_list_what_follows_size_strongest_first() -> None:
    rng = np.random.default_rng(0)
    gdp = rng.gamma(1, 100, 30)
    codes = list(first_data().countries[:30])
    data = pd.DataFrame(
        {
            "GDP": gdp,
            "loans": gdp * 2 + rng.normal(0, 30, 30),
            "share": rng.uniform(0, 1, 30),
            "debt": -gdp + rng.normal(0, 80, 30),
        },
        index=codes,
    )
    data.loc[codes[3], "loans"] = NAN
    fw = framework("loans", "share", "debt")
    found = denomination_hints(fw, data)
    assert found["indicator"].tolist() == ["loans", "debt"]
    assert found["n"].tolist() == [29, 30]
    for row in found.itertuples():
        assert row.r == pytest.approx(data[row.indicator].corr(data["GDP"]), rel=1e-12)
    named = fw.replace({"loans.denominator": "GDP"})
    assert denomination_hints(named, data)["denominator"].tolist() == ["GDP", ""]


def test_hints_need_a_measure_of_size() -> None:
    with pytest.raises(dr.DataError, match="no column measures size"):
        denomination_hints(framework("a", "b", "c"), FRAME)
    with pytest.raises(dr.DataError, match="unknown column `gdpp`"):
        denomination_hints(framework("a", "b", "c"), FRAME, by="gdpp")


def test_no_admissible_weights_put_a_country_below_its_best_case() -> None:
    rng = np.random.default_rng(2)
    codes = list(first_data().countries[:25])
    data = pd.DataFrame(rng.uniform(0, 100, (25, 4)), index=codes, columns=list("abcd"))
    posts = {"method": "goalposts", "low": 0, "high": 100}
    scores = dr.score(framework(*"abcd", defaults={"normalisation": posts}), data)
    found = best_case(scores, min_share=0.1, max_share=0.5)
    weights = rng.dirichlet(np.ones(4), 4000)
    weights = weights[(weights >= 0.1).all(axis=1) & (weights <= 0.5).all(axis=1)]
    lowest = (data.to_numpy() @ weights.T).min(axis=1)
    assert (lowest >= found["best_case"] - 1e-7).all()
    shares = found[list("abcd")]
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert shares.min(axis=None) >= 0.1 - 1e-9
    assert shares.max(axis=None) <= 0.5 + 1e-9


def test_a_country_without_a_score_has_no_best_case() -> None:
    scores = dr.score(framework("a", "b", "c"), FRAME)
    found = best_case(scores)
    assert found.loc["LAO"].drop("beyond").isna().all()
    assert not found.loc["LAO", "beyond"]
    with pytest.raises(dr.UnknownNameError, match="unknown score or group `a`"):
        best_case(scores, score="a")


def three_countries() -> tuple[dr.Framework, pd.DataFrame]:
    children = [
        {
            "name": name,
            "higher_is": "riskier",
            "normalisation": {"method": "goalposts", "low": 0, "high": 100},
        }
        for name in "ab"
    ]
    fw = dr.Framework(scores=[{"name": "risk", "children": children}])
    frame = pd.DataFrame({"a": [20.0, 70, 60], "b": [70.0, 20, 60]}, index=["KEN", "PAK", "LAO"])
    return fw, frame


def test_a_new_country_past_the_frontier_is_cut_and_flagged() -> None:
    fw, frame = three_countries()
    reference = dr.score(fw, frame)
    new = reference.model.score(
        pd.DataFrame({"a": [5.0, 60], "b": [30.0, 60]}, index=["AUT", "GHA"])
    )
    found = best_case(new, reference=reference)
    assert found["beyond"].tolist() == [True, False]
    assert found.loc["AUT", "best_case"] == 0
    assert found.loc["GHA", "best_case"] == pytest.approx(
        best_case(reference).loc["LAO", "best_case"]
    )
    assert not best_case(reference)["beyond"].any()
    # A selection is measured from all that were scored with it, of which AUT is the frontier.
    alone = best_case(new.select(countries=["GHA"]))["best_case"]
    assert alone.tolist() == [best_case(new).loc["GHA", "best_case"]]
    # Of the way from AUT to the worst value, with all weight on b.
    assert alone.loc["GHA"] == pytest.approx(100 * (60 - 30) / (100 - 30))


def test_a_frontier_of_another_framework_and_impossible_shares_are_refused() -> None:
    fw, frame = three_countries()
    scores = dr.score(fw, frame)
    other = dr.score(fw.replace({"b": None}), frame[["a"]])
    with pytest.raises(dr.FrameworkError, match="`reference` has no `b`"):
        best_case(scores, reference=other)
    for least, most in ((0.6, 1), (0, 0.4), (0.5, 0.2), (-0.1, 1), (0, 2), (float("nan"), 1)):
        with pytest.raises(dr.FrameworkError, match="cannot add up to one over the 2 children"):
            best_case(scores, min_share=least, max_share=most)


def test_best_case_of_a_panel_is_measured_within_one_year() -> None:
    fw = framework("a", "b")
    table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "a": [20.0, 60, 90], "b": [70.0, 30, 80]})
    earlier = table.assign(a=table["a"] / 2, b=table["b"] / 2)
    panel = pd.concat([earlier.assign(year=2019), table.assign(year=2020)])
    scores = dr.score(fw, panel)
    for year, part in ((2019, earlier), (2020, table)):
        alone = best_case(scores.model.score(part))
        pd.testing.assert_frame_equal(best_case(scores, year=year), alone, check_index_type=False)
    pd.testing.assert_frame_equal(best_case(scores), best_case(scores, year=2020))
    with pytest.raises(dr.UnknownNameError, match="2021"):
        best_case(scores, year=2021)
