"""Pictures of judgements: weight sets side by side, the changes that move a rank, scores then and now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from .._util.arguments import typed
from ..data.countries import country_iso3
from ..errors import DataError, UnknownNameError
from ._canvas import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    country_names,
    finish,
    legend_beside,
    rows_axes,
    rows_of,
    years_axes,
)
from ._rows import chosen_rows
from .rankings import star_note, starred

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..analysis.panel import Replay
    from ..analysis.what_if.fragility import Fragility
    from ..analysis.what_if.stakeholders import Stakeholders

__all__ = ["hindsight", "rank_changes", "ranks_by_set"]

MARKS = ("s", "^", "D", "v", "P", "X", "<", ">", "*", "h")
MOST = 40


@typed
def ranks_by_set(
    result: Stakeholders,
    *,
    top: int | None = None,
    countries: Iterable[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the rank of every country under each weight set, and the compromise.

    Parameters
    ----------
    result
        A result of ``stakeholders``.
    top
        Only so many, in the order of the compromise; 40 if None.
    countries, ax
        As for ``ranking``.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from dsr_risk import score, stakeholders
    >>> result = stakeholders(score(), {"lenders": {"debt_exposure": 0.8}})
    >>> len(ranks_by_set(result, top=5).get_yticklabels())
    5
    """
    table = result.table()
    table = table[table["compromise"].notna()].assign(partial=table["basis"] == "partial")
    table = table.sort_values(["partial", "compromise"], kind="stable")
    table = chosen_rows(table, countries, MOST if top is None and countries is None else top)
    ax = rows_axes(ax, starred(table))
    heights = np.arange(len(table))
    sets = table[list(result.names)].to_numpy(float)
    ax.hlines(heights, np.nanmin(sets, axis=1), np.nanmax(sets, axis=1), color="#bbbbbb", zorder=1)
    for number, name in enumerate(result.names):
        ax.plot(
            sets[:, number],
            heights,
            MARKS[number % len(MARKS)],
            label=name,
            color=GREY,
            markerfacecolor="none",
            markersize=4.5,
        )
    ax.plot(
        table["compromise"].to_numpy(float),
        heights,
        "o",
        color=BLUE,
        markersize=4,
        label="compromise",
        zorder=3,
    )
    ax.set_xlabel("rank (1 is most risk)", fontsize=8)
    legend_beside(ax)
    note = f"Agreement (Kendall's W) {result.agreement:.2f}. {star_note(table)}".rstrip()
    return finish(ax, f"{result.score}: ranks by weight set", note)


@typed
def rank_changes(result: Fragility, *, ax: Axes | None = None) -> Axes:
    """Draw the changes of weights and cells that move the rank of a country most.

    Parameters
    ----------
    result
        A result of ``fragility``.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    DataError
        If nothing moves the rank.

    Examples
    --------
    >>> from dsr_risk import fragility, score
    >>> rank_changes(fragility(score(), "KEN")).get_xlabel()
    'change of the rank (negative: towards more risk)'
    """
    table = result.table()
    if table.empty:
        raise DataError(f"no change of a weight or a cell moves the rank of {result.country}")
    labels = [f"{row.node}: {row.change}" for row in rows_of(table)]
    ax = rows_axes(ax, labels, width=6.0)
    shifts = table["rank_shift"].to_numpy(float)
    colours = [ORANGE if shift < 0 else BLUE for shift in shifts]
    hatches = ["" if kind == "weight" else "////" for kind in table["kind"]]
    bars = ax.barh(range(len(table)), shifts, color=colours, edgecolor="white", height=0.7)
    for bar, hatch in zip(bars, hatches, strict=True):
        bar.set_hatch(hatch)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlabel("change of the rank (negative: towards more risk)", fontsize=8)
    note = (
        f"Now rank {result.rank:g}. Plain: a weight changed by {100 * result.spread:g} % of itself; "
        "hatched: a cell changed by what its grade leaves open."
    )
    return finish(ax, f"{result.country}: what moves its rank on {result.score}", note)


@typed
def hindsight(
    result: Replay,
    countries: Iterable[str] | None = None,
    *,
    score: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw scores as they were made each year, and the same data on the last year's scale.

    Parameters
    ----------
    result
        A result of ``replay``.
    countries
        The countries, by name or code; the five that hindsight revises most if None.
    score
        A headline score, the first one if None.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    UnknownNameError
        For a country that is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import replay
    >>> panel = pd.DataFrame({"iso3": ["KEN", "PAK"] * 2, "year": [2019, 2019, 2020, 2020],
    ...                       "debt": [10, 30, 20, 60]})
    >>> result = replay({"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}]}]}, panel)
    >>> len(hindsight(result, ["PAK"]).lines)  # then, and with hindsight
    2
    """
    name = next(iter(result.scores.values()))._named(score)
    table = result.table()
    then, now = table[name].unstack(), table[f"{name}_hindsight"].unstack()
    if countries is None:
        revised = (now - then).abs().max(axis=1).sort_values(ascending=False, kind="stable")
        codes = [str(code) for code in revised.index[:5]]
    else:
        asked = [countries] if isinstance(countries, str) else list(countries)
        codes = [country_iso3(name) for name in asked]
    lacking = [code for code in codes if code not in then.index]
    if lacking or not codes:
        raise UnknownNameError(f"no scores of {', '.join(lacking) or 'no country'} in this replay")
    ax = years_axes(ax, f"{name} (higher is more risk)")
    for number, (code, label) in enumerate(zip(codes, country_names(codes), strict=True)):
        mark = MARKS[number % len(MARKS)]
        line = ax.plot(
            then.columns.to_numpy(),
            then.loc[code].to_numpy(float),
            marker=mark,
            markersize=4,
            label=label,
            linewidth=1.3,
        )[0]
        ax.plot(
            now.columns.to_numpy(),
            now.loc[code].to_numpy(float),
            linestyle="--",
            color=line.get_color(),
            linewidth=1.0,
        )
    legend_beside(ax)
    note = "Solid: as scored in the year; dashed: the same data on the scale of the last year."
    return finish(ax, f"{name}: then and with hindsight", note)
