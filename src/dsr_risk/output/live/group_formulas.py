"""Spreadsheet formulas of groups that are no mean of their children: split to parts, scaled, given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...methods.aggregation import Aggregator
from ...methods.group_values import GivenGroup, ScaledGroup
from .formulas import changed, literal, path_formula

__all__ = ["SPLIT", "Child", "part_formula", "special_formula", "special_part"]

SPLIT = frozenset({"median", "owa", "mazziotta_pareto", "adjusted_mazziotta_pareto"})
"""Aggregations whose value is the floor of the scale and the points of every child above it."""
TIE = "1E-12"


@dataclass(frozen=True)
class Child:
    """Cells of a child and of its siblings in one row: its value and weight, all values, all weights."""

    x: str
    weight: str
    values: str
    weights: str

    @property
    def total(self) -> str:
        """The weight of the siblings that have a value."""
        return f"SUMPRODUCT({self.weights}*ISNUMBER({self.values}))"

    @property
    def mean(self) -> str:
        """The weighted mean of the siblings."""
        return f"SUMPRODUCT({self.weights},{self.values})/{self.total}"

    def share(self, sign: str) -> str:
        """Return the share of the weight of the siblings that compare so with the child."""
        inside = f"{self.weights}*ISNUMBER({self.values})*({self.values}{sign}{self.x})"
        return f"SUMPRODUCT({inside})/{self.total}"


def part_formula(mean: Aggregator, child: Child, addresses: Mapping[str, str]) -> str:
    """Return the formula of the points of a child above the floor of the scale, "" where it plays no part.

    Parameters
    ----------
    mean
        An aggregation of `SPLIT`.
    child
        The cells of the child and of its siblings.
    addresses
        Cells of the group: ``a`` and ``b`` (intercept and slope of the raised scale), ``lower``, ``upper``.
    """
    above = f"({child.x}-{addresses['lower']})"
    if mean.name == "median":
        body = f"{above}*{_median_share(child)}"
    elif mean.name == "owa":
        body = f"{above}*{_ordered_share(mean, child)}"
    else:
        body = _penalised_part(mean, child, above, addresses)
    test = f'IF(ISERROR({child.x}),{child.x},"")'
    return f'IF(ISNUMBER({child.x}),IF({child.weight}>0,{body},""),{test})'


def _median_share(child: Child) -> str:
    """Return the formula of how much of the median is a child's: half for each side of the middle."""
    upto, below = child.share("<="), child.share("<")
    low = f"AND({upto}>=0.5-{TIE},{below}<0.5-{TIE})"
    high = f"AND({upto}>0.5+{TIE},{below}<=0.5+{TIE})"
    own = f"{child.weight}/{child.total}/({child.share('=')})"
    return f"(IF({low},0.5,0)+IF({high},0.5,0))*{own}"


def _ordered_share(mean: Aggregator, child: Child) -> str:
    """Return the formula of the weight that a child receives by its place in the order."""
    above, tied = child.share(">"), child.share("=")
    received = f"({_quantifier(mean, f'({above}+{tied})')})-({_quantifier(mean, f'({above})')})"
    return f"({received})/({tied})*{child.weight}/{child.total}"


def _quantifier(mean: Aggregator, r: str) -> str:
    params = changed(mean)
    r = f"MAX(0,MIN(1,{r}))"
    if "orness" in params:
        orness = float(params["orness"])
        return f"{r}^{literal((1 - orness) / orness)}"
    steps = np.cumsum([0.0, *params["order"]])
    places = np.linspace(0, 1, len(steps)).tolist()
    return path_formula(places, (steps / steps[-1]).tolist(), r)


def _penalised_part(
    mean: Aggregator, child: Child, above: str, addresses: Mapping[str, str]
) -> str:
    """Return the formula of a child's weighted value and of its own term of the penalty."""
    share = f"{child.weight}/{child.total}"
    sign = "+" if getattr(mean, "penalty", "add") == "add" else "-"
    gap = f"({child.x}-{child.mean})"
    raised, length = f"({addresses['a']}+{addresses['b']}*{child.mean})", addresses["b"]
    squares = f"SUMPRODUCT({child.weights}*{child.weights}*ISNUMBER({child.values}))"
    small = mean.name == "mazziotta_pareto"
    term = f"{share}*{length}*{gap}^2/{raised}" + (
        f"/(1-{squares}/{child.total}^2)" if small else ""
    )
    penalty = f"IF({gap}=0,0,IF({raised}>0,{term},NA()))"
    return f"{share}*{above}{sign}{penalty}"


def special_formula(
    special: ScaledGroup | GivenGroup | None,
    value: str,
    live: str,
    acting: str,
    addresses: Mapping[str, str],
) -> tuple[str, str]:
    """Return the formula of a group that one child scales or stands for, and when it has a value.

    Parameters
    ----------
    special
        How the child acts.
    value
        The formula of the other children's value.
    live
        The condition that enough of them have a value.
    acting
        The cell of the child.
    addresses
        Cells of the group: ``lower`` and ``upper`` (the scale).
    """
    if isinstance(special, GivenGroup):
        return f"IF({live},{value},{acting})", f"OR({live},ISNUMBER({acting}))"
    lower, upper = addresses["lower"], addresses["upper"]
    share = f"MAX(0,{acting}-{lower})/({upper}-{lower})"
    return f"{lower}+(({value})-{lower})*{share}", f"AND({live},ISNUMBER({acting}))"


def special_part(special: ScaledGroup | GivenGroup, above: str, live: str, part: str | None) -> str:
    """Return the formula of the points of a child of such a group.

    Parameters
    ----------
    special
        How one child acts.
    above
        The cell of the group's points.
    live
        The condition that enough of the other children have a value.
    part
        The share of the other children's points that is this child's; None for the child that acts.
    """
    if isinstance(special, GivenGroup):
        own, test = (above, f"NOT({live})") if part is None else (f"{above}*{part}", live)
        return f'IF({test},{own},"")'
    return f"{above}/2" if part is None else f"{above}/2*{part}"
