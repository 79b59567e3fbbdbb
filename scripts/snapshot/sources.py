"""The source files: where they are, how each is read, who published them."""

from __future__ import annotations

import hashlib
import html
import json
import re
from functools import cached_property
from pathlib import Path

import pandas as pd

from dsr_risk.errors import DataError, Problems

from .cells import Source
from .gleditsch_ward import ISO3

DEBT_USD = "ddf--datapoints--external_debt_total_us_not_inflation_adjusted--by--geo--time.csv"
GEOLOCATED = "gcdf3_geo_final_input.csv"
SURVEILLANCE = "biggestpicture-scores-2021-2022.json"
YEAR = 2021
DATA, INPUTS = "data", "framework_v2/inputs"
TIDY = (
    "iso3", "year", "indicator", "value", "unit", "source", "publisher", "licence", "confidence",
    "note",
)  # fmt: skip


def _copy(repository: str, commit: str) -> str:
    """The address of the public copy that a figure was read from."""
    return f"https://github.com/{repository}/tree/{commit}"


AIDDATA = Source(
    "Global Chinese Development Finance Dataset, Version 3.0",
    "AidData at William & Mary",
    "ODC-BY 1.0",
    "https://www.aiddata.org/data/aiddatas-global-chinese-development-finance-dataset-version-3-0",
    "2023-11",
)
GCOFD = Source(
    "Global Chinese Official Finance Dataset, Version 1.0",
    "AidData at William & Mary",
    "none stated in the copy used",
    "https://www.aiddata.org/data/chinese-global-official-finance-dataset",
    "2017-10",
)
LOANS_AFRICA = Source(
    "Chinese Loans to Africa; China's Overseas Development Finance",
    "Boston University Global Development Policy Center",
    "none stated in the copy used",
    _copy("OOlajide/debt-trap-diplomacy", "2a4fa7e009"),
    "2021",
)
WDI = Source(
    "World Development Indicators",
    "World Bank",
    "CC BY 4.0",
    "https://data.worldbank.org",
    "2024",
)
WDI_LATEST = Source(
    "World Development Indicators, newest year",
    "World Bank; ITU",
    "CC BY 4.0",
    _copy("paper-support/ctftime-divergence-audit", "f2d6948"),
    "2026",
)
WEO = Source(
    "World Economic Outlook, as AidData's country table carries it",
    "International Monetary Fund",
    "cited fact",
    "https://www.imf.org/en/Publications/WEO",
    "2024",
)
IDS = Source(
    "International Debt Statistics, newest year (as DDF by Gapminder)",
    "World Bank",
    "CC BY 4.0",
    _copy("open-numbers/ddf--gapminder--systema_globalis", "c63631a"),
    "2026",
)
IDS_2021 = Source(
    "International Debt Statistics 2021 (as DDF by Gapminder)",
    "World Bank",
    "CC BY 4.0",
    "https://www.worldbank.org/en/programs/debt-statistics/ids",
    "2023",
)
IDS_FLOWS = Source(
    "International Debt Statistics, December 2023, flows by counterpart area",
    "World Bank; ONE Campaign",
    "CC BY 4.0",
    _copy("ONEcampaign/net_flows", "ecfe4b6"),
    "2023-12",
)
IDS_STOCKS = Source(
    "International Debt Statistics, December 2025, stocks by creditor",
    "World Bank; ONE Campaign",
    "CC BY 4.0",
    _copy("ONEcampaign/aftershocks_data", "5ad4e2e"),
    "2025-12",
)
HRT = Source(
    "China Debt Stock Database, version April 2020",
    "Horn, Reinhart and Trebesch",
    "cite the paper",
    _copy("frisbiesa/china_upr_v2", "73a29b2b82"),
    "2020-04",
)
LIC_DSF = Source(
    "List of LIC DSAs",
    "International Monetary Fund; World Bank",
    "IMF terms",
    _copy("ONEcampaign/debt_overview", "906fc90"),
    "2025",
)
NETWORKS = Source(
    "IP location database: announced IPv4 space by network and country",
    "Route Views; NRO; DB-IP",
    "CC BY 4.0 + CC0 1.0",
    "https://www.npmjs.com/package/@ip-location-db/asn",
    "2026-06-17",
)
WITS = Source(
    "WITS TradeStats, HS 84-85 (UN Comtrade)",
    "World Bank",
    "WITS terms (the copy used says CC BY 4.0, not verified)",
    _copy("solankivedant/WorldTradeWeb", "ed624281e4"),
    "2026-08-22",
)
FACTBOOK = Source(
    "The World Factbook: imports - partners",
    "Central Intelligence Agency",
    "public domain",
    "https://www.cia.gov/the-world-factbook/",
    "2024",
)
EGOV = Source(
    "UN E-Government Survey 2024",
    "United Nations DESA",
    "none stated in the copy used",
    _copy("MaryliaCruzS/Estadistica1CienciaPolitica", "a1f17e3"),
    "2024",
)
CYBERLAW = Source(
    "Global Cyberlaw Tracker",
    "UNCTAD",
    "none stated in the copy used",
    _copy("EugenioPiga/innovation", "e3e50d3"),
    "2026-02-17",
)
CNIL = Source(
    "La protection des données dans le monde",
    "CNIL",
    "Licence Ouverte 2.0 (default of data.gouv.fr, not quoted in the copy used)",
    _copy("EugenioPiga/innovation", "e3e50d3"),
    "2026-03-10",
)
ECIPE = Source(
    "Digital Trade Estimates database",
    "ECIPE",
    "none stated in the copy used",
    _copy("EugenioPiga/innovation", "e3e50d3"),
    "2025",
)
AIGS_2022 = Source(
    "AI and Big Data Global Surveillance Index 2022",
    "S. Feldstein",
    "none stated in the copy used",
    "https://doi.org/10.17632/gjhf5y4xjp.4",
    "2022-03-09",
)
REPRESSION = Source(
    "Digital repression index 2021",
    "S. Feldstein, in the biggestpicture composite",
    "CC BY 4.0",
    "https://doi.org/10.17632/gjhf5y4xjp.4",
    "2022-03-09",
)
VDEM = Source(
    "V-Dem, version 12, as the surveillance index carries it",
    "V-Dem Institute",
    "CC BY-SA 4.0",
    "https://doi.org/10.17632/gjhf5y4xjp.4",
    "2022-03-09",
)
EUREPOC = Source(
    "European Repository of Cyber Incidents",
    "EuRepoC consortium",
    "none stated in the copy used",
    _copy("swp-berlin/EuRepoC_Cyber_Incident_Dashboard", "bbfee7b"),
    "2023-12-04",
)
GCI = Source(
    "Global Cybersecurity Index",
    "International Telecommunication Union",
    "CC BY 4.0 (derived table; ITU terms upstream)",
    _copy("paper-support/ctftime-divergence-audit", "f2d6948"),
    "2026",
)
GCI_TRANSCRIBED = Source(
    "Global Cybersecurity Index 2020 (transcribed)",
    "International Telecommunication Union",
    "cited fact",
    "https://www.itu.int/en/ITU-D/Cybersecurity/Pages/global-cybersecurity-index.aspx",
    "2021",
)
NCSI = Source(
    "National Cyber Security Index",
    "e-Governance Academy",
    "CC BY 4.0 (derived table; e-GA terms upstream)",
    _copy("paper-support/ctftime-divergence-audit", "f2d6948"),
    "2026",
)
CLOUD = Source(
    "Region lists of eight cloud providers",
    "providers; jasonwilbur; agonza05",
    "Apache-2.0 / MIT lists; Tencent, IBM and part of Alibaba: none stated",
    _copy("jasonwilbur/mcp-server-cloud-regions", "152e9e5"),
    "2026-01-21",
)

