"""The long format: one row a cell, with its evidence; conflicts are resolved by a stated rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from .._util.display import counted
from .._util.types import Array, Counts, Index, Mask
from ..errors import DataError, did_you_mean
from .column_names import LABELS
from .countries import to_iso3
from .dataset import CONFIDENCE, LONG_COLUMNS, Data
from .dimensions import told_apart
from .marks import can_hold_codes, find_marks, is_missing, missing_words
from .reading import Asked, few
from .table import Table, noted, numbers, questioned, text_column, texts_of, written
from .truth import TRUTH, truth_of

__all__ = ["is_panel", "long_to_data", "table_to_data"]

NUMERIC = ("value", "std_error", "lower", "upper", "n_records", "chosen")
CHOICE = "newest with a value, then highest confidence"
WORDS = {
    "confidence": tuple(CONFIDENCE),
    "claim": ("confirmed", "probable", "alleged", "denied", "refuted"),
    "flag": ("observed", "imputed", "treated"),
}

OF_RECORDS = frozenset({"supplier", "origin", "layer", "mean"})
"""Columns of tables of ``records`` that are near to names of a long table, and are none of them."""


SPAN = 10_000
"""Whole numbers of at most this span, such as years, are numbered by their distance from the least."""

DENSE = 8
"""Numbers below this many times their count are marked one by one, which is quicker than a table of hashes."""


def long_to_data(table: Table) -> Data:
    """Return Data from a long table whose countries and years are already read."""
    cells = _cells(table)
    _check_cells(table, cells)
    return _resolved(table, cells, ())


def table_to_data(table: Table, cells: pd.DataFrame, columns: tuple[str, ...]) -> Data:
    """Return a snapshot of the cells of a wide table with years; `columns` are kept in their order."""
    return _resolved(table, cells, columns)


def _resolved(table: Table, cells: pd.DataFrame, columns: tuple[str, ...]) -> Data:
    cells["unit_year"], edition = _unit_years(table, cells)
    table.refuse(lambda: _usable(table, cells))
    once = _all_different(cells)
    if not once:
        cells = _without_repeats(table, cells)
    chosen, conflicts = _choose(table, cells, edition, once)
    table.refuse(lambda: _usable(table, cells))
    _report_choice(table, chosen, conflicts)
    return _pivot(table, chosen, conflicts, edition, columns)


def _all_different(cells: pd.DataFrame) -> bool:
    """Tell whether every row is about another cell: then none repeats another and none contests it."""
    return len(_distinct(*_key(cells, "iso3", "unit_year", "indicator"))) == len(cells)


def _key(cells: pd.DataFrame, *names: str) -> tuple[Counts, int]:
    """Return whole numbers below a size that are the same where the cells of `names` are."""
    key, size = np.zeros(len(cells), np.int64), 1
    for name in names:
        codes, count = _codes(cells, name)
        key, size = key * count + codes, size * count
    return key, size


def _distinct(key: Counts, size: int) -> Counts:
    """Return the numbers that occur among whole numbers below `size`."""
    if size > DENSE * (len(key) + SPAN):
        return np.asarray(pd.unique(key))
    occurs = np.zeros(size, bool)
    occurs[key] = True
    return np.flatnonzero(occurs)


def _codes(cells: pd.DataFrame, name: str) -> tuple[Counts, int]:
    """Return whole numbers below a count that are the same where the cells of a column are."""
    column = cells[name]
    if column.dtype.kind in "iu" and len(column):
        low, high = int(column.min()), int(column.max())
        if high - low < SPAN:
            return column.to_numpy(dtype=np.int64) - low, high - low + 1
    codes, unique = pd.factorize(column, use_na_sentinel=False)
    return codes, len(unique)


def _without_repeats(table: Table, cells: pd.DataFrame) -> pd.DataFrame:
    """Skip rows that repeat another row in every cell."""
    again = cells.duplicated([name for name in cells if name != "row"]).to_numpy()
    if not again.any():
        return cells
    rows = table.rows.all_of(cells.loc[again, "row"])
    table.log.note(
        f"{counted(int(again.sum()), 'row')} that repeat another row in every cell skipped: {rows}"
    )
    return cells[~again].reset_index(drop=True)


def is_panel(asked: Asked, cells: pd.DataFrame) -> bool:
    """Tell whether cells are a panel: asked for, or at least half of them have several years."""
    if asked.panel is not None or asked.edition is not None or "year" not in cells:
        return bool(asked.panel)
    stated = cells["year"].notna()
    dated = cells if stated.all() else cells[stated]
    year, unique = pd.factorize(dated["year"])
    if len(unique) < 2:
        return False
    cell, size = _key(dated, "iso3", "indicator")
    once = _distinct(cell * len(unique) + year, size * len(unique))
    years = np.bincount(pd.factorize(once // len(unique))[0])
    return bool(2 * (years > 1).sum() >= len(years))


def _report_choice(table: Table, chosen: pd.DataFrame, conflicts: pd.DataFrame) -> None:
    """Report cells with several years of which a snapshot takes the newest."""
    if conflicts.empty or "year" not in conflicts or len(chosen["unit_year"].unique()) > 1:
        return
    given = conflicts[conflicts["rule"] == CHOICE]
    count = len(given[["iso3", "indicator"]].drop_duplicates())
    if count:
        table.log.note(
            f"{counted(count, 'cell')} with several values: the newest is used, {len(given):,} older or less "
            "certain kept beside it (`panel` reads the years apart)"
        )


def _usable(table: Table, cells: pd.DataFrame) -> Data | None:
    """Return what can be read of a table with problems: one value a cell, for what the rest is checked for."""
    named = cells[cells["iso3"].notna() & (cells["indicator"] != "")]
    once = named.drop_duplicates(["iso3", "unit_year", "indicator"])
    return _pivot(table, once, once.head(0), None, ()) if len(once) else None


def _cells(table: Table) -> pd.DataFrame:
    names = {name.casefold(): name for name in table.frame.columns}
    _check_columns(table, names)
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


def _check_columns(table: Table, names: dict[str, str]) -> None:
    if {"record", "contribution"} <= set(names) and "value" not in names:
        table.problems.add(
            "a trace holds what each record contributes to an indicator, not the indicator: call the function of "
            "`records` without `_trace`"
        )
        table.problems.raise_as(DataError)
    if "value" not in names:
        table.problems.add(
            "no column `value`: a long table has `iso3`, `indicator` and `value`; "
            + did_you_mean("value", names)
        )
        table.problems.raise_as(DataError)
    for folded, name in names.items():
        if name == table.key or folded in LONG_COLUMNS or folded in LABELS:
            continue
        advice = did_you_mean(name, LONG_COLUMNS)
        if folded in OF_RECORDS or not advice.startswith("did you mean"):
            table.log.ignore(name, "no column of a long table")
        else:
            table.problems.add(
                f"unknown column `{name}` in a long table: rename it, use `note`, or remove it; "
                + advice
            )


def _check_cells(table: Table, cells: pd.DataFrame) -> None:
    def say(mask: Any, text: Callable[[int], str]) -> None:
        table.add(
            np.flatnonzero(np.asarray(mask)), lambda row: f"{_cell(table, cells, row)}: {text(row)}"
        )

    _check_words(cells, say)
    _check_numbers(cells, say)


def _check_words(cells: pd.DataFrame, say: Callable[[Any, Callable[[int], str]], None]) -> None:
    say(cells["indicator"] == "", lambda row: "the indicator is empty; name it")
    for name, words in WORDS.items():
        if name in cells:
            say(
                ~cells[name].isin(["", *words]),
                lambda row, name=name, words=words: (  # type: ignore[misc]
                    f"`{name}` is '{cells[name][row]}'; expected one of {', '.join(words)}, or nothing"
                ),
            )
    if "reason" in cells:
        say(
            (cells["reason"] != "") & cells["value"].notna(),
            lambda row: (
                f"has a value, {cells['value'][row]:g}, and a reason why it has none; keep one"
            ),
        )
    if "focal" in cells:
        origin = cells["focal"].to_numpy(dtype=object)
        say(
            (origin != "") & (to_iso3(origin) != origin),
            lambda row: (
                f"`focal` is '{origin[row]}'; expected the ISO 3166 alpha-3 code of a country"
            ),
        )


def _check_numbers(cells: pd.DataFrame, say: Callable[[Any, Callable[[int], str]], None]) -> None:
    if "std_error" in cells:
        say(
            cells["std_error"] < 0,
            lambda row: f"`std_error` is {cells['std_error'][row]:g}; must be >= 0",
        )
    if {"lower", "upper"} <= set(cells):
        say(
            cells["lower"] > cells["upper"],
            lambda row: f"`lower` {cells['lower'][row]:g} is above `upper` {cells['upper'][row]:g}",
        )
    for bound, outside in (("lower", np.less), ("upper", np.greater)):
        if bound in cells:
            say(
                outside(cells["value"], cells[bound]),
                lambda row, bound=bound: (  # type: ignore[misc]
                    f"the value {cells['value'][row]:g} lies outside its own `{bound}`, "
                    f"{cells[bound][row]:g}; correct one of the two"
                ),
            )
    if "chosen" in cells:
        say(
            ~cells["chosen"].isin([0, 1]) & cells["chosen"].notna(),
            lambda row: (
                f"`chosen` is {cells['chosen'][row]}; must be 1 (used), 0 (kept beside it) or empty"
            ),
        )


def _cell(table: Table, cells: pd.DataFrame, row: int) -> str:
    return f"{table.row_name(row)}, `{cells['indicator'][row]}`"


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
            f"{_cell(table, cells, row)}: the year is empty; give it, or read the table as of a year (`edition`)"
        ),
    )
    years = np.where(dated, stated, -1).astype(np.int64)
    alone = len(np.unique(years)) == 1 and not table.asked.panel
    return years, int(np.nanmax(stated)) if alone else None


def _choose(
    table: Table, cells: pd.DataFrame, edition: int | None, once: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    key = ["iso3", "unit_year", "indicator"]
    own_year = cells["year"] if "year" in cells else pd.Series(np.nan, index=cells.index)
    later = (own_year > edition).to_numpy() if edition is not None else np.zeros(len(cells), bool)
    if "chosen" in cells:
        cells = _rechosen(table, cells, key)
        # A choice made by hand stands, whatever the years.
        later = np.zeros(len(cells), bool)
        taken = (cells["chosen"] == 1).to_numpy()
        _check_chosen(table, cells, key, taken)
    elif once and not later.any():
        cells = cells if "rule" in cells else cells.assign(rule="")
        return cells, cells.head(0)
    else:
        taken = ~later
        _report_later(table, own_year, later)
        repeated = cells[taken].duplicated(key, keep=False).to_numpy()
        candidates = cells[taken][repeated]
        if len(candidates):
            taken &= ~np.isin(cells["row"], _losers(table, candidates, key))
    rule = (
        cells["rule"].to_numpy(dtype=object) if "rule" in cells else np.full(len(cells), "", object)
    )
    unsaid = rule == ""
    rule = np.where(unsaid & later, f"later than the edition {edition}", rule)
    contested = cells.duplicated(key, keep=False).to_numpy() & unsaid & ~later
    given = "chosen" in cells
    rule = np.where(contested, "as chosen in the data" if given else CHOICE, rule)
    cells = cells.drop(columns="chosen", errors="ignore").assign(rule=rule)
    return cells[taken], cells[~taken]


def _report_later(table: Table, years: pd.Series[Any], later: Mask) -> None:
    """Report how many values are later than the edition asked for; add a problem if all are."""
    edition = table.asked.edition
    if later.all():
        first, last = int(years.min()), int(years.max())
        span = f"the year is {first}" if first == last else f"the years are {first} to {last}"
        table.problems.add(f"no value is as old as the edition {edition}; {span}")
    elif later.any():
        count = counted(int(later.sum()), "value")
        table.log.note(f"edition {edition}: {count} of later years not used")


def _rechosen(table: Table, cells: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Choose again where a row without a choice was added to a cell: the newest is used."""
    undecided = cells["chosen"].isna()
    if not undecided.any():
        return cells
    cells = cells.copy()
    keys = pd.MultiIndex.from_frame(cells[key])
    group = keys.isin(keys[undecided.to_numpy()])
    candidates = cells[group & (cells["chosen"] != 0).to_numpy()]
    none = np.empty(0, np.intp)
    losers = _losers(table, candidates, key) if candidates.duplicated(key).any() else none
    lost = np.isin(cells["row"], losers)
    cells.loc[undecided, "chosen"] = 1.0
    cells.loc[lost, "chosen"] = 0.0
    if "rule" in cells:
        cells.loc[group, "rule"] = CHOICE
    return cells


