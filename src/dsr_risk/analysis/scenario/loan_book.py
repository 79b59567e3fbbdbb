"""Loans of one country as a scenario edits them: what is owed to whom, and its service."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from ..._util.types import Array, Labels, Mask
from ...records.loans import Terms, debt_service, outstanding, renegotiated
from ...records.options import Renegotiation

__all__ = ["LoanBook"]


@dataclass(frozen=True, eq=False)
class LoanBook:
    """Loans of one country at the end of a year.

    ``creditors`` (m,) are country codes or institutions, ``committed`` (m,) the commitments that still
    count, ``terms`` hold arrays (m,) with ages at the end of ``year``. ``has_terms`` says whether maturity,
    grace and rate are known; without them a loan is owed in full and its service is not known.
    """

    creditors: Labels
    committed: Array
    terms: Terms
    year: int
    has_terms: bool

    def of(self, creditor: str) -> Mask:
        """Return which loans (m,) are of a creditor; all of them for ``all``."""
        if creditor == "all":
            return np.ones(len(self.creditors), bool)
        return np.asarray(self.creditors == creditor)

    @property
    def several(self) -> bool:
        """True if loans of more than one creditor are recorded."""
        return len(set(self.creditors)) > 1

    def stock(self) -> Array:
        """Return what is still owed on each loan (m,)."""
        return self._amounts if not self.has_terms else np.asarray(outstanding(self.terms), float)

    @property
    def _amounts(self) -> Array:
        return np.asarray(self.terms.amount, float)

    def service(self) -> Array:
        """Return interest and principal of each loan (m,) in the year that follows; NaN without terms."""
        if not self.has_terms:
            return np.full(len(self.creditors), np.nan)
        return np.asarray(debt_service(replace(self.terms, age=self.terms.age + 1.0)), float)

    def renegotiated(
        self, creditor: str, haircut: float, tenor: float | None = None, rate: float | None = None
    ) -> LoanBook:
        """Return the loans after a creditor cut its claims and gave the rest other terms."""
        ours = self.of(creditor)
        committed = np.where(ours, self.committed * (1 - haircut), self.committed)
        if not self.has_terms:
            amount = np.where(ours, self._amounts * (1 - haircut), self._amounts)
            return replace(self, committed=committed, terms=replace(self.terms, amount=amount))
        deal = Renegotiation(self.year, haircut=haircut, rate=rate)
        new = renegotiated(self.terms, deal, self.year)
        maturity = new.maturity if tenor is None else np.maximum(tenor, new.grace)
        parts = {
            name: np.where(ours, value, getattr(self.terms, name))
            for name, value in (
                ("amount", new.amount),
                ("rate", new.rate),
                ("grace", new.grace),
                ("maturity", maturity),
                ("age", new.age),
            )
        }
        return replace(self, committed=committed, terms=replace(self.terms, **parts))

    def lent(self, creditor: str, amount: float, tenor: float, rate: float) -> LoanBook:
        """Return the loans and a new one, signed in ``year`` without a period of grace."""
        old = self.terms
        terms = Terms(
            np.append(cast("Array", old.amount), amount),
            np.append(cast("Array", old.rate), rate),
            np.append(cast("Array", old.grace), 0.0),
            np.append(cast("Array", old.maturity), tenor),
            np.append(cast("Array", old.age), 0.0),
            old.schedule,
        )
        creditors = np.append(self.creditors, np.array([creditor], dtype=object))
        return replace(
            self, creditors=creditors, committed=np.append(self.committed, amount), terms=terms
        )
