"""Names in scenarios: groups of countries, suppliers and their origins, creditors."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np

from ..._util.checks import names_of
from ...data.countries import country_iso3, country_table
from ...data.dataset import Data
from ...errors import DsrRiskError, Problems, UnknownNameError, did_you_mean

__all__ = [
    "GROUPS",
    "INSTITUTIONS",
    "SUPPLIERS",
    "VENDORS",
    "countries_of",
    "creditor_of",
    "origin_of",
]

GROUPS: dict[str, tuple[str, ...]] = {
    "EU": (
        "AUT",
        "BEL",
        "BGR",
        "HRV",
        "CYP",
        "CZE",
        "DNK",
        "EST",
        "FIN",
        "FRA",
        "DEU",
        "GRC",
        "HUN",
        "IRL",
        "ITA",
        "LVA",
        "LTU",
        "LUX",
        "MLT",
        "NLD",
        "POL",
        "PRT",
        "ROU",
        "SVK",
        "SVN",
        "ESP",
        "SWE",
    ),
    "ASEAN": ("BRN", "KHM", "IDN", "LAO", "MYS", "MMR", "PHL", "SGP", "THA", "TLS", "VNM"),
    "G7": ("CAN", "FRA", "DEU", "ITA", "JPN", "GBR", "USA"),
    "EAEU": ("ARM", "BLR", "KAZ", "KGZ", "RUS"),
    "GCC": ("BHR", "KWT", "OMN", "QAT", "SAU", "ARE"),
}
"""Members in 2026: EU, ASEAN (with Timor-Leste, 2025), G7, Eurasian Economic Union, Gulf Co-operation
Council. The Belt and Road (BRI) is read from the data."""

BRI_COLUMNS = ("bri_member", "bri_participant")

SUPPLIERS = {
    "Huawei": "CHN",
    "ZTE": "CHN",
    "Hikvision": "CHN",
    "Dahua": "CHN",
    "Alibaba": "CHN",
    "Tencent": "CHN",
    "China Mobile": "CHN",
    "China Telecom": "CHN",
    "HMN Tech": "CHN",
    "Ericsson": "SWE",
    "Nokia": "FIN",
    "Samsung": "KOR",
    "NEC": "JPN",
    "Fujitsu": "JPN",
    "Cisco": "USA",
    "Amazon": "USA",
    "Microsoft": "USA",
    "Google": "USA",
    "IBM": "USA",
    "Mavenir": "USA",
    "SubCom": "USA",
    "ASN": "FRA",
    "Thales": "FRA",
}
"""Suppliers by name and the state of their seat."""

VENDORS = ("Huawei", "Ericsson", "Nokia", "ZTE", "Samsung")
"""The five vendors of radio networks that sell world-wide (Dell'Oro)."""

INSTITUTIONS = (
    "World Bank",
    "IMF",
    "AfDB",
    "ADB",
    "IDB",
    "EIB",
    "EBRD",
    "AIIB",
    "NDB",
    "Paris Club",
    "bondholders",
    "all",
)
"""Creditors that are no state; ``all`` is every creditor."""


def _group(name: str, data: Data) -> tuple[str, ...] | None:
    folded = name.strip().casefold()
    if folded == "all":
        return data.countries
    if data.kind != "country":
        return None
    for label, members in GROUPS.items():
        if folded == label.casefold():
            return members
    if folded in ("bri", "belt and road"):
        for column in BRI_COLUMNS:
            if column in data.columns:
                joined = data._matrix([column])[:, 0] > 0
                return tuple(dict.fromkeys(data.iso3[joined]))
    return _classes().get(folded)


@cache
def _classes() -> dict[str, tuple[str, ...]]:
    """Return members of each region, subregion and income class by folded name."""
    table = country_table()
    out: dict[str, tuple[str, ...]] = {}
    for column in ("region", "subregion", "income", "income_group"):
        if column in table:
            labels = table[column].dropna()
            for name, members in labels.groupby(labels.astype(str)).groups.items():
                out.setdefault(str(name).casefold(), tuple(str(code) for code in members))
    return out


def _group_names() -> list[str]:
    table = country_table()
    named = [
        str(value)
        for column in ("region", "subregion", "income")
        if column in table
        for value in table[column].dropna().unique()
    ]
    return [*GROUPS, "BRI", "all", *named]


def countries_of(
    names: str | int | Iterable[str | int], data: Data, where: str = "countries"
) -> tuple[str, ...]:
    """Return the codes of the countries and groups named, those in the data, each once.

    Raises
    ------
    UnknownNameError
        For a name that is neither a country nor a group, or a country that is not in the data.
    """
    wanted = [str(name) for name in names_of("countries", names)]
    present = set(data.countries)
    problems = Problems(where)
    out: list[str] = []
    for name in wanted:
        members = _group(str(name), data)
        if members is not None:
            out += [code for code in members if code in present]
            continue
        try:
            code = data.unit_of(str(name))
        except DsrRiskError as error:
            groups = did_you_mean(str(name), _group_names(), listed=0)
            more = f" or the group: {groups}" if groups.startswith("did") else ""
            problems.add(f"{error.message}{more}")
            continue
        if code not in present:
            problems.add(f"no data for {code}; the data hold {len(present)} other countries")
        out.append(code)
    if not wanted:
        problems.add("no country named; give names, codes or groups (EU, ASEAN, BRI, a region)")
    problems.raise_as(UnknownNameError)
    return tuple(dict.fromkeys(out))


def origin_of(name: str, extra: Iterable[tuple[str, str]] = ()) -> str:
    """Return the state of a supplier's seat, or of a state its own code.

    Raises
    ------
    UnknownNameError
        For a supplier that is neither known nor in the records.
    """
    suppliers = {**SUPPLIERS, **dict(extra)}
    for supplier, origin in suppliers.items():
        if name.strip().casefold() == supplier.casefold():
            return origin
    try:
        return country_iso3(name)
    except DsrRiskError:
        raise UnknownNameError(
            f"no supplier `{name}`; {did_you_mean(name, suppliers)} or give the state of its seat"
        ) from None


def creditor_of(name: str) -> str:
    """Return the code of a state that lends, or the name of an institution.

    Raises
    ------
    UnknownNameError
        For a creditor that is neither.
    """
    for institution in INSTITUTIONS:
        if name.strip().casefold() == institution.casefold():
            return institution
    try:
        return country_iso3(name)
    except DsrRiskError:
        names = [*INSTITUTIONS, *np.asarray(country_table()["name"], str)]
        raise UnknownNameError(
            f"no creditor `{name}`; {did_you_mean(name, names, listed=12)}"
        ) from None
