"""Documents of analyses with a part damaged: scenarios, weights, stakeholders and actions are used or refused."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings, strategies as st

import dsr_risk as dr
from dsr_risk._util.documents import read_document
from tests.helpers import FUZZ, run

pytestmark = pytest.mark.slow
DOCUMENTS: dict[str, list[Any]] = {
    "scenario": [
        {"title": "t", "countries": ["Kenya", "PAK"], "roles": {"capacity": ["gci_2024"]}, "expected": {"security": "down"},
         "levers": [{"lever": "restrict_hrv", "set": ["Huawei"], "scope": "all", "cap": 0, "years": 3}]},
        {"countries": ["KEN"], "cells": {"KEN": {"gci_2024": "+10", "external_debt_gni": "*0.5"}}},
        {"countries": ["Laos"], "levers": [{"lever": "digital_assistance", "uptake": 0.2, "years": 3}]},
    ],
    "weights": [{"kind": "shares", "spread": 0.2, "fixed": ["security"]}, {"kind": "order"},
                {"intervals": {"security": {"lack_of_cyber_capacity": [0.2, 0.5]}}}],
    "stakeholders": [{"a": {"lack_of_cyber_capacity": 0.7}, "b": {"lack_of_cyber_capacity": 0.1}}],
    "actions": [{"gci_2024": {"cost": 1, "limit": 10}}],
}  # fmt: skip
ODD: list[Any] = [
    None, "", 0, -1, 1e308, float("nan"), float("inf"), 10**400, True, [], {}, "x" * 5000, [[]], {"a": {"b": [1]}},
    ["Kenya", "Kenya"], [None], [1, 2, 3], "=1+1", 2**63, "2020-01-01", [{"lever": 1}], {"KEN": None}, {1: 2}, "1e999",
    "*", "-200%", [5, 1], [["Kenya"]],
]  # fmt: skip


@cache
def scores() -> dr.Scores:
    return dr.score().select(countries=["KEN", "PAK", "SRB", "DEU", "POL"])


USES: dict[str, Callable[[Path], object]] = {
    "scenario": lambda path: dr.scenario(scores(), str(path)),
    "weights": lambda path: dr.robustness(scores(), weights=str(path), score="security"),
    "stakeholders": lambda path: dr.stakeholders(scores(), str(path), score="security"),
    "actions": lambda path: dr.pathway(
        scores(), "PAK", 30, score="security", actions=read_document(path, dr.DataError)
    ),
}


def places(part: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return the way to every part of a document but the whole."""
    pairs = (
        part.items()
        if isinstance(part, dict)
        else enumerate(part)
        if isinstance(part, list)
        else ()
    )
    for key, inner in pairs:
        yield (*above, key)
        yield from places(inner, (*above, key))


def damaged(document: Any, place: tuple[Any, ...], how: str, odd: Any) -> Any:
    """Return a copy in which one part is another, gone, or has another name."""
    out = copy.deepcopy(document)
    holder = out
    for key in place[:-1]:
        holder = holder[key]
    if how == "gone":
        del holder[place[-1]]
    elif how == "renamed" and isinstance(holder, dict):
        holder[str(odd)[:40]] = holder.pop(place[-1])
    else:
        holder[place[-1]] = odd
    return out


CASES = [
    (kind, document, place)
    for kind, listed in DOCUMENTS.items()
    for document in listed
    for place in places(document)
]


@settings(
    max_examples=50 * FUZZ,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    case=st.sampled_from(CASES),
    how=st.sampled_from(["odd", "odd", "gone", "renamed"]),
    odd=st.sampled_from(ODD),
)
def test_a_document_with_one_part_damaged_is_used_or_refused_in_short_lines(
    case: tuple[str, Any, tuple[Any, ...]], how: str, odd: Any, tmp_path: Path
) -> None:
    kind, document, place = case
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(damaged(document, place, how, odd)), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            USES[kind](path)
        except dr.DsrRiskError as error:
            lines = str(error).splitlines()
            assert 0 < len(lines) <= 40
            assert len(set(lines)) == len(lines)
            assert max(map(len, lines)) < 1000


@pytest.mark.parametrize(
    ("kind", "document", "said"),
    [
        ("stakeholders", {"a": {"lack_of_cyber_capacity": 10**400}}, "number from 0 to 1e\\+100, received a number of 4"),
        ("stakeholders", {"a": {"lack_of_cyber_capacity": float("inf")}}, "number from 0 to 1e\\+100, received inf"),
        ("scenario", {"levers": [{"lever": "digital_assistance", "years": 10**400}]}, "expected a number, received a number of"),
        ("scenario", {"cells": {"KEN": {"gci_2024": 10**400}}}, "expected a number, or a change"),
        ("scenario", {"roles": {"capacity": [["Kenya"]]}, "cells": {"KEN": {"gci_2024": 5}}}, "`capacity`: expected columns"),
        ("scenario", {"roles": {"capacity": 5}, "cells": {"KEN": {"gci_2024": 5}}}, "`capacity`: expected columns"),
    ],
)  # fmt: skip
def test_a_number_out_of_range_or_a_part_of_another_kind_is_named(
    kind: str, document: Any, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(dr.DsrRiskError, match=said):
        USES[kind](path)


def test_a_damaged_scenario_ends_the_command_with_2_and_one_line(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(f"cells: {{KEN: {{gci_2024: {10**400}}}}}\n")
    done = run("scenario", "mine.yaml", "-o", "t.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "received a number of" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]
