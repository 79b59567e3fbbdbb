"""The draws of random streams: errors of cells and values for missing ones, the same for every variant."""

from __future__ import annotations

import copy
import dataclasses
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .._util.types import Array, Index, Mask
from ..data.dataset import Data
from ..errors import FrameworkError, Problems
from ..factors import Cells, DataFactor, Factor, Imputed, MissingFactor, Peers, target_of
from ..framework.definition import Framework
from ..framework.factor_checks import columns_below
from ..scoring.missing import Sampler, asks_alike
from ..scoring.prepare import Prepared
from ..scoring.scores import Scores
from .drawn_indicators import Donors, DrawnCells, cells_of, donors_of, fillable, perturbed
from .sampling import stream
from .variants import Variant

__all__ = ["Drawing", "Key"]

Noise = Mapping[str, tuple[Array, ...]]


@dataclass(frozen=True)
class Key:
    """The key of the random streams of a block; ``fast`` takes normals from compiled loops."""

    seed: int
    block: int
    copies: Mapping[str, int]
    fast: bool = False

    def stream(self, name: str, purpose: str = "") -> np.random.Generator:
        """Return the stream of one factor."""
        return stream(self.seed, name + purpose, self.block, self.copies.get(name, 0))


@dataclass(frozen=True, eq=False)
class _Moved:
    """The estimated cells of one variant, numbered as its sampler draws them.

    ``kept`` are those of scored indicators, ``indicators`` and ``units`` say which; ``filled`` are all that
    draws fill, and ``derived`` the derived indicators with the units in which a part of theirs is filled.
    """

    kept: Index
    indicators: Index
    units: Index
    filled: Index
    derived: tuple[tuple[int, Index], ...]


