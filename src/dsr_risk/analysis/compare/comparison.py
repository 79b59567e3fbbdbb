"""Compare two sets of scores and split every change exactly over its causes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..._util.arguments import typed
from ..._util.checks import headline_name, whole_number
from ..._util.display import Shown, number, signed, table_of
from ..._util.faces import plots
from ..._util.frozen import Frozen
from ..._util.renamed import renamed
from ..._util.types import Array, Labels
from ...data.dataset import Data
from ...data.nouns import key_columns, name_column, noun
from ...errors import DataError, NotScorableError
from ...scoring.scores import Scores
from ...scoring.verbs import Source, Spec, as_scores, as_source
from .states import STEPS, Side, State, States, shapley

__all__ = ["Comparison", "compare"]

Inputs = tuple[Spec, Source]
References = tuple[Source | None, Source | None]
JOINT = "joint"


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Frozen, Shown):
    """Two sets of scores beside each other: scores, ranks and bands, and why they moved.

    Attributes
    ----------
    before, after : str
        Words for the two sides.
    scores : tuple of str
        The headline scores that both sides have.
    steps : tuple of str
        What differs between the sides, of ``data, coverage, reference, method``.
    notes : tuple of str
        Steps that could not be separated, and why.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import compare, score
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}]}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 30, 50], "gci": [80, 60, 20]})
    >>> before = score(fw, table)
    >>> result = compare(before, score(before.framework.replace({"debt.weight": 3}), table))
    >>> result.table()[["before", "after", "change", "method"]].round(2).loc["PAK"].tolist()
    [41.67, 45.83, 4.17, 4.17]
    >>> result.movers(top=1)["country"].item(), result.moved().empty
    ('Pakistan', True)
    >>> result.summary()[["compared", "entered", "left"]].loc["risk"].astype(int).tolist()
    [3, 0, 0]
    """

    before: str
    after: str
    scores: tuple[str, ...]
    steps: tuple[str, ...]
    notes: tuple[str, ...]
    _tables: dict[str, pd.DataFrame]
    _came_and_went: pd.DataFrame

    def table(self, score: str | None = None) -> pd.DataFrame:
        """Return every country scored on both sides, largest change first (a copy).

        Index ``iso3``; columns ``country, before, after, change``, the effects in points ``data,
        coverage, reference, method, joint`` (their sum is the change), ``rank_before, rank_after,
        rank_change`` (positive: towards less risk; none where the basis changed), ``basis_before,
        basis_after, band_before, band_after, band_change`` (steps, positive: riskier).

        Parameters
        ----------
        score
            A headline score that both sides have, the first one if None.

        Returns
        -------
        DataFrame
            Indexed ``iso3``, with the columns said above.

        Raises
        ------
        UnknownNameError
            For another score.
        """
        return self._tables[self._headline(score)].copy()

    @renamed(count="top")
    def movers(self, score: str | None = None, top: int = 5) -> pd.DataFrame:
        """Return the `top` countries whose score changed most, up or down.

        Parameters
        ----------
        score
            A headline score that both sides have, the first one if None.
        top
            How many countries at most, at least 1. Countries whose score did not change are left out.

        Returns
        -------
        DataFrame
            Rows of ``table``, the largest change first.

        Raises
        ------
        UnknownNameError
            For another score.
        DataError
            For a `top` below 1.
        """
        whole_number("top", top, least=1)
        table = self.table(score)
        return table[table["change"] != 0].head(top)

    def moved(self, score: str | None = None) -> pd.DataFrame:
        """Return the countries whose rank or band changed.

        Parameters
        ----------
        score
            A headline score that both sides have, the first one if None.

        Returns
        -------
        DataFrame
            Rows of ``table``, in its order.

        Raises
        ------
        UnknownNameError
            For another score.
        """
        table = self.table(score)
        ranks = table["rank_change"].fillna(0) != 0
        return table[ranks | (table["band_before"] != table["band_after"])]

    @property
    def entered(self) -> pd.DataFrame:
        """Countries that have a score only after: ``score, iso3`` or ``id``, ``country, value, reason``."""
        return self._part("entered")

    @property
    def left(self) -> pd.DataFrame:
        """Countries that have a score only before: ``score, iso3`` or ``id``, ``country, value, reason``."""
        return self._part("left")

    def _part(self, kind: str) -> pd.DataFrame:
        part = self._came_and_went[self._came_and_went["kind"] == kind]
        return part.drop(columns="kind").reset_index(drop=True)

    def summary(self) -> pd.DataFrame:
        """Return by headline score the countries compared, the changes and the mean effect of every step."""
        rows = {}
        for name in self.scores:
            table = self._tables[name]
            rows[name] = {
                "compared": len(table),
                "entered": int((self.entered["score"] == name).sum()),
                "left": int((self.left["score"] == name).sum()),
                "mean_change": table["change"].mean(),
                "mean_move": table["change"].abs().mean(),
                **{f"mean_{step}": table[step].mean() for step in (*STEPS, JOINT)},
                "mean_rank_move": table["rank_change"].abs().mean(),
                "other_band": int((table["band_before"] != table["band_after"]).sum()),
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("score")

    def _headline(self, score: str | None) -> str:
        return headline_name(score, self.scores)

    def plot(self, **options: Any) -> Any:
        """Draw arrows from before to after; return the matplotlib Axes (extra `plots`).

        Parameters
        ----------
        options
            Keyword arguments of ``plots.scenario_arrows``: `score`, `top`, `countries`, `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().scenario_arrows(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        lines = [
            f"{self.after} against {self.before}; differs in {', '.join(self.steps) or 'nothing'}"
        ]
        parts = []
        for label, row in self.summary().iterrows():
            name = str(label)
            lines.append(
                f"  {name}: {row['compared']:.0f} compared, {row['entered']:.0f} entered, "
                f"{row['left']:.0f} left; mean change {signed(float(row['mean_change']), 2)}, mean rank move "
                f"{number(float(row['mean_rank_move']))}, {row['other_band']:.0f} in another band"
            )
            part = self.movers(name, 10)
            parts.append(part.assign(score=name))
        lines += [f"  note: {note}" for note in self.notes]
        table = pd.concat(parts).reset_index()
        steps = [step for step in (*STEPS, JOINT) if step in self.steps or table[step].any()]
        unit = str(parts[0].index.name)
        keys = [name for name in ("score", unit, "country") if name in table]
        view = table[[*keys, "before", "after"]].copy()
        for name in ("change", *steps):
            view[name] = [signed(value, 2) for value in table[name]]
        for name in ("rank", "band"):
            pairs = zip(table[f"{name}_before"], table[f"{name}_after"], strict=True)
            view[name] = [str(a) if a == b else f"{a} > {b}" for a, b in pairs]
        return "\n".join(lines), table_of(view)


@typed
def compare(
    before: Scores | Spec | Inputs,
    after: Scores | Spec | Inputs,
    *,
    years: tuple[int, int] | None = None,
    labels: tuple[str, str] | None = None,
    references: References = (None, None),
) -> Comparison:
    """Compare two sets of scores and split every change by cause.

    Parameters
    ----------
    before, after
        Each side: Scores (of years, editions of the data, frameworks), or what ``score`` takes: a
        framework, or a pair (framework, data).
    years
        The year to take of each, where it is a panel; its latest by default.
    labels
        Words for the two sides; the years or editions where they differ.
    references
        The data each model was fitted on, needed to tell a change of reference set from a change of
        method where both changed and a side was not fitted on its own data.

    Returns
    -------
    Comparison

    Raises
    ------
    NotScorableError
        If no country has the same headline score on both sides.
    DataError
        If a reference given is not the one its model was fitted on.
    UnknownNameError
        For a year that is not there.

    Notes
    -----
    Four things may differ. *Data*: values in cells that both sides observe. *Coverage*: which cells are
    observed or apply. *Reference*: what a model learned (goalposts, percentiles, data-driven weights).
    *Method*: the framework. Every mixture of the two sides is scored, and the change is split by the
    Shapley value, the mean over all orders of the steps, so effects add up to the change exactly and
    do not depend on an order. Orders that pass a mixture without a score are left out for that country;
    where none remains the change stands under ``joint``.

    References
    ----------
    Shapley (1953); Shorrocks, A. F. (2013), Decomposition procedures for distributional analysis,
    Journal of Economic Inequality 11, 99-126.

    Examples
    --------
    >>> from dsr_risk import load_framework, score
    >>> from dsr_risk import compare
    >>> heavier = load_framework().replace({"debt_exposure.weight": 0.5})
    >>> result = compare(score(), score(heavier))
    >>> result.steps
    ('method',)
    >>> table = result.table("dependency")
    >>> bool((table["change"] - table["method"]).abs().max() < 1e-9)
    True
    """
    _check_pairs(years, labels)
    both = _scores(before), _scores(after)
    pair = tuple(
        _one_year(scores, year) for scores, year in zip(both, years or (None, None), strict=True)
    )
    sides = [
        Side(part, every.data, _reference(every, reference, word))
        for part, every, reference, word in zip(
            pair, both, references, ("before", "after"), strict=True
        )
    ]
    names = tuple(name for name in pair[0].names if name in pair[1].names)
    tables, gone = {}, []
    countries = _both(pair[0], pair[1], names)
    states = States(sides[0], sides[1], countries)
    for name in names:
        tables[name] = _table(states, name)
        gone += _came_and_went(pair[0], pair[1], name)
    notes = [*_unshared(pair[0], pair[1]), *states.notes]
    if not states.active and any((table[JOINT] != 0).any() for table in tables.values()):
        notes.append("values, models and coverage are equal: only the evidence of the data changed")
    columns = ["kind", "score", *key_columns(pair[0].data, []), "value", "reason"]
    first, second = labels or _labels(pair[0], pair[1])
    return Comparison(
        first,
        second,
        names,
        states.active,
        tuple(notes),
        tables,
        pd.DataFrame(gone, columns=columns),
    )


def _check_pairs(years: object, labels: object) -> None:
    for option, given, word in (("years", years, "2019"), ("labels", labels, "before")):
        kind = int if option == "years" else str
        pair = given if isinstance(given, list | tuple) and len(given) == 2 else None
        if given is not None and not (pair and all(isinstance(end, kind) for end in pair)):
            raise DataError(
                f"`{option}` must be two, one a side, such as {(kind(word), kind(word))!r}, received {given!r}"
            )


def _scores(side: Scores | Spec | Inputs) -> Scores:
    """Return the scores of one side, given as Scores, a framework, or (framework, data)."""
    if isinstance(side, tuple):
        if len(side) != 2:
            raise DataError(
                f"a side is Scores or (framework, data), received a tuple of {len(side)}"
            )
        return as_scores(*side)
    return as_scores(side)


def _one_year(scores: Scores, year: int | None) -> Scores:
    if not scores.data.is_panel:
        return scores if year is None else scores.select(year=year)
    return scores.select(year=scores.data.years[-1] if year is None else year)


def _reference(scores: Scores, given: Source | None, word: str) -> Data | None:
    fingerprint = scores.model.reference.fingerprint
    if given is not None:
        data = as_source(given)
        if data.fingerprint != fingerprint:
            raise DataError(
                f"references, {word}: the model was fitted on other data (fingerprint {fingerprint}, "
                f"received {data.fingerprint}); give the data of its `fit`"
            )
        return data
    return scores.data if scores.data.fingerprint == fingerprint else None


def _both(before: Scores, after: Scores, names: tuple[str, ...]) -> Labels:
    """Return the countries with a headline score on both sides."""
    scored = [
        {
            code
            for name in names
            for code in side.data.iso3[~np.isnan(side._values[:, side._state.tree.index[name]])]
        }
        for side in (before, after)
    ]
    countries = [code for code in after.data.countries if code in scored[0] & scored[1]]
    if not countries:
        shared = f" ({', '.join(f'`{name}`' for name in names)})" if names else ""
        raise NotScorableError(
            f"nothing to compare: no {noun(after.data)} has the same headline score{shared} on both sides; they "
            f"have {', '.join(before.names)} and {', '.join(after.names)}"
        )
    return np.array(countries, dtype=object)


def _table(states: States, name: str) -> pd.DataFrame:
    data = states.sides[0].scores.data
    codes = pd.Index(states.countries, name=data.unit_name)
    first, second = (
        side.scores._values[rows, side.scores._state.tree.index[name]]
        for side, rows in zip(states.sides, states.rows, strict=True)
    )
    effects, joint = _effects(states, name, second - first)
    columns: dict[str, Any] = {
        **name_column(data, codes),
        "before": first,
        "after": second,
        "change": second - first,
        **{step: effects.get(step, np.zeros(len(codes))) for step in STEPS},
        JOINT: joint,
    }
    sides = list(zip(("before", "after"), states.sides, states.rows, strict=True))
    for kind in ("rank", "basis", "band"):
        for word, side, rows in sides:
            values = getattr(side.scores, kind)[name].to_numpy()[rows]
            columns[f"{kind}_{word}"] = _whole(values) if kind == "rank" else values
    frame = pd.DataFrame(columns, index=codes).dropna(subset=["before", "after"])
    same = frame["basis_before"] == frame["basis_after"]
    frame["rank_change"] = (frame["rank_after"] - frame["rank_before"]).where(same)
    steps = [_step(side.scores, frame[f"band_{word}"]) for word, side, _ in sides]
    frame["band_change"] = steps[1] - steps[0]
    order = np.lexsort((frame.index.to_numpy(str), -frame["change"].abs().to_numpy()))
    return frame.iloc[order]


def _effects(states: States, name: str, change: Array) -> tuple[dict[str, Array], Array]:
    players = states.players
    if not players:
        return {}, change

    def worth(on: frozenset[str]) -> Array:
        return states.scored(State(*(int(step in on) for step in STEPS)), name)

    return shapley(players, worth)


def _whole(values: Any) -> Any:
    return pd.array(values, dtype="Float64").astype("Int64")


def _step(scores: Scores, bands: pd.Series[Any]) -> pd.Series[Any]:
    ordered = sorted(scores.framework.bands, key=lambda label: scores.framework.bands[label])
    return bands.map({label: step for step, label in enumerate(ordered)})


def _came_and_went(before: Scores, after: Scores, name: str) -> list[tuple[Any, ...]]:
    """List countries with a score on one side only, with the reason the other side has none."""
    rows = []
    for kind, side, other_side in (("entered", after, before), ("left", before, after)):
        values = dict(zip(side.data.iso3, side.values[name], strict=True))
        others = dict(zip(other_side.data.iso3, other_side.values[name], strict=True))
        reasons = dict(zip(other_side.data.iso3, other_side.reason[name], strict=True))
        for code, value in values.items():
            if np.isnan(value) or not np.isnan(others.get(code, np.nan)):
                continue
            why = reasons.get(code, "not in the data")
            keys = (cells[0] for cells in key_columns(before.data, [code]).values())
            rows.append((kind, name, *keys, float(value), why))
    return rows


def _unshared(before: Scores, after: Scores) -> list[str]:
    notes = []
    for word, scores, other in (("before", before, after), ("after", after, before)):
        alone = [name for name in scores.names if name not in other.names]
        if alone:
            notes.append(
                f"only {word} has {', '.join(f'`{name}`' for name in alone)}: not compared"
            )
    return notes


def _labels(before: Scores, after: Scores) -> tuple[str, str]:
    for pair in (
        [str(scores.data.edition) for scores in (before, after) if scores.data.edition is not None],
        [f"{scores.framework.name} {scores.framework.version}" for scores in (before, after)],
    ):
        if len(set(pair)) == 2:
            return pair[0], pair[1]
    return "before", "after"
