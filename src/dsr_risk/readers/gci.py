"""The ITU Global Cybersecurity Index, in points of 100 whatever the edition."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from .._util.arguments import typed
from ..errors import DataError
from ._rows import Reading, Rows, Source, check_edition
from ._tables import Table, read_table

GCI = Source(
    title="Global Cybersecurity Index",
    publisher="International Telecommunication Union (ITU)",
    licence="copyright ITU: cite single facts",
    citation="International Telecommunication Union. Global Cybersecurity Index.",
    url="https://www.itu.int/en/ITU-D/Cybersecurity/Pages/global-cybersecurity-index.aspx",
)
COLUMNS = (
    "iso3",
    "year",
    "value",
    "published",
    "legal",
    "technical",
    "organizational",
    "capacity",
    "cooperation",
    "tier",
    "lower",
    "upper",
)
# Largest overall score by edition: 2017 and 2018 are fractions of one.
FULL = {2017: 1.0, 2018: 1.0, 2020: 100.0, 2024: 100.0}
TIERS = {1: (95.0, 100.0), 2: (85.0, 95.0), 3: (55.0, 85.0), 4: (20.0, 55.0), 5: (0.0, 20.0)}
"""Bands of the tiers of edition 2024 (ITU, Global Cybersecurity Index 2024, 5th edition)."""
ROUNDED = 0.05
"""How far a sum of pillars, printed to two places, may lie outside the band of its tier."""
PILLARS = {
    "legal": ("Legal Measures", "Legal"),
    "technical": ("Technical Measures", "Technical"),
    "organizational": ("Organizational Measures", "Organisational Measures", "Organizational"),
    "capacity": ("Capacity Development", "Capacity Building", "Capacity Development Measures"),
    "cooperation": ("Cooperative Measures", "Cooperation", "Cooperation Measures"),
}


@typed
def itu_gci(path: str | Path, *, edition: int | None = None) -> Reading:
    r"""Read the ITU Global Cybersecurity Index, one country a record, 0-100.

    Parameters
    ----------
    path : path
        .csv or .xlsx of the score table of the report: country, overall score and, if there, the
        five pillars. ITU publishes the table in the report only. Of edition 2024 also a table of
        country and tier.
    edition : {2017, 2018, 2020, 2024}, optional
        Where neither a column ``Year``/``Edition`` nor the name of the file says it.

    Returns
    -------
    Reading
        ``iso3, year`` (edition), ``value`` (0-100, the editions of 2017 and 2018 are multiplied by
        100), ``published`` (as printed), the pillars as printed, and of a table of tiers ``tier``
        (1-5), ``lower, upper`` (its band) and ``value`` (the middle; the sum of the pillars where all
        five are there). A score of zero is a country
        that did not take part: it is left out.

    Raises
    ------
    DataError
        If the file is not such a table, the edition is not known, or a score is off its scale.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "gci.csv"
    >>> _ = path.write_text("Country,Overall Score\nKenya,81.7\nPakistan,64.88\n")
    >>> itu_gci(path, edition=2020).records[["iso3", "year", "value"]].to_numpy().tolist()
    [['KEN', 2020, 81.7], ['PAK', 2020, 64.88]]
    """
    check_edition("edition", edition)
    named = {"name": ("Country", "Country Name", "Member State", "Economy")}
    scored = {
        **named,
        "published": ("Overall Score", "Score", "GCI Score", "Global Score", "GCI"),
    }
    tiered = {**named, "tier": ("Tier", "GCI Tier", "Tier 2024")}
    optional = {"code": ("ISO3", "Country Code"), "year": ("Year", "Edition"), **PILLARS}
    optional["tier"] = tiered["tier"]
    table = read_table(
        path, [scored, tiered], optional, source=f"the ITU GCI ({', '.join(map(str, FULL))})"
    )
    rows = Rows(table)
    if edition is not None or "year" not in rows.frame:
        rows.frame["year"] = str(edition or _edition(table))
    rows.years()
    _check_editions(rows, table)
    rows.countries("name", "code")
    if "published" not in rows.frame:
        return _tiers(rows, table)
    rows.numbers("published", *PILLARS)
    rows.drop(rows.frame["published"].isna(), "name", "no score")
    rows.drop(
        rows.frame["published"].eq(0), "name", "score 0: did not take part, no data collected"
    )
    full = rows.frame["year"].map(FULL)
    off = rows.frame[rows.frame["published"] > full]
    if len(off):
        year, score = off["year"].iloc[0], off["published"].iloc[0]
        raise DataError(
            f"{table.name}: row {off.index[0]} ({off['name'].iloc[0]}): score {score:g} is above "
            f"{FULL[year]:g}, the largest of edition {year}; is the edition right?"
        )
    rows.frame["value"] = rows.frame["published"] / full * 100
    rows.duplicates(["iso3", "year"])
    years = ", ".join(str(year) for year in sorted(rows.frame["year"].unique()))
    notes = ["measures commitment by questionnaire, not outcomes"]
    return rows.reading("itu_gci", GCI, years, COLUMNS, key=["iso3", "year"], notes=notes)


def _tiers(rows: Rows, table: Table) -> Reading:
    """Read an edition that prints tiers only: the score lies in the band of its tier."""
    if set(rows.frame["year"]) != {2024}:
        raise DataError(f"{table.name}: only edition 2024 of the GCI has tiers without scores")
    tier = rows.frame["tier"].str.extract(r"([1-5])", expand=False)
    rows.drop(tier.isna(), "tier", "no tier from 1 to 5")
    number = tier.dropna().astype(int)
    low = number.map({name: band[0] for name, band in TIERS.items()})
    high = number.map({name: band[1] for name, band in TIERS.items()})
    rows.numbers(*PILLARS)
    total = _sum_of_pillars(rows)
    # The five pillars of 20 points add up to the score, which lies in the band of the tier.
    summed = total.notna()
    off = summed & ((total < low - ROUNDED) | (total > high + ROUNDED))
    if off.any():
        at = off[off].index[0]
        raise DataError(
            f"{table.name}: row {at} ({rows.frame['name'][at]}): the pillars add up to {total[at]:g}, and tier "
            f"{number[at]} is {low[at]:g} to {high[at]:g}"
        )
    value = total.where(summed, (low + high) / 2)
    rows.frame = rows.frame.assign(
        tier=number, lower=low.mask(summed), upper=high.mask(summed), value=value, published=total
    )
    rows.duplicates(["iso3", "year"])
    banded = int((~summed.loc[rows.frame.index]).sum())
    middle = (
        "value is the middle of the band of the tier, lower and upper its ends: no score is printed"
    )
    notes = [
        *([middle] if banded else []),
        *(["value is the sum of the five pillars"] if banded < len(rows) else []),
        "measures commitment by questionnaire, not outcomes",
    ]
    return rows.reading("itu_gci", GCI, "2024 (tiers)", COLUMNS, key=["iso3", "year"], notes=notes)


def _sum_of_pillars(rows: Rows) -> pd.Series:
    """Return the sum of the five pillars of up to 20 points; NaN where one is not there."""
    if not set(PILLARS) <= set(rows.frame):
        return pd.Series(float("nan"), index=rows.frame.index)
    points = rows.frame[list(PILLARS)].astype("float64")
    fine = points.ge(0).all(axis=1) & points.le(20).all(axis=1)
    return points.sum(axis=1).round(6).where(fine)


def _edition(table: Table) -> int:
    years = [
        int(year) for year in re.findall(r"(?<!\d)20\d\d(?!\d)", table.name + " " + table.sheet)
    ]
    editions = [year for year in years if year in FULL]
    if not editions:
        raise DataError(
            f"{table.name}: edition not known: no column `Year`, and the name of the file does not "
            f"say it; give it: edition= one of {', '.join(map(str, FULL))}"
        )
    return editions[-1]


def _check_editions(rows: Rows, table: Table) -> None:
    odd = sorted(set(rows.frame["year"]) - set(FULL))
    if odd:
        raise DataError(
            f"{table.name}: edition {odd[0]} of the GCI is not known; "
            f"known: {', '.join(map(str, FULL))}"
        )
