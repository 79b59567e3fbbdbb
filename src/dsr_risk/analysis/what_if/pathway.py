"""Pathway: the cheapest change of indicators that brings a country to a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..._util.arguments import typed
from ..._util.checks import whole_number
from ..._util.display import Shown, number, table_of
from ..._util.faces import plots
from ..._util.frozen import Frozen
from ..._util.renamed import renamed
from ..._util.types import Array
from ...errors import DataError, UnknownNameError, did_you_mean
from ...scoring.decomposition import decompose
from ...scoring.kernel import evaluate
from ...scoring.scores import Scores
from ...scoring.verbs import Source, Spec, with_subjects
from .moves import BISECTIONS, Actions, Moves, moves_of
from .profile import among_all, country_name, groups_below, is_linear
from .read_columns import ReadColumns

__all__ = ["Pathway", "pathway"]

ROUNDS = 25


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
    >>> import pandas as pd
    >>> from dsr_risk import pathway, score
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer", "weight": 3}]}]}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 30, 50], "gci": [80, 60, 20]})
    >>> result = pathway(score(fw, table), "LAO", target=70)
    >>> round(result.reached, 6), result.table()[["before", "after"]].round(6).loc["gci"].tolist()
    (70.0, [20.0, 44.0])
    >>> result.best(1).index.tolist(), result.best(1)["per_cost"].round(6).tolist()
    (['gci'], [0.75])
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
        """Return one row an indicator that changes, most effective first (a copy).

        ``before, after`` in raw units, ``points_before, points_after`` on the scale, ``effect`` on the
        headline (they add up to the change), ``cost``, ``clipped`` (it lay beyond a goalpost: part of the
        way moves nothing).
        """
        moved = self._rows["points_after"] != self._rows["points_before"]
        return self._rows[moved].copy()

    @renamed(count="top")
    def best(self, top: int = 3) -> pd.DataFrame:
        """Return the `top` indicators that move the headline most for their cost (a copy).

        ``per_cost`` is points of the headline for one unit of cost.

        Parameters
        ----------
        top
            How many indicators at most, at least 1.

        Returns
        -------
        DataFrame
            Rows of ``table``, the highest ``per_cost`` first.

        Raises
        ------
        DataError
            For a `top` below 1.
        """
        whole_number("top", top, least=1)
        order = self._rows["per_cost"].sort_values(ascending=False, kind="stable").index
        return self._rows.loc[order[:top]].copy()

    @property
    def notes(self) -> tuple[str, ...]:
        """The limits of the pathway: an approximate cost, and movement beyond a goalpost."""
        notes = [] if self.exact else ["The cost is approximate: a cheaper way may exist."]
        rows = self.table()
        clipped = rows.index[rows["clipped"].to_numpy(bool)]
        if len(clipped):
            notes.append(f"Part of the change of {', '.join(clipped)} lies beyond a goalpost.")
        return tuple(notes)

    def plot(self, **options: Any) -> Any:
        """Draw a waterfall from start to target (extra `plots`); returns the matplotlib Axes.

        Parameters
        ----------
        options
            Keyword arguments of ``plots.waterfall``: `count`, `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().waterfall(self, **options)

    def _steps(self) -> _Steps:
        return _Steps(self)

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
        For a target that cannot be reached: the error gives the nearest reachable one; or one that is reached
        already; or costs and bounds that are none.

    Notes
    -----
    A mixed-integer linear programme in points of the scale: ``min sum c_i |dy_i|``, a fixed charge for the
    way back to a goalpost where a value lies beyond it. Codes (``ordinal``) move to codes; derived indicators
    follow the cells that they are computed from. Exact for arithmetic means; else the headline is
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
    wanted, columns = Actions.of(actions), ReadColumns(scores, row)
    below = columns.below(name)
    wanted.check([columns.nodes[column].name for column in below])
    moves = moves_of(columns, below, wanted)
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


def _solved(scores: Scores, name: str, row: int, goal: float, moves: Moves) -> Pathway:
    headline = scores._state.tree.index[name]
    start = float(scores._values[row, headline])
    lowest = _score(scores, row, headline, moves, moves.best)
    if lowest > goal + 1e-9:
        raise DataError(
            f"{country_name(scores, row)} cannot reach {name} {goal:.4g}: the lowest that can be reached is "
            f"{np.ceil(lowest * 100 - 1e-6) / 100:.2f}, with every actionable indicator at its best"
        )
    linear = is_linear(groups_below(scores, name)) and not moves.moves_derived
    points = moves.now
    slopes = _slopes_at(scores, row, headline, moves, points)
    first = slopes.copy()
    for _ in range(1 if linear else ROUNDS):
        at = _score(scores, row, headline, moves, points) if not linear else start
        # The headline made linear at the present points, written from where it started.
        offset = at + float(slopes @ (moves.now - points))
        points = _programme(moves, slopes, offset - goal)
        reached = _score(scores, row, headline, moves, points)
        if linear or abs(reached - goal) < 1e-9:
            break
        slopes = _slopes_at(scores, row, headline, moves, points)
    points = _landed(scores, row, headline, moves, points, goal)
    return _made(scores, name, row, goal, (moves, points, first), exact=linear)


def _programme(moves: Moves, slopes: Array, lack: float) -> Array:
    """Return the points (k,) after the cheapest changes that lower a linear headline by `lack`."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    k = len(moves.chosen)
    room = moves.now - moves.best
    gain = np.maximum(slopes, 0.0)
    # After the points moved and the charges come the codes, of which a column takes one at most.
    codes = [
        (index, saved)
        for index, steps in enumerate(moves.steps)
        if steps is not None
        for saved in steps
    ]
    m = len(codes)
    cost = np.concatenate([moves.cost, moves.charge, np.zeros(m)])
    need = LinearConstraint(np.concatenate([gain, np.zeros(k + m)])[None], lack, np.inf)
    ties = LinearConstraint(np.hstack([np.eye(k), -np.diag(room), np.zeros((k, m))]), -np.inf, 0.0)
    taken, saving = np.zeros((k, 2 * k + m)), np.zeros((k, 2 * k + m))
    of_column = np.array([index for index, _ in codes], np.intp)
    taken[of_column, 2 * k + np.arange(m)] = 1.0
    saving[of_column, 2 * k + np.arange(m)] = [-saved for _, saved in codes]
    coded = np.flatnonzero(moves.coded)
    saving[coded, coded] = 1.0
    solution: Any = milp(
        cost,
        integrality=np.concatenate([np.zeros(k), np.ones(k + m)]),
        bounds=Bounds(np.zeros(2 * k + m), np.concatenate([room, np.ones(k + m)])),
        constraints=[
            need,
            ties,
            LinearConstraint(taken, -np.inf, 1.0),
            LinearConstraint(saving, 0.0, 0.0),
        ],
        options={"presolve": False, "time_limit": 10.0},
    )
    moved = room if solution.x is None else np.clip(solution.x[:k], 0.0, room)
    moved[moved < 1e-9] = 0.0
    return np.asarray(moves.now - moved)


def _nodes(scores: Scores, row: int, moves: Moves, points: Array) -> Array:
    """Return (1, N) node values with the columns at these points."""
    indicators = moves.indicators(points)[None]
    has_value = scores._state.scorable.has_value[[row]]
    return np.asarray(evaluate(scores._state.tree, indicators, scores._state.weights, has_value)[0])


def _score(scores: Scores, row: int, headline: int, moves: Moves, points: Array) -> float:
    return float(_nodes(scores, row, moves, points)[0, headline])


def _slopes_at(scores: Scores, row: int, headline: int, moves: Moves, points: Array) -> Array:
    step = 1e-3
    base = _score(scores, row, headline, moves, points)
    out = np.empty(len(points))
    for index in range(len(points)):
        moved = points.copy()
        moved[index] -= step
        out[index] = (base - _score(scores, row, headline, moves, moved)) / step
    return out


def _landed(
    scores: Scores, row: int, headline: int, moves: Moves, points: Array, goal: float
) -> Array:
    """Return the same changes, or a little more of them, so that the target is reached when scored anew."""
    if _score(scores, row, headline, moves, points) <= goal + 1e-9:
        return points
    chosen = (points < moves.now) & ~moves.coded
    further = np.where(chosen, moves.best, points)
    if _score(scores, row, headline, moves, further) > goal:
        further = np.where(moves.coded, points, moves.best)
    if _score(scores, row, headline, moves, further) > goal:
        further, points = moves.best, np.where(moves.coded, moves.best, points)
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if _score(scores, row, headline, moves, points + middle * (further - points)) <= goal:
            high = middle
        else:
            low = middle
    return np.asarray(points + high * (further - points))


def _made(
    scores: Scores, name: str, row: int, goal: float, solution: Any, *, exact: bool
) -> Pathway:
    moves, points, slopes = solution
    columns, chosen = moves.columns, moves.chosen
    raw = moves.raw_at(points)
    headline = scores._state.tree.index[name]
    moved = moves.now - points
    after = _nodes(scores, row, moves, points)
    before = scores._state.evaluated[[row]]
    split = decompose(scores._state.tree, headline, scores._state.weights, after, before).points[0]
    by_column = columns.shares_of_change(columns.raw, raw) @ np.nan_to_num(
        split[: scores._state.tree.n_indicators]
    )
    cost = moves.cost * moved + np.where(moved > 0, moves.charge, 0.0)
    full_cost = moves.cost * (moves.now - moves.best) + moves.charge
    with np.errstate(invalid="ignore", divide="ignore"):
        per_cost = slopes * (moves.now - moves.best) / full_cost
    frame = pd.DataFrame(
        {
            "label": [columns.nodes[column].title for column in chosen],
            "before": columns.raw[chosen],
            "after": raw[chosen],
            "unit": [columns.nodes[column].unit for column in chosen],
            "points_before": moves.now,
            "points_after": points,
            "effect": np.where(moved > 0, by_column[chosen], 0.0),
            "cost": cost,
            "clipped": moves.clipped,
            "per_cost": np.nan_to_num(per_cost),
        },
        index=pd.Index([columns.nodes[column].name for column in chosen], name="indicator"),
    )
    order = frame["effect"].sort_values(kind="stable").index
    lines = all("low" in step.normalised or step.normaliser.bounded for step in scores.model._steps)
    return Pathway(
        country_name(scores, row),
        name,
        float(scores._values[row, headline]),
        goal,
        _score(scores, row, headline, moves, points),
        float(cost.sum()),
        exact and lines,
        frame.loc[order],
    )
