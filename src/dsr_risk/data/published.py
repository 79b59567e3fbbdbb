"""Names of columns of publishers' tables, as those of a long table."""

from __future__ import annotations

import re

import pandas as pd

from .reading import Log, cut
from .table import COUNTRY_NAMES, INDICATOR_NAMES, Table, texts_of
from .years import year_of

__all__ = ["of_faostat", "standard_names"]


def of_faostat(frame: pd.DataFrame, log: Log) -> pd.DataFrame:
    """Name the columns of a table of FAOSTAT, whose indicators are an item and an element, as a long table's."""
    columns = {str(name).casefold().strip(): name for name in reversed(list(frame.columns))}
    if not {"area", "item", "value"} <= set(columns) or {"country", "indicator"} & set(columns):
        return frame
    parts = [columns["item"]]
    element = columns.get("element")
    if element is not None and len(frame[element].unique()) > 1:
        parts.append(element)
    indicator = (
        frame[parts[0]]
        .astype(str)
        .str.cat([frame[part].astype(str) for part in parts[1:]], sep=", ")
    )
    kept = {columns["area"]: "country", columns["value"]: "value"}
    kept |= {columns[name]: name for name in ("year", "unit") if name in columns}
    left = [str(name) for name in frame.columns if name not in {*kept, *parts}]
    shown = " and ".join(f"`{cut(str(part))}`" for part in parts)
    log.note(f"a table of FAOSTAT: `Area` is read as the country, {shown} as the indicator")
    for name in left:
        log.ignore(name, "codes and flags of FAOSTAT")
    return frame[list(kept)].rename(columns=kept).assign(indicator=indicator)


_VALUES = ("obs_value", "observation value", "numericvalue", "numeric value", "factvaluenumeric")
"""Columns of values in long tables: SDMX and the World Health Organization."""
_TIMES = (
    "time_period",
    "time period",
    "time",
    "timedim",
    "period",
    "jahr",
    "ann\u00e9e",
    "a\u00f1o",
    "ano",
    "anno",
    "date",
    "\u0433\u043e\u0434",
    "\u5e74",
    "\u5e74\u4efd",
    "\u0627\u0644\u0633\u0646\u0629",
)
_FOOTED = re.compile(r"(.*\w)\s*(?:[*:\u2020\u2021\u00b9\u00b2\u00b3]+|\[\w\])", re.DOTALL)


def standard_names(names: list[str], table: Table) -> list[str]:
    """Return the names of columns without footnote marks, those of publishers as those of a long table."""
    names = [name.strip() for name in names]
    folded = {name.casefold() for name in names}
    changed = _long_names(names)
    for name in names:
        bare = footed[1] if (footed := _FOOTED.fullmatch(name)) else name
        low = bare.casefold()
        if (
            bare != name
            and low in (*COUNTRY_NAMES, "year", "indicator", "value")
            and low not in folded
        ):
            changed[name] = bare
        elif low.startswith("geo\\"):
            changed[name] = "geo"
    times = [name for name in names if name.casefold() in _TIMES]
    if len(times) == 1 and "year" not in folded:
        cells = texts_of(table.frame.iloc[:, names.index(times[0])])
        if len(cells) and all(year_of(text) is not None for text in dict.fromkeys(cells) if text):
            changed[times[0]] = "year"
    for old, new in changed.items():
        table.log.note(f"column `{cut(old)}` is read as `{new}`")
    return [changed.get(name, name) for name in names]


def _long_names(names: list[str]) -> dict[str, str]:
    """Return the columns of a publisher's long table that are its indicators and values, by other names."""
    columns = {name.casefold(): name for name in reversed(names)}
    value = next((columns[name] for name in _VALUES if name in columns), None)
    renamed = {value: "value"} if value and "value" not in columns else {}
    if "indicator" not in columns and (value or "value" in columns):
        indicator = next((columns[name] for name in INDICATOR_NAMES if name in columns), None)
        renamed |= {indicator: "indicator"} if indicator else {}
    return renamed
