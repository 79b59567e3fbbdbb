"""Starter tables: what ships for the record functions that need a judgement or a list."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.data.countries import to_iso3
from dsr_risk.data.starter import STARTER_TABLES
from tests.folders import ROOT
from tests.helpers import run


@pytest.mark.parametrize("name", list(STARTER_TABLES))
def test_starter_table_holds_known_countries_and_no_gap_in_what_is_needed(name: str) -> None:
    table = dr.starter_table(name)
    codes = table["iso3"] if "iso3" in table else table["origin"]
    assert list(to_iso3(codes)) == codes.tolist()
    for column in table.columns.difference(["lifted"]):
        assert table[column].notna().all(), column


@pytest.mark.parametrize("name", list(STARTER_TABLES))
def test_every_row_of_a_starter_table_has_the_page_it_was_checked_against(name: str) -> None:
    assert dr.starter_table(name)["url"].str.match(r"https?://\S+\.\S+$").all()


@pytest.mark.slow
def test_a_starter_table_is_printed_edited_and_used(tmp_path: Path) -> None:
    laws = tmp_path / "laws.csv"
    assert run("records", "laws", "--out", laws).returncode == 0
    laws.write_text(laws.read_text(encoding="utf-8").replace("CHN,1.0,", "CHN,0.5,"), "utf-8")
    contracts = ROOT / "examples" / "records" / "contracts.csv"
    usual = run("records", "legal_exposure", contracts)
    edited = run("records", "legal_exposure", contracts, "--by-country", f"laws={laws}")
    before, after = (
        pd.read_csv(io.StringIO(done.stdout), index_col="iso3")["value"] for done in (usual, edited)
    )
    assert (after < before).all()
    refused = run("records", "laws", contracts)
    assert (refused.returncode, "takes no file" in refused.stderr) == (2, True)


@pytest.mark.slow
def test_the_gap_in_data_protection_needs_no_file_of_your_own() -> None:
    done = run("records", "data_protection_gap")
    assert done.returncode == 0
    assert "no file given: the starter table" in done.stderr
    gap = pd.read_csv(io.StringIO(done.stdout), index_col="iso3")["value"]
    assert gap["FRA"] == 0
    assert gap["KEN"] == pytest.approx(1 / 3)


def test_starter_table_is_a_frame_of_its_own() -> None:
    table = dr.starter_table("laws")
    table["score"] = 0.0
    assert dr.starter_table("laws")["score"].max() == 1


def test_starter_table_of_an_unknown_name_suggests_one() -> None:
    with pytest.raises(dr.UnknownNameError, match="unknown table `law`; did you mean `laws`"):
        dr.starter_table("law")


def test_laws_are_scored_in_steps_and_once_for_each_origin() -> None:
    laws = dr.starter_table("laws")
    assert laws["iso3"].is_unique
    assert set(laws["score"]) == {0.25, 0.5, 0.75, 1.0}
    assert laws["year"].between(1978, 2025).all()


def test_control_lists_are_dated_and_a_lifted_listing_says_when() -> None:
    listed = dr.starter_table("control_lists")
    dates = pd.to_datetime(listed["listed"])
    assert dates.between("2018-01-01", "2026-01-01").all()
    lifted = listed[listed["lifted"].notna()]
    assert (pd.to_datetime(lifted["lifted"]) > dates[lifted.index]).all()
    assert not listed.duplicated(["supplier", "list"]).any()


def test_data_protection_names_instruments_of_every_kind() -> None:
    table = dr.starter_table("data_protection")
    assert set(table["instrument"]) == {"law", "authority", "eu adequacy", "eu member", "cbpr"}
    assert not table.duplicated(["iso3", "instrument"]).any()
    assert table.loc[table["iso3"].eq("NAM"), "instrument"].tolist() in ([], ["law"])
    japan = set(table.loc[table["iso3"].eq("JPN"), "instrument"])
    assert japan == {"law", "authority", "eu adequacy", "cbpr"}
