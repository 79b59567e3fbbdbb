"""Pictures of tables that verbs return: swings of weights, closest pairs, trends, who is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .._util.arguments import typed
from .._util.renamed import renamed
from ..errors import DataError
from ._canvas import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    country_names,
    finish,
    legend_beside,
    pale,
    rows_axes,
)
from ._rows import check_columns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["crosswalk", "reversals", "trends", "weight_swings"]

FILLS = ((BLUE, ""), (ORANGE, "////"), (GREY, "...."), ("#009E73", "xxxx"), ("#E69F00", "\\\\\\\\"))
"""Colour and hatch of a reason; the hatch tells them apart in grey print."""


@typed
def weight_swings(
    table: pd.DataFrame, *, score: str | None = None, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw a table of ``dr.weight_swings``: how far scores move as each weight goes up and down.

    Parameters
    ----------
    table
        Of ``dr.weight_swings``.
    score
        A headline score, the first of the table if None.
    title
        Title of the picture.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        A row a node, the widest swing on top; a line from the least to the largest change of any country, a dot at
        the median.

    Raises
    ------
    DataError
        For another table, or a score that it does not have.

    Examples
    --------
    >>> from dsr_risk import score, weight_swings as swings_of
    >>> weight_swings(swings_of(score())).get_xlabel()
    'change of scores of countries, points'
    """
    check_columns(table, ("node", "change", "score", "gap"), "dr.weight_swings")
    names = list(dict.fromkeys(table["score"].astype(str)))
    name = score or (names[0] if names else "")
    if name not in names:
        raise DataError(f"the table has no score `{name}`; it has {', '.join(names) or 'no rows'}")
    drawn = table[(table["score"] == name) & table["gap"].notna()]
    spread = (
        drawn["gap"].abs().groupby(drawn["node"]).max().sort_values(ascending=False, kind="stable")
    )
    nodes = [str(node) for node in spread.index]
    ax = rows_axes(ax, nodes)
    for sign, colour, shift, style in (("+", ORANGE, -0.14, "-"), ("-", BLUE, 0.14, "--")):
        part = drawn[drawn["change"] == sign].groupby("node")["gap"]
        least, most, middle = (
            entry.reindex(spread.index) for entry in (part.min(), part.max(), part.median())
        )
        heights = np.arange(len(nodes)) + shift
        ax.hlines(heights, least, most, color=colour, linewidth=1.6, linestyle=style)
        label = "weight up" if sign == "+" else "weight down"
        marker = "o" if sign == "+" else "D"
        ax.plot(middle, heights, marker, color=colour, markersize=3.6, linestyle="", label=label)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlabel("change of scores of countries, points", fontsize=8)
    legend_beside(ax)
    note = "Line: from the least to the largest change of any country; mark: the median country."
    return finish(ax, title or f"Swings of weights: {name}", note)


