"""Pictures of the parts of a score: waterfall, stacked contributions, framework tree, supplier shares."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .._util.arguments import typed
from .._util.display import number
from .._util.renamed import renamed
from ..errors import DataError, UnknownNameError, did_you_mean
from ..framework.definition import Framework
from ..framework.files import load_framework
from ..framework.nodes import Group
from ..scoring.scores import Scores
from ._canvas import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    axes_of,
    country_names,
    finish,
    ink_on,
    legend_beside,
    pyplot,
    rows_axes,
    rows_of,
    scale_label,
    signed,
    title_of,
)
from ._rows import ranked_rows, rows_to_draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..analysis.explanation import Explanation
    from ..analysis.what_if.pathway import Pathway

__all__ = ["contributions", "framework_tree", "supplier_shares", "waterfall"]

NOT_OBSERVED = ("estimated", "missing", "censored", "not applicable")
FILLS = (
    ("#0072B2", ""),
    ("#E69F00", "///"),
    ("#009E73", ""),
    ("#CC79A7", "\\\\\\"),
    ("#56B4E9", ""),
    ("#D55E00", "xx"),
    ("#F0E442", ""),
    ("#7f7f7f", ".."),
)
"""Okabe and Ito's colours; hatches tell neighbours apart in grey print."""


@renamed(count="top")
@typed
def waterfall(
    explanation: Explanation | Pathway,
    *,
    score: str | None = None,
    top: int = 12,
    ax: Axes | None = None,
) -> Axes:
    """Draw how the contributions lead from the baseline to the score, largest first.

    Parameters
    ----------
    explanation
        A result of ``explain``, or of ``pathway``: its changes lead from the score today to the one reached.
    score
        A headline score, the first explained one if None.
    top
        So many contributions; the others are one bar.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        Bars of cells that are not observed are hatched, their state in words.

    Raises
    ------
    UnknownNameError
        For a score that is not explained.

    Examples
    --------
    >>> from dsr_risk import explain, score
    >>> from dsr_risk.plots import waterfall
    >>> ax = waterfall(explain(score(), "PAK", against="KEN"), score="security")
    >>> ax.get_title(loc="left")
    'Pakistan (PAK) against Kenya (KEN): security'
    """
    steps: Any = explanation
    if not hasattr(steps, "gaps"):
        steps = steps._steps()
    if score is not None and score not in steps.gaps:
        raise UnknownNameError(f"unknown score `{score}`; {did_you_mean(score, steps.gaps)}")
    name = next(iter(steps.gaps)) if score is None else score
    final, base, _ = steps.gaps[name]
    terms = steps.table(name, level="indicator")
    terms = terms[terms["points"].notna()]
    order = terms["points"].abs().sort_values(ascending=False, kind="stable").index
    shown, rest = terms.loc[order[:top]], terms.loc[order[top:]]
    bars = [
        (_with_status(row), float(row.points), str(row.status) in NOT_OBSERVED)
        for row in rows_of(shown)
    ]
    if len(rest):
        bars.append(
            (f"{len(rest)} other{'s' * (len(rest) != 1)}", float(rest["points"].sum()), False)
        )
    labels = [steps.against, *(label for label, *_ in bars), steps.country]
    ax = rows_axes(ax, labels, width=7.5)
    ends = _bars(ax, bars, base, final)
    low, high = min(ends), max(ends)
    margin = max(1.0, 0.14 * (high - low))
    ax.set_xlim(low - margin, high + margin)
    ax.set_xlabel(f"{name} score (points, higher is more risk)", fontsize=8)
    note = (
        "Solid: raises the score; hatched blue: lowers it. Dotted edge: the cell is not observed."
    )
    return finish(ax, f"{steps.country} against {steps.against}: {name}", note)


def _with_status(row: Any) -> str:
    status = str(row.status)
    return f"{row.label} ({status})" if status in NOT_OBSERVED else str(row.label)


