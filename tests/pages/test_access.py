"""The page for everybody: axe-core finds nothing, the keyboard reaches everything, it prints, nothing leaves it."""

from __future__ import annotations

import re
from importlib import resources

import numpy as np
import pytest

import dsr_risk as dr
from tests.helpers import frame, framework, group, indicator
from tests.pages.browser import lacking
from tests.pages.reading import in_page

pytestmark = pytest.mark.slow

pytest.importorskip("altair", reason="needs the extra `report`")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]

HELD = """() => {
    const rows = (box, name) => report.charts.charts.find((one) => one.box.id === box || one.box.ariaLabel.startsWith(box)).view.data(name);
    return [rows('quadrant', 'countries').map((one) => [one.x, one.y]), rows('Points', 'parts').map((one) => one.points)];
}"""
"""What the charts of a page hold: the quadrant, and the points of the indicators of the open country."""

EVERYTHING = """document.querySelectorAll('section, details').forEach(
    (one) => { one.style.contentVisibility = 'visible'; })"""
"""Lays out what is not on the screen, so that it is tested too."""


@pytest.fixture(scope="module")
def axe():
    try:
        return (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    except ModuleNotFoundError:
        lacking("axe-core is not installed (PyPI: axe-playwright-python)")


@pytest.fixture(scope="module")
def full(bundled, tmp_path_factory):
    """A page with everything that can be in one."""
    return dr.report(
        bundled,
        tmp_path_factory.mktemp("full") / "report.html",
        uncertainty=dr.uncertainty(bundled, draws=64),
        sensitivity=dr.sensitivity(bundled, n=16, resamples=4),
        scenarios=[dr.scenario(bundled, "eu_toolbox"), dr.scenario(bundled, "safe_city_rollout")],
        before=dr.score(
            bundled.framework.replace({f"{bundled.names[0]}.weighting": "equal"}), bundled.data
        ),
    )


def violations(page, axe):
    page.evaluate(axe)
    found = page.evaluate(
        "(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags } })", RULES
    )
    assert len(found["passes"]) > 10
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]


@pytest.mark.parametrize("width", [1280, 400])
def test_axe_finds_no_violation(full, axe, opened, width) -> None:
    page = opened(full, width=width)
    page.locator("#rows tr").first.locator("button").click()
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.evaluate(EVERYTHING)
    assert violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.said == []


def test_keyboard_reaches_controls_table_and_country(full, opened) -> None:
    page = opened(full)
    tags = []
    for _ in range(12):
        page.keyboard.press("Tab")
        tags.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert {"reset", "save", "SUMMARY", "mapped", "filter", "region", "inband"} <= set(tags)
    page.keyboard.press("Enter")
    assert page.locator("#head [aria-sort]").count() == 1
    page.locator("#rows tr").first.locator("button").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "chosen"


def test_page_prints_to_pdf_without_the_controls(full, opened) -> None:
    page = opened(full)
    text = page.pdf(format="A4")
    assert text.startswith(b"%PDF")
    page.emulate_media(media="print")
    assert not page.locator("#try").is_visible()
    assert page.locator("#table").is_visible()
    # Bands keep their colour and headings of columns are text, which is repeated on every page.
    band = page.locator("#table .band").first
    assert band.evaluate("(band) => getComputedStyle(band).printColorAdjust") == "exact"
    button = page.locator("#table thead button").first
    assert button.evaluate("(button) => getComputedStyle(button).display") == "contents"


@pytest.mark.parametrize("width", [1280, 400])
def test_axe_finds_no_violation_in_a_profile_and_a_table(
    bundled, axe, opened, tmp_path, width
) -> None:
    paths = [
        dr.profile(bundled, ["PAK", "KEN"]).save(tmp_path / "profile.html"),
        dr.publish(bundled).save(tmp_path / "table.html"),
    ]
    for path in paths:
        page = opened(path, width=width)
        assert violations(page, axe) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_facts_have_separators_and_every_digit(full, opened) -> None:
    page = opened(full)
    page.evaluate("report.show(report.D.codes.indexOf('KEN'))")
    text = page.text_content("#country")
    value = dr.load_data().values.loc["KEN", "population"]
    assert f"{value:,.0f}" in text


def test_names_in_the_quadrant_cover_no_dot_and_no_name(full, opened) -> None:
    page = opened(full)
    page.evaluate("report.ready()")
    names, dots = page.evaluate("""() => ['.labels_marks text', '.dots_marks path'].map((kind) =>
        [...document.querySelectorAll('#quadrant ' + kind)].filter((one) => one.getAttribute('opacity') !== '0').map((drawn) => {
            const box = drawn.getBoundingClientRect();
            // The box of a text has the leading of its line, a pixel above and below the letters.
            const lead = drawn.tagName === 'text' ? 1 : 0;
            return [box.left, box.top + lead, box.right, box.bottom - lead];
        }).filter(([left, , right]) => right > left))""")
    assert len(names) > 5
    assert len(dots) > 150
    for number, (left, top, right, bottom) in enumerate(names):
        for x0, y0, x1, y1 in names[:number]:
            assert x1 <= left or right <= x0 or y1 <= top or bottom <= y0
        for x0, y0, x1, y1 in dots:
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            assert not (left < x < right and top + 2 < y < bottom - 2)


