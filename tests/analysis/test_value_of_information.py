"""Which cells of a country are worth knowing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.analysis.value_of_information import value_of_information
from dsr_risk.data.countries import to_iso3
from tests.analysis.sensitivity.sensitivity_cases import frame, framework, indicator
from tests.first_edition import first_data, first_framework

FRAMEWORK = framework(indicator("a", 6), indicator("b", 3), indicator("c", 1))
DATA = frame(a=[50, 20, 40, 60, 80, 90], b=[50, 90, 10, 65, 30, 20], c=[50, 30, 70, 61, 10, 99])
EVERY = {"*.data": {"method": "standard_error", "absolute": 5}}


def test_the_cell_with_the_most_weight_is_worth_the_most_and_the_share_is_that_of_its_variance() -> (
    None
):
    found = value_of_information(FRAMEWORK, DATA, "Pakistan", factors=EVERY, draws=4096)
    table = found.table().set_index("indicator")
    assert table["score_narrowing"].idxmax() == "a"
    np.testing.assert_allclose(
        table.loc[["a", "b", "c"], "share"], np.array([36, 9, 1]) / 46, atol=0.05
    )
    # Normal errors: with `a` known the interval narrows by the root of the variance left.
    width = found.widths["risk"][0]
    assert width == pytest.approx(2 * 1.6449 * 5 * np.sqrt(0.46), rel=0.05)
    assert table.loc["a", "score_width"] == pytest.approx(width * np.sqrt(10 / 46), rel=0.06)
    assert table.loc["a", "score_width"] + table.loc["a", "score_narrowing"] == pytest.approx(width)


def test_knowing_the_only_uncertain_cell_leaves_no_interval_of_the_score() -> None:
    factors = {"a.data": {"method": "standard_error", "absolute": 5}}
    found = value_of_information(FRAMEWORK, DATA, "PAK", factors=factors)
    table = found.table()
    assert table["indicator"].tolist() == ["a"]
    assert table.loc[0, "score_width"] == pytest.approx(0, abs=1e-9)
    assert table.loc[0, "share"] == pytest.approx(1)


def test_intervals_now_are_those_of_the_uncertainty_analysis() -> None:
    from dsr_risk.analysis.uncertainty.analysis import uncertainty

    found = value_of_information(FRAMEWORK, DATA, "PAK", factors=EVERY, draws=4096)
    row = uncertainty(FRAMEWORK, DATA, draws=4096, factors=EVERY).scores("risk").loc["PAK"]
    assert found.widths["risk"][0] == pytest.approx(row["q95"] - row["q05"], abs=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("country", ["Malaysia", "Burkina Faso", "Norway", "Bulgaria", "Laos"])
def test_intervals_of_bundled_data_are_those_of_uncertainty_with_every_factor(
    country: str, bundled: tuple[dr.Scores, dr.Uncertainty]
) -> None:
    scores, run = bundled
    assert set(run.factors) >= {"*.weights", "*.goalposts", "dependency.aggregation", "*.data"}
    found = value_of_information(scores, country, draws=run.draws, seed=run.seed)
    code = to_iso3([country])[0]
    assert set(found.widths) <= {"dependency", "security"}
    for name, (points, places) in found.widths.items():
        row = run.scores(name, quantiles=(0.05, 0.95)).loc[code]
        assert points == pytest.approx(row["q95"] - row["q05"], abs=0.35)
        rank = run.ranks(name, quantiles=(0.05, 0.95)).loc[code]
        if found.scored[name]:
            assert places == pytest.approx(rank["q95"] - rank["q05"], abs=2)


@pytest.fixture(scope="module")
def bundled() -> tuple[dr.Scores, dr.Uncertainty]:
    scores = dr.score()
    return scores, dr.uncertainty(scores, draws=512, seed=4, nodes="score")


def test_knowing_a_cell_leaves_the_uncertainty_of_the_weights() -> None:
    factors = {
        "a.data": {"method": "standard_error", "absolute": 5},
        "risk.weights": {"method": "spread", "share": 0.25},
    }
    found = value_of_information(FRAMEWORK, DATA, "PAK", factors=factors, draws=2048)
    # b = 50 and c = 50: with a held near 50 weights hardly move the score, whose own error is all there is.
    row = found.table().iloc[0]
    assert found.widths["risk"][0] == pytest.approx(2 * 1.6449 * 5 * 0.6, rel=0.05)
    assert 0 < row["score_width"] < 0.3 * found.widths["risk"][0]
    weights = {"risk.weights": factors["risk.weights"]}
    alone = dr.uncertainty(FRAMEWORK, DATA, factors=weights, draws=2048).table("risk").loc["PAK"]
    assert alone["risk_high"] - alone["risk_low"] == pytest.approx(0, abs=1e-6)


def test_a_missing_cell_takes_the_values_of_its_peers_and_gains_coverage() -> None:
    data = DATA.copy()
    data.loc["PAK", "a"] = np.nan
    found = value_of_information(
        FRAMEWORK.replace({"risk.min_coverage": 0.3}),
        data,
        "PAK",
        factors={"*.missing": {"method": "peers", "least": 1}},
    )
    row = found.table().iloc[0]
    assert (row["indicator"], row["status"]) == ("a", "missing")
    assert row["coverage_gain"] == pytest.approx(0.6)
    assert found.widths["risk"][0] == pytest.approx(0.6 * (90 - 20), abs=0.1)


def test_an_unscored_country_is_told_what_would_help_too() -> None:
    data = DATA.copy()
    data.loc["PAK", ["a", "b"]] = np.nan
    found = value_of_information(FRAMEWORK, data, "PAK", factors={"*.missing": {"method": "peers"}})
    assert found.scored == {"risk": False}
    assert found.table()["indicator"].tolist()[0] == "a"
    assert "not scored yet" in repr(found)


def test_a_cell_no_peer_has_is_listed_with_the_note() -> None:
    fw = framework(indicator("a", 6), indicator("b", 3), indicator("c", 1, optional=True))
    data = DATA.drop(columns="c")
    found = value_of_information(fw, data, "PAK")
    row = found.table().set_index("indicator").loc["c"]
    assert "no peer has a value" in row["note"]
    assert np.isnan(row["rank_narrowing"])


@pytest.mark.slow
def test_the_bundled_data_need_no_factors_and_every_score_is_shown() -> None:
    found = value_of_information(first_framework(), first_data(), "Kenya")
    assert set(found.table()["score"]) == {"dependency", "security"}
    for name in ("dependency", "security"):
        narrowing = found.table(name)["rank_narrowing"].dropna()
        assert narrowing.is_monotonic_decreasing
        assert narrowing.iloc[0] > 0
    assert "Kenya" in found.to_markdown()
    assert found.to_html().startswith("<table")


def test_the_same_seed_gives_the_same_table() -> None:
    one, other = (value_of_information(FRAMEWORK, DATA, "PAK", factors=EVERY) for _ in range(2))
    pd.testing.assert_frame_equal(one.table(), other.table())
    third = value_of_information(FRAMEWORK, DATA, "PAK", factors=EVERY, seed=1)
    assert not one.table().equals(third.table())


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"country": "France"}, dr.UnknownNameError, "no data for FRA"),
        ({"score": "rsk"}, dr.UnknownNameError, "did you mean `risk`"),
        (
            {"factors": {"risk.weights": {"method": "spread", "share": 0.1}}},
            dr.FrameworkError,
            "not known of cells .* received risk.weights",
        ),
        ({"factors": {}}, dr.FrameworkError, "received none"),
        (
            {"draws": 3},
            dr.DataError,
            "`draws` must be a whole number from 20 to 16,777,216, received 3",
        ),
        ({"points": 1}, TypeError, "use `draws`"),
        ({"confidence_level": 90}, dr.DataError, "received 90"),
    ],
)
def test_bad_input_is_refused_with_what_was_received(options: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        value_of_information(FRAMEWORK, DATA, **{"country": "PAK", "factors": EVERY, **options})


@pytest.mark.slow
def test_the_focal_state_has_no_score_to_inform() -> None:
    data = first_data()
    if "CHN" not in data.countries:
        pytest.skip("the snapshot leaves the focal state out")
    with pytest.raises(dr.NotScorableError, match="focal"):
        value_of_information(first_framework(), data, "China")


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_column_some_values_of_which_give_no_score_has_no_share_and_warns_of_nothing() -> None:
    scaled = {"method": "scaled", "low": 0, "high": 50}
    indicators = [{"name": x, "higher_is": "riskier", "normalisation": scaled} for x in ("a", "b")]
    mean = {"method": "geometric", "offset": 0}
    spec = {
        "name": "own",
        "scores": [{"name": "risk", "aggregation": mean, "children": indicators}],
    }
    data = pd.DataFrame(
        {"a": [5.0, 20, 30, 40], "b": [10.0, 20, 30, 40]},
        index=pd.Index(["PAK", "KEN", "LAO", "GHA"], name="iso3"),
    )
    errors = {"a.data": {"method": "standard_error", "relative": 1.0}}
    result = dr.value_of_information(dr.score(spec, data), "PAK", draws=64, factors=errors)
    table = result.table()
    assert np.isnan(table["share"].to_numpy(float)).all()


@pytest.mark.parametrize("method", ["mean", "hot_deck", {"method": "knn", "overlap": 1}])
def test_without_factors_missing_cells_have_the_model_of_the_score(method: Any) -> None:
    from dsr_risk.analysis.uncertainty.analysis import uncertainty

    data = DATA.copy()
    data.loc["PAK", "a"] = np.nan
    fw = FRAMEWORK.replace({"defaults.missing": method, "risk.min_coverage": 0.3})
    found = value_of_information(fw, data, "PAK", draws=1024)
    row = uncertainty(fw, data, draws=1024).scores("risk").loc["PAK"]
    assert found.widths["risk"][0] == pytest.approx(row["q95"] - row["q05"], abs=0.2)
    assert found.table()["indicator"].tolist() == ["a"]
    assert not any("assumed" in note for note in found.notes)
    complete = value_of_information(fw, data, "KEN", draws=64)
    assert complete.table().empty
    assert complete.notes[0].startswith("no cell of Kenya is uncertain under these factors")


def test_errors_that_no_framework_declares_are_said_to_be_assumed() -> None:
    found = value_of_information(FRAMEWORK, DATA, "PAK", draws=64)
    assert found.widths["risk"][0] > 0
    assert "`DEFAULT_ERRORS` are assumed" in found.notes[0]
