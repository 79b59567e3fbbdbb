"""Aggregation that no average gives: extremes, medians, ordered weights, means pulled to an extreme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from .._util.types import Array, Mask
from ._base import Number
from .aggregation import Aggregator

__all__ = ["Maximum", "MeanMin", "Median", "Minimum", "OrderedWeights"]

Compensation = Literal["full", "risk-hiding", "risk-keeping"]

# Weights that are equal in exact arithmetic may differ by rounding in their sums.
_TIE = 1e-12


def live_shares(
    values: Array | Sequence[Array], weights: Array, present: Mask
) -> tuple[Array, Array]:
    """Return values (k, ..., n), NaN where a child plays no part, and weights that sum to one over the rest."""
    x = np.asarray(values, float)
    observed = present.reshape(len(present), *(1,) * (x.ndim - 2), present.shape[-1])
    w = np.where(observed, weights, 0.0)
    x = np.where(w > 0, x, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        return x, w / w.sum(axis=0)


def children_first(values: Array, weights: Array) -> tuple[Array, Array]:
    """Return the same from (n, k) values, as `attribute` receives them; both (k, n)."""
    w = np.broadcast_to(weights, values.shape)
    return live_shares(values.T, w.T, ~np.isnan(values.T))


def _binding(x: Array, w: Array, at: Array) -> Array:
    """Return how much of the group's value is each child's that equals `at`, tied children by weight."""
    held = np.where(x == at, w, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(held / held.sum(axis=0))


class _Extreme(Aggregator):
    attribution: ClassVar[Literal["exact", "none"]] = "exact"

    def attribute(self, values: Array, weights: Array, floor: float = 0.0) -> Array | None:
        """Split exactly: everything to the binding child; children tied there share it by weight."""
        x, w = children_first(values, weights)
        value = self.combine(x, w, ~np.isnan(x))
        return np.where(np.isnan(x), np.nan, _binding(x, w, value) * (value - floor)).T


class Minimum(_Extreme):
    """The smallest child: a group is at risk only where everything is. *Hides* risk most of all.

    Weights play no part, except that a child with weight 0 does not count. Exact attribution: all of it
    to the binding child.

    References
    ----------
    OECD/JRC (2008), Handbook, step 6 (non-compensatory aggregation); Yager, R. R. (1988), IEEE Trans. on
    Systems, Man and Cybernetics 18(1), 183-190 (the OWA with orness 0).

    Examples
    --------
    >>> x = np.array([[80.0], [40.0]])
    >>> Minimum().combine(x, np.ones((2, 1)), np.ones((2, 1), bool)).tolist()
    [40.0]
    """

    name: ClassVar[str] = "minimum"

    @property
    def compensation(self) -> Compensation:
        """Risk is hidden."""
        return "risk-hiding"

    def combine(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the smallest present child."""
        return np.asarray(np.fmin.reduce(live_shares(values, weights, present)[0], axis=0))


