"""Loan arithmetic against a year-by-year ledger."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from dsr_risk.errors import DataError
from dsr_risk.records import Renegotiation
from dsr_risk.records.loans import (
    Terms,
    debt_service,
    lic_dsf_exceeded,
    lic_dsf_threshold,
    outstanding,
    present_value,
    renegotiated,
)

LOANS = st.tuples(
    st.floats(0.0, 1e4),
    st.sampled_from([0.0, 1e-9, 1e-6, 1e-4, 0.01, 0.05, 0.3]),
    st.integers(1, 30).flatmap(lambda m: st.tuples(st.just(m), st.integers(0, m))),
    st.sampled_from(["annuity", "equal_principal"]),
)


def ledger(amount: float, rate: float, grace: int, maturity: int, schedule: str) -> tuple:
    """Balances and payments at the end of each year, kept by hand."""
    years = maturity - grace
    level = amount / years if years else 0.0
    if years and schedule == "annuity" and rate > 0:
        level = amount * rate / -np.expm1(-years * np.log1p(rate))
    balances, payments = [amount], [0.0]
    for year in range(1, maturity + 3):
        owed = balances[-1]
        interest = rate * owed
        if year > maturity or (years and year <= grace):
            principal = 0.0
        elif year == maturity:
            principal = owed
        elif not years:
            principal = 0.0
        else:
            principal = level - interest if schedule == "annuity" else level
        balances.append(owed - principal)
        payments.append(interest + principal)
    return np.array(balances), np.array(payments)


@settings(deadline=None, max_examples=100)
@given(LOANS)
def test_balance_service_and_present_value_agree_with_a_ledger(loan: tuple) -> None:
    amount, rate, (maturity, grace), schedule = loan
    balances, payments = ledger(amount, rate, grace, maturity, schedule)
    ages = np.arange(len(balances), dtype=float)
    terms = Terms(amount, rate, float(grace), float(maturity), ages, schedule)
    size = max(amount, 1.0)
    assert np.allclose(outstanding(terms), balances, atol=1e-8 * size)
    assert np.allclose(debt_service(terms), payments, atol=1e-8 * size)
    expected = [
        sum(p / 1.05**k for k, p in enumerate(payments[age + 1 :], 1)) for age in range(len(ages))
    ]
    assert np.allclose(present_value(terms), expected, atol=1e-8 * size)


@settings(deadline=None, max_examples=100)
@given(LOANS, st.integers(-3, 40))
def test_a_balance_is_never_negative_nor_above_the_commitment(loan: tuple, age: int) -> None:
    amount, rate, (maturity, grace), schedule = loan
    left = outstanding(Terms(amount, rate, float(grace), float(maturity), float(age), schedule))
    assert 0 <= left <= amount


@settings(deadline=None, max_examples=100)
@given(LOANS)
def test_discounted_at_its_own_rate_a_loan_is_worth_its_balance(loan: tuple) -> None:
    amount, _, (maturity, grace), schedule = loan
    ages = np.arange(maturity + 1, dtype=float)
    terms = Terms(amount, 0.07, float(grace), float(maturity), ages, schedule)
    assert np.allclose(present_value(terms, 0.07), outstanding(terms), atol=1e-7 * max(amount, 1))


def test_a_haircut_of_a_fifth_takes_debt_from_ten_to_eight_percent() -> None:
    debt, income = 5.0, 50.0
    old = Terms(debt, 0.02, 2.0, 10.0, 0.0)
    new = renegotiated(old, Renegotiation(year=2020, haircut=0.2), 2020)
    assert 100 * outstanding(old) / income == 10
    assert 100 * float(outstanding(new)) / income == pytest.approx(8)


def test_a_renegotiation_spreads_what_is_left_over_the_new_years() -> None:
    deal = Renegotiation(year=2020, haircut=0.1, extension=6, rate=0.01)
    old = Terms(100.0, 0.05, 0.0, 10.0, np.arange(4.0, 20.0))  # 2020 to 2035, committed in 2016
    years = np.arange(2020, 2036)
    new = renegotiated(old, deal, years)
    balance = float(outstanding(Terms(100.0, 0.05, 0.0, 10.0, 4.0))) * 0.9
    expected, payments = ledger(balance, 0.01, 0, 12, "annuity")
    assert np.allclose(outstanding(new)[:13], expected[:13])
    assert np.allclose(debt_service(new)[1:13], payments[1:13])
    assert outstanding(new)[-1] == 0


def test_a_deal_leaves_later_loans_and_earlier_years_alone() -> None:
    deal = Renegotiation(year=2020, haircut=0.5)
    later = Terms(100.0, 0.0, 0.0, 10.0, 1.0)  # committed 2021, looked at in 2022
    assert float(renegotiated(later, deal, 2022).amount) == 100
    early = Terms(100.0, 0.0, 0.0, 10.0, 2.0)  # committed 2016, looked at in 2018
    assert float(renegotiated(early, deal, 2018).amount) == 100


def test_service_of_eighteen_percent_exceeds_weak_and_medium_but_not_strong() -> None:
    assert [
        lic_dsf_threshold("service", "exports", one) for one in ("weak", "medium", "strong")
    ] == [
        10,
        15,
        21,
    ]
    assert list(lic_dsf_exceeded(18, "service", "exports").values()) == [True, True, False]
    with pytest.raises(DataError, match="there are pv/gdp"):
        lic_dsf_threshold("pv", "revenue")
    with pytest.raises(DataError, match="weak, medium or strong"):
        lic_dsf_threshold("pv", "gdp", "mild")


def test_impossible_terms_are_refused() -> None:
    with pytest.raises(DataError, match="maturity of at least the grace"):
        outstanding(Terms(1.0, 0.1, 5.0, 3.0, 0.0))
    with pytest.raises(DataError, match="`haircut` must be a number from 0 to 1"):
        Renegotiation(2020, haircut=1.2)
    with pytest.raises(DataError, match="grace at most the extension"):
        Renegotiation(2020, extension=1, grace=2)
