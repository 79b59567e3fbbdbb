"""Columns such as sex or age, which tell rows of one country and year apart: one value is chosen (`only`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .._util.display import counted
from .._util.types import Labels, Mask
from ..errors import DataError, did_you_mean
from .reading import Asked, Log, cut, few
from .table import RowNames, Table, texts_of

__all__ = ["only_rows", "told_apart"]

LOOKED_AT = 200
SHOWN = 4


def only_rows(
    frame: pd.DataFrame, rows: RowNames, asked: Asked, log: Log
) -> tuple[pd.DataFrame, RowNames]:
    """Return the rows that have the texts asked for (`only`), and what they are called.

    Raises
    ------
    DataError
        For a column that is not there, or a text that no row has in it.
    """
    for column, text in asked.only:
        keep = _has(frame, column, text, log.origin)
        at = np.flatnonzero(keep)
        log.note(f"only rows with `{cut(column)}` = {cut(text)}: {len(at):,} of {len(keep):,}")
        frame, rows = frame.iloc[at].reset_index(drop=True), rows.taken(at)
    return frame, RowNames(rows.first, rows.word, rows.listed)


def _has(frame: pd.DataFrame, column: str, text: str, origin: str) -> Mask:
    names = {str(name).strip().casefold(): at for at, name in reversed([*enumerate(frame.columns)])}
    at = names.get(column.casefold())
    if at is None:
        hint = did_you_mean(column, [str(name) for name in frame.columns])
        raise DataError(f"{origin}: no column `{cut(column)}` (`only`); {hint}")
    texts = texts_of(frame.iloc[:, at])
    keep: Mask = texts == text
    if not keep.any():
        keep = pd.to_numeric(pd.Series(texts), errors="coerce").eq(_number(text)).to_numpy()
    if not keep.any():
        raise DataError(
            f"{origin}: no row has '{cut(text)}' in column `{cut(column)}` (`only`); it holds "
            f"{few(sorted(set(texts)), 8)}"
        )
    return keep


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def told_apart(table: Table, groups: Sequence[Sequence[int]]) -> str:
    """Return one line on columns that tell apart the rows of every group; empty where none does.

    A group are the rows of one country and year that give a cell different values.
    """
    looked = [[table.rows.place(int(row)) for row in group] for group in groups[:LOOKED_AT]]
    every = [row for group in looked for row in group]
    apart: dict[str, list[str]] = {}
    partitions = set()
    for at, name in enumerate(map(str, table.given.columns)):
        texts = texts_of(table.given.iloc[:, at])
        partition = tuple(pd.factorize(texts[every])[0])
        if partition not in partitions and _tells(texts, looked, name in table.log.ignored):
            partitions.add(partition)
            apart[name] = sorted(set(texts[every]))
    if not apart:
        return ""
    columns = ", ".join(
        f"`{cut(name)}` ({few(values, 6)})" for name, values in [*apart.items()][:SHOWN]
    )
    more = f" and {counted(len(apart) - SHOWN, 'column')} more" if len(apart) > SHOWN else ""
    name, values = next(iter(apart.items()))
    where = table.rows.all_of(row for group in groups for row in group)
    return (
        f"{where}: cells are given several times, and {columns}{more} "
        f"{'tells' if len(apart) == 1 else 'tell'} their rows apart: keep the rows of one value, in a file with "
        f"`only` (as in {cut(name)}={cut(values[0])})"
    )


def _tells(texts: Labels, groups: list[list[int]], unused: bool) -> bool:
    """Tell whether a column differs in every group: by few words, or by the same numbers."""
    held = [set(texts[group]) for group in groups]
    if min(map(len, held)) < 2:
        return False
    different = set().union(*held)
    if unused:
        return len(groups) < 4 or 2 * len(different) <= sum(map(len, groups))
    return len(groups) > 1 and all(len(texts_) == len(different) for texts_ in held)
