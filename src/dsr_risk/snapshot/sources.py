"""The publishers of the figures, and the files that hold them."""

from __future__ import annotations

from .cells import Source

DEBT_USD = "ddf--datapoints--external_debt_total_us_not_inflation_adjusted--by--geo--time.csv"
GEOLOCATED = "gcdf3_geo_final_input.csv"
SURVEILLANCE = "biggestpicture-scores-2021-2022.json"
YEAR = 2021


def _copy(repository: str, commit: str) -> str:
    """Return the address of the public copy that a figure was read from."""
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

# Every file that is read: the licence its publisher states, and the sources its figures come from.
FILES: dict[str, tuple[str, tuple[Source, ...]]] = {
    "country_indicators.csv": (
        "per column, see the rows of the snapshot",
        (AIDDATA, WDI, GCI_TRANSCRIBED, IDS_2021),
    ),
    "facts.csv": ("cited facts, source in each row", ()),
    "gw_gcdf.csv": ("ODC-BY 1.0 (AidData)", (AIDDATA,)),
    GEOLOCATED: ("ODC-BY 1.0 (AidData)", (AIDDATA,)),
    "gcdf_country_commitments.csv": (
        "ODC-BY 1.0 (AidData); 2021 GDP of the IMF WEO",
        (AIDDATA, WEO),
    ),
    DEBT_USD: ("CC BY 4.0 (World Bank)", (IDS_2021,)),
    "gdp.csv": ("CC BY 4.0 (World Bank)", (WDI,)),
    "population.csv": ("CC BY 4.0 (World Bank)", (WDI,)),
    "country-codes.csv": ("PDDL (datasets/country-codes)", ()),
    "WorldDenoms.csv": ("MIT (COINr)", ()),
    SURVEILLANCE: ("CC BY 4.0 (biggestpicture)", (REPRESSION,)),
    "factbook_imports_partners.csv": ("public domain (CIA)", (FACTBOOK,)),
    "cloud_2026.csv": (CLOUD.licence, (CLOUD,)),
    "debt_flows_2022.csv": ("CC BY 4.0 (World Bank)", (IDS_FLOWS,)),
    "debt_stock_africa_2024.csv": ("CC BY 4.0 (World Bank)", (IDS_STOCKS,)),
    "debt_to_china_hrt_2017.csv": (HRT.licence, (HRT,)),
    "gcofd_communications_2000_2014.csv": (GCOFD.licence, (GCOFD,)),
    "ict_loans_bu_2020.csv": (LOANS_AFRICA.licence, (LOANS_AFRICA,)),
    "incidents_2023.csv": ("none stated (EuRepoC): counts computed from it", (EUREPOC,)),
    "incident_rate_2023.csv": ("none stated (EuRepoC): read to check rates only", ()),
    "indices_2024.csv": (
        "per row: CC BY 4.0 (World Bank), UN, ITU, e-GA",
        (WDI_LATEST, IDS, EGOV, GCI, NCSI),
    ),
    "lic_dsf_2025.csv": (LIC_DSF.licence, (LIC_DSF,)),
    "networks_2026.csv": (NETWORKS.licence, (NETWORKS,)),
    "policy_2026.csv": ("per row: UNCTAD, CNIL, ECIPE", (CYBERLAW, CNIL, ECIPE)),
    "records_aigs_2022.csv": ("none stated (Feldstein): read, not shipped", (AIGS_2022,)),
    "records_cloud_regions_2026.csv": (CLOUD.licence, (CLOUD,)),
    "records_ids_debt_service_by_creditor_2018-2022.csv": ("CC BY 4.0 (World Bank)", (IDS_FLOWS,)),
    "records_ipv4_networks_top15_2026-06.csv": (NETWORKS.licence, (NETWORKS,)),
    "surveillance_2022.csv": ("per row: Feldstein, V-Dem CC BY-SA 4.0", (AIGS_2022, VDEM)),
    "trade_machinery_electronics_2023.csv": (WITS.licence, (WITS,)),
}
