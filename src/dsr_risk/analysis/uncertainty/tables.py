"""Tables of an uncertainty analysis, read from the counts of its draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..._util.checks import between, one_of, whole_number
from ..._util.display import counted, table_of
from ..._util.types import Array
from ...data.nouns import name_column
from ...montecarlo.confidence import alike
from .figures import Figures, quantile_label

__all__ = [
    "band_table",
    "errors_of",
    "inseparable",
    "interval_table",
    "pair_shares",
    "possible_ranks",
    "printed_intervals",
    "rank_distribution",
    "rank_shares",
    "score_distribution",
    "top_probability",
    "undefined_draws",
    "worst_error",
]


def _frame(figures: Figures, columns: Any, labels: Any = None) -> pd.DataFrame:
    """Return columns of all units as a frame of the units asked for."""
    frame = pd.DataFrame(columns, index=figures.units, columns=labels)
    rows = figures.rows
    return frame if len(rows) == len(frame) else frame.iloc[rows]


def undefined_draws(figures: Figures) -> pd.DataFrame:
    """Return in how many draws each unit has no value; see ``Uncertainty.undefined``."""
    rows = [score.row for score in figures.spec.scores]
    counts = {name: figures.undefined(row) for name, row in zip(figures.names, rows, strict=True)}
    return _frame(figures, counts)


def top_probability(figures: Figures, headline: int, k: int) -> pd.Series[float]:
    """Return the probability of the k highest ranks; see ``Uncertainty.top``."""
    whole_number("k", k, least=1)
    rows = figures.rows
    return pd.Series(figures.top(k, headline)[rows], index=figures.units[rows], name=f"top {k}")


def score_distribution(
    figures: Figures, node: str | None, quantiles: Sequence[float]
) -> pd.DataFrame:
    """Return the distribution of a kept node over the draws; see ``Uncertainty.scores``."""
    _check_quantiles(quantiles)
    labels = [quantile_label(share) for share in quantiles]
    if node in figures.design.constant:
        value = figures.as_written(str(node))
        observed = ~np.isnan(value)
        same = dict.fromkeys(["value", "mean", "sd", *labels], value)
        return _frame(
            figures, same | {"sd": np.where(observed, 0.0, np.nan), "scored": observed * 1.0}
        )
    row = figures.row_of(node)
    mean, sd = figures.moments
    columns: dict[str, Any] = {
        "value": figures.as_written(figures.nodes[row]),
        "mean": mean[row],
        "sd": sd[row],
    }
    for share, label in zip(quantiles, labels, strict=True):
        columns[label] = figures.quantile(row, share)
    columns["scored"] = figures.counts.count[row] / max(1, figures.counted)
    return _frame(figures, columns)


def _check_quantiles(quantiles: Sequence[float]) -> None:
    for share in quantiles:
        between("quantiles", share, 0, 1, ends=True)


def rank_distribution(figures: Figures, headline: int, quantiles: Sequence[float]) -> pd.DataFrame:
    """Return the distribution of the ranks of a headline score; see ``Uncertainty.ranks``."""
    _check_quantiles(quantiles)
    ranked = figures.counts.ranks[headline].astype(float)
    total = ranked.sum(axis=0)
    ranks = np.arange(len(ranked))[:, None]
    with np.errstate(invalid="ignore"):
        mean = (ranked * ranks).sum(axis=0) / total
    columns: dict[str, Any] = {"rank": figures.rank_as_written(headline), "mean": mean}
    for share in quantiles:
        columns[quantile_label(share)] = figures.rank_quantile(headline, share)
    return _frame(figures, columns)


def possible_ranks(figures: Figures, headline: int, confidence_level: float) -> pd.DataFrame:
    """Return confidence sets and ranges of ranks; see ``Uncertainty.rank_sets``."""
    between("confidence_level", confidence_level, 0, 1)
    tail = (1 - confidence_level) / 2
    columns: dict[str, Any] = {"rank": figures.rank_as_written(headline)}
    low, high = np.full((2, len(figures.units)), np.nan)
    for group, sets in figures.data_sets(headline, confidence_level):
        low[group], high[group] = sets.low, sets.high
    columns |= {"data_low": low, "data_high": high}
    choice = figures.choice_ranks(headline, (tail, 1 - tail))
    columns |= {"choice_low": choice[0], "choice_high": choice[1]}
    columns |= {
        "low": figures.rank_quantile(headline, tail),
        "high": figures.rank_quantile(headline, 1 - tail),
    }
    return _frame(figures, columns)


def inseparable(
    figures: Figures, headline: int, confidence_level: float, by: Literal["data", "all"]
) -> tuple[tuple[Any, ...], ...]:
    """Return runs of neighbours that cannot be separated; see ``Uncertainty.groups``."""
    between("confidence_level", confidence_level, 0, 1)
    theta = figures.as_written(figures.names[headline])
    runs: list[tuple[Any, ...]] = []
    if by == "data":
        parts = [
            (group, sets.riskier) for group, sets in figures.data_sets(headline, confidence_level)
        ]
    else:
        often = figures.riskier(headline)
        parts = [
            (group, often[np.ix_(group, group)] >= confidence_level)
            for group in figures.spec.scores[headline].groups
        ]
    units = figures.units
    for group, riskier in parts:
        chosen = np.flatnonzero(np.isin(group, figures.rows))
        order = chosen[np.argsort(-theta[group[chosen]], kind="stable")]
        runs += [tuple(units[group[run]]) for run in alike(order, riskier | riskier.T)]
    return tuple(runs)


def interval_table(figures: Figures, headline: int, confidence_level: float) -> pd.DataFrame:
    """Return a headline score with its intervals; see ``Uncertainty.table``."""
    between("confidence_level", confidence_level, 0, 1)
    row, label = figures.spec.scores[headline].row, figures.names[headline]
    tail = (1 - confidence_level) / 2
    nominal = figures.design.nominal
    band, chance = figures.band_as_written(headline)
    ends = [figures.quantile_error(row, share) for share in (tail, 1 - tail)]
    low, high = figures.interval(row, tail)
    rank_low, rank_high = figures.rank_interval(headline, tail)
    frame = pd.DataFrame(
        {
            **name_column(nominal.data, nominal.data.iso3),
            label: figures.as_written(label),
            f"{label}_low": low,
            f"{label}_high": high,
            f"{label}_sd": figures.moments[1][row],
            f"{label}_rank": _integers(figures.rank_as_written(headline)),
            f"{label}_rank_low": _integers(rank_low),
            f"{label}_rank_high": _integers(rank_high),
            f"{label}_band": band,
            f"{label}_band_probability": chance,
            f"{label}_top10": figures.top(10, headline),
            f"{label}_basis": nominal.basis[label].to_numpy(),
            f"{label}_error": np.fmax(*ends),
        },
        index=figures.units,
    )
    # How much is observed decides what is printed, not what is drawn.
    hidden = ~figures.design.printed(label)
    frame.loc[hidden, [f"{label}_{part}" for part in ("low", "high", "sd", "error")]] = np.nan
    partial = frame[f"{label}_basis"].to_numpy() != "full"
    order = np.lexsort((nominal.data.sort_keys, -np.nan_to_num(frame[label], nan=-np.inf), partial))
    order = order[np.isin(order, figures.rows)]
    unscored = np.isnan(frame[label].to_numpy())[order]
    order = np.concatenate([order[~unscored], order[unscored]])
    return frame.iloc[order]


def standard_errors(figures: Figures, row: int, headline: int) -> pd.DataFrame:
    """Return Monte-Carlo standard errors of scores and ranks; see ``Uncertainty.errors``."""
    count = figures.counts.count[row].astype(float)
    ranked = figures.counts.ranks[headline].astype(float)
    ranks, total = np.arange(len(ranked))[:, None], ranked.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        average = (ranked * ranks).sum(axis=0) / total
        spread = np.sqrt((ranked * (ranks - average) ** 2).sum(axis=0) / total)
        columns = {
            "mean": figures.moments[1][row] / np.sqrt(count),
            "sd": figures.sd_error(row),
        }
        for share in (0.05, 0.5, 0.95):
            columns[quantile_label(share)] = figures.quantile_error(row, share)
        columns["mean_rank"] = spread / np.sqrt(total)
        for share in (0.05, 0.5, 0.95):
            step = np.nan_to_num(np.sqrt(share * (1 - share) / total))
            low = figures.rank_quantile(headline, np.maximum(share - step, 0.0))
            columns[f"rank_{quantile_label(share)}"] = (
                figures.rank_quantile(headline, np.minimum(share + step, 1.0)) - low
            ) / 2
        columns["probability"] = np.where(count > 0, 0.5 / np.sqrt(count), np.nan)
    return _frame(figures, columns)


def worst_error(figures: Figures) -> float:
    """Return the largest Monte-Carlo standard error of a mean or end of an interval, in points."""
    worst = 0.0
    for name in figures.names:
        row = figures.row_of(name)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = figures.moments[1][row] / np.sqrt(figures.counts.count[row].astype(float))
        for figure in (
            mean,
            figures.quantile_error(row, 0.05),
            figures.quantile_error(row, 0.95),
        ):
            worst = max(worst, float(np.nanmax(figure, initial=0.0)))
    return worst


def rank_shares(figures: Figures, headline: int) -> pd.DataFrame:
    """Return the share of draws in which each unit has each rank; see ``Uncertainty.acceptability``."""
    counts = figures.counts.ranks[headline]
    last = int(np.flatnonzero(counts.any(axis=1)).max(initial=0))
    shares = figures.shares(counts[1 : last + 1].T.astype(float))
    return _frame(figures, shares, range(1, last + 1))


def pair_shares(figures: Figures, headline: int) -> pd.DataFrame:
    """Return the share of draws in which the row's unit ranks before the column's."""
    rows, units = figures.rows, figures.units[figures.rows]
    often = figures.riskier(headline)
    return pd.DataFrame(often[np.ix_(rows, rows)], index=units, columns=units)


def band_table(figures: Figures, headline: int) -> pd.DataFrame:
    """Return the share of draws in which each unit is in each band."""
    return _frame(figures, figures.band_shares(headline).T, figures.bands)


def errors_of(figures: Figures, row: int, headline: int, of: str) -> pd.DataFrame:
    """Return Monte-Carlo standard errors of a table; see ``Uncertainty.errors``."""
    tables = {"acceptability": rank_shares, "riskier": pair_shares, "bands": band_table}
    if one_of("of", of, ("table", *tables)) == "table":
        return standard_errors(figures, row, headline)
    drawn = figures.counts.count[figures.spec.scores[headline].row][figures.rows]
    draws = (
        figures.both(headline, figures.rows) if of == "riskier" else drawn.astype(float)[:, None]
    )
    return share_errors(tables[of](figures, headline), draws)


def share_errors(shares: pd.DataFrame, draws: Array) -> pd.DataFrame:
    """Return standard errors of shares of so many draws, none of them 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        near = (shares.to_numpy(float) * draws + 0.5) / (draws + 1)
        errors = np.sqrt(near * (1 - near) / np.where(draws > 0, draws, np.nan))
    return pd.DataFrame(errors, index=shares.index, columns=shares.columns)


def _integers(values: Array) -> Any:
    return pd.array(values, dtype="Float64").astype("Int64")


def printed_intervals(
    figures: Figures, label: str, frame: pd.DataFrame
) -> tuple[str, pd.DataFrame]:
    """Return the caption and the printed form of the table of one headline score."""
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
    caption = (
        f"{label} with its 90 % interval over {figures.draws:,} draws of "
        f"{counted(len(figures.design.factors), 'factor')}; Monte-Carlo error up to "
        f"{worst_error(figures):.2g} points"
    )
    return caption, table_of(
        frame[[name for name in columns if name in frame]].rename(columns=columns)
    )
