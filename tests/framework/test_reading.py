"""What a file holds is read to the letter, and what cannot be used is said where it stands."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import dsr_risk as dr
from dsr_risk._util.documents import read_document, yaml_text


def problems(path: Path, **options: object) -> list[str]:
    with pytest.raises(dr.DataError) as error:
        dr.read_data(path, **options)  # type: ignore[arg-type]
    return list(error.value.problems) or [str(error.value)]


def problems_of(**columns: object) -> list[str]:
    with pytest.raises(dr.DataError) as error:
        dr.as_data(pd.DataFrame(columns))
    return list(error.value.problems)


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".yaml", "version: " + "9" * 5000),
        (".json", '{"version": ' + "9" * 5000 + "}"),
        (".toml", "version = " + "9" * 5000),
    ],
    ids=["yaml", "json", "toml"],
)
def test_a_config_value_that_no_reader_can_make_is_one_error(
    tmp_path: Path, suffix: str, text: str
) -> None:
    path = tmp_path / f"mine{suffix}"
    path.write_text(text)
    with pytest.raises(dr.FrameworkError, match="cannot be read"):
        dr.load_framework(path)


def test_a_number_of_thousands_of_digits_in_json_data_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text('[{"iso3": "PAK", "gci": ' + "9" * 5000 + "}]")
    assert "`gci`: inf is infinite" in problems(path)[0]


def test_a_key_given_twice_in_a_record_is_an_error_beside_the_others(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text('[{"iso3": "PAK", "gci": 1, "gci": 2}, {"iso3": "Kenia!", "gci": 2}]')
    twice, unknown = problems(path)
    assert "gives `gci` 2 times" in twice
    assert "PAK" in twice
    assert unknown.startswith("record 2: ")


def test_errors_and_formulas_never_computed_in_a_workbook_are_said_by_cell(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (
        ["iso3", "gci", "ncsi"],
        ["PAK", "#DIV/0!", 1],
        ["KEN", 2, "=B3*2"],
        ["LAO", None, 3],
        ["ZMB", 5, 4],
    ):
        book.active.append(row)
    book.active["B2"].data_type = "e"
    path = tmp_path / "mine.xlsx"
    book.save(path)
    first, second = problems(path)
    assert first.startswith("row 2, column B: the error #DIV/0!")
    assert second.startswith("row 3, column C: a formula without a result, =B3*2")
    book.active["B2"], book.active["C3"] = None, 4
    book.save(path)
    assert np.isnan(dr.read_data(path).values.loc["LAO", "gci"])


def test_rows_are_numbered_as_a_spreadsheet_does_and_by_line_where_they_differ(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text('iso3,gci\n\nPAK,x\n"KEN\n",2\nLAO,y\n')
    (both,) = problems(path)
    assert both.startswith("row 3 (PAK), column `gci`: 'x'")
    assert "2 rows with the same problem" in both
    assert "5 (line 6)" in both


def test_an_empty_newer_row_does_not_hide_an_older_value() -> None:
    data = dr.as_data(
        pd.DataFrame(
            {"iso3": "PAK", "indicator": "gci", "value": [64.9, None], "year": [2020, 2023]}
        ),
        edition=2024,
    )
    assert data.values.loc["PAK", "gci"] == 64.9
    assert data.cell("PAK", "gci")["year"] == 2020
    assert data.conflicts["year"].tolist() == [2023]


def test_the_rule_beside_a_conflict_says_who_chose() -> None:
    rows = {"iso3": "PAK", "indicator": "gci", "value": [64.9, 70.0], "year": [2023, 2020]}
    chosen = dr.as_data(pd.DataFrame(rows | {"chosen": ["no", True]}), edition=2024)
    assert chosen.values.loc["PAK", "gci"] == 70
    assert chosen.conflicts["rule"].tolist() == ["as chosen in the data"]
    ruled = dr.as_data(pd.DataFrame(rows), edition=2024)
    assert ruled.values.loc["PAK", "gci"] == 64.9
    assert ruled.conflicts["rule"].tolist() == ["newest with a value, then highest confidence"]


def test_a_choice_that_is_neither_0_nor_1_is_an_error() -> None:
    (said,) = problems_of(iso3=["PAK"], indicator=["gci"], value=[1.0], chosen=[2])
    assert "`chosen` is 2" in said
    assert "must be 1 (used), 0 (kept beside it) or empty" in said


def test_a_name_and_a_code_of_two_countries_are_an_error() -> None:
    (said,) = problems_of(country=["Pakistan", "Kenya"], iso3=["PAK", "LAO"], gci=[1.0, 2.0])
    assert "row 2 (LAO): `country` is 'Kenya' (KEN), another country" in said


def test_a_value_outside_its_own_bounds_is_an_error() -> None:
    low, high = problems_of(
        iso3=["PAK", "KEN", "LAO"],
        indicator="gci",
        value=[1.0, 9.0, 5.0],
        lower=[2.0, 2.0, 2.0],
        upper=[8.0, 8.0, 8.0],
    )
    assert "(PAK), `gci`: the value 1 lies outside its own `lower`, 2" in low
    assert "(KEN), `gci`: the value 9 lies outside its own `upper`, 8" in high


def test_a_focal_origin_that_is_no_country_is_an_error() -> None:
    (said,) = problems_of(iso3=["PAK"], indicator=["gci"], value=[1.0], focal=["CHX"])
    assert "`focal` is 'CHX'; expected the ISO 3166 alpha-3 code of a country" in said


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("NO", "NO"), ("yes", "yes"), ("010", 10), ("1:30", "1:30"), ("1e3", 1000.0), ("-1.5E-2", -0.015),
        (".5", 0.5), ("2020-13-45", "2020-13-45"), ("2020-01-01", "2020-01-01"), ("true", True),
        ("~", None), ("0x1F", "0x1F"), ("1_000", "1_000"), ("", None),
    ],
)  # fmt: skip
def test_yaml_is_read_as_its_second_version_says(
    tmp_path: Path, written: str, read: object
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"value: {written}\n")
    found = read_document(path)["value"]
    assert found == read
    assert type(found) is type(read)


@pytest.mark.slow
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs", "Cc"]))
        | st.sampled_from(["NO", "010", "1:30", "1e3", "null", "~", "2020-01-01", "true", "0o7", "+1", "1_0"]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
        max_leaves=8,
    )
)  # fmt: skip
def test_plain_data_written_as_yaml_are_read_back_equal(plain: object) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.yaml"
        path.write_text(yaml_text({"value": plain}), encoding="utf-8")
        assert read_document(path) == {"value": plain}


def test_bounds_that_cross_are_one_problem_a_cell() -> None:
    cells = pd.DataFrame(
        {
            "iso3": ["KEN", "PAK"],
            "indicator": "gci",
            "value": [1.0, 6],
            "lower": [9.0, 2],
            "upper": [4.0, 3],
        }
    )
    with pytest.raises(dr.DataError) as caught:
        dr.as_data(cells)
    crossed, outside = caught.value.problems
    assert crossed.endswith("`lower` 9 is above `upper` 4")
    assert "the value 6 lies outside its own `upper`, 3" in outside
