"""The files of publishers: where they are, which format each has, and how each is read."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import pandas as pd

from ..errors import DataError, Problems
from .gleditsch_ward import ISO3
from .sources import DEBT_USD, FILES, GEOLOCATED, SURVEILLANCE, YEAR

__all__ = ["EDITIONS", "Folder"]

EDITIONS = "editions.csv"
"""An optional file beside the others: the date of retrieval of each file that is newer."""
TIDY = (
    "iso3",
    "year",
    "indicator",
    "value",
    "unit",
    "source",
    "publisher",
    "licence",
    "confidence",
    "note",
)
FORMATS = {
    "country_indicators.csv": (
        "iso3",
        "region",
        "subregion",
        "gdp_usd_2021",
        "population_2021",
        "chinese_digital_projects_all_n",
        "cyber_gci",
        "fotn2018_total",
    ),
    "facts.csv": (
        "iso3",
        "indicator",
        "value",
        "unit",
        "year",
        "source_title",
        "source_publisher",
        "source_url_or_ref",
        "confidence",
        "note",
    ),
    "gw_gcdf.csv": ("gwcode", "year", "oof_adj", "oda_adj", "vof_adj"),
    GEOLOCATED: ("Amount.(Constant.USD.2021)", "Sector.Name", "Recipient.ISO-3"),
    "gcdf_country_commitments.csv": (
        "iso3c",
        "total_commitments_bn",
        "income_level_name",
        "gdp_usd_bn",
    ),
    DEBT_USD: ("geo", "time"),
    "gdp.csv": ("Country Code", "Year", "Value"),
    "population.csv": ("Country Code", "Year", "Value"),
    "country-codes.csv": (
        "ISO3166-1-Alpha-2",
        "ISO3166-1-Alpha-3",
        "CLDR display name",
        "Region Name",
        "Sub-region Name",
    ),
    "WorldDenoms.csv": ("uCode", "Income_Group"),
    "factbook_imports_partners.csv": ("iso3", "factbook_file", "imports_partners_text"),
    "gcofd_communications_2000_2014.csv": ("iso3", "projects", "priced", "usd_2014"),
    "records_aigs_2022.csv": (
        "iso3",
        "aigs_safe_city",
        "aigs_facial_recognition",
        "aigs_smart_policing",
        "aigs_social_media",
        "aigs_supplier_origin_china",
        "aigs_supplier_origin_us",
        "bri_member",
        "other_origins",
    ),
    "records_cloud_regions_2026.csv": ("provider", "provider_origin", "region", "iso3", "status"),
    "records_ids_debt_service_by_creditor_2018-2022.csv": (
        "iso3",
        "counterpart_area",
        "counterpart_type",
        "v",
    ),
    "records_ipv4_networks_top15_2026-06.csv": ("iso3", "name", "ipv4", "share"),
}
"""The columns that each file must have; a file that is not listed is tidy. Another format is refused."""
NUMERIC = {
    "country_indicators.csv": ("gdp_usd_2021", "population_2021", "chinese_digital_projects_all_n"),
    "facts.csv": ("year",),
    "gw_gcdf.csv": ("gwcode", "year", "oof_adj", "oda_adj", "vof_adj"),
    GEOLOCATED: ("Amount.(Constant.USD.2021)",),
    "gcdf_country_commitments.csv": ("total_commitments_bn", "gdp_usd_bn"),
    DEBT_USD: ("time",),
    "gdp.csv": ("Year", "Value"),
    "population.csv": ("Year", "Value"),
    "gcofd_communications_2000_2014.csv": ("projects", "priced", "usd_2014"),
    "records_ids_debt_service_by_creditor_2018-2022.csv": ("v",),
    "records_ipv4_networks_top15_2026-06.csv": ("ipv4", "share"),
}
"""The columns of each file that hold numbers; `year` and `value` of a tidy file."""


def exact(column: pd.Series) -> pd.Series:
    """Read a column of digits as the nearest numbers, which the parser of pandas 2 may miss."""
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.isna().ne(column.isna()).any():
        return column
    return numbers if numbers.dtype.kind == "i" else column.astype(float)


class Folder:
    """Folders of source files, read-only; each method reads one file in a usable shape.

    Files are found by name in the folders given and in two levels of folders below them.

    Raises
    ------
    DataError
        If a file is not there, is there twice, or has another format than the publisher's: all such
        files at once, each by name.
    """

    def __init__(self, *folders: Path) -> None:
        problems = Problems(", ".join(map(str, folders)))
        self.given = folders
        self.paths = _paths_in(folders, (*FILES, EDITIONS), problems)
        for name in FILES:
            if name not in self.paths:
                problems.add(f"file `{name}` is not there; give the folder that holds it")
        problems.raise_as(DataError)
        self.dates = self._dates(problems)
        for name in FILES:
            if message := _other_format(name, self.paths[name]):
                problems.add(f"`{name}` has another format: {message}")
        problems.raise_as(DataError)

    def refuse_as_output(self, out: Path) -> None:
        """Raise DataError if `out` is a folder given, or holds a source file."""
        sources = {*self.given, *(path.parent for path in self.paths.values())}
        if out.resolve() in {source.resolve() for source in sources}:
            raise DataError(f"{out}: holds the source files; write to another folder")

    def _dates(self, problems: Problems) -> dict[str, str]:
        """Read the date of each newer file, by name."""
        path = self.paths.pop(EDITIONS, None)
        if path is None:
            return {}
        frame = pd.read_csv(path, keep_default_na=False, dtype=str)
        if not {"file", "retrieved"} <= set(frame.columns):
            problems.add(
                f"`{EDITIONS}`: expected the columns file, retrieved; received {', '.join(frame.columns)}"
            )
            return {}
        for row in frame.itertuples(index=False):
            if row.file not in FILES:
                problems.add(f"`{EDITIONS}`: no source file has the name `{row.file}`")
            if not re.fullmatch(r"\d{4}(-\d\d){0,2}", str(row.retrieved)):
                problems.add(
                    f"`{EDITIONS}`, `{row.file}`: retrieved must be a date such as 2027-03-01, "
                    f"received {row.retrieved!r}"
                )
        return dict(zip(frame["file"], frame["retrieved"], strict=True))

    def csv(self, name: str) -> pd.DataFrame:
        """Read a CSV file as it is; only an empty field is missing (the code of Namibia is "NA")."""
        frame = pd.read_csv(
            self.paths[name], encoding="utf-8", keep_default_na=False, na_values=[""], dtype=str
        )
        frame = frame.apply(exact)
        numeric = NUMERIC.get(name, () if name in FORMATS else ("year", "value"))
        problems = Problems(str(self.paths[name]))
        for column in numeric:
            if not pd.api.types.is_numeric_dtype(frame[column]):
                texts = frame[column][pd.to_numeric(frame[column], errors="coerce").isna()].dropna()
                problems.add(
                    f"`{name}` has another format: column `{column}` holds text, "
                    f"{texts.iloc[0]!r} in row {texts.index[0] + 2}; expected a number or nothing"
                )
        problems.raise_as(DataError)
        return frame

    def records(self, name: str) -> pd.DataFrame:
        """Read a file of records."""
        return self.csv(name)

    def tidy(self, name: str, indicator: str) -> pd.DataFrame:
        """Return the rows of one indicator of a tidy input file, index iso3.

        Raises
        ------
        DataError
            If the file does not hold the indicator, or holds a country twice.
        """
        frame = self._tidy_file(name)
        rows = frame[frame["indicator"].eq(indicator)]
        problems = Problems(name)
        if rows.empty:
            held = ", ".join(sorted(frame["indicator"].unique()))
            problems.add(f"indicator `{indicator}` is not there; the file holds {held}")
        twice = sorted(rows.loc[rows["iso3"].duplicated(), "iso3"].unique())
        problems.extend(f"{code}, `{indicator}` is given twice" for code in twice)
        problems.raise_as(DataError)
        return rows.set_index("iso3").assign(note=rows.set_index("iso3")["note"].fillna(""))

    def _tidy_file(self, name: str) -> pd.DataFrame:
        if name not in self._read:
            self._read[name] = self.csv(name)
        return self._read[name]

    @cached_property
    def _read(self) -> dict[str, pd.DataFrame]:
        return {}

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of each file."""
        return {
            name: hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in sorted(self.paths.items())
        }

    def table(self) -> pd.DataFrame:
        """Return country_indicators.csv, index iso3."""
        return self._table.copy()

    @cached_property
    def _table(self) -> pd.DataFrame:
        return self.csv("country_indicators.csv").set_index("iso3")

    def world_bank(self, name: str, year: int = YEAR) -> pd.Series:
        """Return the values of a year in a World Bank long file, countries only (aggregates are dropped)."""
        frame = self.csv(name)
        values = frame[frame["Year"].eq(year)].set_index("Country Code")["Value"]
        return values[values.index.isin(self._table.index)].rename_axis("iso3").astype(float)

    def newest(self, name: str, since: int = 2018) -> pd.DataFrame:
        """Return `value` and `year` of the newest value of a World Bank long file not older than `since`."""
        frame = self.csv(name).sort_values("Year")
        frame = frame[frame["Year"].between(since, YEAR) & frame["Value"].notna()]
        frame = frame.drop_duplicates("Country Code", keep="last").set_index("Country Code")
        frame = frame[frame.index.isin(self._table.index)].rename_axis("iso3")
        return frame.rename(columns={"Value": "value", "Year": "year"})[["value", "year"]]

    def gapminder(self, name: str) -> pd.Series:
        """Return the 2021 values of a DDF file, by upper-case code as the file has it."""
        frame = self.csv(name)
        frame = frame[frame["time"].eq(YEAR)]
        codes = pd.Index(frame["geo"].str.upper(), name="iso3")
        return pd.Series(frame.iloc[:, -1].to_numpy(float), index=codes)

    def commitments(self) -> pd.Series:
        """Return adjusted commitments 2000-2021 by recipient, constant 2021 USD.

        The adjusted columns leave out short-term rollovers that the plain sums count twice.
        """
        frame = self.csv("gw_gcdf.csv")
        adjusted = frame[["oof_adj", "oda_adj", "vof_adj"]].sum(axis=1)
        unknown = sorted(set(frame["gwcode"]) - set(ISO3))
        problems = Problems("gw_gcdf.csv")
        problems.extend(f"`gwcode` {code} has no ISO code; add it" for code in unknown)
        problems.raise_as(DataError)
        return adjusted.groupby(frame["gwcode"].map(ISO3)).sum().rename_axis("iso3")

    def aiddata_recipients(self) -> pd.DataFrame:
        """Return AidData's country table, index iso3: unadjusted commitments, income class, IMF GDP."""
        frame = self.csv("gcdf_country_commitments.csv")
        frame = frame[frame["iso3c"].notna()].set_index("iso3c").rename_axis("iso3")
        return pd.DataFrame(
            {
                "unadjusted": frame["total_commitments_bn"].astype(float) * 1e9,
                "income": frame["income_level_name"],
                "weo_gdp": frame["gdp_usd_bn"].astype(float) * 1e9,
            }
        )

    def communications(self) -> pd.DataFrame:
        """Return geolocated communications projects by recipient: `amount` USD, `projects`, `priced`.

        Every recipient of the geolocated file is there; `priced` counts projects with an amount.
        """
        frame = self.csv(GEOLOCATED)
        amount = frame["Amount.(Constant.USD.2021)"].where(
            frame["Sector.Name"].eq("COMMUNICATIONS")
        )
        by = frame["Recipient.ISO-3"].rename("iso3")
        return pd.DataFrame(
            {
                "amount": amount.groupby(by).sum(),
                "projects": frame["Sector.Name"].eq("COMMUNICATIONS").groupby(by).sum(),
                "priced": amount.groupby(by).count(),
            }
        )

    def partners(self) -> pd.DataFrame:
        """Return import partners: `year`, `file`, `shares` (list of (name, %)) by importer."""
        frame = self.csv("factbook_imports_partners.csv").set_index("iso3")
        text = frame["imports_partners_text"].map(html.unescape)
        pairs_of = text.map(lambda entry: re.findall(r"([^%\d]+?)\s+(\d+(?:\.\d+)?)%", entry))
        shares = pairs_of.map(lambda pairs: [(name.strip(" ,"), float(s)) for name, s in pairs])
        year = text.str.extract(r"\((\d{4})\)", expand=False).astype(float)
        return pd.DataFrame({"shares": shares, "year": year, "file": frame["factbook_file"]})

    def repression(self) -> pd.Series:
        """Return digital repression 2021, 0-100, by country."""
        text = self.paths[SURVEILLANCE].read_text(encoding="utf-8")
        frame = pd.DataFrame(json.loads(text)).set_index("iso3")
        return frame["digital_surveillance_score"].astype(float).dropna()

    def population(self) -> pd.Series:
        """Return people, newest year, in millions."""
        return self.tidy("indices_2024.csv", "population")["value"].astype(float) / 1e6


