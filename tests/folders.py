"""Folders the tests read: the repository, and the reference folder beside it."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("DSR_RISK_SHARED", ROOT.parent / "shared"))
REFERENCE = ROOT / "tests" / "data" / "reference"
