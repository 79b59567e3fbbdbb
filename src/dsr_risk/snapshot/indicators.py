"""The scored indicators of the framework `dsr`, in its order, and who they do not apply to."""

from __future__ import annotations

import pandas as pd

from . import debt, security, supply
from .folder import Folder
from .registers import focal_rows, inhabited, outside_rows, small_rows

COLUMNS = (
    supply.NETWORK_HHI,
    supply.PROJECTS,
    supply.DIGITAL_FINANCE,
    supply.SUPPLIERS,
    supply.MACHINERY,
    supply.IMPORTS,
    supply.IMPORT_HHI,
    debt.SERVICE_SHARE,
    debt.COMMITMENTS_GDP,
    debt.EXTERNAL_DEBT,
    debt.DEBT_SERVICE,
    supply.ONLINE_SERVICES,
    supply.TELECOM,
    security.INCIDENTS,
    security.ADOPTION,
    security.SAFEGUARDS,
    security.DATA_PROTECTION,
    supply.TOP_SHARE,
    security.GCI_2024,
    security.NCSI,
    security.CYBERCRIME,
)
IN_IDS = (debt.SERVICE_SHARE, debt.EXTERNAL_DEBT, debt.DEBT_SERVICE)
IN_AIDDATA = (supply.PROJECTS, supply.DIGITAL_FINANCE, debt.COMMITMENTS_GDP)
OF_FOCAL = tuple(column for column in COLUMNS if column.focal)


def indicator_rows(folder: Folder, exact: pd.DataFrame) -> pd.DataFrame:
    """Return all rows of the scored indicators; `exact` are single published scores of one of them."""
    rows = pd.concat(
        [
            supply.network_rows(folder),
            supply.focal_digital_projects(folder),
            supply.focal_digital_finance_gdp(folder),
            supply.surveillance_suppliers(folder),
            supply.machinery_rows(folder),
            supply.imports_focal_share(folder),
            supply.import_partner_hhi(folder),
            debt.focal_share_debt_service(folder),
            debt.focal_commitments_gdp(folder),
            debt.stock_rows(folder),
            supply.alternatives_rows(folder),
            security.incident_rate(folder),
            security.surveillance_adoption(folder),
            security.safeguards_gap(folder),
            security.data_protection_level(folder),
            security.gci_2024(folder),
            security.published_rows(folder),
            exact,
        ]
    )
    rows = rows[rows["iso3"].isin(inhabited(folder))]
    outside = outside_rows(folder, rows, debt=IN_IDS, aiddata=IN_AIDDATA)
    return small_rows(folder, pd.concat([rows, outside, focal_rows(OF_FOCAL)]), COLUMNS)
