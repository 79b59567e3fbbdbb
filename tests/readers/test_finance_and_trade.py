"""AidData, World Bank, IMF, Comtrade and the Factbook: the publishers' shapes with their dirt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dsr_risk import readers
from dsr_risk.errors import DataError

GCDF3 = [
    "AidData Record ID", "Recommended For Aggregates", "Umbrella", "Financier Country", "Recipient", "Recipient ISO-3",
    "Commitment Year", "Title", "Status", "Flow Type Simplified", "Flow Class", "Sector Code", "Sector Name",
    "Amount (Constant USD 2021) ", "Adjusted Amount (Constant USD 2021) ", "Maturity", "Interest Rate", "Grace Period",
]  # fmt: skip
ROWS3 = [
    [1, "Yes", "No", "China", "Pakistan", "PAK", 2015, "Fibre", "Completion", "Loan", "OOF-like", 220, "COMMUNICATIONS", 100.0, 40.0, 20, 3.5, 5],
    [2, "Yes", "No", "China", "Kenya", "KEN", 2016, "Konza", "Completion", "Loan", "OOF-like", 220, "COMMUNICATIONS", 70.0, 70.0, None, None, None],
    [3, "No", "Yes", "China", "Kenya", "KEN", 2016, "Umbrella", "Pipeline: Pledge", "Loan", "OOF-like", 220, "COMMUNICATIONS", 900.0, 900.0, None, None, None],
    [4, "Yes", "No", "China", "Africa, regional", None, 2016, "AU", "Completion", "Grant", "ODA-like", 430, "OTHER MULTISECTOR", 5.0, 5.0, None, None, None],
    [5, "Yes", "No", "China", "West Bank and Gaza Strip", "PSE", 2017, "Gift", "Completion", "Grant", "ODA-like", 430, "OTHER MULTISECTOR", None, None, None, None, None],
    [2, "Yes", "No", "China", "Kenya", "KEN", 2016, "Konza", "Completion", "Loan", "OOF-like", 220, "COMMUNICATIONS", 70.0, 70.0, None, None, None],
]  # fmt: skip


def test_gcdf_3_takes_the_adjusted_amounts_of_recommended_rows(
    workbook: Callable[..., Path],
) -> None:
    place = workbook(
        "AidDatasGCDF_v3.0.xlsx", {"Read me": [["Citation"], ["..."]], "GCDF_3.0": [GCDF3, *ROWS3]}
    )
    reading = readers.aiddata_gcdf(place)
    records = reading.records
    assert reading.evidence["edition"] == "3.0"
    assert records["iso3"].tolist() == ["PAK", "KEN", "PSE"]
    np.testing.assert_equal(records["usd"].to_numpy(), [40.0, 70.0, np.nan])
    np.testing.assert_equal(records["usd_unadjusted"].to_numpy(), [100.0, 70.0, np.nan])
    assert records.loc[0, ["maturity", "grace", "rate"]].tolist() == [
        20,
        5,
        0.035,
    ]
    assert records["price_year"].eq(2021).all()
    assert dict(zip(reading.left_out["row"], reading.left_out["reason"], strict=True)) == {
        4: "not recommended for aggregates",
        5: "group of countries",
        7: "repeats an earlier row",
    }


def test_gcdf_can_keep_what_is_not_recommended(workbook: Callable[..., Path]) -> None:
    place = workbook("GCDF.xlsx", {"GCDF_3.0": [GCDF3, *ROWS3]})
    records = readers.aiddata_gcdf(place, recommended_only=False).records
    assert records.groupby("iso3")["usd"].sum()["KEN"] == 970


def test_gcdf_2_has_no_adjusted_amounts_and_says_so(workbook: Callable[..., Path]) -> None:
    header = [
        "AidData TUFF Project ID", "Recommended For Aggregates", "Recipient", "Commitment Year", "Title", "Status",
        "AidData Sector Name", "Flow Class", "Amount (Constant USD2017)", "Amount (Nominal)", "Maturity", "Interest Rate",
    ]  # fmt: skip
    row = [
        "37",
        "Yes",
        "Laos",
        2010,
        "Satellite",
        "Completion",
        "COMMUNICATIONS",
        "OOF-like",
        "1,250.5",
        1100,
        15,
        2,
    ]
    reading = readers.aiddata_gcdf(workbook("v2.xlsx", {"Global_CDF2.0": [header, row]}))
    assert reading.evidence["edition"] == "2.0"
    record = reading.records.iloc[0]
    assert (record["iso3"], record["usd"], record["price_year"]) == ("LAO", 1250.5, 2017)
    assert np.isnan(record["usd_adjusted"])
    assert any("unadjusted" in note for note in reading.notes)


def test_a_gcdf_of_an_unknown_edition_is_refused(workbook: Callable[..., Path]) -> None:
    header = [one.replace("2021", "2023") for one in GCDF3]
    with pytest.raises(DataError, match="not a known edition of AidData GCDF") as caught:
        readers.aiddata_gcdf(workbook("v4.xlsx", {"GCDF_4.0": [header, *ROWS3]}))
    assert "2021" in str(caught.value)


def test_a_recipient_year_table_with_an_unknown_state_lists_it(
    text_file: Callable[..., Path],
) -> None:
    text = "gwcode,year,oof_amt,oof_adj,oda_amt,oda_adj,vof_amt,vof_adj\n770,2010,5,4,1,1,0,0\n999,2010,1,1,0,0,0,0\n"
    reading = readers.aiddata_gcdf(text_file("gw.csv", text))
    assert reading.records.groupby("iso3")["usd"].sum().to_dict() == {"PAK": 5.0}
    assert reading.left_out["what"].tolist() == ["999.0"]


def test_gcofd_leaves_out_amounts_of_several_recipients(text_file: Callable[..., Path]) -> None:
    text = (
        "project_id,recommended_for_research,year,crs_sector_code,usd_defl_2014,recipient_condensed,recipient_iso3,flow,interest_rate,maturity,extra\n"
        '1,TRUE,2011,220,"1,234,567",Viet Nam,VNM,Loan,2.5,20,x\n'
        '2,TRUE,2011,220,99,"Africa, regional",KEN; TZA,Loan,,,x\n'
        "3,FALSE,2011,220,88,Kenya,KEN,Loan,,,x\n"
        "4,TRUE,,220,77,Kenya,KEN,Loan,,,x\n"
    )
    reading = readers.aiddata_gcofd(text_file("GCOFD.csv", text))
    record = reading.records.iloc[0]
    assert len(reading.records) == 1
    assert (record["iso3"], record["usd"], record["price_year"]) == ("VNM", 1234567.0, 2014)
    assert (record["rate"], record["maturity"]) == (0.025, 20.0)
    reasons = reading.left_out.set_index("row")["reason"]
    assert reasons[3].startswith("several recipients")
    assert reasons[4] == "not recommended for research"
    assert reasons[5] == "no year"


API = (
    '"Data Source","World Development Indicators",\n\n"Last Updated Date","2024-06-28",\n\n'
    '"Country Name","Country Code","Indicator Name","Indicator Code","2019","2020","2021",\n'
    '"Aruba","ABW","GDP (current US$)","NY.GDP.MKTP.CD","1","2","",\n'
    '"Africa Eastern and Southern","AFE","GDP (current US$)","NY.GDP.MKTP.CD","3","4","5",\n'
    '"Kosovo","XKX","GDP (current US$)","NY.GDP.MKTP.CD","","","7",\n'
    '"Namibia","NAM","GDP (current US$)","NY.GDP.MKTP.CD","","",""\n'
    '"Turkiye","TUR","GDP (current US$)","NY.GDP.MKTP.CD","..","8","9",\n'
)


def test_the_api_download_is_read_below_its_preamble(text_file: Callable[..., Path]) -> None:
    reading = readers.world_bank(text_file("API_NY.GDP.csv", API, "utf-8-sig"))
    cells = reading.records[["iso3", "year", "value"]].values.tolist()
    assert cells == [
        ["ABW", 2019, 1],
        ["ABW", 2020, 2],
        ["TUR", 2020, 8],
        ["TUR", 2021, 9],
        ["XKX", 2021, 7],
    ]
    assert set(reading.records["indicator"]) == {"NY.GDP.MKTP.CD"}
    assert dict(zip(reading.left_out["row"], reading.left_out["reason"], strict=True)) == {
        7: "group of countries",
        9: "no value in any year",
    }


def test_the_bulk_file_is_cut_to_the_indicators_asked_for(text_file: Callable[..., Path]) -> None:
    bulk = (
        API.rsplit("\n\n", maxsplit=1)[-1]
        + '"Aruba","ABW","Population","SP.POP.TOTL","10","11","12",\n'
    )
    place = text_file("WDICSV.csv", bulk)
    records = readers.world_bank(place, indicators=["SP.POP.TOTL"]).records
    assert records["value"].tolist() == [10, 11, 12]
    with pytest.raises(DataError, match="no indicator `NO.SUCH`"):
        readers.world_bank(place, indicators=["NO.SUCH"])


def test_ids_keeps_the_creditor_of_each_series(text_file: Callable[..., Path]) -> None:
    text = (
        "Country Name,Country Code,Counterpart-Area Name,Counterpart-Area Code,Series Name,Series Code,2020 [YR2020],2021 [YR2021]\n"
        "Lao PDR,LAO,China,730,PPG bilateral,DT.DOD.BLAT.CD,5,6\n"
        "Lao PDR,LAO,World,WLD,PPG bilateral,DT.DOD.BLAT.CD,9,10\n"
        "Data from database: International Debt Statistics,,,,,,,\n"
    )
    reading = readers.world_bank(text_file("IDS_sheet.csv", text))
    latest = reading.records.query("year == 2021").set_index("counterpart")
    assert latest["value"].to_dict() == {"China": 6, "World": 10}
    assert latest["counterpart_iso3"].to_dict() == {"China": "CHN", "World": None}
    assert len(reading.left_out) == 1


def test_a_cell_that_is_no_number_is_missing_and_listed(text_file: Callable[..., Path]) -> None:
    reading = readers.world_bank(text_file("API.csv", API.replace('"1","2"', '"one","2"')))
    assert ["ABW", 2019] not in reading.records[["iso3", "year"]].values.tolist()
    assert ["one", "`2019` is not a number; value missing"] in reading.left_out[
        ["what", "reason"]
    ].values.tolist()


def test_a_repeated_row_says_whether_it_agrees(text_file: Callable[..., Path]) -> None:
    text = "Country Name,Country Code,Year,Value\nKenya,KEN,2020,5\nKenya,KEN,2020,5\nKenya,KEN,2020,6\n"
    reading = readers.world_bank(text_file("gdp.csv", text))
    assert reading.records["value"].tolist() == [5]
    assert reading.left_out["reason"].tolist() == [
        "repeats an earlier row",
        "repeats an earlier row with another value",
    ]


WEO = (
    "WEO Country Code\tISO\tWEO Subject Code\tCountry\tSubject Descriptor\tSubject Notes\tUnits\tScale\t"
    "Country/Series-specific Notes\t2019\t2020\t2021\tEstimates Start After\n"
    '512\tAFG\tNGDPD\tAfghanistan\tGDP, current prices\t"Note; with ""quotes"""\tU.S. dollars\tBillions\tsee\t1,018.5\tn/a\t--\t2019\n'
    "967\tUVK\tNGDPD\tKosovo\tGDP, current prices\t\tU.S. dollars\tBillions\t\t7.9\t7.7\t9.0\t2020\n"
    "487\tWBG\tLUR\tWest Bank and Gaza\tUnemployment rate\t\tPercent\t\t\t25.3\t25.9\t26.4\t2020\n"
    "\t\t\t\t\t\t\t\t\t\t\t\t\n"
    "International Monetary Fund, World Economic Outlook Database, October 2021\t\t\t\t\t\t\t\t\t\t\t\t\n"
)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le"])
def test_the_weo_text_file_is_read_in_both_encodings(
    encoding: str, text_file: Callable[..., Path]
) -> None:
    reading = readers.imf_weo(text_file("WEOOct2021all.xls", WEO, encoding))
    records = reading.records
    assert reading.evidence["edition"] == "October 2021"
    kosovo = records.query("iso3 == 'XKX'").set_index("year")
    assert kosovo["value"].to_dict() == {2019: 7.9e9, 2020: 7.7e9, 2021: 9.0e9}
    assert kosovo["estimate"].to_dict() == {2019: False, 2020: False, 2021: True}
    assert records.query("iso3 == 'AFG'")["value"].tolist() == [1018.5e9]
    assert records.query("iso3 == 'PSE'")["value"].tolist() == [25.3, 25.9, 26.4]
    assert reading.left_out["reason"].tolist() == ["footer of the table"]


