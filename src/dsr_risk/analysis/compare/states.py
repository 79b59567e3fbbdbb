"""Score the mixtures of two sets of scores and split their difference exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ..._util.types import Array, Index, Labels, Mask
from ...data.dataset import Data
from ...data.selection import kept
from ...errors import DsrRiskError
from ...framework.definition import Framework
from ...scoring.auxiliary import auxiliary_columns
from ...scoring.fitting import fit
from ...scoring.model import Model
from ...scoring.scores import Scores

__all__ = ["STEPS", "Side", "State", "States", "shapley"]

STEPS = ("data", "coverage", "reference", "method")
"""What may differ between two sets of scores."""


class State(NamedTuple):
    """The side (0 before, 1 after) that each step is taken from; fields in the order of ``STEPS``."""

    data: int
    coverage: int
    reference: int
    method: int


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two: its scores (one year), the data they come from, and what its model learned from.

    ``whole`` holds the other years of a panel; ``reference`` is None if it is not available.
    """

    scores: Scores
    whole: Data
    reference: Data | None

    @property
    def model(self) -> Model:
        """The model behind the scores."""
        return self.scores.model


class States:
    """Scores of the countries both sides hold, at any mixture of the two sides.

    ``State.data`` 1 takes the values of the second side in
    the cells that both sides observe; ``coverage`` 1 takes its pattern of observed and applicable cells
    (a cell observed on one side only has that side's value); ``reference`` and ``method`` choose the model.
    """

    def __init__(self, before: Side, after: Side, countries: Labels) -> None:
        self.sides = (before, after)
        self.countries = countries
        self.notes = [
            f"missing cells of {word} are estimated from other years, which are not available: effects are those "
            "of the one year; give the scores of the whole panel, and `years`"
            for word, side in zip(("before", "after"), self.sides, strict=True)
            if _reads_years(side.model)
            and not side.whole.is_panel
            and side.scores.imputed.any(axis=None)
        ]
        self._scored: dict[State, dict[str, Array]] = {}

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The data columns that either framework reads."""
        names = (name for side in self.sides for name in _columns(side.model.framework))
        return tuple(dict.fromkeys(names))

    @cached_property
    def rows(self) -> tuple[Index, Index]:
        """The rows of the compared countries on both sides."""
        first, second = (
            pd.Index(side.scores.data.iso3).get_indexer(pd.Index(self.countries))
            for side in self.sides
        )
        return first.astype(np.intp), second.astype(np.intp)

    @cached_property
    def cells(self) -> tuple[Array, Array]:
        """The compared cells of both sides."""
        first, second = (
            side.scores.data._matrix(self.columns)[rows]
            for side, rows in zip(self.sides, self.rows, strict=True)
        )
        return first, second

    @cached_property
    def active(self) -> tuple[str, ...]:
        """The steps on which the two sides differ."""
        first, second = self.cells
        both = ~np.isnan(first) & ~np.isnan(second)
        same_data = bool((first[both] == second[both]).all())
        applies = [
            _applicable(side.scores.data, self.columns)[rows]
            for side, rows in zip(self.sides, self.rows, strict=True)
        ]
        same_cells = bool(
            (np.isnan(first) == np.isnan(second)).all() and (applies[0] == applies[1]).all()
        )
        models = [side.model for side in self.sides]
        same_method = models[0].framework.fingerprint == models[1].framework.fingerprint
        same_reference = models[0].reference.fingerprint == models[1].reference.fingerprint
        if same_method and _learned(models[0]) != _learned(models[1]):
            same_reference = False
        flags = (same_data, same_cells, same_reference, same_method)
        return tuple(step for step, same in zip(STEPS, flags, strict=True) if not same)

    @cached_property
    def players(self) -> tuple[str, ...]:
        """The steps whose effects are separable; `reference` is part of `method` where it is not."""
        if {"method", "reference"} <= set(self.active) and not self._separable:
            return tuple(step for step in self.active if step != "reference")
        return self.active

    @cached_property
    def _separable(self) -> bool:
        sets = [side.reference for side in self.sides if side.reference is not None]
        if len(sets) < 2:
            words = zip(("before", "after"), self.sides, strict=True)
            absent = [word for word, side in words if side.reference is None]
            self.notes.append(
                f"the reference set of {' and '.join(absent)} is not available, so a change of reference "
                "is counted under method; give it as `references=(before, after)`"
            )
            return False
        try:
            first, second = (side.model.framework for side in self.sides)
            self._crossed = _fitted(first, sets[1], sets[0]), _fitted(second, sets[0], sets[1])
        except DsrRiskError as error:
            self.notes.append(
                "a framework cannot be fitted on the other side's reference set, so a change of "
                f"reference is counted under method: {str(error).splitlines()[0]}"
            )
            return False
        return True

    def _model(self, reference: int, method: int) -> Model:
        if reference == method or "reference" not in self.players:
            return self.sides[method].model
        if "method" not in self.active:
            return self.sides[reference].model
        return self._crossed[method]

    def scored(self, state: State, score: str) -> Array:
        """Return the score of every country at a state (countries,), NaN where there is none."""
        state = self._normalised(state)
        if state not in self._scored:
            self._scored[state] = self._score(state)
        return self._scored[state][score]

    def _normalised(self, state: State) -> State:
        """Set inactive steps to 0, and copy `method` to `reference` if the two are not separable."""
        if "reference" not in self.players:
            state = state._replace(reference=state.method)
        return State(
            *(side if step in self.active else 0 for step, side in zip(STEPS, state, strict=True))
        )

    def _score(self, state: State) -> dict[str, Array]:
        ends = {self._normalised(State(side, side, side, side)): side for side in (0, 1)}
        if state in ends:
            side = ends[state]
            scores, rows = self.sides[side].scores, self.rows[side]
        else:
            model = self._model(state.reference, state.method)
            mixed = self._data(state.data, state.coverage, _columns(model.framework))
            scores = model.score(self._among_years(mixed, state.coverage, model))
            rows = np.arange(len(self.countries))
        index = scores._state.tree.index
        return {name: scores._values[rows, index[name]] for name in scores.names}

    def _data(self, values: int, pattern: int, columns: tuple[str, ...]) -> Data:
        """Put the values of one side into the pattern of observed and applicable cells of the other."""
        both = [side.scores.data for side in self.sides]
        names = [name for name in columns if any(name in data.columns for data in both)]
        parts = [data._matrix(names)[rows] for data, rows in zip(both, self.rows, strict=True)]
        first = np.where(np.isnan(parts[values]), parts[pattern], parts[values])
        matrix = np.where(np.isnan(parts[pattern]), np.nan, first)
        rows = self.rows[pattern]
        applies = both[pattern].applicable(names)
        reasons = None if applies is None else _reasons(applies[rows])
        low, high = both[pattern].bounds(names) or (None, None)
        evidence = _evidence(both[values], both[pattern], self.countries, names, parts[values])
        return Data(
            pd.Index(self.countries, name=both[0].unit_name),
            tuple(names),
            matrix,
            reasons,
            None if low is None else low[rows],
            None if high is None else high[rows],
            origin="counterfactual",
        )._with_evidence(evidence)

    def _among_years(self, mixed: Data, pattern: int, model: Model) -> Data:
        """Append the other years of the pattern side to the counterfactual data.

        Only if the imputation uses other years; else return the mixed data as they are.
        """
        side = self.sides[pattern]
        if not (side.whole.is_panel and _reads_years(model)):
            return mixed
        year, every = side.scores.data.edition, side.whole
        keep = (every.unit_years != year) & np.isin(every.iso3, self.countries)
        rest = kept(every, keep, every.units, None)
        units = pd.MultiIndex.from_product(
            [self.countries, [year]], names=[every.unit_name, "year"]
        )
        names = mixed.columns
        bounds = [_bounds(mixed, names), _bounds(rest, names)]
        return Data(
            units.append(rest.units),
            names,
            np.vstack([mixed._matrix(names), rest._matrix(names)]),
            _reasons(np.vstack([_applicable(mixed, names), _applicable(rest, names)])),
            np.vstack([low for low, _ in bounds]),
            np.vstack([high for _, high in bounds]),
            origin=mixed.origin,
        )._with_evidence(
            pd.concat([mixed.evidence.assign(unit_year=year), rest.evidence], ignore_index=True)
        )


def _applicable(data: Data, names: tuple[str, ...]) -> Mask:
    """Return (units, names) whether each cell is applicable."""
    applies = data.applicable(names)
    return np.ones((len(data.units), len(names)), bool) if applies is None else applies


def _bounds(data: Data, names: tuple[str, ...]) -> tuple[Array, Array]:
    """Return the bounds of censored cells (units, names), NaN where there are none."""
    bounds = data.bounds(names)
    if bounds is not None:
        return bounds
    none = np.full((len(data.units), len(names)), np.nan)
    return none, none


def _learned(model: Model) -> dict[str, Any]:
    """Return a model as plain data, whatever its reference set was called."""
    plain = model.to_dict()
    reference = {name: value for name, value in plain["reference"].items() if name != "origin"}
    return {**plain, "reference": reference, "sha256": ""}


def _reads_years(model: Model) -> bool:
    return any(step.imputer.reads_years for step in model._imputations)


def _reasons(applies: Mask) -> Labels:
    out = np.full(applies.shape, None, dtype=object)
    out[~applies] = "not_applicable"
    return out


def _columns(framework: Framework) -> tuple[str, ...]:
    names = [indicator.data_column for indicator in framework.inputs]
    names += [indicator.denominator for indicator in framework.inputs if indicator.denominator]
    names += sorted(auxiliary_columns(framework))
    return tuple(dict.fromkeys(names))


def _varies(data: Data, column: str) -> bool:
    values = data._matrix([column])[:, 0]
    observed = values[~np.isnan(values)]
    return bool(observed.size and observed.min() < observed.max())


def _fitted(framework: Framework, learned_from: Data, other: Data) -> Model:
    """Fit the framework on `own`; columns that are empty or constant there learn from `other`."""
    columns = _columns(framework)
    constant = [name for name in columns if not _varies(learned_from, name)]
    taken = [name for name in constant if _varies(other, name)]
    if not taken:
        return fit(framework, _narrowed(learned_from, columns))
    return fit(framework, _joined(learned_from, other, columns, taken))


def _narrowed(data: Data, columns: tuple[str, ...]) -> Data:
    """Drop columns that the framework does not use: it would report them as misspelt names."""
    names = [name for name in columns if name in data.columns]
    applies = data.applicable(names)
    return Data(
        data.units,
        tuple(names),
        data._matrix(names),
        None if applies is None else _reasons(applies),
        edition=data.edition,
        origin=data.origin,
    )._with_evidence(data.evidence)


def _joined(learned_from: Data, other: Data, columns: tuple[str, ...], taken: list[str]) -> Data:
    """Join two reference sets: the columns `taken` from `other`, the rest from `own`."""
    keys = [pd.Index(data._unit_keys()) for data in (learned_from, other)]
    units = keys[0].union(keys[1], sort=False)
    matrix = np.full((len(units), len(columns)), np.nan)
    for index, name in enumerate(columns):
        side = 1 if name in taken else 0
        values = (learned_from, other)[side]._matrix([name])[:, 0]
        matrix[units.get_indexer(keys[side]), index] = values
    return Data(
        units.set_names([learned_from.unit_name, "year"]),
        columns,
        matrix,
        origin=learned_from.origin,
    )


def _evidence(
    values: Data,
    pattern: Data,
    countries: Labels,
    names: list[str],
    cells: Array,
) -> pd.DataFrame:
    """Take the evidence of each cell from the side that its value comes from."""
    observed = pd.DataFrame(~np.isnan(cells), index=countries, columns=names)
    parts = []
    for data, wanted in ((values, True), (pattern, False)):
        rows = data.evidence
        if rows.empty:
            continue
        rows = rows[rows["iso3"].isin(countries) & rows["indicator"].isin(names)]
        row = observed.index.get_indexer(pd.Index(rows["iso3"]))
        column = observed.columns.get_indexer(pd.Index(rows["indicator"]))
        parts.append(rows[observed.to_numpy()[row, column] == wanted])
    if not parts:
        return pd.DataFrame()
    mixed: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return mixed.assign(unit_year=-1)


def shapley(
    players: tuple[str, ...], worth: Callable[[frozenset[str]], Array]
) -> tuple[dict[str, Array], Array]:
    """Split ``worth(all) - worth(none)`` over the players, country by country.

    Parameters
    ----------
    players
        The steps that differ.
    worth
        (n,) the score where the given steps are on the second side; NaN where there is none.

    Returns
    -------
    dict, ndarray
        The effect of each player, and what could not be split.

    Notes
    -----
    The Shapley value: the mean over all orders of the steps of what each adds where it comes. An order
    that passes a state without a score is left out for that country; if none is left, the whole change
    is returned unsplit. Every order adds up to the change, so the sum is exact, and swapping the two
    sides changes signs only.

    References
    ----------
    Shapley, L. S. (1953), A value for n-person games; Shorrocks, A. F. (2013), Journal of Economic
    Inequality 11, 99-126 (decomposition by the Shapley value).

    Examples
    --------
    >>> worth = {(): 1.0, ("a",): 2.0, ("b",): 4.0, ("a", "b"): 9.0}
    >>> effects, joint = shapley(("a", "b"), lambda on: np.array([worth[tuple(sorted(on))]]))
    >>> {name: float(effect[0]) for name, effect in effects.items()}, float(joint[0])
    ({'a': 3.0, 'b': 5.0}, 0.0)
    """
    start, end = worth(frozenset()), worth(frozenset(players))
    total = {name: np.zeros(len(start)) for name in players}
    orders = np.zeros(len(start))
    for order in permutations(players):
        stages = [worth(frozenset(order[:stop])) for stop in range(len(order) + 1)]
        open_ = ~np.isnan(np.array(stages)).any(axis=0)
        orders += open_
        for name, low, high in zip(order, stages[:-1], stages[1:], strict=True):
            total[name][open_] += (high - low)[open_]
    split = orders > 0
    count = np.where(split, orders, 1.0)
    effects = {name: np.where(split, gain / count, 0.0) for name, gain in total.items()}
    joint = np.where(split, 0.0, end - start)
    return effects, joint
