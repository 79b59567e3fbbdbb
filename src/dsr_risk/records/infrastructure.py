"""Infrastructure: cables and landing points, cloud regions, and graded dependence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

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
from ._measures import Remainder
from ._results import Rows, check_option, require_rows, trace_frame
from ._weighted import named_rule
from ._years import Years, one_year, over_years
from .incidents import CLAIM_WEIGHTS
from .suppliers import by_name, supplier_concentration

__all__ = ["cable_exposure", "cloud_exposure", "graded_dependence", "satnav_dependence"]


def cable_exposure(
    landings: object,
    country: str = "iso3",
    cable: str = "cable",
    capacity: str | None = "capacity",
    landing_point: str | None = "landing_point",
    supplier: str | None = None,
    origin: str | None = None,
    *,
    focal: str | Sequence[str] | None = "CHN",
    year: str | None = None,
    remainder: Remainder = "error",
    confidence: float = 0.95,
    record: str | None = None,
    trace: bool = False,
) -> Any:
    """How much of a country's cable capacity hangs on one system, one landing point, one supplier.

    Parameters
    ----------
    landings : frame
        One row a landing of a cable: the capacity (lit or design) it brings to the country.
    cable, capacity, landing_point : str
        Columns. ``capacity=None`` counts landings; ``landing_point=None`` leaves those out.
    supplier, origin : str, optional
        Columns of who built or owns the cable and from where. A cable with several goes in several
        rows, each with its part of the capacity (1/n is the custom where parts are not known).
    focal, year, remainder, confidence, record, trace : see `supplier_concentration`

    Returns
    -------
    DataFrame
        Long data format, per country: ``largest_cable_share`` (what one failure takes away),
        ``cable_hhi``, ``cable_effective_number``, ``cable_count``; the same four for
        ``landing_point``; with a supplier ``cable_supplier_hhi`` and ``cable_focal_share``.
        Every landing is known, so there is no sampling error; bounds are of unknown suppliers.
        With ``trace``, also each landing's part of the HHIs and of the shares.

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
    if supplier is None and origin is not None:
        raise DataError("the origin of a supplier needs its column, got supplier=None")
    shared: dict[str, Any] = {"country": country, "value": capacity, "focal": None, "level": "firm", "top": 1,
              "year": year, "confidence": confidence, "record": record, "trace": trace}  # fmt: skip
    parts: list[tuple[pd.DataFrame, pd.DataFrame | None]] = []
    for unit, label in ((cable, "cable"), (landing_point, "landing_point")):
        if unit is not None:
            got = supplier_concentration(landings, supplier=unit, origin=None, **shared)
            parts.append(_renamed(got, label, trace=trace))
    if supplier is not None:
        more = {**shared, "focal": focal, "level": "both", "top": 3, "remainder": remainder}
        got = supplier_concentration(
            landings, supplier=supplier, origin=origin, prefix="cable_", **more
        )
        parts.append(got if trace else (got, None))
    result = _certain(pd.concat([one for one, _ in parts], ignore_index=True))
    if not trace:
        return result
    return result, trace_frame([one for _, one in parts if one is not None])


_KEPT = {"hhi": "{}_hhi", "effective_number": "{}_effective_number", "count": "{}_count",
         "top1_share": "largest_{}_share"}  # fmt: skip


def _renamed(got: Any, label: str, *, trace: bool) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Concentration of cables or landing points, under their own names."""
    names = {f"supplier_{old}": new.format(label) for old, new in _KEPT.items()}
    result, origin = got if trace else (got, None)
    result = result[result["indicator"].isin(names)]
    result = result.assign(indicator=result["indicator"].map(names))
    if origin is not None:
        origin = origin.assign(indicator=origin["indicator"].replace(names))
    return result, origin


def _certain(result: pd.DataFrame) -> pd.DataFrame:
    """Without sampling: a register of all landings or regions is no sample."""
    exact = result["note"].eq("")
    result = result[~result["indicator"].str.endswith("hhi_unbiased")]
    exact = exact.reindex(result.index)
    bounds = {side: result[side].mask(exact, result["value"]) for side in ("lower", "upper")}
    return result.assign(std_error=np.nan, **bounds).reset_index(drop=True)


def cloud_exposure(
    regions: object,
    country: str = "iso3",
    provider: str = "provider",
    size: str | None = None,
    origin: str | None = "provider_iso3",
    *,
    focal: str | Sequence[str] | None = "CHN",
    year: str | None = None,
    remainder: Remainder = "error",
    confidence: float = 0.95,
    record: str | None = None,
    trace: bool = False,
) -> Any:
    """Concentration and focal share of the cloud regions or data centres in a country.

    Parameters
    ----------
    regions : frame
        One row a region or data centre.
    size : str, optional
        Column of spend or megawatts; without it regions are counted.
    provider, origin, focal, year, remainder, confidence, record, trace
        See `supplier_concentration`.

    Returns
    -------
    DataFrame
        The indicators of `supplier_concentration` under ``cloud_``: ``cloud_focal_share``,
        ``cloud_supplier_hhi`` and so on.

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
    return supplier_concentration(
        regions, country, provider, size, origin, focal=focal, year=year, remainder=remainder,
        confidence=confidence, record=record, trace=trace, prefix="cloud_",
    )  # fmt: skip


