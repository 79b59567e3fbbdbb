"""Cables, incidents, surveillance, freedom, V-Dem, GCI and COINr: shapes with their dirt."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dsr_risk import readers
from dsr_risk.errors import DataError
from dsr_risk.readers._places import countries_in


def cable(name: str, countries: list[str], suppliers: str | None, **more: Any) -> dict[str, Any]:
    points = [
        {"id": c.lower(), "name": f"Town, {c}", "country": c, "is_tbd": None} for c in countries
    ]
    return {
        "id": name.lower(), "name": name, "length": "15,000 km", "landing_points": points, "owners": "A, B",
        "suppliers": suppliers, "rfs": "2022", "rfs_year": 2022, "is_planned": False, "url": None, **more,
    }  # fmt: skip


@pytest.fixture
def cables(tmp_path: Path) -> Path:
    folder = tmp_path / "v3" / "cable"
    folder.mkdir(parents=True)
    tbd = cable("Undecided", ["Kenya", "Djibouti"], "ASN")
    tbd["landing_points"][0]["is_tbd"] = True
    documents = [
        cable("PEACE", ["Pakistan", "Kenya", "Egypt"], "HMN Tech"),
        cable("Two", ["Pakistan", "Côte d'Ivoire"], "Alcatel Submarine Networks, NEC"),
        cable("Unknown", ["Pakistan"], None),
        cable("Future", ["Pakistan"], "SubCom", is_planned=True),
        tbd,
    ]
    for one in documents:
        (folder / f"{one['id']}.json").write_text(json.dumps(one))
    (folder / "all.json").write_text(json.dumps([{"id": "peace", "name": "PEACE"}]))
    (folder / "cable-geo.json").write_text(
        json.dumps({"type": "FeatureCollection", "features": []})
    )
    return tmp_path / "v3"


def test_each_supplier_of_a_cable_gets_its_part(cables: Path) -> None:
    reading = readers.telegeography(cables)
    records = reading.records
    pakistan = records[records["iso3"].eq("PAK")].set_index("cable")
    assert pakistan.loc["PEACE", ["vendor", "vendor_iso3", "share"]].tolist() == [
        "HMN Tech",
        "CHN",
        1.0,
    ]
    assert pakistan.loc["Two", "vendor"].tolist() == ["ASN", "NEC"]
    assert pakistan.loc["Two", "share"].tolist() == [0.5, 0.5]
    assert pakistan.loc["Unknown", "vendor"] is None
    known = pakistan[pakistan["vendor"].notna()].groupby("vendor")["share"].sum()
    assert (known / known.sum()).to_dict() == {"ASN": 0.25, "HMN Tech": 0.5, "NEC": 0.25}
    assert not pakistan.loc["Unknown", "international"]
    assert records["length_km"].eq(15000).all()
    reasons = reading.left_out["reason"].tolist()
    assert "planned, not in service" in reasons
    assert "landing point still to be decided" in reasons
    assert "CIV" in set(records["iso3"])


def test_planned_cables_and_seats_are_the_users_choice(cables: Path) -> None:
    records = readers.telegeography(cables, planned=True, origins={"SubCom": "CHN"}).records
    future = records[records["cable"].eq("Future")].iloc[0]
    assert (future["vendor_iso3"], future["is_planned"]) == ("CHN", True)


def test_the_older_map_has_countries_in_names_and_no_suppliers(tmp_path: Path) -> None:
    old = {
        "id": "jus", "name": "JUS", "cable_id": 1010, "length": "22,682 km", "rfs": "2001 September", "owners": "A",
        "landing_points": [
            {"landing_point_id": 1, "id": "shima-japan", "name": "Shima, Japan", "latlon": "1,2"},
            {"landing_point_id": 2, "id": "b", "name": "Morro Bay, CA, United States", "latlon": "1,2"},
        ],
    }  # fmt: skip
    place = tmp_path / "cables.json"
    place.write_text(json.dumps([old]))
    reading = readers.telegeography(place)
    assert reading.evidence["edition"] == "v2"
    assert reading.records["iso3"].tolist() == ["JPN", "USA"]
    assert reading.records["year"].tolist() == [2001, 2001]
    assert reading.records["vendor"].isna().all()
    assert reading.records["international"].all()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Austrian Foreign Ministry", ("AUT",)),
        ("South Sudan and Sudan", ("SSD", "SDN")),
        ("Papua New Guinea", ("PNG",)),
        ("North Korean defectors in South Korea", ("PRK", "KOR")),
        ("North American energy firms", ()),
        ("U.S. companies; the US Senate", ("USA",)),
        ("tell us more about turkey", ()),
        ("Johnson & Johnson", ()),
        ("Democratic Republic of the Congo", ("COD",)),
        ("Nigeria, Niger", ("NGA", "NER")),
        ("", ()),
    ],
)
def test_countries_are_found_in_text_by_name_and_adjective(
    text: str, codes: tuple[str, ...]
) -> None:
    assert countries_in(text) == codes


CFR = (
    "Title,Date,Affiliations,Description,Response,Victims,Sponsor,Type,Category,Sources_1\n"
    'One,2/13/2020,Turla,"text, with comma",Confirmation   https://x,"Austrian ministry, Côte d\'Ivoire",Russian Federation,Espionage,Government,u\n'
    'Two,,,,Denouncement https://x,Pakistan,"China, Russian Federation",Sabotage,Military,u\n'
    "Three,4/1/2019,,,,Burisma,China,Espionage,Private sector,u\n"
    "Four,4/1/2019,,,,,China,Espionage,Private sector,u\n"
    'One,2/13/2020,Turla,"text, with comma",Confirmation   https://x,"Austrian ministry, Côte d\'Ivoire",Russian Federation,Espionage,Government,u\n'
)


def test_cfr_gives_one_record_a_victim_country(text_file: Callable[..., Path]) -> None:
    reading = readers.cfr_operations(
        text_file("cfr.csv", CFR, "latin-1"), severity={"Espionage": 2}
    )
    records = reading.records
    assert records["iso3"].tolist() == ["AUT", "CIV", "PAK"]
    assert records["sponsor_iso3"].tolist() == ["RUS", "RUS", None]
    assert records["claim"].tolist() == ["confirmed", "confirmed", "probable"]
    np.testing.assert_equal(records["severity"].to_numpy(), [2.0, 2.0, np.nan])
    assert records["date"].isna().tolist() == [False, False, True]
    assert records["year"].iloc[0] == 2020
    reasons = reading.left_out.set_index("row")["reason"]
    assert reasons[4] == "no country named among the victims"
    assert reasons[5] == "no victims given"
    assert (
        reasons.loc[6].eq("repeats an earlier row").sum()
        + reasons.loc[6].str.contains("another").sum()
        == 2
    )


def test_a_date_that_is_none_is_listed_and_missing(text_file: Callable[..., Path]) -> None:
    text = CFR.splitlines()[0] + "\nA,2/30/2020,,,,Kenya,China,Espionage,Government,u\n"
    reading = readers.cfr_operations(text_file("cfr.csv", text))
    assert reading.records["date"].isna().all()
    assert reading.left_out["reason"].tolist() == ["`date` is not a date; year kept"]
    assert reading.records["year"].tolist() == [2020]


def veris_incident(name: str, country: object, **more: Any) -> dict[str, Any]:
    return {
        "incident_id": name, "schema_version": "1.3.1", "security_incident": "Confirmed",
        "action": {"hacking": {"variety": ["Unknown"]}}, "actor": {"external": {"variety": ["Unknown"], "country": ["Unknown"]}},
        "timeline": {"incident": {"year": 2016, "month": 5}}, "victim": {"country": country, "victim_id": "x", "industry": "44"},
        "summary": "text", **more,
    }  # fmt: skip


def test_veris_reads_old_and_new_forms_of_the_victim(tmp_path: Path) -> None:
    state = {"external": {"variety": ["State-affiliated"], "country": ["CN"]}}
    incidents = [
        veris_incident("a", ["PK", "US"], actor=state),
        veris_incident("b", "GB", security_incident="Suspected"),
        veris_incident("c", ["Unknown"]),
        veris_incident("d", ["KE"], security_incident="False positive"),
        {**veris_incident("e", []), "victim": [{"country": "KE"}]},
        veris_incident("f", ["NA"], timeline={"incident": {}}),
        veris_incident("a", ["PK"], actor=state),
    ]
    for number, one in enumerate(incidents):
        (tmp_path / f"{number}.json").write_text(json.dumps(one))
    reading = readers.veris(tmp_path)
    records = reading.records.set_index(["incident", "iso3"])
    assert list(records.index) == [
        ("a", "PAK"),
        ("a", "USA"),
        ("b", "GBR"),
        ("e", "KEN"),
        ("f", "NAM"),
    ]
    assert records["sponsor_iso3"].tolist() == ["CHN", "CHN", None, None, None]
    assert records["claim"].tolist() == [
        "confirmed",
        "confirmed",
        "alleged",
        "confirmed",
        "confirmed",
    ]
    assert records["date"].iloc[0] == pd.Timestamp("2016-05-01")
    assert pd.isna(records["date"].iloc[4])
    assert sorted(reading.left_out["reason"]) == [
        "no victim country given",
        "repeats an earlier row",
        "security_incident is 'False positive'",
    ]


def test_veris_reads_lists_and_archives_alike(tmp_path: Path) -> None:
    incidents = [veris_incident("a", ["PK"]), veris_incident("b", ["KE"])]
    joined = tmp_path / "vcdb.json"
    joined.write_text(json.dumps(incidents))
    packed = tmp_path / "vcdb.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for one in incidents:
            archive.writestr(f"data/json/validated/{one['incident_id']}.json", json.dumps(one))
    pd.testing.assert_frame_equal(readers.veris(joined).records, readers.veris(packed).records)


def test_json_that_is_no_incident_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"hello": 1}')
    with pytest.raises(DataError, match="x.json: not a VERIS incident"):
        readers.veris(tmp_path)


@pytest.mark.parametrize("wrong", [{"victim": None}, {"victim": ["x"]}, {"action": []}])
def test_an_incident_of_another_shape_is_refused(wrong: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({**veris_incident("a", ["PK"]), **wrong}))
    with pytest.raises(DataError, match="x.json: not a VERIS incident"):
        readers.veris(tmp_path)


@pytest.mark.parametrize("points", [["a"], [1]])
def test_a_cable_of_another_shape_is_refused(points: list[object], tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({"id": 1, "name": "x", "landing_points": points}))
    with pytest.raises(DataError, match="no cable files"):
        readers.telegeography(tmp_path)


@pytest.mark.parametrize("document", [[1], {}, [], [{"country": "Kenya"}]])
def test_scores_of_another_shape_are_refused(document: object, tmp_path: Path) -> None:
    place = tmp_path / "scores.json"
    place.write_text(json.dumps(document))
    with pytest.raises(DataError, match=r"scores.json: not the surveillance scores"):
        readers.carnegie_aigs(place)


def test_a_score_that_is_no_number_is_listed(tmp_path: Path) -> None:
    place = tmp_path / "scores.json"
    place.write_text('[{"country": "Kenya", "iso3": "KEN", "aigs_score": "high"}]')
    reading = readers.carnegie_aigs(place)
    assert reading.records.empty
    assert reading.left_out["what"].tolist() == ["high"]


AIGS = [
    ["AI Global Surveillance Index 2019"],
    [],
    ["Country", "BRI member", "Smart city/safe city", "Facial recognition", "Smart policing", "Chinese technology", "US technology", "Japan technology", "Key companies", "Notes"],
    ["Kenya", "X", "X", "", "X", "X", "", "", "Huawei", ""],
    ["Côte d’Ivoire", "", "", "yes", "", "X", "", "", "Huawei; ZTE", ""],
    ["Yugoslavia", "X", "X", "", "", "", "", "", "", ""],
    ["France", "", "X", "NEC pilot", "X", "X", "X", "", "", ""],
]  # fmt: skip


def test_ticks_of_the_surveillance_index_are_read(workbook: Callable[..., Path]) -> None:
    reading = readers.carnegie_aigs(workbook("AIGS_2019.xlsx", {"Index": AIGS}))
    wide = reading.records.pivot(index="iso3", columns="indicator", values="value")
    techniques = ["smart_city", "facial_recognition", "smart_policing"]
    assert wide.loc["KEN", techniques].tolist() == [1, 0, 1]
    assert wide.loc["CIV", techniques].tolist() == [0, 1, 0]
    assert wide.loc["FRA", [*techniques, "us_technology"]].tolist() == [1, 1, 1, 1]
    assert reading.records["year"].eq(2019).all()
    origins = reading.records.groupby("indicator")["origin_iso3"].first()
    assert (origins["china_technology"], origins["smart_city"]) == ("CHN", None)
    assert reading.records.query("iso3 == 'KEN'")["vendors"].unique().tolist() == ["Huawei"]
    reasons = reading.left_out["reason"].tolist()
    assert any("country of the past" in one for one in reasons)
    assert "`Facial recognition` is text, read as a tick" in reasons


def test_a_surveillance_table_without_an_edition_is_refused(workbook: Callable[..., Path]) -> None:
    place = workbook("aigs.xlsx", {"Index": AIGS})
    with pytest.raises(DataError, match="year=2019"):
        readers.carnegie_aigs(place)
    assert readers.carnegie_aigs(place, year=2022).evidence["edition"] == "2022"


def test_freedom_on_the_net_is_turned_round_before_2019(workbook: Callable[..., Path]) -> None:
    rows = [["Title"], ["Country", "Edition", "Status", "A", "Total"], ["Kazakhstan", 2018, "NF", 1, 62], ["Kazakhstan", 2019, "NF", 1, 32], ["Iceland", 2019, "F", 1, 95]]  # fmt: skip
    reading = readers.freedom_house(
        workbook("FOTN_Country_Score_Data.xlsx", {"Notes": [["n"]], "FOTN 2023 score data": rows})
    )
    records = reading.records.set_index(["iso3", "edition"])
    assert records.loc[("KAZ", 2018), ["value", "published"]].tolist() == [38, 62]
    assert records.loc[("KAZ", 2019), ["value", "published"]].tolist() == [32, 32]
    assert records["index"].eq("FOTN").all()
    assert records.loc[("ISL", 2019), "status"] == "free"


@pytest.mark.parametrize(("sheet", "mark"), [("FIW13-25", "C/T"), ("FIW06-24", "C/T?")])
def test_freedom_in_the_world_covers_the_year_before(
    sheet: str, mark: str, workbook: Callable[..., Path]
) -> None:
    header = [
        "Country/Territory",
        "Region",
        mark,
        "Edition",
        "Status",
        "PR rating",
        "CL rating",
        "Total",
    ]
    rows = [
        header,
        ["Kenya", "Africa", "c", 2024, "PF", 4, 4, 52],
        ["Indian Kashmir", "Asia", "t", 2024, "PF", 4, 4, 26],
        ["Hong Kong", "Asia", "t", 2024, "PF", 4, 4, 41],
        ["Taiwan", "Asia", "c", 2024, "F", 1, 1, 94],
        ["Serbia and Montenegro", "Europe", "c", 2006, "F", 3, 2, "N/A"],
    ]
    reading = readers.freedom_house(
        workbook("FIW.xlsx", {"Index": [["Data"]], sheet: [["title"], *rows]})
    )
    assert reading.records.set_index("iso3")["value"].to_dict() == {"KEN": 52, "HKG": 41, "TWN": 94}
    assert reading.records["year"].eq(2023).all()
    assert reading.left_out["reason"].tolist()[0] == "territory without a code of its own"


def test_a_total_off_the_scale_is_refused(text_file: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match=r"row 2 \(Kenya\): total is 152"):
        readers.freedom_house(text_file("fotn.csv", "Country,Edition,Total\nKenya,2020,152\n"))


def test_freedom_on_the_net_without_editions_asks_for_one(text_file: Callable[..., Path]) -> None:
    place = text_file("fotn.csv", "Country,Total\nKenya,32\n")
    with pytest.raises(DataError, match="edition=2018"):
        readers.freedom_house(place)
    assert readers.freedom_house(place, edition=2018).records["value"].tolist() == [68]


VDEM = (
    "country_name,country_text_id,country_id,year,project,v2smgovsmmon,v2smgovsmmon_codelow,v2smgovsmmon_codehigh,"
    "v2smgovsmmon_sd,v2smgovsmmon_ord,v2smgovfilcap,v2x_polyarchy\n"
    "Pakistan,PAK,29,2020,1,-0.5,-1,0.1,0.4,1,0.7,0.4\n"
    "Pakistan,PAK,29,1990,1,-0.5,-1,0.1,0.4,1,0.7,0.4\n"
    "Somaliland,SML,139,2020,1,-0.5,-1,0.1,0.4,1,0.7,0.4\n"
    "German Democratic Republic,DDR,137,2001,1,,,,,,,\n"
    "Kosovo,XKX,43,2020,1,,,,,,1.1,0.6\n"
)


def test_vdem_gives_estimates_with_interval_and_direction(text_file: Callable[..., Path]) -> None:
    reading = readers.vdem(text_file("V-Dem-CY-Full+Others-v14.csv", VDEM))
    records = reading.records.set_index(["iso3", "indicator"])
    monitoring = records.loc[("PAK", "v2smgovsmmon")]
    assert monitoring[["value", "std_error", "lower", "upper", "higher_is"]].tolist() == [
        -0.5,
        0.4,
        -1,
        0.1,
        "safer",
    ]
    assert records.loc[("XKX", "v2smgovfilcap"), "higher_is"] == "riskier"
    assert set(records.index.get_level_values("indicator")) == {"v2smgovsmmon", "v2smgovfilcap"}
    assert reading.evidence["edition"] == "v14"
    assert reading.left_out["reason"].tolist() == [
        "before 2000",
        "not one country of ISO 3166",
        "country of the past, part of Germany (DEU) since 1990",
    ]


def test_vdem_variables_are_the_users_choice_and_must_exist(text_file: Callable[..., Path]) -> None:
    place = text_file("V-Dem-CY-Core-v14.csv", VDEM)
    assert set(readers.vdem(place, variables=["v2x_polyarchy"]).records["indicator"]) == {
        "v2x_polyarchy"
    }
    with pytest.raises(DataError, match="did you mean `v2x_polyarchy`"):
        readers.vdem(place, variables=["v2x_polyarchi"])


def test_the_gci_is_in_points_of_100_in_every_edition(text_file: Callable[..., Path]) -> None:
    old = readers.itu_gci(
        text_file("GCI_2018.csv", "Member State,Score,Rank\nKenya,0.748,44\nYemen,0,175\n")
    )
    new = readers.itu_gci(
        text_file(
            "scores.csv",
            "Country Name,Overall Score,Legal Measures,Year\nKenya,81.7,20,2020\nKorea (Rep. of),98.52,20,2020\n",
        )
    )
    assert old.records["value"].tolist() == [pytest.approx(74.8)]
    assert old.left_out["reason"].tolist() == ["score 0: did not take part, no data collected"]
    assert new.records.set_index("iso3")["value"].to_dict() == {"KEN": 81.7, "KOR": 98.52}
    assert new.records["legal"].tolist() == [20, 20]
    assert new.records["technical"].isna().all()


@pytest.mark.parametrize(
    ("name", "year", "told"),
    [
        ("gci.csv", None, "edition not known"),
        ("gci_2018.csv", None, "above 1"),
        ("gci.csv", 2019, "edition 2019"),
    ],
)
def test_a_gci_of_a_wrong_edition_is_refused(
    name: str, year: int | None, told: str, text_file: Callable[..., Path]
) -> None:
    with pytest.raises(DataError, match=told):
        readers.itu_gci(text_file(name, "Country,Score\nKenya,81.7\n"), edition=year)


META = (
    "Level,iCode,iName,Direction,Weight,Unit,Target,Denominator,Parent,Type\n"
    "1,roads,Roads,1,2,km,1,area,Infra,Indicator\n1,theft,Theft,-1,1,n,1,NA,Infra,Indicator\n"
    "2,Infra,Infrastructure,1,1,Score,NA,NA,Index,Aggregate\n3,Index,The index,1,1,Score,NA,NA,NA,Aggregate\n"
    "NA,area,Area,NA,NA,km2,NA,NA,NA,Denominator\nNA,income,Income group,NA,NA,NA,NA,NA,NA,Group\n"
)
DATA = "uName,uCode,Time,roads,theft,area,income\nKenya,KEN,2018,10,NA,5,LM\nPakistan,PAK,2018,20,3,4,LM\n"


def test_coinr_tables_become_a_tree_and_a_table(text_file: Callable[..., Path]) -> None:
    coin = readers.coinr(text_file("iMeta.csv", META), text_file("iData.csv", DATA))
    (index,) = coin.framework["scores"]
    (infra,) = index["children"]
    roads, theft = infra["children"]
    assert "weight" not in index
    assert infra["weight"] == 1
    assert (roads["weight"], roads["higher_is"], roads["denominator"]) == (2, "riskier", "area")
    assert theft["higher_is"] == "safer"
    assert "denominator" not in theft
    assert coin.data.columns.tolist() == ["roads", "theft", "area"]
    assert np.isnan(coin.data.loc["KEN", "theft"])
    assert coin.groups["income"].tolist() == ["LM", "LM"]
    assert coin.denominators == {"roads": "area"}


def test_coinr_goalposts_become_the_normalisation(text_file: Callable[..., Path]) -> None:
    lines = META.splitlines()
    meta = "\n".join(
        [
            lines[0] + ",Goalpost_Low,Goalpost_High",
            lines[1] + ",0,50",
            *[one + ",NA,NA" for one in lines[2:]],
        ]
    )
    coin = readers.coinr(text_file("iMeta.csv", meta), text_file("iData.csv", DATA))
    roads, theft = coin.framework["scores"][0]["children"][0]["children"]
    assert roads["normalisation"] == {"method": "goalposts", "low": 0.0, "high": 50.0}
    assert "normalisation" not in theft


def test_what_a_coin_hands_out_is_a_copy(text_file: Callable[..., Path]) -> None:
    coin = readers.coinr(text_file("iMeta.csv", META), text_file("iData.csv", DATA))
    coin.framework["scores"].clear()
    data = coin.data
    data.iloc[0, 0] = -1
    assert coin.framework["scores"]
    assert coin.data.iloc[0, 0] == 10


def test_a_panel_of_coinr_is_indexed_by_year(text_file: Callable[..., Path]) -> None:
    panel = DATA + "Kenya,KEN,2019,11,2,5,LM\n"
    coin = readers.coinr(text_file("iMeta.csv", META), text_file("iData.csv", panel))
    assert coin.data.index.names == ["iso3", "year"]
    assert coin.data.loc[("KEN", 2019), "roads"] == 11


def test_all_problems_of_coinr_tables_are_told_at_once(text_file: Callable[..., Path]) -> None:
    meta = META.replace("1,NA,Infra,", "1,NA,Infrra,").replace("roads,Roads,1,", "roads,Roads,3,")
    data = DATA.replace("theft,", "thefts,").replace("PAK", "ZZZ").replace("10", "ten")
    with pytest.raises(DataError) as caught:
        readers.coinr(text_file("iMeta.csv", meta), text_file("iData.csv", data))
    text = str(caught.value)
    for told in (
        "`Infrra` does not exist",
        "must be 1 or -1, received 3",
        "`theft` has no column",
        "'ZZZ'",
        "'ten'",
    ):
        assert told in text


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("2,Infra,Infrastructure,1,1,Score,NA,NA,Index", "3,Infra,Infrastructure,1,1,Score,NA,NA,Index", "expected 2"),
        ("1,1,Score,NA,NA,Index,Aggregate", "-1,1,Score,NA,NA,Index,Aggregate", "`Infra`: `Direction` must be 1, received -1"),
        ("1,roads", ",roads", "`roads`: `Level` is missing"),
        (",1,2,km", ",1,-2,km", "`Weight` must be 0 or more, received -2"),
        ("1,2,km,1,area", "1,2,km,1,acres", "denominator `acres`"),
        ("NA,Group", "NA,Groop", "unknown `Type` 'Groop'"),
        ("1,2,km", "1,two,km", "`weight` is 'two', not a number"),
        ("1,theft", "1,roads", "`iCode` must be unique, received 'roads' twice"),
        ("NA,NA,Index,Aggregate", "NA,NA,NA,Aggregate", "no `Parent`"),
    ],
)  # fmt: skip
def test_each_rule_of_coinr_metadata_is_checked(
    old: str, new: str, told: str, text_file: Callable[..., Path]
) -> None:
    assert old in META
    with pytest.raises(DataError, match=re.escape(told)):
        readers.coinr(text_file("iMeta.csv", META.replace(old, new)), text_file("iData.csv", DATA))


@pytest.mark.parametrize(
    ("data", "told"),
    [(DATA + "Kenya,KEN,2018,1,1,1,LM\n", "KEN is there twice"), (DATA.replace("2018,20", "soon,20"), "'soon'")],
)  # fmt: skip
def test_units_of_coinr_data_are_checked(
    data: str, told: str, text_file: Callable[..., Path]
) -> None:
    with pytest.raises(DataError, match=told):
        readers.coinr(text_file("iMeta.csv", META), text_file("iData.csv", data))


def test_a_coin_says_what_it_holds(text_file: Callable[..., Path]) -> None:
    coin = readers.coinr(text_file("iMeta.csv", META), text_file("iData.csv", DATA))
    assert repr(coin) == "<Coin Index: 2 units, 2 indicators, 1 denominators, 1 groupings>"


def test_a_table_about_something_else_is_no_surveillance_index(
    text_file: Callable[..., Path],
) -> None:
    with pytest.raises(DataError, match="no column about smart"):
        readers.carnegie_aigs(text_file("aigs_2019.csv", "Country,Population\nKenya,5\n"))
