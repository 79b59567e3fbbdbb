"""Supply risk by supplier: legal exposure, sanctions exposure, high-risk vendors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

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
from ._results import PerCountry, Rows, linear_trace, per_country, require_rows
from ._weighted import check_totals, named_rule, weighted_rows, weighted_table
from .suppliers import by_name

__all__ = ["high_risk_share", "legal_exposure", "sanctions_exposure"]


@dataclass(frozen=True)
class _Ask:
    """What the three measures share: where the records come from and how results look."""

    country: str
    supplier: str | None
    value: str | None
    origin: str | None
    year: str | None
    record: str | None
    confidence: float
    trace: bool


def legal_exposure(
    contracts: object,
    laws: PerCountry,
    country: str = "iso3",
    value: str | None = "usd",
    origin: str = "vendor_iso3",
    *,
    year: str | None = None,
    confidence: float = 0.95,
    record: str | None = None,
    trace: bool = False,
) -> Any:
    """How far the suppliers' home laws can compel them: ``sum of share * L(origin)``.

    Parameters
    ----------
    contracts : frame
        As in `supplier_concentration`.
    laws : by country
        Legal-compulsion score of each origin, 0-1. Score every origin, not the focal one alone:
        laws on lawful intercept and cloud access belong here as well.

    Returns
    -------
    DataFrame
        Long data format, indicator ``supplier_legal_exposure`` in 0-1.

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
    ask = _Ask(country, None, value, origin, year, record, confidence, trace)
    problems = Problems("contracts")
    scores = per_country(laws, "laws", problems, zero=True, most=1.0)
    records = _opened(contracts, ask, problems)
    if "constant" in scores.attrs:
        table = dict.fromkeys(_seen(records, "origin"), scores.attrs["constant"])
    else:
        table = {str(one): float(score) for one, score in scores.items()}
    for name in sorted(set(_seen(records, "origin")) - set(table)):
        problems.add(f"laws: origin {name} has no score; add it")
    problems.raise_as(DataError)
    figure = by_name(narwhals().col("origin"), table, 0.0)
    return _result(records.with_columns(figure=figure), "supplier_legal_exposure", ask)


def sanctions_exposure(
    contracts: object,
    listed: Iterable[str],
    country: str = "iso3",
    supplier: str = "vendor",
    value: str | None = "usd",
    *,
    substitutability: Mapping[str, float] | None = None,
    year: str | None = None,
    confidence: float = 0.95,
    record: str | None = None,
    trace: bool = False,
) -> Any:
    """Supply that a control list could cut: ``sum of share * listed * (1 - substitutability)``.

    Parameters
    ----------
    contracts : frame
        As in `supplier_concentration`.
    listed : iterable of str
        Suppliers on the control list, such as the US Entity List.
    substitutability : mapping of supplier to number, optional
        How easily a supplier is replaced, 0-1; 0 for those not named.

    Returns
    -------
    DataFrame
        Long data format, indicator ``supply_cut_exposure`` in 0-1.

    Notes
    -----
    Weighted mean of a ratio estimator: Cochran, W. G. (1977), Sampling Techniques, section 6.4.

    Examples
    --------
    >>> contracts = pd.DataFrame({"iso3": ["KEN"] * 2, "usd": [60, 40],
    ...     "vendor": ["Huawei", "Nokia"]})
    >>> result = sanctions_exposure(contracts, ["Huawei"], substitutability={"Huawei": 0.25})
    >>> float(result["value"].round(6).iloc[0])
    0.45
    """
    ask = _Ask(country, supplier, value, None, year, record, confidence, trace)
    problems = Problems("contracts")
    easy = dict(substitutability or {})
    for name, number in easy.items():
        if not 0.0 <= number <= 1.0:
            problems.add(f"substitutability of {name} is {number!r}: must lie in 0-1")
    records = _opened(contracts, ask, problems)
    weights = {name: 1.0 - easy.get(name, 0.0) for name in listed}
    problems.raise_as(DataError)
    figure = by_name(narwhals().col("supplier"), weights, 0.0)
    return _result(records.with_columns(figure=figure), "supply_cut_exposure", ask)


