"""`as_data(data.to_long()) == data`, for any data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import dsr_risk as dr

CODES = ["PAK", "KEN", "NGA", "GHA"]
CELLS = st.one_of(st.none(), st.floats(-1e6, 1e6, allow_nan=False))
TEXTS = st.sampled_from(["", "one source", "another"])


@st.composite
def wide(draw: st.DrawFn) -> dr.Data:
    codes = draw(st.permutations(CODES))[: draw(st.integers(1, 4))]
    names = draw(st.permutations(["a", "b", "c"]))
    table = {name: [draw(CELLS) for _ in codes] for name in names}
    frame = pd.DataFrame(table, index=pd.Index(codes, name="iso3"), dtype=float)
    if draw(st.booleans()):
        years = pd.concat([frame, frame + 1], keys=[2020, 2021]).swaplevel()
        return dr.as_data(years.rename_axis(["iso3", "year"]))
    return dr.as_data(frame)


@st.composite
def long(draw: st.DrawFn) -> dr.Data:
    rows = []
    for code in draw(st.permutations(CODES)):
        for name in "ab":
            kind = draw(st.sampled_from(["value", "reason", "bounds", "nothing"]))
            rows.append(
                {
                    "iso3": code,
                    "indicator": name,
                    "value": draw(st.floats(0, 100)) if kind == "value" else np.nan,
                    "reason": "landlocked" if kind == "reason" else "",
                    "lower": 1.0 if kind == "bounds" else np.nan,
                    "upper": 2.0 if kind == "bounds" else np.nan,
                    "year": draw(st.integers(2018, 2022)),
                    "source": draw(TEXTS),
                }
            )
    edition = draw(st.sampled_from([None, 2022, 2024]))
    return dr.as_data(pd.DataFrame(rows), edition=edition)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.one_of(wide(), long()))
def test_data_read_back_from_their_long_table_are_equal(data):
    assert dr.as_data(data.to_long()) == data


@pytest.mark.slow
@pytest.mark.parametrize("part", ["all", "some", "changed", "laid over"])
def test_the_bundled_data_read_back_from_their_long_table_are_equal(part):
    data = dr.load_data()
    if part == "some":
        data = data.select(countries=["PAK", "KEN", "BGR"])
    if part == "changed":
        data = data.replace({"PAK": {"gci_2024": 1.0}, "KEN": {"gci_2024": np.nan}})
    if part == "laid over":
        data = data.update(pd.DataFrame({"country": ["Pakistan"], "gci_2024": [1.0], "own": [2.0]}))
    assert dr.as_data(data.to_long()) == data


def test_data_with_another_value_source_or_order_are_not_equal():
    data = dr.load_data()
    assert data != data.replace({"PAK": {"gci_2024": 1.0}})
    assert data != data.select(countries=["PAK"])
    assert dr.as_data(pd.DataFrame({"a": [1.0]}, index=["PAK"])) != "PAK"


@pytest.mark.slow
def test_scores_of_data_read_back_differ_in_nothing() -> None:
    data = dr.load_data()
    again = dr.as_data(data.to_long())
    result = dr.compare(dr.score(data=data), dr.score(data=again))
    assert result.steps == ()
    assert "differs in nothing" in str(result)
