"""Draw the pictures of docs/plots.md and of the README anew, and write the gallery of the page.

python scripts/gallery.py [NAME ...]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd

import dsr_risk as dr

mpl.use("agg")

DOCS = Path(__file__).resolve().parents[1] / "docs"
FOLDER = DOCS / "pictures"
PAGE = DOCS / "plots.md"
START, END = "<!-- gallery: written by scripts/gallery.py -->", "<!-- end of the gallery -->"
MOST = 200_000
"""Bytes of one picture at most."""

PICTURES = {
    "ranking": ("Ranking with intervals of draws and bands", "u.plot(top=30)"),
    "quadrant": ("Dependency against security", "dr.plots.quadrant(scores)"),
    "world_map": ("Bands; hatched where there is no score", "dr.plots.world_map(scores)"),
    "contributions": ("Contributions of pillars", "dr.plots.contributions(scores, top=20)"),
    "heat_map": ("Pillars by country", "dr.plots.heat_map(scores, top=30)"),
    "waterfall": (
        "From one country to another, indicator by indicator",
        'dr.explain(scores, "PAK", against="KEN").plot()',
    ),
    "framework_tree": ("The framework with its weights", "scores.framework.plot()"),
    "acceptability": ("How often each rank is taken", "dr.plots.acceptability(u)"),
    "rank_intervals": (
        "Ranks that are possible under a set of weights",
        'dr.robustness(scores, score="security", spread=0.25).plot(top=30)',
    ),
    "rank_changes": ("Changes that move a rank", 'dr.fragility(scores, "PAK").plot()'),
    "weight_arrows": (
        "Weights at which two countries tie",
        'dr.reversal(scores, "PAK", "KEN", score="security").plot()',
    ),
    "ranks_by_set": (
        "Ranks under the weights of several people",
        "dr.stakeholders(scores, people).plot(top=20)",
    ),
    "outranking": ("Flows of pairwise comparison", "dr.outranking(scores).plot(top=30)"),
    "effects": ("What decides: effects of factors", "s.plot()"),
    "convergence": ("Effects as the sample grows", "dr.plots.convergence(s)"),
    "tornado": (
        "One factor at a time from low to high",
        'dr.plots.tornado(dr.tornado(scores, "PAK"))',
    ),
    "information": ("Cells worth knowing", 'dr.value_of_information(scores, "PER").plot()'),
    "elasticities": (
        "What a score follows most closely",
        'dr.plots.elasticities(dr.elasticities(scores, "KEN"))',
    ),
    "best_case": (
        "Distance from the safest countries, with the weights that suit each country best",
        "dr.plots.best_case(dr.best_case(scores))",
    ),
    "ranks_without": (
        "Ranks without each indicator",
        "dr.plots.ranks_without(dr.leave_one_out(scores))",
    ),
    "weight_swings": (
        "How far scores move with each weight",
        "dr.plots.weight_swings(dr.weight_swings(scores))",
    ),
    "reversals": (
        "Pairs whose order is least certain",
        "dr.plots.reversals(dr.reversals(scores), top=20)",
    ),
    "crosswalk": (
        "Who is scored, and why not",
        'dr.plots.crosswalk(dr.crosswalk(scores), score="security")',
    ),
    "trends": (
        "Trends of the series of a panel",
        "dr.plots.trends(dr.trends(panel.framework, panel.data), top=12)",
    ),
    "correlation": ("Correlation within groups", "dr.audit(scores).plot()"),
    "scenario_arrows": ("Before and after a policy", 'dr.scenario(scores, "debt_relief").plot()'),
    "stress_matrix": (
        "Countries by scenarios",
        'dr.stress_test(scores, ["debt_relief", "decoupling"]).plot()',
    ),
    "supplier_shares": ("Shares of suppliers", "dr.plots.supplier_shares(shares)"),
    "trend_lines": (
        "Scores over the years of a panel",
        'dr.plots.trend_lines(panel, ["KEN", "PAK", "VNM"])',
    ),
    "hindsight": (
        "Scores as they were made, and in hindsight",
        "dr.replay(panel.framework, panel.data).plot()",
    ),
}
"""Caption and call of every picture, by the function of ``dsr_risk.plots`` that draws it."""


def drawn_from() -> dict[str, Any]:
    """Return what the calls name."""
    scores = dr.score()
    shares = [("KEN", "A", 0.6), ("KEN", "B", 0.3), ("PAK", "A", 0.8), ("GHA", "B", 0.5)]
    return {
        "dr": dr,
        "scores": scores,
        "u": dr.uncertainty(scores, draws=500),
        "s": dr.sensitivity(scores, n=256),
        "people": PEOPLE,
        "shares": pd.DataFrame(shares, columns=["country", "supplier", "share"]),
        "panel": panel(),
    }


PEOPLE = {
    "supply first": {"digital_supply": 0.6},
    "debt first": {"debt_exposure": 0.6},
}


def panel() -> dr.Scores:
    """Score a simulated panel of five countries and ten years."""
    rng = np.random.default_rng(0)
    rows = [
        (code, year, 40 + 3 * i + (year - 2015) * (i - 2) + rng.normal(0, 1))
        for i, code in enumerate(["KEN", "PAK", "GHA", "PER", "VNM"])
        for year in range(2015, 2025)
    ]
    children = [{"name": "debt", "higher_is": "riskier"}]
    framework = {"name": "panel", "scores": [{"name": "risk", "children": children}]}
    return dr.score(framework, pd.DataFrame(rows, columns=["iso3", "year", "debt"]))


def gallery() -> str:
    """Return the gallery of the page: function, call and picture."""
    return "\n".join(
        f"### {name}\n\n{caption}: `{call}`\n\n![{caption}](pictures/{name}.png)\n"
        for name, (caption, call) in PICTURES.items()
    )


def write_page() -> None:
    """Write the gallery into the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.split(START)[0], text.split(END)[1]
    PAGE.write_text(f"{before}{START}\n\n{gallery()}\n{END}{after}", encoding="utf-8")


def main(wanted: list[str]) -> int:
    """Write every picture, or those wanted; fail if one is too large."""
    FOLDER.mkdir(exist_ok=True)
    names = drawn_from()
    for name in wanted or PICTURES:
        target = FOLDER / f"{name}.png"
        figure = eval(PICTURES[name][1], names).get_figure(root=True)
        figure.savefig(target, dpi=80, metadata={"Software": None})
        mpl.pyplot.close(figure)
        if target.stat().st_size > MOST:
            raise SystemExit(f"{target}: {target.stat().st_size} bytes, at most {MOST}")
    write_page()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
