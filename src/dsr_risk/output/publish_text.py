"""A table to publish as text: plain and Markdown here, HTML and LaTeX by Great Tables; every cell escaped."""

from __future__ import annotations

import html
import itertools
import re
import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .blocks import blocks_of
from .publish_great import latex, page

if TYPE_CHECKING:
    from .publication import Publication

__all__ = ["TEXTS"]


WIDEST = 40
"""Letters of a column at most; longer texts take several lines."""
LONGEST, SHORTEST = 28, 12
"""Letters of the name of a country at most; at least where a narrow terminal needs the room."""


def _plain(table: Publication, decimal: str, width: int) -> str:
    columns = [list(column) for column in zip(*table.rows(decimal), strict=True)]
    headings, numeric = list(table.headings.values()), table.numeric()
    longest = min(LONGEST, max(map(len, columns[0])))
    widest = min(WIDEST, max(SHORTEST, width - longest - 2))
    wrapped = [
        textwrap.wrap(
            heading, min(widest, max(len(text) for text in (*heading.split(" "), *cells)))
        )
        for heading, cells in zip(headings, columns, strict=True)
    ]
    sizes = [
        min(widest, max(len(text) for text in (*heading, *cells)))
        for heading, cells in zip(wrapped, columns, strict=True)
    ]
    sizes[0] = min(sizes[0], LONGEST)
    gap, room = 2, width - sum(sizes[1:]) - len(sizes) + 1
    if sum(sizes) + 2 * (len(sizes) - 1) > width and room >= SHORTEST:
        # Rather long names over two lines and columns close together than a row in two places.
        gap, sizes[0] = 1, min(room, sizes[0])
    lines = [textwrap.fill(table.title, width)]
    for block in blocks_of(sizes, width, gap):
        deep = max(len(wrapped[index]) for index in block)
        tops = [[""] * (deep - len(wrapped[index])) + wrapped[index] for index in block]
        rows = [*zip(*tops, strict=True), ["-" * sizes[index] for index in block]]
        rows += list(zip(*(columns[index] for index in block), strict=True))
        lines.append("")
        places = [(sizes[index], numeric[index]) for index in block]
        for row in rows:
            lines += _row(row, places, gap)
    return "\n".join([*lines, "", *_tail(table, decimal, width)]) + "\n"


def _row(cells: Sequence[str], places: Sequence[tuple[int, bool]], gap: int) -> list[str]:
    """Return the lines of a row: each cell in its width, numbers to the right, long texts over several lines."""
    parts = [
        textwrap.wrap(text, size) or [""] for text, (size, _) in zip(cells, places, strict=True)
    ]
    lines = []
    for texts in itertools.zip_longest(*parts, fillvalue=""):
        beside = [
            text.rjust(size) if numeric else text.ljust(size)
            for text, (size, numeric) in zip(texts, places, strict=True)
        ]
        lines.append((" " * gap).join(beside).rstrip())
    return lines


def _tail(table: Publication, decimal: str, width: int) -> list[str]:
    lines, colon = [textwrap.fill(note, width) for note in table.notes], table.words["colon"]
    for title, rows in table.left_out(decimal):
        lines.append(f"{title}{colon}")
        lines += [
            textwrap.fill(
                f"{name}{colon} {why}", width, initial_indent="  ", subsequent_indent="    "
            )
            for name, why in rows
        ]
    return [*lines, textwrap.fill(table.sources_line(), width)]


def _markdown(table: Publication, decimal: str, width: int) -> str:
    def cell(text: str) -> str:
        kept = html.escape(text, quote=False).replace("|", "\\|").replace("\n", " ")
        # An underscore inside a word, as names of indicators have, emphasises nothing.
        return re.sub(r"[*`\[\]]|\b_|_\b", r"\\\g<0>", kept)

    headings = list(table.headings.values())
    numeric = table.numeric()
    lines, colon = [f"**{cell(table.title)}**", ""], cell(table.words["colon"])
    lines.append("| " + " | ".join(map(cell, headings)) + " |")
    lines.append("|" + "|".join("---:" if is_number else "---" for is_number in numeric) + "|")
    lines += ["| " + " | ".join(map(cell, row)) + " |" for row in table.rows(decimal)]
    lines += ["", *(f"{cell(note)}  " for note in table.notes)]
    for title, rows in table.left_out(decimal):
        lines += ["", f"{cell(title)}{colon}", ""]
        lines += [f"- {cell(name)}{colon} {cell(why)}" for name, why in rows]
    return "\n".join([*lines, "", f"{cell(table.sources_line())}\n"])


TEXTS: dict[str, Callable[[Publication, str, int], str]] = {
    "plain": _plain,
    "markdown": _markdown,
    "html": page,
    "latex": latex,
}
