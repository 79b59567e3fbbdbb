"""Compile a design: check the factors, fit every combination of choices, and prepare what runs it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .._util.checks import one_of
from ..errors import FrameworkError, Problems
from ..factors import Factor, Imputed, ParameterFactor, WeightFactor, target_of
from ..framework.definition import Framework
from ..framework.factor_checks import factor_problems, indicators_below, methods_at
from ..framework.nodes import Group
from ..scoring.fitting import score_beside
from ..scoring.scores import Scores
from ..scoring.verbs import Source, Spec, as_scores
from .design import Design, Reference
from .drawing import Drawing
from .drawn_indicators import columns_of, has_value
from .layout import Layout
from .runner import Goalposts, IndicatorNumber, Numbers, Runner, TreeNumber, WeightMove
from .variants import Variant, compile_variants

__all__ = ["compile_design", "on_other_data", "only", "parse_factors"]


def compile_design(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    factors: Mapping[str, Any] | None = None,
    *,
    reference: Reference = "fixed",
) -> Design:
    """Prepare scores, or a framework and data, and factors for any number of draws.

    Parameters
    ----------
    framework, data
        As in ``score``, or Scores alone: what is scored, on the scale of its model.
    factors
        Factors by name, as in a framework's ``factors``; {} for none; the framework's own if None.
    reference
        "fixed": every draw is scored on the scale learned once from the data as given. "refit": drawn
        data are learned from anew in every draw.

    Raises
    ------
    FrameworkError
        With every factor, and every combination of choices, that breaks a rule.
    """
    one_of("reference", reference, ("fixed", "refit"))
    nominal = as_scores(framework, data)
    written = nominal.framework
    parsed = dict(written.factors if factors is None else parse_factors(written, factors))
    implicit = _estimated(nominal, parsed)
    return _compiled(nominal, parsed | implicit, reference, implicit)


def _compiled(
    nominal: Scores, factors: dict[str, Factor], reference: Reference, unchecked: Collection[str]
) -> Design:
    framework = nominal.framework
    variants = compile_variants(nominal, factors, refit=reference == "refit")
    draft = _Draft(
        nominal,
        factors,
        variants,
        reference,
        Layout(framework, factors),
        Drawing(framework, nominal.data, factors, nominal, variants),
    )
    _check(draft, unchecked)
    runners = tuple(_runner(draft, variant) for variant in variants)
    return Design(nominal, factors, variants, reference, draft.layout, draft.drawing, runners)


def only(design: Design, names: Collection[str]) -> Design:
    """Return the same design with some of its factors only; columns are laid out anew."""
    factors = {name: factor for name, factor in design.factors.items() if name in set(names)}
    return _compiled(design.nominal, factors, design.reference, factors)


def on_other_data(design: Design, scores: Scores) -> Design:
    """Return the same design on scores of other data; every model keeps what it learned.

    The same rows of the unit cube and the same streams then draw the same errors of both.
    """
    scored_before: dict[int, Scores] = {id(design.nominal): scores}

    def scored(before: Scores) -> Scores:
        if id(before) not in scored_before:
            scored_before[id(before)] = score_beside(before.model, scores)
        return scored_before[id(before)]

    variants = tuple(Variant(variant.label, scored(variant.scores)) for variant in design.variants)
    draft = _Draft(
        scores,
        design.factors,
        variants,
        design.reference,
        design.layout,
        Drawing(design.framework, scores.data, design.factors, scores, variants),
    )
    runners = tuple(_runner(draft, variant) for variant in variants)
    return Design(
        scores, design.factors, variants, design.reference, draft.layout, draft.drawing, runners
    )


def parse_factors(framework: Framework, factors: Mapping[str, Any]) -> dict[str, Factor]:
    """Parse factors, objects or plain data; raise FrameworkError with everything that is wrong."""
    if not isinstance(factors, Mapping):
        raise FrameworkError(
            "factors: expected a mapping of places to factors, such as "
            '{"*.weights": {"method": "spread", "share": 0.25}}, received '
            f"{type(factors).__name__}"
        )
    problems = Problems(f"framework `{framework.name}`, factors")
    parsed: dict[str, Factor] = {}
    for name, factor in factors.items():
        try:
            parsed[str(name)] = Factor.parse(factor)
        except FrameworkError as error:
            problems.add(f"factor `{name}`: {error.message}")
    problems.extend(factor_problems(framework, parsed))
    problems.raise_as(FrameworkError)
    return parsed


@dataclass(frozen=True, eq=False)
class _Draft:
    """A design before its runners."""

    nominal: Scores
    factors: Mapping[str, Factor]
    variants: tuple[Variant, ...]
    reference: Reference
    layout: Layout
    drawing: Drawing

    @property
    def framework(self) -> Framework:
        return self.nominal.framework

    @property
    def nodes(self) -> tuple[str, ...]:
        return self.nominal._state.tree.names


def _estimated(nominal: Scores, factors: Mapping[str, Factor]) -> dict[str, Factor]:
    """Return the factor that draws what the score estimates, if anything is estimated with an uncertainty.

    Missing cells have one model: the score uses the mean of its distribution, every draw a draw of it.
    Cells that a factor among `factors` fills are left to it.
    """
    estimates = nominal._state.estimates
    if not len(estimates.rows):
        return {}
    spread = (estimates.values != estimates.values[:1]).any()
    if not spread and not any(part.imputer.stochastic for part in nominal.model._imputations):
        return {}
    name = "*.missing" if "*.missing" not in factors else "estimated cells"
    if any(isinstance(factor, Imputed) for factor in factors.values()):
        return {}
    return {name: Imputed(at="*.missing")}


def _check(design: _Draft, unchecked: Collection[str]) -> None:
    problems = Problems(f"framework `{design.framework.name}`, factors")
    learned = _learned_by_indicator(design.nominal)
    for name, factor in design.factors.items():
        path = target_of(name, factor)
        if isinstance(factor, ParameterFactor) and path.part == "goalposts":
            for indicator in dict.fromkeys(part[0] for part, _ in design.layout.parts[name]):
                if not {"low", "high"} <= learned[indicator]:
                    problems.add(
                        f"factor `{name}`: the normalisation of `{indicator}` has no goalposts to move"
                    )
        if factor.name == "imputed" and name not in unchecked:
            default = design.framework.defaults.missing
            lacking = [
                indicator
                for indicator in indicators_below(design.framework, path.node)
                if (getattr(design.framework[indicator], "missing", None) or default).name
                == "share_weight"
            ]
            if lacking:
                problems.add(
                    f"factor `{name}`: no model of missing cells is set for {', '.join(lacking[:5])}"
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


def _runner(design: _Draft, variant: Variant) -> Runner:
    index_of = variant.tree.index
    moves: list[WeightMove] = []
    numbers: list[TreeNumber] = []
    indicator_numbers: dict[int, IndicatorNumber] = {}
    posts: dict[int, Goalposts] = {}
    learned = _learned_by_indicator(variant.scores)
    for name, factor in design.factors.items():
        parts = design.layout.parts[name]
        if isinstance(factor, WeightFactor):
            moves += [
                move for group, cols in parts if (move := _move(factor, group, cols, variant))
            ]
        elif isinstance(factor, ParameterFactor):
            where = target_of(name, factor)
            if where.part == "goalposts":
                for (indicator, end), cols in parts:
                    if indicator in index_of and {"low", "high"} <= learned[indicator]:
                        before = posts.get(index_of[indicator], Goalposts(factor))
                        posts[index_of[indicator]] = replace(before, **{end: cols.start})
                continue
            _number(design, factor, where, parts[0][1].start, variant, numbers, indicator_numbers)
    changing = set(design.drawing.moves(variant)) | set(indicator_numbers) | set(posts)
    steps = columns_of(variant.scores, np.array(sorted(changing), np.intp))
    return Runner(
        variant,
        has_value(variant.scores, design.drawing.filled_in(variant)),
        moves,
        Numbers(numbers, indicator_numbers, posts),
        steps,
        refit=design.reference == "refit" and bool(len(design.drawing.columns)),
    )


def _number(
    design: _Draft,
    factor: ParameterFactor,
    where: Any,
    column: int,
    variant: Variant,
    numbers: list[TreeNumber],
    indicator_numbers: dict[int, IndicatorNumber],
) -> None:
    """Add a parameter where this variant has it; options without it leave the factor without effect."""
    family, _, field = where.part.partition(".")
    index_of = variant.tree.index
    nominal = {
        index_of[node]: float(getattr(method, field))
        for node in methods_at(design.framework, where.node, family)
        if node in index_of
        and isinstance(getattr(method := _method(variant, node, family), field, None), float)
    }
    if family == "aggregation":
        if nominal:
            numbers.append(TreeNumber(factor, column, field, nominal))
    else:
        for indicator, value in nominal.items():
            indicator_numbers[indicator] = IndicatorNumber(factor, column, family, field, value)


def _move(factor: WeightFactor, group: Group, cols: slice, variant: Variant) -> WeightMove | None:
    """Return how a weight factor acts on a group of this variant; None where the variant lacks the group."""
    index_of = variant.tree.index
    if group.name not in index_of:
        return None
    kept = [row for row, child in enumerate(group.children) if child.name in index_of]
    names = tuple(group.children[row].name for row in kept)
    nodes = np.array([index_of[name] for name in names], np.intp)
    columns = np.arange(cols.start, cols.stop)
    if len(columns) == len(group.children):
        columns = columns[kept]
    return WeightMove(factor, columns, nodes, variant.weights[nodes], names)


def _method(variant: Variant, node: str, family: str) -> Any:
    framework = variant.model.framework
    written_node = framework[node]
    return getattr(written_node, family, None) or getattr(framework.defaults, family)


def _learned_by_indicator(scores: Scores) -> dict[str, set[str]]:
    names = scores._state.tree.names
    return {
        names[column]: set(step.normalised)
        for step in scores._pipeline.steps
        for column in step.indices
    }
