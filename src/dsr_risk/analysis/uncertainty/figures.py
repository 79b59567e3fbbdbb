"""Read moments, quantiles and ranges from the counts of an uncertainty analysis, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ..._util.checks import headline_name
from ..._util.types import Array, Index, Labels
from ...errors import DataError, UnknownNameError, did_you_mean
from ...factors import DataFactor, MissingFactor
from ...montecarlo.build import only
from ...montecarlo.confidence import RankSets, rank_sets
from ...montecarlo.counts import NUDGE, CountSpec, DrawCounts
from ...montecarlo.design import Design
from ...montecarlo.drawing import Key
from ...montecarlo.run import Job
from ...scoring.ranking import TIE, ranks_of
from ...scoring.scores import Scores

__all__ = ["Figures", "quantile_label"]


def quantile_label(share: float) -> str:
    """Return the column name of a quantile: ``median``, or ``q05`` for the share 0.05.

    Examples
    --------
    >>> [quantile_label(share) for share in (0.05, 0.5, 0.975)]
    ['q05', 'median', 'q97.5']
    """
    return "median" if share == 0.5 else f"q{100 * share:02.4g}"


ERROR_DRAWS = 4096
"""Draws for rank sets and for ranges under choices alone; held in memory while they are read."""


FARTHEST = 1e-9
"""The share of draws whose quantile is the lowest draw."""


def _holding(
    value: Array, ends: tuple[Array, Array], reach: tuple[Array, Array]
) -> tuple[Array, Array]:
    with np.errstate(invalid="ignore"):
        inside = (value >= reach[0]) & (value <= reach[1])
    low, high = (np.where(inside, value, end) for end in ends)
    return np.minimum(ends[0], low), np.maximum(ends[1], high)


@dataclass(frozen=True, eq=False, repr=False)
class Figures:
    """The counts over all draws, and the figures that are read from them, as arrays.

    Arrays have every unit that was scored; ``asked`` is what was analysed, those scores or a selection of them.
    """

    design: Design
    spec: CountSpec
    counts: DrawCounts
    job: Job
    asked: Scores

    @cached_property
    def rows(self) -> Index:
        """The units asked for, among all."""
        if self.asked is self.design.nominal:
            return np.arange(len(self.units))
        return np.flatnonzero(self.units.isin(self.asked.data.units))

    @property
    def names(self) -> tuple[str, ...]:
        """The headline scores."""
        return self.design.headlines

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes whose distribution was kept; indicators that never change are known without."""
        return self.spec.nodes

    @property
    def units(self) -> pd.Index:
        """All units, as in the data."""
        return self.design.data.units

    @property
    def draws(self) -> int:
        """Draws made, failed ones included."""
        return self.counts.draws

    @property
    def seed(self) -> int:
        """The seed of the draws."""
        return self.job.seed

    @property
    def engine(self) -> str:
        """The engine that counted the draws: "numpy", "numba" or "numba32"."""
        if self.job.single is not None:
            return "numba32"
        return "numba" if self.spec.fast else "numpy"

    @property
    def failed(self) -> pd.Series[int]:
        """Draws in which no unit had a value, by combination of choices; they are in no other figure."""
        labels = [variant.label or "as written" for variant in self.design.variants]
        return pd.Series(self.counts.failed, index=labels, name="failed draws", copy=True)

    def undefined(self, row: int) -> Array:
        """Return in how many draws that should score them units (n,) have no value of a node."""
        draws = self.counts.seen - self.counts.failed
        scored = np.array([expected[row] for expected in self.spec.expected])
        return np.asarray(draws @ scored.astype(np.int64) - self.counts.count[row])

    @property
    def bin_width(self) -> pd.Series[float]:
        """The width, in points, within which each node's quantiles are exact for the draws made."""
        return pd.Series(self.spec.width, index=list(self.nodes), name="bin width", copy=True)

    def row_of(self, node: str | None) -> int:
        """Return the row of a node whose distribution was kept; the first headline score if None."""
        label = self.names[0] if node is None else node
        if label not in self.nodes:
            raise UnknownNameError(
                f"no distribution of `{label}` was kept; {did_you_mean(label, self.nodes)}"
            )
        return self.nodes.index(label)

    def score_of(self, score: str | None) -> int:
        """Return the number of a headline score, 0 if None."""
        return self.names.index(headline_name(score, self.names))

    def both(self, headline: int, group: Index) -> Array:
        """Count the draws that score two units of a group, (m, m)."""
        row = self.spec.scores[headline].row
        counted = (self.counts.seen - self.counts.failed).astype(float)
        scored = np.array([expected[row, group] for expected in self.spec.expected], float)
        return np.asarray(
            scored.T @ (counted[:, None] * scored)
            - self.counts.apart[headline][np.ix_(group, group)]
        )

    @property
    def counted(self) -> int:
        """Draws made, failed ones left out."""
        return self.draws - int(self.counts.failed.sum())

    def as_written(self, node: str) -> Array:
        """Return the value of a node with nothing varied, (n,)."""
        nominal = self.design.nominal
        return np.array(nominal._values[:, nominal._state.tree.index[node]])

    def rank_as_written(self, headline: int) -> Array:
        """Return the rank of a headline score with nothing varied, (n,)."""
        return self.design.nominal.rank[self.names[headline]].to_numpy(float)

    @property
    def bands(self) -> list[str]:
        """The labels of the risk bands, lowest first."""
        starts = self.design.framework.bands
        return sorted(starts, key=lambda label: starts[label])

    def band_shares(self, headline: int) -> Array:
        """Return the probability of every risk band, (bands, n)."""
        count = self.counts.count[self.spec.scores[headline].row].astype(float)
        reached = np.vstack([count, self.counts.reached(self.spec, headline), np.zeros_like(count)])
        with np.errstate(invalid="ignore"):
            counted = (count > 0) & (self.spec.bins > 0)
            return np.asarray((reached[:-1] - reached[1:]) / np.where(counted, count, np.nan))

    def band_as_written(self, headline: int) -> tuple[Labels, Array]:
        """Return the band of every unit with nothing varied, and its probability, (n,) each."""
        band = self.design.nominal.band[self.names[headline]].to_numpy()
        shares, number = (
            self.band_shares(headline),
            {name: row for row, name in enumerate(self.bands)},
        )
        chance = [
            shares[number[label], unit] if isinstance(label, str) else np.nan
            for unit, label in enumerate(band)
        ]
        return band, np.array(chance, float)

    def top(self, k: int, headline: int) -> Array:
        """Return the probability of being among the k riskiest, (n,)."""
        counts = self.counts.ranks[headline].astype(float)
        with np.errstate(invalid="ignore"):
            return np.asarray(counts[1 : k + 1].sum(axis=0) / counts.sum(axis=0))

    def riskier(self, headline: int) -> Array:
        """Return the probability that the row's unit ranks before the column's, (n, n), NaN if not together."""
        out = np.full((len(self.units), len(self.units)), np.nan)
        if not self.spec.pairs:
            raise DataError("pairs were not counted; run `uncertainty` with `pairs=True`")
        for group in self.spec.scores[headline].groups:
            inside = np.ix_(group, group)
            both = self.both(headline, group)
            out[inside] = self.counts.above[headline][inside] / np.where(both > 0, both, np.nan)
        np.fill_diagonal(out, np.nan)
        return out

    @staticmethod
    def shares(counts: Array) -> Array:
        """Divide every row of counts by its sum."""
        total = counts.sum(axis=1, keepdims=True)
        return counts / np.where(total > 0, total, np.nan)

    @cached_property
    def moments(self) -> tuple[Array, Array]:
        """Mean and standard deviation (nodes, n)."""
        count = np.where(self.counts.count > 0, self.counts.count, np.nan)
        away = self.counts.total / count
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = np.maximum(self.counts.square / count - away**2, 0.0)
            variance *= count / np.maximum(count - 1, 1)
        return self.spec.centre + away, np.sqrt(variance)

    def quantile(self, row: int, share: float | Array) -> Array:
        """Return the score below which a share of the draws lies, (n,), read between the ends of its bin."""
        if not self.spec.bins:
            return np.full(len(self.units), np.nan)
        counts = self.counts.bins[row]
        total = counts.sum(axis=1)
        below = np.cumsum(counts, axis=1)
        need = np.asarray(share) * total
        bin_number = np.minimum((below < need[:, None]).sum(axis=1), counts.shape[1] - 1)
        units = np.arange(len(counts))
        inside = counts[units, bin_number]
        before = below[units, bin_number] - inside
        with np.errstate(invalid="ignore", divide="ignore"):
            part = np.clip((need - before) / inside, 0.0, 1.0)
        part = np.where(bin_number == self.spec.bins, 0.0, np.nan_to_num(part))
        values = self.spec.low[row] + (bin_number + part) * self.spec.width[row]
        mean, sd = self.moments
        # A score that never moved, but for rounding, is known without bins.
        values = np.where(sd[row] <= TIE * self.spec.length, mean[row], values)
        return np.where(total > 0, values, np.nan)

    def quantile_error(self, row: int, share: float) -> Array:
        """Return half the distance between the quantiles one standard error of a share below and above."""
        count = self.counts.count[row].astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            step = np.nan_to_num(np.sqrt(share * (1 - share) / count))
        high = self.quantile(row, np.minimum(share + step, 1.0))
        low = self.quantile(row, np.maximum(share - step, 0.0))
        return (high - low) / 2

    def interval(self, row: int, tail: float) -> tuple[Array, Array]:
        """Return the ends (n,) of the interval between equal tails, drawn out to hold the score as written.

        The mean of a skewed distribution may lie beyond a quantile of it: where nearly all draws are at an
        end of the scale, for one. A score that no draw reaches stays outside.
        """
        ends = self.quantile(row, tail), self.quantile(row, 1 - tail)
        reach = self._bin_ends(row, self.quantile(row, FARTHEST), self.quantile(row, 1 - FARTHEST))
        return _holding(self.as_written(self.nodes[row]), ends, reach)

    def _bin_ends(self, row: int, low: Array, high: Array) -> tuple[Array, Array]:
        """Return the outer ends of the bins in which two values (n,) lie: a draw may lie anywhere in its bin."""
        if not self.spec.bins:
            return low, high
        start, width = self.spec.low[row], self.spec.width[row]
        first = np.floor((low - start) / width + NUDGE) * width + start
        last = np.ceil((high - start) / width - NUDGE) * width + start
        # A score that never moved is known without bins.
        moves = self.moments[1][row] > TIE * self.spec.length
        ends = (np.minimum(low, first), np.maximum(high, last))
        return np.where(moves, ends[0], low), np.where(moves, ends[1], high)

    def rank_interval(self, headline: int, tail: float) -> tuple[Array, Array]:
        """Return the ends (n,) of the interval of ranks, drawn out to hold the rank as written in the same way."""
        ends = self.rank_quantile(headline, tail), self.rank_quantile(headline, 1 - tail)
        reach = self.rank_quantile(headline, 0.0), self.rank_quantile(headline, 1.0)
        return _holding(self.rank_as_written(headline), ends, reach)

    def sd_error(self, row: int) -> Array:
        """Return the error of the standard deviation by the fourth moment of the bins; NaN without bins."""
        if not self.spec.bins:
            return np.full(len(self.units), np.nan)
        counts, (mean, sd) = self.counts.bins[row], (moment[row] for moment in self.moments)
        middle = self.spec.low[row] + (np.arange(counts.shape[1]) + 0.5) * self.spec.width[row]
        total = counts.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            fourth = (counts * (middle - mean[:, None]) ** 4).sum(axis=1) / total
            error = np.sqrt(np.maximum(fourth - sd**4, 0.0) / total) / (2 * sd)
        return np.asarray(np.where(sd > 0, error, sd))

    def rank_quantile(self, headline: int, share: float | Array) -> Array:
        """Return the smallest rank that a share of the draws reaches, (n,)."""
        counts = self.counts.ranks[headline]
        total = counts.sum(axis=0)
        reached = np.cumsum(counts, axis=0) >= np.maximum(share * total, 1)[None] - 1e-9
        return np.where(total > 0, reached.argmax(axis=0), np.nan)

    @cached_property
    def data_factors(self) -> tuple[str, ...]:
        """The factors that draw errors of cells and missing cells."""
        return tuple(
            name
            for name, factor in self.design.factors.items()
            if isinstance(factor, DataFactor | MissingFactor)
        )

    def data_sets(self, headline: int, confidence_level: float) -> list[tuple[Index, RankSets]]:
        """Return confidence sets of every group of units ranked together, from errors of the data alone."""
        if not self.data_factors:
            raise DataError(
                "no factor says how uncertain the data are, so there is no confidence set; declare "
                "`<node>.data` factors"
            )
        label = self.names[headline]
        draws = self._only_draws(self.data_factors, label)
        theta = self.as_written(label)
        length = self.spec.length
        return [
            (group, rank_sets(theta[group], draws[:, group], confidence_level, tie=TIE * length))
            for group in self.spec.scores[headline].groups
        ]

    def _only_draws(self, factors: Sequence[str], label: str) -> Array:
        """Return (draws, n) draws of one score with some of the factors only."""
        design = only(self.design, factors)
        points = design.points(self.job.seed, self.job.sampling)
        parts = []
        for block in range(-(-ERROR_DRAWS // design.block_size)):
            u = points.block(block)
            parts.append(design.values(u, [label], Key(self.job.seed, block, {}))[0])
        draws = np.concatenate(parts)
        draws = np.where(np.isfinite(draws), draws, np.nan)
        return np.asarray(draws[~np.isnan(draws).all(axis=1)])

    def choice_ranks(self, headline: int, shares: Sequence[float]) -> Array:
        """Return quantiles (shares, n) of ranks under weights, choices and parameters alone."""
        others = [name for name in self.design.factors if name not in self.data_factors]
        draws = self._only_draws(others, self.names[headline])
        out = np.full((len(shares), len(self.units)), np.nan)
        for group in self.spec.scores[headline].groups:
            ranks = ranks_of(draws[:, group], self.spec.length)
            out[:, group] = np.nanquantile(ranks, shares, axis=0, method="inverted_cdf")
        return out
