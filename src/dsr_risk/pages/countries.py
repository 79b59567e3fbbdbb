"""The content of a report page on each country: its cells, panels of context, scenarios, changes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from ..analysis.compare.comparison import compare
from ..analysis.scenario.result import ScenarioResult
from ..framework.nodes import Indicator
from ..scoring.scores import Scores
from .aside import aside
from .contents import plain

__all__ = ["changes", "evidence", "panels", "scenario_rows"]

PANELS = (
    ("Surveillance", r"surveillance|aigs|safe_city|facial|policing|^v2sm"),
    ("Incidents", r"incident"),
    ("Debt and finance", r"debt|creditor|loan|financ|fintech|commitment|disbursement|reserves"),
    (
        "Suppliers and networks",
        r"vendor|supplier|network|cloud|cable|data_centre|5g|4g|ran\d|import|export|beidou|presence",
    ),
    (
        "Policy and agreements",
        r"policy|law|mou|participant|member|initiative|restriction|cbpr|gci|ncsi|egdi|cyber|protection",
    ),
)
"""Panels of a country and the words in a column's name that put it there, the first that fits."""
FACTS = "Context facts"
TITLES = tuple(title for title, _ in PANELS)
STATES = ("observed", "estimated ◊", "missing", "not applicable", "bounded", "not scored")
ASIDE = 5
"""The state of a figure that is shown and not scored."""


class _Texts:
    """Distinct texts by number: a source or a note is written once."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {"": 0}

    def __call__(self, text: Any) -> int:
        cited_text = "" if pd.isna(text) else str(text)
        return self.number.setdefault(cited_text, len(self.number))


def evidence(scores: Scores) -> dict[str, Any]:
    """Return state, value, year, source, confidence and note of every scored cell, and of context facts.

    A cell is ``[state, value, year, source, confidence, note]``; the last three are numbers of `texts`.
    """
    texts, cited = _Texts(), _cited(scores)
    indicators = scores.framework.indicators
    raw = scores._state.cells.denominated
    states = _states(scores)
    beside = aside(scores.data)
    cells = [
        [
            _beside(beside[key], texts)
            if (key := (str(code), indicator.data_column)) in beside and np.isnan(raw[row, column])
            else [
                int(states[row, column]),
                _number(raw[row, column]),
                *_citation(cited, texts, code, indicator),
            ]
            for column, indicator in enumerate(indicators)
        ]
        for row, code in enumerate(scores.data.iso3)
    ]
    facts = panels(scores)
    context = [node for _, nodes in facts for node in nodes]
    matrix = scores.data._matrix([node.data_column for node in context]) if context else None
    values: Any = [] if matrix is None else matrix
    rows = [
        [
            [column, _number(values[row][column]), *_citation(cited, texts, code, node)]
            for column, node in enumerate(context)
            if not np.isnan(values[row][column])
        ]
        for row, code in enumerate(scores.data.iso3)
    ]
    return {
        "units": [indicator.unit for indicator in indicators],
        "states": STATES,
        "cells": cells,
        "facts": rows if context else [[] for _ in scores.data.iso3],
        "columns": [
            [number, node.title, node.unit]
            for number, (_, nodes) in enumerate(facts)
            for node in nodes
        ],
        "panels": [title for title, _ in facts],
        "texts": list(texts.number),
    }


def panels(scores: Scores) -> list[tuple[str, list[Indicator]]]:
    """Return the panels and the context columns in them that the data hold, without empty panels."""
    out: dict[str, list[Indicator]] = {title: [] for title in (*TITLES, FACTS)}
    scored = {indicator.data_column for indicator in scores.framework.indicators}
    for node in scores.framework.context:
        if node.data_column not in scores.data.columns or node.data_column in scored:
            continue
        fits = (title for title, words in PANELS if re.search(words, node.name))
        out[next(fits, FACTS)].append(node)
    return [(title, nodes) for title, nodes in out.items() if nodes]


def _states(scores: Scores) -> Any:
    cells = scores._state.cells
    out = np.zeros(cells.applicable.shape, int)
    out[np.isnan(scores._state.normalised)] = 2
    out[cells.estimated] = 1
    out[cells.estimated & (cells.observed > 0)] = 4
    out[~cells.applicable] = 3
    return out


def _number(value: float) -> Any:
    if np.isnan(value):
        return None
    return round(value) if abs(value) >= 1e7 else float(f"{value:.7g}")


def _cited(scores: Scores) -> dict[tuple[str, str], tuple[Any, Any, Any, Any]]:
    """Return year, source, confidence and note of every cell with evidence."""
    table = scores.data.evidence
    if table.empty:
        return {}
    parts = [
        table[name] if name in table else pd.Series(np.nan, table.index)
        for name in ("year", "source", "confidence", "note")
    ]
    keys = zip(table["iso3"], table["indicator"], *parts, strict=True)
    return {(str(code), str(column)): tuple(rest) for code, column, *rest in keys}


def _citation(cited: dict[Any, Any], texts: _Texts, code: Any, node: Indicator) -> list[Any]:
    year, *rest = cited.get((str(code), node.data_column), (np.nan, "", "", ""))
    return [None if pd.isna(year) else int(year), *(texts(text) for text in rest)]


def _beside(cell: dict[str, Any], texts: _Texts) -> list[Any]:
    """Return a figure that is shown and not scored as a cell; its caveat is the reason."""
    year = None if pd.isna(cell["year"]) else int(cell["year"])
    origin = (texts(cell["source"]), texts(cell["confidence"]), texts(cell["why"]))
    return [ASIDE, _number(float(cell["value"])), year, *origin]


def scenario_rows(scores: Scores, results: Iterable[ScenarioResult]) -> dict[str, Any]:
    """Return for every country and scenario that moves it the headline scores after it."""
    titles: list[str] = []
    rows: list[list[Any]] = [[] for _ in scores.data.iso3]
    columns = [scores._state.tree.index[name] for name in scores.names]
    for number, result in enumerate(results):
        titles.append(result.scenario.title)
        after = result.after.values.reindex(scores.data.units)[list(scores.names)].to_numpy(float)
        before = scores._values[:, columns]
        with np.errstate(invalid="ignore"):
            moved = (np.abs(after - before) > 1e-9).any(axis=1)
        for row in np.flatnonzero(moved):
            rows[row].append([number, *plain(after[row])])
    return {"scenarios": titles, "after": rows}


def changes(scores: Scores, before: Scores | None) -> dict[str, Any]:
    """Return what moved since another edition: before, after, and the parts of the difference."""
    if before is None:
        return {"before": None}
    comparison = compare(before, scores)
    parts = ("before", "after", "data", "coverage", "reference", "method", "joint")
    tables: list[Any] = []
    for name in scores.names:
        try:
            frame = comparison.table(name)
        except KeyError:
            tables.append(None)
            continue
        kept = [part for part in parts if part in frame]
        frame = frame.reindex(scores.data.iso3)[kept].astype(float)
        tables.append({"parts": kept, "rows": plain(frame.round(6).to_numpy())})
    title = f"{before.framework.title or before.framework.name}; {before.data.origin}"
    return {"before": {"title": title, "tables": tables}}
