"""The analyses from the command line, in processes of their own."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import dsr_risk as dr


def run(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "dsr_risk", *words],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode == code, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    return done


def csv_of(*words: str) -> pd.DataFrame:
    """What the command pipes, as a table."""
    return pd.read_csv(io.StringIO(run(*words).stdout), keep_default_na=False, na_values=[""])


@pytest.fixture(scope="module")
def scores(bundled: dr.Scores) -> dr.Scores:
    """The bundled scores."""
    return bundled


@pytest.mark.slow
def test_intervals_are_the_same_with_one_worker_and_with_two() -> None:
    one = run("uncertainty", "--draws", "700", "--seed", "3").stdout
    two = run("uncertainty", "--draws", "700", "--seed", "3", "--workers", "2").stdout
    assert one == two
    assert "dependency_low" in one.splitlines()[0]


@pytest.mark.slow
def test_the_score_table_with_draws_has_the_plain_scores_inside_it(scores: dr.Scores) -> None:
    table = csv_of("score", "--draws", "300").set_index("iso3")
    plain = scores.values["dependency"].reindex(table.index)
    assert (table["dependency"] - plain).abs().max() < 1e-9
    known = table["dependency"].notna()
    assert (table.loc[known, "dependency_low"] <= table.loc[known, "dependency_high"]).all()


@pytest.mark.slow
def test_probabilities_of_bands_add_up_to_one_for_every_scored_country() -> None:
    table = csv_of("uncertainty", "--draws", "300", "--view", "bands", "--score", "security")
    sums = table.set_index("iso3").sum(axis=1, min_count=1).dropna()
    assert len(sums) > 150
    assert (sums - 1).abs().max() < 1e-9


@pytest.mark.slow
def test_sensitivity_of_one_country_names_every_factor() -> None:
    table = csv_of("sensitivity", "-n", "16", "--resamples", "4", "--country", "Pakistan")
    assert set(table["unit"]) == {"PAK"}
    assert set(dr.load_framework().factors) <= set(table["factor"])


@pytest.mark.slow
def test_the_audit_fails_the_build_only_where_it_is_asked_to(scores: dr.Scores) -> None:
    findings = csv_of("audit")
    assert len(findings) == len(dr.audit(scores).table())
    worst = dr.audit(scores).worst
    assert worst == "fail"
    run("audit", "--fail-on", "fail", code=1)


@pytest.mark.slow
def test_a_comparison_splits_every_move_exactly() -> None:
    table = csv_of("compare", "--preset", "power_mean", "--before-framework", "dsr")
    parts = table[["data", "coverage", "reference", "method", "joint"]].sum(axis=1)
    assert (table["change"] - parts).abs().max() < 1e-9


@pytest.mark.slow
def test_a_comparison_of_nothing_says_what_to_give() -> None:
    assert "--before-data" in run("compare", code=2).stderr


@pytest.mark.slow
def test_outranking_orders_the_countries_that_are_scored(scores: dr.Scores) -> None:
    table = csv_of("outranking", "--score", "security")
    assert len(table) == scores.values["security"].notna().sum()


@pytest.mark.slow
def test_records_become_an_indicator_that_can_be_checked_as_data(tmp_path: Path) -> None:
    (tmp_path / "contracts.csv").write_text(
        "iso3,vendor,vendor_iso3,usd\nKEN,Huawei,CHN,30\nKEN,ZTE,CHN,20\nKEN,Ericsson,SWE,30\n"
        "KEN,Nokia,FIN,20\n"
    )
    out = tmp_path / "hhi.csv"
    run("records", "supplier_concentration", str(tmp_path / "contracts.csv"), "--out", str(out))
    data = dr.read_data(out)
    assert data.cell("Kenya", "supplier_hhi")["value"] == pytest.approx(0.26)
    assert data.cell("Kenya", "origin_hhi")["value"] == pytest.approx(0.38)
    assert data.cell("Kenya", "focal_share")["focal"] == "CHN"


@pytest.mark.slow
def test_records_without_a_kind_lists_the_kinds() -> None:
    listed = run("records").stdout
    for kind in ("aiddata_gcdf", "world_bank", "supplier_concentration", "incident_rate"):
        assert kind in listed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("uncertainty", "--draws", "0"), "received 0"),
        (("sensitivity", "-n", "0"), "0"),
        (("records", "aidata_gcdf", "x.csv"), "did you mean `aiddata_gcdf`"),
        (("records", "incident_rate", "x.csv"), "--by-country population=FILE"),
        (("explain", "Pakstan"), "did you mean `Pakistan`"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_message(words: tuple[str, ...], said: str) -> None:
    done = run(*words, code=2)
    assert said in done.stderr
    assert done.stdout == ""


@pytest.mark.slow
def test_exact_ranks_name_the_unit_and_the_score_and_hold_no_line_of_the_solver() -> None:
    done = run("robustness", "--country", "Kenya", "--time-limit", "1")
    lines = done.stdout.splitlines()
    assert lines[0] == "end,unit,score,rank,bound,proved"
    assert [line.rpartition(",dependency,")[0] for line in lines[1:]] == ["best,KEN", "worst,KEN"]


@pytest.mark.slow
def test_what_a_library_prints_goes_to_standard_error() -> None:
    code = (
        "import ctypes\nfrom dsr_risk.cli._streams import only_own_output\n"
        "with only_own_output():\n    ctypes.CDLL(None).printf(b'solver\\n')\nprint('own')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("own\n", "solver\n")
