"""Variance-based sensitivity on plain arrays: Sobol' indices, Shapley effects, given-data measures.

numpy and scipy only; independent of frameworks and countries.
"""

from .analyse import Analysis, analyse, saltelli_points
from .bootstrap import counts
from .dependence import Copula, exchanged
from .given_data import delta, pawn
from .indices import Effects, Indices, effects_of, sobol_indices, uncentred_first_order
from .shapley import linear_gaussian, shapley_of_game, shapley_weights
from .sums import Sums

__all__ = [
    "Analysis",
    "Copula",
    "Effects",
    "Indices",
    "Sums",
    "analyse",
    "counts",
    "delta",
    "effects_of",
    "exchanged",
    "linear_gaussian",
    "pawn",
    "saltelli_points",
    "shapley_of_game",
    "shapley_weights",
    "sobol_indices",
    "uncentred_first_order",
]
