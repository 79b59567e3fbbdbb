"""The result side: rows of the long data format, traces, and figures given per country."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from statistics import NormalDist
from typing import TypedDict, Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._util.checks import as_float, between, shown as written
from .._util.types import Array
from ..data.countries import to_iso3
from ..errors import DataError, Problems
from .options import OnMissing

PerCountry = pd.Series | pd.DataFrame | Mapping[object, float] | float
"""Figures by iso3, or by (iso3, year): a Series, a dict, a frame with iso3[, year] and one value
column, or one number for all."""

COLUMNS = (
    "iso3",
    "year",
    "indicator",
    "value",
    "unit",
    "std_error",
    "lower",
    "upper",
    "claim",
    "focal",
    "n_records",
    "note",
)
TRACE_COLUMNS = ("iso3", "year", "indicator", "record", "contribution")


class Cells(TypedDict, total=False):
    """Facts of the values of one indicator; see ``Rows.add``."""

    std_error: npt.ArrayLike
    bounds: tuple[npt.ArrayLike, npt.ArrayLike]
    limits: tuple[float, float]
    note: object
    claim: object
    focal: object


class Rows:
    """Gathers one indicator after another over the same table of countries (and years)."""

    def __init__(self, *, confidence_level: float = 0.90) -> None:
        between("confidence_level", confidence_level, 0, 1)
        self.z = NormalDist().inv_cdf(0.5 + confidence_level / 2.0)
        self.parts: list[pd.DataFrame] = []

    def add(
        self,
        keys: pd.DataFrame,
        indicator: str,
        value: npt.ArrayLike,
        *,
        unit: str,
        records: npt.ArrayLike,
        **cells: Unpack[Cells],
    ) -> None:
        """Add one indicator; without ``bounds`` the interval is value -/+ z * ``std_error``.

        Bounds are held inside ``limits``. The other cells are columns of their own.

        Countries whose value is NaN get no row: an absent cell is a missing one.
        """
        size = len(keys)
        values = np.broadcast_to(np.asarray(value, dtype=np.float64), size)
        errors = np.asarray(cells.pop("std_error", np.nan), dtype=np.float64)
        errors = np.broadcast_to(errors, size)
        limits = cells.pop("limits", (-np.inf, np.inf))
        bounds = cells.pop("bounds", (values - self.z * errors, values + self.z * errors))
        lower, upper = (np.clip(np.asarray(b, dtype=np.float64), *limits) for b in bounds)
        # A value that is a bound itself may lie beyond it by the rounding of a sum.
        slack = 1e-9 * np.maximum(1.0, np.abs(values))
        lower = np.where((lower > values) & (lower <= values + slack), values, lower)
        upper = np.where((upper < values) & (upper >= values - slack), values, upper)
        part = pd.DataFrame(
            {
                "iso3": keys["country"].to_numpy(),
                **({"year": keys["year"].astype(int).to_numpy()} if "year" in keys else {}),
                "indicator": indicator,
                "value": values,
                "unit": unit,
                "std_error": errors,
                "lower": np.broadcast_to(lower, size),
                "upper": np.broadcast_to(upper, size),
                "n_records": np.broadcast_to(np.asarray(records, dtype=np.float64), size),
                "note": "",
                **cells,
            }
        )
        self.parts.append(part[np.isfinite(values)])

    def frame(self) -> pd.DataFrame:
        """Return all rows, by country, year and the order in which indicators were added."""
        if not self.parts:
            raise DataError("there is no record to compute an indicator from")
        out = pd.concat([part for part in self.parts if len(part)] or self.parts[:1])
        out["n_records"] = out["n_records"].astype(int)
        order = {name: i for i, name in enumerate(dict.fromkeys(out["indicator"]))}
        by = [name for name in ("iso3", "year") if name in out]
        out = out.assign(_order=out["indicator"].map(order)).sort_values(
            [*by, "_order"], kind="stable"
        )
        for name in ("claim", "focal", "note"):
            if name in out:
                out[name] = out[name].astype(object).fillna("").astype("str")
        return out[[name for name in COLUMNS if name in out]].reset_index(drop=True)


def trace_frame(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return traces of several indicators under one another: their contributions sum to the values."""
    if not parts:
        return pd.DataFrame(columns=["iso3", "indicator", "record", "contribution"])
    trace = pd.concat([part for part in parts if len(part)] or list(parts)[:1])
    trace = trace.rename(columns={"country": "iso3", "row": "record"})
    trace = trace[[name for name in TRACE_COLUMNS if name in trace]]
    if "year" in trace:
        trace["year"] = trace["year"].astype(int)
    if pd.api.types.is_float_dtype(trace["record"]) and trace["record"].mod(1).eq(0).all():
        trace["record"] = trace["record"].astype(np.int64)
    by = [name for name in ("iso3", "year", "indicator") if name in trace]
    return trace.sort_values(by, kind="stable").reset_index(drop=True)


