"""The parameters that a model learns from a reference set: steps of treatment and normalisation, and weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .._util.types import Array, Index
from ..errors import DataError, DsrRiskError, NotScorableError, Problems
from ..framework.definition import Framework
from ..framework.nodes import Group
from ..methods.normalisation import Normaliser, units_needed
from ..methods.treatment import Learned, Treatment
from ..methods.weighting import Weighter
from .kernel import evaluate
from .pipeline import Step
from .tree import Scorable, Tree

__all__ = ["Block", "blocks", "learn_steps", "learn_weights"]

Block = tuple[Index, int, Treatment, Normaliser]
"""Indicators that go together: which, their direction and their methods."""


def blocks(framework: Framework) -> list[Block]:
    """Group the indicators that take the same methods in the same direction, so that columns go together."""
    groups: dict[tuple[int, Treatment, Normaliser], list[int]] = {}
    for index, indicator in enumerate(framework.indicators):
        treatment = indicator.treatment or framework.defaults.treatment
        normaliser = indicator.normalisation or framework.defaults.normalisation
        groups.setdefault((indicator.sign, treatment, normaliser), []).append(index)
    return [(np.array(columns, np.intp), *key) for key, columns in groups.items()]


def learn_steps(
    framework: Framework, raw: Array, origin: str, before: Sequence[Step] = ()
) -> tuple[Step, ...]:
    """Return treatment and normalisation of every indicator fitted on raw columns (units, L).

    What the treatments of the steps `before` learned from the same columns is not learned anew.
    """
    steps = []
    problems = Problems(origin)
    parts = blocks(framework)
    for columns, sign, treatment, normaliser in parts:
        part = raw if len(parts) == 1 else raw[:, columns]
        try:
            learned = _learned_before(before, columns, treatment)
            if learned is None:
                learned = treatment.fit(part)
            treated = treatment.apply(part, learned)
            normalised = normaliser.fit(treated, sign)
        except DataError:
            problems.extend(_refusals(framework, raw, columns, sign, treatment, normaliser))
            continue
        problems.extend(_too_few(framework, part, columns, normaliser))
        step = Step(columns, sign, treatment, normaliser, learned, normalised)
        problems.extend(_valueless(framework, step, part, treated))
        steps.append(step)
    problems.raise_as(DataError)
    return tuple(steps)


def _learned_before(before: Sequence[Step], columns: Index, treatment: Treatment) -> Learned | None:
    """Return what a treatment learned from these columns, None if it did not yet."""
    for step in before:
        if step.treatment == treatment and np.array_equal(step.indices, columns):
            return step.treated
    return None


def _refusals(
    framework: Framework,
    raw: Array,
    columns: Index,
    sign: int,
    treatment: Treatment,
    normaliser: Normaliser,
) -> list[str]:
    """Return the indicators that a method refuses, each on its own, and why."""
    problems = []
    for index in columns:
        column = raw[:, [index]]
        try:
            normaliser.fit(treatment.apply(column, treatment.fit(column)), sign)
        except DataError as error:
            problems.append(f"indicator `{framework.indicators[index].name}`: {error.message}")
    return problems


def _too_few(framework: Framework, raw: Array, columns: Index, normaliser: Normaliser) -> list[str]:
    """Return which indicators have too few values for a percentile: it would be the outermost unit's own value."""
    fields = type(normaliser).model_fields
    bounds = [getattr(normaliser, name) for name in ("low", "high", "reference") if name in fields]
    needed = max(map(units_needed, bounds), default=0)
    if not needed:
        return []
    percentile = max(bounds, key=units_needed)
    counts = (~np.isnan(raw)).sum(axis=0)
    return [
        f"indicator `{framework.indicators[index].name}`: normalisation `{normaliser.name}` learns `{percentile}` "
        f"from {count} values; it needs {needed}. Give the bound as a number in raw units, or apply a model that "
        "was fitted on more units (`--model`, `Model.score`)"
        for index, count in zip(columns, counts, strict=True)
        if count < needed and framework.indicators[index].weight > 0
    ]


def _valueless(framework: Framework, step: Step, raw: Array, treated: Array) -> list[str]:
    """Return which indicators have reference values that get no score: they must not pass for missing ones."""
    if not step.normaliser.learns:
        return []
    share = step.normaliser.apply(treated, step.sign, step.normalised)
    observed = ~np.isnan(raw)
    lost = (observed & np.isnan(share)).sum(axis=0)
    problems = []
    for column in np.flatnonzero(lost):
        indicator = framework.indicators[step.indices[column]]
        if indicator.weight == 0:
            continue
        seen = treated[observed[:, column], column]
        if raw[observed[:, column], column].max() > raw[observed[:, column], column].min() and (
            seen.max() == seen.min()
        ):
            why = f"treatment `{step.treatment.name}` leaves all its values the same; treat it otherwise"
        else:
            why = (
                f"normalisation `{step.normaliser.name}` has no score for {lost[column]} of its "
                f"{len(seen)} values, for the bounds that it learned from them coincide; give bounds as "
                "numbers, or take another"
            )
        problems.append(f"indicator `{indicator.name}`: {why}")
    return problems


def learn_weights(
    framework: Framework,
    tree: Tree,
    quality: Callable[[], Array],
    normalise: Callable[[Array], tuple[Array, Scorable]],
) -> Array:
    """Learn the weights of every group's children, bottom up: a weighter sees its children's scores.

    ``quality()`` returns the quality (L,) of the data of every indicator, and ``normalise(weights)`` the
    reference indicators on the scale and which nodes have a value; neither is called if all weights are
    given, and the latter only if a weighter looks at values.
    """
    weighters = {
        node.name: node.weighting or framework.defaults.weighting
        for node in framework.nodes
        if isinstance(node, Group)
    }
    weights = np.array(tree.weights)
    if all(weighter.name == "given" for weighter in weighters.values()):
        return weights
    qualities = np.zeros(len(tree.names))
    qualities[: tree.n_indicators] = quality()
    for group_node in tree.group_nodes:
        name, below = tree.names[group_node.node], group_node.children
        weighter = _on_scale(weighters[name], framework.scale)
        values = np.empty((0, 0))
        if weighter.reads_values:
            normalised, scorable = normalise(weights)
            values = evaluate(tree, normalised, weights, scorable.has_value)[0][:, below]
        try:
            learned = weighter.fit(values, weights[below], qualities[below])
        except DsrRiskError as error:
            children = ", ".join(tree.names[child] for child in below)
            raise type(error)(f"`{name}` (children {children}): {error.message}") from None
        _check_weights(weighter.name, name, learned)
        weights[below] = learned
        qualities[group_node.node] = (learned * qualities[below]).sum() / learned.sum()
    return weights


def _on_scale(weighter: Weighter, scale: tuple[float, float]) -> Weighter:
    """Return the weighter, on the scale of the framework where it has a scale and none was given."""
    if "scale" in type(weighter).model_fields and "scale" not in weighter.model_fields_set:
        return weighter.model_copy(update={"scale": scale})
    return weighter


def _check_weights(method: str, node: str, weights: Array) -> None:
    if not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() <= 0:
        raise NotScorableError(
            f"`{node}`: weighting `{method}` gave {np.round(weights, 4).tolist()}; weights must be finite, "
            "not negative and not all 0. Give them by hand (`weighting: given`)"
        )
