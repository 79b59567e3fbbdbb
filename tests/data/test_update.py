"""`Data.update`: a table laid over data."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr


def test_update_lays_newer_cells_and_new_columns_over_the_bundle():
    base = dr.load_data()
    own = pd.DataFrame(
        {"country": ["Pakistan", "Kenya"], "gci_2024": [70.0, np.nan], "own": [3.0, 4.0]}
    )
    data = base.update(own)
    assert data.values.loc["PAK", "gci_2024"] == 70
    assert data.values.loc["KEN", "gci_2024"] == base.values.loc["KEN", "gci_2024"]
    assert data.values["own"].dropna().to_dict() == {"PAK": 3, "KEN": 4}
    before = base.cell("PAK", "ncsi_2026")
    assert data.cell("PAK", "ncsi_2026") == before
    old = data.conflicts[
        (data.conflicts["iso3"] == "PAK") & (data.conflicts["indicator"] == "gci_2024")
    ]
    assert base.values.loc["PAK", "gci_2024"] in old["value"].to_numpy()
    assert np.isnan(base.values.reindex(columns=["own"])["own"]).all()


def test_update_keeps_a_newer_cell_and_the_older_one_as_a_conflict():
    base = dr.as_data(
        pd.DataFrame({"iso3": ["PAK", "KEN"], "indicator": "a", "value": [1.0, 2.0], "year": 2022})
    )
    older = pd.DataFrame(
        {"iso3": ["PAK", "KEN"], "indicator": "a", "value": [9.0, 9.0], "year": [2019, 2023]}
    )
    data = base.update(older)
    assert data.values["a"].to_dict() == {"PAK": 1, "KEN": 9}
    rules = dict(zip(data.conflicts["value"], data.conflicts["rule"], strict=True))
    assert rules == {
        9.0: "older than the cell it was laid over",
        2.0: "replaced by a table laid over it",
    }


def test_update_adds_countries_reasons_and_bounds():
    base = dr.as_data(pd.DataFrame({"country": ["PAK"], "a": [1.0]}))
    long = pd.DataFrame(
        {
            "iso3": ["KEN", "PAK"],
            "indicator": ["a", "b"],
            "value": [np.nan, np.nan],
            "reason": ["landlocked", ""],
            "lower": [np.nan, 2.0],
            "upper": [np.nan, 5.0],
        }
    )
    data = base.update(long)
    assert data.cell("KEN", "a")["status"] == "not applicable"
    assert data.cell("PAK", "b")["status"] == "censored"
    assert data.values.loc["PAK", "a"] == 1
    assert base.countries == ("PAK",)


def test_update_of_a_snapshot_with_a_panel_is_an_error():
    panel = pd.DataFrame(
        {"a": [1.0, 2.0]}, index=pd.MultiIndex.from_tuples([("PAK", 2020), ("PAK", 2021)])
    )
    with pytest.raises(dr.DataError, match="a snapshot and the table is a panel"):
        dr.load_data().update(panel)


def test_update_reads_a_path(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("country,gci_2024\nPakistan,70\n", encoding="utf-8")
    assert dr.load_data().update(path).values.loc["PAK", "gci_2024"] == 70


def test_update_finds_its_readers_in_a_fresh_session():
    code = (
        "import pandas as pd, dsr_risk as dr\n"
        "own = pd.DataFrame({'iso3': ['PAK'], 'own_index': [3.0]})\n"
        "print(dr.load_data().update(own).cell('PAK', 'own_index')['value'])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("3.0\n", "")
