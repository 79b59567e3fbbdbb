"""Tables of time in the docs are those that the script writes from the saved figures."""

from __future__ import annotations

import importlib.util

import pytest

from tests.folders import ROOT

SCRIPT = ROOT / "scripts" / "speed_tables.py"


def script():
    spec = importlib.util.spec_from_file_location("speed_tables", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["uncertainty", "records_at_scale"])
def test_page_holds_the_table_of_the_saved_figures(page) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    assert script().written(page, text) == text


def test_a_page_without_the_block_is_an_error() -> None:
    with pytest.raises(SystemExit, match="0 blocks"):
        script().written("uncertainty", "no table")
