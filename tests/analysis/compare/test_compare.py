"""The comparison: its effects add up exactly, and each of them is what one change alone did."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import dsr_risk as dr
from dsr_risk.analysis.compare.comparison import compare
from dsr_risk.analysis.compare.states import STEPS, shapley
from dsr_risk.errors import DataError, NotScorableError, UnknownNameError
from tests.first_edition import first_data, first_framework, first_scores

CODES = first_data().countries[:30]
EFFECTS = [*STEPS, "joint"]


def frame(seed: int = 0, gaps: float = 0.0, columns: str = "abcd") -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = rng.uniform(10, 90, (len(CODES), len(columns)))
    values[rng.uniform(size=values.shape) < gaps] = np.nan
    return pd.DataFrame(values, index=pd.Index(CODES, name="iso3"), columns=list(columns))


def framework(**fields: object) -> dr.Framework:
    return dr.Framework(
        name="test",
        scores=[
            {
                "name": "risk",
                "children": [
                    {"name": "a", "higher_is": "riskier"},
                    {
                        "name": "group",
                        "children": [
                            {"name": "b", "higher_is": "safer"},
                            {"name": "c", "higher_is": "riskier"},
                        ],
                    },
                    {"name": "d", "higher_is": "riskier"},
                ],
            }
        ],
        **fields,
    )


FW = framework()
OTHER = FW.replace({"a.weight": 3, "group.aggregation": "geometric"})


def adds_up(table: pd.DataFrame) -> bool:
    return bool((table[EFFECTS].sum(axis=1) - table["change"]).abs().max() < 1e-9)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000), st.floats(0, 0.4), st.booleans(), st.booleans())
def test_effects_add_up_and_swapping_the_sides_changes_signs_only(
    seed: int, gaps: float, method: bool, reference: bool
) -> None:
    first, second = frame(seed, gaps), frame(seed + 1, gaps)
    before = dr.fit(FW, first)
    after = dr.fit(OTHER if method else FW, second if reference else first)
    one, two = before.score(first), after.score(second)
    there = compare(one, two, references=(first, second if reference else first)).table()
    back = compare(two, one, references=(second if reference else first, first)).table()
    assert adds_up(there)
    back = back.loc[there.index]
    assert np.abs(back[EFFECTS].to_numpy() + there[EFFECTS].to_numpy()).max() < 1e-9


def test_the_same_scores_differ_in_nothing() -> None:
    scores = dr.score(FW, frame())
    found = compare(scores, scores)
    assert found.steps == ()
    assert (found.table()[[*EFFECTS, "change", "rank_change", "band_change"]] == 0).all().all()
    assert found.movers().empty
    assert found.moved().empty
    assert "differs in nothing" in repr(found)


def test_only_method_changed_is_all_method() -> None:
    data = frame()
    found = compare(dr.score(FW, data), dr.score(OTHER, data))
    assert found.steps == ("method",)
    pd.testing.assert_series_equal(
        found.table()["method"], found.table()["change"], check_names=False
    )


def test_only_data_changed_on_one_model_is_all_data_and_leaves_others_alone() -> None:
    data = dr.as_data(frame())
    model = dr.fit(FW, data)
    changed = data.replace({CODES[3]: {"a": 85.0}})
    found = compare(model.score(data), model.score(changed))
    assert found.steps == ("data",)
    table = found.table()
    assert table.index[0] == CODES[3]
    assert table.loc[CODES[3], "data"] == table.loc[CODES[3], "change"] != 0
    assert (table.drop(index=CODES[3])[[*EFFECTS, "change"]] == 0).all().all()
    assert list(found.movers().index) == [CODES[3]]


def test_a_cell_that_is_gone_is_coverage_and_not_data() -> None:
    data = dr.as_data(frame())
    model = dr.fit(FW, data)
    found = compare(model.score(data), model.score(data.replace({CODES[3]: {"a": np.nan}})))
    assert found.steps == ("coverage",)
    row = found.table().loc[CODES[3]]
    assert row["coverage"] == pytest.approx(row["change"])
    assert row["change"] != 0


def test_only_the_reference_set_changed_is_all_reference() -> None:
    data, wider = frame(), frame() * 1.3
    found = compare(dr.fit(FW, data).score(data), dr.fit(FW, wider).score(data))
    assert found.steps == ("reference",)
    pd.testing.assert_series_equal(
        found.table()["reference"], found.table()["change"], check_names=False
    )


def test_two_changes_are_split_as_shapley_says_by_hand() -> None:
    data, wider = frame(1), frame(1) * 1.3
    models = {
        (method, reference): dr.fit((FW, OTHER)[method], (data, wider)[reference])
        for method in (0, 1)
        for reference in (0, 1)
    }
    s = {key: model.score(data).values["risk"] for key, model in models.items()}
    table = compare(
        models[0, 0].score(data), models[1, 1].score(data), references=(data, wider)
    ).table()
    method = ((s[1, 0] - s[0, 0]) + (s[1, 1] - s[0, 1])) / 2
    reference = ((s[0, 1] - s[0, 0]) + (s[1, 1] - s[1, 0])) / 2
    assert table["method"].to_numpy() == pytest.approx(method[table.index].to_numpy(), abs=1e-9)
    assert table["reference"].to_numpy() == pytest.approx(
        reference[table.index].to_numpy(), abs=1e-9
    )


@pytest.mark.slow
@given(st.lists(st.floats(-100, 100), min_size=16, max_size=16))
def test_shapley_is_the_weighted_mean_of_marginal_gains(values: list[float]) -> None:
    players = ("p", "q", "r", "s")
    subsets = [frozenset(part) for size in range(5) for part in combinations(players, size)]
    worth = dict(zip(subsets, values, strict=True))
    effects, joint = shapley(players, lambda on: np.array([worth[on]]))
    factorial = [1, 1, 2, 6, 24]
    for name in players:
        expected = sum(
            factorial[len(on)] * factorial[3 - len(on)] / 24 * (worth[on | {name}] - worth[on])
            for on in subsets
            if name not in on
        )
        assert effects[name][0] == pytest.approx(expected, abs=1e-9)
    assert joint[0] == 0


def test_orders_that_pass_a_state_without_a_score_are_left_out() -> None:
    worth = {"": 1.0, "a": np.nan, "b": 5.0, "ab": 7.0}
    effects, joint = shapley(("a", "b"), lambda on: np.array([worth["".join(sorted(on))]]))
    assert (effects["a"][0], effects["b"][0], joint[0]) == (2.0, 4.0, 0.0)
    worth["b"] = np.nan
    effects, joint = shapley(("a", "b"), lambda on: np.array([worth["".join(sorted(on))]]))
    assert (effects["a"][0], effects["b"][0], joint[0]) == (0.0, 0.0, 6.0)


def test_a_change_that_no_order_can_split_stands_under_joint() -> None:
    # Before, only `a` counts; after, only `d` does and `a` is gone: no mixture has a score.
    first, second = frame(1), frame(2)
    first["d"], second["a"] = np.nan, np.nan
    first.loc[CODES[0], "d"], first.loc[CODES[1], "d"] = 10.0, 90.0
    second.loc[CODES[0], "a"], second.loc[CODES[1], "a"] = 10.0, 90.0
    strict = {"min_coverage": 0.9, "normalisation": {"method": "goalposts", "low": 0, "high": 100}}
    fw = framework(defaults=strict).replace({"group": None})
    one = dr.score(fw.replace({"d.weight": 0}), first)
    two = dr.score(fw.replace({"a.weight": 0}), second)
    table = compare(one, two).table().loc[CODES[5]]
    assert table["joint"] == table["change"] != 0
    assert (table[list(STEPS)] == 0).all()


def test_a_reference_that_is_not_at_hand_is_counted_under_method_and_said() -> None:
    data, wider, other = frame(1), frame(1) * 1.3, frame(1) * 0.8
    one, two = dr.fit(FW, wider).score(data), dr.fit(OTHER, other).score(data)
    found = compare(one, two)
    assert any("counted under method" in note for note in found.notes)
    assert (found.table()["reference"] == 0).all()
    assert adds_up(found.table())
    told = compare(one, two, references=(wider, other))
    assert not told.notes
    assert (told.table()["reference"] != 0).any()
    with pytest.raises(DataError, match="references, before: the model was fitted on other data"):
        compare(one, two, references=(data, other))


def test_frameworks_with_different_indicators_are_compared() -> None:
    first, second = frame(1, 0.1, "abcd"), frame(2, 0.1, "abce")
    changed = FW.replace({"d": {"name": "e", "higher_is": "riskier"}})
    found = compare(dr.score(FW, first), dr.score(changed, second))
    assert set(found.steps) == set(STEPS)
    table = found.table()
    assert adds_up(table)
    assert (table["joint"] == 0).mean() > 0.5


def test_countries_that_come_and_go_are_listed_with_the_reason() -> None:
    data = frame()
    model = dr.fit(FW, data)
    thin = data.copy()
    thin.loc[CODES[1], ["a", "b", "c"]] = np.nan
    before, after = model.score(data.drop(index=CODES[0])), model.score(thin)
    found = compare(before, after)
    assert found.entered[["iso3", "reason"]].to_numpy().tolist() == [[CODES[0], "not in the data"]]
    assert found.left["iso3"].tolist() == [CODES[1]]
    assert found.left["reason"][0] == after.reason.loc[CODES[1], "risk"]
    assert "coverage" in found.left["reason"][0]
    assert CODES[0] not in found.table().index
    assert found.summary().loc["risk", ["compared", "entered", "left"]].tolist() == [28, 1, 1]


def test_years_of_a_panel_are_compared() -> None:
    parts = [frame(year).assign(year=year).reset_index() for year in (2019, 2020, 2021)]
    scores = dr.score(FW, pd.concat(parts, ignore_index=True))
    found = compare(scores, scores, years=(2019, 2021))
    assert (found.before, found.after) == ("2019", "2021")
    assert found.steps == ("data",)
    expected = scores.select(year=2021).values["risk"] - scores.select(year=2019).values["risk"]
    table = found.table()
    assert table["change"].to_numpy() == pytest.approx(expected[table.index].to_numpy())
    with pytest.raises(UnknownNameError, match="no year 1999"):
        compare(scores, scores, years=(1999, 2021))


def test_ranks_and_bands_are_those_of_the_two_sides() -> None:
    first, second = dr.score(FW, frame(1)), dr.score(OTHER, frame(2))
    table = compare(first, second).table()
    for word, scores in (("before", first), ("after", second)):
        assert (table[f"rank_{word}"] == scores.rank["risk"][table.index]).all()
        assert (table[f"band_{word}"] == scores.band["risk"][table.index]).all()
    assert (table["rank_change"] == table["rank_after"] - table["rank_before"]).all()
    assert (table["change"].abs().diff().dropna() <= 1e-12).all()
    riskier = table["band_change"] > 0
    assert (table.loc[riskier, "change"] > 0).all()


def test_a_rank_is_not_compared_across_bases() -> None:
    rows = frame().rename_axis("iso3").reset_index()
    long = rows.melt(id_vars="iso3", var_name="indicator", value_name="value")
    long["reason"] = ""
    partial = long.copy()
    cell = (partial["iso3"] == CODES[2]) & (partial["indicator"] == "a")
    partial.loc[cell, "value"] = np.nan
    partial.loc[cell, "reason"] = "outside_register"
    model = dr.fit(FW, long)
    found = compare(model.score(long), model.score(partial))
    row = found.table().loc[CODES[2]]
    assert found.steps == ("coverage",)
    assert (row["basis_before"], row["basis_after"]) == ("full", "partial")
    assert pd.isna(row["rank_change"])


def test_nothing_to_compare_and_unknown_scores_are_said() -> None:
    data = frame()
    renamed = dr.Framework(
        name="other", scores=[{"name": "peril", "children": FW.scores[0].children}]
    )
    with pytest.raises(NotScorableError, match="they have risk and peril"):
        compare(dr.score(FW, data), dr.score(renamed, data))
    found = compare(dr.score(FW, data), dr.score(OTHER, data))
    with pytest.raises(UnknownNameError, match="did you mean `risk`"):
        found.table("risc")


def test_bundled_scores_split_between_another_weight_and_another_value() -> None:
    data, fw = first_data(), first_framework()
    before = first_scores()
    after = dr.fit(fw.replace({"surveillance.weight": 0.8}), data).score(
        data.replace({"PAK": {"gci": 10.0}})
    )
    found = compare(before, after, references=(data, data))
    assert found.steps == ("data", "method")
    table = found.table("security")
    assert adds_up(table)
    assert table.loc["PAK", "data"] > 0
    assert (table.drop(index="PAK")["data"] == 0).all()
    assert "<table" in found.to_html()
    assert "PAK" in found.to_markdown()


def test_nothing_is_modified() -> None:
    one, two = dr.score(FW, frame(1)), dr.score(OTHER, frame(2, 0.1))
    values = one.values.copy(), two.values.copy()
    found = compare(one, two)
    handed_out = found.table()
    handed_out["change"] = 0.0
    assert (found.table()["change"] != 0).any()
    pd.testing.assert_frame_equal(one.values, values[0])
    pd.testing.assert_frame_equal(two.values, values[1])


PANEL_CODES = CODES[:12]


def gappy_panel() -> pd.DataFrame:
    """Three years that are not in a row; the first country has `a` in the first year only."""
    rng = np.random.default_rng(4)
    years = [2005, 2006, 2011]
    units = pd.MultiIndex.from_product([PANEL_CODES, years], names=["iso3", "year"])
    found = pd.DataFrame(rng.uniform(10, 90, (len(units), 4)), index=units, columns=list("abcd"))
    found.loc[(PANEL_CODES[0], [2006, 2011]), "a"] = np.nan
    found.loc[(PANEL_CODES[1], [2006]), "b"] = np.nan
    return found


def test_a_value_carried_forward_on_both_sides_is_no_change_of_coverage() -> None:
    # Goalposts far away: an older value is less certain, which moves its mean where the scale ends.
    wide = {"method": "goalposts", "low": -1000, "high": 1100}
    changes = {"defaults.missing": "last", "defaults.normalisation": wide}
    scores = dr.score(FW.replace(changes), gappy_panel())
    found = compare(scores, scores, years=(2006, 2011))
    table = found.table()
    assert found.notes == ()
    assert adds_up(table)
    assert table.loc[PANEL_CODES[0], "coverage"] == pytest.approx(0, abs=1e-9)
    assert table.loc[PANEL_CODES[0], "data"] == pytest.approx(table.loc[PANEL_CODES[0], "change"])
    # The other country's `b` is the year before's on one side and its own on the other.
    assert abs(table.loc[PANEL_CODES[1], "coverage"]) > 0.01
    assert (table["coverage"].iloc[2:].abs() > 1e-9).sum() <= 1


def test_other_years_that_imputation_needs_and_are_not_at_hand_are_said_to_be_missing() -> None:
    scores = dr.score(FW.replace({"defaults.missing": "last"}), gappy_panel())
    found = compare(scores.select(year=2006), scores.select(year=2011))
    assert adds_up(found.table())
    assert [note.split(" from")[0] for note in found.notes] == [
        "missing cells of before are estimated",
        "missing cells of after are estimated",
    ]
