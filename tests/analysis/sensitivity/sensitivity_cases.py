"""Functions with known indices, and a small framework whose variance is known by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import dsr_risk as dr
from tests.folders import REFERENCE

COUNTRIES = ("PAK", "KEN", "GHA", "UGA", "NPL", "LAO")
IDENTITY = {"method": "goalposts", "low": 0, "high": 100}


def reference(name: str) -> pd.DataFrame:
    """Read a table of reference values."""
    return pd.read_csv(REFERENCE / name)


def ishigami(u: np.ndarray) -> np.ndarray:
    """Ishigami and Homma (1990) with a = 7, b = 0.1."""
    x = np.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_parts() -> dict[frozenset[int], float]:
    """The variance of every term of its decomposition."""
    a, b, pi = 7.0, 0.1, np.pi
    return {
        frozenset({0}): 0.5 * (1 + b * pi**4 / 5) ** 2,
        frozenset({1}): a**2 / 8,
        frozenset({0, 2}): b**2 * pi**8 * (1 / 18 - 1 / 50),
    }


G = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])


def sobol_g(u: np.ndarray) -> np.ndarray:
    """Sobol' (1998) g function."""
    return np.prod((np.abs(4 * u - 2) + G) / (1 + G), axis=1)


def sobol_g_parts() -> dict[frozenset[int], float]:
    """The variance of every term of its decomposition."""
    own = 1 / (3 * (1 + G) ** 2)
    parts = {}
    for number in range(1, 1 << len(G)):
        members = [i for i in range(len(G)) if number >> i & 1]
        parts[frozenset(members)] = float(np.prod(own[members]))
    return parts


def indices(parts: dict[frozenset[int], float], d: int) -> tuple[np.ndarray, ...]:
    """First-order, total and Shapley effects from the variance of every term."""
    whole = sum(parts.values())
    first = [sum(v for s, v in parts.items() if s == {i}) / whole for i in range(d)]
    total = [sum(v for s, v in parts.items() if i in s) / whole for i in range(d)]
    fair = [sum(v / len(s) for s, v in parts.items() if i in s) / whole for i in range(d)]
    return np.array(first), np.array(total), np.array(fair)


def indicator(name: str, weight: float = 1.0, **fields: Any) -> dict[str, Any]:
    """An indicator on 0-100 that is its own score."""
    return {
        "name": name,
        "higher_is": "riskier",
        "weight": weight,
        "normalisation": IDENTITY,
        **fields,
    }


def framework(*children: dict[str, Any], name: str = "risk", **fields: Any) -> dr.Framework:
    """One headline score over some children."""
    return dr.Framework(name="test", scores=[{"name": name, "children": list(children)}], **fields)


def frame(**columns: list[float]) -> pd.DataFrame:
    """A wide table of the first countries."""
    count = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=pd.Index(COUNTRIES[:count], name="iso3"), dtype=float)
