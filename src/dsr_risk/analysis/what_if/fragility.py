"""Fragility: the few changes of weights and of data that would move a country most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..._util.arguments import typed
from ..._util.checks import between, whole_number
from ..._util.display import Shown, number, table_of
from ..._util.faces import plots
from ..._util.frozen import Frozen
from ..._util.renamed import renamed
from ..._util.types import Array
from ...data.dataset import CONFIDENCE
from ...scoring.kernel import evaluate
from ...scoring.scores import Scores
from ...scoring.verbs import Source, Spec, with_subjects
from .elasticities import shifted
from .profile import among_all, country_name, groups_below
from .read_columns import ReadColumns

__all__ = ["Fragility", "fragility"]

ERRORS = ((0.99, 0.02), (0.5, 0.10), (0.0, 0.30))
"""Share of the value that a cell may be wrong by, from a grade's weight on: high, medium, low."""


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Fragility(Frozen, Shown):
    """The fragility of a country's rank: the changes of weights and data that move it most.

    Attributes
    ----------
    country, score : str
        Whose headline.
    value, rank : float
        Score and rank now.
    spread : float
        How far a weight is changed, as a share of itself.

    Examples
    --------
    >>> from dsr_risk import fragility, score
    >>> fragility(score(), "KEN", score="security").table()["kind"].value_counts().to_dict()
    {'weight': 3, 'data': 3}
    """

    country: str
    score: str
    value: float
    rank: float
    spread: float
    _table: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return one row a change, those of weights first, each kind by how far it moves the rank (a copy).

        ``kind`` (weight or data), ``node``, ``change`` in words, ``score``, ``rank``, ``score_shift``,
        ``rank_shift`` (negative: more risk).

        Examples
        --------
        >>> import pandas as pd
        >>> from dsr_risk import fragility, score
        >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
        ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}]}
        >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 30, 50], "gci": [80, 60, 20]})
        >>> fragility(score(fw, table), "PAK").table()["kind"].unique().tolist()
        ['weight', 'data']
        """
        return self._table.copy()

    def plot(self, **options: Any) -> Any:
        """Draw the changes that move the rank most; return the matplotlib Axes (extra `plots`).

        Parameters
        ----------
        options
            Keyword arguments of ``plots.rank_changes``: `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().rank_changes(self, **options)

    @property
    def notes(self) -> tuple[str, ...]:
        """The sizes of the changes."""
        return (
            f"Weights change by {100 * self.spread:g} % of themselves, one at a time.",
            "Cells change one at a time, by the error that their confidence grade allows.",
        )

    def _shown(self) -> tuple[str, pd.DataFrame]:
        caption = (
            f"Changes that move the rank of {self.country} on {self.score} most. Now {number(self.value)}, "
            f"rank {self.rank:g}."
        )
        return "\n".join([caption, *self.notes]), table_of(self._table)


@renamed(count="top")
@typed
def fragility(
    framework: Scores | Spec | None = None,
    data: Source | str | None = None,
    country: str | int | None = None,
    *,
    score: str | None = None,
    spread: float = 0.25,
    top: int = 3,
) -> Fragility:
    """Find the changes of weights and of data that would move a country most.

    Parameters
    ----------
    framework, data
        Scores, followed by the subject: ``fragility(scores, "PAK")``; or a framework and data as for
        ``score``: ``fragility(framework, data, "PAK")``.
    country
        A name or code.
    score
        A headline score, the first by default.
    spread
        By which share (above 0, below 1) of itself a weight goes up or down, its siblings in proportion.
    top
        How many changes of each kind.

    Returns
    -------
    Fragility
        One table of weights and data.

    Raises
    ------
    UnknownNameError
        For a country or score that does not exist.
    DataError
        For a spread outside 0-1, or a `top` below 1.
    NotScorableError
        If the country has no such score.

    Notes
    -----
    One at a time: weights by `spread`; an observed cell by 2, 10 or 30 % of its value as its grade is high,
    medium or low (ungraded: medium), a code (``ordinal``) to its neighbours; an estimated cell to either end
    of the scale, or of its bounds. Derived indicators follow the cells that they are computed from.
    Ranks are among all countries of the basis, also of a selection.

    References
    ----------
    One-at-a-time stress as in Saisana, M., Saltelli, A. and Tarantola, S. (2005), J. R. Stat. Soc. A
    168(2), 307-323, section 4.

    Examples
    --------
    >>> from dsr_risk import fragility, score
    >>> result = fragility(score(), "PAK", score="dependency", top=1)
    >>> len(result.table())
    2
    """
    between("spread", spread, 0, 1)
    whole_number("top", top, least=1, most=10_000)
    scores, country = with_subjects("fragility", framework, data, country=country)
    scores, row, name = among_all(scores, country, score)
    rows = [*_weights(scores, name, row, spread), *_cells(scores, name, row)]
    frame = pd.DataFrame(
        rows, columns=["kind", "node", "change", "score", "rank", "score_shift", "rank_shift"]
    )
    parts = []
    for kind in ("weight", "data"):
        part = frame[frame["kind"] == kind]
        size = np.lexsort((-part["score_shift"].abs(), -part["rank_shift"].abs()))
        # Each node once, with the direction that moves it further.
        parts.append(part.iloc[size].drop_duplicates("node").head(top))
    headline = scores._state.tree.index[name]
    return Fragility(
        country_name(scores, row),
        name,
        float(scores._values[row, headline]),
        float(scores._headline(name).rank()[row]),
        spread,
        pd.concat(parts, ignore_index=True),
    )


def _ranked(scores: Scores, name: str, row: int, values: Array) -> Array:
    """Return (draws,) the rank of a row among its basis when all units have these values (draws, n)."""
    headline = scores._headline(name)
    alike = (headline.groups == headline.groups[row]) & ~np.isnan(np.asarray(headline.score))
    tie = 1e-9 * (scores._state.tree.scale[1] - scores._state.tree.scale[0])
    return np.asarray(1 + (values[:, alike] > values[:, [row]] + tie).sum(axis=1), float)


def _entries(
    scores: Scores, name: str, row: int, kind: str, moves: list[tuple[str, str]], values: Array
) -> list[dict[str, object]]:
    """Return one row a change from the values (draws, n) that every unit has under it."""
    headline = scores._state.tree.index[name]
    now = np.asarray(scores._values[:, headline])
    base = _ranked(scores, name, row, now[None])[0]
    ranks = _ranked(scores, name, row, values)
    return [
        {
            "kind": kind,
            "node": node,
            "change": words,
            "score": float(values[index, row]),
            "rank": int(ranks[index]),
            "score_shift": float(values[index, row] - now[row]),
            "rank_shift": int(ranks[index] - base),
        }
        for index, (node, words) in enumerate(moves)
    ]


def _weights(scores: Scores, name: str, row: int, spread: float) -> list[dict[str, object]]:
    tree, sets, moves = scores._state.tree, [], []
    for group_node in groups_below(scores, name):
        total = scores._state.weights[group_node.children].sum()
        for child in group_node.children:
            share = scores._state.weights[child] / total
            if not 0 < share < 1:
                continue
            for factor in (1 - spread, 1 + spread):
                new = min(share * factor, 1.0)
                sets.append(shifted(scores, group_node.children, int(child), new))
                moves.append((tree.names[child], f"weight {share:.6g} to {new:.6g}"))
    if not sets:
        return []
    headline = tree.index[name]
    values = evaluate(
        tree, scores._state.normalised, np.array(sets), scores._state.scorable.has_value
    )
    return _entries(scores, name, row, "weight", moves, values[:, :, headline])


def _cells(scores: Scores, name: str, row: int) -> list[dict[str, object]]:
    """Return one row a column and direction; derived indicators follow the columns they are computed from."""
    tree, columns = scores._state.tree, ReadColumns(scores, row)
    lower, upper = tree.scale
    now = scores._state.normalised[row]
    indicators, moves = [], []
    for column in columns.below(name):
        own = int(columns.indicator[column])
        moving = columns.readers[column].copy()
        if own >= 0:
            moving[own] = scores._state.scorable.has_value[row, own]
        if not moving.any():
            continue
        for sign in (-1.0, 1.0):
            changed, words = _changed(columns, int(column), sign)
            if changed[column] == columns.raw[column]:
                continue
            moved = np.where(moving, columns.points(changed[None])[0], now)
            if columns.estimated[column] and own >= 0:
                moved[own] = _open_end(scores, row, own, sign)
                words = f"estimated {now[own]:.3g} to {moved[own]:.3g} points"
            indicators.append(np.clip(moved, lower, upper))
            moves.append((columns.nodes[column].name, words))
    if not indicators:
        return []
    headline = tree.index[name]
    has_value = scores._state.scorable.has_value[[row]]
    rescored = evaluate(tree, np.array(indicators)[:, None], scores._state.weights, has_value)[
        :, 0, headline
    ]
    values = np.repeat(np.asarray(scores._values[:, headline])[None], len(rescored), axis=0)
    values[:, row] = rescored
    return _entries(scores, name, row, "data", moves, values)


def _changed(columns: ReadColumns, column: int, sign: float) -> tuple[Array, str]:
    """Return the columns (B,) with one moved down (-1) or up (1) in risk or value, and the change in words."""
    node, raw = columns.nodes[column], columns.raw
    changed = raw.copy()
    if columns.estimated[column]:
        changed[column] = columns.ends[0 if sign * node.sign < 0 else 1][column]
        words = f"estimated {raw[column]:.4g} to {changed[column]:.4g} {node.unit}"
        return changed, words.strip()
    if node.ordinal is not None:
        codes = [code for code in node.ordinal if (code - raw[column]) * sign > 0]
        changed[column] = min(codes, key=lambda code: abs(code - raw[column]), default=raw[column])
    else:
        changed[column] = raw[column] * (1 + sign * _error(columns, column))
    return changed, f"{raw[column]:.4g} to {changed[column]:.4g} {node.unit}".strip()


def _error(columns: ReadColumns, column: int) -> float:
    """Return the share of its value that an observed cell may be wrong by."""
    data, name = columns.scores.data, columns.nodes[column].data_column
    iso3, year = data._unit_keys()[columns.row]
    graded = bool(data.evidence_of(iso3, year, name).get("confidence"))
    grade = data.confidence([name])[columns.row, 0] if graded else CONFIDENCE["medium"]
    return next(error for least, error in ERRORS if grade >= least)


def _open_end(scores: Scores, row: int, indicator: int, sign: float) -> float:
    """Return the end of the scale, or of what is known to bound a cell."""
    if scores._bounds is not None:
        end = scores._bounds[0 if sign < 0 else 1][row, indicator]
        if not np.isnan(end):
            return float(end)
    return float(scores._state.tree.scale[0 if sign < 0 else 1])
