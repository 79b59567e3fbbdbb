"""The figures of the real files, reproduced."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from dsr_risk import readers

COUNTRIES = ["KEN", "PAK", "LAO", "ZMB", "SRB", "MYS"]


def test_adjusted_commitments_are_those_published(real: Path) -> None:
    records = readers.aiddata_gcdf(real / "gw_gcdf.csv").records
    total = records.groupby("iso3")["usd"].sum() / 1e9
    expected = [13.238, 70.298, 21.268, 13.993, 6.091, 16.012]
    assert total[COUNTRIES].round(3).tolist() == expected
    assert total.index.size == 125


def test_unadjusted_commitments_count_rolled_over_loans_twice(real: Path) -> None:
    records = readers.aiddata_gcdf(real / "gw_gcdf.csv").records
    sums = records.groupby("iso3")[["usd_unadjusted", "usd_adjusted"]].sum() / 1e9
    assert sums.loc["ARG"].round(2).tolist() == [138.75, 37.84]
    assert sums.loc["PAK"].round(2).tolist() == [102.85, 70.30]


def test_every_gleditsch_ward_number_is_the_state_of_the_indicator_table(real: Path) -> None:
    records = readers.aiddata_gcdf(real / "gw_gcdf.csv").records
    total = records.groupby("iso3")["usd"].sum()
    table = pd.read_csv(real / "country_indicators.csv", keep_default_na=False, na_values=[""])
    column = "chinese_commitments_2000_2021_usd2021"
    known = table.set_index("iso3")[column].dropna()
    assert set(known.index) == set(total.index)
    assert (known / total - 1).abs().max() < 1e-6


def test_commitments_are_the_published_share_of_gdp(real: Path) -> None:
    total = readers.aiddata_gcdf(real / "gw_gcdf.csv").records.groupby("iso3")["usd"].sum()
    gdp = readers.world_bank(real / "gdp.csv").records.query("year == 2021").set_index("iso3")
    share = (100 * total / gdp["value"])[COUNTRIES]
    assert share.round(2).tolist() == [12.07, 20.17, 112.96, 63.33, 9.65, 4.28]


def test_the_geolocated_projects_are_all_accounted_for(real: Path) -> None:
    reading = readers.aiddata_gcdf(real / "gcdf3_geo_final_input.csv")
    assert len(reading.records) + len(reading.left_out) == 9404
    assert set(reading.left_out["reason"]) == {"group of countries"}
    assert reading.evidence["edition"] == "3.0 geospatial"
    assert reading.records["usd_adjusted"].isna().all()
    assert any("unadjusted" in note for note in reading.notes)


def test_the_communications_projects_are_those_published(real: Path) -> None:
    reading = readers.aiddata_gcdf(real / "gcdf3_geo_final_input.csv")
    digital = reading.records.query("sector == 'COMMUNICATIONS'")
    raw = pd.read_csv(real / "gcdf3_geo_final_input.csv", low_memory=False)
    left_out = raw["Sector.Name"][
        reading.left_out["row"] - 2
    ]  # row 2 is the first below the header
    assert len(digital) + left_out.eq("COMMUNICATIONS").sum() == 272
    assert left_out.eq("COMMUNICATIONS").sum() == 1  # "Africa, regional"
    amounts = digital.groupby("iso3")["usd"].sum().reindex(COUNTRIES, fill_value=0) / 1e6
    assert amounts.round(1).tolist() == [200.4, 356.7, 334.9, 367.3, 234.5, 0.0]


def test_external_debt_is_the_share_of_gni_published(real: Path) -> None:
    (place,) = real.glob("ddf--datapoints--debt_to_foreigners*")
    records = readers.world_bank(place).records.query("year == 2021").set_index("iso3")["value"]
    expected = [38.10, 38.00, 105.39, 133.55, 65.92]
    assert records[COUNTRIES[:5]].round(2).tolist() == expected
    assert "MYS" not in records.index


def test_world_bank_groups_are_left_out_and_counted(real: Path) -> None:
    reading = readers.world_bank(real / "gdp.csv")
    rows = len(pd.read_csv(real / "gdp.csv"))
    assert len(reading.records) + len(reading.left_out) == rows
    assert reading.records["iso3"].str.fullmatch("[A-Z]{3}").all()
    assert "World" in set(reading.left_out["what"])
    assert "World" not in set(reading.records["iso3"])


def test_the_factbook_has_230_countries_and_china_in_195(real: Path) -> None:
    records = readers.factbook_imports(real / "factbook_imports_partners.csv").records
    assert records["iso3"].nunique() == 230
    china = records[records["partner_iso3"].eq("CHN")].set_index("iso3")["share_pct"]
    assert len(china) == 195
    assert china[COUNTRIES].tolist() == [22, 25, 36, 15, 10, 24]
    assert records["partner_iso3"].notna().all()


def test_factbook_shares_are_those_of_the_indicator_table(real: Path) -> None:
    records = readers.factbook_imports(real / "factbook_imports_partners.csv").records
    table = pd.read_csv(real / "country_indicators.csv", keep_default_na=False, na_values=[""])
    table = table.set_index("iso3")
    china = records[records["partner_iso3"].eq("CHN")].set_index("iso3")["share_pct"]
    assert china.sort_index().equals(
        table["imports_from_china_pct"].dropna().sort_index().rename("share_pct")
    )
    top5 = records.groupby("iso3")["share_pct"].sum()
    assert (top5 - table["imports_top5_share_pct"].dropna()).abs().max() < 1e-9


def test_cfr_has_481_operations_found_or_listed(real: Path) -> None:
    reading = readers.cfr_operations(real / "cfr_cyber_operations_2020.csv")
    found = set(reading.records["incident"])
    listed = set(reading.left_out["row"])
    assert len(found | listed) == 481
    assert not found & listed
    assert (
        reading.records["sponsor_iso3"].eq("CHN").groupby(reading.records["incident"]).any().sum()
        > 100
    )
    assert (
        reading.records["year"].between(2005, 2022).sum() == reading.records["date"].notna().sum()
    )


def test_cfr_ranks_countries_as_the_indicator_table_does(real: Path) -> None:
    counts = (
        readers.cfr_operations(real / "cfr_cyber_operations_2020.csv")
        .records["iso3"]
        .value_counts()
    )
    table = pd.read_csv(real / "country_indicators.csv", keep_default_na=False, na_values=[""])
    known = table.set_index("iso3")["cfr_incidents_2005_2022"]
    both = pd.concat([counts, known[known > 0]], axis=1).fillna(0)
    # That table searched more text than the victims: alike in rank, not equal.
    assert both.corr("spearman").iloc[0, 1] > 0.7
    assert counts.idxmax() == known.idxmax() == "USA"


def test_the_surveillance_scores_have_their_nulls(real: Path) -> None:
    reading = readers.carnegie_aigs(real / "biggestpicture-scores-2021-2022.json")
    wide = reading.records.pivot(index="iso3", columns="indicator", values="value")
    assert wide["aigs_categories_pct"].count() == 97
    assert wide["digital_repression"].count() == 176
    assert wide.loc["KEN", ["aigs_categories_pct", "digital_repression"]].tolist() == [100, 31.5]
    assert pd.isna(wide.loc["AFG", "aigs_categories_pct"])


def test_coinr_gives_the_asem_framework_and_data(shared: Path) -> None:
    reference = shared / "reference"
    coin = readers.coinr(reference / "asem_iMeta.csv", reference / "asem_iData.csv")
    assert coin.data.shape == (51, 53)
    assert coin.data.index.name == "iso3"
    assert coin.data.loc["AUT", "LPI"] == pytest.approx(4.097985)
    (index,) = coin.framework["scores"]
    assert index["name"] == "Index"
    assert [one["name"] for one in index["children"]] == ["Conn", "Sust"]
    assert [len(one["children"]) for one in index["children"]] == [5, 3]
    assert coin.denominators["Goods"] == "GDP"
    assert coin.groups.loc["AUT", "GDP_group"] == "L"
    raw = pd.read_csv(reference / "asem_iData.csv").set_index("uCode")
    pd.testing.assert_frame_equal(
        coin.data, raw[coin.data.columns].astype(float), check_names=False
    )


def test_the_asem_framework_is_one_of_this_package(shared: Path) -> None:
    framework = pytest.importorskip("dsr_risk.framework")
    reference = shared / "reference"
    coin = readers.coinr(reference / "asem_iMeta.csv", reference / "asem_iData.csv")
    made = framework.Framework(**coin.framework)
    assert len(list(made.indicators)) == 49
