"""One model of missing cells for the score and its draws; derived indicators; what is printed."""

import pickle

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from tests.folders import ROOT
from tests.helpers import filled_copies, framework, group, indicator

FIRST = ROOT / "tests" / "data" / "first_edition"
MODEL = {
    "method": "regression",
    "auxiliary": ["income_group", "region", "log gdp_usd", "log population", "internet_users"],
}
PRODUCT = {
    "derived": {
        "method": "product",
        "of": ["surveillance_adoption", "safeguards_gap"],
        "scale": 0.01,
    }
}


def edition_one() -> dr.Framework:
    """The first edition's framework with one predictive model and the product computed from its parts."""
    fw = dr.load_framework(FIRST / "dsr.yaml")
    node = fw["adoption_x_safeguards_gap"].model_dump(mode="json", exclude_defaults=True)
    return fw.replace(
        {
            "defaults.missing": MODEL,
            "defaults.max_width": 15,
            "adoption_x_safeguards_gap": {**node, **PRODUCT},
            "surveillance_adoption.plausible": [0, 100],
        }
    )


@pytest.fixture(scope="module")
def first() -> dr.Data:
    return dr.read_data(next(FIRST.glob("*.csv")))


@pytest.fixture(scope="module")
def scores(first: dr.Data) -> dr.Scores:
    return dr.score(edition_one(), first)


def test_bulgaria_lies_inside_what_its_own_cells_allow(scores):
    # Imports are censored in [0, 6] %, all else is observed: UNKNOWN section 2.
    assert 10.04 - 0.01 <= scores.values.loc["BGR", "dependency"] <= 13.64 + 0.01
    table = scores.table(details=True).loc["BGR"]
    assert table["dependency_min"] == pytest.approx(10.04, abs=0.01)
    assert table["dependency_max"] == pytest.approx(13.64, abs=0.01)


def test_france_and_belgium_are_scored_for_their_bounds_are_narrow(scores):
    assert scores.values.loc[["FRA", "BEL"], "dependency"].notna().all()
    narrow = dr.score(edition_one().replace({"defaults.max_width": None}), scores.data)
    assert np.isnan(narrow.values.loc["FRA", "dependency"]) == (
        narrow.coverage.loc["FRA", "dependency"] < 0.6
    )


def test_scores_lie_inside_their_hard_bounds(scores):
    for name in scores.names:
        inside = scores.values[name].dropna().index
        value = scores.values.loc[inside, name]
        assert (value >= scores.minimum.loc[inside, name] - 1e-9).all()
        assert (value <= scores.maximum.loc[inside, name] + 1e-9).all()


def test_a_product_is_never_above_its_observed_factor(scores):
    rows = scores.raw["adoption_x_safeguards_gap"].isna() & scores.raw["safeguards_gap"].notna()
    rows &= scores._state.prepared.applicable.all(axis=1)
    gap, filled = scores.raw.loc[rows, "safeguards_gap"], scores.estimated.loc[rows]
    assert rows.sum() > 50
    assert (filled["adoption_x_safeguards_gap"] <= gap + 1e-9).all()
    draws = filled_copies(
        scores._state.prepared, scores.model._imputations, np.random.default_rng(0), 64
    )
    drawn = scores._state.prepared.layout.derive(draws)[
        ..., scores._state.tree.index["adoption_x_safeguards_gap"]
    ]
    assert (drawn[:, rows.to_numpy()] <= gap.to_numpy() + 1e-9).all()


def test_evidence_at_its_estimate_changes_nothing_and_above_it_raises(scores):
    model, data = scores.model, scores.data
    adoption = scores._state.prepared.layout.inputs.index("surveillance_adoption")
    cell = np.flatnonzero(
        (scores._state.estimates.columns == adoption)
        & (scores._state.estimates.rows == list(data.iso3).index("TKM"))
    )
    estimate = float(scores._state.estimates.mean[cell][0])
    before = scores.evaluated.loc["TKM", "security"]
    same = model.score(data.replace({"TKM": {"surveillance_adoption": estimate}}))
    higher = model.score(data.replace({"TKM": {"surveillance_adoption": min(estimate + 10, 100)}}))
    assert same.evaluated.loc["TKM", "security"] == pytest.approx(before, abs=0.5)
    assert higher.evaluated.loc["TKM", "security"] > before


