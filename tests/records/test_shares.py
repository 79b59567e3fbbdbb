"""Concentration of shares: worked examples and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from dsr_risk.errors import DataError
from dsr_risk.records import sampling, shares

AMOUNTS = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=12)


def whole(amounts: list[float]) -> np.ndarray:
    return np.array(amounts) / np.sum(amounts)


def test_three_suppliers_give_the_worked_figures() -> None:
    market = [0.5, 0.3, 0.2]
    assert shares.hhi(market) == pytest.approx(0.38)
    assert shares.hhi_normalised(market) == pytest.approx(0.07)
    assert shares.effective_number(market) == pytest.approx(2.631579, abs=1e-6)
    assert shares.entropy_number(market) == pytest.approx(2.800094, abs=1e-6)
    assert shares.hhi_band(0.38, 2010) == shares.hhi_band(0.38, 2023) == "high"


def test_a_monopoly_is_one_and_four_equal_suppliers_are_a_quarter() -> None:
    assert shares.hhi([1.0]) == shares.effective_number([1.0]) == shares.hhi_normalised([1.0]) == 1
    equal = [0.25] * 4
    assert shares.hhi(equal) == 0.25
    assert shares.effective_number(equal) == 4
    assert shares.hhi_normalised(equal) == 0


def test_percent_equals_shares_and_shares_that_do_not_add_up_are_refused() -> None:
    assert shares.as_shares([50, 30, 20], percent=True).tolist() == [0.5, 0.3, 0.2]
    with pytest.raises(DataError, match=r"sum to 0\.8, must sum to 1.*remainder=0\.2"):
        shares.hhi([0.5, 0.3])
    with pytest.raises(DataError, match="percent=True"):
        shares.hhi([50, 30, 20])
    with pytest.raises(DataError, match="at least 0"):
        shares.hhi([1.2, -0.2])


def test_an_unknown_remainder_gives_bounds() -> None:
    assert np.allclose(shares.hhi_bounds([0.5, 0.3], 0.2), (0.34, 0.38))
    assert np.allclose(shares.hhi_bounds([0.59], 0.41), (0.3481, 0.5162))
    assert np.allclose(shares.hhi_bounds([0.5, 0.3], 0.2, to="any"), (0.34, 0.7**2 + 0.3**2))


def test_a_swap_to_the_smallest_supplier_lowers_the_hhi() -> None:
    moved = shares.swap([0.5, 0.3, 0.2], 0, 2, 0.5)
    assert moved.tolist() == [0.25, 0.3, 0.45]
    assert shares.hhi(moved) == pytest.approx(0.355)


def test_a_ban_lowers_the_focal_share_and_may_raise_the_hhi() -> None:
    market, origins = [0.5, 0.3, 0.2], ["CHN", "SWE", "FIN"]
    banned = shares.ban(market, [True, False, False])
    assert np.allclose(banned, [0, 0.6, 0.4])
    assert shares.focal_share(market, origins, "CHN") == 0.5
    assert shares.focal_share(banned, origins, "CHN") == 0
    assert shares.hhi(banned) == pytest.approx(0.52)
    assert shares.hhi(banned) > shares.hhi(market)


def test_a_ban_follows_a_matrix_and_cannot_take_everybody() -> None:
    rule = np.array([[0, 0.25, 0.75], [0, 0, 0], [0, 0, 0]])
    out = shares.ban([0.4, 0.4, 0.2], [True, False, False], to=rule)
    assert np.allclose(out, [0, 0.5, 0.5])
    with pytest.raises(DataError, match="whole market"):
        shares.ban([1.0], [True])
    with pytest.raises(DataError, match="sum to 1"):
        shares.ban([0.5, 0.5], [True, False], to=[[0, 0.5], [0, 0]])


def test_a_cap_spreads_the_excess_pro_rata() -> None:
    capped = shares.cap([0.5, 0.3, 0.2], 0.4)
    assert np.allclose(capped, [0.4, 0.36, 0.24])
    assert shares.hhi(capped) == pytest.approx(0.3472)
    with pytest.raises(DataError, match="leaves no room"):
        shares.cap([0.5, 0.5], 0.4)


def test_a_change_is_phased_in_evenly() -> None:
    assert shares.phase(60, 0, 2, 5) == 36
    assert shares.phase(60, 0, 7, 5) == 0


def test_firm_and_origin_levels_differ() -> None:
    assert shares.hhi([0.3, 0.2, 0.3, 0.2]) == pytest.approx(0.26)
    assert shares.hhi([0.5, 0.3, 0.2]) == pytest.approx(0.38)
    assert shares.hhi([0.5, 0.5]) == pytest.approx(0.5)


@settings(deadline=None, max_examples=100)
@given(AMOUNTS)
def test_the_hhi_lies_between_equal_shares_and_a_monopoly(amounts: list[float]) -> None:
    value = float(shares.hhi(whole(amounts)))
    assert 1 / len(amounts) - 1e-12 <= value <= 1 + 1e-12
    assert 1 - 1e-9 <= shares.effective_number(whole(amounts)) <= len(amounts) + 1e-6
    assert 1 - 1e-9 <= shares.entropy_number(whole(amounts)) <= len(amounts) + 1e-6


@settings(deadline=None, max_examples=100)
@given(AMOUNTS, st.randoms())
def test_order_does_not_matter(amounts: list[float], random: object) -> None:
    mixed = list(amounts)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    for measure in (shares.hhi, shares.hhi_normalised, shares.entropy_number):
        assert measure(whole(mixed)) == pytest.approx(float(measure(whole(amounts))), rel=1e-9)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.floats(0.01, 1e3), min_size=2, max_size=10), st.floats(0.01, 0.99))
def test_a_transfer_to_the_largest_raises_every_measure(amounts: list[float], part: float) -> None:
    market = np.sort(whole(amounts))
    moved = shares.swap(market, 0, len(market) - 1, part)
    assert shares.hhi(moved) >= shares.hhi(market)
    assert shares.entropy_number(moved) <= shares.entropy_number(market) + 1e-12
    assert shares.top_share(moved, 1) >= shares.top_share(market, 1)


@settings(deadline=None, max_examples=100)
@given(AMOUNTS, st.floats(0.0, 0.9), st.sampled_from(["other", "any"]))
def test_bounds_hold_every_way_to_fill_the_remainder(
    amounts: list[float], rest: float, to: str
) -> None:
    known = whole(amounts) * (1 - rest)
    low, high = shares.hhi_bounds(known, rest, to=to)  # type: ignore[arg-type]
    fillings = [np.append(known, rest), np.append(known, np.full(50, rest / 50))]
    if to == "any":
        first = known.copy()
        first[known.argmax()] += rest
        fillings += [first, known / (1 - rest)]
    for filled in fillings:
        assert low - 1e-12 <= (filled**2).sum() <= high + 1e-12


@settings(deadline=None, max_examples=100)
@given(AMOUNTS, st.floats(0.05, 1.0))
def test_a_cap_holds_and_keeps_the_whole(amounts: list[float], ceiling: float) -> None:
    if ceiling * len(amounts) < 1.0:
        return
    capped = shares.cap(whole(amounts), ceiling)
    assert capped.max() <= ceiling + 1e-9
    assert capped.sum() == pytest.approx(1)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=8))
def test_the_unbiased_hhi_is_the_chance_that_two_records_share_a_supplier(
    counts: list[int],
) -> None:
    n = sum(counts)
    value = float(sampling.hhi_unbiased(shares.hhi(whole([float(c) for c in counts])), n))
    if n == 1:
        assert np.isnan(value)
    else:
        pairs = sum(c * (c - 1) for c in counts) / (n * (n - 1))
        assert value == pytest.approx(pairs, abs=1e-12)


def test_the_correction_removes_the_bias_of_small_counts() -> None:
    rng = np.random.default_rng(0)
    market = np.array([0.5, 0.3, 0.15, 0.05])
    counts = rng.multinomial(8, market, size=40_000)
    plain = (counts**2).sum(axis=1) / 64
    fixed = sampling.hhi_unbiased(plain, np.full(len(plain), 8.0))
    truth = (market**2).sum()
    noise = fixed.std() / np.sqrt(len(fixed))
    assert plain.mean() - truth == pytest.approx((1 - truth) / 8, abs=5 * noise)
    assert fixed.mean() == pytest.approx(truth, abs=5 * noise)


def test_the_standard_error_of_the_hhi_is_the_spread_over_samples() -> None:
    rng = np.random.default_rng(1)
    market, n = np.array([0.5, 0.3, 0.2]), 400
    counts = rng.multinomial(n, market, size=20_000)
    seen = ((counts / n) ** 2).sum(axis=1).std()
    records = np.repeat(["a", "b", "c"], (market * n).astype(int))
    assert sampling.hhi_standard_error(np.ones(n), records) == pytest.approx(seen, rel=0.02)


def test_dirichlet_shares_widen_when_records_resemble_each_other() -> None:
    mean, alone, low, high = sampling.dirichlet_shares([50, 30, 20])
    _, alike, *_ = sampling.dirichlet_shares([50, 30, 20], intraclass=0.1)
    assert mean.sum() == pytest.approx(1)
    assert ((low < mean) & (mean < high)).all()
    assert (alike > 2.5 * alone).all()
    with pytest.raises(DataError, match="at least 0"):
        sampling.dirichlet_shares([-1, 2])


def test_a_share_of_none_or_all_records_has_a_closed_end() -> None:
    low, high = sampling.share_interval([0.0, 1.0], [10.0, 10.0], 0.95)
    assert low[0] == 0
    assert high[1] == 1
    assert 0 < high[0] < 0.3
    assert 0.7 < low[1] < 1