def test_weo_subjects_can_be_chosen_and_must_exist(text_file: Callable[..., Path]) -> None:
    place = text_file("weo.xls", WEO, "latin-1")
    assert set(readers.imf_weo(place, indicators=["LUR"]).records["indicator"]) == {"LUR"}
    with pytest.raises(DataError, match="no subject `NGDPX`"):
        readers.imf_weo(place, indicators=["NGDPX"])


def test_an_unknown_weo_scale_is_refused(text_file: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match="scale 'Zillions'"):
        readers.imf_weo(text_file("weo.xls", WEO.replace("Billions", "Zillions"), "latin-1"))


PLUS = (
    "typeCode,freqCode,refYear,period,reporterCode,reporterISO,reporterDesc,flowCode,flowDesc,partnerCode,partnerISO,"
    "partnerDesc,partner2Code,classificationCode,cmdCode,customsCode,motCode,qty,primaryValue\n"
    "C,A,2021,2021,586,PAK,Pakistan,M,Import,156,CHN,China,0,H5,8517,C00,0,1,600.5\n"
    "C,A,2021,2021,586,PAK,Pakistan,M,Import,156,CHN,China,0,H5,8517,C00,1000,1,400\n"
    "C,A,2021,2021,586,PAK,Pakistan,M,Import,156,CHN,China,0,H5,851712,C00,0,1,300\n"
    'C,A,2021,2021,586,PAK,Pakistan,M,Import,490,S19,"Other Asia, nes",0,H5,8517,C00,0,1,30\n'
    'C,A,2021,2021,586,PAK,Pakistan,M,Import,899,_X,"Areas, nes",0,H5,8517,C00,0,1,9\n'
    "C,A,2021,2021,586,PAK,Pakistan,M,Import,0,W00,World,0,H5,8517,C00,0,1,639.5\n"
    "C,A,2021,2021,586,PAK,Pakistan,X,Export,156,CHN,China,0,H5,8517,C00,0,1,2\n"
    "C,A,2021,2021,97,EUR,European Union,M,Import,156,CHN,China,0,H5,8517,C00,0,1,5000\n"
    "C,A,2021,2021,688,SRB,Serbia,M,Import,752,SWE,Sweden,0,H5,8471,C00,0,1,70\n"
)


