"""Rates of the uncertainty analysis on 200 countries x 40 indicators x 3 levels, as ratios of one run.

    python benchmarks/uncertainty.py [--quick]

One thread unless said. Each line prints what is compared, the ratio measured and the ratio asked for;
the exit code is 1 if any is missed. The rates being compared are of processor time, measured in turns, and
the best of the turns counts: other work on the machine bears on both. Only two workers are timed by the
clock. Rows that need numba, or COINr's ASEM tables (DSR_RISK_SHARED), are skipped without them.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.montecarlo.montecarlo_cases import made_data, made_framework

import dsr_risk as dr

QUICK = "--quick" in sys.argv
DRAWS = 65_536 if QUICK else 262_144
TURNS = 3 if QUICK else 7
WEIGHTS = {"*.weights": {"method": "spread", "share": 0.25}}
POWER = {"method": "power", "p": 2}
NORMALISATIONS = ["minmax", "zscore", "rank", "percentile_rank"]
MEANS = ["arithmetic", "geometric", "harmonic"]
SWITCHING = {
    "*.normalisation": {"method": "choice", "options": NORMALISATIONS},
    "*.aggregation": {"method": "choice", "options": MEANS},
}
missed: list[str] = []
SAVED = Path(__file__).parent / "results" / "uncertainty.json"
"""What ``--save`` writes; `scripts/speed_tables.py` makes the table of docs/uncertainty.md from it."""
figures: dict[str, Any] = {}


def said(what: str, ratio: float, wanted: float, *, below: bool = False) -> None:
    """One line of the table."""
    good = ratio <= wanted if below else ratio >= wanted
    if not good:
        missed.append(what)
    word = "at most" if below else "at least"
    print(f"{what:76s} {ratio:9.3f}   {word} {wanted:.3f}   {'ok' if good else 'MISSED'}")


def best(jobs: dict[str, Callable[[], object]], turns: int = TURNS) -> dict[str, float]:
    """The shortest processor time of every job, measured in turns."""
    for job in jobs.values():
        job()
    times: dict[str, float] = dict.fromkeys(jobs, np.inf)
    for _ in range(turns):
        for name, job in jobs.items():
            start = time.process_time()
            job()
            times[name] = min(times[name], time.process_time() - start)
    return times


def bare(draws: int) -> Callable[[], None]:
    """Nothing but the matrix product and the sort of the same draws, in blocks that fit the cache."""
    rng = np.random.default_rng(0)
    weights, z = rng.random((draws, 40)), rng.random((200, 40)) * 100

    def run() -> None:
        for start in range(0, draws, 1024):
            np.sort(weights[start : start + 1024] @ z.T, axis=1)

    return run


def loop(draws: int) -> Callable[[], None]:
    """A plain loop over draws: normalise, three levels of weighted means, ranks; quantiles at the end."""
    from scipy.stats import rankdata

    rng = np.random.default_rng(0)
    raw = rng.standard_normal((200, 40))
    groups = np.array_split(np.arange(40), 8)
    pillars = np.array_split(np.arange(8), 3)

    def run() -> None:
        ranks = np.empty((draws, 200))
        for draw in range(draws):
            low, high = raw.min(axis=0), raw.max(axis=0)
            z = 100 * (raw - low) / (high - low)
            w = [1 + 0.25 * (2 * rng.random(n) - 1) for n in (40, 8, 3)]
            g = np.stack([z[:, i] @ w[0][i] / w[0][i].sum() for i in groups], axis=1)
            p = np.stack([g[:, i] @ w[1][i] / w[1][i].sum() for i in pillars], axis=1)
            ranks[draw] = rankdata(-(p @ w[2] / w[2].sum()), method="min")
        np.quantile(ranks, [0.05, 0.5, 0.95], axis=0)

    return run


def run(
    framework: dr.Framework, data: Any, factors: Any = WEIGHTS, **options: Any
) -> Callable[[], object]:
    """A whole analysis: compile, draw, rank, count."""
    settings = {"draws": DRAWS, "nodes": "score", "pairs": False, "bins": 0, **options}
    return lambda: dr.uncertainty(framework, data, factors=factors, **settings)


def tree(**methods: Any) -> dr.Framework:
    """The standard tree: 40 indicators, 8 groups, 3 pillars, one score."""
    return made_framework(40, 8, 3, **methods)


def rates() -> None:
    """The rows of weights, means, choices and gaps."""
    data, gaps = made_data(200, 40), made_data(200, 40, missing=0.3)
    mixed = tree(top="geometric", middle=POWER, bottom=("arithmetic", "geometric", POWER))
    jobs: dict[str, Callable[[], object]] = {
        "bare": bare(DRAWS),
        "loop": loop(DRAWS // 128),
        "numpy": run(tree(), data),
        "numpy, quantiles": run(tree(), data, bins=1000),
        "numpy, quantiles and pairs": run(tree(), data, bins=1000, pairs=True, draws=DRAWS // 8),
        "geometric top": run(tree(top="geometric"), data),
        "geometric top, quantiles": run(tree(top="geometric"), data, bins=1000),
        "mixed": run(mixed, data),
        "switching": run(tree(), data, {**WEIGHTS, **SWITCHING}),
        "gaps": run(tree(), gaps),
    }
    if importlib.util.find_spec("numba"):
        jobs["numba"] = run(tree(), data, engine="numba")
        jobs["numba, quantiles"] = run(tree(), data, engine="numba", bins=1000)
        jobs["numba, quantiles and pairs"] = run(
            tree(), data, engine="numba", bins=1000, pairs=True, draws=DRAWS // 8
        )
        jobs["numba, geometric top"] = run(tree(top="geometric"), data, engine="numba")
        jobs["numba32"] = run(tree(), data, engine="numba32")
        jobs["numba32, quantiles"] = run(tree(), data, engine="numba32", bins=1000)
    t = best(jobs)
    t["loop"] *= 128
    for name in ("numpy, quantiles and pairs", "numba, quantiles and pairs"):
        if name in t:
            t[name] *= 8
    for name, seconds in t.items():
        print(f"  {name:40s} {DRAWS / seconds:12,.0f} draws a second")
        figures[name] = round(DRAWS / seconds)
    said("arithmetic, ranks and histograms : bare product and sort", t["bare"] / t["numpy"], 0.45)
    said("arithmetic, ranks and histograms : plain loop over draws", t["loop"] / t["numpy"], 60)
    share = t["bare"] / t["numpy, quantiles"]
    print(f"{'  the same with quantiles and bands of scores':76s} {share:9.3f}")
    if "numba" in t:
        said("the same with numba : bare product and sort", t["bare"] / t["numba"], 0.65)
        share = t["bare"] / t["numba, quantiles and pairs"]
        said("with quantiles and pairs, numba : bare product and sort", share, 0.25)
        said("single precision : double, both with numba", t["numba"] / t["numba32"], 1.4)
        share = t["numba, quantiles"] / t["numba32, quantiles"]
        said("single precision : double, with quantiles and bands of scores", share, 1.4)
        said("ranks that single precision moves", moved(data), 2e-5, below=True)
    else:
        print("numba is not installed: its row is skipped")
    share = t["bare"] / t["numpy, quantiles and pairs"]
    said("with quantiles and pairs : bare product and sort", share, 0.15)
    alone = t["numpy"]
    said("geometric at the top : arithmetic", alone / t["geometric top"], 2 / 3)
    share = t["numpy, quantiles"] / t["geometric top, quantiles"]
    print(f"{'  both with quantiles and bands of scores':76s} {share:9.3f}")
    if "numba" in t:
        for base in ("numpy", "numba"):
            share = t[base] / t["numba, geometric top"]
            print(
                f"{f'  geometric at the top with numba : arithmetic with {base}':76s} {share:9.3f}"
            )
    said("mixed arithmetic, geometric, power : arithmetic", alone / t["mixed"], 1 / 4)
    said("four normalisations x three means : one method", alone / t["switching"], 0.6)
    said("30 % of cells missing : complete", alone / t["gaps"], 1 / 8)


def moved(data: Any) -> float:
    """Return the share of rank counts that differ between single and double precision."""
    double, single = (
        run(tree(), data, engine=engine)()._counts.counts.ranks  # type: ignore[attr-defined]
        for engine in ("numba", "numba32")
    )
    return float(np.abs(double - single).sum() / 2 / double.sum())


PEAK = """
import resource, sys
sys.path.insert(0, {root!r})
import dsr_risk as dr
from tests.montecarlo.montecarlo_cases import made_data, made_framework
dr.uncertainty(made_framework(40, 8, 3), made_data(200, 40), draws={draws},
               factors={{"*.weights": {{"method": "spread", "share": 0.25}}}}, pairs={pairs})
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def memory() -> None:
    """Peak memory of a million draws against ten thousand, each in a process of its own."""
    root = str(Path(__file__).parents[1])
    peaks = []
    for draws in (10_000, 1_000_000):
        code = PEAK.format(root=root, draws=draws, pairs=draws == 10_000)
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        peaks.append(int(done.stdout))
    print(f"  peak memory {peaks[0] / 1024:.0f} MiB and {peaks[1] / 1024:.0f} MiB")
    said("peak memory of 1,000,000 draws : 10,000 draws", peaks[1] / peaks[0], 1.5, below=True)


