"""Levers on debt: renegotiation and new loans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ...._util.types import Array
from ....errors import DataError
from ..loan_book import LoanBook
from ..sheet import Sheet
from .base import Lever, amount_field, creditor_field, share_field

__all__ = ["DebtRenegotiation", "NewLoanPackage"]

PER_PROJECTS = 1e7


def annuity(rate: float, tenor: float) -> float:
    """Return yearly payment on a debt of 1 over `tenor` years.

    Examples
    --------
    >>> annuity(0.0, 20.0), round(annuity(0.05, 20.0), 6)
    (0.05, 0.080243)
    """
    return 1 / tenor if rate == 0 else rate / (1 - (1 + rate) ** -tenor)


def gni(sheet: Sheet, row: int) -> float:
    """Return GNI in dollars from debt and debt / GNI as given, else GDP; NaN where neither is known."""
    debt, ratio = (sheet.number(row, "external_debt"), sheet.number(row, "external_debt_gni"))
    if debt > 0 and ratio > 0:
        return debt / (ratio / 100)
    return sheet.number(row, "gdp")


def focal_stock(sheet: Sheet, row: int) -> tuple[float, str]:
    """Return debt owed to the focal origin in dollars, and where the figure comes from."""
    book = sheet.loans(row)
    if book is not None and book.of(sheet.focal).any():
        return float(book.stock()[book.of(sheet.focal)].sum()), "the loans recorded"
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
    cell = sheet.find(row, "focal_share_debt")
    debt = sheet.number(row, "external_debt")
    if cell is not None and debt > 0 and cell[1] > 0:
        return cell[1] / sheet.factor(cell[0]) * debt, "the share of external debt given"
    committed = sheet.number(row, "commitments")
    if not committed > 0:
        ratio = sheet.number(row, "commitments_gdp")
        committed = ratio / 100 * sheet.number(row, "gdp") if ratio > 0 else committed
    if committed > 0:
        most = min(committed, debt) if debt > 0 else committed
        return most, "commitments, used in place of the stock"
    return float("nan"), ""


def move_stock(
    sheet: Sheet, row: int, dollars: float, *, focal: float, commitments: float = 0.0
) -> bool:
    """Add dollars to external debt, and the focal ones among them to every focal stock and ratio.

    `commitments` are dollars of focal commitments.
    """
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
    moved |= _move_focal(sheet, row, (focal, commitments), (owed, income, gdp))
    if total > 0 and total + dollars > 0:
        owed = 0.0 if np.isnan(owed) else owed
        scale = (owed + focal) / (total + dollars) / (owed / total) if owed > 0 else np.nan
        for column in sheet.roles["focal_share_debt"]:
            value = sheet.value(row, column) * scale
            moved |= not np.isnan(value) and sheet.write(
                row, column, min(value, sheet.factor(column))
            )
        if committed > 0:
            grow = (committed + commitments) / committed / ((total + dollars) / total)
            moved |= sheet.write_role(
                row, "commitments_external_debt", lambda x: max(x * grow, 0.0)
            )
    return moved


def _move_focal(
    sheet: Sheet, row: int, added: tuple[float, float], stock: tuple[float, float, float]
) -> bool:
    """Add focal dollars of debt and of commitments to every focal stock and ratio.

    `stock` holds the focal stock, GNI and GDP. What is cancelled is a share of the stock, so a ratio falls by
    that share whatever it is set against; what is lent is set against GNI or GDP.
    """
    focal, commitments = added
    owed, income, gdp = stock
    if focal == 0 and commitments == 0:
        return False
    recorded = sheet.loans(row) is not None
    cut = max(1 + focal / owed, 0.0) if recorded and focal < 0 and owed > 0 else None
    moved = sheet.write_role(row, "commitments", lambda x: max(x + commitments, 0.0))
    steps = {
        "focal_debt_bn": focal / 1e9,
        "focal_debt_gni": 100 * focal / income if income > 0 else np.nan,
        "focal_debt_gdp": 100 * focal / gdp if gdp > 0 else np.nan,
    }
    for role, step in steps.items():
        moved |= sheet.write_role(
            row, role, lambda x, d=step: x * cut if cut is not None else max(x + d, 0.0)
        )
    if gdp > 0:
        moved |= sheet.write_role(
            row, "commitments_gdp", lambda x: max(x + 100 * commitments / gdp, 0.0)
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
        value = sheet.value(row, column)
        if not np.isnan(value):
            part = value / sheet.factor(column)
            moved |= sheet.write(
                row, column, part * (1 - cut) / (1 - part * cut) * sheet.factor(column)
            )
    return moved


def move_service(sheet: Sheet, row: int, change: float, *, focal: float) -> bool:
    """Change service by a share of all of it: the ratio to exports and the focal share of it.

    `focal` is the part of the change that is service of the focal origin.
    """
    change = max(change, -0.999)
    moved = sheet.write_role(row, "service_exports", lambda x: x * (1 + change))
    for column in sheet.roles["debt_service.focal_share"]:
        value = sheet.value(row, column)
        if not np.isnan(value):
            factor = sheet.factor(column)
            part = (value / factor + focal) / (1 + change)
            moved |= sheet.write(row, column, min(max(part, 0.0), 1.0) * factor)
    return moved


def _recorded_service(sheet: Sheet, row: int, book: LoanBook, step: Array) -> bool:
    """Move ratios of debt service by what service of recorded loans (m,) changes; False where unknown."""
    ours = book.of(sheet.focal)
    before = book.service()
    total_service = float(before.sum())
    if not book.several:
        # Loans of one creditor say nothing of the service of all.
        cell = sheet.find(row, "debt_service.focal_share")
        share = cell[1] / sheet.factor(cell[0]) if cell is not None and ours.all() else np.nan
        total_service = total_service / share if share > 0 else np.nan
    total = float(step.sum())
    if not total_service > 0 or total == 0:
        return False
    return move_service(
        sheet, row, total / total_service, focal=float(step[ours].sum()) / total_service
    )


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
        book = sheet.loans(row)
        if book is not None and book.of(self.creditor).any():
            self._on_records(sheet, row, book, done)
            return
        debt = sheet.number(row, "external_debt")
        stock, source = focal_stock(sheet, row) if self.creditor != "all" else (debt, "all debt")
        if self.creditor not in (sheet.focal, "all"):
            sheet.say(
                row,
                f"no stock owed to {self.creditor} by {sheet.country(row)} in the data: give its loans "
                "as records",
            )
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
                ours = cut * focal_stock(sheet, row)[0] if self.creditor == "all" else cancelled
                ours = 0.0 if np.isnan(ours) else ours
                moved |= move_stock(sheet, row, -cancelled, focal=-ours, commitments=-gone)
                if "stand in" in source:
                    sheet.note(row, f"debt to {self.creditor} is not known: {source}")
        elif cut > 0:
            moved |= cut_ratios(sheet, row, cut)
        if not moved:
            sheet.say(
                row,
                f"no debt to {self.creditor} and no service of it known in {sheet.country(row)}",
            )

    def _on_records(self, sheet: Sheet, row: int, book: LoanBook, done: float) -> None:
        """Edit the creditor's loans one by one; stock, commitments and service follow from them."""
        cut = self.haircut * done
        after = book.renegotiated(self.creditor, cut)
        renegotiated = book.renegotiated(self.creditor, cut, self.tenor, self.rate)
        ours = book.of(sheet.focal)
        change = after.stock() - book.stock()
        gone = float((after.committed - book.committed)[ours].sum())
        focal = float(change[ours].sum())
        moved = move_stock(sheet, row, float(change.sum()), focal=focal, commitments=gone)
        # New terms are phased in as the haircut is.
        step = after.service() - book.service() + done * (renegotiated.service() - after.service())
        moved |= _recorded_service(sheet, row, book, step)
        sheet.write_loans(row, renegotiated if done >= 1 else after)
        if not moved:
            sheet.say(
                row,
                f"loans of {self.creditor} to {sheet.country(row)} are recorded, but no stock or ratio "
                "of debt is in the data",
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
        cell = sheet.find(row, "debt_service.focal_share") or sheet.find(row, "focal_share_debt")
        if cell is None:
            return False
        part = cell[1] / sheet.factor(cell[0])
        return part > 0 and move_service(sheet, row, -lost * part, focal=-lost * part)


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
        lent = dollars if focal else 0.0
        moved = move_stock(sheet, row, dollars, focal=lent, commitments=lent)
        moved |= self._service(sheet, row, dollars, debt)
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

    def _service(self, sheet: Sheet, row: int, dollars: float, debt: float) -> bool:
        """Add the loan's service: its own beside recorded loans, else the average of a dollar of debt."""
        rate = 0.04 if self.rate is None else self.rate
        book = sheet.loans(row)
        if book is not None and dollars > 0:
            after = book.lent(self.creditor, dollars, self.tenor or 15.0, rate)
            sheet.write_loans(row, after)
            if book.has_terms and book.several:
                step = after.service()
                step[:-1] = 0.0
                before = book.lent(self.creditor, 0.0, self.tenor or 15.0, rate)
                return _recorded_service(sheet, row, before, step)
        if not debt > 0:
            return False
        dearer = 1.0
        if self.rate is not None or self.tenor is not None:
            dearer = annuity(rate, self.tenor or 15.0) / annuity(0.04, 15.0)
        change = dollars / debt * dearer
        moved = move_service(
            sheet, row, change, focal=change if self.creditor == sheet.focal else 0.0
        )
        if moved:
            sheet.note(row, "service of the loan at the country's average per dollar of debt")
        return moved
