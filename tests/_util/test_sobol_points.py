"""Sobol' points are those of scipy, from any place on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import qmc

from dsr_risk._util.sobol_points import MOST, SobolPoints


def theirs(dimension: int, seed: int, start: int, size: int) -> np.ndarray:
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x50B0]))
    engine = qmc.Sobol(dimension, scramble=True, seed=rng)
    if start:
        engine.fast_forward(start)
    return engine.random(size)


@pytest.mark.parametrize("dimension", [1, 2, 5, 51, 1200])
@pytest.mark.parametrize(
    ("start", "size"), [(0, 1), (0, 64), (64, 64), (7, 9), (3000, 77), (1 << 20, 32)]
)
def test_points_are_those_of_scipy(dimension: int, start: int, size: int) -> None:
    own = SobolPoints(dimension, seed=5).points(start, size)
    assert own.tolist() == theirs(dimension, 5, start, size).tolist()


def test_points_do_not_depend_on_what_was_asked_before() -> None:
    points = SobolPoints(4, seed=1)
    late = points.points(100, 8)
    assert np.array_equal(points.points(0, 256)[100:108], late)
    assert np.array_equal(points.points(100, 8), late)


def test_a_sequence_has_an_end() -> None:
    assert SobolPoints(1, seed=0).points(MOST - 4, 4).shape == (4, 1)
    with pytest.raises(ValueError, match="asked for 1,073,741,825; draw fewer"):
        SobolPoints(1, seed=0).points(MOST, 1)
