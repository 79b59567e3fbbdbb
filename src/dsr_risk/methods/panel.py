"""Missing cells from the other years of the same country."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from .._util.normals import standard_normals
from .._util.types import Array
from ._latent_scale import Scale
from ._normal_cells import NormalCells
from ._predictive import Fixed, NoCells, Predictive
from .imputation import Context, Imputer, bounds_of
from .treatment import Learned

__all__ = ["LastObservation", "LinearInterpolation"]

Index = NDArray[np.intp]


class _Panel(Imputer):
    """Reads the other years in the data; does nothing without years.

    ``limit`` is the greatest distance in *years* to the observation that is used (COINr's ``max_time``
    counts time points, so that 2005 fills 2010 with a limit of one). The error of a prediction is that of a
    random walk whose variance a year is learned from successive observations of the reference; errors of
    different cells are independent.
    """

    reads_years: ClassVar[bool] = True
    stochastic: ClassVar[bool] = True

    limit: Annotated[int, Field(ge=1, strict=True)] | None = None

    def fit(self, x: Array, context: Context) -> Learned:
        """Return the standard deviation of a year's change and the number of changes seen."""
        step, seen = np.zeros(x.shape[1]), np.zeros(x.shape[1])
        if context.years is None or not x.size:
            return {"step": step, "changes": seen}
        order, code, years = self._ordered(x, context)
        for column in range(x.shape[1]):
            value = x[order, column]
            observed = np.flatnonzero(~np.isnan(value))
            same = code[observed][1:] == code[observed][:-1]
            change = np.diff(value[observed])[same] / np.sqrt(
                np.maximum(np.diff(years[observed])[same], 1)
            )
            seen[column] = change.size
            largest = np.abs(change).max(initial=0.0)
            if largest > 0:
                step[column] = largest * np.sqrt(np.mean(np.square(change / largest)))
        return {"step": step, "changes": seen}

    def _around(self, x: Array, context: Context, learned: Learned) -> tuple[Array, Array]:
        """Return the prediction of every missing cell and its variance in years of change, both (n, k)."""
        raise TypeError(f"{type(self).__name__} gives no `_around`")

    def _predictive(self, x: Array, context: Context, learned: Learned) -> Predictive:
        if context.years is None or not x.size:
            return NoCells()
        value, years = self._around(x, context, learned)
        rows, columns = np.nonzero(np.isnan(x) & ~np.isnan(value))
        low, high = (bound[rows, columns] for bound in bounds_of(x, context))
        centre = value[rows, columns]
        if "step" not in learned:
            return Fixed(rows, columns, np.clip(centre, low, high))
        spread = learned["step"][columns] * np.sqrt(years[rows, columns])
        return NormalCells(
            rows=rows,
            columns=columns,
            scale=Scale(columns, np.zeros(len(rows)), np.ones(len(rows))),
            centre=centre,
            spread=spread,
            freedom=np.maximum(learned["changes"][columns], 3.0),
            bounds=np.stack([low, high]),
            noise=lambda rng, m: standard_normals(rng, (len(rows), m)),
        )

    def _ordered(self, x: Array, context: Context) -> tuple[Index, Index, Array]:
        """Return the rows by country and year, their country as a number, and their year."""
        years = np.asarray(context.years)
        code = np.unique(np.asarray(context.countries, str), return_inverse=True)[1].ravel()
        order = np.lexsort((years, code))
        return order, code[order], years[order].astype(float)

    @staticmethod
    def _source(seen: NDArray[np.bool_], code: Index, back: bool) -> Index:
        """Return for each cell the row of the nearest observation before (or after) it, -1 for none."""
        rows = np.arange(len(seen))[:, None]
        if back:
            row = np.maximum.accumulate(np.where(seen, rows, -1), axis=0)
        else:
            last = len(seen)
            row = np.minimum.accumulate(np.where(seen, rows, last)[::-1], axis=0)[::-1]
            row = np.where(row == last, -1, row)
        same_country = code[np.maximum(row, 0)] == code[:, None]
        return np.where((row >= 0) & same_country, row, -1)

    def _near(self, distance: Array) -> NDArray[np.bool_]:
        return distance <= (np.inf if self.limit is None else self.limit)


