"""The countries in each register, the focal state, and the countries too small to be scored."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .cells import Column, cells, typed
from .countries import income_groups
from .folder import Folder

FOCAL = "CHN"
OUTSIDE_AIDDATA, OUTSIDE_IDS, MICROSTATE = "outside_aiddata", "outside_ids", "microstate"
SMALLEST = 0.1  # million people
HIGH = "High income"


def inhabited(folder: Folder) -> pd.Index:
    """Return countries and territories with a population figure or a figure of trade, and Taiwan."""
    partners = folder.partners()
    traders = partners.index[partners["shares"].map(len).gt(0)]
    return folder.population().index.union(traders).union(["TWN", "VAT"]).rename("iso3")


def in_ids(folder: Folder) -> pd.Index:
    """Return countries that the International Debt Statistics cover."""
    stocks = folder.tidy("indices_2024.csv", "external_debt_gni").index
    flows = folder.tidy("debt_flows_2022.csv", "focal_share_debt_service").index
    return stocks.union(flows)


def in_aiddata(folder: Folder) -> pd.Index:
    """Return recipients that AidData lists, whatever the amount."""
    return folder.aiddata_recipients().index.union(folder.commitments().index)


def outside_aiddata(folder: Folder) -> pd.Index:
    """Return high-income countries that AidData does not list as recipients."""
    income = income_groups(folder)["income"]
    high = income.index[income.eq(HIGH)].intersection(inhabited(folder))
    return high.difference(in_aiddata(folder))


def microstates(folder: Folder) -> pd.Index:
    """Return countries and territories with fewer than 100,000 people."""
    people = folder.population()
    return people.index[people.lt(SMALLEST)]


def without(
    column: Column, countries: pd.Index, *, reason: str, year: float, note: str
) -> pd.DataFrame:
    """Return rows that say why the indicator does not apply to these countries."""
    empty = pd.Series(np.nan, index=countries.rename("iso3"))
    return cells(column, empty, year=year, reason=reason, note=note, confidence="high")


def outside_rows(
    folder: Folder, given: pd.DataFrame, *, debt: tuple[Column, ...], aiddata: tuple[Column, ...]
) -> pd.DataFrame:
    """Return indicators of a register for countries outside it that have no value of their own.

    Absence from a register says nothing about the country and is neither 0 nor missing.
    """
    notes = {
        OUTSIDE_IDS: "the International Debt Statistics do not cover the country",
        OUTSIDE_AIDDATA: "high income, and AidData does not list the country as a recipient",
    }
    everybody = inhabited(folder).difference([FOCAL])
    rows = []
    for reason, columns, countries, year in (
        (OUTSIDE_IDS, debt, everybody.difference(in_ids(folder)), 2024),
        (OUTSIDE_AIDDATA, aiddata, outside_aiddata(folder), 2021),
    ):
        for column in columns:
            scored = given["indicator"].eq(column.indicator) & given["chosen"].eq(1)
            bare = countries.difference(pd.Index(given.loc[scored, "iso3"]))
            rows.append(without(column, bare, reason=reason, year=year, note=notes[reason]))
    return pd.concat(rows)


def focal_rows(columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return rows that say the focal state is no supplier, lender or creditor of its own."""
    focal = pd.Index([FOCAL], name="iso3")
    note = "the focal state itself"
    return pd.concat([without(c, focal, reason="focal", year=2021, note=note) for c in columns])


def small_rows(folder: Folder, rows: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return the cells, those of microstates kept beside a reason instead of scored."""
    small = microstates(folder)
    of_small = rows["iso3"].isin(small) & rows["chosen"].eq(1)
    beside = rows[of_small & rows["reason"].eq("")].assign(
        chosen=0.0, rule="fewer than 100,000 people: shown, not scored"
    )
    note = "fewer than 100,000 people: figures are shown, not scored"
    reasons = [without(c, small, reason=MICROSTATE, year=2024, note=note) for c in columns]
    return typed(pd.concat([rows[~of_small], *reasons, beside]))
