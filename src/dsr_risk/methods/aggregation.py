"""Aggregation: the value of a group from its children, and quasi-arithmetic means of any function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self, TypeAlias, cast

import numpy as np

from .._util.types import Array, Mask
from ..errors import FrameworkError
from ._base import Method

__all__ = ["Aggregator", "Mean", "Parameter", "along", "some_below_zero"]

Parameter: TypeAlias = float | Array
"""A number, or an array (draws,) of one number a draw."""


# Eight Gauss-Legendre nodes are exact to rounding on the short intervals they serve.
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(8)
_NEAR = 1e-3
# Parts that cancel to less than this share of their size say nothing of their rounding; a difference beyond
# the second is no rounding.
_CANCELS = 0.1
_ROUNDING = 0.1


def along(parameter: Parameter, x: Array) -> Parameter:
    """Shape a parameter, if it has one number a draw, to stand beside x (draws, ...)."""
    if np.ndim(parameter) == 0:
        return parameter
    return np.reshape(parameter, (-1, *(1,) * (np.ndim(x) - 1)))


class Aggregator(Method):
    """The value of a group from the values and weights of its k children.

    A plug-in gives ``combine`` and, where it can, ``attribute``. Both take values on the *raised* scale
    (``intercept + slope * x``, see ``affine_map``; the scale itself for most methods) and return values on it:
    the engine raises children before and lowers the result after. Weights matter only as ratios; a child
    with weight 0, or without a value, plays no part.

    The class states what may be relied on: ``attribution`` is "exact" where ``attribute`` splits every
    value without residual and "none" where it returns None; ``monotone`` whether a higher child never
    lowers the value; ``inside`` whether the value lies between the smallest and the largest child.

    The class also states what the evaluation may do for speed: ``sums`` whether the value is
    ``inverse`` of the weighted mean of ``g`` (see `Mean`); ``homogeneous`` whether M(c x) = c M(x) for
    c > 0; ``affine`` whether M(a + b x) = a + b M(x); ``rounds`` whether rounding may put the value
    outside its children. The defaults are right for every method and only cost time.

    Examples
    --------
    >>> method = Aggregator.parse("arithmetic")
    >>> values, weights = np.array([[80.0, 20.0], [40.0, np.nan]]), np.array([[3.0], [1.0]])
    >>> present = ~np.isnan(values)
    >>> method.combine(values, weights, present).tolist()  # (3 * 80 + 40) / 4, and 20 alone
    [70.0, 20.0]
    >>> method.attribute(values.T, weights.ravel()).tolist()
    [[60.0, 10.0], [20.0, nan]]
    >>> method.between(values[:, :1].T, np.zeros((1, 2)), weights.T)
    >>> method.has_value(present, 2).tolist(), method.affine_map(0, 100)
    ([True, False], (0.0, 1.0))
    >>> method.covered(np.broadcast_to(weights, values.shape), present * 1.0, present).tolist()
    [1.0, 0.75]
    >>> method.offset_on(0), method.requires_positive()
    (0.0, False)
    """

    family: ClassVar[str] = "aggregation"
    renamed: ClassVar[Mapping[str, str]] = {"lift": "affine_map"}
    attribution: ClassVar[Literal["exact", "none"]] = "none"
    homogeneous: ClassVar[bool] = False
    affine: ClassVar[bool] = False
    rounds: ClassVar[bool] = False

    @property
    def sums(self) -> bool:
        """True if the value is the inverse of a weighted sum of terms of the children."""
        return False

    @property
    def monotone(self) -> bool:
        """True if a higher child never lowers the value."""
        return True

    @property
    def inside(self) -> bool:
        """True if the value lies between the smallest and the largest child."""
        return True

    @property
    def compensation(self) -> Literal["full", "risk-hiding", "risk-keeping"]:
        """The effect of a high child beside a low one: as their average, below it or above it."""
        return "full"

    def combine(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the group's value.

        Parameters
        ----------
        values
            (k, ..., n): the children's values, or a sequence of k arrays (..., n).
        weights
            (k, ..., 1): their weights, >= 0.
        present
            (k, n): which children have a value (their values elsewhere are ignored).

        Returns
        -------
        ndarray
            (..., n), NaN where no child with a weight above 0 is present.
        """
        raise TypeError(f"{type(self).__name__} gives no `combine`")

    def attribute(self, values: Array, weights: Array, floor: float = 0.0) -> Array | None:
        """Return what each child adds to the group's value above `floor`, or None where no split exists.

        Parameters
        ----------
        values
            (n, k): the children's values, NaN for missing.
        weights
            (k,) or (n, k): their weights.
        floor
            The lower end of the raised scale, where every child at the floor gives the floor.

        Returns
        -------
        ndarray or None
            (n, k), NaN for children that play no part; rows add up to the value minus `floor`.
        """
        return None

    def between(self, values: Array, baseline: Array, weights: Array) -> Array | None:
        """Return what each child adds between two profiles (n, k), or None where no split exists.

        Rows are NaN where the two profiles have no split; other rows add up to the difference of the values.
        Only a method that works on the scale itself may give it.

        Parameters
        ----------
        values, baseline
            (n, k) the children's values in each profile, NaN for missing.
        weights
            (n, k) their weights, >= 0.

        Returns
        -------
        array or None
            (n, k) points; None where the method has no exact split.
        """
        return None

    def has_value(self, live: Mask, least: int) -> Mask:
        """Return whether the group has a value (n,), given which children with a weight have one (k, n).

        Parameters
        ----------
        live
            (k, n) which children have a value and a weight above 0.
        least
            How many children must have a value; the group needs one at least.

        Returns
        -------
        array of bool
            (n,) whether the group has a value.
        """
        return np.asarray(live.sum(axis=0) >= max(least, 1))

    def covered(self, weights: Array, share: Array, live: Mask) -> Array:
        """Return the mean over the children's shares (k, n), given their weights where they apply (k, n).

        Parameters
        ----------
        weights
            (k, n) weights where a child applies, else 0.
        share
            (k, n) covered shares of the children, 0-1.
        live
            (k, n) which children have a value.

        Returns
        -------
        array
            (n,) shares, 0-1.
        """
        total = weights.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(total > 0, (weights * share).sum(axis=0) / total, 0.0)

    def affine_map(self, lower: float, upper: float) -> tuple[Parameter, Parameter]:
        """Return intercept and slope of the affine map from the scale to the one `combine` works on.

        Parameters
        ----------
        lower, upper
            The ends of the scale.

        Returns
        -------
        tuple
            Intercept and slope.
        """
        return 0.0, 1.0

    def offset_on(self, lower: float) -> Parameter:
        """Return how far the lower end of the scale is raised.

        Parameters
        ----------
        lower
            The lower end of the scale.

        Returns
        -------
        float or array
            What is added to the scale.
        """
        return 0.0

    def requires_positive(self) -> bool:
        """Tell whether the raised scale must stay above zero."""
        return False


