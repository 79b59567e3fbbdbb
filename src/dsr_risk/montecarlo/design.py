"""The design: factors laid out on the unit cube and on streams, and the framework evaluated on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from .._util.types import Array, Index, Mask
from ..data.assemble import as_data
from ..data.dataset import Data
from ..errors import FrameworkError, Problems, UnknownNameError, did_you_mean
from ..factors import Cells, DataFactor, Factor, MissingFactor
from ..framework.definition import Framework
from ..framework.factor_checks import factor_problems
from ..scoring.kernel import Scratch
from ..scoring.scores import Scores
from .build import runners_of
from .drawing import Drawing, Kept, Key, Noise
from .layout import Layout
from .runner import Runner
from .sampling import Points, Sampling
from .variants import Variant, compile_variants

__all__ = ["Design", "Reference", "compile_design"]

Reference = Literal["fixed", "refit"]

BLOCK = 2048
CELLS = 1 << 20
"""Numbers that a block of drawn cells may hold: what stays in a core's cache."""


def compile_design(
    framework: Framework,
    data: Data | pd.DataFrame,
    factors: Mapping[str, Any] | None = None,
    *,
    reference: Reference = "fixed",
) -> Design:
    """A framework, data and factors made ready for any number of draws.

    Parameters
    ----------
    framework
        The framework; its own ``factors`` are used where `factors` is None.
    data
        What is scored, and the reference set that is learned from.
    factors
        Factors by name, as in a framework's ``factors``; {} for none.
    reference
        "fixed": every draw is scored on the scale learned once from the data as given. "refit": drawn
        data are learned from anew in every draw.

    Raises
    ------
    FrameworkError
        With every factor, and every combination of choices, that breaks a rule.
    """
    if reference not in ("fixed", "refit"):
        raise FrameworkError(f"reference: expected `fixed` or `refit`, received {reference!r}")
    found = as_data(data)
    parsed = framework.factors if factors is None else parse_factors(framework, factors)
    variants, nominal = compile_variants(framework, found, parsed)
    return Design(framework, found, dict(parsed), nominal, variants, reference)


def parse_factors(framework: Framework, factors: Mapping[str, Any]) -> dict[str, Factor]:
    """Factors from Python: objects or plain data; FrameworkError with everything that is wrong."""
    if not isinstance(factors, Mapping):
        raise FrameworkError(
            "factors: expected a mapping of places to factors, such as "
            '{"*.weights": {"method": "spread", "share": 0.25}}, received '
            f"{type(factors).__name__}"
        )
    problems = Problems(f"framework `{framework.name}`, factors")
    parsed: dict[str, Factor] = {}
    for name, one in factors.items():
        try:
            parsed[str(name)] = Factor.parse(one)
        except FrameworkError as error:
            problems.add(f"factor `{name}`: {error.message}")
    problems.extend(factor_problems(framework, parsed))
    problems.raise_as(FrameworkError)
    return parsed