class Drawing:
    """The streams of a design: which columns each acts on, and what it makes of their cells.

    Columns are those that scores read (``Framework.inputs``): a derived indicator is computed in every draw
    from its parts as drawn. ``acts_on`` and ``fillable`` number the columns of the framework as written.
    ``keeps`` says whether what the last block drew is kept, for blocks that are evaluated several times.
    """

    keeps = False

    def __init__(
        self,
        framework: Framework,
        data: Data,
        factors: Mapping[str, Factor],
        nominal: Scores,
        variants: Sequence[Variant],
    ) -> None:
        self.framework, self.data, self.nominal = framework, data, nominal
        self.variants, self.inputs = tuple(variants), nominal._state.prepared.layout.inputs
        self.factors = {
            name: factor
            for name, factor in factors.items()
            if isinstance(factor, DataFactor | MissingFactor)
        }
        column_of = {name: column for column, name in enumerate(self.inputs)}
        self.acts_on: dict[str, Index] = {
            name: np.array(
                [column_of[part] for part in _acted_on(framework, name, factor)], np.intp
            )
            for name, factor in self.factors.items()
        }
        self._written: dict[int, Array] = {}
        self._held: dict[int, tuple[Any, dict[Any, Any]]] = {}
        self._chosen: dict[tuple[int, str], _Moved] = {}
        self.cells = self._cells()
        self.fillable: dict[str, Mask] = {}
        taken = np.zeros(nominal._state.prepared.denominated.shape, bool)
        for name, factor in self.factors.items():
            if isinstance(factor, MissingFactor):
                cells = fillable(nominal, self.acts_on[name]) & ~taken
                if isinstance(factor, Imputed):
                    # Only cells that the score estimates too: there is one model of them.
                    cells &= _estimated(nominal)
                    self.acts_on[name] = np.flatnonzero(cells.any(axis=0))
                self.fillable[name] = cells
                taken |= cells
        self.donors: dict[str, Donors] = {
            name: donors_of(nominal, factor, self.fillable[name])
            for name, factor in self.factors.items()
            if isinstance(factor, Peers)
        }

    @cached_property
    def columns(self) -> Index:
        """Every column, of the framework as written, that some stream acts on."""
        return np.unique(np.concatenate([*self.acts_on.values(), np.empty(0, np.intp)]))

    def moves(self, variant: Variant) -> list[int]:
        """Return the indicators of a variant that some stream moves: themselves or a part of theirs."""
        layout = variant.scores._state.prepared.layout
        drawn = {self.inputs[column] for column in self.columns}
        return [
            indicator
            for indicator in range(len(layout.indicators))
            if any(layout.inputs[column] in drawn for column in layout.sources(indicator))
        ]

    @cached_property
    def missing(self) -> int:
        """The largest number of missing cells that are filled."""
        return sum(int(cells.sum()) for cells in self.fillable.values())

    @cached_property
    def _prepared(self) -> dict[int, Prepared]:
        return {
            number: variant.scores._state.prepared for number, variant in enumerate(self.variants)
        }

    @cached_property
    def _samplers(self) -> dict[int, Sampler]:
        return {first: self.variants[first].scores._sampler for first in set(self._imputes_as)}

    @cached_property
    def _imputes_as(self) -> tuple[int, ...]:
        """For every variant the first one whose cells are filled alike."""
        out: list[int] = []
        for number in range(len(self.variants)):
            same = (
                earlier for earlier in dict.fromkeys(out) if self._impute_alike(earlier, number)
            )
            out.append(next(same, number))
        return tuple(out)

    def _impute_alike(self, number: int, other: int) -> bool:
        models = [self.variants[variant].model for variant in (number, other)]
        first, second = (model._imputations for model in models)
        return asks_alike(self._prepared[number], self._prepared[other]) and (
            first is second
            or (
                len(first) == len(second)
                and all(_same(a.learned, b.learned) for a, b in zip(first, second, strict=True))
            )
        )

    def _cells(self) -> dict[str, Cells]:
        problems = Problems(f"framework `{self.framework.name}`, factors of data")
        out = {}
        for name, factor in self.factors.items():
            if isinstance(factor, DataFactor):
                out[name] = cells_of(self.nominal, self.data, self.acts_on[name])
                problems.extend(
                    f"factor `{name}`: {line}" for line in factor.complaints_about(out[name])
                )
        problems.raise_as(FrameworkError)
        return out

    def filled_in(self, variant: Variant) -> Mask:
        """Return (units, L) cells that draws fill, among the variant's indicators."""
        state = variant.scores._state
        layout, values = state.prepared.layout, state.prepared.denominated
        filled, estimated = np.zeros(values.shape, bool), _estimated(variant.scores)
        column_of = {name: column for column, name in enumerate(layout.inputs)}
        for name in self.fillable:
            drawn = self._drawn(name)
            for column in np.flatnonzero(drawn.any(axis=0)):
                at = column_of.get(self.inputs[column])
                if at is not None:
                    # An imputation may have nothing to say of a cell, which then stays missing.
                    fills = name in self.donors or estimated[:, at]
                    filled[:, at] |= drawn[:, column] & fills
        for name, cells in self.cells.items():
            if self.factors[name].name == "interval":
                bounded = _bounded(cells) & np.isnan(cells.values)
                for name_of_row, rows in zip(cells.names, bounded, strict=True):
                    if name_of_row in column_of:
                        filled[:, column_of[name_of_row]] |= rows
        filled &= ~variant.scores._focal[:, None]
        if not filled.any():
            return np.zeros(state.normalised.shape, bool)
        # Whether a derived indicator has a value depends on which parts have one.
        value = layout.derive(np.where(filled & np.isnan(values), 1.0, values))
        return np.isnan(state.cells.denominated) & ~np.isnan(value)

    def _drawn(self, name: str) -> Mask:
        """Return (units, B) the cells that one factor for missing cells fills."""
        if name not in self.donors:
            return self.fillable[name]
        out = np.zeros(self.fillable[name].shape, bool)
        out[self.donors[name].unit, self.donors[name].column] = True
        return out

    def left_out(self) -> int:
        """Count the missing cells of printed scores without estimate and draw: siblings share their weight."""
        state, n_indicators = self.nominal._state, self.nominal._state.tree.n_indicators
        headlines = [state.tree.index[name] for name in self.nominal.names]
        printed = ~np.isnan(self.nominal._values[:, headlines]).all(axis=1, keepdims=True)
        missing = np.isnan(state.normalised) & state.scorable.applicable[:, :n_indicators] & printed
        return int((missing & ~self.filled_in(Variant("", self.nominal))).sum())

    def held_still(self) -> int:
        """Count the estimated values that are the same in every draw, of the framework as written."""
        scores, columns = self.nominal, self.framework.inputs
        still = _estimated(scores)
        still[scores._focal] = False
        default = self.framework.defaults.missing
        stochastic = np.array([(column.missing or default).stochastic for column in columns], bool)
        # Censored cells are drawn between their bounds under any method.
        estimates = scores._state.estimates
        varies = np.broadcast_to(stochastic, still.shape).copy()
        varies[estimates.rows, estimates.columns] |= (estimates.values != estimates.values[:1]).any(
            axis=0
        )
        for name, cells in self.fillable.items():
            still &= ~(cells if name in self.donors else cells & varies)
        return int(still.sum())

    # -- drawing --------------------------------------------------------------------------------

    def noise(self, key: Key, size: int, draws: int) -> dict[str, tuple[Array, ...]]:
        """Return what is random in every stream; always made for a whole block, so that rows stay the same."""
        return {
            name: tuple(array[:draws] for array in self.random(name, key, size))
            for name in self.factors
        }

    def random(self, name: str, key: Key, size: int) -> tuple[Array, ...]:
        """Draw what is random in one stream of a block of `size` rows; it may be overwritten."""
        if self.keeps:
            kept = self._once(name, name, key, size, lambda: self._random(name, key, size))
            return tuple(np.array(part) for part in kept)
        return self._random(name, key, size)

    def _random(self, name: str, key: Key, size: int) -> tuple[Array, ...]:
        factor, rng = self.factors[name], key.stream(name)
        if isinstance(factor, DataFactor):
            return factor.noise(_faster(rng) if key.fast else rng, size, self.cells[name])
        if isinstance(factor, Peers):
            return (rng.random((size, len(self.donors[name].counts))),)
        return ()

    def imputed(
        self, number: int, name: str, key: Key, size: int, *, by_class: bool = False
    ) -> Any:
        """Draw the estimated cells (size, cells) of one variant, or these by class; they are only read.

        Variants that estimate alike share what was drawn.
        """
        first = self._imputes_as[number]
        sampler = self._samplers[first]
        draw = sampler.classed if by_class else sampler.draw
        entry = (name, first, by_class)
        return self._once(entry, name, key, size, lambda: draw(key.stream(name, f" {first}"), size))

    def _once(self, kind: Any, name: str, key: Key, size: int, draw: Callable[[], Any]) -> Any:
        """Return the cached draw of this block; call `draw` on the first use. Only the last block is cached."""
        # Threads may share a design, and each is at a block of its own.
        thread, block = threading.get_ident(), (key.seed, key.block, key.fast, size)
        last, held = self._held.get(thread, (None, {}))
        if last != block:
            held = {}
            self._held[thread] = block, held
        entry = (kind, key.copies.get(name, 0))
        if entry not in held:
            held[entry] = draw()
        return held[entry]

    def keeping(self) -> Drawing:
        """Return the same streams; they cache the draws of the last block."""
        out = copy.copy(self)
        out.keeps = True
        return out

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_held": {}, "_chosen": {}}

    def read(self, number: int, changing: Index) -> Index:
        """Return the columns of one variant that some of its indicators are computed from."""
        layout = self._prepared[number].layout
        if layout.plain:
            return changing
        sources = {
            column for indicator in changing.tolist() for column in layout.sources(indicator)
        }
        return np.array(sorted(sources), np.intp)

    def raw(
        self,
        number: int,
        read: Index,
        noise: Noise,
        rows: Index | slice,
        draws: int,
        key: Key,
        size: int,
    ) -> Array:
        """Return (draws, columns, n) drawn columns of one variant: errors first, then missing cells."""
        index_of = {
            name: column for column, name in enumerate(self._prepared[number].layout.inputs)
        }
        row_of = {int(column): row for row, column in enumerate(read)}
        x = np.ascontiguousarray(self._as_written(number)[:, read].T)[None]
        for name, factor in self.factors.items():
            if isinstance(factor, DataFactor):
                cells = self.cells[name]
                target = np.array([row_of.get(index_of.get(name, -1), -1) for name in cells.names])
                rows_of_noise = tuple(array[rows] for array in noise[name])
                x = _with_errors(factor, x, rows_of_noise, cells, target, fast=key.fast)
        if x.shape[0] == 1:
            x = np.repeat(x, draws, axis=0)
        for name in self.fillable:
            if name in self.donors:
                donors = self.donors[name]
                target = np.array(
                    [row_of.get(index_of.get(self.inputs[at], -1), -1) for at in donors.column],
                    np.intp,
                )
                keep = target >= 0
                drawn = donors.draw(noise[name][0][rows])
                x[:, target[keep], donors.unit[keep]] = drawn[:, keep]
            else:
                self._impute(number, name, x, rows, row_of, key, size)
        return x

    def derived(self, number: int, changing: Index, read: Index, x: Array) -> Array:
        """Return (draws, changing, n) indicators of one variant, given the drawn columns (draws, columns, n)."""
        layout = self._prepared[number].layout
        if layout.plain:
            return x
        columns = {int(column): x[:, row] for row, column in enumerate(read)}
        out = np.empty((len(x), len(changing), x.shape[2]))
        for row, indicator in enumerate(changing):
            out[:, row] = layout.computed(int(layout.indicators[indicator]), columns)
        return out

    def _as_written(self, number: int) -> Array:
        """Return (units, B) columns of one variant before anything is drawn, estimated cells at their value."""
        state = self.variants[number].scores._state
        layout = state.prepared.layout
        if layout.plain:
            return state.filled
        if number not in self._written:
            out = np.array(state.estimates.put(state.prepared.denominated))
            plain = np.flatnonzero(layout.indicators < len(layout.inputs))
            out[:, layout.indicators[plain]] = state.filled[:, plain]
            self._written[number] = out
        return self._written[number]

    def cells_alone(self, number: int) -> tuple[Index, Index] | None:
        """Return the indicators and units (c,) that estimated cells move, None where other streams are drawn."""
        if not self.only_estimates:
            return None
        (name,) = self.fillable
        moved = self._moved(number, name)
        derived = moved.derived
        return (
            np.concatenate(
                [moved.indicators, *(np.full(len(rows), indicator) for indicator, rows in derived)]
            ),
            np.concatenate([moved.units, *(rows for _, rows in derived)]),
        )

    def drawn_alone(self, number: int, rows: Index | slice, key: Key, size: int) -> DrawnCells:
        """Draw the cells of ``cells_alone`` for some rows of a block."""
        (name,) = self.fillable
        moved, sampler = self._moved(number, name), self._samplers[self._imputes_as[number]]
        if sampler.by_class and len(moved.kept) == len(sampler.rows) and not moved.derived:
            classed = self.imputed(number, name, key, size, by_class=True)
            return DrawnCells(moved.indicators, moved.units, classed.of_draws(rows))
        drawn = self.imputed(number, name, key, size)[rows]
        cells = [(moved.indicators, moved.units, _columns(drawn, moved.kept))]
        for indicator, units in moved.derived:
            values = self._derived(number, moved, drawn, indicator, units)
            cells.append((np.full(len(units), indicator), units, values))
        return DrawnCells.joined(cells)

    @cached_property
    def only_estimates(self) -> bool:
        """True if the only stream is that of the estimated cells."""
        return len(self.factors) == 1 and len(self.fillable) == 1 and not self.donors

    def _moved(self, number: int, name: str) -> _Moved:
        """Return which indicators the estimated cells of one variant are, and which are derived from them."""
        if (number, name) not in self._chosen:
            sampler = self._samplers[self._imputes_as[number]]
            layout = self._prepared[number].layout
            column_of = {name: column for column, name in enumerate(layout.inputs)}
            fill = np.zeros((len(self.data), len(layout.inputs)), bool)
            for column in self.acts_on[name]:
                if self.inputs[column] in column_of:
                    fill[:, column_of[self.inputs[column]]] = self.fillable[name][:, column]
            indicator_of = np.full(len(layout.inputs), -1, np.intp)
            plain = np.flatnonzero(layout.indicators < len(layout.inputs))
            indicator_of[layout.indicators[plain]] = plain
            filled = fill[sampler.rows, sampler.columns]
            indicators = indicator_of[sampler.columns]
            kept = np.flatnonzero(filled & (indicators >= 0))
            derived = [
                (indicator, np.flatnonzero(fill[:, list(layout.sources(indicator))].any(axis=1)))
                for indicator in layout.derived
            ]
            self._chosen[number, name] = _Moved(
                kept,
                indicators[kept],
                sampler.rows[kept],
                np.flatnonzero(filled),
                tuple((indicator, units) for indicator, units in derived if len(units)),
            )
        return self._chosen[number, name]

    def _derived(
        self, number: int, moved: _Moved, drawn: Array, indicator: int, units: Index
    ) -> Array:
        """Return (draws, units) a derived indicator of some units, its estimated parts as drawn."""
        layout, written = self._prepared[number].layout, self._as_written(number)
        sampler = self._samplers[self._imputes_as[number]]
        row_of = np.full(len(written), -1, np.intp)
        row_of[units] = np.arange(len(units))
        columns: dict[int, Array] = {}
        for column in layout.sources(indicator):
            values = np.repeat(written[None, units, column], len(drawn), axis=0)
            cells = moved.filled[sampler.columns[moved.filled] == column]
            cells = cells[row_of[sampler.rows[cells]] >= 0]
            values[:, row_of[sampler.rows[cells]]] = drawn[:, cells]
            columns[column] = values
        return np.asarray(layout.computed(int(layout.indicators[indicator]), columns))

    def _impute(
        self,
        number: int,
        name: str,
        x: Array,
        rows: Index | slice,
        row_of: Mapping[int, int],
        key: Key,
        size: int,
    ) -> None:
        sampler = self._samplers[self._imputes_as[number]]
        filled = self._moved(number, name).filled
        inputs = self._prepared[number].layout.inputs
        at = np.array([row_of.get(column, -1) for column in range(len(inputs))], np.intp)
        row = at[sampler.columns[filled]]
        kept = row >= 0
        drawn = _rows(self.imputed(number, name, key, size), rows)
        x[:, row[kept], sampler.rows[filled][kept]] = _columns(drawn, filled[kept])


