"""An editable copy of the data of some scores: cells and shares by country, every edit written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...data.countries import country_table, to_iso3
from ...errors import DataError, Problems
from ...framework.definition import Indicator
from ...scoring.scores import Scores
from .layer_shares import Holder, LayerShares
from .names import origin_of
from .roles import role_columns

__all__ = ["Edit", "Reason", "Sheet", "shares_of_records"]

SHARE_COLUMNS = ("iso3", "layer", "holder", "share")


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
    """Why a lever did not move something."""

    row: int
    lever: int
    text: str


def shares_of_records(records: pd.DataFrame | None) -> dict[tuple[str, str], tuple[Holder, ...]]:
    """Return the holders of each country and layer in a frame of shares.

    The frame has columns ``iso3, layer, holder, share`` (0-1) and may have ``origin``.

    Raises
    ------
    DataError
        For absent columns, unknown countries, or shares that are none.
    """
    if records is None:
        return {}
    problems = Problems("shares")
    absent = [name for name in SHARE_COLUMNS if name not in records]
    if absent:
        problems.add(
            f"no column {', '.join(f'`{name}`' for name in absent)}; expected iso3, layer, holder, "
            "share and, where known, origin"
        )
        problems.raise_as(DataError)
    codes = to_iso3(records["iso3"])
    share = pd.to_numeric(records["share"], errors="coerce").to_numpy(float)
    for row in np.flatnonzero([code is None for code in codes])[:5]:
        problems.add(f"row {row + 1}: country {records['iso3'].iloc[row]!r} is not known")
    for row in np.flatnonzero(~((share >= 0) & (share <= 1)))[:5]:
        problems.add(f"row {row + 1}: share {records['share'].iloc[row]!r} is no number in 0-1")
    problems.raise_as(DataError)
    out: dict[tuple[str, str], list[Holder]] = {}
    origins = records["origin"] if "origin" in records else [None] * len(records)
    for code, layer, holder, part, origin in zip(
        codes, records["layer"], records["holder"], share, origins, strict=True
    ):
        seat = str(origin) if isinstance(origin, str) and origin else origin_of(str(holder))
        out.setdefault((str(code), str(layer)), []).append(Holder(str(holder), seat, float(part)))
    return {key: tuple(holders) for key, holders in out.items()}


class Sheet:
    """Cells and shares of the countries a scenario touches; reads see what was written before."""

    def __init__(
        self,
        scores: Scores,
        roles: Mapping[str, Any],
        shares: Mapping[tuple[str, str], tuple[Holder, ...]],
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
        self._records = shares
        self._places = {name: place for place, name in enumerate(self.data.columns)}
        framework = scores.framework
        self.indicators: dict[str, Indicator] = {
            node.data_column: node for node in (*framework.context, *framework.indicators)
        }
        self._leaves = {leaf.data_column: i for i, leaf in enumerate(framework.indicators)}
        self._inputs = {
            node.data_column: i
            for i, node in enumerate(framework.inputs)
            if node.denominator is None and node.data_column not in self._leaves
        }
        self._estimated = scores.estimates.put(scores.prepared.denominated)

    # -- cells ------------------------------------------------------------------------------------

    def country(self, row: int) -> str:
        """Return the name of the country of a row."""
        code = str(self.data.iso3[row])
        return str(country_table()["name"].get(code, code))

    def observed(self, row: int, column: str) -> float:
        """Return the value of a cell as it stands now, NaN where there is none."""
        if (row, column) in self._written:
            return self._written[row, column]
        place = self._places.get(column)
        return float("nan") if place is None else float(self.data.values_array[row, place])

    def estimated(self, row: int, column: str) -> bool:
        """Whether a cell has no value of its own but one that the model estimated."""
        return bool(np.isnan(self.observed(row, column)) and not np.isnan(self.value(row, column)))

    def value(self, row: int, column: str) -> float:
        """Return the value of a cell, or what the model estimates in its place; NaN where there is neither."""
        found = self.observed(row, column)
        if not np.isnan(found):
            return found
        if column in self._inputs:
            return float(self._estimated[row, self._inputs[column]])
        leaf = self._leaves.get(column)
        if leaf is None or self.scores.framework.indicators[leaf].denominator is not None:
            return found
        # What scores as the estimated cell does, so that no change changes nothing.
        return float(self.scores._equivalent[row, leaf])

    def find(self, row: int, role: str) -> tuple[str, float] | None:
        """Return the first column of a role that has a value here, and the value."""
        for column in self.roles[role]:
            value = self.value(row, column)
            if not np.isnan(value):
                return column, value
        return None

    def number(self, row: int, role: str) -> float:
        """Return the value of a role, NaN where there is none."""
        found = self.find(row, role)
        return float("nan") if found is None else found[1]

    def scored(self, role: str) -> bool:
        """Whether some column of a role is scored, or goes into a scored one."""
        return any(column in self._leaves for column in self.roles[role])

    def write(self, row: int, column: str, value: float) -> bool:
        """Write a cell within its plausible range; False where nothing moved."""
        before = self.value(row, column)
        value = self._plausible(column, value)
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

    def _plausible(self, column: str, value: float) -> float:
        node = self.indicators.get(column)
        if node is not None and node.plausible is not None:
            value = min(max(value, node.plausible[0]), node.plausible[1])
        if node is not None and node.ordinal is not None:
            value = min(node.ordinal, key=lambda code: abs(code - value))
        return value

    def top_of(self, column: str) -> float:
        """Return the best or highest value of a column: the end of its plausible range or goalposts."""
        node = self.indicators.get(column)
        if node is not None and node.plausible is not None:
            return float(node.plausible[1])
        high = getattr(getattr(node, "normalisation", None), "high", None)
        if isinstance(high, int | float):
            return float(high)
        known = self.data.matrix([column])[:, 0]
        return 100.0 if np.nanmax(known) > 1.5 else 1.0

    def factor(self, column: str) -> float:
        """100 where a share is written in per cent, 1 where it is written 0-1."""
        node = self.indicators.get(column)
        if node is not None and "%" in node.unit:
            return 100.0
        known = self.data.matrix([column])[:, 0]
        return 100.0 if np.isfinite(known).any() and np.nanmax(known) > 1.5 else 1.0

    # -- shares -----------------------------------------------------------------------------------

    def shares(self, row: int, layer: str) -> LayerShares:
        """Return the shares of a layer, from records, else from the cells that sum them up."""
        if (row, layer) in self._layers:
            return self._layers[row, layer]
        holders = self._records.get((str(self.data.iso3[row]), layer))
        if holders:
            return LayerShares.of(self.focal, holders)
        numbers = []
        for part in ("focal_share", "hhi", "top_share"):
            found = self.find(row, f"{layer}.{part}")
            numbers.append(float("nan") if found is None else found[1] / self.factor(found[0]))
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
                here = self.value(row, column)
                if np.isnan(value) and not np.isnan(here):
                    self.note(
                        row, f"`{column}` is left as it is: the shares behind it are not known"
                    )
                elif not np.isnan(here) or before.holders is not None:
                    moved |= self.write(row, column, value * self.factor(column))
        if before.holders is not None:
            self._layers[row, layer] = after
        return moved

    # -- words ------------------------------------------------------------------------------------

    def say(self, row: int, text: str) -> None:
        """Write down why the lever moved nothing here."""
        self.reasons.append(Reason(row, self.lever, text))

    def note(self, row: int, text: str) -> None:
        """Write down what the reader must know of what the lever did."""
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
