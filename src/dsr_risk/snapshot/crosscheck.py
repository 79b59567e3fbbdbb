"""Differences between the raw files and the columns of country_indicators.csv, one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import sources as s
from .debt import focal_share_debt_service
from .folder import Folder
from .security import TECHNIQUES, incident_rate, surveillance_adoption
from .supply import network_rows, partner_hhi, surveillance_suppliers

# The table of record carries eight significant digits, its import HHI four decimals.
RELATIVE = 2e-7
HHI_ABSOLUTE = 5.1e-5
AIGS_FILE = "surveillance_2022.csv"
RENAMED = {"incident_rate": "incident_rate_2019_2023"}


def differences(folder: Folder) -> list[str]:
    """Return one line a column, for every column whose raw file is there."""
    table = folder.table()
    amount, gdp = folder.commitments(), folder.world_bank("gdp.csv")
    debt = folder.gapminder(s.DEBT_USD)
    projects, partners = folder.communications(), folder.partners()
    partners = partners[partners["shares"].map(len).gt(0)]
    population = folder.world_bank("population.csv")
    adoption = folder.records("records_aigs_2022.csv").set_index("iso3")
    raw = {
        "gdp_usd_2021": gdp,
        "population_2021": population,
        "chinese_commitments_2000_2021_usd2021": amount,
        "chinese_commitments_pct_gdp_2021": amount / gdp * 100,
        "chinese_commitments_pct_external_debt_2021": amount / debt * 100,
        "external_debt_usd_2021": debt,
        "chinese_digital_loans_usd": projects["amount"],
        "chinese_digital_projects_geo_n": projects["projects"].astype(float),
        "chinese_digital_pct_gdp_2021": projects["amount"] / gdp * 100,
        "imports_from_china_pct": partners["shares"].map(lambda p: dict(p).get("China", np.nan)),
        "imports_top5_share_pct": partners["shares"].map(lambda p: sum(x for _, x in p)),
        "imports_partner_hhi_top5_floor": partners["shares"].map(lambda p: partner_hhi(p)[0]),
        "aigs2022_categories_pct": adoption[list(TECHNIQUES)].astype(float).mean(axis=1) * 100,
        "digital_repression_0_100_2021": folder.repression(),
    }
    absolute = {"imports_partner_hhi_top5_floor": HHI_ABSOLUTE}
    lines = [
        compared(name, values.astype(float), table[name], absolute.get(name, 1e-12))
        for name, values in raw.items()
    ]
    return [*lines, *against_inputs(folder)]


def against_inputs(folder: Folder) -> list[str]:
    """Compare what is built from records with the figures of the tidy inputs."""
    pairs = {
        "network_operator_hhi": (network_rows(folder), "networks_2026.csv"),
        "network_operator_top_share": (network_rows(folder), "networks_2026.csv"),
        "focal_share_debt_service": (focal_share_debt_service(folder), "debt_flows_2022.csv"),
        "surveillance_focal_supplier_share": (surveillance_suppliers(folder), AIGS_FILE),
        "surveillance_adoption": (surveillance_adoption(folder), AIGS_FILE),
        "incident_rate": (incident_rate(folder), "incident_rate_2023.csv"),
    }
    lines = []
    for name, (rows, file) in pairs.items():
        built = rows[rows["indicator"].eq(name)].set_index("iso3")["value"]
        given = folder.tidy(file, RENAMED.get(name, name))["value"].astype(float)
        both = pd.DataFrame({"built": built, "given": given}).dropna()
        gap = (both["built"] - both["given"]).abs()
        agreement = (
            "equal" if gap.max() < 1e-5 else f"largest difference {gap.max():.4f} ({gap.idxmax()})"
        )
        lines.append(f"{name}: {len(both)} countries built from records; {agreement}")
    return lines


def compared(name: str, raw: pd.Series, table: pd.Series, absolute: float) -> str:
    """Compare the raw column with that of the table: numbers present, only here, only there, apart."""
    both = pd.DataFrame({"raw": raw, "table": table})
    in_raw, in_table = both["raw"].notna(), both["table"].notna()
    close = np.isclose(both["raw"], both["table"], rtol=RELATIVE, atol=absolute)
    apart = both.index[in_raw & in_table & ~close]
    parts = [f"{name}: {in_raw.sum()} in the raw file, {in_table.sum()} in the table"]
    for title, codes in (
        ("only in the raw file", both.index[in_raw & ~in_table]),
        ("only in the table", both.index[in_table & ~in_raw]),
        ("values differ", apart),
    ):
        if len(codes):
            parts.append(f"{title}: {' '.join(sorted(codes))}")
    return "; ".join(parts) + ("" if len(parts) > 1 else "; equal")
