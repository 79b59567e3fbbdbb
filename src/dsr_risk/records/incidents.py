"""Data-security incidents: events to rates per million people, with what is uncertain about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..data.countries import to_iso3
from ..errors import DataError, Problems, did_you_mean
from ._frames import (
    Number,
    Records,
    Rule,
    check,
    collect,
    narwhals,
    open_records,
    resolve_countries,
    year_rules,
)
from ._results import (
    Floats,
    OnMissing,
    PerCountry,
    Rows,
    check_option,
    lookup,
    per_country,
    require_figures,
    require_rows,
    trace_frame,
    with_remainder,
)
from ._years import Years, one_year, over_years
from .rates import rate_interval, recency, shrunk_rates
from .suppliers import by_name

__all__ = ["CLAIM_WEIGHTS", "incident_rate"]

CLAIM_WEIGHTS: Mapping[str, float] = {
    "confirmed": 1.0, "probable": 0.75, "alleged": 0.5, "denied": 0.25, "refuted": 0.0,
}  # fmt: skip
"""What an incident counts for by the state of its attribution. A design choice; edit freely."""

MILLION = 1e6


@dataclass(frozen=True)
class Options:
    """How incidents are weighed."""

    at: int
    half_life: float
    claim_weights: Mapping[str, float]
    confidence: float


@over_years
def incident_rate(
    incidents: object,
    population: PerCountry,
    country: str = "iso3",
    severity: Number | None = "severity",
    claim: str | None = "claim",
    year: str = "year",
    *,
    host: str | None = None,
    at: Years | Literal["latest"] = "latest",
    half_life: float = 2.0,
    claim_weights: Mapping[str, float] = CLAIM_WEIGHTS,
    detection: PerCountry | None = None,
    covered: Literal["recorded", "all"] | Iterable[str] = "recorded",
    confidence: float = 0.95,
    on_missing: OnMissing = "error",
    record: str | None = None,
    trace: bool = False,
) -> Any:
    """How often, how badly and how surely countries are hit, per million people.

    ``R = 1/E * sum severity * confidence * 2^(-age / half_life)`` with E the population in millions
    (times the part of incidents that is detected).

    Parameters
    ----------
    incidents : frame
        One row an incident and victim, from any engine `supplier_concentration` takes.
    population : by country
        People. A Series, dict or frame by iso3 or (iso3, year).
    country, severity, claim, year : str
        Columns: the victim; severity from 1 to 5 (a number for all, None for 1); state of the
        attribution, one of ``claim_weights`` (None counts all in full); year or date.
    host : str, optional
        Column of the country where it happened, if told apart from the victim: the African
        Union's leak has the Union as victim and Ethiopia as host. Gives ``incidents_hosted``.
    at : int, sequence of int or "latest"
        Year from which ages are counted; later incidents are left out and noted. Several years
        give a row each.
    half_life : float
        Years in which an incident loses half its weight.
    claim_weights : mapping of str to number
        In 0-1.
    detection : by country, optional
        Part of incidents that becomes known, above 0 up to 1. Rates are divided by it.
    covered : {"recorded", "all"} or iterable of countries
        Countries for which no record means no incident: none but those recorded; all with a
        population; or those listed. The pooled rate depends on it.

    Returns
    -------
    DataFrame
        Long data format, per country: ``incident_rate`` (R), ``incident_rate_shrunk`` (posterior
        mean and credible interval), ``incident_count_rate`` and ``incident_count_rate_shrunk``
        (events per million, refuted ones left out), ``incident_count``, and
        ``incidents_<claim>`` with the ``claim`` column filled. Counts have no standard error.
        With ``trace``, also each incident's part of every one; what the pooled mean adds to a
        shrunken rate stands under an empty record.

    Raises
    ------
    DataError
        With every problem at once: severities outside 1-5, unknown claims, dates in the future,
        missing or zero population, unknown countries.

    Notes
    -----
    Intervals of raw rates: Fay and Feuer (1997). Shrinkage: `dsr_risk.records.rates`. Rich
    countries with a free press report more: read the rate beside the count and a measure of
    capacity.

    Examples
    --------
    >>> incidents = pd.DataFrame({"iso3": ["KEN", "KEN"], "severity": [3, 4],
    ...     "claim": ["confirmed", "alleged"], "year": [2024, 2020]})
    >>> result = incident_rate(incidents, population={"KEN": 20e6})
    >>> float(result.set_index("indicator").loc["incident_rate", "value"].round(6))
    0.175
    """
    check_option("on_missing", on_missing, ("error", "skip"))
    recency(0.0, half_life)
    records = open_records(
        incidents,
        "incidents",
        text={"country": country, "claim": claim, "host": host},
        number={"severity": 1.0 if severity is None else severity},
        year={"year": year},
        identifier=record,
    )
    problems = Problems("incidents")
    records = _checked(records, claim_weights, problems)
    people = per_country(population, "population", problems)
    seen = None if detection is None else per_country(detection, "detection", problems, most=1.0)
    listed = _covered(covered, people, problems)
    problems.raise_as(DataError)
    options = Options(_at(at, records), half_life, claim_weights, confidence)
    weighed = _weighed(records, options)
    table = _table(weighed, listed)
    if table.empty:
        raise DataError("incidents: there is no record")
    size, _ = lookup(people, list(table["country"]), options.at)
    part = np.ones(len(table))
    require_figures(size, table, "population", problems, on_missing)
    if seen is not None:
        part, _ = lookup(seen, list(table["country"]), options.at)
        require_figures(part, table, "detection", problems, on_missing)
    problems.raise_as(DataError)
    exposure = size / MILLION * part
    rows, factors = _rows(table, exposure, options, detected=seen is not None)
    if records.has("host"):
        _hosted(weighed, rows)
    result = rows.frame()
    if not trace:
        return result
    require_rows(records.located, "incidents")
    return result, _trace(weighed, table, factors, result)


def _checked(records: Records, weights: Mapping[str, float], problems: Problems) -> Records:
    nw = narwhals()
    for name, weight in weights.items():
        if not 0.0 <= weight <= 1.0:
            problems.add(f"weight of claim `{name}` is {weight!r}: must lie in 0-1")
    records = resolve_countries(records, ("country", "host"), problems, required=("country",))
    severity = nw.col("severity")
    rules = [
        Rule("severity", ~((severity >= 1) & (severity <= 5)), "must lie in 1-5"),
        Rule("severity", severity.is_null(), "is missing", True),
        *year_rules("year"),
    ]
    check(records, rules, problems)
    if records.has("claim"):
        records = records.with_columns(claim=nw.col("claim").str.strip_chars().str.to_lowercase())
        seen = collect(records.frame.group_by("claim").agg(nw.len().alias("records")))
        column = records.names["claim"]
        for name, count in zip(seen["claim"], seen["records"], strict=True):
            if name is None:
                problems.add(f"`{column}` is empty in {int(count):,} record(s): give its claim")
            elif name not in weights:
                problems.add(
                    f"`{column}` is {name!r} in {int(count):,} record(s): "
                    f"{did_you_mean(name, weights)}"
                )
    return records


def _at(at: Years | str, records: Records) -> int:
    until = None if isinstance(at, str) else one_year(at)
    if until is not None:
        return until
    check_option("at", at, ("latest",))
    newest = collect(records.frame.select(narwhals().col("year").max()))["year"]
    if newest.empty or np.isnan(newest.iloc[0]):
        raise DataError("incidents: there is no record")
    return int(newest.iloc[0])


def _covered(covered: str | Iterable[str], people: pd.Series, problems: Problems) -> list[str]:
    if isinstance(covered, str):
        check_option("covered", covered, ("recorded", "all"))
        if covered == "recorded":
            return []
        if "constant" in people.attrs:
            problems.add('covered="all" needs population by country, got one number')
        return sorted(set(people.index.get_level_values(0)))
    names = list(covered)
    codes = to_iso3(names)
    for name, code in zip(names, codes, strict=True):
        if code is None:
            problems.add(f"covered: {name!r} is not a country")
    return [str(code) for code in codes if code is not None]


def _weighed(records: Records, options: Options) -> Records:
    """Weight, count and claim of each incident; those later than the year of reference weigh 0."""
    nw = narwhals()
    age = float(options.at) - nw.col("year")
    known = nw.when(age >= 0.0).then(nw.lit(1.0)).otherwise(0.0)
    sure = nw.lit(1.0)
    if records.has("claim"):
        sure = by_name(nw.col("claim"), options.claim_weights, 0.0)
    records = records.with_columns(known=known, sure=sure, age=age)
    fresh = 2.0 ** (0.0 - nw.col("age") / options.half_life)
    weight = nw.col("severity") * nw.col("sure") * fresh * nw.col("known")
    columns = {
        "weight": nw.when(nw.col("known") > 0).then(weight).otherwise(0.0),
        "event": nw.when(nw.col("sure") > 0).then(nw.col("known")).otherwise(0.0),
        "later": 1.0 - nw.col("known"),
    }
    records = records.with_columns(**columns)
    records = records.with_columns(weight_squares=nw.col("weight") * nw.col("weight"))
    if records.has("claim"):
        claims = {
            f"claim_{one}": nw.when(nw.col("claim") == one).then(nw.col("known")).otherwise(0.0)
            for one in options.claim_weights
        }
        records = records.with_columns(**claims)
    return records


def _table(records: Records, covered: list[str]) -> pd.DataFrame:
    nw = narwhals()
    schema = records.frame.collect_schema()
    sums = ["weight", "weight_squares", "event", "later", "known",
            *(name for name in schema if name.startswith("claim_"))]  # fmt: skip
    grouped = records.frame.group_by("country").agg(
        *(nw.col(name).sum() for name in sums), nw.col("weight").max().alias("largest")
    )
    table = collect(grouped).set_index("country")
    return (
        table.reindex(table.index.union(covered), fill_value=0.0)
        .rename_axis("country")
        .reset_index()
    )


def _rows(
    table: pd.DataFrame, exposure: Floats, options: Options, *, detected: bool
) -> tuple[Rows, dict[str, tuple[str, Floats]]]:
    rows = Rows(confidence=options.confidence)
    notes = _notes(table, detected=detected)
    factors: dict[str, tuple[str, Floats]] = {}
    kinds = (
        ("incident_rate", "weight", "weight_squares"),
        ("incident_count_rate", "event", "event"),
    )
    for name, column, second in kinds:
        sums, squares = table[column].to_numpy(np.float64), table[second].to_numpy(np.float64)
        top = table["largest"].to_numpy(np.float64) if column == "weight" else np.ones(len(table))
        # Where nothing happened, the worst that happened anywhere is what could have.
        top = np.where(sums > 0, top, max(float(top.max()), 1e-12))
        fine = np.isfinite(exposure)
        safe = np.where(fine, exposure, 1.0)
        raw = np.where(fine, sums / safe, np.nan)
        bounds = rate_interval(sums, squares, top, safe, options.confidence)
        rows.add(table, name, raw, unit="per million", records=table["known"], note=notes,
                 std_error=np.sqrt(squares) / safe, bounds=bounds)  # fmt: skip
        factors[name] = (column, 1.0 / safe)
        if sums[fine].sum() > 0:
            fit = shrunk_rates(sums[fine], safe[fine], squares[fine], confidence=options.confidence)
            every = [_spread(one, fine) for one in (fit.rate, fit.standard_deviation, fit.lower,
                                                    fit.upper)]  # fmt: skip
            shrunk = [
                f"pooled {fit.pooled:.3g} per million, own rate counts {100 * own:.0f} %"
                for own in np.nan_to_num(_spread(fit.weight, fine))
            ]
            rows.add(table, f"{name}_shrunk", every[0], unit="per million", note=shrunk,
                     records=table["known"], std_error=every[1], bounds=(every[2], every[3]))  # fmt: skip
            factors[f"{name}_shrunk"] = (column, 1.0 / (safe + fit.prior_exposure))
    one = np.ones(len(table))
    rows.add(table, "incident_count", table["event"], unit="number", records=table["known"],
             note=notes)  # fmt: skip
    factors["incident_count"] = ("event", one)
    for claim in (str(one).removeprefix("claim_") for one in table if str(one)[:6] == "claim_"):
        rows.add(table, f"incidents_{claim}", table[f"claim_{claim}"], unit="number", claim=claim,
                 records=table["known"])  # fmt: skip
        factors[f"incidents_{claim}"] = (f"claim_{claim}", one)
    return rows, factors


def _spread(values: Floats, fine: np.ndarray) -> Floats:
    out = np.full(len(fine), np.nan)
    out[fine] = values
    return out


def _notes(table: pd.DataFrame, *, detected: bool) -> list[str]:
    return [
        "; ".join(
            filter(None, (
                "no record; the register is taken to cover this country" if not known and not later
                else "",
                f"{int(later)} later record(s) left out" if later else "",
                "divided by the part detected" if detected else "",
            ))
        )
        for known, later in zip(table["known"], table["later"], strict=True)
    ]  # fmt: skip


def _hosted(records: Records, rows: Rows) -> None:
    nw = narwhals()
    grouped = records.frame.filter(~nw.col("host").is_null()).group_by("host")
    table = collect(grouped.agg(nw.col("event").sum(), nw.col("known").sum()))
    rows.add(table.rename(columns={"host": "country"}), "incidents_hosted", table["event"],
             unit="number", records=table["known"], note="as host, whoever the victim was")  # fmt: skip


def _trace(
    records: Records, table: pd.DataFrame, factors: Mapping[str, tuple[str, Floats]],
    result: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    sums = sorted({column for column, _ in factors.values()})
    hosts = ["host"] if records.has("host") else []
    frame = collect(records.frame.select("country", "row", *hosts, *sums))
    place = pd.Index(table["country"]).get_indexer(frame["country"])
    parts = []
    for indicator, (column, factor) in factors.items():
        own = frame[column].to_numpy() * factor[place]
        part = frame.assign(indicator=indicator, contribution=own)
        parts.append(part[frame[column].ne(0.0)])
    if hosts:
        there = frame[frame["host"].notna() & frame["event"].ne(0.0)]
        there = there.assign(country=there["host"], contribution=there["event"])
        parts.append(there.assign(indicator="incidents_hosted"))
    return with_remainder(trace_frame(parts), result)
