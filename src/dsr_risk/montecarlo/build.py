"""From a design to runners: what each combination of choices asks of every draw, checked first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import FrameworkError, Problems
from ..factors import ParameterFactor, WeightFactor, place_of
from ..framework.definition import Group
from ..framework.factor_checks import methods_at
from ..scoring.scores import Scores
from .leaves import columns_of, has_value
from .runner import Goalposts, LeafNumber, Runner, TreeNumber, WeightMove
from .variants import Variant

if TYPE_CHECKING:
    from .design import Design

__all__ = ["runners_of"]


def runners_of(design: Design) -> tuple[Runner, ...]:
    """The runner of every variant, in order.

    Raises
    ------
    FrameworkError
        For factors that act on nothing, and a reference that cannot be refitted.
    """
    _check(design)
    return tuple(_runner(design, one) for one in design.variants)


def _check(design: Design) -> None:
    problems = Problems(f"framework `{design.framework.name}`, factors")
    learned = _learned_by_leaf(design.nominal)
    for name, factor in design.factors.items():
        place = place_of(name, factor)
        if isinstance(factor, ParameterFactor) and place.part == "goalposts":
            for leaf, _ in design.layout.parts[name]:
                if not {"low", "high"} <= learned[leaf]:
                    problems.add(
                        f"factor `{name}`: the normalisation of `{leaf}` has no goalposts to move"
                    )
        if factor.name == "imputed":
            filling = {int(p) for one in design.nominal.model.imputations for p in one.places}
            lacking = [
                design.nodes[p] for p in design.drawing.acts_on[name] if int(p) not in filling
            ]
            if lacking:
                problems.add(
                    f"factor `{name}`: no imputation is set for {', '.join(lacking[:5])}"
                    f"{' and others' if len(lacking) > 5 else ''}; set one, or use method `peers`"
                )
    if design.reference == "refit" and any(
        (node.weighting or design.framework.defaults.weighting).reads_values
        for node in design.framework.nodes
        if isinstance(node, Group)
    ):
        problems.add(
            '`reference="refit"` is not possible with weights learned from the scores; give the '
            "weights, or keep the reference fixed"
        )
    problems.raise_as(FrameworkError)


def _runner(design: Design, variant: Variant) -> Runner:
    place = variant.tree.index
    moves: list[WeightMove] = []
    numbers: list[TreeNumber] = []
    leaf_numbers: dict[int, LeafNumber] = {}
    posts: dict[int, Goalposts] = {}
    learned = _learned_by_leaf(variant.scores)
    for name, factor in design.factors.items():
        parts = design.layout.parts[name]
        if isinstance(factor, WeightFactor):
            moves += [
                move for group, cols in parts if (move := _move(factor, group, cols, variant))
            ]
        elif isinstance(factor, ParameterFactor):
            where = place_of(name, factor)
            if where.part == "goalposts":
                for leaf, cols in parts:
                    if leaf in place and {"low", "high"} <= learned[leaf]:
                        posts[place[leaf]] = Goalposts(factor, cols.start, cols.stop - 1)
                continue
            _number(design, factor, where, parts[0][1].start, variant, numbers, leaf_numbers)
    names = [design.nodes[one] for one in design.drawing.leaves]
    changing = {place[one] for one in names if one in place} | set(leaf_numbers) | set(posts)
    steps = columns_of(variant.scores, np.array(sorted(changing), np.intp))
    return Runner(
        variant,
        has_value(variant.scores, design.drawing.filled_in(variant)),
        moves,
        numbers,
        leaf_numbers,
        posts,
        steps,
        refit=design.reference == "refit" and bool(len(design.drawing.leaves)),
    )


def _number(
    design: Design,
    factor: ParameterFactor,
    where: Any,
    column: int,
    variant: Variant,
    numbers: list[TreeNumber],
    leaf_numbers: dict[int, LeafNumber],
) -> None:
    """A parameter where this variant has it; options without it leave the factor without effect."""
    family, _, field = where.part.partition(".")
    place = variant.tree.index
    nominal = {
        place[node]: float(getattr(method, field))
        for node in methods_at(design.framework, where.node, family)
        if node in place
        and isinstance(getattr(method := _method(variant, node, family), field, None), float)
    }
    if family == "aggregation":
        if nominal:
            numbers.append(TreeNumber(factor, column, field, nominal))
    else:
        for leaf, value in nominal.items():
            leaf_numbers[leaf] = LeafNumber(factor, column, family, field, value)


def _move(factor: WeightFactor, group: Group, cols: slice, variant: Variant) -> WeightMove | None:
    """How a weight factor acts on a group of this variant; None where the group is gone."""
    place = variant.tree.index
    if group.name not in place:
        return None
    kept = [row for row, child in enumerate(group.children) if child.name in place]
    names = tuple(group.children[row].name for row in kept)
    nodes = np.array([place[name] for name in names], np.intp)
    columns = np.arange(cols.start, cols.stop)
    if len(columns) == len(group.children):
        columns = columns[kept]
    return WeightMove(factor, columns, nodes, variant.weights[nodes], names)


def _method(variant: Variant, node: str, family: str) -> Any:
    framework = variant.model.framework
    own = framework[node]
    return getattr(own, family, None) or getattr(framework.defaults, family)


def _learned_by_leaf(scores: Scores) -> dict[str, set[str]]:
    names = scores.tree.names
    return {
        names[place]: set(step.normalised) for step in scores.model.steps for place in step.places
    }
