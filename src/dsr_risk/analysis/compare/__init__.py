"""Compare two sets of scores and split what moved by cause."""

from .comparison import Comparison, compare

__all__ = ["Comparison", "compare"]
