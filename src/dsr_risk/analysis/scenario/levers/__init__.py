"""The thirteen levers, and edits of single cells."""

from . import finance, security, supply
from .base import LEVERS, Lever, lever_of
from .security import CellChange

__all__ = ["LEVERS", "CellChange", "Lever", "finance", "lever_of", "security", "supply"]
