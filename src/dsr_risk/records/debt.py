"""Debt exposure: loan commitments to stock, service, creditor shares and burdens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from ..data.countries import to_iso3
from ..errors import DataError, Problems, UnknownNameError, did_you_mean
from ._debt_position import TERMS, Valuation, position, position_sums, position_trace
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
from ._measured import Measured, returns_table, trace_of, years_of
from ._results import PerCountry, linear_trace, per_country, require_rows
from ._supplier_names import seen_names
from .columns import Columns, Roles, columns_of
from .options import DebtOptions, LoanTerms, option_of
from .suppliers import focal_codes

__all__ = ["BASES", "LOANS", "debt_exposure", "debt_trace"]

LOANS: Roles = {
    "country": "iso3",
    "amount": "usd",
    "year_column": "year",
    "creditor": "creditor_iso3",
    "collateral": None,
    "reported": None,
    "relative_error": None,
    "record": None,
}
"""Columns of loans."""

BASES = ("gdp", "gni", "exports", "revenue", "external_debt")
"""What debt can be set against."""


@returns_table
def debt_exposure(
    loans: object,
    *,
    columns: Columns | Mapping[str, Number | None] | None = None,
    terms: LoanTerms | Mapping[str, object] | None = None,
    bases: Mapping[str, PerCountry] | None = None,
    focal: str | Iterable[str] = "CHN",
    as_of: int | Sequence[int] | Literal["latest"] = "latest",
    options: DebtOptions | Mapping[str, object] | None = None,
) -> Measured:
    """Measure what countries owe on recorded loans, to focal and to all creditors.

    Commitments are not debt. Where terms are unknown (``terms={"maturity": None}``) only
    commitments are reported; with terms, the balance still owed at the end of each year of
    ``as_of`` is worked out loan by loan.

    Parameters
    ----------
    loans : frame
        One row a commitment, from any engine `supplier_concentration` takes.
    columns : Columns or mapping
        ``country`` (iso3), ``amount`` (usd), ``year_column`` (year), ``creditor`` (creditor_iso3),
        ``collateral``, ``reported``, ``relative_error``, ``record``. ``creditor`` None says that
        every loan is of the focal lender. ``collateral`` and ``reported``, 0-1 or boolean, are the
        part secured on assets or revenue and the part in the statistics of the borrower; they give
        ``collateralised_share`` and ``hidden_debt_share``. ``relative_error`` is the standard error
        of each amount as a fraction of it; errors are taken as independent.
    terms : LoanTerms or mapping
        Columns and unit of maturity, grace and rate; assumed terms; discount; renegotiation.
    bases : mapping of base to figures by country, optional
        ``gdp``, ``gni``, ``exports``, ``revenue``, ``external_debt``, in the unit of the amounts: a
        number, Series, dict or frame by iso3 or (iso3, year).
    focal : str or list of str
        Focal lenders.
    as_of : int, list of int or "latest"
        Years the position is worked out for; "latest" is the last year of a commitment.
    options : DebtOptions or mapping
        Unit of amounts, creditors that are no country, debt-carrying capacity, hidden debt.

    Returns
    -------
    DataFrame
        Long data format, one row a country, year and indicator: ``debt_commitments``,
        ``debt_stock``, ``debt_service``, ``debt_present_value`` (in the unit); their focal parts
        ``focal_...``; ``focal_share_debt``, ``collateralised_share``, ``hidden_debt_share`` (0-1);
        against each given base x, in percent: ``debt_x``, ``debt_service_x``,
        ``debt_present_value_x``, ``debt_to_focal_x``, ``focal_commitments_x``;
        ``focal_share_external_debt`` (0-1); ``..._of_threshold`` (ratio to the threshold).
        `debt_trace` returns the part of each loan of every indicator that is a sum.

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
    >>> result = debt_exposure(loans, bases={"gni": {"KEN": 50.0}}, as_of=2021)
    >>> wanted = ["debt_to_focal_gni", "focal_share_debt"]
    >>> result.set_index("indicator").loc[wanted, "value"].round(6).to_dict()
    {'debt_to_focal_gni': 10.0, 'focal_share_debt': 0.4}
    """
    roles = columns_of(columns, LOANS)
    value = Valuation(
        focal_codes(focal),
        option_of(LoanTerms, terms, "terms"),
        option_of(DebtOptions, options, "options"),
    )
    loan_terms = value.terms.columns()
    records = open_records(
        loans,
        "loans",
        {**roles, **loan_terms},
        text=("country", "creditor"),
        number=("amount", *loan_terms, "collateral", "reported", "relative_error"),
    )
    problems = Problems("loans")
    records = _checked(records, value, problems)
    figures = _figures(bases, problems)
    classes = _classes(value.options.capacity, problems)
    problems.raise_as(DataError)
    years = years_of("latest" if as_of is None else as_of, records, roles["year_column"]) or []
    positions = [position(records, year, value) for year in years]
    sums = _of_years(position_sums, years, positions)
    sums = sums[sums["records"] > 0].reset_index(drop=True)
    rows, sources = debt_rows(sums, value, figures, classes, problems)
    result = rows.frame()

    def parts() -> pd.DataFrame:
        require_rows(records.located, records.subject)
        loans = _of_years(position_trace, years, positions)
        return linear_trace(loans, ("country", "year"), sources, result)

    return Measured(result, parts)


debt_trace = trace_of(
    debt_exposure,
    "debt_trace",
    """
    >>> loans = pd.DataFrame({"iso3": ["KEN", "KEN"], "usd": [5.0, 7.5], "year": [2020, 2020],
    ...     "creditor_iso3": ["CHN", "JPN"], "maturity": 20, "grace": 5, "rate": 0.02})
    >>> parts = debt_trace(loans, bases={"gni": {"KEN": 50.0}}, as_of=2021)
    >>> parts.loc[parts["indicator"] == "debt_commitments", "contribution"].round(4).tolist()
    [5.0, 7.5]
    """,
)


def _of_years(
    rows_of: Callable[[Records], Any], years: Sequence[int], positions: Sequence[Records]
) -> pd.DataFrame:
    """Return the rows of every year's position, with the year."""
    return pd.concat(
        [
            collect(rows_of(position)).assign(year=year)
            for year, position in zip(years, positions, strict=True)
        ]
    )


