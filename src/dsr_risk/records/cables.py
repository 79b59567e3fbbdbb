"""The three cable columns of the preset `with_cables`, from landings of the cable map."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from .._util.arguments import typed
from ..data.country_list import country_table
from .infrastructure import cable_exposure

__all__ = ["LANDLOCKED_ELSEWHERE", "cable_columns"]

COLUMNS = {
    "cable_origin_hhi": "cable_supplier_origin_hhi",
    "cable_focal_share": "cable_focal_supplier_share",
    "largest_cable_share": "cable_largest_capacity_share",
}
"""Names of `cable_exposure`, and of the framework."""
LANDLOCKED_ELSEWHERE = (
    "AND",
    "AUT",
    "BLR",
    "CHE",
    "CZE",
    "HUN",
    "LIE",
    "LUX",
    "SMR",
    "SRB",
    "SVK",
    "VAT",
    "XKX",
)
"""Landlocked states that are no landlocked developing countries of the United Nations' list."""
ROLES = {
    "cable": "cable_id",
    "capacity": "share",
    "landing_point": None,
    "supplier": "vendor",
    "origin": "vendor_iso3",
}


@typed
def cable_columns(landings: object, *, focal: str | Iterable[str] | None = "CHN") -> pd.DataFrame:
    """Return the cable columns of the preset `with_cables`, ready for `Data.update`.

    Parameters
    ----------
    landings : frame
        The records of `dsr_risk.readers.telegeography`: one row a cable, landing country and supplier.
    focal : str or list of str, optional
        Origins whose share is ``cable_focal_supplier_share``.

    Returns
    -------
    DataFrame
        Long data format: ``cable_supplier_origin_hhi`` and ``cable_focal_supplier_share`` (0-1, among cables
        with a known supplier; bounds are what the unknown ones may add), ``cable_largest_capacity_share``
        (0-1; the map has no capacities, so every cable counts alike: 1 / cables that land). Landlocked
        states without a landing have the reason ``landlocked``.

    Raises
    ------
    DataError
        If a column is missing or a cell is wrong, see `cable_exposure`.

    Notes
    -----
    The largest share is the loss of the N-1 criterion of network planning. Landlocked developing countries:
    list of the United Nations (UN-OHRLLS); the others by geography.

    Examples
    --------
    >>> landings = pd.DataFrame({"iso3": ["KEN"] * 2, "cable_id": ["a", "b"], "share": [1.0, 1.0],
    ...     "vendor": ["HMN Tech", "ASN"], "vendor_iso3": ["CHN", "FRA"]})
    >>> table = cable_columns(landings)
    >>> table[table["iso3"].eq("KEN")].set_index("indicator")["value"].to_dict()
    {'cable_largest_capacity_share': 0.5, 'cable_supplier_origin_hhi': 0.5, 'cable_focal_supplier_share': 0.5}
    """
    table = cable_exposure(landings, columns=ROLES, focal=focal, remainder="any")
    table = table[table["indicator"].isin(COLUMNS)]
    table = table.assign(indicator=table["indicator"].map(COLUMNS), reason="")
    countries = country_table()
    lldc = countries.index[countries["lldc"].astype(int).eq(1)]
    inland = sorted({*lldc, *LANDLOCKED_ELSEWHERE} - set(table["iso3"]))
    pairs = pd.MultiIndex.from_product([inland, COLUMNS.values()], names=["iso3", "indicator"])
    outside = pairs.to_frame(index=False).assign(reason="landlocked", unit="0-1", note="")
    columns = pd.concat([table, outside], ignore_index=True)
    source = {
        "source": "Submarine Cable Map, own download",
        "licence": "CC BY-NC-SA 3.0: not for commercial use, share alike",
        "confidence": "medium",
    }
    return columns.assign(**source).sort_values(["iso3"], kind="stable", ignore_index=True)
