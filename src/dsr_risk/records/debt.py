"""Debt exposure: loan commitments to stock, service, creditor shares and burdens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..data.countries import to_iso3
from ..errors import DataError, Problems
from ._debt_position import TERMS, Options, position, position_sums, position_trace
from ._debt_rows import debt_rows
from ._frames import (
    Number,
    Records,
    Rule,
    amount_rules,
    check,
    collect,
    narwhals,
    open_records,
    resolve_countries,
    year_rules,
)
from ._results import OnMissing, PerCountry, check_option, linear_trace, per_country, require_rows
from .loans import Renegotiation, Schedule
from .suppliers import focal_codes

__all__ = ["debt_exposure"]


def debt_exposure(
    loans: object,
    country: str = "iso3",
    amount: str = "usd",
    year: str = "year",
    creditor: str | None = "creditor_iso3",
    *,
    maturity: Number | None = "maturity",
    grace: Number | None = "grace",
    rate: Number | None = "rate",
    rate_unit: Literal["fraction", "percent"] = "fraction",
    schedule: Schedule = "annuity",
    assumed_terms: Mapping[str, float] | None = None,
    collateral: str | None = None,
    reported: str | None = None,
    relative_error: Number | None = None,
    focal: str | Sequence[str] = "CHN",
    other_creditors: Sequence[str] = (),
    at: int | Sequence[int] | Literal["latest"] = "latest",
    gdp: PerCountry | None = None,
    gni: PerCountry | None = None,
    exports: PerCountry | None = None,
    revenue: PerCountry | None = None,
    external_debt: PerCountry | None = None,
    capacity: Mapping[str, str] | None = None,
    hidden: float | tuple[float, float] | None = None,
    renegotiation: Renegotiation | None = None,
    discount: float = 0.05,
    unit: str = "USD",
    confidence: float = 0.95,
    on_missing: OnMissing = "error",
    record: str | None = None,
    trace: bool = False,
) -> Any:
    """What countries owe on recorded loans, to focal and to all creditors, against what they earn.

    Commitments are not debt. Without ``maturity`` only commitments are reported; with the terms,
    the balance still owed at the end of each year of ``at`` is worked out loan by loan.

    Parameters
    ----------
    loans : frame
        One row a commitment, from any engine `supplier_concentration` takes.
    country, amount, year, creditor : str
        Columns: borrower, commitment, year (or date) of it, lender's country. ``creditor=None``
        says that every loan is the focal lender's.
    maturity, grace, rate : str, number or None
        Columns, or one number for all: years to the last payment, years of interest only, yearly
        interest. ``maturity=None`` leaves out stock and service.
    rate_unit : {"fraction", "percent"}
        Whether 2 percent is 0.02 or 2.
    schedule : {"annuity", "equal_principal"}
        Level payments or level principal.
    assumed_terms : mapping, optional
        ``maturity``, ``grace``, ``rate`` (in ``rate_unit``) for loans that do not state them. The
        interval of the stock then runs from such loans repaid to such loans owed in full. Without
        it a loan without terms is a problem.
    collateral, reported : str, optional
        Columns, 0-1 or boolean: the part secured on assets or revenue; the part that appears in
        the borrower's own statistics. Give ``collateralised_share`` and ``hidden_debt_share``.
    relative_error : str or number, optional
        Standard error of each amount as a fraction of it; errors are taken as independent.
    focal : str or sequence of str
        Focal lender(s).
    other_creditors : sequence of str
        Creditors that are no country, as they stand in the column: "World Bank", "bondholders".
    at : int, sequence of int or "latest"
        Year(s) the position is worked out for; "latest" is the last year of a commitment.
    gdp, gni, exports, revenue, external_debt : by country, optional
        In the unit of the amounts; a number, Series, dict or frame by iso3 or (iso3, year).
    capacity : mapping of country to {"weak", "medium", "strong"}, optional
        Debt-carrying capacity for the thresholds; "medium" where not given.
    hidden : float or (low, high), optional
        Part of the true stock, 0-1, that the records do not show; gives ``debt_stock_adjusted``,
        the stock divided by one minus it. Horn, Reinhart and Trebesch (2021) put the unreported
        part of Chinese lending to developing countries near one half.
    renegotiation : Renegotiation, optional
        New terms from a year on; service and stock are worked out anew.
    discount : float
        Yearly rate of the present value.
    unit : str
        Unit of the amounts.

    Returns
    -------
    DataFrame
        Long data format, one row a country, year and indicator: ``debt_commitments``,
        ``debt_stock``, ``debt_service``, ``debt_present_value`` (in ``unit``); their focal parts
        ``focal_...``; ``focal_share_debt``, ``collateralised_share``, ``hidden_debt_share`` (0-1);
        against each given base x, in percent: ``debt_x``, ``debt_service_x``,
        ``debt_present_value_x``, ``debt_to_focal_x``, ``focal_commitments_x``;
        ``focal_share_external_debt`` (0-1); ``..._of_threshold`` (ratio to the threshold).
        With ``trace``, also each loan's part of every indicator that is a sum.

    Raises
    ------
    DataError
        With every problem at once.

    Notes
    -----
    Thresholds: IMF and World Bank, Debt Sustainability Framework for Low-Income Countries (2018).
    Loan arithmetic: `dsr_risk.records.loans`.

    Examples
    --------
    >>> loans = pd.DataFrame({"iso3": ["KEN", "KEN"], "usd": [5.0, 7.5], "year": [2020, 2020],
    ...     "creditor_iso3": ["CHN", "JPN"], "maturity": 20, "grace": 5, "rate": 0.02})
    >>> result = debt_exposure(loans, gni={"KEN": 50.0}, at=2021)
    >>> wanted = ["debt_to_focal_gni", "focal_share_debt"]
    >>> result.set_index("indicator").loc[wanted, "value"].round(6).to_dict()
    {'debt_to_focal_gni': 10.0, 'focal_share_debt': 0.4}
    """
    check_option("rate_unit", rate_unit, ("fraction", "percent"))
    check_option("schedule", schedule, ("annuity", "equal_principal"))
    check_option("on_missing", on_missing, ("error", "skip"))
    if not discount > 0:
        raise DataError(f"discount must be above 0, got {discount!r}")
    terms = {} if maturity is None else {"maturity": maturity, "grace": grace, "rate": rate}
    lacking = [name for name, given in terms.items() if given is None]
    if lacking:
        raise DataError(f"with a maturity, give also {' and '.join(lacking)} (a column or number)")
    records = open_records(
        loans,
        "loans",
        text={"country": country, "creditor": creditor},
        number={
            "amount": amount, **terms, "collateral": collateral, "reported": reported,
            "relative_error": relative_error,
        },
        year={"year": year},
        identifier=record,
    )  # fmt: skip
    percent = 100.0 if rate_unit == "percent" else 1.0
    assumed = dict(assumed_terms or {})
    if "rate" in assumed:
        assumed["rate"] /= percent
    options = Options(
        focal_codes(focal), schedule, assumed, renegotiation, discount, _hidden(hidden), unit,
        on_missing,
    )  # fmt: skip
    problems = Problems("loans")
    records = _checked(records, percent, options, tuple(other_creditors), problems)
    given = {"gdp": gdp, "gni": gni, "exports": exports, "revenue": revenue,
             "external_debt": external_debt}  # fmt: skip
    bases = {
        name: per_country(one, name, problems) for name, one in given.items() if one is not None
    }
    classes = _classes(capacity, problems)
    problems.raise_as(DataError)
    years = _years(at, records)
    tables = [position(records, one, options) for one in years]
    table = pd.concat(
        [collect(position_sums(one)).assign(year=y) for y, one in zip(years, tables, strict=True)]
    )
    table = table[table["records"] > 0].reset_index(drop=True)
    rows, sources = debt_rows(table, options, bases, classes, confidence, problems)
    result = rows.frame()
    if not trace:
        return result
    require_rows(records.located, "loans")
    whole = pd.concat(
        [collect(position_trace(one)).assign(year=y) for y, one in zip(years, tables, strict=True)]
    )
    return result, linear_trace(whole, ("country", "year"), sources, result)


def _hidden(hidden: float | tuple[float, float] | None) -> tuple[float, float] | None:
    if hidden is None:
        return None
    low, high = hidden if isinstance(hidden, tuple) else (hidden, hidden)
    if not 0.0 <= low <= high < 1.0:
        raise DataError(f"hidden must be a part of the stock, 0 <= low <= high < 1, got {hidden!r}")
    return float(low), float(high)


def _checked(
    records: Records, percent: float, options: Options, other: Sequence[str], problems: Problems
) -> Records:
    """Rates as fractions, countries as codes, and every rule a loan has to keep."""
    nw = narwhals()
    records = resolve_countries(records, ("country",), problems, required=("country",))
    records = resolve_countries(records, ("creditor",), problems, also=other)
    rules = amount_rules("amount", required=options.on_missing == "error") + year_rules("year")
    if records.has("creditor"):
        rules.append(
            Rule("creditor", nw.col("creditor").is_null(), "is missing: name the lender", True)
        )
    for role in ("collateral", "reported"):
        if records.has(role):
            rules += amount_rules(role, most=1.0)
    if records.has("relative_error"):
        rules += amount_rules("relative_error")
    if records.has("maturity"):
        stated = {name: name not in options.assumed for name in TERMS}
        for name, required in stated.items():
            rules += amount_rules(name, required=required)
        if percent == 1.0:
            says = 'must be at most 1 (a fraction); for percent give rate_unit="percent"'
            rules.append(Rule("rate", nw.col("rate") > 1.0, says))
        rules.append(
            Rule(
                "maturity", nw.col("maturity") < nw.col("grace"), "is shorter than the grace period"
            )
        )
        rules.append(Rule("maturity", nw.col("maturity") == 0, "must be above 0 years"))
    check(records, rules, problems)
    if records.has("maturity"):
        records = records.with_columns(rate=nw.col("rate") / percent)
    return records


def _classes(capacity: Mapping[str, str] | None, problems: Problems) -> dict[str, str]:
    classes: dict[str, str] = {}
    for name, code, given in zip(
        capacity or {}, to_iso3(list(capacity or {})), (capacity or {}).values(), strict=True
    ):
        if code is None:
            problems.add(f"capacity: {name!r} is not a country")
        elif given not in ("weak", "medium", "strong"):
            problems.add(f"capacity of {name} is {given!r}: must be weak, medium or strong")
        else:
            classes[str(code)] = given
    return classes


def _years(at: int | Sequence[int] | str, records: Records) -> list[int]:
    if isinstance(at, str):
        check_option("at", at, ("latest",))
        newest = collect(records.frame.select(narwhals().col("year").max()))["year"]
        if newest.empty or np.isnan(newest.iloc[0]):
            raise DataError("loans: there is no record")
        return [int(newest.iloc[0])]
    return [int(at)] if isinstance(at, int | np.integer) else sorted({int(one) for one in at})
