"""Write docs/reference/api.md: every public name, by family, in tables that link to a page each.

python scripts/api_page.py
"""

from __future__ import annotations

import inspect
from pathlib import Path

import dsr_risk as dr

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "api.md"
FAMILIES = ("factors", "methods", "readers", "records")


def block(names: list[str]) -> str:
    """Return one autosummary table."""
    listed = "\n".join(f"   {name}" for name in names)
    return f"```{{eval-rst}}\n.. autosummary::\n   :toctree: generated\n\n{listed}\n```\n"


def _documented(value: object) -> bool:
    return inspect.isclass(value) or inspect.isfunction(value)


def page() -> str:
    """Return the whole page."""
    public = [
        name
        for name in dr.__all__
        if not name.startswith("__") and not inspect.ismodule(getattr(dr, name))
    ]
    kinds = {name: getattr(dr, name) for name in public}
    errors = [
        n for n, kind in kinds.items() if inspect.isclass(kind) and issubclass(kind, Exception)
    ]
    types = [n for n, kind in kinds.items() if inspect.isclass(kind) and n not in errors]
    verbs = [n for n in public if n not in {*errors, *types}]
    parts = ["# API reference\n"]
    for title, names in (("Verbs", verbs), ("Types and results", types), ("Errors", errors)):
        parts += [f"## {title}\n", block([f"dsr_risk.{name}" for name in sorted(names)])]
    for family in FAMILIES:
        module = getattr(dr, family)
        names = [name for name in module.__all__ if _documented(getattr(module, name))]
        parts += [
            f"## `dsr_risk.{family}`\n",
            block([f"dsr_risk.{family}.{name}" for name in names]),
        ]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
