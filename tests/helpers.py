"""What several test files share: the command as a subprocess, small trees, and a naive second scorer."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import dsr_risk as dr
from dsr_risk._util.types import Array
from dsr_risk.scoring.missing import Imputation, Sampler
from dsr_risk.scoring.prepare import Prepared

COUNTRIES = ("PAK", "KEN", "GHA", "UGA", "NPL", "LAO", "PER", "FRA", "CHL", "VNM")
"""Ten scored countries of several regions and income groups."""

IDENTITY = {"method": "goalposts", "low": 0, "high": 100}
"""Goalposts that leave a value on 0-100 as it is."""

ROUNDING = 1e-9 * 100
"""What DESIGN.md section 6 allows: 1e-9 of the scale."""


FUZZ = int(os.environ.get("DSR_RISK_FUZZ", "1"))
"""How many times as many damaged files the fuzz tests try; DSR_RISK_FUZZ=50 is the long form."""


def run(*args: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The real command line, its output captured."""
    return subprocess.run(
        [sys.executable, "-m", "dsr_risk", *map(str, args)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=120,
        check=False,
    )


def indicator(name: str, weight: float = 1.0, **fields: Any) -> dict[str, Any]:
    """An indicator on 0-100 that is its own score."""
    return {
        "name": name,
        "higher_is": "riskier",
        "weight": weight,
        "normalisation": IDENTITY,
        **fields,
    }


def group(name: str, *children: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A group of nodes."""
    return {"name": name, "children": list(children), **fields}


def framework(*scores: dict[str, Any], **fields: Any) -> dr.Framework:
    """A framework of headline groups."""
    return dr.Framework(**{"name": "test", "scores": list(scores), **fields})


def frame(columns: Mapping[str, Iterable[float | None]]) -> pd.DataFrame:
    """A wide table of the first countries."""
    table = pd.DataFrame({name: list(values) for name, values in columns.items()}, dtype=float)
    return table.set_axis(pd.Index(COUNTRIES[: len(table)], name="iso3"), axis=0)


def model_of(fw: dr.Framework) -> dr.Model:
    """The framework fitted on two countries at the ends of 0-100."""
    ends = {one.data_column: [0.0, 100.0] for one in fw.indicators}
    return dr.fit(fw, frame(ends))


def scored(fw: dr.Framework, *profiles: Iterable[float | None]) -> dr.Scores:
    """Scores of profiles given in the order of the indicators; None for missing."""
    columns = [one.data_column for one in fw.indicators]
    rows = [list(profile) for profile in profiles]
    return model_of(fw).score(
        frame({name: [row[place] for row in rows] for place, name in enumerate(columns)})
    )


def generators(spec: Any) -> tuple[Any, Any, float]:
    """g, its inverse and the offset of a mean, from the formulas of DESIGN.md section 1."""
    if spec in (None, "arithmetic"):
        return (lambda x: x), (lambda y: y), 0.0
    method = spec if isinstance(spec, str) else spec["method"]
    spec = {} if isinstance(spec, str) else spec
    offset = spec.get("offset", 1.0)
    if method == "geometric":
        return math.log, math.exp, offset
    if method == "harmonic":
        return (lambda x: 1 / x), (lambda y: 1 / y), offset
    p = spec["p"]
    return (lambda x: x**p), (lambda y: y ** (1 / p)), offset if p < 0 else 0.0


def by_hand(
    node: Mapping[str, Any], cells: Mapping[str, float | None], away: frozenset[str] = frozenset()
) -> tuple[float, float, bool]:
    """Value, coverage and applicability of a node, by plain recursion over the written tree.

    `cells` are scores on 0-100, None for missing; `away` names indicators that are not applicable.
    """
    if "children" not in node:
        applies = node["name"] not in away
        x = cells[node["name"]]
        known = applies and x is not None
        return (float(x) if known else math.nan), float(known), applies  # type: ignore[arg-type]
    parts = [(child["weight"], *by_hand(child, cells, away)) for child in node["children"]]
    parts = [part for part in parts if part[0] > 0 and part[3]]
    total = sum(weight for weight, *_ in parts)
    if not total:
        return math.nan, 0.0, False
    live = [part for part in parts if not math.isnan(part[1])]
    cover = sum(weight * share for weight, _, share, _ in parts) / total
    if not live:
        return math.nan, cover, True
    g, inverse, offset = generators(node.get("aggregation"))

    def up(x: float) -> float:
        return x + offset * (1 - x / 100)

    inside = sum(w * g(up(x)) for w, x, *_ in live) / sum(w for w, *_ in live)
    # Rounding below zero would have no power above it.
    return max(0.0, (inverse(inside) - offset) / (1 - offset / 100)), cover, True


def same(one: dr.Scores, other: dr.Scores, *, atol: float = 0.0) -> None:
    """The two have the same units, and every node of the first the same value in the second."""
    left, right = one.evaluated, other.evaluated
    assert sorted(left.index) == sorted(right.index)
    np.testing.assert_allclose(
        left.to_numpy(), right.loc[left.index, left.columns].to_numpy(), rtol=0, atol=atol
    )


def filled_copies(
    prepared: Prepared, imputations: tuple[Imputation, ...], rng: np.random.Generator, draws: int
) -> Array:
    """Return copies (draws, units, B) of the columns, missing cells drawn."""
    sampler = Sampler(prepared, imputations)
    out = np.repeat(prepared.denominated[None], draws, axis=0)
    out[:, sampler.rows, sampler.columns] = sampler.draw(rng, draws)
    return out
