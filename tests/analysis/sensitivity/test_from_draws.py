"""PAWN and Borgonovo's delta from draws that are already there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.analysis.sensitivity import sensitivity_from_draws
from dsr_risk.sobol import delta, pawn
from tests.analysis.sensitivity.sensitivity_cases import ishigami

RNG = np.random.default_rng(0)
U = RNG.random((4000, 3))


@pytest.mark.parametrize("measure", [delta, pawn])
def test_what_plays_no_part_measures_near_zero_and_the_order_is_that_of_influence(measure) -> None:
    found = measure(U, U[:, 0] + 0.3 * U[:, 1]).value[:, 0]
    assert found[0] > found[1] > found[2]
    assert found[2] < 0.08


@pytest.mark.slow
def test_delta_of_an_input_without_influence_is_within_its_interval_of_zero() -> None:
    below = 0
    for seed in range(20):
        x = np.random.default_rng(seed).random((1024, 3))
        found = delta(x, x[:, 0] + x[:, 1])
        below += bool(found.value[2, 0] <= found.null[2, 0])
        assert (found.value[:2, 0] > 5 * found.null[:2, 0]).all()
        if found.value[2, 0] <= found.null[2, 0]:
            assert found.value[2, 0] <= 2 * found.error[2, 0]
    assert below >= 15


@pytest.mark.slow
@pytest.mark.parametrize("n", [4_000, 40_000, 400_000])
def test_delta_of_ishigami_is_within_its_error(n: int) -> None:
    """Values by quadrature of the conditional densities, 400 x 400 nodes; .261, .4245 and .207 by others."""
    u = np.random.default_rng(1).random((n, 3))
    found = delta(u, ishigami(u), resamples=8)
    away = np.abs(found.value[:, 0] - [0.262, 0.4255, 0.2085])
    assert (away < 1.645 * found.error[:, 0]).all()
    assert (found.value > found.null).all()
    assert (found.error < 4 * n ** (-1 / 3)).all()


@pytest.mark.slow
def test_delta_of_two_uniform_numbers_is_one_third() -> None:
    # Half the area between the triangle on 0-2 and the uniform density on x to x + 1 is the part of the
    # triangle outside that interval, (x^2 + (1 - x)^2) / 2; its mean over x is 1/3.
    u = np.random.default_rng(1).random((60000, 2))
    found = delta(u, u.sum(axis=1), classes=40, resamples=5).value[:, 0]
    np.testing.assert_allclose(found, 1 / 3, atol=0.02)


@pytest.mark.parametrize("measure", [delta, pawn])
def test_measures_do_not_depend_on_the_scale_of_the_output(measure) -> None:
    y = U[:, 0] + 0.3 * U[:, 1]
    np.testing.assert_array_equal(
        measure(U, y, resamples=3).value, measure(U, np.exp(5 * y), resamples=3).value
    )


def test_pawn_is_the_kolmogorov_smirnov_distance_of_scipy() -> None:
    from scipy.stats import ks_2samp

    group = np.repeat([0.0, 1.0], 2000)
    y = U[:, 0] + 0.5 * group
    want = np.median([ks_2samp(y[group == one], y).statistic for one in (0, 1)])
    assert pawn(group[:, None], y).value[0, 0] == pytest.approx(want, abs=1 / 256 + 1e-3)


def test_pawn_agrees_with_salib() -> None:
    peer = pytest.importorskip("SALib.analyze.pawn", reason="SALib is not installed")
    y = U[:, 0] + 0.3 * U[:, 1] ** 2
    problem = {"num_vars": 3, "names": list("abc"), "bounds": [[0, 1]] * 3}
    theirs = peer.analyze(problem, U, y, S=10)
    np.testing.assert_allclose(pawn(U, y).value[:, 0], theirs["median"], atol=0.02)


@pytest.mark.parametrize("measure", [delta, pawn])
def test_constants_have_no_measure(measure) -> None:
    x = np.column_stack([U[:, 0], np.ones(len(U))])
    found = measure(x, np.column_stack([U[:, 0], np.full(len(U), 7.0)])).value
    assert np.isfinite(found[0, 0])
    assert np.isnan(found[1]).all()
    assert np.isnan(found[:, 1]).all()


def test_the_error_shrinks_with_more_draws() -> None:
    few, many = (pawn(U[:n], U[:n, 0] + U[:n, 1]).error[0, 0] for n in (400, 4000))
    assert many < few


def test_names_come_from_frames_or_arguments() -> None:
    x = pd.DataFrame(U, columns=["weights", "noise", "inert"])
    found = sensitivity_from_draws(x, pd.DataFrame({"PAK": U[:, 0]}), method="delta")
    assert list(found.index) == ["weights", "noise", "inert"]
    assert found["PAK", "value"].idxmax() == "weights"
    with pytest.raises(dr.DataError, match="names: expected 3 names, received 1"):
        sensitivity_from_draws(U, U[:, 0], names=["a"])


def test_bad_input_is_refused_with_what_was_received() -> None:
    with pytest.raises(dr.UnknownNameError, match="did you mean `pawn`"):
        sensitivity_from_draws(U, U[:, 0], method="pown")  # type: ignore[arg-type]
    with pytest.raises(dr.DataError, match="finite"):
        sensitivity_from_draws(U, np.where(U[:, 0] > 0.9, np.nan, U[:, 0]))
    with pytest.raises(dr.DataError, match="received 30 rows"):
        sensitivity_from_draws(U[:30], U[:30, 0])
    with pytest.raises(dr.DataError, match=r"received \(4000, 3\) and \(10,\)"):
        sensitivity_from_draws(U, U[:10, 0])
