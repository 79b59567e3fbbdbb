"""The source files: where they are, how each is read, who published them."""

from __future__ import annotations

import hashlib
import html
import json
import re
from pathlib import Path

import pandas as pd

from dsr_risk.errors import DataError, Problems

from .cells import Source
from .gleditsch_ward import ISO3

DEBT_GNI = (
    "ddf--datapoints--debt_to_foreigners_by_public_and_private_percent_of_gni--by--geo--time.csv"
)
DEBT_USD = "ddf--datapoints--external_debt_total_us_not_inflation_adjusted--by--geo--time.csv"
INTERNET = "ddf--datapoints--internet_users--by--geo--time.csv"
GEOLOCATED = "gcdf3_geo_final_input.csv"
YEAR = 2021

AIDDATA = Source(
    "Global Chinese Development Finance Dataset, Version 3.0",
    "AidData at William & Mary",
    "ODC-BY 1.0",
    "https://www.aiddata.org/data/aiddatas-global-chinese-development-finance-dataset-version-3-0",
)
WDI = Source(
    "World Development Indicators", "World Bank", "CC BY 4.0", "https://data.worldbank.org"
)
WEO = Source("World Economic Outlook", "International Monetary Fund", "cited fact")
IDS = Source(
    "International Debt Statistics (as DDF by Gapminder)",
    "World Bank",
    "CC BY 4.0",
    "https://www.worldbank.org/en/programs/debt-statistics/ids",
)
ITU_USERS = Source(
    "Individuals using the Internet (as DDF by Gapminder)", "ITU; World Bank", "CC BY 4.0"
)
FACTBOOK = Source(
    "The World Factbook: imports - partners",
    "Central Intelligence Agency",
    "public domain",
    "https://www.cia.gov/the-world-factbook/",
)
AIGS_2022 = Source(
    "AI and Big Data Global Surveillance Index 2022",
    "S. Feldstein, in the biggestpicture composite",
    "CC BY 4.0",
    "https://doi.org/10.17632/gjhf5y4xjp.4",
)
REPRESSION = Source(
    "Digital repression index 2021", "S. Feldstein, in the biggestpicture composite", "CC BY 4.0"
)
CFR = Source(
    "Cyber Operations Tracker",
    "Council on Foreign Relations",
    "counts only, licence not stated",
    "https://www.cfr.org/cyber-operations/",
)
GCI = Source(
    "Global Cybersecurity Index 2020 (transcribed)",
    "International Telecommunication Union",
    "cited fact",
    "https://www.itu.int/en/ITU-D/Cybersecurity/Pages/global-cybersecurity-index.aspx",
)
NCSI = Source(
    "National Cyber Security Index (transcribed)",
    "e-Governance Academy",
    "cited fact",
    "https://ncsi.ega.ee/",
)
DIGITAL_LEVEL = Source(
    "Digital development level, National Cyber Security Index (transcribed)",
    "e-Governance Academy",
    "cited fact",
    "https://ncsi.ega.ee/",
)

# Every file that is read, with the licence its publisher states.
FILES = {
    "country_indicators.csv": "per column, see the rows of the snapshot",
    "facts.csv": "cited facts, source in each row",
    "gw_gcdf.csv": "ODC-BY 1.0 (AidData)",
    GEOLOCATED: "ODC-BY 1.0 (AidData)",
    "gcdf_country_commitments.csv": "ODC-BY 1.0 (AidData); 2021 GDP of the IMF WEO",
    DEBT_GNI: "CC BY 4.0 (World Bank)",
    DEBT_USD: "CC BY 4.0 (World Bank)",
    INTERNET: "CC BY 4.0 (ITU, World Bank)",
    "gdp.csv": "CC BY 4.0 (World Bank)",
    "population.csv": "CC BY 4.0 (World Bank)",
    "country-codes.csv": "PDDL (datasets/country-codes)",
    "WorldDenoms.csv": "MIT (COINr)",
    "biggestpicture-scores-2021-2022.json": "CC BY 4.0 (biggestpicture)",
    "factbook_imports_partners.csv": "public domain (CIA)",
    "cfr_cyber_operations_2020.csv": "not stated (CFR); read to check counts only",
}


