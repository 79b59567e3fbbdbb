"""The result of an uncertainty analysis: counts of draws, read as intervals and probabilities."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import pandas as pd

from ..._util.arguments import typed
from ..._util.display import Shown
from ..._util.faces import plots
from ..._util.frozen import held
from ..._util.renamed import Renamed
from ..._util.types import Array
from ...factors import Factor
from ...scoring.scores import Scores
from .draws import Draws
from .figures import Figures
from .notes import notes_of
from .tables import (
    band_table,
    errors_of,
    inseparable,
    interval_table,
    pair_shares,
    possible_ranks,
    printed_intervals,
    rank_distribution,
    rank_shares,
    score_distribution,
    top_probability,
    undefined_draws,
    worst_error,
)

__all__ = ["Uncertainty"]


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Uncertainty(Renamed, Shown):
    """Scores and ranks over all draws. Frames are copies, indexed like the data.

    Every figure is read from counts that do not grow with draws: quantiles of scores are exact to ``bin_width``,
    figures of ranks are exact for the draws made. Ranks are within year and basis, as in ``Scores``.

    In every method `score` is a headline score, the first one if None; `nodes` are names of nodes, the headline
    scores if None. `quantiles` and `confidence_level` are shares between 0 and 1. A name that does not exist
    is an UnknownNameError, a share out of range a DataError.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import uncertainty
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}], "factors": {
    ...     "risk.weights": {"method": "spread", "share": 0.25}, "debt.data": {"method": "revision"}}}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 50, 45], "gci": [80, 70, 20]})
    >>> u = uncertainty(fw, table, draws=64)
    >>> u.table()[["risk", "risk_rank"]].round(2).loc["PAK"].tolist(), u.scores().columns.tolist()[:4]
    ([58.33, 2.0], ['value', 'mean', 'sd', 'q05'])
    >>> u.acceptability().loc["KEN"].tolist(), u.top(1)["KEN"].item(), u.ranks().loc["PAK", "rank"].item()
    ([0.0, 0.0, 1.0], 0.0, 2.0)
    >>> u.riskier().loc["LAO", "KEN"].item(), u.bands().sum(axis=1).tolist(), u.errors(of="bands").shape
    (1.0, [1.0, 1.0, 1.0], (3, 5))
    >>> u.rank_sets().columns.tolist()[:3], u.groups()
    (['rank', 'data_low', 'data_high'], (('LAO',), ('PAK',), ('KEN',)))
    >>> u.sample().shape, next(u.blocks())[1].shape, u.inputs().shape
    ((64, 3), (64, 3, 1), (64, 2))
    """

    _counts: Figures
    _draws: Draws

    _renamed: ClassVar[Any] = dict.fromkeys(("design", "ledger", "tally", "job"))

    @property
    def names(self) -> tuple[str, ...]:
        """The headline scores."""
        return self._counts.names

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes whose distribution was kept; indicators that never change are known without."""
        return self._counts.nodes

    @property
    def units(self) -> pd.Index:
        """The units, as in the data; of a selection of scores those selected."""
        return self._counts.units[self._counts.rows]

    @property
    def draws(self) -> int:
        """Draws made, failed ones included."""
        return self._counts.draws

    @property
    def seed(self) -> int:
        """The seed of the draws."""
        return self._counts.seed

    @property
    def sampling(self) -> str:
        """The method by which points were drawn: "sobol" or "random"."""
        return self._counts.job.sampling

    @property
    def engine(self) -> str:
        """The engine that counted the draws: "numpy", "numba" or "numba32" ("numba" where that does not hold)."""
        return self._counts.engine

    @property
    def factors(self) -> Mapping[str, Factor]:
        """The factors that varied, by name."""
        return held(dict(self._counts.design.factors))

    @property
    def as_written(self) -> Scores:
        """The scores with nothing varied."""
        return self._counts.asked

    @property
    def failed(self) -> pd.Series[int]:
        """Draws in which no unit had a value, by combination of choices; they are in no other figure."""
        return self._counts.failed

    @property
    def undefined(self) -> pd.DataFrame:
        """The number of draws that give a unit no value of a score, as a ratio with denominator 0 does.

        Figures of the unit use its other draws; other units keep their values and ranks in these draws.
        """
        return undefined_draws(self._counts)

    @property
    def bin_width(self) -> pd.Series[float]:
        """The width, in points, within which each node's quantiles are exact for the draws made."""
        return self._counts.bin_width

    @property
    def notes(self) -> tuple[str, ...]:
        """Facts that the reader must know."""
        return notes_of(self._counts)

    def blocks(self, nodes: Sequence[str] | None = None) -> Iterator[tuple[int, Array]]:
        """Make the draws again, block by block: first draw's number, values (draws, units, nodes).

        Parameters and errors are those of `to_draws_frame`.

        Returns
        -------
        iterator of tuple
            (number of the first draw, array (draws, units, nodes)); NaN where a unit has no value.
        """
        return self._draws.blocks(nodes)

    def sample(self, node: str | None = None) -> Array:
        """Return all draws of one node, (draws, units), in memory, failed ones as they came.

        Parameters
        ----------
        node
            A node whose distribution was kept, the first headline score if None.

        Returns
        -------
        array
            (draws, units) values on the scale; NaN where a unit has no value.

        Raises
        ------
        UnknownNameError
            For a node whose distribution was not kept.
        """
        return self._draws.sample(node)

    def inputs(self) -> pd.DataFrame:
        """Return what the draws were made from: numbers of the unit cube, a column a number drawn.

        A choice's column is the number of its option, from 0. Errors of cells and values of missing ones
        come from random streams, which have a number for every cell, and are not here.
        """
        return self._draws.inputs()

    def to_draws_frame(self, nodes: Sequence[str] | None = None) -> pd.DataFrame:
        """Return all draws as a frame: index (draw, unit), a float64 column for each node, the headlines if None.

        Parameters
        ----------
        nodes
            Names of nodes whose distribution was kept, the headline scores if None.

        Returns
        -------
        DataFrame
            draws x units rows.

        Raises
        ------
        UnknownNameError
            For a node whose distribution was not kept.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> import pandas as pd
        >>> from dsr_risk import uncertainty
        >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [{"name": "gci", "higher_is": "safer"}]}]}
        >>> u = uncertainty(fw, pd.DataFrame({"iso3": ["KEN", "PAK"], "gci": [80, 70]}), draws=16)
        >>> list(u.to_draws_frame().index.names), u.to_draws_frame().shape, u.to_xarray().shape
        (['draw', 'iso3'], (32, 1), (16, 2, 1))
        >>> u.to_parquet(pathlib.Path(tempfile.mkdtemp()) / "draws.parquet").name
        'draws.parquet'
        """
        return self._draws.to_frame(nodes)

    def to_xarray(self, nodes: Sequence[str] | None = None) -> Any:
        """Return all draws as an xarray.DataArray (draw, unit, node); needs the extra `xarray`.

        ``attrs`` say what they were made from: framework, fingerprints, seed. Units of a panel are labelled
        ``PAK 2019``; identifier and year stand beside them as coordinates.

        Parameters and errors are those of `to_draws_frame`.

        Returns
        -------
        xarray.DataArray
            (draw, unit, node) values on the scale.

        Raises
        ------
        MissingExtraError
            Without xarray.
        """
        return self._draws.to_xarray(nodes)

    def to_parquet(self, path: str | os.PathLike[str], nodes: Sequence[str] | None = None) -> Path:
        """Write all draws to a Parquet file: draw, unit (and year), a column a node; whole or not at all.

        Errors are those of `to_draws_frame`. The metadata of the schema say what they were made from, as
        ``attrs`` of ``to_xarray``.

        Parameters
        ----------
        path
            The file to write; one that exists is replaced.
        nodes
            Names of nodes, the headline scores if None.

        Returns
        -------
        pathlib.Path
            The file that was written.

        Raises
        ------
        MissingExtraError
            Without pyarrow (extra `parquet`).
        """
        return self._draws.to_parquet(path, nodes)

    def scores(
        self, node: str | None = None, *, quantiles: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95)
    ) -> pd.DataFrame:
        """Return the distribution of any kept node: value as written, mean, sd, quantiles, share scored.

        Parameters
        ----------
        node
            A node whose distribution was kept, the first headline score if None.
        quantiles
            Shares (0-1) of the draws below each quantile.

        Returns
        -------
        DataFrame
            ``value, mean, sd``, a column a quantile (``q05``, ``median``) and ``scored``, the share
            (0-1) of draws in which the unit has a value.

        Raises
        ------
        UnknownNameError
            For a node whose distribution was not kept.
        DataError
            For a quantile outside 0-1.
        """
        return score_distribution(self._counts, node, quantiles)

    def ranks(
        self,
        score: str | None = None,
        *,
        quantiles: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95),
    ) -> pd.DataFrame:
        """Return the distribution of ranks: rank as written, mean, quantiles (the smallest rank reached).

        Parameters and errors are those of `acceptability`.

        Parameters
        ----------
        quantiles
            Shares (0-1) of the draws below each quantile.

        Returns
        -------
        DataFrame
            ``rank, mean`` and a column a quantile; 1 is most risk.

        Raises
        ------
        DataError
            For a quantile outside 0-1.
        """
        return rank_distribution(self._counts, self._counts.score_of(score), quantiles)

    def acceptability(self, score: str | None = None) -> pd.DataFrame:
        """Return the rank-acceptability matrix: the share of draws in which each unit has each rank.

        Parameters
        ----------
        score
            A headline score, the first one if None.

        Returns
        -------
        DataFrame
            (units, ranks from 1) shares (0-1); a row adds up to 1.

        Raises
        ------
        UnknownNameError
            For a score that there is not.

        References
        ----------
        Lahdelma, R. and Salminen, P. (2001), SMAA-2, Operations Research 49(3), 444-454.
        """
        return rank_shares(self._counts, self._counts.score_of(score))

    def top(self, k: int, score: str | None = None) -> pd.Series[float]:
        """Return the probability of being among the k riskiest of its year and basis.

        Parameters and errors are those of `acceptability`.

        Parameters
        ----------
        k
            How many of the highest ranks, at least 1.

        Returns
        -------
        Series
            A probability (0-1) a unit.

        Raises
        ------
        DataError
            For a k below 1.
        """
        return top_probability(self._counts, self._counts.score_of(score), k)

    def riskier(self, score: str | None = None) -> pd.DataFrame:
        """Return the probability that the row's unit ranks before the column's, over draws that score both.

        NaN for units that are not ranked together.

        Parameters and errors are those of `acceptability`.

        Returns
        -------
        DataFrame
            (units, units) probabilities (0-1).

        Raises
        ------
        DataError
            If pairs were not counted.
        """
        return pair_shares(self._counts, self._counts.score_of(score))

    def bands(self, score: str | None = None) -> pd.DataFrame:
        """Return the probability of every risk band.

        Parameters and errors are those of `acceptability`.

        Returns
        -------
        DataFrame
            (units, bands) probabilities (0-1); a row adds up to 1.
        """
        return band_table(self._counts, self._counts.score_of(score))

    def errors(
        self,
        score: str | None = None,
        *,
        of: Literal["table", "acceptability", "riskier", "bands"] = "table",
    ) -> pd.DataFrame:
        """Return Monte-Carlo standard errors of the figures of one headline score.

        Those of independent draws, so for Sobol' points upper limits.

        Parameters
        ----------
        score
            A headline score, the first one if None.
        of
            "table": of the mean, sd and the 5, 50 and 95 % quantiles of scores, of the mean rank and the
            same quantiles of ranks, and of the least certain probability (one of a half). Or a table of
            probabilities, laid out as the table itself: of a share p of n draws it is that of
            (np + 1/2) / (n + 1), so that one never seen is not taken for impossible.

        Returns
        -------
        DataFrame
            Standard errors in points, places or shares, as the figures.

        Raises
        ------
        UnknownNameError
            For a score or a table `of` that there is not.

        References
        ----------
        Serfling, R. J. (1980), Approximation Theorems of Mathematical Statistics, 2.2, 2.3 and 2.6;
        Brown, Cai and DasGupta (2001), Statistical Science 16(2), 101-133, on shares.
        """
        return errors_of(self._counts, self._counts.row_of(score), self._counts.score_of(score), of)

    @property
    def worst_error(self) -> float:
        """The largest Monte-Carlo standard error of a headline mean, 5 % or 95 % quantile, in points."""
        return worst_error(self._counts)

    def rank_sets(self, score: str | None = None, *, confidence_level: float = 0.9) -> pd.DataFrame:
        """Return the ranks that errors of the data leave possible, beside the ranges that choices make.

        ``data_low`` and ``data_high`` are simultaneous confidence sets: with probability
        `confidence_level` they hold every unit's true rank at once, weights and methods as written.
        ``choice_low`` and ``choice_high`` are the central range of ranks at that level under weights,
        methods and parameters, the data as given; they are no confidence statement, because no choice is
        the true one. ``low`` and ``high`` are the same range over everything.

        Parameters
        ----------
        score
            A headline score, the first one if None.
        confidence_level
            Probability (above 0, below 1) that the interval holds.

        Returns
        -------
        DataFrame
            ``rank, data_low, data_high, choice_low, choice_high, low, high``.

        Raises
        ------
        UnknownNameError
            For a score that there is not.
        DataError
            For a level outside 0-1.

        References
        ----------
        Mogstad, Romano, Shaikh and Wilhelm (2024), Review of Economic Studies 91(1), 476-518.
        """
        return possible_ranks(self._counts, self._counts.score_of(score), confidence_level)

    def groups(
        self,
        score: str | None = None,
        *,
        confidence_level: float = 0.9,
        by: Literal["data", "all"] = "all",
    ) -> tuple[tuple[Any, ...], ...]:
        """Return the largest runs of neighbours in the ranking of which no two can be separated.

        By "data" two units are separated where the confidence sets of ``rank_sets`` do; by "all" where
        one ranks before the other in at least `confidence_level` of the draws.

        Parameters and errors are those of `rank_sets`.

        Parameters
        ----------
        by
            "data" or "all".

        Returns
        -------
        tuple of tuple
            Units, the highest score first; a unit may be in several runs.

        Raises
        ------
        DataError
            Also if pairs were not counted (by "all").
        """
        return inseparable(self._counts, self._counts.score_of(score), confidence_level, by)

    def table(self, score: str | None = None, *, confidence_level: float = 0.9) -> pd.DataFrame:
        """Return one headline score with its intervals beside it, most risk first.

        Columns: country, the score and its central `confidence_level` interval, sd, the rank and its interval, the
        band and its probability, the probability of the ten highest ranks, the Monte-Carlo standard error
        of the interval's wider end. Intervals are drawn out to the score and the rank as written where
        these lie in a thin tail of the draws; ``scores`` and ``ranks`` give the plain quantiles.

        Parameters
        ----------
        score
            A headline score, the first one if None.
        confidence_level
            Probability (above 0, below 1) that the interval holds.

        Returns
        -------
        DataFrame
            A row a unit, columns with the name of the score before them.

        Raises
        ------
        UnknownNameError
            For a score that there is not.
        DataError
            For a level outside 0-1.
        """
        return interval_table(self._counts, self._counts.score_of(score), confidence_level)

    def plot(self, **options: Any) -> Any:
        """Draw the ranking with intervals; return the matplotlib Axes (extra `plots`).

        Parameters
        ----------
        options
            Keyword arguments of ``plots.ranking``: `score`, `top`, `countries`, `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().ranking(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        caption, shown = printed_intervals(self._counts, self.names[0], self.table())
        return "\n".join([caption, *self.notes[len(self.as_written.notes) :]]), shown
