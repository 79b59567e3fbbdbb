"""Figures that the data hold and no score uses: shown with the reason why they are not scored."""

from __future__ import annotations

from typing import Any

from ..data.dataset import Data

__all__ = ["aside"]

SHOWN = ": shown, not scored"
"""How the rule of a cell ends that is kept to be shown; before it stands why it is not scored."""


def aside(data: Data) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the evidence of cells that are shown and not scored, by code and column; `why` says the reason."""
    table = data.conflicts
    if "rule" not in table:
        return {}
    rules = table["rule"].astype(str)
    kept = table[rules.str.endswith(SHOWN)].assign(why=rules.str.removesuffix(SHOWN))
    return {
        (str(cell["iso3"]), str(cell["indicator"])): {str(key): x for key, x in cell.items()}
        for cell in kept.to_dict("records")
    }
