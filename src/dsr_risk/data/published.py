"""Names of columns of publishers' tables, as those of a long table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .._util.display import counted
from .._util.types import Array
from .column_names import COUNTRY_NAMES, INDICATOR_NAMES, INDICATORS_ELSEWHERE, VALUES_ELSEWHERE
from .countries import is_aggregate
from .reading import Log, cut, few
from .table import Table, noted, texts_of
from .years import year_of

__all__ = [
    "Answer",
    "answer_of_world_bank",
    "last_years_of",
    "of_world_bank",
    "published",
    "scales_of",
    "standard_names",
]


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
    notes: tuple[str, ...] = ()
    """Flags and notes of observations."""


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
        ("flag", "note"),
    ),
    _Form(
        "SDMX",
        frozenset({"obs_value", "time_period"}),
        ("ref_area", "geo", "reporting_country", "country"),
        ("indicator", "measure", "series"),
        "time_period",
        "obs_value",
        "unit_measure",
        notes=("obs_flag", "obs_status", "conf_status"),
    ),
    _Form(
        "the ITU",
        frozenset({"entityiso", "datavalue", "datayear"}),
        ("entityiso",),
        ("seriescode", "seriesname"),
        "datayear",
        "datavalue",
        "seriesunits",
        notes=("datanote",),
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
_PLAIN = {"", "A", "F"}
"""Statuses that say nothing: normal values (SDMX, FAOSTAT) that are free for publication."""
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
        # A code under `Flow` has its words under `Flow Label`.
        codes = [name for name in columns if f"{name} label" in columns]
        left = [columns[word] for name in codes for word in (name, f"{name} label")]
        left.remove(columns[_ECONOMY])
        for name in left:
            log.ignore(str(name), "codes of UNCTADstat and their labels")
        return frame.drop(columns=left).rename(columns={columns[_ECONOMY]: "country"}), True
    if set(_LAST_YEAR) & set(columns):
        return frame, True
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
    flags = [columns[name] for name in form.notes if name in columns]
    for name in frame.columns:
        if name not in {*kept, *named, *flags}:
            log.ignore(str(name), f"codes and names of {form.publisher}")
    long = frame[list(kept)].rename(columns=kept).assign(indicator=indicator)
    for name in flags:
        statuses = texts_of(frame[name])
        notes = [f"{name} {text}" if text not in _PLAIN else "" for text in statuses]
        if any(notes):
            long["note"] = noted(long.get("note"), np.array(notes, dtype=object))
    return long


@dataclass(frozen=True)
class Answer:
    """An answer of the World Bank's interface: its records, and how many of the pages it is."""

    records: list[dict[str, Any]]
    page: str


def answer_of_world_bank(raw: object) -> Answer | None:
    """Return an answer of the World Bank's interface as records of a long table; None if `raw` is none."""
    if not (isinstance(raw, list) and len(raw) == 2 and isinstance(raw[1], list)):
        return None
    if not all(isinstance(record, dict) and "countryiso3code" in record for record in raw[1]):
        return None
    records = [
        {
            "iso3": record["countryiso3code"],
            "country": _text_of(record.get("country"), "value"),
            "indicator": _text_of(record.get("indicator"), "id"),
            "indicator_name": _text_of(record.get("indicator"), "value"),
            "year": record.get("date"),
            "value": record.get("value"),
        }
        for record in raw[1]
    ]
    facts = raw[0] if isinstance(raw[0], dict) else {}
    page, pages = facts.get("page"), facts.get("pages")
    part = isinstance(pages, int) and pages > 1
    note = f"page {page} of {pages}: the rest is in other answers (ask for `per_page=20000`)"
    return Answer(records, note if part else "")


def of_world_bank(raw: object, log: Log) -> object:
    """Return the records of an answer of the World Bank's interface, without groups of countries; else `raw`."""
    answer = answer_of_world_bank(raw)
    if answer is None:
        return raw
    records = [{k: v for k, v in row.items() if k != "indicator_name"} for row in answer.records]
    if answer.page:
        log.note(answer.page)
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


SCALES = {"": 1.0, "units": 1.0, "thousands": 1e3, "millions": 1e6, "billions": 1e9}
"""Words of the IMF for the size of a unit."""
LARGEST_POWER = 12
"""The largest power of ten that is the size of a unit."""


def scales_of(table: Table) -> Array | None:
    """Return by what the values of a table of the IMF, or of SDMX, are multiplied; None for 1 throughout."""
    given = table.given
    columns = {str(name).casefold(): at for at, name in reversed([*enumerate(given.columns)])}
    imf = {"scale"} < set(columns) and ({"series_code", "weo subject code"} & set(columns))
    folded = "scale" if imf else "unit_mult"
    if folded not in columns:
        return None
    name, texts = given.columns[columns[folded]], texts_of(given.iloc[:, columns[folded]])
    words = pd.Series(texts).str.casefold()
    powers = pd.to_numeric(words.replace("", "0"), errors="coerce")
    powers = powers.where(powers.abs() <= LARGEST_POWER)
    out: Array = np.asarray(words.map(SCALES) if imf else 10.0**powers, dtype=float)
    if (unknown := np.isnan(out)).any():
        expected = f"one of {', '.join(filter(None, SCALES))}" if imf else "a power of ten"
        table.problems.add(
            f"column `{cut(str(name))}`: {few(dict.fromkeys(texts[unknown]))} is no size of a unit; "
            f"expected {expected}"
        )
        return None
    if (out == 1).all():
        return None
    example = float(out[out != 1][0])
    table.log.note(f"values are multiplied out by `{name}`, as in {example:,.10g}")
    return out


_LAST_YEAR = ("latest_actual_annual_data", "estimates start after")
"""Columns of the IMF that hold the last year of actual data."""


def last_years_of(given: pd.DataFrame) -> Array | None:
    """Return the last year of actual data of the rows of a table of the IMF, 0 for none; None for other tables."""
    columns = {str(name).casefold(): at for at, name in reversed([*enumerate(given.columns)])}
    at = next((columns[name] for name in _LAST_YEAR if name in columns), None)
    if at is None:
        return None
    years = pd.Series(texts_of(given.iloc[:, at])).str.extract(r"(\d{4})", expand=False)
    return years.fillna("0").to_numpy(dtype=float)


_VALUES = ("obs_value", "observation value", "numericvalue", "numeric value", "factvaluenumeric")
"""Columns of values in long tables: SDMX and the World Health Organization."""
_TIMES = (
    "time_period",
    "time period",
    "time",
    "timedim",
    "period",
    "jahr",
    "yr",
    "years",
    "fiscal year",
    "reference year",
    "reporting year",
    "survey year",
    "ref_year",
    "latest year",
    "data year",
    "year of data",
    "most recent year",
    "rok",
    "jaar",
    "y\u0131l",
    "\u00e5r",
    "\u00e9v",
    "anul",
    "\u0440\u0456\u043a",
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
    if not renamed and not {"indicator", "value"} & set(columns):
        there = [
            next((columns[name] for name in candidates if name in columns), None)
            for candidates in (INDICATORS_ELSEWHERE, VALUES_ELSEWHERE)
        ]
        if there[0] and there[1]:
            renamed = {there[0]: "indicator", there[1]: "value"}
    return renamed
