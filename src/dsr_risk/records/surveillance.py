"""Surveillance adoption: deployments to breadth, intensity, suppliers, safeguards and diffusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..errors import DataError, Problems, did_you_mean
from . import _measures as ms
from ._concentration import concentration_table
from ._frames import Records, check, collect, narwhals, open_records, resolve_countries, year_rules
from ._measures import Remainder, Setting
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
from ._supplier_sums import Job
from ._supplier_trace import contract_trace
from ._weighted import named_rule
from ._years import Years, one_year, over_years
from .diffusion import logistic_diffusion
from .rates import rate_interval
from .suppliers import focal_codes

__all__ = ["AIGS_TECHNIQUES", "surveillance_adoption", "unseen_kinds"]

AIGS_TECHNIQUES = ("smart city", "facial recognition", "smart policing")
"""The techniques of the Carnegie AI Global Surveillance index of 2019."""


def unseen_kinds(once: Floats, twice: Floats, records: Floats) -> Floats:
    """Kinds that exist but were not seen, judged by how many were seen once and twice.

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
class Options:
    """How deployments become indicators."""

    at: int | None
    tracked: tuple[str, ...] | None
    setting: Setting
    on_missing: OnMissing


@over_years
def surveillance_adoption(
    deployments: object,
    country: str = "iso3",
    technique: str = "technique",
    supplier: str | None = "vendor",
    origin: str | None = "vendor_iso3",
    year: str | None = "year",
    *,
    techniques: Sequence[str] | None = None,
    at: Years | Literal["latest"] = "latest",
    population: PerCountry | None = None,
    safeguards: PerCountry | None = None,
    saturation: PerCountry | None = None,
    focal: str | Sequence[str] | None = "CHN",
    remainder: Remainder = "any",
    confidence: float = 0.95,
    on_missing: OnMissing = "error",
    record: str | None = None,
    trace: bool = False,
) -> Any:
    """How widely surveillance technology is in use, from whom, and under what safeguards.

    Parameters
    ----------
    deployments : frame
        One row a deployment, from any engine `supplier_concentration` takes. Countries without a
        row have no indicator: absence of evidence is not absence.
    country, technique, supplier, origin, year : str
        Columns; ``supplier``, ``origin`` and ``year`` may be None.
    techniques : sequence of str, optional
        Techniques that are tracked; without it, those that appear anywhere in the frame. See
        `AIGS_TECHNIQUES`. Case does not matter.
    at : int, sequence of int or "latest"
        Deployments up to this year count. Several years give a row each.
    population : by country, optional
        People (urban residents, for city systems): gives ``surveillance_intensity``.
    safeguards : by country, optional
        Freedom or rights score, 0-100, higher is better: gives ``adoption_x_safeguards_gap``.
    saturation : by country, optional
        How many deployments there could be (cities, say); diffusion is then of deployments, and
        otherwise of techniques.
    remainder : {"any", "other", "drop", "error"}
        What deployments without a supplier do to its shares; see `supplier_concentration`.

    Returns
    -------
    DataFrame
        Long data format, per country: ``surveillance_adoption`` (techniques present of those
        tracked, 0-1; the upper bound adds the techniques that records suggest but do not show),
        ``surveillance_intensity`` (deployments per million), ``adoption_x_safeguards_gap``
        (adoption * (1 - safeguards / 100)), ``surveillance_supplier_hhi``,
        ``surveillance_origin_hhi`` and their kin, ``surveillance_focal_share``, and from three dated years on
        ``surveillance_diffusion_speed`` (per year), ``..._midpoint`` (year) and ``..._fitted``
        (0-1). With ``trace``, also each deployment's part of all but the diffusion curve.

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
    ...     deployments, techniques=AIGS_TECHNIQUES, safeguards={"KEN": 38.0})
    >>> wanted = ["surveillance_adoption", "adoption_x_safeguards_gap", "surveillance_focal_share"]
    >>> result.set_index("indicator").loc[wanted, "value"].round(6).tolist()
    [0.666667, 0.413333, 0.5]
    """
    check_option("on_missing", on_missing, ("error", "skip"))
    check_option("remainder", remainder, ("error", "any", "other", "drop"))
    if supplier is None and origin is not None:
        raise DataError("the origin of a supplier needs its column, got supplier=None")
    records = open_records(
        deployments,
        "deployments",
        text={"country": country, "technique": technique, "supplier": supplier, "origin": origin},
        number={"amount": 1.0},
        year={"year": year},
        identifier=record,
    )
    problems = Problems("deployments")
    tracked = _tracked(techniques)
    records = _checked(records, tracked, problems)
    given = {"population": (population, np.inf), "safeguards": (safeguards, 100.0),
             "saturation": (saturation, np.inf)}  # fmt: skip
    figures = {
        name: per_country(one, name, problems, zero=name == "safeguards", most=most)
        for name, (one, most) in given.items()
        if one is not None
    }
    problems.raise_as(DataError)
    setting = Setting(remainder, True, 0.0, confidence, 1, focal_codes(focal), "surveillance_")
    records, options = _until(records, at, Options(None, tracked, setting, on_missing))
    kinds = _kinds(records)
    rows = Rows(confidence=confidence)
    table = _presence(kinds, options)
    found = _figures(table, figures, options, problems)
    problems.raise_as(DataError)
    _adoption_rows(table, found, rows, confidence)
    if records.has("supplier"):
        _supplier_rows(records, setting, rows)
    if records.has("year"):
        _diffusion_rows(records, kinds, table, found, options, rows)
    result = rows.frame()
    if not trace:
        return result
    require_rows(records.located, "deployments")
    parts = [_trace(records, result)]
    if records.has("supplier"):
        parts.append(contract_trace(_job(records, setting, on_missing), result, {}))
    return result, trace_frame(parts)


