"""Every verb takes Scores, or a framework and data in any form that `score` takes."""

from __future__ import annotations

import contextlib
import inspect
import re
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk import factors, methods

FRAMEWORK: dict[str, Any] = {
    "name": "case",
    "scores": [
        {
            "name": "risk",
            "children": [
                {"name": "debt", "higher_is": "riskier"},
                {"name": "gci", "higher_is": "safer"},
                {"name": "imports", "higher_is": "riskier"},
            ],
        }
    ],
}
COUNTRIES = ["KEN", "PAK", "LAO", "AUT", "BRA", "EST"]


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "iso3": COUNTRIES,
            "debt": [10.0, 30.0, 80.0, 55.0, 20.0, 41.0],
            "gci": [50.0, 40.0, 20.0, 70.0, 95.0, 60.0],
            "imports": [3.0, 1.0, 8.0, 7.0, 2.0, 5.5],
            "population": [50.0, 240.0, 7.0, 9.0, 210.0, 1.3],
        }
    )


def panel() -> pd.DataFrame:
    years = [frame().assign(year=2019 + step) for step in range(3)]
    for step, part in enumerate(years):
        part["debt"] += step * part["imports"]
    return pd.concat(years, ignore_index=True)


def table_of(result: Any) -> pd.DataFrame:
    """Return what a verb computed as a frame, without what names the source of the data."""
    frame = result if isinstance(result, pd.DataFrame) else result.table()
    return frame.drop(columns=["sources", "source"], errors="ignore")


def written(verb: Any, *given: Any) -> pd.DataFrame:
    """Return a file of a verb that writes one, as text, without what names the source of the data."""
    with tempfile.TemporaryDirectory() as folder:
        path = verb(*given, Path(folder) / f"out.{'xlsx' if verb is dr.workbook else 'html'}")
        if verb is dr.workbook:
            cells = pd.read_excel(path, sheet_name="Scores", header=None, engine="openpyxl")
            return cells.astype(str)
        text = path.read_text(encoding="utf-8")
        return pd.DataFrame(
            {"title": re.findall("<title>.*</title>", text), "countries": text.count("PAK")}
        )


FEW = {"factors": {"*.weights": {"method": "spread", "share": 0.2}}}
WEIGHTS = {"lenders": {"debt": 0.8}}

VERBS: dict[str, Callable[..., Any]] = {
    "score": dr.score,
    "audit": dr.audit,
    "best_case": dr.best_case,
    "denomination_hints": lambda *given: dr.denomination_hints(*given, threshold=0.0),
    "outranking": dr.outranking,
    "crosswalk": dr.crosswalk,
    "correlations": dr.correlations,
    "screen_data": dr.screen_data,
    "compare": lambda *given: dr.compare(given if len(given) == 2 else given[0], dr.score(FRAMEWORK, frame())),
    "explain": lambda *given: dr.explain(*given, country="PAK"),
    "uncertainty": lambda *given: dr.uncertainty(*given, draws=16, **FEW),
    "sensitivity": lambda *given: dr.sensitivity(*given, n=8, resamples=2, **FEW),
    "tornado": lambda *given: dr.tornado(*given, country="PAK", **FEW),
    "value_of_information": lambda *given: dr.value_of_information(*given, country="PAK", draws=20),
    "leave_one_out": dr.leave_one_out,
    "weight_swings": dr.weight_swings,
    "robustness": dr.robustness,
    "reversals": dr.reversals,
    "reversal": lambda *given: dr.reversal(*given, "PAK", "KEN"),
    "fragility": lambda *given: dr.fragility(*given, "PAK"),
    "elasticities": lambda *given: dr.elasticities(*given, "PAK"),
    "pathway": lambda *given: dr.pathway(*given, "LAO", {"rank": 3}),
    "scenario": lambda *given: dr.scenario(*given, {"KEN": {"gci": "+1"}}),
    "stakeholders": lambda *given: dr.stakeholders(*given, WEIGHTS),
    "publish": lambda *given: dr.publish(*given).frame(),
    "profile": lambda *given: dr.profile(*given, "PAK"),
    "manifest": lambda *given: pd.DataFrame([dr.manifest(*given)["framework"]]),
    "citation": lambda *given: pd.DataFrame([dr.citation(*given, form="bibtex").partition("note")[0]]),
    "workbook": lambda *given: written(dr.workbook, *given),
    "report": lambda *given: written(dr.report, *given),
}  # fmt: skip
BUNDLED = VERBS | {
    "pathway": lambda *given: dr.pathway(*given, "PAK", {"rank": 100}, score="security"),
    "scenario": lambda *given: dr.scenario(*given, {"KEN": {"gci_2024": "+1"}}),
    "stakeholders": lambda *given: dr.stakeholders(*given, {"lenders": {"debt_exposure": 0.8}}),
}
"""The same verbs with names of the bundled framework."""
SCORELESS = ("score", "compare")
PANEL_VERBS: dict[str, Callable[..., Any]] = {"replay": dr.replay, "trends": dr.trends}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    fw, data = tmp_path / "fw.yaml", tmp_path / "data.csv"
    dr.load_framework(FRAMEWORK).save(fw)
    frame().to_csv(data, index=False)
    return fw, data


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_verb_takes_a_mapping_a_frame_paths_and_scores(verb: str, files: tuple[Path, Path]) -> None:
    call = VERBS[verb]
    fw, data = dr.load_framework(FRAMEWORK), dr.as_data(frame())
    expected = table_of(call(fw, data))
    forms = [(FRAMEWORK, frame()), files, (str(files[0]), str(files[1])), (fw, frame())]
    if verb != "score":
        forms.append((dr.score(fw, data),))  # type: ignore[arg-type]
    for form in forms:
        pd.testing.assert_frame_equal(table_of(call(*form)), expected)


