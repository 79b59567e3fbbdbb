"""Supplier concentration: contracts to HHI, effective numbers, top and focal shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from .._util.checks import between, texts_in
from ..data.countries import country_iso3
from ..errors import DataError, Problems
from . import _measures as ms
from ._concentration import stripped
from ._frames import Records, narwhals, open_records
from ._layers import combined, layer_name, layer_weights_of
from ._measured import Measured, returns_table, trace_of
from ._measures import Setting
from ._results import Rows
from ._supplier_names import matched, seen_names
from ._supplier_sums import Job, checked_sums
from ._supplier_trace import contract_trace
from .columns import Columns, Roles, columns_of
from .options import Market, Sampling, option_of

if TYPE_CHECKING:
    from narwhals import Expr

__all__ = ["CONTRACTS", "supplier_concentration", "supplier_trace"]

CONTRACTS: Roles = {
    "country": "iso3",
    "supplier": "vendor",
    "origin": "vendor_iso3",
    "amount": "usd",
    "year_column": None,
    "layer": None,
    "substitutability": None,
    "chokepoint": None,
    "record": None,
}
"""Columns of contracts."""


@returns_table
def supplier_concentration(
    contracts: object,
    *,
    columns: Columns | Mapping[str, str | None] | None = None,
    focal: str | Iterable[str] | None = "CHN",
    market: Market | Mapping[str, object] | None = None,
    sampling: Sampling | Mapping[str, object] | None = None,
    layer_weights: Mapping[str, float] | None = None,
    confidence_level: float = 0.90,
) -> Measured:
    """Measure how concentrated the suppliers of each country are, by firm and by origin.

    Parameters
    ----------
    contracts : frame
        One row a contract (or the share of a supplier). pandas, Polars, PyArrow, DuckDB, Dask or
        PySpark: the group-by runs there and one row a country comes back.
    columns : Columns or mapping
        ``country`` (iso3), ``supplier`` (vendor), ``origin`` (vendor_iso3), ``amount`` (usd),
        ``year_column``, ``layer``, ``substitutability``, ``chokepoint``, ``record``.
        ``amount`` None counts records. ``origin`` None leaves out origins and the focal share. An
        empty supplier or origin is unknown: see `Market`. With a year, one row a country and year;
        without, years are pooled. With a layer, every indicator within each layer
        (``ran_supplier_hhi``) and, for those in 0-1, combined over layers.
    focal : str or list of str, optional
        Origins whose share is reported as ``focal_share``.
    market : Market or mapping
        What is measured: amounts or published shares, firms or origins, unknown suppliers.
    sampling : Sampling or mapping
        In which sense the records are a sample. Published shares have no sampling error.
    layer_weights : mapping of layer to number, optional
        Weights of the layers, equal by default, shared over the layers that a country has.
    confidence_level : float
        Of the intervals ``lower``-``upper``.

    Returns
    -------
    DataFrame
        Long data format: iso3[, year], indicator, value, unit, std_error, lower, upper, focal,
        n_records, note. `supplier_trace` returns what each record contributes.

    Raises
    ------
    DataError
        With every problem at once: missing columns, negative or missing amounts, shares that do
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
    return measured_market(
        contracts,
        columns_of(columns, CONTRACTS),
        option_of(Market, market, "market"),
        option_of(Sampling, sampling, "sampling"),
        focal,
        layer_weights=layer_weights,
        confidence_level=confidence_level,
    )


supplier_trace = trace_of(
    supplier_concentration,
    "supplier_trace",
    """
    >>> contracts = pd.DataFrame({
    ...     "iso3": ["KEN"] * 4, "vendor": ["Huawei", "ZTE", "Ericsson", "Nokia"],
    ...     "vendor_iso3": ["CHN", "CHN", "SWE", "FIN"], "usd": [30, 20, 30, 20]})
    >>> parts = supplier_trace(contracts)
    >>> parts.loc[parts["indicator"] == "focal_share", "contribution"].round(4).tolist()
    [0.3, 0.2]
    """,
)


