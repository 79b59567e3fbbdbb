"""Facts of the bundled snapshot about itself."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["bundled_names", "snapshot_facts"]


@cache
def snapshot_facts() -> dict[str, Any]:
    """Return what the snapshot says of itself: edition, files it was built from, counts per indicator."""
    text = (resources.files(__package__) / "bundled" / "snapshot.json").read_text(encoding="utf-8")
    facts: dict[str, Any] = json.loads(text)
    return facts


@cache
def bundled_names() -> frozenset[str]:
    """Return the names of the indicators and facts of the bundled snapshot."""
    facts = snapshot_facts()
    return frozenset({*facts["indicators"], *facts["context"]})