def exact(column: pd.Series) -> pd.Series:
    """A column of digits as the numbers nearest to them, which the parser of pandas 2 may miss."""
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.isna().ne(column.isna()).any():
        return column
    return numbers if numbers.dtype.kind == "i" else column.astype(float)


class Folder:
    """The folder of source files; each property reads one of them in a usable shape."""

    def __init__(self, path: Path) -> None:
        self.path = path
        problems = Problems(str(path))
        for name in FILES:
            if not (path / name).is_file():
                problems.add(f"file `{name}` is not there; give the folder that holds it")
        problems.raise_as(DataError)

    def csv(self, name: str, encoding: str = "utf-8") -> pd.DataFrame:
        """A CSV file as it is; only an empty field is missing (the code of Namibia is "NA")."""
        frame = pd.read_csv(
            self.path / name, encoding=encoding, keep_default_na=False, na_values=[""], dtype=str
        )
        return frame.apply(exact)

    def digests(self) -> dict[str, str]:
        """SHA-256 of each file."""
        return {
            name: hashlib.sha256((self.path / name).read_bytes()).hexdigest()
            for name in sorted(FILES)
        }

    def table(self) -> pd.DataFrame:
        """country_indicators.csv, index iso3."""
        return self.csv("country_indicators.csv").set_index("iso3")

    def world_bank(self, name: str) -> pd.Series:
        """The 2021 values of a World Bank long file, countries only (aggregates are dropped)."""
        frame = self.csv(name)
        values = frame[frame["Year"].eq(YEAR)].set_index("Country Code")["Value"]
        return values[values.index.isin(self.table().index)].rename_axis("iso3")

    def gapminder(self, name: str) -> pd.Series:
        """The 2021 values of a DDF file, by upper-case code as the file has it."""
        frame = self.csv(name)
        frame = frame[frame["time"].eq(YEAR)]
        codes = pd.Index(frame["geo"].str.upper(), name="iso3")
        return pd.Series(frame.iloc[:, -1].to_numpy(float), index=codes)

    def commitments(self) -> pd.Series:
        """Adjusted commitments 2000-2021 by recipient, constant 2021 USD.

        The adjusted columns leave out short-term rollovers that the plain sums count twice.
        """
        frame = self.csv("gw_gcdf.csv")
        adjusted = frame[["oof_adj", "oda_adj", "vof_adj"]].sum(axis=1)
        unknown = sorted(set(frame["gwcode"]) - set(ISO3))
        problems = Problems("gw_gcdf.csv")
        problems.extend(f"`gwcode` {code} has no ISO code; add it" for code in unknown)
        problems.raise_as(DataError)
        return adjusted.groupby(frame["gwcode"].map(ISO3)).sum().rename_axis("iso3")

    def weo_gdp(self) -> pd.Series:
        """GDP of 2021 as AidData's country table carries it from the IMF outlook, USD."""
        frame = self.csv("gcdf_country_commitments.csv").set_index("iso3c")
        return frame["gdp_usd_bn"].dropna() * 1e9

    def communications(self) -> pd.DataFrame:
        """Geolocated communications projects by recipient: `amount` USD, `projects`, `priced`.

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
        """Import partners: `year`, `file`, `shares` (list of (name, %)) by importer."""
        frame = self.csv("factbook_imports_partners.csv").set_index("iso3")
        text = frame["imports_partners_text"].map(html.unescape)
        found = text.map(lambda one: re.findall(r"([^%\d]+?)\s+(\d+(?:\.\d+)?)%", one))
        shares = found.map(lambda pairs: [(name.strip(" ,"), float(s)) for name, s in pairs])
        year = text.str.extract(r"\((\d{4})\)", expand=False).astype(float)
        return pd.DataFrame({"shares": shares, "year": year, "file": frame["factbook_file"]})

    def surveillance(self) -> pd.DataFrame:
        """AIGS 2022 (`adoption`, % of four categories) and `repression` 2021, 0-100, by country."""
        text = (self.path / "biggestpicture-scores-2021-2022.json").read_text(encoding="utf-8")
        frame = pd.DataFrame(json.loads(text)).set_index("iso3")
        names = {"aigs_score": "adoption", "digital_surveillance_score": "repression"}
        return frame.rename(columns=names)[list(names.values())].astype(float)
