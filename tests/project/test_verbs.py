"""Every verb takes Scores, or a framework and data in any form that `score` takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import dsr_risk as dr

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
    """Return what a verb computed as a frame."""
    return result if isinstance(result, pd.DataFrame) else result.table()


VERBS: dict[str, Callable[..., Any]] = {
    "score": dr.score,
    "audit": dr.audit,
    "best_case": dr.best_case,
    "denomination_hints": lambda *given: dr.denomination_hints(*given, threshold=0.0),
    "outranking": dr.outranking,
    "screen_data": dr.screen_data,
    "compare": lambda *given: dr.compare(given if len(given) == 2 else given[0], dr.score(FRAMEWORK, frame())),
    "explain": lambda *given: dr.explain(*given, "PAK"),
}  # fmt: skip
PANEL_VERBS: dict[str, Callable[..., Any]] = {"replay": dr.replay, "trends": dr.trends}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    fw, data = tmp_path / "fw.yaml", tmp_path / "data.csv"
    dr.load_framework(FRAMEWORK).save(fw)
    frame().to_csv(data, index=False)
    return fw, data


@pytest.mark.parametrize("verb", VERBS)
def test_verb_takes_a_mapping_a_frame_paths_and_scores(verb: str, files: tuple[Path, Path]) -> None:
    call = VERBS[verb]
    fw, data = dr.load_framework(FRAMEWORK), dr.as_data(frame())
    expected = table_of(call(fw, data))
    forms = [(FRAMEWORK, frame()), files, (str(files[0]), str(files[1])), (fw, frame())]
    if verb != "score":
        forms.append((dr.score(fw, data),))  # type: ignore[arg-type]
    for form in forms:
        pd.testing.assert_frame_equal(
            table_of(call(*form)).drop(columns=["sources", "source"], errors="ignore"),
            expected.drop(columns=["sources", "source"], errors="ignore"),
        )


@pytest.mark.parametrize("verb", ["audit", "best_case", "outranking", "screen_data"])
def test_verb_takes_a_bundled_name_and_defaults_to_it(verb: str) -> None:
    call = VERBS[verb]
    pd.testing.assert_frame_equal(table_of(call("dsr")), table_of(call()))


@pytest.mark.parametrize("verb", PANEL_VERBS)
def test_panel_verb_takes_a_mapping_a_frame_and_scores(verb: str, tmp_path: Path) -> None:
    call = PANEL_VERBS[verb]
    expected = table_of(call(FRAMEWORK, panel()))
    path = tmp_path / "panel.csv"
    panel().to_csv(path, index=False)
    for form in [(dr.load_framework(FRAMEWORK), path), (dr.score(FRAMEWORK, panel()),)]:
        pd.testing.assert_frame_equal(table_of(call(*form)), expected)


@pytest.mark.parametrize("verb", [name for name in VERBS if name != "compare"])
def test_verb_names_the_order_when_framework_and_data_are_swapped(verb: str) -> None:
    with pytest.raises(dr.DataError, match=r"the order is \(framework, data\)"):
        VERBS[verb](frame(), dr.load_framework(FRAMEWORK))


@pytest.mark.parametrize("verb", [name for name in VERBS if name not in ("score", "compare")])
def test_verb_refuses_data_beside_scores(verb: str) -> None:
    with pytest.raises(dr.DataError, match="received Scores and `data`"):
        VERBS[verb](dr.score(FRAMEWORK, frame()), frame())


@pytest.mark.parametrize(("old", "new"), dr.RENAMED.items())
def test_old_name_raises_an_error_that_names_the_new_one(old: str, new: str) -> None:
    with pytest.raises(AttributeError, match=f"`dsr_risk.{old}` was renamed"):
        getattr(dr, old)
    assert hasattr(dr, new.partition(".")[0])


def test_old_option_raises_an_error_that_names_the_new_one() -> None:
    with pytest.raises(TypeError, match="`least` was renamed in version 0.2.0; use `min_share`"):
        dr.best_case(FRAMEWORK, frame(), least=0.1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="`alpha` was renamed in version 0.2.0"):
        dr.trends(panel(), alpha=0.05)  # type: ignore[call-arg]
