"""Shares of the parts in a derived indicator, measured from parts at 0 where that is the floor of its scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .._util.types import Array
from ..framework.nodes import Indicator

if TYPE_CHECKING:
    from .scores import Scores

__all__ = ["shares_from_floor", "with_parts"]

NOTHING = 1e-12
"""The share of a value below which a difference is rounding."""


def shares_from_floor(scores: Scores, node: Indicator) -> Array | None:
    """Return the share of each part (p, n) in a derived indicator's distance from the floor.

    Shares add up to 1. NaN for a unit without a value or without a distance; None where parts at 0 do not put
    the indicator at the floor of its scale (a reciprocal, an indicator whose high values are safe).
    """
    operation, index = node.derived, scores._indicator_names.index(node.name)
    if operation is None:
        return None
    prepared, (floor, _) = scores._state.prepared, scores._state.tree.scale
    columns = prepared.layout.named(scores._state.estimates.put(prepared.denominated))
    x = np.stack([columns[name] for name in operation.of])
    base = np.zeros(x.shape)
    with np.errstate(all="ignore"):
        start = np.asarray(operation.evaluate(base))
    if not np.isfinite(start).all():
        return None
    if not (scores._pipeline.indicator(index, start, np.arange(len(start))) == floor).all():
        return None
    value = columns[node.name]
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = value - start
        moved = np.abs(gap) > NOTHING * np.maximum(np.abs(value), np.abs(start))
        shares = np.where(moved, operation.split(x, base) / gap, np.nan)
    return np.where(np.isfinite(shares).all(axis=0), shares, np.nan)


def with_parts(scores: Scores, points: Array, names: list[str]) -> tuple[Array, list[str]]:
    """Return points (n, terms) and names of terms with derived indicators split to `indicator.part`.

    The points of an indicator that has no split for a unit stay with the indicator; its column goes where every
    unit has a split.
    """
    columns: list[Array] = []
    out: list[str] = []
    for column, name in enumerate(names):
        node, own = scores.framework[name], points[:, column]
        shares = shares_from_floor(scores, node) if isinstance(node, Indicator) else None
        if not isinstance(node, Indicator) or node.derived is None or shares is None:
            columns.append(own)
            out.append(name)
            continue
        split = shares * own
        # The last part takes the rounding, so that the parts add up exactly.
        split[-1] = own - split[:-1].sum(axis=0)
        rest = np.where(np.isnan(split).any(axis=0), own, np.nan)
        if not np.isnan(rest).all():
            columns.append(rest)
            out.append(name)
        columns += list(split)
        out += [f"{name}.{part}" for part in node.derived.of]
    return np.stack(columns, axis=1), out
