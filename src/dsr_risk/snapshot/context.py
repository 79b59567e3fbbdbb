"""Context cells: real facts that only some countries have, or that explain a score, weight 0."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import DataError, Problems
from ..records import shares
from . import sources as s
from .cells import Column, Source, cells, significant, typed
from .debt import SERVICE_SHARE
from .folder import Folder
from .registers import FOCAL, inhabited
from .security import GCI_2024
from .supply import SUPPLIERS, surveillance_origins


@dataclass(frozen=True)
class Fact:
    """The name of a fact of facts.csv in the snapshot."""

    indicator: str
    unit: str
    focal: bool = False
    perimeter: str = ""
    claim: str = ""
    factor: float = 1.0
    offset: float = 0.0  # value in the snapshot = offset + factor * value in the file


CORRECTIONS = Path(__file__).with_name("corrections.csv")
TICK = "0/1"
STATUS = "0 none, 1 in preparation, 2 partial, 3 ban or phase-out"
FREEDOM = "0-100, 100 = most free"

# In the order of the snapshot. The name says what is measured, the column `focal` whose it is.
FACTS: dict[str, Fact] = {
    "ran4g_share_chinese_vendors": Fact(
        "ran4g_share_focal_vendors",
        "% of 4G subscribers",
        focal=True,
        perimeter="4G radio access networks, weighted by subscribers, analyst estimate",
    ),
    "ran5g_share_chinese_vendors": Fact(
        "ran5g_share_focal_vendors",
        "% of 5G radio network",
        focal=True,
        perimeter="installed 5G radio access networks, analyst estimate",
    ),
    "hrv_5g_restriction_status": Fact("vendor_restriction_policy", STATUS),
    "hrv_5g_restriction_status_2025": Fact("vendor_restriction_policy", STATUS),
    "huawei_5g_engagement": Fact("focal_5g_engagement", TICK, focal=True),
    "peace_cable_landing": Fact("peace_cable_landing", TICK, focal=True),
    "fintech_foreign_stake_ant": Fact("focal_fintech_stake", "% of equity", focal=True),
    "beidou_cors_or_public_use": Fact("beidou_public_use", TICK, focal=True),
    "cbpr_participant": Fact("cbpr_participant", TICK),
    "cloud_region_alibaba": Fact("focal_cloud_region", TICK, focal=True),
    "alibaba_cloud_service": Fact("focal_cloud_service", TICK, focal=True),
    "china_mobile_data_centre": Fact("focal_telecom_data_centre", TICK, focal=True),
    "gov_data_centre_foreign_built": Fact("state_data_centre_foreign_built", TICK),
    "gov_data_centre_foreign_loan_usd_m": Fact(
        "state_data_centre_foreign_loan_usd_m", "million USD"
    ),
    "aigs_smart_safe_city": Fact("aigs2019_smart_safe_city", TICK),
    "aigs_facial_recognition": Fact("aigs2019_facial_recognition", TICK),
    "aigs_smart_policing": Fact("aigs2019_smart_policing", TICK),
    "aigs_supplier_origin_china": Fact("aigs2019_supplier_origin_china", TICK),
    "aigs_supplier_origin_us": Fact("aigs2019_supplier_origin_us", TICK),
    "aigs_supplier_origin_japan": Fact("aigs2019_supplier_origin_japan", TICK),
    "surveillance_deployment_reported": Fact("focal_surveillance_reported", TICK, focal=True),
    "incident_allegation_au_hq_exfiltration": Fact(
        "incident_allegation_hosted",
        "events",
        claim="alleged",
        perimeter="host ETH, victim African Union: not charged to the host",
    ),
    "dsr_mou": Fact("dsr_mou", TICK, focal=True),
    "dsr_loans_investment_usd_m": Fact(
        "dsr_loans_investment_usd_m", "million USD 2017-2022", focal=True
    ),
    "br_digital_economy_initiative_2017": Fact("digital_economy_initiative", TICK, focal=True),
    "standards_joint_initiative_2017": Fact("standards_joint_initiative", TICK, focal=True),
    "bri_participant_2018": Fact("bri_participant", TICK, focal=True),
    "bri_participant_2023": Fact("bri_participant", TICK, focal=True),
    "bri_mou_year": Fact("bri_mou_year", "year", focal=True),
    "debt_to_china_pct_gni": Fact("debt_to_focal_gni", "% of GNI", focal=True),
    "debt_to_china_pct_gdp": Fact("debt_to_focal_pct_gdp", "% of GDP", focal=True),
    "debt_to_china_usd_bn": Fact("debt_to_focal_usd_bn", "billion USD", focal=True),
    "debt_to_china_share_ext_debt": Fact(
        "focal_share_external_debt", "share, 0-1", focal=True, factor=0.01
    ),
    "debt_service_china_share": Fact(
        "debt_service_to_focal_share", "% of external debt service", focal=True
    ),
    "hrt_loan_debt_to_china_above_25pct_gdp": Fact(
        "debt_to_focal_above_25pct_gdp", TICK, focal=True
    ),
    "hrt_rank_debt_to_china": Fact("debt_to_focal_rank", "rank", focal=True),
    "china_index_prc_gt25pct_bilateral_debt": Fact(
        "focal_above_25pct_bilateral_debt", TICK, focal=True
    ),
    "pv_external_debt_pct_gni": Fact("pv_debt_gni", "% of GNI"),
    "external_debt_pct_gni": Fact("external_debt_gni_2020", "% of GNI"),
    "ppg_debt_pct_gdp": Fact("public_debt_gdp", "% of GDP"),
    "china_index_rank_2022": Fact("china_index_rank", "rank of 82", focal=True),
    "china_index_technology_rank_2022": Fact(
        "china_index_technology_rank", "rank of 82", focal=True
    ),
    "digital_dependence_index": Fact("digital_dependence_index", "0-1"),
    "gov_ai_readiness_index": Fact("gov_ai_readiness", "0-100"),
    "gci_2018_score": Fact("gci_2018", "0-100", factor=100.0),
    "gci_2024_score": Fact("gci_2024", "0-100"),
    "fotn_score": Fact("freedom_on_the_net", FREEDOM),
    "fotn_2018_score_old_scale": Fact("freedom_on_the_net", FREEDOM, factor=-1.0, offset=100.0),
    "freedom_in_the_world_score": Fact("freedom_in_the_world", FREEDOM),
    "aigs_regime_score_2018": Fact("aigs_regime_score_2018", "0-10, 10 = most democratic"),
}

LEFT_OUT = {
    "aigs_key_companies": "text, not a number: in the note of the AIGS supplier-origin ticks",
    "aspi_tech_giant_presence_entries": "no citable source; site terms; presence is no dependence",
    "beidou_satellites_observed": "satellites in view say nothing about use",
    "cgd_bri_debt_distress_flag": "publication under CC BY-NC, a 2018 list of names",
    "dsr_mou_partner_count": "a world total, not a figure of a country",
    "gci_2024_tier": "the table of all tiers has them, and says the same",
    "eu_states_used_5g_restrictions": "a figure of the European Union, not of a country",
    "vdem_liberal_democracy": "database under CC BY-SA; used by no framework that ships",
}

FREEDOM_2018 = Column(
    "freedom_on_the_net",
    FREEDOM,
    Source(
        "Freedom on the Net 2018", "Freedom House", "cited fact", "https://freedomhouse.org", "2018"
    ),
    "medium",
    note="100 - score: before 2019 the scale ran from 0 = most free",
)
AMOUNT = Column(
    "focal_commitments_usd",
    "constant 2021 USD",
    s.AIDDATA,
    "medium",
    focal=FOCAL,
    perimeter="adjusted commitments 2000-2021",
    note="commitments, not debt",
)
DIGITAL_AMOUNT = Column(
    "focal_digital_finance_usd",
    "constant 2021 USD",
    s.AIDDATA,
    "low",
    focal=FOCAL,
    perimeter="geolocated communications projects 2000-2021",
    note="lower bound: geolocated projects with a known amount only",
)
GDP = Column("gdp_usd", "current USD", s.WDI, "high")
GCI_2020 = Column("gci_2020", "0-100", s.GCI, "high")
GCI_2020_COPIED = Column(
    "gci_2020",
    "0-100",
    s.GCI_TRANSCRIBED,
    "medium",
    note="transcribed by a third party; a 0 there is missing",
)
CREDITOR_HHI = Column(
    "debt_service_creditor_hhi",
    "0-1",
    s.IDS_FLOWS,
    "medium",
    perimeter=SERVICE_SHARE.perimeter,
    note="bondholders and other pooled names count as one creditor",
)
ORIGIN_HHI = Column(
    "surveillance_supplier_origin_hhi",
    "0-1",
    s.AIGS_2022,
    "low",
    perimeter=SUPPLIERS.perimeter,
    note="1 / number of origins named",
)


@dataclass(frozen=True)
class Taken:
    """A context column that is taken from a tidy input file as it is."""

    file: str
    source: Source
    name: str = ""
    unit: str = ""
    focal: bool = False
    confidence: str = ""
    note: str = ""


_INDICES, _TRADE = "indices_2024.csv", "trade_machinery_electronics_2023.csv"
_AIGS, _LOANS = "surveillance_2022.csv", "ict_loans_bu_2020.csv"
_HRT, _STOCKS, _FLOWS = (
    "debt_to_china_hrt_2017.csv",
    "debt_stock_africa_2024.csv",
    "debt_flows_2022.csv",
)
# By the indicator's name in the file; in the order of the snapshot.
TAKEN: dict[str, Taken] = {
    "population": Taken(_INDICES, s.WDI_LATEST),
    "gdp_pc_ppp": Taken(_INDICES, s.WDI_LATEST, "gdp_per_head", "PPP USD"),
    "internet_users": Taken(_INDICES, s.WDI_LATEST),
    "egdi_2024": Taken(_INDICES, s.EGOV, "egdi"),
    "e_participation_2024": Taken(_INDICES, s.EGOV, "e_participation"),
    "gci_2024_tier": Taken(_INDICES, s.GCI),
    "gci_2017": Taken(_INDICES, s.GCI),
    "reserves_external_debt": Taken(_INDICES, s.IDS),
    "lic_dsf_risk": Taken("lic_dsf_2025.csv", s.LIC_DSF),
    "focal_debt_gdp": Taken(_HRT, s.HRT, focal=True),
    "focal_debt_stock_usd_m": Taken(_HRT, s.HRT, focal=True),
    "focal_ict_loans_n": Taken(_LOANS, s.LOANS_AFRICA, focal=True),
    "focal_ict_loans_usd_m": Taken(_LOANS, s.LOANS_AFRICA, focal=True),
    "creditor_hhi": Taken(_STOCKS, s.IDS_STOCKS),
    "debt_service_to_focal_gni": Taken(_FLOWS, s.IDS_FLOWS, focal=True),
    "focal_disbursements_gni": Taken(_FLOWS, s.IDS_FLOWS, focal=True),
    "machinery_electronics_imports_usd_m": Taken(_TRADE, s.WITS),
    "focal_machinery_electronics_exports_usd_m": Taken(_TRADE, s.WITS, focal=True),
    "network_operators_n": Taken("networks_2026.csv", s.NETWORKS),
    "network_focal_share": Taken("networks_2026.csv", s.NETWORKS, focal=True),
    "cloud_regions_n": Taken("cloud_2026.csv", s.CLOUD),
    "cloud_providers_n": Taken("cloud_2026.csv", s.CLOUD),
    "cloud_focal_share": Taken("cloud_2026.csv", s.CLOUD, focal=True),
    "cloud_provider_hhi": Taken("cloud_2026.csv", s.CLOUD),
    "digital_trade_restrictions_n": Taken("policy_2026.csv", s.ECIPE),
    "data_protection_law": Taken("policy_2026.csv", s.CYBERLAW),
    "bri_member": Taken(_AIGS, s.AIGS_2022, focal=True),
    "aigs_safe_city": Taken(_AIGS, s.AIGS_2022),
    "aigs_facial_recognition": Taken(_AIGS, s.AIGS_2022),
    "aigs_smart_policing": Taken(_AIGS, s.AIGS_2022),
    "aigs_social_media": Taken(_AIGS, s.AIGS_2022),
    "aigs_supplier_origin_china": Taken(_AIGS, s.AIGS_2022),
    "aigs_supplier_origin_us": Taken(_AIGS, s.AIGS_2022),
    **{
        name: Taken(_AIGS, s.VDEM)
        for name in (
            "v2smgovfilprc",
            "v2smgovshut",
            "v2smgovsm",
            "v2smgovsmcenprc",
            "v2smgovsmmon",
            "v2smgovdom",
            "v2smarrest",
        )
    },
}
ALSO_TAKEN = {
    "debt_to_focal_gni": Taken(_STOCKS, s.IDS_STOCKS, focal=True),
    "focal_share_external_debt": Taken(_STOCKS, s.IDS_STOCKS, focal=True),
    "pv_debt_gni": Taken(_INDICES, s.IDS),
}
"""Columns that facts.csv has for a few countries already."""

PRESENCE = Column(
    "focal_presence_facts_n",
    "kinds of fact, of seven",
    Source(
        "Cited facts of presence, see the columns behind it",
        "several, per column",
        "cited fact",
        retrieved="2025",
    ),
    "low",
    focal=FOCAL,
    perimeter="5G engagement, foreign-built state data centre, BeiDou, memorandum, "
    "PEACE landing, fintech stake, safe city platform",
    note="a fact counts, its absence is unknown and not 0",
)
PRESENCES = (
    "focal_5g_engagement",
    "state_data_centre_foreign_built",
    "beidou_public_use",
    "dsr_mou",
    "peace_cable_landing",
    "focal_fintech_stake",
    "aigs_safe_city",
)
DEBT = Column("external_debt_usd", "current USD", s.IDS_2021, "high")

COMPUTED = (CREDITOR_HHI, ORIGIN_HHI, AMOUNT, DIGITAL_AMOUNT, GCI_2020, GDP, DEBT, PRESENCE)


def context_names() -> list[str]:
    """Return names of the context indicators, in the order of the snapshot."""
    names = [fact.indicator for fact in FACTS.values() if fact.indicator != GCI_2024.indicator]
    taken = [entry.name or name for name, entry in TAKEN.items()]
    return list(dict.fromkeys([*(column.indicator for column in COMPUTED), *taken, *names]))


def context_rows(folder: Folder) -> pd.DataFrame:
    """Return all context rows, but the exact scores of an index that is scored."""
    facts = fact_rows(folder)
    facts = facts[facts["indicator"].ne(GCI_2024.indicator)]
    taken = taken_rows(folder)
    presence = presence_rows(pd.concat([facts, taken]))
    return pd.concat([facts, freedom_2018(folder), computed_rows(folder), taken, presence])


def presence_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how many kinds of fact of presence are reported, for countries with at least one."""
    present = rows[rows["indicator"].isin(PRESENCES) & rows["value"].gt(0)]
    kinds = present.groupby("iso3")["indicator"].nunique().drop(FOCAL, errors="ignore")
    newest = present.groupby("iso3")["year"].max().reindex(kinds.index)
    return cells(PRESENCE, kinds.astype(float), year=newest, n_records=kinds.astype(float))


