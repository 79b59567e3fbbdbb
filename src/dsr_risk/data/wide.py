"""The wide format: one row a country (and year), one column an indicator."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pandas as pd

from .._util.display import counted
from .._util.types import Array, Labels, Mask
from .column_names import FIGURES, LABELS
from .dataset import Data
from .dimensions import told_apart
from .identifiers import IDENTIFIER, repeated as repeated_line
from .long import table_to_data
from .marks import (
    find_marks,
    is_missing,
    looks_numeric,
    missing_words,
    numeric_share,
    without_codes,
)
from .numbers import numbers
from .reading import cut, few
from .table import Table, named, noted, questioned, texts_of, written
from .truth import truth_of
from .years import is_date, year_of

__all__ = ["wide_to_data"]

TEXT = 0.2
"""Columns with a smaller share of numbers than this are text."""


def wide_to_data(table: Table, keys: set[str | None]) -> Data:
    """Return Data from a wide table whose countries and years are already read."""
    frame = table.frame
    columns = [name for name in frame.columns if name not in keys and not _is_label(table, name)]
    beside = _notes_beside(table, columns)
    columns = [name for name in columns if name not in beside]
    if not columns:
        table.problems.add("no indicator column: expected numbers beside the country column")
    if named(frame, "value") is not None and len(columns) == 1:
        table.problems.add(
            "a column `value` without a column `indicator`; a long table has `iso3`, `indicator`, `value`"
        )
    dated = set(_years_beside(table, columns))
    columns = [name for name in columns if name not in dated]
    columns, values = _values(table, columns)
    for name, column in beside.items():
        if any(texts := texts_of(table.frame[name])):
            table.notes[column] = noted(table.notes.get(column), texts)
    if table.year is not None:
        _check_dated(table)
    keep, values = _merged(table, values)
    table.refuse(lambda: _readable(table, columns, values))
    if table.year is None or len(np.unique(table.year)) == 1:
        return _one_year(table, tuple(columns), values, keep)
    return _several_years(table, tuple(columns), values, keep)


def _is_label(table: Table, name: str) -> bool:
    """Tell whether a column names or describes units, by its name."""
    folded = name.casefold()
    if folded not in LABELS and folded != "code":
        return False
    column = table.frame[name]
    if folded not in FIGURES or column.isna().all():
        return True
    texts = Counter(texts_of(column)) if column.dtype.kind not in "fiu" else None
    return texts is not None and numeric_share(texts, missing_words(table.asked)) < TEXT


def _values(table: Table, columns: list[str]) -> tuple[list[str], Array]:
    """Return the numeric columns and their values; columns of text are left out and reported."""
    yes_or_no = [name for name in columns if table.frame[name].dtype.kind == "b"]
    if yes_or_no:
        table.log.note(f"true and false are read as 1 and 0: {few(yes_or_no, 6)}")
        table.frame = table.frame.astype(dict.fromkeys(yes_or_no, float))
    block = table.frame[columns]
    if all(dtype.kind in "fiu" for dtype in block.dtypes):
        values = np.array(block.to_numpy(dtype=float))
        if np.isinf(values).any():
            values = np.column_stack([numbers(table, block[name], name) for name in columns])
        values = without_codes(values, table.asked, table.log)
    else:
        columns = _numeric_columns(table, columns)
        values = (
            np.column_stack([numbers(table, table.frame[name], name) for name in columns])
            if columns
            else np.empty((len(block), 0))
        )
    for index, name in enumerate(columns):
        questioned(table, values[:, index], name)
    return columns, values


def _numeric_columns(table: Table, columns: list[str]) -> list[str]:
    """Tell columns of numbers from columns of text, and find the marks that the numbers agree on."""
    words = missing_words(table.asked)
    texts: dict[str, Counter[str]] = {
        name: Counter(texts_of(table.frame[name]))
        for name in columns
        if table.frame[name].dtype.kind not in "fiu"
    }
    _read_truth(table, texts, words)
    kept = []
    for name in columns:
        if name in texts:
            filled = [text for text in texts[name] if not is_missing(text, words)]
            dates = bool(filled) and all(map(is_date, filled))
            if dates or numeric_share(texts[name], words) < TEXT:
                table.log.ignore(name, f"{'dates' if dates else 'text'} such as {few(filled, 2)}")
                continue
        kept.append(name)
    if columns and not kept:
        reason = next(iter(table.log.ignored.values()))
        table.problems.add(
            f"no column of numbers beside the country: {', '.join(f'`{cut(name)}`' for name in columns[:8])} "
            f"{'holds' if len(columns) == 1 else 'hold'} {reason}"
        )
    numeric = {name: written(table.frame[name]) for name in kept if name in texts}
    table.marks = find_marks(numeric, table.asked, table.problems, table.log)
    odd = sorted(
        {text for cells in numeric.values() for text in cells if is_missing(text, words)} - _PLAIN
    )
    if odd:
        table.log.note(f"read as missing: {few(odd, 6)}")
    return kept


def _read_truth(table: Table, texts: dict[str, Counter[str]], words: frozenset[str]) -> None:
    """Turn columns of words for yes and no into 1 and 0, and take them out of the texts."""
    flags: dict[str, pd.Series[float]] = {}
    for name in list(texts):
        filled = [text for text in texts[name] if not is_missing(text, words)]
        meant = truth_of(filled)
        if meant is not None:
            flags[name] = pd.Series(texts_of(table.frame[name])).map(meant).astype(float)
            del texts[name]
    if flags:
        pairs = ", ".join(f"`{cut(name)}`" for name in list(flags)[:6])
        table.log.note(f"words for yes and no are read as 1 and 0: {pairs}")
        table.frame = table.frame.assign(
            **{name: column.to_numpy() for name, column in flags.items()}
        )


_PLAIN = {"", "NA", "nan", "NaN", "N/A", "n/a", "na", "None", "<NA>", "null"}


def _check_dated(table: Table) -> None:
    table.add(
        np.flatnonzero(table.undated),
        lambda row: f"{table.row_name(row)}: the year is empty; give it",
    )


def _readable(table: Table, columns: list[str], values: Array) -> Data:
    """Return what can be read of a table with problems."""
    units = pd.Index(table.country, name=table.unit_name, dtype=object)
    usable = np.asarray(table.country != None) & ~units.duplicated()  # noqa: E711
    return Data(units[usable], tuple(columns), values[usable], origin=table.source)


def _one_year(table: Table, columns: tuple[str, ...], values: Array, keep: Mask) -> Data:
    """Return a snapshot: of no stated year, or of the one year in the table."""
    edition = table.asked.edition
    if table.year is not None:
        year = int(table.year[0])
        if edition is not None and year > edition:
            return _several_years(table, columns, values, keep)
        edition = year if edition is None else edition
    units: pd.Index = pd.Index(table.country, name=table.unit_name, dtype=object)[keep]
    if table.asked.panel and table.year is not None:
        units = _units(table)[keep]
        edition = None
    data = Data(
        units, columns, values[keep], edition=edition, origin=table.source, reading=table.log.done()
    )
    return _with_notes(data, table, keep)


def _several_years(table: Table, columns: tuple[str, ...], values: Array, keep: Mask) -> Data:
    """Return a panel, or a snapshot in which each cell is the newest value."""
    if _is_panel(table, values, keep):
        data = Data(
            _units(table)[keep],
            columns,
            values[keep],
            origin=table.source,
            reading=table.log.done(),
        )
        return _with_notes(data, table, keep)
    year = np.full(len(values), np.nan) if table.year is None else table.year
    stated = ~np.isnan(values) & keep[:, None]
    # A country without any value stays, as missing.
    empty = ~np.isin(table.country, table.country[stated.any(axis=1)]) & keep
    stated[empty, :1] = True
    rows, column_numbers = np.nonzero(stated)
    cells = pd.DataFrame(
        {
            "iso3": table.country[rows],
            "indicator": np.array(columns, dtype=object)[column_numbers],
            "value": values[rows, column_numbers],
            "year": year[rows],
            "row": rows,
        }
    )
    if table.notes:
        cells["note"] = _notes(table, columns)[rows, column_numbers]
    return table_to_data(table, cells, columns)


_DATED = re.compile(r"(.+?)[\s_.:(-]+(?:data )?year\)?|year (?:of )?(.+)", re.IGNORECASE)


def _years_beside(table: Table, columns: list[str]) -> list[str]:
    """Keep the years of columns such as `gci_year` as those of the cells of `gci`; return these columns."""
    out = []
    names = set(columns)
    for name in columns:
        match = _DATED.fullmatch(name)
        owner = (match[1] or match[2]) if match else ""
        if owner not in names:
            continue
        texts = texts_of(table.frame[name])
        years = [year_of(text) for text in texts if text and text.casefold() != "nan"]
        if years and None not in years:
            table.own_years[owner] = np.array([year_of(text) or np.nan for text in texts], float)
            out.append(name)
    if out:
        table.log.note(f"read as the years of the cells beside them: {few(out, 6)}")
    return out


_BESIDE = re.compile(
    r"(.+?)[\s_.:(-]+(?:foot)?(?:notes?|flags?|missing value|status)\)?", re.IGNORECASE
)


def _notes_beside(table: Table, columns: list[str]) -> dict[str, str]:
    """Return the columns of notes on another column, named after it (`gci note`), with that column."""
    out = {}
    names = set(columns)
    for name in columns:
        match = _BESIDE.fullmatch(name)
        if match is None or match[1] not in names or table.frame[name].dtype.kind in "iub":
            continue
        if not any(map(looks_numeric, dict.fromkeys(texts_of(table.frame[name])))):
            out[name] = match[1]
    filled = [name for name in out if any(texts_of(table.frame[name]))]
    for name in out:
        if name not in filled:
            table.log.ignore(name, "empty")
    if filled:
        pairs = ", ".join(f"`{cut(name)}`" for name in filled[:6])
        table.log.note(f"kept as notes of the cells beside them: {pairs}")
    return out


def _notes(table: Table, columns: tuple[str, ...]) -> Labels:
    """Return the notes of the cells, (rows, columns); empty where there is none."""
    out = np.full((len(table.frame), len(columns)), "", object)
    for number, name in enumerate(columns):
        if name in table.notes:
            out[:, number] = table.notes[name]
    return out


def _with_notes(data: Data, table: Table, keep: Mask) -> Data:
    """Return the data with the notes of their cells as evidence, where there are any."""
    notes = _notes(table, data.columns)[keep]
    own = set(data.columns) & set(table.own_years)
    if not (notes != "").any() and not own:
        return data
    rows, columns = np.nonzero(~np.isnan(data.values_array) | (notes != ""))
    years = data.unit_years[rows]
    stated = np.where(years < 0, np.nan, years.astype(float))
    for number, name in enumerate(data.columns):
        if name in own:
            own_years = table.own_years[name][keep][rows]
            stated = np.where((columns == number) & ~np.isnan(own_years), own_years, stated)
    evidence = pd.DataFrame(
        {
            "iso3": data.iso3[rows],
            "unit_year": years,
            "indicator": np.array(data.columns, dtype=object)[columns],
            "value": data.values_array[rows, columns],
            "year": stated,
            "note": notes[rows, columns],
        }
    )
    return data._with_evidence(evidence)


def _is_panel(table: Table, values: Array, keep: Mask) -> bool:
    """Tell whether the rows are a panel, by the rule of ``long.is_panel``, without a row a cell."""
    asked = table.asked
    if asked.panel is not None or asked.edition is not None or table.year is None:
        return bool(asked.panel)
    rows = np.flatnonzero(keep & ~np.isnan(table.year))
    observed = ~np.isnan(values[rows])
    if len(np.unique(table.year[rows][observed.any(axis=1)])) < 2:
        return False
    units = pd.factorize(pd.Series(table.country[rows], dtype=object))[0]
    order = np.argsort(units, kind="stable")
    first = np.flatnonzero(np.diff(units[order], prepend=-1))
    years = np.add.reduceat(observed[order].astype(np.int32), first, axis=0)
    return bool(2 * (years > 1).sum() >= (years > 0).sum())


def _units(table: Table) -> pd.Index:
    """Return the units: countries, or countries and years (-1 where the year cannot be read)."""
    if table.year is None:
        return pd.Index(table.country, name=table.unit_name, dtype=object)
    years = np.where(np.isnan(table.year), -1, table.year).astype(int)
    return pd.MultiIndex.from_arrays([table.country, years], names=[table.unit_name, "year"])


def _merged(table: Table, values: Array) -> tuple[Mask, Array]:
    """Merge rows of one unit that complete each other; rows that contradict each other are a problem."""
    units = _units(table)
    repeated = units.duplicated(keep=False)
    keep = ~np.asarray(units.duplicated())
    if not repeated.any():
        return keep, values
    if table.year is None and table.unit_name == IDENTIFIER:
        table.problems.add(repeated_line(table.country, table.rows))
        return keep, values
    values = values.copy()
    groups: dict[tuple[object, int], list[int]] = {}
    years = None if table.year is None else np.nan_to_num(table.year, nan=-1).astype(int)
    for row in np.flatnonzero(repeated):
        if table.country[row] is not None and (years is None or years[row] >= 0):
            key = (table.country[row], -1 if years is None else int(years[row]))
            groups.setdefault(key, []).append(int(row))
    apart = [rows for rows in groups.values() if not _agree(values[rows])]
    if apart and (line := told_apart(table, apart)):
        table.problems.add(line)
        return keep, values
    merged = 0
    for (country, year), rows in groups.items():
        if _agree(values[rows]):
            values[rows[0]] = pd.DataFrame(values[rows]).bfill().to_numpy()[0]
            merged += 1
            continue
        who = str(country) if year < 0 else f"{country} in {year}"
        table.problems.add(f"{who} is given {len(rows)} times: {table.rows.all_of(rows)}; keep one")
    if merged:
        table.log.note(
            f"{counted(merged, 'country')} in several rows that complete each other or repeat: merged"
        )
    return keep, values


def _agree(values: Array) -> bool:
    """Tell whether no two rows have different values of one cell."""
    observed = ~np.isnan(values)
    low = np.where(observed, values, np.inf).min(axis=0)
    high = np.where(observed, values, -np.inf).max(axis=0)
    return bool((high <= low).all())
