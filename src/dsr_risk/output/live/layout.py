"""The layout of the workbook: rows of units, columns of indicators and nodes, names of sheets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from ..._util.frozen import Frozen
from ..._util.types import Array, Index
from ...data.nouns import in_nouns
from ...errors import DataError
from ...methods.aggregation import Aggregator
from ...methods.group_values import GivenGroup, ScaledGroup
from ...methods.mirrored import Mirrored
from ...methods.rounded import Rounded
from ...scoring.scores import Scores
from ...scoring.tree import GroupNode

__all__ = ["FIRST", "LEAD", "Layout", "cell", "letters", "spread"]

FIRST = 6
"""The first row of units on every sheet that has a row a unit, counted from 0."""
LEAD = 3
"""The columns before the first number: country, code, year."""
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384


@lru_cache(maxsize=MOST_COLUMNS)
def letters(column: int) -> str:
    """Return the letters of a column, counted from 0."""
    out, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        out = chr(65 + rest) + out
    return out


def cell(sheet: str, row: int, column: int, lock: str = "") -> str:
    """Return the reference of a cell; `lock` holds ``r`` or ``c`` for what does not move with the formula."""
    where = f"{'$' * ('c' in lock)}{letters(column)}{'$' * ('r' in lock)}{row + 1}"
    return f"{sheet}!{where}" if sheet else where


def spread(sheet: str, rows: tuple[int, int], columns: tuple[int, int], lock: str = "") -> str:
    """Return the reference of a range between two rows and two columns, both included."""
    first = cell(sheet, rows[0], columns[0], lock)
    return f"{first}:{cell('', rows[1], columns[1], lock)}"


@dataclass(frozen=True, eq=False)
class Layout(Frozen):
    """Scores with the places of their parts in the workbook."""

    scores: Scores

    @cached_property
    def order(self) -> Index:
        """The units in the order of the rows: those that are scored first, the focal state last."""
        return np.argsort(self.scores._focal, kind="stable")

    @cached_property
    def scored(self) -> int:
        """The number of units that are not the focal state or part of it."""
        return int((~self.scores._focal).sum())

    @property
    def units(self) -> int:
        """The number of units."""
        return len(self.order)

    @property
    def last(self) -> int:
        """The last row of units."""
        return FIRST + self.units - 1

    @property
    def last_scored(self) -> int:
        """The last row of units that are scored."""
        return FIRST + self.scored - 1

    def said(self, text: str) -> str:
        """Return one of our texts on countries as it holds for the units of the workbook."""
        return in_nouns(self.scores.data, text)

    @cached_property
    def keys(self) -> list[tuple[str, str, str]]:
        """Country, code and year of every row; every country text is there once in a year."""
        data = self.scores.data
        out, seen = [], set()
        for row in self.order:
            code, year = data._unit_keys()[row]
            year_text = str(year) if data.is_panel else ""
            name = data.names_of([code])[0]
            label = f"{name} {year_text}".strip() if data.is_panel else name
            if label in seen:
                label = f"{label} ({code})"
            seen.add(label)
            out.append((label, str(code), year_text))
        return out

    @cached_property
    def nodes(self) -> tuple[int, ...]:
        """The nodes in the order of the columns: level by level, siblings side by side."""
        below = {
            group_node.node: group_node.children.tolist()
            for group_node in self.scores._state.tree.group_nodes
        }
        out: list[int] = []
        level = list(self.scores._state.tree.headlines)
        while level:
            out += level
            level = [child for node in level for child in below.get(node, [])]
        return tuple(out)

    @cached_property
    def column(self) -> dict[int, int]:
        """The column of every node on the sheets of levels."""
        return {node: LEAD + index for index, node in enumerate(self.nodes)}

    @cached_property
    def group_nodes(self) -> dict[int, GroupNode]:
        """The group of every group node."""
        return {group_node.node: group_node for group_node in self.scores._state.tree.group_nodes}

    def mean(self, node: int) -> Aggregator:
        """Return the aggregation of a group; of a mirrored mean, the mean that is mirrored."""
        aggregator = self.aggregator(node)
        return aggregator.mean if isinstance(aggregator, Mirrored) else aggregator

    def aggregator(self, node: int) -> Aggregator:
        """Return the aggregation of a group's children, before it is scaled, replaced or rounded."""
        special = self.special(node)
        return self._unrounded(node) if special is None else special.inner

    def special(self, node: int) -> ScaledGroup | GivenGroup | None:
        """Return how one child of a group scales the others or stands for them, None where none does."""
        aggregator = self._unrounded(node)
        return aggregator if isinstance(aggregator, ScaledGroup | GivenGroup) else None

    def apart(self, node: int) -> int | None:
        """Return the child that scales the others of its group or stands for them."""
        special = self.special(node)
        return None if special is None else int(self.group_nodes[node].children[special.at])

    def _unrounded(self, node: int) -> Aggregator:
        aggregator = self.group_nodes[node].aggregator
        return aggregator.inner if isinstance(aggregator, Rounded) else aggregator

    def kind(self, node: int, unit: int) -> str:
        """Return the format of a node's points: that of an estimate where it is an estimated indicator."""
        cells = self.scores._state.cells
        indicator = node < self.scores._state.tree.n_indicators
        return "estimated" if indicator and cells.estimated[unit, node] else "points"

    def children(self, node: int) -> tuple[int, int]:
        """Return the first and the last column of a group's children."""
        columns = [self.column[int(child)] for child in self.group_nodes[node].children]
        return min(columns), max(columns)

    def check(self) -> None:
        """Raise DataError where a sheet cannot hold the scores.

        Raises
        ------
        DataError
            For more units than rows, or more columns than a sheet has.
        """
        columns = LEAD + 2 * max(len(self.nodes), len(self.scores.framework.inputs))
        if self.last >= MOST_ROWS or columns > MOST_COLUMNS:
            raise DataError(
                f"a sheet holds {MOST_ROWS:,} rows and {MOST_COLUMNS:,} columns; received {self.units:,} "
                f"units and {columns:,} columns. Select countries or a year first (`scores.select`)"
            )

    def rows(self, array: Any) -> Array:
        """Return the rows of an array (units, ...) in the order of the sheet."""
        return np.asarray(array)[self.order]
