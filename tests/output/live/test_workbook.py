"""Workbook with live formulas: recalculated by LibreOffice it equals Python, before and after edits."""

from __future__ import annotations

import functools
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.scoring.prepare import prepare
from tests.folders import ROOT
from tests.helpers import COUNTRIES, frame, framework, group, indicator, run
from tests.output.live.calc import edit, needs_soffice, recalculated, spoil, table, texts
from tests.special_groups import special_example

pytest.importorskip("xlsxwriter", reason="needs the extra `excel`")
openpyxl = pytest.importorskip("openpyxl", reason="needs the extra `excel`")

CLOSE = 1e-9
FEW = 40


@dataclass
class Case:
    """A framework, its data and three edits, as cells of the workbook and as Python says them."""

    framework: dr.Framework
    data: Any
    weight: tuple[str, float]
    goalpost: tuple[str, str, float, Any]
    raw: tuple[str, str, float]

    def cells(self, count: int) -> dict[tuple[str, str, str], object]:
        name, column, value, _ = self.goalpost
        every = [
            (("Framework", self.weight[0], "weight"), self.weight[1]),
            (("Framework", name, column), value),
            (("Raw", self.raw[0], self.raw[1]), self.raw[2]),
        ]
        return dict(every[:count])

    def scores(self, count: int) -> dr.Scores:
        """Python's scores after so many edits; estimates stay those of the unedited data."""
        changes: dict[str, Any] = {}
        if count > 0:
            changes[f"{self.weight[0]}.weight"] = self.weight[1]
        if count > 1:
            changes[f"{self.goalpost[0]}.normalisation"] = self.goalpost[3]
        fw = self.framework.replace(changes) if changes else self.framework
        data = self.data
        scores = dr.score(fw, data)
        if count < 3:
            return scores
        country, column, value = self.raw
        edited = scores.data.update(
            pd.DataFrame({column: [value]}, index=pd.Index([country], name="iso3"))
        )
        if not len(scores._state.estimates.rows):
            return dr.score(fw, edited)
        return scores.model._score(prepare(fw, edited), scores._state.estimates)


def shared_example() -> tuple[dr.Framework, pd.DataFrame]:
    """Power, mirrored and shared weights; every mean has a group, every shared normalisation an indicator."""
    rng = np.random.default_rng(3)
    names = [f"x{number}" for number in range(26)]
    values = rng.uniform(5, 95, size=(len(COUNTRIES), len(names)))
    values[rng.random(values.shape) < 0.12] = np.nan
    values[0, :3] = np.nan
    values[1, 4] = 100.0
    values[2, 2] = 0.0
    table_ = pd.DataFrame(values, index=pd.Index(COUNTRIES, name="iso3"), columns=names)
    table_["people"] = rng.uniform(1e5, 1e7, size=len(COUNTRIES))
    parts = iter(names)
    two = [
        group("power", indicator(next(parts)), indicator(next(parts), 2.0), aggregation={"method": "power", "p": 2}),
        group("plain_geometric", indicator(next(parts)), indicator(next(parts)),
              aggregation={"method": "geometric", "offset": 0}),
        group("mirrored", indicator(next(parts)), indicator(next(parts)),
              aggregation={"method": "mirrored", "of": {"method": "geometric", "offset": 0}}),
        group("harmonic", indicator(next(parts)), indicator(next(parts), 3.0), aggregation="harmonic"),
        group("steep", indicator(next(parts)), indicator(next(parts)), aggregation={"method": "power", "p": -3}),
        group("mirrored_power", indicator(next(parts)), indicator(next(parts)),
              aggregation={"method": "mirrored", "of": {"method": "power", "p": 3}}, rounding=0),
        group("product", indicator(next(parts)), indicator(next(parts)), aggregation="product"),
        group("lowest", indicator(next(parts)), indicator(next(parts)), aggregation="minimum", rounding=1),
        group("highest", indicator(next(parts)), indicator(next(parts)), aggregation="maximum", min_children=2),
    ]  # fmt: skip
    kinds = [
        "minmax", {"method": "zscore"}, "rank", "percentile_rank", "borda",
        {"method": "piecewise", "at": [0, 20, 60, 100], "shares": [0, 0.1, 0.8, 1]},
        {"method": "logistic", "low": 10, "high": 90}, {"method": "scaled", "low": 0, "high": 120},
    ]  # fmt: skip
    three = [
        indicator(next(parts), 1.0 + number, normalisation=kind,
             higher_is="safer" if number % 2 else "riskier")
        for number, kind in enumerate(kinds)
    ]  # fmt: skip
    three[0]["treatment"] = "log1p"
    three[1]["treatment"] = "winsorise"
    three.append(indicator("ratio_", derived={"method": "ratio", "of": ["x0", "x1"], "scale": 40}))
    three.append(
        indicator(
            "head", column="x3", denominator="people", scale_factor=1e5, normalisation="minmax"
        )
    )
    fw = framework(
        group("first", *two, aggregation={"method": "power", "p": 2}, min_coverage=0.4),
        group("second", *three, min_coverage=0.4),
        defaults={"missing": "share_weight"},
    )  # fmt: skip
    return fw, table_


