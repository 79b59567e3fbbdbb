"""Aggregation: weighted quasi-arithmetic means, their inverses and their secant slopes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal, Self, TypeAlias, cast

import numpy as np
from pydantic import model_validator

from .._util.types import Array, Mask
from ..errors import FrameworkError
from ._base import Method, Number

__all__ = [
    "Aggregator",
    "Arithmetic",
    "Geometric",
    "Harmonic",
    "Mean",
    "Parameter",
    "Power",
    "along",
]

Parameter: TypeAlias = float | Array
"""A number, or an array (draws,) of one number a draw."""


# Eight Gauss-Legendre nodes are exact to rounding on the short intervals they serve.
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(8)
_NEAR = 1e-3
# Beyond this power children on a scale of 100 may overflow, and small ones all vanish.
_STEEP = 50.0
# Parts that cancel to less than this share of their size say nothing of their rounding; a difference beyond
# the second is no rounding.
_CANCELS = 0.1
_ROUNDING = 0.1
_FLATTEST = 1e-6


def along(parameter: Parameter, x: Array) -> Parameter:
    """Shape a parameter, if it has one number a draw, to stand beside x (draws, ...)."""
    if np.ndim(parameter) == 0:
        return parameter
    return np.reshape(parameter, (-1, *(1,) * (np.ndim(x) - 1)))


class Aggregator(Method):
    """The value of a group from the values and weights of its k children.

    A plug-in gives ``combine`` and, where it can, ``attribute``. Both take values on the *raised* scale
    (``intercept + slope * x``, see ``lift``; the scale itself for most methods) and return values on it:
    the engine raises children before and lowers the result after. Weights matter only as ratios; a child
    with weight 0, or without a value, plays no part.

    What may be relied on is said by the class: ``attribution`` is "exact" where ``attribute`` splits every
    value without residual and "none" where it returns None; ``monotone`` whether a higher child never
    lowers the value; ``inside`` whether the value lies between the smallest and the largest child.

    What the evaluation may do for speed is said by the class as well: ``sums`` whether the value is
    ``inverse`` of the weighted mean of ``g`` (see `Mean`); ``homogeneous`` whether M(c x) = c M(x) for
    c > 0; ``affine`` whether M(a + b x) = a + b M(x); ``rounds`` whether rounding may put the value
    outside its children. The defaults are right for every method and only cost time.
    """

    family: ClassVar[str] = "aggregation"
    attribution: ClassVar[Literal["exact", "none"]] = "none"
    homogeneous: ClassVar[bool] = False
    affine: ClassVar[bool] = False
    rounds: ClassVar[bool] = False

    @property
    def sums(self) -> bool:
        """Whether the value is the inverse of a weighted sum of terms of the children."""
        return False

    @property
    def monotone(self) -> bool:
        """Whether a higher child never lowers the value."""
        return True

    @property
    def inside(self) -> bool:
        """Whether the value lies between the smallest and the largest child."""
        return True

    @property
    def compensation(self) -> Literal["full", "risk-hiding", "risk-keeping"]:
        """How a high child beside a low one counts: as their average, below it or above it."""
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
        """
        return None

    def has_value(self, live: Mask, least: int) -> Mask:
        """Return whether the group has a value (n,), given which children with a weight have one (k, n)."""
        return np.asarray(live.sum(axis=0) >= max(least, 1))

    def covered(self, weights: Array, share: Array, live: Mask) -> Array:
        """Return the mean over the children's shares (k, n), given their weights where they apply (k, n)."""
        total = weights.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(total > 0, (weights * share).sum(axis=0) / total, 0.0)

    def lift(self, lower: float, upper: float) -> tuple[Parameter, Parameter]:
        """Intercept and slope of the affine map from the scale to the one `combine` works on."""
        return 0.0, 1.0

    def offset_on(self, lower: float) -> Parameter:
        """How far the lower end of the scale is raised."""
        return 0.0

    def requires_positive(self) -> bool:
        """Whether the raised scale must stay above zero."""
        return False


