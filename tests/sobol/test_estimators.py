"""Sobol' indices and Shapley effects on plain arrays, against analytic values and SALib."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.special import ndtri

from dsr_risk.sobol import (
    Copula,
    Sums,
    analyse,
    counts,
    effects_of,
    exchanged,
    linear_gaussian,
    saltelli_points,
    shapley_of_game,
    sobol_indices,
    uncentred_first_order,
)
from dsr_risk.sobol.bootstrap import block_counts, block_totals
from dsr_risk.sobol.shapley import exact_parts, permuted_parts
from tests.analysis.sensitivity.sensitivity_cases import (
    indices,
    ishigami,
    ishigami_parts,
    reference,
    sobol_g,
    sobol_g_parts,
)

FUNCTIONS = {
    "ishigami": (ishigami, ishigami_parts(), 3),
    "sobol_g": (sobol_g, sobol_g_parts(), 8),
}


def design(function, d: int, n: int, seed: int = 0):
    """Outputs at A, at B, and at A with each column of B."""
    a, b = saltelli_points(d, n, seed)
    mixed = [np.where(np.arange(d) == i, b, a) for i in range(d)]
    return function(a), function(b), np.array([function(x) for x in mixed])


# -- analytic values --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("shapley", ["exact", "permutation"])
def test_first_total_and_shapley_effects_reach_their_analytic_values(name: str, shapley) -> None:
    function, parts, d = FUNCTIONS[name]
    first, total, fair = indices(parts, d)
    found = analyse(function, d, n=8192, shapley=shapley)
    np.testing.assert_allclose(found.first[:, 0], first, atol=0.01)
    np.testing.assert_allclose(found.total[:, 0], total, atol=0.01)
    np.testing.assert_allclose(found.shapley[:, 0], fair, atol=0.01)
    assert abs(found.variance[0] / sum(parts.values()) - 1) < 0.01
    assert abs(found.shapley.sum() - 1) < 1e-12


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_formulas_above_are_those_of_the_reference_tables(name: str) -> None:
    table = reference(f"analytic_{name}.csv")
    _, parts, d = FUNCTIONS[name]
    first, total, fair = indices(parts, d)
    np.testing.assert_allclose(first, table["S1"], atol=1e-12)
    np.testing.assert_allclose(total, table["ST"], atol=1e-12)
    np.testing.assert_allclose(fair, table["Shapley"], atol=1e-12)


def test_errors_at_16384_rows_are_no_larger_than_those_of_salib() -> None:
    table = reference("sobol_reference.csv")
    peer = table[(table["function"] == "ishigami") & (table["method"] == "SALib.sobol")]
    rows = int(peer["N"].max())
    peer = peer[peer["N"] == rows]
    ours = max(
        np.abs(
            sobol_indices(*design(ishigami, 3, rows, seed)).first - indices(ishigami_parts(), 3)[0]
        ).max()
        for seed in range(3)
    )
    assert ours <= 3 * (peer["S1"] - peer["S1_analytic"]).abs().max()


def test_a_weighted_sum_of_uniform_inputs_has_indices_941176_and_058824() -> None:
    found = analyse(lambda u: 0.8 * u[:, 0] + 0.2 * u[:, 1], 2, n=8192)
    want = np.array([0.64, 0.04]) / 0.68
    np.testing.assert_allclose(want, [0.941176, 0.058824], atol=5e-7)
    for effect in (found.first, found.total, found.shapley):
        np.testing.assert_allclose(effect[:, 0], want, atol=2e-3)


def test_a_group_has_the_effect_of_its_members_and_their_interactions_together() -> None:
    found = analyse(ishigami, 3, n=8192, groups={"one and three": [0, 2], "two": [1]})
    parts = ishigami_parts()
    whole = sum(parts.values())
    together = (parts[frozenset({0})] + parts[frozenset({0, 2})]) / whole
    for effect in (found.first, found.total, found.shapley):
        np.testing.assert_allclose(effect[:, 0], [together, 1 - together], atol=0.01)


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.integers(2, 5), st.integers(0, 10**6), st.sampled_from(["exact", "permutation"]))
def test_laws_of_any_polynomial(d: int, seed: int, shapley) -> None:
    rng = np.random.default_rng(seed)
    linear, square = rng.normal(size=d), rng.normal(size=(d, d))
    found = analyse(
        lambda u: u @ linear + np.einsum("ni,ij,nj->n", u, square, u) + 50,
        d,
        n=256,
        seed=seed,
        shapley=shapley,
    )
    assert abs(found.shapley.sum() - 1) < 1e-9
    assert (found.total >= 0).all()
    room = 4 * (found.first_error + found.total_error) + 1e-9
    assert (found.first <= found.total + room).all()
    if shapley == "exact":
        assert (found.shapley >= 0).all()


# -- peers ------------------------------------------------------------------------------------------


def test_indices_equal_those_of_salib_on_the_same_outputs() -> None:
    peer = pytest.importorskip("SALib.analyze.sobol", reason="SALib is not installed")
    rng = np.random.default_rng(3)
    d, n, outputs = 5, 256, 4
    a, b, each = rng.gamma(2.0, size=(n, outputs)), rng.gamma(2.0, size=(n, outputs)), None
    each = a + rng.normal(size=(d, n, outputs)) * (b - a) + 1000
    a, b = a + 1000, b + 1000
    found = sobol_indices(a, b, each)
    problem = {"num_vars": d, "names": list("abcde"), "bounds": [[0, 1]] * d}
    for output in range(outputs):
        y = np.concatenate([a[None], each, b[None]])[:, :, output].T.reshape(-1)
        theirs = peer.analyze(problem, y, calc_second_order=False, num_resamples=400, seed=1)
        np.testing.assert_allclose(found.first[:, output], theirs["S1"], rtol=0, atol=1e-9)
        np.testing.assert_allclose(found.total[:, output], theirs["ST"], rtol=0, atol=1e-9)
        half = sobol_indices(a, b, each, resamples=400).first_error[:, output] * ndtri(0.975)
        np.testing.assert_allclose(half, theirs["S1_conf"], rtol=0.25)


def test_the_golden_values_of_coinr_are_those_of_the_uncentred_estimate() -> None:
    a, b, each = [1, 2, 3, 4], [2, 1, 4, 3], [[1.5, 2.5, 2, 4], [3, 2, 1, 5]]
    assert np.var([*a, *b], ddof=1) == pytest.approx(1.42857142857)
    np.testing.assert_allclose(uncentred_first_order(a, b, each), [-0.4375, -0.175], atol=1e-12)
    # COINr divides by the variance with divisor 2 n - 1, we by 2 n.
    np.testing.assert_allclose(
        sobol_indices(a, b, each).total * 7 / 8, [0.13125, 0.7875], atol=1e-12
    )


def test_a_large_mean_drowns_the_uncentred_estimate_and_not_ours() -> None:
    ours, theirs = [], []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        a, b = rng.random((2, 128, 2))
        y = lambda x: x[:, 0] + 2 * x[:, 1] + 50  # noqa: E731
        each = [y(np.column_stack([b[:, 0], a[:, 1]])), y(np.column_stack([a[:, 0], b[:, 1]]))]
        ours.append(sobol_indices(y(a), y(b), each).first)
        theirs.append(uncentred_first_order(y(a), y(b), each))
    assert np.std(ours, axis=0).max() < 0.15
    assert np.std(theirs, axis=0).min() > 1
    np.testing.assert_allclose(np.mean(ours, axis=0), [0.2, 0.8], atol=0.05)


# -- sums and bootstrap -----------------------------------------------------------------------------


def test_sums_of_parts_add_up_to_the_sums_of_the_whole() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 60, 3))
    each = rng.random((2, 60, 3))
    weight, centre = counts(60, 7), np.full(3, 0.4)
    whole = Sums.of(a, b, each, weight, centre)
    parts = Sums.of(a[:25], b[:25], each[:, :25], weight[:, :25], centre)
    parts.add(Sums.of(a[25:], b[25:], each[:, 25:], weight[:, 25:], centre))
    for name in ("rows", "base", "start", "products", "drift"):
        np.testing.assert_allclose(
            getattr(parts, name), getattr(whole, name), rtol=1e-12, atol=1e-12
        )


@settings(max_examples=20, deadline=None)
@given(st.floats(-5, 5))
def test_the_centre_that_sums_are_taken_about_does_not_matter(shift: float) -> None:
    y = design(ishigami, 3, 128)
    plain = sobol_indices(*y)
    ya, yb, each = (one[..., None] for one in y)
    centre = np.array([shift])
    found = effects_of(Sums.of(ya, yb, each, np.ones((1, 128)), centre), centre)
    np.testing.assert_allclose(found.first[:, 0, 0], plain.first, atol=1e-11)
    np.testing.assert_allclose(found.total[:, 0, 0], plain.total, atol=1e-11)


def test_every_resample_has_as_many_rows_as_the_sample() -> None:
    assert (counts(50, 20, seed=0).sum(axis=1) == 50).all()
    rng = np.random.default_rng(0)
    totals = block_totals(rng, [16, 16, 8], 20)
    drawn = [block_counts(rng, totals[:, place], rows) for place, rows in enumerate((16, 16, 8))]
    assert (np.concatenate(drawn, axis=1).sum(axis=1) == 40).all()
    assert (drawn[0][0] == 1).all()


def test_bootstrap_errors_are_those_of_repeated_random_samples() -> None:
    def one(seed: int):
        a, b = np.random.default_rng(seed).random((2, 256, 3))
        mixed = [ishigami(np.where(np.arange(3) == i, b, a)) for i in range(3)]
        return sobol_indices(ishigami(a), ishigami(b), mixed, seed=seed)

    found = [one(seed) for seed in range(150)]
    for effect in ("first", "total"):
        spread = np.std([getattr(one, effect) for one in found], axis=0, ddof=1)
        said = np.mean([getattr(one, f"{effect}_error") for one in found], axis=0)
        np.testing.assert_allclose(said, spread, rtol=0.2)


def test_an_output_that_does_not_vary_has_no_indices() -> None:
    rng = np.random.default_rng(0)
    a, b, each = rng.random((64, 2)), rng.random((64, 2)), rng.random((3, 64, 2))
    for array in (a, b, each):
        array[..., 1] = 42.0
    found = sobol_indices(a, b, each)
    assert np.isnan(found.first[:, 1]).all()
    assert np.isnan(found.total_error[:, 1]).all()
    assert np.isfinite(found.first[:, 0]).all()


def test_shapes_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match=r"received \(4,\), \(5,\) and \(2, 4\)"):
        sobol_indices(np.ones(4), np.ones(5), np.ones((2, 4)))
    with pytest.raises(ValueError, match="finite"):
        sobol_indices([1.0, np.nan], [1.0, 2.0], [[1.0, 2.0]])


# -- Shapley effects --------------------------------------------------------------------------------


def by_permutations(worth: np.ndarray) -> np.ndarray:
    """Shapley values as the mean marginal worth over all orders."""
    g = len(worth).bit_length() - 1
    out = np.zeros(g)
    for order in itertools.permutations(range(g)):
        taken = 0
        for player in order:
            out[player] += worth[taken | 1 << player] - worth[taken]
            taken |= 1 << player
    return out / math.factorial(g)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5), st.integers(0, 10**6))
def test_shapley_values_of_a_game_are_the_mean_over_all_orders(g: int, seed: int) -> None:
    worth = np.random.default_rng(seed).normal(size=1 << g)
    worth[0] = 0
    np.testing.assert_allclose(shapley_of_game(worth), by_permutations(worth), atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5), st.integers(0, 10**6))
def test_walsh_form_is_the_shapley_value_averaged_over_all_corners(g: int, seed: int) -> None:
    y = np.random.default_rng(seed).normal(size=1 << g)
    subset = np.arange(1 << g)
    worth = np.array([0.5 * np.mean((y - y[subset ^ u]) ** 2) for u in subset])
    found = exact_parts(y[:, None, None], symmetric=True)[:, 0, 0]
    np.testing.assert_allclose(found, by_permutations(worth), atol=1e-12)


@pytest.mark.parametrize("symmetric", [True, False])
def test_the_mean_over_all_orders_is_the_value_over_all_subsets(symmetric: bool) -> None:
    g = 4
    y = np.random.default_rng(1).normal(size=1 << g)
    orders = np.array(list(itertools.permutations(range(g))))
    steps = np.concatenate(
        [np.zeros((len(orders), 1), int), np.cumsum(1 << orders, axis=1)], axis=1
    )
    walk = y[steps].T[:, :, None]
    found = permuted_parts(walk, orders, symmetric=symmetric).mean(axis=1)[:, 0]
    one_way = 0.5 * (y - y[0]) ** 2
    other_way = 0.5 * ((y[-1] - y[0]) ** 2 - (y - y[-1]) ** 2)
    worth = (one_way + other_way) / 2 if symmetric else one_way
    np.testing.assert_allclose(found, by_permutations(worth), atol=1e-12)


def test_owen_and_prieur_2017_two_correlated_normals() -> None:
    b, s, r = np.array([1.5, -0.7]), np.array([1.0, 2.0]), 0.6
    covariance = np.array([[s[0] ** 2, r * s[0] * s[1]], [r * s[0] * s[1], s[1] ** 2]])
    own = (b * s) ** 2
    cross = r * b[0] * b[1] * s[0] * s[1]
    want = np.array([own[0] * (1 - r**2 / 2) + cross + own[1] * r**2 / 2, 0])
    want[1] = own[1] * (1 - r**2 / 2) + cross + own[0] * r**2 / 2
    np.testing.assert_allclose(
        linear_gaussian(b, covariance), want / (own.sum() + 2 * cross), atol=1e-12
    )


def test_without_correlation_the_closed_form_is_the_share_of_variance() -> None:
    b, s = np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.5, 2.0])
    np.testing.assert_allclose(
        linear_gaussian(b, np.diag(s**2)), (b * s) ** 2 / ((b * s) ** 2).sum(), atol=1e-12
    )


@pytest.mark.slow
@pytest.mark.parametrize("shapley", ["exact", "permutation"])
@pytest.mark.parametrize(
    "correlation",
    [
        np.eye(3),
        np.array([[1, 0.8, 0], [0.8, 1, 0], [0, 0, 1.0]]),
        np.array([[1, 0.5, 0.2], [0.5, 1, -0.6], [0.2, -0.6, 1]]),
    ],
)
def test_song_nelson_and_staum_2016_linear_models_of_dependent_normals(
    shapley, correlation
) -> None:
    slopes = np.array([1.0, 1.0, 2.0])
    found = analyse(
        lambda u: ndtri(np.clip(u, 1e-12, 1 - 1e-12)) @ slopes,
        3,
        n=8192,
        correlation=correlation,
        shapley=shapley,
    )
    want = linear_gaussian(slopes, correlation)
    np.testing.assert_allclose(found.shapley[:, 0], want, atol=0.015)
    assert (np.abs(found.shapley[:, 0] - want) <= 5 * found.shapley_error[:, 0] + 1e-3).all()


def test_first_order_and_total_effects_are_left_out_only_where_a_correlation_cuts() -> None:
    correlation = np.array([[1, 0.8, 0], [0.8, 1, 0], [0, 0, 1.0]])
    found = analyse(lambda u: u.sum(axis=1), 3, n=1024, correlation=correlation)
    assert np.isnan(found.first[:2]).all()
    assert np.isfinite(found.first[2]).all()
    grouped = analyse(
        lambda u: u.sum(axis=1),
        3,
        n=1024,
        correlation=correlation,
        groups={"pair": [0, 1], "third": [2]},
    )
    assert np.isfinite(grouped.total).all()
    assert abs(grouped.total.sum() - 1) < 0.05


def test_exchanged_columns_keep_their_correlation_with_those_kept() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 20000, 3))
    correlation = np.array([[1, 0.7, -0.4], [0.7, 1, 0.1], [-0.4, 0.1, 1]])
    copula = Copula([0, 1, 2], correlation)
    for inside in itertools.product([False, True], repeat=3):
        u = exchanged(a, b, np.array(inside), copula)
        np.testing.assert_allclose(np.corrcoef(ndtri(u).T), correlation, atol=0.03)
    kept = exchanged(a, b, np.array([True, False, False]), copula)
    plain = exchanged(a, b, np.zeros(3, bool), copula)
    np.testing.assert_array_equal(kept[:, 1:], plain[:, 1:])


def test_correlations_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="positive definite"):
        Copula([0, 1, 2], np.array([[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]]))
