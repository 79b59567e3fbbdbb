"""The variants of a framework that discrete choices make, each compiled once."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._util.types import Array
from ..errors import DsrRiskError, FrameworkError, Problems
from ..factors import Choice, Factor, target_of
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
    _check_overlaps(bare, list(choices), options)
    problems = Problems(f"framework `{bare.name}`, combinations of choices")
    combined = _combined(bare, list(choices), options, problems)
    out: list[Variant] = []
    scored_before: dict[str, Scores] = {}
    for label, framework in combined:
        try:
            scores = nominal if framework is bare else _scored(framework, nominal, scored_before)
        except DsrRiskError as error:
            problems.add(f"{label}: {_first_problem(error)}")
            continue
        out.append(Variant(label, scores))
    problems.raise_as(FrameworkError)
    return tuple(out)


Options = Sequence[tuple[str, dict[str, Any]]]
"""Labels and replacements of the options of one factor."""


def _combined(
    bare: Framework, names: Sequence[str], options: Sequence[Options], problems: Problems
) -> list[tuple[str, Framework]]:
    """Return the framework of every combination with its label, `bare` itself where nothing changes.

    Combinations that break a rule are added to `problems`.

    Raises
    ------
    FrameworkError
        For options that are wrong by themselves.
    """
    out: list[tuple[str, Framework]] = []
    for parts in itertools.product(*options):
        label = ", ".join(f"{name}: {part[0]}" for name, part in zip(names, parts, strict=True))
        changes = {path: value for _, change in parts for path, value in change.items()}
        try:
            out.append((label, bare.replace(changes) if changes else bare))
        except DsrRiskError as error:
            if not problems:
                _option_problems(bare, names, options).raise_as(FrameworkError)
            problems.add(f"{label}: {_first_problem(error)}")
    return out


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


def _scored(framework: Framework, nominal: Scores, scored_before: dict[str, Scores]) -> Scores:
    key = framework.fingerprint
    if key not in scored_before:
        scored_before[key] = fit_variant(framework, nominal, list(scored_before.values()))
    return scored_before[key]


def _first_problem(error: DsrRiskError) -> str:
    """Return the first of an error's problems; the others are mostly the same of other indicators."""
    first, *rest = error.problems or (error.message,)
    return f"{first} (and {len(rest)} more)" if rest else first


def _option_problems(
    framework: Framework, names: Sequence[str], options: Sequence[Options]
) -> Problems:
    """Return the problems of options that are wrong by themselves, once each and not by combination."""
    problems = Problems(f"framework `{framework.name}`, choices")
    for name, of_factor in zip(names, options, strict=True):
        for label, changes in of_factor:
            try:
                framework.replace(changes)
            except DsrRiskError as error:
                problems.add(f"factor `{name}`, option {label}: {_first_problem(error)}")
    return problems


def _check_overlaps(framework: Framework, names: Sequence[str], options: Sequence[Options]) -> None:
    """Raise FrameworkError where factors change the same place, with the options that are wrong as well."""
    lines = _overlaps(names, options)
    if lines:
        problems = _option_problems(framework, names, options)
        problems.extend(lines)
        problems.raise_as(FrameworkError)


def _overlaps(names: Sequence[str], options: Sequence[Options]) -> list[str]:
    """Return the problems of factors that change the same place, of which only one would count."""
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
    path = target_of(name, factor)
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