def exact_scores(folder: Folder) -> pd.DataFrame:
    """Return single published scores of an index that otherwise publishes tiers."""
    facts = fact_rows(folder)
    return facts[facts["indicator"].eq(GCI_2024.indicator)]


def taken_rows(folder: Folder) -> pd.DataFrame:
    """Return columns of the tidy input files, as they are."""
    codes = inhabited(folder)
    rows = []
    for name, entry in {**TAKEN, **ALSO_TAKEN}.items():
        given = folder.tidy(entry.file, name)
        given = given[given.index.isin(codes)]
        column = Column(
            entry.name or name,
            entry.unit or given["unit"].iloc[0],
            entry.source,
            "medium",
            focal=FOCAL if entry.focal else "",
        )
        rows.append(
            cells(
                column,
                given["value"].astype(float),
                year=given["year"].astype(float),
                confidence=given["confidence"],
                note=given["note"],
            )
        )
    return pd.concat(rows)


def facts_of(folder: Folder) -> pd.DataFrame:
    """Return facts.csv and the corrections beside this file, conflicts among them."""
    corrected = pd.read_csv(CORRECTIONS, keep_default_na=False, dtype=str)
    facts = folder.csv("facts.csv").fillna({"note": ""})
    rows = pd.concat([facts.astype(object), corrected.astype(object)], ignore_index=True)
    return rows.assign(year=rows["year"].astype(int))


