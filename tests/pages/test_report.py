"""The report page in Chromium: equal to Python before and after moves, no request, hostile text is text."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from tests.folders import ROOT
from tests.helpers import frame, framework, group, indicator, run
from tests.pages.reading import moved_by, same, same_basis, same_contributions
from tests.special_groups import special_example

pytest.importorskip("altair", reason="needs the extra `report`")
HOSTILE = '</script><script>window.hit=1</script><img src=x onerror="window.hit=1">{{7*7}}'


@pytest.fixture(scope="module")
def scores(bundled):
    return bundled


@pytest.mark.slow
def test_page_as_published_equals_python_without_error_or_request(scores, path, opened) -> None:
    page = opened(path)
    assert page.evaluate("report.model.live")
    same(page, scores)
    assert page.said == []
    assert page.asked == [path.as_uri()]


@pytest.mark.slow
def test_page_contributions_equal_python(scores, path, opened) -> None:
    page = opened(path)
    same_contributions(page, scores)


@pytest.mark.slow
def test_page_after_moves_equals_python_and_the_link_holds_them(scores, path, opened) -> None:
    page = opened(path)
    page.locator("summary").first.click()
    first = scores.framework.scores[0]
    child, place = first.children[0].name, scores._state.tree.index[first.children[0].name]
    page.fill(f"#w-{place}", "0.9")
    page.select_option(f"#a-{scores._state.tree.headlines[0]}", "power 2")
    changes = {f"{child}.weight": 0.9, f"{first.name}.aggregation": {"method": "power", "p": 2}}
    moved = dr.score(scores.framework.replace(changes), scores.data)
    same(page, moved)
    same_basis(page, moved)
    assert "not the published scores" in page.inner_text("#moved")
    again = opened(path, link=page.evaluate("location.hash"))
    same(again, moved)
    page.click("#reset")
    same(page, scores)
    page.fill(f"#w-{place}", "0.1")
    less = dr.score(scores.framework.replace({f"{child}.weight": 0.1}), scores.data)
    assert (less.basis != scores.basis).any(axis=None)
    same_basis(page, less)


@pytest.mark.slow
def test_moved_goalposts_are_scored_as_python_scores_them(scores, path, opened, tmp_path) -> None:
    page = opened(path)
    page.locator("summary").first.click()
    D = page.evaluate("report.D.posts")
    movable = [place for place, posts in enumerate(D) if posts]
    assert len(movable) == scores._state.tree.n_indicators
    for place in movable:
        low, high = D[place]["low"], D[place]["high"]
        page.fill(f"#u-{place}", repr(low + 0.8 * (high - low)))
        page.fill(f"#l-{place}", repr(low + 0.05 * (high - low)))
    page.fill(f"#w-{movable[0]}", "0.31")
    page.select_option(f"#a-{scores._state.tree.headlines[1]}", "mirrored geometric")
    moved = moved_by(page, tmp_path / "moved.yaml")
    assert "moved" in moved.title
    python = dr.score(moved, scores.data)
    assert abs(python.values - scores.values).max().max() > 5
    same(page, python)
    same_contributions(page, python)
    same(opened(path, link=page.evaluate("location.hash")), python)
    page.click("#reset")
    same(page, scores)


@pytest.mark.slow
def test_goalposts_in_the_wrong_order_are_refused(path, opened, scores) -> None:
    page = opened(path)
    page.locator("summary").first.click()
    page.fill("#l-0", "5000")
    assert page.get_attribute("#l-0", "aria-invalid") == "true"
    page.fill("#w-1", "")
    assert page.get_attribute("#w-1", "aria-invalid") == "true"
    same(page, scores)


@pytest.mark.slow
def test_page_of_learned_weights_and_tails_is_scored_as_python(opened, tmp_path) -> None:
    rng = np.random.default_rng(3)
    columns = {name: list(rng.uniform(0, 50, 10)) for name in "abcd"}
    columns["b"][2] = columns["c"][5] = None
    fw = framework(
        group("first", *(indicator(x, normalisation="minmax") for x in "ab"), weighting="entropy"),
        group("second", indicator("c", normalisation="zscore"), indicator("d", treatment="winsorise", normalisation="minmax")),
        defaults={"missing": {"method": "knn"}},
    )  # fmt: skip
    scores = dr.score(fw, frame(columns))
    page = opened(dr.report(scores, tmp_path / "r.html"))
    assert page.evaluate("report.model.live")
    same(page, scores)
    page.locator("summary").first.click()
    assert "fixed: its normalisation has no goalposts" in page.inner_text("#controls")
    places = [scores._state.tree.index["a"], scores._state.tree.index["d"]]
    for place in places:
        page.fill(f"#u-{place}", "37.5")
    python = dr.score(moved_by(page, tmp_path / "m.yaml"), scores.data)
    same(page, python)


@pytest.mark.slow
def test_groups_that_are_no_means_are_recalculated(opened, tmp_path) -> None:
    fw, data = special_example()
    scores = dr.score(fw, data)
    page = opened(dr.report(scores, tmp_path / "r.html"))
    assert page.evaluate("report.model.live")
    same(page, scores)
    same_contributions(page, scores)
    page.locator("summary").first.click()
    index, changes = scores._state.tree.index, {}
    for number, name in enumerate(["x2", "x3", "x5", "x8", "x10", "x13", "x16", "x19", "placed"]):
        page.fill(f"#w-{index[name]}", repr(2.5 + number))
        changes[f"{name}.weight"] = 2.5 + number
    page.fill(f"#u-{index['x0']}", "70")
    page.select_option(f"#a-{index['given']}", "median")
    page.select_option(f"#a-{index['placed']}", "minimum")
    page.select_option(f"#a-{index['scaled']}", "product")
    changes |= {
        "x0.normalisation": {"method": "goalposts", "low": 0, "high": 70},
        "given.aggregation": "median",
        "placed.aggregation": "minimum",
        "scaled.aggregation": "product",
    }
    python = dr.score(fw.replace(changes), data)
    assert abs(python.values - scores.values).max().max() > 1
    same(page, python)
    same_contributions(page, python)
    assert dr.score(moved_by(page, tmp_path / "moved.yaml"), data).values.equals(python.values)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["hdi_like", "inform_like", "product", "ratio", "regional_means", "scaled"]
)
def test_example_indices_are_recalculated(opened, tmp_path, name: str) -> None:
    folder = ROOT / "examples" / "indices"
    scores = dr.score(folder / f"{name}.yaml", folder / f"{name}.csv")
    page = opened(dr.report(scores, tmp_path / "r.html"))
    assert page.evaluate("report.model.live")
    same(page, scores)
    same_contributions(page, scores)


@pytest.mark.slow
def test_a_selection_is_ranked_among_all_before_and_after_a_move(scores, opened, tmp_path) -> None:
    codes = ["KEN", "PAK", "POL"]
    page = opened(dr.report(scores.select(countries=codes), tmp_path / "r.html"))
    assert page.evaluate("report.model.live")
    same(page, scores.select(countries=codes))
    same_contributions(page, scores.select(countries=codes))
    page.locator("summary").first.click()
    page.fill(f"#w-{scores._state.tree.index['networks']}", "0.9")
    moved = dr.score(scores.framework.replace({"networks.weight": 0.9}), scores.data)
    assert (moved.rank != scores.rank).loc[codes].any(axis=None)
    same(page, moved.select(countries=codes))


@pytest.mark.slow
@pytest.mark.parametrize("scale", [[0, 1], [0, 0.5], [-50, 50], [1, 7]])
def test_aggregations_that_a_page_offers_hold_on_its_scale(opened, tmp_path, scale) -> None:
    fw = framework(
        group("risk", indicator("a"), indicator("b"), indicator("c")),
        scale=scale,
        bands={"all": scale[0]},
    )
    data = frame({"a": [0, 0.5, 20, 100], "b": [0, 60, 30, 100], "c": [0, 80, 10, 100]})
    scores = dr.score(fw, data)
    page = opened(dr.report(scores, tmp_path / "r.html"))
    page.locator("summary").first.click()
    choices = page.evaluate("report.D.choices")
    assert ("geometric" in choices) == (scale[0] >= 0)
    for name, spec in choices.items():
        page.select_option(f"#a-{scores._state.tree.headlines[0]}", name)
        moved = dr.score(fw.replace({"risk.aggregation": spec}), data)
        same(page, moved)
        same_contributions(page, moved)


@pytest.mark.slow
def test_a_weight_of_0_takes_an_indicator_out(opened, tmp_path) -> None:
    fw = framework(
        group("risk", indicator("a"), indicator("b"), group("c", indicator("d"), indicator("e"), min_children=2))
    )  # fmt: skip
    data = frame({"a": [1, 20, 30], "b": [3, 40, 9], "d": [5, 20, 60], "e": [1, None, 80]})
    scores = dr.score(fw, data)
    page = opened(dr.report(scores, tmp_path / "r.html"))
    page.locator("summary").first.click()
    index, changes = scores._state.tree.index, {}
    for name in ("a", "e"):
        page.fill(f"#w-{index[name]}", "0")
        changes[f"{name}.weight"] = 0
        moved = dr.score(fw.replace(changes), data)
        same(page, moved)
        same_contributions(page, moved)
    same(opened(tmp_path / "r.html", link=page.evaluate("location.hash")), moved)
    page.fill(f"#w-{index['d']}", "0")
    assert page.get_attribute(f"#w-{index['d']}", "aria-invalid") == "true"
    same(page, moved)


@pytest.mark.slow
def test_a_page_of_regions_or_firms_has_no_map_and_no_region(opened, tmp_path) -> None:
    fw = framework(group("risk", indicator("a"), indicator("b")))
    table = pd.DataFrame({"firm": ["x", "y", "z"], "a": [1.0, 2, 90], "b": [3.0, 4, 9]})
    page = opened(dr.report(dr.score(fw, dr.as_data(table, units="firm")), tmp_path / "r.html"))
    assert not page.is_visible("#map-part")
    assert not page.is_visible("#region")
    assert page.inner_text("#count") == "3 of 3 units."
    page.locator("#rows button").first.click()
    assert "Median of all" in page.inner_text("#country")
    assert "Median of its" not in page.inner_text("#country")


@pytest.mark.slow
def test_downloaded_framework_holds_hostile_text_and_small_numbers(opened, tmp_path) -> None:
    title = 'a: "b" #c \\ \x85 \u2028 {d}'
    fw = framework(
        group("risk", indicator("a", label=HOSTILE), indicator("b")), title=title, version="1"
    )
    page = opened(
        dr.report(dr.score(fw, frame({"a": [1, 2, 3], "b": [3, 4, 9]})), tmp_path / "r.html")
    )
    assert moved_by(page, tmp_path / "same.yaml") == fw
    page.locator("summary").first.click()
    page.fill("#l-0", "1e-7")
    page.fill("#w-0", "1e-7")
    moved = moved_by(page, tmp_path / "moved.yaml")
    assert moved["a"].normalisation.low == moved["a"].weight == 1e-7
    assert moved["a"].label == HOSTILE


@pytest.mark.slow
def test_table_sorts_and_filters(path, opened) -> None:
    page = opened(path)
    page.fill("#filter", "pakistan")
    assert page.locator("#rows tr:visible").count() == 1
    page.fill("#filter", "")
    page.click("#head th:first-child button")
    names = page.locator("#rows tr th").all_inner_texts()
    assert names[0].startswith(("Afghanistan", "Åland"))
    assert page.get_attribute("#head th:first-child", "aria-sort") == "ascending"


@pytest.mark.slow
def test_country_is_shown_with_its_cells(path, opened) -> None:
    page = opened(path)
    page.click("#rows tr:first-child button")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    assert page.locator("#country tbody tr").count() > 5


@pytest.mark.slow
def test_page_of_groups_that_it_does_not_evaluate_shows_scores_as_published(
    opened, tmp_path
) -> None:
    fw = framework(
        group("risk", indicator("a"), indicator("b"), indicator("c"), value="c"),
        defaults={"max_width": 20, "min_coverage": 0.9},
    )
    scores = dr.score(fw, frame({"a": [1, 2, 3], "b": [3, 4, 9], "c": [1, 2, 3]}))
    page = opened(dr.report(scores, tmp_path / "r.html"))
    assert not page.evaluate("report.model.live")
    same(page, scores)
    assert "as published" in page.locator("#controls").text_content()


@pytest.mark.slow
def test_page_fits_a_narrow_screen(path, opened) -> None:
    page = opened(path, width=400)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


@pytest.mark.slow
def test_a_narrow_screen_starts_with_few_countries_and_finds_each(path, opened, scores) -> None:
    page = opened(path, width=400)
    shown = "[...document.querySelectorAll('#rows tr')].filter((row) => row.offsetParent).length"
    assert page.evaluate("document.documentElement.scrollHeight") < 12_000
    assert page.evaluate(shown) == min(25, len(scores.data))
    last = str(scores.table()["country"].iloc[-1])
    page.fill("#filter", last)
    assert page.evaluate(shown) >= 1
    page.fill("#filter", "")
    page.click("#every")
    assert page.evaluate(shown) == len(scores.data)
    page.select_option("#pick", label=last)
    assert page.inner_text("#chosen") == last
    assert abs(page.evaluate("document.getElementById('country').getBoundingClientRect().top")) < 60


@pytest.mark.slow
def test_hostile_text_stays_text(opened, tmp_path) -> None:
    fw = framework(
        group("risk", indicator("a", label=HOSTILE), indicator("b")), title=HOSTILE, version="1"
    )
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


@pytest.mark.slow
def test_report_command_writes_one_file(tmp_path) -> None:
    done = run("report", "--draws", 64, "--out", tmp_path / "r.html")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    data = text.split('id="data">')[1].split("</script>")[0]
    assert json.loads(data)["intervals"][0] is not None
    assert [one.name for one in tmp_path.iterdir()] == ["r.html"]


@pytest.mark.slow
def test_report_command_shows_effects_scenarios_and_changes(tmp_path) -> None:
    text = "name: own\nscores:\n  - name: risk\n    children:\n"
    text += "      - {name: debt, higher_is: riskier}\n      - {name: gci, higher_is: safer}\n"
    text += "factors: {'*.weights': {method: spread, share: 0.2}}\n"
    (tmp_path / "own.yaml").write_text(text)
    (tmp_path / "move.yaml").write_text("title: Debt of Kenya halves\ncells: {KEN: {debt: '/2'}}\n")
    rows = ["KEN,60,50", "PAK,30,40", "LAO,80,20", "AUT,55,70", "BRA,20,95"]
    (tmp_path / "new.csv").write_text("\n".join(["iso3,debt,gci", *rows]))
    (tmp_path / "old.csv").write_text("\n".join(["iso3,debt,gci", "KEN,10,50", *rows[1:]]))
    given = ("--framework", tmp_path / "own.yaml", "--data", tmp_path / "new.csv", "--workers", 2)
    more = (
        "--draws", 64, "--sensitivity", 8, "--scenario", tmp_path / "move.yaml",
        "--before-data", tmp_path / "old.csv", "--before-framework", tmp_path / "own.yaml",
    )  # fmt: skip
    done = run("report", *given, *more, "--out", tmp_path / "full.html")
    assert done.returncode == 0, done.stderr
    assert run("report", *given, "--out", tmp_path / "bare.html").returncode == 0
    full, bare = ((tmp_path / f"{name}.html").read_text() for name in ("full", "bare"))
    assert "Debt of Kenya halves" in full
    assert "Debt of Kenya halves" not in bare
    assert "*.weights" in full.split('id="manifest"')[0]
    data = [json.loads(one.split('id="data">')[1].split("</script>")[0]) for one in (full, bare)]
    assert data[0]["intervals"][0] is not None
    assert data[1]["intervals"][0] is None
    # A sample of nothing, an edition that is not there, and a scenario of an unknown name.
    for wrong in (
        ("--sensitivity", 0), ("--sensitivity", 7), ("--before-data", tmp_path / "none.csv"), ("--scenario", "eu_tolbox"),
    ):  # fmt: skip
        refused = run("report", *given, *wrong, "--out", tmp_path / "refused.html")
        assert refused.returncode == 2, wrong
        assert "Traceback" not in refused.stderr
        assert not (tmp_path / "refused.html").exists()
