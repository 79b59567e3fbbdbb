"""Supply risk by supplier: legal exposure, sanctions exposure, high-risk vendors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from .._util.checks import texts_in
from ..data.starter import starter_table
from ..errors import DataError, Problems
from ._frames import (
    Records,
    amount_rules,
    check,
    collect,
    narwhals,
    open_records,
    resolve_countries,
    year_rules,
)
from ._measured import Measured, returns_table, trace_of
from ._results import PerCountry, Rows, linear_trace, per_country, require_rows
from ._supplier_names import matched, seen_names, spelled_as
from ._weighted import check_totals, named_rule, weighted_rows, weighted_table
from .columns import Columns, Roles, columns_of
from .options import Market
from .suppliers import by_name

__all__ = [
    "BY_ORIGIN",
    "BY_SUPPLIER",
    "CRITICAL",
    "high_risk_share",
    "high_risk_trace",
    "legal_exposure",
    "legal_trace",
    "sanctions_exposure",
    "sanctions_trace",
]

BY_ORIGIN: Roles = {
    "country": "iso3",
    "origin": "vendor_iso3",
    "amount": "usd",
    "year_column": None,
    "record": None,
}
"""Columns of contracts by the origin of the supplier."""

BY_SUPPLIER: Roles = {
    "country": "iso3",
    "supplier": "vendor",
    "amount": "usd",
    "year_column": None,
    "record": None,
}
"""Columns of contracts by supplier."""

CRITICAL: Roles = {**BY_SUPPLIER, "critical": None}
"""Columns of contracts by supplier, with the function they serve."""


@returns_table
def legal_exposure(
    contracts: object,
    laws: PerCountry | None = None,
    *,
    columns: Columns | Mapping[str, str | None] | None = None,
    confidence_level: float = 0.90,
) -> Measured:
    """Measure how far the home laws of suppliers can compel them: ``sum of share * L(origin)``.

    Parameters
    ----------
    contracts : frame
        As in `supplier_concentration`.
    laws : by country, optional
        Legal-compulsion score of each origin, 0-1. Score every origin, not the focal one alone:
        laws on lawful intercept and cloud access belong here as well. By default the starter
        table (`dsr_risk.starter_table`), a judgement to check and to edit.
    columns : Columns or mapping
        ``country`` (iso3), ``origin`` (vendor_iso3), ``amount`` (usd), ``year_column``, ``record``.
    confidence_level : float
        Of the interval.

    Returns
    -------
    DataFrame
        Long data format, indicator ``supplier_legal_exposure`` in 0-1. `legal_trace` returns the
        part of each record.

    Raises
    ------
    DataError
        Also where an origin has no score.

    Notes
    -----
    Weighted mean of a ratio estimator: Cochran, W. G. (1977), Sampling Techniques, section 6.4.

    Examples
    --------
    >>> contracts = pd.DataFrame({"iso3": ["KEN"] * 3, "usd": [50, 30, 20],
    ...     "vendor_iso3": ["CHN", "SWE", "USA"]})
    >>> result = legal_exposure(contracts, {"CHN": 1.0, "SWE": 0.2, "USA": 0.2})
    >>> float(result["value"].round(6).iloc[0])
    0.6
    """
    roles = columns_of(columns, BY_ORIGIN)
    problems = Problems("contracts")
    if laws is None:
        laws = starter_table("laws").set_index("iso3")["score"]
    scores = per_country(laws, "laws", problems, zero=True, most=1.0)
    records = _opened(contracts, roles, problems)
    if "constant" in scores.attrs:
        numbers = dict.fromkeys(_seen(records, "origin"), scores.attrs["constant"])
    else:
        numbers = {str(origin): float(score) for origin, score in scores.items()}
    for name in sorted(set(_seen(records, "origin")) - set(numbers)):
        problems.add(f"laws: origin {name} has no score; add it")
    problems.raise_as(DataError)
    figure = by_name(narwhals().col("origin"), numbers, 0.0)
    records = records.with_columns(figure=figure)
    return _measured(records, "supplier_legal_exposure", roles, confidence_level)


legal_trace = trace_of(
    legal_exposure,
    "legal_trace",
    """
    >>> contracts = pd.DataFrame({"iso3": ["KEN"] * 3, "usd": [50, 30, 20],
    ...     "vendor_iso3": ["CHN", "SWE", "USA"]})
    >>> parts = legal_trace(contracts, {"CHN": 1.0, "SWE": 0.2, "USA": 0.2})
    >>> parts["contribution"].round(4).tolist()
    [0.5, 0.06, 0.04]
    """,
)


@returns_table
def sanctions_exposure(
    contracts: object,
    listed: str | Iterable[str] | None = None,
    *,
    columns: Columns | Mapping[str, str | None] | None = None,
    substitutability: Mapping[str, float] | None = None,
    register: bool = False,
    confidence_level: float = 0.90,
) -> Measured:
    """Measure the supply that a control list could cut: ``share * listed * (1 - substitutability)``.

    Parameters
    ----------
    contracts : frame
        As in `supplier_concentration`.
    listed : str or list of str, optional
        Suppliers on the control list, such as the US Entity List. By default those of the starter
        table whose listing was not lifted.
    columns : Columns or mapping
        ``country`` (iso3), ``supplier`` (vendor), ``amount`` (usd), ``year_column``, ``record``.
    substitutability : mapping of supplier to number, optional
        How easily a supplier is replaced, 0-1; 0 for those not named.
    register : bool
        The list is a register that names suppliers of other countries too: a name that no record
        has is then no error.
    confidence_level : float
        Of the interval.

    Returns
    -------
    DataFrame
        Long data format, indicator ``supply_cut_exposure`` in 0-1. `sanctions_trace` returns the
        part of each record.

    Notes
    -----
    Weighted mean of a ratio estimator: Cochran, W. G. (1977), Sampling Techniques, section 6.4.

    Examples
    --------
    >>> contracts = pd.DataFrame({"iso3": ["KEN"] * 2, "usd": [60, 40],
    ...     "vendor": ["Huawei", "Nokia"]})
    >>> result = sanctions_exposure(contracts, "Huawei", substitutability={"Huawei": 0.25})
    >>> float(result["value"].round(6).iloc[0])
    0.45
    """
    roles = columns_of(columns, BY_SUPPLIER)
    easy = Market(substitutability=substitutability or {}).substitutability
    if listed is None:
        register = True  # the starter list names suppliers of every country
        lists = starter_table("control_lists")
        listed = sorted(set(lists.loc[lists["lifted"].isna(), "supplier"]))
    names = texts_in("listed", listed)
    problems = Problems("contracts")
    records = _opened(contracts, roles, problems)
    problems.raise_as(DataError)
    weights = _of_suppliers(records, dict.fromkeys(names, 1.0), "listed", register=register)
    for name, number in _of_suppliers(records, easy, "substitutability").items():
        weights[name] = weights.get(name, 0.0) * (1.0 - number)
    figure = by_name(narwhals().col("supplier"), weights, 0.0)
    records = records.with_columns(figure=figure)
    note = spelled_as(names, seen_names(records, "supplier"))
    return _measured(records, "supply_cut_exposure", roles, confidence_level, note)


sanctions_trace = trace_of(
    sanctions_exposure,
    "sanctions_trace",
    """
    >>> contracts = pd.DataFrame({"iso3": ["KEN"] * 2, "usd": [60, 40],
    ...     "vendor": ["Huawei", "Nokia"]})
    >>> parts = sanctions_trace(contracts, "Huawei", substitutability={"Huawei": 0.25})
    >>> parts["contribution"].round(4).tolist()
    [0.45]
    """,
)


@returns_table
def high_risk_share(
    contracts: object,
    high_risk: str | Iterable[str],
    *,
    columns: Columns | Mapping[str, str | None] | None = None,
    register: bool = False,
    confidence_level: float = 0.90,
) -> Measured:
    """Measure the share of high-risk suppliers, in critical functions where those are marked.

    Parameters
    ----------
    contracts : frame
        As in `supplier_concentration`.
    high_risk : str or list of str
        Suppliers held to be of high risk.
    columns : Columns or mapping
        ``country`` (iso3), ``supplier`` (vendor), ``amount`` (usd), ``critical``, ``year_column``,
        ``record``. ``critical``, 0-1 or boolean, says how far the record serves a critical function
        (core, radio sites near sensitive places): amounts are weighted by it.
    register : bool
        The list is a register that names suppliers of other countries too: a name that no record
        has is then no error.
    confidence_level : float
        Of the interval.

    Returns
    -------
    DataFrame
        Long data format, indicator ``high_risk_vendor_critical`` (``high_risk_vendor_share``
        without ``critical``) in 0-1. A country without any critical record has no row.
        `high_risk_trace` returns the part of each record.

    Notes
    -----
    Weighted mean of a ratio estimator: Cochran, W. G. (1977), Sampling Techniques, section 6.4.

    Examples
    --------
    >>> contracts = pd.DataFrame({"iso3": ["KEN"] * 3, "usd": [60, 20, 20],
    ...     "vendor": ["Huawei", "Nokia", "Huawei"], "core": [False, True, True]})
    >>> result = high_risk_share(contracts, "Huawei", columns={"critical": "core"})
    >>> float(result["value"].iloc[0])
    0.5
    """
    roles = columns_of(columns, CRITICAL)
    names = texts_in("high_risk", high_risk)
    problems = Problems("contracts")
    records = _opened(contracts, roles, problems)
    problems.raise_as(DataError)
    nw = narwhals()
    weights = _of_suppliers(records, dict.fromkeys(names, 1.0), "high_risk", register=register)
    figure = by_name(nw.col("supplier"), weights, 0.0)
    records = records.with_columns(figure=figure)
    note = spelled_as(names, seen_names(records, "supplier"))
    indicator = "high_risk_vendor_share"
    if records.has("critical"):
        indicator = "high_risk_vendor_critical"
        records = records.with_columns(amount=nw.col("amount") * nw.col("critical"))
        records = replace(records, frame=records.frame.filter(nw.col("amount") > 0))
    return _measured(records, indicator, roles, confidence_level, note)


high_risk_trace = trace_of(
    high_risk_share,
    "high_risk_trace",
    """
    >>> contracts = pd.DataFrame({"iso3": ["KEN"] * 3, "usd": [60, 20, 20],
    ...     "vendor": ["Huawei", "Nokia", "Huawei"], "core": [False, True, True]})
    >>> parts = high_risk_trace(contracts, "Huawei", columns={"critical": "core"})
    >>> parts["contribution"].round(4).tolist()
    [0.5]
    """,
)


def _opened(contracts: object, roles: Roles, problems: Problems) -> Records:
    records = open_records(
        contracts,
        "contracts",
        roles,
        text=[role for role in ("country", "supplier", "origin") if role in roles],
        number=[role for role in ("amount", "critical") if role in roles],
        counted="amount",
    )
    records = resolve_countries(records, ("country", "origin"), problems, required=("country",))
    rules = amount_rules("amount")
    rules += [named_rule(role, role) for role in ("supplier", "origin") if records.has(role)]
    rules += amount_rules("critical", most=1.0) if records.has("critical") else []
    rules += year_rules("year") if records.has("year") else []
    check(records, rules, problems)
    if not records.has("supplier"):
        return records
    return records.with_columns(supplier=narwhals().col("supplier").str.strip_chars())


def _of_suppliers(
    records: Records, given: Mapping[str, float], subject: str, *, register: bool = False
) -> dict[str, float]:
    """Return the number of each supplier of the records; report names that no record has."""
    if not given:
        return {}
    problems = Problems(records.subject)
    numbers = matched(
        given,
        seen_names(records, "supplier"),
        subject,
        problems,
        also="; a list with further names needs register=True",
    )
    if not register:
        problems.raise_as(DataError)
    return numbers


def _seen(records: Records, role: str) -> list[str]:
    seen = collect(records.frame.select(role).unique())[role]
    return [str(name) for name in seen if name]


def _measured(
    records: Records, indicator: str, roles: Roles, confidence_level: float, note: str = ""
) -> Measured:
    keys = tuple(role for role in ("country", "year") if records.has(role))
    sums = weighted_table(records, keys)
    problems = Problems("contracts")
    check_totals(sums, str(roles["amount"]), problems)
    problems.raise_as(DataError)
    rows = Rows(confidence_level=confidence_level)
    weighted_rows(sums, indicator, rows, note=note)
    result = rows.frame()
    return Measured(result, lambda: weighted_trace(records, keys, indicator, result))


def weighted_trace(
    records: Records, keys: tuple[str, ...], indicator: str, result: pd.DataFrame
) -> pd.DataFrame:
    """Return each record's part of a weighted mean."""
    require_rows(records.located, records.subject)
    nw = narwhals()
    part = records.with_columns(part=nw.col("amount") * nw.col("figure"))
    frame = collect(part.frame.select(*keys, "row", "part"))
    return linear_trace(frame, keys, {indicator: "part"}, result)
