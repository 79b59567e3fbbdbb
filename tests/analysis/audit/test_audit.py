"""The audit: reference values of COINr on ASEM, laws of the statistics, and what each check must see."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays

import dsr_risk as dr
from dsr_risk.analysis.audit.audit import (
    RULES,
    audit,
    correlation_ratio,
    cronbach,
    effective_weights,
    pairwise,
    pca,
    remove_elements,
)
from dsr_risk.errors import NotScorableError, UnknownNameError
from tests.first_edition import first_data, first_framework, first_scores
from tests.folders import REFERENCE, ROOT

GOLDEN = np.array([[1.0, 2, 1], [2, 1, 3], [3, 4, 2], [4, 3, 5], [5, 6, 4]])


def asem(name: str) -> pd.DataFrame:
    frame = pd.read_csv(REFERENCE / f"asem_{name}.csv")
    return frame.set_index("uCode") if "uCode" in frame else frame


def asem_framework() -> dr.Framework:
    """The ASEM tree over indicators already normalised to 0-100."""

    def nest(part: pd.DataFrame, levels: list[str]) -> list[dict]:
        if len(levels) == 1:
            return [{"name": one, "higher_is": "riskier"} for one in part[levels[0]]]
        return [
            {"name": name, "children": nest(below, levels[:-1])}
            for name, below in part.groupby(levels[-1], sort=False)
        ]

    lineage = asem("lineage")
    return dr.Framework(
        name="asem",
        defaults={"normalisation": {"method": "goalposts", "low": 0, "high": 100}},
        scores=nest(lineage, ["Indicator", "Pillar", "Sub-index", "Index"]),
    )


@pytest.fixture(scope="module")
def asem_scores() -> dr.Scores:
    values = asem("norm_minmax_0_100")
    values.index.name = "iso3"
    return dr.score(asem_framework(), values)


def test_cronbach_alpha_is_at_most_one_where_few_rows_are_shared() -> None:
    nan, shared = np.full(30, np.nan), np.tile([0.0, 100.0], 6)
    a = np.concatenate([shared, np.full(30, 50.0), nan])
    b = np.concatenate([shared, nan, np.full(30, 50.0)])
    assert cronbach(np.column_stack([a, b])) == pytest.approx(1.0)


def test_cronbach_alpha_is_that_of_coinr_on_every_group_and_stage_of_asem() -> None:
    lineage, reference = asem("lineage"), asem("cronbach")
    tables = {
        "Raw": asem("raw"),
        "Treated": asem("treated"),
        "Normalised": asem("norm_minmax_0_100"),
        "Aggregated": asem("aggregated"),
    }
    levels = {1: "Indicator", 2: "Pillar", 3: "Sub-index"}
    for row in reference.itertuples():
        members = lineage
        if row.group != "ALL":
            members = lineage[(lineage == row.group).any(axis=1)]
        columns = list(dict.fromkeys(members[levels[row.level]]))
        found = cronbach(tables[row.dset][columns].to_numpy(float))
        assert found == pytest.approx(row.alpha, rel=1e-9), (row.dset, row.group, row.level)
    assert reference["alpha"][0] == pytest.approx(0.2186, abs=5e-5)


def test_effective_weights_are_those_of_coinr_on_asem() -> None:
    reference = asem("effweights").set_index("iCode")["EffWeight"]
    tree = dr.fit(asem_framework(), asem("norm_minmax_0_100").rename_axis("iso3"))._tree
    found = pd.Series(effective_weights(tree.parent, tree.weights), index=list(tree.names))
    pd.testing.assert_series_equal(
        found.sort_index(), reference.sort_index(), check_names=False, rtol=1e-12
    )


def test_removing_pillars_of_asem_shifts_ranks_as_much_as_in_coinr(asem_scores: dr.Scores) -> None:
    expected = {
        "Physical": 1.5294, "ConEcFin": 2.6275, "Political": 2.9020, "Instit": 1.1765,
        "P2P": 1.6863, "Environ": 3.0980, "Social": 3.9608, "SusEcFin": 2.6275,
    }  # fmt: skip
    found = remove_elements(asem_scores)["mean_shift"]
    assert {name: round(found[name], 4) for name in expected} == expected


@pytest.mark.slow
def test_correlations_of_the_asem_index_with_its_sub_indices(asem_scores: dr.Scores) -> None:
    table = audit(asem_scores).detail("importance")
    assert table.loc["Conn", "r"] == pytest.approx(0.9397804653, abs=1e-10)
    assert table.loc["Sust", "r"] == pytest.approx(0.8382873100, abs=1e-10)


def test_alpha_and_first_component_of_a_small_example() -> None:
    assert cronbach(GOLDEN) == pytest.approx(0.8375634518, abs=1e-10)
    loadings = pca(GOLDEN).loadings[:, 0]
    assert loadings == pytest.approx([0.6550345064, 0.5386322093, 0.5299105004], abs=1e-9)


def test_standardised_alpha_does_not_depend_on_units() -> None:
    scaled = GOLDEN * [1.0, 100.0, 0.01] + [0.0, 5.0, -3.0]
    assert cronbach(scaled, standardised=True) == pytest.approx(cronbach(GOLDEN, standardised=True))
    assert cronbach(scaled) != pytest.approx(cronbach(GOLDEN))
    mean_r = pairwise(GOLDEN).r[np.triu_indices(3, 1)].mean()
    assert cronbach(GOLDEN, standardised=True) == pytest.approx(3 * mean_r / (1 + 2 * mean_r))


@pytest.mark.slow
@given(
    arrays(float, (12, 3), elements=st.floats(-1e3, 1e3).map(lambda v: round(v, 3))),
    st.integers(0, 35),
)
def test_pairwise_correlation_is_that_of_numpy_on_the_common_rows(x: np.ndarray, hole: int) -> None:
    x = x.copy()
    x.flat[hole] = np.nan
    found = pairwise(x)
    for a, b in ((0, 1), (1, 2), (0, 2)):
        both = ~np.isnan(x[:, a]) & ~np.isnan(x[:, b])
        one, two = x[both, a], x[both, b]
        assert found.n[a, b] == both.sum()
        if min(one.std(), two.std()) > 1e-3:
            assert found.r[a, b] == pytest.approx(np.corrcoef(one, two)[0, 1], abs=1e-7)


def test_p_values_are_those_of_students_t() -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    x = rng.normal(size=(25, 2)) @ [[1.0, 0.4], [0.0, 1.0]]
    assert pairwise(x).p[0, 1] == pytest.approx(stats.pearsonr(x[:, 0], x[:, 1]).pvalue, rel=1e-9)


def test_main_effects_of_the_ishigami_function_are_the_analytic_ones() -> None:
    u = np.random.default_rng(0).uniform(-np.pi, np.pi, (4000, 3))
    y = np.sin(u[:, 0]) + 7 * np.sin(u[:, 1]) ** 2 + 0.1 * u[:, 2] ** 4 * np.sin(u[:, 0])
    found = [correlation_ratio(column, y) for column in u.T]
    assert found == pytest.approx([0.3139, 0.4424, 0.0], abs=0.03)


def test_the_main_effect_sees_a_relation_that_correlation_does_not() -> None:
    x = np.linspace(-1, 1, 201)
    assert abs(np.corrcoef(x, x**2)[0, 1]) < 1e-12
    assert correlation_ratio(x, x**2) > 0.99


def test_the_main_effect_of_noise_is_small_and_of_a_classified_column_exact() -> None:
    rng = np.random.default_rng(3)
    noise = [correlation_ratio(rng.normal(size=200), rng.normal(size=200)) for _ in range(100)]
    assert np.mean(noise) < 0.03
    x, y = np.repeat([0.0, 1.0, 2.0], 10), rng.normal(size=30)
    means = np.repeat([part.mean() for part in np.split(y, 3)], 10)
    assert correlation_ratio(x, y) == pytest.approx(means.var() / y.var())


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000), st.floats(0.1, 50), st.floats(-100, 100), st.sampled_from([-1.0, 1.0])
)
def test_the_main_effect_is_a_share_that_units_do_not_change(
    seed: int, scale: float, shift: float, sign: float
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=60)
    y = np.sin(2 * x) + rng.normal(size=60)
    share = correlation_ratio(x, y)
    assert 0 <= share <= 1
    assert correlation_ratio(sign * scale * x + shift, scale * y - shift) == pytest.approx(
        share, abs=1e-6
    )


def test_the_main_effect_needs_ten_values_and_some_spread() -> None:
    assert np.isnan(correlation_ratio(np.arange(9.0), np.arange(9.0)))
    assert np.isnan(correlation_ratio(np.ones(20), np.arange(20.0)))
    assert np.isnan(correlation_ratio(np.arange(20.0), np.ones(20)))


# -- what the checks must see -----------------------------------------------------------------------

CODES = first_data().countries[:60]


def frame(**columns: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.Index(CODES, name="iso3"))


def framework(tree: list[dict], **fields: object) -> dr.Framework:
    return dr.Framework(name="test", scores=[{"name": "risk", "children": tree}], **fields)


def indicator(name: str, **fields: object) -> dict:
    return {"name": name, "higher_is": "riskier", **fields}


def base(seed: int = 0) -> tuple[np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(seed)
    return rng.uniform(size=60), rng


def found_in(result: dr.Scores, check: str, verdict: str) -> list[set[str]]:
    return [
        set(one.nodes)
        for one in audit(result).findings
        if one.check == check and one.verdict == verdict
    ]


def test_every_check_reports_for_every_headline_score() -> None:
    found = audit(first_scores()).table()
    for name in ("dependency", "security"):
        assert set(found.loc[found["score"] == name, "check"]) == set(RULES)


def test_findings_carry_their_limit_its_source_and_the_way_out() -> None:
    found = audit(first_scores())
    trouble = found.failed + found.warned
    assert trouble
    for one in trouble:
        rule = RULES[one.check]
        assert one.source == rule.source
        assert one.advice
        assert one.nodes
        assert one.threshold in (rule.warn, rule.fail) or np.isnan(one.threshold)
        if rule.judge(one.figure) != "warn" or not np.isnan(one.figure):
            beyond = (
                one.figure > one.threshold if rule.worse == "above" else one.figure < one.threshold
            )
            assert beyond


def test_a_copied_indicator_is_redundant() -> None:
    x, rng = base()
    data = frame(a=x, b=x + rng.normal(0, 0.01, 60), c=rng.uniform(size=60))
    scores = dr.score(framework([indicator("a"), indicator("b"), indicator("c")]), data)
    assert found_in(scores, "redundant_pair", "fail") == [{"a", "b"}]


def test_an_indicator_turned_the_wrong_way_fails() -> None:
    x, rng = base()
    data = frame(a=x, b=x + rng.normal(0, 0.1, 60), c=1 - x + rng.normal(0, 0.1, 60))
    wrong = dr.score(framework([indicator("a"), indicator("b"), indicator("c")]), data)
    assert {"a", "c"} in found_in(wrong, "negative_pair", "fail")
    assert found_in(wrong, "reversed", "fail") == [{"c"}]
    right = dr.score(
        framework([indicator("a"), indicator("b"), {**indicator("c"), "higher_is": "safer"}]), data
    )
    assert not found_in(right, "negative_pair", "fail")
    assert not found_in(right, "reversed", "fail")


def test_only_means_that_hide_risk_are_warned_of() -> None:
    x, rng = base()
    data = frame(a=x, b=rng.uniform(size=60))
    verdicts = {}
    for mean in ("arithmetic", "geometric", "harmonic", {"method": "power", "p": 2}):
        fw = framework([indicator("a"), indicator("b")], defaults={"aggregation": mean})
        one = next(f for f in audit(dr.score(fw, data)).findings if f.check == "compensation")
        verdicts[str(mean)] = (one.verdict, np.sign(round(one.figure, 9)))
    assert [verdict for verdict, _ in verdicts.values()] == ["pass", "warn", "warn", "pass"]
    assert [sign for _, sign in verdicts.values()] == [0, 1, 1, -1]


def test_one_data_column_used_twice_fails() -> None:
    x, rng = base()
    data = frame(a=x, c=rng.uniform(size=60))
    fw = framework([indicator("a"), indicator("again", column="a"), indicator("c")])
    assert found_in(dr.score(fw, data), "shared_source", "fail") == [{"a", "again"}]


def test_indicators_built_on_one_raw_source_are_named_together() -> None:
    found = found_in(first_scores(), "shared_source", "warn")
    assert {"safeguards_gap", "adoption_x_safeguards_gap"} in found
    assert not any({"gci", "safeguards_gap"} <= nodes for nodes in found)


def test_data_that_name_no_sources_are_not_passed_as_free_of_shared_ones() -> None:
    x, rng = base()
    wide = frame(a=x, b=rng.uniform(size=60))
    long = wide.reset_index().melt(id_vars="iso3", var_name="indicator", value_name="value")
    for data in (wide, long):
        scores = dr.score(framework([indicator("a"), indicator("b")]), data)
        assert found_in(scores, "shared_source", "warn") == [{"risk"}]


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(3, 25),
    st.integers(1, 5),
    st.sampled_from(["arithmetic", "geometric", "harmonic"]),
    st.floats(0, 0.4),
)
def test_any_scores_with_enough_countries_can_be_audited(
    seed: int, n: int, k: int, mean: str, gaps: float
) -> None:
    rng = np.random.default_rng(seed)
    data = frame(**{f"x{i}": rng.integers(0, 4, 60) for i in range(k)}).iloc[:n]
    data = data.mask(rng.uniform(size=data.shape) < gaps)
    indicators = [
        indicator(name, optional=True, weight=float(rng.integers(1, 4))) for name in data.columns
    ]
    defaults = {"aggregation": mean, "normalisation": {"method": "goalposts", "low": 0, "high": 3}}
    fw = framework(
        [*indicators[:-1], {"name": "group", "children": indicators[-1:]}], defaults=defaults
    )
    try:
        scores = dr.score(fw, data)
        found = audit(scores)
    except (dr.DataError, NotScorableError):
        return
    assert {one.check for one in found.findings} == set(RULES)
    assert repr(found)


def test_an_indicator_with_little_spread_is_silent_whatever_its_weight() -> None:
    x, rng = base()
    data = frame(a=100 * x, b=50 + rng.normal(0, 0.5, 60))
    goalposts = {"method": "goalposts", "low": 0, "high": 100}
    fw = framework(
        [indicator("a", weight=0.3), indicator("b", weight=0.7)],
        defaults={"normalisation": goalposts},
    )
    scores = dr.score(fw, data)
    assert {"b"} in found_in(scores, "silent", "warn")
    assert {"a"} in found_in(scores, "dominating", "warn")
    assert found_in(scores, "balance", "fail") == [{"a", "b"}]


@pytest.mark.slow
def test_thin_zero_heavy_and_far_out_columns_are_found() -> None:
    x, rng = base()
    thin = np.where(np.arange(60) < 24, x, np.nan)
    zeros = np.where(np.arange(60) < 50, 0.0, x)
    tail = np.where(np.arange(60) == 7, 1e3, x)
    data = frame(thin=thin, zeros=zeros, tail=tail, x=x, y=rng.uniform(size=60))
    scores = dr.score(framework([indicator(name) for name in data.columns]), data)
    assert found_in(scores, "indicator_availability", "fail") == [{"thin"}]
    assert found_in(scores, "zeros", "warn") == [{"zeros"}]
    assert {"tail"} in found_in(scores, "skewness", "warn")
    assert {"x"} not in found_in(scores, "skewness", "warn")
    assert {"zeros"} in found_in(scores, "saturation", "warn")
    far = next(f for f in audit(scores).warned if f.check == "outliers" and f.nodes == ("tail",))
    assert far.countries == (CODES[7],)


def test_an_indicator_that_belongs_elsewhere_is_found() -> None:
    x, rng = base()
    z = rng.uniform(size=60)
    data = frame(a=x, b=x + rng.normal(0, 0.1, 60), c=z, d=z + rng.normal(0, 0.1, 60), e=z)
    fw = framework(
        [
            {"name": "first", "children": [indicator("a"), indicator("b"), indicator("d")]},
            {"name": "second", "children": [indicator("c"), indicator("e")]},
        ]
    )
    found = found_in(dr.score(fw, data), "own_pillar", "warn")
    assert found == [{"d", "first", "second"}]


@pytest.mark.slow
def test_a_group_of_unlike_things_is_unreliable_and_has_several_dimensions() -> None:
    rng = np.random.default_rng(2)
    data = frame(**{name: rng.uniform(size=60) for name in "abcd"})
    unlike = dr.score(framework([indicator(name) for name in data.columns]), data)
    assert found_in(unlike, "reliability", "warn") + found_in(unlike, "reliability", "fail") == [
        {"risk"}
    ]
    assert found_in(unlike, "dimensions", "warn") == [{"risk"}]
    assert found_in(unlike, "first_component", "warn") == [{"risk"}]
    like = data.add(3 * rng.uniform(size=60), axis=0)
    alike = dr.score(framework([indicator(name) for name in data.columns]), like)
    for check in ("reliability", "dimensions", "first_component"):
        assert found_in(alike, check, "pass") == [{"risk"}]


def test_few_countries_for_many_indicators_fail_and_too_few_raise() -> None:
    rng = np.random.default_rng(0)
    data = frame(**{f"x{i}": rng.uniform(size=60) for i in range(4)}).iloc[:9]
    fw = framework([indicator(name) for name in data.columns])
    assert found_in(dr.score(fw, data), "sample_size", "fail") == [{"risk"}]
    with pytest.raises(NotScorableError, match="2 of 2 countries have a `risk` score.*at least 3"):
        audit(dr.score(fw, data.iloc[:2]))


def test_removal_agrees_with_scoring_a_framework_without_the_indicator() -> None:
    scores = first_scores()
    table = remove_elements(scores, score="security")
    without = dr.score(first_framework().replace({"gci": None}), first_data())
    both = scores.values["security"].notna() & without.evaluated["security"].notna()
    ranks = [
        scored.evaluated.loc[both, "security"].rank(ascending=False, method="min")
        for scored in (scores, without)
    ]
    assert table.loc["gci", "countries"] == both.sum()
    assert table.loc["gci", "mean_shift"] == pytest.approx((ranks[0] - ranks[1]).abs().mean())


def test_the_order_of_countries_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    data = frame(**{name: rng.uniform(size=60) for name in "abcd"})
    data = data.mask(rng.uniform(size=data.shape) < 0.15)
    fw = framework(
        [
            indicator("a"),
            {"name": "group", "children": [indicator("b"), indicator("c")]},
            indicator("d"),
        ]
    )
    keys = ["check", "verdict", "score", "nodes"]
    expected = audit(dr.score(fw, data)).table()[[*keys, "figure"]]
    for turned in (data.iloc[::-1], data.sample(frac=1, random_state=1)):
        table = audit(dr.score(fw, turned)).table()[[*keys, "figure"]]
        pd.testing.assert_frame_equal(
            table.sort_values(keys, ignore_index=True),
            expected.sort_values(keys, ignore_index=True),
            rtol=1e-7,
        )


def test_exit_codes_follow_the_worst_verdict_and_limits_can_be_moved() -> None:
    x, rng = base()
    data = frame(a=x, b=x + rng.normal(0, 0.01, 60))
    scores = dr.score(framework([indicator("a"), indicator("b")]), data)
    found = audit(scores)
    assert found.worst == "fail"
    assert (found.exit_code(), found.exit_code("warn")) == (1, 1)
    calm = audit(scores, limits={"redundant_pair": (None, None)})
    assert "redundant_pair" not in {one.check for one in calm.failed + calm.warned}
    assert calm.exit_code() == 0
    assert calm.exit_code("warn") == 1


def test_unknown_names_are_answered_with_the_nearest() -> None:
    scores = first_scores()
    with pytest.raises(UnknownNameError, match="did you mean `reliability`"):
        audit(scores, limits={"relability": (0.6, None)})
    with pytest.raises(UnknownNameError, match="did you mean `security`"):
        audit(scores, score="secrity")
    found = audit(scores, score="security")
    with pytest.raises(UnknownNameError, match="did you mean `importance`"):
        found.detail("importanse")
    with pytest.raises(UnknownNameError, match="unknown `fail_on` 'bad'"):
        found.exit_code("bad")
    with pytest.raises(UnknownNameError, match="unknown `verdict` 'warned'; did you mean `warn`"):
        found.table("warned")


def test_a_panel_is_audited_for_one_year_the_latest_by_default() -> None:
    x, rng = base()
    parts = [
        frame(a=x, b=rng.uniform(size=60)).assign(year=year).reset_index() for year in (2020, 2021)
    ]
    scores = dr.score(
        framework([indicator("a"), indicator("b")]), pd.concat(parts, ignore_index=True)
    )
    latest = audit(scores).detail("importance")
    pd.testing.assert_frame_equal(latest, audit(scores.select(year=2021)).detail("importance"))
    earlier = audit(scores, year=2020).detail("importance")
    assert not latest.equals(earlier)
    with pytest.raises(UnknownNameError, match="no year 1999"):
        audit(scores, year=1999)


def test_nothing_a_user_holds_is_modified_and_frames_are_copies() -> None:
    scores = first_scores()
    before = scores.values.copy()
    found = audit(scores)
    handed_out = found.detail("importance")
    handed_out["weight"] = -1.0
    assert (found.detail("importance")["weight"] > 0).all()
    pd.testing.assert_frame_equal(scores.values, before)


def test_an_audit_shows_as_text_html_and_markdown() -> None:
    found = audit(first_scores(), score="security")
    assert "Audit of" in repr(found)
    assert "negative_pair" in found.to_markdown()
    assert "<table" in found.to_html()


def test_the_page_on_the_audit_lists_every_check() -> None:
    text = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    listed = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    assert set(RULES) <= listed


def test_balance_leaves_out_what_has_no_main_effect_and_says_so() -> None:
    cells = np.random.default_rng(1).uniform(0, 100, (11, 3))
    cells[2, 1], cells[5] = np.nan, np.nan
    data = pd.DataFrame(cells, index=pd.Index(CODES[:11], name="iso3"), columns=list("abc"))
    goalposts = {"method": "goalposts", "low": 0, "high": 100}
    defaults = {"normalisation": goalposts, "min_coverage": 0.3}
    fw = framework([indicator(name) for name in "abc"], defaults=defaults)
    table = audit(dr.score(fw, data)).table()
    row = table[table["check"] == "balance"].iloc[0]
    assert "nan" not in row["message"]
    assert row["nodes"] == "a, c"
    assert "`a` 98% importance, 50% weight; `c` 2% importance, 50% weight" in row["message"]
    assert "`b` at 33% of the whole weight left out" in row["message"]
