"""Levers on debt: renegotiation and new loans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ....errors import DataError
from ..sheet import Sheet
from .base import Lever, amount_field, creditor_field, share_field

__all__ = ["DebtRenegotiation", "NewLoanPackage"]

PER_PROJECTS = 1e7


def annuity(rate: float, tenor: float) -> float:
    """Yearly payment on a debt of 1 over `tenor` years.

    Examples
    --------
    >>> annuity(0.0, 20.0), round(annuity(0.05, 20.0), 6)
    (0.05, 0.080243)
    """
    return 1 / tenor if rate == 0 else rate / (1 - (1 + rate) ** -tenor)


def gni(sheet: Sheet, row: int) -> float:
    """GNI in dollars from debt and debt / GNI as given, else GDP; NaN where neither is known."""
    debt, ratio = (
        sheet.number(row, "external_debt"), sheet.number(row, "external_debt_gni")
    )  # fmt: skip
    if debt > 0 and ratio > 0:
        return debt / (ratio / 100)
    return sheet.number(row, "gdp")


def focal_stock(sheet: Sheet, row: int) -> tuple[float, str]:
    """Debt owed to the focal origin in dollars, and where the figure comes from."""
    billions = sheet.number(row, "focal_debt_bn")
    if billions > 0:
        return billions * 1e9, "the stock given"
    for role, base in (
        ("focal_debt_gni", gni(sheet, row)),
        ("focal_debt_gdp", sheet.number(row, "gdp")),
    ):
        ratio = sheet.number(row, role)
        if ratio > 0 and base > 0:
            return ratio / 100 * base, "the ratio given"
    found = sheet.find(row, "focal_share_debt")
    debt = sheet.number(row, "external_debt")
    if found is not None and debt > 0 and found[1] > 0:
        return found[1] / sheet.factor(found[0]) * debt, "the share of external debt given"
    committed = sheet.number(row, "commitments")
    if not committed > 0:
        ratio = sheet.number(row, "commitments_gdp")
        committed = ratio / 100 * sheet.number(row, "gdp") if ratio > 0 else committed
    if committed > 0:
        most = min(committed, debt) if debt > 0 else committed
        return most, "commitments, which stand in for the stock"
    return float("nan"), ""


def move_stock(
    sheet: Sheet, row: int, dollars: float, *, focal: bool, commitments: float = 0.0
) -> bool:
    """Add dollars to external debt, and where they are focal to every focal stock and ratio."""
    income, gdp = gni(sheet, row), sheet.number(row, "gdp")
    debt = sheet.number(row, "external_debt")
    owed, total = focal_stock(sheet, row)[0], debt
    if not total > 0 and income > 0:
        total = sheet.number(row, "external_debt_gni") / 100 * income
    committed = sheet.number(row, "commitments")
    moved = sheet.write_role(row, "external_debt", lambda x: max(x + dollars, 0.0))
    if income > 0:
        step = 100 * dollars / income
        moved |= sheet.write_role(row, "external_debt_gni", lambda x: max(x + step, 0.0))
        if focal:
            moved |= sheet.write_role(row, "focal_debt_gni", lambda x: max(x + step, 0.0))
    if focal:
        moved |= sheet.write_role(row, "focal_debt_bn", lambda x: max(x + dollars / 1e9, 0.0))
        moved |= sheet.write_role(row, "commitments", lambda x: max(x + commitments, 0.0))
        if gdp > 0:
            moved |= sheet.write_role(
                row, "focal_debt_gdp", lambda x: max(x + 100 * dollars / gdp, 0.0)
            )
            moved |= sheet.write_role(
                row, "commitments_gdp", lambda x: max(x + 100 * commitments / gdp, 0.0)
            )
    if total > 0 and total + dollars > 0:
        mine = dollars if focal else 0.0
        owed = 0.0 if np.isnan(owed) else owed
        scale = (owed + mine) / (total + dollars) / (owed / total) if owed > 0 else np.nan
        for column in sheet.roles["focal_share_debt"]:
            here = sheet.value(row, column) * scale
            moved |= not np.isnan(here) and sheet.write(
                row, column, min(here, sheet.factor(column))
            )
        added = commitments if focal else 0.0
        if committed > 0:
            grow = (committed + added) / committed / ((total + dollars) / total)
            moved |= sheet.write_role(
                row, "commitments_external_debt", lambda x: max(x * grow, 0.0)
            )
    return moved


def cut_ratios(sheet: Sheet, row: int, cut: float) -> bool:
    """Cancel a share of the focal claim where only ratios are known, not the stock."""
    owed = sheet.number(row, "focal_debt_gni")
    moved = sheet.write_role(row, "focal_debt_gni", lambda x: x * (1 - cut))
    moved |= sheet.write_role(row, "focal_debt_gdp", lambda x: x * (1 - cut))
    moved |= sheet.write_role(row, "commitments_gdp", lambda x: x * (1 - cut))
    if owed > 0:
        moved |= sheet.write_role(row, "external_debt_gni", lambda x: max(x - cut * owed, 0.0))
    for column in sheet.roles["focal_share_debt"]:
        here = sheet.value(row, column)
        if not np.isnan(here):
            part = here / sheet.factor(column)
            moved |= sheet.write(
                row, column, part * (1 - cut) / (1 - part * cut) * sheet.factor(column)
            )
    return moved


def move_service(sheet: Sheet, row: int, change: float, *, focal: bool) -> bool:
    """Change service by a share of all of it: the ratio to exports and the focal share of it."""
    if 1 + change <= 0:
        change = -0.999
    moved = sheet.write_role(row, "service_exports", lambda x: x * (1 + change))
    for column in sheet.roles["debt_service.focal_share"]:
        here = sheet.value(row, column)
        if not np.isnan(here):
            factor = sheet.factor(column)
            part = (here / factor + (change if focal else 0.0)) / (1 + change)
            moved |= sheet.write(row, column, min(max(part, 0.0), 1.0) * factor)
    return moved


@dataclass(frozen=True, kw_only=True)
class DebtRenegotiation(Lever):
    """A creditor cancels part of its claim, or stretches it, or lowers its rate."""

    name: ClassVar[str] = "debt_renegotiation"
    words: ClassVar[str] = "A creditor cancels part of its claim, stretches it or lowers its rate"

    creditor: str = creditor_field("CHN")
    haircut: float = share_field(0.0)
    tenor: float | None = amount_field(None, least=1.0)
    rate: float | None = share_field(None)
    old_tenor: float = amount_field(15.0, least=1.0)
    old_rate: float = share_field(0.04)
    years: float = amount_field(0.0)

    def __post_init__(self) -> None:
        if self.haircut == 0 and self.tenor is None and self.rate is None:
            raise DataError(
                "`debt_renegotiation` changes nothing: give a `haircut`, a `tenor` or a `rate`"
            )

    def apply(self, sheet: Sheet, row: int, t: float | None) -> None:
        """Cancel haircut times the stock, and its part of commitments and of the debt service."""
        done = self.done(t)
        focal = self.creditor in (sheet.focal, "all")
        debt = sheet.number(row, "external_debt")
        stock, source = focal_stock(sheet, row) if self.creditor != "all" else (debt, "all debt")
        if self.creditor not in (sheet.focal, "all"):
            sheet.say(row, f"no stock owed to {self.creditor} by {sheet.country(row)} in the data")
            return
        cut = self.haircut * done
        kept = 1 - self._service_left() * (1 - cut) if done else 0.0
        lost = kept * done if self.haircut == 0 else kept
        moved = self._service(sheet, row, lost)
        if stock > 0:
            cancelled = cut * stock
            committed = sheet.number(row, "commitments")
            if not committed > 0:
                committed = sheet.number(row, "commitments_gdp") / 100 * sheet.number(row, "gdp")
            gone = cut * committed if committed > 0 else 0.0
            if cancelled > 0:
                moved |= move_stock(sheet, row, -cancelled, focal=focal, commitments=-gone)
                if "stand in" in source:
                    sheet.note(row, f"debt to {self.creditor} is not known: {source}")
        elif cut > 0:
            moved |= cut_ratios(sheet, row, cut)
        if not moved:
            sheet.say(
                row,
                f"no debt to {self.creditor} and no service of it known in {sheet.country(row)}",
            )

    def _service_left(self) -> float:
        """Return what is left of a year's service of the claim that is kept."""
        if self.tenor is None and self.rate is None:
            return 1.0
        new = annuity(
            self.old_rate if self.rate is None else self.rate, self.tenor or self.old_tenor
        )
        return new / annuity(self.old_rate, self.old_tenor)

    def _service(self, sheet: Sheet, row: int, lost: float) -> bool:
        if lost == 0:
            return False
        if self.creditor == "all":
            return sheet.write_role(row, "service_exports", lambda x: x * (1 - lost))
        found = sheet.find(row, "debt_service.focal_share") or sheet.find(row, "focal_share_debt")
        if found is None:
            return False
        part = found[1] / sheet.factor(found[0])
        return part > 0 and move_service(sheet, row, -lost * part, focal=True)


