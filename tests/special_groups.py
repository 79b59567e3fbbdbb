"""A framework of groups that are no means, with few values missing: for workbooks and report pages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import dsr_risk as dr
from tests.helpers import COUNTRIES, framework, group, indicator


def special_example() -> tuple[dr.Framework, pd.DataFrame]:
    """Groups that are no means, groups with a child apart, goalposts by class, distances."""
    rng = np.random.default_rng(5)
    names = [f"x{number}" for number in range(36)]
    values = rng.uniform(5, 95, size=(len(COUNTRIES), len(names)))
    values[rng.random(values.shape) < 0.1] = np.nan
    values[0, :4] = np.nan
    values[2, 2] = 0.0
    values[3, 10:13] = 50.0
    table_ = pd.DataFrame(values, index=pd.Index(COUNTRIES, name="iso3"), columns=names)
    parts = iter(names)

    def some(count: int) -> list[Any]:
        return [indicator(next(parts), 1.0 + number) for number in range(count)]

    scaled, given = some(3), some(4)
    kinds = [
        {"method": "distance_to_target", "target": 99}, {"method": "distance_to_reference", "reference": 80},
        {"method": "distance_to_target", "target": 2, "target_is": "goal", "cap": False}, "fraction_of_maximum",
        {"method": "goalposts", "low": "p25", "high": "p80"},
    ]  # fmt: skip
    low = {"Africa": 1.0, "Americas": 2.0, "Asia": 3.0, "Europe": 4.0}
    classes = [
        {"method": "goalposts", "by": "region", "low": low, "high": 90},
        {"method": "goalposts", "by": "region", "low": low, "high": dict.fromkeys(low, 120.0), "curve": "log1p"},
    ]  # fmt: skip
    fw = framework(
        group(
            "first",
            group("scaled", *scaled, scaled_by=scaled[-1]["name"]),
            group("given", *given, value=given[0]["name"], min_children=2, aggregation="harmonic"),
            group("middle", *some(3), aggregation="median"),
            group("placed", *some(3), aggregation={"method": "owa", "orness": 0.7}, rounding=1),
            group("ordered", *some(3), aggregation={"method": "owa", "order": [0.5, 0.3, 0.2]}),
            group("adjusted", *some(3), aggregation="adjusted_mazziotta_pareto"),
            group("penalised", *some(2), aggregation={"method": "mazziotta_pareto", "penalty": "subtract"}),
            min_coverage=0.3,
        ),
        group(
            "second",
            *(indicator(next(parts), normalisation=kind, higher_is="safer" if number % 2 else "riskier")
              for number, kind in enumerate(kinds + classes)),
            min_coverage=0.3,
        ),
        defaults={"missing": "share_weight"},
    )  # fmt: skip
    return fw, table_
