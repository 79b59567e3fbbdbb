"""Levers on suppliers: restrictions, swaps, newcomers, decoupling, sanctions, standards, takeovers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ....data.dataset import Data
from ..layer_shares import LayerShares
from ..names import VENDORS, origin_of
from ..sheet import Sheet
from .base import (
    Lever,
    amount_field,
    choice_field,
    flag_field,
    holder_of,
    layer_field,
    layers_field,
    names_field,
    share_field,
    text_field,
)

__all__ = [
    "Decoupling",
    "NewEntrant",
    "RestrictHighRiskVendors",
    "SanctionSupplier",
    "StandardsAdoption",
    "SupplierSwap",
    "Takeover",
]

LEGAL_FOCAL, LEGAL_OTHER = 1.0, 0.2
"""Duty to co-operate with the state: of the focal origin's law, and of others, as judgement (DOMAIN s03)."""

LAYER_WORDS = {
    "ran": "vendor shares of radio networks",
    "networks": "shares of network operators",
    "cables": "shares of cable owners",
    "cloud": "shares of cloud providers",
    "imports": "shares of import partners",
    "ict_imports": "shares of technology imports",
    "surveillance": "shares of surveillance suppliers",
    "debt_service": "shares of creditors in debt service",
}


def _shares_of(sheet: Sheet, row: int, where: str) -> LayerShares | None:
    """Return the shares of a layer, or the reason why there are none."""
    shares = sheet.shares(row, where)
    if shares.has_any:
        return shares
    sheet.say(row, f"no {LAYER_WORDS[where]} of {sheet.country(row)} in the data")
    return None


def _follow(sheet: Sheet, row: int, before: LayerShares, after: LayerShares) -> bool:
    """Return what depends on the focal share of radio networks: legal duties, sanctions, critical functions."""
    start, end = before.focal_share, after.focal_share
    if np.isnan(start) or np.isnan(end):
        return False
    moved = sheet.write_role(
        row,
        "legal_exposure",
        lambda x: min(max(x + (end - start) * (LEGAL_FOCAL - LEGAL_OTHER), 0.0), 1.0),
    )
    if start > 0:
        moved |= sheet.write_role(row, "supply_cut", lambda x: min(x * end / start, 1.0))
        moved |= sheet.write_role(row, "critical_share", lambda x: min(x * end / start, 1.0))
    return moved


@dataclass(frozen=True, kw_only=True)
class RestrictHighRiskVendors(Lever):
    """Ban or cap high-risk vendors in radio networks (EU 5G toolbox)."""

    name: ClassVar[str] = "restrict_hrv"
    words: ClassVar[str] = "Ban or cap high-risk vendors in radio networks (EU 5G toolbox)"

    suppliers: tuple[str, ...] = names_field(("Huawei", "ZTE"))
    scope: str = choice_field("all", "all", "core", "ran", "edge")
    cap: float = share_field(0.0)
    years: float = amount_field(5.0)

    def apply(self, sheet: Sheet, row: int, t: float | None) -> None:
        """Cap the vendors' shares, then what is computed from them, then the status of the policy."""
        done = self.done(t)
        status = 3.0 if self.cap == 0 and self.scope == "all" else 2.0
        moved = False
        for column in sheet.roles["restriction_status"]:
            value = sheet.value(row, column)
            moved |= sheet.write(row, column, status if np.isnan(value) else max(value, status))
        if self.scope == "core":
            moved |= sheet.write_role(
                row, "critical_share", lambda x: x + (min(x, self.cap) - x) * done
            )
            if not moved:
                sheet.say(
                    row, f"no share of critical functions of {sheet.country(row)} in the data"
                )
            return
        before = _shares_of(sheet, row, "ran")
        if before is None:
            return
        wanted = self._wanted(sheet, before)
        held = _held(before, wanted)
        if not held > 0:
            sheet.say(row, f"no share of {', '.join(self.suppliers)} in {sheet.country(row)}")
            return
        after = before.capped(wanted, held + (min(held, self.cap) - held) * done)
        sheet.write_shares(row, "ran", after)
        _follow(sheet, row, before, after)
        if self.cap == 0:
            # What counts is who may still be bought from, not who is installed.
            admitted = len([vendor for vendor in VENDORS if vendor not in self.suppliers])
            if admitted:
                sheet.write_role(row, "supplier_scarcity", lambda x: x + (1 / admitted - x) * done)
        gone = held - _held(after, wanted)
        sheet.note(row, f"stranded base: {100 * gone:.3g} % of the radio network to be replaced")
        if after.hhi > before.hhi:
            sheet.note(
                row,
                f"concentration rises: HHI {before.hhi:.3g} to {after.hhi:.3g}, fewer vendors left",
            )

    def _wanted(self, sheet: Sheet, before: LayerShares) -> list[str]:
        wanted = list(self.suppliers)
        if before.holders is None and any(origin_of(name) == sheet.focal for name in wanted):
            # The cells know one bucket of the focal origin only.
            wanted.append(sheet.focal)
        return wanted


