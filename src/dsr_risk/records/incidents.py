"""Data-security incidents: events to rates per million people, with what is uncertain about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from .._util.checks import between, texts_in
from .._util.types import Array, Mask
from ..data.countries import to_iso3, without_missing_marks
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
from ._measured import Measured, Years, by_year, returns_table, trace_of, years_of
from ._results import (
    PerCountry,
    Rows,
    lookup,
    per_country,
    require_figures,
    require_rows,
    trace_frame,
    with_remainder,
)
from .columns import Columns, Roles, columns_of
from .options import CLAIM_WEIGHTS, IncidentWeights, option_of
from .rates import check_range, rate_interval, shrunk_rates
from .suppliers import by_name

__all__ = ["CLAIM_WEIGHTS", "INCIDENTS", "incident_rate", "incident_trace"]

INCIDENTS: Roles = {
    "country": "iso3",
    "severity": "severity",
    "claim": "claim",
    "year_column": "year",
    "host": None,
    "record": None,
}
"""Columns of incidents."""

MILLION = 1e6

Factors = dict[str, tuple[str, Array]]
"""Per indicator the column of the records that it sums, and the factor of each country."""


@returns_table
def incident_rate(
    incidents: object,
    population: PerCountry,
    *,
    columns: Columns | Mapping[str, Number | None] | None = None,
    as_of: Years = "latest",
    countries: str | Iterable[str] = "recorded",
    weighing: IncidentWeights | Mapping[str, object] | None = None,
    confidence_level: float = 0.90,
) -> Measured:
    """Measure how often, how badly and how surely countries are hit, per million people.

    ``R = 1/E * sum severity * claim weight * 2^(-age / half_life)`` with E the population in
    millions (times the part of incidents that is detected).

    Parameters
    ----------
    incidents : frame
        One row an incident and victim, from any engine `supplier_concentration` takes.
    population : by country
        People. A Series, dict or frame by iso3 or (iso3, year).
    columns : Columns or mapping
        ``country`` (iso3) of the victim, ``severity`` from 1 to 5 (a number for all, None for 1),
        ``claim`` (state of the attribution, one of the claim weights; None counts all in full),
        ``year_column`` (year), ``host``, ``record``. ``host`` is the country where it happened, if
        recorded separately from the victim: the leak of the African Union has the Union as victim and
        Ethiopia as host. It gives ``incidents_hosted``. Where a host is named the victim may be an
        organisation or empty: the incident then counts as hosted only.
    as_of : int, list of int or "latest"
        Year from which ages are counted; later incidents are left out and noted. Several years
        give a row each.
    countries : "recorded", "all" or list of str
        Countries for which no record means no incident: none but those recorded; all with a
        population; or those listed. The pooled rate depends on it.
    weighing : IncidentWeights or mapping
        Half-life, claim weights, part of incidents detected.
    confidence_level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        Long data format, per country: ``incident_rate`` (R), ``incident_rate_shrunk`` (posterior
        mean and credible interval), ``incident_count_rate`` and ``incident_count_rate_shrunk``
        (events per million, refuted ones left out), ``incident_count``, and
        ``incidents_<claim>`` with the ``claim`` column filled. Counts have no standard error.
        `incident_trace` returns the part of each incident; what the pooled mean adds to a shrunken
        rate stands under an empty record.

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
    rule = option_of(IncidentWeights, weighing, "weighing")
    between("confidence_level", confidence_level, 0, 1)
    roles = columns_of(columns, INCIDENTS)
    records = open_records(
        incidents,
        "incidents",
        roles,
        text=("country", "claim", "host"),
        number=("severity",),
        counted="severity",
    )
    problems = Problems("incidents")
    records = _checked(records, rule.claim_weights, problems)
    people = per_country(population, "population", problems)
    seen = None
    if rule.detection is not None:
        seen = per_country(rule.detection, "detection", problems, most=1.0)
    codes = _countries(countries, people, problems)
    problems.raise_as(DataError)

    def of_year(year: int | None) -> Measured:
        weighed = _weighed(records, rule, year)
        sums = _table(weighed, codes)
        rows, factors = Rows(confidence_level=confidence_level), Factors()
        if not sums.empty:
            exposure = _exposure(sums, people, seen, rule, year)
            rows, factors = _rows(sums, exposure, confidence_level, detected=seen is not None)
        if records.has("host"):
            _hosted(weighed, rows)
        result = rows.frame()
        return Measured(result, lambda: _trace(weighed, sums, factors, result))

    return by_year(years_of(as_of, records, roles["year_column"]), of_year)


incident_trace = trace_of(
    incident_rate,
    "incident_trace",
    """
    >>> incidents = pd.DataFrame({"iso3": ["KEN", "KEN"], "severity": [3, 4],
    ...     "claim": ["confirmed", "alleged"], "year": [2024, 2020]})
    >>> parts = incident_trace(incidents, population={"KEN": 20e6})
    >>> parts.loc[parts["indicator"] == "incident_count", "contribution"].round(4).tolist()
    [1.0, 1.0]
    """,
)


