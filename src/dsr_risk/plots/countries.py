"""Many countries in one picture: quadrant of two scores, pillar heat map, world map, trend lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from .._util.arguments import typed
from .._util.types import Array
from ..data.nouns import noun
from ..errors import DataError, UnknownNameError
from ..scoring.marks import marks
from ..scoring.scores import Scores
from ._canvas import (
    GREY,
    INK,
    TICK,
    axes_of,
    band_colours,
    direction,
    finish,
    framework_title,
    ink_on,
    legend_beside,
    need_scored,
    number,
    place_labels,
    pyplot,
    rows_axes,
    rows_of,
    scale_label,
    title_of,
    years_axes,
)
from ._rows import ranked_rows, rows_to_draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["equal_earth", "heat_map", "quadrant", "trend_lines", "world_map", "world_shapes"]

UNSCORED, OUTSIDE = "no score", "not in the selection"


@typed
def quadrant(
    scores: Scores, *, x: str | None = None, y: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw two headline scores against each other, one point a country, with their medians.

    Labels that would overlap are left out; the note says how many are written. A diamond is a country
    with a partial basis or a large estimated share in one of the two scores.

    Parameters
    ----------
    scores
        Scores of a framework with two headlines or more.
    x, y
        Headline scores; the first and the second if None.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn on.

    Raises
    ------
    DataError
        If there is one headline only, or no country has both.

    Examples
    --------
    >>> from dsr_risk import score
    >>> from dsr_risk.plots import quadrant
    >>> quadrant(score()).get_xlabel()
    'Dependency on China (0-100, higher is more risk)'
    """
    names = scores.names
    if x is None and y is None and len(names) < 2:
        raise DataError(
            f"a quadrant needs two headline scores, the framework has {len(names)}; "
            "heat_map shows the groups of one score"
        )
    first, second = scores._named(x), scores._named(y or names[min(1, len(names) - 1)])
    across, other = scores._headline(first), scores._headline(second)
    need_scored(scores, dict.fromkeys([first, second]))
    both = np.flatnonzero(~np.isnan(across.score) & ~np.isnan(other.score))
    ax = axes_of(ax, 7.5, 6.5)
    left, right = across.score[both], other.score[both]
    marked = (marks(scores, first)[both] != "") | (marks(scores, second)[both] != "")
    for chosen, shape in ((~marked, "o"), (marked, "D")):
        ax.plot(
            left[chosen],
            right[chosen],
            shape,
            color="#b9b9b9",
            markeredgecolor=INK,
            markersize=3.6,
            markeredgewidth=0.6,
        )
    ax.axvline(float(np.median(left)), color=GREY, linewidth=0.8, linestyle="--")
    ax.axhline(float(np.median(right)), color=GREY, linewidth=0.8, linestyle="--")
    ax.tick_params(labelsize=TICK)
    ax.set_xlabel(scale_label(scores.framework, first), fontsize=8)
    ax.set_ylabel(scale_label(scores.framework, second), fontsize=8)
    ax.margins(0.08)
    texts = scores.data.names_of(scores.data.iso3[both])
    note = (
        f"{len(both)} {noun(scores.data, many=True)} have both scores. Dashed: medians. Diamonds: partial "
        f"basis or a large estimated share. Labels that would overlap are left out. Source: {scores.data.origin}."
    )
    titles = " and ".join(scores.framework[name].title for name in (first, second))
    finish(ax, f"{titles}\n{framework_title(scores.framework)}", note)
    away = np.hypot(left - np.median(left), right - np.median(right))
    place_labels(ax, left, right, texts, np.argsort(-away))
    return ax


