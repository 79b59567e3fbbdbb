"""A group scaled by one of its indicators, and a group whose value one of its indicators gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from .._util.types import Array, Mask
from .wrapping import Wrapping

__all__ = ["GivenGroup", "ScaledGroup"]


class _Special(Wrapping):
    """An aggregation in which the child at index ``at`` is no part of the mean."""

    at: int

    def _others(self, count: int) -> list[int]:
        return [child for child in range(count) if child != self.at]

    def _parts_value(self, values: Array, weights: Array, present: Mask) -> Array:
        """Return the value of the other children on the framework's scale."""
        others = self._others(len(values))
        return self.inner_value(values[others], weights[others], present[others])


class ScaledGroup(_Special):
    r"""The value of the other children times one child as a share of the scale.

    .. math:: L + (M(x) - L) \, \frac{s - L}{U - L}

    A group that says ``scaled_by`` gets it. A group without a value of the scaling child has none, and its
    siblings share its weight. The gap between two profiles is split exactly by the Shapley value of the two
    factors, and the factor of the mean as the mean splits it.

    References
    ----------
    UNDRO (1980), Natural Disasters and Vulnerability Analysis (hazard scaled by exposure); Shapley, L. S.
    (1953), Annals of Mathematics Studies 28.

    Examples
    --------
    >>> from dsr_risk.methods import Arithmetic
    >>> method = ScaledGroup(of=Arithmetic(), at=2, scale=(0.0, 100.0))
    >>> x = np.array([[60.0], [80.0], [50.0]])
    >>> float(method.combine(x, np.ones((3, 1)), np.ones((3, 1), bool)).item())
    35.0
    """

    @property
    def compensation(self) -> Literal["full", "risk-hiding", "risk-keeping"]:
        """Risk is hidden: a scaling child near the floor leaves little."""
        return "risk-hiding"

    def combine(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the scaled value, NaN where the scaling child or all others are missing."""
        x = np.asarray(values)
        floor, top = self.scale
        # Below the floor a factor would turn the order of the other children.
        share = np.maximum(x[self.at] - floor, 0.0) / (top - floor)
        value = floor + (self._parts_value(x, weights, present) - floor) * share
        return np.where(present[self.at], value, np.nan)

    def has_value(self, live: Mask, least: int) -> Mask:
        """Return whether the scaling child and enough of the others have a value."""
        count = live[self._others(len(live))].sum(axis=0)
        return np.asarray((count >= max(least, 1)) & live[self.at])

    def attribute(self, values: Array, weights: Array, floor: float = 0.0) -> Array | None:
        """Split exactly: half of the value to the scaling child, half to the others as the mean splits it."""
        return self.between(values, np.where(np.isnan(values), np.nan, floor), weights)

    def between(self, values: Array, baseline: Array, weights: Array) -> Array | None:
        """Return the exact split between two profiles."""
        others = self._others(values.shape[1])
        w = np.broadcast_to(weights, values.shape)[:, others]
        parts = self.inner_parts(values[:, others], baseline[:, others], w)
        if parts is None:
            return None
        floor, top = self.scale
        means, shares = [], []
        for profile in (values, baseline):
            observed = ~np.isnan(profile[:, others]) & (w > 0)
            mean = self.inner_value(
                np.where(observed, profile[:, others], floor).T, w.T, observed.T
            )
            means.append(mean - floor)
            shares.append(np.maximum(profile[:, self.at] - floor, 0.0) / (top - floor))
        out = np.full(values.shape, np.nan)
        out[:, others] = parts * (shares[0] + shares[1])[:, None] / 2
        out[:, self.at] = (shares[0] - shares[1]) * (means[0] + means[1]) / 2
        return _same_children(out, values, baseline)


class GivenGroup(_Special):
    r"""The value of the other children; where too few of them have one, that of the child that stands for all.

    A group that says ``value`` gets it: the child holds the value of the whole group, given in the data or
    estimated as its own ``missing`` says. It is used where fewer than ``least`` of the other children have a
    value, observed or estimated, and plays no part elsewhere.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3 (cold deck: a missing value is
    replaced by one from another source).

    Examples
    --------
    >>> from dsr_risk.methods import Arithmetic
    >>> method = GivenGroup(of=Arithmetic(), at=2, scale=(0.0, 100.0), least=1)
    >>> x = np.array([[60.0, np.nan], [80.0, np.nan], [50.0, 50.0]])
    >>> method.combine(x, np.ones((3, 1)), ~np.isnan(x)).tolist()
    [70.0, 50.0]
    """

    least: int = 1

    @property
    def inside(self) -> bool:
        """As the aggregation inside."""
        return self.inner.inside

    def _by_parts(self, present: Mask, weights: Array) -> Mask:
        """Return where enough of the other children have a value, (..., n) for present (k, n)."""
        others = self._others(len(present))
        counted = [present[child] & (weights[child] > 0) for child in others]
        return np.asarray(sum(np.asarray(part, int) for part in counted) >= self.least)

    def combine(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the value of the other children where there are enough, else the given one."""
        x = np.asarray(values)
        given = np.where(present[self.at], x[self.at], np.nan)
        with np.errstate(invalid="ignore"):
            parts = self._parts_value(x, weights, present)
        return np.where(self._by_parts(present, weights), parts, given)

    def has_value(self, live: Mask, least: int) -> Mask:
        """Return whether enough of the others, or the child that stands for them, have a value."""
        count = live[self._others(len(live))].sum(axis=0)
        return np.asarray((count >= self.least) | live[self.at])

    def covered(self, weights: Array, share: Array, live: Mask) -> Array:
        """Return the share of the others that is observed; of the given value where that is used."""
        others = self._others(len(weights))
        coverage = super().covered(weights[others], share[others], live[others])
        parts = live[others].sum(axis=0) >= self.least
        return np.where(parts | ~live[self.at], coverage, share[self.at])

    def attribute(self, values: Array, weights: Array, floor: float = 0.0) -> Array | None:
        """Split exactly: the split of the other children, or all of it to the given value."""
        return self.between(values, np.where(np.isnan(values), np.nan, floor), weights)

    def between(self, values: Array, baseline: Array, weights: Array) -> Array | None:
        """Return the exact split between two profiles that both use the parts or both the given value."""
        others = self._others(values.shape[1])
        w = np.broadcast_to(weights, values.shape)
        parts = self.inner_parts(values[:, others], baseline[:, others], w[:, others])
        if parts is None:
            return None
        uses = [self._by_parts(~np.isnan(profile.T), w.T) for profile in (values, baseline)]
        out = np.full(values.shape, np.nan)
        out[:, others] = np.where((uses[0] & uses[1])[:, None], parts, np.nan)
        given = ~uses[0] & ~uses[1]
        out[given, self.at] = (values - baseline)[given, self.at]
        return _same_children(out, values, baseline)


def _same_children(parts: Array, values: Array, baseline: Array) -> Array:
    """Return the parts where both profiles have the same children, NaN elsewhere."""
    same = (np.isnan(values) == np.isnan(baseline)).all(axis=1, keepdims=True)
    return np.where(same, parts, np.nan)


# Without these they would have no word in messages; set here, so that files cannot name them as methods.
ScaledGroup.name = "scaled by an indicator"
GivenGroup.name = "given value"
