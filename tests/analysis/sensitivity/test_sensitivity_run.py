"""Sensitivity of a framework: values known by hand, laws, errors, any executor."""

from __future__ import annotations

from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.analysis.sensitivity.analysis import sensitivity
from dsr_risk.montecarlo import compile_design
from dsr_risk.montecarlo.drawing import Key
from dsr_risk.sobol import linear_gaussian, sobol_indices
from tests.analysis.sensitivity.sensitivity_cases import COUNTRIES, frame, framework, indicator
from tests.first_edition import first_data, first_framework

WEIGHTS = {"method": "spread", "share": 0.25}

THREE = framework(indicator("a", 5.0), indicator("b", 3.0), indicator("c", 2.0))
DATA = frame(a=[80, 20, 50, 60], b=[40, 90, 10, 60], c=[60, 30, 70, 61])

NESTED = dr.Framework(
    name="nested",
    scores=[
        {
            "name": "risk",
            "children": [
                {"name": "left", "weight": 2, "children": [indicator("a"), indicator("b", 2)]},
                {"name": "right", "children": [indicator("c"), indicator("d")]},
            ],
        }
    ],
)
NESTED_DATA = frame(
    a=[80, 20, 50, 60, 5], b=[40, 90, 10, 60, 70], c=[60, 30, 70, 61, 90], d=[10, 20, 80, 95, 15]
)
MIXED: dict[str, Any] = {
    "risk.weights": {"method": "dirichlet", "concentration": 20},
    "left.weights": WEIGHTS,
    "left.aggregation": {"method": "choice", "options": ["arithmetic", "geometric"]},
    "a.data": {"method": "standard_error", "absolute": 5},
    "c.data": {"method": "standard_error", "relative": 0.1},
}


def normal(**errors: float) -> dict[str, Any]:
    """Normal errors of whole columns, in points."""
    return {
        f"{name}.data": {"method": "standard_error", "absolute": size}
        for name, size in errors.items()
    }


# -- known by hand ----------------------------------------------------------------------------------


def test_independent_errors_of_a_weighted_sum_have_their_share_of_its_variance() -> None:
    errors = {"a": 2.0, "b": 4.0, "c": 3.0}
    found = sensitivity(
        THREE, DATA, n=4096, factors=normal(**errors), nodes="score", shapley="exact"
    )
    parts = np.array([0.5 * 2, 0.3 * 4, 0.2 * 3]) ** 2
    for country in ("PAK", "KEN", None):
        table = found.table(country).loc[["a.data", "b.data", "c.data"]]
        for effect in ("first", "total", "shapley"):
            np.testing.assert_allclose(table[effect], parts / parts.sum(), atol=0.06)
            assert (table[f"{effect}_low"] < table[effect]).all()
    assert found.variance["score", "risk", "PAK"] == pytest.approx(parts.sum(), rel=0.05)


def test_a_dirichlet_is_one_factor_with_its_variance() -> None:
    fw = framework(indicator("a", 5.0), indicator("b", 3.0), indicator("c", 2.0))
    data = frame(a=[100, 0, 40], b=[0, 100, 40], c=[0, 30, 40])
    found = sensitivity(
        fw,
        data,
        n=2048,
        nodes=(),
        factors={"risk.weights": {"method": "dirichlet", "concentration": 50}},
    )
    assert found.factors == ("risk.weights",)
    # The weight of `a` has mean .5 and variance .25 / 51 = .004902.
    assert found.variance["score", "risk", "PAK"] == pytest.approx(100**2 * 0.004902, rel=0.01)
    table = found.table("PAK")
    np.testing.assert_allclose(table[["first", "total"]], 1, atol=0.02)
    np.testing.assert_allclose(table["shapley"], 1, atol=1e-12)


