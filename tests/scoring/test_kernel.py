"""The one evaluator against the plain one, over every registered aggregation and for plug-ins."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import dsr_risk as dr
from dsr_risk._util.scratch import Scratch
from dsr_risk.methods import Aggregator, Geometric, Mean
from dsr_risk.scoring.kernel import Plan, evaluate
from dsr_risk.scoring.ranking import rank_descending, ranks_of
from dsr_risk.scoring.tree import GroupNode, Tree, compile_tree, coverage
from tests.scoring.oracle import plain_ranks, plain_values
from tests.scoring.pipeline_cases import AGGREGATORS, MEANS, SEEDS, framework, label, trees

FEW = settings(max_examples=8, deadline=None)
SOME = settings(max_examples=40, deadline=None)
POINTS = 1e-12 * 100


def case(tree: Tree, seed: int, *, missing: float = 0.25, units: int = 6) -> Any:
    """Indicators on the scale with gaps, ends and ties, and which nodes have a value."""
    rng = np.random.default_rng(seed)
    indicators = np.round(rng.uniform(0, 100, (units, tree.n_indicators)), rng.integers(0, 6))
    indicators[rng.random(indicators.shape) < 0.1] = 0.0
    indicators[rng.random(indicators.shape) < 0.1] = 100.0
    indicators[rng.random(indicators.shape) < missing] = np.nan
    return indicators, coverage(tree, tree.weights, ~np.isnan(indicators)).has_value


@SOME
@given(data=st.data(), seed=SEEDS)
def test_evaluate_mixed_trees_with_gaps_equals_the_plain_evaluation(data: Any, seed: int) -> None:
    tree = compile_tree(framework(data.draw(trees(AGGREGATORS))))
    indicators, has_value = case(tree, seed)
    found = evaluate(tree, indicators, tree.weights, has_value)[0]
    expected = plain_values(tree, indicators, tree.weights, has_value, found)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9, equal_nan=True)


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("aggregator", AGGREGATORS, ids=label)
def test_evaluate_every_aggregation_equals_the_plain_evaluation(
    aggregator: Aggregator, data: Any, seed: int
) -> None:
    tree = compile_tree(framework(data.draw(trees([aggregator]))))
    for missing in (0.0, 0.3):
        indicators, has_value = case(tree, seed, missing=missing)
        found = evaluate(tree, indicators, tree.weights, has_value)[0]
        expected = plain_values(tree, indicators, tree.weights, has_value, found)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9, equal_nan=True)


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("aggregator", AGGREGATORS, ids=label)
def test_plan_many_draws_equal_one_plain_evaluation_each(
    aggregator: Aggregator, data: Any, seed: int
) -> None:
    tree = compile_tree(framework(data.draw(trees([aggregator]))))
    indicators, has_value = case(tree, seed, missing=data.draw(st.sampled_from([0.0, 0.3])))
    rng = np.random.default_rng(seed)
    weights = tree.weights[:, None] * rng.uniform(0.5, 1.5, (len(tree.names), 7))
    moved = np.clip(indicators + rng.normal(0, 5, (7, *indicators.shape)), 0, 100)
    every = range(len(tree.names))
    still = Plan(tree, has_value, indicators, every).run(weights, Scratch())
    drawn = np.ascontiguousarray(moved.swapaxes(1, 2))
    moving = Plan(tree, has_value, None, every).run(weights, Scratch(), indicators=drawn)
    for draw in range(7):
        for values, known in ((still, indicators), (moving, moved[draw])):
            found = values[:, draw].T
            expected = plain_values(tree, known, weights[:, draw], has_value, found)
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9, equal_nan=True)


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("mean", MEANS, ids=label)
def test_evaluate_gives_a_unit_the_same_bytes_whatever_other_units_there_are(
    mean: Mean, data: Any, seed: int
) -> None:
    tree = compile_tree(framework(data.draw(trees([mean]))))
    indicators, has_value = case(tree, seed, units=9)
    whole = evaluate(tree, indicators, tree.weights, has_value)[0]
    for unit in range(9):
        alone = evaluate(tree, indicators[[unit]], tree.weights, has_value[[unit]])[0]
        np.testing.assert_array_equal(alone[0], whole[unit])


@pytest.mark.slow
@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("mean", MEANS, ids=label)
def test_evaluate_holds_a_mean_between_its_children_to_the_last_digit(
    mean: Mean, data: Any, seed: int
) -> None:
    if not mean.rounds:
        return
    tree = compile_tree(framework(data.draw(trees([mean]))))
    indicators, has_value = case(tree, seed)
    values = evaluate(tree, indicators, tree.weights, has_value)[0]
    for group_node in tree.group_nodes:
        rows = has_value[:, group_node.node]
        below = values[:, group_node.children][rows]
        assert (values[rows, group_node.node] >= np.nanmin(below, axis=1)).all()
        assert (values[rows, group_node.node] <= np.nanmax(below, axis=1)).all()


@pytest.mark.parametrize("mean", [one for one in MEANS if one.by_draw], ids=label)
def test_plan_parameters_drawn_all_at_once_equal_frameworks_written_with_them(mean: Mean) -> None:
    for name in sorted(mean.by_draw & set(type(mean).model_fields)):
        nominal = getattr(mean, name)
        fw = framework([{"name": "g", "aggregation": mean.spec(), "children": [
            {"name": f"x{k}", "higher_is": "riskier", "weight": 1 + k} for k in range(3)
        ]}])  # fmt: skip
        tree = compile_tree(fw)
        indicators, has_value = case(tree, 1)
        drawn = nominal * np.linspace(0.5, 1.5, 9)
        group_node = tree.group_nodes[0]
        many = mean.drawn({name: drawn})
        changed = GroupNode(
            group_node.node, group_node.children, many, *many.affine_map(*tree.scale), 0.0
        )
        weights = np.repeat(tree.weights[:, None], 9, axis=1)
        plan = Plan(tree, has_value, indicators, [group_node.node], frozenset([group_node.node]))
        found = plan.run(weights, Scratch(), changed={group_node.node: changed})[0]
        for draw, value in enumerate(drawn):
            method = {"method": mean.name, **mean.model_dump(), name: float(value)}
            written = compile_tree(fw.replace({"g.aggregation": method}))
            expected = plain_values(written, indicators, tree.weights, has_value)[
                :, group_node.node
            ]
            np.testing.assert_allclose(found[draw], expected, rtol=1e-12, equal_nan=True)


@pytest.fixture(scope="module")
def plug_in() -> Iterator[type[Mean]]:
    """A mean that gives no more than it must."""

    class Exponential(Mean):
        """g(x) = exp(x / 50)."""

        name: ClassVar[str] = "exponential_for_a_test"

        def g(self, x: np.ndarray) -> np.ndarray:
            return np.exp(np.asarray(x) / 50)

        def inverse(self, y: np.ndarray) -> np.ndarray:
            return 50 * np.log(y)

        def derivative(self, x: np.ndarray) -> np.ndarray:
            return np.exp(np.asarray(x) / 50) / 50

    yield Exponential
    del Aggregator.registry["exponential_for_a_test"]


@FEW
@given(data=st.data(), seed=SEEDS)
@pytest.mark.parametrize("others", [[], ["geometric", "median"]])
def test_a_plug_in_that_gives_g_alone_is_scored_drawn_and_split(
    plug_in: type[Mean], others: list[str], data: Any, seed: int
) -> None:
    aggregators = [plug_in(), *(Aggregator.parse(name) for name in others)]
    fw = framework(data.draw(trees(aggregators)))
    tree = compile_tree(fw)
    indicators, has_value = case(tree, seed)
    found = evaluate(tree, indicators, tree.weights, has_value)[0]
    expected = plain_values(tree, indicators, tree.weights, has_value, found)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9, equal_nan=True)
    weights = np.repeat(tree.weights[:, None], 3, axis=1)
    drawn = Plan(tree, has_value, indicators, range(len(tree.names))).run(weights, Scratch())
    expected = plain_values(tree, indicators, tree.weights, has_value, drawn[:, 1].T)
    np.testing.assert_allclose(drawn[:, 1].T, expected, rtol=0, atol=1e-9, equal_nan=True)


def plain_geometric(weights: list[float]) -> Tree:
    """One group under a geometric mean without offset, so that a child at 0 has an infinite term."""
    children = [
        {"name": f"x{k}", "higher_is": "riskier", "weight": w} for k, w in enumerate(weights)
    ]
    tree = compile_tree(framework([{"name": "g", "children": children}]))
    mean = Geometric(offset=0)
    group_node = dataclasses.replace(tree.group_nodes[0], aggregator=mean, intercept=0.0, slope=1.0)
    return dataclasses.replace(tree, group_nodes=(group_node,))


@pytest.mark.parametrize("draws", [1, 5])
def test_evaluate_a_zero_child_annihilates_a_plain_geometric_mean(draws: int) -> None:
    tree = plain_geometric([1, 1])
    indicators = np.tile(np.array([[0.0, 50.0], [25.0, 100.0]]), (draws, 1, 1))
    found = evaluate(tree, indicators, tree.weights, np.ones((2, 3), bool))
    np.testing.assert_allclose(found[:, 0, 2], 0, atol=0)
    np.testing.assert_allclose(found[:, 1, 2], 50, rtol=1e-14)


@pytest.mark.parametrize("draws", [1, 5])
def test_evaluate_a_child_of_weight_0_takes_no_part_even_where_its_term_is_infinite(
    draws: int,
) -> None:
    tree = plain_geometric([0, 1, 1])
    indicators = np.tile(np.array([[0.0, 25.0, 100.0]]), (draws, 1, 1))
    found = evaluate(tree, indicators, tree.weights, np.ones((1, 4), bool))
    np.testing.assert_allclose(found[:, 0, 3], 50, rtol=1e-14)


def test_coverage_a_group_whose_only_observed_child_has_weight_0_has_no_value() -> None:
    children = [
        {"name": f"x{k}", "higher_is": "riskier", "weight": weight}
        for k, weight in enumerate([0, 1])
    ]
    fw = framework([{"name": "g", "children": children, "min_coverage": 0}])
    tree = compile_tree(fw)
    observed = np.array([[True, False], [False, True], [False, False]])
    found = coverage(tree, tree.weights, observed)
    assert found.has_value[:, 2].tolist() == [False, True, False]
    frame = {
        "iso3": ["PAK", "KEN", "UGA", "AGO"],
        "x0": [1, None, None, 3.0],
        "x1": [None, 2, None, 5.0],
    }
    import pandas as pd

    scores = dr.score(fw, pd.DataFrame(frame).set_index("iso3"))
    assert scores.values["g"].isna().tolist() == [True, False, True, False]


@SOME
@given(seed=SEEDS, units=st.sampled_from([1, 2, 3, 17, 300]), scale=st.sampled_from([1e-6, 1, 100]))
def test_ranks_of_many_draws_equal_the_rule(seed: int, units: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    x = np.round(rng.random((9, units)) * scale, rng.integers(1, 12))
    x[::3, 0] = x[::3, -1]
    x[::4, 0] = x[::4, -1] + 5e-8
    if seed % 2:
        x[::5, 0] = np.nan
    expected = np.array([plain_ranks(row) for row in x])
    np.testing.assert_array_equal(ranks_of(x, 100.0), expected)
    np.testing.assert_array_equal(ranks_of(x, 100.0, Scratch()), expected)
    groups = rng.integers(0, 3, units)
    within = rank_descending(x[0], groups)
    for group in range(3):
        np.testing.assert_array_equal(within[groups == group], plain_ranks(x[0][groups == group]))
