"""Starter tables: what ships for the record functions that need a judgement or a list."""

from __future__ import annotations

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.data.countries import to_iso3
from dsr_risk.data.starter import STARTER_TABLES


@pytest.mark.parametrize("name", list(STARTER_TABLES))
def test_starter_table_holds_known_countries_and_no_gap_in_what_is_needed(name: str) -> None:
    table = dr.starter_table(name)
    codes = table["iso3"] if "iso3" in table else table["origin"]
    assert list(to_iso3(codes)) == codes.tolist()
    for column in table.columns.difference(["lifted"]):
        assert table[column].notna().all(), column


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
