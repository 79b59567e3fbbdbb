"""Workbooks of tables: a sheet to print with title, words, notes and formats, and a sheet of data."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.output.headings import heading, short_title
from dsr_risk.output.wording import LANGUAGES, words_of
from tests.helpers import run

openpyxl = pytest.importorskip("openpyxl", reason="needs the extra `excel`")
pytest.importorskip("xlsxwriter", reason="needs the extra `excel`")

COMMANDS = [
    ("score",),
    ("score", "--level", "pillar"),
    ("score", "--details"),
    ("score", "--draws", "16"),
    ("explain", "PAK"),
    ("crosswalk",),
    ("correlations",),
    ("robustness",),
    ("records", "laws"),
]


def texts_of(sheet) -> list[str]:
    return [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_workbook_opens_on_a_sheet_to_print(command: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    done = run(*command, "--out", path)
    assert done.returncode == 0, done.stderr
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet.title == "print"
    assert sheet["A1"].font.bold
    assert sheet["A1"].value
    assert sheet.freeze_panes == "B4"
    assert sheet.auto_filter.ref.startswith("A3:")
    rows = int(re.findall(r"\d+", sheet.auto_filter.ref)[-1]) - 3
    assert sheet.page_setup.fitToHeight == (6 if rows <= 250 else 0)
    assert sheet.print_title_rows == "$3:$3"
    headings = [cell.value for cell in sheet[3] if cell.value]
    assert not [text for text in headings if "_" in text]
    assert all(text[0].isupper() for text in headings)
    assert all(sheet.column_dimensions[name].width >= 10 for name in "AB")
    if command[0] in ("score", "crosswalk", "robustness", "explain"):
        said = " ".join(texts_of(sheet))
        assert "higher is more risk" in said
        assert "Sources:" in said
    plain = pd.read_excel(path, engine="openpyxl")
    assert list(plain.columns) == [cell.value for cell in book["table"][1]]


@pytest.mark.slow
def test_the_sheet_of_scores_has_bands_in_colour_one_decimal_and_reasons(
    tmp_path: Path, bundled: dr.Scores
) -> None:
    path = tmp_path / "t.xlsx"
    assert run("score", "--out", path).returncode == 0
    sheet = openpyxl.load_workbook(path).active
    assert sheet["B4"].number_format == "0.0"
    assert sheet["B4"].value == bundled.values["dependency"].max()
    assert len(sheet.conditional_formatting) >= 2
    assert "China: the focal state itself" in " ".join(texts_of(sheet))


@pytest.mark.slow
def test_published_and_written_workbooks_read_back(tmp_path: Path, bundled: dr.Scores) -> None:
    pytest.importorskip("python_calamine", reason="needs the extra `excel`")
    path = dr.write_table(
        bundled.table(), tmp_path / "t.xlsx", manifest=dr.manifest(bundled) | {"title": "Scores"}
    )
    data = dr.read_data(path)
    assert len(data) == len(bundled.data)
    assert data.values.loc["PAK", "dependency"] == pytest.approx(
        bundled.values.loc["PAK", "dependency"]
    )
    path = dr.publish(bundled).save(tmp_path / "p.xlsx")
    data = dr.read_data(path)
    title = "Dependency on China"
    assert data.values.loc["PAK", title] == pytest.approx(bundled.values.loc["PAK", "dependency"])
    assert len(data) == len(dr.publish(bundled).frame())


@pytest.mark.slow
def test_the_same_table_gives_the_same_workbook(tmp_path: Path, bundled: dr.Scores) -> None:
    one, two = (dr.publish(bundled, top=3).save(tmp_path / f"{name}.xlsx") for name in "ab")
    assert one.read_bytes() == two.read_bytes()


def test_values_that_are_no_numbers_are_text(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"a": [True, False], "b": [float("inf"), 1.5], "c": [None, "=1"], "big": [7e10, 0.001]}
    )
    path = dr.write_table(frame, tmp_path / "t.xlsx", manifest={"title": "Mixed"})
    book = openpyxl.load_workbook(path)
    assert [cell.value for cell in book["table"][2]] == [True, "inf", None, 7e10]
    assert [cell.value for cell in book["print"][4]] == ["yes", "inf", "–", 7e10]
    assert book["print"]["C5"].data_type == "s"
    assert book["print"]["D4"].number_format == "#,##0"
    assert book["print"]["D5"].number_format == "#,##0.0000"


def test_a_wide_table_says_which_columns_its_page_lacks(tmp_path: Path) -> None:
    frame = pd.DataFrame({f"long_column_name_{n}": ["word " * 6] for n in range(20)})
    book = openpyxl.load_workbook(
        dr.write_table(frame, tmp_path / "t.xlsx", manifest={"title": "Wide"})
    )
    assert book["table"].max_column == 20
    shown = len([cell for cell in book["print"][3] if cell.value])
    assert 3 <= shown < 20
    assert f"{20 - shown} more columns: sheet `table`." in texts_of(book["print"])


# -- headings -------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("language", ["fr", "pl"])
def test_every_column_of_scores_has_a_heading_in_the_language(
    language: str, bundled: dr.Scores
) -> None:
    english = dr.publish(bundled, top=1, columns=["details", "pillar", "data_years", "focal"])
    table = dr.publish(
        bundled, top=1, columns=["details", "pillar", "data_years", "focal"], language=language
    )
    same = {name for name, text in table.headings.items() if text == english.headings[name]} - {
        "region"
    }
    assert not same
    assert set(LANGUAGES["en"]) <= set(LANGUAGES[language])


def test_headings_of_own_columns_are_words() -> None:
    words = words_of("en")
    assert heading("rank_high", {}, words) == "Rank high"
    assert heading("a_rank", {"a": "Risk of A"}, words) == "Risk of A: rank"
    assert heading("a_b_rank", {"a": "A", "a_b": "B"}, words) == "B: rank"
    assert heading("a_other", {"a": "A"}, words) == "A other"
    assert short_title("Plain") == "Plain"
    german = words_of({"band": "Stufe", "score_rank_region": "Rang in der Region"})
    assert heading("a_band", {"a": "A"}, german) == "A: Stufe"
    assert heading("a_rank", {"a": "A"}, german) == "A: rank"
    assert heading("a_rank_region", {"a": "A"}, german) == "A: Rang in der Region"


@pytest.mark.slow
def test_levels_details_and_draws_are_columns_to_publish(bundled: dr.Scores) -> None:
    table = dr.publish(bundled, top=2, columns=["pillar", "details"])
    assert {"digital_supply", "dependency_min", "dependency_rank_region"} <= set(table.frame())
    assert "Digital supply" in table.text("markdown")
    drawn = dr.uncertainty(bundled, draws=16, nodes="score")
    table = dr.publish(bundled, top=2, uncertainty=drawn)
    names = list(table.frame())
    assert names[1:4] == ["dependency", "dependency_low", "dependency_high"]
    assert "16 draws" in " ".join(table.notes)
    with pytest.raises(dr.DataError, match="result of `uncertainty"):
        dr.publish(bundled, uncertainty=3)


def test_a_panel_is_published_by_year_or_whole() -> None:
    index = pd.MultiIndex.from_product([["KEN", "PAK"], [2020, 2021]], names=["iso3", "year"])
    data = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 4, 2, 3]}, index=index)
    children = [{"name": name, "higher_is": "riskier"} for name in "ab"]
    scores = dr.score({"name": "t", "scores": [{"name": "risk", "children": children}]}, data)
    assert len(dr.publish(scores).frame()) == 2
    whole = dr.publish(scores, every_year=True)
    assert [(row[0], row[1]) for row in whole.rows()] == [
        ("Kenya", "2020"), ("Kenya", "2021"), ("Pakistan", "2020"), ("Pakistan", "2021")]  # fmt: skip
    assert whole.headings["year"] == "Year"


@pytest.mark.slow
@pytest.mark.parametrize("form", ["markdown", "html", "table"])
def test_levels_and_draws_are_printed_in_words(form: str) -> None:
    pytest.importorskip("great_tables", reason="needs the extra `tables`")
    options = ["--level", "pillar", "--draws", 16, "--language", "fr", "--top", 2]
    done = run("score", *options, "--format", form)
    assert done.returncode == 0, done.stderr
    flat = " ".join(done.stdout.split())
    assert "Offre numérique" in flat or "Offre" in flat
    assert "16 tirages" in flat
    assert "digital_supply" not in flat


@pytest.mark.slow
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_table_fits_every_terminal(width: int, bundled: dr.Scores) -> None:
    from dsr_risk.cli._tables import NO_OPTIONS
    from dsr_risk.cli.score import Asked, Table

    options = Asked(None, "pillar", True, (), None, None, None, 0, 1)
    text = Table(bundled, options, NO_OPTIONS, None)._text(width)
    assert max(map(len, text.splitlines())) <= width
    assert "Comoros" in text