def test_a_uniform_parameter_and_a_choice_share_the_variance_as_computed_over_a_grid() -> None:
    factors = {
        "risk.aggregation": {"method": "choice", "options": ["arithmetic", "geometric"]},
        "risk.weights": WEIGHTS,
    }
    found = sensitivity(THREE, DATA, n=4096, factors=factors, nodes="score")
    design = compile_design(THREE, DATA, factors)
    u = np.random.default_rng(0).random((40_000, 4))
    half = u.copy()
    column = design.columns["risk.aggregation"].start
    u[:, column], half[:, column] = 0.25, 0.75
    y = np.stack([design.evaluate_block(one, nodes=["risk"])[:, 0, 0] for one in (u, half)])
    total = y.var()
    assert found.table("PAK").loc["risk.aggregation", "first"] == pytest.approx(
        y.mean(axis=1).var() / total, abs=0.02
    )
    assert found.table("PAK").loc["risk.weights", "first"] == pytest.approx(
        y.mean(axis=0).var() / total, abs=0.02
    )


def test_the_mean_rank_shift_is_that_of_the_ranks_against_the_ranks_as_written() -> None:
    factors = normal(a=15.0, b=15.0)
    found = sensitivity(THREE, DATA, n=2048, factors=factors, nodes=())
    rng = np.random.default_rng(0)
    x = DATA.to_numpy() + rng.normal(size=(20000, 4, 3)) * np.array([15, 15, 0])
    x = np.clip(x, 0, 100)
    y = x @ np.array([0.5, 0.3, 0.2])
    rank = 4 - np.argsort(np.argsort(y, axis=1), axis=1)
    nominal = DATA.to_numpy() @ np.array([0.5, 0.3, 0.2])
    shift = np.abs(rank - (4 - np.argsort(np.argsort(nominal)))).mean(axis=1)
    assert found.variance["shift", "risk", "all"] == pytest.approx(shift.var(), rel=0.08)
    assert found.table(quantity="shift")["total"].gt(0.1).all()


def test_indices_are_those_of_the_plain_estimator_on_the_same_rows() -> None:
    factors = {"risk.weights": WEIGHTS, "left.weights": WEIGHTS, "right.weights": WEIGHTS}
    n = 64
    found = sensitivity(NESTED, NESTED_DATA, n=n, factors=factors, nodes=["left"], shapley="none")
    design = compile_design(NESTED, NESTED_DATA, factors)
    from dsr_risk.montecarlo.sampling import Points

    points = Points(2 * design.dimension, n, 0, "sobol").block(0)
    a, b = points[:, : design.dimension], points[:, design.dimension :]
    mixed = []
    for name in design.names:
        u = a.copy()
        u[:, design.columns[name]] = b[:, design.columns[name]]
        mixed.append(u)
    y = [design.evaluate_block(one, nodes=["risk", "left"]) for one in (a, b, *mixed)]
    for row, node in enumerate(("risk", "left")):
        plain = sobol_indices(y[0][:, :, row], y[1][:, :, row], np.stack(y[2:])[:, :, :, row])
        quantity = "score" if node == "risk" else "node"
        for unit, country in enumerate(COUNTRIES[:5]):
            key = (quantity, node, country)
            np.testing.assert_allclose(found.first[key], plain.first[:, unit], atol=1e-10)
            np.testing.assert_allclose(found.total[key], plain.total[:, unit], atol=1e-10)


def test_streams_are_exchanged_by_their_second_realisation() -> None:
    n = 16
    found = sensitivity(NESTED, NESTED_DATA, n=n, factors=MIXED, nodes="score", shapley="none")
    design = compile_design(NESTED, NESTED_DATA, MIXED)
    from dsr_risk.montecarlo.sampling import Points

    points = Points(2 * design.dimension, n, 0, "sobol").block(0)
    a, b = points[:, : design.dimension], points[:, design.dimension :]
    y = [
        design.evaluate_block(a),
        design.evaluate_block(b, copies=dict.fromkeys(design.streams, 1)),
    ]
    for name in design.names:
        u, copies = a.copy(), {}
        if name in design.streams:
            copies = {name: 1}
        else:
            u[:, design.columns[name]] = b[:, design.columns[name]]
        y.append(design.evaluate_block(u, copies=copies))
    place = design.nodes.index("risk")
    plain = sobol_indices(y[0][:, :, place], y[1][:, :, place], np.stack(y[2:])[:, :, :, place])
    for unit, country in enumerate(COUNTRIES[:5]):
        np.testing.assert_allclose(
            found.first["score", "risk", country], plain.first[:, unit], atol=1e-10
        )
        np.testing.assert_allclose(
            found.total["score", "risk", country], plain.total[:, unit], atol=1e-10
        )


