"""The page on methods says everything there is, and what the docstrings say."""

from __future__ import annotations

import runpy

import pytest

from tests.folders import ROOT
from tests.scoring.pipeline_cases import AGGREGATORS, IMPUTERS, NORMALISERS, TREATMENTS, WEIGHTERS

DOCS = ROOT / "docs"
FAMILIES = (IMPUTERS, TREATMENTS, NORMALISERS, WEIGHTERS, AGGREGATORS)
NAMES = sorted({(one.family, one.name) for family in FAMILIES for one in family})


@pytest.mark.parametrize(("family", "name"), NAMES)
def test_every_registered_method_is_on_the_page_with_its_source(family: str, name: str) -> None:
    text = (DOCS / "methods.md").read_text(encoding="utf-8")
    heading = f"\n### {family}: `{name}`\n"
    assert heading in text
    section = text.partition(heading)[2].partition("\n### ")[0]
    assert "*Use it when.*" in section
    source = section.partition("*Source.*")[2].strip()
    assert any(character.isdigit() for character in source[:400]), "a source has a year"


def test_the_page_is_what_the_docstrings_say_today() -> None:
    built = runpy.run_path(str(DOCS.parent / "scripts" / "methods_page.py"))["page"]()
    assert (DOCS / "methods.md").read_text(encoding="utf-8") == built, (
        "run: python scripts/methods_page.py"
    )
