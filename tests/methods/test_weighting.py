"""Laws of every weighting, and its weights against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from dsr_risk.errors import FrameworkError, NotScorableError
from dsr_risk.methods import AnalyticHierarchy, Weighter
from dsr_risk.methods.dea import best_case
from tests.methods.method_cases import DEGENERATE, NAN, WRITTEN_BY_CHILD, each, fitted, frozen

ONES = np.ones(4)
ABC = frozen([[1, 2, 1], [2, 1, 3], [3, 4, 2], [4, 3, 5], [5, 6, 4]])


def weights_of(spec, x, given_weights=None) -> np.ndarray:
    x = np.asarray(x, float)
    k = x.shape[1]
    given_weights = np.ones(k) if given_weights is None else np.asarray(given_weights, float)
    found = Weighter.parse(spec).fit(frozen(x), frozen(given_weights), np.ones(k))
    return found / found.sum()


@st.composite
def families(draw, gaps: bool = True):
    """Scores (30, 4) of children with a common cause each shares in its own degree."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    common = rng.normal(size=(30, 1)) * rng.uniform(0.3, 1, 4)
    x = np.clip(50 + 15 * (common + rng.normal(size=(30, 4)) * rng.uniform(0.5, 1.5, 4)), 0, 100)
    if gaps:
        x[rng.uniform(size=x.shape) < 0.1] = NAN
    return frozen(x)


@pytest.mark.slow
@each(Weighter)
@settings(max_examples=8, deadline=None)
@given(families())
def test_weights_are_shares_that_do_not_depend_on_any_order(method: Weighter, x) -> None:
    found, _ = fitted(method, x, ONES, ONES)
    if found is None:
        return
    assert found.shape == (4,)
    assert (found >= 0).all()
    assert np.isfinite(found).all()
    assert found.sum() > 0
    found = found / found.sum()
    rows = weights_of(method, x[::-1])
    assert rows == pytest.approx(found, rel=1e-7, abs=1e-9)
    if method.name not in WRITTEN_BY_CHILD:
        order = [2, 0, 3, 1]
        assert weights_of(method, x[:, order]) == pytest.approx(found[order], rel=1e-6, abs=1e-8)


@each(Weighter)
def test_a_child_taken_out_by_weight_0_stays_out(method: Weighter) -> None:
    rng = np.random.default_rng(3)
    x = rng.uniform(20, 60, (25, 1)) + rng.uniform(0, 30, (25, 4))
    x[:, 1] = NAN
    found = method.fit(frozen(x), np.array([1.0, 0, 1, 1]), ONES)
    assert found[1] == 0
    assert (found[[0, 2, 3]] >= 0).all()
    if method.name not in WRITTEN_BY_CHILD | {"data_quality", "given"}:
        alone = method.fit(frozen(x[:, [0, 2, 3]]), np.ones(3), np.ones(3))
        assert found[[0, 2, 3]] == pytest.approx(alone)


@each(Weighter)
def test_one_child_has_all_the_weight_whatever_its_values(method: Weighter) -> None:
    if method.name not in WRITTEN_BY_CHILD:
        for x in DEGENERATE.values():
            assert method.fit(frozen(x[:, :1]), np.ones(1), np.ones(1)).tolist() == [1.0]


@each(Weighter)
@pytest.mark.parametrize("x", DEGENERATE.values(), ids=DEGENERATE.keys())
def test_odd_columns_give_weights_or_an_error_that_names_the_method(
    method: Weighter, x: np.ndarray
) -> None:
    found, complaint = fitted(method, frozen(x), np.ones(2), np.ones(2))
    if found is None:
        assert method.name in complaint
        return
    assert np.isfinite(found).all()
    assert (found >= 0).all()
    assert found.sum() > 0


def test_an_empty_child_is_named_by_its_place_in_the_framework() -> None:
    x = np.random.default_rng(0).uniform(0, 100, (9, 4))
    x[:, 2] = NAN
    with pytest.raises(
        NotScorableError, match="weighting `critic`: child 3 of 4 has values for fe"
    ):
        weights_of("critic", x, [1, 0, 1, 1])


def test_entropy_weights_follow_the_formula() -> None:
    x = np.array([[10.0, 50], [20, 50], [30, 50], [80, 60]])
    p = x / x.sum(axis=0)
    diversity = 1 + (p * np.log(p)).sum(axis=0) / np.log(4)
    assert weights_of("entropy", x) == pytest.approx(diversity / diversity.sum())
    with pytest.raises(NotScorableError, match="child 1 of 2 has negative values"):
        weights_of("entropy", x - 15)


def test_a_constant_child_tells_nothing_and_weighs_nothing() -> None:
    x = np.random.default_rng(0).uniform(10, 90, (9, 3))
    x[:, 1] = 40
    for name in ("entropy", "standard_deviation", "critic", "merec"):
        found = weights_of(name, x)
        assert found[1] == pytest.approx(0, abs=1e-12), name
        assert (found[[0, 2]] > 0).all()
    for name in ("pca", "factor", "correlation_balanced", "information_maximising"):
        with pytest.raises(NotScorableError, match="child 2 of 3 is constant"):
            weights_of(name, x)