@over_years
def graded_dependence(
    reports: object,
    indicator: str,
    country: str = "iso3",
    level: str = "level",
    claim: str | None = "claim",
    year: str | None = None,
    *,
    most: int = 3,
    at: Years | None = None,
    rule: Literal["highest", "latest"] = "highest",
    claim_weights: Mapping[str, float] = CLAIM_WEIGHTS,
    believed: float = 0.5,
    record: str | None = None,
    trace: bool = False,
) -> Any:
    """A grade on a short ordinal scale from several reports, and how far the reports agree.

    Parameters
    ----------
    reports : frame
        One row a report of a level, 0 to ``most``.
    indicator : str
        Name of the result.
    claim : str, optional
        State of each report, one of ``claim_weights``; None believes all.
    at : int or sequence of int, optional
        Reports up to this year only. Several years give a row each.
    rule : {"highest", "latest"}
        The grade is the highest believed, or the highest among those of the latest year.
    believed : float
        Reports of at least this claim weight are believed; "confirmed" has 1.

    Returns
    -------
    DataFrame
        Long data format. ``lower``: by reports of weight 1 only (0 without any); ``upper``: by all
        that are not refuted. A grade has no standard error. A country without a believed report
        has no row. With ``trace``, the believed reports that carry the grade share it.

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
    check_option("rule", rule, ("highest", "latest"))
    if rule == "latest" and year is None:
        raise DataError('rule="latest" needs the column of the year, got year=None')
    records = open_records(
        reports,
        "reports",
        text={"country": country, "claim": claim},
        number={"level": level},
        year={"year": year},
        identifier=record,
    )
    problems = Problems("reports")
    records = _graded(records, most, one_year(at), claim_weights, problems)
    problems.raise_as(DataError)
    table = _grades(records, rule, believed)
    rows = Rows()
    fine = np.where(table["at_believed"] >= 0, table["at_believed"], np.nan)
    lower = np.maximum(table["at_sure"], 0.0)
    rows.add(table, indicator, fine, unit=f"0-{most}", records=table["records"],
             bounds=(np.minimum(lower, fine), table["at_any"]))  # fmt: skip
    result = rows.frame()
    if not trace:
        return result
    require_rows(records.located, "reports")
    return result, _grade_trace(records, result, indicator, believed, rule)


def _graded(
    records: Records, most: int, at: int | None, weights: Mapping[str, float], problems: Problems
) -> Records:
    nw = narwhals()
    records = resolve_countries(records, ("country",), problems, required=("country",))
    rules = amount_rules("level", most=float(most))
    rules += year_rules("year") if records.has("year") else []
    sure = nw.lit(1.0)
    if records.has("claim"):
        records = records.with_columns(claim=nw.col("claim").str.strip_chars().str.to_lowercase())
        known = nw.col("claim").is_in(list(weights))
        rules.append(named_rule("claim", "claim"))
        rules.append(Rule("claim", ~known, f"must be one of {', '.join(weights)}"))
        sure = by_name(nw.col("claim"), weights, 0.0)
    check(records, rules, problems)
    records = records.with_columns(sure=sure)
    if at is not None and records.has("year"):
        kept = records.frame.filter(nw.col("year") <= at)
        records = replace(records, frame=kept)
    return records


def _read_at(rule: str, least: float) -> Any:
    """The level where a report counts under a reading, -1 where it does not."""
    nw = narwhals()
    counts = nw.col("sure") >= least
    if rule == "latest":
        counts = counts & (nw.col("year") == nw.col("newest"))
    return nw.when(counts).then(nw.col("level")).otherwise(-1.0)


def _with_newest(records: Records, rule: str, least: float) -> Records:
    nw = narwhals()
    if rule != "latest":
        return records
    dated = nw.when(nw.col("sure") >= least).then(nw.col("year")).otherwise(-1.0)
    return records.with_columns(dated=dated).with_columns(
        newest=nw.col("dated").max().over("country")
    )


def _grades(records: Records, rule: str, believed: float) -> pd.DataFrame:
    nw = narwhals()
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
    records: Records, result: pd.DataFrame, indicator: str, believed: float, rule: str
) -> pd.DataFrame:
    records = _with_newest(records, rule, believed).with_columns(read=_read_at(rule, believed))
    frame = collect(records.frame.select("country", "row", "read"))
    values = frame["country"].map(result.set_index("iso3")["value"])
    carry = frame[frame["read"].eq(values) & values.gt(0)]
    share = carry["read"] / carry.groupby("country")["row"].transform("size")
    return trace_frame([carry.assign(indicator=indicator, contribution=share)])


def satnav_dependence(
    reports: object,
    country: str = "iso3",
    level: str = "level",
    claim: str | None = "claim",
    year: str | None = None,
    *,
    at: Years | None = None,
    rule: Literal["highest", "latest"] = "highest",
    claim_weights: Mapping[str, float] = CLAIM_WEIGHTS,
    believed: float = 0.5,
    record: str | None = None,
    trace: bool = False,
) -> Any:
    """Dependence on a focal satellite-navigation system, 0 to 3.

    0 none reported, 1 public-sector use, 2 reference or ground station, 3 sole or defence use.
    That satellites are in view is no adoption. Parameters, result and errors are those of
    `graded_dependence`.

    Examples
    --------
    >>> reports = pd.DataFrame({"iso3": ["THA"], "level": [2], "claim": ["confirmed"]})
    >>> float(satnav_dependence(reports)["value"].iloc[0])
    2.0
    """
    return graded_dependence(
        reports, "satnav_dependence", country, level, claim, year, most=3, at=at, rule=rule,
        claim_weights=claim_weights, believed=believed, record=record, trace=trace,
    )  # fmt: skip
