"""Aggregators whose parameter changes from draw to draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._util.types import Array
from ..methods.aggregation import Aggregator, Power
from ..scoring.kernel import Branch

__all__ = ["PowerBranch", "branch_with", "power_branch"]


def _over(values: Array, x: Array) -> Array:
    """One number a draw, shaped to stand beside x (draws, ...)."""
    return values.reshape(-1, *(1,) * (np.ndim(x) - 1))


@dataclass(frozen=True, eq=False)
class PowerMeans:
    """Power means, one exponent a draw."""

    p: Array

    def g(self, x: Array) -> Array:
        """The power."""
        return np.asarray(np.power(x, _over(self.p, x)))

    def inverse(self, y: Array) -> Array:
        """The root."""
        return np.asarray(np.power(y, 1 / _over(self.p, y)))


@dataclass(frozen=True, eq=False)
class PowerBranch:
    """A group under power means; stands where the plan takes a `Branch`."""

    node: int
    aggregator: PowerMeans
    intercept: Array
    slope: Array

    def raise_up(self, x: Array) -> Array:
        """Scores to the lifted scale."""
        return np.asarray(_over(self.intercept, x) + _over(self.slope, x) * x)

    def bring_down(self, x: Array) -> Array:
        """Values of the lifted scale back to scores."""
        return np.asarray((x - _over(self.intercept, x)) / _over(self.slope, x))


def power_branch(branch: Branch, mean: Power, p: Array, scale: tuple[float, float]) -> PowerBranch:
    """The branch with one exponent a draw instead of its `mean`'s."""
    lower, upper = scale
    offset = np.where(p < 0, mean.offset, 0.0)
    slope = 1 - offset / (upper - lower)
    return PowerBranch(branch.node, PowerMeans(p), offset + offset * lower / (upper - lower), slope)


def branch_with(branch: Branch, changes: Mapping[str, Any], scale: tuple[float, float]) -> Branch:
    """The branch with other parameters of its aggregator, checked by the method itself."""
    known = branch.aggregator.model_dump()
    aggregator: Aggregator = type(branch.aggregator)(**{**known, **changes})
    return Branch(
        branch.node,
        branch.children,
        aggregator,
        *aggregator.lift(*scale),
        branch.min_coverage,
    )
