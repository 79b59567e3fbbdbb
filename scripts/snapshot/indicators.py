"""The 13 indicators of the framework `dsr`, one function each, in the framework's order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from . import sources as s
from .cells import Column, Source, cells, not_applicable, significant
from .incidents import shrunk_rates
from .sources import Folder

FOCAL = "CHN"
OUTSIDE = "outside_register"
REGISTER_YEAR = 2021
# The Gapminder file writes Kosovo as `kos`, which is no ISO code, so that the table of record
# (country_indicators.csv) has no debt of Kosovo; the snapshot keeps to that table.
NOT_ISO = ("KOS",)


def both(first: Source, second: Source) -> Source:
    """The source of a figure computed from two."""
    titles, publishers, licences = (
        dict.fromkeys((getattr(first, part), getattr(second, part)))
        for part in ("title", "publisher", "licence")
    )
    return Source("; ".join(titles), "; ".join(publishers), " + ".join(licences), first.url)


IMPORTS = Column(
    "imports_focal_share", "% of goods imports", s.FACTBOOK, "high",
    perimeter="all goods; the partners the Factbook lists", focal=FOCAL,
)  # fmt: skip
PROJECTS = Column(
    "focal_digital_projects", "projects per 10 million people", both(s.AIDDATA, s.WDI), "medium",
    perimeter="communications sector, 640 projects 2000-2021, recipient found in the text",
    focal=FOCAL, note="estimate: 232 of 272 recipients that can be checked are right",
)  # fmt: skip
DIGITAL_FINANCE = Column(
    "focal_digital_finance_gdp", "% of GDP", both(s.AIDDATA, s.WDI), "low",
    perimeter="geolocated communications projects 2000-2021, constant 2021 USD / GDP 2021",
    focal=FOCAL, note="lower bound: geolocated projects with a known amount only",
)  # fmt: skip
COMMITMENTS_GDP = Column(
    "focal_commitments_gdp", "% of GDP", both(s.AIDDATA, s.WDI), "medium",
    perimeter="adjusted commitments 2000-2021, constant 2021 USD / GDP 2021",
    focal=FOCAL, note="commitments, not debt",
)  # fmt: skip
COMMITMENTS_DEBT = Column(
    "focal_commitments_external_debt", "% of external debt", both(s.AIDDATA, s.IDS), "medium",
    perimeter="adjusted commitments 2000-2021, constant 2021 USD / external debt 2021",
    focal=FOCAL, note="commitments, not debt: no share of the debt stock, may pass 100",
)  # fmt: skip
EXTERNAL_DEBT = Column(
    "external_debt_gni", "% of GNI", s.IDS, "high",
    perimeter="total external debt stocks, public and private (DT.DOD.DECT.GN.ZS)",
)  # fmt: skip
IMPORT_HHI = Column(
    "import_partner_hhi", "0-1", s.FACTBOOK, "medium",
    perimeter="all goods; the partners the Factbook lists",
    note="floor: partners not listed count as many; upper = none of them above the smallest listed",
)  # fmt: skip
CAPACITY = Column(
    "digital_capacity", "0-100", s.DIGITAL_LEVEL, "medium",
    note="transcribed by a third party from about 2020-2022; a 0 there is missing",
)  # fmt: skip
INCIDENTS = Column(
    "incident_rate", "operations per million people 2005-2022", both(s.CFR, s.WDI), "low",
    perimeter="state-sponsored operations 2005-2022 that name the country as victim",
    note="names matched in English text: Anglophone bias, 0 = no match; "
    "Gamma-Poisson mean, sd and 90 % interval",
)  # fmt: skip
SAFEGUARDS = Column("safeguards_gap", "0-100", s.REPRESSION, "medium")
ADOPTION_GAP = Column(
    "adoption_x_safeguards_gap", "0-100", both(s.AIGS_2022, s.REPRESSION), "medium",
    perimeter="AIGS 2022 (% of four categories) x digital repression 2021 / 100",
    note="only countries with evidence of adoption are listed: absent is unknown",
)  # fmt: skip
GCI = Column(
    "gci", "0-100", s.GCI, "medium",
    note="transcribed by a third party from about 2020-2022; a 0 there is missing",
)  # fmt: skip
NCSI = replace(GCI, indicator="ncsi", source=s.NCSI)

COLUMNS = (
    IMPORTS, PROJECTS, DIGITAL_FINANCE, COMMITMENTS_GDP, COMMITMENTS_DEBT, EXTERNAL_DEBT,
    IMPORT_HHI, CAPACITY, INCIDENTS, SAFEGUARDS, ADOPTION_GAP, GCI, NCSI,
)  # fmt: skip
REGISTER = (PROJECTS, DIGITAL_FINANCE, COMMITMENTS_GDP, COMMITMENTS_DEBT, EXTERNAL_DEBT)


def imports_focal_share(folder: Folder) -> pd.DataFrame:
    """China's share; where it is not among the partners listed: censored below the smallest."""
    listed = folder.partners()
    count = listed["shares"].map(len).astype(float)
    listed = listed[count.gt(0)]
    share = listed["shares"].map(lambda pairs: dict(pairs).get("China", np.nan)).astype(float)
    # Shares are printed in whole percent: a last partner with "0%" leaves room for half a percent.
    smallest = listed["shares"].map(lambda pairs: min(x for _, x in pairs)).replace(0.0, 0.5)
    outside = share.isna() & (listed.index != FOCAL)
    note = pd.Series("", index=listed.index)
    note[outside] = "outside the partners listed: below the smallest share listed"
    rows = cells(
        IMPORTS, share, year=listed["year"], n_records=count[listed.index],
        lower=pd.Series(0.0, index=listed.index).where(outside),
        upper=smallest.where(outside), note=note,
    )  # fmt: skip
    own = not_applicable(
        IMPORTS, pd.Index([FOCAL]), reason="focal", year=int(listed["year"][FOCAL]),
        note="a country is no import partner of its own",
    )  # fmt: skip
    return pd.concat([rows, own])


