"""Scrambled Sobol' points are those of scipy, in any block."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pytest
from scipy.stats import qmc

from dsr_risk.montecarlo.sampling import Points
from dsr_risk.montecarlo.sobol_points import SobolPoints


def scramble(seed: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence([seed, 0x50B0]))


@pytest.mark.parametrize("dimension", [1, 2, 7, 50, 400])
@pytest.mark.parametrize("size", [64, 100])
def test_blocks_are_the_points_of_scipy(dimension: int, size: int) -> None:
    ours = SobolPoints(dimension, scramble(dimension))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        theirs = qmc.Sobol(dimension, scramble=True, seed=scramble(dimension))
        expected = [theirs.random(size) for _ in range(5)]
    for number in (3, 0, 4, 1):
        np.testing.assert_array_equal(ours.block(number, size), expected[number])


def test_a_sequence_ends_after_all_its_points() -> None:
    points = SobolPoints(3, scramble(0))
    assert points.block((1 << 20) - 1, 1 << 10).shape == (1 << 10, 3)
    with pytest.raises(ValueError, match=r"at most 2\*\*30 points"):
        points.block(1 << 20, 1 << 10)


def test_points_need_no_statistics_library() -> None:
    code = (
        "import sys; from dsr_risk.montecarlo.sampling import Points; "
        "Points(5, 16, 0, 'sobol').block(2); assert 'scipy.stats' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert Points(5, 16, 0, "sobol").block(2).shape == (16, 5)
