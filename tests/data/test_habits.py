"""Own tables as offices of many countries write them: words, codes, totals and names that hold a year."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.data import files, sheets
from dsr_risk.data.countries import country_iso3


def read(folder: Path, text: str, encoding: str = "utf-8") -> dr.Data:
    path = folder / "mine.csv"
    path.write_bytes(text.encode(encoding))
    return dr.read_data(path)


@pytest.mark.parametrize(
    "word",
    [
        "k. A.",
        "k.\u00a0A.",
        "brak danych",
        "b.d.",
        "bd.",
        "\u043d\u0435\u0442 \u0434\u0430\u043d\u043d\u044b\u0445",
        "non disponible",
        "no disponible",
        "\u6682\u65e0\u6570\u636e",
        "(n/a)",
        "[no data]",
        "not reported",
    ],
)
def test_words_for_missing_of_many_languages_are_read(word: str, tmp_path: Path) -> None:
    data = read(tmp_path, f"country;gci\nPakistan;64,5\nKenya;{word}\nGhana;50\n")
    assert np.isnan(data.values.loc["KEN", "gci"])
    assert data.values.loc["PAK", "gci"] == 64.5
    assert "read as missing" in str(data.reading)


@pytest.mark.parametrize(
    ("header", "names", "encoding"),
    [
        ("Kraj", ("Polska", "Niemcy", "W\u0119gry"), "cp1250"),
        ("Pa\u0144stwo", ("Polska", "Niemcy", "Czechy"), "cp1250"),
        ("Land", ("Polen", "Kenia", "Frankreich"), "cp1252"),
        ("Zem\u011b", ("Polsko", "\u010cesko", "N\u011bmecko"), "cp1250"),
        ("\u00dclke", ("Polonya", "T\u00fcrkiye", "M\u0131s\u0131r"), "cp1254"),
        ("Land", ("Polen", "Nederland", "Duitsland"), "utf-8"),
        ("Pa\u00eds", ("Polonia", "Espa\u00f1a", "Kenia"), "cp1252"),
        ("\u56fd\u5bb6", ("\u6ce2\u5170", "\u4e2d\u56fd", "\u7f8e\u56fd"), "gb18030"),
    ],
)
def test_names_of_columns_and_countries_of_other_languages_are_read(
    header: str, names: tuple[str, ...], encoding: str, tmp_path: Path
) -> None:
    rows = "".join(f"{name};{number},5\n" for number, name in enumerate(names))
    data = read(tmp_path, f"{header};gci\n{rows}", encoding)
    assert len(data) == 3
    assert data.values.loc["POL", "gci"] == 0.5


def test_polish_letters_in_names_of_columns_tell_the_encoding(tmp_path: Path) -> None:
    data = read(tmp_path, "Kraj;D\u0142ug;Wska\u017anik\nPolska;1,5;2\nNiemcy;2,5;3\n", "cp1250")
    assert data.columns == ("D\u0142ug", "Wska\u017anik")


@pytest.mark.parametrize(
    "header",
    [
        "kraj;rok;wska\u017anik;warto\u015b\u0107",
        "Land;Jahr;Indikator;Wert",
        "pays;ann\u00e9e;indicateur;valeur",
        "pa\u00eds;a\u00f1o;indicador;valor",
        "\u56fd\u5bb6;\u5e74;\u6307\u6807;\u503c",
    ],
)
def test_long_tables_of_other_languages_are_long(header: str, tmp_path: Path) -> None:
    rows = "POL;2020;debt;12,5\nDEU;2020;debt;13,5\nPOL;2020;gci;80,1\n"
    data = read(tmp_path, f"{header}\n{rows}")
    assert data.values.loc["POL"].to_dict() == {"debt": 12.5, "gci": 80.1}


def test_totals_and_groups_are_left_out_and_said(tmp_path: Path) -> None:
    rows = "Kenya,1\nAfrica,5\nGhana,2\nTotal,3\nWorld,9\nSumme,3\n"
    data = read(tmp_path, f"country,gci\n{rows}")
    assert data.values["gci"].to_dict() == {"KEN": 1.0, "GHA": 2.0}
    (note,) = data.reading.notes
    assert note == (
        "4 rows of groups of countries and of totals left out: 'Africa', 'Total', 'World' and 1 more"
    )


def test_a_group_without_a_code_is_left_out_by_its_name(tmp_path: Path) -> None:
    data = read(tmp_path, "iso3,country,gci\nKEN,Kenya,1\nGHA,Ghana,2\n,World,9\n")
    assert data.values["gci"].to_dict() == {"KEN": 1.0, "GHA": 2.0}


def test_numbers_of_m49_are_read_where_the_column_says_so(tmp_path: Path) -> None:
    data = read(tmp_path, "M49,gci\n404,1\n008,2\n516,3\n")
    assert data.values["gci"].to_dict() == {"KEN": 1.0, "ALB": 2.0, "NAM": 3.0}
    with pytest.raises(dr.DataError, match="a number is one country in ISO 3166"):
        read(tmp_path, "country,gci\n404,1\n008,2\n")


@pytest.mark.parametrize("header", ["FY19,FY20", "19/20,20/21", "Q1 2020,Q2 2020", "FY 19,FY 20"])
def test_years_of_two_digits_and_quarters_as_columns_are_refused(
    header: str, tmp_path: Path
) -> None:
    with pytest.raises(dr.DataError, match="spans or parts of years"):
        read(tmp_path, f"country,{header}\nKenya,1,2\nGhana,2,3\n")


@pytest.mark.parametrize(
    ("cell", "way_out"),
    [
        ("3.1p", "a footnote mark goes into brackets"),
        ("2019-05-01", "it is a date: a spreadsheet may have made one"),
        ("<5", "it is a bound"),
        ("5-10", "it is a range"),
    ],
)
def test_a_cell_that_is_no_number_has_a_way_out_of_its_own(
    cell: str, way_out: str, tmp_path: Path
) -> None:
    with pytest.raises(dr.DataError, match=way_out):
        read(tmp_path, f"country,gci\nKenya,{cell}\nGhana,3.5\nTogo,4.5\n")


def test_numbered_columns_are_no_years(tmp_path: Path) -> None:
    names = [f"i{number}" for number in range(1995, 2005)] + ["i12"]
    data = read(tmp_path, "country," + ",".join(names) + "\nKenya" + ",1" * 11 + "\n")
    assert data.columns == tuple(names)


YEARS = "country,debt_2019,debt_2020\nKenya,1,4\nGhana,2,3\nTogo,3,1\n"
NAMED = dr.Framework.from_dict(
    {
        "name": "mine",
        "scores": [
            {
                "name": "risk",
                "children": [
                    {"name": name, "higher_is": "riskier"} for name in ("debt_2019", "debt_2020")
                ],
            }
        ],
    }
)


def test_names_of_the_framework_that_hold_a_year_are_columns(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(YEARS)
    frame = pd.read_csv(io.StringIO(YEARS))
    for source in (path, frame, dr.read_data(path, indicators=["debt_2019", "debt_2020"])):
        scores = dr.score(NAMED, source)
        assert scores.data.columns == ("debt_2019", "debt_2020")
        assert scores.table()["risk"].to_dict() == {
            "KEN": 50.0,
            "GHA": pytest.approx(58.3333333),
            "TGO": 50.0,
        }
    assert dr.read_data(path).columns == ("debt",)
    laid = dr.as_data(frame, indicators=NAMED_COLUMNS).update(path)
    assert laid.columns == NAMED_COLUMNS


NAMED_COLUMNS = ("debt_2019", "debt_2020")


def test_a_parquet_file_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.parquet"
    pd.DataFrame({"country": ["Kenya"] * 2_000, "gci": 0.0}).to_parquet(path)
    monkeypatch.setattr(files, "MOST_CELLS", 3_999)
    with pytest.raises(dr.DataError, match="unpacks to 2,000 rows of 2 columns"):
        dr.read_data(path)


@pytest.mark.parametrize("part", ["xl/styles.xml", "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_a_part_of_a_workbook_that_unpacks_to_too_much_is_refused(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = tmp_path / "good.xlsx", tmp_path / "mine.xlsx"
    pd.DataFrame({"country": ["Kenya", "Ghana"], "gci": [1.0, 2.0]}).to_excel(good, index=False)
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), part}:
            content = old.read(name) if name in old.namelist() else b"<sst/>"
            new.writestr(name, content + b" " * 200_000 * (name == part))
    assert dr.read_data(bad).values["gci"].to_dict() == {"KEN": 1.0, "GHA": 2.0}
    monkeypatch.setattr(sheets, "LARGEST_PART", 150_000)
    monkeypatch.setattr(sheets, "LARGEST_PARTS", {})
    with pytest.raises(dr.DataError, match=f"its part {part} unpacks to"):
        dr.read_data(bad)


@pytest.mark.parametrize("name", ["C\udcc3\udcb4te d'Ivoire", "C\udcf4te d'Ivoire"])
def test_names_typed_in_a_terminal_of_another_encoding_are_read(name: str) -> None:
    assert country_iso3(name) == "CIV"
    with pytest.raises(dr.UnknownNameError, match="is not known"):
        country_iso3("\udcff\udcfe")


@pytest.mark.parametrize(
    "text",
    [
        "country,gci\nKenya (KEN),1\nGhana [GH],2\n",
        "Country Code,Country Name,gci\n664,Kenya,1\n652,Ghana,2\n",
        "iso3,country,gci\nKEN,Kenya,1\nGHA,Ghana,2\nZZA.VHHD,Very high human development,3\nZZK,World,2\n",
        "country,gci\nKenya,1\nGhana,2\n---,---\n",
    ],
)
def test_names_with_codes_and_codes_of_other_lists_are_read(text: str, tmp_path: Path) -> None:
    assert read(tmp_path, text).values["gci"].to_dict() == {"KEN": 1.0, "GHA": 2.0}


def test_a_name_beside_the_code_of_another_state_is_refused(tmp_path: Path) -> None:
    with pytest.raises(dr.DataError, match="'Kenya \\(GHA\\)' is not known"):
        read(tmp_path, "country,gci\nKenya (GHA),1\nGhana,2\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("country,gci\nKenya,1\n\ncountry,debt\nKenya,3\n", "row 4: a second table begins"),
        ("country,2019 (est.),2020 (proj.)\nKenya,1,2\n", "spans or parts of years"),
        ("country,2019e,2020f\nKenya,1,2\n", "spans or parts of years"),
    ],
)
def test_what_is_no_one_table_of_years_is_refused_by_one_line(
    text: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(dr.DataError, match=said) as raised:
        read(tmp_path, text)
    assert str(raised.value).count("\n") == 1


def test_a_merged_title_is_no_header_and_hidden_sheets_are_not_read(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Debt statistics"], ["Country", "Debt", None], [None, 2019, 2020]):
        sheet.append(row)
    for row in (["Kenya", 1, 2], ["Ghana", 3, 4]):
        sheet.append(row)
    for area in ("A1:C1", "B2:C2", "A2:A3"):
        sheet.merge_cells(area)
    hidden = book.create_sheet("lists")
    hidden.append(["Country", "gci"])
    hidden.append(["Kenya", 5])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "mine.xlsx")
    data = dr.read_data(tmp_path / "mine.xlsx")
    assert data.columns == ("Debt",)
    assert "the other sheets are hidden" in str(data.reading)
    assert "1 row above the header skipped: 'Debt statistics" in str(data.reading)
