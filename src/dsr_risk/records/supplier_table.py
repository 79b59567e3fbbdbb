"""The share of every supplier of every country, with what a small sample leaves open."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .._util.checks import between
from .._util.types import Array
from ..errors import DataError, Problems
from ._concentration import stripped
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
from ._measured import Measured, returns_table, trace_of
from ._results import require_rows
from ._supplier_names import one_spelling
from .columns import Columns, Roles, columns_of
from .options import Sampling, option_of
from .sampling import share_posterior

__all__ = ["COUNTS", "supplier_shares", "supplier_shares_trace"]

COUNTS: Roles = {
    "country": "iso3",
    "supplier": "vendor",
    "origin": "vendor_iso3",
    "amount": None,
    "year_column": None,
    "layer": None,
    "record": None,
}
"""Columns of contracts that are counted."""


@returns_table
def supplier_shares(
    contracts: object,
    *,
    columns: Columns | Mapping[str, str | None] | None = None,
    sampling: Sampling | Mapping[str, object] | None = None,
    confidence_level: float = 0.90,
) -> Measured:
    """Return the share of each supplier of a country, from counts or amounts, with its error.

    Parameters
    ----------
    contracts : frame
        As in `supplier_concentration`.
    columns : Columns or mapping
        ``country`` (iso3), ``supplier`` (vendor), ``origin`` (vendor_iso3), ``amount``,
        ``year_column``, ``layer``, ``record``. Without an amount records are counted, which is
        what the model is about; amounts count as the effective number of equal records (Kish,
        1965). Shares are within each year and layer.
    sampling : Sampling or mapping
        ``prior`` pseudo-count of each supplier, ``intraclass`` likeness within a tender.
    confidence_level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        One row a country[, year, layer] and supplier: ``supplier[, origin], value`` (share as
        recorded, 0-1), ``mean`` (of the posterior, drawn toward equal shares), ``std_error``,
        ``lower``, ``upper`` (posterior standard deviation and interval, widened to hold ``value``),
        ``n_records``, ``note``, ``indicator`` (so that `as_data` takes the table). An empty ``supplier``
        holds amounts without a named supplier; shares are of the whole and sum to one.
        `supplier_shares_trace` returns the part of each record.

    Raises
    ------
    DataError
        With every problem at once.

    Notes
    -----
    Dirichlet-multinomial: Mosimann, J. E. (1962), Biometrika 49, 65-82.

    Examples
    --------
    >>> contracts = pd.DataFrame({"iso3": "KEN", "vendor": list("aaaaabbbcc"), "vendor_iso3": "SWE"})
    >>> table = supplier_shares(contracts)
    >>> table[["supplier", "value", "mean", "std_error"]].round(4).to_numpy().tolist()
    [['a', 0.5, 0.4783, 0.1413], ['b', 0.3, 0.3043, 0.1301], ['c', 0.2, 0.2174, 0.1167]]
    """
    sample = option_of(Sampling, sampling, "sampling")
    between("confidence_level", confidence_level, 0, 1)
    roles = columns_of(columns, COUNTS)
    records = open_records(
        contracts,
        "contracts",
        roles,
        text=("country", "supplier", "origin", "layer"),
        number=("amount",),
        counted="amount",
    )
    records = _checked(records)
    seen = _spellings(records)
    records = _respelled(records, seen)
    keys = [role for role in ("country", "year", "layer") if records.has(role)]
    result = _shares(_sums(records, keys), keys, sample, confidence_level)
    result = _with_spellings(result, seen)
    return Measured(result, lambda: _trace(records, keys))


supplier_shares_trace = trace_of(
    supplier_shares,
    "supplier_shares_trace",
    """
    >>> contracts = pd.DataFrame({"iso3": "KEN", "vendor": list("aaaaabbbcc"), "vendor_iso3": "SWE"})
    >>> parts = supplier_shares_trace(contracts)
    >>> parts["contribution"].round(4).tolist()
    [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
    """,
)


def _checked(records: Records) -> Records:
    problems = Problems(records.subject)
    records = resolve_countries(records, ("country", "origin"), problems, required=("country",))
    rules = amount_rules("amount") + (year_rules("year") if records.has("year") else [])
    if records.has("layer"):
        rules.append(Rule("layer", narwhals().col("layer").is_null(), "is missing", True))
    check(records, rules, problems)
    problems.raise_as(DataError)
    names = [role for role in ("supplier", "origin") if records.has(role)]
    return records.with_columns(**{name: stripped(name) for name in names})


def _spellings(records: Records) -> dict[str, str]:
    """Return the spelling that each supplier is printed in."""
    nw = narwhals()
    sums = collect(records.frame.group_by("supplier").agg(nw.col("amount").sum()))
    return one_spelling(sums["supplier"].astype(str), sums["amount"])


def _respelled(records: Records, seen: Mapping[str, str]) -> Records:
    """Return records with one spelling a supplier."""
    if all(name == printed for name, printed in seen.items()):
        return records
    nw = narwhals()
    printed = nw.col("supplier").replace_strict(
        list(seen), list(seen.values()), default=None, return_dtype=nw.String
    )
    return records.with_columns(supplier=printed)


def _with_spellings(result: pd.DataFrame, seen: Mapping[str, str]) -> pd.DataFrame:
    """Return the table with a note at suppliers that records spell in several ways."""
    others: dict[str, list[str]] = {}
    for name, printed in seen.items():
        if name != printed:
            others.setdefault(printed, []).append(name)
    spellings = result["supplier"].map(lambda name: ", ".join(sorted(others.get(name, []))))
    pairs = zip(spellings, result["note"], strict=True)
    return result.assign(note=[f"also spelled {also}" if also else note for also, note in pairs])


def _sums(records: Records, keys: list[str]) -> pd.DataFrame:
    nw = narwhals()
    by = [*keys, "supplier", *(["origin"] if records.has("origin") else [])]
    frame = records.frame.with_columns(square=nw.col("amount") * nw.col("amount"))
    table = collect(
        frame.group_by(*by).agg(
            nw.col("amount").sum(), nw.col("square").sum(), nw.len().alias("records")
        )
    )
    if table.empty:
        raise DataError(f"{records.subject}: there is no record")
    total = table.groupby(keys)["amount"].transform("sum")
    problems = Problems(records.subject)
    for name in dict.fromkeys(table["country"][total <= 0]):
        problems.add(f"{name}: amounts sum to 0, shares cannot be formed; leave the country out")
    problems.raise_as(DataError)
    return table.assign(whole=total)


def _shares(
    table: pd.DataFrame, keys: list[str], sample: Sampling, confidence_level: float
) -> pd.DataFrame:
    grouped = table.groupby(keys)
    share = (table["amount"] / table["whole"]).to_numpy(np.float64)
    effective = (table["whole"] ** 2 / grouped["square"].transform("sum")).to_numpy(np.float64)
    suppliers = grouped["amount"].transform("size").to_numpy(np.float64)
    mean, error, lower, upper = share_posterior(
        share * effective,
        effective,
        suppliers,
        prior=sample.prior,
        intraclass=sample.intraclass,
        confidence_level=confidence_level,
    )
    names = {"country": "iso3"}
    shown = [*keys, "supplier", *(["origin"] if "origin" in table else [])]
    out = table[shown].rename(columns=names)
    # What makes a row a cell of data: as_data takes the table as it is.
    where = " in " + table["layer"].astype(str) if "layer" in table else ""
    firm = table["supplier"].where(table["supplier"].ne(""), "no supplier named")
    out["indicator"] = "supplier_share of " + firm.astype(str) + where
    figures: dict[str, Array | list[str] | pd.Series] = {
        "value": share,
        "mean": mean,
        "std_error": error,
        "lower": np.minimum(lower, share),
        "upper": np.maximum(upper, share),
        "n_records": table["records"].astype(int),
        "note": ["no supplier named" if supplier == "" else "" for supplier in table["supplier"]],
    }
    out = out.assign(**figures)
    if "year" in out:
        out["year"] = out["year"].astype(int)
    by = [names.get(name, name) for name in keys]
    # Engines add up in their own order: equal shares may differ in the last digit.
    out = out.assign(_largest=-np.round(share, 12))
    last = ["supplier", *(["origin"] if "origin" in out else [])]
    out = out.sort_values([*by, "_largest", *last], kind="stable", ignore_index=True)
    return out.drop(columns="_largest")


def _trace(records: Records, keys: list[str]) -> pd.DataFrame:
    require_rows(records.located, records.subject)
    frame = collect(records.frame.select(*keys, "supplier", "row", "amount"))
    part = frame["amount"] / frame.groupby(keys)["amount"].transform("sum")
    frame = frame.assign(contribution=part).drop(columns="amount")
    frame = frame.rename(columns={"country": "iso3", "row": "record"})
    if "year" in frame:
        frame["year"] = frame["year"].astype(int)
    by = [name for name in ("iso3", "year", "layer", "supplier") if name in frame]
    return frame[frame["contribution"].ne(0.0)].sort_values(by, kind="stable", ignore_index=True)