@pytest.mark.slow
@pytest.mark.parametrize("country", ["HRV", "LTU", "LVA", "BGR", "BEL", "FRA"])
def test_a_censored_share_observed_at_its_estimate_changes_little(bundled, country):
    """Only curved scales remain: the model itself leaves the other cells of the country as they are."""
    scores = bundled
    indicator = scores._indicator_names.index("imports_focal_share")
    row = list(scores.data.iso3).index(country)
    estimate = float(scores._equivalent[row, indicator])
    before = scores.evaluated.loc[country, "dependency"]
    seen = scores.data.replace({country: {"imports_focal_share": estimate}})
    after = scores.model.score(seen).evaluated.loc[country, "dependency"]
    assert after == pytest.approx(before, abs=0.3)
    bound = float(scores._state.prepared.high[row, indicator])
    seen = scores.data.replace({country: {"imports_focal_share": bound}})
    assert scores.model.score(seen).evaluated.loc[country, "dependency"] > after


def _observed_at_estimate(scores, score):
    """Change (c,) of a score where each estimated cell of it is observed at its estimate, the model as it is."""
    state, framework = scores._state, scores.framework
    layout = state.prepared.layout
    used = set(scores.contributions(score).columns) & set(scores._indicator_names)
    by_depth: dict[int, dict[str, dict[str, float]]] = {}
    for row, column in zip(state.estimates.rows, state.estimates.columns, strict=True):
        name = layout.inputs[column]
        # Codes and ratios cannot be observed at any number.
        if (
            name not in used
            or framework.indicators[scores._indicator_names.index(name)].denominator
        ):
            continue
        if name in {"data_protection_level", "cybercrime_law"} or scores._focal[row]:
            continue
        value = float(scores._equivalent[row, scores._indicator_names.index(name)])
        iso3 = str(scores.data.iso3[row])
        depth = sum(iso3 in cells for cells in by_depth.values())
        by_depth.setdefault(depth, {})[iso3] = {name: value}
    changes = []
    for cells in by_depth.values():
        after = scores.model.score(scores.data.replace(cells)).evaluated
        codes = [code for code in cells if not np.isnan(scores.values.loc[code, score])]
        changes.append((after.loc[codes, score] - scores.evaluated.loc[codes, score]).to_numpy())
    return np.abs(np.concatenate(changes))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("score", "mean", "most"), [("dependency", 0.08, 1.75), ("security", 0.04, 0.25)]
)
def test_a_cell_observed_at_its_estimate_changes_its_score_little(bundled, score, mean, most):
    # The largest changes are digital finance of the Caribbean and Bhutan: it is 0 in most countries, so a small
    # amount that is observed says more than an estimate of that size, and the missing projects follow it.
    change = _observed_at_estimate(bundled, score)
    assert len(change) > 30
    assert change.mean() < mean
    assert change.max() < most


@pytest.mark.parametrize("delta", [None, {"low": 0.9, "high": 1.0}])
def test_cells_with_and_without_delta_are_drawn_from_one_joint_distribution(delta):
    # Two indicators that go together and lack the same countries: so do their draws, the errors of the other two too.
    rng = np.random.default_rng(2)
    common = rng.normal(size=120)
    columns = {name: 50 + 8 * (common + 0.4 * rng.normal(size=120)) for name in "ab"}
    columns["c"] = rng.uniform(0, 100, 120)
    data = pd.DataFrame(columns, index=list(dr.load_data().countries[:120]))
    data.iloc[:10, :2] = np.nan
    own = {"missing": {"method": "regression", "scale": "raw", "delta": delta}}
    fw = framework(
        group("risk", indicator("a"), indicator("b", **own), indicator("c")),
        defaults={"missing": {"method": "regression", "scale": "raw"}},
    )
    model = dr.fit(fw, data)
    scores = model.score(data)
    draws = filled_copies(
        scores._state.prepared, model._imputations, np.random.default_rng(0), 2000
    )
    found = [np.corrcoef(draws[:, row, 0], draws[:, row, 1])[0, 1] for row in range(10)]
    assert min(found) > 0.7
    assert len(model._imputations) == (1 if delta is None else 2)


