"""Indicators that change from draw to draw: errors of the data, missing cells, goalposts, refitting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .._util.scratch import Scratch
from .._util.types import Array, Index, Mask
from ..data.countries import country_table
from ..data.dataset import Data
from ..factors import Cells, DataFactor, Imputed, Peers, StandardError
from ..methods._classed import ClassedDraws
from ..methods.normalisation import Normaliser
from ..methods.treatment import Learned, Treatment
from ..scoring.drawn_cells import CellsOnScale
from ..scoring.scores import Scores
from ..scoring.tree import coverage

__all__ = [
    "Columns",
    "Donors",
    "DrawnCells",
    "Lines",
    "cells_of",
    "donors_of",
    "fillable",
    "normalised_columns",
]

GRADES = {"high": 3, "medium": 2, "low": 1}


def cells_of(scores: Scores, data: Data, indices: Index) -> Cells:
    """Return what a data factor may use of the cells of some columns; arrays (columns, units)."""
    indicators = [scores.framework.inputs[index] for index in indices]
    columns = [indicator.data_column for indicator in indicators]
    values = np.ascontiguousarray(scores._state.prepared.denominated[:, indices].T)
    evidence = _evidence(data, columns)
    ratio = np.ones(values.shape)
    for row, indicator in enumerate(indicators):
        if indicator.denominator is not None and indicator.denominator in data.columns:
            # By the denominator itself: a censored cell has no value, and a value may be 0.
            ratio[row] = indicator.scale_factor / data._matrix([indicator.denominator])[:, 0]
    with np.errstate(invalid="ignore"):
        low, high = np.fmin.reduce(values, axis=1), np.fmax.reduce(values, axis=1)
    within = [indicator.plausible or (-np.inf, np.inf) for indicator in indicators]
    return Cells(
        tuple(indicator.name for indicator in indicators),
        values,
        evidence["std_error"] * ratio,
        evidence["lower"] * ratio,
        evidence["upper"] * ratio,
        evidence["grade"].astype(np.intp),
        evidence["source"].astype(np.intp),
        np.nan_to_num(high - low),
        tuple(indicator.ordinal for indicator in indicators),
        np.array(within, float).reshape(len(indicators), 2),
        evidence["age"],
        tuple(indicator.denominator for indicator in indicators),
    )


def _evidence(data: Data, columns: list[str]) -> dict[str, Array]:
    """Return standard error, bounds, grade, source number and age of every cell, (columns, units)."""
    stated = {
        name: data.evidence_array(name, columns).T
        for name in ("std_error", "lower", "upper", "confidence", "source", "year")
    }
    bounds = data.bounds(columns) or (np.full((len(data), len(columns)), np.nan),) * 2
    out = {"std_error": np.array(stated["std_error"])}
    for name, bound in zip(("lower", "upper"), bounds, strict=True):
        out[name] = np.where(np.isnan(stated[name]), bound.T, stated[name])
    out["grade"] = np.zeros(out["std_error"].shape)
    for grade, number in GRADES.items():
        out["grade"][stated["confidence"] == grade] = number
    names, numbers = np.unique(stated["source"].astype(str), return_inverse=True)
    # Cells that name no source count with the first one.
    numbers = np.maximum(numbers - int(len(names) and names[0] == ""), 0)
    out["source"] = np.asarray(numbers, float).reshape(out["grade"].shape)
    out["age"] = _ages(stated["year"], data.unit_years)
    return out


def _ages(years: Array, unit_years: Index) -> Array:
    """Return how many years each cell is older than the newest cell of its unit year, 0 where unknown."""
    out = np.zeros(years.shape)
    for year in np.unique(unit_years):
        units = unit_years == year
        part = years[:, units]
        if not np.isnan(part).all():
            out[:, units] = np.nan_to_num(np.nanmax(part) - part)
    return out


def fillable(scores: Scores, columns: Index) -> Mask:
    """Return (units, B) cells of some columns that are missing and apply: a draw may fill them."""
    missing = scores._state.prepared.missing
    out = np.zeros(missing.shape, bool)
    out[:, columns] = missing[:, columns]
    out[scores._focal] = False
    return out


def has_value(scores: Scores, filled: Mask) -> Mask:
    """Return (units, N) which nodes have a value once `filled` cells are drawn; coverage does not count them."""
    observed = ~np.isnan(scores._state.normalised)
    if not (filled & ~observed).any():
        return scores._state.scorable.has_value
    guessed = filled & ~observed
    if scores._imputed is not None and not scores.framework.defaults.imputed_counts:
        guessed |= scores._imputed
    covered = coverage(
        scores._state.tree,
        scores._state.weights,
        observed & ~guessed,
        scores._state.scorable.applicable[:, : scores._state.tree.n_indicators],
        guessed,
    )
    return covered.has_value


@dataclass(frozen=True, eq=False)
class Donors:
    """For each missing cell (column, unit) the values it may take, padded to a rectangle."""

    column: Index
    unit: Index
    values: Array
    counts: Index

    def draw(self, u: Array) -> Array:
        """Return (draws, cells) values for unit numbers (draws, cells)."""
        position = np.minimum((u * self.counts).astype(np.intp), self.counts - 1)
        return np.asarray(self.values[np.arange(len(self.counts)), position])


def donors_of(scores: Scores, factor: Peers, cells: Mask) -> Donors:
    """Return the observed values of the peers of every missing cell; columns without any value stay missing."""
    values = scores._state.prepared.denominated
    labels = np.zeros(len(values), np.intp)
    if factor.by != "none":
        classes = country_table()[factor.by].reindex(scores.data.iso3)
        labels = np.asarray(classes.astype("category").cat.codes, np.intp)
    low, high = scores.data.bounds(
        [indicator.data_column for indicator in scores.framework.inputs]
    ) or (
        None,
        None,
    )
    rows, donors = [], []
    usable = ~np.isnan(values) & ~scores._focal[:, None]
    for column in range(values.shape[1]):
        every = values[usable[:, column], column]
        alike = {
            label: values[usable[:, column] & (labels == label), column]
            for label in set(labels[cells[:, column]])
        }
        for unit in np.flatnonzero(cells[:, column]).tolist():
            peers = alike[labels[unit]] if labels[unit] >= 0 else every
            pool = peers if len(peers) >= factor.least else every
            pool = _inside(pool, every, low, high, unit, column)
            if len(pool):
                rows.append((column, unit))
                donors.append(pool)
    columns, units = np.array(rows, np.intp).reshape(-1, 2).T
    counts = np.array([len(pool) for pool in donors], np.intp)
    table = np.zeros((len(donors), int(counts.max(initial=0))))
    for row, pool in enumerate(donors):
        table[row, : len(pool)] = pool
    return Donors(columns, units, table, counts)


def _inside(
    pool: Array, every: Array, low: Array | None, high: Array | None, unit: int, indicator: int
) -> Array:
    """Return the part of a pool within a censored cell's bounds; the nearest bound where there is none."""
    if (
        low is None
        or high is None
        or (np.isnan(low[unit, indicator]) and np.isnan(high[unit, indicator]))
    ):
        return pool
    bottom = -np.inf if np.isnan(low[unit, indicator]) else low[unit, indicator]
    top = np.inf if np.isnan(high[unit, indicator]) else high[unit, indicator]
    for values in (pool, every):
        inside = values[(values >= bottom) & (values <= top)]
        if len(inside):
            return np.asarray(inside)
    ends = np.array([bottom, top])
    return np.asarray(ends[np.isfinite(ends)])


