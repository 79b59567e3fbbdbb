"""Levers that edit loans and incidents one by one, where there are records of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk import records
from dsr_risk.analysis.scenario.record_set import loan_books
from dsr_risk.records.options import LoanTerms
from tests.helpers import framework, group

pytestmark = pytest.mark.slow

LOANS = pd.DataFrame(
    {
        "iso3": ["KEN", "KEN", "SRB"],
        "usd": [5e9, 7.5e9, 1e9],
        "year": [2020, 2020, 2018],
        "creditor_iso3": ["CHN", "JPN", "CHN"],
        "maturity": [20, 20, 10],
        "grace": [5, 5, 0],
        "rate": [0.02, 0.02, 0.04],
    }
)
INCIDENTS = pd.DataFrame(
    {
        "iso3": ["KEN", "KEN", "SRB"],
        "severity": [3, 4, 2],
        "claim": ["confirmed", "alleged", "confirmed"],
        "year": [2024, 2020, 2023],
    }
)
PEOPLE: dict[object, float] = {"KEN": 20e6, "SRB": 6e6}
GNI: dict[object, float] = {"KEN": 50e9, "SRB": 60e9}


def bounded(name: str, high: float, unit: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "higher_is": "riskier",
        "unit": unit,
        "normalisation": {"method": "goalposts", "low": 0, "high": high},
    }


@pytest.fixture(scope="module")
def scores() -> dr.Scores:
    """Debt and incidents measured from the same records that the levers edit."""
    debt = records.debt_exposure(LOANS, bases={"gni": GNI}, as_of=2021)
    rates = records.incident_rate(INCIDENTS, population=PEOPLE, as_of=2024)
    table = pd.concat([debt, rates]).pivot_table(index="iso3", columns="indicator", values="value")
    frame = pd.DataFrame(
        {
            "debt_to_focal_gni": table["debt_to_focal_gni"],
            "focal_share_external_debt": table["focal_share_debt"],
            "external_debt_usd": table["debt_stock"],
            "external_debt_gni": table["debt_gni"],
            "debt_service_exports": [12.0, 9.0],
            "incident_rate": table["incident_rate"],
            "population": pd.Series(PEOPLE),
        }
    )
    fw = framework(
        group(
            "dependency",
            bounded("debt_to_focal_gni", 25, "%"),
            bounded("focal_share_external_debt", 0.5),
            bounded("debt_service_exports", 21, "%"),
            bounded("external_debt_gni", 100, "%"),
        ),
        group("security", bounded("incident_rate", 1.4)),
    ).replace({"focal": "CHN"})
    return dr.score(fw, frame)


RECORDS = {"loans": LOANS, "incidents": INCIDENTS, "year": 2021}


def moved(scores: dr.Scores, lever: dict[str, Any], country: str = "KEN", **given: Any) -> Any:
    kept = given.pop("records", RECORDS)
    found = dr.scenario(scores, {"levers": [lever]}, countries=[country], records=kept, **given)
    return found.moved().set_index("indicator"), found


def test_a_haircut_of_a_fifth_on_recorded_loans(scores: dr.Scores) -> None:
    # Debt 5 of GNI 50 is 10 %; a haircut of 20 % leaves 8 %: 40 to 32 on goalposts 0-25. The share of 5 in
    # 12.5 is .40, after it 4 in 11.5.
    table, found = moved(scores, {"lever": "debt_renegotiation", "haircut": 0.2})
    assert table.loc["debt_to_focal_gni", ["before", "after"]].tolist() == pytest.approx([10, 8])
    assert table.loc["debt_to_focal_gni", "points_before"] == pytest.approx(40)
    assert table.loc["debt_to_focal_gni", "points_after"] == pytest.approx(32)
    assert table.loc["focal_share_external_debt", "before"] == pytest.approx(0.4)
    assert table.loc["focal_share_external_debt", "after"] == pytest.approx(4 / 11.5)
    assert table.loc["external_debt_usd", "after"] == pytest.approx(11.5e9)
    assert table.loc["external_debt_gni", "after"] == pytest.approx(23.0)
    # China has .4 of the service; a fifth of that is gone.
    assert table.loc["debt_service_exports", "after"] == pytest.approx(12 * (1 - 0.08))
    change = found.table().set_index("score")["change"]
    assert change["dependency"] < 0
    assert change["security"] == 0


def test_the_lever_and_the_measure_of_records_agree(scores: dr.Scores) -> None:
    after = records.debt_exposure(
        LOANS,
        bases={"gni": GNI},
        as_of=2021,
        terms={"renegotiation": {"year": 2021, "haircut": 0.35, "creditors": "CHN"}},
    ).set_index(["iso3", "indicator"])["value"]
    table, _ = moved(scores, {"lever": "debt_renegotiation", "haircut": 0.35})
    for cell, measure in (
        ("debt_to_focal_gni", "debt_to_focal_gni"),
        ("focal_share_external_debt", "focal_share_debt"),
        ("external_debt_usd", "debt_stock"),
        ("external_debt_gni", "debt_gni"),
    ):
        assert table.loc[cell, "after"] == pytest.approx(after["KEN", measure])


def test_any_recorded_creditor_may_renegotiate(scores: dr.Scores) -> None:
    lever = {"lever": "debt_renegotiation", "creditor": "Japan", "haircut": 0.5}
    table, _ = moved(scores, lever)
    assert "debt_to_focal_gni" not in table.index
    assert table.loc["focal_share_external_debt", "after"] == pytest.approx(5 / 8.75)
    none, found = moved(scores, {**lever, "creditor": "World Bank"})
    assert none.empty
    assert "no stock owed to World Bank by Kenya" in found.nothing()["reason"].iloc[0]
    whole, _ = moved(scores, {**lever, "creditor": "all"})
    assert whole.loc["debt_to_focal_gni", "after"] == pytest.approx(5.0)
    assert "focal_share_external_debt" not in whole.index


def test_new_terms_move_service_and_not_the_stock(scores: dr.Scores) -> None:
    lever = {"lever": "debt_renegotiation", "tenor": 40, "rate": 0.0}
    table, _ = moved(scores, lever)
    assert list(table.index) == ["debt_service_exports"]
    # In the period of grace 2 % of 5 in all of 2 % of 12.5 is paid; without interest nothing of it is left.
    assert table.loc["debt_service_exports", "after"] == pytest.approx(12 * 0.6)


def test_a_haircut_on_recorded_loans_is_phased_in(scores: dr.Scores) -> None:
    lever = {"lever": "debt_renegotiation", "haircut": 0.5, "years": 5}
    table, _ = moved(scores, lever, years=2)
    assert table.loc["debt_to_focal_gni", "after"] == pytest.approx(10 * (1 - 0.5 * 2 / 5))
    table, _ = moved(scores, lever, years=7)
    assert table.loc["debt_to_focal_gni", "after"] == pytest.approx(5.0)


def test_a_new_loan_is_one_more_record(scores: dr.Scores) -> None:
    loan = {"lever": "new_loan_package", "amount": 1e9, "rate": 0.02, "tenor": 20}
    table, _ = moved(scores, loan)
    assert table.loc["debt_to_focal_gni", "after"] == pytest.approx(12.0)
    assert table.loc["focal_share_external_debt", "after"] == pytest.approx(6 / 13.5)
    other, _ = moved(scores, {**loan, "creditor": "World Bank"})
    assert "debt_to_focal_gni" not in other.index
    assert other.loc["focal_share_external_debt", "after"] == pytest.approx(5 / 13.5)
    # What was lent first can be cancelled by a later lever.
    both = dr.scenario(
        scores,
        {"levers": [loan, {"lever": "debt_renegotiation", "haircut": 0.5}]},
        countries=["KEN"],
        records=RECORDS,
    )
    assert both.after.data.values.loc["KEN", "debt_to_focal_gni"] == pytest.approx(6.0)


def test_loans_without_terms_are_owed_in_full(scores: dr.Scores) -> None:
    bare = LOANS[["iso3", "usd", "year", "creditor_iso3"]]
    table, _ = moved(
        scores, {"lever": "debt_renegotiation", "haircut": 0.2}, records={"loans": bare}
    )
    assert table.loc["debt_to_focal_gni", "after"] == pytest.approx(8.0)
    assert "debt_service_exports" not in table.index


def test_books_of_loans_hold_what_the_measure_holds() -> None:
    books = loan_books(LOANS, LoanTerms(), 2025)
    measured = records.debt_exposure(LOANS, as_of=2025).set_index(["iso3", "indicator"])["value"]
    service = records.debt_exposure(LOANS, as_of=2026).set_index(["iso3", "indicator"])["value"]
    for code, book in books.items():
        assert book.stock().sum() == pytest.approx(measured[code, "debt_stock"])
        assert book.service().sum() == pytest.approx(service[code, "debt_service"])


def test_incidents_join_the_register(scores: dr.Scores) -> None:
    # Severity 3 at age 0 and .5 * 4 at age 4 over 20 million: 3.5 / 20 = .175; a confirmed one of 4: .375.
    lever = {"lever": "incident_shock", "severity": 4}
    table, found = moved(scores, lever, records={**RECORDS, "year": 2024})
    assert table.loc["incident_rate", ["before", "after"]].tolist() == pytest.approx([0.175, 0.375])
    assert found.table().set_index("score").loc["security", "change"] > 0
    table, _ = moved(scores, {**lever, "claim": "alleged"}, records={**RECORDS, "year": 2024})
    assert table.loc["incident_rate", "after"] == pytest.approx(0.275)
    table, found = moved(scores, {**lever, "claim": "refuted"}, records={**RECORDS, "year": 2024})
    assert table.empty
    assert "a refuted claim counts nothing" in found.nothing()["reason"].iloc[0]
    later = {**lever, "half_life": 2.0}
    table, _ = moved(scores, later, records={**RECORDS, "year": 2024}, years=4)
    assert table.loc["incident_rate", "after"] == pytest.approx(0.175 + 0.2 / 4)


def test_shrunken_rates_keep_their_prior(scores: dr.Scores) -> None:
    more = pd.concat([INCIDENTS] + [INCIDENTS.assign(iso3="EST")] * 4)
    people: dict[object, float] = {**PEOPLE, "EST": 1.3e6}
    measured = records.incident_rate(more, population=people, as_of=2024)
    rates = measured.pivot_table(index="iso3", columns="indicator", values="value")
    frame = scores.data.values.reindex(rates.index).assign(
        incident_rate=rates["incident_count_rate_shrunk"], population=pd.Series(people)
    )
    shrunk = dr.score(scores.framework, frame)
    kept = {"incidents": more, "year": 2024}
    table, found = moved(shrunk, {"lever": "incident_shock"}, "EST", records=kept)
    step = table.loc["incident_rate", "after"] - table.loc["incident_rate", "before"]
    assert 0 < step < 1 / 1.3
    assert "incident_count_rate_shrunk" in " ".join(found.notes)
    # Clayton and Kaldor: (k + 1 + m b) / (E + b) - (k + m b) / (E + b) = 1 / (E + b).
    count, raw, pooled = 12.0, 12 / 1.3, rates["incident_count"].sum() / (27.3)
    b = (count - table.loc["incident_rate", "before"] * 1.3) / (
        table.loc["incident_rate", "before"] - pooled
    )
    assert raw > table.loc["incident_rate", "before"] > pooled
    assert step == pytest.approx(1 / (1.3 + b))


def test_the_host_of_an_incident_is_no_victim(scores: dr.Scores) -> None:
    lever = {"lever": "incident_shock", "victim": "African Union"}
    table, found = moved(scores, lever)
    assert table.empty
    assert "the victim is African Union" in found.nothing()["reason"].iloc[0]
    assert not moved(scores, {**lever, "victim": "Kenya"})[0].empty


def test_attribution_and_path_edit_records_as_well(scores: dr.Scores) -> None:
    spec = {
        "countries": ["KEN"],
        "levers": [
            {"lever": "debt_renegotiation", "haircut": 0.5, "years": 2},
            {"lever": "new_loan_package", "amount": 2e9},
        ],
    }
    found = dr.scenario(scores, spec, records=RECORDS)
    total = found.attribution().groupby("iso3")["dependency"].sum()["KEN"]
    assert total == pytest.approx(found.table("dependency")["change"].item(), abs=1e-9)
    path = found.path()["dependency"].to_numpy()
    assert path[-1] == pytest.approx(found.table("dependency")["after"].item())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"lons": LOANS}, "unknown key `lons`; did you mean `loans`"),
        ({"loans": 7}, "loans: expected a DataFrame, received int"),
        ({"loans": LOANS.assign(creditor_iso3="Wakanda")}, "Wakanda"),
        ({"loans": LOANS.assign(rate=3.0)}, "must be at most 1 (a fraction)"),
        ({"loans": LOANS, "terms": {"maturty": 3}}, "did you mean `maturity`"),
        ({"incidents": INCIDENTS.assign(severity=9)}, "must lie in 1-5"),
        ({"incidents": INCIDENTS.assign(claim="rumoured")}, "'rumoured'"),
        ([LOANS], "`records` must be a mapping"),
    ],
    ids=lambda one: str(one)[:24],
)
def test_wrong_records_are_refused(scores: dr.Scores, given: Any, said: str) -> None:
    with pytest.raises(dr.DsrRiskError) as error:
        dr.scenario(
            scores,
            {"levers": [{"lever": "debt_renegotiation", "haircut": 0.2}]},
            countries=["KEN"],
            records=given,
        )
    assert said in str(error.value)


def test_other_countries_stay_bit_identical(scores: dr.Scores) -> None:
    _, found = moved(scores, {"lever": "debt_renegotiation", "haircut": 0.2})
    other = scores.data.iso3 != "KEN"
    assert np.array_equal(found.after._values[other], scores._values[other], equal_nan=True)