def _figures(bases: Mapping[str, PerCountry] | None, problems: Problems) -> dict[str, pd.Series]:
    for name in bases or {}:
        if name not in BASES:
            raise UnknownNameError(f"unknown base `{name}`; {did_you_mean(name, BASES)}")
    given = bases or {}
    return {
        name: per_country(given[name], name, problems)
        for name in BASES
        if given.get(name) is not None
    }


def _checked(records: Records, value: Valuation, problems: Problems) -> Records:
    """Return rates as fractions, countries as codes, and every rule a loan has to keep."""
    nw = narwhals()
    terms, options = value.terms, value.options
    records = resolve_countries(records, ("country",), problems, required=("country",))
    records = resolve_countries(records, ("creditor",), problems, also=options.other_creditors)
    _check_creditors(records, value, problems)
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
        rules += _term_rules(terms)
    check(records, rules, problems)
    if records.has("maturity"):
        records = records.with_columns(rate=nw.col("rate") / terms.scale)
    return records


def _check_creditors(records: Records, value: Valuation, problems: Problems) -> None:
    """Add a problem for every name of a creditor that no loan has."""
    deal = value.terms.deal
    named = [] if deal is None or deal.creditors is None else list(focal_codes(deal.creditors))
    other = value.options.other_creditors
    if not records.has("creditor") or not (named or other):
        return
    seen = seen_names(records, "creditor")
    for subject, names in (("other_creditors", other), ("creditors of the renegotiation", named)):
        for name in names:
            if name not in seen:
                problems.add(f"{subject}: no loan has `{name}`; {did_you_mean(name, seen)}")


def _term_rules(terms: LoanTerms) -> list[Rule]:
    """Return rules of the terms as they stand in the records."""
    nw = narwhals()
    rules: list[Rule] = []
    for name in TERMS:
        rules += amount_rules(name, required=name not in terms.assumed)
    if terms.unit == "fraction":
        says = 'must be at most 1 (a fraction); for percent give terms={"unit": "percent"}'
        rules.append(Rule("rate", nw.col("rate") > 1.0, says))
    rules.append(
        Rule("maturity", nw.col("maturity") < nw.col("grace"), "is shorter than the grace period")
    )
    rules.append(Rule("maturity", nw.col("maturity") == 0, "must be above 0 years"))
    return rules


def _classes(capacity: Mapping[str, str], problems: Problems) -> dict[str, str]:
    classes: dict[str, str] = {}
    codes = to_iso3(list(capacity))
    for (name, given), code in zip(capacity.items(), codes, strict=True):
        if code is None:
            problems.add(f"capacity: {name!r} is not a country")
        elif given not in ("weak", "medium", "strong"):
            problems.add(f"capacity of {name} is {given!r}: must be weak, medium or strong")
        else:
            classes[str(code)] = given
    return classes
