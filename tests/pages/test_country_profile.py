"""Country profiles: what they hold, in every format; two printed pages; hostile text stays text."""

from __future__ import annotations

import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from tests.helpers import COUNTRIES, frame, framework, group, indicator, run
from tests.output.live.calc import REQUIRED, SOFFICE, needs_soffice

pytest.importorskip("jinja2", reason="needs the extra `report`")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
HOSTILE = "</td><script>alert(1)</script>|`x`*=cmd"


@pytest.fixture(scope="module")
def scores(bundled: dr.Scores) -> dr.Scores:
    return bundled


@pytest.fixture(scope="module")
def drawn(scores) -> dr.Uncertainty:
    return dr.uncertainty(scores, draws=64)


@pytest.fixture(scope="module")
def page(scores, drawn) -> dr.Profile:
    return dr.profile(scores, "Pakistan", uncertainty=drawn)


def section(page, title):
    return next(one for one in page.sections if one.title == title)


@pytest.mark.slow
def test_profile_scores_are_those_of_the_scores(scores, drawn, page) -> None:
    rows = section(page, "Scores").rows
    headlines = section(page, "Scores").headings
    for name, row in zip(scores.names, rows, strict=True):
        said = dict(zip(headlines, (cell.text for cell in row), strict=True))
        table = drawn.table(name).loc["PAK"]
        assert said["Value"].split()[0] == f"{scores.values.loc['PAK', name]:.1f}"
        assert said["Rank"].startswith(f"{scores.rank.loc['PAK', name]:.0f} of ")
        assert said["90 % interval"] == f"{table[f'{name}_low']:.1f} to {table[f'{name}_high']:.1f}"
        assert said["Band"] == scores.band.loc["PAK", name]


def test_profile_without_draws_shows_the_possible_range(scores) -> None:
    shown = section(dr.profile(scores, "PAK"), "Scores")
    assert "possible range" in shown.headings
    assert "90 % of ranks" not in shown.headings


@pytest.mark.parametrize("asked", [["PAK"], ["POL"], ["PAK", "KEN"]])
def test_profile_of_a_selection_counts_and_compares_all_that_were_scored(scores, asked) -> None:
    some = scores.select(countries=["KEN", "PAK", "POL"])
    assert some.basis.loc["POL", "dependency"] == "partial"
    whole = dr.profile(scores, asked)
    pd.testing.assert_frame_equal(dr.profile(some, asked).table(), whole.table())
    alike = scores.basis["dependency"] == scores.basis.loc[asked[0], "dependency"]
    assert whole.table()["Rank"].iloc[0].endswith(f" of {alike.sum()}")


def test_profile_of_a_selected_year_of_a_panel_counts_that_year_alone() -> None:
    table = pd.DataFrame(
        {
            "iso3": ["KEN", "PAK", "LAO", "KEN", "PAK"],
            "year": [2019, 2019, 2019, 2020, 2020],
            "debt": [10.0, 20, 30, 40, 50],
        }
    )
    node = {"name": "debt", "higher_is": "riskier"}
    scores = dr.score({"name": "own", "scores": [{"name": "risk", "children": [node]}]}, table)
    one = scores.select(year=2019, countries=["PAK"])
    shown = section(dr.profile(one, "PAK"), "Scores")
    assert shown.rows[0][shown.headings.index("Rank")].text == "2 of 3"
    medians = section(dr.profile(one, "PAK"), "Pillars against peers").rows[0]
    assert (
        medians[4].text == dr.profile(scores.select(year=2019), "PAK").sections[1].rows[0][4].text
    )


@pytest.mark.slow
def test_profile_medians_are_of_region_income_and_world(scores, page) -> None:
    pillars = section(page, "Pillars against peers")
    assert pillars.headings[2:5] == (
        "median: Asia",
        "median: Lower middle income",
        "median: World",
    )
    world = scores.values.loc[~scores._focal, "technology_imports"].median()
    row = next(row for row in pillars.rows if row[0].text == "Technology imports")
    assert float(row[4].text) == pytest.approx(world, rel=5e-3)


@pytest.mark.slow
def test_profile_drivers_are_the_largest_contributions(scores, page) -> None:
    points = scores.contributions("dependency").loc["PAK"].sort_values(ascending=False)
    rows = section(page, f"What drives {scores.framework['dependency'].title}").rows
    assert [float(row[1].text) for row in rows] == pytest.approx(points.head(5).round(1).tolist())


