"""COINr's uncertainty analysis of ASEM (Becker et al. 2022), its 500 replications replayed exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk import readers
from dsr_risk.montecarlo import compile_design
from dsr_risk.scoring.ranking import ranks_of
from tests.folders import REFERENCE

POINTS = 99 / 100  # a point of 0-100 on the scale 1-100


@pytest.fixture(scope="module")
def reference() -> Path:
    return REFERENCE


def asem(reference: Path) -> tuple[dr.Framework, Any]:
    """The framework of COINr's design as written (winmax 5, z-scores are one of the options), and data."""
    coin = readers.coinr(reference / "asem_iMeta.csv", reference / "asem_iData.csv")
    plain: dict[str, Any] = coin.framework
    group = coin.groups["EurAsia_group"]
    plain["peers"] = {name: sorted(group.index[group == name]) for name in sorted(group.unique())}
    missing = {"method": "mean", "by": "peers", "repeat": True}
    plain["defaults"] |= {"missing": missing, "treatment": "gate"}
    plain |= {"scale": [1, 100], "bands": {"low": 1, "high": 50}}
    return dr.Framework.from_dict(plain), coin.data


def four_factors() -> dict[str, Any]:
    """The four uncertain inputs of TIMES.md: winmax, normalisation, weights, aggregation."""
    gates = [
        {"method": "gate", "first": {"method": "winsorise", "winmax": most}} for most in range(1, 6)
    ]
    zscore = {"method": "zscore", "mean": 9 / POINTS, "sd": 2 / POINTS}
    spread = {"method": "spread", "share": 0.25}
    return {
        "defaults.treatment": {"method": "choice", "options": gates},
        "defaults.normalisation": {"method": "choice", "options": ["minmax", zscore]},
        "defaults.aggregation": {
            "method": "choice",
            "options": ["arithmetic", {"method": "geometric", "offset": 0}],
        },
        "Conn.weights": spread,
        "Sust.weights": spread,
        "Index.weights": spread,
    }


def replayed(reference: Path, design: Any) -> Any:
    """The points of the unit cube that give every replication its parameters."""
    rows = pd.read_csv(reference / "asem_ua_N500_params.csv")
    sets = pd.read_csv(reference / "asem_noisy_weights.csv").pivot(
        index="WSet", columns="iCode", values="Weight"
    )
    u = np.empty((len(rows), design.dimension))
    u[:, design.columns["defaults.treatment"].start] = (rows["winmax"] - 0.5) / 5
    u[:, design.columns["defaults.normalisation"].start] = np.where(
        rows["norm"] == "n_minmax", 0.25, 0.75
    )
    u[:, design.columns["defaults.aggregation"].start] = np.where(
        rows["agg"] == "a_amean", 0.25, 0.75
    )
    framework = design.framework
    for group in ("Conn", "Sust", "Index"):
        start = design.columns[f"{group}.weights"].start
        for column, child in enumerate(framework[group].children):
            drawn = sets.loc[rows["wset"], child.name].to_numpy() / child.weight
            u[:, start + column] = (drawn - 0.75) / 0.5
    return u


@pytest.mark.slow
def test_the_500_replications_of_coinr_have_its_ranks(reference: Path) -> None:
    framework, data = asem(reference)
    design = compile_design(framework, data, four_factors())
    assert len(design.variants) == 20
    values = design.evaluate_block(replayed(reference, design), nodes=["Index"])[:, :, 0]
    # In COINr a high index is good and rank 1; here the reader keeps the direction of every indicator.
    ranks = ranks_of(values, 99.0)
    expected = pd.read_csv(reference / "asem_ua_N500_rankstats.csv", index_col=0)
    place = [list(data.index).index(code) for code in expected.index]
    found = ranks[:, place]
    np.testing.assert_allclose(found.mean(axis=0), expected["Mean"], rtol=1e-12)
    np.testing.assert_array_equal(np.median(found, axis=0), expected["Median"])
    for name, share in (("Q5", 0.05), ("Q95", 0.95)):
        np.testing.assert_allclose(
            np.quantile(found, share, axis=0), expected[name], rtol=1e-12, atol=1e-12
        )


def test_the_nominal_scores_and_ranks_are_coinrs(reference: Path) -> None:
    framework, data = asem(reference)
    expected = pd.read_csv(reference / "asem_ua_N500_nominal.csv", index_col=0)
    found = dr.uncertainty(
        framework.replace({"scale": [0, 100], "bands": {"low": 0, "high": 50}}),
        data, draws=8, factors={},
    )  # fmt: skip
    rows = found.scores("Index").loc[expected.index]
    np.testing.assert_allclose(rows["median"], expected["Score"], rtol=1e-12)
    ranks = found.ranks("Index").loc[expected.index]
    np.testing.assert_array_equal(ranks["median"], expected["Rank"])


@pytest.mark.slow
def test_the_whole_design_runs_with_every_treatment(reference: Path) -> None:
    framework, data = asem(reference)
    found = dr.uncertainty(framework, data, draws=2000, factors=four_factors(), nodes="score")
    assert found.draws == 2000
    assert found.failed.sum() == 0
    limits = found.ranks("Index")
    assert (limits["q05"] <= limits["median"]).all()
