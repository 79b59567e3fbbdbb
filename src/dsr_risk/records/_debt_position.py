"""Each loan's position at the end of a year, worked out by the frame's own engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..errors import DataError
from ._frames import Records, narwhals
from .loans import (
    Schedule,
    Terms,
    balance_before,
    outstanding,
    present_value_of,
    renegotiated,
    service_between,
)
from .options import DebtOptions, LoanTerms, Renegotiation
from .suppliers import focal_codes

if TYPE_CHECKING:
    from narwhals import Expr, LazyFrame

TERMS = ("maturity", "grace", "rate")


@dataclass(frozen=True)
class Valuation:
    """Options of how loans are valued, and the bases they are divided by."""

    focal: tuple[str, ...]
    terms: LoanTerms
    options: DebtOptions


def position(records: Records, year: int, value: Valuation) -> Records:
    """Return each loan's balance, service and present value at the end of a year, as columns."""
    nw = narwhals()
    frame = records.with_columns(age=float(year) - nw.col("year"))
    frame = replace(frame, frame=frame.frame.filter(nw.col("age") >= 0))
    focal = nw.col("creditor").is_in(list(value.focal)) if records.has("creditor") else None
    every_loan = nw.lit(1.0)
    frame = frame.with_columns(
        commitments=nw.when(~nw.col("amount").is_null()).then(nw.col("amount")).otherwise(0.0),
        is_focal=every_loan if focal is None else nw.when(focal).then(every_loan).otherwise(0.0),
    )
    if records.has("maturity"):
        frame = _with_balance(frame, year, value)
    columns = {}
    for name in _amounts(records):
        columns["focal_" + name] = nw.col(name) * nw.col("is_focal")
    stock = "stock" if records.has("maturity") else "commitments"
    if records.has("collateral"):
        columns["secured"] = nw.col(stock) * nw.col("collateral")
    if records.has("reported"):
        columns["unreported"] = nw.col(stock) * (1.0 - nw.col("reported"))
    frame = frame.with_columns(**columns)
    if records.has("relative_error"):
        frame = frame.with_columns(
            **{
                f"{name}_variance": (nw.col(name) * nw.col("relative_error")) ** 2
                for name in [*_amounts(records), *("focal_" + part for part in _amounts(records))]
            }
        )
    return frame


def _amounts(records: Records) -> tuple[str, ...]:
    if records.has("maturity"):
        return ("commitments", "stock", "service", "present_value")
    return ("commitments",)


def _where(condition: Expr, yes: Expr, no: Expr) -> Expr:
    chosen: Expr = narwhals().when(condition).then(yes).otherwise(no)
    return chosen


def _with_balance(frame: Records, year: int, value: Valuation) -> Records:
    nw = narwhals()
    missing = nw.lit(0.0)
    filled = {}
    for name in TERMS:
        empty = nw.col(name).is_null()
        missing = nw.when(empty).then(nw.lit(1.0)).otherwise(missing)
        amount = nw.col(name)
        assumed = value.terms.filled(name)
        if assumed is not None:
            amount = nw.when(empty).then(nw.lit(assumed)).otherwise(amount)
        filled[name] = amount
    frame = frame.with_columns(assumed=missing, **filled)
    # A stated maturity may be shorter than an assumed grace period.
    short = nw.col("grace") > nw.col("maturity")
    frame = frame.with_columns(
        grace=nw.when(short).then(nw.col("maturity")).otherwise(nw.col("grace")),
        principal=nw.col("commitments"),
    )
    deal = value.terms.deal
    if deal is not None and year >= deal.year:
        frame = _after_deal(frame, year, deal, value.terms.schedule)
    terms = _terms(value.terms.schedule)
    # Balances become columns before they are used: an expression repeated is worked out again.
    frame = frame.with_columns(
        stock=outstanding(terms, _where), before=balance_before(terms, _where)
    )
    stock, before = nw.col("stock"), nw.col("before")
    frame = frame.with_columns(
        service=service_between(terms, before, stock, _where),
        present_value=present_value_of(terms, stock, value.terms.discount, _where),
    )
    guessed = nw.col("assumed") > 0
    return frame.with_columns(
        stock_low=nw.when(guessed).then(nw.lit(0.0)).otherwise(nw.col("stock")),
        stock_high=nw.when(guessed).then(nw.col("principal")).otherwise(nw.col("stock")),
    ).with_columns(
        focal_stock_low=nw.col("stock_low") * nw.col("is_focal"),
        focal_stock_high=nw.col("stock_high") * nw.col("is_focal"),
    )


def _terms(schedule: Schedule) -> Terms:
    """Return the terms of each loan, as columns."""
    nw = narwhals()
    names = ("principal", "rate", "grace", "maturity", "age")
    principal, rate, grace, maturity, age = (nw.col(name) for name in names)
    return Terms(principal, rate, grace, maturity, age, schedule)


def _after_deal(frame: Records, year: int, deal: Renegotiation, schedule: Schedule) -> Records:
    nw = narwhals()
    new = renegotiated(_terms(schedule), deal, float(year), _where)
    columns = {
        "principal": new.amount,
        "rate": new.rate,
        "grace": new.grace,
        "maturity": new.maturity,
        "age": new.age,
    }
    if deal.creditors is not None:
        if not frame.has("creditor"):
            raise DataError("a renegotiation with some creditors needs the column `creditor`")
        takes_part = nw.col("creditor").is_in(list(focal_codes(deal.creditors)))
        columns = {
            name: nw.when(takes_part).then(term).otherwise(nw.col(name))
            for name, term in columns.items()
        }
    return frame.with_columns(**columns)


def _sum_names(records: Records) -> list[str]:
    amounts = _amounts(records)
    names = [*amounts, *("focal_" + name for name in amounts)]
    if records.has("relative_error"):
        names += [f"{name}_variance" for name in names]
    if records.has("maturity"):
        names += ["assumed", "stock_low", "stock_high", "focal_stock_low", "focal_stock_high"]
    names += ["secured"] if records.has("collateral") else []
    return names + (["unreported"] if records.has("reported") else [])


def position_sums(position: Records) -> LazyFrame[Any]:
    """Return the sums of a position by country."""
    nw = narwhals()
    sums: LazyFrame[Any] = position.frame.group_by("country").agg(
        *(nw.col(name).sum() for name in _sum_names(position)),
        nw.len().alias("records"),
        nw.col("amount").count().alias("stated"),
    )
    return sums


def position_trace(position: Records) -> LazyFrame[Any]:
    """Return the columns of a position that are summed, loan by loan."""
    names = [name for name in _sum_names(position) if not name.endswith("_variance")]
    return position.frame.select("country", "row", *names)
