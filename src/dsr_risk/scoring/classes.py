"""Classes of countries by which goalposts differ: the class of every unit, and what is wrong with them."""

from __future__ import annotations

import numpy as np

from .._util.types import Labels, Mask
from ..data.countries import country_table
from ..data.dataset import Data
from ..errors import DataError, Problems, did_you_mean
from ..framework.definition import Framework
from ..framework.nodes import Indicator
from .auxiliary import LABELS, labels_of

__all__ = ["check_classes", "labels_in", "without_class"]

PEERS = "peers"


def labels_in(framework: Framework, grouping: str, data: Data) -> Labels:
    """Return the class of every unit in a grouping, None where it has none."""
    if grouping != PEERS:
        return labels_of(grouping, data)
    label = {code: name for name, codes in framework.peers.items() for code in codes}
    return np.array([label.get(code) for code in data.iso3], dtype=object)


def _by_class(framework: Framework) -> list[tuple[Indicator, str, tuple[str, ...]]]:
    """Return the indicators whose goalposts differ by class, with the grouping and the classes with bounds."""
    default = framework.defaults.normalisation
    methods = [
        (indicator, indicator.normalisation or default) for indicator in framework.indicators
    ]
    return [
        (indicator, method.grouping, method.classes)
        for indicator, method in methods
        if method.grouping is not None
    ]


def check_classes(framework: Framework, data: Data, keep: Mask) -> None:
    """Check the classes of goalposts on the reference units `keep`.

    Raises
    ------
    DataError
        For a class that has no country or does not exist, and for one that has countries and no bound.
    """
    problems = Problems(data.origin)
    for indicator, grouping, classes in _by_class(framework):
        labels = {label for label in labels_in(framework, grouping, data)[keep] if label}
        start = f"indicator `{indicator.name}`: goalposts by {grouping}"
        if not labels:
            problems.add(f"{start}: no unit of the data has a class")
            continue
        every = _classes_of(framework, grouping)
        unknown = [label for label in classes if label not in every]
        problems.extend(
            f"{start}: unknown class `{label}`; {did_you_mean(label, every)}" for label in unknown
        )
        empty = [label for label in classes if label in every and label not in labels]
        if empty:
            problems.add(
                f"{start}: no country of the data is of the class {_listed(empty)}; take it out of `low` and "
                "`high`, or apply a model that was fitted on more countries"
            )
        # A misspelt class is one problem: the class that was meant is not said to be lacking as well.
        lacking = sorted(labels - set(classes))
        if lacking and not unknown:
            problems.add(f"{start}: no bound in `low` and `high` for the class {_listed(lacking)}")
    problems.raise_as(DataError)


def _listed(labels: list[str]) -> str:
    return " or ".join(f"`{label}`" for label in labels)


def _classes_of(framework: Framework, grouping: str) -> list[str]:
    """Return the classes that a grouping has."""
    if grouping == PEERS:
        return list(framework.peers)
    return sorted(set(country_table()[LABELS.get(grouping, grouping)].dropna().astype(str)))


def without_class(framework: Framework, data: Data, row: int, score: str) -> str:
    """Say which indicators of a score have no value for want of a class, "" where none."""
    groups: dict[str, list[str]] = {}
    for indicator, grouping, classes in _by_class(framework):
        if framework.score_of(indicator.name) != score:
            continue
        if labels_in(framework, grouping, data)[row] not in classes:
            groups.setdefault(grouping, []).append(indicator.name)
    return "; ".join(f"no class in {by} for {', '.join(names)}" for by, names in groups.items())
