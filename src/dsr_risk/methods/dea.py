"""Benefit of the doubt: every unit under the weights that suit it best, by linear programming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import scipy
from pydantic import Field, model_validator

from .._util.types import Array, Mask
from ..errors import FrameworkError, NotScorableError
from ._base import Number
from .weighting import Learner

__all__ = ["BenefitOfTheDoubt", "BestCase", "best_case"]


_PAST = 1e-9
_UNBOUNDED = 3


@dataclass(frozen=True, eq=False)
class BestCase:
    """The lowest risk that any admissible weights leave each unit, measured from the safest practice.

    Attributes
    ----------
    scores
        (n,) best-case risk on the scale, its lower end on the frontier; NaN without any value.
    weights
        (n, k) the weights that give it, summing to one; NaN where the child has no value.
    beyond
        (n,) whether the unit lies past the frontier of the reference set, its score cut at the lower end.

    Examples
    --------
    >>> result = best_case(np.array([[20.0, 60.0], [60.0, 20.0], [80.0, 80.0]]))
    >>> result.scores.round(4).tolist(), result.weights.shape, result.beyond.any().item()
    ([0.0, 0.0, 66.6667], (3, 2), False)
    """

    scores: Array
    weights: Array
    beyond: Mask


def best_case(
    values: Array,
    reference: Array | None = None,
    *,
    least: float = 0.0,
    most: float = 1.0,
    scale: tuple[float, float] = (0.0, 100.0),
) -> BestCase:
    r"""Return benefit-of-the-doubt scores: the best case a unit can make, as a bound of its risk.

    With safety :math:`y = upper - x`, each unit c chooses weights to solve

    .. math:: \max_w \; w \cdot y_c \quad \text{s.t.} \quad w \cdot y_j \le 1 \;\forall j,
        \quad least \cdot \sum w \le w_i \le most \cdot \sum w

    over reference units j, and its best-case risk is ``upper - (upper - lower) * optimum``. Whatever
    admissible weights are used, its weighted mean is not lower.

    Parameters
    ----------
    values
        (n, k) risk scores of the children on `scale`, NaN for missing.
    reference
        (m, k) the units that set the frontier; `values` themselves if None. A unit past the frontier of
        another reference is cut at the lower end and flagged.
    least, most
        Bounds on each child's share of the weights. Where a unit lacks children, `most` is raised to an
        equal share of those it has if it must.
    scale
        Lower and upper end of the scale.

    Notes
    -----
    Missing children of a unit have no weight in its programme; a missing value of a reference unit counts
    as no safety, so that it sets no frontier there (Kuosmanen 2009). Among equally good weights those are
    taken under which the mean of the reference is safest, so that the order of units does not matter.
    Compind's ``ci_bod`` solves the dual of the unbounded problem, on scores where high is good. Only
    reference units that no other dominates become constraints.

    References
    ----------
    Cherchye, L., Moesen, W., Rogge, N. and Van Puyenbroeck, T. (2007), An introduction to 'benefit of the
    doubt' composite indicators, Social Indicators Research 82(1), 111-145; Melyn, W. and Moesen, W.
    (1991), KU Leuven Public Economics Research Paper 17; Kuosmanen, T. (2009), Data envelopment analysis
    with missing data, JORS 60(12), 1767-1774.

    Examples
    --------
    >>> result = best_case(np.array([[0.0, 50.0], [50.0, 0.0], [50.0, 50.0]]))
    >>> result.scores.round(6).tolist()
    [0.0, 0.0, 33.333333]
    """
    lower, upper = scale
    y = (upper - values) / (upper - lower)
    frontier = y if reference is None else (upper - reference) / (upper - lower)
    frontier = np.where(np.isnan(frontier), 0.0, frontier)
    reach, weights = np.full(len(y), np.nan), np.full(y.shape, np.nan)
    seen = ~np.isnan(y)
    for pattern in np.unique(seen, axis=0):
        rows = np.flatnonzero((seen == pattern).all(axis=1))
        if pattern.any():
            programme = _Programme(frontier[:, pattern], least, most)
            for row in rows:
                reach[row], weights[row, pattern] = programme.solve(y[row, pattern])
    beyond = reach > 1 + _PAST
    with np.errstate(invalid="ignore"):
        risk = upper - (upper - lower) * np.minimum(reach, 1.0)
    return BestCase(risk, weights, beyond)


class _Programme:
    """The linear programme of all units that have the same children."""

    def __init__(self, frontier: Array, least: float, most: float) -> None:
        size = frontier.shape[1]
        most = max(most, 1 / size)
        peers = _undominated(frontier)
        rows = [peers]
        if least > 0:
            rows.append(least * np.ones((size, size)) - np.eye(size))
        if most < 1:
            rows.append(np.eye(size) - most * np.ones((size, size)))
        self.rows = np.vstack(rows)
        self.limits = np.append(np.ones(len(peers)), np.zeros(len(self.rows) - len(peers)))
        self.mean = frontier.mean(axis=0)

    def solve(self, y: Array) -> tuple[float, Array]:
        """Return the optimum for one unit, infinite where nobody bounds it, and its weights as shares."""
        if not (y > 0).any():
            return 0.0, np.full(len(y), 1 / len(y))
        best = self._maximise(y)
        if best is None:
            return np.inf, (y > 0) / (y > 0).sum()
        reach = float(y @ best)
        if reach >= 1 - _PAST:
            # Units on the frontier have many optimal weights.
            best = self._maximise(self.mean, (y, reach)) if self.mean.any() else best
            best = y if best is None else best
        total = best.sum()
        return reach, best / total if total > 0 else np.full(len(y), 1 / len(y))

    def _maximise(self, aim: Array, held: tuple[Array, float] | None = None) -> Array | None:
        """Return the weights with the highest `aim`, if wanted holding a product; None if unbounded."""
        solve: Any = scipy.optimize.linprog
        kept = {} if held is None else {"A_eq": held[0][None], "b_eq": np.array([held[1]])}
        result = solve(
            -aim, A_ub=self.rows, b_ub=self.limits, bounds=(0, None), method="highs", **kept
        )
        if result.x is None:
            if result.status == _UNBOUNDED or held is not None:
                return None
            raise NotScorableError(f"benefit of the doubt: no solution ({result.message})")
        return np.asarray(np.maximum(result.x, 0.0))


def _undominated(rows: Array) -> Array:
    """Return the distinct rows that no other row reaches in every column, in lexicographic order."""
    rows = np.unique(rows, axis=0)
    rows = rows[rows.any(axis=1)]
    keep = np.ones(len(rows), bool)
    for number, row in enumerate(rows):
        if keep[number]:
            below = (rows <= row).all(axis=1)
            below[number] = False
            keep &= ~below
    return rows[keep]


class BenefitOfTheDoubt(Learner):
    """Benefit of the doubt: the mean over units of the weights under which each looks safest.

    ``least`` and ``most`` bound each child's share; without bounds a unit may put everything on its best
    child. The weights are common, so that units stay comparable; ``best_case`` gives every unit's own
    weights and the best-case bound of its risk.

    Raises
    ------
    FrameworkError
        If `least` or `most` cannot hold for the number of children.

    References
    ----------
    Cherchye, L., Moesen, W., Rogge, N. and Van Puyenbroeck, T. (2007), Social Indicators Research 82(1),
    111-145; common weights as the mean of the units' own: Roll, Y., Cook, W. D. and Golany, B. (1991),
    Controlling factor weights in data envelopment analysis, IIE Transactions 23(1), 2-9.

    Examples
    --------
    >>> x = np.array([[0.0, 50.0], [50.0, 0.0], [50.0, 50.0]])
    >>> BenefitOfTheDoubt(least=0.2).fit(x, np.ones(2), np.ones(2)).round(3).tolist()
    [0.5, 0.5]
    """

    name: ClassVar[str] = "benefit_of_the_doubt"

    least: Annotated[Number, Field(ge=0, lt=1)] = 0.0
    most: Annotated[Number, Field(gt=0, le=1)] = 1.0
    scale: tuple[Number, Number] = (0.0, 100.0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least > self.most:
            raise ValueError(
                f"`least` must not be above `most`, received {self.least:g} and {self.most:g}"
            )
        if self.scale[0] >= self.scale[1]:
            raise ValueError(f"`scale` must ascend, received {list(self.scale)}")
        return self

    def learn(self, values: Array, given: Array) -> Array:
        """Return the mean weights."""
        size = len(given)
        if self.least * size > 1 + _PAST or self.most * size < 1 - _PAST:
            raise FrameworkError(
                f"weighting `{self.name}`: shares between {self.least:g} and {self.most:g} cannot add up to one "
                f"over {size} children; `least` must be at most {1 / size:.3g} and `most` at least that"
            )
        result = best_case(values, least=self.least, most=self.most, scale=self.scale)
        return np.asarray(np.nansum(result.weights, axis=0) / len(values))