class Mean(Aggregator):
    r"""A weighted quasi-arithmetic mean :math:`M(x) = g^{-1}(\sum w_i g(x_i))`.

    A plug-in gives ``g``, ``inverse`` and ``derivative`` (elementwise, on arrays of any shape) and has
    scoring, draws and exact decomposition. For speed it may give ``g_into`` and ``inverse_into``, which
    write into an array, and say ``homogeneous``; with ``by_draw`` parameters that are arrays (draws,),
    shaped by `along`, all draws are evaluated at once. ``offset`` raises the lower end of the scale before
    `g` is applied, by ``x + offset * (upper - x) / (upper - lower)``, so that a zero does not annihilate
    a product: the lower end still maps to itself and so does the upper.

    References
    ----------
    Kolmogorov, A. (1930), Sur la notion de la moyenne; Hardy, Littlewood and Polya (1934),
    Inequalities, chapter III.

    Examples
    --------
    >>> mean = Power(p=2)
    >>> x, w = np.array([80.0, 40.0, 60.0]), np.array([0.5, 0.3, 0.2])
    >>> float(mean.inverse((w * mean.g(x)).sum()).round(6))
    66.332496
    """

    attribution: ClassVar[Literal["exact", "none"]] = "exact"
    rounds: ClassVar[bool] = True
    """Whether `inverse` after `g` may round, so that results are held between the children."""
    by_draw: ClassVar[frozenset[str]] = frozenset()
    """Parameters that `g`, `inverse` and `lift` also take as arrays of one number a draw."""

    @property
    def sums(self) -> bool:
        """True: the value is ``inverse`` of the weighted mean of ``g``."""
        return True

    @classmethod
    def parse(cls, value: object) -> Self:
        """Return the mean that `value` names; an aggregation that is no mean is refused.

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
        """Exact: ``w_i s(x_i, f) / s(M, f) (x_i - f)`` with the secant slope s and the floor f."""
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
        """``secant(a, b) / secant(whole_a, whole_b)``, 1 where they are equal."""
        with np.errstate(invalid="ignore", divide="ignore"):
            slope, steepness = self.secant(a, b), self.secant(whole_a, whole_b)
            return np.where(slope == steepness, 1.0, slope / steepness)

    def shares(self, weights: Array, a: Array, b: Array, whole_a: Array, whole_b: Array) -> Array:
        """Return ``weights * ratio(a, b, whole_a, whole_b)`` (n, k), weights adding up to one.

        Where one of the means is 0 because a child is, the ratio has no limit of its own: the children at 0
        share the whole difference by their weights. Near a pole the slope between the means depends on the
        last digits of the means: the shares are scaled to the difference that they add up to.
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
        """Return the generating function, strictly monotone on the raised scale."""
        raise TypeError(f"{type(self).__name__} gives no `g`")

    def inverse(self, y: Array) -> Array:
        """Return the inverse of `g`."""
        raise TypeError(f"{type(self).__name__} gives no `inverse`")

    def g_into(self, x: Array, out: Array) -> None:
        """Write g(x) into `out`, which may be x itself."""
        out[...] = self.g(x)

    def inverse_into(self, y: Array, out: Array) -> None:
        """Write the inverse of y into `out`, which may be y itself."""
        out[...] = self.inverse(y)

    def drawn(self, changes: Mapping[str, Array]) -> Self:
        """Return the mean with an array (draws,) in place of some of its ``by_draw`` parameters."""
        parameters = {name: getattr(self, name) for name in type(self).model_fields}
        return self.model_construct(**{**parameters, **changes})

    def derivative(self, x: Array) -> Array:
        """Return the derivative of `g`."""
        raise TypeError(f"{type(self).__name__} gives no `derivative`")

    def secant(self, a: Array, b: Array) -> Array:
        """Return the slope ``(g(a) - g(b)) / (a - b)``, the derivative where they meet.

        Close arguments are integrated rather than subtracted, so nothing cancels.
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

    def lift(self, lower: float, upper: float) -> tuple[Parameter, Parameter]:
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


def _some_below_zero(x: Array) -> bool:
    """Whether any value is below zero; missing ones are ignored."""
    with np.errstate(invalid="ignore"):
        return bool(np.size(x) and np.fmin.reduce(x, axis=None) < 0)


class Arithmetic(Mean):
    """The weighted arithmetic mean, g(x) = x: full compensation.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6 (linear aggregation).
    """

    name: ClassVar[str] = "arithmetic"
    rounds: ClassVar[bool] = False
    homogeneous: ClassVar[bool] = True
    affine: ClassVar[bool] = True

    def g_into(self, x: Array, out: Array) -> None:
        """Copy x, unless it is there already."""
        if x is not out:
            np.copyto(out, x)

    def inverse_into(self, y: Array, out: Array) -> None:
        """Copy y, unless it is there already."""
        if y is not out:
            np.copyto(out, y)

    def g(self, x: Array) -> Array:
        """Return the argument itself."""
        return x

    def inverse(self, y: Array) -> Array:
        """Return the argument itself."""
        return y

    def derivative(self, x: Array) -> Array:
        """One everywhere."""
        return np.ones_like(x)

    def secant(self, a: Array, b: Array) -> Array:
        """One everywhere."""
        return np.ones(np.broadcast_shapes(np.shape(a), np.shape(b)))


class _Offset(Mean):
    """A mean that is undefined at zero and therefore raises the lower end of a scale."""

    homogeneous: ClassVar[bool] = True
    by_draw: ClassVar[frozenset[str]] = frozenset({"offset"})

    offset: Number = 1.0

    @property
    def compensation(self) -> Literal["full", "risk-hiding", "risk-keeping"]:
        """Risk is hidden: the mean lies below the average."""
        return "risk-hiding"

    @model_validator(mode="after")
    def _offset_is_not_negative(self) -> Self:
        if self.offset < 0:
            raise ValueError(f"`offset` must be >= 0, received {self.offset}")
        return self

    def offset_on(self, lower: float) -> Parameter:
        """Return the offset as given."""
        return self.offset

    def requires_positive(self) -> bool:
        """Return true: log and negative powers have no value at zero."""
        return True


class Geometric(_Offset):
    """The weighted geometric mean, g(x) = log x: partial compensation, *hides* risk where 100 is worst.

    References
    ----------
    OECD/JRC (2008), Handbook, step 6 (geometric aggregation). The additive decomposition with the
    logarithmic-mean secant is the LMDI of Ang, B. W. (2004), Energy Policy 32(9), 1131-1139.
    """

    name: ClassVar[str] = "geometric"

    def g_into(self, x: Array, out: Array) -> None:
        """Write the natural logarithm."""
        np.log(x, out=out)

    def inverse_into(self, y: Array, out: Array) -> None:
        """Write the exponential."""
        np.exp(y, out=out)

    def g(self, x: Array) -> Array:
        """Return the natural logarithm."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(x)

    def inverse(self, y: Array) -> Array:
        """Return the exponential."""
        return np.exp(y)

    def derivative(self, x: Array) -> Array:
        """1 / x."""
        return 1 / np.asarray(x, float)

    def secant(self, a: Array, b: Array) -> Array:
        """Return the reciprocal of the logarithmic mean, by log1p."""
        high, low = np.maximum(a, b), np.minimum(a, b)
        gap = high - low
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(gap == 0, 1 / high, np.log1p(gap / low) / gap)


