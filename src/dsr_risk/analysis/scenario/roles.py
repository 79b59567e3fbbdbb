"""Roles: what a lever edits, and the data columns that play that role across frameworks."""

from __future__ import annotations

from collections.abc import Mapping

from ..._util.checks import shown
from ...errors import Problems, UnknownNameError, did_you_mean

__all__ = ["LAYERS", "ROLES", "role_columns"]

LAYERS = (
    "ran",
    "networks",
    "cables",
    "cloud",
    "imports",
    "ict_imports",
    "surveillance",
    "debt_service",
)
"""Layers of supply whose shares a lever can edit."""

ROLES: dict[str, tuple[str, ...]] = {
    # Shares by layer: of the focal origin, concentration, largest holder.
    "ran.focal_share": (
        "ran_focal_share",
        "ran5g_share_focal_vendors",
        "ran4g_share_focal_vendors",
    ),
    "ran.hhi": ("ran_supplier_hhi",),
    "ran.top_share": (),
    "networks.focal_share": (),
    "networks.hhi": ("network_operator_hhi",),
    "networks.top_share": ("network_operator_top_share",),
    "cables.focal_share": ("cable_focal_supplier_share",),
    "cables.hhi": ("cable_supplier_hhi", "cable_supplier_origin_hhi"),
    "cables.top_share": ("largest_cable_share", "cable_largest_capacity_share"),
    "cloud.focal_share": ("cloud_focal_share",),
    "cloud.hhi": ("cloud_provider_hhi",),
    "cloud.top_share": (),
    "imports.focal_share": ("imports_focal_share",),
    "imports.hhi": ("import_partner_hhi",),
    "imports.top_share": (),
    "ict_imports.focal_share": ("focal_share_machinery_electronics",),
    "ict_imports.hhi": ("ict_import_hhi",),
    "ict_imports.top_share": (),
    "surveillance.focal_share": ("surveillance_focal_supplier_share",),
    "surveillance.hhi": ("surveillance_supplier_hhi",),
    "surveillance.top_share": (),
    "debt_service.focal_share": ("focal_share_debt_service", "debt_service_to_focal_share"),
    "debt_service.hhi": (),
    "debt_service.top_share": (),
    # What depends on the shares of radio networks.
    "supplier_scarcity": ("qualified_supplier_scarcity",),
    "legal_exposure": ("supplier_legal_exposure",),
    "critical_share": ("high_risk_vendor_critical",),
    "supply_cut": ("supply_cut_exposure",),
    "restriction_status": ("vendor_restriction_policy",),
    # Stocks and flows of debt.
    "gdp": ("gdp_usd",),
    "external_debt": ("external_debt_usd",),
    "external_debt_gni": ("external_debt_gni",),
    "commitments": ("focal_commitments_usd",),
    "commitments_gdp": ("focal_commitments_gdp",),
    "commitments_external_debt": ("focal_commitments_external_debt",),
    "focal_debt_gni": ("debt_to_focal_gni",),
    "focal_debt_gdp": ("debt_to_focal_pct_gdp", "focal_debt_gdp"),
    "focal_debt_bn": ("debt_to_focal_usd_bn",),
    "focal_share_debt": ("focal_share_external_debt",),
    "service_exports": ("debt_service_exports",),
    "digital_finance": ("focal_digital_finance_usd",),
    "digital_finance_gdp": ("focal_digital_finance_gdp",),
    "digital_projects": ("focal_digital_projects",),
    # People, events, technology, law, capacity.
    "population": ("population",),
    "incident_rate": ("incident_rate",),
    "incident_count": ("incident_count",),
    "adoption": ("surveillance_adoption",),
    "safeguards": ("safeguards_gap",),
    "adoption_safeguards": ("adoption_x_safeguards_gap",),
    "data_protection_level": ("data_protection_level",),
    "data_protection_gap": ("data_protection_gap",),
    "cbpr": ("cbpr_participant",),
    "standards": ("focal_standards_uptake",),
    "holdings": ("focal_equity_digital_firms",),
    "stake": ("focal_fintech_stake",),
    "capacity": ("digital_capacity", "egdi_osi", "egdi_tii"),
    "gci": ("gci_2024", "gci"),
    "ncsi": ("ncsi_2026", "ncsi"),
    "cybercrime_law": ("cybercrime_law",),
}
"""Roles and the columns that play them in the bundled frameworks, the first found being used first.

A framework of one's own says the same with ``roles`` in a scenario: ``{imports.focal_share: my_share}``.
"""


def role_columns(
    given: Mapping[str, str | list[str] | tuple[str, ...]], columns: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """Return the columns of the data that play each role, those of the user before the known ones.

    Raises
    ------
    UnknownNameError
        For a role or a column that does not exist.
    """
    problems = Problems("roles")
    present = set(columns)
    out = {role: tuple(name for name in names if name in present) for role, names in ROLES.items()}
    for role, value in given.items():
        if role not in ROLES:
            problems.add(f"no role `{role}`; {did_you_mean(str(role), ROLES)}")
            continue
        names = tuple(value) if isinstance(value, list | tuple) else (value,)
        if not all(isinstance(name, str) for name in names):
            problems.add(f"`{role}`: expected columns of the data, received {shown(value)}")
            continue
        for name in names:
            if name not in present:
                problems.add(f"`{role}`: no column `{name}`; {did_you_mean(name, columns)}")
        out[role] = names
    problems.raise_as(UnknownNameError)
    return out
