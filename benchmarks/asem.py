"""The whole ASEM construction against COINr's, and benefit of the doubt on 200 countries x 10.

    python benchmarks/asem.py [FOLDER]

FOLDER holds COINr's ``asem_iMeta.csv`` and ``asem_iData.csv``. One construction is denominate, impute,
treat, normalise and aggregate 49 indicators of 51 countries over four levels: what COINr 1.1.14 does in
``Regen`` in 0.092 s on the same kind of machine. Exit code 1 if a limit is missed.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dsr_risk as dr
from dsr_risk import readers

COINR_SECONDS = 0.092
FASTER = 10
BOD_SECONDS = 2.0
REPEATS = 41


def seconds(work: Callable[[], object], repeats: int) -> float:
    """The median time of one call."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def construction(folder: Path) -> Callable[[], object]:
    """One construction from data in memory."""
    coin = readers.coinr(folder / "asem_iMeta.csv", folder / "asem_iData.csv")
    plain: dict[str, Any] = coin.framework
    group = coin.groups["EurAsia_group"]
    plain["peers"] = {name: sorted(group.index[group == name]) for name in group.unique()}
    plain["defaults"] |= {
        "imputation": {"method": "mean", "by": "peers"},
        "treatment": "gate",
    }
    framework = dr.Framework.from_dict(plain)
    data = dr.as_data(coin.data)
    return lambda: dr.score(framework, data)