def fact_rows(folder: Folder) -> pd.DataFrame:
    """Return facts.csv under the names of the snapshot, each with its own source and confidence.

    Raises
    ------
    DataError
        If the file holds a kind of fact that is neither named nor left out here on purpose.
    """
    facts = facts_of(folder)
    names = {*FACTS, *LEFT_OUT}
    problems = Problems("facts.csv")
    problems.extend(
        f"indicator `{name}` is neither in FACTS nor in LEFT_OUT"
        for name in sorted(set(facts["indicator"]) - names)
    )
    problems.raise_as(DataError)
    companies = facts[facts["indicator"].eq("aigs_key_companies")].set_index("iso3")["value"]
    facts = facts[facts["indicator"].isin(list(FACTS)) & citable(facts)]
    how = facts["indicator"].map(FACTS)
    reference = facts["source_url_or_ref"].str.split(" ").str[0]
    value = facts["value"].astype(float)
    factor, offset = how.map(lambda f: f.factor), how.map(lambda f: f.offset)
    frame = pd.DataFrame(
        {
            "iso3": facts["iso3"],
            "indicator": how.map(lambda f: f.indicator),
            "value": significant(offset + factor * value),
            "year": facts["year"].astype(float),
            "unit": how.map(lambda f: f.unit),
            "source": facts["source_title"],
            "publisher": facts["source_publisher"],
            "licence": "cited fact",
            "url": reference.where(reference.str.startswith("http"), ""),
            "retrieved": facts["year"].astype(str),
            "confidence": facts["confidence"],
            "claim": how.map(lambda f: f.claim),
            "perimeter": how.map(lambda f: f.perimeter),
            "focal": how.map(lambda f: FOCAL if f.focal else ""),
            "note": notes(facts, companies),
            "chosen": 1.0,
        }
    )
    frame.loc[facts["indicator"].eq("debt_to_china_share_ext_debt"), "perimeter"] = facts["unit"]
    return typed(frame)