class Harmonic(_Offset):
    """The weighted harmonic mean, g(x) = 1 / x: leans to the lowest child, *hides* risk most.

    A child below the floor of the raised scale has no term: the group has no value then.

    References
    ----------
    Hardy, Littlewood and Polya (1934), Inequalities, section 2.1.
    """

    name: ClassVar[str] = "harmonic"

    def g_into(self, x: Array, out: Array) -> None:
        """Write the reciprocal, NaN for values below zero."""
        if _some_below_zero(x):
            out[...] = self.g(x)
        else:
            np.divide(1, x, out=out)

    def inverse_into(self, y: Array, out: Array) -> None:
        """Write the reciprocal."""
        np.divide(1, y, out=out)

    def g(self, x: Array) -> Array:
        """Return the reciprocal, NaN for values below zero: beyond the pole a lower child could raise the mean."""
        x = np.asarray(x, float)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(x < 0, np.nan, 1 / np.abs(x))

    def inverse(self, y: Array) -> Array:
        """Return the reciprocal."""
        return 1 / np.asarray(y, float)

    def derivative(self, x: Array) -> Array:
        """-1 / x squared."""
        return -1 / np.square(x)

    def secant(self, a: Array, b: Array) -> Array:
        """-1 / (a b), exact."""
        with np.errstate(divide="ignore"):
            return -1 / (np.asarray(a, float) * b)


