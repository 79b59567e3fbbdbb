"""The variants of a framework that discrete choices make, each compiled once."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._util.types import Array
from ..data.dataset import Data
from ..errors import DsrRiskError, FrameworkError, Problems
from ..factors import Choice, Factor, place_of
from ..factors.choices import AS_WRITTEN
from ..framework.definition import Framework
from ..framework.factor_checks import leaves_below
from ..scoring.model import Model, fit
from ..scoring.scores import Scores
from ..scoring.tree import Scorable, Tree

__all__ = ["MOST_VARIANTS", "Variant", "compile_variants"]


MOST_VARIANTS = 4096
"""More combinations of choices than this are refused: each is fitted once and held."""

LEAF_PARTS = ("imputation", "treatment", "normalisation")


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
        return self.scores.tree

    @property
    def weights(self) -> Array:
        """(N,) weights among siblings under these options."""
        return self.scores.weights

    @property
    def scorable(self) -> Scorable:
        """Which nodes have a value, at these weights."""
        return self.scores.scorable


def compile_variants(
    framework: Framework, data: Data, factors: Mapping[str, Factor]
) -> tuple[tuple[Variant, ...], Scores]:
    """Every combination of the choices among `factors`, and the scores as written.

    Combinations come in the order of itertools.product, the last factor changing fastest.

    Raises
    ------
    FrameworkError
        For combinations that break a rule, each named, or too many of them.
    """
    choices = {name: one for name, one in factors.items() if isinstance(one, Choice)}
    count = int(np.prod([float(one.count) for one in choices.values()]))
    if count > MOST_VARIANTS:
        raise FrameworkError(
            f"the choices of {len(choices)} factors make {count:,} combinations, and at most "
            f"{MOST_VARIANTS:,} are possible; choose for a whole group or `*` at once, or write the "
            "combinations that matter as `sets` of one factor"
        )
    # What does not bear on scores is left out: a replacement then costs a quarter.
    bare = framework.model_copy(update={"mechanisms": (), "factors": {}})
    nominal = fit(bare, data).score(data)
    options = [_options(framework, name, one) for name, one in choices.items()]
    problems = Problems(f"framework `{framework.name}`, choices")
    for name, some in zip(choices, options, strict=True):
        problems.extend(_option_problems(bare, name, some))
    problems.extend(_overlaps(list(choices), options))
    problems.raise_as(FrameworkError)
    problems = Problems(f"framework `{framework.name}`, combinations of choices")
    found: list[Variant] = []
    known: dict[str, Scores] = {}
    for parts in itertools.product(*options):
        label = ", ".join(f"{name}: {one[0]}" for name, one in zip(choices, parts, strict=True))
        changes = {path: value for _, change in parts for path, value in change.items()}
        try:
            scores = _scored(bare, data, changes, nominal, known)
        except DsrRiskError as error:
            problems.add(f"{label}: {_said(error)}")
            continue
        found.append(Variant(label, scores))
    problems.raise_as(FrameworkError)
    return tuple(found), nominal


def _scored(
    framework: Framework,
    data: Data,
    changes: Mapping[str, Any],
    nominal: Scores,
    known: dict[str, Scores],
) -> Scores:
    if not changes:
        return nominal
    replaced = framework.replace(changes)
    key = replaced.fingerprint
    if key not in known:
        known[key] = fit(replaced, data).score(data)
    return known[key]


def _said(error: DsrRiskError) -> str:
    """The first of an error's problems; the others are mostly the same of other indicators."""
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
            lines.append(f"factor `{name}`, option {label}: {_said(error)}")
    return lines


def _overlaps(
    names: Sequence[str], options: Sequence[Sequence[tuple[str, dict[str, Any]]]]
) -> list[str]:
    """Factors that change the same place, of which only one would count."""
    owner: dict[str, str] = {}
    lines = {}
    for name, some in zip(names, options, strict=True):
        for path in {path for _, changes in some for path in changes}:
            if owner.setdefault(path, name) != name:
                lines[owner[path], name] = (
                    f"factors `{owner[path]}` and `{name}` both change `{path}`; keep one, or write both "
                    "as `sets` of one factor"
                )
    return list(lines.values())


def _options(framework: Framework, name: str, factor: Choice) -> list[tuple[str, dict[str, Any]]]:
    """The label and the replacements of every option."""
    if factor.sets is not None:
        return [
            (label, dict(framework.presets[one] if isinstance(one, str) else one))
            for label, one in factor.sets.items()
        ]
    place = place_of(name, factor)
    paths = [str(place)]
    if place.node and place.part in LEAF_PARTS and place.node != "defaults":
        paths = [f"{leaf}.{place.part}" for leaf in leaves_below(framework, place.node)]
    elif place.node == "*":
        paths = [
            f"{node.name}.{place.part}" for node in framework.nodes if hasattr(node, "children")
        ]
    return [
        (label, {} if option == AS_WRITTEN else dict.fromkeys(paths, option))
        for label, option in zip(factor.labels, factor.options or (), strict=True)
    ]
