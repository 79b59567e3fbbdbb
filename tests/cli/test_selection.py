"""Commands select countries, regions and income groups as ``Scores.select`` does, with ranks among all."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from click.testing import CliRunner

import dsr_risk as dr
from dsr_risk.cli.main import main

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
    assert "Hatched: no score, or not in the selection." in text
    stdout("workbook", *SELECTION, "--out", str(tmp_path / "ą.xlsx"))
    raw = pd.read_excel(tmp_path / "ą.xlsx", sheet_name="Scores", header=None, engine="openpyxl")
    cells = set(map(str, raw.to_numpy().ravel()))
    assert "Ethiopia" in cells
    assert "Pakistan" not in cells
