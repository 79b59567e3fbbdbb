"""Context cells: real facts that only some countries have, or that explain a score, weight 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dsr_risk.errors import DataError, Problems

from . import sources as s
from .cells import Column, Source, cells, significant, typed
from .indicators import FOCAL, NOT_ISO
from .sources import Folder


@dataclass(frozen=True)
class Fact:
    """How a fact of facts.csv is named in the snapshot."""

    indicator: str
    unit: str
    focal: bool = False
    perimeter: str = ""
    claim: str = ""
    factor: float = 1.0
    offset: float = 0.0  # value in the snapshot = offset + factor * value in the file


TICK = "0/1"
STATUS = "0 none, 1 in preparation, 2 partial, 3 ban or phase-out"
FREEDOM = "0-100, 100 = most free"

# In the order of the snapshot. The name says what is measured, the column `focal` whose it is.
FACTS: dict[str, Fact] = {
    "ran4g_share_chinese_vendors": Fact(
        "ran4g_share_focal_vendors", "% of 4G subscribers", focal=True,
        perimeter="4G radio access networks, weighted by subscribers, analyst estimate",
    ),
    "ran5g_share_chinese_vendors": Fact(
        "ran5g_share_focal_vendors", "% of 5G radio network", focal=True,
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
        "incident_allegation_hosted", "events", claim="alleged",
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
    "pv_external_debt_pct_gni": Fact("pv_external_debt_gni", "% of GNI"),
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
    "gci_2024_tier": Fact("gci_2024_tier", "tier 1-5, 1 = best"),
    "fotn_score": Fact("freedom_on_the_net", FREEDOM),
    "fotn_2018_score_old_scale": Fact("freedom_on_the_net", FREEDOM, factor=-1.0, offset=100.0),
    "freedom_in_the_world_score": Fact("freedom_in_the_world", FREEDOM),
    "aigs_regime_score_2018": Fact("aigs_regime_score_2018", "0-10, 10 = most democratic"),
}  # fmt: skip

LEFT_OUT = {
    "aigs_key_companies": "text, not a number: in the note of the AIGS supplier-origin ticks",
    "aspi_tech_giant_presence_entries": "no citable source; site terms; presence is no dependence",
    "beidou_satellites_observed": "satellites in view say nothing about use",
    "cgd_bri_debt_distress_flag": "publication under CC BY-NC, a 2018 list of names",
    "dsr_mou_partner_count": "a world total, not a figure of a country",
    "eu_states_used_5g_restrictions": "a figure of the European Union, not of a country",
    "vdem_liberal_democracy": "database under CC BY-SA; used by no framework that ships",
}

FREEDOM_2018 = Column(
    "freedom_on_the_net", FREEDOM,
    Source("Freedom on the Net 2018", "Freedom House", "cited fact", "https://freedomhouse.org"),
    "medium", note="100 - score: before 2019 the scale ran from 0 = most free",
)  # fmt: skip
AMOUNT = Column(
    "focal_commitments_usd", "constant 2021 USD", s.AIDDATA, "medium", focal=FOCAL,
    perimeter="adjusted commitments 2000-2021", note="commitments, not debt",
)  # fmt: skip
DIGITAL_AMOUNT = Column(
    "focal_digital_finance_usd", "constant 2021 USD", s.AIDDATA, "low", focal=FOCAL,
    perimeter="geolocated communications projects 2000-2021",
    note="lower bound: geolocated projects with a known amount only",
)  # fmt: skip
ADOPTION = Column(
    "surveillance_adoption", "share of four categories, 0-1", s.AIGS_2022, "medium",
    note="only countries with evidence are listed: absent is unknown",
)  # fmt: skip
COUNT = Column(
    "incident_count", "operations 2005-2022", s.CFR, "low",
    perimeter="state-sponsored operations 2005-2022 that name the country as victim",
    note="names matched in English text; countries without a match are left out, not 0",
)  # fmt: skip
GDP = Column("gdp_usd", "current USD", s.WDI, "high")
POPULATION = Column("population", "people", s.WDI, "high")
DEBT = Column("external_debt_usd", "current USD", s.IDS, "high")
USERS = Column("internet_users", "% of population", s.ITU_USERS, "high")

COMPUTED = (AMOUNT, DIGITAL_AMOUNT, ADOPTION, COUNT, GDP, POPULATION, DEBT, USERS)


def context_names() -> list[str]:
    """Names of the context indicators, in the order of the snapshot."""
    names = [fact.indicator for fact in FACTS.values()]
    return list(dict.fromkeys([*names, *(column.indicator for column in COMPUTED)]))


def context_rows(folder: Folder) -> pd.DataFrame:
    """All context rows."""
    return pd.concat([fact_rows(folder), freedom_2018(folder), computed_rows(folder)])


def fact_rows(folder: Folder) -> pd.DataFrame:
    """facts.csv under the names of the snapshot, each with its own source and confidence.

    Raises
    ------
    DataError
        If the file holds a kind of fact that is neither named nor left out here on purpose.
    """
    facts = folder.csv("facts.csv").fillna({"note": ""})
    known = {*FACTS, *LEFT_OUT}
    problems = Problems("facts.csv")
    problems.extend(
        f"indicator `{name}` is neither in FACTS nor in LEFT_OUT"
        for name in sorted(set(facts["indicator"]) - known)
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
    """False where the reference is the number of an entry in some store, not a document."""
    return ~facts["source_url_or_ref"].str.contains(r"\bid \d+")


def uncited(folder: Folder) -> dict[str, str]:
    """Single rows left out because their reference cannot be followed, by country and kind."""
    facts = folder.csv("facts.csv")
    rows = facts[facts["indicator"].isin(list(FACTS)) & ~citable(facts)]
    names = rows["iso3"] + " " + rows["indicator"]
    return {str(name): "its reference leads to no document" for name in sorted(names)}


def notes(facts: pd.DataFrame, companies: pd.Series) -> pd.Series:
    """The note of each fact; the supplier-origin ticks also name the companies the source names."""
    note = facts["note"].str.replace("convert with 100 - x before mixing with 2019+ editions", "")
    note = note.str.replace("named by seed", "named in the bulletin")
    old = facts["indicator"].eq("fotn_2018_score_old_scale")
    note = note.mask(old, FREEDOM_2018.note)
    named = facts["iso3"].map(companies)
    origin = facts["indicator"].str.startswith("aigs_supplier_origin") & named.notna()
    listed = "companies named (no market shares): " + named.fillna("")
    return note.mask(origin, (note + "; " + listed).str.removeprefix("; "))


def freedom_2018(folder: Folder) -> pd.DataFrame:
    """Freedom on the Net 2018 of the countries whose score facts.csv does not carry."""
    facts = folder.csv("facts.csv")
    cited = facts.loc[facts["indicator"].eq("fotn_2018_score_old_scale"), "iso3"]
    score = folder.table()["fotn2018_total"].drop(cited)
    return cells(FREEDOM_2018, 100.0 - score, year=2018)


def computed_rows(folder: Folder) -> pd.DataFrame:
    """Amounts, denominators and raw inputs behind the indicators."""
    projects = folder.communications()
    counts = folder.table()["cfr_incidents_2005_2022"].astype(float)
    debt = folder.gapminder(s.DEBT_USD)
    users = folder.gapminder(s.INTERNET)
    known = folder.table().index
    return pd.concat(
        [
            cells(AMOUNT, significant(folder.commitments()), year=2021),
            cells(
                DIGITAL_AMOUNT, significant(projects["amount"].replace(0.0, np.nan)), year=2021,
                n_records=projects["priced"],
            ),
            cells(ADOPTION, folder.surveillance()["adoption"] / 100, year=2022),
            cells(COUNT, counts.where(counts.gt(0)), year=2022, n_records=counts),
            cells(GDP, folder.world_bank("gdp.csv"), year=s.YEAR),
            cells(POPULATION, folder.world_bank("population.csv"), year=s.YEAR),
            cells(DEBT, debt[~debt.index.isin(NOT_ISO)], year=s.YEAR),
            cells(USERS, users[users.index.isin(known)], year=s.YEAR),
        ]
    )  # fmt: skip
