"""Turn a table, long or wide, into Data; check every rule and locate every breach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .._util.types import Array, Labels
from ..errors import DataError, Problems, UnknownNameError
from .countries import country_iso3, dissolved, is_aggregate, to_iso3
from .dataset import Data
from .layout import stem_of, years_as_rows
from .long import long_to_data
from .reading import Asked, Log, cut, few
from .table import COUNTRY_NAMES, RowNames, Table, is_empty, named, numbers, texts_of
from .wide import wide_to_data

__all__ = ["as_data", "assemble"]

UNKNOWN = 10
"""Unknown names of countries that are reported one by one."""


def as_data(
    source: Data | pd.DataFrame,
    *,
    edition: int | None = None,
    panel: bool | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    missing: str | float | Iterable[object] | None = None,
) -> Data:
    """Return Data from a DataFrame, long or wide; Data passes through.

    Long has columns ``iso3`` (or ``country``), ``indicator``, ``value`` and any of ``LONG_COLUMNS``;
    wide has a country index or column, an optional ``year``, and one numeric column an indicator.
    Countries are names or codes in any common form. Columns of years are read as rows, and columns of
    text are left out; ``data.reading`` reports it.

    A table is a snapshot unless it is a panel: with `panel`, with an index of (country, year), or where
    at least half of the cells have several years. In a snapshot each cell is the newest value, and older
    ones become conflicts; with `edition` the newest not later than that year. Other options are those
    of ``read_data``.

    Raises
    ------
    DataError
        With every problem of the table, one line a cause, each located by row, column and country.

    Examples
    --------
    >>> data = as_data(pd.DataFrame({"country": ["Pakistan", "KEN"], "gci": [64.88, 81.7]}))
    >>> data.values.loc["PAK", "gci"].item()
    64.88
    """
    if isinstance(source, Data):
        return source
    if isinstance(source, pd.DataFrame) and edition is None and panel is None:
        # A frame of `Data.to_long` says what its years cannot.
        edition, panel = source.attrs.get("edition"), source.attrs.get("panel") or None
    asked = Asked.of(
        edition=edition, panel=panel, decimal=decimal, thousands=thousands, missing=missing
    )
    return assemble(source, origin="given table", asked=asked)


def assemble(
    frame: pd.DataFrame,
    *,
    origin: str,
    edition: int | None = None,
    rows: RowNames | None = None,
    problems: Problems | None = None,
    asked: Asked | None = None,
    log: Log | None = None,
) -> Data:
    """Return Data from a frame; see ``as_data``.

    `rows` says what rows are called in messages; `problems` and `log` are those of reading the frame.
    """
    if not isinstance(frame, pd.DataFrame):
        kind = type(frame).__name__
        swapped = "; the order is (framework, data)" if kind == "Framework" else ""
        raise DataError(f"expected Data or a pandas DataFrame, received {kind}{swapped}")
    asked = asked or Asked(edition=edition)
    if asked.panel is None and asked.edition is None and isinstance(frame.index, pd.MultiIndex):
        asked = replace(asked, panel=True)
    log = log or Log(origin)
    table = Table(
        _with_index(frame),
        origin,
        rows or RowNames(),
        problems or Problems(origin),
        asked=asked,
        log=log,
    )
    country_column = _country_column(table) if _well_shaped(table) else ""
    if not country_column:
        table.problems.raise_as(DataError)
    table.country = _countries(table, country_column)
    year_column = named(table.frame, "year")
    if year_column is not None:
        table.year = _years(table, table.frame[year_column])
    if _is_long(table.frame):
        return long_to_data(table)
    return wide_to_data(table, {country_column, year_column})


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
    """Check that columns have one name each and that there are rows; turn columns of years into rows."""
    names = [str(name).strip() for name in table.frame.columns]
    counts = Counter(names)
    twice = sorted(name for name, count in counts.items() if count > 1)
    listed = set("\n".join(table.problems.lines).split("`"))
    for name in twice:
        if name not in listed:
            table.problems.add(f"column `{cut(name)}` is there {counts[name]} times; keep one")
    if table.frame.empty:
        table.problems.add(
            "the table is empty: expected a country column and at least one row, received "
            f"{len(names)} columns and {len(table.frame)} rows"
        )
    table.frame = table.frame.set_axis(names, axis=1)
    folded = {name.casefold() for name in names}
    if "country code" in folded and folded & {"indicator code", "series code"}:
        raise DataError(
            f"{table.origin}: this is a World Bank file; turn it into records with "
            "`dsr-risk records world_bank FILE`"
        )
    if twice or table.frame.empty:
        return False
    path = Path(table.origin)
    stem = stem_of(path) if path.suffix else "value"
    table.frame, table.rows = years_as_rows(table.frame, table.rows, table.log, stem)
    return not table.frame.empty


def _country_column(table: Table) -> str:
    """Return the column of countries: of codes where there is one, else of names."""
    folded = {name.casefold(): name for name in table.frame.columns}
    if {"entity", "code"} <= set(folded):
        return folded["code"]
    for name in (*COUNTRY_NAMES, "entity"):
        if name in folded:
            return folded[name]
    shown = ", ".join(f"`{cut(name)}`" for name in table.frame.columns[:12])
    table.problems.add(
        f"no country column: expected one named `iso3` or `country`, received {shown}{_holds_countries(table)}"
    )
    return ""


def _holds_countries(table: Table) -> str:
    """Return a remark on the column that looks like one of countries."""
    for name in table.frame.columns[:12]:
        cells = [
            cell for cell in table.frame[name].head(50) if isinstance(cell, str) and cell.strip()
        ]
        codes = to_iso3(cells)
        if cells and sum(code is not None for code in codes) >= 0.8 * len(cells):
            return f"; `{cut(name)}` holds countries: name it `country`"
    return ""


def _countries(table: Table, column: str) -> Labels:
    """Return the country of every row; rows without one are problems, groups in OWID files are left out."""
    codes, raw = _resolved(table, column)
    others = [
        name
        for name in table.frame.columns
        if name != column and name.casefold() in (*COUNTRY_NAMES, "entity")
    ]
    if others:
        codes = _beside(table, column, codes, raw, others)
    if {"entity", "code"} <= {name.casefold() for name in table.frame.columns}:
        codes = _without_groups(table, codes, raw)
        raw = texts_of(table.frame[column])
    _report_unknown(table, codes, raw)
    return codes


def _resolved(table: Table, column: str) -> tuple[Labels, Labels]:
    """Return codes and texts of a column; `NA` is Namibia among codes of two letters only."""
    values = table.frame[column]
    raw = texts_of(values)
    codes = to_iso3(raw)
    upper = np.array([text.upper() for text in raw], dtype=object)
    na = upper == "NA"
    if na.any() and not na.all():
        rest = [text for text in dict.fromkeys(upper[~na]) if text]
        if not any(len(text) == 2 for text in rest):
            codes[na] = None
    return codes, raw


def _beside(table: Table, column: str, codes: Labels, raw: Labels, others: list[str]) -> Labels:
    """Compare with the other columns of countries: they fill empty codes, and must not contradict."""
    codes = codes.copy()
    filled = 0
    for name in others:
        also, texts = _resolved(table, name)
        both = (also != None) & (codes != None)  # noqa: E711
        table.add(
            np.flatnonzero(both & (also != codes)),
            lambda row, name=name, texts=texts, also=also: (  # type: ignore[misc]
                f"{table.rows.of(row)} ({codes[row]}): `{cut(name)}` is '{cut(texts[row])}' ({also[row]}), "
                "another country; correct one of the two"
            ),
        )
        empty = np.array([text.upper() in ("", "NA", "NAN", "NONE") for text in raw], bool)
        use = empty & (codes == None) & (also != None)  # noqa: E711
        codes[use] = also[use]
        filled += int(use.sum())
    if filled:
        table.log.note(
            f"{filled:,} rows without a code in `{cut(column)}` are read by "
            + ", ".join(f"`{cut(name)}`" for name in others)
        )
    return codes


def _without_groups(table: Table, codes: Labels, raw: Labels) -> Labels:
    """Leave out the groups of countries that Our World in Data lists beside countries."""
    entity = named(table.frame, "entity")
    names = texts_of(table.frame[entity]) if entity is not None else raw
    groups = np.array(
        [
            code is None and (text.upper().startswith("OWID_") or not text or is_aggregate(name))
            for code, text, name in zip(codes, raw, names, strict=True)
        ],
        bool,
    )
    if not groups.any():
        return codes
    table.log.note(
        f"{int(groups.sum()):,} rows of groups of countries are left out: {few(dict.fromkeys(names[groups]))}"
    )
    keep = np.flatnonzero(~groups)
    table.rows = RowNames(
        word=table.rows.word, listed=[table.rows.number(int(row)) for row in keep]
    )
    table.frame = table.frame.iloc[keep].reset_index(drop=True)
    return codes[keep]


def _report_unknown(table: Table, codes: Labels, raw: Labels) -> None:
    """Add one problem for every text that is no country, with its rows; the many are counted."""
    places: dict[str, list[int]] = {}
    for row in np.flatnonzero(codes == None):  # noqa: E711
        places.setdefault(raw[row], []).append(int(row))
    for text, rows in list(places.items())[:UNKNOWN]:
        where = table.rows.of(rows[0]) if len(rows) == 1 else table.rows.all_of(rows)
        table.problems.add(f"{where}: {_why_unknown(text)}")
    if len(places) > UNKNOWN:
        rest = list(places.items())[UNKNOWN:]
        count = sum(len(rows) for _, rows in rest)
        table.problems.add(
            f"{count:,} more {table.rows.word}s have a country that is not known: {few(text for text, _ in rest)}"
        )


def _why_unknown(text: str) -> str:
    shown = cut(text, 60)
    if not text:
        return "the country is empty; give a name or an ISO 3166 code"
    if text.upper() == "NA":
        return "'NA' is how R writes a missing country; write NAM for Namibia, or remove the row"
    if reason := dissolved(text):
        return f"'{shown}' no longer exists ({reason}); give its successor, or remove the row"
    if is_aggregate(text):
        return f"'{shown}' is a group of countries, not a country; remove the row"
    try:
        country_iso3(text)
    except UnknownNameError as error:
        return error.message
    return f"'{shown}' is not one country"


def _years(table: Table, column: pd.Series[Any]) -> Array:
    """Return the years, NaN where there is none."""
    years = numbers(table, column, "year")
    table.undated = np.isnan(years) & is_empty(column)
    odd = np.flatnonzero(~np.isnan(years) & ((years % 1 != 0) | (years < 1000) | (years > 2999)))
    table.add(odd, lambda row: f"{table.place(row)}: year {years[row]:.15g} is not a year")
    years[odd] = np.nan
    return years


def _is_long(frame: pd.DataFrame) -> bool:
    return named(frame, "indicator") is not None
