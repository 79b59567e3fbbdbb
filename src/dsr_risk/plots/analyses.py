"""Results of analyses: sensitivity, tornado, convergence, rank acceptability, correlation, stress test."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .._util.arguments import typed
from .._util.checks import one_of
from .._util.renamed import renamed
from ..data.nouns import called
from ..errors import DataError
from ._canvas import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    TICK,
    axes_of,
    country_names,
    finish,
    ink_on,
    legend_beside,
    need_scored,
    number,
    rows_axes,
    rows_of,
    title_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..analysis.audit.audit import Audit
    from ..analysis.scenario.stress import StressTest
    from ..analysis.sensitivity.result import Quantity, Sensitivity
    from ..analysis.uncertainty.result import Uncertainty
    from ..analysis.value_of_information import ValueOfInformation

__all__ = [
    "acceptability",
    "convergence",
    "correlation",
    "effects",
    "information",
    "stress_matrix",
    "tornado",
]


@typed
def effects(
    sensitivity: Sensitivity,
    country: str | None = None,
    score: str | None = None,
    *,
    quantity: Quantity = "score",
    ax: Axes | None = None,
) -> Axes:
    """Draw first-order and total effects of every factor, with their 90 % intervals.

    Arguments are those of ``Sensitivity.table``.

    Parameters
    ----------
    sensitivity
        A result of ``sensitivity``.
    country
        A name or code; None for all countries together.
    score
        A headline score, the first one if None.
    quantity
        ``score``, ``rank``, ``node`` or ``shift``.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn on.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import sensitivity
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}], "factors": {
    ...     "risk.weights": {"method": "spread", "share": 0.25}, "debt.data": {"method": "revision"}}}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 30, 50], "gci": [80, 70, 20]})
    >>> result = sensitivity(fw, table, n=16, resamples=2, nodes="score")
    >>> len(effects(result, "PAK").get_yticklabels())  # the weights, and the errors of debt
    2
    """
    table = sensitivity.table(country, score, quantity=quantity)
    ax = rows_axes(ax, [str(name) for name in table.index], width=7.5)
    for effect, shift, colour, shape in (("total", -0.16, ORANGE, "D"), ("first", 0.16, BLUE, "o")):
        value = table[effect].to_numpy(float)
        drawn = ~np.isnan(value)
        heights = np.arange(len(table))[drawn] + shift
        ends = [table[f"{effect}_{end}"].to_numpy(float)[drawn] for end in ("low", "high")]
        ax.hlines(heights, *ends, color=colour, linewidth=1.1)
        ax.plot(
            value[drawn],
            heights,
            shape,
            color=colour,
            markersize=4,
            linestyle="",
            label="total" if effect == "total" else "first order",
        )
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlabel("share of variance", fontsize=8)
    ax.legend(loc="lower right", fontsize=7, framealpha=0.9)
    who = "all countries together" if country is None else country_names([country])[0]
    name = score or next(iter(sensitivity.first.columns.get_level_values("node")))
    note = f"n = {sensitivity.n:,}; lines: 90 % bootstrap intervals."
    return finish(ax, f"{name} ({quantity}), {who}: effects of factors", note)


EFFECTS = ("first", "total", "shapley")


@typed
def convergence(
    sensitivity: Sensitivity,
    country: str | None = None,
    score: str | None = None,
    *,
    effect: str = "total",
    ax: Axes | None = None,
) -> Axes:
    """Draw the estimates of one effect as the sample grows, one line a factor.

    Parameters
    ----------
    sensitivity
        A result of ``sensitivity``.
    country
        A name or code; None for all countries together.
    score
        A headline score, the first one if None.
    effect
        ``first``, ``total`` or ``shapley``.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn on.

    Raises
    ------
    DataError
        If the result keeps no checkpoints.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import sensitivity
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}], "factors": {
    ...     "risk.weights": {"method": "spread", "share": 0.25}, "debt.data": {"method": "revision"}}}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 30, 50], "gci": [80, 70, 20]})
    >>> len(convergence(sensitivity(fw, table, n=16, resamples=2, nodes="score"), "PAK").lines)
    2
    """
    table = sensitivity.convergence(country, score)
    if not len(table):
        raise DataError("this result keeps no checkpoints to draw convergence from")
    lines = table[one_of("effect", effect, EFFECTS)]
    ax = axes_of(ax, 7.0, 4.2)
    ax.tick_params(labelsize=TICK)
    styles = ("-", "--", "-.", ":")
    for index, factor in enumerate(lines.columns):
        ax.plot(
            lines.index.to_numpy(),
            lines[factor].to_numpy(float),
            label=str(factor),
            linestyle=styles[index % 4],
            marker="osD^v"[index % 5],
            markersize=3.5,
            linewidth=1.2,
        )
    ax.set_xlabel("base sample n", fontsize=8)
    ax.set_ylabel(f"{effect} effect (share of variance)", fontsize=8)
    ax.spines[["top", "right"]].set_visible(False)
    legend_beside(ax)
    return finish(ax, f"Convergence of {effect} effects", "")


@typed
def tornado(table: pd.DataFrame, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw a table of ``dr.tornado``: what each factor does alone, widest first.

    Parameters
    ----------
    table
        Of ``dr.tornado``: columns ``low, high, nominal`` in points, one row a factor.
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
    >>> import pandas as pd
    >>> table = pd.DataFrame({"low": [40.0], "high": [50.0], "nominal": [45.0]}, index=["weights"])
    >>> len(tornado(table).patches)
    2
    """
    lacking = [name for name in ("low", "high", "nominal") if name not in table]
    if lacking:
        raise DataError(
            f"the table has no column {', '.join(lacking)}; expected one of `dr.tornado`"
        )
    ax = rows_axes(ax, [str(name) for name in table.index], width=7.0)
    centre = float(table["nominal"].iloc[0])
    heights = np.arange(len(table))
    low, high = table["low"].to_numpy(float), table["high"].to_numpy(float)
    below, above = np.minimum(low, centre), np.maximum(high, centre)
    ax.barh(
        heights,
        centre - below,
        left=below,
        height=0.65,
        color=BLUE,
        hatch="////",
        edgecolor="white",
    )
    ax.barh(heights, above - centre, left=centre, height=0.65, color=ORANGE)
    ax.axvline(centre, color=INK, linewidth=0.9)
    ax.set_xlabel("score (points, higher is more risk)", fontsize=8)
    note = f"Vertical line: as written ({centre:.3g}). Each factor moves alone."
    return finish(ax, title or "Each factor alone", note)


