"""Draw the pictures of docs/plots.md and of the README anew, from the bundled data.

python scripts/gallery.py
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl

import dsr_risk as dr

mpl.use("agg")

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
MOST = 200_000
"""Bytes of one picture at most."""


def pictures() -> dict[str, Callable[[], Any]]:
    """Every picture of the gallery by file name."""
    scores = dr.score()
    drawn = dr.uncertainty(scores, draws=500)
    plots = dr.plots
    return {
        "ranking": lambda: drawn.plot(top=30),
        "quadrant": lambda: plots.quadrant(scores),
        "world_map": lambda: plots.world_map(scores),
        "contributions": lambda: plots.contributions(scores, top=20),
        "heat_map": lambda: plots.heat_map(scores, top=30),
        "waterfall": lambda: dr.explain(scores, "PAK", against="KEN").plot(),
        "framework_tree": lambda: scores.framework.plot(),
        "acceptability": lambda: plots.acceptability(drawn),
        "fragility": lambda: dr.fragility(scores, "PAK").plot(),
    }


def main() -> int:
    """Write every picture; fail if one is too large."""
    FOLDER.mkdir(exist_ok=True)
    for name, draw in pictures().items():
        target = FOLDER / f"{name}.png"
        figure = draw().get_figure(root=True)
        figure.savefig(target, dpi=80, metadata={"Software": None})
        mpl.pyplot.close(figure)
        if target.stat().st_size > MOST:
            raise SystemExit(f"{target}: {target.stat().st_size} bytes, at most {MOST}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
