"""The result of an uncertainty analysis: counts of draws, read as intervals and probabilities."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..._util.arguments import typed
from ..._util.checks import between, one_of, whole_number
from ..._util.display import Shown, table_of
from ..._util.faces import plots
from ..._util.types import Array
from ...factors import Factor
from ...montecarlo.confidence import alike
from ...scoring.scores import Scores
from .draws import Draws
from .figures import Figures, quantile_label
from .notes import notes_of

__all__ = ["Uncertainty"]


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Uncertainty(Shown):
    """Scores and ranks over all draws. Frames are copies, indexed like the data.

    Every figure is read from counts that do not grow with draws: quantiles of scores are exact to
    ``bin_width``, everything about ranks is exact for the draws made. Ranks are within year and basis, as in
    ``Scores``.

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

    # -- what was run ---------------------------------------------------------------------------

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
        """How points were drawn: "sobol" or "random"."""
        return self._counts.job.sampling

    @property
    def engine(self) -> str:
        """What counted the draws: "numpy" or "numba"."""
        return "numba" if self._counts.spec.fast else "numpy"

    @property
    def factors(self) -> Mapping[str, Factor]:
        """What varied: factors by name."""
        return self._counts.design.factors

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
        """In how many draws each unit has no value of each headline score, because an operation is not defined.

        A ratio whose denominator is drawn as 0, for one. The figures of the unit use its other draws; every
        other unit keeps its value and its rank in these draws.
        """
        rows = [score.row for score in self._counts.spec.scores]
        return self._frame(
            {name: self._counts.undefined(row) for name, row in zip(self.names, rows, strict=True)}
        )

    @property
    def bin_width(self) -> pd.Series[float]:
        """The width, in points, within which each node's quantiles are exact for the draws made."""
        return self._counts.bin_width

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader must know."""
        return notes_of(self._counts)

    # -- draws ----------------------------------------------------------------------------------

    def blocks(self, nodes: Sequence[str] | None = None) -> Iterator[tuple[int, Array]]:
        """Make the draws again, block by block: first draw's number, values (draws, units, nodes)."""
        return self._draws.blocks(nodes)

    def sample(self, node: str | None = None) -> Array:
        """Return all draws of one node, (draws, units), in memory, failed ones as they came."""
        return self._draws.sample(node)

    def inputs(self) -> pd.DataFrame:
        """Return what the draws were made from: numbers of the unit cube, a column a number drawn.

        A choice's column is the number of its option, from 0. Errors of cells and values of missing ones
        come from random streams, which have a number for every cell, and are not here.
        """
        return self._draws.inputs()

    def to_draws_frame(self, nodes: Sequence[str] | None = None) -> pd.DataFrame:
        """Return all draws as a frame: index (draw, unit), a float64 column for each node, the headlines if None.

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

        ``attrs`` say what they were made from: framework, fingerprints, seed.
        """
        return self._draws.to_xarray(nodes)

    def to_parquet(self, path: str | os.PathLike[str], nodes: Sequence[str] | None = None) -> Path:
        """Write all draws to a Parquet file: draw, unit, a column a node; whole or not at all.

        The metadata of the schema say what they were made from, as ``attrs`` of ``to_xarray``.

        Parameters
        ----------
        path
            The file to write; one that exists is replaced.
        nodes
            Names of nodes, the headline scores if None.
        """
        return self._draws.to_parquet(path, nodes)

    # -- scores ---------------------------------------------------------------------------------

    def scores(
        self, node: str | None = None, *, quantiles: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95)
    ) -> pd.DataFrame:
        """Return the distribution of any kept node: value as written, mean, sd, quantiles, share scored.

        Raises
        ------
        UnknownNameError
            For a node whose distribution was not kept.
        DataError
            For a quantile outside 0-1.
        """
        for share in quantiles:
            between("quantiles", share, 0, 1, ends=True)
        labels = [quantile_label(share) for share in quantiles]
        if node in self._counts.design.constant:
            value = self._counts.as_written(str(node))
            observed = ~np.isnan(value)
            same = dict.fromkeys(["value", "mean", "sd", *labels], value)
            return self._frame(
                same | {"sd": np.where(observed, 0.0, np.nan), "scored": observed * 1.0}
            )
        row = self._counts.row_of(node)
        mean, sd = self._counts.moments
        columns: dict[str, Any] = {
            "value": self._counts.as_written(self.nodes[row]),
            "mean": mean[row],
            "sd": sd[row],
        }
        for share, label in zip(quantiles, labels, strict=True):
            columns[label] = self._counts.quantile(row, share)
        columns["scored"] = self._counts.counts.count[row] / max(1, self._counts.counted)
        return self._frame(columns)

    def ranks(
        self,
        score: str | None = None,
        *,
        quantiles: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95),
    ) -> pd.DataFrame:
        """Return the distribution of ranks: rank as written, mean, quantiles (the smallest rank reached)."""
        for share in quantiles:
            between("quantiles", share, 0, 1, ends=True)
        headline = self._counts.score_of(score)
        counts = self._counts.counts.ranks[headline].astype(float)
        total = counts.sum(axis=0)
        ranks = np.arange(len(counts))[:, None]
        with np.errstate(invalid="ignore"):
            mean = (counts * ranks).sum(axis=0) / total
        columns: dict[str, Any] = {"rank": self._counts.rank_as_written(headline), "mean": mean}
        for share in quantiles:
            columns[quantile_label(share)] = self._counts.rank_quantile(headline, share)
        return self._frame(columns)

    def acceptability(self, score: str | None = None) -> pd.DataFrame:
        """Return the rank-acceptability matrix: the share of draws in which each unit has each rank.

        References
        ----------
        Lahdelma, R. and Salminen, P. (2001), SMAA-2, Operations Research 49(3), 444-454.
        """
        counts = self._counts.counts.ranks[self._counts.score_of(score)]
        last = int(np.flatnonzero(counts.any(axis=1)).max(initial=0))
        shares = self._counts.shares(counts[1 : last + 1].T.astype(float))
        return self._frame(shares, range(1, last + 1))

    def top(self, k: int, score: str | None = None) -> pd.Series[float]:
        """Return the probability of being among the k riskiest of its year and basis.

        Parameters
        ----------
        k
            How many of the highest ranks, at least 1.
        """
        whole_number("k", k, least=1)
        share = self._counts.top(k, self._counts.score_of(score))
        return pd.Series(share[self._counts.rows], index=self.units, name=f"top {k}")

    def riskier(self, score: str | None = None) -> pd.DataFrame:
        """Return the probability that the row's unit ranks before the column's, over draws that score both.

        NaN for units that are not ranked together.

        Raises
        ------
        DataError
            If pairs were not counted.
        """
        rows = self._counts.rows
        often = self._counts.riskier(self._counts.score_of(score))
        return pd.DataFrame(often[np.ix_(rows, rows)], index=self.units, columns=self.units)

    def bands(self, score: str | None = None) -> pd.DataFrame:
        """Return the probability of every risk band."""
        shares = self._counts.band_shares(self._counts.score_of(score))
        return self._frame(shares.T, self._counts.bands)

    # -- precision ------------------------------------------------------------------------------

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

        References
        ----------
        Serfling, R. J. (1980), Approximation Theorems of Mathematical Statistics, 2.2, 2.3 and 2.6;
        Brown, Cai and DasGupta (2001), Statistical Science 16(2), 101-133, on shares.
        """
        row, headline = self._counts.row_of(score), self._counts.score_of(score)
        tables = {"acceptability": self.acceptability, "riskier": self.riskier, "bands": self.bands}
        if of in tables:
            error = tables[of](score)
            rows = self._counts.rows
            count = self._counts.counts.count[self._counts.spec.scores[headline].row]
            drawn = count[rows].astype(float)[:, None]
            if of == "riskier":
                drawn = self._counts.both(headline, rows)
            return _share_errors(error, drawn)
        if of != "table":
            one_of("of", of, ("table", *tables))
        count = self._counts.counts.count[row].astype(float)
        counts = self._counts.counts.ranks[headline].astype(float)
        ranks, total = np.arange(len(counts))[:, None], counts.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            average = (counts * ranks).sum(axis=0) / total
            spread = np.sqrt((counts * (ranks - average) ** 2).sum(axis=0) / total)
            columns = {
                "mean": self._counts.moments[1][row] / np.sqrt(count),
                "sd": self._counts.sd_error(row),
            }
            for share in (0.05, 0.5, 0.95):
                columns[quantile_label(share)] = self._counts.quantile_error(row, share)
            columns["mean_rank"] = spread / np.sqrt(total)
            for share in (0.05, 0.5, 0.95):
                step = np.nan_to_num(np.sqrt(share * (1 - share) / total))
                low = self._counts.rank_quantile(headline, np.maximum(share - step, 0.0))
                columns[f"rank_{quantile_label(share)}"] = (
                    self._counts.rank_quantile(headline, np.minimum(share + step, 1.0)) - low
                ) / 2
            columns["probability"] = np.where(count > 0, 0.5 / np.sqrt(count), np.nan)
        return self._frame(columns)

    @property
    def worst_error(self) -> float:
        """The largest Monte-Carlo standard error of a headline mean, 5 % or 95 % quantile, in points."""
        worst = 0.0
        for name in self.names:
            row = self._counts.row_of(name)
            with np.errstate(invalid="ignore", divide="ignore"):
                mean = self._counts.moments[1][row] / np.sqrt(
                    self._counts.counts.count[row].astype(float)
                )
            for figure in (
                mean,
                self._counts.quantile_error(row, 0.05),
                self._counts.quantile_error(row, 0.95),
            ):
                worst = max(worst, float(np.nanmax(figure, initial=0.0)))
        return worst

    # -- data error told apart from choices -----------------------------------------------------

    def rank_sets(self, score: str | None = None, *, confidence_level: float = 0.9) -> pd.DataFrame:
        """Return the ranks that errors of the data leave possible, beside the ranges that choices make.

        ``data_low`` and ``data_high`` are simultaneous confidence sets: with probability
        `confidence_level` they hold every unit's true rank at once, weights and methods as written.
        ``choice_low`` and ``choice_high`` are the central range of ranks at that level under weights,
        methods and parameters, the data as given; they are no confidence statement, because no choice is
        the true one. ``low`` and ``high`` are the same range over everything.

        References
        ----------
        Mogstad, Romano, Shaikh and Wilhelm (2024), Review of Economic Studies 91(1), 476-518.
        """
        between("confidence_level", confidence_level, 0, 1)
        headline = self._counts.score_of(score)
        tail = (1 - confidence_level) / 2
        columns: dict[str, Any] = {"rank": self._counts.rank_as_written(headline)}
        low, high = np.full((2, len(self._counts.units)), np.nan)
        for group, sets in self._counts.data_sets(headline, confidence_level):
            low[group], high[group] = sets.low, sets.high
        columns |= {"data_low": low, "data_high": high}
        choice = self._counts.choice_ranks(headline, (tail, 1 - tail))
        columns |= {"choice_low": choice[0], "choice_high": choice[1]}
        columns |= {
            "low": self._counts.rank_quantile(headline, tail),
            "high": self._counts.rank_quantile(headline, 1 - tail),
        }
        return self._frame(columns)

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
        """
        between("confidence_level", confidence_level, 0, 1)
        headline = self._counts.score_of(score)
        theta = self._counts.as_written(self.names[headline])
        runs: list[tuple[Any, ...]] = []
        if by == "data":
            parts = [
                (group, sets.riskier)
                for group, sets in self._counts.data_sets(headline, confidence_level)
            ]
        else:
            often = self._counts.riskier(headline)
            parts = [
                (group, often[np.ix_(group, group)] >= confidence_level)
                for group in self._counts.spec.scores[headline].groups
            ]
        units = self._counts.units
        for group, riskier in parts:
            chosen = np.flatnonzero(np.isin(group, self._counts.rows))
            order = chosen[np.argsort(-theta[group[chosen]], kind="stable")]
            runs += [tuple(units[group[run]]) for run in alike(order, riskier | riskier.T)]
        return tuple(runs)

    # -- table ----------------------------------------------------------------------------------

    def table(self, score: str | None = None, *, confidence_level: float = 0.9) -> pd.DataFrame:
        """Return one headline score with its intervals beside it, most risk first.

        Columns: country, the score and its central `confidence_level` interval, sd, the rank and its interval, the
        band and its probability, the probability of the ten highest ranks, the Monte-Carlo standard error
        of the interval's wider end. Intervals are drawn out to the score and the rank as written where
        these lie in a thin tail of the draws; ``scores`` and ``ranks`` give the plain quantiles.
        """
        between("confidence_level", confidence_level, 0, 1)
        headline = self._counts.score_of(score)
        row, label = self._counts.spec.scores[headline].row, self.names[headline]
        tail = (1 - confidence_level) / 2
        nominal = self._counts.design.nominal
        band, chance = self._counts.band_as_written(headline)
        ends = [self._counts.quantile_error(row, share) for share in (tail, 1 - tail)]
        low, high = self._counts.interval(row, tail)
        rank_low, rank_high = self._counts.rank_interval(headline, tail)
        frame = pd.DataFrame(
            {
                "country": nominal.data.unit_names,
                label: self._counts.as_written(label),
                f"{label}_low": low,
                f"{label}_high": high,
                f"{label}_sd": self._counts.moments[1][row],
                f"{label}_rank": _integers(self._counts.rank_as_written(headline)),
                f"{label}_rank_low": _integers(rank_low),
                f"{label}_rank_high": _integers(rank_high),
                f"{label}_band": band,
                f"{label}_band_probability": chance,
                f"{label}_top10": self._counts.top(10, headline),
                f"{label}_basis": nominal.basis[label].to_numpy(),
                f"{label}_error": np.fmax(*ends),
            },
            index=self._counts.units,
        )
        # How much is observed decides what is printed, not what is drawn.
        hidden = ~self._counts.design.printed(label)
        frame.loc[hidden, [f"{label}_{part}" for part in ("low", "high", "sd", "error")]] = np.nan
        partial = frame[f"{label}_basis"].to_numpy() != "full"
        order = np.lexsort(
            (nominal.data.sort_keys, -np.nan_to_num(frame[label], nan=-np.inf), partial)
        )
        order = order[np.isin(order, self._counts.rows)]
        unscored = np.isnan(frame[label].to_numpy())[order]
        order = np.concatenate([order[~unscored], order[unscored]])
        return frame.iloc[order]

    def plot(self, **options: Any) -> Any:
        """Draw the ranking with intervals; return the matplotlib Axes (extra `plots`).

        Parameters
        ----------
        options
            Keyword arguments of ``plots.ranking``: `score`, `top`, `countries`, `ax`.
        """
        return plots().ranking(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        caption, shown = self._shown_table(self.names[0], self.table())
        return "\n".join([caption, *self.notes[len(self.as_written.notes) :]]), shown

    def _shown_table(self, label: str, frame: pd.DataFrame) -> tuple[str, pd.DataFrame]:
        """Return what people read of the table of one headline score, and what stands above it."""
        frame = frame[frame[label].notna()]
        # The caption names the score, so that a narrow terminal has room for both intervals.
        columns = {
            "country": "country",
            label: "score",
            f"{label}_low": "low",
            f"{label}_high": "high",
            f"{label}_rank": "#",
            f"{label}_rank_low": "# low",
            f"{label}_rank_high": "# high",
            f"{label}_band": "band",
            f"{label}_band_probability": "P(band)",
        }
        count = len(self._counts.design.factors)
        caption = (
            f"{label} with its 90 % interval over {self.draws:,} draws of {count} "
            f"factor{'' if count == 1 else 's'}; Monte-Carlo error up to {self.worst_error:.2g} points"
        )
        return caption, table_of(frame[list(columns)].rename(columns=columns))

    # -- arrays ---------------------------------------------------------------------------------

    def _frame(self, columns: Any, labels: Any = None) -> pd.DataFrame:
        """Return columns of all units as a frame of the units asked for."""
        frame = pd.DataFrame(columns, index=self._counts.units, columns=labels)
        rows = self._counts.rows
        return frame if len(rows) == len(frame) else frame.iloc[rows]


def _share_errors(shares: pd.DataFrame, draws: Array) -> pd.DataFrame:
    """Return standard errors of shares of so many draws, none of them 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        near = (shares.to_numpy(float) * draws + 0.5) / (draws + 1)
        errors = np.sqrt(near * (1 - near) / np.where(draws > 0, draws, np.nan))
    return pd.DataFrame(errors, index=shares.index, columns=shares.columns)


def _integers(values: Array) -> Any:
    return pd.array(values, dtype="Float64").astype("Int64")
