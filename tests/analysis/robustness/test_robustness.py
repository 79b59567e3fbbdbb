"""What robustness certifies: equal to linear programmes, and never contradicted by a drawn weighting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import linprog

import dsr_risk as dr
from dsr_risk.analysis.robustness.case import case_of
from dsr_risk.analysis.robustness.gaps import largest_gaps
from dsr_risk.analysis.robustness.local_sets import BoxShares, LocalSet, Ordered, RelativeWeights
from dsr_risk.analysis.robustness.programme import indicator_columns, weight_programme
from dsr_risk.analysis.robustness.weight_sets import as_weight_set
from tests.analysis.robustness.cases import scored
from tests.helpers import ROUNDING, framework, group, indicator, run

KINDS = ("shares", "relative", "order")
TWO = pd.DataFrame(
    {"a": [90.0, 50.0], "b": [10.0, 48.0]}, index=pd.Index(["PAK", "KEN"], name="iso3")
)
PAIR = framework(group("risk", indicator("a", 0.5), indicator("b", 0.5)))


def solved(scores: dr.Scores, kind: str, spread: float, first: int, second: int) -> float:
    """The largest gap of two units by linear programming over effective weights."""
    case = case_of(scores, None, as_weight_set(kind, spread), None)
    matrix, low, high, width = weight_programme(case)
    columns = indicator_columns(case)
    cost = np.zeros(width)
    cost[columns] = case.values[first, columns] - case.values[second, columns]
    equal = low == high
    limits = ~equal
    done = linprog(
        -cost,
        A_ub=-matrix[limits],
        b_ub=-low[limits],
        A_eq=matrix[equal],
        b_eq=low[equal],
        bounds=(0, 1),
        method="highs",
    )
    assert done.status == 0, done.message
    return float(-done.fun)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=12)
@given(scores=scored(units=4), spread=st.sampled_from([0.05, 0.25, 0.9, 1.0]))
def test_gaps_equal_those_of_a_linear_programme(
    kind: str, scores: dr.Scores, spread: float
) -> None:
    case = case_of(scores, None, as_weight_set(kind, spread), None)
    found = largest_gaps(case)
    assert found.exact.all()
    for first, second in ((0, 1), (1, 0), (2, 3)):
        expected = solved(scores, kind, spread, first, second)
        assert found.most[first, second] == pytest.approx(expected, abs=ROUNDING)


def local(kind: str, rng: np.random.Generator, k: int, spread: float) -> LocalSet:
    nominal = rng.uniform(0.1, 1, k)
    nominal /= nominal.sum()
    if kind == "order":
        return Ordered(nominal, np.sort(rng.integers(0, 3, k)))
    low, high = nominal * (1 - spread), nominal * (1 + spread)
    return (BoxShares if kind == "shares" else RelativeWeights)(nominal, low, np.minimum(high, 1))


def ratio_by_programme(inside: Any, c: np.ndarray, here: np.ndarray) -> float:
    """The largest weighted mean over present children, by Charnes and Cooper's substitution."""
    k = len(c)
    rows, equal = [], [np.append(here.astype(float), 0.0)]
    right = [1.0]
    for place in range(k):
        unit = np.eye(k + 1)[place]
        if isinstance(inside, Ordered):
            rows += [
                np.eye(k + 1)[other] - unit
                for other in range(k)
                if inside.classes[place] < inside.classes[other]
            ]
        else:
            scale = np.eye(k + 1)[k]
            rows += [inside.low[place] * scale - unit, unit - inside.high[place] * scale]
    if isinstance(inside, BoxShares):
        equal.append(np.append(np.ones(k), -1.0))
        right.append(0.0)
    done = linprog(
        -np.append(np.where(here, c, 0.0), 0.0),
        A_ub=np.array(rows) if rows else None,
        b_ub=np.zeros(len(rows)) if rows else None,
        A_eq=np.array(equal),
        b_eq=np.array(right),
        bounds=(0, None),
        method="highs",
    )
    assert done.status == 0, done.message
    return float(-done.fun)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(2, 7), spread=st.sampled_from([0.1, 0.5, 0.9]))
