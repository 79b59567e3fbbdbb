"""The documents say what the code does."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys

import pytest

from tests.folders import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCES = ROOT / "src" / "dsr_risk"


def block_after(marker: str) -> list[str]:
    """The lines of the fenced block that follows a marker in the README."""
    found = re.search(rf"<!-- {marker} -->\n```\w+\n(.*?)```", README, flags=re.DOTALL)
    assert found, marker
    return [line.rstrip() for line in found[1].splitlines() if line.strip()]


def printed(*words: str) -> list[str]:
    """What a command prints for people, line by line."""
    done = subprocess.run(
        [sys.executable, "-m", "dsr_risk", *words, "--format", "table"],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    return [line.rstrip() for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_the_score_table_in_the_readme_is_what_the_command_prints() -> None:
    lines, shown = printed("score"), block_after("score")
    assert len(shown) > 10
    assert shown == [line for line in lines if line in set(shown)]


@pytest.mark.slow
def test_the_explanation_in_the_readme_is_what_the_command_prints() -> None:
    lines = printed("explain", "Pakistan", "--against", "Kenya", "--score", "security")
    context = next(row for row, line in enumerate(lines) if line.startswith("Context"))
    assert block_after("explain") == [line for line in lines[:context] if line]


def test_continuous_integration_runs_the_test_command_of_the_readme() -> None:
    command = re.search(r"^(python3 -m venv .*pytest.*)$", README, flags=re.MULTILINE)
    assert command
    assert f"\n{command[1]}\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_document_the_readme_points_to_is_there() -> None:
    named = re.findall(r"`((?:docs|examples)/[\w./-]+)`", README)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_example_script_runs(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples" / "own_framework.py"), run_name="__main__")
    assert "Kenya with a GCI of 90" in capsys.readouterr().out


@pytest.mark.slow
def test_the_example_notebook_runs() -> None:
    notebook = json.loads((ROOT / "examples" / "first_scores.ipynb").read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    assert names["explanation"] is not None


def test_every_changelog_version_says_how_scores_change() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert versions
    assert all(part.split("\n### ")[1].startswith("Scores change") for part in versions)
