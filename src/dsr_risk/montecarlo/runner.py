"""One variant made ready to run: weights, indicators and the tree for many draws at once."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._util.scratch import Scratch
from .._util.types import Array, Index, Mask
from ..factors import ParameterFactor, WeightFactor
from ..methods.aggregation import Aggregator, Mean
from ..methods.treatment import Learned
from ..methods.wrapping import Wrapping
from ..scoring.kernel import Plan
from ..scoring.tree import GroupNode, span
from .drawn_indicators import (
    Columns,
    DrawnCells,
    Lines,
    Moved,
    is_linear,
    linear_columns,
    normalised_columns,
)
from .variants import Variant

__all__ = ["Goalposts", "IndicatorNumber", "Runner", "TreeNumber", "WeightMove"]


@dataclass(frozen=True, eq=False)
class WeightMove:
    """A group whose children's weights vary: its columns of the unit cube and its child nodes."""

    factor: WeightFactor
    columns: Index
    nodes: Index
    given: Array
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TreeNumber:
    """A parameter of aggregators that varies: its column, the field, and the nominal value by node."""

    factor: ParameterFactor
    column: int
    field: str
    nodes: Mapping[int, float]


@dataclass(frozen=True, eq=False)
class IndicatorNumber:
    """A parameter of one indicator's treatment or normalisation that varies."""

    factor: ParameterFactor
    column: int
    family: str
    field: str
    nominal: float


@dataclass(frozen=True, eq=False)
class Goalposts:
    """An indicator whose learned ends move by a share of their distance: the column of each that moves."""

    factor: ParameterFactor
    low: int | None = None
    high: int | None = None

    def shift(self, u: Array, column: int | None) -> Array | float:
        """Return how far an end moves in every draw, as a share of the distance."""
        return 0.0 if column is None else self.factor.shift(u[column])


@dataclass(frozen=True, eq=False)
class Numbers:
    """The numbers that vary beside weights and cells: parameters of aggregators and indicators, learned ends."""

    tree: Sequence[TreeNumber] = ()
    indicators: Mapping[int, IndicatorNumber] = field(default_factory=dict)
    goalposts: Mapping[int, Goalposts] = field(default_factory=dict)


