"""Dependency: digital supply, technology imports and what a country could use instead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ..data.country_list import country_table
from ..records import shares, shrunk_rates
from . import sources as s
from .cells import Column, Source, cells, significant
from .folder import Folder
from .registers import FOCAL, in_aiddata

# Flags of convenience: ships are registered there and counted as imports.
SHIP_REGISTRIES = ("LBR", "MHL", "PAN", "BHS", "MLT", "CYP", "ATG")
# A hole in the source, not zero: exports of a few thousand dollars to countries of millions.
NOT_USABLE = ("ARM", "AZE", "GEO")
# GDP deflator of the United States, 2014 to 2021: GDP in current over chained dollars (Bureau of
# Economic Analysis, in github.com/datasets/gdp-us, data/year.csv at 135613292e), 1.1426. It brings
# constant 2014 dollars to the base of the other amounts.
DEFLATOR = (23681.2 / 21494.8) / (17608.1 / 18261.7)
KNOWN_SHARE = 1 / 3
# A share of GDP; no recorded commitment to communications comes near this end of the range.
LARGEST_FINANCE = 100.0


def both(*parts: Source) -> Source:
    """Return the source of a figure computed from several."""
    titles, publishers, licences = (
        dict.fromkeys(getattr(part, name) for part in parts)
        for name in ("title", "publisher", "licence")
    )
    return Source(
        "; ".join(titles),
        "; ".join(publishers),
        " + ".join(licences),
        parts[0].url,
        max(part.retrieved for part in parts),
    )


NETWORK_HHI = Column(
    "network_operator_hhi",
    "0-1",
    s.NETWORKS,
    "medium",
    perimeter="announced IPv4 space by network, June 2026; the fifteen largest networks by name",
    note="floor: smaller networks count as many. Address space is not subscribers",
)
PROJECTS = Column(
    "focal_digital_projects",
    "projects per 10 million people",
    both(s.AIDDATA, s.WDI),
    "medium",
    perimeter="communications sector, 640 projects 2000-2021, recipient found in the text",
    focal=FOCAL,
    note="estimate: 232 of 272 recipients that can be checked are right; Gamma-Poisson mean and sd",
)
DIGITAL_FINANCE = Column(
    "focal_digital_finance_gdp",
    "% of GDP",
    both(s.AIDDATA, s.GCOFD, s.LOANS_AFRICA, s.WDI),
    "low",
    perimeter="communications; the largest of three registers: geolocated GCDF 3.0 2000-2021, "
    "GCOFD 1.0 2000-2014, loans of the BU register to 2020; / GDP 2021",
    focal=FOCAL,
    note="lower bound: commitments with a known amount only",
)
SUPPLIERS = Column(
    "surveillance_focal_supplier_share",
    "share of named supplier origins, 0-1",
    s.AIGS_2022,
    "medium",
    focal=FOCAL,
    perimeter="origins named in the index of 2022, equal weight each",
    note="counts origins named, no market shares; only countries with evidence are listed",
)
MACHINERY = Column(
    "focal_share_machinery_electronics",
    "share of imports, 0-1",
    s.WITS,
    "medium",
    focal=FOCAL,
    perimeter="HS 84-85, 2023: exports reported by the focal state / imports of the country",
)
IMPORTS = Column(
    "imports_focal_share",
    "% of goods imports",
    s.FACTBOOK,
    "high",
    perimeter="all goods; the partners the Factbook lists",
    focal=FOCAL,
)
IMPORT_HHI = Column(
    "import_partner_hhi",
    "0-1",
    s.FACTBOOK,
    "medium",
    perimeter="all goods; the partners the Factbook lists",
    note="floor: partners not listed count as many; upper = none of them above the smallest listed",
)
ONLINE_SERVICES = Column("egdi_osi", "0-1", s.EGOV, "high", perimeter="online service index 2024")
TELECOM = Column(
    "egdi_tii", "0-1", s.EGOV, "high", perimeter="telecommunication infrastructure index 2024"
)
TOP_SHARE = replace(NETWORK_HHI, indicator="network_operator_top_share", note="")

AIGS_ORIGINS = {
    "China": "CHN",
    "USA": "USA",
    "Israel": "ISR",
    "UK": "GBR",
    "Japan": "JPN",
    "France": "FRA",
    "Germany": "DEU",
}


def network_rows(folder: Folder) -> pd.DataFrame:
    """Return concentration of networks and the share of the largest, from the list of networks by name."""
    networks = folder.records("records_ipv4_networks_top15_2026-06.csv")
    by = networks.groupby("iso3")
    share = by["share"].apply(list)
    rest = by["share"].sum().rsub(1.0).clip(lower=0.0)
    given = folder.tidy("networks_2026.csv", "network_operator_hhi")
    held = share.index.intersection(given.index)
    facts = {
        "year": 2026,
        "confidence": given["confidence"][held],
        "n_records": by.size()[held].astype(float),
    }
    index = pd.Series({code: _floor(share[code], rest[code]) for code in held})
    top = pd.Series({code: max(share[code]) for code in held})
    # A tie goes to the shorter name, so that the table does not depend on how a machine sorts.
    ranked = networks.assign(length=networks["name"].str.len()).sort_values(
        ["share", "length", "name"], ascending=[True, False, False]
    )
    largest = "largest: " + ranked.groupby("iso3")["name"].last()[held]
    return pd.concat(
        [
            cells(NETWORK_HHI, significant(index, 6), **facts, note=NETWORK_HHI.note),
            cells(TOP_SHARE, significant(top, 6), **facts, note=largest),
        ]
    )


def _floor(held: list[float], rest: float) -> float:
    """Return lower bound of the Herfindahl index where the rest is spread over very many."""
    total = sum(held) + rest
    return float(shares.hhi_bounds([value / total for value in held], rest / total)[0])


def focal_digital_projects(folder: Folder) -> pd.DataFrame:
    """Return communications projects per 10 million people, shrunk; 0 recorded is no rate of 0."""
    table = folder.table()
    count = table["chinese_digital_projects_all_n"].dropna()
    people = folder.world_bank("population.csv").reindex(count.index) / 1e7
    count, people = count[people.notna()], people.dropna()
    doubtful = count.index.difference(in_aiddata(folder)).difference(["FSM"])
    sure = count.index.difference(doubtful)
    fit = shrunk_rates(count[sure], people[sure])
    rows = cells(
        PROJECTS,
        significant(pd.Series(fit.rate, index=sure), 6),
        year=2021,
        std_error=significant(pd.Series(fit.standard_deviation, index=sure), 6),
        n_records=count[sure],
    )
    beside = cells(
        PROJECTS,
        significant(count[doubtful] / people[doubtful], 6),
        year=2021,
        n_records=count[doubtful],
        confidence="low",
        chosen=0.0,
        note="named in the text although the register does not list the country as a recipient",
        rule="doubtful: shown, not scored",
    )
    return pd.concat([rows, beside])


def gross_domestic_product(folder: Folder) -> pd.DataFrame:
    """Return `value` in USD, `year` and `source` by country: World Bank 2021, else IMF, else older."""
    bank = folder.world_bank("gdp.csv")
    imf = folder.aiddata_recipients()["weo_gdp"].dropna()
    newest = folder.newest("gdp.csv")
    frame = pd.DataFrame({"value": bank, "year": float(s.YEAR), "source": "World Bank"})
    late = imf.index.difference(frame.index)
    of_imf = pd.DataFrame({"value": imf[late], "year": float(s.YEAR), "source": "IMF"})
    frame = pd.concat([frame, of_imf])
    older = newest.drop(frame.index.intersection(newest.index))
    older["source"] = "World Bank, GDP of " + older["year"].astype(int).astype(str)
    frame = pd.concat([frame, older])
    other = imf.reindex(frame.index) / frame["value"] - 1
    apart = frame["source"].eq("World Bank") & other.abs().gt(0.25)
    frame["note"] = ""
    frame.loc[apart, "note"] = other[apart].map(
        lambda gap: (
            f"GDP of the World Bank; that of the IMF is {abs(gap):.0%} "
            + ("higher" if gap > 0 else "lower")
        )
    )
    return frame


def digital_finance(folder: Folder) -> pd.DataFrame:
    """Return amounts and counts by country: the largest known amount of three registers, and how known."""
    geo = folder.communications()
    old = folder.records("gcofd_communications_2000_2014.csv").set_index("iso3")
    loans = "ict_loans_bu_2020.csv"
    lent = folder.tidy(loans, "focal_ict_loans_usd_m")["value"].astype(float) * 1e6
    counted = folder.tidy(loans, "focal_ict_loans_n")["value"].astype(float)
    names = folder.table()["chinese_digital_projects_all_n"]
    every = geo.index.union(old.index).union(lent.index)
    amounts = (
        pd.DataFrame({"geo": geo["amount"], "old": old["usd_2014"] * DEFLATOR, "loans": lent})
        .reindex(every)
        .fillna(0.0)
    )
    counts_of = pd.DataFrame({"geo": geo["priced"], "old": old["priced"], "loans": counted})
    counts_of = counts_of.reindex(every).fillna(0.0)
    projects = pd.concat([names, geo["projects"], old["projects"], counted], axis=1).reindex(every)
    largest = amounts.idxmax(axis=1)
    priced = pd.Series({code: counts_of.loc[code, largest[code]] for code in every})
    frame = pd.DataFrame({"amount": amounts.max(axis=1), "register": largest, "priced": priced})
    frame["projects"] = projects.max(axis=1)
    return frame[frame.index.isin(in_aiddata(folder))]


def focal_digital_finance_gdp(folder: Folder) -> pd.DataFrame:
    """Return known amounts / GDP; censored from below where under a third of the projects have an amount."""
    finance = digital_finance(folder)
    gdp = gross_domestic_product(folder).reindex(finance.index)
    share = significant(finance["amount"] / gdp["value"] * 100)
    none = finance["projects"].eq(0)
    amount = finance["amount"].gt(0)
    measured = none | (amount & finance["priced"].ge(KNOWN_SHARE * finance["projects"]))
    censored = amount & ~measured & share.notna()
    counted = (
        finance["priced"].astype(int).astype(str)
        + " amounts for "
        + finance["projects"].fillna(0).astype(int).astype(str)
        + " projects"
    )
    names = {"geo": "GCDF 3.0", "old": "GCOFD 1.0", "loans": "BU register of loans"}
    note = "lower bound: " + counted + " (" + finance["register"].map(names) + ")"
    note[none] = "0: a recipient without any communications project"
    return cells(
        DIGITAL_FINANCE,
        share.where(measured),
        year=2021,
        n_records=finance["priced"],
        note=note,
        lower=share.where(censored),
        upper=pd.Series(LARGEST_FINANCE, index=share.index).where(censored),
    )


def surveillance_suppliers(folder: Folder) -> pd.DataFrame:
    """Return share of the focal state among the origins of suppliers that the index names."""
    named = surveillance_origins(folder)
    share = named.map(
        lambda names: float(shares.focal_share(np.full(len(names), 1 / len(names)), names, FOCAL))
    )
    names = country_table()["name"]
    note = "origins named, equal weight each: " + named.map(
        lambda origins: "; ".join(str(names.get(origin, origin)) for origin in origins)
    )
    return cells(
        SUPPLIERS,
        significant(share, 6),
        year=2022,
        note=note,
        n_records=named.map(len).astype(float),
    )


def surveillance_origins(folder: Folder) -> pd.Series:
    """Return origins of suppliers that the index names, a list by country."""
    index = folder.records("records_aigs_2022.csv").set_index("iso3")
    origins = index.apply(_origins, axis=1)
    return origins[origins.map(len).gt(0)].drop(FOCAL, errors="ignore")


def _origins(row: pd.Series) -> list[str]:
    names = []
    if row["aigs_supplier_origin_china"] == 1:
        names.append("CHN")
    if row["aigs_supplier_origin_us"] == 1:
        names.append("USA")
    other = row["other_origins"]
    if isinstance(other, str):
        names.extend(AIGS_ORIGINS.get(name.strip(), name.strip()) for name in other.split(";"))
    return list(dict.fromkeys(names))


def machinery_rows(folder: Folder) -> pd.DataFrame:
    """Return share of the focal state in imports of machinery and electronics, mixed sources."""
    name = "trade_machinery_electronics_2023.csv"
    sold = folder.tidy(name, "focal_machinery_electronics_exports_usd_m")["value"].astype(float)
    bought = folder.tidy(name, "machinery_electronics_imports_usd_m")
    share = (sold / bought["value"].astype(float)).dropna()
    share = share.drop([*NOT_USABLE, FOCAL], errors="ignore")
    given = folder.tidy(name, "focal_share_machinery_electronics_imports").reindex(share.index)
    note = given["note"].fillna("").replace("", "exports and imports from different reporters")
    share = share[share.le(1.0)]
    notes = note[share.index].str.replace("entrepot", "the country is an entrepot", regex=False)
    return cells(
        MACHINERY,
        significant(share, 6),
        year=2023,
        note=notes,
        confidence=given["confidence"][share.index].fillna("low"),
    )


def imports_focal_share(folder: Folder) -> pd.DataFrame:
    """Return China's share; where it is not among the partners listed: censored below the smallest."""
    partners = folder.partners()
    count = partners["shares"].map(len).astype(float)
    partners = partners[count.gt(0)].drop(FOCAL, errors="ignore")
    share = partners["shares"].map(lambda pairs: dict(pairs).get("China", np.nan)).astype(float)
    # Shares are printed in whole percent: a last partner with "0%" leaves room for half a percent.
    smallest = partners["shares"].map(lambda pairs: min(x for _, x in pairs)).replace(0.0, 0.5)
    outside = share.isna()
    note = pd.Series("shares in whole percent", index=partners.index)
    note[outside] = "outside the partners listed: below the smallest share listed"
    ships = partners.index.isin(SHIP_REGISTRIES)
    note[ships] = note[ships] + "; a ship registry: ships registered there count as imports"
    confidence = pd.Series("high", index=partners.index).where(~ships, "low")
    return cells(
        IMPORTS,
        share,
        year=partners["year"],
        n_records=count[partners.index],
        confidence=confidence,
        lower=pd.Series(0.0, index=partners.index).where(outside),
        upper=smallest.where(outside),
        note=note,
    )