class Power(_Offset):
    r"""The weighted power mean, g(x) = x ** p: with p > 1 a high child cannot be bought off by a low one.

    ``p`` is any number at least 1e-6 from 0 (that is `geometric`). For p < 0 the lower end of the scale
    is raised by ``offset``, and a child below the floor of the raised scale has no term: the group has no
    value then. For p > 0 the scale is not raised, and a value below zero keeps its sign,
    :math:`g(x) = \operatorname{sign}(x) |x|^p`, so that a lower child never raises the mean.

    References
    ----------
    Hardy, Littlewood and Polya (1934), Inequalities, section 2.1; Decancq and Lugo (2013),
    Econometric Reviews 32(1), 7-34, for its use in composite indices.
    """

    name: ClassVar[str] = "power"
    by_draw: ClassVar[frozenset[str]] = frozenset({"offset", "p"})

    p: Number

    @property
    def sums(self) -> bool:
        """Whether no power of a score overflows: beyond a power of 50 see ``combine``."""
        return bool(np.all(np.abs(self.p) <= _STEEP))

    @property
    def _squares(self) -> bool:
        return np.ndim(self.p) == 0 and self.p == 2

    def _below(self, x: Array) -> bool:
        """Whether values below zero must keep their sign: otherwise a lower child could raise the mean."""
        return bool(np.all(np.asarray(self.p) > 0) and _some_below_zero(x))

    def g_into(self, x: Array, out: Array) -> None:
        """Write the power."""
        if _some_below_zero(x):
            out[...] = self.g(x)
        elif self._squares:
            np.square(x, out=out)
        else:
            np.power(x, along(self.p, x), out=out)

    def inverse_into(self, y: Array, out: Array) -> None:
        """Write the root."""
        if self._below(y):
            out[...] = self.inverse(y)
        elif self._squares:
            np.sqrt(y, out=out)
        else:
            np.power(y, along(1 / np.asarray(self.p, float), y), out=out)

    @model_validator(mode="after")
    def _p_is_not_zero(self) -> Self:
        if abs(self.p) < _FLATTEST:
            raise ValueError(
                f"`p` must not be 0, nor so near it that powers lose their digits (at least "
                f"{_FLATTEST:g} from it), received {self.p:g}; the limit is `geometric`"
            )
        return self

    @property
    def compensation(self) -> Literal["full", "risk-hiding", "risk-keeping"]:
        """Risk is kept for p > 1 and hidden for p < 1."""
        return "full" if self.p == 1 else "risk-keeping" if self.p > 1 else "risk-hiding"

    def combine(self, values: Array | Sequence[Array], weights: Array, present: Mask) -> Array:
        """Return the mean; where the power is steep, of children over the dominant one.

        Otherwise the powers of large children would overflow, or those of small ones all vanish.
        """
        if abs(self.p) <= _STEEP:
            return super().combine(values, weights, present)
        pick, none = (np.fmax, -np.inf) if self.p > 0 else (np.fmin, np.inf)
        size = np.full(np.broadcast_shapes(np.shape(values[0]), weights.shape[1:]), none)
        for x, w, observed in zip(values, weights, present, strict=True):
            size = pick(size, np.where(observed & (w > 0), x, none))
        size = np.where(np.isfinite(size) & (size > 0), size, 1.0)
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(size * super().combine([x / size for x in values], weights, present))

    def ratio(self, a: Array, b: Array, whole_a: Array, whole_b: Array) -> Array:
        """Return the ratio of slopes, which does not depend on the unit: every argument over the dominant mean.

        That is the larger of the two means for p > 0 and the smaller for p < 0.
        """
        size = (np.maximum if self.p > 0 else np.minimum)(whole_a, whole_b)
        size = np.where(size > 0, size, 1.0)
        with np.errstate(over="ignore"):
            return super().ratio(a / size, b / size, whole_a / size, whole_b / size)

    def g(self, x: Array) -> Array:
        """Return the power; for p > 0 with the sign of x, for p < 0 NaN below zero."""
        x = np.asarray(x, float)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self._below(x):
                return np.asarray(np.sign(x) * np.power(np.abs(x), along(self.p, x)))
            if self._squares:
                return np.square(x)
            out = np.asarray(np.power(x, along(self.p, x)))
            # Whole powers have values below zero, on the other side of the pole.
            return np.where(x < 0, np.nan, out) if _some_below_zero(x) else out

    def inverse(self, y: Array) -> Array:
        """Return the root, with the sign of y."""
        y = np.asarray(y, float)
        root = along(1 / np.asarray(self.p, float), y)
        if self._below(y):
            return np.asarray(np.sign(y) * np.power(np.abs(y), root))
        return np.sqrt(y) if self._squares else np.asarray(np.power(y, root))

    def derivative(self, x: Array) -> Array:
        """P times the power one lower."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.p * np.power(np.abs(x) if self.p > 0 else x, self.p - 1))

    def secant(self, a: Array, b: Array) -> Array:
        """Return the slope by expm1 of p times log1p, scaled by the argument whose power is larger."""
        high, low = np.maximum(a, b), np.minimum(a, b)
        if self._below(low):
            # The power is odd: two values below zero have the slope of their mirror images.
            apart = (low < 0) & (high > 0)
            with np.errstate(divide="ignore", invalid="ignore"):
                across = (self.g(high) - self.g(low)) / (high - low)
            return np.where(apart, across, self.secant(np.abs(a), np.abs(b)))
        gap = high - low
        top, step = (high, -gap) if self.p > 0 else (low, gap)
        with np.errstate(divide="ignore", invalid="ignore"):
            growth = np.log1p(step / top)
            if self.p > 0:
                # A low value that is tiny beside the high one is lost in their difference.
                growth = np.where(low < high / 2, np.log(low / high), growth)
            rise = np.expm1(self.p * growth)
            slope = np.power(top, self.p) * rise / step
            return np.where(gap == 0, self.derivative(top), slope)

    def offset_on(self, lower: float) -> Parameter:
        """Return the offset for p < 0, none for p > 0."""
        if np.ndim(self.p) or np.ndim(self.offset):
            return np.where(np.asarray(self.p) < 0, self.offset, 0.0)
        return self.offset if self.p < 0 else 0.0

    def requires_positive(self) -> bool:
        """Return true for p < 0."""
        return self.p < 0
