"""The transformers in scikit-learn: its own checks, pipelines, searches, and no leakage."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr

pytest.importorskip("sklearn")
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import estimator_checks_generator

from dsr_risk.sklearn import CHECKS_NOT_PASSED, IndicatorNormaliser, RiskScorer

OWN: dict[str, Any] = {
    "name": "own",
    "scores": [
        {
            "name": "dependency",
            "aggregation": {"method": "power", "p": 2},
            "children": [
                {"name": "debt", "higher_is": "riskier"},
                {"name": "reserves", "higher_is": "safer"},
            ],
        }
    ],
}


def frame(n: int = 60) -> pd.DataFrame:
    x = np.random.default_rng(4).uniform(0, 100, (n, 2))
    return pd.DataFrame(x, columns=["debt", "reserves"], index=[f"u{i}" for i in range(n)])


def _cases() -> list[Any]:
    return [
        pytest.param(estimator, check, id=f"{type(estimator).__name__}-{number}")
        for estimator in (RiskScorer(), IndicatorNormaliser())
        for number, (_, check) in enumerate(estimator_checks_generator(estimator))
    ]


@pytest.mark.parametrize(("estimator", "check"), _cases())
@pytest.mark.filterwarnings("ignore")
def test_checks_of_scikit_learn(estimator: Any, check: Any) -> None:
    name = getattr(check, "func", check).__name__
    reason = CHECKS_NOT_PASSED[type(estimator).__name__].get(name)
    if reason:
        pytest.xfail(reason)
    check(estimator)


def test_scorer_scores_as_the_model() -> None:
    x = frame()
    scorer = RiskScorer(OWN).fit(x)
    expected = dr.score(OWN, x, units="any").values["dependency"].to_numpy()
    np.testing.assert_array_equal(scorer.transform(x)[:, 0], expected)
    np.testing.assert_array_equal(scorer.transform(x.iloc[[3]])[0, 0], expected[3])
    mixed = x.assign(note="text")[["note", "reserves", "debt"]]
    np.testing.assert_array_equal(RiskScorer(OWN).fit(mixed).transform(mixed)[:, 0], expected)
    every = RiskScorer(OWN, level="all").fit(x)
    assert list(every.get_feature_names_out()) == ["dependency", "debt", "reserves"]


def test_a_fold_is_scored_without_looking_at_the_other() -> None:
    x = frame()
    other = x.copy()
    for train, test in KFold(3).split(x):
        other = x.copy()
        other.iloc[test] = 1e6
        first, second = (RiskScorer(OWN).fit(one.iloc[train]) for one in (x, other))
        np.testing.assert_array_equal(first.transform(x.iloc[test]), second.transform(x.iloc[test]))
        one, two = (IndicatorNormaliser().fit(part.iloc[train]) for part in (x, other))
        np.testing.assert_array_equal(one.transform(x.iloc[test]), two.transform(x.iloc[test]))


def test_grid_search_finds_the_power_of_the_truth() -> None:
    x = frame(200)
    truth = RiskScorer(OWN).set_params(dependency__aggregation__p=4).fit(x).transform(x)[:, 0]
    search = GridSearchCV(
        make_pipeline(RiskScorer(OWN), LinearRegression()),
        {"riskscorer__dependency__aggregation__p": [1, 2, 4, 8]},
        cv=3,
    ).fit(x, truth)
    assert search.best_params_ == {"riskscorer__dependency__aggregation__p": 4}


def test_set_params_of_the_bundled_framework() -> None:
    scorer = RiskScorer("dsr").set_params(dependency__aggregation__p=3, security__weight=2)
    group = dr.load_framework(scorer.framework or OWN)["dependency"]
    assert isinstance(group, dr.Group)
    assert getattr(group.aggregation, "p", None) == 3
    again = clone(scorer)
    assert again.get_params()["dependency__aggregation__p"] == 3
    assert RiskScorer("dsr").get_params()["dependency__aggregation__p"] == 1
    with pytest.raises(ValueError, match="dependncy"):
        RiskScorer("dsr").set_params(dependncy__aggregation__p=3)
    with pytest.raises(ValueError, match="no parameter `a__b`"):
        RiskScorer().set_params(a__b=3)


def test_column_transformer_and_set_output() -> None:
    x = frame().assign(size=1.0)
    both = ColumnTransformer(
        [
            ("risk", RiskScorer(OWN), ["debt", "reserves"]),
            ("norm", IndicatorNormaliser(higher_is="safer"), ["reserves"]),
        ],
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    out = both.fit_transform(x)
    assert list(out.columns) == ["dependency", "reserves"]
    assert list(out.index) == list(x.index)
    assert out["reserves"].to_numpy() == pytest.approx(
        100 * (x["reserves"].max() - x["reserves"]) / np.ptp(x["reserves"])
    )


def test_missing_values_are_allowed() -> None:
    x = frame()
    x.iloc[0, 0] = np.nan
    found = RiskScorer({**OWN, "defaults": {"min_coverage": 0.4}}).fit(x).transform(x)
    assert np.isfinite(found[0, 0])
    assert np.isnan(IndicatorNormaliser().fit(x).transform(x)[0, 0])


@pytest.mark.parametrize("kind", [RiskScorer, IndicatorNormaliser])
def test_transformers_pickle_and_refuse(kind: Any) -> None:
    x = frame()
    with pytest.raises(NotFittedError):
        kind().transform(x)
    with pytest.raises(TypeError, match=f"{kind.__name__}.fit does not take `sample_weight`"):
        kind().fit(x, sample_weight=np.ones(len(x)))
    fitted = kind().fit(x)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.transform(x), fitted.transform(x))
    assert repr(kind()) == f"{kind.__name__}()"


def test_scorer_bad_columns() -> None:
    x = frame()
    with pytest.raises(
        dr.DataError, match="X lacks 1 of the 2 columns of framework `own`: reserves"
    ):
        RiskScorer(OWN).fit(x.rename(columns={"reserves": "reservs"}))
    with pytest.raises(dr.DataError, match="must have 2 columns, in this order: debt, reserves"):
        RiskScorer(OWN).fit(np.ones((4, 3)) * np.arange(4)[:, None])
    with pytest.raises(ValueError, match="unknown `level` 'scor'; did you mean `score`"):
        RiskScorer(OWN, level="scor").fit(x)  # type: ignore[arg-type]


def test_errors_name_columns_of_frames_and_one_cause() -> None:
    x = frame().assign(reserves=2.0)
    for estimator in (IndicatorNormaliser(), RiskScorer()):
        with pytest.raises(dr.DataError, match="indicator `reserves` is constant"):
            estimator.fit(x)
    with pytest.raises(dr.DataError, match="indicator `x1` is constant"):
        IndicatorNormaliser().fit(x.rename(columns={"reserves": "reserves in %"}))
    with pytest.raises(dr.UnknownNameError, match="unknown `higher_is` 'worse'"):
        IndicatorNormaliser(higher_is="worse").fit(x)  # type: ignore[arg-type]


@pytest.mark.slow
def test_without_scikit_learn_the_extra_is_named() -> None:
    code = "import sys; sys.modules['sklearn'] = None\nimport dsr_risk\nimport dsr_risk.sklearn"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MissingExtraError: dsr_risk.sklearn needs scikit-learn" in done.stderr
    assert "dsr-risk[sklearn]" in done.stderr
