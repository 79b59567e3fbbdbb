"""Levers on security: incidents, surveillance, data protection, assistance; and edits of single cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from ....data.countries import to_iso3
from ....data.snapshot import load_data, snapshot_facts
from ..changes import changed
from ..sheet import Sheet
from .base import (
    Lever,
    amount_field,
    change_field,
    choice_field,
    flag_field,
    share_field,
    text_field,
)

__all__ = [
    "CellChange",
    "DataProtectionReform",
    "DigitalAssistance",
    "IncidentShock",
    "SafeCityRollout",
]

CLAIMS = {"confirmed": 1.0, "probable": 0.75, "alleged": 0.5, "refuted": 0.0}
"""What an event counts by how far it is attributed (DOMAIN a.1)."""

CATEGORIES = 4.0


@dataclass(frozen=True, kw_only=True)
class IncidentShock(Lever):
    """More incidents in the register."""

    name: ClassVar[str] = "incident_shock"
    words: ClassVar[str] = "More data-security incidents in the register"

    count: float = amount_field(1.0)
    severity: float = amount_field(3.0, least=1.0)
    victim: str | None = text_field(None)
    claim: str = choice_field("confirmed", *CLAIMS)
    half_life: float | None = amount_field(None, least=0.1)
    years: float = amount_field(0.0)

    def apply(self, sheet: Sheet, row: int, t: float | None) -> None:
        """Add events to the count and, with the register's own prior, to the rate per million."""
        if not self._hits(sheet, row):
            return
        left = 1.0 if self.half_life is None or t is None else 2 ** (-t / self.half_life)
        if sheet.records.incidents is not None:
            self._on_records(sheet, row, left)
            return
        weight = self.count * CLAIMS[self.claim] * left
        people = sheet.number(row, "population") / 1e6
        if not people > 0:
            sheet.say(row, f"no population of {sheet.country(row)} in the data")
            return
        moved = False
        for column in sheet.roles["incident_rate"]:
            before = sheet.value(row, column)
            if np.isnan(before):
                continue
            node = sheet.indicators.get(column)
            graded = node is not None and "weighted" in node.unit
            size = people if graded else people + _prior(sheet, row, column)
            moved |= sheet.write(
                row, column, before + weight * (self.severity if graded else 1) / size
            )
        sheet.write_role(row, "incident_count", lambda x: x + weight)
        if not moved:
            sheet.say(
                row,
                "a refuted claim counts nothing"
                if weight == 0
                else f"no incident rate of {sheet.country(row)} in the data",
            )

    def _hits(self, sheet: Sheet, row: int) -> bool:
        """Tell whether the country is the victim; where another is, it is host alone."""
        if self.victim is None:
            return True
        code = to_iso3([self.victim])[0]
        if code == str(sheet.data.iso3[row]):
            return True
        sheet.say(
            row,
            f"the victim is {self.victim}: {sheet.country(row)} is the host, and what it hosts is not "
            "in its rate",
        )
        return False

    def _on_records(self, sheet: Sheet, row: int, left: float) -> None:
        """Add events to the register; the rate follows, by the measure of it that the cell holds."""
        register = sheet.records.incidents
        code = str(sheet.data.iso3[row])
        if register is None or code not in register.people.index:
            sheet.say(row, f"no population of {sheet.country(row)} in the data")
            return
        moved = False
        for column in sheet.roles["incident_rate"]:
            before = sheet.value(row, column)
            # A cell that other levers moved still holds the measure that it held in the data.
            start = sheet.data_value(row, column)
            step, kind = register.added(code, start, (self.count, self.severity, self.claim))
            base = register.rate(code) if np.isnan(before) else before
            if sheet.write(row, column, base + left * step):
                moved = True
                sheet.note(row, f"`{column}` moves as `{kind}` of the register does")
        events = self.count * left * (register.weighing.claim_weights[self.claim] > 0)
        sheet.write_role(row, "incident_count", lambda x: x + events)
        if not moved:
            sheet.say(
                row,
                "a refuted claim counts nothing"
                if register.weighing.claim_weights[self.claim] == 0
                else f"no incident rate of {sheet.country(row)} in the data",
            )


def _prior(sheet: Sheet, row: int, column: str) -> float:
    """Return millions of people that the register's prior adds to every country; 0 where rates are raw.

    A Gamma-Poisson rate is (k + a) / (m + b): over countries, rate * m - k = a - b * rate is a line. The
    bundled snapshot ships rates and no counts; it states b itself.
    """
    counts = sheet.roles["incident_count"]
    if not counts:
        return _bundled_prior(sheet, row, column)
    rate, count, people = sheet.data._matrix([column, counts[0], sheet.roles["population"][0]]).T
    observed = ~np.isnan(rate + count + people)
    if observed.sum() < 3:
        return 0.0
    x, y = rate[observed], rate[observed] * people[observed] / 1e6 - count[observed]
    slope, level = np.polyfit(x, y, 1)
    fits = np.abs(y - level - slope * x).max() <= 0.02 * max(1.0, float(np.abs(y).max()))
    return max(0.0, float(-slope)) if fits else 0.0


