"""A group value rounded to a number of digits, as published indices round a dimension or a headline."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .._util.types import Array, Mask
from .wrapping import Wrapping

__all__ = ["Rounded"]

HALF = 1e-9
"""What is added to a half before it is rounded up, so that 0.15 counts as a half whatever its last bit."""


class Rounded(Wrapping):
    r"""The value of another aggregation, rounded half up to some digits before it enters its parent.

    .. math:: R(x) = \lfloor 10^d M(x) + 1/2 \rfloor / 10^d

    A group that says ``rounding`` gets it; it has no name in files. Against the floor of the scale what
    rounding adds is shared over the children in proportion to what they contribute, so that contributions add
    up exactly; between two profiles the group is one term.

    References
    ----------
    Marin-Ferrer, M., Vernaccini, L. and Poljansek, K. (2017), INFORM Index for Risk Management: Concept and
    Methodology, JRC, doi:10.2760/094023 (values of dimensions with one digit).

    Examples
    --------
    >>> from dsr_risk.methods import Arithmetic
    >>> method = Rounded(of=Arithmetic(), digits=1, scale=(0.0, 10.0))
    >>> x = np.array([[3.0], [4.1]])
    >>> float(method.combine(x, np.ones((2, 1)), np.ones((2, 1), bool)).item())
    3.6
    """

    digits: int

    def combine(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the rounded value."""
        value = self.inner_value(values, weights, present)
        power = 10.0**self.digits
        return np.asarray(np.floor(value * power + (0.5 + HALF)) / power)

    def attribute(self, values: Array, weights: Array, floor: float = 0.0) -> Array | None:
        """Return the split of the aggregation, with what rounding adds in proportion to it."""
        observed = ~np.isnan(values)
        w = np.broadcast_to(weights, values.shape) * observed
        parts = self.inner_parts(values, np.where(observed, floor, np.nan), weights)
        if parts is None:
            return None
        parts = np.nan_to_num(parts)
        rounded = self.combine(np.where(observed, values, 0.0).T, w.T, observed.T)[:, None] - floor
        size = np.abs(parts).sum(axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = np.where(size > 0, np.abs(parts) / size, 0.0)
        added = rounded - parts.sum(axis=1, keepdims=True)
        return np.where(observed & (w > 0), parts + spread * added, np.nan)


# Without this it would have no word in messages; set here, so that files cannot name it as a method.
Rounded.name = "rounded"