def partner_hhi(pairs: list[tuple[str, float]]) -> tuple[float, float]:
    """Return floor and upper bound of the concentration of partners, of which only some are listed.

    Floor: the rest is spread over very many. Upper: the rest is held by partners as large as the
    smallest listed, as the list is ranked. Shares in percent, result 0-1.

    Examples
    --------
    >>> [round(x, 4) for x in partner_hhi([("A", 50.0), ("B", 30.0)])]
    [0.34, 0.38]
    """
    held = np.array([share for _, share in pairs]) / 100
    floor = float((held**2).sum())
    rest, cap = max(0.0, 1.0 - float(held.sum())), max(float(held.min()), 0.005)
    holders = int(rest / cap + 1e-9)
    return floor, floor + holders * cap**2 + max(0.0, rest - holders * cap) ** 2


def import_partner_hhi(folder: Folder) -> pd.DataFrame:
    """Return Herfindahl index of import partners, floor and upper bound."""
    partners = folder.partners()
    count = partners["shares"].map(len).astype(float)
    partners = partners[count.gt(0)]
    bounds = pd.DataFrame(
        partners["shares"].map(partner_hhi).tolist(),
        index=partners.index,
        columns=["floor", "upper"],
    )
    floor = significant(bounds["floor"])
    return cells(
        IMPORT_HHI,
        floor,
        year=partners["year"],
        lower=floor,
        upper=significant(bounds["upper"]),
        n_records=count[partners.index],
    )


def alternatives_rows(folder: Folder) -> pd.DataFrame:
    """Return online services and telecommunication infrastructure of the UN survey."""
    rows = []
    for column, name in ((ONLINE_SERVICES, "egdi_osi_2024"), (TELECOM, "egdi_tii_2024")):
        values = folder.tidy("indices_2024.csv", name)["value"].astype(float)
        rows.append(cells(column, values, year=2024))
    return pd.concat(rows)
