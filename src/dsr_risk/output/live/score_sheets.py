"""Sheets of results: scores with rank, band and grade; the ranking in order; one country; notes; sources."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...scoring.headline import FULL, PARTIAL, PARTIAL_FROM, Headline
from ...scoring.printed import bounds_width, limits_of
from ..colours import band_colours, readable_ink
from .book import Book
from .framework_sheet import FrameworkSheet
from .layout import FIRST, LEAD, Layout, cell, spread
from .level_sheets import LevelSheets
from .steps import Steps

__all__ = ["ScoreSheets", "positions"]

PARTS = ("score", "rank", "band", "coverage", "grade", "basis", "width", "reason", "group", "order")
RESULT = "#B85450"


class ScoreSheets:
    """Writes scores and the ranking."""

    def __init__(
        self, layout: Layout, steps: Steps, framework: FrameworkSheet, levels: LevelSheets
    ) -> None:
        self.layout, self.steps, self.framework, self.levels = layout, steps, framework, levels
        self.scores, self.tree = layout.scores, layout.scores._state.tree

    def at(self, headline: int, part: str, row: int, sheet: str = "Scores") -> str:
        """Return the cell of a part of a headline score."""
        return cell(sheet, row, self.column_index(headline, part), "c")

    def column_index(self, headline: int, part: str) -> int:
        """Return the column of a part of a headline score."""
        return LEAD + len(PARTS) * self.tree.headlines.index(headline) + PARTS.index(part)

    def column(self, headline: int, part: str) -> str:
        """Return the range of a part over the units that are scored."""
        column = self.column_index(headline, part)
        return spread("Scores", (FIRST, self.layout.last_scored), (column, column), "rc")

    # -- scores ---------------------------------------------------------------------------------------

    def write(self, book: Book) -> None:
        """Write the sheet of scores."""
        framework = self.scores.framework
        sheet = book.units(
            "Scores",
            framework.title or framework.name,
            "Higher is more risk; rank 1 is most risk. Empty: no score, with the reason beside it.",
            colour=RESULT,
        )
        sheet.set_row(FIRST - 1, 30)
        for name, headline in zip(self.scores.names, self.tree.headlines, strict=True):
            book.text(
                sheet,
                FIRST - 2,
                self.column_index(headline, "score"),
                framework[name].title,
                "bold",
            )
            for part in PARTS:
                book.text(
                    sheet,
                    FIRST - 1,
                    self.column_index(headline, part),
                    self._title(name, part),
                    "header",
                )
            self._widths(sheet, headline)
            self._header(book, sheet, headline, self.scores._headline(name))
            self._colours(book, sheet, headline)
        sheet.autofilter(
            FIRST - 1, 0, self.layout.last, LEAD + len(PARTS) * len(self.tree.headlines) - 1
        )

    @staticmethod
    def _title(name: str, part: str) -> str:
        return name if part == "score" else f"{name}_{part}"

    def _widths(self, sheet: Any, headline: int) -> None:
        for part in PARTS:
            column = self.column_index(headline, part)
            hidden = part in ("group", "order") or (part == "width" and not self.levels.wide)
            width = 30 if part == "reason" else 11
            sheet.set_column(column, column, width, None, {"hidden": hidden})

    def _header(self, book: Book, sheet: Any, headline: int, summary: Headline) -> None:
        order, rows = self.layout.order, range(self.layout.units)
        rank = summary.rank()
        values: dict[str, Any] = {
            "score": summary.score,
            "rank": rank,
            "band": summary.band,
            "coverage": summary.coverage,
            "grade": summary.grade,
            "basis": summary.basis,
            "reason": summary.reason,
            "width": bounds_width(self.scores, summary.name),
            "group": summary.groups,
        }
        position = positions(rank[order], summary.groups[order])
        kinds = {"score": "points", "coverage": "two", "width": "points"}
        for row in rows:
            at, unit = FIRST + row, int(order[row])
            if row >= self.layout.scored:
                book.text(sheet, at, self.column_index(headline, "reason"), "focal")
                continue
            formulas = self._formulas(headline, at, unit, summary)
            for part, formula in formulas.items():
                shown = position[row] if part == "order" else values[part][unit]
                kind = kinds.get(part, "whole")
                if formula is None:
                    book.number(sheet, at, self.column_index(headline, part), float(shown), "value")
                else:
                    shown = "" if shown is None else shown
                    book.formula(sheet, at, self.column_index(headline, part), formula, shown, kind)
        if self.scores._whole is not None:
            book.notes.append(
                "ranks: values, for they are ranks among all countries that were scored"
            )

    def _formulas(
        self, headline: int, row: int, unit: int, summary: Headline
    ) -> dict[str, str | None]:
        """Return the formulas of all parts of a headline score of one unit; None for a value."""
        at, framework = self.framework.at, self.framework
        level = self.levels.at("Levels", headline, row)
        covered = self.levels.at("Coverage", headline, row)
        cells = {part: self.at(headline, part, row, "") for part in PARTS}
        length = f"({framework.upper}-{framework.lower})"
        enough = f"{cells['coverage']}>={at(headline, 'least coverage')}-1E-12"
        if limits_of(self.scores.framework, summary.name)[1] is not None:
            enough = f"OR({enough},{cells['width']}<={at(headline, 'widest bounds')}+1E-12)"
        score, group = self.column(headline, "score"), self.column(headline, "group")
        tie = f"1E-9*{length}"
        rank: str | None = (
            f"IF(ISNUMBER({cells['score']}),1+SUMPRODUCT(ISNUMBER({score})*({score}>{cells['score']}+{tie})"
            f'*({group}={cells["group"]})),"")'
        )
        if self.scores._whole is not None:
            rank = None
        grade = self._label("grades", cells["coverage"], "1E-12", "n/a")
        return {
            "score": f'IF(AND(ISNUMBER({level}),{enough}),{level},"")',
            "rank": rank,
            "band": f'IF(ISNUMBER({cells["score"]}),{self._label("bands", cells["score"], tie, "")},"")',
            "coverage": f"IF(ISNUMBER({covered}),{covered},0)",
            "grade": f'IF(ISNUMBER({cells["score"]}),{grade},"n/a")',
            "basis": f'IF(ISNUMBER({cells["score"]}),IF({self._absent(headline, row)},"{PARTIAL}","{FULL}"),"")',
            "width": self._width(headline, row, length),
            "reason": self._reason(headline, row, cells, level, covered),
            "group": f"{int(self.scores.data._year_groups[unit]) * 2}+IF({self._absent(headline, row)},1,0)",
            "order": self._order(headline, row, cells),
        }

    def _label(self, kind: str, x: str, tie: str, none: str) -> str:
        starts, labels = self.framework.labels(kind)
        first = starts.split(":")[0]
        return f'IF({x}+{tie}<{first},"{none}",LOOKUP({x}+{tie},{starts},{labels}))'

    def _absent(self, headline: int, row: int) -> str:
        """Return the condition that indicators of more than a fifth of the weight do not apply."""
        ends = (LEAD, LEAD + len(self.layout.nodes) - 1)
        number, share = (
            spread("Coverage", (row, row), ends, "rc") for row in (FIRST - 4, FIRST - 3)
        )
        cells = spread("Coverage", (row, row), ends, "c")
        which = self.tree.headlines.index(headline) + 1
        return f'SUMPRODUCT(({number}={which})*({cells}=""),{share})>{PARTIAL_FROM}+1E-9'

    def _width(self, headline: int, row: int, length: str) -> str | None:
        if not self.levels.bounded:
            return None if self.levels.wide else length
        low, high = (self.levels.at(name, headline, row) for name in ("Lowest", "Highest"))
        return f"IF(AND(ISNUMBER({low}),ISNUMBER({high})),{high}-{low},{length})"

    def _reason(
        self, headline: int, row: int, cells: dict[str, str], level: str, covered: str
    ) -> str:
        least = self.framework.at(headline, "least coverage")
        text = f'"coverage "&ROUND({cells["coverage"]},2)&" below "&{least}'
        name = self.scores.names[self.tree.headlines.index(headline)]
        if limits_of(self.scores.framework, name)[1] is not None:
            most = self.framework.at(headline, "widest bounds")
            text += (
                f'&", and hard bounds "&ROUND({cells["width"]},1)&" points apart, above "&{most}'
            )
        return (
            f'IF(ISNUMBER({cells["score"]}),"",IF(NOT(ISNUMBER({covered})),"not applicable",'
            f'IF({covered}=0,"no indicator observed",IF(ISERROR({level}),"undefined",'
            f'IF(ISNUMBER({level}),{text},"too few children with a value")))))'
        )

    def _order(self, headline: int, row: int, cells: dict[str, str]) -> str:
        """Return the position in the ranking: by basis, then rank, then row."""
        rank, group = self.column(headline, "rank"), self.column(headline, "group")
        column = self.column_index(headline, "rank")
        above = spread("Scores", (FIRST - 1, row - 1), (column, column), "c")
        column = self.column_index(headline, "group")
        groups = spread("Scores", (FIRST - 1, row - 1), (column, column), "c")
        return (
            f"IF(ISNUMBER({cells['rank']}),1+SUMPRODUCT(ISNUMBER({rank})*(({group}<{cells['group']})+"
            f"({group}={cells['group']})*({rank}<{cells['rank']})))+"
            f'SUMPRODUCT(({above}={cells["rank"]})*({groups}={cells["group"]})),"")'
        )

    def _colours(self, book: Book, sheet: Any, headline: int) -> None:
        column = self.column_index(headline, "band")
        for label, colour in band_colours(self.scores.framework).items():
            shade = book.book.add_format({"bg_color": colour, "font_color": readable_ink(colour)})
            quoted = str(label).replace('"', '""')
            rule = {"type": "cell", "criteria": "==", "value": f'"{quoted}"', "format": shade}
            sheet.conditional_format(FIRST, column, self.layout.last, column, rule)

    # -- ranking --------------------------------------------------------------------------------------

    def ranking(self, book: Book) -> None:
        """Write the ranking of every headline score, in order."""
        sheet = book.sheet(
            "Ranking", "Ranking", "Most risk first; follows every change.", colour=RESULT
        )
        book.text(sheet, FIRST - 1, 0, "Position", "header")
        for row in range(self.layout.scored):
            book.number(sheet, FIRST + row, 0, row + 1, "whole")
        parts = (("country", 26), ("score", 9), ("rank", 7), ("band", 11))
        for number, (name, headline) in enumerate(
            zip(self.scores.names, self.tree.headlines, strict=True)
        ):
            start = 1 + number * (len(parts) + 1)
            book.text(sheet, FIRST - 2, start, self.scores.framework[name].title, "bold")
            in_order = self._in_order(name)
            for offset, (part, width) in enumerate(parts):
                book.text(sheet, FIRST - 1, start + offset, self.layout.said(part), "header")
                sheet.set_column(start + offset, start + offset, width)
                source = self.keys if part == "country" else self.column(headline, part)
                for row in range(self.layout.scored):
                    match = (
                        f"MATCH({cell('', FIRST + row, 0, 'c')},{self.column(headline, 'order')},0)"
                    )
                    formula = f'IFERROR(INDEX({source},{match}),"")'
                    shown = in_order[row][offset] if row < len(in_order) else ""
                    kind = "points" if part == "score" else "whole"
                    book.formula(sheet, FIRST + row, start + offset, formula, shown, kind)
            sheet.set_column(start + len(parts), start + len(parts), 3)
        sheet.freeze_panes(FIRST, 1)
        sheet.repeat_rows(FIRST - 1)

    @property
    def keys(self) -> str:
        """The range of country texts of the units that are scored."""
        return spread("Scores", (FIRST, self.layout.last_scored), (0, 0), "rc")

    def _in_order(self, name: str) -> list[tuple[Any, ...]]:
        summary, order = self.scores._headline(name), self.layout.order
        rank, score, band = summary.rank()[order], summary.score[order], summary.band[order]
        position = positions(rank, summary.groups[order])
        rows = [
            (
                position[row],
                self.layout.keys[row][0],
                float(score[row]),
                float(rank[row]),
                band[row] or "",
            )
            for row in range(self.layout.scored)
            if not np.isnan(rank[row])
        ]
        return [row[1:] for row in sorted(rows)]


def positions(rank: Any, group: Any) -> Any:
    """Return the position of every row by group, rank and row; NaN without a rank."""
    out = np.full(len(rank), np.nan)
    ranked = np.flatnonzero(~np.isnan(rank))
    order = ranked[np.lexsort((ranked, rank[ranked], group[ranked]))]
    out[order] = np.arange(1, len(order) + 1)
    return out
