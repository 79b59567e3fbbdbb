"""The counts of an uncertainty analysis, read as moments, quantiles and ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ..._util.types import Array, Index
from ...errors import DataError, UnknownNameError, did_you_mean
from ...factors import DataFactor, MissingFactor
from ...montecarlo.confidence import RankSets, rank_sets
from ...montecarlo.design import Design
from ...montecarlo.ranks import ranks_of
from ...montecarlo.run import Job
from ...montecarlo.tally import Ledger, Tally
from ...scoring.kernel import Scratch
from ...scoring.ranking import TIE

__all__ = ["Counts"]


ERROR_DRAWS = 4096
"""Draws for rank sets and for ranges under choices alone; held in memory while they are read."""


@dataclass(frozen=True, eq=False, repr=False)
class Counts:
    """What was counted over all draws, and the figures that are read from it, as arrays."""

    design: Design
    ledger: Ledger
    tally: Tally
    job: Job

    @property
    def names(self) -> tuple[str, ...]:
        """The headline scores."""
        return self.design.heads

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes whose distribution was kept; indicators that never change are known without."""
        return self.ledger.nodes

    @property
    def units(self) -> pd.Index:
        """The units, as in the data."""
        return self.design.data.units

    @property
    def draws(self) -> int:
        """Draws made, failed ones included."""
        return self.tally.draws

    @property
    def seed(self) -> int:
        """The seed of the draws."""
        return self.job.seed

    @property
    def failed(self) -> pd.Series[int]:
        """Failed draws by combination of choices; a failed draw is in no other figure."""
        labels = [one.label or "as written" for one in self.design.variants]
        return pd.Series(self.tally.failed, index=labels, name="failed draws")

    @property
    def bin_width(self) -> pd.Series[float]:
        """The width, in points, within which each node's quantiles are exact for the draws made."""
        return pd.Series(self.ledger.width, index=list(self.nodes), name="bin width")

    def _row(self, name: str | None) -> int:
        label = self.names[0] if name is None else name
        if label not in self.nodes:
            raise UnknownNameError(
                f"no distribution of `{label}`; {did_you_mean(label, self.nodes)}"
            )
        return self.nodes.index(label)

    def _head(self, name: str | None) -> int:
        label = self.names[0] if name is None else name
        if label not in self.names:
            raise UnknownNameError(
                f"no headline score `{label}`; {did_you_mean(label, self.names)}"
            )
        return self.names.index(label)

    def _both(self, head: int, group: Index) -> Array:
        """(m, m) how many draws score two units of a group: which they are is known by variant."""
        row = self.ledger.heads[head].row
        counted = (self.tally.seen - self.tally.failed).astype(float)
        scored = np.array([one[row, group] for one in self.ledger.expected], float)
        return np.asarray(scored.T @ (counted[:, None] * scored))

    @property
    def _counted(self) -> int:
        return self.draws - int(self.tally.failed.sum())

    def _nominal(self, node: str) -> Array:
        nominal = self.design.nominal
        return np.array(nominal.values_array[:, nominal.tree.index[node]])

    def _nominal_rank(self, head: int) -> Array:
        return self.design.nominal.rank[self.names[head]].to_numpy(float)

    def _shares(self, counts: Array) -> Array:
        total = counts.sum(axis=1, keepdims=True)
        return counts / np.where(total > 0, total, np.nan)

    @cached_property
    def _moments(self) -> tuple[Array, Array]:
        """Mean and standard deviation (nodes, n)."""
        count = np.where(self.tally.count > 0, self.tally.count, np.nan)
        away = self.tally.total / count
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = np.maximum(self.tally.square / count - away**2, 0.0)
            variance *= count / np.maximum(count - 1, 1)
        return self.ledger.centre + away, np.sqrt(variance)

    def _quantile(self, row: int, share: float | Array) -> Array:
        """(n,) the score below which the share of draws lies, read between the ends of its bin."""
        if not self.ledger.bins:
            return np.full(len(self.units), np.nan)
        counts = self.tally.bins[row]
        total = counts.sum(axis=1)
        below = np.cumsum(counts, axis=1)
        need = np.asarray(share) * total
        place = np.minimum((below < need[:, None]).sum(axis=1), counts.shape[1] - 1)
        units = np.arange(len(counts))
        inside = counts[units, place]
        before = below[units, place] - inside
        with np.errstate(invalid="ignore", divide="ignore"):
            part = np.clip((need - before) / inside, 0.0, 1.0)
        part = np.where(place == self.ledger.bins, 0.0, np.nan_to_num(part))
        found = self.ledger.low[row] + (place + part) * self.ledger.width[row]
        mean, sd = self._moments
        # A score that never moved, but for rounding, is known without bins.
        found = np.where(sd[row] <= TIE * self.ledger.length, mean[row], found)
        return np.where(total > 0, found, np.nan)

    def _quantile_error(self, row: int, share: float) -> Array:
        """Half the distance between the quantiles one standard error of a share below and above."""
        count = self.tally.count[row].astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            step = np.nan_to_num(np.sqrt(share * (1 - share) / count))
        high = self._quantile(row, np.minimum(share + step, 1.0))
        low = self._quantile(row, np.maximum(share - step, 0.0))
        return (high - low) / 2

    def _sd_error(self, row: int) -> Array:
        """Of the standard deviation, by the fourth moment of the bins; NaN without bins."""
        if not self.ledger.bins:
            return np.full(len(self.units), np.nan)
        counts, (mean, sd) = self.tally.bins[row], (one[row] for one in self._moments)
        middle = self.ledger.low[row] + (np.arange(counts.shape[1]) + 0.5) * self.ledger.width[row]
        total = counts.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            fourth = (counts * (middle - mean[:, None]) ** 4).sum(axis=1) / total
            found = np.sqrt(np.maximum(fourth - sd**4, 0.0) / total) / (2 * sd)
        return np.asarray(np.where(sd > 0, found, sd))

    def _rank_quantile(self, head: int, share: float | Array) -> Array:
        counts = self.tally.ranks[head]
        total = counts.sum(axis=0)
        reached = np.cumsum(counts, axis=0) >= np.maximum(share * total, 1)[None] - 1e-9
        return np.where(total > 0, reached.argmax(axis=0), np.nan)

    @cached_property
    def _data_factors(self) -> tuple[str, ...]:
        return tuple(
            name
            for name, one in self.design.factors.items()
            if isinstance(one, DataFactor | MissingFactor)
        )

    def _data_sets(self, head: int, level: float) -> list[tuple[Index, RankSets]]:
        """Confidence sets of every group of units ranked together, from errors of the data alone."""
        if not self._data_factors:
            raise DataError(
                "no factor says how uncertain the data are, so there is no confidence set; declare "
                "`<node>.data` factors"
            )
        label = self.names[head]
        draws = self._only_draws(self._data_factors, label)
        theta = self._nominal(label)
        length = self.ledger.length
        return [
            (group, rank_sets(theta[group], draws[:, group], level, tie=TIE * length))
            for group in self.ledger.heads[head].groups
        ]

    def _only_draws(self, factors: Sequence[str], label: str) -> Array:
        """(draws, n) draws of one score with some of the factors only."""
        design = self.design.only(factors)
        points = design.points(self.job.seed, self.job.sampling)
        parts = []
        for block in range(-(-ERROR_DRAWS // design.block_size)):
            u = points.block(block)
            values, _ = design.values(u, [label], Scratch(), seed=self.job.seed, block=block)
            parts.append(values[0])
        found = np.concatenate(parts)
        scored = np.isfinite(found).any(axis=0)
        return np.asarray(found[np.isfinite(found[:, scored]).all(axis=1)])

    def _choice_ranks(self, head: int, shares: Sequence[float]) -> Array:
        """(shares, n) quantiles of ranks under weights, choices and parameters alone."""
        others = [name for name in self.design.factors if name not in self._data_factors]
        draws = self._only_draws(others, self.names[head])
        out = np.full((len(shares), len(self.units)), np.nan)
        for group in self.ledger.heads[head].groups:
            ranks = ranks_of(draws[:, group], self.ledger.length)
            out[:, group] = np.nanquantile(ranks, shares, axis=0, method="inverted_cdf")
        return out
