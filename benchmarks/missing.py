"""Cost of missing cells: a predictive model against weight sharing, and draws against those of complete data.

Each line is a ratio of the least processor times of one run, measured in turns, on one thread::

    python benchmarks/missing.py
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from collections.abc import Callable, Mapping
from functools import partial
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
    whole = pd.DataFrame(values, index, [f"x{number:02}" for number in range(INDICATORS)])
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
    names = [f"x{number:02}" for number in range(INDICATORS)]
    groups = [
        {
            "name": f"g{number}",
            "children": [{"name": name, "higher_is": "riskier"} for name in names[number::GROUPS]],
        }
        for number in range(GROUPS)
    ]
    goalposts = {"method": "goalposts", "low": 0, "high": 100}
    return dr.Framework(
        name="missing",
        defaults={"missing": missing, "normalisation": goalposts},
        context=[{"name": name, "higher_is": "riskier"} for name in ("gdp", "people", "net")],
        scores=[{"name": "risk", "children": groups}],
    )


def ratio(call: Callable[[], object], other: Callable[[], object], times: int = 15) -> float:
    """Return the least processor time of one call over that of another, measured in turns."""
    least = [np.inf, np.inf]
    for _ in range(times):
        for number, timed in enumerate((call, other)):
            start = time.process_time()
            timed()
            least[number] = min(least[number], time.process_time() - start)
    return least[0] / least[1]


def drawing(scores: dr.Scores, factors: Mapping[str, Any]) -> Callable[[], object]:
    """Return a call that draws headline scores and ranks."""
    return lambda: dr.uncertainty(scores, draws=4096, factors=factors, nodes="score")


def line(what: str, value: float, bar: float, *, most: bool) -> str:
    """Return one line: the ratio, the bar and whether it is met."""
    met = value <= bar if most else value >= bar
    word = "at most" if most else "at least"
    return f"{what:<66} {value:6.2f}   bar: {word} {bar:.2f}   {'met' if met else 'NOT met'}"


def fit_then_score(framework: dr.Framework, data: Any) -> dr.Scores:
    """Return the scores of a model learned from the data themselves."""
    return dr.fit(framework, data).score(data)


def main() -> None:
    """Print the ratios."""
    whole, gaps = tables()
    shared, model = framework("share_weight"), framework(MODEL)
    ready = dr.as_data(gaps)
    for label, data in (("a DataFrame", gaps), ("Data", ready)):
        value = ratio(partial(dr.score, model, data), partial(dr.score, shared, data))
        what = f"fit and score at once, {label}: regression / weight sharing"
        print(line(what, value, BAR_SCORE, most=True))
        value = ratio(
            partial(fit_then_score, model, data),
            partial(fit_then_score, shared, data),
        )
        what = f"fit, then score, {label}: regression / weight sharing"
        print(line(what, value, BAR_SCORE, most=True))
    complete, incomplete = dr.score(model, dr.as_data(whole)), dr.score(model, ready)
    weights = {"*.weights": {"method": "spread", "share": 0.25}}
    errors = {**weights, "*.data": {"method": "revision"}}
    for label, factors in (("weights and errors of cells", errors), ("weights alone", weights)):
        value = ratio(drawing(complete, factors), drawing(incomplete, factors), 3)
        print(line(f"draws of {label}: missing cells / complete", value, BAR_DRAWS, most=False))


if __name__ == "__main__":
    main()
