"""Raw records to indicators with their uncertainty.

Every function takes a frame of records - pandas, Polars (eager or lazy), PyArrow, DuckDB, Dask or
PySpark - lets that engine do the grouping, and returns one row a country (and year) and indicator
in the long data format, ready for `dsr_risk.read_data`. ``trace=True`` adds a second frame whose
contributions, record by record, sum to the values.
"""

from . import loans, sampling, shares
from .agreements import data_protection_gap, formal_alignment, standards_uptake
from .debt import debt_exposure
from .diffusion import logistic_diffusion
from .incidents import CLAIM_WEIGHTS, incident_rate
from .infrastructure import cable_exposure, cloud_exposure, graded_dependence, satnav_dependence
from .loans import Renegotiation
from .network import supplier_network, traced_shares
from .ownership import equity_exposure
from .rates import shrunk_rates
from .supplier_table import supplier_shares
from .suppliers import supplier_concentration
from .supply_risk import high_risk_share, legal_exposure, sanctions_exposure
from .surveillance import AIGS_TECHNIQUES, surveillance_adoption

__all__ = [
    "AIGS_TECHNIQUES",
    "CLAIM_WEIGHTS",
    "Renegotiation",
    "cable_exposure",
    "cloud_exposure",
    "data_protection_gap",
    "debt_exposure",
    "equity_exposure",
    "formal_alignment",
    "graded_dependence",
    "high_risk_share",
    "incident_rate",
    "legal_exposure",
    "loans",
    "logistic_diffusion",
    "sampling",
    "sanctions_exposure",
    "satnav_dependence",
    "shares",
    "shrunk_rates",
    "standards_uptake",
    "supplier_concentration",
    "supplier_network",
    "supplier_shares",
    "surveillance_adoption",
    "traced_shares",
]