def test_largest_mean_with_missing_children_equals_that_of_a_linear_programme(
    kind: str, seed: int, k: int, spread: float
) -> None:
    rng = np.random.default_rng(seed)
    inside = local(kind, rng, k, spread)
    c = rng.uniform(-50, 50, (k, 5))
    here = rng.random((k, 5)) < 0.7
    here[int(rng.integers(k))] = True
    found = inside.largest(c, here)
    for column in range(5):
        expected = ratio_by_programme(inside, c[:, column], here[:, column])
        assert found[column] == pytest.approx(expected, abs=ROUNDING)


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 6))
def test_sampled_shares_lie_in_their_set(kind: str, seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    inside: Any = local(kind, rng, k, 0.25)
    shares = inside.sample(rng, 500)
    assert shares.sum(axis=1) == pytest.approx(np.ones(500))
    if kind == "shares":
        assert (shares >= inside.low - 1e-12).all()
        assert (shares <= inside.high + 1e-12).all()
    elif kind == "relative":
        raw = shares / inside.nominal
        assert (raw.max(axis=1) / raw.min(axis=1) <= 1.25 / 0.75 + 1e-9).all()
    else:
        for place in range(k - 1):
            if inside.classes[place] < inside.classes[place + 1]:
                assert (shares[:, place] >= shares[:, place + 1] - 1e-12).all()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("missing", "aggregation"),
    [
        (False, "arithmetic"),
        (True, "arithmetic"),
        (False, {"method": "power", "p": 2}),
        (True, {"method": "power", "p": 0.5}),
        (True, "geometric"),
        (False, "harmonic"),
        (False, {"method": "owa", "orness": 0.7}),
    ],
    ids=str,
)
@settings(deadline=None, max_examples=5)
@given(data=st.data())
def test_no_drawn_weighting_contradicts_a_certified_statement(
    kind: str, missing: bool, aggregation: Any, data: st.DataObject
) -> None:
    scores = data.draw(scored(missing=missing, aggregation=aggregation))
    found = dr.robustness(scores, weights=kind, spread=data.draw(st.sampled_from([0.1, 0.5])))
    check_law(found, 1000)


