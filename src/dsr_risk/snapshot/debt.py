"""Dependency: exposure to the focal state's credit and to debt in general."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ..records import shares
from . import sources as s
from .cells import Column, cells, significant
from .folder import Folder
from .registers import FOCAL, in_aiddata
from .supply import both, gross_domestic_product

# Recipients of AidData without a Gleditsch-Ward number in the adjusted file. The Marshall Islands are
# left out: 5.1 bn USD went to ship companies registered there.
SHIP_COMPANIES = ("MHL",)
CHINA = "China"

SERVICE_SHARE = Column(
    "focal_share_debt_service",
    "share of external debt service, 0-1",
    s.IDS_FLOWS,
    "high",
    focal=FOCAL,
    perimeter="principal and interest on public and publicly guaranteed debt, sum of 2018-2022",
    note="bondholders count as one creditor; 0 = none recorded",
)
COMMITMENTS_GDP = Column(
    "focal_commitments_gdp",
    "% of GDP",
    both(s.AIDDATA, s.WDI),
    "medium",
    perimeter="adjusted commitments 2000-2021, constant 2021 USD / GDP 2021",
    focal=FOCAL,
    note="commitments, not debt",
)
EXTERNAL_DEBT = Column(
    "external_debt_gni",
    "% of GNI",
    s.IDS,
    "high",
    perimeter="total external debt stocks, public and private (DT.DOD.DECT.GN.ZS)",
)
DEBT_SERVICE = Column(
    "debt_service_exports",
    "% of exports and primary income",
    s.IDS,
    "high",
    perimeter="total debt service (DT.TDS.DECT.EX.ZS)",
)
# A value of 2018 of a country that stopped reporting says less than its grade.
OLD = 2021


def focal_share_debt_service(folder: Folder) -> pd.DataFrame:
    """Return the focal state's share of five years of debt service, by creditor."""
    paid = folder.records("records_ids_debt_service_by_creditor_2018-2022.csv")
    share_of = {}
    for code, group in paid.groupby("iso3"):
        amount = group["v"].to_numpy(float)
        origins = np.where(group["counterpart_area"].eq(CHINA), FOCAL, "")
        share_of[code] = float(shares.focal_share(amount / amount.sum(), origins.tolist(), FOCAL))
    share = pd.Series(share_of).rename_axis("iso3").drop(FOCAL, errors="ignore")
    creditors = paid.groupby("iso3").size().reindex(share.index).astype(float)
    return cells(SERVICE_SHARE, significant(share, 6), year=2022, n_records=creditors)


def focal_commitments_gdp(folder: Folder) -> pd.DataFrame:
    """Divide adjusted commitments by GDP, unadjusted ones where the adjusted file lacks the recipient."""
    adjusted = folder.commitments()
    plain = folder.aiddata_recipients()["unadjusted"].drop(list(SHIP_COMPANIES))
    filled = plain.index.difference(adjusted.index)
    amount = pd.concat([adjusted, plain[filled]])
    gdp = gross_domestic_product(folder).reindex(amount.index)
    share = significant(amount / gdp["value"] * 100)
    note = pd.Series(COMMITMENTS_GDP.note, index=amount.index)
    note[filled] = note[filled] + "; unadjusted: the adjusted file lacks the recipient"
    other = gdp["source"].ne("World Bank") & gdp["source"].notna()
    note[other] = note[other] + "; GDP: " + gdp["source"][other]
    noted = gdp["note"].fillna("").ne("")
    note[noted] = note[noted] + "; " + gdp["note"][noted]
    weak = other | noted | amount.index.isin(filled)
    confidence = pd.Series("medium", index=amount.index).where(~weak, "low")
    rows = []
    for of_imf in (False, True):
        chosen = gdp["source"].eq("IMF").eq(of_imf)
        source = both(s.AIDDATA, s.WEO) if of_imf else COMMITMENTS_GDP.source
        column = replace(COMMITMENTS_GDP, source=source)
        rows.append(
            cells(column, share[chosen], year=2021, note=note[chosen], confidence=confidence)
        )
    return pd.concat(rows)


def stock_rows(folder: Folder) -> pd.DataFrame:
    """Return debt and its service of all creditors, newest year of the statistics."""
    rows = []
    for column in (EXTERNAL_DEBT, DEBT_SERVICE):
        given = folder.tidy("indices_2024.csv", column.indicator).drop(FOCAL, errors="ignore")
        old = given["year"].lt(OLD)
        note = pd.Series("newest year reported", index=given.index)
        note[old] = "newest year reported; the country has stopped reporting"
        rows.append(
            cells(
                column,
                given["value"].astype(float),
                year=given["year"].astype(float),
                note=note,
                confidence=pd.Series("high", index=given.index).where(~old, "low"),
            )
        )
    return pd.concat(rows)


def unfilled(folder: Folder) -> pd.Index:
    """Return recipients that AidData lists and that have no commitments here."""
    scored = focal_commitments_gdp(folder)
    return in_aiddata(folder).difference(pd.Index(scored["iso3"]))
