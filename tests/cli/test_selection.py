"""Commands select countries, regions and income groups as ``Scores.select`` does, with ranks among all."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from click.testing import CliRunner

import dsr_risk as dr
from dsr_risk.cli.main import main
from dsr_risk.data.groups import GROUPS

SELECTION = ["--region", "Africa", "--income", "Low income"]
OPTIONS = {
    "crosswalk": ["--all", "--format", "csv"],
    "publish": ["--format", "csv"],
    "uncertainty": ["--draws", "16", "--format", "csv"],
}


@pytest.fixture(scope="module")
def selected(bundled: dr.Scores) -> dr.Scores:
    return bundled.select(region="Africa", income="Low income")


def stdout(*words: str) -> str:
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(
    "command",
    ["crosswalk", "publish", pytest.param("uncertainty", marks=pytest.mark.slow)],
)
def test_commands_take_a_selection(command: str, selected: dr.Scores) -> None:
    frame = pd.read_csv(io.StringIO(stdout(command, *SELECTION, *OPTIONS[command])))
    assert set(frame["iso3"]) == set(selected.data.iso3)
    if "dependency_rank" in frame:
        ranks = frame.set_index("iso3")["dependency_rank"]
        assert (
            ranks.sort_index().tolist() == selected.table()["dependency_rank"].sort_index().tolist()
        )


def test_a_country_is_selected_by_any_of_its_names() -> None:
    options = ["--country", "Kenya", "--country", "Côte d'Ivoire", *OPTIONS["publish"]]
    frame = pd.read_csv(io.StringIO(stdout("publish", *options)))
    assert frame["iso3"].tolist() == ["CIV", "KEN"]


@pytest.mark.slow
def test_pages_and_workbooks_of_a_selection_hold_it_alone(tmp_path, selected: dr.Scores) -> None:
    pytest.importorskip("altair", reason="needs the extra `report`")
    pytest.importorskip("xlsxwriter", reason="needs the extra `excel`")
    stdout("report", *SELECTION, "--out", str(tmp_path / "a b.html"))
    text = (tmp_path / "a b.html").read_text(encoding="utf-8")
    assert f"A selection: {len(selected.data)} of 234 rows" in text
    assert "Hatched: no score. Grey: not in the selection." in text
    stdout("workbook", *SELECTION, "--out", str(tmp_path / "ą.xlsx"))
    raw = pd.read_excel(tmp_path / "ą.xlsx", sheet_name="Scores", header=None, engine="openpyxl")
    cells = set(map(str, raw.to_numpy().ravel()))
    assert "Ethiopia" in cells
    assert "Pakistan" not in cells


def test_a_group_of_countries_is_selected() -> None:
    frame = pd.read_csv(io.StringIO(stdout("score", "--country", "ASEAN", "--format", "csv")))
    whole = pd.read_csv(io.StringIO(stdout("score", "--format", "csv"))).set_index("iso3")
    assert set(frame["iso3"]) == set(GROUPS["ASEAN"])
    ranks = frame.set_index("iso3")["dependency_rank"]
    assert ranks.tolist() == whole["dependency_rank"].reindex(ranks.index).tolist()


@pytest.mark.parametrize("command", ["best-case", "outranking"])
def test_rows_of_a_selection_are_those_of_the_whole(command: str) -> None:
    part = pd.read_csv(io.StringIO(stdout(command, "--country", "EU", "--format", "csv")))
    whole = pd.read_csv(io.StringIO(stdout(command, "--format", "csv")))
    code = part.columns[0]
    kept = whole[whole[code].isin(GROUPS["EU"])].reset_index(drop=True)
    assert 20 < len(part) < len(whole)
    pd.testing.assert_frame_equal(
        part.sort_values(code, ignore_index=True), kept.sort_values(code, ignore_index=True)
    )


def test_swings_of_a_selection_are_rows_of_the_whole() -> None:
    part = pd.read_csv(
        io.StringIO(stdout("weight-swings", "--region", "Oceania", "--format", "csv"))
    )
    whole = pd.read_csv(io.StringIO(stdout("weight-swings", "--format", "csv")))
    kept = whole[whole["unit"].isin(set(part["unit"]))].reset_index(drop=True)
    assert 0 < len(part) < len(whole)
    pd.testing.assert_frame_equal(part, kept)


def test_leaving_one_out_ranks_a_selection_among_all(selected: dr.Scores) -> None:
    frame = pd.read_csv(io.StringIO(stdout("leave-one-out", *SELECTION, "--format", "csv")))
    result = dr.leave_one_out(selected)
    assert frame["node"].tolist() == result.index.tolist()
    # A country moves past others that are not of the selection.
    assert result["max_shift"].max() > len(selected.data)
    assert set(result["moved"]) <= {"", *selected.data.iso3}


@pytest.mark.parametrize("command", ["correlations", "audit"])
def test_matrices_and_audits_of_a_selection_are_over_it(command: str) -> None:
    text = stdout(command, "--region", "Africa", "--format", "csv")
    part = dr.score().select(region="Africa")
    expected = dr.correlations(part) if command == "correlations" else dr.audit(part).table()
    frame = pd.read_csv(io.StringIO(text))
    column = "dependency" if command == "correlations" else "figure"
    assert frame[column].tolist() == pytest.approx(expected[column].tolist(), nan_ok=True)


def test_the_map_of_a_page_tells_what_is_not_selected(selected: dr.Scores) -> None:
    pytest.importorskip("altair", reason="needs the extra `report`")
    from dsr_risk.pages.charts import areas

    whole, part = areas(selected._everyone), areas(selected)
    places = [shape["place"] for shape in part["areas"]]
    assert sum(place >= 0 for place in places) > 10
    for shape, other in zip(part["areas"], whole["areas"], strict=True):
        assert (shape["place"] == -1) == (other["place"] == -1)
    assert -2 not in {shape["place"] for shape in whole["areas"]}
    assert {dot["place"] for dot in part["dots"]} <= set(range(len(selected.data)))
