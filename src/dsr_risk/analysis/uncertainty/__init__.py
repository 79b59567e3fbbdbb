"""Uncertainty: scores, ranks and bands under the uncertain factors of a framework."""

from .analysis import uncertainty
from .result import Uncertainty

__all__ = ["Uncertainty", "uncertainty"]
