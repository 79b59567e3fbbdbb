"""Every step of COINr's ASEM example, equal to 1e-9 relative, rank for rank."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk import readers
from dsr_risk.analysis.screening import denomination_hints, screen_data
from dsr_risk.methods.moments import kurt, skew
from tests.folders import REFERENCE

Table = Callable[[str], pd.DataFrame]


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of COINr's own results."""
    return REFERENCE


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
        "missing": {"method": "mean", "by": "peers"},
        "treatment": "gate",
    }
    path = tmp_path_factory.mktemp("asem") / "asem.yaml"
    dr.Framework.from_dict(plain).save(path)
    return dr.load_framework(path)


@pytest.fixture(scope="session")
def scores(framework: dr.Framework, coin: readers.Coin) -> dr.Scores:
    """The example scored."""
    return dr.score(framework, coin.data)


REMOVED = {
    "Physical": 1.5294,
    "ConEcFin": 2.6275,
    "Political": 2.9020,
    "Instit": 1.1765,
    "P2P": 1.6863,
    "Environ": 3.0980,
    "Social": 3.9608,
    "SusEcFin": 2.6275,
}


def assert_equal(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Same cells missing, all others equal to 1e-9 relative."""
    ours = ours.loc[theirs.index, list(theirs.columns)]
    np.testing.assert_allclose(ours.to_numpy(float), theirs.to_numpy(float), rtol=1e-9, atol=1e-12)


def ranks(values: pd.Series) -> pd.Series:
    return values.rank(ascending=False, method="min")


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ("raw", "raw"),
        ("denominated", "denominated"),
        ("estimated", "imputed"),
        ("estimated", "screened"),
        ("treated", "treated"),
        ("normalised", "norm_minmax_0_100"),
        ("values", "aggregated"),
    ],
)
def test_each_step_equals_coinr(step: str, name: str, scores: dr.Scores, table: Table) -> None:
    assert_equal(getattr(scores, step), table(name))


def test_every_node_of_the_tree_is_compared(scores: dr.Scores, table: Table) -> None:
    nodes = {node.name for node in scores.framework.nodes}
    assert len(nodes) == 60
    assert nodes == set(table("aggregated").columns)


@pytest.mark.parametrize(
    ("name", "scale", "method"),
    [
        ("norm_zscore_0_1", (0, 1), {"method": "zscore", "mean": 0, "sd": 100}),
        ("norm_borda", (0, 50), "borda"),
    ],
)
def test_other_normalisations_equal_coinr(
    name: str,
    scale: tuple[float, float],
    method: object,
    framework: dr.Framework,
    coin: readers.Coin,
    table: Table,
) -> None:
    changed = framework.replace(
        {"defaults.normalisation": method, "scale": scale, "bands": {"any": scale[0]}}
    )
    assert_equal(dr.score(changed, coin.data).normalised, table(name))


def test_geometric_means_on_1_to_100_equal_coinr(
    framework: dr.Framework, coin: readers.Coin, table: Table
) -> None:
    changed = framework.replace(
        {
            "scale": (1, 100),
            "bands": {"any": 1},
            "defaults.aggregation": {"method": "geometric", "offset": 0},
        }
    )
    found = dr.score(changed, coin.data).values
    assert_equal(found, table("agg_minmax_1_100_a_gmean"))
    best = found["Index"].sort_values(ascending=False).head(3)
    assert list(best.index) == ["CHE", "DNK", "BEL"]
    np.testing.assert_allclose(best, [58.00631438, 56.92384172, 56.08182475], rtol=1e-9)
    moved = ranks(found["Index"]) - ranks(table("aggregated")["Index"])
    assert moved.abs().max() == 18
    assert moved.idxmax() == "LUX"


def test_golden_values_of_the_index(scores: dr.Scores) -> None:
    index = scores.values["Index"].sort_values(ascending=False)
    assert list(index.index[:3]) == ["CHE", "NLD", "DNK"]
    np.testing.assert_allclose(index[:3], [68.38372424, 64.81951617, 64.80407996], rtol=1e-9)
    assert index.index[-1] == "RUS"
    assert round(index.iloc[-1], 2) == 35.66


def test_ranks_equal_coinr(scores: dr.Scores, table: Table) -> None:
    theirs = ranks(table("aggregated")["Index"])
    assert (scores.rank["Index"].loc[theirs.index] == theirs).all()


def test_effective_weights_equal_coinr(framework: dr.Framework, table: Table) -> None:
    theirs = table("effweights")["EffWeight"]
    ours = pd.Series(framework.effective_weights).loc[theirs.index]
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_treatment_says_what_coinr_says(scores: dr.Scores, table: Table) -> None:
    theirs = table("treat_details")
    said = scores.treatment.loc[theirs.index]
    passed = theirs["check_SkewKurt0.Pass"]
    assert (said["stage"].eq("none") == passed).all()
    points = said["points"].map(len)
    assert (points[~passed] == theirs["winsorise.nwin"][~passed]).all()
    for column, name in (("skew_before", "Skew"), ("kurt_before", "Kurt")):
        np.testing.assert_allclose(said[column], theirs[f"check_SkewKurt0.{name}"], rtol=1e-9)
    for column, name in (("skew_after", "Skew"), ("kurt_after", "Kurt")):
        after = theirs.loc[~passed, f"check_SkewKurt1.{name}"]
        np.testing.assert_allclose(said.loc[~passed, column], after, rtol=1e-9)


def test_moments_of_raw_and_treated_columns_equal_coinr(scores: dr.Scores, table: Table) -> None:
    for frame, name in ((scores.raw, "stats_raw"), (scores.treated, "stats_treated")):
        theirs = table(name)
        x = frame[list(theirs.index)].to_numpy()
        np.testing.assert_allclose(skew(x), theirs["Skew"], rtol=1e-9)
        np.testing.assert_allclose(kurt(x), theirs["Kurt"], rtol=1e-9)


@pytest.mark.parametrize(("pillar", "shift"), REMOVED.items())
def test_taking_a_pillar_out_moves_ranks_as_in_coinr(
    pillar: str, shift: float, scores: dr.Scores, framework: dr.Framework, coin: readers.Coin
) -> None:
    without = dr.score(framework.replace({f"{pillar}.weight": 0}), coin.data)
    moved = (without.rank["Index"] - scores.rank["Index"]).abs().mean()
    assert round(moved, 4) == shift


def test_correlations_with_the_sub_indices_equal_coinr(scores: dr.Scores) -> None:
    values = scores.values
    found = [values["Index"].corr(values[name]) for name in ("Conn", "Sust")]
    np.testing.assert_allclose(found, [0.9397804653, 0.8382873100], rtol=1e-9)


def test_imputed_cells_are_flagged_to_the_tables(
    scores: dr.Scores, table: Table, coin: readers.Coin
) -> None:
    missing = table("denominated").isna()
    assert_equal(scores.imputed, missing)
    shown = scores.table(details=True).loc[missing.index]
    assert (shown["estimated"] == missing.sum(axis=1)).all()
    assert (shown["observed"] == 49 - missing.sum(axis=1)).all()
    assert (shown["Index_coverage"] < 1).equals(missing.any(axis=1))
    assert int(scores.imputed.to_numpy().sum()) == 65


def test_screening_keeps_every_country_at_two_thirds(
    framework: dr.Framework, coin: readers.Coin, table: Table
) -> None:
    found = screen_data(framework, coin.data)
    assert found["kept"].all()
    assert len(found) == len(table("screened"))
    available = table("raw").notna().sum(axis=1)
    assert (found["available"] == available.loc[found.index]).all()


def test_screening_at_ninety_percent_names_the_countries_left_out(
    framework: dr.Framework, coin: readers.Coin, table: Table
) -> None:
    found = screen_data(framework, coin.data, min_available=0.9)
    share = table("raw").notna().mean(axis=1)
    assert set(found.index[~found["kept"]]) == set(share.index[share < 0.9])
    assert (found.loc[~found["kept"], "reason"] != "").all()


def test_denomination_hints_find_what_follows_size(
    framework: dr.Framework, coin: readers.Coin, table: Table
) -> None:
    raw, sizes = table("raw"), coin.data[["GDP", "Population"]]
    found = denomination_hints(framework, coin.data, by=["GDP", "Population"])
    expected = {
        (name, size)
        for name in raw
        for size in sizes
        if abs(raw[name].corr(sizes[size].loc[raw.index])) > 0.6
    }
    assert {(row.indicator, row.size) for row in found.itertuples(index=False)} == expected


def test_a_saved_model_scores_the_same_bits(
    scores: dr.Scores, coin: readers.Coin, tmp_path: object
) -> None:
    path = f"{tmp_path}/model.json"
    scores.model.save(path)
    again = dr.Model.load(path).score(coin.data)
    assert np.array_equal(again._values, scores._values, equal_nan=True)