@typed
def heat_map(
    scores: Scores,
    *,
    score: str | None = None,
    top: int | None = 40,
    countries: Iterable[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the pillars of a score, countries by pillars; hatched where a pillar has no value.

    Parameters
    ----------
    scores
        The scores.
    score
        A headline score, the first one if None.
    top
        Only so many countries, most risk first; all of `countries` if those are given.
    countries
        Only these, by name or code.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn on.

    Examples
    --------
    >>> from dsr_risk import score
    >>> from dsr_risk.plots import heat_map
    >>> len(heat_map(score(), top=5).get_yticklabels())
    5
    """
    name = scores._named(score)
    most = None if countries is not None else top
    frame = rows_to_draw(scores, name, ranked_rows(scores, name), countries, most)
    pillars = [
        node.name
        for node in scores.framework.nodes
        if scores.framework.score_of(node.name) == name and scores.framework.depths[node.name] <= 1
    ]
    labels = [f"{row.country} {row.marks}".rstrip() for row in rows_of(frame)]
    ax = rows_axes(ax, labels, width=2.6 + 1.15 * len(pillars))
    rows = [int(np.flatnonzero(scores.data.iso3 == code)[-1]) for code in frame.index]
    values = scores.values[pillars].to_numpy()[rows]
    low, high = scores.framework.scale
    _cells(ax, values, low, high)
    _lines_between(ax, values.shape, pillars.index(name) if name in pillars else None)
    titles = [scores.framework[label].title for label in pillars]
    ax.set_xticks(range(len(pillars)), labels=[_short(label) for label in titles], fontsize=7)
    ax.set_xlim(-0.5, len(pillars) - 0.5)
    ax.grid(visible=False)
    note = f"{direction(scores.framework)}. First column: the score. Hatched: no value. "
    return finish(
        ax,
        f"Pillars of: {title_of(scores.framework, name)}",
        f"{note}Source: {scores.data.origin}.",
    )


def _lines_between(ax: Axes, shape: tuple[int, ...], headline: int | None) -> None:
    """Draw white lines between cells, a wide one behind the column of the score."""
    for row in range(1, shape[0]):
        ax.axhline(row - 0.5, color="white", linewidth=0.5, zorder=2)
    for column in range(1, shape[1]):
        wide = headline is not None and column == headline + 1
        ax.axvline(column - 0.5, color="white", linewidth=6 if wide else 0.5, zorder=2)


def _short(text: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, 16)[:4])


def _cells(ax: Axes, values: Array, low: float, high: float, *, digits: int = 0) -> None:
    """Draw a matrix of numbers as coloured cells, hatched where there is none."""
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    colours = colormaps["YlOrRd"]
    shares = np.clip((values - low) / (high - low), 0, 1) * 0.9 + 0.05
    ax.imshow(np.ma.masked_invalid(shares), cmap=colours, vmin=0, vmax=1, aspect="auto", zorder=1)
    for (row, column), share in np.ndenumerate(shares):
        if np.isnan(share):
            ax.add_patch(
                Rectangle(
                    (column - 0.5, row - 0.5),
                    1,
                    1,
                    facecolor="white",
                    edgecolor="#aaaaaa",
                    hatch="////",
                    linewidth=0,
                )
            )
            continue
        ax.text(
            column,
            row,
            number(float(values[row, column]), digits),
            ha="center",
            va="center",
            fontsize=6.5,
            color=ink_on(colours(share)),
            zorder=3,
        )


# -- the world -----------------------------------------------------------------------------------


@typed
def world_map(scores: Scores, *, score: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw a world map of the bands of one score; small states are dots, "no score" is hatched.

    Countries outside a selection (``Scores.select``) are plain grey.

    Shapes are Natural Earth's (public domain), 1:110 million, borders of disputed areas as drawn there.
    A panel shows its latest year.

    Parameters
    ----------
    scores
        Scores of countries.
    score
        A headline score, the first one if None.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn on.

    Raises
    ------
    DataError
        For scores of units that are no countries.
    UnknownNameError
        For another score.

    References
    ----------
    Šavrič, B., Patterson, T. and Jenny, B. (2018), The Equal Earth map projection, Int. J. Geogr. Inf.
    Sci. 33(3), 454-465.

    Examples
    --------
    >>> from dsr_risk import score
    >>> from dsr_risk.plots import world_map
    >>> world_map(score()).get_aspect()
    1.0
    """
    if scores.data.kind != "country":
        raise DataError(
            f"a world map needs countries; the units of {scores.data.origin} are no countries: draw "
            "`scores.plot()` or `plots.heat_map(scores)`"
        )
    pyplot()
    from matplotlib.collections import PolyCollection

    if scores.data.is_panel:
        scores = scores.select(year=scores.data.years[-1])
    name = scores._named(score)
    bands = dict(zip(scores.data.iso3, scores._headline(name).band, strict=True))
    outside = set(scores._everyone.data.iso3) - set(bands)
    colours, world = band_colours(scores.framework), world_shapes()
    styles = _map_styles(colours, selection=bool(outside))
    ax = axes_of(ax, 9.0, 4.9)
    ax.set_aspect(1.0)
    ax.set_axis_off()
    rings: dict[str, list[Array]] = {label: [] for label in styles}
    for code, parts in world["shapes"].items():
        label = OUTSIDE if code in outside else bands.get(code)
        rings[label if label in styles else UNSCORED] += [equal_earth(part) for part in parts]
    for label, parts in rings.items():
        ax.add_collection(PolyCollection(parts, linewidth=0.3, **styles[label]))
    _draw_dots(ax, world["dots"], bands, colours)
    ax.autoscale_view()
    _map_legend(ax, styles)
    grey = f" Grey: {OUTSIDE}." if outside else ""
    note = (
        f"{direction(scores.framework)}. Hatched: no score.{grey} Dots: small states. Equal Earth projection; "
        "shapes and borders of disputed areas as in Natural Earth 1:110 million (public domain). "
        f"Source of scores: {scores.data.origin}."
    )
    return finish(ax, title_of(scores.framework, name), note)


def _map_styles(colours: Mapping[str, Any], *, selection: bool) -> dict[str, dict[str, Any]]:
    """Return how each band is drawn, then countries without a score and, of a selection, those outside it."""
    styles = {
        label: {"facecolor": colour, "edgecolor": "#555555"} for label, colour in colours.items()
    }
    styles[UNSCORED] = {"facecolor": "white", "hatch": "//////", "edgecolor": "#b5b5b5"}
    if selection:
        styles[OUTSIDE] = {"facecolor": "#f0f0f0", "edgecolor": "#b5b5b5"}
    return styles


def _draw_dots(
    ax: Axes, dots: Mapping[str, Any], bands: Mapping[Any, Any], colours: Mapping[Any, str]
) -> None:
    """Draw small states that have a band as dots."""
    for code, position in dots.items():
        label = bands.get(code)
        if label in colours:
            x, y = equal_earth(np.array([position]) / 10)[0]
            ax.plot(
                x,
                y,
                "o",
                color=colours[label],
                markeredgecolor=INK,
                markersize=4.5,
                markeredgewidth=0.5,
            )


def _map_legend(ax: Axes, styles: Mapping[str, dict[str, Any]]) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(**style, label=label) for label, style in styles.items()]
    ax.legend(handles=handles, loc="lower left", frameon=False, fontsize=7)


@cache
def world_shapes() -> dict[str, Any]:
    """Return the shapes of countries in degrees by ISO3, and dots of small states in tenths."""
    text = (resources.files(__package__) / "world.json").read_text(encoding="utf-8")
    raw = json.loads(text)
    shapes = {
        code: [np.cumsum(np.array(part, float).reshape(-1, 2), axis=0) / 10 for part in parts]
        for code, parts in raw["shapes"].items()
    }
    return {"shapes": shapes, "dots": raw["dots"]}


@typed
def equal_earth(degrees: Array) -> Array:
    """Project longitudes and latitudes in degrees, (n, 2), to the plane.

    References
    ----------
    Šavrič, Patterson and Jenny (2018), Int. J. Geogr. Inf. Sci. 33(3), 454-465, equation 1.

    Examples
    --------
    >>> import numpy as np
    >>> equal_earth(np.array([[180.0, 0.0]])).round(3).tolist()
    [[2.707, 0.0]]
    """
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    longitude, latitude = np.radians(degrees).T
    t = np.arcsin(np.sqrt(3) / 2 * np.sin(latitude))
    slope = 9 * a4 * t**8 + 7 * a3 * t**6 + 3 * a2 * t**2 + a1
    x = 2 * np.sqrt(3) * longitude * np.cos(t) / (3 * slope)
    return np.column_stack([x, a4 * t**9 + a3 * t**7 + a2 * t**3 + a1 * t])


# -- years ---------------------------------------------------------------------------------------


@typed
def trend_lines(
    scores: Scores,
    countries: Iterable[str],
    *,
    score: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a score over the years of a panel, one line a country; a year without score is a gap.

    Parameters
    ----------
    scores
        Scores of a panel.
    countries
        Names or codes, at least one.
    score
        A headline score, the first one if None.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn on.

    Raises
    ------
    DataError
        If the scores are no panel, or no country is named.
    UnknownNameError
        For a country that is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import score
    >>> panel = pd.DataFrame({"iso3": ["KEN", "PAK"] * 2, "year": [2019, 2019, 2020, 2020],
    ...                       "debt": [10, 30, 20, 60]})
    >>> scores = score({"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}]}]}, panel)
    >>> trend_lines(scores, ["Pakistan"]).lines[0].get_ydata().tolist()
    [40.0, 100.0]
    """
    if not scores.data.is_panel:
        raise DataError("trend lines need scores of a panel: data with several years")
    asked = [countries] if isinstance(countries, str) else list(countries)
    if not asked:
        raise DataError("trend lines need at least one country, received none")
    name = scores._named(score)
    table = scores.values[name].unstack()
    codes = [scores.data.unit_of(name) for name in asked]
    lacking = [code for code in codes if code not in table.index]
    if lacking:
        raise UnknownNameError(f"no scores of {', '.join(map(str, lacking))} in this panel")
    ax = years_axes(ax, scale_label(scores.framework, name))
    styles = ("-", "--", "-.", ":")
    shapes = ("o", "s", "^", "D", "v", "P", "X")
    for index, (code, label) in enumerate(zip(codes, scores.data.names_of(codes), strict=True)):
        line = table.loc[code]
        ax.plot(
            line.index.to_numpy(),
            line.to_numpy(float),
            label=label,
            marker=shapes[index % 7],
            linestyle=styles[index % 4],
            markersize=3.5,
            linewidth=1.3,
        )
    legend_beside(ax)
    return finish(
        ax,
        f"By year: {title_of(scores.framework, name)}",
        f"Gaps: no score. Source: {scores.data.origin}.",
    )