@dataclass(frozen=True, eq=False)
class DrawnCells:
    """Raw indicators that a draw changes, each other one being as scored.

    Attributes
    ----------
    indicators, units
        (c,) the cells.
    values
        (draws, c) their values, or these by class.
    """

    indicators: Index
    units: Index
    values: Array | ClassedDraws

    @classmethod
    def joined(cls, parts: Sequence[tuple[Index, Index, Array]]) -> DrawnCells:
        """Return the cells of several parts (indicators, units, values), of which each draw is one."""
        if len(parts) == 1:
            return cls(*parts[0])
        indicators, units, values = zip(*parts, strict=True)
        return cls(
            np.concatenate(indicators),
            np.concatenate(units),
            np.concatenate([part.T for part in values]).T,
        )

    def on_scale(self, lines: Lines, scratch: Scratch) -> CellsOnScale | ClassedDraws:
        """Return the cells on the scale by class, or what gives those of some draws."""
        if isinstance(self.values, ClassedDraws):
            return lines.of_classes(self.values)
        raw = self.values.T
        return lambda rows: lines(raw[:, rows], scratch)


@dataclass(frozen=True, eq=False)
class Lines:
    """The map of cells of linear steps to the scale: a line each, clipped at the ends of the scale.

    Attributes
    ----------
    start, slope
        (c, 1) of the line of each cell.
    """

    start: Array
    slope: Array
    scale: tuple[float, float]
    _tables: list[tuple[Array, Array]] = field(default_factory=list, repr=False)

    @classmethod
    def of(cls, parts: Sequence[Columns], indicators: Index, scale: tuple[float, float]) -> Lines:
        """Return the lines of cells (c,) of some indicators."""
        most = max((int(part.indices.max()) for part in parts), default=-1)
        start, slope = np.zeros((2, most + 1))
        for part in parts:
            ends = (part.learned["low"], part.learned["high"])
            first, last = ends if part.sign > 0 else ends[::-1]
            start[part.indices] = first
            with np.errstate(divide="ignore"):
                slope[part.indices] = (scale[1] - scale[0]) / (last - first)
        return cls(start[indicators][:, None], slope[indicators][:, None], scale)

    def __call__(self, raw: Array, scratch: Scratch) -> Array:
        """Return raw values (c, draws) on the scale, in an array that is used again."""
        out = scratch.get("cells on the scale", raw.shape)
        return self._on_scale(raw, self.start, self.slope, out)

    def of_classes(self, draws: ClassedDraws) -> ClassedDraws:
        """Return draws of these cells on the scale, their tables made once."""
        for raw, scaled in self._tables:
            if raw is draws.tables:
                return replace(draws, tables=scaled)
        ends = self.start[draws.first], self.slope[draws.first]
        scaled = self._on_scale(draws.tables, *ends, np.empty(draws.tables.shape))
        self._tables[:] = [(draws.tables, scaled)]
        return replace(draws, tables=scaled)

    def _on_scale(self, raw: Array, start: Array, slope: Array, out: Array) -> Array:
        lower, upper = self.scale
        x = np.subtract(raw, start, out=out)
        with np.errstate(invalid="ignore"):
            x *= slope
        np.clip(x, 0.0, upper - lower, out=x)
        if lower:
            x += lower
        return np.asarray(x)


