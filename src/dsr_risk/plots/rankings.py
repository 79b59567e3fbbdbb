"""Rows of countries: ranking with intervals, rank intervals, arrows from before to after."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .._util.arguments import typed
from ..analysis.uncertainty.result import Uncertainty
from ..data.nouns import called, noun
from ..errors import DataError
from ..scoring.scores import Scores
from ._canvas import (
    BLUE,
    GREY,
    INK,
    arrows,
    band_colours,
    finish,
    legend_beside,
    rows_axes,
    rows_of,
    scale_label,
    title_of,
)
from ._rows import chosen_rows, ranked_rows, rows_to_draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..analysis.compare.comparison import Comparison
    from ..analysis.outranking import Outranking
    from ..analysis.robustness.result import Robustness
    from ..analysis.scenario.result import ScenarioResult
    from ..analysis.what_if.reversal import Reversal

__all__ = ["outranking", "rank_intervals", "ranking", "scenario_arrows", "weight_arrows"]

UNSCORED = "no score"


@typed
def ranking(
    result: Scores | Uncertainty,
    *,
    score: str | None = None,
    top: int | None = None,
    countries: Iterable[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw scores in order, with intervals and bands.

    Parameters
    ----------
    result
        Scores: the line is the hard range, missing values at their best or worst. Uncertainty: the line
        is the central 90 % of draws.
    score
        A headline score, the first one if None.
    top
        Only so many, most risk first.
    countries
        Only these, by name or code.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownNameError
        For a score or country that is not there.
    DataError
        If no country is left.

    Examples
    --------
    >>> from dsr_risk import score
    >>> from dsr_risk.plots import ranking
    >>> ranking(score(), top=10).get_title(loc="left").splitlines()[0]
    'Dependency on China'
    """
    scores = result if isinstance(result, Scores) else result.as_written
    name = scores._named(score)
    frame = ranked_rows(scores, name, result if isinstance(result, Uncertainty) else None)
    frame = rows_to_draw(scores, name, frame, countries, top)
    ax = rows_axes(ax, [f"{row.country} {row.marks}".rstrip() for row in rows_of(frame)])
    colours = band_colours(scores.framework)
    for height, row in enumerate(rows_of(frame)):
        if np.isnan(row.value):
            ax.text(
                scores.framework.scale[0],
                height,
                f" {UNSCORED}: {row.reason}",
                fontsize=6,
                va="center",
                color=GREY,
                style="italic",
                clip_on=True,
            )
            continue
        if row.high - row.low > 1e-9:
            ax.plot([row.low, row.high], [height, height], color=GREY, linewidth=1.6, zorder=2)
        shape = "D" if row.marks else "o"
        colour = colours.get(row.band, "#ffffff")
        ax.plot(row.value, height, shape, color=colour, markeredgecolor=INK, markersize=4.5)
    ax.set_xlim(*scores.framework.scale)
    ax.set_xlabel(scale_label(scores.framework, name), fontsize=8)
    _legend(ax, scores)
    note = _ranking_note(scores, result, frame, name)
    return finish(ax, title_of(scores.framework, name), note)


def _legend(ax: Axes, scores: Scores) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], linestyle="", marker="o", color=colour, markeredgecolor=INK, label=label)
        for label, colour in band_colours(scores.framework).items()
    ]
    legend_beside(ax, handles=handles, title="band", title_fontsize=7)


def _ranking_note(
    scores: Scores, result: Scores | Uncertainty, frame: pd.DataFrame, name: str
) -> str:
    all_units = scores._headline(name).score
    if isinstance(result, Uncertainty):
        line = f"Lines: central 90 % of {result.draws:,} draws."
    else:
        line = "Lines: hard range, missing or estimated values at their best or worst."
    lacking = int(np.isnan(all_units).sum())
    parts = [
        line,
        f"{lacking} of {len(all_units)} {noun(scores.data, many=True)} have no score and are not ranked.",
    ]
    if frame["marks"].str.contains("★").any():
        parts.append("★ partial basis: some indicators do not apply.")
    if frame["marks"].str.contains("◊").any():
        parts.append("◊ a large share of the weight is estimated.")
    return " ".join([*parts, f"Source: {scores.data.origin}."])


