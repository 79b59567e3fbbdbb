"""Pictures and records on the commands of scenarios, pathways and reversals."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.helpers import run


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("scenario", "incident_wave"),
        ("scenario", "incident_wave", "digital_assistance", "--country", "Kenya"),
        ("pathway", "Pakistan", "35", "--score", "security"),
        ("reversal", "Laos", "Kenya", "--score", "security"),
        ("robustness", "--score", "security", "--top", "5"),
        ("publish", "--region", "Africa", "--sort", "security", "--top", "5"),
        ("profile", "Pakistan", "Kenya", "--draws", "0"),
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_the_picture_of_a_result_is_written(words: tuple[str, ...], tmp_path: Path) -> None:
    target = tmp_path / "picture.svg"
    done = run(*words, "--plot", target)
    assert done.returncode == 0, done.stderr
    assert target.read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.slow
def test_a_picture_in_an_unknown_format_is_refused_before_any_work(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    done = run("reversal", "Laos", "Kenya", "--plot", tmp_path / "picture.doc", "--out", out)
    assert done.returncode == 2
    assert "`.doc` is not a format of pictures" in done.stderr
    assert not out.exists()


@pytest.mark.slow
def test_a_scenario_on_files_of_loans_and_incidents(tmp_path: Path) -> None:
    loans, incidents = tmp_path / "loans.csv", tmp_path / "incidents.csv"
    loans.write_text(
        "iso3,usd,year,creditor_iso3,maturity,grace,rate\n"
        "ZMB,3000000000,2018,CHN,15,3,0.04\nZMB,2000000000,2017,World Bank,25,5,0.01\n",
        encoding="utf-8",
    )
    incidents.write_text("iso3,severity,claim,year\nSRB,3,confirmed,2023\n", encoding="utf-8")
    out = tmp_path / "moved.csv"
    done = run(
        "scenario", "debt_relief", "incident_wave", "--country", "Zambia", "--loans", loans,
        "--incidents", incidents, "--out", out,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    frame = pd.read_csv(out)
    row = frame[(frame["scenario"] == "debt_relief") & (frame["score"] == "dependency")]
    assert row["change"].item() < 0
    bad = tmp_path / "bad.csv"
    loans.write_text("iso3,usd,year,creditor_iso3\nZMB,much,2018,CHN\n", encoding="utf-8")
    done = run("scenario", "debt_relief", "--loans", loans, "--out", bad)
    assert done.returncode == 2
    assert "`usd` in row 1: expected a number, received 'much'" in done.stderr
    assert not bad.exists()
    # A table is never written over the records it is made from.
    done = run("scenario", "debt_relief", "--loans", loans, "--out", loans)
    assert done.returncode == 2
