"""Laws of every method for missing cells, and its values against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

from dsr_risk.errors import DataError, FrameworkError
from dsr_risk.methods import Imputer
from dsr_risk.methods.imputation import Context
from tests.methods.method_cases import (
    NAN,
    READS_OTHER_YEARS,
    columns,
    context,
    degenerate,
    each,
    frozen,
    part_of,
)

MOVE_WITH_THE_UNIT = [
    "mean",
    {"method": "median", "by": "region"},
    "siblings",
    {"method": "knn", "k": 3, "overlap": 1},
    "linear",
    "last",
    "regression",
    {"method": "regression", "scale": "raw"},
    "matching",
]


def filled(spec, x, where: Context | None = None) -> np.ndarray:
    x = frozen(x)
    where = where or context(*x.shape)
    method = Imputer.parse(spec)
    return method.predict(x, where, method.fit(x, where))


def same(a: np.ndarray, b: np.ndarray, tolerance: float = 1e-9) -> bool:
    return np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)


@pytest.mark.slow
@each(Imputer)
@settings(max_examples=12, deadline=None)
@given(x=columns(k=4))
def test_observed_cells_are_never_touched(method: Imputer, x: np.ndarray) -> None:
    x = frozen(x)
    where, seen = context(*x.shape), ~np.isnan(x)
    learned = method.fit(x, where)
    out = method.predict(x, where, learned)
    assert np.array_equal(out[seen], x[seen])
    draws = method.draws(x, where, learned, np.random.default_rng(0), 3)
    assert draws.shape == (3, *x.shape)
    assert all(np.array_equal(draw[seen], x[seen]) for draw in draws)
    if not method.stochastic:
        assert all(np.array_equal(draw, out, equal_nan=True) for draw in draws)


@pytest.mark.slow
@each(Imputer)
@settings(max_examples=12, deadline=None)
@given(x=columns(k=4), seed=st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(method: Imputer, x: np.ndarray, seed: int) -> None:
    x, where = frozen(x), context(*x.shape)
    order = np.random.default_rng(seed).permutation(len(x))
    mixed = part_of(where, order)
    out = method.predict(x[order], mixed, method.fit(x[order], mixed))
    assert same(out, method.predict(x, where, method.fit(x, where))[order], 1e-6)


@pytest.mark.slow
@each(Imputer)
@settings(max_examples=12, deadline=None)
@given(x=columns(k=4))
def test_a_row_alone_is_filled_as_in_the_panel(method: Imputer, x: np.ndarray) -> None:
    if method.name in READS_OTHER_YEARS:
        return
    x, where = frozen(x), context(*x.shape)
    learned = method.fit(x, where)
    whole = method.predict(x, where, learned)
    for row in range(len(x)):
        only = np.array([row])
        assert same(method.predict(x[only], part_of(where, only), learned), whole[only])


@pytest.mark.slow
@each(Imputer, MOVE_WITH_THE_UNIT)
@settings(max_examples=10, deadline=None)
@given(x=columns(k=4), scale=st.sampled_from([0.01, 3, 1e4]))
def test_an_imputed_value_moves_with_its_unit_of_measurement(
    method: Imputer, x: np.ndarray, scale: float
) -> None:
    where = context(*x.shape)
    moved = np.array(x)
    moved[:, 1] = scale * moved[:, 1] + 5 * scale
    before = method.predict(x, where, method.fit(x, where))
    after = method.predict(moved, where, method.fit(moved, where))
    before[:, 1] = scale * before[:, 1] + 5 * scale
    assert same(after / np.array([1, scale, 1, 1]), before / np.array([1, scale, 1, 1]), 1e-5)


@each(Imputer)
@degenerate
def test_odd_columns_are_filled_or_left(method: Imputer, x: np.ndarray) -> None:
    x, where = frozen(x), context(*x.shape)
    learned = method.fit(x, where)
    out = method.predict(x, where, learned)
    assert out.shape == x.shape
    assert not np.isinf(out).any()
    draws = method.draws(x, where, learned, np.random.default_rng(0), 2)
    assert not np.isinf(draws).any()
    empty = np.isnan(x).all(axis=0)
    if method.name not in {"constant", "siblings"}:
        assert np.isnan(out[:, empty]).all()


def test_group_values_reach_only_their_group() -> None:
    x = [[1.0], [100.0], [NAN], [3.0], [NAN], [NAN]]
    # Regions run north, south, none; the unit without a region stays missing.
    out = filled({"method": "mean", "by": "region"}, x)
    assert np.array_equal(out.ravel(), [1, 100, NAN, 3, 100, NAN], equal_nan=True)
    out = filled({"method": "mean", "by": "region", "otherwise": "all"}, x)
    assert out.ravel() == pytest.approx([1, 100, 104 / 3, 3, 100, 104 / 3])
    out = filled({"method": "median", "by": "region", "least": 2}, x)
    assert np.array_equal(out.ravel(), [1, 100, NAN, 3, NAN, NAN], equal_nan=True)


def test_two_groupings_must_agree() -> None:
    where = Context(
        np.array(list("ABCDE"), object),
        groups={
            "region": np.array(["n", "n", "n", "s", "n"], object),
            "income": np.array(["high", "low", "high", "high", "low"], object),
        },
    )
    method = Imputer.parse({"method": "mean", "by": ["region", "income"]})
    x = frozen([[1.0], [5], [NAN], [9], [NAN]])
    learned = method.fit(x, where)
    assert method.predict(x, where, learned).ravel().tolist() == [1, 5, 1, 9, 5]
    assert "region=n & income=low" in learned


def test_an_unknown_grouping_is_named() -> None:
    with pytest.raises(FrameworkError, match="no grouping `regio`; did you mean `region`"):
        filled({"method": "mean", "by": "regio"}, [[1.0], [NAN]])


def test_a_group_learned_nowhere_leaves_its_cells_missing() -> None:
    method = Imputer.parse({"method": "mean", "by": "region"})
    here = Context(np.array(["A"], object), groups={"region": np.array(["n"], object)})
    there = Context(np.array(["B"], object), groups={"region": np.array(["s"], object)})
    learned = method.fit(frozen([[1.0]]), here)
    assert np.isnan(method.predict(frozen([[NAN]]), there, learned)).all()


def test_siblings_are_averaged_in_the_direction_of_risk() -> None:
    x = [[0.0, 10.0, 5.0], [50.0, 20.0, NAN], [100.0, 30.0, 9.0]]
    where = Context(
        np.array(list("ABC"), object),
        siblings=(np.arange(3),) * 3,
        signs=np.array([1.0, -1.0, -1.0]),
    )
    # Risk of B: 0.5 and 1 - 0.5; read back on a column where 5 is worst and 9 best.
    assert filled("siblings", x, where)[1, 2] == pytest.approx(7)
    x[1][0] = 75.0
    assert filled("siblings", x, where)[1, 2] == pytest.approx(9 - 4 * (0.75 + 0.5) / 2)


def test_only_siblings_count_unless_all_are_asked_for() -> None:
    x = [[0.0, 0.0, 0.0], [10.0, 2.0, NAN], [10.0, 10.0, 10.0]]
    where = Context(
        np.array(list("ABC"), object),
        siblings=(np.array([0]), np.array([1, 2]), np.array([1, 2])),
        signs=np.ones(3),
    )
    assert filled("siblings", x, where)[1, 2] == pytest.approx(2)
    assert filled({"method": "siblings", "across": "all"}, x, where)[1, 2] == pytest.approx(6)


def test_neighbours_tied_at_the_limit_all_count() -> None:
    x = [[0.0, 1.0], [2.0, 5.0], [2.0, 9.0], [1.0, NAN], [9.0, 50.0]]
    spec = {"method": "knn", "k": 1, "overlap": 1}
    # A, B and C are equally near to D.
    assert filled(spec, x)[3, 1] == pytest.approx(5)


def test_neighbours_need_enough_in_common() -> None:
    x = [[0.0, NAN, 1.0], [0.0, 3.0, NAN], [5.0, 4.0, 7.0]]
    # Two other columns are all there are, so that no more can be asked for.
    assert filled({"method": "knn", "k": 1, "overlap": 3}, x)[0, 1] == 4
    assert filled({"method": "knn", "k": 1, "overlap": 2}, x)[0, 1] == 4
    apart = [[0.0, NAN, 1.0, NAN], [0.0, 3.0, NAN, 2.0], [5.0, 4.0, 7.0, 1.0]]
    assert np.isnan(filled({"method": "knn", "k": 1, "overlap": 3}, apart)[0, 1])
    assert filled({"method": "knn", "k": 1, "overlap": 1}, x)[0, 1] == 3


def test_a_drawn_neighbour_is_one_of_the_nearest() -> None:
    x = frozen([[0.0, 1.0], [0.1, 2.0], [9.0, 90.0], [0.05, NAN]])
    where = context(4, 2)
    method = Imputer.parse({"method": "knn", "k": 2, "overlap": 1})
    learned = method.fit(x, where)
    draws = method.draws(x, where, learned, np.random.default_rng(0), 200)[:, 3, 1]
    assert set(draws) == {1.0, 2.0}


YEARS = np.array([2000, 2001, 2004, 2005, 2000, 2005])
PANEL = Context(np.array(["A"] * 4 + ["B"] * 2, object), YEARS)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("last", [2, 2, 2, 12, NAN, 7]),
        ({"method": "last", "limit": 1}, [2, 2, NAN, 12, NAN, 7]),
        ("linear", [2, 4, 10, 12, 7, 7]),
        ({"method": "linear", "ends": "leave"}, [2, 4, 10, 12, NAN, 7]),
        ({"method": "linear", "limit": 4}, [2, 4, 10, 12, NAN, 7]),
    ],
)
def test_other_years_of_the_same_country_fill_its_gaps(spec, expected: list[float]) -> None:
    x = np.array([2.0, NAN, NAN, 12.0, NAN, 7.0])[:, None]
    assert np.array_equal(filled(spec, x, PANEL).ravel(), expected, equal_nan=True)


def test_a_limit_counts_years_and_not_time_points() -> None:
    where = Context(np.array(["A", "A"], object), np.array([2005, 2010]))
    x = [[3.0], [NAN]]
    assert np.isnan(filled({"method": "last", "limit": 1}, x, where)[1, 0])
    assert filled({"method": "last", "limit": 5}, x, where)[1, 0] == 3


@pytest.mark.parametrize("spec", ["last", "linear"])
def test_data_of_one_year_have_no_other_years(spec: str) -> None:
    where = Context(np.array(["A", "B"], object))
    assert np.isnan(filled(spec, [[1.0], [NAN]], where)[1, 0])


def linked(n: int = 60, seed: int = 0, noise: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, n))
    return np.column_stack([a, b, 2 + 3 * a - b + noise * rng.normal(size=n)])


RAW = {"method": "regression", "scale": "raw", "ridge": 1e-6}


def test_regression_without_ridge_is_least_squares_on_the_complete_rows() -> None:
    x = linked()
    x[:8, 2] = NAN
    design = np.column_stack([np.ones(60), x[:, :2]])
    beta = np.linalg.lstsq(design[8:], x[8:, 2], rcond=None)[0]
    # Expectation and maximisation stops at a change of 1e-3 of a covariance.
    assert filled(RAW, x)[:8, 2] == pytest.approx(design[:8] @ beta, abs=0.02)


def test_without_related_columns_regression_is_the_mean() -> None:
    assert filled("regression", [[1.0], [3.0], [NAN]])[2, 0] == pytest.approx(2)


def test_regression_uses_columns_that_are_not_scored() -> None:
    x = linked(80, noise=0.3)
    truth = x[:6, 2].copy()
    only = x[:, 2:].copy()
    only[:6] = NAN
    where = Context(context(80, 1).countries, auxiliary=x[:, :2], auxiliary_names=("a", "b"))
    without = np.abs(filled("regression", only)[:6, 0] - truth).mean()
    assert np.abs(filled("regression", only, where)[:6, 0] - truth).mean() < without / 2


def test_columns_that_repeat_each_other_can_be_missing_together() -> None:
    x = linked(40)
    x = np.column_stack([x, x[:, 2], 2 * x[:, 2] + 1])
    x[:4, 2:] = NAN
    out = filled("regression", x)
    assert np.isfinite(out).all()
    assert out[:4, 3] == pytest.approx(out[:4, 2], abs=1e-9)


def test_proper_draws_have_the_variance_of_the_posterior_prediction() -> None:
    x = linked(30, noise=0.7)
    x[0, 2] = NAN
    design = np.column_stack([np.ones(30), x[:, :2]])
    rest, y = design[1:], x[1:, 2]
    beta, squares = np.linalg.lstsq(rest, y, rcond=None)[:2]
    freedom = 29 - 3
    leverage = design[0] @ np.linalg.inv(rest.T @ rest) @ design[0]
    # The posterior prediction is Student's t around the least squares prediction.
    variance = squares[0] / freedom * (1 + leverage) * freedom / (freedom - 2)
    where, method = context(30, 3), Imputer.parse(RAW)
    learned = method.fit(frozen(x), where)
    draws = method.draws(frozen(x), where, learned, np.random.default_rng(1), 40_000)[:, 0, 2]
    assert draws.mean() == pytest.approx(design[0] @ beta, abs=0.05 * variance**0.5)
    assert draws.var() == pytest.approx(variance, rel=0.1)


def test_matched_draws_are_values_that_occur_near_the_prediction() -> None:
    x = linked(200, noise=0.5)
    x[0, 2] = NAN
    where, method = context(200, 3), Imputer.parse("matching")
    learned = method.fit(frozen(x), where)
    draws = method.draws(frozen(x), where, learned, np.random.default_rng(0), 500)[:, 0, 2]
    seen = x[1:, 2]
    assert np.abs(draws[:, None] - seen[None]).min(axis=1).max() < 1e-12
    expected = 2 + 3 * x[0, 0] - x[0, 1]
    assert abs(draws.mean() - expected) < 0.5
    assert 0.2 < draws.std() < 1.2


def test_draws_cover_what_was_hidden_as_often_as_they_say() -> None:
    covered = []
    for seed in range(60):
        x = linked(60, seed)
        rng = np.random.default_rng(1000 + seed)
        hidden = rng.uniform(size=60) < 1 / (1 + np.exp(-x[:, 0]))
        truth = x[hidden, 2].copy()
        x[hidden, 2] = NAN
        x[rng.uniform(size=60) < 0.1, 1] = NAN
        method = Imputer.parse({**RAW, "ridge": 1})
        where = context(60, 3)
        draws = method.draws(frozen(x), where, method.fit(frozen(x), where), rng, 200)
        low, high = np.quantile(draws[:, hidden, 2], [0.05, 0.95], axis=0)
        covered.append(((truth >= low) & (truth <= high)).mean())
    assert np.mean(covered) == pytest.approx(0.90, abs=0.03)


def bounded(x: np.ndarray, seed: int) -> Context:
    """A context in which most missing cells have a bound or two, some outside what is observed."""
    rng = np.random.default_rng(seed)
    low = np.where(rng.random(x.shape) < 0.6, rng.uniform(-20, 120, x.shape), NAN)
    width = rng.choice([0.0, 1.0, 30.0, 200.0], x.shape)
    high = np.where(rng.random(x.shape) < 0.6, np.nan_to_num(low, nan=-20) + width, NAN)
    seen = ~np.isnan(x)
    low[seen], high[seen] = NAN, NAN
    return replace(context(*x.shape), low=low, high=high, plausible=np.array([[-50.0, 500.0]] * 4))


@pytest.mark.slow
@each(Imputer)
@settings(max_examples=10, deadline=None)
@given(x=columns(rows=(8, 20), k=4), seed=st.integers(0, 99), bounds=st.booleans())
def test_predict_is_the_mean_of_its_draws(
    method: Imputer, x: np.ndarray, seed: int, bounds: bool
) -> None:
    x = frozen(x)
    where = bounded(x, seed) if bounds else context(*x.shape)
    learned = method.fit(x, where)
    found = method.predict(x, where, learned)
    draws = method.draws(x, where, learned, np.random.default_rng(seed), 4000)
    assert np.array_equal(np.isnan(draws).any(axis=0), np.isnan(found))
    known = ~np.isnan(found)
    mean, sd = draws.mean(axis=0)[known], draws.std(axis=0)[known]
    # Six standard errors, and 1 % of the standard deviation for the quadrature.
    room = sd * (6 / 4000**0.5 + 0.01) + 1e-9 * (1 + np.abs(mean))
    assert (np.abs(mean - found[known]) <= room).all()


@pytest.mark.slow
@each(Imputer)
@settings(max_examples=10, deadline=None)
@given(x=columns(rows=(8, 20), k=4), seed=st.integers(0, 99))
def test_no_draw_leaves_the_bounds_of_its_cell(method: Imputer, x: np.ndarray, seed: int) -> None:
    x, where = frozen(x), bounded(x, seed)
    learned = method.fit(x, where)
    low = np.fmax(where.low, where.plausible[:, 0])
    high = np.fmin(where.high, where.plausible[:, 1])
    for out in (
        method.predict(x, where, learned),
        *method.draws(x, where, learned, np.random.default_rng(seed), 50),
    ):
        inside = (out >= low - 1e-9) & (out <= high + 1e-9)
        assert (inside | np.isnan(out) | ~np.isnan(x)).all()


@each(Imputer)
def test_nodes_are_the_distribution_of_the_draws(method: Imputer) -> None:
    x = np.exp(np.random.default_rng(0).normal(size=(40, 4)))
    x[::5, 1], x[::4, 2] = NAN, NAN
    where = context(*x.shape)
    learned = method.fit(x, where)
    cells = method.predictive(x, where, learned)
    values, weights = cells.nodes()
    assert weights.sum(axis=0) == pytest.approx(1)
    draws = cells.draw(np.random.default_rng(1), 4000)
    for power in (1, 2):
        found = (weights * np.log1p(np.abs(values)) ** power).sum(axis=0)
        expected = np.log1p(np.abs(draws)) ** power
        room = expected.std(axis=0) * 0.11 + 1e-9
        assert (np.abs(found - expected.mean(axis=0)) <= room).all()


@pytest.mark.slow
@each(Imputer)
@pytest.mark.parametrize("delta", [None, {"low": 0.5, "high": 1.0}], ids=["plain", "delta"])
def test_nodes_of_some_cells_are_those_of_all(method: Imputer, delta: object) -> None:
    if delta is not None and method.name == "share_weight":
        return  # predicts nothing, so it takes no `delta`
    method = type(method).model_validate({**method.model_dump(), "delta": delta})
    noise = np.random.default_rng(2).normal(size=60)
    x = np.exp(np.column_stack([linked(60), linked(60)[:, 1] + noise]))
    x[::3, 1], x[::4, 2], x[::5, 3] = NAN, NAN, NAN
    # Bounds of some missing cells say something of the others of their rows.
    where = replace(context(*x.shape), low=np.full(x.shape, NAN), high=np.full(x.shape, NAN))
    where.low[::3, 1] = 1.0
    where.high[::15, 3] = 0.8
    cells = method.predictive(x, where, method.fit(x, where))
    values, weights = cells.nodes()
    for chosen in (cells.columns == 2, cells.columns == 1, cells.rows % 4 == 0, cells.rows < 0):
        got = cells.some(np.flatnonzero(chosen)).nodes()
        np.testing.assert_allclose(got[0], values[:, chosen], rtol=1e-12)
        np.testing.assert_allclose(got[1], weights[:, chosen], rtol=1e-12)


def test_a_cut_normal_has_the_mean_of_the_textbook() -> None:
    x = linked(400)[:, 2:]
    x[0] = NAN
    where = replace(context(*x.shape), low=np.full(x.shape, NAN), high=np.full(x.shape, NAN))
    where.low[0], where.high[0] = 3.0, 6.0
    method = Imputer.parse({"method": "regression", "scale": "raw"})
    learned = method.fit(x, where)
    centre, sd = np.nanmean(x), np.nanstd(x, ddof=1)
    a, b = (3 - centre) / sd, (6 - centre) / sd
    mean = stats.truncnorm.mean(a, b, centre, sd)
    assert method.predict(x, where, learned)[0, 0] == pytest.approx(mean, abs=0.01)


def test_a_multiplier_shifts_the_prediction_by_its_mean() -> None:
    x = linked(60) + 20
    x[:5, 2] = NAN
    plain = filled("regression", x)
    shifted = filled({"method": "regression", "delta": {"low": 0.5, "high": 1}}, x)
    assert shifted[:5, 2] == pytest.approx(0.75 * plain[:5, 2])


@pytest.mark.parametrize("name", ["regression", "knn", "matching"])
def test_an_auxiliary_that_says_nothing_is_refused(name: str) -> None:
    x = linked(20)
    extra = np.column_stack([np.full(20, NAN), np.arange(20.0), np.ones(20)])
    where = Context(
        context(20, 3).countries, auxiliary=extra, auxiliary_names=("gone", "good", "same")
    )
    with pytest.raises(DataError) as caught:
        Imputer.parse(name).fit(x, where)
    first, second = str(caught.value).splitlines()
    assert "auxiliary gone is missing in the 20 reference units" in first
    assert "auxiliary same is constant" in second


def test_a_class_without_members_is_refused_where_asked() -> None:
    spec = {"method": "hot_deck", "by": "region", "least": 1, "otherwise": "refuse"}
    where = Context(np.array(list("AB"), object), groups={"region": np.array(["n", "s"], object)})
    with pytest.raises(DataError, match="class `region=s` of B has 0 values of column 0"):
        filled(spec, [[1.0], [NAN]], where)
    empty = Context(np.array(list("AB"), object), groups={"region": np.array([None, ""], object)})
    with pytest.raises(DataError, match="no reference unit has a label of region"):
        filled(spec, [[1.0], [NAN]], empty)


def test_bounds_that_exclude_every_value_are_refused() -> None:
    x = frozen([[1.0], [2.0], [NAN]])
    low, high = np.array([[NAN], [3.0], [NAN]]), np.full((3, 1), NAN)
    with pytest.raises(
        DataError, match="1 observed values lie outside their own bounds; first: C00"
    ):
        filled("mean", x, replace(context(3, 1), low=low, high=high))
    low = np.array([[NAN], [NAN], [9.0]])
    plausible = np.array([[0.0, 5.0]])
    with pytest.raises(DataError, match="1 missing cells have bounds that no value meets"):
        filled("mean", x, replace(context(3, 1), low=low, plausible=plausible))


@pytest.mark.parametrize(("old", "new"), [("none", "share_weight"), ("multiple", "matching")])
def test_an_old_name_says_the_new_one(old: str, new: str) -> None:
    with pytest.raises(FrameworkError, match=f"`{old}` is now `{new}`"):
        Imputer.parse({"method": old})


@pytest.mark.parametrize(
    ("delta", "said"),
    [({"low": 0, "high": 1}, "received low=0, high=1"), ({"low": 2, "high": 1}, "low=2, high=1")],
)
def test_a_multiplier_needs_a_range_above_zero(delta: dict[str, float], said: str) -> None:
    with pytest.raises(FrameworkError, match=said):
        Imputer.parse({"method": "mean", "delta": delta})


def test_draws_depend_on_the_generator_alone() -> None:
    x = linked()
    x[:8, 2] = NAN
    where, method = context(60, 3), Imputer.parse("regression")
    learned = method.fit(frozen(x), where)
    one, two, three = (
        method.draws(frozen(x), where, learned, np.random.default_rng(seed), 4)
        for seed in (5, 5, 6)
    )
    assert np.array_equal(one, two)
    assert not np.array_equal(one, three)


@each(Imputer)
@pytest.mark.parametrize("exponent", [997, -997])
def test_huge_and_tiny_values_are_imputed_as_ordinary_ones(method: Imputer, exponent: int) -> None:
    x = np.exp(np.random.default_rng(0).normal(size=(20, 4)))
    x[3, 1] = x[5, 0] = NAN
    scaled = frozen(np.ldexp(x, exponent))
    where = context(*x.shape)
    usual = method.predict(x, where, method.fit(x, where))
    found = method.predict(scaled, where, method.fit(scaled, where))
    if method.name == "constant":
        assert found[3, 1] == usual[3, 1]
        return
    np.testing.assert_allclose(found, np.ldexp(usual, exponent), rtol=1e-9)
