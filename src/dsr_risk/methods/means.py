"""Means: arithmetic, geometric, harmonic and power means, their inverses and their secant slopes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from .._util.types import Array, Mask
from ._base import Number
from .aggregation import Mean, Parameter, along, some_below_zero

__all__ = ["Arithmetic", "Geometric", "Harmonic", "Power"]

# Beyond this power children on a scale of 100 may overflow, and small ones all vanish.
_STEEP = 50.0
_FLATTEST = 1e-6


class Arithmetic(Mean):
    """The weighted arithmetic mean, g(x) = x: full compensation.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6 (linear aggregation).

    Examples
    --------
    >>> mean, present = Arithmetic(), np.ones((2, 1), bool)
    >>> mean.combine(np.array([[80.0], [40.0]]), np.array([[3.0], [1.0]]), present).tolist()
    [70.0]
    """

    name: ClassVar[str] = "arithmetic"
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
        """Return one everywhere."""
        return np.ones_like(x)

    def secant(self, a: Array, b: Array) -> Array:
        """Return one everywhere."""
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

    Examples
    --------
    >>> mean, present = Geometric(), np.ones((2, 1), bool)
    >>> mean.combine(np.array([[80.0], [20.0]]), np.array([[1.0], [1.0]]), present).round(6).tolist()
    [40.0]
    """

    name: ClassVar[str] = "geometric"

    def g_into(self, x: Array, out: Array) -> None:
        """Write the natural logarithm."""
        np.log(x, out=out)

    def inverse_into(self, y: Array, out: Array) -> None:
        """Write the exponential."""
        np.exp(y, out=out)

    def compiled_g_into(self, x: Array, out: Array) -> None:
        """Write the natural logarithm in compiled loops."""
        from ._logarithms import log_into

        log_into(x, out)

    def compiled_inverse_into(self, y: Array, out: Array) -> None:
        """Write the exponential in compiled loops."""
        from ._logarithms import exp_into

        exp_into(y, out)

    def g(self, x: Array) -> Array:
        """Return the natural logarithm."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(x)

    def inverse(self, y: Array) -> Array:
        """Return the exponential."""
        return np.exp(y)

    def derivative(self, x: Array) -> Array:
        """Return 1 / x."""
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

    Examples
    --------
    >>> mean, present = Harmonic(), np.ones((2, 1), bool)
    >>> mean.combine(np.array([[60.0], [20.0]]), np.array([[1.0], [1.0]]), present).round(6).tolist()
    [30.0]
    """

    name: ClassVar[str] = "harmonic"

    def g_into(self, x: Array, out: Array) -> None:
        """Write the reciprocal, NaN for values below zero."""
        if some_below_zero(x):
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
        """Return -1 / x squared."""
        return -1 / np.square(x)

    def secant(self, a: Array, b: Array) -> Array:
        """Return -1 / (a b), exact."""
        with np.errstate(divide="ignore"):
            return -1 / (np.asarray(a, float) * b)


class Power(_Offset):
    r"""The weighted power mean, g(x) = x ** p: with p > 1 a low child makes up for a high one in part.

    ``p`` is any number at least 1e-6 from 0 (that is `geometric`). For p < 0 the lower end of the scale
    is raised by ``offset``, and a child below the floor of the raised scale has no term: the group has no
    value then. For p > 0 the scale is not raised, and a value below zero keeps its sign,
    :math:`g(x) = \operatorname{sign}(x) |x|^p`, so that a lower child never raises the mean.

    References
    ----------
    Hardy, Littlewood and Polya (1934), Inequalities, section 2.1; Decancq and Lugo (2013),
    Econometric Reviews 32(1), 7-34, for its use in composite indices.

    Examples
    --------
    >>> mean, present = Power(p=2), np.ones((2, 1), bool)
    >>> mean.combine(np.array([[80.0], [60.0]]), np.array([[1.0], [1.0]]), present).round(4).tolist()
    [70.7107]
    """

    name: ClassVar[str] = "power"
    by_draw: ClassVar[frozenset[str]] = frozenset({"offset", "p"})

    p: Number

    @property
    def sums(self) -> bool:
        """True if no power of a score overflows: beyond a power of 50 see ``combine``."""
        return bool(np.all(np.abs(self.p) <= _STEEP))

    @property
    def _squares(self) -> bool:
        return np.ndim(self.p) == 0 and self.p == 2

    def _below(self, x: Array) -> bool:
        """Tell whether values below zero must keep their sign: otherwise a lower child could raise the mean."""
        return bool(np.all(np.asarray(self.p) > 0) and some_below_zero(x))

    def g_into(self, x: Array, out: Array) -> None:
        """Write the power."""
        if some_below_zero(x):
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
            return np.where(x < 0, np.nan, out) if some_below_zero(x) else out

    def inverse(self, y: Array) -> Array:
        """Return the root, with the sign of y."""
        y = np.asarray(y, float)
        root = along(1 / np.asarray(self.p, float), y)
        if self._below(y):
            return np.asarray(np.sign(y) * np.power(np.abs(y), root))
        return np.sqrt(y) if self._squares else np.asarray(np.power(y, root))

    def derivative(self, x: Array) -> Array:
        """Return p times the power one lower."""
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
