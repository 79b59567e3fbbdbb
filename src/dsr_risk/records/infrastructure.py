"""Infrastructure: cables and landing points, cloud regions, and graded dependence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import DataError, Problems
from ._frames import (
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
from ._measured import Measured, Years, by_year, returns_table, trace_of, years_of
from ._results import Rows, require_rows, trace_frame
from ._weighted import named_rule
from .columns import Columns, Roles, columns_of
from .options import Grading, Market, Remainder, Sampling, option_of
from .suppliers import by_name, measured_market

if TYPE_CHECKING:
    from narwhals import Expr

__all__ = [
    "LANDINGS",
    "REGIONS",
    "REPORTS",
    "cable_exposure",
    "cable_trace",
    "cloud_exposure",
    "cloud_trace",
    "graded_dependence",
    "graded_trace",
    "satnav_dependence",
    "satnav_trace",
]

LANDINGS: Roles = {
    "country": "iso3",
    "cable": "cable",
    "capacity": "capacity",
    "landing_point": "landing_point",
    "supplier": None,
    "origin": None,
    "year_column": None,
    "record": None,
}
"""Columns of landings of cables."""

REGIONS: Roles = {
    "country": "iso3",
    "provider": "provider",
    "size": None,
    "origin": "provider_iso3",
    "year_column": None,
    "record": None,
}
"""Columns of cloud regions."""

REPORTS: Roles = {
    "country": "iso3",
    "level": "level",
    "claim": "claim",
    "year_column": None,
    "record": None,
}
"""Columns of reports of a grade."""

CENSUS = Sampling(census=True)


@returns_table
def cable_exposure(
    landings: object,
    *,
    columns: Columns | Mapping[str, str | None] | None = None,
    focal: str | Iterable[str] | None = "CHN",
    remainder: Remainder = "error",
) -> Measured:
    """Measure how much cable capacity depends on one system, one landing point, one supplier.

    Parameters
    ----------
    landings : frame
        One row a landing of a cable: the capacity (lit or design) it brings to the country.
    columns : Columns or mapping
        ``country`` (iso3), ``cable``, ``capacity``, ``landing_point``, ``supplier``, ``origin``,
        ``year_column``, ``record``. ``capacity`` None counts landings; ``landing_point`` None
        leaves those out. ``supplier`` and ``origin`` say who built or owns the cable, and from
        where. A cable with several goes in several rows, each with its part of the capacity (1/n is
        the custom where parts are not known).
    focal : str or list of str, optional
        Origins whose share is reported as ``cable_focal_share``.
    remainder : {"error", "any", "other", "drop"}
        What is done with cables of unknown suppliers: see `Market`.

    Returns
    -------
    DataFrame
        Long data format, per country: ``largest_cable_share`` (what one failure takes away),
        ``cable_hhi``, ``cable_effective_number``, ``cable_count``; the same four for
        ``landing_point``; with a supplier ``cable_supplier_hhi`` and ``cable_focal_share``.
        Every landing is known, so there is no sampling error; bounds are of unknown suppliers.
        `cable_trace` returns the part of each landing of the HHIs and of the shares.

    Raises
    ------
    DataError
        With every problem of the records at once, each with its row.

    Notes
    -----
    The largest share is the loss of the N-1 criterion of network planning.

    Examples
    --------
    >>> landings = pd.DataFrame({"iso3": ["DJI"] * 3, "cable": ["A", "B", "C"],
    ...     "landing_point": ["Haramous"] * 3, "capacity": [50, 30, 20]})
    >>> result = cable_exposure(landings).set_index("indicator")["value"]
    >>> result[["largest_cable_share", "largest_landing_point_share"]].tolist()
    [0.5, 1.0]
    """
    roles = columns_of(columns, LANDINGS)
    _check_origin(roles)
    shared = {role: roles[role] for role in ("country", "year_column", "record")}
    shared["amount"] = roles["capacity"]
    plain = Market(level="firm", top=1)
    parts: list[Measured] = []
    for unit in ("cable", "landing_point"):
        if roles[unit] is not None:
            in_columns = {**shared, "supplier": roles[unit], "origin": None}
            parts.append(_renamed(measured_market(landings, in_columns, plain, CENSUS, None), unit))
    if roles["supplier"] is not None:
        in_columns = {**shared, "supplier": roles["supplier"], "origin": roles["origin"]}
        market = Market(remainder=remainder, prefix="cable_")
        parts.append(measured_market(landings, in_columns, market, CENSUS, focal))
    if not parts:
        raise DataError("`columns`: name at least one of cable, landing_point and supplier")
    result = pd.concat([part.table for part in parts], ignore_index=True)
    return Measured(result, lambda: trace_frame([part.parts() for part in parts]))


cable_trace = trace_of(
    cable_exposure,
    "cable_trace",
    """
    >>> landings = pd.DataFrame({"iso3": ["DJI"] * 3, "cable": ["A", "B", "C"],
    ...     "landing_point": ["Haramous"] * 3, "capacity": [50, 30, 20]})
    >>> parts = cable_trace(landings)
    >>> parts.loc[parts["indicator"] == "cable_hhi", "contribution"].round(4).tolist()
    [0.25, 0.09, 0.04]
    """,
)

_KEPT = {
    "hhi": "{}_hhi",
    "effective_number": "{}_effective_number",
    "count": "{}_count",
    "top1_share": "largest_{}_share",
}


def _renamed(measured: Measured, label: str) -> Measured:
    """Return concentration of cables or landing points, under their own names."""
    names = {f"supplier_{old}": new.format(label) for old, new in _KEPT.items()}
    result = measured.table
    result = result[result["indicator"].isin(names)]
    result = result.assign(indicator=result["indicator"].map(names))

    def parts() -> pd.DataFrame:
        trace = measured.parts()
        return trace.assign(indicator=trace["indicator"].replace(names))

    return Measured(result, parts)


def _check_origin(roles: Roles) -> None:
    if roles["supplier"] is None and roles["origin"] is not None:
        raise DataError(
            "`columns`: the origin of a supplier needs the column of the supplier, received "
            "supplier=None"
        )


@returns_table
def cloud_exposure(
    regions: object,
    *,
    columns: Columns | Mapping[str, str | None] | None = None,
    focal: str | Iterable[str] | None = "CHN",
    remainder: Remainder = "error",
) -> Measured:
    """Measure the concentration and focal share of cloud regions or data centres in a country.

    Parameters
    ----------
    regions : frame
        One row a region or data centre.
    columns : Columns or mapping
        ``country`` (iso3), ``provider``, ``size``, ``origin`` (provider_iso3), ``year_column``,
        ``record``. ``size`` is spend or megawatts; without it regions are counted.
    focal : str or list of str, optional
        Origins whose share is reported as ``cloud_focal_share``.
    remainder : {"error", "any", "other", "drop"}
        What is done with regions of unknown providers: see `Market`.

    Returns
    -------
    DataFrame
        The indicators of `supplier_concentration` under ``cloud_``: ``cloud_focal_share``,
        ``cloud_supplier_hhi`` and so on. A list of regions is a census, so there is no sampling
        error. `cloud_trace` returns the part of each region.

    Notes
    -----
    A country without a region is served from abroad: it has no row, not a zero.

    Examples
    --------
    >>> regions = pd.DataFrame({"iso3": ["SGP"] * 4, "provider_iso3": ["USA", "USA", "CHN", "CHN"],
    ...     "provider": ["AWS", "Azure", "Alibaba", "Tencent"]})
    >>> result = cloud_exposure(regions).set_index("indicator")["value"]
    >>> result[["cloud_focal_share", "cloud_supplier_hhi"]].tolist()
    [0.5, 0.25]
    """
    roles = columns_of(columns, REGIONS)
    in_columns = {role: roles[role] for role in ("country", "origin", "year_column", "record")}
    in_columns |= {"supplier": roles["provider"], "amount": roles["size"]}
    market = Market(remainder=remainder, prefix="cloud_")
    return measured_market(regions, in_columns, market, CENSUS, focal)


cloud_trace = trace_of(
    cloud_exposure,
    "cloud_trace",
    """
    >>> regions = pd.DataFrame({"iso3": ["SGP"] * 4, "provider_iso3": ["USA", "USA", "CHN", "CHN"],
    ...     "provider": ["AWS", "Azure", "Alibaba", "Tencent"]})
    >>> parts = cloud_trace(regions)
    >>> parts.loc[parts["indicator"] == "cloud_focal_share", "contribution"].round(4).tolist()
    [0.25, 0.25]
    """,
)


@returns_table
def graded_dependence(
    reports: object,
    indicator: str,
    *,
    columns: Columns | Mapping[str, str | None] | None = None,
    as_of: Years | None = None,
    grading: Grading | Mapping[str, object] | None = None,
) -> Measured:
    """Return a grade on a short ordinal scale from several reports, and how far they agree.

    Parameters
    ----------
    reports : frame
        One row a report of a level, 0 to ``most``.
    indicator : str
        Name of the result.
    columns : Columns or mapping
        ``country`` (iso3), ``level``, ``claim``, ``year_column``, ``record``. ``claim`` is the state
        of each report, one of ``claim_weights``; None believes all.
    as_of : int, list of int or "latest", optional
        Reports up to this year only. Several years give a row each.
    grading : Grading or mapping
        The scale, and which reports count.

    Returns
    -------
    DataFrame
        Long data format. ``lower``: by reports of weight 1 only (0 without any); ``upper``: by all
        that are not refuted. A grade has no standard error. A country without a believed report
        has no row. `graded_trace`: the believed reports that carry the grade share it.

    Notes
    -----
    Interval by the weakest and the strongest reading of the evidence: Manski, C. F. (2003),
    Partial Identification of Probability Distributions.

    Examples
    --------
    >>> reports = pd.DataFrame({"iso3": ["PAK", "PAK"], "level": [2, 3],
    ...     "claim": ["confirmed", "alleged"]})
    >>> graded_dependence(reports, "satnav_dependence")[["value", "lower", "upper"]].iloc[0].tolist()
    [3.0, 2.0, 3.0]
    """
    return _graded_by_year(
        reports, indicator, columns, as_of, option_of(Grading, grading, "grading")
    )


graded_trace = trace_of(
    graded_dependence,
    "graded_trace",
    """
    >>> reports = pd.DataFrame({"iso3": ["PAK", "PAK"], "level": [2, 3],
    ...     "claim": ["confirmed", "alleged"]})
    >>> parts = graded_trace(reports, "satnav_dependence")
    >>> parts["contribution"].round(4).tolist()
    [3.0]
    """,
)


@returns_table
def satnav_dependence(
    reports: object,
    *,
    columns: Columns | Mapping[str, str | None] | None = None,
    as_of: Years | None = None,
    grading: Grading | Mapping[str, object] | None = None,
) -> Measured:
    """Return the dependence on a focal satellite-navigation system, 0 to 3.

    0 none reported, 1 public-sector use, 2 reference or ground station, 3 sole or defence use.
    That satellites are in view is no adoption. Parameters, result and errors are those of
    `graded_dependence`.

    Examples
    --------
    >>> reports = pd.DataFrame({"iso3": ["THA"], "level": [2], "claim": ["confirmed"]})
    >>> float(satnav_dependence(reports)["value"].iloc[0])
    2.0
    """
    rule = option_of(Grading, grading, "grading")
    if rule.most != 3:
        raise DataError(f"satnav_dependence has grades 0 to 3, received most={rule.most}")
    return _graded_by_year(reports, "satnav_dependence", columns, as_of, rule)


satnav_trace = trace_of(
    satnav_dependence,
    "satnav_trace",
    """
    >>> reports = pd.DataFrame({"iso3": ["THA"], "level": [2], "claim": ["confirmed"]})
    >>> parts = satnav_trace(reports)
    >>> parts["contribution"].round(4).tolist()
    [2.0]
    """,
)


def _graded_by_year(
    reports: object,
    indicator: str,
    columns: Columns | Mapping[str, str | None] | None,
    as_of: Years | None,
    grading: Grading,
) -> Measured:
    roles = columns_of(columns, REPORTS)
    if grading.rule == "latest" and roles["year_column"] is None:
        raise DataError(
            'rule="latest" needs the column of the year: give it as `year_column` in `columns`'
        )
    records = open_records(reports, "reports", roles, text=("country", "claim"), number=("level",))
    problems = Problems("reports")
    records = _graded(records, grading, problems)
    problems.raise_as(DataError)

    def of_year(year: int | None) -> Measured:
        dated = records
        if year is not None:
            dated = replace(records, frame=records.frame.filter(narwhals().col("year") <= year))
        grades = _grades(dated, grading)
        rows = Rows()
        fine = np.where(grades["at_believed"] >= 0, grades["at_believed"], np.nan)
        lower = np.maximum(grades["at_sure"], 0.0)
        rows.add(
            grades,
            indicator,
            fine,
            unit=f"0-{grading.most}",
            records=grades["records"],
            bounds=(np.minimum(lower, fine), grades["at_any"]),
        )
        result = rows.frame()
        return Measured(result, lambda: _grade_trace(dated, result, indicator, grading))

    return by_year(years_of(as_of, records, roles["year_column"]), of_year)


def _graded(records: Records, grading: Grading, problems: Problems) -> Records:
    nw = narwhals()
    weights = grading.claim_weights
    records = resolve_countries(records, ("country",), problems, required=("country",))
    rules = amount_rules("level", most=float(grading.most))
    rules += year_rules("year") if records.has("year") else []
    sure = nw.lit(1.0)
    if records.has("claim"):
        records = records.with_columns(claim=nw.col("claim").str.strip_chars().str.to_lowercase())
        weighted = nw.col("claim").is_in(list(weights))
        rules.append(named_rule("claim", "claim"))
        rules.append(Rule("claim", ~weighted, f"must be one of {', '.join(weights)}"))
        sure = by_name(nw.col("claim"), weights, 0.0)
    check(records, rules, problems)
    return records.with_columns(sure=sure)


def _read_at(rule: str, least: float) -> Expr:
    """Return the level where a report counts under a reading, -1 where it does not."""
    nw = narwhals()
    counts = nw.col("sure") >= least
    if rule == "latest":
        counts = counts & (nw.col("year") == nw.col("newest"))
    level: Expr = nw.when(counts).then(nw.col("level")).otherwise(-1.0)
    return level


def _with_newest(records: Records, rule: str, least: float) -> Records:
    nw = narwhals()
    if rule != "latest":
        return records
    dated = nw.when(nw.col("sure") >= least).then(nw.col("year")).otherwise(-1.0)
    return records.with_columns(dated=dated).with_columns(
        newest=nw.col("dated").max().over("country")
    )


def _grades(records: Records, grading: Grading) -> pd.DataFrame:
    nw = narwhals()
    rule, believed = grading.rule, grading.believed
    for name, least in (("at_believed", believed), ("at_sure", 1.0), ("at_any", 1e-12)):
        records = _with_newest(records, rule, least)
        records = records.with_columns(**{name: _read_at(rule, least)})
    names = ("at_believed", "at_sure", "at_any")
    table = collect(
        records.frame.group_by("country").agg(
            *(nw.col(name).max() for name in names), nw.len().alias("records")
        )
    )
    if table.empty:
        raise DataError("reports: there is no record")
    return table


def _grade_trace(
    records: Records, result: pd.DataFrame, indicator: str, grading: Grading
) -> pd.DataFrame:
    require_rows(records.located, records.subject)
    rule, believed = grading.rule, grading.believed
    records = _with_newest(records, rule, believed).with_columns(read=_read_at(rule, believed))
    frame = collect(records.frame.select("country", "row", "read"))
    values = frame["country"].map(result.set_index("iso3")["value"])
    carry = frame[frame["read"].eq(values) & values.gt(0)]
    share = carry["read"] / carry.groupby("country")["row"].transform("size")
    return trace_frame([carry.assign(indicator=indicator, contribution=share)])
