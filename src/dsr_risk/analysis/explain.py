"""Explain the gap between a country and a baseline: an exact split over every node."""

from __future__ import annotations

import difflib
import textwrap
from dataclasses import dataclass
from typing import Any, Literal, overload

import numpy as np
import pandas as pd

from .._util.arguments import typed
from .._util.checks import headline_name, whole_number
from .._util.display import Shown, number, render, table_of
from .._util.faces import plots
from .._util.frozen import Frozen
from .._util.types import Array
from ..errors import NotScorableError, UnknownNameError
from ..framework.nodes import Group, Indicator
from ..scoring.decomposition import Decomposition, decompose
from ..scoring.kernel import evaluate
from ..scoring.scores import Scores
from ..scoring.tree import coverage
from ..scoring.verbs import Source, Spec, as_scores
from .parts import terms_by_part

__all__ = ["Explanation", "explain"]

Baseline = str | tuple[str, int]
INDENT = "· "
WIDE = 110
FACTS = 12
EVIDENCE = ("source", "publisher", "licence", "year", "confidence", "claim", "note")


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Frozen, Shown):
    """Contributions of every node to the gap between a profile and a baseline, in points.

    Attributes
    ----------
    country, against : str
        The profile and what it is compared with, in words.
    gaps : dict
        For every explained headline score: (score, baseline score, gap).
    left_out : dict
        For every headline score that could not be explained: why.

    Examples
    --------
    >>> from dsr_risk import explain, score
    >>> explain(score(), "Pakistan").drivers("security", 1)["node"].item()
    'adoption_x_safeguards_gap'
    """

    country: str
    against: str
    gaps: dict[str, tuple[float, float, float]]
    left_out: dict[str, str]
    _rows: pd.DataFrame
    _context: pd.DataFrame
    _parts: pd.DataFrame

    def table(
        self, score: str | None = None, *, level: Literal["indicator", "all"] = "all"
    ) -> pd.DataFrame:
        """One row a node: points, value and baseline on the scale, raw value, source and year.

        The points of the children of a node add up to the node's; those of all indicators (and of
        groups that stand in as one term) to the gap. ``status`` says whether the cell is observed, imputed
        (estimated), missing, not applicable, without a class, censored or suppressed; ``stands_in`` marks
        terms that say what *not* knowing a value did.
        """
        rows = self._rows
        if score is not None:
            score = headline_name(score, self.gaps)
            rows = rows[rows["score"] == score]
        if level == "indicator":
            rows = rows[rows["is_term"]]
        return rows.drop(columns="is_term").reset_index(drop=True)

    def contributions(self, score: str) -> pd.Series[float]:
        """Return the terms of one score's gap by node name; they sum to the gap."""
        terms = self.table(score, level="indicator")
        return pd.Series(terms["points"].to_numpy(), index=terms["node"], name="points")

    def parts(self, score: str | None = None) -> pd.DataFrame:
        """Return the terms of the gap, derived indicators split to the parts that they are computed from.

        Rows of an indicator that is split have its name under ``node`` and the part's under ``part``; a row of
        any other term has no part. Points add up to the gap as in `contributions`: the difference of the raw
        values is split by ``Derived.split`` (Shapley 1953; exact for every operation) and the indicator's
        points go by these shares. Against the median profile the parts are compared with their own medians; the
        row ``(medians)`` holds what the operation on these differs from the median of the indicator.
        Against the floor the parts are compared with 0, where parts at 0 put the indicator at the floor (as in
        ``Scores.contributions(level="part")``). An indicator is not split where its raw value does not differ
        from the baseline.

        Columns: score, node, part, label, points, raw and raw_baseline (of the part, estimates at their mean),
        is_split.
        """
        rows = self._parts
        if score is not None:
            self.table(score)
            rows = rows[rows["score"] == score]
        return rows.reset_index(drop=True)

    @property
    def notes(self) -> tuple[str, ...]:
        """What limits the explanation: scores that are not explained and terms that stand for no value."""
        lines = [f"{name}: not explained: {why}" for name, why in self.left_out.items()]
        for name in self.gaps:
            terms = self.table(name, level="indicator")
            nodes = terms.loc[terms["stands_in"], "node"]
            if len(nodes):
                lines.append(
                    f"{name}: points of {', '.join(nodes)} come from what is not known of them"
                )
        return tuple(lines)

    @property
    def context(self) -> pd.DataFrame:
        """Facts that are shown and never scored: label, value, unit, year, source (a copy).

        Those about the focal origin come first.
        """
        return self._context.copy()

    def with_context(self) -> pd.DataFrame:
        """Return the table with one row more for every context fact.

        Such a row has the status ``context``, its value under ``raw`` and no points.
        """
        rows = self.table()
        facts = self._context.rename(columns={"name": "node", "value": "raw"})
        facts = facts.assign(
            score="", depth=0, status="context", stands_in=False, is_indicator=False
        )
        facts = facts.reindex(columns=rows.columns)
        texts = rows.select_dtypes(exclude="number").columns
        facts[texts] = facts[texts].astype(object).where(facts[texts].notna(), "")
        facts = facts.astype({name: rows[name].dtype for name in rows if name not in texts})
        return pd.concat(
            [rows, facts.astype({name: rows[name].dtype for name in texts})], ignore_index=True
        )

    def drivers(self, score: str, count: int = 5) -> pd.DataFrame:
        """Return the `count` terms that move the score most, up or down."""
        whole_number("count", count, least=1)
        terms = self.table(score, level="indicator")
        order = terms["points"].abs().sort_values(ascending=False, kind="stable").index
        return terms.loc[order[:count]].reset_index(drop=True)

    def text(self, width: int = 100) -> str:
        """Return the explanation as plain text for a terminal of that width, its sources listed below."""
        whole_number("width", width, least=20)
        caption, view = self._shown()
        sources = list(dict.fromkeys(source for source in view["source"] if source))
        view["source"] = [
            f"[{sources.index(source) + 1}]" if source else "" for source in view["source"]
        ]
        listed = [
            textwrap.fill(f"[{index}] {name}", width, subsequent_indent="    ")
            for index, name in enumerate(sources, start=1)
        ]
        narrow = view.drop(columns="unit") if width < WIDE else view
        parts = [
            render(narrow, "plain", caption, width),
            *(["Sources:", *listed] if listed else []),
            *self._facts(width),
        ]
        return "\n".join(parts)

    def _facts(self, width: int) -> list[str]:
        """Return the first context facts, one line or more each, and how many there are more."""
        facts = self._context
        if facts.empty:
            return []
        lines = [_fact(fact) for fact in facts.head(FACTS).to_dict("records")]
        more = len(facts) - len(lines)
        if more > 0:
            lines.append(f"and {more} facts more; --format csv or `.context` lists them")
        return [
            "Context, not scored:",
            *(
                textwrap.fill(line, width, initial_indent="- ", subsequent_indent="  ")
                for line in lines
            ),
        ]

    def __repr__(self) -> str:
        return self.text()

    def plot(self, **options: Any) -> Any:
        """Draw a waterfall from the baseline to the score; return the matplotlib Axes (extra `plots`)."""
        return plots().waterfall(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        lines = [f"{self.country} against {self.against}"]
        lines += [
            f"  {name}: {score:.2f} - {base:.2f} = {_signed(gap)} points"
            for name, (score, base, gap) in self.gaps.items()
        ]
        lines += [
            textwrap.fill(f"  {note}", 80, subsequent_indent="    ")
            for note in self.notes[: len(self.left_out)]
        ]
        frame = self.table()
        view = pd.DataFrame(
            {
                "node": [
                    INDENT * depth + label
                    for depth, label in zip(frame["depth"], frame["label"], strict=True)
                ],
                "points": [_signed(value) for value in frame["points"]],
                "score": frame["value"],
                "baseline": frame["baseline"],
                "raw": [
                    status if np.isnan(raw) and status not in ("observed", "") else raw
                    for raw, status in zip(frame["raw"], frame["status"], strict=True)
                ],
                "unit": frame["unit"],
                "year": ["" if pd.isna(year) else str(int(year)) for year in frame["year"]],
                "source": frame["source"],
            }
        )
        text = table_of(view)
        inner = ~frame["is_indicator"].to_numpy()
        text.loc[inner, "raw"] = ""
        return "\n".join(lines), text


def _fact(fact: dict[Any, Any]) -> str:
    """Return a context fact as a line: label, value with unit, year and source."""
    value = float(fact["value"])
    if fact["unit"] == "0/1":
        shown = "yes" if value else "no"
    else:
        shown = f"{int(value):,}" if value.is_integer() else number(value)
        shown = shown if fact["unit"] == "count" else f"{shown} {fact['unit']}"
    year = fact["year"]
    when = "" if year == "" or pd.isna(year) else f"{int(year)}, "
    return f"{fact['label']}: {shown} ({when}{fact['source']})"


def _signed(value: float) -> str:
    return "–" if np.isnan(value) else f"{round(value, 2) + 0.0:+.2f}"  # never -0.00


@overload
def explain(
    framework: Scores,
    country: str | int,
    /,
    *,
    against: Baseline = "median",
    score: str | None = None,
    year: int | None = None,
) -> Explanation: ...


@overload
def explain(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    country: str | int | None = None,
    *,
    against: Baseline = "median",
    score: str | None = None,
    year: int | None = None,
) -> Explanation: ...


@typed
def explain(
    framework: Scores | Spec | None = None,
    data: Any = None,
    country: str | int | None = None,
    *,
    against: Baseline = "median",
    score: str | None = None,
    year: int | None = None,
) -> Explanation:
    """Split a country's score gap over every node, exactly.

    Parameters
    ----------
    framework, data
        Scores, followed by the country: ``explain(scores, "PAK")``; or a framework and data as for
        ``score``: ``explain(framework, data, "PAK")``.
    country
        A name or code ("Pakistan", "PK", "PAK").
    against
        ``"median"``: the profile of median indicator values of the same year's countries, all that were
        scored where the scores are a selection; ``"floor"``: the lowest end of the scale, with the same
        cells missing; another country; or ``(country, year)``.
    score
        One headline score; all of them if None.
    year
        The year of a panel, the latest by default.

    Raises
    ------
    UnknownNameError
        For a country, year or score that is not there.
    NotScorableError
        If the country or the baseline has none of the scores asked for.

    Notes
    -----
    ``c_i = w_i s(x_i, b_i) / s(M(x), M(b)) (x_i - b_i)`` with the secant slope s of the mean's
    generator; it adds up without residual at every node (Ang 2004 for the logarithm).

    Examples
    --------
    >>> from dsr_risk import explain, score
    >>> explanation = explain(score(), "Pakistan", against="Kenya", score="dependency")
    >>> gap = explanation.gaps["dependency"][2]
    >>> bool(abs(explanation.contributions("dependency").sum() - gap) < 1e-9)
    True
    """
    data, country = _data_and_country(framework, data, country)
    scores = as_scores(framework, data)
    row = _row(scores, country, year)
    if against == "median" and scores._whole is not None:
        # The median is of all that were scored, not of a selection of them.
        scores, rows = scores._whole
        row = int(rows[row])
    profile = scores._state.evaluated[[row]]
    baseline, raw, words, other = _baseline(scores, row, against)
    names = scores.names if score is None else (scores._named(score),)
    gaps: dict[str, tuple[float, float, float]] = {}
    left_out: dict[str, str] = {}
    parts, by_part = [], []
    for name in names:
        index = scores._state.tree.index[name]
        mine, base = float(profile[0, index]), float(baseline[0, index])
        unprinted = any(
            scores.reason[name].iloc[index] for index in (row, other) if index is not None
        )
        if unprinted or np.isnan(mine) or np.isnan(base):
            left_out[name] = _why_not(scores, row, other, name)
            continue
        gaps[name] = (mine, base, mine - base)
        split = decompose(scores._state.tree, index, scores._state.weights, profile, baseline)
        parts.append(_rows(scores, name, row, split, baseline, raw))
        by_part.append(terms_by_part(scores, row, other, parts[-1], median=against == "median"))
    if not gaps:
        raise NotScorableError("; ".join(left_out.values()))
    return Explanation(
        _words(scores, row),
        words,
        gaps,
        left_out,
        pd.concat(parts, ignore_index=True),
        _context(scores, row),
        pd.concat(by_part, ignore_index=True),
    )


def _data_and_country(framework: Any, data: Any, country: Any) -> tuple[Any, str | int]:
    """Return the data and the country of ``explain(scores, country)`` or ``explain(framework, data, country)``."""
    if isinstance(framework, Scores) and isinstance(data, str | int):
        if country is not None:
            raise UnknownNameError(
                f"explain takes one country, received {data!r} and {country!r}; give the baseline as "
                f"against={country!r}"
            )
        country, data = data, None
    if isinstance(framework, Scores) and country is None and data is not None:
        country, data = data, None
    if not isinstance(country, str | int):
        raise UnknownNameError(
            f"explain needs one country, a name or a code, received {country!r}; for example "
            'explain(scores, "PAK")'
        )
    return data, country


def _row(scores: Scores, country: str | int, year: int | None = None) -> int:
    data = scores.data
    iso3 = data.unit_of(country)
    rows = np.flatnonzero(scores.data.iso3 == iso3)
    if not rows.size:
        raise UnknownNameError(
            f"no data for {data.names_of([iso3])[0]} ({iso3}); "
            f"the scores hold {len(scores.data.countries)} other countries"
        )
    if not scores.data.is_panel:
        if year is not None and year not in scores.data.years:
            raise UnknownNameError(
                f"unknown year {year}; the scores are of {scores.data.edition or 'no stated year'}"
            )
        return int(rows[0])
    years = scores.data.units.get_level_values(1).to_numpy()[rows]
    if year is None:
        return int(rows[np.argmax(years)])
    if year not in years:
        raise UnknownNameError(
            f"no {iso3} in {year}; there is {', '.join(map(str, sorted(years)))}"
        )
    return int(rows[list(years).index(year)])


def _baseline(scores: Scores, row: int, against: Baseline) -> tuple[Array, Array, str, int | None]:
    """Node values, raw values, words, and the row of the baseline where it is a unit."""
    if isinstance(against, tuple):
        if len(against) not in (1, 2):
            raise UnknownNameError(f"expected (country, year) as a baseline, received {against!r}")
        other = _row(scores, *against)
    elif against == "median":
        return *_median(scores, row), "the median profile", None
    elif against == "floor":
        mine = scores._state.evaluated[[row]]
        floor = np.where(np.isnan(mine), np.nan, scores._state.tree.scale[0])
        return (
            floor,
            np.full(scores._state.cells.raw.shape[1], np.nan),
            "the floor of the scale",
            None,
        )
    else:
        near = difflib.get_close_matches(str(against).casefold(), ("median", "floor"), 1, 0.7)
        if near and against not in set(map(str, scores.data.iso3)):
            raise UnknownNameError(f"unknown baseline `{against}`; did you mean `{near[0]}`?")
        other = _row(scores, against, _year_of(scores, row))
    return (
        scores._state.evaluated[[other]],
        scores._state.cells.raw[other],
        _words(scores, other),
        other,
    )


def _median(scores: Scores, row: int) -> tuple[Array, Array]:
    peers = ~scores._focal & (scores.data._year_groups == scores.data._year_groups[row])
    indicators, raw = (
        _medians(scores._state.normalised[peers]),
        _medians(scores._state.cells.raw[peers]),
    )
    scorable = coverage(scores._state.tree, scores._state.weights, ~np.isnan(indicators)[None])
    return evaluate(
        scores._state.tree, indicators[None], scores._state.weights, scorable.has_value
    )[0], raw


def _medians(columns: Array) -> Array:
    out = np.full(columns.shape[1], np.nan)
    observed = ~np.isnan(columns).all(axis=0)
    out[observed] = np.nanmedian(columns[:, observed], axis=0)
    return out


def _year_of(scores: Scores, row: int) -> int | None:
    return int(scores.data.units[row][1]) if scores.data.is_panel else None


def _words(scores: Scores, row: int) -> str:
    iso3 = str(scores.data.iso3[row])
    name = scores.data.unit_names[row]
    year = _year_of(scores, row)
    if name == iso3:
        return name if year is None else f"{name} {year}"
    return f"{name} ({iso3})" if year is None else f"{name} ({iso3}) {year}"


def _why_not(scores: Scores, row: int, other: int | None, name: str) -> str:
    reasons = []
    for index in (row, other):
        reason = "" if index is None else scores.reason[name].iloc[index]
        if reason:
            reasons.append(
                f"{_words(scores, row if index is None else index)} has no {name} score: {reason}"
            )
    return "; ".join(reasons) or f"the baseline has no {name} score"


def _rows(
    scores: Scores,
    headline: str,
    row: int,
    split: Decomposition,
    baseline: Array,
    raw_baseline: Array,
) -> pd.DataFrame:
    framework, index = scores.framework, scores._state.tree.index
    terms = split.terms(scores._state.tree.n_indicators)[0]
    rows: list[dict[str, Any]] = []
    for node in framework.nodes:
        if framework.score_of(node.name) != headline:
            continue
        node_index = index[node.name]
        points, alone = float(split.points[0, node_index]), bool(split.taken_alone[0, node_index])
        is_indicator = not isinstance(node, Group)
        entry: dict[str, Any] = {
            "score": headline,
            "node": node.name,
            "label": node.title,
            "depth": framework.depths[node.name],
            "points": points,
            "value": float(scores._state.evaluated[row, node_index]),
            "baseline": float(baseline[0, node_index]),
            "weight": framework.effective_weights[node.name],
            "raw": float(scores._state.cells.raw[row, node_index]) if is_indicator else np.nan,
            "raw_baseline": float(raw_baseline[node_index]) if is_indicator else np.nan,
            "unit": node.unit if is_indicator else "points",
            "status": _status(scores, row, node_index),
            "stands_in": alone,
            "is_indicator": is_indicator,
            "is_term": bool(terms[node_index]),
        }
        evidence = {} if isinstance(node, Group) else _evidence_of(scores, row, node)
        rows.append(
            entry
            | {name: evidence.get(name, np.nan if name == "year" else "") for name in EVIDENCE}
        )
    return pd.DataFrame(rows)


def _status(scores: Scores, row: int, index: int) -> str:
    if scores._state.scorable.has_value[row, index]:
        if index >= scores._state.tree.n_indicators:
            return ""
        imputed = scores._imputed
        return "estimated" if imputed is not None and imputed[row, index] else "observed"
    if not scores._state.scorable.applicable[row, index]:
        return "focal" if scores._focal[row] else "not applicable"
    if index >= scores._state.tree.n_indicators:
        return "suppressed"
    if scores._bounds is not None and not np.isnan(scores._bounds[1][row, index]):
        return "censored"
    if not np.isnan(scores._state.filled[row, index]) and (
        scores._pipeline.step_of(index).normaliser.grouping is not None
    ):
        return "no class"
    return "missing"


def _evidence_of(scores: Scores, row: int, node: Indicator) -> dict[str, Any]:
    """Return the evidence of a cell; of a derived one, that of its parts together, the oldest year."""
    if node.derived is None:
        return _evidence(scores, row, node.data_column)
    nodes = [scores.framework[name] for name in node.derived.of]
    parts = [_evidence_of(scores, row, part) for part in nodes if isinstance(part, Indicator)]
    out: dict[str, Any] = {}
    for name in ("source", "publisher", "licence"):
        texts = dict.fromkeys(str(part[name]) for part in parts if part.get(name))
        out[name] = "; ".join(texts)
    years = [float(part["year"]) for part in parts if part.get("year") not in (None, "")]
    if years:
        out["year"] = min(years)
    return out


def _evidence(scores: Scores, row: int, column: str) -> dict[str, Any]:
    iso3, unit_year = scores.data._unit_keys()[row]
    evidence = scores.data.evidence_of(iso3, unit_year, column)
    stated = bool(evidence) or not np.isnan(scores.data._matrix([column])[row, 0])
    # A cell without evidence of its own is of the year of its row.
    plain: dict[str, Any] = {"source": scores.data.origin}
    if unit_year >= 0 and not evidence:
        plain["year"] = unit_year
    return plain | evidence if stated else evidence


def _context(scores: Scores, row: int) -> pd.DataFrame:
    columns = ["name", "label", "value", "unit", "year", "source", "confidence", "claim", "note"]
    iso3, unit_year = scores.data._unit_keys()[row]
    rows = []
    for node in scores.framework.context:
        evidence = scores.data.evidence_of(iso3, unit_year, node.data_column)
        value = scores.data._matrix([node.data_column])[row, 0]
        if not np.isnan(value):
            entry = {"name": node.name, "label": node.title, "value": value, "unit": node.unit}
            entry |= {name: evidence.get(name, "") for name in columns[4:]}
            rows.append((not node.focal, entry))
    rows.sort(key=lambda pair: pair[0])
    return pd.DataFrame([entry for _, entry in rows], columns=columns)
