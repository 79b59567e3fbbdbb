"""Cost of missing cells: a predictive model against weight sharing, and draws against those of complete data.

Each line is a ratio of best times from one run on this machine::

    python benchmarks/missing.py
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

import dsr_risk as dr
from dsr_risk.data.countries import country_table

UNITS, INDICATORS, GROUPS, MISSING = 200, 40, 8, 0.15
AUXILIARY = ["income_group", "region", "log gdp", "log people", "net"]
MODEL = {"method": "regression", "auxiliary": AUXILIARY}
BAR_SCORE, BAR_DRAWS = 3.0, 1 / 3


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Complete and incomplete tables of correlated indicators, with auxiliary columns."""
    rng = np.random.default_rng(0)
    codes = [code for code in country_table().index if code not in ("CHN", "HKG", "MAC")][:UNITS]
    common = rng.standard_normal((UNITS, 4)) @ rng.standard_normal((4, INDICATORS))
    values = np.clip(50 + 15 * (common + rng.standard_normal(common.shape)), 0, 100)
    index = pd.Index(codes, name="iso3")
    whole = pd.DataFrame(values, index, [f"x{place:02}" for place in range(INDICATORS)])
    extra = pd.DataFrame(
        {
            "gdp": np.exp(rng.normal(8, 1, UNITS)),
            "people": np.exp(rng.normal(15, 2, UNITS)),
            "net": rng.uniform(0, 100, UNITS),
        },
        index,
    )
    gaps = whole.mask(rng.random(whole.shape) < MISSING)
    return whole.join(extra), gaps.join(extra)


def framework(missing: Any) -> dr.Framework:
    """Eight groups of five indicators on fixed goalposts."""
    names = [f"x{place:02}" for place in range(INDICATORS)]
    groups = [
        {
            "name": f"g{place}",
            "children": [{"name": name, "higher_is": "riskier"} for name in names[place::GROUPS]],
        }
        for place in range(GROUPS)
    ]
    goalposts = {"method": "goalposts", "low": 0, "high": 100}
    return dr.Framework(
        name="missing",
        defaults={"missing": missing, "normalisation": goalposts},
        context=[{"name": name, "higher_is": "riskier"} for name in ("gdp", "people", "net")],
        scores=[{"name": "risk", "children": groups}],
    )


def seconds(call: Callable[[], object], times: int = 7) -> float:
    """Return the best time of some calls."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        found.append(time.perf_counter() - start)
    return min(found)


def rate(scores: dr.Scores, factors: Mapping[str, Any], draws: int = 4096) -> float:
    """Return draws a second of headline scores and ranks."""

    def call() -> object:
        return dr.uncertainty(scores, draws=draws, factors=factors, nodes="score")

    return draws / seconds(call, 2)


def said(what: str, ratio: float, bar: float, *, most: bool) -> str:
    """Return one line: the ratio, the bar and whether it is met."""
    met = ratio <= bar if most else ratio >= bar
    word = "at most" if most else "at least"
    return f"{what:<66} {ratio:6.2f}   bar: {word} {bar:.2f}   {'met' if met else 'NOT met'}"


def main() -> None:
    """Print the ratios."""
    whole, gaps = tables()
    shared, model = framework("share_weight"), framework(MODEL)
    ready = dr.as_data(gaps)
    for label, data in (("a DataFrame", gaps), ("Data", ready)):
        ratio = seconds(lambda one=data: dr.score(model, one)) / seconds(
            lambda one=data: dr.score(shared, one)
        )
        print(
            said(
                f"fit and score from {label}: regression / weight sharing",
                ratio,
                BAR_SCORE,
                most=True,
            )
        )
    complete, incomplete = dr.score(model, dr.as_data(whole)), dr.score(model, ready)
    weights = {"*.weights": {"method": "spread", "share": 0.25}}
    errors = {**weights, "*.data": {"method": "revision"}}
    for label, factors in (("weights and errors of cells", errors), ("weights alone", weights)):
        ratio = rate(incomplete, factors) / rate(complete, factors)
        print(said(f"draws of {label}: missing cells / complete", ratio, BAR_DRAWS, most=False))


if __name__ == "__main__":
    main()
