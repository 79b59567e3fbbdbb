"""Elasticities: left and right derivatives of a headline by raw values and by weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from ..._util.arguments import typed
from ..._util.types import Array, Index
from ...scoring.kernel import evaluate
from ...scoring.scores import Scores
from ...scoring.slopes import chained, local_sides, local_slopes
from ...scoring.verbs import Source, Spec, with_subjects
from .profile import effective_weights, groups_below, one_year, scored_row
from .read_columns import ReadColumns

__all__ = ["elasticities", "slopes_of_values", "slopes_of_weights"]

STEP = 1e-5


@typed
def elasticities(
    framework: Scores | Spec | None = None,
    data: Source | str | None = None,
    country: str | int | None = None,
    *,
    score: str | None = None,
) -> pd.DataFrame:
    """Give the derivative of a country's headline by every raw value and by every weight.

    Parameters
    ----------
    framework, data
        Scores, followed by the subject: ``elasticities(scores, "PAK")``; or a framework and data as for
        ``score``: ``elasticities(framework, data, "PAK")``.
    country
        A name or code.
    score
        A headline score, the first by default.

    Returns
    -------
    DataFrame
        A row a node; NaN where the node has no value, and where a mean is infinitely steep (at 0 under a
        geometric mean with offset 0). Columns that are only parts of derived indicators
        follow the nodes. The row of a derived indicator is for one unit of itself.

        - ``value``: the value on the scale; ``raw``: the raw value of an indicator.
        - ``by_value``: points of the headline for one point of the node, mean of both sides; at an end of the
          scale of the side inside.
        - ``left``, ``right``: points for one raw unit less or more, with the sign of dS/dx from that side.
          Derived indicators that are computed from the node are included.
        - ``elasticity``: per cent of the headline for one per cent of the raw value, mean of both sides.
        - ``by_weight``: points for one unit of the node's share among its siblings, which change in proportion.
        - ``clipped``: whether a goalpost stops the value on one side or both.

    Raises
    ------
    UnknownNameError
        For a country or score that does not exist.
    NotScorableError
        If the country has no such score.

    Notes
    -----
    Values chain down the tree, ``dM/dx_i = w_i g'(x_i) / g'(M)``; under arithmetic means the derivative by
    a weight share w is ``(x_i - S) / (1 - w)``. Raw derivatives are one-sided quotients over 1e-5 of the
    goalposts' distance, exact to rounding where the normalisation is a straight line.

    References
    ----------
    Saltelli, A. et al. (2008), Global Sensitivity Analysis: The Primer, chapter 1 (local derivatives).

    Examples
    --------
    >>> from dsr_risk import elasticities, score
    >>> result = elasticities(score(), "KEN", score="security")
    >>> bool(result["by_value"].iloc[0] == 1.0)
    True
    """
    scores, country = with_subjects("elasticities", framework, data, country=country)
    scores = one_year(scores, None)
    name = scores._named(score)
    row = scored_row(scores, country, name)
    columns, by_value = ReadColumns(scores, row), slopes_of_values(scores, name, row)
    through = _through_derived(columns, by_value[: scores._state.tree.n_indicators])
    frame = _of_nodes(columns, name, by_value, through)
    parts = [column for column in columns.below(name) if columns.indicator[column] < 0]
    if parts:
        own = {"raw": columns.raw, "left": through[0], "right": through[1]}
        rows = pd.DataFrame(
            {key: values[parts] for key, values in own.items()},
            index=pd.Index([columns.nodes[column].name for column in parts], name="node"),
        )
        frame = pd.concat([frame, rows.assign(clipped=False)])
    score_of_country = scores._state.evaluated[row, scores._state.tree.index[name]]
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (frame["left"] + frame["right"]) / 2
        frame.insert(5, "elasticity", slope * frame["raw"] / score_of_country)
    return frame


def _of_nodes(
    columns: ReadColumns, name: str, by_value: Array, through: tuple[Array, Array]
) -> pd.DataFrame:
    """Return the row of every node of a headline, given what its derived indicators add by column (B,)."""
    scores, row, own = columns.scores, columns.row, columns.indicator
    tree, value = scores._state.tree, scores._state.evaluated[row]
    n_indicators = tree.n_indicators
    left, right = _sides(scores, row)
    inside = effective_weights(scores, name) > 0
    nodes = [
        tree.index[node.name]
        for node in scores.framework.nodes
        if inside[tree.index[node.name]] and scores.framework.score_of(node.name) == name
    ]
    raw = np.full(len(tree.names), np.nan)
    raw[:n_indicators] = np.where(np.isnan(value[:n_indicators]), np.nan, scores._state.filled[row])
    lefts, rights = np.full(len(tree.names), np.nan), np.full(len(tree.names), np.nan)
    more, less = (sides[:n_indicators] for sides in _slopes_of_sides(scores, name, row))
    rights[:n_indicators] = chained(np.where(right > 0, more, less), right)
    lefts[:n_indicators] = chained(np.where(left > 0, less, more), left)
    for sides, added in zip((lefts, rights), through, strict=True):
        sides[own[own >= 0]] += added[own >= 0]
        sides[np.isinf(sides)] = np.nan
    stopped = np.zeros(len(tree.names), bool)
    stopped[:n_indicators] = (left == 0) | (right == 0)
    return pd.DataFrame(
        {
            "value": value[nodes],
            "raw": raw[nodes],
            "by_value": by_value[nodes],
            "left": lefts[nodes],
            "right": rights[nodes],
            "by_weight": slopes_of_weights(scores, name, row)[nodes],
            "clipped": stopped[nodes] & ~np.isnan(lefts[nodes]),
        },
        index=pd.Index([tree.names[node] for node in nodes], name="node"),
    )


def _through_derived(columns: ReadColumns, by_value: Array) -> tuple[Array, Array]:
    """Return (B,) points of the headline for one raw unit of each column, by way of derived indicators alone."""
    count = len(columns.nodes)
    if not columns.readers.any():
        return np.zeros(count), np.zeros(count)
    step = STEP * _spread_of_columns(columns)
    moves = np.concatenate([np.zeros((1, count)), np.diag(-step), np.diag(step)])
    points = columns.points(columns.raw + moves)
    slope = np.where(columns.readers & ~np.isnan(points[0]), by_value, 0.0)
    with np.errstate(invalid="ignore"):
        down = np.where(columns.readers, points[0] - points[1 : count + 1], 0.0)
        up = np.where(columns.readers, points[count + 1 :] - points[0], 0.0)
    return chained(down, slope).sum(axis=1) / step, chained(up, slope).sum(axis=1) / step


def _spread_of_columns(columns: ReadColumns) -> Array:
    """Return (B,) the distance of the goalposts, or of the extremes of the data."""
    values = columns.scores._state.prepared.denominated
    with np.errstate(all="ignore"):
        spread = np.array(
            [
                0.0 if np.isnan(column).all() else np.ptp(column[~np.isnan(column)])
                for column in values.T
            ]
        )
    own = columns.indicator
    spread[own >= 0] = _spread(columns.scores)[own[own >= 0]]
    return np.where(spread > 0, spread, 1.0)


def _sides(scores: Scores, row: int) -> tuple[Array, Array]:
    """Return (L,) points on the scale for one raw unit, from below and from above."""
    raw = scores._state.filled[row]
    spread = _spread(scores)
    step = STEP * spread
    stacked = np.stack([raw - step, raw, raw + step])
    points = scores._transform(stacked, np.repeat(row, 3))[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        left, right = (points[1] - points[0]) / step, (points[2] - points[1]) / step
    small = 1e-9 * (scores._state.tree.scale[1] - scores._state.tree.scale[0])
    return (
        np.where(np.abs(left * step) < small, 0.0, left),
        np.where(np.abs(right * step) < small, 0.0, right),
    )


def _spread(scores: Scores) -> Array:
    """Return (L,) the distance of the goalposts, or of the extremes of the data."""
    with np.errstate(all="ignore"):
        values = scores._state.filled
        low = np.where(np.isnan(values).all(axis=0), 0.0, np.nanmin(values, axis=0))
        high = np.where(np.isnan(values).all(axis=0), 1.0, np.nanmax(values, axis=0))
    for step in scores.model._steps:
        for name, ends in (("low", low), ("high", high)):
            if name in step.normalised:
                ends[step.indices] = step.normalised[name]
    gap = np.abs(high - low)
    return np.where(gap > 0, gap, 1.0)


def slopes_of_values(scores: Scores, name: str, row: int) -> Array:
    """Return (N,) points of the headline for one point of each node, all else as it is.

    NaN without a value, and where a mean is infinitely steep.
    """
    slopes = _chain(scores, name, row, local_slopes)
    return np.where(np.isinf(slopes), np.nan, slopes)


def _slopes_of_sides(scores: Scores, name: str, row: int) -> tuple[Array, Array]:
    """Return (N,) points of the headline for one point more and one point less of each node."""
    more = _chain(scores, name, row, lambda *group: local_sides(*group)[0])
    return more, _chain(scores, name, row, lambda *group: local_sides(*group)[1])


def _chain(scores: Scores, name: str, row: int, local: Callable[..., Array]) -> Array:
    tree, weights = scores._state.tree, scores._state.weights
    values = scores._state.evaluated[row]
    out = np.full(len(tree.names), np.nan)
    out[tree.index[name]] = 1.0
    for group_node in reversed(groups_below(scores, name)):
        if np.isnan(out[group_node.node]):
            continue
        x, w = values[group_node.children], weights[group_node.children]
        live = ~np.isnan(x) & (w > 0)
        slopes = local(group_node, x[:, None], w, live[:, None], tree.scale)[:, 0]
        out[group_node.children[live]] = chained(out[group_node.node], slopes[live])
    return out


def slopes_of_weights(scores: Scores, name: str, row: int) -> Array:
    """Return (N,) points of the headline for one unit of each node's share, its siblings in proportion."""
    tree = scores._state.tree
    out = np.full(len(tree.names), np.nan)
    step = 1e-6
    sets, nodes = [], []
    for group_node in groups_below(scores, name):
        for child in group_node.children:
            share = scores._state.weights[child] / scores._state.weights[group_node.children].sum()
            if np.isnan(scores._state.evaluated[row, child]) or not 0 < share < 1:
                continue
            sets += [
                shifted(scores, group_node.children, int(child), share + sign * step)
                for sign in (1.0, -1.0)
            ]
            nodes.append(child)
    if not nodes:
        return out
    has_value = scores._state.scorable.has_value[[row]]
    values = evaluate(tree, scores._state.normalised[[row]], np.array(sets), has_value)
    headlines = values[:, 0, tree.index[name]]
    out[np.array(nodes)] = (headlines[0::2] - headlines[1::2]) / (2 * step)
    return out


def shifted(scores: Scores, siblings: Index, child: int, share: float) -> Array:
    """Return (N,) weights with one child's share set and its siblings in proportion."""
    weights = np.array(scores._state.weights, float)
    rest = weights[siblings].sum() - weights[child]
    weights[siblings] = weights[siblings] / rest * (1 - share)
    weights[child] = share
    return weights
