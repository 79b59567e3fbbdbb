"""Stakeholders: several weight sets side by side, where they agree, and the compromise."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..._util.arguments import typed
from ..._util.checks import is_number, one_of, shown, whole_number
from ..._util.display import Shown, number, table_of
from ..._util.documents import read_document
from ..._util.faces import plots
from ..._util.frozen import Frozen
from ..._util.renamed import renamed
from ..._util.types import Array, Index
from ...data.nouns import name_column, noun
from ...errors import (
    DataError,
    FrameworkError,
    NotScorableError,
    Problems,
    UnknownNameError,
    did_you_mean,
)
from ...framework.fields import LARGEST
from ...framework.nodes import Group
from ...methods.outranking import copeland
from ...scoring.kernel import evaluate
from ...scoring.ranking import rank_descending
from ...scoring.scores import Scores
from ...scoring.verbs import Source, Spec, with_subjects
from .profile import one_year

__all__ = ["Stakeholders", "stakeholders"]

Weights = Mapping[str, Mapping[str, float]] | str | os.PathLike[str]

METHODS = {
    "borda": "mean of the ranks (Borda 1784)",
    "copeland": "majorities pair by pair (Copeland 1951)",
    "mean_score": "mean of the scores",
}


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Stakeholders(Frozen, Shown):
    """One headline under several weight sets.

    Attributes
    ----------
    score, method : str
        The headline, and how the compromise is made.
    names : tuple of str
        The weight sets; ``framework`` is the framework's own.
    agreement : float
        Kendall's coefficient of concordance W (0-1) between the rankings.
    agreed_pairs : float
        Share (0-1) of the pairs of countries that every set puts in one order.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import score, stakeholders
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}]}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 50, 40], "gci": [80, 60, 20]})
    >>> result = stakeholders(score(fw, table), {"lenders": {"debt": 9}})
    >>> round(result.agreement, 2), result.table()["lenders"].astype(int).to_dict()
    (0.75, {'LAO': 2, 'PAK': 1, 'KEN': 3})
    >>> result.disputed(2)["spread"].astype(int).to_dict()
    {'LAO': 1, 'PAK': 1}
    """

    score: str
    method: str
    names: tuple[str, ...]
    agreement: float
    agreed_pairs: float
    _table: pd.DataFrame
    _between: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return one row a country: compromise rank, the rank under each set, and their spread (a copy)."""
        return self._table.copy()

    @property
    def between(self) -> pd.DataFrame:
        """Kendall's tau-b between the rankings of every two sets (a copy)."""
        return self._between.copy()

    @renamed(count="top")
    def disputed(self, top: int = 10) -> pd.DataFrame:
        """Return the countries on whose rank the sets differ most.

        Parameters
        ----------
        top
            How many countries at most, at least 1.

        Returns
        -------
        DataFrame
            Rows of ``table``, the largest difference of ranks first.

        Raises
        ------
        DataError
            For a `top` below 1.
        """
        whole_number("top", top, least=1)
        order = self._table["spread"].sort_values(ascending=False, kind="stable").index
        return self._table.loc[order[:top]].copy()

    def plot(self, **options: Any) -> Any:
        """Draw the ranks under each weight set; return the matplotlib Axes (extra `plots`).

        Parameters
        ----------
        options
            Keyword arguments of ``plots.ranks_by_set``: `top`, `countries`, `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().ranks_by_set(self, **options)

    @property
    def notes(self) -> tuple[str, ...]:
        """The rule of the compromise."""
        return (f"Compromise: {METHODS[self.method]}.",)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        caption = (
            f"{self.score} under {len(self.names)} weight sets ({', '.join(self.names)})\n"
            f"Agreement (Kendall's W) {number(self.agreement)}; {number(100 * self.agreed_pairs)} % of pairs "
            "in one order for all."
        )
        return "\n".join([caption, *self.notes]), table_of(self._table)


@typed
def stakeholders(
    framework: Scores | Spec | None = None,
    data: Source | Weights | None = None,
    weights: Weights | None = None,
    *,
    score: str | None = None,
    method: Literal["borda", "copeland", "mean_score"] = "borda",
) -> Stakeholders:
    """Score one headline under several weight sets and find the compromise ranking.

    Parameters
    ----------
    framework, data
        Scores, followed by the subject: ``stakeholders(scores, weights)``; or a framework and data as for
        ``score``: ``stakeholders(framework, data, weights)``.
    weights
        ``{name: {node: weight}}``, or a file of it. A set gives the weight of any nodes; the others keep
        theirs, and only ratios among siblings matter. The framework's own weights are a set too.
    score
        A headline score, the first by default.
    method
        ``borda`` (mean of ranks), ``copeland`` (majorities pair by pair) or ``mean_score``.

    Returns
    -------
    Stakeholders
        Ranks side by side, agreement, disputed countries, the compromise. Of a selection the table has the
        selected countries; ranks and agreement are of all that were scored with them.

    Raises
    ------
    UnknownNameError
        For a score, node or method that does not exist.
    FrameworkError
        For a weight that is negative or no number, or a group left without weight.
    NotScorableError
        If fewer than 2 countries have the score.

    References
    ----------
    Borda (1784), Memoire sur les elections au scrutin; Copeland (1951); agreement: Kendall, M. G. and
    Babington Smith, B. (1939), The problem of m rankings, Annals of Mathematical Statistics 10(3), 275-287.

    Examples
    --------
    >>> from dsr_risk import score, stakeholders
    >>> sets = {"capacity first": {"lack_of_cyber_capacity": 0.7}}
    >>> stakeholders(score(), sets, score="security").names
    ('framework', 'capacity first')
    """
    one_of("method", method, METHODS)
    scores, weights = with_subjects("stakeholders", framework, data, weights=weights)
    chosen = one_year(scores, None)
    scores = chosen._everyone
    name = scores._named(score)
    if isinstance(weights, str | os.PathLike):
        weights = read_document(Path(weights))
    sets = _sets(scores, weights)
    headline = scores._state.tree.index[name]
    _check_reach(scores, sets, name)
    rows = np.flatnonzero(~np.isnan(scores._values[:, headline]))
    if len(rows) < 2:
        raise NotScorableError(
            f"{len(rows)} {noun(scores.data, many=True)} have a `{name}` score; ranking takes at least 2"
        )
    values = evaluate(
        scores._state.tree,
        scores._state.normalised[rows],
        np.array(list(sets.values())),
        scores._state.scorable.has_value[rows],
    )[:, :, headline]
    length = scores._state.tree.scale[1] - scores._state.tree.scale[0]
    bases = scores._headline(name).groups[rows]
    ranks = np.array([rank_descending(row, bases, length=length) for row in values])
    made = _made(scores, (name, method), rows, tuple(sets), values, ranks)
    if chosen is scores:
        return made
    kept = made._table.index.isin(chosen.data.iso3)
    return dataclasses.replace(made, _table=made._table[kept])


def _check_reach(scores: Scores, sets: Mapping[str, Array], name: str) -> None:
    """Raise DataError for sets whose nodes all lie below other scores than `name`."""
    tree = scores._state.tree
    below = np.zeros(len(tree.names), bool)
    below[tree.index[name]] = True
    for group_node in reversed(tree.group_nodes):
        below[group_node.children] |= below[group_node.node]
    problems = Problems("weights")
    own = np.asarray(scores._state.weights, float)
    for label, weights in sets.items():
        moved = weights != own
        if moved.any() and not (moved & below).any():
            nodes = ", ".join(f"`{tree.names[node]}`" for node in np.flatnonzero(moved)[:5])
            problems.add(
                f"`{label}`: {nodes} do not lie below `{name}`, so nothing is ranked otherwise; name the "
                "score with `score`"
            )
    problems.raise_as(DataError)


def _sets(scores: Scores, given: Any) -> dict[str, Array]:
    """Return (N,) weights of every set, the framework's own first."""
    if not isinstance(given, Mapping) or not given:
        raise FrameworkError(
            f"`weights`: expected {{name: {{node: weight}}}}, received {shown(given)}"
        )
    index = scores._state.tree.index
    out = {"framework": np.array(scores._state.weights, float)}
    problems, unknown = Problems("weights"), Problems("weights")
    for label, nodes in given.items():
        if not isinstance(nodes, Mapping):
            problems.add(f"`{label}`: expected {{node: weight}}, received {shown(nodes)}")
            continue
        weights_of_set = np.array(scores._state.weights, float)
        for node, weight in nodes.items():
            if node not in index:
                unknown.add(f"`{label}`: no node `{node}`; {did_you_mean(str(node), index)}")
            elif not is_number(weight) or not 0 <= weight <= LARGEST:
                span = f"a number from 0 to {LARGEST:g}"
                problems.add(f"`{label}.{node}`: must be {span}, received {shown(weight)}")
            else:
                weights_of_set[index[node]] = float(weight)
        problems.extend(
            f"`{label}`: every child of `{group.name}` has weight 0"
            for group in scores.framework.nodes
            if isinstance(group, Group)
            and sum(weights_of_set[index[child.name]] for child in group.children) <= 0
        )
        out[str(label)] = weights_of_set
    unknown.raise_as(UnknownNameError)
    problems.raise_as(FrameworkError)
    return out