def test_standard_deviation_and_critic_weights_follow_the_formulas() -> None:
    sd = ABC.std(axis=0, ddof=1)
    r = np.corrcoef(ABC.T)
    assert weights_of("standard_deviation", ABC) == pytest.approx(sd / sd.sum())
    information = sd * (1 - r).sum(axis=0)
    assert weights_of("critic", ABC) == pytest.approx(information / information.sum())


def test_merec_weights_keshavarz_ghorabaee2021() -> None:
    x = np.array(
        [
            [450, 8000, 54, 145],
            [10, 9100, 2, 160],
            [100, 8200, 31, 153],
            [220, 9300, 1, 162],
            [5, 8400, 23, 158],
        ],
        float,
    )
    # The last two are costs: x / max of a cost is min / x of its reciprocal.
    x[:, 2:] = 1 / x[:, 2:]
    found = weights_of({"method": "merec", "offset": 0}, x)
    assert found == pytest.approx([0.5752, 0.0141, 0.4016, 0.0091], abs=5e-5)


def test_merec_needs_values_above_0() -> None:
    with pytest.raises(NotScorableError, match="not above 0; give an `offset`"):
        weights_of({"method": "merec", "offset": 0}, ABC - 1)
    assert (weights_of("merec", ABC - 1) > 0).all()


def test_first_component_loadings_of_a_coinr_run() -> None:
    golden = np.array([0.6550345064, 0.5386322093, 0.5299105004])
    found = Weighter.parse({"method": "pca", "use": "loadings"}).fit(ABC, np.ones(3), np.ones(3))
    assert found == pytest.approx(golden, rel=1e-9)
    assert weights_of("pca", ABC) == pytest.approx(golden**2, rel=1e-9)


def test_the_sign_of_a_component_is_fixed_and_an_opposed_child_refused() -> None:
    x = np.column_stack([ABC[:, 0], ABC[:, 1], -ABC[:, 2]])
    with pytest.raises(NotScorableError, match="child 3 of 3 runs against the other children"):
        weights_of({"method": "pca", "use": "loadings"}, x)
    assert weights_of("pca", x) == pytest.approx(weights_of("pca", ABC))


def test_uncorrelated_children_have_no_first_component() -> None:
    x = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], float)
    with pytest.raises(NotScorableError, match="no first component stands out"):
        weights_of("pca", x)


@pytest.mark.parametrize(
    "spec",
    [
        "pca",
        {"method": "pca", "use": "loadings"},
        "factor",
        "correlation_balanced",
        "information_maximising",
    ],
)
def test_weights_by_correlation_do_not_depend_on_the_unit_of_the_scale(spec) -> None:
    for unit in (1e-6, 1e6):
        np.testing.assert_allclose(weights_of(spec, unit * ABC), weights_of(spec, ABC), rtol=1e-9)


def test_factor_weights_of_two_separate_blocks() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, 4000, 1))
    x = np.hstack([a + 0.5 * rng.normal(size=(4000, 3)), b + 0.5 * rng.normal(size=(4000, 2))])
    found = weights_of("factor", x)
    r = np.corrcoef(x.T)
    blocks = [np.linalg.eigh(r[:3, :3]), np.linalg.eigh(r[3:, 3:])]
    squared = np.concatenate([sizes[-1] * vectors[:, -1] ** 2 for sizes, vectors in blocks])
    assert found == pytest.approx(squared / squared.sum(), abs=2e-3)


@settings(max_examples=12, deadline=None)
@given(families(gaps=False), st.sampled_from([(1, 1, 1, 1), (3, 1, 2, 1)]))
def test_balanced_weights_give_the_correlations_their_target_shares(x, target) -> None:
    found = weights_of("correlation_balanced", x, target)
    if (found > 0).all():
        r = np.array([np.corrcoef(x @ found, column)[0, 1] for column in x.T])
        assert r / r.sum() == pytest.approx(np.array(target) / sum(target), abs=1e-8)


@pytest.mark.slow
def test_targets_out_of_reach_are_approached_as_nearly_as_weights_allow() -> None:
    target = np.ones(3) / 3
    r = np.corrcoef(ABC.T)

    def miss(w: np.ndarray) -> float:
        v = r @ (w * ABC.std(axis=0, ddof=1))
        return float(np.square(v / v.sum() - target).sum())

    found = weights_of("correlation_balanced", ABC)
    assert found[0] == 0
    rng = np.random.default_rng(0)
    assert miss(found) <= min(miss(w) for w in rng.dirichlet(np.ones(3), 20_000)) + 1e-12


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(families(gaps=False), st.integers(0, 99))
def test_no_weights_inform_more_than_the_maximising_ones(x, seed: int) -> None:
    def correlations(w: np.ndarray) -> np.ndarray:
        return np.array([np.corrcoef(x @ w, column)[0, 1] for column in x.T])

    others = np.random.default_rng(seed).dirichlet(np.ones(4), 50)
    best = correlations(weights_of("information_maximising", x)).sum()
    assert all(correlations(w).sum() <= best + 1e-9 for w in others)
    try:
        found = weights_of({"method": "information_maximising", "measure": "squared"}, x)
    except NotScorableError:
        return
    best = np.square(correlations(found)).sum()
    assert all(np.square(correlations(w)).sum() <= best + 1e-9 for w in others)


