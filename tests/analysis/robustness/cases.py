"""Random trees and tables for statements that hold for every weighting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import dsr_risk as dr
from tests.helpers import framework, group, indicator
from tests.scoring.pipeline_cases import COUNTRIES


def tree(rng: np.random.Generator, aggregation: Any = "arithmetic") -> dict[str, Any]:
    """A headline over 2 to 4 pillars of 1 to 4 indicators, weights of any ratio."""
    pillars = []
    count = 0
    for pillar in range(int(rng.integers(2, 5))):
        size = int(rng.integers(1, 5))
        indicators = [
            indicator(f"x{count + place}", float(rng.integers(1, 10))) for place in range(size)
        ]
        count += size
        pillars.append(group(f"p{pillar}", *indicators, weight=float(rng.integers(1, 10))))
    return group("risk", *pillars, aggregation=aggregation, min_coverage=0.0)


@st.composite
def scored(
    draw: st.DrawFn, *, missing: bool = False, aggregation: Any = "arithmetic", units: int = 8
) -> dr.Scores:
    """Scores of a random tree, complete or with cells missing."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    root = tree(rng, aggregation)
    for pillar in root["children"]:
        pillar["min_coverage"] = 0.0
    fw = framework(root)
    names = [one.name for one in fw.indicators]
    values = rng.uniform(1, 100, (units, len(names)))
    if missing:
        values[rng.random(values.shape) < 0.25] = np.nan
        values[:2] = rng.uniform(1, 100, (2, len(names)))
        values[:, 0] = rng.uniform(1, 100, units)
        # Two units of one pattern.
        values[3, np.isnan(values[4])] = np.nan
        values[3, ~np.isnan(values[4])] = rng.uniform(1, 100, int((~np.isnan(values[4])).sum()))
        for place in np.flatnonzero(np.isnan(values).all(axis=0)):
            values[0, place] = 50.0
    frame = pd.DataFrame(values, columns=names, index=pd.Index(COUNTRIES[:units], name="iso3"))
    return dr.score(fw, frame)
