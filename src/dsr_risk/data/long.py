"""The long format: one row a cell, with its evidence; conflicts are resolved by a stated rule."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .._util.display import counted
from .._util.types import Counts
from .cell_keys import all_different, distinct, key_of
from .conflicts import choose, report_choice, without_repeats
from .dataset import LONG_COLUMNS, Data
from .long_checks import cell_name, check_cells, check_columns
from .marks import can_hold_codes, find_marks, is_missing, missing_words
from .numbers import numbers
from .pivot import pivoted
from .reading import Asked, few
from .table import Table, noted, questioned, text_column, texts_of, written
from .truth import TRUTH, truth_of

__all__ = ["is_panel", "long_to_data", "table_to_data"]

NUMERIC = ("value", "std_error", "lower", "upper", "n_records", "chosen")


def long_to_data(table: Table) -> Data:
    """Return Data from a long table whose countries and years are already read."""
    cells = _cells(table)
    check_cells(table, cells)
    return table_to_data(table, cells, ())


def table_to_data(table: Table, cells: pd.DataFrame, columns: tuple[str, ...]) -> Data:
    """Return Data from cells, one row each; `columns` are kept in their order."""
    cells["unit_year"], edition = _unit_years(table, cells)
    table.refuse(lambda: _usable(table, cells))
    once = all_different(cells)
    if not once:
        cells = without_repeats(table, cells)
    chosen, conflicts = choose(table, cells, edition, once)
    table.refuse(lambda: _usable(table, cells))
    report_choice(table, chosen, conflicts)
    return pivoted(table, chosen, conflicts, edition, columns)


def is_panel(asked: Asked, cells: pd.DataFrame) -> bool:
    """Tell whether cells are a panel: asked for, or at least half of them have several years."""
    if asked.panel is not None or asked.edition is not None or "year" not in cells:
        return bool(asked.panel)
    stated = cells["year"].notna()
    dated = cells if stated.all() else cells[stated]
    year, unique = pd.factorize(dated["year"])
    if len(unique) < 2:
        return False
    cell, size = key_of(dated, "iso3", "indicator")
    once = distinct(cell * len(unique) + year, size * len(unique))
    years = np.bincount(pd.factorize(once // len(unique))[0])
    return bool(2 * (years > 1).sum() >= len(years))


def _usable(table: Table, cells: pd.DataFrame) -> Data | None:
    """Return what can be read of a table with problems: one value a cell, for what the rest is checked for."""
    named = cells[cells["iso3"].notna() & (cells["indicator"] != "")]
    once = named.drop_duplicates(["iso3", "unit_year", "indicator"])
    return pivoted(table, once, once.head(0), None, ()) if len(once) else None


def _cells(table: Table) -> pd.DataFrame:
    names = {name.casefold(): name for name in table.frame.columns}
    check_columns(table, names)
    all_known = not pd.isna(table.country).any()
    out: dict[str, Any] = {"iso3": text_column(table.country) if all_known else table.country}
    if "value" in names and "indicator" in names:
        _read_truth(table, names["indicator"], names["value"])
    figures = [names[name] for name in NUMERIC if name in names and name != "chosen"]
    texts = {
        name: written(table.frame[name])
        for name in figures
        if table.frame[name].dtype.kind not in "fiu"
    }
    table.marks = find_marks(texts, table.asked, table.problems, table.log)
    for name in LONG_COLUMNS[1:]:
        if name not in names:
            continue
        column = table.frame[names[name]]
        if name == "year":
            out[name] = table.year
        elif name in NUMERIC:
            out[name] = numbers(table, _yes_no(column) if name == "chosen" else column, name)
        else:
            out[name] = text_column(column)
    _as_published(table, out)
    if "value" in table.notes:
        out["note"] = noted(out.get("note"), table.notes["value"])
    cells = pd.DataFrame(out)
    cells["row"] = np.arange(len(cells))
    _question(table, cells)
    return cells


def _as_published(table: Table, out: dict[str, Any]) -> None:
    """Multiply values out, and note which are estimates, as a table of the IMF or of SDMX says."""
    if table.scales is None and table.last_years is None:
        return
    places = list(map(table.rows.place, range(len(table.frame))))
    if table.scales is not None:
        out["value"] = out["value"] * table.scales[places]
    if table.last_years is None or table.year is None:
        return
    later = (table.year > table.last_years[places]) & ~np.isnan(out["value"])
    if later.any():
        count = counted(int(later.sum()), "value")
        table.log.note(f"{count} after the last year of actual data: noted as estimate")
        out["note"] = noted(out.get("note"), np.where(later, "estimate", "").astype(object))


def _question(table: Table, cells: pd.DataFrame) -> None:
    """Question values that look like codes for missing, unless a count of records says that they are values."""
    values = cells["value"].to_numpy(dtype=float)
    if "n_records" in cells:
        values = np.where(cells["n_records"] > 0, np.nan, values)
    if can_hold_codes(values):
        for indicator, rows in cells.groupby("indicator", sort=False).indices.items():
            at = np.asarray(rows, np.intp)
            questioned(table, values[at], str(indicator), at)


def _read_truth(table: Table, indicator: str, value: str) -> None:
    """Write 1 and 0 for the words of indicators whose values are all words for yes and no."""
    column = table.frame[value]
    if column.dtype.kind in "fiu":
        return
    codes, unique = pd.factorize(texts_of(column))
    worded = np.array([text.casefold() in TRUTH for text in unique], bool)
    if not worded.any():
        return
    missing = missing_words(table.asked)
    names = pd.Series(texts_of(table.frame[indicator]))
    kept = np.flatnonzero(names.isin(names[worded[codes]]))
    rows_of = names.iloc[kept].groupby(names.iloc[kept], sort=False).indices
    cells = column.to_numpy(dtype=object, copy=True)
    read = []
    for name, at in rows_of.items():
        rows = kept[at]
        texts = unique[np.unique(codes[rows])]
        meant = truth_of([text for text in texts if not is_missing(text, missing)])
        if meant is not None:
            cells[rows] = [meant.get(text, text) for text in unique[codes[rows]]]
            read.append(str(name))
    if read:
        table.frame = table.frame.assign(**{value: cells})
        table.log.note(f"words for yes and no are read as 1 and 0: {few(read, 6)}")


def _yes_no(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of 1 and 0 where it has words or booleans for them."""
    words = column.astype(object).where(column.notna(), "").astype(str).str.strip().str.casefold()
    return words.replace({"true": "1", "yes": "1", "false": "0", "no": "0"})


def _unit_years(table: Table, cells: pd.DataFrame) -> tuple[Counts, int | None]:
    """Return each row's unit year (-1 for none) and the edition: a snapshot, or a panel of several years."""
    none = np.full(len(cells), -1, np.int64)
    edition = table.asked.edition
    if edition is not None:
        return none + 1 + edition, edition
    if table.year is None or np.isnan(table.year).all():
        return none, None
    stated = cells["year"].to_numpy(dtype=float)
    dated = ~np.isnan(stated)
    used = dated & (cells["chosen"] != 0).to_numpy() if "chosen" in cells else dated
    if not is_panel(table.asked, cells if used.all() else cells.loc[used]):
        newest = int(np.nanmax(stated[used])) if used.any() else int(np.nanmax(stated))
        return none + 1 + newest, newest
    table.add(
        np.flatnonzero(~dated),
        lambda row: (
            f"{cell_name(table, cells, row)}: the year is empty; give it, or read the table as of a year "
            "(`edition`)"
        ),
    )
    years = np.where(dated, stated, -1).astype(np.int64)
    alone = len(np.unique(years)) == 1 and not table.asked.panel
    return years, int(np.nanmax(stated)) if alone else None
