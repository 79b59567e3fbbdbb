"""A table to publish by Great Tables: an HTML page and a LaTeX long table."""

from __future__ import annotations

import html
import re
import warnings
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..errors import MissingExtraError
from .blocks import blocks_of

if TYPE_CHECKING:
    from .publication import Publication

__all__ = ["great_table", "latex", "page"]

CSS = (
    "body{font:15px/1.45 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:1.5rem;max-width:75rem}"
    "h1{font-size:1.3rem}#table table{width:100%;font:inherit}#table .gt_row{padding:.25rem .5rem}"
    "#table .gt_col_heading{background:#f3f3f3;font-weight:600;vertical-align:bottom;padding:.25rem .5rem}"
    "#table .gt_right{font-variant-numeric:tabular-nums}#table .gt_row[style]{-webkit-print-color-adjust:exact;"
    "print-color-adjust:exact}#table .gt_stub{border-right:0;font-weight:400}"
    "@media(max-width:640px){#table thead{position:absolute;width:1px;height:1px;overflow:hidden;"
    "clip-path:inset(50%);white-space:nowrap;display:block}#table tbody,#table table{display:block}"
    "#table tbody tr{display:grid;grid-template-columns:repeat(3,1fr);margin:.5rem 0;border:1px solid #bbb}"
    "#table .gt_row{display:block;text-align:left;border:0;margin:0;padding:.1rem .3rem}"
    "#table th.gt_stub{font-weight:600;grid-column:1/-1}"
    "#table td.gt_row::before{display:block;font-size:.75rem;line-height:1.2}}"
    "@media print{body{font-size:8pt;margin:0}#table .gt_row,#table .gt_col_heading{padding:.5pt 3pt;"
    "font-size:8pt}"
    "#table thead{display:table-header-group}#table tr{break-inside:avoid}@page{size:A4;margin:12mm}}"
)
WIDE = 10
"""Columns above which a page is printed in landscape."""


def great_table(table: Publication, decimal: str = ".", *, whole: bool = True) -> Any:
    """Return the table as a ``great_tables.GT``; without `whole` it has no title, notes and sources."""
    try:
        import great_tables as gt
    except ImportError:
        raise MissingExtraError.of(
            "great_tables", extra="tables", purpose="a table in HTML or LaTeX"
        ) from None
    # In the HTML columns are numbered; headings are labels beside them.
    frame, names = table.frame(), [f"c{number:02d}" for number in range(len(table.headings))]
    rows = pd.DataFrame(table.rows(decimal), columns=names)
    labels: dict[str, Any] = dict(zip(names, table.headings.values(), strict=True))
    made = gt.GT(rows, rowname_col=names[0], id="table").tab_stubhead(labels.pop(names[0]))
    numeric = [name for name, right in zip(names, table.numeric(), strict=True) if right]
    made = made.cols_label(**labels).cols_align("left").cols_align("right", columns=numeric)
    for name, column in zip(names, table.headings, strict=True):
        if not column.endswith("_band"):
            continue
        for band in frame[column].dropna().unique():
            styles = [gt.style.fill(table.band_colour(band)), gt.style.text(table.band_ink(band))]
            where = [row for row, value in enumerate(frame[column]) if value == band]
            made = made.tab_style(styles, gt.loc.body(columns=name, rows=where))
    if not whole:
        return made
    made = made.tab_header(title=table.title, subtitle=table.notes[0])
    for line in [*table.notes[1:], table.sources_line()]:
        made = made.tab_source_note(line)
    return made


def page(table: Publication, decimal: str, width: int) -> str:
    """Return an HTML page that reads at 400 pixels and prints with its header on every page."""
    rows = great_table(table, decimal, whole=False).as_raw_html()
    # A table that is wider than the screen scrolls, which the keyboard must reach.
    name = html.escape(table.title, quote=True)
    frame = f'<div id="table" role="region" tabindex="0" aria-label="{name}"'
    rows = rows.replace('<div id="table"', frame, 1)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    lead, *rest = table.notes
    colon = html.escape(table.words["colon"])
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in rest)
    for title, countries in table.left_out(decimal):
        items = "".join(
            f"<li>{html.escape(name)}{colon} {html.escape(why)}</li>" for name, why in countries
        )
        notes += f"<h2>{html.escape(title)}</h2><ul>{items}</ul>"
    return (
        f'<!doctype html>\n<html lang="{html.escape(table.words["lang"])}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{html.escape(table.title)}</title></head>\n<body><main>"
        f"<h1>{html.escape(table.title)}</h1>\n<p>{html.escape(lead)}</p>\n{rows}\n"
        f"<style>{CSS}{_labels(table)}{_room(table)}</style>\n{notes}\n"
        f"<p>{html.escape(table.sources_line())}</p>"
        "</main></body></html>\n"
    )