def test_comtrade_gives_imports_by_origin_without_totals_and_breakdowns(
    text_file: Callable[..., Path],
) -> None:
    reading = readers.un_comtrade(text_file("trade.csv", PLUS, "utf-8-sig"))
    records = reading.records
    pakistan = records[records["iso3"].eq("PAK")]
    assert pakistan[["partner", "partner_iso3", "usd"]].values.tolist() == [
        ["China", "CHN", 600.5],
        ["Other Asia, nes", "TWN", 30.0],
        ["Areas, nes", None, 9.0],
    ]
    assert records[records["iso3"].eq("SRB")]["hs"].tolist() == ["8471"]
    reasons = reading.left_out.set_index("row")["reason"].to_dict()
    assert reasons[3].startswith("breakdown")
    assert reasons[4] == "another commodity code"
    assert reasons[7] == "total over partners"
    assert reasons[8] == "another flow than import"
    assert reasons[9] == "group of countries"


def test_the_older_comtrade_form_gives_the_same_records(text_file: Callable[..., Path]) -> None:
    old = (
        "Classification,Year,Period,Trade Flow,Reporter,Reporter ISO,Partner,Partner ISO,Commodity Code,Trade Value (US$)\n"
        "H4,2019,2019,Import,Pakistan,PAK,China,CHN,8517,600.5\n"
        "H4,2019,2019,Re-Export,Pakistan,PAK,China,CHN,8517,1\n"
    )
    records = readers.un_comtrade(text_file("old.csv", old)).records
    assert records[["iso3", "year", "hs", "partner_iso3", "usd"]].values.tolist() == [
        ["PAK", 2019, "8517", "CHN", 600.5]
    ]


