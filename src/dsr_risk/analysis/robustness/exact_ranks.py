"""Exact best and worst ranks of one unit by mixed-integer programming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..._util.types import Array, Index
from .case import Case
from .local_sets import BoxShares, Ordered
from .programme import leaf_columns, weight_programme

__all__ = ["RankSearch", "search_rank"]


@dataclass(frozen=True)
class RankSearch:
    """What a search for one rank found: the rank attained, its certified bound, and whether they meet."""

    attained: int
    bound: int
    proved: bool
    weights: dict[str, float]


def search_rank(
    case: Case,
    row: int,
    rivals: tuple[Index, int],
    *,
    worst: bool,
    time_limit: float,
    gap: float,
) -> RankSearch:
    """Search the set for the weighting that ranks a unit best or worst.

    Parameters
    ----------
    case
        Units and sets; every group arithmetic, the unit and its undecided rivals complete.
    row
        The unit's place in the case.
    rivals
        Places of the units whose order with it depends on the weights, and how many are above it under
        every weighting.
    worst
        Whether as many rivals as possible are to be above it, or as few.
    time_limit
        Seconds.
    gap
        Relative gap at which the search ends.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    places, above = rivals
    matrix, low, high, variables = weight_programme(case)
    columns = leaf_columns(case)
    lead = case.values[places][:, columns] - case.values[row, columns]
    m = len(places)
    length = case.scores.tree.scale[1] - case.scores.tree.scale[0]
    gaps = np.zeros((m, variables + m))
    gaps[:, columns] = lead
    # z = 1 where the rival counts as above. Worst: z = 1 needs a lead; best: z = 0 needs none.
    gaps[np.arange(m), variables + np.arange(m)] = -length
    bottom = np.full(m, -length if worst else -np.inf)
    top = np.full(m, np.inf if worst else 0.0)
    whole = np.hstack([matrix, np.zeros((len(matrix), m))])
    cost = np.concatenate([np.zeros(variables), np.full(m, -1.0 if worst else 1.0)])
    kinds = np.concatenate([np.zeros(variables), np.ones(m)])
    found: Any = milp(
        cost,
        integrality=kinds,
        bounds=Bounds(np.zeros(variables + m), np.ones(variables + m)),
        constraints=[LinearConstraint(whole, low, high), LinearConstraint(gaps, bottom, top)],
        options={"time_limit": float(time_limit), "mip_rel_gap": float(gap)},
    )
    return _read(case, row, (places, above, m), found, worst=worst)


def _read(
    case: Case, row: int, counts: tuple[Index, int, int], found: Any, *, worst: bool
) -> RankSearch:
    """The rank at the weights found, counted anew; the bound of the solver."""
    places, above, m = counts
    tree = case.scores.tree
    weights = case.scores.weights if found.x is None else _local(case, found.x)
    columns = leaf_columns(case)
    effective = _effective(case, weights)
    scores = case.values[:, columns] @ effective[columns]
    beaten = int((scores[places] > scores[row] + case.tie).sum())
    dual = getattr(found, "mip_dual_bound", None)
    if dual is None or not np.isfinite(dual):
        dual = -float(m) if worst else 0.0
    limit = int(np.floor(-dual + 1e-6)) if worst else int(np.ceil(dual - 1e-6))
    proved = bool(limit == beaten)
    named = {
        tree.names[node]: float(weights[node])
        for branch in case.branches
        for node in case.children(branch)
    }
    return RankSearch(1 + above + beaten, 1 + above + limit, proved, named)


def _local(case: Case, x: Array) -> Array:
    """Local weights from products down the tree, put back inside their sets."""
    weights = np.array(case.scores.weights, float)
    for branch in case.branches:
        children = case.children(branch)
        total = x[children].sum()
        inside = case.sets[int(branch.node)]
        shares = inside.nominal if total <= 1e-12 else np.maximum(x[children], 0.0) / total
        if isinstance(inside, BoxShares):
            shares = BoxShares(shares, inside.low, inside.high)._inside()
        elif isinstance(inside, Ordered):
            shares = shares / shares.sum()
        weights[children] = shares
    return weights


def _effective(case: Case, weights: Array) -> Array:
    """Products of local weights from the headline down."""
    out = np.zeros(len(weights))
    out[case.head] = 1.0
    for branch in reversed(case.branches):
        children = case.children(branch)
        share = weights[children] / weights[children].sum()
        out[children] = out[branch.node] * share
    return out