def focal_digital_projects(folder: Folder) -> pd.DataFrame:
    """Communications projects per 10 million people; 0 = in the register, none recorded."""
    count = folder.table()["chinese_digital_projects_all_n"]
    rate = count / folder.world_bank("population.csv").reindex(count.index) * 1e7
    doubtful = count.index.isin(outside_register(folder).difference(folder.communications().index))
    note = pd.Series(PROJECTS.note, index=count.index)
    note[doubtful] = "named in the text although the register holds no commitments to it: doubtful"
    confidence = pd.Series("medium", index=count.index).where(~doubtful, "low")
    return cells(
        PROJECTS, significant(rate), year=REGISTER_YEAR, n_records=count.where(rate.notna()),
        note=note, confidence=confidence,
    )  # fmt: skip


def focal_digital_finance_gdp(folder: Folder) -> pd.DataFrame:
    """Geolocated amounts / GDP; 0 means "no amount known" unless no project is recorded at all."""
    projects = folder.communications()
    gdp = folder.world_bank("gdp.csv").reindex(projects.index)
    none = folder.table()["chinese_digital_projects_all_n"].reindex(projects.index).eq(0)
    known = projects["amount"].gt(0) | none
    share = (projects["amount"] / gdp * 100).where(known)
    note = pd.Series(DIGITAL_FINANCE.note, index=projects.index)
    note[known & projects["amount"].eq(0)] = "0: a recipient without any communications project"
    return cells(
        DIGITAL_FINANCE, significant(share), year=REGISTER_YEAR, n_records=projects["priced"],
        note=note,
    )  # fmt: skip


def focal_commitments_gdp(folder: Folder) -> pd.DataFrame:
    """Adjusted commitments / GDP 2021; where the World Bank has no GDP, the IMF's estimate."""
    amount = folder.commitments()
    gdp = folder.world_bank("gdp.csv").reindex(amount.index)
    weo = gdp.isna()
    gdp = gdp.fillna(folder.weo_gdp().reindex(amount.index))
    share = significant(amount / gdp * 100)
    estimated = replace(COMMITMENTS_GDP, source=both(s.AIDDATA, s.WEO), confidence="low")
    return pd.concat(
        [
            cells(COMMITMENTS_GDP, share[~weo], year=REGISTER_YEAR),
            cells(estimated, share[weo], year=REGISTER_YEAR),
        ]
    )


def focal_commitments_external_debt(folder: Folder) -> pd.DataFrame:
    """Adjusted commitments / external debt 2021."""
    amount = folder.commitments()
    debt = folder.gapminder(s.DEBT_USD).reindex(amount.index)
    return cells(COMMITMENTS_DEBT, significant(amount / debt * 100), year=REGISTER_YEAR)


def external_debt_gni(folder: Folder) -> pd.DataFrame:
    """External debt / GNI 2021, as published."""
    debt = folder.gapminder(s.DEBT_GNI)
    return cells(EXTERNAL_DEBT, debt[~debt.index.isin(NOT_ISO)], year=s.YEAR)


def partner_hhi(shares: list[tuple[str, float]]) -> tuple[float, float]:
    """Floor and upper bound of the concentration of partners, of which only some are listed.

    Floor: the rest is spread over very many. Upper: the rest is held by partners as large as the
    smallest listed, as the list is ranked. Shares in percent, result 0-1.

    Examples
    --------
    >>> [round(x, 4) for x in partner_hhi([("A", 50.0), ("B", 30.0)])]
    [0.34, 0.38]
    """
    listed = np.array([share for _, share in shares]) / 100
    floor = float((listed**2).sum())
    rest, cap = max(0.0, 1.0 - float(listed.sum())), max(float(listed.min()), 0.005)
    whole = int(rest / cap + 1e-9)
    return floor, floor + whole * cap**2 + max(0.0, rest - whole * cap) ** 2