def test_an_unknown_flow_is_refused(text_file: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match="unknown flow 'imports'"):
        readers.un_comtrade(text_file("trade.csv", PLUS), flow="imports")


def test_factbook_text_is_taken_apart(text_file: Callable[..., Path]) -> None:
    text = (
        "country,imports_partners_text\n"
        '"Gambia, The","China 34%, Brazil 8%, Senegal 8%, Gambia, The 5% (2021)"\n'
        'Barbados,"USA 32%, Trinidad &amp; Tobago 19%, UK 6.5% (2023 est.)"\n'
        "Jersey,almost entirely United Kingdom (2022)\n"
        "Atlantis,China 10% (2020)\n"
    )
    reading = readers.factbook_imports(text_file("factbook.csv", text))
    records = reading.records
    barbados = records[records["iso3"].eq("BRB")]
    assert barbados["partner_iso3"].tolist() == ["USA", "TTO", "GBR"]
    assert barbados["share_pct"].tolist() == [32, 19, 6.5]
    assert barbados["year"].eq(2023).all()
    assert barbados["smallest_listed_pct"].eq(6.5).all()
    assert records.query("iso3 == 'GMB'")["rank"].tolist() == [1, 2, 3, 4]
    assert records.query("iso3 == 'GMB'")["partner_iso3"].tolist() == ["CHN", "BRA", "SEN", "GMB"]
    assert reading.left_out["reason"].tolist() == [
        "partners without shares",
        "not one country of ISO 3166",
    ]


