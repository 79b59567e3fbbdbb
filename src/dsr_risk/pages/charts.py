"""The charts of a report page as Vega-Lite: what is drawn; the script of the page fills in the rows."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from .._util.types import Array
from ..analysis.uncertainty.result import Uncertainty
from ..data.nouns import called
from ..errors import DataError, MissingExtraError
from ..output.colours import band_colours
from ..plots.countries import OUTSIDE, UNSCORED, world_shapes
from ..scoring.scores import Scores
from .countries import STATES

__all__ = ["areas", "bundle", "charts", "effect_chart", "highest", "interval_chart"]

INK, SOLID, PALE = "#1a1a1a", "#b3450a", "#f3cfb8"
HATCHED = "url(#hatched)"
OUTSIDE_GREY = "#f0f0f0"
"""A pattern that the page defines, of no score and of bounded cells: Vega has no patterns of its own."""
SHOWN = 30
"""Countries in the chart of intervals."""
NARROW = "containerSize()[0] < 600"
CONFIG = {
    "mark": {"aria": False},  # the box of a chart has the text alternative
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "aria": False,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": {"expr": f"{NARROW} ? 170 : 400"},
    },
    "axisX": {"tickCount": 6},
    "legend": {
        "aria": False,
        "orient": "top",
        "labelFontSize": 12,
        "title": None,
        "labelLimit": 0,
        "columns": {"expr": f"{NARROW} ? 1 : 3"},
    },
}
ROWS = {"width": "container"}
GROUPS = ("region", "income class", "all")
"""Peers whose medians the chart of pillars marks."""


def altair() -> Any:
    """Return altair; raise if the extra is not there."""
    try:
        import altair as alt
    except ImportError:
        raise MissingExtraError.of("altair", extra="report", purpose="a report page") from None
    return alt


@cache
def bundle() -> str:
    """Return Altair's offline bundle of Vega, Vega-Lite and vega-embed as one script, without network.

    It puts ``vegaEmbed`` on the window; other names stay inside it.
    """
    try:
        import vl_convert
    except ImportError:
        raise MissingExtraError.of("vl_convert", extra="report", purpose="a report page") from None
    _check_address_space()
    version = altair().SCHEMA_VERSION.removeprefix("v").rpartition(".")[0]
    versions = vl_convert.get_vegalite_versions()
    script: str = vl_convert.javascript_bundle(
        vl_version=version if version in versions else versions[-1]
    )
    return '(() => {"use strict";' + script.replace("</script", "<\\/script") + "})();"


ADDRESSES = 64 * 2**30
"""Bytes of addresses, not of memory, that the engine of vl_convert reserves; without them it ends the process."""


def _check_address_space() -> None:
    """Raise DataError where a limit of the shell (`ulimit -v`) leaves too few addresses."""
    try:
        import resource
    except ImportError:  # there are no such limits on Windows
        return
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY and limit < ADDRESSES:
        raise DataError(
            f"a report page needs {ADDRESSES // 2**30} GB of addresses (not of memory), and the shell allows "
            f"{limit / 2**30:.3g}; lift the limit, as in `ulimit -v unlimited`"
        )


def charts(scores: Scores) -> dict[str, Any]:
    """Return the specifications of the charts that follow a move, without rows."""
    return {"map": _map(scores), "quadrant": _quadrant(scores), **_country(scores)}


def _finished(chart: Any) -> dict[str, Any]:
    out: dict[str, Any] = chart.configure(**CONFIG).to_dict()
    return out


def _banded(scores: Scores) -> Any:
    """Return the colour of a band, hatched without a score."""
    alt, colours = altair(), band_colours(scores.framework)
    scale = alt.Scale(
        domain=[*colours, UNSCORED, OUTSIDE], range=[*colours.values(), HATCHED, OUTSIDE_GREY]
    )
    return alt.Fill("band:N", scale=scale, legend=None)


def _map(scores: Scores) -> dict[str, Any]:
    """Return a map of bands: areas, and dots of small states, in the Equal Earth projection."""
    alt = altair()
    line = {"stroke": "#555", "strokeWidth": 0.4}
    land = alt.Chart(alt.NamedData("areas")).mark_geoshape(**line)
    dots = alt.Chart(alt.NamedData("dots")).mark_circle(size=38, opacity=1, **line)
    dots = dots.encode(longitude="longitude:Q", latitude="latitude:Q")
    fitted = alt.ExprRef("min(width / 5.45, height / 2.4)")
    middle = alt.ExprRef("[width / 2, 0.56 * height]")
    layers = alt.layer(
        land.encode(fill=_banded(scores), tooltip="says:N"),
        dots.encode(fill=_banded(scores), tooltip="says:N"),
    )
    drawn = layers.project(type="equalEarth", scale=fitted, translate=middle)
    return _finished(drawn.properties(width="container", height=320))


def _quadrant(scores: Scores) -> dict[str, Any] | None:
    """Return the first two headlines against each other; None for a framework of one."""
    if len(scores.names) < 2:
        return None
    alt = altair()
    first, second = (scores.framework[name].title for name in scores.names[:2])
    rows = alt.Chart(alt.NamedData("countries"))
    scale = alt.Scale(domain=list(scores.framework.scale), nice=False)
    x, y = (
        kind(field, title=title, scale=scale)
        for kind, field, title in ((alt.X, "x:Q", first), (alt.Y, "y:Q", second))
    )
    middle = {"strokeDash": [5, 4], "stroke": INK}
    chosen = alt.condition("datum.chosen", alt.value(3), alt.value(0.8))
    dots = rows.mark_circle(size=55, opacity=1, stroke="#333", cursor="pointer")
    names = rows.mark_text(fontSize=11, fill=INK).transform_filter("datum.named")
    layers = alt.layer(
        rows.mark_rule(**middle).encode(x=alt.X("median(x):Q", title=first, scale=scale)),
        rows.mark_rule(**middle).encode(y=alt.Y("median(y):Q", title=second, scale=scale)),
        dots.encode(x=x, y=y, fill=_banded(scores), strokeWidth=chosen, tooltip="says:N").properties(name="dots"),
        names.encode(x=x, y=y, text="country:N").properties(name="labels"),
    )  # fmt: skip
    return _finished(layers.properties(width="container", height=380))


def _country(scores: Scores) -> dict[str, Any]:
    """Return the charts of one country and one headline: pillars against peers, and drivers."""
    alt = altair()
    parts = alt.Chart(alt.NamedData("parts"))
    low, high = scores.framework.scale
    # A row is a number, so that two parts of one title are two rows; `titles` are filled in.
    row = alt.Y("row:O", title=None, axis=alt.Axis(labelExpr="titles[datum.value]", ticks=False))
    value = alt.X("value:Q", title="Value", scale=alt.Scale(domain=[low, high], nice=False))
    shapes = alt.Scale(domain=list(GROUPS), range=["triangle-up", "square", "diamond"])
    folded = parts.transform_fold(list(GROUPS), as_=["peers", "median"])
    medians = folded.mark_point(filled=False, size=60, stroke=INK, strokeWidth=1.4).encode(
        y=row,
        x=alt.X("median:Q", title="Value"),
        shape=alt.Shape("peers:N", scale=shapes, legend=alt.Legend(labelExpr="'median of ' + datum.label")),
    )  # fmt: skip
    interval = (
        parts.mark_rule(strokeWidth=2, stroke=INK)
        .transform_filter("isValid(datum.low)")
        .encode(y=row, x="low:Q", x2="high:Q")
    )
    pillars = parts.mark_bar(size=12, fill=PALE, stroke=INK, strokeWidth=0.8).encode(y=row, x=value)
    fills = [SOLID, PALE, "#fff", "#fff", HATCHED]
    states = alt.Scale(domain=list(STATES), range=fills)
    drivers = parts.mark_bar(size=12, stroke=INK, strokeWidth=0.8).encode(
        y=row,
        x=alt.X("points:Q", title="Points of the score"),
        fill=alt.Fill("state:N", scale=states, legend=alt.Legend(values=[STATES[0], STATES[1], STATES[4]])),
    )  # fmt: skip
    absent = parts.mark_text(align="left", dx=4, fontSize=11, fill=INK).transform_filter(
        "!isValid(datum.points)"
    )
    unknown = absent.encode(y=row, x=alt.datum(0), text="state:N")
    titled = alt.param("titles", value=[])
    return {
        name: _finished(alt.layer(*layers).add_params(titled).properties(**ROWS))
        for name, layers in (
            ("pillars", (pillars, interval, medians)),
            ("drivers", (drivers, unknown)),
        )
    }


def highest(drawn: Uncertainty, name: str) -> pd.DataFrame:
    """Return the rows of the highest scores of a headline."""
    return drawn.table(name).dropna(subset=[name]).nlargest(SHOWN, name)


def interval_chart(scores: Scores, name: str, frame: pd.DataFrame) -> dict[str, Any]:
    """Return scores of a headline with their intervals of draws, as published."""
    alt, title = altair(), scores.framework[name].title
    ends = (called(frame), frame[name], frame[f"{name}_low"], frame[f"{name}_high"])
    rows = [
        {"country": str(label), "score": float(score), "low": float(low), "high": float(high)}
        for label, score, low, high in zip(*ends, strict=True)
    ]
    scale = alt.Scale(domain=list(scores.framework.scale), nice=False)
    base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("country:N", title=None, sort=None))
    lines = base.mark_rule(strokeWidth=2, stroke=INK).encode(
        x=alt.X("low:Q", title=title, scale=scale), x2="high:Q"
    )
    dots = base.mark_circle(size=60, opacity=1, fill=SOLID, stroke=INK).encode(x="score:Q")
    return _finished(alt.layer(lines, dots).properties(height=20 * len(rows), **ROWS))


def effect_chart(title: str, frame: pd.DataFrame) -> dict[str, Any]:
    """Return first-order and total effects of the factors on a headline, with their intervals."""
    alt = altair()
    rows = [
        {
            "factor": str(factor),
            "effect": label,
            **{end or "share": float(row[kind + end]) for end in ("", "_low", "_high")},
        }
        for factor, row in frame.iterrows()
        for kind, label in (("first", "first order"), ("total", "total"))
    ]
    share = f"Share of the variance of {title}"
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("factor:N", title=None, sort=None), yOffset=alt.YOffset("effect:N", sort=None)
    )
    scale = alt.Scale(domain=["first order", "total"], range=[PALE, SOLID])
    bars = base.mark_bar(stroke=INK, strokeWidth=0.8).encode(
        x=alt.X("share:Q", title=share), fill=alt.Fill("effect:N", scale=scale)
    )
    lines = base.mark_rule(stroke=INK).encode(x=alt.X("_low:Q", title=share), x2="_high:Q")
    return _finished(alt.layer(bars, lines).properties(height=14 * len(rows), **ROWS))


def areas(scores: Scores) -> dict[str, Any]:
    """Return the shapes of the map and the dots of small states, each with the row of its country.

    The row is -1 where there is none, and -2 for a country that a selection left out.
    """
    world = world_shapes()
    row_of = {str(code): -2 for code in scores._everyone.data.iso3}
    row_of |= {str(code): number for number, code in enumerate(scores.data.iso3)}
    shapes = [
        {
            "type": "Feature",
            "geometry": {"type": "MultiPolygon", "coordinates": [[_ring(part)] for part in parts]},
            "place": row_of.get(code, -1),
        }
        for code, parts in world["shapes"].items()
    ]
    dots = [
        {"longitude": position[0] / 10, "latitude": position[1] / 10, "place": row_of[code]}
        for code, position in world["dots"].items()
        if row_of.get(code, -1) >= 0
    ]
    return {"areas": shapes, "dots": dots}


def _ring(points: Array) -> list[list[float]]:
    """Return a closed ring that runs clockwise: on a sphere the other way means all but the area."""
    x, y = points.T
    if np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) > 0:
        points = points[::-1]
    ring: list[list[float]] = np.vstack([points, points[:1]]).round(1).tolist()
    return ring
