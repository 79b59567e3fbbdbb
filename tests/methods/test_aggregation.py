"""Laws of every aggregation, and its values against closed forms."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from dsr_risk.errors import FrameworkError
from dsr_risk.methods import Aggregator, Mean, Power
from tests.methods.method_cases import AGGREGATORS, NAN, each, frozen

SCALE = (0.0, 100.0)


def value_of(method: Aggregator, x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The groups' values (n,) from children (n, k) on the scale, as an engine would compute them."""
    intercept, slope = method.affine_map(*SCALE)
    lifted = intercept + slope * x
    out = method.combine(lifted.T, np.asarray(weights, float)[:, None], ~np.isnan(x.T))
    return (out - intercept) / slope


@st.composite
def families(draw, rows: int = 5):
    """Children (n, k) on 0-100 with ties, zeros and gaps, and their weights."""
    k = draw(st.integers(1, 5))
    one = st.one_of(st.integers(0, 100).map(float), st.floats(0, 100).map(lambda v: round(v, 6)))
    x = draw(hnp.arrays(float, (rows, k), elements=st.one_of(one, one, st.just(NAN))))
    weights = draw(hnp.arrays(float, (k,), elements=st.sampled_from([0.2, 0.5, 1.0, 3.0])))
    return frozen(x), frozen(weights)


@pytest.mark.slow
@each(Aggregator)
@settings(max_examples=25, deadline=None)
@given(families())
def test_a_group_lies_between_its_smallest_and_largest_child(method: Aggregator, case) -> None:
    x, weights = case
    value = value_of(method, x, weights)
    assert (np.isnan(value) == np.isnan(x).all(axis=1)).all()
    if method.inside:
        low, high = np.fmin.reduce(x, axis=1), np.fmax.reduce(x, axis=1)
        seen = ~np.isnan(value)
        assert (value[seen] >= low[seen] - 1e-9).all()
        assert (value[seen] <= high[seen] + 1e-9).all()


@pytest.mark.slow
@each(Aggregator)
@settings(max_examples=25, deadline=None)
@given(families(), st.integers(0, 4), st.floats(0, 50))
def test_a_higher_child_never_lowers_a_monotone_group(
    method: Aggregator, case, which: int, rise: float
) -> None:
    x, weights = case
    higher = x.copy()
    higher[:, which % x.shape[1]] = np.minimum(higher[:, which % x.shape[1]] + rise, 100)
    before, after = value_of(method, x, weights), value_of(method, higher, weights)
    if method.monotone:
        assert np.nanmin(after - before, initial=0) >= -1e-9


@each(Aggregator)
def test_what_children_add_is_measured_from_the_floor_of_any_scale(method: Aggregator) -> None:
    x, weights = np.array([[10.0, 60, 110], [30, 30.5, 95], [20, NAN, 80]]), np.array([1, 2, 0.5])
    intercept, slope = method.affine_map(10.0, 110.0)
    raised, floor = intercept + slope * x, intercept + slope * 10.0
    whole = method.combine(raised.T, weights[:, None], ~np.isnan(x.T))
    parts = method.attribute(raised, weights, floor)
    if method.attribution == "none":
        assert parts is None
        return
    assert np.nansum(parts, axis=1) == pytest.approx(whole - floor, abs=1e-9)


@pytest.mark.slow
@each(Aggregator)
@settings(max_examples=25, deadline=None)
@given(families())
def test_what_children_add_sums_to_the_value_above_the_floor(method: Aggregator, case) -> None:
    x, weights = case
    intercept, slope = method.affine_map(*SCALE)
    lifted, floor = intercept + slope * x, intercept
    whole = method.combine(lifted.T, weights[:, None], ~np.isnan(x.T))
    for given_weights in (weights, np.broadcast_to(weights, x.shape)):
        parts = method.attribute(lifted, given_weights, floor)
        if method.attribution == "none":
            assert parts is None
            continue
        assert (np.isnan(parts) == np.isnan(x)).all()
        seen = ~np.isnan(whole)
        assert np.nansum(parts, axis=1)[seen] == pytest.approx(whole[seen] - floor, abs=1e-9)


