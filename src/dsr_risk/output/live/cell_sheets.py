"""Sheets of cells: raw data, estimates, filled, derived, treated and normalised columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...methods.derived_single import FirstAvailable
from .about_sheets import has_sources
from .book import Book, header_height
from .estimate_sheets import Points
from .formulas import derived_formula, literal, treated_formula
from .framework_sheet import FrameworkSheet
from .layout import FIRST, LEAD, Layout
from .steps import Steps

__all__ = ["AWAY", "CellSheets"]

AWAY = "n/a"
"""The text of a cell that is not applicable."""
INPUT, STEP = "#D6B656", "#6C8EBF"


class CellSheets:
    """Writes the steps from raw data to the scale."""

    def __init__(self, layout: Layout, steps: Steps, framework: FrameworkSheet) -> None:
        self.layout, self.steps, self.framework = layout, steps, framework
        self.scores = layout.scores
        self.points = Points(layout, steps)

    def write(self, book: Book) -> None:
        """Write the sheets in the order of the steps."""
        self._raw(book)
        self._estimated(book)
        self.points.write(book)
        self._filled(book)
        self._derived(book)
        self._treated(book)
        self._normalised(book)

    def _headers(self, book: Book, sheet: Any, names: list[str], labels: list[str]) -> None:
        for index, (name, label) in enumerate(zip(names, labels, strict=True)):
            book.text(sheet, FIRST - 2, LEAD + index, label, "wrap")
            book.text(sheet, FIRST - 1, LEAD + index, name, "header")
        if names:
            sheet.set_column(LEAD, LEAD + len(names) - 1, 13)
        sheet.set_row(FIRST - 2, 60)
        sheet.set_row(FIRST - 1, header_height(names, 13))

    # -- raw and filled -------------------------------------------------------------------------------

    def _raw(self, book: Book) -> None:
        prepared, inputs = self.scores._state.prepared, self.scores.framework.inputs
        sheet = book.units(
            "Raw",
            "Raw data",
            "Inputs. Empty: missing (orange: estimated; violet: known to lie between bounds). "
            f"{AWAY}: does not apply."
            + (" Sources of every cell: sheet Sources." if has_sources(self.scores) else ""),
            colour=INPUT,
        )
        divided = [str(inputs[index].denominator) for index in self.steps.divisors]
        names = [node.data_column for node in inputs] + divided
        titles = [node.title for node in inputs] + [f"divides: {name}" for name in divided]
        self._headers(book, sheet, names, titles)
        for index, node in enumerate(inputs):
            book.text(sheet, FIRST - 3, LEAD + index, node.unit, "note")
        raw = self.layout.rows(prepared.raw)
        applies = self.layout.rows(prepared.applicable)
        divisors = self.layout.rows(self.scores.data._matrix(divided)) if divided else None
        for row, unit in enumerate(self.layout.order):
            for column in range(len(inputs)):
                if not applies[row, column]:
                    book.text(sheet, FIRST + row, LEAD + column, AWAY, "away")
                else:
                    kind = self._kind(int(unit), column, raw[row, column])
                    book.number(sheet, FIRST + row, LEAD + column, raw[row, column], kind)
            if divisors is not None:
                for number, x in enumerate(divisors[row]):
                    book.number(sheet, FIRST + row, LEAD + len(inputs) + number, x, "input")

    def _kind(self, unit: int, column: int, x: float) -> str:
        prepared = self.scores._state.prepared
        if not np.isnan(x):
            flagged = prepared.flagged is not None and prepared.flagged[unit, column]
            return "absent" if flagged else "input"
        if prepared.low is not None and prepared.high is not None:
            ends = (prepared.low[unit, column], prepared.high[unit, column])
            if not np.isnan(ends).all():
                return "censored"
        return "absent"

    def _estimated(self, book: Book) -> None:
        inputs = self.scores.framework.inputs
        sheet = book.units(
            "Estimated",
            "Estimates of missing cells",
            "Values, not formulas: the mean of what the framework's model expects. They do not follow a "
            "change of raw data; a cell that you fill in on sheet Raw replaces its estimate.",
            colour="#E0B8A0",
        )
        self._headers(book, sheet, [n.data_column for n in inputs], [n.title for n in inputs])
        mean = self.scores._state.estimates.mean
        row_of = {int(unit): FIRST + row for row, unit in enumerate(self.layout.order)}
        for (unit, column), number in self.steps.estimated.items():
            book.number(sheet, row_of[unit], LEAD + column, float(mean[number]), "estimate")

    def _filled(self, book: Book) -> None:
        inputs = self.scores.framework.inputs
        sheet = book.units(
            "Filled",
            "Filled columns",
            "Raw data divided by their denominator where they have one; estimates where they are missing.",
            colour=STEP,
        )
        self._headers(book, sheet, [n.name for n in inputs], [n.title for n in inputs])
        applies = self.scores._state.prepared.applicable
        for row, unit in enumerate(self.layout.order):
            for column, node in enumerate(inputs):
                at = FIRST + row
                raw = self.steps.input_cell("Raw", column, at)
                estimate = '""'
                if (int(unit), column) in self.steps.estimated:
                    estimate = self.steps.input_cell("Estimated", column, at)
                value = raw
                if column in self.steps.divisors:
                    by = self.steps.divisor(column, at)
                    value = f"{raw}/({by}/{literal(node.scale_factor)})"
                given = self.steps.given((column,), at)
                formula = f'IF({given},{value},IF({raw}="{AWAY}","{AWAY}",{estimate}))'
                observed = applies[unit, column]
                shown: Any = self.steps.columns[column][unit] if observed else AWAY
                book.formula(sheet, at, LEAD + column, formula, shown, "many")

    # -- derived --------------------------------------------------------------------------------------

    def _derived(self, book: Book) -> None:
        layout = self.scores._state.prepared.layout
        if layout.plain:
            return
        sheet = book.units(
            "Derived",
            "Derived columns",
            "Computed from filled columns by the operation that the framework names.",
            colour=STEP,
        )
        names = [derivation.name for derivation in layout.derivations]
        self._headers(
            book,
            sheet,
            names,
            [f"{d.operation.name} of {', '.join(d.operation.of)}" for d in layout.derivations],
        )
        for number, derivation in enumerate(layout.derivations):
            values = self.steps.columns[len(layout.inputs) + number]
            for row, unit in enumerate(self.layout.order):
                at = FIRST + row
                parts = [self.steps.column_cell(int(part), at) for part in derivation.parts]
                formula = self._operation(derivation.operation, parts)
                if formula is None:
                    book.number(sheet, at, LEAD + number, float(values[unit]), "value")
                else:
                    shown: Any = values[unit]
                    book.formula(sheet, at, LEAD + number, formula, shown, "many")
            if self._operation(derivation.operation, ["A1"] * len(derivation.parts)) is None:
                book.notes.append(
                    f"{derivation.name}: derived by values, for it has no formula here"
                )

    @staticmethod
    def _operation(operation: Any, parts: list[str]) -> str | None:
        """Return a derived cell: a number, "n/a" where a part is or the operation is undefined, or empty."""
        if isinstance(operation, FirstAvailable):
            out = '""'
            for part in reversed(parts):
                out = f"IF(ISNUMBER({part}),{literal(operation.scale)}*{part},{out})"
            away = ",".join(f'{part}="{AWAY}"' for part in parts)
            return f'IF(AND({away}),"{AWAY}",{out})'
        value = derived_formula(operation, parts)
        if value is None:
            return None
        away = ",".join(f'{part}="{AWAY}"' for part in parts)
        return (
            f'IF(COUNT({",".join(parts)})={len(parts)},IFERROR({value},"{AWAY}"),'
            f'IF(OR({away}),"{AWAY}",""))'
        )

    # -- treated and normalised -------------------------------------------------------------------------

    def _treated(self, book: Book) -> None:
        if not self.steps.treats:
            return
        indicators = self.scores.framework.indicators
        sheet = book.units(
            "Treated",
            "Treated columns",
            "What treatment learned from the reference set are numbers in the formulas; grey cells are values.",
            colour=STEP,
        )
        self._headers(book, sheet, [n.name for n in indicators], [n.title for n in indicators])
        treated = self.layout.rows(self.scores._state.treated)
        for indicator in range(len(indicators)):
            learned = self.steps.parameters(indicator)
            method = self.steps.step[indicator][0].treatment
            for row in range(self.layout.units):
                x = self.steps.source(indicator, FIRST + row)
                value = treated_formula(method, x, learned)
                if value is None:
                    book.number(
                        sheet, FIRST + row, LEAD + indicator, treated[row, indicator], "value"
                    )
                else:
                    formula = f"IF(ISNUMBER({x}),{value},{x})"
                    book.formula(
                        sheet,
                        FIRST + row,
                        LEAD + indicator,
                        formula,
                        treated[row, indicator],
                        "many",
                    )

    def _normalised(self, book: Book) -> None:
        indicators = self.scores.framework.indicators
        sheet = book.units(
            "Normalised",
            "Indicators on the scale",
            "Higher is more risk."
            + (
                " An estimated cell (orange) takes the mean over what its model expects (sheet Points)."
                if self.points.rows
                else ""
            ),
            colour=STEP,
        )
        self._headers(book, sheet, [n.name for n in indicators], [n.title for n in indicators])
        array = self.layout.rows(self.scores._state.normalised)
        for indicator in range(len(indicators)):
            for row, unit in enumerate(self.layout.order):
                formula = self._on_scale(indicator, FIRST + row, int(unit))
                at = (FIRST + row, LEAD + indicator)
                if formula is None:
                    book.number(sheet, *at, array[row, indicator], "value")
                else:
                    kind = self.layout.kind(indicator, int(unit))
                    book.formula(sheet, *at, formula, array[row, indicator], kind)
            if indicator in self.steps.values:
                book.notes.append(
                    f"{indicators[indicator].name}: {self.steps.computed_by(indicator)}"
                )

    def _on_scale(self, indicator: int, row: int, unit: int) -> str | None:
        """Return the formula of an indicator on the scale, None where it is a value."""
        if indicator in self.steps.values or self.scores._focal[unit]:
            return None
        x, addresses = self.steps.treated(indicator, row), self.framework.indicator(indicator, unit)
        if addresses is None:
            return '""'
        share = self.steps.share(indicator, x, addresses)
        unknown = self.steps.unknown(indicator, unit)
        if unknown:
            expected = self.points.expected(indicator, row, unit, addresses)
            if expected is None:
                value = float(self.scores._state.normalised[unit, indicator])
                expected = self._fraction(value)
            if expected != share:
                share = f"IF({self.steps.given(unknown, row)},{share},{expected})"
        lower, upper = self.framework.lower, self.framework.upper
        return f'IF(ISNUMBER({x}),{lower}+({upper}-{lower})*({share}),"")'

    def _fraction(self, value: float) -> str:
        lower, upper = self.scores._state.tree.scale
        return literal((value - lower) / (upper - lower))