def _exposure(
    sums: pd.DataFrame,
    people: pd.Series,
    seen: pd.Series | None,
    rule: IncidentWeights,
    year: int | None,
) -> Array:
    """Return million people, times the part of incidents that is detected."""
    problems = Problems("incidents")
    size, _ = lookup(people, list(sums["country"]), year)
    part = np.ones(len(sums))
    require_figures(size, sums, "population", problems, rule.on_missing)
    if seen is not None:
        part, _ = lookup(seen, list(sums["country"]), year)
        require_figures(part, sums, "detection", problems, rule.on_missing)
    problems.raise_as(DataError)
    return size / MILLION * part


def _checked(records: Records, weights: Mapping[str, float], problems: Problems) -> Records:
    nw = narwhals()
    records = resolve_countries(records, ("host",), problems)
    records = _victims(records, problems)
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


def _victims(records: Records, problems: Problems) -> Records:
    """Return records with victims as codes; where a host is named the victim need not be a country.

    An organisation, or nothing, is then no victim country: the incident counts as hosted only.
    """
    if not records.has("host"):
        return resolve_countries(records, ("country",), problems, required=("country",))
    nw = narwhals()
    hosted = nw.when(nw.col("host").is_null()).then(nw.lit(0)).otherwise(nw.lit(1))
    records = records.with_columns(hosted=hosted)
    seen = collect(records.frame.group_by("country", "hosted").agg(nw.len().alias("records")))
    cells = without_missing_marks(seen["country"])
    codes, column = to_iso3(cells), records.names["country"]
    cells_of_victims = zip(cells, codes, seen["hosted"], seen["records"], strict=True)
    for cell, code, has_host, count in cells_of_victims:
        if code is not None or has_host:
            continue
        if not str(cell).strip():
            problems.add(
                f"`{column}` is empty in {int(count):,} record(s) without a host: every record "
                "needs a country"
            )
        else:
            problems.add(
                f"`{column}` is {cell!r} in {int(count):,} record(s) without a host: not a country; "
                "write a name or an ISO 3166 code, or name the host"
            )
    table = {
        str(raw): str(code)
        for raw, code in zip(seen["country"], codes, strict=True)
        if code is not None
    }
    table = table or {"\0": "\0"}
    mapped = nw.col("country").replace_strict(
        list(table), list(table.values()), default=None, return_dtype=nw.String
    )
    return records.with_columns(country=mapped)


def _countries(countries: str | Iterable[str], people: pd.Series, problems: Problems) -> list[str]:
    """Return the countries for which no record means no incident."""
    if countries == "recorded":
        return []
    if countries == "all":
        if "constant" in people.attrs:
            problems.add('countries="all" needs population by country, received one number')
        return sorted(set(people.index.get_level_values(0)))
    names = texts_in("countries", countries)
    codes = to_iso3(list(names))
    for name, code in zip(names, codes, strict=True):
        if code is None:
            problems.add(
                f'countries: {name!r} is not a country; give "recorded", "all" or countries'
            )
    return [str(code) for code in codes if code is not None]


def _weighed(records: Records, rule: IncidentWeights, year: int | None) -> Records:
    """Return weight, count and claim of each incident; those later than the year of reference weigh 0.

    Without a year every incident counts in full.
    """
    nw = narwhals()
    age = nw.lit(0.0) if year is None else float(year) - nw.col("year")
    in_window = nw.when(age >= 0.0).then(nw.lit(1.0)).otherwise(0.0)
    sure = nw.lit(1.0)
    if records.has("claim"):
        sure = by_name(nw.col("claim"), rule.claim_weights, 0.0)
    records = records.with_columns(known=in_window, sure=sure, age=age)
    fresh = 2.0 ** (0.0 - nw.col("age") / rule.half_life)
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
            f"claim_{name}": nw.when(nw.col("claim") == name).then(nw.col("known")).otherwise(0.0)
            for name in rule.claim_weights
        }
        records = records.with_columns(**claims)
    return records


def _table(records: Records, countries: list[str]) -> pd.DataFrame:
    nw = narwhals()
    schema = records.frame.collect_schema()
    claims = [name for name in schema if name.startswith("claim_")]
    sums = ["weight", "weight_squares", "event", "later", "known", *claims]
    victims = records.frame.filter(~nw.col("country").is_null())
    grouped = victims.group_by("country").agg(
        *(nw.col(name).sum() for name in sums), nw.col("weight").max().alias("largest")
    )
    table = collect(grouped).set_index("country")
    return (
        table.reindex(table.index.union(countries), fill_value=0.0)
        .rename_axis("country")
        .reset_index()
    )