@pytest.mark.slow
def test_profile_has_every_indicator_once_with_year_source_and_confidence(scores, page) -> None:
    panels = [
        one for one in page.sections if one.headings[0] == "Indicator" and len(one.headings) == 6
    ]
    rows = [row for one in panels for row in one.rows if not row[0].text.endswith("not scored")]
    assert len(rows) == len(scores.framework.indicators)
    for row in rows:
        assert re.fullmatch(r"\d{4}", row[3].text)
        assert row[4].text in ("high", "medium", "low")
        assert re.fullmatch(r"\[\d+\]", row[5].text)
        assert int(row[5].text[1:-1]) <= len(page.sources)
    assert {"Suppliers", "Debt and finance", "Surveillance", "Incidents"} <= {
        p.title for p in panels
    }


def test_profile_marks_estimated_cells(scores) -> None:
    row = int(np.flatnonzero(scores._state.cells.estimated.any(axis=1) & ~scores._focal)[0])
    page = dr.profile(scores, str(scores.data.iso3[row]))
    count = sum("◊ estimated" in cell.text for one in page.sections for r in one.rows for cell in r)
    assert count == scores._state.cells.estimated[row].sum()
    assert any("◊" in note for note in page.notes)


@pytest.mark.parametrize(
    ("country", "why"),
    [("CHN", "it is the focal state itself"), ("Tuvalu", "fewer than 100,000 people")],
)
def test_profile_of_a_country_without_a_score_says_why(scores, country, why) -> None:
    rows = section(dr.profile(scores, country), "Scores").rows
    assert why in rows[0][1].text


def test_profile_shows_figures_that_are_not_scored(scores) -> None:
    rows = {
        row[0].text: row for one in dr.profile(scores, "Liechtenstein").sections for row in one.rows
    }
    shown = [cell.text for cell in rows["Online service index (0-1)"]]
    assert shown[1:5] == ["0.742, not scored: fewer than 100,000 people", "–", "2024", "high"]
    assert rows["External debt (% of GNI)"][1].text == "does not apply (fewer than 100,000 people)"
    doubtful = [
        row[1].text for row in section(dr.profile(scores, "Saudi Arabia"), "Suppliers").rows
    ]
    assert any(text.endswith("not scored: doubtful") for text in doubtful)


def test_profile_facts_are_said_in_words_and_units(scores) -> None:
    rows = {
        row[0].text: row[1].text for one in dr.profile(scores, "PAK").sections for row in one.rows
    }
    assert rows["Landing of the PEACE cable, not scored"] == "yes"
    assert rows["Rank in the China Index (rank of 82), not scored"] == "1"
    assert rows["GDP (current USD)"] == "348,516,647,445"


SIX = ["PAK", "KEN", "BRA", "USA", "PRK", "IND"]


def test_profile_of_several_countries_stands_side_by_side(scores) -> None:
    page = dr.profile(scores, ["PAK", "Kenya", "PAK"])
    assert page.countries == ("Pakistan", "Kenya")
    assert section(page, "Suppliers").headings == ("Indicator", "Pakistan", "Kenya")
    assert len(section(page, "Scores").rows) == 2 * len(scores.names)
    assert not [one for one in page.sections if one.title.startswith("What drives")]
    assert page.sources
    cells = [cell.text for row in section(page, "Suppliers").rows for cell in row[1:]]
    cited = [text for text in cells if re.search(r"\(\d{4}\) \[\d+\]$", text)]
    assert len(cited) > len(cells) / 2
    numbers = {int(text.rpartition("[")[2][:-1]) for text in cited}
    assert max(numbers) <= len(page.sources)


def test_profile_takes_framework_and_data() -> None:
    fw = framework(group("a", indicator("x"), indicator("y")))
    data = frame({"x": [1, 2, 3], "y": [4, 9, 5]})
    assert dr.profile(fw, data, "PAK").countries == ("Pakistan",)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".html", ".md", ".docx"])
def test_profile_formats_hold_the_same_cells(page, tmp_path, suffix) -> None:
    path = page.save(tmp_path / f"p{suffix}")
    if suffix == ".docx":
        docx = pytest.importorskip("docx", reason="needs the extra `tables`")
        document = docx.Document(str(path))
        cells = {cell.text for grid in document.tables for cell in grid._cells}
        assert {cell.text for one in page.sections for row in one.rows for cell in row} <= cells
        return
    text = path.read_text(encoding="utf-8")
    for one in page.sections:
        assert one.title.split("'")[0] in text
        for row in one.rows:
            assert row[1].text in text
    assert all(source.split("&")[0].split("'")[0].split("*")[0] in text for source in page.sources)


