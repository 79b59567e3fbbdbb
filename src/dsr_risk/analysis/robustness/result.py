"""The result of a robustness analysis: what holds for every weighting of a set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..._util.arguments import typed
from ..._util.checks import MOST_DRAWS, between, check_memory, whole_number
from ..._util.display import Shown, number, table_of
from ..._util.faces import plots
from ..._util.frozen import Frozen
from ..._util.types import Array, Index, Mask
from ...data.nouns import name_column, noun
from ...errors import UnknownNameError, did_you_mean
from ...scoring.kernel import evaluate
from .case import Case
from .exact_ranks import RankSearch, Rivals, named, search_rank
from .gaps import Gaps
from .sampler import sample_weights
from .weight_sets import WeightSet

__all__ = ["Robustness"]


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Robustness(Frozen, Shown):
    """The statements that hold for every weighting of a set: score intervals, dominance, rank intervals.

    Attributes
    ----------
    score : str
        The headline score.
    weights : WeightSet
        The set.
    notes : tuple of str
        What the reader must know: what is exact, what is a bound.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import robustness, score
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}]}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 50, 45], "gci": [80, 70, 20]})
    >>> result = robustness(score(fw, table), spread=0.25)
    >>> result.table()[["score", "score_min", "score_max"]].round(2).loc["PAK"].tolist()
    [58.33, 47.92, 68.75]
    >>> result.top(1)["certain"].to_dict(), result.undecided("PAK")
    ({'LAO': True}, ())
    >>> result.rank_range("PAK")["rank"].astype(int).to_dict(), result.weights_at("PAK").shape
    ({'best': 2, 'worst': 2}, (2, 2))
    >>> result.sample(2).shape, result.sampled_scores(2).columns.tolist()
    ((2, 2), ['KEN', 'PAK', 'LAO'])
    """

    score: str
    weights: WeightSet
    notes: tuple[str, ...]
    _case: Case
    _gaps: Gaps

    # -- arrays -----------------------------------------------------------------------------------

    @cached_property
    def _above(self) -> Mask:
        """(n, n) True where the row's unit scores more than the column's under every weighting."""
        return np.asarray(self._gaps.least > self._case.tie)

    @cached_property
    def _may_be_above(self) -> Mask:
        """(n, n) True where some weighting may put the row's unit above the column's."""
        return np.asarray((self._gaps.most > self._case.tie) & (self._gaps.sign > 0))

    @cached_property
    def _together(self) -> Mask:
        """(n, n) True where two units are ranked among the same units."""
        return np.asarray(self._case.bases[:, None] == self._case.bases[None])

    @cached_property
    def _ranks(self) -> tuple[Array, Array]:
        best = 1 + (self._above & self._together).sum(axis=0)
        worst = 1 + (self._may_be_above & self._together).sum(axis=0)
        return np.asarray(best, float), np.asarray(worst, float)

    @cached_property
    def _classes(self) -> Array:
        """The number of each unit's class: units of one class are certainly above those of the next."""
        out = np.zeros(len(self._case.rows))
        for basis in np.unique(self._case.bases):
            members = np.flatnonzero(self._case.bases == basis)
            order = members[np.argsort(-self._case.value[members], kind="stable")]
            above = self._above[np.ix_(order, order)]
            number_ = 1
            for index in range(len(order)):
                if index and above[:index, index:].all():
                    number_ += 1
                out[order[index]] = number_
        return out

    # -- tables -----------------------------------------------------------------------------------

    def table(self) -> pd.DataFrame:
        """Return one row a country, most risk first (a copy).

        - ``score_min``, ``score_max``: bounds of the score over the set of weightings.
        - ``rank_min``, ``rank_max``: the first and last rank that it can have (1 is most risk).
        - ``dominates``, ``dominated``: how many countries it is above, or below, under every weighting.
        - ``open``: how many countries are above it or below it depending on the weights.
        - ``class``: number of its group. Every country of a group is riskier than every country of the next,
          whatever the weights.
        - ``certainty``: "exact" where some weighting attains every gap with another country, "bound" where
          some gaps are upper bounds.

        Countries of a partial basis are ranked among themselves and come last. Ranks and counts of a
        selection are among all countries that were scored.
        """
        case, gaps = self._case, self._gaps
        best, worst = self._ranks
        apart = self._together & ~np.eye(len(case.rows), dtype=bool)
        above = self._above & apart
        headline = case.scores._headline(case.name)
        exact = (gaps.exact | gaps.exact.T | ~apart).all(axis=1) & gaps.exact.all(axis=1)
        frame = pd.DataFrame(
            {
                **name_column(case.scores.data, case.countries),
                "score": case.value,
                "score_min": gaps.low[:, case.headline],
                "score_max": gaps.high[:, case.headline],
                "rank": _whole(headline.rank()[case.rows]),
                "rank_min": _whole(best),
                "rank_max": _whole(worst),
                "dominates": above.sum(axis=1),
                "dominated": above.sum(axis=0),
                "open": (apart & ~above & ~above.T).sum(axis=1),
                "class": _whole(self._classes),
                "basis": headline.basis[case.rows],
                "certainty": np.where(exact, "exact", "bound"),
            },
            index=pd.Index(case.countries, name=self._case.scores.data.unit_name),
        )
        return frame.iloc[self._order]

    @cached_property
    def _order(self) -> Index:
        case = self._case
        order = np.lexsort((case.countries.astype(str), -case.value, case.bases))
        return np.asarray(order[case.asked[order]], np.intp)

    def _square(self, array: Any) -> pd.DataFrame:
        codes = pd.Index(self._case.countries[self._order], name=self._case.scores.data.unit_name)
        picked = array[np.ix_(self._order, self._order)]
        return pd.DataFrame(picked, index=codes, columns=codes.rename(None))

    @property
    def dominance(self) -> pd.DataFrame:
        """True where the country of the row is riskier than that of the column under every weighting."""
        return self._square(self._above)

    @property
    def gaps(self) -> pd.DataFrame:
        """Largest possible score of the row's country minus the column's, in points; see ``exact``."""
        return self._square(self._gaps.most)

    @property
    def exact(self) -> pd.DataFrame:
        """True where some weighting attains the largest gap, False where it is an upper bound."""
        return self._square(self._gaps.exact)

    @property
    def dominance_share(self) -> float:
        """Share (0-1) of the pairs ranked together that have one order under every weighting."""
        apart = np.triu(self._together & self._case.asked & self._case.asked[:, None], 1)
        decided = (self._above | self._above.T) & apart
        return float(decided.sum() / apart.sum()) if apart.any() else float("nan")

    def top(self, k: int) -> pd.DataFrame:
        """Return countries that are certainly, or possibly, among the `k` riskiest.

        Parameters
        ----------
        k
            How many of the highest ranks, at least 1.

        Returns
        -------
        DataFrame
            Indexed ``iso3``: ``country, rank, rank_min, rank_max, certain``; countries that cannot be
            among them are left out.

        Raises
        ------
        DataError
            For a k below 1.
        """
        whole_number("k", k, least=1)
        table = self.table()
        table = table[table["rank_min"] <= k]
        names = [name for name in ("country",) if name in table]
        out = table[[*names, "basis", "rank", "rank_min", "rank_max"]].copy()
        out["certain"] = (table["rank_max"] <= k).to_numpy(bool)
        return out

    def undecided(self, country: str | int) -> tuple[str, ...]:
        """Return the countries whose order with this one depends on the weights, riskiest first.

        Parameters
        ----------
        country
            A name or code.

        Returns
        -------
        tuple of str
            Codes of countries.

        Raises
        ------
        UnknownNameError
            For a country that has no such score.
        """
        index = self._row_of(country)
        apart = self._together[index] & ~self._above[index] & ~self._above[:, index]
        return tuple(
            str(self._case.countries[other])
            for other in self._order
            if apart[other] and other != index
        )

    def _row_of(self, country: str | int) -> int:
        iso3 = self._case.scores.data.unit_of(country)
        rows = np.flatnonzero(self._case.countries == iso3)
        if not rows.size:
            codes = [str(code) for code in self._case.countries]
            raise UnknownNameError(
                f"{iso3} has no `{self.score}` score here; {did_you_mean(str(iso3), codes, listed=0)}"
            )
        return int(rows[0])

    # -- exact ranks ------------------------------------------------------------------------------

    def rank_range(
        self, country: str | int, *, time_limit: float = 10.0, gap: float = 0.0
    ) -> pd.DataFrame:
        """Search the best and the worst rank of one country that a single weighting attains.

        Parameters
        ----------
        country
            A name or code.
        time_limit
            Seconds for each of the two searches.
        gap
            Relative gap (0-1) at which a search may stop.

        Returns
        -------
        DataFrame
            Indexed ``best, worst``: ``rank`` (attained by the weights of ``weights_at``), ``bound`` (no
            weighting does better or worse) and ``proved`` (the two are one).

        Raises
        ------
        UnknownNameError
            For a country that has no such score.

        Notes
        -----
        A mixed-integer programme with one binary variable for each country whose order is open (HiGHS).
        Pairs that are no linear form of the weights (missing cells under `share_weight`, other means)
        enter with their certified bound.
        """
        searched = self._searched(country, time_limit, gap)
        return pd.DataFrame(
            [
                {"rank": end.attained, "bound": end.bound, "proved": end.proved}
                for end in searched.values()
            ],
            index=pd.Index(list(searched), name="end"),
        )

    def weights_at(
        self, country: str | int, *, time_limit: float = 10.0, gap: float = 0.0
    ) -> pd.DataFrame:
        """Return local weights of every node at the best and the worst rank found by ``rank_range``.

        Parameters
        ----------
        country
            A name or code.
        time_limit
            Seconds for each of the two searches.
        gap
            Relative gap (0-1) at which a search may stop.

        Returns
        -------
        DataFrame
            Indexed by node, columns ``best`` and ``worst``: shares (0-1) among siblings.

        Raises
        ------
        UnknownNameError
            For a country that has no such score.
        """
        searched = self._searched(country, time_limit, gap)
        frame = pd.DataFrame({end: pd.Series(result.weights) for end, result in searched.items()})
        return frame.rename_axis("node")

    def _searched(self, country: str | int, time_limit: float, gap: float) -> dict[str, RankSearch]:
        between("time_limit", time_limit, 0, 1e6)
        between("gap", gap, 0, 1, ends=True)
        index = self._row_of(country)
        case = self._case
        together = self._together[index] & (np.arange(len(case.rows)) != index)
        above = int((self._above[:, index] & together).sum())
        open_ = together & self._may_be_above[:, index] & ~self._above[:, index]
        complete = case.complete()
        usable = open_ & complete & (case.linear and bool(complete[index]))
        rest = int((open_ & ~usable).sum())
        rows = np.flatnonzero(usable)
        out = {}
        for end, worst in (("best", False), ("worst", True)):
            rivals = Rivals(
                rows,
                self._gaps.least[rows, index],
                self._gaps.most[rows, index],
                above + (rest if worst else 0),
            )
            if len(rows):
                result = search_rank(
                    case, index, rivals, worst=worst, time_limit=time_limit, gap=gap
                )
            else:
                rank = 1 + rivals.above
                result = RankSearch(
                    rank, rank, True, named(case, np.array(case.scores._state.weights))
                )
            out[end] = replace(result, proved=result.proved and not rest)
        return out

    # -- the sampled set --------------------------------------------------------------------------

    def sample(self, draws: int = 1000, *, seed: int = 0) -> pd.DataFrame:
        """Return weightings drawn from the certified set: draws by nodes, siblings adding up to one.

        Parameters
        ----------
        draws
            How many weightings, at least 1.
        seed
            A whole number from 0; the same seed gives the same weightings.

        Returns
        -------
        DataFrame
            (draws, nodes) shares (0-1) among siblings.

        Raises
        ------
        DataError
            For draws or a seed out of range, or more draws than the memory holds.
        """
        whole_number("draws", draws, least=1, most=MOST_DRAWS)
        whole_number("seed", seed)
        check_memory(
            "draws", 8.0 * draws * len(self._case.scores._state.tree.names), "ask for fewer draws"
        )
        weights = sample_weights(self._case, draws, seed)
        wanted = [
            int(node)
            for group_node in self._case.group_nodes
            for node in self._case.children(group_node)
        ]
        names = self._case.scores._state.tree.names
        return pd.DataFrame(
            weights[:, wanted],
            columns=[names[node] for node in wanted],
            index=pd.RangeIndex(draws, name="draw"),
        )

    def sampled_scores(self, draws: int = 1000, *, seed: int = 0) -> pd.DataFrame:
        """Return scores (draws by countries) under the weightings of ``sample``.

        Parameters
        ----------
        draws
            How many weightings, at least 1.
        seed
            A whole number from 0, as of ``sample``.

        Returns
        -------
        DataFrame
            (draws, countries) scores on the scale.

        Raises
        ------
        DataError
            As ``sample``.
        """
        whole_number("draws", draws, least=1, most=MOST_DRAWS)
        whole_number("seed", seed)
        case, tree = self._case, self._case.scores._state.tree
        check_memory(
            "draws", 8.0 * draws * (len(case.rows) + len(tree.names)), "ask for fewer draws"
        )
        out = np.empty((draws, len(case.rows)))
        indicators = case.scores._state.normalised[case.rows]
        has_value = case.scores._state.scorable.has_value[case.rows]
        weights = sample_weights(case, draws, seed)
        step = max(1, 2_000_000 // max(1, len(case.rows) * len(tree.names)))
        for start in range(0, draws, step):
            part = evaluate(tree, indicators, weights[start : start + step], has_value)
            out[start : start + step] = part[:, :, case.headline]
        return pd.DataFrame(
            out[:, case.asked],
            index=pd.RangeIndex(draws, name="draw"),
            columns=list(case.countries[case.asked]),
        )

    # -- display ----------------------------------------------------------------------------------

    def plot(self, **options: Any) -> Any:
        """Draw rank intervals (needs the extra `plots`); returns the matplotlib Axes.

        Parameters
        ----------
        options
            Keyword arguments of ``plots.rank_intervals``: `top`, `countries`, `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().rank_intervals(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        table = self.table()
        classes = table["class"].nunique()
        caption = (
            f"Robustness of {self.score}: {self.weights.words}\n"
            f"{len(table)} {noun(self._case.scores.data, many=True)}; "
            f"{number(100 * self.dominance_share)} % of pairs have one order "
            f"under every weighting; {classes} classes. Rank 1 is most risk."
        )
        if self.notes:
            caption += "\n" + "\n".join(f"note: {note}" for note in self.notes)
        columns = [
            "country",
            "score",
            "score_min",
            "score_max",
            "rank",
            "rank_min",
            "rank_max",
            "dominates",
            "dominated",
            "class",
            "certainty",
        ]
        return caption, table_of(table[[name for name in columns if name in table]])


def _whole(values: Any) -> Any:
    return pd.array(values, dtype="Float64").astype("Int64")
