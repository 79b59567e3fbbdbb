"""What the result says: quantiles, probabilities, coverage of a simulated truth, confidence sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk._util.scratch import Scratch
from dsr_risk.errors import DataError, UnknownNameError
from dsr_risk.montecarlo.confidence import alike, rank_sets
from dsr_risk.montecarlo.ranks import count_exactly, count_ranks
from dsr_risk.scoring.ranking import rank_descending
from tests.montecarlo.montecarlo_cases import CODES, made_data, made_framework
from tests.scoring.oracle import plain_ranks

WEIGHTS = {"*.weights": {"method": "spread", "share": 0.4}}
SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


@pytest.fixture(scope="module")
def found() -> dr.Uncertainty:
    return dr.uncertainty(
        made_framework(top="geometric"), made_data(missing=0.1), draws=5000,
        factors={**WEIGHTS, "*.data": {"method": "standard_error", "relative": 0.05}},
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("node", ["risk", "p1", "g2", "i4"])
def test_streaming_quantiles_equal_stored_ones_within_the_bin_width(
    found: dr.Uncertainty, node: str
) -> None:
    stored = np.quantile(found.sample(node), SHARES, axis=0, method="inverted_cdf")
    frame = found.scores(node, quantiles=SHARES)
    streamed = frame[["q01", "q05", "q25", "median", "q75", "q95", "q99"]].to_numpy().T
    gap = np.abs(streamed - stored)
    assert np.nanmax(gap) <= found.bin_width[node] + 1e-12
    assert np.nanmax(gap) > 0
    np.testing.assert_allclose(frame["mean"], found.sample(node).mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(frame["sd"], found.sample(node).std(axis=0, ddof=1), rtol=1e-9)


def test_every_quantile_of_a_score_that_no_draw_moves_is_the_score() -> None:
    fw = made_framework(normalisation={"method": "goalposts", "low": 0, "high": 90})
    values = made_data(8).values.to_numpy(copy=True)
    safer = [one % 5 == 4 for one in range(values.shape[1])]
    # All indicators of these countries are equal on the scale: no weights move any mean of them.
    for country, level in enumerate((33.3, 47.1, 12.7)):
        values[country] = np.where(safer, 90 - level, level)
    frame = pd.DataFrame(
        values, index=pd.Index(CODES[:8], name="iso3"), columns=[f"i{one}" for one in range(12)]
    )
    factors = {"*.weights": {"method": "spread", "share": 0.4}}
    for node in ("risk", "p0", "g1"):
        scores = dr.uncertainty(fw, frame, draws=500, factors=factors).scores(node)
        for quantile in ("q05", "q25", "median", "q75", "q95"):
            np.testing.assert_allclose(scores[quantile][:3], scores["value"][:3], rtol=1e-12)
        assert (scores["q95"] - scores["q05"])[3:].min() > 1


def test_the_table_has_the_quantiles_of_ranks_and_inputs_a_row_a_draw(
    found: dr.Uncertainty,
) -> None:
    table, ranks = found.table().dropna(), found.ranks()
    ranks = ranks.loc[table.index]
    inside = ranks["rank"].between(ranks["q05"], ranks["q95"])
    assert inside.sum() > 10
    assert (ranks["q95"][inside] < len(ranks)).any()
    for end, quantile in (("low", "q05"), ("high", "q95")):
        given = table[f"risk_rank_{end}"].astype(float)
        assert given[inside].tolist() == ranks[quantile][inside].tolist()
    assert len(found.inputs()) == 5000
    np.testing.assert_allclose(found.errors()["probability"].dropna(), 0.5 / np.sqrt(5000))


@pytest.mark.slow
def test_rank_figures_are_exact_for_the_draws_made(found: dr.Uncertainty) -> None:
    ranks = np.array([rank_descending(row) for row in found.sample()])
    shares = found.acceptability()
    for rank in shares.columns:
        np.testing.assert_allclose(shares[rank], (ranks == rank).mean(axis=0))
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(found.ranks()["mean"], ranks.mean(axis=0))
    np.testing.assert_allclose(
        found.ranks()[["q05", "q95"]].T,
        np.quantile(ranks, (0.05, 0.95), axis=0, method="inverted_cdf"),
    )
    np.testing.assert_allclose(found.top(5), (ranks <= 5).mean(axis=0))
    above = found.riskier().to_numpy()
    expected = (ranks[:, :, None] < ranks[:, None, :]).mean(axis=0)
    off = ~np.eye(len(above), dtype=bool)
    np.testing.assert_allclose(above[off], expected[off])


def test_band_probabilities_are_the_shares_of_draws_in_each_band(found: dr.Uncertainty) -> None:
    sample, bands = found.sample(), found.bands()
    edges = [*found._counts.design.framework.bands.values(), np.inf]
    for number, label in enumerate(found._counts.design.framework.bands):
        inside = (sample >= edges[number]) & (sample < edges[number + 1])
        np.testing.assert_allclose(bands[label], inside.mean(axis=0))


@pytest.mark.slow
@pytest.mark.parametrize("countries", [2, 3, 40, 255, 300, 1100])
def test_batched_ranks_equal_the_ranking_rule_with_ties_and_gaps(countries: int) -> None:
    rng = np.random.default_rng(countries)
    for scale, gap in ((100.0, False), (1e-3, False), (1e-6, False), (100.0, True)):
        x = rng.random((40, countries)) * scale
        x[::3, 0] = x[::3, -1]
        if countries > 3:
            x[::4, 1] = x[::4, 2] + 5e-8
            x[::5, 2] = x[::5, 3] + 2e-7
        if gap:
            x[::7, 1] = np.nan
        expected = np.array([plain_ranks(row) for row in x])
        found = count_ranks(x, 100.0, Scratch(), pairs=True)
        assert found.undecided is None
        for rank in range(1, countries + 1):
            np.testing.assert_array_equal(found.counts[rank], (expected == rank).sum(axis=0))
        above = found.above
        alone = count_ranks(x, 100.0, Scratch())
        counts = alone.counts.astype(int)
        if alone.undecided is not None:
            counts = counts + count_exactly(alone.undecided, 100.0, Scratch()).counts
        np.testing.assert_array_equal(counts[1:], found.counts[1:])
        for one in range(0, countries, max(1, countries // 7)):
            np.testing.assert_array_equal(above[one], (expected[:, [one]] < expected).sum(axis=0))


@pytest.mark.slow
def test_ninety_percent_intervals_contain_the_truth_in_about_ninety_percent() -> None:
    # Truth, measured with known normal errors; scores on fixed goalposts wide enough not to cut.
    rng = np.random.default_rng(7)
    posts = {"method": "goalposts", "low": -200, "high": 300}
    framework = made_framework(normalisation=posts)
    inside = total = 0
    for repeat in range(40):
        truth = 50 + 15 * rng.standard_normal((60, 12))
        size = np.linspace(2, 8, 12)
        measured = truth + size * rng.standard_normal(truth.shape)
        columns = [f"i{indicator}" for indicator in range(12)]
        frames = [
            pd.DataFrame(one, pd.Index(CODES[:60], name="iso3"), columns)
            for one in (truth, measured)
        ]
        factors = {
            f"i{indicator}.data": {"method": "standard_error", "absolute": float(size[indicator])}
            for indicator in range(12)
        }
        found = dr.uncertainty(
            framework, frames[1], draws=1024, seed=repeat, factors=factors, nodes="score",
            pairs=False,
        )  # fmt: skip
        true = dr.fit(framework, frames[1]).score(frames[0]).values["risk"]
        limits = found.scores("risk")
        inside += int(((limits["q05"] <= true) & (true <= limits["q95"])).sum())
        total += len(true)
    assert 0.88 <= inside / total <= 0.92


@pytest.mark.slow
def test_rank_sets_cover_all_true_ranks_at_once() -> None:
    rng = np.random.default_rng(3)
    truth = np.sort(rng.normal(50, 8, 25))[::-1]
    size = np.linspace(1, 3, 25)
    rank = np.arange(1, 26)
    held = 0
    for _ in range(200):
        theta = truth + size * rng.standard_normal(25)
        found = rank_sets(theta, theta + size * rng.standard_normal((800, 25)), 0.9)
        held += bool(((found.low <= rank) & (rank <= found.high)).all())
    # The sets cover with at least 0.9; 200 repeats have a standard error of 0.02.
    assert held / 200 >= 0.85


def test_rank_sets_narrow_with_the_error_and_close_without_it() -> None:
    theta = np.array([60.0, 50.0, 50.0, 40.0])
    still = rank_sets(theta, np.tile(theta, (50, 1)), 0.9, tie=1e-7)
    assert still.low.tolist() == [1, 2, 2, 4]
    assert still.high.tolist() == [1, 3, 3, 4]
    rng = np.random.default_rng(0)
    wide = rank_sets(theta, theta + 30 * rng.standard_normal((500, 4)), 0.9)
    assert wide.low.tolist() == [1] * 4
    assert wide.high.tolist() == [4] * 4


def test_groups_are_the_largest_runs_in_which_no_two_are_told_apart() -> None:
    apart = np.zeros((5, 5), bool)
    for one, other in ((0, 2), (0, 3), (0, 4), (1, 4), (2, 4)):
        apart[one, other] = apart[other, one] = True
    assert [run.tolist() for run in alike(np.arange(5), apart)] == [[0, 1], [1, 2, 3], [3, 4]]


def test_data_error_is_told_apart_from_weights_and_methods(found: dr.Uncertainty) -> None:
    sets = found.rank_sets()
    assert list(sets.columns) == [
        "rank", "data_low", "data_high", "choice_low", "choice_high", "low", "high",
    ]  # fmt: skip
    assert (sets["data_low"] <= sets["rank"]).all()
    assert (sets["rank"] <= sets["data_high"]).all()
    assert (sets["data_low"] != sets["choice_low"]).any()
    assert found.groups(by="data")
    only = dr.uncertainty(made_framework(), made_data(), draws=64, factors=WEIGHTS)
    with pytest.raises(DataError, match="no factor says how uncertain the data are"):
        only.rank_sets()


@pytest.mark.slow
def test_errors_shrink_with_draws_and_precision_is_reached() -> None:
    framework, data = made_framework(), made_data()
    few = dr.uncertainty(framework, data, draws=1000, factors=WEIGHTS, sampling="random")
    many = dr.uncertainty(framework, data, draws=16_000, factors=WEIGHTS, sampling="random")
    ratio = few.errors()["mean"] / many.errors()["mean"]
    assert 3.5 < ratio.median() < 4.5
    # What is claimed is what is seen: means of other seeds scatter by the stated error.
    means = np.array(
        [
            dr.uncertainty(
                framework, data, draws=1000, seed=seed, factors=WEIGHTS, sampling="random"
            ).scores()["mean"]
            for seed in range(1, 31)
        ]
    )
    assert 0.7 < float(np.median(means.std(axis=0) / few.errors()["mean"])) < 1.3
    fine = dr.uncertainty(framework, data, draws=1000, factors=WEIGHTS, precision=0.02)
    assert fine.worst_error <= 0.02
    assert fine.draws > 1000


def test_an_undefined_value_costs_only_its_unit_in_that_draw() -> None:
    # A plain geometric mean of scores that noise can push below zero has no value there.
    framework = made_framework(
        top={"method": "geometric", "offset": 0},
        normalisation={"method": "zscore", "mean": 60, "sd": 15},
        scale=[1, 100],
        bands={"low": 1, "high": 50},
    )
    found = dr.uncertainty(
        framework, made_data(), draws=600,
        factors={"*.data": {"method": "standard_error", "absolute": 40}},
    )  # fmt: skip
    sample = found.sample()
    undefined = ~np.isfinite(sample)
    assert undefined.any()
    assert found.failed.sum() == 0
    assert found.undefined["risk"].tolist() == undefined.sum(axis=0).tolist()
    means = np.nanmean(np.where(undefined, np.nan, sample), axis=0)
    np.testing.assert_allclose(found.scores()["mean"], means, rtol=1e-9)
    assert found._counts.counts.ranks[0].sum(axis=0).tolist() == (~undefined).sum(axis=0).tolist()
    assert any("risk has no value for" in note for note in found.notes)


def test_a_draw_in_which_no_unit_has_a_value_has_failed() -> None:
    framework = made_framework(
        top={"method": "geometric", "offset": 0},
        normalisation={"method": "zscore", "mean": 60, "sd": 15},
        scale=[1, 100],
        bands={"low": 1, "high": 50},
    )
    found = dr.uncertainty(
        framework, made_data(2), draws=600,
        factors={"*.data": {"method": "standard_error", "absolute": 60}},
    )  # fmt: skip
    undefined = ~np.isfinite(found.sample())
    failed = undefined.all(axis=1)
    assert 0 < failed.sum() < 600
    assert found.failed.sum() == failed.sum()
    assert found.undefined["risk"].tolist() == undefined[~failed].sum(axis=0).tolist()
    assert any("draws failed" in note for note in found.notes)


@pytest.mark.slow
def test_draws_themselves_come_as_xarray_and_parquet(found: dr.Uncertainty, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    path = found.to_parquet(tmp_path / "draws.parquet", ["risk", "p0"])
    frame = pd.read_parquet(path)
    assert len(frame) == 5000 * 30
    wide = frame.pivot(index="draw", columns="unit", values="risk")[list(found.units)]
    np.testing.assert_array_equal(wide.to_numpy(), found.sample("risk"))
    xarray = pytest.importorskip("xarray")
    cube = found.to_xarray(["risk", "p0"])
    assert isinstance(cube, xarray.DataArray)
    np.testing.assert_array_equal(cube.sel(node="risk"), found.sample("risk"))


def test_the_table_has_intervals_beside_ranks_and_most_risk_first(found: dr.Uncertainty) -> None:
    table = found.table()
    assert table["risk_rank"].is_monotonic_increasing
    assert (table["risk_low"] <= table["risk_high"]).all()
    assert (table["risk_rank_low"] <= table["risk_rank_high"]).all()
    assert "30 rows" not in repr(found)
    assert "Monte-Carlo error" in repr(found)
    assert "<table" in found.to_html()


def test_nothing_the_caller_holds_is_changed() -> None:
    framework, data = made_framework(), made_data()
    before, fingerprint = data.values, framework.fingerprint
    factors = {"*.data": {"method": "standard_error", "relative": 0.1}}
    dr.uncertainty(framework, data, draws=100, factors=factors)
    pd.testing.assert_frame_equal(data.values, before)
    assert framework.fingerprint == fingerprint
    assert factors == {"*.data": {"method": "standard_error", "relative": 0.1}}


@pytest.mark.slow
def test_the_closed_form_is_the_distribution_of_errors_drawn_cell_by_cell() -> None:
    posts = {"method": "goalposts", "low": -400, "high": 500}
    framework, data = made_framework(normalisation=posts), made_data()
    factors = {**WEIGHTS, "*.data": {"method": "standard_error", "relative": 0.1}}
    closed = dr.uncertainty(framework, data, draws=20_000, factors=factors, nodes="score")
    drawn = dr.uncertainty(framework, data, draws=20_000, factors=factors, nodes="groups")
    assert closed._counts.job.closed is not None
    assert drawn._counts.job.closed is None
    one, other = closed.scores(), drawn.scores()
    error = np.hypot(closed.errors()["mean"], drawn.errors()["mean"])
    assert (np.abs(one["mean"] - other["mean"]) < 5 * error).all()
    np.testing.assert_allclose(one["sd"], other["sd"], rtol=0.04)
    np.testing.assert_allclose(closed.sample().mean(axis=0), one["mean"], rtol=1e-12)
    # Without weights the variance is known: the sum of squared effective weights times variances.
    alone = dr.uncertainty(
        framework, data, draws=50_000, factors={"*.data": factors["*.data"]}, nodes="score"
    )
    effective = framework.effective_weights
    size = np.array([effective[f"i{indicator}"] for indicator in range(12)]) * 100 / 900
    expected = np.sqrt(((0.1 * data.values * size) ** 2).sum(axis=1))
    np.testing.assert_allclose(alone.scores()["sd"], expected, rtol=0.02)


def test_the_closed_form_is_not_used_where_errors_reach_an_end() -> None:
    factors = {"*.data": {"method": "standard_error", "relative": 0.1}}
    found = dr.uncertainty(made_framework(), made_data(), draws=64, factors=factors, nodes="score")
    assert found._counts.job.closed is None


def test_a_state_that_only_another_focal_origin_lets_in_ranks_among_all_in_those_draws(
    fw: dr.Framework, data: dr.Data
) -> None:
    focal = {"method": "choice", "options": ["CHN", "USA"], "probabilities": [0.7, 0.3]}
    found = dr.uncertainty(fw, data, draws=512, factors={"focal": focal})
    other = dr.score(fw.replace({"focal": "USA"}), data)
    scores = found.scores("security")
    value = other.values.loc["CHN", "security"]
    assert scores.loc["CHN", "mean"] == pytest.approx(value, abs=1e-9)
    assert scores.loc["CHN", "sd"] == 0
    assert scores.loc["CHN", "scored"] == pytest.approx(0.3, abs=0.01)
    assert found.ranks("security").loc["CHN", "q05"] == other.rank.loc["CHN", "security"]
    chances = found.riskier("security")
    # Over the draws that score both, not over all of them.
    assert chances.loc["PAK", "USA"] == 1
    assert chances.loc["USA", "PAK"] == 0
    assert chances.loc["CHN", "PAK"] == float(value > other.values.loc["PAK", "security"])
    assert np.isnan(chances.loc["CHN", "USA"])


@pytest.mark.slow
def test_rank_sets_hold_the_truth_where_counts_are_known_to_be_too_low() -> None:
    # Every truth lies above what is reported, by a factor of its own: the reports alone mislead.
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(150):
        reported = np.linspace(10, 40, 15)
        truth = np.where(np.arange(15) % 2, reported / rng.uniform(0.5, 1, 15), reported)
        draws = np.where(np.arange(15) % 2, reported / rng.uniform(0.5, 1, (800, 15)), reported)
        found = rank_sets(reported, draws, 0.9, tie=1e-7)
        rank = rank_descending(truth)
        held += bool(((found.low <= rank) & (rank <= found.high)).all())
        as_reported = rank_descending(reported)
        assert ((found.low <= as_reported) & (as_reported <= found.high)).all()
    assert held / 150 >= 0.85


def test_a_pair_told_apart_one_way_stays_open_the_other_way() -> None:
    # The limit of the second step is the largest of the first difference one way and the second both.
    rng = np.random.default_rng(5)
    away = rng.standard_normal((4000, 3))
    away -= away.mean(axis=0)
    gaps = {(i, j): away[:, i] - away[:, j] for i in range(3) for j in range(3) if i != j}
    scaled = {pair: one / one.std(ddof=1) for pair, one in gaps.items()}
    first = np.quantile(np.max(list(scaled.values()), axis=0), 0.9, method="higher")
    kept = [one for pair, one in scaled.items() if pair not in ((0, 1), (0, 2))]
    second = np.quantile(np.max(kept, axis=0), 0.9, method="higher")
    assert second < first
    size = gaps[1, 2].std(ddof=1)
    for part, apart in ((0.99, False), (1.01, True)):
        theta = np.array([100.0, second * part * size, 0.0])
        assert rank_sets(theta, theta + away, 0.9).riskier[1, 2] == apart


@pytest.mark.slow
def test_every_figure_has_its_monte_carlo_error() -> None:
    framework, data = made_framework(), made_data()
    options: dict[str, object] = {"factors": WEIGHTS, "sampling": "random"}
    found = dr.uncertainty(framework, data, draws=1000, **options)  # type: ignore[arg-type]
    runs = [
        dr.uncertainty(framework, data, draws=1000, seed=seed, **options)  # type: ignore[arg-type]
        for seed in range(1, 41)
    ]
    errors = found.errors()
    for figure, values in (
        ("sd", [one.scores()["sd"] for one in runs]),
        ("q05", [one.scores()["q05"] for one in runs]),
        ("mean_rank", [one.ranks()["mean"] for one in runs]),
    ):
        seen = np.array(values).std(axis=0)
        moving = errors[figure] > 0
        assert 0.75 < float(np.median(seen[moving] / errors[figure][moving])) < 1.25
    assert (errors[["rank_q05", "rank_median", "rank_q95"]] >= 0).all(axis=None)
    for of, tables in (
        ("acceptability", [one.acceptability() for one in runs]),
        ("riskier", [one.riskier() for one in runs]),
        ("bands", [one.bands() for one in runs]),
    ):
        claimed = found.errors(of=of)  # type: ignore[arg-type]
        columns = [name for name in claimed if all(name in one for one in tables)]
        seen = np.array([one[columns].to_numpy() for one in tables]).std(axis=0)
        moving = seen > 0.005
        ratio = seen[moving] / claimed[columns].to_numpy()[moving]
        assert 0.8 < float(np.median(ratio)) < 1.25
        assert np.nanmin(claimed) > 0
    with pytest.raises(UnknownNameError, match="did you mean `bands`"):
        found.errors(of="band")  # type: ignore[arg-type]


def test_scores_that_some_options_take_away_are_said() -> None:
    framework, frame = made_framework(), made_data().values
    # Three countries have nothing below the second pillar.
    second = [name for name in frame.columns if framework.parents[name] in ("g2", "g3")]
    frame.loc[frame.index[:3], second] = np.nan
    factors = {"risk.min_children": {"method": "choice", "options": [1, 2]}}
    found = dr.uncertainty(framework, frame, draws=256, factors=factors)
    (note,) = (one for one in found.notes if "no risk score" in one)
    assert note.startswith("In 50% of the draws up to")
    assert "3 of 30 units have no risk score (most often with risk.min_children: 2)" in note


def test_count_ranks_more_draws_than_sixteen_bits_count() -> None:
    x = np.tile([[30.0, 20.0, 10.0]], (70_000, 1))
    counts = count_ranks(x, 100.0, Scratch()).counts
    np.testing.assert_array_equal(counts[1:], 70_000 * np.eye(3))


def test_scores_outside_their_own_interval_are_said() -> None:
    data = made_data(20)
    frame = data.values
    # Where half the indicators of a country are missing, draws fill them and its score leaves them out.
    code = frame.index[0]
    frame.loc[code, frame.columns[: len(frame.columns) // 2]] = np.nan
    frame.loc[code, frame.columns[len(frame.columns) // 2 :]] = frame.max()
    found = dr.uncertainty(
        made_framework(), frame, draws=500, factors={"*.missing": {"method": "peers"}}
    )
    row = found.table().loc[code]
    assert row["risk"] > row["risk_high"]
    first, second = found.notes
    assert first.startswith("the risk score of 1 of 20 units lies outside its 90 % interval")
    assert second.startswith("the risk rank of 2 of 20 units lies outside its 90 % interval")
    for note in (first, second):
        assert str(code) in note
        assert note in repr(found)
    assert not dr.uncertainty(made_framework(), data, draws=500, factors=WEIGHTS).notes