def test_profile_escapes_hostile_text(tmp_path) -> None:
    fw = framework(
        group("a", indicator("x", label=HOSTILE, unit=HOSTILE), indicator("y"), label=HOSTILE),
        title=HOSTILE,
    )
    rows = [
        {"iso3": code, "indicator": name, "value": 10.0 * place, "source": HOSTILE}
        for place, code in enumerate(COUNTRIES, start=1) for name in ("x", "y")
    ]  # fmt: skip
    page = dr.profile(dr.score(fw, pd.DataFrame(rows)), "PAK")
    for form in ("html", "markdown"):
        assert "<script" not in page.text(form)
    assert "&lt;script&gt;" in page.text("html")
    assert "\\|" in page.text("markdown")


@pytest.mark.slow
@needs_chromium
@pytest.mark.parametrize("countries", ["PAK", "USA", "PRK", ["PAK", "KEN", "BRA"], SIX])
def test_profile_prints_on_two_pages(scores, drawn, tmp_path, countries) -> None:
    path = dr.profile(scores, countries, uncertainty=drawn).save(tmp_path / "p.pdf")
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", path.read_bytes())
    assert len(pages) == 2


@pytest.mark.slow
@needs_soffice
@pytest.mark.parametrize("countries", ["PAK", "TWN", "PRK", ["PAK", "KEN", "BRA"], SIX])
def test_profile_in_word_prints_on_two_pages(scores, drawn, tmp_path, countries) -> None:
    pytest.importorskip("docx", reason="needs the extra `tables`")
    source = dr.profile(scores, countries, uncertainty=drawn).save(tmp_path / "p.docx")
    command = [str(SOFFICE), f"-env:UserInstallation=file://{tmp_path}/home", "--headless", "--convert-to", "pdf",
               "--outdir", str(tmp_path), str(source)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    printed = tmp_path / "p.pdf"
    if not printed.exists():
        lacking = pytest.fail if REQUIRED else pytest.skip
        lacking("LibreOffice has no Writer (Debian: apt-get install libreoffice-writer)")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed.read_bytes())) == 2


# -- bad input --------------------------------------------------------------------------------------


def test_profile_refuses_what_is_no_country(scores) -> None:
    with pytest.raises(dr.DataError, match="needs a country"):
        dr.profile(scores)
    with pytest.raises(dr.DataError, match="needs a country"):
        dr.profile(scores, [])
    with pytest.raises(dr.UnknownNameError, match="did you mean"):
        dr.profile(scores, "Pakstan")
    with pytest.raises(dr.DataError, match="at most 6"):
        dr.profile(scores, list(scores.data.iso3[:7]))
    with pytest.raises(dr.DataError, match="no format of profiles"):
        dr.profile(scores, "PAK").save("p.xlsx")


def test_profile_pdf_without_a_browser_is_one_error(page, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(dr.MissingExtraError, match="needs Chromium"):
        page.save(tmp_path / "p.pdf")
    assert not list(tmp_path.iterdir())


def test_profile_without_its_library_names_the_extra(page, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    monkeypatch.setitem(__import__("sys").modules, "docx", None)
    with pytest.raises(dr.MissingExtraError, match=r"dsr-risk\[report\]"):
        page.save(tmp_path / "p.html")
    with pytest.raises(dr.MissingExtraError, match=r"dsr-risk\[tables\]"):
        page.save(tmp_path / "p.docx")
    assert page.save(tmp_path / "p.md").exists()


@pytest.mark.slow
def test_profile_command_writes_a_file(tmp_path) -> None:
    done = run("profile", "Pakistan", "--draws", 32, "--out", tmp_path / "p.html")
    assert done.returncode == 0, done.stderr
    assert "profile of Pakistan" in done.stderr
    assert "Content-Security-Policy" in (tmp_path / "p.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_profile_command_prints_markdown_and_refuses_unknown_countries() -> None:
    done = run("profile", "PAK", "KEN", "--draws", 0)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("# Pakistan, Kenya")
    done = run("profile", "Atlantis", "--draws", 0)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