@pytest.mark.parametrize("method", ["regression", "knn", "hot_deck", "matching"])
def test_a_column_with_delta_is_drawn_where_the_columns_without_are_complete(method):
    rng = np.random.default_rng(2)
    columns = {name: rng.uniform(20, 80, 60) for name in "ab"}
    data = pd.DataFrame(columns, index=list(dr.load_data().countries[:60]))
    data.iloc[:5, 1] = np.nan
    own = {"missing": {"method": method, "delta": {"low": 0.9, "high": 1.0}}}
    fw = framework(
        group("risk", indicator("a"), indicator("b", **own)), defaults={"missing": method}
    )
    factors = {"*.missing": {"method": "imputed"}}
    sd = dr.uncertainty(dr.score(fw, data), draws=64, factors=factors).scores("risk")["sd"]
    assert (sd.iloc[:5] > 0).all()
    assert (sd.iloc[5:] < 1e-9).all()


@pytest.mark.slow
def test_the_score_is_the_mean_of_its_draws(scores):
    draws = filled_copies(
        scores._state.prepared, scores.model._imputations, np.random.default_rng(1), 4000
    )
    headlines = [scores._state.tree.index[name] for name in scores.names]
    means = np.zeros((len(scores.data), len(headlines)))
    errors = np.zeros_like(means)
    from dsr_risk.scoring.kernel import evaluate

    for part in np.array_split(draws, 8):
        x = scores.model._pipeline(part)
        values = np.stack(
            [
                evaluate(
                    scores._state.tree, one, scores._state.weights, scores._state.scorable.has_value
                )[0]
                for one in x
            ]
        )[..., headlines]
        means += values.sum(axis=0)
        errors += np.square(values).sum(axis=0)
    means /= 4000
    spread = np.sqrt(np.maximum(errors / 4000 - means**2, 0) / 4000)
    gap = np.abs(means - scores._state.evaluated[:, headlines])
    known = ~np.isnan(gap)
    single = (np.isnan(scores._state.prepared.denominated) & scores._state.prepared.applicable).sum(
        axis=1
    ) <= 1
    assert (gap <= 5 * spread + 1e-9)[known & single[:, None]].all()
    assert gap[known].max() < 0.6


def test_one_row_is_scored_as_in_the_panel(scores):
    for code in ("BGR", "TKM", "MYS", "KIR", "FRA"):
        alone = scores.model.score(scores.data.select(countries=[code]))
        np.testing.assert_allclose(
            alone._state.evaluated[0],
            scores.evaluated.loc[code, list(scores._state.tree.names)],
            atol=1e-12,
        )


def test_a_saved_model_scores_the_same(scores, tmp_path):
    again = dr.Model.load(scores.model.save(tmp_path / "model.json")).score(scores.data)
    np.testing.assert_array_equal(again._state.evaluated, scores._state.evaluated)


def test_a_selection_keeps_numbers_ranks_and_marks(scores):
    codes = ["PAK", "KEN", "BGR"]
    some = scores.select(countries=codes)
    order = some.data.iso3
    pd.testing.assert_frame_equal(some.rank, scores.rank.loc[order])
    pd.testing.assert_frame_equal(some.values, scores.values.loc[order])
    pd.testing.assert_frame_equal(some.imputed, scores.imputed.loc[order])


def test_min_coverage_never_changes_what_is_evaluated(first):
    fw = edition_one()
    groups = [node.name for node in fw.nodes if isinstance(node, dr.Group)]
    strict = dr.score(fw.replace({f"{name}.min_coverage": 1.0 for name in groups}), first)
    loose = dr.score(fw.replace({f"{name}.min_coverage": 0.0 for name in groups}), first)
    np.testing.assert_array_equal(strict._state.evaluated, loose._state.evaluated)