def _rows(
    table: pd.DataFrame, exposure: Array, confidence_level: float, *, detected: bool
) -> tuple[Rows, Factors]:
    rows = Rows(confidence_level=confidence_level)
    notes = _notes(table, detected=detected)
    factors: Factors = {}
    kinds = (
        ("incident_rate", "weight", "weight_squares"),
        ("incident_count_rate", "event", "event"),
    )
    for name, column, second in kinds:
        _add_rates(rows, factors, table, exposure, (name, column, second), notes, confidence_level)
    once, counted = np.ones(len(table)), table["known"]
    rows.add(table, "incident_count", table["event"], unit="number", records=counted, note=notes)
    factors["incident_count"] = ("event", once)
    for column in (str(name) for name in table if str(name).startswith("claim_")):
        claim = column.removeprefix("claim_")
        name = f"incidents_{claim}"
        rows.add(table, name, table[column], unit="number", claim=claim, records=counted)
        factors[name] = (column, once)
    return rows, factors


def _add_rates(
    rows: Rows,
    factors: Factors,
    table: pd.DataFrame,
    exposure: Array,
    names: tuple[str, str, str],
    notes: list[str],
    confidence_level: float,
) -> None:
    """Add a rate and, where anything happened at all, its shrunken form.

    `names` are those of the indicator and of the columns of sums and of sums of squares.
    """
    name, column, second = names
    sums, squares = table[column].to_numpy(np.float64), table[second].to_numpy(np.float64)
    top = table["largest"].to_numpy(np.float64) if column == "weight" else np.ones(len(table))
    # Where nothing happened, the worst that happened anywhere is what could have.
    top = np.where(sums > 0, top, max(float(top.max()), 1e-12))
    fine = np.isfinite(exposure)
    check_range(exposure[fine])
    safe = np.where(fine, exposure, 1.0)
    same: dict[str, Any] = {"unit": "per million", "records": table["known"]}
    rows.add(
        table,
        name,
        np.where(fine, sums / safe, np.nan),
        note=notes,
        std_error=np.sqrt(squares) / safe,
        bounds=rate_interval(sums, squares, top, safe, confidence_level),
        **same,
    )
    factors[name] = (column, 1.0 / safe)
    if sums[fine].sum() <= 0:
        return
    fit = shrunk_rates(sums[fine], safe[fine], squares[fine], confidence_level=confidence_level)
    fitted = (fit.rate, fit.standard_deviation, fit.lower, fit.upper)
    rate, error, lower, upper = (_spread(values, fine) for values in fitted)
    shrunk = [
        f"pooled {fit.pooled:.3g} per million, own rate counts {100 * share:.0f} %"
        for share in np.nan_to_num(_spread(fit.weight, fine))
    ]
    rows.add(
        table, f"{name}_shrunk", rate, note=shrunk, std_error=error, bounds=(lower, upper), **same
    )
    factors[f"{name}_shrunk"] = (column, 1.0 / (safe + fit.prior_exposure))


def _spread(values: Array, fine: Mask) -> Array:
    out = np.full(len(fine), np.nan)
    out[fine] = values
    return out


def _notes(table: pd.DataFrame, *, detected: bool) -> list[str]:
    return [
        "; ".join(
            filter(
                None,
                (
                    "no record; the register is taken to cover this country"
                    if not dated and not later
                    else "",
                    f"{int(later)} later record(s) left out" if later else "",
                    "divided by the part detected" if detected else "",
                ),
            )
        )
        for dated, later in zip(table["known"], table["later"], strict=True)
    ]


def _hosted(records: Records, rows: Rows) -> None:
    nw = narwhals()
    grouped = records.frame.filter(~nw.col("host").is_null()).group_by("host")
    table = collect(grouped.agg(nw.col("event").sum(), nw.col("known").sum()))
    rows.add(
        table.rename(columns={"host": "country"}),
        "incidents_hosted",
        table["event"],
        unit="number",
        records=table["known"],
        note="as host, whoever the victim was",
    )


def _trace(
    records: Records, table: pd.DataFrame, factors: Factors, result: pd.DataFrame
) -> pd.DataFrame:
    require_rows(records.located, records.subject)
    sums = sorted({"event", *(column for column, _ in factors.values())})
    hosts = ["host"] if records.has("host") else []
    every = collect(records.frame.select("country", "row", *hosts, *sums))
    frame = every[every["country"].notna()]
    position = pd.Index(table["country"]).get_indexer(frame["country"])
    parts = []
    for indicator, (column, factor) in factors.items():
        contribution = frame[column].to_numpy() * factor[position]
        part = frame.assign(indicator=indicator, contribution=contribution)
        parts.append(part[frame[column].ne(0.0)])
    if hosts:
        hosted = every[every["host"].notna() & every["event"].ne(0.0)]
        hosted = hosted.assign(country=hosted["host"], contribution=hosted["event"])
        parts.append(hosted.assign(indicator="incidents_hosted"))
    return with_remainder(trace_frame(parts), result)
