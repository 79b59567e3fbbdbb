"""Axes, colours, titles and labels that all pictures share."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .._util.display import signed, span
from .._util.types import Index
from ..data.countries import country_table
from ..errors import DataError, MissingExtraError
from ..framework.definition import Framework
from ..scoring.scores import Scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "BLUE",
    "GREY",
    "INK",
    "ORANGE",
    "arrows",
    "axes_of",
    "band_colours",
    "country_names",
    "direction",
    "finish",
    "focal_name",
    "framework_title",
    "ink_on",
    "legend_beside",
    "need_scored",
    "number",
    "pale",
    "place_labels",
    "pyplot",
    "rows_axes",
    "rows_of",
    "scale_label",
    "signed",
    "title_of",
    "years_axes",
]

BLUE, ORANGE, GREY, INK = "#0072B2", "#D55E00", "#6f6f6f", "#1a1a1a"
"""Okabe and Ito's blue and vermillion, which colour-blind readers tell apart; neutral grey; text."""
SMALL = 6.5
POINT = 3.2
"""From the middle of a point to the edge of its marker, a diamond of 3.6 points, and some space."""
TICK = 7
LEAST = 2.3
"""Least height in inches: a legend of five bands beside few rows."""
NAMED = 5
"""Countries whose reason an error gives."""
TALL = 60
"""More rows than this have the axis above, too."""
ROW = 0.155
"""Height of one row of a chart in inches: text of 7 points and the space around it."""


def pyplot() -> Any:
    """Return matplotlib.pyplot, or raise the error that names the extra."""
    try:
        from matplotlib import pyplot as plt
    except ImportError:
        raise MissingExtraError.of("matplotlib", extra="plots", purpose="a picture") from None
    return plt


def axes_of(ax: Axes | None, width: float, height: float) -> Axes:
    """Return `ax`, or the Axes of a new figure of that size in inches."""
    plt = pyplot()
    if ax is None:
        return plt.subplots(figsize=(width, height), layout="constrained")[1]  # type: ignore[no-any-return]
    if not hasattr(ax, "get_figure"):
        raise DataError(f"`ax` must be a matplotlib Axes or None, received {type(ax).__name__}")
    return ax


def need_scored(scores: Scores, names: Iterable[str], rows: Index | None = None) -> None:
    """Raise DataError with the reasons of the first rows if no row has all the scores named.

    `rows` are the positions of the rows that are to be drawn; all if None.
    """
    chosen = np.arange(len(scores.data)) if rows is None else rows
    wanted = list(names)
    values = np.column_stack([scores._headline(name).score for name in wanted])
    if (~np.isnan(values[chosen])).all(axis=1).any():
        return
    labels = scores.data.unit_names
    reasons = []
    for row in chosen[:NAMED]:
        why = dict.fromkeys(str(scores.reason[name].iloc[row]) for name in wanted)
        reasons.append(f"{labels[row]}: {', '.join(reason for reason in why if reason)}")
    more = [f"{len(chosen) - NAMED} more"] if len(chosen) > NAMED else []
    raise DataError(
        f"no country with a {' and a '.join(wanted)} score is left to draw "
        f"({'; '.join([*reasons, *more]) or 'no row'})"
    )


def rows_axes(ax: Axes | None, labels: Sequence[str], width: float = 7.0) -> Axes:
    """Return Axes with one labelled row for each text, the first on top."""
    if not labels:
        raise DataError(
            "a picture needs at least one row, received none: nothing selected has a value; select other "
            "countries, or see `scores.reason`"
        )
    longest = max(len(label) for label in labels)
    out = axes_of(ax, width + 0.055 * max(0, longest - 24), max(LEAST, 1.5 + ROW * len(labels)))
    out.set_ylim(len(labels) - 0.5, -0.5)
    out.set_yticks(range(len(labels)), labels=list(labels), fontsize=7)
    out.tick_params(axis="y", length=0)
    out.tick_params(axis="x", labelsize=TICK)
    if len(labels) > TALL:  # nobody sees both ends of such a picture at once
        out.tick_params(axis="x", top=True, labeltop=True)
    out.grid(visible=True, axis="x", color="#dddddd", linewidth=0.6)
    out.set_axisbelow(True)
    out.spines[["top", "right", "left"]].set_visible(False)
    return out


def rows_of(frame: pd.DataFrame) -> list[Any]:
    """Return the rows of a table as named tuples."""
    return list(frame.itertuples())


def finish(ax: Axes, title: str, note: str = "") -> Axes:
    """Set the title and, below everything the axes hold, the note; both wrap to the width of the axes."""
    figure = ax.get_figure(root=True)
    if figure is None:
        return ax
    figure.draw_without_rendering()
    points = 72 / figure.dpi
    frame, drawn = ax.get_window_extent(), ax.get_tightbbox()
    inside = max(150.0, 0.95 * frame.width * points)
    ax.set_title(_wrapped(title, inside, 9.5), loc="left", fontsize=9.5, color=INK)
    if note:
        below = 0.0 if drawn is None else frame.y0 - drawn.y0
        ax.annotate(
            _wrapped(note, inside, SMALL),
            (0, 0),
            xycoords="axes fraction",
            xytext=(0, -(1.03 * below * points + 5)),  # text is not as long at every resolution
            textcoords="offset points",
            va="top",
            fontsize=SMALL,
            color="#444444",
            annotation_clip=False,
        )
    return ax


def _wrapped(text: str, points: float, size: float) -> str:
    wide = max(20, int(points / (0.56 * size)))
    return "\n".join(textwrap.fill(line, wide) for line in text.splitlines())


