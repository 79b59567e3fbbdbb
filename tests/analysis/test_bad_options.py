"""Options of the wrong kind: one error of the package, and nothing that is given is ignored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.errors import DataError, FrameworkError, UnknownNameError

WEIGHTS = {"*.weights": {"method": "spread", "share": 0.25}}


@pytest.fixture(scope="module")
def b(bundled: dr.Scores) -> dr.Scores:
    return bundled


@pytest.fixture(scope="module")
def units() -> dr.Scores:
    children = [{"name": name, "higher_is": "riskier"} for name in "ac"]
    frame = pd.DataFrame({"a": [1, 2, 3.0], "c": [3, 1, 2.0]}, index=[12, 13, 14])
    return dr.score(
        {"name": "m", "units": "any", "scores": [{"name": "risk", "children": children}]}, frame
    )


@pytest.mark.slow
@pytest.mark.parametrize("value", ["x", None, [1, 2], True, np.inf, {"a": 1}])
def test_replace_takes_finite_numbers_or_nan_alone(b: dr.Scores, value: Any) -> None:
    with pytest.raises(DataError, match=r"PAK, `gci_2024`: .* is no finite number"):
        b.data.replace({"PAK": {"gci_2024": value}})
    assert np.isnan(b.data.replace({"PAK": {"gci_2024": np.nan}}).values.at["PAK", "gci_2024"])


@pytest.mark.parametrize("changes", [{"PAK": 5}, [1], "PAK", None])
def test_replace_takes_a_mapping_alone(b: dr.Scores, changes: Any) -> None:
    with pytest.raises(DataError, match="must be a mapping such as"):
        b.data.replace(changes)


def test_replace_names_every_cell_that_is_no_number(b: dr.Scores) -> None:
    with pytest.raises(DataError) as caught:
        b.data.replace({"PAK": {"gci_2024": "x", "ncsi_2026": None}})  # type: ignore[dict-item]
    assert len(caught.value.problems) == 2


def test_select_takes_one_identifier_that_is_a_number(units: dr.Scores) -> None:
    assert units.select(countries=12).data.units.tolist() == [12]
    with pytest.raises(DataError, match="`countries` must be a name or a list of names"):
        units.select(countries=True)


SCORE: list[Callable[..., object]] = [
    lambda s, **k: s.contributions(**k),
    lambda s, **k: dr.explain(s, "PAK", **k),
    lambda s, **k: dr.tornado(s, "PAK", factors=WEIGHTS, **k),
    lambda s, **k: dr.value_of_information(s, "PAK", draws=64, **k),
    dr.robustness,
    lambda s, **k: dr.pathway(s, "PAK", 40, **k),
]


@pytest.mark.parametrize("call", SCORE)
@pytest.mark.parametrize("score", [np.array([1, 2]), 5, ["dependency"], "dependancy"])
def test_a_headline_score_is_named_by_one_text(
    b: dr.Scores, call: Callable[..., object], score: Any
) -> None:
    with pytest.raises(UnknownNameError, match="score"):
        call(b, score=score)


CALLS: dict[str, tuple[type[Exception], str, Callable[[dr.Scores, dr.Scores], object]]] = {
    "audit limits text": (DataError, "`limits` must be", lambda b, u: dr.audit(b, limits="nope")),  # type: ignore[arg-type]
    "audit limits 0": (DataError, "`limits` must be", lambda b, u: dr.audit(b, limits=0)),  # type: ignore[arg-type]
    "audit limit": (DataError, "two numbers", lambda b, u: dr.audit(b, limits={"outliers": []})),  # type: ignore[dict-item]
    "compare years": (DataError, "`years` must be two", lambda b, u: dr.compare(b, b, years="nope")),  # type: ignore[arg-type]
    "compare labels": (DataError, "`labels` must be two", lambda b, u: dr.compare(b, b, labels="ab c")),  # type: ignore[arg-type]
    "stakeholders elsewhere": (
        DataError, "do not lie below `dependency`",
        lambda b, u: dr.stakeholders(b, {"x": {"lack_of_cyber_capacity": 0.5}}),
    ),
    "tornado year": (DataError, "`year` must be a whole number or None", lambda b, u: dr.tornado(u, 13, factors=WEIGHTS, year="nope")),  # type: ignore[call-overload]
    "information year": (UnknownNameError, "in 1999", lambda b, u: dr.value_of_information(b, "PAK", draws=64, year=1999)),
    "pairs": (DataError, "`pairs` must be True or False", lambda b, u: dr.uncertainty(u, draws=8, factors={}, pairs="nope")),  # type: ignore[arg-type]
    "cells and countries": (
        DataError, "leave out `countries`",
        lambda b, u: dr.scenario(b, {"PAK": {"gci_2024": "+10"}}, countries="KEN"),
    ),
    "node list": (UnknownNameError, "no node", lambda b, u: b.framework[[]]),  # type: ignore[index]
    "level list": (DataError, "`level` must be", lambda b, u: b.table([])),  # type: ignore[arg-type]
    "model path": (DataError, "path of a file", lambda b, u: dr.Model.load(None)),  # type: ignore[arg-type]
    "context": (FrameworkError, "context", lambda b, u: b.framework.replace({"context": 5})),
    "scores": (FrameworkError, "scores", lambda b, u: b.framework.replace({"scores": None})),
    "context text": (FrameworkError, "context", lambda b, u: b.framework.replace({"context": "nope"})),
    "path": (DataError, "path of a file", lambda b, u: dr.read_data(5)),  # type: ignore[arg-type]
    "no path": (DataError, "path of a file", lambda b, u: dr.score(b.framework, "")),
    "no such data": (DataError, "no such file", lambda b, u: dr.score(b.framework, "nope")),
    "no framework": (FrameworkError, "is empty; known: `dsr`", lambda b, u: dr.load_framework("")),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_an_option_of_the_wrong_kind_is_one_error(
    name: str, b: dr.Scores, units: dr.Scores
) -> None:
    error, words, call = CALLS[name]
    with pytest.raises(error, match=words):
        call(b, units)


def test_a_cell_outside_its_plausible_range_is_noted(b: dr.Scores) -> None:
    found = dr.scenario(b, {"PAK": {"gci_2024": 500}})
    assert any("500 is outside the plausible range; 100 is used" in note for note in found.notes)