def measured_market(
    contracts: object,
    roles: Roles,
    market: Market,
    sampling: Sampling,
    focal: str | Iterable[str] | None,
    *,
    layer_weights: Mapping[str, float] | None = None,
    confidence_level: float = 0.90,
) -> Measured:
    """Return the concentration of a market whose options are checked."""
    roles = {**dict.fromkeys(CONTRACTS), **roles}
    if market.level == "origin" and roles["origin"] is None:
        raise DataError('level="origin" needs a column of the origin, received origin=None')
    records = open_records(
        contracts,
        "contracts",
        roles,
        text=("country", "supplier", "origin", "layer"),
        number=("amount", "substitutability", "chokepoint"),
        counted="amount",
        blanks=True,
    )
    job = Job(
        _with_lock(records, market),
        tuple(role for role in ("country", "year", "layer") if records.has(role)),
        market.measure,
        market.level,
        setting_of(market, sampling, focal, confidence_level),
        layer_weights,
        market.on_missing,
    )
    return run(job)


def setting_of(
    market: Market, sampling: Sampling, focal: str | Iterable[str] | None, confidence_level: float
) -> Setting:
    """Return how sums become indicators."""
    return Setting(
        remainder=market.remainder,
        sampled=market.measure == "amount" and not sampling.census,
        intraclass=sampling.intraclass,
        confidence_level=between("confidence_level", confidence_level, 0, 1),
        top=market.top,
        focal=focal_codes(focal),
        prefix=market.prefix,
        merge=market.spellings == "merge",
    )


def focal_codes(focal: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return the focal origins as ISO 3166 alpha-3."""
    if focal is None:
        return ()
    return tuple(dict.fromkeys(country_iso3(name) for name in texts_in("focal", focal)))


def _with_lock(records: Records, market: Market) -> Records:
    """Add ``lock`` = chokepoint * (1 - substitutability), from columns or from mappings."""
    nw = narwhals()
    rest = {"substitutability": 0.0, "chokepoint": 1.0}
    if not any(records.has(role) or getattr(market, role) for role in rest):
        return records
    given = {role: getattr(market, role) for role in rest}
    seen = seen_names(records, "supplier") if any(given.values()) else []
    problems = Problems(records.subject)
    for role, other in rest.items():
        if given[role]:
            numbers = matched(given[role], seen, role, problems)
            name = stripped("supplier")
            records = records.with_columns(**{role: by_name(name, numbers, other)})
        elif not records.has(role):
            records = records.with_columns(**{role: nw.lit(other)})
    problems.raise_as(DataError)
    lock_of = nw.col("chokepoint") * (1.0 - nw.col("substitutability"))
    names = {**records.names, "lock": "lock"}
    return replace(records.with_columns(lock=lock_of), names=names)


def by_name(column: Expr, numbers: Mapping[str, float], rest: float) -> Expr:
    """Return the number of each name, ``rest`` for names that are not given."""
    nw = narwhals()
    cases = [
        nw.when(column == name).then(nw.lit(float(number))) for name, number in numbers.items()
    ]
    number: Expr = nw.coalesce(*cases, nw.lit(float(rest)))
    return number


def run(job: Job) -> Measured:
    """Return indicators from the sums of the engine; a second pass only where a check fails."""
    job, sums = checked_sums(job)
    rows = Rows(confidence_level=job.setting.confidence_level)
    layered = "layer" in job.keys
    for prefix, part in _layers(sums, layered):
        setting = replace(job.setting, prefix=job.setting.prefix + prefix)
        concentration_rows(part, job.level, setting, rows)
    result = rows.frame()
    weights = layer_weights_of(sums, job.layer_weights) if layered else {}
    if layered:
        result = combined(result, weights, job.setting.prefix)
    return Measured(result, lambda: contract_trace(job, result, weights))


def concentration_rows(table: pd.DataFrame, level: str, setting: Setting, rows: Rows) -> None:
    """Add every indicator of one layer."""
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
