"""Freedom House: Freedom in the World and Freedom on the Net, on one scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .._util.arguments import typed
from ..data.countries import country_table
from ..errors import DataError
from ._rows import Reading, Rows, Source, check_edition
from ._tables import Table, read_table

FREEDOM_HOUSE = Source(
    title="Freedom in the World; Freedom on the Net",
    publisher="Freedom House",
    licence="copyright Freedom House: cite, do not redistribute the tables",
    citation="Freedom House. Freedom in the World; Freedom on the Net.",
    url="https://freedomhouse.org/reports",
)
COLUMNS = ("iso3", "year", "edition", "index", "value", "published", "status")
# One question takes up to 4 points off the total of Freedom in the World.
LEAST = -4.0
TURNED = 2019  # first edition of Freedom on the Net in which 100 is most free
_STATUS = {"f": "free", "pf": "partly free", "nf": "not free"}


@typed
def freedom_house(path: str | Path, *, edition: int | None = None) -> Reading:
    r"""Read Freedom House totals, one country and edition a record, 0 (least) to 100 (most free).

    Parameters
    ----------
    path : path
        ``All_data_FIW_*.xlsx`` or ``Aggregate_Category_and_Subcategory_Scores_FIW_*.xlsx``
        (Freedom in the World), ``FOTN_*_Country_Score_Data.xlsx`` (Freedom on the Net), or a .csv
        of the sheet.
    edition : int, optional
        Edition, for a table of Freedom on the Net without a column ``Edition``.

    Returns
    -------
    Reading
        ``iso3, year`` (the year covered: edition - 1 for Freedom in the World), ``edition, index``
        (``FIW`` or ``FOTN``), ``value`` (0-100, 100 = most free), ``published`` (as printed: before
        2019 Freedom on the Net ran the other way, and is turned round in ``value``), ``status``.
        Disputed territories without a code of their own are left out.

    Raises
    ------
    DataError
        If the file is neither, has no edition, or a total is outside 0-100.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "fiw.csv"
    >>> _ = path.write_text("Country/Territory,Edition,Total\nKenya,2024,52\n")
    >>> freedom_house(path).records[["iso3", "year", "value"]].to_numpy().tolist()
    [['KEN', 2023, 52.0]]
    """
    check_edition("edition", edition)
    fiw = {
        "name": ("Country/Territory",),
        "edition": ("Edition",),
        "published": ("Total",),
    }
    fotn = {"name": ("Country",), "published": ("Total", "Total Score", "Score")}
    table = read_table(
        path,
        [fiw, fotn],
        {"edition": ("Edition", "Year"), "status": ("Status",), "kind": ("C/T", "C/T?")},
        sheet=r"FIW\d\d|FOTN",
        source="Freedom House (FIW from 2003, FOTN)",
    )
    index = ("FIW", "FOTN")[table.form]
    rows = Rows(table)
    if "edition" not in rows.frame:
        if edition is None:
            raise DataError(f"{table.name}: no column `Edition`; give it: edition=2018")
        rows.frame["edition"] = str(edition)
    _territories(rows)
    rows.countries("name")
    rows.years("edition")
    rows.numbers("published")
    rows.drop(rows.frame["published"].isna(), "name", "no total")
    rows.duplicates(["iso3", "edition"])
    _one_scale(rows, index, table)
    notes = ["value: 100 = most free in every edition"]
    if rows.frame["published"].lt(0).any():
        notes.append(
            "totals run from -4 to 100: one question takes up to 4 points off (Syria, 2015-2018)"
        )
    key = ["iso3", "edition", "index"]
    edition_text = f"{index} {_span(rows)}"
    return rows.reading("freedom_house", FREEDOM_HOUSE, edition_text, COLUMNS, key=key, notes=notes)


def _territories(rows: Rows) -> None:
    if "kind" not in rows.frame:
        return
    territory = rows.frame["kind"].str.casefold().eq("t").to_numpy()
    table = country_table()
    exact = set(table["name"].str.casefold()) | {"hong kong", "taiwan", "macao", "kosovo"}
    has_code = rows.frame["name"].str.casefold().isin(exact).to_numpy()
    rows.drop(territory & ~has_code, "name", "territory without a code of its own")


def _one_scale(rows: Rows, index: str, table: Table) -> None:
    frame = rows.frame
    outside = frame[~frame["published"].between(LEAST, 100)]
    if len(outside):
        first = outside.iloc[0]
        raise DataError(
            f"{table.name}: row {outside.index[0]} ({first['name']}): total is "
            f"{first['published']:g}, expected {LEAST:g} to 100"
        )
    turned = (index == "FOTN") & (frame["edition"] < TURNED)
    rows.frame = frame.assign(
        index=index,
        value=np.where(turned, 100 - frame["published"], frame["published"]),
        year=frame["edition"] - (index == "FIW"),
        status=frame["status"].str.casefold().replace(_STATUS) if "status" in frame else None,
    )


def _span(rows: Rows) -> str:
    editions = rows.frame["edition"]
    if not len(editions):
        return "without rows"
    low, high = editions.min(), editions.max()
    return str(low) if low == high else f"{low}-{high}"
