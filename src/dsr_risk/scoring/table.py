"""Build the score table: one row a unit, headline scores first, then their details."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .._util.display import MISSING, decimals_of_scale, span, table_of
from ..data.countries import country_table
from ..data.nouns import name_column
from ..errors import UnknownNameError, did_you_mean
from .headline import FULL
from .marks import ESTIMATED_MARK, LARGE_SHARE, PARTIAL_MARK, all_marks, estimated_share

if TYPE_CHECKING:
    from .scores import Scores

__all__ = [
    "Level",
    "nodes_of",
    "printed_caption",
    "printed_table",
    "published_columns",
    "table_of_scores",
]

Level = Literal["score", "pillar", "indicator", "all"]


def table_of_scores(scores: Scores, level: Level, *, details: bool = False) -> pd.DataFrame:
    """Return the table of a level, most risk first on the first headline; a panel in the order of the data."""
    columns = published_columns(scores)
    if level != "score":
        index = scores._state.tree.index
        columns |= {name: scores._values[:, index[name]] for name in nodes_of(scores, level)}
        columns["estimated_indicators"] = _estimated_names(scores)
    if details:
        columns |= _detail_columns(scores)
    frame = pd.DataFrame(columns, index=scores.data.units)
    return frame if scores.data.is_panel else frame.iloc[_order(scores)]


def nodes_of(scores: Scores, level: Level) -> tuple[str, ...]:
    """Return the nodes that a level of the table shows beside the headline scores."""
    framework = scores.framework
    depths, indicators = framework.depths, {indicator.name for indicator in framework.indicators}
    chosen: dict[str, Callable[[str], bool]] = {
        "score": lambda name: False,
        "pillar": lambda name: depths[name] == 1,
        "indicator": lambda name: name in indicators,
        "all": lambda name: depths[name] > 0,
    }
    if not isinstance(level, str) or level not in chosen:
        raise UnknownNameError(f"no level `{level}`; {did_you_mean(str(level), chosen)}")
    return tuple(node.name for node in framework.nodes if chosen[level](node.name))


def published_columns(scores: Scores) -> dict[str, Any]:
    """Return the columns to publish: country, then score, rank and band of every headline, and the grade.

    Units that are no countries have their identifier alone, which is the index.

    The grade is that of every headline in order, once where all have the same (``A``, ``A/B``, ``A/–``).
    """
    columns: dict[str, Any] = {**name_column(scores.data, scores.data.iso3)}
    summaries = [scores._headline(name) for name in scores.names]
    for summary in summaries:
        columns[summary.name] = summary.score
        columns[f"{summary.name}_rank"] = _integers(summary.rank())
        columns[f"{summary.name}_band"] = summary.band
    grades = zip(*(summary.grade for summary in summaries), strict=True)
    columns["grade"] = [_joined(row) for row in grades]
    return columns


def _joined(grades: tuple[str, ...]) -> str:
    """Return one text of the grades of the headlines."""
    if len(set(grades)) == 1:
        return grades[0]
    return "/".join(MISSING if grade == "n/a" else grade for grade in grades)


def _detail_columns(scores: Scores) -> dict[str, Any]:
    countries = scores.data.kind == "country"
    geography = country_table()[["region", "income"]].reindex(
        scores.data.iso3 if countries else [None] * len(scores.data)
    )
    lowest, highest = scores.minimum, scores.maximum
    reliability, observed = scores.reliability, scores.observed
    summaries = [scores._headline(name) for name in scores.names]
    columns: dict[str, Any] = {
        "coverage": np.mean([summary.coverage for summary in summaries], axis=0)
    }
    for summary in summaries:
        name = summary.name
        columns |= {
            f"{name}_min": lowest[name].to_numpy(),
            f"{name}_max": highest[name].to_numpy(),
            f"{name}_observed": observed[name].to_numpy(),
            f"{name}_estimated_share": estimated_share(scores, name),
            f"{name}_coverage": summary.coverage,
            f"{name}_grade": summary.grade,
            f"{name}_basis": summary.basis,
            f"{name}_reliability": reliability[name].to_numpy(),
            f"{name}_rank_region": _integers(summary.rank("region")),
            f"{name}_rank_income": _integers(summary.rank("income")),
            f"{name}_reason": summary.reason,
        }
    estimated = scores.imputed.to_numpy()
    columns["observed"] = (~np.isnan(scores._state.normalised) & ~estimated).sum(axis=1)
    columns["estimated"] = estimated.sum(axis=1)
    columns["indicators"] = estimated.shape[1]
    columns["region"] = geography["region"].to_numpy()
    columns["income"] = geography["income"].to_numpy()
    columns["focal"] = scores.framework.focal or ""
    return columns | _source_columns(scores)


def _source_columns(scores: Scores) -> dict[str, Any]:
    """Return the years and the sources of the cells behind each unit's scores."""
    data = scores.data
    evidence = data._evidence
    keys = data._unit_keys()
    out: dict[str, Any] = {
        "data_years": [str(year) if year >= 0 else "" for _, year in keys],
        "sources": data.origin,
    }
    if evidence.empty:
        return out
    columns = [indicator.data_column for indicator in scores.framework.inputs]
    # Of the many columns of the evidence only those that are read are copied.
    read = evidence.columns.intersection(["iso3", "unit_year", "source", "year"])
    used = evidence.loc[evidence["indicator"].isin(columns) & evidence["value"].notna(), read]
    cells_of = list(zip(used["iso3"].tolist(), used["unit_year"].tolist(), strict=True))
    if "source" in used:
        sources: dict[tuple[str, int], dict[str, None]] = {}
        for key, source in zip(cells_of, used["source"].tolist(), strict=True):
            sources.setdefault(key, {})[str(source)] = None
        out["sources"] = [_joined_sources(sources.get(key, {})) for key in keys]
        out["data_years"] = ""
    if "year" in used:
        stated = used["year"].groupby([used["iso3"], used["unit_year"]]).agg(["min", "max"])
        spans = dict(zip(stated.index, stated.to_numpy(dtype=float).tolist(), strict=True))
        out["data_years"] = [_span(*spans.get(key, (np.nan, np.nan))) for key in keys]
    return out


