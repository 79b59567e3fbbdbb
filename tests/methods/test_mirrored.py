"""Mirrored means, the product of children and geometric means on a scale that starts at 0."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.errors import FrameworkError
from dsr_risk.methods import Mean, Mirrored
from tests.helpers import framework, group, indicator

PLAIN = {"method": "geometric", "offset": 0}
TURNED = {"method": "mirrored", "of": PLAIN}


def scores(aggregation: object, a: float, b: float) -> dr.Scores:
    goalposts = {"method": "goalposts", "low": 0, "high": 100}
    indicators = [
        {"name": name, "higher_is": "riskier", "normalisation": goalposts} for name in ("a", "b")
    ]
    risk = {"name": "risk", "aggregation": aggregation, "children": indicators}
    framework = dr.Framework.from_dict({"name": "made", "scores": [risk]})
    frame = pd.DataFrame({"iso3": ["KEN", "PAK"], "a": [a, 45.0], "b": [b, 55.0]})
    return dr.score(framework, frame)


@pytest.mark.parametrize(
    ("aggregation", "a", "b", "expected"),
    [
        (PLAIN, 90, 10, 30),
        (PLAIN, 90, 0, 0),
        (TURNED, 90, 10, 70),
        (TURNED, 100, 10, 100),
        ({"method": "mirrored", "of": "arithmetic"}, 90, 10, 50),
        ({"method": "mirrored", "of": {"method": "power", "p": -1, "offset": 0}}, 90, 10, 82),
        ("product", 50, 80, 40),
        ("product", 50, 0, 0),
    ],
    ids=str,
)
def test_score_of_two_children_by_arithmetic(
    aggregation, a: float, b: float, expected: float
) -> None:
    assert scores(aggregation, a, b).table().loc["KEN", "risk"] == pytest.approx(expected)


@pytest.mark.parametrize("aggregation", [PLAIN, TURNED, "product"], ids=str)
@pytest.mark.parametrize(("a", "b"), [(90, 10), (0, 40), (100, 40), (0, 0), (100, 0)])
def test_contributions_add_up_to_the_score(aggregation, a: float, b: float) -> None:
    found = scores(aggregation, a, b)
    total = found.contributions("risk").loc["KEN"].sum()
    assert total == pytest.approx(found.table().loc["KEN", "risk"], abs=1e-9)


@pytest.mark.parametrize("aggregation", [PLAIN, TURNED], ids=str)
@pytest.mark.parametrize(("a", "b"), [(90, 10), (0, 40), (100, 40), (0, 0)])
def test_an_explanation_against_a_country_adds_up_to_the_gap(
    aggregation, a: float, b: float
) -> None:
    found = scores(aggregation, a, b)
    explanation = dr.explain(found, "KEN", against="PAK")
    table = found.table()["risk"]
    points = explanation.table().set_index("node").loc[["a", "b"], "points"].sum()
    assert points == pytest.approx(table["KEN"] - table["PAK"], abs=1e-9)


def test_only_a_mean_can_be_mirrored() -> None:
    assert Mirrored(of="harmonic").mean.name == "harmonic"
    with pytest.raises(FrameworkError, match="mean is needed here, received aggregation `minimum`"):
        Mirrored.parse({"method": "mirrored", "of": "minimum"})


@pytest.mark.parametrize("p", [0.5, 2, 3])
def test_a_power_mean_does_not_rise_as_a_child_falls_below_the_scale(p: float) -> None:
    mean = Mean.parse({"method": "power", "p": p})
    x = np.array([[-30.0, -10, 0, 10], [100, 100, 100, 100]])
    weights, present = np.ones((2, 1)), np.ones((2, 4), bool)
    value = mean.combine(x, weights, present)
    assert (np.diff(value) > 0).all()
    parts = mean.attribute(x.T, np.ones(2), 0.0)
    assert parts.sum(axis=1) == pytest.approx(value)


@pytest.mark.parametrize("spec", ["mirrored", {"method": "mirrored", "of": "harmonic"}])
def test_a_mirrored_mean_is_plain_in_json(spec: object) -> None:
    fw = framework(group("risk", indicator("a"), indicator("b"), aggregation=spec))
    plain = json.loads(json.dumps(fw.model_dump(mode="json")))
    assert dr.Framework(**plain) == fw
