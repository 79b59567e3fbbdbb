"""Pathway: the cheapest change of indicators that brings a country to a target."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ..._util.arguments import typed
from ..._util.checks import whole_number
from ..._util.display import Shown, number, table_of
from ..._util.faces import plots
from ..._util.frozen import Fixed, Frozen
from ..._util.types import Array, Index, Mask
from ...errors import DataError, Problems, UnknownNameError, did_you_mean
from ...scoring.decomposition import decompose
from ...scoring.kernel import evaluate
from ...scoring.scores import Scores
from ...scoring.verbs import Source, Spec, with_subjects
from .elasticities import slopes_of_values
from .profile import among_all, branches_below, country_name, is_linear

__all__ = ["Actions", "Pathway", "pathway"]

ROUNDS = 25
BISECTIONS = 80


@typed(init="checked")
@dataclass(frozen=True)
class Actions(Frozen):
    """What may be done: which indicators, at what cost, how far.

    Attributes
    ----------
    actionable : tuple of str
        Indicators that may change; all if empty.
    costs : dict
        Cost of one point of the scale (of the same distance in raw units beyond a goalpost); 1 if not given.
    bounds : dict
        ``{indicator: (low, high)}`` raw values that it must stay within.

    Examples
    --------
    >>> Actions(actionable=("gci", "ncsi"), costs={"gci": 2.0}).costs["gci"]
    2.0
    """

    actionable: tuple[str, ...] = ()
    costs: Mapping[str, float] = field(default_factory=Fixed)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=Fixed)

    @classmethod
    def of(cls, raw: Actions | Mapping[str, Any] | None) -> Actions:
        """Actions from themselves or a mapping of their attributes."""
        if isinstance(raw, Actions):
            return raw
        given = dict(raw or {})
        fields = [field.name for field in dataclasses.fields(cls)]
        for key in given:
            if key not in fields:
                raise UnknownNameError(f"actions: unknown key `{key}`; {did_you_mean(key, fields)}")
        names = given.get("actionable", ())
        given["actionable"] = (names,) if isinstance(names, str) else tuple(names)
        return cls(**given)

    def check(self, names: list[str]) -> None:
        """Refuse names that are no indicators of the score, and numbers that are none."""
        problems = Problems("actions")
        for name in (*self.actionable, *self.costs, *self.bounds):
            if name not in names:
                problems.add(f"no indicator `{name}` here; {did_you_mean(name, names)}")
        for name, cost in self.costs.items():
            if isinstance(cost, bool) or not isinstance(cost, int | float) or not cost > 0:
                problems.add(f"`costs.{name}`: must be above 0, received {cost!r}")
        for name, ends in self.bounds.items():
            if len(tuple(ends)) != 2 or not ends[0] <= ends[1]:
                problems.add(f"`bounds.{name}`: expected (low, high), received {ends!r}")
        problems.raise_as(DataError)


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Pathway(Frozen, Shown):
    """The cheapest change of indicators that brings a country to a target.

    Attributes
    ----------
    country, score : str
        Whose headline.
    start, target, reached : float
        The score before, asked for, and with the changes, scored anew.
    cost : float
        Points of the scale, weighted by the costs.
    exact : bool
        Whether no cheaper way exists; False under other means or normalisations, where it is found by
        successive linear programmes.

    Examples
    --------
    >>> from dsr_risk import pathway, score
    >>> result = pathway(score(), "PAK", target=35, score="security")
    >>> bool(result.reached <= 35 + 1e-6)
    True
    """

    country: str
    score: str
    start: float
    target: float
    reached: float
    cost: float
    exact: bool
    _rows: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """One row an indicator that changes, most effective first (a copy).

        ``before, after`` in raw units, ``points_before, points_after`` on the scale, ``effect`` on the
        headline (they add up to the change), ``cost``, ``clipped`` (it lay beyond a goalpost: part of the
        way moves nothing).
        """
        moved = self._rows["points_after"] != self._rows["points_before"]
        return self._rows[moved].copy()

    def best(self, count: int = 3) -> pd.DataFrame:
        """Return the `count` indicators that move the headline most for their cost (a copy).

        ``per_cost`` is points of the headline for one unit of cost.
        """
        whole_number("count", count, least=1)
        order = self._rows["per_cost"].sort_values(ascending=False, kind="stable").index
        return self._rows.loc[order[:count]].copy()

    @property
    def notes(self) -> tuple[str, ...]:
        """What limits the pathway: an approximate cost, and movement beyond a goalpost."""
        notes = [] if self.exact else ["The cost is approximate: a cheaper way may exist."]
        rows = self.table()
        clipped = rows.index[rows["clipped"].to_numpy(bool)]
        if len(clipped):
            notes.append(f"Part of the change of {', '.join(clipped)} lies beyond a goalpost.")
        return tuple(notes)

    def plot(self, **options: Any) -> Any:
        """Draw a waterfall from start to target (extra `plots`); returns the matplotlib Axes."""
        return plots().waterfall(_Steps(self), **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        word = "cheapest" if self.exact else "near the cheapest (approximate)"
        caption = (
            f"{self.country}, {self.score}: {number(self.start)} to {number(self.reached)} (target "
            f"{number(self.target)})\nCost {number(self.cost)}, {word}."
        )
        return caption, table_of(self.table().drop(columns="per_cost"))


class _Steps:
    """A pathway as what a waterfall draws: from the score today to the score reached."""

    def __init__(self, pathway: Pathway) -> None:
        self.country, self.against = f"{pathway.country} with the changes", "today"
        self.gaps = {
            pathway.score: (pathway.reached, pathway.start, pathway.reached - pathway.start)
        }
        rows = pathway.table()
        self._rows = pd.DataFrame(
            {"label": rows["label"], "points": rows["effect"], "status": "observed"}
        )

    def table(self, score: str, *, level: str = "indicator") -> pd.DataFrame:
        """Return the indicators that change, with their points."""
        return self._rows.reset_index(drop=True)


@typed
def pathway(
    framework: Scores | Spec | None = None,
    data: Source | str | None = None,
    country: str | int | None = None,
    target: float | str | Mapping[str, int] | None = None,
    *,
    score: str | None = None,
    actions: Actions | Mapping[str, Any] | None = None,
) -> Pathway:
    """Find the cheapest change of indicators that brings a country down to a target.

    Parameters
    ----------
    framework, data
        Scores, followed by the subject: ``pathway(scores, "PAK", 40)``; or a framework and data as for
        ``score``: ``pathway(framework, data, "PAK", 40)``.
    country
        A name or code.
    target
        A score (40), a band (``"guarded"``), or a rank (``{"rank": 60}``, among its own basis; of a
        selection among all that were scored, as it is printed).
    score
        A headline score, the first by default.
    actions
        What may change, at what cost and how far; everything, at one unit a point, if None.

    Returns
    -------
    Pathway
        The changes in raw units and points, and the most effective ones.

    Raises
    ------
    UnknownNameError
        For a country, score, band or indicator that does not exist.
    NotScorableError
        If the country has no such score.
    DataError
        For a target that cannot be reached: the nearest reachable one is said; or one that is reached
        already; or costs and bounds that are none.

    Notes
    -----
    A mixed-integer linear programme in points of the scale: ``min sum c_i |dy_i|``, a fixed charge for the
    way back to a goalpost where a value lies beyond it. Exact for arithmetic means; else the headline is
    made linear at the present values again and again, and the result is marked approximate.

    References
    ----------
    Least-cost improvement under a linear index: Wachter, S., Mittelstadt, B. and Russell, C. (2018),
    Counterfactual explanations, Harvard Journal of Law & Technology 31(2), 841-887; as a mixed-integer
    programme: Ustun, B., Spangher, A. and Liu, Y. (2019), FAT* 2019, 10-19.

    Examples
    --------
    >>> from dsr_risk import pathway, score
    >>> result = pathway(score(), "PAK", {"rank": 100}, score="security")
    >>> len(result.best(3))
    3
    """
    scores, country, target = with_subjects(
        "pathway", framework, data, country=country, target=target
    )
    scores, row, name = among_all(scores, country, score)
    goal = _goal(scores, name, row, target)
    start = float(scores._values[row, scores._state.tree.index[name]])
    if goal >= start:
        raise DataError(
            f"{country_name(scores, row)} has {name} {start:.4g}, at or below the target {goal:.4g} already"
        )
    wanted = Actions.of(actions)
    leaves = [
        leaf
        for leaf, node in enumerate(scores.framework.indicators)
        if scores.framework.score_of(node.name) == name
    ]
    wanted.check([scores._state.tree.names[leaf] for leaf in leaves])
    moves = _moves(scores, row, np.array(leaves), wanted)
    return _solved(scores, name, row, goal, moves)


def _goal(scores: Scores, name: str, row: int, target: Any) -> float:
    lower, upper = scores._state.tree.scale
    small = 1e-7 * (upper - lower)
    if isinstance(target, str):
        bands = sorted(scores.framework.bands.items(), key=lambda pair: pair[1])
        labels = [label for label, _ in bands]
        if target not in labels:
            raise UnknownNameError(f"no band `{target}`; {did_you_mean(target, labels)}")
        position = labels.index(target)
        return bands[position + 1][1] - small if position + 1 < len(bands) else upper
    if isinstance(target, Mapping):
        rank = target.get("rank")
        if set(target) != {"rank"} or isinstance(rank, bool) or not isinstance(rank, int):
            raise DataError(
                f'`target`: expected a score, a band or {{"rank": 60}}, received {target!r}'
            )
        headline = scores._headline(name)
        values = np.asarray(headline.score)
        alike = headline.groups == headline.groups[row]
        alike[row] = False
        others = np.sort(values[alike & ~np.isnan(values)])[::-1]
        if not 1 <= rank <= len(others) + 1:
            raise DataError(f"`target.rank` must lie in 1-{len(others) + 1}, received {rank}")
        return upper if rank == 1 else float(others[rank - 2]) - small
    if isinstance(target, bool) or not isinstance(target, int | float) or not np.isfinite(target):
        raise DataError(
            f'`target`: expected a score, a band or {{"rank": 60}}, received {target!r}'
        )
    return float(target)


@dataclass(frozen=True, eq=False)
class Moves:
    """What each indicator (k,) may do: points now and at best, cost a point, the charge to leave a clip."""

    leaves: Index
    now: Array
    best: Array
    cost: Array
    charge: Array
    clipped: Mask
    raw: Array
    ends: Array


def _moves(scores: Scores, row: int, leaves: Index, actions: Actions) -> Moves:
    names = [scores._state.tree.names[leaf] for leaf in leaves]
    raw = scores._state.filled[row]
    now = scores._state.normalised[row]
    has = scores._state.scorable.has_value[row, : scores._state.tree.leaves]
    signs = np.array([node.sign for node in scores.framework.indicators])
    low, high = _ends(scores, row)
    kept = []
    ends = np.where(signs > 0, low, high).astype(float)
    for leaf, name in zip(leaves, names, strict=True):
        usable = has[leaf] and (not actions.actionable or name in actions.actionable)
        if name in actions.bounds:
            first, last = actions.bounds[name]
            ends[leaf] = min(max(ends[leaf], first), last)
        node = scores.framework.indicators[leaf]
        if node.plausible is not None and node.denominator is None:
            ends[leaf] = min(max(ends[leaf], node.plausible[0]), node.plausible[1])
        if usable and (ends[leaf] - raw[leaf]) * signs[leaf] < 0:
            kept.append(int(leaf))
    chosen = np.array(kept, np.intp)
    goal = raw.copy()
    goal[chosen] = ends[chosen]
    best = scores._transform(goal[None], np.array([row]))[1][0]
    length = scores._state.tree.scale[1] - scores._state.tree.scale[0]
    over = np.where(signs > 0, raw - high, low - raw)
    width = np.where(high > low, high - low, 1.0)
    cost = np.array([actions.costs.get(scores._state.tree.names[leaf], 1.0) for leaf in chosen])
    charge = np.maximum(over[chosen], 0.0) / width[chosen] * length
    return Moves(
        chosen,
        now[chosen],
        np.minimum(best[chosen], now[chosen]),
        cost,
        charge * cost,
        over[chosen] > 1e-12,
        raw,
        ends,
    )


def _ends(scores: Scores, row: int) -> tuple[Array, Array]:
    """(L,) the raw values at which each indicator's points stop moving, or the extremes of the data."""
    values = scores._state.filled
    none = np.isnan(values).all(axis=0)
    safe = np.where(none, 0.0, values)
    low, high = np.nanmin(safe, axis=0), np.nanmax(safe, axis=0)
    for step in scores._pipeline.rows(np.array([row])).steps:
        if "low" in step.normalised and "high" in step.normalised:
            low[step.places] = step.normalised["low"]
            high[step.places] = step.normalised["high"]
    return low, high