class LastObservation(_Panel):
    """The country's last earlier observation, carried forward at most ``limit`` years.

    Notes
    -----
    COINr's ``impute_panel("latest")``; its ``max_time`` counts time points instead of years.

    References
    ----------
    Little, R. J. A. and Rubin, D. B. (2002), Statistical Analysis with Missing Data, 2nd ed., Wiley,
    section 4.3.3 (last observation carried forward).

    Examples
    --------
    >>> x = np.array([[5.0], [np.nan], [np.nan]])
    >>> panel = Context(np.array(["A", "A", "A"], object), np.array([2005, 2006, 2010]))
    >>> LastObservation(limit=2).predict(x, panel, {}).ravel().tolist()
    [5.0, 5.0, nan]
    """

    name: ClassVar[str] = "last"

    def _around(self, x: Array, context: Context, learned: Learned) -> tuple[Array, Array]:
        order, code, years = self._ordered(x, context)
        ordered = x[order]
        row = self._source(~np.isnan(ordered), code, back=True)
        value = np.take_along_axis(ordered, np.maximum(row, 0), axis=0)
        away = years[:, None] - years[np.maximum(row, 0)]
        out, variance = np.empty((2, *x.shape))
        out[order] = np.where((row >= 0) & self._near(away), value, np.nan)
        variance[order] = away
        return out, variance


class LinearInterpolation(_Panel):
    """The straight line between the country's observations before and after, by year.

    Before the first and after the last observation the nearest value holds (``ends: nearest``) or the
    cell stays missing (``ends: leave``). ``limit`` is the distance to the nearer observation.

    Notes
    -----
    COINr's ``impute_panel`` with "linear" (nearest value at both ends); with a single observation it
    gives that value throughout, as COINr's "linear-constant" does.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3; Karatzas, I. and Shreve, S. E.
    (1991), Brownian Motion and Stochastic Calculus, 2nd ed., section 5.6.B (bridge); Moritz, S. and
    Bartz-Beielstein, T. (2017), imputeTS, The R Journal 9(1), 207-218.

    Examples
    --------
    >>> x = np.array([[5.0], [np.nan], [13.0], [np.nan]])
    >>> panel = Context(np.array(["A"] * 4, object), np.array([2005, 2006, 2009, 2010]))
    >>> LinearInterpolation().predict(x, panel, {}).ravel().tolist()
    [5.0, 7.0, 13.0, 13.0]
    """

    name: ClassVar[str] = "linear"

    ends: Literal["nearest", "leave"] = "nearest"

    def _around(self, x: Array, context: Context, learned: Learned) -> tuple[Array, Array]:
        order, code, years = self._ordered(x, context)
        ordered = x[order]
        seen = ~np.isnan(ordered)
        values, distances, is_there = [], [], []
        for back in (True, False):
            row = self._source(seen, code, back=back)
            source = np.maximum(row, 0)
            is_there.append(row >= 0)
            values.append(np.take_along_axis(ordered, source, axis=0))
            away = np.abs(years[:, None] - years[source])
            distances.append(np.where(row >= 0, away, np.inf))
        (before, after), (since, until) = values, distances
        with np.errstate(invalid="ignore"):
            between = before + (after - before) * since / (since + until)
            bridge = since * until / (since + until)
        value = np.where(is_there[0] & is_there[1], between, np.nan)
        if self.ends == "nearest":
            value = np.where(is_there[0] & ~is_there[1], before, value)
            value = np.where(is_there[1] & ~is_there[0], after, value)
        nearest = np.minimum(since, until)
        out, variance = np.empty((2, *x.shape))
        out[order] = np.where(self._near(nearest), value, np.nan)
        variance[order] = np.where(is_there[0] & is_there[1], bridge, nearest)
        return out, variance