@pytest.mark.slow
@pytest.mark.parametrize("verb", [name for name in VERBS if name not in SCORELESS])
def test_verb_takes_a_bundled_name(verb: str, bundled: dr.Scores) -> None:
    call = BUNDLED[verb]
    pd.testing.assert_frame_equal(table_of(call("dsr", None)), table_of(call(bundled)))


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["audit", "best_case", "outranking", "screen_data"])
def test_verb_defaults_to_the_bundled_framework_and_data(verb: str, bundled: dr.Scores) -> None:
    pd.testing.assert_frame_equal(table_of(VERBS[verb]()), table_of(VERBS[verb](bundled)))


def test_every_public_function_of_scores_is_called_in_every_form() -> None:
    """Verbs that take Scores or a framework are in one of the tables above."""
    apart = {"fit", "stress_test"}
    taken = {
        name
        for name in dr.__all__
        if inspect.isfunction(getattr(dr, name))
        and "Spec" in str(inspect.signature(getattr(dr, name)))
    }
    assert taken - apart == set(VERBS) | set(PANEL_VERBS)


@pytest.mark.parametrize("verb", PANEL_VERBS)
def test_panel_verb_takes_a_mapping_a_frame_and_scores(verb: str, tmp_path: Path) -> None:
    call = PANEL_VERBS[verb]
    expected = table_of(call(FRAMEWORK, panel()))
    path = tmp_path / "panel.csv"
    panel().to_csv(path, index=False)
    for form in [(dr.load_framework(FRAMEWORK), path), (dr.score(FRAMEWORK, panel()),)]:
        pd.testing.assert_frame_equal(table_of(call(*form)), expected)


@pytest.mark.parametrize(
    "verb",
    [
        pytest.param(name, marks=pytest.mark.slow if name in ("report", "workbook") else ())
        for name in VERBS
        if name != "compare"
    ],
)
def test_verb_names_the_order_when_framework_and_data_are_swapped(verb: str) -> None:
    with pytest.raises(dr.DataError, match=r"the order is \(framework, data\)"):
        VERBS[verb](frame(), dr.load_framework(FRAMEWORK))


@pytest.mark.parametrize(
    "verb",
    [
        pytest.param(name, marks=pytest.mark.slow if name in ("report", "workbook") else ())
        for name in VERBS
        if name not in SCORELESS
    ],
)
def test_verb_refuses_data_beside_scores(verb: str) -> None:
    with pytest.raises(dr.DataError, match="received Scores and `data`"):
        VERBS[verb](dr.score(FRAMEWORK, frame()), frame())


SUBJECTS = [
    "reversal",
    "pathway",
    "elasticities",
    "fragility",
    "stakeholders",
    "scenario",
    "stress_test",
]


@pytest.mark.parametrize("verb", SUBJECTS)
def test_verb_without_its_subject_names_it_and_the_order(verb: str) -> None:
    scores = dr.score(FRAMEWORK, frame())
    with pytest.raises(dr.DataError, match=rf"{verb} needs `.*{verb}\(framework, data, "):
        getattr(dr, verb)(scores)


@pytest.mark.parametrize(
    "verb", ["explain", "tornado", "value_of_information", "profile", "elasticities", "fragility"]
)
def test_a_country_in_the_place_of_data_is_answered_with_the_order(verb: str) -> None:
    order = rf"{verb}\(scores, country\) or {verb}\(framework, data, country\)"
    with pytest.raises(dr.DsrRiskError, match=order):
        getattr(dr, verb)("dsr", "PAK")


