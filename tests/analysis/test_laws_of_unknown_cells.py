"""Laws of what is not known, on random frameworks with missing, censored, derived and estimated cells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st

import dsr_risk as dr
from dsr_risk.data.countries import country_table

MISSING = {"*.missing": {"method": "imputed"}}
CODES = [code for code in country_table().index if code not in ("CHN", "HKG", "MAC")]
METHODS: tuple[Any, ...] = (
    {"method": "regression"},
    {"method": "regression", "scale": "raw"},
    {"method": "knn", "k": 4, "overlap": 2},
    {"method": "mean", "by": "income", "otherwise": "all"},
    {"method": "hot_deck", "by": "region"},
    {"method": "regression", "delta": {"low": 0.6, "high": 1}},
)
MEANS: tuple[Any, ...] = (
    "arithmetic",
    {"method": "power", "p": 2},
    {"method": "geometric", "offset": 1},
    {"method": "mirrored", "of": {"method": "geometric", "offset": 1}},
)
OPERATIONS: tuple[dict[str, Any], ...] = (
    {"method": "product"},
    {"method": "ratio"},
    {"method": "share"},
    {"method": "weighted_sum", "weights": [0.5, 2]},
    {"method": "minimum"},
)
NORMALISATIONS: tuple[Any, ...] = (
    "minmax",
    {"method": "goalposts", "low": 2, "high": 60},
    "zscore",
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[dr.Framework, dr.Data]:
    """Return a framework with two groups, one derived indicator and a part of its own, and data for it."""
    seed, units = draw(st.integers(0, 2**16)), draw(st.integers(24, 40))
    chosen = {
        name: draw(st.sampled_from(options))
        for name, options in {
            "missing": METHODS,
            "first": MEANS,
            "top": MEANS,
            "derived": OPERATIONS,
            "normalisation": NORMALISATIONS,
        }.items()
    }
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(units, 1))
    values = np.exp(2.5 + 0.6 * common + 0.4 * rng.normal(size=(units, 6)))
    truth = values.copy()
    values[rng.random(values.shape) < 0.15] = np.nan
    # Every column keeps enough to learn from, and every unit something observed.
    values[:8], values[:, 0] = truth[:8], truth[:, 0]
    cells = pd.DataFrame(
        [
            {"iso3": CODES[unit], "indicator": f"x{column}", "value": values[unit, column]}
            for unit in range(units)
            for column in range(6)
        ]
    )
    # Some missing cells are known to lie between bounds.
    lost = cells.index[cells["value"].isna()]
    some = rng.choice(lost, len(lost) // 2, replace=False) if len(lost) else lost
    known = truth.ravel()[some]
    cells.loc[some, "lower"] = known * rng.uniform(0.5, 1, len(some))
    cells.loc[some, "upper"] = known * rng.uniform(1, 1.5, len(some))
    framework = dr.Framework(
        name="made",
        defaults={"missing": chosen["missing"], "normalisation": chosen["normalisation"], "min_coverage": 0},
        context=[{"name": "x4", "higher_is": "riskier"}, {"name": "x5", "higher_is": "riskier"}],
        scores=[
            {"name": "risk", "aggregation": chosen["top"], "children": [
                {"name": "a", "aggregation": chosen["first"], "children": [
                    {"name": "x0", "higher_is": "riskier"}, {"name": "x1", "higher_is": "safer"}]},
                {"name": "b", "children": [
                    {"name": "x2", "higher_is": "riskier", "weight": 2},
                    {"name": "x3", "higher_is": "safer"},
                    {"name": "d", "higher_is": "riskier",
                     "derived": {**chosen["derived"], "of": ["x4", "x5"]}}]},
            ]},
        ],
    )  # fmt: skip
    return framework, dr.as_data(cells)


law = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
few = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.slow
@law
@given(cases())
def test_contributions_sum_to_the_score(case: tuple[dr.Framework, dr.Data]) -> None:
    scores = dr.score(*case)
    sums = scores.contributions("risk").sum(axis=1)
    floor = scores.framework.scale[0]
    np.testing.assert_allclose(sums + floor, scores.evaluated["risk"], atol=1e-7)


@pytest.mark.slow
@law
@given(cases())
def test_every_node_lies_inside_its_hard_bounds(case: tuple[dr.Framework, dr.Data]) -> None:
    scores = dr.score(*case)
    for name in ("risk", "a", "b", "d"):
        value, low, high = (x[name] for x in (scores.evaluated, scores.minimum, scores.maximum))
        assert not (value < low - 1e-7).any()
        assert not (value > high + 1e-7).any()


@pytest.mark.slow
@law
@given(cases())
def test_no_draw_lies_outside_the_hard_bounds(case: tuple[dr.Framework, dr.Data]) -> None:
    scores = dr.score(*case)
    drawn = dr.uncertainty(scores, draws=64, factors=MISSING, nodes="all")
    for name in ("risk", "x1", "x2", "d"):
        sample = drawn.sample(name) if name in drawn.nodes else np.array(scores.evaluated[[name]]).T
        assert np.nanmin(sample - scores.minimum[name].to_numpy()) >= -1e-7
        assert np.nanmax(sample - scores.maximum[name].to_numpy()) <= 1e-7


@pytest.mark.slow
@law
@given(cases())
def test_the_score_lies_inside_its_interval(case: tuple[dr.Framework, dr.Data]) -> None:
    scores = dr.score(*case)
    table = dr.uncertainty(scores, draws=256, factors=MISSING, nodes="score").table("risk")
    assert (table["risk"] >= table["risk_low"] - 1e-6).all()
    assert (table["risk"] <= table["risk_high"] + 1e-6).all()


@pytest.mark.slow
@law
@given(cases())
def test_the_normalised_cell_is_the_mean_of_its_draws(case: tuple[dr.Framework, dr.Data]) -> None:
    scores = dr.score(*case)
    drawn = dr.uncertainty(scores, draws=2048, factors=MISSING, nodes="all", sampling="random")
    for name in ("x1", "x2", "d"):
        if name not in drawn.nodes:
            continue
        table = drawn.scores(name)
        error = np.abs(table["mean"] - scores.normalised[name].reindex(table.index))
        assert (error <= 6 * table["sd"] / np.sqrt(2048) + 0.35).all()


@pytest.mark.slow
@law
@given(cases())
def test_evidence_at_its_estimate_moves_no_score(case: tuple[dr.Framework, dr.Data]) -> None:
    scores = dr.score(*case)
    missing = scores._state.prepared.missing
    names = [leaf.name for leaf in scores.framework.inputs]
    # Units that miss one scored cell only: other cells would be estimated anew.
    rows = [
        row
        for row in np.flatnonzero(missing.sum(axis=1) == 1)
        if names[missing[row].argmax()] in ("x1", "x2", "x3")
    ]
    assume(rows)
    for row in rows[:3]:
        code, name = scores.data.iso3[row], names[missing[row].argmax()]
        value = float(scores.estimated.iloc[row][name])
        after = scores.model.score(scores.data.replace({code: {name: value}}))
        assert after.evaluated.loc[code, "risk"] == pytest.approx(
            scores.evaluated.loc[code, "risk"], abs=1e-4
        )


@pytest.mark.slow
@few
@given(cases())
def test_value_of_information_has_the_interval_of_uncertainty(
    case: tuple[dr.Framework, dr.Data],
) -> None:
    scores = dr.score(*case)
    missing = scores._state.prepared.missing.any(axis=1)
    assume(missing.any())
    code = str(scores.data.iso3[np.flatnonzero(missing)[0]])
    drawn = dr.uncertainty(scores, draws=512, factors=MISSING, nodes="score")
    table = drawn.scores("risk").loc[code]
    found = dr.value_of_information(scores, code, draws=512, factors=MISSING)
    width = float(table["q95"] - table["q05"])
    assert found.widths["risk"][0] == pytest.approx(width, abs=0.5 + 0.1 * width)


@pytest.mark.slow
@few
@given(cases(), st.data())
def test_a_selection_has_the_numbers_and_ranks_of_all(
    case: tuple[dr.Framework, dr.Data], data: st.DataObject
) -> None:
    scores = dr.score(*case)
    codes = data.draw(
        st.lists(st.sampled_from(list(scores.data.iso3)), min_size=1, max_size=5, unique=True)
    )
    chosen = scores.select(countries=codes)
    pd.testing.assert_frame_equal(
        chosen.table(), scores.table().loc[chosen.table().index], check_dtype=False
    )
    whole = dr.uncertainty(scores, draws=64, factors=MISSING, nodes="score")
    part = dr.uncertainty(chosen, draws=64, factors=MISSING, nodes="score")
    assert set(part.units) == set(codes)
    for view in ("table", "scores", "ranks", "acceptability", "bands", "rank_sets"):
        mine, all_ = getattr(part, view)(), getattr(whole, view)()
        pd.testing.assert_frame_equal(mine, all_.loc[mine.index])
    np.testing.assert_array_equal(
        part.sample(), whole.sample()[:, np.flatnonzero(whole.units.isin(part.units))]
    )


@pytest.mark.slow
@law
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_countries_does_not_matter(
    case: tuple[dr.Framework, dr.Data], random: Any
) -> None:
    framework, data = case
    cells = data.to_long()
    order = list(range(len(cells)))
    random.shuffle(order)
    after = dr.score(framework, dr.as_data(cells.iloc[order]))
    before = dr.score(framework, data)
    np.testing.assert_allclose(
        after.evaluated["risk"].reindex(before.evaluated.index), before.evaluated["risk"], atol=1e-7
    )