def _labels(table: Publication) -> str:
    """Return the style that puts the heading of a column beside its cells on a narrow screen."""
    rules = [
        f"#table td.gt_row:nth-of-type({number})::before{{content:'{_css(text)}'}}"
        for number, text in enumerate(list(table.headings.values())[1:], start=1)
    ]
    wide = (
        "@page{size:A4 landscape}#table .gt_row,#table .gt_col_heading{font-size:5.5pt;padding:.5pt 1.5pt}"
        "#table .gt_row{white-space:nowrap}"
    )
    paper = f"@media print{{{wide}}}" if len(table.headings) > WIDE else ""
    return f"@media(max-width:640px){{{''.join(rules)}}}{paper}"


def _room(table: Publication) -> str:
    """Return the style that gives many columns the whole width of a screen."""
    wide = len(table.headings) > WIDE
    return "@media screen and (min-width:641px){body{max-width:none}}" if wide else ""


def _css(text: str) -> str:
    """Return a text for a string of CSS: everything but ASCII letters and digits as a number."""
    return "".join(
        char if char.isascii() and char.isalnum() else f"\\{ord(char):06x}" for char in text
    )


TEX = {"★": r"$\star$", "◊": r"$\diamond$", "–": "--", "[": "{[}", "]": "{]}"}
"""What Great Tables leaves as it is and LaTeX does not know, or reads as an option."""
ESCAPES = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\n": " ",
    **TEX,
}


def latex(table: Publication, decimal: str, width: int) -> str:
    """Return long tables that fill the line and repeat their header on every page, and the notes.

    More columns than a page takes stand in further tables, each with the countries.
    """
    with warnings.catch_warnings():
        # The colours of bands are not in LaTeX: the words are.
        warnings.filterwarnings("ignore", message="Styles are not yet supported")
        made = great_table(table, decimal, whole=False)
        text = made.tab_header(title=table.title).as_latex(use_longtable=True)
    body = text[text.index(r"\caption*") : text.index(r"\end{longtable}")]
    top, header, rest = re.split(r"(?<=\\toprule\n)|(?=\\midrule)", body, maxsplit=2)
    numeric = table.numeric()
    tables = []
    for number, block in enumerate(blocks_of([1] * len(numeric), WIDE)):
        cells = [rf"\scriptsize\hspace{{0pt}}\textbf{{{text}}}" for text in _cells(header.rstrip())]
        rows = [" & ".join(cells[column] for column in block) + r" \\"]
        for line in rest.replace(r"\addlinespace[2.5pt]", r" \endhead").splitlines():
            texts = _cells(line)
            inside = len(texts) == len(numeric)
            rows.append(" & ".join(texts[column] for column in block) + r" \\" if inside else line)
        body = ("\\toprule\n" if number else top) + "\n".join(rows) + "\n"
        body = "".join(TEX.get(char, char) for char in body)
        columns = _columns([numeric[column] for column in block])
        tables.append(f"\\begin{{longtable}}{{{columns}}}\n{body}\\end{{longtable}}\n")
    lines, colon = [*table.notes], table.words["colon"]
    for title, countries in table.left_out(decimal):
        listed = "; ".join(f"{name}{colon} {why}" for name, why in countries)
        lines.append(f"{title}{colon} {listed}.")
    notes = "\n\n".join(_escaped(line) for line in [*lines, table.sources_line()])
    return (
        "% needs the packages array, booktabs, caption and longtable, and fonts with the letters of the text\n"
        "{\\footnotesize\\setlength{\\tabcolsep}{3pt}\n"
        f"{''.join(tables)}}}\n"
        f"{{\\footnotesize\n{notes}\n}}\n"
    )


def _cells(line: str) -> list[str]:
    """Return the cells of a row of LaTeX; an ampersand inside a text has a backslash before it."""
    return line.rstrip().removesuffix(r"\\").rstrip().split(" & ")


def _escaped(text: str) -> str:
    return "".join(ESCAPES.get(char, char) for char in text)


def _columns(numeric: list[bool]) -> str:
    """Return columns that fill the line and break their headings."""
    share = 0.77 / max(1, len(numeric) - 1)
    shares = [0.22, *[share] * (len(numeric) - 1)]
    return "".join(
        f">{{\\{'raggedleft' if right else 'raggedright'}\\arraybackslash}}"
        f"p{{\\dimexpr{part:.3f}\\linewidth-2\\tabcolsep\\relax}}"
        for right, part in zip(numeric, shares, strict=True)
    )