class Mean(Aggregator):
    r"""A weighted quasi-arithmetic mean :math:`M(x) = g^{-1}(\sum w_i g(x_i))`.

    A plug-in gives ``g``, ``inverse`` and ``derivative`` (elementwise, on arrays of any shape) and has
    scoring, draws and exact decomposition. For speed it may give ``g_into`` and ``inverse_into``, which
    write into an array, and their compiled forms for ``engine="numba"``, and say ``homogeneous``; with
    ``by_draw`` parameters that are arrays (draws,), shaped by `along`, all draws are evaluated at once.
    ``offset`` raises the lower end of the scale before `g` is applied, by
    ``x + offset * (upper - x) / (upper - lower)``, so that a zero does not annihilate a product: the lower
    end still maps to itself and so does the upper.

    References
    ----------
    Kolmogorov, A. (1930), Sur la notion de la moyenne; Hardy, Littlewood and Polya (1934),
    Inequalities, chapter III.

    Examples
    --------
    >>> from dsr_risk.methods import Power
    >>> mean = Power(p=2)
    >>> x, w = np.array([80.0, 40.0, 60.0]), np.array([0.5, 0.3, 0.2])
    >>> float(mean.inverse((w * mean.g(x)).sum()).round(6))
    66.332496
    >>> mean.combine(np.array([[80.0], [40.0]]), np.array([[1.0], [1.0]]), np.ones((2, 1), bool)).round(4).tolist()
    [63.2456]
    >>> mean.derivative(np.array([3.0])).tolist(), mean.secant(np.array([3.0]), np.array([1.0])).tolist()
    ([6.0], [4.0])
    """

    attribution: ClassVar[Literal["exact", "none"]] = "exact"
    rounds: ClassVar[bool] = True
    """True if `inverse` after `g` may round, so that results are held between the children."""
    by_draw: ClassVar[frozenset[str]] = frozenset()
    """Parameters that `g`, `inverse` and `affine_map` also take as arrays of one number a draw."""

    @property
    def sums(self) -> bool:
        """True: the value is ``inverse`` of the weighted mean of ``g``."""
        return True

    @classmethod
    def parse(cls, value: object) -> Self:
        """Return the mean that `value` names; an aggregation that is no mean is refused.

        Parameters
        ----------
        value
            A name, a mapping with ``method``, or a mean itself.

        Raises
        ------
        FrameworkError
            For an unregistered name, parameters the method refuses, or a method that is no mean.
        """
        mean = cast("Any", super().parse(value))
        if not isinstance(mean, cls):
            raise FrameworkError(
                f"a quasi-arithmetic mean is needed here, received aggregation `{mean.name}`"
            )
        return mean

    def combine(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the mean over the present children, their weights rescaled to one."""
        shape = np.broadcast_shapes(np.shape(values[0]), weights.shape[1:])
        top: Array = np.zeros(shape)
        bottom, low, high = np.zeros(shape), np.full(shape, np.inf), np.full(shape, -np.inf)
        complete = bool(present.all() and (weights > 0).all())
        for x, w, observed in zip(values, weights, present, strict=True):
            term = self.g(np.asarray(x))
            if complete:
                top += w * term
                bottom += w
                if self.rounds:
                    np.minimum(low, x, out=low)
                    np.maximum(high, x, out=high)
            else:
                # A weight of 0 must not carry an infinite or missing term into the sum.
                live = observed & (w > 0)
                # A weight of 0 times an infinite term is not a number.
                top += np.where(live, w, 0.0) * np.where(live, term, 0.0)
                bottom += w * observed
                if self.rounds:
                    np.minimum(low, np.where(live, x, np.inf), out=low)
                    np.maximum(high, np.where(live, x, -np.inf), out=high)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = self.inverse(top / bottom)
        # Rounding in g must not put the mean outside its children: below the floor of a raised scale
        # the mean above it would have no value.
        return np.clip(value, low, high) if self.rounds else value

    def attribute(self, values: Array, weights: Array, floor: float = 0.0) -> Array | None:
        """Split exactly: ``w_i s(x_i, f) / s(M, f) (x_i - f)`` with the secant slope s and the floor f."""
        live = ~np.isnan(values) & (weights > 0)
        w = np.where(live, weights, 0.0)
        x = np.where(live, values, floor)
        low = np.full_like(x, floor)
        aggregate = self.combine(x.T, w.T[:, None, :], live.T)[0][:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            share = w / w.sum(axis=-1, keepdims=True)
            parts = self.shares(share, x, low, aggregate, low[..., :1])
            parts = np.where(x == floor, 0.0, parts * (x - floor))
        return np.where(live, parts, np.nan)

    def ratio(self, a: Array, b: Array, whole_a: Array, whole_b: Array) -> Array:
        """Return ``secant(a, b) / secant(whole_a, whole_b)``, 1 where they are equal.

        Parameters
        ----------
        a, b
            (n, k) children in two profiles.
        whole_a, whole_b
            (n, 1) the means of the two profiles.

        Returns
        -------
        array
            Of the shape of `a`.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            slope, steepness = self.secant(a, b), self.secant(whole_a, whole_b)
            return np.where(slope == steepness, 1.0, slope / steepness)

    def shares(self, weights: Array, a: Array, b: Array, whole_a: Array, whole_b: Array) -> Array:
        """Return ``weights * ratio(a, b, whole_a, whole_b)`` (n, k), weights adding up to one.

        Where one of the means is 0 because a child is, the ratio has no limit of its own: the children at 0
        share the whole difference by their weights. Near a pole the slope between the means depends on the
        last digits of the means: the shares are scaled to the difference that they add up to.

        Parameters
        ----------
        weights
            (n, k) weights that add up to one in a row.
        a, b
            (n, k) children in two profiles.
        whole_a, whole_b
            (n, 1) the means of the two profiles.

        Returns
        -------
        array
            Of the shape of `a`; points of the mean for one point of each child.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            part = weights * self.ratio(a, b, whole_a, whole_b)
            part = part * _to_whole(np.where(a == b, 0.0, part * (a - b)), whole_a - whole_b)
            if not self.requires_positive():
                return part
            none = (whole_a == 0) & (whole_b == 0)
            one_is_zero = (whole_a == 0) != (whole_b == 0)
            at = one_is_zero & (np.where(whole_a == 0, a, b) == 0) & (weights > 0)
            zero_weights = np.where(at, weights, 0.0)
            limit = (
                zero_weights
                / zero_weights.sum(axis=1, keepdims=True)
                * (whole_a - whole_b)
                / (a - b)
            )
            return np.where(none, 0.0, np.where(one_is_zero, np.where(at, limit, 0.0), part))

    def g(self, x: Array) -> Array:
        """Return the generating function, strictly monotone on the raised scale.

        Parameters
        ----------
        x
            Values on the raised scale, of any shape.

        Returns
        -------
        array
            Of the shape of the values.
        """
        raise TypeError(f"{type(self).__name__} gives no `g`")

    def inverse(self, y: Array) -> Array:
        """Return the inverse of `g`.

        Parameters
        ----------
        y
            Values of `g`, of any shape.

        Returns
        -------
        array
            Of the shape of the values.
        """
        raise TypeError(f"{type(self).__name__} gives no `inverse`")

    def g_into(self, x: Array, out: Array) -> None:
        """Write g(x) into `out`, which may be x itself.

        Parameters
        ----------
        x, out
            Arrays of one shape.
        """
        out[...] = self.g(x)

    def inverse_into(self, y: Array, out: Array) -> None:
        """Write the inverse of y into `out`, which may be y itself.

        Parameters
        ----------
        y, out
            Arrays of one shape.
        """
        out[...] = self.inverse(y)

    def compiled_g_into(self, x: Array, out: Array) -> None:
        """Write g(x) as ``g_into``, in compiled loops (extra `fast`) where the mean has such.

        Parameters
        ----------
        x, out
            Arrays of one shape.
        """
        self.g_into(x, out)

    def compiled_inverse_into(self, y: Array, out: Array) -> None:
        """Write the inverse of y as ``inverse_into``, in compiled loops (extra `fast`) where the mean has such.

        Parameters
        ----------
        y, out
            Arrays of one shape.
        """
        self.inverse_into(y, out)

    def drawn(self, changes: Mapping[str, Array]) -> Self:
        """Return the mean with an array (draws,) in place of some of its ``by_draw`` parameters.

        Parameters
        ----------
        changes
            ``{parameter: (draws,) numbers}``; the numbers are not checked again.

        Returns
        -------
        Mean
            A copy; the mean itself does not change.
        """
        parameters = {name: getattr(self, name) for name in type(self).model_fields}
        return self.model_construct(**{**parameters, **changes})

    def derivative(self, x: Array) -> Array:
        """Return the derivative of `g`.

        Parameters
        ----------
        x
            Values on the raised scale, of any shape.

        Returns
        -------
        array
            Of the shape of the values.
        """
        raise TypeError(f"{type(self).__name__} gives no `derivative`")

    def secant(self, a: Array, b: Array) -> Array:
        """Return the slope ``(g(a) - g(b)) / (a - b)``, the derivative where they meet.

        Close arguments are integrated rather than subtracted, so nothing cancels.

        Parameters
        ----------
        a, b
            Values on the raised scale, of shapes that broadcast.

        Returns
        -------
        array
            Of the shape of the values.
        """
        a, b = np.broadcast_arrays(np.asarray(a, float), np.asarray(b, float))
        gap = a - b
        near = np.abs(gap) <= _NEAR * np.maximum(np.abs(a), np.abs(b))
        with np.errstate(divide="ignore", invalid="ignore"):
            far = (self.g(a) - self.g(b)) / gap
            middle, half = (a + b) / 2, gap / 2
            slopes = sum(
                weight / 2 * self.derivative(middle + half * node)
                for node, weight in zip(_NODES, _NODE_WEIGHTS, strict=True)
            )
        return np.where(near, slopes, far)

    def affine_map(self, lower: float, upper: float) -> tuple[Parameter, Parameter]:
        """Return the affine map ``x -> intercept + slope * x`` of `offset` on a scale."""
        offset = self.offset_on(lower)
        slope = 1 - offset / (upper - lower)
        return offset + offset * lower / (upper - lower), slope


def _to_whole(parts: Array, aggregate: Array) -> Array:
    """Return whole over the sum of parts (n, 1), 1 where the parts cancel or are no numbers."""
    total, size = (
        np.nansum(parts, axis=1, keepdims=True),
        np.nansum(np.abs(parts), axis=1, keepdims=True),
    )
    sound = np.isfinite(size) & (np.abs(total) > _CANCELS * size)
    factor = np.where(sound, aggregate / np.where(sound, total, 1.0), 1.0)
    return np.where(np.abs(factor - 1) < _ROUNDING, factor, 1.0)


def some_below_zero(x: Array) -> bool:
    """Return whether any value is below zero; missing ones are ignored."""
    return bool(np.size(x) and np.fmin.reduce(x, axis=None) < 0)
