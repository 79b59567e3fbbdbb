"""Supplier concentration: contracts to HHI, effective numbers, top and focal shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import pandas as pd

from ..data.countries import country_iso3
from ..errors import DataError
from . import _measures as ms
from ._frames import Records, narwhals, open_records
from ._layers import combined, layer_name, layer_weights_of
from ._measures import Remainder, Setting
from ._results import OnMissing, Rows, check_option
from ._supplier_sums import Job, checked_sums
from ._supplier_trace import contract_trace

__all__ = ["supplier_concentration"]

BySupplier = str | Mapping[str, float] | None
Measure = Literal["amount", "share", "percent"]


def supplier_concentration(
    contracts: object,
    country: str = "iso3",
    supplier: str = "vendor",
    value: str | None = "usd",
    origin: str | None = "vendor_iso3",
    *,
    focal: str | Sequence[str] | None = "CHN",
    measure: Measure = "amount",
    level: Literal["both", "firm", "origin"] = "both",
    year: str | None = None,
    layer: str | None = None,
    layer_weights: Mapping[str, float] | None = None,
    remainder: Remainder = "error",
    top: int = 3,
    substitutability: BySupplier = None,
    chokepoint: BySupplier = None,
    intraclass: float = 0.0,
    confidence: float = 0.95,
    on_missing: OnMissing = "error",
    record: str | None = None,
    prefix: str = "",
    trace: bool = False,
) -> Any:
    """How concentrated each country's suppliers are, by firm and by country of origin.

    Parameters
    ----------
    contracts : frame
        One row a contract (or a supplier's share). pandas, Polars, PyArrow, DuckDB, Dask or
        PySpark; the group-by runs there and one row a country comes back.
    country, supplier, value, origin : str
        Columns. ``value=None`` counts records; ``origin=None`` leaves out origins and the focal
        share. An empty supplier or origin is unknown: see ``remainder``.
    focal : str or sequence of str, optional
        Origin(s) whose share is reported as ``focal_share``.
    measure : {"amount", "share", "percent"}
        Whether values are amounts, or shares of the whole in 0-1 or percent. Published shares
        carry no sampling error.
    level : {"both", "firm", "origin"}
        Firms (``supplier_...``), countries of origin (``origin_...``), or both. Never add the two
        up: the first is contained in the second.
    year : str, optional
        Column of the year (or date): one row a country and year. Without it years are pooled.
    layer : str, optional
        Column of the layer (ran, core, cables, cloud, devices): every indicator is computed within
        each layer (``ran_supplier_hhi``) and, for those in 0-1, combined over layers.
    layer_weights : mapping of layer to number, optional
        Weights of the layers, equal by default; shared over the layers a country has.
    remainder : {"error", "any", "other", "drop"}
        What to do with amounts of unknown suppliers or origins: refuse them; bound the result as
        if anyone, or only suppliers not named, may hold them; leave them out.
    top : int
        Largest suppliers counted in the top-k share.
    substitutability, chokepoint : str or mapping of supplier to number, optional
        Column, or number by supplier, in 0-1: how easily a supplier is replaced (0 for those
        not named), and how much of the system hangs on it (1 for those not named). Gives
        ``locked_share``, the sum of s c (1 - b), and ``locked_hhi``, the sum of s^2 c (1 - b).
    intraclass : float
        Likeness of contracts within a tender, 0-1; inflates variances by 1 + (n - 1) intraclass.
    confidence : float
        Of the intervals ``lower``-``upper``.
    on_missing : {"error", "skip"}
        Refuse records without a value, or leave them out.
    record : str, optional
        Column that identifies a record, for ``trace`` on lazy frames and for error messages.
    prefix : str
        Put before every indicator's name, such as ``"ran_"``.
    trace : bool
        Also return what each record contributes to the HHIs and to every share.

    Returns
    -------
    DataFrame
        Long data format: iso3[, year], indicator, value, unit, std_error, lower, upper, focal,
        n_records, note. With ``trace``, a pair: that, and iso3[, year], indicator, record,
        contribution, whose contributions sum to the values.

    Raises
    ------
    DataError
        With every problem at once: missing columns, negative or missing values, shares that do
        not add up, unknown countries or suppliers, years in the future.

    Notes
    -----
    HHI: Hirschman (1945), Herfindahl (1950); small-sample correction: Simpson (1949) with the
    effective number of records of Kish (1965); standard errors: ratio estimator, Cochran (1977);
    interval of the focal share: Jeffreys, Brown, Cai and DasGupta (2001).

    Examples
    --------
    >>> contracts = pd.DataFrame({
    ...     "iso3": ["KEN"] * 4, "vendor": ["Huawei", "ZTE", "Ericsson", "Nokia"],
    ...     "vendor_iso3": ["CHN", "CHN", "SWE", "FIN"], "usd": [30, 20, 30, 20]})
    >>> result = supplier_concentration(contracts)
    >>> wanted = ["supplier_hhi", "origin_hhi", "focal_share"]
    >>> result.set_index("indicator").loc[wanted, "value"].round(6).to_dict()
    {'supplier_hhi': 0.26, 'origin_hhi': 0.38, 'focal_share': 0.5}
    """
    check_option("measure", measure, ("amount", "share", "percent"))
    check_option("level", level, ("both", "firm", "origin"))
    check_option("remainder", remainder, ("error", "any", "other", "drop"))
    check_option("on_missing", on_missing, ("error", "skip"))
    if top < 1 or not 0.0 <= intraclass <= 1.0:
        raise DataError(f"top must be at least 1, intraclass in 0-1; got {top}, {intraclass:g}")
    if level == "origin" and origin is None:
        raise DataError('level="origin" needs the column of the origin, got origin=None')
    lock = {"substitutability": substitutability, "chokepoint": chokepoint}
    records = open_records(
        contracts,
        "contracts",
        text={"country": country, "supplier": supplier, "origin": origin, "layer": layer},
        number={"amount": value if value is not None else 1.0, **_columns(lock)},
        year={"year": year},
        identifier=record,
    )
    setting = Setting(
        remainder, measure == "amount", intraclass, confidence, top, focal_codes(focal), prefix
    )
    keys = ("country", *(["year"] if year else []), *(["layer"] if layer else []))
    job = Job(_with_lock(records, lock), keys, measure, level, setting, layer_weights, on_missing)
    return run(job, trace=trace)


def focal_codes(focal: str | Sequence[str] | None) -> tuple[str, ...]:
    """The focal origins as ISO 3166 alpha-3."""
    if focal is None:
        return ()
    return tuple(country_iso3(one) for one in ([focal] if isinstance(focal, str) else focal))


def _columns(lock: Mapping[str, BySupplier]) -> dict[str, str | float | None]:
    return {role: given if isinstance(given, str) else None for role, given in lock.items()}


def _with_lock(records: Records, lock: Mapping[str, BySupplier]) -> Records:
    """Add ``lock`` = chokepoint * (1 - substitutability), from columns or from mappings."""
    if all(given is None for given in lock.values()):
        return records
    nw = narwhals()
    for role, rest in (("substitutability", 0.0), ("chokepoint", 1.0)):
        given = lock[role]
        if isinstance(given, Mapping):
            for name, number in given.items():
                if not 0.0 <= number <= 1.0:
                    raise DataError(f"{role} of {name} is {number!r}: must lie in 0-1")
            records = records.with_columns(**{role: by_name(nw.col("supplier"), given, rest)})
        elif given is None:
            records = records.with_columns(**{role: nw.lit(rest)})
    lock_of = nw.col("chokepoint") * (1.0 - nw.col("substitutability"))
    names = {**records.names, "lock": "lock"}
    return replace(records.with_columns(lock=lock_of), names=names)


def by_name(column: Any, numbers: Mapping[str, float], rest: float) -> Any:
    """The number of each name, ``rest`` for names not given."""
    nw = narwhals()
    found = [nw.when(column == name).then(nw.lit(float(one))) for name, one in numbers.items()]
    return nw.coalesce(*found, nw.lit(float(rest)))


def run(job: Job, *, trace: bool = False) -> Any:
    """Sums from the engine, checks, indicators; a second pass only where something is amiss."""
    job, table = checked_sums(job)
    rows = Rows(confidence=job.setting.confidence)
    layered = "layer" in job.keys
    for prefix, part in _layers(table, layered):
        setting = replace(job.setting, prefix=job.setting.prefix + prefix)
        concentration_rows(part, job.level, setting, rows)
    result = rows.frame()
    weights = layer_weights_of(table, job.layer_weights) if layered else {}
    if layered:
        result = combined(result, weights, job.setting.prefix)
    if not trace:
        return result
    return result, contract_trace(job, result, weights)


def concentration_rows(table: pd.DataFrame, level: str, setting: Setting, rows: Rows) -> None:
    """Every indicator of one layer."""
    if level != "origin":
        ms.level_rows(table, "s_", "supplier", setting, rows)
        ms.top_rows(table, setting, rows)
        if "lock_share" in table:
            ms.lock_rows(table, setting, rows)
    if "o_part" in table:
        if level != "firm":
            ms.level_rows(table, "o_", "origin", setting, rows)
        if setting.focal:
            ms.focal_rows(table, setting, rows)
    ms.unknown_rows(table, setting, rows)


def _layers(table: pd.DataFrame, layered: bool) -> list[tuple[str, pd.DataFrame]]:
    if not layered:
        return [("", table)]
    names = sorted(set(table["layer"]))
    return [
        (f"{layer_name(name)}_", table[table["layer"] == name].reset_index(drop=True))
        for name in names
    ]
