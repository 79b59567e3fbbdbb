"""Surveillance adoption: deployments to breadth, intensity, suppliers, safeguards and diffusion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .._util.checks import texts_in
from .._util.types import Array
from ..errors import DataError, Problems, UnknownNameError, did_you_mean
from . import _measures as ms
from ._concentration import concentration_table
from ._frames import Records, check, collect, narwhals, open_records, resolve_countries, year_rules
from ._measured import Measured, Years, by_year, returns_table, trace_of, years_of
from ._measures import Setting
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
from ._supplier_sums import Job, with_spellings
from ._supplier_trace import contract_trace
from ._weighted import named_rule
from .columns import Columns, Roles, columns_of
from .diffusion import logistic_diffusion
from .options import AdoptionOptions, OnMissing, option_of
from .rates import rate_interval
from .suppliers import focal_codes

__all__ = [
    "AIGS_TECHNIQUES",
    "DEPLOYMENTS",
    "surveillance_adoption",
    "surveillance_trace",
    "unseen_kinds",
]

AIGS_TECHNIQUES = ("smart city", "facial recognition", "smart policing")
"""The techniques of the Carnegie AI Global Surveillance index of 2019."""

DEPLOYMENTS: Roles = {
    "country": "iso3",
    "technique": "technique",
    "supplier": "vendor",
    "origin": "vendor_iso3",
    "year_column": "year",
    "record": None,
}
"""Columns of deployments."""

BASES = ("population", "safeguards", "saturation")
"""Figures by country that adoption is set against."""


def unseen_kinds(once: Array, twice: Array, records: Array) -> Array:
    """Return kinds that exist but were not seen, judged by how many were seen once and twice.

    ``(n - 1)/n * f1 (f1 - 1) / (2 (f2 + 1))``: Chao, A. (1984), Nonparametric estimation of the
    number of classes in a population, Scandinavian Journal of Statistics 11, bias-corrected form.

    Examples
    --------
    >>> unseen_kinds(np.array([4.0]), np.array([1.0]), np.array([6.0])).tolist()
    [2.5]
    """
    n = np.maximum(records, 1.0)
    return np.asarray((n - 1.0) / n * once * (once - 1.0) / (2.0 * (twice + 1.0)))


@dataclass(frozen=True)
class _Adoption:
    """The options of one call, checked."""

    techniques: tuple[str, ...] | None
    figures: Mapping[str, pd.Series]
    setting: Setting
    on_missing: OnMissing


@returns_table
def surveillance_adoption(
    deployments: object,
    *,
    columns: Columns | Mapping[str, str | None] | None = None,
    techniques: str | Iterable[str] | None = None,
    as_of: Years = "latest",
    bases: Mapping[str, PerCountry] | None = None,
    focal: str | Iterable[str] | None = "CHN",
    options: AdoptionOptions | Mapping[str, object] | None = None,
) -> Measured:
    """Measure how widely surveillance technology is in use, from whom, under what safeguards.

    Parameters
    ----------
    deployments : frame
        One row a deployment, from any engine `supplier_concentration` takes. Countries without a
        row have no indicator: absence of evidence is not absence.
    columns : Columns or mapping
        ``country`` (iso3), ``technique``, ``supplier`` (vendor), ``origin`` (vendor_iso3),
        ``year_column`` (year), ``record``. Supplier, origin and year may be None.
    techniques : str or list of str, optional
        Techniques that count; without it, those that appear anywhere in the frame. See
        `AIGS_TECHNIQUES`. Case does not matter.
    as_of : int, list of int or "latest"
        Deployments up to this year count. Several years give a row each.
    bases : mapping of base to figures by country, optional
        ``population``: people (urban residents, for city systems), gives
        ``surveillance_intensity``. ``safeguards``: freedom or rights score, 0-100, higher is
        better, gives ``adoption_x_safeguards_gap``. ``saturation``: how many deployments there
        could be (cities, say); diffusion is then of deployments, and otherwise of techniques.
    focal : str or list of str, optional
        Origins whose share is reported.
    options : AdoptionOptions or mapping
        Unknown suppliers, missing bases, level of the intervals.

    Returns
    -------
    DataFrame
        Long data format, per country: ``surveillance_adoption`` (techniques present of those that
        count, 0-1; the upper bound adds the techniques that records suggest but do not show),
        ``surveillance_intensity`` (deployments per million), ``adoption_x_safeguards_gap``
        (adoption * (1 - safeguards / 100)), ``surveillance_supplier_hhi``,
        ``surveillance_origin_hhi`` and their kin, ``surveillance_focal_share``, and from three
        dated years on ``surveillance_diffusion_speed`` (per year), ``..._midpoint`` (year) and
        ``..._fitted`` (0-1). `surveillance_trace` returns the part of each deployment of all but
        the diffusion curve.

    Raises
    ------
    DataError
        With every problem at once.

    Notes
    -----
    Adoption counts presence, not abuse; read it with safeguards. Unseen techniques: Chao (1984);
    intensity: Garwood's Poisson limits; diffusion: `dsr_risk.records.diffusion`; suppliers: count
    shares, as in `supplier_concentration`.

    Examples
    --------
    >>> deployments = pd.DataFrame({"iso3": ["KEN", "KEN"], "year": [2016, 2019],
    ...     "technique": ["smart city", "facial recognition"],
    ...     "vendor": ["Huawei", "NEC"], "vendor_iso3": ["CHN", "JPN"]})
    >>> result = surveillance_adoption(
    ...     deployments, techniques=AIGS_TECHNIQUES, bases={"safeguards": {"KEN": 38.0}})
    >>> wanted = ["surveillance_adoption", "adoption_x_safeguards_gap", "surveillance_focal_share"]
    >>> result.set_index("indicator").loc[wanted, "value"].round(6).tolist()
    [0.666667, 0.413333, 0.5]
    """
    rule = option_of(AdoptionOptions, options, "options")
    roles = columns_of(columns, DEPLOYMENTS)
    if roles["supplier"] is None and roles["origin"] is not None:
        raise DataError(
            "`columns`: the origin of a supplier needs the column of the supplier, received "
            "supplier=None"
        )
    records = open_records(
        deployments,
        "deployments",
        {**roles, "amount": None},
        text=("country", "technique", "supplier", "origin"),
        number=("amount",),
        counted="amount",
    )
    problems = Problems("deployments")
    wanted = _folded(techniques)
    records = _checked(records, wanted, problems)
    setting = Setting(
        remainder=rule.remainder,
        confidence_level=rule.confidence_level,
        top=1,
        focal=focal_codes(focal),
        prefix="surveillance_",
    )
    adoption = _Adoption(wanted, _bases(bases, problems), setting, rule.on_missing)
    problems.raise_as(DataError)
    years = years_of("latest" if as_of is None else as_of, records, roles["year_column"])
    return by_year(years, lambda year: _state(records, year, adoption))


surveillance_trace = trace_of(
    surveillance_adoption,
    "surveillance_trace",
    """
    >>> deployments = pd.DataFrame({"iso3": ["KEN", "KEN"], "year": [2016, 2019],
    ...     "technique": ["smart city", "facial recognition"],
    ...     "vendor": ["Huawei", "NEC"], "vendor_iso3": ["CHN", "JPN"]})
    >>> parts = surveillance_trace(
    ...     deployments, techniques=AIGS_TECHNIQUES, bases={"safeguards": {"KEN": 38.0}})
    >>> parts.loc[parts["indicator"] == "adoption_x_safeguards_gap", "contribution"].round(4).tolist()
    [0.2067, 0.2067]
    """,
)


def _state(records: Records, year: int | None, adoption: _Adoption) -> Measured:
    """Return every indicator at the end of a year."""
    dated = records
    if year is not None:
        dated = replace(records, frame=records.frame.filter(narwhals().col("year") <= year))
    kinds = _kinds(dated)
    rows = Rows(confidence_level=adoption.setting.confidence_level)
    sums = _presence(kinds, adoption.techniques)
    problems = Problems("deployments")
    figures = _figures(sums, adoption, year, problems)
    problems.raise_as(DataError)
    _adoption_rows(sums, figures, rows, adoption.setting.confidence_level)
    if dated.has("supplier"):
        _supplier_rows(dated, adoption.setting, rows)
    if dated.has("year"):
        _diffusion_rows(dated, kinds, sums, figures, year, rows)
    result = rows.frame()

    def parts() -> pd.DataFrame:
        require_rows(dated.located, dated.subject)
        traces = [_trace(dated, result)]
        if dated.has("supplier"):
            traces.append(contract_trace(_job(dated, adoption), result, {}))
        return trace_frame(traces)

    return Measured(result, parts)


def _bases(bases: Mapping[str, PerCountry] | None, problems: Problems) -> dict[str, pd.Series]:
    given = bases or {}
    for name in given:
        if name not in BASES:
            raise UnknownNameError(f"unknown base `{name}`; {did_you_mean(name, BASES)}")
    most = {"safeguards": 100.0}
    return {
        name: per_country(
            given[name], name, problems, zero=name == "safeguards", most=most.get(name, np.inf)
        )
        for name in BASES
        if given.get(name) is not None
    }


def _folded(techniques: str | Iterable[str] | None) -> tuple[str, ...] | None:
    if techniques is None:
        return None
    names = texts_in("techniques", techniques)
    if not names:
        raise DataError("techniques: name at least one, or leave it out to take those recorded")
    return tuple(dict.fromkeys(" ".join(name.split()).lower() for name in names))


def _checked(records: Records, wanted: tuple[str, ...] | None, problems: Problems) -> Records:
    nw = narwhals()
    records = resolve_countries(records, ("country", "origin"), problems, required=("country",))
    rules = [named_rule("technique", "technique")]
    check(records, rules + (year_rules("year") if records.has("year") else []), problems)
    records = records.with_columns(
        technique=nw.col("technique").str.strip_chars().str.to_lowercase()
    )
    if wanted is not None:
        seen = collect(records.frame.group_by("technique").agg(nw.len().alias("records")))
        column = records.names["technique"]
        for name, count in zip(seen["technique"], seen["records"], strict=True):
            if name and name not in wanted:
                problems.add(
                    f"`{column}` is {name!r} in {int(count):,} record(s), not one of the techniques: "
                    f"{did_you_mean(name, wanted)}"
                )
    return records


def _kinds(records: Records) -> pd.DataFrame:
    """Return deployments, and the first year, of each country and technique: a small table."""
    nw = narwhals()
    first = [nw.col("year").min()] if records.has("year") else []
    grouped = records.frame.group_by("country", "technique").agg(nw.len().alias("records"), *first)
    table = collect(grouped)
    if table.empty:
        raise DataError("deployments: there is no record")
    return table


def _presence(kinds: pd.DataFrame, techniques: tuple[str, ...] | None) -> pd.DataFrame:
    size = len(techniques or set(kinds["technique"]))
    grouped = kinds.groupby("country")
    table = pd.DataFrame(
        {
            "kinds": grouped.size(),
            "records": grouped["records"].sum(),
            "once": grouped["records"].agg(lambda n: (n == 1).sum()),
            "twice": grouped["records"].agg(lambda n: (n == 2).sum()),
        }
    ).astype(np.float64)
    return table.assign(tracked=float(size)).reset_index()


def _figures(
    table: pd.DataFrame, adoption: _Adoption, year: int | None, problems: Problems
) -> dict[str, Array]:
    figures = {}
    for name, series in adoption.figures.items():
        figures[name], _ = lookup(series, list(table["country"]), year)
        require_figures(figures[name], table, name, problems, adoption.on_missing)
    return figures


def _adoption_rows(
    table: pd.DataFrame, figures: Mapping[str, Array], rows: Rows, confidence_level: float
) -> None:
    seen, tracked, n = (
        table[name].to_numpy(np.float64) for name in ("kinds", "tracked", "records")
    )
    unseen = unseen_kinds(table["once"].to_numpy(), table["twice"].to_numpy(), n)
    share, top = seen / tracked, np.minimum((seen + unseen) / tracked, 1.0)
    rows.add(
        table,
        "surveillance_adoption",
        share,
        unit="0-1",
        records=n,
        bounds=(share, top),
        note=[f"{int(k)} of {int(t)} techniques" for k, t in zip(seen, tracked, strict=True)],
    )
    if "safeguards" in figures:
        gap = 1.0 - figures["safeguards"] / 100.0
        rows.add(
            table,
            "adoption_x_safeguards_gap",
            share * gap,
            unit="0-1",
            records=n,
            bounds=(share * gap, top * gap),
        )
    if "population" in figures:
        size = figures["population"] / 1e6
        rows.add(
            table,
            "surveillance_intensity",
            n / size,
            unit="per million",
            records=n,
            std_error=np.sqrt(n) / size,
            bounds=rate_interval(n, n, np.ones(len(n)), size, confidence_level),
        )


def _supplier_rows(records: Records, setting: Setting, rows: Rows) -> None:
    sums = concentration_table(
        records, ("country",), focal=setting.focal, top=setting.top, merge=setting.merge
    )
    sums = with_spellings(sums, records, ("country",))
    problems = Problems("deployments")
    for p in ("s_", "o_") if "o_part" in sums else ("s_",):
        unknown = sums["country"][sums[p + "unknown"] > 0]
        if setting.remainder == "error" and len(unknown):
            who = "supplier" if p == "s_" else "origin"
            problems.add(f'{who} unknown in {", ".join(unknown)}: name it, or give remainder="any"')
    problems.raise_as(DataError)
    ms.level_rows(sums, "s_", "supplier", setting, rows)
    ms.top_rows(sums, setting, rows)
    if "o_part" in sums:
        ms.level_rows(sums, "o_", "origin", setting, rows)
    if "o_part" in sums and setting.focal:
        ms.focal_rows(sums, setting, rows)
    ms.unknown_rows(sums, setting, rows)


def _job(records: Records, adoption: _Adoption) -> Job:
    """Return deployments as contracts of one each, to trace their suppliers."""
    return Job(records, ("country",), "amount", "both", adoption.setting, None, adoption.on_missing)


def _diffusion_rows(
    records: Records,
    kinds: pd.DataFrame,
    table: pd.DataFrame,
    figures: Mapping[str, Array],
    year: int | None,
    rows: Rows,
) -> None:
    counts, ceiling = kinds.assign(records=1.0), table["tracked"].to_numpy(np.float64)
    if "saturation" in figures:
        nw = narwhals()
        grouped = records.frame.group_by("country", "year").agg(nw.len().alias("records"))
        counts, ceiling = collect(grouped), figures["saturation"]
    first = int(counts["year"].min())
    years = np.arange(first - 1, int(year or first) + 1)
    countries = pd.Index(table["country"])
    adopted = np.zeros((len(countries), len(years)))
    cells = countries.get_indexer(counts["country"]), counts["year"].to_numpy(int) - years[0]
    np.add.at(adopted, cells, counts["records"].to_numpy(np.float64))
    adopted = adopted.cumsum(axis=1)
    over = adopted[:, -1] > ceiling
    problems = Problems("deployments")
    for name, count, most in zip(countries[over], adopted[over, -1], ceiling[over], strict=True):
        problems.add(f"saturation of {name} is {most:g}, below its {count:g} deployments")
    problems.raise_as(DataError)
    usable = np.isfinite(ceiling)
    fit = logistic_diffusion(years, adopted, np.where(usable, ceiling, adopted[:, -1]))
    fine, last = np.where(usable, 1.0, np.nan), float(years[-1])
    curves = (
        ("speed", fit.speed, "per year", fit.speed_error, (-np.inf, np.inf)),
        ("midpoint", fit.midpoint, "year", fit.midpoint_error, (-np.inf, np.inf)),
        ("fitted", fit.at(last), "0-1", fit.error_at(last), (0.0, 1.0)),
    )
    for name, value, unit, error, limits in curves:
        rows.add(
            table,
            f"surveillance_diffusion_{name}",
            value * fine,
            unit=unit,
            records=table["records"],
            note="logistic curve; errors are a lower bound",
            std_error=error,
            limits=limits,
        )


def _trace(records: Records, result: pd.DataFrame) -> pd.DataFrame:
    """Return share a technique's part among the deployments that show it; count each other deployment as one."""
    frame = collect(records.frame.select("country", "technique", "row"))
    values = result.set_index(["indicator", "iso3"])["value"]
    same = frame.groupby(["country", "technique"])["row"].transform("size")
    kinds = frame.groupby("country")["technique"].transform("nunique")
    every = frame.groupby("country")["row"].transform("size")
    part = {
        "surveillance_adoption": 1.0 / same / kinds,
        "adoption_x_safeguards_gap": 1.0 / same / kinds,
        "surveillance_intensity": 1.0 / every,
    }
    parts = [
        frame.assign(indicator=name, contribution=share * frame["country"].map(values.loc[name]))
        for name, share in part.items()
        if name in values.index.get_level_values(0)
    ]
    return with_remainder(
        trace_frame([rows[rows["contribution"].notna()] for rows in parts]), result
    )
