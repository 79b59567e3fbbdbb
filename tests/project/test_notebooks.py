"""Every notebook of examples/ runs from top to bottom, and is kept without outputs."""

from __future__ import annotations

import os

import nbformat
import pytest
from nbclient import NotebookClient

from tests.folders import ROOT

NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))
ELSEWHERE = {"robust_conclusions"}
"""Run by a test of its own folder."""


def read(name: str) -> nbformat.NotebookNode:
    path = ROOT / "examples" / f"{name}.ipynb"
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call,no-any-return]


def test_the_notebooks_that_the_site_promises_are_there() -> None:
    names = {path.stem for path in NOTEBOOKS}
    assert {
        "first_scores",
        "own_framework",
        "uncertainty_and_sensitivity",
        "robust_conclusions",
        "records_to_scores",
        "panel_and_trends",
        "regression",
        "stress_test",
    } <= names


@pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS])
def test_notebooks_are_kept_without_outputs(name: str) -> None:
    for cell in read(name).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.slow
@pytest.mark.parametrize("name", [path.stem for path in NOTEBOOKS if path.stem not in ELSEWHERE])
def test_notebooks_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT)]))
    client = NotebookClient(
        read(name),
        timeout=240,
        kernel_name="python3",
        resources={"metadata": {"path": str(ROOT / "examples")}},
    )
    done = client.execute()
    assert not [
        out for cell in done.cells for out in cell.get("outputs", []) if out.output_type == "error"
    ]
