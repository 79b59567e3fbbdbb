"""Imputation from what is near: sibling indicators of the same unit, or the most similar units."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from .._util.types import Array, Mask
from ._columns import highest, lowest, spread
from ._predictive import Predictive
from .central import between_bounds, donors, fixed
from .imputation import Context, Imputer, bounds_of, check_auxiliary
from .treatment import Learned

__all__ = ["NearestNeighbours", "Siblings", "nearest"]

Whole = Annotated[int, Field(ge=1, strict=True)]


class Siblings(Imputer):
    """The unit's own mean over the other indicators of the same group, carried back to raw units.

    Every column is put on 0-1 by the reference extremes, in the direction of risk; the mean of the
    unit's observed siblings is then read back on the scale of the missing column. ``across: all`` takes
    every other column instead. A unit without an observed sibling stays missing. Draws repeat the prediction.

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
    >>> Siblings().predict(x, where, Siblings().fit(x, where))[1].tolist()
    [50.0, 20.0]
    """

    name: ClassVar[str] = "siblings"

    across: Literal["siblings", "all"] = "siblings"

    def fit(self, x: Array, context: Context) -> Learned:
        """Return the extremes of each column."""
        return {"low": lowest(x), "high": highest(x)}

    def _predictive(self, x: Array, context: Context, learned: Learned) -> Predictive:
        low, high = learned["low"], learned["high"]
        length = np.where(high > low, high - low, np.nan)
        safer = context.signs < 0
        share = np.where(safer, high - x, x - low) / length
        seen = ~np.isnan(share)
        beside = self._beside(context, x.shape[1])
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(seen, share, 0.0) @ beside / (seen @ beside)
        part = np.where(safer, 1 - mean, mean) * (high - low)
        rows, columns = np.nonzero(np.isnan(x))
        return fixed(x, context, rows, columns, (low + part)[rows, columns])

    def _beside(self, context: Context, columns: int) -> Array:
        """Return 1 where the row's column helps to fill the column's."""
        out = np.zeros((columns, columns))
        if self.across == "all":
            out[:] = 1.0
        else:
            for column, siblings in enumerate(context.siblings):
                out[siblings, column] = 1.0
        np.fill_diagonal(out, 0.0)
        return out


class NearestNeighbours(Imputer):
    """The values of the k most similar reference units that have one, each with the same probability.

    Similarity is the mean squared difference, in standard deviations of the reference, over the scored and
    auxiliary columns that both units have. There must be at least ``overlap`` such columns, or all other
    columns where the data have fewer. Units as near as the k-th all count, so that the order of rows does not
    matter. The prediction is the donors' mean; draws take one donor. A cell with bounds takes the nearest
    donors inside its bounds. Where there is none it takes any value between the bounds, and a note says so.

    Raises
    ------
    DataError
        If an auxiliary column is constant or missing everywhere.

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
    >>> method.predict(x, where, method.fit(x, where))[3, 2].item()
    15.0
    """

    name: ClassVar[str] = "knn"
    stochastic: ClassVar[bool] = True

    k: Whole = 10
    overlap: Whole = 3

    def fit(self, x: Array, context: Context) -> Learned:
        """Return the reference units and the standard deviation of each column."""
        extra = context.design(len(x))
        check_auxiliary(self.name, extra, context.auxiliary_names)
        both = np.column_stack([x, extra])
        return {"reference": both, "sd": spread(both)}

    def _predictive(self, x: Array, context: Context, learned: Learned) -> Predictive:
        both = np.column_stack([x, context.design(len(x))])
        rows, columns = np.nonzero(np.isnan(x))
        low, high = (bound[rows, columns] for bound in bounds_of(x, context))
        values = learned["reference"][:, columns]
        inside = ~np.isnan(values) & (values >= low) & (values <= high)
        missing = np.unique(rows)
        away = np.empty((len(x), len(values)))
        away[missing] = self._distances(both[missing], learned)
        near = nearest(np.where(inside, away[rows].T, np.inf), self.k)
        return donors(rows, columns, near, values, low, high)

    def fallbacks(self, x: Array, context: Context, learned: Learned) -> dict[str, Mask]:
        """Return the cells with no donor inside their bounds."""
        return between_bounds(x, context, lambda: self._predictive(x, context, learned))

    def _distances(self, x: Array, learned: Learned) -> Array:
        """Return the mean squared distance of each row to each reference unit, infinite with little overlap."""
        with np.errstate(invalid="ignore", divide="ignore"):
            size = np.where(learned["sd"] > 0, learned["sd"], np.nan)
            z, reference = x / size, learned["reference"] / size
        seen, observed = ~np.isnan(z), ~np.isnan(reference)
        shared = seen.astype(float) @ observed.T
        total = np.zeros(shared.shape)
        for column in np.flatnonzero(observed.any(axis=0)):
            gap = np.subtract.outer(z[:, column], reference[:, column])
            with np.errstate(over="ignore"):  # infinitely far is far enough
                np.square(gap, out=gap)
            total += np.nan_to_num(gap, nan=0.0, posinf=np.inf)
        least = min(self.overlap, max(int((learned["sd"] > 0).sum()) - 1, 1))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(shared >= least, total / shared, np.inf)


def nearest(away: Array, count: int) -> Mask:
    """Return the `count` nearest (r, c) of units at distances (r, c), and all as near as the last of them.

    Distances that differ in their last digits are equal, so that the order of units decides nothing.
    """
    if not away.size:
        return np.zeros(away.shape, bool)
    rank = min(count, len(away)) - 1
    limit = np.partition(away, rank, axis=0)[rank]
    with np.errstate(invalid="ignore"):
        return np.asarray((away <= limit * (1 + 1e-9) + 1e-300) & np.isfinite(away))
