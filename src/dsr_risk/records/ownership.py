"""Ownership: focal equity in critical digital firms, and the control it gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .._util.checks import between
from .._util.types import Array
from ..errors import DataError, Problems
from ._frames import (
    Number,
    Records,
    amount_rules,
    check,
    collect,
    narwhals,
    open_records,
    resolve_countries,
    year_rules,
)
from ._measured import Measured, Years, by_year, returns_table, trace_of, years_of
from ._results import Rows, linear_trace, require_rows
from ._weighted import named_rule
from .columns import Columns, Roles, columns_of
from .suppliers import focal_codes

if TYPE_CHECKING:
    from narwhals import Expr

__all__ = ["STAKES", "equity_exposure", "equity_trace"]

STAKES: Roles = {
    "country": "iso3",
    "firm": "firm",
    "stake": "stake",
    "owner": "owner_iso3",
    "market_share": "market_share",
    "year_column": "year",
    "investor": None,
    "record": None,
}
"""Columns of stakes in firms."""


@returns_table
def equity_exposure(
    stakes: object,
    *,
    columns: Columns | Mapping[str, Number | None] | None = None,
    focal: str | Iterable[str] = "CHN",
    as_of: Years | None = None,
    control: Sequence[float] = (0.25, 0.5),
) -> Measured:
    """Measure focal equity in critical digital firms: ``sum of market share * focal stake``.

    Parameters
    ----------
    stakes : frame
        One row a stake and date. Stakes go down too: of every holding the newest row counts, and a
        sale is a row with the stake that is left, down to 0.
    columns : Columns or mapping
        ``country`` (iso3), ``firm``, ``stake`` (0-1), ``owner`` (owner_iso3), ``market_share``
        (0-1, a column or one number), ``year_column`` (year), ``investor``, ``record``. ``owner``
        None says that every stake is focal. Without ``investor`` the country of an owner holds one
        stake a firm. ``year_column`` None takes rows as current.
    focal : str or list of str
        Countries of focal owners.
    as_of : int, list of int or "latest", optional
        State at the end of this year. Several years give a row each.
    control : sequence of float
        Stakes from which control is flagged, 0-1.

    Returns
    -------
    DataFrame
        Long data format: ``focal_equity_digital_firms`` and, for each control line, such as
        ``focal_controlled_share_25``, the market share of firms held at least that far.
        Stakes are facts of filings: no standard error, and the interval is the value.
        `equity_trace` returns the part of each stake.

    Notes
    -----
    Lines at 25 and 50 percent: significant influence and control in merger and investment
    screening practice (EU Regulation 2019/452 and national screening acts).

    Examples
    --------
    >>> stakes = pd.DataFrame({"iso3": ["IND"] * 2, "firm": ["Paytm"] * 2, "year": [2020, 2022],
    ...     "stake": [0.3033, 0.2486], "owner_iso3": ["CHN"] * 2, "market_share": [0.4] * 2})
    >>> round(float(equity_exposure(stakes)["value"].iloc[0]), 6)
    0.09944
    """
    roles = columns_of(columns, STAKES)
    lines = tuple(between("control", line, 0, 1, ends=True) for line in control)
    records = open_records(
        stakes,
        "stakes",
        roles,
        text=("country", "firm", "owner", "investor"),
        number=("stake", "market_share"),
    )
    problems = Problems("stakes")
    codes = focal_codes(focal)
    every = _stakes(records, problems)
    if problems:
        _firms(_current(every, None), codes, problems)
    problems.raise_as(DataError)

    def of_year(year: int | None) -> Measured:
        current = _current(every, year)
        result = _exposure(_firms(current, codes, problems), codes, lines, problems)
        return Measured(result, lambda: _trace(current, codes, lines, result))

    return by_year(years_of(as_of, every, roles["year_column"]), of_year)


equity_trace = trace_of(
    equity_exposure,
    "equity_trace",
    """
    >>> stakes = pd.DataFrame({"iso3": ["IND"] * 2, "firm": ["Paytm"] * 2, "year": [2020, 2022],
    ...     "stake": [0.3033, 0.2486], "owner_iso3": ["CHN"] * 2, "market_share": [0.4] * 2})
    >>> parts = equity_trace(stakes)
    >>> parts["contribution"].round(4).tolist()
    [0.0994]
    """,
)


def _exposure(
    firms: pd.DataFrame, codes: Sequence[str], control: Sequence[float], problems: Problems
) -> pd.DataFrame:
    problems.raise_as(DataError)
    grouped = firms.assign(part=firms["market_share"] * firms["focal"]).groupby("country")
    sums = grouped[["part", "records"]].sum().reset_index()
    rows = Rows()
    label = "+".join(codes)

    def add(name: str, value: Array) -> None:
        rows.add(
            sums,
            name,
            value,
            unit="0-1",
            records=sums["records"],
            bounds=(value, value),
            focal=label,
        )

    add("focal_equity_digital_firms", sums["part"].to_numpy(np.float64))
    for line in control:
        held = firms["market_share"].where(firms["focal"] >= line - 1e-12, 0.0)
        held_sum = held.groupby(firms["country"]).sum().reindex(sums["country"])
        add(f"focal_controlled_share_{100 * line:g}", held_sum.to_numpy(np.float64))
    return rows.frame()


def _trace(
    records: Records, codes: Sequence[str], control: Sequence[float], result: pd.DataFrame
) -> pd.DataFrame:
    """Return each focal stake's part; a firm's market share is shared by the stakes that control it."""
    require_rows(records.located, records.subject)
    nw = narwhals()
    held = records.with_columns(held=_focal(codes, records) * nw.col("stake"))
    frame = collect(held.frame.select("country", "firm", "row", "held", "market_share"))
    frame["part"] = frame["held"] * frame["market_share"]
    focal = frame.groupby(["country", "firm"])["held"].transform("sum")
    sources = {"focal_equity_digital_firms": "part"}
    for line in control:
        share = (frame["part"] / focal.where(focal > 0)).where(focal >= line - 1e-12, 0.0)
        frame[f"line_{line:g}"] = share
        sources[f"focal_controlled_share_{100 * line:g}"] = f"line_{line:g}"
    return linear_trace(frame, ("country",), sources, result)


def _stakes(records: Records, problems: Problems) -> Records:
    records = resolve_countries(
        records, ("country", "owner"), problems, required=("country", "owner")
    )
    rules = [
        named_rule("firm", "firm"),
        *amount_rules("stake", most=1.0),
        *amount_rules("market_share", most=1.0),
    ]
    rules += [named_rule("investor", "investor")] if records.has("investor") else []
    rules += year_rules("year") if records.has("year") else []
    check(records, rules, problems)
    return records


def _current(records: Records, year: int | None) -> Records:
    """Return the newest row of every holding, up to a year."""
    nw = narwhals()
    if not records.has("year"):
        return records
    frame = records.frame if year is None else records.frame.filter(nw.col("year") <= year)
    holding = [role for role in ("country", "firm", "owner", "investor") if records.has(role)]
    frame = frame.with_columns(newest=nw.col("year").max().over(*holding))
    return replace(records, frame=frame.filter(nw.col("year") == nw.col("newest")))


def _focal(codes: Sequence[str], records: Records) -> Expr:
    nw = narwhals()
    focal: Expr = nw.lit(1.0)
    if records.has("owner"):
        focal = nw.when(nw.col("owner").is_in(list(codes))).then(nw.lit(1.0)).otherwise(0.0)
    return focal


def _firms(records: Records, codes: Sequence[str], problems: Problems) -> pd.DataFrame:
    """Return one row a firm: its market share, all stakes in it and the focal ones."""
    nw = narwhals()
    records = records.with_columns(focal=_focal(codes, records) * nw.col("stake"))
    table = collect(
        records.frame.group_by("country", "firm").agg(
            nw.col("focal").sum(),
            nw.col("stake").sum(),
            nw.len().alias("records"),
            nw.col("market_share").max(),
            nw.col("market_share").min().alias("least"),
        )
    )
    if table.empty and not problems:
        raise DataError("stakes: there is no record")
    where = table["firm"] + " (" + table["country"] + ")"
    for firm, total in zip(where, table["stake"], strict=True):
        if total > 1.0 + 1e-9:
            problems.add(
                f"{firm}: stakes sum to {total:g}, must not exceed 1; is a holding entered twice?"
            )
    for firm, least, most in zip(where, table["least"], table["market_share"], strict=True):
        if most - least > 1e-9:
            problems.add(f"{firm}: market shares {least:g} and {most:g} differ")
    sums = table.groupby("country")["market_share"].sum()
    for country, total in zip(sums.index, sums, strict=True):
        if total > 1.0 + 1e-9:
            problems.add(f"{country}: market shares of firms sum to {total:g}, must not exceed 1")
    return table
