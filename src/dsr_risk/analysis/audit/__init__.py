"""Audit: statistical checks of a framework, its data and its scores."""

from .audit import Audit, audit, remove_elements

__all__ = ["Audit", "audit", "remove_elements"]