@typed
def acceptability(
    uncertainty: Uncertainty, score: str | None = None, *, top: int = 30, ax: Axes | None = None
) -> Axes:
    """Draw rank acceptability: the share of draws in which each country has each rank.

    Parameters
    ----------
    uncertainty
        A result of ``uncertainty``.
    score
        A headline score, the first one if None.
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
    >>> from dsr_risk import load_data, load_framework, uncertainty
    >>> u = uncertainty(load_framework(), load_data(), draws=64,
    ...                 factors={"*.weights": {"method": "spread", "share": 0.25}})
    >>> len(acceptability(u, top=5).get_yticklabels())
    5
    """
    need_scored(uncertainty.as_written, [uncertainty.as_written._named(score)])
    frame = uncertainty.table(score).head(top)
    shares = uncertainty.acceptability(score).loc[frame.index]
    last = min(shares.shape[1], int(np.flatnonzero((shares > 0.005).any().to_numpy()).max()) + 1)
    shares = shares.iloc[:, :last]
    ax = rows_axes(ax, called(frame), width=8.0)
    image = ax.imshow(
        np.ma.masked_less(shares.to_numpy(float), 0.005),
        cmap="YlGnBu",
        vmin=0,
        aspect="auto",
        extent=(0.5, last + 0.5, len(shares) - 0.5, -0.5),
    )
    figure = ax.get_figure(root=True)
    if figure is not None:
        bar = figure.colorbar(image, ax=ax, shrink=0.6, pad=0.02)
        bar.set_label("share of draws", fontsize=7)
        bar.ax.tick_params(labelsize=6.5)
    ax.grid(visible=False)
    ax.set_xlabel("rank (1 is most risk)", fontsize=8)
    name = score or uncertainty.names[0]
    scores = uncertainty.as_written
    note = f"{uncertainty.draws:,} draws. White: less than 0.5 % of draws. Source: {scores.data.origin}."
    return finish(ax, f"Shares of draws at each rank: {title_of(scores.framework, name)}", note)


