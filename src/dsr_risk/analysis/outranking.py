"""Outranking: pairwise comparison of countries by the weight on which each is riskier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from .._util.arguments import typed
from .._util.checks import between, one_of
from .._util.display import Shown, table_of
from .._util.faces import plots
from .._util.frozen import Frozen
from .._util.types import Array, Index
from ..data.nouns import name_column, noun
from ..errors import NotScorableError
from ..methods.outranking import EVEN, copeland, outranking_matrix, signs
from ..scoring.ranking import TIE, rank_descending
from ..scoring.scores import Scores
from ..scoring.verbs import Source, Spec, as_scores
from .audit.statistics import effective_weights

__all__ = ["Outranking", "copeland", "outranking", "outranking_matrix"]

Level = Literal["indicator", "pillar"]
LEVELS = ("indicator", "pillar")


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Outranking(Frozen, Shown):
    """Pairwise outranking of the countries that have a headline score.

    Attributes
    ----------
    score : str
        The headline score.
    weights : dict
        The criteria with their share of the weight.
    min_overlap : float
        The share of the weight that applies to both that two countries must have in common.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import outranking, score
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}]}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 30, 50], "gci": [80, 60, 20]})
    >>> outranking(score(fw, table)).table()[["copeland", "dominates"]].to_dict("index")["LAO"]
    {'copeland': 2, 'dominates': 2}
    """

    score: str
    weights: dict[str, float]
    min_overlap: float
    _matrix: pd.DataFrame
    _table: pd.DataFrame

    @property
    def matrix(self) -> pd.DataFrame:
        """The share of weight on which the country of the row is riskier than that of the column."""
        return self._matrix.copy()

    def table(self) -> pd.DataFrame:
        """Return one row a country, most risk first (a copy).

        ``copeland`` is wins less losses; ``net`` the same over the countries it was compared with (-1 to
        1), by which ``rank`` orders within a basis; ``wins, losses, even, not_compared`` count
        countries; ``dominates, dominated`` those it is above, or below, on everything they share;
        ``score, score_rank`` are the aggregated score and its rank.
        """
        return self._table.copy()

    @property
    def dominance(self) -> pd.DataFrame:
        """Pairs where one country is riskier on all the weight they share: ``above, below``."""
        rows, columns = np.nonzero(self._matrix.to_numpy() >= 1 - EVEN)
        codes = self._matrix.index.to_numpy()
        return pd.DataFrame({"above": codes[rows], "below": codes[columns]})

    @property
    def dominance_share(self) -> float:
        """Dominance pairs as a share (0-1) of the pairs that can be compared."""
        compared = np.triu(~np.isnan(self._matrix.to_numpy()), 1).sum()
        return float(len(self.dominance) / compared) if compared else float("nan")

    @property
    def notes(self) -> tuple[str, ...]:
        """The limits of the comparison: pairs with too little weight in common."""
        pairs = int(np.triu(np.isnan(self._matrix.to_numpy()), 1).sum())
        if not pairs:
            return ()
        return (
            f"{pairs:,} pairs are not compared: they share less than {self.min_overlap:.0%} of the weight",
        )

    def plot(self, **options: Any) -> Any:
        """Draw the net share of pairwise wins; return the matplotlib Axes (extra `plots`).

        Parameters
        ----------
        options
            Keyword arguments of ``plots.outranking``: `top`, `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().outranking(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        weights = ", ".join(f"{name} {share:.0%}" for name, share in self.weights.items())
        caption = (
            f"Outranking on {self.score} over {len(self.weights)} criteria ({weights})\n"
            f"{len(self._table)} {self._nouns}; one dominates the other in "
            f"{self.dominance_share:.1%} of pairs"
        )
        columns = ["country", "rank", "copeland", "net", "wins", "losses", "basis", "score_rank"]
        return caption, table_of(self._table[[name for name in columns if name in self._table]])

    @property
    def _nouns(self) -> str:
        return "countries" if "country" in self._table else "units"


@typed
def outranking(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    score: str | None = None,
    level: Level = "indicator",
    min_overlap: float = 0.5,
    year: int | None = None,
) -> Outranking:
    """Rank countries by pairwise comparison on the share of weight on which each is riskier.

    Parameters
    ----------
    framework, data
        Scores, or a framework and data as for ``score``.
    score
        A headline score, the first by default.
    level
        The criteria: its indicators with their effective weights, or its pillars.
    min_overlap
        Two countries are compared where they both have values for at least this share (0-1) of the
        weight that applies to both.
    year
        The year of a panel, the latest by default.

    Returns
    -------
    Outranking
        Over the countries that have the score. Only the order of values counts, not their distance, so
        one very high or very low indicator cannot offset the others.

    Raises
    ------
    UnknownNameError
        For a score, level or year that does not exist.
    NotScorableError
        With fewer than 2 scored countries.
    DataError
        For a `min_overlap` outside 0-1.

    References
    ----------
    Copeland (1951); Munda and Nardo (2009), Applied Economics 41(12), 1513-1523; OECD/JRC (2008),
    Handbook, step 6.

    Examples
    --------
    >>> from dsr_risk import score
    >>> from dsr_risk import outranking
    >>> result = outranking(score(), score="security")
    >>> result.table()["copeland"].sum() == 0
    np.True_
    >>> bool(result.matrix.loc["PAK", "KEN"] + result.matrix.loc["KEN", "PAK"] == 1)
    True
    """
    one_of("level", level, LEVELS)
    between("min_overlap", min_overlap, 0, 1, ends=True)
    scores = as_scores(framework, data)
    if scores.data.is_panel or year is not None:
        scores = scores.select(year=scores.data.years[-1] if year is None else year)
    name = scores._named(score)
    top = scores._state.tree.index[name]
    rows = np.flatnonzero(~np.isnan(scores._values[:, top]))
    if len(rows) < 2:
        raise NotScorableError(
            f"{len(rows)} of {len(scores.data)} {noun(scores.data, many=True)} have a `{name}` score; outranking "
            "compares at least 2. `scores.reason` says why the others have none"
        )
    criteria, weights = _criteria(scores, top, level)
    lower, upper = scores._state.tree.scale
    matrix = outranking_matrix(
        scores._state.evaluated[np.ix_(rows, criteria)],
        weights,
        applicable=scores._state.scorable.applicable[np.ix_(rows, criteria)],
        min_overlap=min_overlap,
        tie=TIE * (upper - lower),
    )
    codes = pd.Index(scores.data.iso3[rows], name=scores.data.unit_name)
    shares = weights / weights.sum()
    return Outranking(
        name,
        {
            scores._state.tree.names[node]: float(share)
            for node, share in zip(criteria, shares, strict=True)
        },
        min_overlap,
        pd.DataFrame(matrix, index=codes, columns=codes.rename(None)),
        _table(scores, name, rows, matrix, codes),
    )


def _criteria(scores: Scores, top: int, level: Level) -> tuple[Index, Array]:
    """Return the nodes compared on, below the node `top`, and their effective weights."""
    tree = scores._state.tree
    effective = effective_weights(tree.parent, scores._state.weights)
    if level == "pillar":
        chosen = tree.parent == top
    else:
        indicators = np.arange(len(tree.names)) < tree.n_indicators
        chosen = indicators & (_ancestor_below(tree.parent, top) >= 0)
    nodes = np.flatnonzero(chosen & (effective > 0))
    return nodes, effective[nodes]


def _ancestor_below(parent: Index, top: int) -> Index:
    """Return for every node its ancestor, or itself, that is a child of `top`; -1 for none."""
    ancestor = np.arange(len(parent))
    climbing = (parent[ancestor] >= 0) & (parent[ancestor] != top)
    while climbing.any():
        ancestor = np.where(climbing, parent[ancestor], ancestor)
        climbing = (parent[ancestor] >= 0) & (parent[ancestor] != top)
    return np.where(parent[ancestor] == top, ancestor, -1)


def _table(scores: Scores, name: str, rows: Index, matrix: Array, codes: pd.Index) -> pd.DataFrame:
    lead = signs(matrix)
    pairs = ~np.isnan(matrix)
    np.fill_diagonal(pairs, val=False)
    compared = pairs.sum(axis=1)
    points = lead.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        net = np.where(compared > 0, points / compared, np.nan)
    basis = scores.basis[name].to_numpy()[rows]
    partial = (basis == "partial").astype(np.intp)
    full = matrix >= 1 - EVEN
    columns: dict[str, Any] = {
        **name_column(scores.data, codes),
        "rank": _whole(rank_descending(net, partial, length=2.0)),
        "copeland": points.astype(int),
        "net": net,
        "wins": (lead > 0).sum(axis=1),
        "losses": (lead < 0).sum(axis=1),
        "even": ((lead == 0) & pairs).sum(axis=1),
        "not_compared": len(codes) - 1 - compared,
        "dominates": full.sum(axis=1),
        "dominated": full.sum(axis=0),
        "basis": basis,
        "score": scores._values[rows, scores._state.tree.index[name]],
        "score_rank": _whole(scores.rank[name].to_numpy()[rows]),
    }
    order = np.lexsort((codes.to_numpy(str), -np.nan_to_num(net, nan=-2.0), partial))
    return pd.DataFrame(columns, index=codes).iloc[order]


def _whole(values: Any) -> Any:
    return pd.array(values, dtype="Float64").astype("Int64")
