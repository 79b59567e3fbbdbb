"""The IMF World Economic Outlook database, the text file that is called .xls."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from .._util.arguments import typed
from ..errors import DataError
from ._rows import Reading, Rows, Source, names_of
from ._tables import read_table

WEO = Source(
    title="World Economic Outlook Database",
    publisher="International Monetary Fund",
    licence="IMF terms of use: attribution; commercial use needs permission",
    citation="International Monetary Fund. World Economic Outlook Database.",
    url="https://www.imf.org/en/Publications/WEO/weo-database",
)
COLUMNS = ("iso3", "indicator", "year", "value", "unit", "indicator_name", "estimate")
SCALES = {"": 1.0, "units": 1.0, "thousands": 1e3, "millions": 1e6, "billions": 1e9}


@typed
def imf_weo(path: str | Path, *, indicators: str | Iterable[str] | None = None) -> Reading:
    r"""Read the IMF World Economic Outlook by country, one country, subject and year a record.

    Parameters
    ----------
    path : path
        ``WEO<month><year>all.xls`` as downloaded: tab-separated text in Latin-1 or UTF-16.
    indicators : iterable of str, optional
        Subject codes to keep, e.g. ``NGDPD`` (GDP, current US dollars).

    Returns
    -------
    Reading
        ``iso3, indicator, year, value`` (in units: billions are multiplied out), ``unit,
        indicator_name, estimate`` (True after the last year of actual data).

    Raises
    ------
    DataError
        If the file is not this edition of the database (the one to 2024 with ``WEO Subject
        Code``), or a subject asked for is not in it.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "WEOApr2024all.xls"
    >>> names = ["WEO Country Code", "ISO", "WEO Subject Code", "Country", "Subject Descriptor", "Units", "Scale",
    ...          "2022", "2023", "Estimates Start After"]
    >>> row = ["664", "KEN", "NGDPD", "Kenya", "GDP", "U.S. dollars", "Billions", "113.4", "108.9", "2022"]
    >>> _ = path.write_text("\t".join(names) + "\n" + "\t".join(row) + "\n", encoding="latin-1")
    >>> imf_weo(path).records[["year", "value", "estimate"]].to_numpy().tolist()
    [[2022, 113400000000.0, False], [2023, 108900000000.0, True]]
    """
    wanted = {
        "code": ("ISO",),
        "name": ("Country",),
        "indicator": ("WEO Subject Code",),
        "indicator_name": ("Subject Descriptor",),
        "unit": ("Units",),
        "scale": ("Scale",),
    }
    optional = {"actual": ("Estimates Start After",), "number": ("WEO Country Code",)}
    expected = "the IMF WEO by countries (editions to 2024)"
    table = read_table(path, wanted, optional, extra=r"\d{4}", source=expected)
    rows = Rows(table)
    edition = _take_footer(rows)
    if indicators is not None:
        asked = set(names_of(indicators, "indicators"))
        absent = sorted(asked - set(rows.frame["indicator"]))
        if absent:
            raise DataError(f"{table.name}: no subject {', '.join(f'`{a}`' for a in absent)}")
        other = ~rows.frame["indicator"].isin(asked)
        rows.drop(other, "indicator", "another subject than those asked for")
    rows.countries("name", "code")
    years = [str(column) for column in rows.frame if re.fullmatch(r"\d{4}", str(column))]
    if not years:
        raise DataError(f"{table.name}: no columns of years")
    rows.numbers("actual", *years)
    rows.drop(rows.frame[years].isna().all(axis=1), "name", "no value in any year")
    rows.duplicates(["iso3", "indicator"])
    _to_long(rows, years, table.name)
    return rows.reading("imf_weo", WEO, edition, COLUMNS, key=["iso3", "indicator", "year"])


def _take_footer(rows: Rows) -> str:
    """Return the edition, from the line below the table; that line is no row of data."""
    first = rows.frame["number"] if "number" in rows.frame else rows.frame["code"]
    footer = first.str.contains("World Economic Outlook Database", regex=False)
    text = first[footer]
    edition = text.iloc[0].rsplit(",", 1)[-1].strip(' "') if len(text) else "not stated"
    rows.drop(footer, str(first.name), "footer of the table")
    return edition


def _to_long(rows: Rows, years: list[str], name: str) -> None:
    frame = rows.frame
    scale = frame["scale"].str.casefold().map(SCALES)
    if scale.isna().any():
        odd = sorted(set(frame.loc[scale.isna(), "scale"]))
        raise DataError(f"{name}: scale {odd[0]!r} is not known; known: {', '.join(SCALES)}")
    frame = frame.assign(scale=scale)
    fixed = ["iso3", "indicator", "unit", "indicator_name", "scale"]
    fixed += ["actual"] if "actual" in frame else []
    long = frame.melt(id_vars=fixed, value_vars=years, var_name="year").dropna(subset=["value"])
    long["value"] = long["value"].astype("float64") * long["scale"].astype("float64")
    long["year"] = long["year"].astype("int64")
    if "actual" in long:
        long["estimate"] = long["year"] > long["actual"]
    rows.frame = long.sort_values(["iso3", "indicator", "year"], kind="stable")