@pytest.mark.slow
@pytest.mark.parametrize("missing", [{"method": "peers"}, {"method": "imputed"}])
def test_what_streams_drew_is_kept_between_evaluations_and_changes_nothing(missing: Any) -> None:
    framework = first_framework()
    if missing["method"] == "imputed":
        framework = framework.replace({"defaults.missing": "regression"})
    factors = {
        "*.goalposts": {"method": "uniform", "share": 0.1},
        "dependency.aggregation": {"method": "choice", "options": ["as_written", "geometric"]},
        "*.data": {"method": "confidence", "high": 0.02, "medium": 0.1, "low": 0.3},
        "*.missing": missing,
    }
    design = compile_design(framework, first_data(), factors)
    rows = 8
    keeping = design.keeping(rows)
    rng = np.random.default_rng(0)
    for block, copies in ((0, {}), (0, {"*.data": 1}), (0, {}), (1, {"*.missing": 1}), (0, {})):
        u = rng.random((3 * rows, design.dimension))
        values = keeping.values(u, design.headlines, Key(0, block, copies), every=rows)
        for part in range(3):
            own = slice(part * rows, (part + 1) * rows)
            fresh = design.keeping(rows)
            alone = fresh.evaluate_block(u[own], block=block, copies=copies, nodes=design.headlines)
            np.testing.assert_allclose(
                np.moveaxis(values[:, own], 0, -1), alone, rtol=1e-12, equal_nan=True
            )


@pytest.mark.slow
def test_all_subsets_of_many_factors_cost_at_most_32_evaluations_a_row_more() -> None:
    factors = MIXED | {
        "right.weights": WEIGHTS,
        "right.aggregation": {"method": "choice", "options": ["arithmetic", "geometric"]},
        "b.data": {"method": "standard_error", "absolute": 2},
    }
    found = sensitivity(NESTED, NESTED_DATA, n=1024, factors=factors, nodes="score")
    assert (len(found.factors), found.shapley_method) == (8, "exact")
    assert 1024 * 10 < found.evaluations <= 1024 * 42
    np.testing.assert_allclose(found.shapley["score", "risk", "all"].sum(), 1, atol=1e-9)
    assert (found.shapley.fillna(0) >= 0).all(axis=None)


# -- laws -------------------------------------------------------------------------------------------


def test_shapley_effects_add_to_one_and_first_order_stays_below_total_for_every_target() -> None:
    for shapley in ("exact", "permutation"):
        found = sensitivity(NESTED, NESTED_DATA, n=256, factors=MIXED, shapley=shapley)  # type: ignore[arg-type]
        varying = found.variance > 1e-12
        assert varying.sum() > 15
        sums = found.shapley.sum().to_numpy()[varying.to_numpy()]
        np.testing.assert_allclose(sums, 1, atol=1e-9)
        room = 4 * (found.errors("first") + found.errors("total")) + 1e-9
        assert ((found.first <= found.total + room) | found.total.isna()).all(axis=None)


@pytest.mark.slow
def test_permutations_and_all_subsets_agree_within_their_errors() -> None:
    exact = sensitivity(NESTED, NESTED_DATA, n=2048, factors=MIXED, shapley="exact", nodes="score")
    order = sensitivity(
        NESTED, NESTED_DATA, n=2048, factors=MIXED, shapley="permutation", nodes="score"
    )
    room = 5 * np.hypot(exact.errors("shapley"), order.errors("shapley")) + 0.01
    away = (exact.shapley - order.shapley).abs()
    assert (away.le(room) | away.isna()).all(axis=None)
    assert exact.evaluations > order.evaluations


def test_all_countries_together_are_the_countries_weighed_by_their_variance() -> None:
    found = sensitivity(NESTED, NESTED_DATA, n=128, factors=MIXED, nodes=())
    own = found.variance["score"]["risk"].drop("all")
    for effect in (found.first, found.total, found.shapley):
        pooled = (effect["score"]["risk"][own.index] * own).sum(axis=1) / own.sum()
        np.testing.assert_allclose(effect["score", "risk", "all"], pooled, atol=1e-9)