def require_rows(located: bool, subject: str) -> None:
    """Require a name of every record: a trace names records."""
    if not located:
        raise DataError(
            f"{subject}: rows of a lazy frame have no fixed position, so a trace cannot name them; "
            'give the column that identifies a record: columns={"record": ...}'
        )


def _figures(series: pd.Series) -> Array:
    """Return figures as float64; NaN for what is no number."""
    cells = [as_float(cell) if isinstance(cell, int) else cell for cell in series.to_numpy()]
    return pd.to_numeric(pd.Series(cells), errors="coerce").to_numpy(np.float64)


def per_country(
    values: PerCountry,
    name: str,
    problems: Problems,
    *,
    zero: bool = False,
    most: float = np.inf,
) -> pd.Series:
    """Return figures by country (and year) as a Series; unknown countries and bad figures are problems.

    Parameters
    ----------
    values : Series, mapping, frame or number
        See `PerCountry`. A frame's value column is the one called ``name`` or ``value``, or the
        only one besides iso3 and year.
    zero : bool
        Whether a figure may be 0; it must be above otherwise.
    most : float
        The largest figure allowed.

    Returns
    -------
    Series
        Indexed by iso3 or (iso3, year). A bare number gives an empty index and the number under
        ``attrs["constant"]``. Missing figures are left out.
    """
    rule = f"must be a number {'of at least' if zero else 'above'} 0"
    rule += f" and at most {most:g}" if np.isfinite(most) else ""
    if isinstance(values, int | float):
        values = min(max(values, -1e308), 1e308)
        if not ((values >= 0 if zero else values > 0) and values <= most):
            problems.add(f"{name} is {values:g}: {rule}")
        constant = pd.Series(dtype=np.float64)
        constant.attrs["constant"] = float(values)
        return constant
    series = _as_series(values, name)
    countries = series.index.get_level_values(0) if series.index.nlevels > 1 else series.index
    codes = to_iso3([country if isinstance(country, str) else "" for country in countries])
    unknown = np.array([code is None or code == "" for code in codes], dtype=bool)
    for country in dict.fromkeys(countries[unknown]):
        problems.add(f"{name}: {country!r} is not a country; write a name or an ISO 3166 code")
    numbers = _figures(series)
    given = pd.notna(series.to_numpy())
    fine = (numbers >= 0 if zero else numbers > 0) & (numbers <= most) & np.isfinite(numbers)
    wrong = given & ~fine & ~unknown
    for key, figure in zip(series.index[wrong], series.to_numpy()[wrong], strict=True):
        shown = f"{figure:g}" if isinstance(figure, float | np.number) else written(figure)
        problems.add(f"{name} of {_key(key)} is {shown}: {rule}")
    index: pd.Index | pd.MultiIndex = pd.Index(codes, name="iso3")
    if series.index.nlevels > 1:
        years = series.index.get_level_values(1).astype(int)
        index = pd.MultiIndex.from_arrays([codes, years], names=["iso3", "year"])
    out = pd.Series(numbers, index=index)[given & ~wrong & ~unknown]
    for key in dict.fromkeys(out.index[out.index.duplicated()]):
        problems.add(f"{name} of {_key(key)} is given more than once")
    unique: pd.Series = out[~out.index.duplicated()]
    return unique


def _key(key: object) -> str:
    return ", ".join(str(part) for part in key) if isinstance(key, tuple) else str(key)


def _as_series(values: pd.Series | pd.DataFrame | Mapping[object, float], name: str) -> pd.Series:
    if isinstance(values, pd.Series):
        return values
    if isinstance(values, Mapping):
        # Figures of any size: pandas makes no float of an integer beyond its range.
        return pd.Series(dict(values), dtype=object)
    if not isinstance(values, pd.DataFrame):
        raise DataError(
            f"{name} must be a number, or a Series, dict or frame by iso3 (or iso3 and year), "
            f"received {type(values).__name__}"
        )
    table = values if "iso3" in values else values.reset_index()
    if "iso3" not in table:
        raise DataError(f"{name}: the frame needs a column `iso3`, received {list(values.columns)}")
    keys = [column for column in ("iso3", "year") if column in table]
    rest = [column for column in table if column not in keys]
    chosen = next((column for column in (name, "value") if column in rest), None)
    if chosen is None and len(rest) != 1:
        raise DataError(f"{name}: name the value column `{name}` or `value`, received {rest}")
    return table.set_index(keys)[chosen or rest[0]]


