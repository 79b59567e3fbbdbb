"""Sheets of nodes: coverage, every level with its terms, hard bounds, contributions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..._util.types import Array
from ...methods.group_values import GivenGroup
from ...methods.rounded import HALF
from ...scoring.cells import ends_of_cells
from ...scoring.printed import limits_of
from .book import Book, header_height
from .formulas import inverse_formula, literal, term_formula
from .framework_sheet import FrameworkSheet
from .group_formulas import SPLIT, Child, part_formula, special_formula, special_part
from .layout import FIRST, LEAD, Layout, cell, spread
from .steps import Steps

__all__ = ["LevelSheets"]

STEP = "#82B366"
WEIGHTS = FIRST - 3
"""The row of weights, on sheet Levels."""


class LevelSheets:
    """Writes what a row a unit and a column a node holds; every sheet has the same columns."""

    def __init__(self, layout: Layout, steps: Steps, framework: FrameworkSheet) -> None:
        self.layout, self.steps, self.framework = layout, steps, framework
        self.scores, self.tree = layout.scores, layout.scores._state.tree
        names = [self.tree.names[node] for node in layout.group_nodes]
        self.wide = any(limits_of(self.scores.framework, name)[1] is not None for name in names)
        """True if the width of hard bounds decides what is printed."""
        normalisers = [steps.normaliser(indicator) for indicator in range(self.tree.n_indicators)]
        groups = [node for node in layout.group_nodes if node in steps.values]
        self.bounded = (
            self.wide
            and not groups
            and all(normaliser.bounded for normaliser in normalisers)
            and all(self._bounds_by_ends(node) for node in layout.group_nodes)
        )
        """True if hard bounds are formulas."""

    # -- references -----------------------------------------------------------------------------------

    def at(self, sheet: str, node: int, row: int) -> str:
        """Return the cell of a node on a sheet."""
        return cell(sheet, row, self.layout.column[node], "c")

    def below(self, sheet: str, node: int, row: int) -> str:
        """Return the range of a group's children on a sheet."""
        return spread(sheet, (row, row), self.layout.children(node), "c")

    def weights(self, node: int) -> str:
        """Return the range of the weights of a group's children."""
        return spread("Levels", (WEIGHTS, WEIGHTS), self.layout.children(node), "rc")

    def terms(self, node: int, sheet: str) -> str:
        """Return the sheet that holds the terms of a group's children."""
        return sheet if self._plain(node) else f"{sheet} terms"

    def _bounds_by_ends(self, node: int) -> bool:
        """Return True if the bounds of a group are its values at the ends of its children."""
        given = isinstance(self.layout.special(node), GivenGroup)
        return self.layout.group_nodes[node].aggregator.monotone and not given

    def _plain(self, node: int) -> bool:
        return self.layout.mean(node).name == "arithmetic" and self.layout.special(node) is None

    # -- writing --------------------------------------------------------------------------------------

    def _headers(self, book: Book, sheet: Any) -> None:
        framework = self.scores.framework
        for node, column in self.layout.column.items():
            name = self.tree.names[node]
            book.text(sheet, FIRST - 2, column, framework[name].title, "wrap")
            book.text(sheet, FIRST - 1, column, name, "header")
        sheet.set_row(FIRST - 2, 60)
        names = [self.tree.names[node] for node in self.layout.column]
        sheet.set_row(FIRST - 1, header_height(names, 12))
        sheet.set_column(LEAD, LEAD + len(self.layout.nodes) - 1, 12)

    def write(self, book: Book) -> None:
        """Write the sheets of levels and coverage, and of hard bounds where they decide what is printed."""
        for node in self.layout.group_nodes:
            if node in self.steps.values:
                book.notes.append(f"{self.tree.names[node]}: {self.steps.computed_by(node)}")
        values = self.layout.rows(self.scores._state.evaluated)
        self._tree(book, "Levels", "Every node, printed or not", self._value, values)
        self._coverage(book)
        if self.bounded:
            for end, name in enumerate(("Lowest", "Highest")):
                bounds = self.layout.rows(self.scores._hard[end])
                self._tree(
                    book,
                    name,
                    f"{name} possible value of every node, whatever is not observed",
                    partial(self._end, end),
                    bounds,
                )
        elif self.wide:
            book.notes.append(
                "width of hard bounds: values, for a normalisation or aggregation has no bounds as formulas"
            )

    def _tree(
        self,
        book: Book,
        name: str,
        title: str,
        indicator: Callable[[int, int, int], str],
        values: Array,
    ) -> None:
        """Write one evaluation of the tree, and the terms of its means where these are not arithmetic."""
        sheet = book.units(
            name,
            title,
            "Groups from their children; weights of missing children are shared. "
            "Orange: estimated.",
            colour=STEP,
        )
        self._headers(book, sheet)
        if name == "Levels":
            book.text(sheet, WEIGHTS, 0, "weight", "bold")
            for node, column in self.layout.column.items():
                weight = self.framework.at(node, "weight")
                book.formula(
                    sheet, WEIGHTS, column, weight, self.scores._state.weights[node], "many"
                )
        least = "least children" if name == "Levels" else ""
        for row, unit in enumerate(self.layout.order[: self.layout.scored]):
            at = FIRST + row
            for node, column in self.layout.column.items():
                if node < self.tree.n_indicators:
                    formula: str | None = indicator(node, at, int(unit))
                else:
                    formula = self._group(node, at, name, least)
                if formula is None:
                    book.number(sheet, at, column, values[row, node], "value")
                else:
                    kind = self.layout.kind(node, int(unit))
                    book.formula(sheet, at, column, formula, values[row, node], kind)
        self._terms(book, name)

    def _value(self, indicator: int, row: int, unit: int) -> str:
        return cell("Normalised", row, LEAD + indicator, "c")

    def _group(self, node: int, row: int, sheet: str, least: str) -> str | None:
        """Return the formula of a group's value, "" where too few children have one."""
        if node in self.steps.values:
            return None
        mean, addresses = self.layout.mean(node), self.framework.group(node)
        source = self.terms(node, sheet)
        children = self.below("" if source == sheet else f"'{source}'", node, row)
        weights = self.weights(node)
        given = isinstance(self.layout.special(node), GivenGroup)
        need = self.framework.at(node, "least children") if least or given else "1"
        if mean.name in ("minimum", "maximum"):
            value = f"{mean.name[:3].upper()}({children})"
        elif mean.name == "product":
            length = f"({addresses['upper']}-{addresses['lower']})"
            value = f"{addresses['lower']}+{length}*PRODUCT({children})"
        elif mean.name in SPLIT:
            value = f"{addresses['lower']}+SUM({children})"
        else:
            total = f"SUMPRODUCT({weights}*ISNUMBER({children}))"
            value = inverse_formula(mean, f"SUMPRODUCT({weights},{children})/{total}", addresses)
        live = self._live(node, row, sheet, need)
        errors = f"SUMPRODUCT(--ISERROR({children}))"
        apart = self.layout.apart(node)
        if apart is not None:
            acting = self.at("", apart, row)
            value, live = special_formula(self.layout.special(node), value, live, acting, addresses)
            errors += f"+ISERROR({acting})"
        digits = getattr(self.scores.framework[self.tree.names[node]], "rounding", None)
        if digits is not None:
            value = f"INT(({value})*1E{digits}+{0.5 + HALF!r})/1E{digits}"
        return f'IF({live},{value},IF({errors}>0,NA(),""))'

    def _live(self, node: int, row: int, sheet: str, need: str) -> str:
        """Return the condition that enough children of a group have a value; one apart does not count."""
        source = self.terms(node, sheet)
        children = self.below("" if source == sheet else f"'{source}'", node, row)
        return f"SUMPRODUCT(ISNUMBER({children})*({self.weights(node)}>0))>={need}"

    def _enough(self, node: int, row: int) -> str:
        """Return the condition that a group has its least number of children."""
        return self._live(node, row, "Levels", self.framework.at(node, "least children"))

    def _terms(self, book: Book, name: str) -> None:
        """Write the term of every child of a mean that is not arithmetic."""
        groups = [
            n for n in self.layout.group_nodes if not self._plain(n) and n not in self.steps.values
        ]
        if not groups:
            return
        sheet = book.units(
            f"{name} terms",
            f"Terms of the means on sheet {name}",
            "What each child enters its group's mean with.",
        )
        self._headers(book, sheet)
        for node in groups:
            mean, addresses = self.layout.mean(node), self.framework.group(node)
            for child in self.layout.group_nodes[node].children.tolist():
                if child == self.layout.apart(node):
                    continue
                weight = cell("Levels", WEIGHTS, self.layout.column[child], "rc")
                for row in range(FIRST, self.layout.last_scored + 1):
                    x = self.at(name, child, row)
                    if mean.name in SPLIT:
                        siblings = self.below(name, node, row)
                        cells = Child(x, weight, siblings, self.weights(node))
                        formula: str | None = part_formula(mean, cells, addresses)
                    else:
                        formula = term_formula(mean, x, addresses, weight)
                    book.formula(sheet, row, self.layout.column[child], str(formula), None, "many")

    # -- coverage and hard bounds ---------------------------------------------------------------------

    def _coverage(self, book: Book) -> None:
        sheet = book.units(
            "Coverage",
            "Share of the weight that is observed",
            "1: all. Empty: nothing below the node applies.",
            colour=STEP,
        )
        self._headers(book, sheet)
        book.text(sheet, FIRST - 4, 0, "number of its score", "bold")
        book.text(sheet, FIRST - 3, 0, "share of its score", "bold")
        framework, indicators = self.scores.framework, self.tree.n_indicators
        headlines = {name: index for index, name in enumerate(self.scores.names, start=1)}
        effective = framework.effective_weights
        for node in range(indicators):
            name, column = self.tree.names[node], self.layout.column[node]
            book.number(sheet, FIRST - 4, column, headlines[framework.score_of(name)], "whole")
            if all(w.name == "given" for w in self._weighters()):
                share = self.framework.at(node, "share of its score")
                book.formula(sheet, FIRST - 3, column, share, effective[name], "many")
            else:
                book.number(sheet, FIRST - 3, column, effective[name], "value")
        coverage = self.layout.rows(self.scores._state.scorable.coverage)
        applies = self.layout.rows(self.scores._state.scorable.applicable)
        for row, unit in enumerate(self.layout.order[: self.layout.scored]):
            for node, column in self.layout.column.items():
                if node < indicators:
                    formula = self._observed(node, FIRST + row, int(unit))
                else:
                    formula = self._group_coverage(node, FIRST + row)
                shown = coverage[row, node] if applies[row, node] else ""
                book.formula(sheet, FIRST + row, column, formula, shown, "two")

    def _group_coverage(self, node: int, row: int) -> str:
        """Return the formula of the share of a group's weight that is observed."""
        children, weights = self.below("", node, row), self.weights(node)
        total, part = (
            f"SUMPRODUCT({weights}*ISNUMBER({children}))",
            f"SUMPRODUCT({weights},{children})",
        )
        apart = self.layout.apart(node)
        if not isinstance(self.layout.special(node), GivenGroup) or apart is None:
            return f'IF({total}>0,{part}/{total},"")'
        own, weight = (
            self.at("", apart, row),
            cell("Levels", WEIGHTS, self.layout.column[apart], "rc"),
        )
        given = f"AND(NOT({self._enough(node, row)}),ISNUMBER({self.at('Levels', apart, row)}))"
        rest = f"({total}-{weight}*ISNUMBER({own}))"
        others = f'IF({rest}>0,({part}-{weight}*N({own}))/{rest},"")'
        return f"IF({given},{own},{others})"

    def _weighters(self) -> list[Any]:
        framework = self.scores.framework
        groups = [framework[self.tree.names[node]] for node in self.layout.group_nodes]
        return [
            getattr(group, "weighting", None) or framework.defaults.weighting for group in groups
        ]

    def _observed(self, indicator: int, row: int, unit: int) -> str:
        """Return the formula of how much of an indicator is observed; "" where it does not apply."""
        x = self.steps.source(indicator, row)
        test = self.steps.observed(indicator, row, unit)
        rest = "0"
        observed = float(self.scores._state.cells.observed[unit, indicator])
        if observed > 0 and not self._is_observed(indicator, unit):
            low, high = (self._bound(indicator, unit, end) for end in (0, 1))
            rest = f"MAX(0,MIN(1,1-(({high})-({low}))/({self.framework.upper}-{self.framework.lower})))"
        if self.scores.framework.defaults.imputed_counts:
            test = f"ISNUMBER({cell('Normalised', row, LEAD + indicator, 'c')})"
        return f'IF({x}="n/a","",IF({test},1,{rest}))'

    def _is_observed(self, indicator: int, unit: int) -> bool:
        cells = self.scores._state.cells
        return bool(
            ~np.isnan(cells.denominated[unit, indicator]) & ~cells.estimated[unit, indicator]
        )

    def _end(self, end: int, indicator: int, row: int, unit: int) -> str:
        """Return the formula of the lowest (0) or highest (1) possible value of an indicator on the scale."""
        away = f'{self.steps.source(indicator, row)}="n/a"'
        value = cell("Normalised", row, LEAD + indicator, "c")
        observed = self.steps.observed(indicator, row, unit)
        return f'IF({away},"",IF({observed},{value},{self._bound(indicator, unit, end)}))'

    def _bound(self, indicator: int, unit: int, end: int) -> str:
        cells, framework = self.scores._state.cells, self.framework
        bound = (cells.low, cells.high)[end][unit, indicator]
        if np.isnan(bound):
            return (framework.lower, framework.upper)[end]
        ends = self._raw_ends
        turned = end if self.scores.framework.indicators[indicator].sign > 0 else 1 - end
        addresses = framework.indicator(indicator, unit)
        if addresses is None or indicator in self.steps.values:
            return literal(bound)
        share = self.steps.share(indicator, literal(ends[turned][unit, indicator]), addresses)
        if share is None:
            return literal(bound)
        return f"{framework.lower}+({framework.upper}-{framework.lower})*({share})"

    @property
    def _raw_ends(self) -> tuple[Array, Array]:
        prepared = self.scores._state.prepared
        if not hasattr(self, "ends_of_cells"):
            self.ends_of_cells = prepared.layout.bounds(*ends_of_cells(prepared))
        return self.ends_of_cells

    # -- contributions --------------------------------------------------------------------------------

    def contributions(self, book: Book, score: Callable[[int, int], str]) -> None:
        """Write the contributions of every node; `score(headline, row)` is the cell of a printed score."""
        sheet = book.units(
            "Contributions",
            "Points that each node adds to its score, against the floor of the scale",
            "Children add up to their group, groups to the score. Grey: a share that is a value. Orange: of "
            "an estimated indicator.",
            colour=STEP,
        )
        self._headers(book, sheet)
        self._helpers(book, sheet)
        values = self._points()
        parent = self.tree.parent
        for row in range(self.layout.scored):
            at = FIRST + row
            for node, column in self.layout.column.items():
                if parent[node] < 0:
                    printed = score(node, at)
                    formula = f'IF(ISNUMBER({printed}),{printed}-{self.framework.lower},"")'
                else:
                    formula = self._part(int(parent[node]), node, at, values[row])
                kind = self.layout.kind(node, int(self.layout.order[row]))
                book.formula(sheet, at, column, formula, values[row, node], kind)

    def _points(self) -> Array:
        out = np.full(self.scores._state.evaluated.shape, np.nan)
        for name in self.scores.names:
            points = self.scores._decomposition(name).points
            out = np.where(np.isnan(points), out, points)
        return self.layout.rows(out)

    def _helper(self, node: int, row: int) -> str:
        index = list(self.layout.group_nodes).index(node)
        return cell("", row, LEAD + len(self.layout.nodes) + index, "c")

    def _helpers(self, book: Book, sheet: Any) -> None:
        """Write for each group what its children's parts are divided by."""
        first = LEAD + len(self.layout.nodes)
        for index, node in enumerate(self.layout.group_nodes):
            book.text(sheet, FIRST - 1, first + index, f"sum of {self.tree.names[node]}", "header")
            if node in self.steps.values:
                continue
            mean, floor = self.layout.mean(node), self.framework.at(node, "term of the floor")
            for row in range(FIRST, self.layout.last_scored + 1):
                source = self.terms(node, "Levels")
                children = self.below(f"'{source}'", node, row)
                weights = self.weights(node)
                if mean.name in ("minimum", "maximum"):
                    formula = f"SUMPRODUCT(({children}={_extreme(mean, children)})*{weights})"
                elif mean.name == "product":
                    formula = f"COUNT({children})"
                elif mean.name in SPLIT:
                    formula = f"SUM({children})"
                else:
                    total = f"SUMPRODUCT({weights}*ISNUMBER({children}))"
                    formula = f"SUMPRODUCT({weights},{children})-{floor}*{total}"
                book.formula(sheet, row, first + index, f"IFERROR({formula},0)", None, "many")

    def _part(self, node: int, child: int, row: int, values: Array) -> str:
        """Return the formula of a child's points: its share of its group's points."""
        above = self.at("", node, row)
        weight = cell("Levels", WEIGHTS, self.layout.column[child], "rc")
        if node in self.steps.values:
            share = values[child] / values[node] if values[node] else 0.0
            if not np.isfinite(share):
                return '""'
            return f'IF(ISNUMBER({above}),{above}*{literal(share)},"")'
        special = self.layout.special(node)
        if special is not None and child == self.layout.apart(node):
            body = special_part(special, above, self._enough(node, row), None)
            return f'IF(AND(ISNUMBER({above}),ISNUMBER({self.at("Levels", child, row)})),{body},"")'
        mean, total = self.layout.mean(node), self._helper(node, row)
        term = self.at(f"'{self.terms(node, 'Levels')}'", child, row)
        if mean.name in ("minimum", "maximum"):
            children = self.below(f"'{self.terms(node, 'Levels')}'", node, row)
            part = f"{weight}*({term}={_extreme(mean, children)})"
        elif mean.name == "product":
            part = "1"
        elif mean.name in SPLIT:
            part = term
        else:
            part = f"{weight}*({term}-{self.framework.at(node, 'term of the floor')})"
        body = f"IF({total}=0,0,{above}*{part}/{total})"
        if special is not None:
            share = f"IF({total}=0,0,{part}/{total})"
            body = special_part(special, above, self._enough(node, row), share)
        return f'IF(AND(ISNUMBER({above}),ISNUMBER({term}),{weight}>0),{body},"")'


def _extreme(mean: Any, children: str) -> str:
    """Return the formula of the child that binds, before the group is rounded."""
    return f"{mean.name[:3].upper()}({children})"
