"""The effect of each lever: exact Shapley values over the levers of a scenario."""

from __future__ import annotations

from itertools import product
from math import factorial

import numpy as np

from ..._util.types import Array
from ...errors import NotScorableError
from ...scoring.scores import Scores
from .run import Plan, headline_values, run
from .sheet import Sheet

__all__ = ["shapley"]

MOST = 10


def shapley(scores: Scores, plan: Plan, sheet: Sheet, *, years: float | None) -> Array:
    """Return points (levers, touched, headlines) of every lever; over levers they add up to the change.

    Every subset of the levers is run in the stated order; a lever's points are the mean, over all orders in
    which levers could join, of what it adds.

    Raises
    ------
    NotScorableError
        For more than 10 levers: 2 to their number runs.

    References
    ----------
    Shapley, L. S. (1953), A value for n-person games, Contributions to the Theory of Games II, 307-317.
    """
    k = len(plan.scenario.steps)
    if k > MOST:
        raise NotScorableError(
            f"{k} levers: exact attribution takes 2 to the {k} runs; at most {MOST} levers at once"
        )
    names = scores.names
    touched = plan.touched
    base = headline_values(scores, names)[touched]
    values: dict[tuple[bool, ...], Array] = {(False,) * k: base}
    for active in product((False, True), repeat=k):
        if any(active):
            done = run(scores, plan, years=years, records=sheet.records, active=active, whole=False)
            values[active] = headline_values(done.after, names)
    points = np.zeros((k, len(touched), len(names)))
    for active, value in values.items():
        size = sum(active)
        for lever in range(k):
            if not active[lever]:
                joined = tuple(on or index == lever for index, on in enumerate(active))
                share = factorial(size) * factorial(k - size - 1) / factorial(k)
                points[lever] += share * (values[joined] - value)
    return points
