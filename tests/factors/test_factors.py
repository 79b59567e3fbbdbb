"""Factors: what they draw, and what is refused before anything runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import qmc

import dsr_risk as dr
from dsr_risk.errors import DataError, FrameworkError, UnknownNameError
from dsr_risk.factors import (
    Confidence,
    Dirichlet,
    Factor,
    Intervals,
    Misclassified,
    Order,
    Spread,
    Stakeholders,
    StandardError,
    Triangular,
    UnderReported,
)
from dsr_risk.factors._base import choose
from dsr_risk.factors.errors_in_data import Cells
from dsr_risk.montecarlo import compile_design
from tests.first_edition import first_framework
from tests.montecarlo.montecarlo_cases import CODES, made_data, made_framework


def unit(dimension: int, power: int = 14) -> np.ndarray:
    return qmc.Sobol(dimension, seed=1).random_base2(power).T


def test_dirichlet_weights_have_the_moments_of_their_distribution() -> None:
    given = np.array([4.0, 3.0, 2.0, 1.0])
    drawn = Dirichlet(concentration=15).draw(unit(4), given, ())
    share = drawn / drawn.sum(axis=0)
    mean = given / given.sum()
    np.testing.assert_allclose(share.mean(axis=1), mean, atol=2e-4)
    variance = mean * (1 - mean) / 16
    np.testing.assert_allclose(share.var(axis=1), variance, rtol=0.01)
    covariance = -mean[0] * mean[1] / 16
    assert abs(np.cov(share)[0, 1] / covariance - 1) < 0.03


def test_a_child_of_weight_0_keeps_it_under_dirichlet_and_spread() -> None:
    given = np.array([1.0, 0.0, 2.0])
    for factor in (Dirichlet(concentration=5), Spread(share=0.5)):
        assert (factor.draw(unit(3, 4), given, ())[1] == 0).all()


def test_interval_weights_respect_every_interval_and_add_up_to_one() -> None:
    factor = Intervals(shares={"a": (0.1, 0.5), "b": (0.3, 0.4), "c": (0.0, 0.4)})
    drawn = factor.draw(unit(3), np.ones(3), ("c", "a", "b"))
    np.testing.assert_allclose(drawn.sum(axis=0), 1, atol=1e-12)
    for row, name in enumerate(("c", "a", "b")):
        low, high = factor.shares[name]
        assert drawn[row].min() >= low - 1e-12
        assert drawn[row].max() <= high + 1e-12
    assert drawn.std(axis=1).min() > 0.01


def test_ordered_weights_are_uniform_over_the_weights_that_respect_the_order() -> None:
    drawn = Order(order=["b", "a", "c"]).draw(unit(3), np.ones(3), ("a", "b", "c"))
    share = drawn / drawn.sum(axis=0)
    assert (share[1] >= share[0]).all()
    assert (share[0] >= share[2]).all()
    # Means of ordered uniform weights: (1/1 + 1/2 + 1/3) / 3, (1/2 + 1/3) / 3, 1/9 (rank-order centroids).
    np.testing.assert_allclose(share.mean(axis=1), [5 / 18, 11 / 18, 2 / 18], atol=2e-3)


def test_stakeholders_come_with_their_probabilities_or_mixed() -> None:
    sets = {"ministry": {"a": 3, "b": 1}, "ngo": {"a": 1, "b": 1}}
    one = Stakeholders(sets=sets, probabilities=(0.25, 0.75))
    drawn = one.draw(unit(1), np.ones(2), ("a", "b"))
    assert set(np.round(drawn[0], 6)) == {0.75, 0.5}
    assert abs((drawn[0] == 0.75).mean() - 0.25) < 1e-3
    mixed = Stakeholders(sets=sets, mix=True).draw(unit(2), np.ones(2), ("a", "b"))
    assert 0.5 <= mixed[0].min() < 0.51 < 0.74 < mixed[0].max() <= 0.75


def test_options_come_with_their_probabilities() -> None:
    picked = choose(unit(1)[0], (0.5, 0.2, 0.3), 3)
    np.testing.assert_allclose(np.bincount(picked) / len(picked), [0.5, 0.2, 0.3], atol=1e-3)
    assert set(choose(np.array([0.0, 0.999999999]), None, 4)) == {0, 3}


def test_triangular_numbers_have_their_mean() -> None:
    drawn = Triangular(low=1, high=7, mode=2).draw(unit(1)[0], 0.0)
    assert abs(drawn.mean() - 10 / 3) < 1e-3
    assert 1 <= drawn.min() < drawn.max() <= 7


def made_cells(**parts: Any) -> Cells:
    values = np.array([[10.0, 20.0, np.nan, 40.0, 50.0]])
    known: dict[str, Any] = {
        "names": ("x",),
        "values": values,
        "std_error": np.full(values.shape, np.nan),
        "low": np.full(values.shape, np.nan),
        "high": np.full(values.shape, np.nan),
        "grade": np.array([[3, 2, 0, 1, 0]]),
        "source": np.array([[0, 0, 1, 1, 1]]),
        "length": np.array([40.0]),
        "ordinal": (None,),
        "within": np.array([[-np.inf, np.inf]]),
        "age": np.zeros((1, 5)),
        "denominator": (None,),
    }
    return Cells(**{**known, **parts})


def drawn_by(factor: Any, cells: Cells, draws: int = 40_000) -> np.ndarray:
    noise = factor.noise(np.random.default_rng(0), draws, cells)
    return factor.perturb(cells.values[None], noise, cells)[:, 0]


def test_standard_errors_are_as_stated_relative_or_absolute() -> None:
    stated = made_cells(std_error=np.array([[1.0, 2.0, np.nan, np.nan, 0.0]]))
    np.testing.assert_allclose(
        drawn_by(StandardError(), stated).std(axis=0)[[0, 1]], [1, 2], rtol=0.02
    )
    assert drawn_by(StandardError(), stated)[:, [3, 4]].std() == pytest.approx(5)
    spread = drawn_by(StandardError(relative=0.1), made_cells()).std(axis=0)
    np.testing.assert_allclose(spread[[0, 1, 3, 4]], [1, 2, 4, 5], rtol=0.02)
    np.testing.assert_allclose(
        drawn_by(StandardError(absolute=3), made_cells()).std(axis=0)[[0, 4]], 3, rtol=0.02
    )


def test_errors_of_one_source_are_correlated_and_of_two_are_not() -> None:
    drawn = drawn_by(StandardError(absolute=1, correlation=0.6), made_cells())
    found = np.corrcoef(drawn[:, [0, 1, 3, 4]].T)
    assert abs(found[0, 1] - 0.6) < 0.02
    assert abs(found[2, 3] - 0.6) < 0.02
    assert abs(found[0, 2]) < 0.02


def test_triangular_errors_follow_the_confidence_grade() -> None:
    drawn = drawn_by(Confidence(high=0.01, medium=0.1, low=0.5, unstated=0.2), made_cells())
    half = np.array([0.1, 2.0, 20.0, 10.0])
    np.testing.assert_allclose(drawn.std(axis=0)[[0, 1, 3, 4]], half / np.sqrt(6), rtol=0.02)
    wide = drawn_by(Confidence(high=0.5, medium=0, low=0, of="range"), made_cells())
    assert abs(np.abs(wide[:, 0] - 10).max() - 20) < 0.5


def test_codes_are_taken_for_a_neighbour_with_their_probability() -> None:
    cells = made_cells(values=np.array([[1.0, 2.0, 4.0, np.nan, 1.0]]), ordinal=((1.0, 2.0, 4.0),))
    drawn = drawn_by(Misclassified(probability=0.3), cells)
    assert abs((drawn[:, 0] != 1).mean() - 0.3) < 0.01
    assert set(drawn[:, 0]) == {1.0, 2.0}
    assert abs((drawn[:, 1] == 4).mean() - 0.15) < 0.01
    far = drawn_by(Misclassified(probability=0.3, to="any"), cells)
    assert abs((far[:, 0] == 4).mean() - 0.15) < 0.01
    assert np.isnan(drawn[:, 3]).all()


def test_under_reported_counts_only_grow() -> None:
    drawn = drawn_by(UnderReported(low=0.5), made_cells())
    assert drawn[:, 0].min() >= 10
    assert 19.9 < drawn[:, 0].max() <= 20


def test_missing_cells_take_values_of_their_peers_and_never_one_fill() -> None:
    framework, data = made_framework(), made_data(missing=0.3)
    factors = {"*.missing": {"method": "peers", "by": "none"}}
    design = compile_design(framework, data, factors)
    values = design.evaluate_block(np.empty((200, 0)), nodes=["i0"])[:, :, 0]
    nominal = design.nominal.values["i0"].to_numpy()
    gap = np.isnan(nominal)
    assert gap.any()
    np.testing.assert_allclose(values[:, ~gap], np.broadcast_to(nominal[~gap], (200, (~gap).sum())))
    assert np.isin(values[:, gap].round(9), nominal[~gap].round(9)).all()
    assert (values[:, gap].std(axis=0) > 1).all()


def test_missing_cells_can_be_drawn_from_the_imputation_model() -> None:
    framework = made_framework().replace({"defaults.missing": "matching"})
    design = compile_design(framework, made_data(missing=0.2), {"*.missing": {"method": "imputed"}})
    values = design.evaluate_block(np.empty((30, 0)), nodes=["i0"])[:, :, 0]
    gap = np.isnan(design.nominal._state.cells.denominated[:, 0])
    assert (values[:, gap].std(axis=0) > 0).all()
    assert values[:, ~gap].std(axis=0).max() < 1e-9


def test_a_focal_country_stays_unscored_and_a_cell_that_does_not_apply_stays_empty(
    fw: dr.Framework, data: dr.Data, scores: dr.Scores
) -> None:
    found = dr.uncertainty(fw, data, draws=64)
    for name in scores.names:
        table, mean = found.table(name), found.scores(name)["mean"]
        # What is not printed is drawn all the same, but for the focal country and its parts.
        assert mean[scores._focal].isna().all()
        assert mean[scores.values[name].notna()].notna().all()
        hidden = table.index[table[name].isna()]
        assert len(hidden)
        assert (
            table.loc[hidden, [f"{name}_low", f"{name}_high", f"{name}_rank"]].isna().all(axis=None)
        )
    applies = scores._state.scorable.applicable[:, : scores._state.tree.n_indicators]
    drawn = found.scores("focal_digital_projects")["scored"].to_numpy()
    place = scores._state.tree.index["focal_digital_projects"]
    assert (drawn[~applies[:, place]] == 0).all()


BAD_FACTORS: list[tuple[dict[str, Any], str]] = [
    ({"dependancy.weights": {"method": "spread", "share": 0.2}}, "did you mean `dependency`"),
    ({"gci.weights": {"method": "spread", "share": 0.2}}, "is an indicator"),
    ({"dependency.weights": {"method": "spred", "share": 0.2}}, "did you mean `spread`"),
    ({"absent.data": {"method": "standard_error", "relative": 0.1}}, "no node `absent`"),
    ({"gci.data": {"method": "standard_error", "relative": -0.1}}, "greater than or equal to 0"),
    ({"gci.data": {"method": "standard_error"}}, "no cell states a standard error"),
    ({"gci.data": {"method": "misclassified", "probability": 0.1}}, "`ordinal` codes"),
    ({"gci.data": {"method": "uniform", "share": 0.1}}, "takes a factor of data"),
    ({"gci.normalisation.p": {"method": "uniform", "low": 1, "high": 2}}, "has no number `p`"),
    ({"gci.wait": {"method": "uniform", "low": 1, "high": 2}}, "expected a number of a method"),
    ({"x": {"method": "choice", "sets": {"a": "nope"}}}, "no preset `nope`"),
    (
        {"focal": {"method": "choice", "options": ["CHN", "USA"], "probabilities": [0.5, 0.4]}},
        "must add up to 1, received 0.9",
    ),
    (
        {"security.aggregation": {"method": "choice", "options": ["arithmetic", "geometrical"]}},
        "factor `security.aggregation`, option geometrical",
    ),
    ({"security.weights": {"method": "order", "order": ["surveillance"]}}, "names no value for"),
    ({"*.missing": {"method": "imputed"}}, "no model of missing cells is set"),
    (
        {
            "*.aggregation": {"method": "choice", "options": ["as_written", "geometric"]},
            "security.aggregation": {"method": "choice", "options": ["as_written", "harmonic"]},
        },
        "both change `security.aggregation`",
    ),
    (
        {
            "*.weights": {"method": "spread", "share": 0.2},
            "security.weights": {"method": "dirichlet", "concentration": 9},
        },
        "both vary the weights",
    ),
]


@pytest.mark.parametrize(("factors", "words"), BAD_FACTORS, ids=[words for _, words in BAD_FACTORS])
def test_a_factor_that_breaks_a_rule_is_refused_by_name(
    fw: dr.Framework, data: dr.Data, factors: dict[str, Any], words: str
) -> None:
    with pytest.raises(FrameworkError) as found:
        dr.uncertainty(fw, data, draws=8, factors=factors)
    assert words in str(found.value)
    assert next(iter(factors)) in str(found.value)


def test_a_negative_standard_error_in_the_data_is_refused_by_indicator() -> None:
    frame = made_data().values.stack().rename("value").reset_index()
    frame.columns = ["iso3", "indicator", "value"]
    frame["std_error"] = 1.0
    frame.loc[3, "std_error"] = -2.0
    try:
        data = dr.as_data(frame)
    except DataError as refused:
        assert "std_error" in str(refused)
        return
    with pytest.raises(FrameworkError, match="standard error is negative"):
        dr.uncertainty(
            made_framework(), data, draws=8, factors={"*.data": {"method": "standard_error"}}
        )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"draws": 0}, "`draws` must be a whole number from 1 to 100,000,000, received 0"),
        (
            {"draws": "many"},
            "`draws` must be a whole number, received 'many'",
        ),
        ({"draws": 2.5}, "received 2.5"),
        ({"draws": True}, "received True"),
        ({"seed": -1}, "`seed` must be"),
        ({"bins": -1}, "`bins` must be"),
        ({"precision": -1}, "`precision` must be a number of points above 0, received -1"),
        ({"sampling": "halton"}, "unknown `sampling` 'halton'"),
        ({"executor": 2}, "concurrent.futures.Executor"),
    ],
)
def test_bad_arguments_are_refused_with_the_value(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(dr.DsrRiskError) as found:
        dr.uncertainty(made_framework(), made_data(), **{"draws": 8, "factors": {}, **arguments})
    assert words in str(found.value)


def test_unknown_names_of_results_say_what_is_known() -> None:
    found = dr.uncertainty(made_framework(), made_data(), draws=8, factors={})
    for ask in (found.scores, found.ranks, found.acceptability, found.riskier):
        with pytest.raises(UnknownNameError, match="did you mean"):
            ask("rsk")
    with pytest.raises(UnknownNameError):
        dr.uncertainty(made_framework(), made_data(), draws=8, factors={}, nodes=["p9"])


def test_too_many_combinations_are_refused() -> None:
    options = {"method": "choice", "options": ["minmax", "zscore"]}
    factors = {f"i{indicator}.normalisation": options for indicator in range(12)}
    with pytest.raises(FrameworkError, match="8,192"):
        dr.uncertainty(
            made_framework(indicators=13), made_data(indicators=13), draws=8,
            factors={**factors, "i12.normalisation": options},
        )  # fmt: skip


def test_every_kind_of_factor_survives_a_file_and_names_itself(tmp_path: Any) -> None:
    assert len(CODES) > 150
    framework = first_framework()
    assert framework.factors
    again = dr.load_framework(framework.save(tmp_path / "fw.yaml"))
    assert again == framework
    assert all(isinstance(one, Factor) for one in again.factors.values())


def test_factors_on_nodes_that_are_dropped_go_with_them() -> None:
    framework = first_framework().replace(
        {"factors": {"gci.data": {"method": "standard_error", "relative": 0.1}}}
    )
    assert dict(framework.replace({"gci": None}).factors) == {}
    assert "dependency.aggregation" in dr.load_framework(preset="focal_neutral").factors


def test_a_code_that_another_error_has_moved_is_taken_for_the_nearest_one() -> None:
    cells = made_cells(
        values=np.array([[0.0, 1.0, 2.0, 3.0, 1.0]]), ordinal=((0.0, 1.0, 2.0, 3.0),)
    )
    factor = Misclassified(probability=0)
    moved = cells.values + np.array([[0.1, 0.3, -0.3, -0.1, -0.2]])
    noise = factor.noise(np.random.default_rng(0), 50, cells)
    drawn = factor.perturb(moved[None], noise, cells)
    np.testing.assert_array_equal(drawn, np.broadcast_to(cells.values, drawn.shape))


def full_data(framework: dr.Framework) -> pd.DataFrame:
    """Long data made up for every indicator of the full framework, inside what is plausible."""
    rng = np.random.default_rng(0)
    rows = []
    for indicator in framework.indicators:
        low, high = indicator.plausible or (0, 20)
        for code in CODES[:40]:
            if indicator.optional and rng.random() < 0.2:
                continue
            value = (
                rng.choice(indicator.ordinal)
                if indicator.ordinal
                else rng.uniform(low, min(high, 50))
            )
            rows.append((code, indicator.data_column, float(value), rng.choice(["high", "low"])))
    return pd.DataFrame(rows, columns=["iso3", "indicator", "value", "confidence"])


@pytest.mark.slow
def test_the_full_framework_ships_factors_of_every_kind_that_run(full: dr.Framework) -> None:
    assert {one.kind for one in full.factors.values()} == {
        "weights", "choice", "parameter", "data", "missing",
    }  # fmt: skip
    data = full_data(full)
    found = dr.uncertainty(full, data, draws=256)
    assert int(found.failed.sum()) == 0
    for name in found.names:
        spread = found.scores(name)
        assert (spread["sd"][spread["value"].notna()] > 0).all()
    alone = {name: full.factors[name] for name in ("*.data", "policy_codes")}
    run = dr.uncertainty(full, data, draws=256, factors=alone)
    codes = run.sample("vendor_restriction_policy")
    steps = np.array([0, 100 / 3, 200 / 3, 100])
    scores = run.as_written
    place = scores._state.tree.index["vendor_restriction_policy"]
    known = codes[:, ~np.isnan(codes).any(axis=0) & ~scores._state.cells.estimated[:, place]]
    assert np.abs(known[..., None] - steps).min(axis=-1).max() < 1e-9
    assert 0.05 < (known != np.median(known, axis=0)).mean() < 0.15


def test_factors_that_are_no_mapping_are_refused_with_the_type(
    fw: dr.Framework, data: dr.Data
) -> None:
    for analysis in (dr.uncertainty, dr.sensitivity):
        with pytest.raises(dr.DataError, match="`factors` must be a mapping or None, received"):
            analysis(fw, data, factors=["*.weights"])  # type: ignore[arg-type]


def test_bounds_and_errors_are_divided_by_the_denominator_where_values_are_0_or_censored() -> None:
    rows: list[tuple[object, ...]] = [
        (code, "x", value, 1.0, None, None)
        for code, value in zip(CODES[:6], range(0, 60, 10), strict=True)
    ]
    rows += [(code, "people", 10.0, None, None, None) for code in CODES[:7]]
    rows += [(CODES[6], "x", None, None, 10.0, 30.0)]
    rows += [(code, "y", float(row), None, None, None) for row, code in enumerate(CODES[:7])]
    columns = ["iso3", "indicator", "value", "std_error", "lower", "upper"]
    framework = dr.Framework(
        name="divided",
        defaults={
            "normalisation": {"method": "goalposts", "low": 0, "high": 10},
            "min_coverage": 0,
        },
        scores=[
            {
                "name": "risk",
                "children": [
                    {"name": "x", "higher_is": "riskier", "denominator": "people"},
                    {"name": "y", "higher_is": "riskier"},
                ],
            }
        ],
    )
    data = pd.DataFrame(rows, columns=columns)
    within = dr.uncertainty(framework, data, draws=4000, factors={"x.data": "interval"}).scores("x")
    assert within.loc[CODES[6], "q05"] == pytest.approx(11, abs=0.5)
    assert within.loc[CODES[6], "q95"] == pytest.approx(29, abs=0.5)
    errors = dr.uncertainty(framework, data, draws=4000, factors={"x.data": "standard_error"})
    assert errors.scores("x").loc[CODES[1], "sd"] == pytest.approx(1, rel=0.05)
    # Half of a normal error of 1 point about 0, cut at 0.
    assert errors.scores("x").loc[CODES[0], "mean"] == pytest.approx(0.3989, rel=0.05)


@pytest.mark.slow
def test_the_half_life_of_incidents_varies_by_a_column_for_each_one() -> None:
    rng = np.random.default_rng(1)
    events = pd.DataFrame(
        [(code, int(year)) for code in CODES[:8] for year in rng.integers(2012, 2025, 6)],
        columns=["iso3", "year"],
    )
    parts = []
    for years in (1, 2, 4):
        found = dr.records.incident_rate(
            events,
            dict.fromkeys(CODES[:8], 1e7),
            columns={"severity": None, "claim": None},
            weighing={"half_life": years},
            as_of=2024,
        )
        found = found[found["indicator"] == "incident_rate"][["iso3", "indicator", "value"]]
        parts.append(found.assign(indicator=f"rate_{years}y"))
    framework = dr.Framework(
        name="incidents",
        scores=[
            {
                "name": "risk",
                "children": [{"name": "rate", "column": "rate_2y", "higher_is": "riskier"}],
            }
        ],
        context=[{"name": f"rate_{years}y", "higher_is": "riskier"} for years in (1, 4)],
        factors={
            "rate.column": {
                "method": "choice",
                "options": ["rate_1y", "as_written", "rate_4y"],
                "probabilities": [0.25, 0.5, 0.25],
            }
        },
    )
    data = pd.concat(parts)
    found = dr.uncertainty(framework, data, draws=512)
    sample = found.sample()
    for option, share in (("rate_1y", 0.25), ("rate_2y", 0.5), ("rate_4y", 0.25)):
        score = dr.score(framework.replace({"rate.column": option}), data).values["risk"]
        same = np.isclose(sample, score.to_numpy()).all(axis=1)
        assert same.mean() == pytest.approx(share, abs=0.01)
    effects = dr.sensitivity(framework, data, n=64, resamples=4).table()
    assert effects.loc["rate.column", "total"] == pytest.approx(1, abs=0.05)


def test_dirichlet_weights_of_any_concentration_are_weights() -> None:
    given = np.array([1.0, 2.0, 1.0])
    for concentration in (1e-2, 1e-3, 1e-9):
        drawn = Dirichlet(concentration=concentration).draw(unit(3, 10), given, ())
        share = drawn / drawn.sum(axis=0)
        assert np.isfinite(share).all()
        # Each child takes nearly all of the weight, as often as its share says.
        np.testing.assert_allclose(share.mean(axis=1), given / 4, atol=0.02)


@pytest.mark.parametrize("share", [0.5, 10])
def test_goalposts_that_can_cross_are_refused(share: float) -> None:
    factors = {"*.goalposts": {"method": "uniform", "share": share}}
    with pytest.raises(FrameworkError, match=rf"share` below 0.5, received {share:g}"):
        dr.uncertainty(made_framework(), made_data(8), draws=8, factors=factors)
