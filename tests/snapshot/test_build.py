"""`dsr-risk snapshot build`: the shipped bytes, newer files, and sources of another format."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.data.snapshot import bundled_folder
from dsr_risk.snapshot.folder import FORMATS, NUMERIC, TIDY
from dsr_risk.snapshot.output import NAMES
from dsr_risk.snapshot.sources import FILES
from tests.folders import SHARED
from tests.helpers import run

needs_sources = pytest.mark.skipif(
    not (SHARED / "data" / "country_indicators.csv").is_file(),
    reason=f"the source files are not at {SHARED}; set DSR_RISK_SHARED to their parent folder",
)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """A folder with a link to every source file."""
    folder = tmp_path / "inputs"
    folder.mkdir()
    for place in ("data", "framework_v2/inputs"):
        for path in (SHARED / place).iterdir():
            if path.name in FILES:
                (folder / path.name).symlink_to(path)
    return folder


def change(folder: Path, name: str, old: str, new: str) -> None:
    """Put a changed copy of a file in the place of the link."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.unlink()
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.slow
@needs_sources
def test_the_source_files_give_the_shipped_bytes(tmp_path: Path) -> None:
    done = run("snapshot", "build", SHARED, "--out", tmp_path / "new")
    assert done.returncode == 0, done.stderr
    assert "note:" not in done.stderr
    for name in NAMES:
        assert (tmp_path / "new" / name).read_bytes() == (bundled_folder() / name).read_bytes()
    made = [path for path in (tmp_path / "new").rglob("*") if path.is_file()]
    assert sorted(str(path.relative_to(tmp_path / "new")) for path in made) == sorted(NAMES)


@pytest.mark.slow
@needs_sources
def test_check_says_that_the_bundle_is_equal() -> None:
    done = run("snapshot", "build", SHARED / "data", SHARED / "framework_v2" / "inputs", "--check")
    assert (done.returncode, done.stdout.partition(":")[0]) == (0, "equal")


@pytest.mark.slow
@needs_sources
def test_check_shows_what_differs(inputs: Path) -> None:
    change(inputs, "country-codes.csv", "Namibia", "Namibie")
    done = run("snapshot", "build", inputs, "--check")
    assert done.returncode == 1
    assert "snapshot.json: 1 lines only in the shipped file, 1 only here" in done.stdout


@pytest.mark.slow
@needs_sources
def test_newer_files_give_a_snapshot_that_scores_and_compares(inputs: Path, tmp_path: Path) -> None:
    row = "KEN,2026,ncsi_2026,"
    (held,) = [
        line
        for line in (inputs / "indices_2024.csv").read_text(encoding="utf-8").splitlines()
        if line.startswith(row)
    ]
    value = held.split(",")[3]
    change(inputs, "indices_2024.csv", f"{row}{value}", "KEN,2027,ncsi_2026,100")
    (inputs / "editions.csv").write_text("file,retrieved\nindices_2024.csv,2027-03-01\n")
    out = tmp_path / "new"
    done = run("snapshot", "build", inputs, "--out", out, "--edition", 2027)
    assert done.returncode == 0, done.stderr
    assert "note:" not in done.stderr
    assert json.loads((out / "snapshot.json").read_text(encoding="utf-8"))["edition"] == 2027
    cell = dr.read_data(out / "snapshot.csv").cell("KEN", "ncsi_2026")
    assert (cell["value"], cell["year"], cell["retrieved"]) == (100, 2027, "2027-03-01")
    moved = run(
        "compare", "--data", out / "snapshot.csv", "--before-data", "bundled",
        "--score", "security", "--format", "csv", "--out", tmp_path / "moves.csv",
    )  # fmt: skip
    assert moved.returncode == 0, moved.stderr
    moves = pd.read_csv(tmp_path / "moves.csv").set_index("iso3")
    assert moves["change"].abs().idxmax() == "KEN"
    assert float(moves["change"].loc["KEN"]) < -1


@pytest.mark.slow
@needs_sources
def test_a_newer_file_without_a_date_is_said_and_claims_none(inputs: Path, tmp_path: Path) -> None:
    change(inputs, "policy_2026.csv", "AFG,2026,cybercrime_law,1.0", "AFG,2026,cybercrime_law,0.5")
    done = run("snapshot", "build", inputs, "--out", tmp_path / "new")
    assert done.returncode == 0, done.stderr
    assert "`policy_2026.csv` differs" in done.stderr
    rows = pd.read_csv(tmp_path / "new" / "snapshot.csv", low_memory=False)
    assert rows.loc[rows["indicator"].eq("cybercrime_law"), "retrieved"].isna().all()
    assert rows.loc[rows["indicator"].eq("ncsi_2026"), "retrieved"].notna().all()


