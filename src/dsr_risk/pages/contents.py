"""The values that a report page recalculates from: scores, tree, weights, goalposts and cells as plain values."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pandas as pd
import yaml

from .._util.display import decimals_of_scale
from .._util.types import Array
from ..analysis.uncertainty.result import Uncertainty
from ..data.countries import country_table
from ..errors import FrameworkError
from ..framework.definition import Framework
from ..framework.focal_texts import everywhere_named, focal_forms
from ..methods.aggregation import Aggregator
from ..methods.group_values import GivenGroup, ScaledGroup
from ..methods.normalisation import Goalposts, MinMax
from ..methods.rounded import HALF, Rounded
from ..methods.wrapping import Wrapping
from ..output.colours import band_colours, readable_ink
from ..scoring.cells import raw_bounds
from ..scoring.expectation import points_of
from ..scoring.headline import PARTIAL_FROM
from ..scoring.marks import all_marks
from ..scoring.printed import limits_of
from ..scoring.ranking import TIE
from ..scoring.scores import Scores
from ..scoring.tree import GroupNode

__all__ = ["contents", "packed", "plain"]

SUPPORTED = frozenset(
    {
        "arithmetic",
        "geometric",
        "harmonic",
        "power",
        "product",
        "minimum",
        "maximum",
        "median",
        "owa",
        "mean_min",
        "mazziotta_pareto",
        "adjusted_mazziotta_pareto",
    }
)
"""Aggregations that the script evaluates; with another one the page shows the scores as published."""
CHOICES: dict[str, dict[str, Any]] = {
    "arithmetic": {"method": "arithmetic"},
    "geometric": {"method": "geometric"},
    "harmonic": {"method": "harmonic"},
    "power 2": {"method": "power", "p": 2.0},
    "mirrored geometric": {"method": "mirrored", "of": {"method": "geometric"}},
    "minimum": {"method": "minimum"},
    "maximum": {"method": "maximum"},
    "median": {"method": "median"},
    "product": {"method": "product"},
}
"""Aggregations that a page offers, as far as they hold on the scale; means with an offset get one that fits it."""
POINTS = 300_000
"""Values of estimated cells that a page holds at most; an indicator beyond them keeps its goalposts."""


def contents(scores: Scores, uncertainty: Uncertainty | None) -> dict[str, Any]:
    """Return everything that the script needs to recalculate, as values that JSON can hold."""
    framework, tree, every = scores.framework, scores._state.tree, scores._everyone
    # A selection is ranked among all that were scored with it.
    selected = every is not scores
    shown = every.data.units.get_indexer(scores.data.units).tolist() if selected else None
    summaries = [scores._headline(name) for name in scores.names]
    index = tree.index
    return {
        "names": list(tree.names),
        "titles": [framework[name].title for name in tree.names],
        "n_indicators": tree.n_indicators,
        "scale": list(tree.scale),
        "decimals": decimals_of_scale(*tree.scale),
        "headlines": list(tree.headlines),
        "head": [index[str(framework.score_of(name))] for name in tree.names],
        "depth": [framework.depths[name] for name in tree.names],
        "order": [index[node.name] for node in framework.nodes],
        "choices": _choices(framework),
        "bands": sorted(framework.bands.items(), key=lambda band: band[1]),
        "colours": {
            label: [colour, readable_ink(colour)]
            for label, colour in band_colours(framework).items()
        },
        "kind": scores.data.kind,
        "count": len(every.data),
        "shown": shown,
        "codes": [str(code) for code in scores.data.iso3],
        "countries": _labels(scores, "name"),
        "regions": _labels(scores, "region"),
        "incomes": _labels(scores, "income"),
        "marks": all_marks(scores).tolist(),
        "printing": [list(limits_of(scores.framework, name)) for name in scores.names],
        "scores": [plain(headline.score) for headline in summaries],
        "ranks": [plain(headline.rank()) for headline in summaries],
        "printed": [(~np.isnan(headline.score)).tolist() for headline in summaries],
        "partialFrom": PARTIAL_FROM + TIE,
        "reasons": [[str(why) for why in headline.reason] for headline in summaries],
        "intervals": [_intervals(scores, name, uncertainty) for name in scores.names],
        "framework": everywhere_named(
            yaml.safe_load(framework.to_yaml()), focal_forms(framework.focal)
        ),
        **_method(scores),
        **_cells(every),
        **_goalposts(every),
    }


def _choices(framework: Framework) -> dict[str, dict[str, Any]]:
    """Return the aggregations that hold on the scale of a framework, with all their parameters."""
    lower, upper = framework.scale
    offset = 1.0 if upper - lower > 1 else (upper - lower) / 100
    out, head = {}, framework.scores[0].name
    for name, spec in CHOICES.items():
        inner = dict(spec.get("of", spec))
        if inner["method"] in ("geometric", "harmonic"):
            inner["offset"] = offset
        whole = {**spec, "of": inner} if "of" in spec else inner
        try:
            framework.replace({f"{head}.aggregation": whole})
        except FrameworkError:
            continue
        out[name] = whole
    return out


def packed(array: Any) -> str:
    """Return numbers as base64 of float64, row by row: every bit is kept."""
    flat = np.ascontiguousarray(array, dtype="<f8")
    return base64.b64encode(flat.tobytes()).decode("ascii")


def plain(array: Any) -> Any:
    """Return an array as nested lists, None for NaN."""
    out = np.asarray(array).astype(object)
    out[np.isnan(array)] = None
    return out.tolist()


def _method(scores: Scores) -> dict[str, Any]:
    """Return weights and aggregation, and which weights were learned."""
    framework, tree = scores.framework, scores._state.tree
    methods: list[Any] = [None] * len(tree.names)
    learned = [0] * len(tree.names)
    for group_node in tree.group_nodes:
        methods[group_node.node] = _spec(_inside(group_node.aggregator))
        weighting = getattr(framework[tree.names[group_node.node]], "weighting", None)
        learned[group_node.node] = int((weighting or framework.defaults.weighting).name != "given")
    reference = scores.model.reference.fingerprint == scores.data.fingerprint
    return {
        "group_nodes": [
            {
                "node": group_node.node,
                "children": group_node.children.tolist(),
                "rule": _rule(group_node),
            }
            for group_node in tree.group_nodes
        ],
        "weights": [float(weight) for weight in scores._state.weights],
        "nominal": [float(weight) for weight in tree.weights],
        "methods": methods,
        "learned": learned,
        # Scores of other data than the model learned from: what it learned is written as numbers.
        "pinned": not reference,
        "imputedCounts": framework.defaults.imputed_counts,
        "live": all(_evaluated(spec) for spec in methods if spec) and _printable(scores),
    }


def _inside(aggregator: Aggregator) -> Aggregator:
    """Return the aggregation of the children, before it is scaled, replaced or rounded."""
    while isinstance(aggregator, Wrapping):
        aggregator = aggregator.inner
    return aggregator


def _rule(group_node: GroupNode) -> dict[str, Any]:
    """Return how a group is rounded, how many children it needs, and which child acts on the others."""
    out: dict[str, Any] = {"digits": None, "half": HALF, "least": max(group_node.min_children, 1)}
    aggregator = group_node.aggregator
    if isinstance(aggregator, Rounded):
        out["digits"], aggregator = aggregator.digits, aggregator.inner
    if isinstance(aggregator, ScaledGroup):
        out |= {"kind": "scaled", "at": aggregator.at}
    if isinstance(aggregator, GivenGroup):
        out |= {"kind": "given", "at": aggregator.at, "least": aggregator.least}
    return out


def _spec(aggregator: Any) -> dict[str, Any]:
    """Return a method with all its parameters."""
    spec = {"method": aggregator.name, **aggregator.model_dump(mode="json")}
    if isinstance(spec.get("of"), str):
        spec["of"] = {"method": spec["of"], **aggregator.mean.model_dump(mode="json")}
    return spec


def _printable(scores: Scores) -> bool:
    """Tell whether the script finds which scores are printed: hard bounds are those of the children."""
    wide = any(limits_of(scores.framework, name)[1] is not None for name in scores.names)
    groups = scores._state.tree.group_nodes
    ends = all(node.aggregator.monotone and _rule(node).get("kind") != "given" for node in groups)
    return ends or not wide


def _evaluated(spec: dict[str, Any]) -> bool:
    """Tell whether the script evaluates an aggregation."""
    if spec["method"] == "mirrored":
        return isinstance(spec["of"], dict) and _evaluated(spec["of"])
    return spec["method"] in SUPPORTED


def _cells(scores: Scores) -> dict[str, Any]:
    tree = scores._state.tree
    applies = scores._state.cells.applicable
    has_value = scores._state.scorable.has_value[:, : tree.n_indicators]
    treated = np.where(scores._state.cells.estimated, np.nan, scores._state.treated)
    observed = ~np.isnan(scores._state.normalised) & ~scores._state.cells.estimated
    return {
        "x": packed(np.where(has_value, scores._state.normalised, np.nan)),
        "treated": packed(treated),
        "share": packed(scores._state.scorable.coverage[:, : tree.n_indicators]),
        "applies": applies.astype(int).tolist(),
        "has": scores._state.scorable.has_value[:, tree.n_indicators :].astype(int).tolist(),
        "known": observed.astype(int).tolist(),
        "values": packed(scores._state.evaluated),
        "bounds": _bounds(scores),
    }


def _bounds(scores: Scores) -> Any:
    """Return the hard bounds of every indicator, None where no score is printed by their width."""
    if all(limits_of(scores.framework, name)[1] is None for name in scores.names):
        return None
    indicators = list(scores._state.tree.names[: scores._state.tree.n_indicators])
    return [packed(frame[indicators].to_numpy(float)) for frame in (scores.minimum, scores.maximum)]


def _goalposts(scores: Scores) -> dict[str, Any]:
    """Return for every indicator its goalposts, if they can be moved, and what is needed to move them."""
    pipeline, n_indicators = scores.model._pipeline, scores._state.tree.n_indicators
    low, high, censored = raw_bounds(
        scores._state.prepared, scores._state.cells.denominated, scores._state.cells.applicable
    )
    inputs = scores._state.estimates.put(scores._state.prepared.denominated)
    posts: list[Any] = [None] * n_indicators
    points, ends = list(posts), list(posts)
    fixed = ["its normalisation has no goalposts to move"] * n_indicators
    used = 0
    for column in range(n_indicators):
        step = pipeline.step_of(column)
        bounds = _bounds_learned(step.normaliser, step.normalised)
        if bounds is None:
            continue
        rows, values, weights = points_of(pipeline, inputs, scores._state.estimates, column)
        size = int((weights > 0).sum())
        if used + size > POINTS:
            fixed[column] = "its estimated cells hold more values than a page can"
            continue
        used += size
        fixed[column] = ""
        learns = bool(step.normaliser.learns)
        posts[column] = {**bounds, "sign": step.sign, "learned": learns}
        if len(rows):
            treated = pipeline.treat(column, values.ravel()).reshape(values.shape)
            points[column] = _weighted(rows, treated, weights)
        bounded = np.flatnonzero(~np.isnan(low[:, column]))
        if len(bounded):
            ends[column] = {
                "rows": bounded.tolist(),
                "censored": censored[bounded, column].astype(int).tolist(),
                "low": packed(_treated(pipeline, column, low[bounded, column])),
                "high": packed(_treated(pipeline, column, high[bounded, column])),
            }
    return {"posts": posts, "points": points, "ends": ends, "fixed": fixed}


def _bounds_learned(normaliser: Any, learned: Any) -> dict[str, Any] | None:
    """Return low, high and curve of a normalisation between two goalposts, None for another one."""
    if type(normaliser) not in (Goalposts, MinMax) or set(learned) != {"low", "high"}:
        return None
    low, high = (np.asarray(learned[end], float) for end in ("low", "high"))
    if low.size != 1 or not low.item() < high.item():
        return None
    return {"low": low.item(), "high": high.item(), "curve": getattr(normaliser, "curve", "linear")}


def _weighted(rows: Any, values: Array, weights: Array) -> list[dict[str, Any]]:
    """Return the points of estimated cells, in groups that share their weights, points of no weight left out."""
    groups: dict[bytes, tuple[Array, list[int], list[Array]]] = {}
    for row, column, weight in zip(rows, values.T, weights.T, strict=True):
        used = weight > 0
        mine = np.ascontiguousarray(weight[used])
        _, members, points = groups.setdefault(mine.tobytes(), (mine, [], []))
        members.append(int(row))
        points.append(column[used])
    return [
        {"rows": members, "values": packed(points), "weights": packed(weight)}
        for weight, members, points in groups.values()
    ]


def _treated(pipeline: Any, column: int, ends: Array) -> Array:
    """Return treated bounds; NaN where an end is open."""
    out = np.full(ends.shape, np.nan)
    finite = np.isfinite(ends)
    if finite.any():
        out[finite] = pipeline.treat(column, ends[finite])
    return out


def _labels(scores: Scores, column: str) -> list[str]:
    """Return the name, region or income class of every country; the code where a name is not there."""
    if column == "name" or scores.data.kind != "country":
        return list(scores.data.unit_names) if column == "name" else [""] * len(scores.data)
    table = country_table()[column]
    labels = [table.get(code, "") for code in scores.data.iso3]
    return ["" if pd.isna(label) else str(label) for label in labels]


def _intervals(scores: Scores, name: str, uncertainty: Uncertainty | None) -> Any:
    """Return score and rank intervals of every country, None without draws."""
    if uncertainty is None:
        return None
    table = uncertainty.table(name).reindex(scores.data.units)
    ends = [f"{name}_low", f"{name}_high", f"{name}_rank_low", f"{name}_rank_high"]
    return plain(table[ends].astype(float).to_numpy())
