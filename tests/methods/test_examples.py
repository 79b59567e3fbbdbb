"""Every registered method has an example here, so that every law is tested on it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pydantic import TypeAdapter

from dsr_risk.errors import FrameworkError
from dsr_risk.methods import Aggregator, Mean
from dsr_risk.methods._base import Method
from tests.methods.method_cases import EXAMPLES


@pytest.mark.parametrize("family", EXAMPLES, ids=lambda family: family.family)
def test_every_method_of_the_handbook_has_an_example(family: type[Method]) -> None:
    ours = {
        name
        for name, method in family.registry.items()
        if method.__module__.startswith("dsr_risk.methods")
    }
    assert ours == {family.parse(spec).name for spec in EXAMPLES[family]}


@pytest.mark.parametrize("family", EXAMPLES, ids=lambda family: family.family)
def test_a_method_survives_being_written_and_read_again(family: type[Method]) -> None:
    for spec in EXAMPLES[family]:
        method = family.parse(spec)
        again = family.parse(json.loads(json.dumps(method.spec())))
        assert again == method
        assert hash(again) == hash(method)


@pytest.mark.parametrize("family", EXAMPLES, ids=lambda family: family.family)
def test_every_method_names_its_source(family: type[Method]) -> None:
    for spec in EXAMPLES[family]:
        method = type(family.parse(spec))
        assert "References\n" in (method.__doc__ or ""), method.name


@pytest.mark.parametrize("family", EXAMPLES, ids=lambda family: family.family)
def test_the_json_schema_of_a_family_names_every_method(family: type[Method]) -> None:
    schema = json.dumps(TypeAdapter(family).json_schema())
    assert all(f'"const": "{name}"' in schema for name in family.registry)


def test_a_mean_is_asked_for_by_name_and_nothing_else_is_taken() -> None:
    assert Mean.parse("arithmetic").name == "arithmetic"
    with pytest.raises(FrameworkError, match="mean is needed here, received aggregation `minimum`"):
        Mean.parse("minimum")
    assert Aggregator.parse("minimum").name == "minimum"


def test_means_generate_what_they_combine() -> None:
    x, w = np.array([[80.0], [40.0], [60.0]]), np.array([[5.0], [3.0], [2.0]])
    for spec in EXAMPLES[Aggregator]:
        method = Aggregator.parse(spec)
        if isinstance(method, Mean):
            by_hand = method.inverse((w * method.g(x)).sum(axis=0) / w.sum())
            assert method.combine(x, w, np.ones((3, 1), bool)) == pytest.approx(by_hand)
