"""What a model learns from a reference set: steps of treatment and normalisation, and weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._util.frozen import Frozen
from .._util.types import Array, Mask
from ..data.dataset import Data
from ..errors import DataError, DsrRiskError, NotScorableError, Problems
from ..framework.definition import Framework, Group, Indicator
from ..methods.normalisation import Normaliser
from ..methods.treatment import Learned, Treatment
from ..methods.weighting import Weighter
from .kernel import evaluate
from .prepare import Prepared, prepare
from .tree import Scorable, Tree, coverage

__all__ = ["Step", "blocks", "counted", "learn_steps", "learn_weights", "reference_of"]


@dataclass(frozen=True)
class Step(Frozen):
    """Leaves that share a treatment, a normalisation and a direction, and what was learned for them.

    Learned arrays have one entry a leaf on their last axis.
    """

    places: NDArray[np.intp]
    sign: int
    treatment: Treatment
    normaliser: Normaliser
    treated: Learned
    normalised: Learned


def counted(
    framework: Framework,
    tree: Tree,
    weights: Array,
    normalised: Array,
    imputed: Mask | None,
    applicable: Mask,
) -> Scorable:
    """Which nodes have a value; an imputed cell counts as observed only if the framework says so."""
    known = ~np.isnan(normalised)
    if imputed is None or framework.defaults.imputed_counts:
        return coverage(tree, weights, known, applicable)
    return coverage(tree, weights, known & ~imputed, applicable, known & imputed)


def blocks(
    framework: Framework,
) -> list[tuple[NDArray[np.intp], int, Treatment, Normaliser]]:
    """Leaves that take the same methods in the same direction, so that columns go together."""
    groups: dict[tuple[int, Treatment, Normaliser], list[int]] = {}
    for place, leaf in enumerate(framework.indicators):
        treatment = leaf.treatment or framework.defaults.treatment
        normaliser = leaf.normalisation or framework.defaults.normalisation
        groups.setdefault((leaf.sign, treatment, normaliser), []).append(place)
    return [(np.array(places, np.intp), *key) for key, places in groups.items()]


def learn_steps(framework: Framework, raw: Array, origin: str) -> tuple[Step, ...]:
    """Treatment and normalisation of every leaf fitted on raw columns (units, L)."""
    steps = []
    problems = Problems(origin)
    parts = blocks(framework)
    for places, sign, treatment, normaliser in parts:
        part = raw if len(parts) == 1 else raw[:, places]
        try:
            learned = treatment.fit(part)
            treated = treatment.apply(part, learned)
            normalised = normaliser.fit(treated, sign)
        except DataError:
            problems.extend(_refusals(framework, raw, places, sign, treatment, normaliser))
            continue
        step = Step(places, sign, treatment, normaliser, learned, normalised)
        problems.extend(_valueless(framework, step, part, treated))
        steps.append(step)
    problems.raise_as(DataError)
    return tuple(steps)


def _refusals(
    framework: Framework,
    raw: Array,
    places: NDArray[np.intp],
    sign: int,
    treatment: Treatment,
    normaliser: Normaliser,
) -> list[str]:
    """Which leaves a method refuses, each on its own, and why."""
    found = []
    for place in places:
        column = raw[:, [place]]
        try:
            normaliser.fit(treatment.apply(column, treatment.fit(column)), sign)
        except DataError as error:
            found.append(f"indicator `{framework.indicators[place].name}`: {error.message}")
    return found


def _valueless(framework: Framework, step: Step, raw: Array, treated: Array) -> list[str]:
    """Which leaves have reference values that get no score: they must not pass for missing ones."""
    if not step.normaliser.learns:
        return []
    share = step.normaliser.apply(treated, step.sign, step.normalised)
    known = ~np.isnan(raw)
    lost = (known & np.isnan(share)).sum(axis=0)
    found = []
    for column in np.flatnonzero(lost):
        leaf = framework.indicators[step.places[column]]
        if leaf.weight == 0:
            continue
        seen = treated[known[:, column], column]
        if raw[known[:, column], column].max() > raw[known[:, column], column].min() and (
            seen.max() == seen.min()
        ):
            why = f"treatment `{step.treatment.name}` leaves all its values the same; treat it otherwise"
        else:
            why = (
                f"normalisation `{step.normaliser.name}` has no score for {lost[column]} of its "
                f"{len(seen)} values, for the bounds that it learned from them coincide; give bounds as "
                "numbers, or take another"
            )
        found.append(f"indicator `{leaf.name}`: {why}")
    return found


def reference_of(framework: Framework, data: Data, *, strict: bool = False) -> Prepared:
    """What the framework takes from a reference set, checked: DataError with everything that is wrong."""
    problems = Problems(data.origin)
    try:
        prepared = prepare(framework, data, strict=strict)
    except DataError as error:
        if not isinstance(error.partial, Prepared):
            raise
        prepared = error.partial
        problems.extend(error.problems)
    _check_columns(framework, prepared, data, problems)
    problems.raise_as(DataError)
    return prepared


def _check_columns(
    framework: Framework, prepared: Prepared, data: Data, problems: Problems
) -> None:
    if prepared.focal.all():
        return
    keep = ~prepared.focal
    raw = prepared.denominated if keep.all() else prepared.denominated[keep]
    left_out = {
        place for place, leaf in enumerate(framework.indicators) if leaf.focal and prepared.notes
    }
    with np.errstate(invalid="ignore", over="ignore"):
        low, high = np.fmin.reduce(raw, axis=0), np.fmax.reduce(raw, axis=0)
        spread = high - low
    counts = (~np.isnan(raw)).sum(axis=0)
    for place, leaf in enumerate(framework.indicators):
        if leaf.weight == 0 or (place in left_out and counts[place] == 0):
            continue
        if leaf.data_column not in data.columns:
            continue  # said already, or optional
        if counts[place] == 0 and not leaf.optional:
            problems.add(
                f"indicator `{leaf.name}` is empty: no country has a value; fill it, mark it "
                f"`optional: true`, or take it out of the framework (`replace({{'{leaf.name}': None}})`)"
            )
        elif counts[place] and np.isinf(spread[place]):
            problems.add(
                f"indicator `{leaf.name}` runs from {low[place]:g} to {high[place]:g}, further than numbers "
                "of 64 bits can tell apart; give it in a larger unit"
            )
        elif (
            counts[place]
            and low[place] == high[place]
            and _needs_spread(framework, leaf, counts[place])
        ):
            problems.add(
                f"indicator `{leaf.name}` is constant: {_all(counts[place])} {low[place]:g}, so "
                f"it cannot tell countries apart; take it out of the framework (`replace({{'{leaf.name}': "
                "None})`), or score with a model fitted on a larger reference set (`fit(...).score(...)`, "
                "`--model FILE`)"
            )


def _all(count: int) -> str:
    return f"all {count} values are" if count > 1 else "its only value is"


def _needs_spread(framework: Framework, leaf: Indicator, count: int) -> bool:
    normaliser = leaf.normalisation or framework.defaults.normalisation
    return count > 1 or normaliser.learns


def learn_weights(
    framework: Framework,
    tree: Tree,
    data: Data,
    excluded: NDArray[np.object_],
    normalise: Callable[[], tuple[Array, Mask | None, Mask]],
) -> Array:
    """Weights of every group's children, bottom up, so that a weighter sees its children's scores.

    ``normalise`` gives the reference leaves on the scale, which of them are imputed and which apply; it
    is only called if a weighter looks at data. Countries in `excluded` do not count in data quality.
    """
    weighters = {
        node.name: node.weighting or framework.defaults.weighting
        for node in framework.nodes
        if isinstance(node, Group)
    }
    weights = np.array(tree.weights)
    if all(weighter.name == "given" for weighter in weighters.values()):
        return weights
    quality = np.zeros(len(tree.names))
    columns = [leaf.data_column for leaf in framework.indicators]
    quality[: tree.leaves] = data.quality(columns, excluded=excluded)
    normalised, imputed, applicable = normalise()
    for branch in tree.branches:
        name, below = tree.names[branch.node], branch.children
        weighter = _on_scale(weighters[name], framework.scale)
        values = np.empty((len(normalised), 0))
        if weighter.reads_values:
            scorable = counted(framework, tree, weights, normalised, imputed, applicable)
            values = evaluate(tree, normalised, weights, scorable.has_value)[0][:, below]
        try:
            learned = weighter.fit(values, weights[below], quality[below])
        except DsrRiskError as error:
            children = ", ".join(tree.names[child] for child in below)
            raise type(error)(f"`{name}` (children {children}): {error.message}") from None
        _check_weights(weighter.name, name, learned)
        weights[below] = learned
        quality[branch.node] = (learned * quality[below]).sum() / learned.sum()
    return weights


def _on_scale(weighter: Weighter, scale: tuple[float, float]) -> Weighter:
    """A weighter that asks for the scale of scores gets the framework's, unless it was given one."""
    if "scale" in type(weighter).model_fields and "scale" not in weighter.model_fields_set:
        return weighter.model_copy(update={"scale": scale})
    return weighter


def _check_weights(method: str, node: str, weights: Array) -> None:
    if not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() <= 0:
        raise NotScorableError(
            f"`{node}`: weighting `{method}` gave {np.round(weights, 4).tolist()}; weights must be finite, "
            "not negative and not all 0. Give them by hand (`weighting: given`)"
        )
