"""Analyses of one country of a selection of scores: ranks and medians are among all that were scored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.errors import UnknownNameError


@pytest.fixture(scope="module")
def scores(bundled: dr.Scores) -> dr.Scores:
    return bundled


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
def test_uncertainty_of_a_selection_ranks_among_all_that_were_scored(
    scores: dr.Scores, some: dr.Scores
) -> None:
    factors = {"*.weights": {"method": "spread", "share": 0.25}}
    whole = dr.uncertainty(scores, draws=128, factors=factors, pairs=True)
    part = dr.uncertainty(some, draws=128, factors=factors, pairs=True)
    assert list(part.units) == list(some.data.units)
    assert part.as_written is some
    for view in ("table", "scores", "ranks", "bands", "acceptability", "undefined"):
        mine, every = (getattr(one, view) for one in (part, whole))
        mine, every = (one() if callable(one) else one for one in (mine, every))
        pd.testing.assert_frame_equal(mine, every.loc[mine.index])
    pd.testing.assert_frame_equal(
        part.riskier(), whole.riskier().loc[list(part.units), list(part.units)]
    )
    assert part.table()["dependency_rank"].max() > 3
    assert not any("lies outside" in note and "of 3 units" in note for note in part.notes)
