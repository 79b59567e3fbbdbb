"""Incidents: the worked decay, claims and hosts told apart, shrinkage, coverage, traces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from dsr_risk import records
from dsr_risk.errors import DataError
from tests.records.conftest import with_trace

PEOPLE = {"KEN": 50e6, "PAK": 220e6, "ETH": 110e6, "DEU": 83e6}


def value(result: pd.DataFrame, indicator: str, country: str = "KEN") -> float:
    return float(result.set_index(["iso3", "indicator"]).loc[(country, indicator), "value"])


def two(claim: str) -> pd.DataFrame:
    """Severity 3 at age 0 and severity 4 at age 4."""
    return pd.DataFrame(
        {
            "iso3": ["KEN", "KEN"],
            "severity": [3, 4],
            "claim": ["confirmed", claim],
            "year": [2024, 2020],
        }
    )


@pytest.mark.parametrize(
    ("claim", "rate"), [("confirmed", 0.20), ("alleged", 0.175), ("refuted", 0.15)]
)
def test_severity_halves_every_half_life_and_counts_as_far_as_it_is_sure(
    claim: str, rate: float
) -> None:
    assert value(
        records.incident_rate(two(claim), {"KEN": 20e6}), "incident_rate"
    ) == pytest.approx(rate)


def test_five_incidents_among_two_and_a_half_million_are_two_per_million() -> None:
    frame = pd.DataFrame({"iso3": ["KEN"] * 5, "year": [2020] * 5})
    result = records.incident_rate(frame, {"KEN": 2.5e6}, columns={"severity": None, "claim": None})
    assert value(result, "incident_count_rate") == 2
    assert value(result, "incident_rate") == 2
    row = result.set_index("indicator").loc["incident_count_rate"]
    assert row["std_error"] == pytest.approx(np.sqrt(5) / 2.5)
    assert row["lower"] < 2 < row["upper"]


@pytest.mark.parametrize("people", [{"KEN": 0}, {"KEN": None}, {}, {"PAK": 5e6}])
def test_no_or_missing_population_is_an_error_that_names_the_country(people: Any) -> None:
    with pytest.raises(DataError, match="population.*KEN|KEN"):
        records.incident_rate(two("alleged"), people)


def test_missing_population_may_be_skipped_and_the_count_stays() -> None:
    result = records.incident_rate(two("alleged"), {"PAK": 5e6}, weighing={"on_missing": "skip"})
    assert set(result["indicator"]) >= {"incident_count", "incidents_confirmed"}
    assert "incident_rate" not in set(result["indicator"])


def test_confirmed_alleged_and_denied_are_told_apart(incidents: pd.DataFrame) -> None:
    result = records.incident_rate(incidents, PEOPLE)
    told = result[result["indicator"].str.startswith("incidents_")]
    for claim in ("confirmed", "alleged", "denied", "refuted"):
        mine = told[told["claim"].eq(claim)].set_index("iso3")["value"]
        seen = incidents["claim"].str.lower().eq(claim).groupby(incidents["iso3"]).sum()
        assert mine.to_dict() == seen.astype(float).to_dict()


def test_the_victim_is_not_the_host() -> None:
    frame = pd.DataFrame(
        {"iso3": ["DEU"], "host": ["ETH"], "severity": [4], "claim": ["alleged"], "year": [2018]}
    )
    result = records.incident_rate(frame, PEOPLE, columns={"host": "host"})
    assert value(result, "incidents_hosted", "ETH") == 1
    assert value(result, "incident_count", "DEU") == 1
    assert set(result["indicator"][result["iso3"].eq("ETH")]) == {"incidents_hosted"}


def test_shrinkage_pulls_toward_the_pooled_rate_and_zeros_off_the_floor() -> None:
    frame = pd.DataFrame({"iso3": ["KEN"] * 9 + ["PAK"] * 200 + ["DEU"], "year": 2020})
    result = records.incident_rate(
        frame, {**PEOPLE, "KEN": 0.5e6}, columns={"severity": None, "claim": None}, countries="all"
    )
    rate = result.pivot(index="iso3", columns="indicator", values="value")
    pooled = 210 / (220 + 110 + 83 + 0.5)
    assert (
        pooled
        < rate.loc["KEN", "incident_count_rate_shrunk"]
        < rate.loc["KEN", "incident_count_rate"]
    )
    assert rate.loc["ETH", "incident_count_rate"] == 0
    assert 0 < rate.loc["ETH", "incident_count_rate_shrunk"] < pooled
    note = result.set_index(["iso3", "indicator"]).loc[("ETH", "incident_count"), "note"]
    assert "taken to cover" in note


@pytest.mark.slow
def test_half_the_detection_doubles_the_rate() -> None:
    plain = records.incident_rate(two("alleged"), {"KEN": 20e6})
    hidden = records.incident_rate(
        two("alleged"), {"KEN": 20e6}, weighing={"detection": {"KEN": 0.5}}
    )
    assert value(hidden, "incident_rate") == pytest.approx(2 * value(plain, "incident_rate"))


def test_later_incidents_are_left_out_and_said_so() -> None:
    result = records.incident_rate(two("confirmed"), {"KEN": 20e6}, as_of=2021)
    assert value(result, "incident_count") == 1
    assert value(result, "incident_rate") == pytest.approx(4 * 2**-0.5 / 20)
    assert "1 later record(s) left out" in result["note"].iloc[0]


@pytest.mark.slow
def test_population_by_year_is_read_at_the_year_of_reference() -> None:
    people = pd.DataFrame({"iso3": ["Kenya"] * 2, "year": [2020, 2024], "population": [10e6, 20e6]})
    assert value(records.incident_rate(two("confirmed"), people), "incident_rate") == pytest.approx(
        0.2
    )
    early = records.incident_rate(two("confirmed"), people, as_of=2020)
    assert value(early, "incident_count_rate") == pytest.approx(0.1)


@pytest.mark.slow
def test_contributions_sum_to_raw_and_shrunken_rates(incidents: pd.DataFrame) -> None:
    result, trace = with_trace(records.incident_rate, incidents, PEOPLE)
    keys = ["iso3", "indicator"]
    summed = trace.groupby(keys)["contribution"].sum()
    values = result.set_index(keys)["value"].reindex(summed.index)
    assert len(summed) == 36
    assert np.allclose(summed, values)
    prior = trace[trace["record"].isna()]
    assert set(prior["indicator"]) == {"incident_rate_shrunk", "incident_count_rate_shrunk"}


def test_every_bad_incident_is_reported_at_once() -> None:
    frame = pd.DataFrame(
        {
            "iso3": ["KEN", "Atlantis", None],
            "severity": [9, 2, np.nan],
            "claim": ["confirmd", "alleged", None],
            "year": [2999, 2020, 2020],
        }
    )
    with pytest.raises(DataError) as error:
        records.incident_rate(frame, {"KEN": -1, "Mordor": 3})
    text = str(error.value)
    for part in (
        "`iso3` is 'Atlantis' in 1 record(s): not a country",
        "`iso3` is empty in 1 record(s)",
        "row 0 (KEN): `severity` is 9: must lie in 1-5",
        "row 2: `severity` is missing",
        "row 0 (KEN): `year` is 2999: lies in the future",
        "`claim` is 'confirmd' in 1 record(s): did you mean `confirmed`?",
        "`claim` is empty in 1 record(s)",
        "population of KEN is -1",
        "population: 'Mordor' is not a country",
    ):
        assert part in text, part
