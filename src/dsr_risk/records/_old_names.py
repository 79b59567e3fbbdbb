"""Names of parameters before version 0.2.0, each with what took its place."""

from __future__ import annotations

from collections.abc import Container, Iterable

from ..errors import ArgumentError
from .columns import ROLES

__all__ = ["refuse_old_names"]


def _columns(role: str) -> str:
    return f'columns={{"{role}": ...}}'


def _inside(parameter: str, field: str) -> str:
    return f'{parameter}={{"{field}": ...}}'


_MARKET = (
    "measure",
    "level",
    "remainder",
    "on_missing",
    "top",
    "prefix",
    "substitutability",
    "chokepoint",
)
_BASES = ("gdp", "gni", "exports", "revenue", "external_debt")

COMMON = {
    **{role: _columns(role) for role in ROLES},
    "value": _columns("amount"),
    "year": _columns("year_column"),
    "at": "as_of",
    "covered": "countries",
    "tracked": "kinds",
    "confidence": "confidence_level",
    "intraclass": _inside("sampling", "intraclass"),
}
"""Names that were the same in every function."""

OWN: dict[str, dict[str, str]] = {
    "supplier_concentration": {name: _inside("market", name) for name in _MARKET},
    "supplier_shares": {"prior": _inside("sampling", "prior")},
    "debt_exposure": {
        **{
            name: _inside("terms", name)
            for name in ("maturity", "grace", "rate", "schedule", "discount", "renegotiation")
        },
        "rate_unit": _inside("terms", "unit"),
        "unit": _inside("options", "currency"),
        "assumed_terms": _inside("terms", "assumed"),
        **{name: _inside("bases", name) for name in _BASES},
        **{
            name: _inside("options", name)
            for name in ("other_creditors", "capacity", "hidden", "on_missing")
        },
        "confidence": _inside("options", "confidence_level"),
    },
    "incident_rate": {
        name: _inside("weighing", name)
        for name in ("half_life", "claim_weights", "detection", "on_missing")
    },
    "surveillance_adoption": {
        **{name: _inside("bases", name) for name in ("population", "safeguards", "saturation")},
        **{name: _inside("options", name) for name in ("remainder", "on_missing")},
        "confidence": _inside("options", "confidence_level"),
    },
    "graded_dependence": {
        name: _inside("grading", name) for name in ("most", "rule", "claim_weights", "believed")
    },
    "satnav_dependence": {
        name: _inside("grading", name) for name in ("most", "rule", "claim_weights", "believed")
    },
}
"""Names that meant something else in one function."""


def refuse_old_names(function: str, accepted: Container[str], given: Iterable[str]) -> None:
    """Raise ArgumentError for a keyword that had this name before, with the new way to give it."""
    for name in given:
        if name in accepted:
            continue
        if name == "trace":
            raise ArgumentError(
                f"{function}() has no `trace`: the function that returns the trace is "
                f"`{TRACES.get(function, function + '_trace')}`, with the same arguments"
            )
        now = OWN.get(function, {}).get(name) or COMMON.get(name)
        if now is not None:
            raise ArgumentError(f"{function}() has no `{name}` since version 0.2.0: give {now}")


TRACES = {
    "supplier_concentration": "supplier_trace",
    "supplier_shares": "supplier_shares_trace",
    "supplier_network": "supplier_network_trace",
    "legal_exposure": "legal_trace",
    "sanctions_exposure": "sanctions_trace",
    "high_risk_share": "high_risk_trace",
    "cable_exposure": "cable_trace",
    "cloud_exposure": "cloud_trace",
    "graded_dependence": "graded_trace",
    "satnav_dependence": "satnav_trace",
    "debt_exposure": "debt_trace",
    "incident_rate": "incident_trace",
    "surveillance_adoption": "surveillance_trace",
    "formal_alignment": "alignment_trace",
    "data_protection_gap": "data_protection_trace",
    "standards_uptake": "standards_trace",
    "equity_exposure": "equity_trace",
    "layers_held": "layers_held_trace",
    "trade_restrictions": "restrictions_trace",
}
"""The function that returns the trace of each function."""
