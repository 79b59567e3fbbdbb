"""Pictures with matplotlib (extra `plots`): every function returns the Axes and takes ``ax=``."""

from .analyses import (
    acceptability,
    convergence,
    correlation,
    effects,
    information,
    stress_matrix,
    tornado,
)
from .countries import heat_map, quadrant, trend_lines, world_map
from .parts import contributions, framework_tree, supplier_shares, waterfall
from .rankings import outranking, rank_intervals, ranking, scenario_arrows, weight_arrows

__all__ = [
    "acceptability",
    "contributions",
    "convergence",
    "correlation",
    "effects",
    "framework_tree",
    "heat_map",
    "information",
    "outranking",
    "quadrant",
    "rank_intervals",
    "ranking",
    "scenario_arrows",
    "stress_matrix",
    "supplier_shares",
    "tornado",
    "trend_lines",
    "waterfall",
    "weight_arrows",
    "world_map",
]
