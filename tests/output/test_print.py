"""Published tables on paper: at most eight A4 pages for all countries, from HTML and from Excel."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import dsr_risk as dr
from tests.helpers import run
from tests.output.live.calc import SOFFICE, needs_soffice

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
MOST = 8


@pytest.fixture(scope="module")
def table() -> dr.Publication:
    return dr.publish(dr.score())


def pages(path: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", path.read_bytes()))


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_html_table_prints_on_at_most_eight_pages(table, tmp_path) -> None:
    source, printed = table.save(tmp_path / "t.html"), tmp_path / "t.pdf"
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
               f"--user-data-dir={tmp_path}/home", f"--print-to-pdf={printed}", source.as_uri()]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert 2 <= pages(printed) <= MOST


@needs_soffice
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["published", "data"])
def test_excel_table_prints_on_at_most_eight_pages(table, tmp_path, kind) -> None:
    pytest.importorskip("xlsxwriter", reason="needs the extra `excel`")
    source = tmp_path / "t.xlsx"
    if kind == "published":
        table.save(source)
    else:
        dr.write_table(dr.score().table(details=True), source)
    command = [str(SOFFICE), f"-env:UserInstallation=file://{tmp_path}/home", "--headless", "--convert-to", "pdf",
               "--outdir", str(tmp_path), str(source)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    assert 2 <= pages(tmp_path / "t.pdf") <= MOST


@needs_soffice
@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "name"), [(("--level", "pillar"), "t.xlsx"), (("--details",), "t.docx")]
)
def test_levels_and_details_print_on_at_most_eight_pages(tmp_path, option, name) -> None:
    pytest.importorskip("xlsxwriter", reason="needs the extra `excel`")
    pytest.importorskip("docx", reason="needs the extra `tables`")
    assert run("score", *option, "--out", name, cwd=tmp_path).returncode == 0
    command = [str(SOFFICE), f"-env:UserInstallation=file://{tmp_path}/home", "--headless", "--convert-to", "pdf",
               "--outdir", str(tmp_path), str(tmp_path / name)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    assert 2 <= pages(tmp_path / "t.pdf") <= MOST


# -- the options of published tables on `score` ---------------------------------------------------------


@pytest.mark.slow
def test_score_options_give_the_published_table(table) -> None:
    shown = run("score", "--top", 3, "--sort", "security", "--format", "table", "--decimal-comma")
    assert shown.returncode == 0, shown.stderr
    assert table.title in shown.stdout
    assert (
        shown.stdout == run("publish", "--top", 3, "--sort", "security", "--decimal-comma").stdout
    )


@pytest.mark.slow
def test_score_options_into_a_pipe_give_csv_with_full_precision(table) -> None:
    lines = run("score", "--top", 2).stdout.splitlines()
    first = table.frame().iloc[0]
    assert lines[0].startswith("iso3,country,dependency")
    assert len(lines) == 3
    assert float(lines[1].split(",")[2]) == first["dependency"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--sort", "scurity"], "did you mean `security`"),
        (["--region", "Afrika"], "did you mean `Africa`"),
        (["--income", "Poor"], "unknown income"),
        (["--columns", "gade"], "did you mean `grade`"),
        (["--language", "de"], "unknown `language`"),
        (["--top", "0"], "whole number from 1"),
        (["--columns", "grade", "--level", "pillar"], "--level and --columns both choose columns"),
        (["--columns", "grade", "--details"], "--details and --columns both choose columns"),
        (["--top", "3", "--out", "t.xyz"], "no format of tables"),
        (["--top", "3", "--out", "none/t.md"], "no folder"),
    ],
)
def test_score_options_that_cannot_hold_are_one_error(arguments, said, tmp_path) -> None:
    done = run("score", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_score_writes_a_document_in_formats_of_documents(tmp_path) -> None:
    pytest.importorskip("docx", reason="needs the extra `tables`")
    names = ("t.docx", "t.tex", "t.txt")
    for name in names:
        assert run("score", "--out", name, cwd=tmp_path).returncode == 0
    made = {one.name for one in tmp_path.iterdir()}
    assert made == {*names, *(f"{name}.manifest.json" for name in names)}


@pytest.mark.slow
def test_published_table_of_an_empty_selection_is_an_error() -> None:
    scores = dr.score()
    with pytest.raises(dr.DataError, match="no scored country is left"):
        dr.publish(scores.select(countries=["CHN"]))