def lookup(
    series: pd.Series, countries: Sequence[str], years: Sequence[int] | int | None
) -> tuple[Array, Array]:
    """Return the figure of each country, and the year it is of (NaN where the series has no years).

    With years on both sides they must agree. Results without a year take the newest figure.
    """
    size = len(countries)
    none = np.full(size, np.nan)
    if "constant" in series.attrs:
        return np.full(size, series.attrs["constant"]), none
    if series.index.nlevels == 1:
        return series.reindex(list(countries)).to_numpy(np.float64), none
    if years is None:
        newest = series[series.notna()].sort_index().groupby(level=0).tail(1)
        value = newest.droplevel(1).reindex(list(countries)).to_numpy(np.float64)
        year = pd.Series(newest.index.get_level_values(1), index=newest.index.get_level_values(0))
        return value, year.reindex(list(countries)).to_numpy(np.float64)
    at = np.broadcast_to(np.asarray(years, dtype=np.int64), size)
    wanted = pd.MultiIndex.from_arrays([list(countries), at])
    return series.reindex(wanted).to_numpy(np.float64), at.astype(np.float64)


def require_figures(
    values: Array, keys: pd.DataFrame, name: str, problems: Problems, on_missing: OnMissing
) -> None:
    """Require a figure for every country of the result, unless missing ones may be skipped."""
    if on_missing == "skip" or not np.isnan(values).any():
        return
    lacking = keys[np.isnan(values)]
    labels = lacking["country"].astype(str)
    if "year" in lacking:
        labels = labels + " " + lacking["year"].astype(int).astype(str)
    shown = ", ".join(labels[:20]) + (f" and {len(labels) - 20} more" if len(labels) > 20 else "")
    problems.add(
        f"{name} is missing for {shown}: add it, or leave the indicator out there with "
        '`on_missing="skip"`'
    )


def linear_trace(
    frame: pd.DataFrame, keys: Sequence[str], sources: Mapping[str, str], result: pd.DataFrame
) -> pd.DataFrame:
    """Return the trace of indicators that are each a multiple of a sum: ``sources`` maps them to columns.

    A record's part of an indicator is its part of the sum behind it, so parts add up to the value.
    """
    names = [name for name in ("iso3", "year") if name in result]
    frame = frame.rename(columns={"country": "iso3"})
    joint = [name for name in names if name in frame]
    parts = []
    for indicator, source in sources.items():
        values = result[result["indicator"].eq(indicator)].set_index(joint)["value"]
        if values.empty:
            continue
        part = frame[frame[source].notna() & frame[source].ne(0.0)]
        total = part.groupby(joint)[source].transform("sum")
        part = part.join(values.rename("whole"), on=joint)
        contribution = part[source] / total * part["whole"]
        parts.append(part.assign(indicator=indicator, contribution=contribution))
    return trace_frame([part[part["contribution"].notna()] for part in parts])


def with_remainder(
    trace: pd.DataFrame, result: pd.DataFrame, indicators: Collection[str] = ()
) -> pd.DataFrame:
    """Add the part of each traced value that no record accounts for.

    Traced are the indicators of the trace and those named, in every country that has them.
    """
    keys = [name for name in ("iso3", "year", "indicator") if name in trace]
    traced = result["indicator"].isin({*trace["indicator"], *indicators})
    values = result[traced].set_index(keys)["value"]
    trace = trace[pd.MultiIndex.from_frame(trace[keys]).isin(values.index)]
    summed = trace.groupby(keys)["contribution"].sum()
    gap = (values - summed.reindex(values.index, fill_value=0.0)).rename("contribution")
    gap = gap[gap.abs() > 1e-9 * values.abs().max()].reset_index()
    if gap.empty:
        return trace.reset_index(drop=True)
    records = trace["record"].astype(object)
    trace_and_gap = pd.concat([trace.assign(record=records), gap.assign(record=None)])
    ordered: pd.DataFrame = trace_and_gap[trace.columns].sort_values(keys, kind="stable")
    return ordered.reset_index(drop=True)
