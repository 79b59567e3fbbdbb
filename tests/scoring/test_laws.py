"""Laws of the scores, over random trees, weights, means and patterns of missing cells."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st

import dsr_risk as dr
from tests.helpers import COUNTRIES, ROUNDING, by_hand, frame, framework, indicator, model_of, same

EXAMPLES = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
MEANS = st.sampled_from(
    [
        "arithmetic",
        "geometric",
        {"method": "geometric", "offset": 5},
        "harmonic",
        {"method": "power", "p": 2},
        {"method": "power", "p": 0.5},
        {"method": "power", "p": 3},
        {"method": "power", "p": -1.5},
    ]
)
WEIGHTS = st.one_of(st.sampled_from([0.1, 0.2, 0.5, 1.0, 3.0]), st.floats(0.01, 10))
SHARES = st.sampled_from([0.0, 0.3, 0.5, 0.8, 1.0])
CELLS = st.one_of(st.sampled_from([0.0, 20.0, 50.0, 100.0]), st.floats(0, 100))


@st.composite
def trees(draw: st.DrawFn, *, means: Any = MEANS, shares: Any = SHARES) -> list[dict[str, Any]]:
    """One or two headline groups, written out; uneven, up to four levels deep."""
    count = iter(range(10_000))

    def grow(depth: int) -> dict[str, Any]:
        if depth and (depth == 3 or draw(st.booleans())):
            return indicator(f"x{next(count)}", draw(WEIGHTS))
        return {
            "name": f"g{next(count)}",
            "weight": draw(WEIGHTS) if depth else 1.0,
            "aggregation": draw(means),
            "min_coverage": draw(shares),
            "children": [grow(depth + 1) for _ in range(draw(st.integers(1, 3)))],
        }

    return [grow(0) for _ in range(draw(st.integers(1, 2)))]


def indicators_of(node: dict[str, Any]) -> list[str]:
    if "children" not in node:
        return [node["name"]]
    return [name for child in node["children"] for name in indicators_of(child)]


@st.composite
def cases(
    draw: st.DrawFn, *, rows: int = 3, cells: Any = None, **options: Any
) -> tuple[list[dict[str, Any]], dict[str, list[float | None]]]:
    """A tree and profiles for it, some cells missing."""
    headlines = draw(trees(**options))
    if cells is None:
        cells = st.one_of(st.none(), CELLS)
    names = [name for headline in headlines for name in indicators_of(headline)]
    return headlines, {name: [draw(cells) for _ in range(rows)] for name in names}


def walk(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(one for child in node.get("children", ()) for one in walk(child))]


def scores_of(headlines: list[dict[str, Any]], columns: dict[str, list[float | None]]) -> dr.Scores:
    return model_of(framework(*headlines)).score(frame(columns))


@pytest.mark.slow
@EXAMPLES
@given(cases())
def test_every_node_is_what_plain_recursion_by_hand_gives(
    case: tuple[list[dict[str, Any]], dict[str, list[float | None]]],
) -> None:
    headlines, columns = case
    scores = scores_of(headlines, columns)
    for row in range(3):
        cells = {name: values[row] for name, values in columns.items()}
        for node in (one for headline in headlines for one in walk(headline)):
            value, share, _ = by_hand(node, cells)
            place = scores._state.tree.index[node["name"]]
            got = float(scores._state.evaluated[row, place])
            assert math.isnan(got) == math.isnan(value), node["name"]
            printed = float(scores.values[node["name"]].iloc[row])
            enough = share >= node.get("min_coverage", 0.5 if "children" in node else 0) - 1e-12
            assert math.isnan(printed) == (math.isnan(value) or not enough)
            if not math.isnan(value):
                assert abs(got - value) < ROUNDING
                assert abs(float(scores.coverage[node["name"]].iloc[row]) - share) < 1e-12
            else:
                assert float(scores.coverage[node["name"]].iloc[row]) >= share - 1e-12


@pytest.mark.slow
@EXAMPLES
@given(cases(rows=2), st.data())
def test_a_cell_that_does_not_apply_is_as_if_the_framework_had_no_such_indicator(
    case: tuple[list[dict[str, Any]], dict[str, list[float | None]]], data: st.DataObject
) -> None:
    headlines, columns = case
    names = list(columns)
    away = frozenset(data.draw(st.lists(st.sampled_from(names), unique=True)))
    cells = [
        {"iso3": COUNTRIES[row], "indicator": name, "value": columns[name][row], "reason": ""}
        for name in names
        for row in range(2)
        if columns[name][row] is not None and not (row == 0 and name in away)
    ]
    cells += [
        {"iso3": COUNTRIES[0], "indicator": name, "value": None, "reason": "no sea"}
        for name in sorted(away)
    ]
    cells += [
        {"iso3": COUNTRIES[2], "indicator": name, "value": 1.0, "reason": ""} for name in names
    ]
    scores = model_of(framework(*headlines)).score(pd.DataFrame(cells).astype({"value": float}))
    assume(COUNTRIES[0] in scores.evaluated.index)
    first = {name: columns[name][0] for name in names}
    for headline in headlines:
        value, share, applies = by_hand(headline, first, away)
        got = float(scores.evaluated.loc[COUNTRIES[0], headline["name"]])
        assert math.isnan(got) == math.isnan(value)
        if not math.isnan(value):
            assert abs(got - value) < ROUNDING
            basis = scores.basis.loc[COUNTRIES[0], headline["name"]]
            printed = not math.isnan(scores.values.loc[COUNTRIES[0], headline["name"]])
            weights = scores.framework.effective_weights
            absent = sum(weights[name] for name in away & set(indicators_of(headline)))
            if printed and abs(absent - 0.2) > 1e-9:
                assert basis == ("partial" if absent > 0.2 else "full")
        if applies and not math.isnan(value):
            assert abs(scores.coverage.loc[COUNTRIES[0], headline["name"]] - share) < 1e-12


@pytest.mark.slow
@EXAMPLES
@given(cases())
def test_a_node_lies_between_its_lowest_and_highest_child_and_inside_the_scale(
    case: tuple[list[dict[str, Any]], dict[str, list[float | None]]],
) -> None:
    headlines, columns = case
    values = scores_of(headlines, columns).evaluated
    for node in (one for headline in headlines for one in walk(headline) if "children" in one):
        known = values[node["name"]].notna()
        below = values.loc[known, [child["name"] for child in node["children"]]]
        mine = values.loc[known, node["name"]]
        assert (mine >= below.min(axis=1) - ROUNDING).all()
        assert (mine <= below.max(axis=1) + ROUNDING).all()
        assert mine.between(-ROUNDING, 100 + ROUNDING).all()


@pytest.mark.slow
@EXAMPLES
@given(cases(rows=1), st.data())
def test_a_value_moving_toward_risk_never_lowers_a_score(
    case: tuple[list[dict[str, Any]], dict[str, list[float | None]]], data: st.DataObject
) -> None:
    headlines, columns = case
    known = [name for name, (value,) in columns.items() if value is not None]
    assume(known)
    name = data.draw(st.sampled_from(known))
    worse = columns | {name: [data.draw(st.floats(columns[name][0], 150))]}  # type: ignore[arg-type]
    before, after = scores_of(headlines, columns).evaluated, scores_of(headlines, worse).evaluated
    steps = (after - before).to_numpy()
    assert (np.isnan(steps) | (steps >= -ROUNDING)).all()
    safer = copy.deepcopy(headlines)
    for node in (one for headline in safer for one in walk(headline)):
        if node["name"] == name:
            node["higher_is"] = "safer"
    before, after = scores_of(safer, columns).evaluated, scores_of(safer, worse).evaluated
    steps = (after - before).to_numpy()
    assert (np.isnan(steps) | (steps <= ROUNDING)).all()


@pytest.mark.slow
@EXAMPLES
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_countries_columns_and_siblings_does_not_matter(
    case: tuple[list[dict[str, Any]], dict[str, list[float | None]]], random: Any
) -> None:
    headlines, columns = case
    table = frame(columns)
    once = model_of(framework(*headlines)).score(table)
    shuffled = copy.deepcopy(headlines)
    for node in (one for headline in shuffled for one in walk(headline) if "children" in one):
        random.shuffle(node["children"])
    random.shuffle(shuffled)
    rows, names = list(table.index), list(table.columns)
    random.shuffle(rows)
    random.shuffle(names)
    again = model_of(framework(*shuffled)).score(table.loc[rows, names])
    same(once, again, atol=ROUNDING)
    for headline in headlines:
        ranks = again.rank[headline["name"]].reindex(once.rank.index)
        pd.testing.assert_series_equal(once.rank[headline["name"]], ranks)


@pytest.mark.slow
@EXAMPLES
@given(cases())
def test_an_indicator_doubled_with_half_its_weight_changes_nothing(
    case: tuple[list[dict[str, Any]], dict[str, list[float | None]]],
) -> None:
    headlines, columns = case
    twice = copy.deepcopy(headlines)
    more = dict(columns)
    for node in (one for headline in twice for one in walk(headline) if "children" in one):
        first = node["children"][0]
        if "children" not in first:
            first["weight"] /= 2
            node["children"].append(first | {"name": first["name"] + "_again"})
            more[first["name"] + "_again"] = columns[first["name"]]
    same(scores_of(headlines, columns), scores_of(twice, more), atol=ROUNDING)


@pytest.mark.slow
@EXAMPLES
@given(cases())
def test_a_safer_indicator_is_the_riskier_one_read_from_the_other_end(
    case: tuple[list[dict[str, Any]], dict[str, list[float | None]]],
) -> None:
    headlines, columns = case
    turned = copy.deepcopy(headlines)
    for node in (one for headline in turned for one in walk(headline) if "children" not in one):
        node["higher_is"] = "safer"
    mirrored = {
        name: [None if x is None else 100 - x for x in values] for name, values in columns.items()
    }
    same(scores_of(headlines, columns), scores_of(turned, mirrored), atol=ROUNDING)


@pytest.mark.slow
@EXAMPLES
@given(cases(rows=4, cells=CELLS), st.floats(0.01, 1000), st.floats(-1000, 1000), st.booleans())
def test_another_raw_unit_leaves_scores_with_learned_bounds_unchanged(
    case: tuple[list[dict[str, Any]], dict[str, list[float | None]]],
    factor: float,
    shift: float,
    tails: bool,
) -> None:
    headlines, columns = case
    assume(all(max(v) - min(v) > 1 for v in columns.values()))  # type: ignore[type-var,operator]
    learned: Any = {"method": "goalposts", "low": "p25", "high": "p75"} if tails else "minmax"
    if tails:
        assume(all(np.percentile(v, 75) - np.percentile(v, 25) > 1 for v in columns.values()))  # type: ignore[arg-type]
    for node in (one for headline in headlines for one in walk(headline) if "children" not in one):
        node["normalisation"] = learned
    fw = framework(*headlines)
    table = frame(columns)
    same(dr.score(fw, table), dr.score(fw, table * factor + shift), atol=1e-6)


@pytest.mark.slow
@EXAMPLES
@given(cases(cells=CELLS), st.data())
def test_whatever_the_missing_cells_are_the_score_lies_within_its_hard_bounds(
    case: tuple[list[dict[str, Any]], dict[str, list[float | None]]],
    data: st.DataObject,
) -> None:
    headlines, truth = case
    seen: dict[str, list[float | None]] = {
        name: [x if data.draw(st.booleans()) else None for x in values]
        for name, values in truth.items()
    }
    scores, known = scores_of(headlines, seen), scores_of(headlines, truth)
    for headline in headlines:
        low, high = scores.minimum[headline["name"]], scores.maximum[headline["name"]]
        full = known.evaluated[headline["name"]]
        assert (low - ROUNDING <= full).all()
        assert (full <= high + ROUNDING).all()
        mine = scores.evaluated[headline["name"]]
        assert ((low - ROUNDING <= mine) | mine.isna()).all()
        assert ((mine <= high + ROUNDING) | mine.isna()).all()


@pytest.mark.slow
@EXAMPLES
@given(cases(means=st.just("arithmetic")))
def test_under_arithmetic_means_bounds_are_as_wide_as_what_is_not_covered(
    case: tuple[list[dict[str, Any]], dict[str, list[float | None]]],
) -> None:
    headlines, columns = case
    scores = scores_of(headlines, columns)
    for headline in headlines:
        width = scores.maximum[headline["name"]] - scores.minimum[headline["name"]]
        np.testing.assert_allclose(
            width, 100 * (1 - scores.coverage[headline["name"]]), rtol=0, atol=ROUNDING
        )


@pytest.mark.slow
@EXAMPLES
@given(cases())
def test_contributions_add_up_to_the_score_and_gaps_split_at_every_node(
    case: tuple[list[dict[str, Any]], dict[str, list[float | None]]],
) -> None:
    headlines, columns = case
    scores = scores_of(headlines, columns)
    for headline in headlines:
        name = headline["name"]
        known = scores.values[name].notna()
        rows = scores.contributions(name)[known].sum(axis=1)
        np.testing.assert_allclose(rows, scores.values.loc[known, name], rtol=0, atol=ROUNDING)
        codes = list(scores.values.index[known])
        for against in [*codes[1:], *(["median", "floor"] if codes else [])]:
            try:
                explanation = dr.explain(scores, codes[0], against=against, score=name)
            except dr.NotScorableError:  # the median profile may lack what the country has
                assert against == "median"
                continue
            gap = explanation.gaps[name][2]
            assert abs(explanation.contributions(name).sum() - gap) < ROUNDING
            points = explanation.table(name).set_index("node")["points"]
            for node in (one for one in walk(headline) if "children" in one):
                below = points[[child["name"] for child in node["children"]]]
                if below.notna().any():
                    assert abs(below.sum() - points[node["name"]]) < ROUNDING


@pytest.mark.slow
@EXAMPLES
@given(cases(rows=6))
def test_ranks_count_the_countries_with_more_risk(
    case: tuple[list[dict[str, Any]], dict[str, list[float | None]]],
) -> None:
    headlines, columns = case
    scores = scores_of(headlines, columns)
    for headline in headlines:
        values = scores.values[headline["name"]].dropna().to_numpy()
        gaps = np.abs(values[:, None] - values[None])
        assume(not ((gaps > 1e-9) & (gaps < 1e-5)).any())  # no chains of near ties
        expected = 1 + (values[None] > values[:, None] + ROUNDING).sum(axis=1)
        assert scores.rank[headline["name"]].dropna().tolist() == expected.tolist()
