"""The documentation site: the API page lists every public name, and every page is in a section."""

from __future__ import annotations

import re
import runpy

import pytest

import dsr_risk as dr
from tests.folders import ROOT
from tests.pages.browser import chromium, opener

DOCS = ROOT / "docs"
BUILT = DOCS / "_build" / "html"
FAMILIES = {"factors", "methods", "plots", "readers", "records"}


def test_the_api_page_is_what_its_script_writes() -> None:
    built = runpy.run_path(str(ROOT / "scripts" / "api_page.py"))["page"]()
    assert (DOCS / "reference" / "api.md").read_text(encoding="utf-8") == built, (
        "run: python scripts/api_page.py"
    )


def test_the_api_page_lists_every_public_name() -> None:
    text = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^ +dsr_risk\.(\w+)$", text, flags=re.MULTILINE))
    assert listed == {*dr.__all__} - FAMILIES - {"__version__"}


def test_every_page_is_in_a_section_of_the_index() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    pages = {path.stem for path in DOCS.glob("*.md")} - {"index"}
    listed = set(re.findall(r"^([\w-]+)$", index, flags=re.MULTILINE))
    assert pages - listed == set()


def test_the_gallery_shows_every_public_plot() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "gallery.py"))
    assert set(script["PICTURES"]) == set(dr.plots.__all__)
    text = (DOCS / "plots.md").read_text(encoding="utf-8")
    assert script["gallery"]() in text, "run: python scripts/gallery.py"
    missing = [
        name for name in dr.plots.__all__ if not (DOCS / "pictures" / f"{name}.png").exists()
    ]
    assert not missing


@pytest.mark.slow
def test_every_indicator_is_explained_with_its_critique(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    script = runpy.run_path(str(ROOT / "scripts" / "indicators_page.py"))
    text = (DOCS / "indicators.md").read_text(encoding="utf-8")
    assert script["page"]() == text, "run: python scripts/indicators_page.py"
    framework = dr.load_framework("dsr")
    names = {indicator.name for indicator in framework.indicators}
    assert set(re.findall(r"^### .*\(`(\w+)`\)$", text, flags=re.MULTILINE)) == names
    for part in ("Definition", "Source", "Why", "Critique", "Coverage"):
        assert text.count(f"- **{part}**") >= len(names)


def test_the_answer_on_adoption_has_the_counts_of_the_bundled_data() -> None:
    scores = dr.score()
    security = scores.table()["security"]
    data = dr.load_data().values.reindex(security.index[security.notna()])
    gap, adoption = data["safeguards_gap"], data["surveillance_adoption"]
    zero = (adoption.isna() & (gap == 0)).sum()
    assert zero == 1
    said = (
        f"Of the {len(data)} scored states the gap is known for {gap.notna().sum()} and adoption for "
        f"{adoption.notna().sum()}; of one more the gap is 0"
    )
    assert said in (DOCS / "framework.md").read_text(encoding="utf-8")


@pytest.mark.skipif(not (BUILT / "search.html").exists(), reason="the site is not built")
@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("Shapley", "sensitivity.html"),
        ("scikit-learn", "sklearn.html"),
        ("Rubin", "regression.html"),
    ],
)
def test_the_built_site_is_searched_without_a_network(words: str, page: str) -> None:
    with chromium() as browser:
        open_page, close = opener(browser)
        found = open_page(BUILT / "search.html", link=f"?q={words}")
        found.wait_for_selector("#search-results li a")
        links = found.eval_on_selector_all(
            "#search-results li a", "all => all.map(one => one.href)"
        )
        asked = [url for url in found.asked if not url.startswith(("file:", "data:"))]
        close()
    assert any(page in link for link in links), links
    assert not asked