def citable(facts: pd.DataFrame) -> pd.Series:
    """Return False where the reference is the number of an entry in some store, not a document."""
    return ~facts["source_url_or_ref"].str.contains(r"\bid \d+")


def uncited(folder: Folder) -> dict[str, str]:
    """Return single rows left out because their reference cannot be followed, by country and kind."""
    facts = folder.csv("facts.csv")
    rows = facts[facts["indicator"].isin(list(FACTS)) & ~citable(facts)]
    names = rows["iso3"] + " " + rows["indicator"]
    return {str(name): "its reference leads to no document" for name in sorted(names)}


def notes(facts: pd.DataFrame, companies: pd.Series) -> pd.Series:
    """Return the note of each fact; the supplier-origin ticks also name the companies the source names."""
    note = facts["note"].str.replace("convert with 100 - x before mixing with 2019+ editions", "")
    note = note.str.replace("named by seed", "named in the bulletin")
    old = facts["indicator"].eq("fotn_2018_score_old_scale")
    note = note.mask(old, FREEDOM_2018.note)
    named = facts["iso3"].map(companies)
    origin = facts["indicator"].str.startswith("aigs_supplier_origin") & named.notna()
    named_text = "companies named (no market shares): " + named.fillna("")
    return note.mask(origin, (note + "; " + named_text).str.removeprefix("; "))