@pytest.mark.slow
@each(Aggregator)
@settings(max_examples=15, deadline=None)
@given(families(), st.randoms(use_true_random=False))
def test_order_and_size_of_weights_do_not_matter(method: Aggregator, case, random) -> None:
    x, weights = case
    value = value_of(method, x, weights)
    order = list(range(x.shape[1]))
    random.shuffle(order)
    assert value_of(method, x[:, order], weights[order]) == pytest.approx(value, nan_ok=True)
    assert value_of(method, x, 7 * weights) == pytest.approx(value, nan_ok=True)


@pytest.mark.slow
@each(Aggregator)
@settings(max_examples=15, deadline=None)
@given(families())
def test_a_missing_child_and_one_of_weight_0_play_no_part(method: Aggregator, case) -> None:
    x, weights = case
    extra = np.column_stack([x, np.full(len(x), NAN)])
    assert value_of(method, extra, [*weights, 5.0]) == pytest.approx(
        value_of(method, x, weights), nan_ok=True
    )
    extra[:, -1] = 99.0
    assert value_of(method, extra, [*weights, 0.0]) == pytest.approx(
        value_of(method, x, weights), nan_ok=True
    )


@pytest.mark.slow
@each(Aggregator)
@settings(max_examples=15, deadline=None)
@given(families())
def test_a_batch_of_draws_equals_one_draw_after_another(method: Aggregator, case) -> None:
    x, weights = case
    intercept, slope = method.affine_map(*SCALE)
    present = ~np.isnan(x.T)
    draws = intercept + slope * np.stack([x, x[::-1], 0.5 * x + 1])
    many = np.stack([weights, weights[::-1], weights + 1])
    present = present & present[:, ::-1]
    batch = method.combine(
        [draws[..., child] for child in range(x.shape[1])],
        np.moveaxis(many[:, None, :], -1, 0),
        present,
    )
    for number in range(3):
        one = method.combine(draws[number].T, many[number][:, None], present)
        assert np.array_equal(batch[number], one, equal_nan=True)


@each(Aggregator)
@pytest.mark.parametrize("level", [0.0, 37.5, 100.0])
def test_equal_children_give_their_common_value(method: Aggregator, level: float) -> None:
    if not method.inside:
        pytest.skip("a product of equal shares is not the share")
    x = frozen(np.full((2, 3), level))
    assert value_of(method, x, np.array([1, 2, 3])) == pytest.approx([level, level], abs=1e-9)


@each(Aggregator)
def test_no_rows_and_no_values_give_none(method: Aggregator) -> None:
    assert value_of(method, np.empty((0, 3)), np.ones(3)).shape == (0,)
    assert np.isnan(value_of(method, np.full((2, 3), NAN), np.ones(3))).all()


def combined(spec, x, weights=None) -> float:
    x = np.asarray(x, float)
    weights = np.ones(len(x)) if weights is None else np.asarray(weights, float)
    method = Aggregator.parse(spec)
    return float(method.combine(x[:, None], weights[:, None], ~np.isnan(x)[:, None])[0])


def test_means_of_a_coinr_run() -> None:
    x, weights = [1, 4, NAN, 9], [1, 2, 1, 1]
    plain = {"offset": 0}
    assert combined("arithmetic", x, weights) == pytest.approx(4.5)
    geometric = combined({"method": "geometric", **plain}, x, weights)
    assert geometric == pytest.approx(3.46410161514, rel=1e-11)
    harmonic = combined({"method": "harmonic", **plain}, x, weights)
    assert harmonic == pytest.approx(2.48275862069, rel=1e-11)
    power = combined({"method": "power", "p": 2}, [1, 4, 9], [1, 2, 1])
    assert power == pytest.approx(5.33853912602, rel=1e-11)


