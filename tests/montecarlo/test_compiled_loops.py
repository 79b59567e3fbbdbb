"""The compiled loops of the extra `fast` against numpy; skipped where numba is not installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import dsr_risk as dr
from dsr_risk._util.scratch import Scratch
from dsr_risk.errors import UnknownNameError
from dsr_risk.montecarlo import compile_design
from dsr_risk.montecarlo.drawing import Key
from dsr_risk.montecarlo.drawn_indicators import linear_columns
from dsr_risk.montecarlo.ranks import count_ranks
from tests.montecarlo.montecarlo_cases import made_data, made_framework

pytest.importorskip("numba", reason="numba (extra `fast`) is not installed")

WEIGHTS = {"*.weights": {"method": "spread", "share": 0.3}}
ERRORS = {"*.data": {"method": "standard_error", "relative": 0.1}}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draws", "units"), [(1, 2), (2, 64), (67, 65), (300, 9), (40, 256), (33, 300), (16, 600)]
)
def test_pairs_are_counted_as_by_comparing_scores(draws: int, units: int) -> None:
    rng = np.random.default_rng(draws)
    x = rng.random((draws, units)) * 100
    x[::3, -1] = x[::3, 0]
    fast = count_ranks(x, 100.0, Scratch(), pairs=True, fast=True)
    before = (x[:, :, None] > x[:, None, :] + 1e-7).sum(axis=0)
    np.testing.assert_array_equal(fast.above, before)
    assert fast.counts.sum() == draws * units


@pytest.mark.slow
@pytest.mark.parametrize("pairs", [False, True])
def test_counts_are_the_same_and_means_the_same_to_rounding(pairs: bool) -> None:
    data = made_data(60, 12)
    frame = data.values
    frame.iloc[3] = frame.iloc[7]
    data = dr.as_data(frame)
    found = [
        dr.uncertainty(
            made_framework(), data, draws=20_000, factors=WEIGHTS, pairs=pairs, engine=engine
        )
        for engine in ("numpy", "numba")
    ]
    plain, fast = (one._counts.counts for one in found)
    for part in ("bins", "ranks", "above", "count", "seen"):
        np.testing.assert_array_equal(getattr(plain, part), getattr(fast, part))
    np.testing.assert_allclose(found[0].scores(), found[1].scores(), rtol=1e-9, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("top", ["geometric", "harmonic", {"method": "power", "p": 3}])
def test_curved_tops_have_the_values_of_numpy(top: Any, missing: float) -> None:
    framework, data = made_framework(top=top), made_data(60, 12, missing=missing)
    plain, fast = (
        dr.uncertainty(framework, data, draws=3000, factors=WEIGHTS, engine=engine)
        for engine in ("numpy", "numba")
    )
    np.testing.assert_array_equal(plain._counts.counts.ranks, fast._counts.counts.ranks)
    np.testing.assert_allclose(plain.scores(), fast.scores(), rtol=1e-9, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("reference", ["fixed", "refit"])
def test_raw_values_reach_the_scale_alike(reference: Any) -> None:
    framework, data = made_framework(), made_data(37, missing=0.2)
    design = compile_design(framework, data, ERRORS, reference=reference)
    runner = design.runners[0]
    key = Key(0, 0, {})
    noise = design.drawing.noise(key, design.block_size, 9)
    raw = design.raw(0, noise, slice(0, 9), 9, key)
    raw[0, 0, 5] = np.nan
    plain, fast = raw.copy(), raw.copy()
    linear_columns(runner.steps, plain, (0.0, 100.0), runner.refit)
    linear_columns(runner.steps, fast, (0.0, 100.0), runner.refit, fast=True)
    np.testing.assert_allclose(fast, plain, rtol=0, atol=1e-10, equal_nan=True)


@pytest.mark.slow
def test_compiled_normals_are_normal_and_keyed() -> None:
    from scipy import stats

    from dsr_risk.montecarlo._numba import FastStream
    from dsr_risk.montecarlo.sampling import stream

    def drawn(block: int) -> Any:
        return FastStream(stream(0, "gci.data", block)).standard_normal((400, 500))

    one = drawn(0)
    assert stats.kstest(one.ravel(), "norm").pvalue > 1e-3
    assert abs(stats.kurtosis(one.ravel())) < 0.05
    assert (np.abs(one) > 3.5).mean() == pytest.approx(2 * stats.norm.sf(3.5), rel=0.3)
    np.testing.assert_array_equal(one, drawn(0))
    assert abs(np.corrcoef(one.ravel(), drawn(1).ravel())[0, 1]) < 0.01


@pytest.mark.slow
def test_philox_gives_the_known_words() -> None:
    from dsr_risk.montecarlo._numba import STRIPE, _philox

    words = np.empty(4 * STRIPE, np.uint32)
    _philox(0, 0, 0, 0, 0, words)
    # Known answer of Philox4x32-10 for counter 0 and key 0: Random123, kat_vectors.
    assert [hex(words[part * STRIPE]) for part in range(4)] == [
        "0x6627e8d5", "0xe169c58d", "0xbc57ac4c", "0x9b00dbd8"
    ]  # fmt: skip


@pytest.mark.slow
def test_the_two_normals_made_of_one_pair_of_words_are_independent() -> None:
    from dsr_risk.montecarlo._numba import STRIPE, FastStream
    from dsr_risk.montecarlo.sampling import stream

    # Each pair of words gives a sine and a cosine, half a stripe of four words apart.
    made = FastStream(stream(0, "gci.data", 0)).standard_normal((500, 2, 2 * STRIPE))
    one, other = made[:, 0].ravel(), made[:, 1].ravel()
    bound = 4 / np.sqrt(one.size)
    assert abs(np.corrcoef(one, other)[0, 1]) < bound
    assert abs(np.corrcoef(one**2, other**2)[0, 1]) < bound
    quadrants = np.bincount(2 * (one > 0) + (other > 0), minlength=4) / one.size
    np.testing.assert_allclose(quadrants, 0.25, atol=bound)


@pytest.mark.slow
def test_errors_drawn_by_compiled_loops_give_the_same_distribution() -> None:
    found = [
        dr.uncertainty(
            made_framework(), made_data(), draws=20_000, factors=ERRORS, reference="refit",
            engine=engine, nodes="groups",
        )
        for engine in ("numpy", "numba")
    ]  # fmt: skip
    plain, fast = (one.scores() for one in found)
    error = 5 * np.hypot(found[0].errors()["mean"], found[1].errors()["mean"])
    assert (np.abs(plain["mean"] - fast["mean"]) < error).all()
    np.testing.assert_allclose(plain["sd"], fast["sd"], rtol=0.04)
    np.testing.assert_allclose(found[1].sample().mean(axis=0), fast["mean"], rtol=1e-12)


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown `engine` 'gpu'; known: `numpy`, `numba`"):
        dr.uncertainty(made_framework(), made_data(), factors={}, engine="gpu")  # type: ignore[arg-type]
