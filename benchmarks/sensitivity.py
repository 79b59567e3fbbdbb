"""Sobol' indices of every country against SALib, country by country, on the same outputs.

60 factors (51 weights and 9 inert inputs), n = 4096, 200 countries, 100 bootstrap resamples, float64. Then the
whole of `sensitivity` on a framework with 60 factors, sampling, scoring and ranking included::

    pip install SALib
    python benchmarks/sensitivity.py

SALib's time is that of ten countries times twenty. Ratios come from one run on this machine.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import dsr_risk as dr
from dsr_risk.analysis.sensitivity.analysis import sensitivity
from dsr_risk.data.countries import country_table
from dsr_risk.sobol import saltelli_points, sobol_indices

FACTORS, WEIGHTS, ROWS, COUNTRIES, RESAMPLES, MEASURED = 60, 51, 4096, 200, 100, 10
BAR = 60.0


def model(u: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Scores (rows, countries) of a 40 -> 8 -> 3 -> 1 tree, all weights drawn within 25 %."""
    weights = 0.75 + 0.5 * u[:, :WEIGHTS]
    indicator, middle, top = weights[:, :40], weights[:, 40:48], weights[:, 48:51]
    indicator = indicator.reshape(-1, 8, 5)
    share = indicator / indicator.sum(axis=2, keepdims=True)
    edges = np.array([0, 3, 6])
    middle_share = middle / np.repeat(np.add.reduceat(middle, edges, axis=1), [3, 3, 2], axis=1)
    top_share = np.repeat(top / top.sum(axis=1, keepdims=True), [3, 3, 2], axis=1)
    effective = share * (middle_share * top_share)[:, :, None]
    scores: np.ndarray = effective.reshape(-1, 40) @ data
    return scores


def outputs() -> np.ndarray:
    """(n, d + 2, countries) in SALib's order: A, A with one column of B, ..., B."""
    data = np.random.default_rng(0).random((40, COUNTRIES)) * 100
    a, b = saltelli_points(FACTORS, ROWS)
    y = np.empty((ROWS, FACTORS + 2, COUNTRIES))
    y[:, 0], y[:, -1] = model(a, data), model(b, data)
    for factor in range(FACTORS):
        mixed = a.copy()
        mixed[:, factor] = b[:, factor]
        y[:, 1 + factor] = model(mixed, data)
    return y


def whole() -> None:
    """One run for the score and the rank of every country."""
    scale = {"method": "goalposts", "low": 0, "high": 100}
    indicators = [
        {"name": f"x{place}", "higher_is": "riskier", "normalisation": scale} for place in range(90)
    ]
    low = [
        {"name": f"g{place}", "children": indicators[2 * place : 2 * place + 2]}
        for place in range(45)
    ]
    middle = [
        {"name": f"m{place}", "children": low[3 * place : 3 * place + 3]} for place in range(15)
    ]
    fw = dr.Framework(name="bench", scores=[{"name": "risk", "children": middle}])
    spread = {"method": "spread", "share": 0.25}
    factors = {f"{one['name']}.weights": spread for one in (*low, *middle)}
    data = pd.DataFrame(
        np.random.default_rng(0).random((COUNTRIES, 90)) * 100,
        index=pd.Index(country_table().index[:COUNTRIES], name="iso3"),
        columns=[one["name"] for one in indicators],
    )
    found = sensitivity(
        fw, data, n=ROWS, factors=factors, nodes="score", shapley="none", resamples=RESAMPLES
    )
    assert len(found.factors) == FACTORS


def seconds(function: Callable[[], object], repeats: int) -> float:
    """The median time of a call after one warm-up."""
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Print the ratio with the bar it has to keep, and the largest difference from SALib."""
    from SALib.analyze import sobol as peer

    y = outputs()
    each = np.moveaxis(y[:, 1:-1], 1, 0)
    ours = seconds(lambda: sobol_indices(y[:, 0], y[:, -1], each, resamples=RESAMPLES), 5)
    found = sobol_indices(y[:, 0], y[:, -1], each, resamples=RESAMPLES)

    problem = {
        "num_vars": FACTORS,
        "names": [f"x{number}" for number in range(FACTORS)],
        "bounds": [[0, 1]] * FACTORS,
    }
    start = time.perf_counter()
    theirs = [
        peer.analyze(
            problem,
            np.ascontiguousarray(y[:, :, country]).reshape(-1),
            calc_second_order=False,
            num_resamples=RESAMPLES,
            seed=1,
        )
        for country in range(MEASURED)
    ]
    peer_seconds = (time.perf_counter() - start) / MEASURED * COUNTRIES
    first = np.column_stack([one["S1"] for one in theirs])
    total = np.column_stack([one["ST"] for one in theirs])
    away = max(
        float(np.abs(found.first[:, :MEASURED] - first).max()),
        float(np.abs(found.total[:, :MEASURED] - total).max()),
    )
    width = np.column_stack([one["S1_conf"] for one in theirs]) / 1.959963984540054
    moving = width > 1e-3
    ratio = float(np.median(found.first_error[:, :MEASURED][moving] / width[moving]))
    print(
        f"{FACTORS} factors, n = {ROWS}, {COUNTRIES} countries, {RESAMPLES} resamples: SALib "
        f"{peer_seconds:.0f} s / ours {ours:.2f} s = {peer_seconds / ours:.0f} (bar {BAR:.0f})"
    )
    took = seconds(whole, 3)
    print(
        f"the same through `sensitivity`, scores and ranks, sampled and scored: {took:.1f} s; SALib's "
        f"analyze of as many outputs {2 * peer_seconds:.0f} s = {2 * peer_seconds / took:.0f}"
    )
    print(f"largest difference of S1 and ST from SALib: {away:.1e} (bar 1e-9)")
    print(f"bootstrap standard error of S1, ours / SALib's, median: {ratio:.2f}")


if __name__ == "__main__":
    main()
