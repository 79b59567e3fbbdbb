"""Pages for people: one HTML file that answers."""

from .report import report

__all__ = ["report"]
