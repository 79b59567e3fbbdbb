"""docs/mechanisms.md: every claim has a home, and every command on the page runs."""

from __future__ import annotations

import re
import shlex
import sys

import pytest
from click.testing import CliRunner

import dsr_risk as dr
from dsr_risk.cli.main import main
from tests.folders import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

import framework_page

PAGE = (ROOT / "docs" / "mechanisms.md").read_text(encoding="utf-8")
COMMANDS = list(dict.fromkeys(re.findall(r"`dsr-risk ([^`]+)` \|$", PAGE, flags=re.MULTILINE)))


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_on_the_page_runs(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(main, shlex.split(command))
    assert done.exit_code == 0, done.output
    assert done.stdout.strip()


def test_every_row_of_a_claim_has_a_command() -> None:
    parts = PAGE.split("## Out of scope")[0].splitlines()
    rows = [line for line in parts if line.startswith("| ") and not line.startswith("| claim")]
    assert len(rows) == 33
    assert all(re.search(r"`dsr-risk [^`]+` \|$", row) for row in rows)


def test_every_name_on_the_page_is_a_node_or_a_column() -> None:
    data = dr.load_data()
    known = {node.name for name in ("dsr", "dsr-full") for node in _nodes(name)} | set(data.columns)
    named = re.findall(r"`([a-z][a-z0-9]*(?:_[a-z0-9]+)+)`", PAGE.split("## Every mechanism")[0])
    scenarios = {path.stem for path in (ROOT / "configs" / "scenarios").glob("*.yaml")}
    presets = set(dr.load_framework().presets)
    assert (
        sorted(set(named) - known - scenarios - presets - {"control_lists", "data_protection"})
        == []
    )


def _nodes(name: str) -> tuple[dr.Indicator | dr.Group, ...]:
    framework = dr.load_framework(name)
    return (*framework.nodes, *framework.context)


def test_the_tables_that_need_no_scores_are_those_of_the_frameworks() -> None:
    made = framework_page.tables(quick=True)
    for page in (framework_page.PAGE, framework_page.MECHANISMS):
        text = page.read_text(encoding="utf-8")
        assert framework_page.filled(text, made) == text


@pytest.mark.slow
def test_the_tables_of_scores_are_those_of_the_shipped_framework() -> None:
    made = framework_page.tables(quick=False)
    text = framework_page.PAGE.read_text(encoding="utf-8")
    assert framework_page.filled(text, made) == text
