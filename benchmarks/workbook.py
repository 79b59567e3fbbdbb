"""Time and size of a workbook with live formulas: 200 countries, 40 indicators.

    python benchmarks/workbook.py

It prints both for shared weights and for estimated cells, and the ratio to a plain table of the same scores.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

import dsr_risk as dr
from dsr_risk.data.countries import country_table

COUNTRIES, INDICATORS, MISSING = 200, 40, 0.1


def made(missing: str) -> dr.Scores:
    """Scores of made-up data: two headlines, eight pillars, a tenth of the cells missing."""
    rng = np.random.default_rng(1)
    values = rng.lognormal(size=(COUNTRIES, INDICATORS))
    values[rng.random(values.shape) < MISSING] = np.nan
    names = [f"i{number:02d}" for number in range(INDICATORS)]
    codes = pd.Index(list(country_table().index)[:COUNTRIES], name="iso3")
    posts = {"method": "goalposts", "low": 0, "high": 4}
    pillars = [
        {"name": f"p{start}", "children": [
            {"name": name, "higher_is": "riskier", "normalisation": posts} for name in names[start : start + 5]
        ]}
        for start in range(0, INDICATORS, 5)
    ]  # fmt: skip
    framework = {
        "name": "made", "defaults": {"missing": missing},
        "scores": [{"name": "a", "children": pillars[:4], "aggregation": {"method": "power", "p": 2}},
                   {"name": "b", "children": pillars[4:]}],
    }  # fmt: skip
    return dr.score(framework, pd.DataFrame(values, index=codes, columns=names))


def timed(act: Callable[[], Path]) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and megabytes of the best of three runs."""
    runs = []
    for _ in range(3):
        wall, own = time.perf_counter(), time.process_time()
        path = act()
        size = path.stat().st_size / 1e6
        runs.append((time.perf_counter() - wall, time.process_time() - own, size))
    return min(runs)


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    for missing in ("share_weight", "regression"):
        scores = made(missing)
        wall, own, size = timed(partial(dr.workbook, scores, folder / "live.xlsx"))
        plain = timed(partial(dr.write_table, scores.table("all"), folder / "t.xlsx"))
        print(
            f"{missing}: {wall:.2f} s ({own:.2f} s of processor; bar 5 s), {size:.2f} MB (bar 5 MB); "
            f"{wall / plain[0]:.1f} times a plain table of all nodes ({plain[0]:.2f} s)"
        )


if __name__ == "__main__":
    main()
