"""Names of columns of publishers' tables, as those of a long table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from .countries import is_aggregate
from .reading import Log, counted, cut
from .table import COUNTRY_NAMES, INDICATOR_NAMES, Table, texts_of
from .years import year_of

__all__ = ["of_world_bank", "published", "standard_names"]


@dataclass(frozen=True)
class _Form:
    """A publisher's long table: the columns that tell it, and those read, the first of each that is there."""

    publisher: str
    told_by: frozenset[str]
    country: tuple[str, ...]
    indicator: tuple[str, ...]
    year: str
    value: str
    unit: str
    apart: str = ""
    """A second column of the indicator, where it has several values."""


_FORMS = (
    _Form(
        "FAOSTAT",
        frozenset({"area", "item", "value"}),
        ("area",),
        ("item",),
        "year",
        "value",
        "unit",
        "element",
    ),
    _Form(
        "SDMX",
        frozenset({"obs_value", "time_period"}),
        ("ref_area", "geo", "reporting_country", "country"),
        ("indicator", "measure", "series"),
        "time_period",
        "obs_value",
        "unit_measure",
    ),
    _Form(
        "the ITU",
        frozenset({"entityiso", "datavalue", "datayear"}),
        ("entityiso",),
        ("seriescode", "seriesname"),
        "datayear",
        "datavalue",
        "seriesunits",
    ),
    _Form(
        "the WHO",
        frozenset({"factvaluenumeric", "period"}),
        ("spatialdimvaluecode", "location"),
        ("indicatorcode", "indicator"),
        "period",
        "factvaluenumeric",
        "factvalueuom",
    ),
)
_ECONOMY = "economy label"
"""UNCTADstat writes a number of the United Nations under `Economy` and the name beside it."""


def published(frame: pd.DataFrame, stem: str, log: Log) -> tuple[pd.DataFrame, bool]:
    """Name the columns of a publisher's table as those of a long table; tell whether it lists groups of countries.

    `stem` is the indicator where the table names none.
    """
    columns = {str(name).casefold().strip(): name for name in reversed(list(frame.columns))}
    form = next((form for form in _FORMS if form.told_by <= set(columns)), None)
    country = form and next((columns[name] for name in form.country if name in columns), None)
    if form is not None and country is not None and "iso3" not in columns:
        return _of_form(frame, form, columns, stem, log), True
    if {_ECONOMY, "economy"} <= set(columns):
        log.ignore(str(columns["economy"]), "codes of UNCTADstat")
        kept = frame.drop(columns=columns["economy"])
        return kept.rename(columns={columns[_ECONOMY]: "country"}), True
    lists_groups = any(name.startswith("geo\\") for name in columns)
    return frame, lists_groups or {"country_text_id", "country_name"} <= set(columns)


def _of_form(
    frame: pd.DataFrame, form: _Form, columns: dict[str, Any], stem: str, log: Log
) -> pd.DataFrame:
    country = next(columns[name] for name in form.country if name in columns)
    parts = [next((columns[name] for name in form.indicator if name in columns), None)]
    if form.apart in columns and len(frame[columns[form.apart]].unique()) > 1:
        parts.append(columns[form.apart])
    named = [part for part in parts if part is not None]
    texts = [frame[part].astype(str) for part in named]
    indicator = texts[0].str.cat(texts[1:], sep=", ") if texts else stem
    kept = {country: "country", columns[form.value]: "value"}
    kept |= {
        columns[old]: new
        for old, new in ((form.year, "year"), (form.unit, "unit"))
        if old in columns
    }
    shown = " and ".join(f"`{cut(str(part))}`" for part in named) or f"`{cut(stem)}`"
    log.note(
        f"a table of {form.publisher}: `{cut(str(country))}` is read as the country, {shown} as the indicator"
    )
    for name in frame.columns:
        if name not in {*kept, *named}:
            log.ignore(str(name), f"codes, names and flags of {form.publisher}")
    return frame[list(kept)].rename(columns=kept).assign(indicator=indicator)


def of_world_bank(raw: object, log: Log) -> object:
    """Return the records of an answer of the World Bank's interface, without groups of countries; else `raw`."""
    if not (isinstance(raw, list) and len(raw) == 2 and isinstance(raw[1], list)):
        return raw
    if not all(isinstance(record, dict) and "countryiso3code" in record for record in raw[1]):
        return raw
    records = [
        {
            "iso3": record["countryiso3code"],
            "country": _text_of(record.get("country"), "value"),
            "indicator": _text_of(record.get("indicator"), "id"),
            "year": record.get("date"),
            "value": record.get("value"),
        }
        for record in raw[1]
    ]
    kept = [
        record
        for record in records
        if not (is_aggregate(record["iso3"]) or is_aggregate(record["country"]))
    ]
    log.note("an answer of the World Bank's interface: its codes are read as the indicators")
    if len(kept) < len(records):
        log.note(f"{counted(len(records) - len(kept), 'record')} of groups of countries left out")
    return kept


def _text_of(piece: Any, key: str) -> Any:
    return piece.get(key) if isinstance(piece, dict) else piece


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
