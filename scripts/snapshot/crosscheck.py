"""What the raw files say against the columns of country_indicators.csv, difference by difference."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import sources as s
from .indicators import partner_hhi
from .sources import Folder

# The table of record carries eight significant digits, its import HHI four decimals.
RELATIVE = 2e-7
HHI_ABSOLUTE = 5.1e-5


def differences(folder: Folder) -> list[str]:
    """One line a column, for every column whose raw file is there."""
    table = folder.table()
    amount, gdp = folder.commitments(), folder.world_bank("gdp.csv")
    debt = folder.gapminder(s.DEBT_USD)
    projects, partners = folder.communications(), folder.partners()
    partners = partners[partners["shares"].map(len).gt(0)]
    population = folder.world_bank("population.csv")
    surveillance = folder.surveillance()
    income = folder.csv("WorldDenoms.csv").set_index("uCode")["Income_Group"]
    raw = {
        "gdp_usd_2021": gdp,
        "population_2021": population,
        "chinese_commitments_2000_2021_usd2021": amount,
        "chinese_commitments_pct_gdp_2021": amount / gdp * 100,
        "chinese_commitments_pct_external_debt_2021": amount / debt * 100,
        "external_debt_usd_2021": debt,
        "external_debt_pct_gni_2021": folder.gapminder(s.DEBT_GNI),
        "chinese_digital_loans_usd": projects["amount"],
        "chinese_digital_projects_geo_n": projects["projects"].astype(float),
        "chinese_digital_pct_gdp_2021": projects["amount"] / gdp * 100,
        "imports_from_china_pct": partners["shares"].map(lambda p: dict(p).get("China", np.nan)),
        "imports_top5_share_pct": partners["shares"].map(lambda p: sum(x for _, x in p)),
        "imports_partner_hhi_top5_floor": partners["shares"].map(lambda p: partner_hhi(p)[0]),
        "aigs2022_categories_pct": surveillance["adoption"],
        "digital_repression_0_100_2021": surveillance["repression"],
        "cfr_incidents_per_million": table["cfr_incidents_2005_2022"] / population * 1e6,
    }
    absolute = {"imports_partner_hhi_top5_floor": HHI_ABSOLUTE, "cfr_incidents_per_million": 5e-7}
    lines = [
        compared(name, values.astype(float), table[name], absolute.get(name, 1e-12))
        for name, values in raw.items()
    ]
    same = income.dropna().eq(table["wb_income_group"].reindex(income.dropna().index)).all()
    lines.append(f"wb_income_group: {'equal to' if same else 'differs from'} WorldDenoms.csv")
    return [*lines, operations(folder)]


def compared(name: str, raw: pd.Series, table: pd.Series, absolute: float) -> str:
    """The raw column against the one of the table: numbers present, only here, only there, apart."""
    both = pd.DataFrame({"raw": raw, "table": table})
    here, there = both["raw"].notna(), both["table"].notna()
    close = np.isclose(both["raw"], both["table"], rtol=RELATIVE, atol=absolute)
    apart = both.index[here & there & ~close]
    parts = [f"{name}: {here.sum()} in the raw file, {there.sum()} in the table"]
    for what, codes in (
        ("only in the raw file", both.index[here & ~there]),
        ("only in the table", both.index[there & ~here]),
        ("values differ", apart),
    ):
        if len(codes):
            parts.append(f"{what}: {' '.join(sorted(codes))}")
    return "; ".join(parts) + ("" if len(parts) > 1 else "; equal")


def operations(folder: Folder) -> str:
    """The file of operations ends before the period of the counts, so it cannot give them."""
    frame = folder.csv("cfr_cyber_operations_2020.csv", encoding="latin-1")
    years = frame["Date"].str.extract(r"(\d{4})$", expand=False).dropna().astype(int)
    named = int(folder.table()["cfr_incidents_2005_2022"].sum())
    return (
        f"cfr_incidents_2005_2022: {named} mentions 2005-2022 in the table; the raw file holds "
        f"{len(frame)} operations {years.min()}-{years.max()} and cannot give them: column used"
    )
