"""What readers give goes straight into the functions that make indicators of records."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from dsr_risk import readers

pytest.importorskip("narwhals", reason="records need narwhals")
records = pytest.importorskip("dsr_risk.records")


def value(table: pd.DataFrame, iso3: str, indicator: str) -> float:
    found = table[table["iso3"].eq(iso3) & table["indicator"].eq(indicator)]
    assert len(found) == 1
    return float(found["value"].iloc[0])


@pytest.mark.slow
def test_commitments_by_recipient_and_year_give_the_published_share_of_gdp(real: Path) -> None:
    loans = readers.aiddata_gcdf(real / "gw_gcdf.csv").records
    gdp = readers.world_bank(real / "gdp.csv").records
    gdp = gdp[gdp["year"].eq(2021)].set_index("iso3")["value"]
    loans = loans[loans["iso3"].isin(gdp.index)]
    table = records.debt_exposure(
        loans, terms={"maturity": None, "grace": None, "rate": None}, bases={"gdp": gdp}
    )
    shares = {
        one: value(table, one, "focal_commitments_gdp") for one in ("KEN", "PAK", "LAO", "ZMB")
    }
    expected = {"KEN": 12.07, "PAK": 20.17, "LAO": 112.96, "ZMB": 63.33}
    assert shares == pytest.approx(expected, abs=0.01)


@pytest.mark.slow
def test_operations_of_the_tracker_become_a_rate(real: Path) -> None:
    incidents = readers.cfr_operations(real / "cfr_cyber_operations_2020.csv").records
    people = readers.world_bank(real / "population.csv").records
    people = people[people["year"].eq(2020)].set_index("iso3")["value"]
    dated = incidents[incidents["year"].notna() & incidents["iso3"].isin(people.index)]
    table = records.incident_rate(dated, columns={"severity": None}, population=people)
    assert value(table, "USA", "incident_count") == dated["iso3"].eq("USA").sum()


def test_ticks_of_the_surveillance_index_become_adoption(tmp_path: Path) -> None:
    place = tmp_path / "AIGS_2019.csv"
    place.write_text("Country,Smart city,Facial recognition,Smart policing\nKenya,X,,X\nPeru,,,X\n")
    ticks = readers.carnegie_aigs(place).records
    deployments = ticks[ticks["technique"].notna()]
    table = records.surveillance_adoption(
        deployments, columns={"supplier": None, "origin": None}, techniques=records.AIGS_TECHNIQUES
    )
    assert value(table, "KEN", "surveillance_adoption") == pytest.approx(2 / 3)
    assert value(table, "PER", "surveillance_adoption") == pytest.approx(1 / 3)


def test_cables_become_the_concentration_of_their_suppliers(tmp_path: Path) -> None:
    folder = tmp_path / "cable"
    folder.mkdir()
    for name, suppliers in (("a", '"HMN Tech"'), ("b", '"ASN, NEC"'), ("c", "null")):
        (folder / f"{name}.json").write_text(
            f'{{"id": "{name}", "name": "{name}", "suppliers": {suppliers}, "rfs_year": 2020,'
            ' "landing_points": [{"country": "Pakistan"}]}'
        )
    cables = readers.telegeography(tmp_path).records
    table = records.supplier_concentration(
        cables, columns={"amount": "share"}, market={"remainder": "drop"}
    )
    assert value(table, "PAK", "supplier_hhi") == pytest.approx(0.5**2 + 2 * 0.25**2)
    assert value(table, "PAK", "focal_share") == pytest.approx(0.5)


def test_imports_become_the_concentration_of_their_origins(tmp_path: Path) -> None:
    place = tmp_path / "trade.csv"
    head = "reporterISO,partnerISO,partnerDesc,period,cmdCode,flowCode,primaryValue\n"
    place.write_text(
        head
        + 'PAK,CHN,China,2021,8517,M,60\nPAK,FIN,Finland,2021,8517,M,40\nPAK,_X,"Areas, nes",2021,8517,M,7\n'
    )
    goods = readers.un_comtrade(place).records
    table = records.supplier_concentration(
        goods,
        columns={"supplier": "partner_iso3", "origin": "partner_iso3"},
        market={"remainder": "drop", "level": "origin"},
    )
    assert value(table, "PAK", "origin_hhi") == pytest.approx(0.36 + 0.16)
    assert value(table, "PAK", "focal_share") == pytest.approx(0.6)
