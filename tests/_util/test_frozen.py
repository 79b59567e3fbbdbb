"""What a call returns stays as it was computed."""

from __future__ import annotations

import copy
import functools
import pickle
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

import dsr_risk as dr
from tests.first_edition import first_data, first_framework, first_scores

CHAINED = {"defaults.treatment": "winsorise", "defaults.missing": "median"}


NAMES = ("framework", "data", "model", "scores", "explanation")


@functools.cache
def results() -> dict[str, Any]:
    scores = dr.score(first_framework().replace(CHAINED), first_data())
    return {
        "framework": scores.framework,
        "data": scores.data,
        "model": scores.model,
        "scores": scores,
        "explanation": dr.explain(scores, "PAK"),
    }


def parts(value: object, seen: set[int]) -> Iterator[object]:
    """Every array and dict that a result holds."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, np.ndarray | dict):
        yield value
    if isinstance(value, Mapping):
        below: Any = list(value.values())
    elif isinstance(value, tuple | list):
        below = value
    elif type(value).__module__.startswith("dsr_risk"):
        below = [one for name, one in vars(value).items() if not name.startswith("_")]
    else:
        return
    for one in below:
        yield from parts(one, seen)


def again(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "made", [lambda one: one, copy.deepcopy, again], ids=["new", "copied", "pickled"]
)
def test_nothing_in_a_result_can_be_written_to(made: Callable[[Any], Any], name: str) -> None:
    assert tuple(results()) == NAMES
    found = list(parts(made(results()[name]), set()))
    assert found
    for one in found:
        if isinstance(one, np.ndarray):
            assert not one.flags.writeable
        else:
            with pytest.raises(TypeError, match="frozen"):
                one["new"] = 1  # type: ignore[index]


def test_the_countries_handed_out_are_a_copy() -> None:
    data = first_data()
    data.iso3[:] = "XXX"
    assert data.iso3[0] != "XXX"


def test_a_pickled_result_says_the_same() -> None:
    scores = first_scores()
    back = again(scores)
    assert back.table().equals(scores.table())
    assert back.framework == scores.framework
    assert back.framework.fingerprint == scores.framework.fingerprint
