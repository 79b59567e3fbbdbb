"""Reversals, pathways, elasticities, stakeholders and fragility, against solvers and worked examples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import linprog, minimize

import dsr_risk as dr
from dsr_risk.analysis.what_if.attained import attained
from dsr_risk.analysis.what_if.nearest import distances, nearest
from dsr_risk.analysis.what_if.profile import country_name
from dsr_risk.analysis.what_if.weight_gaps import weight_gap
from tests.analysis.robustness.cases import scored
from tests.helpers import framework, group, indicator, run

TWO = pd.DataFrame(
    {"a": [90.0, 50.0], "b": [10.0, 48.0]}, index=pd.Index(["PAK", "KEN"], name="iso3")
)
PAIR = framework(group("risk", indicator("a", 0.5), indicator("b", 0.5)))


# -- reversal ---------------------------------------------------------------------------------------


def by_programme(weights: np.ndarray, d: np.ndarray, target: float, norm: str) -> float | None:
    """The smallest change by a solver."""
    k = len(weights)
    if norm == "l2":
        start = np.zeros(k)
        start[int(np.argmin(d))] = 1.0
        done = minimize(
            lambda w: np.square(w - weights).sum(),
            start,
            jac=lambda w: 2 * (w - weights),
            bounds=[(0, 1)] * k,
            constraints=[
                {"type": "eq", "fun": lambda w: w.sum() - 1},
                {"type": "ineq", "fun": lambda w: target - d @ w},
            ],
            method="SLSQP",
            options={"ftol": 1e-14, "maxiter": 500},
        )
        return float(np.sqrt(done.fun)) if done.success else None
    # Variables: w, then t (one for each change, or one for all).
    many = k if norm == "l1" else 1
    ones = np.eye(k) if norm == "l1" else np.ones((k, 1))
    rows = [np.hstack([np.eye(k), -ones]), np.hstack([-np.eye(k), -ones])]
    upper = np.vstack([*rows, np.append(d, np.zeros(many))])
    right = np.concatenate([weights, -weights, [target]])
    done = linprog(
        np.append(np.zeros(k), np.ones(many)),
        A_ub=upper,
        b_ub=right,
        A_eq=np.append(np.ones(k), np.zeros(many))[None],
        b_eq=[1.0],
        bounds=[(0, None)] * (k + many),
        method="highs",
    )
    return float(done.fun) if done.status == 0 else None


@pytest.mark.slow
@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(2, 8))
def test_the_nearest_weights_equal_those_of_a_solver(norm: str, seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(k))
    d = rng.uniform(-20, 60, k)
    found = nearest(weights, d, 0.0, norm)
    expected = by_programme(weights, d, 0.0, norm)
    if found is None:
        assert d.min() > 0
        assert expected is None
        return
    assert found.sum() == pytest.approx(1.0)
    assert (found >= -1e-12).all()
    assert d @ found <= 1e-7
    sizes = {"l1": np.abs(found - weights).sum(), "linf": np.abs(found - weights).max()}
    size = sizes.get(norm, float(np.sqrt(np.square(found - weights).sum())))
    if expected is not None:
        assert size == pytest.approx(expected, abs=1e-5 if norm == "l2" else 1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("norm", ["l1", "linf"])
@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(2, 8))
def test_distances_of_many_pairs_equal_those_one_by_one(norm: str, seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(k))
    d = rng.uniform(-20, 60, (k, 30))
    d *= np.sign(weights @ d)
    found = distances(weights, d, norm)
    for place in range(30):
        one = nearest(weights, d[:, place], 0.0, norm)
        if one is None:
            assert np.isnan(found[place])
            continue
        change = np.abs(one - weights)
        expected = change.sum() if norm == "l1" else change.max()
        assert found[place] == pytest.approx(expected, abs=1e-8)


def test_the_worked_reversal_and_its_break_even_weight() -> None:
    # A (90, 10), B (50, 48): 50 against 49 at .5; they tie at 38 / 78.
    found = dr.reversal(dr.score(PAIR, TWO), "PAK", "KEN")
    assert (found.above, found.gap) == ("Pakistan", pytest.approx(1.0))
    assert found.break_even.loc["a", "break_even"] == pytest.approx(38 / 78)
    assert found.table().loc["a", "weight_after"] == pytest.approx(38 / 78)
    assert found.distance == pytest.approx(2 * (0.5 - 38 / 78))


def test_no_weights_reverse_a_country_that_is_above_on_everything() -> None:
    above = TWO.assign(b=[60.0, 48.0])
    found = dr.reversal(dr.score(PAIR, above), "KEN", "PAK")
    assert not found.possible
    assert np.isnan(found.distance)
    assert "riskier than Kenya on every one of the 2 parts" in found.reason
    assert found.break_even["break_even"].isna().all()


@settings(deadline=None, max_examples=15)
@given(scores=scored(units=5), norm=st.sampled_from(["l1", "l2", "linf"]))
def test_a_reversal_ties_the_two_when_its_weights_are_scored(scores: dr.Scores, norm: Any) -> None:
    for node in (None, "risk", scores.framework.scores[0].children[0].name):
        found = dr.reversal(scores, scores.data.iso3[0], scores.data.iso3[1], norm=norm, group=node)
        if not found.possible:
            continue
        table = found.table()
        if node is None:
            indicators = scores.normalised[table.index].to_numpy()
            a, b = indicators[:2] @ table["weight_after"].to_numpy()
        else:
            changes = {f"{name}.weight": float(w) for name, w in table["weight_after"].items()}
            if any(weight <= 0 for weight in changes.values()):
                continue
            again = dr.score(scores.framework.replace(changes), scores.data)
            a, b = again.values["risk"].to_numpy()[:2]
        assert a == pytest.approx(b, abs=1e-6)


def test_a_power_mean_on_top_is_reversed_through_its_generator() -> None:
    fw = PAIR.replace({"risk.aggregation": {"method": "power", "p": 2}})
    found = dr.reversal(dr.score(fw, TWO), "PAK", "KEN", group="risk")
    assert found.break_even.loc["a", "break_even"] == pytest.approx(2204 / 7804)
    # One mean throughout: effective weights act on squares, so that the answer is exact.
    whole = dr.reversal(dr.score(fw, TWO), "PAK", "KEN")
    assert whole.exact
    assert whole.table().loc["a", "weight_after"] == pytest.approx(2204 / 7804)


def tied(found: dr.Reversal, scores: dr.Scores, rows: tuple[int, int]) -> float:
    """The gap under the weights of a reversal, from the tree itself."""
    form = weight_gap(scores, found.score, rows, found.group or None)
    return float(form(found.table()["weight_after"].to_numpy()[None])[0])


@pytest.mark.slow
@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize(
    "aggregation",
    [
        "arithmetic",
        "geometric",
        {"method": "power", "p": 3},
        {"method": "mirrored", "of": "geometric"},
        {"method": "owa", "orness": 0.7},
        "maximum",
    ],
    ids=str,
)
@settings(deadline=None, max_examples=5)
@given(data=st.data())
def test_weights_of_a_reversal_tie_the_two_under_every_mean(
    aggregation: Any, missing: bool, data: st.DataObject
) -> None:
    scores = data.draw(scored(missing=missing, aggregation=aggregation))
    norm: Any = data.draw(st.sampled_from(["l1", "l2", "linf"]))
    child = scores.framework.scores[0].children[0].name
    for group_ in (None, "risk", child):
        found = dr.reversal(
            scores, scores.data.iso3[0], scores.data.iso3[4], norm=norm, group=group_
        )
        rows = (0, 4) if found.above == country_name(scores, 0) else (4, 0)
        if not found.possible:
            assert found.reason
            continue
        gap = tied(found, scores, rows)
        # Under a maximum weights act by being 0 alone: the two then swap at once.
        assert gap <= 1e-6
        assert gap >= -1e-6 or aggregation == "maximum"
        after = found.table()["weight_after"]
        assert (after >= 0).all()
        assert after.sum() == pytest.approx(1)
        # No weighting of the certified set that lies nearer makes them swap.
        if found.exact:
            form = weight_gap(scores, "risk", rows, group_)
            rng = np.random.default_rng(0)
            drawn = form.weights + rng.normal(0, 0.1, (400, len(after)))
            drawn = np.maximum(drawn, 0) / np.maximum(drawn, 0).sum(axis=1, keepdims=True)
            shift = np.abs(drawn - form.weights)
            size = {
                "l1": shift.sum(axis=1),
                "l2": np.sqrt((shift**2).sum(axis=1)),
                "linf": shift.max(axis=1),
            }[norm]
            assert (form(drawn[size < found.distance - 1e-9]) > -1e-7).all()


@pytest.mark.slow
@settings(deadline=None, max_examples=30)
@given(scores=scored(units=5), norm=st.sampled_from(["l1", "l2", "linf"]))
def test_the_search_finds_the_exact_answer_where_there_is_one(scores: dr.Scores, norm: str) -> None:
    order = (0, 1) if scores.values["risk"].iloc[0] >= scores.values["risk"].iloc[1] else (1, 0)
    form = weight_gap(scores, "risk", order, None)
    assert form.linear is not None
    expected = nearest(form.weights, form.linear, 0.0, norm)
    found = attained(form, form.weights, norm, 1e-7)
    if expected is None:
        assert found is None
        return
    assert found is not None
    sizes = [
        {
            "l1": np.abs(one - form.weights).sum(),
            "l2": np.sqrt(np.square(one - form.weights).sum()),
            "linf": np.abs(one - form.weights).max(),
        }[norm]
        for one in (expected, found)
    ]
    assert sizes[1] == pytest.approx(sizes[0], abs=1e-5)


@pytest.mark.slow
def test_reversals_of_the_shipped_scores_are_exact_where_both_are_complete(
    bundled: dr.Scores,
) -> None:
    for pair in (("PAK", "KEN"), ("SRB", "POL"), ("LAO", "DEU")):
        found = dr.reversal(bundled, *pair, score="security")
        assert found.exact
    # The external debt of Kenya is registered, that of Poland does not apply: a bound that is attained.
    found = dr.reversal(bundled, "HUN", "KEN", score="dependency")
    assert not found.exact
    assert "Bound" in repr(found) or not found.possible
    power = dr.score(dr.load_framework(preset="power_mean"), bundled.data)
    found = dr.reversal(power, "PAK", "KEN", score="security")
    assert found.reason or found.distance > 0


@pytest.mark.slow
@pytest.mark.parametrize("norm", ["l1", "l2", "linf"])
def test_all_pairs_equal_single_reversals(norm: Any, bundled: dr.Scores) -> None:
    found = dr.reversals(bundled, score="security", norm=norm)
    codes = list(found.index)
    rng = np.random.default_rng(0)
    for first, second in rng.choice(len(codes), (25, 2)):
        if first == second:
            continue
        pair = codes[first], codes[second]
        one = dr.reversal(bundled, *pair, score="security", norm=norm)
        assert found.loc[pair] == pytest.approx(one.distance, abs=1e-8, nan_ok=True)


def test_reversals_of_all_pairs_of_the_bundled_scores(scores: dr.Scores) -> None:
    found = dr.reversals(scores, score="security")
    for pair in (("PAK", "KEN"), ("SRB", "POL")):
        one = dr.reversal(scores, *pair, score="security")
        assert found.loc[pair] == pytest.approx(one.distance, abs=1e-9, nan_ok=True)


# -- pathway ----------------------------------------------------------------------------------------


def test_a_pathway_spends_where_a_point_is_cheapest() -> None:
    found = dr.pathway(dr.score(PAIR, TWO), "PAK", 40)
    assert found.exact
    assert found.reached == pytest.approx(40, abs=1e-6)
    assert found.cost == pytest.approx(20)
    dear = dr.pathway(dr.score(PAIR, TWO), "PAK", 46, actions={"costs": {"a": 3.0}})
    # b is cheaper a point: eight of its ten points do it.
    assert dear.table().index.tolist() == ["b"]
    assert dear.cost == pytest.approx(8)
    only = dr.pathway(dr.score(PAIR, TWO), "PAK", 46, actions={"actionable": "a"})
    assert only.table().index.tolist() == ["a"]


def test_a_value_beyond_its_goalpost_pays_its_way_back() -> None:
    low = {"method": "goalposts", "low": 0, "high": 50}
    fw = framework(group("risk", indicator("a", 0.5, normalisation=low), indicator("b", 0.5)))
    frame = pd.DataFrame(
        {"a": [80.0, 20.0], "b": [60.0, 30.0]}, index=pd.Index(["PAK", "KEN"], name="iso3")
    )
    scores = dr.score(fw, frame)
    found = dr.pathway(scores, "PAK", 70)
    # a would move nothing for its first 60 points; b does it for 20.
    assert found.table().index.tolist() == ["b"]
    assert found.cost == pytest.approx(20)
    forced = dr.pathway(scores, "PAK", 70, actions={"actionable": ["a"]})
    row = forced.table().loc["a"]
    assert row["clipped"]
    assert row["after"] == pytest.approx(40)
    assert forced.cost == pytest.approx(20 + 60)


def test_bounds_and_a_target_that_cannot_be_reached() -> None:
    scores = dr.score(PAIR, TWO)
    bounds = {"bounds": {"a": [70, 100], "b": [10, 100]}}
    found = dr.pathway(scores, "PAK", 45, actions=bounds)
    assert found.table().loc["a", "after"] >= 70
    with pytest.raises(dr.DataError, match="the lowest that can be reached is 40.00"):
        dr.pathway(scores, "PAK", 30, actions=bounds)
    with pytest.raises(dr.DataError, match="at or below the target 60 already"):
        dr.pathway(scores, "PAK", 60)


@pytest.mark.parametrize("target", [{"rank": 2}, "elevated", 49.0])
def test_a_target_as_score_band_or_rank(target: Any) -> None:
    frame = TWO.assign(a=[100.0, 60.0], b=[70.0, 60.0])
    found = dr.pathway(dr.score(PAIR, frame), "PAK", target)
    reached = {"elevated": 60.0}.get(str(target), 60.0 if isinstance(target, dict) else 49.0)
    assert found.reached < reached + 1e-6
    assert found.reached == pytest.approx(reached, abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("aggregation", ["geometric", {"method": "power", "p": 2}])
def test_another_mean_is_reached_and_said_to_be_approximate(aggregation: Any) -> None:
    fw = PAIR.replace({"risk.aggregation": aggregation})
    scores = dr.score(fw, TWO)
    found = dr.pathway(scores, "KEN", 40)
    assert not found.exact
    assert found.table()["effect"].sum() == pytest.approx(found.reached - found.start)
    assert found.reached == pytest.approx(40, abs=1e-4)
    again = TWO.copy()
    again.loc["KEN", found.table().index] = found.table()["after"]
    assert dr.score(fw, again).values.loc["KEN", "risk"] == pytest.approx(found.reached)


def test_a_pathway_of_the_bundled_scores_is_what_its_raw_values_score(scores: dr.Scores) -> None:
    found = dr.pathway(scores, "PAK", 35, score="security")
    data = scores.data.replace({"PAK": found.table()["after"].to_dict()})
    again = scores.model.score(data).values.loc["PAK", "security"]
    assert again == pytest.approx(found.reached, abs=1e-3)
    assert len(found.best(3)) == 3


# -- elasticities -----------------------------------------------------------------------------------


def test_the_slope_by_a_weight_of_the_worked_example() -> None:
    # Means of (80, 40, 60) with weights (.5, .3, .2): 64; slope (80 - 64) / .5 = 32.
    fw = framework(group("risk", indicator("a", 0.5), indicator("b", 0.3), indicator("c", 0.2)))
    frame = pd.DataFrame(
        {"a": [80.0, 1], "b": [40.0, 2], "c": [60.0, 3]},
        index=pd.Index(["PAK", "KEN"], name="iso3"),
    )
    found = dr.elasticities(dr.score(fw, frame), "PAK")
    assert found.loc["a", "by_weight"] == pytest.approx(32, abs=1e-6)
    assert found.loc[["a", "b", "c"], "by_value"].tolist() == pytest.approx([0.5, 0.3, 0.2])
    assert found.loc["a", "left"] == pytest.approx(0.5)
    assert found.loc["a", "elasticity"] == pytest.approx(0.5 * 80 / 64)


def test_a_goalpost_stops_one_side() -> None:
    frame = TWO.assign(a=[100.0, 50.0], b=[120.0, 0.0])
    found = dr.elasticities(dr.score(PAIR, frame), "PAK")
    assert found.loc["a", "clipped"]
    assert found.loc["a", "left"] == pytest.approx(0.5)
    assert found.loc["a", "right"] == 0
    assert found.loc["b", "left"] == found.loc["b", "right"] == 0


# -- stakeholders -----------------------------------------------------------------------------------


def test_stakeholders_agree_where_their_weights_are_the_same(scores: dr.Scores) -> None:
    same = dr.stakeholders(scores, {"twin": {"surveillance": 0.4}}, score="security")
    if scores.framework["surveillance"].weight == 0.4:
        assert same.agreement == pytest.approx(1.0)
        assert same.agreed_pairs == 1.0
        assert (same.table()["compromise"] == same.table()["framework"]).all()
    other = dr.stakeholders(
        scores, {"capacity": {"lack_of_cyber_capacity": 5.0}}, score="security", method="copeland"
    )
    assert other.agreement < 1
    assert other.between.loc["framework", "capacity"] < 1
    assert other.disputed(5)["spread"].iloc[0] == other.table()["spread"].max()


def test_weights_of_a_stakeholder_score_as_the_framework_would() -> None:
    found = dr.stakeholders(dr.score(PAIR, TWO), {"b first": {"a": 1, "b": 3}})
    assert found.table().loc["KEN", "b first"] == 1
    assert found.table().loc["PAK", "framework"] == 1
    assert found.agreed_pairs == 0


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"x": {"aa": 1}}, "no node `aa`"),
        ({"x": {"a": -1}}, "must be a number from 0"),
        ({"x": {"a": 0, "b": 0}}, "every child of `risk` has weight 0"),
        ({}, "expected {name: {node: weight}}"),
    ],
)
def test_wrong_weights_of_a_stakeholder(weights: Any, said: str) -> None:
    with pytest.raises(dr.DsrRiskError) as error:
        dr.stakeholders(dr.score(PAIR, TWO), weights)
    assert said in str(error.value)


# -- fragility --------------------------------------------------------------------------------------


def test_fragility_lists_three_changes_of_each_kind_that_score_as_said(scores: dr.Scores) -> None:
    found = dr.fragility(scores, "KEN", score="security")
    table = found.table()
    assert table["kind"].tolist() == ["weight"] * 3 + ["data"] * 3
    first = table.iloc[0]
    share = float(first["change"].split(" to ")[1])
    parent = scores.framework.parents[first["node"]]
    siblings = scores.framework[str(parent)].children  # type: ignore[union-attr]
    rest = sum(one.weight for one in siblings if one.name != first["node"])
    weight = share / (1 - share) * rest
    again = dr.score(scores.framework.replace({f"{first['node']}.weight": weight}), scores.data)
    assert again.values.loc["KEN", "security"] == pytest.approx(first["score"], abs=0.2)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda s: dr.reversal(s, "PAK", "KENN"), "Kenya"),
        (lambda s: dr.reversal(s, "PAK", "PAK"), "one country"),
        (lambda s: dr.reversal(s, "PAK", "KEN", norm="l3"), "unknown `norm`"),
        (lambda s: dr.reversal(s, "PAK", "KEN", group="rsk"), "did you mean `risk`"),
        (lambda s: dr.pathway(s, "PAK", "elevatd"), "did you mean `elevated`"),
        (lambda s: dr.pathway(s, "PAK", {"rank": 9}), "must lie in 1-2"),
        (lambda s: dr.pathway(s, "PAK", 40, actions={"cost": {}}), "did you mean `costs`"),
        (lambda s: dr.pathway(s, "PAK", 40, actions={"costs": {"a": 0}}), "must be above 0"),
        (lambda s: dr.fragility(s, "PAK", spread=0), "between 0 and 1"),
        (lambda s: dr.robustness(s, spread=0), "above 0, up to 1, received 0"),
        (lambda s: dr.elasticities(s, "PAK", score="rsk"), "rsk"),
    ],
)
def test_bad_input_is_one_clear_error(call: Any, said: str) -> None:
    with pytest.raises(dr.DsrRiskError) as error:
        call(dr.score(PAIR, TWO))
    assert said in str(error.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("reversal", "Pakistan", "Kenya"),
        ("reversal", "Pakistan", "Kenya", "--break-even", "--norm", "l2"),
        ("pathway", "Pakistan", "35", "--score", "security"),
        ("pathway", "Pakistan", "rank:110", "--score", "security", "--best", "3"),
        ("elasticities", "Kenya"),
        ("fragility", "Kenya", "--score", "security"),
    ],
)
def test_the_commands_write_their_tables(words: tuple[str, ...], tmp_path: Any) -> None:
    out = tmp_path / "out.csv"
    done = run(*words, "--out", out)
    assert done.returncode == 0, done.stderr
    assert len(pd.read_csv(out)) >= 1


@pytest.mark.slow
def test_weight_sets_and_actions_from_files(tmp_path: Any) -> None:
    weights, actions = tmp_path / "weights.yaml", tmp_path / "actions.yaml"
    weights.write_text("lenders:\n  lack_of_alternatives: 0.9\n", encoding="utf-8")
    done = run("stakeholders", weights, "--score", "dependency")
    assert done.returncode == 0, done.stderr
    assert "lenders" in done.stdout
    actions.write_text("costs: {safeguards_gap: 2}\n", encoding="utf-8")
    done = run("pathway", "PAK", "38", "--score", "security", "--actions", actions)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "none.csv"
    column = "gci" if "gci" in dr.load_framework() else "gci_2024"
    actions.write_text(f"actionable: [{column}]\n", encoding="utf-8")
    words = ("PAK", "10", "--score", "security", "--actions", actions)
    done = run("pathway", *words, "--out", out)
    assert done.returncode == 2
    assert "the lowest that can be reached is" in done.stderr
    assert not out.exists()


def test_ranks_of_a_selection_are_those_among_all_countries(scores: dr.Scores) -> None:
    chosen = scores.select(countries=["PAK", "KEN", "SRB"])
    target = {"rank": 100}
    pd.testing.assert_frame_equal(
        dr.pathway(chosen, "PAK", target, score="security").table(),
        dr.pathway(scores, "PAK", target, score="security").table(),
    )
    some, every = (dr.fragility(one, "SRB", score="security") for one in (chosen, scores))
    assert some.rank == every.rank == scores.rank.loc["SRB", "security"]
    pd.testing.assert_frame_equal(some.table(), every.table())
    sets = {"capacity first": {"lack_of_cyber_capacity": 0.7}}
    table = dr.stakeholders(chosen, sets, score="security").table()
    assert table["framework"].to_dict() == scores.rank.loc[table.index, "security"].to_dict()
    assert set(table.index) == {"PAK", "KEN", "SRB"}
    with pytest.raises(dr.UnknownNameError, match="POL"):
        dr.fragility(chosen, "POL")
