"""CPU time of scoring 10,000 synthetic units and one unit through a fitted model.

Run: `python benchmarks/units.py`. Prints milliseconds, the best of 20 runs: `Model.score` of an array with its
frame of values, and the compiled model with and without gradient. Bars: 10,000 units under 20 ms, one under 1 ms.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

import dsr_risk as dr

FRAMEWORK = {
    "name": "synthetic",
    "scores": [
        {
            "name": "risk",
            "children": [
                {
                    "name": f"pillar_{pillar}",
                    "children": [
                        {"name": f"x{pillar}{number}", "higher_is": "riskier"}
                        for number in range(4)
                    ],
                }
                for pillar in range(3)
            ],
        }
    ],
}


def best(run: Callable[[], object], runs: int = 20) -> float:
    """Return the least CPU time of some runs, in milliseconds."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return 1000 * min(times)


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 100, (10_000, 12))
    data = dr.load_data()
    bundled = dr.fit()
    table = data.values[list(bundled.columns)].to_numpy()
    filled = np.where(np.isnan(table), np.nanmedian(table, axis=0), table)
    cases = [
        ("12 indicators", dr.fit(FRAMEWORK, x), x),
        ("bundled framework", bundled, filled[rng.integers(0, len(filled), 10_000)]),
    ]
    print(f"{'ms of CPU time':18} {'score':>8} {'compiled':>9} {'gradient':>9}")
    for name, model, rows in cases:
        compiled = model.compile()
        for label, part in ((f"{name}, 10,000", rows), (f"{name}, 1", rows[:1])):
            figures = (
                best(lambda part=part, model=model: model.score(part).values),  # type: ignore[misc]
                best(lambda part=part, compiled=compiled: compiled(part)),  # type: ignore[misc]
                best(lambda part=part, compiled=compiled: compiled.gradient(part), 5),  # type: ignore[misc]
            )
            print(f"{label:26} " + " ".join(f"{figure:8.2f}" for figure in figures))


if __name__ == "__main__":
    main()
