"""Random frameworks and data over every registered method, for the laws of the engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import dsr_risk as dr
from dsr_risk.methods import Aggregator, Arithmetic, Imputer, Mean, Normaliser, Treatment, Weighter
from dsr_risk.methods._base import Method

COUNTRIES = (
    "AGO", "ARG", "AUT", "BGD", "BRA", "CHL", "COL", "DEU", "EGY", "ETH", "FRA", "GHA", "IDN", "IND",
    "KAZ", "KEN", "KHM", "LAO", "MAR", "MEX", "MNG", "MYS", "NGA", "PAK", "PER", "PHL", "POL", "SRB",
    "THA", "TUN", "TZA", "UGA", "UKR", "UZB", "VNM", "ZAF", "ZMB", "ZWE",
)  # fmt: skip

PARAMETERS: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("aggregation", "power"): [{"p": 2}, {"p": 0.5}, {"p": -1, "offset": 2}],
    ("aggregation", "owa"): [{"orness": 0.7}, {"order": [3, 1, 1]}],
    ("aggregation", "geometric"): [{}, {"offset": 5}, {"offset": 0}],
    ("aggregation", "mirrored"): [
        {},
        {"of": {"method": "geometric", "offset": 0}},
        {"of": {"method": "power", "p": 3}},
    ],
    ("aggregation", "mean_min"): [{}, {"alpha": 0.7, "beta": 2, "toward": "minimum"}],
    ("normalisation", "goalposts"): [
        {"low": 2, "high": 30},
        {"low": "p25", "high": 40},
        {"low": 0, "high": "p75", "curve": "log1p"},
    ],
    ("normalisation", "distance_to_target"): [{"target": 30}, {"target": 30, "target_is": "goal"}],
    ("normalisation", "distance_to_reference"): [
        {"reference": "p50"},
        {"reference": 30, "cap": True},
    ],
    ("normalisation", "piecewise"): [{"at": [0, 10, 20, 60], "shares": [0, 0.3, 0.5, 1]}],
    ("normalisation", "logistic"): [{"low": 0, "high": 40}, {"low": "p25", "high": "p75"}],
    ("normalisation", "scaled"): [{}, {"low": "p25", "high": "p75"}],
    ("missing", "constant"): [{"value": 12.5}],
    ("missing", "mean"): [
        {},
        {"by": "region"},
        {"by": ["region", "income"], "otherwise": "all"},
    ],
    ("missing", "siblings"): [{}, {"across": "all"}],
    ("weighting", "ahp"): [{"pairs": [[1, 2, 4], [0.5, 1, 2], [0.25, 0.5, 1]]}],
    ("weighting", "budget_allocation"): [{"points": [[5, 3, 2], [20, 40, 40]]}],
}
"""Parameters to try where a method's defaults are not all there is to it, or where it has none."""


def methods(family: type[Method]) -> list[Any]:
    """An instance or more of every registered method of a family."""
    found: list[Any] = []
    for name in sorted(family.registry):
        for parameters in PARAMETERS.get((family.family, name), [{}]):
            found.append(family.parse({"method": name, **parameters}))
    return found


AGGREGATORS: list[Aggregator] = methods(Aggregator)
MEANS: list[Mean] = [one for one in AGGREGATORS if isinstance(one, Mean)]
IMPUTERS: list[Imputer] = methods(Imputer)
NORMALISERS: list[Normaliser] = methods(Normaliser)
TREATMENTS: list[Treatment] = methods(Treatment)
WEIGHTERS: list[Weighter] = methods(Weighter)
PLAIN = [Arithmetic()]
BOUNDED = [one for one in NORMALISERS if one.bounded]


def label(method: Method) -> str:
    """What a parametrised test is called."""
    return repr(method)


@st.composite
def trees(
    draw: st.DrawFn, aggregators: list[Any], *, indicators: int | None = None, names: str = "x"
) -> list[dict[str, Any]]:
    """A headline group over 2 to 8 indicators, with groups of any shape and aggregation between."""
    count = indicators or draw(st.integers(2, 8))
    counter = iter(range(100))

    def group(inside: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "name": f"g{next(counter)}",
            "weight": draw(st.sampled_from([0.25, 1.0, 3.0])),
            "aggregation": draw(st.sampled_from(aggregators)).spec(),
            "min_coverage": draw(st.sampled_from([0.0, 0.3, 0.6])),
            "children": inside,
        }

    level: list[dict[str, Any]] = [
        {
            "name": f"{names}{place}",
            "higher_is": draw(st.sampled_from(["riskier", "safer"])),
            "weight": draw(st.sampled_from([0.5, 1.0, 1.0, 2.0])),
        }
        for place in range(count)
    ]
    while len(level) > 3:
        size = draw(st.integers(2, 3))
        level = [*level[size:], group(level[:size])]
    return [group(level)]


def framework(scores: list[dict[str, Any]], **defaults: Any) -> dr.Framework:
    """A framework of these headline scores."""
    spelt = {name: one.spec() if isinstance(one, Method) else one for name, one in defaults.items()}
    return dr.Framework(name="random", defaults=spelt, scores=scores)


def table(
    fw: dr.Framework, seed: int, *, units: int = 14, missing: float = 0.15, years: int = 1
) -> pd.DataFrame:
    """Positive skewed values, some tied, some missing; every column holds 1 and 60."""
    rng = np.random.default_rng(seed)
    names = [indicator.name for indicator in fw.indicators]
    values = np.round(rng.gamma(2.0, 8.0, size=(units * years, len(names))) + 0.5, 1)
    gaps = rng.random(values.shape) < missing
    full = rng.permutation(len(values))[: len(values) // 2]
    gaps[full] = False
    values[gaps] = np.nan
    values[full[0]], values[full[1]] = 1.0, 60.0
    codes = rng.permutation(list(COUNTRIES))[:units]
    if years == 1:
        return pd.DataFrame(values, index=pd.Index(codes, name="iso3"), columns=names)
    index = pd.MultiIndex.from_product([codes, range(2015, 2015 + years)], names=["iso3", "year"])
    return pd.DataFrame(values, index=index, columns=names)


SEEDS = st.integers(0, 2**32 - 1)
