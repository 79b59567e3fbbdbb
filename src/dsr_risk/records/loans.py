"""Loan arithmetic: what is still owed, what falls due, and what a renegotiation leaves.

The formulas are closed and written once, for arrays and for the expressions of any frame engine
alike: `where` is the one operation that the two spell differently.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from ._numeric import numeric
from .options import Renegotiation

__all__ = [
    "LIC_DSF",
    "Renegotiation",
    "Terms",
    "debt_service",
    "grant_element",
    "lic_dsf_exceeded",
    "lic_dsf_threshold",
    "outstanding",
    "present_value",
    "renegotiated",
]

Schedule = Literal["annuity", "equal_principal"]
Where = Callable[[Any, Any, Any], Any]

TINY = 1e-6  # below this rate * years, (1 + r)^n - 1 loses more digits than its expansion

LIC_DSF: dict[tuple[str, str], dict[str, float]] = {
    ("pv", "gdp"): {"weak": 30.0, "medium": 40.0, "strong": 55.0},
    ("pv", "exports"): {"weak": 140.0, "medium": 180.0, "strong": 240.0},
    ("service", "exports"): {"weak": 10.0, "medium": 15.0, "strong": 21.0},
    ("service", "revenue"): {"weak": 14.0, "medium": 18.0, "strong": 23.0},
    ("pv of total public debt", "gdp"): {"weak": 35.0, "medium": 55.0, "strong": 70.0},
}
"""Thresholds of external public debt, percent, by debt-carrying capacity, and the benchmark of total
public debt: IMF and World Bank Debt Sustainability Framework for Low-Income Countries, in force
since 2018 (IMF factsheet, 2023)."""


@dataclass(frozen=True)
class Terms:
    """The terms of a loan. Every field is a number, an array, or a frame engine's expression.

    Parameters
    ----------
    amount
        Commitment, taken as fully paid out in its year.
    rate
        Yearly interest, as a fraction (0.02 is 2 percent).
    grace, maturity
        Years in which only interest is paid, and years until the last payment (grace included).
    age
        Whole years since the commitment; payments fall at the end of each.
    schedule
        ``annuity``: level payments after the grace period; ``equal_principal``: level principal.
    """

    amount: Any
    rate: Any
    grace: Any
    maturity: Any
    age: Any
    schedule: Schedule = "annuity"


def _array_where(condition: Any, yes: Any, no: Any) -> npt.NDArray[np.float64]:
    return np.asarray(np.where(condition, yes, no))


def _arrays(terms: Terms) -> Terms:
    """Return checked float arrays. Expressions pass unchanged: their frame was checked before."""
    values = (terms.amount, terms.rate, terms.grace, terms.maturity, terms.age)
    if not all(isinstance(value, int | float | list | tuple | np.ndarray) for value in values):
        return terms
    amount, rate, grace, maturity, age = (np.asarray(value, dtype=np.float64) for value in values)
    if (amount < 0).any() or (rate < 0).any() or (grace < 0).any() or (maturity < grace).any():
        raise DataError(
            "a loan needs amount, rate and grace of at least 0 and a maturity of at least the "
            f"grace period, received {terms}"
        )
    return Terms(amount, rate, grace, maturity, age, terms.schedule)


def _clipped(value: Any, top: Any, where: Where) -> Any:
    above = where(value > top, top, value)
    return where(above > 0, above, 0.0)


@numeric
def outstanding(terms: Terms, where: Where = _array_where) -> Any:
    """Return the balance at the end of a year.

    Annuity: ``amount * (1 - ((1 + r)^j - 1) / ((1 + r)^n - 1))`` with ``n`` the repayment years
    and ``j`` those gone by; equal principal: ``amount * (1 - j / n)``. Without repayment years
    the whole falls due at maturity. Zero before the commitment; never negative.

    Examples
    --------
    100 at 5 percent, one year of grace, four level payments; balances of years 0 to 5.

    >>> terms = Terms(100.0, 0.05, 1.0, 5.0, np.arange(6.0))
    >>> outstanding(terms).round(2).tolist()
    [100.0, 100.0, 76.8, 52.44, 26.86, 0.0]
    """
    t = _arrays(terms)
    years = t.maturity - t.grace
    divisor = where(years > 0, years, 1.0)
    gone = _clipped(t.age - t.grace, years, where)
    if t.schedule == "equal_principal":
        repaid = gone / divisor
    else:
        small = t.rate * divisor < TINY
        rate = where(small, 1.0, t.rate)
        level = ((1.0 + rate) ** gone - 1.0) / ((1.0 + rate) ** divisor - 1.0)
        repaid = where(small, gone / divisor * (1.0 + t.rate * (gone - divisor) / 2.0), level)
    repaid = where(years > 0, repaid, where(t.age >= t.maturity, 1.0, 0.0))
    left = t.amount * (1.0 - repaid)
    return where((t.age < 0) | (t.age >= t.maturity), 0.0, where(left > 0, left, 0.0))


@numeric
def debt_service(terms: Terms, where: Where = _array_where) -> Any:
    """Return interest and principal paid during the year that ends at ``age``.

    Examples
    --------
    >>> terms = Terms(100.0, 0.05, 1.0, 5.0, np.arange(1.0, 6.0))
    >>> debt_service(terms).round(2).tolist()
    [5.0, 28.2, 28.2, 28.2, 28.2]
    """
    t = _arrays(terms)
    return service_between(t, balance_before(t, where), outstanding(t, where), where)


def balance_before(terms: Terms, where: Where = _array_where) -> Any:
    """Return the balance a year earlier: 0 in the year of the commitment itself."""
    return outstanding(replace(terms, age=terms.age - 1.0), where)


def service_between(terms: Terms, before: Any, after: Any, where: Where = _array_where) -> Any:
    """Return interest on the balance before, and what the balance fell by."""
    return terms.rate * before + where(terms.age >= 1.0, before - after, 0.0)


@numeric
def present_value(terms: Terms, discount: float = 0.05, where: Where = _array_where) -> Any:
    """Return present value, at the end of a year, of everything still to be paid.

    At a discount equal to the loan's own rate it is the balance; concessional loans lie below it.
    The framework of the IMF and the World Bank discounts at 5 percent.

    Examples
    --------
    >>> terms = Terms(100.0, 0.02, 5.0, 20.0, 0.0)
    >>> float(present_value(terms).round(2)), float(present_value(terms, 0.02).round(2))
    (71.95, 100.0)
    """
    if not discount > 0:
        raise DataError(f"discount must be above 0, received {discount!r}")
    t = _arrays(terms)
    return present_value_of(t, outstanding(t, where), discount, where)


def present_value_of(
    terms: Terms, balance: Any, discount: float, where: Where = _array_where
) -> Any:
    """Return `present_value` of a balance that is already worked out."""
    t = terms
    years = t.maturity - t.grace
    wait = where(t.grace > t.age, t.grace - t.age, 0.0)
    left = years - _clipped(t.age - t.grace, years, where)

    def annuity(rate: Any, count: Any) -> Any:
        return (1.0 - (1.0 + rate) ** (0.0 - count)) / rate

    divisor = where(left > 0, left, 1.0)
    if t.schedule == "equal_principal":
        paid = annuity(discount, divisor)
        later = balance / divisor * (paid + t.rate * (divisor - paid) / discount)
    else:
        small = t.rate * divisor < TINY
        rate = where(small, 1.0, t.rate)
        level = where(
            small, (1.0 + t.rate * (divisor + 1.0) / 2.0) / divisor, 1.0 / annuity(rate, divisor)
        )
        later = balance * level * annuity(discount, divisor)
    later = where(years > 0, later, balance)  # all at once when the grace period is over
    return t.rate * balance * annuity(discount, wait) + later * (1.0 + discount) ** (0.0 - wait)


@numeric
def grant_element(terms: Terms, discount: float = 0.05, where: Where = _array_where) -> Any:
    """Return the grant element of new loans: 1 - present value of the service / amount lent.

    Above 0 a loan is cheaper than the discount rate, below 0 dearer; the IMF calls a loan
    concessional from .35 at a discount rate of 5 %.

    Parameters
    ----------
    terms : Terms
        The loans when they are signed; ``age`` is ignored.
    discount : float
        Yearly rate, such as .05.

    Notes
    -----
    IMF (2013), Unification of Discount Rates Used in External Debt Analysis for Low-Income
    Countries; OECD DAC (1972), grant element.

    Examples
    --------
    >>> float(grant_element(Terms(100.0, 0.05, 0.0, 10.0, 0.0)).round(6))
    0.0
    >>> cheap, costly = Terms(100.0, 0.02, 5.0, 20.0, 0.0), Terms(100.0, 0.07, 2.0, 10.0, 0.0)
    >>> float(grant_element(cheap).round(3)), float(grant_element(costly).round(3))
    (0.28, -0.112)
    """
    new = replace(_arrays(terms), age=np.float64(0.0))
    return 1.0 - present_value(new, discount, where) / new.amount


@numeric
def renegotiated(
    terms: Terms, deal: Renegotiation, year: Any, where: Where = _array_where
) -> Terms:
    """Return the terms that hold once a deal is struck, for a balance looked at in ``year``.

    ``terms.age`` is the age in ``year``. Loans newer than the deal, and years before it, keep
    theirs.

    Examples
    --------
    Debt of 5 with a haircut of 20 percent.

    >>> old = Terms(5.0, 0.02, 2.0, 10.0, 1.0)
    >>> new = renegotiated(old, Renegotiation(year=2021, haircut=0.2, extension=5.0), 2021)
    >>> float(outstanding(new)), float(new.maturity)
    (4.0, 14.0)
    """
    t = _arrays(terms)
    then = t.age - (year - deal.year)
    balance = outstanding(replace(t, age=then), where)
    touched = (t.age >= then) & (then >= 0)
    grace_left = where(t.grace > then, t.grace - then, 0.0)
    years_left = where(t.maturity > then, t.maturity - then, 0.0)
    rate = t.rate if deal.rate is None else where(touched, deal.rate, t.rate)
    return Terms(
        amount=where(touched, balance * (1.0 - deal.haircut), t.amount),
        rate=rate,
        grace=where(touched, grace_left + deal.grace, t.grace),
        maturity=where(touched, years_left + deal.extension, t.maturity),
        age=where(touched, t.age - then, t.age),
        schedule=t.schedule,
    )


@numeric
def lic_dsf_threshold(measure: str, base: str, capacity: str = "medium") -> float:
    """Return the threshold, in percent, of one burden indicator for a class of debt-carrying capacity.

    Examples
    --------
    >>> lic_dsf_threshold("service", "exports", "weak")
    10.0
    """
    if (measure, base) not in LIC_DSF:
        pairs = ", ".join(f"{measured}/{two}" for measured, two in LIC_DSF)
        raise DataError(f"no threshold for {measure}/{base}; there are {pairs}")
    levels = LIC_DSF[measure, base]
    if capacity not in levels:
        raise DataError(f"capacity must be weak, medium or strong, received {capacity!r}")
    return levels[capacity]


@numeric
def lic_dsf_exceeded(value: float, measure: str, base: str) -> dict[str, bool]:
    """Return for every class of capacity whether a burden, in percent, is above the threshold.

    Examples
    --------
    >>> lic_dsf_exceeded(18.0, "service", "exports")
    {'weak': True, 'medium': True, 'strong': False}
    """
    classes = ("weak", "medium", "strong")
    return {
        class_name: value > lic_dsf_threshold(measure, base, class_name) for class_name in classes
    }
