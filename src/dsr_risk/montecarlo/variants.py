"""The variants of a framework that discrete choices make, each compiled once."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._util.types import Array
from ..errors import DsrRiskError, FrameworkError, Problems
from ..factors import Choice, Factor, place_of
from ..factors.choices import AS_WRITTEN
from ..framework.definition import Framework
from ..framework.factor_checks import indicators_below
from ..scoring.fitting import fit_variant
from ..scoring.model import Model
from ..scoring.scores import Scores
from ..scoring.tree import Scorable, Tree

__all__ = ["MOST_VARIANTS", "Variant", "compile_variants"]


MOST_VARIANTS = 4096
"""More combinations of choices than this are refused: each is fitted once and held."""

INDICATOR_PARTS = ("missing", "treatment", "normalisation")


@dataclass(frozen=True, eq=False)
class Variant:
    """One combination of options: its fitted model and the scores of the data under it."""

    label: str
    scores: Scores

    @property
    def model(self) -> Model:
        """The model fitted under these options."""
        return self.scores.model

    @property
    def tree(self) -> Tree:
        """The tree under these options."""
        return self.scores._state.tree

    @property
    def weights(self) -> Array:
        """(N,) weights among siblings under these options."""
        return self.scores._state.weights

    @property
    def scorable(self) -> Scorable:
        """Return the nodes that have a value at these weights."""
        return self.scores._state.scorable


def compile_variants(
    nominal: Scores, factors: Mapping[str, Factor], *, refit: bool = False
) -> tuple[Variant, ...]:
    """Fit every combination of the choices among `factors`; `nominal` are the scores as written.

    Combinations come in the order of itertools.product, the last factor changing fastest.

    Raises
    ------
    FrameworkError
        For combinations that break a rule, each named, or too many of them; and for scores on the scale
        of other data where a choice, or a draw with `refit`, has to be fitted.
    """
    choices = {name: factor for name, factor in factors.items() if isinstance(factor, Choice)}
    count = int(np.prod([float(factor.count) for factor in choices.values()]))
    if count > MOST_VARIANTS:
        raise FrameworkError(
            f"the choices of {len(choices)} factors make {count:,} combinations, and at most "
            f"{MOST_VARIANTS:,} are possible; choose for a whole group or `*` at once, or write the "
            "combinations that matter as `sets` of one factor"
        )
    if choices or refit:
        _check_reference(nominal, next(iter(choices), None))
    # What does not bear on scores is left out: a replacement then costs a quarter.
    bare = nominal.framework.model_copy(update={"mechanisms": (), "factors": {}})
    options = [_options(nominal.framework, name, factor) for name, factor in choices.items()]
    problems = Problems(f"framework `{bare.name}`, choices")
    for name, methods in zip(choices, options, strict=True):
        problems.extend(_option_problems(bare, name, methods))
    problems.extend(_overlaps(list(choices), options))
    problems.raise_as(FrameworkError)
    problems = Problems(f"framework `{bare.name}`, combinations of choices")
    out: list[Variant] = []
    scored_before: dict[str, Scores] = {}
    for parts in itertools.product(*options):
        label = ", ".join(f"{name}: {part[0]}" for name, part in zip(choices, parts, strict=True))
        changes = {path: value for _, change in parts for path, value in change.items()}
        try:
            scores = _scored(bare, changes, nominal, scored_before)
        except DsrRiskError as error:
            problems.add(f"{label}: {_first_problem(error)}")
            continue
        out.append(Variant(label, scores))
    problems.raise_as(FrameworkError)
    return tuple(out)


def _check_reference(nominal: Scores, choice: str | None) -> None:
    """Raise FrameworkError if the model of the scores was fitted on other data."""
    if nominal.model.reference.fingerprint != nominal.data.fingerprint:
        subject = (
            'draws with `reference="refit"`' if choice is None else f"the options of `{choice}`"
        )
        raise FrameworkError(
            f"{subject} are fitted on the data, and these scores are on the scale of other data "
            f"({nominal.model.reference.origin}); use the scores of `score(framework, data)`, or factors "
            "that need no fit"
        )


def _scored(
    framework: Framework,
    changes: Mapping[str, Any],
    nominal: Scores,
    scored_before: dict[str, Scores],
) -> Scores:
    if not changes:
        return nominal
    replaced = framework.replace(changes)
    key = replaced.fingerprint
    if key not in scored_before:
        scored_before[key] = fit_variant(replaced, nominal, list(scored_before.values()))
    return scored_before[key]


def _first_problem(error: DsrRiskError) -> str:
    """Return the first of an error's problems; the others are mostly the same of other indicators."""
    first, *rest = error.problems or (error.message,)
    return f"{first} (and {len(rest)} more)" if rest else first


def _option_problems(
    framework: Framework, name: str, options: Sequence[tuple[str, dict[str, Any]]]
) -> list[str]:
    """Options that are wrong by themselves, so that they are said once and not by combination."""
    lines = []
    for label, changes in options:
        try:
            framework.replace(changes)
        except DsrRiskError as error:
            lines.append(f"factor `{name}`, option {label}: {_first_problem(error)}")
    return lines


def _overlaps(
    names: Sequence[str], options: Sequence[Sequence[tuple[str, dict[str, Any]]]]
) -> list[str]:
    """Factors that change the same place, of which only one would count."""
    owner: dict[str, str] = {}
    lines = {}
    for name, changed in zip(names, options, strict=True):
        for path in {path for _, changes in changed for path in changes}:
            if owner.setdefault(path, name) != name:
                lines[owner[path], name] = (
                    f"factors `{owner[path]}` and `{name}` both change `{path}`; keep one, or write both "
                    "as `sets` of one factor"
                )
    return list(lines.values())


def _options(framework: Framework, name: str, factor: Choice) -> list[tuple[str, dict[str, Any]]]:
    """Return the label and the replacements of every option."""
    if factor.sets is not None:
        return [
            (label, dict(framework.presets[value] if isinstance(value, str) else value))
            for label, value in factor.sets.items()
        ]
    path = place_of(name, factor)
    paths = [str(path)]
    if path.node and path.part in INDICATOR_PARTS and path.node != "defaults":
        paths = [f"{indicator}.{path.part}" for indicator in indicators_below(framework, path.node)]
    elif path.node == "*":
        paths = [
            f"{node.name}.{path.part}" for node in framework.nodes if hasattr(node, "children")
        ]
    return [
        (label, {} if option == AS_WRITTEN else dict.fromkeys(paths, option))
        for label, option in zip(factor.labels, factor.options or (), strict=True)
    ]
