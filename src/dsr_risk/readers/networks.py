"""Lists of networks and of cloud regions: who announces addresses, who runs regions, where."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from .._util.arguments import typed
from ..data.countries import to_iso3
from ..errors import DataError
from ._files import existing_file, opened
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


@typed
def ipv4_networks(path: str | Path) -> Reading:
    r"""Read announced IPv4 addresses by network, one country and network a record.

    Parameters
    ----------
    path : path
        A table of country, name of the network and number of addresses, such as one compiled from
        Route Views and the regional registries, with the number of autonomous systems if there; or a
        ``delegated-...-extended`` file of a regional registry (AFRINIC, APNIC, ARIN, LACNIC, RIPE NCC),
        whose holders are numbers.

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

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "networks.csv"
    >>> _ = path.write_text("country,network,addresses,n_asn\nKenya,Safaricom,512,2\n")
    >>> ipv4_networks(path).records[["iso3", "vendor", "addresses"]].to_numpy().tolist()
    [['KEN', 'Safaricom', 512.0]]
    """
    wanted = {
        "name": ("iso3", "country", "country code", "cc"),
        "vendor": ("name", "network", "organization", "org", "as name"),
        "addresses": ("ipv4", "addresses", "ipv4 addresses", "address count"),
    }
    optional = {"n_asn": ("n_asn", "asns", "number of asns"), "vendor_iso3": ("vendor_iso3",)}
    if _is_delegated(path):
        return _delegated(path)
    table = read_table(path, wanted, optional, source="a table of IPv4 addresses by network")
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


_REGISTRIES = r"(?:afrinic|apnic|arin|iana|lacnic|nro|ripencc)"
_FIRST = re.compile(rf"\s*2(?:\.\d)?\|{_REGISTRIES}\|", re.IGNORECASE)
_FIELDS = ("registry", "name", "type", "start", "addresses", "date", "status", "vendor")


_PREFIX = re.compile(r"[0-9a-fA-F.:]+\t\d+\t\d+(?:[_,]\d+)*")


def _is_delegated(path: str | Path) -> bool:
    """Tell a file of a regional registry by its first line; refuse one of prefixes and networks."""
    file = existing_file(path)
    if file.is_dir():
        return False
    with opened(file, "a table (.csv or .xlsx)") as (_, stream):
        lines = stream.read(8192).decode("utf-8", "replace").splitlines()
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    if _PREFIX.fullmatch(first.strip()):
        raise DataError(
            f"{file.name}: a prefix-to-AS file names no country: take the `delegated-...-extended` file of a "
            "registry, or join it with the country and name of each network into a table of iso3, name, ipv4"
        )
    return _FIRST.match(first) is not None


def _delegated(path: str | Path) -> Reading:
    """Read a file of a regional registry: addresses of one country and holder added up."""
    with opened(existing_file(path), "a table (.csv or .xlsx)") as (name, stream):
        lines = stream.read().decode("utf-8", "replace").splitlines()
    numbered = {
        number: line.strip().split("|")
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.startswith("#")
    }
    body = {
        number: cells
        for number, cells in list(numbered.items())[1:]
        if len(cells) > 6 and cells[2].casefold() == "ipv4"
    }
    if not any(len(cells) > 7 and cells[7].strip() for cells in body.values()):
        raise DataError(
            f"{name}: a registry's file without holders; take the `extended` edition, whose last field is "
            "the holder"
        )
    padded = [[*cells, *[""] * 8][:8] for cells in body.values()]
    frame = pd.DataFrame(padded, index=pd.Index(list(body)), columns=list(_FIELDS), dtype=object)
    rows = Rows(frame)
    free = ~rows.frame["status"].str.casefold().isin(["allocated", "assigned"])
    rows.drop(free, "start", "neither allocated nor assigned")
    rows.countries("name")
    rows.numbers("addresses")
    rows.drop(~rows.frame["addresses"].gt(0), "start", "no number of addresses")
    rows.drop(rows.frame["vendor"].str.strip().eq(""), "start", "no holder")
    rows.frame = rows.frame.assign(
        addresses=rows.frame.groupby(["iso3", "vendor"])["addresses"].transform("sum")
    ).drop_duplicates(["iso3", "vendor"])
    notes = [
        "addresses are not subscribers",
        "holders are numbers of the registry; blocks of one holder are added up",
        "IPv6 and AS numbers are passed over",
        "delegated is not announced: old and reserved blocks count too",
    ]
    source = replace(
        NETWORKS,
        title="IPv4 addresses by holder (delegated-extended)",
        publisher="regional Internet registries",
        licence="of the registry",
        citation="Regional Internet registries, delegated-extended statistics.",
        url="https://www.nro.net/statistics",
    )
    return rows.reading("ipv4_networks", source, "as listed", NETWORK_COLUMNS, notes=notes)


@typed
def cloud_regions(path: str | Path, *, commercial_only: bool = True) -> Reading:
    r"""Read a list of cloud regions, one region a record.

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

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "regions.csv"
    >>> _ = path.write_text("country,provider,region,provider_iso3,status\nSingapore,AWS,ap-1,USA,open\n"
    ...     "Singapore,Alibaba,ap-2,CHN,planned\n")
    >>> cloud_regions(path).records[["iso3", "provider", "provider_iso3"]].to_numpy().tolist()
    [['SGP', 'AWS', 'USA']]
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
    rows = Rows(read_table(path, wanted, optional, source="a list of cloud regions"))
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
