"""Data: values with evidence, in any common file and shape, conflicts kept, kinds of absence apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr

SUFFIXES = (".csv", ".tsv", ".parquet", ".xlsx", ".json")


def write(frame: pd.DataFrame, path: Path) -> Path:
    """Any table in the format its suffix names, as another program would write it."""
    writers: dict[str, Callable[[], object]] = {
        ".csv": lambda: frame.to_csv(path, index=False),
        ".tsv": lambda: frame.to_csv(path, index=False, sep="\t"),
        ".parquet": lambda: frame.to_parquet(path, index=False),
        ".xlsx": lambda: frame.to_excel(path, index=False),
        ".json": lambda: frame.to_json(path, orient="records"),
    }
    writers[path.suffix]()
    return path


def wide() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "country": ["Pakistan", "KE", "Côte d'Ivoire", "korea, south"],
            "gci": [64.88, 0.1 + 0.2, np.nan, 98.52],
            "hhi": [0.0927, 1e-17, 0.5, np.nan],
        }
    )


def long(*rows: tuple[object, ...], columns: str = "iso3 indicator value") -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_wide_file_reads_as_the_same_numbers_in_every_format(suffix: str, tmp_path: Path) -> None:
    pytest.importorskip({".parquet": "pyarrow", ".xlsx": "openpyxl"}.get(suffix, "pandas"))
    data = dr.read_data(write(wide(), tmp_path / f"mine{suffix}"))
    expected = wide().drop(columns="country")
    exact = suffix not in (".json", ".xlsx")  # pandas writes these with 10 and 16 digits
    np.testing.assert_allclose(
        data.values.to_numpy(), expected.to_numpy(), rtol=0, atol=0 if exact else 1e-10
    )
    assert list(data.iso3) == ["PAK", "KEN", "CIV", "KOR"]
    assert data.columns == ("gci", "hhi")


@pytest.mark.slow
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_snapshot_written_long_reads_back_with_every_kind_of_cell(
    suffix: str, tmp_path: Path, data: dr.Data
) -> None:
    pytest.importorskip({".parquet": "pyarrow", ".xlsx": "openpyxl"}.get(suffix, "pandas"))
    part = data.select(countries=["Poland", "Pakistan", "Anguilla", "Laos"])
    cells = part.to_long().astype(object)
    text = cells.where(cells.notna(), "").astype(str)
    again = dr.read_data(write(text, tmp_path / f"long{suffix}"), edition=data.edition)
    again = again.select(countries=part.countries)
    rows = pd.Index(again.iso3).get_indexer(part.iso3)
    columns = list(part.columns)
    known = [name for name in columns if name in again.columns]
    assert known == columns
    np.testing.assert_array_equal(again._matrix(known)[rows], part._matrix(known))
    for row, name in [(row, name) for row in range(len(part)) for name in known]:
        place = again.columns.index(name)
        assert again.status(rows[row], place) == part.status(row, columns.index(name)), name
    assert again.cell("PAK", "gci")["source"] == part.cell("PAK", "gci")["source"]
    assert len(again.conflicts) == len(part.conflicts)


def test_country_names_and_codes_in_any_common_form_become_iso3() -> None:
    said = {
        " pk ": "PAK", "KENYA": "KEN", "Viet Nam": "VNM", "Türkiye": "TUR",
        "Korea, Rep.": "KOR", "Congo, Dem. Rep.": "COD", "Congo, Rep.": "COG", "Ivory Coast": "CIV",
        "Lao PDR": "LAO", "NA": "NAM", "Czech Republic": "CZE", "Russian Federation": "RUS",
        "Hong Kong SAR, China": "HKG", "XKX": "XKX", "Iran, Islamic Rep.": "IRN",
    }  # fmt: skip
    data = dr.as_data(pd.DataFrame({"country": list(said), "x": np.arange(len(said), dtype=float)}))
    assert list(data.iso3) == list(said.values())


def test_namibia_is_not_a_missing_value_in_any_text_file(tmp_path: Path) -> None:
    for suffix in (".csv", ".tsv", ".json", ".xlsx"):
        frame = pd.DataFrame({"iso2": ["NA", "KE"], "gci": ["11.5", "81.7"]})
        data = dr.read_data(write(frame, tmp_path / f"n{suffix}"))
        assert list(data.iso3) == ["NAM", "KEN"], suffix


@pytest.mark.parametrize("name", ["iso3", "ISO3", "country", "Country", "country_code", "iso2"])
def test_the_country_column_may_have_any_usual_name(name: str) -> None:
    assert dr.as_data(pd.DataFrame({name: ["PAK"], "gci": [1.0]})).countries == ("PAK",)


def test_a_frame_indexed_by_country_or_by_country_and_year_is_data() -> None:
    by_country = dr.as_data(pd.DataFrame({"gci": [1.0, 2.0]}, index=["Pakistan", "KEN"]))
    assert list(by_country.units) == ["PAK", "KEN"]
    index = pd.MultiIndex.from_tuples([("PAK", 2019), ("PAK", 2020), ("KEN", 2020)])
    panel = dr.as_data(pd.DataFrame({"gci": [1.0, 2.0, 3.0]}, index=index))
    assert list(panel.units) == [("PAK", 2019), ("PAK", 2020), ("KEN", 2020)]
    assert panel.years == (2019, 2020)


def test_semicolons_and_a_byte_order_mark_as_excel_writes_them_are_read(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes("\ufeffcountry;gci;hhi\nPakistan;64.88;\nKenya;81.7;0.2\n".encode())
    data = dr.read_data(path)
    assert data.values.loc["PAK", "gci"] == 64.88
    assert np.isnan(data.values.loc["PAK", "hhi"])


def test_the_words_people_write_for_missing_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    rows = "".join(
        f"{code},{word},1\n"
        for code, word in zip(
            ("PAK", "KEN", "GHA", "UGA", "PER"), ("", "NA", "n/a", "..", "NaN"), strict=True
        )
    )
    path.write_text(f"iso3,gci,ncsi\n{rows}")
    assert dr.read_data(path).values["gci"].isna().all()


def test_a_workbook_with_several_sheets_asks_which_and_reads_the_one_named(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    path = tmp_path / "book.xlsx"
    with pd.ExcelWriter(path) as book:
        wide().to_excel(book, sheet_name="notes", index=False)
        wide().assign(gci=1.5).to_excel(book, sheet_name="mine", index=False)
    with pytest.raises(dr.DataError, match="notes, mine"):
        dr.read_data(path)
    assert (dr.read_data(path, sheet="mine").values["gci"] == 1.5).all()
    with pytest.raises(dr.DataError, match="no sheet 'mien'"):
        dr.read_data(path, sheet="mien")


def test_json_with_its_manifest_around_it_is_data(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"manifest": {}, "data": [{"iso3": "PAK", "gci": 64.88}]}))
    assert dr.read_data(path).values.loc["PAK", "gci"] == 64.88


# -- kinds of cells ---------------------------------------------------------------------------------


KINDS = long(
    ("PAK", "gci", 64.88, "", None, None),
    ("KEN", "gci", None, "outside_register", None, None),
    ("GHA", "gci", None, "", 0.0, 12.0),
    ("UGA", "other", 1.0, "", None, None),
    columns="iso3 indicator value reason lower upper",
)


def test_missing_not_applicable_and_censored_cells_are_told_apart() -> None:
    data = dr.as_data(KINDS)
    status = {code: data.cell(code, "gci")["status"] for code in data.countries}
    assert status == {
        "PAK": "observed",
        "KEN": "not applicable",
        "GHA": "censored",
        "UGA": "missing",
    }
    assert data.cell("KEN", "gci")["reason"] == "outside_register"
    assert (data.cell("GHA", "gci")["lower"], data.cell("GHA", "gci")["upper"]) == (0.0, 12.0)
    assert data.values["gci"].isna().tolist() == [False, True, True, True]


def test_a_value_beside_a_reason_why_there_is_none_is_refused() -> None:
    with pytest.raises(dr.DataError, match=r"PAK.*gci.*64\.88.*reason"):
        dr.as_data(KINDS.assign(reason="outside_register").iloc[[0]])


def test_every_cell_of_the_snapshot_names_source_licence_year_and_confidence(data: dr.Data) -> None:
    evidence = data.evidence
    for column in ("source", "licence", "confidence"):
        assert (evidence[column] != "").all(), column
    assert evidence["year"].notna().all()
    assert set(evidence["confidence"]) <= {"high", "medium", "low"}
    assert (evidence["flag"].isin(["", "observed"])).all()


def test_high_income_countries_are_not_applicable_to_the_registers_and_never_zero(
    data: dr.Data,
) -> None:
    for name in ("focal_commitments_gdp", "focal_digital_projects", "external_debt_gni"):
        cell = data.cell("Poland", name)
        assert np.isnan(cell["value"])
        assert cell["status"] == "not applicable"
        assert cell["reason"] == "outside_register"


# -- conflicts --------------------------------------------------------------------------------------

SOURCES = long(
    ("PAK", "gci", 60.0, 2020, "low", "old report"),
    ("PAK", "gci", 65.0, 2020, "high", "new report"),
    ("PAK", "gci", 50.0, 2018, "high", "older report"),
    ("KEN", "gci", 80.0, 2020, "high", "new report"),
    columns="iso3 indicator value year confidence source",
)


def test_conflicting_sources_stay_side_by_side_with_the_rule_that_chose() -> None:
    data = dr.as_data(SOURCES, edition=2020)
    assert data.values.loc["PAK", "gci"] == 65.0
    assert data.cell("PAK", "gci")["source"] == "new report"
    kept = data.conflicts
    assert sorted(kept["value"]) == [50.0, 60.0]
    assert set(kept["source"]) == {"old report", "older report"}
    assert (kept["rule"] != "").all()
    assert data.cell("PAK", "gci")["rule"] == kept["rule"].iloc[0]


def test_a_choice_made_by_hand_stands_with_the_rule_its_maker_wrote() -> None:
    given = SOURCES.iloc[:2].assign(chosen=[1, 0], rule="the ministry's own figure")
    data = dr.as_data(given, edition=2020)
    assert data.values.loc["PAK", "gci"] == 60.0
    assert data.cell("PAK", "gci")["rule"] == "the ministry's own figure"


def test_two_equal_claims_for_one_cell_are_not_chosen_between_silently() -> None:
    tied = SOURCES.iloc[[0, 1]].assign(confidence="high")
    with pytest.raises(dr.DataError, match=r"PAK.*gci.*2 times.*60, 65"):
        dr.as_data(tied, edition=2020)


def test_an_edition_uses_nothing_that_is_later_and_keeps_it_aside() -> None:
    data = dr.as_data(SOURCES, edition=2019)
    assert data.values.loc["PAK", "gci"] == 50.0
    later = data.conflicts
    assert set(later["value"]) == {60.0, 65.0, 80.0}
    assert later["rule"].str.contains("2019").all()


def test_the_snapshot_keeps_both_figures_of_known_conflicts(data: dr.Data) -> None:
    assert len(data.conflicts) > 0
    assert (data.conflicts["rule"] != "").all()
    keys = ["iso3", "indicator"]
    chosen = set(map(tuple, data.evidence[keys].to_numpy()))
    assert set(map(tuple, data.conflicts[keys].to_numpy())) <= chosen


# -- years ------------------------------------------------------------------------------------------


def test_cells_with_several_years_make_a_panel_and_with_one_each_a_snapshot() -> None:
    panel = dr.as_data(
        long(("PAK", "a", 1, 2019), ("PAK", "a", 2, 2020), columns="iso3 indicator value year")
    )
    assert panel.is_panel
    assert panel.years == (2019, 2020)
    once = dr.as_data(
        long(("PAK", "a", 1, 2019), ("PAK", "b", 2, 2020), columns="iso3 indicator value year")
    )
    assert not once.is_panel
    assert once.cell("PAK", "a")["year"] == 2019


def test_a_year_is_selected_and_an_absent_one_is_named(data: dr.Data) -> None:
    panel = dr.as_data(
        pd.DataFrame({"iso3": ["PAK", "PAK"], "year": [2019, 2020], "x": [1.0, 2.0]})
    )
    assert panel.select(year=2019).values["x"].tolist() == [1.0]
    with pytest.raises(dr.UnknownNameError, match="2018"):
        panel.select(year=2018)
    with pytest.raises(dr.UnknownNameError, match=r"Pakstan.*did you mean `Pakistan`"):
        data.select(countries=["Pakstan"])


# -- frozen -----------------------------------------------------------------------------------------


def test_data_cannot_be_changed_from_outside(data: dr.Data) -> None:
    before = data.fingerprint
    values, evidence = data.values, data.evidence
    values.iloc[0, 0] = -1.0
    evidence.loc[:, "value"] = -1.0
    with pytest.raises(ValueError, match="read-only"):
        data.values_array[0, 0] = -1.0
    assert (
        dr.as_data(data.to_long(), edition=data.edition)
        .select(countries=data.countries)
        .values.loc["PAK", "gci"]
        == 64.88
    )
    assert data.fingerprint == before


def test_reading_a_frame_leaves_it_as_it_was() -> None:
    for given in (wide(), SOURCES.copy(), KINDS.copy()):
        before = given.copy(deep=True)
        data = dr.as_data(given, edition=2020)
        pd.testing.assert_frame_equal(given, before)
        given.loc[:, given.columns[2]] = given[given.columns[2]].iloc[0]
        assert data.fingerprint == dr.as_data(before, edition=2020).fingerprint


def test_the_fingerprint_tells_data_apart_and_reasons_and_bounds_count() -> None:
    marks = {
        dr.as_data(one).fingerprint
        for one in (
            KINDS,
            KINDS.assign(value=[64.9, None, None, 1.0]),
            KINDS.assign(reason=["", "focal", "", ""]),
            KINDS.assign(upper=[None, None, 13.0, None]),
        )
    }
    assert len(marks) == 4


def test_a_replaced_value_is_in_the_copy_and_in_everything_written_from_it(data: dr.Data) -> None:
    changed = data.replace({"Pakistan": {"gci": 10.0}})
    assert changed.values.loc["PAK", "gci"] == 10.0
    assert data.values.loc["PAK", "gci"] == 64.88
    assert changed.fingerprint != data.fingerprint
    cells = changed.to_long().query("iso3 == 'PAK' and indicator == 'gci' and chosen == 1")
    assert cells["value"].tolist() == [10.0]


def test_a_replaced_value_is_not_passed_off_as_its_source_s(data: dr.Data) -> None:
    cell = data.replace({"PAK": {"gci": 10.0}}).cell("PAK", "gci")
    assert cell.get("source") != data.cell("PAK", "gci")["source"]


def test_a_value_put_where_nothing_applied_is_used(
    fw: dr.Framework, data: dr.Data, scores: dr.Scores
) -> None:
    changed = data.replace({"Poland": {"external_debt_gni": 120.0}})
    assert changed.cell("POL", "external_debt_gni")["status"] == "observed"
    after = dr.score(fw, changed).values.loc["POL", "dependency"]
    assert after > scores.values.loc["POL", "dependency"]


def test_an_unknown_indicator_or_country_of_a_cell_suggests_the_nearest(data: dr.Data) -> None:
    with pytest.raises(dr.UnknownNameError, match="did you mean `gci`"):
        data.cell("PAK", "gcii")
    with pytest.raises(dr.UnknownNameError, match="did you mean `Pakistan`"):
        data.cell("Pakstan", "gci")


def test_evidence_is_no_argument_of_the_constructor_and_is_kept_by_selections() -> None:
    data = dr.load_data()
    with pytest.raises(TypeError, match="_evidence"):
        dr.Data(data.units, data.columns, data.values_array, _evidence=data.evidence)  # type: ignore[call-arg]
    assert len(data.select(countries=["KEN"]).evidence) > 0
    assert len(data.replace({"KEN": {data.columns[0]: 1.0}}).conflicts) == len(data.conflicts)
    with pytest.raises(AttributeError, match="internal since version 0.2.0"):
        data.unit_keys  # type: ignore[attr-defined]  # noqa: B018