def workers() -> None:
    """Two processes against one on a run of ten seconds or more."""
    factors = {**WEIGHTS, "*.data": {"method": "standard_error", "relative": 0.05}}
    settings: dict[str, Any] = {"draws": 100_000, "nodes": "score", "pairs": False}
    if QUICK:
        settings["draws"] = 12_000
    framework, data = tree(), made_data(200, 40)
    start = time.perf_counter()
    dr.uncertainty(framework, data, factors=factors, **settings)
    one = time.perf_counter() - start
    with ProcessPoolExecutor(2) as pool:
        start = time.perf_counter()
        dr.uncertainty(framework, data, factors=factors, executor=pool, **settings)
        two = time.perf_counter() - start
    print(f"  one process {one:.1f} s, two workers {two:.1f} s")
    figures["two workers"] = round(one / two, 2)
    said("two workers : one", one / two, 1.4)


def asem() -> None:
    """COINr's four-factor design, 2,000 draws, every treatment fitted, against its time in TIMES.md."""
    from tests.analysis.uncertainty import test_asem_replay as replay

    shared = Path(os.environ.get("DSR_RISK_SHARED", Path(__file__).parents[2] / "shared"))
    place = shared / "reference"
    if not (place / "asem_iMeta.csv").is_file():
        print("ASEM tables are absent (DSR_RISK_SHARED): the row is skipped")
        return
    framework, data = replay.asem(place)
    factors = replay.four_factors()
    seconds = best(
        {
            "asem": lambda: dr.uncertainty(
                framework, data, draws=2000, factors=factors, nodes="score"
            )
        },
        3,
    )["asem"]
    print(f"  ASEM, 2,000 draws, treatments included: {seconds:.3f} s")
    figures["asem seconds"] = round(seconds, 3)
    said("COINr's time (229 s, its fastest run) : this", 229 / seconds, 500)


if __name__ == "__main__":
    rates()
    memory()
    asem()
    workers()
    if "--save" in sys.argv:
        SAVED.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    sys.exit(1 if missed else 0)
