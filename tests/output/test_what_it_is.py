"""What leaves the library says what it is: country, baseline, focal state, direction, marks and notes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.cli._shared import fitting
from tests.helpers import run

ABOUT_A_COUNTRY = [
    ("explain", "PAK"),
    ("explain", "PAK", "--parts"),
    ("tornado", "PAK"),
    ("fragility", "PAK"),
    ("elasticities", "PAK"),
    ("pathway", "PAK", "rank:100"),
    ("reversal", "PAK", "KEN"),
]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".html", ".md", ".csv", ".json", ".xlsx"])
def test_explain_files_name_the_country_and_the_baseline(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"p{suffix}"
    done = run("explain", "PAK", "--against", "Kenya", "-o", path)
    assert done.returncode == 0, done.stderr
    if suffix == ".xlsx":
        row = pd.read_excel(path, sheet_name="table", engine="openpyxl").iloc[0]
        assert (row["country"], row["against"]) == ("Pakistan (PAK)", "Kenya (KEN)")
        return
    text = path.read_text()
    assert "Pakistan (PAK)" in text
    assert "Kenya (KEN)" in text


@pytest.mark.slow
@pytest.mark.parametrize("command", ABOUT_A_COUNTRY, ids=" ".join)
def test_every_table_about_a_country_names_it(command: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    done = run(*command, "-o", path)
    assert done.returncode == 0, done.stderr
    assert pd.read_csv(path)["country"].unique().tolist() == ["Pakistan (PAK)"]


@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_tables_that_are_read_say_direction_focal_state_and_marks(
    suffix: str, tmp_path: Path, bundled: dr.Scores
) -> None:
    path = dr.write_table(bundled.table(), tmp_path / f"t{suffix}", manifest=dr.manifest(bundled))
    text = path.read_text()
    for said in (
        "higher is more risk",
        "Focal state: China",
        "partial basis",
        bundled.framework.title[:20],
    ):
        assert said in text
    for note in bundled.notes:
        assert note in text
    facts = json.loads((tmp_path / f"t{suffix}.manifest.json").read_text())
    assert facts["how_to_read"][0] == "Scores 0-100, higher is more risk; rank 1 is most risk."


@pytest.mark.slow
def test_the_score_file_marks_a_partial_basis_and_fits_a_screen_width(tmp_path: Path) -> None:
    path = tmp_path / "s.html"
    assert run("score", "-o", path).returncode == 0
    table = pd.read_html(path)[0]
    assert table.shape[1] <= 9
    scores = dr.score().table(details=True)
    partial = set(scores.loc[scores["dependency_basis"].eq("partial"), "country"])
    marked = {name.split(" ★")[0] for name in table["Country"] if "★" in name}
    assert partial
    assert partial <= marked


def test_a_table_on_a_narrow_terminal_keeps_the_column_that_is_not_zero() -> None:
    frame = pd.DataFrame(
        {"country": ["Kenya", "Ghana"], "change": [1.5, 2.5], "data_of_the_indicators": 0.0,
         "coverage_of_the_cells": 0.0, "reference_of_the_model": None, "method": [1.5, 2.5]}
    )  # fmt: skip
    text = fitting(frame, 40)
    assert "method" in text
    assert "data_of_the_indicators" not in text
    assert "3 more columns: --format csv" in text
    assert "data_of_the_indicators" in fitting(frame, 200)


@pytest.mark.slow
def test_compare_on_a_narrow_terminal_shows_the_only_effect() -> None:
    done = run(
        "compare", "--preset", "power_mean", "--before-framework", "dsr", "--format", "table"
    )
    header = done.stdout.splitlines()[1].split()
    assert "method" in header
    assert len(done.stdout.splitlines()[3]) <= 80


def test_selected_scores_keep_their_ranks(bundled: dr.Scores) -> None:
    few = bundled.select(countries=["KEN", "GHA", "PAK"]).table()
    whole = bundled.table().loc[few.index]
    pd.testing.assert_frame_equal(few, whole)


@pytest.mark.slow
def test_bounds_and_intervals_have_names_of_their_own(bundled: dr.Scores) -> None:
    table = bundled.table(details=True)
    assert {"dependency_min", "dependency_max"} <= set(table)
    assert not [name for name in table if str(name).endswith(("_low", "_high"))]
    drawn = dr.uncertainty(bundled, draws=64).table()
    assert {"dependency_low", "dependency_high"} <= set(drawn)
    assert not [name for name in drawn if str(name).endswith(("_min", "_max"))]


def test_context_facts_of_a_country_are_printed() -> None:
    text = dr.explain(dr.score(), "Serbia").text(80)
    assert "Context, not scored:" in text
    assert text.count("\n- ") >= 12
