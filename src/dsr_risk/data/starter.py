"""Starter tables for the record functions that need a judgement or a list: copy, check and edit them."""

from __future__ import annotations

from functools import cache
from importlib import resources

import pandas as pd

from .._util.arguments import typed
from ..errors import UnknownNameError, did_you_mean

__all__ = ["STARTER_TABLES", "starter_table"]

STARTER_TABLES = {
    "laws": "laws by supplier origin: how far a state can compel its suppliers",
    "control_lists": "export-control lists of suppliers, by name and date",
    "data_protection": "data-protection instruments by country",
}
"""The tables that ship, and what each holds."""


@cache
def _read(name: str) -> pd.DataFrame:
    path = resources.files(__package__) / "bundled" / "starter" / f"{name}.csv"
    with path.open(encoding="utf-8") as file:
        return pd.read_csv(file, keep_default_na=False, na_values=[""])


@typed
def starter_table(name: str) -> pd.DataFrame:
    """Return a starter table as a frame of your own.

    Parameters
    ----------
    name : {"laws", "control_lists", "data_protection"}
        ``laws``: ``iso3, score, law, year, note, url``. The score is a judgement, 0-1: .25 a court order for
        each case, .5 secret orders or reach abroad under independent review, .75 orders of the
        executive alone, 1 a general duty or direct access without independent review.
        ``control_lists``: ``supplier, origin, list, authority, listed, lifted, reference, url``; a listing
        that was lifted has its date. ``data_protection``: ``iso3, instrument, year, source, url``, one row an
        instrument in force (``law``, ``authority``, ``eu adequacy``, ``eu member``, ``cbpr``).

    Returns
    -------
    DataFrame
        A new frame at each call.

    Raises
    ------
    UnknownNameError
        If there is no table of that name.

    Notes
    -----
    Every row has the address of the page it was checked against: the text of the law or notice where a public
    copy was available, else a report on it. Origins without such a page were left out: add your own rows. The
    lists hold suppliers of digital infrastructure, not all that a list names, as read in 2025. The scores are
    judgement and no legal advice. Source of ``data_protection``: CNIL, La protection des données dans le
    monde, March 2026; APEC CBPR System.
    National Intelligence Law of China, art. 7: its reach is contested by opinions filed for Huawei.

    Examples
    --------
    >>> laws = starter_table("laws").set_index("iso3")["score"]
    >>> laws[["CHN", "SWE", "USA"]].tolist()
    [1.0, 0.5, 0.5]
    """
    if name not in STARTER_TABLES:
        raise UnknownNameError(f"unknown table `{name}`; {did_you_mean(name, STARTER_TABLES)}")
    return _read(name).copy()
