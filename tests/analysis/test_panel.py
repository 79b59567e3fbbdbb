"""What was known at the time, replays without look-ahead, and trends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import dsr_risk as dr
from dsr_risk.analysis.panel import data_as_of, replay, trends
from tests.first_edition import first_data, first_framework

NAN = np.nan


def framework(**defaults: Any) -> dr.Framework:
    children = [{"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]
    return dr.Framework(
        name="case", defaults=defaults, scores=[{"name": "risk", "children": children}]
    )


def panel(years: int = 4, seed: int = 0, missing: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [["KEN", "PAK", "LAO", "AUT", "BRA"], range(2018, 2018 + years)], names=["iso3", "year"]
    )
    values = np.round(rng.gamma(3, 10, (len(index), 2)), 2)
    gaps = rng.random(values.shape) < missing
    gaps[::years] = False
    values[gaps] = NAN
    return pd.DataFrame(values, index=index, columns=["debt", "gci"])


def cells(rows: list[tuple[str, str, float, int, str]]) -> dr.Data:
    names = ["iso3", "indicator", "value", "year", "confidence"]
    return dr.as_data(pd.DataFrame(rows, columns=names), edition=2022)


SNAPSHOT = [
    ("KEN", "debt", 10.0, 2017, "high"),
    ("KEN", "debt", 20.0, 2021, "high"),
    ("KEN", "gci", 50.0, 2018, ""),
    ("PAK", "debt", 40.0, 2018, "low"),
    ("PAK", "debt", 45.0, 2018, "high"),
    ("PAK", "gci", 60.0, 2018, ""),
    ("PAK", "gci", 70.0, 2022, ""),
    ("LAO", "debt", 90.0, 2022, ""),
]


def test_a_panel_as_of_a_year_holds_nothing_later() -> None:
    known = data_as_of(panel(), 2019)
    assert known.years == (2018, 2019)
    pd.testing.assert_frame_equal(
        known.values, panel().query("year <= 2019"), check_index_type=False
    )


def test_a_snapshot_as_of_a_year_takes_the_newest_value_that_is_old_enough() -> None:
    known = data_as_of(cells(SNAPSHOT), 2018)
    assert known.edition == 2018
    values = known.values
    assert values.loc["KEN", "debt"] == 10
    assert values.loc["PAK", "debt"] == 45
    assert values.loc["PAK", "gci"] == 60
    assert "LAO" not in values.index
    assert known.evidence["year"].max() <= 2018
    assert known.conflicts["year"].max() <= 2018


def test_a_choice_made_by_hand_stands_while_it_is_old_enough() -> None:
    rows = pd.DataFrame(
        {
            "iso3": ["KEN", "KEN", "PAK"],
            "indicator": "debt",
            "value": [10.0, 20.0, 5.0],
            "year": [2018, 2020, 2018],
            "chosen": [1, 0, 1],
            "rule": ["audited", "", ""],
        }
    )
    data = dr.as_data(rows, edition=2022)
    assert data_as_of(data, 2021).values.loc["KEN", "debt"] == 10
    assert data_as_of(data, 2021).cell("KEN", "debt")["rule"] == "audited"


def test_the_bundled_snapshot_as_of_its_edition_scores_the_same() -> None:
    data = first_data()
    assert data.edition is not None
    known = data_as_of(data, data.edition)
    assert known.evidence["year"].max() <= data.edition
    columns = [indicator.data_column for indicator in first_framework().indicators]
    pd.testing.assert_frame_equal(known.values[columns].loc[data.units], data.values[columns])


@pytest.mark.parametrize(
    ("data", "year", "said"),
    [
        (pd.DataFrame({"debt": [1.0]}, index=["KEN"]), 2020, "the data have no year"),
        (panel(), 2000, "no value is from 2000 or earlier; the first year is 2018"),
        (cells(SNAPSHOT), 2000, "no value is from 2000 or earlier; the first year is 2017"),
        (cells([*SNAPSHOT, ("AUT", "debt", 1.0, NAN, "")]), 2018, "AUT, `debt`: the year is empty"),
    ],
)
def test_what_cannot_be_dated_is_refused(data: Any, year: int, said: str) -> None:
    with pytest.raises(dr.DataError, match=said):
        data_as_of(data, year)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    imputation=st.sampled_from(["share_weight", "mean", "last", "linear"]),
    normalisation=st.sampled_from(["minmax", "zscore", "percentile_rank"]),
    weighting=st.sampled_from(["given", "equal", "standard_deviation"]),
)
def test_a_replayed_year_does_not_depend_on_later_data(
    seed: int, imputation: str, normalisation: str, weighting: str
) -> None:
    fw = framework(
        missing=imputation, normalisation=normalisation, weighting=weighting, treatment="gate"
    )
    whole = panel(5, seed, missing=0.2)
    found = replay(fw, whole, years=[2019, 2020, 2022])
    changed = whole.copy()
    later = changed.index.get_level_values(1) > 2020
    changed[later] = changed[later] * 3 + 7
    again = replay(fw, changed, years=[2019, 2020, 2022])
    for year in (2019, 2020):
        a, b = found.scores[year]._values, again.scores[year]._values
        assert np.array_equal(a, b, equal_nan=True)
    assert not np.array_equal(
        found.hindsight[2019]._values, again.hindsight[2019]._values, equal_nan=True
    )


def test_the_last_year_of_a_replay_is_a_plain_fit_on_everything() -> None:
    fw, data = framework(), panel()
    found = replay(fw, data)
    plain = dr.score(fw, data).select(year=2021)
    assert list(found.scores) == [2018, 2019, 2020, 2021]
    assert np.array_equal(found.scores[2021]._values, plain._values)
    assert np.array_equal(found.hindsight[2021]._values, plain._values)


def test_the_table_of_a_replay_says_what_hindsight_changed() -> None:
    shown = replay(framework(), panel()).table()
    assert shown.index.names == ["iso3", "year"]
    assert len(shown) == 20
    revision = shown["risk_hindsight"] - shown["risk"]
    pd.testing.assert_series_equal(shown["risk_revision"], revision, check_names=False)
    assert (shown.xs(2021, level="year")["risk_revision"] == 0).all()
    assert (shown["risk_revision"] != 0).any()
    assert shown.groupby("year")["risk_rank"].min().eq(1).all()


def test_a_snapshot_with_dated_cells_is_replayed_by_edition() -> None:
    fw = framework().replace({"defaults.min_coverage": 0.0})
    found = replay(fw, cells(SNAPSHOT), years=[2018, 2022])
    assert list(found.scores[2018].data.units) == ["KEN", "PAK"]
    assert len(found.scores[2022].data.units) == 3


def test_a_year_that_cannot_be_fitted_is_named() -> None:
    data = panel()
    data.loc[data.index.get_level_values(1) == 2018, "gci"] = NAN
    with pytest.raises(dr.DataError, match=r"as of 2018: .*\n.*`gci` is empty"):
        replay(framework(), data)


def series(values: list[float], start: int = 2000) -> pd.DataFrame:
    index = pd.MultiIndex.from_product(
        [["KEN"], range(start, start + len(values))], names=["iso3", "year"]
    )
    return pd.DataFrame({"debt": values}, index=index)


def test_growth_rates_equal_coinr() -> None:
    assert trends(series([100, 110, 121]))["cagr"].item() == pytest.approx(0.1, rel=1e-12)
    found = trends(series([100, 112, 121, 140]))
    assert found["change"].item() == pytest.approx(13.04347826, rel=1e-9)
    assert trends(series([100, 112, 121, 140]), per=2)["change"].item() == pytest.approx(
        26.08695652, rel=1e-9
    )


def test_two_points_give_simple_growth_and_no_significance() -> None:
    found = trends(series([100, NAN, 121])).iloc[0]
    assert found["cagr"] == pytest.approx(0.1)
    assert found["change"] == pytest.approx(10.5)
    assert np.isnan(found["p_value"])
    assert found["trend"] == "too short"
    assert (found["n"], found["first_year"], found["last_year"]) == (2, 2000, 2002)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_slopes_and_their_significance_equal_scipy(seed: int) -> None:
    from scipy.stats import linregress

    data = panel(8, seed, missing=0.2)
    found = trends(data)
    for (country, name), row in found.iterrows():
        known = data.loc[country, name].dropna()
        if len(known) < 3:
            continue
        expected = linregress(known.index.to_numpy(float), known.to_numpy())
        assert row["slope"] == pytest.approx(expected.slope, rel=1e-8, abs=1e-10)
        assert row["std_error"] == pytest.approx(expected.stderr, rel=1e-8, abs=1e-10)
        assert row["p_value"] == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-12)
        word = "none" if expected.pvalue >= 0.10 else "rising" if expected.slope > 0 else "falling"
        assert row["trend"] == word


def test_a_constant_series_has_no_trend_and_a_negative_one_no_growth_rate() -> None:
    flat = trends(series([5, 5, 5, 5])).iloc[0]
    assert flat["trend"] == "none"
    assert flat["slope"] == 0
    assert flat["cagr"] == 0
    assert np.isnan(trends(series([-5, 5, 6]))["cagr"].item())


def test_trends_of_scores_are_of_every_node() -> None:
    scores = dr.score(framework(), panel())
    found = trends(scores)
    assert set(found.index.get_level_values("name")) == {"risk", "debt", "gci"}
    risk = scores.values["risk"].loc["KEN"]
    slope = np.polyfit(risk.index.to_numpy(float) - 2018, risk, 1)[0]
    assert found.loc[("KEN", "risk"), "slope"] == pytest.approx(slope, rel=1e-9)


def test_a_snapshot_has_no_trend() -> None:
    with pytest.raises(dr.DataError, match="a trend needs several years"):
        trends(pd.DataFrame({"debt": [1.0, 2]}, index=["KEN", "PAK"]))


def test_panels_of_any_unit_are_indexed_by_id_and_ranks_are_whole_numbers() -> None:
    frame = panel(3).reset_index().rename(columns={"iso3": "firm"})
    data = dr.as_data(frame, units="firm")
    fw = framework().replace({"units": "firm"})
    assert trends(data).index.names == ["id", "name"]
    assert trends(dr.score(fw, data)).index.names == ["id", "name"]
    table = replay(fw, data).table()
    assert table.index.names == ["id", "year"]
    assert table["risk_rank"].dtype == table["risk_rank_hindsight"].dtype == "Int64"


def test_a_series_that_starts_at_zero_has_no_change_in_per_cent() -> None:
    frame = pd.DataFrame({"iso3": "KEN", "year": [2018, 2019, 2020], "debt": [0.0, 1, 2]})
    assert trends(frame)[["slope", "change"]].isna().to_numpy().tolist() == [[False, True]]
