"""The country of every row: which column holds countries, how they are read, and rows that are no country."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from .._util.display import counted
from .._util.types import Index, Labels, Mask
from ..errors import DataError, UnknownNameError
from .column_names import COUNTRY_NAMES, FOREIGN_NAMES, NUMERIC_NAMES, PARTNERS
from .countries import (
    country_iso3,
    dissolved,
    in_other_language,
    is_aggregate,
    numbered,
    to_iso3,
)
from .marks import looks_numeric
from .reading import cut, few
from .table import Table, named, texts_of
from .text import ENCODINGS

__all__ = ["column_of_countries", "countries_of_rows"]

LONGEST_SUMMARY = 60
UNKNOWN = 10
"""Unknown names of countries that are reported one by one."""
SAME_COUNTRIES = 0.8
"""The least share of rows in which two columns name the same country, or a column names one at all."""
_OF_COUNTRIES = re.compile(
    r"countr|econom|nation|state|territor|area|region|jurisdiction|pays|land|pa\u00eds|pais|paese|iso|alpha|geo|"
    r"location|code|name|adm0|spatial|\bid\b|unit|\u56fd|\u0441\u0442\u0440\u0430\u043d"
)
PARTS_OF_VDEM = frozenset({"SML", "ZZB", "PSG", "PSB"})
"""Somaliland, Zanzibar, Gaza and the West Bank, which have no code in ISO 3166."""
_SUMMARY = re.compile(
    "total|totals|grand total|sum|average|averages|mean|median|min|max|minimum|maximum|count|n|"
    "sd|std|std dev|standard deviation|subtotal|overall|all|all countries|rest of the world|"
    "gesamt|insgesamt|summe|durchschnitt|mittelwert|moyenne|m\u00e9diane|somme|promedio|media|"
    "mediana|suma|totale|m\u00e9dia|\u0438\u0442\u043e\u0433\u043e|"
    "\u0432\u0441\u0435\u0433\u043e|\u0441\u0440\u0435\u0434\u043d\u0435\u0435|\u5408\u8ba1|"
    "\u603b\u8ba1|\u5e73\u5747|\u0627\u0644\u0645\u062c\u0645\u0648\u0639"
)


def column_of_countries(table: Table) -> str:
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
        if len(cells) > 1 and sum(code is not None for code in codes) >= SAME_COUNTRIES * len(
            cells
        ):
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


def countries_of_rows(table: Table, column: str) -> Labels:
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
    unread = codes == None  # noqa: E711
    if column.casefold() in NUMERIC_NAMES:
        codes[unread] = numbered(unique[unread])
    elif column.casefold() in FOREIGN_NAMES:
        codes[unread] = in_other_language(unique[unread])
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
    left = {table.rows.number(int(row)) for row in np.flatnonzero(out)}
    table.log.note(
        f"{counted(len(left), 'row')} {' and '.join(kinds)} left out: {few(dict.fromkeys(names[out]))}"
    )
    return codes[_keep(table, ~out)]


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


def _keep(table: Table, mask: Mask) -> Index:
    """Keep the rows of the mask, with their numbers; return their places before."""
    keep = np.flatnonzero(mask)
    table.rows = table.rows.taken(keep)
    table.frame = table.frame.iloc[keep].reset_index(drop=True)
    return keep


def _is_summary(text: str) -> bool:
    return _SUMMARY.fullmatch(text[:LONGEST_SUMMARY].casefold().strip(" :*")) is not None


def _report_unknown(table: Table, codes: Labels, raw: Labels) -> None:
    """Add one problem for every text that is no country, with its rows; the many are counted."""
    rows_of: dict[str, list[int]] = {}
    for row in np.flatnonzero(codes == None):  # noqa: E711
        rows_of.setdefault(raw[row], []).append(int(row))
    across = [name for name in table.frame if to_iso3([name])[0] is not None]
    if rows_of and len(across) > 1 and 2 * len(across) > len(table.frame.columns) - 1:
        table.problems.add(
            f"the countries are columns ({few(across)}): transpose the table, one row a country"
        )
        return
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
