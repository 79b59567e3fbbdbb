"""The registry, the reading, and files that are not what they should be."""

from __future__ import annotations

import copy
import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from dsr_risk import readers
from dsr_risk.errors import DataError, UnknownNameError
from dsr_risk.readers._rows import numbers
from tests.folders import ROOT
from tests.helpers import FUZZ

LONG = "Country Name,Country Code,Year,Value\nPakistan,PAK,2021,348\nWorld,WLD,2021,9\nKenya,KEN,2021,..\n"
TABLES = [one for one in readers.kinds() if one not in ("telegeography", "veris")]
EVIDENCE = ["source", "publisher", "edition", "licence", "citation", "url", "retrieved"]


def test_every_kind_is_a_public_reader_with_one_line_of_help() -> None:
    for kind, line in readers.kinds().items():
        assert callable(getattr(readers, kind))
        assert kind in readers.__all__
        assert line.endswith(".")


def test_the_page_says_of_every_kind_what_was_tried_and_what_is_refused() -> None:
    page = (ROOT / "docs" / "readers.md").read_text(encoding="utf-8")
    rows = page.split("### Tried and refused")[1].split("## AidData")[0]
    cells = [line.split("|")[1:4] for line in rows.splitlines() if line.startswith("| `")]
    assert {cell[0].strip(" `") for cell in cells} == set(readers.kinds())
    assert all(part.strip() for cell in cells for part in cell)


def test_an_unknown_kind_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="world_bank"):
        readers.read("worldbank", "x.csv")


def test_a_kind_without_files_is_refused() -> None:
    with pytest.raises(DataError, match="no file"):
        readers.read("world_bank")


def test_a_reading_says_what_it_holds(text_file: Callable[..., Path]) -> None:
    reading = readers.read("world_bank", text_file("gdp.csv", LONG))
    assert list(reading.evidence) == EVIDENCE
    assert reading.evidence["retrieved"] is None
    assert list(reading.left_out.columns) == ["row", "what", "reason"]
    assert reading.left_out.values.tolist() == [
        [3, "World", "group of countries"],
        [4, "Kenya", "no value"],
    ]
    text = reading.summary()
    assert "1 record, 1 country, 2021-2021" in text
    assert "2 rows left out" in text
    assert "World" in text
    assert "CC BY 4.0" in repr(reading)


def test_what_a_reading_hands_out_is_a_copy(text_file: Callable[..., Path]) -> None:
    reading = readers.read("world_bank", text_file("gdp.csv", LONG))
    records, left_out = reading.records, reading.left_out
    records.loc[0, "value"] = -1
    left_out.loc[0, "what"] = "changed"
    reading.evidence["licence"] = "changed"
    assert reading.records.loc[0, "value"] == 348
    assert reading.left_out.loc[0, "what"] == "World"
    assert reading.evidence["licence"] == "CC BY 4.0"
    with pytest.raises(AttributeError):
        reading.kind = "other"  # type: ignore[misc]


def test_a_reading_can_be_sent_to_another_process(text_file: Callable[..., Path]) -> None:
    reading = readers.read("world_bank", text_file("gdp.csv", LONG))
    for twin in (pickle.loads(pickle.dumps(reading)), copy.deepcopy(reading)):
        pd.testing.assert_frame_equal(twin.records, reading.records)


def test_several_files_are_one_reading_without_repeats(text_file: Callable[..., Path]) -> None:
    first = text_file("gdp.csv", LONG)
    second = text_file("more.csv", LONG.replace("2021", "2022"))
    again = text_file("again.csv", LONG)
    reading = readers.read("world_bank", first, second, again, indicator="gdp")
    assert reading.records["year"].tolist() == [2021, 2022]
    assert "in an earlier file too" in set(reading.left_out["reason"])


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        ("a.csv", b"%PDF-1.7 junk", "PDF"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old binary workbook"),
        ("a.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git LFS"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "picture"),
        ("a.csv", bytes(range(256)) * 20, "binary"),
        ("a.xlsx", b"PK\x03\x04 broken", "not a readable workbook"),
        ("a.csv", b"one,two\n1,2\n", "not a known edition"),
        ("a.csv", b"just a sentence without a table", "not a known edition"),
    ],
)
def test_a_bad_file_is_one_clear_error(
    kind: str, name: str, content: bytes, told: str, tmp_path: Path
) -> None:
    place = tmp_path / name
    place.write_bytes(content)
    with pytest.raises(DataError, match=told) as caught:
        readers.read(kind, place)
    assert name in str(caught.value)


