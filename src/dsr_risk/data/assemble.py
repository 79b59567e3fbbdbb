"""Turn a table, long or wide, into Data; check every rule and locate every breach."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict, Unpack

import numpy as np
import pandas as pd

from .._util.arguments import typed
from .._util.checks import check_options
from .._util.display import counted
from .._util.types import Array, Index, Labels, Mask
from ..errors import DataError, Problems, UnknownNameError
from .column_names import COUNTRY_NAMES, FOREIGN_NAMES, NUMERIC_NAMES, PARTNERS
from .countries import (
    country_iso3,
    dissolved,
    in_other_language,
    is_aggregate,
    numbered,
    to_iso3,
)
from .dataset import Data
from .dimensions import only_rows
from .identifiers import COUNTRY, check_units, identifiers, with_identifiers
from .long import long_to_data
from .marks import is_missing, looks_numeric, missing_words
from .published import last_years_of, published, scales_of, standard_names
from .reading import Asked, Log, cut, few
from .table import RowNames, Table, is_empty, named, numbers, texts_of
from .text import ENCODINGS
from .wide import wide_to_data
from .year_columns import spans_of_years, stem_of, years_as_rows
from .years import year_of

__all__ = ["as_data", "assemble"]

LONGEST_SUMMARY = 60
UNKNOWN = 10
"""Unknown names of countries that are reported one by one."""


class CellMarks(TypedDict, total=False):
    """How the cells of a table are written; see ``read_data``."""

    decimal: str | None
    thousands: str | None
    missing: str | float | Iterable[object] | None
    indicators: str | Iterable[str] | None


@typed(own=("source",))
def as_data(
    source: Data | pd.DataFrame,
    *,
    edition: int | None = None,
    panel: bool | None = None,
    units: str | None = None,
    **marks: Unpack[CellMarks],
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

    With ``units="any"`` units are regions, firms or anything else with an identifier: the index, a column
    such as ``id`` or ``name``, the first column of text, or the numbers of the rows; any other value of
    `units` names the column.

    Parameters
    ----------
    source
        A DataFrame, long or wide, or Data.
    edition, panel, units
        As above.
    decimal, thousands, missing, indicators
        The decimal mark, the thousands mark, the cells that mean "missing" and the names of indicators, as
        in ``read_data``.

    Returns
    -------
    Data
        The table, read and checked.

    Raises
    ------
    DataError
        With every problem of the table, one line a cause, each located by row, column and country.
    ArgumentError
        For an option that there is not.

    Examples
    --------
    >>> data = as_data(pd.DataFrame({"country": ["Pakistan", "KEN"], "gci": [64.88, 81.7]}))
    >>> data.values.loc["PAK", "gci"].item()
    64.88
    """
    check_options("as_data", CellMarks, marks)
    if isinstance(source, Data):
        return source
    if isinstance(source, pd.DataFrame) and edition is None and panel is None:
        # A frame of `Data.to_long` says what its years cannot.
        edition, panel = source.attrs.get("edition"), source.attrs.get("panel") or None
        units = source.attrs.get("units") if units is None else units
        if marks.get("missing") is None:
            marks["missing"] = source.attrs.get("missing")
    asked = Asked.of(
        edition=edition,
        panel=panel,
        units=check_units(COUNTRY if units is None else units),
        **marks,
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
    _check_is_frame(frame)
    asked = asked or Asked(edition=edition)
    if asked.panel is None and asked.edition is None and isinstance(frame.index, pd.MultiIndex):
        asked = replace(asked, panel=True)
    log = log or Log(origin)
    any_unit = asked.units != COUNTRY
    frame, rows = only_rows(frame, rows or RowNames(), asked, log)
    given = frame.set_axis([str(name).strip() for name in frame.columns], axis=1)
    frame, key = with_identifiers(frame, asked.units) if any_unit else (_with_index(frame), "")
    table = Table(
        frame,
        origin,
        rows,
        problems or Problems(origin),
        asked=asked,
        log=log,
        key=key,
        given=given,
    )
    country_column = (key or _country_column(table)) if _well_shaped(table) else ""
    if not country_column:
        table.problems.raise_as(DataError)
    table.country = (
        identifiers(table, country_column) if any_unit else _countries(table, country_column)
    )
    year_column = _take_years(table)
    if _is_long(table.frame):
        return long_to_data(table)
    return wide_to_data(table, {country_column, year_column})


def _take_years(table: Table) -> str | None:
    """Read the column of years where there is one; return its name."""
    year_column = named(table.frame, "year")
    if year_column is not None:
        table.year = _years(table, table.frame[year_column])
    elif table.asked.panel:
        table.problems.add(
            "it is to be read as a panel and has no column of years: add a column `year`, or read it as a "
            "snapshot"
        )
    return year_column


def _check_is_frame(frame: object) -> None:
    if not isinstance(frame, pd.DataFrame):
        kind = type(frame).__name__
        swapped = "; the order is (framework, data)" if kind == "Framework" else ""
        raise DataError(f"expected Data or a pandas DataFrame, received {kind}{swapped}")


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
    path = Path(table.origin)
    stem = stem_of(path) if path.suffix else "value"
    if table.asked.units == COUNTRY:
        table.frame, table.lists_groups = published(table.frame, stem, table.log)
        table.scales = scales_of(table)
        table.last_years = last_years_of(table.given)
    names = standard_names([str(name) for name in table.frame.columns], table)
    counts = Counter(names)
    twice = sorted(name for name, count in counts.items() if count > 1)
    named = set("\n".join(table.problems.lines).split("`"))
    for name in twice:
        if name not in named:
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
    if spans := spans_of_years(names):
        table.problems.add(
            f"columns {few(spans)} are spans or parts of years; name each column by one year"
        )
        return False
    named_by = (stem, table.key)
    table.frame, table.rows = years_as_rows(
        table.frame, table.rows, table.log, named_by, table.asked.indicators
    )
    return not table.frame.empty


def _country_column(table: Table) -> str:
    """Return the column of countries: of codes where there is one, else of names."""
    folded = {name.casefold(): name for name in table.frame.columns}
    if {"entity", "code"} <= set(folded):
        return folded["code"]
    for name in (*COUNTRY_NAMES, "entity"):
        if name in folded:
            return folded[name]
    if name := _holds_countries(table):
        table.log.note(f"column `{cut(name)}` holds countries and is read as the country of a row")
        return name
    shown = ", ".join(f"`{cut(name)}`" for name in table.frame.columns[:12])
    across = sum(code is not None for code in to_iso3(table.frame.columns))
    if across == 1 and any(map(looks_numeric, table.frame.columns)):
        remark = "; the first row holds a country: write a header row above it"
    elif across > 1:
        remark = "; the countries are columns: transpose the table, one row a country"
    else:
        remark = ""
    table.problems.add(
        f"no country column: expected one named `iso3` or `country`, received {shown}{remark}"
    )
    return ""


def _holds_countries(table: Table) -> str:
    """Return the first column whose cells are countries; "" where it, or another one, may be a partner."""
    names: list[str] = []
    first: Labels | None = None
    if any(map(looks_numeric, table.frame.columns)):
        return ""
    for name in table.frame.columns:
        column = table.frame[name]
        if column.dtype.kind in "fiub":
            continue
        cells = [cell for cell in column if isinstance(cell, str) and cell.strip()][:200]
        codes = to_iso3(cells)
        if len(cells) > 1 and sum(code is not None for code in codes) >= 0.8 * len(cells):
            same = first is not None and (codes == first[: len(codes)]).mean() >= SAME_COUNTRIES
            first = codes if first is None else first
            names += [] if same else [name]
    alone = len(names) == 1 and not PARTNERS.search(names[0].casefold())
    if alone and not _OF_COUNTRIES.search(names[0].casefold()):
        table.problems.add(
            f"no country column, and `{cut(names[0])}` holds countries: name it `country`"
        )
        table.problems.raise_as(DataError)
    return names[0] if alone else ""


SAME_COUNTRIES = 0.8
_OF_COUNTRIES = re.compile(
    r"countr|econom|nation|state|territor|area|region|jurisdiction|pays|land|pa\u00eds|pais|paese|iso|alpha|geo|"
    r"location|code|name|adm0|spatial|\bid\b|unit|\u56fd|\u0441\u0442\u0440\u0430\u043d"
)


def _countries(table: Table, column: str) -> Labels:
    """Return the country of every row; rows without one are problems, or left out as groups."""
    codes, raw = _resolved(table, column)
    others = [
        name
        for name in table.frame.columns
        if name != column and name.casefold() in (*COUNTRY_NAMES, "entity")
    ]
    if others and not (codes != None).any():  # noqa: E711
        column, codes, raw = _by_names(table, column, codes, raw, others)
        others = [name for name in others if name != column]
    elif others:
        codes = _beside(table, column, codes, raw, others)
    codes, raw = _without_headings(table, column, codes, raw)
    codes = _without_groups(table, codes, raw, others)
    raw = texts_of(table.frame[column])
    _report_unknown(table, codes, raw)
    return codes


def _resolved(table: Table, column: str) -> tuple[Labels, Labels]:
    """Return codes and texts of a column; `NA` is Namibia among codes of two letters only."""
    values = table.frame[column]
    raw = texts_of(values)
    positions, unique = pd.factorize(raw)
    codes = to_iso3(unique)
    further = (
        numbered
        if column.casefold() in NUMERIC_NAMES
        else in_other_language
        if column.casefold() in FOREIGN_NAMES
        else None
    )
    if further is not None:
        unread = codes == None  # noqa: E711
        codes[unread] = further(unique[unread])
    codes = codes[positions]
    upper = raw
    na = (raw == "NA") | (raw == "na")
    if na.any() and not na.all():
        upper = np.array([text.upper() for text in raw], dtype=object)
        rest = [text for text in dict.fromkeys(upper[~na]) if text]
        if not any(len(text) == 2 for text in rest):
            codes[na] = None
    return codes, raw


def _by_names(
    table: Table, column: str, codes: Labels, raw: Labels, others: list[str]
) -> tuple[str, Labels, Labels]:
    """Return the column of countries beside one of codes that are no codes of countries, as those of the IMF."""
    for name in others:
        also, texts = _resolved(table, name)
        if (also != None).mean() >= SAME_COUNTRIES:  # noqa: E711
            table.log.note(
                f"`{cut(column)}` holds codes of another list ({few(dict.fromkeys(raw), 2)}): countries are read "
                f"by `{cut(name)}`"
            )
            return name, also, texts
    return column, codes, raw


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
            f"{counted(filled, 'row')} without a code in `{cut(column)}` read by "
            + ", ".join(f"`{cut(name)}`" for name in others)
        )
    return codes


