"""Every parameter of every public function with values of the wrong kind: one error of the package."""

from __future__ import annotations

import inspect
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from tests.project.test_package import own_methods

pytestmark = pytest.mark.filterwarnings("error")

VALUES: dict[str, Any] = {
    "5": 5, "nope": "nope", "[]": [], "{}": {}, "True": True, "None": None, "1.5": 1.5, "object": object(),
    "empty text": "", "[5]": [5], "-1": -1, "NaN": float("nan"), "array": np.array([1, 2]), "0": 0, "bytes": b"x",
}  # fmt: skip
CODES = ["PAK", "KEN", "GHA", "TGO", "LAO", "NPL"]
WEIGHTS = {"*.weights": {"method": "spread", "share": 0.25}}
ERRORS = {"*.data": {"method": "standard_error", "relative": 0.1}}
SETS = {"x": {"g": 0.5}, "y": {"h": 0.9}}
CHANGE = {"PAK": {"a": "+10"}}
FRAMEWORK: dict[str, Any] = {
    "name": "mine",
    "scores": [
        {
            "name": "risk",
            "children": [
                {"name": group, "children": [{"name": name, "higher_is": side} for name, side in pairs.items()]}
                for group, pairs in {
                    "g": {"a": "riskier", "b": "safer"}, "h": {"c": "riskier", "d": "riskier"}
                }.items()
            ],
        }
    ],
    "factors": WEIGHTS,
    "presets": {"even": {"g.weight": 2}},
}  # fmt: skip
FRAME = pd.DataFrame(
    np.random.default_rng(0).uniform(5, 95, (6, 4)).round(1), columns=list("abcd")
).assign(iso3=CODES)
PANEL = pd.concat([FRAME.assign(year=y, a=FRAME["a"] + y - 2019) for y in (2019, 2020, 2021)])
DRAWS = np.random.default_rng(0).uniform(size=(100, 2))
SCORES = dr.score(FRAMEWORK, FRAME)
OTHER = dr.score(FRAMEWORK, FRAME.assign(a=FRAME["a"] / 2))
PANEL_DATA = dr.as_data(PANEL, panel=True)
PANEL_SCORES = dr.score(FRAMEWORK, PANEL_DATA)
UNCERTAINTY = dr.uncertainty(SCORES, draws=64, factors=WEIGHTS | ERRORS)