@renamed(count="top")
@typed
def reversals(
    table: pd.DataFrame, *, top: int = 40, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw a table of ``dr.reversals``: the pairs of countries that the smallest change of weights reverses.

    Parameters
    ----------
    table
        Of ``dr.reversals``, square.
    top
        So many pairs, the smallest change first.
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
        For a table that is not square, or one without any pair.

    Examples
    --------
    >>> from dsr_risk import reversals as reversals_of, score
    >>> len(reversals(reversals_of(score()), top=5).get_yticklabels())
    5
    """
    if list(table.index) != list(table.columns):
        raise DataError("the table is not square; expected one of `dr.reversals`")
    upper = np.triu(np.ones(table.shape, bool), 1)
    sizes = np.where(upper, table.to_numpy(float), np.nan)
    order = np.argsort(sizes, axis=None, kind="stable")[: int(np.isfinite(sizes).sum())]
    first, second = np.unravel_index(order[:top], table.shape)
    codes = [str(unit[0] if isinstance(unit, tuple) else unit) for unit in table.index]
    names = country_names(codes)
    ax = rows_axes(ax, [f"{names[a]} – {names[b]}" for a, b in zip(first, second, strict=True)])
    ax.barh(range(len(first)), sizes[first, second], color=BLUE, height=0.7)
    ax.set_xlabel("smallest change of weights that reverses the pair", fontsize=8)
    hidden = len(order) - len(first)
    note = f"{hidden:,} pairs that need a larger change are not shown." if hidden else ""
    return finish(ax, title or "Pairs whose order is least certain", note)


@renamed(count="top")
@typed
def trends(table: pd.DataFrame, *, top: int = 40, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw a table of ``dr.trends``: the slope of every series in its standard errors.

    Parameters
    ----------
    table
        Of ``dr.trends``; series without a slope are not drawn.
    top
        So many series, the clearest trend first.
    title
        Title of the picture.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        Full bars: the test finds a trend; pale bars: it does not.

    Raises
    ------
    DataError
        For another table, or one without any slope.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"slope": [0.5, -0.2], "std_error": [0.1, 0.1], "trend": ["rising", "none"]},
    ...                      index=["KEN", "PAK"])
    >>> [float(round(bar.get_width(), 6)) for bar in trends(table).patches]  # slope / std_error
    [5.0, -2.0]
    """
    check_columns(table, ("slope", "std_error", "trend"), "dr.trends")
    drawn = table[table["slope"].notna() & (table["std_error"] > 0)]
    ratio = (drawn["slope"] / drawn["std_error"]).sort_values(
        key=np.abs, ascending=False, kind="stable"
    )
    is_trend = (drawn["trend"].reindex(ratio.index) != "none").to_numpy()
    shown = ratio.head(top)
    ax = rows_axes(ax, [_series(key) for key in shown.index])
    for row, value in enumerate(shown):
        colour = ORANGE if value > 0 else BLUE
        face = colour if is_trend[row] else pale(colour, 0.3)
        ax.barh(
            row, value, color=face, hatch="" if value > 0 else "////", edgecolor="white", height=0.7
        )
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlabel("slope a year, in its standard errors", fontsize=8)
    hidden = len(ratio) - len(shown)
    note = "Plain: rises; hatched: falls; pale: no trend by the Mann-Kendall test."
    note += f" {hidden} series with a less clear trend are not shown." if hidden else ""
    return finish(ax, title or "Trends of series", note)


def _series(key: object) -> str:
    code, name = key if isinstance(key, tuple) else (key, "")
    return f"{country_names([str(code)])[0]}: {name}".removesuffix(": ")


@typed
def crosswalk(
    table: pd.DataFrame, *, score: str | None = None, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draw a table of ``dr.crosswalk``: countries without a score by region and reason.

    Parameters
    ----------
    table
        Of ``dr.crosswalk``.
    score
        A headline score, the first of the table if None.
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
        For another table, or a score that it does not have.

    Examples
    --------
    >>> from dsr_risk import crosswalk as crosswalk_of, score
    >>> crosswalk(crosswalk_of(score())).get_xlabel()
    'countries'
    """
    check_columns(table, ("region", "score", "scored", "kind"), "dr.crosswalk")
    names = list(dict.fromkeys(table["score"].astype(str)))
    name = score or (names[0] if names else "")
    if name not in names:
        raise DataError(f"the table has no score `{name}`; it has {', '.join(names) or 'no rows'}")
    rows = table[table["score"] == name]
    region = rows["region"].fillna("no region").astype(str)
    kind = rows["kind"].where(~rows["scored"], "scored").astype(str)
    counts = pd.crosstab(region, kind)
    kinds = ["scored", *sorted(str(column) for column in counts if column != "scored")]
    ax = rows_axes(ax, [str(entry) for entry in counts.index])
    left = np.zeros(len(counts))
    for number, reason in enumerate(entry for entry in kinds if entry in counts):
        colour, hatch = FILLS[number % len(FILLS)]
        ax.barh(
            range(len(counts)),
            counts[reason],
            left=left,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            height=0.7,
            label=reason,
        )
        left = left + counts[reason].to_numpy(float)
    ax.set_xlabel("countries", fontsize=8)
    legend_beside(ax)
    lacking = int((~rows["scored"]).sum())
    return finish(
        ax, title or f"Who is scored: {name}", f"{lacking} of {len(rows)} countries have no score."
    )
