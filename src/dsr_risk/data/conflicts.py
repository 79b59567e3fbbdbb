"""The choice among several values of one cell: by a stated rule, the others kept beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .._util.display import counted
from .._util.types import Index, Mask
from .dimensions import told_apart
from .evidence import CONFIDENCE
from .long_checks import cell_name
from .table import Table

__all__ = ["choose", "report_choice", "without_repeats"]


CHOICE = "newest with a value, then highest confidence"


def choose(
    table: Table, cells: pd.DataFrame, edition: int | None, once: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows that are used, one a cell, and those kept beside them, each with its rule.

    `once` says that no row is about the same cell as another.
    """
    key = ["iso3", "unit_year", "indicator"]
    own_year = cells["year"] if "year" in cells else pd.Series(np.nan, index=cells.index)
    later = (own_year > edition).to_numpy() if edition is not None else np.zeros(len(cells), bool)
    if "chosen" in cells:
        cells = _rechosen(table, cells, key)
        # A choice made by hand stands, whatever the years.
        taken = (cells["chosen"] == 1).to_numpy()
        _check_chosen(table, cells, key, taken)
        _report_chosen_later(table, int((later & taken).sum()))
        later = np.zeros(len(cells), bool)
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


def _report_chosen_later(table: Table, count: int) -> None:
    """Report how many values that the data choose are later than the edition asked for."""
    if count:
        are = "is" if count == 1 else "are"
        table.log.note(
            f"edition {table.asked.edition}: {counted(count, 'value')} chosen in the data {are} of later years, "
            "and used; without the column `chosen` the newest up to the edition are"
        )


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
            f"{cell_name(table, cells, row)}: values are kept but none is chosen (`chosen` = 1)"
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


def report_choice(table: Table, chosen: pd.DataFrame, conflicts: pd.DataFrame) -> None:
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


def without_repeats(table: Table, cells: pd.DataFrame) -> pd.DataFrame:
    """Skip rows that repeat another row in every cell."""
    again = cells.duplicated([name for name in cells if name != "row"]).to_numpy()
    if not again.any():
        return cells
    rows = table.rows.all_of(cells.loc[again, "row"])
    table.log.note(
        f"{counted(int(again.sum()), 'row')} that repeat another row in every cell skipped: {rows}"
    )
    return cells[~again].reset_index(drop=True)
