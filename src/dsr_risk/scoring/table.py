"""Build the score table: one row a unit, headline scores first, then their details."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..data.countries import country_table
from ..errors import UnknownNameError, did_you_mean
from .standing import FULL

if TYPE_CHECKING:
    from .scores import Scores

__all__ = ["Level", "headline_columns", "nodes_of", "table_of_scores"]

Level = Literal["score", "pillar", "indicator", "all"]


def table_of_scores(scores: Scores, level: Level, *, details: bool = True) -> pd.DataFrame:
    """Return the table of a level, most risk first on the first headline; a panel in the order of the data."""
    columns = headline_columns(scores)
    if level == "score":
        columns |= _detail_columns(scores) if details else {}
    else:
        place = scores.tree.index
        columns |= {name: scores.values_array[:, place[name]] for name in nodes_of(scores, level)}
        columns["imputed_indicators"] = _imputed_names(scores)
    frame = pd.DataFrame(columns, index=scores.data.units)
    return frame if scores.data.is_panel else frame.iloc[_order(scores)]


def nodes_of(scores: Scores, level: Level) -> tuple[str, ...]:
    """Return the nodes that a level of the table shows beside the headline scores."""
    framework = scores.framework
    depths, leaves = framework.depths, {leaf.name for leaf in framework.indicators}
    chosen: dict[str, Callable[[str], bool]] = {
        "score": lambda name: False,
        "pillar": lambda name: depths[name] == 1,
        "indicator": lambda name: name in leaves,
        "all": lambda name: depths[name] > 0,
    }
    if level not in chosen:
        raise UnknownNameError(f"no level `{level}`; {did_you_mean(str(level), chosen)}")
    return tuple(node.name for node in framework.nodes if chosen[level](node.name))


def headline_columns(scores: Scores) -> dict[str, Any]:
    """Country, then score, rank and band of every headline, and the mean coverage."""
    known = country_table()["name"]
    columns: dict[str, Any] = {
        "country": [known.get(code, code) for code in scores.data.iso3],
    }
    standings = [scores.standing(name) for name in scores.names]
    for one in standings:
        columns[one.name] = one.score
        columns[f"{one.name}_rank"] = _integers(one.rank())
        columns[f"{one.name}_band"] = one.band
    columns["coverage"] = np.mean([one.coverage for one in standings], axis=0)
    return columns


def _detail_columns(scores: Scores) -> dict[str, Any]:
    geography = country_table().reindex(scores.data.iso3)
    low, high, reliability, observed = scores.low, scores.high, scores.reliability, scores.observed
    columns: dict[str, Any] = {}
    for name in scores.names:
        one = scores.standing(name)
        columns |= {
            f"{name}_min": low[name].to_numpy(),
            f"{name}_max": high[name].to_numpy(),
            f"{name}_observed": observed[name].to_numpy(),
            f"{name}_estimated_share": _estimated_share(scores, name),
            f"{name}_coverage": one.coverage,
            f"{name}_grade": one.grade,
            f"{name}_basis": one.basis,
            f"{name}_reliability": reliability[name].to_numpy(),
            f"{name}_rank_region": _integers(one.rank("region")),
            f"{name}_rank_income": _integers(one.rank("income")),
            f"{name}_reason": one.reason,
        }
    imputed = scores.imputed.to_numpy()
    columns["observed"] = (~np.isnan(scores.normalised_array) & ~imputed).sum(axis=1)
    columns["imputed"] = imputed.sum(axis=1)
    columns["indicators"] = imputed.shape[1]
    columns["region"] = geography["region"].to_numpy()
    columns["income"] = geography["income"].to_numpy()
    columns["focal"] = scores.framework.focal or ""
    return columns | _source_columns(scores)


def _estimated_share(scores: Scores, name: str) -> NDArray[np.float64]:
    """Share of the applicable weight below a headline that is estimated."""
    tree, applies = scores.tree, scores.scorable.applicable
    share = np.zeros(applies.shape)
    share[:, : tree.leaves] = scores.cells.estimated
    for branch in tree.branches:
        below = branch.children
        w = scores.weights[below] * applies[:, below]
        with np.errstate(invalid="ignore"):
            share[:, branch.node] = np.nan_to_num((w * share[:, below]).sum(axis=1) / w.sum(axis=1))
    return np.where(np.isnan(scores.standing(name).score), np.nan, share[:, tree.index[name]])


def _source_columns(scores: Scores) -> dict[str, Any]:
    """Return the years and the sources of the cells behind each unit's scores."""
    data = scores.data
    evidence = data.evidence
    if evidence.empty or "source" not in evidence:
        years = [str(year) if year >= 0 else "" for _, year in data.unit_keys()]
        return {"data_years": years, "sources": data.origin}
    columns = [leaf.data_column for leaf in scores.framework.inputs]
    used = evidence[evidence["indicator"].isin(columns) & evidence["value"].notna()]
    grouped = used.groupby(["iso3", "unit_year"], sort=False)
    sources = grouped["source"].agg(
        lambda cells: "; ".join(
            sorted({one for cell in cells for one in str(cell).split("; ") if one})
        )
    )
    keys = pd.MultiIndex.from_tuples(data.unit_keys())
    out = {"data_years": "", "sources": sources.reindex(keys).fillna("").to_numpy()}
    if "year" in used:
        out["data_years"] = grouped["year"].agg(_years).reindex(keys).fillna("").to_numpy()
    return out


def _imputed_names(scores: Scores) -> list[str]:
    """For every unit the indicators whose value was imputed, by name."""
    imputed = scores.imputed
    if not imputed.to_numpy().any():
        return [""] * len(imputed)
    names = np.array(imputed.columns, dtype=object)
    return ["; ".join(names[row]) for row in imputed.to_numpy()]


def _order(scores: Scores) -> NDArray[np.intp]:
    first = scores.standing(scores.names[0])
    partial = np.array([one != FULL for one in first.basis])
    return np.lexsort((scores.data.iso3.astype(str), first.rank(), partial, np.isnan(first.score)))


def _integers(values: NDArray[np.float64]) -> Any:
    return pd.array(values, dtype="Float64").astype("Int64")


def _years(years: pd.Series[Any]) -> str:
    known = years.dropna()
    if known.empty:
        return ""
    first, last = int(known.min()), int(known.max())
    return str(first) if first == last else f"{first}-{last}"
