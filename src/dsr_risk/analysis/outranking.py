"""Outranking: who is riskier than whom on more of the weight, with no trade-off of points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .._util.display import Shown, table_of
from .._util.types import Array
from ..data.countries import country_table
from ..errors import FrameworkError, NotScorableError, UnknownNameError, did_you_mean
from ..methods.outranking import EVEN, copeland, outranking_matrix, signs
from ..scoring.ranking import TIE, rank_descending
from ..scoring.scores import Scores
from .audit.statistics import effective_weights

__all__ = ["Outranking", "copeland", "outranking", "outranking_matrix"]

Level = Literal["indicator", "pillar"]
LEVELS = ("indicator", "pillar")


@dataclass(frozen=True, eq=False, repr=False)
class Outranking(Shown):
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
    >>> from dsr_risk import outranking, score
    >>> outranking(score(), "dependency").table().index[0]
    'LAO'
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
        """One row a country, most risk first (a copy).

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

    def _shown(self) -> tuple[str, pd.DataFrame]:
        listed = ", ".join(f"{name} {share:.0%}" for name, share in self.weights.items())
        caption = (
            f"Outranking on {self.score} over {len(self.weights)} criteria ({listed})\n"
            f"{len(self._table)} countries; one dominates the other in {self.dominance_share:.1%} of pairs"
        )
        columns = ["country", "rank", "copeland", "net", "wins", "losses", "basis", "score_rank"]
        return caption, table_of(self._table[columns])


def outranking(
    scores: Scores,
    score: str | None = None,
    *,
    level: Level = "indicator",
    min_overlap: float = 0.5,
    year: int | None = None,
) -> Outranking:
    """Rank countries pair by pair: on how much of the weight each is riskier than each other.

    Parameters
    ----------
    scores
        What ``score`` or ``Model.score`` returned.
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
        a very high indicator cannot be bought off, nor can it buy.

    Raises
    ------
    UnknownNameError
        For a score, level or year that does not exist.
    NotScorableError
        With fewer than 2 scored countries.
    FrameworkError
        For a `min_overlap` outside 0-1.

    References
    ----------
    Copeland (1951); Munda and Nardo (2009), Applied Economics 41(12), 1513-1523; OECD/JRC (2008),
    Handbook, step 6.

    Examples
    --------
    >>> from dsr_risk import score
    >>> from dsr_risk import outranking
    >>> found = outranking(score(), "security")
    >>> found.table()["copeland"].sum() == 0
    np.True_
    >>> bool(found.matrix.loc["PAK", "KEN"] + found.matrix.loc["KEN", "PAK"] == 1)
    True
    """
    if level not in LEVELS:
        raise UnknownNameError(f"no level `{level}`; {did_you_mean(str(level), LEVELS)}")
    if not 0 <= min_overlap <= 1:
        raise FrameworkError(
            f"`min_overlap` is a share of weight, 0 to 1, received {min_overlap!r}"
        )
    if scores.data.is_panel or year is not None:
        scores = scores.select(year=scores.data.years[-1] if year is None else year)
    name = scores.headline(score)
    head = scores.tree.index[name]
    rows = np.flatnonzero(~np.isnan(scores.values_array[:, head]))
    if len(rows) < 2:
        raise NotScorableError(
            f"{len(rows)} of {len(scores.data)} countries have a `{name}` score; outranking compares at "
            "least 2. `scores.reason` says why the others have none"
        )
    places, weights = _criteria(scores, head, level)
    lower, upper = scores.tree.scale
    matrix = outranking_matrix(
        scores.values_array[np.ix_(rows, places)],
        weights,
        applicable=scores.scorable.applicable[np.ix_(rows, places)],
        min_overlap=min_overlap,
        tie=TIE * (upper - lower),
    )
    codes = pd.Index(scores.data.iso3[rows], name="iso3")
    shares = weights / weights.sum()
    return Outranking(
        name,
        {scores.tree.names[place]: float(one) for place, one in zip(places, shares, strict=True)},
        min_overlap,
        pd.DataFrame(matrix, index=codes, columns=codes.rename(None)),
        _table(scores, name, rows, matrix, codes),
    )


def _criteria(scores: Scores, head: int, level: Level) -> tuple[NDArray[np.intp], Array]:
    tree = scores.tree
    effective = effective_weights(tree.parent, scores.weights)
    top = np.arange(len(tree.names))
    while ((tree.parent[top] >= 0) & (tree.parent[top] != head)).any():
        climb = (tree.parent[top] >= 0) & (tree.parent[top] != head)
        top = np.where(climb, tree.parent[top], top)
    below = tree.parent[top] == head
    leaf = np.arange(len(tree.names)) < tree.leaves
    chosen = below & leaf if level == "indicator" else tree.parent == head
    places = np.flatnonzero(chosen & (effective > 0))
    return places, effective[places]


def _table(
    scores: Scores, name: str, rows: NDArray[np.intp], matrix: Array, codes: pd.Index
) -> pd.DataFrame:
    lead = signs(matrix)
    known = ~np.isnan(matrix)
    np.fill_diagonal(known, val=False)
    compared = known.sum(axis=1)
    points = lead.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        net = np.where(compared > 0, points / compared, np.nan)
    basis = scores.basis[name].to_numpy()[rows]
    partial = (basis == "partial").astype(np.intp)
    names = country_table()["name"]
    full = matrix >= 1 - EVEN
    columns: dict[str, Any] = {
        "country": [names.get(code, code) for code in codes],
        "rank": _whole(rank_descending(net, partial, length=2.0)),
        "copeland": points.astype(int),
        "net": net,
        "wins": (lead > 0).sum(axis=1),
        "losses": (lead < 0).sum(axis=1),
        "even": ((lead == 0) & known).sum(axis=1),
        "not_compared": len(codes) - 1 - compared,
        "dominates": full.sum(axis=1),
        "dominated": full.sum(axis=0),
        "basis": basis,
        "score": scores.values_array[rows, scores.tree.index[name]],
        "score_rank": _whole(scores.rank[name].to_numpy()[rows]),
    }
    order = np.lexsort((codes.to_numpy(str), -np.nan_to_num(net, nan=-2.0), partial))
    return pd.DataFrame(columns, index=codes).iloc[order]


def _whole(values: Any) -> Any:
    return pd.array(values, dtype="Float64").astype("Int64")
