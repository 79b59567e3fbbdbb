"""A table to publish as text: plain, Markdown, HTML, LaTeX; every cell escaped."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .publish import Publication

__all__ = ["TEXTS"]


def _plain(table: Publication, decimal: str, width: int) -> str:
    columns = [list(column) for column in zip(*table.rows(decimal), strict=True)]
    headings, numeric = list(table.headings.values()), _numeric(table)
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
    return "\n".join([*lines, "", *_tail(table, width)]) + "\n"


def _tail(table: Publication, width: int) -> list[str]:
    lines = [textwrap.fill(note, width) for note in table.notes]
    if table.not_scored:
        lines.append(f"{table.words['not_scored']}:")
        lines += [
            textwrap.fill(f"{name}: {why}", width, initial_indent="  ", subsequent_indent="    ")
            for name, why in table.not_scored
        ]
    joined = f"{table.words['sources']}: {'; '.join(table.sources)}."
    return [*lines, textwrap.fill(joined, width)]


def _markdown(table: Publication, decimal: str, width: int) -> str:
    def cell(text: str) -> str:
        kept = html.escape(text, quote=False).replace("|", "\\|").replace("\n", " ")
        return "".join(
            f"\\{character}" if character in "*_`[]" else character for character in kept
        )

    headings = list(table.headings.values())
    numeric = _numeric(table)
    lines = [f"**{cell(table.title)}**", ""]
    lines.append("| " + " | ".join(map(cell, headings)) + " |")
    lines.append("|" + "|".join("---:" if is_number else "---" for is_number in numeric) + "|")
    lines += ["| " + " | ".join(map(cell, row)) + " |" for row in table.rows(decimal)]
    lines += ["", *(f"{cell(note)}  " for note in table.notes)]
    if table.not_scored:
        lines += ["", f"{table.words['not_scored']}:", ""]
        lines += [f"- {cell(name)}: {cell(why)}" for name, why in table.not_scored]
    return "\n".join([*lines, "", f"{table.words['sources']}: {cell('; '.join(table.sources))}.\n"])


CSS = (
    "body{font:15px/1.45 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:1.5rem;max-width:75rem}"
    "h1{font-size:1.3rem}table{border-collapse:collapse;width:100%}caption{text-align:left;margin:.4rem 0}"
    "th,td{padding:.25rem .5rem;border-bottom:1px solid #ccc;text-align:left}.n{text-align:right;"
    "font-variant-numeric:tabular-nums}thead th{background:#f3f3f3}.b{padding:0 .4rem;"
    "border:1px solid #777}.w{overflow-x:auto}"
    "@media(max-width:640px){thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);"
    "white-space:nowrap;display:block}tr{display:block;margin:.6rem 0;"
    "border:1px solid #bbb}td,tbody th{display:flex;justify-content:space-between;text-align:right}"
    "td::before{content:attr(data-h);text-align:left;color:#444;padding-right:1rem}}"
    "@media print{body{font-size:8pt;margin:0}th,td{padding:.5pt 3pt}thead{display:table-header-group}"
    "tr{break-inside:avoid}@page{size:A4;margin:12mm}}"
)


def _html(table: Publication, decimal: str, width: int) -> str:
    numeric, names = _numeric(table), list(table.headings)
    heads = "".join(
        f'<th scope="col"{_class(is_number)}>{html.escape(text)}</th>'
        for is_number, text in zip(numeric, table.headings.values(), strict=True)
    )
    rows = []
    for row in table.rows(decimal):
        cells = [f'<th scope="row">{html.escape(row[0])}</th>']
        for column in range(1, len(row)):
            text = html.escape(row[column])
            if names[column].endswith("_band") and row[column] != "–":
                colour = table.band_colour(row[column])
                style = f"background:{colour};color:{table.band_ink(row[column])}"
                text = f'<span class="b" style="{style}">{text}</span>'
            label = html.escape(list(table.headings.values())[column])
            cells.append(f'<td{_class(numeric[column])} data-h="{label}">{text}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    left = "".join(
        f"<li>{html.escape(name)}: {html.escape(why)}</li>" for name, why in table.not_scored
    )
    missing = f"<h2>{html.escape(table.words['not_scored'])}</h2><ul>{left}</ul>" if left else ""
    lead, *rest = table.notes
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in rest)
    sources = html.escape("; ".join(table.sources))
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="{html.escape(table.words["lang"])}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{html.escape(table.title)}</title><style>{CSS}</style></head>\n<body><main>"
        f"<h1>{html.escape(table.title)}</h1>\n<p>{html.escape(lead)}</p>\n<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"
        + "\n".join(rows)
        + f"\n</tbody></table>\n{notes}{missing}\n<p>{html.escape(table.words['sources'])}: {sources}.</p>"
        "</main></body></html>\n"
    )


def _class(numeric: bool) -> str:
    return ' class="n"' if numeric else ""


_TEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{",
    "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "★": r"$\star$",
    "◊": r"$\diamond$", "–": "--", "\n": " ", "[": "{[}", "]": "{]}",
}  # fmt: skip


def _latex(table: Publication, decimal: str, width: int) -> str:
    def tex(text: str) -> str:
        return "".join(_TEX.get(character, character) for character in text)

    columns = _columns(_numeric(table))
    head = " & ".join(
        f"\\scriptsize\\hspace{{0pt}}\\textbf{{{tex(label)}}}" for label in table.headings.values()
    )
    body = "\n".join(" & ".join(map(tex, row)) + r" \\" for row in table.rows(decimal))
    lines = [*table.notes, *(f"{name}: {why}." for name, why in table.not_scored)]
    lines.append(f"{table.words['sources']}: {'; '.join(table.sources)}.")
    notes = "\n\n".join(map(tex, lines))
    return (
        "% needs the packages array, booktabs and longtable\n"
        "{\\footnotesize\\setlength{\\tabcolsep}{3pt}\n"
        f"\\begin{{longtable}}{{{columns}}}\n\\caption{{{tex(table.title)}}}\\\\\n\\toprule\n{head} \\\\\n"
        f"\\midrule\n\\endhead\n{body}\n\\bottomrule\n\\end{{longtable}}\n}}\n"
        f"{{\\footnotesize\n{notes}\n}}\n"
    )


def _columns(numeric: list[bool]) -> str:
    """Return columns that fill the line and break their headings; natural ones where there are too many."""
    if len(numeric) > 10:
        return "".join("r" if is_number else "l" for is_number in numeric)
    share = 0.78 / max(1, len(numeric) - 1)
    shares = [0.22, *[share] * (len(numeric) - 1)]
    return "".join(
        f">{{\\{'raggedleft' if right else 'raggedright'}\\arraybackslash}}"
        f"p{{\\dimexpr{part:.3f}\\linewidth-2\\tabcolsep\\relax}}"
        for right, part in zip(numeric, shares, strict=True)
    )


def _numeric(table: Publication) -> list[bool]:
    return [kind.kind in "fi" for kind in table.frame().dtypes]


TEXTS: dict[str, Callable[[Publication, str, int], str]] = {
    "plain": _plain,
    "markdown": _markdown,
    "html": _html,
    "latex": _latex,
}
