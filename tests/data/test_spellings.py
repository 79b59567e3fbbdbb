"""Own tables in the spellings of other programs, countries and offices: each kind with its neighbours."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import dsr_risk as dr

GCI = {"PAK": 64.9, "KEN": 81.7, "GHA": 50.0}
PLAIN = "country,gci\nPakistan,64.9\nKenya,81.7\nGhana,50.0\n"
LARGE = {"PAK": 1234567.8, "KEN": 2345.6, "GHA": 987.1}
SIGNED = {"PAK": -5.2, "KEN": 3.1, "GHA": -0.5}


def column(*cells: str) -> str:
    rows = zip(("Pakistan", "Kenya", "Ghana"), cells, strict=True)
    return "country;gci\n" + "".join(f"{country};{cell}\n" for country, cell in rows)


def read(folder: Path, content: str | bytes, suffix: str = ".csv", **options: Any) -> dr.Data:
    path = folder / f"mine{suffix}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return dr.read_data(path, **options)


def values(data: dr.Data) -> dict[str, float]:
    return {str(unit): float(value) for unit, value in data.values["gci"].dropna().items()}


NUMBERS: dict[str, tuple[tuple[str, str, str], dict[str, float]]] = {
    "Swiss": (("1'234'567.8", "2'345.6", "987.1"), LARGE),
    "Swiss, curly": (("1\u2019234\u2019567.8", "2\u2019345.6", "987.1"), LARGE),
    "Indian": (("12,34,567.8", "2,345.6", "987.1"), LARGE),
    "French, no-break spaces": (("1\u00a0234\u00a0567,8", "2\u00a0345,6", "987,1"), LARGE),
    "French, narrow spaces": (("1\u202f234\u202f567,8", "2\u202f345,6", "987,1"), LARGE),
    "German": (("1.234.567,8", "2.345,6", "987,1"), LARGE),
    "Arabic": (("\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u066b\u0668", "2345.6", "987.1"), LARGE),
    "full width": (("\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff0e\uff18", "2345.6", "987.1"), LARGE),
    "dollars": (("$1,234,567.8", "$2,345.6", "987.1"), LARGE),
    "euros behind": (("1.234.567,8 \u20ac", "2.345,6 \u20ac", "987,1 \u20ac"), LARGE),
    "a code of a currency": (("USD 1,234,567.8", "USD 2,345.6", "USD 987.1"), LARGE),
    "exponents": (("1.2345678e6", "2.3456E3", "9.871e+02"), LARGE),
    "exponents with commas": (("1,2345678E+06", "2,3456E+03", "9,871E+02"), LARGE),
    "stars": (("1234567.8*", "2345.6", "987.1\u2020"), LARGE),
    "raised figures": (("1234567.8\u00b9", "2345.6\u00b2", "987.1"), LARGE),
    "notes in brackets": (("1234567.8 [1]", "2345.6 (a)", "987.1[b]"), LARGE),
    "flags of Eurostat": (("1234567.8 e", "2345.6 p", "987.1"), LARGE),
    "negative in brackets": (("(5.2)", "3.1", "(0.5)"), SIGNED),
    "minus signs": (("\u22125.2", "3.1", "\u20130.5"), SIGNED),
    "minus behind": (("5.2-", "3.1", "- 0.5"), SIGNED),
    "percent": (("64.9%", "81.7 %", "50.0\uff05"), GCI),
    "invisible marks": (("\u200b64.9", "\u00a081.7", "50.0\u200e"), GCI),
}  # fmt: skip


@pytest.mark.parametrize("kind", NUMBERS)
def test_numbers_are_read_in_the_spelling_of_a_country(kind: str, tmp_path: Path) -> None:
    cells, right = NUMBERS[kind]
    assert values(read(tmp_path, column(*cells))) == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("(5.2)", "3.1", "4"), "brackets are read as negative: '(5.2)'"),
        (("64.9*", "3.1", "4"), "footnote marks of 1 cell are not part of the numbers: '64.9*'"),
        (("$5", "$3.1", "4"), "the currency $ is dropped"),
        (("5%", "3.1", "4"), "1 of 3 values have a percent sign"),
    ],
)
def test_what_was_dropped_around_numbers_is_reported(
    cells: tuple[str, str, str], said: str, tmp_path: Path
) -> None:
    assert said in str(read(tmp_path, column(*cells)).reading)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("$5", "3.1 \u20ac", "4"), r"several currencies \(\$ in row 2, \u20ac in row 3\)"),
        (("<0.1", "3.1", "4"), "is a bound"),
        (("10-20", "3.1", "4"), "is a range"),
        (("1.2 million", "3.1", "4"), "without the magnitude"),
        (("12 k", "3.1", "4"), "without the magnitude"),
        (("NC", "3.1", "4"), "name it with `missing`"),
        (("64.9", "81.7", "-888"), "looks like a code"),
        (("64.9", "81.7", "-99.9"), "looks like a code"),
        (("64.9", "81.7", "9999"), "looks like a code"),
        (("64.9", "81.7", "#REF!"), "not a number"),
    ],
)
def test_cells_of_doubtful_meaning_are_refused_with_the_way_out(
    cells: tuple[str, str, str], said: str, tmp_path: Path
) -> None:
    with pytest.raises(dr.DataError, match=said):
        read(tmp_path, column(*cells))


@pytest.mark.parametrize(
    "word",
    ["n.a.", "..", ":", "-", "\u2014", "N/A", "NULL", "#N/A", ".", "\u2026", "?", "*", "k.A.", "no data", "\\N",
     "(null)", "- -", "//", "unknown", "_", " : "],
)  # fmt: skip
def test_words_for_missing_are_missing(word: str, tmp_path: Path) -> None:
    data = read(tmp_path, column("64.9", "81.7", word))
    assert values(data) == {"PAK": 64.9, "KEN": 81.7}


TABLES: dict[str, str | bytes] = {
    "separator mark": PLAIN.replace(",", "|"),
    "caret": PLAIN.replace(",", "^"),
    "aligned": "country      gci\nPakistan    64.9\nKenya       81.7\nGhana       50.0\n",
    "R, write.table": '"country" "gci"\n"1" "Pakistan" 64.9\n"2" "Kenya" 81.7\n"3" "Ghana" 50\n',
    "R, write.csv": '"","country","gci"\n"1","Pakistan",64.9\n"2","Kenya",81.7\n"3","Ghana",50\n',
    "index of pandas": ",country,gci\n0,Pakistan,64.9\n1,Kenya,81.7\n2,Ghana,50\n",
    "set in by tabs": "\t\tcountry,\tgci\n\t\tPakistan,\t64.9\n\t\tKenya,\t81.7\n\t\tGhana,\t50\n",
    "set in by tabs, with semicolons": "\tcountry;gci\n\tPakistan;64,9\n\tKenya;81,7\n\tGhana;50\n",
    "rows in quotes": "".join(f'"{line}"\n' for line in PLAIN.splitlines()),
    "single quotes": "'country','gci'\n'Pakistan','64.9'\n'Kenya','81.7'\n'Ghana','50'\n",
    "texts forced by a spreadsheet": 'country,gci\nPakistan,="64.9"\n="Kenya",="81.7"\nGhana,="50"\n',
    "Excel hint": "sep=;\n" + PLAIN.replace(",", ";"),
    "CR only": PLAIN.replace("\n", "\r"),
    "end mark of DOS": PLAIN + "\x1a",
    "BOM": b"\xef\xbb\xbf" + PLAIN.encode(),
    "UTF-16": PLAIN.encode("utf-16"),
    "UTF-16 without a mark": PLAIN.encode("utf-16-be"),
    "UTF-32": PLAIN.encode("utf-32"),
    "quoted newlines": 'country,"gci",note\nPakistan,64.9,"a\nb"\nKenya,81.7,"x, y"\nGhana,50.0,"""no"""\n',
    "trailing separators": PLAIN.replace("\n", ",\n"),
    "rule of Markdown": "| country | gci |\n|---|---|\n| Pakistan | 64.9 |\n| Kenya | 81.7 |\n| Ghana | 50 |\n",
    "a row of descriptions": PLAIN.replace("gci\n", "gci\nCountry name,Index of 2024\n"),
    "a row of units": PLAIN.replace("gci\n", "gci\n,(0-100)\n"),
    "numbered notes": PLAIN + "\n" + "".join(f"[{n}] A note, with commas, of 2024\n" for n in range(1, 20)),
    "headings of regions": "country,gci\nAfrica,\nKenya,81.7\nGhana,50.0\nAsia,\nPakistan,64.9\n",
    "a row twice": PLAIN + "Kenya,81.7\n",
    "SDMX": (
        "REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,OBS_STATUS\n"
        "PAK,gci,2020,64.9,\nKEN,gci,2020,81.7,\nGHA,gci,2020,50.0,E\n"
    ),
    "a long row twice": "iso3,indicator,value\nPAK,gci,64.9\nKEN,gci,81.7\nKEN,gci,81.7\nGHA,gci,50\n",
    **{
        f"country as {name}": PLAIN.replace("country", name)
        for name in ("Country*", "Country:", "geo", "LOCATION", "Member State", "Pays", "Land", "ISO 3166-1 alpha-3", "code")
    },
    **{
        f"year as {year}": f"country,year,gci\nPakistan,{year},64.9\nKenya,{year},81.7\nGhana,{year},50\n"
        for year in ("2020-12-31", "12/31/2020", "31.12.2020", "FY2020", "2020.0", "2020*", '"2,020"', "31 Dec 2020")
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", TABLES)
def test_tables_are_read_as_programs_and_people_write_them(kind: str, tmp_path: Path) -> None:
    assert values(read(tmp_path, TABLES[kind])) == GCI


@pytest.mark.parametrize(
    "year", ["2019/20", "2019-2020", "2020Q4", "2020-12", "2020M12", "Dec 2020"]
)
def test_spans_and_parts_of_years_are_refused(year: str, tmp_path: Path) -> None:
    with pytest.raises(dr.DataError, match="span or a part of a year"):
        read(tmp_path, f"country,year,gci\nPakistan,{year},64.9\nKenya,{year},81.7\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("country,gci\nTotal,196.6\nMean,2\n", "'Total' is a summary of rows"),
        ("country,gci\nWorld,65.5\nAfrica,2\n", "'World' is a group of countries"),
        (PLAIN + "Kenya,71.7\n", "KEN is given 2 times: rows 3, 5"),
        ("Pakistan,64.9\nKenya,81.7\n", "write a header row"),
        ("indicator,Pakistan,Kenya\ngci,64.9,81.7\n", "transpose the table"),
        ("partner,gci\nPakistan,64.9\nKenya,81.7\n", "no country column"),
    ],
)
def test_tables_that_say_two_things_are_refused(content: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(dr.DataError, match=said):
        read(tmp_path, content)


FRAME = pd.read_csv(io.StringIO(PLAIN))


@pytest.mark.parametrize("orient", ["records", "split", "columns", "table", "list", "lines"])
def test_json_is_read_in_every_form_that_pandas_writes(orient: str, tmp_path: Path) -> None:
    text = {
        "list": lambda: json.dumps(FRAME.to_dict(orient="list")),
        "lines": lambda: FRAME.to_json(orient="records", lines=True),
    }.get(orient, lambda: FRAME.to_json(orient=orient))()  # type: ignore[call-overload]
    assert values(read(tmp_path, text, ".json")) == GCI


def test_numbers_and_texts_in_one_column_of_a_workbook_are_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({"country": ["Pakistan", "Kenya", "Ghana"], "gci": ["64,9", 81.7, 50]})
    book = io.BytesIO()
    frame.to_excel(book, index=False)
    assert values(read(tmp_path, book.getvalue(), ".xlsx")) == GCI


@pytest.mark.parametrize("percent", [("Pakistan",), ("Pakistan", "Kenya", "Ghana")])
def test_percent_cells_of_ods_are_percent(percent: tuple[str, ...], tmp_path: Path) -> None:
    pytest.importorskip("odf")
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    book = OpenDocumentSpreadsheet()
    sheet = Table(name="data")

    def add(*cells: Any) -> None:
        row = TableRow()
        for cell in cells:
            row.addElement(cell)
        sheet.addElement(row)

    def text(cell: str) -> Any:
        out = TableCell(valuetype="string")
        out.addElement(P(text=cell))
        return out

    add(text("country"), TableCell(numbercolumnsrepeated=2), text("gci"))
    sheet.addElement(TableRow(numberrowsrepeated=3))
    for country, value in zip(FRAME["country"], FRAME["gci"], strict=True):
        kind = "percentage" if country in percent else "float"
        number = TableCell(valuetype=kind, value=value / 100 if country in percent else value)
        add(text(country), TableCell(numbercolumnsrepeated=2), number)
    book.spreadsheet.addElement(sheet)
    target = io.BytesIO()
    book.write(target)
    data = read(tmp_path, target.getvalue(), ".ods")
    assert values(data) == GCI
    counted = "1 cell" if len(percent) == 1 else f"{len(percent)} cells"
    assert f"{counted} with a percent format" in str(data.reading)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("country,gci\nC\u00f4te d'Ivoire,64.9\nGhana,50\n", "cp1252"),
        ("country,gci\nC\u00f4te d'Ivoire,64.9\nGhana,50\n", "cp850"),
        ("country,gci\nC\u00f4te d'Ivoire,64.9\nGhana,50\n", "mac_roman"),
        ("\u0441\u0442\u0440\u0430\u043d\u0430,gci\n\u041a\u0435\u043d\u0438\u044f,64.9\n\u0413\u0430\u043d\u0430,50\n", "cp1251"),
        ("\u0441\u0442\u0440\u0430\u043d\u0430,gci\n\u041a\u0435\u043d\u0438\u044f,64.9\n\u0413\u0430\u043d\u0430,50\n", "koi8_r"),
        ("\u56fd\u5bb6,gci\n\u80af\u5c3c\u4e9a,64.9\n\u52a0\u7eb3,50\n", "gb18030"),
    ],
    ids=lambda case: case if case.isascii() and "\n" not in case else "",
)  # fmt: skip
def test_names_of_countries_tell_the_encoding(text: str, encoding: str, tmp_path: Path) -> None:
    data = read(tmp_path, text.encode(encoding))
    country = {"C": "CIV"}.get(text.splitlines()[1][0], "KEN")
    assert values(data) == {country: 64.9, "GHA": 50}
    assert "encoding" in str(data.reading)


@pytest.mark.parametrize(
    "code", ["-98", "-997", "-9998", "-888", "1e20", "-2147483648", "-1e30", "9.96921e36"]
)
def test_numbers_that_look_like_codes_for_missing_are_questioned(code: str, tmp_path: Path) -> None:
    text = f"iso3,gci\nPAK,64.9\nKEN,81.7\nGHA,{code}\nTGO,12\n"
    with pytest.raises(dr.DataError, match="looks like a code for a missing value") as caught:
        read(tmp_path, text)
    assert f"`missing` ({float(code):.15g} if" in str(caught.value)
    assert values(read(tmp_path, text, missing=code)) == {"PAK": 64.9, "KEN": 81.7, "TGO": 12}
    assert len(values(read(tmp_path, text, missing=[]))) == 4


def test_sizes_of_countries_and_small_shares_are_no_codes(tmp_path: Path) -> None:
    text = "iso3,gci,share\nUSA,2.7e13,1\nTUV,6e7,0.0000001\nKEN,1e11,0.0000002\n"
    assert values(read(tmp_path, text))["USA"] == 2.7e13


@pytest.mark.parametrize("word", ["no answer", "see annex", "vertraulich", "tbd"])
def test_any_word_for_missing_may_be_named(word: str, tmp_path: Path) -> None:
    text = f"iso3,gci\nPAK,64.9\nKEN,{word}\nGHA,50\n"
    with pytest.raises(dr.DataError, match="name it with `missing`"):
        read(tmp_path, text)
    assert values(read(tmp_path, text, missing=word)) == {"PAK": 64.9, "GHA": 50}


@pytest.mark.parametrize("code", [-999, -999.0, "-999", "-999.0", ["-999"]], ids=repr)
@pytest.mark.parametrize("cell", ["-999", "-999.0", "-999.00"])
def test_a_code_for_missing_is_found_however_it_is_written(
    code: Any, cell: str, tmp_path: Path
) -> None:
    text = f"iso3,gci\nPAK,64.9\nKEN,81.7\nGHA,{cell}\n"
    wanted = {"PAK": 64.9, "KEN": 81.7}
    for data in (
        read(tmp_path, text, missing=code),
        dr.as_data(pd.read_csv(io.StringIO(text)), missing=code),
        dr.as_data(pd.read_csv(io.StringIO(text)).melt("iso3", var_name="indicator"), missing=code),
    ):
        assert values(data) == wanted
        assert "read as missing" in str(data.reading)
        assert "-999" in str(data.reading)


@pytest.mark.parametrize(
    ("mark", "wanted"),
    [(",", [1234, 2345, 3456]), (".", [1.234, 2.345, 3.456]), (" ", [1.234, 2.345, 3.456])],
)
def test_a_thousands_mark_tells_the_decimal_mark(
    mark: str, wanted: list[float], tmp_path: Path
) -> None:
    data = read(tmp_path, column("1,234", "2,345", "3,456"), thousands=mark)
    assert list(values(data).values()) == wanted


def test_a_column_of_one_year_beside_columns_of_years_keeps_its_name(tmp_path: Path) -> None:
    text = "iso3,rank_2020,gci_2019,gci_2020\nPAK,2,60,64.9\nKEN,1,80,81.7\n"
    data = read(tmp_path, text)
    assert data.values["gci"].to_dict() == {
        ("PAK", 2019): 60, ("KEN", 2019): 80, ("PAK", 2020): 64.9, ("KEN", 2020): 81.7,
    }  # fmt: skip
    assert data.values["rank_2020"].dropna().to_dict() == {("PAK", 2020): 2, ("KEN", 2020): 1}
    with pytest.raises(dr.DataError, match="`people`: the year is empty.*as of a year"):
        read(tmp_path, text.replace("rank_2020", "people"))
    data = read(tmp_path, text.replace("rank_2020", "people"), edition=2020)
    assert data.values["people"].to_dict() == {"PAK": 2, "KEN": 1}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Land;Jahr;gci\nElfenbeink\u00fcste;2020;64,9\nDeutschland;2020;81,7\n", {"CIV": 64.9, "DEU": 81.7}),
        ("Pays;Ann\u00e9e;gci\nC\u00f4te d'Ivoire;2020;64,9\nAllemagne;2020;81,7\n", {"CIV": 64.9, "DEU": 81.7}),
        ("pa\u00eds;gci\nCosta de Marfil;64,9\nAlemania;81,7\n", {"CIV": 64.9, "DEU": 81.7}),
        ("\u56fd\u5bb6,gci\n\u5df4\u57fa\u65af\u5766,64.9\n\u80af\u5c3c\u4e9a,81.7\n\u52a0\u7eb3,50\n", GCI),
        ("\u0441\u0442\u0440\u0430\u043d\u0430;gci\n\u041f\u0430\u043a\u0438\u0441\u0442\u0430\u043d;64,9\n\u041a\u0435\u043d\u0438\u044f;81,7\n\u0413\u0430\u043d\u0430;50\n", GCI),
    ],
    ids=["German", "French", "Spanish", "Chinese", "Russian"],
)  # fmt: skip
def test_tables_in_other_languages_are_read(
    text: str, wanted: dict[str, float], tmp_path: Path
) -> None:
    assert values(read(tmp_path, text)) == wanted


PUBLISHERS = {
    "SDMX": "REF_AREA,TIME_PERIOD,INDICATOR,OBS_VALUE\nKEN,2020,gci,81.7\nGHA,2020,gci,50\n",
    "World Health Organization": (
        "SpatialDim,TimeDim,IndicatorCode,NumericValue\nKEN,2020,gci,81.7\nGHA,2020,gci,50\n"
    ),
    "World Health Organization, labels": (
        "Location,Period,Indicator,FactValueNumeric\nKenya,2020,gci,81.7\nGhana,2020,gci,50\n"
    ),
    "Eurostat": "freq,unit,geo\\TIME_PERIOD,2019,2020\nA,PC,KE,80,81.7 e\nA,PC,GH,:,50\n",
    "Eurostat, tabs": "freq,unit,geo\\TIME_PERIOD\t2019 \t2020 \nA,PC,KE\t80 \t81.7 e\nA,PC,GH\t: \t50 \n",
    "World Bank 360": "Economy Name,Economy ISO3,Year,gci\nKenya,KEN,2020,81.7\nGhana,GHA,2020,50\n",
    "IMF": "ISO,Country,WEO Subject Code,2019,2020\nKEN,Kenya,gci,80,81.7\nGHA,Ghana,gci,,50\n",
    "variables": "country,variable,value\nKenya,gci,81.7\nGhana,gci,50\n",
}


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_column_names_of_publishers_are_those_of_a_long_table(
    publisher: str, tmp_path: Path
) -> None:
    text = PUBLISHERS[publisher]
    data = read(tmp_path, text, ".tsv" if "\t" in text else ".csv")
    table = data.values.iloc[:, 0]
    newest = table.xs(2020, level="year") if data.is_panel else table
    assert newest.to_dict() == {"KEN": 81.7, "GHA": 50}


def test_countries_in_two_columns_of_other_names_are_found(tmp_path: Path) -> None:
    text = "state name,state code,gci\nKenya,KEN,81.7\nGhana,GHA,50\n"
    assert values(read(tmp_path, text)) == {"KEN": 81.7, "GHA": 50}
    with pytest.raises(dr.DataError, match="no country column"):
        read(tmp_path, "state name,state code,gci\nKenya,UGA,81.7\nGhana,TGO,50\n")


def test_a_percent_sign_in_the_text_of_a_number_format_multiplies_nothing(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in (["country", "gci"], ["Kenya", 81.7], ["Ghana", 50], ["Togo", 0.2]):
        book.active.append(row)
    book.active["B2"].number_format = '0.0" %"'
    book.active["B3"].number_format = "0\\%"
    book.active["B4"].number_format = '0" of "%'
    book.save(tmp_path / "book.xlsx")
    assert values(dr.read_data(tmp_path / "book.xlsx")) == {"KEN": 81.7, "GHA": 50, "TGO": 20}


@pytest.mark.parametrize(
    "cells",
    [
        ("64.9 b", "81.7 e", "50 p"), ("64.9 (b)", "81.7", "50 bu"), ("64.9 b", "81.7 dep", "50.0"), ("64.9 r", "81.7 s", "50 f"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_flags_of_observations_are_read_and_counted(cells: tuple[str, ...], tmp_path: Path) -> None:
    data = read(tmp_path, column(*cells))
    assert values(data) == pytest.approx(GCI)
    assert "footnote marks" in str(data.reading)


@pytest.mark.parametrize("cell", [": c", ":c", ": u", ": (z)", ":"])
def test_a_gap_with_a_flag_is_missing(cell: str, tmp_path: Path) -> None:
    data = read(tmp_path, column("64.9", "81.7 e", cell))
    assert values(data) == pytest.approx({"PAK": 64.9, "KEN": 81.7})
    assert cell in str(data.reading)


def test_a_letter_that_may_be_billions_is_no_flag_without_another(tmp_path: Path) -> None:
    with pytest.raises(
        dr.DataError, match=r"without the magnitude; a footnote mark goes into brackets"
    ):
        read(tmp_path, column("64.9 b", "81.7", "50"))


@pytest.mark.parametrize(
    ("yes", "no"),
    [("TRUE", "FALSE"), ("true", "False"), ("Yes", "no"), ("ja", "nein"), ("oui", "non"), ("vrai", "faux"), ("s\u00ed", "no"),
     ("tak", "nie"), ("prawda", "fa\u0142sz"), ("sim", "n\u00e3o"), ("\u0434\u0430", "\u043d\u0435\u0442"), ("Y", "N"), ("1", "FALSE")],
)  # fmt: skip
def test_words_for_yes_and_no_are_read_as_1_and_0(yes: str, no: str, tmp_path: Path) -> None:
    data = read(tmp_path, column(yes, no, ""))
    assert values(data) == {"PAK": 1.0, "KEN": 0.0}
    assert "words for yes and no are read as 1 and 0: `gci`" in str(data.reading)
    long = pd.DataFrame(
        {
            "iso3": ["PAK", "KEN", "PAK"],
            "indicator": ["law", "law", "gci"],
            "value": [yes, no, "64.9"],
        }
    )
    assert dr.as_data(long).values.loc[["PAK", "KEN"], "law"].tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    "cells", [("yes", "partly", "no"), ("y", "y", "y"), ("yes", "non", "yes")], ids=" ".join
)
def test_other_words_are_no_numbers(cells: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(dr.DataError, match="no column of numbers"):
        read(tmp_path, column(*cells))


def test_a_table_of_faostat_is_read(tmp_path: Path) -> None:
    rows = [f"IC,Credit,{code},{name},1,Share,{item},2019,2019,%,{value},E" for item in ("Farms", "Mills")
            for code, name, value in ((404, "Kenya", 1.5), (288, "Ghana", 2.5))]  # fmt: skip
    header = "Domain Code,Domain,Area Code (M49),Area,Element Code,Element,Item,Year Code,Year,Unit,Value,Flag"
    data = read(tmp_path, "\n".join([header, *rows]))
    assert data.values.loc[["KEN", "GHA"]].to_dict("list") == {
        "Farms": [1.5, 2.5],
        "Mills": [1.5, 2.5],
    }
    assert "a table of FAOSTAT: `Area` is read as the country" in str(data.reading)


PUBLISHED = {
    "SDMX of Eurostat": "DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG\n"
    "ESTAT:X,1,A,PC,AT,2022,64.9,b\nESTAT:X,1,A,PC,EL,2022,81.7,\nESTAT:X,1,A,PC,EU27_2020,2022,50,\nESTAT:X,1,A,PC,DE,2022,,\n",
    "SDMX of Eurostat with labels": "STRUCTURE,freq,Time frequency,geo,Geopolitical entity (reporting),TIME_PERIOD,Time,OBS_VALUE,"
    "Observation value\ndataflow,A,Annual,AT,Austria,2022,,64.9,\ndataflow,A,Annual,EL,Greece,2022,,81.7,\n",
    "SDMX of the OECD": "STRUCTURE,REF_AREA,Reference area,MEASURE,Measure,TIME_PERIOD,Time period,OBS_VALUE,OBS_STATUS\n"
    "DATAFLOW,AUT,Austria,BB,Broadband,2022,,64.9,A\nDATAFLOW,GRC,Greece,BB,Broadband,2022,,81.7,A\n",
    "ITU DataHub": "seriesID,seriesCode,seriesName,seriesUnits,entityID,entityIso,entityName,dataValue,dataYear,dataNote\n"
    "1,i99H,Internet,%,1,AUT,Austria,64.9,2022,\n1,i99H,Internet,%,1,GRC,Greece,81.7,2022,\n",
    "WHO": "IndicatorCode,Indicator,ValueType,SpatialDimValueCode,Location,Period,FactValueNumeric,Value\n"
    "X,Life,text,AUT,Austria,2022,64.9,64.9 [63-66]\nX,Life,text,GRC,Greece,2022,81.7,81.7 [80-82]\n",
    "UNCTADstat": "Year,Economy,Economy Label,Exports,Exports Footnote\n2022,0040,Austria,64.9,\n2022,0300,Greece,81.7,Estimated\n"
    "2022,0000,World,50,\n",
    "V-Dem": "country_name,country_text_id,country_id,year,v2x\nAustria,AUT,144,2022,64.9\nGreece,GRC,164,2022,81.7\n"
    "Somaliland,SML,139,2022,5\n",
}  # fmt: skip


@pytest.mark.parametrize("publisher", PUBLISHED)
def test_long_tables_of_publishers_are_read(publisher: str, tmp_path: Path) -> None:
    data = read(tmp_path, PUBLISHED[publisher])
    column = data.values.iloc[:, -1].dropna()
    assert column.to_dict() == {"AUT": 64.9, "GRC": 81.7}
    assert len(data.columns) == 1
    assert data.edition == 2022


def test_a_table_of_text_named_xls_is_read(tmp_path: Path) -> None:
    text = "country\tgci\r\nPakistan\t64.9\r\nKenya\t81.7\r\nGhana\t50\r\n"
    data = read(tmp_path, b"\xff\xfe" + text.encode("utf-16-le"), ".xls")
    assert values(data) == GCI
    assert "a table of text named .xls" in str(data.reading)
    assert values(read(tmp_path, "Pays;gci\nPakistan;64,9\nKenya;81,7\nGhana;50\n", ".xls")) == GCI
    with pytest.raises(dr.DataError, match="a web page"):
        read(tmp_path, b"<html><table></table></html>", ".xls")


def test_an_answer_of_the_world_bank_is_read(tmp_path: Path) -> None:
    rows = [
        ("KEN", "Kenya", 81.7),
        ("PAK", "Pakistan", 64.9),
        ("", "Middle East", 1.0),
        ("WLD", "World", 2.0),
    ]
    records = [
        {"indicator": {"id": "gci", "value": "GCI"}, "country": {"id": "x", "value": name}, "countryiso3code": code,
         "date": "2023", "value": value}
        for code, name, value in rows
    ]  # fmt: skip
    data = read(tmp_path, json.dumps([{"page": 1, "total": 4}, records]), ".json")
    assert values(data) == {"KEN": 81.7, "PAK": 64.9}
    assert "2 records of groups of countries left out" in str(data.reading)
