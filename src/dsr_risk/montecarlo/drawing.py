"""What streams draw: errors of cells and values for missing ones, for every variant alike."""

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
from ..factors import Cells, DataFactor, Factor, Imputed, MissingFactor, Peers, place_of
from ..framework.definition import Framework
from ..framework.factor_checks import leaves_below
from ..scoring.missing import Sampler, asks_alike
from ..scoring.prepare import Prepared
from ..scoring.scores import Scores
from .leaves import Donors, cells_of, donors_of, fillable, perturbed
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

    def stream(self, name: str, what: str = "") -> np.random.Generator:
        """Return the stream of one factor."""
        return stream(self.seed, name + what, self.block, self.copies.get(name, 0))


class Drawing:
    """The streams of a design: which indicators each acts on, and what it makes of their cells.

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
        self.variants, self.nodes = tuple(variants), nominal._state.tree.names
        self.factors = {
            name: factor
            for name, factor in factors.items()
            if isinstance(factor, DataFactor | MissingFactor)
        }
        index_of = nominal._state.tree.index
        self.acts_on: dict[str, Index] = {
            name: np.array(
                [index_of[leaf] for leaf in leaves_below(framework, place_of(name, factor).node)],
                np.intp,
            )
            for name, factor in self.factors.items()
        }
        self._held: dict[int, tuple[Any, dict[Any, Any]]] = {}
        self.cells = self._cells()
        self.fillable: dict[str, Mask] = {}
        taken = np.zeros(nominal._state.normalised.shape, bool)
        for name, factor in self.factors.items():
            if isinstance(factor, MissingFactor):
                cells = fillable(nominal, self.acts_on[name]) & ~taken
                if isinstance(factor, Imputed):
                    # Only cells that the score estimates too: there is one model of them.
                    cells &= ~np.isnan(nominal._state.filled)
                    self.acts_on[name] = np.flatnonzero(cells.any(axis=0))
                self.fillable[name] = cells
                taken |= cells
        self.donors: dict[str, Donors] = {
            name: donors_of(nominal, factor, self.fillable[name])
            for name, factor in self.factors.items()
            if isinstance(factor, Peers)
        }

    @cached_property
    def leaves(self) -> Index:
        """Every indicator, of the framework as written, that some stream acts on."""
        return np.unique(np.concatenate([*self.acts_on.values(), np.empty(0, np.intp)]))

    @cached_property
    def _prepared(self) -> dict[int, Prepared]:
        return {
            number: variant.scores._state.prepared for number, variant in enumerate(self.variants)
        }

    @cached_property
    def _samplers(self) -> dict[int, Sampler]:
        return {
            first: Sampler(self._prepared[first], self.variants[first].model._imputations)
            for first in set(self._imputes_as)
        }

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
        """(units, L) cells that draws fill, among the variant's indicators."""
        out = np.zeros(variant.scores._state.normalised.shape, bool)
        index_of = variant.tree.index
        for name, empty in self.fillable.items():
            filled = np.array(empty)
            if name in self.donors:
                filled[...] = False
                filled[self.donors[name].unit, self.donors[name].leaf] = True
            for leaf in np.flatnonzero(filled.any(axis=0)):
                if self.nodes[leaf] in index_of:
                    at = index_of[self.nodes[leaf]]
                    # An imputation may have nothing to say of a cell, which then stays missing.
                    said = name in self.donors or ~np.isnan(variant.scores._state.filled[:, at])
                    out[:, at] |= filled[:, leaf] & said
        for name, cells in self.cells.items():
            if self.factors[name].name == "interval":
                bounded = _bounded(cells) & np.isnan(cells.values)
                for own, rows in zip(cells.names, bounded, strict=True):
                    if own in index_of:
                        out[:, index_of[own]] |= rows
        return out & ~variant.scores._focal[:, None]

    def left_out(self) -> int:
        """How many missing cells of printed scores have no estimate and no draw: siblings share their weight."""
        state, leaves = self.nominal._state, self.nominal._state.tree.leaves
        heads = [state.tree.index[name] for name in self.nominal.names]
        printed = ~np.isnan(self.nominal._values[:, heads]).all(axis=1, keepdims=True)
        missing = np.isnan(state.normalised) & state.scorable.applicable[:, :leaves] & printed
        for name, cells in self.fillable.items():
            drawn = np.array(cells)
            if name in self.donors:
                drawn[...] = False
                drawn[self.donors[name].unit, self.donors[name].leaf] = True
            missing &= ~drawn
        return int(missing.sum())

    def held_still(self) -> int:
        """How many imputed values are the same in every draw, of the framework as written."""
        scores, leaves = self.nominal, self.framework.indicators
        still = np.isnan(scores._state.cells.denominated) & ~np.isnan(scores._state.filled)
        still[scores._focal] = False
        default = self.framework.defaults.missing
        varies = np.array([(leaf.missing or default).stochastic for leaf in leaves], bool)
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

    def imputed(self, number: int, name: str, key: Key, size: int) -> Array:
        """Draw the estimated cells (size, cells) of one variant; they are only read.

        Variants that estimate alike share what was drawn.
        """
        first = self._imputes_as[number]
        rng = key.stream(name, f" {first}")
        drawn: Array = self._once(
            (name, first), name, key, size, lambda: self._samplers[first].draw(rng, size)
        )
        return drawn

    def _once(self, what: Any, name: str, key: Key, size: int, draw: Callable[[], Any]) -> Any:
        """Return the cached draw of this block; call `draw` on the first use. Only the last block is cached."""
        # Threads may share a design, and each is at a block of its own.
        thread, block = threading.get_ident(), (key.seed, key.block, key.fast, size)
        last, held = self._held.get(thread, (None, {}))
        if last != block:
            held = {}
            self._held[thread] = block, held
        own = (what, key.copies.get(name, 0))
        if own not in held:
            held[own] = draw()
        return held[own]

    def keeping(self) -> Drawing:
        """Return the same streams; they cache the draws of the last block."""
        out = copy.copy(self)
        out.keeps = True
        return out

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_held": {}}

    def raw(
        self,
        number: int,
        changing: Index,
        noise: Noise,
        rows: Index | slice,
        draws: int,
        key: Key,
        size: int,
    ) -> Array:
        """(draws, changing, n) raw leaves of one variant: errors first, then missing cells."""
        scores = self.variants[number].scores
        index_of = scores._state.tree.index
        row_of = {int(leaf): row for row, leaf in enumerate(changing)}
        x = np.ascontiguousarray(scores._state.filled[:, changing].T)[None]
        for name, factor in self.factors.items():
            if isinstance(factor, DataFactor):
                cells = self.cells[name]
                target = np.array([row_of.get(index_of.get(name, -1), -1) for name in cells.names])
                own = tuple(array[rows] for array in noise[name])
                x = _with_errors(factor, x, own, cells, target, fast=key.fast)
        if x.shape[0] == 1:
            x = np.repeat(x, draws, axis=0)
        for name in self.fillable:
            if name in self.donors:
                donors = self.donors[name]
                target = np.array(
                    [row_of.get(index_of.get(self.nodes[leaf], -1), -1) for leaf in donors.leaf],
                    np.intp,
                )
                keep = target >= 0
                drawn = donors.draw(noise[name][0][rows])
                x[:, target[keep], donors.unit[keep]] = drawn[:, keep]
            else:
                self._impute(number, name, x, rows, row_of, key, size)
        return x

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
        drawn = self.imputed(number, name, key, size)[rows]
        sampler = self._samplers[self._imputes_as[number]]
        prepared, index = self._prepared[number], self.variants[number].tree.index
        layout = prepared.layout
        leaf_of = {int(column): leaf for leaf, column in enumerate(layout.indicators)}
        columns = np.array([leaf_of.get(int(column), -1) for column in sampler.columns], np.intp)
        node = {
            index[self.nodes[leaf]]: leaf
            for leaf in self.acts_on[name]
            if self.nodes[leaf] in index
        }
        for at, leaf in node.items():
            fill = self.fillable[name][:, leaf]
            if at not in row_of or not fill.any():
                continue
            if at in layout.derived:
                units = np.flatnonzero(fill)
                x[:, row_of[at], units] = self._derived(prepared, sampler, drawn, at, units)
                continue
            cells = np.flatnonzero(columns == at)
            cells = cells[fill[sampler.rows[cells]]]
            x[:, row_of[at], sampler.rows[cells]] = drawn[:, cells]

    @staticmethod
    def _derived(
        prepared: Prepared, sampler: Sampler, drawn: Array, indicator: int, units: Index
    ) -> Array:
        """(draws, units) a derived indicator of some units, its estimated parts as drawn."""
        table = np.repeat(prepared.denominated[None, units], len(drawn), axis=0)
        row_of = np.full(len(prepared.denominated), -1, np.intp)
        row_of[units] = np.arange(len(units))
        inside = np.flatnonzero(row_of[sampler.rows] >= 0)
        table[:, row_of[sampler.rows[inside]], sampler.columns[inside]] = drawn[:, inside]
        return prepared.layout.derive_one(indicator, table)


def _same(first: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two sets of arrays are equal."""
    return first.keys() == other.keys() and all(
        np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f")
        for a, b in zip(first.values(), other.values(), strict=True)
    )


def _faster(rng: np.random.Generator) -> Any:
    from ._numba import FastStream

    return FastStream(rng)


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
    """Values (draws, changing, n), or one row of them, with the errors of one factor."""
    inside = np.flatnonzero(target >= 0)
    if len(inside) < len(target):
        # A variant dropped some of the indicators.
        target, cells = target[inside], _some(cells, inside)
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


def _some(cells: Cells, rows: Index) -> Cells:
    parts = ("values", "std_error", "low", "high", "grade", "source", "length", "within", "age")
    return dataclasses.replace(
        cells,
        names=tuple(cells.names[row] for row in rows),
        ordinal=tuple(cells.ordinal[row] for row in rows),
        denominator=tuple(cells.denominator[row] for row in rows),
        **{part: getattr(cells, part)[rows] for part in parts},
    )
