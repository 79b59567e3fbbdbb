"""Security: incidents, surveillance, networks and the capacity to cope."""

from __future__ import annotations

import pandas as pd

from ..records import shrunk_rates
from ..records.rates import ShrunkRates
from . import sources as s
from .cells import Column, cells, significant
from .folder import Folder
from .supply import both

TECHNIQUES = (
    "aigs_safe_city",
    "aigs_facial_recognition",
    "aigs_smart_policing",
    "aigs_social_media",
)
# Scores that open the five tiers of the index of 2024, best first, and the end of its scale.
TIERS = (100.0, 95.0, 85.0, 55.0, 20.0, 0.0)
LEVELS = "0 no law, 1 law, 2 law and authority, 3 partial EU adequacy, 4 EU adequacy, 5 EU or EEA"
LEVELS_IN_ENGLISH = {
    "Pas de loi": "no law",
    "Loi (non adéquat)": "law",
    "Autorité et loi spécifiques": "law and authority",
    "Pays en adéquation partielle": "partial adequacy decision of the EU",
    "Pays adéquat": "adequacy decision of the EU",
    "Pays membre de l'UE ou de l'EEE": "member of the EU or the EEA",
}

INCIDENTS = Column(
    "incident_rate",
    "incidents 2019-2023 per million people",
    both(s.EUREPOC, s.WDI_LATEST),
    "low",
    perimeter="public, political cyber incidents 2019-2023 received by the country",
    note="0 recorded is not none happened: open countries and those written about in English and "
    "German report more; Gamma-Poisson mean, sd and 90 % interval",
)
ADOPTION = Column(
    "surveillance_adoption",
    "share of four techniques, 0-1",
    s.AIGS_2022,
    "medium",
    perimeter="safe city, facial recognition, smart policing, social media surveillance",
    note="only countries with evidence are listed: absent is unknown",
)
SAFEGUARDS = Column(
    "safeguards_gap",
    "0-100, least to most repressive of 176 countries",
    s.REPRESSION,
    "medium",
    note="a min-max rescaling of a latent measure over 176 countries: 0 and 100 are the ends of "
    "that sample in 2021, not of a scale",
)
DATA_PROTECTION = Column("data_protection_level", LEVELS, s.CNIL, "medium")
GCI_2024 = Column(
    "gci_2024",
    "0-100",
    s.GCI,
    "medium",
    note="the edition publishes tiers: the middle of the band, bounds are the band",
)
NCSI = Column(
    "ncsi_2026",
    "0-100",
    s.NCSI,
    "high",
    note="live index, read in 2026; the method changed in 2023: not comparable with older figures",
)
CYBERCRIME = Column("cybercrime_law", "0 none, 0.5 draft, 1 law", s.CYBERLAW, "high")


def incident_fit(folder: Folder) -> tuple[ShrunkRates, pd.Index]:
    """Return the rates shrunk towards the pooled rate, and whose they are."""
    count = folder.tidy("incidents_2023.csv", "incident_count")["value"].astype(float)
    people = folder.population().reindex(count.index)
    return shrunk_rates(count, people, confidence_level=0.9), count.index


def incident_rate(folder: Folder) -> pd.DataFrame:
    """Return incidents per million people, shrunk towards the pooled rate."""
    fit, countries = incident_fit(folder)
    columns = {
        "value": fit.rate,
        "std_error": fit.standard_deviation,
        "lower": fit.lower,
        "upper": fit.upper,
    }
    rates = pd.DataFrame(columns, index=countries).apply(significant, digits=6)
    return cells(
        INCIDENTS,
        rates["value"],
        year=2023,
        std_error=rates["std_error"],
        lower=rates["lower"],
        upper=rates["upper"],
    )


def surveillance_adoption(folder: Folder) -> pd.DataFrame:
    """Return techniques with evidence, of four."""
    index = folder.records("records_aigs_2022.csv").set_index("iso3")
    present = index[list(TECHNIQUES)].astype(float)
    return cells(
        ADOPTION,
        present.mean(axis=1),
        year=2022,
        n_records=present.sum(axis=1),
    )


def safeguards_gap(folder: Folder) -> pd.DataFrame:
    """Return digital repression index, as published."""
    note = pd.Series(SAFEGUARDS.note, index=folder.repression().index)
    note["PSE"] = note["PSE"] + "; Gaza and the West Bank are two rows of the source"
    return cells(SAFEGUARDS, folder.repression(), year=2021, note=note)


def data_protection_level(folder: Folder) -> pd.DataFrame:
    """Return law and authority for the protection of personal data."""
    given = folder.tidy("policy_2026.csv", "data_protection_level")
    return cells(
        DATA_PROTECTION,
        given["value"].astype(float),
        year=given["year"],
        note=given["note"].map(LEVELS_IN_ENGLISH).fillna(given["note"]),
    )


def gci_2024(folder: Folder) -> pd.DataFrame:
    """Return the middle of the tier's band, with the band as bounds; single exact scores are facts."""
    tier = folder.tidy("indices_2024.csv", "gci_2024_tier")["value"].astype(int)
    high, low = tier.map(lambda t: TIERS[t - 1]), tier.map(lambda t: TIERS[t])
    note = "tier " + tier.astype(str) + ": " + GCI_2024.note
    return cells(GCI_2024, (low + high) / 2, year=2024, lower=low, upper=high, note=note)


def published_rows(folder: Folder) -> pd.DataFrame:
    """Return indices that are taken as published."""
    ncsi = folder.tidy("indices_2024.csv", "ncsi_2026")
    law = folder.tidy("policy_2026.csv", "cybercrime_law")
    note = law["note"].str.replace("_", " ")
    return pd.concat(
        [
            cells(NCSI, ncsi["value"].astype(float), year=ncsi["year"]),
            cells(CYBERCRIME, law["value"].astype(float), year=law["year"], note=note),
        ]
    )
