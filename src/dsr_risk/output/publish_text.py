"""A table to publish as text: plain and Markdown here, HTML and LaTeX by Great Tables; every cell escaped."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

from .publish_great import latex, page

if TYPE_CHECKING:
    from .publish import Publication

__all__ = ["TEXTS"]


def _plain(table: Publication, decimal: str, width: int) -> str:
    columns = [list(column) for column in zip(*table.rows(decimal), strict=True)]
    headings, numeric = list(table.headings.values()), table.numeric()
    columns[0] = [textwrap.shorten(text, 28, placeholder="…") for text in columns[0]]
    heads = [
        textwrap.wrap(head, max(len(text) for text in (*head.split(), *cells)))
        for head, cells in zip(headings, columns, strict=True)
    ]
    sizes = [
        max(len(text) for text in (*head, *cells))
        for head, cells in zip(heads, columns, strict=True)
    ]
    blocks = [[0]]
    for column in range(1, len(columns)):
        if (
            len(blocks[-1]) > 1
            and sum(sizes[index] + 2 for index in (*blocks[-1], column)) - 2 > width
        ):
            blocks.append([0])
        blocks[-1].append(column)
    lines = [textwrap.fill(table.title, width)]
    for block in blocks:
        deep = max(len(heads[index]) for index in block)
        tops = [[""] * (deep - len(heads[index])) + heads[index] for index in block]
        rows = [*zip(*tops, strict=True), ["-" * sizes[index] for index in block]]
        rows += list(zip(*(columns[index] for index in block), strict=True))
        lines.append("")
        for row in rows:
            cells = [
                text.rjust(sizes[index]) if numeric[index] else text.ljust(sizes[index])
                for index, text in zip(block, row, strict=True)
            ]
            lines.append("  ".join(cells).rstrip())
    return "\n".join([*lines, "", *_tail(table, decimal, width)]) + "\n"


def _tail(table: Publication, decimal: str, width: int) -> list[str]:
    lines = [textwrap.fill(note, width) for note in table.notes]
    for title, rows in table.left_out(decimal):
        lines.append(f"{title}:")
        lines += [
            textwrap.fill(f"{name}: {why}", width, initial_indent="  ", subsequent_indent="    ")
            for name, why in rows
        ]
    return [*lines, textwrap.fill(table.sources_line(), width)]


def _markdown(table: Publication, decimal: str, width: int) -> str:
    def cell(text: str) -> str:
        kept = html.escape(text, quote=False).replace("|", "\\|").replace("\n", " ")
        return "".join(
            f"\\{character}" if character in "*_`[]" else character for character in kept
        )

    headings = list(table.headings.values())
    numeric = table.numeric()
    lines = [f"**{cell(table.title)}**", ""]
    lines.append("| " + " | ".join(map(cell, headings)) + " |")
    lines.append("|" + "|".join("---:" if is_number else "---" for is_number in numeric) + "|")
    lines += ["| " + " | ".join(map(cell, row)) + " |" for row in table.rows(decimal)]
    lines += ["", *(f"{cell(note)}  " for note in table.notes)]
    for title, rows in table.left_out(decimal):
        lines += ["", f"{cell(title)}:", ""]
        lines += [f"- {cell(name)}: {cell(why)}" for name, why in rows]
    return "\n".join([*lines, "", f"{cell(table.sources_line())}\n"])


TEXTS: dict[str, Callable[[Publication, str, int], str]] = {
    "plain": _plain,
    "markdown": _markdown,
    "html": page,
    "latex": latex,
}