@pytest.mark.parametrize("p", [50.0, 51.0, 400.0, 5000.0])
def test_a_steep_power_of_low_children_neither_overflows_nor_vanishes(p: float) -> None:
    method = Aggregator.parse({"method": "power", "p": p})
    for top in (1e-3, 10.0, 100.0):
        x = frozen([[top, top / 2, top], [top, top, top], [0, 0, 0]])
        value = value_of(method, x, np.ones(3))
        assert value == pytest.approx([top * (2 / 3) ** (1 / p), top, 0])
        parts = method.attribute(x, np.ones(3), 0.0)
        assert parts.sum(axis=1) == pytest.approx(value)
        assert parts[0] == pytest.approx([value[0] / 2, 0, value[0] / 2])


def test_the_mazziotta_pareto_index_adds_the_variance_over_the_mean() -> None:
    x = [90.0, 100.0, 113.0, 121.0]
    mean, sd = np.mean(x), np.std(x, ddof=1)
    cv = sd / mean
    up = combined("mazziotta_pareto", x)
    down = combined({"method": "mazziotta_pareto", "penalty": "subtract"}, x)
    assert up == pytest.approx(mean * (1 + cv**2))
    assert down == pytest.approx(mean * (1 - cv**2))


def test_the_adjusted_index_works_on_70_to_130_with_the_population_sd() -> None:
    shares = np.array([0.1, 0.5, 0.9])
    r = 60 * shares + 70
    cv = r.std(ddof=0) / r.mean()
    method = Aggregator.parse({"method": "adjusted_mazziotta_pareto", "penalty": "subtract"})
    found = value_of(method, 100 * shares[None], np.ones(3))[0]
    assert 70 + 60 * found / 100 == pytest.approx(r.mean() - r.std(ddof=0) * cv)


def test_ordered_weights_go_to_places() -> None:
    order = {"method": "owa", "order": [0.5, 0.3, 0.2]}
    assert combined(order, [40, 80, 60]) == pytest.approx(0.5 * 80 + 0.3 * 60 + 0.2 * 40)
    worst_two = {"method": "owa", "order": [1, 1, 0, 0]}
    assert combined(worst_two, [10, 80, 60, 20]) == pytest.approx(70)
    assert combined({"method": "owa", "orness": 0.5}, [40, 80, 60]) == pytest.approx(60)
    # A child with twice the weight takes two places.
    assert combined(order, [80, 40], [2, 1]) == pytest.approx(0.8 * 80 + 0.2 * 40)


def test_ordered_weights_run_from_the_smallest_to_the_largest_child() -> None:
    x = [10.0, 40.0, 90.0]
    found = [combined({"method": "owa", "orness": o}, x) for o in (0.001, 0.3, 0.5, 0.7, 0.999)]
    assert np.all(np.diff(found) > 0)
    assert found[0] == pytest.approx(10, abs=0.01)
    assert found[-1] == pytest.approx(90, abs=0.3)


@pytest.mark.parametrize("wrong", [{}, {"orness": 0.5, "order": [1, 2]}, {"order": [0, 0]}])
def test_ordered_weights_need_exactly_one_rule(wrong: dict) -> None:
    with pytest.raises(FrameworkError, match="owa: (give either|`order` must not be all 0)"):
        Aggregator.parse({"method": "owa", **wrong})


def test_the_mean_min_function_as_published() -> None:
    x = np.array([30.0, 50.0, 90.0])
    mean, low = x.mean(), x.min()
    spec = {"method": "mean_min", "alpha": 0.7, "beta": 4, "toward": "minimum"}
    expected = mean - 0.7 * (np.sqrt((mean - low) ** 2 + 16) - 4)
    assert combined(spec, x) == pytest.approx(expected)
    assert combined({"method": "mean_min", "alpha": 1}, x) == pytest.approx(90)
    assert combined({"method": "mean_min", "alpha": 0}, x) == pytest.approx(mean)


def test_a_weighted_median_splits_the_weight_in_halves() -> None:
    assert combined("median", [10, 20, 70]) == 20
    assert combined("median", [10, 20, 70, 90]) == 45
    assert combined("median", [10, 20, 70], [1, 1, 5]) == 70
    assert combined("median", [80, 40, 30], [0.2, 0.1, 0.1]) == 60
    assert combined("median", [80, NAN, 30]) == 55


