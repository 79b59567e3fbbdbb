"""Frameworks and data made up for uncertainty: sizes, gaps and methods as a test asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

import dsr_risk as dr
from dsr_risk.data.countries import country_table

CODES = [code for code in country_table().index if isinstance(code, str)]


def made_framework(
    indicators: int = 12,
    groups: int = 4,
    pillars: int = 2,
    *,
    top: Any = "arithmetic",
    middle: Any = "arithmetic",
    bottom: Sequence[Any] = ("arithmetic",),
    normalisation: Any = "minmax",
    min_coverage: float = 0.0,
    **fields: Any,
) -> dr.Framework:
    """Leaves in groups in pillars below one score `risk`, with uneven weights."""
    below = np.array_split(np.arange(indicators), groups)
    made = [
        {
            "name": f"g{number}",
            "weight": 1 + number % 3,
            "aggregation": bottom[number % len(bottom)],
            "children": [
                {
                    "name": f"i{indicator}",
                    "weight": 1 + indicator % 4,
                    "higher_is": "safer" if indicator % 5 == 4 else "riskier",
                }
                for indicator in some
            ],
        }
        for number, some in enumerate(below)
    ]
    above = [
        {
            "name": f"p{number}",
            "weight": 2 - number % 2,
            "aggregation": middle,
            "children": [made[one] for one in some],
        }
        for number, some in enumerate(np.array_split(np.arange(groups), pillars))
    ]
    return dr.Framework(
        name="made",
        defaults={"normalisation": normalisation, "min_coverage": min_coverage},
        scores=[{"name": "risk", "aggregation": top, "children": above}],
        **fields,
    )


def made_data(units: int = 30, indicators: int = 12, *, missing: float = 0.0, seed: int = 0) -> Any:
    """A frame of raw values, some of them missing."""
    rng = np.random.default_rng(seed)
    values = (
        50 + 15 * rng.standard_normal((units, indicators)) + rng.standard_normal((units, 1)) * 10
    )
    values[rng.random(values.shape) < missing] = np.nan
    frame = pd.DataFrame(
        values,
        index=pd.Index(CODES[:units], name="iso3"),
        columns=[f"i{indicator}" for indicator in range(indicators)],
    )
    return dr.as_data(frame)
