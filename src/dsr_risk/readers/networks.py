"""Lists of networks and of cloud regions: who announces addresses, who runs regions, where."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ..data.countries import to_iso3
from ._rows import Reading, Rows, Source
from ._tables import read_table

NETWORKS = Source(
    title="Announced IPv4 addresses by network",
    publisher="Route Views, NRO, DB-IP (ip-location-db); CAIDA",
    licence="CC BY 4.0 (Route Views, DB-IP), CC0 (country)",
    citation="Route Views, NRO and DB-IP, packages @ip-location-db/asn and geo-whois-asn-country.",
    url="https://github.com/sapics/ip-location-db",
)
REGIONS = Source(
    title="Cloud regions by provider",
    publisher="cloud providers, from their lists of regions",
    licence="of the list used (Apache or MIT)",
    citation="Lists of regions of the cloud providers.",
    url="https://github.com/botocore/botocore",
)
NETWORK_COLUMNS = ("iso3", "vendor", "vendor_iso3", "addresses", "n_asn")
REGION_COLUMNS = ("iso3", "provider", "provider_iso3", "region", "name", "status")


def ipv4_networks(path: str | Path) -> Reading:
    """Read announced IPv4 addresses by network, one country and network a record.

    Parameters
    ----------
    path : path
        A table of country, name of the network and number of addresses, such as one compiled from
        Route Views and the regional registries, with the number of autonomous systems if there.

    Returns
    -------
    Reading
        ``iso3, vendor`` (the network), ``vendor_iso3`` (missing: the table does not say), ``addresses,
        n_asn``. For `dsr_risk.records.supplier_concentration` the amount is ``addresses``, with
        ``origin`` None. Rows of one country and network are kept apart as printed.

    Raises
    ------
    DataError
        If the file is not such a table, or a number of addresses is negative.
    """
    wanted = {
        "name": ("iso3", "country", "country code", "cc"),
        "vendor": ("name", "network", "organization", "org", "as name"),
        "addresses": ("ipv4", "addresses", "ipv4 addresses", "address count"),
    }
    optional = {"n_asn": ("n_asn", "asns", "number of asns"), "vendor_iso3": ("vendor_iso3",)}
    table = read_table(path, wanted, optional, known="a table of IPv4 addresses by network")
    rows = Rows(table)
    rows.countries("name")
    rows.numbers("addresses", "n_asn")
    rows.drop(~rows.frame["addresses"].ge(0), "vendor", "no number of addresses")
    rows.drop(rows.frame["vendor"].str.strip().eq(""), "name", "no name of the network")
    rows.drop(rows.frame.duplicated(), "vendor", "repeats an earlier row")
    notes = [
        "addresses are not subscribers",
        "a list cut to the largest networks leaves out the rest: shares are of those listed",
    ]
    return rows.reading("ipv4_networks", NETWORKS, "as listed", NETWORK_COLUMNS, notes=notes)


def cloud_regions(path: str | Path, *, commercial_only: bool = True) -> Reading:
    """Read a list of cloud regions, one region a record.

    Parameters
    ----------
    path : path
        A table of provider, country and region, with the country of the provider and the status of
        the region if there.
    commercial_only : bool
        Leave out regions whose status is government, planned, announced or closed.

    Returns
    -------
    Reading
        ``iso3, provider, provider_iso3, region, name, status``: the columns that
        `dsr_risk.records.cloud_exposure` takes.

    Raises
    ------
    DataError
        If the file is not such a table.
    """
    wanted = {
        "country": ("iso3", "country", "country code"),
        "provider": ("provider", "cloud", "vendor"),
        "region": ("region", "region code", "region id"),
    }
    optional = {
        "origin": ("provider_iso3", "provider_origin", "origin"),
        "name": ("name", "region name", "location"),
        "status": ("status", "state"),
    }
    rows = Rows(read_table(path, wanted, optional, known="a list of cloud regions"))
    if commercial_only and "status" in rows.frame:
        status = rows.frame["status"].str.casefold()
        other = status.str.contains("government|planned|announced|closed", regex=True)
        rows.drop(other, "status", "not open to commercial customers")
    rows.countries("country")
    if "origin" in rows.frame:
        rows.frame = rows.frame.assign(provider_iso3=to_iso3(rows.frame["origin"]))
        unknown = pd.isna(rows.frame["provider_iso3"]) & rows.frame["origin"].ne("")
        rows.note(
            rows.frame.index[unknown],
            rows.frame.loc[unknown, "origin"],
            "origin of the provider is no country; origin missing",
        )
    rows.duplicates(["provider", "region"])
    notes = ["a country without a region is served from abroad: it is absent, not zero"]
    key = ["provider", "region"]
    return rows.reading("cloud_regions", REGIONS, "as listed", REGION_COLUMNS, key=key, notes=notes)
