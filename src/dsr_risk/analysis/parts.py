"""Split the points of derived indicators to the parts that they are computed from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .._util.types import Array
from ..framework.nodes import Indicator
from ..scoring.part_shares import shares_from_floor
from ..scoring.scores import Scores

__all__ = ["MEDIANS", "terms_by_part"]

MEDIANS = "(medians)"
"""The row of what the operation on medians of the parts differs from the median of the indicator."""
NOTHING = 1e-12
"""The share of the raw values by which a difference is rounding."""


def terms_by_part(
    scores: Scores, row: int, other: int | None, rows: pd.DataFrame, *, median: bool
) -> pd.DataFrame:
    """Return the terms of one gap with derived indicators split to their parts.

    `rows` are the rows of the explanation of the unit at `row`; `other` is the row of the baseline where it is a
    unit, and `median` says that it is the median profile. The points of every term are kept exactly.
    """
    out: list[dict[str, Any]] = []
    for term in rows[rows["is_term"]].to_dict("records"):
        node_term = {name: term[name] for name in ("score", "node", "label", "points")}
        unsplit = [
            node_term
            | {
                "part": "",
                "raw": term["raw"],
                "raw_baseline": term["raw_baseline"],
                "is_split": False,
            }
        ]
        node = scores.framework[str(term["node"])] if term["is_indicator"] else None
        if isinstance(node, Indicator) and node.derived is not None and not term["stands_in"]:
            unsplit = _split(scores, node, row, other, node_term, median=median) or unsplit
        out += unsplit
    columns = ["score", "node", "part", "label", "points", "raw", "raw_baseline", "is_split"]
    return pd.DataFrame(out, columns=columns)


def _split(
    scores: Scores,
    node: Indicator,
    row: int,
    other: int | None,
    node_term: dict[str, Any],
    *,
    median: bool,
) -> list[dict[str, Any]]:
    """Return the rows of the parts of a derived indicator, none where there is no split."""
    operation = node.derived
    if operation is None:
        return []
    if other is None and not median:
        return _from_floor(scores, node, row, node_term)
    x, b = _profiles(scores, (*operation.of, node.name), row, other)
    gap, size = x[-1] - b[-1], max(abs(x[-1]), abs(b[-1]))
    if not np.isfinite([x, b]).all() or abs(gap) <= NOTHING * size:
        return []
    shares = np.append(operation.split(x[:-1], b[:-1]), operation.evaluate(b[:-1]) - b[-1]) / gap
    if not np.isfinite(shares).all():
        return []
    parts = [*operation.of, MEDIANS]
    labels = [*(scores.framework[name].title for name in operation.of), node_term["label"]]
    # The row of medians has no raw value.
    x[-1] = b[-1] = np.nan
    count = len(parts) if abs(shares[-1]) > NOTHING else len(parts) - 1
    points = node_term["points"] * shares
    # The last row takes the rounding, so that the points add up exactly.
    points[count - 1] = node_term["points"] - points[: count - 1].sum()
    columns = {"part": parts, "label": labels, "points": points, "raw": x, "raw_baseline": b}
    return [
        node_term | {name: values[index] for name, values in columns.items()} | {"is_split": True}
        for index in range(count)
    ]


def _from_floor(
    scores: Scores, node: Indicator, row: int, own: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the rows of the parts against the floor of the scale, none where there is no split."""
    shares, operation = shares_from_floor(scores, node), node.derived
    if operation is None or shares is None or np.isnan(shares[:, row]).any():
        return []
    x, _ = _profiles(scores, tuple(operation.of), row, row)
    points = own["points"] * shares[:, row]
    points[-1] = own["points"] - points[:-1].sum()
    return [
        own
        | {"part": name, "label": scores.framework[name].title, "points": points[index]}
        | {"raw": x[index], "raw_baseline": 0.0, "is_split": True}
        for index, name in enumerate(operation.of)
    ]


def _profiles(
    scores: Scores, names: tuple[str, ...], row: int, other: int | None
) -> tuple[Array, Array]:
    """Return the values of a unit and of its baseline: another unit, or the median of its year."""
    prepared = scores._state.prepared
    columns = prepared.layout.named(scores._state.estimates.put(prepared.denominated))
    table = np.stack([columns[name] for name in names])
    if other is not None:
        return table[:, row], table[:, other]
    peers = ~scores._focal & (scores.data._year_groups == scores.data._year_groups[row])
    observed = ~np.isnan(table[:, peers]).all(axis=1)
    base = np.full(len(names), np.nan)
    base[observed] = np.nanmedian(table[observed][:, peers], axis=1)
    return table[:, row], base
