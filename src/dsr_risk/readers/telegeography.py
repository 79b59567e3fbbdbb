"""TeleGeography's submarine cable map: who supplied the cables that land in a country."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from .._util.arguments import typed
from ..data.countries import to_iso3
from ..errors import DataError, did_you_mean
from ._files import json_files, parse_json
from ._rows import Reading, Rows, Source

TELEGEOGRAPHY = Source(
    title="Submarine Cable Map",
    publisher="TeleGeography (PriMetrica)",
    licence="CC BY-NC-SA 3.0 (editions to 2022): not for commercial use, share alike",
    citation="TeleGeography. Submarine Cable Map.",
    url="https://www.submarinecablemap.com",
)
COLUMNS = (
    "iso3",
    "country",
    "vendor",
    "vendor_iso3",
    "share",
    "cable_id",
    "cable",
    "year",
    "is_planned",
    "international",
    "owners",
    "length_km",
)

_LEGAL = (
    r"(?:co|corp|corporation|company|inc|incorporated|ltd|limited|llc|plc|gmbh|ag|ab|asa|oy|spa|s\.p\.a|srl|"
    r"sas|s\.a\.s|sa|s\.a|nv|n\.v|bv|b\.v|kk|k\.k|pte|pty|sdn|bhd|group|holdings?)\b\.?"
)
_LEGAL_APART = re.compile(rf",(?=\s*{_LEGAL}\s*(?:[,;(]|(?:and|&)\s|$))", re.IGNORECASE)
_LEGAL_END = re.compile(rf"(?:[\s,]+{_LEGAL}|\s*\([^()]*\))+$", re.IGNORECASE)
LONGEST = 200
"""Letters of the name of a firm at most; a longer text stays as it is."""
_BETWEEN = re.compile(r"[,;]|\s+(?:and|&)\s+(?=[A-Z]{2,}|SubCom|Subcom)")
# One name a firm: the map prints a firm under the name it had when the cable was laid.
SAME_FIRM = {
    "alcatel submarine networks": "ASN",
    "alcatel-lucent submarine networks": "ASN",
    "alcatel-lucent": "ASN",
    "alcatel": "ASN",
    "te subcom": "SubCom",
    "te connectivity subcom": "SubCom",
    "tyco electronics subsea": "SubCom",
    "tyco electronics subsea communications": "SubCom",
    "tyco telecommunications": "SubCom",
    "tyco": "SubCom",
    "at&t submarine systems": "SubCom",
    "huawei marine": "HMN Tech",
    "huawei marine networks": "HMN Tech",
    "hmn technologies": "HMN Tech",
    "hmn": "HMN Tech",
    "norddeutsche seekabelwerke": "NSW",
    "hengtong marine": "Hengtong",
    "hengtong marine cable systems": "Hengtong",
    "zhongtian technology": "ZTT",
    "zhongtian technology submarine cable": "ZTT",
    "fiberhome marine": "FiberHome",
    "xtera communications": "Xtera",
    "global marine systems": "Global Marine",
    "elettra tlc": "Elettra",
    "it international telecom": "IT",
    "international telecom": "IT",
    "kdd-scs": "KCS",
    "kokusai cable ship": "KCS",
    "ls cable & system": "LS Cable",
    "ntt world engineering marine": "NTT WE Marine",
}
# Seat of the supplier's head office: general knowledge, not part of TeleGeography's data.
ORIGINS = {
    "ASN": "FRA",
    "SubCom": "USA",
    "NEC": "JPN",
    "HMN Tech": "CHN",
    "Fujitsu": "JPN",
    "Xtera": "USA",
    "Nexans": "FRA",
    "Prysmian": "ITA",
    "NSW": "DEU",
    "Hexatronic": "SWE",
    "Hengtong": "CHN",
    "ZTT": "CHN",
    "FiberHome": "CHN",
    "S.B. Submarine Systems": "CHN",
    "LS Cable": "KOR",
    "KT Submarine": "KOR",
    "OCC": "JPN",
    "KCS": "JPN",
    "NTT WE Marine": "JPN",
    "Orange Marine": "FRA",
    "Elettra": "ITA",
    "Global Marine": "GBR",
    "IT": "CAN",
    "Ericsson": "SWE",
    "Pirelli": "ITA",
    "Siemens": "DEU",
    "Optic Marine Services": "MYS",
}


@typed
def telegeography(
    path: str | Path, *, planned: bool = False, origins: Mapping[str, str] | None = None
) -> Reading:
    """Read TeleGeography's submarine cable map, one cable, landing country and supplier a record.

    Parameters
    ----------
    path : path
        The folder with ``cable/<id>.json`` (editions v3 and v2), a .zip of it, or one .json file
        with a list of cables.
    planned : bool
        Keep cables not yet in service.
    origins : mapping, optional
        Supplier -> ISO 3166 alpha-3 of its seat, added to the package's own short list.

    Returns
    -------
    Reading
        ``iso3, country`` (of landing), ``vendor`` (missing = not published), ``vendor_iso3``,
        ``share`` (1/n for each of a cable's n suppliers), ``cable_id, cable, year`` (ready for
        service), ``is_planned, international`` (lands in two countries or more), ``owners,
        length_km``. The share of a supplier in a country is its sum of ``share`` over the sum of
        ``share`` with a known vendor.

    Raises
    ------
    DataError
        If there are no cable files or a file is not JSON.

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "cables.json"
    >>> points = [{"id": name.lower(), "name": f"Town, {name}", "country": name, "is_tbd": None}
    ...           for name in ("Pakistan", "Kenya")]
    >>> _ = path.write_text(json.dumps([{"id": "two", "name": "Two", "length": "15,000 km", "owners": "A",
    ...     "landing_points": points, "suppliers": "Alcatel Submarine Networks, HMN Tech", "rfs": "2022",
    ...     "rfs_year": 2022, "is_planned": False, "url": None}]))
    >>> telegeography(path).records.loc[:1, ["iso3", "vendor", "vendor_iso3", "share"]].to_numpy().tolist()
    [['PAK', 'ASN', 'FRA', 0.5], ['PAK', 'HMN Tech', 'CHN', 0.5]]
    """
    records: list[dict[str, Any]] = []
    skipped: list[tuple[int, str, str]] = []
    versions: set[str] = set()
    for number, (name, cable) in enumerate(_cables(path), start=1):
        if reason := _reason(cable, planned):
            skipped.append((number, name, reason))
            continue
        versions.add("v3" if "rfs_year" in cable or "suppliers" in cable else "v2")
        records.extend(_landings(number, cable))
    frame = pd.DataFrame.from_records(records, columns=["row", *COLUMNS, "tbd"])
    rows = Rows(frame.set_index("row"))
    for number, name, reason in skipped:
        rows.note([number], [name], reason)
    rows.drop(rows.frame["tbd"], "country", "landing point still to be decided")
    rows.countries("country")
    rows.frame["vendor_iso3"] = _seats(rows.frame["vendor"], origins or {})
    rows.frame = rows.frame.drop_duplicates(["iso3", "cable_id", "vendor"])
    lands = rows.frame.groupby("cable_id")["iso3"].transform("nunique")
    rows.frame["international"] = lands.gt(1)
    edition = ", ".join(sorted(versions))
    notes = ["vendor_iso3 is the seat of the supplier by the package's list, not TeleGeography's"]
    if versions == {"v2"}:
        notes.append("edition v2 names no suppliers: every vendor is unknown")
    key = ["iso3", "cable_id", "vendor"]
    return rows.reading("telegeography", TELEGEOGRAPHY, edition, COLUMNS, key=key, notes=notes)


def _seats(vendors: pd.Series, origins: Mapping[str, str]) -> pd.Series:
    """Return the seat of each supplier, by the package's list and by the caller's."""
    seats = {_plain(name): code for name, code in ORIGINS.items()}
    seen = {_plain(name): str(name) for name in vendors.dropna().unique()}
    problems = []
    for name, text in origins.items():
        code = to_iso3([text])[0]
        if code is None:
            problems.append(f"origins: {name} is from {text!r}, which is not a country")
        elif _plain(name) not in seen:
            near = did_you_mean(name, sorted(seen.values()))
            problems.append(f"origins: no cable has the supplier `{name}`; {near}")
        seats[_plain(name)] = code
    if problems:
        raise DataError("origins: unknown names", problems)
    return vendors.map(lambda name: seats.get(_plain(name)), na_action="ignore")


def _plain(name: str) -> str:
    return re.sub(r"[^0-9a-z]+", "", name.casefold())


def _cables(path: str | Path) -> list[tuple[str, dict[str, Any]]]:
    cables: dict[str, tuple[str, dict[str, Any]]] = {}
    for name, content in json_files(path, "cable"):
        document = parse_json(name, content)
        for cable in document if isinstance(document, list) else [document]:
            if _is_cable(cable):
                cables.setdefault(str(cable.get("id", cable["name"])), (name, cable))
    if not cables:
        raise DataError(
            f"{Path(path).name or path}: no cable files: expected a folder with `cable/<id>.json`, each "
            "with `name` and `landing_points`"
        )
    return list(cables.values())


def _is_cable(entry: object) -> bool:
    if not isinstance(entry, dict) or not {"name", "landing_points"} <= set(entry):
        return False
    return all(isinstance(point, dict) for point in entry["landing_points"] or [])


def _reason(cable: dict[str, Any], planned: bool) -> str:
    if not cable["landing_points"]:
        return "no landing points"
    return "planned, not in service" if cable.get("is_planned") and not planned else ""


def _landings(number: int, cable: dict[str, Any]) -> list[dict[str, Any]]:
    text = " ".join(str(cable.get("suppliers") or "").split())
    vendors = dict.fromkeys(
        _firm(name) for name in _BETWEEN.split(_LEGAL_APART.sub(" ", text)) if name.strip()
    )
    year = re.search(r"(?:19|20)\d\d", str(cable.get("rfs_year") or cable.get("rfs") or ""))
    length = re.sub(r"[^\d.]", "", str(cable.get("length") or ""))
    shared = {
        "row": number,
        "cable_id": str(cable.get("id", cable["name"])),
        "cable": cable["name"],
        "owners": cable.get("owners"),
        "year": int(year.group()) if year else None,
        "is_planned": bool(cable.get("is_planned")),
        "length_km": float(length) if length else None,
        "share": 1 / max(len(vendors), 1),
    }
    countries: dict[str, bool] = {}
    for point in cable["landing_points"]:
        # Edition v2 has no country; the name ends with it ("Shima, Japan").
        country = str(point.get("country") or str(point.get("name", "")).rsplit(",", 1)[-1]).strip()
        countries[country] = countries.get(country, True) and bool(point.get("is_tbd"))
    return [
        {**shared, "country": country, "tbd": tbd, "vendor": vendor}
        for country, tbd in countries.items()
        for vendor in (vendors or [None])
    ]


def _firm(name: str) -> str:
    """Return one spelling a firm: SubCom, Subcom and SUBCOM LLC are one."""
    bare = " ".join(name.split())
    # The ends of a name are sought in quadratic time, so that no longer text is searched.
    short = _LEGAL_END.sub("", bare) if len(bare) <= LONGEST else bare
    spellings = _known_firms()
    return spellings.get(_plain(bare)) or spellings.get(_plain(short), short or bare)


@cache
def _known_firms() -> dict[str, str]:
    """Return the spelling of every known firm, by its plain names."""
    spellings = {_plain(name): firm for name, firm in SAME_FIRM.items()}
    return spellings | {_plain(origin): origin for origin in ORIGINS}
