"""The two results of a measure: a table of indicators, and what each record contributes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ParamSpec

import numpy as np
import pandas as pd

from .._util.arguments import typed
from .._util.checks import shown
from ..errors import DataError
from ._frames import Records, collect, narwhals
from ._old_names import refuse_old_names

P = ParamSpec("P")
OWN = (
    "as_of",
    "columns",
    "grading",
    "market",
    "options",
    "population",
    "sampling",
    "terms",
    "weighing",
)
"""Parameters that the functions check themselves, with messages of their own."""
FIRST_YEAR, LAST_YEAR = 1900, 2200
Years = int | Sequence[int] | str
"""A year, several years, or "latest": the newest year of the records."""


@dataclass(frozen=True)
class Measured:
    """A table of indicators, and the function that works out each record's part of them."""

    table: pd.DataFrame
    parts: Callable[[], pd.DataFrame]


def returns_table(work: Callable[P, Measured]) -> Callable[P, pd.DataFrame]:
    """Make of a measure the public function that returns its table."""
    return _public(work, lambda measured: measured.table)


def trace_of(
    function: Callable[P, pd.DataFrame], name: str, example: str
) -> Callable[P, pd.DataFrame]:
    """Make the public function that returns what each record contributes to the table of another."""
    work: Callable[P, Measured] = inspect.unwrap(function)
    trace = _public(work, lambda measured: measured.parts(), name)
    trace.__doc__ = (
        f"Return what each record contributes to the indicators of `{function.__name__}`.\n\n"
        f"    Parameters and errors are those of `{function.__name__}`.\n\n"
        "    Returns\n    -------\n    DataFrame\n"
        "        iso3[, year], indicator (of `supplier_shares` the supplier), record, contribution. The\n"
        "        contributions of an indicator sum to its value; an empty record holds what no record\n"
        "        accounts for.\n\n"
        f"    Examples\n    --------{example}"
    )
    return trace


def _public(
    work: Callable[P, Measured], result: Callable[[Measured], pd.DataFrame], name: str = ""
) -> Callable[P, pd.DataFrame]:
    signature = inspect.signature(work).replace(return_annotation="pd.DataFrame")

    @functools.wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> pd.DataFrame:
        return result(work(*args, **kwargs))

    run.__name__ = run.__qualname__ = name or work.__name__
    checked = typed(own=OWN)(run)

    @functools.wraps(run)
    def call(*args: P.args, **kwargs: P.kwargs) -> pd.DataFrame:
        refuse_old_names(call.__name__, signature.parameters, kwargs)
        return checked(*args, **kwargs)

    call.__annotations__ = {**work.__annotations__, "return": "pd.DataFrame"}
    call.__signature__ = signature  # type: ignore[attr-defined]
    return call


def years_of(as_of: Years | None, records: Records, column: object) -> list[int] | None:
    """Return the years that are asked for, in order; None where none is.

    ``column`` is the year column as given: a year needs one, "latest" does without.
    """
    if as_of is None or (isinstance(as_of, str) and as_of == "latest" and column is None):
        return None
    if isinstance(as_of, str):
        if as_of != "latest":
            raise DataError(
                f'`as_of` must be a year, several years or "latest", received {as_of!r}'
            )
        newest = collect(records.frame.select(narwhals().col("year").max()))["year"]
        if newest.empty or np.isnan(newest.iloc[0]):
            raise DataError(f"{records.subject}: there is no record")
        return [int(newest.iloc[0])]
    if column is None:
        raise DataError(
            "`as_of` needs the column of the year: give it as `year_column` in `columns`, received None"
        )
    given = [as_of] if isinstance(as_of, pd.DataFrame) or not isinstance(as_of, Iterable) else as_of
    years = sorted({_year(year) for year in given})
    if not years:
        raise DataError("`as_of` must be at least one year, received none")
    _check_has_records(years[0], records)
    return years


def _check_has_records(year: int, records: Records) -> None:
    """Raise DataError for a year before all records; records without a year belong to every year."""
    nw = narwhals()
    column = nw.col("year")
    spans = (column.min().alias("first"), column.max().alias("last"), column.count().alias("dated"))
    seen = collect(records.frame.select(*spans, nw.len().alias("every"))).iloc[0]
    if seen["every"] and seen["dated"] == seen["every"] and year < seen["first"]:
        span = " to ".join(dict.fromkeys(f"{seen[end]:.0f}" for end in ("first", "last")))
        raise DataError(
            f"{records.subject}: no record is of {year} or before (`as_of`); they are of {span}"
        )


def _year(value: object) -> int:
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_whole and not (isinstance(value, float) and value.is_integer()):
        raise DataError(
            f'`as_of` must be a year, several years or "latest", received {shown(value)}'
        )
    if not FIRST_YEAR <= value <= LAST_YEAR:  # type: ignore[operator]
        raise DataError(
            f"`as_of` must be a year from {FIRST_YEAR} to {LAST_YEAR}, received {shown(value)}"
        )
    return int(value)  # type: ignore[call-overload, no-any-return]


def by_year(years: Sequence[int] | None, work: Callable[[int | None], Measured]) -> Measured:
    """Return the state at the end of each year, one under another, with a column of the year.

    Without years: the state by all records, without such a column.
    """
    if years is None:
        return work(None)
    results = {year: _of_year(year, work, alone=len(years) == 1) for year in years}

    def parts() -> pd.DataFrame:
        return _stacked({year: result.parts() for year, result in results.items()})

    return Measured(_stacked({year: result.table for year, result in results.items()}), parts)


def _of_year(year: int, work: Callable[[int | None], Measured], *, alone: bool) -> Measured:
    try:
        return work(year)
    except DataError as error:
        if alone:
            raise
        raise DataError(f"as of {year}: {error.message}", error.problems) from error


def _stacked(frames: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    parts = []
    for year, frame in frames.items():
        part = frame.copy()
        part.insert(1, "year", year)
        parts.append(part)
    stacked = pd.concat(parts, ignore_index=True)
    order = {name: i for i, name in enumerate(dict.fromkeys(stacked["indicator"]))}
    stacked = stacked.assign(_order=stacked["indicator"].map(order))
    stacked = stacked.sort_values(["iso3", "year", "_order"], kind="stable", ignore_index=True)
    return stacked.drop(columns="_order")
