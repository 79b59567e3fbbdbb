"""Data from cells: one row a cell becomes arrays of units and columns, with the evidence beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .._util.types import Array, Index
from .cell_keys import key_of
from .dataset import LONG_COLUMNS, Data
from .table import Table

__all__ = ["pivoted"]


def _units_of(cells: pd.DataFrame) -> tuple[Any, pd.MultiIndex]:
    """Return the unit of every row as a number, and the units (country, year) in order of appearance."""
    years = cells["unit_year"].to_numpy()
    if len(years) and (years == years[0]).all():
        rows, names = pd.factorize(cells["iso3"], use_na_sentinel=False)
        named = np.asarray(names, dtype=object)
        return rows, pd.MultiIndex.from_arrays([named, np.full(len(named), years[0])])
    rows, _ = pd.factorize(key_of(cells, "iso3", "unit_year")[0])
    first = np.unique(rows, return_index=True)[1]
    named = cells["iso3"].iloc[first].to_numpy(dtype=object)
    return rows, pd.MultiIndex.from_arrays([named, years[first]])


def pivoted(
    table: Table,
    cells: pd.DataFrame,
    conflicts: pd.DataFrame,
    edition: int | None,
    order_of: tuple[str, ...],
) -> Data:
    """Return Data from one row a cell; `order_of` are columns to keep in their order, before all others."""
    # Countries and indicators known only later than the edition stay, as missing.
    every = cells if conflicts.empty else pd.concat([cells, conflicts])
    rows, units = _units_of(every)
    columns: Any
    columns_of, columns = pd.factorize(every["indicator"], use_na_sentinel=False)
    if order_of:
        named = np.array([*order_of, *columns], dtype=object)
        order_codes, columns = pd.factorize(named, use_na_sentinel=False)
        columns_of = order_codes[len(order_of) :][columns_of]
    rows, columns_of = rows[: len(cells)], columns_of[: len(cells)]
    shape = (len(units), len(columns))
    values = np.full(shape, np.nan)
    values[rows, columns_of] = cells["value"]
    reasons = None
    if "reason" in cells and (cells["reason"] != "").any():
        reasons = np.full(shape, None, dtype=object)
        given = (cells["reason"] != "").to_numpy()
        reasons[rows[given], columns_of[given]] = cells.loc[given, "reason"]
    lower, upper = _ends_of_censored(cells, rows, columns_of, shape)
    index: pd.Index = units.set_names([table.unit_name, "year"])
    panel = table.asked.panel and edition is None and bool((every["unit_year"] >= 0).all())
    if len(units.unique(level=1)) == 1 and not panel:
        index = units.get_level_values(0).rename(table.unit_name)
    evidence = [name for name in LONG_COLUMNS if name in cells and name != "iso3"]
    order = ["iso3", "unit_year", *evidence]
    return Data(
        index.astype(object) if not isinstance(index, pd.MultiIndex) else index,
        tuple(columns),
        values,
        reasons,
        lower,
        upper,
        edition,
        table.source,
        table.log.done(),
    )._with_evidence(cells[order].reset_index(drop=True), conflicts[order].reset_index(drop=True))


def _ends_of_censored(
    cells: pd.DataFrame, rows: Index, columns: Index, shape: tuple[int, int]
) -> tuple[Array | None, Array | None]:
    """Return the bounds of cells without a value as arrays of `shape`; None where no cell is censored."""
    if not {"lower", "upper"} & set(cells):
        return None, None
    open_ended = pd.Series(np.nan, index=cells.index)
    low, high = cells.get("lower", open_ended), cells.get("upper", open_ended)
    censored = (cells["value"].isna() & (low.notna() | high.notna())).to_numpy()
    if not censored.any():
        return None, None
    lower, upper = np.full(shape, np.nan), np.full(shape, np.nan)
    lower[rows[censored], columns[censored]] = low[censored]
    upper[rows[censored], columns[censored]] = high[censored]
    return lower, upper
