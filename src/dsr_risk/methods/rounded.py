"""A group value rounded to a number of digits, as published indices round a dimension or a headline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Self

import numpy as np

from .._util.types import Array, Mask
from .aggregation import Aggregator, Mean

__all__ = ["Rounded"]

HALF = 1e-9
"""What is added to a half before it is rounded up, so that 0.15 counts as a half whatever its last bit."""


class Rounded(Aggregator):
    r"""The value of another aggregation, rounded half up to some digits before it enters its parent.

    .. math:: R(x) = \lfloor 10^d M(x) + 1/2 \rfloor / 10^d

    A group that says ``rounding`` gets it; it has no name in files. Against the floor of the scale what
    rounding adds is shared over the children in proportion to what they contribute, so that contributions add
    up exactly; between two profiles the group is one term.

    References
    ----------
    Marin-Ferrer, M., Vernaccini, L. and Poljansek, K. (2017), INFORM Index for Risk Management: Concept and
    Methodology, JRC, section 3.4 (values of dimensions with one digit).

    Examples
    --------
    >>> from dsr_risk.methods import Arithmetic
    >>> method = Rounded(of=Arithmetic(), digits=1, scale=(0.0, 10.0))
    >>> x = np.array([[3.0], [4.1]])
    >>> float(method.combine(x, np.ones((2, 1)), np.ones((2, 1), bool)).item())
    3.6
    """

    attribution: ClassVar[Literal["exact", "none"]] = "exact"

    of: Any
    digits: int
    scale: tuple[float, float]

    @property
    def inner(self) -> Aggregator:
        """The aggregation whose value is rounded."""
        found: Aggregator = self.of
        return found

    @property
    def monotone(self) -> bool:
        """As the aggregation that is rounded."""
        return self.inner.monotone

    @property
    def inside(self) -> bool:
        """False: a rounded value may pass its largest child."""
        return False

    @property
    def compensation(self) -> Literal["full", "risk-hiding", "risk-keeping"]:
        """As the aggregation that is rounded."""
        return self.inner.compensation

    def changed(self, changes: dict[str, Any]) -> Self:
        """Return the same with other parameters of the aggregation that is rounded."""
        inner = type(self.inner)(**{**self.inner.model_dump(), **changes})
        return type(self)(of=inner, digits=self.digits, scale=self.scale)

    def combine(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the rounded value."""
        intercept, slope = self.inner.lift(*self.scale)
        raised = np.asarray(values) * slope + intercept
        found = (self.inner.combine(raised, weights, present) - intercept) / slope
        power = 10.0**self.digits
        return np.asarray(np.floor(found * power + (0.5 + HALF)) / power)

    def attribute(self, values: Array, weights: Array, floor: float = 0.0) -> Array | None:
        """Return the split of the aggregation, with what rounding adds in proportion to it."""
        intercept, slope = self.inner.lift(*self.scale)
        x, low = values * slope + intercept, floor * slope + intercept
        here = ~np.isnan(values)
        w = np.broadcast_to(weights, values.shape) * here
        columns = np.where(here, x, 0.0).T
        whole = self.inner.combine(columns, w.T, here.T)[:, None]
        if isinstance(self.inner, Mean):
            share = w / np.where(
                w.sum(axis=1, keepdims=True) > 0, w.sum(axis=1, keepdims=True), 1.0
            )
            start = np.full(values.shape, low)
            slopes = self.inner.shares(
                share, np.where(here, x, low), start, whole, np.full(whole.shape, low)
            )
            gap = np.where(here, x - low, 0.0)
            parts: Array | None = np.where(gap == 0, 0.0, slopes * gap)
        else:
            parts = self.inner.attribute(np.where(here, x, np.nan), weights, float(low))
        if parts is None:
            return None
        parts = np.nan_to_num(parts) / slope
        rounded = self.combine(np.where(here, values, 0.0).T, w.T, here.T)[:, None] - floor
        size = np.abs(parts).sum(axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = np.where(size > 0, np.abs(parts) / size, 0.0)
        added = rounded - parts.sum(axis=1, keepdims=True)
        return np.where(here & (w > 0), parts + spread * added, np.nan)


# Without this it would have no word in messages; set here, so that files cannot name it as a method.
Rounded.name = "rounded"