def _without_groups(table: Table, codes: Labels, raw: Labels, others: list[str]) -> Labels:
    """Leave out groups of countries and summaries of rows; parts of states where a publisher lists them."""
    folded = {name.casefold() for name in table.frame.columns}
    listed = table.lists_groups or {"entity", "code"} <= folded
    beside = named(table.frame, "entity") or named(table.frame, "country_name")
    if beside is None and others:
        beside = others[0]
    names = texts_of(table.frame[beside]) if beside is not None else raw
    unknown = np.flatnonzero(codes == None)  # noqa: E711
    summary = [row for row in unknown if _is_summary(raw[row] or names[row])]
    groups = [
        row
        for row in unknown
        if is_aggregate(raw[row])
        or is_aggregate(names[row])
        or (listed and (raw[row].upper().startswith("OWID_") or raw[row] in {"", *PARTS_OF_VDEM}))
    ]
    out = np.zeros(len(codes), bool)
    out[[*summary, *groups]] = True
    if not out.any() or (out.all() and not listed):
        return codes
    kinds = [*(["of groups of countries"] if groups else []), *(["of totals"] if summary else [])]
    table.log.note(
        f"{counted(int(out.sum()), 'row')} {' and '.join(kinds)} left out: {few(dict.fromkeys(names[out]))}"
    )
    return codes[_keep(table, ~out)]


