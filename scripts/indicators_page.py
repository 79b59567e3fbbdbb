"""Write docs/indicators.md: every indicator of the bundled framework, with what speaks against it.

    python scripts/indicators_page.py

Definition, source and reason are those of the framework, coverage is that of the shipped data. The
critique stands in `critiques.yaml`; an indicator without one stops the script.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

import dsr_risk as dr
import snapshot_tables
from dsr_risk.framework.nodes import Group, Indicator
from framework_page import indicator

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "indicators.md"
DATA = ROOT / "src" / "dsr_risk" / "data" / "bundled"

HEAD = """# The indicators, one by one

Every indicator of the bundled framework `dsr`: what it is, where it is from, why it is in the score,
what speaks against it and how much of the world it covers. This page is written by
`scripts/indicators_page.py` from the framework and the data. Counts are countries and territories of
234. [The bundled data](data.md) tells the traps of each source at length,
[the two frameworks](framework.md) what the weights do.
"""

CRITIQUE = yaml.safe_load((ROOT / "scripts" / "critiques.yaml").read_text(encoding="utf-8"))


def page() -> str:
    """Return the text of the page."""
    framework = dr.load_framework("dsr")
    counts = covered()
    parts = [HEAD]
    for score in framework.scores:
        parts.append(f"## {score.label or score.name.capitalize()}\n")
        parts += [section(node, path, share, counts) for node, path, share in indicators(score)]
    return "\n".join(parts)


def indicators(
    group: Group, path: str = "", weight: float = 1.0
) -> Iterator[tuple[Indicator, str, float]]:
    """Yield every indicator below a group with its path and effective weight."""
    total = sum(child.weight for child in group.children)
    for child in group.children:
        share = weight * child.weight / total
        if isinstance(child, Group):
            yield from indicators(child, f"{path}{child.label or child.name} / ", share)
        else:
            yield child, path.removesuffix(" / "), share


def covered() -> dict[str, dict[str, str]]:
    """Return the row of each indicator in the table of docs/data.md."""
    lines = snapshot_tables.tables(DATA)["indicators"].splitlines()
    head, _, *rows = ([cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines)
    return {row[0].strip("`"): dict(zip(head, row, strict=True)) for row in rows}


def section(node: Indicator, path: str, share: float, counts: dict[str, dict[str, str]]) -> str:
    """Return the section of one indicator."""
    if node.name not in CRITIQUE:
        raise SystemExit(f"no critique of {node.name}: write one in critiques.yaml")
    posts = indicator(node, [], share)[4]
    of = tuple(getattr(node.derived, "of", ())) if node.derived is not None else ()
    made = (
        f"; {type(node.derived).__name__.lower()} of {' and '.join(f'`{one}`' for one in of)}"
        if of
        else ""
    )
    lines = [
        f"### {node.label} (`{node.name}`)\n",
        f"- **Definition**: {node.unit}; {node.higher_is} where higher; 0 to 100 over {posts}{made}.",
        f"- **Place**: {path}; {format(share, '.4f').lstrip('0')} of the headline.",
        f"- **Source**: {node.source}",
        f"- **Why**: {node.rationale}",
        f"- **Critique**: {CRITIQUE[node.name]}",
        *(
            f"- **Coverage**{label}: {coverage(counts[name])}"
            for name, label in covered_by(node.name, of)
        ),
    ]
    return "\n".join(lines) + "\n"


def covered_by(name: str, of: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the columns whose coverage counts, and what they are called."""
    return [(part, f" of `{part}`") for part in of] or [(name, "")]


def coverage(row: dict[str, str]) -> str:
    """Return how much of the world a column covers."""
    told = f"{row['observed']} observed, {row['censored']} known between bounds, {row['missing']} missing"
    away = row["not applicable"]
    return f"{told}; not applicable: {away}; years {row['years']}; confidence {row['confidence']}."


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
