"""Notes on methods that did less than they are named for: treatments, weights, ranges of the reference set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .._util.types import Array, Mask
from ..framework.definition import Framework
from ..framework.nodes import Group
from .cells import Cells
from .column_checks import unit_name
from .pipeline import Step
from .prepare import Prepared
from .tree import Tree

__all__ = ["beyond_reference", "not_defined", "still_skewed", "without_weight"]


def still_skewed(framework: Framework, steps: Sequence[Step], raw: Array) -> tuple[str, ...]:
    """Return a note for every treatment that leaves reference columns (units, L) outside its own rule."""
    notes = []
    for step in steps:
        left = step.indices[step.treatment.unfinished(raw[:, step.indices], step.treated)]
        if len(left):
            names = ", ".join(f"`{framework.indicators[index].name}`" for index in left)
            notes.append(
                f"treatment `{step.treatment.name}` leaves skewness and kurtosis above its limits: {names}"
            )
    return tuple(notes)


def without_weight(framework: Framework, tree: Tree, weights: Array) -> list[str]:
    """Return a note for every group whose weighting gives weight 0 to a child that the framework weighs."""
    notes = []
    for group_node in tree.group_nodes:
        lost = [
            f"`{tree.names[child]}`"
            for child in group_node.children
            if weights[child] == 0 < tree.weights[child]
        ]
        if lost:
            name = tree.names[group_node.node]
            group = framework[name]
            weighting = (
                isinstance(group, Group) and group.weighting
            ) or framework.defaults.weighting
            notes.append(
                f"`{name}`: weighting `{weighting.name}` gives weight 0 to {', '.join(lost)}"
            )
    return notes


def beyond_reference(
    framework: Framework, steps: Sequence[Step], observed: Array, scored: Mask
) -> list[str]:
    """Return a note on values (units, L) outside the range of the reference set that count as its end."""
    counts = np.zeros(observed.shape[1], int)
    for step in steps:
        values = observed[scored][:, step.indices]
        low, high = step.treatment.ends(step.treated)
        cut = (values < low) | (values > high)
        if step.normaliser.extremes:
            treated = step.treatment.apply(values, step.treated)
            cut |= (treated < step.normalised["low"]) | (treated > step.normalised["high"])
        counts[step.indices] = cut.sum(axis=0)
    if not counts.any():
        return []
    names = ", ".join(
        f"`{framework.indicators[index].name}` ({counts[index]})"
        for index in np.flatnonzero(counts)
    )
    return [f"values outside the range of the reference set count as its nearest end: {names}"]


def not_defined(prepared: Prepared, cells: Cells) -> list[str]:
    """Return a note for every derived indicator whose operation is not defined for values that are given."""
    layout, notes = prepared.layout, []
    for indicator in layout.derived:
        parts = prepared.applicable[:, list(layout.sources(indicator))].all(axis=1)
        rows = np.flatnonzero(parts & ~cells.applicable[:, indicator] & ~prepared.focal)
        derived = prepared.framework.indicators[indicator].derived
        if len(rows) and derived is not None:
            units = "1 unit" if len(rows) == 1 else f"{len(rows)} units"
            notes.append(
                f"`{prepared.framework.indicators[indicator].name}`: `{derived.name}` is not defined for {units} "
                f"({unit_name(prepared.data, rows[0])}{', ...' if len(rows) > 1 else ''}); it counts as not "
                "applicable there"
            )
    return notes
