"""Robust conclusions: ranks and orders of countries that hold for every weighting of a set."""

from .analysis import robustness
from .result import Robustness
from .weight_sets import WeightSet

__all__ = ["Robustness", "WeightSet", "robustness"]
