"""Quantile functions between knots, found by class, against numpy's interpolation."""

from __future__ import annotations

import numpy as np
import pytest

from dsr_risk.methods._latent import Knots, score_knots, to_scores

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


def test_columns_together_have_the_knots_and_scores_of_each_alone() -> None:
    columns = np.full((400, len(COLUMNS)), np.nan)
    parts = [column for name, column in COLUMNS.items() if len(column) <= len(columns)]
    for number, part in enumerate(parts):
        columns[: len(part), number] = part
    columns = RNG.permuted(columns, axis=0)
    scores, values = score_knots(columns)
    places = to_scores(columns, scores, values)
    for number, part in enumerate(parts):
        score, value = score_knots(part[:, None])
        kept = slice(len(part))
        np.testing.assert_array_equal(values[kept, number], value[:, 0])
        np.testing.assert_array_equal(scores[kept, number], score[:, 0])
        # A repeated value has the middle of its first and its last score.
        for one in part[:5]:
            middle = (score[value == one].min() + score[value == one].max()) / 2
            np.testing.assert_array_equal(places[columns[:, number] == one, number], middle)
    assert np.isnan(scores[:, len(parts) :]).all()
    assert np.isnan(places[:, len(parts) :]).all()