BASE: dict[str, dict[str, Any]] = {
    "as_data": {"source": FRAME},
    "compare": {"before": SCORES, "after": OTHER},
    "data_as_of": {"data": PANEL_DATA, "year": 2020},
    "denomination_hints": {"framework": SCORES, "by": "a"},
    "elasticities": {"framework": SCORES, "country": "PAK"},
    "explain": {"framework": SCORES, "country": "PAK"},
    "fit": {"framework": FRAMEWORK, "data": FRAME},
    "fragility": {"framework": SCORES, "country": "PAK"},
    "load_framework": {"framework": FRAMEWORK},
    "pathway": {"framework": SCORES, "country": "PAK", "target": 20},
    "profile": {"framework": SCORES, "country": "PAK"},
    "read_data": {"path": "x.csv"},
    "replay": {"framework": PANEL_SCORES},
    "report": {"framework": SCORES, "path": "r.html"},
    "reversal": {"framework": SCORES, "country": "PAK", "other": "KEN"},
    "scenario": {"framework": SCORES, "scenario": CHANGE},
    "score": {"framework": FRAMEWORK, "data": FRAME},
    "sensitivity": {"framework": SCORES, "n": 8, "factors": WEIGHTS, "resamples": 10},
    "sensitivity_from_draws": {"x": DRAWS, "y": DRAWS[:, 0], "resamples": 5},
    "stakeholders": {"framework": SCORES, "weights": SETS},
    "starter_table": {"name": "laws"},
    "stress_test": {"framework": SCORES, "scenarios": [CHANGE]},
    "tornado": {"framework": SCORES, "country": "PAK", "factors": WEIGHTS},
    "trends": {"framework": PANEL_SCORES},
    "uncertainty": {"framework": SCORES, "draws": 64, "factors": WEIGHTS},
    "value_of_information": {"framework": SCORES, "country": "PAK", "draws": 64, "factors": ERRORS},
    "workbook": {"framework": SCORES, "path": "w.xlsx"},
    "write_table": {"frame": FRAME, "path": "t.csv"},
}  # fmt: skip
RESULTS: dict[str, Callable[[], object]] = {
    "Scores": lambda: SCORES,
    "Data": lambda: SCORES.data,
    "Framework": lambda: SCORES.framework,
    "Model": lambda: SCORES.model,
    "Uncertainty": lambda: UNCERTAINTY,
    "Sensitivity": lambda: dr.sensitivity(SCORES, n=8, factors=WEIGHTS, resamples=10),
    "Explanation": lambda: dr.explain(SCORES, "PAK"),
    "Comparison": lambda: dr.compare(SCORES, OTHER),
    "Audit": lambda: dr.audit(SCORES),
    "Robustness": lambda: dr.robustness(SCORES),
    "Pathway": lambda: dr.pathway(SCORES, "PAK", 20),
    "ScenarioResult": lambda: dr.scenario(SCORES, CHANGE),
    "StressTest": lambda: dr.stress_test(SCORES, [CHANGE]),
    "Stakeholders": lambda: dr.stakeholders(SCORES, SETS),
    "Profile": lambda: dr.profile(SCORES, "PAK"),
    "Publication": lambda: dr.publish(SCORES),
    "ValueOfInformation": lambda: dr.value_of_information(SCORES, "PAK", draws=64, factors=ERRORS),
}
METHODS: dict[str, dict[str, Any]] = {
    "Data.cell": {"country": "PAK", "indicator": "a"},
    "Data.update": {"table": FRAME},
    "Data.replace": {"changes": {"PAK": {"a": 5}}},
    "Framework.score_of": {"name": "a"},
    "Framework.from_json": {"text": SCORES.framework.to_json()},
    "Framework.from_yaml": {"text": SCORES.framework.to_yaml()},
    "Framework.save": {"path": "f.yaml"},
    "Framework.load": {"path": "g.yaml"},
    "Framework.replace": {"changes": {"risk.label": "x"}},
    "Framework.add": {"parent": "g", "node": {"name": "z", "higher_is": "riskier"}},
    "Framework.drop": {"name": "a"},
    "Framework.preset": {"name": "even"},
    "Model.score": {"data": FRAME},
    "Model.from_json": {"text": SCORES.model.to_json()},
    "Model.save": {"path": "m.json"},
    "Model.load": {"path": "n.json"},
    "Uncertainty.to_parquet": {"path": "d.parquet"},
    "Uncertainty.top": {"k": 2},
    "Sensitivity.errors": {"effect": "first"},
    "Explanation.contributions": {"score": "risk"},
    "Explanation.drivers": {"score": "risk"},
    "Audit.detail": {"name": "indicators"},
    "Robustness.top": {"k": 2},
    "Robustness.undecided": {"country": "PAK"},
    "Robustness.rank_range": {"country": "PAK"},
    "Robustness.weights_at": {"country": "PAK"},
    "Profile.save": {"path": "p.html"},
    "Publication.save": {"path": "p.csv"},
}
NOT_TRIED = {
    "load_data", "bundled_frameworks", "scenarios", "levers",  # without parameters
    "Data.applicable", "Data.bounds", "Data.confidence", "Data.names_of", "Data.unit_of", "Data.evidence_array",
    "Data.evidence_of", "Data.status", "Framework.from_dict", "Publication.band_colour", "Publication.band_ink", "Publication.word",
}  # fmt: skip
"""What takes anything, or names of another result that a table gives."""

