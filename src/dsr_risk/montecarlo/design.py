"""A compiled design: factors laid out on the unit cube and on random streams, evaluated in blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from .._util.scratch import Scratch
from .._util.types import Array, Index, Mask
from ..data.dataset import Data
from ..errors import FrameworkError, UnknownNameError, did_you_mean
from ..factors import Cells, DataFactor, Factor, MissingFactor
from ..framework.definition import Framework
from ..scoring.scores import Scores
from .drawing import Drawing, Key, Noise
from .drawn_indicators import DrawnCells
from .layout import Layout
from .runner import Runner
from .sampling import Points, Sampling
from .variants import Variant

__all__ = ["Design", "Nodes", "Reference"]

Reference = Literal["fixed", "refit"]
Nodes = Literal["all", "groups", "score"] | Sequence[str]

BLOCK = 2048
CELLS = 1 << 20
"""Numbers that a block of drawn cells may hold: what stays in a core's cache."""


@dataclass(frozen=True, eq=False)
class Design:
    """The factors of an analysis, laid out; see `dsr_risk.montecarlo` for the contract of ``evaluate_block``.

    `dsr_risk.montecarlo.compile_design` makes it.

    Attributes
    ----------
    nominal
        The scores as written, nothing varied; they hold the framework and the data.
    factors
        What varies, by name.
    variants
        One fitted framework for every combination of choices.
    reference
        "fixed" or "refit".
    layout
        The factors on the unit cube.
    drawing
        What the random streams draw.
    runners
        What evaluates each variant.
    kept_rows
        The rows of a block where the same blocks are evaluated several times (``keeping``); None where
        each is evaluated once.

    Examples
    --------
    >>> import numpy as np, dsr_risk as dr
    >>> from dsr_risk.montecarlo import compile_design
    >>> design = compile_design(dr.load_framework(), dr.load_data(), {
    ...     "dependency.weights": {"method": "spread", "share": 0.25},
    ...     "security.aggregation": {"method": "choice", "options": ["arithmetic", "geometric"]}})
    >>> design.columns
    {'dependency.weights': slice(0, 4, None), 'security.aggregation': slice(4, 5, None)}
    >>> design.evaluate_block(np.full((5, 5), 0.5), nodes=["dependency", "security"]).shape
    (5, 234, 2)
    """

    nominal: Scores
    factors: Mapping[str, Factor]
    variants: tuple[Variant, ...]
    reference: Reference
    layout: Layout
    drawing: Drawing
    runners: tuple[Runner, ...]
    kept_rows: int | None = None

    # -- what varies ----------------------------------------------------------------------------

    @property
    def framework(self) -> Framework:
        """The framework as written."""
        return self.nominal.framework

    @property
    def data(self) -> Data:
        """The data that are scored."""
        return self.nominal.data

    @property
    def names(self) -> tuple[str, ...]:
        """The factors."""
        return tuple(self.factors)

    @property
    def columns(self) -> dict[str, slice]:
        """The columns of the unit cube that each factor owns (streams own none and are not here)."""
        return self.layout.columns

    @property
    def dimension(self) -> int:
        """The number of columns of the unit cube."""
        return self.layout.dimension

    @cached_property
    def streams(self) -> tuple[str, ...]:
        """The factors drawn from streams of their own."""
        return tuple(
            name
            for name, factor in self.factors.items()
            if isinstance(factor, DataFactor | MissingFactor)
        )

    @cached_property
    def block_size(self) -> int:
        """The most rows that one block may have; part of what draws are keyed by."""
        if self.kept_rows is not None:
            return self.kept_rows
        if not self.streams:
            # Variants share a block's draws, and one with too few of them costs more than it counts.
            return BLOCK if len(self.variants) == 1 else 2 * BLOCK
        cells = max(1, len(self.drawing.columns) * len(self.data))
        if self.drawing.only_estimates:
            cells = max(1, cells // 4, self.drawing.missing)
        # Every variant should find some draws in a block, or blocks cost more than draws.
        wanted = max(1, CELLS // cells) * len(self.variants)
        return int(min(BLOCK // 2, max(16, 1 << int(np.log2(wanted)))))

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Every node, indicators first, then groups, children before parents."""
        return self.nominal._state.tree.names

    @cached_property
    def headlines(self) -> tuple[str, ...]:
        """The headline scores."""
        return self.nominal.names

    def cells(self, name: str) -> Cells:
        """Return the cells that a data factor acts on."""
        return self.drawing.cells[name]

    def nodes_of(self, nodes: Nodes) -> tuple[str, ...]:
        """Return the nodes that "all", "groups", "score" or names stand for, headline scores first.

        Raises
        ------
        UnknownNameError
            For a node, or a word for several, that does not exist.
        """
        tree = self.nominal._state.tree
        if isinstance(nodes, str):
            kinds = {"all": tree.names, "groups": tree.names[tree.n_indicators :], "score": ()}
            if nodes not in kinds:
                raise UnknownNameError(
                    f"unknown `nodes` {nodes!r}; {did_you_mean(nodes, kinds)}, or give a list of names"
                )
            return tuple(dict.fromkeys((*self.headlines, *kinds[nodes])))
        for name in nodes:
            if name not in tree.index:
                raise UnknownNameError(f"unknown node `{name}`; {did_you_mean(name, tree.names)}")
        return tuple(dict.fromkeys((*self.headlines, *nodes)))

    def keeping(self, rows: int) -> Design:
        """Return the same design for blocks of `rows` rows that are evaluated several times.

        What the streams draw for a block is kept from one time to the next. Without streams there is
        nothing to keep, and the design is returned as it is.
        """
        if not self.streams:
            return self
        return replace(self, drawing=self.drawing.keeping(), kept_rows=rows)

    @cached_property
    def bounded(self) -> bool:
        """True if every value of every draw lies on the framework's scale."""
        return all(
            step.normaliser.bounded for variant in self.variants for step in variant.model._steps
        ) and all(
            group_node.aggregator.inside
            for variant in self.variants
            for group_node in variant.tree.group_nodes
        )

    @cached_property
    def constant(self) -> frozenset[str]:
        """The indicators whose value no draw changes."""
        first = self.nominal
        indicators = self.nodes[: first._state.tree.n_indicators]
        out = set()
        for index, name in enumerate(indicators):
            column = first._state.normalised[:, index]
            if all(_same_indicator(runner, name, column) for runner in self.runners):
                out.add(name)
        return frozenset(out)

    def expected(self, nodes: Sequence[str]) -> tuple[Mask, ...]:
        """Return by variant which (nodes, units) have a value in every draw."""
        out = []
        for runner in self.runners:
            index_of = runner.variant.tree.index
            has_value = np.zeros((len(nodes), len(self.data)), bool)
            for row, name in enumerate(nodes):
                if name in index_of:
                    has_value[row] = runner.has_value[:, index_of[name]]
            out.append(has_value)
        return tuple(out)

    def rank_groups(self, headline: str) -> Index:
        """Return a number (units,) for each unit's year and basis; units of one number are ranked together.

        A unit that only some choices score (under another focal origin) has its basis there.
        """
        partial, ranked = np.zeros((2, len(self.data)), bool)
        scored = np.any(self.expected([headline]), axis=0)[0]
        for scores in (self.nominal, *(variant.scores for variant in self.variants)):
            if not (scored & ~ranked).any():
                break
            if headline in scores.names:
                marks = scores._headline(headline).partial
                chosen = ~np.isnan(scores._values[:, scores._state.tree.index[headline]]) & ~ranked
                partial[chosen] = marks[chosen]
                ranked |= chosen
        return np.asarray(self.data._year_groups * 2 + partial, np.intp)

    def printed(self, headline: str) -> Mask:
        """Return which units (units,) have this headline score printed, as written or under some choice.

        How much is observed decides what is printed, never what is evaluated or drawn.
        """
        out = np.zeros(len(self.data), bool)
        for scores in (self.nominal, *(variant.scores for variant in self.variants)):
            if headline in scores.names:
                out |= ~np.isnan(scores._values[:, scores._state.tree.index[headline]])
        return out

    def points(
        self, seed: int = 0, sampling: Sampling = "sobol", size: int | None = None
    ) -> Points:
        """Return blocks of points of the unit cube for this design, of ``block_size`` if not said."""
        return Points(self.dimension, size or self.block_size, seed, sampling)

    # -- evaluation -----------------------------------------------------------------------------

    def evaluate_block(
        self,
        u: Array,
        *,
        seed: int = 0,
        block: int = 0,
        copies: Mapping[str, int] | None = None,
        nodes: Sequence[str] | None = None,
        fast: bool = False,
    ) -> Array:
        """Evaluate the nodes (draws, units, nodes) for rows u (draws, dimension) of the unit cube.

        Parameters
        ----------
        u
            Numbers in [0, 1). With streams there are at most ``block_size`` rows.
        seed, block
            What the streams are keyed by; of no effect without streams.
        copies
            For streams, which independent realisation (0 if not said).
        nodes
            Which nodes, in order; all of ``design.nodes`` if None.
        fast
            Whether normal errors come from compiled loops (extra `fast`); they are others then.

        Returns
        -------
        ndarray
            NaN where a unit has no value.

        Raises
        ------
        UnknownNameError
            For a node or stream that does not exist.
        """
        wanted = self.nodes if nodes is None else tuple(nodes)
        key = Key(seed, block, dict(copies or {}), fast)
        values = self.values(np.asarray(u, float), wanted, key)
        return np.ascontiguousarray(np.moveaxis(values, 0, -1))

    def values(
        self,
        u: Array,
        nodes: Sequence[str],
        key: Key,
        scratch: Scratch | None = None,
        *,
        every: int | None = None,
    ) -> Array:
        """Evaluate the nodes (nodes, draws, units) for rows u of the unit cube, in their order.

        With `scratch` the values live there and last until its next use. With `every`, each so many rows
        of u are the block's rows once more: streams draw the same.
        """
        values, order = self.grouped(u, nodes, key, scratch, every=every)
        if order is None:
            return values
        out = np.empty_like(values)
        out[:, order] = values
        return out

    def grouped(
        self,
        u: Array,
        nodes: Sequence[str],
        key: Key,
        scratch: Scratch | None = None,
        *,
        every: int | None = None,
    ) -> tuple[Array, Index | None]:
        """Evaluate as ``values``, draws of one variant together; return the row of u of each, None if in order."""
        self._check(nodes, key)
        draws, fresh = len(u), scratch is None
        scratch = Scratch() if scratch is None else scratch
        rows_drawn = draws if every is None else every
        if self.streams and rows_drawn > self.block_size:
            raise FrameworkError(
                f"a block has at most {self.block_size} rows here, received {rows_drawn}"
            )
        noise = self.drawing.noise(key, self.block_size, rows_drawn)
        across = np.ascontiguousarray(u.T)
        shape = (len(nodes), draws, len(self.data))
        out = np.empty(shape) if fresh else scratch.get("out", shape)
        rows: Index | slice
        if len(self.variants) == 1:
            rows = slice(0, draws) if rows_drawn >= draws else np.arange(draws) % rows_drawn
            raw = self._drawn(0, nodes, noise, rows, draws, key)
            self._run(0, across, nodes, scratch, raw, out, fast=key.fast)
            return out, None
        which = self.layout.variant_of(u)
        order = np.argsort(which, kind="stable")
        across = across[:, order]
        edges = np.searchsorted(which[order], np.arange(len(self.variants) + 1))
        for number in np.unique(which):
            part = slice(edges[number], edges[number + 1])
            rows = order[part] % max(1, rows_drawn)
            raw = self._drawn(int(number), nodes, noise, rows, len(rows), key)
            u_part, together = across[:, part], out[:, part]
            self._run(int(number), u_part, nodes, scratch, raw, together, fast=key.fast)
        return out, order

    def _check(self, nodes: Sequence[str], key: Key) -> None:
        for name in nodes:
            if name not in self.nominal._state.tree.index:
                raise UnknownNameError(f"unknown node `{name}`; {did_you_mean(name, self.nodes)}")
        for name in key.copies:
            if name not in self.streams:
                raise UnknownNameError(
                    f"unknown stream `{name}`; {did_you_mean(name, self.streams)}"
                )

    def _run(
        self,
        number: int,
        u: Array,
        nodes: Sequence[str],
        scratch: Scratch,
        raw: Array | DrawnCells | None,
        out: Array,
        *,
        fast: bool,
    ) -> None:
        runner = self.runners[number]
        index_of = runner.variant.tree.index
        held = [row for row, name in enumerate(nodes) if name in index_of]
        wanted = self._wanted(number, nodes)
        if len(held) == len(nodes):
            runner.run(u, wanted, scratch, raw, out, fast=fast)
        else:
            out[...] = np.nan
            out[held] = runner.run(u, wanted, scratch, raw, fast=fast)

    def _drawn(
        self,
        number: int,
        nodes: Sequence[str],
        noise: Noise,
        rows: Index | slice,
        draws: int,
        key: Key,
    ) -> Array | DrawnCells | None:
        """Draw what streams change of one variant: single cells where that is enough, else whole indicators."""
        if not self.streams:
            return None
        runner, cells = self.runners[number], self.drawing.cells_alone(number)
        if cells is not None and runner.takes_cells(self._wanted(number, nodes), cells):
            return self.drawing.drawn_alone(number, rows, key, self.block_size)
        return self.raw(number, noise, rows, draws, key)

    def _wanted(self, number: int, nodes: Sequence[str]) -> tuple[int, ...]:
        """Return the indices of those of some nodes that a variant has."""
        index_of = self.runners[number].variant.tree.index
        return tuple(index_of[name] for name in nodes if name in index_of)

    def raw(self, number: int, noise: Noise, rows: Index | slice, draws: int, key: Key) -> Array:
        """Draw the raw indicators (draws, changing, n) of one variant for some rows of a block."""
        changing = self.runners[number].changing
        x = self.columns_drawn(number, noise, rows, draws, key)
        return self.drawing.derived(number, changing, self.drawing.read(number, changing), x)

    def columns_drawn(
        self, number: int, noise: Noise, rows: Index | slice, draws: int, key: Key
    ) -> Array:
        """Draw the raw columns (draws, read, n) that the changing indicators of one variant are computed from."""
        read = self.drawing.read(number, self.runners[number].changing)
        return self.drawing.raw(number, read, noise, rows, draws, key, self.block_size)


def _same_indicator(runner: Runner, name: str, value: Array) -> bool:
    index = runner.variant.tree.index.get(name)
    if index is None or index in runner.changing:
        return False
    return np.array_equal(runner.variant.scores._state.normalised[:, index], value, equal_nan=True)