class Runner:
    """Values of the nodes of one variant for rows of the unit cube and, if any, raw indicators drawn."""

    def __init__(
        self,
        variant: Variant,
        has_value: Mask,
        moves: Sequence[WeightMove],
        numbers: Numbers,
        steps: Sequence[Columns],
        *,
        refit: bool,
    ) -> None:
        self.variant, self.has_value = variant, has_value
        self.moves, self.tree_numbers = _merged(moves), tuple(numbers.tree)
        self.indicator_numbers, self.goalposts = dict(numbers.indicators), dict(numbers.goalposts)
        self.steps = steps
        self.keep = ~variant.scores._focal
        self.refit = self.keep if refit else None
        self.rows: Index | slice = slice(None)
        self._plans: dict[tuple[int, ...], Plan] = {}
        self._cell_plans: dict[tuple[int, ...], tuple[Plan, Lines]] = {}

    def for_units(self, rows: Index) -> Runner:
        """Return the same for some units only, on the fixed reference."""
        out = copy.copy(self)
        out.rows, out.refit, out._plans, out._cell_plans = rows, None, {}, {}
        out.has_value = self.has_value[rows]
        out.steps = [part.for_units(rows) for part in self.steps]
        return out

    @property
    def _normalised(self) -> Array:
        """(n, L) indicators on the scale as written, of the units that are run."""
        return self.variant.scores._state.normalised[self.rows]

    @cached_property
    def changing(self) -> Index:
        """The indicators that change from draw to draw."""
        columns = [part.indices for part in self.steps]
        return np.sort(np.concatenate(columns)) if columns else np.empty(0, np.intp)

    def plan(self, wanted: tuple[int, ...]) -> Plan:
        """Return the plan for some nodes, made once."""
        if wanted not in self._plans:
            fixed = None if self.steps else self._normalised
            apart = frozenset(node for number in self.tree_numbers for node in number.nodes)
            self._plans[wanted] = Plan(self.variant.tree, self.has_value, fixed, wanted, apart)
        return self._plans[wanted]

    def takes_cells(self, wanted: tuple[int, ...], cells: tuple[Index, Index]) -> bool:
        """Tell whether these cells (indicators and units) may be drawn alone, every other indicator as scored."""
        return (
            self._all_linear
            and self.refit is None
            and isinstance(self.rows, slice)
            and not self.tree_numbers
            and self._plan_of_cells(wanted, cells)[0].takes_cells
        )

    def _plan_of_cells(
        self, wanted: tuple[int, ...], cells: tuple[Index, Index]
    ) -> tuple[Plan, Lines]:
        """Return the plan for some nodes where some cells are drawn, made once."""
        if wanted not in self._cell_plans:
            indicators, units = cells
            plan = Plan(
                self.variant.tree,
                self.has_value,
                self._normalised,
                wanted,
                drawn=(indicators, units),
            )
            self._cell_plans[wanted] = plan, Lines.of(self.steps, indicators, plan.tree.scale)
        return self._cell_plans[wanted]

    def weights(self, u: Array, scratch: Scratch, dtype: Any = np.float64) -> NDArray[Any]:
        """Return (N, draws) weights for u (dimension, draws), held in numbers of a `dtype`."""
        nominal = self.variant.weights
        out = scratch.get("weights", (len(nominal), u.shape[1]), dtype)
        out[...] = nominal[:, None]
        for move in self.moves:
            out[span(move.nodes)] = move.factor.draw(u[span(move.columns)], move.given, move.names)
        return out

    def run(
        self,
        u: Array,
        wanted: tuple[int, ...],
        scratch: Scratch,
        raw: Array | DrawnCells | None = None,
        out: Array | None = None,
        *,
        fast: bool = False,
    ) -> Array:
        """Return (wanted, draws, n) values for u (dimension, draws) and raw (draws, changing, n) or cells."""
        weights = self.weights(u, scratch)
        if isinstance(raw, DrawnCells):
            plan, lines = self._plan_of_cells(wanted, (raw.indicators, raw.units))
            on_scale = raw.on_scale(lines, scratch)
            return plan.run(weights, scratch, cells=on_scale, out=out, fast=fast)
        plan = self.plan(wanted)
        indicators = self.indicators(u, raw, scratch, fast=fast) if self.steps else None
        changed = self._changed(u, plan)
        if changed is None:
            return self._one_by_one(plan, u, weights, indicators, scratch, out)
        return plan.run(
            weights, scratch, indicators=indicators, changed=changed, out=out, fast=fast
        )

    # -- parameters of aggregators --------------------------------------------------------------

    def _changed(self, u: Array, plan: Plan) -> dict[int, GroupNode] | None:
        """Return the groups with parameters drawn; None where draws must be run one by one."""
        changes: dict[int, dict[str, Array]] = {}
        for number in self.tree_numbers:
            for node, nominal in number.nodes.items():
                drawn = number.factor.draw(u[number.column], nominal)
                changes.setdefault(node, {})[number.field] = drawn
        group_nodes = {group_node.node: group_node for group_node in self.variant.tree.group_nodes}
        out: dict[int, GroupNode] = {}
        for node, change in changes.items():
            mean = group_nodes[node].aggregator
            if not isinstance(mean, Mean) or not mean.by_draw.issuperset(change):
                return None
            drawn_mean = mean.drawn(change)
            if not drawn_mean.sums:
                return None
            out[node] = _with_aggregator(group_nodes[node], drawn_mean, plan.tree.scale)
        return out

    def _one_by_one(
        self,
        plan: Plan,
        u: Array,
        weights: Array,
        indicators: Array | None,
        scratch: Scratch,
        out: Array | None,
    ) -> Array:
        draws = u.shape[1]
        out = np.empty((len(plan.wanted), draws, plan.units)) if out is None else out
        group_nodes = {group_node.node: group_node for group_node in self.variant.tree.group_nodes}
        for row in range(draws):
            changes: dict[int, dict[str, float]] = {}
            for number in self.tree_numbers:
                for node, nominal in number.nodes.items():
                    drawn = number.factor.draw(u[number.column, row : row + 1], nominal)
                    changes.setdefault(node, {})[number.field] = float(drawn[0])
            changed = {
                node: _with_parameters(group_nodes[node], change, plan.tree.scale)
                for node, change in changes.items()
            }
            values = None if indicators is None else indicators[row : row + 1]
            out[:, row : row + 1] = plan.run(
                weights[:, row : row + 1], scratch, indicators=values, changed=changed
            )
        return out

    # -- indicators ---------------------------------------------------------------------------------

    def indicators(
        self, u: Array, raw: Array | None, scratch: Scratch, *, fast: bool = False
    ) -> Array:
        """Return (draws, L, n) indicators on the scale."""
        scores = self.variant.scores
        draws, units = u.shape[1], len(self.has_value)
        if raw is not None and self._all_linear:
            linear_columns(self.steps, raw, scores._state.tree.scale, self.refit, fast=fast)
            if raw.shape[1] == scores._state.tree.n_indicators:
                return raw
        out = scratch.get("indicators", (draws, scores._state.tree.n_indicators, units))
        if len(self.changing) < scores._state.tree.n_indicators:
            out[...] = self._normalised.T
        if raw is not None and self._all_linear:
            out[:, self.changing] = raw
            return out
        for part in self.steps:
            if raw is None:
                x = np.broadcast_to(
                    scores._state.filled[self.rows][:, part.indices].T,
                    (draws, len(part.indices), units),
                )
            else:
                x = raw if len(part.rows) == raw.shape[1] else raw[:, part.rows]
            self._step(part, x, u, out)
        return out

    def _step(self, part: Columns, x: Array, u: Array, out: Array) -> None:
        scale = self.variant.tree.scale
        slow = [row for row, index in enumerate(part.indices) if self._is_slow(int(index), part)]
        quick = np.delete(np.arange(len(part.indices)), slow)
        if quick.size:
            quick_part = part if not slow else _only(part, quick)
            out[:, quick_part.indices] = normalised_columns(
                quick_part,
                x if not slow else x[:, quick],
                scale,
                self.refit,
                self._mover(quick_part, u),
            )
        for row in slow:
            index = int(part.indices[row])
            number = self.indicator_numbers[index]
            drawn = number.factor.draw(u[number.column], number.nominal)
            out[:, index] = self._with_number(
                _only(part, np.array([row])), x[:, row], number, drawn
            )

    def _is_slow(self, index: int, part: Columns) -> bool:
        number = self.indicator_numbers.get(index)
        if number is None:
            return False
        # Any parameter that is not handed on as it is changes what is learned.
        carried = number.family == "normalisation" and number.field in part.normaliser.carried
        return self.refit is not None or not carried

    @cached_property
    def _all_linear(self) -> bool:
        """True if every changing indicator is a clipped line between two ends that nothing else moves."""
        return not (self.indicator_numbers or self.goalposts) and all(
            is_linear(part, refit=self.refit is not None) for part in self.steps
        )

    def _mover(self, part: Columns, u: Array) -> Moved | None:
        """Return what moves learned arrays where goalposts or their ends are drawn; None where they are not."""
        if not any(
            int(p) in self.goalposts or int(p) in self.indicator_numbers for p in part.indices
        ):
            return None
        return lambda learned: self._moved(part, u, learned)

    def _moved(self, part: Columns, u: Array, learned: Learned) -> Learned:
        """Return learned arrays with one entry a (draw, indicator), their ends as drawn."""
        draws, k = u.shape[1], len(part.indices)
        out = {
            name: np.array(values).reshape(*np.shape(values)[:-1], draws, k)
            for name, values in learned.items()
        }
        straighten, bend = part.normaliser.straighten, part.normaliser.bend
        for row, index in enumerate(part.indices):
            number, posts = self.indicator_numbers.get(int(index)), self.goalposts.get(int(index))
            if number is not None:
                out[number.field][..., row] = number.factor.draw(u[number.column], number.nominal)
            if posts is not None:
                low, high = straighten(out["low"][..., row]), straighten(out["high"][..., row])
                length = high - low
                out["low"][..., row] = bend(low + posts.shift(u, posts.low) * length)
                out["high"][..., row] = bend(high + posts.shift(u, posts.high) * length)
        return {name: values.reshape(*values.shape[:-2], draws * k) for name, values in out.items()}

    def _with_number(self, part: Columns, x: Array, number: IndicatorNumber, drawn: Array) -> Array:
        """Return one indicator whose method takes another number in every draw, fitted draw by draw."""
        lower, upper = self.variant.tree.scale
        base = self.variant.scores._state.filled[:, part.indices][self.keep]
        out = np.empty(x.shape)
        for row, value in enumerate(drawn):
            treatment, normaliser = part.treatment, part.normaliser
            method: Any = treatment if number.family == "treatment" else normaliser
            method = type(method)(**{**method.model_dump(), number.field: float(value)})
            if number.family == "treatment":
                treatment = method
            else:
                normaliser = method
            column = x[row][:, None]
            reference = base if self.refit is None else column[self.keep]
            treated = treatment.fit(reference)
            learned = normaliser.fit(treatment.apply(reference, treated), part.sign)
            share = normaliser.apply(treatment.apply(column, treated), part.sign, learned)
            out[row] = (lower + share * (upper - lower))[:, 0]
        return out