def test_min_children_decides_whether_a_group_has_a_value():
    inner = group("inner", indicator("b"), indicator("c"), min_children=2)
    fw = framework(group("risk", indicator("a"), inner), defaults={"min_coverage": 0})
    frame = pd.DataFrame(
        {"a": [80.0, 0, 100], "b": [20.0, 0, 100], "c": [np.nan, 0, 100]},
        index=["PAK", "KEN", "GHA"],
    )
    assert dr.score(fw, frame).values.loc["PAK", "risk"] == 80
    assert dr.score(fw.replace({"inner.min_children": 1}), frame).values.loc["PAK", "risk"] == 50


SMALL = pd.DataFrame(
    {
        "iso3": ["PAK", "KEN", "NGA", "GHA", "UGA", "FRA", "DEU", "BRA"],
        "a": [1.0, 2, 3, 4, 5, 6, 7, np.nan],
        "b": [2.0, 1, 4, 3, 6, 5, 8, 7],
        "size": [1.0, 1, 1, 1, 1, 1, 1, 1],
        "gone": [np.nan] * 8,
        "zero": [0.0, 1, 2, 3, 4, 5, 6, 7],
    }
)


@pytest.mark.parametrize(
    ("auxiliary", "said"),
    [
        (["sise"], "did you mean `size`"),
        (["size"], "size is constant"),
        (["gone"], "gone is missing"),
        (["log zero"], "a logarithm needs values above 0"),
        (["log region"], "is a label and has no logarithm"),
    ],
)
def test_an_auxiliary_column_that_cannot_be_used_is_one_clear_error(auxiliary, said):
    fw = framework(
        group("risk", indicator("a"), indicator("b")),
        defaults={"missing": {"method": "regression", "auxiliary": auxiliary}},
    )
    with pytest.raises(dr.DataError, match=said):
        dr.score(fw, SMALL)


def test_a_label_that_is_the_same_everywhere_is_noted():
    fw = framework(
        group("risk", indicator("a"), indicator("b")),
        defaults={"missing": {"method": "regression", "auxiliary": ["region"]}},
    )
    african = SMALL[SMALL["iso3"].isin(["KEN", "NGA", "GHA", "UGA"])][["iso3", "a", "b"]]
    assert any("auxiliary `region`" in note for note in dr.score(fw, african).notes)


@pytest.mark.parametrize(
    ("derived", "said"),
    [
        ({"method": "produkt", "of": ["a", "b"]}, "did you mean `product`"),
        ({"method": "product", "of": ["a", "bb"]}, "names `bb`, which is no indicator .*did you mean `b`"),
        ({"method": "product", "of": ["a", "c"]}, "`derived` is circular: c <- c"),
        ({"method": "product", "of": ["a", "risk"]}, "names the group `risk`"),
    ],
)  # fmt: skip
def test_a_derived_indicator_that_cannot_be_computed_is_one_clear_error(derived, said):
    with pytest.raises(dr.FrameworkError, match=said):
        framework(group("risk", indicator("a"), indicator("b"), indicator("c", derived=derived)))


def test_the_old_key_of_missing_cells_names_the_new_one():
    with pytest.raises(
        dr.FrameworkError, match="`imputation` was renamed in version 0.2: use `missing`"
    ):
        framework(group("risk", indicator("a", imputation="mean")))
    with pytest.raises(dr.UnknownNameError, match="use `missing`"):
        dr.load_framework().replace({"gci.imputation": "mean"})


def test_a_column_known_in_two_units_is_not_estimated_by_a_model_of_spread() -> None:
    few = SMALL.assign(b=SMALL["b"].where(np.arange(len(SMALL)) < 2))
    enough = SMALL.assign(b=SMALL["b"].where(np.arange(len(SMALL)) < 3))
    fw = framework(
        group("risk", indicator("a"), indicator("b")), defaults={"missing": "regression"}
    )
    lone = dr.score(fw, few)
    assert any("`b`: known in fewer than 3 reference units" in note for note in lone.notes)
    assert lone.values["b"].isna().sum() == len(SMALL) - 2
    known = dr.score(fw, enough)
    assert not any("known in fewer" in note for note in known.notes)
    assert known.evaluated["b"].notna().all()