def test_subject_given_twice_is_refused() -> None:
    with pytest.raises(
        dr.DataError, match="takes \\(country\\) after Scores, received 'PAK' before 'KEN'"
    ):
        dr.elasticities(dr.score(FRAMEWORK, frame()), "PAK", "KEN")


def test_subject_by_keyword_is_the_same_as_by_position() -> None:
    scores = dr.score(FRAMEWORK, frame())
    expected = table_of(dr.pathway(scores, "LAO", {"rank": 3}))
    for found in (
        dr.pathway(scores, "LAO", target={"rank": 3}),
        dr.pathway(scores, country="LAO", target={"rank": 3}),
        dr.pathway(FRAMEWORK, frame(), "LAO", target={"rank": 3}),
    ):
        pd.testing.assert_frame_equal(table_of(found), expected)


RESULTS = [
    "explain", "audit", "outranking", "reversal", "pathway", "value_of_information", "robustness",
    "uncertainty", "sensitivity", "scenario", "compare", "fragility", "stakeholders",
]  # fmt: skip


@pytest.mark.parametrize("verb", RESULTS)
def test_result_has_a_table_a_plot_html_and_notes(verb: str) -> None:
    result = VERBS[verb](FRAMEWORK, frame())
    assert isinstance(result.table(), pd.DataFrame)
    assert callable(result.plot)
    assert "<table" in result._repr_html_()
    assert all(isinstance(note, str) and note for note in result.notes)


def handed_out(result: Any) -> dict[str, Callable[[], Any]]:
    """Return what a result gives by its fields, properties and methods that need no argument."""
    out: dict[str, Callable[[], Any]] = {}
    for name in dir(type(result)) + list(getattr(result, "__dataclass_fields__", {})):
        member = inspect.getattr_static(type(result), name, None)
        if name.startswith("_") or name in ("explore", "plot", "rank_sets"):
            continue
        if not inspect.isfunction(member):
            out[name] = lambda name=name: getattr(result, name)
        elif all(
            part.default is not part.empty or part.kind is part.VAR_KEYWORD
            for part in list(inspect.signature(member).parameters.values())[1:]
        ):
            out[name] = lambda name=name: getattr(result, name)()
    return out


def changed(given: Any) -> None:
    """Change a frame, an array or a mapping as far as it allows."""
    with contextlib.suppress(TypeError, ValueError):
        if isinstance(given, pd.DataFrame):
            given.iloc[:, 0] = None
        elif isinstance(given, pd.Series | np.ndarray):
            given[:] = 0
        elif isinstance(given, dict):
            given["changed"] = True


@pytest.mark.parametrize("verb", ["score", *RESULTS])
def test_nothing_that_a_result_hands_out_changes_it(verb: str) -> None:
    result = VERBS[verb](FRAMEWORK, frame())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas about the type of what is written
        for name, get in handed_out(result).items():
            given = get()
            if isinstance(given, pd.DataFrame | pd.Series | np.ndarray | dict):
                before = repr(given)
                changed(given)
                assert repr(get()) == before, name


def test_notes_of_years_and_of_scenarios_name_them() -> None:
    gaps = panel()
    gaps.loc[gaps["iso3"] == "PAK", "debt"] = None
    replayed = dr.replay({**FRAMEWORK, "defaults": {"missing": "knn"}}, gaps)
    assert replayed.notes
    assert all(note.startswith(("2019: ", "2020: ", "2021: ")) for note in replayed.notes)
    plans = [{"title": "Reform", "cells": {"KEN": {"gci": "+1"}, "PAK": {"debt": "+1"}}}]
    stressed = dr.stress_test(FRAMEWORK, frame(), plans)
    (result,) = stressed.results
    assert stressed.notes == tuple(f"{result.scenario.name}: {note}" for note in result.notes)


def test_notes_say_what_limits_a_result() -> None:
    gaps = frame()
    gaps.loc[gaps["iso3"] == "PAK", "debt"] = None
    scores = dr.score(FRAMEWORK, gaps)
    assert "debt" in dr.explain(scores, "PAK", against="KEN").notes[0]
    audit = dr.audit(scores)
    assert audit.notes == tuple(
        finding.message for finding in audit.findings if finding.verdict != "pass"
    )
    assert dr.value_of_information(scores, "PAK", draws=20).notes[-1].endswith("20 draws, seed 0")
    unmoved = dr.reversal(FRAMEWORK, frame(), "LAO", "KEN")
    assert unmoved.notes == (
        f"No change of effective indicator weights makes them swap: {unmoved.reason}",
    )


