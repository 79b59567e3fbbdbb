"""Bundling of layers, grant elements, and the starter tables as defaults."""

from __future__ import annotations

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk import records
from dsr_risk.records.loans import Terms, grant_element

CONTRACTS = pd.DataFrame(
    {
        "iso3": ["KEN"] * 4 + ["PAK"] * 2 + ["LAO"],
        "vendor": ["Huawei", "Nokia", "Huawei", "Google", "Huawei", "Huawei", "ZTE"],
        "vendor_iso3": ["CHN", "FIN", "CHN", "USA", "CHN", "CHN", "CHN"],
        "layer": ["ran", "ran", "core", "cloud", "ran", "core", "ran"],
        "usd": [50, 50, 40, 60, 5, 7, 3],
    }
)


def test_layers_held_counts_the_layers_of_the_most_widespread_firm() -> None:
    table = records.layers_held(CONTRACTS).set_index(["iso3", "indicator"])["value"]
    assert table["KEN", "bundled_layers_share"] == pytest.approx(2 / 3)
    assert table["KEN", "pooled_supplier_hhi"] == pytest.approx(0.45**2 + 0.25**2 + 0.30**2)
    assert table["PAK", "bundled_layers_share"] == 1
    assert table["PAK", "pooled_supplier_hhi"] == 1
    assert "LAO" not in table.index.get_level_values(0)  # one layer: nothing can be bundled


def test_layers_held_trace_sums_to_the_values() -> None:
    table, trace = records.layers_held(CONTRACTS), records.layers_held_trace(CONTRACTS)
    sums = trace.groupby(["iso3", "indicator"])["contribution"].sum()
    values = table.set_index(["iso3", "indicator"])["value"].sort_index()
    pd.testing.assert_series_equal(sums, values, check_names=False)


def test_layers_held_of_one_layer_is_refused() -> None:
    with pytest.raises(dr.DataError, match="no country has contracts in two layers"):
        records.layers_held(CONTRACTS[CONTRACTS["layer"] == "cloud"])
    with pytest.raises(dr.DataError, match="needs a column of the layer"):
        records.layers_held(CONTRACTS, columns={"layer": None})


def test_grant_element_is_zero_at_the_discount_rate_and_falls_with_the_rate() -> None:
    at = [
        float(grant_element(Terms(10.0, rate, 3.0, 15.0, 9.0))) for rate in (0.0, 0.02, 0.05, 0.08)
    ]
    assert at[2] == pytest.approx(0, abs=1e-12)
    assert at == sorted(at, reverse=True)
    # Equal payments of 20 years without interest: 1 - a(20, 5 %) / 20.
    annuity = (1 - 1.05**-20) / 0.05
    assert float(grant_element(Terms(1.0, 0.0, 0.0, 20.0, 0.0))) == pytest.approx(1 - annuity / 20)


def test_exposures_work_out_of_the_box_from_the_starter_tables() -> None:
    laws = dr.starter_table("laws").set_index("iso3")["score"]
    exposure = records.legal_exposure(CONTRACTS).set_index("iso3")["value"]
    expected = 0.45 * laws["CHN"] + 0.25 * laws["FIN"] + 0.30 * laws["USA"]
    assert exposure["KEN"] == pytest.approx(expected)
    cut = records.sanctions_exposure(CONTRACTS).set_index("iso3")["value"]
    assert cut["KEN"] == pytest.approx(0.45)
    gap = records.data_protection_gap(dr.starter_table("data_protection"))
    gap = gap.set_index("iso3")["value"]
    assert gap["FRA"] == gap["JPN"] == 0
    assert gap["KEN"] == pytest.approx(1 / 3)
    assert gap.between(0, 1).all()


def test_a_listing_that_was_lifted_cuts_nothing() -> None:
    lists = dr.starter_table("control_lists")
    assert lists.loc[lists["lifted"].notna(), "supplier"].tolist() == ["ZTE"]
    only = CONTRACTS.assign(vendor=["Nokia"] * 7, vendor_iso3="FIN")
    assert records.sanctions_exposure(only)["value"].max() == 0
