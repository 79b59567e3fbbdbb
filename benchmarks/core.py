"""Fit and score against plain pandas and plain numpy; start-up against bare imports.

Each line is a ratio of medians, or of least processor times, from one run on this machine::

    python benchmarks/core.py
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import dsr_risk as dr
from dsr_risk.data.countries import country_table

PILLARS, GROUPS = 4, 10


def framework(indicators: int) -> dr.Framework:
    """Three levels: indicators in ten groups in four pillars, min-max and arithmetic means."""
    names = [f"x{number:03d}" for number in range(indicators)]
    groups = [
        {
            "name": f"group{place}",
            "weight": 1 + place % 3,
            "children": [
                {"name": name, "higher_is": "riskier", "weight": 1 + number % 4}
                for number, name in enumerate(names)
                if number % GROUPS == place
            ],
        }
        for place in range(GROUPS)
    ]
    pillars = [
        {"name": f"pillar{place}", "children": groups[place::PILLARS]} for place in range(PILLARS)
    ]
    return dr.Framework(name="bench", scores=[{"name": "risk", "children": pillars}])


def table(units: int, indicators: int) -> pd.DataFrame:
    """Random data for real countries, over as many years as the units need."""
    codes = country_table().index.to_numpy(dtype=object)[:200]
    years = -(-units // len(codes))
    index = pd.MultiIndex.from_product([codes, range(1800, 1800 + years)], names=["iso3", "year"])
    values = np.random.default_rng(0).gamma(2.0, size=(len(index), indicators))
    frame = pd.DataFrame(values, index=index, columns=[f"x{n:03d}" for n in range(indicators)])[
        :units
    ]
    return frame.droplevel("year") if years == 1 else frame


def plain_pandas(frame: pd.DataFrame, fw: dr.Framework) -> pd.Series:
    """The same scores by a script that checks nothing."""
    values = (frame - frame.min()) / (frame.max() - frame.min()) * 100
    for depth in (2, 1, 0):
        out = {}
        for node in fw.nodes:
            if isinstance(node, dr.Group) and fw.depths[node.name] == depth:
                weights = pd.Series({child.name: child.weight for child in node.children})
                children = values[weights.index]
                out[node.name] = (children * weights).sum(axis=1) / weights.sum()
        values = pd.DataFrame(out)
    return values["risk"].rank(ascending=False, method="min")


def plain_numpy(values: np.ndarray) -> np.ndarray:
    """Copy and min-max."""
    copy = values.copy()
    low, high = copy.min(axis=0), copy.max(axis=0)
    copy -= low
    copy /= high - low
    return copy


def scored(frame: pd.DataFrame, fw: dr.Framework) -> pd.DataFrame:
    """Fit, score and rank, everything checked."""
    return dr.score(fw, frame).rank


def seconds(function: Callable[[], object], repeats: int) -> float:
    """The median time of a call after one warm-up."""
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def process_seconds(code: list[str], repeats: int = 7) -> float:
    """The median time of a whole process."""
    return seconds(lambda: subprocess.run(code, check=True, capture_output=True), repeats)


def processor_seconds(*codes: list[str], repeats: int = 10) -> list[float]:
    """The least processor time (user and system) of whole processes, run in turn, compiled files kept."""
    times: list[list[float]] = [[] for _ in codes]
    with tempfile.TemporaryDirectory() as folder:
        kept = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        for _ in range(repeats + 1):
            for code, spent in zip(codes, times, strict=True):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run(code, check=True, capture_output=True, env=kept)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return [min(spent[1:]) for spent in times]


def main() -> None:
    """Print every ratio with the bar it has to keep."""
    fw, frame = framework(40), table(200, 40)
    assert np.allclose(plain_pandas(frame, fw), scored(frame, fw)["risk"])
    ours, plain = (
        seconds(lambda: scored(frame, fw), 21),
        seconds(lambda: plain_pandas(frame, fw), 21),
    )
    print(f"200 x 40, fit + score / plain pandas: {ours / plain:.2f} (bar 5); {ours * 1e3:.1f} ms")

    fw, frame = framework(100), table(50_000, 100)
    values = frame.to_numpy()
    ours, plain = seconds(lambda: scored(frame, fw), 5), seconds(lambda: plain_numpy(values), 9)
    print(
        f"50,000 x 100, fit + score / numpy copy + min-max: {ours / plain:.1f} (bar 15); {ours:.2f} s"
    )

    python = sys.executable
    ours = process_seconds([python, "-c", "import dsr_risk"])
    plain = process_seconds([python, "-c", "import pandas, pydantic"])
    print(
        f"import dsr_risk / import pandas, pydantic: {ours / plain:.2f} (bar 1.4); {ours * 1e3:.0f} ms"
    )
    ours = process_seconds([python, "-m", "dsr_risk", "--help"])
    plain = process_seconds([python, "-c", "import pandas"])
    print(f"dsr-risk --help / import pandas: {ours / plain:.2f} (bar 2); {ours * 1e3:.0f} ms")
    score = [python, "-m", "dsr_risk", "score"]
    ours, drawn, plain = processor_seconds(
        score, [*score, "--draws", "10000"], [python, "-c", "import pandas"]
    )
    print(
        f"dsr-risk score / import pandas, processor time: {ours / plain:.2f} (bar 1.8); {ours * 1e3:.0f} ms"
    )
    print(
        f"dsr-risk score --draws 10000 / dsr-risk score, processor time: {drawn / ours:.2f} (bar 3); {drawn:.1f} s"
    )


if __name__ == "__main__":
    main()