@dataclass(frozen=True, kw_only=True)
class NewLoanPackage(Lever):
    """A new loan, part of it for digital projects."""

    name: ClassVar[str] = "new_loan_package"
    words: ClassVar[str] = "A new loan, part of it for digital projects"

    amount: float = amount_field()
    creditor: str = creditor_field("CHN")
    digital_share: float = share_field(0.0)
    rate: float | None = share_field(None)
    tenor: float | None = amount_field(None, least=1.0)
    years: float = amount_field(0.0)

    def apply(self, sheet: Sheet, row: int, t: float | None) -> None:
        """Add the loan to debt and, where the lender is focal, to commitments and digital finance."""
        dollars = self.amount * self.done(t)
        focal = self.creditor == sheet.focal
        debt, gdp = sheet.number(row, "external_debt"), sheet.number(row, "gdp")
        moved = move_stock(sheet, row, dollars, focal=focal, commitments=dollars)
        if debt > 0:
            dearer = 1.0
            if self.rate is not None or self.tenor is not None:
                dearer = annuity(self.rate if self.rate is not None else 0.04, self.tenor or 15.0)
                dearer /= annuity(0.04, 15.0)
            if move_service(sheet, row, dollars / debt * dearer, focal=focal):
                moved = True
                sheet.note(row, "service of the loan at the country's average per dollar of debt")
        if focal and self.digital_share > 0:
            digital = dollars * self.digital_share
            moved |= sheet.write_role(row, "digital_finance", lambda x: x + digital)
            if gdp > 0:
                moved |= sheet.write_role(
                    row, "digital_finance_gdp", lambda x: x + 100 * digital / gdp
                )
            people = sheet.number(row, "population")
            if people > 0 and dollars > 0:
                moved |= sheet.write_role(
                    row, "digital_projects", lambda x: x + PER_PROJECTS / people
                )
        if not moved:
            sheet.say(row, f"no debt, commitments or GDP of {sheet.country(row)} in the data")
