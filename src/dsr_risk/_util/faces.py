"""Load the modules of plots, pages and output when a result first needs them."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["output", "pages", "plots"]


def plots() -> Any:
    """Return the module of plots; a result draws itself through it without importing it first."""
    return importlib.import_module("dsr_risk.plots")


def pages() -> Any:
    """Return the module of pages; scores explore themselves through it without importing it first."""
    return importlib.import_module("dsr_risk.pages")


def output() -> Any:
    """Return the module of tables and citations; scores say how to cite them without importing it first."""
    return importlib.import_module("dsr_risk.output")
