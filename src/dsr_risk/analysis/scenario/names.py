"""Names in scenarios: suppliers and their origins, creditors."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...data.countries import country_iso3, country_table
from ...errors import DsrRiskError, UnknownNameError, did_you_mean

__all__ = [
    "INSTITUTIONS",
    "SUPPLIERS",
    "VENDORS",
    "creditor_of",
    "origin_of",
]

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
