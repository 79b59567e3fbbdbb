"""Raw records to indicators with their uncertainty.

Every function takes a frame of records - pandas, Polars (eager or lazy), PyArrow, DuckDB, Dask or
PySpark - lets that engine do the grouping, and returns one row a country (and year) and indicator
in the long data format, ready for `dsr_risk.read_data`. Its ``..._trace`` function, with the same
arguments, returns what each record contributes to the values.
"""

from . import loans, sampling, shares
from .agreements import (
    alignment_trace,
    data_protection_gap,
    data_protection_trace,
    formal_alignment,
    standards_trace,
    standards_uptake,
)
from .bundling import layers_held, layers_held_trace
from .cables import cable_columns
from .columns import Columns
from .debt import debt_exposure, debt_trace
from .diffusion import logistic_diffusion
from .incidents import incident_rate, incident_trace
from .infrastructure import (
    cable_exposure,
    cable_trace,
    cloud_exposure,
    cloud_trace,
    graded_dependence,
    graded_trace,
    satnav_dependence,
    satnav_trace,
)
from .network import supplier_network, supplier_network_trace, traced_shares
from .options import (
    CLAIM_WEIGHTS,
    AdoptionOptions,
    DebtOptions,
    Grading,
    IncidentWeights,
    LoanTerms,
    Market,
    Renegotiation,
    Sampling,
)
from .ownership import equity_exposure, equity_trace
from .rates import shrunk_rates
from .restrictions import restrictions_trace, trade_restrictions
from .supplier_table import supplier_shares, supplier_shares_trace
from .suppliers import supplier_concentration, supplier_trace
from .supply_risk import (
    high_risk_share,
    high_risk_trace,
    legal_exposure,
    legal_trace,
    sanctions_exposure,
    sanctions_trace,
)
from .surveillance import AIGS_TECHNIQUES, surveillance_adoption, surveillance_trace

__all__ = [
    "AIGS_TECHNIQUES",
    "AdoptionOptions",
    "CLAIM_WEIGHTS",
    "Columns",
    "DebtOptions",
    "Grading",
    "IncidentWeights",
    "LoanTerms",
    "Market",
    "Renegotiation",
    "Sampling",
    "alignment_trace",
    "cable_columns",
    "cable_exposure",
    "cable_trace",
    "cloud_exposure",
    "cloud_trace",
    "data_protection_gap",
    "data_protection_trace",
    "debt_exposure",
    "debt_trace",
    "equity_exposure",
    "equity_trace",
    "formal_alignment",
    "graded_dependence",
    "graded_trace",
    "high_risk_share",
    "high_risk_trace",
    "incident_rate",
    "incident_trace",
    "layers_held",
    "layers_held_trace",
    "legal_exposure",
    "legal_trace",
    "loans",
    "logistic_diffusion",
    "restrictions_trace",
    "sampling",
    "sanctions_exposure",
    "sanctions_trace",
    "satnav_dependence",
    "satnav_trace",
    "shares",
    "shrunk_rates",
    "standards_trace",
    "standards_uptake",
    "supplier_concentration",
    "supplier_network",
    "supplier_network_trace",
    "supplier_shares",
    "supplier_shares_trace",
    "supplier_trace",
    "surveillance_adoption",
    "surveillance_trace",
    "traced_shares",
    "trade_restrictions",
]
