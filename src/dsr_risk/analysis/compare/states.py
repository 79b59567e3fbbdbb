"""Counterfactual scores between two sets of scores, and the exact split of their difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..._util.types import Array, Mask
from ...data.dataset import Data
from ...errors import DsrRiskError
from ...framework.definition import Framework
from ...scoring.model import Model, fit
from ...scoring.scores import Scores

__all__ = ["STEPS", "Side", "States", "shapley"]

State = tuple[int, int, int, int]

STEPS = ("data", "coverage", "reference", "method")
"""What may differ between two sets of scores; a state says for each step which side it is on."""


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two: its scores (one year), the data they come from, and what its model learned from.

    ``whole`` holds the other years of a panel; ``reference`` is None where it is not at hand.
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

    A state is four bits in the order of ``STEPS``. Data at 1 takes the values of the second side in
    the cells that both sides observe; coverage at 1 takes its pattern of observed and applicable cells
    (a cell observed on one side only has that side's value); reference and method choose the model.
    """

    def __init__(self, before: Side, after: Side, countries: NDArray[np.object_]) -> None:
        self.sides = (before, after)
        self.countries = countries
        self.notes = [
            f"imputation of {word} looks at other years, which are not at hand: effects are of the year alone; "
            "give the scores of the whole panel, and `years`"
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
    def rows(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
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
            side.scores.data.matrix(self.columns)[rows]
            for side, rows in zip(self.sides, self.rows, strict=True)
        )
        return first, second

    @cached_property
    def active(self) -> tuple[str, ...]:
        """The steps on which the two sides differ."""
        first, second = self.cells
        both = ~np.isnan(first) & ~np.isnan(second)
        same_data = bool((first[both] == second[both]).all())
        applies = [side.scores.data.applicable(self.columns) for side in self.sides]
        here, there = (
            np.ones(first.shape, bool) if one is None else one[rows]
            for one, rows in zip(applies, self.rows, strict=True)
        )
        same_cells = bool((np.isnan(first) == np.isnan(second)).all() and (here == there).all())
        models = [side.model for side in self.sides]
        same_method = models[0].framework.fingerprint == models[1].framework.fingerprint
        same_reference = models[0].reference.fingerprint == models[1].reference.fingerprint
        if same_method and models[0].to_dict() != models[1].to_dict():
            same_reference = False
        flags = (same_data, same_cells, same_reference, same_method)
        return tuple(step for step, same in zip(STEPS, flags, strict=True) if not same)

    @cached_property
    def players(self) -> tuple[str, ...]:
        """The steps whose effects can be told apart: reference goes with method where it must."""
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
                f"the reference set of {' and '.join(absent)} is not at hand, so a change of reference "
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

    def scored(self, state: State, head: str) -> Array:
        """(countries,) the score at a state, NaN where there is none."""
        key = self._key(state)
        if key not in self._scored:
            self._scored[key] = self._score(key)
        return self._scored[key][head]

    def _key(self, state: State) -> State:
        """Steps that do not differ, or cannot be told apart, follow the others."""
        bits = dict(zip(STEPS, state, strict=True))
        if "reference" not in self.players:
            bits["reference"] = bits["method"]
        key = [bits[step] if step in self.active else 0 for step in STEPS]
        return (key[0], key[1], key[2], key[3])

    def _score(self, key: State) -> dict[str, Array]:
        ends = {tuple(int(side and step in self.active) for step in STEPS): side for side in (0, 1)}
        if key in ends:
            side = ends[key]
            scores, rows = self.sides[side].scores, self.rows[side]
        else:
            model = self._model(key[2], key[3])
            mixed = self._data(key[0], key[1], _columns(model.framework))
            scores = model.score(self._among_years(mixed, key[1], model))
            rows = np.arange(len(self.countries))
        index = scores.tree.index
        return {name: scores.values_array[rows, index[name]] for name in scores.names}

    def _data(self, values: int, pattern: int, columns: tuple[str, ...]) -> Data:
        """The values of one side in the pattern of observed and applicable cells of the other."""
        known = [self.sides[side].scores.data for side in (0, 1)]
        names = [one for one in columns if one in known[0].columns or one in known[1].columns]
        parts = [data.matrix(names)[rows] for data, rows in zip(known, self.rows, strict=True)]
        first = np.where(np.isnan(parts[values]), parts[pattern], parts[values])
        matrix = np.where(np.isnan(parts[pattern]), np.nan, first)
        rows = self.rows[pattern]
        applies = known[pattern].applicable(names)
        reasons = None if applies is None else _reasons(applies[rows])
        low, high = known[pattern].bounds(names) or (None, None)
        evidence = _evidence(known[values], known[pattern], self.countries, names, parts[values])
        return Data(
            pd.Index(self.countries, name="iso3"),
            tuple(names),
            matrix,
            reasons,
            None if low is None else low[rows],
            None if high is None else high[rows],
            _evidence=evidence,
            origin="counterfactual",
        )

    def _among_years(self, mixed: Data, pattern: int, model: Model) -> Data:
        """A mixture first, then the other years of its pattern's side where imputation looks at those."""
        side = self.sides[pattern]
        if not (side.whole.is_panel and _reads_years(model)):
            return mixed
        year, whole = side.scores.data.edition, side.whole
        keep = (whole.unit_years != year) & np.isin(whole.iso3, self.countries)
        rest = whole._kept(keep, whole.units, None)
        here = pd.MultiIndex.from_product([self.countries, [year]], names=["iso3", "year"])
        names, joined = mixed.columns, (mixed, rest)
        applies = [
            np.ones(data.matrix(names).shape, bool) if one is None else one
            for data in joined
            for one in [data.applicable(names)]
        ]
        bounds = [
            np.full((2, *data.matrix(names).shape), np.nan) if one is None else np.array(one)
            for data in joined
            for one in [data.bounds(names)]
        ]
        low, high = np.concatenate(bounds, axis=1)
        return Data(
            here.append(rest.units),
            names,
            np.vstack([data.matrix(names) for data in joined]),
            _reasons(np.vstack(applies)),
            low,
            high,
            _evidence=pd.concat(
                [mixed.evidence.assign(unit_year=year), rest.evidence], ignore_index=True
            ),
            origin=mixed.origin,
        )


def _reads_years(model: Model) -> bool:
    return any(one.imputer.reads_years for one in model.imputations)


def _reasons(applies: Mask) -> NDArray[np.object_]:
    out = np.full(applies.shape, None, dtype=object)
    out[~applies] = "not_applicable"
    return out


def _columns(framework: Framework) -> tuple[str, ...]:
    names = [leaf.data_column for leaf in framework.indicators]
    names += [leaf.denominator for leaf in framework.indicators if leaf.denominator]
    return tuple(dict.fromkeys(names))


def _tells_apart(data: Data, column: str) -> bool:
    values = data.matrix([column])[:, 0]
    known = values[~np.isnan(values)]
    return bool(known.size and known.min() < known.max())


def _fitted(framework: Framework, own: Data, other: Data) -> Model:
    """The framework fitted on `own`; columns that are empty or constant there learn from `other`."""
    wanted = _columns(framework)
    lacking = [name for name in wanted if not _tells_apart(own, name)]
    taken = [name for name in lacking if _tells_apart(other, name)]
    if not taken:
        return fit(framework, _narrowed(own, wanted))
    return fit(framework, _joined(own, other, wanted, taken))


def _narrowed(data: Data, columns: tuple[str, ...]) -> Data:
    """The data without columns that the framework does not read and might take for misspelt ones."""
    names = [one for one in columns if one in data.columns]
    applies = data.applicable(names)
    return Data(
        data.units,
        tuple(names),
        data.matrix(names),
        None if applies is None else _reasons(applies),
        _evidence=data.evidence,
        edition=data.edition,
        origin=data.origin,
    )


def _joined(own: Data, other: Data, columns: tuple[str, ...], taken: list[str]) -> Data:
    """One reference set of two: the columns `taken` from the other, the rest from its own."""
    keys = [pd.Index(data.unit_keys()) for data in (own, other)]
    units = keys[0].union(keys[1], sort=False)
    matrix = np.full((len(units), len(columns)), np.nan)
    for place, name in enumerate(columns):
        side = 1 if name in taken else 0
        values = (own, other)[side].matrix([name])[:, 0]
        matrix[units.get_indexer(keys[side]), place] = values
    return Data(units.set_names(["iso3", "year"]), columns, matrix, origin=own.origin)


def _evidence(
    values: Data,
    pattern: Data,
    countries: NDArray[np.object_],
    names: list[str],
    cells: Array,
) -> pd.DataFrame:
    """The evidence of a mixture: of each cell from the side that its value comes from."""
    known = pd.DataFrame(~np.isnan(cells), index=countries, columns=names)
    parts = []
    for data, wanted in ((values, True), (pattern, False)):
        rows = data.evidence
        if rows.empty:
            continue
        rows = rows[rows["iso3"].isin(countries) & rows["indicator"].isin(names)]
        line = known.index.get_indexer(pd.Index(rows["iso3"]))
        column = known.columns.get_indexer(pd.Index(rows["indicator"]))
        parts.append(rows[known.to_numpy()[line, column] == wanted])
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
    >>> {name: float(one[0]) for name, one in effects.items()}, float(joint[0])
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