def _bundled_prior(sheet: Sheet, row: int, column: str) -> float:
    """Return the prior of the bundled rates in million people, where the data hold the bundled rate."""
    bundled, code = load_data(), str(sheet.data.iso3[row])
    if column not in bundled.columns or code not in bundled.iso3:
        return 0.0
    same = bundled.cell(code, column)["value"] == sheet.data_value(row, column)
    return float(snapshot_facts()["incident_prior"]["million_people"]) if same else 0.0


@dataclass(frozen=True, kw_only=True)
class SafeCityRollout(Lever):
    """More surveillance techniques in use, or a moratorium on them."""

    name: ClassVar[str] = "safe_city_rollout"
    words: ClassVar[str] = "More surveillance techniques in use, or a moratorium"

    techniques: float = text_field(1.0, kind="techniques")
    supplier: str | None = text_field(None, kind="supplier")
    moratorium: bool = flag_field()
    years: float = amount_field(0.0)

    def apply(self, sheet: Sheet, row: int, t: float | None) -> None:
        """Raise adoption by a fourth for each technique, then adoption times the gap in safeguards."""
        step = self.techniques / CATEGORIES * self.done(t) * (-1 if self.moratorium else 1)
        before = _adoption(sheet, row)
        if np.isnan(before) and self.moratorium:
            sheet.say(row, f"no surveillance technique of {sheet.country(row)} in the data")
            return
        # Where adoption is not known the first evidence counts on top of nothing.
        after = min(max((0.0 if np.isnan(before) else before) + step, 0.0), 1.0)
        if after == before:
            word = "none is in use" if self.moratorium else "all categories are in use already"
            sheet.say(row, f"{word} in {sheet.country(row)}")
            return
        moved = False
        for column in sheet.roles["adoption"]:
            moved |= sheet.write(row, column, after * sheet.factor(column))
        moved |= _product(sheet, row, before, after)
        if self.supplier is not None:
            shares = sheet.shares(row, "surveillance")
            if shares.holders is None:
                sheet.note(
                    row, "suppliers of surveillance are not known one by one: shares are left"
                )
        if not moved:
            sheet.say(row, f"no adoption of surveillance of {sheet.country(row)} in the data")


def _adoption(sheet: Sheet, row: int) -> float:
    """Return adoption 0-1, from its cell, or from what the product with the gap implies."""
    cell = sheet.find(row, "adoption")
    if cell is not None:
        return cell[1] / sheet.factor(cell[0])
    product, gap = sheet.find(row, "adoption_safeguards"), sheet.find(row, "safeguards")
    if product is None or gap is None or gap[1] <= 0:
        return float("nan")
    return min(product[1] / gap[1], 1.0)


def _product(sheet: Sheet, row: int, before: float, after: float) -> bool:
    """Return adoption times the gap in safeguards where it is a column, not derived by the framework."""
    moved = False
    for column in sheet.roles["adoption_safeguards"]:
        if getattr(sheet.indicators.get(column), "derived", None) is not None:
            moved = True
            continue
        current, gap = sheet.observed(row, column), sheet.find(row, "safeguards")
        if not np.isnan(current) and before > 0:
            moved |= sheet.write(row, column, current * after / before)
        elif gap is not None:
            value = after * gap[1]
            # A first piece of evidence is no reason to score lower than without it.
            guess = sheet.value(row, column)
            moved |= sheet.write(row, column, value if np.isnan(guess) else max(value, guess))
    return moved


