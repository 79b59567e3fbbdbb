"""Quantile functions between knots, found by class, against numpy's interpolation."""

from __future__ import annotations

import numpy as np
import pytest

from dsr_risk.methods._latent import Knots, score_knots

RNG = np.random.default_rng(0)
COLUMNS = {
    "many": RNG.standard_normal(400),
    "ties": np.round(RNG.standard_normal(234), 1),
    "three values": RNG.integers(0, 3, 90).astype(float),
    "two": np.array([3.0, 1.0]),
    "one": np.array([2.0]),
    "constant": np.zeros(50),
    "too many for classes": RNG.standard_normal(6000),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_knots_give_the_numbers_of_an_interpolation(name: str) -> None:
    scores, values = (knots[:, 0] for knots in score_knots(COLUMNS[name][:, None]))
    at_knots = [scores, np.nextafter(scores, 9), np.nextafter(scores, -9), [-50.0, 50.0]]
    z = np.concatenate([2 * RNG.standard_normal(5000), *at_knots])
    np.testing.assert_array_equal(Knots(scores, values)(z), np.interp(z, scores, values))
