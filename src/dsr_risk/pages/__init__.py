"""Pages for people: one interactive HTML file, and the same in a notebook."""

from .explorer import explore
from .report import report

__all__ = ["explore", "report"]
