"""Own tables as people have them: read when consistent and reported, else refused, one line a cause."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr

PLAIN = "country,gci,debt\nKenya,81.7,10\nGhana,86.69,20\nTogo,33.2,1234.5\n"
EXPECTED = {"KEN": 81.7, "GHA": 86.69, "TGO": 33.2}


def read(tmp_path: Path, text: str | bytes, name: str = "mine.csv", **options: object) -> dr.Data:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return dr.read_data(path, **options)  # type: ignore[arg-type]


def gci(data: dr.Data) -> dict[str, float]:
    return data.values["gci"].to_dict()


TABLES: dict[str, tuple[str | bytes, str]] = {
    "semicolons and decimal commas": ("country;gci\nKenya;81,7\nGhana;86,69\nTogo;33,2\n", "decimal comma"),
    "points for thousands": ("country;gci;debt\nKenya;81,7;1.234,5\nGhana;86,69;2.000\nTogo;33,2;3\n", "points"),
    "spaces for thousands": ("country;gci;debt\nKenya;81,7;1 234,5\nGhana;86,69;20\nTogo;33,2;3\n", "spaces"),
    "apostrophes for thousands": ("country;gci;debt\nKenya;81.7;1'234.5\nGhana;86.69;20\nTogo;33.2;3\n", "apostrophes"),
    "commas for thousands": ('country,gci,debt\nKenya,81.7,"1,234.5"\nGhana,86.69,20\nTogo,33.2,3\n', "commas"),
    "tabs in a csv": (PLAIN.replace(",", "\t"), "separated by tabs"),
    "bars": (PLAIN.replace(",", "|"), "separated by vertical bars"),
    "commas in a header of semicolons": ("country;gci;debt, 2020\nKenya;81.7;1\nGhana;86.69;2\nTogo;33.2;3\n", "semicolons"),
    "Latin-1": (PLAIN.replace("Togo", "C\u00f4te d'Ivoire").encode("latin-1"), "encoding Windows-1252"),
    "UTF-16": (PLAIN.encode("utf-16"), "encoding UTF-16"),
    "UTF-16 without a mark": (PLAIN.encode("utf-16-le"), "encoding UTF-16"),
    "percent signs": (PLAIN.replace("81.7", "81.7%").replace("86.69", "86.69 %").replace("33.2", "33.2%"), "percent"),
    "a title row": ("My scores for the ministry,,\n" + PLAIN, "My scores for the ministry"),
    "titles and blank rows": ("Scores\n\nof 2024\n\n" + PLAIN, "2 rows above the header"),
    "blank rows inside": (PLAIN.replace("Ghana", "\n,,\nGhana"), "blank row skipped"),
    "notes below": (PLAIN + "\nSource: my own count\nNote: draft, not for print\n", "notes below"),
    "a repeated header": (PLAIN.replace("Ghana", "country,gci,debt\nGhana"), "1 repeated header row skipped"),
    "a row of units": (PLAIN.replace("Kenya", ",points,USD\nKenya"), "the row below the header"),
    "a column of text": ("country,gci,debt,note\nKenya,81.7,1,x\nGhana,86.69,2,y\nTogo,33.2,3,z\n", "columns not used: `note`"),
    "dashes for missing": (PLAIN.replace("1234.5", "-"), "read as missing: '-'"),
    "an unnamed country column": (PLAIN.replace("country", ""), "has no name and holds countries"),
    "OWID": ("Entity,Code,gci\nKenya,KEN,81.7\nGhana,GHA,86.69\nTogo,TGO,33.2\nWorld,OWID_WRL,60\nAfrica,,40\n", "2 rows of groups"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TABLES)
def test_read_data_reads_a_consistent_table_and_reports_how(kind: str, tmp_path: Path) -> None:
    text, said = TABLES[kind]
    data = read(tmp_path, text)
    expected = EXPECTED | ({"CIV": 33.2} if kind == "Latin-1" else {})
    if kind == "Latin-1":
        del expected["TGO"]
    assert gci(data) == expected
    assert said in str(data.reading)
    if "thousands" in kind:
        assert data.values.loc["KEN", "debt"] == 1234.5


@pytest.mark.parametrize(
    "names",
    [
        "country_name,country_text_id,country_id,year",
        "cname,ccodealp,ccode,year",
        "Country Name,Country Code,x,year",
    ],
)
def test_read_data_knows_the_names_of_vdem_qog_and_the_world_bank(
    names: str, tmp_path: Path
) -> None:
    data = read(tmp_path, f"{names},gci\nKenya,KEN,a1,2020,81.7\nGhana,GHA,b2,2020,86.69\n")
    assert gci(data) == {"KEN": 81.7, "GHA": 86.69}
    assert data.edition == 2020


REFUSED: dict[str, tuple[str | bytes, str]] = {
    "both decimal marks": ("country;gci\nKenya;81,7\nGhana;86.69\n", "decimal commas and decimal points in one table"),
    "a mark left open": ("country;gci\nKenya;1,234\nGhana;2,345\n", "say it with `decimal`"),
    "two thousands marks": ("country;gci\nKenya;1 234.5\nGhana;2'345.5\n", "thousands are marked in several ways"),
    "percentages among shares": ("country,gci\nKenya,40%\nGhana,0.3\nTogo,0.2\n", "percentage among shares"),
    "a code for missing": ("country,gci\nKenya,-999\nGhana,86.69\nTogo,5\n", "-999 looks like a code for a missing value"),
    "a web page": ("<html><body>rejected</body></html>", "this is a web page, not a table"),
    "a World Bank file": ("Data Source,WDI\n\nCountry Name,Country Code,Indicator Name,Indicator Code,2018\nKenya,KEN,x,y,1\n",
                          "dsr-risk records world_bank"),
    "a quote never closed": ('country,gci\n"Kenya,81.7\nGhana,86.69\n', "never closed"),
    "a quote never closed in the header": ('"country,gci\nKenya,81.7\n', "never closed"),
    "a name used twice": ("country,gci,gci\nKenya,1,2\n", "`gci` is there 2 times"),
    "cells without a name": ("country,gci,\nKenya,1,2\nGhana,3,4\n", "has cells and no name"),
    "NA as a country": ("iso3,gci\nKEN,1\nNA,2\nGHA,3\n", "'NA' is how R writes a missing country"),
    "two values of one country": ("country,gci\nKenya,1\nKEN,2\n", "KEN is given 2 times"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_read_data_refuses_what_is_not_consistent_in_one_line(kind: str, tmp_path: Path) -> None:
    text, said = REFUSED[kind]
    with pytest.raises(dr.DataError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)
    assert len(caught.value.problems) <= 1


def test_options_answer_what_a_table_leaves_open(tmp_path: Path) -> None:
    text = "country;gci\nKenya;1,234\nGhana;2,345\n"
    assert gci(read(tmp_path, text, decimal=",")) == {"KEN": 1.234, "GHA": 2.345}
    assert gci(read(tmp_path, text, decimal=".")) == {"KEN": 1234.0, "GHA": 2345.0}
    coded = "country,gci\nKenya,-999\nGhana,86.69\nTogo,5\n"
    assert np.isnan(gci(read(tmp_path, coded, missing=[-999]))["KEN"])
    assert gci(read(tmp_path, coded, missing=[]))["KEN"] == -999


def test_years_as_columns_are_rows(tmp_path: Path) -> None:
    data = read(tmp_path, "country,2019,2020\nKenya,1,2\nGhana,3,4\n", "gci.csv")
    assert data.values.loc[("KEN", 2020), "gci"] == 2
    named = read(
        tmp_path, "country,gci 2019,gci 2020,debt 2019,debt 2020\nKenya,1,2,5,6\nGhana,3,4,7,\n"
    )
    assert named.values.loc[("GHA", 2019), "debt"] == 7
    assert np.isnan(named.values.loc[("GHA", 2020), "debt"])
    newest = read(tmp_path, "country,2019,2020\nKenya,1,2\nGhana,3,\n", "gci.csv", panel=False)
    assert gci(newest) == {"KEN": 2.0, "GHA": 3.0}


def test_two_header_rows_are_joined(tmp_path: Path) -> None:
    data = read(
        tmp_path, ",gci,,debt,\ncountry,2019,2020,2019,2020\nKenya,1,2,5,6\nGhana,3,4,7,8\n"
    )
    assert data.values.loc[("KEN", 2020), ["gci", "debt"]].tolist() == [2, 6]
    assert "two header rows are joined" in str(data.reading)


@pytest.mark.slow
def test_a_wide_header_of_any_length_is_read(tmp_path: Path) -> None:
    names = [f"a_rather_long_name_of_an_indicator_{number}" for number in range(2000)]
    data = read(tmp_path, f"country,{','.join(names)}\nKenya,{','.join(['1'] * 2000)}\n")
    assert len(data.columns) == 2000


def workbook(**sheets: list[list[object]]) -> tuple[object, io.BytesIO]:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return book, io.BytesIO()


def test_a_workbook_with_empty_sheets_percent_formats_and_merged_cells_is_read(
    tmp_path: Path,
) -> None:
    rows: list[list[object]] = [
        ["Scores"],
        ["country", "gci", "debt"],
        ["Kenya", 0.8701, 5],
        ["Ghana", 42.9, None],
        ["Togo", 80.5, 7],
    ]
    book, _ = workbook(data=rows, empty=[])
    sheet = book["data"]  # type: ignore[index]
    sheet["B3"].number_format = "0.00%"
    sheet.merge_cells("C3:C4")
    book.save(tmp_path / "mine.xlsx")  # type: ignore[attr-defined]
    data = dr.read_data(tmp_path / "mine.xlsx")
    assert gci(data) == {"KEN": 87.01, "GHA": 42.9, "TGO": 80.5}
    assert data.values["debt"].tolist() == [5, 5, 7]
    said = str(data.reading)
    for word in ("the other sheets hold no table", "percent format", "1 merged cell"):
        assert word in said


@pytest.mark.slow
def test_a_cell_far_away_costs_no_memory(tmp_path: Path) -> None:
    book, _ = workbook(data=[["country", "gci"], ["Kenya", 81.7], ["Ghana", 86.69]])
    book["data"]["XFD1048576"] = None  # type: ignore[index]
    book["data"]["XFC90000"] = " "  # type: ignore[index]
    book.save(tmp_path / "far.xlsx")  # type: ignore[attr-defined]
    assert gci(dr.read_data(tmp_path / "far.xlsx")) == {"KEN": 81.7, "GHA": 86.69}


def test_errors_and_formulas_without_a_result_are_located_whatever_the_stated_size(
    tmp_path: Path,
) -> None:
    import zipfile

    book, _ = workbook(
        data=[["country", "gci"], ["Kenya", "=1/0"], ["Ghana", "#DIV/0!"], ["Togo", 1]]
    )
    book["data"]["B3"].data_type = "e"  # type: ignore[index]
    book.save(tmp_path / "a.xlsx")  # type: ignore[attr-defined]
    with (
        zipfile.ZipFile(tmp_path / "a.xlsx") as old,
        zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new,
    ):
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, content.replace(b'<dimension ref="A1:B4"', b'<dimension ref="A1"'))
    for name in ("a.xlsx", "b.xlsx"):
        with pytest.raises(dr.DataError) as caught:
            dr.read_data(tmp_path / name)
        assert [line.split(":")[0] for line in caught.value.problems] == [
            "row 2, column B",
            "row 3, column B",
        ]


def test_one_cause_is_one_line_with_its_count(tmp_path: Path) -> None:
    rows = "".join(f"{code},{place}x\n" for place, code in enumerate(dr.load_data().countries[:80]))
    good = "".join(f"{code},1\n" for code in dr.load_data().countries[80:160])
    with pytest.raises(dr.DataError) as caught:
        read(tmp_path, "iso3,gci\n" + rows + good)
    (line,) = caught.value.problems
    assert "80 rows with the same problem" in line
    assert len(str(caught.value).splitlines()) <= 40


@pytest.mark.slow
def test_a_newer_value_under_the_bundle_is_used_and_the_older_is_kept() -> None:
    long = dr.load_data().to_long()
    newer = pd.DataFrame([{"iso3": "KEN", "indicator": "gci_2020", "value": 85.0, "year": 2024}])
    data = dr.as_data(pd.concat([long, newer], ignore_index=True))
    assert not data.is_panel
    assert data.values.loc["KEN", "gci_2020"] == 85
    assert "the newest is used" in str(data.reading)
    kept = data.conflicts.query("iso3 == 'KEN' and indicator == 'gci_2020'")
    assert 81.7 in kept["value"].tolist()


def test_a_wide_table_in_which_each_country_has_its_year_is_one_ranking() -> None:
    frame = pd.DataFrame(
        {"iso3": ["KEN", "GHA", "TGO"], "year": [2022, 2012, 2020], "gci": [1.0, 2, 3]}
    )
    data = dr.as_data(frame)
    assert not data.is_panel
    fw = {
        "name": "t",
        "scores": [{"name": "risk", "children": [{"name": "gci", "higher_is": "riskier"}]}],
    }
    table = dr.score(fw, data).table()
    assert sorted(table["risk_rank"]) == [1, 2, 3]
    assert dr.as_data(frame, panel=True).is_panel


def test_rows_that_complete_each_other_are_merged() -> None:
    frame = pd.DataFrame(
        {"iso3": ["KEN", "KEN", "GHA"], "a": [1.0, np.nan, 3], "b": [np.nan, 2.0, 4]}
    )
    data = dr.as_data(frame)
    assert data.values.loc["KEN"].tolist() == [1, 2]
    assert "complete each other" in str(data.reading)


@pytest.mark.parametrize("edition", [-5, 99999, 10**40])
def test_an_edition_that_is_no_year_is_refused(edition: int) -> None:
    with pytest.raises(dr.DataError, match="`edition` must be a year"):
        dr.as_data(pd.DataFrame({"iso3": ["KEN"], "gci": [1.0]}), edition=edition)


def test_an_edition_is_heeded_in_a_wide_panel() -> None:
    frame = pd.DataFrame({"iso3": ["KEN", "KEN"], "year": [2019, 2021], "gci": [1.0, 2.0]})
    data = dr.as_data(frame, edition=2020)
    assert data.edition == 2020
    assert data.values.loc["KEN", "gci"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["wide", "long", "commas", "a short row", "words", "NA"])
def test_a_large_plain_table_is_read_as_the_general_reader_reads_it(
    layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dsr_risk.data import plain

    rng = np.random.default_rng(0)
    codes = ["KEN", "GHA", "NAM", "PAK", "TGO"]
    numbers = rng.uniform(0, 100, (5, 40))
    frame = pd.DataFrame(numbers, columns=[f"x{n}" for n in range(40)])
    frame.insert(0, "iso3", codes)
    if layout in ("long", "NA"):
        frame = frame.melt("iso3", var_name="indicator").assign(year=2020, source="NA")
    text = frame.to_csv(index=False)
    if layout == "commas":
        text = text.replace(",", ";").replace(".", ",")
    if layout == "a short row":
        text = text.rsplit(",", 1)[0] + "\n"
    if layout == "words":
        text = text.replace(f"{frame.iloc[2, 3]!r}", "NA").replace(f"{frame.iloc[1, 3]!r}", "n.k.")
    if layout == "NA":
        text = text.replace("NAM,", "NA,")
    path = tmp_path / "mine.csv"
    path.write_text(text)

    def read() -> object:
        try:
            data = dr.read_data(path)
        except dr.DataError as error:
            return str(error)
        return data.to_long().to_csv(), data.fingerprint, str(data.reading)

    general = read()
    monkeypatch.setattr(plain, "SMALLEST", 0)
    assert read() == general


def test_a_carriage_return_in_a_text_ends_no_row_of_a_written_table(tmp_path: Path) -> None:
    frame = pd.DataFrame({"country": ["a\rb", "c\r\nd", "e"], "v": [1, 2, 3]})
    dr.write_table(frame, tmp_path / "t.csv")
    assert pd.read_csv(tmp_path / "t.csv")["country"].tolist() == ["a\nb", "c\nd", "e"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "a.xls",
            "<html><table><tr><td>country</td></tr></table></html>",
            "a web page, not a table",
        ),
        ("a.csv", "{\\rtf1 hello}", "not a table of text"),
    ],
)
def test_a_file_that_is_no_table_is_named(
    name: str, content: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(dr.DataError, match=said):
        dr.read_data(tmp_path / name)


@pytest.mark.parametrize("name", ["income", "Income", "land"])
@pytest.mark.parametrize("units", ["country", "any"])
@pytest.mark.parametrize("text", [False, True], ids=["numbers", "spelled"])
def test_a_label_with_figures_is_an_indicator(name: str, units: str, text: bool) -> None:
    figures = ["1,200.5", "800", ""] if text else [1200.5, 800.0, np.nan]
    frame = pd.DataFrame({"iso3": ["KEN", "PAK", "DEU"], name: figures, "gci": [1.0, 2.0, 3.0]})
    data = dr.as_data(frame, units="iso3" if units == "any" else units)
    assert data.columns == (name, "gci")
    assert data.values[name].tolist()[:2] == [1200.5, 800.0]


def test_a_label_with_words_is_left_out_without_a_note() -> None:
    frame = pd.DataFrame({"iso3": ["KEN", "PAK"], "income": ["High income", ""], "gci": [1.0, 2.0]})
    data = dr.as_data(frame.assign(region=[np.nan, np.nan]))
    assert data.columns == ("gci",)
    assert not data.reading.ignored


def test_columns_of_true_and_false_are_1_and_0_and_the_report_says_so() -> None:
    data = dr.as_data(pd.DataFrame({"iso3": ["KEN", "GHA"], "law": [True, False], "x": [3.0, 4.0]}))
    assert data.values["law"].tolist() == [1.0, 0.0]
    assert "true and false are read as 1 and 0: 'law'" in str(data.reading)


@pytest.mark.parametrize(
    "columns",
    [{"indicator": "a", "value": [50.0, 60.0]}, {"a": [50.0, 60.0]}],
    ids=["long", "wide"],
)
def test_values_later_than_an_edition_are_counted_and_an_edition_without_any_is_refused(
    columns: dict[str, object],
) -> None:
    table = pd.DataFrame({"iso3": ["KEN", "PAK"], "year": [2019, 2021], **columns})
    data = dr.as_data(table, edition=2020)
    assert data.values["a"].tolist() == [50.0, pytest.approx(np.nan, nan_ok=True)]
    assert "edition 2020: 1 value of later years not used" in data.reading.notes
    with pytest.raises(
        dr.DataError, match="no value is as old as the edition 2018; the years are 2019 to 2021"
    ):
        dr.as_data(table, edition=2018)


def test_values_that_the_data_choose_stay_whatever_the_edition_and_are_counted() -> None:
    table = pd.DataFrame(
        {"iso3": ["KEN", "PAK"], "indicator": "a", "year": [2019, 2021], "value": 1.0, "chosen": 1}
    )
    data = dr.as_data(table, edition=2020)
    assert data.values["a"].tolist() == [1.0, 1.0]
    assert any(
        "edition 2020: 1 value chosen in the data is of later years" in n
        for n in data.reading.notes
    )
    assert not any("later years" in n for n in dr.as_data(table, edition=2021).reading.notes)