NUMBERS = {"0", "-1", "5", "1.5", "[]", "NaN"}
MEANT: dict[str, set[str]] = {
    # A number in the range of the parameter, an empty list or mapping that asks for nothing, or a text
    # of the user's own. Every other value that is accepted fails the test.
    "as_data.missing": {"5", "nope", "[]", "1.5", "empty text", "[5]", "-1", "NaN", "array", "0"},
    "as_data.thousands": {"empty text"}, "as_data.panel": {"True"},
    "read_data.panel": {"True"},
    "audit.limits": {"{}"}, "best_case.min_share": {"0"}, "fragility.top": {"5"},
    "manifest.command": {"nope", "empty text"}, "outranking.min_overlap": {"0"},
    "pathway.target": {"5", "1.5", "0"}, "pathway.actions": {"{}"}, "publish.top": {"5"}, "publish.language": {"{}"}, "publish.every_year": {"True"},
    "report.scenarios": {"[]"}, "robustness.weights": {"{}"}, "scenario.scenario": {"{}"},
    "*.years": {"5", "1.5", "0"}, "*.records": {"{}"}, "screen_data.min_available": {"0"}, "screen_data.min_nonzero": {"0"},
    "sensitivity.n": {"5"}, "*.seed": {"5", "0"}, "*.progress": {"True"}, "sensitivity.groups": {"{}"},
    "sensitivity.correlation": {"{}"}, "*.nodes": {"[]"}, "*.resamples": {"5"}, "trends.per": {"5", "1.5"}, "*.draws": {"5"},
    "uncertainty.factors": {"{}"}, "denomination_hints.threshold": {"0"}, "uncertainty.pairs": {"True"}, "uncertainty.bins": {"5", "0"},
    "uncertainty.precision": {"5", "1.5"}, "uncertainty.checkpoint": {"nope"}, "write_table.manifest": {"{}"},
    "write_table.safe": {"True"}, "*.countries": {"[]"}, "*.region": {"[]"}, "*.income": {"[]"},
    "Scores.table.details": {"True"}, "*.changes": {"{}"}, "Model.score.strict": {"True"}, "*.quantiles": {"[]"},
    "Uncertainty.to_parquet.path": {"nope"}, "*.k": {"5"}, "*.top": {"5"}, "read_data.only": {"{}"},
    "read_data.indicators": {"nope", "[]"}, "as_data.indicators": {"nope", "[]"}, "*.time_limit": {"5", "1.5"}, "*.gap": {"0"},
    "read_data.thousands": {"empty text"}, "read_data.missing": {"5", "nope", "[]", "1.5", "empty text", "[5]", "-1", "NaN", "array", "0"},
}  # fmt: skip
REFUSED = {"scenario.countries", "stress_test.countries", "Uncertainty.blocks.nodes", "Uncertainty.to_parquet.nodes",
           "Uncertainty.to_draws_frame.nodes", "Uncertainty.to_xarray.nodes"}  # fmt: skip
"""Parameters whose list may not be empty though another's of that name may."""


def functions() -> Iterator[str]:
    for name in dr.__all__:
        if inspect.isfunction(getattr(dr, name)) and name not in NOT_TRIED:
            yield name
    for name in RESULTS:
        kind = getattr(dr, name)
        for method in own_methods(kind):
            label = f"{name}.{method}"
            if not method.startswith("plot") and label not in NOT_TRIED:
                yield label


def parameters(function: Callable[..., Any]) -> Iterator[str]:
    """Yield the parameters of a function, and those of its options."""
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is not parameter.VAR_KEYWORD:
            yield name
            continue
        module = sys.modules[function.__module__]
        options = str(parameter.annotation).removeprefix("Unpack[").removesuffix("]")
        yield from getattr(getattr(module, options, None), "__annotations__", {})


def meant(label: str, name: str, value: str) -> bool:
    spot = f"{label}.{name}"
    if value == "None" or name in ("framework", "data"):
        return value in ("None", "{}") or name == "data"
    return value in MEANT.get(spot, ()) or (
        spot not in REFUSED and value in MEANT.get(f"*.{name}", ())
    )