def freedom_2018(folder: Folder) -> pd.DataFrame:
    """Return Freedom on the Net 2018 of the countries whose score facts.csv does not carry."""
    facts = folder.csv("facts.csv")
    cited = facts.loc[facts["indicator"].eq("fotn_2018_score_old_scale"), "iso3"]
    score = folder.table()["fotn2018_total"].drop(cited)
    return cells(FREEDOM_2018, 100.0 - score, year=2018)


def computed_rows(folder: Folder) -> pd.DataFrame:
    """Return amounts, concentrations and raw inputs behind the indicators."""
    projects = folder.communications()
    paid = folder.records("records_ids_debt_service_by_creditor_2018-2022.csv")
    by_creditor = paid.groupby(["iso3", "counterpart_area"])["v"].sum()
    parts = by_creditor / by_creditor.groupby("iso3").sum()
    creditors = parts.groupby("iso3").apply(lambda part: float(shares.hhi(part.to_numpy(float))))
    named = surveillance_origins(folder)
    origins = named.map(lambda names: float(shares.hhi([1 / len(names)] * len(names))))
    copied = folder.table()["cyber_gci"].astype(float).replace(0.0, np.nan)
    debt = folder.gapminder(s.DEBT_USD)
    edition = folder.tidy("indices_2024.csv", "gci_2020")["value"].astype(float)
    return pd.concat(
        [
            cells(CREDITOR_HHI, significant(creditors, 6), year=2022),
            cells(ORIGIN_HHI, significant(origins, 6), year=2022),
            cells(AMOUNT, significant(folder.commitments()), year=2021),
            cells(
                DIGITAL_AMOUNT,
                significant(projects["amount"].replace(0.0, np.nan)),
                year=2021,
                n_records=projects["priced"],
            ),
            cells(GCI_2020, edition, year=2020),
            cells(GCI_2020_COPIED, copied, year=2020),
            cells(GDP, folder.world_bank("gdp.csv"), year=s.YEAR),
            cells(DEBT, debt[debt.index.isin(folder.table().index)], year=s.YEAR),
        ]
    )