@pytest.mark.parametrize(("old", "new"), dr.RENAMED.items())
def test_old_name_raises_an_error_that_names_the_new_one(old: str, new: str) -> None:
    with pytest.raises(AttributeError, match=f"`dsr_risk.{old}` was renamed"):
        getattr(dr, old)
    assert hasattr(dr, new.partition(".")[0])


def test_old_option_raises_an_error_that_names_the_new_one() -> None:
    with pytest.raises(TypeError, match="`least` was renamed in version 0.2.0; use `min_share`"):
        dr.best_case(FRAMEWORK, frame(), least=0.1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="drivers: `count` was renamed in version 0.2.0; use `top`"):
        dr.explain(dr.score(), "PAK").drivers("dependency", count=2)
    with pytest.raises(TypeError, match="`alpha` was renamed in version 0.2.0"):
        dr.trends(panel(), alpha=0.05)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("verb", "option", "meant"),
    [
        ("uncertainty", "pair", "pairs"),
        ("sensitivity", "resample", "resamples"),
        ("tornado", "confidence", "confidence_level"),
        ("value_of_information", "confidence", "confidence_level"),
    ],
)
def test_a_mistyped_option_is_answered_with_the_nearest(verb: str, option: str, meant: str) -> None:
    given = ["MYS"] if verb == "value_of_information" else []
    with pytest.raises(TypeError, match=rf"{verb}\(\) has no option `{option}`.*`{meant}`"):
        getattr(dr, verb)(dr.load_framework(), dr.load_data(), *given, **{option: 1})


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [(module, *names) for module in (factors, methods) for names in module.RENAMED.items()],
)
def test_old_name_in_a_module_raises_an_error_that_names_the_new_one(
    module: Any, old: str, new: str | None
) -> None:
    said = f"was renamed.*`{new}`" if new else "is internal"
    with pytest.raises(AttributeError, match=f"`{module.__name__}.{old}` {said}"):
        getattr(module, old)
    assert new is None or hasattr(module, new)


OLD_WORDS: list[tuple[Callable[..., Any], str, str]] = [
    *((getattr(dr, verb), "scores", "framework") for verb in ("audit", "explain", "leave_one_out", "outranking")),
    (dr.trends, "source", "framework"),
    (dr.Sensitivity.table, "level", "confidence_level"),
    (dr.Sensitivity.tidy, "level", "confidence_level"),
    *((getattr(dr.Uncertainty, name), "name", "score") for name in ("acceptability", "bands", "riskier", "top")),
    *((getattr(dr.Uncertainty, name), "level", "confidence_level") for name in ("table", "groups", "rank_sets")),
    (dr.Uncertainty.sample, "name", "node"),
    (dr.records.shrunk_rates, "confidence", "confidence_level"),
    (dr.Model.from_json, "path", "Model.load(path)"),
    (dr.Model.to_json, "path", "Model.save(path)"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "old", "new"), OLD_WORDS)
def test_old_word_of_an_argument_raises_an_error_that_names_the_new_one(
    function: Callable[..., Any], old: str, new: str
) -> None:
    with pytest.raises(dr.ArgumentError, match=rf"`{old}` .*version 0.2.0; use `{re.escape(new)}`"):
        function(**{old: 0.9})


def test_path_given_to_the_json_of_a_model_names_the_method_that_saves() -> None:
    with pytest.raises(dr.ArgumentError, match=r"use `Model.save\(path\)`"):
        dr.fit(FRAMEWORK, frame()).to_json("model.json")  # type: ignore[call-arg]


@pytest.mark.parametrize("name", ["design", "ledger", "tally", "job"])
def test_array_of_an_uncertainty_analysis_is_said_to_be_internal(name: str) -> None:
    with pytest.raises(AttributeError, match=f"`{name}` is internal since version 0.2.0"):
        getattr(VERBS["uncertainty"](FRAMEWORK, frame()), name)


def test_too_many_arguments_without_a_name_list_every_option() -> None:
    with pytest.raises(dr.ArgumentError, match="give by name: `draws`, `seed`, .*`checkpoint`$"):
        dr.uncertainty(FRAMEWORK, frame(), 512)  # type: ignore[call-arg]


def test_unknown_option_is_answered_with_those_of_the_signature_too() -> None:
    with pytest.raises(dr.ArgumentError, match="has no option `n`; known: `draws`, `seed`"):
        dr.uncertainty(FRAMEWORK, frame(), n=512)  # type: ignore[call-arg]
