"""Laws of aggregation and decomposition over every registered aggregation, with missing data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import dsr_risk as dr
from dsr_risk.methods import Aggregator, Geometric, Mean
from dsr_risk.scoring.decomposition import Decomposition, decompose
from dsr_risk.scoring.tree import Tree
from tests.scoring.pipeline_cases import (
    AGGREGATORS,
    BOUNDED,
    MEANS,
    NORMALISERS,
    PLAIN,
    SEEDS,
    TREATMENTS,
    framework,
    label,
    table,
    trees,
)

POINTS = 1e-9 * 100
FEW = settings(max_examples=6, deadline=None)
SOME = settings(max_examples=40, deadline=None)


def assert_adds_up(
    tree: Tree, split: Decomposition, gap: np.ndarray, scored: np.ndarray, headline: int
) -> None:
    """Children add up to their parent, and the terms to the gap, wherever a node is split."""
    terms = np.where(split.terms(tree.n_indicators), split.points, 0.0)
    below = [headline]
    for group_node in reversed(tree.group_nodes):
        if group_node.node in below:
            below += list(group_node.children)
    np.testing.assert_allclose(
        terms[scored][:, below].sum(axis=1), gap[scored], atol=POINTS, rtol=0
    )
    for group_node in tree.group_nodes:
        if group_node.node not in below:
            continue
        node = split.points[:, group_node.node]
        whole = split.unsplit[:, group_node.node] | split.taken_alone[:, group_node.node]
        rows = scored & ~np.isnan(node) & ~whole
        children = np.nansum(split.points[:, group_node.children], axis=1)
        np.testing.assert_allclose(children[rows], node[rows], atol=POINTS, rtol=0)


@pytest.mark.slow
@SOME
@given(data=st.data(), seed=SEEDS)
def test_contributions_sum_to_the_score_at_every_node(data: Any, seed: int) -> None:
    fw = framework(data.draw(trees(AGGREGATORS)))
    scores = dr.score(fw, table(fw, seed))
    headline = scores._state.tree.headlines[0]
    values = scores._values[:, headline]
    split = scores._decomposition(scores.names[0])
    assert_adds_up(scores._state.tree, split, values, ~np.isnan(values), headline)
    given_out = scores.contributions().sum(axis=1).to_numpy()
    scored = ~np.isnan(values)
    np.testing.assert_allclose(given_out[scored], values[scored], atol=POINTS, rtol=0)


@pytest.mark.slow
@SOME
@given(data=st.data(), seed=SEEDS)
def test_contributions_sum_to_the_gap_between_any_two_countries(data: Any, seed: int) -> None:
    fw = framework(data.draw(trees(AGGREGATORS)))
    scores = dr.score(fw, table(fw, seed))
    headline, x = scores._state.tree.headlines[0], scores._state.evaluated
    b = np.roll(x, 1, axis=0)
    gap = x[:, headline] - b[:, headline]
    split = decompose(scores._state.tree, headline, scores._state.weights, x, b)
    assert_adds_up(scores._state.tree, split, gap, ~np.isnan(gap), headline)


def test_parts_of_a_mean_beside_its_pole_add_up_to_its_change() -> None:
    # The mean of 0 and 0 that weights of 1/3 and 2/3 round to 1.4e-14: its logarithm has three digits.
    mean = Geometric(offset=0)
    a, b = np.array([[1.4210854715202e-14, 21.2]]), np.array([[85.0, 84.0]])
    weights = np.array([[0.8, 0.2]])
    whole = [np.prod(x**weights, axis=1, keepdims=True) for x in (a, b)]
    rounded = 100 - (100 - whole[0])
    assert abs(rounded / whole[0] - 1) > 1e-5
    parts = mean.shares(weights, a, b, rounded, whole[1]) * (a - b)
    np.testing.assert_allclose(parts.sum(), rounded - whole[1], rtol=1e-13)


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("aggregator", AGGREGATORS, ids=label)
def test_each_aggregation_is_split_exactly_against_the_floor(
    aggregator: Aggregator, data: Any, seed: int
) -> None:
    fw = framework(data.draw(trees([aggregator])))
    scores = dr.score(fw, table(fw, seed))
    split = scores._decomposition(scores.names[0])
    headline = scores._state.tree.headlines[0]
    scored = ~np.isnan(scores._values[:, headline])
    assert_adds_up(scores._state.tree, split, scores._values[:, headline], scored, headline)
    if isinstance(aggregator, Mean):
        assert not split.unsplit.any()
    if aggregator.attribution == "none":
        assert split.unsplit[scored, headline].all()
        assert any("no exact split" in note for note in scores.notes)


@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("mean", MEANS, ids=label)
def test_a_mean_lies_between_its_children_and_inside_the_scale(
    mean: Mean, data: Any, seed: int
) -> None:
    fw = framework(data.draw(trees([mean])), normalisation=data.draw(st.sampled_from(BOUNDED)))
    scores = dr.score(fw, table(fw, seed))
    for group_node in scores._state.tree.group_nodes:
        value = scores._state.evaluated[:, group_node.node]
        has = ~np.isnan(value)
        below = scores._state.evaluated[:, group_node.children][has]
        assert (value[has] >= np.nanmin(below, axis=1) - POINTS).all()
        assert (value[has] <= np.nanmax(below, axis=1) + POINTS).all()
        assert ((value[has] >= -POINTS) & (value[has] <= 100 + POINTS)).all()


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("aggregator", AGGREGATORS, ids=label)
def test_an_aggregation_that_says_it_stays_inside_does(
    aggregator: Aggregator, data: Any, seed: int
) -> None:
    fw = framework(data.draw(trees([aggregator])))
    scores = dr.score(fw, table(fw, seed))
    inside = [
        group_node for group_node in scores._state.tree.group_nodes if group_node.aggregator.inside
    ]
    for group_node in inside:
        value = scores._state.evaluated[:, group_node.node]
        has = ~np.isnan(value)
        below = scores._state.evaluated[:, group_node.children][has]
        assert (value[has] >= np.nanmin(below, axis=1) - POINTS).all()
        assert (value[has] <= np.nanmax(below, axis=1) + POINTS).all()


def raised(fw: dr.Framework, frame: Any, seed: int) -> tuple[Any, str, str]:
    """The frame with one known value moved toward more risk."""
    rng = np.random.default_rng(seed)
    rows, places = np.nonzero(frame.notna().to_numpy())
    pick = rng.integers(len(rows))
    country, name = frame.index[rows[pick]], frame.columns[places[pick]]
    step = rng.uniform(0.1, 15) * fw[name].sign
    moved = frame.copy()
    moved.loc[country, name] = max(moved.loc[country, name] + step, 0.1)
    return moved, country, name


def assert_never_lowers(fw: dr.Framework, frame: Any, seed: int) -> None:
    model = dr.fit(fw, frame)
    moved, country, _ = raised(fw, frame, seed)
    before, after = model.score(frame).values, model.score(moved).values
    change = (after - before).loc[country].dropna()
    assert (change >= -POINTS).all()
    others = after.drop(country).to_numpy()
    assert np.array_equal(others, before.drop(country).to_numpy(), equal_nan=True)


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("aggregator", [one for one in AGGREGATORS if one.monotone], ids=label)
def test_more_risk_in_one_value_never_lowers_a_node(
    aggregator: Aggregator, data: Any, seed: int
) -> None:
    fw = framework(data.draw(trees([aggregator])))
    assert_never_lowers(fw, table(fw, seed), seed)


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("normaliser", NORMALISERS, ids=label)
def test_normalisation_never_turns_more_risk_into_less(
    normaliser: Any, data: Any, seed: int
) -> None:
    fw = framework(data.draw(trees(PLAIN)), normalisation=normaliser)
    assert_never_lowers(fw, table(fw, seed), seed)


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("treatment", TREATMENTS, ids=label)
def test_treatment_never_turns_more_risk_into_less(treatment: Any, data: Any, seed: int) -> None:
    fw = framework(data.draw(trees(PLAIN)), treatment=treatment)
    assert_never_lowers(fw, table(fw, seed), seed)


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("aggregator", AGGREGATORS, ids=label)
def test_weights_matter_only_as_ratios(aggregator: Aggregator, data: Any, seed: int) -> None:
    fw = framework(data.draw(trees([aggregator])))
    factor = data.draw(st.sampled_from([0.01, 0.3, 7.0, 1000.0]))
    parent = data.draw(st.sampled_from([one for one in fw.nodes if isinstance(one, dr.Group)]))
    scaled = fw.replace({f"{one.name}.weight": one.weight * factor for one in parent.children})
    frame = table(fw, seed)
    a, b = dr.score(fw, frame), dr.score(scaled, frame)
    np.testing.assert_allclose(a._values, b._values, atol=1e-9, rtol=0)
    np.testing.assert_allclose(a.coverage, b.coverage, atol=1e-12, rtol=0)


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("aggregator", AGGREGATORS, ids=label)
def test_the_order_of_siblings_does_not_matter(
    aggregator: Aggregator, data: Any, seed: int
) -> None:
    scores = data.draw(trees([aggregator]))

    def turned(node: dict[str, Any]) -> dict[str, Any]:
        if "children" not in node:
            return node
        return {**node, "children": [turned(one) for one in reversed(node["children"])]}

    fw, back = framework(scores), framework([turned(one) for one in scores])
    frame = table(fw, seed)
    a, b = dr.score(fw, frame).values, dr.score(back, frame).values
    np.testing.assert_allclose(a, b[a.columns], atol=1e-9, rtol=0)


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("aggregator", AGGREGATORS, ids=label)
def test_hard_bounds_hold_whatever_the_missing_values_are(
    aggregator: Aggregator, data: Any, seed: int
) -> None:
    fw = framework(
        data.draw(trees([aggregator])), normalisation={"method": "goalposts", "low": 0, "high": 40}
    )
    fw = fw.replace(
        {f"{one.name}.min_coverage": 0.0 for one in fw.nodes if isinstance(one, dr.Group)}
    )
    frame = table(fw, seed, missing=0.3)
    scores = dr.score(fw, frame)
    rng = np.random.default_rng(seed)
    guess = frame.where(frame.notna(), rng.uniform(-5, 60, frame.shape))
    truth = scores.model.score(guess).values
    low, high = scores.minimum, scores.maximum
    known = low.notna() & truth.notna()
    assert ((truth >= low - POINTS) | ~known).all(axis=None)
    assert ((truth <= high + POINTS) | ~known).all(axis=None)
