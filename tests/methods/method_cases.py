"""One or more examples of every registered method, and the columns that methods must survive."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dsr_risk.errors import DsrRiskError
from dsr_risk.methods import Aggregator, Derived, Imputer, Normaliser, Treatment, Weighter
from dsr_risk.methods._base import Method
from dsr_risk.methods.imputation import Context
from tests.folders import REFERENCE

NAN = np.nan

NORMALISERS = [
    "minmax",
    {"method": "goalposts", "low": -20, "high": 70},
    {"method": "goalposts", "low": "p10", "high": "p90"},
    {"method": "goalposts", "low": 1, "high": 90, "curve": "log"},
    {"method": "goalposts", "low": 0, "high": 90, "curve": "log1p"},
    "zscore",
    {"method": "zscore", "mean": 0, "sd": 1},
    "robust",
    "scaled",
    {"method": "scaled", "low": "p5", "high": "p95"},
    "rank",
    {"method": "rank", "ties": "average"},
    "percentile_rank",
    "borda",
    "distance_to_maximum",
    {"method": "distance_to_target", "target": 500},
    {"method": "distance_to_target", "target": -500, "target_is": "goal"},
    {"method": "distance_to_reference", "reference": "p50"},
    "fraction_of_maximum",
    {"method": "piecewise", "at": [0, 10, 60], "shares": [0, 0.6, 1]},
    {"method": "logistic", "low": 10, "high": 60},
    {"method": "logistic", "low": "p5", "high": "p95"},
]
LEARN_THEIR_BOUNDS = [
    "minmax",
    {"method": "goalposts", "low": "p10", "high": "p90"},
    "zscore",
    "robust",
    {"method": "scaled", "low": "p5", "high": "p95"},
    "rank",
    "percentile_rank",
    "borda",
    "distance_to_maximum",
    {"method": "distance_to_reference", "reference": "p50"},
    {"method": "logistic", "low": "p5", "high": "p95"},
]
TREATMENTS = [
    "none",
    "winsorise",
    {"method": "winsorise", "winmax": None, "skewness": 0.5, "kurtosis": 0.5},
    {"method": "winsorise", "winmax": 3, "force": True},
    "log",
    {"method": "log", "offset": 1, "of": "unit"},
    {"method": "log", "tail": "skewed"},
    "log_gii",
    "log1p",
    "signed_log",
    "box_cox",
    {"method": "box_cox", "power": 0.5},
    "yeo_johnson",
    "gate",
    {"method": "gate", "second": "yeo_johnson", "combine": True},
    {"method": "gate", "first": "none", "skewness": 0.5, "kurtosis": 0.5},
]
IMPUTERS = [
    "share_weight",
    {"method": "constant", "value": 7},
    "mean",
    "median",
    {"method": "median", "by": "region"},
    {"method": "mean", "by": ["region", "income"], "otherwise": "all", "least": 2},
    "hot_deck",
    {"method": "hot_deck", "by": "income", "least": 3},
    "siblings",
    {"method": "siblings", "across": "all"},
    {"method": "knn", "k": 3, "overlap": 1},
    "last",
    {"method": "last", "limit": 2},
    "linear",
    {"method": "linear", "limit": 2, "ends": "leave"},
    "regression",
    {"method": "regression", "ridge": 1, "scale": "raw"},
    {"method": "regression", "delta": {"low": 0.5, "high": 1}},
    {"method": "matching", "donors": 4},
]
READS_OTHER_YEARS = {"last", "linear"}
WEIGHTERS = [
    "given",
    "equal",
    "data_quality",
    "entropy",
    "standard_deviation",
    "critic",
    "merec",
    "pca",
    {"method": "pca", "use": "loadings"},
    "factor",
    "correlation_balanced",
    "information_maximising",
    {"method": "information_maximising", "measure": "squared"},
    "benefit_of_the_doubt",
    {"method": "benefit_of_the_doubt", "least": 0.1, "most": 0.6},
    {"method": "budget_allocation", "points": [[40, 30, 20, 10], [25, 25, 25, 25]]},
    {
        "method": "ahp",
        "pairs": [[1, 2, 4, 8], ["1/2", 1, 2, 4], ["1/4", "1/2", 1, 2], ["1/8", "1/4", "1/2", 1]],
    },
]
WRITTEN_BY_CHILD = {"budget_allocation", "ahp"}
AGGREGATORS = [
    "arithmetic",
    "geometric",
    "harmonic",
    {"method": "power", "p": 2},
    {"method": "power", "p": -1.5},
    {"method": "geometric", "offset": 0},
    {"method": "mirrored", "of": "geometric"},
    {"method": "mirrored", "of": {"method": "power", "p": 2}},
    "product",
    "minimum",
    "maximum",
    "median",
    {"method": "owa", "orness": 0.75},
    {"method": "owa", "orness": 0.2},
    {"method": "owa", "order": [0.6, 0.3, 0.1]},
    "mean_min",
    {"method": "mean_min", "alpha": 1, "beta": 5, "toward": "minimum"},
    "mazziotta_pareto",
    {"method": "mazziotta_pareto", "penalty": "subtract"},
    "adjusted_mazziotta_pareto",
    {"method": "adjusted_mazziotta_pareto", "penalty": "subtract"},
]
DERIVED = [
    {"method": "product", "of": ["a", "b"], "scale": 0.01},
    {"method": "product", "of": ["a", "b", "c"]},
    {"method": "ratio", "of": ["a", "b"], "scale": 100},
    {"method": "per_head", "of": ["a", "b"], "scale": 1e6},
    {"method": "share", "of": ["a", "b", "c"], "scale": 100},
    {"method": "sum", "of": ["a", "b", "c"]},
    {"method": "weighted_sum", "of": ["a", "b"], "weights": [2, -1]},
    {"method": "difference", "of": ["a", "b"], "scale": -1},
    {"method": "minimum", "of": ["a", "b", "c"]},
    {"method": "maximum", "of": ["a", "b"]},
    {"method": "power", "of": "a", "exponent": 2},
    {"method": "power", "of": "a", "exponent": -2, "scale": 3},
    {"method": "power", "of": "a", "exponent": 1.5},
    {"method": "reciprocal", "of": "a"},
    {"method": "root", "of": "a"},
    {"method": "logarithm", "of": "a", "base": 10, "offset": 1},
    {"method": "change", "of": ["a", "b"], "years": 2},
    {"method": "change", "of": ["a", "b"], "years": 2, "kind": "relative"},
    {"method": "change", "of": ["a", "b"], "years": 3, "kind": "rate"},
    {"method": "threshold", "of": "a", "at": 1},
    {"method": "first_available", "of": ["a", "b"]},
]
EXAMPLES: dict[type[Method], list] = {
    Derived: DERIVED,
    Normaliser: NORMALISERS,
    Treatment: TREATMENTS,
    Imputer: IMPUTERS,
    Weighter: WEIGHTERS,
    Aggregator: AGGREGATORS,
}


def each(family: type[Method], specs: list | None = None):
    """Parametrise a test over the examples of a family, as parsed methods."""
    methods = [family.parse(spec) for spec in specs or EXAMPLES[family]]
    return pytest.mark.parametrize("method", methods, ids=str)


def frozen(x) -> np.ndarray:
    """A read-only float array: a method that writes into its input fails."""
    x = np.array(x, float)
    x.setflags(write=False)
    return x


def fitted(method: Method, *arguments) -> tuple[Any, str]:
    """What the method learned and no complaint, or None and what it says of columns not for it."""
    try:
        return method.fit(*arguments), ""
    except DsrRiskError as error:
        return None, str(error)


def columns(rows=(6, 14), k=2, low=0.0, high=100.0, missing=True):
    """Columns (n, k) with ties and gaps, at least two distinct values in each."""
    value = st.one_of(
        st.integers(int(low), int(high)).map(float),
        st.floats(low, high, allow_subnormal=False).map(lambda v: round(v, 3)),
    )
    if missing:
        value = st.one_of(value, value, value, st.just(NAN))

    def tells_apart(x: np.ndarray) -> bool:
        seen = ~np.isnan(x)
        return all(len(np.unique(c[s])) > 2 for c, s in zip(x.T, seen.T, strict=True))

    shape = st.integers(*rows).map(lambda n: (n, k))
    return hnp.arrays(float, shape, elements=value, fill=st.nothing()).filter(tells_apart)


DEGENERATE = {
    "empty": np.full((4, 2), NAN),
    "no rows": np.empty((0, 2)),
    "constant": np.full((4, 2), 5.0),
    "one value": np.array([[NAN, NAN], [3.0, 8.0], [NAN, NAN]]),
    "one row": np.array([[3.0, 8.0]]),
    "two countries": np.array([[3.0, 8.0], [4.0, 8.0]]),
    "two countries, one missing": np.array([[3.0, NAN], [4.0, 8.0]]),
    "mostly one value": np.array([[0.0, 1.0]] * 9 + [[40.0, 1.0]]),
}
degenerate = pytest.mark.parametrize("x", DEGENERATE.values(), ids=DEGENERATE.keys())


def context(n: int, k: int) -> Context:
    """A context for n rows (countries x two years) and k columns in two groups of siblings."""
    half = max(k // 2, 1)
    groups = {
        "region": np.array([("north", "south", None)[i % 3] for i in range(n)], object),
        "income": np.array([("high", "low")[i % 2] for i in range(n)], object),
    }
    return Context(
        countries=np.array([f"C{i // 2:02d}" for i in range(n)], object),
        years=np.array([2015 + 3 * (i % 2) for i in range(n)], np.intp),
        groups=groups,
        siblings=tuple(
            np.arange(half) if column < half else np.arange(half, k) for column in range(k)
        ),
        signs=np.array([1.0, -1.0] * k)[:k],
    )


def part_of(where: Context, rows: np.ndarray) -> Context:
    """The context of some of the rows."""
    return Context(
        where.countries[rows],
        None if where.years is None else where.years[rows],
        {name: labels[rows] for name, labels in where.groups.items()},
        where.siblings,
        where.signs,
    )


def reference_table(name: str) -> tuple[list[str], np.ndarray]:
    """Column names and values of one of COINr's tables."""
    lines = (REFERENCE / name).read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip('"') for cell in line.split(",")] for line in lines]
    numbers = [[NAN if cell in {"NA", ""} else float(cell) for cell in row[1:]] for row in rows[1:]]
    return rows[0][1:], np.array(numbers)