def check_law(found: dr.Robustness, draws: int) -> None:
    drawn = found.sampled_scores(draws)
    table = found.table().loc[drawn.columns]
    values = drawn.to_numpy()
    # The nominal weights are in the set: every printed rank and score lies inside.
    assert (table["rank_min"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_max"]).all()
    assert table["rank"].notna().all()
    assert (table["score_min"] <= table["score"] + ROUNDING).all()
    assert (table["score"] <= table["score_max"] + ROUNDING).all()
    assert (values.min(axis=0) >= table["score_min"] - ROUNDING).all()
    assert (values.max(axis=0) <= table["score_max"] + ROUNDING).all()
    gaps = found.gaps.loc[drawn.columns, drawn.columns].to_numpy()
    above = found.dominance.loc[drawn.columns, drawn.columns].to_numpy()
    together = table["basis"].to_numpy()[:, None] == table["basis"].to_numpy()[None]
    ranks = np.ones_like(values)
    for place in range(values.shape[1]):
        lead = values[:, [place]] - values
        assert (lead.max(axis=0) <= gaps[place] + ROUNDING).all()
        assert (lead[:, above[place]] > 0).all()
        ranks += (lead > ROUNDING) * together[place]
    assert (ranks.min(axis=0) >= table["rank_min"].to_numpy(float)).all()
    assert (ranks.max(axis=0) <= table["rank_max"].to_numpy(float)).all()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("headline", ["dependency", "security"])
def test_ten_thousand_drawn_weightings_of_the_bundled_scores(
    kind: str, headline: str, bundled: dr.Scores
) -> None:
    check_law(dr.robustness(bundled, score=headline, weights=kind), 10_000)


@pytest.mark.slow
@pytest.mark.parametrize("treated", ["share_weight", "estimated", "power_mean", "focal_neutral"])
def test_the_law_holds_with_missing_and_with_estimated_cells(
    treated: str, bundled: dr.Scores
) -> None:
    found = bundled
    if treated == "share_weight":
        found = dr.score(
            bundled.framework.replace({"defaults.missing": "share_weight"}), bundled.data
        )
        assert np.isnan(found._state.normalised[:, :5]).mean() > 0.05
    elif treated == "estimated":
        assert found._imputed is not None
        assert found._imputed.any()
        assert found.data.lower is not None
    else:
        found = dr.score(dr.load_framework(preset=treated), bundled.data)
    for headline in found.names:
        check_law(dr.robustness(found, score=headline), 10_000)


def test_the_focal_state_is_not_compared(bundled: dr.Scores) -> None:
    found = dr.robustness(bundled)
    assert "CHN" not in found.table().index
    with pytest.raises(dr.UnknownNameError, match="CHN has no `dependency` score"):
        found.undecided("China")


@pytest.mark.parametrize("kind", KINDS)
def test_a_selection_changes_no_number_and_no_rank(kind: str, bundled: dr.Scores) -> None:
    names = ["Pakistan", "Kuwait", "Slovenia", "Cyprus", "Czechia", "Finland", "France", "Kenya"]
    part = bundled.select(countries=names)
    few = dr.robustness(part, weights=kind)
    whole = dr.robustness(bundled, weights=kind)
    table = few.table()
    pd.testing.assert_frame_equal(table, whole.table().loc[table.index])
    assert len(table) == len(names)
    assert (table["rank_min"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_max"]).all()
    assert few.dominance.equals(whole.dominance.loc[table.index, list(table.index)])
    assert list(few.sampled_scores(10).columns) == [str(code) for code in part.data.iso3]
    assert few.rank_range("Kuwait", time_limit=2)["proved"].notna().all()


def test_a_year_of_a_panel_is_ranked_in_its_year() -> None:
    index = pd.MultiIndex.from_product(
        [["PAK", "KEN", "SRB"], [2019, 2020]], names=["iso3", "year"]
    )
    values = np.array([[90.0, 10], [20, 30], [50, 48], [60, 61], [5, 80], [1, 99]])
    panel = dr.as_data(pd.DataFrame(values, columns=["a", "b"], index=index))
    found = dr.score(PAIR, panel)
    for year in (2019, 2020):
        table = dr.robustness(found, year=year, spread=0.02).table()
        assert len(table) == 3
        assert (table["rank_min"] <= table["rank"]).all()
        assert (table["rank"] <= table["rank_max"]).all()
    assert dr.robustness(found).table().index.tolist() == ["KEN", "SRB", "PAK"]


def test_a_monotone_transform_decides_the_order_under_a_power_mean() -> None:
    fw = framework(
        group(
            "risk",
            indicator("a", 0.5),
            indicator("b", 0.5),
            aggregation={"method": "power", "p": 2},
        )
    )
    # Squares 8100 and 100 against 2500 and 2304: above from a weight of 2204 / 7804 = .2824 of a on.
    assert dr.robustness(fw, TWO, spread=0.43).dominance.loc["PAK", "KEN"]
    assert not dr.robustness(fw, TWO, spread=0.44).dominance.loc["PAK", "KEN"]


def test_two_countries_of_the_worked_reversal() -> None:
    # A (90, 10) and B (50, 48): break-even weight of the first 38 / 78 = .487179.
    found = dr.robustness(PAIR, TWO, spread=0.02)
    assert found.dominance.loc["PAK", "KEN"]
    assert found.dominance_share == 1.0
    assert found.table()["class"].tolist() == [1, 2]
    found = dr.robustness(PAIR, TWO, spread=0.03)
    assert not found.dominance.to_numpy().any()
    assert found.undecided("Pakistan") == ("KEN",)
    # Weight .515 on the first: 61.2... against .485: .515 * 40 - .485 * 38 = 2.17.
    assert found.gaps.loc["PAK", "KEN"] == pytest.approx(0.515 * 40 - 0.485 * 38)
    assert found.table()["rank_max"].tolist() == [2, 2]


def test_top_k_that_is_certain_and_that_is_possible(bundled: dr.Scores) -> None:
    found = dr.robustness(bundled, spread=0.05)
    top = found.top(10)
    full = top[top["basis"] == "full"]
    assert full["certain"].sum() <= 10 <= len(full)
    assert (top["rank_min"] <= 10).all()


@pytest.mark.slow
@settings(deadline=None, max_examples=6)
@given(scores=scored(units=6))
@pytest.mark.parametrize("kind", KINDS)
def test_exact_ranks_lie_inside_the_bounds_and_are_attained(kind: str, scores: dr.Scores) -> None:
    found = dr.robustness(scores, weights=kind, spread=0.4)
    table = found.table()
    drawn = found.sampled_scores(500)
    for country in table.index[:2]:
        ends = found.rank_range(country)
        ranks = 1 + (drawn.to_numpy() > drawn[[country]].to_numpy() + ROUNDING).sum(axis=1)
        assert table.loc[country, "rank_min"] <= ends.loc["best", "bound"]
        assert ends.loc["best", "bound"] <= ends.loc["best", "rank"]
        assert ends.loc["best", "bound"] <= ranks.min()
        assert ranks.max() <= ends.loc["worst", "bound"] <= table.loc[country, "rank_max"]
        assert ends["proved"].all()
        assert set(found.weights_at(country)) == {"best", "worst"}


def test_a_weight_set_of_intervals_from_a_mapping_and_from_a_file(tmp_path: Any) -> None:
    raw = {"intervals": {"risk": {"a": [0.45, 0.48]}}}
    found = dr.robustness(PAIR, TWO, weights=raw)
    assert found.dominance.loc["KEN", "PAK"]
    path = tmp_path / "weights.yaml"
    path.write_text("intervals:\n  risk: {a: [0.45, 0.48]}\n", encoding="utf-8")
    assert dr.robustness(PAIR, TWO, weights=path).table().equals(found.table())
    ordered = dr.robustness(PAIR, TWO, weights={"order": {"risk": ["a", "b"]}})
    assert ordered.table()["score_max"].max() == 90.0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"spread": 0}, "above 0, up to 1, received 0"),
        ({"spread": 1.5}, "`spread` must be a number from 0 to 1, received 1.5"),
        ({"weights": "share"}, "did you mean `shares`?"),
        ({"weights": {"kinds": "shares"}}, "unknown key `kinds`; did you mean `kind`?"),
        ({"weights": {"intervals": {"rsk": {}}}}, "no group `rsk`; did you mean `risk`?"),
        (
            {"weights": {"intervals": {"risk": {"a": [0.1, 0.2], "b": [0.1, 0.2]}}}},
            "no weights fit",
        ),
        ({"weights": {"intervals": {"risk": {"a": [0.9, 0.2]}}}}, "expected [low, high]"),
        ({"weights": {"order": {"risk": ["a"]}}}, "`b` is missing from the order"),
        ({"score": "rsk"}, "unknown headline score `rsk`"),
    ],
)
def test_robustness_of_a_wrong_set(options: dict[str, Any], said: str) -> None:
    with pytest.raises(dr.DsrRiskError) as error:
        dr.robustness(PAIR, TWO, **options)
    assert said in str(error.value)


@pytest.mark.slow
def test_the_command_writes_the_table_and_refuses_bad_input(tmp_path: Any) -> None:
    out = tmp_path / "ranks.csv"
    done = run("robustness", "--spread", 0.1, "--out", out)
    assert done.returncode == 0, done.stderr
    assert out.read_text(encoding="utf-8").startswith("iso3,country,score,score_min")
    bad = tmp_path / "bad.csv"
    for words in (("--spread", 0), ("--weights", "shars"), ("--country", "Pakstan")):
        done = run("robustness", *words, "--out", bad)
        assert done.returncode == 2, done.stdout
        assert done.stderr.count("\n") <= 3
        assert not bad.exists()
