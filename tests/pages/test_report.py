"""The report page in Chromium: equal to Python before and after moves, no request, hostile text is text."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

import dsr_risk as dr
from tests.helpers import frame, framework, group, leaf, run

pytest.importorskip("jinja2", reason="needs the extra `report`")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
HOSTILE = '</script><script>window.hit=1</script><img src=x onerror="window.hit=1">{{7*7}}'


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    with api.sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def scores():
    return dr.score()


@pytest.fixture(scope="module")
def path(scores, tmp_path_factory):
    return dr.report(scores, tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture
def opened(browser):
    pages = []

    def open_page(path, width=1280, link=""):
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.said, page.asked = [], []
        page.on("console", lambda one: page.said.append(one.text))
        page.on("pageerror", lambda one: page.said.append(str(one)))
        page.on("request", lambda one: page.asked.append(one.url))
        page.goto(path.as_uri() + link)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()


def in_page(page):
    """Scores and ranks that the page holds, by headline and country."""
    return page.evaluate(
        """() => D.heads.map((head, h) => D.codes.map((_, i) =>
        found.printed[h][i] ? [found.values[i * N + head], found.ranks[h][i]] : null))"""
    )


def same(page, scores):
    """The page holds the scores and ranks of Python, for the same countries."""
    for name, rows in zip(scores.names, in_page(page), strict=True):
        values, ranks = scores.values[name].to_numpy(), scores.rank[name].to_numpy(float)
        kept = [i for i, row in enumerate(rows) if row is not None]
        assert len(kept) > 1
        assert kept == np.flatnonzero(~np.isnan(values)).tolist()
        np.testing.assert_allclose([rows[i][0] for i in kept], values[kept], rtol=0, atol=1e-7)
        assert [rows[i][1] for i in kept] == ranks[kept].tolist()


def test_page_as_published_equals_python_without_error_or_request(scores, path, opened) -> None:
    page = opened(path)
    assert page.evaluate("live")
    same(page, scores)
    assert page.said == []
    assert page.asked == [path.as_uri()]


def test_page_contributions_equal_python(scores, path, opened) -> None:
    page = opened(path)
    points = page.evaluate("Array.from(found.points)")
    table = np.array([np.nan if one is None else one for one in points]).reshape(
        len(scores.data), -1
    )
    for name in scores.names:
        expected = scores.contributions(name, level="pillar")
        kept = scores.values[name].notna().to_numpy()
        for pillar in expected:
            there = table[kept, scores.tree.index[pillar]]
            np.testing.assert_allclose(there, expected[pillar][kept], rtol=0, atol=1e-7)


def test_page_after_moves_equals_python_and_the_link_holds_them(scores, path, opened) -> None:
    page = opened(path)
    page.locator("summary").first.click()
    first = scores.framework.scores[0]
    child, place = first.children[0].name, scores.tree.index[first.children[0].name]
    page.fill(f"#w-{place}", "0.9")
    page.select_option(f"#a-{scores.tree.heads[0]}", "power 2")
    changes = {f"{child}.weight": 0.9, f"{first.name}.aggregation": {"method": "power", "p": 2}}
    moved = dr.score(scores.framework.replace(changes), scores.data)
    same(page, moved)
    assert "not the published scores" in page.inner_text("#moved")
    again = opened(path, link=page.evaluate("location.hash"))
    same(again, moved)
    page.click("#reset")
    same(page, scores)


def test_downloaded_framework_scores_as_the_page(scores, path, opened, tmp_path) -> None:
    page = opened(path)
    leaf_name = scores.tree.names[0]
    page.locator("summary").first.click()
    page.fill(f"#w-{scores.tree.index[leaf_name]}", "0.31")
    with page.expect_download() as told:
        page.click("#save")
    target = tmp_path / "moved.yaml"
    told.value.save_as(target)
    same(page, dr.score(dr.load_framework(target), scores.data))


def test_table_sorts_and_filters(path, opened) -> None:
    page = opened(path)
    page.fill("#filter", "pakistan")
    assert page.locator("#rows tr:visible").count() == 1
    page.fill("#filter", "")
    page.click("#head th:first-child button")
    names = page.locator("#rows tr th").all_inner_texts()
    assert names[0].startswith(("Afghanistan", "Åland"))


def test_country_is_shown_with_its_cells(path, opened) -> None:
    page = opened(path)
    page.click("#rows tr:first-child button")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    assert page.locator("#country tbody tr").count() > 5


def test_page_of_a_method_it_does_not_know_shows_scores_as_published(opened, tmp_path) -> None:
    fw = framework(group("risk", leaf("a"), leaf("b"), aggregation="maximum"))
    scores = dr.score(fw, frame({"a": [1, 2, 3], "b": [3, 4, 9]}))
    page = opened(dr.report(scores, tmp_path / "r.html"))
    assert not page.evaluate("live")
    same(page, scores)
    assert "as published" in page.locator("#controls").text_content()


def test_page_fits_a_narrow_screen(path, opened) -> None:
    page = opened(path, width=400)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_hostile_text_stays_text(opened, tmp_path) -> None:
    fw = framework(group("risk", leaf("a", label=HOSTILE), leaf("b")), title=HOSTILE, version="1")
    path = dr.report(dr.score(fw, frame({"a": [1, 2, 3], "b": [3, 4, 9]})), tmp_path / "r.html")
    page = opened(path)
    page.click("#rows tr:first-child button")
    assert page.evaluate("window.hit") is None
    assert page.locator("img").count() == 0
    assert page.inner_text("h1") == HOSTILE
    assert page.said == []


def test_report_bad_target_raises_one_clear_error(scores, tmp_path) -> None:
    with pytest.raises(dr.DataError, match="a report page is an .html file"):
        dr.report(scores, tmp_path / "r.pdf")
    with pytest.raises(dr.DataError, match="no folder"):
        dr.report(scores, tmp_path / "none" / "r.html")


def test_report_command_writes_one_file(tmp_path) -> None:
    done = run("report", "--draws", 64, "--out", tmp_path / "r.html")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    data = text.split('id="data">')[1].split("</script>")[0]
    assert json.loads(data)["intervals"][0] is not None
    assert [one.name for one in tmp_path.iterdir()] == ["r.html"]
