"""Sheets of words: notes, what is written as values, and the source of every cell."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..._util.display import span
from ...data.countries import country_table
from ...scoring.scores import Scores
from ..manifest import manifest
from .book import Book, plain
from .layout import Layout

__all__ = ["has_sources", "write_notes", "write_sources"]

KEPT = (
    "iso3",
    "unit_year",
    "indicator",
    "value",
    "year",
    "source",
    "publisher",
    "licence",
    "confidence",
    "std_error",
    "lower",
    "upper",
    "flag",
    "reason",
    "note",
    "url",
)
WIDTH, LETTERS = 120, 105
"""Width of the sheet of notes, and the letters that surely fit a line of it."""
ESTIMATES = (
    "Estimates (sheets Estimated and Points) are values: the model of missing cells was learned in Python and is "
    "not learned again here. A raw value typed over an estimate replaces it; an emptied cell shares its weight."
)
HOW = (
    "Yellow cells are inputs (sheets Framework and Raw). Every other number follows from them by formulas.",
    "A missing cell without an estimate shares its weight among its siblings.",
    ESTIMATES,
    "An indicator derived from several estimated parts keeps its expected value until all of them are filled in.",
    "Hard bounds of derived indicators start from the bounds that their parts had in Python.",
    "n/a in a raw cell: does not apply; the indicator leaves weights and coverage.",
    "Ranks: scores within a billionth of the scale of each other share the smaller rank; countries of partial "
    "basis are ranked among themselves.",
)


def write_notes(book: Book, layout: Layout) -> None:
    """Write the title, how to read the workbook, what is a value, and what it was made from."""
    scores = layout.scores
    framework = scores.framework
    sheet = book.sheet("Notes", framework.title or framework.name, "How to read this workbook")
    sheet.set_column(0, 0, WIDTH)
    focal = []
    if framework.focal:
        name = country_table()["name"].get(framework.focal, framework.focal)
        focal.append(f"Focal state: {name}.")
    scale = f"Scores {span(*framework.scale)}, higher is more risk; rank 1 is most risk."
    values = [f"Written as values: {note}." for note in dict.fromkeys(book.notes)] or [
        "Every step is a formula."
    ]
    facts = manifest(scores)
    made = [
        f"Framework {framework.name} {framework.version}, fingerprint {framework.fingerprint}.",
        f"Data: {scores.data.origin}, fingerprint {scores.data.fingerprint}.",
        f"Scale learned from {scores.reference}.",
        f"dsr-risk {facts['dsr_risk']}.",
    ]
    row = 3
    for lines in ([scale, *focal], _how(scores), values, scores.notes, made):
        for line in lines:
            _wrapped(book, sheet, row, line)
            row += 1
        row += 1
    book.text(sheet, row, 0, "Sources", "bold")
    for source in facts["sources"]:
        row += 1
        _wrapped(book, sheet, row, "; ".join(str(fact) for fact in source.values()))


def _wrapped(book: Book, sheet: Any, row: int, line: str) -> None:
    """Write a line in a row that is high enough for it: programs do not all fit rows that are not opened."""
    book.text(sheet, row, 0, line, "wrap")
    sheet.set_row(row, 15 * max(1, -(-len(line) // LETTERS)))


def has_sources(scores: Scores) -> bool:
    """Return whether the data say where cells come from, so that there is a sheet of sources."""
    evidence = scores.data.evidence
    return not evidence.empty and "indicator" in evidence.columns


def _how(scores: Scores) -> list[str]:
    """Return how to read the workbook, without sheets that it does not have."""
    estimates = scores._state.estimates
    lines = list(HOW)
    if not len(estimates.rows):
        lines.remove(ESTIMATES)
    elif not ((estimates.weights > 0).sum(axis=0) > 1).any():
        lines[lines.index(ESTIMATES)] = ESTIMATES.replace(
            "sheets Estimated and Points", "sheet Estimated"
        )
    return lines


def write_sources(book: Book, scores: Scores) -> None:
    """Write the evidence of every cell that the framework reads, as long as the data have any."""
    evidence = scores.data.evidence
    columns = [name for name in KEPT if name in evidence.columns]
    if not has_sources(scores):
        return
    wanted = {node.data_column for node in scores.framework.inputs}
    kept = evidence.loc[evidence["indicator"].isin(wanted), columns]
    kept = kept.loc[
        :, [name for name in columns if name in ("iso3", "indicator") or _says(kept[name])]
    ]
    sheet = book.sheet("Sources", "Evidence of every cell", "One row a cell of sheet Raw.")
    for column, name in enumerate(kept.columns):
        book.text(sheet, 3, column, name, "header")
        sheet.set_column(column, column, 26 if name in ("indicator", "source", "note") else 12)
        values = kept[name].tolist()
        for row, value in enumerate(values, start=4):
            if isinstance(value, str):
                if value:
                    sheet.write_string(row, column, plain(value))
            elif value is not None and not pd.isna(value):
                sheet.write_number(row, column, float(value))
    sheet.autofilter(3, 0, 3 + len(kept), max(0, len(kept.columns) - 1))
    sheet.freeze_panes(4, 2)
    sheet.repeat_rows(3)


def _says(column: pd.Series[Any]) -> bool:
    """Tell whether a column holds anything."""
    return bool((column.notna() & (column.astype(str) != "")).any())
