"""Indices by country on one scale: the National Cyber Security Index, the UN e-government survey."""

from __future__ import annotations

import re
from pathlib import Path

from .._util.arguments import typed
from ..errors import DataError
from ._rows import Reading, Rows, Source, check_edition
from ._tables import Table, read_table

NCSI = Source(
    title="National Cyber Security Index",
    publisher="e-Governance Academy (Estonia)",
    licence="none stated: cite single facts",
    citation="e-Governance Academy. National Cyber Security Index, ncsi.ega.ee.",
    url="https://ncsi.ega.ee",
)
EGOV = Source(
    title="UN E-Government Survey",
    publisher="United Nations Department of Economic and Social Affairs",
    licence="none stated: cite single facts",
    citation="United Nations. E-Government Survey, publicadministration.un.org.",
    url="https://publicadministration.un.org/egovkb",
)
NCSI_COLUMNS = ("iso3", "year", "value", "rank", "digital_development")
EGOV_COLUMNS = ("iso3", "year", "indicator", "value")
NEW_METHOD = 2023
EGOV_PARTS = {
    "egdi": ("E-Government Index", "EGDI", "E-Government Development Index"),
    "e_participation": ("E-Participation Index", "EPI"),
    "online_service": ("Online Service Index", "OSI"),
    "human_capital": ("Human Capital Index", "HCI"),
    "telecommunication": ("Telecommunication Infrastructure Index", "TII"),
}


@typed
def ncsi(path: str | Path, *, edition: int | None = None) -> Reading:
    r"""Read the National Cyber Security Index, one country a record, 0-100.

    Parameters
    ----------
    path : path
        The ranking as a table: country and index, with rank and digital development level if there.
    edition : int, optional
        Year, where neither a column ``Year`` nor the name of the file says it.

    Returns
    -------
    Reading
        ``iso3, year, value`` (0-100), ``rank, digital_development``. The method changed in 2023:
        earlier and later editions are never to be joined to one series.

    Raises
    ------
    DataError
        If the file is not such a table, has no edition, mixes the two methods, or an index is
        outside 0-100.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "ncsi.csv"
    >>> _ = path.write_text("Country,National Cyber Security Index\nKenya,54.2\n")
    >>> ncsi(path, edition=2024).records[["iso3", "year", "value"]].to_numpy().tolist()
    [['KEN', 2024, 54.2]]
    """
    check_edition("edition", edition)
    wanted = {
        "name": ("Country", "Country Name"),
        "value": ("National Cyber Security Index", "NCSI", "NCSI Score", "Score", "Value"),
    }
    optional = {
        "code": ("ISO3", "Country Code"),
        "year": ("Year", "Edition"),
        "rank": ("Rank",),
        "digital_development": ("Digital Development Level", "Digital Development"),
    }
    table = read_table(path, wanted, optional, source="the National Cyber Security Index")
    rows = Rows(table)
    _with_year(rows, table, edition)
    rows.countries("name", "code")
    rows.numbers("value", "rank", "digital_development")
    rows.drop(rows.frame["value"].isna(), "name", "no index")
    _check_range(rows, table, "value", 100.0)
    methods = rows.frame["year"].ge(NEW_METHOD)
    if methods.any() and not methods.all():
        raise DataError(
            f"{table.name}: editions before and from {NEW_METHOD} have different methods; "
            "read them from two files"
        )
    rows.duplicates(["iso3", "year"])
    notes = [f"the method changed in {NEW_METHOD}: do not join with other editions"]
    return rows.reading(
        "ncsi", NCSI, _editions(rows), NCSI_COLUMNS, key=["iso3", "year"], notes=notes
    )


@typed
def un_egov(path: str | Path, *, edition: int | None = None) -> Reading:
    r"""Read the UN e-government survey, one country and index a record, 0-1.

    Parameters
    ----------
    path : path
        The data of the survey as a table: country and the e-government index, with the other
        indices if there.
    edition : int, optional
        Year, where neither a column ``Survey Year`` nor the name of the file says it.

    Returns
    -------
    Reading
        ``iso3, year, indicator`` (``egdi, e_participation, online_service, human_capital,
        telecommunication``), ``value`` (0-1).

    Raises
    ------
    DataError
        If the file is not such a table, has no edition, or an index is outside 0-1.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "egov.csv"
    >>> _ = path.write_text("Country Name,Survey Year,E-Government Index\nKenya,2022,0.5589\n")
    >>> un_egov(path).records[["iso3", "year", "indicator", "value"]].to_numpy().tolist()
    [['KEN', 2022, 'egdi', 0.5589]]
    """
    check_edition("edition", edition)
    wanted = {"name": ("Country Name", "Country"), "egdi": EGOV_PARTS["egdi"]}
    more = {part: names for part, names in EGOV_PARTS.items() if part != "egdi"}
    optional = {
        "year": ("Survey Year", "Year", "Edition"),
        "code": ("ISO3", "Country Code"),
        **more,
    }
    table = read_table(path, wanted, optional, source="the UN e-government survey")
    rows = Rows(table)
    _with_year(rows, table, edition)
    rows.countries("name", "code")
    parts = [part for part in EGOV_PARTS if part in rows.frame]
    rows.numbers(*parts)
    for part in parts:
        _check_range(rows, table, part, 1.0)
    rows.duplicates(["iso3", "year"])
    long = rows.frame.melt(id_vars=["iso3", "year"], value_vars=parts, var_name="indicator")
    rows.frame = long.dropna(subset=["value"]).sort_values(
        ["iso3", "year", "indicator"], kind="stable"
    )
    key = ["iso3", "year", "indicator"]
    return rows.reading("un_egov", EGOV, _editions(rows), EGOV_COLUMNS, key=key)


def _with_year(rows: Rows, table: Table, edition: int | None) -> None:
    if edition is not None or "year" not in rows.frame:
        named = re.findall(r"(?<!\d)20\d\d(?!\d)", f"{table.name} {table.sheet}")
        if edition is None and not named:
            raise DataError(
                f"{table.name}: edition not known: no column of the year, and the name of the file "
                "does not say it; give it: edition=2024"
            )
        rows.frame["year"] = str(edition or named[-1])
    rows.years()


def _check_range(rows: Rows, table: Table, column: str, most: float) -> None:
    off = rows.frame[rows.frame[column].lt(0) | rows.frame[column].gt(most)]
    if len(off):
        raise DataError(
            f"{table.name}: row {off.index[0]} ({off['name'].iloc[0]}): `{column}` is "
            f"{off[column].iloc[0]:g}, expected 0 to {most:g}"
        )


def _editions(rows: Rows) -> str:
    return ", ".join(str(year) for year in sorted(rows.frame["year"].unique()))
