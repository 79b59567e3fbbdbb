"""Surveillance adoption, infrastructure, agreements, ownership and supply risk."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dsr_risk import records
from dsr_risk.errors import DataError
from tests.records.conftest import with_trace


def value(result: pd.DataFrame, indicator: str, column: str = "value") -> float:
    return float(result.set_index("indicator").loc[indicator, column])


def kenya(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"iso3": "KEN", **columns})


def test_two_of_three_techniques_times_the_safeguards_gap() -> None:
    frame = kenya(technique=["Smart City", "facial recognition"])
    result = records.surveillance_adoption(
        frame,
        columns={"supplier": None, "origin": None, "year_column": None},
        bases={"safeguards": {"KEN": 38}, "population": {"KEN": 4e6}},
        techniques=records.AIGS_TECHNIQUES,
    )
    assert value(result, "surveillance_adoption") == pytest.approx(0.666667, abs=1e-6)
    assert value(result, "adoption_x_safeguards_gap") == pytest.approx(0.413333, abs=1e-6)
    assert value(result, "surveillance_intensity") == 0.5
    assert value(result, "surveillance_adoption", "upper") == pytest.approx(2.5 / 3)


@pytest.mark.slow
def test_suppliers_of_deployments_are_count_shares_with_an_unknown_part() -> None:
    frame = kenya(
        technique="smart city",
        vendor=["Huawei", "Huawei", "NEC", None],
        vendor_iso3=["CHN", "CHN", "JPN", None],
    )
    result = records.surveillance_adoption(frame, columns={"year_column": None})
    assert value(result, "surveillance_focal_share") == pytest.approx(2 / 3)
    assert value(result, "surveillance_focal_share", "lower") < 0.5
    assert value(result, "surveillance_supplier_hhi") == pytest.approx(5 / 9)
    assert value(result, "surveillance_unknown_supplier_share") == 0.25
    with pytest.raises(
        DataError, match='supplier unknown in KEN: name it, or give remainder="any"'
    ):
        records.surveillance_adoption(
            frame, columns={"year_column": None}, options={"remainder": "error"}
        )


def test_deployments_after_the_year_do_not_count() -> None:
    frame = kenya(technique=["smart city", "smart policing"], year=[2015, 2019])
    early = records.surveillance_adoption(
        frame,
        columns={"supplier": None, "origin": None},
        techniques=records.AIGS_TECHNIQUES,
        as_of=2016,
    )
    assert value(early, "surveillance_adoption") == pytest.approx(1 / 3)


def test_dated_deployments_give_a_diffusion_curve() -> None:
    years = np.arange(2008, 2024)
    adopted = np.round(400 / (1 + np.exp(-0.7 * (years - 2015)))).astype(int)
    new = np.diff(adopted, prepend=0)
    frame = kenya(technique="smart city", year=np.repeat(years, new))
    result = records.surveillance_adoption(
        frame, columns={"supplier": None, "origin": None}, bases={"saturation": {"KEN": 400}}
    )
    assert value(result, "surveillance_diffusion_speed") == pytest.approx(0.7, abs=0.07)
    assert value(result, "surveillance_diffusion_midpoint") == pytest.approx(2015, abs=0.1)
    assert value(result, "surveillance_diffusion_fitted") == pytest.approx(
        adopted[-1] / 400, abs=0.01
    )
    with pytest.raises(DataError, match="below its"):
        records.surveillance_adoption(
            frame, columns={"supplier": None, "origin": None}, bases={"saturation": 3}
        )


@pytest.mark.slow
def test_contributions_of_deployments_sum_to_the_values(deployments: pd.DataFrame) -> None:
    result, trace = with_trace(
        records.surveillance_adoption, deployments, bases={"population": 5e6, "safeguards": 40.0}
    )
    keys = ["iso3", "indicator"]
    summed = trace.groupby(keys)["contribution"].sum()
    assert len(summed) == 24
    assert np.allclose(summed, result.set_index(keys)["value"].reindex(summed.index))


def test_bad_deployments_are_reported_at_once() -> None:
    frame = kenya(technique=["smart citty", None], year=[2999, 2015])
    with pytest.raises(DataError) as error:
        records.surveillance_adoption(
            frame,
            columns={"supplier": None, "origin": None},
            bases={"safeguards": {"KEN": 120}},
            techniques=records.AIGS_TECHNIQUES,
        )
    text = str(error.value)
    for part in (
        "did you mean `smart city` or `smart policing`?",
        "row 1 (KEN): `technique` is missing: name the technique",
        "lies in the future",
        "safeguards of KEN is 120: must be a number of at least 0 and at most 100",
    ):
        assert part in text, part


@pytest.mark.slow
def test_one_cable_and_one_landing_point_are_single_points_of_failure() -> None:
    frame = kenya(
        cable=["A", "A", "B"],
        landing_point=["Mombasa", "Lamu", "Mombasa"],
        capacity=[40, 20, 40],
        builder=["HMN", "HMN", "ASN"],
        home=["CHN", "CHN", "FRA"],
    )
    result = records.cable_exposure(frame, columns={"supplier": "builder", "origin": "home"})
    assert value(result, "largest_cable_share") == pytest.approx(0.6)
    assert value(result, "largest_landing_point_share") == pytest.approx(0.8)
    assert value(result, "cable_hhi") == pytest.approx(0.52)
    assert value(result, "cable_focal_share") == pytest.approx(0.6)
    assert result["std_error"].isna().all()
    _, trace = with_trace(
        records.cable_exposure, frame, columns={"supplier": "builder", "origin": "home"}
    )
    summed = trace.groupby("indicator")["contribution"].sum()
    assert np.allclose(summed, result.set_index("indicator")["value"].reindex(summed.index))
    assert {"cable_hhi", "landing_point_hhi", "cable_focal_share"} <= set(summed.index)


@pytest.mark.slow
def test_cloud_regions_are_counted_by_provider_and_origin() -> None:
    frame = pd.DataFrame(
        {
            "iso3": "SGP",
            "provider": ["AWS", "AWS", "Alibaba"],
            "provider_iso3": ["USA", "USA", "CHN"],
        }
    )
    result = records.cloud_exposure(frame)
    assert value(result, "cloud_focal_share") == pytest.approx(1 / 3)
    assert value(result, "cloud_supplier_hhi") == pytest.approx(5 / 9)


def test_a_grade_has_the_bounds_of_the_weakest_and_strongest_reading() -> None:
    frame = kenya(
        level=[1, 2, 3], claim=["confirmed", "alleged", "denied"], year=[2018, 2020, 2021]
    )
    result = records.satnav_dependence(frame)
    assert result[["value", "lower", "upper"]].iloc[0].tolist() == [2, 1, 3]
    latest = records.graded_dependence(
        frame, "policy", columns={"year_column": "year"}, grading={"rule": "latest"}, as_of=2019
    )
    assert latest["value"].tolist() == [1]
    with pytest.raises(DataError) as error:
        records.satnav_dependence(kenya(level=[5], claim=["rumour"]))
    assert "must be at most 3" in str(error.value)
    assert "must be one of confirmed" in str(error.value)


def test_alignment_counts_kinds_once_and_leaves_unsigned_ones_open() -> None:
    frame = kenya(agreement=["BRI", "bri", "standards"], year=[2015, 2019, 2018])
    tracked = ["BRI", "DSR memorandum", "standards", "data security"]
    result, trace = with_trace(records.formal_alignment, frame, kinds=tracked, countries=["PAK"])
    got = result.set_index("iso3")
    assert got["value"].to_dict() == {"KEN": 0.5, "PAK": 0.0}
    assert got["upper"].tolist() == [1, 1]
    assert trace["contribution"].tolist() == [0.125, 0.125, 0.25]
    early = records.formal_alignment(
        frame, columns={"year_column": "year"}, kinds=tracked, as_of=2016
    )
    assert early["value"].tolist() == [0.25]
    with pytest.raises(DataError, match="'standards' is not among the kinds"):
        records.formal_alignment(frame, kinds=["BRI"])


def test_any_instrument_of_a_component_closes_its_gap() -> None:
    components = {"law": ["dp law"], "authority": ["dpa"], "transfers": ["cbpr", "108+"]}
    frame = kenya(instrument=["DP law", "cbpr", "108+"])
    result, trace = with_trace(records.data_protection_gap, frame, components=components)
    assert value(result, "data_protection_gap") == pytest.approx(1 / 3)
    assert trace["contribution"].sum() == pytest.approx(1 / 3)
    assert trace.loc[trace["record"].isna(), "contribution"].tolist() == [1.0]


def test_legal_exposure_weighs_every_origin() -> None:
    frame = kenya(vendor_iso3=["CHN", "SWE", "USA"], usd=[50, 30, 20])
    result, trace = with_trace(records.legal_exposure, frame, {"CHN": 1, "SWE": 0.2, "USA": 0.2})
    assert value(result, "supplier_legal_exposure") == pytest.approx(0.6)
    assert trace["contribution"].tolist() == pytest.approx([0.5, 0.06, 0.04])
    with pytest.raises(DataError, match="origin USA has no score"):
        records.legal_exposure(frame, {"CHN": 1, "SWE": 0.2})


def test_sanctions_cut_what_is_listed_and_hard_to_replace() -> None:
    frame = kenya(vendor=["Huawei", "ZTE", "Nokia"], usd=[50, 30, 20])
    result = records.sanctions_exposure(
        frame, ["Huawei", "ZTE"], substitutability={"Huawei": 0.4, "Nokia": 0.9}
    )
    assert value(result, "supply_cut_exposure") == pytest.approx(0.5 * 0.6 + 0.3)
    even = records.sanctions_exposure(kenya(vendor=["a"] * 5, usd=[1, 2, 3, 4, 5]), ["a"])
    assert value(even, "supply_cut_exposure", "std_error") == 0


@pytest.mark.slow
def test_stakes_go_down_too() -> None:
    frame = pd.DataFrame(
        {
            "iso3": "IND",
            "firm": ["Paytm", "Paytm", "Other", "Other"],
            "stake": [0.3033, 0.2486, 0.3, 0.25],
            "owner_iso3": "CHN",
            "investor": ["Ant", "Ant", "Ant", "Tencent"],
            "market_share": [0.4, 0.4, 0.2, 0.2],
            "year": [2020, 2022, 2021, 2021],
        }
    )
    now, trace = with_trace(records.equity_exposure, frame, columns={"investor": "investor"})
    assert value(now, "focal_equity_digital_firms") == pytest.approx(0.4 * 0.2486 + 0.2 * 0.55)
    parts = trace.groupby("indicator")["contribution"].sum()
    assert parts["focal_equity_digital_firms"] == pytest.approx(0.4 * 0.2486 + 0.2 * 0.55)
    assert parts["focal_controlled_share_50"] == pytest.approx(0.2)
    assert value(now, "focal_controlled_share_25") == pytest.approx(0.2)
    then = records.equity_exposure(frame, columns={"investor": "investor"}, as_of=2021)
    assert value(then, "focal_controlled_share_25") == pytest.approx(0.6)
    assert value(then, "focal_controlled_share_50") == pytest.approx(0.2)
    with pytest.raises(DataError) as error:
        records.equity_exposure(
            frame.assign(market_share=0.7, stake=0.8), columns={"investor": "investor"}
        )
    assert "stakes sum to 1.6" in str(error.value)
    assert "market shares of firms sum to 1.4" in str(error.value)


def test_a_high_risk_vendor_matters_where_the_function_is_critical() -> None:
    frame = kenya(vendor=["Huawei", "Nokia", "Huawei"], usd=[80, 15, 5], core=[0.0, 1.0, 1.0])
    plain = records.high_risk_share(frame, ["Huawei"])
    assert value(plain, "high_risk_vendor_share") == pytest.approx(0.85)
    core = records.high_risk_share(frame, ["Huawei"], columns={"critical": "core"})
    assert value(core, "high_risk_vendor_critical") == pytest.approx(0.25)