@pytest.mark.slow
def test_a_folder_without_the_files_is_refused_with_every_name(tmp_path: Path) -> None:
    done = run("snapshot", "build", tmp_path, "--out", tmp_path / "new")
    assert done.returncode == 2
    assert f"{len(FILES)} problems" in done.stderr
    for name in FILES:
        assert f"`{name}` is not there" in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
@needs_sources
@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("policy_2026.csv", "iso3,year,indicator", "code,year,name", "columns iso3, indicator not there"),
        ("gw_gcdf.csv", "gwcode", "cowcode", "column gwcode not there; received cowcode, year"),
        ("gdp.csv", ",Year,", ",Time,", "column Year not there"),
        ("networks_2026.csv", "iso3,year", "iso3;year", "columns iso3, year not there"),
        ("biggestpicture-scores-2021-2022.json", "[", "{", "it is not a UTF-8 JSON list"),
        ("incidents_2023.csv", ",12.0,", ",twelve,", "column `value` holds text, 'twelve' in row 2"),
    ],
)  # fmt: skip
def test_a_source_of_another_format_is_refused_with_its_name(
    inputs: Path, tmp_path: Path, name: str, old: str, new: str, told: str
) -> None:
    change(inputs, name, old, new)
    done = run("snapshot", "build", inputs, "--out", tmp_path / "new")
    assert done.returncode == 2
    assert f"`{name}` has another format" in done.stderr
    assert told in done.stderr
    assert not (tmp_path / "new" / "snapshot.csv").exists()


@pytest.mark.slow
@needs_sources
def test_a_changed_unit_is_refused_with_the_indicator(inputs: Path, tmp_path: Path) -> None:
    change(inputs, "indices_2024.csv", "KEN,2024,egdi_osi_2024,0.", "KEN,2024,egdi_osi_2024,70.")
    done = run("snapshot", "build", inputs, "--out", tmp_path / "new")
    assert done.returncode == 2
    assert "`egdi_osi` of UN E-Government Survey 2024: 1 values outside 0 to 1" in done.stderr
    assert "of KEN; the source may have another unit" in done.stderr


@pytest.mark.slow
@needs_sources
def test_two_editions_of_one_file_are_refused(inputs: Path, tmp_path: Path) -> None:
    (inputs / "old").mkdir()
    (inputs / "old" / "gdp.csv").write_text("Country Name,Country Code,Year,Value\n")
    done = run("snapshot", "build", inputs, "--out", tmp_path / "new")
    assert done.returncode == 2
    assert "`gdp.csv` is there twice" in done.stderr


@pytest.mark.slow
@needs_sources
def test_wrong_dates_of_editions_are_refused(inputs: Path, tmp_path: Path) -> None:
    (inputs / "editions.csv").write_text("file,retrieved\ngdp.csv,March 2027\nother.csv,2027\n")
    done = run("snapshot", "build", inputs, "--out", tmp_path / "new")
    assert done.returncode == 2
    assert "no source file has the name `other.csv`" in done.stderr
    assert "received 'March 2027'" in done.stderr


@pytest.mark.slow
@needs_sources
def test_the_folder_of_the_sources_is_never_written_to(inputs: Path) -> None:
    (inputs / "below").mkdir()
    for path in [path for path in inputs.iterdir() if path.name != "below"]:
        path.rename(inputs / "below" / path.name)
    for out in (inputs, inputs / "below", inputs / "below" / ".."):
        done = run("snapshot", "build", inputs, "--out", out)
        assert done.returncode == 2
        assert "holds the source files" in done.stderr
    assert not list(inputs.rglob("snapshot.csv"))


@pytest.mark.slow
def test_build_needs_a_place_or_a_check(tmp_path: Path) -> None:
    done = run("snapshot", "build", tmp_path)
    assert done.returncode == 2
    assert "--out DIR" in done.stderr


def test_every_format_is_of_a_file_that_is_read() -> None:
    assert set(FORMATS) | set(NUMERIC) <= set(FILES)
    assert {"year", "value"} < set(TIDY)