def _held(shares: LayerShares, wanted: list[str]) -> float:
    folded = {name.casefold() for name in wanted}
    if shares.holders is None:
        return shares.focal_share if shares.focal.casefold() in folded else 0.0
    return sum(
        holder.share
        for holder in shares.holders
        if holder.name.casefold() in folded or holder.origin.casefold() in folded
    )


@dataclass(frozen=True, kw_only=True)
class SupplierSwap(Lever):
    """Move a share of one layer from one supplier or partner to another."""

    name: ClassVar[str] = "supplier_swap"
    words: ClassVar[str] = "Move a share of one layer from one supplier or partner to another"

    layer: str = layer_field()
    source: str = text_field(kind="supplier")
    target: str = text_field(kind="supplier")
    share: float | None = share_field(None)
    points: float | None = share_field(None)
    years: float = amount_field(0.0)

    def apply(self, sheet: Sheet, row: int, t: float | None) -> None:
        """Move ``points`` (0-1 of the market), or ``share`` of what the source has."""
        before = _shares_of(sheet, row, self.layer)
        if before is None:
            return
        source, target = holder_of(self.source), holder_of(self.target)
        held = before.holds(source.name, source.origin)
        if self.points is None and np.isnan(held):
            sheet.say(row, f"no share of {self.source} in {sheet.country(row)} in the data")
            return
        wanted = self.points if self.points is not None else (self.share or 0.5) * held
        if held == 0 or wanted == 0:
            sheet.say(row, f"{self.source} has no share to give in {sheet.country(row)}")
            return
        theirs = before.holds(target.name, target.origin)
        after = before.swapped(
            replace(source, share=held), replace(target, share=theirs), wanted * self.done(t)
        )
        if not sheet.write_shares(row, self.layer, after):
            sheet.say(
                row,
                f"{self.source} to {self.target} leaves every known share of {self.layer} as it is",
            )
            return
        if self.layer == "ran":
            _follow(sheet, row, before, after)
        if before.holders is None and np.isnan(theirs) and after.hhi == after.hhi:
            sheet.note(
                row, f"the share of {self.target} is not known and taken as 0: the HHI is a floor"
            )
        if target.origin == sheet.focal:
            sheet.note(row, f"{self.target} is itself of the focal origin")


@dataclass(frozen=True, kw_only=True)
class NewEntrant(Lever):
    """A newcomer gains a share of one layer from all others."""

    name: ClassVar[str] = "new_entrant"
    words: ClassVar[str] = "A newcomer gains a share of one layer from all others"

    layer: str = layer_field("ran")
    share: float = share_field()
    supplier: str = text_field("Samsung", kind="supplier")
    price_gap: float = share_field(0.0)
    years: float = amount_field(3.0)

    def apply(self, sheet: Sheet, row: int, t: float | None) -> None:
        """Multiply every share by 1 - e and give the newcomer e; a price gap lowers e."""
        before = _shares_of(sheet, row, self.layer)
        if before is None:
            return
        gained = self.share * (1 - self.price_gap) * self.done(t)
        newcomer = holder_of(self.supplier, gained)
        after = before.entered(newcomer)
        moved = sheet.write_shares(row, self.layer, after)
        if self.layer == "ran":
            moved |= _follow(sheet, row, before, after)
            if self.share > 0:
                moved |= sheet.write_role(
                    row, "supplier_scarcity", lambda x: 1 / (1 / x + self.done(t)) if x > 0 else x
                )
        if not moved:
            sheet.say(row, f"no known share of {self.layer} moves in {sheet.country(row)}")
        elif newcomer.origin == sheet.focal:
            sheet.note(row, f"{self.supplier} is itself of the focal origin")