PARTS_OF_VDEM = frozenset({"SML", "ZZB", "PSG", "PSB"})
"""Somaliland, Zanzibar, Gaza and the West Bank, which have no code in ISO 3166."""


def _keep(table: Table, mask: Mask) -> Index:
    """Keep the rows of the mask, with their numbers; return their places before."""
    keep = np.flatnonzero(mask)
    table.rows = table.rows.taken(keep)
    table.frame = table.frame.iloc[keep].reset_index(drop=True)
    return keep


def _without_headings(
    table: Table, column: str, codes: Labels, raw: Labels
) -> tuple[Labels, Labels]:
    """Skip rows that hold the name of a group of countries and nothing else: headings between rows."""
    candidates = [row for row in np.flatnonzero(codes == None) if is_aggregate(raw[row])]  # noqa: E711
    if not candidates:
        return codes, raw
    rest = table.frame.drop(columns=column)
    blank = [
        row
        for row in candidates
        if all(pd.isna(cell) or not str(cell).strip() for cell in rest.iloc[row])
    ]
    if not blank or len(blank) == len(codes):
        return codes, raw
    table.log.note(
        f"{counted(len(blank), 'heading')} of groups without values skipped: {few(raw[blank])}"
    )
    mask = np.ones(len(codes), bool)
    mask[blank] = False
    keep = _keep(table, mask)
    return codes[keep], raw[keep]


