"""Pages for people: one HTML file that answers, and the same in a notebook."""

from .explorer import explore
from .report import report

__all__ = ["explore", "report"]