class Maximum(_Extreme):
    """The largest child: the weakest link. No low child can make up for it.

    Weights play no part, except that a child with weight 0 does not count. Exact attribution: all of it
    to the binding child.

    References
    ----------
    OECD/JRC (2008), Handbook, step 6 (non-compensatory aggregation); Yager, R. R. (1988), IEEE Trans. on
    Systems, Man and Cybernetics 18(1), 183-190 (the OWA with orness 1).

    Examples
    --------
    >>> x = np.array([[80.0], [40.0]])
    >>> Maximum().combine(x, np.ones((2, 1)), np.ones((2, 1), bool)).tolist()
    [80.0]
    """

    name: ClassVar[str] = "maximum"

    @property
    def compensation(self) -> Compensation:
        """Risk is kept."""
        return "risk-keeping"

    def combine(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the largest present child."""
        return np.asarray(np.fmax.reduce(live_shares(values, weights, present)[0], axis=0))


class Median(Aggregator):
    """The weighted median: half of the weight lies at or below it, half at or above.

    Where the halves meet between two children it is their midpoint, so that equal weights give the
    ordinary median. Exact attribution: half of it to the child at each side of the middle.

    References
    ----------
    Edgeworth, F. Y. (1888), On a new method of reducing observations, Philosophical Magazine 25, 184-191;
    in composite indicators OECD/JRC (2008), Handbook, step 6.

    Examples
    --------
    >>> x = np.array([[80.0], [40.0], [30.0]])
    >>> Median().combine(x, np.array([[2.0], [1], [1]]), np.ones((3, 1), bool)).tolist()
    [60.0]
    """

    name: ClassVar[str] = "median"
    attribution: ClassVar[Literal["exact", "none"]] = "exact"

    def combine(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the weighted median of the present children."""
        low, high = self._middle(*live_shares(values, weights, present))
        return (low + high) / 2

    def attribute(self, values: Array, weights: Array, floor: float = 0.0) -> Array | None:
        """Split exactly: half to the child at each side of the middle; children tied there share by weight."""
        x, w = children_first(values, weights)
        parts = sum(_binding(x, w, side) * (side - floor) / 2 for side in self._middle(x, w))
        return np.where(np.isnan(x), np.nan, parts).T

    @staticmethod
    def _middle(x: Array, w: Array) -> tuple[Array, Array]:
        """Return the lower and the upper weighted median."""
        x, w = np.broadcast_arrays(x, w)
        order = np.argsort(x, axis=0)
        ordered = np.take_along_axis(x, order, axis=0)
        below = np.cumsum(np.take_along_axis(w, order, axis=0), axis=0)
        sides = [np.argmax(passed, axis=0) for passed in (below >= 0.5 - _TIE, below > 0.5 + _TIE)]
        low, high = (np.take_along_axis(ordered, side[None], axis=0)[0] for side in sides)
        return low, high


class OrderedWeights(Aggregator):
    """An ordered weighted average (OWA): weights go to places in the order of the children, not to names.

    Either ``orness`` between 0 (the smallest child) and 1 (the largest), 0.5 being the mean; or ``order``,
    the weights of the places, the highest child first. Importance weights of the children are honoured
    as in Torra's WOWA: a child with twice the weight takes twice the room in the order. Exact
    attribution: each child's own value times the weight it received; tied children share by weight.

    Raises
    ------
    FrameworkError
        Unless exactly one of `orness` and `order` is given.

    Notes
    -----
    With ``orness`` the weights come from the quantifier Q(r) = r ** a, a = (1 - orness) / orness; with
    ``order`` Q is linear between the cumulative weights. The child whose weight covers the places r to s
    of the descending order receives Q(s) - Q(r). Compind's "at least j" and "more than j" are orders with
    equal weights on j places.

    References
    ----------
    Yager, R. R. (1988), IEEE Trans. on Systems, Man and Cybernetics 18(1), 183-190; Yager, R. R. (1996),
    Int. J. of Intelligent Systems 11, 49-73; Torra, V. (1997), Int. J. of Intelligent Systems 12, 153-166.

    Examples
    --------
    >>> x = np.array([[40.0], [80.0], [60.0]])
    >>> ones, here = np.ones((3, 1)), np.ones((3, 1), bool)
    >>> OrderedWeights(order=(0.5, 0.3, 0.2)).combine(x, ones, here).round(6).tolist()
    [66.0]
    """

    name: ClassVar[str] = "owa"
    attribution: ClassVar[Literal["exact", "none"]] = "exact"

    orness: Annotated[Number, Field(gt=0, lt=1)] | None = None
    order: tuple[Annotated[Number, Field(ge=0)], ...] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.orness is None) == (self.order is None):
            raise ValueError(
                "give either `orness` (0-1) or `order` (weights, the highest child first), received "
                f"orness {self.orness} and order {self.order}"
            )
        if self.order is not None and not sum(self.order) > 0:
            raise ValueError(f"`order` must not be all 0, received {list(self.order)}")
        return self

    @property
    def compensation(self) -> Compensation:
        """Risk is kept where the upper half of the order weighs more, hidden where it weighs less."""
        upper = float(self._quantifier(np.linspace(0, 1, 1001)).mean())
        return (
            "full" if np.isclose(upper, 0.5) else "risk-keeping" if upper > 0.5 else "risk-hiding"
        )

    def combine(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the ordered weighted average of the present children."""
        x, w = live_shares(values, weights, present)
        shares = self._received(x, w)
        live = ~np.isnan(x)
        value = np.where(live, shares * x, 0.0).sum(axis=0)
        return np.where(live.any(axis=0), value, np.nan)

    def attribute(self, values: Array, weights: Array, floor: float = 0.0) -> Array | None:
        """Split exactly: the weight received times the child's distance from the floor."""
        x, w = children_first(values, weights)
        return np.where(np.isnan(x), np.nan, self._received(x, w) * (x - floor)).T

    def _received(self, x: Array, w: Array) -> Array:
        out = np.zeros(np.broadcast_shapes(x.shape, w.shape))
        with np.errstate(invalid="ignore", divide="ignore"):
            for child, value in zip(out, x, strict=True):
                above, tied = np.zeros(child.shape), np.zeros(child.shape)
                for other, weight in zip(x, w, strict=True):
                    above += np.where(other > value, weight, 0.0)
                    tied += np.where(other == value, weight, 0.0)
                child[...] = (self._quantifier(above + tied) - self._quantifier(above)) / tied
            return np.asarray(out * w)

    def _quantifier(self, r: Array) -> Array:
        r = np.clip(r, 0.0, 1.0)
        if self.orness is not None:
            return np.asarray(r ** ((1 - self.orness) / self.orness))
        steps = np.cumsum([0.0, *(self.order or ())])
        return np.asarray(np.interp(r, np.linspace(0, 1, len(steps)), steps / steps[-1]))


class MeanMin(Aggregator):
    r"""The mean-min function: the mean, pulled toward the worst child.

    .. math:: M + \alpha \left(\sqrt{(\max - M)^2 + \beta^2} - \beta\right)

    ``alpha`` (0-1) is how far unbalance is not compensated: 0 the mean, 1 (with beta 0) the extreme;
    ``beta`` >= 0 how gently it sets in. On a risk scale the worst child is the ``maximum``; ``toward:
    minimum`` gives the function as published, for scales where high is good. Exact attribution: the
    mean's share to each child, the pull to the binding child.

    References
    ----------
    Casadio Tarabusi, E. and Guarini, G. (2013), An unbalance adjustment method for development
    indicators, Social Indicators Research 112(1), 19-45. Compind's ``ci_mean_min`` subtracts column means
    down the rows by recycling; not so here.

    Examples
    --------
    >>> x, ones, here = np.array([[80.0], [40.0]]), np.ones((2, 1)), np.ones((2, 1), bool)
    >>> MeanMin(alpha=0.5).combine(x, ones, here).tolist()
    [70.0]
    """

    name: ClassVar[str] = "mean_min"
    attribution: ClassVar[Literal["exact", "none"]] = "exact"

    alpha: Annotated[Number, Field(ge=0, le=1)] = 0.5
    beta: Annotated[Number, Field(ge=0)] = 0.0
    toward: Literal["maximum", "minimum"] = "maximum"

    @property
    def compensation(self) -> Compensation:
        """Risk is kept toward the maximum, hidden toward the minimum."""
        if self.alpha == 0:
            return "full"
        return "risk-keeping" if self.toward == "maximum" else "risk-hiding"

    def combine(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the mean of the present children, pulled."""
        mean, extreme, pull = self._parts(*live_shares(values, weights, present))
        return mean + pull * (extreme - mean)

    def attribute(self, values: Array, weights: Array, floor: float = 0.0) -> Array | None:
        """Split exactly: ``(1 - pull) w_i (x_i - f)``, and ``pull (extreme - f)`` to the binding child."""
        x, w = children_first(values, weights)
        _, extreme, pull = self._parts(x, w)
        parts = (1 - pull) * w * (x - floor) + pull * _binding(x, w, extreme) * (extreme - floor)
        return np.where(np.isnan(x), np.nan, parts).T

    def _parts(self, x: Array, w: Array) -> tuple[Array, Array, Array]:
        """Return the mean, the extreme, and the share of the way from the mean to the extreme."""
        extreme = (np.fmax if self.toward == "maximum" else np.fmin).reduce(x, axis=0)
        mean = np.where(np.isnan(x), 0.0, w * x).sum(axis=0)
        mean = np.where(np.isnan(extreme), np.nan, mean)
        gap = np.abs(extreme - mean)
        with np.errstate(invalid="ignore", divide="ignore"):
            # (sqrt(g2 + b2) - b) / g without cancellation
            pull = self.alpha * gap / (np.hypot(gap, self.beta) + self.beta)
        return mean, extreme, np.where(gap == 0, 0.0, pull)
