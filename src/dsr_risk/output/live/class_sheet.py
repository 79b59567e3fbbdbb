"""The sheet of classes: goalposts of indicators whose bounds differ by class of unit, as inputs."""

from __future__ import annotations

from dataclasses import dataclass

from ..._util.types import Labels
from ...methods.normalisation import Normaliser
from ...scoring.classes import labels_in
from .book import Book
from .formulas import curve_of
from .layout import FIRST, Layout, cell

__all__ = ["ClassSheet"]

SHEET = "Classes"
LEAD = 2


@dataclass(frozen=True)
class _Bounds:
    """The bounds by class of one indicator: its normalisation, the class of every unit, its first column."""

    normaliser: Normaliser
    labels: Labels
    column: int


class ClassSheet:
    """A row a class of a grouping, two columns an indicator: its low and its high goalpost."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        scores = layout.scores
        self._of: dict[int, _Bounds] = {}
        rows: dict[tuple[str, str], int] = {}
        default = scores.framework.defaults.normalisation
        for index, indicator in enumerate(scores.framework.indicators):
            normaliser = indicator.normalisation or default
            if normaliser.grouping is None:
                continue
            labels = labels_in(scores.framework, normaliser.grouping, scores.data)
            self._of[index] = _Bounds(normaliser, labels, LEAD + 2 * len(self._of))
            for label in normaliser.classes:
                rows.setdefault((normaliser.grouping, label), FIRST + len(rows))
        self._rows = rows

    def __contains__(self, indicator: int) -> bool:
        return indicator in self._of

    def addresses(self, indicator: int, unit: int, turn: str) -> dict[str, str] | None:
        """Return what the normalisation of an indicator uses for a unit, None for a unit without a class."""
        bounds = self._of[indicator]
        row = self._rows.get((str(bounds.normaliser.grouping), str(bounds.labels[unit])))
        if row is None or bounds.labels[unit] not in bounds.normaliser.classes:
            return None
        low, high = (cell(SHEET, row, bounds.column + end, "rc") for end in (0, 1))
        curve = {"linear": "{}", "log": "LN({})", "log1p": "LN(1+{})"}[curve_of(bounds.normaliser)]
        first, last = curve.format(low), curve.format(high)
        return {
            "low": low,
            "high": high,
            "start": f"IF({turn}>0,{first},{last})",
            "end": f"IF({turn}>0,{last},{first})",
            "turn": turn,
        }

    def write(self, book: Book) -> None:
        """Write the sheet; nothing where no bounds differ by class."""
        if not self._of:
            return
        sheet = book.sheet(
            SHEET,
            "Goalposts by class",
            "Yellow cells are inputs: the bounds of an indicator for the units of a class.",
            colour="#D6B656",
        )
        for column, title in enumerate(("Grouping", "Class")):
            book.text(sheet, FIRST - 1, column, title, "header")
        for (grouping, label), row in self._rows.items():
            book.text(sheet, row, 0, grouping)
            book.text(sheet, row, 1, label)
        sheet.set_column(0, 1, 22)
        sheet.set_column(LEAD, LEAD + 2 * len(self._of) - 1, 14)
        sheet.freeze_panes(FIRST, LEAD)
        indicators = self.layout.scores.framework.indicators
        for index, bounds in self._of.items():
            learned = bounds.normaliser.fit(self.layout.scores._state.treated[:0, :1], 1)
            for end, name in enumerate(("low", "high")):
                column = bounds.column + end
                book.text(sheet, FIRST - 1, column, f"{indicators[index].name} {name}", "header")
                for label, value in zip(
                    bounds.normaliser.classes, learned[f"{name}s"][:, 0], strict=True
                ):
                    row = self._rows[str(bounds.normaliser.grouping), label]
                    book.number(sheet, row, column, float(value), "input")
