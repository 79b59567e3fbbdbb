"""Expected values on the scale: every estimated cell is evaluated at the points of its distribution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from .._util.types import Array, Index
from .missing import Estimates, padded
from .pipeline import Layout, Pipeline
from .prepare import Prepared

__all__ = ["equivalent", "expected", "points_of"]

BISECTIONS, SETTLED = 60, 1e-9
JOINT = 24
"""Points for each part where several parts of a derived indicator are estimated."""


def expected(
    pipeline: Pipeline, prepared: Prepared, estimates: Estimates
) -> tuple[Array, Array, Array]:
    """Return raw, treated and normalised indicators (units, L), estimated cells at their expectation.

    An estimated indicator takes the mean of its normalised draws, not the normalised mean: the two differ
    where treatment or normalisation is curved or cut off. A derived indicator takes the mean over the
    estimated parts, as far as its operation is defined for them.
    """
    inputs = estimates.put(prepared.denominated)
    raw = pipeline.layout.derive(inputs)
    if not len(estimates.rows):
        return raw, *pipeline.transform(raw)
    derived = {
        indicator: points_of(pipeline, inputs, estimates, indicator)
        for indicator in pipeline.layout.derived
    }
    for indicator, (rows, values, weights) in derived.items():
        # Not defined at the means of the parts, but at some of their points.
        lost = np.isnan(raw[rows, indicator])
        if lost.any():
            raw[rows[lost], indicator] = _mean_of_defined(values[:, lost], weights[:, lost])
    treated, normalised = pipeline.transform(raw)
    normalised = np.array(normalised)
    plain = _plain_points(pipeline.layout, estimates)
    for indicators, rows, values, weights in (plain, *_flat(derived)):
        if len(rows):
            scaled = pipeline.cells(indicators, values, rows)
            normalised[rows, indicators] = _mean_of_defined(scaled, weights)
    return raw, treated, normalised


_Points = tuple[Index, Index, Array, Array]
"""Indicators and rows (c,) of estimated cells, with raw values and weights (q, c)."""


def _plain_points(layout: Layout, estimates: Estimates) -> _Points:
    """Return the estimated cells that are indicators themselves."""
    indicator = np.full(len(layout.inputs) + len(layout.derivations), -1, np.intp)
    indicator[layout.indicators] = np.arange(len(layout.indicators))
    indicators = indicator[estimates.columns]
    cells = np.flatnonzero(indicators >= 0)
    if len(cells) == len(indicators):
        return indicators, estimates.rows, estimates.values, estimates.weights
    points = estimates.values[:, cells], estimates.weights[:, cells]
    return indicators[cells], estimates.rows[cells], *points


def _flat(points: Mapping[int, tuple[Index, Array, Array]]) -> Iterator[_Points]:
    """Yield the points of every indicator, with the indicator of each."""
    for indicator, (rows, values, weights) in points.items():
        yield np.full(len(rows), indicator), rows, values, weights


def _mean_of_defined(values: Array, weights: Array) -> Array:
    """Return the weighted means (c,) of the values (q, c) that are there; NaN where none is."""
    used = (weights > 0) & ~np.isnan(values)
    share = np.where(used, weights, 0.0)
    whole = used.all(axis=0)
    total = np.where(whole, 1.0, share.sum(axis=0))
    with np.errstate(invalid="ignore"):
        mean = (np.where(used, values, 0.0) * share).sum(axis=0) / total
    # Weights that add up to a little more than 1 must not put the mean beyond the points.
    return np.asarray(np.clip(mean, np.fmin.reduce(values, axis=0), np.fmax.reduce(values, axis=0)))


def points_of(
    pipeline: Pipeline, inputs: Array, estimates: Estimates, indicator: int
) -> tuple[Index, Array, Array]:
    """Return the rows in which an indicator is estimated, with raw values and weights (q, rows).

    `inputs` are the columns that are read, estimated cells at their mean.
    """
    column = pipeline.layout.indicators[indicator]
    if column >= len(pipeline.layout.inputs):
        return _derived_points(pipeline, inputs, estimates, indicator)
    cells = np.flatnonzero(estimates.columns == column)
    return estimates.rows[cells], estimates.values[:, cells], estimates.weights[:, cells]


def equivalent(pipeline: Pipeline, estimates: Estimates, filled: Array, normalised: Array) -> Array:
    """Return indicators (units, L) with estimates whose value on the scale is the expected one.

    An observation of this value leaves the score as it is. It is found by bisection between the ends of the
    cell's distribution; where these do not enclose it, the mean stays.
    """
    if not len(estimates.rows):
        return filled
    out = np.array(filled)
    lowest, highest = estimates.values.min(axis=0), estimates.values.max(axis=0)
    for indicator, column in enumerate(pipeline.layout.indicators):
        cells = np.flatnonzero(estimates.columns == column)
        if not len(cells):
            continue
        rows = estimates.rows[cells]
        target, low, high = normalised[rows, indicator], lowest[cells], highest[cells]

        def on_scale(x: Array, indicator: int = indicator, units: Index = rows) -> Array:
            return pipeline.indicator(indicator, x, units)

        rising = on_scale(high) >= on_scale(low)
        middle = out[rows, indicator]
        for _ in range(BISECTIONS):
            above = (on_scale(middle) > target) == rising
            low, high = np.where(above, low, middle), np.where(above, middle, high)
            middle = (low + high) / 2
        close = np.abs(on_scale(middle) - target) <= SETTLED
        out[rows, indicator] = np.where(close, middle, out[rows, indicator])
    return out


def _derived_points(
    pipeline: Pipeline, inputs: Array, estimates: Estimates, indicator: int
) -> tuple[Index, Array, Array]:
    """Return values and weights (q, c) of a derived indicator in the rows where a part of it is estimated."""
    layout = pipeline.layout
    cells = np.flatnonzero(np.isin(estimates.columns, layout.sources(indicator)))
    rows, number, count = np.unique(estimates.rows[cells], return_inverse=True, return_counts=True)
    single = cells[count[number] == 1]
    points = [_one_part(layout, inputs, estimates, indicator, single)]
    order = [estimates.rows[single]]
    for row in rows[count > 1]:
        values, weights = _grid(estimates, cells[estimates.rows[cells] == row])
        table = np.repeat(inputs[[row]], len(weights), axis=0)
        table[:, estimates.columns[cells[estimates.rows[cells] == row]]] = values
        points.append((layout.derive_one(indicator, table)[:, None], weights[:, None]))
        order.append(np.array([row], np.intp))
    return np.concatenate(order), *padded(points, max(len(values) for values, _ in points))


def _one_part(
    layout: Layout, inputs: Array, estimates: Estimates, indicator: int, cells: Index
) -> tuple[Array, Array]:
    """Return values and weights (q, c) where one part is estimated: the operation at every point of it."""
    table = np.repeat(inputs[None, estimates.rows[cells]], len(estimates.values), axis=0)
    table[:, np.arange(len(cells)), estimates.columns[cells]] = estimates.values[:, cells]
    return layout.derive_one(indicator, table), estimates.weights[:, cells]


def _grid(estimates: Estimates, cells: Index) -> tuple[Array, Array]:
    """Return joint points (g, parts) and weights (g,) of the estimated parts of one row, taken as independent."""
    if len(cells) == 1:
        used = estimates.weights[:, cells[0]] > 0
        return estimates.values[used][:, cells], estimates.weights[used, cells[0]]
    parts = [_condensed(estimates.values[:, cell], estimates.weights[:, cell]) for cell in cells]
    size = max(2, round(JOINT ** (2 / len(cells))))
    parts = [_condensed(value, np.full(len(value), 1 / len(value)), size) for value in parts]
    mesh = np.meshgrid(*parts, indexing="ij")
    values = np.stack([axis.ravel() for axis in mesh], axis=1)
    return values, np.full(len(values), 1 / len(values))


def _condensed(values: Array, weights: Array, count: int = JOINT) -> Array:
    """Return `count` equally probable values with the mean of the weighted ones: means of their quantile parts."""
    order = np.argsort(values, kind="stable")
    x, w = values[order], weights[order]
    edges = np.concatenate(([0.0], np.cumsum(w)))
    area = np.concatenate(([0.0], np.cumsum(x * w)))
    cuts = np.linspace(0.0, edges[-1], count + 1)
    return np.asarray(np.diff(np.interp(cuts, edges, area)) * count / edges[-1])
