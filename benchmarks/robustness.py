"""Dominance of every pair against a linear programme a pair, and reversals of every pair.

200 countries, 40 indicators, 3 levels, weights within 25 %. The full dominance matrix of `dr.robustness`, then
`scipy.optimize.linprog` on a sample of pairs, its time that of all pairs in proportion; the results must be
equal to 1e-9 of the scale. Then the smallest change of weights that reverses each pair::

    python benchmarks/robustness.py

Ratios come from one run on this machine.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
from scipy.optimize import linprog

import dsr_risk as dr
from dsr_risk.analysis.robustness.case import case_of
from dsr_risk.analysis.robustness.gaps import largest_gaps
from dsr_risk.analysis.robustness.programme import indicator_columns, weight_programme
from dsr_risk.analysis.robustness.weight_sets import WeightSet
from dsr_risk.data.countries import country_table

COUNTRIES, INDICATORS, SAMPLE = 200, 40, 150
FASTER, SECONDS, EQUAL = 200.0, 1.0, 1e-7


def scores() -> dr.Scores:
    """Complete scores of a tree of 40 indicators in 8 pillars in 3 groups of a headline."""
    rng = np.random.default_rng(0)
    scale = {"method": "goalposts", "low": 0, "high": 100}
    indicators = [
        {"name": f"x{i}", "higher_is": "riskier", "weight": int(w), "normalisation": scale}
        for i, w in enumerate(rng.integers(1, 6, INDICATORS))
    ]
    middle = [
        {
            "name": f"m{i}",
            "weight": int(rng.integers(1, 6)),
            "children": indicators[5 * i : 5 * i + 5],
        }
        for i in range(8)
    ]
    top = [
        {"name": f"t{i}", "weight": int(rng.integers(1, 6)), "children": middle[3 * i : 3 * i + 3]}
        for i in range(3)
    ]
    framework = dr.Framework(name="benchmark", scores=[{"name": "risk", "children": top}])
    frame = pd.DataFrame(
        rng.uniform(0, 100, (COUNTRIES, INDICATORS)),
        columns=[f"x{i}" for i in range(INDICATORS)],
        index=pd.Index(list(country_table().index[:COUNTRIES]), name="iso3"),
    )
    return dr.score(framework, frame)


def main() -> None:
    """Measure, compare and print."""
    found = scores()
    case = case_of(found, None, WeightSet(), None)
    largest_gaps(case)
    start = time.perf_counter()
    gaps = largest_gaps(case)
    ours = time.perf_counter() - start

    matrix, low, high, width = weight_programme(case)
    columns, equal = indicator_columns(case), low == high
    rng = np.random.default_rng(1)
    worst, start = 0.0, time.perf_counter()
    for first, second in rng.integers(0, COUNTRIES, (SAMPLE, 2)):
        cost = np.zeros(width)
        cost[columns] = case.values[second, columns] - case.values[first, columns]
        done = linprog(
            cost,
            A_ub=-matrix[~equal],
            b_ub=-low[~equal],
            A_eq=matrix[equal],
            b_eq=low[equal],
            bounds=(0, 1),
            method="highs",
        )
        worst = max(worst, abs(done.fun + gaps.most[first, second]))
    theirs = (time.perf_counter() - start) / SAMPLE * COUNTRIES * (COUNTRIES - 1)

    dr.reversals(found)
    start = time.perf_counter()
    dr.reversals(found)
    reversed_ = time.perf_counter() - start
    print(f"dominance of {COUNTRIES} countries: {ours:.3f} s; linprog pair by pair {theirs:.0f} s")
    print(f"ratio {theirs / ours:.0f} (bar {FASTER:.0f}); largest difference {worst:.1e}")
    print(f"reversals of all pairs: {reversed_:.3f} s (bar {SECONDS:.0f} s)")
    assert theirs / ours >= FASTER
    assert worst <= EQUAL
    assert reversed_ < SECONDS


if __name__ == "__main__":
    main()