def test_budgets_count_by_their_shares() -> None:
    spec = {"method": "budget_allocation", "points": [[60, 30, 10], [1, 1, 2]]}
    x = np.empty((0, 3))
    assert weights_of(spec, x) == pytest.approx([0.425, 0.275, 0.3])
    with pytest.raises(FrameworkError, match="written for 3 children, and the group has 2"):
        weights_of(spec, np.empty((0, 2)))
    with pytest.raises(FrameworkError, match="row 2 of `points` sums to 0"):
        Weighter.parse({"method": "budget_allocation", "points": [[1, 2], [0, 0]]})
    with pytest.raises(FrameworkError, match=r"received rows of \[2, 3\]"):
        Weighter.parse({"method": "budget_allocation", "points": [[1, 2], [1, 2, 3]]})


def test_consistent_judgements_give_back_the_weights_behind_them() -> None:
    w = np.array([0.5, 0.3, 0.15, 0.05])
    ahp = AnalyticHierarchy(pairs=tuple(map(tuple, (w[:, None] / w[None]).tolist())))
    assert ahp.weights() == pytest.approx(w)
    assert ahp.consistency_ratio == pytest.approx(0, abs=1e-12)


def test_the_consistency_ratio_is_saatys() -> None:
    pairs = [[1, 3, 5], ["1/3", 1, 3], ["1/5", "1/3", 1]]
    ahp = Weighter.parse({"method": "ahp", "pairs": pairs})
    matrix = np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]])
    largest = np.linalg.eigvals(matrix).real.max()
    assert ahp.consistency_ratio == pytest.approx((largest - 3) / 2 / 0.58)
    assert matrix @ ahp.weights() == pytest.approx(largest * ahp.weights())


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([[1, 9, "1/9"], ["1/9", 1, 9], [9, "1/9", 1]], "contradict each other: consistency ratio"),
        ([[1, 2], [2, 1]], "must be reciprocal: entry"),
        ([[1, 2], [0.5]], "must be square"),
        ([[1, "x"], [1, 1]], "expected a number above 0, or a fraction"),
    ],
)
def test_judgements_that_cannot_be_used_are_refused(pairs, message: str) -> None:
    with pytest.raises(FrameworkError, match=message):
        Weighter.parse({"method": "ahp", "pairs": pairs})


def test_the_best_case_of_a_unit_is_measured_from_the_frontier() -> None:
    # Safety (100, 50), (50, 100) and (50, 50): the frontier joins the first two at 150 in sum.
    found = best_case(np.array([[0.0, 50.0], [50.0, 0.0], [50.0, 50.0]]))
    assert found.scores == pytest.approx([0, 0, 100 / 3])
    assert found.weights[2] == pytest.approx([0.5, 0.5])
    assert not found.beyond.any()


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(families(), st.integers(0, 99))
def test_no_admissible_weights_score_a_unit_below_its_best_case(x, seed: int) -> None:
    least, most = 0.1, 0.5
    found = best_case(x, least=least, most=most)
    rng = np.random.default_rng(seed)
    w = rng.dirichlet(np.full(4, 3.0), 200)
    w = w[(w >= least).all(axis=1) & (w <= most).all(axis=1)]
    complete = ~np.isnan(x).any(axis=1)
    means = x[complete] @ w.T
    assert (means.min(axis=1, initial=100) >= found.scores[complete] - 1e-6).all()
    own = found.weights[complete]
    assert own.sum(axis=1) == pytest.approx(np.ones(len(own)))
    assert own.min() >= least - 1e-7
    assert own.max() <= most + 1e-7
    # At least one unit of the reference is on the frontier, and none is past it.
    assert np.nanmin(found.scores) == pytest.approx(0, abs=1e-6)
    assert not found.beyond.any()


def test_a_new_country_past_the_frontier_is_cut_and_flagged() -> None:
    reference = frozen([[20.0, 60], [60, 20], [50, 50]])
    new = frozen([[10.0, 10], [50, 50], [NAN, 10], [NAN, NAN], [100, 100]])
    found = best_case(new, reference)
    assert found.beyond.tolist() == [True, False, True, False, False]
    assert found.scores[[0, 2, 4]].tolist() == [0, 0, 100]
    assert np.isnan(found.scores[3])
    assert found.scores[1] == pytest.approx(best_case(reference).scores[2])
    assert found.weights[2, 1] == 1
    assert np.isnan(found.weights[2, 0])


def test_bounds_that_cannot_add_up_are_refused() -> None:
    with pytest.raises(FrameworkError, match=r"cannot add up to one over 4 children"):
        weights_of({"method": "benefit_of_the_doubt", "least": 0.3}, np.eye(4))
    with pytest.raises(FrameworkError, match="`least` must not be above `most`"):
        Weighter.parse({"method": "benefit_of_the_doubt", "least": 0.5, "most": 0.2})