def _solved(scores: Scores, name: str, row: int, goal: float, moves: Moves) -> Pathway:
    head = scores._state.tree.index[name]
    start = float(scores._values[row, head])
    lowest = _score(scores, row, head, moves, moves.best)
    if lowest > goal + 1e-9:
        raise DataError(
            f"{country_name(scores, row)} cannot reach {name} {goal:.4g}: the lowest that can be reached is "
            f"{np.ceil(lowest * 100 - 1e-6) / 100:.2f}, with every actionable indicator at its best"
        )
    linear = is_linear(branches_below(scores, name))
    points = moves.now
    slopes = slopes_of_values(scores, name, row)[moves.leaves]
    first = slopes.copy()
    for _ in range(1 if linear else ROUNDS):
        at = _score(scores, row, head, moves, points) if not linear else start
        # The headline made linear at the present points, written from where it started.
        offset = at + float(slopes @ (moves.now - points))
        points = _programme(moves, slopes, offset - goal)
        reached = _score(scores, row, head, moves, points)
        if linear or abs(reached - goal) < 1e-9:
            break
        slopes = _slopes_at(scores, row, head, moves, points)
    points = _landed(scores, row, head, moves, points, goal)
    raw = _raw_at(scores, row, moves, points)
    return _made(scores, name, row, goal, (moves, points, raw, first), exact=linear)


