"""Tables to read of every command: they fit the terminal, and documents say what they are about."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.cli._shared import fitting
from dsr_risk.cli.weight_swings import _largest
from tests.helpers import run

CODE = "focal_share_machinery_electronics"


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("table", [dr.levers, dr.scenarios])
def test_texts_are_folded_before_columns_go(table, width) -> None:
    text = fitting(table(), width)
    assert max(map(len, text.splitlines())) <= width
    assert ("more column" in text) is (table is dr.scenarios and width < 120)


def test_words_are_not_broken_where_a_column_can_go() -> None:
    frame = pd.DataFrame({"node": [CODE] * 2, "a": [1.0, 2], "note": ["some words " * 9] * 2})
    frame = frame.assign(b=[3.0, 4], c=[5.0, 6])
    text = fitting(frame, 80)
    assert CODE in text
    assert max(map(len, text.splitlines())) <= 80
    assert "1 more column: " in fitting(frame, 70)


def test_swings_are_shortened_to_the_unit_that_moves_most() -> None:
    rows = {"node": ["a", "a", "b"], "change": ["+"] * 3, "weight": [1.0] * 3, "score": ["s"] * 3}
    frame = pd.DataFrame(
        {**rows, "unit": ["X", "Y", "X"], "value": [1.0, 2, 3], "gap": [1.0, -2, 3]}
    )
    assert _largest(frame)["unit"].tolist() == ["Y", "X"]


@pytest.mark.slow
def test_a_document_of_a_scenario_names_it_and_what_moves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "s.md"
    assert run("scenario", "debt_relief", "--country", "Zambia", "--out", path).returncode == 0
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Scenario: A fifth of the debt to China cancelled")
    assert "Reason" in text
    assert "No score because" not in text
    assert "Grade" not in text
    assert "★" not in text
    assert "- Levers: debt_renegotiation" in text
    assert "- 1 country." in text


@pytest.mark.slow
def test_a_document_of_an_explanation_has_its_columns_to_read(tmp_path: Path) -> None:
    path = tmp_path / "e.html"
    done = run("explain", "Pakistan", "--score", "security", "--out", path)
    assert done.returncode == 0, done.stderr
    text = path.read_text(encoding="utf-8")
    assert text.count("<th>") + text.count("<th ") == 8
    assert "Context, not scored: Landing of the PEACE cable: yes" in text
    assert "security: 41.24 - 31.08 = +10.16 points" in text


@pytest.mark.parametrize("command", ["score -f tree.yaml -d mine.csv", "check tree.yaml mine.csv"])
def test_columns_that_the_framework_names_are_no_years(command: str, tmp_path: Path) -> None:
    children = "".join(f"      - {{name: debt_{y}, higher_is: riskier}}\n" for y in (2019, 2020))
    head = "name: mine\nscores:\n  - name: risk\n    children:\n"
    (tmp_path / "tree.yaml").write_text(head + children)
    (tmp_path / "mine.csv").write_text("country,debt_2019,debt_2020\nKenya,1,4\nGhana,2,3\n")
    done = run(*command.split(), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
