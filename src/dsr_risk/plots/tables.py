"""Pictures of tables that verbs return: elasticities, best case, ranks without each node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .._util.arguments import typed
from .._util.renamed import renamed
from ._canvas import BLUE, GREY, INK, ORANGE, country_names, finish, legend_beside, rows_axes
from ._rows import check_columns, chosen_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["best_case", "elasticities", "ranks_without"]

MOST = 40


@renamed(count="top")
@typed
def elasticities(
    table: pd.DataFrame, *, top: int = 20, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw a table of ``dr.elasticities``: the change of a score in percent as a value grows by 1 %.

    Parameters
    ----------
    table
        Of ``dr.elasticities``; rows without an elasticity are not drawn.
    top
        So many values, largest effect first.
    title
        Title of the picture.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    DataError
        For another table, or one without any elasticity.

    Examples
    --------
    >>> from dsr_risk import elasticities as elasticities_of, score
    >>> ax = elasticities(elasticities_of(score(), "Kenya"), top=5)
    >>> len(ax.get_yticklabels())
    5
    """
    check_columns(table, ("elasticity", "clipped"), "dr.elasticities")
    drawn = table[table["elasticity"].notna()]
    size = drawn["elasticity"].abs().sort_values(ascending=False, kind="stable")
    drawn = drawn.loc[size.index].head(top)
    ax = rows_axes(ax, [str(name) for name in drawn.index])
    values = drawn["elasticity"].to_numpy(float)
    colours = [ORANGE if value >= 0 else BLUE for value in values]
    bars = ax.barh(range(len(values)), values, color=colours, edgecolor="white", height=0.7)
    for bar, value in zip(bars, values, strict=True):
        bar.set_hatch("" if value >= 0 else "////")
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlabel("change of the score in % as the raw value grows by 1 %", fontsize=8)
    hidden = len(size) - len(drawn)
    note = "Plain: raises the score; hatched: lowers it. Values beyond a goalpost move nothing."
    note += f" {hidden} smaller effects are not shown." if hidden else ""
    return finish(ax, title or "Elasticities of the score", note)


@typed
def best_case(
    table: pd.DataFrame,
    *,
    top: int | None = None,
    countries: Iterable[str] | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw a table of ``dr.best_case``: each score, and the score with the weights that suit the country best.

    Parameters
    ----------
    table
        Of ``dr.best_case``.
    top
        Only so many, most risk first; 40 if None.
    countries
        Only these, by name or code.
    title
        Title of the picture.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from dsr_risk import best_case as best_case_of, score
    >>> len(best_case(best_case_of(score()), top=5).get_yticklabels())
    5
    """
    check_columns(table, ("value", "best_case"), "dr.best_case")
    scored = table[table["value"].notna()].sort_values("value", ascending=False, kind="stable")
    drawn = chosen_rows(scored, countries, MOST if top is None and countries is None else top)
    ax = rows_axes(ax, country_names(_codes(drawn.index)))
    heights, best = np.arange(len(drawn)), drawn["best_case"].to_numpy(float)
    value = drawn["value"].to_numpy(float)
    ax.hlines(heights, best, value, color="#bbbbbb", linewidth=1.5, zorder=1)
    ax.plot(value, heights, "o", color=ORANGE, markersize=4, linestyle="", label="as written")
    ax.plot(best, heights, "D", color=BLUE, markersize=3.6, linestyle="", label="best weights")
    ax.set_xlabel("score (higher is more risk)", fontsize=8)
    legend_beside(ax)
    hidden = len(scored) - len(drawn)
    note = "Best weights: those that give the country its least score (benefit of the doubt)."
    note += (
        f" {hidden} countries with less risk are not shown." if hidden and countries is None else ""
    )
    return finish(
        ax, title or "Distance from the safest, with the weights that suit each country best", note
    )


@typed
def ranks_without(table: pd.DataFrame, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw a table of ``dr.leave_one_out``: how far ranks move without each indicator and group.

    Parameters
    ----------
    table
        Of ``dr.leave_one_out``: columns ``mean_shift, max_shift`` in places, one row a node.
    title
        Title of the picture.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn on.

    Raises
    ------
    DataError
        For another table.

    Examples
    --------
    >>> from dsr_risk import leave_one_out, score
    >>> ax = ranks_without(leave_one_out(score()))
    >>> ax.get_xlabel()
    'places that ranks move'
    """
    check_columns(table, ("mean_shift", "max_shift"), "dr.leave_one_out")
    ax = rows_axes(ax, [str(name) for name in table.index])
    heights = np.arange(len(table))
    mean, most = (table[column].to_numpy(float) for column in ("mean_shift", "max_shift"))
    ax.hlines(heights, mean, most, color="#bbbbbb", linewidth=1.5, zorder=1)
    ax.plot(mean, heights, "o", color=BLUE, markersize=4, linestyle="", label="mean of countries")
    ax.plot(
        most, heights, "D", color=GREY, markersize=3.6, linestyle="", label="most of any country"
    )
    ax.set_xlim(0, float(np.nanmax(most, initial=1.0)) * 1.06)
    ax.set_xlabel("places that ranks move", fontsize=8)
    legend_beside(ax)
    return finish(
        ax, title or "Ranks without each indicator and group", "One node is taken out at a time."
    )


def _codes(index: Any) -> list[str]:
    return [str(unit[0] if isinstance(unit, tuple) else unit) for unit in index]
