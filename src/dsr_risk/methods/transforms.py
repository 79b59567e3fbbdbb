"""Transformations of skewed columns: logarithms, Box-Cox and Yeo-Johnson, all increasing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from ..errors import DataError
from ..method import Number
from ._columns import count, highest, lowest, spread
from .moments import skew
from .treatment import Learned, Treatment

__all__ = ["BoxCox", "Log", "Log1p", "LogGii", "SignedLog", "YeoJohnson"]

Array = NDArray[np.float64]
Positive = Annotated[Number, Field(gt=0)]
Power = Number | Literal["fitted"]

_WIDEST = 5.0
_GOLDEN = (np.sqrt(5) - 1) / 2
_STEPS = 60


class Log(Treatment):
    r"""The logarithm of the distance from the minimum, plus an offset that keeps it finite.

    .. math:: \ln(x - \min + a)

    ``offset`` is *a*: a share of the column's range (``of: range``) or in the column's own unit
    (``of: unit``). ``tail: upper`` compresses high values; ``tail: skewed`` the longer tail, that is
    ``-ln(max - x + a)`` where the skew is not positive. New values beyond the finite end are cut there.
    A constant column passes through.

    Notes
    -----
    COINr's ``log_CT`` is the default, its ``log_CT_orig`` is ``{method: log, offset: 1, of: unit}`` and
    its ``log_CT_plus`` is ``{method: log, tail: skewed}``.

    References
    ----------
    Saisana, M., Becker, W., Neves, A. R., Alberti, V. and Dominguez-Torreiro, M. (2019), Your 10-step
    pocket guide to composite indicators and scoreboards, European Commission/JRC (COIN Tool).

    Examples
    --------
    >>> x = np.array([[2.0], [3], [5], [9], [30]])
    >>> Log().apply(x, Log().fit(x)).ravel().round(6).tolist()
    [-1.272966, 0.24686, 1.187843, 1.985131, 3.342155]
    """

    name: ClassVar[str] = "log"

    offset: Positive = 0.01
    of: Literal["range", "unit"] = "range"
    tail: Literal["upper", "skewed"] = "upper"

    def fit(self, x: Array) -> Learned:
        """The extremes of each column and which tail is compressed (+1 upper, -1 lower)."""
        upper = np.ones(x.shape[1]) if self.tail == "upper" else np.where(skew(x) > 0, 1.0, -1.0)
        return {"low": lowest(x), "high": highest(x), "tail": upper}

    def apply(self, x: Array, learned: Learned) -> Array:
        """The transformed columns."""
        low, high, tail = learned["low"], learned["high"], learned["tail"]
        add = self.offset * (high - low if self.of == "range" else np.ones_like(low))
        with np.errstate(invalid="ignore", divide="ignore"):
            upper = np.log(np.maximum(x - low, 0.0) + add)
            lower = -np.log(np.maximum(high - x, 0.0) + add)
        return np.where(low == high, x, np.where(tail > 0, upper, lower))


class LogGii(Treatment):
    r"""The logarithm of the Global Innovation Index: distances rescaled to 1..max first.

    .. math:: \ln\left(\frac{(\max - 1)(x - \min)}{\max - \min} + 1\right)

    Raises
    ------
    DataError
        If a column's maximum is not above 1: the formula would be constant or turn the order round.

    Notes
    -----
    COINr's ``log_GII`` documents this formula, but the function (1.1.14) returns its input unchanged.

    References
    ----------
    Dutta, S., Lanvin, B. and Wunsch-Vincent, S. (eds., 2020), Global Innovation Index, appendix IV.

    Examples
    --------
    >>> x = np.array([[0.0], [10], [100]])
    >>> LogGii().apply(x, LogGii().fit(x)).ravel().round(6).tolist()
    [0.0, 2.388763, 4.60517]
    """

    name: ClassVar[str] = "log_gii"

    def fit(self, x: Array) -> Learned:
        """The extremes of each column."""
        low, high = lowest(x), highest(x)
        _refuse(self.name, "a maximum above 1", high, (high <= 1) & (low < high))
        return {"low": low, "high": high}

    def apply(self, x: Array, learned: Learned) -> Array:
        """The transformed columns; values below the reference minimum count as the minimum."""
        low, high = learned["low"], learned["high"]
        with np.errstate(invalid="ignore", divide="ignore"):
            out = np.log1p((high - 1) * np.maximum(x - low, 0.0) / (high - low))
        return np.where(low == high, x, out)


class Log1p(Treatment):
    """ln(1 + x / unit), for counts and rates.

    Raises
    ------
    DataError
        If a column has negative values: use `signed_log`.

    References
    ----------
    Bartlett, M. S. (1947), The use of transformations, Biometrics 3(1), 39-52.

    Examples
    --------
    >>> x = np.array([[0.0], [9]])
    >>> Log1p().apply(x, Log1p().fit(x)).ravel().round(6).tolist()
    [0.0, 2.302585]
    """

    name: ClassVar[str] = "log1p"

    unit: Positive = 1.0

    def fit(self, x: Array) -> Learned:
        """Nothing; negative values are refused."""
        low = lowest(x)
        _refuse(self.name, "no negative value (use `signed_log`)", low, low < 0)
        return {}

    def apply(self, x: Array, learned: Learned) -> Array:
        """The transformed columns; new negative values count as 0."""
        return np.log1p(np.maximum(x, 0.0) / self.unit)


class SignedLog(Treatment):
    """sign(x) ln(1 + |x| / unit): the logarithm for columns with negative values, odd and increasing.

    References
    ----------
    John, J. A. and Draper, N. R. (1980), An alternative family of transformations, Applied Statistics
    29(2), 190-197 (the modulus transformation with lambda = 0).

    Examples
    --------
    >>> x = np.array([[-9.0], [0], [9]])
    >>> SignedLog().apply(x, {}).ravel().round(6).tolist()
    [-2.302585, 0.0, 2.302585]
    """

    name: ClassVar[str] = "signed_log"

    unit: Positive = 1.0

    def apply(self, x: Array, learned: Learned) -> Array:
        """The transformed columns."""
        return np.sign(x) * np.log1p(np.abs(x) / self.unit)


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
        """The minimum and the power of each column."""
        low = lowest(x)
        if self.shift == "none":
            _refuse(self.name, "values above 0 (or `shift: minimum`)", low, low <= 0)
        origin = low - 1 if self.shift == "minimum" else np.zeros_like(low)
        power = _power(x - origin, self.power, _box_cox, np.log)
        return {"low": low, "power": power}

    def apply(self, x: Array, learned: Learned) -> Array:
        """The transformed columns; values below the reference minimum count as the minimum."""
        low = learned["low"]
        origin = low - 1 if self.shift == "minimum" else np.zeros_like(low)
        return _box_cox(np.maximum(x, low) - origin, learned["power"])


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
        """The power of each column."""
        return {"power": _power(x, self.power, _yeo_johnson, _jacobian)}

    def apply(self, x: Array, learned: Learned) -> Array:
        """The transformed columns."""
        return _yeo_johnson(x, learned["power"])


def _box_cox(y: Array, power: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        logs = np.log(y)
        return np.where(power == 0, logs, np.expm1(power * logs) / power)


def _yeo_johnson(x: Array, power: Array) -> Array:
    upper = _box_cox(1 + np.maximum(x, 0.0), power)
    lower = -_box_cox(1 - np.minimum(x, 0.0), 2 - power)
    return np.where(x >= 0, upper, lower)


def _jacobian(x: Array) -> Array:
    return np.sign(x) * np.log1p(np.abs(x))


def _power(
    y: Array,
    power: float | Literal["fitted"],
    transform: Callable[[Array, Array], Array],
    jacobian: Callable[[Array], Array],
) -> Array:
    """The maximum of the profile likelihood of each column by golden section; 1 for a constant."""
    columns = y.shape[1]
    if power != "fitted":
        return np.full(columns, float(power))
    # Sorted, so that sums and hence the result do not depend on the order of the rows.
    y = np.sort(y, axis=0)
    n, slope = count(y), np.nansum(jacobian(y), axis=0)

    def loss(at: Array) -> Array:
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            return np.asarray(n * np.log(spread(transform(y, at), ddof=0)) - (at - 1) * slope)

    grid = np.linspace(-_WIDEST, _WIDEST, 41)
    losses = np.stack([loss(np.full(columns, at)) for at in grid])
    best = grid[np.argmin(np.where(np.isfinite(losses), losses, np.inf), axis=0)]
    step = grid[1] - grid[0]
    left, right = best - step, best + step
    for _ in range(_STEPS):
        inner = _GOLDEN * (right - left)
        less = loss(right - inner) < loss(left + inner)
        left, right = np.where(less, left, right - inner), np.where(less, left + inner, right)
    plain = ~(lowest(y) < highest(y))
    return np.where(plain, 1.0, np.clip((left + right) / 2, -_WIDEST, _WIDEST))


def _refuse(method: str, need: str, found: Array, bad: NDArray[np.bool_]) -> None:
    if bad.any():
        column = int(np.flatnonzero(bad)[0])
        raise DataError(
            f"treatment `{method}` needs {need}; column {column + 1} of {len(bad)} has "
            f"{found[column]:g}"
        )
