"""The bundled snapshot: what it must hold, and that the source files give it byte for byte."""

from __future__ import annotations

import csv
import doctest
import importlib
import json
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from tests.folders import ROOT, SHARED

SHIPPED = ROOT / "src" / "dsr_risk" / "data" / "bundled"
SOURCE = SHARED
sys.path.insert(0, str(ROOT / "scripts"))

from dsr_risk.data.evidence import LONG_COLUMNS
from dsr_risk.snapshot import Folder
from dsr_risk.snapshot.cells import Column, Source, cells, choose
from dsr_risk.snapshot.context import context_names
from dsr_risk.snapshot.crosscheck import differences
from dsr_risk.snapshot.indicators import COLUMNS as INDICATORS, IN_AIDDATA, IN_IDS, OF_FOCAL
from dsr_risk.snapshot.security import TIERS
from dsr_risk.snapshot.supply import KNOWN_SHARE, SHIP_REGISTRIES, digital_finance, partner_hhi
from snapshot_tables import filled, noticed

needs_sources = pytest.mark.skipif(
    not (SOURCE / "data" / "country_indicators.csv").is_file(),
    reason=f"the source files are not at {SOURCE}; set DSR_RISK_SHARED to their parent folder",
)
CORE = {
    "network_operator_hhi": 214,
    "focal_digital_projects": 133,
    "focal_digital_finance_gdp": 98,
    "surveillance_focal_supplier_share": 87,
    "focal_share_machinery_electronics": 181,
    "imports_focal_share": 184,
    "import_partner_hhi": 213,
    "focal_share_debt_service": 118,
    "focal_commitments_gdp": 137,
    "external_debt_gni": 118,
    "debt_service_exports": 115,
    "egdi_osi": 182,
    "egdi_tii": 182,
    "incident_rate": 188,
    "surveillance_adoption": 97,
    "safeguards_gap": 176,
    "data_protection_level": 192,
    "network_operator_top_share": 214,
    "gci_2024": 184,
    "ncsi_2026": 141,
    "cybercrime_law": 183,
}
REASONS = {"focal", "microstate", "outside_aiddata", "outside_ids"}


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(SHIPPED / name, keep_default_na=False, na_values=[""], low_memory=False)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return read("snapshot.csv")


@pytest.fixture(scope="module")
def used(rows: pd.DataFrame) -> pd.DataFrame:
    """Values used, country by indicator."""
    chosen = rows[rows["chosen"].eq(1)]
    return chosen.pivot(index="iso3", columns="indicator", values="value")


@pytest.fixture(scope="module")
def metadata() -> dict[str, dict[str, dict[str, object]]]:
    return json.loads((SHIPPED / "snapshot.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def folder() -> Folder:
    return Folder(SOURCE)


# ---- the build


@pytest.mark.slow
@needs_sources
def test_only_the_known_differences_between_the_sources_are_there(folder: Folder) -> None:
    apart = [line for line in differences(folder) if "equal" not in line]
    assert [line.partition(":")[0] for line in apart] == [
        "chinese_commitments_pct_gdp_2021",
        "external_debt_usd_2021",
        "network_operator_hhi",
        "incident_rate",
    ]
    # The records hold the fifteen largest networks of each country only.
    assert "largest difference 0.0047" in apart[2]


@pytest.mark.parametrize("name", ["cells", "supply", "output"])
def test_the_examples_in_the_script_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"dsr_risk.snapshot.{name}"))
    assert result.attempted > 0
    assert result.failed == 0


# ---- the file