@pytest.mark.slow
@pytest.mark.parametrize("label", list(functions()))
def test_a_value_of_the_wrong_kind_is_one_error_or_means_something(
    label: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    FRAME.to_csv("x.csv", index=False)
    SCORES.framework.save("g.yaml")
    SCORES.model.save("n.json")
    kind, _, method = label.partition(".")
    function = getattr(RESULTS[kind]() if method else dr, method or kind)
    plain = {"framework": SCORES} if "framework" in inspect.signature(function).parameters else {}
    base = METHODS.get(label, {}) if method else BASE.get(label, plain)
    function(**base)
    wrong = []
    for name in parameters(function):
        for word, value in VALUES.items():
            try:
                done = function(**{**base, name: value})
                _ = list(done) if inspect.isgenerator(done) else done
            except dr.DsrRiskError as error:
                assert len(str(error)) < 3000  # noqa: PT017 - one of many
            except Exception as error:  # noqa: BLE001 - the error that must not be
                wrong.append(f"{name}={word}: {type(error).__name__}: {error}")
            else:
                if not meant(label, name, word):
                    wrong.append(f"{name}={word} is accepted")
    assert not wrong


@pytest.mark.parametrize("name", dr.plots.__all__)
@pytest.mark.parametrize("word", ["5", "nope", "True", "1.5", "object", "bytes"])
def test_a_picture_of_what_is_no_result_is_one_error(name: str, word: str) -> None:
    needed = {"countries": CODES, "country": "PAK"}
    plot = getattr(dr.plots, name)
    first, *others = inspect.signature(plot).parameters.values()
    given = {one.name: needed[one.name] for one in others if one.default is one.empty}
    with warnings.catch_warnings(), pytest.raises(dr.DsrRiskError):
        plot(**{first.name: VALUES[word]}, **given)


@pytest.mark.parametrize("kind", [dr.Actions, dr.WeightSet])
@pytest.mark.parametrize("word", [word for word in VALUES if word not in ("[]", "{}")])
def test_options_that_travel_together_are_checked(kind: Any, word: str) -> None:
    accepted = []
    for name in inspect.signature(kind).parameters:
        try:
            kind(**{name: VALUES[word]})
        except dr.DsrRiskError:
            continue
        accepted.append(name)
    assert accepted == []


SAID: dict[str, tuple[Callable[[], object], str]] = {
    "several": (
        lambda: dr.best_case(SCORES, min_share=None, max_share="x", reference=5),  # type: ignore[arg-type]
        "best_case: 3 problems\n"
        "  - `reference` must be Scores or None, received 5\n"
        "  - `min_share` must be a number, received None\n"
        "  - `max_share` must be a number, received 'x'",
    ),
    "inside": (
        lambda: dr.Actions(costs={"a": "x"}),  # type: ignore[dict-item]
        "`costs['a']` must be a number, received 'x'",
    ),
    "one of some": (
        lambda: dr.correlations(SCORES, method="pearsn"),  # type: ignore[arg-type]
        "unknown `method` 'pearsn'; did you mean `pearson` or `spearman`?",
    ),
    "names": (
        lambda: dr.denomination_hints(SCORES, by=5),  # type: ignore[arg-type]
        "`by` must be a name or a list of names or None, received 5",
    ),
    "a country and a year": (
        lambda: dr.explain(SCORES, ("PAK", 2019)),  # type: ignore[call-overload]
        "`country` must be the name or code of one country or None, received ('PAK', 2019)",
    ),
    "a column beside Data": (
        lambda: dr.score(FRAMEWORK, SCORES.data, units="nope"),
        "`units` names the column of identifiers of a table, and these Data are read already (by `iso3`), "
        "received 'nope'; give the table, or leave `units` out",
    ),
    "a snapshot": (
        dr.replay,
        "bundled snapshot: a snapshot, not a panel, and its values of 2011 and before cannot be scored: replay "
        "needs a table with `year`, or the years to replay, as in replay(scores, years=2026)",
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_a_message_says_what_was_received_and_expected(name: str) -> None:
    call, words = SAID[name]
    with pytest.raises(dr.DsrRiskError) as caught:
        call()
    assert str(caught.value) == words
