"""The tree of a framework: parents, depths, and weights by node."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .nodes import Group

if TYPE_CHECKING:
    from .definition import Framework

__all__ = ["depths_of", "effective_weights_of", "parents_of", "weight_totals_of"]


def parents_of(framework: Framework) -> dict[str, str | None]:
    """Return the parent's name of every scored node; see ``Framework.parents``."""
    out: dict[str, str | None] = {score.name: None for score in framework.scores}
    for group in _groups(framework):
        out.update({child.name: group.name for child in group.children})
    return out


def depths_of(framework: Framework) -> dict[str, int]:
    """Return the depth of every scored node; see ``Framework.depths``."""
    out: dict[str, int] = {}
    for node in framework.nodes:
        parent = framework.parents[node.name]
        out[node.name] = 0 if parent is None else out[parent] + 1
    return out


def weight_totals_of(framework: Framework) -> dict[str, float]:
    """Return the sum of the children's weights of every group; see ``Framework.weight_totals``."""
    return {
        group.name: sum(child.weight for child in group.children) for group in _groups(framework)
    }


def effective_weights_of(framework: Framework) -> dict[str, float]:
    """Return the weight of every node in its headline score; see ``Framework.effective_weights``."""
    out = {score.name: 1.0 for score in framework.scores}
    totals = weight_totals_of(framework)
    for group in _groups(framework):
        for child in group.children:
            out[child.name] = out[group.name] * child.weight / totals[group.name]
    return out


def _groups(framework: Framework) -> Iterator[Group]:
    """Yield the groups, parents before children."""
    return (node for node in framework.nodes if isinstance(node, Group))
