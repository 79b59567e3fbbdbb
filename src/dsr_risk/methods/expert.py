"""Weights from people: budget allocation and the analytic hierarchy process."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Self

import numpy as np
from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from .._util.types import Array
from ..errors import FrameworkError
from ._base import Number
from .weighting import Weighter

__all__ = ["AnalyticHierarchy", "BudgetAllocation"]


_RANDOM = (0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
_ROUNDING = 0.02


class _Expert(Weighter):
    """Weights that do not look at the data; one entry for each child, in the order of the framework."""

    reads_values: ClassVar[bool] = False

    def weights(self) -> Array:
        """Return the weights, in child order."""
        raise TypeError(f"{type(self).__name__} gives no `weights`")

    def fit(self, values: Array, given: Array, quality: Array) -> Array:
        """Return the experts' weights; a child given weight 0 keeps it, for it was taken out on purpose."""
        weights = self.weights()
        if len(weights) != len(given):
            raise FrameworkError(
                f"weighting `{self.name}` is written for {len(weights)} children, and the group has "
                f"{len(given)}: give one entry for each child, in the order of the framework"
            )
        return np.where(given > 0, weights, 0.0)


class BudgetAllocation(_Expert):
    """Budget allocation: each expert shares out a budget of points among the children.

    ``points`` has one row an expert, each with one entry a child in the order of the framework. A row
    counts by its shares, whatever its total; the weights are the mean over experts.

    Raises
    ------
    FrameworkError
        If rows differ in length or a row sums to 0; on fitting, if the group has another number of
        children.

    References
    ----------
    Jesinghaus, J., in Moldan, B. and Billharz, S. (eds., 1997), Sustainability Indicators, SCOPE 58,
    Wiley; OECD/JRC (2008), Handbook, step 6 (budget allocation).

    Examples
    --------
    >>> budget = BudgetAllocation(points=((50, 30, 20), (10, 6, 4)))
    >>> budget.fit(np.empty((0, 3)), np.ones(3), np.ones(3)).round(6).tolist()
    [0.5, 0.3, 0.2]
    """

    name: ClassVar[str] = "budget_allocation"

    points: Annotated[tuple[tuple[Annotated[Number, Field(ge=0)], ...], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if len({len(row) for row in self.points}) > 1:
            sizes = [len(row) for row in self.points]
            raise ValueError(
                f"every row of `points` needs an entry a child, received rows of {sizes}"
            )
        for number, row in enumerate(self.points, start=1):
            if not sum(row) > 0:
                raise ValueError(f"row {number} of `points` sums to 0, received {list(row)}")
        return self

    def weights(self) -> Array:
        """Return the mean shares."""
        points = np.array(self.points)
        return np.asarray((points / points.sum(axis=1, keepdims=True)).mean(axis=0))


def _judgement(value: object) -> float:
    if isinstance(value, str):
        fraction = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*/\s*(\d+(?:\.\d+)?)\s*", value)
        if fraction and float(fraction[2]) > 0:
            value = float(fraction[1]) / float(fraction[2])
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < np.inf:
        return float(value)
    raise ValueError("expected a number above 0, or a fraction such as `1/3`")


Judgement = Annotated[
    float,
    PlainValidator(_judgement),
    WithJsonSchema(
        {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string", "pattern": "/"}]}
    ),
]


class AnalyticHierarchy(_Expert):
    """The analytic hierarchy process: weights from judgements of every pair of children.

    ``pairs`` is the k x k matrix whose entry (i, j) says how many times child i matters as much as child
    j (1 equal, 3 moderately, 5 strongly, 7 very strongly, 9 extremely more), in the order of the framework;
    fractions may be written ``1/3``. The weights are its principal eigenvector, scaled to sum one.

    Raises
    ------
    FrameworkError
        If the matrix is not square and reciprocal (to rounding in the second decimal), has more than 15
        children, or its consistency ratio is above ``consistency`` (Saaty's 0.1).

    Notes
    -----
    Consistency ratio: (largest eigenvalue - k) / (k - 1) over Saaty's random index for k. The lower
    triangle is taken as the reciprocal of the upper, so that its rounding does not count.

    References
    ----------
    Saaty, T. L. (1980), The Analytic Hierarchy Process, McGraw-Hill; OECD/JRC (2008), Handbook, step 6.

    Examples
    --------
    >>> ahp = AnalyticHierarchy(pairs=((1, 3, 5), ("1/3", 1, 3), ("1/5", "1/3", 1)))
    >>> ahp.weights().round(3).tolist(), round(ahp.consistency_ratio, 3)
    ([0.637, 0.258, 0.105], 0.033)
    """

    name: ClassVar[str] = "ahp"

    pairs: Annotated[tuple[tuple[Judgement, ...], ...], Field(min_length=1, max_length=15)]
    consistency: Annotated[Number, Field(ge=0)] = 0.1

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        size = len(self.pairs)
        rows = [len(row) for row in self.pairs]
        if rows != [size] * size:
            raise ValueError(f"`pairs` must be square, received {size} rows of {rows}")
        matrix = np.array(self.pairs)
        off = np.abs(matrix * matrix.T - 1) > _ROUNDING
        if off.any():
            i, j = map(int, np.argwhere(off)[0])
            raise ValueError(
                f"`pairs` must be reciprocal: entry ({i + 1}, {j + 1}) is {matrix[i, j]:g} and "
                f"({j + 1}, {i + 1}) is {matrix[j, i]:g}, received a product of "
                f"{matrix[i, j] * matrix[j, i]:.3g} instead of 1"
            )
        if self.consistency_ratio > self.consistency:
            raise ValueError(
                f"the judgements contradict each other: consistency ratio {self.consistency_ratio:.3f}, at "
                f"most {self.consistency:g} allowed; revise `pairs` or raise `consistency`"
            )
        return self

    @property
    def consistency_ratio(self) -> float:
        """The consistency index over its mean for random judgements; 0 for one or two children."""
        size = len(self.pairs)
        if size < 3:
            return 0.0
        largest = float(self._principal()[0])
        return max((largest - size) / (size - 1) / _RANDOM[size - 1], 0.0)

    def weights(self) -> Array:
        """Return the principal eigenvector, summing to one."""
        return self._principal()[1]

    def _principal(self) -> tuple[float, Array]:
        upper = np.triu(np.array(self.pairs), 1)
        matrix = upper + np.eye(len(upper))
        matrix += np.tril(1 / np.where(upper > 0, upper, np.inf).T, -1)
        sizes, vectors = np.linalg.eig(matrix)
        first = int(np.argmax(sizes.real))
        vector = np.abs(vectors[:, first].real)
        return float(sizes[first].real), vector / vector.sum()
