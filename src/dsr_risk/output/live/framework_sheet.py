"""The sheet of the framework: weights, goalposts, means and thresholds in coloured input cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...framework.nodes import Group, Indicator
from ...methods.aggregation import Aggregator
from ...methods.mirrored import Mirrored
from ...scoring.printed import limits_of
from .book import Book
from .class_sheet import ClassSheet
from .formulas import CLIPPED, STEEP, changed, curve_of
from .layout import Layout, cell, spread
from .steps import Steps

__all__ = ["COLUMNS", "SHEET", "FrameworkSheet"]

SHEET = "Framework"
COLUMNS = (
    "node",
    "label",
    "parent",
    "kind",
    "weight",
    "share of its score",
    "higher is",
    "normalisation",
    "low or centre",
    "high or unit",
    "aggregation",
    "p",
    "offset",
    "least coverage",
    "least children",
    "widest bounds",
    "missing cells",
    "treatment",
    "unit",
    "computed by",
    "source",
    "rationale",
    "start",
    "end",
    "turn",
    "intercept",
    "slope",
    "term of the floor",
)
WIDTHS = {
    "node": 30,
    "label": 44,
    "parent": 22,
    "normalisation": 24,
    "aggregation": 20,
    "computed by": 30,
    "source": 30,
    "rationale": 40,
    "unit": 18,
    "missing cells": 16,
    "treatment": 14,
}
SCALE_ROW, BANDS_ROW = 2, 4


class FrameworkSheet:
    """Writes the framework, and says where its parameters are.

    The rows of nodes come after the scale, the bands and the grades; parents before children.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout, self.classes = layout, ClassSheet(layout)
        framework = layout.scores.framework
        self.bands = sorted(framework.bands.items(), key=lambda item: item[1])
        self.grades = sorted(framework.grades.items(), key=lambda item: item[1])
        self.header = BANDS_ROW + 2 + max(len(self.bands), len(self.grades))
        self.row = {
            layout.scores._state.tree.index[node.name]: self.header + 1 + index
            for index, node in enumerate(framework.nodes)
        }

    # -- references -------------------------------------------------------------------------------

    def at(self, node: int, column: str) -> str:
        """Return the cell of a parameter of a node."""
        return cell(SHEET, self.row[node], COLUMNS.index(column), "rc")

    @property
    def lower(self) -> str:
        """The cell of the lower end of the scale."""
        return cell(SHEET, SCALE_ROW, 1, "rc")

    @property
    def upper(self) -> str:
        """The cell of the upper end of the scale."""
        return cell(SHEET, SCALE_ROW, 2, "rc")

    def labels(self, kind: str) -> tuple[str, str]:
        """Return the ranges of starts and labels of bands or grades."""
        column = 0 if kind == "bands" else 3
        count = len(self.bands if kind == "bands" else self.grades)
        rows = (BANDS_ROW + 1, BANDS_ROW + count)
        starts = spread(SHEET, rows, (column + 1, column + 1), "rc")
        return starts, spread(SHEET, rows, (column, column), "rc")

    def indicator(self, node: int, unit: int) -> dict[str, str] | None:
        """Return what the normalisation of an indicator uses for a unit, None for a unit without a class."""
        if node in self.classes:
            return self.classes.addresses(node, unit, self.at(node, "turn"))
        return {
            "low": self.at(node, "low or centre"),
            "high": self.at(node, "high or unit"),
            "start": self.at(node, "start"),
            "end": self.at(node, "end"),
            "turn": self.at(node, "turn"),
        }

    def group(self, node: int) -> dict[str, str]:
        """Return the cells that the aggregation of a group uses."""
        return {
            "a": self.at(node, "intercept"),
            "b": self.at(node, "slope"),
            "p": self.at(node, "p"),
            "floor": self.at(node, "term of the floor"),
            "lower": self.lower,
            "upper": self.upper,
        }

    # -- writing ----------------------------------------------------------------------------------

    def write(self, book: Book, steps: Steps) -> None:
        """Write the sheet; `steps` says what each node is computed by."""
        framework = self.layout.scores.framework
        sheet = book.sheet(
            SHEET,
            framework.title or framework.name,
            "Yellow cells are inputs: change a weight, a goalpost or a threshold and every sheet follows. "
            "Weights count as ratios among siblings.",
            colour="#D6B656",
        )
        self._top(book, sheet)
        sheet.set_row(self.header, 30)
        for column, name in enumerate(COLUMNS):
            book.text(sheet, self.header, column, name, "header")
            sheet.set_column(column, column, WIDTHS.get(name, 11))
        for node in framework.nodes:
            index = self.layout.scores._state.tree.index[node.name]
            self._common(book, sheet, node, index)
            book.text(
                sheet, self.row[index], COLUMNS.index("computed by"), steps.computed_by(index)
            )
            if isinstance(node, Group):
                self._group(book, sheet, node, index)
            else:
                self._indicator(book, sheet, index, steps)
        sheet.freeze_panes(self.header + 1, 1)
        sheet.repeat_rows(self.header)
        sheet.print_area(0, 0, max(self.row.values()), COLUMNS.index("widest bounds"))
        self.classes.write(book)

    def _top(self, book: Book, sheet: Any) -> None:
        lower, upper = self.layout.scores._state.tree.scale
        book.text(sheet, SCALE_ROW, 0, "Scale (higher is more risk)", "bold")
        book.number(sheet, SCALE_ROW, 1, lower)
        book.number(sheet, SCALE_ROW, 2, upper)
        book.text(sheet, BANDS_ROW, 0, "Band", "bold")
        book.text(sheet, BANDS_ROW, 1, "from", "bold")
        book.text(sheet, BANDS_ROW, 3, "Grade", "bold")
        book.text(sheet, BANDS_ROW, 4, "from coverage", "bold")
        for column, pairs in ((0, self.bands), (3, self.grades)):
            for index, (label, start) in enumerate(pairs, start=1):
                book.text(sheet, BANDS_ROW + index, column, label)
                book.number(sheet, BANDS_ROW + index, column + 1, start, "input")

    def _common(self, book: Book, sheet: Any, node: Indicator | Group, index: int) -> None:
        scores, row = self.layout.scores, self.row[index]
        parent = scores.framework.parents.get(node.name)
        kind = "score" if parent is None else "group" if isinstance(node, Group) else "indicator"
        texts = {
            "node": node.name,
            "label": node.title,
            "parent": parent or "",
            "kind": kind,
            "unit": node.unit,
            "source": node.source,
            "rationale": node.rationale,
        }
        for name, text in texts.items():
            book.text(sheet, row, COLUMNS.index(name), text)
        book.number(sheet, row, COLUMNS.index("weight"), scores._state.weights[index], "input")
        self._share(book, sheet, index, parent)

    def _share(self, book: Book, sheet: Any, index: int, parent: str | None) -> None:
        """Write the effective weight: shares among siblings multiplied down the tree."""
        scores, row, column = (
            self.layout.scores,
            self.row[index],
            COLUMNS.index("share of its score"),
        )
        if parent is None:
            book.number(sheet, row, column, 1.0)
            return
        above = scores._state.tree.index[parent]
        siblings = [int(child) for child in self.layout.group_nodes[above].children]
        total = "+".join(self.at(sibling, "weight") for sibling in siblings)
        formula = f"{self.at(above, 'share of its score')}*{self.at(index, 'weight')}/({total})"
        share = self.shares[index]
        book.formula(sheet, row, column, formula, share, "many")

    @property
    def shares(self) -> dict[int, float]:
        """Return the effective weight of every node within its score."""
        tree, weights = self.layout.scores._state.tree, self.layout.scores._state.weights
        out = dict.fromkeys(tree.headlines, 1.0)
        for group_node in reversed(tree.group_nodes):
            total = float(weights[group_node.children].sum())
            for child in group_node.children:
                out[int(child)] = out[group_node.node] * float(weights[child]) / total
        return out

    def _indicator(self, book: Book, sheet: Any, index: int, steps: Steps) -> None:
        scores, row = self.layout.scores, self.row[index]
        node = scores.framework.indicators[index]
        normaliser = node.normalisation or scores.framework.defaults.normalisation
        book.text(sheet, row, COLUMNS.index("higher is"), node.higher_is, "input")
        sheet.data_validation(
            row,
            COLUMNS.index("higher is"),
            row,
            COLUMNS.index("higher is"),
            {"validate": "list", "source": ["riskier", "safer"]},
        )
        missing = node.missing or scores.framework.defaults.missing
        treatment = node.treatment or scores.framework.defaults.treatment
        for name, method in (
            ("normalisation", normaliser),
            ("missing cells", missing),
            ("treatment", treatment),
        ):
            book.text(sheet, row, COLUMNS.index(name), _in_words(method))
        safer = f'{self.at(index, "higher is")}="safer"'
        book.formula(
            sheet, row, COLUMNS.index("turn"), f"IF({safer},-1,1)", float(node.sign), "whole"
        )
        self._bounds(book, sheet, index, steps)
        if normaliser.name in CLIPPED and normaliser.grouping is None:
            curve = {"linear": "{}", "log": "LN({})", "log1p": "LN(1+{})"}[curve_of(normaliser)]
            low, high = (
                curve.format(self.at(index, name)) for name in ("low or centre", "high or unit")
            )
            for name, ends in (("start", (high, low)), ("end", (low, high))):
                formula = f"IF({safer},{ends[0]},{ends[1]})"
                book.formula(sheet, row, COLUMNS.index(name), formula, None, "many")

    def _bounds(self, book: Book, sheet: Any, index: int, steps: Steps) -> None:
        """Write goalposts as inputs; what is learned from the reference set as formulas over its column."""
        row = self.row[index]
        for name, learned in steps.learned(index).items():
            column = COLUMNS.index(name)
            if learned.formula is not None:
                book.formula(sheet, row, column, learned.formula, learned.value, "many")
            else:
                book.number(
                    sheet, row, column, learned.value, "input" if learned.given else "value"
                )

    def _group(self, book: Book, sheet: Any, node: Group, index: int) -> None:
        row, group_node = self.row[index], self.layout.group_nodes[index]
        aggregator = self.layout.aggregator(index)
        words = _in_words(aggregator)
        words += f"; scaled by {node.scaled_by}" if node.scaled_by is not None else ""
        words += f"; else {node.value}" if node.value is not None else ""
        words += f"; rounded to {node.rounding} digits" if node.rounding is not None else ""
        book.text(sheet, row, COLUMNS.index("aggregation"), words)
        least, most = limits_of(self.layout.scores.framework, node.name)
        book.number(sheet, row, COLUMNS.index("least coverage"), least, "input")
        book.number(
            sheet, row, COLUMNS.index("least children"), max(group_node.min_children, 1), "input"
        )
        book.number(
            sheet, row, COLUMNS.index("widest bounds"), np.nan if most is None else most, "input"
        )
        self._mean(book, sheet, index)

    def _mean(self, book: Book, sheet: Any, index: int) -> None:
        """Write the parameters of the mean, the raised scale of its offset, and the term of the floor."""
        row, mean = self.row[index], self.layout.mean(index)
        p, offset = getattr(mean, "p", None), getattr(mean, "offset", None)
        if p is not None:
            book.number(sheet, row, COLUMNS.index("p"), p, "input")
        lifts = offset is not None and (p is None or p < 0)
        if lifts:
            book.number(sheet, row, COLUMNS.index("offset"), float(offset or 0.0), "input")
        shift = self.at(index, "offset") if lifts else "0"
        slope = f"1-{shift}/({self.upper}-{self.lower})"
        intercept = f"{shift}+{shift}*{self.lower}/({self.upper}-{self.lower})"
        if mean.name == "adjusted_mazziotta_pareto":
            slope = f"60/({self.upper}-{self.lower})"
            intercept = f"70-{slope}*{self.lower}"
        if isinstance(self.layout.aggregator(index), Mirrored):
            intercept = f"({intercept})+({slope})*({self.lower}+{self.upper})"
            slope = f"-({slope})"
        affine = self.layout.aggregator(index).affine_map(*self.layout.scores._state.tree.scale)
        for name, formula, value in (
            ("intercept", intercept, affine[0]),
            ("slope", slope, affine[1]),
        ):
            book.formula(sheet, row, COLUMNS.index(name), formula, value, "many")
        floor = _floor(mean, self.group(index), self.lower)
        book.formula(sheet, row, COLUMNS.index("term of the floor"), floor, None, "many")


def _floor(mean: Aggregator, addresses: dict[str, str], lower: str) -> str:
    """Return the formula of the term of a child at the floor of the scale."""
    z = f"({addresses['a']}+{addresses['b']}*{lower})"
    if mean.name == "geometric":
        return f"IF({z}>0,LN({z}),-1E+300)"
    if mean.name == "harmonic":
        return f"IF({z}>0,1/{z},1E+300)"
    if mean.name == "power" and abs(getattr(mean, "p", 0.0)) <= STEEP:
        return f"IFERROR({z}^{addresses['p']},1E+300)"
    return lower


def _in_words(method: Any) -> str:
    """Return a method in words: its name and the parameters that differ from their defaults."""
    parameters = changed(method)
    if not parameters:
        return str(method.name)
    inside = ", ".join(f"{key} {value}" for key, value in parameters.items())
    return f"{method.name} ({inside})"
