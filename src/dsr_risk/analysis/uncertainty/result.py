"""The result of an uncertainty analysis: counts of draws, read as intervals and probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..._util.display import Shown, table_of
from ..._util.types import Array
from ...data.countries import country_table
from ...errors import DataError, UnknownNameError, did_you_mean
from ...montecarlo.confidence import alike
from .draws import Draws

__all__ = ["Uncertainty"]


ENOUGH = 100
"""Draws below which the ends of an interval say too little to be held against a score."""


@dataclass(frozen=True, eq=False, repr=False)
class Uncertainty(Draws, Shown):
    """Scores and ranks over all draws. Frames are copies, indexed like the data.

    Every figure is read from counts that do not grow with draws: quantiles of scores are exact to
    ``bin_width``, everything about ranks is exact for the draws made. `name` is a headline score, the
    first one if None; ranks are within year and basis, as in ``Scores``.

    Examples
    --------
    >>> from dsr_risk import load_data, load_framework
    >>> from dsr_risk import uncertainty
    >>> u = uncertainty(load_framework(), load_data(), draws=512,
    ...                 factors={"*.weights": {"method": "spread", "share": 0.25}})
    >>> shares = u.acceptability("security").loc["PAK"]
    >>> round(float(shares.sum()), 9)
    1.0
    """

    # -- what was run ---------------------------------------------------------------------------

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader must know."""
        notes = list(self.design.nominal.notes)
        lost = int(self.tally.failed.sum())
        if lost:
            worst = self.failed.idxmax()
            notes.append(
                f"{lost:,} of {self.draws:,} draws failed and are in no figure, most under {worst}"
            )
        notes += [*self._lost_scores(), *self._outside()]
        still = self.design.drawing.held_still()
        if still:
            notes.append(
                f"{still:,} imputed value{'s are' if still > 1 else ' is'} the same in every draw: what is not "
                'known of them is in no interval. Give `factors: {"*.missing": imputed}` with an imputation '
                "that draws (`regression`, `hot_deck`, `knn`), or `peers`"
            )
        if not self.design.factors:
            notes.append("the framework declares no factors: every draw equals the score")
        return tuple(notes)

    def _lost_scores(self) -> list[str]:
        """Headline scores that some options take away, or give to others."""
        notes, draws = [], max(1, self.draws)
        nominal, seen = self.design.nominal, self.tally.seen
        said = dict.fromkeys(
            note
            for one, count in zip(self.design.variants, seen, strict=True)
            for note in one.scores.notes
            if count and note not in nominal.notes
        )
        for name, head in zip(self.names, self.ledger.heads, strict=True):
            as_written = ~np.isnan(self._nominal(name))
            lost = np.array([(as_written & ~one[head.row]).sum() for one in self.ledger.expected])
            share = seen[lost > 0].sum() / draws
            if share > 0:
                worst = self.design.variants[int(np.where(seen > 0, lost, -1).argmax())].label
                notes.append(
                    f"{share:.0%} of draws give up to {lost[seen > 0].max()} of {as_written.sum()} units no "
                    f"{name} score, most under {worst}: what is said of those units is over the other draws"
                )
        return [*notes, *said]

    def _outside(self) -> list[str]:
        """Headline scores that are no likely outcome of their own draws."""
        notes = []
        for name, head in zip(self.names, self.ledger.heads, strict=True):
            if not self.ledger.bins or self.draws < ENOUGH:
                continue
            score, slack = self._nominal(name), self.ledger.width[head.row]
            low, high = (self._quantile(head.row, share) for share in (0.05, 0.95))
            out = np.flatnonzero((score < low - slack) | (score > high + slack))
            if out.size:
                shown = ", ".join(self.design.data.iso3[out[:5]])
                notes.append(
                    f"the {name} score of {out.size} of {(~np.isnan(score)).sum()} units lies outside its "
                    f"90 % interval ({shown}{' and others' if out.size > 5 else ''}): draws fill cells that "
                    "are missing in it, and take options that it does not"
                )
        return notes

    # -- scores ---------------------------------------------------------------------------------

    def scores(
        self, name: str | None = None, *, quantiles: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95)
    ) -> pd.DataFrame:
        """The distribution of any kept node: value as written, mean, sd, quantiles, share of draws scored.

        Raises
        ------
        UnknownNameError
            For a node whose distribution was not kept.
        DataError
            For a quantile outside 0-1.
        """
        for share in quantiles:
            if not 0 <= share <= 1:
                raise DataError(f"quantiles: expected numbers from 0 to 1, received {share!r}")
        labels = ["median" if share == 0.5 else f"q{100 * share:02.4g}" for share in quantiles]
        if name in self.design.constant:
            value = self._nominal(str(name))
            known = ~np.isnan(value)
            same = dict.fromkeys(["value", "mean", "sd", *labels], value)
            return self._frame(same | {"sd": np.where(known, 0.0, np.nan), "scored": known * 1.0})
        row = self._row(name)
        mean, sd = self._moments
        columns: dict[str, Any] = {
            "value": self._nominal(self.nodes[row]),
            "mean": mean[row],
            "sd": sd[row],
        }
        for share, label in zip(quantiles, labels, strict=True):
            columns[label] = self._quantile(row, share)
        columns["scored"] = self.tally.count[row] / max(1, self._counted)
        return self._frame(columns)

    def ranks(
        self, name: str | None = None, *, quantiles: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95)
    ) -> pd.DataFrame:
        """The distribution of ranks: rank as written, mean, quantiles (the smallest rank reached)."""
        head = self._head(name)
        counts = self.tally.ranks[head].astype(float)
        total = counts.sum(axis=0)
        places = np.arange(len(counts))[:, None]
        with np.errstate(invalid="ignore"):
            mean = (counts * places).sum(axis=0) / total
        columns: dict[str, Any] = {"rank": self._nominal_rank(head), "mean": mean}
        for share in quantiles:
            label = "median" if share == 0.5 else f"q{100 * share:02.4g}"
            columns[label] = self._rank_quantile(head, share)
        return self._frame(columns)

    def acceptability(self, name: str | None = None) -> pd.DataFrame:
        """The rank-acceptability matrix: share of draws in which each unit has each rank.

        References
        ----------
        Lahdelma, R. and Salminen, P. (2001), SMAA-2, Operations Research 49(3), 444-454.
        """
        counts = self.tally.ranks[self._head(name)]
        last = int(np.flatnonzero(counts.any(axis=1)).max(initial=0))
        shares = self._shares(counts[1 : last + 1].T.astype(float))
        return pd.DataFrame(shares, index=self.units, columns=range(1, last + 1))

    def top(self, k: int, name: str | None = None) -> pd.Series[float]:
        """The probability of being among the k riskiest of its year and basis."""
        if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
            raise DataError(f"k: expected a whole number above 0, received {k!r}")
        counts = self.tally.ranks[self._head(name)].astype(float)
        total = counts.sum(axis=0)
        with np.errstate(invalid="ignore"):
            share = counts[1 : k + 1].sum(axis=0) / total
        return pd.Series(share, index=self.units, name=f"top {k}")

    def riskier(self, name: str | None = None) -> pd.DataFrame:
        """The probability that the row's unit ranks before the column's, over draws that score both.

        NaN for units that are not ranked together.

        Raises
        ------
        DataError
            If pairs were not counted.
        """
        if not self.ledger.pairs:
            raise DataError("pairs were not counted; run `uncertainty` with `pairs=True`")
        head = self._head(name)
        out = np.full((len(self.units), len(self.units)), np.nan)
        for group in self.ledger.heads[head].groups:
            inside = np.ix_(group, group)
            both = self._both(head, group)
            out[inside] = self.tally.above[head][inside] / np.where(both > 0, both, np.nan)
        np.fill_diagonal(out, np.nan)
        return pd.DataFrame(out, index=self.units, columns=self.units)

    def bands(self, name: str | None = None) -> pd.DataFrame:
        """The probability of every risk band."""
        head = self._head(name)
        labels = [
            label
            for label, _ in sorted(self.design.framework.bands.items(), key=lambda one: one[1])
        ]
        count = self.tally.count[self.ledger.heads[head].row].astype(float)
        reached = np.vstack([count, self.tally.reached(self.ledger, head), np.zeros_like(count)])
        with np.errstate(invalid="ignore"):
            known = (count > 0) & (self.ledger.bins > 0)
            shares = (reached[:-1] - reached[1:]) / np.where(known, count, np.nan)
        return pd.DataFrame(shares.T, index=self.units, columns=labels)

    # -- precision ------------------------------------------------------------------------------

    def errors(
        self,
        name: str | None = None,
        *,
        of: Literal["table", "acceptability", "riskier", "bands"] = "table",
    ) -> pd.DataFrame:
        """Monte-Carlo standard errors of the figures of one headline score.

        Those of independent draws, so for Sobol' points upper limits.

        Parameters
        ----------
        name
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
        row, head = self._row(name), self._head(name)
        tables = {"acceptability": self.acceptability, "riskier": self.riskier, "bands": self.bands}
        if of in tables:
            found = tables[of](name)
            drawn = self.tally.count[self.ledger.heads[head].row].astype(float)[:, None]
            if of == "riskier":
                drawn = self._both(head, np.arange(len(self.units)))
            return _share_errors(found, drawn)
        if of != "table":
            raise UnknownNameError(f"no errors of `{of}`; {did_you_mean(of, ('table', *tables))}")
        count = self.tally.count[row].astype(float)
        counts = self.tally.ranks[head].astype(float)
        places, total = np.arange(len(counts))[:, None], counts.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            average = (counts * places).sum(axis=0) / total
            spread = np.sqrt((counts * (places - average) ** 2).sum(axis=0) / total)
            columns = {"mean": self._moments[1][row] / np.sqrt(count), "sd": self._sd_error(row)}
            for share in (0.05, 0.5, 0.95):
                label = "median" if share == 0.5 else f"q{100 * share:02.4g}"
                columns[label] = self._quantile_error(row, share)
            columns["mean_rank"] = spread / np.sqrt(total)
            for share in (0.05, 0.5, 0.95):
                label = "median" if share == 0.5 else f"q{100 * share:02.4g}"
                step = np.nan_to_num(np.sqrt(share * (1 - share) / total))
                low = self._rank_quantile(head, np.maximum(share - step, 0.0))
                columns[f"rank_{label}"] = (
                    self._rank_quantile(head, np.minimum(share + step, 1.0)) - low
                ) / 2
            columns["probability"] = np.where(count > 0, 0.5 / np.sqrt(count), np.nan)
        return self._frame(columns)

    @property
    def worst_error(self) -> float:
        """The largest Monte-Carlo standard error of a headline mean, 5 % or 95 % quantile, in points."""
        worst = 0.0
        for name in self.names:
            row = self._row(name)
            with np.errstate(invalid="ignore", divide="ignore"):
                mean = self._moments[1][row] / np.sqrt(self.tally.count[row].astype(float))
            for found in (mean, self._quantile_error(row, 0.05), self._quantile_error(row, 0.95)):
                worst = max(worst, float(np.nanmax(found, initial=0.0)))
        return worst

    # -- data error told apart from choices -----------------------------------------------------

    def rank_sets(self, name: str | None = None, *, level: float = 0.9) -> pd.DataFrame:
        """Ranks that errors of the data leave possible, beside the ranges that choices make.

        ``data_low`` and ``data_high`` are simultaneous confidence sets: with probability `level` they
        hold every unit's true rank at once, weights and methods as written. ``choice_low`` and
        ``choice_high`` are the central `level` range of ranks under weights, methods and parameters, the
        data as given: no confidence statement, for no choice is the true one. ``low`` and ``high`` are the
        same range over everything.

        References
        ----------
        Mogstad, Romano, Shaikh and Wilhelm (2024), Review of Economic Studies 91(1), 476-518.
        """
        if not 0 < level < 1:
            raise DataError(f"level: expected a number between 0 and 1, received {level!r}")
        head = self._head(name)
        tail = (1 - level) / 2
        columns: dict[str, Any] = {"rank": self._nominal_rank(head)}
        low, high = np.full(len(self.units), np.nan), np.full(len(self.units), np.nan)
        for group, found in self._data_sets(head, level):
            low[group], high[group] = found.low, found.high
        columns |= {"data_low": low, "data_high": high}
        choice = self._choice_ranks(head, (tail, 1 - tail))
        columns |= {"choice_low": choice[0], "choice_high": choice[1]}
        columns |= {
            "low": self._rank_quantile(head, tail),
            "high": self._rank_quantile(head, 1 - tail),
        }
        return self._frame(columns)

    def groups(
        self,
        name: str | None = None,
        *,
        level: float = 0.9,
        by: Literal["data", "all"] = "all",
    ) -> tuple[tuple[Any, ...], ...]:
        """The largest runs of neighbours in the ranking of which no two can be told apart.

        By "data" two units are told apart where the confidence sets of ``rank_sets`` do; by "all" where
        one ranks before the other in at least `level` of the draws.
        """
        head = self._head(name)
        theta = self._nominal(self.names[head])
        runs: list[tuple[Any, ...]] = []
        if by == "data":
            parts = [(group, found.riskier) for group, found in self._data_sets(head, level)]
        else:
            often = self.riskier(name).to_numpy()
            parts = [
                (group, often[np.ix_(group, group)] >= level)
                for group in self.ledger.heads[head].groups
            ]
        for group, riskier in parts:
            order = np.argsort(-theta[group], kind="stable")
            runs += [tuple(self.units[group[run]]) for run in alike(order, riskier | riskier.T)]
        return tuple(runs)

    # -- table ----------------------------------------------------------------------------------

    def table(self, name: str | None = None, *, level: float = 0.9) -> pd.DataFrame:
        """One headline score with its intervals beside it, most risk first.

        Columns: country, the score and its central `level` interval, sd, the rank and its interval, the
        band and its probability, the probability of the ten highest ranks, the Monte-Carlo standard error
        of the interval's wider end.
        """
        if not 0 < level < 1:
            raise DataError(f"level: expected a number between 0 and 1, received {level!r}")
        head = self._head(name)
        row, label = self.ledger.heads[head].row, self.names[head]
        tail = (1 - level) / 2
        nominal = self.design.nominal
        known = country_table()["name"]
        bands = self.bands(label)
        band = nominal.band[label]
        chance = [
            bands.iloc[place][one] if isinstance(one, str) else np.nan
            for place, one in enumerate(band)
        ]
        ends = [self._quantile_error(row, share) for share in (tail, 1 - tail)]
        frame = self._frame(
            {
                "country": [known.get(code, code) for code in nominal.data.iso3],
                label: self._nominal(label),
                f"{label}_low": self._quantile(row, tail),
                f"{label}_high": self._quantile(row, 1 - tail),
                f"{label}_sd": self._moments[1][row],
                f"{label}_rank": _integers(self._nominal_rank(head)),
                f"{label}_rank_low": _integers(self._rank_quantile(head, tail)),
                f"{label}_rank_high": _integers(self._rank_quantile(head, 1 - tail)),
                f"{label}_band": band.to_numpy(),
                f"{label}_band_probability": np.array(chance, float),
                f"{label}_top10": self.top(10, label).to_numpy(),
                f"{label}_basis": nominal.basis[label].to_numpy(),
                f"{label}_error": np.fmax(*ends),
            }
        )
        partial = frame[f"{label}_basis"].to_numpy() != "full"
        order = np.lexsort(
            (nominal.data.iso3.astype(str), -np.nan_to_num(frame[label], nan=-np.inf), partial)
        )
        unscored = np.isnan(frame[label].to_numpy())[order]
        order = np.concatenate([order[~unscored], order[unscored]])
        return frame.iloc[order]

    def _shown(self) -> tuple[str, pd.DataFrame]:
        caption, shown = self._shown_table(self.names[0], self.table())
        return "\n".join([caption, *self.notes[len(self.design.nominal.notes) :]]), shown

    def _shown_table(self, label: str, frame: pd.DataFrame) -> tuple[str, pd.DataFrame]:
        """What people read of the table of one headline score, and what stands above it."""
        frame = frame[frame[label].notna()]
        # The caption names the score, so that a narrow terminal has room for both intervals.
        columns = {
            "country": "country", label: "score", f"{label}_low": "low", f"{label}_high": "high",
            f"{label}_rank": "#", f"{label}_rank_low": "# low", f"{label}_rank_high": "# high",
            f"{label}_band": "band", f"{label}_band_probability": "P(band)",
        }  # fmt: skip
        count = len(self.design.factors)
        caption = (
            f"{label} with its 90 % interval over {self.draws:,} draws of {count} "
            f"factor{'' if count == 1 else 's'}; Monte-Carlo error up to {self.worst_error:.2g} points"
        )
        return caption, table_of(frame[list(columns)].rename(columns=columns))

    # -- arrays ---------------------------------------------------------------------------------

    def _frame(self, columns: dict[str, Any]) -> pd.DataFrame:
        return pd.DataFrame(columns, index=self.units)


def _share_errors(shares: pd.DataFrame, draws: Array) -> pd.DataFrame:
    """Standard errors of shares of so many draws, none of them 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        near = (shares.to_numpy(float) * draws + 0.5) / (draws + 1)
        found = np.sqrt(near * (1 - near) / np.where(draws > 0, draws, np.nan))
    return pd.DataFrame(found, index=shares.index, columns=shares.columns)


def _integers(values: Array) -> Any:
    return pd.array(values, dtype="Float64").astype("Int64")