def _tracked(techniques: Sequence[str] | None) -> tuple[str, ...] | None:
    if techniques is None:
        return None
    names = tuple(dict.fromkeys(" ".join(one.split()).lower() for one in techniques))
    if not names:
        raise DataError("techniques: name at least one, or leave it out to take those recorded")
    return names


def _checked(records: Records, tracked: tuple[str, ...] | None, problems: Problems) -> Records:
    nw = narwhals()
    records = resolve_countries(records, ("country", "origin"), problems, required=("country",))
    rules = [named_rule("technique", "technique")]
    check(records, rules + (year_rules("year") if records.has("year") else []), problems)
    records = records.with_columns(
        technique=nw.col("technique").str.strip_chars().str.to_lowercase()
    )
    if tracked is not None:
        seen = collect(records.frame.group_by("technique").agg(nw.len().alias("records")))
        column = records.names["technique"]
        for name, count in zip(seen["technique"], seen["records"], strict=True):
            if name and name not in tracked:
                problems.add(
                    f"`{column}` is {name!r} in {int(count):,} record(s), not a tracked technique: "
                    f"{did_you_mean(name, tracked)}"
                )
    return records


def _until(records: Records, at: Years | str, options: Options) -> tuple[Records, Options]:
    nw = narwhals()
    if not records.has("year"):
        return records, options
    until = None if isinstance(at, str) else one_year(at)
    if until is None:
        check_option("at", at, ("latest",))
        newest = collect(records.frame.select(nw.col("year").max()))["year"]
        if newest.empty or np.isnan(newest.iloc[0]):
            raise DataError("deployments: there is no record")
        until = int(newest.iloc[0])
    kept = Records(records.frame.filter(nw.col("year") <= until), records.subject, records.names,
                   records.located)  # fmt: skip
    return kept, replace(options, at=until)


def _kinds(records: Records) -> pd.DataFrame:
    """Deployments, and the first year, of each country and technique: a small table."""
    nw = narwhals()
    first = [nw.col("year").min()] if records.has("year") else []
    grouped = records.frame.group_by("country", "technique").agg(nw.len().alias("records"), *first)
    table = collect(grouped)
    if table.empty:
        raise DataError("deployments: there is no record")
    return table


def _presence(kinds: pd.DataFrame, options: Options) -> pd.DataFrame:
    size = len(options.tracked or set(kinds["technique"]))
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
    table: pd.DataFrame, figures: dict[str, pd.Series], options: Options, problems: Problems
) -> dict[str, Floats]:
    found = {}
    for name, series in figures.items():
        found[name], _ = lookup(series, list(table["country"]), options.at)
        require_figures(found[name], table, name, problems, options.on_missing)
    return found


