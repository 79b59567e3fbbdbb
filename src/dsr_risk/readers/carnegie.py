"""The AI Global Surveillance index: which techniques a country uses, and whose they are."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from .._util.arguments import typed
from ..errors import DataError
from ._files import existing_file, read_json
from ._rows import Reading, Rows, Source, check_edition
from ._tables import read_table

AIGS = Source(
    title="AI Global Surveillance (AIGS) Index",
    publisher="Carnegie Endowment for International Peace (S. Feldstein)",
    licence="2019: copyright Carnegie, cite single facts; 2022 (v4): CC BY 4.0",
    citation=(
        "Feldstein, S. (2019). The Global Expansion of AI Surveillance. Carnegie Endowment for "
        "International Peace; Feldstein, S. (2022). AI & Big Data Global Surveillance Index, "
        "Mendeley Data v4, doi:10.17632/gjhf5y4xjp.4."
    ),
    url="https://doi.org/10.17632/gjhf5y4xjp.4",
)
BIGGEST_PICTURE = Source(
    title="Surveillance scores 2021-2022 (AIGS categories, digital repression)",
    publisher="Biggest Picture, from Feldstein's indices",
    licence="CC BY 4.0",
    citation="Biggest Picture, composite of S. Feldstein's AIGS (2022) and digital repression index.",
    url="https://doi.org/10.17632/gjhf5y4xjp.4",
)
COLUMNS = ("iso3", "year", "indicator", "group", "value", "technique", "vendors", "origin_iso3")
# The subject of a column of the workbook, by the words in its header.
TICKS: dict[str, tuple[str, str, str | None]] = {
    "smart_city": ("technique", r"(smart|safe).*cit", None),
    "facial_recognition": ("technique", r"facial|face recog", None),
    "smart_policing": ("technique", r"polic", None),
    "social_media": ("technique", r"social media", None),
    "china_technology": ("supplier origin", r"chin(a|ese).*(tech|compan|suppl|firm)", "CHN"),
    "us_technology": ("supplier origin", r"\bu\.?s\.?\b.*(tech|compan|suppl|firm)", "USA"),
    "japan_technology": ("supplier origin", r"japan.*(tech|compan|suppl|firm)", "JPN"),
    "bri_member": ("context", r"\bbri\b|belt and road", None),
}
_NO = {"", "0", "no", "n", "none", "false", "-", "0.0"}
_YES = {"1", "yes", "y", "x", "true", "✓", "✔", "√", "1.0", "•"}
_SCORES = {
    "aigs_score": ("aigs_categories_pct", 2022),
    "digital_surveillance_score": ("digital_repression", 2021),
    "movement_regulation_score": ("movement_regulation", 2021),
}


@typed
def carnegie_aigs(path: str | Path, *, year: int | None = None) -> Reading:
    """Read Carnegie's AI Global Surveillance index, one country and tick a record.

    Parameters
    ----------
    path : path
        The 2019 or 2022 workbook (.xlsx, or a .csv of its sheet), or the .json of scores 2021-2022
        compiled from it (``aigs_score, digital_surveillance_score, movement_regulation_score``).
    year : int, optional
        Edition of the workbook, where the name of the file does not say it.

    Returns
    -------
    Reading
        ``iso3, year, indicator`` (``smart_city, facial_recognition, smart_policing,
        social_media``; ``china_technology, us_technology, japan_technology``; ``bri_member``; of
        the .json ``aigs_categories_pct, digital_repression, movement_regulation``, 0-100),
        ``group`` (``technique``, ``supplier origin``, ``context``, ``score``), ``value`` (1 tick,
        0 none), ``technique`` (in words, where a technique is ticked: these rows are the
        deployments `dsr_risk.records.surveillance_adoption` takes), ``vendors`` (firms named for
        the country), ``origin_iso3``. A country that is not listed is missing, not without
        surveillance.

    Raises
    ------
    DataError
        If the file is neither, or its edition is not known.

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "scores.json"
    >>> _ = path.write_text(json.dumps([{"country": "Kenya", "iso3": "KEN", "year": 2022, "aigs_score": 40,
    ...     "digital_surveillance_score": 30, "movement_regulation_score": 20}]))
    >>> carnegie_aigs(path).records.set_index("indicator")["value"].to_dict()
    {'aigs_categories_pct': 40.0, 'digital_repression': 30.0, 'movement_regulation': 20.0}
    """
    check_edition("year", year)
    file = existing_file(path)
    if file.suffix.lower() == ".json":
        return _scores(file)
    table = read_table(
        path,
        {"name": ("Country", "Country Name", "Countries")},
        {"code": ("ISO3", "ISO", "Country Code"), "vendors": VENDORS},
        extra=r".*",
        source="Carnegie's AIGS index",
    )
    ticks = _ticks(table.frame)
    if not any(TICKS[name][0] == "technique" for name in ticks):
        raise DataError(
            f"{table.name}: not a known edition of Carnegie's AIGS index: no column about smart "
            f"cities, facial recognition or policing; received {', '.join(table.header[:12])}"
        )
    edition = _year_of(table.name) if year is None else year
    rows = Rows(table)
    rows.countries("name", "code")
    rows.duplicates(["iso3"])
    parts = [_one_tick(rows, name, column) for name, column in ticks.items()]
    rows.frame = pd.concat(parts).sort_values(["iso3", "indicator"], kind="stable")
    rows.frame["year"] = edition
    notes = ["presence, not intensity or abuse; a country not listed is missing, not zero"]
    key = ["iso3", "year", "indicator"]
    return rows.reading("carnegie_aigs", AIGS, str(edition), COLUMNS, key=key, notes=notes)


VENDORS = ("Key companies", "Companies", "Key Companies (Chinese)", "Company")


def _ticks(frame: pd.DataFrame) -> dict[str, str]:
    ticks: dict[str, str] = {}
    for name, (_, pattern, _) in TICKS.items():
        for column in frame.columns:
            if column not in ticks.values() and re.search(pattern, str(column), re.IGNORECASE):
                ticks[name] = str(column)
                break
    return ticks


def _year_of(name: str) -> int:
    years = re.findall(r"(?<!\d)20(?:19|2\d)(?!\d)", name)
    if years:
        return int(years[-1])
    raise DataError(f"{name}: the name does not say the edition; give it: year=2019 or year=2022")


def _one_tick(rows: Rows, name: str, column: str) -> pd.DataFrame:
    group, _, origin = TICKS[name]
    words = name.replace("_", " ")
    text = rows.frame[column].str.strip().str.casefold()
    value = pd.Series(np.where(text.isin(_YES), 1.0, 0.0), index=text.index)
    # A technique may be given as text that names it: any text is a tick, but it is listed.
    odd = ~text.isin(_YES | _NO)
    value[odd] = 1.0
    rows.note(text.index[odd], text[odd], f"`{column}` is text, read as a tick")
    return rows.frame[["iso3"]].assign(
        indicator=name,
        group=group,
        value=value,
        origin_iso3=origin,
        technique=value.eq(1).map({True: words if group == "technique" else None}),
        vendors=rows.frame.get("vendors"),
    )


def _scores(index: Path) -> Reading:
    document = read_json(index)
    wanted = {"country", "iso3", "aigs_score"}
    is_list = isinstance(document, list) and all(isinstance(entry, dict) for entry in document)
    if not is_list or not document or not wanted <= set(document[0]):
        raise DataError(
            f"{index.name}: not the surveillance scores 2021-2022: expected a list of objects "
            "with `country`, `iso3`, `aigs_score`"
        )
    frame = pd.DataFrame.from_records(document)
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    rows = Rows(frame.fillna({"country": "", "iso3": ""}))
    rows.numbers(*_SCORES)
    rows.countries("country", "iso3")
    rows.duplicates(["iso3"])
    parts = [
        rows.frame[["iso3"]].assign(
            indicator=name, group="score", year=year, value=rows.frame[column]
        )
        for column, (name, year) in _SCORES.items()
        if column in rows.frame
    ]
    rows.frame = pd.concat(parts).dropna(subset=["value"]).sort_values(["iso3", "indicator"])
    notes = ["a null is missing, not zero; aigs_categories_pct is categories present / 4 x 100"]
    return rows.reading(
        "carnegie_aigs",
        BIGGEST_PICTURE,
        "2022 (scores 2021-2022)",
        COLUMNS,
        key=["iso3", "year", "indicator"],
        notes=notes,
    )