@dataclass(frozen=True, eq=False)
class Design:
    """What varies, laid out; see `dsr_risk.montecarlo` for the contract of ``evaluate_block``.

    Attributes
    ----------
    framework, data, factors
        What it was compiled from.
    nominal
        The scores as written, nothing varied.
    variants
        One fitted framework for every combination of choices.
    reference
        "fixed" or "refit".
    again
        The rows of a block where the same blocks are evaluated again and again: what their streams draw
        is then kept from one time to the next. None where each is evaluated once.

    Examples
    --------
    >>> import numpy as np, dsr_risk as dr
    >>> design = compile_design(dr.load_framework(), dr.load_data(), {
    ...     "dependency.weights": {"method": "spread", "share": 0.25},
    ...     "security.aggregation": {"method": "choice", "options": ["arithmetic", "geometric"]}})
    >>> design.columns
    {'dependency.weights': slice(0, 3, None), 'security.aggregation': slice(3, 4, None)}
    >>> design.evaluate_block(np.full((5, 4), 0.5), nodes=["dependency", "security"]).shape
    (5, 234, 2)
    """

    framework: Framework
    data: Data
    factors: Mapping[str, Factor]
    nominal: Scores
    variants: tuple[Variant, ...]
    reference: Reference
    again: int | None = None

    def __post_init__(self) -> None:
        self.layout  # noqa: B018
        self._runners  # noqa: B018

    # -- what varies ----------------------------------------------------------------------------

    @cached_property
    def layout(self) -> Layout:
        """The factors on the unit cube."""
        return Layout(self.framework, self.factors)

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
        """How many columns the unit cube has."""
        return self.layout.dimension

    @cached_property
    def drawing(self) -> Drawing:
        """What the streams draw."""
        kind = Drawing if self.again is None else Kept
        return kind(self.framework, self.data, self.factors, self.nominal, self.variants)

    @cached_property
    def streams(self) -> tuple[str, ...]:
        """The factors drawn from streams of their own."""
        return tuple(
            name
            for name, one in self.factors.items()
            if isinstance(one, DataFactor | MissingFactor)
        )

    @cached_property
    def block_size(self) -> int:
        """The most rows that one block may have; part of what draws are keyed by."""
        if self.again is not None:
            return self.again
        if not self.streams:
            # Variants share a block's draws, and one with too few of them costs more than it counts.
            return BLOCK if len(self.variants) == 1 else 2 * BLOCK
        cells = max(1, len(self.drawing.leaves) * len(self.data))
        # Every variant should find some draws in a block, or blocks cost more than draws.
        wanted = max(1, CELLS // cells) * len(self.variants)
        return int(min(BLOCK // 2, max(16, 1 << int(np.log2(wanted)))))

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Every node, leaves first, then groups, children before parents."""
        return self.nominal.tree.names

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """The headline scores."""
        return self.nominal.names

    def runner(self, variant: int) -> Runner:
        """What runs one variant."""
        return self._runners[variant]

    def cells(self, name: str) -> Cells:
        """The cells that a data factor acts on."""
        return self.drawing.cells[name]

    @cached_property
    def bounded(self) -> bool:
        """Whether every value of every draw lies on the framework's scale."""
        return all(
            step.normaliser.bounded for one in self.variants for step in one.model.steps
        ) and all(branch.aggregator.inside for one in self.variants for branch in one.tree.branches)

    @cached_property
    def constant(self) -> frozenset[str]:
        """The indicators whose value no draw changes."""
        first = self.nominal
        leaves = self.nodes[: first.tree.leaves]
        out = set()
        for place, name in enumerate(leaves):
            own = first.normalised_array[:, place]
            if all(_same_leaf(runner, name, own) for runner in self._runners):
                out.add(name)
        return frozenset(out)

    def expected(self, nodes: Sequence[str]) -> tuple[Mask, ...]:
        """By variant which (nodes, units) have a value in every draw."""
        out = []
        for runner in self._runners:
            place = runner.variant.tree.index
            here = np.zeros((len(nodes), len(self.data)), bool)
            for row, name in enumerate(nodes):
                if name in place:
                    here[row] = runner.has_value[:, place[name]]
            out.append(here)
        return tuple(out)

    def rank_groups(self, head: str) -> Index:
        """(units,) a number for each unit's year and basis: units of one number are ranked together.

        A unit that only some choices score (under another focal origin) has its basis there.
        """
        partial, known = np.zeros((2, len(self.data)), bool)
        scored = np.any(self.expected([head]), axis=0)[0]
        for one in (self.nominal, *(variant.scores for variant in self.variants)):
            if not (scored & ~known).any():
                break
            if head in one.names:
                own = one.standing(head).partial
                here = ~np.isnan(one.values_array[:, one.tree.index[head]]) & ~known
                partial[here] = own[here]
                known |= here
        return np.asarray(self.data.year_groups * 2 + partial, np.intp)

    def points(
        self, seed: int = 0, sampling: Sampling = "sobol", size: int | None = None
    ) -> Points:
        """Blocks of points of the unit cube for this design, of ``block_size`` if not said."""
        return Points(self.dimension, size or self.block_size, seed, sampling)

    def only(self, names: Sequence[str]) -> Design:
        """The same design with some of its factors only; the others stay as written.

        Columns are laid out anew.
        """
        return compile_design(
            self.framework,
            self.data,
            {name: one for name, one in self.factors.items() if name in set(names)},
            reference=self.reference,
        )

    # -- runners --------------------------------------------------------------------------------

    @cached_property
    def _runners(self) -> tuple[Runner, ...]:
        return runners_of(self)

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
        """Values (draws, units, nodes) for rows u (draws, dimension) of the unit cube.

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
        values, order = self.values(
            np.asarray(u, float),
            wanted,
            Scratch(),
            seed=seed,
            block=block,
            copies=copies,
            fast=fast,
        )
        if order is not None:
            back = np.empty_like(order)
            back[order] = np.arange(len(order))
            values = values[:, back]
        return np.ascontiguousarray(np.moveaxis(values, 0, -1))

    def values(
        self,
        u: Array,
        nodes: Sequence[str],
        scratch: Scratch,
        *,
        seed: int = 0,
        block: int = 0,
        copies: Mapping[str, int] | None = None,
        every: int | None = None,
        reuse: bool = False,
        fast: bool = False,
    ) -> tuple[Array, Index | None]:
        """(nodes, draws, units) values with draws of one variant together, and their order if changed.

        With `every`, each so many rows of u are the block's rows once more: streams draw the same. With
        `reuse` the values live in `scratch` and last until its next use; with `fast` normal errors come
        from compiled loops, and are others.
        """
        for name in nodes:
            if name not in self.nominal.tree.index:
                raise UnknownNameError(f"no node `{name}`; {did_you_mean(name, self.nodes)}")
        for name in copies or {}:
            if name not in self.streams:
                raise UnknownNameError(f"no stream `{name}`; {did_you_mean(name, self.streams)}")
        draws = len(u)
        own = draws if every is None else every
        if self.streams and own > self.block_size:
            raise FrameworkError(f"a block has at most {self.block_size} rows here, received {own}")
        key = Key(seed, block, copies or {}, fast)
        noise = self.drawing.noise(key, self.block_size, own)
        across = np.ascontiguousarray(u.T)
        shape = (len(nodes), draws, len(self.data))
        out = scratch.get("out", shape) if reuse else np.empty(shape)
        rows: Index | slice
        if len(self.variants) == 1:
            rows = slice(0, draws) if own >= draws else np.arange(draws) % own
            self._run(0, across, nodes, scratch, noise, rows, key, out)
            return out, None
        which = self.layout.variant_of(u)
        order = np.argsort(which, kind="stable")
        across = across[:, order]
        edges = np.searchsorted(which[order], np.arange(len(self.variants) + 1))
        for number in np.unique(which):
            start, stop = edges[number], edges[number + 1]
            part, rows = slice(start, stop), order[start:stop] % max(1, own)
            here = out[:, part]
            self._run(int(number), across[:, part], nodes, scratch, noise, rows, key, here)
        return out, order

    def _run(
        self,
        number: int,
        u: Array,
        nodes: Sequence[str],
        scratch: Scratch,
        noise: Noise,
        rows: Index | slice,
        key: Key,
        out: Array,
    ) -> None:
        runner = self._runners[number]
        place = runner.variant.tree.index
        raw = self.raw(number, noise, rows, u.shape[1], key) if self.streams else None
        known = [row for row, name in enumerate(nodes) if name in place]
        wanted = tuple(place[nodes[row]] for row in known)
        if len(known) == len(nodes):
            runner.run(u, wanted, scratch, raw, out, fast=key.fast)
        else:
            out[...] = np.nan
            out[known] = runner.run(u, wanted, scratch, raw, fast=key.fast)

    def raw(self, number: int, noise: Noise, rows: Index | slice, draws: int, key: Key) -> Array:
        """(draws, changing, n) raw leaves of one variant for some rows of a block."""
        changing = self._runners[number].changing
        return self.drawing.raw(number, changing, noise, rows, draws, key, self.block_size)


def _same_leaf(runner: Runner, name: str, value: Array) -> bool:
    place = runner.variant.tree.index.get(name)
    if place is None or place in runner.changing:
        return False
    return np.array_equal(runner.variant.scores.normalised_array[:, place], value, equal_nan=True)