def test_parts_of_a_country_start_folded_on_a_narrow_screen(full, opened) -> None:
    opening = "[...document.querySelectorAll('#country details')].map((one) => one.open)"
    page = opened(full, width=400)
    page.locator("#rows tr").first.locator("button").click()
    state = page.evaluate(opening)
    assert state[0]
    assert len(state) > 6
    assert not any(state[1:])
    height = "document.getElementById('country').getBoundingClientRect().height"
    page.evaluate(EVERYTHING)
    folded = page.evaluate(height)
    # What is opened stays open for the next country; print has every part.
    page.locator("#country details").nth(2).locator("summary").first.click()
    page.locator("#rows tr").nth(1).locator("button").click()
    assert [place for place, one in enumerate(page.evaluate(opening)) if one] == [0, 2]
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert all(page.evaluate(opening))
    page.evaluate(EVERYTHING)
    assert page.evaluate(height) > 2 * folded
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert sum(page.evaluate(opening)) == 2
    wide = opened(full)
    wide.locator("#rows tr").first.locator("button").click()
    assert all(wide.evaluate(opening))


def test_policy_of_the_page_forbids_requests_and_other_scripts(full, opened) -> None:
    text = full.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text).group(1)
    assert policy.startswith("default-src 'none'")
    assert "unsafe-eval" not in policy
    assert "script-src 'unsafe-inline'" not in policy
    page = opened(full)
    assert page.asked == [full.as_uri()]
    blocked = page.evaluate(
        "() => fetch('https://example.org/').then(() => 'sent', () => 'blocked')"
    )
    assert blocked == "blocked"
    assert any("Content Security Policy" in one for one in page.said)


def test_page_of_200_countries_and_40_indicators_is_under_5_mb(tmp_path) -> None:
    rng = np.random.default_rng(5)
    names = [f"x{place:02d}" for place in range(40)]
    codes = [str(one) for one in dr.load_data().units][:200]
    values = rng.uniform(0, 100, (200, 40))
    values[rng.random(values.shape) < 0.1] = np.nan
    table = frame({name: [0.0] for name in names}).iloc[:0].reindex(codes)
    table[names] = values
    table.index.name = "iso3"
    groups = [
        group(f"g{i}", *(indicator(one) for one in names[10 * i : 10 * i + 10])) for i in range(4)
    ]
    fw = framework(
        group("first", *groups[:2]), group("second", *groups[2:]),
        defaults={"missing": {"method": "regression"}},
    )  # fmt: skip
    path = dr.report(dr.score(fw, table), tmp_path / "r.html")
    assert path.stat().st_size < 5_000_000


def test_country_page_shows_panels_scenarios_and_changes(full, bundled, opened) -> None:
    page = opened(full)
    result = dr.scenario(bundled, "safe_city_rollout")
    code = str((result.after.values - bundled.values).abs().max(axis=1).idxmax())
    page.evaluate(f"report.show(report.D.codes.indexOf('{code}'))")
    page.evaluate(EVERYTHING)
    text = page.inner_text("#country")
    for heading in (
        "Debt and finance", "Surveillance", "Incidents", "Suppliers and networks",
        "Policy and agreements", "Context facts", "Scenarios", "What changed", "Median of all",
        "90 % of draws", "Confidence", "Caveats",
    ):  # fmt: skip
        assert heading in text
    assert "\tyes\t" in text
    assert "0/1" not in text
    after = result.after.values.loc[code, bundled.names[0]]
    assert f"{result.scenario.title}\t{after:.1f}" in text


def test_quadrant_and_map_follow_a_move(path, opened) -> None:
    page = opened(path)
    page.evaluate("report.ready()")
    look = """() => [['#quadrant .dots_marks path', 'transform'], ['#map .mark-shape path', 'fill']].map(([kind, key]) =>
        [...document.querySelectorAll(kind)].map((one) => one.getAttribute(key)))"""
    before = page.evaluate(look)
    page.locator("summary").first.click()
    page.select_option(f"#a-{page.evaluate('report.D.headlines[0]')}", "power 2")
    page.evaluate("report.ready()")  # the charts may lie outside the window
    after = page.evaluate(look)
    assert len(before[0]) > 150
    assert before[0] != after[0]
    assert before[1] != after[1]
    # What is drawn is what the page holds, on the screen at once and elsewhere when asked.
    page.evaluate("report.show(report.D.codes.indexOf('KEN'))")
    page.fill("#w-0", "0.9")
    page.evaluate("report.ready()")
    first, second = in_page(page)
    both = [[one[0], two[0]] for one, two in zip(first, second, strict=True) if one and two]
    drawn, points = page.evaluate(HELD)
    assert [pair for pair in drawn if None not in pair] == both
    assert len(points) > 10
    assert page.evaluate("report.charts.charts.length") == 6
    assert page.said == []
    shown = [row for row in in_page(page)[0] if row]
    assert len(shown) > 100


def test_filter_by_band_shows_only_countries_in_it(path, opened) -> None:
    page = opened(path)
    page.select_option("#inband", "high")
    rows = page.locator("#rows tr:visible").all_inner_texts()
    assert rows
    assert all("high" in one for one in rows)


def test_report_refuses_results_of_another_kind(bundled, tmp_path) -> None:
    with pytest.raises(dr.DataError, match="`uncertainty` must be Uncertainty or None, received"):
        dr.report(bundled, tmp_path / "r.html", uncertainty=bundled)
    with pytest.raises(dr.DataError, match="`scenarios` must be ScenarioResult"):
        dr.report(bundled, tmp_path / "r.html", scenarios="eu_toolbox")
    assert list(tmp_path.iterdir()) == []