@dataclass(frozen=True, kw_only=True)
class Decoupling(Lever):
    """Cut the supplies of a bloc and share them out over the others, pro rata."""

    name: ClassVar[str] = "decoupling"
    words: ClassVar[str] = "Cut the supplies of a bloc and share them out over the others, pro rata"

    remove: tuple[str, ...] = names_field(("CHN",))
    layers: tuple[str, ...] = layers_field(
        ("imports", "ict_imports", "ran", "cables", "cloud", "surveillance")
    )
    left: float = share_field(0.0)
    years: float = amount_field(5.0)

    def apply(self, sheet: Sheet, row: int, t: float | None) -> None:
        """Lower every layer whose shares are known, down to ``left`` of what the bloc has."""
        moved, named = False, False
        origins = {origin_of(name) for name in self.remove}
        for where in self.layers:
            before = sheet.shares(row, where)
            if not before.has_any:
                continue
            named = True
            if before.holders is None and sheet.focal not in origins:
                sheet.note(row, f"no {LAYER_WORDS[where]} by origin: {where} is left as it is")
                continue
            if before.holders is None and np.isnan(before.focal_share):
                continue
            wanted = [*self.remove, *origins]
            held = _held(before, wanted)
            target = held + (self.left * held - held) * self.done(t)
            after = before.capped(wanted, target)
            moved |= sheet.write_shares(row, where, after)
            if where == "ran":
                _follow(sheet, row, before, after)
            if after.hhi > before.hhi + 1e-9:
                sheet.note(row, f"{where}: HHI rises from {before.hhi:.3g} to {after.hhi:.3g}")
        if not moved:
            names = ", ".join(self.remove)
            sheet.say(
                row,
                f"no share of {names} known in {sheet.country(row)}"
                if named
                else f"no shares of any layer of {sheet.country(row)} in the data",
            )


@dataclass(frozen=True, kw_only=True)
class SanctionSupplier(Lever):
    """A supplier is listed: what it supplies can no longer be replaced or serviced freely."""

    name: ClassVar[str] = "sanction_supplier"
    words: ClassVar[str] = (
        "A supplier is put on a control list; its kit loses service and spare parts"
    )

    supplier: str = text_field("Huawei", kind="supplier")
    substitutability: float = share_field(0.0)
    service_loss: float = share_field(1.0)
    years: float = amount_field(0.0)

    def apply(self, sheet: Sheet, row: int, t: float | None) -> None:
        """Raise exposure to a cut of supply to share * (1 - substitutability); one supplier less to choose."""
        shares = sheet.shares(row, "ran")
        held = shares.holds(self.supplier, origin_of(self.supplier))
        loss = self.service_loss * self.done(t)
        moved = False
        for column in sheet.roles["supply_cut"]:
            value = sheet.value(row, column)
            if np.isnan(held) and np.isnan(value):
                continue
            base = 0.0 if np.isnan(value) else value
            reach = (1.0 if np.isnan(held) else held) * (1 - self.substitutability)
            exposed = max(base, reach) if not np.isnan(held) else max(base, base * (1 + loss))
            moved |= sheet.write(row, column, min(base + (exposed - base) * loss, 1.0))
        if held > 0 or (np.isnan(held) and moved):
            moved |= sheet.write_role(
                row,
                "supplier_scarcity",
                lambda x: min(1.0, 1 / max(1.0, 1 / x - loss)) if x > 0 else x,
            )
        if not moved:
            sheet.say(
                row,
                f"no share of {self.supplier}, and no exposure to a cut of supply, of "
                f"{sheet.country(row)} in the data",
            )


