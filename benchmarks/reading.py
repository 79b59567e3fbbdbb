"""Time `read_data` and `dsr-risk check` of a table of 50 MB against what pandas needs to parse it.

Run: python benchmarks/reading.py [--megabytes 50]. The bar is a ratio below 10 of both, from one run, in
time of the processor. `cells` has 30 indicators of a framework; the indicators of the other layouts are
thousands, of which the framework knows 30: `check` refuses the rest.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from click.testing import CliRunner

import dsr_risk as dr
from dsr_risk.cli.main import main as command
from dsr_risk.data.countries import country_table

BAR = 10.0
ITEMS = 30


def wide(megabytes: float) -> pd.DataFrame:
    """Return a wide table: every country, as many columns as fill the file."""
    countries = country_table().index.to_numpy()
    columns = max(2, int(megabytes * 1e6 / len(countries) / 9))
    rng = np.random.default_rng(0)
    block = rng.uniform(0, 100, (len(countries), columns)).round(5)
    frame = pd.DataFrame(block, columns=[f"item_{n}" for n in range(columns)])
    return pd.concat([pd.Series(countries, name="iso3"), frame], axis=1)


def long(megabytes: float) -> pd.DataFrame:
    """Return a long table of the same size: one row a cell."""
    countries = country_table().index.to_numpy()
    rows = int(megabytes * 1e6 / 33)
    items = -(-rows // len(countries))
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product([[f"item_{n}" for n in range(items)], countries])[:rows]
    return pd.DataFrame({
        "iso3": index.get_level_values(1),
        "indicator": index.get_level_values(0),
        "value": rng.uniform(0, 100, rows).round(5),
        "year": 2024,
        "source": "a register",
    })  # fmt: skip


def panel(megabytes: float) -> pd.DataFrame:
    """Return a long table of 34 years: one row a country, year and indicator."""
    countries, years = country_table().index.to_numpy(), np.arange(1990, 2024)
    rows = int(megabytes * 1e6 / 25)
    items = [f"item_{n}" for n in range(-(-rows // (len(countries) * len(years))))]
    index = pd.MultiIndex.from_product([items, countries, years])[:rows]
    return pd.DataFrame({
        "iso3": index.get_level_values(1),
        "indicator": index.get_level_values(0),
        "year": index.get_level_values(2),
        "value": np.random.default_rng(0).uniform(0, 100, rows).round(5),
    })  # fmt: skip


def cells(megabytes: float) -> pd.DataFrame:
    """Return a long table of 30 indicators over years, every cell with its evidence in words."""
    countries = country_table().index.to_numpy()
    years = np.arange(2024 - max(1, int(megabytes * 1e6 / len(countries) / ITEMS / 150)), 2024)
    index = pd.MultiIndex.from_product([[f"item_{n}" for n in range(ITEMS)], countries, years])
    return pd.DataFrame({
        "iso3": index.get_level_values(1),
        "indicator": index.get_level_values(0),
        "year": index.get_level_values(2),
        "value": np.random.default_rng(0).uniform(0, 100, len(index)).round(5),
        "source": "a register of what was seen in every country and year",
        "url": "https://example.org/a/register/of/what/was/seen.csv",
        "note": "a remark on how the figure was made",
    })  # fmt: skip


def framework() -> dict[str, object]:
    """Return a framework of the first 30 indicators."""
    children = [{"name": f"item_{n}", "higher_is": "riskier"} for n in range(ITEMS)]
    return {"name": "benchmark", "scores": [{"name": "risk", "children": children}]}


def seconds(work: Callable[[], object]) -> float:
    """Return the time of the processor that a call takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> int:
    """Print one line a layout; exit code 1 if a ratio is at or above the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=50)
    asked = parser.parse_args()
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree.json"
        tree.write_text(json.dumps(framework()))
        for name, table in (("wide", wide), ("long", long), ("panel", panel), ("cells", cells)):
            path = Path(folder) / f"{name}.csv"
            table(asked.megabytes).to_csv(path, index=False)
            options = ["check", "-f", str(tree), str(path)]
            parse = min(seconds(partial(pd.read_csv, path)) for _ in range(2))
            read = seconds(partial(dr.read_data, path))
            check = seconds(partial(CliRunner().invoke, command, options))
            worst = max(worst, read / parse, check / parse)
            print(
                f"{name}: {path.stat().st_size / 1e6:.0f} MB, pandas {parse:.2f} s, read {read:.2f} s, ratio "
                f"{read / parse:.1f}, check {check:.2f} s, ratio {check / parse:.1f}",
                flush=True,
            )
    print(f"worst ratio {worst:.1f} (bar {BAR:g})")
    return int(worst >= BAR)


if __name__ == "__main__":
    sys.exit(main())
