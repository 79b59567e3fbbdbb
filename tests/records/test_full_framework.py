"""Records of every kind into one data set, scored by the bundled framework that asks for them all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk import records
from dsr_risk.records import shares

COUNTRIES = ["KEN", "PAK", "LAO", "ZMB", "SRB", "MYS"]
HOME = {"Huawei": "CHN", "ZTE": "CHN", "Ericsson": "SWE", "Nokia": "FIN", "Samsung": "KOR"}
LAWS = {"CHN": 1.0, "SWE": 0.2, "FIN": 0.2, "KOR": 0.3}
TRACKED = ["BRI", "DSR memorandum", "standards", "data security"]


def table(n: int, seed: int, **columns: object) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    made: dict[str, object] = {"iso3": rng.choice(COUNTRIES, n)}
    for name, values in columns.items():
        made[name] = rng.choice(np.array(values), n) if isinstance(values, list) else values
    return pd.DataFrame(made)


def results() -> list[pd.DataFrame]:
    """The calls, with the names the framework gives what has no name of its own in records."""
    ran = table(300, 1, vendor=list(HOME), usd=[1.0, 2.0, 5.0], core=[True, False])
    ran["vendor_iso3"] = ran["vendor"].map(HOME)
    goods = table(200, 2, vendor_iso3=["CHN", "DEU", "USA", "JPN"], usd=[3.0, 7.0])
    cables = table(40, 3, cable=["A", "B", "C"], capacity=[10.0, 30.0], vendor=["HMN", "ASN"])
    cables["vendor_iso3"] = cables["vendor"].map({"HMN": "CHN", "ASN": "FRA"})
    cloud = table(40, 4, provider=["AWS", "Alibaba"])
    cloud["provider_iso3"] = cloud["provider"].map({"AWS": "USA", "Alibaba": "CHN"})
    loans = table(
        80,
        5,
        usd=[1.0, 4.0],
        creditor_iso3=["CHN", "JPN"],
        year=[2015, 2018, 2021],
        sector=["digital", "roads"],
        maturity=20,
        grace=5,
        rate=0.02,
    )
    income = dict.fromkeys(COUNTRIES, 200.0)
    digital = loans[loans["sector"].eq("digital")]
    stakes = pd.DataFrame(
        {
            "iso3": COUNTRIES,
            "firm": "Pay",
            "stake": np.arange(1, 7) / 10,
            "owner_iso3": "CHN",
            "market_share": 0.4,
            "year": 2020,
        }
    )
    grades = pd.DataFrame({"iso3": COUNTRIES, "level": [0, 1, 2, 0, 1, 2], "claim": "confirmed"})
    incidents = table(90, 7, severity=[1, 3, 5], claim=["confirmed", "alleged"], year=[2019, 2021])
    deployments = table(60, 8, technique=list(records.AIGS_TECHNIQUES), vendor=["Huawei", "NEC"])
    deployments["vendor_iso3"] = deployments["vendor"].map({"Huawei": "CHN", "NEC": "JPN"})
    undated = {"columns": "year"}
    return [
        records.supplier_concentration(ran, market={"prefix": "ran_"}),
        records.supplier_concentration(
            goods,
            columns={"supplier": "vendor_iso3"},
            market={"level": "origin", "prefix": "ict_import_"},
            focal=None,
        ).replace({"indicator": {"ict_import_origin_hhi": "ict_import_hhi"}}),
        records.supplier_concentration(
            ran[ran["vendor"].ne("ZTE")],
            market={"level": "firm", "prefix": "qualified_"},
            focal=None,
        ).replace({"indicator": {"qualified_supplier_hhi": "qualified_supplier_scarcity"}}),
        records.cable_exposure(
            cables, columns={"landing_point": None, "supplier": "vendor", "origin": "vendor_iso3"}
        ),
        records.cloud_exposure(cloud),
        records.satnav_dependence(grades),
        records.debt_exposure(
            loans, bases={"gni": income, "exports": income, "external_debt": income}, as_of=2021
        ).drop(**undated),
        records.debt_exposure(digital, bases={"gdp": income}, as_of=2021)
        .query("indicator == 'debt_to_focal_gdp'")
        .replace({"indicator": {"debt_to_focal_gdp": "focal_digital_finance_gdp"}})
        .drop(**undated),
        records.equity_exposure(stakes),
        records.formal_alignment(table(60, 9, agreement=TRACKED), kinds=TRACKED),
        records.standards_uptake(table(60, 10, origin_iso3=["CHN", "DEU", "KEN"])),
        records.incident_rate(incidents, population=dict.fromkeys(COUNTRIES, 20e6)),
        records.graded_dependence(grades, "state_data_foreign_centre", grading={"most": 2}),
        records.graded_dependence(grades, "vendor_restriction_policy"),
        records.legal_exposure(ran, LAWS),
        records.data_protection_gap(
            table(9, 12, instrument=["dp law", "cbpr"]),
            components={"law": ["dp law"], "authority": ["dpa"], "transfers": ["cbpr"]},
        ),
        records.high_risk_share(ran, ["Huawei", "ZTE"], columns={"critical": "core"}),
        records.sanctions_exposure(ran, ["Huawei"], substitutability={"Huawei": 0.25}),
        records.surveillance_adoption(
            deployments,
            columns={"year_column": None},
            bases={"safeguards": dict.fromkeys(COUNTRIES, 38.0)},
            techniques=records.AIGS_TECHNIQUES,
        ),
    ]


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.concat(results(), ignore_index=True)


@pytest.mark.slow
def test_every_indicator_that_is_no_published_index_comes_from_records(data: pd.DataFrame) -> None:
    wanted = {node.name for node in dr.load_framework("dsr-full").indicators}
    assert wanted - set(data["indicator"]) == {"digital_capacity", "gci_2024", "ncsi_2026"}


@pytest.mark.slow
def test_records_alone_are_scored_by_the_full_framework(data: pd.DataFrame) -> None:
    framework = dr.load_framework("dsr-full")
    wanted = {node.name for node in framework.indicators}
    used = data[data["indicator"].isin(wanted) & data["claim"].fillna("").eq("")]
    published = pd.DataFrame(
        [
            {"iso3": country, "indicator": name, "value": value + place}
            for place, country in enumerate(COUNTRIES)
            for name, value in (
                ("digital_capacity", 50),
                ("gci_2024", 60),
                ("ncsi_2026", 40),
                ("safeguards_gap", 30),
            )
        ]
    )
    scores = dr.score(framework, pd.concat([used, published], ignore_index=True)).table(
        details=True
    )
    assert scores[["dependency", "security"]].notna().all().all()
    assert scores[["dependency", "security"]].stack().between(0, 100).all()
    assert (scores["coverage"] > 0.8).all()


@pytest.mark.slow
def test_firm_and_origin_concentration_of_two_blocs() -> None:
    """Huawei .30, ZTE .20, Ericsson .30, Nokia .20: firms .26, origins .38, two blocs .50."""
    firms = [0.3, 0.2, 0.3, 0.2]
    frame = pd.DataFrame({"iso3": "DEU", "vendor": list(HOME)[:4], "usd": firms})
    frame["vendor_iso3"] = frame["vendor"].map(HOME)
    frame["bloc"] = frame["vendor_iso3"].where(frame["vendor_iso3"].eq("CHN"), "EU")
    firm = records.supplier_concentration(frame, market={"measure": "share"}).set_index(
        "indicator"
    )["value"]
    bloc = records.supplier_concentration(
        frame, columns={"supplier": "bloc", "origin": None}, market={"measure": "share"}
    ).set_index("indicator")["value"]
    assert firm["supplier_hhi"] == pytest.approx(0.26)
    assert firm["origin_hhi"] == pytest.approx(0.38)
    assert bloc["supplier_hhi"] == pytest.approx(0.50)
    assert float(shares.hhi([0.5, 0.5])) == pytest.approx(0.50)