@functools.cache
def made_cases() -> dict[str, Case]:
    bundled = dr.load_data()
    few = bundled.select(countries=[*sorted(set(bundled.iso3) - {"CHN"})[3 : 3 + FEW], "CHN"])
    first = ROOT / "tests" / "data" / "first_edition"
    older = dr.read_data(first / "snapshot.csv")
    index = ROOT / "examples" / "indices"
    fw, data = shared_example()
    other, values = special_example()
    return {
        "bundled": Case(
            dr.load_framework(), few, ("lack_of_alternatives", 0.9),
            ("import_partner_hhi", "high or unit", 0.3, {"method": "goalposts", "low": 0.04, "high": 0.3}),
            ("BRA", "gci_2024", 20.0),
        ),
        "first_edition": Case(
            dr.load_framework(first / "dsr.yaml"), older.select(countries={"KEN", "CHN", *sorted(set(older.iso3))[::4]}),
            ("gci", 0.9),
            ("gci", "low or centre", 10.0, {"method": "goalposts", "low": 10, "high": 100}),
            ("KEN", "gci", 20.0),
        ),
        "inform": Case(
            dr.load_framework(index / "inform_like.yaml"), dr.read_data(index / "inform_like.csv"),
            ("hazard", 3.0),
            ("import_partner_hhi", "high or unit", 0.2, {"method": "goalposts", "low": 0, "high": 0.2}),
            ("KEN", "ncsi", 12.5),
        ),
        "shared": Case(
            fw, data, ("mirrored", 4.0),
            ("x4", "high or unit", 80.0, {"method": "goalposts", "low": 0, "high": 80}),
            ("KEN", "x18", 99.0),
        ),
        "special": Case(
            other, values, ("x9", 4.0),
            ("x0", "high or unit", 80.0, {"method": "goalposts", "low": 0, "high": 80}),
            ("KEN", "x2", 99.0),
        ),
    }  # fmt: skip


