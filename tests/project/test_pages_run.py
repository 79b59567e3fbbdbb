"""The code of every page of the documentation runs, and every call it names is there."""

from __future__ import annotations

import contextlib
import inspect
import io
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk import readers, records
from tests.folders import ROOT

PAGES = sorted(ROOT.glob("docs/*.md"))
ELSEWHERE = (
    "SLURMCluster", "KubeCluster", "LocalCluster", "ProcessPoolExecutor",  # tests of running have them
    "submarinecablemap", "AidDatasGlobal",  # files of publishers: tests of readers have them
)  # fmt: skip
"""Blocks that need a cluster or a file that is not in the repository."""
FENCE = re.compile(r"^```python\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([\w./-]+)(?:#([\w-]+))?\)")


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path) -> list[str]:
    """The Python blocks of a page that are no doctest."""
    found = FENCE.findall(text(page))
    return [
        code for code in found if ">>>" not in code and not any(one in code for one in ELSEWHERE)
    ]


def starting_names() -> dict[str, object]:
    """What the text of a page says that the reader has already."""
    framework, data = dr.load_framework(), dr.load_data()
    scores = dr.score(framework, data)
    years = [data.values.assign(year=year) for year in (2019, 2024)]
    panel = pd.concat(years).rename_axis("iso3").reset_index()
    return {
        "dr": dr, "fw": framework, "framework": framework, "data": data, "scores": scores, "before": scores,
        "after": dr.score(framework.replace({"dependency.aggregation": "geometric"}), data),
        "panel": dr.score(framework, panel),
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("page", [one for one in PAGES if blocks(one)], ids=lambda one: one.stem)
def test_blocks_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib").use("agg")
    for folder in ("examples", "configs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    names = starting_names()
    for code in blocks(page):
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(code, page.name, "exec"), names)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda one: one.stem)
def test_calls_on_a_page_are_there_with_their_options(page: Path) -> None:
    missing = []
    for name, arguments in re.findall(r"\bdr\.(\w+)\(([^()\n]*)\)", text(page)):
        if not hasattr(dr, name):
            missing.append(name)
            continue
        parameters = inspect.signature(getattr(dr, name)).parameters
        if any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
            continue
        bare = re.sub(r"""\{[^{}]*\}|\[[^][]*\]|"[^"]*\"""", "", arguments)
        given = re.findall(r"(?:^|,)\s*(\w+)=", bare)
        missing += [f"{name}({option}=)" for option in given if option not in parameters]
    assert missing == []


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda one: one.stem)
def test_functions_named_on_a_page_are_there(page: Path) -> None:
    families = {"records": records, "readers": readers, "plots": dr.plots, "factors": dr.factors}
    named = re.findall(r"\b(records|readers|plots|factors)\.(\w+)\(", text(page))
    assert [pair for pair in named if not hasattr(families[pair[0]], pair[1])] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda one: one.stem)
def test_links_inside_the_pages_lead_somewhere(page: Path) -> None:
    missing = []
    for target, _ in LINK.findall(text(page)):
        file = page.parent / target.replace("notebooks/", "../examples/")
        if not file.exists():
            missing.append(target)
    assert missing == []
