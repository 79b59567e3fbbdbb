"""Imputation by one value a column: constant, mean or median, of everybody or of a group."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from .._util.types import Array
from ..errors import FrameworkError, did_you_mean
from ._base import Number
from ._columns import count, mean, quantile
from .imputation import Context, Imputer
from .treatment import Learned

__all__ = ["ConstantImputation", "MeanImputation", "MedianImputation"]


_ALL = "all"


class ConstantImputation(Imputer):
    """Every missing cell gets the same value, given in raw units.

    For cells whose absence has a known meaning (no programme, no loan): say so in the indicator's
    rationale. A cell that does not apply needs a reason code in the data instead.

    References
    ----------
    Little, R. J. A. and Rubin, D. B. (2002), Statistical Analysis with Missing Data, 2nd ed., Wiley,
    chapter 4 (cold deck).

    Examples
    --------
    >>> x = np.array([[1.0], [np.nan]])
    >>> ConstantImputation(value=0).apply(x, Context(np.array(["A", "B"], object)), {}).ravel().tolist()
    [1.0, 0.0]
    """

    name: ClassVar[str] = "constant"

    value: Number

    def apply(self, x: Array, context: Context, learned: Learned) -> Array:
        """The columns with the constant in missing cells."""
        return np.where(np.isnan(x), self.value, x)


class _Central(Imputer):
    """A central value of the reference column, of all units or of the units of a group.

    ``by`` names a grouping of countries (``region``, ``subregion``, ``income``, ``peers``), or several,
    whose labels then must all agree. A group needs ``least`` reference values in the column; where it
    has fewer, or the unit has no label, the cell is left missing (``otherwise: leave``) or takes the value
    of all units (``otherwise: all``).
    """

    by: str | tuple[str, ...] | None = None
    least: Annotated[int, Field(ge=1, strict=True)] = 1
    otherwise: Literal["leave", "all"] = "leave"

    def _centre(self, x: Array) -> Array:
        raise TypeError(f"{type(self).__name__} gives no `_centre`")

    def fit(self, x: Array, context: Context) -> Learned:
        """The central value of each column, under ``all`` and under each group's label."""
        learned = {_ALL: self._centre(x)}
        for label, rows in self._groups(context, len(x)):
            part = x[rows]
            learned[label] = np.where(count(part) >= self.least, self._centre(part), np.nan)
        return learned

    def apply(self, x: Array, context: Context, learned: Learned) -> Array:
        """The columns with the learned value in missing cells."""
        fallback = learned[_ALL] if self.by is None or self.otherwise == "all" else np.nan
        fills = np.full(x.shape, fallback)
        for label, rows in self._groups(context, len(x)):
            if label in learned:
                own = learned[label]
                fills[rows] = np.where(np.isnan(own), fallback, own)
        return np.where(np.isnan(x), fills, x)

    def _groups(self, context: Context, n: int) -> list[tuple[str, NDArray[np.intp]]]:
        """The rows of each label, in the order of labels."""
        if self.by is None:
            return []
        names = (self.by,) if isinstance(self.by, str) else self.by
        for name in names:
            if name not in context.groups:
                raise FrameworkError(
                    f"imputation `{self.name}`: no grouping `{name}`; "
                    f"{did_you_mean(name, context.groups)}"
                )
        columns = [context.groups[name] for name in names]
        known = np.ones(n, bool)
        for column in columns:
            known &= np.array([isinstance(one, str) and one != "" for one in column], bool)
        labels = np.full(n, "", object)
        for name, column in zip(names, columns, strict=True):
            labels[known] = labels[known] + np.array(
                [f"{' & ' if labels[known].any() else ''}{name}={one}" for one in column[known]],
                object,
            )
        return [(str(one), np.flatnonzero(labels == one)) for one in sorted(set(labels[known]))]


class MeanImputation(_Central):
    """The mean of the reference column, of all units or ``by`` a group of countries.

    Unconditional means understate the variance and correlations of a column: `multiple` does not.

    Raises
    ------
    FrameworkError
        If `by` names no grouping.

    Notes
    -----
    COINr's ``i_mean`` and ``i_mean_grp``, which leaves cells of a group without values empty, as here.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3 (unconditional mean).

    Examples
    --------
    >>> x = np.array([[1.0], [3], [np.nan], [10]])
    >>> where = Context(np.array(list("ABCD"), object), groups={"region": np.array(list("nnns"), object)})
    >>> method = MeanImputation(by="region")
    >>> method.apply(x, where, method.fit(x, where)).ravel().tolist()
    [1.0, 3.0, 2.0, 10.0]
    """

    name: ClassVar[str] = "mean"

    def _centre(self, x: Array) -> Array:
        return mean(x)


class MedianImputation(_Central):
    """The median of the reference column, of all units or ``by`` a group of countries.

    Raises
    ------
    FrameworkError
        If `by` names no grouping.

    Notes
    -----
    COINr's ``i_median`` and ``i_median_grp``.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3 (unconditional median).

    Examples
    --------
    >>> x = np.array([[1.0], [3], [np.nan], [10]])
    >>> where = Context(np.array(list("ABCD"), object))
    >>> MedianImputation().apply(x, where, MedianImputation().fit(x, where)).ravel().tolist()
    [1.0, 3.0, 3.0, 10.0]
    """

    name: ClassVar[str] = "median"

    def _centre(self, x: Array) -> Array:
        return quantile(x, 0.5)
