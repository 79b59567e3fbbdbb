"""The sheet of one country, chosen from a list: scores, pillars, indicators, contributions, charts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...framework.nodes import Group
from .book import Book
from .layout import FIRST, LEAD, Layout, cell, spread
from .level_sheets import LevelSheets
from .score_sheets import ScoreSheets, positions
from .steps import Steps

__all__ = ["CountrySheet"]

CHOICE, CHOSEN_ROW = (2, 1), (2, 4)
HEADERS = (
    "node",
    "score",
    "median",
    "contribution",
    "share",
    "covered",
    "raw value",
    "",
)


class CountrySheet:
    """Writes the sheet; the list chooses among the units that are scored."""

    def __init__(
        self, layout: Layout, steps: Steps, levels: LevelSheets, scores: ScoreSheets
    ) -> None:
        self.layout, self.steps, self.levels, self.sheets = layout, steps, levels, scores
        self.scores, self.tree = layout.scores, layout.scores._state.tree

    def write(self, book: Book) -> None:
        """Write the sheet."""
        texts = ("Country", "One country", "Choose a country in the yellow cell.")
        sheet = book.sheet(*map(self.layout.said, texts), colour="#B85450")
        first = self._first()
        book.text(sheet, CHOICE[0], 0, self.layout.said("Country"), "bold")
        book.text(sheet, *CHOICE, self.layout.keys[first][0], "input")
        sheet.data_validation(
            *CHOICE, *CHOICE, {"validate": "list", "source": f"={self.sheets.keys}"}
        )
        book.text(sheet, CHOSEN_ROW[0], CHOSEN_ROW[1] - 1, "row", "note")
        chosen = cell("", *CHOICE, "rc")
        book.formula(
            sheet, *CHOSEN_ROW, f"MATCH({chosen},{self.sheets.keys},0)", float(first + 1), "whole"
        )
        for column, width in enumerate((46, 12, 12, 13, 13, 10, 14, 12)):
            sheet.set_column(column, column, width)
        row = self._summary(book, sheet, first)
        for headline in self.tree.headlines:
            row = self._block(book, sheet, headline, row + 1, first)
        sheet.freeze_panes(3, 0)

    def _first(self) -> int:
        """Return the row of the first unit of the ranking, else the first."""
        headline, order = self.scores._headline(), self.layout.order
        position = positions(headline.rank()[order], headline.groups[order])
        return int(np.nanargmin(position)) if not np.isnan(position).all() else 0

    def _pick(self, sheet: str, column: int) -> str:
        """Return the formula of what the chosen country has in a column of a sheet."""
        rows = (FIRST, self.layout.last_scored)
        return f"INDEX({spread(sheet, rows, (column, column), 'rc')},{cell('', *CHOSEN_ROW, 'rc')})"

    def _summary(self, book: Book, sheet: Any, first: int) -> int:
        names = ("score", "rank", "band", "coverage", "grade", "basis", "reason")
        book.text(sheet, 4, 0, "Score", "header")
        for column, name in enumerate(names, start=1):
            book.text(sheet, 4, column, name, "header")
        unit = int(self.layout.order[first])
        for number, (name, headline) in enumerate(
            zip(self.scores.names, self.tree.headlines, strict=True)
        ):
            summary = self.scores._headline(name)
            values = {
                "score": summary.score,
                "rank": summary.rank(),
                "band": summary.band,
                "coverage": summary.coverage,
                "grade": summary.grade,
                "basis": summary.basis,
                "reason": summary.reason,
            }
            book.text(sheet, 5 + number, 0, self.scores.framework[name].title, "bold")
            for column, part in enumerate(names, start=1):
                formula = self._pick("Scores", self.sheets.column_index(headline, part))
                kind = {"score": "big", "coverage": "two"}.get(part, "whole")
                shown = values[part][unit]
                book.formula(
                    sheet, 5 + number, column, formula, "" if shown is None else shown, kind
                )
        return 5 + len(self.scores.names)

    def _block(self, book: Book, sheet: Any, headline: int, row: int, first: int) -> int:
        """Write pillars, then indicators of a headline score; return the row after the charts."""
        name = self.tree.names[headline]
        framework = self.scores.framework
        inside = [node for node in framework.nodes if framework.score_of(node.name) == name]
        pillars = [node for node in inside if framework.depths[node.name] == 1]
        indicators = [node for node in inside if not isinstance(node, Group)]
        book.text(sheet, row, 0, framework[name].title, "title")
        unit = int(self.layout.order[first])
        for nodes, level in ((pillars, "Pillar"), (indicators, "Indicator")):
            row += 1
            for column, text in enumerate((level, *HEADERS[1:])):
                book.text(sheet, row, column, text, "header")
            start = row + 1
            for node in nodes:
                row += 1
                self._row(book, sheet, row, self.tree.index[node.name], headline, unit)
            self._chart(book, sheet, (start, row), f"Points by {level.lower()}")
            row = max(row, start + (max(160, 60 + 22 * len(nodes))) // 20)
        return row + 1

    def _row(self, book: Book, sheet: Any, row: int, node: int, headline: int, unit: int) -> None:
        column, rows = self.layout.column[node], (FIRST, self.layout.last_scored)
        book.text(sheet, row, 0, self.scores.framework[self.tree.names[node]].title)
        evaluated = self.scores._state.evaluated
        level = self._pick("Levels", column)
        median = f'IFERROR(MEDIAN({spread("Levels", rows, (column, column), "rc")}),"")'
        observed = evaluated[~self.scores._focal, node]
        middle = float(np.nanmedian(observed)) if not np.isnan(observed).all() else np.nan
        book.formula(sheet, row, 1, level, evaluated[unit, node])
        book.formula(sheet, row, 2, median, middle)
        name = self.tree.names[headline]
        points = float(self.scores._decomposition(name).points[unit, node])
        score = float(self.scores._headline(name).score[unit])
        book.formula(sheet, row, 3, self._pick("Contributions", column), points)
        total = self._pick("Contributions", self.layout.column[headline])
        points_cell = cell("", row, 3)
        share = f'IF(AND(ISNUMBER({points_cell}),ISNUMBER({total})),IF({total}=0,0,{points_cell}/{total}),"")'
        lower = self.tree.scale[0]
        part = points / (score - lower) if score > lower else np.nan
        book.formula(sheet, row, 4, share, part, "two")
        covered = self.scores._state.scorable.coverage[unit, node]
        book.formula(sheet, row, 5, self._pick("Coverage", column), covered, "two")
        if node < self.tree.n_indicators:
            self._raw(book, sheet, row, node, unit)

    def _raw(self, book: Book, sheet: Any, row: int, indicator: int, unit: int) -> None:
        """Write the value before normalisation and whether it is estimated."""
        layout = self.scores._state.prepared.layout
        number = int(layout.indicators[indicator])
        inputs = len(layout.inputs)
        source, column = (
            ("Filled", LEAD + number) if number < inputs else ("Derived", LEAD + number - inputs)
        )
        value = self.steps.columns[number][unit]
        book.formula(sheet, row, 6, self._pick(source, column), value, "many")
        covered = cell("", row, 5)
        mark = f'IF(AND(ISNUMBER({cell("", row, 6)}),{covered}<1),"estimated","")'
        estimated = bool(self.scores._state.cells.estimated[unit, indicator])
        book.formula(sheet, row, 7, mark, "estimated" if estimated else "", "note")

    def _chart(self, book: Book, sheet: Any, rows: tuple[int, int], title: str) -> None:
        # A title that starts with "=" is a formula: none comes from data or a framework.
        chart = book.book.add_chart({"type": "bar"})
        chart.add_series(
            {
                "name": "points",
                "categories": [self.layout.said("Country"), rows[0], 0, rows[1], 0],
                "values": [self.layout.said("Country"), rows[0], 3, rows[1], 3],
                "fill": {"color": "#B85450"},
                "gap": 40,
            }
        )
        chart.set_title({"name": title, "name_font": {"size": 11}})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True, "num_font": {"size": 8}})
        chart.set_x_axis(
            {"num_format": "0", "major_gridlines": {"visible": True, "line": {"color": "#DDDDDD"}}}
        )
        count = rows[1] - rows[0] + 1
        chart.set_size(
            {
                "width": 620,
                "height": min(300, max(150, 60 + 22 * count)) if count < 12 else 60 + 22 * count,
            }
        )
        sheet.insert_chart(rows[0] - 1, len(HEADERS) + 1, chart)
