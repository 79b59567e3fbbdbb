"""Explain the gap between a country and a baseline: an exact split over every node."""

from __future__ import annotations

import difflib
from typing import Any, overload

import numpy as np
import pandas as pd

from .._util.arguments import typed
from .._util.types import Array
from ..errors import NotScorableError, UnknownNameError
from ..framework.nodes import Group, Indicator
from ..scoring.decomposition import Decomposition, decompose
from ..scoring.headline import in_words
from ..scoring.kernel import evaluate
from ..scoring.scores import Scores
from ..scoring.tree import coverage
from ..scoring.verbs import Source, Spec, as_scores
from .explanation import Explanation
from .parts import terms_by_part

__all__ = ["Explanation", "explain"]

Baseline = str | tuple[str, int]
EVIDENCE = ("source", "publisher", "licence", "year", "confidence", "claim", "note")


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

    Returns
    -------
    Explanation
        Points of every node, the gaps that they add up to, the context and the evidence.

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
    if against == "median":
        scores, row = _among_all(scores, row)
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


def _among_all(scores: Scores, row: int) -> tuple[Scores, int]:
    """Return all scores that a selection was made of, and the row in them: medians are of all."""
    if scores._whole is None:
        return scores, row
    whole, rows = scores._whole
    return whole, int(rows[row])


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
            f"explain needs one country, a name or a code, received {country!r}; expected "
            "explain(scores, country) or explain(framework, data, country)"
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
    """Return node values, raw values, words, and the row of the baseline where it is a unit."""
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
                f"{_words(scores, row if index is None else index)} has no {name} score: {in_words(reason)}"
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
        rows.append(entry | {name: evidence.get(name, _unknown(name)) for name in EVIDENCE})
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
    for name in ("source", "publisher", "licence", "claim", "note"):
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
    columns = ["name", "label", "value", "unit", *EVIDENCE]
    iso3, unit_year = scores.data._unit_keys()[row]
    rows = []
    for node in scores.framework.context:
        evidence = scores.data.evidence_of(iso3, unit_year, node.data_column)
        value = scores.data._matrix([node.data_column])[row, 0]
        if not np.isnan(value):
            entry = {"name": node.name, "label": node.title, "value": value, "unit": node.unit}
            entry |= {name: evidence.get(name, _unknown(name)) for name in columns[4:]}
            rows.append((not node.focal, entry))
    rows.sort(key=lambda pair: pair[0])
    return pd.DataFrame([entry for _, entry in rows], columns=columns)


def _unknown(field: str) -> float | str:
    """Return what a field of the evidence holds where it says nothing."""
    return np.nan if field == "year" else ""
