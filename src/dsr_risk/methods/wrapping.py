"""Aggregations that change the value of another one: what they share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np

from .._util.types import Array, Mask
from .aggregation import Aggregator, Mean

__all__ = ["Wrapping"]


class Wrapping(Aggregator):
    """An aggregation around another one; a group's fields make it, and files cannot name it."""

    attribution: ClassVar[Literal["exact", "none"]] = "exact"

    of: Any
    scale: tuple[float, float]

    @property
    def inner(self) -> Aggregator:
        """The aggregation inside."""
        mean: Aggregator = self.of
        return mean

    @property
    def monotone(self) -> bool:
        """As the aggregation inside."""
        return self.inner.monotone

    @property
    def inside(self) -> bool:
        """False: the value may pass its smallest or its largest child."""
        return False

    @property
    def compensation(self) -> Literal["full", "risk-hiding", "risk-keeping"]:
        """As the aggregation inside."""
        return self.inner.compensation

    def changed(self, changes: dict[str, Any]) -> Self:
        """Return the same with other parameters of the innermost aggregation."""
        inner = self.inner
        if isinstance(inner, Wrapping):
            other: Aggregator = inner.changed(changes)
        else:
            other = type(inner)(**{**inner.model_dump(), **changes})
        return self.model_copy(update={"of": other})

    def has_value(self, live: Mask, least: int) -> Mask:
        """Return what the aggregation inside returns."""
        return self.inner.has_value(live, least)

    def covered(self, weights: Array, share: Array, live: Mask) -> Array:
        """Return what the aggregation inside returns."""
        return self.inner.covered(weights, share, live)

    def inner_value(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the value (..., n) of the aggregation inside, on the framework's scale."""
        intercept, slope = self.inner.affine_map(*self.scale)
        raised = np.asarray(values) * slope + intercept
        return np.asarray((self.inner.combine(raised, weights, present) - intercept) / slope)

    def inner_parts(self, values: Array, baseline: Array, weights: Array) -> Array | None:
        """Return what each child (n, k) adds between two profiles with the same children, or None.

        Where the aggregation inside is no mean, only the floor of the scale is a baseline.
        """
        intercept, slope = self.inner.affine_map(*self.scale)
        observed = ~np.isnan(values) & ~np.isnan(baseline)
        w = np.broadcast_to(weights, values.shape) * observed
        if not isinstance(self.inner, Mean):
            if not (baseline[observed] == self.scale[0]).all():
                return None
            raised = np.where(observed, values, np.nan) * slope + intercept
            parts = self.inner.attribute(raised, weights, float(self.scale[0] * slope + intercept))
            return None if parts is None else parts / slope
        total = w.sum(axis=1, keepdims=True)
        share = w / np.where(total > 0, total, 1.0)
        floor = self.scale[0]
        ends = [
            np.where(observed, array, floor) * slope + intercept for array in (values, baseline)
        ]
        wholes = [self.inner.combine(end.T, w.T, observed.T)[:, None] for end in ends]
        gap = ends[0] - ends[1]
        with np.errstate(invalid="ignore"):
            # A child without a gap adds nothing, though the slope may be infinite there.
            parts = np.where(gap == 0, 0.0, self.inner.shares(share, *ends, *wholes) * gap)
        return np.where(observed & (w > 0), parts / slope, np.nan)
