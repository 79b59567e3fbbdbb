"""A scenario against a plain score; thirteen levers on all countries against one uncertainty run.

On the bundled framework and data::

    python benchmarks/scenarios.py

Ratios come from one run on this machine, medians of five for the short ones.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import dsr_risk as dr
from dsr_risk.analysis.scenario.ranges import common_draws

DRAWS = 1000
PLAIN, LEVERS = 1.5, 15.0
SPECS: dict[str, dict[str, object]] = {
    "restrict_hrv": {},
    "supplier_swap": {"layer": "imports", "from": "CHN", "to": "ITA", "points": 0.05},
    "new_entrant": {"layer": "imports", "share": 0.1, "supplier": "Samsung"},
    "debt_renegotiation": {"haircut": 0.2},
    "new_loan_package": {"amount": 1e9, "digital_share": 0.3},
    "sanction_supplier": {},
    "incident_shock": {},
    "decoupling": {},
    "standards_adoption": {"uptake": 0.2},
    "safe_city_rollout": {},
    "dp_reform": {"authority": True, "safeguards": "-10 %"},
    "digital_assistance": {"uptake": 0.2},
    "takeover": {"stake": 0.3, "before": 0.1},
}


def median_of(call: Callable[[], object], times: int = 5) -> float:
    """Seconds, the median of several runs after one to warm up."""
    call()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    """Measure and print."""
    framework, data = dr.load_framework(), dr.load_data()
    scores = dr.score(framework, data)
    plain = median_of(lambda: dr.score(framework, data))
    shock = median_of(lambda: dr.scenario(scores, "new_package"))
    print(f"plain score {plain:.3f} s; scenario {shock:.3f} s: ratio {shock / plain:.2f}")

    dr.uncertainty(framework, data, draws=DRAWS)
    start = time.perf_counter()
    dr.uncertainty(framework, data, draws=DRAWS)
    once = time.perf_counter() - start
    start = time.perf_counter()
    base = common_draws(scores, DRAWS, 0)
    for name, options in SPECS.items():
        found = dr.scenario(scores, {"levers": [{"lever": name, **options}]}, countries="all")
        found.ranges(draws=DRAWS, base=base)
    every = time.perf_counter() - start
    print(
        f"uncertainty {once:.2f} s; {len(SPECS)} levers on {len(data)} countries, {DRAWS} common draws "
        f"{every:.2f} s: ratio {every / once:.1f}"
    )
    assert shock / plain <= PLAIN
    assert every / once <= LEVERS


if __name__ == "__main__":
    main()
