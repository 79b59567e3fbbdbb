"""The notebook on robust conclusions runs from top to bottom."""

from __future__ import annotations

import os

import nbformat
import pytest
from nbclient import NotebookClient

from tests.folders import ROOT

NOTEBOOK = ROOT / "examples" / "robust_conclusions.ipynb"


@pytest.mark.slow
def test_the_notebook_on_robust_conclusions_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(ROOT)]))
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    assert notebook.cells[0].source.startswith("# Which conclusions about the Digital Silk Road")
    done = NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    last = done.cells[-1]
    assert last.outputs
    assert "Error" not in str(last.outputs)
