"""The parts of a country profile: sections of rows, every cell with year, source, confidence and marks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from .._util.display import FLAG, decimals_of_scale, number, of_fact, signed
from .._util.types import Index
from ..analysis.uncertainty.result import Uncertainty
from ..data.countries import country_table
from ..data.nouns import in_nouns, noun
from ..framework.nodes import Indicator
from ..output.colours import band_colours
from ..output.wording import words_of
from ..scoring.marks import ESTIMATED_MARK, PARTIAL_MARK, marks
from ..scoring.scores import Scores
from .aside import aside

__all__ = ["Cell", "Contents", "Section", "Subject", "sections_of"]

NONE = "–"
PANELS = {
    "Incidents": r"incident|attack|breach",
    "Surveillance": r"surveil|aigs|repression|safeguard",
    "Debt and finance": r"debt|loan|commitment|financ|invest|reserves|creditor|stake|mou",
    "Suppliers": (
        r"suppl|vendor|operator|import|export|network|cloud|cable|ran\dg|data_cent|5g|project|beidou|trade"
    ),
}
"""Panels by words in the names of an indicator and of the groups above it; the first that fits."""
REST = "Capacity, law and others"
ORDER = ("Suppliers", "Debt and finance", "Surveillance", "Incidents", REST)
FACTS = {
    "population": "Population",
    "gdp_per_head": "GDP per head",
    "gdp_usd": "GDP",
    "internet_users": "Internet users",
}
DRIVERS, BESIDE = 5, 4
"""Indicators named as drivers of a score; facts that are not scored, shown in each panel."""


@dataclass(frozen=True)
class Cell:
    """Text with a colour behind it, or a bar of a share (0-1) of the scale."""

    text: str
    colour: str = ""
    bar: float | None = None


@dataclass(frozen=True)
class Section:
    """A titled table; `headings` and every row are equally long."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Contents:
    """All that a profile shows.

    Attributes
    ----------
    title, lead : str
        The framework's title; scale, direction and focal state.
    countries : tuple of str
        The names of the countries.
    sections : tuple of Section
        The tables.
    notes, sources : tuple of str
        Notes; the sources in the order of their numbers.
    """

    title: str
    lead: str
    countries: tuple[str, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass
class Subject:
    """The countries of a profile: rows of the scores, names, draws, and the sources numbered so far."""

    scores: Scores
    rows: list[int]
    uncertainty: Uncertainty | None = None
    sources: list[str] = field(default_factory=list)

    @property
    def decimals(self) -> int:
        """Decimals of points of the scale."""
        return decimals_of_scale(*self.scores.framework.scale)

    @property
    def codes(self) -> list[str]:
        """The ISO codes."""
        return [str(self.scores.data.iso3[row]) for row in self.rows]

    @cached_property
    def everyone(self) -> Scores:
        """All units of the year, also where the scores are a selection: medians are of all."""
        every = self.scores._everyone
        return self.scores if len(every.data) == len(self.scores.data) else every

    @cached_property
    def aside(self) -> dict[tuple[str, str], dict[str, Any]]:
        """The figures that are shown and not scored, by code and column."""
        return aside(self.scores.data)

    @property
    def names(self) -> list[str]:
        """The names of the countries."""
        country_names = country_table()["name"]
        return [str(country_names.get(code, code)) for code in self.codes]

    def source(self, text: object) -> str:
        """Return the number of a source in square brackets, "" without one."""
        citation = str(text or "").strip()
        if not citation or citation == "nan":
            return ""
        if citation not in self.sources:
            self.sources.append(citation)
        return f"[{self.sources.index(citation) + 1}]"


def sections_of(subject: Subject) -> list[Section]:
    """Return the sections of a profile: scores, pillars, drivers, panels of indicators, facts."""
    out = [_scores(subject), _pillars(subject)]
    if len(subject.rows) == 1:
        out += _drivers(subject)
    out += _panels(subject)
    out.append(_facts(subject))
    return [section for section in out if section.rows]


# -- scores ---------------------------------------------------------------------------------------


def _scores(subject: Subject) -> Section:
    scores = subject.scores
    colours = band_colours(scores.framework)
    drawn = subject.uncertainty is not None
    kind = "90 % interval" if drawn else "possible range"
    headings = (
        "Score",
        "Country",
        "Value",
        kind,
        "Rank",
        "90 % of ranks",
        "Band",
        "Observed",
        "Grade",
    )
    kept = [
        index
        for index, heading in enumerate(headings)
        if heading != "Country" or len(subject.rows) > 1
    ]
    kept = [index for index in kept if headings[index] != "90 % of ranks" or drawn]
    rows = []
    for name in scores.names:
        for row, country in zip(subject.rows, subject.names, strict=True):
            cells = _score_row(subject, name, row, country, colours)
            rows.append(tuple(cells[index] for index in kept))
    note = (
        "Intervals: 9 in 10 of the draws of what is not certain."
        if drawn
        else "Possible range: whatever the values are that are not observed."
    )
    return Section("Scores", tuple(headings[index] for index in kept), tuple(rows), note)


def _score_row(
    subject: Subject, name: str, row: int, country: str, colours: dict[str, str]
) -> list[Cell]:
    scores = subject.scores
    headline = scores._headline(name)
    title, covered = scores.framework[name].title, Cell(f"{headline.coverage[row]:.0%}")
    value = headline.score[row]
    if np.isnan(value):
        why = f"no score: {reason_in_words(str(headline.reason[row]))}"
        blank = Cell(NONE)
        return [Cell(title), Cell(country), Cell(why), blank, blank, blank, blank, covered, blank]
    sign = marks(scores, name)[row]
    low, high, first, last = _interval(subject, name, row)
    lower, upper = scores._state.tree.scale
    band, digits = headline.band[row], subject.decimals
    return [
        Cell(title),
        Cell(country),
        Cell(f"{value:.{digits}f} {sign}".strip(), bar=float((value - lower) / (upper - lower))),
        Cell(f"{low:.{digits}f} to {high:.{digits}f}" if np.isfinite(low + high) else NONE),
        Cell(f"{headline.rank()[row]:.0f} of {headline.ranked[row]}"),
        Cell(f"{first:.0f} to {last:.0f}" if np.isfinite(first + last) else NONE),
        Cell(str(band or NONE), colour=colours.get(str(band), "")),
        covered,
        Cell(str(headline.grade[row])),
    ]


def _interval(subject: Subject, name: str, row: int) -> tuple[float, float, float, float]:
    """Return the interval of the score and of the rank; hard bounds, and no ranks, without draws."""
    scores = subject.scores
    if subject.uncertainty is None:
        return (
            float(scores.minimum[name].iloc[row]),
            float(scores.maximum[name].iloc[row]),
            np.nan,
            np.nan,
        )
    table = subject.uncertainty.table(name).reindex(scores.data.units)
    columns = [f"{name}_low", f"{name}_high", f"{name}_rank_low", f"{name}_rank_high"]
    low, high, first, last = table[columns].astype(float).iloc[row].tolist()
    return low, high, first, last


def reason_in_words(reason: str) -> str:
    """Return why there is no score, in words.

    Examples
    --------
    >>> reason_in_words("focal")
    'it is the focal state itself, which is not scored'
    """
    texts = {
        "focal": "it is the focal state itself, which is not scored",
        "not applicable": "no indicator applies",
        "not applicable: microstate": "it has fewer than 100,000 people: figures are shown, not scored",
    }
    return texts.get(reason, f"too little is known ({reason})" if "coverage" in reason else reason)


# -- pillars --------------------------------------------------------------------------------------


def _peers(subject: Subject) -> dict[str, Index]:
    """Return rows among all units of the peers of the first country: region, income group, world."""
    scores, code = subject.everyone, subject.codes[0]
    same = ~scores._focal
    out = {}
    for column in ("region", "income"):
        labels = country_table()[column].reindex(scores.data.iso3).to_numpy()
        label = country_table()[column].get(code)
        if isinstance(label, str):
            out[label] = np.flatnonzero(same & (labels == label))
    out["World"] = np.flatnonzero(same)
    return out


def _pillars(subject: Subject) -> Section:
    scores = subject.scores
    framework = scores.framework
    values, of_all = scores.values, subject.everyone.values
    lower, upper = scores._state.tree.scale
    alone = len(subject.rows) == 1
    peers = _peers(subject)
    peers = peers if alone else {"World": peers["World"]}
    rows = []
    for node in framework.nodes:
        if framework.depths[node.name] > 1:
            continue
        column = values[node.name].to_numpy(float)
        points = [
            Cell(number(column[row]), bar=_share(column[row], lower, upper)) for row in subject.rows
        ]
        others = of_all[node.name].to_numpy(float)
        medians = [Cell(_median(others[index])) for index in peers.values()]
        share = scores.coverage[node.name].to_numpy(float)
        observed = [Cell(f"{share[subject.rows[0]]:.0%}")] if alone else []
        title = node.title if framework.depths[node.name] else node.title.upper()
        rows.append((Cell(title), *points, *medians, *observed))
    headings = (
        "Pillar",
        *subject.names,
        *(f"median: {name}" for name in peers),
        *(["Observed"] if alone else []),
    )
    return Section("Pillars against peers", headings, tuple(rows))


def _share(x: float, lower: float, upper: float) -> float | None:
    return None if np.isnan(x) else float(np.clip((x - lower) / (upper - lower), 0, 1))


def _median(values: Any) -> str:
    observed = values[~np.isnan(values)]
    return number(float(np.median(observed))) if len(observed) else NONE


# -- drivers --------------------------------------------------------------------------------------


def _drivers(subject: Subject) -> list[Section]:
    """Return for every headline with a score the indicators that add most points to it."""
    scores, row = subject.scores, subject.rows[0]
    out = []
    for name in scores.names:
        points = scores.contributions(name)
        parts = points.iloc[row].dropna().sort_values(ascending=False, kind="stable")
        total = float(parts.sum())
        if not len(parts) or total <= 0:
            continue
        every = subject.everyone
        of_all = points if every is scores else every.contributions(name)
        median = of_all[~every._focal].median()
        estimated = scores.imputed.iloc[row]
        rows = []
        for node, value in parts.head(DRIVERS).items():
            mark = f" {ESTIMATED_MARK}" if bool(estimated.get(node, False)) else ""
            gap = float(value) - float(median[str(node)])
            rows.append(
                (
                    Cell(f"{scores.framework[str(node)].title}{mark}"),
                    Cell(f"{value:.{subject.decimals}f}"),
                    Cell(f"{value / total:.0%}"),
                    Cell(signed(gap, subject.decimals)),
                )
            )
        headings = (
            "Indicator",
            "Points",
            "Share of the score",
            f"Against the median {noun(scores.data)}",
        )
        out.append(Section(f"What drives {scores.framework[name].title}", headings, tuple(rows)))
    return out


# -- panels ---------------------------------------------------------------------------------------


def _panel_of(name: str, above: str) -> str:
    for text in (name, above):
        for panel, words in PANELS.items():
            if text and re.search(words, text):
                return panel
    return REST


def _panels(subject: Subject) -> list[Section]:
    scores = subject.scores
    framework = scores.framework
    grouped: dict[str, list[tuple[Cell, ...]]] = {name: [] for name in (*PANELS, REST)}
    scored = {node.data_column for node in framework.indicators}
    for node in framework.indicators:
        panel = _panel_of(node.name, framework.parents.get(node.name) or "")
        grouped[panel].append(_indicator_row(subject, node))
    beside: dict[str, int] = dict.fromkeys(grouped, 0)
    for node in framework.context:
        column = node.data_column
        panel = _panel_of(node.name, "")
        if column in scored or column not in scores.data.columns or beside[panel] >= BESIDE:
            continue
        values = scores.data._matrix([column])[subject.rows, 0]
        if np.isnan(values).all():
            continue
        beside[panel] += 1
        grouped[panel].append(_fact_row(subject, node.title, column, node.unit))
    if len(subject.rows) == 1:
        headings: tuple[str, ...] = (
            "Indicator",
            "Value",
            "On the scale",
            "Year",
            "Confidence",
            "Source",
        )
    else:
        headings = ("Indicator", *subject.names)
    return [Section(name, headings, tuple(grouped[name])) for name in ORDER if grouped[name]]


def _indicator_row(subject: Subject, node: Indicator) -> tuple[Cell, ...]:
    scores = subject.scores
    column = scores._state.tree.index[node.name]
    lower, upper = scores._state.tree.scale
    cells, facts = [], []
    for row in subject.rows:
        on_scale = float(scores._state.normalised[row, column])
        evidence = _evidence_of_node(subject, row, column)
        text = _value(scores, row, column, evidence)
        beside = subject.aside.get((str(scores.data.iso3[row]), node.data_column))
        if beside is not None:
            shown = f"{number(float(beside['value']))}, not scored: {beside['why']}"
            estimated = scores._state.cells.estimated[row, column]
            text, evidence = f"{text}; {shown}" if estimated else shown, beside
        facts.append((on_scale, evidence))
        if len(subject.rows) > 1:
            text = _with_evidence(subject, text, evidence)
        cells.append(
            Cell(text, bar=_share(on_scale, lower, upper) if len(subject.rows) > 1 else None)
        )
    title = f"{node.title} ({node.unit})" if node.unit else node.title
    if len(subject.rows) > 1:
        return Cell(title), *cells
    on_scale, evidence = facts[0]
    return (
        Cell(title),
        cells[0],
        Cell(number(on_scale), bar=_share(on_scale, lower, upper)),
        *_evidence_cells(subject, evidence),
    )


def _value(scores: Scores, row: int, column: int, evidence: dict[str, Any]) -> str:
    """Return a value with its mark: observed, between bounds, estimated, not applicable or missing."""
    if not scores._state.cells.applicable[row, column]:
        code = str(evidence.get("reason", ""))
        words = words_of("en").get(code, code.replace("_", " "))
        return f"does not apply{f' ({words})' if words else ''}"
    raw = float(scores._state.cells.raw[row, column])
    low, high = evidence.get("lower"), evidence.get("upper")
    if scores._state.cells.estimated[row, column]:
        value = float(scores.estimated.to_numpy()[row, column])
        between = ""
        if np.isnan(raw) and low is not None and high is not None:
            between = f", between {number(float(low))} and {number(float(high))}"
        return f"{number(value)} {ESTIMATED_MARK} estimated{between}"
    return "missing" if np.isnan(raw) else number(raw)


def _evidence(subject: Subject, row: int, column: str) -> dict[str, Any]:
    code, year = subject.scores.data._unit_keys()[row]
    return subject.scores.data.evidence_of(code, year, column)


def _evidence_of_node(subject: Subject, row: int, column: int) -> dict[str, Any]:
    """Return the evidence of an indicator; of a derived one, that of its parts together."""
    scores = subject.scores
    columns = scores._state.prepared.layout.sources(column)
    parts = [
        _evidence(subject, row, scores.framework.inputs[column].data_column) for column in columns
    ]
    if len(parts) == 1:
        return parts[0]
    years = {int(part["year"]) for part in parts if part.get("year") is not None}
    grades = list(dict.fromkeys(str(part["confidence"]) for part in parts if "confidence" in part))
    worst = next((grade for grade in ("low", "medium", "high") if grade in grades), None)
    sources = "; ".join(dict.fromkeys(str(part["source"]) for part in parts if "source" in part))
    out: dict[str, Any] = {"source": sources} if sources else {}
    if years:
        # The value is as old as its oldest part.
        out["year"] = min(years)
    return out if worst is None else {**out, "confidence": worst}


def _evidence_cells(subject: Subject, evidence: dict[str, Any]) -> tuple[Cell, Cell, Cell]:
    year = evidence.get("year")
    year_text = NONE if year is None or pd.isna(year) else str(int(year))
    source = subject.source(evidence.get("source"))
    return Cell(year_text), Cell(str(evidence.get("confidence", NONE))), Cell(source or NONE)


def _with_evidence(subject: Subject, text: str, evidence: dict[str, Any]) -> str:
    """Return a value with its year and the number of its source, for countries side by side."""
    year, _, source = (cell.text for cell in _evidence_cells(subject, evidence))
    parts = [text, f"({year})" if year != NONE else "", source if source != NONE else ""]
    return " ".join(part for part in parts if part)


def _fact_row(subject: Subject, title: str, column: str, unit: str) -> tuple[Cell, ...]:
    values = subject.scores.data._matrix([column])[subject.rows, 0]
    named = f"{title} ({unit})" if unit and unit != FLAG else title
    if len(subject.rows) > 1:
        cited = [_evidence(subject, row, column) for row in subject.rows]
        texts = zip(values.tolist(), cited, strict=True)
        cells = [
            Cell(NONE if np.isnan(x) else _with_evidence(subject, of_fact(x, unit), e))
            for x, e in texts
        ]
        return Cell(f"{named}, not scored"), *cells
    evidence = _evidence(subject, subject.rows[0], column)
    return (
        Cell(f"{named}, not scored"),
        Cell(of_fact(float(values[0]), unit)),
        Cell(NONE),
        *_evidence_cells(subject, evidence),
    )


def _facts(subject: Subject) -> Section:
    """Return classifications of the countries, and facts that are in the data."""
    countries = country_table().reindex(subject.codes)
    rows: list[tuple[Cell, ...]] = []
    alone = len(subject.rows) == 1
    for column, title in (("subregion", "Subregion"), ("income", "Income group")):
        texts = [NONE if pd.isna(fact) else str(fact) for fact in countries[column]]
        filler = (Cell(NONE),) * 3 if alone else ()
        rows.append((Cell(title), *(Cell(text) for text in texts), *filler))
    units = {node.data_column: node.unit for node in subject.scores.framework.context}
    for column, title in FACTS.items():
        if column in subject.scores.data.columns:
            row = _fact_row(subject, title, column, units.get(column, ""))
            title_cell = Cell(row[0].text.removesuffix(", not scored"))
            rows.append((title_cell, row[1], *row[3:]) if alone else (title_cell, *row[1:]))
    headings: tuple[str, ...] = ("Fact", *subject.names)
    if alone:
        headings = ("Fact", "Value", "Year", "Confidence", "Source")
    return Section("Context", headings, tuple(rows))


def signs(scores: Scores, rows: list[int]) -> list[str]:
    """Return what the marks of a profile mean, as far as they are used."""
    out = []
    if any(PARTIAL_MARK in str(marks(scores, name)[row]) for name in scores.names for row in rows):
        out.append(
            in_nouns(
                scores.data,
                f"{PARTIAL_MARK} partial basis: some indicators do not apply; ranked among such countries.",
            )
        )
    if scores._state.cells.estimated[rows].any():
        out.append(
            f"{ESTIMATED_MARK} estimated by the framework's model of missing cells, not observed."
        )
    return out