def high_risk_share(
    contracts: object,
    high_risk: Iterable[str],
    country: str = "iso3",
    supplier: str = "vendor",
    value: str | None = "usd",
    *,
    critical: str | None = None,
    year: str | None = None,
    confidence: float = 0.95,
    record: str | None = None,
    trace: bool = False,
) -> Any:
    """Share of high-risk suppliers, in critical functions where those are marked.

    Parameters
    ----------
    contracts : frame
        As in `supplier_concentration`.
    high_risk : iterable of str
        Suppliers held to be of high risk.
    critical : str, optional
        Column, 0-1 or boolean: how far the record serves a critical function (core, radio sites
        near sensitive places). Amounts are weighted by it.

    Returns
    -------
    DataFrame
        Long data format, indicator ``high_risk_vendor_critical`` (``high_risk_vendor_share``
        without ``critical``) in 0-1. A country without any critical record has no row.

    Notes
    -----
    Weighted mean of a ratio estimator: Cochran, W. G. (1977), Sampling Techniques, section 6.4.

    Examples
    --------
    >>> contracts = pd.DataFrame({"iso3": ["KEN"] * 3, "usd": [60, 20, 20],
    ...     "vendor": ["Huawei", "Nokia", "Huawei"], "core": [False, True, True]})
    >>> float(high_risk_share(contracts, ["Huawei"], critical="core")["value"].iloc[0])
    0.5
    """
    ask = _Ask(country, supplier, value, None, year, record, confidence, trace)
    problems = Problems("contracts")
    records = _opened(contracts, ask, problems, critical=critical)
    problems.raise_as(DataError)
    nw = narwhals()
    figure = by_name(nw.col("supplier"), dict.fromkeys(high_risk, 1.0), 0.0)
    records = records.with_columns(figure=figure)
    name = "high_risk_vendor_share"
    if critical is not None:
        name = "high_risk_vendor_critical"
        records = records.with_columns(amount=nw.col("amount") * nw.col("critical"))
        records = Records(records.frame.filter(nw.col("amount") > 0), records.subject,
                          records.names, records.located)  # fmt: skip
    return _result(records, name, ask)


def _opened(
    contracts: object, ask: _Ask, problems: Problems, *, critical: str | None = None
) -> Records:
    records = open_records(
        contracts,
        "contracts",
        text={"country": ask.country, "supplier": ask.supplier, "origin": ask.origin},
        number={"amount": 1.0 if ask.value is None else ask.value, "critical": critical},
        year={"year": ask.year},
        identifier=ask.record,
    )
    records = resolve_countries(records, ("country", "origin"), problems, required=("country",))
    rules = amount_rules("amount")
    rules += [named_rule(role, role) for role in ("supplier", "origin") if records.has(role)]
    rules += amount_rules("critical", most=1.0) if critical is not None else []
    rules += year_rules("year") if ask.year is not None else []
    check(records, rules, problems)
    if ask.supplier is None:
        return records
    return records.with_columns(supplier=narwhals().col("supplier").str.strip_chars())


def _seen(records: Records, role: str) -> list[str]:
    seen = collect(records.frame.select(role).unique())[role]
    return [str(one) for one in seen if one]


def _result(records: Records, indicator: str, ask: _Ask) -> Any:
    keys = ("country", *(["year"] if ask.year is not None else []))
    table = weighted_table(records, keys)
    problems = Problems("contracts")
    check_totals(table, str(ask.value), problems)
    problems.raise_as(DataError)
    rows = Rows(confidence=ask.confidence)
    weighted_rows(table, indicator, rows)
    result = rows.frame()
    if not ask.trace:
        return result
    return result, weighted_trace(records, keys, indicator, result)


def weighted_trace(
    records: Records, keys: tuple[str, ...], indicator: str, result: pd.DataFrame
) -> pd.DataFrame:
    """Each record's part of a weighted mean."""
    require_rows(records.located, records.subject)
    nw = narwhals()
    part = records.with_columns(part=nw.col("amount") * nw.col("figure"))
    frame = collect(part.frame.select(*keys, "row", "part"))
    return linear_trace(frame, keys, {indicator: "part"}, result)
