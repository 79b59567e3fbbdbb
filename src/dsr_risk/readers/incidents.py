"""Registers of cyber incidents: CFR's state-sponsored operations and the VERIS database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from .._util.arguments import typed
from ..data.countries import to_iso3
from ..errors import DataError, did_you_mean
from ._files import json_files, parse_json
from ._places import countries_in
from ._rows import Reading, Rows, Source, why_not
from ._tables import read_table

CFR = Source(
    title="Cyber Operations Tracker",
    publisher="Council on Foreign Relations",
    licence="not stated; use counts, do not redistribute the table",
    citation="Council on Foreign Relations. Cyber Operations Tracker.",
    url="https://www.cfr.org/cyber-operations",
)
VCDB = Source(
    title="VERIS Community Database",
    publisher="VERIS community (Verizon Threat Research)",
    licence="CC BY-SA 4.0",
    citation="VERIS Community Database, github.com/vz-risk/VCDB.",
    url="https://github.com/vz-risk/VCDB",
)
EUREPOC = Source(
    title="European Repository of Cyber Incidents",
    publisher="EuRepoC consortium (Heidelberg University, SWP and others)",
    licence="none stated in the export: use counts, do not redistribute the table",
    citation="European Repository of Cyber Incidents (EuRepoC), eurepoc.eu.",
    url="https://eurepoc.eu",
)
COLUMNS = (
    "iso3",
    "date",
    "year",
    "incident",
    "title",
    "sponsor",
    "sponsor_iso3",
    "type",
    "category",
    "severity",
    "claim",
    "victim",
)
# How a government answered says how firm the attribution is; without an answer it is CFR's.
ANSWERS = {
    "confirmation": "confirmed",
    "criminal charges": "probable",
    "sanctions": "probable",
    "denouncement": "probable",
}


@typed
def cfr_operations(path: str | Path, *, severity: Mapping[str, float] | None = None) -> Reading:
    r"""Read state-sponsored operations of the Council on Foreign Relations, one victim country a record.

    Parameters
    ----------
    path : path
        The tracker's .csv: ``Title, Date, Affiliations, Description, Response, Victims, Sponsor,
        Type, Category, Sources...``.
    severity : mapping, optional
        CFR type (``Espionage``, ``Sabotage`` ...) -> severity; CFR gives none, so it is missing
        unless given.

    Returns
    -------
    Reading
        ``iso3`` (country named in the text of the victims, by name or adjective), ``date``
        (missing where CFR gives none), ``year, incident`` (row of the file), ``title, sponsor,
        sponsor_iso3`` (missing for several sponsors), ``type, category, severity, claim``
        (``confirmed``, ``probable``, ``alleged``: by the answer of the government concerned),
        ``victim``. An operation whose victims name no country is left out: that is not zero.

    Raises
    ------
    DataError
        If the file is not a table or lacks a column of the tracker.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "cfr.csv"
    >>> _ = path.write_text("Title,Date,Response,Victims,Sponsor,Type,Category\n"
    ...     "One,2/13/2020,Confirmation,Austrian ministry,Russian Federation,Espionage,Government\n")
    >>> cfr_operations(path, severity={"Espionage": 2}).records[
    ...     ["iso3", "sponsor_iso3", "claim", "severity"]].to_numpy().tolist()
    [['AUT', 'RUS', 'confirmed', 2.0]]
    """
    wanted = {name.casefold(): (name,) for name in ("Title", "Date", "Victims", "Sponsor", "Type")}
    optional = {"response": ("Response",), "category": ("Category",)}
    rows = Rows(read_table(path, wanted, optional, source="CFR's tracker"))
    frame = rows.frame
    _check_types(frame["type"], severity or {})
    dates, stated_years = _dates(rows, "date")
    rows.frame = frame.assign(
        incident=frame.index,
        victim=frame["victims"],
        iso3=frame["victims"].map(countries_in),
        date=dates,
        sponsor_iso3=to_iso3(frame["sponsor"]),
        severity=frame["type"].map(severity or {}).astype("float64"),
        claim=_claims(frame),
        year=stated_years,
    )
    rows.drop(rows.frame["victims"].eq(""), "title", "no victims given")
    rows.drop(rows.frame["iso3"].map(len).eq(0), "victims", "no country named among the victims")
    rows.frame = rows.frame.explode("iso3")
    rows.duplicates(["title", "date", "iso3"])
    notes = [
        "countries are found in text: names of firms and people hide them; English-language bias",
        "a country that is not here has no text match, not zero operations",
    ]
    years = rows.frame["year"].dropna()
    edition = f"operations of {int(years.min())}-{int(years.max())}" if len(years) else "no dates"
    key = ["title", "date", "iso3"]
    return rows.reading("cfr_operations", CFR, edition, COLUMNS, key=key, notes=notes)


def _check_types(types: pd.Series, severity: Mapping[str, float]) -> None:
    seen = sorted({str(kind) for kind in types if kind})
    lines = [
        f"severity: no operation has the type `{name}`; {did_you_mean(name, seen)}"
        for name in severity
        if name not in seen
    ]
    if lines:
        raise DataError(f"severity: {len(lines)} unknown", lines)


@typed
def eurepoc(path: str | Path) -> Reading:
    r"""Read the export of the European Repository of Cyber Incidents, one victim country a record.

    Parameters
    ----------
    path : path
        The global dataset (.csv or .xlsx): ``ID, name, start_date, receiver_country,
        initiator_country, incident_type, weighted_intensity`` and further columns.

    Returns
    -------
    Reading
        Columns as `cfr_operations`; ``incident`` is the ID, ``severity`` is missing (the intensity
        of EuRepoC, 0-15, is another scale), ``claim`` is ``alleged``: EuRepoC attributes, it does
        not confirm. An incident with several receivers is one record for each country.

    Raises
    ------
    DataError
        If the file is not a table or lacks a column of the export.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "eurepoc.csv"
    >>> _ = path.write_text("ID,name,start_date,receiver_country,initiator_country,incident_type\n"
    ...     "7,One,2021-03-02,Kenya; Ethiopia,China,Data theft\n")
    >>> eurepoc(path).records[["iso3", "year", "incident"]].to_numpy().tolist()
    [['KEN', 2021, '7'], ['ETH', 2021, '7']]
    """
    wanted = {
        "incident": ("ID", "incident_id"),
        "title": ("name",),
        "start": ("start_date", "start date"),
        "receiver": ("receiver_country", "receiver countries"),
    }
    optional = {
        "sponsor": ("initiator_country",),
        "type": ("incident_type",),
        "category": ("receiver_category",),
        "victim": ("receiver_name",),
    }
    rows = Rows(read_table(path, wanted, optional, source="the export of EuRepoC"))
    frame = rows.frame
    dates, stated_years = _dates(rows, "start")
    rows.frame = frame.assign(
        date=dates,
        year=stated_years,
        name=frame["receiver"].str.split(r"\s*;\s*", regex=True),
        claim="alleged",
        severity=float("nan"),
    )
    if "sponsor" in rows.frame:
        rows.frame["sponsor_iso3"] = to_iso3(rows.frame["sponsor"])
    rows.frame = rows.frame.explode("name")
    rows.countries("name")
    rows.duplicates(["incident", "iso3"])
    years = rows.frame["year"].dropna()
    edition = f"incidents of {int(years.min())}-{int(years.max())}" if len(years) else "no dates"
    notes = ["counts rise with openness and the languages that are searched"]
    key = ["incident", "iso3"]
    return rows.reading("eurepoc", EUREPOC, edition, COLUMNS, key=key, notes=notes)


def _dates(rows: Rows, column: str) -> tuple[pd.Series, pd.Series]:
    """Return dates and years; a text that is no full date (`2022-01-00`) is listed and has its year alone."""
    texts = rows.frame[column]
    dates = pd.to_datetime(texts, errors="coerce", format="mixed")
    stated = texts.str.extract(r"(?<!\d)((?:19|20)\d\d)(?!\d)", expand=False).astype("float64")
    years = dates.dt.year.astype("float64").fillna(stated)
    odd = dates.isna() & texts.ne("")
    for year_only, reason in ((True, "year kept"), (False, "date missing")):
        at = odd & (years.notna() == year_only)
        rows.note(rows.frame.index[at], texts[at], f"`{column}` is not a date; {reason}")
    return dates, years if years.isna().any() else years.astype("int64")


def _claims(frame: pd.DataFrame) -> pd.Series:
    answer = frame.get("response", pd.Series("", index=frame.index)).str.casefold()
    word = answer.str.extract("^(" + "|".join(ANSWERS) + ")", expand=False)
    return word.map(ANSWERS).fillna("alleged")


@typed
def veris(path: str | Path) -> Reading:
    """Read the VERIS Community Database, one incident and victim country a record.

    Parameters
    ----------
    path : path
        A .json file (one incident or a list), a folder of them (``data/json/validated``), or a
        .zip.

    Returns
    -------
    Reading
        Columns as `cfr_operations`; ``incident`` is VERIS's id, ``sponsor_iso3`` the country of
        the actor where it is state-affiliated, ``type`` the action, ``claim`` ``confirmed``
        or ``alleged`` (suspected). False positives and near misses are left out.

    Raises
    ------
    DataError
        If a file is not JSON or holds no VERIS incident.

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "one.json"
    >>> _ = path.write_text(json.dumps({"incident_id": "a", "schema_version": "1.3.1",
    ...     "security_incident": "Confirmed", "action": {"hacking": {"variety": ["Unknown"]}},
    ...     "actor": {"external": {"variety": ["State-affiliated"], "country": ["CN"]}},
    ...     "timeline": {"incident": {"year": 2016}}, "victim": {"country": ["PK", "US"]}}))
    >>> veris(path).records[["iso3", "sponsor_iso3", "claim"]].to_numpy().tolist()
    [['PAK', 'CHN', 'confirmed'], ['USA', 'CHN', 'confirmed']]
    """
    records: list[dict[str, Any]] = []
    skipped: list[tuple[int, str, str]] = []
    for number, incident in enumerate(_incidents(path), start=1):
        name = str(incident.get("incident_id") or (incident.get("plus") or {}).get("master_id"))
        if reason := _no_incident(incident):
            skipped.append((number, name, reason))
            continue
        shared = {"row": number, "incident": name, **_facts(incident)}
        codes = _victim_countries(incident)
        records.extend({**shared, "iso3": code} for code in to_iso3(codes) if code)
        skipped.extend(
            (
                number,
                f"{name} {code}".strip(),
                "no victim country given" if code == "" else why_not(code),
            )
            for code, country in zip(codes, to_iso3(codes), strict=True)
            if country is None
        )
    rows = Rows(pd.DataFrame.from_records(records, columns=["row", *COLUMNS]).set_index("row"))
    for number, name, reason in skipped:
        rows.note([number], [name], reason)
    rows.frame["date"] = pd.to_datetime(rows.frame["date"], errors="coerce", format="ISO8601")
    rows.frame["severity"] = rows.frame["severity"].astype("float64")
    rows.duplicates(["incident", "iso3"])
    note = "reported mostly from the United States: compare within a country, not between"
    return rows.reading("veris", VCDB, "VERIS", COLUMNS, key=["incident", "iso3"], notes=[note])


def _incidents(path: str | Path) -> list[dict[str, Any]]:
    incidents = []
    for name, content in json_files(path):
        document = parse_json(name, content)
        for incident in document if isinstance(document, list) else [document]:
            if not isinstance(incident, dict) or not _is_incident(incident):
                raise DataError(
                    f"{name}: not a VERIS incident: expected an object with `victim` and "
                    f"`action`, received {str(incident)[:60]}"
                )
            incidents.append(incident)
    if not incidents:
        raise DataError(f"{Path(path).name}: no .json file in it")
    return incidents


def _is_incident(entry: dict[str, Any]) -> bool:
    victims = entry.get("victim")
    entries = victims if isinstance(victims, list) else [victims]
    return isinstance(entry.get("action"), dict) and all(isinstance(v, dict) for v in entries)


def _no_incident(incident: dict[str, Any]) -> str:
    status = str(incident.get("security_incident", "Confirmed"))
    return "" if status in {"Confirmed", "Suspected"} else f"security_incident is {status!r}"


def _victim_countries(incident: dict[str, Any]) -> list[str]:
    # VERIS 1.2 had one country as text, 1.3 a list; older files a list of victims.
    codes: list[str] = []
    for victim in _victims(incident):
        country = victim.get("country") or ""
        codes.extend(country if isinstance(country, list) else [country])
    names = [("" if str(code) in {"Unknown", "Other"} else str(code)) for code in codes]
    return list(dict.fromkeys(names)) or [""]


def _victims(incident: dict[str, Any]) -> list[dict[str, Any]]:
    victims = incident["victim"]
    return victims if isinstance(victims, list) else [victims]


def _inner(value: object, *path: str) -> dict[str, Any]:
    """Return a nested object, empty where VERIS has none or something else."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _facts(incident: dict[str, Any]) -> dict[str, Any]:
    when = _inner(incident, "timeline", "incident")
    year, month, day = when.get("year"), when.get("month"), when.get("day")
    text = f"{year:04d}-{month or 1:02d}-{day or 1:02d}" if isinstance(year, int) else None
    external = _inner(incident, "actor", "external")
    victim = _victims(incident)[0] if _victims(incident) else {}
    variety = _listed(external.get("variety"))
    state = any(re.search(r"state|nation", text, re.IGNORECASE) for text in variety)
    sponsors = [code for code in to_iso3(_listed(external.get("country"))) if code] if state else []
    suspected = incident.get("security_incident") == "Suspected"
    return {
        "date": text,
        "year": year,
        "title": str(incident.get("summary") or "")[:200],
        "sponsor": ", ".join(variety) or None,
        "sponsor_iso3": sponsors[0] if len(sponsors) == 1 else None,
        "type": ", ".join(incident.get("action") or {}),
        "category": victim.get("industry"),
        "claim": "alleged" if suspected else "confirmed",
        "victim": victim.get("victim_id"),
    }


def _listed(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(entry) for entry in value]
    return [str(value)] if value else []
