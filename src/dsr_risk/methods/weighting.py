"""Weighting: the weights of a group's children, given or learned."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from .._util.types import Array, Mask
from ..errors import NotScorableError
from ._base import Method
from ._columns import count

__all__ = ["DataQuality", "Equal", "Given", "Learner", "Weighter"]


class Weighter(Method):
    """Weights of the k children of one group, learned once on the reference set.

    A plug-in gives ``fit(values, given, quality)``: `values` (units, k) are the children's scores with
    NaN for missing, `given` (k,) the weights written in the framework, `quality` (k,) the mean
    confidence of the cells behind each child in 0-1 (missing cells count 0). It returns k weights >= 0,
    not all zero; only their ratios matter. Set ``reads_values = False`` where `values` is not used.

    Examples
    --------
    >>> method = Weighter.parse("data_quality")
    >>> method.fit(np.empty((0, 2)), given=np.array([2.0, 1.0]), quality=np.array([0.5, 1.0])).tolist()
    [1.0, 1.0]
    """

    family: ClassVar[str] = "weighting"
    reads_values: ClassVar[bool] = True

    def fit(self, values: Array, given: Array, quality: Array) -> Array:
        """Return the weights.

        Parameters
        ----------
        values
            (units, k) the children's scores on the reference set, NaN for missing.
        given
            (k,) weights written in the framework, >= 0.
        quality
            (k,) mean confidence of the cells behind each child, 0-1.

        Returns
        -------
        ndarray
            (k,) weights >= 0, not all zero.

        Raises
        ------
        NotScorableError
            From a method that learns, if the children do not say enough; see `Learner`.
        """
        raise TypeError(f"{type(self).__name__} gives no `fit`")


class Given(Weighter):
    """The weights written in the framework.

    References
    ----------
    OECD/JRC (2008), Handbook, step 6 (participatory weights).

    Examples
    --------
    >>> Given().fit(np.empty((0, 2)), np.array([2.0, 1.0]), np.ones(2)).tolist()
    [2.0, 1.0]
    """

    name: ClassVar[str] = "given"
    reads_values: ClassVar[bool] = False

    def fit(self, values: Array, given: Array, quality: Array) -> Array:
        """Return the given weights."""
        return given


class Equal(Weighter):
    """The same weight for every child.

    References
    ----------
    OECD/JRC (2008), Handbook, step 6 (equal weighting).

    Examples
    --------
    >>> Equal().fit(np.empty((0, 3)), np.array([2.0, 1.0, 0.0]), np.ones(3)).tolist()
    [1.0, 1.0, 0.0]
    """

    name: ClassVar[str] = "equal"
    reads_values: ClassVar[bool] = False

    def fit(self, values: Array, given: Array, quality: Array) -> Array:
        """Return one for each; a child given weight 0 keeps it, for it was taken out on purpose."""
        return np.where(given > 0, 1.0, 0.0)


class DataQuality(Weighter):
    """The given weights times the quality of the data behind each child.

    Quality is the mean over the reference units of the cell's confidence (high 1, medium 2/3, low 1/3,
    unknown as high), counting a missing cell as 0 and leaving out cells that are not applicable.

    References
    ----------
    OECD/JRC (2008), Handbook, step 6: "less weight to indicators with lower data quality".

    Examples
    --------
    >>> DataQuality().fit(np.empty((0, 2)), np.array([2.0, 1.0]), np.array([0.5, 1.0])).tolist()
    [1.0, 1.0]
    """

    name: ClassVar[str] = "data_quality"
    reads_values: ClassVar[bool] = False

    def fit(self, values: Array, given: Array, quality: Array) -> Array:
        """Return given weights times quality."""
        return given * quality


class _ChildError(Exception):
    """A child (by its place among those with a weight) that the method cannot weigh, and why."""

    def __init__(self, children: tuple[int, ...], why: str) -> None:
        super().__init__(children, why)
        self.children, self.why = children, why


class Learner(Weighter):
    """Weights learned from the children's scores on the reference set.

    A plug-in gives ``learn(values, given)`` for the children whose given weight is above 0; the others
    keep 0, for they were taken out on purpose. A single child has weight 1 without looking at it.

    Raises
    ------
    NotScorableError
        If a child has values for fewer than 2 reference units, or the method finds no weights.

    Examples
    --------
    >>> method, values = Weighter.parse("standard_deviation"), np.array([[0.0, 0.0], [10.0, 30.0]])
    >>> isinstance(method, Learner), method.fit(values, np.ones(2), np.ones(2)).round(4).tolist()
    (True, [7.0711, 21.2132])
    """

    def fit(self, values: Array, given: Array, quality: Array) -> Array:
        """Return the learned weights, by child."""
        taken = given > 0
        out = np.where(taken, 1.0, 0.0)
        if taken.sum() < 2:
            return out
        part = values[:, taken]
        try:
            self.refuse(count(part) < 2, "has values for fewer than 2 reference units")
            weights = self.learn(part, given[taken])
        except _ChildError as error:
            named = " and ".join(str(np.flatnonzero(taken)[child] + 1) for child in error.children)
            raise NotScorableError(
                f"weighting `{self.name}`: child {named} of {len(given)} {error.why}; give the weights by "
                "hand (`weighting: given`), drop the child or enlarge the reference set"
            ) from None
        if not np.isfinite(weights).all() or not weights.sum() > 0:
            raise NotScorableError(
                f"weighting `{self.name}`: the {len(weights)} children do not tell units apart in the way the "
                f"method needs (found {np.round(weights, 4).tolist()}); give the weights by hand "
                "(`weighting: given`)"
            )
        out[taken] = weights
        return out

    def learn(self, values: Array, given: Array) -> Array:
        """Return the weights of children (units, k), all with a given weight above 0.

        Parameters
        ----------
        values
            (units, k) the scores of the children that are taken, NaN for missing.
        given
            (k,) their given weights, above 0.

        Returns
        -------
        array
            (k,) weights, not all 0.
        """
        raise TypeError(f"{type(self).__name__} gives no `learn`")

    @staticmethod
    def refuse(bad: Mask, why: str) -> None:
        """Stop at the first child that is `bad` (k,), or the first pair (k, k), and say why.

        Parameters
        ----------
        bad
            (k,) or (k, k) which children, or pairs of them, cannot be weighed.
        why
            The end of the message: what is wrong with the child.
        """
        if bad.any():
            raise _ChildError(tuple(dict.fromkeys(map(int, np.argwhere(bad)[0]))), why)
