"""Box-Cox and Yeo-Johnson: power transformations whose power is fitted by maximum likelihood."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from .._util.types import Array
from ._base import Number
from ._columns import count, deviations, highest, lowest, magnitude, spread
from .transforms import refuse
from .treatment import Learned, Treatment

__all__ = ["BoxCox", "YeoJohnson"]

Power = Number | Literal["fitted"]

_WIDEST = 5.0
_HALVINGS = 55
_ROUNDING = 1e-12


class BoxCox(Treatment):
    r"""The Box-Cox power transformation, its power fitted by maximum likelihood or given.

    .. math:: (y^\lambda - 1) / \lambda, \quad \ln y \text{ for } \lambda = 0, \quad y = x - \min + 1

    ``power`` is lambda, a number or ``fitted`` (within -5..5). ``shift: minimum`` measures from the
    minimum plus 1, as COINr does (which asks for lambda; this one can fit it); ``shift: none`` takes the
    values themselves.

    Raises
    ------
    DataError
        With ``shift: none``, if a column has values that are not above 0.

    References
    ----------
    Box, G. E. P. and Cox, D. R. (1964), An analysis of transformations, JRSS B 26(2), 211-252.

    Examples
    --------
    >>> x = np.array([[2.0], [3], [5], [9], [30]])
    >>> BoxCox(power=0).apply(x, BoxCox(power=0).fit(x)).ravel().round(6).tolist()
    [0.0, 0.693147, 1.386294, 2.079442, 3.367296]
    """

    name: ClassVar[str] = "box_cox"

    power: Power = "fitted"
    shift: Literal["minimum", "none"] = "minimum"

    def fit(self, x: Array) -> Learned:
        """Return the minimum and the power of each column."""
        low = lowest(x)
        if self.shift == "none":
            refuse(self.name, "values above 0 (or `shift: minimum`)", low, low <= 0)
        power = _power(self._shifted(x, low), self.power, _box_cox, _box_cox_rate, np.log)
        return {"low": low, "power": power}

    def apply(self, x: Array, learned: Learned) -> Array:
        """Return the transformed columns; values below the reference minimum count as the minimum."""
        low = learned["low"]
        return _box_cox(self._shifted(np.maximum(x, low), low), learned["power"])

    def ends(self, learned: Learned) -> tuple[Array | float, Array | float]:
        """Return the minimum of each column, and no upper end."""
        return learned["low"], np.inf

    def _shifted(self, x: Array, low: Array) -> Array:
        # Adding the 1 last keeps it where the values are so large that it would drown in the minimum.
        return x - low + 1 if self.shift == "minimum" else x


class YeoJohnson(Treatment):
    r"""The Yeo-Johnson power transformation, for values of either sign, its power fitted or given.

    Box-Cox of 1 + x with power lambda where x >= 0, minus Box-Cox of 1 - x with power 2 - lambda where
    x < 0. ``power`` is lambda, a number or ``fitted`` by maximum likelihood (within -5..5).

    References
    ----------
    Yeo, I.-K. and Johnson, R. A. (2000), A new family of power transformations to improve normality or
    symmetry, Biometrika 87(4), 954-959.

    Examples
    --------
    >>> x = np.array([[-1.0], [0], [3]])
    >>> YeoJohnson(power=1).apply(x, YeoJohnson(power=1).fit(x)).ravel().tolist()
    [-1.0, 0.0, 3.0]
    """

    name: ClassVar[str] = "yeo_johnson"

    power: Power = "fitted"

    def fit(self, x: Array) -> Learned:
        """Return the power of each column."""
        return {"power": _power(x, self.power, _yeo_johnson, _yeo_johnson_rate, _jacobian)}

    def apply(self, x: Array, learned: Learned) -> Array:
        """Return the transformed columns."""
        return _yeo_johnson(x, learned["power"])


def _box_cox(y: Array, power: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        logs = np.log(y)
        return np.where(power == 0, logs, np.expm1(power * logs) / power)


def _box_cox_rate(y: Array, power: Array) -> Array:
    """Return the derivative of the transformation by its power; by its series where terms would cancel."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        logs = np.log(y)
        t = power * logs
        near = np.square(logs) * (1 / 2 + t / 3 + t**2 / 8 + t**3 / 30)
        far = (t * np.exp(t) - np.expm1(t)) / np.square(power)
        return np.where(np.abs(t) < 1e-3, near, far)


def _yeo_johnson(x: Array, power: Array) -> Array:
    upper = _box_cox(1 + np.maximum(x, 0.0), power)
    lower = -_box_cox(1 - np.minimum(x, 0.0), 2 - power)
    return np.where(x >= 0, upper, lower)


def _yeo_johnson_rate(x: Array, power: Array) -> Array:
    upper = _box_cox_rate(1 + np.maximum(x, 0.0), power)
    lower = _box_cox_rate(1 - np.minimum(x, 0.0), 2 - power)
    return np.where(x >= 0, upper, lower)


def _jacobian(x: Array) -> Array:
    return np.sign(x) * np.log1p(np.abs(x))


def _power(
    y: Array,
    given: float | Literal["fitted"],
    transform: Callable[[Array, Array], Array],
    rate: Callable[[Array, Array], Array],
    jacobian: Callable[[Array], Array],
) -> Array:
    """Return the maximum of each column's profile likelihood; 1 for a constant.

    The best of a grid is refined by halving where the derivative is 0, which pins the power down to
    rounding; comparing likelihoods would leave half of its digits to chance.
    """
    columns = y.shape[1]
    if given != "fitted":
        return np.full(columns, float(given))
    n, slope = count(y), np.nansum(jacobian(y), axis=0)

    def likelihood(at: Array) -> Array:
        z = transform(y, at)
        largest = np.fmax.reduce(np.abs(z), axis=0, initial=0.0)
        z = np.where(np.isinf(largest), np.nan, z)
        deviation = spread(z, ddof=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            value = (at - 1) * slope - n * np.log(deviation)
            # Of huge values most powers overflow or leave nothing but rounding.
            return np.where(deviation > _ROUNDING * largest, value, -np.inf)

    def rises(at: Array) -> NDArray[np.bool_]:
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            d = deviations(transform(y, at))
            unit = magnitude(d)
            d = d / unit
            share = np.nansum(d * (rate(y, at) / unit), axis=0) / np.nansum(np.square(d), axis=0)
        return np.asarray(slope > n * share)

    grid = np.linspace(-_WIDEST, _WIDEST, 41)
    values = np.stack([likelihood(np.full(columns, at)) for at in grid])
    best = grid[np.argmax(values, axis=0)]
    left, right = best - (grid[1] - grid[0]), best + (grid[1] - grid[0])
    for _ in range(_HALVINGS):
        middle = (left + right) / 2
        up = rises(middle)
        left, right = np.where(up, middle, left), np.where(up, right, middle)
    power = np.clip((left + right) / 2, -_WIDEST, _WIDEST)
    least = values.max(axis=0)
    power = np.where(likelihood(power) >= least - 1e-9 * np.abs(least), power, best)
    return np.where(lowest(y) < highest(y), power, 1.0)