def import_partner_hhi(folder: Folder) -> pd.DataFrame:
    """Herfindahl index of import partners, floor and upper bound."""
    listed = folder.partners()
    count = listed["shares"].map(len).astype(float)
    listed = listed[count.gt(0)]
    bounds = pd.DataFrame(
        listed["shares"].map(partner_hhi).tolist(), index=listed.index, columns=["floor", "upper"]
    )
    floor = significant(bounds["floor"])
    return cells(
        IMPORT_HHI, floor, year=listed["year"], lower=floor, upper=significant(bounds["upper"]),
        n_records=count[listed.index],
    )  # fmt: skip


def digital_capacity(folder: Folder) -> pd.DataFrame:
    """Digital development level; 0 is missing."""
    return cells(CAPACITY, nonzero(folder, "cyber_ddl"), year=2022)


def incident_rate(folder: Folder) -> pd.DataFrame:
    """Operations that name the country per million people, shrunk towards the pooled rate."""
    population = folder.world_bank("population.csv") / 1e6
    counts = folder.table()["cfr_incidents_2005_2022"].reindex(population.index)
    rates = shrunk_rates(counts, population).apply(significant, digits=6)
    return cells(
        INCIDENTS, rates["value"], year=2022, std_error=rates["std_error"], lower=rates["lower"],
        upper=rates["upper"], n_records=counts,
    )  # fmt: skip


def safeguards_gap(folder: Folder) -> pd.DataFrame:
    """Digital repression index 2021, as published."""
    return cells(SAFEGUARDS, folder.surveillance()["repression"], year=2021)


def adoption_x_safeguards_gap(folder: Folder) -> pd.DataFrame:
    """Adoption of AI surveillance, weighted by how little protects against its abuse."""
    both_indices = folder.surveillance()
    product = both_indices["adoption"] * both_indices["repression"] / 100
    return cells(ADOPTION_GAP, significant(product), year=2022)


def gci(folder: Folder) -> pd.DataFrame:
    """Global Cybersecurity Index; 0 is missing."""
    return cells(GCI, nonzero(folder, "cyber_gci"), year=2020)


def ncsi(folder: Folder) -> pd.DataFrame:
    """National Cyber Security Index; 0 is missing."""
    return cells(NCSI, nonzero(folder, "cyber_ncsi"), year=2022)


def nonzero(folder: Folder, column: str) -> pd.Series:
    """A transcribed column in which 0 stands for "not covered"."""
    values = folder.table()[column].astype(float)
    return values.where(values.ne(0))


def outside_register(folder: Folder) -> pd.Index:
    """High-income countries to which AidData records no adjusted commitments."""
    income = folder.csv("WorldDenoms.csv").set_index("uCode")["Income_Group"]
    high = income.index[income.eq("High income")]
    return high.difference(folder.commitments().index)


def outside_rows(folder: Folder, found: pd.DataFrame) -> pd.DataFrame:
    """Finance and project indicators that do not apply to rich countries, where without a value.

    AidData and the debt statistics cover low- and middle-income countries only: absence of a rich
    country says nothing about it and is neither 0 nor missing.
    """
    outside, named = outside_register(folder), folder.communications().index
    rows = []
    for column in REGISTER:
        valued = found.loc[found["indicator"].eq(column.indicator), "iso3"]
        countries = outside.difference(pd.Index(valued))
        note = pd.Series("high income: the registers cover low- and middle-income countries")
        note = note.repeat(len(countries)).set_axis(countries)
        note[countries.isin(named)] = (
            "high income; a few projects are geolocated there, but no commitments are recorded"
        )
        empty = pd.Series(np.nan, index=countries)
        rows.append(
            cells(column, empty, year=REGISTER_YEAR, reason=OUTSIDE, note=note, confidence="high")
        )
    return pd.concat(rows)


def focal_rows() -> pd.DataFrame:
    """The focal state itself lends to itself nothing that these indicators measure."""
    own = pd.Index([FOCAL])
    focal = [column for column in REGISTER if column.focal]
    note = "the focal state is no recipient of its own finance"
    return pd.concat(
        [not_applicable(c, own, reason="focal", year=REGISTER_YEAR, note=note) for c in focal]
    )


def indicator_rows(folder: Folder) -> pd.DataFrame:
    """All rows of the 13 indicators."""
    found = pd.concat(
        [
            imports_focal_share(folder),
            focal_digital_projects(folder),
            focal_digital_finance_gdp(folder),
            focal_commitments_gdp(folder),
            focal_commitments_external_debt(folder),
            external_debt_gni(folder),
            import_partner_hhi(folder),
            digital_capacity(folder),
            incident_rate(folder),
            safeguards_gap(folder),
            adoption_x_safeguards_gap(folder),
            gci(folder),
            ncsi(folder),
        ]
    )
    return pd.concat([found, outside_rows(folder, found), focal_rows()])