def _made(
    scores: Scores,
    asked: tuple[str, str],
    rows: Index,
    names: tuple[str, ...],
    values: Array,
    ranks: Array,
) -> Stakeholders:
    from scipy.stats import kendalltau

    name, method = asked
    bases = scores._headline(name).groups[rows]
    compromise = rank_descending(_merit(method, values, ranks, bases), bases, length=len(rows))
    codes = scores.data.iso3[rows]
    frame = pd.DataFrame(
        {
            **name_column(scores.data, codes),
            "compromise": pd.array(compromise, dtype="Float64").astype("Int64"),
            **{label: ranks[index].astype(int) for index, label in enumerate(names)},
            "spread": (ranks.max(axis=0) - ranks.min(axis=0)).astype(int),
            "basis": scores._headline(name).basis[rows],
        },
        index=pd.Index(codes, name=scores.data.unit_name),
    )
    order = np.lexsort((scores.data.sort_keys[rows], compromise, bases))
    taus = np.array([[float(kendalltau(-a, -b).statistic) for b in values] for a in values])
    first, second = np.triu_indices(len(rows), 1)
    alike = bases[first] == bases[second]
    signs = np.sign(np.round(values[:, first[alike]] - values[:, second[alike]], 9))
    return Stakeholders(
        name,
        method,
        names,
        _concordance(values),
        float((signs == signs[0]).all(axis=0).mean()),
        frame.iloc[order],
        pd.DataFrame(taus, index=list(names), columns=list(names)),
    )


def _merit(method: str, values: Array, ranks: Array, bases: Index) -> Array:
    """Return (n,) a number that is higher for more risk."""
    if method == "mean_score":
        return np.asarray(values.mean(axis=0))
    if method == "borda":
        return np.asarray(-ranks.mean(axis=0))
    wins = (values[:, :, None] > values[:, None, :] + 1e-9).mean(axis=0)
    ties = (np.abs(values[:, :, None] - values[:, None, :]) <= 1e-9).mean(axis=0)
    matrix = wins + ties / 2
    matrix[bases[:, None] != bases[None]] = 0.5
    return np.asarray(copeland(matrix), float)


def _concordance(values: Array) -> float:
    """Return Kendall's W with mean ranks for ties."""
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=1)
    m, n = ranks.shape
    totals = ranks.sum(axis=0)
    ties = sum(
        float((counts**3 - counts).sum())
        for counts in (np.unique(row, return_counts=True)[1] for row in ranks)
    )
    spread = float(np.square(totals - totals.mean()).sum())
    return float(12 * spread / (m**2 * (n**3 - n) - m * ties))