@dataclass(frozen=True, eq=False)
class Columns:
    """Indicators of one step (same methods, same direction) that change from draw to draw.

    ``rows`` are their indices among the changing indicators, ``indices`` those among all indicators.
    Learned arrays have one entry an indicator on their last axis.
    """

    rows: Index
    indices: Index
    sign: int
    treatment: Treatment
    normaliser: Normaliser
    treated: Learned
    learned: Learned

    def for_units(self, rows: Index) -> Columns:
        """Return the same for some units: bounds by class have one entry a unit."""
        if self.normaliser.grouping is None:
            return self
        return replace(self, learned={name: ends[rows] for name, ends in self.learned.items()})


def columns_of(scores: Scores, columns: Index) -> tuple[Columns, ...]:
    """Return the changing indicators, step by step."""
    row = {int(index): number for number, index in enumerate(columns)}
    out = []
    for step in scores._pipeline.steps:
        inside = np.flatnonzero(np.isin(step.indices, columns))
        if inside.size:
            columns_of_step = step.indices[inside]
            out.append(
                Columns(
                    np.array([row[int(column)] for column in columns_of_step], np.intp),
                    columns_of_step,
                    step.sign,
                    step.treatment,
                    step.normaliser,
                    {name: values[..., inside] for name, values in step.treated.items()},
                    {name: values[..., inside] for name, values in step.normalised.items()},
                )
            )
    return tuple(out)


Moved = Callable[[Learned], Learned]
"""Changes learned arrays that have one entry a (draw, indicator)."""


def normalised_columns(
    part: Columns,
    x: Array,
    scale: tuple[float, float],
    refit: Mask | None = None,
    moved: Moved | None = None,
) -> Array:
    """Put raw columns of one step, (draws, k, n), on the scale, all draws at once.

    To a method every column is its own, so an indicator in a draw is one column more: any registered method
    serves, at the speed of one call. `refit` (n,) marks the reference units to learn from anew in each
    draw; `moved` then changes what was learned.
    """
    draws, k, units = x.shape
    flat = x.reshape(draws * k, units).T
    learned: Learned
    if refit is not None:
        treated = part.treatment.fit(flat[refit])
        flat = part.treatment.apply(flat, treated)
        learned = part.normaliser.fit(flat[refit], part.sign)
        if part.normaliser.grouping is not None:
            # Bounds by class are given, not learned.
            learned = _repeat(part.learned, draws)
    else:
        flat = part.treatment.apply(flat, _repeat(part.treated, draws))
        learned = _repeat(part.learned, draws)
    if moved is not None:
        learned = moved(learned)
    share = part.normaliser.apply(flat, part.sign, learned)
    lower, upper = scale
    out = np.asarray(share.T.reshape(draws, k, units) * (upper - lower))
    out += lower
    return out


def is_linear(part: Columns, *, refit: bool) -> bool:
    """Tell whether a step is a clipped line between two ends that `linear_columns` finds."""
    if part.treatment.changes or not part.normaliser.linear:
        return False
    return part.normaliser.extremes or not (refit and part.normaliser.learns)


