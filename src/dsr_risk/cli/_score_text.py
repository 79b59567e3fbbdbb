"""The table of scores as text for a terminal: country, scores, ranks and bands, then other columns in blocks."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from .._util.display import MISSING, counted, decimals_of_scale, number, render, table_of
from ..data.nouns import called, noun
from ..output.headings import heading
from ..output.manifest import how_to_read
from ..output.publish import sources_of
from ..output.wording import words_for
from ..scoring.headline import IS_FOCAL
from ..scoring.marks import ESTIMATED_MARK, PARTIAL_MARK, all_marks
from ..scoring.scores import Level, Scores

if TYPE_CHECKING:
    from ..analysis.uncertainty.result import Uncertainty

__all__ = ["for_people"]

NARROWEST, COUNTRY, DETAIL = 12, 24, 20
LISTED = 5
KINDS = {
    "coverage": "with too little observed",
    "focal": IS_FOCAL,
    "not": "to which nothing applies",
    "not applicable: microstate": "with fewer than 100,000 people",
    "undefined:": "whose aggregation has no value there",
}


class Depth(Protocol):
    """The depth of the table that is shown."""

    @property
    def level(self) -> Level: ...
    @property
    def details(self) -> bool: ...


def for_people(
    scores: Scores, table: pd.DataFrame, depth: Depth, width: int, intervals: Uncertainty | None
) -> str:
    """Return the table, its notes, and the further columns, in lines of a width."""
    scored = table[table[list(scores.names)].notna().any(axis=1)]
    signs = pd.Series(all_marks(scores), index=scores.data.units).reindex(scored.index)
    columns, decimals = _keys(scored, signs), decimals_of_scale(*scores.framework.scale)
    for index, name in enumerate(scores.names):
        columns[name] = [
            MISSING if pd.isna(value) else f"{value:.{decimals}f}" for value in scored[name]
        ]
        # Columns need names of their own: equal headers differ by trailing spaces.
        columns["#" + " " * index] = [
            MISSING if pd.isna(rank) else str(rank) for rank in scored[f"{name}_rank"]
        ]
        if intervals is not None:
            columns[name] = _with_range(columns[name], scored, name, decimals - 1)
            columns["#" + " " * index] = _with_range(
                columns["#" + " " * index], scored, f"{name}_rank"
            )
        elif depth.level == "score":
            bands = scored[f"{name}_band"]
            columns["band" + " " * index] = [
                MISSING if pd.isna(band) else str(band) for band in bands
            ]
    columns["grade"] = [str(grade) for grade in scored["grade"]]
    title = textwrap.fill(scores.framework.title or scores.framework.name, width)
    lines = [*_footer(scores, table, "".join(signs)), f"Sources: {'; '.join(sources_of(scores))}."]
    footer = [textwrap.fill(line, width) for line in lines]
    if intervals is not None:
        footer.insert(
            1,
            textwrap.fill(
                f"(from-to): 9 in 10 of {intervals.draws:,} draws of "
                f"{counted(len(intervals.factors), 'factor')}; Monte-Carlo error up to "
                f"{intervals.worst_error:.2g} points.",
                width,
            ),
        )
    below = _node_columns(scores, scored, depth.level)
    if depth.details:
        below |= _detail_columns(scores, scored, list(table.columns))
    blocks = [_fitted(columns, width), *_blocks(_keys(scored, signs), below, width)]
    return "\n\n".join([title, *blocks, "\n".join(footer)])


def _with_range(texts: list[str], scored: pd.DataFrame, name: str, decimals: int = 0) -> list[str]:
    ends = zip(texts, scored[f"{name}_low"], scored[f"{name}_high"], strict=True)
    return [
        text if pd.isna(low) else f"{text} ({low:.{decimals}f}-{high:.{decimals}f})"
        for text, low, high in ends
    ]


def _keys(scored: pd.DataFrame, signs: pd.Series[str]) -> dict[str, list[str]]:
    names = zip(called(scored), signs, strict=True)
    label = "country" if "country" in scored else str(scored.index.names[0])
    columns = {label: [f"{name} {mark}".rstrip() for name, mark in names]}
    if isinstance(scored.index, pd.MultiIndex):
        columns["year"] = [str(year) for year in scored.index.get_level_values(1)]
    return columns


def _node_columns(scores: Scores, scored: pd.DataFrame, level: Level) -> dict[str, list[str]]:
    """Return the values of nodes below the headlines as text, by name and title."""
    return {
        f"{name}: {scores.framework[name].title}": [number(value) for value in scored[name]]
        for name in scores._nodes(level)
    }


def _detail_columns(scores: Scores, scored: pd.DataFrame, names: list[str]) -> dict[str, list[str]]:
    """Return the details as text; sources and the reasons of unscored countries are in other formats."""
    shown = names[names.index("coverage") :]
    shown = [name for name in shown if not name.endswith("_reason")]
    texts = table_of(scored[[name for name in shown if name not in ("sources", "focal")]])
    cut = texts.drop(columns=list(scored.index.names), errors="ignore")
    titles, words = {name: scores.framework[name].title for name in scores.names}, words_for(scores)
    return {
        f"{name}: {heading(str(name), titles, words)}": [
            textwrap.shorten(text, DETAIL, placeholder="…") for text in cut[name]
        ]
        for name in cut
    }


def _blocks(keys: dict[str, list[str]], columns: dict[str, list[str]], width: int) -> list[str]:
    """Return columns under numbers, as many at a time as the terminal holds, each block with its legend."""
    blocks: list[dict[str, list[str]]] = []
    used = width
    for position, (label, texts) in enumerate(columns.items(), start=1):
        size = 2 + max(6, *map(len, texts), 0)
        if used + size > width:
            blocks.append({})
            used = COUNTRY
        blocks[-1][f"({position}) {label}"] = texts
        used += size
    out = []
    for block in blocks:
        legend = [textwrap.shorten(label, width) for label in block]
        numbered = {label.partition(" ")[0]: texts for label, texts in block.items()}
        out.append("\n".join([*legend, _fitted({**keys, **numbered}, width)]))
    return out


def _fitted(columns: dict[str, list[str]], width: int) -> str:
    """Return the table with country names cut so that a row takes one line of the terminal."""
    text = render(pd.DataFrame(columns), "plain")
    excess = max(len(line) for line in text.splitlines()) - width
    if excess <= 0:
        return text
    subject = next(iter(columns))
    longest = max((len(name) for name in columns[subject]), default=0)
    for least in ("band", "grade"):
        if longest - excess < NARROWEST and any(key.startswith(least) for key in columns):
            return _fitted(
                {key: texts for key, texts in columns.items() if not key.startswith(least)}, width
            )
    room = max(NARROWEST, longest - excess)
    cut = [_cut(name, room) for name in columns[subject]]
    return render(pd.DataFrame({**columns, subject: cut}), "plain")


def _cut(name: str, room: int) -> str:
    """Return a country name cut to a width, with its marks."""
    bare = name.rstrip(f" {PARTIAL_MARK}{ESTIMATED_MARK}")
    signs = name[len(bare) :]
    return name if len(name) <= room else f"{bare[: room - 1 - len(signs)]}…{signs}"


def _footer(scores: Scores, table: pd.DataFrame, signs: str) -> list[str]:
    lines = how_to_read(scores, words_for(scores), signs)
    for name in scores.names:
        reasons = scores.reason[name].reindex(table.index)
        reasons = reasons[np.asarray(reasons != "")]
        if 0 < len(reasons) <= LISTED:
            lines += [
                f"No {name} score for {country}: {reason}."
                for country, reason in zip(called(table.loc[reasons.index]), reasons, strict=True)
            ]
        elif len(reasons):
            kinds = reasons.map(_kind).value_counts()
            counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
            lines.append(
                f"No {name} score for {len(reasons)} of {len(table)}: {counted}. "
                "`dsr-risk publish` and `--format csv` list every "
                + noun(scores.data)
                + " with its reason."
            )
    return lines


def _kind(reason: str) -> str:
    """Return the words for a kind of reason; those of a code come before those of its first word."""
    return KINDS.get(reason, KINDS.get(reason.split(" ", maxsplit=1)[0], reason))
