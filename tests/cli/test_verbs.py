"""Every verb has a command of its own with the words of the function."""

from __future__ import annotations

import inspect
from pathlib import Path

import click
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.cli.main import COMMANDS, Commands

from .test_analyses import csv_of, run

OTHER_NAMES = {"citation": "cite", "fit": "score", "manifest": "score", "stress_test": "scenario"}
"""A stress test is a scenario command with several scenarios; a manifest is written beside every file."""
PANEL = """iso3,year,debt,gci
PAK,2018,10,50
PAK,2019,20,45
PAK,2020,25,44
PAK,2021,40,40
KEN,2018,30,60
KEN,2019,28,65
KEN,2020,35,66
KEN,2021,36,70
"""
FRAMEWORK = """name: case
scores:
- name: risk
  children:
  - {name: debt, higher_is: riskier}
  - {name: gci, higher_is: safer}
"""


def verbs() -> list[str]:
    return [
        name
        for name in dr.__all__
        if inspect.isfunction(getattr(dr, name))
        and "Spec" in str(inspect.signature(getattr(dr, name)))
    ]


def test_every_verb_has_a_command() -> None:
    assert {OTHER_NAMES.get(name, name.replace("_", "-")) for name in verbs()} <= set(COMMANDS)


def test_every_command_is_listed_and_loads() -> None:
    for name in COMMANDS:
        command = Commands().get_command(click.Context(Commands()), name)
        assert command is not None
        assert command.name == name


@pytest.fixture
def panel(tmp_path: Path) -> list[str]:
    data, framework = tmp_path / "panel.csv", tmp_path / "fw.yaml"
    data.write_text(PANEL, "utf-8")
    framework.write_text(FRAMEWORK, "utf-8")
    return ["-f", str(framework), "-d", str(data), "--panel"]


@pytest.mark.slow
def test_trends_and_replay_of_a_panel(panel: list[str]) -> None:
    trends = csv_of("trends", *panel, "--per", "1").set_index(["iso3", "name"])
    assert trends.loc[("PAK", "debt"), ["first", "last"]].tolist() == [0.0, 100.0]
    assert trends.loc[("KEN", "gci"), "slope"] < 0
    replayed = csv_of("replay", *panel, "--years", "2020", "--years", "2021")
    assert sorted(replayed["year"].unique()) == [2020, 2021]


@pytest.mark.slow
def test_best_case_equals_the_function() -> None:
    table = csv_of("best-case", "--score", "security", "--min-share", "0.1").set_index("iso3")
    expected = dr.best_case(dr.score(), score="security", min_share=0.1)
    assert table.loc["PAK", "best_case"] == pytest.approx(
        expected.loc["PAK", "best_case"], rel=1e-12
    )


@pytest.mark.slow
def test_tornado_and_value_of_information_are_about_one_country() -> None:
    swings = csv_of("tornado", "Pakistan", "--score", "security")
    assert {"factor", "width"} <= set(swings)
    cells = csv_of("value-of-information", "BEN", "--draws", "32", "--score", "security")
    assert set(cells["score"]) == {"security"}
    assert "did you mean" in run("tornado", "Pakistann", code=2).stderr


@pytest.mark.slow
def test_screening_needs_no_scores_and_writes_its_file(tmp_path: Path) -> None:
    target = tmp_path / "screen.csv"
    run("screen-data", "--min-available", "0.5", "--out", str(target))
    written = pd.read_csv(target, keep_default_na=False, na_values=[""]).set_index("iso3")
    expected = dr.screen_data(dr.score(), min_available=0.5)
    assert written["kept"].tolist() == expected["kept"].tolist()
    assert target.with_name("screen.csv.manifest.json").exists()
    assert csv_of("denomination-hints", "--threshold", "0.2").columns[0] == "indicator"


@pytest.mark.slow
def test_weights_and_indicators_one_at_a_time() -> None:
    assert set(csv_of("weight-swings", "--share", "0.1")["change"]) == {"+", "-"}
    assert "mean_shift" in csv_of("leave-one-out", "--score", "security")
    distances = csv_of("reversals", "--score", "security", "--norm", "linf").set_index("iso3")
    assert distances.loc["PAK", "KEN"] == pytest.approx(distances.loc["KEN", "PAK"])


@pytest.mark.slow
@pytest.mark.parametrize("given", [(), ("a.xlsx", "--out", "b.xlsx")], ids=["none", "both"])
def test_workbook_needs_its_file_once(given: tuple[str, ...]) -> None:
    said = run("workbook", *given, code=2).stderr
    assert "as FILE or with --out FILE" in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.slow
def test_workbook_is_written_and_never_over_its_input(tmp_path: Path, panel: list[str]) -> None:
    target = tmp_path / "scores.xlsx"
    run("workbook", str(target))
    assert target.read_bytes()[:2] == b"PK"
    again = tmp_path / "again.xlsx"
    run("workbook", "--out", str(again))
    assert again.read_bytes()[:2] == b"PK"
    assert run("workbook", panel[3], *panel[:4], code=2).stderr
