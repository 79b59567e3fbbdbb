"""Plausible records and cells of three countries for the framework that wants users' data."""

from __future__ import annotations

import numpy as np
import pandas as pd

import dsr_risk as dr

SHARES = pd.DataFrame(
    [
        ("KEN", "ran", "Huawei", "CHN", 0.5),
        ("KEN", "ran", "Nokia", "FIN", 0.3),
        ("KEN", "ran", "Ericsson", "SWE", 0.2),
        ("SRB", "ran", "Huawei", "CHN", 0.4),
        ("SRB", "ran", "Ericsson", "SWE", 0.35),
        ("SRB", "ran", "Nokia", "FIN", 0.25),
        ("PAK", "ran", "Huawei", "CHN", 0.45),
        ("PAK", "ran", "ZTE", "CHN", 0.3),
        ("PAK", "ran", "Nokia", "FIN", 0.25),
    ],
    columns=["iso3", "layer", "holder", "origin", "share"],
)


def full_data(fw: dr.Framework) -> dr.Data:
    """Every indicator of Kenya, Serbia and Pakistan: shares as in the records, the rest plausible."""
    columns = {
        "ran_supplier_hhi": [0.38, 0.345, 0.355],
        "ran_focal_share": [0.5, 0.4, 0.75],
        "cable_supplier_hhi": [0.3, 0.4, 0.35],
        "ict_import_hhi": [0.3, 0.25, 0.45],
        "cloud_focal_share": [0.1, 0.15, 0.3],
        "satnav_dependence": [1, 0, 2],
        "debt_to_focal_gni": [6.0, 5.0, 9.0],
        "focal_share_external_debt": [0.18, 0.1, 0.22],
        "debt_service_exports": [18.0, 10.0, 20.0],
        "focal_digital_finance_gdp": [0.5, 0.4, 0.8],
        "focal_equity_digital_firms": [0.1, 0.05, 0.2],
        "formal_alignment": [0.5, 0.5, 1.0],
        "focal_standards_uptake": [0.1, 0.1, 0.2],
        "qualified_supplier_scarcity": [0.38, 0.345, 0.355],
        "digital_capacity": [45.0, 60.0, 40.0],
        "incident_rate": [0.02, 0.1, 0.03],
        "state_data_foreign_centre": [1, 0, 1],
        "supplier_legal_exposure": [0.6, 0.52, 0.8],
        "data_protection_gap": [1 / 3, 0.0, 1.0],
        "high_risk_vendor_critical": [0.4, 0.3, 0.6],
        "vendor_restriction_policy": [0, 1, 0],
        "largest_cable_share": [0.4, 0.4, 0.5],
        "supply_cut_exposure": [0.35, 0.28, 0.5],
        "surveillance_adoption": [0.75, 0.5, 0.5],
        "surveillance_supplier_hhi": [0.4, 0.4, 0.5],
        "adoption_x_safeguards_gap": [0.3, 0.2, 0.35],
        "gci": [80.0, 89.0, 65.0],
        "ncsi": [45.0, 80.0, 42.0],
        "gci_2024": [80.0, 89.0, 65.0],
        "ncsi_2026": [45.0, 80.0, 42.0],
        "population": [53e6, 6.6e6, 240e6],
        "external_debt_usd": [40e9, 45e9, 130e9],
        "gdp_usd": [110e9, 75e9, 340e9],
    }
    index = pd.Index(["KEN", "SRB", "PAK"], name="iso3")
    frame = pd.DataFrame(columns, index=index)
    for indicator in fw.indicators:
        if indicator.data_column not in frame:
            frame[indicator.data_column] = np.nan
    return dr.as_data(frame)


def full_scores() -> dr.Scores:
    """Scores of the three countries, the incident goalpost fixed: p95 of three countries is one of them."""
    fw = dr.load_framework("dsr-full").replace(
        {"incident_rate.normalisation": {"method": "goalposts", "low": 0, "high": 1}}
    )
    return dr.score(fw, full_data(fw))