@dataclass(frozen=True, kw_only=True)
class StandardsAdoption(Lever):
    """Standards of the focal origin are adopted; switching becomes dearer."""

    name: ClassVar[str] = "standards_adoption"
    words: ClassVar[str] = "Standards of the focal origin are adopted; switching becomes dearer"

    uptake: float = share_field()
    swap_cost: float = share_field(0.25)
    years: float = amount_field(5.0)

    def apply(self, sheet: Sheet, row: int, t: float | None) -> None:
        """Raise the share of standards by the uptake and the scarcity of suppliers by its cost."""
        gained = self.uptake * self.done(t)
        moved = False
        for column in sheet.roles["standards"]:
            value = sheet.value(row, column)
            base = 0.0 if np.isnan(value) else value / sheet.factor(column)
            moved |= sheet.write(row, column, min(base + gained, 1.0) * sheet.factor(column))
        moved |= sheet.write_role(
            row, "supplier_scarcity", lambda x: x + (1 - x) * gained * self.swap_cost
        )
        if not moved:
            sheet.say(
                row,
                f"no share of standards and no scarcity of suppliers of {sheet.country(row)} in "
                "the data",
            )


@dataclass(frozen=True, kw_only=True)
class Takeover(Lever):
    """A stake in a digital firm is bought or sold."""

    name: ClassVar[str] = "takeover"
    words: ClassVar[str] = "A stake in a digital firm is bought, or sold (divestment)"

    firm: str = text_field("")
    stake: float = share_field()
    before: float | None = share_field(None)
    market_share: float = share_field(1.0)
    divestment: bool = flag_field()
    date: float = amount_field(0.0)
    years: float = amount_field(0.0)

    def length(self, data: Data) -> float:
        """Return the years until the date of the deal, and those of the phasing."""
        return self._waits(data) + self.years

    def _waits(self, data: Data) -> float:
        start = data.edition if data.edition is not None else max(data.years, default=None)
        return 0.0 if start is None or not self.date else max(0.0, self.date - start)

    def apply(self, sheet: Sheet, row: int, t: float | None) -> None:
        """Move holdings by market share times the change of the stake; note a crossed line of 25 or 50 %.

        Before `date`, a calendar year, nothing moves; year 0 of a path is that of the data.
        """
        waits = self._waits(sheet.data)
        done = 1.0 if t is None else 0.0 if t < waits else self.done(t - waits)
        if waits:
            sheet.note(row, f"the stake changes hands in {self.date:.0f}")
        moved = False
        start = self._start(sheet, row)
        end = min(self.stake, start) if self.divestment else self.stake
        for column in sheet.roles["holdings"]:
            current = sheet.value(row, column)
            if np.isnan(current) and self.divestment:
                continue
            factor = sheet.factor(column)
            base = 0.0 if np.isnan(current) else current / factor
            value = base + self.market_share * (end - start) * done
            moved |= sheet.write(row, column, min(max(value, 0.0), 1.0) * factor)
        for column in sheet.roles["stake"]:
            current = sheet.value(row, column)
            if not np.isnan(current):
                sheet.write(row, column, (start + (end - start) * done) * sheet.factor(column))
                moved = True
        for line in (0.25, 0.5):
            if min(start, end) < line <= max(start, end):
                word = "below" if end < start else "above"
                sheet.note(row, f"{self.firm or 'the firm'} goes {word} the line of {line:.0%}")
        if not moved:
            sheet.say(row, f"no holdings in digital firms of {sheet.country(row)} in the data")

    def _start(self, sheet: Sheet, row: int) -> float:
        if self.before is not None:
            return self.before
        for role in ("stake", "holdings"):
            cell = sheet.find(row, role)
            if cell is not None:
                return min(cell[1] / sheet.factor(cell[0]) / (self.market_share or 1.0), 1.0)
        return 0.0
