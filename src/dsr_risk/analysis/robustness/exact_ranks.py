"""Exact best and worst ranks of one unit by mixed-integer programming."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..._util.types import Array, Index
from .case import Case
from .local_sets import BoxShares
from .programme import indicator_columns, weight_programme

__all__ = ["RankSearch", "Rivals", "search_rank"]

ROUNDING = 1e-6


@dataclass(frozen=True)
class RankSearch:
    """The result of a search for one rank: the rank attained, its certified bound, and whether they meet."""

    attained: int
    bound: int
    proved: bool
    weights: dict[str, float]


@dataclass(frozen=True, eq=False)
class Rivals:
    """Units whose order with a unit depends on the weights.

    ``rows`` (m,) are their rows in the case; ``least`` and ``most`` (m,) what they may score less or
    more than it; ``above`` counts those above it under every weighting.
    """

    rows: Index
    least: Array
    most: Array
    above: int


def search_rank(
    case: Case, row: int, rivals: Rivals, *, worst: bool, time_limit: float, gap: float
) -> RankSearch:
    """Search the set for the weighting that ranks a unit best or worst.

    Parameters
    ----------
    case
        Units and sets; every group arithmetic, the unit and its rivals complete.
    row
        The unit's place in the case.
    rivals
        Who may be above it.
    worst
        Whether as many rivals as possible are to be above it, or as few.
    time_limit
        Seconds.
    gap
        Relative gap at which the search ends.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    matrix, low, high, variables = weight_programme(case)
    lead = _leads(case, row, rivals, variables)
    m = len(rivals.rows)
    # z = 1 where the rival counts as above: only with a lead (worst), or wherever it has one (best).
    size = -rivals.least if worst else rivals.most
    ordered = np.hstack([lead, -np.diag(size)])
    bottom, top = (-size, np.full(m, np.inf)) if worst else (np.full(m, -np.inf), np.zeros(m))
    widened = np.hstack([matrix, np.zeros((len(matrix), m))])
    solution: Any = milp(
        np.concatenate([np.zeros(variables), np.full(m, -1.0 if worst else 1.0)]),
        integrality=np.concatenate([np.zeros(variables), np.ones(m)]),
        bounds=Bounds(np.zeros(variables + m), np.ones(variables + m)),
        constraints=[LinearConstraint(widened, low, high), LinearConstraint(ordered, bottom, top)],
        options={"time_limit": float(time_limit), "mip_rel_gap": float(gap), "presolve": False},
    )
    dual = solution.mip_dual_bound
    if dual is None or not np.isfinite(dual):
        dual = -float(m) if worst else 0.0
    limit = int(np.floor(-dual + ROUNDING)) if worst else int(np.ceil(dual - ROUNDING))
    weights = np.array(case.scores._state.weights)
    if solution.x is not None:
        chosen = solution.x[variables:] > 0.5
        inner = _apart(case, lead, chosen, worst=worst)
        weights = _local(case, solution.x if inner is None else inner)
    beaten = _beaten(case, row, rivals, weights)
    return RankSearch(
        1 + rivals.above + beaten, 1 + rivals.above + limit, limit == beaten, named(case, weights)
    )


def named(case: Case, weights: Array) -> dict[str, float]:
    """Return local weights by node name."""
    names = case.scores._state.tree.names
    wanted = [node for group_node in case.group_nodes for node in case.children(group_node)]
    return {names[node]: float(weights[node]) for node in wanted}


def _leads(case: Case, row: int, rivals: Rivals, variables: int) -> Array:
    """Return (m, v) the linear form of each rival's score less the unit's."""
    columns = indicator_columns(case)
    out = np.zeros((len(rivals.rows), variables))
    out[:, columns] = case.values[rivals.rows][:, columns] - case.values[row, columns]
    return out


def _apart(case: Case, lead: Array, chosen: Any, *, worst: bool) -> Array | None:
    """Return weights that put the chosen rivals as far above as possible, the others as far below.

    A search ends where scores are tied; only those chosen (worst), or the others (best), must be apart.
    """
    from scipy.optimize import linprog

    matrix, low, high, variables = weight_programme(case)
    forms = lead[chosen] if worst else -lead[~chosen]
    if not len(forms):
        return None
    equal = low == high
    cost = np.zeros(variables + 1)
    cost[-1] = -1.0
    upper = np.vstack(
        [
            np.hstack([-forms, np.ones((len(forms), 1))]),
            np.hstack([-matrix[~equal], np.zeros((int((~equal).sum()), 1))]),
        ]
    )
    done: Any = linprog(
        cost,
        A_ub=upper,
        b_ub=np.concatenate([np.zeros(len(forms)), -low[~equal]]),
        A_eq=np.hstack([matrix[equal], np.zeros((int(equal.sum()), 1))]),
        b_eq=low[equal],
        bounds=[(0, 1)] * variables + [(None, None)],
        method="highs",
    )
    return np.asarray(done.x[:-1]) if done.status == 0 else None


def _beaten(case: Case, row: int, rivals: Rivals, weights: Array) -> int:
    """Return how many rivals are above the unit under these local weights."""
    effective = np.zeros(len(weights))
    effective[case.headline] = 1.0
    for group_node in reversed(case.group_nodes):
        children = case.children(group_node)
        share = weights[children] / weights[children].sum()
        effective[children] = effective[group_node.node] * share
    columns = indicator_columns(case)
    scores = case.values[:, columns] @ effective[columns]
    return int((scores[rivals.rows] > scores[row] + case.tie).sum())


def _local(case: Case, x: Array) -> Array:
    """Return local weights from products down the tree, rounding put back inside the sets."""
    weights = np.array(case.scores._state.weights, float)
    for group_node in case.group_nodes:
        children = case.children(group_node)
        total = x[children].sum()
        inside = case.sets[int(group_node.node)]
        shares = inside.nominal if total <= 1e-12 else np.maximum(x[children], 0.0) / total
        if isinstance(inside, BoxShares):
            shares = BoxShares(shares, inside.low, inside.high).inner()
        weights[children] = shares
    return weights
