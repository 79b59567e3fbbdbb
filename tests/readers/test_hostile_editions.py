"""What a file says about itself: codes that only look like one, scheduled years, other classifications."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dsr_risk import readers, records
from dsr_risk.errors import DataError

CONTRACTS = pd.DataFrame(
    {
        "iso3": ["KEN", "KEN", "KEN", "NA", "NAM"],
        "vendor": ["Huawei", "NA", "Nokia", "ZTE", "Ericsson"],
        "vendor_iso3": ["CHN", "NA", "FIN", "CHN", "SWE"],
        "usd": [30, 30, 40, 500, 10],
    }
)
COMTRADE = (
    "reporterISO,reporterDesc,partnerISO,partnerDesc,period,classificationCode,cmdCode,flowCode,"
    "primaryValue\nKEN,Kenya,CHN,China,2020,H5,8517,M,100\nKEN,Kenya,SWE,Sweden,2020,H5,8517,M,50\n"
    "KEN,Kenya,W00,World,2020,H5,8517,M,150\n"
)


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_missing_code_as_r_writes_it_is_not_namibia(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "V-Dem-CY-Core-v12.csv",
        "country_name,country_text_id,country_id,year,v2x_polyarchy\n"
        "NA,NA,NA,2020,0.99\nNamibia,NAM,127,2020,0.61\nKenya,KEN,40,2020,0.52\n",
    )
    reading = readers.vdem(path, variables="v2x_polyarchy")
    found = reading.records.set_index("iso3")["value"]
    assert found.to_dict() == {"KEN": 0.52, "NAM": 0.61}
    assert reading.left_out["row"].tolist() == [2]


@pytest.mark.slow
def test_a_record_without_a_country_as_r_writes_it_is_refused() -> None:
    with pytest.raises(DataError, match=r"`iso3` is empty in 1 record"):
        records.supplier_concentration(CONTRACTS, market={"remainder": "any"})
    known = CONTRACTS[CONTRACTS["iso3"].ne("NA")]
    result = records.supplier_concentration(known, market={"remainder": "any"})
    shares = result.set_index(["iso3", "indicator"])["value"]
    assert shares["KEN", "unknown_supplier_share"] == pytest.approx(0.3)
    assert shares["NAM", "supplier_hhi"] == 1


@pytest.mark.slow
def test_the_two_letter_code_of_namibia_is_namibia_beside_other_such_codes() -> None:
    frame = pd.DataFrame({"iso3": ["NA", "KE"], "vendor": "a", "vendor_iso3": "SE", "usd": 1.0})
    result = records.supplier_concentration(frame)
    assert set(result["iso3"]) == {"NAM", "KEN"}


@pytest.mark.parametrize("hs", ["8517", 8517, ["8517"], [8517]])
def test_un_comtrade_takes_one_code_as_one_code(tmp_path: Path, hs: Any) -> None:
    reading = readers.un_comtrade(write(tmp_path, "trade.csv", COMTRADE), hs=hs)
    assert reading.records["usd"].tolist() == [100, 50]


def test_un_comtrade_refuses_a_code_that_no_row_has(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no row has the code `8518`; did you mean `8517`"):
        readers.un_comtrade(write(tmp_path, "trade.csv", COMTRADE), hs="8518")


@pytest.mark.parametrize("mark", ["S4", "S2", "SITC", "B5"])
def test_un_comtrade_refuses_another_classification(tmp_path: Path, mark: str) -> None:
    path = write(tmp_path, "trade.csv", COMTRADE.replace("H5", mark))
    with pytest.raises(DataError, match=r"a file in (SITC|BEC) .*; HS wanted"):
        readers.un_comtrade(path)


def test_un_comtrade_never_adds_a_year_and_its_months(tmp_path: Path) -> None:
    months = "".join(f"KEN,Kenya,CHN,China,2020{month:02d},H5,8517,M,10\n" for month in range(1, 4))
    other = "KEN,Kenya,CHN,China,202101,H5,8517,M,7\n"
    reading = readers.un_comtrade(write(tmp_path, "trade.csv", COMTRADE + months + other))
    sums = reading.records[reading.records["partner_iso3"].eq("CHN")].groupby("year")["usd"].sum()
    assert sums.to_dict() == {2020: 100, 2021: 7}
    assert (reading.left_out["reason"] == "month of a year that is there in total").sum() == 3
    assert reading.notes == ("1 monthly rows: sums by year may lack months",)


IDS = (
    "Country Name,Country Code,Counterpart-Area Name,Counterpart-Area Code,Series Name,"
    "Series Code,2022,2023,2024,2025,2026\n"
    'Kenya,KEN       ,World,WLD,"Debt service, total",DT.TDS.DECT.CD,10,20,30,40,50\n'
    'Kenya,KEN       ,World,WLD,"Debt stocks, total",DT.DOD.DECT.CD,100,200,300,,\n'
)


def test_world_bank_takes_no_scheduled_debt_service_as_the_newest(tmp_path: Path) -> None:
    path = write(tmp_path, "IDS_2025.csv", IDS)
    reading = readers.world_bank(path)
    newest = reading.records.groupby("indicator")["year"].max()
    assert newest.to_dict() == {"DT.TDS.DECT.CD": 2024, "DT.DOD.DECT.CD": 2024}
    assert not reading.records["scheduled"].any()
    assert reading.notes == ("2 values after 2024 are scheduled, not paid: left out",)
    kept = readers.world_bank(path, scheduled=True).records
    assert kept.loc[kept["scheduled"], "value"].tolist() == [40, 50]


def test_aiddata_gcdf_knows_recommended_columns_of_special_editions(tmp_path: Path) -> None:
    head = (
        "AidData Record ID,Recommended For Huawei Aggregates,Recipient,Recipient ISO-3,"
        "Commitment Year,Title,Sector Name,Flow Type,Adjusted Amount (Constant USD 2021)\n"
    )
    rows = "1,Yes,Kenya,KEN,2012,n,C,Loan,1000000\n2,No,Kenya,KEN,2013,p,C,Loan,9000000\n"
    reading = readers.aiddata_gcdf(write(tmp_path, "huawei.csv", head + rows))
    assert reading.records["usd"].tolist() == [1e6]
    assert reading.left_out["reason"].tolist() == ["not recommended for aggregates"]


def test_freedom_house_reads_totals_below_zero(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "fiw.csv",
        "Country/Territory,Region,C/T,Edition,Status,PR,CL,Total\n"
        "Kenya,Africa,c,2018,PF,19,29,48\nSyria,Middle East,c,2018,NF,-3,2,-1\n",
    )
    reading = readers.freedom_house(path)
    assert reading.records.set_index("iso3")["value"].to_dict() == {"KEN": 48, "SYR": -1}
    assert any("-4 to 100" in note for note in reading.notes)
    with pytest.raises(DataError, match="total is -9, expected -4 to 100"):
        readers.freedom_house(write(tmp_path, "fiw.csv", path.read_text().replace(",-1", ",-9")))


def test_cfr_operations_refuses_a_severity_of_no_type(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "cfr.csv",
        "Title,Date,Response,Victims,Sponsor,Type,Category\nB,1/3/2020,,Kenya,China,Sabotage,x\n",
    )
    assert readers.cfr_operations(path, severity={"Sabotage": 4}).records["severity"].tolist() == [
        4
    ]
    with pytest.raises(DataError, match="no operation has the type `Sabotge`; did you mean"):
        readers.cfr_operations(path, severity={"Sabotge": 4})


def cable(name: str, suppliers: str) -> dict[str, Any]:
    points = [{"name": "Mombasa, Kenya", "country": "Kenya"}]
    return {"id": name, "name": name, "suppliers": suppliers, "rfs_year": 2015,
            "landing_points": points}  # fmt: skip


@pytest.mark.slow
def test_telegeography_to_supplier_concentration_knows_every_spelling(tmp_path: Path) -> None:
    cables = [
        cable("a", "Subcom"),
        cable("b", "SUBCOM"),
        cable("c", "Hmn Tech"),
        cable("d", "SubCom"),
    ]
    path = write(tmp_path, "cables.json", json.dumps(cables))
    table = readers.telegeography(path).records
    assert table["vendor"].tolist() == ["SubCom", "SubCom", "HMN Tech", "SubCom"]
    assert table["vendor_iso3"].tolist() == ["USA", "USA", "CHN", "USA"]
    result = records.supplier_concentration(
        table, columns={"amount": "share"}, market={"remainder": "any"}
    ).set_index("indicator")["value"]
    assert result["focal_share"] == pytest.approx(0.25)
    assert result["origin_hhi"] == pytest.approx(0.625)
    with pytest.raises(
        DataError, match="no cable has the supplier `SubComm`; did you mean `SubCom`"
    ):
        readers.telegeography(path, origins={"SubComm": "USA"})


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["African Union", "", None])
def test_incident_rate_counts_what_was_hosted_for_an_organisation(victim: str | None) -> None:
    frame = pd.DataFrame(
        {"iso3": [victim, "KEN"], "host": ["Ethiopia", None], "severity": [4, 2],
         "claim": "alleged", "year": 2018}
    )  # fmt: skip
    options: dict[str, Any] = {"columns": {"host": "host"}}
    result = records.incident_rate(frame, {"KEN": 5e7}, **options)
    mine = result[result["iso3"].eq("ETH")]
    assert mine["indicator"].tolist() == ["incidents_hosted"]
    assert mine["value"].tolist() == [1]
    trace = records.incident_trace(frame, {"KEN": 5e7}, **options)
    assert trace[trace["iso3"].eq("ETH")]["record"].tolist() == [0]
    alone = records.incident_rate(frame.iloc[:1], {"KEN": 5e7}, **options)
    assert alone["iso3"].tolist() == ["ETH"]
    with pytest.raises(DataError, match="without a host"):
        records.incident_rate(frame.assign(host=None), {"KEN": 5e7}, **options)
