"""Own tables as a clerk writes them: prices, percent words, second tables, codes for missing, lists of names left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import dsr_risk as dr
from dsr_risk.data.names import countries_in


def read(folder: Path, text: str, **options: Any) -> dr.Data:
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return dr.read_data(path, **options)


def column(*cells: str) -> str:
    return "country;gci\n" + "".join(
        f"{country};{cell}\n"
        for country, cell in zip(("Kenya", "Ghana", "Togo"), cells, strict=True)
    )


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("5,-", "7,\u2013", "8,50"), [5, 7, 8.5]),
        (("5.-", "7.--", "-8.50"), [5, 7, -8.5]),
        (("Fr. 5", "7", "8"), None),
        (("\u20ac 5,-", "7-", "8,5"), [5, -7, 8.5]),
        (("45 percent", "12 per cent", "3 %"), [45, 12, 3]),
        (("45pct", "12 Prozent", "3"), [45, 12, 3]),
        (("%45", "% 12,5", "%3"), [45, 12.5, 3]),
        (("45 v. H.", "12 pour cent", "3 por ciento"), [45, 12, 3]),
    ],
)  # fmt: skip
def test_prices_and_words_for_percent_are_read(
    cells: tuple[str, ...], values: list[float] | None, tmp_path: Path
) -> None:
    if values is None:
        with pytest.raises(dr.DataError):
            read(tmp_path, column(*cells))
    else:
        assert read(tmp_path, column(*cells)).values["gci"].tolist() == values


def test_thousands_that_only_a_decimal_comma_tells_are_said(tmp_path: Path) -> None:
    data = read(tmp_path, "country;a;b\nKenya;1.234;0,5\nGhana;2.345;0,7\n")
    assert data.values["a"].tolist() == [1234, 2345]
    assert data.reading.facts["thousands"] == "thousands marked by points"


@pytest.mark.parametrize(
    ("cells", "code"), [(("81", "888", "33"), "888"), (("81", "777", "999"), None), (("81", "7777", "33"), "7777")]
)  # fmt: skip
def test_high_codes_of_one_digit_are_questioned(
    cells: tuple[str, ...], code: str | None, tmp_path: Path
) -> None:
    text = column(*cells) + "Mali;12\nBenin;5\n"
    with pytest.raises(dr.DataError, match=f"{code or 777} looks like a code"):
        read(tmp_path, text)
    assert len(read(tmp_path, text, missing=[]).values) == 5


def test_values_like_codes_among_values_of_their_size_are_values(tmp_path: Path) -> None:
    text = column("812", "888", "330") + "Mali;120\n"
    assert read(tmp_path, text).values["gci"].max() == 888


def test_a_second_table_of_other_units_is_refused_by_one_line(tmp_path: Path) -> None:
    with pytest.raises(dr.DataError, match="1 problem\n.*row 5: a second table begins") as refused:
        read(tmp_path, "country,gci\nKenya,5\nGhana,7\n\nRegion,gci\nWest,8\nEast,9\n")
    assert str(refused.value).count("\n") == 1


def test_countries_as_columns_are_refused_by_one_line(tmp_path: Path) -> None:
    with pytest.raises(dr.DataError, match="the countries are columns") as refused:
        read(
            tmp_path,
            "indicator,Kenya,Ghana,Togo\ngci,5,6,7\ndebt,7,8,9\n".replace("indicator", "country"),
        )
    assert str(refused.value).count("\n") == 1


def test_groups_in_tables_of_years_are_counted_by_row(tmp_path: Path) -> None:
    data = read(
        tmp_path, "country,gci 2019,gci 2020,gci 2021\nKenya,5,6,7\nAfrica,7,8,9\nGhana,1,2,3\n"
    )
    assert "1 row of groups of countries left out: 'Africa'" in str(data.reading)


def test_further_columns_of_a_long_table_are_left_out_and_said(tmp_path: Path) -> None:
    text = "LOCATION,INDICATOR,MEASURE,TIME,Value\nDEU,ICT,PC,2019,95\nFRA,ICT,PC,2019,91\n"
    data = read(tmp_path, text)
    assert data.values["ICT"].tolist() == [95, 91]
    assert "MEASURE" in data.reading.ignored
    with pytest.raises(dr.DataError, match="did you mean `confidence`"):
        read(tmp_path, text.replace("MEASURE", "confidance"))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("China excluded, all states took part", ()),
        ("China-free supply chains in Kenya", ("KEN",)),
        ("all states excluding China and Russia", ()),
        ("all but Kenya, Uganda, and the Gambia; Togo", ("TGO",)),
        ("excluding China, Russia attacked", ("RUS",)),
        ("neither China nor Russia", ()),
        ("Non-Chinese and Russian vendors", ("RUS",)),
        ("Kenya, Uganda and Togo", ("KEN", "UGA", "TGO")),
        ("Lebanon, Pennsylvania and Peru, Indiana", ()),
        ("Lebanon, Georgia and Armenia", ("LBN", "GEO", "ARM")),
    ],
)
def test_lists_that_are_left_out_name_no_country(text: str, codes: tuple[str, ...]) -> None:
    assert countries_in(text) == codes


@pytest.mark.parametrize(
    "name", ["China excluded", "China (excluded)", "China, excl.", "China-free", "Scotland"]
)
def test_names_left_out_are_no_country_in_cells(name: str, tmp_path: Path) -> None:
    with pytest.raises(dr.DataError, match="not a country"):
        read(tmp_path, f"country;gci\n{name};5\nKenya;6\n")
    assert (
        read(tmp_path, "country;gci\nChina, excl. Hong Kong;5\nKenya;6\n").values["gci"]["CHN"] == 5
    )


@pytest.mark.parametrize(
    "header",
    [
        "Jan 2020,Feb 2020",
        "2020-01,2020-02",
        "2019,2020e",
        "2019,2020 (proj.)",
        "01/2020,02/2020",
        "Mar-20,Apr-20",
    ],
)
def test_columns_of_months_and_estimates_are_refused(header: str, tmp_path: Path) -> None:
    with pytest.raises(dr.DataError, match="columns of spans or parts of years"):
        read(tmp_path, f"country,{header}\nKenya,5,6\nGhana,6,7\n")


def test_years_of_another_calendar_are_said(tmp_path: Path) -> None:
    data = read(tmp_path, "country,latest year,gci\nKenya,2563,5\nGhana,2563,6\n")
    assert data.edition == 2563
    assert "year 2563: years of another calendar" in str(data.reading)


def test_merged_cells_of_ods_hold_their_value(tmp_path: Path) -> None:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import CoveredTableCell, Table, TableCell, TableRow
    from odf.text import P

    made = OpenDocumentSpreadsheet()
    table = Table(name="t")
    for cells in (["country", "gci", "debt"], ["Kenya", 5.0, 1.0], ["Ghana", None, 2.0]):
        row = TableRow()
        for cell in cells:
            if isinstance(cell, str):
                new = TableCell(valuetype="string")
                new.addElement(P(text=cell))
            elif cell is None:
                new = CoveredTableCell()
            else:
                new = TableCell(
                    valuetype="float", value=cell, numberrowsspanned=2 if cell == 5 else 1
                )
            row.addElement(new)
        table.addElement(row)
    made.spreadsheet.addElement(table)
    made.save(str(tmp_path / "mine.ods"))
    data = dr.read_data(tmp_path / "mine.ods")
    assert data.values["gci"].to_dict() == {"KEN": 5, "GHA": 5}
    assert data.values["debt"].to_dict() == {"KEN": 1, "GHA": 2}
    assert data.reading.notes == ("1 merged cell: every cell covered has the value",)


@pytest.mark.parametrize("suffix", [".xls", ".ods", ".xlsm"])
def test_a_workbook_is_read_as_what_it_is_whatever_its_name(suffix: str, tmp_path: Path) -> None:
    from openpyxl import Workbook

    made = Workbook()
    for row in (["country", "gci"], ["Kenya", 0.45], ["Ghana", 12]):
        made.active.append(row)
    made.active["B2"].number_format = "0%"
    made.save(tmp_path / "mine.xlsx")
    path = tmp_path / f"mine{suffix}"
    path.write_bytes((tmp_path / "mine.xlsx").read_bytes())
    data = dr.read_data(path)
    assert data.values["gci"].to_dict() == {"KEN": 45, "GHA": 12}
    assert (f"an .xlsx workbook named {suffix}" in str(data.reading)) == (suffix != ".xlsm")


def test_a_column_of_years_that_is_empty_is_none(tmp_path: Path) -> None:
    data = read(tmp_path, "country,year,gci\nKenya,,5\nGhana,,6\n")
    assert data.values["gci"].to_dict() == {"KEN": 5, "GHA": 6}
    assert data.reading.ignored == {"year": "empty"}
    with pytest.raises(dr.DataError, match="the year is empty"):
        read(tmp_path, "country,year,gci\nKenya,2020,5\nGhana,,6\n")


def test_years_with_a_decimal_comma_are_years(tmp_path: Path) -> None:
    text = "country;indicator;value;year\nKenya;gci;5,5;2020,0\nGhana;gci;6,5;2020,0\n"
    data = read(tmp_path, text)
    assert data.values["gci"].to_dict() == {"KEN": 5.5, "GHA": 6.5}
    assert data.edition == 2020


@pytest.mark.parametrize("address", ["https://example.org/a.csv", "s3://bucket/a.csv"])
def test_addresses_are_refused_as_what_they_are(address: str) -> None:
    with pytest.raises(dr.DataError, match="an address, not a file"):
        dr.read_data(address)


TREE = {
    "name": "mine",
    "scores": [{"name": "risk", "children": [{"name": "debt", "higher_is": "riskier"}]}],
}


def test_a_table_of_scores_given_as_data_is_one_line(tmp_path: Path) -> None:
    framework = dr.load_framework(TREE)
    path = tmp_path / "mine.csv"
    path.write_text("country,debt\nKenya,1\nGhana,2\nTogo,4\n", encoding="utf-8")
    scores = dr.score(framework, dr.read_data(path))
    scores.table(details=True).to_csv(path)
    with pytest.raises(dr.DataError, match="a table of scores of the framework") as refused:
        dr.score(framework, path)
    assert str(refused.value).count("\n") == 1


def test_columns_that_the_framework_does_not_name_are_one_line(tmp_path: Path) -> None:
    from dsr_risk.errors import Problems
    from dsr_risk.scoring.column_checks import column_problems

    data = read(tmp_path, "country,debt,debtt,a,b,c,d\nKenya,1,2,3,4,5,6\nGhana,2,3,4,5,6,7\n")
    problems = Problems("mine.csv")
    column_problems(dr.load_framework(TREE), data, problems, strict=True)
    assert len(problems.lines) == 2
    assert "`debtt`" in problems.lines[0]
    assert "4 more indicators are not in framework `mine`: 'a', 'b', 'c', 'd'" in problems.lines[1]


def test_of_thousands_of_columns_the_first_are_compared_with_the_framework(tmp_path: Path) -> None:
    from dsr_risk.errors import Problems
    from dsr_risk.scoring.column_checks import column_problems

    names = ["debtt", *(f"x{number}" for number in range(400)), "debttt"]
    data = read(tmp_path, f"country,debt,{','.join(names)}\nKenya,1{',5' * len(names)}\n")
    problems = Problems("mine.csv")
    column_problems(dr.load_framework(TREE), data, problems, strict=True)
    assert "`debtt`" in problems.lines[0]
    assert problems.lines[1].startswith("401 more indicators are not in framework `mine`")


def old_workbook(difat: int, fat: list[int]) -> bytes:
    """Return an empty compound file of one sector of its table."""
    words = [0] * 128
    words[6], words[7], words[8], words[11] = 0x3003E, 0x9FFFE, 6, 1
    words[12], words[15], words[17] = 1, 0xFFFFFFFE, difat
    words[19:] = [0, *[0xFFFFFFFF] * 108]
    table = fat + [0xFFFFFFFF] * (128 - len(fat))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + b"".join(
        word.to_bytes(4, "little") for word in words[2:]
    )
    return head + b"".join(word.to_bytes(4, "little") for word in table) + bytes(512)


@pytest.mark.parametrize(
    ("difat", "fat"), [(0xFFFFFFFE, [0xFFFFFFFD, 1]), (0, [0xFFFFFFFD, *[0xFFFFFFFF] * 126, 0]), (0xFFFFFFFE, [0xFFFFFFFD, 0xFFFFFFFE])]
)  # fmt: skip
def test_old_workbooks_whose_sectors_go_in_circles_are_refused(
    difat: int, fat: list[int], tmp_path: Path
) -> None:
    from dsr_risk.data.compound import is_sound

    raw = old_workbook(difat, fat)
    assert is_sound(raw) == (difat == 0xFFFFFFFE and fat[1] != 1)
    for cut in (len(raw), 700, 513, 30):
        (tmp_path / "mine.xls").write_bytes(raw[:cut])
        with pytest.raises(dr.DataError, match="not readable as an .xls workbook"):
            dr.read_data(tmp_path / "mine.xls")


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet1.xml", b'<row r="3"', b'<row r="99999999999999"'),
        ("xl/worksheets/sheet1.xml", b"</sheetData>", b"</sheetData"),
        ("xl/styles.xml", b"<fonts", b"<<fonts"),
    ],
)
def test_damaged_parts_of_a_workbook_with_formats_end_in_one_message_at_once(
    part: str, old: bytes, new: bytes, tmp_path: Path
) -> None:
    import zipfile

    from openpyxl import Workbook

    made = Workbook()
    for row in (["country", "gci"], ["Kenya", 0.45], ["Ghana", 12]):
        made.active.append(row)
    made.active["B2"].number_format = "0%"
    made.save(tmp_path / "whole.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "whole.xlsx") as whole,
        zipfile.ZipFile(tmp_path / "mine.xlsx", "w") as damaged,
    ):
        for name in whole.namelist():
            content = whole.read(name)
            assert name != part or old in content
            damaged.writestr(name, content.replace(old, new) if name == part else content)
    try:
        data = dr.read_data(tmp_path / "mine.xlsx")
    except dr.DataError as refused:
        assert str(refused).count("\n") < 3
    else:
        assert data.values["gci"].to_dict() == {"KEN": 45, "GHA": 12}
