"""Imputation from what is near: sibling indicators of the same unit, or the most similar units."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from .._util.types import Array, Mask
from ._columns import highest, lowest, quantile, spread
from .imputation import Context, Imputer
from .treatment import Learned

__all__ = ["NearestNeighbours", "Siblings"]

Whole = Annotated[int, Field(ge=1, strict=True)]


class Siblings(Imputer):
    """The unit's own mean over the other indicators of the same group, carried back to raw units.

    Every column is put on 0-1 by the reference extremes, in the direction of risk; the mean of the
    unit's observed siblings is then read back on the scale of the missing column. ``across: all`` takes
    every other column instead. A unit without an observed sibling stays missing.

    Notes
    -----
    COINr's row-wise ``i_mean`` (direction and min-max, impute, back-transform), which takes all columns
    of the data set. It is what leaving the cell out of an arithmetic mean with equal weights does, written
    into the table.

    References
    ----------
    Becker, W. et al. (2022), COINr, JOSS 7(78), 4567 (``Impute``, row-wise); OECD/JRC (2008), Handbook,
    step 3.

    Examples
    --------
    >>> x = np.array([[0.0, 10.0], [50.0, np.nan], [100.0, 30.0]])
    >>> where = Context(np.array(list("ABC"), object), siblings=(np.array([0, 1]),) * 2,
    ...                 signs=np.array([1.0, 1.0]))
    >>> Siblings().apply(x, where, Siblings().fit(x, where))[1].tolist()
    [50.0, 20.0]
    """

    name: ClassVar[str] = "siblings"

    across: Literal["siblings", "all"] = "siblings"

    def fit(self, x: Array, context: Context) -> Learned:
        """The extremes of each column."""
        return {"low": lowest(x), "high": highest(x)}

    def apply(self, x: Array, context: Context, learned: Learned) -> Array:
        """The columns with the siblings' mean in missing cells."""
        low, high = learned["low"], learned["high"]
        length = np.where(high > low, high - low, np.nan)
        safer = context.signs < 0
        share = np.where(safer, high - x, x - low) / length
        seen = ~np.isnan(share)
        beside = self._beside(context, x.shape[1])
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(seen, share, 0.0) @ beside / (seen @ beside)
        part = np.where(safer, 1 - mean, mean) * (high - low)
        return np.where(np.isnan(x), low + part, x)

    def _beside(self, context: Context, columns: int) -> Array:
        """1 where the row's column helps to fill the column's."""
        out = np.zeros((columns, columns))
        if self.across == "all":
            out[:] = 1.0
        else:
            for column, siblings in enumerate(context.siblings):
                out[siblings, column] = 1.0
        np.fill_diagonal(out, 0.0)
        return out


class NearestNeighbours(Imputer):
    """The mean of the k most similar reference units that have a value.

    Similarity is the mean squared difference, in standard deviations of the reference, over the columns
    both units have; ``overlap`` is how many there must be at least. ``centre`` says whether the
    neighbours' mean or median is taken. Units as near as the k-th all count, so that the order of rows
    does not matter. Draws take one of the neighbours at random (hot deck).

    References
    ----------
    Troyanskaya, O. et al. (2001), Missing value estimation methods for DNA microarrays, Bioinformatics
    17(6), 520-525; Andridge, R. R. and Little, R. J. A. (2010), A review of hot deck imputation, Int.
    Statistical Review 78(1), 40-64.

    Examples
    --------
    >>> x = np.array([[1.0, 1, 10], [1.1, 1.2, 20], [9, 9, 90], [1.05, 1.1, np.nan]])
    >>> where = Context(np.array(list("ABCD"), object))
    >>> method = NearestNeighbours(k=2, overlap=2)
    >>> method.apply(x, where, method.fit(x, where))[3, 2].item()
    15.0
    """

    name: ClassVar[str] = "knn"
    stochastic: ClassVar[bool] = True

    k: Whole = 5
    overlap: Whole = 3
    centre: Literal["mean", "median"] = "mean"

    def fit(self, x: Array, context: Context) -> Learned:
        """The reference units and the standard deviation of each column."""
        return {"reference": x.copy(), "sd": spread(x)}

    def apply(self, x: Array, context: Context, learned: Learned) -> Array:
        """The columns with the neighbours' centre in missing cells."""
        out, distance = x.copy(), self._distances(x, learned)
        for column in range(x.shape[1]):
            rows, near, values = self._near(x, distance, learned["reference"], column)
            if rows.size:
                choice = np.where(near, values, np.nan).T
                out[rows, column] = (
                    quantile(choice, 0.5) if self.centre == "median" else _mean_of(near, values)
                )
        return out

    def draws(
        self, x: Array, context: Context, learned: Learned, rng: np.random.Generator, m: int
    ) -> Array:
        """Filled copies, each missing cell with the value of a neighbour drawn at random."""
        out, distance = np.repeat(x[None], m, axis=0), self._distances(x, learned)
        for column in range(x.shape[1]):
            rows, near, values = self._near(x, distance, learned["reference"], column)
            if rows.size and values.size:
                lots = np.where(near, rng.random((m, *near.shape)), -1.0)
                drawn = values[np.argmax(lots, axis=-1)]
                out[:, rows, column] = np.where(near.any(axis=1), drawn, np.nan)
        return out

    def _distances(self, x: Array, learned: Learned) -> Array:
        """Mean squared distance of each row to each reference unit, infinite with too little overlap."""
        reference, size = learned["reference"], learned["sd"]
        total, shared = np.zeros((2, len(x), len(reference)))
        for column in np.flatnonzero(size > 0):
            gap = (x[:, column, None] - reference[None, :, column]) / size[column]
            known = ~np.isnan(gap)
            with np.errstate(over="ignore"):  # infinitely far is far enough
                total += np.where(known, np.square(gap), 0.0)
            shared += known
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(shared >= self.overlap, total / shared, np.inf)

    def _near(
        self, x: Array, distance: Array, reference: Array, column: int
    ) -> tuple[NDArray[np.intp], Mask, Array]:
        """The rows to fill, which donors are near each (rows, donors), and the donors' values."""
        rows = np.flatnonzero(np.isnan(x[:, column]))
        donors = np.flatnonzero(~np.isnan(reference[:, column]))
        away = distance[np.ix_(rows, donors)]
        if not away.size:
            return rows, np.zeros(away.shape, bool), reference[donors, column]
        place = min(self.k, len(donors)) - 1
        limit = np.partition(away, place, axis=1)[:, place, None]
        return rows, (away <= limit) & np.isfinite(away), reference[donors, column]


def _mean_of(near: Mask, values: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(near, values, 0.0).sum(axis=1) / near.sum(axis=1))
