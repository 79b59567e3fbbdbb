"""Each loan's position at the end of a year, worked out by the frame's own engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import DataError
from ._frames import Records, narwhals
from ._results import OnMissing
from .loans import (
    Renegotiation,
    Schedule,
    Terms,
    balance_before,
    outstanding,
    present_value_of,
    renegotiated,
    service_between,
)
from .suppliers import focal_codes

TERMS = ("maturity", "grace", "rate")


@dataclass(frozen=True)
class Options:
    """How loans are valued and what they are set against."""

    focal: tuple[str, ...]
    schedule: Schedule
    assumed: Mapping[str, float]
    deal: Renegotiation | None
    discount: float
    hidden: tuple[float, float] | None
    unit: str
    on_missing: OnMissing


def position(records: Records, year: int, options: Options) -> Records:
    """Each loan's balance, service and present value at the end of a year, as columns."""
    nw = narwhals()
    frame = records.with_columns(age=float(year) - nw.col("year"))
    frame = Records(frame.frame.filter(nw.col("age") >= 0), records.subject, records.names,
                    records.located)  # fmt: skip
    focal = nw.col("creditor").is_in(list(options.focal)) if records.has("creditor") else None
    one = nw.lit(1.0)
    frame = frame.with_columns(
        commitments=nw.when(~nw.col("amount").is_null()).then(nw.col("amount")).otherwise(0.0),
        is_focal=one if focal is None else nw.when(focal).then(one).otherwise(0.0),
    )
    if records.has("maturity"):
        frame = _with_balance(frame, year, options)
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
                for name in [*_amounts(records), *("focal_" + one for one in _amounts(records))]
            }
        )
    return frame


def _amounts(records: Records) -> tuple[str, ...]:
    if records.has("maturity"):
        return ("commitments", "stock", "service", "present_value")
    return ("commitments",)


def _where(condition: Any, yes: Any, no: Any) -> Any:
    return narwhals().when(condition).then(yes).otherwise(no)


def _with_balance(frame: Records, year: int, options: Options) -> Records:
    nw = narwhals()
    missing = nw.lit(0.0)
    filled = {}
    for name in TERMS:
        empty = nw.col(name).is_null()
        missing = nw.when(empty).then(nw.lit(1.0)).otherwise(missing)
        known = nw.col(name)
        if name in options.assumed:
            known = nw.when(empty).then(nw.lit(float(options.assumed[name]))).otherwise(known)
        filled[name] = known
    frame = frame.with_columns(assumed=missing, **filled)
    # A stated maturity may be shorter than an assumed grace period.
    short = nw.col("grace") > nw.col("maturity")
    frame = frame.with_columns(
        grace=nw.when(short).then(nw.col("maturity")).otherwise(nw.col("grace")),
        principal=nw.col("commitments"),
    )
    if options.deal is not None and year >= options.deal.year:
        frame = _after_deal(frame, year, options)
    terms = Terms(
        nw.col("principal"), nw.col("rate"), nw.col("grace"), nw.col("maturity"), nw.col("age"),
        options.schedule,
    )  # fmt: skip
    # Balances become columns before they are used: an expression repeated is worked out again.
    frame = frame.with_columns(
        stock=outstanding(terms, _where), before=balance_before(terms, _where)
    )
    stock, before = nw.col("stock"), nw.col("before")
    frame = frame.with_columns(
        service=service_between(terms, before, stock, _where),
        present_value=present_value_of(terms, stock, options.discount, _where),
    )
    guessed = nw.col("assumed") > 0
    return frame.with_columns(
        stock_low=nw.when(guessed).then(nw.lit(0.0)).otherwise(nw.col("stock")),
        stock_high=nw.when(guessed).then(nw.col("principal")).otherwise(nw.col("stock")),
    ).with_columns(
        focal_stock_low=nw.col("stock_low") * nw.col("is_focal"),
        focal_stock_high=nw.col("stock_high") * nw.col("is_focal"),
    )


def _after_deal(frame: Records, year: int, options: Options) -> Records:
    nw = narwhals()
    deal = options.deal
    if deal is None:
        return frame
    old = Terms(
        nw.col("principal"), nw.col("rate"), nw.col("grace"), nw.col("maturity"), nw.col("age"),
        options.schedule,
    )  # fmt: skip
    new = renegotiated(old, deal, float(year), _where)
    columns = {"principal": new.amount, "rate": new.rate, "grace": new.grace,
               "maturity": new.maturity, "age": new.age}  # fmt: skip
    if deal.creditors is not None:
        if not frame.has("creditor"):
            raise DataError("a renegotiation with some creditors needs the column `creditor`")
        takes_part = nw.col("creditor").is_in(list(focal_codes(deal.creditors)))
        columns = {
            name: nw.when(takes_part).then(one).otherwise(nw.col(name))
            for name, one in columns.items()
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


def position_sums(position: Records) -> Any:
    nw = narwhals()
    return position.frame.group_by("country").agg(
        *(nw.col(name).sum() for name in _sum_names(position)),
        nw.len().alias("records"),
        nw.col("amount").count().alias("stated"),
    )


def position_trace(position: Records) -> Any:
    names = [one for one in _sum_names(position) if not one.endswith("_variance")]
    return position.frame.select("country", "row", *names)