@pytest.mark.parametrize("kind", list(readers.kinds()))
def test_a_file_that_is_not_there_is_said(kind: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        readers.read(kind, tmp_path / "absent.csv")


@pytest.mark.parametrize("kind", TABLES)
def test_a_folder_is_no_table(kind: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="folder"):
        readers.read(kind, tmp_path)


@pytest.mark.parametrize("kind", ["telegeography", "veris"])
def test_a_folder_without_json_is_refused(kind: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no "):
        readers.read(kind, tmp_path)


@pytest.mark.parametrize("kind", ["telegeography", "veris"])
def test_broken_json_is_named(kind: str, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text('{"id": ')
    with pytest.raises(DataError, match="one.json: expected JSON"):
        readers.read(kind, tmp_path)


def test_every_missing_column_is_named_at_once_with_the_nearest(
    text_file: Callable[..., Path],
) -> None:
    place = text_file("trade.csv", "reporterISO,partnerIS0,period,cmdCode\nPAK,CHN,2021,8517\n")
    with pytest.raises(DataError) as caught:
        readers.un_comtrade(place)
    assert "`partnerISO` is missing; did you mean `partnerIS0`" in str(caught.value)
    assert "`primaryValue` is missing" in str(caught.value)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"]
)
def test_any_usual_encoding_is_read(encoding: str, text_file: Callable[..., Path]) -> None:
    text = LONG.replace("Pakistan,PAK", "Côte d'Ivoire,CIV") + "Türkiye,,2020,7\n"
    reading = readers.read("world_bank", text_file("gdp.csv", text, encoding))
    assert reading.records["iso3"].tolist() == ["CIV", "TUR"]


def test_a_file_of_mixed_encodings_is_read_line_by_line(tmp_path: Path) -> None:
    place = tmp_path / "gdp.csv"
    head = b"Country Name,Country Code,Year,Value\n"
    place.write_bytes(
        head + "Türkiye,,2020,7\n".encode() + "Côte d'Ivoire,,2020,8\n".encode("latin-1")
    )
    assert readers.read("world_bank", place).records["iso3"].tolist() == ["TUR", "CIV"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_usual_delimiter_is_read(delimiter: str, text_file: Callable[..., Path]) -> None:
    reading = readers.read("world_bank", text_file("gdp.csv", LONG.replace(",", delimiter)))
    assert reading.records["iso3"].tolist() == ["PAK"]


def test_an_archive_with_one_table_is_opened(tmp_path: Path) -> None:
    place = tmp_path / "API.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("API_NY.GDP_DS2.csv", LONG)
        archive.writestr("Metadata_Country_API_NY.csv", "Country Code\nPAK\n")
    assert readers.read("world_bank", place).records["iso3"].tolist() == ["PAK"]


def test_an_archive_that_leaves_a_choice_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "two.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("API_1.csv", LONG)
        archive.writestr("API_2.csv", LONG)
    with pytest.raises(DataError, match="2 members fit"):
        readers.read("world_bank", place)


def test_a_workbook_inside_an_archive_is_opened(
    workbook: Callable[..., Path], tmp_path: Path
) -> None:
    inner = workbook(
        "API_x.xlsx",
        {"Data": [["Country Name", "Country Code", "Year", "Value"], ["Kenya", "KEN", 2020, 5]]},
    )
    place = tmp_path / "packed.zip"
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("API_x.xlsx", inner.read_bytes())
    assert readers.read("world_bank", place).records["value"].tolist() == [5]


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,234.5", 1234.5), ("1 234", 1234), ("1'234'567", 1234567), ("12,5", 12.5), ("1.234.567,8", 1234567.8),
     ("(12)", -12), ("−3", -3), ("12.5%", 12.5), ("7.2*", 7.2), ("7.2 [1]", 7.2), ("5 e", 5), ("$1,000", 1000),
     ("1e3", 1000), ("\u00a012\u00a0", 12), ("..", np.nan), ("n/a", np.nan), ("–", np.nan), ("", np.nan)],
)  # fmt: skip
def test_numbers_are_read_as_printed(text: str, value: float) -> None:
    found, wrong = numbers(pd.Series([text]))
    np.testing.assert_equal(found[0], float(value))
    assert not wrong[0]


@pytest.mark.parametrize("text", ["abc", "12 apples", "1,23,4", "1.2.3", "inf", "12/05/2020"])
def test_what_is_no_number_is_told(text: str) -> None:
    found, wrong = numbers(pd.Series([text]))
    assert np.isnan(found[0])
    assert wrong[0]


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_a_number_with_thousands_separators_is_the_same_number(value: float) -> None:
    found, _ = numbers(pd.Series([f"{value:,.4f}", repr(value)]))
    assert found[0] == pytest.approx(value, abs=1e-4)
    assert found[1] == value


@settings(max_examples=200 * FUZZ, deadline=None)
@given(st.sampled_from(sorted(readers.kinds())), st.binary(max_size=400))
def test_any_bytes_are_a_reading_or_one_data_error(
    tmp_path_factory: pytest.TempPathFactory, kind: str, content: bytes
) -> None:
    place = tmp_path_factory.mktemp("junk") / "file.csv"
    place.write_bytes(content)
    with pytest.raises(DataError):
        readers.read(kind, place)


def test_the_order_of_columns_and_extra_columns_do_not_matter(
    text_file: Callable[..., Path],
) -> None:
    frame = pd.read_csv(io.StringIO(LONG), dtype=str)
    turned = frame[frame.columns[::-1]].assign(Extra="x", **{"Another Note": ""})
    place = text_file("gdp.csv", turned.to_csv(index=False))
    expected = readers.read("world_bank", text_file("sub_gdp.csv", LONG), indicator="gdp").records
    pd.testing.assert_frame_equal(readers.read("world_bank", place).records, expected)


def test_a_row_with_too_many_fields_is_listed_not_cut(text_file: Callable[..., Path]) -> None:
    text = LONG + "Korea, Rep.,KOR,2021,5\nPeru,PER,2021,6,,\nOman,OMN,2021\n"
    reading = readers.read("world_bank", text_file("gdp.csv", text))
    assert reading.records["iso3"].tolist() == ["PAK", "PER"]
    assert reading.left_out.set_index("row")["reason"].to_dict() == {
        3: "group of countries",
        4: "no value",
        5: "more fields than the header has columns",
        7: "no value",
    }


def test_a_name_and_a_code_of_two_countries_are_not_guessed_at(
    text_file: Callable[..., Path],
) -> None:
    reading = readers.read("world_bank", text_file("gdp.csv", LONG.replace("PAK", "KEN")))
    assert reading.records.empty
    assert "name and code are two countries" in set(reading.left_out["reason"])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_ending_is_read(end: str, text_file: Callable[..., Path]) -> None:
    reading = readers.read("world_bank", text_file("gdp.csv", LONG.replace("\n", end)))
    assert reading.records["iso3"].tolist() == ["PAK"]
    assert reading.left_out["row"].tolist() == [3, 4]


def test_a_field_may_hold_lines_and_still_count_as_one_row(text_file: Callable[..., Path]) -> None:
    text = LONG + '"Viet\nNam",VNM,2021,7\nWorld,WLD,2021,1\n'
    reading = readers.read("world_bank", text_file("gdp.csv", text))
    assert reading.records["iso3"].tolist() == ["PAK", "VNM"]
    assert reading.left_out["row"].tolist() == [3, 4, 6]


def test_a_quote_that_is_never_closed_is_an_error_with_its_row(
    text_file: Callable[..., Path],
) -> None:
    with pytest.raises(DataError, match="gdp.csv: not a table: row 5"):
        readers.read(
            "world_bank", text_file("gdp.csv", LONG + '"Peru,PER,2021,6\nOman,OMN,2021,7\n')
        )