@dataclass(frozen=True, kw_only=True)
class DataProtectionReform(Lever):
    """A data-protection law, an authority, a recognised framework."""

    name: ClassVar[str] = "dp_reform"
    words: ClassVar[str] = (
        "A data-protection law, an authority, a recognised framework (CBPR, adequacy)"
    )

    law: bool = flag_field(default=True)
    authority: bool = flag_field()
    cbpr: bool = flag_field()
    adequacy: bool = flag_field()
    safeguards: float | str | None = change_field()
    years: float = amount_field(2.0)

    def apply(self, sheet: Sheet, row: int, t: float | None) -> None:
        """Level up or gap down to what the reform gives; safeguards in practice only where said."""
        done = self.done(t)
        level = 4.0 if self.adequacy else 2.0 if self.law and self.authority else float(self.law)
        parts = self.law + self.authority + (self.cbpr or self.adequacy)
        moved = sheet.write_role(
            row, "data_protection_level", lambda x: x + (max(x, level) - x) * done
        )
        moved |= sheet.write_role(
            row, "data_protection_gap", lambda x: x + (min(x, 1 - parts / 3) - x) * done
        )
        if self.cbpr:
            sheet.write_role(row, "cbpr", lambda x: max(x, 1.0))
        if self.safeguards is not None:
            moved |= self._practice(sheet, row, done)
        if not moved:
            has_columns = any(
                sheet.find(row, role) for role in ("data_protection_level", "data_protection_gap")
            )
            sheet.say(
                row,
                f"{sheet.country(row)} has what the reform gives"
                if has_columns
                else f"no level of data protection of {sheet.country(row)} in the data; practice "
                "(`safeguards`) is not part of the reform unless given",
            )

    def _practice(self, sheet: Sheet, row: int, done: float) -> bool:
        before = _adoption(sheet, row)
        cell = sheet.find(row, "safeguards")
        if cell is None or self.safeguards is None:
            return False
        target = changed(cell[1], self.safeguards)
        moved = sheet.write(row, cell[0], cell[1] + (target - cell[1]) * done)
        grown = sheet.value(row, cell[0]) / cell[1] if cell[1] > 0 else 1.0
        for column in sheet.roles["adoption_safeguards"]:
            product = sheet.value(row, column)
            derived = getattr(sheet.indicators.get(column), "derived", None)
            if derived is None and not np.isnan(product) and not np.isnan(before):
                sheet.write(row, column, product * grown)
        return moved


@dataclass(frozen=True, kw_only=True)
class DigitalAssistance(Lever):
    """Skills, institutions and cyber capacity are built with outside help."""

    name: ClassVar[str] = "digital_assistance"
    words: ClassVar[str] = "Skills, institutions and cyber capacity are built with outside help"

    uptake: float = share_field(0.0)
    kit: float = share_field(0.0)
    capacity: float | str | None = change_field()
    gci: float | str | None = change_field()
    ncsi: float | str | None = change_field()
    law: bool = flag_field()
    years: float = amount_field(5.0)

    def apply(self, sheet: Sheet, row: int, t: float | None) -> None:
        """Close a share of the distance to the top, or reach given levels; nothing is lowered.

        `uptake` is the share of every capacity; `kit`, equipment that is given, that of cyber capacity alone.
        """
        done = self.done(t)
        moved = False
        for role in ("capacity", "gci", "ncsi"):
            wanted = getattr(self, role)
            share = self.uptake if role == "capacity" else max(self.uptake, self.kit)
            for column in sheet.roles[role]:
                before = sheet.value(row, column)
                if np.isnan(before):
                    continue
                top = sheet.top_of(column)
                goal = before + (top - before) * share
                if wanted is not None:
                    goal = max(goal, changed(before, wanted))
                value = before + (min(max(goal, before), top) - before) * done
                moved |= sheet.write(row, column, value)
        if self.law:
            moved |= sheet.write_role(row, "cybercrime_law", lambda x: x + (max(x, 1.0) - x) * done)
        if not moved:
            sheet.say(
                row, f"no capacity of {sheet.country(row)} known below what the assistance gives"
            )


@dataclass(frozen=True, kw_only=True)
class CellChange(Lever):
    """Single cells given or changed by hand: ``{gci: "+10"}``."""

    name: ClassVar[str] = ""
    words: ClassVar[str] = "Single cells, given or changed"

    cells: dict[str, float | str] = field(default_factory=dict)

    def apply(self, sheet: Sheet, row: int, t: float | None) -> None:
        """Write each cell, a share of the way where it is phased in."""
        for column, wanted in self.cells.items():
            before = sheet.value(row, column)
            if np.isnan(before) and isinstance(wanted, str) and wanted[0] in "+-*/":
                sheet.say(
                    row, f"no `{column}` of {sheet.country(row)} in the data to change by {wanted}"
                )
                continue
            target = changed(0.0 if np.isnan(before) else before, wanted)
            start = target if np.isnan(before) else before
            asked = start + (target - start) * self.done(t)
            used = sheet.within(column, asked)
            if abs(used - asked) > 1e-9:
                sheet.note(
                    row,
                    f"`{column}` of {sheet.country(row)}: {asked:g} is {sheet.why_not(column, asked)}; "
                    f"{used:g} is used",
                )
            if not sheet.write(row, column, asked):
                sheet.say(row, f"`{column}` of {sheet.country(row)} is {before:g} already")

    def settings(self) -> dict[str, Any]:
        """Return the cells."""
        return dict(self.cells)
