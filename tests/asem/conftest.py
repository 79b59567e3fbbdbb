"""The ASEM example of COINr (Becker et al. 2022, MIT licence): its tables, and the same index here."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk import readers

Table = Callable[[str], pd.DataFrame]


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of COINr's own results; tests are skipped where it is absent."""
    shared = Path(os.environ.get("DSR_RISK_SHARED", Path(__file__).parents[3] / "shared"))
    place = shared / "reference"
    if not (place / "asem_iMeta.csv").is_file():
        pytest.skip(f"no ASEM tables: {place} does not exist (set DSR_RISK_SHARED)")
    return place


@pytest.fixture(scope="session")
def table(reference: Path) -> Table:
    """A table of COINr's results by name, indexed by country or node."""
    return lambda name: pd.read_csv(reference / f"asem_{name}.csv", index_col=0)


@pytest.fixture(scope="session")
def coin(reference: Path) -> readers.Coin:
    """COINr's two input tables as read here."""
    return readers.coinr(reference / "asem_iMeta.csv", reference / "asem_iData.csv")


@pytest.fixture(scope="session")
def framework(coin: readers.Coin, tmp_path_factory: pytest.TempPathFactory) -> dr.Framework:
    """COINr's example: means of Europe and Asia imputed, qTreat, min-max, arithmetic means; from YAML."""
    plain: dict[str, Any] = coin.framework
    group = coin.groups["EurAsia_group"]
    plain["peers"] = {name: sorted(group.index[group == name]) for name in sorted(group.unique())}
    plain["defaults"] |= {
        "imputation": {"method": "mean", "by": "peers"},
        "treatment": "gate",
    }
    path = tmp_path_factory.mktemp("asem") / "asem.yaml"
    dr.save_framework(dr.Framework.from_dict(plain), path)
    return dr.load_framework(path)


@pytest.fixture(scope="session")
def scores(framework: dr.Framework, coin: readers.Coin) -> dr.Scores:
    """The example scored."""
    return dr.score(framework, coin.data)