def _bars(ax: Axes, bars: list[tuple[str, float, bool]], base: float, final: float) -> list[float]:
    """Draw the steps between the two ends; return every value reached."""
    level, reached = base, [base]
    ax.plot(base, 0, "D", color=INK, markersize=4)
    ax.text(base, 0, f"   {number(base)}", va="center", fontsize=7)
    for height, (_, points, unseen) in enumerate(bars, start=1):
        ax.barh(
            height,
            points,
            left=level,
            height=0.7,
            color=ORANGE if points >= 0 else BLUE,
            hatch="" if points >= 0 else "////",
            edgecolor=INK if unseen else "white",
            linestyle=":" if unseen else "-",
            linewidth=1.0 if unseen else 0.3,
        )
        level += points
        reached.append(level)
        right = points >= 0
        ax.text(
            level,
            height,
            f" {signed(points)} ",
            va="center",
            ha="left" if right else "right",
            fontsize=7,
        )
        ax.plot([level, level], [height - 0.4, height + 1.4], color=GREY, linewidth=0.5)
    ax.plot(final, len(bars) + 1, "D", color=INK, markersize=4)
    ax.text(final, len(bars) + 1, f"   {number(final)}", va="center", fontsize=7)
    return [*reached, final]


@typed
def contributions(
    scores: Scores,
    *,
    score: str | None = None,
    top: int | None = 30,
    countries: Iterable[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the points of every pillar, stacked to the score, most risk first.

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
    >>> from dsr_risk.plots import contributions
    >>> len(contributions(score(), top=6).get_yticklabels())
    6
    """
    name = scores._named(score)
    most = None if countries is not None else top
    frame = rows_to_draw(scores, name, ranked_rows(scores, name), countries, most)
    frame = frame[~frame["none"]]
    ax = rows_axes(ax, [f"{row.country} {row.marks}".rstrip() for row in rows_of(frame)])
    rows = [int(np.flatnonzero(scores.data.iso3 == code)[-1]) for code in frame.index]
    table = scores.contributions(name, level="pillar").iloc[rows].fillna(0.0)
    left = np.full(len(table), scores.framework.scale[0])
    for index, pillar in enumerate(table.columns):
        colour, hatch = FILLS[index % len(FILLS)]
        ax.barh(
            np.arange(len(table)),
            table[pillar].to_numpy(),
            left=left,
            height=0.75,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.3,
            label=scores.framework[pillar].title,
        )
        left = left + table[pillar].to_numpy()
    ax.set_xlim(scores.framework.scale[0], min(scores.framework.scale[1], float(left.max()) * 1.06))
    ax.set_xlabel(scale_label(scores.framework, name), fontsize=8)
    note = f"Contributions of pillars, adding up to the score. Source: {scores.data.origin}."
    legend_beside(ax)
    return finish(ax, f"Points of pillars: {title_of(scores.framework, name)}", note)


@typed
def framework_tree(framework: Framework | str | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw the tree of a framework as an icicle: headline scores left, height by effective weight.

    Parameters
    ----------
    framework
        A Framework, a bundled name or a path; ``dsr`` if None.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        What was drawn on.

    Examples
    --------
    >>> from dsr_risk.plots import framework_tree
    >>> framework_tree("dsr").get_title(loc="left") != ""
    True
    """
    pyplot()
    from matplotlib.patches import Rectangle

    named = "dsr" if framework is None else framework
    tree = named if isinstance(named, Framework) else load_framework(named)
    depth = 1 + max(tree.depths.values())
    ax = axes_of(ax, 2.6 * depth, max(4.0, 0.48 * len(tree.indicators) + 0.8))
    ax.set_axis_off()
    sizes = _sizes(tree)

    def draw(node: Any, top: float, colour: str) -> None:
        level = tree.depths[node.name]
        face = _mixed(colour, min(0.85, 0.15 + 0.22 * level))
        wide = 1 if isinstance(node, Group) else depth - level
        box = Rectangle((level, top), wide, sizes[node.name], facecolor=face, edgecolor="white")
        ax.add_patch(box)
        weight = "" if level == 0 else f" {100 * tree.effective_weights[node.name]:.3g} %"
        text = _fitted(node.title, weight, 32 * wide, max(2, int(3.2 * sizes[node.name])))
        middle = (level + 0.04, top + sizes[node.name] / 2)
        ax.text(*middle, text, va="center", fontsize=8.5, color=ink_on(face))
        for child in getattr(node, "children", ()):
            draw(child, top, colour)
            top += sizes[child.name]

    top = 0.0
    for index, headline in enumerate(tree.scores):
        draw(headline, top, FILLS[(0, 5, 2, 3)[index % 4]][0])
        top += sizes[headline.name]
    ax.set_xlim(0, depth)
    ax.set_ylim(top, 0)
    note = "Percentages: effective weight within the score. Heights follow weights, with a least height."
    return finish(ax, f"{tree.title or tree.name} ({tree.version})", note)


def _fitted(title: str, weight: str, width: int, most: int) -> str:
    """Return a title and its weight in at most so many lines; the title is cut, the weight never."""
    lines = textwrap.wrap(title + weight, width)
    if len(lines) > most:
        lines = textwrap.wrap(title, width)[:most]
        lines[-1] = (
            textwrap.shorten(lines[-1], width - len(weight) - 2, placeholder="") + "…" + weight
        )
    return "\n".join(lines)


def _sizes(tree: Framework) -> dict[str, float]:
    """Return the height of every node: half by weight, half equal over the indicators of its score."""
    sizes: dict[str, float] = {}
    for node in reversed(tree.nodes):
        if isinstance(node, Group):
            sizes[node.name] = sum(sizes[child.name] for child in node.children)
            continue
        headline = tree.score_of(node.name)
        siblings = sum(tree.score_of(indicator.name) == headline for indicator in tree.indicators)
        sizes[node.name] = 0.4 * siblings * tree.effective_weights[node.name] + 0.6
    return sizes


def _mixed(colour: str, share: float) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    red, green, blue = (part + share * (1 - part) for part in to_rgb(colour))
    return red, green, blue


@typed
def supplier_shares(
    table: pd.DataFrame,
    *,
    unit: str = "country",
    supplier: str = "supplier",
    share: str = "share",
    top: int = 30,
    ax: Axes | None = None,
) -> Axes:
    """Draw the shares of suppliers in every country, stacked; the seven largest suppliers by name.

    Parameters
    ----------
    table
        Long: one row a country and supplier, shares 0-1.
    unit, supplier, share
        Names of its columns.
    top
        So many countries, the largest first share first.
    ax
        Axes to draw in; new ones if None.

    Returns
    -------
    matplotlib.axes.Axes
        What a country's shares lack to 1 stays white: unknown.

    Raises
    ------
    DataError
        For a table without one of the columns, or without rows.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"country": ["KEN", "KEN"], "supplier": ["A", "B"], "share": [0.7, 0.2]})
    >>> supplier_shares(table).get_yticklabels()[0].get_text()
    'Kenya'
    """
    lacking = [name for name in (unit, supplier, share) if name not in table]
    if lacking:
        raise DataError(f"the table has no column {', '.join(lacking)}")
    wide = table.pivot_table(index=unit, columns=supplier, values=share, aggfunc="sum").fillna(0.0)
    if not len(wide):
        raise DataError("the table of suppliers has no rows")
    order = wide.sum().sort_values(ascending=False, kind="stable").index
    wide = wide[order].sort_values(order[0], ascending=False, kind="stable").head(top)
    if wide.shape[1] > len(FILLS):
        others = wide.iloc[:, len(FILLS) - 1 :].sum(axis=1)
        wide = wide.iloc[:, : len(FILLS) - 1].assign(**{"all others": others})
    ax = rows_axes(ax, country_names([str(code) for code in wide.index]))
    left = np.zeros(len(wide))
    for index, name in enumerate(wide.columns):
        colour, hatch = FILLS[index % len(FILLS)]
        ax.barh(
            np.arange(len(wide)),
            wide[name],
            left=left,
            height=0.75,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.3,
            label=str(name),
        )
        left = left + wide[name].to_numpy()
    ax.set_xlim(0, 1)
    ax.set_xlabel("share of supply (0-1)", fontsize=8)
    legend_beside(ax)
    return finish(ax, "Suppliers by country", "White: supplier unknown.")
