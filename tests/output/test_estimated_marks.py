"""Estimated cells are marked wherever they are shown: every table, contribution, explanation and file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.output.tables import as_text
from tests.helpers import run

ORANGE = "FFFBE3D6"


@pytest.fixture(scope="module")
def scores(bundled):
    return bundled


@pytest.fixture(scope="module")
def estimated(scores) -> pd.DataFrame:
    found = scores.imputed
    assert found.to_numpy().any()
    return found


def names_of(row: pd.Series) -> str:
    return "; ".join(row.index[row])


def test_details_give_counts_shares_and_the_score_of_observed_cells(scores, estimated) -> None:
    table = scores.table(details=True)
    assert (table["estimated"] == estimated.sum(axis=1)[table.index]).all()
    for name in scores.names:
        printed = table[name].notna()
        inside = [
            indicator for indicator in estimated if scores.framework.score_of(indicator) == name
        ]
        some = estimated[inside].any(axis=1)[table.index]
        assert (table.loc[printed, f"{name}_estimated_share"].gt(0) == some[printed]).all()
        assert table.loc[printed, f"{name}_observed"].notna().all()
        full = printed & ~some
        np.testing.assert_allclose(
            table.loc[full, f"{name}_observed"], table.loc[full, name], atol=1e-9
        )
        chosen = table.loc[printed & some]
        assert (chosen[f"{name}_observed"] != chosen[name]).any()


@pytest.mark.parametrize("level", ["pillar", "indicator", "all"])
def test_tables_of_levels_name_the_estimated_indicators(scores, estimated, level) -> None:
    found = scores.table(level)["estimated_indicators"]
    assert all(found[unit] == names_of(estimated.loc[unit]) for unit in estimated.index)


@pytest.mark.parametrize("level", ["indicator", "pillar", "all"])
def test_contributions_name_the_estimated_indicators_of_their_score(
    scores, estimated, level
) -> None:
    for name in scores.names:
        marked = scores.contributions(name, level=level).attrs["estimated"]
        inside = [
            indicator for indicator in estimated if scores.framework.score_of(indicator) == name
        ]
        for unit in scores.values.index[scores.values[name].notna()]:
            expected = [indicator for indicator in inside if estimated.loc[unit, indicator]]
            assert marked.get(unit, []) == expected


def test_contributions_of_a_panel_name_unit_and_year() -> None:
    fw = {
        "name": "own", "defaults": {"missing": "mean", "min_coverage": 0},
        "scores": [{"name": "risk", "children": [
            {"name": "a", "higher_is": "riskier"}, {"name": "b", "higher_is": "riskier"}]}],
    }  # fmt: skip
    index = pd.MultiIndex.from_product([["KEN", "PAK"], [2020, 2021]], names=["iso3", "year"])
    data = pd.DataFrame({"a": [1.0, 2, 3, np.nan], "b": [1.0, 4, 2, 3]}, index=index)
    found = dr.score(fw, data).contributions("risk")
    assert found.attrs["estimated"] == {"PAK 2021": ["a"]}


def test_an_explanation_marks_estimated_cells_as_table_text_and_file(
    scores, estimated, tmp_path: Path
) -> None:
    found = dr.explain(scores, "BGR")
    table = found.table().set_index("node")
    marked = table.index[table["status"] == "estimated"]
    assert list(marked) == list(estimated.columns[estimated.loc["BGR"]])
    for form in ("plain", "markdown", "html"):
        assert as_text(found.table(), form).count("estimated") == len(marked)
    scored, _, _ = repr(found).partition("Context, not scored")
    assert scored.count("estimated") == len(marked)
    for suffix in ("csv", "json", "xlsx", "md"):
        path = dr.write_table(found.table(), tmp_path / f"e.{suffix}")
        if suffix == "xlsx":
            again = pd.read_excel(path, engine="openpyxl")
            assert (again["status"] == "estimated").sum() == len(marked)
        else:
            assert path.read_text(encoding="utf-8").count("estimated") == len(marked)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["csv", "json", "xlsx", "parquet", "md", "html"])
def test_every_file_of_the_command_line_names_estimated_indicators(
    estimated, tmp_path: Path, suffix
) -> None:
    path = tmp_path / f"t.{suffix}"
    done = run("score", "--level", "indicator", "--country", "BGR", "--out", str(path))
    assert done.returncode == 0, done.stderr
    names = names_of(estimated.loc["BGR"])
    if suffix == "xlsx":
        assert pd.read_excel(path, engine="openpyxl")["estimated_indicators"].item() == names
    elif suffix == "parquet":
        assert pd.read_parquet(path)["estimated_indicators"].item() == names
    elif suffix in ("md", "html"):
        assert path.read_text(encoding="utf-8").count(" ◊") >= len(names.split("; "))
    else:
        assert names in path.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["csv", "parquet", "json", "txt", "md", "html", "docx", "xlsx"])
def test_every_published_file_marks_rows_with_a_large_estimated_share(
    scores, tmp_path: Path, suffix
) -> None:
    table = dr.publish(scores)
    count = sum("◊" in mark for mark in table.marks())
    assert count
    path = table.save(tmp_path / f"t.{suffix}")
    if suffix in ("csv", "parquet"):
        again = (
            pd.read_csv(path, keep_default_na=False) if suffix == "csv" else pd.read_parquet(path)
        )
        assert list(again["marks"])[: len(table.marks())] == table.marks()
    elif suffix == "json":
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        assert [row["marks"] for row in rows][: len(table.marks())] == table.marks()
    elif suffix == "docx":
        import docx

        grid = docx.Document(str(path)).tables[0]
        assert sum("◊" in cell.text for cell in grid.columns[0].cells) == count
    elif suffix == "xlsx":
        first = pd.read_excel(path, header=None, engine="openpyxl")[0].astype(str)
        assert first[3 : 3 + len(table.frame())].str.contains("◊").sum() == count
    else:
        lines = path.read_text(encoding="utf-8").splitlines()
        assert sum("◊" in line for line in lines) >= count


@pytest.mark.slow
@pytest.mark.parametrize("sheet", ["Normalised", "Levels", "Contributions"])
def test_a_workbook_shows_estimated_cells_in_another_colour(tmp_path: Path, sheet) -> None:
    import openpyxl

    chosen = dr.score().select(countries=["BGR", "KEN", "DEU", "KIR"])
    page = openpyxl.load_workbook(dr.workbook(chosen, tmp_path / "w.xlsx"))[sheet]
    names = [cell.value for cell in page[6]]
    indicators = list(chosen.imputed.columns)
    for row in page.iter_rows(min_row=7, max_row=10):
        unit = row[1].value
        marked = {
            name for name, cell in zip(names, row, strict=True)
            if cell.fill.fgColor.rgb == ORANGE and name is not None
        }  # fmt: skip
        assert marked == {
            indicator for indicator in indicators if chosen.imputed.loc[unit, indicator]
        }


def test_data_with_cells_estimated_elsewhere_keep_their_flag_in_long_form() -> None:
    cells = pd.DataFrame({
        "iso3": ["KEN", "PAK", "LAO"], "indicator": ["a"] * 3, "value": [1.0, 2, 3],
        "flag": ["", "imputed", ""],
    })  # fmt: skip
    data = dr.as_data(cells)
    long = data.to_long().set_index("iso3")
    assert long.loc["PAK", "flag"] == "imputed"
    fw = {"name": "own", "scores": [
        {"name": "risk", "children": [{"name": "a", "higher_is": "riskier"}]}]}  # fmt: skip
    assert dr.score(fw, data).imputed["a"].tolist() == [False, True, False]
