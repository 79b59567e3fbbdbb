"""Sensitivity: which uncertain factor moves which score, rank and node, and by how much."""

from .analysis import sensitivity
from .from_draws import sensitivity_from_draws
from .one_at_a_time import leave_one_out, tornado, weight_swings
from .result import Sensitivity

__all__ = [
    "Sensitivity",
    "sensitivity_from_draws",
    "leave_one_out",
    "sensitivity",
    "tornado",
    "weight_swings",
]
