"""Editions of 2024 to 2026: tiers, new methods, lists of networks and of regions, EuRepoC."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from dsr_risk import read_data, readers, records
from dsr_risk.cli._kind_table import SOURCES
from dsr_risk.cli.main import main
from dsr_risk.errors import DataError


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_itu_gci_of_tiers_is_the_band_and_its_middle(tmp_path: Path) -> None:
    path = write(
        tmp_path, "gci_2024.csv",
        "Country,Tier\nKenya,T1\nNorth Korea,Tier 5\nNorth Korea,Tier 5\nChad,4\nMali,none\n",
    )  # fmt: skip
    reading = readers.itu_gci(path)
    found = reading.records.set_index("iso3")[["value", "lower", "upper"]]
    assert found.T.to_dict("list") == {
        "KEN": [97.5, 95, 100], "PRK": [10, 0, 20], "TCD": [37.5, 20, 55],
    }  # fmt: skip
    assert len(reading.left_out) == 2
    with pytest.raises(DataError, match="only edition 2024"):
        readers.itu_gci(path, edition=2020)


def test_ncsi_never_joins_its_two_methods(tmp_path: Path) -> None:
    head = "Rank,Country,National Cyber Security Index,Year\n"
    reading = readers.ncsi(write(tmp_path, "n.csv", head + "1,Czechia,98.33,2026\n"))
    assert reading.records[["iso3", "value"]].to_numpy().tolist() == [["CZE", 98.33]]
    both = write(tmp_path, "n.csv", head + "1,Czechia,98.33,2026\n2,Kenya,40,2022\n")
    with pytest.raises(DataError, match="different methods"):
        readers.ncsi(both)
    with pytest.raises(DataError, match="expected 0 to 100"):
        readers.ncsi(write(tmp_path, "n.csv", head + "1,Czechia,983,2026\n"))


def test_un_egov_is_one_record_an_index(tmp_path: Path) -> None:
    text = (
        "Survey Year,Country Name,E-Government Rank,E-Government Index,Online Service Index\n"
        "2024,Denmark,1,0.9847,0.9992\n"
    )
    found = readers.un_egov(write(tmp_path, "egov.csv", text)).records
    assert found.set_index("indicator")["value"].to_dict() == {
        "egdi": 0.9847, "online_service": 0.9992,
    }  # fmt: skip
    assert found["year"].tolist() == [2024, 2024]
    with pytest.raises(DataError, match="expected 0 to 1"):
        readers.un_egov(write(tmp_path, "egov.csv", text.replace("0.9847", "98.47")))


def test_ipv4_networks_to_the_concentration_of_operators(tmp_path: Path) -> None:
    text = "iso3,name,n_asn,ipv4,share\nABW,SETAR N.V.,1,300,0.75\nABW,New Telecom,1,100,0.25\n"
    table = readers.ipv4_networks(write(tmp_path, "net.csv", text)).records
    result = records.supplier_concentration(
        table, columns={"amount": "addresses", "origin": None}, sampling={"census": True}
    ).set_index("indicator")
    assert result.loc["supplier_hhi", ["value", "lower", "upper"]].tolist() == [0.625] * 3
    assert result.loc["supplier_top1_share", "value"] == 0.75


DELEGATED = (
    "#comment\n2|afrinic|20240101|6|00000000|20240101|+0000\nafrinic|*|ipv4|*|5|summary\n"
    "afrinic|KE|ipv4|41.0.0.0|256|20050101|allocated|F1\nafrinic|KE|ipv4|41.1.0.0|256|20060101|allocated|F1\n"
    "afrinic|KE|ipv4|41.2.0.0|512|20060101|assigned|F2\nafrinic|KE|asn|100|1|20060101|allocated|F2\n"
    "afrinic|ZZ|ipv4|41.9.0.0|256||available|\nafrinic|KE|ipv6|2001::|32|20060101|allocated|F1\n"
)


def test_a_file_of_a_regional_registry_to_the_concentration_of_networks(tmp_path: Path) -> None:
    reading = readers.ipv4_networks(write(tmp_path, "delegated-afrinic-extended", DELEGATED))
    assert reading.records["addresses"].tolist() == [512, 512]
    assert reading.left_out["reason"].tolist() == ["neither allocated nor assigned"]
    result = records.supplier_concentration(
        reading.records, columns={"amount": "addresses", "origin": None}, sampling={"census": True}
    ).set_index("indicator")
    assert result.loc["supplier_hhi", ["value", "lower", "upper"]].tolist() == [0.5] * 3
    plain = "\n".join(
        line.rsplit("|", 1)[0] if line.count("|") == 7 else line for line in DELEGATED.splitlines()
    )
    with pytest.raises(DataError, match="extended"):
        readers.ipv4_networks(write(tmp_path, "delegated-afrinic", plain))


def test_cloud_regions_to_cloud_exposure_without_a_sampling_interval(tmp_path: Path) -> None:
    text = (
        "provider,provider_origin,region,name,iso3,status\nAWS,USA,a,A,SGP,commercial\n"
        "AWS,USA,b,B,USA,government\nAlibaba,CHN,c,C,SGP,commercial\n"
    )
    reading = readers.cloud_regions(write(tmp_path, "cloud.csv", text))
    assert reading.left_out["reason"].tolist() == ["not open to commercial customers"]
    result = records.cloud_exposure(reading.records).set_index("indicator")
    row = result.loc["cloud_focal_share", ["value", "lower", "upper"]]
    assert row.tolist() == [0.5, 0.5, 0.5]


def test_eurepoc_is_one_record_a_receiver(tmp_path: Path) -> None:
    text = (
        "ID,name,start_date,receiver_name,receiver_country,initiator_country,incident_type\n"
        "7,Attack,2022-02-24,Bank; Ministry,Ukraine; Poland,Russia,Disruption\n"
        "8,Other,2022-03-01,Firm,EU (region),China,Data theft\n"
    )
    reading = readers.eurepoc(write(tmp_path, "eurepoc.csv", text))
    assert reading.records[["iso3", "year", "sponsor_iso3"]].to_numpy().tolist() == [
        ["UKR", 2022, "RUS"], ["POL", 2022, "RUS"],
    ]  # fmt: skip
    assert len(reading.left_out) == 1
    result = records.incident_rate(
        reading.records, {"UKR": 4e7, "POL": 4e7}, columns={"severity": None}
    )
    assert set(result["iso3"]) == {"UKR", "POL"}


def test_every_reader_stands_in_the_table_of_the_command_line() -> None:
    assert set(SOURCES) == {*readers.kinds(), "coinr"}


def test_a_download_of_the_cable_map_to_concentration_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    points = [{"name": "Mombasa, Kenya", "country": "Kenya"}]
    folder = tmp_path / "map" / "cable"
    folder.mkdir(parents=True)
    for name, suppliers in (("a", "ASN"), ("b", "HMN Tech, Subcom"), ("c", None)):
        one = {"id": name, "name": name, "suppliers": suppliers, "rfs_year": 2015,
               "landing_points": points}  # fmt: skip
        write(folder, f"{name}.json", json.dumps(one))
    for words in (
        ["records", "telegeography", "map", "--out", "cables.csv"],
        ["records", "supplier_concentration", "cables.csv", "--set", "amount=share", "--set",
         "remainder=any", "--set", "census=true", "--set", "prefix=cable_", "--out", "hhi.csv"],
    ):  # fmt: skip
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, done.stderr
    table = pd.read_csv("hhi.csv").set_index("indicator")["value"]
    assert table["cable_supplier_hhi"] == pytest.approx(0.25 + 2 / 16)
    assert table["cable_focal_share"] == pytest.approx(0.25)
    assert table["cable_unknown_supplier_share"] == pytest.approx(1 / 3)


def test_a_prefix_to_as_file_is_refused_with_its_cause(tmp_path: Path) -> None:
    path = tmp_path / "routeviews-rv2-20260101-1200.pfx2as"
    path.write_text("1.0.0.0\t24\t13335\n1.0.4.0\t22\t38803_56203\n")
    with pytest.raises(DataError, match="names no country: take the `delegated"):
        readers.ipv4_networks(path)


@pytest.mark.parametrize(
    ("printed", "firms"),
    [
        ("SubCom LLC", {"SubCom": "USA"}),
        ("Tyco Telecommunications (US) Inc.", {"SubCom": "USA"}),
        ("HMN Technologies Co., Ltd.", {"HMN Tech": "CHN"}),
        ("HMN Technologies Co., Ltd. and NEC Corporation", {"HMN Tech": "CHN", "NEC": "JPN"}),
        ("NEC Corp. & HMN Technologies Co., Ltd. (China)", {"NEC": "JPN", "HMN Tech": "CHN"}),
        ("Huawei Marine Networks Co., Limited, NEC Corp.", {"HMN Tech": "CHN", "NEC": "JPN"}),
        ("Alcatel Submarine Networks S.A.S.; Nexans S.A.", {"ASN": "FRA", "Nexans": "FRA"}),
        ("Norddeutsche Seekabelwerke GmbH", {"NSW": "DEU"}),
        ("LS Cable & System", {"LS Cable": "KOR"}),
        ("hmntech, SUBCOM", {"HMN Tech": "CHN", "SubCom": "USA"}),
        ("HMN Tech and SubCom", {"HMN Tech": "CHN", "SubCom": "USA"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_cable_firm_is_one_firm_in_every_spelling(
    printed: str, firms: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "cable").mkdir()
    points = [{"id": "a", "name": "Mombasa, Kenya", "country": "Kenya"}]
    cable = {"id": "c", "name": "C", "landing_points": points, "suppliers": printed, "rfs": "2022", "is_planned": False,
             "length": "100 km", "owners": "x"}  # fmt: skip
    (tmp_path / "cable" / "c.json").write_text(json.dumps(cable), encoding="utf-8")
    records = readers.telegeography(tmp_path).records
    assert dict(zip(records["vendor"], records["vendor_iso3"], strict=True)) == firms
    assert records["share"].tolist() == [1 / len(firms)] * len(firms)


@pytest.mark.parametrize(
    ("text", "vendor"),
    [("co " * 200_000 + "x", "co co"), ("(" * 200_000, "(("), ("a" + " ," * 50_000, "a")],
    ids=["ends", "brackets", "commas"],
)
def test_a_long_text_of_suppliers_is_read_in_linear_time(
    text: str, vendor: str, tmp_path: Path
) -> None:
    # In quadratic time the first would take hours.
    points = [{"id": "a", "name": "Mombasa, Kenya", "country": "Kenya"}]
    cable = {"id": "c", "name": "C", "landing_points": points, "suppliers": text, "rfs": "2022"}
    (tmp_path / "cable").mkdir()
    (tmp_path / "cable" / "c.json").write_text(json.dumps(cable), encoding="utf-8")
    records = readers.telegeography(tmp_path).records
    assert len(records) == 1
    assert records["vendor"].iloc[0].startswith(vendor)


def test_the_weo_of_the_data_portal_is_read_by_its_codes_of_series(tmp_path: Path) -> None:
    head = "DATASET,SERIES_CODE,OBS_MEASURE,COUNTRY,INDICATOR,FREQUENCY,SCALE,UNIT,PUBLICATION_DATE,LATEST_ACTUAL_ANNUAL_DATA,2023,2024\n"
    rows = (
        'IMF.RES:WEO(9.0.0),KEN.NGDPD.A,OBS_VALUE,Kenya,GDP,Annual,Billions,US dollar,2026-04-14T13:00:00Z,2023,"1,108.5",120\n'
        "IMF.RES:WEO(9.0.0),KOS.PCPIPCH.A,OBS_VALUE,Kosovo,Inflation,Annual,Units,Percent,2026-04-14T13:00:00Z,,4.1,\n"
        "IMF.RES:WEO(9.0.0),IND.PCPIPCH.A,OBS_VALUE,India,Inflation,Annual,Units,Percent,2026-04-14T13:00:00Z,FY2024/25,8.2,6\n"
        "IMF.RES:WEO(9.0.0),G001.PCPIPCH.A,OBS_VALUE,World,Inflation,Annual,Units,Percent,2026-04-14T13:00:00Z,,3,2\n"
        "IMF.RES:WEO(9.0.0),KEN.PCPIPCH.Q,OBS_VALUE,Kenya,Inflation,Quarterly,Units,Percent,2026-04-14T13:00:00Z,,3,2\n"
    )
    reading = readers.imf_weo(write(tmp_path, "weo.csv", head + rows))
    found = reading.records[["iso3", "indicator", "year", "value", "estimate"]]
    assert [tuple(row) for row in found.to_numpy().tolist()] == [
        ("IND", "PCPIPCH", 2023, 8.2, False),
        ("IND", "PCPIPCH", 2024, 6.0, False),
        ("KEN", "NGDPD", 2023, 1108.5e9, False),
        ("KEN", "NGDPD", 2024, 120e9, True),
        ("XKX", "PCPIPCH", 2023, 4.1, True),
    ]
    assert reading.evidence["edition"] == "2026-04-14"
    assert sorted(reading.left_out["reason"]) == ["group of countries", "not a series of years"]


def test_an_answer_of_the_world_bank_is_the_same_to_the_reader_and_to_read_data(
    tmp_path: Path,
) -> None:
    records_ = [
        {"indicator": {"id": "GDP", "value": "Gross product"}, "country": {"id": code[:2], "value": name},
         "countryiso3code": code, "date": "2023", "value": value}
        for code, name, value in (("KEN", "Kenya", 81.7), ("PAK", "Pakistan", None), ("WLD", "World", 2.0))
    ]  # fmt: skip
    path = write(tmp_path, "gdp.json", json.dumps([{"page": 1, "pages": 2}, records_]))
    reading = readers.world_bank(path, indicators=["GDP"])
    found = reading.records[["iso3", "indicator", "year", "value", "indicator_name"]]
    assert found.to_numpy().tolist() == [["KEN", "GDP", 2023, 81.7, "Gross product"]]
    data = read_data(path)
    assert data.values["GDP"].dropna().to_dict() == {"KEN": 81.7}
    for said in (" ".join(reading.notes), str(data.reading)):
        assert "page 1 of 2" in said
    with pytest.raises(DataError, match="no indicator `GDX`"):
        readers.world_bank(path, indicators=["GDX"])
    with pytest.raises(DataError, match="no answer of the World Bank"):
        readers.world_bank(write(tmp_path, "other.json", '[{"a": 1}]'))


def test_five_pillars_beside_a_tier_are_the_score_of_the_gci_of_2024(tmp_path: Path) -> None:
    head = "Country,Tier,Legal,Technical,Organizational,Capacity Development,Cooperation\n"
    rows = "Kenya,Tier 1 - Role-modelling,20,18.6,20,20,19.2\nChad,T4 (Evolving),5,,5,5,5\n"
    reading = readers.itu_gci(write(tmp_path, "gci_2024.csv", head + rows))
    found = reading.records.set_index("iso3")
    assert found["value"].to_dict() == {"KEN": 97.8, "TCD": 37.5}
    assert found.loc["TCD", ["lower", "upper"]].tolist() == [20, 55]
    assert found.loc["KEN", ["lower", "upper"]].isna().all()
    with pytest.raises(DataError, match="add up to 97.8, and tier 2 is 85 to 95"):
        readers.itu_gci(write(tmp_path, "gci_2024.csv", head + rows.replace("Tier 1", "Tier 2")))


def test_a_date_without_a_day_keeps_its_year(tmp_path: Path) -> None:
    text = (
        "ID,name,start_date,receiver_country\n1,A,2022-01-00,Kosovo\n2,B,2021,Kenya\n3,C,unclear,Ghana\n"
        "4,D,2020-05-04,Togo\n"
    )
    reading = readers.eurepoc(write(tmp_path, "e.csv", text))
    assert reading.records["year"].dropna().tolist() == [2022, 2021, 2020]
    assert reading.left_out[["row", "reason"]].to_numpy().tolist() == [
        [2, "`start` is not a date; year kept"], [4, "`start` is not a date; date missing"],
    ]  # fmt: skip
