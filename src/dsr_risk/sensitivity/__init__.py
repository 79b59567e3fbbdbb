"""Sensitivity: which uncertain factor moves which score, rank and node, and by how much."""

from ._analysis import sensitivity
from ._given import given_data
from ._one_at_a_time import leave_one_out, tornado, weight_swings
from ._result import Sensitivity

__all__ = [
    "Sensitivity",
    "given_data",
    "leave_one_out",
    "sensitivity",
    "tornado",
    "weight_swings",
]
