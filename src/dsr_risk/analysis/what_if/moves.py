"""The actions open to a country: the columns that may move, their cost, and their effect."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..._util.arguments import typed
from ..._util.frozen import Fixed, Frozen
from ..._util.types import Array, Index, Mask
from ...errors import DataError, Problems, UnknownNameError, did_you_mean
from .read_columns import ReadColumns

__all__ = ["Actions", "Moves", "moves_of"]

BISECTIONS = 80


@typed(init="checked")
@dataclass(frozen=True)
class Actions(Frozen):
    """The actions that are allowed: indicators, their cost, and how far each may move.

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
    >>> given = Actions.of({"actionable": "gci", "bounds": {"gci": (40, 90)}})
    >>> given.actionable, given.bounds["gci"]
    (('gci',), (40, 90))
    >>> given.check(["gci", "ncsi"])
    """

    actionable: tuple[str, ...] = ()
    costs: Mapping[str, float] = field(default_factory=Fixed)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=Fixed)

    @classmethod
    def of(cls, raw: Actions | Mapping[str, Any] | None) -> Actions:
        """Return actions from themselves or a mapping of their attributes.

        Parameters
        ----------
        raw
            Actions (returned as they are), a mapping with any of ``actionable``, ``costs`` and ``bounds``, or None
            for no limits: every indicator at a cost of 1. One name may be given as a text.

        Returns
        -------
        Actions
            What may change, at what cost and how far.

        Raises
        ------
        UnknownNameError
            For a key that is none of the attributes.
        """
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
        """Refuse names that are no indicators of the score, and numbers that are none.

        Parameters
        ----------
        names
            The indicators of the headline score.

        Raises
        ------
        DataError
            With every problem: a name that is not in `names`, a cost that is not a number above 0, bounds that are
            not a pair with the lower end first.
        """
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
@dataclass(frozen=True, eq=False)
class Moves:
    """The moves of each column (k,): points now and at best, cost a point, the charge to leave a clip.

    Points of a column that is an indicator are those of the indicator, points of a column that is only a part
    of derived ones its place on its own range.
    """

    columns: ReadColumns
    chosen: Index
    now: Array
    best: Array
    cost: Array
    charge: Array
    clipped: Mask
    ends: Array

    @cached_property
    def steps(self) -> tuple[Array | None, ...]:
        """For each column the points that its codes save (m,), None for one that is no code."""
        out: list[Array | None] = []
        for index, column in enumerate(self.chosen.tolist()):
            codes = self.columns.nodes[column].ordinal
            if codes is None:
                out.append(None)
                continue
            saved = []
            for code in codes:
                raw = self.columns.raw.copy()
                raw[column] = code
                end = self.ends[index]
                # Between the code that it has and the end that it may reach.
                if (code - end) * (code - self.columns.raw[column]) <= 0:
                    saved.append(self.now[index] - self.own_points(raw)[index])
            out.append(np.array([points for points in saved if points > 0]))
        return tuple(out)

    @property
    def coded(self) -> Mask:
        """(k,) True where a column holds codes."""
        return np.array([steps is not None for steps in self.steps], bool)

    @property
    def moves_derived(self) -> bool:
        """True if derived indicators follow any column, so that the headline bends."""
        return bool(self.columns.readers[self.chosen].any())

    def own_points(self, raw: Array) -> Array:
        """Return the points (k,) of the columns at raw values (B,)."""
        own = self.columns.indicator[self.chosen]
        low, high = (end[self.chosen] for end in self.columns.ends)
        lower, upper = self.columns.scores._state.tree.scale
        width = np.where(high > low, high - low, 1.0)
        share = np.clip((raw[self.chosen] - low) / width, 0.0, 1.0)
        signs = np.array([self.columns.nodes[column].sign for column in self.chosen])
        placed = lower + np.where(signs > 0, share, 1 - share) * (upper - lower)
        return np.where(own < 0, placed, self.columns.points(raw[None])[0, own])

    def raw_at(self, points: Array) -> Array:
        """Return (B,) raw values whose points are those wanted, by bisection between now and the best end."""
        low, high = np.zeros(len(points)), np.ones(len(points))
        raw, start = self.columns.raw.copy(), self.columns.raw[self.chosen]
        span = self.ends - start
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            raw[self.chosen] = start + middle * span
            reached = self.own_points(raw) <= points
            high, low = np.where(reached, middle, high), np.where(reached, low, middle)
        raw[self.chosen] = np.where(points < self.now, start + high * span, start)
        for column, is_coded in zip(self.chosen.tolist(), self.coded, strict=True):
            codes = self.columns.nodes[column].ordinal
            if is_coded and codes is not None:
                raw[column] = min(codes, key=lambda code: abs(code - raw[column]))
        return raw

    def indicators(self, points: Array) -> Array:
        """Return (L,) every indicator on the scale with the columns at these points, derived ones after them."""
        out = np.array(self.columns.scores._state.normalised[self.columns.row])
        own = self.columns.indicator[self.chosen]
        if self.moves_derived:
            follows = self.columns.readers[self.chosen].any(axis=0)
            out[follows] = self.columns.points(self.raw_at(points)[None])[0, follows]
        out[own[own >= 0]] = points[own >= 0]
        return out


def moves_of(columns: ReadColumns, below: Index, actions: Actions) -> Moves:
    """Return what the columns of a headline may do, those that cannot lower it left out."""
    raw, (low, high) = columns.raw, columns.ends
    signs = np.array([node.sign for node in columns.nodes])
    has = columns.scores._state.scorable.has_value[columns.row]
    kept = []
    ends = np.where(signs > 0, low, high).astype(float)
    for column in below.tolist():
        node, own = columns.nodes[column], columns.indicator[column]
        usable = (own >= 0 and has[own]) or columns.readers[column].any()
        usable &= not actions.actionable or node.name in actions.actionable
        if node.name in actions.bounds:
            first, last = actions.bounds[node.name]
            ends[column] = min(max(ends[column], first), last)
        if node.plausible is not None and node.denominator is None:
            ends[column] = min(max(ends[column], node.plausible[0]), node.plausible[1])
        if usable and (ends[column] - raw[column]) * signs[column] < 0:
            kept.append(column)
    chosen = np.array(kept, np.intp)
    lower, upper = columns.scores._state.tree.scale
    over = np.where(signs > 0, raw - high, low - raw)
    width = np.where(high > low, high - low, 1.0)
    cost = np.array([actions.costs.get(columns.nodes[column].name, 1.0) for column in kept])
    charge = np.maximum(over[chosen], 0.0) / width[chosen] * (upper - lower)
    goal = raw.copy()
    goal[chosen] = ends[chosen]
    bare = Moves(
        columns, chosen, cost, cost, cost, charge * cost, over[chosen] > 1e-12, ends[chosen]
    )
    now = bare.own_points(raw)
    return dataclasses.replace(bare, now=now, best=np.minimum(bare.own_points(goal), now))
