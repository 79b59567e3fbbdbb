"""Laws of fit and score over every registered method of every family."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import dsr_risk as dr
from dsr_risk.methods import Normaliser, Treatment, Weighter
from dsr_risk.methods._base import Method
from tests.scoring.pipeline_cases import (
    AGGREGATORS,
    COUNTRIES,
    IMPUTERS,
    NORMALISERS,
    PLAIN,
    SEEDS,
    TREATMENTS,
    WEIGHTERS,
    framework,
    label,
    table,
    trees,
)

FEW = settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
EVERY = [
    *(("normalisation", one) for one in NORMALISERS),
    *(("treatment", one) for one in TREATMENTS),
    *(("missing", one) for one in IMPUTERS),
    *(("weighting", one) for one in WEIGHTERS),
    *(("aggregation", one) for one in AGGREGATORS),
]
LEARNED_BOUNDS = ("minmax", "zscore", "rank", "percentile_rank", "borda")
EQUIVARIANT = ("none", "winsorise", "gate")


def case(family: str, method: Method, data: Any) -> dr.Framework:
    """A random framework that uses the method wherever it can; expert weights fit three children."""
    if family == "weighting":
        scores = data.draw(trees(PLAIN, indicators=3))
        return framework(scores, weighting=method)
    if family == "aggregation":
        return framework(data.draw(trees([method])))
    return framework(data.draw(trees(PLAIN)), **{family: method})


def same(a: Any, b: Any, atol: float) -> None:
    np.testing.assert_allclose(np.asarray(a, float), np.asarray(b, float), atol=atol, rtol=0)


every_method = pytest.mark.parametrize(
    ("family", "method"), EVERY, ids=[f"{family}-{label(one)}" for family, one in EVERY]
)


@pytest.mark.slow
@FEW
@given(data=st.data())
@every_method
def test_a_framework_saved_and_loaded_is_the_same(
    family: str, method: Method, data: Any, tmp_path: Path
) -> None:
    fw = case(family, method, data)
    for ending in ("yaml", "json", "toml"):
        path = tmp_path / f"fw.{ending}"
        fw.save(path)
        again = dr.load_framework(path)
        assert again == fw
        assert again.fingerprint == fw.fingerprint


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@every_method
def test_a_model_saved_and_loaded_scores_the_same_bits(
    family: str, method: Method, data: Any, seed: int, tmp_path: Path
) -> None:
    fw = case(family, method, data)
    frame, other = table(fw, seed), table(fw, seed + 1, units=5)
    model = dr.fit(fw, frame)
    again = dr.Model.load(model.save(tmp_path / "model.json"))
    for one in (frame, other):
        a, b = model.score(one), again.score(one)
        assert np.array_equal(a._values, b._values, equal_nan=True)
        assert np.array_equal(a.imputed, b.imputed)


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@every_method
def test_a_row_alone_scores_as_in_the_panel(
    family: str, method: Method, data: Any, seed: int
) -> None:
    fw = case(family, method, data)
    frame = table(fw, seed)
    model = dr.fit(fw, frame)
    together = model.score(frame)
    for country in frame.index[:4]:
        alone = model.score(frame.loc[[country]])
        same(
            alone._values[0],
            together.values.loc[country][alone.values.columns][
                [alone._state.tree.names[place] for place in range(len(alone._state.tree.names))]
            ],
            1e-12 * 100,
        )


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@every_method
def test_the_order_of_countries_does_not_matter(
    family: str, method: Method, data: Any, seed: int
) -> None:
    fw = case(family, method, data)
    frame = table(fw, seed)
    turned = frame.iloc[np.random.default_rng(seed).permutation(len(frame))]
    a, b = dr.score(fw, frame), dr.score(fw, turned)
    same(a.values, b.values.loc[frame.index], 1e-7)
    assert (a.rank.isna() == b.rank.loc[frame.index].isna()).all(axis=None)


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@every_method
def test_nothing_a_user_holds_is_modified(
    family: str, method: Method, data: Any, seed: int
) -> None:
    fw = case(family, method, data)
    frame = table(fw, seed)
    before, said = frame.copy(), fw.to_json()
    held = dr.as_data(frame)
    values = held.values_array.copy()
    scores = dr.fit(fw, held).score(held)
    scores.table("all")
    scores.contributions()
    for one in (scores.raw, scores.estimated, scores.treated, scores.normalised, scores.values):
        one.iloc[:, :] = -1.0
    pd.testing.assert_frame_equal(frame, before)
    assert np.array_equal(held.values_array, values, equal_nan=True)
    assert fw.to_json() == said
    assert (scores.values >= -0.5).any(axis=None)


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize(
    "treatment", [one for one in TREATMENTS if one.name in EQUIVARIANT], ids=label
)
@pytest.mark.parametrize(
    "normaliser", [one for one in NORMALISERS if one.name in LEARNED_BOUNDS], ids=label
)
def test_a_change_of_unit_changes_no_score(
    normaliser: Normaliser, treatment: Treatment, data: Any, seed: int
) -> None:
    fw = framework(data.draw(trees(PLAIN)), normalisation=normaliser, treatment=treatment)
    frame = table(fw, seed)
    rng = np.random.default_rng(seed)
    by, plus = rng.uniform(0.01, 50, frame.shape[1]), rng.uniform(-20, 20, frame.shape[1])
    same(dr.score(fw, frame).values, dr.score(fw, frame * by + plus).values, 1e-9 * 100)


@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("weighter", WEIGHTERS, ids=label)
def test_learned_weights_are_what_the_weighter_says_and_reach_the_scores(
    weighter: Weighter, data: Any, seed: int
) -> None:
    fw = framework(data.draw(trees(PLAIN, indicators=3)), weighting=weighter)
    frame = table(fw, seed, missing=0)
    model = dr.fit(fw, frame)
    scores = model.score(frame)
    (top,) = model._tree.group_nodes
    children = scores._values[:, top.children]
    given_weights = model._tree.weights[top.children]
    said = weighter.fit(children, given_weights, np.ones(len(top.children)))
    same(model._weights[top.children], said, 1e-12)
    assert (said >= 0).all()
    same(scores._values[:, top.node], children @ (said / said.sum()), 1e-9)


@pytest.mark.parametrize("weighter", [one for one in WEIGHTERS if one.reads_values], ids=label)
def test_a_weighter_that_cannot_weigh_names_the_group_and_its_children(weighter: Weighter) -> None:
    fw = dr.Framework(
        scores=[
            {
                "name": "risk",
                "weighting": weighter.spec(),
                "children": [
                    {"name": name, "higher_is": "riskier", "optional": True} for name in ("a", "b")
                ],
            }
        ]
    )
    frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [np.nan] * 3}, index=["KEN", "PAK", "LAO"])
    with pytest.raises(dr.DsrRiskError, match=r"`risk` \(children a, b\)"):
        dr.fit(fw, frame)


def test_a_weighter_that_asks_for_the_scale_gets_the_framework_s() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.uniform(0, 9, (12, 3)), columns=list("abc"), index=COUNTRIES[:12])
    children = [{"name": name, "higher_is": "riskier"} for name in "abc"]
    score = {"name": "risk", "weighting": "benefit_of_the_doubt", "children": children}
    plain = dr.Framework(scores=[score])
    small = dr.Framework(scale=(1, 5), bands={"any": 1}, scores=[score])
    same(dr.fit(plain, frame)._weights, dr.fit(small, frame)._weights, 1e-9)


@pytest.mark.parametrize(
    "method",
    [
        {"method": "goalposts", "low": "p10", "high": "p90"},
        {"method": "logistic", "low": "p10", "high": "p90"},
        {"method": "scaled", "low": "p10", "high": "p90"},
    ],
)
def test_observed_values_without_a_score_are_named_and_not_taken_as_missing(
    method: dict[str, Any],
) -> None:
    frame = pd.DataFrame({"a": [0.0] * 11 + [40], "b": np.arange(12.0)}, index=COUNTRIES[:12])
    children = [{"name": name, "higher_is": "riskier"} for name in "ab"]
    fw = dr.Framework(scores=[{"name": "risk", "children": children}])
    with pytest.raises(
        dr.DataError, match=rf"`a`: normalisation `{method['method']}` has no score"
    ):
        dr.score(fw.replace({"a.normalisation": method}), frame)
    assert dr.score(fw.replace({"a.normalisation": method, "a.weight": 0}), frame).notes == ()


def test_a_treatment_that_makes_a_column_constant_is_named() -> None:
    frame = pd.DataFrame({"a": np.arange(12) * 1e-300, "b": np.arange(12.0)}, index=COUNTRIES[:12])
    children = [{"name": name, "higher_is": "riskier"} for name in "ab"]
    fw = dr.Framework(scores=[{"name": "risk", "children": children}])
    assert dr.score(fw, frame).values["risk"].iloc[-1] == 100
    with pytest.raises(
        dr.DataError, match="`a`: treatment `yeo_johnson` leaves all its values the"
    ):
        dr.score(fw.replace({"a.treatment": "yeo_johnson"}), frame)