def _programme(moves: Moves, slopes: Array, lack: float) -> Array:
    """Return the points (k,) after the cheapest changes that lower a linear headline by `lack`."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    k = len(moves.leaves)
    room = moves.now - moves.best
    gain = np.maximum(slopes, 0.0)
    cost = np.concatenate([moves.cost, moves.charge])
    need = LinearConstraint(np.concatenate([gain, np.zeros(k)])[None], lack, np.inf)
    ties = LinearConstraint(np.hstack([np.eye(k), -np.diag(room)]), -np.inf, 0.0)
    solution: Any = milp(
        cost,
        integrality=np.concatenate([np.zeros(k), np.ones(k)]),
        bounds=Bounds(np.zeros(2 * k), np.concatenate([room, np.ones(k)])),
        constraints=[need, ties],
        options={"presolve": False, "time_limit": 10.0},
    )
    moved = room if solution.x is None else np.clip(solution.x[:k], 0.0, room)
    moved[moved < 1e-9] = 0.0
    return np.asarray(moves.now - moved)


def _nodes(scores: Scores, row: int, moves: Moves, points: Array) -> Array:
    """(1, N) node values with the indicators at these points."""
    leaves = np.array(scores._state.normalised[[row]])
    leaves[0, moves.leaves] = points
    has_value = scores._state.scorable.has_value[[row]]
    return np.asarray(evaluate(scores._state.tree, leaves, scores._state.weights, has_value)[0])


def _score(scores: Scores, row: int, head: int, moves: Moves, points: Array) -> float:
    return float(_nodes(scores, row, moves, points)[0, head])


def _slopes_at(scores: Scores, row: int, head: int, moves: Moves, points: Array) -> Array:
    step = 1e-3
    base = _score(scores, row, head, moves, points)
    out = np.empty(len(points))
    for index in range(len(points)):
        moved = points.copy()
        moved[index] -= step
        out[index] = (base - _score(scores, row, head, moves, moved)) / step
    return out


def _landed(scores: Scores, row: int, head: int, moves: Moves, points: Array, goal: float) -> Array:
    """Return the same changes, or a little more of them, so that the target is reached when scored anew."""
    if _score(scores, row, head, moves, points) <= goal + 1e-9:
        return points
    chosen = points < moves.now
    further = np.where(chosen, moves.best, points)
    if _score(scores, row, head, moves, further) > goal:
        further = moves.best
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if _score(scores, row, head, moves, points + middle * (further - points)) <= goal:
            high = middle
        else:
            low = middle
    return np.asarray(points + high * (further - points))


def _raw_at(scores: Scores, row: int, moves: Moves, points: Array) -> Array:
    """(L,) raw values whose points are those wanted, by bisection between now and the best end."""
    leaves = moves.leaves
    low, high = np.zeros(len(leaves)), np.ones(len(leaves))
    raw = moves.raw.copy()
    span = moves.ends[leaves] - moves.raw[leaves]
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        raw[leaves] = moves.raw[leaves] + middle * span
        reached = scores._transform(raw[None], np.array([row]))[1][0, leaves] <= points
        high, low = np.where(reached, middle, high), np.where(reached, low, middle)
    raw[leaves] = np.where(points < moves.now, moves.raw[leaves] + high * span, moves.raw[leaves])
    return raw


def _made(
    scores: Scores, name: str, row: int, goal: float, solution: Any, *, exact: bool
) -> Pathway:
    moves, points, raw, slopes = solution
    head = scores._state.tree.index[name]
    moved = moves.now - points
    after = _nodes(scores, row, moves, points)
    before = scores._state.evaluated[[row]]
    split = decompose(scores._state.tree, head, scores._state.weights, after, before).points[0]
    cost = moves.cost * moved + np.where(moved > 0, moves.charge, 0.0)
    full_cost = moves.cost * (moves.now - moves.best) + moves.charge
    with np.errstate(invalid="ignore", divide="ignore"):
        per_cost = slopes * (moves.now - moves.best) / full_cost
    frame = pd.DataFrame(
        {
            "label": [scores.framework.indicators[leaf].title for leaf in moves.leaves],
            "before": moves.raw[moves.leaves],
            "after": raw[moves.leaves],
            "unit": [scores.framework.indicators[leaf].unit for leaf in moves.leaves],
            "points_before": moves.now,
            "points_after": points,
            "effect": np.where(moved > 0, np.nan_to_num(split[moves.leaves]), 0.0),
            "cost": cost,
            "clipped": moves.clipped,
            "per_cost": np.nan_to_num(per_cost),
        },
        index=pd.Index([scores._state.tree.names[leaf] for leaf in moves.leaves], name="indicator"),
    )
    order = frame["effect"].sort_values(kind="stable").index
    lines = all("low" in step.normalised or step.normaliser.bounded for step in scores.model._steps)
    return Pathway(
        country_name(scores, row),
        name,
        float(scores._values[row, head]),
        goal,
        _score(scores, row, head, moves, points),
        float(cost.sum()),
        exact and lines,
        frame.loc[order],
    )