def _paths_in(folders: Iterable[Path], names: Iterable[str], problems: Problems) -> dict[str, Path]:
    """Return the path of each name in the folders or two levels below; twice with other content is a problem."""
    wanted = set(names)
    paths: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            problems.add(f"`{folder}` is no folder")
        for pattern in ("*", "*/*", "*/*/*"):
            for path in sorted(folder.glob(pattern)):
                if path.name not in wanted or not path.is_file():
                    continue
                first = paths.setdefault(path.name, path)
                if first != path and first.read_bytes() != path.read_bytes():
                    problems.add(f"`{path.name}` is there twice: {first}, {path}; keep one of them")
    return paths


def _other_format(name: str, path: Path) -> str:
    """Say how the format of a file differs from the expected one; empty if it does not."""
    try:
        if name == SURVEILLANCE:
            rows = json.loads(path.read_text(encoding="utf-8"))
            wanted: tuple[str, ...] = ("iso3", "digital_surveillance_score")
            columns = list(rows[0])
        else:
            wanted = FORMATS.get(name, TIDY)
            columns = pd.read_csv(path, nrows=0, dtype=str, encoding="utf-8").columns.tolist()
    except (ValueError, LookupError, TypeError) as broken:
        cause = " ".join(str(broken).split())[:150]
        return f"it is not a UTF-8 {'JSON list' if name == SURVEILLANCE else 'CSV table'} ({cause})"
    absent = [column for column in wanted if column not in columns]
    if not absent:
        return ""
    noun = "column" if len(absent) == 1 else "columns"
    shown = ", ".join(map(str, columns[:20])) + (", ..." if len(columns) > 20 else "")
    return f"{noun} {', '.join(absent)} not there; received {shown}"