@pytest.mark.parametrize("reader", ["world_bank", "imf_weo", "un_comtrade", "aiddata_gcofd"])
def test_a_table_with_a_header_and_no_rows_has_no_records(
    reader: str, text_file: Callable[..., Path]
) -> None:
    heads = {
        "world_bank": API.rsplit("\n\n", maxsplit=1)[-1].splitlines()[0],
        "imf_weo": WEO.splitlines()[0],
        "un_comtrade": PLUS.splitlines()[0],
        "aiddata_gcofd": "recommended_for_research,year,crs_sector_code,usd_defl_2014,recipient_iso3",
    }
    reading = getattr(readers, reader)(text_file("empty.csv", heads[reader] + "\n"))
    assert reading.records.empty
    assert isinstance(reading.summary(), str)
    assert isinstance(reading.records, pd.DataFrame)


def test_a_factbook_table_without_any_share_is_refused(text_file: Callable[..., Path]) -> None:
    text = "country,imports_partners_text\nKenya,many partners\n"
    with pytest.raises(DataError, match="received 'many partners'"):
        readers.factbook_imports(text_file("factbook.csv", text))


def test_a_wide_table_without_years_is_refused(text_file: Callable[..., Path]) -> None:
    text = "Country Name,Country Code,Indicator Name,Indicator Code\nKenya,KEN,GDP,NY\n"
    with pytest.raises(DataError, match="form not known"):
        readers.world_bank(text_file("wide.csv", text))


def test_a_gapminder_file_has_one_indicator(text_file: Callable[..., Path]) -> None:
    reading = readers.world_bank(
        text_file("ddf.csv", "geo,time,debt\nken,2020,5\nnld_curacao,2020,1\n")
    )
    assert reading.records[["iso3", "indicator", "value"]].values.tolist() == [["KEN", "debt", 5.0]]
    assert reading.left_out["what"].tolist() == ["nld_curacao"]
    with pytest.raises(DataError, match="received 2: debt, gdp"):
        readers.world_bank(text_file("two.csv", "geo,time,debt,gdp\nken,2020,5,6\n"))
