"""The workbook to fill in."""

from __future__ import annotations

from pathlib import Path

import pytest

import dsr_risk as dr
from tests.helpers import run


@pytest.mark.slow
def test_init_wide_writes_a_workbook_that_is_read_and_scored(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    done = run("init", "--wide", "countries.xlsx", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    book = openpyxl.load_workbook(tmp_path / "countries.xlsx")
    assert book.sheetnames == ["data", "indicators", "countries"]
    checks = book["data"].data_validations.dataValidation
    assert {check.type for check in checks} == {"list", "decimal"}
    data = dr.read_data(tmp_path / "countries.xlsx")
    assert "CHN" not in data.countries
    assert data.values.loc["KEN"].notna().any()
    assert "the row below the header" in str(data.reading)
    assert dr.score("dsr", data).values["security"].notna().sum() > 100
    again = run("init", "--wide", "countries.xlsx", cwd=tmp_path)
    assert again.returncode == 2


@pytest.mark.slow
def test_init_takes_a_folder_or_a_workbook(tmp_path: Path) -> None:
    assert run("init", cwd=tmp_path).returncode == 2
    assert run("init", "a", "--wide", "b.xlsx", cwd=tmp_path).returncode == 2
    assert run("init", "--wide", "b.csv", cwd=tmp_path).returncode == 2
    assert not list(tmp_path.iterdir())