def linear_columns(
    parts: Sequence[Columns],
    x: Array,
    scale: tuple[float, float],
    refit: Mask | None,
    *,
    fast: bool = False,
) -> None:
    """Put raw indicators x (draws, changing, n) of linear steps on the scale, in place."""
    start = np.empty(x.shape[1])
    end = np.empty(x.shape[1])
    learned = refit is not None
    for part in parts:
        ends = (part.learned["low"], part.learned["high"])
        start[part.rows], end[part.rows] = ends if part.sign > 0 else ends[::-1]
        learned &= part.normaliser.extremes
    if fast:
        from ._numba import scale_rows

        signs = np.zeros(x.shape[1], np.int64)
        for part in parts:
            signs[part.rows] = part.sign * (part.normaliser.extremes and refit is not None)
        keep = np.ones(x.shape[2], bool) if refit is None else refit
        scale_rows(x, start, end, signs, keep, *scale)
        return
    if refit is not None:
        start, end = _extremes(parts, x, refit, start, end)
    lower, upper = scale
    with np.errstate(invalid="ignore", divide="ignore"):
        x -= start[..., None]
        x *= ((upper - lower) / (end - start))[..., None]
    if not (learned and refit is not None and refit.all()):
        np.maximum(x, 0.0, out=x)
        np.minimum(x, upper - lower, out=x)
    if lower:
        x += lower


def _extremes(
    parts: Sequence[Columns], x: Array, refit: Mask, start: Array, end: Array
) -> tuple[Array, Array]:
    """Return (draws, changing) ends of every draw: those of its own values for min-max, the fixed ones else."""
    reference = x if refit.all() else x[:, :, refit]
    low, high = reference.min(axis=2), reference.max(axis=2)
    if np.isnan(low).any():
        low, high = np.fmin.reduce(reference, axis=2), np.fmax.reduce(reference, axis=2)
    starts, ends = np.tile(start, (len(x), 1)), np.tile(end, (len(x), 1))
    for part in parts:
        if part.normaliser.extremes:
            pair = low[:, part.rows], high[:, part.rows]
            starts[:, part.rows], ends[:, part.rows] = pair if part.sign > 0 else pair[::-1]
    return starts, ends


def _repeat(learned: Learned, draws: int) -> dict[str, Array]:
    return {
        name: np.tile(values, (*(1,) * (np.ndim(values) - 1), draws))
        for name, values in learned.items()
    }


def perturbed(
    factor: DataFactor,
    x: Array,
    noise: tuple[Array, ...],
    cells: Cells,
    observed: Mask,
    *,
    fast: bool = False,
) -> Array:
    """Draw values (draws, k, n) of observed cells inside their bounds; others stay as they were."""
    replaced = _own_errors(factor, x, noise, cells)
    if fast and isinstance(factor, StandardError) and len(x) == 1:
        from ._numba import add_errors

        drawn = noise[0]
        add_errors(drawn, factor.size_of(cells), x[0])
    else:
        drawn = factor.perturb(x, noise, cells)
    if replaced is not None:
        rows, units, values = replaced
        drawn[:, rows, units] = values
    _fold(drawn, cells)
    rows, units = np.nonzero(~observed)
    drawn[:, rows, units] = x[:, rows, units]
    return drawn


def _own_errors(
    factor: DataFactor, x: Array, noise: tuple[Array, ...], cells: Cells
) -> tuple[Index, Index, Array] | None:
    """Return the cells with errors of their own, and their values (draws, cells), for a factor that stands in."""
    if not factor.stands_in:
        return None
    size = np.nan_to_num(cells.std_error)
    with np.errstate(invalid="ignore"):
        between = (size <= 0) & np.isfinite(cells.low) & (cells.top > cells.bottom)
        between &= np.isfinite(cells.high)
    if not ((size > 0) | between).any():
        return None
    rows, units = np.nonzero((size > 0) | between)
    error = factor.standardised(noise)[:, rows, units]
    values = x[:, rows, units] + error * size[rows, units]
    flat = between[rows, units]
    if flat.any():
        # Bounds that reach beyond the plausible range are cut to it: reflected they would not be uniform.
        low, high = (end[rows[flat], units[flat]] for end in (cells.bottom, cells.top))
        share = factor.uniform(tuple(part[:, rows[flat], units[flat]] for part in noise))
        values[:, flat] = low + share * (high - low)
    return rows, units, values


def _fold(drawn: Array, cells: Cells) -> None:
    """Reflect drawn values at the bounds of their cells, in place; what still lies outside is clipped."""
    bottom, top = cells.bottom, cells.top
    low, high = np.where(np.isnan(bottom), -np.inf, bottom), np.where(np.isnan(top), np.inf, top)
    outside = drawn < low
    outside |= drawn > high
    draws, rows, units = np.unravel_index(np.flatnonzero(outside), drawn.shape)
    x, low, high = drawn[draws, rows, units], low[rows, units], high[rows, units]
    x = np.where(x < low, 2 * low - x, x)
    x = np.where(x > high, 2 * high - x, x)
    drawn[draws, rows, units] = np.clip(x, low, high)


__all__ += ["Imputed", "columns_of", "has_value", "perturbed"]
