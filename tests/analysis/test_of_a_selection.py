"""Analyses of one country of a selection of scores: ranks and medians are among all that were scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.errors import UnknownNameError


@pytest.fixture(scope="module")
def scores() -> dr.Scores:
    return dr.score()


@pytest.fixture(scope="module")
def some(scores: dr.Scores) -> dr.Scores:
    return scores.select(countries=["PAK", "KEN", "BGR"])


def test_explain_against_the_median_of_all_that_were_scored(
    scores: dr.Scores, some: dr.Scores
) -> None:
    whole, part = dr.explain(scores, "PAK"), dr.explain(some, "PAK")
    assert part.gaps == whole.gaps
    pd.testing.assert_frame_equal(part.table(), whole.table())
    pd.testing.assert_frame_equal(part.parts(), whole.parts())


@pytest.mark.slow
def test_tornado_ranks_among_all_that_were_scored(scores: dr.Scores, some: dr.Scores) -> None:
    factors = {"dependency.weights": {"method": "spread", "share": 0.25}}
    whole = dr.tornado(scores, "PAK", factors=factors)
    pd.testing.assert_frame_equal(dr.tornado(some, "PAK", factors=factors), whole)
    assert whole["rank_nominal"].iloc[0] > 3


@pytest.mark.slow
def test_value_of_information_ranks_among_all_that_were_scored(
    scores: dr.Scores, some: dr.Scores
) -> None:
    whole = dr.value_of_information(scores, "PAK", draws=64).table()
    part = dr.value_of_information(some, "PAK", draws=64).table()
    pd.testing.assert_frame_equal(part, whole)


@pytest.mark.parametrize("verb", [dr.tornado, dr.value_of_information, dr.explain])
def test_a_country_outside_the_selection_is_refused(
    some: dr.Scores, verb: Callable[..., Any]
) -> None:
    with pytest.raises(UnknownNameError):
        verb(some, "DEU")


@pytest.mark.slow
def test_uncertainty_of_a_selection_says_among_whom_it_ranks() -> None:
    scores = dr.score().select(countries=["PAK", "KEN", "LAO"])
    factors = {"*.weights": {"method": "spread", "share": 0.25}}
    notes = dr.uncertainty(scores, draws=128, factors=factors).notes
    assert any(note.startswith("ranks are among the 3 units selected") for note in notes)
    assert any(
        "dependency rank of 3 of 3 units lies outside its 90 % interval" in note for note in notes
    )
    everyone = dr.uncertainty(dr.score(), draws=128, factors=factors).notes
    assert not any("units selected" in note for note in everyone)
