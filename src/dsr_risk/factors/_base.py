"""The base of all factors: a target in the framework, and draws made from the unit cube or a stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from .._util.arguments import typed
from .._util.types import Array
from ..methods._base import Method

__all__ = ["ALL", "Array", "Factor", "Kind", "Target", "choose", "target_of"]

Kind = Literal["weights", "choice", "parameter", "data", "missing"]

ALL = "*"
"""The name that stands for every node."""


class Factor(Method):
    """One uncertain thing. ``at`` is its target; empty, its name in the framework is the target.

    A subclass sets ``kind``. Factors of low dimension map columns of the unit cube, so that any design
    of points (Sobol', pseudo-random, Saltelli) serves them; errors of single cells come from a stream
    of their own.

    Examples
    --------
    >>> Factor.parse({"method": "spread", "share": 0.25, "at": "security.weights"}).at
    'security.weights'
    """

    family: ClassVar[str] = "factor"
    kind: ClassVar[Kind]

    at: str = ""


@dataclass(frozen=True)
class Target:
    """The part of a framework that a factor varies: a node (``*`` for all, empty for the framework) and its part.

    Examples
    --------
    >>> str(Target("dependency", "weights")), str(Target("", "scale"))
    ('dependency.weights', 'scale')
    """

    node: str
    part: str

    def __str__(self) -> str:
        return f"{self.node}.{self.part}" if self.node else self.part


@typed
def target_of(name: str, factor: Factor) -> Target:
    """Return what a factor of that name acts on: a node and a part of it.

    Parameters
    ----------
    name
        The key of the factor in the framework, such as ``dependency.weights``.
    factor
        The factor; its ``at`` comes before the name.

    Returns
    -------
    Target
        The node and the part.

    Examples
    --------
    >>> from dsr_risk.factors import Spread
    >>> target_of("dependency.weights", Spread(share=0.25))
    Target(node='dependency', part='weights')
    """
    node, _, part = (factor.at or name).partition(".")
    return Target(node, part) if part else Target("", node)


def choose(u: Array, probabilities: tuple[float, ...] | None, count: int) -> NDArray[np.intp]:
    """Return the option (0..count-1) that each unit number falls on."""
    if probabilities is None:
        return np.minimum((u * count).astype(np.intp), count - 1)
    edges = np.cumsum(probabilities)[:-1] / sum(probabilities)
    return np.asarray(np.searchsorted(edges, u, side="right"), np.intp)