_DATA = {
    "country_indicators.csv": "per column, see the rows of the snapshot",
    "facts.csv": "cited facts, source in each row",
    "gw_gcdf.csv": "ODC-BY 1.0 (AidData)",
    GEOLOCATED: "ODC-BY 1.0 (AidData)",
    "gcdf_country_commitments.csv": "ODC-BY 1.0 (AidData); 2021 GDP of the IMF WEO",
    DEBT_USD: "CC BY 4.0 (World Bank)",
    "gdp.csv": "CC BY 4.0 (World Bank)",
    "population.csv": "CC BY 4.0 (World Bank)",
    "country-codes.csv": "PDDL (datasets/country-codes)",
    "WorldDenoms.csv": "MIT (COINr)",
    SURVEILLANCE: "CC BY 4.0 (biggestpicture)",
    "factbook_imports_partners.csv": "public domain (CIA)",
}
_INPUTS = {
    "cloud_2026.csv": CLOUD.licence,
    "debt_flows_2022.csv": "CC BY 4.0 (World Bank)",
    "debt_stock_africa_2024.csv": "CC BY 4.0 (World Bank)",
    "debt_to_china_hrt_2017.csv": HRT.licence,
    "gcofd_communications_2000_2014.csv": GCOFD.licence,
    "ict_loans_bu_2020.csv": LOANS_AFRICA.licence,
    "incidents_2023.csv": "none stated (EuRepoC): counts computed from it",
    "incident_rate_2023.csv": "none stated (EuRepoC): read to check rates only",
    "indices_2024.csv": "per row: CC BY 4.0 (World Bank), UN, ITU, e-GA",
    "lic_dsf_2025.csv": LIC_DSF.licence,
    "networks_2026.csv": NETWORKS.licence,
    "policy_2026.csv": "per row: UNCTAD, CNIL, ECIPE",
    "records_aigs_2022.csv": "none stated (Feldstein): read, not shipped",
    "records_cloud_regions_2026.csv": CLOUD.licence,
    "records_ids_debt_service_by_creditor_2018-2022.csv": "CC BY 4.0 (World Bank)",
    "records_ipv4_networks_top15_2026-06.csv": NETWORKS.licence,
    "surveillance_2022.csv": "per row: Feldstein, V-Dem CC BY-SA 4.0",
    "trade_machinery_electronics_2023.csv": WITS.licence,
}
# Every file that is read, with the licence its publisher states.
FILES = {
    **{f"{DATA}/{name}": licence for name, licence in _DATA.items()},
    **{f"{INPUTS}/{name}": licence for name, licence in _INPUTS.items()},
}
# The columns each record file must have; another format of the publisher is refused by name.
FORMATS = {
    "gcofd_communications_2000_2014.csv": ("iso3", "projects", "priced", "usd_2014"),
    "records_aigs_2022.csv": (
        "iso3", "aigs_safe_city", "aigs_facial_recognition", "aigs_smart_policing",
        "aigs_social_media", "aigs_supplier_origin_china", "aigs_supplier_origin_us",
        "bri_member", "other_origins",
    ),
    "records_cloud_regions_2026.csv": ("provider", "provider_origin", "region", "iso3", "status"),
    "records_ids_debt_service_by_creditor_2018-2022.csv": (
        "iso3", "counterpart_area", "counterpart_type", "v",
    ),
    "records_ipv4_networks_top15_2026-06.csv": ("iso3", "name", "ipv4", "share"),
}  # fmt: skip


