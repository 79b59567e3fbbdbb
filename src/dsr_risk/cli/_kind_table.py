"""The table of kinds: every function of records and every reader, with the options each takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from .. import records
from ..records import (
    agreements,
    bundling,
    debt,
    incidents,
    infrastructure,
    network,
    ownership,
    restrictions,
    supplier_table,
    suppliers,
    supply_risk,
    surveillance,
)
from ..records.columns import Roles
from ..records.options import (
    AdoptionOptions,
    DebtOptions,
    Grading,
    IncidentWeights,
    LoanTerms,
    Market,
    Sampling,
)

__all__ = ["INDICATORS", "SOURCES", "Indicator"]

SUPPLIERS = "--set '{name}=[Huawei, ZTE]'"
TABLE = "--by-country {name}=FILE, or --set {name}=NUMBER"


@dataclass(frozen=True)
class Indicator:
    """A function of records, and every option that the command line takes for it.

    Attributes
    ----------
    columns
        The roles of its columns, each with the default column.
    objects
        Its option objects by parameter: their fields are options.
    plain
        Its other parameters.
    tables
        Its figures by country, each with the parameter that holds it (itself or ``bases``).
    links
        Its parameters that are a table of records.
    needs
        Its required parameters, each with the way to give it.
    """

    function: Callable[..., pd.DataFrame]
    trace: Callable[..., pd.DataFrame]
    columns: Roles
    objects: Mapping[str, type] = field(default_factory=dict)
    plain: Sequence[str] = ()
    tables: Mapping[str, str] = field(default_factory=dict)
    links: Sequence[str] = ()
    needs: Mapping[str, str] = field(default_factory=dict)

    def homes(self, name: str) -> list[str]:
        """Return the parameters that an option may belong to; itself where it is one."""
        group, dot, bare = name.rpartition(".")
        homes = [part for part, kind in self.objects.items() if bare in _fields(kind)]
        homes += ["columns"] if bare in self.columns else []
        if dot:
            return [home for home in homes if home == group]
        if name in self.tables:
            return [self.tables[name]]
        options = [*self.plain, *self.links, *self.objects]
        return [*homes, *([name] if name in options else [])]

    def options(self) -> list[str]:
        """Return the names of all options."""
        inside = [name for kind in self.objects.values() for name in _fields(kind)]
        named = [*self.plain, *self.tables, *self.links, *inside, *self.columns]
        return list(dict.fromkeys(named))


def _fields(kind: type) -> list[str]:
    return [field.name for field in dataclasses.fields(kind)]


_GRADING = {"grading": Grading}

INDICATORS: dict[str, Indicator] = {
    "supplier_concentration": Indicator(
        records.supplier_concentration,
        records.supplier_trace,
        suppliers.CONTRACTS,
        objects={"market": Market, "sampling": Sampling},
        plain=("focal", "layer_weights", "confidence_level"),
    ),
    "supplier_shares": Indicator(
        records.supplier_shares,
        records.supplier_shares_trace,
        supplier_table.COUNTS,
        objects={"sampling": Sampling},
        plain=("confidence_level",),
    ),
    "supplier_network": Indicator(
        records.supplier_network,
        records.supplier_network_trace,
        network.CONTRACTS_AND_LINKS,
        plain=("origins", "focal", "confidence_level"),
        links=("links",),
        needs={"links": "--set links=FILE, a table of buyer, seller and share"},
    ),
    "layers_held": Indicator(records.layers_held, records.layers_held_trace, bundling.LAYERED),
    "legal_exposure": Indicator(
        records.legal_exposure,
        records.legal_trace,
        supply_risk.BY_ORIGIN,
        plain=("confidence_level",),
        tables={"laws": "laws"},
    ),
    "sanctions_exposure": Indicator(
        records.sanctions_exposure,
        records.sanctions_trace,
        supply_risk.BY_SUPPLIER,
        plain=("listed", "substitutability", "register", "confidence_level"),
    ),
    "high_risk_share": Indicator(
        records.high_risk_share,
        records.high_risk_trace,
        supply_risk.CRITICAL,
        plain=("high_risk", "register", "confidence_level"),
        needs={"high_risk": SUPPLIERS},
    ),
    "cable_exposure": Indicator(
        records.cable_exposure,
        records.cable_trace,
        infrastructure.LANDINGS,
        plain=("focal", "remainder"),
    ),
    "cloud_exposure": Indicator(
        records.cloud_exposure,
        records.cloud_trace,
        infrastructure.REGIONS,
        plain=("focal", "remainder"),
    ),
    "graded_dependence": Indicator(
        records.graded_dependence,
        records.graded_trace,
        infrastructure.REPORTS,
        objects=_GRADING,
        plain=("indicator", "as_of"),
        needs={"indicator": "--set {name}=VALUE, such as --set indicator=cloud_dependence"},
    ),
    "satnav_dependence": Indicator(
        records.satnav_dependence,
        records.satnav_trace,
        infrastructure.REPORTS,
        objects=_GRADING,
        plain=("as_of",),
    ),
    "debt_exposure": Indicator(
        records.debt_exposure,
        records.debt_trace,
        debt.LOANS,
        objects={"terms": LoanTerms, "options": DebtOptions},
        plain=("focal", "as_of"),
        tables=dict.fromkeys(debt.BASES, "bases"),
    ),
    "incident_rate": Indicator(
        records.incident_rate,
        records.incident_trace,
        incidents.INCIDENTS,
        objects={"weighing": IncidentWeights},
        plain=("as_of", "countries", "confidence_level"),
        tables={"population": "population", "detection": "weighing"},
        needs={"population": TABLE},
    ),
    "surveillance_adoption": Indicator(
        records.surveillance_adoption,
        records.surveillance_trace,
        surveillance.DEPLOYMENTS,
        objects={"options": AdoptionOptions},
        plain=("techniques", "as_of", "focal"),
        tables=dict.fromkeys(surveillance.BASES, "bases"),
    ),
    "formal_alignment": Indicator(
        records.formal_alignment,
        records.alignment_trace,
        agreements.AGREEMENTS,
        plain=("kinds", "as_of", "countries"),
    ),
    "data_protection_gap": Indicator(
        records.data_protection_gap,
        records.data_protection_trace,
        agreements.INSTRUMENTS,
        plain=("components", "as_of", "countries"),
    ),
    "standards_uptake": Indicator(
        records.standards_uptake,
        records.standards_trace,
        agreements.STANDARDS,
        plain=("focal", "confidence_level"),
    ),
    "trade_restrictions": Indicator(
        records.trade_restrictions,
        records.restrictions_trace,
        restrictions.MEASURES,
        plain=("as_of", "countries"),
    ),
    "equity_exposure": Indicator(
        records.equity_exposure,
        records.equity_trace,
        ownership.STAKES,
        plain=("focal", "as_of", "control"),
    ),
}
"""Functions of records by kind."""

SOURCES: dict[str, tuple[str, ...]] = {
    "aiddata_gcdf": ("recommended_only",),
    "aiddata_gcofd": ("research_only",),
    "carnegie_aigs": ("year",),
    "cfr_operations": ("severity",),
    "cloud_regions": ("commercial_only",),
    "coinr": (),
    "eurepoc": (),
    "factbook_imports": (),
    "freedom_house": ("edition",),
    "imf_weo": ("indicators",),
    "ipv4_networks": (),
    "itu_gci": ("edition",),
    "ncsi": ("edition",),
    "telegeography": ("planned", "origins"),
    "un_comtrade": ("hs", "flow"),
    "un_egov": ("edition",),
    "vdem": ("variables", "since"),
    "veris": (),
    "world_bank": ("indicator", "indicators", "scheduled"),
}
"""Options of readers by kind."""
