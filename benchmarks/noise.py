"""Fresh errors on every cell of every draw, 200 countries x 40 indicators, re-normalised per draw.

    python benchmarks/noise.py

The rate is compared with that at which the same bit generator's ``standard_normal`` alone makes as many
normals. One thread; the best of turns counts. The row that needs numba is skipped without it.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.uncertainty import best, missed, run, said, tree
from tests.montecarlo.montecarlo_cases import made_data

from dsr_risk.montecarlo.sampling import stream

DRAWS = 8192
ERRORS = {"*.data": {"method": "standard_error", "absolute": 3.0}}


def normals() -> None:
    """As many normals as the draws need, from the same bit generator (Philox), in blocks that fit."""
    rng = stream(0, "normals", 0)
    for _ in range(DRAWS // 32):
        rng.standard_normal((32, 8000))


if __name__ == "__main__":
    data = made_data(200, 40)
    wide = tree(normalisation={"method": "goalposts", "low": -1000, "high": 1000})
    refit: dict[str, Any] = {"draws": DRAWS, "reference": "refit"}
    jobs: dict[str, Callable[[], object]] = {
        "normals alone": normals,
        "re-normalised": run(tree(), data, ERRORS, **refit),
        "fixed scale": run(tree(), data, ERRORS, draws=DRAWS),
        "closed form": run(wide, data, ERRORS, draws=DRAWS),
    }
    if importlib.util.find_spec("numba"):
        jobs["re-normalised, numba"] = run(tree(), data, ERRORS, engine="numba", **refit)
    t = best(jobs, 5)
    for name, seconds in t.items():
        print(f"  {name:40s} {DRAWS / seconds:12,.0f} draws a second")
    alone = t["normals alone"]
    said("fresh errors, re-normalised, numpy : normals alone", alone / t["re-normalised"], 0.65)
    if "re-normalised, numba" in t:
        said("the same with numba : normals alone", alone / t["re-normalised, numba"], 2)
    else:
        print("numba is not installed: its row is skipped")
    said("closed form where exact : normals alone", alone / t["closed form"], 5)
    sys.exit(1 if missed else 0)