def _adoption_rows(
    table: pd.DataFrame, found: dict[str, Floats], rows: Rows, confidence: float
) -> None:
    seen, tracked, n = (table[one].to_numpy(np.float64) for one in ("kinds", "tracked", "records"))
    unseen = unseen_kinds(table["once"].to_numpy(), table["twice"].to_numpy(), n)
    share, top = seen / tracked, np.minimum((seen + unseen) / tracked, 1.0)
    rows.add(table, "surveillance_adoption", share, unit="0-1", records=n, bounds=(share, top),
             note=[f"{int(k)} of {int(t)} techniques" for k, t in zip(seen, tracked, strict=True)])  # fmt: skip
    if "safeguards" in found:
        gap = 1.0 - found["safeguards"] / 100.0
        rows.add(table, "adoption_x_safeguards_gap", share * gap, unit="0-1", records=n,
                 bounds=(share * gap, top * gap))  # fmt: skip
    if "population" in found:
        size = found["population"] / 1e6
        bounds = rate_interval(n, n, np.ones(len(n)), size, confidence)
        rows.add(table, "surveillance_intensity", n / size, unit="per million", records=n,
                 std_error=np.sqrt(n) / size, bounds=bounds)  # fmt: skip


def _supplier_rows(records: Records, setting: Setting, rows: Rows) -> None:
    sums = collect(concentration_table(records, ("country",), focal=setting.focal, top=setting.top))
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


def _job(records: Records, setting: Setting, on_missing: OnMissing) -> Job:
    """Deployments as contracts of one each, to trace their suppliers."""
    return Job(records, ("country",), "amount", "both", setting, None, on_missing)


def _diffusion_rows(
    records: Records, kinds: pd.DataFrame, table: pd.DataFrame, found: dict[str, Floats],
    options: Options, rows: Rows,
) -> None:  # fmt: skip
    counts, ceiling = kinds.assign(records=1.0), table["tracked"].to_numpy(np.float64)
    if "saturation" in found:
        nw = narwhals()
        grouped = records.frame.group_by("country", "year").agg(nw.len().alias("records"))
        counts, ceiling = collect(grouped), found["saturation"]
    first = int(counts["year"].min())
    years = np.arange(first - 1, int(options.at or first) + 1)
    countries = pd.Index(table["country"])
    adopted = np.zeros((len(countries), len(years)))
    at = countries.get_indexer(counts["country"]), counts["year"].to_numpy(int) - years[0]
    np.add.at(adopted, at, counts["records"].to_numpy(np.float64))
    adopted = adopted.cumsum(axis=1)
    over = adopted[:, -1] > ceiling
    problems = Problems("deployments")
    for name, count, most in zip(countries[over], adopted[over, -1], ceiling[over], strict=True):
        problems.add(f"saturation of {name} is {most:g}, below its {count:g} deployments")
    problems.raise_as(DataError)
    usable = np.isfinite(ceiling)
    fit = logistic_diffusion(years, adopted, np.where(usable, ceiling, adopted[:, -1]))
    note = "logistic curve; errors are a lower bound"
    fine = np.where(usable, 1.0, np.nan)
    n = table["records"]
    name = "surveillance_diffusion"
    rows.add(table, f"{name}_speed", fit.speed * fine, unit="per year", records=n, note=note,
             std_error=fit.speed_error)  # fmt: skip
    rows.add(table, f"{name}_midpoint", fit.midpoint * fine, unit="year", records=n, note=note,
             std_error=fit.midpoint_error)  # fmt: skip
    rows.add(table, f"{name}_fitted", fit.at(float(years[-1])) * fine, unit="0-1", records=n,
             std_error=fit.error_at(float(years[-1])), limits=(0.0, 1.0), note=note)  # fmt: skip


def _trace(records: Records, result: pd.DataFrame) -> pd.DataFrame:
    """A technique's part is shared by the deployments that show it; others count one each."""
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
    return with_remainder(trace_frame([one[one["contribution"].notna()] for one in parts]), result)
