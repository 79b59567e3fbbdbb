"""Ownership: focal equity in critical digital firms, and the control it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ..errors import DataError, Problems
from ._frames import (
    Records,
    amount_rules,
    check,
    collect,
    narwhals,
    open_records,
    resolve_countries,
    year_rules,
)
from ._results import Floats, Rows, linear_trace, require_rows
from ._weighted import named_rule
from ._years import Years, one_year, over_years
from .suppliers import focal_codes

__all__ = ["equity_exposure"]


@over_years
def equity_exposure(
    stakes: object,
    country: str = "iso3",
    firm: str = "firm",
    stake: str = "stake",
    owner: str | None = "owner_iso3",
    market_share: str | float = "market_share",
    year: str | None = "year",
    *,
    investor: str | None = None,
    at: Years | None = None,
    focal: str | Sequence[str] = "CHN",
    control: Sequence[float] = (0.25, 0.5),
    record: str | None = None,
    trace: bool = False,
) -> Any:
    """Focal equity in critical digital firms: ``sum of market share * focal stake``.

    Parameters
    ----------
    stakes : frame
        One row a stake and date. Stakes go down too: of every holding the newest row counts, and a
        sale is a row with the stake that is left, down to 0.
    stake, market_share : str
        Columns, 0-1 (a number for all firms is allowed for the market share).
    owner : str or None
        Column of the owner's country; None says that every stake is focal.
    investor : str, optional
        Column of the owner itself; without it an owner's country holds one stake a firm.
    year : str or None
        Column of the year (or date) of the row; None takes rows as current.
    at : int or sequence of int, optional
        State at the end of this year. Several years give a row each.
    control : sequence of float
        Stakes from which control is flagged.

    Returns
    -------
    DataFrame
        Long data format: ``focal_equity_digital_firms`` and, for each control line, such as
        ``focal_controlled_share_25``, the market share of firms held at least that far.
        Stakes are facts of filings: no standard error, and the interval is the value. With
        ``trace``, also each stake's part.

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
    records = open_records(
        stakes,
        "stakes",
        text={"country": country, "firm": firm, "owner": owner, "investor": investor},
        number={"stake": stake, "market_share": market_share},
        year={"year": year},
        identifier=record,
    )
    problems = Problems("stakes")
    codes = focal_codes(focal)
    records = _current(_stakes(records, problems), one_year(at))
    firms = _firms(records, codes, problems)
    problems.raise_as(DataError)
    grouped = firms.assign(part=firms["market_share"] * firms["focal"]).groupby("country")
    table = grouped[["part", "records"]].sum().reset_index()
    rows = Rows()
    label = "+".join(codes)

    def add(name: str, value: Floats) -> None:
        rows.add(table, name, value, unit="0-1", records=table["records"], bounds=(value, value),
                 focal=label)  # fmt: skip

    add("focal_equity_digital_firms", table["part"].to_numpy(np.float64))
    for line in control:
        held = firms["market_share"].where(firms["focal"] >= line - 1e-12, 0.0)
        whole = held.groupby(firms["country"]).sum().reindex(table["country"])
        add(f"focal_controlled_share_{100 * line:g}", whole.to_numpy(np.float64))
    result = rows.frame()
    if not trace:
        return result
    require_rows(records.located, "stakes")
    return result, _trace(records, codes, control, result)


def _trace(
    records: Records, codes: Sequence[str], control: Sequence[float], result: pd.DataFrame
) -> pd.DataFrame:
    """Each focal stake's part; a firm's market share is shared by the stakes that control it."""
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


def _current(records: Records, at: int | None) -> Records:
    """The newest row of every holding, up to a year."""
    nw = narwhals()
    if not records.has("year"):
        return records
    frame = records.frame if at is None else records.frame.filter(nw.col("year") <= at)
    holding = [one for one in ("country", "firm", "owner", "investor") if records.has(one)]
    frame = frame.with_columns(newest=nw.col("year").max().over(*holding))
    return replace(records, frame=frame.filter(nw.col("year") == nw.col("newest")))


def _focal(codes: Sequence[str], records: Records) -> Any:
    nw = narwhals()
    if not records.has("owner"):
        return nw.lit(1.0)
    return nw.when(nw.col("owner").is_in(list(codes))).then(nw.lit(1.0)).otherwise(0.0)


def _firms(records: Records, codes: Sequence[str], problems: Problems) -> pd.DataFrame:
    """One row a firm: its market share, all stakes in it and the focal ones."""
    nw = narwhals()
    records = records.with_columns(focal=_focal(codes, records) * nw.col("stake"))
    table = collect(
        records.frame.group_by("country", "firm").agg(
            nw.col("focal").sum(), nw.col("stake").sum(), nw.len().alias("records"),
            nw.col("market_share").max(), nw.col("market_share").min().alias("least"),
        )
    )  # fmt: skip
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
    whole = table.groupby("country")["market_share"].sum()
    for country, total in zip(whole.index, whole, strict=True):
        if total > 1.0 + 1e-9:
            problems.add(f"{country}: market shares of firms sum to {total:g}, must not exceed 1")
    return table