def _with_aggregator(
    group_node: GroupNode, aggregator: Aggregator, scale: tuple[float, float]
) -> GroupNode:
    """Return the group with another aggregator."""
    affine = aggregator.affine_map(*scale)
    return GroupNode(
        group_node.node, group_node.children, aggregator, *affine, group_node.min_coverage
    )


def _with_parameters(
    group_node: GroupNode, changes: Mapping[str, Any], scale: tuple[float, float]
) -> GroupNode:
    """Return the group with other parameters of its aggregator, checked by the method itself."""
    if isinstance(group_node.aggregator, Wrapping):
        return _with_aggregator(group_node, group_node.aggregator.changed(dict(changes)), scale)
    parameters = group_node.aggregator.model_dump()
    aggregator: Aggregator = type(group_node.aggregator)(**{**parameters, **changes})
    return _with_aggregator(group_node, aggregator, scale)


def _merged(moves: Sequence[WeightMove]) -> tuple[WeightMove, ...]:
    """Merge the moves of one factor that takes every weight by itself."""
    out: list[WeightMove] = []
    for move in moves:
        last = out[-1] if out else None
        if last is not None and last.factor is move.factor and move.factor.elementwise:
            out[-1] = WeightMove(
                move.factor,
                np.concatenate([last.columns, move.columns]),
                np.concatenate([last.nodes, move.nodes]),
                np.concatenate([last.given, move.given]),
                (*last.names, *move.names),
            )
        else:
            out.append(move)
    return tuple(out)


def _only(part: Columns, rows: Index) -> Columns:
    return Columns(
        part.rows[rows],
        part.indices[rows],
        part.sign,
        part.treatment,
        part.normaliser,
        {name: values[..., rows] for name, values in part.treated.items()},
        {name: values[..., rows] for name, values in part.learned.items()},
    )
