"""The CIA World Factbook's import partners: free text to one partner a record."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pandas as pd

from .._util.arguments import typed
from ..data.countries import to_iso3
from ..errors import DataError
from ._rows import Reading, Rows, Source, numbers
from ._tables import read_table

FACTBOOK = Source(
    title="The World Factbook, field Imports - partners",
    publisher="Central Intelligence Agency (USA)",
    licence="public domain",
    citation="Central Intelligence Agency. The World Factbook.",
    url="https://www.cia.gov/the-world-factbook/field/imports-partners",
)
COLUMNS = ("iso3", "year", "rank", "partner", "partner_iso3", "share_pct", "smallest_listed_pct")
_PARTNER = re.compile(r"^(?P<name>.+?)\s+(?P<share><?\d+(?:\.\d+)?)\s*%")


@typed
def factbook_imports(path: str | Path) -> Reading:
    r"""Read the import partners of the CIA World Factbook, one listed partner a record.

    Parameters
    ----------
    path : path
        .csv with a country (``iso3`` or ``country``) and the text of the field
        (``imports_partners_text``), e.g. "China 24%, France 12% (2023)".

    Returns
    -------
    Reading
        ``iso3, year, rank`` (1 = largest), ``partner, partner_iso3, share_pct`` (of goods imports,
        0-100), ``smallest_listed_pct``. Only the largest partners are listed, mostly five: a
        partner that is not listed is not zero but censored below ``smallest_listed_pct``.

    Raises
    ------
    DataError
        If the file is not a table, has no such columns or no share in any text.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "imports.csv"
    >>> _ = path.write_text('iso3,imports_partners_text\nKEN,"China 24%, France 12% (2023)"\n')
    >>> factbook_imports(path).records[["partner_iso3", "share_pct", "year"]].to_numpy().tolist()
    [['CHN', 24.0, 2023.0], ['FRA', 12.0, 2023.0]]
    """
    wanted = {
        "name": ("iso3", "country", "Name", "country code"),
        "text": ("imports_partners_text", "Imports - partners"),
    }
    table = read_table(path, wanted, source="the World Factbook's import partners")
    rows = Rows(table)
    rows.countries("name")
    text = rows.frame["text"].map(html.unescape).str.replace("\xa0", " ")
    # A later sentence is a remark or an older year.
    text = text.str.split(r"<br>|;|\bnote\b", regex=True).str[0]
    year = text.str.extract(r"\((\d{4})[^)]*\)", expand=False)
    partners = text.str.replace(r"\(\d{4}[^)]*\)", "", regex=True).str.split(
        r"(?<=%)\s*,", regex=True
    )
    # Tuples, which can be compared where a country is there twice.
    partners = partners.map(tuple, na_action="ignore")
    rows.frame = rows.frame.assign(year=year.astype("Float64").astype("float64"), part=partners)
    shares = text.str.contains("%")
    if len(shares) and not shares.any():
        raise DataError(
            f"{table.name}: no text has a share such as 'China 24%', received "
            f"{rows.frame['text'].iloc[0]!r}"
        )
    rows.drop(~shares, "text", "partners without shares")
    rows.duplicates(["iso3"])
    rows.frame = _long(rows)
    return rows.reading(
        "factbook_imports",
        FACTBOOK,
        _edition(rows.frame["year"]),
        COLUMNS,
        key=["iso3", "partner"],
        notes=["partners that are not listed are censored below smallest_listed_pct, not zero"],
    )


def _long(rows: Rows) -> pd.DataFrame:
    frame = rows.frame[["iso3", "year", "part"]].explode("part")
    parts = frame["part"].str.strip().str.extract(_PARTNER)
    share, _ = numbers(parts["share"].str.lstrip("<"))
    frame = frame.assign(partner=parts["name"], share_pct=share)
    is_share = frame["share_pct"].between(0, 100)
    broken = ~is_share & frame["part"].str.strip().ne("")
    rows.note(frame.index[broken], frame.loc[broken, "part"], "partner without a share of 0-100 %")
    frame = frame[is_share]
    frame["partner_iso3"] = to_iso3(frame["partner"])
    by_country = frame.groupby("iso3")["share_pct"]
    return frame.assign(
        rank=by_country.rank(method="first", ascending=False).astype("int64"),
        smallest_listed_pct=by_country.transform("min"),
    )


def _edition(years: pd.Series) -> str:
    observed = years.dropna()
    return (
        f"data of {int(observed.min())}-{int(observed.max())}"
        if len(observed)
        else "year not given"
    )