def _report_unknown(table: Table, codes: Labels, raw: Labels) -> None:
    """Add one problem for every text that is no country, with its rows; the many are counted."""
    rows_of: dict[str, list[int]] = {}
    for row in np.flatnonzero(codes == None):  # noqa: E711
        rows_of.setdefault(raw[row], []).append(int(row))
    for text, rows in list(rows_of.items())[:UNKNOWN]:
        where = table.rows.of(rows[0]) if len(rows) == 1 else table.rows.all_of(rows)
        table.problems.add(f"{where}: {_why_unknown(text)}")
    guessed = table.log.facts.get("encoding", "")
    if guessed and any(not text.isascii() for text in rows_of):
        encodings = ", ".join(ENCODINGS[1:6])
        table.problems.add(
            f"the file is no UTF-8 and was read as {guessed.removeprefix('encoding ')}: if names look wrong, give "
            f"its `encoding`, as in {encodings}"
        )
    if len(rows_of) > UNKNOWN:
        rest = list(rows_of.items())[UNKNOWN:]
        count = sum(len(rows) for _, rows in rest)
        table.problems.add(
            f"{count:,} more {table.rows.word}s have a country that is not known: {few(text for text, _ in rest)}"
        )


_SUMMARY = re.compile(
    "total|totals|grand total|sum|average|averages|mean|median|min|max|minimum|maximum|count|n|"
    "sd|std|std dev|standard deviation|subtotal|overall|all|all countries|rest of the world|"
    "gesamt|insgesamt|summe|durchschnitt|mittelwert|moyenne|m\u00e9diane|somme|promedio|media|"
    "mediana|suma|totale|m\u00e9dia|\u0438\u0442\u043e\u0433\u043e|"
    "\u0432\u0441\u0435\u0433\u043e|\u0441\u0440\u0435\u0434\u043d\u0435\u0435|\u5408\u8ba1|"
    "\u603b\u8ba1|\u5e73\u5747|\u0627\u0644\u0645\u062c\u0645\u0648\u0639"
)


def _is_summary(text: str) -> bool:
    return _SUMMARY.fullmatch(text[:LONGEST_SUMMARY].casefold().strip(" :*")) is not None


def _why_unknown(text: str) -> str:
    shown = cut(text, 60)
    if not text:
        return "the country is empty; give a name or an ISO 3166 code"
    if text.upper() == "NA":
        return "'NA' is how R writes a missing country; write NAM for Namibia, or remove the row"
    if reason := dissolved(text):
        return f"'{shown}' no longer exists ({reason}); give its successor, or remove the row"
    if _is_summary(text):
        return f"'{shown}' is a summary of rows, not a country; remove the row"
    if is_aggregate(text):
        return f"'{shown}' is a group of countries, not a country; remove the row"
    try:
        country_iso3(text)
    except UnknownNameError as error:
        return error.message
    return f"'{shown}' is not one country"


def _years(table: Table, column: pd.Series[Any]) -> Array:
    """Return the years, NaN where there is none."""
    unread = np.zeros(len(column), bool)
    if column.dtype.kind not in "fiu":
        column, unread = _plain_years(table, column)
    years = numbers(table, column, "year")
    table.undated = np.isnan(years) & is_empty(column) & ~unread
    odd = np.flatnonzero(~np.isnan(years) & ((years % 1 != 0) | (years < 1000) | (years > 2999)))
    table.add(odd, lambda row: f"{table.row_name(row)}: year {years[row]:.15g} is not a year")
    years[odd] = np.nan
    return years


def _plain_years(table: Table, column: pd.Series[Any]) -> tuple[pd.Series[Any], Mask]:
    """Return years in place of dates and marked years, and which cells are spans or parts: problems."""
    texts = texts_of(column)
    words = missing_words(table.asked)
    dates: dict[str, int] = {}
    for text in dict.fromkeys(texts):
        year = None if is_missing(text, words) else year_of(text)
        if year is not None and text not in (str(year), f"{year}.0"):
            dates[text] = year
    if dates:
        table.log.note(f"`year` holds dates or marked years, read as their year: {few(dates)}")
    parts = [
        row
        for row, text in enumerate(texts)
        if text not in dates and _PART.fullmatch(text) and not looks_numeric(text)
    ]
    table.add(
        np.array(parts, np.intp),
        lambda row: (
            f"{table.rows.of(row)}: '{cut(texts[row])}' is a span or a part of a year; give each row one year"
        ),
    )
    unread = np.zeros(len(texts), bool)
    unread[parts] = True
    plain = [
        "" if part else dates.get(text, text) for text, part in zip(texts, unread, strict=True)
    ]
    return pd.Series(plain, dtype=object), unread


_PART = re.compile(
    r"(?:FY|AY)?\s*[12]\d{3}\s*(?:[-/\u2013]\s*\d{1,4}|[QMSHW-]\s*\d{1,2})"
    r"|(?:Q\d|[A-Za-z]{3,9})[ -]?[12]\d{3}",
    re.IGNORECASE,
)


def _is_long(frame: pd.DataFrame) -> bool:
    return named(frame, "indicator") is not None
