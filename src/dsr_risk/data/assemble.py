"""From a table, long or wide, to Data: every rule checked, every breach located."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import DataError, Problems, UnknownNameError
from .countries import country_iso3, dissolved, is_aggregate, to_iso3
from .dataset import Data
from .long import long_to_data
from .table import COUNTRY_NAMES, LABELS, LISTED, RowNames, Table, is_empty, named, numbers

__all__ = ["as_data", "assemble"]


def as_data(source: Data | pd.DataFrame, *, edition: int | None = None) -> Data:
    """Data from a DataFrame, long or wide; Data passes through.

    Long has columns ``iso3`` (or ``country``), ``indicator``, ``value`` and any of ``LONG_COLUMNS``;
    wide has a country index or column, an optional ``year``, and one numeric column an indicator.
    Countries are names or codes in any common form.

    With `edition` a long table is a snapshot of that year: each cell is the newest value not later, and
    older ones become conflicts. Without it, a long table is a panel where some cell has several years,
    and else a snapshot of its newest year.

    Raises
    ------
    DataError
        With every problem of the table, each located by row, column and country.

    Examples
    --------
    >>> data = as_data(pd.DataFrame({"country": ["Pakistan", "KEN"], "gci": [64.88, 81.7]}))
    >>> data.values.loc["PAK", "gci"].item()
    64.88
    """
    if isinstance(source, Data):
        return source
    return assemble(source, edition=edition, origin="given table")


def assemble(
    frame: pd.DataFrame,
    *,
    edition: int | None,
    origin: str,
    rows: RowNames | None = None,
    problems: Problems | None = None,
) -> Data:
    """Data from a frame; see ``as_data``.

    `rows` says what rows are called in messages; `problems` are those found while reading the frame.
    """
    if not isinstance(frame, pd.DataFrame):
        kind = type(frame).__name__
        swapped = (
            "; the order is (framework, data): were they swapped?" if kind == "Framework" else ""
        )
        raise DataError(f"expected Data or a pandas DataFrame, received {kind}{swapped}")
    table = Table(_with_index(frame), origin, rows or RowNames(), problems or Problems(origin))
    country_column = _country_column(table) if _well_shaped(table) else ""
    if not country_column:
        table.problems.raise_as(DataError)
    table.country = _countries(table, table.frame[country_column])
    _check_same_country(table, country_column)
    year_column = named(table.frame, "year")
    if year_column is not None:
        table.year = _years(table, table.frame[year_column])
    if _is_long(table.frame):
        return long_to_data(table, edition)
    return _wide(table, {country_column, year_column}, edition)


def _with_index(frame: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in frame.index.names if name is not None]
    if isinstance(frame.index, pd.MultiIndex):
        return (
            frame.rename_axis(["iso3", "year"]).reset_index() if frame.index.nlevels == 2 else frame
        )
    if names or not isinstance(frame.index, pd.RangeIndex):
        if names and str(names[0]) in frame.columns:
            return frame.reset_index(drop=True)
        if frame.index.dtype.kind not in "iuf":
            taken = {str(name).casefold() for name in frame.columns}
            return frame.rename_axis("iso3" if "iso3" not in taken else "index").reset_index()
        return frame.reset_index(drop=not names)
    return frame


def _well_shaped(table: Table) -> bool:
    """Whether columns have one name each, and there are rows; a breach is a problem."""
    names = [str(name) for name in table.frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    for name in twice:
        table.problems.add(f"column `{name}` is there {names.count(name)} times; keep one")
    if table.frame.empty:
        table.problems.add(
            "the table is empty: expected a country column and at least one row, received "
            f"{len(names)} columns and {len(table.frame)} rows"
        )
    table.frame = table.frame.set_axis([str(name).strip() for name in names], axis=1)
    return not twice and not table.frame.empty


def _country_column(table: Table) -> str:
    for name in COUNTRY_NAMES:
        found = named(table.frame, name)
        if found is not None:
            return found
    shown = ", ".join(f"`{name[:40]}`" for name in table.frame.columns[:12])
    table.problems.add(
        f"no country column: expected one named `iso3` or `country`, received {shown}"
    )
    return ""


def _countries(table: Table, column: pd.Series[Any]) -> NDArray[np.object_]:
    raw = column.to_numpy(dtype=object)
    found = to_iso3(raw)
    unknown = np.flatnonzero(found == None)  # noqa: E711
    reasons: dict[str, str] = {}
    for row in unknown[:LISTED]:
        text = "" if pd.isna(raw[row]) else str(raw[row]).strip()
        if text not in reasons:
            reasons[text] = _why_unknown(text)
    table.add(
        unknown,
        lambda row: (
            f"{table.rows.of(row)}: " + reasons["" if pd.isna(raw[row]) else str(raw[row]).strip()]
        ),
    )
    return found


def _check_same_country(table: Table, column: str) -> None:
    """A code and a name beside each other that are two countries: one of them is wrong."""
    for name in table.frame.columns:
        if name == column or name.casefold() not in COUNTRY_NAMES:
            continue
        other = table.frame[name].to_numpy(dtype=object)
        also = to_iso3(other)
        known = (also != None) & (table.country != None)  # noqa: E711
        table.add(
            np.flatnonzero(known & (also != table.country)),
            lambda row, name=name, other=other, also=also: (
                f"{table.place(row)}: `{name}` is '{other[row]}' ({also[row]}), another country; "
                "correct one of the two"
            ),
        )


def _why_unknown(text: str) -> str:
    if not text:
        return "the country is empty; give a name or an ISO 3166 code"
    gone = dissolved(text)
    if gone:
        return f"'{text}' no longer exists ({gone}); give its successor, or remove the row"
    if is_aggregate(text):
        return f"'{text}' is a group of countries, not a country; remove the row"
    try:
        country_iso3(text)
    except UnknownNameError as error:
        return error.message
    return f"'{text}' is not one country"


def _years(table: Table, column: pd.Series[Any]) -> NDArray[np.float64]:
    """The years, NaN where there is none."""
    years = numbers(table, column, "year")
    table.undated = np.isnan(years) & is_empty(column)
    odd = np.flatnonzero(~np.isnan(years) & ((years % 1 != 0) | (years < 1000) | (years > 2999)))
    table.add(odd, lambda row: f"{table.place(row)}: year {years[row]:.15g} is not a year")
    years[odd] = np.nan
    return years


def _is_long(frame: pd.DataFrame) -> bool:
    return named(frame, "indicator") is not None


def _wide(table: Table, keys: set[str | None], edition: int | None) -> Data:
    frame = table.frame
    columns = [name for name in frame.columns if name not in keys and name.casefold() not in LABELS]
    if not columns:
        table.problems.add("no indicator column: expected numbers beside the country column")
    if named(frame, "value") is not None and len(columns) == 1:
        table.problems.add(
            "a column `value` without a column `indicator`; a long table has `iso3`, `indicator`, `value`"
        )
    block = frame[columns]
    if all(dtype.kind in "fiu" for dtype in block.dtypes):
        values = np.array(block.to_numpy(dtype=float))
        rows, places = np.nonzero(np.isinf(values)) if np.isinf(values).any() else ((), ())
        for row, place in list(zip(rows, places, strict=True))[:LISTED]:
            table.problems.add(
                f"{table.place(int(row))}, column `{columns[place]}`: {values[row, place]} is infinite; "
                "leave it empty if unknown"
            )
        values[np.isinf(values)] = np.nan
    else:
        instead = (
            "every column beside the country and the year is an indicator; remove it, or list it as "
            "numbers"
        )
        values = np.column_stack(
            [numbers(table, block[name], name, instead=instead) for name in columns]
        )
    units, edition = _units(table, edition)

    def readable() -> Data:
        usable = np.asarray(table.country != None) & ~units.duplicated()  # noqa: E711
        return Data(units[usable], tuple(columns), values[usable], origin=table.origin)

    table.refuse(readable)
    return Data(units, tuple(columns), values, edition=edition, origin=table.origin)


def _units(table: Table, edition: int | None) -> tuple[pd.Index, int | None]:
    country, year = table.country, table.year
    if year is not None:
        table.add(
            np.flatnonzero(table.undated),
            lambda row: f"{table.place(row)}: the year is empty; give it",
        )
        known = year[~np.isnan(year)].astype(int)
        if len(np.unique(known)) > 1 and len(known) == len(year):
            units: pd.Index = pd.MultiIndex.from_arrays([country, known], names=["iso3", "year"])
            _twice(table, units)
            return units, None
        edition = int(known[0]) if known.size and edition is None else edition
        if len(known) < len(year):
            whole = ~np.isnan(year)
            _twice(table, pd.MultiIndex.from_arrays([country[whole], known]), np.flatnonzero(whole))
            return pd.Index(country, name="iso3", dtype=object), edition
    units = pd.Index(country, name="iso3", dtype=object)
    _twice(table, units)
    return units, edition


def _twice(table: Table, units: pd.Index, numbers: NDArray[np.intp] | None = None) -> None:
    repeated = units.duplicated(keep=False)
    if not repeated.any():
        return
    rows: dict[Any, list[int]] = {}
    for row in np.flatnonzero(repeated):
        key = units[int(row)]
        if (key[0] if isinstance(key, tuple) else key) is not None:
            number = int(row if numbers is None else numbers[row])
            rows.setdefault(key, []).append(number)
    for key, places in rows.items():
        who = f"{key[0]} in {key[1]}" if isinstance(key, tuple) else str(key)
        table.problems.add(
            f"{who} is given {len(places)} times: {table.rows.all_of(places[:10])}; keep one"
        )