def test_the_last_line_of_the_convergence_is_the_result() -> None:
    found = sensitivity(NESTED, NESTED_DATA, n=256, factors=MIXED)
    path = found.convergence("Kenya", quantity="rank")
    assert list(path.index)[-1] == 256
    assert path.index.is_monotonic_increasing
    assert len(path) > 2
    for effect in ("first", "total", "shapley"):
        np.testing.assert_allclose(
            path.iloc[-1][effect], getattr(found, effect)["rank", "risk", "KEN"], atol=1e-12
        )


def test_errors_shrink_with_the_rows() -> None:
    few, many = (
        sensitivity(NESTED, NESTED_DATA, n=n, factors=MIXED, nodes=(), shapley="none")
        for n in (128, 2048)
    )
    assert (
        many.errors("total")["score", "risk", "all"].mean()
        < 0.5 * few.errors("total")["score", "risk", "all"].mean()
    )


def same_bytes(one: Any, other: Any) -> bool:
    return all(one._arrays[name].tobytes() == other._arrays[name].tobytes() for name in one._arrays)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_for_1_2_and_7_workers() -> None:
    alone = sensitivity(NESTED, NESTED_DATA, n=512, factors=MIXED)
    with ProcessPoolExecutor(2) as two:
        assert same_bytes(
            alone, sensitivity(NESTED, NESTED_DATA, n=512, factors=MIXED, executor=two)
        )
    with ThreadPoolExecutor(7) as seven:
        assert same_bytes(
            alone, sensitivity(NESTED, NESTED_DATA, n=512, factors=MIXED, executor=seven)
        )
    assert same_bytes(alone, sensitivity(NESTED, NESTED_DATA, n=512, seed=0, factors=MIXED))
    assert not same_bytes(alone, sensitivity(NESTED, NESTED_DATA, n=512, seed=1, factors=MIXED))


def test_threads_that_share_a_design_do_not_share_what_it_drew() -> None:
    design = compile_design(NESTED, NESTED_DATA, MIXED).keeping(8)
    first, second = Key(0, 0, {}), Key(0, 1, {})

    def drawn(key: Key) -> bytes:
        return b"".join(one.tobytes() for one in design.drawing.random("a.data", key, 8))

    alone = {key.block: drawn(key) for key in (first, second)}
    with ThreadPoolExecutor(1) as other:

        def meanwhile() -> str:
            # While this thread draws, another one turns to the next block.
            assert other.submit(drawn, second).result() == alone[1]
            return "mine"

        once = design.drawing._once
        assert once("what", "a.data", first, 8, meanwhile) == "mine"
        assert once("what", "a.data", first, 8, lambda: pytest.fail("drawn again")) == "mine"
        assert (
            other.submit(once, "what", "a.data", second, 8, lambda: "theirs").result() == "theirs"
        )


def test_nothing_the_caller_holds_is_changed() -> None:
    data, factors = NESTED_DATA.copy(), {name: dict(one) for name, one in MIXED.items()}
    sensitivity(NESTED, data, n=16, factors=factors)
    pd.testing.assert_frame_equal(data, NESTED_DATA)
    assert factors == MIXED


# -- groups and correlations ------------------------------------------------------------------------


def test_groups_have_effects_of_their_own_from_the_same_run() -> None:
    errors = normal(a=2.0, b=4.0, c=3.0)
    found = sensitivity(
        THREE, DATA, n=2048, factors=errors, nodes="score", groups={"ab": ["a.data", "b.data"]}
    )
    parts = np.array([0.5 * 2, 0.3 * 4, 0.2 * 3]) ** 2 / (1 + 1.44 + 0.36)
    table = found.table("KEN")
    assert list(table.index) == ["a.data", "b.data", "c.data", "ab"]
    np.testing.assert_allclose(table["total"], [*parts, parts[:2].sum()], atol=0.06)
    np.testing.assert_allclose(table["shapley"].dropna(), [parts[2], parts[:2].sum()], atol=0.06)
    assert set(found.shapley.index) == {"ab", "c.data"}


