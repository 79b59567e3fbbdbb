"""Records that a scenario file names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.analysis.scenario.definition import as_scenario
from tests.analysis.scenario.levers.test_records import LOANS
from tests.helpers import run

TEXT = """
title: A fifth cancelled
countries: [KEN]
levers: [{lever: debt_renegotiation, haircut: 0.2}]
records: {loans: loans.csv, year: 2021}
"""
LEVERS = {"countries": ["KEN"], "levers": [{"lever": "debt_renegotiation", "haircut": 0.2}]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    LOANS.to_csv(tmp_path / "loans.csv", index=False)
    (tmp_path / "relief.yaml").write_text(TEXT)
    return tmp_path / "relief.yaml"


@pytest.mark.slow
def test_a_file_with_records_is_the_call_with_records(file: Path, scores: dr.Scores) -> None:
    given = dr.scenario(scores, LEVERS, records={"loans": LOANS, "year": 2021})
    plain = dr.scenario(scores, LEVERS)
    pd.testing.assert_frame_equal(dr.scenario(scores, file).moved(), given.moved())
    rows = {**LEVERS, "records": {"loans": LOANS.to_dict("records"), "year": 2021}}
    pd.testing.assert_frame_equal(dr.scenario(scores, rows).moved(), given.moved())
    assert not plain.moved().equals(given.moved())


def test_a_scenario_with_records_comes_back_from_plain_data(file: Path) -> None:
    found = as_scenario(file)
    assert found.records["loans"] == str(file.parent / "loans.csv")
    assert dr.Scenario.from_dict(found.to_dict(), "relief") == found


BAD: list[tuple[Any, str]] = [
    ({"lons": "loans.csv"}, "unknown key `lons`; did you mean `loans`"),
    ({"loans": 7}, "expected a file or a list of rows, received 7"),
    ({"loans": []}, "expected a file or a list of rows"),
    (["loans.csv"], "expected {loans: loans.csv}"),
    ({"loans": "absent.csv"}, "absent.csv"),
]


@pytest.mark.parametrize(("records", "said"), BAD, ids=str)
def test_wrong_records_of_a_scenario_are_one_clear_error(
    records: Any, said: str, scores: dr.Scores
) -> None:
    with pytest.raises(dr.DataError) as error:
        dr.scenario(scores, {**LEVERS, "records": records})
    assert said in str(error.value)


def test_records_given_twice_are_refused(file: Path, scores: dr.Scores) -> None:
    with pytest.raises(dr.DataError, match="names `loans` of its own"):
        dr.scenario(scores, file, records={"loans": LOANS})


@pytest.mark.slow
def test_the_command_never_writes_over_records(file: Path) -> None:
    before = (file.parent / "loans.csv").read_bytes()
    done = run("scenario", file, "--out", file.parent / "loans.csv")
    assert done.returncode == 2
    assert "write to another file" in done.stderr
    assert (file.parent / "loans.csv").read_bytes() == before


@pytest.mark.slow
def test_the_command_reads_records_of_a_file(file: Path) -> None:
    done = run("scenario", file, "--moved")
    assert done.returncode == 0, done.stderr
    assert "KEN" in done.stdout
