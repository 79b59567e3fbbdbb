"""From the columns that are read to indicators on the scale: derived, treated, normalised, in batches."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from .._util.frozen import Frozen
from .._util.types import Array, Index, Labels
from ..framework.definition import Framework
from ..methods._columns import by_column
from ..methods.derived import Derived
from ..methods.normalisation import Normaliser, between
from ..methods.treatment import Learned, Treatment

__all__ = ["Derivation", "Layout", "Pipeline", "Step", "layout_of"]


@dataclass(frozen=True)
class Step(Frozen):
    """Indicators that share a treatment, a normalisation and a direction, and what was learned for them.

    ``indices`` are their indices among the indicators. Learned arrays have one entry an indicator on their
    last axis.
    """

    indices: Index
    sign: int
    treatment: Treatment
    normaliser: Normaliser
    treated: Learned
    normalised: Learned


@dataclass(frozen=True)
class Derivation(Frozen):
    """One derived column: its operation and the indices of its parts among the columns before it."""

    name: str
    operation: Derived
    parts: Index


@dataclass(frozen=True)
class Layout(Frozen):
    """The map from the B columns that are read to the L scored indicators.

    Columns 0..B-1 are read (``Framework.inputs``); those after them are derived, each from columns before
    it. ``indicators`` (L,) says which column each indicator is.
    """

    inputs: tuple[str, ...]
    derivations: tuple[Derivation, ...]
    indicators: Index

    @property
    def plain(self) -> bool:
        """True if every indicator is read, so that nothing is to be derived."""
        return not self.derivations

    def derive(self, inputs: Array) -> Array:
        """Return the indicators (..., units, L) of columns (..., units, B)."""
        if self.plain:
            return inputs
        columns = self._columns([inputs[..., index] for index in range(len(self.inputs))])
        parts = [columns[column] for column in self.indicators]
        # Of one table column by column, as treatment and normalisation take it.
        return np.stack(parts).T if inputs.ndim == 2 else np.stack(parts, axis=-1)

    def derive_one(self, indicator: int, inputs: Array) -> Array:
        """Return one indicator (...) of columns (..., B)."""
        columns = [inputs[..., index] for index in range(len(self.inputs))]
        return np.asarray(self._columns(columns)[self.indicators[indicator]])

    def named(self, inputs: Array) -> dict[str, Array]:
        """Return every column (...), read or derived, by name, from the columns (..., B) that are read."""
        names = [*self.inputs, *(derivation.name for derivation in self.derivations)]
        columns = self._columns([inputs[..., index] for index in range(len(self.inputs))])
        return dict(zip(names, columns, strict=True))

    def computed(self, column: int, columns: dict[int, Array]) -> Array:
        """Return one column (...), given those that it needs by number; what is computed is added to them."""
        if column not in columns:
            derivation = self.derivations[column - len(self.inputs)]
            parts = np.stack([self.computed(part, columns) for part in derivation.parts.tolist()])
            columns[column] = np.asarray(derivation.operation.evaluate(parts))
        return columns[column]

    def _columns(self, columns: list[Array]) -> list[Array]:
        for derivation in self.derivations:
            parts = np.stack([columns[part] for part in derivation.parts])
            columns.append(np.asarray(derivation.operation.evaluate(parts)))
        return columns

    def bounds(self, low: Array, high: Array) -> tuple[Array, Array]:
        """Return the least and greatest value of the indicators (units, L), given those of the columns."""
        ends = [[end[..., index] for index in range(len(self.inputs))] for end in (low, high)]
        for derivation in self.derivations:
            parts = [np.stack([end[part] for part in derivation.parts]) for end in ends]
            for end, value in zip(ends, derivation.operation.bounds(*parts), strict=True):
                end.append(np.asarray(value))
        least, most = (
            np.stack([end[column] for column in self.indicators], axis=-1) for end in ends
        )
        return least, most

    def sources(self, indicator: int) -> tuple[int, ...]:
        """Return the columns that an indicator is computed from: its own, or all parts of it."""
        wanted, out = [int(self.indicators[indicator])], set()
        while wanted:
            column = wanted.pop()
            if column < len(self.inputs):
                out.add(column)
            else:
                wanted += self.derivations[column - len(self.inputs)].parts.tolist()
        return tuple(sorted(out))

    @property
    def derived(self) -> tuple[int, ...]:
        """The indicators that are derived."""
        return tuple(np.flatnonzero(self.indicators >= len(self.inputs)).tolist())


def layout_of(framework: Framework) -> Layout:
    """Compile the columns that a framework reads and the derivations of the others."""
    inputs = [node.name for node in framework.inputs]
    column_of = {name: number for number, name in enumerate(inputs)}
    derivations: list[Derivation] = []
    for node in framework.derivations:
        operation = node.derived
        if operation is not None:
            parts = np.array([column_of[name] for name in operation.of], np.intp)
            derivations.append(Derivation(node.name, operation, parts))
        column_of[node.name] = len(column_of)
    indicators = np.array(
        [column_of[indicator.name] for indicator in framework.indicators], np.intp
    )
    return Layout(tuple(inputs), tuple(derivations), indicators)


@dataclass(frozen=True)
class _Lines(Frozen):
    """Indicators that come to the scale by a clipped line, and the raw values at which it starts and ends."""

    indices: Index
    starts: Array
    ends: Array


@dataclass(frozen=True)
class Pipeline(Frozen):
    """The steps from a row of columns to its indicators on the scale.

    One function for a table and for batches of tables: the score, every draw, every scenario and every
    explanation use it. Arrays are (units, B) or (draws, units, B): the columns of ``Framework.inputs``,
    divided by their denominators, missing cells filled.
    """

    layout: Layout
    steps: tuple[Step, ...]
    scale: tuple[float, float]

    def __call__(self, inputs: Array) -> Array:
        """Return the normalised indicators (..., units, L) of columns (..., units, B)."""
        return self.transform(self.layout.derive(inputs))[1]

    def transform(self, raw: Array) -> tuple[Array, Array]:
        """Return treated and normalised indicators of raw ones, (..., units, L) each."""
        if len(self.steps) == 1:
            return self._step(self.steps[0], raw)
        order: Literal["F", "K"] = "F" if raw.ndim == 2 else "K"
        treated, normalised = np.array(raw, order=order), np.empty_like(raw, order=order)
        lines, others = self._lines
        if len(lines.indices):
            lower, upper = self.scale
            share = between(_picked(raw, lines.indices), lines.starts, lines.ends, 1)
            share *= upper - lower
            share += lower
            _put(normalised, lines.indices, share)
        for step in others:
            after, scaled = self._step(step, _picked(raw, step.indices))
            _put(treated, step.indices, after)
            _put(normalised, step.indices, scaled)
        return treated, normalised

    @cached_property
    def _lines(self) -> tuple[_Lines, tuple[Step, ...]]:
        """The indicators that are clipped lines, whatever their steps, and the steps of all others."""
        columns, starts, ends, others = [], [], [], []
        for step in self.steps:
            learned = step.normalised
            line = step.normaliser.linear and not step.treatment.changes
            if line and set(learned) == {"low", "high"} and np.ndim(learned["low"]) == 1:
                columns.append(step.indices)
                low, high = learned["low"], learned["high"]
                starts.append(low if step.sign > 0 else high)
                ends.append(high if step.sign > 0 else low)
            else:
                others.append(step)
        nothing = np.empty(0)
        lines = _Lines(
            np.concatenate([np.empty(0, np.intp), *columns]),
            np.concatenate([nothing, *starts]),
            np.concatenate([nothing, *ends]),
        )
        return lines, tuple(others)

    def bound(self, labels: Callable[[str], Labels]) -> Pipeline:
        """Return the pipeline of some units, where bounds go by class; `labels` gives the classes of these."""
        steps = tuple(_of_units(step, labels) for step in self.steps)
        same = all(step is other for step, other in zip(steps, self.steps, strict=True))
        return self if same else dataclasses.replace(self, steps=steps)

    def rows(self, rows: Index) -> Pipeline:
        """Return the pipeline of some of the units that it is bound to."""
        steps = tuple(_of_rows(step, rows) for step in self.steps)
        same = all(step is other for step, other in zip(steps, self.steps, strict=True))
        return self if same else dataclasses.replace(self, steps=steps)

    def indicator(self, index: int, values: Array, rows: Index) -> Array:
        """Return values (m,) of one indicator on the scale, each of the unit at `rows` (m,)."""
        step = _of_rows(self.step_of(index), rows)
        return np.asarray(self._step(step, values[:, None])[1][:, 0])

    def cells(self, indicators: Index, values: Array, rows: Index) -> Array:
        """Return values (q, c) on the scale, each of its indicator (c,) and of the unit at `rows` (c,)."""
        out = np.empty(values.shape)
        number = np.empty(len(self.layout.indicators), np.intp)
        for step in self.steps:
            number[:] = -1
            number[step.indices] = np.arange(len(step.indices))
            cells = np.flatnonzero(number[indicators] >= 0)
            if not len(cells):
                continue
            if _one_number_each(step):
                # To a method every column is its own: a cell is one column.
                own = _of_columns(step, number[indicators[cells]])
                chosen = values if len(cells) == len(indicators) else values[:, cells]
                out[:, cells] = self._step(own, chosen)[1]
                continue
            for indicator, part in by_column(indicators[cells]):
                some = cells[part]
                units = np.tile(rows[some], len(values))
                scaled = self.indicator(indicator, values[:, some].ravel(), units)
                out[:, some] = scaled.reshape(len(values), len(some))
        return out

    def treat(self, index: int, values: Array) -> Array:
        """Return values (m,) of one indicator after treatment, before they are put on the scale."""
        return np.asarray(self._step(self.step_of(index), values[:, None])[0][:, 0])

    def step_of(self, index: int) -> Step:
        """Return the step of one indicator, with only what was learned for it."""
        for step in self.steps:
            inside = np.flatnonzero(step.indices == index)
            if inside.size:
                return _of_columns(step, inside)
        raise IndexError(index)

    def _step(self, step: Step, raw: Array) -> tuple[Array, Array]:
        flat, treated, learned = raw, step.treated, step.normalised
        if raw.ndim > 2:
            # To a method every column is its own: an indicator of a draw is one column more.
            draws = int(np.prod(raw.shape[:-2]))
            flat = np.moveaxis(raw.reshape(draws, *raw.shape[-2:]), 0, 1).reshape(raw.shape[-2], -1)
            treated, learned = _repeated(treated, draws), _repeated(learned, draws)
        after = step.treatment.apply(flat, treated)
        share = step.normaliser.apply(after, step.sign, learned)
        lower, upper = self.scale
        share = share * (upper - lower)
        share += lower
        if raw.ndim > 2:
            return _unflattened(after, raw.shape), _unflattened(share, raw.shape)
        return after, share


def _picked(x: Array, columns: Index) -> Array:
    """Return some columns (..., k); of one table as rows of its transpose, as it holds them."""
    return x.T[columns].T if x.ndim == 2 else x[..., columns]


def _put(x: Array, columns: Index, values: Array) -> None:
    """Write values (..., k) into some columns."""
    if x.ndim == 2:
        x.T[columns] = values.T
    else:
        x[..., columns] = values


def _of_columns(step: Step, columns: Index) -> Step:
    """Return the step of some of its columns, any of them several times."""
    return Step(
        step.indices[columns],
        step.sign,
        step.treatment,
        step.normaliser,
        {name: array[..., columns] for name, array in step.treated.items()},
        {name: array[..., columns] for name, array in step.normalised.items()},
    )


def _one_number_each(step: Step) -> bool:
    """Tell whether all that was learned is one number a column, not its reference values or its units' bounds."""
    learned = (*step.treated.values(), *step.normalised.values())
    return all(np.ndim(values) == 1 for values in learned)


def _of_units(step: Step, labels: Callable[[str], Labels]) -> Step:
    """Return the step with the bounds of every unit, where these go by class."""
    grouping = step.normaliser.grouping
    if grouping is None:
        return step
    learned = step.normaliser.of_units(step.normalised, labels(grouping))
    return dataclasses.replace(step, normalised={**step.normalised, **learned})


def _of_rows(step: Step, rows: Index) -> Step:
    """Return the step of some units; bounds by class have a row for every unit."""
    if step.normaliser.grouping is None or "low" not in step.normalised:
        return step
    bounds = {name: step.normalised[name][rows] for name in ("low", "high")}
    return dataclasses.replace(step, normalised={**step.normalised, **bounds})


def _repeated(learned: Learned, draws: int) -> dict[str, Array]:
    return {
        name: np.tile(values, (*(1,) * (np.ndim(values) - 1), draws))
        for name, values in learned.items()
    }


def _unflattened(flat: Array, shape: Sequence[int]) -> Array:
    *draws, units, columns = shape
    cube = flat.reshape(units, int(np.prod(draws)), columns)
    return np.moveaxis(cube, 0, 1).reshape(shape)
