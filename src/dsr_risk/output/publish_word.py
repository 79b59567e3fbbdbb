"""A table to publish as a Word document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .blocks import blocks_of

if TYPE_CHECKING:
    from .publication import Publication

__all__ = ["set_widths", "word"]

ROOM_MM = 180
"""Width between the margins of a portrait A4 page; a wide table is put on landscape pages."""
NARROW = 10
"""Columns up to which a page is portrait."""
LETTERS = 190
"""Letters that a landscape page takes side by side; more columns stand in further tables below."""


def word(table: Publication, path: Path, decimal: str) -> None:
    """Write the table with its header on every page, numbers to the right, bands in their colours."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm, Pt

    page = docx.Document()
    page.core_properties.title = table.title[:255]
    section, room = page.sections[0], ROOM_MM
    section.page_width, section.page_height = Mm(210), Mm(297)
    if len(table.headings) > NARROW:
        section.orientation, room = WD_ORIENT.LANDSCAPE, ROOM_MM + 87
        section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(15)
    section.top_margin = section.bottom_margin = Mm(15)
    page.styles["Normal"].font.name = "Arial"
    page.styles["Normal"].font.size = Pt(8 if len(table.headings) <= NARROW else 6)
    page.styles["Normal"].paragraph_format.space_after = Pt(3)
    page.add_heading(table.title, level=1)
    page.add_paragraph(table.notes[0])
    _grid(page, table, decimal, room)
    for note in table.notes[1:]:
        page.add_paragraph(note)
    for title, rows in table.left_out(decimal):
        page.add_heading(title, level=2)
        for name, reason in rows:
            page.add_paragraph(f"{name}{table.words['colon']} {reason}", style="List Bullet")
    page.add_paragraph(table.sources_line())
    page.save(str(path))


def _grid(page: Any, table: Publication, decimal: str, room: float) -> None:
    """Add the table of scores; one too wide for a page in parts, each with the countries."""
    from docx.shared import Pt

    frame = table.frame()
    rows = [list(table.headings.values()), *table.rows(decimal)]
    numeric = table.numeric()
    bands = [str(name).endswith("_band") for name in frame.columns]
    sizes = [_letters(column) for column in zip(*rows, strict=True)]
    narrow = len(sizes) <= NARROW
    for block in [list(range(len(sizes)))] if narrow else blocks_of(sizes, LETTERS):
        grid = page.add_table(rows=len(rows), cols=len(block), style="Table Grid")
        set_widths(grid, [sizes[column] for column in block], room)
        cells = iter(grid._cells)
        for number, row in enumerate(rows):
            for column in block:
                cell = next(cells)
                written = _write(cell, row[column], right=numeric[column])
                if number == 0:
                    written.bold, written.font.size = True, Pt(7 if narrow else 6)
                band = frame.iloc[number - 1, column] if number and bands[column] else None
                if isinstance(band, str):
                    _shade(cell, written, table.band_colour(band), table.band_ink(band))
        page.add_paragraph()


def _write(cell: Any, text: str, *, right: bool) -> Any:
    """Write text into an empty cell; return the run."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    return paragraph.add_run(text)


def set_widths(grid: Any, sizes: Sequence[float], room: float) -> None:
    """Set the widths of columns in proportion to `sizes`, `room` mm together.

    The first row is repeated on every page, and no row breaks over two.
    """
    from docx.oxml import OxmlElement
    from docx.shared import Mm

    grid.autofit = False
    _less_padding(grid)
    widths = [Mm(room * size / sum(sizes)) for size in sizes]
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    for number, cell in enumerate(grid._cells):
        cell.width = widths[number % len(widths)]
    grid.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for line in grid.rows:
        line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _less_padding(grid: Any) -> None:
    """Leave 1 mm beside the text of a cell, so that long words are not broken."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "57")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    grid._tbl.tblPr.append(margins)


def _letters(column: tuple[str, ...]) -> int:
    """Return the width of a column in letters: its longest cell, or word of the heading, and the padding."""
    heading = max(map(len, column[0].split()), default=0)
    return 2 + min(24, max(heading, *map(len, column[1:])))


def _shade(cell: Any, written: Any, face: str, ink: str) -> None:
    """Colour a cell and its text, both #rrggbb."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), face[1:])
    cell._tc.get_or_add_tcPr().append(shade)
    written.font.color.rgb = RGBColor.from_string(ink[1:].upper())