def _joined_sources(sources: Iterable[str]) -> str:
    """Return each source once, in alphabetical order; a cell may name several."""
    return "; ".join(sorted({part for text in sources for part in text.split("; ") if part}))


def _estimated_names(scores: Scores) -> list[str]:
    """Return for every unit the indicators whose value is estimated, by name."""
    estimated = scores.imputed
    if not estimated.to_numpy().any():
        return [""] * len(estimated)
    names = np.array(estimated.columns, dtype=object)
    return ["; ".join(names[row]) for row in estimated.to_numpy()]


def _order(scores: Scores) -> NDArray[np.intp]:
    first = scores._headline(scores.names[0])
    partial = np.array([basis != FULL for basis in first.basis])
    return np.lexsort((scores.data.sort_keys, first.rank(), partial, np.isnan(first.score)))


def _integers(values: NDArray[np.float64]) -> Any:
    return pd.array(values, dtype="Float64").astype("Int64")


def _span(first: float, last: float) -> str:
    if np.isnan(first):
        return ""
    return f"{first:.0f}" if first == last else f"{first:.0f}-{last:.0f}"


def printed_table(scores: Scores) -> pd.DataFrame:
    """Return the table to publish as text, marks beside the country."""
    decimals = decimals_of_scale(*scores.framework.scale)
    signs = pd.Series(all_marks(scores), index=scores.data.units)
    frame = scores.table()
    if "country" in frame:
        marked = (frame["country"] + " " + signs.reindex(frame.index)).str.rstrip()
        text = table_of(frame.assign(country=marked))
    else:
        text = table_of(frame.assign(grade=frame["grade"] + " " + signs.reindex(frame.index)))
    for name in scores.names:
        text[name] = [
            MISSING if np.isnan(value) else f"{value:.{decimals}f}" for value in frame[name]
        ]
    return text


def printed_caption(scores: Scores) -> str:
    """Return what stands above the table to publish: title, scale, how many are scored, marks."""
    scored = {
        name: int((~np.isnan(scores._values[:, scores._node_index(name)])).sum())
        for name in scores.names
    }
    counts = ", ".join(f"{name} {count}" for name, count in scored.items())
    return (
        f"{scores.framework.title or scores.framework.name}\n"
        f"Scores {span(*scores._state.tree.scale)}, higher is more risk; rank 1 is most. "
        f"Scored: {counts} of {len(scores.data)}. {PARTIAL_MARK} partial basis, {ESTIMATED_MARK} more than "
        f"{100 * LARGE_SHARE:.0f} % of the weight estimated."
    )