@pytest.mark.parametrize(("spec", "binding"), [("minimum", 1), ("maximum", 2)])
def test_an_extreme_belongs_to_the_binding_child(spec: str, binding: int) -> None:
    method = Aggregator.parse(spec)
    parts = method.attribute(frozen([[50.0, 20.0, 80.0]]), np.ones(3), 0.0)
    expected = np.zeros(3)
    expected[binding] = (50, 20, 80)[binding]
    assert parts[0].tolist() == expected.tolist()
    tied = method.attribute(frozen([[20.0, 20.0]]), np.array([3.0, 1.0]), 0.0)
    assert tied[0].tolist() == [15, 5]


def test_what_a_method_says_about_compensation_is_what_it_does() -> None:
    x = np.array([[20.0, 80.0]])
    for spec in AGGREGATORS:
        method = Aggregator.parse(spec)
        if method.name == "mazziotta_pareto":
            continue
        value = value_of(method, x, np.ones(2))[0]
        said = {"full": 0, "risk-keeping": 1, "risk-hiding": -1}[method.compensation]
        assert np.sign(round(value - 50, 9)) == said, method


@pytest.mark.parametrize("p", [0.5, 1e-6, 2.0])
@pytest.mark.parametrize("low", [0.0, 2.0**-52, 1e-8, 20.0, 39.0])
def test_secant_of_a_power_is_exact_beside_a_tiny_value(p: float, low: float) -> None:
    # 50 digits of the standard library's decimal numbers.
    with localcontext() as context:
        context.prec = 50
        high, exponent = Decimal(40), Decimal(p)
        least = Decimal(low) ** exponent if low else Decimal(0)
        expected = float((high**exponent - least) / (high - Decimal(low)))
    slope = Power(p=p).secant(np.array([40.0]), np.array([low]))
    np.testing.assert_allclose(slope, expected, rtol=1e-13)


MEANS = [spec for spec in AGGREGATORS if isinstance(Aggregator.parse(spec), Mean)]


@each(Aggregator, MEANS)
def test_slopes_inverse_and_steps_in_place_are_those_of_g(method: Mean) -> None:
    low, high, step = np.array([0.5, 3.0, 40.0]), np.array([2.0, 60.0, 99.0]), 1e-4
    ends = method.g(high) - method.g(low)
    np.testing.assert_allclose(method.secant(high, low), ends / (high - low), rtol=1e-9)
    near = method.g(low + step) - method.g(low - step)
    np.testing.assert_allclose(method.derivative(low), near / (2 * step), rtol=1e-5)
    np.testing.assert_allclose(method.inverse(method.g(high)), high, rtol=1e-12)
    out = np.empty(3)
    method.g_into(high.copy(), out)
    np.testing.assert_allclose(out, method.g(high), rtol=1e-12)
    method.inverse_into(method.g(high), out)
    np.testing.assert_allclose(out, high, rtol=1e-12)


@pytest.mark.parametrize(("p", "offset"), [(-1.0, 5.0), (0.5, 0.0), (2.0, 0.0)])
def test_only_a_power_below_0_takes_its_offset(p: float, offset: float) -> None:
    assert Power(p=p, offset=5.0).offset_on(0.0) == offset


def test_a_parameter_that_is_missing_or_no_number_is_named_in_plain_words() -> None:
    with pytest.raises(FrameworkError, match="^power: `p` is missing$"):
        Aggregator.parse("power")
    with pytest.raises(FrameworkError, match=r"power: `p`: must be .*, received 'x'"):
        Aggregator.parse({"method": "power", "p": "x"})


def test_a_plug_in_with_a_renamed_method_is_told_the_new_name() -> None:
    with pytest.raises(
        FrameworkError, match=r"`lift` was renamed in version 0.2: use `affine_map`"
    ):

        class Old(Aggregator):
            def lift(self, lower: float, upper: float) -> tuple[float, float]:
                return lower, upper
