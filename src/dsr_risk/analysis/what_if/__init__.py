"""Changes that would reverse a result: reversals, pathways, elasticities, stakeholders, fragility."""

from .elasticities import elasticities
from .fragility import Fragility, fragility
from .moves import Actions
from .pathway import Pathway, pathway
from .reversal import Reversal, reversal, reversals
from .stakeholders import Stakeholders, stakeholders

__all__ = [
    "Actions",
    "Fragility",
    "Pathway",
    "Reversal",
    "Stakeholders",
    "elasticities",
    "fragility",
    "pathway",
    "reversal",
    "reversals",
    "stakeholders",
]
