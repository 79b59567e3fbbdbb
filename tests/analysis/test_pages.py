"""What the pages on robustness, scenarios and changes show runs as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

import dsr_risk as dr
from tests.folders import ROOT
from tests.helpers import run

PAGES = ("robustness", "scenarios", "what_if")


def blocks(page: str, kind: str) -> list[str]:
    """The fenced blocks of one kind in a page."""
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_python_of_a_page_runs(page: str) -> None:
    names: dict[str, object] = {}
    found = blocks(page, "python")
    assert found
    for block in found:
        exec(block, names)
    assert "scores" in names


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run(page: str, tmp_path: Path) -> None:
    (tmp_path / "weights.yaml").write_text(
        "capacity:\n  lack_of_cyber_capacity: 0.9\n"
        if page == "what_if"
        else "kind: shares\nspread: 0.2\n"
    )
    if page == "scenarios":
        (tmp_path / "mine.yaml").write_text(blocks(page, "yaml")[0], encoding="utf-8")
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    lines = re.findall(r"^(dsr-risk .*)$", text, flags=re.MULTILINE)
    assert lines
    for line in lines:
        words = shlex.split(line)
        assert words[0] == "dsr-risk"
        done = run(*words[1:], cwd=tmp_path)
        assert done.returncode == 0, (line, done.stderr)


def test_the_files_of_the_pages_are_read() -> None:
    (weights,) = blocks("robustness", "yaml")
    assert set(yaml.safe_load(weights)) <= {"kind", "spread", "intervals", "order", "fixed"}
    scenario, on_records = blocks("scenarios", "yaml")
    assert len(dr.Scenario.from_dict(yaml.safe_load(scenario)).steps) == 3
    assert dr.Scenario.from_dict(yaml.safe_load(on_records)).countries == ("Zambia",)
    actions, sets = blocks("what_if", "yaml")
    assert dr.Actions.of(yaml.safe_load(actions)).actionable == ("gci_2024", "ncsi_2026")
    assert dr.stakeholders(dr.score(), yaml.safe_load(sets), score="security").names