def exact(column: pd.Series) -> pd.Series:
    """A column of digits as the numbers nearest to them, which the parser of pandas 2 may miss."""
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.isna().ne(column.isna()).any():
        return column
    return numbers if numbers.dtype.kind == "i" else column.astype(float)


class Folder:
    """The folder of source files; each method reads one of them in a usable shape."""

    def __init__(self, path: Path) -> None:
        self.path = path
        problems = Problems(str(path))
        for name in FILES:
            if not (path / name).is_file():
                problems.add(f"file `{name}` is not there; give the folder that holds it")
        problems.raise_as(DataError)
        self._check_formats(problems)
        problems.raise_as(DataError)

    def _check_formats(self, problems: Problems) -> None:
        for name in _INPUTS:
            header = pd.read_csv(self.path / INPUTS / name, nrows=0, dtype=str).columns
            wanted = FORMATS.get(name, TIDY)
            absent = [column for column in wanted if column not in header]
            if absent:
                problems.add(
                    f"`{INPUTS}/{name}` has another format: column {', '.join(absent)} is not "
                    f"there; received {', '.join(header)}"
                )

    def csv(self, name: str, encoding: str = "utf-8", place: str = DATA) -> pd.DataFrame:
        """A CSV file as it is; only an empty field is missing (the code of Namibia is "NA")."""
        frame = pd.read_csv(
            self.path / place / name,
            encoding=encoding, keep_default_na=False, na_values=[""], dtype=str,
        )  # fmt: skip
        return frame.apply(exact)

    def records(self, name: str) -> pd.DataFrame:
        """A file of records among the inputs."""
        return self.csv(name, place=INPUTS)

    def tidy(self, name: str, indicator: str) -> pd.DataFrame:
        """The rows of one indicator of a tidy input file, index iso3.

        Raises
        ------
        DataError
            If the file does not hold the indicator, or holds a country twice.
        """
        frame = self._tidy_file(name)
        rows = frame[frame["indicator"].eq(indicator)]
        problems = Problems(f"{INPUTS}/{name}")
        if rows.empty:
            held = ", ".join(sorted(frame["indicator"].unique()))
            problems.add(f"indicator `{indicator}` is not there; the file holds {held}")
        twice = sorted(rows.loc[rows["iso3"].duplicated(), "iso3"].unique())
        problems.extend(f"{code}, `{indicator}` is given twice" for code in twice)
        problems.raise_as(DataError)
        return rows.set_index("iso3").assign(note=rows.set_index("iso3")["note"].fillna(""))

    def _tidy_file(self, name: str) -> pd.DataFrame:
        if name not in self._read:
            self._read[name] = self.csv(name, place=INPUTS)
        return self._read[name]

    @cached_property
    def _read(self) -> dict[str, pd.DataFrame]:
        return {}

    def digests(self) -> dict[str, str]:
        """SHA-256 of each file."""
        return {
            name: hashlib.sha256((self.path / name).read_bytes()).hexdigest()
            for name in sorted(FILES)
        }

    def table(self) -> pd.DataFrame:
        """country_indicators.csv, index iso3."""
        return self._table.copy()

    @cached_property
    def _table(self) -> pd.DataFrame:
        return self.csv("country_indicators.csv").set_index("iso3")

    def world_bank(self, name: str, year: int = YEAR) -> pd.Series:
        """The values of a year in a World Bank long file, countries only (aggregates are dropped)."""
        frame = self.csv(name)
        values = frame[frame["Year"].eq(year)].set_index("Country Code")["Value"]
        return values[values.index.isin(self._table.index)].rename_axis("iso3").astype(float)

    def newest(self, name: str, since: int = 2018) -> pd.DataFrame:
        """`value` and `year` of the newest value of a World Bank long file not older than `since`."""
        frame = self.csv(name).sort_values("Year")
        frame = frame[frame["Year"].between(since, YEAR) & frame["Value"].notna()]
        frame = frame.drop_duplicates("Country Code", keep="last").set_index("Country Code")
        frame = frame[frame.index.isin(self._table.index)].rename_axis("iso3")
        return frame.rename(columns={"Value": "value", "Year": "year"})[["value", "year"]]

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

    def aiddata_recipients(self) -> pd.DataFrame:
        """AidData's country table, index iso3: unadjusted commitments, income class, IMF GDP."""
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
        found = text.map(lambda entry: re.findall(r"([^%\d]+?)\s+(\d+(?:\.\d+)?)%", entry))
        shares = found.map(lambda pairs: [(name.strip(" ,"), float(s)) for name, s in pairs])
        year = text.str.extract(r"\((\d{4})\)", expand=False).astype(float)
        return pd.DataFrame({"shares": shares, "year": year, "file": frame["factbook_file"]})

    def repression(self) -> pd.Series:
        """Digital repression 2021, 0-100, by country."""
        text = (self.path / DATA / SURVEILLANCE).read_text(encoding="utf-8")
        frame = pd.DataFrame(json.loads(text)).set_index("iso3")
        return frame["digital_surveillance_score"].astype(float).dropna()

    def population(self) -> pd.Series:
        """People, newest year, in millions."""
        return self.tidy("indices_2024.csv", "population")["value"].astype(float) / 1e6
