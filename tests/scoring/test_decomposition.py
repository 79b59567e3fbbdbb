"""Aggregations that are no mean: where they are split, where they are one term, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.methods import Aggregator
from dsr_risk.scoring.decomposition import decompose

POSTS = {"method": "goalposts", "low": 0, "high": 100}
ROWS = ["KEN", "PAK", "LAO"]
FRAME = pd.DataFrame({"a": [80, 40, 10.0], "b": [20, 60, 10], "c": [50, 30, 0]}, index=ROWS)


def nested(inner: object, outer: object = "arithmetic") -> dr.Framework:
    def indicator(name: str) -> dict[str, Any]:
        return {"name": name, "higher_is": "riskier", "normalisation": POSTS}

    group = {"name": "g", "aggregation": inner, "children": [indicator("a"), indicator("b")]}
    score = {"name": "risk", "aggregation": outer, "children": [group, indicator("c")]}
    return dr.Framework(name="case", scores=[score])


@pytest.fixture
def opaque() -> Iterator[str]:
    """An aggregation without any split: the range of its children."""

    class Opaque(Aggregator):
        name: ClassVar[str] = "opaque"

        @property
        def monotone(self) -> bool:
            return False

        def combine(self, values: Any, weights: Any, present: Any) -> Any:
            x = np.asarray(values, float)
            return x.max(axis=0) - x.min(axis=0)

    yield "opaque"
    del Aggregator.registry["opaque"]


def test_the_maximum_gives_everything_to_the_child_that_binds() -> None:
    scores = dr.score(nested("maximum"), FRAME)
    found = scores.contributions()
    assert list(found.columns) == ["a", "b", "c"]
    np.testing.assert_allclose(found.loc["KEN"], [40, 0, 25])
    np.testing.assert_allclose(found.loc["PAK"], [0, 30, 15])
    np.testing.assert_allclose(found.loc["LAO"], [2.5, 2.5, 0])


def test_between_two_countries_such_a_group_is_one_term() -> None:
    scores = dr.score(nested("maximum"), FRAME)
    tree, x = scores._state.tree, scores._values
    split = decompose(tree, tree.headlines[0], scores._state.weights, x[[0]], x[[1]])
    place = tree.index
    assert split.points[0, place["g"]] == pytest.approx(10)
    assert split.unsplit[0, place["g"]]
    assert np.isnan(split.points[0, [place["a"], place["b"]]]).all()
    assert split.points[0, place["c"]] == pytest.approx(10)
    terms = np.flatnonzero(split.terms(tree.n_indicators)[0])
    assert {tree.names[one] for one in terms} == {"g", "c"}


def test_an_aggregation_without_a_split_is_one_column_and_a_note(opaque: str) -> None:
    scores = dr.score(nested(opaque), FRAME)
    found = scores.contributions()
    assert found[["a", "b"]].isna().all(axis=None)
    np.testing.assert_allclose(found["g"], [30, 10, 0])
    np.testing.assert_allclose(found.sum(axis=1), scores.values["risk"])
    (note,) = scores.notes
    assert note.startswith("`g`: aggregation `opaque` has no exact split")


def test_a_headline_without_a_split_is_one_column(opaque: str) -> None:
    scores = dr.score(nested("arithmetic", opaque), FRAME)
    found = scores.contributions()
    np.testing.assert_allclose(found["risk"], scores.values["risk"])
    assert found[["a", "b", "c"]].isna().all(axis=None)


def test_bounds_of_an_aggregation_that_may_fall_are_not_claimed(opaque: str) -> None:
    gaps = FRAME.copy()
    gaps.loc["PAK", "a"] = np.nan
    scores = dr.score(nested(opaque).replace({"g.min_coverage": 0.0}), gaps)
    assert scores.minimum["g"].isna().tolist() == [False, True, False]
    assert scores.maximum["risk"].isna().tolist() == [False, True, False]
    assert scores.minimum.loc["PAK", "c"] == 30


def test_bounds_over_a_z_score_are_not_claimed() -> None:
    gaps = FRAME.copy()
    gaps.loc["PAK", "a"] = np.nan
    scores = dr.score(nested("arithmetic").replace({"a.normalisation": "zscore"}), gaps)
    assert scores.maximum["risk"].isna().tolist() == [False, True, False]


def test_an_undefined_value_is_said_to_be_so() -> None:
    low = pd.DataFrame({"a": [-90.0, 90, 80], "b": [-10.0, 20, 60], "c": [1.0, 2, 3]}, index=ROWS)
    fw = nested("mazziotta_pareto").replace(
        {"a.normalisation": "scaled", "b.normalisation": "scaled"}
    )
    scores = dr.score(fw, low)
    assert np.isnan(scores.values.loc["KEN", "risk"])
    said = scores.reason.loc["KEN", "risk"]
    assert said == "undefined: aggregation `mazziotta_pareto` of `g` has no value here"


@pytest.mark.parametrize("inner", ["arithmetic", {"method": "geometric", "offset": 5}])
def test_a_child_at_the_floor_keeps_its_penalty_as_one_term(inner: object) -> None:
    fw = nested(inner, {"method": "adjusted_mazziotta_pareto"})
    columns = {"a": [0.0, 9], "b": [0.0, 5], "c": [50.0, 4]}
    scores = dr.score(fw, pd.DataFrame(columns, index=ROWS[:2]))
    found = scores.contributions().loc["KEN"]
    assert found["g"] > 0
    assert found[["a", "b"]].isna().all()
    assert found.sum() == pytest.approx(scores.values.loc["KEN", "risk"], abs=1e-9)


def test_a_baseline_with_only_the_node_at_the_floor_is_not_the_floor() -> None:
    frame = pd.DataFrame({"a": [80.0, 0], "b": [20.0, 60], "c": [50.0, 30]}, index=ROWS[:2])
    scores = dr.score(nested("minimum"), frame)
    tree, x = scores._state.tree, scores._values
    split = decompose(tree, tree.headlines[0], scores._state.weights, x[[0]], x[[1]])
    assert x[1, tree.index["g"]] == 0
    assert split.unsplit[0, tree.index["g"]]
    assert split.points[0, tree.index["g"]] == pytest.approx(10)


def test_only_what_one_profile_lacks_stands_in() -> None:
    frame = pd.DataFrame(
        {"a": [80, np.nan, np.nan], "b": [20, 60, 5], "c": [50, 30, 10.0]}, index=ROWS
    )
    scores = dr.score(nested("arithmetic"), frame)
    tree, x = scores._state.tree, scores._values
    place = tree.index["a"]
    one = decompose(tree, tree.headlines[0], scores._state.weights, x[[0]], x[[1]])
    assert one.taken_alone[0, place]
    assert one.taken_alone.sum() == 1
    neither = decompose(tree, tree.headlines[0], scores._state.weights, x[[1]], x[[2]])
    assert not neither.taken_alone.any()
    assert np.isnan(neither.points[0, place])


def test_an_aggregator_of_a_plug_in_is_valid_in_yaml_at_once(opaque: str) -> None:
    fw = dr.Framework.from_dict(nested(opaque).to_dict())
    assert fw["g"].aggregation == Aggregator.parse("opaque")


@pytest.mark.parametrize("p", [150, 400, 5000, -400])
def test_a_steep_power_mean_is_split_without_residual(p: float) -> None:
    fw = nested({"method": "power", "p": p}, {"method": "power", "p": p})
    scores = dr.score(fw, FRAME)
    parts = scores.contributions()
    assert np.isfinite(parts.to_numpy()).all()
    np.testing.assert_allclose(parts.sum(axis=1), scores.values["risk"], rtol=0, atol=1e-9)
    x = scores._values
    split = decompose(
        scores._state.tree,
        scores._state.tree.headlines[0],
        scores._state.weights,
        x[[0, 2]],
        x[[1, 0]],
    )
    terms = split.points[:, : scores._state.tree.n_indicators]
    gap = x[[0, 2], scores._state.tree.headlines[0]] - x[[1, 0], scores._state.tree.headlines[0]]
    np.testing.assert_allclose(terms.sum(axis=1), gap, rtol=0, atol=1e-9)


def test_the_adjusted_index_does_not_depend_on_the_length_of_the_scale() -> None:
    # On a scale 60 wide the map to 70-130 has the slope 1 and is not nothing.
    wide = nested("adjusted_mazziotta_pareto", "adjusted_mazziotta_pareto")
    narrow = wide.replace({"scale": (0, 60), "bands": {"any": 0}})
    whole, short = dr.score(wide, FRAME), dr.score(narrow, FRAME)
    np.testing.assert_allclose(short.values["risk"], 0.6 * whole.values["risk"], rtol=1e-12)
    np.testing.assert_allclose(short.contributions(), 0.6 * whole.contributions(), rtol=1e-9)
    still = {"risk.weights": {"method": "spread", "share": 0.0}}
    drawn = dr.uncertainty(narrow.replace({"factors": still}), FRAME, draws=16, seed=0).table()
    for end in ("risk", "risk_low", "risk_high"):
        np.testing.assert_allclose(drawn[end].loc[ROWS], short.values["risk"].loc[ROWS])