def test_the_columns_are_those_of_the_long_format(rows: pd.DataFrame) -> None:
    with (SHIPPED / "snapshot.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == list(LONG_COLUMNS)
    assert rows.columns.tolist() == list(LONG_COLUMNS)
    assert b"\r" not in (SHIPPED / "snapshot.csv").read_bytes()


def test_rows_follow_the_framework_then_the_context_then_the_country(rows: pd.DataFrame) -> None:
    assert [column.indicator for column in INDICATORS] == list(CORE)
    assert rows["indicator"].drop_duplicates().tolist() == [*CORE, *context_names()]
    for _, group in rows.groupby("indicator"):
        assert group["iso3"].is_monotonic_increasing


def test_every_indicator_has_the_number_of_values_the_sources_give(used: pd.DataFrame) -> None:
    assert used[list(CORE)].count().to_dict() == CORE


def test_counts_in_the_metadata_are_those_of_the_rows(
    rows: pd.DataFrame, metadata: dict[str, dict[str, dict[str, object]]]
) -> None:
    territories = len(read("countries.csv"))
    assert metadata["countries"] == territories
    for name, of in {**metadata["indicators"], **metadata["context"]}.items():
        group = rows[rows["indicator"].eq(name) & rows["chosen"].eq(1)]
        observed, reasons = group["value"].notna(), group["reason"].value_counts().to_dict()
        assert of["observed"] == observed.sum()
        assert of["not_applicable"] == reasons
        assert of["censored"] == (~observed & group["reason"].isna()).sum()
        assert of["missing"] == territories - len(group)


def test_every_cell_has_its_evidence(rows: pd.DataFrame) -> None:
    needed = ["iso3", "indicator", "year", "unit", "source", "publisher", "licence", "confidence"]
    assert rows[needed].notna().all(axis=None)
    assert set(rows["confidence"]) == {"high", "medium", "low"}
    assert rows["year"].between(2011, 2026).all()
    assert rows["retrieved"].astype(str).str.match(r"20\d\d(-\d\d){0,2}$").all()
    assert rows.loc[rows["url"].notna(), "url"].str.match(r"https?://\S+$").all()


def test_no_cell_has_two_chosen_values(rows: pd.DataFrame) -> None:
    chosen = rows[rows["chosen"].eq(1)]
    assert not chosen.duplicated(["iso3", "indicator"]).any()
    assert set(rows["chosen"]) == {0, 1}
    cells_of = rows.groupby(["iso3", "indicator"])["chosen"].agg(["sum", "size"])
    assert cells_of["sum"].eq(1).all()
    several = rows.groupby(["iso3", "indicator"])["iso3"].transform("size").gt(1)
    assert rows.loc[several, "rule"].notna().all()


def test_a_row_with_a_reason_has_no_figure(rows: pd.DataFrame) -> None:
    reasoned = rows[rows["reason"].notna()]
    assert reasoned[["value", "lower", "upper", "std_error"]].isna().all(axis=None)
    assert set(reasoned["reason"]) == REASONS
    assert reasoned["note"].notna().all()


def test_bounds_hold_the_value(rows: pd.DataFrame) -> None:
    bounded = rows[rows["upper"].notna() & rows["value"].notna()]
    assert set(bounded["indicator"]) == {"import_partner_hhi", "incident_rate", "gci_2024"}
    assert (bounded["lower"] <= bounded["value"]).all()
    assert (bounded["value"] <= bounded["upper"]).all()


def test_namibia_taiwan_and_kosovo_are_there(used: pd.DataFrame) -> None:
    known = read("countries.csv").set_index("iso3")
    assert known.loc["NAM", ["iso2", "name"]].tolist() == ["NA", "Namibia"]
    assert known.loc["TWN", "name"] == "Taiwan"
    assert known.loc["XKX", ["iso2", "name"]].tolist() == ["XK", "Kosovo"]
    assert used.loc["NAM", "imports_focal_share"] > 0
    assert set(used.index) <= set(known.index)


def test_the_countries_are_all_of_iso_3166_with_plain_names() -> None:
    known = read("countries.csv")
    assert len(known) == 250
    for column in ("iso3", "iso2", "name"):
        assert known[column].notna().all()
        assert known[column].is_unique
    assert not known["name"].str.contains(",").any()
    groups = {"High income", "Upper middle income", "Lower middle income", "Low income"}
    assert set(known["income"].dropna()) == groups
    assert set(known.loc[known["income"].notna(), "income_edition"]) == {"FY2021", "FY2025"}
    income = known.set_index("iso3")["income"]
    assert income[["RUS", "BGR", "GUY"]].eq("High income").all()  # classes of July 2024
    assert known[["ldc", "lldc", "sids"]].isin([0, 1]).all(axis=None)
    assert known.set_index("iso3").loc["LAO", ["ldc", "lldc", "sids"]].tolist() == [1, 1, 0]


# ---- the figures


def test_the_published_figures_come_out(used: pd.DataFrame) -> None:
    printed = {
        # indicator: (KEN, PAK, LAO, ZMB, SRB, MYS), decimals as printed, divisor
        "focal_commitments_usd": ([13.238, 70.298, 21.268, 13.993, 6.091, 16.012], 3, 1e9),
        "focal_commitments_gdp": ([12.07, 20.17, 112.96, 63.33, 9.65, 4.28], 2, 1),
        "focal_digital_finance_usd": ([200.4, 356.7, 334.9, 367.3, 234.5, np.nan], 1, 1e6),
        "imports_focal_share": ([22, 25, 36, 15, 10, 24], 0, 1),
        "gci_2020": ([81.7, 64.9, 20.3, 68.9, 89.8, 98.1], 1, 1),
        "surveillance_adoption": ([1, 1, 0.5, 0.5, 0.75, 1], 2, 1),
        "safeguards_gap": ([31.5, 49.6, 47.8, 43.8, 35.3, 33.7], 1, 1),
    }
    six = ["KEN", "PAK", "LAO", "ZMB", "SRB", "MYS"]
    for indicator, (figures, decimals, divisor) in printed.items():
        found = used.loc[six, indicator] / divisor
        half = 0.5 * 10.0**-decimals + 1e-9
        np.testing.assert_allclose(found, figures, rtol=0, atol=half, err_msg=indicator)


def test_adjusted_amounts_are_used_not_the_sums_that_count_rollovers_twice(
    used: pd.DataFrame,
) -> None:
    billions = used["focal_commitments_usd"] / 1e9
    assert billions[["ARG", "PAK"]].round(2).tolist() == [37.84, 70.30]
    shares = used.loc[["LAO", "AGO", "VEN"], "focal_commitments_gdp"]
    assert shares.round().tolist() == [113, 98, 196]


def test_recipients_missing_from_the_adjusted_file_are_filled_and_say_so(
    rows: pd.DataFrame, used: pd.DataFrame
) -> None:
    commitments = rows[rows["indicator"].eq("focal_commitments_gdp") & rows["value"].notna()]
    filled = commitments[commitments["note"].str.contains("unadjusted")]
    assert set(filled["iso3"]) == {
        "ATG", "CUW", "DMA", "GRD", "GUM", "KIR", "LCA", "NRU", "PSE", "PYF", "STP", "SXM", "SYC",
        "TON", "VUT", "WSM", "YEM",
    }  # fmt: skip
    assert filled["confidence"].eq("low").all()
    assert used.loc["TON", "focal_commitments_gdp"] == pytest.approx(91.0, abs=0.1)
    assert np.isnan(used["focal_commitments_gdp"].get("MHL", np.nan))


def test_the_gdp_behind_a_ratio_is_named_where_it_is_not_the_usual_one(rows: pd.DataFrame) -> None:
    commitments = rows[rows["indicator"].eq("focal_commitments_gdp")].set_index("iso3")
    for code in ("SLE", "KHM", "TCD"):
        assert "GDP of the World Bank; that of the IMF is" in commitments.loc[code, "note"]
    assert "GDP: IMF" in commitments.loc["VEN", "note"]
    assert "World Economic Outlook" in commitments.loc["VEN", "source"]
    assert "GDP of 2020" in commitments.loc["CUB", "note"]


def test_digital_finance_is_the_largest_of_three_registers(used: pd.DataFrame) -> None:
    """Ethiopia: .018 % of GDP in one register, 2,162 million USD of loans in another."""
    finance = used["focal_digital_finance_gdp"]
    assert finance["ETH"] == pytest.approx(2162e6 / 111.26e9 * 100, rel=1e-3)
    assert finance["LSO"] == pytest.approx(102.4067e6 * 1.1426 / 2.40678e9 * 100, rel=1e-3)


def test_amounts_known_for_under_a_third_of_the_projects_are_bounds_not_values(
    rows: pd.DataFrame,
) -> None:
    finance = rows[rows["indicator"].eq("focal_digital_finance_gdp") & rows["reason"].isna()]
    finance = finance[finance["chosen"].eq(1)].set_index("iso3")
    censored = finance[finance["value"].isna()]
    assert len(censored) == 16
    assert (censored["lower"] > 0).all()
    assert censored["upper"].eq(100).all()
    told = finance["note"].str.extract(r"(\d+) amounts for (\d+) projects").astype(float)
    part = told[0] / told[1]
    assert (part[censored.index] < KNOWN_SHARE).all()
    known = finance.index[finance["value"].gt(0)]
    assert (part[known] >= KNOWN_SHARE - 1e-9).all()


@pytest.mark.slow
@needs_sources
def test_no_register_says_more_than_the_amount_used(folder: Folder) -> None:
    found = digital_finance(folder)
    assert (
        found["amount"] >= folder.communications()["amount"].reindex(found.index).fillna(0)
    ).all()
    assert set(found["register"]) == {"geo", "old", "loans"}


def test_doubtful_counts_are_shown_and_not_scored(rows: pd.DataFrame) -> None:
    projects = rows[rows["indicator"].eq("focal_digital_projects")]
    doubtful = projects[projects["rule"].eq("doubtful: shown, not scored")]
    assert set(doubtful["iso3"]) == {"FRA", "GBR", "NLD", "SAU", "SGP"}
    assert doubtful["chosen"].eq(0).all()
    used = projects[projects["chosen"].eq(1)].set_index("iso3")
    assert used.loc[doubtful["iso3"], "reason"].eq("outside_aiddata").all()


def test_imports_outside_the_listed_partners_are_censored_not_missing(rows: pd.DataFrame) -> None:
    imports = rows[rows["indicator"].eq("imports_focal_share")].set_index("iso3")
    censored = imports[imports["value"].isna() & imports["reason"].isna()]
    assert len(censored) == 34
    assert censored["lower"].eq(0).all()
    # France: Germany 15, Belgium 11, Netherlands 9, Spain 8, Italy 8. San Marino: ..., Poland 8.
    assert censored["upper"].reindex(["FRA", "SMR", "BEL"]).tolist() == [8, 8, 4]
    assert censored["upper"].between(0.5, 11).all()
    assert imports.loc["CHN", "reason"] == "focal"
    assert "GGY" not in imports.index


def test_ship_registries_have_low_confidence_and_a_note(rows: pd.DataFrame) -> None:
    imports = rows[rows["indicator"].eq("imports_focal_share") & rows["reason"].isna()]
    ships = imports[imports["iso3"].isin(SHIP_REGISTRIES)]
    assert set(ships["iso3"]) == set(SHIP_REGISTRIES)
    assert ships["confidence"].eq("low").all()
    assert ships["note"].str.contains("ship registry").all()


def test_shares_above_one_and_holes_in_the_source_are_left_out(used: pd.DataFrame) -> None:
    share = used["focal_share_machinery_electronics"]
    assert share[["LBR", "DJI", "PAN", "TGO", "TJK", "MMR", "ARM", "AZE", "GEO"]].isna().all()
    assert share.between(0, 1)[share.notna()].all()
    assert share["KHM"] == pytest.approx(0.947, abs=1e-3)


def test_every_register_has_its_own_reason(rows: pd.DataFrame) -> None:
    income = read("countries.csv").set_index("iso3")["income"]
    for reason, columns in (("outside_ids", IN_IDS), ("outside_aiddata", IN_AIDDATA)):
        outside = rows[rows["reason"].eq(reason)]
        assert set(outside["indicator"]) == {column.indicator for column in columns}
        valued = rows[rows["chosen"].eq(1) & rows["value"].notna()]
        for column in columns:
            there = set(valued.loc[valued["indicator"].eq(column.indicator), "iso3"])
            assert not there & set(outside.loc[outside["indicator"].eq(column.indicator), "iso3"])
    aiddata = rows.loc[rows["reason"].eq("outside_aiddata"), "iso3"]
    assert income[aiddata].eq("High income").all()
    # Recipients of AidData are never outside it, rich as some are.
    assert not set(aiddata) & {"ATG", "SYC", "NRU", "CUW", "PYF", "SXM", "GUM", "CHL", "BGR"}


def test_microstates_are_shown_and_not_scored(rows: pd.DataFrame, used: pd.DataFrame) -> None:
    small = rows.loc[rows["reason"].eq("microstate"), "iso3"].unique()
    assert used.loc[small, "population"].lt(1e5).all()
    people = used["population"]
    assert set(people.index[people.lt(1e5)]) == set(small)
    assert used.loc[small, list(CORE)].isna().all(axis=None)
    shown = rows[rows["iso3"].isin(small) & rows["indicator"].eq("network_operator_hhi")]
    assert shown.loc[shown["chosen"].eq(0), "value"].notna().all()
    assert (shown["chosen"].eq(0)).sum() == len(small)


def test_the_columns_that_depend_on_the_focal_state_say_so(rows: pd.DataFrame) -> None:
    core = rows[rows["indicator"].isin(list(CORE))]
    focal = core["indicator"].isin([column.indicator for column in OF_FOCAL])
    assert core.loc[focal, "focal"].eq("CHN").all()
    assert core.loc[~focal, "focal"].isna().all()
    own = core[core["iso3"].eq("CHN") & focal]
    assert own["reason"].eq("focal").all()
    assert len(own) == len(OF_FOCAL) == 7


def test_a_tier_is_a_band_with_the_point_in_its_middle(rows: pd.DataFrame) -> None:
    gci = rows[rows["indicator"].eq("gci_2024") & rows["upper"].notna()]
    assert (gci["value"] == (gci["lower"] + gci["upper"]) / 2).all()
    assert set(gci["lower"]) == set(TIERS[1:])
    exact = rows[rows["indicator"].eq("gci_2024") & rows["iso3"].isin(["IND", "RWA"])]
    assert exact.loc[exact["chosen"].eq(1), "value"].tolist() == [98.49, 98.0]


def test_corrections_stand_beside_what_they_correct(rows: pd.DataFrame, used: pd.DataFrame) -> None:
    policy = used["vendor_restriction_policy"]
    assert policy[["CAN", "PRT"]].tolist() == [3, 3]
    hungary = rows[rows["indicator"].eq("gci_2018") & rows["iso3"].eq("HUN")]
    assert sorted(hungary["value"]) == [81.2, 81.5]
    assert hungary.loc[hungary["chosen"].eq(1), "value"].tolist() == [81.2]
    assert used.loc[["COD", "ROU", "TJK"], "gci_2020"].tolist() == [5.3, 76.29, 17.01]


def test_a_rescaled_index_says_so(rows: pd.DataFrame) -> None:
    gap = rows[rows["indicator"].eq("safeguards_gap") & rows["value"].notna()]
    assert gap["note"].str.contains("min-max rescaling").all()
    assert (gap["value"].min(), gap["value"].max()) == (0, 100)


def test_surveillance_ticks_sum_to_the_published_totals(rows: pd.DataFrame) -> None:
    """DOMAIN (d) 29: 56 smart city, 64 facial, 53 policing, 63 China; China and BRI 36."""
    ticks = rows[rows["indicator"].str.startswith("aigs2019_")]
    ticks = ticks.pivot(index="iso3", columns="indicator", values="value")
    sums = ticks.sum()
    assert sums["aigs2019_smart_safe_city"] == 56
    assert sums["aigs2019_facial_recognition"] == 64
    assert sums["aigs2019_smart_policing"] == 53
    assert sums["aigs2019_supplier_origin_china"] == 63
    assert sums["aigs2019_supplier_origin_us"] == 32
    assert sums["aigs2019_supplier_origin_japan"] == 17
    bri = rows[rows["indicator"].eq("bri_participant") & rows["year"].eq(2018)]
    member = bri.set_index("iso3")["value"].reindex(ticks.index)
    assert (ticks["aigs2019_supplier_origin_china"].eq(1) & member.eq(1)).sum() == 36


def test_congo_keeps_both_years_of_its_debt(rows: pd.DataFrame) -> None:
    """DOMAIN (d) 31: 13.62 -> 38.92 % of GNI, 2014-19."""
    debt = rows[rows["indicator"].eq("debt_to_focal_gni") & rows["iso3"].eq("COG")]
    by_year = debt.set_index("year")
    assert by_year["value"].drop(2024).to_dict() == {2019: 38.92, 2014: 13.62}
    assert by_year["chosen"].to_dict() == {2024: 1, 2019: 0, 2014: 0}
    assert by_year.loc[2019, "value"] - by_year.loc[2014, "value"] == pytest.approx(25.30)


def test_the_polish_share_fell_without_a_law(rows: pd.DataFrame, used: pd.DataFrame) -> None:
    """DOMAIN (d) 32: 60 % of 4G, 38 % of 5G, restriction status 1 throughout."""
    shares = used.loc["POL", ["ran4g_share_focal_vendors", "ran5g_share_focal_vendors"]]
    assert shares.tolist() == [60, 38]
    policy = rows[rows["indicator"].eq("vendor_restriction_policy") & rows["iso3"].eq("POL")]
    assert policy["value"].tolist() == [1, 1]


def test_the_old_freedom_scale_is_turned_round(rows: pd.DataFrame) -> None:
    """DOMAIN (d) 10: Kazakhstan 62 in 2018 is 38 on the scale used since."""
    freedom = rows[rows["indicator"].eq("freedom_on_the_net") & rows["iso3"].eq("KAZ")]
    assert freedom.set_index("year")["value"].to_dict() == {2021: 33, 2018: 38}


def test_the_debt_of_pakistan_keeps_the_doubtful_figure_beside_the_chosen_one(
    rows: pd.DataFrame,
) -> None:
    debt = rows[rows["indicator"].eq("debt_to_focal_usd_bn") & rows["iso3"].eq("PAK")]
    told = debt[["value", "year", "confidence", "chosen", "rule"]].to_numpy().tolist()
    assert told == [
        [26.6, 2022, "high", 1, "newest"],
        [77.3, 2020, "low", 0, "older than the value used"],
    ]


def test_an_allegation_is_marked_as_one(rows: pd.DataFrame) -> None:
    claims = rows[rows["claim"].notna()]
    assert claims["indicator"].tolist() == ["incident_allegation_hosted"]
    assert claims["claim"].tolist() == ["alleged"]
    assert "not charged" in claims["perimeter"].iloc[0]


def test_what_may_not_be_shipped_is_not_there(rows: pd.DataFrame) -> None:
    names = "|".join(rows["indicator"].unique())
    for word in ("cei", "aspi", "unadj", "incident_count", "cable_supplier"):
        assert word not in names
    assert not rows["licence"].str.contains("BY-NC").any()
    shared = rows.loc[rows["licence"].str.contains("BY-SA"), "indicator"]
    assert shared.str.startswith("v2sm").all()
    # Records of incidents are not shipped, nor how many there are by country.
    assert rows.loc[rows["indicator"].eq("incident_rate"), "n_records"].isna().all()


# ---- concentration and conflicts


@given(st.lists(st.integers(1, 60), min_size=1, max_size=6).filter(lambda x: sum(x) <= 100))
def test_the_bounds_of_concentration_hold_for_any_split_of_the_rest(shares: list[int]) -> None:
    floor, upper = partner_hhi([(str(i), float(share)) for i, share in enumerate(shares)])
    rest, cap = 100 - sum(shares), min(shares)
    assert floor == pytest.approx(sum((share / 100) ** 2 for share in shares))
    for parts in (100, 10 + int(rest / cap)):
        split = rest / parts
        assert floor <= floor + parts * (split / 100) ** 2 <= upper + 1e-12 or split > cap


def test_the_upper_bound_of_concentration_is_the_exact_one() -> None:
    # 50 and 30 listed, 20 left: one partner of 20. 40 and 20 listed, 40 left: two of 20.
    assert partner_hhi([("a", 50.0), ("b", 30.0)]) == pytest.approx((0.34, 0.38))
    assert partner_hhi([("a", 40.0), ("b", 20.0)]) == pytest.approx((0.20, 0.28))


def conflict(*values: tuple[float, int, str]) -> pd.DataFrame:
    """Rows of one cell: (value, year, confidence)."""
    source = Source("a title", "a publisher", "cited fact")
    parts = [
        cells(Column("x", "unit", source, how), pd.Series({"PAK": value}), year=year)
        for value, year, how in values
    ]
    return choose(pd.concat(parts))


def test_the_newest_value_is_chosen_and_the_others_stay() -> None:
    rows = conflict((1.0, 2019, "high"), (2.0, 2022, "low"))
    assert rows[["value", "chosen", "rule"]].to_numpy().tolist() == [
        [2.0, 1.0, "newest"],
        [1.0, 0.0, "older than the value used"],
    ]


def test_of_one_year_the_surest_value_is_chosen() -> None:
    rows = conflict((1.0, 2022, "low"), (2.0, 2022, "high"), (3.0, 2019, "high"))
    assert rows[["value", "chosen", "rule"]].to_numpy().tolist() == [
        [2.0, 1.0, "newest, highest confidence"],
        [1.0, 0.0, "lower confidence"],
        [3.0, 0.0, "older than the value used"],
    ]


def test_a_conflict_no_rule_can_settle_stops_the_build() -> None:
    with pytest.raises(ValueError, match="PAK, `x`: two values of 2022 with confidence `high`"):
        conflict((1.0, 2022, "high"), (2.0, 2022, "high"))


def test_one_value_needs_no_rule() -> None:
    rows = conflict((1.0, 2022, "low"))
    assert rows[["chosen", "rule"]].to_numpy().tolist() == [[1.0, ""]]


# ---- the pages


def test_the_tables_of_the_page_are_those_of_the_shipped_files() -> None:
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    assert filled(page, SHIPPED) == page
    assert page.count("<!-- table: ") == page.count("<!-- end -->") == 5


def test_the_notice_names_every_publisher(rows: pd.DataFrame) -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert noticed(notice, SHIPPED) == notice
    for publisher in rows.loc[rows["licence"].ne("cited fact"), "publisher"].unique():
        for one in publisher.split("; "):
            assert one.split(", in ")[0] in notice.replace("\n", " "), one
    for licence in ("CC BY 4.0", "ODC-BY 1.0", "PDDL", "public domain", "MIT"):
        assert licence in notice