def band_colours(framework: Framework) -> dict[str, Any]:
    """Return a colour for every risk band, darker for more risk, also in grey print."""
    from matplotlib import colormaps

    bands = sorted(framework.bands, key=lambda label: framework.bands[label])
    colours = colormaps["YlOrRd"](np.linspace(0.12, 0.95, max(1, len(bands))))
    return dict(zip(bands, colours, strict=False))


def ink_on(colour: Any) -> str:
    """Return black or white, whichever reads better on the colour."""
    red, green, blue = tuple(colour)[:3]
    return INK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.45 else "#ffffff"


def pale(colour: str, share: float = 0.55) -> tuple[float, float, float]:
    """Return the colour mixed with white."""
    from matplotlib.colors import to_rgb

    red, green, blue = (1 - share * (1 - part) for part in to_rgb(colour))
    return red, green, blue


def country_names(codes: Iterable[str]) -> list[str]:
    """Return the names of countries, the code where there is none."""
    names = country_table()["name"]
    return [str(names.get(str(code), code)) for code in codes]


def focal_name(framework: Framework) -> str:
    """Return the name of the focal state, empty where there is none."""
    return country_names([framework.focal])[0] if framework.focal else ""


def title_of(framework: Framework, name: str) -> str:
    """Return the title of a headline score, and below it the title of the framework with its focal state."""
    return f"{framework[name].title}\n{framework_title(framework)}"


def framework_title(framework: Framework) -> str:
    """Return the title of a framework with its focal state."""
    focal, title = focal_name(framework), framework.title or framework.name
    return f"{title} (focal state: {focal})" if focal and focal not in title else title


def scale_label(framework: Framework, name: str) -> str:
    """Return the label of an axis of a headline score: its title and how to read it."""
    return f"{framework[name].title} ({direction(framework)})"


def number(value: float, digits: int) -> str:
    """Return a number as text, zero without a minus.

    Examples
    --------
    >>> number(-0.001, 2), number(-0.5, 1)
    ('0.00', '-0.5')
    """
    text = f"{value:.{digits}f}"
    return text if float(text) else text.lstrip("-")


def arrows(ax: Axes, before: Iterable[float], after: Iterable[float]) -> None:
    """Draw a row of arrows from circles: solid orange to larger, dashed blue to smaller values."""
    for height, (start, end) in enumerate(zip(before, after, strict=True)):
        if start != end:
            style = (
                {"color": ORANGE, "linestyle": "-"}
                if end > start
                else {"color": BLUE, "linestyle": "--"}
            )
            ax.annotate(
                "",
                (end, height),
                (start, height),
                arrowprops={
                    "arrowstyle": "-|>",
                    "shrinkA": 0,
                    "shrinkB": 0,
                    "linewidth": 1.3,
                    **style,
                },
            )
        ax.plot(start, height, "o", color="white", markeredgecolor=INK, markersize=3.5)


def years_axes(ax: Axes | None, label: str) -> Axes:
    """Return Axes for lines over years: whole years, the legend beside the lines."""
    out = axes_of(ax, 7.0, 4.2)
    from matplotlib.ticker import MaxNLocator

    out.xaxis.set_major_locator(MaxNLocator(integer=True))
    out.tick_params(labelsize=TICK)
    out.set_xlabel("year", fontsize=8)
    out.set_ylabel(label, fontsize=8)
    out.spines[["top", "right"]].set_visible(False)
    return out


def legend_beside(ax: Axes, **options: Any) -> None:
    """Write the legend to the right of the axes."""
    ax.legend(
        loc="upper left",
        bbox_to_anchor=(1.02, 1.0),
        frameon=False,
        fontsize=7,
        borderaxespad=0.0,
        **options,
    )


def direction(framework: Framework) -> str:
    """Return how to read a score, in words."""
    return f"{span(*framework.scale)}, higher is more risk"


def place_labels(ax: Axes, x: Any, y: Any, texts: Sequence[str], order: Iterable[int]) -> int:
    """Write the labels that fit beside their points without overlap; return how many there are.

    Labels are tried in `order`, at eight places around their point. A label that would cover another
    label, a point or the edge of the axes is left out.
    """
    figure = ax.get_figure(root=True)
    if figure is None:
        return 0
    figure.draw_without_rendering()
    points = ax.transData.transform(np.column_stack([x, y]))
    frame = ax.get_window_extent()
    scale = figure.dpi / 72
    taken = np.empty((0, 4))
    dots = np.column_stack([points - POINT * scale, points + POINT * scale])
    measured = ax.text(0, 0, "", fontsize=SMALL)
    count = 0
    for index in order:
        measured.set_text(texts[index])
        extent = measured.get_window_extent()
        size = np.array([extent.width, extent.height]) + 1.5 * scale
        for dx, dy in _SIDES:
            middle = points[index] + np.array([dx, dy]) * (size / 2 + (POINT + 0.3) * scale)
            box = np.concatenate([middle - size / 2, middle + size / 2])
            outside = box[0] < frame.x0 or box[1] < frame.y0 or box[2] > frame.x1
            if outside or box[3] > frame.y1 or _meets(box, taken) or _meets(box, dots):
                continue
            offset = (middle - points[index]) / scale
            ax.annotate(
                texts[index],
                (x[index], y[index]),
                xytext=tuple(offset),
                textcoords="offset points",
                ha="center",
                va="center",
                fontsize=SMALL,
                color=INK,
            ).set_in_layout(False)
            taken = np.vstack([taken, box])
            count += 1
            break
    measured.remove()
    return count


_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 0.8), (-1, 0.8), (1, -0.8), (-1, -0.8))


def _meets(box: Any, others: Any) -> bool:
    apart = (
        (others[:, 0] >= box[2])
        | (others[:, 2] <= box[0])
        | (others[:, 1] >= box[3])
        | (others[:, 3] <= box[1])
    )
    return bool((~apart).any())