def test_factors_can_be_grouped_by_kind() -> None:
    found = sensitivity(NESTED, NESTED_DATA, n=64, factors=MIXED, groups="kind", nodes=())
    assert tuple(found.shapley.index) == ("weights", "choice", "data")
    assert found.table("PAK").loc[["weights", "choice", "data"], "shapley"].sum() == pytest.approx(
        1
    )


CORRELATED = dr.Framework(
    name="bent",
    scores=[
        {
            "name": "risk",
            "children": [
                {
                    "name": "left",
                    "aggregation": {"method": "power", "p": 2},
                    "children": [indicator("a"), indicator("b")],
                },
                {
                    "name": "right",
                    "aggregation": {"method": "power", "p": 2},
                    "children": [indicator("c"), indicator("d")],
                },
            ],
        }
    ],
)
POWERS = {
    "left.aggregation.p": {"method": "uniform", "low": 1.9, "high": 2.1},
    "right.aggregation.p": {"method": "uniform", "low": 1.9, "high": 2.1},
    "risk.weights": {"method": "spread", "share": 0.01},
}


def test_correlated_factors_get_shapley_effects_and_are_refused_others_with_the_reason() -> None:
    pair = ("left.aggregation.p", "right.aggregation.p")
    only = {name: POWERS[name] for name in pair}
    found = sensitivity(
        CORRELATED, NESTED_DATA, n=2048, factors=only, correlation={pair: 0.8}, nodes="groups"
    )
    assert found.first.isna().all(axis=None)
    assert "`right.aggregation.p`" in found.undefined["left.aggregation.p"]
    assert any("correlated" in note for note in found.notes)
    # Nearly linear in both, so that the closed form holds up to the copula of uniform numbers.
    spread = np.sqrt([found.variance["node", node, "PAK"] for node in ("left", "right")]) / 2
    want = linear_gaussian(spread, np.array([[1, 0.786], [0.786, 1]]))
    np.testing.assert_allclose(found.table("PAK").loc[list(pair), "shapley"], want, atol=0.03)


def test_a_group_that_holds_a_whole_correlation_keeps_all_its_effects() -> None:
    pair = ("left.aggregation.p", "right.aggregation.p")
    found = sensitivity(
        CORRELATED,
        NESTED_DATA,
        n=256,
        factors=POWERS,
        correlation={pair: 0.8},
        groups={"p": list(pair)},
    )
    table = found.table("PAK")
    assert table.loc[list(pair), "first"].isna().all()
    assert table.loc[["p", "risk.weights"], ["first", "total", "shapley"]].notna().all(axis=None)


@pytest.mark.parametrize(
    ("correlation", "words"),
    [
        ({("left.aggregation.p", "right.agregation.p"): 0.5}, "did you mean `right.aggregation.p`"),
        ({("left.aggregation.p", "risk.weights"): 0.5}, "several numbers at once"),
        ({("left.aggregation.p", "right.aggregation.p"): 1.0}, "between -1 and 1, received 1.0"),
        ({("left.aggregation.p", "left.aggregation.p"): 0.5}, "a pair of two factors"),
    ],
)
def test_impossible_correlations_are_refused(correlation: Any, words: str) -> None:
    with pytest.raises(dr.FrameworkError, match=words):
        sensitivity(CORRELATED, NESTED_DATA, n=8, factors=POWERS, correlation=correlation)


# -- what is missing has a reason -------------------------------------------------------------------


def test_a_target_without_variance_is_nan_and_says_why() -> None:
    flat = frame(a=[80, 20, 50], b=[80, 90, 10], c=[80, 30, 70])
    found = sensitivity(THREE, flat, n=64, factors={"risk.weights": WEIGHTS}, nodes="all")
    assert found.first["score", "risk", "PAK"].isna().all()
    assert found.shapley["score", "risk", "PAK"].isna().all()
    assert found.reasons["score", "risk", "PAK"] == "does not vary with these factors"
    assert found.reasons["node", "a", "KEN"] == "does not vary with these factors"
    assert found.first["score", "risk", "KEN"].notna().all()


