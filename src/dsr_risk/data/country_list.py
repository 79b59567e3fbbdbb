"""The lists of states behind the names: codes, regions, patterns, and states that are no more."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources

import pandas as pd

from .._util.checks import names_in
from .._util.types import Mask
from ..errors import UnknownNameError, did_you_mean

__all__ = ["DISSOLVED", "country_source", "country_table", "in_group", "packaged_table", "some"]

_DISSOLVED = {
    "dissolved in 1991-1992; its successors have codes of their own": (
        "ussr",
        "u.s.s.r.",
        "soviet union",
        "the soviet union",
        "sun",
        "yugoslavia",
        "yug",
        "union of soviet socialist republics",
        "socialist federal republic of yugoslavia",
        "yugoslavia, sfr",
        "sfr yugoslavia",
    ),
    "dissolved in 2006 into Serbia (SRB) and Montenegro (MNE)": (
        "serbia and montenegro",
        "serbia & montenegro",
        "scg",
        "federal republic of yugoslavia",
        "yugoslavia, fr",
        "yugoslavia, fed. rep. of",
    ),
    "dissolved in 1993 into Czechia (CZE) and Slovakia (SVK)": ("czechoslovakia", "csk"),
    "dissolved in 2010 into Curacao (CUW), Sint Maarten (SXM) and Bonaire (BES)": (
        "neth. antilles",
        "netherlands antilles",
        "netherland antilles",
        "the netherlands antilles",
        "ant",
    ),
    "divided in 2011 into Sudan (SDN) and South Sudan (SSD)": (
        "former sudan",
        "sudan (former)",
        "sudan, former",
        "fmr sudan",
        "sudan (pre-secession)",
        "sudan (pre-2011)",
        "sudan (until 2011)",
        "sudan (including south sudan)",
        "sudan (incl. south sudan)",
        "sudan and south sudan",
        "sudan (before 2011)",
    ),
    "divided in 1993 into Ethiopia (ETH) and Eritrea (ERI)": (
        "former ethiopia",
        "ethiopia (former)",
        "ethiopia, former",
        "fmr ethiopia",
        "ethiopia pdr",
        "ethiopia (including eritrea)",
        "ethiopia (incl. eritrea)",
        "people's democratic republic of ethiopia",
    ),
    "divided in 1971 into Pakistan (PAK) and Bangladesh (BGD)": (
        "former pakistan",
        "east and west pakistan",
        "fmr east and west pakistan",
        "pakistan (pre-1972)",
    ),
    "dissolved in 1961 into Egypt (EGY) and Syria (SYR)": ("united arab republic", "u.a.r."),
    "dissolved in 1963 into Zambia (ZMB), Zimbabwe (ZWE) and Malawi (MWI)": (
        "rhodesia nyas",
        "rhodesia and nyasaland",
        "federation of rhodesia and nyasaland",
    ),
    "dissolved in 1962 into Rwanda (RWA) and Burundi (BDI)": ("ruanda-urundi",),
    "part of Germany (DEU) since 1990": (
        "dem. rep. of germany",
        "fmr fed. rep. of germany",
        "germany (former democratic republic)",
        "germany (former federal republic)",
        "east germany",
        "germany, east",
        "german democratic republic",
        "ddr",
        "gdr",
        "germany, democratic republic",
        "west germany",
        "germany, west",
    ),
    "part of Yemen (YEM) since 1990": (
        "north yemen",
        "yemen, north",
        "arab rep. of yemen",
        "dem. yemen",
        "democratic yemen",
        "people's democratic republic of yemen",
        "yemen pdr",
        "south yemen",
        "yemen, south",
        "yemen people's republic",
        "yemen, democratic",
        "ymd",
    ),
    "part of Viet Nam (VNM) since 1976": (
        "rep. of vietnam",
        "dem. rep. of vietnam",
        "north vietnam",
        "south vietnam",
        "republic of vietnam",
        "vietnam, republic of",
    ),
    "part of Tanzania (TZA) since 1964": (
        "tanganyika",
        "zanzibar",
        "zanzibar and pemba isd",
        "zanzibar and pemba",
    ),
    "dissolved in 1986-1994 into FSM, MHL, MNP and PLW": (
        "pacific islands (trust territory)",
        "trust territory of the pacific islands",
        "pci",
        "pacific isds",
    ),
}
DISSOLVED = {name: reason for reason, names in _DISSOLVED.items() for name in names}


@cache
def country_source() -> pd.DataFrame:
    """Return the list behind the names: ISO codes, regular expression and Gleditsch-Ward number."""
    import country_converter

    # country_converter reads its own list with pandas' default missing values, and pandas 3 then
    # loses Namibia ("NA"): the list is read here with none.
    path = resources.files(country_converter) / "country_data.tsv"
    with path.open(encoding="utf-8") as file:
        frame = pd.read_csv(file, sep="\t", dtype="object", keep_default_na=False)
    frame = frame[frame["obsolete"].eq("") & frame["ISO3"].str.len().eq(3)]
    frame = frame.assign(ISO2=frame["ISO2"].str.extract(r"([A-Z]{2})", expand=False))
    columns = [
        "ISO3",
        "ISO2",
        "name_short",
        "name_official",
        "regex",
        "UNregion",
        "continent",
        "GWcode",
        "ISOnumeric",
    ]
    return frame[columns].reset_index(drop=True)


@cache
def packaged_table() -> pd.DataFrame:
    """Return the packaged list itself; callers must not change it."""
    path = resources.files(__package__) / "bundled" / "countries.csv"
    with path.open(encoding="utf-8") as file:
        return pd.read_csv(file, keep_default_na=False, na_values=[""]).set_index("iso3")


def country_table() -> pd.DataFrame:
    """Return all countries and territories, index ``iso3``.

    Columns: ``name``, ``iso2``, ``region``, ``subregion`` and ``income`` (World Bank income group,
    missing where the Bank gives none), and whatever else the packaged list carries. A copy.

    Examples
    --------
    >>> country_table().loc["NAM", "iso2"]
    'NA'
    """
    return packaged_table().copy()


def in_group(codes: Iterable[str], column: str, asked: str | Iterable[str]) -> Mask:
    """Return which countries (n,) belong to regions or income groups, a column of ``country_table``.

    Raises
    ------
    UnknownNameError
        For a group that there is not, or that none of the countries belongs to.

    Examples
    --------
    >>> in_group(["PAK", "KEN"], "region", "africa").tolist()
    [False, True]
    """
    every = packaged_table()[column]
    groups = every.reindex(list(codes))
    names_of_groups = {str(name).casefold(): str(name) for name in every.dropna().unique()}
    names = [str(name) for name in names_in(column, asked)]
    for name in names:
        if name.casefold() not in names_of_groups:
            raise UnknownNameError(
                f"unknown {column} `{name}`; {did_you_mean(name, names_of_groups.values())}"
            )
        if not groups.eq(names_of_groups[name.casefold()]).any():
            held = ", ".join(f"`{group}`" for group in sorted(groups.dropna().unique()))
            raise UnknownNameError(
                f"no country of the data has {column} `{names_of_groups[name.casefold()]}`; "
                f"they have {held or 'none'}"
            )
    return groups.isin([names_of_groups[name.casefold()] for name in names]).to_numpy(bool)


def some(keep: Mask) -> Mask:
    """Return which units are kept; raise UnknownNameError where none is.

    Examples
    --------
    >>> import numpy as np
    >>> some(np.array([True, False])).tolist()
    [True, False]
    """
    if not keep.any():
        raise UnknownNameError(
            "no unit fulfils the conditions together; leave `year`, `countries`, `region` or `income` out"
        )
    return keep
