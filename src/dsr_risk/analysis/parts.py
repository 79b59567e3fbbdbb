"""Split the points of derived indicators to the parts that they are computed from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .._util.types import Array
from ..framework.definition import Indicator
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
        own = {name: term[name] for name in ("score", "node", "label", "points")}
        whole = [
            own
            | {
                "part": "",
                "raw": term["raw"],
                "raw_baseline": term["raw_baseline"],
                "is_split": False,
            }
        ]
        node = scores.framework[str(term["node"])] if term["is_indicator"] else None
        if isinstance(node, Indicator) and node.derived is not None and not term["stands_in"]:
            whole = _split(scores, node, row, other, own, median=median) or whole
        out += whole
    columns = ["score", "node", "part", "label", "points", "raw", "raw_baseline", "is_split"]
    return pd.DataFrame(out, columns=columns)


def _split(
    scores: Scores,
    node: Indicator,
    row: int,
    other: int | None,
    own: dict[str, Any],
    *,
    median: bool,
) -> list[dict[str, Any]]:
    """Return the rows of the parts of a derived indicator, none where there is no split."""
    operation = node.derived
    if operation is None or not (median or other is not None):
        return []
    columns, peers = _columns(scores), ~scores._focal
    peers &= scores.data._year_groups == scores.data._year_groups[row]
    names = (*operation.of, node.name)

    def base(name: str) -> float:
        values = columns[name]
        if other is not None:
            return float(values[other])
        return float(np.nanmedian(values[peers])) if not np.isnan(values[peers]).all() else np.nan

    x, b = (
        np.array([columns[name][row] for name in names]),
        np.array([base(name) for name in names]),
    )
    gap, size = x[-1] - b[-1], max(abs(x[-1]), abs(b[-1]))
    if not np.isfinite([x, b]).all() or abs(gap) <= NOTHING * size:
        return []
    shares = np.append(operation.split(x[:-1], b[:-1]), operation.evaluate(b[:-1]) - b[-1]) / gap
    if not np.isfinite(shares).all():
        return []
    rest = abs(shares[-1]) > NOTHING
    points = own["points"] * shares
    # The last row takes the rounding, so that the points add up exactly.
    last = len(points) - (1 if rest else 2)
    points[last] = own["points"] - points[:last].sum()
    labels = [scores.framework[name].title for name in operation.of]
    rows = [
        own
        | {
            "part": name,
            "label": label,
            "points": point,
            "raw": raw,
            "raw_baseline": raw_base,
            "is_split": True,
        }
        for name, label, point, raw, raw_base in zip(
            operation.of, labels, points, x, b, strict=False
        )
    ]
    if rest:
        rows.append(own | {"part": MEDIANS, "points": points[-1], "raw": np.nan, "raw_baseline": np.nan,
                           "is_split": True})  # fmt: skip
    return rows


def _columns(scores: Scores) -> dict[str, Array]:
    """Return every column that is read or derived by name, estimates at their mean."""
    prepared = scores._state.prepared
    filled = scores._state.estimates.put(prepared.denominated)
    names = [
        *prepared.layout.inputs,
        *(derivation.name for derivation in prepared.layout.derivations),
    ]
    columns = [filled[:, index] for index in range(filled.shape[1])]
    for derivation in prepared.layout.derivations:
        parts = np.stack([columns[part] for part in derivation.parts])
        columns.append(np.asarray(derivation.operation.evaluate(parts)))
    return dict(zip(names, columns, strict=True))