def test_a_country_without_a_score_is_no_target_and_says_why() -> None:
    data = frame(a=[80, 20, np.nan], b=[40, 90, np.nan], c=[60, 30, 5])
    found = sensitivity(THREE, data, n=16, factors={"risk.weights": WEIGHTS})
    with pytest.raises(dr.UnknownNameError, match="for GHA: `risk` has no value here"):
        found.table("Ghana")
    assert ("score", "risk", "GHA") in found.reasons


def test_a_score_that_some_choices_take_away_is_no_target_and_says_why() -> None:
    data = frame(a=[80, 20, 5], b=[40, 90, np.nan], c=[60, 30, np.nan])
    factors = {
        "risk.min_children": {"method": "choice", "options": [1, 2]},
        "risk.weights": WEIGHTS,
    }
    found = sensitivity(THREE, data, n=32, factors=factors)
    assert "under some of the choices" in found.reasons["rank", "risk", "GHA"]
    assert found.table("PAK")["total"].notna().all()


# -- display and selection --------------------------------------------------------------------------


def test_tables_hold_intervals_and_the_tidy_form_everything() -> None:
    found = sensitivity(NESTED, NESTED_DATA, n=64, factors=MIXED)
    narrow, wide = (
        found.table("PAK", confidence_level=0.5),
        found.table("PAK", confidence_level=0.99),
    )
    assert (
        (wide["total_high"] - wide["total_low"]) > (narrow["total_high"] - narrow["total_low"])
    ).any()
    tidy = found.tidy()
    picked = tidy[
        (tidy["quantity"] == "rank") & (tidy["unit"] == "KEN") & (tidy["effect"] == "total")
    ]
    np.testing.assert_array_equal(
        picked.set_index("factor")["value"], found.total["rank", "risk", "KEN"].to_numpy()
    )
    assert len(tidy) == 3 * len(found.factors) * found.first.shape[1]
    assert found.table("PAK", "left", quantity="node").loc["left.weights", "total"] > 0


def test_text_markdown_and_html_show_every_factor() -> None:
    found = sensitivity(NESTED, NESTED_DATA, n=48, factors=MIXED)
    for text in (repr(found), found.to_markdown(), found.to_html()):
        assert all(name in text for name in MIXED)
        assert "64 would keep it" in text


def test_frames_are_copies() -> None:
    found = sensitivity(THREE, DATA, n=16, factors={"risk.weights": WEIGHTS})
    mine = found.first
    mine.iloc[:, :] = 7
    assert found.first["score", "risk", "PAK"].item() != 7
    with pytest.raises(ValueError, match="read-only"):
        found._arrays["first"][:] = 7  # type: ignore[index]


def test_unknown_targets_are_named_with_the_nearest() -> None:
    found = sensitivity(THREE, DATA, n=16, factors={"risk.weights": WEIGHTS})
    for call, words in (
        (lambda: found.table("PAK", "rsk"), "did you mean `risk`"),
        (lambda: found.table("PAK", quantity="scores"), "did you mean `score`"),
        (lambda: found.table("Atlantis"), "Atlantis"),
        (lambda: found.table("France"), "FRA: was not analysed"),
        (lambda: found.errors("totl"), "did you mean `total`"),
    ):
        with pytest.raises(dr.UnknownNameError, match=words):
            call()
    with pytest.raises(dr.DataError, match="between 0 and 1, received 95"):
        found.table("PAK", confidence_level=95)


def test_a_panel_ranks_within_its_years() -> None:
    panel = pd.concat(
        {2020: DATA, 2021: DATA.iloc[::-1].set_axis(DATA.index)}, names=["year", "iso3"]
    )
    panel = panel.swaplevel().sort_index()
    found = sensitivity(THREE, panel, n=32, factors={"risk.weights": WEIGHTS})
    alone = sensitivity(THREE, DATA, n=32, factors={"risk.weights": WEIGHTS})
    latest, early = (
        found.table("PAK", quantity="rank"),
        found.table("PAK", quantity="rank", year=2020),
    )
    np.testing.assert_allclose(early, alone.table("PAK", quantity="rank"), atol=1e-9)
    assert latest.index.equals(early.index)


