"""Weighted means of a figure over records, with the standard error of a ratio estimator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from .._util.types import Array
from ..errors import DataError, Problems
from ._frames import Records, Rule, collect, narwhals
from ._results import Rows


def weighted_table(records: Records, keys: Sequence[str]) -> pd.DataFrame:
    """Return sums of weights ``amount`` and figures ``figure`` by key, from one group-by."""
    nw = narwhals()
    w, x = nw.col("amount"), nw.col("figure")
    frame = records.with_columns(wx=w * x, ww=w * w).frame
    frame = frame.with_columns(wwx=nw.col("ww") * x, wwxx=nw.col("ww") * x * x)
    sums = ("amount", "wx", "ww", "wwx", "wwxx")
    grouped = frame.group_by(*keys).agg(
        *(nw.col(name).sum() for name in sums), nw.len().alias("records")
    )
    table = collect(grouped)
    if table.empty:
        raise DataError(f"{records.subject}: there is no record")
    return table


def mean_and_error(table: pd.DataFrame) -> tuple[Array, Array]:
    """Return weighted mean, and its error if the records are a sample (Cochran, 1977, section 6.4)."""
    w, wx, ww, wwx, wwxx, n = (
        table[name].to_numpy(np.float64)
        for name in ("amount", "wx", "ww", "wwx", "wwxx", "records")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = wx / w
        spread = wwxx - 2.0 * mean * wwx + mean**2 * ww
        # What is left of a difference of equal sums is rounding, not spread.
        spread = np.where(spread > 1e-13 * wwxx, spread, 0.0)
        error = np.sqrt(spread * n / (n - 1.0)) / w
    return mean, np.where(n > 1, error, np.nan)


def weighted_rows(table: pd.DataFrame, indicator: str, rows: Rows, **more: Any) -> None:
    """Add one row a country of a weighted mean of figures in 0-1."""
    mean, error = mean_and_error(table)
    rows.add(
        table,
        indicator,
        mean,
        unit="0-1",
        std_error=error,
        records=table["records"],
        limits=(0.0, 1.0),
        **more,
    )


def check_totals(table: pd.DataFrame, column: str, problems: Problems) -> None:
    """Report countries whose weights sum to 0: they have no mean."""
    for name in table["country"][table["amount"] <= 0]:
        problems.add(
            f"{name}: `{column}` sums to 0, shares cannot be formed; leave the country out"
        )


def named_rule(role: str, subject: str) -> Rule:
    """Report records that do not name their subject."""
    column = narwhals().col(role)
    return Rule(role, column.is_null() | (column == ""), f"is missing: name the {subject}", True)