@typed
def correlation(
    result: Audit | pd.DataFrame,
    score: str | None = None,
    *,
    method: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the correlations of the indicators of a score, in the order of the framework.

    Parameters
    ----------
    result
        An audit, or the square table of ``dr.correlations``, which is drawn whole.
    score
        A headline score of the audit, the first one if None.
    method
        The kind of correlation, for the title.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    DataError
        If the audit holds no correlations of the score, or the table is not square.

    Examples
    --------
    >>> from dsr_risk import audit, score
    >>> ax = correlation(audit(score()), "security")
    >>> len(ax.get_xticklabels()) == len(ax.get_yticklabels())
    True
    """
    if isinstance(result, pd.DataFrame):
        return _square(result, method, ax)
    names, matrix, name = _of_audit(result, score)
    return _correlated(
        names, matrix, f"{name}: {method or 'Pearson'} correlation of indicators", ax
    )


def _square(table: pd.DataFrame, method: str, ax: Axes | None) -> Axes:
    if list(table.index) != list(table.columns):
        raise DataError("the table is not square; expected one of `dr.correlations`")
    names = [str(name) for name in table.index]
    title = f"{method.capitalize()} correlation over countries".strip().capitalize()
    return _correlated(names, table.to_numpy(float), title, ax)


def _of_audit(audit: Any, score: str | None) -> tuple[list[str], Any, str]:
    pairs = audit.detail("correlations")
    pairs = pairs[pairs["indicators"]]
    name = score or pairs["score"].iloc[0]
    pairs = pairs[pairs["score"] == name]
    if not len(pairs):
        raise DataError(f"the audit holds no correlations of `{name}`")
    names = list(dict.fromkeys([*pairs["first"], *pairs["second"]]))
    position = {name: number for number, name in enumerate(names)}
    matrix = np.eye(len(names))
    for row in rows_of(pairs):
        matrix[position[row.first], position[row.second]] = matrix[
            position[row.second], position[row.first]
        ] = row.r
    return names, matrix, name


def _correlated(names: list[str], matrix: Any, title: str, ax: Axes | None) -> Axes:
    ax = rows_axes(ax, names, width=3.0 + 0.42 * len(names))
    figure = ax.get_figure(root=True)
    if figure is not None:
        figure.set_figheight(max(figure.get_figheight(), 2.4 + 0.36 * len(names)))
    _diverging(ax, matrix, 1.0, digits=2)
    ax.set_xticks(range(len(names)), labels=names, fontsize=7, rotation=90)
    note = "Correlation of normalised values over countries that have both. Hatched: too few."
    return finish(ax, title, note)


def _diverging(ax: Axes, matrix: Any, most: float, *, digits: int) -> None:
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    colours = colormaps["PuOr_r"]
    ax.grid(visible=False)
    ax.imshow(np.ma.masked_invalid(matrix), cmap=colours, vmin=-most, vmax=most, aspect="auto")
    for (row, column), value in np.ndenumerate(matrix):
        if np.isnan(value):
            corner = (column - 0.5, row - 0.5)
            ax.add_patch(
                Rectangle(
                    corner, 1, 1, facecolor="white", edgecolor="#aaaaaa", hatch="////", linewidth=0
                )
            )
            continue
        ax.text(
            column,
            row,
            number(value, digits),
            ha="center",
            va="center",
            fontsize=6,
            color=ink_on(colours((value / most + 1) / 2)),
        )


@typed
def stress_matrix(
    result: StressTest | pd.DataFrame, *, score: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the change of one score, countries by scenarios.

    Parameters
    ----------
    result
        A result with ``matrix(score)`` (scenarios by countries), or such a table.
    score
        A headline score, the first one if None.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"KEN": [1.0], "PER": [-2.0]}, index=["shock"])
    >>> len(stress_matrix(table).get_yticklabels())
    2
    """
    matrix = result if isinstance(result, pd.DataFrame) else result.matrix(score)
    values = matrix.T.to_numpy(float)
    names = country_names([str(name) for name in matrix.columns])
    ax = rows_axes(ax, names, width=max(4.5, 3 + len(matrix)))
    most = max(1e-9, float(np.nanmax(np.abs(values), initial=0.0)))
    _diverging(ax, values, most, digits=1)
    labels = [str(label).replace("_", " ") for label in matrix.index]
    broken = ["\n".join(textwrap.wrap(label, 14)) for label in labels]
    ax.set_xticks(range(len(matrix)), labels=broken, fontsize=7)
    note = (
        "Points; orange: more risk, purple: less risk. Hatched: not in the scenario, or no score."
    )
    name = score or (
        "Score" if isinstance(result, pd.DataFrame) else result.results[0].before.names[0]
    )
    return finish(ax, f"{name}: change under each scenario", note)


@renamed(count="top")
@typed
def information(
    result: ValueOfInformation, *, score: str | None = None, top: int = 20, ax: Axes | None = None
) -> Axes:
    """Draw how much narrower the interval of a score would be if one more cell were known.

    Parameters
    ----------
    result
        A result of ``value_of_information``.
    score
        A headline score, the first one if None.
    top
        So many cells at most, the most useful first.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn on.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import score, value_of_information
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}]}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, None, 50], "gci": [80, 60, 20]})
    >>> information(value_of_information(score(fw, table), "PAK", draws=64)).get_xlabel()
    'points by which the interval would narrow'
    """
    table = result.table(score)
    name = score or next(iter(result.widths))
    table = table[(table["score"] == name) & table["score_narrowing"].notna()]
    table = table.sort_values("score_narrowing", ascending=False, kind="stable").head(top)
    labels = [f"{row.indicator} ({row.status})" for row in rows_of(table)]
    ax = rows_axes(ax, labels, width=7.0)
    ax.barh(np.arange(len(table)), table["score_narrowing"].to_numpy(float), height=0.7, color=GREY)
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set_xlabel("points by which the interval would narrow", fontsize=8)
    note = f"{result.confidence_level:.0%} intervals, {result.draws:,} draws."
    return finish(ax, f"{result.unit}, {name}: value of information", note)
