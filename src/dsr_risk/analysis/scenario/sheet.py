"""An editable copy of the data of some scores: cells and shares by country, every edit written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...framework.nodes import Indicator
from ...scoring.scores import Scores
from .layer_shares import LayerShares
from .loan_book import LoanBook
from .record_set import RecordSet
from .roles import role_columns

__all__ = ["Edit", "Reason", "Sheet"]


@dataclass(frozen=True)
class Edit:
    """One cell that a lever moved, and whether the value before was an estimate."""

    row: int
    column: str
    before: float
    after: float
    lever: int
    estimated: bool


@dataclass(frozen=True)
class Reason:
    """The reason why a lever did not move a cell."""

    row: int
    lever: int
    text: str


class Sheet:
    """Cells and shares of the countries a scenario touches; reads see what was written before."""

    def __init__(
        self,
        scores: Scores,
        roles: Mapping[str, Any],
        records: RecordSet,
    ) -> None:
        self.scores = scores
        self.data = scores.data
        self.focal = scores.framework.focal or ""
        self.roles = role_columns({**declared_roles(scores), **roles}, self.data.columns)
        self.lever = 0
        self.edits: dict[tuple[int, str, int], Edit] = {}
        self.reasons: list[Reason] = []
        self.notes: list[Reason] = []
        self._written: dict[tuple[int, str], float] = {}
        self._layers: dict[tuple[int, str], LayerShares] = {}
        self.records = records
        self._loans: dict[int, LoanBook] = {}
        self._column_index = {name: index for index, name in enumerate(self.data.columns)}
        framework = scores.framework
        self.indicators: dict[str, Indicator] = {
            node.data_column: node for node in (*framework.context, *framework.indicators)
        }
        self._indicator_of = {
            indicator.data_column: i for i, indicator in enumerate(framework.indicators)
        }
        self._inputs = {
            node.data_column: i
            for i, node in enumerate(framework.inputs)
            if node.denominator is None and node.data_column not in self._indicator_of
        }
        self._estimated = scores._state.estimates.put(scores._state.prepared.denominated)

    # -- cells ------------------------------------------------------------------------------------

    def country(self, row: int) -> str:
        """Return the name of the country of a row."""
        return self.data.names_of([self.data.iso3[row]])[0]

    def observed(self, row: int, column: str) -> float:
        """Return the value of a cell as it stands now, NaN where there is none."""
        if (row, column) in self._written:
            return self._written[row, column]
        return self.data_value(row, column)

    def data_value(self, row: int, column: str) -> float:
        """Return the value of a cell in the data, before any lever; NaN where there is none."""
        index = self._column_index.get(column)
        return float("nan") if index is None else float(self.data.values_array[row, index])

    def estimated(self, row: int, column: str) -> bool:
        """Tell whether a cell has no value of its own but one that the model estimated."""
        return bool(np.isnan(self.observed(row, column)) and not np.isnan(self.value(row, column)))

    def value(self, row: int, column: str) -> float:
        """Return the value of a cell, or what the model estimates in its place; NaN where there is neither."""
        cell = self.observed(row, column)
        if not np.isnan(cell):
            return cell
        if column in self._inputs:
            return float(self._estimated[row, self._inputs[column]])
        indicator = self._indicator_of.get(column)
        if indicator is None or self.scores.framework.indicators[indicator].denominator is not None:
            return cell
        # What scores as the estimated cell does, so that no change changes nothing.
        return float(self.scores._equivalent[row, indicator])

    def find(self, row: int, role: str) -> tuple[str, float] | None:
        """Return the first column of a role that has a value here, and the value."""
        for column in self.roles[role]:
            value = self.value(row, column)
            if not np.isnan(value):
                return column, value
        return None

    def number(self, row: int, role: str) -> float:
        """Return the value of a role, NaN where there is none."""
        column = self.find(row, role)
        return float("nan") if column is None else column[1]

    def scored(self, role: str) -> bool:
        """Tell whether some column of a role is scored, or goes into a scored one."""
        return any(column in self._indicator_of for column in self.roles[role])

    def write(self, row: int, column: str, value: float) -> bool:
        """Write a cell within its plausible range; False where nothing moved."""
        before = self.value(row, column)
        value = self.within(column, value)
        if np.isnan(value) or (not np.isnan(before) and abs(value - before) < 1e-12):
            return False
        key = (row, column, self.lever)
        guess = self.estimated(row, column)
        if key in self.edits:
            before, guess = self.edits[key].before, self.edits[key].estimated
        self.edits[key] = Edit(row, column, before, value, self.lever, guess)
        self._written[row, column] = value
        return True

    def write_role(self, row: int, role: str, change: Any) -> bool:
        """Write every column of a role that has a value: ``change(value)`` gives the new one."""
        moved = False
        for column in self.roles[role]:
            before = self.value(row, column)
            if not np.isnan(before):
                moved |= self.write(row, column, float(change(before)))
        return moved

    def within(self, column: str, value: float) -> float:
        """Return the value, held inside the plausible range and on the codes of its column."""
        node = self.indicators.get(column)
        if node is not None and node.plausible is not None:
            value = min(max(value, node.plausible[0]), node.plausible[1])
        if node is not None and node.ordinal is not None:
            value = min(node.ordinal, key=lambda code: abs(code - value))
        return value

    def why_not(self, column: str, value: float) -> str:
        """Say why a column cannot hold the value that ``within`` changes."""
        node = self.indicators[column]
        low, high = node.plausible or (-np.inf, np.inf)
        if node.ordinal is not None and low <= value <= high:
            return f"none of its codes {', '.join(f'{code:g}' for code in node.ordinal)}"
        return "outside the plausible range"

    def top_of(self, column: str) -> float:
        """Return the best or highest value of a column: the end of its plausible range or goalposts."""
        node = self.indicators.get(column)
        if node is not None and node.plausible is not None:
            return float(node.plausible[1])
        high = getattr(getattr(node, "normalisation", None), "high", None)
        if isinstance(high, int | float):
            return float(high)
        values = self.data._matrix([column])[:, 0]
        return 100.0 if np.nanmax(values) > 1.5 else 1.0

    def factor(self, column: str) -> float:
        """Return 100 where a share is written in per cent, 1 where it is written 0-1."""
        node = self.indicators.get(column)
        if node is not None and "%" in node.unit:
            return 100.0
        values = self.data._matrix([column])[:, 0]
        return 100.0 if np.isfinite(values).any() and np.nanmax(values) > 1.5 else 1.0

    # -- shares -----------------------------------------------------------------------------------

    def shares(self, row: int, layer: str) -> LayerShares:
        """Return the shares of a layer, from records, else from the cells that sum them up."""
        if (row, layer) in self._layers:
            return self._layers[row, layer]
        holders = self.records.shares.get((str(self.data.iso3[row]), layer))
        if holders:
            return LayerShares.of(self.focal, holders)
        numbers = []
        for part in ("focal_share", "hhi", "top_share"):
            column = self.find(row, f"{layer}.{part}")
            numbers.append(float("nan") if column is None else column[1] / self.factor(column[0]))
        return LayerShares(self.focal, None, *numbers)

    def write_shares(self, row: int, layer: str, after: LayerShares) -> bool:
        """Write what a layer's shares sum up to; False where no cell moved."""
        before = self.shares(row, layer)
        moved = False
        for part, value in (
            ("focal_share", after.focal_share),
            ("hhi", after.hhi),
            ("top_share", after.top),
        ):
            columns = self.roles[f"{layer}.{part}"]
            for column in columns:
                current = self.value(row, column)
                if np.isnan(value) and not np.isnan(current):
                    self.note(
                        row, f"`{column}` is left as it is: the shares behind it are not known"
                    )
                elif not np.isnan(current) or before.holders is not None:
                    moved |= self.write(row, column, value * self.factor(column))
        if before.holders is not None:
            self._layers[row, layer] = after
        return moved

    # -- loans ------------------------------------------------------------------------------------

    def loans(self, row: int) -> LoanBook | None:
        """Return the recorded loans of a country as they stand now, None where there are none."""
        if row in self._loans:
            return self._loans[row]
        return self.records.loans.get(str(self.data.iso3[row]))

    def write_loans(self, row: int, after: LoanBook) -> None:
        """Keep edited loans; later levers see them."""
        self._loans[row] = after

    # -- words ------------------------------------------------------------------------------------

    def say(self, row: int, text: str) -> None:
        """Write down why the lever moved nothing here."""
        self.reasons.append(Reason(row, self.lever, text))

    def note(self, row: int, text: str) -> None:
        """Record a note on what the lever did to a unit."""
        entry = Reason(row, self.lever, text)
        if entry not in self.notes:
            self.notes.append(entry)


def declared_roles(scores: Scores) -> dict[str, tuple[str, ...]]:
    """Return the roles that indicators of the framework declare (``role``), by role."""
    out: dict[str, tuple[str, ...]] = {}
    for node in (*scores.framework.indicators, *scores.framework.context):
        role = getattr(node, "role", "")
        if role:
            out[role] = (*out.get(role, ()), node.data_column)
    return out
