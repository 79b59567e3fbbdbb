"""The status of every indicator of every unit: observed, estimated, bounded or not applicable."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from .._util.frozen import Frozen
from .._util.types import Array, Index, Mask
from .missing import Estimates
from .pipeline import Layout, Pipeline
from .prepare import Prepared

__all__ = ["Cells", "cells_of", "ends_of_cells", "raw_bounds"]


@dataclass(frozen=True)
class Cells(Frozen):
    """The state of every indicator cell; every array is (units, L).

    Attributes
    ----------
    raw
        Values as in the data; of a derived indicator, the operation on what is observed. A derived indicator
        whose bounds meet is known: a product with an observed part 0.
    denominated
        The same divided by their denominator where they have one.
    estimated
        Whether the value is not observed: estimated here, or imputed before it came here.
    observed
        How much is observed: 1 for a value, 0 for none or an estimate; for a censored cell the share of
        the scale that its bounds exclude.
    applicable
        False where the indicator leaves weights and denominator.
    low, high
        Bounds on the scale, in the direction of risk, of what is not observed; NaN where there are none.
    """

    raw: Array
    denominated: Array
    estimated: Mask
    observed: Array
    applicable: Mask
    low: Array
    high: Array

    def rows(self, keep: Mask | Index) -> Cells:
        """Return the same of some rows."""
        fields = [field.name for field in dataclasses.fields(self)]
        return Cells(**{name: getattr(self, name)[keep] for name in fields})


def cells_of(pipeline: Pipeline, prepared: Prepared, filled: Array, estimates: Estimates) -> Cells:
    """Say what is known of every indicator; `filled` (units, L) has estimated values too."""
    layout = prepared.layout
    denominated = layout.derive(prepared.denominated)
    raw = prepared.raw if layout.plain else _raw(layout, prepared.raw, denominated)
    if prepared.low is None and prepared.flagged is None and _complete(prepared, filled):
        return _observed(raw, denominated)
    applicable = _applicable(layout, prepared)
    ends = raw_bounds(prepared, denominated, applicable)
    if not layout.plain:
        # A product with a part 0 is 0, whatever its other parts are: known, though a part is not.
        certain = np.isnan(denominated) & ~np.isnan(filled) & (ends[0] == ends[1])
        certain[:, layout.indicators < len(layout.inputs)] = False
        denominated, raw = (np.where(certain, filled, values) for values in (denominated, raw))
        ends = (*(np.where(certain, np.nan, end) for end in ends[:2]), ends[2] & ~certain)
    estimated = ~np.isnan(filled) & ~(filled == denominated)
    if prepared.flagged is not None:
        estimated |= _any_source(layout, prepared.flagged)
    low, high, censored = (*_on_scales(pipeline, ends[:2]), ends[2])
    observed = (~np.isnan(denominated) & ~estimated & applicable).astype(float)
    lower, upper = pipeline.scale
    width = np.where(np.isnan(high), upper, high) - np.where(np.isnan(low), lower, low)
    excluded = np.clip(1 - width / (upper - lower), 0.0, 1.0)
    observed = np.where(censored & applicable, excluded, observed)
    return Cells(raw, denominated, estimated, observed, applicable, low, high)


def _complete(prepared: Prepared, filled: Array) -> bool:
    """Tell whether every column has a value and applies, and so every indicator."""
    sums = (prepared.denominated.sum(), filled.sum())
    return not np.isnan(sums).any() and bool(prepared.applicable.all())


def _observed(raw: Array, denominated: Array) -> Cells:
    """Return the cells where every one is observed."""
    none = np.broadcast_to(np.nan, raw.shape)
    no, yes = np.broadcast_to(False, raw.shape), np.broadcast_to(True, raw.shape)
    return Cells(raw, denominated, no, np.ones(raw.shape), yes, none, none)


def _raw(layout: Layout, raw: Array, denominated: Array) -> Array:
    """Return values as in the data; a derived indicator as it is computed."""
    out = np.array(denominated)
    for indicator, column in enumerate(layout.indicators):
        if column < len(layout.inputs):
            out[:, indicator] = raw[:, column]
    return out


def _any_source(layout: Layout, mask: Mask) -> Mask:
    """Tell whether any column that an indicator is computed from is marked."""
    columns = [
        mask[:, list(layout.sources(indicator))].any(axis=1)
        for indicator in range(len(layout.indicators))
    ]
    return np.column_stack(columns)


def _applicable(layout: Layout, prepared: Prepared) -> Mask:
    """Return a derived indicator applies where it has a value once every part that applies has one."""
    if layout.plain:
        return prepared.applicable
    applies = np.where(
        prepared.applicable,
        np.where(np.isnan(prepared.denominated), 1.0, prepared.denominated),
        np.nan,
    )
    out = np.empty((len(applies), len(layout.indicators)), bool)
    for indicator, column in enumerate(layout.indicators):
        if column < len(layout.inputs):
            out[:, indicator] = prepared.applicable[:, column]
        else:
            out[:, indicator] = ~np.isnan(layout.derive_one(indicator, applies))
    return out


def _on_scales(pipeline: Pipeline, ends: tuple[Array, Array]) -> tuple[Array, Array]:
    """Return raw bounds (units, L) on the scale."""
    out = []
    for end in ends:
        scaled = np.full(end.shape, np.nan)
        for indicator in np.flatnonzero(~np.isnan(end).all(axis=0)):
            scaled[:, indicator] = _on_scale(pipeline, int(indicator), end[:, indicator])
        out.append(scaled)
    return out[0], out[1]


def raw_bounds(
    prepared: Prepared, denominated: Array, applicable: Mask
) -> tuple[Array, Array, Mask]:
    """Return raw bounds (units, L) of what is not observed, and which cells are censored.

    The first array is the end of less risk, the second the end of more. An end is infinite where it is
    open, and NaN where the cell has no bounds.
    """
    layout = prepared.layout
    low, high = np.full(denominated.shape, np.nan), np.full(denominated.shape, np.nan)
    censored = np.zeros(denominated.shape, bool)
    if prepared.low is None and layout.plain:
        return low, high, censored
    bounded = np.full(prepared.denominated.shape, False)
    if prepared.low is not None and prepared.high is not None:
        bounded = ~(np.isnan(prepared.low) & np.isnan(prepared.high)) & prepared.missing
    ends, indicators = layout.bounds(*ends_of_cells(prepared)), prepared.framework.indicators
    for indicator, column in enumerate(layout.indicators):
        open_ = np.isnan(denominated[:, indicator]) & applicable[:, indicator]
        if column < len(layout.inputs):
            rows = np.flatnonzero(open_ & bounded[:, column])
            censored[rows, indicator] = True
        else:
            rows = np.flatnonzero(open_)
            sources = list(layout.sources(indicator))
            unknown = np.isnan(prepared.denominated[rows][:, sources])
            censored[rows, indicator] = (bounded[rows][:, sources] | ~unknown).all(axis=1)
        first, second = ends if indicators[indicator].sign > 0 else ends[::-1]
        low[rows, indicator] = first[rows, indicator]
        high[rows, indicator] = second[rows, indicator]
    return low, high, censored


def ends_of_cells(prepared: Prepared) -> tuple[Array, Array]:
    """Return the lowest and highest value of every column: itself where observed, infinite where unbounded."""
    ranges = np.array(
        [indicator.plausible or (-np.inf, np.inf) for indicator in prepared.framework.inputs], float
    ).reshape(-1, 2)
    ends = []
    for bounds, widest, tighter in (
        (prepared.low, ranges[:, 0], np.fmax),
        (prepared.high, ranges[:, 1], np.fmin),
    ):
        end = np.broadcast_to(widest, prepared.denominated.shape)
        if bounds is not None:
            end = tighter(bounds, end)
        ends.append(np.where(np.isnan(prepared.denominated), end, prepared.denominated))
    return ends[0], ends[1]


def _on_scale(pipeline: Pipeline, indicator: int, end: Array) -> Array:
    """Return values on the scale; NaN where an end is not finite."""
    finite = np.isfinite(end)
    out = np.full(end.shape, np.nan)
    if finite.any():
        out[finite] = pipeline.indicator(indicator, end[finite], np.flatnonzero(finite))
    return out