@pytest.mark.parametrize(("bound", "expected"), [("lower", 90.0), ("upper", 40.0)])
def test_the_open_side_of_a_censored_cell_ends_at_the_goalpost(bound: str, expected: float) -> None:
    goalposts = {"method": "goalposts", "low": 0, "high": 100}
    fw = framework(group("risk", indicator("a", normalisation=goalposts)))
    table = pd.DataFrame({"iso3": ["KEN", "PAK"], "indicator": "a", "value": [50.0, np.nan]})
    table[bound] = [np.nan, 80.0]
    scores = dr.score(fw, table)
    assert scores.evaluated.loc["PAK", "a"] == pytest.approx(expected)
    drawn = dr.uncertainty(scores, draws=256, factors={}).scores("a").loc["PAK"]
    assert drawn["sd"] > 5


def test_the_reference_set_is_estimated_once_and_other_data_anew(scores, first):
    model = dr.fit(edition_one(), first)
    again = model.score(first)
    pd.testing.assert_frame_equal(again.values, scores.values)
    assert again._state.estimates is model.score(first)._state.estimates
    copied = pickle.loads(pickle.dumps(model))
    assert copied.score(first)._state.estimates is not again._state.estimates
    pd.testing.assert_frame_equal(copied.score(first).values, again.values, rtol=1e-12)
    one = first.select(countries=["BGR", "DEU"])
    assert model.score(one)._state.estimates is not again._state.estimates
    pd.testing.assert_frame_equal(
        model.score(one).values, again.values.loc[["BGR", "DEU"]], rtol=1e-9
    )


def test_cells_that_a_method_leaves_without_an_estimate_are_noted():
    """No African country has a value: the mean of the region is none, and the siblings share the weight."""
    tree = framework(
        group("s", indicator("a", missing={"method": "mean", "by": "region"}), indicator("b"))
    )
    data = pd.DataFrame(
        {"a": [np.nan, np.nan, 20.0, 40.0], "b": [10.0, 20.0, 30.0, 40.0]},
        index=pd.Index(["KEN", "GHA", "FRA", "POL"], name="iso3"),
    )
    assert dr.score(tree, data).notes == (
        "`mean` has no estimate for missing cells of `a` (2); the siblings share their weight",
    )
    data.loc["KEN", "a"] = 5.0
    assert dr.score(tree, data).notes == ()


CLASSES = pd.DataFrame(
    [
        *[
            ("KEN", "debt", 10.0),
            ("TZA", "debt", 20.0),
            ("FRA", "debt", 40.0),
            ("PAK", "debt", 60.0),
        ],
        *[(code, "gci", 50.0) for code in ("KEN", "TZA", "UGA", "FRA", "DEU", "PAK", "LAO")],
        ("LAO", "debt", None),
    ],
    columns=["iso3", "indicator", "value"],
).assign(lower=[*[None] * 11, 90.0], upper=[*[None] * 11, 95.0])
"""Two values in eastern Africa, one in western Europe and southern Asia; one cell that no donor can fill."""


@pytest.mark.parametrize(
    ("method", "notes"),
    [
        (
            {"method": "hot_deck", "by": "subregion", "least": 2},
            [
                "`hot_deck`: 1 missing cell filled with values of all units, because their class of `subregion` has "
                "fewer than 2 values: `debt` (1)",
                "`hot_deck`: 1 missing cell filled with any value between their bounds, because no donor lies inside "
                "them: `debt` (1)",
            ],
        ),
        ({"method": "hot_deck"}, ["`hot_deck`: 1 missing cell filled with any value"]),
        ({"method": "knn", "overlap": 1}, ["`knn`: 1 missing cell filled with any value"]),
        ({"method": "mean"}, ["`mean`: 1 missing cell filled with any value"]),
    ],
    ids=["class", "all units", "knn", "mean"],
)
def test_score_notes_the_cells_that_a_method_fills_by_another_rule(method, notes):
    fw = framework(group("risk", indicator("debt"), indicator("gci", higher_is="safer")))
    found = dr.score(fw.replace({"defaults.missing": method}), CLASSES).notes
    fallbacks = [note for note in found if " filled with " in note]
    assert [note[: len(start)] for note, start in zip(fallbacks, notes, strict=True)] == notes