def _check_chosen(table: Table, cells: pd.DataFrame, key: list[str], taken: Mask) -> None:
    twice = cells[taken].duplicated(key, keep=False)
    _say_duplicates(table, cells[taken][twice], key, "is chosen")
    has_one = pd.MultiIndex.from_frame(cells.loc[taken, key])
    orphans = cells[~taken]
    for row in orphans.loc[~pd.MultiIndex.from_frame(orphans[key]).isin(has_one), "row"]:
        table.problems.add(
            f"{_cell(table, cells, row)}: values are kept but none is chosen (`chosen` = 1)"
        )


def _losers(table: Table, candidates: pd.DataFrame, key: list[str]) -> Index:
    """Return the rows not chosen among several for one cell.

    The newest stays that says anything, then that of the highest confidence.
    """
    grade = candidates["confidence"].map(CONFIDENCE) if "confidence" in candidates else 0.0
    year = candidates["year"] if "year" in candidates else 0.0
    ranked = candidates.assign(_says=_says(candidates), _year=year, _grade=grade)
    ranked = ranked.fillna({"_year": -1, "_grade": -1})
    order = ["_says", "_year", "_grade"]
    ranked = ranked.sort_values(order, ascending=False, kind="stable")
    best = ranked.drop_duplicates(key)
    tied = ranked.merge(best[[*key, *order]], on=[*key, *order])
    tied = tied[tied.duplicated(key, keep=False)]
    _say_duplicates(table, tied, key, "is given")
    return np.setdiff1d(ranked["row"].to_numpy(), best["row"].to_numpy())


