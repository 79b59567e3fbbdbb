"""The contents of data in words and tables: the summary printed for people, and a test of equality."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .._util.display import counted, table_of
from .._util.types import Array
from .evidence import EVIDENCE_COLUMNS, is_empty

if TYPE_CHECKING:
    from .dataset import Data

__all__ = ["same_evidence", "summary", "years_known"]


def summary(data: Data) -> tuple[str, pd.DataFrame]:
    """Return a caption and one row an indicator: how many cells of each kind, and the ends of the values."""
    observed = np.isfinite(data.values_array)
    span = f", {_span(data.years)}" if data.years else ""
    units = counted(len(data.countries), "country" if data.kind == "country" else "unit")
    caption = (
        f"Data: {units}{span}, {counted(len(data.columns), 'indicator')}, "
        f"{counted(int(observed.sum()), 'value')}; fingerprint {data.fingerprint}"
    )
    frame = pd.DataFrame(
        {
            "observed": observed.sum(axis=0),
            "not applicable": _counts(data.reasons, lambda a: a != None),  # noqa: E711
            "censored": _counts(data.upper, lambda a: ~np.isnan(a)),
            "lowest": _extreme(np.fmin, data.values_array),
            "highest": _extreme(np.fmax, data.values_array),
        },
        index=pd.Index(data.columns, name="indicator"),
    )
    return caption, table_of(frame)


def same_evidence(first: Data, other: Data) -> bool:
    """Tell whether evidence and conflicts of two data with the same values are the same."""
    return all(
        _alike(first.evidence_array(name, first.columns), other.evidence_array(name, first.columns))
        for name in EVIDENCE_COLUMNS
    ) and _records(first._conflicts) == _records(other._conflicts)


def years_known(years: tuple[int, ...]) -> str:
    """Return which years there are, in words for a message."""
    return f"there is {_span(years)}; a year is a whole number" if years else "no year is known"


def _span(years: tuple[int, ...]) -> str:
    if not years:
        return "no year"
    return str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"


def _counts(array: NDArray[Any] | None, test: Any) -> Any:
    return 0 if array is None else test(array).sum(axis=0)


def _extreme(function: Any, values: Array) -> Any:
    return function.reduce(values, axis=0) if len(values) else np.nan


def _alike(first: NDArray[Any], other: NDArray[Any]) -> bool:
    return np.array_equal(first, other, equal_nan=first.dtype.kind == "f")


def _records(frame: pd.DataFrame) -> list[tuple[tuple[str, str], ...]]:
    """Return the rows of a frame in one order, fields that say nothing left out."""
    rows = frame.drop(columns=["unit_year"], errors="ignore").to_dict("records")
    return sorted(
        tuple(sorted((str(name), str(value)) for name, value in row.items() if not is_empty(value)))
        for row in rows
    )
