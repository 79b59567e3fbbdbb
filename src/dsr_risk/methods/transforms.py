"""Logarithms of skewed columns, all increasing."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from .._util.types import Array
from ..errors import DataError
from ._base import Number
from ._columns import highest, lowest
from .moments import skew
from .treatment import Learned, Treatment

__all__ = ["Log", "Log1p", "LogGii", "SignedLog", "refuse"]

Positive = Annotated[Number, Field(gt=0)]


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
        """Return the extremes of each column and which tail is compressed (+1 upper, -1 lower)."""
        upper = np.ones(x.shape[1]) if self.tail == "upper" else np.where(skew(x) > 0, 1.0, -1.0)
        return {"low": lowest(x), "high": highest(x), "tail": upper}

    def apply(self, x: Array, learned: Learned) -> Array:
        """Return the transformed columns."""
        low, high, tail = learned["low"], learned["high"], learned["tail"]
        add = self.offset * (high - low if self.of == "range" else np.ones_like(low))
        with np.errstate(invalid="ignore", divide="ignore"):
            upper = np.log(np.maximum(x - low, 0.0) + add)
            lower = -np.log(np.maximum(high - x, 0.0) + add)
        return np.where(low == high, x, np.where(tail > 0, upper, lower))

    def ends(self, learned: Learned) -> tuple[Array | float, Array | float]:
        """Return the end that is not compressed."""
        low, high, tail = learned["low"], learned["high"], learned["tail"]
        varied = low < high
        return (
            np.where(varied & (tail > 0), low, -np.inf),
            np.where(varied & (tail <= 0), high, np.inf),
        )


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
        """Return the extremes of each column."""
        low, high = lowest(x), highest(x)
        refuse(self.name, "a maximum above 1", high, (high <= 1) & (low < high))
        return {"low": low, "high": high}

    def apply(self, x: Array, learned: Learned) -> Array:
        """Return the transformed columns; values below the reference minimum count as the minimum."""
        low, high = learned["low"], learned["high"]
        with np.errstate(invalid="ignore", divide="ignore"):
            out = np.log1p((high - 1) * (np.maximum(x - low, 0.0) / (high - low)))
        return np.where(low == high, x, out)

    def ends(self, learned: Learned) -> tuple[Array | float, Array | float]:
        """Return the minimum of each column, and no upper end."""
        return np.where(learned["low"] < learned["high"], learned["low"], -np.inf), np.inf


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
        """Refuse negative values; nothing is learned."""
        low = lowest(x)
        refuse(self.name, "no negative value (use `signed_log`)", low, low < 0)
        return {}

    def apply(self, x: Array, learned: Learned) -> Array:
        """Return the transformed columns; new negative values count as 0."""
        return np.log1p(np.maximum(x, 0.0) / self.unit)

    def ends(self, learned: Learned) -> tuple[Array | float, Array | float]:
        """Return 0, and no upper end."""
        return 0.0, np.inf


class SignedLog(Treatment):
    """Take sign(x) ln(1 + abs(x) / unit): a logarithm for columns with negative values, odd and increasing.

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
        """Return the transformed columns."""
        return np.sign(x) * np.log1p(np.abs(x) / self.unit)


def refuse(method: str, need: str, values: Array, bad: NDArray[np.bool_]) -> None:
    """Stop at the first column that is `bad` (k,), with what was found there."""
    if bad.any():
        column = int(np.flatnonzero(bad)[0])
        raise DataError(
            f"treatment `{method}` needs {need}; column {column + 1} of {len(bad)} has "
            f"{values[column]:g}"
        )