# -- bad input --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"n": 0}, dr.DataError, "`n` must be a whole number from 1 to 16,777,216, received 0"),
        ({"n": -4}, dr.DataError, "received -4"),
        ({"n": 2.5}, dr.DataError, "received 2.5"),
        ({"seed": -1}, dr.DataError, "`seed` must be a whole number from 0, received -1"),
        ({"resamples": 1}, dr.DataError, "`resamples` must be a whole number from 2"),
        ({"sampling": "halton"}, dr.UnknownNameError, "unknown `sampling` 'halton'"),
        ({"executor": 4}, dr.DataError, "concurrent.futures.Executor or None, received 4"),
        ({"factors": {}}, dr.FrameworkError, "has no factors"),
        ({"factors": {"rsk.weights": WEIGHTS}}, dr.FrameworkError, "did you mean `risk`"),
        ({"nodes": ["aa"]}, dr.UnknownNameError, "unknown node `aa`"),
        ({"nodes": "group"}, dr.UnknownNameError, "did you mean `groups`"),
        ({"shapley": "exakt"}, dr.UnknownNameError, "did you mean `exact`"),
        ({"groups": {"g": ["risk.weight"]}}, dr.FrameworkError, "did you mean `risk.weights`"),
        ({"groups": {"g": []}}, dr.FrameworkError, "expected a list of factors"),
        ({"groups": {"g": ["risk.weights"], "h": ["risk.weights"]}}, dr.FrameworkError, "keep one"),
        ({"groups": "kinds"}, dr.UnknownNameError, "unknown `groups` 'kinds'; did you mean `kind`"),
    ],
)
def test_bad_input_is_refused_with_what_was_received(options: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        sensitivity(THREE, DATA, **{"n": 8, "factors": {"risk.weights": WEIGHTS}, **options})


def test_any_number_of_rows_goes_and_one_that_is_no_power_of_two_is_noted() -> None:
    found = sensitivity(THREE, DATA, n=100, factors={"risk.weights": WEIGHTS})
    assert found.n == 100
    assert "128 would keep it" in found.notes[0]
    assert sensitivity(THREE, DATA, n=128, factors={"risk.weights": WEIGHTS}).notes == ()


@pytest.mark.parametrize("n", [1, 2, 3, 17])
def test_a_handful_of_rows_gives_numbers_or_nan_and_no_crash(n: int) -> None:
    found = sensitivity(NESTED, NESTED_DATA, n=n, factors=MIXED)
    assert found.convergence().index[-1] == n
    assert np.isfinite(found.total["score", "risk", "all"]).all()


def test_progress_ends_at_the_rows_asked_for() -> None:
    seen: list[tuple[int, int]] = []
    sensitivity(
        THREE,
        DATA,
        n=100,
        factors={"risk.weights": WEIGHTS},
        progress=lambda *step: seen.append(step),
    )
    assert seen[-1] == (100, 100)


class Dying(Executor):
    """An executor whose workers are gone."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        raise RuntimeError("killed")


def test_a_dead_executor_is_said_to_be_one() -> None:
    with pytest.raises(dr.DsrRiskError, match=r"executor failed \(RuntimeError: killed\)"):
        sensitivity(THREE, DATA, n=8, factors={"risk.weights": WEIGHTS}, executor=Dying())


@pytest.mark.parametrize(
    "factors", [{"risk.weights": WEIGHTS}, normal(a=5.0)], ids=["one factor", "errors"]
)
def test_sensitivity_of_a_single_factor_is_one_for_any_number_of_rows(
    factors: dict[str, Any],
) -> None:
    effects = sensitivity(THREE, DATA, n=4, factors=factors, resamples=5).table()
    assert (effects[["first", "total", "shapley"]] == 1).all(axis=None)
    assert (effects.filter(regex="_low|_high") == 1).all(axis=None)


def test_sensitivity_of_a_group_of_all_factors_is_one() -> None:
    found = sensitivity(
        NESTED, NESTED_DATA, n=16, factors=MIXED, groups={"every": list(MIXED)}, resamples=5
    )
    every = found.table().loc["every"]
    assert every[["first", "total", "shapley"]].tolist() == [1, 1, 1]