def _says(cells: pd.DataFrame) -> Mask:
    """Return which rows say anything of their cell: a value, a bound, or why there is none."""
    out = cells["value"].notna().to_numpy()
    for name in ("lower", "upper"):
        if name in cells:
            out = out | cells[name].notna().to_numpy()
    return out | (cells["reason"] != "").to_numpy() if "reason" in cells else out


def _say_duplicates(table: Table, cells: pd.DataFrame, key: list[str], verb: str) -> None:
    groups = [group["row"].tolist() for _, group in cells.groupby(key, sort=False)]
    if groups and (line := told_apart(table, groups)):
        table.problems.add(line)
        return
    for (iso3, year, indicator), group in cells.groupby(key, sort=False):
        when = f" in {year}" if year != -1 else ""
        rows = table.rows.all_of(group["row"])
        values = ", ".join(f"{value:g}" for value in group["value"])
        table.problems.add(
            f"{iso3}{when}, `{indicator}` {verb} {len(group)} times: {rows} (values {values}); "
            "keep one, or tell them apart by `year`, `confidence` or `chosen`"
        )


def _units_of(cells: pd.DataFrame) -> tuple[Any, pd.MultiIndex]:
    """Return the unit of every row as a number, and the units (country, year) in order of appearance."""
    years = cells["unit_year"].to_numpy()
    if len(years) and (years == years[0]).all():
        rows, names = pd.factorize(cells["iso3"], use_na_sentinel=False)
        named = np.asarray(names, dtype=object)
        return rows, pd.MultiIndex.from_arrays([named, np.full(len(named), years[0])])
    rows, _ = pd.factorize(_key(cells, "iso3", "unit_year")[0])
    first = np.unique(rows, return_index=True)[1]
    named = cells["iso3"].iloc[first].to_numpy(dtype=object)
    return rows, pd.MultiIndex.from_arrays([named, years[first]])


def _pivot(
    table: Table,
    cells: pd.DataFrame,
    conflicts: pd.DataFrame,
    edition: int | None,
    order_of: tuple[str, ...],
) -> Data:
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
