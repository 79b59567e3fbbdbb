"""The sheet of points: the values that a model expects in estimated cells, with their weights."""

from __future__ import annotations

from ..._util.types import Array
from ...methods.derived import Derived
from .book import Book
from .formulas import derived_formula
from .layout import FIRST, Layout, spread
from .steps import Steps

__all__ = ["Points"]

SHEET = "Points"
LEAD = 4
MOST = 16_000


class Points:
    """Rows of values with weights, one an estimated cell, and the formulas that average over them."""

    def __init__(self, layout: Layout, steps: Steps) -> None:
        self.layout, self.steps, self.scores = layout, steps, layout.scores
        self.rows: dict[tuple[int, int], tuple[int, int, int]] = {}
        """By unit and column: the row of values, the row of weights, how many."""
        self._weights: dict[bytes, int] = {}
        self._vectors: list[Array] = []
        self._values: list[tuple[tuple[int, int], Array]] = []
        self._collect()

    def _collect(self) -> None:
        """Take the points of every cell that has more than one."""
        estimates = self.scores._state.estimates
        kept: list[tuple[tuple[int, int], Array, int]] = []
        for pair, number in self.steps.estimated.items():
            used = estimates.weights[:, number] > 0
            weights = estimates.weights[used, number]
            if not 1 < len(weights) <= MOST:
                continue
            kept.append((pair, estimates.values[used, number], self._vector(weights)))
        first = FIRST + len(self._vectors)
        for index, (pair, values, vector) in enumerate(kept):
            self.rows[pair] = (first + index, FIRST + vector, len(values))
            self._values.append((pair, values))

    def _vector(self, weights: Array) -> int:
        key = weights.tobytes()
        if key not in self._weights:
            self._weights[key] = len(self._vectors)
            self._vectors.append(weights)
        return self._weights[key]

    def write(self, book: Book) -> None:
        """Write weights, then values; nothing where no cell has more than one point."""
        if not self.rows:
            return
        sheet = book.sheet(
            SHEET,
            "Points of estimated cells",
            "Values: what the model of missing cells expects in each cell (a row of values, its weights in one "
            "of the first rows). Means over the scale are taken over them.",
        )
        for column, title in enumerate(("Country", "Code", "Year", "Column")):
            book.text(sheet, FIRST - 1, column, self.layout.said(title), "header")
        for index, vector in enumerate(self._vectors):
            book.text(sheet, FIRST + index, 0, "weights", "bold")
            sheet.write_row(FIRST + index, LEAD, vector.tolist())
        keys = {
            int(unit): key for unit, key in zip(self.layout.order, self.layout.keys, strict=True)
        }
        inputs = self.scores.framework.inputs
        for pair, values in self._values:
            row = self.rows[pair][0]
            for column, text in enumerate((*keys[pair[0]], inputs[pair[1]].name)):
                book.text(sheet, row, column, text)
            sheet.write_row(row, LEAD, values.tolist())
        sheet.set_column(0, 0, 26)
        sheet.freeze_panes(FIRST, LEAD)

    def expected(
        self, indicator: int, row: int, unit: int, addresses: dict[str, str]
    ) -> str | None:
        """Return the formula of the mean share of the scale of an estimated indicator.

        None where it is a value: treated, of several estimated parts, or an operation without a formula.
        """
        unknown = self.steps.unknown(indicator, unit)
        column = int(self.scores._state.prepared.layout.indicators[indicator])
        if len(unknown) > 1 or self.steps.step[indicator][0].treatment.name != "none":
            return None
        estimates = self.scores._state.estimates
        used = estimates.weights[:, self.steps.estimated[unit, unknown[0]]] > 0
        if used.sum() == 1:
            return self.steps.share(indicator, self.steps.treated(indicator, row), addresses)
        if (unit, unknown[0]) not in self.rows:
            return None
        values, weights, count = self.rows[unit, unknown[0]]
        ends = (LEAD, LEAD + count - 1)
        x: str | None = spread(SHEET, (values, values), ends, "rc")
        if column != unknown[0]:
            x = self._derived(column, unknown[0], str(x), row)
        share = None if x is None else self.steps.share(indicator, x, addresses, many=True)
        if share is None:
            return None
        return f"SUMPRODUCT({spread(SHEET, (weights, weights), ends, 'rc')},{share})"

    def _derived(self, column: int, part: int, points: str, row: int) -> str | None:
        """Return the formula of a derived column at every point of one of its parts."""
        layout = self.scores._state.prepared.layout
        derivation = layout.derivations[column - len(layout.inputs)]
        if (derivation.parts >= len(layout.inputs)).any() or not _elementwise(derivation.operation):
            return None
        parts = [
            points if int(column) == part else self.steps.column_cell(int(column), row)
            for column in derivation.parts
        ]
        return derived_formula(derivation.operation, parts, many=True)


def _elementwise(operation: Derived) -> bool:
    return derived_formula(operation, ["A1"] * len(operation.of), many=True) is not None
