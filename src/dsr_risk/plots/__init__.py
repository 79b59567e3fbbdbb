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
from .judgements import hindsight, rank_changes, ranks_by_set
from .parts import contributions, framework_tree, supplier_shares, waterfall
from .rankings import outranking, rank_intervals, ranking, scenario_arrows, weight_arrows
from .tables import best_case, elasticities, ranks_without
from .verbs import crosswalk, reversals, trends, weight_swings

__all__ = [
    "acceptability",
    "best_case",
    "contributions",
    "convergence",
    "correlation",
    "crosswalk",
    "effects",
    "elasticities",
    "framework_tree",
    "heat_map",
    "hindsight",
    "information",
    "outranking",
    "quadrant",
    "rank_changes",
    "rank_intervals",
    "ranking",
    "ranks_by_set",
    "ranks_without",
    "reversals",
    "scenario_arrows",
    "stress_matrix",
    "supplier_shares",
    "tornado",
    "trend_lines",
    "trends",
    "waterfall",
    "weight_arrows",
    "weight_swings",
    "world_map",
]
