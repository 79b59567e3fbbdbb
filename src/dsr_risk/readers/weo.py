"""The IMF World Economic Outlook database, the text file that is called .xls."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from .._util.arguments import typed
from ..data.published import SCALES
from ..errors import DataError
from ._rows import Reading, Rows, Source, codes_of
from ._tables import read_table

WEO = Source(
    title="World Economic Outlook Database",
    publisher="International Monetary Fund",
    licence="IMF terms of use: attribution; commercial use needs permission",
    citation="International Monetary Fund. World Economic Outlook Database.",
    url="https://www.imf.org/en/Publications/WEO/weo-database",
)
COLUMNS = ("iso3", "indicator", "year", "value", "unit", "indicator_name", "estimate")
_TO_2024 = {
    "code": ("ISO",),
    "name": ("Country",),
    "indicator": ("WEO Subject Code",),
    "indicator_name": ("Subject Descriptor",),
    "unit": ("Units",),
    "scale": ("Scale",),
}
_FROM_2025 = {
    "series": ("SERIES_CODE",),
    "name": ("COUNTRY",),
    "indicator_name": ("INDICATOR",),
    "unit": ("UNIT",),
    "scale": ("SCALE",),
}
_OPTIONAL = {
    "actual": ("Estimates Start After", "LATEST_ACTUAL_ANNUAL_DATA"),
    "number": ("WEO Country Code",),
    "published": ("PUBLICATION_DATE",),
}
OWN_CODES = {"KOS": "XKX", "UVK": "XKX", "WBG": "PSE"}


@typed
def imf_weo(path: str | Path, *, indicators: str | Iterable[str] | None = None) -> Reading:
    r"""Read the IMF World Economic Outlook by country, one country, subject and year a record.

    Parameters
    ----------
    path : path
        ``WEO<month><year>all.xls`` as downloaded (to 2024): tab-separated text in Latin-1 or UTF-16.
        From 2025 the ``.csv`` or the workbook of the IMF's data portal, with ``SERIES_CODE``.
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
        If the file is neither of these, or a subject asked for is not in it.

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
    expected = "the IMF WEO by countries"
    table = read_table(
        path, [_TO_2024, _FROM_2025], _OPTIONAL, extra=r"\d{4}", source=expected, sheet="countr"
    )
    rows = Rows(table)
    edition = _take_footer(rows) if table.form == 0 else _take_series(rows)
    if indicators is not None:
        asked = set(codes_of("indicators", indicators))
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


def _take_series(rows: Rows) -> str:
    """Split codes of series (`KEN.NGDPD.A`), and return the date of publication."""
    parts = rows.frame["series"].str.split(".", n=2, expand=True).reindex(columns=range(3))
    code = parts[0].replace(OWN_CODES)
    rows.frame = rows.frame.assign(code=code, indicator=parts[1], frequency=parts[2])
    if "actual" in rows.frame:
        # `FY2024/25` is a year of accounts; without a year the whole series is estimated.
        actual = rows.frame["actual"].str.extract(r"(\d{4})", expand=False).fillna("0")
        rows.frame = rows.frame.assign(actual=actual)
    rows.drop(rows.frame["frequency"].ne("A"), "series", "not a series of years")
    dates = rows.frame["published"].tolist() if "published" in rows.frame else []
    return min((str(date)[:10] for date in dates if date), default="not stated")


def _to_long(rows: Rows, years: list[str], name: str) -> None:
    frame = rows.frame
    scale = frame["scale"].str.casefold().map(SCALES)
    if scale.isna().any():
        odd = sorted(set(frame.loc[scale.isna(), "scale"]))
        raise DataError(f"{name}: unknown scale {odd[0]!r}; known: {', '.join(SCALES)}")
    frame = frame.assign(scale=scale)
    fixed = ["iso3", "indicator", "unit", "indicator_name", "scale"]
    fixed += ["actual"] if "actual" in frame else []
    long = frame.melt(id_vars=fixed, value_vars=years, var_name="year").dropna(subset=["value"])
    long["value"] = long["value"].astype("float64") * long["scale"].astype("float64")
    long["year"] = long["year"].astype("int64")
    if "actual" in long:
        long["estimate"] = long["year"] > long["actual"]
    rows.frame = long.sort_values(["iso3", "indicator", "year"], kind="stable")
