"""The page on sensitivity says what the code does."""

from __future__ import annotations

import doctest

import pytest

from tests.folders import ROOT

PAGE = ROOT / "docs" / "sensitivity.md"


@pytest.mark.slow
def test_the_examples_of_the_page_run_as_printed() -> None:
    found = doctest.testfile(str(PAGE), module_relative=False)
    assert found.attempted > 10
    assert found.failed == 0