NAMES = ("bundled", "first_edition", "inform", "shared", "special")
EDITS = 4


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every case before and after one, two and three edits, recalculated by LibreOffice."""
    assert tuple(made_cases()) == NAMES
    folder = tmp_path_factory.mktemp("books")
    paths = []
    for name, case in made_cases().items():
        for count in range(EDITS):
            path = dr.workbook(case.scores(0), folder / f"{name}{count}.xlsx")
            if count:
                edit(path, case.cells(count))
            paths.append(spoil(path))
    found = recalculated(paths, folder)
    return {
        name.removesuffix(".xlsx"): openpyxl.load_workbook(path, data_only=True)
        for name, path in found.items()
    }


@needs_soffice
@pytest.mark.slow
@pytest.mark.parametrize("count", range(EDITS))
@pytest.mark.parametrize("name", NAMES)
def test_workbook_recalculated_equals_python(books, name, count) -> None:
    scores = made_cases()[name].scores(count)
    book = books[f"{name}{count}"]
    shown = table(book, "Scores")
    for headline in scores.names:
        for column, found in (
            (headline, scores.values[headline]),
            (f"{headline}_rank", scores.rank[headline]),
        ):
            pd.testing.assert_series_equal(
                shown[column], found.astype(float).reindex(shown.index),
                rtol=0, atol=CLOSE, check_names=False,
            )  # fmt: skip
        expected = scores.contributions(headline)
        points = table(book, "Contributions")[list(expected)]
        expected = expected.reindex(points.index)
        pd.testing.assert_frame_equal(points, expected, rtol=0, atol=CLOSE, check_names=False)
    said = texts(book, "Scores")
    for headline in scores.names:
        for part, found in (
            ("band", scores.band),
            ("grade", scores.grade),
            ("basis", scores.basis),
        ):
            text = found[headline].reindex(said.index).fillna("")
            kept = ~scores._focal[scores.data.units.get_indexer(said.index)]
            assert (said[f"{headline}_{part}"] == text)[kept].all(), part


@needs_soffice
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_workbook_levels_and_coverage_equal_python(books, name) -> None:
    scores = made_cases()[name].scores(0)
    for sheet, found in (
        ("Normalised", scores.normalised), ("Levels", scores.evaluated), ("Coverage", scores.coverage),
    ):  # fmt: skip
        shown = table(books[f"{name}0"], sheet)
        kept = shown.index[~scores._focal[scores.data.units.get_indexer(shown.index)]]
        expected = found.loc[kept, list(shown.columns[: found.shape[1]])]
        if sheet == "Coverage":
            applies = scores._state.scorable.applicable[scores.data.units.get_indexer(kept)]
            places = [scores._state.tree.index[column] for column in expected]
            expected = expected.where(applies[:, places])
        pd.testing.assert_frame_equal(
            shown.loc[kept, list(expected)], expected, rtol=0, atol=CLOSE, check_names=False
        )


@needs_soffice
@pytest.mark.slow
def test_workbook_edits_change_scores(books) -> None:
    for name, case in made_cases().items():
        seen = [table(books[f"{name}{count}"], "Scores") for count in range(EDITS)]
        for before, after in zip(seen, seen[1:], strict=False):
            assert not before.equals(after), name
        assert len(case.scores(0).data) == len(seen[0])


@needs_soffice
@pytest.mark.slow
def test_goalposts_of_a_class_are_inputs(tmp_path: Path) -> None:
    fw, data = special_example()
    path = dr.workbook(dr.score(fw, data), tmp_path / "classes.xlsx")
    edit(path, {("Classes", "Africa", "x26 low"): 30.0, ("Classes", "Asia", "x27 high"): 70.0})
    found = recalculated([spoil(path)], tmp_path)["classes.xlsx"]
    shown = table(openpyxl.load_workbook(found, data_only=True), "Normalised")
    methods = {name: fw[name].normalisation.model_dump() for name in ("x26", "x27")}
    methods["x26"]["low"]["Africa"], methods["x27"]["high"]["Asia"] = 30.0, 70.0
    changes = {
        f"{name}.normalisation": {"method": "goalposts", **spec} for name, spec in methods.items()
    }
    expected = dr.score(fw.replace(changes), data).normalised[["x26", "x27"]]
    pd.testing.assert_frame_equal(
        shown[["x26", "x27"]], expected.reindex(shown.index), rtol=0, atol=CLOSE, check_names=False
    )
    assert not np.allclose(expected, dr.score(fw, data).normalised[["x26", "x27"]], equal_nan=True)


# -- what a file holds, without a spreadsheet program -------------------------------------------------


@pytest.fixture(scope="module")
def scores(bundled: dr.Scores) -> dr.Scores:
    return bundled


@pytest.fixture(scope="module")
def book(scores, tmp_path_factory) -> Any:
    path = dr.workbook(scores, tmp_path_factory.mktemp("book") / "scores.xlsx")
    return openpyxl.load_workbook(path)


@pytest.mark.slow
def test_workbook_has_a_sheet_for_every_step(book) -> None:
    assert book.sheetnames == [
        "Framework", "Raw", "Estimated", "Points", "Filled", "Derived", "Normalised", "Levels", "Coverage",
        "Lowest", "Highest", "Contributions", "Scores", "Ranking", "Country", "Notes", "Sources",
    ]  # fmt: skip


@pytest.mark.slow
def test_workbook_holds_the_values_that_python_found(scores, tmp_path) -> None:
    path = dr.workbook(scores, tmp_path / "scores.xlsx")
    found = table(openpyxl.load_workbook(path, data_only=True), "Scores")
    for name in scores.names:
        expected = scores.values[name].reindex(found.index)
        np.testing.assert_allclose(found[name], expected, rtol=0, atol=CLOSE)


@pytest.mark.slow
def test_workbook_uses_functions_that_excel_and_libreoffice_know(tmp_path) -> None:
    known = {
        "ABS", "AND", "AVERAGE", "COUNT", "EXP", "IF", "IFERROR", "INDEX", "INT", "ISERROR", "ISNUMBER", "LN", "LOOKUP",
        "MATCH", "MAX", "MEDIAN", "MIN", "N", "NA", "NOT", "OR", "PERCENTILE", "PRODUCT", "RANK", "ROUND", "SIGN", "SQRT", "STDEV",
        "STDEVP", "SUM", "SUMPRODUCT",
    }  # fmt: skip
    for name, case in made_cases().items():
        path = dr.workbook(case.scores(0), tmp_path / f"{name}.xlsx")
        with zipfile.ZipFile(path) as parts:
            text = "".join(
                parts.read(part).decode() for part in parts.namelist() if "worksheets" in part
            )
        used = set(re.findall(r"([A-Z][A-Z0-9.]*)\(", " ".join(re.findall(r"<f>(.*?)</f>", text))))
        assert used <= known, used - known
        assert "_xlfn" not in text
        assert 't="array"' not in text


@pytest.mark.slow
def test_workbook_input_cells_are_coloured(book) -> None:
    sheet = book["Framework"]
    headlines = next(row for row in sheet.iter_rows(max_row=40) if row[0].value == "node")
    columns = {cell.value: cell.column for cell in headlines}
    row = next(
        r for r in range(headlines[0].row, sheet.max_row) if sheet.cell(r, 1).value == "gci_2024"
    )
    colours = {
        name: sheet.cell(row, columns[name]).fill.fgColor.rgb
        for name in ("weight", "higher is", "low or centre", "high or unit")
    }
    assert set(colours.values()) == {"FFFFF2CC"}


def test_workbook_says_what_is_a_value(tmp_path) -> None:
    fw = framework(
        group("a", indicator("x"), indicator("y"), aggregation="mean_min"),
        group("b", indicator("z", treatment="box_cox"), indicator("w", normalisation="rank")),
    )
    data = frame({name: [10.0, 20, 35, 80] for name in "xyzw"})
    data.iloc[2, 0] = 90
    scores = dr.score(fw, data)
    book = openpyxl.load_workbook(dr.workbook(scores, tmp_path / "w.xlsx"))
    notes = "\n".join(str(row[0].value) for row in book["Notes"].iter_rows())
    computed = {
        row[0]: row[19]
        for row in book["Framework"].iter_rows(min_row=9, values_only=True)
        if row[0]
    }
    assert "aggregation `mean_min` has no formula here" in computed["a"]
    assert "box_cox" in computed["z"]
    assert computed["w"] == "formula"
    assert "mean_min" in notes


HOSTILE = (
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-1",
    "@SUM(A1)",
    '=HYPERLINK("http://x")',
    "http://a.example",
    "a\x0bb\x1fc",
)


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
def test_workbook_text_never_becomes_a_formula(tmp_path, text) -> None:
    fw = framework(
        group("a", indicator("x", label=text, source=text, unit=text, rationale=text), indicator("y"), label=text),
        title=text, bands={text: 0, "high": 50}, grades={text: 0.5},
    )  # fmt: skip
    rows = [
        {"iso3": code, "indicator": name, "value": 10.0 * place, "source": text, "note": text}
        for place, code in enumerate(COUNTRIES, start=1) for name in ("x", "y")
    ]  # fmt: skip
    path = dr.workbook(dr.score(fw, pd.DataFrame(rows)), tmp_path / "w.xlsx")
    with zipfile.ZipFile(path) as parts:
        sheets = [parts.read(one).decode() for one in parts.namelist() if "worksheets/sheet" in one]
        strings = parts.read("xl/sharedStrings.xml").decode()
    formulas = "".join(one for sheet in sheets for one in re.findall(r"<f>(.*?)</f>", sheet))
    for part in ("cmd", "HYPERLINK", "SUM(A1)", "a.example"):
        assert part not in formulas
    assert "hyperlink" not in "".join(sheets)
    assert strings.count("<si>") > 10


def test_workbook_takes_framework_and_data(tmp_path) -> None:
    fw = framework(group("a", indicator("x")))
    path = dr.workbook(fw, frame({"x": [1, 2, 3]}), tmp_path / "w.xlsx")
    assert path.exists()


def test_workbook_of_a_panel_ranks_within_years(tmp_path) -> None:
    fw = framework(group("a", indicator("x"), indicator("y")))
    rows = [
        {"iso3": code, "year": year, "x": 10.0 * place + year % 10, "y": 5.0 * place}
        for place, code in enumerate(COUNTRIES) for year in (2020, 2021)
    ]  # fmt: skip
    scores = dr.score(fw, pd.DataFrame(rows))
    assert scores.data.is_panel
    path = dr.workbook(scores, tmp_path / "w.xlsx")
    sheet = openpyxl.load_workbook(path)["Scores"]
    assert sheet.cell(7, 3).value in ("2020", "2021")


# -- bad input ---------------------------------------------------------------------------------------


def test_workbook_without_a_path_or_another_suffix_is_refused(scores, tmp_path) -> None:
    with pytest.raises(dr.DataError, match="needs the path"):
        dr.workbook(scores)
    with pytest.raises(dr.DataError, match=r"expected a \.xlsx file"):
        dr.workbook(scores, tmp_path / "w.csv")


def test_workbook_into_a_folder_that_is_not_there_is_refused(scores, tmp_path) -> None:
    with pytest.raises(dr.DataError, match="no folder"):
        dr.workbook(scores, tmp_path / "no" / "w.xlsx")
    (tmp_path / "d.xlsx").mkdir()
    with pytest.raises(dr.DataError, match="is a folder"):
        dr.workbook(scores, tmp_path / "d.xlsx")


def test_workbook_without_xlsxwriter_names_the_extra(scores, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xlsxwriter", None)
    with pytest.raises(dr.MissingExtraError, match="excel"):
        dr.workbook(scores, tmp_path / "w.xlsx")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_score_command_writes_a_workbook(tmp_path) -> None:
    done = run("score", "--workbook", tmp_path / "w.xlsx", "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert "workbook" in done.stderr
    assert "Scores" in openpyxl.load_workbook(tmp_path / "w.xlsx", read_only=True).sheetnames


@pytest.mark.slow
def test_score_command_refuses_a_workbook_over_its_input(tmp_path) -> None:
    source = tmp_path / "mine.xlsx"
    pd.DataFrame({"iso3": list(COUNTRIES), "x": range(len(COUNTRIES))}).to_excel(
        source, index=False
    )
    before = source.read_bytes()
    done = run("score", "--data", source, "--workbook", source)
    assert done.returncode == 2
    assert "write to another file" in done.stderr
    assert source.read_bytes() == before


def test_workbook_names_only_sheets_that_it_has(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"a": [1.0, 2.0, np.nan], "b": [3.0, 1.0, 2.0]}, index=["PAK", "KEN", "LAO"]
    )
    tree = {"name": "own", "scores": [{"name": "risk", "children": [
        {"name": "a", "higher_is": "riskier"}, {"name": "b", "higher_is": "riskier"}]}]}  # fmt: skip
    path = dr.workbook(dr.score(tree, table.rename_axis("iso3")), tmp_path / "own.xlsx")
    book = openpyxl.load_workbook(path)
    texts = " ".join(
        str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value
    )
    for name in ("Sources", "Points", "Estimated"):
        if name not in book.sheetnames:
            assert f"sheet {name}" not in texts
            assert f"sheets {name}" not in texts
            assert f"and {name})" not in texts
    assert "Sources" not in book.sheetnames
