"""The notebook on robust conclusions runs from top to bottom, and its last sentences hold its numbers."""

from __future__ import annotations

import os
import re
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import dsr_risk as dr
from tests.folders import ROOT

NOTEBOOK = ROOT / "examples" / "robust_conclusions.ipynb"


@pytest.mark.slow
def test_the_notebook_on_robust_conclusions_runs(
    monkeypatch: pytest.MonkeyPatch, bundled: dr.Scores
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT)]))
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    assert notebook.cells[0].source.startswith("# Which conclusions about the Digital Silk Road")
    done = NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    assert "Warning" not in str([cell.get("outputs") for cell in done.cells])
    said: Any = done.cells[-1].outputs[-1]["data"]["text/markdown"]
    dependency, security = (dr.robustness(bundled, score=name) for name in bundled.names)
    shares = re.findall(r"(\d+) % of the pairs", said) + re.findall(r"and (\d+) % one order", said)
    kept = dr.robustness(bundled, score="security", weights="order")
    assert [int(one) for one in shares] == [
        round(100 * result.dominance_share) for result in (dependency, kept, security)
    ]
    top = dependency.top(10)
    assert f"- {(top['basis'] == 'full').sum()} countries may be among the ten" in said
    gap = dr.reversal(bundled, "PAK", "KEN", score="security")
    assert f"by {gap.gap:.1f} points" in said