@typed
def rank_intervals(
    result: Uncertainty | Robustness | pd.DataFrame,
    *,
    top: int | None = None,
    countries: Iterable[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the best and the worst rank of every country as a line, its own rank as a dot.

    Parameters
    ----------
    result
        A result whose ``table()`` has the columns ``country, rank, rank_min, rank_max``, or such a table.
    top, countries, ax
        As for ``ranking``.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"country": ["Kenya", "Peru"], "rank": [1, 2], "rank_min": [1, 1],
    ...                       "rank_max": [2, 2]}, index=["KEN", "PER"])
    >>> len(rank_intervals(table).get_yticklabels())
    2
    """
    table = _table(result, ("rank", "rank_min", "rank_max"))
    table = chosen_rows(table[table["rank"].notna()], countries, top)
    ax = rows_axes(ax, starred(table))
    heights = np.arange(len(table))
    low, high = (table[label].astype(float).to_numpy() for label in ("rank_min", "rank_max"))
    ax.hlines(heights, low - 0.3, high + 0.3, color=GREY, linewidth=3.2, zorder=2)
    ax.plot(table["rank"].astype(float), heights, "o", color=BLUE, markersize=3.5, zorder=3)
    ax.set_xlim(0, float(max(high.max(), 1)) + 1)
    ax.set_xlabel("rank (1 is most risk)", fontsize=8)
    subject = str(getattr(result, "score", "") or "Ranks")
    words = str(getattr(getattr(result, "weights", None), "words", ""))
    note = "Line: every rank that some weighting of the set gives; dot: the rank as written."
    return finish(
        ax,
        f"{subject}: rank intervals",
        " ".join(
            label for label in (note, f"Set: {words}." if words else "", star_note(table)) if label
        ),
    )


@typed
def scenario_arrows(
    result: Comparison | ScenarioResult | pd.DataFrame,
    *,
    score: str | None = None,
    top: int | None = None,
    countries: Iterable[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw an arrow from each country's score before to its score after, largest change first.

    Parameters
    ----------
    result
        A comparison or scenario result, or a table with ``country, before, after``.
    score
        A headline score, the first one if None.
    top, countries, ax
        As for ``ranking``.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"country": ["Kenya"], "before": [40.0], "after": [55.0]}, index=["KEN"])
    >>> scenario_arrows(table).get_xlabel()
    'score (higher is more risk)'
    """
    table = _table(result, ("before", "after"), score)
    if "score" in table and len(set(table["score"])) > 1:
        table = table[table["score"] == (score or table["score"].iloc[0])]
    change = (table["after"] - table["before"]).abs()
    table = table.loc[change.notna().to_numpy()]
    moved = change.dropna().sort_values(ascending=False, kind="stable")
    table = table.loc[moved.index]
    table = chosen_rows(table, countries, 40 if top is None else top)
    ax = rows_axes(ax, called(table))
    arrows(ax, table["before"], table["after"])
    ends = table[["before", "after"]].to_numpy(float)
    margin = 0.05 * max(1.0, float(np.ptp(ends)))
    ax.set_xlim(ends.min() - margin, ends.max() + margin)
    ax.set_xlabel("score (higher is more risk)", fontsize=8)
    hidden = len(moved) - len(table)
    note = "Circle: before. Solid arrow: more risk; dashed arrow: less risk."
    note += f" {hidden} smaller changes are not shown." if hidden > 0 else ""
    return finish(ax, _arrow_title(result, score, table), note)


@typed
def weight_arrows(result: Reversal, *, ax: Axes | None = None) -> Axes:
    """Draw an arrow from each weight to the weight at which two countries tie, largest change first.

    Parameters
    ----------
    result
        A result of ``reversal``. Where no weights make the two swap, the weights are drawn as they are.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from dsr_risk import reversal, score
    >>> ax = weight_arrows(reversal(score(), "Laos", "Kenya", score="security"))
    >>> ax.get_xlabel()
    'weight (0-1)'
    """
    table = result.table()
    change = table["change"].abs().fillna(0.0)
    table = table.loc[change.sort_values(ascending=False, kind="stable").index]
    ax = rows_axes(ax, [str(name) for name in table.index])
    first, last = (table[column].to_numpy(float) for column in ("weight_before", "weight_after"))
    last = np.where(np.isnan(last), first, last)
    arrows(ax, first, last)
    ax.set_xlim(-0.02, float(max(first.max(), last.max())) * 1.08)
    ax.set_xlabel("weight (0-1)", fontsize=8)
    title = f"{result.above} and {result.below}: {result.score}"
    note = "Circle: weight as it is; arrow: to where the two tie (solid: larger, dashed: smaller)."
    if not result.possible:
        note = f"No weights make them swap: {result.reason}."
    return finish(ax, title, note)


def _arrow_title(result: Any, score: str | None, table: pd.DataFrame) -> str:
    names = list(dict.fromkeys(table["score"])) if "score" in table else []
    name = score or (str(names[0]) if len(names) else next(iter(getattr(result, "scores", ())), ""))
    before, after = getattr(result, "before", None), getattr(result, "after", None)
    scenario = getattr(result, "scenario", None)
    title = getattr(scenario, "title", "") or getattr(scenario, "name", "") or "before and after"
    if isinstance(before, str) and isinstance(after, str):
        title = f"{before} → {after}"
    return f"{name}: {title}" if name else str(title)


@typed
def outranking(result: Outranking, *, top: int | None = None, ax: Axes | None = None) -> Axes:
    """Draw the net share of pairwise wins of every country (Copeland).

    Parameters
    ----------
    result
        A result of ``dr.outranking``.
    top
        Only so many countries, most risk first.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn on.

    Examples
    --------
    >>> from dsr_risk import outranking as compare_pairs, score
    >>> len(outranking(compare_pairs(score()), top=8).get_yticklabels())
    8
    """
    table = chosen_rows(result.table(), None, top)
    ax = rows_axes(ax, starred(table))
    heights, net = np.arange(len(table)), table["net"].astype(float).to_numpy()
    ax.hlines(heights, 0, net, color=GREY, linewidth=1.5)
    ax.plot(net, heights, "o", color=BLUE, markersize=4)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlim(-1.05, 1.05)
    ax.set_xlabel("share of pairs won less share lost (1 is riskier than all others)", fontsize=8)
    return finish(ax, f"{result.score}: pairwise comparison (Copeland)", star_note(table))


def starred(table: pd.DataFrame) -> list[str]:
    """Return the names of countries, those on a partial basis with a star."""
    return [
        f"{name} ★" if getattr(row, "basis", "full") == "partial" else name
        for name, row in zip(called(table), rows_of(table), strict=True)
    ]


def star_note(table: pd.DataFrame) -> str:
    """Return what the star stands for, empty where there is none."""
    if "basis" not in table or not (table["basis"] == "partial").any():
        return ""
    return "★ partial basis: some indicators do not apply; ranked apart."


def _table(result: Any, columns: tuple[str, ...], score: str | None = None) -> pd.DataFrame:
    if isinstance(result, pd.DataFrame):
        table = result
    else:
        table = result.table() if score is None else result.table(score)
    lacking = [name for name in columns if name not in table]
    if lacking:
        raise DataError(
            f"the table has no column {', '.join(lacking)}; expected {', '.join(columns)}"
        )
    return table