def _acted_on(framework: Framework, name: str, factor: Factor) -> list[str]:
    """Return the columns that a factor can change; all it is given if there are none, so that it can complain."""
    names = columns_below(framework, target_of(name, factor).node)
    if not isinstance(factor, DataFactor):
        return names
    codes = {column.name: column.ordinal for column in framework.inputs}
    return [column for column in names if factor.moves(codes[column])] or names


def _estimated(scores: Scores) -> Mask:
    """Return (units, B) the cells that the scores estimate."""
    estimates = scores._state.estimates
    out = np.zeros(scores._state.prepared.denominated.shape, bool)
    out[estimates.rows, estimates.columns] = True
    return out


def _same(first: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether two sets of arrays are equal."""
    return first.keys() == other.keys() and all(
        np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f")
        for a, b in zip(first.values(), other.values(), strict=True)
    )


def _faster(rng: np.random.Generator) -> Any:
    from ._numba import FastStream

    return FastStream(rng)


def _rows(x: Array, rows: Index | slice) -> Array:
    """Return some rows of x (draws, c), whose columns each lie together in memory."""
    return x[rows] if isinstance(rows, slice) else x.T.take(rows, axis=1).T


def _columns(x: Array, kept: Index) -> Array:
    """Return some columns of x (draws, c), x itself if all."""
    return x if len(kept) == x.shape[1] else x.T[kept].T


def _bounded(cells: Cells) -> Mask:
    return np.isfinite(cells.low) & np.isfinite(cells.high)


def _with_errors(
    factor: DataFactor,
    x: Array,
    noise: tuple[Array, ...],
    cells: Cells,
    target: Index,
    *,
    fast: bool,
) -> Array:
    """Return values (draws, changing, n), or one row of them, with the errors of one factor."""
    inside = np.flatnonzero(target >= 0)
    if len(inside) < len(target):
        # A variant dropped some of the indicators.
        target, cells = target[inside], _only_rows(cells, inside)
        noise = tuple(array[:, inside] for array in noise)
    observed = ~np.isnan(cells.values)
    if factor.name == "interval":
        observed |= _bounded(cells)
    if np.array_equal(target, np.arange(x.shape[1])):
        return perturbed(factor, x, noise, cells, observed, fast=fast)
    drawn = perturbed(factor, x[:, target], noise, cells, observed, fast=fast)
    if x.shape[0] == 1:
        x = np.repeat(x, len(drawn), axis=0)
    x[:, target] = drawn
    return x


def _only_rows(cells: Cells, rows: Index) -> Cells:
    parts = ("values", "std_error", "low", "high", "grade", "source", "length", "within", "age")
    return dataclasses.replace(
        cells,
        names=tuple(cells.names[row] for row in rows),
        ordinal=tuple(cells.ordinal[row] for row in rows),
        denominator=tuple(cells.denominator[row] for row in rows),
        **{part: getattr(cells, part)[rows] for part in parts},
    )
